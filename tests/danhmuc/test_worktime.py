"""Working-time arithmetic at its edges: session ends, lunch, rest days, short months, calendars that change."""

from datetime import UTC, date, datetime, time, timedelta

import pytest

from danhmuc.worktime import (
    STANDARD_WEEK,
    TZ,
    CalendarEmpty,
    DayKind,
    Session,
    SpecialDay,
    TimeLimit,
    Unit,
    WorkCalendar,
    add,
    add_months,
    add_working_days,
    counting_from,
    describe_left,
    subtract_working_days,
    working_days_between,
    working_minutes_between,
)
from tests.calendars import at, official

PLAIN = WorkCalendar(STANDARD_WEEK, name="lịch thường")
OFFICIAL = official()


def due(start: str, limit: str, calendar: WorkCalendar = PLAIN, **choices: object) -> datetime:
    return add(calendar, at(start), TimeLimit.parse(limit), **choices).due


def told(start: str, limit: str, calendar: WorkCalendar = OFFICIAL) -> list[tuple[str, str, bool]]:
    lines = add(calendar, at(start), TimeLimit.parse(limit)).lines
    return [(f"{line.on:%d/%m}", line.text, line.counts) for line in lines]


# -- Limits --


@pytest.mark.parametrize(
    ("code", "text"),
    [
        ("5 working_day", "05 ngày làm việc"),
        ("8 working_hour", "08 giờ làm việc"),
        ("20 calendar_day", "20 ngày"),
        ("1 month", "01 tháng"),
        ("same_day", "trong ngày"),
        ("immediate", "ngay khi nhận"),
    ],
)
def test_limit_reads_and_speaks(code: str, text: str) -> None:
    limit = TimeLimit.parse(code)
    assert (str(limit), limit.code) == (text, code)


@pytest.mark.parametrize(
    "text", ["", "5", "working_day", "five working_day", "5 days", "0 working_day", "-1 month", "1.5 working_day",
             "5 working_day 6", "99999999 working_hour", "1201 month"],
)  # fmt: skip
def test_limit_refuses_what_it_cannot_count(text: str) -> None:
    with pytest.raises(ValueError, match="Không đọc được thời hạn"):
        TimeLimit.parse(text)


@pytest.mark.parametrize("value", [0, -3, True, 1.5])
def test_limit_has_a_whole_length(value: int) -> None:
    with pytest.raises(ValueError, match="Thời hạn phải"):
        TimeLimit(value, Unit.WORKING_DAY)


# -- Hours --


@pytest.mark.parametrize(
    ("start", "limit", "expected"),
    [
        pytest.param("2026-10-05 07:30", "4 working_hour", "2026-10-05 11:30", id="ends-with-the-session"),
        pytest.param("2026-10-05 11:30", "4 working_hour", "2026-10-05 17:00", id="starts-at-session-end"),
        pytest.param("2026-10-05 11:29:59", "1 working_hour", "2026-10-05 13:59:59", id="one-second-before-lunch"),
        pytest.param("2026-10-05 12:15", "1 working_hour", "2026-10-05 14:00", id="in-the-lunch-break"),
        pytest.param("2026-10-05 17:00", "1 working_hour", "2026-10-06 08:30", id="at-closing-time"),
        pytest.param("2026-10-05 16:59:59", "1 working_hour", "2026-10-06 08:29:59", id="one-second-before-closing"),
        pytest.param("2026-10-05 00:00", "1 working_hour", "2026-10-05 08:30", id="at-midnight"),
        pytest.param("2026-10-09 23:59:59", "1 working_hour", "2026-10-12 08:30", id="last-second-of-friday"),
        pytest.param("2026-12-31 16:30", "1 working_hour", "2027-01-01 08:00", id="over-new-year"),
        pytest.param("2028-02-28 16:30", "1 working_hour", "2028-02-29 08:00", id="leap-day"),
    ],
)  # fmt: skip
def test_hours(start: str, limit: str, expected: str) -> None:
    assert due(start, limit) == at(expected)


