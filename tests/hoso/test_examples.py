"""The worked examples E01-E34 of the domain specification (§8.7), with those of §9.3 and §11.5.5.

Each row states what happened and what must come out: the instant, and the hours or days that were counted.
"""

from collections.abc import Callable
from datetime import date, datetime
from fractions import Fraction

import pytest

from danhmuc.worktime import Count, TimeLimit, Unit
from hoso.clock import (
    Explanation,
    IntakeStart,
    Rules,
    Share,
    Turn,
    closing_day,
    explain_due,
    extended_due,
    extension_notice_latest,
    feedback_due,
    intake_due,
    intake_wait_until,
    invitations,
    postal_due,
    publish_due,
    step_dues,
    supplement_notice_due,
    supplement_wait_until,
    transfer_due,
)
from tests.calendars import at, official

CALENDAR = official()
BEFORE_NEW_YEAR_SWAP = official(version="1", without=("2026-01-02", "2026-01-10"))
BEFORE_NATIONAL_DAY_SWAP = official(version="1", without=("2026-08-22", "2026-08-31"))
DECREE_61 = Rules(intake_starts_at=IntakeStart.SUBMISSION)


def submitted(when: str) -> Explanation:
    return explain_due(
        [Turn("submit", at(when))], TimeLimit.parse("5 working_day"), DECREE_61, lambda version: CALENDAR
    )


def accepted(when: str, limit: str, *later: Turn, rules: Rules = DECREE_61) -> Explanation:
    return explain_due(
        [Turn("accept", at(when)), *later], TimeLimit.parse(limit), rules, lambda version: CALENDAR
    )


def amounts(found: Explanation | Count) -> str:
    return " + ".join(line.amount for line in found.lines if line.counts)


def counted(found: Explanation | Count) -> str:
    """The counted days as the table writes them: "8, 9, 17, 18, 19/02"."""
    days = [line.on for line in found.lines if line.counts and line.on]
    return ", ".join(
        f"{day.day}/{day.month}" if n + 1 == len(days) or days[n + 1].month != day.month else f"{day.day}"
        for n, day in enumerate(days)
    )


@pytest.mark.parametrize(
    ("when", "due", "spent"),
    [
        pytest.param("2020-10-15 09:15", "2020-10-16 09:15", "2 giờ 15 phút + 4 giờ + 1 giờ 45 phút", id="E01-plain"),
        pytest.param("2020-10-16 18:40", "2020-10-19 17:00", "4 giờ + 4 giờ", id="E02-evening"),
        pytest.param("2020-10-18 10:00", "2020-10-19 17:00", "4 giờ + 4 giờ", id="E03-sunday"),
        pytest.param("2020-10-19 12:10", "2020-10-20 11:30", "4 giờ + 4 giờ", id="E04-lunch-break"),
        pytest.param("2020-09-01 16:30", "2020-09-03 16:30", "30 phút + 4 giờ + 3 giờ 30 phút", id="E05-national-day"),
        pytest.param("2023-04-28 16:45", "2023-05-04 16:45", "15 phút + 4 giờ + 3 giờ 45 phút", id="E06-long-break"),
        pytest.param("2026-02-13 16:20", "2026-02-23 16:20", "40 phút + 4 giờ + 3 giờ 20 phút", id="E07-into-tet"),
        pytest.param("2026-01-09 16:00", "2026-01-10 16:00", "1 giờ + 4 giờ + 3 giờ", id="E08-worked-saturday"),
    ],
)  # fmt: skip
def test_intake_review(when: str, due: str, spent: str) -> None:
    found = submitted(when)
    assert found.intake_due_at == at(due)
    assert amounts(found) == spent
    assert intake_due(CALENDAR, at(when)).due == at(due)


