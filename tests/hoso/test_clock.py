"""The clocks of a dossier: what each step does to them, what the rules change, and what is refused."""

from datetime import UTC, date, datetime, time
from fractions import Fraction
from typing import Any

import pytest

from danhmuc.worktime import DayKind, SpecialDay, TimeLimit, Unit, WorkCalendar, working_minutes_between
from hoso.clock import (
    Clock,
    ClockError,
    Explanation,
    IntakeStart,
    Rules,
    Share,
    SupplementMode,
    Timeliness,
    Turn,
    apology_on,
    check_plan,
    classify,
    classify_open,
    collection_signals,
    correction_due,
    due_signals,
    explain_due,
    extension_notice_latest,
    intake_due,
    intake_signals,
    longest_path,
    paper_cross_level_due,
    portal_to_desk_due,
    remit_online_due,
    remit_post_due,
    share_of,
    share_signals,
    step_dues,
    supplement_wait_until,
    transfer_due,
)
from tests.calendars import at, official

CALENDAR = official(version="7")


def story(*steps: tuple[str, str] | tuple[str, str, dict[str, Any]]) -> list[Turn]:
    return [Turn(step[0], at(step[1]), step[2] if len(step) == 3 else {}) for step in steps]


def read(
    *steps: Any, limit: str = "5 working_day", rules: Rules | None = None, now: str | None = None
) -> Explanation:
    return explain_due(
        story(*steps),
        TimeLimit.parse(limit),
        rules or Rules(),
        lambda version: CALENDAR,
        now=at(now) if now else None,
    )


ACCEPT = ("accept", "2026-10-05 09:00")
HOLD = ("hold", "2026-10-07 10:00", {"kind": "SUPPLEMENT"})
MONEY = ("hold", "2026-10-07 10:00", {"kind": "FINANCIAL"})


# -- Rules --


def test_rules_are_the_defaults_of_the_specification() -> None:
    assert Rules.from_mapping({}) == Rules()


def test_rules_read_plain_data() -> None:
    rules = Rules.from_mapping(
        {
            "supplement_mode": "CONTINUE",
            "same_day_cutoff": "14:30",
            "due_alert_days": [3, 2, 1],
            "financial_hold_pauses": False,
            "extension_max_days": None,
            "appointment_time": "MIDDAY",
        }
    )
    assert rules.supplement_mode is SupplementMode.CONTINUE
    assert rules.same_day_cutoff == time(14, 30)
    assert rules.due_alert_days == (3, 2, 1)
    assert rules.financial_hold_pauses is False


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"suplement_mode": "RESTART"}, "suplement_mode"),
        ({"supplement_mode": "PAUSE"}, "PAUSE"),
        ({"intake_review_hours": "8"}, "intake_review_hours"),
        ({"intake_review_hours": 0}, "intake_review_hours"),
        ({"intake_review_hours": True}, "intake_review_hours"),
        ({"financial_hold_pauses": "no"}, "financial_hold_pauses"),
        ({"financial_hold_pauses": 0}, "financial_hold_pauses"),
        ({"same_day_cutoff": "3 giờ chiều"}, "same_day_cutoff"),
        ({"due_alert_days": 2}, "due_alert_days"),
        ({"due_alert_days": []}, "due_alert_days"),
        ({"appointment_time": None}, "appointment_time"),
        ({"post_invitation_gap": None}, "post_invitation_gap"),
    ],
)
def test_rules_refuse_slips(values: dict[str, Any], message: str) -> None:
    with pytest.raises(ClockError, match=message):
        Rules.from_mapping(values)


# -- Before acceptance --


def test_review_runs_from_submission_or_receipt_as_the_rule_set_says() -> None:
    submit = ("submit", "2026-10-05 08:00", {"received_at": "2026-10-05T10:00:00+07:00"})
    old = read(submit, rules=Rules(intake_starts_at=IntakeStart.SUBMISSION))
    new = read(submit, rules=Rules(intake_starts_at=IntakeStart.RECEIPT))
    assert old.intake_due_at == at("2026-10-06 08:00")
    assert new.intake_due_at == at("2026-10-06 10:00")
    assert read(("submit", "2026-10-05 08:00")).intake_due_at == at("2026-10-06 08:00")


