"""Accounts of citizens and organisations: registration, forgotten password, confirmed addresses, their history.

Nobody learns from an answer whether an account exists: a matter waits for its code in the same way whatever the name
typed means, and only the holder of the account is told more, at an address confirmed before.
"""

import secrets
from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from config import said
from config.formats import phone
from config.said import Said
from danhmuc.identifiers import is_mobile
from danhmuc.models import User
from danhmuc.services import sign_in
from danhmuc.text import fold
from hoso.models import Notice
from hoso.services import notices
from hoso.services.errors import Refused
from portal.models import AccountChange, AccountCorrection, AccountRequest
from portal.services import codes, limits

Purpose = AccountRequest.Purpose
CHANNELS = {"email": Notice.Channel.EMAIL, "sms": Notice.Channel.SMS}
#: The field of an account a channel leads to.
CONTACT = {"email": "email", "sms": "phone"}
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
#: How often codes may be asked for: from one network address, for one name or address, and how soon again.
BY_NETWORK, BY_NAME, BY_NAME_A_DAY = 100, 5, 10
AGAIN_AFTER = timedelta(minutes=1)
#: A matter nobody goes on with is forgotten.
KEPT = timedelta(hours=24)
#: Deployments with a public side of their own (domain §1.2).
PUBLIC_MODES = ("PORTAL_LOCAL", "PORTAL_INFO")


class TooMany(Refused):
    """Codes were asked for too often."""


def has_public_side() -> bool:
    """Whether citizens have pages of their own in this deployment."""
    return settings.DEPLOYMENT_MODE in PUBLIC_MODES


def may_register(kind: str) -> bool:
    """Whether this deployment may give accounts of that kind today (domain §1.2, §19.2)."""
    return has_public_side() and sign_in.is_local_open(kind)


# -- Asking for a code -------------------------------------------------------------------------------------------


def ask_registration(data: dict[str, Any], *, channel: str, address: str, network: str) -> AccountRequest:
    """Begin a registration: a code goes to the address given. Raises TooMany."""
    _bound(address, network)
    return _send(AccountRequest(purpose=Purpose.REGISTER, channel=channel, address=address, data=data))


def ask_reset(typed: str, *, channel: str, network: str) -> AccountRequest:
    """A forgotten password: the code goes to an address the account meant is known to have, if there is one."""
    _bound(sign_in.account_key(typed), network)
    user = sign_in.find(typed)
    if user is not None and not (user.is_applicant and user.is_active and sign_in.is_local_open(user.kind)):
        user = None
    address = _confirmed(user, channel) or _vouched(user, channel) if user else ""
    return _send(AccountRequest(purpose=Purpose.RESET, user=user, channel=channel, address=address))


def ask_contact(user: User, *, purpose: str, address: str, network: str) -> AccountRequest:
    """A new e-mail address or telephone number: the code goes there. Raises TooMany."""
    _bound(address, network)
    channel = "email" if purpose == Purpose.EMAIL else "sms"
    return _send(AccountRequest(purpose=Purpose(purpose), user=user, channel=channel, address=address))


def send_again(request: AccountRequest, *, network: str) -> AccountRequest:
    """Another code for the same matter; the earlier one no longer serves. Raises TooMany."""
    if request.sent_at and timezone.now() < request.sent_at + AGAIN_AFTER:
        raise TooMany(_("Mã vừa được gửi. Đợi một phút rồi hãy yêu cầu mã khác."))
    if request.sent >= BY_NAME:
        raise TooMany(_("Đã gửi nhiều mã cho việc này. Hãy làm lại từ đầu sau một giờ, hoặc gọi tổng đài."))
    _bound(request.token if request.purpose == Purpose.RESET else request.address, network)
    return _send(request)


def _confirmed(user: User, channel: str) -> str:
    if channel == "email":
        return user.email if user.email_confirmed else ""
    return user.phone if user.phone_confirmed and is_mobile(user.phone) else ""


def _vouched(user: User, channel: str) -> str:
    """The address a desk has just written down on a paper's word: typing the code sent there confirms it."""
    name = CONTACT[channel]
    address: str = getattr(user, name)
    written_down = AccountCorrection.objects.filter(
        account=user, at__gte=timezone.now() - KEPT, changes__contains=[{"field": name, "after": address}]
    )
    return address if address and written_down.exists() else ""


def _bound(name: str, network: str) -> None:
    counted = (
        limits.count(f"ma:mang:{network}", HOUR) > BY_NETWORK,
        limits.count(f"ma:gio:{name}", HOUR) > BY_NAME,
        limits.count(f"ma:ngay:{name}", DAY) > BY_NAME_A_DAY,
    )
    if any(counted):
        raise TooMany(
            _("Đã yêu cầu mã quá nhiều lần. Hãy thử lại sau một giờ, hoặc gọi tổng đài để được giúp.")
        )


