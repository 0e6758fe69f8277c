"""What the applicant asks of the public post, changed after the dossier was written (domain §11.1–11.2).

A leg may be changed until it has begun, that is until the post holds the papers or the result. The postal module
comes and looks for what is wanted, and says here when a leg has begun.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from danhmuc.models import Place, ProcedureVersion, User
from hoso import access
from hoso.lifecycle import OPEN
from hoso.models import Dossier, PostalChoice
from hoso.services import routes
from hoso.services.case import write
from hoso.services.dossiers import locked, overtaken
from hoso.services.errors import Refused

Service = PostalChoice.Service
PapersBy, ReturnBy, PaperCheck = Dossier.PapersBy, Dossier.ReturnBy, Dossier.PaperCheck
_PICKUP = ("pickup_address", "pickup_place", "pickup_on", "pickup_part")
_DELIVERY = ("delivery_address", "delivery_place", "receiver")


@dataclass(frozen=True)
class Changeable:
    """Which of the two ways the applicant may still choose anew."""

    papers: bool
    result: bool

    def __bool__(self) -> bool:
        return self.papers or self.result


def changeable(dossier: Dossier, choice: PostalChoice | None) -> Changeable:
    """A way is open while the dossier is, what travels on it is awaited, and the post does not hold it."""
    if dossier.state not in OPEN:
        return Changeable(False, False)
    into, back = _several_ways(dossier.version)
    awaited = dossier.paper_check == PaperCheck.AWAITING_PAPER or dossier.accepted_at is None
    taken = choice is not None and choice.papers_taken_at is not None
    papers = dossier.channel == Dossier.Channel.ONLINE and into and awaited and not taken
    return Changeable(papers, back and (choice is None or choice.result_taken_at is None))


def has_choice(dossier: Dossier) -> bool:
    """Whether the procedure knows more than one way, either way."""
    return any(_several_ways(dossier.version))


def fetches_papers(version: ProcedureVersion) -> bool:
    """Whether the post comes for papers: the list of procedures by post names it, and there is a paper to hand over."""
    return version.postal_intake_allowed and any(
        component.is_handed_in for component in routes.version_parts(version.pk)[1]
    )


def _several_ways(version: ProcedureVersion) -> tuple[bool, bool]:
    """Whether papers can come, and whether the result can go, in more than one way."""
    Mode = ProcedureVersion.PaperCheckMode
    into = version.paper_check_mode != Mode.NONE and (
        fetches_papers(version) or version.paper_check_mode == Mode.AT_DELIVERY
    )
    return into, version.postal_return_allowed or version.online_level >= ProcedureVersion.OnlineLevel.FULL


@transaction.atomic
def change(
    pk: int,
    *,
    by: User,
    papers_by: str | None,
    return_by: str | None,
    postal: Mapping[str, Any] | None,
    seen: int | None = None,
) -> Dossier:
    """Choose anew how papers come and the result goes; None leaves a way as it is.

    `postal` holds the fields of PostalChoice for the ways that are given. Raises StepRefused on a stale page, Refused
    when a leg has begun, the procedure does not allow the way, or nothing changes.
    """
    case = locked(pk)
    dossier = case.dossier
    if not access.is_own(dossier, by):
        raise Dossier.DoesNotExist
    if seen is not None and seen != dossier.last_seq:
        raise overtaken(case)
    choice = PostalChoice.objects.select_for_update().filter(dossier=dossier).first()
    _judge(dossier, choice, papers_by, return_by)
    now, before = timezone.now(), [dossier.papers_by, dossier.return_by]
    dossier.papers_by = papers_by or dossier.papers_by
    dossier.return_by = return_by or dossier.return_by
    moved = _arrange(dossier, choice, dict(postal or {}), papers_by, return_by, now)
    after = [dossier.papers_by, dossier.return_by]
    if not moved and after == before:
        raise Refused(_("Nội dung chưa có gì khác trước."))
    data = {"papers_by": [before[0], after[0]], "return_by": [before[1], after[1]]}
    case.note("change_post", by=by, at=now, data=data)
    write([case])
    return dossier


def _judge(
    dossier: Dossier, choice: PostalChoice | None, papers_by: str | None, return_by: str | None
) -> None:
    free, version = changeable(dossier, choice), dossier.version
    if dossier.state not in OPEN:
        raise Refused(_("Hồ sơ đã kết thúc hoặc chưa nộp, không đổi cách nộp, nhận được."))
    if papers_by and not free.papers:
        raise Refused(_("Bản giấy đã do bưu điện hoặc Bộ phận Một cửa nhận, không đổi cách nộp được nữa."))
    if return_by and not free.result:
        raise Refused(
            _("Bưu điện đã nhận kết quả để phát, không đổi nơi nhận được nữa. Cần giúp, hãy gọi 1022.")
        )
    if papers_by == PapersBy.POST and not fetches_papers(version):
        raise Refused(_("Thủ tục này không nhận hồ sơ qua bưu chính công ích."))
    if return_by == ReturnBy.POST and not version.postal_return_allowed:
        raise Refused(_("Kết quả thủ tục này không trả qua bưu chính."))
    if return_by == ReturnBy.ELECTRONIC and version.online_level < ProcedureVersion.OnlineLevel.FULL:
        raise Refused(_("Kết quả thủ tục này chưa trả bản điện tử."))


def _arrange(
    dossier: Dossier,
    choice: PostalChoice | None,
    postal: dict[str, Any],
    papers_by: str | None,
    return_by: str | None,
    now: datetime,
) -> bool:
    """Bring the order to the post in line; whether anything in it moved."""
    sends = dossier.papers_by == PapersBy.POST
    receives = dossier.return_by == ReturnBy.POST
    if not (sends or receives):
        if choice is not None:
            choice.delete()
        return choice is not None
    choice = choice or PostalChoice(dossier=dossier, registered_at=now)
    had = {"papers": choice.wants_pickup, "result": choice.wants_delivery}
    service = Service.BOTH if sends and receives else Service.SEND if sends else Service.RECEIVE
    phone = bool(postal.get("phone")) and postal["phone"] != choice.phone
    moved = service != choice.service or phone
    choice.service, choice.phone = service, postal.get("phone") or choice.phone
    for given, names, mark in ((papers_by, _PICKUP, "papers"), (return_by, _DELIVERY, "result")):
        wanted = sends if mark == "papers" else receives
        if not given or not wanted:
            continue
        differs = phone or any(getattr(choice, name) != postal[name] for name in names if name in postal)
        for name in names:
            setattr(choice, name, postal.get(name, getattr(choice, name)))
        if differs or not had[mark]:
            setattr(choice, f"{mark}_changed_at", now)
            moved = True
    choice.registered_by, choice.registered_at = "online", now
    choice.save()
    return moved


def leg_begun(pk: int, *, pickup: bool, at: datetime) -> None:
    """The post holds what travels on this leg. Called under the parcel's lock, inside its transaction.

    The dossier is locked first: whoever changes the choice holds that lock, and one of the two is told to wait.
    """
    Dossier.objects.select_for_update().only("pk").get(pk=pk)
    taken = {"papers_taken_at": at} if pickup else {"result_taken_at": at}
    PostalChoice.objects.filter(dossier_id=pk).update(**taken)


@transaction.atomic
def register_return(
    pk: int,
    *,
    by: User,
    address: str,
    place: Place | None,
    receiver: str,
    phone: str,
    channel: str,
    at: datetime | None = None,
) -> Dossier:
    """The result shall come by post. Keeps what was asked about handing papers in; the history notes who registered.

    `channel` is how the wish arrived ("online", "hotline", "desk", "post_point"). Raises Refused when the dossier is
    over, its result may not travel by post, or the post holds it already.
    """
    moment = at or timezone.now()
    case = locked(pk)
    dossier = case.dossier
    choice = PostalChoice.objects.select_for_update().filter(dossier=dossier).first()
    if dossier.state not in OPEN:
        raise Refused(_("Hồ sơ đã kết thúc hoặc chưa nộp, không đăng ký bưu chính được."))
    if not dossier.version.postal_return_allowed:
        raise Refused(f"Kết quả thủ tục này không trả qua bưu chính. {dossier.version.postal_reason}".strip())
    if not changeable(dossier, choice).result:
        raise Refused(_("Bưu điện đã nhận kết quả của hồ sơ này, không đổi nơi phát qua trang này được."))
    before = dossier.return_by
    if choice is None:
        choice = PostalChoice(dossier=dossier, service=Service.RECEIVE)
    else:
        choice.service = Service.BOTH if choice.wants_pickup else Service.RECEIVE
    choice.delivery_address, choice.delivery_place = address, place
    choice.receiver, choice.phone = receiver, phone
    choice.registered_by, choice.registered_at = channel, moment
    choice.result_changed_at = moment
    choice.save()
    dossier.return_by = ReturnBy.POST
    case.note(
        "register_post",
        by=by,
        at=moment,
        note="Đăng ký nhận kết quả qua bưu chính công ích",
        data={"channel": channel, "return_by": [before, dossier.return_by]},
    )
    write([case])
    return dossier
