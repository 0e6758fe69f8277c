"""Word and Excel of today (a zip of XML), without macros, nothing packed absurdly."""

import lzma
import zipfile
import zlib
from pathlib import Path

from hoso.gateways.opening.kinds import DOCX, XLSX, Found, Unfit

MAX_UNPACKED = 200 * 1024 * 1024
MAX_RATIO = 150
MAX_MEMBERS = 3000
_BROKEN = (
    zipfile.BadZipFile, zlib.error, lzma.LZMAError, NotImplementedError, EOFError, OSError, RuntimeError, ValueError,
)  # fmt: skip
_PARTS = (("word/document.xml", DOCX), ("xl/workbook.xml", XLSX))


def look(path: Path) -> Found:
    """Open a zip that should be a document. Raises Unfit."""
    try:
        with zipfile.ZipFile(path) as archive:
            return Found(_judge(archive))
    except _BROKEN as error:
        raise Unfit("office_broken") from error


def _judge(archive: zipfile.ZipFile) -> str:
    members = archive.infolist()
    unpacked = sum(member.file_size for member in members)
    packed = sum(member.compress_size for member in members) or 1
    if len(members) > MAX_MEMBERS or unpacked > MAX_UNPACKED or unpacked / packed > MAX_RATIO:
        raise Unfit("office_swollen")
    names = {member.filename for member in members}
    media_type = next((kind for part, kind in _PARTS if part in names), None)
    if media_type is None or "[Content_Types].xml" not in names:
        raise Unfit("archive")
    if any(member.flag_bits & 0x1 for member in members):
        raise Unfit("office_locked")
    kinds = archive.read("[Content_Types].xml")
    lowered = [name.lower() for name in names]
    if b"macroEnabled" in kinds or any(name.endswith("vbaproject.bin") for name in lowered):
        raise Unfit("office_macro")
    if any("/embeddings/" in name or "/activex/" in name for name in lowered):
        raise Unfit("office_embedded")
    if archive.testzip() is not None:  # reads every part once, a piece at a time
        raise Unfit("office_broken")
    return media_type
