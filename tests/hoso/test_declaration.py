"""The electronic forms: every one renders, a filled one passes, and what was accepted is shown and edited unchanged."""

from collections.abc import Iterator
from datetime import timedelta
from itertools import count
from typing import Any

import pytest
from django.http import QueryDict
from django.template.loader import render_to_string
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from danhmuc import lists
from danhmuc.models import ProcedureVersion
from danhmuc.services import calendar_for
from danhmuc.worktime import add_months, add_working_days
from hoso.forms import declaration, eform_fields, eform_rules
from hoso.forms.declaration import SectionForm, posted
from hoso.services.answers import EMPTY, Spec, display, pruned, shown_fields
from tests.page import parse

pytestmark = pytest.mark.usefixtures("catalogue")
_ids = count(1)


def form_version(
    *fields: Spec, rules: list[Spec] | None = None, more: list[Spec] | None = None
) -> ProcedureVersion:
    sections = [{"title": "Thử", "fields": list(fields)}, *(more or [])]
    return ProcedureVersion(eform={"title": "Đơn", "sections": sections, "rules": rules or []})


def section(
    version: ProcedureVersion, data: dict[str, Any], answers: dict[str, Any] | None = None, **more: Any
) -> SectionForm:
    return SectionForm(version, 1, answers or {}, data=data, **more)


# -- Every form of the catalogue -------------------------------------------------------------------------------


def candidates(spec: Spec) -> Iterator[Any]:
    """Stored answers that may suit a question, the likeliest first."""
    kind, today = spec["type"], timezone.localdate()
    options = [value for value, _ in lists.choices_of(spec)]
    number = next(_ids)
    if kind == "date":
        days = [add_months(today, -480), add_months(today, -12), today - timedelta(days=10), today]
        days += [add_working_days(calendar_for(None), today, n) for n in (5, 30)]
        yield from (day.isoformat() for day in days)
    elif kind == "year":
        yield from (today.year - 30, today.year, today.year + 1)
    elif kind in {"choice", *lists.BY_TYPE}:
        yield from options
    elif kind == "multichoice":
        yield options[:1]
    elif kind == "yesno":
        yield from (True, False)
    elif kind == "integer":
        yield from (1, 3, 30, 300)
    elif kind == "money":
        yield 80_000_000
    elif kind == "person_id":
        yield f"0251860{number % 100000:05d}"
    elif kind == "passport":
        yield f"B{number:07d}"
    elif kind == "tax_code":
        yield "0100233488"
    elif kind == "phone":
        yield "+84912345678"
    elif kind == "email":
        yield "ho.so@example.vn"
    elif kind in {"place", "address"}:
        place = {"province": "25", "commune": "07900", "units_version": "2"}
        yield place if kind == "place" else place | {"country": "VN", "detail": "Khu 6"}
    elif kind == "text" and spec.get("rules", {}).get("format") == "decimal":
        yield "120.5"
    elif kind == "text" and eform_fields.is_person_name(spec):
        yield "Hoàng Văn " + "".join(chr(ord("A") + int(digit)) for digit in str(number))
    else:
        yield from (f"Nội dung số {number}", "4711", "123456789", "09/2026")


def example(spec: Spec, answers: dict[str, Any]) -> Any:
    """An answer that the form's rules accept."""
    if spec["type"] == "group":
        least = max(int(spec.get("rules", {}).get("min_items", 1)), 1)
        rows: list[dict[str, Any]] = []
        for place in range(least):
            row: dict[str, Any] = {}
            for child in spec["fields"]:
                if child["type"] != "file_ref" and child in shown_fields(
                    {"fields": spec["fields"]}, answers | row
                ):
                    row[child["key"]] = example(child, answers | row)
                    if child["type"] == "yesno":
                        row[child["key"]] = place == 0  # exactly one row is the main one
            rows.append(row)
        return rows
    for value in candidates(spec):
        if not eform_rules.judge(spec, value, answers | {spec["key"]: value}).errors:
            return value
    raise AssertionError(f"không có ví dụ cho ô {spec}")


