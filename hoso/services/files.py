"""What a file really is, judged by its content: name, type and size as sent prove nothing.

Accepted are PDF, JPEG, PNG, Word (.docx) and Excel (.xlsx). A refusal says in one sentence what to do instead.
"""

import unicodedata
import warnings
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

import pikepdf
from django.conf import settings
from PIL import Image, ImageFile, UnidentifiedImageError

from hoso.services.errors import Refused

PDF, JPEG, PNG = "application/pdf", "image/jpeg", "image/png"
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
SUFFIXES = {PDF: (".pdf",), JPEG: (".jpg", ".jpeg"), PNG: (".png",), DOCX: (".docx",), XLSX: (".xlsx",)}
#: For the `accept` attribute of a file field.
ACCEPTED = ",".join(suffix for suffixes in SUFFIXES.values() for suffix in suffixes)

MAX_PIXELS = 100_000_000  # an A3 page at 600 dpi
MAX_UNPACKED = 200 * 1024 * 1024
MAX_RATIO = 150
MAX_MEMBERS = 3000
_HEIF_BRANDS = {b"heic", b"heix", b"hevc", b"heim", b"heis", b"mif1", b"msf1", b"avif"}


@dataclass(frozen=True)
class Judged:
    """What a file is: media type, number of pages (None where the type has none), whether it carries signatures."""

    media_type: str
    pages: int | None = None
    signed: bool = False


def judge(path: Path, name: str) -> Judged:
    """Look into the bytes at `path`; `name` only serves the wording. Raises Refused with what to do."""
    with path.open("rb") as file:
        head = file.read(1024)
    for matches, look in _KINDS:
        if matches(head):
            return look(path, name)
    raise Refused(
        f"Tệp “{name}” không thuộc loại được nhận. Nộp tệp PDF, ảnh JPG hoặc PNG, hoặc tệp Word, Excel "
        "(.docx, .xlsx)."
    )


def _pdf(path: Path, name: str) -> Judged:
    try:
        with pikepdf.open(path) as pdf:
            pages = len(pdf.pages)
            signed = _has_signature(pdf)
            locked = pdf.is_encrypted
    except pikepdf.PasswordError:
        locked, pages, signed = True, 0, False
    except (pikepdf.PdfError, ValueError, TypeError, RecursionError) as error:
        raise Refused(
            f"Tệp PDF “{name}” bị hỏng, không mở được. Xuất hoặc quét lại tệp rồi nộp lại."
        ) from error
    if locked:
        raise Refused(f"Tệp PDF “{name}” đang đặt mật khẩu. Bỏ mật khẩu, lưu lại rồi nộp.")
    if not pages:
        raise Refused(f"Tệp PDF “{name}” không có trang nào. Xuất hoặc quét lại tệp rồi nộp lại.")
    if pages > settings.UPLOAD_MAX_PAGES:
        raise Refused(
            f"Tệp PDF “{name}” có {pages} trang, nhiều hơn {settings.UPLOAD_MAX_PAGES}. Chia thành nhiều tệp rồi nộp."
        )
    return Judged(PDF, pages, signed)


def _has_signature(pdf: pikepdf.Pdf) -> bool:
    form = pdf.Root.get("/AcroForm")
    if not isinstance(form, pikepdf.Dictionary):
        return False
    queue: list[Any] = list(form.get("/Fields", pikepdf.Array()))
    for _ in range(2000):  # a form with more fields than this hides nothing we need to say at once
        if not queue:
            return False
        field = queue.pop()
        if isinstance(field, pikepdf.Dictionary):
            if field.get("/FT") == pikepdf.Name.Sig and "/V" in field:
                return True
            queue += list(field.get("/Kids", pikepdf.Array()))
    return False


