"""What people type into each kind of box: what is kept of it, or the exact words that say what to do.

Whatever is refused is shown again as it was typed.
"""

import unicodedata
from typing import Any

import pytest
from django.utils import translation
from django.utils.html import escape
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from config import ui
from danhmuc.models import Place, ProcedureVersion
from hoso.forms.declaration import SectionForm
from hoso.services.answers import Spec
from tests.factories import World

NBSP, ZERO_WIDTH, BOM = "\u00a0", "\u200b", "\ufeff"
FAMILY = "👨\u200d👩\u200d👧"
PHONE_WRONG = "Số điện thoại chưa đúng; ví dụ đúng: 0912 345 678 hoặc 0210 222 2555."
ID_WRONG = "Số định danh cá nhân gồm đúng 12 chữ số, ví dụ 025186004317."
TAX_WRONG = "Mã số thuế gồm 10 chữ số, hoặc 10 chữ số và 3 số của chi nhánh, hoặc số định danh 12 số."
ADDRESS_200 = "Số 12, ngõ 34/56, đường Nguyễn Tất Thành, " * 5


def nfd(text: str) -> str:
    return unicodedata.normalize("NFD", text)


def asked(spec: Spec, sent: dict[str, Any] | None, **more: Any) -> SectionForm:
    """The question under the key "x", answered."""
    field = {"key": "x", "label": "Ô này", "required": True, **spec}
    version = ProcedureVersion(eform={"title": "Đơn", "sections": [{"title": "Thử", "fields": [field]}]})
    return SectionForm(version, 1, {}, data=sent, **more)


def plain(*rows: tuple[Spec, str, Any]) -> list[Any]:
    """Rows of boxes with one name."""
    return [
        pytest.param(spec, {"x": typed}, kept, id=f"{spec['type']}:{typed[:24]!a}")
        for spec, typed, kept in rows
    ]


def dates(*rows: tuple[Spec, tuple[str, str, str], Any]) -> list[Any]:
    """Rows of the three boxes of a date."""
    return [
        pytest.param(spec, dict(zip(("x_d", "x_m", "x_y"), typed, strict=True)), kept, id=f"date:{typed!a}")
        for spec, typed, kept in rows
    ]


TEXT, LONG = {"type": "text"}, {"type": "longtext"}
NAME = {"type": "text", "label": "Họ, chữ đệm, tên"}
NUMBER, MONEY, YEAR = {"type": "integer"}, {"type": "money"}, {"type": "year"}
AREA = {"type": "text", "rules": {"format": "decimal", "scale": 1}}
MONTH = {"type": "text", "rules": {"format": "month", "regex": r"^(0[1-9]|1[0-2])/[12]\d{3}$"}}
DATE, PARTIAL = {"type": "date"}, {"type": "date", "rules": {"allow_partial": True}}
PERSON, OLD = {"type": "person_id"}, {"type": "person_id", "rules": {"regex": r"^(\d{9}|\d{12})$"}}
TAX, PHONE, EMAIL = {"type": "tax_code"}, {"type": "phone"}, {"type": "email"}
PASSPORT, YESNO, COUNTRY = {"type": "passport"}, {"type": "yesno"}, {"type": "nationality"}
CHOICE = {"type": "choice", "choices": [{"value": "a", "label": "A"}, {"value": "b", "label": "B"}]}
MANY = {**CHOICE, "type": "multichoice"}


