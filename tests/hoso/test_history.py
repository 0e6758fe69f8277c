"""Rows broken on purpose are found; the same rows unbroken are not."""

from datetime import timedelta

import pytest
from django.db import connection

from hoso.lifecycle import State
from hoso.models import AgencyTask, Charge, Dossier, NumberSeries
from hoso.services import amendments, history
from tests.factories import World, dossier_at, draft, walk


def found() -> list[str]:
    return [p.rule for p in [*history.problems(Dossier.objects.all()), *history.register_problems()]]


@pytest.fixture
def walked(w: World) -> World:
    """One dossier in every state."""
    for state in State.values:
        w.more[state] = dossier_at(w, state)
    return w


def test_real_steps_leave_nothing_to_report(walked: World) -> None:
    assert list(history.problems(Dossier.objects.all())) == []
    assert list(history.register_problems()) == []


def test_what_is_no_step_leaves_nothing_to_report(w: World) -> None:
    dossier = walk(w, draft(w), "accept")
    amendments.ask(dossier.pk, by=w.citizen, values={"child_full_name": "Hoàng Gia An"}, reason="Ghi nhầm")
    amendments.refuse(dossier.pk, by=w.desk_officer, answer="Tên khác giấy chứng sinh")
    amendments.ask(dossier.pk, by=w.citizen, values={"child_full_name": "Hoàng Gia Bách"}, reason="Ghi nhầm")
    amendments.take_back(dossier.pk, by=w.citizen)
    assert {"ask_amendment", "refuse_amendment", "take_back_amendment"} <= set(
        dossier.events.values_list("name", flat=True)
    )
    assert list(history.problems(Dossier.objects.all())) == []


BROKEN = {
    "state": ("processing", {"state": "decided", "finished_at": "2026-10-01T00:00Z"}, "10"),
    "due date": ("processing", {"due_at": "2030-01-01T00:00Z"}, "4"),
    "holder": ("processing", {"holder_id": None}, "giữ hồ sơ"),
    "code": ("processing", {"code": "H44.27-200101-0001"}, "1"),
    "accepted": ("processing", {"accepted_at": "2026-01-05T02:00Z"}, "10"),
    "wait": ("on_hold", {"wait_until": "2030-01-01T00:00Z"}, "4"),
    "intake": ("submitted", {"intake_due_at": "2030-01-01T00:00Z"}, "4"),
    "outcome": ("decided", {"outcome": "refused"}, "10"),
    "class": ("decided", {"timeliness": "OVERDUE"}, "C7"),
    "events": ("completed", {"last_seq": 3}, "10"),
    "holder after the end": ("completed", {"holder_id": "someone"}, "giữ hồ sơ"),
}


@pytest.mark.parametrize("case", BROKEN)
def test_a_broken_column_is_found(walked: World, case: str) -> None:
    state, values, rule = BROKEN[case]
    if values.get("holder_id") == "someone":
        values = {"holder_id": walked.case_officer.pk}
    Dossier.objects.filter(pk=walked.more[state].pk).update(**values)
    assert rule in found()


def test_a_removed_event_is_found(walked: World) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL hoso.maintenance = 'on'")
        cursor.execute(
            "DELETE FROM hoso_event WHERE dossier_id = %s AND name = 'assign'", [walked.more["completed"].pk]
        )
    assert "10" in found()


def test_an_event_moved_in_time_is_found(walked: World) -> None:
    event = walked.more["processing"].events.get(name="accept")
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL hoso.maintenance = 'on'")
        cursor.execute(
            "UPDATE hoso_event SET at = %s WHERE id = %s", [event.at - timedelta(days=9), event.pk]
        )
    assert {"10", "4"} <= set(found())


def test_a_number_given_twice_or_skipped_is_found(walked: World) -> None:
    NumberSeries.objects.filter(key__startswith="dossier:").update(last=99)
    assert "1" in found()


def test_an_open_part_behind_a_decision_is_found(walked: World) -> None:
    task = walked.more["decided"].tasks.filter(kind="work").get()
    AgencyTask.objects.filter(pk=task.pk).update(status="signed_for", done_at=None)
    assert "12" in found()


def test_money_without_a_payment_is_found(walked: World) -> None:
    Charge.objects.filter(dossier=walked.more["processing"]).update(
        status="paid", settled_at="2026-10-05T00:00Z"
    )
    assert "8" in found()