def test_hours_run_only_inside_unequal_sessions() -> None:
    calendar = WorkCalendar({0: (Session(time(8), time(9)), Session(time(10), time(10, 15)))})
    assert due("2026-10-05 08:30", "1 working_hour", calendar) == at("2026-10-12 08:15")


def test_ten_years_of_hours() -> None:
    assert due("2016-01-04 07:30", "20000 working_hour").year == 2025


# -- Days --


@pytest.mark.parametrize(
    ("start", "limit", "expected"),
    [
        pytest.param("2026-10-05 00:00", "1 working_day", "2026-10-06 17:00", id="first-instant-of-the-day"),
        pytest.param(
            "2026-10-05 23:59:59", "1 working_day", "2026-10-06 17:00", id="last-instant-of-the-day"
        ),
        pytest.param("2026-10-09 16:00", "1 working_day", "2026-10-12 17:00", id="friday"),
        pytest.param("2026-10-10 16:00", "1 working_day", "2026-10-12 17:00", id="saturday"),
        pytest.param("2026-10-09 09:00", "1 calendar_day", "2026-10-12 17:00", id="day-one-is-saturday"),
        pytest.param("2026-10-05 09:00", "4 calendar_day", "2026-10-09 17:00", id="last-day-works"),
        pytest.param("2026-01-31 09:00", "1 month", "2026-03-02 17:00", id="february-ends-on-saturday"),
        pytest.param("2028-01-31 09:00", "1 month", "2028-02-29 17:00", id="leap-february"),
        pytest.param("2027-01-29 09:00", "1 month", "2027-03-01 17:00", id="no-29-february-and-sunday"),
        pytest.param("2026-11-30 09:00", "3 month", "2027-03-01 17:00", id="over-the-year"),
        pytest.param("2024-02-29 09:00", "12 month", "2025-02-28 17:00", id="leap-day-a-year-on"),
    ],
)
def test_days_and_months(start: str, limit: str, expected: str) -> None:
    assert due(start, limit) == at(expected)


@pytest.mark.parametrize(
    ("on", "months", "expected"),
    [
        (date(2026, 1, 31), 1, date(2026, 2, 28)),
        (date(2028, 1, 30), 1, date(2028, 2, 29)),
        (date(2026, 12, 31), 2, date(2027, 2, 28)),
        (date(2026, 10, 31), 1, date(2026, 11, 30)),
        (date(2026, 10, 15), 26, date(2028, 12, 15)),
    ],
)
def test_corresponding_date(on: date, months: int, expected: date) -> None:
    assert add_months(on, months) == expected


@pytest.mark.parametrize(
    ("appointment", "start", "expected"),
    [
        ("CLOSING", "2026-10-05 09:15", "2026-10-06 17:00"),
        ("MIDDAY", "2026-10-05 09:15", "2026-10-06 11:30"),
        ("SAME_CLOCK_TIME", "2026-10-05 09:15", "2026-10-06 09:15"),
        ("SAME_CLOCK_TIME", "2026-10-05 12:10", "2026-10-06 13:00"),
        ("SAME_CLOCK_TIME", "2026-10-05 06:00", "2026-10-06 07:30"),
        ("SAME_CLOCK_TIME", "2026-10-05 21:00", "2026-10-06 17:00"),
    ],
)
def test_hour_of_the_appointment(appointment: str, start: str, expected: str) -> None:
    assert due(start, "1 working_day", appointment=appointment) == at(expected)


def test_midday_of_a_day_without_lunch_break_or_morning() -> None:
    through = WorkCalendar({n: (Session(time(7), time(15)),) for n in range(5)})
    afternoon = WorkCalendar({n: (Session(time(13), time(17)),) for n in range(5)})
    assert due("2026-10-05 09:00", "1 working_day", through, appointment="MIDDAY") == at("2026-10-06 12:00")
    assert due("2026-10-05 09:00", "1 working_day", afternoon, appointment="MIDDAY") == at("2026-10-06 17:00")


