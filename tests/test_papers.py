"""Every printed paper: valid HTML on the screen, the right sheet and number of pages in print."""

import io
import tomllib
from pathlib import Path
from typing import Any

import pikepdf
import pytest
import segno
from django.conf import settings
from django.template.loader import render_to_string
from weasyprint import HTML as Sheet

from tests.page import read_page

TEMPLATES = Path(settings.BASE_DIR) / "templates"
SIZES = {"A5": (148, 210), "A4": (210, 297)}  # mm
QR = segno.make("https://dichvucong.example.vn/tra-cuu/H44.20.15-261005-0027", error="m")
QR_SVG = QR.svg_inline(omitsize=True, border=2)
MANY = 30


def _examples() -> list[Any]:
    found = []
    for path in sorted(TEMPLATES.glob("*/papers/*.toml")):
        name = str(path.relative_to(TEMPLATES).with_suffix(".html"))
        for example in tomllib.loads(path.read_text())["example"]:
            facts = example["facts"] | {"qr_svg": QR_SVG}
            found.append(pytest.param(name, facts, example, id=f"{path.stem}: {example['title']}"))
    return found


EXAMPLES = _examples()


def printed(name: str, facts: dict[str, Any]) -> pikepdf.Pdf:
    """The paper as it comes from the printer."""
    html = render_to_string(name, {"facts": facts, "pdf": True})
    return pikepdf.open(io.BytesIO(Sheet(string=html, base_url=f"{settings.BASE_DIR}/static/").write_pdf()))


@pytest.mark.parametrize(("name", "facts", "example"), EXAMPLES)
def test_paper_is_a_valid_page(name: str, facts: dict[str, Any], example: dict[str, Any]) -> None:
    for pdf in (False, True):
        read_page(render_to_string(name, {"facts": facts, "pdf": pdf, "back_url": "/"}), name)


@pytest.mark.parametrize(("name", "facts", "example"), EXAMPLES)
def test_paper_fits_its_sheet(name: str, facts: dict[str, Any], example: dict[str, Any]) -> None:
    pdf = printed(name, facts)
    assert len(pdf.pages) == example["pages"]
    for page in pdf.pages:
        millimetres = tuple(round(float(side) / 72 * 25.4) for side in page.mediabox[2:])
        assert millimetres == SIZES[example["size"]]
    fonts = {str(font.BaseFont) for page in pdf.pages for font in page.resources.Font.values()}
    assert all("Tinos" in font for font in fonts), f"phông chữ khác: {fonts}"


@pytest.mark.parametrize(
    ("name", "facts", "example"), [example for example in EXAMPLES if "repeat" in example.values[2]]
)
def test_long_paper_flows_on(name: str, facts: dict[str, Any], example: dict[str, Any]) -> None:
    rows = facts[example["repeat"]]
    long = facts | {example["repeat"]: [rows[number % len(rows)] for number in range(MANY)]}
    assert 1 < len(printed(name, long).pages) <= (3 if example["size"] == "A5" else 4)


def test_every_paper_has_examples() -> None:
    papers = {path.stem for path in TEMPLATES.glob("*/papers/*.html")} - {"consignment_copy"}
    assert papers == {path.stem for path in TEMPLATES.glob("*/papers/*.toml")}
