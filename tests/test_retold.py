"""Sentences of the working clock and those that rows keep, told again in English from the facts they carry."""

import ast
import copy
import pickle
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import translation

from config import retold
from config.said import Said
from config.ui import VIETNAMESE
from config.ui import retold as shown
from danhmuc.worktime import (
    STANDARD_WEEK,
    TZ,
    DayKind,
    SpecialDay,
    TimeLimit,
    Unit,
    WorkCalendar,
    add,
    describe_left,
)
from danhmuc.worktime.counting import duration_text
from portal.models import AccountChange
from portal.services import accounts, papers, uploads
from tests.factories import World, draft

SPEAKING = ("danhmuc/worktime", "hoso/clock", "portal/services/feedback/clock.py")


def said_in_code() -> set[str]:
    """The words of every sentence that is said: what `Said` is given anywhere; of the clocks, which choose their words
    from tables, also texts with places to fill.
    """
    found = set()
    for app in ("danhmuc", "hoso", "portal", "buuchinh", "baocao"):
        for file in (Path(settings.BASE_DIR) / app).rglob("*.py"):
            source = file.read_text(encoding="utf-8")
            clock = file.relative_to(settings.BASE_DIR).as_posix().startswith(SPEAKING)
            if not clock and "from config.said import" not in source:
                continue
            for node in ast.walk(ast.parse(source)):
                if clock and isinstance(node, ast.Constant) and "%(" in str(node.value):
                    found.add(node.value)
                if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "Said":
                    found |= {arg.value for arg in node.args if isinstance(arg, ast.Constant)}
    return found


def test_the_catalogue_knows_every_sentence_that_is_said_and_no_other() -> None:
    assert said_in_code() == {*retold.COUNTED, *retold.SAID}


@pytest.mark.parametrize("words", retold.PLAIN)
def test_plain_words_of_the_catalogue_are_still_written_somewhere(words: str) -> None:
    folders = (Path(settings.BASE_DIR) / name for name in ("config", "portal"))
    written = [file for folder in folders for file in folder.rglob("*.py") if words in file.read_text()]
    assert {file.name for file in written} > {"retold.py"}


def test_a_sentence_is_a_string_that_knows_its_facts() -> None:
    said = Said("ngày %(n)s", n="3")
    assert (said, str(said), f"{said}") == ("ngày 3", "ngày 3", "ngày 3")
    for again in (str(said), copy.deepcopy(said), pickle.loads(pickle.dumps(said))):
        assert (again, again.words, again.facts) == ("ngày 3", "ngày %(n)s", {"n": "3"})
    percent = Said("theo %(text)s, bản %(version)s", text="100% lương", version="1")
    assert pickle.loads(pickle.dumps(percent)) == "theo 100% lương, bản 1"


def calendar() -> WorkCalendar:
    days = [
        SpecialDay(date(2026, 10, 5), DayKind.HOLIDAY, "Quốc khánh"),
        SpecialDay(date(2026, 10, 10), DayKind.SWAP_WORK, "Làm bù", decision="Quyết định 12", projected=True),
    ]
    return WorkCalendar(STANDARD_WEEK, {day.on: day for day in days})


def test_a_count_is_told_in_english_from_its_facts() -> None:
    start = datetime(2026, 10, 2, 15, tzinfo=TZ)
    count = add(calendar(), start, TimeLimit(6, Unit.WORKING_DAY))
    texts = [line.text for line in count.lines]
    assert texts[:4] == ["ngày bắt đầu, không tính", "thứ Bảy", "Chủ nhật", "nghỉ Quốc khánh"]
    assert texts[-3] == "ngày 5 (thứ Bảy làm bù theo Quyết định 12 (dự kiến))"
    with translation.override("en"):
        told = [str(shown(text)) for text in texts]
        left = shown(describe_left(calendar(), start, count.due).text)
        spent = shown(duration_text(timedelta(hours=2, minutes=15)))
    assert told[:4] == [
        "first day, not counted", "Saturday", "Sunday", 'day off: <span lang="vi">Quốc khánh</span>',
    ]  # fmt: skip
    assert told[-3] == (
        'day 5 (Saturday, <span lang="vi">làm bù</span> by <span lang="vi">Quyết định 12</span> (expected))'
    )
    assert (left, spent) == ("6 working days left", "2 hours 15 minutes")


@pytest.mark.parametrize(
    ("text", "english"),
    [
        (Said("Còn %(n)s ngày làm việc", n="1"), "1 working day left"),
        (Said("Còn %(n)s ngày làm việc", n="2,5"), "2.5 working days left"),
        (TimeLimit(5, Unit.WORKING_DAY), "5 working days"),
        (TimeLimit.parse("same_day"), "the same day"),
        # A finished sentence is nobody's to take apart: somebody may have typed it.
        ("Hoàn phí: Nộp thừa", "Hoàn phí: Nộp thừa"),
        ("Hết hiệu lực; mọi thiết bị bị đăng xuất", "No longer valid; all devices were signed out"),
        ("Một câu không ai biết", "Một câu không ai biết"),
    ],
)
def test_sentences(text: object, english: str) -> None:
    assert str(shown(text)) == str(text)
    with translation.override("en"):
        assert str(shown(text)) == english


@pytest.mark.django_db
def test_rows_keep_the_facts(w: World) -> None:
    """A desk whose name looks like our own sentence leads nobody astray."""
    agency = "Một cửa xã A, sửa tại nhà"
    accounts.note(w.citizen, Said("%(text)s, sửa tại %(agency)s", text="Điện thoại", agency=agency), by=None)
    kept = AccountChange.objects.get()
    assert kept.what == "Điện thoại, sửa tại Một cửa xã A, sửa tại nhà"
    with translation.override("en"):
        assert str(shown(kept.what_said)).startswith("Telephone, changed at")
        assert str(shown(kept.what_said)).endswith(f'<span lang="vi">{agency}</span>')


@pytest.mark.django_db
def test_a_file_refused_behind_the_page_is_told_in_the_language_of_the_page(w: World) -> None:
    dossier, name = draft(w, paper=False), "chứa “%(limit)s” 100%.pdf"
    box = papers.boxes(dossier)[0].name
    broken = SimpleUploadedFile(name, b"%PDF-1.4 broken")
    row = uploads.take_whole(dossier, box, broken, by=w.citizen)
    (row,) = uploads.finish(dossier, [row.key], by=w.citizen)
    row.refresh_from_db()
    assert row.state == row.State.REFUSED
    assert name in row.refusal
    assert uploads.why_refused(row) == row.refusal
    with translation.override("en"):
        told = uploads.why_refused(row)
    assert told.count(name) == row.refusal.count(name)
    assert not VIETNAMESE.search(told.replace(name, ""))