def test_unknown_hour_of_the_appointment_is_refused() -> None:
    with pytest.raises(ValueError, match="NOON"):
        due("2026-10-05 09:00", "1 working_day", appointment="NOON")


@pytest.mark.parametrize(
    ("start", "expected"),
    [
        ("2026-10-05 14:00", "2026-10-05 16:00"),
        ("2026-10-05 14:30", "2026-10-05 16:00"),
        ("2026-10-05 14:30:01", "2026-10-06 16:00"),
        ("2026-10-09 16:00", "2026-10-10 11:00"),
        ("2026-10-10 11:00", "2026-10-12 16:00"),
    ],
)
def test_same_day_respects_cut_off_and_closing(start: str, expected: str) -> None:
    """A half-day Saturday closes before the cut-off; a result cannot be due once the office is closed."""
    calendar = WorkCalendar(
        {**{n: (Session(time(8), time(16)),) for n in range(5)}, 5: (Session(time(8), time(11)),)}
    )
    assert due(start, "same_day", calendar, cutoff=time(14, 30)) == at(expected)


def test_immediate_means_the_next_working_instant() -> None:
    assert due("2026-10-05 09:15", "immediate") == at("2026-10-05 09:15")
    assert due("2026-10-09 18:00", "immediate") == at("2026-10-12 07:30")
    assert due("2026-10-05 11:30", "immediate") == at("2026-10-05 13:00")
    assert due("2026-10-05 17:00", "immediate") == at("2026-10-06 07:30")


# -- Explanations --


def test_each_skipped_day_has_its_reason() -> None:
    assert told("2026-02-13 09:00", "2 working_day") == [
        ("13/02", "ngày bắt đầu, không tính", False),
        ("14/02", "thứ Bảy", False),
        ("15/02", "Chủ nhật", False),
        ("16/02", "nghỉ Tết Nguyên đán", False),
        ("17/02", "nghỉ Tết Nguyên đán", False),
        ("18/02", "nghỉ Tết Nguyên đán", False),
        ("19/02", "nghỉ Tết Nguyên đán", False),
        ("20/02", "nghỉ Tết Nguyên đán", False),
        ("21/02", "thứ Bảy", False),
        ("22/02", "Chủ nhật", False),
        ("23/02", "ngày 1", True),
        ("24/02", "ngày 2", True),
    ]


def test_swaps_and_compensation_are_named() -> None:
    decision = "VB 12729/VPCP-KGVX 25/12/2025"
    assert ("02/01", f"nghỉ hoán đổi theo {decision}", False) in told("2025-12-31 09:00", "1 working_day")
    assert told("2026-01-09 09:00", "1 working_day")[-1] == (
        "10/01",
        f"ngày 1 (thứ Bảy làm bù theo {decision})",
        True,
    )
    assert ("27/04", "nghỉ bù Giỗ Tổ Hùng Vương", False) in told("2026-04-24 09:00", "1 working_day")


def test_projected_days_are_marked() -> None:
    found = add(OFFICIAL, at("2027-02-04 09:00"), TimeLimit.parse("1 working_day"))
    assert found.projected
    assert "nghỉ Tết Nguyên đán (dự kiến)" in [line.text for line in found.lines]
    assert not add(OFFICIAL, at("2026-12-28 09:00"), TimeLimit.parse("2 working_day")).projected
    for limit in ("8 working_hour", "1 calendar_day", "same_day"):
        assert add(OFFICIAL, at("2027-02-04 16:30"), TimeLimit.parse(limit)).projected


def test_a_start_at_session_end_wastes_no_line() -> None:
    assert told("2026-10-05 11:30", "4 working_hour") == [
        ("05/10", "ngoài giờ làm việc, tính từ 13:00 ngày 05/10/2026", False),
        ("05/10", "13:00–17:00", True),
    ]


