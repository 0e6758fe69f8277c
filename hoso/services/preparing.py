"""What an applicant prepares for an amendment, file by file, until it is sent (domain §6.5). Nobody else sees it."""

from datetime import datetime, timedelta
from typing import Any, BinaryIO

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from danhmuc.models import Component, User
from hoso import access
from hoso.lifecycle import IN_HAND, State
from hoso.models import Amendment, AmendmentFile, Document, Dossier
from hoso.services import amended_papers, documents, dossiers
from hoso.services.case import Case
from hoso.services.errors import Refused
from hoso.services.intake import Received

Status = Amendment.Status
#: From filing to the decision.
AMENDABLE = (State.SUBMITTED, State.INTAKE_HOLD, *IN_HAND)
#: What was prepared and not sent is forgotten after so long.
KEPT = timedelta(days=7)


def own_case(pk: int, *, by: User, seen: int | None = None) -> Case:
    """The locked case of one's own dossier, as the page showed it. Raises Dossier.DoesNotExist or StepRefused."""
    case = dossiers.locked(pk)
    if not access.is_own(case.dossier, by):
        raise Dossier.DoesNotExist
    if seen is not None and seen != case.dossier.last_seq:
        raise dossiers.overtaken(case)
    return case


def being_written(dossier: Dossier) -> Amendment | None:
    """What the applicant prepares about papers and has not sent."""
    return dossier.amendments.filter(status=Status.WRITING).first()


@transaction.atomic
def prepare_file(
    pk: int,
    file: Received | Document,
    *,
    by: User,
    component: Component | None,
    title: str = "",
    most: int = 100,
    at: datetime | None = None,
) -> AmendmentFile:
    """A file taken in, or a paper the State already holds, that is to be part of the dossier once it is sent.

    Raises Refused (too many, or the dossier cannot be changed any more).
    """
    case = _changeable(pk, by)
    writing = _begin(case, by)
    if len(case.current_documents) + writing.files.count() >= most:
        raise Refused(
            _("Hồ sơ đã có %(n)d tệp, không nhận thêm. Ghép các trang vào một tệp hoặc bỏ tệp thừa.")
            % {"n": most}
        )
    source = file if isinstance(file, Document) else None
    known = file.of_bytes if isinstance(file, Document) else _of_received(file)
    return AmendmentFile.objects.create(
        amendment=writing,
        component=component,
        title=title or (component.name if component else ""),
        originals=file.originals,
        source=source,
        added_by=by,
        added_at=at or timezone.now(),
        **known,
    )


def _of_received(file: Received) -> dict[str, Any]:
    names = ("name", "sha256", "size", "media_type", "pages", "signatures")
    return {name: getattr(file, name) for name in names}


@transaction.atomic
def forget_file(pk: int, file_id: int, *, by: User) -> None:
    """Not this one after all; pressing twice does no harm."""
    case = _changeable(pk, by)
    if (writing := being_written(case.dossier)) is not None:
        writing.files.filter(pk=file_id).delete()


@transaction.atomic
def leave_out(pk: int, document_id: int, *, by: User, out: bool = True) -> None:
    """A present document is to go, or to stay after all. Raises Document.DoesNotExist or Refused."""
    case = _changeable(pk, by)
    document = next((d for d in case.documents if d.pk == document_id), None)
    if document is None or not amended_papers.may_go(document):
        raise Document.DoesNotExist
    writing = _begin(case, by)
    kept = {other for other in writing.dropped if other != document_id}
    writing.dropped = sorted(kept | {document_id} if out else kept)
    writing.save(update_fields=["dropped"])


@transaction.atomic
def keep_reason(pk: int, reason: str, *, by: User) -> None:
    """Words typed before it is sent are not lost on the way."""
    case = _changeable(pk, by)
    writing = _begin(case, by)
    writing.reason = reason.strip()[:2000]
    writing.save(update_fields=["reason"])


def forget_unsent(now: datetime | None = None) -> int:
    """Forget what was prepared and never sent; how many."""
    before, gone = (now or timezone.now()) - KEPT, 0
    old = Amendment.objects.filter(status=Status.WRITING, asked_at__lt=before)
    for pk in list(old.values_list("dossier_id", flat=True)[:2000]):
        with transaction.atomic():
            writing = being_written(dossiers.locked(pk).dossier)
            if writing is not None and writing.asked_at < before:
                writing.delete()
                gone += 1
    return gone


def file_for(
    file_id: int, dossier: Dossier, user: User, request_ip: str | None
) -> tuple[AmendmentFile, BinaryIO]:
    """A file held apart, for whoever sees the dossier: the office once it was sent, its writer from the start.

    Raises AmendmentFile.DoesNotExist, or Refused for malware or bytes that are gone.
    """
    file = AmendmentFile.objects.select_related("amendment").get(pk=file_id, amendment__dossier=dossier)
    mine = dossier.is_of(user)
    if not mine and file.amendment.status == Status.WRITING:
        raise AmendmentFile.DoesNotExist
    opened = documents.open_stored(file)
    if not mine:
        documents.note_opening(file, dossier, user, request_ip)
    return file, opened


def _changeable(pk: int, by: User) -> Case:
    case = own_case(pk, by=by)
    if case.dossier.state not in AMENDABLE:
        raise Refused(_("Hồ sơ này không sửa được nữa. Cần đính chính, hãy gọi Bộ phận Một cửa."))
    return case


def _begin(case: Case, by: User) -> Amendment:
    found = being_written(case.dossier) or Amendment(dossier=case.dossier, status=Status.WRITING)
    found.asked_by, found.asked_at = by, timezone.now()
    found.save()
    return found