def filled(version: ProcedureVersion) -> dict[str, Any]:
    """A whole form answered, condition after condition."""
    answers: dict[str, Any] = {}
    for _ in range(6):
        for _, found in declaration.pages(version, answers):
            for spec in declaration.asked(found, answers):
                if answers.get(spec["key"]) in EMPTY:
                    answers[spec["key"]] = example(spec, answers)
        answers = pruned(version, answers)
    return answers


def versions() -> list[ProcedureVersion]:
    return list(
        ProcedureVersion.objects.filter(status="published").select_related("procedure").order_by("pk")
    )


def test_all_forms_of_the_catalogue_render_as_valid_html() -> None:
    seen: set[str] = set()
    found = versions()
    assert len(found) == 149
    for version in found:
        for number, spec in declaration.pages(version, {}):
            if (key := repr(spec)) in seen:  # shared blocks need to be drawn once
                continue
            seen.add(key)
            form = SectionForm(version, number, {}, data={})
            html = "".join(render_to_string("portal/question.html", {"part": part}) for part in form.parts)
            tree = parse(html, f"{version.procedure.code} mục {number}", fragment=True)
            ids = [str(value) for value in tree.xpath("//@id")]
            assert len(ids) == len(set(ids)), version.procedure.code


def test_a_filled_example_of_every_form_passes_and_is_shown_and_edited_unchanged() -> None:
    for version in versions():
        code = version.procedure.code
        answers = filled(version)
        for number, _ in declaration.pages(version, answers):
            form = SectionForm(version, number, answers, data=posted(version, number, answers))
            assert form.is_valid(), (code, number, form.errors.as_json())
            again = pruned(version, {**answers, **form.values})
            assert again == answers, (code, number)
        text = [row for shown in display(version, answers) for row in shown.rows]
        assert text, code
        assert all(label and value for label, value in text), code


# -- Conditions ------------------------------------------------------------------------------------------------

ROLE = {
    "key": "role",
    "label": "Tư cách",
    "type": "choice",
    "required": True,
    "choices": [{"value": "a", "label": "Chính chủ"}, {"value": "b", "label": "Được ủy quyền"}],
}
DEED = {
    "key": "deed",
    "label": "Số giấy ủy quyền",
    "type": "text",
    "required": False,
    "required_when_shown": True,
    "show_if": {"field": "role", "equals": "b"},
}


def test_a_question_outside_its_condition_is_neither_asked_nor_kept() -> None:
    version = form_version(ROLE, DEED)
    form = section(version, {"role": "a", "deed": "12/UQ", "_shown": "role deed"})
    assert form.is_valid()
    assert form.values == {"role": "a"}
    assert pruned(version, {"role": "a", "deed": "12/UQ"}) == {"role": "a"}


def test_a_question_within_its_condition_is_asked_and_required() -> None:
    version = form_version(ROLE, DEED)
    form = section(version, {"role": "b", "_shown": "role"})
    assert form.newly_asked == ["deed"]
    assert not section(version, {"role": "b", "_shown": "role deed", "deed": ""}).is_valid()
    form = section(version, {"role": "b", "_shown": "role deed", "deed": "12/UQ"})
    assert form.is_valid()
    assert form.values == {"role": "b", "deed": "12/UQ"}


def test_what_hangs_on_a_dropped_answer_goes_too() -> None:
    version = form_version(
        ROLE, DEED, {**ROLE, "key": "third", "required": False, "show_if": {"field": "deed", "equals": "x"}}
    )
    assert pruned(version, {"role": "a", "deed": "x", "third": "b"}) == {"role": "a"}


# -- Rows ------------------------------------------------------------------------------------------------------

ROWS = {
    "key": "people",
    "label": "Thành viên",
    "type": "group",
    "required": False,
    "rules": {"min_items": 1, "max_items": 3},
    "fields": [
        {"key": "name", "label": "Họ tên", "type": "text", "required": True},
        {"key": "born", "label": "Ngày sinh", "type": "date", "required": False, "rules": {"past": True}},
    ],
}


