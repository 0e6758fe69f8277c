"""Correcting what an account says of its holder, at a desk, on the word of a paper (PT 7.1; NĐ118 Điều 17.1a).

Telephone and e-mail are replaced or removed here for whoever has lost them. A new one counts once its owner has typed
the code sent there, which no officer ever asks for: `accounts.ask_reset` sends it, and the same code gives a new
password. One is removed only while another way into the account is left: a confirmed contact, or an electronic identity.

What an electronic identity vouches for is changed there, not here; only a number that does not agree with it may be put
right. Dossiers keep what they were filed with: they are records of what was said that day. Only messages about running
ones no longer go to a contact that is lost.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.conf import settings
from django.core import signing
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext_noop

from config.formats import vndate
from config.said import Said
from danhmuc import identifiers
from danhmuc.models import User
from danhmuc.text import fold
from hoso.models import Dossier, Notice
from hoso.services import contacts as contacts_of_dossiers
from hoso.services import notices
from hoso.services.errors import Refused
from portal import access
from portal.models import AccountChange, AccountCorrection, AccountReading, AccountRequest, EidLink
from portal.services import accounts
from portal.services.lookup import tidy

SALT = "portal.desk.account"
#: How long an account found at the counter stays open to the officer who found it: a working day.
OPEN_FOR = 10 * 3600
MOST = 10
CONTACTS = {"phone": "Điện thoại", "email": "Thư điện tử"}
#: What the history of an account says of a contact that was removed.
REMOVED = gettext_noop("Đã xóa")
NO_WAY_BACK = (
    "Chưa xóa: tài khoản phải còn ít nhất một điện thoại hoặc thư đã xác nhận để lấy lại mật khẩu, hoặc đã nối với định danh điện tử. "
    "Nhập số hoặc thư mới thay cho liên hệ cũ. Người dân không có liên hệ nào khác thì hướng dẫn đăng nhập bằng "
    "định danh điện tử một lần, rồi quay lại xóa."
)
_CHANNELS = {"phone": Notice.Channel.SMS, "email": Notice.Channel.EMAIL}


@dataclass(frozen=True)
class Paper:
    """What was shown at the counter."""

    kind: str
    number: str
    on: date


class Overtaken(Refused):
    """The account was changed while the page was open."""

    def __init__(self, last: AccountChange) -> None:
        at = timezone.localtime(last.at)
        who = last.by.full_name if last.by else "Hệ thống"
        super().__init__(
            f"{who} vừa sửa tài khoản này lúc {at:%H:%M} ngày {at:%d/%m/%Y}. "
            "Phần “Đang lưu” là thông tin hiện tại; hãy xem lại trước khi sửa tiếp."
        )


# -- Finding the account of whoever stands at the counter ----------------------------------------------------------


def find(typed: str, officer: User) -> list[User]:
    """The accounts a whole number names: personal ID, tax code, telephone, or a dossier the officer may read.

    Nobody leafs through people: parts of numbers and names find nothing.
    """
    checks: tuple[tuple[Callable[[str], str], str], ...] = (
        (identifiers.personal_id, "personal_id"),
        (identifiers.tax_code, "tax_code"),
        (identifiers.phone, "phone"),
    )
    named = Q(pk__in=[])
    for check, field in checks:
        try:
            named |= Q(**{field: check(typed)})
        except ValueError:
            continue
    code = tidy(typed)
    of_code = Dossier.objects.visible_to(officer).exclude(state="draft")
    for holders in of_code.filter(Q(code=code) | Q(submission_ref=code)).values_list(
        "applicant_id", "organisation_id"
    )[:MOST]:
        named |= Q(pk__in=[pk for pk in holders if pk])
    found = User.objects.filter(named, kind__in=User.APPLICANTS)
    return list(found.order_by("folded_name", "pk")[:MOST])


def slip(account: User, officer: User) -> str:
    """The address of a found account: good for the officer who found it, for a day."""
    return signing.dumps([account.pk, officer.pk], salt=SALT)


def read_slip(text: str, officer: User) -> User | None:
    """The account of such an address; None for another officer's, an old or an invented one."""
    try:
        pk, found_by = signing.loads(text, salt=SALT, max_age=OPEN_FOR)
    except (signing.BadSignature, ValueError):
        return None
    if found_by != officer.pk:
        return None
    return User.objects.filter(pk=pk, kind__in=User.APPLICANTS).first()


def note_reading(people: list[User], *, by: User, what: str, ip: str | None) -> None:
    """Every reading by staff is kept (domain §19.4)."""
    AccountReading.objects.bulk_create(
        AccountReading(user=by, account=person, what=what, ip=ip) for person in people
    )


