"""How a stored file is sent to a browser: as what it is, under its Vietnamese name, able to do nothing else."""

from typing import BinaryIO
from urllib.parse import quote

from django.http import FileResponse

from danhmuc.text import fold
from hoso.models import StoredFile
from hoso.services import files

_SHOWN = frozenset({files.PDF, files.JPEG, files.PNG})
_NOTHING = "default-src 'none'; frame-ancestors 'self'; sandbox"
# Some browsers do not start their PDF viewer in a sandbox; the viewer runs nothing in the name of this site anyway.
_VIEWER = "default-src 'none'; object-src 'self'; style-src 'unsafe-inline'; frame-ancestors 'self'"


def respond(document: StoredFile, file: BinaryIO, *, as_download: bool = False) -> FileResponse:
    """Stream a document. PDF and pictures show in the page, everything else is saved, nothing is guessed or cached."""
    shown = document.media_type in _SHOWN and not as_download
    response = FileResponse(file, content_type=document.media_type)
    response.headers["Content-Length"] = str(document.size)
    response.headers["Content-Disposition"] = content_disposition(document.name, inline=shown)
    response.headers["Content-Security-Policy"] = _VIEWER if document.media_type == files.PDF else _NOTHING
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Cache-Control"] = "private, no-store"
    return response


def content_disposition(name: str, *, inline: bool) -> str:
    """RFC 6266: a plain name for old programs and the Vietnamese one in UTF-8 (RFC 5987)."""
    stem, dot, ending = name.rpartition(".")
    plain = fold(stem if dot else name).replace(" ", "-") or "tep"
    safe_ending = "".join(c for c in ending if c.isascii() and c.isalnum())
    ascii_name = f"{plain}.{safe_ending}" if dot and safe_ending else plain
    kind = "inline" if inline else "attachment"
    return f"{kind}; filename=\"{ascii_name}\"; filename*=UTF-8''{quote(name, safe='')}"
