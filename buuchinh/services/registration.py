"""Late registration by hotline, at any desk or post office, whatever the territory (domain §11.2; ĐT-1326).

The code and two of three facts must match; the clerk learns only whether they do, never what the dossier says.
"""

from datetime import datetime

from django.utils import timezone

from buuchinh import access
from buuchinh.lifecycle import WAITING, Leg
from buuchinh.models import Parcel
from danhmuc.models import Place, User
from danhmuc.roles import Role
from danhmuc.text import fold
from hoso.models import AccessLog, Dossier
from hoso.services import postal
from hoso.services.errors import Refused

NO_MATCH = (
    "Không khớp. Kiểm tra lại mã hồ sơ và thông tin người gọi; cần đúng ít nhất hai trong ba thông tin."
)


def find(code: str, *, owner_name: str, owner_id: str, procedure: str) -> Dossier | None:
    """The dossier when its code and at least two of the three facts match; None otherwise, without saying why."""
    wanted = code.strip().upper()
    if not wanted:
        return None
    found = (
        Dossier.objects.filter(code=wanted).select_related("version__procedure").first()
        or Dossier.objects.filter(submission_ref=wanted).select_related("version__procedure").first()
    )
    if found is None or found.state == "draft":
        return None
    same = [
        bool(owner_name.strip()) and fold(owner_name) == fold(found.owner_name),
        bool(owner_id.strip()) and _digits(owner_id) == _digits(found.owner_id),
        _same_procedure(procedure, found),
    ]
    return found if sum(same) >= 2 else None


def _digits(text: str) -> str:
    return "".join(c for c in text if c.isdigit())


def _same_procedure(typed: str, dossier: Dossier) -> bool:
    words = fold(typed)
    if typed.strip() == dossier.version.procedure.code:
        return True
    return len(words) >= 8 and words in fold(dossier.version.name)


def register(
    code: str,
    *,
    by: User,
    owner_name: str,
    owner_id: str,
    procedure: str,
    address: str,
    place: Place | None,
    receiver: str,
    phone: str,
    at: datetime | None = None,
) -> Dossier:
    """Register the return by post of a matching dossier. Each try on a real dossier is kept in its access log.

    Raises Refused (no match, or the dossier may not); the words for no match are always the same.
    """
    moment = at or timezone.now()
    dossier = find(code, owner_name=owner_name, owner_id=owner_id, procedure=procedure)
    tried = dossier or Dossier.objects.filter(code=code.strip().upper()).first()
    if tried is not None:
        result = "khớp" if dossier else "không khớp"
        AccessLog.objects.create(user=by, dossier=tried, what=f"đăng ký bưu chính muộn: {result}", at=moment)
    if dossier is None:
        raise Refused(NO_MATCH)
    started = Parcel.objects.filter(dossier=dossier, leg=Leg.RETURN).exclude(
        state__in=[*WAITING, "cancelled"]
    )
    if started.exists():
        raise Refused("Bưu điện đã nhận kết quả của hồ sơ này, không đổi nơi phát qua trang này được.")
    return postal.register_return(
        dossier.pk,
        by=by,
        address=address,
        place=place,
        receiver=receiver,
        phone=phone,
        channel=_channel(by),
        at=moment,
    )


def _channel(by: User) -> str:
    roles = {p.role for p in by.positions_on()}
    if Role.HOTLINE_OPERATOR in roles:
        return "hotline"
    return "desk" if roles & access.DESK else "post_point"