def test_review_may_have_the_term_of_a_special_law() -> None:
    limit = TimeLimit.parse("2 working_day")
    assert intake_due(CALENDAR, at("2026-10-05 08:00"), limit=limit).due == at("2026-10-07 17:00")
    found = read(("submit", "2026-10-05 08:00", {"intake_limit": "2 working_day"}))
    assert found.intake_due_at == at("2026-10-07 17:00")


def test_completion_before_acceptance_stops_and_restarts_the_review() -> None:
    asked = read(("submit", "2026-10-05 08:00"), ("ask_completion", "2026-10-05 15:00"))
    assert asked.clock is Clock.INTAKE_WAIT
    assert asked.wait_until == at("2026-10-20 17:00")
    again = read(
        ("submit", "2026-10-05 08:00"),
        ("ask_completion", "2026-10-05 15:00"),
        ("resubmit", "2026-10-08 19:00"),
    )
    assert (again.clock, again.wait_until) == (Clock.INTAKE_REVIEW, None)
    assert again.intake_due_at == at("2026-10-09 17:00")
    assert again.due_at is None


def test_redirection_restarts_the_review_on_the_new_desks_calendar() -> None:
    closed = WorkCalendar(
        CALENDAR.weekly, {date(2026, 10, 6): SpecialDay(date(2026, 10, 6), DayKind.HOLIDAY, "Lễ riêng")}
    )
    calendars = {"7": CALENDAR, "8": closed}
    turns = story(
        ("submit", "2026-10-05 08:00", {"calendar": "7"}), ("redirect", "2026-10-05 16:00", {"calendar": "8"})
    )
    found = explain_due(turns, TimeLimit.parse("5 working_day"), Rules(), calendars.__getitem__)
    assert found.intake_due_at == at("2026-10-07 16:00")


def test_payment_during_completion_does_not_start_the_review() -> None:
    steps = [
        ("submit", "2026-10-05 08:00", {"prepaid": True}),
        ("ask_completion", "2026-10-05 09:00"),
        ("pay_prepaid", "2026-10-05 10:00"),
    ]
    assert read(*steps).clock is Clock.INTAKE_WAIT
    assert read(*steps, ("resubmit", "2026-10-06 07:30")).intake_due_at == at("2026-10-06 17:00")


def test_a_later_payment_leaves_a_running_resolution_alone() -> None:
    plain = read(ACCEPT)
    assert read(ACCEPT, ("pay_prepaid", "2026-10-06 09:00")).due_at == plain.due_at


# -- Ends --


@pytest.mark.parametrize("last", ["refuse_intake", "close_unsupplemented", "withdraw", "void"])
def test_an_end_stops_every_clock(last: str) -> None:
    for steps in (
        [("submit", "2026-10-05 08:00")],
        [("submit", "2026-10-05 08:00"), ("ask_completion", "2026-10-05 09:00")],
        [ACCEPT],
        [ACCEPT, HOLD],
    ):
        found = read(*steps, (last, "2026-10-09 09:00"))
        assert found.stopped_at == at("2026-10-09 09:00")
        assert (found.running, found.clock, found.wait_until, found.paused_since) == (False, None, None, None)


def test_nothing_moves_after_the_end() -> None:
    decided = [ACCEPT, ("decide", "2026-10-09 09:00")]
    later = read(*decided, ("recalculate", "2026-10-10 09:00"), ("complete", "2026-10-12 09:00"))
    assert later.stopped_at == at("2026-10-09 09:00")
    assert later.due_at == at("2026-10-12 17:00")
    assert later.lines == read(*decided).lines


def test_unknown_steps_leave_the_clock_alone() -> None:
    with_more = read(ACCEPT, ("hand_over", "2026-10-05 10:00"), ("urge", "2026-10-06 10:00"))
    assert with_more.due_at == read(ACCEPT).due_at
    assert with_more.lines == read(ACCEPT).lines


