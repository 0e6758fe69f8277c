"""Every state and every step of domain §7, walked through the one door."""

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, connection, transaction

from hoso.lifecycle import State
from hoso.models import Dossier, Event
from hoso.services.consequences import CONSEQUENCES
from hoso.services.dossiers import advance
from hoso.services.errors import Refused, StepRefused
from tests.factories import World, dossier_at, draft, step, walk


@pytest.mark.parametrize("state", State.values)
def test_every_state_is_reached_by_real_steps(w: World, state: str) -> None:
    dossier = dossier_at(w, state)
    assert dossier.state == state
    events = list(dossier.events.order_by("seq"))
    assert [e.seq for e in events] == list(range(1, len(events) + 1))
    assert events[-1].target == state
    assert dossier.last_seq == len(events)


def test_every_transition_has_a_label_a_permission_and_its_consequences() -> None:
    transitions = list(Dossier().get_all_state_transitions())
    names = {t.name for t in transitions}
    assert names == set(CONSEQUENCES)
    for transition in transitions:
        assert transition.permission is not None, transition.name
        assert transition.custom.get("label"), transition.name


def test_code_is_given_at_acceptance_and_counts_on(w: World, at) -> None:
    at("2026-10-05 09:00")
    first = walk(w, draft(w), "accept")
    second = walk(w, draft(w), "accept")
    assert first.code == "H44.27-261005-0001"
    assert second.code == "H44.27-261005-0002"
    assert walk(w, draft(w), "submit").code == ""


def test_due_date_is_promised_and_explained_alike(w: World, at) -> None:
    at("2026-10-05 09:00")
    dossier = walk(w, draft(w), "accept")
    assert f"{dossier.due_at.astimezone():%d/%m/%Y %H:%M}" == "12/10/2026 17:00"
    accepted = dossier.events.get(name="accept")
    assert accepted.data["due_at"].startswith("2026-10-12T")


def test_straight_way_leaves_custody_tasks_and_papers_behind(w: World, at) -> None:
    at("2026-10-05 09:00")
    dossier = walk(w, draft(w), "complete")
    assert dossier.timeliness == "EARLY"
    assert not dossier.handovers.filter(signed_at=None, recalled_at=None).exclude(what="result").exists()
    assert set(dossier.tasks.values_list("status", flat=True)) == {"done"}
    kinds = set(dossier.papers.values_list("kind", flat=True))
    assert {"submission_proof", "acceptance_slip", "fee_receipt", "result", "return_receipt"} <= kinds
    assert dossier.notices.filter(template="accepted", channel="email").exists()


def test_stale_page_is_told_who_was_faster(w: World) -> None:
    dossier = walk(w, draft(w), "submit")
    seen = dossier.last_seq
    step(w, dossier, "accept", "desk_officer", {"eid_checked": True})
    with pytest.raises(StepRefused, match="Phạm Thị Lan Anh vừa thực hiện “Tiếp nhận hồ sơ”"):
        advance(dossier.pk, "refuse_intake", by=w.desk_head, seen=seen, note="Trùng")


@pytest.mark.parametrize(
    "who",
    [
        "neighbour",
        "other_desk_officer",
        "other_case_officer",
        "carrier",
        "system_admin",
        "supervisor",
        "approver",
    ],
)
def test_a_stranger_cannot_accept(w: World, who: str) -> None:
    dossier = walk(w, draft(w), "submit")
    with pytest.raises(PermissionDenied):
        step(w, dossier, "accept", who, {"eid_checked": True})
    assert Dossier.objects.get(pk=dossier.pk).state == State.SUBMITTED


def test_incomplete_submission_names_what_is_missing(w: World) -> None:
    dossier = draft(w, paper=False, answers={})
    with pytest.raises(Refused, match=r"Tờ khai điện tử; Giấy chứng sinh"):
        advance(dossier.pk, "submit", by=w.citizen)
    assert Dossier.objects.get(pk=dossier.pk).state == State.DRAFT


