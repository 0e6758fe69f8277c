"""Where messages about running dossiers go when their applicant has lost a telephone or an e-mail address."""

from collections.abc import Mapping
from datetime import datetime

from django.db import transaction
from django.db.models import Q

from danhmuc.models import User
from hoso.models import Dossier
from hoso.services import dossiers
from hoso.services.case import write


@transaction.atomic
def change(account: User, lost: Mapping[str, tuple[str, str]], *, by: User, at: datetime) -> int:
    """Send nothing more about the account's running dossiers to what it has lost: by column ("phone", "email") the old
    contact and the one in its place, empty where there is none. What was declared stays as it was. How many dossiers.
    """
    theirs = Dossier.objects.open().filter(Q(applicant=account) | Q(organisation=account))
    carries = Q(pk__in=[])
    for column, (old, _new) in lost.items():
        carries |= Q(**{column: old}) if old else Q(pk__in=[])
    found = list(theirs.filter(carries).order_by("pk").values_list("pk", flat=True))
    for pk in found:
        case = dossiers.locked(pk)
        changed = [column for column, (old, _new) in lost.items() if getattr(case.dossier, column) == old]
        for column in changed:
            setattr(case.dossier, column, lost[column][1])
        case.note("change_contact", by=by, at=at, data={"columns": changed})
        write([case])
    return len(found)