def mask_number(number: str) -> str:
    """The first three and the last two digits of a personal ID."""
    return f"{number[:3]}{'*' * (len(number) - 5)}{number[-2:]}" if len(number) > 5 else number


#: What stands masked in the history of the account.
_MASKS: dict[str, Callable[[str], str]] = {
    "personal_id": mask_number,
    "phone": accounts.mask_phone,
    "email": accounts.mask_email,
}


# -- What may be corrected -----------------------------------------------------------------------------------------


def number_field(account: User) -> str:
    """The field that holds the number an account is known by."""
    return "tax_code" if account.kind == User.Kind.ORGANISATION else "personal_id"


def is_linked(account: User) -> bool:
    """Whether an electronic identity vouches for name and birth date."""
    return EidLink.objects.filter(user=account).exists()


def labels_of(account: User, *, linked: bool) -> dict[str, str]:
    """The fields a desk may correct on this account, with their names."""
    if account.kind == User.Kind.ORGANISATION:
        every = {"full_name": "Tên tổ chức", "tax_code": "Mã số thuế"}
    else:
        every = {
            "full_name": "Họ và tên",
            "birth_date": "Ngày sinh",
            "gender": "Giới tính",
            "personal_id": "Số định danh cá nhân",
        }
    number = number_field(account)
    return {number: every[number]} if linked else every


def contact(account: User, field: str) -> str:
    """A telephone or an e-mail address as the counter may see it."""
    value = _MASKS[field](getattr(account, field))
    return f"{value}, {'đã' if getattr(account, f'{field}_confirmed') else 'chưa'} xác nhận" if value else ""


def as_shown(made: AccountCorrection) -> list[dict[str, str]]:
    """What was changed, for the counter: contacts stand masked, whole only in the record."""
    rows = []
    for change in made.changes:
        mask = _MASKS[change["field"]] if change["field"] in CONTACTS else str
        rows.append(change | {"before": mask(change["before"]), "after": mask(change["after"])})
    return rows


def shown(account: User, field: str) -> str:
    """A field as people read it."""
    if field == "birth_date":
        return vndate(account.birth_date) if account.birth_date else ""
    return str(account.get_gender_display()) if field == "gender" else str(getattr(account, field))


def last_change(account: User) -> AccountChange | None:
    """The last line of the account's history; a page carries its number to learn who was faster."""
    return AccountChange.objects.filter(user=account).select_related("by").order_by("-pk").first()


def running(account: User) -> QuerySet[Dossier]:
    """Dossiers of the account not yet ended; they stay as they were filed."""
    return Dossier.objects.open().filter(Q(applicant=account) | Q(organisation=account))


# -- Correcting ----------------------------------------------------------------------------------------------------


@transaction.atomic
def correct(
    account: User, values: dict[str, Any], *, paper: Paper, reason: str, by: User, seen: int
) -> AccountCorrection:
    """Put values right, keep the paper's word for it, and tell the holder, at the contacts replaced as well.

    `seen` is the number of the last change the page showed. Raises Overtaken, Refused or PermissionDenied.
    """
    desk = access.desk_for_accounts(by)
    if desk is None:
        raise PermissionDenied
    if values.keys() & CONTACTS.keys():  # matters before accounts, as whoever types a code locks them
        list(AccountRequest.objects.select_for_update().filter(user=account, done_at=None))
    stored = User.objects.select_for_update().get(pk=account.pk, kind__in=User.APPLICANTS)
    last = last_change(stored)
    if last is not None and last.pk != seen:
        raise Overtaken(last)
    if not stored.is_active:
        raise Refused("Tài khoản này đang khóa nên không sửa được. Liên hệ quản trị hệ thống.")
    labels = labels_of(stored, linked=is_linked(stored)) | CONTACTS
    before = {field: shown(stored, field) for field in labels}
    changed = [field for field in labels if field in values and _differs(stored, field, values[field])]
    if not changed:
        raise Refused("Chưa có gì khác với thông tin đang lưu.")
    old_name, ways = accounts.username_for(stored), _ways(stored)
    lost = {field: getattr(stored, field) for field in CONTACTS if field in changed}
    for field in changed:
        setattr(stored, field, values[field])
    saved = [*changed, "folded_name", "username"]
    contacts = list(lost)
    new = [field for field in contacts if values[field]]
    if contacts:
        saved += _close_doors(stored, contacts)
        ways += [(_CHANNELS[field], values[field]) for field in new]
    if contacts and not new and not may_return(stored):
        raise Refused(NO_WAY_BACK)
    stored.folded_name = fold(stored.full_name)
    if stored.username == old_name:  # people sign in with the number, so the name goes with it
        stored.username = accounts.username_for(stored)
    _refuse_twin(stored)
    try:
        with transaction.atomic():
            stored.save(update_fields=saved)
    except IntegrityError:
        _refuse_twin(stored)  # the other one has just been made
        raise
    changes = [
        {"field": field, "label": labels[field], "before": before[field], "after": shown(stored, field)}
        for field in changed
    ]
    for change in changes:
        mask = _MASKS.get(change["field"], str)
        what = Said("%(text)s, sửa tại %(agency)s", text=change["label"], agency=desk.agency.name)
        after = mask(change["after"]) if change["after"] else REMOVED
        accounts.note(stored, what, mask(change["before"]), after, by=by)
    if contacts:
        accounts.note(stored, "Mật khẩu", after="Hết hiệu lực; mọi thiết bị bị đăng xuất", by=by)
    made = AccountCorrection.objects.create(
        account=stored,
        changes=changes,
        paper=paper.kind,
        paper_number=paper.number,
        paper_on=paper.on,
        reason=reason,
        desk=desk,
        by=by,
    )
    contacts_of_dossiers.change(
        stored, {field: (old, values[field]) for field, old in lost.items()}, by=by, at=made.at
    )
    _tell(made, stored, ways, ended=bool(contacts), fresh=bool(new))
    return made


