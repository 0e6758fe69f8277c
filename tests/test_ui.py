"""Numbers, dates, money, names and links as people read them."""

from datetime import UTC, date, datetime, time
from decimal import Decimal
from itertools import pairwise
from types import SimpleNamespace

import pytest
from django import forms
from django.core.exceptions import ValidationError
from django.http import QueryDict
from django.template import Context, Template
from django.test import RequestFactory, override_settings
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from config import formats, ui
from config.widgets import MoneyField, VietnameseDateField
from config.words import DIGITS, in_words
from tests.page import parse

NBSP = "\u00a0"


# ---------- Number words ----------


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (0, "không"),
        (1, "một"),
        (4, "bốn"),
        (5, "năm"),
        (10, "mười"),
        (11, "mười một"),
        (14, "mười bốn"),
        (15, "mười lăm"),
        (20, "hai mươi"),
        (21, "hai mươi mốt"),
        (24, "hai mươi bốn"),
        (25, "hai mươi lăm"),
        (55, "năm mươi lăm"),
        (100, "một trăm"),
        (101, "một trăm linh một"),
        (105, "một trăm linh năm"),
        (110, "một trăm mười"),
        (115, "một trăm mười lăm"),
        (121, "một trăm hai mươi mốt"),
        (555, "năm trăm năm mươi lăm"),
        (1_000, "một nghìn"),
        (1_001, "một nghìn không trăm linh một"),
        (1_015, "một nghìn không trăm mười lăm"),
        (1_100, "một nghìn một trăm"),
        (10_005, "mười nghìn không trăm linh năm"),
        (26_500, "hai mươi sáu nghìn năm trăm"),
        (134_000, "một trăm ba mươi bốn nghìn"),
        (1_000_005, "một triệu không trăm linh năm"),
        (1_200_000, "một triệu hai trăm nghìn"),
        (1_005_000, "một triệu không trăm linh năm nghìn"),
        (21_021_021, "hai mươi mốt triệu không trăm hai mươi mốt nghìn không trăm hai mươi mốt"),
        (1_000_000_000, "một tỷ"),
        (1_001_000_000, "một tỷ không trăm linh một triệu"),
        (5_000_000_000_000, "năm nghìn tỷ"),
        (1_005_000_000_000, "một nghìn không trăm linh năm tỷ"),
        (10**18, "một tỷ tỷ"),
        (-15, "âm mười lăm"),
    ],
)
def test_number_in_words(number: int, words: str) -> None:
    assert in_words(number) == words


def _read_group(words: list[str]) -> int:
    """The number below 1000 that these words say; written from the words' side, not from ours."""
    units = {word: value for value, word in enumerate(DIGITS)} | {"mốt": 1, "lăm": 5}
    total, last = 0, 0
    for word in words:
        if word == "trăm":
            total, last = total + last * 100, 0
        elif word == "mươi":
            total, last = total + last * 10, 0
        elif word == "mười":
            total += 10
        elif word != "linh":
            last = units[word]
    return total + last


def _read(words: str) -> int:
    """The number that words say: everything before a "tỷ" counts a thousand million times."""
    total, million, group = 0, 0, []
    for word in words.split():
        if word in ("nghìn", "triệu"):
            million += _read_group(group) * {"nghìn": 1_000, "triệu": 1_000_000}[word]
            group = []
        elif word == "tỷ":
            total = (total + million + _read_group(group)) * 10**9
            million, group = 0, []
        else:
            group.append(word)
    return total + million + _read_group(group)


@given(st.integers(min_value=0, max_value=10**15))
def test_words_can_be_read_back(number: int) -> None:
    assert _read(in_words(number)) == number


@given(st.integers(min_value=0, max_value=10**15))
def test_words_follow_the_rules_of_speech(number: int) -> None:
    words = in_words(number).split()
    pairs = set(pairwise(words))
    assert ("mươi", "một") not in pairs
    assert ("mươi", "năm") not in pairs
    assert ("mười", "năm") not in pairs
    assert ("mười", "mốt") not in pairs
    assert ("linh", "lăm") not in pairs
    assert ("linh", "mốt") not in pairs
    assert words[0] != "linh"


def test_words_want_a_whole_number() -> None:
    with pytest.raises(TypeError):
        in_words(1.5)  # type: ignore[arg-type]
    with pytest.raises(TypeError):
        in_words(True)


# ---------- Formats ----------

EVENING = datetime(2021, 9, 15, 17, 30, tzinfo=UTC)  # 00:30 on the 16th in Vietnam