@pytest.mark.parametrize(
    ("spec", "sent", "kept"),
    [
        *plain(
            (TEXT, "  Nguyễn   Văn\tA ", "Nguyễn Văn A"),
            (TEXT, f"Hòa{NBSP}Bình{ZERO_WIDTH}{BOM}", "Hòa Bình"),
            (TEXT, nfd("Đặng Thị Thúy Hường"), "Đặng Thị Thúy Hường"),
            (TEXT, f"Tạp hóa {FAMILY}", f"Tạp hóa {FAMILY}"),
            (TEXT, "<b>Ô & Ê</b>", "<b>Ô & Ê</b>"),
            (LONG, "Dòng một \r\n\r\n dòng  hai 🙂", "Dòng một\n\ndòng hai 🙂"),
            (NAME, "Y", "Y"),
            (NAME, "H'Hen Niê", "H'Hen Niê"),
            (NAME, "K’Sor Phước", "K’Sor Phước"),
            (NAME, "Nguyễn-Phúc Bảo Đại", "Nguyễn-Phúc Bảo Đại"),
            (NAME, "Lê Văn A (tức Nam)", "Lê Văn A (tức Nam)"),
            (NAME, nfd("Trần Thị Mỵ"), "Trần Thị Mỵ"),
            (NAME, "François D’Arc, Jr.", "François D’Arc, Jr."),
            (NAME, "សុខ", "សុខ"),
            (NUMBER, "1.200", 1200),
            (NUMBER, f"1{NBSP}200 ", 1200),
            (NUMBER, "１２", 12),
            (NUMBER, "007", 7),
            (AREA, "1.120,5", "1120.5"),
            (AREA, " 120,0 ", "120"),
            (AREA, "１２０，５", "120.5"),
            (MONTH, "09/2026", "09/2026"),
            (YEAR, " 1986 ", 1986),
            (YEAR, "１９８６", 1986),
            (MONEY, "80000000", 80_000_000),
            (MONEY, "80.000.000", 80_000_000),
            (MONEY, "80,000,000", 80_000_000),
            (MONEY, f"80{NBSP}000{NBSP}000 đ", 80_000_000),
            (MONEY, "80.000.000 VNĐ", 80_000_000),
            (MONEY, "８０.０００", 80_000),
            (MONEY, "0", 0),
            (PERSON, "025186004317", "025186004317"),
            (PERSON, f"025{NBSP}186{NBSP}004{NBSP}317{ZERO_WIDTH}", "025186004317"),
            (PERSON, "025.186.004.317", "025186004317"),
            (PERSON, "０２５１８６００４３１７", "025186004317"),
            (OLD, "131 234 567", "131234567"),
            (OLD, "025186004317", "025186004317"),
            (TAX, "0100233488", "0100233488"),
            (TAX, "0100233488001", "0100233488-001"),
            (TAX, "0100233488 - 001", "0100233488-001"),
            (TAX, "025186004317", "025186004317"),
            (PHONE, "0912345678", "+84912345678"),
            (PHONE, "+84 912 345 678", "+84912345678"),
            (PHONE, "(+84) 912.345.678", "+84912345678"),
            (PHONE, "0084-912-345-678", "+84912345678"),
            (PHONE, f"０９１２{NBSP}３４５{NBSP}６７８", "+84912345678"),
            (PHONE, "(0210) 222 2555", "+842102222555"),
            (EMAIL, f" An.Nguyen@Example.VN{ZERO_WIDTH}", "An.Nguyen@example.vn"),
            (EMAIL, "an＠example．vn", "an@example.vn"),
            (PASSPORT, "b 1234567", "B1234567"),
            (PASSPORT, "123/GXN-ĐC", "123/GXN-ĐC"),
            (CHOICE, "a", "a"),
            (YESNO, "True", True),
            (YESNO, "False", False),
            (COUNTRY, "VN", "VN"),
            ({"type": "ethnicity"}, "02", "02"),
        ),
        pytest.param(MANY, {"x": ["a", "b"]}, ["a", "b"], id="multichoice"),
        *dates(
            (DATE, ("01", "01", "1970"), "1970-01-01"),
            (DATE, (" 1 ", "1", f"1970{NBSP}"), "1970-01-01"),
            (DATE, ("01/01/1970 ", "", ""), "1970-01-01"),
            (DATE, ("01-01-1970", "", ""), "1970-01-01"),
            (DATE, ("1.1.1970", "", ""), "1970-01-01"),
            (DATE, ("01011970", "", ""), "1970-01-01"),
            (DATE, ("1970-01-01", "", ""), "1970-01-01"),
            (DATE, ("０１", "０１", "１９７０"), "1970-01-01"),
            (DATE, ("29", "2", "2024"), "2024-02-29"),
            (PARTIAL, ("", "", "1960"), "1960"),
            (PARTIAL, ("", "5", "1960"), "1960-05"),
            (PARTIAL, ("5/1960", "", ""), "1960-05"),
            (PARTIAL, ("1960", "", ""), "1960"),
            (PARTIAL, ("4", "5", "1960"), "1960-05-04"),
        ),
    ],
)  # fmt: skip
def test_what_is_right_is_kept_in_one_form(spec: Spec, sent: dict[str, Any], kept: Any) -> None:
    form = asked(spec, sent)
    assert form.is_valid(), form.errors
    assert form.values == {"x": kept}