def test_late_start_and_moved_end_are_told() -> None:
    assert told("2020-10-19 12:10", "8 working_hour")[0] == (
        "19/10",
        "ngoài giờ làm việc, tính từ 13:00 ngày 19/10/2020",
        False,
    )
    assert told("2026-03-31 09:00", "1 month") == [
        ("31/03", "ngày bắt đầu, không tính", False),
        ("30/04", "đủ 01 tháng, tháng không có ngày 31 nên lấy ngày cuối tháng", True),
        ("30/04", "ngày cuối là ngày nghỉ: nghỉ Ngày Chiến thắng", False),
        ("01/05", "ngày cuối là ngày nghỉ: nghỉ Ngày Quốc tế lao động", False),
        ("02/05", "ngày cuối là ngày nghỉ: thứ Bảy", False),
        ("03/05", "ngày cuối là ngày nghỉ: Chủ nhật", False),
        ("04/05", "ngày làm việc kế tiếp", True),
    ]
    assert told("2026-02-13 15:01", "same_day")[0] == (
        "13/02",
        "tiếp nhận sau 15:00, chuyển sang ngày làm việc kế tiếp",
        False,
    )


# -- Calendars --


def test_worked_saturday_keeps_mondays_hours_unless_it_has_its_own() -> None:
    saturday = date(2026, 10, 10)
    own = (Session(time(8), time(10)),)
    half = {**STANDARD_WEEK, 5: (Session(time(7, 30), time(11, 30)),)}
    day = SpecialDay(saturday, DayKind.SWAP_WORK, "Làm bù")
    assert WorkCalendar(STANDARD_WEEK, {saturday: day}).sessions_on(saturday) == STANDARD_WEEK[0]
    assert WorkCalendar(half, {saturday: day}).sessions_on(saturday) == STANDARD_WEEK[0]
    day = SpecialDay(saturday, DayKind.SWAP_WORK, "Làm bù", sessions=own)
    assert WorkCalendar(STANDARD_WEEK, {saturday: day}).sessions_on(saturday) == own
    tuesdays = WorkCalendar({1: own}, {saturday: SpecialDay(saturday, DayKind.SWAP_WORK, "Làm bù")})
    assert tuesdays.sessions_on(saturday) == own


def test_half_day_is_one_working_day() -> None:
    calendar = WorkCalendar({**STANDARD_WEEK, 5: (Session(time(7, 30), time(11, 30)),)})
    assert due("2026-10-09 09:00", "1 working_day", calendar) == at("2026-10-10 11:30")
    assert due("2026-10-09 16:00", "8 working_hour", calendar) == at("2026-10-12 10:30")


def test_weekly_pattern_changes_on_its_date() -> None:
    summer = {n: (Session(time(7), time(11)), Session(time(13, 30), time(17, 30))) for n in range(5)}
    calendar = WorkCalendar(STANDARD_WEEK, weekly_from=((date(2026, 4, 16), summer),))
    assert calendar.closing(date(2026, 4, 15)) == at("2026-04-15 17:00")
    assert calendar.opening(date(2026, 4, 16)) == at("2026-04-16 07:00")
    assert due("2026-04-15 16:00", "2 working_hour", calendar) == at("2026-04-16 08:00")


def test_weekday_off_says_so() -> None:
    calendar = WorkCalendar({n: STANDARD_WEEK[0] for n in (0, 1, 3, 4)})
    assert told("2026-10-06 09:00", "1 working_day", calendar)[1] == (
        "07/10",
        "thứ Tư, cơ quan không làm việc",
        False,
    )


@pytest.mark.parametrize(
    "limit", ["1 working_hour", "1 working_day", "1 calendar_day", "1 month", "same_day", "immediate"]
)
@pytest.mark.parametrize("weekly", [{}, {0: ()}], ids=["no-week", "empty-monday"])
def test_calendar_without_sessions_is_refused(limit: str, weekly: dict[int, tuple[Session, ...]]) -> None:
    with pytest.raises(CalendarEmpty, match=r"không có buổi làm việc nào quanh ngày .*hãy nhập giờ"):
        due("2026-10-05 09:00", limit, WorkCalendar(weekly, name="lịch trống"))