@pytest.mark.parametrize(
    ("limit", "due"),
    [
        ("immediate", "2026-10-05 17:20"),
        ("same_day", "2026-10-06 17:00"),
        ("3 working_day", "2026-10-08 17:00"),
    ],
)
def test_on_the_spot_is_due_and_done_in_one(limit: str, due: str) -> None:
    found = read(("accept_immediate", "2026-10-05 17:20"), limit=limit)
    assert found.due_at == at(due)
    assert found.stopped_at == at("2026-10-05 17:20")
    assert not found.running
    assert classify(found.stopped_at, found.due_at, TimeLimit.parse(limit).unit) is not Timeliness.OVERDUE


# -- Holds --


def test_a_hold_shows_why_and_how_long() -> None:
    found = read(ACCEPT, HOLD)
    assert (found.running, found.clock) == (False, Clock.SUPPLEMENT_WAIT)
    assert (found.paused_since, found.paused_for) == (at("2026-10-07 10:00"), "SUPPLEMENT")
    assert found.wait_until == at("2026-10-22 17:00")
    assert found.due_at == at("2026-10-12 17:00")
    assert [line.text for line in found.lines][-2:] == [
        "10:00 tạm dừng, chờ bổ sung hồ sơ",
        "theo lịch toàn quốc, bản 7",
    ]


def test_a_special_law_may_give_another_wait() -> None:
    hold = ("hold", "2026-10-07 10:00", {"kind": "SUPPLEMENT", "wait_days": 30})
    assert read(ACCEPT, hold).wait_until == at("2026-11-06 17:00")
    assert supplement_wait_until(CALENDAR, at("2026-10-07 10:00"), days=30).due == at("2026-11-06 17:00")


def test_a_financial_hold_has_no_wait_and_ignores_the_supplement_mode() -> None:
    held = read(ACCEPT, MONEY)
    assert (held.clock, held.wait_until, held.paused_for) == (None, None, "FINANCIAL")
    found = read(ACCEPT, MONEY, ("resume", "2026-10-12 10:00"))
    assert found.due_at == at("2026-10-15 17:00")
    named = read(ACCEPT, ("hold_financial", "2026-10-07 10:00"), ("resume", "2026-10-12 10:00"))
    assert named.due_at == found.due_at


def test_money_need_not_pause() -> None:
    rules = Rules(financial_hold_pauses=False)
    held = read(ACCEPT, MONEY, rules=rules)
    assert (held.running, held.paused_since, held.clock) == (True, None, Clock.RESOLUTION)
    found = read(ACCEPT, MONEY, ("resume", "2026-10-20 10:00"), rules=rules)
    assert found.due_at == at("2026-10-12 17:00")
    assert "10:00 chờ thực hiện nghĩa vụ tài chính, thời hạn vẫn tính" in [line.text for line in found.lines]


@pytest.mark.parametrize("step", ["accept", "hold", "resume"])
def test_the_mode_may_come_from_acceptance_hold_or_resumption(step: str) -> None:
    steps = {"accept": ACCEPT, "hold": HOLD, "resume": ("resume", "2026-10-14 10:00")}
    chosen = [
        (name, when[1], {**(when[2] if len(when) == 3 else {}), "supplement_mode": "CONTINUE"})
        if name == step
        else when
        for name, when in steps.items()
    ]
    assert read(*chosen, limit="10 working_day").due_at == at("2026-10-26 17:00")


def test_restart_says_which_days_no_longer_count() -> None:
    found = read(ACCEPT, HOLD, ("resume", "2026-10-14 10:00"))
    texts = [line.text for line in found.lines]
    assert "ngày 1, không tính vì tính lại từ đầu" in texts
    assert "10:00 nhận đủ hồ sơ, tính lại từ đầu 05 ngày làm việc" in texts
    assert [line.text for line in found.lines if line.counts] == [f"ngày {n}" for n in range(1, 6)]


