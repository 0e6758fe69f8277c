"""Folding, names and search expressions."""

import json
import unicodedata
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from danhmuc.text import calm, fold, given_name_key, nfc, prefix_query, within_address

CASES = json.loads((Path(__file__).parent / "vi_text_cases.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("case", CASES["fold"], ids=lambda case: case["in"])
def test_folding(case: dict[str, str]) -> None:
    # The list keeps hyphens; our key parts words by them, so that codes typed either way meet.
    assert fold(case["in"]) == case["out"].replace("-", " ")


@given(st.text())
def test_folding_is_stable_and_blind_to_normal_forms(text: str) -> None:
    once = fold(text)
    assert fold(once) == once
    assert fold(unicodedata.normalize("NFD", text)) == fold(unicodedata.normalize("NFC", text))
    assert prefix_query(text) == prefix_query(once)


def test_people_are_sorted_by_given_name() -> None:
    names = ["Nguyễn Văn Ước", "Trần Thị An", "Lê Đức Bình", "Đỗ An"]
    assert sorted(names, key=given_name_key) == ["Đỗ An", "Trần Thị An", "Lê Đức Bình", "Nguyễn Văn Ước"]


def test_search_expressions() -> None:
    assert prefix_query("Đăng ký  khai-sinh") == "'dang' & 'ky':* & 'khai' & 'sinh':*"
    assert prefix_query("ng t hươ 0251") == "'ng':* & 't':* & 'huo' & '0251':*"
    assert prefix_query("0251 phùng tr.") == "'0251':* & 'phung' & 'tr':*"
    assert prefix_query("2.000815") == "'2.000815':*"
    assert prefix_query("'; -- !!") == ""
    assert prefix_query("a " * 50).count("&") == 7
    assert nfc("  Hòa\tBình ") == "Hòa Bình"


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("THỦ TỤC THÀNH LẬP HỘI (CẤP TỈNH).", "Thủ tục thành lập hội (cấp tỉnh)"),
        ("MỜI NGƯỜI NƯỚC NGOÀI VÀO VIỆT NAM", "Mời người nước ngoài vào Việt Nam"),
        ("Cấp Giấy phép xây dựng nhà ở.", "Cấp Giấy phép xây dựng nhà ở."),
        ("", ""),
    ],
)
def test_names_do_not_shout(written: str, read: str) -> None:
    assert calm(written) == read


def test_units_are_written_small_within_an_address() -> None:
    assert within_address("Phường Dữu Lâu, Thành phố Việt Trì, Tỉnh Phú Thọ") == (
        "phường Dữu Lâu, thành phố Việt Trì, tỉnh Phú Thọ"
    )
    assert within_address("Xã Tân Xã") == "xã Tân Xã"
    assert within_address("Lào") == "Lào"