def test_rows_are_added_and_removed_without_script_and_keep_what_was_typed() -> None:
    version = form_version(ROWS)
    typed = QueryDict("people-n=2&people-0-name=An&people-1-name=B%C3%ACnh&people-1-born_d=4&_add=people")
    form = SectionForm(version, 1, {}, typed=typed)
    assert form.row_counts == {"people": 3}
    assert form["people-1-name"].value() == "Bình"
    typed = QueryDict("people-n=2&people-0-name=An&people-1-name=B%C3%ACnh&_remove=people-0")
    form = SectionForm(version, 1, {}, typed=typed)
    assert form.row_counts == {"people": 1}
    assert form["people-0-name"].value() == "Bình"
    typed = QueryDict("people-n=3&_add=people")
    assert SectionForm(version, 1, {}, typed=typed).row_counts == {"people": 3}, "không quá số dòng cho phép"


def test_empty_rows_are_left_out_and_the_least_number_is_asked_for() -> None:
    version = form_version(ROWS)
    form = section(
        version, {"people-n": "3", "people-0-name": "An", "people-1-name": "", "people-2-name": "Chi"}
    )
    assert form.is_valid(), form.errors
    assert form.values == {"people": [{"name": "An"}, {"name": "Chi"}]}
    assert not section(version, {"people-n": "1", "people-0-name": ""}).is_valid()
    wrong = section(
        version,
        {
            "people-n": "1",
            "people-0-name": "An",
            "people-0-born_d": "1",
            "people-0-born_m": "1",
            "people-0-born_y": "2099",
        },
    )
    assert "people-0-born" in wrong.errors


# -- Types and rules -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("spec", "sent", "kept", "shown"),
    [
        ({"type": "text"}, {"x": "  Nguyễn   Văn\tA "}, "Nguyễn Văn A", "Nguyễn Văn A"),
        ({"type": "longtext"}, {"x": "Dòng một \r\n\r\n dòng  hai"}, "Dòng một\n\ndòng hai", "Dòng một\n\ndòng hai"),
        ({"type": "integer"}, {"x": "1.200"}, 1200, "1.200"),
        ({"type": "money"}, {"x": "80.000.000 đ"}, 80_000_000, "80.000.000\u00a0₫"),
        ({"type": "year"}, {"x": "1986"}, 1986, "1986"),
        ({"type": "date"}, {"x_d": "4", "x_m": "5", "x_y": "1986"}, "1986-05-04", "04/05/1986"),
        ({"type": "date", "rules": {"allow_partial": True}}, {"x_y": "1960"}, "1960", "1960"),
        ({"type": "date", "rules": {"allow_partial": True}}, {"x_m": "5", "x_y": "1960"}, "1960-05", "05/1960"),
        ({"type": "yesno"}, {"x": "False"}, False, "Không"),
        ({"type": "phone"}, {"x": "0912 345 678"}, "+84912345678", "0912 345 678"),
        ({"type": "person_id"}, {"x": "025 186 004 317"}, "025186004317", "025186004317"),
        ({"type": "person_id", "rules": {"regex": r"^(\d{9}|\d{12})$"}}, {"x": "131234567"}, "131234567", "131234567"),
        ({"type": "tax_code"}, {"x": "0100233488"}, "0100233488", "0100233488"),
        ({"type": "passport"}, {"x": "b1234567"}, "B1234567", "B1234567"),
        ({"type": "email"}, {"x": "An@Example.VN"}, "An@example.vn", "An@example.vn"),
        ({"type": "ethnicity"}, {"x": "02"}, "02", "Tày"),
        ({"type": "nationality"}, {"x": "VN"}, "VN", "Việt Nam"),
        ({"type": "text", "rules": {"format": "decimal", "scale": 1, "unit": "m²"}}, {"x": "1.120,5"}, "1120.5", "1.120,5 m²"),
        (
            {"type": "place"},
            {"x_p": "25", "x_c": "07900", "x_e": "2"},
            {"province": "25", "commune": "07900", "units_version": "2"},
            "Phường Việt Trì, tỉnh Phú Thọ",
        ),
        (
            {"type": "address"},
            {"x_p": "ngoai", "x_n": "LA", "x_t": "Số 5, Viêng Chăn", "x_e": "2"},
            {"province": "ngoai", "commune": "", "units_version": "2", "country": "LA", "detail": "Số 5, Viêng Chăn"},
            "Số 5, Viêng Chăn, Lào",
        ),
    ],
    ids=lambda value: str(value)[:40],
)  # fmt: skip
def test_answers_are_kept_in_one_form_and_read_in_words(
    spec: Spec, sent: dict[str, str], kept: Any, shown: str
) -> None:
    version = form_version({"key": "x", "label": "Ô", "required": True, **spec})
    form = section(version, sent)
    assert form.is_valid(), form.errors
    assert form.values == {"x": kept}
    assert display(version, form.values)[0].rows == [("Ô", shown)]
    again = section(version, posted(version, 1, form.values), form.values)
    assert again.is_valid(), again.errors
    assert again.values == form.values