def test_intake_waits_for_the_fee() -> None:
    """E09: the clock runs from the payment; while it is missing, no clock runs."""
    turns = [
        Turn("submit", at("2026-10-13 09:00"), {"prepaid": True}),
        Turn("pay_prepaid", at("2026-10-13 15:30")),
    ]
    limit = TimeLimit.parse("5 working_day")
    unpaid = explain_due(turns[:1], limit, Rules(), lambda version: CALENDAR)
    assert (unpaid.intake_due_at, unpaid.clock) == (None, None)
    paid = explain_due(turns, limit, Rules(), lambda version: CALENDAR)
    assert paid.intake_due_at == at("2026-10-14 15:30")
    assert amounts(paid) == "1 giờ 30 phút + 4 giờ + 2 giờ 30 phút"


@pytest.mark.parametrize(
    ("when", "limit", "due", "days"),
    [
        pytest.param("2026-10-05 09:00", "5 working_day", "2026-10-12 17:00", "6, 7, 8, 9, 12/10", id="E10-plain"),
        pytest.param("2021-02-05 09:00", "5 working_day", "2021-02-19 17:00", "8, 9, 17, 18, 19/2", id="E11-tet-2021"),
        pytest.param("2026-02-11 09:00", "3 working_day", "2026-02-23 17:00", "12, 13, 23/2", id="E12-tet-2026"),
        pytest.param("2026-04-23 09:00", "5 working_day", "2026-05-05 17:00", "24, 28, 29/4, 4, 5/5", id="E13-gio-to"),
        pytest.param("2024-04-26 09:00", "5 working_day", "2024-05-07 17:00", "2, 3, 4, 6, 7/5", id="E14-swap"),
        pytest.param("2026-01-08 09:00", "3 working_day", "2026-01-12 17:00", "9, 10, 12/1", id="E16-worked-saturday"),
        pytest.param("2026-10-17 09:00", "2 working_day", "2026-10-20 17:00", "19, 20/10", id="E18-on-duty-saturday"),
        pytest.param("2026-03-31 09:00", "1 month", "2026-05-04 17:00", "30/4, 4/5", id="E24-one-month"),
    ],
)  # fmt: skip
def test_resolution(when: str, limit: str, due: str, days: str) -> None:
    found = accepted(when, limit)
    assert found.due_at == at(due)
    assert counted(found) == days


def test_calendar_days_end_on_a_working_day() -> None:
    """E25: day 20 is Sunday 25/10, so the date is Monday 26/10."""
    found = accepted("2026-10-05 09:00", "20 calendar_day")
    assert found.due_at == at("2026-10-26 17:00")
    day_20 = next(line for line in found.lines if line.text == "ngày 20")
    assert day_20.on == date(2026, 10, 25)


def recalculated(
    limit: str, accepted_at: str, announced_at: str, before: object
) -> tuple[Explanation, Explanation]:
    versions = {"1": before, "2": CALENDAR}
    turns = [
        Turn("accept", at(accepted_at), {"calendar": "1"}),
        Turn("recalculate", at(announced_at), {"calendar": "2"}),
    ]
    length = TimeLimit.parse(limit)
    return tuple(explain_due(turns[:n], length, Rules(), lambda version: versions[version]) for n in (1, 2))


def test_swap_announced_after_printing_moves_the_date() -> None:
    """E15: the printed day becomes a day off, and the applicant hears the later date."""
    printed, found = recalculated(
        "7 working_day", "2025-12-23 09:00", "2025-12-25 10:00", BEFORE_NEW_YEAR_SWAP
    )
    assert printed.due_at == at("2026-01-02 17:00")
    assert found.due_at == at("2026-01-05 17:00")
    assert counted(found) == "24, 25, 26, 29, 30, 31/12, 5/1"
    assert "chuyển từ thứ Sáu, 02/01/2026 sang thứ Hai, 05/01/2026" in found.lines[-2].text


def test_a_promise_is_never_shortened() -> None:
    """E17: the recount gives 26/8, the printed 27/8 stays."""
    printed, found = recalculated(
        "5 working_day", "2026-08-20 09:00", "2026-08-21 10:00", BEFORE_NATIONAL_DAY_SWAP
    )
    assert printed.due_at == found.due_at == at("2026-08-27 17:00")
    assert (
        "tính lại được thứ Tư, 26/08/2026, giữ nguyên ngày đã hẹn thứ Năm, 27/08/2026" in found.lines[-2].text
    )
    recount = accepted("2026-08-20 09:00", "5 working_day")
    assert counted(recount) == "21, 22, 24, 25, 26/8"


