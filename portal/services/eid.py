"""Which account an electronic identity opens (domain §19.2, §20.4): people by personal ID, organisations by tax code.

A provider is believed about numbers and names, so an account given by this portal before is joined to the identity once
number and name agree; from then on the provider's `sub` finds it.
"""

import re
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from config.formats import vndate
from danhmuc import identifiers
from danhmuc.models import User
from danhmuc.text import fold, nfc
from hoso.services.errors import Refused
from portal.models import EidLink
from portal.services import accounts


@dataclass(frozen=True)
class Identity:
    """What a provider says, in our words; what it left out is empty."""

    provider: str
    sub: str
    kind: str
    number: str
    name: str
    tech_id: str = ""
    born: date | None = None
    email: str = ""
    phone: str = ""
    level: int = 0

    @property
    def by(self) -> str:
        """The field of an account that holds the number."""
        return "personal_id" if self.kind == User.Kind.CITIZEN else "tax_code"


def read(provider: str, claims: dict[str, Any]) -> Identity:
    """The identity in a provider's claims. Raises Refused when it names nobody we could know."""

    def text(name: str) -> str:
        value = claims.get(name)
        return nfc(str(value)) if isinstance(value, str | int) else ""

    organisation = _is_organisation(text)
    name = text("TenDoanhNghiep") or text("HoVaTen") if organisation else text("HoVaTen")
    if name.isupper() and not organisation:  # as printed on the card; people write theirs otherwise
        name = name.title()
    numbers = ["MaSoThue", "MaSoDoanhNghiep"] if organisation else ["SoDinhDanh"]
    check = identifiers.tax_code if organisation else identifiers.personal_id
    number = next((found for key in numbers if (found := _checked(check, text(key)))), "")
    if not number or not name:
        what = _("mã số thuế và tên tổ chức") if organisation else _("số định danh cá nhân và họ tên")
        raise Refused(
            _(
                "Nơi xác thực không cho biết %(what)s, nên chưa đăng nhập được. Hãy đồng ý chia sẻ thông tin này."
            )
            % {"what": what}
        )
    return Identity(
        provider=provider,
        sub=str(claims["sub"])[:255],
        kind=User.Kind.ORGANISATION if organisation else User.Kind.CITIZEN,
        number=number,
        name=name[:160],
        tech_id=text("TechID")[:255],
        born=None if organisation else _day(text("NgayThangNamSinh")),
        email=_checked(_mail, text("ThuDienTu")),
        phone=_checked(identifiers.phone, text("SoDienThoai")),
        level=_level(claims.get("loAs") or claims.get("IAL")),
    )


def _is_organisation(text: Any) -> bool:
    kind = text("LoaiTaiKhoan")
    if kind not in {"", "1", "2"}:
        raise Refused(_("Loại tài khoản này chưa dùng được ở Cổng. Dùng tài khoản cá nhân hoặc tổ chức."))
    return kind == "2" or (not kind and not text("SoDinhDanh") and bool(text("MaSoThue")))


def _checked(check: Any, value: str) -> str:
    try:
        return str(check(value)) if value else ""
    except ValueError:
        return ""


def _mail(value: str) -> str:
    if not re.fullmatch(r"[^@\s]+@[^@\s]+\.[^@\s]+", value) or len(value) > 254:
        raise ValueError(value)
    return value


def _day(value: str) -> date | None:
    for pattern in ("%d/%m/%Y", "%Y-%m-%d", "%Y%m%d", "%d%m%Y"):
        try:
            return datetime.strptime(value, pattern).date()  # noqa: DTZ007 - a day has no zone
        except ValueError:
            continue
    return None


def _level(value: Any) -> int:
    """The highest level of authentication named (1–4), however it is written: 2, "2", "loa2", ["1", "2"]."""
    found = re.findall(r"[1-4](?!\d)", str(value)) if value else []
    return max(map(int, found), default=0)


def account_for(identity: Identity) -> User:
    """The account of the identity: found again, joined, or made. Raises Refused with what to do instead."""
    try:
        return _account_for(identity)
    except IntegrityError:  # the same person in two windows: the other one has just made it
        return _account_for(identity)


@transaction.atomic
def _account_for(identity: Identity) -> User:
    link = EidLink.objects.filter(provider=identity.provider, sub=identity.sub).first()
    if link is not None:
        user = User.objects.select_for_update().get(pk=link.user_id)
        if getattr(user, identity.by) != identity.number or user.kind != identity.kind:
            raise Refused(
                _("Số định danh nơi xác thực cho biết khác với tài khoản đã nối. Gọi tổng đài để được giúp.")
            )
        link.used_at, link.tech_id = timezone.now(), identity.tech_id or link.tech_id
        link.save(update_fields=["used_at", "tech_id"])
    else:
        user = _local(identity) or _made(identity)
        _join(user, identity)
    if not user.is_active:
        raise Refused(_("Tài khoản này đã khóa. Gọi tổng đài để biết lý do."))
    _refresh(user, identity)
    return user


def _local(identity: Identity) -> User | None:
    """An account given before, when number and name agree; marks and capitals of the name do not matter."""
    mine = (
        User.objects.select_for_update().filter(kind=identity.kind, **{identity.by: identity.number}).first()
    )
    if mine is not None and fold(mine.full_name) != fold(identity.name):
        raise Refused(
            _(
                "Số này đã có tài khoản ở Cổng nhưng tên khác với tên trong tài khoản định danh, nên chưa nối được. "
                "Mang giấy tờ đến Bộ phận Một cửa hoặc gọi tổng đài để sửa tên."
            )
        )
    return mine


def _made(identity: Identity) -> User:
    user = User(kind=identity.kind, full_name=identity.name, folded_name=fold(identity.name))
    setattr(user, identity.by, identity.number)
    user.username = accounts.username_for(user)
    user.set_unusable_password()
    user.save()
    accounts.note(user, "Tạo tài khoản từ định danh điện tử", by=user)
    return user


def _join(user: User, identity: Identity) -> None:
    link = EidLink.objects.create(
        user=user, provider=identity.provider, sub=identity.sub, tech_id=identity.tech_id
    )
    accounts.note(user, "Nối tài khoản định danh điện tử", after=link.provider_name, by=user)
    if user.must_change_password:  # a temporary password nobody needs any more
        user.set_unusable_password()
        user.must_change_password, user.temporary_until = False, None
        user.save(update_fields=["password", "must_change_password", "temporary_until"])


def _refresh(user: User, identity: Identity) -> None:
    """What the provider vouches for replaces what was typed; telephone and e-mail only fill what is empty."""
    values: dict[str, Any] = {"full_name": identity.name, "eid_level": identity.level}
    if identity.born:
        values["birth_date"] = identity.born
    if user.kind == User.Kind.CITIZEN and not user.gender:
        values["gender"] = identifiers.personal_id_facts(identity.number).gender
    values |= {name: getattr(identity, name) for name in ("email", "phone") if not getattr(user, name)}
    day = vndate(user.birth_date) if user.birth_date else ""
    shown = [
        ("Họ và tên", user.full_name, identity.name),
        ("Mức xác thực", str(user.eid_level), str(identity.level)),
        ("Ngày sinh", day, vndate(identity.born) if identity.born else day),
    ]
    accounts.save_profile(user, values, shown)
    user.refresh_from_db()
