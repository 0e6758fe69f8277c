"""The time engine against a slow calculation written differently: a walk over every minute and every date.

The walk knows nothing of the engine's types: a calendar is a table of working minutes, a pause a pair of moments.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from fractions import Fraction

from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from danhmuc.worktime import (
    TZ,
    DayKind,
    Session,
    SpecialDay,
    TimeLimit,
    Unit,
    WorkCalendar,
    add,
    add_working_days,
    count_hours,
    describe_left,
    subtract_working_days,
    working_days_between,
    working_days_spent,
    working_minutes_between,
    working_time_between,
)
from hoso.clock import Explanation, Rules, Share, Turn, explain_due, share_of, step_dues

FIRST = date(2026, 1, 28)
MINUTE = timedelta(minutes=1)
quick = settings(max_examples=60, deadline=None, database=None, suppress_health_check=[HealthCheck.too_slow])


# -- The slow calculation --


@dataclass(frozen=True)
class Table:
    """Working stretches of each weekday in minutes after midnight, and the dates that are otherwise."""

    week: dict[int, list[tuple[int, int]]]
    special: dict[date, str]

    def minutes(self, day: date) -> list[bool]:
        stretches = self.week.get(day.weekday(), [])
        kind = self.special.get(day)
        if kind == "swap_work":
            stretches = next(self.week[n] for n in range(7) if self.week.get(n))
        elif kind:
            stretches = []
        return [any(a <= minute < b for a, b in stretches) for minute in range(24 * 60)]

    def works(self, day: date) -> bool:
        return any(self.minutes(day))

    def engine(self, version: str = "") -> WorkCalendar:
        clock = [time(minute // 60, minute % 60) for minute in range(24 * 60)]
        return WorkCalendar(
            weekly={n: tuple(Session(clock[a], clock[b]) for a, b in one) for n, one in self.week.items()},
            days={on: SpecialDay(on, DayKind(kind), "Lễ") for on, kind in self.special.items()},
            version=version,
            name="lịch thử",
        )


def walk_minutes(
    table: Table, start: datetime, need: int, pauses: Iterable[tuple[datetime, datetime]] = ()
) -> datetime:
    """The end of the minute in which the last of `need` working, unpaused minutes passes."""
    naive = start.replace(tzinfo=None)
    rests = [(a.replace(tzinfo=None), b.replace(tzinfo=None)) for a, b in pauses]
    day = naive.date()
    while True:
        for number, works in enumerate(table.minutes(day)):
            moment = datetime.combine(day, time()) + number * MINUTE
            if works and moment >= naive and not any(a <= moment < b for a, b in rests):
                need -= 1
                if not need:
                    return (moment + MINUTE).replace(tzinfo=TZ)
        day += timedelta(days=1)


def walk_days(table: Table, start: date, need: int, pauses: Iterable[tuple[date, date]] = ()) -> date:
    """The Nth working date after `start`, passing over dates after a pause began and until it ended."""
    day = start
    while need:
        day += timedelta(days=1)
        if table.works(day) and not any(a < day <= b for a, b in pauses):
            need -= 1
    return day


def next_worked(table: Table, day: date) -> date:
    while not table.works(day):
        day += timedelta(days=1)
    return day


def last_minute(table: Table, day: date) -> datetime:
    last = max(number for number, works in enumerate(table.minutes(day)) if works)
    return (datetime.combine(day, time()) + (last + 1) * MINUTE).replace(tzinfo=TZ)


# -- Random worlds --


@st.composite
def weeks(draw: st.DrawFn) -> dict[int, list[tuple[int, int]]]:
    """Unequal sessions, half days, weekends that work; at least one weekday with hours."""
    week = {}
    for weekday in range(7):
        if weekday and draw(st.booleans()):
            continue
        cuts = draw(
            st.lists(st.integers(0, 287), min_size=2, max_size=6, unique=True).filter(
                lambda x: len(x) % 2 == 0
            )
        )
        cuts = sorted(cut * 5 for cut in cuts)
        week[weekday] = list(zip(cuts[::2], cuts[1::2], strict=True))
    return week


@st.composite
def tables(draw: st.DrawFn) -> Table:
    days = st.integers(0, 90).map(lambda n: FIRST + timedelta(days=n))
    kinds = st.sampled_from(["holiday", "compensatory", "swap_off", "swap_work"])
    return Table(draw(weeks()), draw(st.dictionaries(days, kinds, max_size=25)))


moments = st.integers(0, 40 * 24 * 60).map(lambda n: datetime.combine(FIRST, time(), TZ) + n * MINUTE)
short = st.integers(1, 12)
limits = (
    st.builds(TimeLimit, short, st.sampled_from([Unit.WORKING_HOUR, Unit.WORKING_DAY, Unit.CALENDAR_DAY]))
    | st.builds(TimeLimit, st.integers(1, 2), st.just(Unit.MONTH))
    | st.sampled_from([TimeLimit(0, Unit.SAME_DAY), TimeLimit(0, Unit.IMMEDIATE)])
)
gaps = st.lists(st.tuples(st.integers(0, 4000), st.integers(0, 9000)), max_size=3)


def explain(table: Table, limit: TimeLimit, *turns: Turn, rules: Rules | None = None) -> Explanation:
    calendar = table.engine()
    return explain_due(turns, limit, rules or Rules(), lambda version: calendar)


def last_counted(found: Explanation) -> date | None:
    return [line.on for line in found.lines if line.counts][-1]


# -- Counting --


@quick
@given(tables(), moments, short)
def test_hours_match_the_walk(table: Table, start: datetime, hours: int) -> None:
    due = add(table.engine(), start, TimeLimit(hours, Unit.WORKING_HOUR)).due
    assert due == walk_minutes(table, start, hours * 60)
    assert working_minutes_between(table.engine(), start, due) == hours * 60


@quick
@given(tables(), moments, short)
def test_working_days_match_the_walk(table: Table, start: datetime, days: int) -> None:
    found = add(table.engine(), start, TimeLimit(days, Unit.WORKING_DAY))
    day = walk_days(table, start.date(), days)
    assert found.due == last_minute(table, day)
    assert [line.text.split(" (")[0] for line in found.lines if line.counts] == [
        f"ngày {n + 1}" for n in range(days)
    ]
    assert add_working_days(table.engine(), start.date(), days) == day
    assert working_days_between(table.engine(), start, found.due) == days


@quick
@given(tables(), moments, st.integers(1, 60))
def test_calendar_days_match_the_walk(table: Table, start: datetime, days: int) -> None:
    found = add(table.engine(), start, TimeLimit(days, Unit.CALENDAR_DAY))
    assert found.due == last_minute(table, next_worked(table, start.date() + timedelta(days=days)))


@quick
@given(tables(), moments, st.integers(1, 14))
def test_months_match_the_walk(table: Table, start: datetime, months: int) -> None:
    first = start.date()
    year, month = first.year, first.month
    for _ in range(months):
        year, month = (year + 1, 1) if month == 12 else (year, month + 1)
    day = first.day
    while True:
        try:
            last = date(year, month, day)
            break
        except ValueError:
            day -= 1
    found = add(table.engine(), start, TimeLimit(months, Unit.MONTH))
    assert found.due == last_minute(table, next_worked(table, last))


@quick
@given(tables(), moments, moments)
def test_time_between_matches_the_walk(table: Table, a: datetime, b: datetime) -> None:
    a, b = min(a, b), max(a, b)
    b = min(b, a + timedelta(days=5))
    passed, moment = 0, a.replace(tzinfo=None)
    while moment < b.replace(tzinfo=None):
        worked = table.minutes(moment.date())
        until = min(b.replace(tzinfo=None), datetime.combine(moment.date() + timedelta(days=1), time()))
        first = moment.hour * 60 + moment.minute
        passed += sum(worked[first : first + (until - moment) // MINUTE])
        moment = until
    assert working_minutes_between(table.engine(), a, b) == passed
    assert working_minutes_between(table.engine(), b, a) == -passed
    assert working_time_between(table.engine(), a, b) == passed * MINUTE


@quick
@given(tables(), moments, limits, st.sampled_from(["CLOSING", "SAME_CLOCK_TIME", "MIDDAY"]))
def test_due_lies_in_working_time_after_the_start(
    table: Table, start: datetime, limit: TimeLimit, appointment: str
) -> None:
    found = add(table.engine(), start, limit, appointment=appointment)
    assert table.engine().is_working_instant(found.due)
    before = found.due.replace(tzinfo=None)
    worked = table.minutes(before.date())
    number = before.hour * 60 + before.minute
    assert worked[number] or (number and worked[number - 1])
    assert found.due >= start
    assert [line.on for line in found.lines if line.counts][-1] == found.due.date()


@quick
@given(tables(), moments, moments, limits)
def test_later_start_is_never_due_earlier(table: Table, a: datetime, b: datetime, limit: TimeLimit) -> None:
    early, late = sorted([a, b])
    assert add(table.engine(), early, limit).due <= add(table.engine(), late, limit).due


@quick
@given(
    tables(), moments, short, short, st.sampled_from([Unit.WORKING_HOUR, Unit.WORKING_DAY, Unit.CALENDAR_DAY])
)
def test_longer_limit_is_never_due_earlier(table: Table, start: datetime, a: int, b: int, unit: Unit) -> None:
    less, more = sorted([a, b])
    calendar = table.engine()
    assert add(calendar, start, TimeLimit(less, unit)).due <= add(calendar, start, TimeLimit(more, unit)).due


@quick
@given(tables(), moments, short, short)
def test_a_limit_may_be_split(table: Table, start: datetime, a: int, b: int) -> None:
    calendar = table.engine()
    for unit in (Unit.WORKING_HOUR, Unit.WORKING_DAY):
        half = add(calendar, start, TimeLimit(a, unit)).due
        assert add(calendar, half, TimeLimit(b, unit)).due == add(calendar, start, TimeLimit(a + b, unit)).due
    half = count_hours(calendar, start, timedelta(minutes=a)).due
    assert count_hours(calendar, half, timedelta(minutes=b)).due == walk_minutes(table, start, a + b)


@quick
@given(tables(), moments, short)
def test_going_back_undoes_going_on(table: Table, start: datetime, days: int) -> None:
    calendar = table.engine()
    working = calendar.next_working_day(start.date())
    assert subtract_working_days(calendar, add_working_days(calendar, working, days), days) == working


@quick
@given(tables(), moments, limits, st.integers(0, 20_000))
def test_a_badge_never_promises_more_than_there_is(
    table: Table, start: datetime, limit: TimeLimit, passed: int
) -> None:
    calendar, now = table.engine(), start + passed * MINUTE
    due = add(calendar, start, limit).due
    left = describe_left(calendar, now, due, unit=limit.unit)
    if left.level == "late":
        assert now > due
        assert left.working_minutes <= 0
        return
    assert left.level == ("soon" if left.working_minutes <= 480 else "ok")
    number = Fraction(left.text.split()[1].replace(",", ".")) if left.text.startswith("Còn") else Fraction(0)
    if "ngày" in left.text and number:
        assert number <= working_days_spent(calendar, now, due) < number + Fraction(1, 2)
    elif "giờ" in left.text:
        assert number * 60 <= left.working_minutes < number * 60 + 30


# -- Pauses --


def paused(start: datetime, breaks: list[tuple[int, int]], kind: str, mode: str) -> list[Turn]:
    """Alternating holds and resumes: minutes of work, then minutes of waiting."""
    turns, moment = [Turn("accept", start)], start
    for work, wait in breaks:
        hold = moment + work * MINUTE
        moment = hold + wait * MINUTE
        turns += [Turn("hold", hold, {"kind": kind, "supplement_mode": mode}), Turn("resume", moment)]
    return turns


def pairs(turns: list[Turn]) -> list[tuple[datetime, datetime]]:
    return [(a.at, b.at) for a, b in zip(turns[1::2], turns[2::2], strict=True)]


kinds = st.sampled_from([("SUPPLEMENT", "CONTINUE"), ("FINANCIAL", "RESTART")])


@quick
@given(tables(), moments, short, gaps, kinds)
def test_hours_go_on_after_pauses(
    table: Table, start: datetime, hours: int, breaks: list[tuple[int, int]], kind: tuple[str, str]
) -> None:
    turns = paused(start, breaks, *kind)
    for n in range(len(breaks)):
        assume(turns[2 * n + 1].at < walk_minutes(table, start, hours * 60, pairs(turns[: 2 * n + 1])))
    found = explain(table, TimeLimit(hours, Unit.WORKING_HOUR), *turns)
    assert found.due_at == found.original_due_at == walk_minutes(table, start, hours * 60, pairs(turns))
    assert last_counted(found) == found.due_at.date()
    assert found.total == hours


@quick
@given(tables(), moments, short, gaps, kinds)
def test_working_days_go_on_after_pauses(
    table: Table, start: datetime, days: int, breaks: list[tuple[int, int]], kind: tuple[str, str]
) -> None:
    turns = paused(start, breaks, *kind)
    dates = [(a.date(), b.date()) for a, b in pairs(turns)]
    for n, (hold, _) in enumerate(dates):
        assume(hold < walk_days(table, start.date(), days, dates[:n]))
    found = explain(table, TimeLimit(days, Unit.WORKING_DAY), *turns)
    assert found.due_at == last_minute(table, walk_days(table, start.date(), days, dates))
    assert [line.text.split(" (")[0] for line in found.lines if line.counts] == [
        f"ngày {n + 1}" for n in range(days)
    ]
    assert last_counted(found) == found.due_at.date()
    assert found.total == days


@quick
@given(tables(), moments, st.integers(2, 40), gaps, kinds)
def test_calendar_days_go_on_after_pauses(
    table: Table, start: datetime, days: int, breaks: list[tuple[int, int]], kind: tuple[str, str]
) -> None:
    turns = paused(start, breaks, *kind)
    last = start.date() + timedelta(days=days)
    for hold, resumed in pairs(turns):
        assume(hold.date() < last)
        last += resumed.date() - hold.date()
    found = explain(table, TimeLimit(days, Unit.CALENDAR_DAY), *turns)
    assert found.due_at == last_minute(table, next_worked(table, last))
    assert last_counted(found) == found.due_at.date()


@quick
@given(tables(), moments, limits, gaps, kinds, st.booleans())
def test_any_history_ends_with_its_explanation(
    table: Table,
    start: datetime,
    limit: TimeLimit,
    breaks: list[tuple[int, int]],
    kind: tuple[str, str],
    extended: bool,
) -> None:
    """Whatever the unit, and even when late before a pause: the last counted line is the due date."""
    turns = paused(start, breaks, *kind)
    if extended:
        turns.append(Turn("extend", turns[-1].at, {"value": 3, "unit": "working_day"}))
    found = explain(table, limit, *turns)
    assert found.due_at is not None
    assert last_counted(found) == found.due_at.date()
    assert table.engine().is_working_instant(found.due_at)
    assert found.original_due_at <= found.due_at
    assert found.running
    again = explain(table, limit, *turns, Turn("decide", turns[-1].at + MINUTE))
    assert (again.due_at, again.running, again.clock) == (found.due_at, False, None)
    assert last_counted(again) == found.due_at.date()


@quick
@given(tables(), moments, limits, gaps, kinds)
def test_a_pause_never_brings_a_date_forward(
    table: Table, start: datetime, limit: TimeLimit, breaks: list[tuple[int, int]], kind: tuple[str, str]
) -> None:
    turns = paused(start, breaks, *kind)
    dues = [explain(table, limit, *turns[:n]).due_at for n in range(1, len(turns) + 1, 2)]
    assert dues == sorted(dues)


@quick
@given(tables(), moments, st.integers(1, 12), moments)
def test_a_pause_within_a_day_costs_no_day(
    table: Table, start: datetime, days: int, paused_at: datetime
) -> None:
    limit = TimeLimit(days, Unit.WORKING_DAY)
    plain = explain(table, limit, Turn("accept", start))
    assume(start <= paused_at and paused_at.date() < plain.due_at.date())
    hold = Turn("hold", paused_at, {"kind": "FINANCIAL"})
    resume = Turn("resume", datetime.combine(paused_at.date(), time(23, 59), TZ))
    assert explain(table, limit, Turn("accept", start), hold, resume).due_at == plain.due_at


@quick
@given(tables(), moments, moments, moments, limits, st.integers(0, 9000))
def test_restart_forgets_the_time_used(
    table: Table, first: datetime, second: datetime, held: datetime, limit: TimeLimit, wait: int
) -> None:
    held = max(held, first, second)
    resumed = held + wait * MINUTE
    found = {
        explain(table, limit, Turn("accept", start), Turn("hold", held), Turn("resume", resumed)).due_at
        for start in (first, second)
    }
    assert found == {add(table.engine(), resumed, limit).due}


# -- Calendars that change --


@quick
@given(weeks(), tables(), tables(), moments, limits, gaps, kinds, st.integers(0, 6))
def test_recalculation_never_shortens(
    week: dict[int, list[tuple[int, int]]],
    one: Table,
    other: Table,
    start: datetime,
    limit: TimeLimit,
    breaks: list[tuple[int, int]],
    kind: tuple[str, str],
    when: int,
) -> None:
    """Two versions of one calendar; the change may come at any point, on hold too."""
    calendars = {"1": Table(week, one.special).engine("1"), "2": Table(week, other.special).engine("2")}
    turns = paused(start, breaks, *kind)
    turns[0] = Turn("accept", start, {"calendar": "1"})
    when = min(when, len(turns) - 1) + 1
    changed = Turn("recalculate", turns[when - 1].at, {"calendar": "2"})

    def due(history: list[Turn]) -> Explanation:
        return explain_due(history, limit, Rules(), calendars.__getitem__)

    before, after = due(turns[:when]), due([*turns[:when], changed])
    assert after.due_at >= before.due_at
    assert after.original_due_at >= before.original_due_at
    recount = due([Turn("accept", start, {"calendar": "2"}), *turns[1:when]])
    assert after.due_at == max(before.due_at, recount.due_at)
    rest = due([*turns[:when], changed, *turns[when:]])
    assert rest.due_at >= after.due_at
    assert last_counted(rest) == rest.due_at.date()


# -- Steps --


@quick
@given(tables(), moments, short, st.lists(st.integers(1, 10), min_size=1, max_size=5))
def test_a_full_plan_ends_with_its_dossier(
    table: Table, start: datetime, value: int, weights: list[int]
) -> None:
    calendar = table.engine()
    for unit in (Unit.WORKING_HOUR, Unit.WORKING_DAY, Unit.CALENDAR_DAY):
        limit = TimeLimit(value, unit)
        due = add(calendar, start, limit).due
        whole = sum(weights)
        shares = [
            Share(str(n), share_of(calendar, start, due, limit, Fraction(100 * weight, whole)), n)
            for n, weight in enumerate(weights)
        ]
        steps = step_dues(calendar, start, shares, limit, due_at=due)
        assert steps[-1].due_at == due
        assert [step.due_at for step in steps] == sorted(step.due_at for step in steps)
        assert all(calendar.is_working_instant(step.due_at) for step in steps)