@pytest.mark.parametrize(
    ("spec", "sent", "told"),
    [
        *plain(
            (TEXT, "", "Nhập ô này"),
            (TEXT, f"{NBSP}{ZERO_WIDTH} ", "Nhập ô này"),
            (TEXT, "x" * 501, "Ô này dài nhất 500 ký tự, đang có 501"),
            (TEXT, "a\x00b\x07", "Ô này có 2 ký tự không đọc được, xóa đi rồi gõ lại chỗ đó"),
            (LONG, "y" * 5001, "Ô này dài nhất 5000 ký tự, đang có 5001"),
            (NAME, "Nguyễn Văn A1", "Họ, chữ đệm, tên chỉ gồm chữ cái, xóa ký tự “1”"),
            (NAME, "Hương 🌸", "Họ, chữ đệm, tên chỉ gồm chữ cái, xóa ký tự “🌸”"),
            (NAME, "an@example.vn", "Họ, chữ đệm, tên chỉ gồm chữ cái, xóa ký tự “@”"),
            (NUMBER, "hai", "Ô này phải là số nguyên, ví dụ 2"),
            (NUMBER, "2,5", "Ô này phải là số nguyên, ví dụ 2"),
            (NUMBER, "1e6", "Ô này phải là số nguyên, ví dụ 2"),
            (NUMBER, "1" * 16, "Ô này phải là số nguyên, ví dụ 2"),
            ({"type": "integer", "rules": {"min": 1}}, "0", "Ô này phải từ 1 trở lên"),
            ({"type": "integer", "rules": {"max": 20}}, "21", "Ô này không quá 20"),
            (AREA, "một trăm", "Ô này phải là số, ví dụ 120,5"),
            (AREA, "120,55", "Ô này có nhiều nhất 1 chữ số sau dấu phẩy"),
            (AREA, "NaN", "Ô này phải là số, ví dụ 120,5"),
            (MONTH, "13/2026", "Ô này ghi tháng và năm, ví dụ 09/2026"),
            (YEAR, "86", "Ô này phải là năm có 4 chữ số, ví dụ 1986"),
            (YEAR, "năm 1986", "Ô này phải là năm có 4 chữ số, ví dụ 1986"),
            (YEAR, "0986", "Ô này phải là năm có 4 chữ số, ví dụ 1986"),
            (MONEY, "tám mươi triệu", "Ô này phải là số tiền tròn đồng, ví dụ 80.000.000"),
            (MONEY, "80 triệu", "Ô này phải ghi bằng số: “80 triệu” ghi là 80.000.000"),
            (MONEY, "500k", "Ô này phải ghi bằng số: “500k” ghi là 500.000"),
            (MONEY, "80,000", "Ô này phải là số tiền tròn đồng, ví dụ 80.000.000"),
            (MONEY, "80.00", "Ô này phải là số tiền tròn đồng, ví dụ 80.000.000"),
            (MONEY, "-5", "Ô này không được dưới 0 đồng"),
            (MONEY, "9" * 17, "Ô này quá lớn, kiểm tra lại số tiền"),
            (MONEY, "²", "Ô này phải là số tiền tròn đồng, ví dụ 80.000.000"),
            (PERSON, "02518600431", ID_WRONG),
            (PERSON, "0251860043170", ID_WRONG),
            (PERSON, "O25186OO4317", ID_WRONG),
            (PERSON, "131234567", ID_WRONG),
            (PERSON, "000186004317",
             "Ba số đầu của số định danh là mã nơi đăng ký khai sinh, không thể là 000."),
            (OLD, "13123456", ID_WRONG),
            (TAX, "0100233489", "Mã số thuế sai chữ số kiểm tra; hãy xem lại từng số."),
            (TAX, "0100233488-000", "Số chi nhánh trong mã số thuế phải từ 001 đến 999."),
            (TAX, "010023348", TAX_WRONG),
            (TAX, "MST 0100233488", TAX_WRONG),
            (PHONE, "12345", PHONE_WRONG),
            (PHONE, "0112345678", PHONE_WRONG),
            (PHONE, "+1 202 555 0100", PHONE_WRONG),
            (PHONE, "không có", PHONE_WRONG),
            (EMAIL, "thanhhuong", "Thư điện tử phải có dạng ten@tenmien.vn"),
            (EMAIL, "Hương <huong@example.vn>", "Thư điện tử phải có dạng ten@tenmien.vn"),
            (EMAIL, "hương@example.vn", "Thư điện tử phải có dạng ten@tenmien.vn"),
            (PASSPORT, "B1234567 #2", "Số giấy tờ chỉ gồm chữ cái, chữ số và các dấu . / -"),
            (CHOICE, "", "Chọn ô này"),
            (CHOICE, "z", "Chọn ô này"),
            (YESNO, "", "Chọn ô này"),
            (COUNTRY, "XX", "Chọn ô này"),
        ),
        pytest.param(MANY, {}, "Chọn ô này", id="multichoice:none"),
        pytest.param(MANY, {"x": ["a", "z"]}, "Chọn ô này", id="multichoice:other"),
        *dates(
            (DATE, ("", "", ""), "Nhập ô này"),
            (DATE, ("31", "02", "2020"), "Ô này: không có ngày 31/02/2020, kiểm tra lại ngày và tháng"),
            (DATE, ("29", "2", "2023"), "Ô này: không có ngày 29/02/2023, kiểm tra lại ngày và tháng"),
            (DATE, ("1", "1", "70"), "Ô này: năm phải có đủ 4 chữ số, ví dụ 1986"),
            (DATE, ("1/1/70", "", ""), "Ô này: năm phải có đủ 4 chữ số, ví dụ 1986"),
            (DATE, ("", "", "1970"), "Ô này còn thiếu ngày, tháng, ghi đủ như ví dụ 15 09 1986"),
            (DATE, ("15", "9", ""), "Ô này còn thiếu năm, ghi đủ như ví dụ 15 09 1986"),
            (DATE, ("mồng một", "", ""), "Ô này phải có đủ ngày, tháng và năm 4 chữ số, ví dụ 15 09 1986"),
            (DATE, ("1", "1", "1020"), "Ô này: kiểm tra lại năm 1020"),
            (PARTIAL, ("", "13", "1960"), "Ô này: kiểm tra lại tháng và năm"),
            (PARTIAL, ("4", "", "1960"), "Ô này còn thiếu tháng, ghi đủ như ví dụ 15 09 1986"),
            ({"type": "date", "rules": {"past": True}}, ("1", "1", "2100"), "Ô này phải là ngày trong quá khứ"),
            ({"type": "date", "rules": {"min_age": 18}}, ("1", "1", "2020"),
             "Ô này: người này phải đủ 18 tuổi tính đến hôm nay"),
        ),
    ],
)  # fmt: skip
def test_what_is_wrong_is_told_what_to_do_and_shown_again(
    spec: Spec, sent: dict[str, Any], told: str
) -> None:
    form = asked(spec, sent)
    assert not form.is_valid()
    assert ui.field_errors(form["x"]) == [told]
    assert form.values == {}
    shown = str(form["x"])
    for typed in sent.values():
        if isinstance(typed, str) and "\x00" not in typed and spec not in (CHOICE, YESNO, COUNTRY):
            # A date in one box is dealt out to the three.
            parts = typed.split("/") if "x_d" in sent else [typed.strip()]
            assert all(escape(part) in shown for part in parts)