@pytest.mark.parametrize(
    ("function", "value", "shown"),
    [
        (formats.vndate, date(2021, 9, 5), "05/09/2021"),
        (formats.vndate, "2021-09-15", "15/09/2021"),
        (formats.vndate, EVENING, "16/09/2021"),
        (formats.vndate, None, ""),
        (formats.vndaymonth, date(2021, 9, 5), "05/09"),
        (formats.vntime, EVENING, "00:30"),
        (formats.vntime, time(7, 30), "07:30"),
        (formats.vntime, date(2021, 9, 5), ""),
        (formats.vndatetime, EVENING, "00:30 ngày 16/09/2021"),
        (formats.vndatetime, "2021-09-15T16:30:00+07:00", "16:30 ngày 15/09/2021"),
        (formats.vndatetime, date(2021, 9, 15), "15/09/2021"),
        (formats.weekday_date, date(2021, 9, 15), "thứ Tư, 15/09/2021"),
        (formats.weekday_date, date(2021, 9, 19), "Chủ nhật, 19/09/2021"),
        (formats.vndate_long, date(2021, 2, 6), "ngày 06 tháng 02 năm 2021"),
        (formats.vndate_long, date(2021, 10, 16), "ngày 16 tháng 10 năm 2021"),
        (formats.vndate_long, date(2021, 9, 6), "ngày 06 tháng 9 năm 2021"),
        (formats.vndatetime_long, "2021-09-17T16:30:00+07:00", "16 giờ 30 phút, ngày 17 tháng 9 năm 2021"),
        (formats.isotime, EVENING, "2021-09-16T00:30"),
        (formats.vnd, 1234567, f"1.234.567{NBSP}₫"),
        (formats.vnd, 0, f"0{NBSP}₫"),
        (formats.vnd, -500, f"\u2212500{NBSP}₫"),
        (formats.vnd, None, ""),
        (formats.dong, 80_000_000, "80.000.000"),
        (formats.vnd_words, 134_000, "Một trăm ba mươi bốn nghìn đồng"),
        (formats.decimal_vi, Decimal("0.50"), "0,5"),
        (formats.decimal_vi, 1234.5, "1.234,5"),
        (formats.decimal_vi, 1200, "1.200"),
        (formats.percent, 0.978, "97,8%"),
        (formats.two_digits, 3, "03"),
        (formats.filesize_vi, 0, f"0{NBSP}B"),
        (formats.filesize_vi, 999, f"999{NBSP}B"),
        (formats.filesize_vi, 31_000, f"31{NBSP}kB"),
        (formats.filesize_vi, 999_600, f"1{NBSP}MB"),
        (formats.filesize_vi, 1_204_331, f"1,2{NBSP}MB"),
        (formats.filesize_vi, 3_000_000_000_000, f"3.000{NBSP}GB"),
        (formats.phone, "0912345678", "0912 345 678"),
        (formats.phone, "+84912345678", "0912 345 678"),
        (formats.phone, "02103829105", "0210 3829 105"),
        (formats.phone, "1022", "1022"),
        (formats.mask_name, "Nguyễn Văn An", "Nguyễn V** A**"),
        (formats.mask_name, "", ""),
        (formats.mask_id, "025186004317", "********4317"),
        (formats.mask_id, "4317", "****"),
        (formats.short_code, "000.00.25.H44-210913-0027", "210913-0027"),
        (formats.short_code, "NT-7K3M", "NT-7K3M"),
    ],
)
def test_format(function: object, value: object, shown: str) -> None:
    assert function(value) == shown  # type: ignore[operator]


@pytest.mark.parametrize(
    ("function", "value", "shown"),
    [
        (formats.vnd, 1234567, f"1,234,567{NBSP}VND"),
        (formats.vnd, 0, f"0{NBSP}VND"),
        (formats.vnd, -500, f"\u2212500{NBSP}VND"),
        (formats.vnd, None, ""),
        (formats.dong, 80_000_000, "80,000,000"),
        (formats.decimal_vi, 1.5, "1.5"),
        (formats.decimal_vi, 1234.5, "1,234.5"),
        (formats.decimal_vi, 1200, "1,200"),
        (formats.percent, 0.978, "97.8%"),
        (formats.filesize_vi, 1_204_331, f"1.2{NBSP}MB"),
        (formats.filesize_vi, 999_600, f"1{NBSP}MB"),
        (formats.filesize_vi, 3_000_000_000_000, f"3,000{NBSP}GB"),
        # Day, month, year in this order on every page, as on the papers people hold.
        (formats.vndate, date(2021, 9, 5), "05/09/2021"),
        (formats.vndatetime, EVENING, "00:30 on 16/09/2021"),
        (formats.weekday_date, date(2021, 9, 15), "Wednesday, 15/09/2021"),
        # What stands on papers has one language.
        (formats.vndate_long, date(2021, 9, 6), "ngày 06 tháng 9 năm 2021"),
        (formats.phone, "0912345678", "0912 345 678"),
    ],
)
def test_format_on_an_english_page(function: object, value: object, shown: str) -> None:
    with translation.override("en"):
        assert function(value) == shown  # type: ignore[operator]


