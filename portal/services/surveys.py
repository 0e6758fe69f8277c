"""The survey of a finished dossier: who may answer, until when, and keeping the answer apart from whose it is."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from random import SystemRandom
from typing import Any
from uuid import uuid4

from django.core import signing
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from danhmuc.models import Agency
from hoso.models import Dossier, State
from hoso.services.errors import Refused
from portal.models import SurveyAnswer, SurveyTaken

#: A survey may be answered this long after the result was returned (domain §17.1 [U]).
OPEN_FOR = timedelta(days=30)
LINK_GOOD_FOR = timedelta(hours=1)
#: Answers of the same agency and month among which a new one disappears.
MIXED = 500
_SALT = "portal.survey"


def is_open(dossier: Dossier, now: datetime | None = None) -> bool:
    """Whether the dossier's survey may be answered now: returned within thirty days, and not yet answered."""
    done = dossier.completed_at
    if dossier.state != State.COMPLETED or done is None or (now or timezone.now()) > done + OPEN_FOR:
        return False
    return not SurveyTaken.objects.filter(dossier=dossier).exists()


def token_for(dossier: Dossier) -> str:
    """A short-lived key for whoever has just proved by look-up that the dossier is theirs, without an account."""
    return signing.dumps(dossier.pk, salt=_SALT)


def by_token(token: str) -> Dossier | None:
    """The dossier of a key; None for one that is false or too old."""
    try:
        pk = signing.loads(token, salt=_SALT, max_age=LINK_GOOD_FOR)
    except signing.BadSignature:
        return None
    return Dossier.objects.select_related("version", "resolving_agency").filter(pk=pk).first()


@transaction.atomic
def answer(dossier: Dossier, given: Mapping[str, Any]) -> None:
    """Keep one answer, apart from the dossier; officers learn what was said in their agency, never by whom.

    `given`: overall (1–4), criteria {letter: 1–4}, extra_money (or None), remark. Raises Refused when the survey is
    over or has been answered, also by a second press at the same moment.
    """
    locked = Dossier.objects.select_for_update().get(pk=dossier.pk)
    if SurveyTaken.objects.filter(dossier=locked).exists():
        raise Refused(_("Hồ sơ này đã được đánh giá. Mỗi hồ sơ đánh giá một lần."))
    if not is_open(locked):
        raise Refused(_("Thời gian đánh giá hồ sơ này đã hết: 30 ngày kể từ khi trả kết quả."))
    SurveyTaken.objects.create(dossier=locked)
    _mix_in(
        SurveyAnswer(
            agency_id=locked.resolving_agency_id,
            desk_id=locked.desk_id,
            version_id=locked.version_id,
            channel=locked.channel,
            month=timezone.localdate().replace(day=1),
            overall=given["overall"],
            criteria={letter: grade for letter, grade in given["criteria"].items() if grade},
            extra_money=given["extra_money"],
            remark=given["remark"],
        )
    )


def _mix_in(new: SurveyAnswer) -> None:
    """Write an answer down among the others of its agency and month, all anew, under new ids, in an order by lot.

    A database tells which transaction wrote a row and where it lies; written alone, an answer could be matched with the
    dossier that was marked as rated in that very transaction. See docs/decisions/surveys.md.
    """
    Agency.objects.select_for_update(no_key=True).get(pk=new.agency_id)  # one at a time, or rows would double
    cell = SurveyAnswer.objects.filter(agency_id=new.agency_id, month=new.month)
    others = list(cell.order_by("?")[:MIXED])
    SurveyAnswer.objects.filter(pk__in=[row.pk for row in others]).delete()
    rows = [*others, new]
    for row in rows:
        row.pk = uuid4()
    SystemRandom().shuffle(rows)
    SurveyAnswer.objects.bulk_create(rows)