@pytest.mark.parametrize(
    ("limit", "hold_at", "resume_at", "due"),
    [
        pytest.param("8 working_hour", "2026-10-05 10:00", "2026-10-07 12:00", "2026-10-08 10:30", id="hours"),
        pytest.param("8 working_hour", "2026-10-05 10:00", "2026-10-05 10:00", "2026-10-06 09:00", id="no-time-lost"),
        pytest.param("20 calendar_day", "2026-10-15 10:00", "2026-10-20 10:00", "2026-10-30 17:00", id="calendar-days"),
        pytest.param("1 month", "2026-10-15 10:00", "2026-10-20 10:00", "2026-11-10 17:00", id="month"),
        pytest.param("5 working_day", "2026-10-12 18:00", "2026-10-14 09:00", "2026-10-14 17:00", id="on-the-last-day"),
        pytest.param("5 working_day", "2026-10-12 16:00", "2026-10-17 09:00", "2026-10-19 17:00", id="resumed-saturday"),
        pytest.param("5 working_day", "2026-10-12 16:00", "2026-10-14 17:30", "2026-10-15 17:00", id="resumed-evening"),
        pytest.param("5 working_day", "2026-10-12 16:00", "2026-10-14 17:00", "2026-10-15 17:00", id="resumed-at-closing"),
        pytest.param("5 working_day", "2026-10-13 09:00", "2026-10-20 09:00", "2026-10-12 17:00", id="late-stays-late"),
        pytest.param("same_day", "2026-10-05 10:00", "2026-10-07 10:00", "2026-10-07 17:00", id="same-day"),
        pytest.param("same_day", "2026-10-05 10:00", "2026-10-07 15:30", "2026-10-08 17:00", id="same-day-afternoon"),
    ],
)  # fmt: skip
def test_a_pause_keeps_what_was_left(limit: str, hold_at: str, resume_at: str, due: str) -> None:
    hold = ("hold", hold_at, {"kind": "FINANCIAL"})
    assert read(ACCEPT, hold, ("resume", resume_at), limit=limit).due_at == at(due)


def test_hours_of_an_explanation_stop_and_go_on_with_the_clock() -> None:
    hold = ("hold", "2026-10-05 10:00", {"kind": "FINANCIAL"})
    found = read(ACCEPT, hold, ("resume", "2026-10-07 12:00"), limit="8 working_hour")
    assert [(f"{line.on:%d/%m}", line.text, line.amount) for line in found.lines if line.counts] == [
        ("05/10", "09:00–10:00", "1 giờ"),
        ("07/10", "13:00–17:00", "4 giờ"),
        ("08/10", "07:30–10:30", "3 giờ"),
    ]
    assert found.due_at == at("2026-10-08 10:30")


def test_a_late_hour_limit_shows_only_the_hours_it_had() -> None:
    hold = ("hold", "2026-10-05 15:00", {"kind": "FINANCIAL"})
    found = read(ACCEPT, hold, ("resume", "2026-10-07 08:00"), limit="2 working_hour")
    assert found.due_at == at("2026-10-05 11:00")
    assert [line.text for line in found.lines if line.counts] == ["09:00–11:00"]


# -- Extension and recalculation --


def test_an_extension_is_granted_once() -> None:
    extend = ("extend", "2026-10-09 09:00", {"value": 3, "unit": "working_day"})
    found = read(ACCEPT, extend)
    assert (found.original_due_at, found.due_at) == (at("2026-10-12 17:00"), at("2026-10-15 17:00"))
    with pytest.raises(ClockError, match="đã được gia hạn một lần"):
        read(ACCEPT, extend, extend)
    again = ("extend", "2026-10-14 09:00", {"value": 1, "unit": "month", "override": True})
    assert read(ACCEPT, extend, again).due_at == at("2026-11-16 17:00")


def test_an_extension_has_its_own_length_whatever_limit_the_event_repeats() -> None:
    extend = ("extend", "2026-10-09 09:00", {"value": 3, "unit": "working_day", "limit": "5 working_day"})
    assert read(ACCEPT, extend).due_at == at("2026-10-15 17:00")


def test_an_extension_may_be_bounded() -> None:
    extend = ("extend", "2026-10-09 09:00", {"value": 6, "unit": "working_day"})
    with pytest.raises(ClockError, match="nhiều nhất 5 ngày"):
        read(ACCEPT, extend, rules=Rules(extension_max_days=5))


def test_a_pause_after_an_extension_moves_both_dates() -> None:
    found = read(
        ACCEPT,
        ("extend", "2026-10-06 09:00", {"value": 3, "unit": "working_day"}),
        MONEY,
        ("resume", "2026-10-12 10:00"),
    )
    assert (found.original_due_at, found.due_at) == (at("2026-10-15 17:00"), at("2026-10-20 17:00"))