def supplemented(mode: str) -> Explanation:
    return accepted(
        "2026-10-05 09:00",
        "10 working_day",
        Turn("hold", at("2026-10-07 10:00"), {"kind": "SUPPLEMENT", "supplement_mode": mode}),
        Turn("resume", at("2026-10-14 10:00")),
    )


@pytest.mark.parametrize(
    ("mode", "due", "days"),
    [
        pytest.param(
            "RESTART", "2026-10-28 17:00", "15, 16, 19, 20, 21, 22, 23, 26, 27, 28/10", id="E20-restart"
        ),
        pytest.param(
            "CONTINUE", "2026-10-26 17:00", "6, 7, 15, 16, 19, 20, 21, 22, 23, 26/10", id="E21-continue"
        ),
    ],
)
def test_after_a_supplement(mode: str, due: str, days: str) -> None:
    assert accepted("2026-10-05 09:00", "10 working_day").due_at == at("2026-10-19 17:00")
    found = supplemented(mode)
    assert found.due_at == at(due)
    assert counted(found) == days


def test_financial_hold() -> None:
    """E31: five of fifteen days are used when the hold begins on 9/3; ten follow the payment of 17/3."""
    hold = Turn("hold", at("2026-03-09 10:00"), {"kind": "FINANCIAL"})
    held = accepted("2026-03-02 09:00", "15 working_day", hold)
    assert (held.used_text, held.running) == ("Đã dùng 5 trên 15 ngày làm việc", False)
    found = accepted("2026-03-02 09:00", "15 working_day", hold, Turn("resume", at("2026-03-17 10:00")))
    assert found.due_at == at("2026-03-31 17:00")
    assert counted(found) == "3, 4, 5, 6, 9, 18, 19, 20, 23, 24, 25, 26, 27, 30, 31/3"


def test_extension() -> None:
    """E29, E30: form 04 by Monday 23/11 because 24/11 is a holiday; the new date is counted from the old."""
    due = at("2026-11-25 17:00")
    assert extension_notice_latest(CALENDAR, due) == date(2026, 11, 23)
    by = TimeLimit.parse("5 working_day")
    assert extended_due(CALENDAR, due, by).due == at("2026-12-02 17:00")
    assert counted(extended_due(CALENDAR, due, by)) == "26, 27, 30/11, 1, 2/12"
    turn = Turn("extend", at("2026-11-23 09:00"), {"value": 5, "unit": "working_day"})
    found = accepted("2026-11-17 09:00", "5 working_day", turn)
    assert (found.original_due_at, found.due_at) == (due, at("2026-12-02 17:00"))


@pytest.mark.parametrize(
    ("find", "expected", "days"),
    [
        pytest.param(
            lambda: supplement_notice_due(CALENDAR, at("2026-09-24 14:00")),
            "2026-09-29 17:00", "25, 28, 29/9", id="E19-supplement-notice",
        ),
        pytest.param(
            lambda: feedback_due(CALENDAR, at("2021-04-28 09:00")),
            "2021-05-07 17:00", "29/4, 4, 5, 6, 7/5", id="E33-feedback",
        ),
        pytest.param(
            lambda: publish_due(CALENDAR, at("2023-08-31 09:00")),
            "2023-09-11 17:00", "5, 6, 7, 8, 11/9", id="E34-publishing",
        ),
    ],
)  # fmt: skip
def test_deadlines_around_the_dossier(find: Callable[[], Count], expected: str, days: str) -> None:
    assert find().due == at(expected)
    assert counted(find()) == days