def test_calendar_that_runs_out_is_refused() -> None:
    """One worked Saturday is the only session: counting beyond it must end, with a reason."""
    day = SpecialDay(date(2026, 10, 10), DayKind.SWAP_WORK, "Làm bù", sessions=STANDARD_WEEK[0])
    calendar = WorkCalendar({}, {day.on: day})
    assert due("2026-10-05 09:00", "8 working_hour", calendar) == at("2026-10-10 17:00")
    for limit in ("9 working_hour", "2 working_day"):
        with pytest.raises(CalendarEmpty):
            due("2026-10-05 09:00", limit, calendar)


@pytest.mark.parametrize(
    "build",
    [
        lambda: Session(time(11), time(7)),
        lambda: Session(time(11), time(11)),
        lambda: WorkCalendar({7: STANDARD_WEEK[0]}),
        lambda: WorkCalendar({0: (Session(time(8), time(12)), Session(time(11), time(17)))}),
        lambda: WorkCalendar({0: (Session(time(13), time(17)), Session(time(8), time(12)))}),
        lambda: WorkCalendar({}, {date(2026, 1, 1): SpecialDay(date(2026, 1, 2), DayKind.HOLIDAY, "Tết")}),
        lambda: SpecialDay(date(2026, 1, 1), DayKind.HOLIDAY, "Tết", sessions=STANDARD_WEEK[0]),
        lambda: WorkCalendar({}, weekly_from=((date(2026, 5, 1), {}), (date(2026, 4, 1), {}))),
    ],
)
def test_impossible_calendars_are_refused(build: object) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - each has its own sentence; none may be accepted
        build()


# -- Moments --


def test_naive_moments_are_refused() -> None:
    naive = datetime(2026, 10, 5, 9, 0)  # noqa: DTZ001 - the very thing that must be refused
    for limit in ("1 working_hour", "1 working_day", "1 calendar_day", "1 month", "same_day", "immediate"):
        with pytest.raises(ValueError, match="không có múi giờ"):
            add(PLAIN, naive, TimeLimit.parse(limit))
    with pytest.raises(ValueError, match="không có múi giờ"):
        describe_left(PLAIN, naive, at("2026-10-06 17:00"))


def test_moments_in_other_zones_mean_the_same_instant() -> None:
    """18:30 UTC on Monday is 01:30 on Tuesday in Việt Nam, which is the day that does not count."""
    start = datetime(2026, 10, 5, 18, 30, tzinfo=UTC)
    found = add(PLAIN, start, TimeLimit.parse("1 working_day")).due
    assert found == at("2026-10-07 17:00")
    assert found.tzinfo is TZ
    assert working_minutes_between(PLAIN, start, datetime(2026, 10, 6, 1, 30, tzinfo=UTC)) == 60


def test_the_zone_has_one_offset_all_year() -> None:
    offsets = {(at("2020-01-01 12:00") + timedelta(days=n)).utcoffset() for n in range(0, 4000, 7)}
    assert offsets == {timedelta(hours=7)}


# -- Spans --


def test_working_days_between_counts_the_end_and_not_the_start() -> None:
    assert working_days_between(OFFICIAL, date(2026, 4, 23), date(2026, 5, 5)) == 5
    assert working_days_between(OFFICIAL, at("2026-05-05 23:00"), at("2026-04-23 01:00")) == -5
    assert working_days_between(OFFICIAL, date(2026, 5, 2), date(2026, 5, 3)) == 0


def test_adding_and_subtracting_working_days() -> None:
    assert add_working_days(OFFICIAL, date(2026, 4, 23), 5) == date(2026, 5, 5)
    assert subtract_working_days(OFFICIAL, date(2026, 5, 5), 5) == date(2026, 4, 23)
    assert subtract_working_days(OFFICIAL, date(2026, 11, 25), 1) == date(2026, 11, 23)
    assert add_working_days(OFFICIAL, date(2026, 5, 2), 0) == date(2026, 5, 2)