def test_a_calendar_that_changes_during_a_hold_gives_no_day_away() -> None:
    off = date(2026, 10, 15)
    changed = WorkCalendar(
        CALENDAR.weekly,
        {**CALENDAR.days, off: SpecialDay(off, DayKind.SWAP_OFF, "Nghỉ hoán đổi")},
        version="8",
    )
    calendars = {"7": CALENDAR, "8": changed}
    turns = story(
        ("accept", "2026-10-05 09:00", {"calendar": "7"}),
        ("hold", "2026-10-07 10:00", {"kind": "FINANCIAL"}),
        ("recalculate", "2026-10-08 10:00", {"calendar": "8"}),
        ("resume", "2026-10-12 10:00"),
    )
    found = explain_due(turns, TimeLimit.parse("5 working_day"), Rules(), calendars.__getitem__)
    assert found.due_at == at("2026-10-16 17:00")
    assert found.lines[-1].text == "theo lịch làm việc, bản 8"


def test_a_moved_date_is_measured_on_the_new_calendar() -> None:
    off = date(2026, 10, 9)
    days = {**CALENDAR.days, off: SpecialDay(off, DayKind.SWAP_OFF, "Nghỉ hoán đổi")}
    calendars = {"7": CALENDAR, "8": WorkCalendar(CALENDAR.weekly, days, "8")}
    turns = story(
        ("accept", "2026-10-05 09:00", {"calendar": "7"}),
        ("recalculate", "2026-10-06 10:00", {"calendar": "8"}),
    )
    limit, now = TimeLimit.parse("5 working_day"), at("2026-10-12 18:00")
    found = explain_due(turns, limit, Rules(), calendars.__getitem__, now=now)
    assert (found.due_at, found.used_text) == (at("2026-10-13 17:00"), "Đã dùng 4 trên 5 ngày làm việc")


def test_a_longer_calendar_met_on_resuming_does_not_shorten_the_promise() -> None:
    """Saturday 10/10 becomes a working day while the dossier waits; the printed 12/10 stays."""
    worked = date(2026, 10, 10)
    day = SpecialDay(worked, DayKind.SWAP_WORK, "Làm bù")
    calendars = {"7": CALENDAR, "8": WorkCalendar(CALENDAR.weekly, {**CALENDAR.days, worked: day}, "8")}
    turns = story(
        ("accept", "2026-10-05 09:00", {"calendar": "7"}),
        ("hold", "2026-10-07 10:00", {"kind": "FINANCIAL"}),
        ("resume", "2026-10-07 11:00", {"calendar": "8"}),
    )
    found = explain_due(turns, TimeLimit.parse("5 working_day"), Rules(), calendars.__getitem__)
    assert found.due_at == at("2026-10-12 17:00")
    assert [line.on for line in found.lines if line.counts][-1] == date(2026, 10, 12)


def test_restart_forgets_earlier_pauses_and_warnings() -> None:
    found = read(
        ACCEPT,
        ("hold", "2026-10-06 10:00", {"kind": "FINANCIAL"}),
        ("resume", "2026-10-07 09:00"),
        ("hold", "2026-10-07 10:00", {"kind": "SUPPLEMENT"}),
        ("resume", "2026-10-14 10:00"),
        now="2026-10-15 18:00",
    )
    assert found.used_text == "Đã dùng 1 trên 5 ngày làm việc"
    over_tet = ("accept", "2027-02-04 09:00"), ("hold", "2027-02-04 10:00", {"kind": "SUPPLEMENT"})
    assert read(*over_tet).projected
    assert not read(*over_tet, ("resume", "2027-03-01 09:00")).projected


def test_the_review_is_recalculated_too() -> None:
    off = date(2026, 10, 6)
    changed = WorkCalendar(CALENDAR.weekly, {off: SpecialDay(off, DayKind.SWAP_OFF, "Nghỉ hoán đổi")}, "8")
    calendars = {"7": CALENDAR, "8": changed}
    steps = [("submit", "2026-10-05 09:00", {"calendar": "7"})]
    change = ("recalculate", "2026-10-05 10:00", {"calendar": "8"})
    limit = TimeLimit.parse("5 working_day")
    found = explain_due(story(*steps, change), limit, Rules(), calendars.__getitem__)
    assert found.intake_due_at == at("2026-10-07 09:00")
    assert [line.on for line in found.lines if line.counts][-1] == date(2026, 10, 7)