@pytest.mark.parametrize(
    ("notified", "ends_on", "closes_on"),
    [
        pytest.param("2026-08-14 09:00", date(2026, 9, 3), date(2026, 9, 4), id="E22-over-a-long-weekend"),
        pytest.param("2026-10-07 10:00", date(2026, 10, 22), date(2026, 10, 23), id="E23-plain"),
    ],
)
def test_waiting_for_the_applicant(notified: str, ends_on: date, closes_on: date) -> None:
    for wait in (supplement_wait_until, intake_wait_until):
        ends = wait(CALENDAR, at(notified)).due
        assert ends.date() == ends_on
        assert closing_day(CALENDAR, ends) == closes_on


@pytest.mark.parametrize(
    ("when", "due"),
    [
        pytest.param("2025-01-24 14:50", "2025-01-24 17:00", id="E26-before-15"),
        pytest.param("2025-01-24 15:00", "2025-01-24 17:00", id="E26-at-15-is-not-after"),
        pytest.param("2025-01-24 15:05", "2025-02-03 07:30", id="E26-after-15-over-tet"),
    ],
)
def test_handover(when: str, due: str) -> None:
    assert transfer_due(CALENDAR, at(when)) == at(due)


@pytest.mark.parametrize(
    ("when", "due"),
    [
        pytest.param("2026-02-13 14:50", "2026-02-13 17:00", id="E27-before-15"),
        pytest.param("2026-02-13 15:00", "2026-02-13 17:00", id="E27-at-15-is-not-after"),
        pytest.param("2026-02-13 15:01", "2026-02-23 17:00", id="E27-after-15"),
    ],
)
def test_same_day(when: str, due: str) -> None:
    assert accepted(when, "same_day").due_at == at(due)


def test_hour_based_result() -> None:
    """E28."""
    found = accepted("2026-10-15 16:00", "4 working_hour")
    assert found.due_at == at("2026-10-16 10:30")
    assert amounts(found) == "1 giờ + 3 giờ"


def test_postal_submission() -> None:
    """E32: the clock starts at the signing of the record; the result travels J+2 to another district."""
    turn = Turn("accept", at("2026-10-14 10:20"), {"starts_at": "2026-10-14T10:00:00+07:00"})
    found = explain_due([turn], TimeLimit.parse("10 working_day"), Rules(), lambda version: CALENDAR)
    assert found.due_at == at("2026-10-28 17:00")
    assert postal_due(CALENDAR, found.due_at, 2) == date(2026, 10, 30)


def plan(*steps: tuple[str, int, int]) -> dict[str, tuple[int, datetime]]:
    shares = [Share(name, Fraction(days), order) for name, days, order in steps]
    found = step_dues(CALENDAR, at("2026-10-14 09:00"), shares, TimeLimit(15, Unit.WORKING_DAY))
    return {step.name: (int(step.position), step.due_at) for step in found}


def test_sequential_agencies() -> None:
    """§9.3: one after another, and the last step ends with the dossier."""
    found = plan(("desk", 1, 1), ("lead", 8, 2), ("partner", 5, 3), ("return", 1, 4))
    assert found == {
        "desk": (1, at("2026-10-15 17:00")),
        "lead": (9, at("2026-10-27 17:00")),
        "partner": (14, at("2026-11-03 17:00")),
        "return": (15, at("2026-11-04 17:00")),
    }
    assert accepted("2026-10-14 09:00", "15 working_day").due_at == found["return"][1]


def test_parallel_agencies() -> None:
    """§9.3: both start with Thursday 15/10; the partner's part is there on day 6, all is done on day 9."""
    found = plan(("desk", 1, 1), ("lead", 8, 2), ("partner", 5, 2))
    assert found["partner"] == (6, at("2026-10-22 17:00"))
    assert found["lead"] == (9, at("2026-10-27 17:00"))


def test_invitations_of_the_post() -> None:
    """§11.5.5: failed Monday 05/10, invited 07/10 and 09/10, return from 12/10."""
    found = invitations(CALENDAR, date(2026, 10, 5))
    assert found.dates == (date(2026, 10, 7), date(2026, 10, 9))
    assert found.return_from == date(2026, 10, 12)
