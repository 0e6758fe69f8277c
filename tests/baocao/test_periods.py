"""Periods follow each other without gaps; the regime of the last day decides layout and way of counting."""

from datetime import date, datetime

import pytest

from baocao.periods import Period, Periods, Regime, RegimeError
from danhmuc.models import RuleSet
from tests.factories import World, moment


@pytest.fixture
def periods(w: World) -> Periods:
    return Periods()


def get(periods: Periods, key: str) -> Period:
    period = periods.get(key)
    assert period is not None
    return period


@pytest.mark.parametrize(
    ("key", "first", "last", "title"),
    [
        ("2026-10", date(2026, 9, 15), date(2026, 10, 14), "tháng 10/2026"),
        ("2026-01", date(2025, 12, 15), date(2026, 1, 14), "tháng 1/2026"),
        ("2026-Q1", date(2025, 12, 15), date(2026, 3, 14), "quý I/2026"),
        ("2026-Q3", date(2026, 6, 15), date(2026, 9, 14), "quý III/2026"),
        ("2026-H1", date(2025, 12, 15), date(2026, 6, 14), "6 tháng đầu năm 2026"),
        ("2026", date(2025, 12, 15), date(2026, 12, 14), "năm 2026"),
    ],
)
def test_days_of_a_period(periods: Periods, key: str, first: date, last: date, title: str) -> None:
    """O9: the 15th to the 14th; the year from 15/12 to 14/12."""
    period = get(periods, key)
    assert (period.first_day, period.last_day, str(period)) == (first, last, title)


def test_ends_are_half_open_in_vietnam(periods: Periods) -> None:
    period = get(periods, "2026-10")
    assert period.starts_at == moment("2026-09-15 00:00")
    assert period.ends_at == moment("2026-10-15 00:00")
    assert period.has_ended(moment("2026-10-15 00:00"))
    assert not period.has_ended(moment("2026-10-14 23:59"))


@pytest.mark.parametrize(
    "key", ["2026-13", "2026-00", "2026-Q5", "2026-H3", "26-10", "2026-10-1", "1999", ""]
)
def test_nonsense_is_no_period(periods: Periods, key: str) -> None:
    assert periods.get(key) is None


def test_months_follow_each_other_for_years(periods: Periods) -> None:
    period = get(periods, "2026-12")
    for _ in range(60):
        earlier = periods.before(period)
        assert earlier.ends_at == period.starts_at
        period = earlier
    assert period.key == "2021-12"


@pytest.mark.parametrize(
    ("key", "before"),
    [("2026-Q1", "2025-Q4"), ("2026-Q3", "2026-Q2"), ("2026-H1", "2025-H2"), ("2026", "2025")],
)
def test_longer_periods_follow_each_other(periods: Periods, key: str, before: str) -> None:
    earlier = periods.before(get(periods, key))
    assert earlier.key == before
    assert earlier.ends_at == get(periods, key).starts_at
    assert periods.year_before(get(periods, key)).key == f"2025{key[4:]}"


@pytest.mark.parametrize(
    ("now", "until", "title"),
    [
        ("2026-09-18 10:00", "2026-08-18 10:00", "cùng thời gian của tháng 9/2026"),
        ("2026-10-14 23:00", "2026-09-13 23:00", "cùng thời gian của tháng 9/2026"),
        ("2026-10-15 00:00", "2026-09-15 00:00", "tháng 9/2026"),
        ("2027-01-01 00:00", "2026-09-15 00:00", "tháng 9/2026"),
    ],
)
def test_a_running_month_is_compared_with_as_much_of_the_one_before(
    periods: Periods, now: str, until: str, title: str
) -> None:
    october = get(periods, "2026-10")
    compared = periods.before(october).as_far_as(october, moment(now))
    assert (compared.starts_at, compared.ends_at) == (moment("2026-08-15 00:00"), moment(until))
    assert compared.title == title


def test_a_longer_month_is_not_compared_with_more_than_the_shorter_one_has(periods: Periods) -> None:
    """15/02 to 14/03 has 28 days, the month after it 31."""
    april = get(periods, "2026-04")
    compared = periods.before(april).as_far_as(april, moment("2026-04-14 12:00"))
    assert compared.ends_at == april.starts_at


@pytest.mark.parametrize(
    ("at", "key"),
    [
        ("2026-10-14 23:59", "2026-10"),
        ("2026-10-15 00:00", "2026-11"),
        ("2026-12-14 12:00", "2026-12"),
        ("2026-12-15 00:00", "2027-01"),
    ],
)
def test_the_month_that_counts_a_moment(periods: Periods, at: str, key: str) -> None:
    assert periods.month_at(moment(at)).key == key


def test_the_regime_of_the_last_day_gives_the_layout(periods: Periods) -> None:
    """TT01/20 until the period ending before 01/8/2026, TT09/26 from then on (domain §0.3)."""
    assert get(periods, "2026-07").regime.layout == "II.06"
    assert get(periods, "2026-08").regime.layout == "07a"
    assert get(periods, "2026").regime.key == "REP-2026"


def test_official_periods_are_those_of_the_regime(periods: Periods) -> None:
    official = [m for m in range(1, 13) if get(periods, f"2027-{m:02d}").is_official]
    assert official == [1, 2, 4, 5, 7, 8, 10, 11]
    assert [q for q in range(1, 5) if get(periods, f"2027-Q{q}").is_official] == [1, 3]
    assert [q for q in range(1, 5) if get(periods, f"2025-Q{q}").is_official] == [1, 2, 3, 4]


def test_what_may_be_chosen_has_begun(periods: Periods) -> None:
    now = moment("2026-11-24 08:00")
    for offered in periods.choices(now).values():
        assert offered
        assert all(period.starts_at <= now for period in offered)
    assert periods.choices(now)["Tháng"][0].key == "2026-12"


def regime(**values: object) -> Regime:
    return Regime.of(RuleSet(key="REP-X", name="Thử", valid_from=date(2018, 1, 1), values=values))


def test_a_calendar_month_is_a_matter_of_data() -> None:
    row = RuleSet(key="R", name="Thử", valid_from=date(2018, 1, 1), values={"report_from_day": 1})
    period = get(Periods([row]), "2026-02")
    assert (period.first_day, period.last_day) == (date(2026, 2, 1), date(2026, 2, 28))


@pytest.mark.parametrize(
    "values",
    [
        {"report_from_day": 15, "report_to_day": 20},
        {"report_from_day": 31},
        {"report_due_basis": "LATER"},
        {"supplement_counting": "NEVER"},
    ],
)
def test_contradicting_knobs_are_refused(values: dict[str, object]) -> None:
    with pytest.raises(RegimeError):
        regime(**values)


def test_no_report_set_is_said(db: None) -> None:
    with pytest.raises(RegimeError, match="Chưa nạp"):
        Periods().month_at(datetime.fromisoformat("2026-10-01T00:00+07:00"))
