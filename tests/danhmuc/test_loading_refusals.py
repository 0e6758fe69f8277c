"""A bad file is refused with its name, its place and the reason, and nothing is changed."""

import json
import shutil
from collections.abc import Callable
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from danhmuc.loading.files import DATA
from danhmuc.models import (
    Agency,
    CalendarDay,
    Component,
    Field,
    Procedure,
    ProcedureVersion,
    RouteStep,
    RuleSet,
    Synonym,
)

pytestmark = pytest.mark.usefixtures("catalogue")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the data that a test may spoil."""
    return Path(shutil.copytree(DATA, tmp_path / "data"))


def _only(name: str) -> tuple[str, ...]:
    """The kind of data that reads a file, so that a refusal is met without loading everything before it."""
    readers = {
        "units": "places",
        "agencies.json": "agencies",
        "fields.csv": "fields",
        "procedures.json": "versions",
        "eforms.json": "versions",
        "fees_central.csv": "versions",
        "holidays.csv": "calendars",
        "rule_sets.json": "rules",
        "postal_tariffs.csv": "tariffs",
    }
    return ("--only", readers.get(name.split("/")[0], "procedures"))


def _state() -> tuple[Any, ...]:
    models = (Agency, CalendarDay, Component, Field, Procedure, ProcedureVersion, RouteStep, RuleSet, Synonym)
    counts = [model._default_manager.count() for model in models]
    return (*counts, tuple(Procedure.objects.order_by("pk").values_list("name", "current_id")[:200]))


def _swap(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def _edit(path: Path, change: Callable[[Any], None]) -> None:
    document = json.loads(path.read_text(encoding="utf-8"))
    change(document)
    path.write_text(json.dumps(document, ensure_ascii=False), encoding="utf-8")


def _lengthen(document: Any) -> None:
    document["agencies"][3]["name"] = "Sở " * 200


CSV_SLIPS = [
    ("units/provinces.csv", "04,Tỉnh Cao Bằng", "01,Tỉnh Cao Bằng", r"provinces.csv, dòng 3: trùng code \(01\) với dòng 2"),
    ("units/communes.csv", ",01,ba dinh,", ",99,ba dinh,", "communes.csv, dòng 2: cột province_code “99” không có"),
    ("units/communes_before_2025_07.csv", "00001,Phường Phúc Xá,Phường,001", "00001,,Phường,001", "communes_before_2025_07.csv, dòng 2: cột name không được để trống"),
    ("units/commune_conversion_2025.csv", "00001,00097,0,1,2", "00001,00097,0,0,2", "commune_conversion_2025.csv, dòng 2: xã cũ 00001 phải có đúng một"),
    ("fields.csv", "field_code,field,", "ma,field,", "fields.csv, dòng 1: thiếu cột: field_code"),
    ("procedures_index.csv", "G12-TC04,Hải quan", "KHÔNG-CÓ,Hải quan", "procedures_index.csv, dòng 2: lĩnh vực “KHÔNG-CÓ”"),
    ("procedures_index.csv", ",19,KQ.G12.000327", ",mười,KQ.G12.000327", "procedures_index.csv, dòng 2: cột documents “mười” không phải là số nguyên"),
    ("synonyms.csv", "field,G02-CT11,88", "field,G02-CT11,880", "synonyms.csv, dòng 2: trọng số phải từ 1 đến 100"),
    ("holidays.csv", "2018-01-01,T2,holiday", "01/01/2018,T2,holiday", "holidays.csv, dòng 2: cột date “01/01/2018” không phải là ngày"),
    ("holidays.csv", "2019-01-05,T7,swap_work", "2019-01-07,T2,swap_work", "holidays.csv, dòng .*: ngày làm bù phải là thứ Bảy"),
    ("postal_tariffs.csv", "noi_huyen,0,100,26000", "noi_huyen,200,100,26000", "postal_tariffs.csv, dòng 2: khối lượng đến nhỏ hơn"),
    ("fees_central.csv", "2000,trang", "2.000đ,trang", "fees_central.csv, dòng 2: cột amount_vnd “2.000đ”"),
]  # fmt: skip


def test_slips_in_csv_files_are_refused(folder: Path) -> None:
    before = _state()
    for name, old, new, reason in CSV_SLIPS:
        path = folder / name
        original = path.read_text(encoding="utf-8")
        _swap(path, old, new)
        with pytest.raises(CommandError, match=reason):
            call_command("load_catalogue", "--folder", str(folder), *_only(name), stdout=StringIO())
        path.write_text(original, encoding="utf-8")
    assert _state() == before


JSON_SLIPS: list[tuple[str, Callable[[Any], None], str]] = [
    ("agencies.json", lambda d: d["agencies"][0].pop("name"), r"agencies.json, agencies\[0\]: thiếu khóa “name”"),
    ("agencies.json", lambda d: d["agencies"][5].update(parent="KHONG_CO"), r"agencies\[5\]: nhắc tới cơ quan “KHONG_CO”"),
    ("agencies.json", lambda d: d["agencies"][5].update(key="SO_TP"), r"agencies\[\d+\]: trùng khóa “SO_TP”"),
    ("agencies.json", lambda d: d["agencies"][1].update(valid_from="2021-13-01"), r"agencies\[1\].valid_from: “2021-13-01”"),
    ("agencies.json", _lengthen, r"agencies\[3\]: tên dài 600 ký tự, tối đa 250"),
    ("procedures.json", lambda d: d["procedures"][0]["sla"].update(unit="tuan", qty=2), r"procedures\[0\].sla: không hiểu thời hạn"),
    ("procedures.json", lambda d: d["procedures"][7].update(code="1.001193"), r"procedures\[7\]: trùng mã 1.001193"),
    ("procedures.json", lambda d: d["procedures"][2].update(code="9.999999"), r"procedures\[2\]: thủ tục 9.999999 không có"),
    ("procedures.json", lambda d: d["procedures"][1]["documents"][0]["items"][0].update(name=""), r"procedures\[1\].documents\[0\].items\[0\].name: không được để trống"),
    ("procedures.json", lambda d: d["procedures"][0].update(subjects=[]), r"procedures\[0\]: chưa đủ bộ phận tạo thành .*đối tượng"),
    ("eforms.json", lambda d: d["common"]["child"]["fields"][0].update(type="chu"), r"eforms.json, common.child.fields\[0\].type: “chu” không thuộc"),
    ("eforms.json", lambda d: d["forms"]["1.001193"]["sections"][0].update({"$ref": "#/common/khong_co"}), r"eforms.json, common: thiếu khóa “khong_co”"),
    ("eforms.json", lambda d: d["forms"]["1.001193"]["sections"][2]["fields"].append(dict(d["forms"]["1.001193"]["sections"][1]["fields"][0])), "ô trùng khóa sau khi ghép: requester_relation"),
    ("eforms.json", lambda d: d["common"]["copies"]["fields"][1]["show_if"].update(field="la"), "show_if nhắc tới ô “la”"),
    ("life_events.json", lambda d: d["events"][0]["steps"][0].update(code="0.000000"), r"events\[0\].steps\[0\]: thủ tục 0.000000 không có"),
    ("rule_sets.json", lambda d: d["rules"][1].update(valid_from="2020-01-01"), r"rules\[1\].valid_from: chồng lên bộ đứng trước"),
]  # fmt: skip


def test_slips_in_json_files_are_refused(folder: Path) -> None:
    before = _state()
    for name, change, reason in JSON_SLIPS:
        path = folder / name
        original = path.read_text(encoding="utf-8")
        _edit(path, change)
        with pytest.raises(CommandError, match=reason):
            call_command("load_catalogue", "--folder", str(folder), *_only(name), stdout=StringIO())
        path.write_text(original, encoding="utf-8")
    assert _state() == before


def test_files_that_are_no_files_are_refused(folder: Path) -> None:
    (folder / "fields.csv").write_bytes("field_code,field\nA,Hộ tịch\nB,".encode() + b"\xff\xfe\n")
    with pytest.raises(CommandError, match=r"fields\.csv, dòng 3: không phải văn bản UTF-8"):
        call_command("load_catalogue", "--folder", str(folder), "--only", "fields")
    (folder / "fields.csv").write_text('field_code,field\nA,"Hộ', encoding="utf-8")
    with pytest.raises(CommandError, match=r"fields\.csv, dòng 2: sai cấu trúc CSV"):
        call_command("load_catalogue", "--folder", str(folder), "--only", "fields")
    (folder / "rule_sets.json").write_text('{\n "rules": [\n', encoding="utf-8")
    with pytest.raises(CommandError, match=r"rule_sets.json, dòng 3: sai cấu trúc JSON"):
        call_command("load_catalogue", "--folder", str(folder), "--only", "rules")
    (folder / "rule_sets.json").unlink()
    with pytest.raises(CommandError, match=r"rule_sets\.json, cả tệp: không tìm thấy"):
        call_command("load_catalogue", "--folder", str(folder), "--only", "rules")


def test_a_changed_file_publishes_the_next_version_and_leaves_the_first_untouched(folder: Path) -> None:
    first = ProcedureVersion.objects.get(procedure__code="1.001193")
    papers = list(first.components.values_list("pk", "name"))

    def longer(document: Any) -> None:
        document["procedures"][0]["sla"] = {
            "qty": 2,
            "unit": "ngay_lam_viec",
            "basis": "case",
            "conflict": False,
        }

    _edit(folder / "procedures.json", longer)
    call_command("load_catalogue", "--folder", str(folder), "--only", "versions")
    second = Procedure.objects.get(code="1.001193").current
    assert second
    assert (second.number, second.time_value, second.status) == (2, 2, "published")
    again = ProcedureVersion.objects.get(pk=first.pk)
    assert (again.status, again.time_value, again.fingerprint) == ("retired", 1, first.fingerprint)
    assert again.valid_to is not None
    assert again.valid_to < second.valid_from
    assert list(again.components.values_list("pk", "name")) == papers
    assert ProcedureVersion.objects.count() == 150
    call_command("load_catalogue", "--folder", str(folder), "--only", "versions")
    assert ProcedureVersion.objects.count() == 150


def test_a_code_that_left_the_index_is_kept_but_not_current(folder: Path) -> None:
    path = folder / "procedures_index.csv"
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    path.write_text("".join([lines[0], *lines[2:]]), encoding="utf-8")
    call_command("load_catalogue", "--folder", str(folder), "--only", "procedures")
    assert Procedure.objects.get(code="1.000005").is_current is False
    assert Procedure.objects.filter(is_current=True).count() == 5663


def test_a_new_holiday_in_the_file_is_a_new_calendar_version(folder: Path) -> None:
    with (folder / "holidays.csv").open("a", encoding="utf-8") as file:
        file.write("2026-12-24,T5,holiday,Ngày thử,,Quyết định thử,official,page\n")
    call_command("load_catalogue", "--folder", str(folder), "--only", "calendars")
    day = CalendarDay.objects.get(date="2026-12-24")
    assert day.added_in.number == 5
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM danhmuc_calendarversion")
        assert cursor.fetchone() == (5,)
    call_command("load_catalogue", "--folder", str(folder), "--only", "calendars")
    assert CalendarDay.objects.filter(date="2026-12-24").count() == 1
