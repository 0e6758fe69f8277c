"""What is left of a promised date when work pauses, and where that leads when it goes on (domain §8.5)."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from fractions import Fraction

from danhmuc.worktime import (
    TZ,
    Count,
    TimeLimit,
    Unit,
    WorkCalendar,
    add,
    add_months,
    count_calendar_days,
    count_hours,
    count_working_days,
    local_date,
    working_days_between,
    working_days_spent,
    working_time_between,
)
from hoso.clock.deadlines import classify_open
from hoso.clock.rules import Rules, Timeliness

BY_HOURS = (Unit.WORKING_HOUR, Unit.SAME_DAY, Unit.IMMEDIATE)
BY_DATES = (Unit.CALENDAR_DAY, Unit.MONTH)

Rest = timedelta | int


@dataclass(slots=True)
class Promise:
    """A due instant. `last` is its last day before it moved off rest days; `rest` what a pause left of it.

    `rest` is working time for hours, days for all else, and None while running or once late: a late date stays.
    """

    due: datetime
    last: date
    rest: Rest | None = None

    @classmethod
    def counted(cls, start: datetime, limit: TimeLimit, due: datetime) -> "Promise":
        """The promise that a limit from `start` has led to."""
        if limit.unit is Unit.CALENDAR_DAY:
            return cls(due, local_date(start) + timedelta(days=limit.value))
        if limit.unit is Unit.MONTH:
            return cls(due, add_months(local_date(start), limit.value))
        return cls(due, due.date())

    def pause(self, calendar: WorkCalendar, at: datetime, unit: Unit) -> None:
        """Keep what is left after the day of the pause, or after its instant for hours."""
        if classify_open(at, self.due, unit) is Timeliness.OVERDUE:
            self.rest = None
        elif unit is Unit.WORKING_HOUR:
            self.rest = working_time_between(calendar, at, self.due)
        elif unit in BY_DATES:
            self.rest = max((self.last - at.date()).days, 0)
        else:
            self.rest = working_days_between(calendar, at, self.due)

    def go_on(
        self, calendar: WorkCalendar, at: datetime, limit: TimeLimit, rules: Rules, done: int
    ) -> Count | None:
        """Move the date by the pause; None when it was late and stays. `done` days are numbered before."""
        rest, unit, printed = self.rest, limit.unit, rules.appointment_time
        if rest is None:
            return None
        if isinstance(rest, timedelta):
            count = count_hours(calendar, at, rest)
        elif unit in BY_DATES:
            count = count_calendar_days(calendar, at, rest, done=done, appointment=printed)
        elif unit is Unit.WORKING_DAY or rest:
            count = count_working_days(calendar, at, rest, done=done, appointment=printed)
        else:
            count = add(calendar, at, limit, cutoff=rules.same_day_cutoff)
        by_dates = unit in BY_DATES and isinstance(rest, int) and rest > 0
        self.last = (
            at.date() + timedelta(days=rest) if by_dates and isinstance(rest, int) else count.due.date()
        )
        self.due, self.rest = count.due, None
        return count


def measure(
    calendar: WorkCalendar, unit: Unit, start: datetime, end: datetime, *, whole: bool = False
) -> Fraction:
    """How much of a limit lies between two instants, in its unit; with `whole` the last day counts as a full one."""
    if end <= start:
        return Fraction(0)
    if unit in BY_HOURS:
        return Fraction(working_time_between(calendar, start, end) // timedelta(seconds=1), 3600)
    if unit in BY_DATES:
        return Fraction((local_date(end) - local_date(start)).days)
    days, last = Fraction(working_days_between(calendar, start, end)), local_date(end)
    if whole or not days or not calendar.is_working_day(last):
        return days
    return days - 1 + working_days_spent(calendar, datetime.combine(last, time(), TZ), end)