# -- Places ----------------------------------------------------------------------------------------------------


@pytest.fixture
def hanoi(w: World) -> Place:
    """A second province, of both eras, with one commune each."""
    new = Place.objects.create(era="2", level="province", code="01", name="Thành phố Hà Nội")
    Place.objects.create(era="2", level="commune", code="00004", name="Phường Ba Đình", parent=new)
    old = Place.objects.create(era="3", level="province", code="01", name="Thành phố Hà Nội")
    district = Place.objects.create(era="3", level="district", code="001", name="Quận Ba Đình", parent=old)
    return Place.objects.create(
        era="3", level="commune", code="00001", name="Phường Phúc Xá", parent=district
    )


def place(p: str, c: str, e: str = "2", t: str | None = None, n: str = "VN") -> dict[str, str]:
    whole = {"x_t": t, "x_n": n} if t is not None else {}
    return {"x_p": p, "x_c": c, "x_e": e, **whole}


@pytest.mark.parametrize(
    ("kind", "sent", "kept"),
    [
        ("place", place("25", "07900"), {"province": "25", "commune": "07900", "units_version": "2"}),
        ("place", place("01", "00001", "3"), {"province": "01", "commune": "00001", "units_version": "3"}),
        ("address", place("01", "00004", t=f" {nfd(ADDRESS_200)} "),
         {"country": "VN", "province": "01", "commune": "00004", "units_version": "2",
          "detail": ADDRESS_200.strip()}),
        ("address", place("ngoai", "", t="Số 5, Viêng Chăn", n="LA"),
         {"province": "ngoai", "commune": "", "units_version": "2", "country": "LA",
          "detail": "Số 5, Viêng Chăn"}),
    ],
)  # fmt: skip
def test_places_of_both_eras_and_abroad(
    hanoi: Place, kind: str, sent: dict[str, str], kept: dict[str, str]
) -> None:
    form = asked({"type": kind}, sent)
    assert form.is_valid(), form.errors
    assert form.values == {"x": kept}


