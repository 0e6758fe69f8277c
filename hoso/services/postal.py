"""What the applicant asks of the public post, changed after the dossier was written (domain §11.1–11.2)."""

from datetime import datetime

from django.db import transaction
from django.utils import timezone

from danhmuc.models import Place, User
from hoso.lifecycle import OPEN
from hoso.models import Dossier, Event, PostalChoice
from hoso.services.case import write
from hoso.services.dossiers import locked
from hoso.services.errors import Refused

Service = PostalChoice.Service


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
    over, its result may not travel by post, or the wish is already registered so.
    """
    moment = at or timezone.now()
    case = locked(pk)
    dossier = case.dossier
    if dossier.state not in OPEN:
        raise Refused("Hồ sơ đã kết thúc hoặc chưa nộp, không đăng ký bưu chính được.")
    if not dossier.version.postal_return_allowed:
        raise Refused(f"Kết quả thủ tục này không trả qua bưu chính. {dossier.version.postal_reason}".strip())
    choice = case.postal
    before = dossier.return_by
    if choice is None:
        choice = case.add(PostalChoice(dossier=dossier, service=Service.RECEIVE, registered_at=moment))
    else:
        choice.service = Service.BOTH if choice.wants_pickup else Service.RECEIVE
        case.touch(choice)
    choice.delivery_address, choice.delivery_place = address, place
    choice.receiver, choice.phone = receiver, phone
    choice.registered_by, choice.registered_at = channel, moment
    dossier.return_by = Dossier.ReturnBy.POST
    dossier.last_seq += 1
    dossier.updated_at = moment
    case.add(
        Event(
            dossier=dossier,
            seq=dossier.last_seq,
            name="register_post",
            source=dossier.state,
            target=dossier.state,
            actor=by,
            at=moment,
            note="Đăng ký nhận kết quả qua bưu chính công ích",
            data={"channel": channel, "return_by": [before, dossier.return_by]},
        )
    )
    write([case])
    return dossier
