"""The rows of a report or a list as a workbook or a PDF. A file is looked into before it is offered."""

import tempfile
import threading
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import IO, Any

from django.conf import settings
from django.contrib.staticfiles import finders
from django.db.models import QuerySet
from django.template.loader import render_to_string
from django.utils import timezone
from openpyxl import Workbook, load_workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Alignment, Border, Font, Side
from openpyxl.utils import get_column_letter

from baocao.reports.base import Head, Report, grid
from hoso.models import Dossier, State

_LINE = Side(style="thin", color="FF8A8A8A")
_BOX = Border(left=_LINE, right=_LINE, top=_LINE, bottom=_LINE)
_BOLD = Font(bold=True)
_CENTRE = Alignment(horizontal="center", vertical="center", wrap_text=True)
#: The paper forms stand upright; this one table lies across, in a size at which its fifteen columns fit.
_ACROSS = "@page ngang { size: A4 landscape; margin: 12mm } .a4-ngang { page: ngang; font-size: 10pt }"
_rendering = threading.Lock()  # Pango's font map belongs to one thread at a time

LIST_HEADS = (
    "TT", "Mã hồ sơ", "Thủ tục", "Lĩnh vực", "Cơ quan giải quyết", "Tiếp nhận", "Hẹn trả", "Giải quyết xong", "Tình trạng",
)  # fmt: skip
_LIST_WIDTHS = (7, 30, 60, 28, 40, 18, 18, 18, 24)


class Broken(Exception):
    """A file that did not come out as asked; it is not offered."""


def workbook_of(report: Report) -> IO[bytes]:
    """A table as xlsx, open at its start. Broken when what was written is not what was asked for."""
    rows = grid(report)
    book = Workbook(write_only=True)
    sheet = book.create_sheet("Biểu")
    widths = [6, 34, *[13] * len(report.columns)]
    _set_widths(sheet, widths)
    sheet.page_setup.orientation, sheet.page_setup.paperSize = "landscape", "9"
    sheet.append([_cell(sheet, report.title, font=Font(bold=True, size=13))])
    for label, words in report.filters():
        sheet.append([f"{label}: {words}"])
    sheet.append([])
    top = len(report.filters()) + 3
    for line in _head_lines(report.heads, len(widths)):
        sheet.append([_cell(sheet, text, font=_BOLD, alignment=_CENTRE, border=_BOX) for text in line])
    for area in _merged(report.heads, top):
        sheet.merged_cells.add(area)
    numbers = ["(1)", "(2)", *(column.index for column in report.columns)]
    italic = Font(italic=True)
    sheet.append([_cell(sheet, text, font=italic, alignment=_CENTRE, border=_BOX) for text in numbers])
    for row in rows:
        font = _BOLD if row[0] == "" else None
        sheet.append([_cell(sheet, value, border=_BOX, font=font) for value in row])
    return _checked(book, top - 1 + len(report.heads) + 1 + len(rows))