@pytest.mark.parametrize(
    ("spec", "sent", "words"),
    [
        ({"type": "date"}, {"x_d": "31", "x_m": "2", "x_y": "2020"}, "không có ngày 31/02/2020"),
        ({"type": "date", "rules": {"past": True}}, {"x_d": "1", "x_m": "1", "x_y": "2100"}, "quá khứ"),
        ({"type": "date", "rules": {"min_age": 18}}, {"x_d": "1", "x_m": "1", "x_y": "2020"}, "đủ 18 tuổi"),
        ({"type": "date", "rules": {"working_day": True}}, {"x_d": "2", "x_m": "9", "x_y": "2026"}, "ngày làm việc"),
        ({"type": "integer", "rules": {"max": 20}}, {"x": "21"}, "không quá 20"),
        ({"type": "integer"}, {"x": "hai"}, "phải là số"),
        ({"type": "person_id"}, {"x": "123"}, "12 chữ số"),
        ({"type": "phone"}, {"x": "12345"}, "Số điện thoại chưa đúng"),
        ({"type": "text", "rules": {"forbid_words": ["công ty"]}}, {"x": "Công Ty Hoa Mai"}, "không được có từ"),
        ({"type": "text", "rules": {"regex": r"^\d{4}$"}}, {"x": "47"}, "đúng 4 chữ số"),
        ({"type": "text", "rules": {"max_length": 5}}, {"x": "dài quá mức"}, "dài nhất 5"),
        ({"type": "place"}, {"x_p": "01", "x_c": "07900", "x_e": "2"}, "thuộc tỉnh"),
        ({"type": "choice", "choices": [{"value": "a", "label": "A"}]}, {"x": "z"}, ""),
        ({"type": "yesno", "rules": {"must_be": True}}, {"x": "False"}, "mới nộp được"),
    ],
    ids=lambda value: str(value)[:40],
)  # fmt: skip
def test_wrong_answers_are_told_what_to_do(spec: Spec, sent: dict[str, str], words: str) -> None:
    form = section(form_version({"key": "x", "label": "Ô này", "required": True, **spec}), sent)
    assert not form.is_valid()
    assert words in str(form.errors["x"])
    assert form.values == {}


def test_a_warning_does_not_stand_in_the_way() -> None:
    version = form_version(
        {
            "key": "id",
            "label": "Số định danh",
            "type": "person_id",
            "required": True,
            "rules": {"warn_if_mismatch": {"birth_date": "born"}},
        },
        {"key": "born", "label": "Ngày sinh", "type": "date", "required": True},
    )
    form = section(version, {"id": "025186004317", "born_d": "1", "born_m": "1", "born_y": "1990"})
    assert form.is_valid()
    assert any("1986" in text for text in form.warnings)


