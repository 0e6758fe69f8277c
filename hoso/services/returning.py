"""Results asked for in electronic form: handed over by the system as soon as nothing stands in the way (T21)."""

from django.db.models import Exists, OuterRef

from danhmuc.models import User
from hoso.models import Charge, Document, Dossier
from hoso.services.dossiers import advance
from hoso.services.errors import Refused

BATCH = 200
Check = Dossier.PaperCheck


def return_electronically() -> int:
    """Complete dossiers whose signed result lies ready for download; how many were. Safe to run twice at once."""
    owed = Charge.objects.filter(dossier=OuterRef("pk"), status=Charge.Status.DUE)
    filed = Document.objects.filter(dossier=OuterRef("pk"), kind=Document.Kind.RESULT, replaced_by=None)
    ready = (
        Dossier.objects.awaiting_return()
        .filter(
            ~Exists(owed),
            Exists(filed),
            return_by=Dossier.ReturnBy.ELECTRONIC,
            result_issued_at__isnull=False,
            paper_check__in=(Check.NOT_REQUIRED, Check.MATCHED, Check.ACCEPTED_WITH_NOTE),
        )
        .values_list("pk", "owner_name", "owner_id", "last_seq")
    )
    system = User.objects.system()
    done = 0
    for pk, name, number, seen in list(ready[:BATCH]):
        try:
            advance(
                pk,
                "complete",
                by=system,
                seen=seen,
                receiver_name=name,
                receiver_id=number,
                relation="nhận bản điện tử trên cổng",
            )
        except Refused:
            continue  # somebody was faster, or something has just come in between; the next look sees it
        done += 1
    return done
