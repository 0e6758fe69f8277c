"""What kinds of file are taken, what is said of one that is not, and what a file may be called.

What a file really is, its content says (`hoso.gateways.opening`); name, type and size as sent prove nothing.
"""

import unicodedata
from pathlib import PurePosixPath
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from hoso.gateways.opening.kinds import DOCX, HEIF, JPEG, PDF, PICTURES, PNG, WEBP, XLSX, Unfit
from hoso.services.errors import Refused

__all__ = ["ACCEPTED", "DOCX", "JPEG", "PDF", "PICTURES", "PNG", "SUFFIXES", "XLSX", "clean_name", "refusal"]

SUFFIXES = {
    PDF: (".pdf",),
    JPEG: (".jpg", ".jpeg"),
    PNG: (".png",),
    WEBP: (".webp",),
    HEIF: (".heic", ".heif"),
    DOCX: (".docx",),
    XLSX: (".xlsx",),
}
#: For the `accept` attribute of a file field. `image/*` makes a phone offer its camera.
ACCEPTED = ",".join(["image/*", *(s for suffixes in SUFFIXES.values() for s in suffixes)])

_WORDS: dict[str, Promise] = {
    "empty": _("Tệp “%(name)s” không có nội dung. Chọn lại tệp."),
    "too_large": _(
        "Tệp “%(name)s” lớn hơn %(limit)s MB. Chụp lại ở độ phân giải thấp hơn hoặc chia thành nhiều tệp."
    ),
    "kind": _(
        "Tệp “%(name)s” không thuộc loại được nhận. Nộp tệp PDF, ảnh chụp (JPG, PNG, HEIC, WebP), hoặc tệp Word, "
        "Excel (.docx, .xlsx)."
    ),
    "too_heavy": _(
        "Tệp “%(name)s” quá phức tạp, máy chủ không mở được trong giới hạn an toàn. In hoặc chụp lại thành tệp PDF "
        "đơn giản hơn rồi nộp lại."
    ),
    "damaged_on_the_way": _(
        "Tệp “%(name)s” đến nơi không giống tệp đã gửi. Chọn lại tệp và tải lên lần nữa."
    ),
    "pdf_broken": _("Tệp PDF “%(name)s” bị hỏng, không mở được. Xuất hoặc quét lại tệp rồi nộp lại."),
    "pdf_cut": _(
        "Tệp PDF “%(name)s” bị hỏng: thiếu phần cuối. Tải lại tệp từ nơi lưu gốc, hoặc quét lại, rồi nộp lại."
    ),
    "pdf_locked": _("Tệp PDF “%(name)s” đang đặt mật khẩu. Bỏ mật khẩu, lưu lại rồi nộp."),
    "pdf_no_pages": _("Tệp PDF “%(name)s” không có trang nào. Xuất hoặc quét lại tệp rồi nộp lại."),
    "pdf_many_pages": _(
        "Tệp PDF “%(name)s” có %(pages)s trang, nhiều hơn %(most)s. Chia thành nhiều tệp rồi nộp."
    ),
    "pdf_xfa": _(
        "Tệp PDF “%(name)s” là biểu mẫu động (XFA), nhiều máy không đọc được. Mở tệp, chọn In, in ra PDF rồi nộp "
        "tệp PDF mới."
    ),
    "pdf_script": _(
        "Tệp PDF “%(name)s” có chứa mã lệnh tự chạy. Mở tệp, chọn In, in ra PDF rồi nộp tệp PDF mới."
    ),
    "pdf_signed_script": _(
        "Tệp PDF “%(name)s” có chữ ký số nhưng chứa mã lệnh tự chạy. Đề nghị nơi cấp gửi lại bản không có mã lệnh, "
        "hoặc nộp bản quét từ bản giấy."
    ),
    "pdf_launch": _(
        "Tệp PDF “%(name)s” có lệnh mở chương trình khác. Mở tệp, chọn In, in ra PDF rồi nộp tệp PDF mới."
    ),
    "pdf_embedded": _(
        "Tệp PDF “%(name)s” có tệp khác hoặc phim, âm thanh đính bên trong. Lấy tệp đính kèm ra nộp riêng; in tệp này "
        "ra PDF rồi nộp tệp PDF mới."
    ),
    "pdf_swollen": _("Tệp PDF “%(name)s” nén bất thường. Mở tệp, chọn In, in ra PDF rồi nộp tệp PDF mới."),
    "picture_broken": _("Ảnh “%(name)s” bị hỏng, không mở được. Chụp hoặc quét lại rồi nộp lại."),
    "picture_huge": _(
        "Ảnh “%(name)s” quá lớn (%(width)s × %(height)s điểm ảnh). Chụp lại ở độ phân giải thấp hơn."
    ),
    "not_a_picture": _(
        "Tệp “%(name)s” không phải là ảnh nên không thêm vào trang được. Tải lên thành một tệp riêng."
    ),
    "office_broken": _("Tệp “%(name)s” bị hỏng, không mở được. Lưu lại từ Word hoặc Excel rồi nộp lại."),
    "office_swollen": _("Tệp “%(name)s” nén bất thường. Xuất thành PDF rồi nộp tệp PDF."),
    "office_locked": _("Tệp “%(name)s” đang đặt mật khẩu. Bỏ mật khẩu, lưu lại rồi nộp."),
    "office_macro": _("Tệp “%(name)s” có macro. Xuất thành PDF rồi nộp tệp PDF."),
    "office_embedded": _(
        "Tệp “%(name)s” có tệp khác đính bên trong. Nộp tệp đính kèm riêng; xuất tệp này thành PDF rồi nộp."
    ),
    "old_office": _(
        "Tệp “%(name)s” ở dạng Word, Excel cũ hoặc đang đặt mật khẩu. Mở tệp, bỏ mật khẩu nếu có, lưu thành PDF, "
        ".docx hoặc .xlsx rồi nộp."
    ),
    "archive": _(
        "Tệp nén “%(name)s” không được nhận. Giải nén, rồi nộp từng giấy tờ dưới dạng PDF, JPG, PNG, DOCX hoặc XLSX."
    ),
    "store_full": _(
        "Máy chủ tạm hết chỗ lưu tệp. Giấy tờ đã nộp vẫn còn; hãy thử lại sau ít phút hoặc gọi đường dây hỗ trợ."
    ),
}


