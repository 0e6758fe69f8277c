"""Calendars for tests of time: the shipped list of holidays, as a whole or as it was known earlier."""

import csv
from datetime import date, datetime
from pathlib import Path

from danhmuc.worktime import STANDARD_WEEK, TZ, DayKind, SpecialDay, WorkCalendar

HOLIDAYS = Path(__file__).resolve().parent.parent / "danhmuc" / "data" / "holidays.csv"


def at(text: str) -> datetime:
    """A moment in Việt Nam: at("2026-10-05 09:00")."""
    return datetime.fromisoformat(text).replace(tzinfo=TZ)


def official(*, version: str = "2", without: tuple[str, ...] = ()) -> WorkCalendar:
    """The national calendar, sessions 07:30-11:30 and 13:00-17:00; `without` names dates not yet announced."""
    with HOLIDAYS.open(encoding="utf-8", newline="") as lines:
        days = [
            SpecialDay(
                on=date.fromisoformat(row["date"]),
                kind=DayKind(row["type"]),
                name=row["name"],
                decision=row["basis"],
                projected=row["status"] != "official",
            )
            for row in csv.DictReader(lines)
            if row["date"] not in without
        ]
    return WorkCalendar(
        weekly=STANDARD_WEEK, days={day.on: day for day in days}, version=version, name="lịch toàn quốc"
    )
