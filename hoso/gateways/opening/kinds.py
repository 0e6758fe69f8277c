"""What a file can be, and the one way to say that it cannot be taken."""

from dataclasses import dataclass, field
from typing import Any

PDF, JPEG, PNG = "application/pdf", "image/jpeg", "image/png"
WEBP, HEIF = "image/webp", "image/heif"
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
PICTURES = frozenset({JPEG, PNG, WEBP, HEIF})
_HEIF_BRANDS = {b"heic", b"heix", b"hevc", b"hevx", b"heim", b"heis", b"mif1", b"msf1", b"avif"}


class Unfit(Exception):
    """The file cannot be taken: a code, and what the sentence about it needs."""

    def __init__(self, code: str, **facts: Any) -> None:
        self.code, self.facts = code, facts
        super().__init__(code)


@dataclass
class Found:
    """What a file turned out to be. `remade`: the bytes to keep are new ones; `notes`: codes of what to look at."""

    media_type: str
    pages: int | None = None
    signed: bool = False
    remade: bool = False
    notes: list[str] = field(default_factory=list)


def sniff(head: bytes) -> str:
    """The kind the first bytes promise: a media type, "old-office", "zip" or nothing."""
    start = head.find(b"%PDF-")
    # Readers allow rubbish before the mark; a web page before it is another file in disguise.
    if start >= 0 and b"<" not in head[:start]:
        return PDF
    if head.startswith(b"\xff\xd8\xff"):
        return JPEG
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return PNG
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return WEBP
    if head[4:8] == b"ftyp" and head[8:12] in _HEIF_BRANDS:
        return HEIF
    if head.startswith(b"PK\x03\x04"):
        return "zip"
    if head.startswith(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"):
        return "old-office"
    return ""