def test_rules_between_fields() -> None:
    one = {"key": "one", "label": "Người thứ nhất", "type": "person_id", "required": True}
    version = form_version(
        one,
        {**one, "key": "two", "label": "Người thứ hai"},
        rules=[{"kind": "distinct", "fields": ["one", "two"]}],
    )
    assert not section(version, {"one": "025186004317", "two": "025186004317"}).is_valid()
    assert section(version, {"one": "025186004317", "two": "025186004318"}).is_valid()


def test_profile_is_offered_once_and_what_was_cleared_stays_cleared() -> None:
    spec = {
        "key": "place",
        "label": "Nơi cấp",
        "type": "text",
        "required": False,
        "prefill": "submitter.full_name",
    }
    version = form_version(spec)
    sources = {"submitter.full_name": "Nguyễn Thị Hương"}
    assert SectionForm(version, 1, {}, sources=sources)["place"].value() == "Nguyễn Thị Hương"
    cleared = section(version, {"place": ""})
    assert cleared.is_valid()
    assert SectionForm(version, 1, cleared.values, sources=sources)["place"].value() in EMPTY


def test_typed_again_is_what_was_typed() -> None:
    version = form_version({"key": "x", "label": "Số", "type": "integer", "required": True})
    form = SectionForm(version, 1, {"x": 5}, typed=QueryDict("x=năm+mươi"))
    assert form["x"].value() == "năm mươi"
    assert not form.is_bound


@pytest.mark.parametrize(
    "value", ["không rõ", 12, 1.5, True, ["a"], {"x": 1}, {"province": "25"}, [{"k": 1}]], ids=str
)
def test_an_answer_that_does_not_suit_its_question_is_shown_as_it_stands(value: Any) -> None:
    kinds = [
        "text",
        "date",
        "money",
        "integer",
        "year",
        "choice",
        "multichoice",
        "yesno",
        "place",
        "address",
        "phone",
    ]
    fields = [{"key": f"k{n}", "label": kind, "type": kind, "choices": []} for n, kind in enumerate(kinds)]
    fields += [
        {"key": "area", "label": "Diện tích", "type": "text", "rules": {"format": "decimal", "unit": "m²"}},
        {
            "key": "rows",
            "label": "Dòng",
            "type": "group",
            "fields": [{"key": "k", "label": "K", "type": "date"}],
        },
        {"key": "file", "label": "Tệp", "type": "file_ref"},
    ]
    answers = {field["key"]: value for field in fields}
    assert len(display(form_version(*fields), answers)[0].rows) >= len(fields)


# -- Whatever is accepted can be shown and edited unchanged ----------------------------------------------------

TYPED = st.text(alphabet=st.characters(codec="utf-8", exclude_categories=("Cs",)), max_size=30)
KINDS = (
    "text",
    "longtext",
    "integer",
    "money",
    "year",
    "date",
    "person_id",
    "passport",
    "phone",
    "email",
    "tax_code",
)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    kind=st.sampled_from(KINDS),
    partial=st.booleans(),
    text=st.one_of(TYPED, st.from_regex(r"[0-9.,/ +-]{1,14}", fullmatch=True)),
    parts=st.tuples(*[st.from_regex(r"[0-9]{0,4}", fullmatch=True)] * 3),
    decimal=st.booleans(),
)
def test_whatever_is_accepted_is_shown_and_edited_unchanged(
    kind: str, partial: bool, text: str, parts: tuple[str, str, str], decimal: bool
) -> None:
    rules: Spec = {"allow_partial": True} if kind == "date" and partial else {}
    if kind == "text" and decimal:
        rules = {"format": "decimal", "scale": 2}
    version = form_version({"key": "x", "label": "Ô", "type": kind, "required": False, "rules": rules})
    sent = dict(zip(("x_d", "x_m", "x_y"), parts, strict=True)) if kind == "date" else {"x": text}
    form = section(version, sent)
    if not form.is_valid():
        return
    assert display(version, form.values)[0].rows[0][1]
    again = section(version, posted(version, 1, form.values), form.values)
    assert again.is_valid(), (form.values, again.errors)
    assert again.values == form.values