def workbook_of_list(title: str, dossiers: QuerySet[Dossier]) -> IO[bytes]:
    """A list of dossiers as xlsx, read and written a part at a time: memory stays flat whatever its length."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet("Hồ sơ")
    _set_widths(sheet, _LIST_WIDTHS)
    sheet.freeze_panes = "A3"
    sheet.append([_cell(sheet, title, font=Font(bold=True, size=13))])
    sheet.append([_cell(sheet, text, font=_BOLD, border=_BOX) for text in LIST_HEADS])
    written = 0
    for values in list_rows(dossiers):
        written += 1
        sheet.append([written, *values])
    return _checked(book, written + 2)


def list_rows(dossiers: QuerySet[Dossier]) -> Iterator[list[Any]]:
    """What a list says of each dossier: codes, dates and agencies, nothing about people."""
    states = dict(State.choices)
    rows = dossiers.values_list(
        "code", "version__name", "field__name", "resolving_agency__name", "accepted_at", "due_at",
        "finished_at", "state",
    )  # fmt: skip
    for *texts, accepted, due, finished, state in rows.iterator(chunk_size=2000):
        moments = [
            timezone.localtime(at).replace(tzinfo=None) if at else None for at in (accepted, due, finished)
        ]
        yield [*(_plain(text) for text in texts), *moments, states[state]]


def pdf_of(report: Report, *, note: str = "") -> bytes:
    """A table as PDF, A4 across. Needs nothing from the network."""
    from weasyprint import CSS, HTML
    from weasyprint.text.fonts import FontConfiguration
    from weasyprint.urls import URLFetcher

    lines = [
        {"label": row.label, "values": row.cells(report.columns)} for row in [*report.rows(), report.total()]
    ]
    page = render_to_string(
        "baocao/print.html", {"report": report, "rows": lines[:-1], "total": lines[-1], "note": note}
    )
    found = finders.find("css/giay-to.css")
    path = str(found) if found else str(Path(settings.STATIC_ROOT) / "css" / "giay-to.css")
    fetcher = URLFetcher(allowed_protocols=["file", "data"])
    with _rendering:
        fonts = FontConfiguration()
        style = CSS(filename=path, font_config=fonts, url_fetcher=fetcher)
        across = CSS(string=_ACROSS)
        out: bytes = HTML(string=page, url_fetcher=fetcher).write_pdf(
            stylesheets=[style, across], font_config=fonts, pdf_tags=True
        )
    if not out.startswith(b"%PDF-"):
        raise Broken("Tệp PDF không đúng định dạng.")
    return out


def _head_lines(heads: Sequence[Sequence[Head]], width: int) -> Iterator[list[str]]:
    """The head as full lines of cells; places covered by a wider or taller cell stay empty."""
    for line in _places(heads):
        row = [""] * width
        for (_, column), head in line:
            row[column] = head.text
        yield row


def _places(heads: Sequence[Sequence[Head]]) -> list[list[tuple[tuple[int, int], Head]]]:
    taken: set[tuple[int, int]] = set()
    placed = []
    for at, line in enumerate(heads):
        found, column = [], 0
        for head in line:
            while (at, column) in taken:
                column += 1
            taken |= {(at + down, column + right) for down in range(head.down) for right in range(head.span)}
            found.append(((at, column), head))
        placed.append(found)
    return placed


def _merged(heads: Sequence[Sequence[Head]], top: int) -> Iterator[str]:
    for line in _places(heads):
        for (row, column), head in line:
            if head.span > 1 or head.down > 1:
                first = f"{get_column_letter(column + 1)}{top + row}"
                last = f"{get_column_letter(column + head.span)}{top + row + head.down - 1}"
                yield f"{first}:{last}"


def _set_widths(sheet: Any, widths: Iterable[int]) -> None:
    for number, width in enumerate(widths, start=1):
        sheet.column_dimensions[get_column_letter(number)].width = width


def _cell(sheet: Any, value: Any, **style: Any) -> WriteOnlyCell:
    cell = WriteOnlyCell(sheet, value=_plain(value))
    for name, given in style.items():
        if given is not None:
            setattr(cell, name, given)
    return cell


def _plain(value: Any) -> Any:
    """Text that the workbook would take for a formula is written as text."""
    return f"'{value}" if isinstance(value, str) and value.startswith("=") else value


def _checked(book: Workbook, rows: int) -> IO[bytes]:
    """Save, then open again: the archive is whole and holds as many rows as were written. Broken otherwise."""
    file = tempfile.TemporaryFile()  # noqa: SIM115 – it is handed on, and gone when it is closed
    book.save(file)
    file.seek(0)
    with zipfile.ZipFile(file) as archive:
        bad = archive.testzip()
    file.seek(0)
    again = load_workbook(file, read_only=True)
    sheet = again.worksheets[0]
    sheet.reset_dimensions()
    found = sum(1 for _ in sheet.iter_rows(values_only=True))
    again.close()
    if bad or found != rows:
        file.close()
        raise Broken(f"Tệp ghi được {found} dòng, cần {rows} dòng.")
    file.seek(0)
    return file