@pytest.mark.parametrize(
    ("now", "due_at", "text", "level"),
    [
        ("2026-10-05 09:00", "2026-10-07 17:00", "Còn 2,5 ngày làm việc", "ok"),
        ("2026-10-05 17:00", "2026-10-07 17:00", "Còn 2 ngày làm việc", "ok"),
        ("2026-10-05 17:00", "2026-10-06 17:00", "Còn 1 ngày làm việc", "soon"),
        ("2026-10-05 16:59", "2026-10-06 17:00", "Còn 1 ngày làm việc", "ok"),
        ("2026-10-06 11:00", "2026-10-06 17:00", "Còn 4,5 giờ", "soon"),
        ("2026-10-06 10:30", "2026-10-06 17:00", "Còn 5 giờ", "soon"),
        ("2026-10-06 16:15", "2026-10-06 17:00", "Còn 45 phút", "soon"),
        ("2026-10-06 17:00", "2026-10-06 17:00", "Hết hạn hôm nay", "soon"),
        ("2026-10-06 23:59", "2026-10-06 17:00", "Hết hạn hôm nay", "soon"),
        ("2026-10-07 00:00", "2026-10-06 17:00", "Quá hạn 1 ngày", "late"),
        ("2026-10-08 09:00", "2026-10-06 17:00", "Quá hạn 2 ngày", "late"),
        ("2026-10-10 09:00", "2026-10-09 17:00", "Quá hạn dưới 1 ngày", "late"),
    ],
)
def test_time_left_of_a_day_limit(now: str, due_at: str, text: str, level: str) -> None:
    left = describe_left(PLAIN, at(now), at(due_at))
    assert (left.text, left.level) == (text, level)


@pytest.mark.parametrize(
    ("now", "due_at", "text", "level"),
    [
        ("2026-10-05 16:30", "2026-10-06 10:00", "Còn 3 giờ", "soon"),
        ("2026-10-06 12:00", "2026-10-06 11:30", "Vừa quá hạn", "late"),
        ("2026-10-06 14:00", "2026-10-06 13:20", "Quá hạn 40 phút", "late"),
        ("2026-10-07 09:00", "2026-10-06 16:30", "Quá hạn 2 giờ", "late"),
        ("2026-10-08 16:30", "2026-10-06 16:30", "Quá hạn 2 ngày", "late"),
    ],
)
def test_time_left_of_an_hour_limit(now: str, due_at: str, text: str, level: str) -> None:
    left = describe_left(PLAIN, at(now), at(due_at), unit=Unit.WORKING_HOUR)
    assert (left.text, left.level) == (text, level)


@pytest.mark.parametrize(
    ("begun", "now", "unit", "since"),
    [
        ("2026-10-05 07:10", "2026-10-05 09:00", Unit.WORKING_DAY, "2026-10-06 00:00"),
        ("2026-10-05 16:50", "2026-10-05 23:00", Unit.CALENDAR_DAY, "2026-10-06 00:00"),
        ("2026-10-05 07:10", "2026-10-05 09:00", Unit.MONTH, "2026-10-06 00:00"),
        ("2026-10-05 07:10", "2026-10-06 09:00", Unit.WORKING_DAY, "2026-10-06 09:00"),
        ("2026-10-05 07:10", "2026-10-05 09:00", Unit.WORKING_HOUR, "2026-10-05 09:00"),
        ("2026-10-05 07:10", "2026-10-05 09:00", Unit.SAME_DAY, "2026-10-05 09:00"),
        ("2026-10-05 07:10", "2026-10-05 09:00", Unit.IMMEDIATE, "2026-10-05 09:00"),
    ],
)
def test_the_day_of_the_event_is_not_part_of_what_is_left(
    begun: str, now: str, unit: Unit, since: str
) -> None:
    assert counting_from(at(begun), at(now), unit) == at(since)


def test_minutes_left_carry_their_sign() -> None:
    assert describe_left(PLAIN, at("2026-10-06 16:00"), at("2026-10-07 08:30")).working_minutes == 120
    assert describe_left(PLAIN, at("2026-10-07 08:30"), at("2026-10-06 16:00")).working_minutes == -120