def test_projected_days_warn() -> None:
    assert read(("accept", "2027-02-03 09:00")).projected
    assert not read(ACCEPT).projected


# -- What cannot be --


@pytest.mark.parametrize(
    ("steps", "message"),
    [
        ([ACCEPT, ACCEPT], "đã được tiếp nhận"),
        ([HOLD], "chưa được tiếp nhận"),
        ([("extend", "2026-10-05 09:00", {"value": 1, "unit": "working_day"})], "chưa được tiếp nhận"),
        ([("decide", "2026-10-05 09:00")], "chưa được tiếp nhận"),
        ([ACCEPT, HOLD, HOLD], "đang tạm dừng"),
        ([ACCEPT, HOLD, ("extend", "2026-10-08 09:00", {"value": 1, "unit": "month"})], "đang tạm dừng"),
        ([ACCEPT, ("resume", "2026-10-08 09:00")], "không tạm dừng"),
        ([ACCEPT, ("hold", "2026-10-08 09:00", {"kind": "TIRED"})], "TIRED"),
        ([ACCEPT, ("hold", "2026-10-08 09:00", {"supplement_mode": "MAYBE"})], "MAYBE"),
        ([ACCEPT, ("extend", "2026-10-08 09:00", {"value": 3})], "Không đọc được thời hạn"),
        ([("accept", "2026-10-05 09:00", {"limit": "soon"})], "Không đọc được thời hạn"),
    ],
)
def test_histories_that_cannot_be_are_refused(steps: list[Any], message: str) -> None:
    with pytest.raises(ClockError, match=message):
        read(*steps)


def test_moments_without_a_zone_are_refused() -> None:
    turn = Turn("accept", at("2026-10-05 09:00").replace(tzinfo=None))
    with pytest.raises(ValueError, match="không có múi giờ"):
        explain_due([turn], TimeLimit.parse("5 working_day"), Rules(), lambda version: CALENDAR)


# -- Time used --


@pytest.mark.parametrize(
    ("limit", "now", "text", "percent"),
    [
        ("3 working_day", "2026-10-05 16:00", "Đã dùng 0 trên 3 ngày làm việc", 0),
        ("3 working_day", "2026-10-06 11:30", "Đã dùng 0,5 trên 3 ngày làm việc", 16),
        ("3 working_day", "2026-10-06 20:00", "Đã dùng 1 trên 3 ngày làm việc", 33),
        ("3 working_day", "2026-10-12 17:00", "Đã dùng 5 trên 3 ngày làm việc", 100),
        ("8 working_hour", "2026-10-05 11:00", "Đã dùng 2 trên 8 giờ làm việc", 25),
        ("20 calendar_day", "2026-10-15 11:00", "Đã dùng 10 trên 21 ngày", 47),
    ],
)
def test_time_used_by_a_running_clock(limit: str, now: str, text: str, percent: int) -> None:
    found = read(ACCEPT, limit=limit, now=now)
    assert (found.used_text, found.percent) == (text, percent)


def test_time_used_stands_still_on_hold_and_at_the_end() -> None:
    assert read(ACCEPT, HOLD, now="2026-10-20 09:00").used_text == "Đã dùng 2 trên 5 ngày làm việc"
    gone_on = read(ACCEPT, MONEY, ("resume", "2026-10-12 10:00"), now="2026-10-13 11:30")
    assert gone_on.used_text == "Đã dùng 2,5 trên 5 ngày làm việc"
    late = read(ACCEPT, ("hold", "2026-10-14 09:00", {"kind": "FINANCIAL"}), ("resume", "2026-10-20 09:00"))
    assert late.used_text == "Đã dùng 7 trên 5 ngày làm việc"
    done = read(ACCEPT, ("decide", "2026-10-07 11:30"), now="2026-10-20 09:00")
    assert done.used_text == "Đã dùng 1,5 trên 5 ngày làm việc"