@pytest.mark.parametrize(
    ("language", "typed", "amount"),
    [
        ("vi", "8.000", 8000),
        ("vi", "8,000", None),
        ("vi", "80,000,000", 80_000_000),
        ("en", "8,000", 8000),
        ("en", "8.000", None),
        ("en", "80.000.000", 80_000_000),
        ("en", "80,000,000 VND", 80_000_000),
        ("en", "8 000", 8000),
    ],
)
def test_money_is_read_as_the_page_writes_it(language: str, typed: str, amount: int | None) -> None:
    """One group after the other language's mark may mean eight: it is asked again."""
    field = MoneyField(label="Vốn")
    with translation.override(language):
        assert field.widget.format_value(8000) == ("8,000" if language == "en" else "8.000")
        if amount is not None:
            assert field.clean(typed) == amount
            return
        with pytest.raises(ValidationError, match="80,000,000" if language == "en" else "80.000.000"):
            field.clean(typed)


def test_decimal_places_are_rounded_half_up() -> None:
    assert formats.decimal_vi(Decimal("97.25"), 1) == "97,3"
    assert formats.decimal_vi(Decimal("-0.04"), 1) == "0,0"


def test_a_wrong_kind_of_value_is_not_shown_as_if_it_were_right() -> None:
    with pytest.raises(TypeError):
        formats.vndate(20210915)


@given(st.integers(min_value=-(10**15), max_value=10**15))
def test_money_keeps_every_digit(amount: int) -> None:
    assert int(formats.dong(amount).replace(".", "").replace("\u2212", "-")) == amount


# ---------- Tags ----------


def draw(source: str, **context: object) -> str:
    return Template(source).render(Context(context))


def test_code_is_one_copyable_string() -> None:
    html = draw("{% code value %}", value="000.00.25.H44-210913-0027")
    assert "".join(parse(html, fragment=True).itertext()) == "000.00.25.H44-210913-0027"
    assert "<b>210913-0027</b>" in html


def test_due_takes_an_object_and_its_stored_fields() -> None:
    left = {"text": "Còn 5 giờ", "level": "soon"}
    assert draw("{% due left %}", left=left) == draw("{% due left %}", left=SimpleNamespace(**left))
    assert draw("{% due left %}", left=None) == ""


def test_text_in_tags_is_escaped() -> None:
    assert "<script>" not in draw(
        '{% tag text "ok" "check" %}{% code text %}', text="<script>alert(1)</script>"
    )


def test_unknown_icons_and_levels_fail_loudly() -> None:
    with pytest.raises(KeyError):
        ui.icon("không có")
    with pytest.raises(ValueError, match="mức"):
        ui.tag("Xong", "good")


def test_query_changes_one_parameter_and_keeps_the_rest() -> None:
    request = RequestFactory().get("/?q=khai+sinh&page=3")
    assert QueryDict(ui.query({"request": request}, page=4)[1:]).dict() == {"q": "khai sinh", "page": "4"}
    assert ui.query({"request": request}, page=None) == "?q=khai+sinh"


def test_navlink_marks_the_page_one_is_on_and_drops_what_is_not_there() -> None:
    request = RequestFactory().get("/suc-khoe/")
    assert 'aria-current="page"' in ui.navlink({"request": request}, "health", "Sức khỏe")
    assert "aria-current" not in ui.navlink({"request": RequestFactory().get("/")}, "health", "Sức khỏe")
    assert ui.navlink({}, "no-such-page", "Không có") == ""


@override_settings(SITE={"province": "tỉnh Lào Cai"})
def test_site_takes_names_from_the_settings() -> None:
    assert ui.site()["province"] == "tỉnh Lào Cai"
    assert ui.site()["hotline"] == "1022"


# ---------- Fields ----------


class PersonForm(forms.Form):
    name = forms.CharField(label="Họ và tên")
    tax = forms.CharField(label="MST của hộ", error_messages={"required": "Ghi mã số thuế"})
    born = VietnameseDateField(label="Ngày sinh", past_only=True)
    capital = MoneyField(label="Vốn kinh doanh", required=False)
    agree = forms.BooleanField(label="Tôi cam đoan")


def filled(**changes: str) -> dict[str, str]:
    data = {"name": "An", "tax": "1", "born_d": "5", "born_m": "9", "born_y": "1986", "agree": "on"}
    return data | changes