@transaction.atomic
def _send(request: AccountRequest) -> AccountRequest:
    request.token = request.token or secrets.token_urlsafe(24)
    request.sent_at, request.sent = timezone.now(), request.sent + 1
    request.save()
    code = codes.issue(_code_key(request))
    # One account under several names: letters to it are bounded, and the answer is the same.
    flooded = request.purpose == Purpose.RESET and limits.count(f"ma:gui:{request.address}", HOUR) > BY_NAME
    if request.address and not flooded:
        titles = {
            Purpose.REGISTER: "đăng ký tài khoản",
            Purpose.RESET: "đặt lại mật khẩu",
            Purpose.EMAIL: "xác nhận địa chỉ thư điện tử",
            Purpose.PHONE: "xác nhận số điện thoại",
        }
        notices.tell_person(
            "account_code",
            key=f"ma:{request.token}:{request.sent}",
            channel=CHANNELS[request.channel],
            address=request.address,
            secret=code,
            title=titles[Purpose(request.purpose)],
        )
    return request


def _code_key(request: AccountRequest) -> str:
    return f"account:{request.token}"


# -- Typing it back ----------------------------------------------------------------------------------------------


def waiting(token: str, *purposes: str) -> AccountRequest | None:
    """The matter of a page's address, as long as it is kept."""
    since = timezone.now() - KEPT
    found = AccountRequest.objects.filter(token=token, asked_at__gte=since, purpose__in=purposes)
    return found.select_related("user").first()


@transaction.atomic
def prove(request: AccountRequest, typed: str) -> bool:
    """Whether the code is right. An address is confirmed at once; all but a change of it goes on to the password."""
    request = AccountRequest.objects.select_for_update().get(pk=request.pk)
    if request.proven_at is not None:
        return True
    if not codes.redeem(_code_key(request), typed):
        return False
    request.proven_at = timezone.now()
    request.save(update_fields=["proven_at"])
    if request.purpose in {Purpose.EMAIL, Purpose.PHONE}:
        _take_address(request)
    elif request.purpose == Purpose.RESET and request.user is not None:
        _confirm_vouched(request)
    return True


def _confirm_vouched(request: AccountRequest) -> None:
    """Of an address a desk wrote down: whoever reads what is sent there is its owner."""
    assert request.user is not None
    user = User.objects.select_for_update().get(pk=request.user.pk)
    name = CONTACT[request.channel]
    if getattr(user, name) == request.address and not getattr(user, f"{name}_confirmed"):
        setattr(user, f"{name}_confirmed", True)
        user.save(update_fields=[f"{name}_confirmed"])
        what = "Thư điện tử" if name == "email" else "Điện thoại"
        note(user, what, after=Said("%(text)s, đã xác nhận bằng mã", text=masked(request)), by=user)


def _take_address(request: AccountRequest) -> None:
    assert request.user is not None
    user = User.objects.select_for_update().get(pk=request.user.pk)
    mail = request.purpose == Purpose.EMAIL
    name, flag = ("email", "email_confirmed") if mail else ("phone", "phone_confirmed")
    before, was_confirmed = getattr(user, name), getattr(user, flag)
    setattr(user, name, request.address)
    setattr(user, flag, True)
    user.save(update_fields=[name, flag])
    _mark_done(request)
    masked = mask_email if mail else mask_phone
    what = "Thư điện tử" if mail else "Điện thoại"
    note(user, what, masked(before), masked(request.address), by=user)
    if before and was_confirmed and before != request.address and (mail or is_mobile(before)):
        notices.tell_person(
            "account_contact",
            key=f"account_contact:{request.token}",
            channel=CHANNELS[request.channel],
            address=before,
            recipient=user,
            title="Địa chỉ thư điện tử" if mail else "Số điện thoại",
            to=masked(request.address),
        )


# -- The password that ends it -----------------------------------------------------------------------------------


def future_user(request: AccountRequest) -> User:
    """Whose password is being chosen: the account, or the one that would be made; passwords are compared with it."""
    if request.user is not None:
        return request.user
    return _unsaved(request.data) if request.purpose == Purpose.REGISTER else User()


@transaction.atomic
def finish(request: AccountRequest, password: str) -> None:
    """Make the account, or give it the new password; a second press changes nothing. Raises Refused without a code."""
    request = AccountRequest.objects.select_for_update().get(pk=request.pk)
    if request.proven_at is None:
        raise Refused(_("Chưa nhập đúng mã xác nhận."))
    if request.done_at is not None:
        return
    if request.purpose == Purpose.REGISTER:
        _register(request, password)
    elif request.user_id is not None:
        _reset(User.objects.select_for_update().get(pk=request.user_id), password)
    _mark_done(request)