def _image(path: Path, name: str) -> Judged:
    # WeasyPrint, once imported, makes Pillow accept half a picture for the whole process.
    ImageFile.LOAD_TRUNCATED_IMAGES = False
    broken = f"Ảnh “{name}” bị hỏng, không mở được. Chụp hoặc quét lại rồi nộp lại."
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)  # our own limit is below
            with Image.open(path, formats=["JPEG", "PNG"]) as image:
                media_type = PNG if image.format == "PNG" else JPEG
                width, height = image.size
                if width * height > MAX_PIXELS:
                    raise Refused(
                        f"Ảnh “{name}” quá lớn ({width} × {height} điểm ảnh). Chụp lại ở độ phân giải thấp hơn."
                    )
                if media_type == JPEG:
                    image.draft("RGB", (256, 256))  # decodes small: a cut-off file shows, memory stays low
                    image.load()
                else:
                    image.verify()
    except Image.DecompressionBombError as error:
        raise Refused(f"Ảnh “{name}” quá lớn. Chụp lại ở độ phân giải thấp hơn.") from error
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError) as error:
        raise Refused(broken) from error
    return Judged(media_type, 1)


def _heif(path: Path, name: str) -> Judged:
    raise Refused(
        f"Ảnh “{name}” ở dạng HEIC của iPhone, máy tính của cơ quan không mở được. Trên điện thoại vào Cài đặt, "
        "Camera, Định dạng, chọn “Tương thích nhất” rồi chụp lại; hoặc mở ảnh và lưu thành JPG."
    )


def _office(path: Path, name: str) -> Judged:
    broken = f"Tệp “{name}” bị hỏng, không mở được. Lưu lại từ Word hoặc Excel rồi nộp lại."
    try:
        with zipfile.ZipFile(path) as archive:
            members = archive.infolist()
            unpacked = sum(member.file_size for member in members)
            packed = sum(member.compress_size for member in members) or 1
            if len(members) > MAX_MEMBERS or unpacked > MAX_UNPACKED or unpacked / packed > MAX_RATIO:
                raise Refused(f"Tệp “{name}” nén bất thường. Xuất thành PDF rồi nộp tệp PDF.")
            names = {member.filename for member in members}
            media_type = next(
                (
                    kind
                    for part, kind in (("word/document.xml", DOCX), ("xl/workbook.xml", XLSX))
                    if part in names
                ),
                None,
            )
            if media_type is None or "[Content_Types].xml" not in names:
                raise Refused(
                    f"Tệp nén “{name}” không được nhận. Giải nén, rồi nộp từng giấy tờ dưới dạng PDF, JPG, PNG, "
                    "DOCX hoặc XLSX."
                )
            kinds = archive.read("[Content_Types].xml")
            if b"macroEnabled" in kinds or any(n.lower().endswith("vbaproject.bin") for n in names):
                raise Refused(f"Tệp “{name}” có macro. Xuất thành PDF rồi nộp tệp PDF.")
            if any(member.flag_bits & 0x1 for member in members):
                raise Refused(f"Tệp “{name}” đang đặt mật khẩu. Bỏ mật khẩu, lưu lại rồi nộp.")
            if archive.testzip() is not None:
                raise Refused(broken)
    except (zipfile.BadZipFile, NotImplementedError, EOFError, OSError, RuntimeError) as error:
        raise Refused(broken) from error
    return Judged(media_type)


def _old_office(path: Path, name: str) -> Judged:
    raise Refused(
        f"Tệp “{name}” ở dạng Word, Excel cũ hoặc đang đặt mật khẩu. Mở tệp, bỏ mật khẩu nếu có, lưu thành PDF, "
        ".docx hoặc .xlsx rồi nộp."
    )


_KINDS: tuple[tuple[Callable[[bytes], bool], Callable[[Path, str], Judged]], ...] = (
    (lambda head: b"%PDF-" in head, _pdf),
    (lambda head: head.startswith((b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n")), _image),
    (lambda head: head[4:8] == b"ftyp" and head[8:12] in _HEIF_BRANDS, _heif),
    (lambda head: head.startswith(b"PK\x03\x04"), _office),
    (lambda head: head.startswith(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"), _old_office),
)


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
        stem, ending, dot = kept, suffixes[0][1:], "."
    if not dot:
        return kept[:200]
    return f"{stem[: 200 - len(ending)]}.{ending}"
