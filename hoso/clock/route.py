"""Due times of a route's steps and of agencies working together; early signals (domain §7.3, §9.2)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from fractions import Fraction
from itertools import groupby
from math import ceil

from danhmuc.worktime import (
    TimeLimit,
    Unit,
    WorkCalendar,
    add,
    add_working_days,
    count_hours,
    local,
    local_date,
    subtract_working_days,
    working_days_between,
    working_time_between,
)
from hoso.clock.rules import DEFAULT_RULES, ClockError, Rules

_HOUR = timedelta(hours=1)
_TICK = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Share:
    """One step: `amount` counts the unit of the procedure's limit; steps of one `order` run side by side."""

    name: str
    amount: Fraction
    order: int


@dataclass(frozen=True, slots=True)
class StepDue:
    """When a step may begin and must end. `position` is the day (or hour) of the limit on which it ends."""

    name: str
    order: int
    starts_at: datetime
    due_at: datetime
    position: Fraction


def share_of(
    calendar: WorkCalendar, start: datetime, due_at: datetime, limit: TimeLimit, percent: int | Fraction
) -> Fraction:
    """A percentage of the time from `start` to `due_at` as the `amount` of a `Share`, exactly.

    At acceptance that time is the limit itself; after a pause or an extension it is what is left of it. It is
    counted in the limit's unit, a month in working days, a same-day limit in working hours. None is left once late.
    """
    if limit.unit in (Unit.WORKING_HOUR, Unit.SAME_DAY, Unit.IMMEDIATE):
        whole = Fraction(working_time_between(calendar, start, due_at) // _TICK, _HOUR // _TICK)
    elif limit.unit is Unit.CALENDAR_DAY:
        whole = Fraction((local_date(due_at) - local_date(start)).days)
    else:
        whole = Fraction(working_days_between(calendar, start, due_at))
    return max(whole, Fraction(0)) * Fraction(percent) / 100


def longest_path(steps: Sequence[Share]) -> Fraction:
    """The time a plan needs: steps in order one after another, of those side by side the longest."""
    ordered = sorted(steps, key=lambda step: step.order)
    groups = groupby(ordered, key=lambda step: step.order)
    return sum((max(step.amount for step in group) for _, group in groups), Fraction(0))


def check_plan(steps: Sequence[Share], limit: TimeLimit) -> None:
    """ClockError when a plan needs more time than the procedure gives (domain §9.2 rule 2)."""
    if any(step.amount < 0 for step in steps):
        raise ClockError("Thời gian của một bước không thể âm.")
    needed = longest_path(steps)
    if limit.unit not in (Unit.SAME_DAY, Unit.IMMEDIATE, Unit.MONTH) and needed > limit.value:
        raise ClockError(f"Tổng thời gian các bước ({float(needed):g}) vượt thời hạn của thủ tục ({limit}).")


def step_dues(
    calendar: WorkCalendar,
    start: datetime,
    steps: Sequence[Share],
    limit: TimeLimit,
    rules: Rules = DEFAULT_RULES,
    *,
    due_at: datetime | None = None,
) -> tuple[StepDue, ...]:
    """The due time of each step, in order, for a clock that starts (or restarts) at `start`.

    Positions add up before they become dates, so halves of days do not drift and a plan that fills the limit
    ends with it. A whole day ends at closing time, a part of one at that part of its sessions. Amounts count
    working hours, working days or days, as the limit does; working days where the limit is in months, working
    hours where it is the same day (`share_of` measures both). No step is due later than `due_at`, when given;
    otherwise ClockError for a plan that does not fit the limit.
    """
    if due_at is None:
        check_plan(steps, limit)
    found, begins, position = [], local(start), Fraction(0)
    for _, group in groupby(sorted(steps, key=lambda step: step.order), key=lambda step: step.order):
        ends = []
        for step in group:
            reached = position + step.amount
            due = _at_position(calendar, start, reached, limit.unit, rules)
            due = due if due_at is None else min(due, local(due_at))
            found.append(StepDue(step.name, step.order, begins, due, reached))
            ends.append((reached, due))
        position, begins = max(ends)
    return tuple(found)


def _at_position(
    calendar: WorkCalendar, start: datetime, position: Fraction, unit: Unit, rules: Rules
) -> datetime:
    if unit in (Unit.WORKING_HOUR, Unit.SAME_DAY, Unit.IMMEDIATE):
        return count_hours(calendar, start, timedelta(microseconds=int(_HOUR // _TICK * position))).due
    if not position:
        return local(start)
    if unit is Unit.CALENDAR_DAY:
        # Rest days count here but nobody works on them, so a part of a day is given the whole day.
        return add(calendar, start, TimeLimit(ceil(position), unit)).due
    whole, part = int(position), position - int(position)
    day = add_working_days(calendar, local_date(start), whole)
    if not part:
        return calendar.closing(day)
    day = calendar.next_working_day(day)
    length = working_time_between(calendar, calendar.opening(day), calendar.closing(day))
    worked = timedelta(microseconds=int(length // _TICK * part))
    return count_hours(calendar, calendar.opening(day), worked).due


# -- Early signals --


def intake_signals(
    calendar: WorkCalendar, acknowledged_at: datetime, rules: Rules = DEFAULT_RULES
) -> tuple[datetime, ...]:
    """When an unopened dossier is pointed out: after 2 elapsed hours, then at 4 and 7 working hours."""
    first = local(acknowledged_at) + timedelta(hours=rules.portal_to_desk_hours)
    later = (
        count_hours(calendar, acknowledged_at, timedelta(hours=hours)).due
        for hours in rules.intake_alert_hours
    )
    return (first, *later)


def share_signals(
    calendar: WorkCalendar, started_at: datetime, due_at: datetime, rules: Rules = DEFAULT_RULES
) -> tuple[datetime, ...]:
    """When a step has used 80 % and 100 % of its working time."""
    whole = max(working_time_between(calendar, started_at, due_at), timedelta())
    return tuple(
        count_hours(calendar, started_at, whole * percent / 100).due if whole else local(due_at)
        for percent in rules.share_alert_percents
    )


def due_signals(
    calendar: WorkCalendar, due_at: datetime, rules: Rules = DEFAULT_RULES
) -> tuple[datetime, ...]:
    """When a coming due date is pointed out: as the office opens 2 working days before it, then 1 before."""
    on = local_date(due_at)
    return tuple(calendar.opening(subtract_working_days(calendar, on, days)) for days in rules.due_alert_days)


def collection_signals(decided_at: datetime, rules: Rules = DEFAULT_RULES) -> tuple[datetime, ...]:
    """When the applicant hears that a result waits: at once, then after 3, 10 and 30 days."""
    at = local(decided_at)
    return (at, *(at + timedelta(days=days) for days in rules.collection_reminder_days))