def refusal(code: str, name: str, **facts: Any) -> Refused:
    """What is wrong with a file and what to do instead, in one or two sentences."""
    return Refused(str(_WORDS[code]), name=name, **facts)


def refusal_of(unfit: Unfit, name: str) -> Refused:
    """The same for what the opening of a file said."""
    return refusal(unfit.code, name, **unfit.facts)


def clean_name(name: str, media_type: str = "") -> str:
    """A file name fit to be shown and saved: NFC, no folders, no control or direction-changing characters.

    When `media_type` is known the ending says what the file is, whatever it was called.
    """
    bare = PurePosixPath(unicodedata.normalize("NFC", name).replace("\\", "/")).name
    kept = "".join(
        c for c in bare if unicodedata.category(c) not in {"Cc", "Cf", "Co", "Cs", "Cn", "Zl", "Zp"}
    )
    kept = " ".join(kept.split()).strip(". ") or "tep"
    stem, dot, ending = kept.rpartition(".")
    suffixes = SUFFIXES.get(media_type, ())
    if suffixes and f".{ending.lower()}" not in suffixes:
        # A picture made anew loses the ending of what it was; any other wrong ending is the person's own word.
        if not (media_type == JPEG and f".{ending.lower()}" in (*SUFFIXES[HEIF], *SUFFIXES[WEBP], ".png")):
            stem = kept
        ending, dot = suffixes[0][1:], "."
    if not dot:
        return kept[:200]
    return f"{stem[: 200 - len(ending)]}.{ending}"
