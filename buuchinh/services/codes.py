"""The carrier's signature at a desk: six digits shown on the carrier's own phone, typed by the desk's officer."""

import hashlib
import hmac
import secrets
from datetime import timedelta

from django.conf import settings
from django.utils import timezone

from buuchinh.models import HandoverCode
from danhmuc.models import User
from hoso.services.errors import Refused

LIFETIME = timedelta(minutes=10)
MAX_WRONG = 5


def make(carrier: User) -> HandoverCode:
    """A new code; those made before are no longer good."""
    now = timezone.now()
    HandoverCode.objects.filter(carrier=carrier, used_at=None, expires_at__gt=now).update(expires_at=now)
    return HandoverCode.objects.create(
        carrier=carrier, nonce=secrets.token_hex(16), made_at=now, expires_at=now + LIFETIME
    )


def current(carrier: User) -> HandoverCode | None:
    """The code that may still be used, if any."""
    return (
        HandoverCode.objects.filter(
            carrier=carrier, used_at=None, expires_at__gt=timezone.now(), wrong__lt=MAX_WRONG
        )
        .order_by("-made_at")
        .first()
    )


def digits(code: HandoverCode) -> str:
    """The six digits; worked out from the row and the installation's key, never stored."""
    key = settings.SECRET_KEY.encode()
    mark = hmac.new(key, f"handover:{code.pk}:{code.nonce}".encode(), hashlib.sha256).digest()
    return f"{int.from_bytes(mark[:8]) % 1_000_000:06d}"


def check(carrier: User, typed: str) -> HandoverCode:
    """The carrier's code when the digits are right. Raises Refused, and counts wrong guesses: five end the code.

    Call outside the transaction of the act it confirms, so that a wrong guess stays counted.
    """
    code = current(carrier)
    if code is None:
        raise Refused(
            f"{carrier.full_name} chưa có mã bàn giao còn hiệu lực. Đề nghị bưu tá mở mục “Mã bàn giao” trên điện thoại."
        )
    if hmac.compare_digest(digits(code), "".join(typed.split())):
        return code
    code.wrong += 1
    code.save(update_fields=["wrong"])
    left = MAX_WRONG - code.wrong
    raise Refused(
        f"Mã xác nhận chưa đúng, còn {left} lần nhập."
        if left
        else "Nhập sai 5 lần, mã đã hủy. Đề nghị bưu tá tạo mã mới."
    )