def may_return(account: User) -> bool:
    """Whether its holder gets in without the password: by a code to a confirmed contact, or an electronic identity."""
    return len(_ways(account)) > 1 or is_linked(account)


def _differs(stored: User, field: str, value: Any) -> bool:
    """A contact never confirmed is written down again: so it can get its code."""
    unproved = bool(value) and not getattr(stored, f"{field}_confirmed", True)
    return value != getattr(stored, field) or unproved


def _close_doors(stored: User, contacts: list[str]) -> list[str]:
    """New contacts wait for a code; what opened the account until now (a lost phone knows it) opens it no more.

    Answers the fields to save.
    """
    for field in contacts:
        setattr(stored, f"{field}_confirmed", False)
    stored.set_unusable_password()  # every session ends with it
    stored.must_change_password, stored.temporary_until = False, None
    AccountRequest.objects.filter(user=stored, done_at=None).delete()  # codes on their way to the old contact
    return [
        *(f"{field}_confirmed" for field in contacts),
        "password",
        "must_change_password",
        "temporary_until",
    ]


def _refuse_twin(stored: User) -> None:
    """Two accounts never hold one number: say what to do with the other one."""
    field = number_field(stored)
    number = getattr(stored, field)
    same = Q(username=stored.username) | (Q(kind=stored.kind, **{field: number}) if number else Q(pk__in=[]))
    twin = User.objects.filter(same).exclude(pk=stored.pk).first()
    if twin is not None:
        raise Refused(
            f"Số này đã thuộc một tài khoản khác, mở ngày {vndate(timezone.localdate(twin.date_joined))}, nên chưa sửa. "
            "Nếu là cùng một người: hướng dẫn họ dùng tài khoản kia; hồ sơ đã nộp bằng tài khoản này vẫn theo dõi được bằng mã. "
            f"Nếu là hai người: xem lại số trên giấy tờ; giấy tờ đúng thì gọi {settings.HOTLINE} để đối chiếu, không sửa tài khoản nào."
        )


def _ways(holder: User) -> list[tuple[Notice.Channel, str]]:
    """The portal, and every address the holder has confirmed."""
    ways = [(Notice.Channel.PORTAL, "")]
    if holder.email and holder.email_confirmed:
        ways.append((Notice.Channel.EMAIL, holder.email))
    if holder.phone_confirmed and identifiers.is_mobile(holder.phone):
        ways.append((Notice.Channel.SMS, holder.phone))
    return ways


def _tell(
    made: AccountCorrection,
    holder: User,
    ways: list[tuple[Notice.Channel, str]],
    *,
    ended: bool,
    fresh: bool,
) -> None:
    """Say what was corrected, without numbers; `ended` when the password went with it, `fresh` when a new contact waits
    for its code.
    """
    words = [
        change["label"].lower() if change["after"] else f"{change['label'].lower()} (đã xóa)"
        for change in made.changes
    ]
    for number, (channel, address) in enumerate(ways):
        notices.tell_person(
            "account_corrected",
            key=f"account_corrected:{made.pk}:{number}",
            channel=channel,
            address=address,
            recipient=holder,
            at=made.at,
            title=", ".join(words),
            agency=made.desk.agency.name,
            ended=ended,
            fresh=fresh,
        )
