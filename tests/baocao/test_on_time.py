"""Table 07a: every definition of domain §18.2, the past counted as it was, and invariants over random histories."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from baocao.periods import Periods
from baocao.reports.base import Tally
from baocao.reports.layouts import OPEN, RECEIVED, RESOLVED
from baocao.reports.on_time import OnTime
from danhmuc.models import AgencySuccession, Field, RuleSet
from hoso.models import Dossier, State
from hoso.services.dossiers import advance
from tests.baocao.conftest import Book
from tests.factories import World, agency, dossier_at, draft, hold, moment, procedure, step, walk

NOW = moment("2026-11-24 08:00")
Figures = Callable[[OnTime], dict[int, int]]
IN, LATER = moment("2026-09-20 09:00"), moment("2026-10-01 17:00")


def decided(at: str) -> tuple[str, datetime, str, None]:
    return ("decide", moment(at), "decided", None)


# -- In hand -----------------------------------------------------------------------------------------------------

FROM, TO = moment("2026-09-15 00:00"), moment("2026-10-15 00:00")


@pytest.mark.parametrize(
    ("accepted", "finished", "is_in_hand"),
    [
        ("2026-09-20 08:00", "2026-09-25 08:00", True),
        ("2026-01-05 08:00", None, True),
        ("2026-01-05 08:00", "2027-01-05 08:00", True),
        ("2026-01-05 08:00", "2026-09-14 23:59", False),
        ("2026-01-05 08:00", "2026-09-15 00:00", True),
        ("2026-10-14 23:59", None, True),
        ("2026-10-15 00:00", None, False),
        ("2026-09-20 08:00", "2026-09-20 08:00", True),  # answered while the applicant waits
        ("2026-09-20 08:00", "2026-09-19 08:00", False),  # an error, reported elsewhere
    ],
)
def test_what_was_in_hand_in_a_period(
    book: Book, accepted: str, finished: str | None, is_in_hand: bool
) -> None:
    dossier = book.write(moment(accepted), LATER)
    Dossier.objects.filter(pk=dossier.pk).update(finished_at=moment(finished) if finished else None)
    assert Dossier.objects.in_hand(FROM, TO).exists() is is_in_hand


# -- Columns -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("values", "column"),
    [
        ({"channel": "online", "online_level": 4}, 4),
        ({"channel": "online", "online_level": 3}, 5),
        ({"channel": "post", "online_level": 4}, 6),
        ({"channel": "counter", "online_level": 4}, 7),
    ],
)
def test_received_by_channel_and_level(
    book: Book, figures: Figures, values: dict[str, Any], column: int
) -> None:
    book.write(IN, LATER, **values)
    found = figures(book.table("2026-10", NOW))
    assert [number for number in range(4, 9) if found[number]] == [column]
    assert found[3] == 1


@pytest.mark.parametrize(
    ("accepted", "finished", "expected"),
    [
        # Half-open: the first moment belongs to the period, the first moment after it does not.
        ("2026-09-15 00:00", None, {3: 1, 7: 1, 13: 1, 15: 1}),
        ("2026-09-14 23:59", None, {3: 1, 8: 1, 13: 1, 15: 1}),
        ("2026-10-14 23:59", None, {3: 1, 7: 1, 13: 1, 15: 1}),
        ("2026-10-15 00:00", None, {}),
        ("2026-09-01 08:00", "2026-09-15 00:00", {3: 1, 8: 1, 9: 1, 10: 1}),
        ("2026-09-01 08:00", "2026-09-14 23:59", {}),
        ("2026-09-01 08:00", "2026-10-01 08:00", {3: 1, 8: 1, 9: 1, 11: 1}),
        ("2026-09-16 08:00", "2026-10-14 23:59", {3: 1, 7: 1, 9: 1, 12: 1}),
        ("2026-09-16 08:00", "2026-10-15 00:00", {3: 1, 7: 1, 13: 1, 15: 1}),
    ],
)
def test_where_a_dossier_falls(
    book: Book, figures: Figures, accepted: str, finished: str | None, expected: dict[int, int]
) -> None:
    book.write(moment(accepted), LATER, *([decided(finished)] if finished else []))
    found = figures(book.table("2026-10", NOW))
    assert {number: value for number, value in found.items() if value} == expected


@pytest.mark.parametrize(
    ("due", "column"), [("2026-10-14 17:00", 15), ("2026-10-15 17:00", 14), ("2026-11-30 17:00", 14)]
)
def test_in_hand_within_or_past_its_date(book: Book, figures: Figures, due: str, column: int) -> None:
    book.write(IN, moment(due))
    found = figures(book.table("2026-10", NOW))
    assert (found[13], found[column]) == (1, 1)


def test_a_running_period_speaks_of_now(book: Book, figures: Figures) -> None:
    """Day-based limits run to the end of their day; a date of tomorrow cannot be missed yet."""
    book.write(moment("2026-11-20 08:00"), moment("2026-11-23 17:00"))
    book.write(moment("2026-11-20 08:00"), moment("2026-11-24 07:00"))
    book.write(moment("2026-11-20 08:00"), moment("2026-11-25 17:00"))
    found = figures(book.table("2026-12", NOW))
    assert (found[13], found[14], found[15]) == (3, 2, 1)


def test_an_hour_limit_is_missed_at_its_instant(book: Book, figures: Figures, w: World) -> None:
    hours = procedure("2.000815", "Chứng thực bản sao", time_unit="working_hour", time_value=4)
    early = book.write(moment("2026-11-24 07:30"), moment("2026-11-24 07:45"))
    Dossier.objects.filter(pk=early.pk).update(version=hours)
    assert figures(book.table("2026-12", NOW))[15] == 1


def test_what_never_was_accepted_and_what_was_voided_is_not_counted(
    book: Book, figures: Figures, w: World, at: Callable[[str], datetime]
) -> None:
    at("2026-09-21 09:00")
    for state in (State.DRAFT, State.SUBMITTED, State.INTAKE_HOLD, State.REFUSED_INTAKE, State.VOIDED):
        dossier_at(w, state)
    assert not any(figures(book.table("2026-10", NOW)).values())


def test_real_steps_land_in_their_columns(
    figures: Figures, book: Book, w: World, at: Callable[[str], datetime]
) -> None:
    """Online at level 3, five working days: one resolved before its date, one withdrawn, one waiting for papers."""
    at("2026-09-21 09:00")
    dossier_at(w, State.DECIDED)
    dossier_at(w, State.WITHDRAWN)
    dossier_at(w, State.ON_HOLD)
    found = figures(book.table("2026-10", NOW))
    assert found == {
        3: 3, 4: 0, 5: 3, 6: 0, 7: 0, 8: 0, 9: 2, 10: 2, 11: 0, 12: 0, 13: 1, 14: 1, 15: 0,
    }  # fmt: skip


# -- As it was ---------------------------------------------------------------------------------------------------


def test_a_past_period_reads_the_date_valid_then(book: Book, figures: Figures) -> None:
    """Extended on the day after the end: at the end it still had its first date, and was late by it."""
    book.write(
        IN,
        moment("2026-10-13 17:00"),
        ("recalculate", moment("2026-10-16 08:00"), "processing", moment("2026-10-30 17:00")),
    )
    assert figures(book.table("2026-10", NOW))[15] == 1
    assert figures(book.table("2026-10", moment("2026-10-15 09:00")))[15] == 1


def test_a_past_period_reads_whether_the_clock_ran_then(book: Book, figures: Figures) -> None:
    """Held at the end, resumed since: it was in hand within time, whatever it is today."""
    held = (
        ("hold", moment("2026-10-12 08:00"), "on_hold", None),
        ("resume", moment("2026-10-20 08:00"), "processing", None),
    )
    book.write(IN, moment("2026-10-13 17:00"), *held)
    found = figures(book.table("2026-10", NOW))
    assert (found[14], found[15]) == (1, 0)
    # The other way round: running and late at the end, held since.
    book.write(
        IN, moment("2026-10-13 17:00"), ("hold_financial", moment("2026-10-20 08:00"), "on_hold", None)
    )
    found = figures(book.table("2026-10", NOW))
    assert (found[14], found[15]) == (1, 1)


def test_a_report_gives_the_same_figures_today_as_at_its_end(
    book: Book, figures: Figures, w: World, at: Callable[[str], datetime]
) -> None:
    """Real steps on both sides of the end; what happens later changes nothing (domain §18.2)."""
    at("2026-10-12 09:00")
    held, late, fine = (walk(w, draft(w), "assign") for _ in range(3))
    hold(w, held)
    before = figures(book.table("2026-10", at("2026-10-15 00:00")))
    at("2026-10-15 09:00")
    step(w, fine, "extend", "approver", {"value": 5, "unit": "working_day", "note": "Cần xác minh."})
    step(w, held, "answer_supplement", "citizen", {"answers": {1: {"text": "Gửi lại ảnh"}}})
    step(w, held, "resume", "desk_officer", {"received_at_desk": True})
    at("2026-10-20 09:00")
    advance(late.pk, "withdraw", by=w.citizen, note="Không còn nhu cầu.")
    assert figures(book.table("2026-10", NOW)) == before
    assert before[13] == 3


# -- Choices the texts leave open --------------------------------------------------------------------------------


@pytest.fixture
def knob(w: World) -> Callable[..., None]:
    def turn(**values: Any) -> None:
        row = RuleSet.objects.get(key="REP-2026")
        RuleSet.objects.filter(pk=row.pk).update(values=row.values | values)

    return turn


def test_waiting_for_papers_is_in_hand_unless_the_regime_says_resolved(
    book: Book, figures: Figures, knob: Callable[..., None]
) -> None:
    """O8. Money is not papers; a dossier that came back is in hand again and was left over."""
    book.write(IN, LATER, ("hold", moment("2026-09-22 08:00"), "on_hold", None))
    book.write(IN, LATER, ("hold_financial", moment("2026-09-22 08:00"), "on_hold", None))
    found = figures(book.table("2026-10", NOW))
    assert (found[9], found[14]) == (0, 2)
    knob(supplement_counting="RESOLVED_ON_TIME")
    found = figures(book.table("2026-10", NOW))
    assert (found[3], found[9], found[11], found[14]) == (2, 1, 1, 1)
    assert figures(book.table("2026-11", NOW))[8] == 2


def test_an_extension_counts_by_the_new_date_unless_the_regime_says_the_first(
    book: Book, figures: Figures, knob: Callable[..., None]
) -> None:
    """O7: one resolved and one in hand, both past the first date only."""
    extended = ("extend", moment("2026-09-22 08:00"), "processing", moment("2026-10-20 17:00"))
    book.write(IN, moment("2026-09-25 17:00"), extended, decided("2026-10-02 10:00"))
    book.write(IN, moment("2026-09-25 17:00"), extended)
    found = figures(book.table("2026-10", NOW))
    assert (found[10], found[12], found[14], found[15]) == (1, 0, 1, 0)
    knob(report_due_basis="ORIGINAL")
    found = figures(book.table("2026-10", NOW))
    assert (found[10], found[12], found[14], found[15]) == (0, 1, 0, 1)


def test_the_former_layout_adds_channels_up(book: Book, figures: Figures) -> None:
    """II.06 until the period ending before 01/8/2026 (domain §18.5)."""
    accepted, due = moment("2026-06-20 08:00"), moment("2026-07-30 17:00")
    for values in (
        {"channel": "online", "online_level": 4},
        {"channel": "online", "online_level": 3},
        {"channel": "post"},
        {"channel": "counter"},
    ):
        book.write(accepted, due, **values)
    report = book.table("2026-07", NOW)
    assert report.title.startswith("Biểu số II.06a")
    found = figures(report)
    assert (found[3], found[4], found[5], found[6], found[11]) == (4, 2, 2, 0, 4)


# -- Agencies that come and go -----------------------------------------------------------------------------------


def test_a_closed_district_is_counted_under_its_successor(book: Book, figures: Figures, w: World) -> None:
    """Invariant 9 across 01/7/2025: what the district leaves over, its successor takes over."""
    district = agency(
        "UBND_H1", "Ủy ban nhân dân huyện Phù Ninh", parent=w.province, level="district",
        valid_to=date(2025, 6, 30),
    )  # fmt: skip
    AgencySuccession.objects.create(old=district, new=w.other_commune, from_date=date(2025, 7, 1))
    due = moment("2025-08-30 17:00")
    book.write(moment("2025-06-02 08:00"), due, agency=district)
    book.write(moment("2025-06-02 08:00"), due, decided("2025-06-20 08:00"), agency=district)
    june, july = book.table("2025-06", NOW), book.table("2025-07", NOW)
    assert [row.label for row in june.rows_by_agency()] == ["Ủy ban nhân dân huyện Phù Ninh"]
    assert [row.label for row in july.rows_by_agency()] == ["Ủy ban nhân dân xã Phù Ninh"]
    assert figures(july)[6] == figures(june)[11] == 2
    own = book.table("2025-07", NOW, root=w.other_commune)
    assert (figures(own)[3], figures(own)[7]) == (2, 1)
    assert figures(book.table("2025-06", NOW, root=w.other_commune))[3] == 0
    assert figures(book.table("2025-06", NOW, root=district))[3] == 2


def test_a_division_is_counted_under_its_body_and_a_level_by_itself(
    book: Book, figures: Figures, w: World
) -> None:
    room = agency("P_TP", "Phòng Bổ trợ tư pháp", parent=w.department, kind="phong", level="province")
    book.write(IN, LATER, agency=room)
    book.write(IN, LATER, agency=w.commune)
    report = book.table("2026-10", NOW)
    assert {row.label for row in report.rows_by_agency()} == {w.department.name, w.commune.name}
    assert figures(book.table("2026-10", NOW, level="commune"))[3] == 1
    assert figures(book.table("2026-10", NOW, root=w.department))[3] == 1


# -- Every history -----------------------------------------------------------------------------------------------

HOURS = st.integers(0, 24 * 100)
HISTORY = st.tuples(
    HOURS,  # accepted, hours after the start
    st.integers(1, 24 * 30),  # due after
    st.lists(
        st.tuples(
            st.sampled_from(
                ["hold", "hold_financial", "resume", "recalculate", "decide", "withdraw", "void"]
            ),
            st.integers(1, 24 * 20),  # hours after the step before
        ),
        max_size=5,
    ),
    st.sampled_from(["online", "post", "counter"]),
    st.integers(0, 1),  # field
    st.integers(0, 1),  # agency
)
START = moment("2026-07-20 08:00")
KEYS = ("2026-08", "2026-09", "2026-10", "2026-11")
ENDS = {"hold": "on_hold", "hold_financial": "on_hold", "resume": "processing", "recalculate": "processing"}
CAN = {
    "processing": {"hold", "hold_financial", "recalculate", "decide", "withdraw", "void"},
    "on_hold": {"resume", "recalculate", "withdraw", "void"},
}
AFTER = {"decide": "decided", "withdraw": "withdrawn", "void": "voided"}


def tell(book: Book, history: Any, fields: list[Field]) -> list[tuple[str, datetime, str, datetime | None]]:
    """Write one history, leaving out steps that could not be taken; the turns it took."""
    accepted, due_in, steps, channel, field, where = history
    at = START + timedelta(hours=accepted)
    due = (at + timedelta(hours=due_in)).replace(hour=17, minute=0)
    state, turns, latest = "processing", [], due
    first, moment_ = at, at
    for name, later in steps:
        if name not in CAN.get(state, set()):
            continue
        moment_ += timedelta(hours=later)
        latest = latest + timedelta(days=2) if name in {"resume", "recalculate"} else latest
        state = state if name == "recalculate" else {**ENDS, **AFTER}[name]
        turns.append((name, moment_, state, latest if name in {"resume", "recalculate"} else None))
    book.write(
        first,
        due,
        *turns,
        channel=channel,
        field=fields[field],
        agency=[book.w.commune, book.w.department][where],
    )
    return [("accept", first, "processing", due), *turns]


def expected(
    turns: list[tuple[str, datetime, str, datetime | None]], a: datetime, b: datetime
) -> tuple[str, str] | None:
    """Where a history falls, told a second time and in plain words: by replaying it up to the end."""
    if any(name == "void" for name, *_ in turns) or turns[0][1] >= b:
        return None
    ends = [turn for turn in turns if turn[0] in {"decide", "withdraw"}]
    if ends and ends[0][1] < a:
        return None
    received = "carried" if turns[0][1] < a else "new"
    due = None
    for _, at, state, moved in turns:
        if at >= b:
            break
        due, standing = moved or due, state
    assert due is not None
    if ends and ends[0][1] < b:
        finish = ends[0][1].date()
        return received, "early" if finish < due.date() else "on_time" if finish == due.date() else "overdue"
    return received, "late" if standing == "processing" and due < b else "within"


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(histories=st.lists(HISTORY, max_size=12))
def test_invariants_hold_for_any_history(book: Book, histories: list[Any]) -> None:
    """(3) = (9)+(13); (8) = (13) of the period before; fields and agencies agree; each figure is its list."""
    with transaction.atomic():
        other, _ = Field.objects.get_or_create(
            code="G01-X", defaults={"name": "Đất đai", "folded_name": "dat dai"}
        )
        fields = [book.w.version.procedure.field, other]
        told = [tell(book, history, fields) for history in histories]
        periods = Periods()
        before: dict[tuple[int, int], int] | None = None
        for key in KEYS:
            period = periods.get(key)
            assert period is not None
            report = book.table(key, NOW + timedelta(days=200))
            counted: dict[str, int] = {}
            for turns in told:
                found = expected(turns, period.starts_at, period.ends_at)
                for part in found or ():
                    counted[part] = counted.get(part, 0) + 1
            total = report.total().tally
            new = total.get("full", "partial", "post", "counter")
            assert {"carried": total.get("carried"), "new": new} == {
                part: counted.get(part, 0) for part in ("carried", "new")
            }
            for part in (*RESOLVED, *OPEN):
                assert total.get(part) == counted.get(part, 0), (key, part)
            for tally in report.tallies.values():
                assert tally.get(*RECEIVED) == tally.get(*RESOLVED, *OPEN)
            whole = sum((row.tally for row in report.rows_by_agency()), Tally())
            assert whole.counts == total.counts
            carried = {
                at: tally.get("carried") for at, tally in report.tallies.items() if tally.get("carried")
            }
            assert before is None or carried == before
            before = {at: tally.get(*OPEN) for at, tally in report.tallies.items() if tally.get(*OPEN)}
            for column in report.columns:
                assert report.listed(column).count() == column.value(total)
        transaction.set_rollback(True)