def _mark_done(request: AccountRequest) -> None:
    request.done_at, request.data = timezone.now(), {}
    request.save(update_fields=["done_at", "data"])


def _register(request: AccountRequest, password: str) -> None:
    user = _unsaved(request.data)
    confirmed = "email_confirmed" if request.channel == "email" else "phone_confirmed"
    setattr(user, confirmed, True)
    user.set_password(password)
    try:
        with transaction.atomic():
            user.save()
    except IntegrityError:
        _tell_holder(request)
        return
    note(user, "Tạo tài khoản", by=user)
    _tell(user, "account_created", url=f"{settings.PUBLIC_BASE_URL}/dang-nhap/", name=user.full_name)


def _unsaved(data: dict[str, Any]) -> User:
    user = User(**data)
    user.username = username_for(user)
    user.folded_name = fold(user.full_name)
    return user


def username_for(user: User) -> str:
    """The sign-in name of a new account; people type the bare number."""
    return user.personal_id if user.kind == User.Kind.CITIZEN else f"to-chuc-{user.tax_code}"


def _tell_holder(request: AccountRequest) -> None:
    """The number has an account: its holder is told, whoever is registering is not."""
    number = {name: request.data.get(name, "") for name in ("kind", "personal_id", "tax_code")}
    holder = User.objects.filter(**number).first()
    if holder is not None:
        url = f"{settings.PUBLIC_BASE_URL}/tai-khoan/quen-mat-khau/"
        _tell(holder, "account_taken", key=request.token, url=url)


def _reset(user: User, password: str) -> None:
    user.set_password(password)  # every session of the old one ends with it
    user.must_change_password, user.temporary_until = False, None
    user.save(update_fields=["password", "must_change_password", "temporary_until"])
    sign_in.forget_failures(user.username)
    password_changed(user)


def password_changed(user: User) -> None:
    """The history says it, and so does a letter to the holder."""
    note(user, "Mật khẩu", after="Đã đổi; mọi thiết bị khác bị đăng xuất", by=user)
    now = f"{timezone.now():%Y%m%d%H%M%S%f}"
    _tell(user, "account_password", key=now, url=f"{settings.PUBLIC_BASE_URL}/tai-khoan/quen-mat-khau/")


def _tell(user: User, template: str, *, key: str = "", **facts: Any) -> None:
    for channel in ("email", "sms"):
        if address := _confirmed(user, channel):
            notices.tell_person(
                template,
                key=f"{template}:{user.pk}:{key}",
                channel=CHANNELS[channel],
                address=address,
                recipient=user,
                **facts,
            )
            return


# -- History -----------------------------------------------------------------------------------------------------


def note(user: User, what: str, before: str = "", after: str = "", *, by: User | None) -> None:
    """One line of the account's history, kept in Vietnamese whatever language the page had."""
    AccountChange.objects.create(
        user=user,
        what=what[:120],
        before=before[:300],
        after=after[:300],
        what_facts=said.facts_of(what),
        after_facts=said.facts_of(after),
        by=by,
    )


def save_profile(user: User, values: dict[str, Any], shown: Iterable[tuple[str, str, str]]) -> bool:
    """Keep what is new in `values`; `shown` is (label, before, after) for the history.

    Answers whether anything changed.
    """
    with transaction.atomic():
        stored = User.objects.select_for_update().get(pk=user.pk)
        changed = [name for name, value in values.items() if getattr(stored, name) != value]
        for name in changed:
            setattr(stored, name, values[name])
        if "full_name" in changed:
            stored.folded_name = fold(stored.full_name)
            changed.append("folded_name")
        if changed:
            stored.save(update_fields=changed)
        for label, before, after in shown if changed else ():  # a second press finds nothing new
            if before != after:
                note(stored, label, before, after, by=user)
    return bool(changed)


def mask_email(address: str) -> str:
    """m***@example.vn"""
    name, _at, domain = address.partition("@")
    return f"{name[:1]}***@{domain}" if domain else ""


def mask_phone(number: str) -> str:
    """The last three digits of a telephone number."""
    digits = phone(number).replace(" ", "")
    return f"{'*' * (len(digits) - 3)}{digits[-3:]}" if digits else ""


def masked(request: AccountRequest) -> str:
    """Where the code of a matter went, as far as the page may say."""
    return mask_email(request.address) if request.channel == "email" else mask_phone(request.address)


def sweep() -> int:
    """Forget matters nobody went on with; how many there were."""
    removed, _models = AccountRequest.objects.filter(asked_at__lt=timezone.now() - KEPT).delete()
    return removed
