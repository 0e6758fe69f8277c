"""Fills a declaration the way a person would: every question asked of them, with answers the form's rules accept."""

from collections.abc import Iterator
from datetime import date, timedelta
from functools import lru_cache
from random import Random
from typing import Any

from django.utils import timezone

from config.demo.people import full_name
from danhmuc import lists
from danhmuc.models import ProcedureVersion, User
from danhmuc.worktime import WorkCalendar, add_months, add_working_days
from hoso.forms import declaration, eform_rules
from hoso.services.answers import EMPTY, offer_of, pruned, sections_of, shown_fields
from portal import identity

VARIANTS = 3
Spec = dict[str, Any]


class NoAnswer(Exception):
    """No candidate suits a question; the form has a rule this module does not know."""


def fill(
    version: ProcedureVersion,
    citizen: User,
    rng: Random,
    today: date,
    calendar: WorkCalendar,
    *,
    agency_name: str,
) -> dict[str, Any]:
    """A whole declaration for one person, filled in on `today`. The body comes from a few ready ones a version, with
    its days moved; what the page offers from the account is taken as offered. `calendar` is the one forms are judged by.
    """
    # Rules are judged by the clock on the wall, so the ready ones are made for that day and then moved as a whole.
    judged_on = timezone.localdate()
    known = identity.sources(citizen, version, agency_name)
    ready = _ready(version, rng.randrange(VARIANTS), judged_on, calendar)
    offered = _offered(version, ready, known)
    if any(ready.get(key) != offered[key] for key in offered.keys() & _conditions(version)):
        ready = _completed(version, ready | offered, Random(version.pk), judged_on, calendar)
    moved = dict(zip(_days(judged_on, calendar), _days(today, calendar), strict=True))
    answers: dict[str, Any] = _with_days(ready, moved)
    return answers | _offered(version, answers, known)


def _offered(version: ProcedureVersion, answers: dict[str, Any], known: dict[str, Any]) -> dict[str, Any]:
    """What the page offers to the questions it asks."""
    return {
        spec["key"]: value
        for _, section in declaration.pages(version, answers)
        for spec in declaration.asked(section, answers)
        if (value := offer_of(spec, known, answers)) is not None
    }


@lru_cache(maxsize=2000)
def _conditions(version: ProcedureVersion) -> frozenset[str]:
    """The questions on whose answers others hang."""
    parts = [*sections_of(version), *(f for section in sections_of(version) for f in section["fields"])]
    return frozenset(part["show_if"]["field"] for part in parts if part.get("show_if"))


@lru_cache(maxsize=2000)
def _ready(version: ProcedureVersion, variant: int, today: date, calendar: WorkCalendar) -> dict[str, Any]:
    return _completed(version, {}, Random(version.pk * VARIANTS + variant), today, calendar)


def _completed(
    version: ProcedureVersion, answers: dict[str, Any], rng: Random, today: date, calendar: WorkCalendar
) -> dict[str, Any]:
    """Answers to every question that shows, condition after condition."""
    for _ in range(6):
        for _, section in declaration.pages(version, answers):
            for spec in declaration.asked(section, answers):
                if answers.get(spec["key"]) in EMPTY and _must_be_answered(spec):
                    answers[spec["key"]] = _answer(spec, answers, rng, today, calendar)
        answers = pruned(version, answers)
    return answers


def _must_be_answered(spec: Spec) -> bool:
    """A table that names a least number of rows asks for them, whether or not it calls itself required."""
    return declaration.is_required(spec) or bool(spec.get("rules", {}).get("min_items"))


def _days(today: date, calendar: WorkCalendar) -> tuple[str, ...]:
    """The days an answer may name, past ones first. Those of one form agree, for forms compare them."""
    return tuple(
        day.isoformat()
        for day in (
            add_months(today, -480),
            add_months(today, -12),
            today - timedelta(days=10),
            today,
            add_working_days(calendar, today, 5),
            add_working_days(calendar, today, 30),
        )
    )


def _with_days(value: Any, moved: dict[str, str]) -> Any:
    """The same answers with other days."""
    if isinstance(value, dict):
        return {key: _with_days(part, moved) for key, part in value.items()}
    if isinstance(value, list):
        return [_with_days(part, moved) for part in value]
    return moved.get(value, value) if isinstance(value, str) else value


def _answer(spec: Spec, answers: dict[str, Any], rng: Random, today: date, calendar: WorkCalendar) -> Any:
    if spec["type"] == "group":
        return _rows(spec, answers, rng, today, calendar)
    for value in _candidates(spec, rng, today, calendar):
        if not eform_rules.judge(spec, value, answers | {spec["key"]: value}).errors:
            return value
    raise NoAnswer(f"không có câu trả lời mẫu cho ô {spec['key']}")


def _rows(
    spec: Spec, answers: dict[str, Any], rng: Random, today: date, calendar: WorkCalendar
) -> list[dict[str, Any]]:
    rows = []
    for place in range(max(int(spec.get("rules", {}).get("min_items", 1)), 1)):
        row: dict[str, Any] = {}
        for child in spec["fields"]:
            asked = child in shown_fields({"fields": spec["fields"]}, answers | row)
            if asked and child["type"] != "file_ref":
                yes = child["type"] == "yesno"  # exactly one row is the main one
                row[child["key"]] = place == 0 if yes else _answer(child, answers | row, rng, today, calendar)
        rows.append(row)
    return rows


def _candidates(spec: Spec, rng: Random, today: date, calendar: WorkCalendar) -> Iterator[Any]:
    """Values that may suit a question, the likeliest first."""
    kind = spec["type"]
    options = [value for value, _ in lists.choices_of(spec)]
    number = rng.randrange(10_000, 99_999)
    if spec.get("default") not in EMPTY:
        yield spec["default"]
    if kind == "date":
        yield from _days(today, calendar)
    elif kind in {"choice", *lists.BY_TYPE}:
        rng.shuffle(options)
        yield from options
    elif kind == "multichoice":
        yield options[:1]
    elif kind in {"place", "address"}:
        place = {"province": "25", "commune": "07900", "units_version": "2"}
        yield place if kind == "place" else place | {"country": "VN", "detail": f"Khu {rng.randrange(1, 15)}"}
    elif kind == "text" and spec.get("rules", {}).get("format") == "decimal":
        yield f"{rng.randrange(60, 400)}.5"
    else:
        simple: dict[str, tuple[Any, ...]] = {
            "year": (today.year - rng.randrange(5, 40), today.year, today.year + 1),
            "yesno": (True, False),
            "integer": (1, rng.randrange(2, 5), 30, 300),
            "money": (rng.randrange(20, 900) * 1_000_000,),
            "person_id": (f"0251860{number}",),
            "passport": (f"B{number}21",),
            "tax_code": ("0100233488",),
            "phone": (f"+849122{number}",),
            "email": ("ho.so@example.vn",),
        }
        words = f"{spec['label']} theo giấy tờ kèm theo"
        if spec["label"].startswith(("Họ,", "Họ và tên", "Họ tên")):
            words = full_name(rng, rng.choice(("male", "female")))
        yield from simple.get(kind, (words[:80], "4711", "123456789", "09/2026"))
