"""How much working time lies between two moments, and how a due badge says it."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from fractions import Fraction

from config.said import Said
from danhmuc.worktime.calendar import DAY, TZ, WorkCalendar, local, local_date
from danhmuc.worktime.counting import Line
from danhmuc.worktime.limits import Unit

SOON_MINUTES = 8 * 60
_STILL = ("Còn %(n)s ngày làm việc", "Còn %(n)s giờ", "Còn %(n)s phút")
_LATE = ("Quá hạn %(n)s ngày", "Quá hạn %(n)s giờ", "Quá hạn %(n)s phút")
_NONE = timedelta()
_TICK = timedelta(microseconds=1)


def add_working_days(calendar: WorkCalendar, on: date, n: int) -> date:
    """The Nth working day after a date; before it when `n` is negative; the date itself for none."""
    for _ in range(abs(n)):
        on = calendar.next_working_day(on) if n > 0 else calendar.previous_working_day(on)
    return on


def subtract_working_days(calendar: WorkCalendar, on: date, n: int) -> date:
    """The Nth working day before a date."""
    return add_working_days(calendar, on, -n)


def working_days_between(calendar: WorkCalendar, a: date, b: date) -> int:
    """Working days after the day of `a`, up to and including that of `b` (C3); negative when b is earlier."""
    start, end = local_date(a), local_date(b)
    if end < start:
        return -working_days_between(calendar, end, start)
    return sum(calendar.is_working_day(start + n * DAY) for n in range(1, (end - start).days + 1))


def working_time_between(calendar: WorkCalendar, a: datetime, b: datetime) -> timedelta:
    """Working time from one instant to another; negative when b is earlier."""
    if local(b) < local(a):
        return -working_time_between(calendar, b, a)
    return sum((part for part, _ in _worked_by_day(calendar, a, b)), _NONE)


def working_minutes_between(calendar: WorkCalendar, a: datetime, b: datetime) -> int:
    """Whole working minutes from one instant to another, towards zero; negative when b is earlier."""
    passed = working_time_between(calendar, a, b)
    minutes = abs(passed) // timedelta(minutes=1)
    return minutes if passed >= _NONE else -minutes


def working_days_spent(calendar: WorkCalendar, a: datetime, b: datetime) -> Fraction:
    """Working days from one instant to a later one, each counted by the part of its sessions that passed."""
    return sum(
        (Fraction(part // _TICK, whole // _TICK) for part, whole in _worked_by_day(calendar, a, b)),
        Fraction(0),
    )


def _worked_by_day(calendar: WorkCalendar, a: datetime, b: datetime) -> Iterator[tuple[timedelta, timedelta]]:
    start, end = local(a).replace(tzinfo=None), local(b).replace(tzinfo=None)
    day = start.date()
    while day <= end.date():
        part = whole = _NONE
        for opens, closes in calendar.stretches_on(day):
            whole += closes - opens
            part += max(min(closes, end) - max(opens, start), _NONE)
        if part:
            yield part, whole
        day += DAY


@dataclass(frozen=True, slots=True)
class Left:
    """How much time is left, in words with their unit; `working_minutes` is negative once overdue."""

    text: str
    level: str
    working_minutes: int


def counting_since(lines: Iterable[Line], now: datetime) -> datetime:
    """From when to say what is left: now, or the first day that counts while that is still ahead.

    A limit counted from the day after would else leave more than it has on the day it begins.
    """
    first = next((line.on for line in lines if line.counts and line.on is not None), None)
    if first is None or first <= local_date(now):
        return now
    return datetime.combine(first, time(), TZ)


def counting_from(begun: datetime, now: datetime, unit: Unit) -> datetime:
    """The same where only the moment a limit began is known: the day of the event does not count (C3, C4)."""
    first = local_date(begun) + DAY
    if unit in {Unit.WORKING_HOUR, Unit.SAME_DAY, Unit.IMMEDIATE} or first <= local_date(now):
        return now
    return datetime.combine(first, time(), TZ)


def describe_left(
    calendar: WorkCalendar, now: datetime, due: datetime, *, unit: Unit = Unit.WORKING_DAY
) -> Left:
    """What a due badge says: level "ok", "soon" (8 working hours or less) or "late".

    Day-based limits run to the end of the due date (C6, C7): after closing time that day they are due today,
    not late. Hour-based ones are late from the instant.
    """
    minutes = working_minutes_between(calendar, now, due)
    if unit is Unit.WORKING_HOUR and local(now) > due:
        days = working_days_spent(calendar, due, now)
        return Left(_amount(_LATE, -minutes, days) or Said("Vừa quá hạn"), "late", minutes)
    if unit is not Unit.WORKING_HOUR and local_date(now) > local_date(due):
        late = working_days_between(calendar, due, now)
        text = Said("Quá hạn %(n)s ngày", n=str(late)) if late else Said("Quá hạn dưới 1 ngày")
        return Left(text, "late", minutes)
    if minutes <= 0:
        today = local_date(now) == local_date(due)
        return Left(Said("Hết hạn hôm nay") if today else Said("Đến hạn"), "soon", 0)
    days = working_days_spent(calendar, now, due)
    level = "soon" if minutes <= SOON_MINUTES else "ok"
    return Left(_amount(_STILL, minutes, days), level, minutes)


def _amount(words: tuple[str, str, str], minutes: int, days: Fraction) -> str:
    """Rounded down to halves: a badge may promise less time than there is, never more."""
    in_days, in_hours, in_minutes = words
    if days >= 1:
        return Said(in_days, n=decimal_text(Fraction(int(days * 2), 2)))
    if minutes >= 60:
        return Said(in_hours, n=decimal_text(Fraction(minutes // 30, 2)))
    return Said(in_minutes, n=str(minutes)) if minutes else ""


def decimal_text(value: Fraction | int) -> str:
    """A number with at most one decimal, with the Vietnamese comma: 2,5."""
    tenths = round(value * 10)
    return f"{tenths // 10}" if tenths % 10 == 0 else f"{tenths // 10},{tenths % 10}"
