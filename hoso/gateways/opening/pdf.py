"""PDF: opened whole, counted, searched for what runs or hides, measured before anybody has to draw it."""

import zlib
from pathlib import Path
from typing import Any

import pikepdf

from hoso.gateways.opening.kinds import PDF, Found, Unfit

MAX_NODES = 600_000
MAX_STREAM = 100 * 1024 * 1024
MAX_STREAMS = 400 * 1024 * 1024
MAX_PICTURE = (
    600 * 1024 * 1024
)  # bytes of one picture unpacked: an A0 sheet at 300 dpi in colour, and some room
_BROKEN = (pikepdf.PdfError, pikepdf.DataDecodingError, ValueError, TypeError, RecursionError, KeyError)
_HIDDEN = {"/FileAttachment", "/RichMedia", "/3D", "/Movie", "/Sound"}

pikepdf.settings.set_qpdf_limits(
    flate_max_memory=MAX_STREAM,
    run_length_max_memory=MAX_STREAM,
    max_stream_filters=4,
    parser_max_nesting=100,
)


def look(path: Path, *, max_pages: int) -> Found:
    """Open a PDF. Raises Unfit."""
    pdf = _open(path)
    try:
        with pdf:
            if pdf.is_encrypted:
                raise Unfit("pdf_locked")
            pages = len(pdf.pages)
            if not pages:
                raise Unfit("pdf_no_pages")
            if pages > max_pages:
                raise Unfit("pdf_many_pages", pages=pages, most=max_pages)
            signed = _has_signature(pdf)
            _search(pdf, signed=signed)
    except _BROKEN as error:
        raise Unfit("pdf_broken") from error
    return Found(PDF, pages, signed)


def _open(path: Path) -> pikepdf.Pdf:
    try:
        return pikepdf.open(path, attempt_recovery=False)
    except pikepdf.PasswordError:
        raise Unfit("pdf_locked") from None
    except _BROKEN:
        pass
    # Many a program writes a wrong index, which every reader mends. Mending a file that was cut off would lose pages.
    with path.open("rb") as file:
        file.seek(max(0, path.stat().st_size - 65_536))
        if b"%%EOF" not in file.read().rstrip(b"\0\t\r\n ")[-2048:]:
            raise Unfit("pdf_cut")
    try:
        return pikepdf.open(path)
    except pikepdf.PasswordError:
        raise Unfit("pdf_locked") from None
    except _BROKEN as error:
        raise Unfit("pdf_broken") from error


def _has_signature(pdf: pikepdf.Pdf) -> bool:
    form = pdf.Root.get("/AcroForm")
    if not isinstance(form, pikepdf.Dictionary):
        return False
    if "/XFA" in form:
        raise Unfit("pdf_xfa")
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


def _search(pdf: pikepdf.Pdf, *, signed: bool) -> None:
    """Every object once: actions that run, files inside, streams that swell."""
    seen, swollen = 0, 0
    for top in pdf.objects:
        queue: list[Any] = [top]
        while queue:
            item = queue.pop()
            seen += 1
            if seen > MAX_NODES:
                raise Unfit("too_heavy")
            if isinstance(item, pikepdf.Dictionary | pikepdf.Stream):
                _refuse_active(item, signed=signed)
                if isinstance(item, pikepdf.Stream):
                    swollen += _measure(item)
                    if swollen > MAX_STREAMS:
                        raise Unfit("pdf_swollen")
                children = [value for _, value in item.items()]
            elif isinstance(item, pikepdf.Array):
                children = list(item)
            else:
                continue
            # What has a number of its own comes in its own turn.
            queue += [c for c in children if isinstance(c, pikepdf.Object) and not c.is_indirect]


def _refuse_active(item: Any, *, signed: bool) -> None:
    keys = set(item.keys())
    action = str(item.get("/S", ""))
    if "/JS" in keys or action == "/JavaScript":
        raise Unfit("pdf_signed_script" if signed else "pdf_script")
    if action == "/Launch":
        raise Unfit("pdf_launch")
    if "/EF" in keys or "/EmbeddedFiles" in keys or str(item.get("/Subtype", "")) in _HIDDEN:
        raise Unfit("pdf_embedded")


def _measure(stream: Any) -> int:
    """How many bytes a stream unpacks to; pictures are judged by the size they claim."""
    if stream.get("/Subtype") == pikepdf.Name.Image:
        width, height, bits = (
            int(stream.get(key, start))
            for key, start in (("/Width", 0), ("/Height", 0), ("/BitsPerComponent", 8))
        )
        if width * height * bits // 8 > MAX_PICTURE // 3:
            raise Unfit("pdf_swollen")
        return 0
    filters = stream.get("/Filter")
    names = [str(f) for f in filters] if isinstance(filters, pikepdf.Array) else [str(filters or "")]
    if sum(name in {"/FlateDecode", "/LZWDecode", "/RunLengthDecode"} for name in names) > 1:
        raise Unfit("pdf_swollen")  # packed twice: no honest program does so
    if names[0] != "/FlateDecode":
        return 0
    unpack, total, data = zlib.decompressobj(), 0, stream.read_raw_bytes()
    try:
        while data and not unpack.eof:
            total += len(unpack.decompress(data, 1024 * 1024))
            if total > MAX_STREAM:
                raise Unfit("pdf_swollen")
            data = unpack.unconsumed_tail
    except zlib.error:
        return total  # readers show what there is
    return total