@pytest.mark.parametrize(
    "typed",
    [
        {"born_d": "5", "born_m": "9", "born_y": "1986"},
        {"born_d": "05", "born_m": "09", "born_y": " 1986 "},
        {"born_d": "5/9/1986", "born_m": "", "born_y": ""},
        {"born_d": "05-09-1986 ", "born_m": "", "born_y": ""},
        {"born_d": "5.9.1986", "born_m": "", "born_y": ""},
        {"born_d": "05091986", "born_m": "", "born_y": ""},
        {"born_d": "\u200b０５", "born_m": "\u00a09", "born_y": "１９８６"},
        {"born_d": "", "born_m": "", "born_y": "", "born": "1986-09-05"},
    ],
)
def test_date_is_read_from_three_boxes(typed: dict[str, str]) -> None:
    form = PersonForm(filled(**typed))
    assert form.is_valid(), form.errors
    assert form.cleaned_data["born"] == date(1986, 9, 5)


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ({"born_d": "31", "born_m": "02"}, "Ngày sinh: không có ngày 31/02/1986, kiểm tra lại ngày và tháng"),
        ({"born_d": ""}, "Ngày sinh còn thiếu ngày, ghi đủ như ví dụ 15 09 1986"),
        ({"born_y": "86"}, "Ngày sinh: năm phải có đủ 4 chữ số, ví dụ 1986"),
        ({"born_d": "mồng"}, "Ngày sinh phải có đủ ngày, tháng và năm 4 chữ số, ví dụ 15 09 1986"),
        ({"born_y": "9999"}, "Ngày sinh phải là ngày trong quá khứ"),
        ({"born_d": "", "born_m": "", "born_y": ""}, "Nhập ngày sinh"),
    ],
)
def test_date_errors_say_what_to_do_and_keep_what_was_typed(typed: dict[str, str], told: str) -> None:
    form = PersonForm(filled(**typed))
    assert ui.field_errors(form["born"]) == [told]
    html = draw('{% include "components/field.html" with field=field only %}', field=form["born"])
    shown = [box.get("value") or "" for box in parse(html, fragment=True).xpath("//input")]
    assert shown == [filled(**typed)[f"born_{part}"] for part in "dmy"]


@pytest.mark.parametrize(
    ("typed", "amount"),
    [
        ("80000000", 80_000_000),
        ("80.000.000", 80_000_000),
        ("80 000 000", 80_000_000),
        (f"80.000.000{NBSP}₫", 80_000_000),
        ("80.000.000 đồng", 80_000_000),
        ("80,000,000", 80_000_000),
        ("0", 0),
        ("", None),
    ],
)
def test_money_is_read_as_people_write_it(typed: str, amount: int | None) -> None:
    assert MoneyField(label="Vốn", required=False).clean(typed) == amount


@pytest.mark.parametrize("typed", ["tám mươi", "80.00", "80,5", "80,000", "1.2345", "-5", "1e6", "đồng 5"])
def test_money_refuses_what_could_mean_something_else(typed: str) -> None:
    with pytest.raises(ValidationError):
        MoneyField(label="Vốn", required=False).clean(typed)


@given(st.integers(min_value=0, max_value=10**15))
def test_money_reads_what_it_shows(amount: int) -> None:
    field = MoneyField(label="Vốn")
    assert field.clean(field.widget.format_value(amount)) == amount


def test_errors_say_what_to_do_in_the_words_of_the_label() -> None:
    form = PersonForm({})
    assert [problem["text"] for problem in ui.form_problems(form)] == [
        "Nhập họ và tên",
        "Ghi mã số thuế",
        "Nhập ngày sinh",
        "Đánh dấu vào ô “Tôi cam đoan”",
    ]


def test_every_line_of_the_summary_leads_to_a_control() -> None:
    form = PersonForm({"capital": "x"})
    html = draw(
        '{% include "components/error-summary.html" with form=form only %}'
        '{% for field in form %}{% include "components/field.html" with field=field only %}{% endfor %}',
        form=form,
    )
    tree = parse(html, fragment=True)
    targets = [str(href)[1:] for href in tree.xpath("//div[@class='dv-errors']//a/@href")]
    controls = {str(value) for value in tree.xpath("//input/@id")}
    assert len(targets) == 5
    assert set(targets) <= controls


def test_unchanged_dates_and_amounts_are_not_changes() -> None:
    initial = {"name": "An", "tax": "1", "born": date(1986, 9, 5), "capital": 80_000_000, "agree": True}
    form = PersonForm(filled(capital="80.000.000"), initial=initial)
    assert form.changed_data == []
