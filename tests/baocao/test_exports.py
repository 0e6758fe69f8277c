"""What leaves as a file holds the same rows as the page, and is looked into before it is offered."""

from io import BytesIO

import pytest
from openpyxl import Workbook, load_workbook
from pikepdf import Pdf

from baocao import exports
from baocao.reports.base import grid
from baocao.reports.layouts import LAYOUTS
from tests.baocao.conftest import Book
from tests.factories import World, moment

NOW = moment("2026-11-24 08:00")


def filled(book: Book) -> None:
    for day in range(1, 8):
        book.write(moment(f"2026-10-{day:02d} 08:00"), moment("2026-10-12 17:00"))


def test_the_workbook_holds_the_rows_of_the_table(book: Book) -> None:
    filled(book)
    report = book.table("2026-10", NOW)
    with exports.workbook_of(report) as file:
        sheet = load_workbook(file).worksheets[0]
    lines = list(sheet.iter_rows(values_only=True))
    body = [[("" if value is None else value) for value in line] for line in lines[-len(grid(report)) :]]
    assert body == grid(report)
    assert lines[0][0] == report.title
    assert "tháng 10/2026" in str(lines[1][0])
    assert sheet.page_setup.orientation == "landscape"
    assert {str(area) for area in sheet.merged_cells.ranges} >= {"A5:A7", "C5:H5", "D6:G6"}


def test_a_list_holds_every_dossier_and_nobody_s_name(book: Book) -> None:
    filled(book)
    report = book.table("2026-10", NOW)
    listed = report.listed(report.columns[0])
    with exports.workbook_of_list("Hồ sơ", listed) as file:
        lines = list(load_workbook(file).worksheets[0].iter_rows(values_only=True))
    assert lines[1] == exports.LIST_HEADS
    assert [line[1] for line in lines[2:]] == [dossier.code for dossier in listed]
    assert f"{lines[2][5]:%d/%m/%Y %H:%M}" == "01/10/2026 08:00"


def test_text_never_becomes_a_formula(book: Book, w: World) -> None:
    filled(book)
    type(w.commune).objects.filter(pk=w.commune.pk).update(name="=1+1")
    report = book.table("2026-10", NOW)
    with exports.workbook_of_list("Hồ sơ", report.listed(report.columns[0])) as file:
        cell = load_workbook(file).worksheets[0]["E3"]
    assert (cell.value, cell.data_type) == ("'=1+1", "s")


def test_a_file_with_too_few_rows_is_not_offered() -> None:
    book = Workbook(write_only=True)
    book.create_sheet("Biểu").append(["một dòng"])
    with pytest.raises(exports.Broken):
        exports._checked(book, 2)


def test_the_paper_lies_across(book: Book) -> None:
    filled(book)
    out = exports.pdf_of(book.table("2026-10", NOW), note="Số liệu thử.")
    assert out.startswith(b"%PDF-")
    with Pdf.open(BytesIO(out)) as pdf:
        box = pdf.pages[0].mediabox
        assert float(box[2]) > float(box[3])


@pytest.mark.parametrize("layout", LAYOUTS.values(), ids=LAYOUTS)
def test_every_head_covers_every_column(layout: object) -> None:
    """Each place of the head is covered once: no column stands under another's words."""
    heads, width = layout.heads, len(layout.columns) + 2  # type: ignore[attr-defined]
    covered = [
        (row + down, column + right)
        for line in exports._places(heads)
        for (row, column), head in line
        for down in range(head.down)
        for right in range(head.span)
    ]
    assert sorted(covered) == [(row, column) for row in range(len(heads)) for column in range(width)]