# -- Timeliness (C7) --


@pytest.mark.parametrize(
    ("finished", "unit", "expected"),
    [
        ("2026-10-11 23:59:59", Unit.WORKING_DAY, Timeliness.EARLY),
        ("2026-10-12 00:00", Unit.WORKING_DAY, Timeliness.ON_TIME),
        ("2026-10-12 17:00:01", Unit.WORKING_DAY, Timeliness.ON_TIME),
        ("2026-10-12 23:59:59", Unit.MONTH, Timeliness.ON_TIME),
        ("2026-10-13 00:00", Unit.CALENDAR_DAY, Timeliness.OVERDUE),
        ("2026-10-12 16:00", Unit.WORKING_HOUR, Timeliness.EARLY),
        ("2026-10-12 16:00:01", Unit.WORKING_HOUR, Timeliness.ON_TIME),
        ("2026-10-12 17:00", Unit.WORKING_HOUR, Timeliness.ON_TIME),
        ("2026-10-12 17:00:01", Unit.WORKING_HOUR, Timeliness.OVERDUE),
    ],
)
def test_timeliness(finished: str, unit: Unit, expected: Timeliness) -> None:
    due = at("2026-10-12 17:00")
    assert classify(at(finished), due, unit) is expected
    still_open = Timeliness.OVERDUE if expected is Timeliness.OVERDUE else Timeliness.WITHIN
    assert classify_open(at(finished), due, unit) is still_open


def test_timeliness_compares_dates_in_viet_nam() -> None:
    """23:30 UTC on the 11th is already the 12th here."""
    finished = datetime(2026, 10, 11, 23, 30, tzinfo=UTC)
    assert classify(finished, at("2026-10-12 17:00"), Unit.WORKING_DAY) is Timeliness.ON_TIME


# -- Deadlines around --


def test_other_deadlines() -> None:
    friday = at("2026-10-09 15:00")
    assert portal_to_desk_due(at("2026-10-09 23:00")) == at("2026-10-10 01:00")
    assert paper_cross_level_due(CALENDAR, friday).due == at("2026-10-12 17:00")
    assert correction_due(CALENDAR, friday).due == at("2026-10-14 17:00")
    assert remit_online_due(CALENDAR, friday).due == at("2026-10-12 15:00")
    assert remit_post_due(CALENDAR, friday).due == at("2026-10-12 17:00")
    assert apology_on(CALENDAR, at("2026-10-09 17:00")) == date(2026, 10, 12)
    assert extension_notice_latest(CALENDAR, at("2026-10-12 17:00")) == date(2026, 10, 9)


@pytest.mark.parametrize(
    ("accepted", "due"),
    [
        ("2026-10-10 09:00", "2026-10-12 07:30"),
        ("2026-10-05 15:00:01", "2026-10-06 07:30"),
        ("2026-10-05 06:00", "2026-10-05 17:00"),
        ("2026-10-09 18:00", "2026-10-12 07:30"),
    ],
)
def test_handover_outside_hours(accepted: str, due: str) -> None:
    assert transfer_due(CALENDAR, at(accepted)) == at(due)


# -- Steps and signals --


def test_half_days_end_within_the_day() -> None:
    limit = TimeLimit.parse("2 working_day")
    shares = [
        Share("kiểm tra", Fraction(1, 2), 1),
        Share("ký", Fraction(1), 2),
        Share("trả", Fraction(1, 2), 3),
    ]
    found = step_dues(CALENDAR, at("2026-10-05 09:00"), shares, limit)
    assert [step.due_at for step in found] == [
        at("2026-10-06 11:30"),
        at("2026-10-07 11:30"),
        at("2026-10-07 17:00"),
    ]
    assert [step.starts_at for step in found] == [
        at("2026-10-05 09:00"),
        at("2026-10-06 11:30"),
        at("2026-10-07 11:30"),
    ]


def test_a_step_waits_for_the_longest_before_it() -> None:
    limit = TimeLimit.parse("5 working_day")
    shares = [
        Share("chủ trì", Fraction(2), 1),
        Share("phối hợp", Fraction(1), 1),
        Share("ký", Fraction(1), 2),
    ]
    signing = step_dues(CALENDAR, at("2026-10-05 09:00"), shares, limit)[-1]
    assert (signing.starts_at, signing.due_at) == (at("2026-10-07 17:00"), at("2026-10-08 17:00"))