def test_the_appraiser_does_not_approve(w: World) -> None:
    from danhmuc.models import Position

    Position.objects.create(user=w.case_officer, agency=w.commune, role="approver", valid_from="2020-01-01")
    dossier = walk(w, draft(w), "finish_task")
    with pytest.raises(Refused, match="không được tự ký"):
        step(w, dossier, "decide", "case_officer", {"outcome": "granted", "body": "x"})


def test_a_second_supplement_needs_a_reason(w: World) -> None:
    dossier = dossier_at(w, State.ON_HOLD)
    dossier = step(w, dossier, "resume", "desk_officer", {"received_at_desk": True})
    items = [{"name": "Giấy chứng sinh", "reason": "missing", "explanation": "Chưa có"}]
    with pytest.raises(Refused, match="một lần"):
        step(w, dossier, "propose_hold", "case_officer", {"items": items})


def test_supplement_reaches_the_applicant_only_through_the_desk(w: World) -> None:
    dossier = walk(w, draft(w), "assign")
    items = [{"name": "Giấy chứng sinh", "reason": "missing", "explanation": "Chưa có"}]
    dossier = step(w, dossier, "propose_hold", "case_officer", {"items": items})
    assert not dossier.notices.filter(template="supplement").exists()
    with pytest.raises(PermissionDenied):
        step(w, dossier, "hold", "case_officer")
    with pytest.raises(Refused, match="đã ký"):
        step(w, dossier, "hold", "desk_officer")


def test_result_leaves_only_when_papers_match_and_money_is_paid(w: World) -> None:
    dossier = walk(w, draft(w), "issue_result")
    receiver = {"receiver_name": "Nguyễn Thị Thanh Hương"}
    with pytest.raises(Refused, match="đối chiếu"):
        step(w, dossier, "complete", "desk_officer", receiver)
    step(w, dossier, "receive_papers", "desk_officer")
    items = [{"name": "Giấy chứng sinh", "matches": False, "note": "Sai ngày sinh"}]
    dossier = step(w, dossier, "check_papers", "desk_officer", {"items": items})
    assert dossier.paper_check == "mismatched"
    dossier = step(w, dossier, "decide_paper_mismatch", "approver", {"note": "Lỗi đánh máy, đã xác minh."})
    with pytest.raises(Refused, match=r"8\.000\s₫"):
        step(w, dossier, "complete", "desk_officer", receiver)


def test_recalled_handover_puts_the_dossier_back(w: World) -> None:
    dossier = walk(w, draft(w), "hand_over")
    dossier = step(w, dossier, "recall_handover", "desk_officer")
    assert dossier.holder == w.desk_officer
    assert dossier.tasks.get(kind="transfer").status == "signed_for"
    dossier = step(w, dossier, "hand_over", "desk_officer")
    step(w, dossier, "sign_for", "division_head")
    with pytest.raises(Refused, match="không thu hồi được"):
        step(w, dossier, "recall_handover", "desk_officer")


def test_history_cannot_be_changed_or_deleted(w: World) -> None:
    dossier = walk(w, draft(w), "submit")
    with pytest.raises(IntegrityError, match="chỉ được ghi thêm"), transaction.atomic():
        Event.objects.filter(dossier=dossier).update(note="khác")
    with (
        pytest.raises(IntegrityError, match="chỉ được ghi thêm"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute("DELETE FROM hoso_event WHERE dossier_id = %s", [dossier.pk])


def test_a_refused_step_leaves_nothing_behind(w: World) -> None:
    dossier = walk(w, draft(w), "submit")
    before = (dossier.last_seq, dossier.notices.count(), dossier.papers.count())
    with pytest.raises(Refused):
        step(w, dossier, "accept", "desk_officer", {})
    dossier.refresh_from_db()
    assert (dossier.last_seq, dossier.notices.count(), dossier.papers.count()) == before
