"""What the signatures on a file mean, in words both sides read: the applicant at once, the officer later."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from config.formats import vndate, vndatetime
from hoso.gateways.opening.signatures import INVALID

_PROBLEMS: dict[str, Promise] = {
    "unreadable": gettext_lazy("Không đọc được chữ ký số trên tệp. Nộp lại đúng tệp mà người ký đã gửi."),
    "altered": gettext_lazy(
        "Chữ ký số của %(signer)s không còn giá trị: nội dung tệp đã bị thay đổi so với lúc ký. Nộp lại đúng tệp mà "
        "người ký đã gửi, không in hoặc lưu qua chương trình khác."
    ),
    "added": gettext_lazy(
        "Tệp có phần được thêm hoặc sửa sau khi %(signer)s ký. Nộp lại bản mà người ký đã gửi."
    ),
    "revoked": gettext_lazy(
        "Chứng thư số của %(signer)s đã bị nơi cấp thu hồi. Đề nghị người ký ký lại bằng chứng thư còn hiệu lực."
    ),
    "expired_at_signing": gettext_lazy(
        "Chứng thư số của %(signer)s đã hết hạn ngày %(expires)s, trước khi ký. Đề nghị người ký ký lại bằng chứng "
        "thư còn hiệu lực."
    ),
    "not_yet_valid": gettext_lazy(
        "Giờ ký ghi trên tệp sớm hơn ngày chứng thư số của %(signer)s có hiệu lực. Đề nghị người ký kiểm tra đồng "
        "hồ máy và ký lại."
    ),
    "self_made": gettext_lazy(
        "Chữ ký số của %(signer)s dùng chứng thư tự tạo, không do tổ chức chứng thực nào cấp. Nên nộp bản có chữ ký "
        "số do tổ chức được cấp phép chứng thực."
    ),
    "unknown_issuer": gettext_lazy(
        "Chữ ký số của %(signer)s còn nguyên vẹn nhưng chưa xác minh được tổ chức cấp chứng thư (%(issuer)s). Cán bộ "
        "sẽ kiểm tra."
    ),
    "expired_since": gettext_lazy(
        "Chữ ký số của %(signer)s còn nguyên vẹn. Chứng thư đã hết hạn ngày %(expires)s và tệp không có dấu thời gian "
        "chứng minh ký trước ngày ấy. Cán bộ sẽ kiểm tra."
    ),
    "weak": gettext_lazy(
        "Chữ ký số của %(signer)s còn nguyên vẹn nhưng chưa đủ căn cứ xác nhận. Cán bộ sẽ kiểm tra."
    ),
}


@dataclass(frozen=True)
class Said:
    """One signature: level (ok, soon, late) and a sentence."""

    level: str
    text: str


def words(signatures: Iterable[dict[str, Any]]) -> list[Said]:
    """Every signature of a file in plain words; an invalid one hinders nobody and is shown to all (domain §14.3)."""
    return [_said(signature) for signature in signatures]


def _said(signature: dict[str, Any]) -> Said:
    problem = signature.get("problem") or _of_before(signature)
    facts = {
        "signer": signature["signer"] or _("người ký không rõ tên"),
        "issuer": signature.get("issuer") or _("không rõ tên"),
        "expires": vndate(_moment(signature.get("expires"))),
    }
    if problem in _PROBLEMS:
        return Said("late" if problem in INVALID else "soon", str(_PROBLEMS[problem]) % facts)
    at = _moment(signature.get("at"))
    text = _("Chữ ký số của %(signer)s hợp lệ") % facts
    if at is not None:
        kind = _("ký lúc %(at)s") if signature.get("stamped") else _("ký lúc %(at)s theo máy người ký")
        text += ", " + kind % {"at": vndatetime(at)}
    text += "."
    if signature.get("demo"):
        text += " " + _("Chữ ký trình diễn, không có giá trị pháp lý.")
    elif signature.get("revocation") != "good":
        text += " " + _("Chưa hỏi được nơi cấp xem chứng thư có bị thu hồi không.")
    return Said("ok", text)


def _of_before(signature: dict[str, Any]) -> str:
    """The problem of a signature read when only what was found was kept."""
    if not signature["intact"]:
        return "altered" if signature["signer"] else "unreadable"
    if not signature["covers_all"]:
        return "added"
    return "" if signature["trusted"] else "unknown_issuer"


def _moment(text: str | None) -> datetime | None:
    return timezone.localtime(datetime.fromisoformat(text)) if text else None