@pytest.mark.parametrize(
    ("kind", "sent", "told"),
    [
        ("place", place("25", ""), "Ô này: chọn xã, phường"),
        ("place", place("", ""), "Ô này: chọn xã, phường"),
        ("place", place("99", "07900"), "Ô này: chọn tỉnh, thành phố"),
        ("place", place("01", "07900"), "Ô này: chọn xã, phường thuộc tỉnh, thành phố đã chọn"),
        ("place", place("01", "00004", "3"), "Ô này: chọn xã, phường thuộc tỉnh, thành phố đã chọn"),
        ("address", place("ngoai", "", t="Số 5", n=""), "Ô này: chọn nước"),
        ("address", place("ngoai", "", t="", n="LA"), "Ô này: ghi địa chỉ ở nước ngoài"),
        ("address", place("25", "07900", t="x" * 501),
         "Ô này: số nhà, đường, thôn, khu dài nhất 500 ký tự, đang có 501"),
    ],
)  # fmt: skip
def test_a_wrong_place_is_told_what_to_do(hanoi: Place, kind: str, sent: dict[str, str], told: str) -> None:
    form = asked({"type": kind}, sent)
    assert not form.is_valid()
    assert ui.field_errors(form["x"]) == [told]
    if detail := sent.get("x_t"):
        assert detail in str(form["x"])


# -- Anything at all -------------------------------------------------------------------------------------------

KINDS = (TEXT, LONG, NAME, NUMBER, AREA, YEAR, MONEY, PERSON, OLD, TAX, PHONE, EMAIL, PASSPORT, CHOICE, YESNO)


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    spec=st.sampled_from([*KINDS, DATE, PARTIAL, MANY]),
    boxes=st.lists(
        st.one_of(
            st.text(max_size=20), st.text(alphabet="0123456789０٣²./,- \u00a0\u200b+đtriệukVNĐ", max_size=14)
        ),
        min_size=4,
        max_size=4,
    ),
)
def test_nothing_typed_breaks_a_page(spec: Spec, boxes: list[str]) -> None:
    form = asked(spec, dict(zip(("x", "x_d", "x_m", "x_y"), boxes, strict=True)))
    if not form.is_valid():
        assert all(text.strip() for text in ui.field_errors(form["x"]))
    assert str(form["x"])


@pytest.mark.parametrize(
    ("spec", "label"),
    [
        ({"type": "text", "label": "Fax (nếu có)", "required": False}, "Fax"),
        ({"type": "text", "label": "Fax (nếu có)"}, "Fax (nếu có)"),
        ({"type": "money", "label": "Tổng số (đồng)"}, "Tổng số"),
        ({"type": "text", "label": "Tổng số (đồng)"}, "Tổng số (đồng)"),
    ],
)
def test_a_label_does_not_repeat_what_stands_beside_it(spec: Spec, label: str) -> None:
    assert asked(spec, {}).fields["x"].label == label


# -- Two languages -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("language", "spec", "typed", "kept", "shown"),
    [
        ("vi", AREA, "1.234,5", "1234.5", "1.234,5"),
        ("vi", AREA, "1.5", "1.5", "1,5"),
        ("vi", AREA, "1.500", "1500", "1.500"),
        ("vi", NUMBER, "1.500", 1500, "1500"),
        ("vi", NUMBER, "1,500", None, ""),
        ("en", AREA, "1,234.5", "1234.5", "1,234.5"),
        ("en", AREA, "1,5", "1.5", "1.5"),
        ("en", AREA, "1,500", "1500", "1,500"),
        ("en", AREA, "1.500", None, ""),
        ("en", NUMBER, "1,500", 1500, "1500"),
        ("en", NUMBER, "1.500", None, ""),
        ("en", MONEY, "8,000", 8000, "8,000"),
        ("en", MONEY, "8.000", None, ""),
    ],
)
def test_numbers_are_read_as_the_page_writes_them(
    language: str, spec: Spec, typed: str, kept: Any, shown: str
) -> None:
    """What an English reader would take for another number than a Vietnamese one is not guessed at."""
    with translation.override(language):
        form = asked(spec, {"x": typed})
        assert form.is_valid() is (kept is not None)
        assert form["x"].value() == typed or kept is not None
        if kept is not None:
            assert form.values["x"] == kept
            again = asked(spec, None, typed={"x": typed})
            assert str(again["x"].value()) in {typed, shown}, "gõ sao hiện lại vậy, hoặc viết cho đúng cách"
            field = again.fields["x"]
            assert str(field.widget.format_value(field.prepare_value(kept))) == shown