def test_a_part_of_a_calendar_day_gets_the_whole_day() -> None:
    shares = [Share("một", Fraction(5, 2), 1)]
    found = step_dues(CALENDAR, at("2026-10-05 09:00"), shares, TimeLimit.parse("10 calendar_day"))
    assert found[0].due_at == at("2026-10-08 17:00")


def test_shares_of_months_and_of_a_day() -> None:
    start, due = at("2026-10-05 09:00"), at("2026-11-05 17:00")
    assert share_of(CALENDAR, start, due, TimeLimit.parse("1 month"), 50) == Fraction(23, 2)
    today = at("2026-10-05 17:00")
    assert share_of(CALENDAR, start, today, TimeLimit.parse("same_day"), 50) == Fraction(13, 4)
    steps = [Share("một", Fraction(13, 4), 1), Share("hai", Fraction(13, 4), 2)]
    found = step_dues(CALENDAR, start, steps, TimeLimit.parse("same_day"), due_at=today)
    assert [step.due_at for step in found] == [at("2026-10-05 13:45"), today]


def test_shares_divide_what_is_left() -> None:
    """Resumed with 8 of 10 working days left, half of it is 4; of a late dossier nothing is left."""
    limit, resumed = TimeLimit.parse("10 working_day"), at("2026-10-14 10:00")
    due = at("2026-10-26 17:00")
    assert share_of(CALENDAR, resumed, due, limit, 50) == 4
    assert share_of(CALENDAR, at("2026-10-05 09:00"), at("2026-10-19 17:00"), limit, 50) == 5
    steps = [Share("một", Fraction(4), 1), Share("hai", Fraction(4), 2)]
    found = step_dues(CALENDAR, resumed, steps, limit, due_at=due)
    assert [step.due_at for step in found] == [at("2026-10-20 17:00"), due]
    assert share_of(CALENDAR, at("2026-10-28 10:00"), due, limit, 50) == 0
    late = step_dues(CALENDAR, at("2026-10-28 10:00"), [Share("một", Fraction(0), 1)], limit, due_at=due)
    assert late[0].due_at == due


def test_no_step_is_due_after_its_dossier() -> None:
    steps = [Share("một", Fraction(9), 1)]
    due = at("2026-10-09 17:00")
    found = step_dues(CALENDAR, at("2026-10-05 09:00"), steps, TimeLimit.parse("10 working_day"), due_at=due)
    assert found[0].due_at == due


def test_a_plan_longer_than_the_limit_is_refused() -> None:
    side_by_side = [Share("a", Fraction(8), 1), Share("b", Fraction(5), 1), Share("c", Fraction(2), 2)]
    assert longest_path(side_by_side) == 10
    check_plan(side_by_side, TimeLimit.parse("10 working_day"))
    with pytest.raises(ClockError, match="vượt thời hạn của thủ tục"):
        check_plan(side_by_side, TimeLimit.parse("9 working_day"))
    with pytest.raises(ClockError, match="không thể âm"):
        check_plan([Share("a", Fraction(-1), 1)], TimeLimit.parse("9 working_day"))


def test_early_signals() -> None:
    assert intake_signals(CALENDAR, at("2026-10-09 16:00")) == (
        at("2026-10-09 18:00"),
        at("2026-10-12 10:30"),
        at("2026-10-12 15:00"),
    )
    started, due = at("2026-10-05 07:30"), at("2026-10-05 17:00")
    assert share_signals(CALENDAR, started, due) == (at("2026-10-05 15:24"), due)
    assert working_minutes_between(CALENDAR, started, at("2026-10-05 15:24")) == 384
    assert due_signals(CALENDAR, at("2026-11-25 17:00")) == (at("2026-11-20 07:30"), at("2026-11-23 07:30"))
    assert collection_signals(at("2026-10-05 10:00")) == (
        at("2026-10-05 10:00"),
        at("2026-10-08 10:00"),
        at("2026-10-15 10:00"),
        at("2026-11-04 10:00"),
    )
