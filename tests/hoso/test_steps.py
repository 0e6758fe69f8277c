"""The steps of domain §7.2 that lie beside the straight way, each with its documents, clock and rights."""

from datetime import date, timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone

from danhmuc.models import Agency, AgencySuccession, Calendar, ChargeRule, Component, ProcedureVersion
from danhmuc.services.calendars import Day, publish_calendar_change
from hoso.lifecycle import State
from hoso.models import Document, Dossier
from hoso.services import history
from hoso.services.case import write
from hoso.services.dossiers import advance, locked, open_draft
from hoso.services.errors import Refused
from tests.factories import (
    ITEMS,
    World,
    agency,
    dossier_at,
    draft,
    hold,
    moment,
    officer,
    procedure,
    step,
    upload,
    walk,
)


def due(dossier: Dossier) -> str:
    return f"{timezone.localtime(dossier.due_at):%d/%m/%Y %H:%M}"


def clean() -> None:
    assert list(history.problems(Dossier.objects.all())) == []


def test_t02_prepaid_fee_starts_the_intake_clock(w: World, at) -> None:
    """E09: submitted Tuesday 09:00, paid 15:30, answer by Wednesday 15:30."""
    version = procedure("2.000815", "Chứng thực", fee_timing="before_intake")
    at("2026-10-13 09:00")
    dossier = walk(w, draft(w, version=version), "submit")
    assert dossier.intake_due_at is None
    with pytest.raises(Refused, match="chưa nộp phí"):
        step(w, dossier, "accept", "desk_officer", {"eid_checked": True})
    at("2026-10-13 15:30")
    charge = dossier.charges.get()
    facts = {"charges": [charge.seq], "amount": charge.amount, "method": "online", "reference": "VNP1"}
    dossier = step(w, dossier, "record_payment", "system", facts)
    assert f"{timezone.localtime(dossier.intake_due_at):%d/%m %H:%M}" == "14/10 15:30"
    assert step(w, dossier, "accept", "desk_officer", {"eid_checked": True}).state == State.PROCESSING
    clean()


def test_t04_counter_dossier_is_accepted_from_the_desk(w: World, at) -> None:
    at("2026-10-05 09:00")
    with transaction.atomic():
        case = open_draft(
            w.version,
            by=w.desk_officer,
            desk=w.desk,
            agency=w.commune,
            channel=Dossier.Channel.COUNTER,
            owner_name="Bùi Văn Lâm",
            owner_id="025086000111",
            phone="+84912000111",
            answers={"x": 1},
        )
        upload(case, w.version.components.get(order=2), w.desk_officer, kind=Document.Kind.SCAN)
        write([case])
    dossier = step(w, case.dossier, "accept", "desk_officer", {"eid_checked": True})
    assert (dossier.state, dossier.paper_check, dossier.applicant) == (State.PROCESSING, "not_required", None)
    clean()


def test_t06_immediate_only_where_delegated(w: World) -> None:
    facts = {"eid_checked": True, "title": "Bản sao", "body": "Cấp bản sao."}
    ordinary = walk(w, draft(w), "submit")
    with pytest.raises(Refused, match="không được giao giải quyết ngay"):
        step(w, ordinary, "accept_immediate", "desk_officer", facts)
    version = procedure("2.000635", "Cấp bản sao trích lục", time_value=0, time_unit="immediate", charge=0)
    dossier = walk(w, draft(w, version=version), "submit")
    dossier = step(w, dossier, "accept_immediate", "desk_officer", facts)
    assert dossier.state == State.COMPLETED
    assert dossier.code.startswith("H44.27-")
    assert dossier.papers.filter(kind="result").exists()
    clean()


def test_t07_t08_completion_is_asked_once_and_answered(w: World) -> None:
    dossier = walk(w, draft(w), "submit")
    with pytest.raises(Refused, match="ít nhất một"):
        step(w, dossier, "ask_completion", "desk_officer", {"items": []})
    with pytest.raises(Refused, match="lý do cụ thể"):
        step(w, dossier, "ask_completion", "desk_officer", {"items": [ITEMS[0] | {"explanation": " "}]})
    dossier = step(
        w, dossier, "ask_completion", "desk_officer", {"items": ITEMS, "phone_call_note": "Đã gọi"}
    )
    assert dossier.state == State.INTAKE_HOLD
    assert dossier.wait_until is not None
    channels = set(dossier.notices.filter(template="completion_asked").values_list("channel", flat=True))
    assert channels == {"portal", "email", "phone_call"}
    dossier = step(w, dossier, "resubmit", "citizen", {"answers": {1: {"text": "Đã chụp lại"}}})
    assert dossier.state == State.SUBMITTED
    assert dossier.supplements.get().items.get().answer == "Đã chụp lại"
    with pytest.raises(Refused, match="một lần"):
        step(w, dossier, "ask_completion", "desk_officer", {"items": ITEMS})
    clean()


def test_t10_redirect_restarts_the_review_at_the_competent_desk(w: World, at) -> None:
    at("2026-10-05 09:00")
    dossier = walk(w, draft(w), "submit")
    at("2026-10-05 10:00")
    dossier = step(
        w,
        dossier,
        "redirect",
        "desk_officer",
        {"desk": w.other_desk, "agency": w.other_commune, "note": "Nơi cư trú"},
    )
    assert (dossier.desk, dossier.resolving_agency) == (w.other_desk, w.other_commune)
    assert f"{timezone.localtime(dossier.intake_due_at):%d/%m %H:%M}" == "06/10 10:00"
    with pytest.raises(PermissionDenied):
        step(w, dossier, "accept", "desk_officer", {"eid_checked": True})
    assert step(w, dossier, "accept", "other_desk_officer", {"eid_checked": True}).code.startswith("H44.28-")
    clean()


def test_t13_opinion_is_asked_and_given_without_touching_the_clock(w: World, at) -> None:
    at("2026-10-05 09:00")
    dossier = walk(w, draft(w), "assign")
    before = dossier.due_at
    expert = officer("Lý Thị Hồng", "case_officer", w.department)
    facts = {"agency": w.department, "content": "Xác minh hộ tịch", "due_at": moment("2026-10-07 17:00")}
    dossier = step(w, dossier, "consult", "case_officer", facts)
    assert dossier.due_at == before
    dossier = step(w, dossier, "finish_task", "case_officer", {"task": 3, "result": "Đủ"})
    with pytest.raises(Refused, match="Cho ý kiến"):
        step(w, dossier, "decide", "approver", {"outcome": "granted", "body": "x"})
    assert Dossier.objects.visible_to(expert).filter(pk=dossier.pk).exists()
    dossier = advance(dossier.pk, "finish_task", by=expert, task=6, result="Khớp sổ gốc")
    assert step(w, dossier, "decide", "approver", {"outcome": "granted", "body": "x"}).state == State.DECIDED
    clean()


def test_t14_t15_restart_counts_the_limit_again(w: World, at) -> None:
    """E20 with ten days: accepted Mon 05/10, asked Wed 07/10, complete Wed 14/10, due Wed 28/10."""
    version = procedure("1.000001", "Mười ngày", time_value=10)
    at("2026-10-05 08:00")
    dossier = walk(w, draft(w, version=version), "assign")
    assert due(dossier) == "19/10/2026 17:00"
    at("2026-10-07 09:00")
    dossier = hold(w, dossier)
    assert (dossier.state, dossier.hold_kind) == (State.ON_HOLD, "SUPPLEMENT")
    assert f"{timezone.localtime(dossier.wait_until):%d/%m/%Y}" == "22/10/2026"
    at("2026-10-14 10:00")
    dossier = step(w, dossier, "answer_supplement", "citizen", {"answers": {1: {"text": "Bổ sung"}}})
    dossier = step(w, dossier, "resume", "desk_officer")
    assert due(dossier) == "28/10/2026 17:00"
    assert dossier.papers.filter(kind="acceptance_slip").count() == 2
    clean()


def test_t15_continue_keeps_the_days_used(w: World, at) -> None:
    """E21: two days used, eight left from 14/10: Mon 26/10."""
    version = procedure("1.000002", "Tính tiếp", time_value=10, supplement_mode="CONTINUE")
    at("2026-10-05 08:00")
    dossier = walk(w, draft(w, version=version), "assign")
    at("2026-10-07 09:00")
    dossier = hold(w, dossier)
    at("2026-10-14 10:00")
    dossier = step(w, dossier, "resume", "desk_officer", {"received_at_desk": True})
    assert due(dossier) == "26/10/2026 17:00"
    clean()


def test_t14_after_three_days_needs_the_special_law(w: World, at) -> None:
    at("2026-10-05 08:00")
    dossier = walk(w, draft(w), "assign")
    at("2026-10-09 08:00")
    with pytest.raises(Refused, match="08/10/2026"):
        step(w, dossier, "propose_hold", "case_officer", {"items": ITEMS})


def test_t16_closes_only_after_the_wait(w: World, at) -> None:
    at("2026-10-05 08:00")
    dossier = hold(w, walk(w, draft(w), "assign"))
    at("2026-10-20 08:00")
    with pytest.raises(Refused, match="Chưa hết thời hạn"):
        step(w, dossier, "close_unsupplemented", "desk_officer")
    at("2026-10-21 08:00")
    dossier = step(w, dossier, "close_unsupplemented", "desk_officer", {"note": "Quá hạn bổ sung"})
    assert (dossier.state, dossier.holder) == (State.CLOSED, None)
    # Asked on the day of acceptance, long before the date: the wait is not the agency's delay.
    assert dossier.timeliness == "EARLY"
    assert dossier.papers.filter(kind="stop_notice").exists()
    clean()


def test_t17_t18_financial_hold_pauses_and_goes_on(w: World, at) -> None:
    """E31: fifteen days, five used, hold 09/3, paid 17/3, due 31/3/2026."""
    version = procedure("1.000003", "Mười lăm ngày", time_value=15)
    at("2026-03-02 08:00")
    dossier = walk(w, draft(w, version=version), "assign")
    at("2026-03-09 09:00")
    obligations = [{"name": "Lệ phí trước bạ", "amount": 1_250_000, "basis": "Thông báo của Thuế cơ sở"}]
    dossier = step(w, dossier, "hold_financial", "case_officer", {"obligations": obligations})
    at("2026-03-17 10:00")
    with pytest.raises(Refused, match="chưa được nộp đủ"):
        step(w, dossier, "resume", "cashier")
    charge = dossier.charges.get(kind="obligation")
    with pytest.raises(Refused, match=r"khác số phải thu 1\.250\.000"):
        step(
            w,
            dossier,
            "record_payment",
            "cashier",
            {"charges": [charge.seq], "amount": 1, "method": "cash_desk", "reference": "a"},
        )
    facts = {"charges": [charge.seq], "amount": charge.amount, "method": "transfer", "reference": "NH-1"}
    dossier = step(w, dossier, "record_payment", "cashier", facts)
    dossier = step(w, dossier, "resume", "cashier")
    assert due(dossier) == "31/03/2026 17:00"
    clean()


def test_t19_extension_once_and_in_time(w: World, at) -> None:
    """E29, E30: due Wed 25/11/2026, 24/11 is a holiday: form 04 by Mon 23/11; five more days end on 02/12."""
    version = procedure("1.000004", "Gia hạn", time_value=10)
    at("2026-11-10 08:00")
    dossier = walk(w, draft(w, version=version), "assign")
    assert due(dossier) == "25/11/2026 17:00"
    facts = {"value": 5, "unit": "working_day", "note": "Phải kiểm tra thực địa"}
    at("2026-11-25 08:00")
    with pytest.raises(Refused, match="trước ngày hẹn trả"):
        step(w, dossier, "extend", "approver", facts)
    at("2026-11-23 16:00")
    with pytest.raises(PermissionDenied):
        step(w, dossier, "extend", "case_officer", facts)
    dossier = step(w, dossier, "extend", "approver", facts)
    assert due(dossier) == "02/12/2026 17:00"
    assert f"{timezone.localtime(dossier.original_due_at):%d/%m}" == "25/11"
    with pytest.raises(Refused, match="một lần"):
        step(w, dossier, "extend", "approver", facts)
    assert dossier.papers.filter(kind="apology_extension").exists()
    clean()


def test_t20_refusal_is_a_result_with_its_reason(w: World) -> None:
    dossier = walk(w, draft(w), "finish_task")
    with pytest.raises(Refused, match="lý do và căn cứ"):
        step(w, dossier, "decide", "approver", {"outcome": "refused", "body": "Không đủ điều kiện"})
    facts = {"outcome": "refused", "body": "Không đủ điều kiện", "note": "Điều 16 Luật Hộ tịch"}
    dossier = step(w, dossier, "decide", "approver", facts)
    assert (dossier.outcome, dossier.state) == ("refused", State.DECIDED)
    assert dossier.events.get(name="decide").data["result_number"].endswith("/KQ-UBND")
    clean()


def test_t22_withdrawal_cancels_what_is_owed_and_ends_all_work(w: World) -> None:
    dossier = walk(w, draft(w), "assign")
    dossier = step(w, dossier, "withdraw", "citizen", {"note": "Không còn nhu cầu"})
    assert not dossier.tasks.filter(status__in=["waiting", "sent", "signed_for"]).exists()
    assert dossier.charges.get().status == "cancelled"
    decided = walk(w, draft(w), "decide")
    with pytest.raises(Refused):
        step(w, decided, "withdraw", "citizen", {"note": "Muộn"})
    clean()


def test_t23_error_in_a_result_is_corrected_and_the_old_one_kept(w: World, at) -> None:
    at("2026-10-05 09:00")
    dossier = walk(w, draft(w), "complete")
    with transaction.atomic():
        case = locked(dossier.pk)
        old = upload(case, None, w.approver, kind=Document.Kind.RESULT)
        new = upload(case, None, w.approver, kind=Document.Kind.RESULT)
        write([case])
    dossier = step(
        w,
        dossier,
        "report_error",
        "desk_officer",
        {"error": "Sai tên đệm", "note": "Sai tên đệm", "old_document": old},
    )
    correction = dossier.corrections.get()
    assert f"{timezone.localtime(correction.due_at):%d/%m}" == "08/10"
    dossier = step(w, dossier, "finish_correction", "approver", {"document": new})
    old.refresh_from_db()
    assert (old.replaced_by, dossier.state) == (new, State.COMPLETED)
    clean()


def test_t25_void_needs_the_head_and_a_reason(w: World) -> None:
    dossier = walk(w, draft(w), "accept")
    with pytest.raises(PermissionDenied):
        step(w, dossier, "void", "desk_officer", {"note": "Trùng"})
    with pytest.raises(Refused, match="lý do hủy"):
        step(w, dossier, "void", "desk_head", {"note": " "})
    assert step(w, dossier, "void", "desk_head", {"note": "Trùng hồ sơ"}).state == State.VOIDED


def test_t26_a_ministry_says_where_its_dossier_stands(w: World) -> None:
    dossier = walk(w, draft(w), "submit")
    Dossier.objects.filter(pk=dossier.pk).update(issuing_system="ministry", external_code="G01-260101-000123")
    dossier = step(w, dossier, "mirror_update", "system", {"to": "on_hold"})
    assert (dossier.state, dossier.code) == ("on_hold", "")
    dossier = step(w, dossier, "mirror_update", "system", {"to": "processing"})
    assert dossier.hold_kind == ""
    with pytest.raises(PermissionDenied):
        step(w, dossier, "mirror_update", "desk_head", {"to": "completed"})
    clean()


def test_recalculation_moves_a_date_later_and_never_earlier(w: World, at) -> None:
    """E15 and E17 through the product: a swap announced after printing."""
    at("2026-10-05 09:00")
    later, earlier = walk(w, draft(w), "accept"), walk(w, draft(w), "accept")
    calendar = Calendar.objects.get(key="VN")
    at("2026-10-06 09:00")
    publish_calendar_change(
        calendar,
        add=[Day(date(2026, 10, 9), "swap_off", "Nghỉ hoán đổi")],
        decision="Thử",
        published_at=timezone.now(),
    )
    later = step(w, later, "recalculate", "system")
    assert due(later) == "13/10/2026 17:00"
    assert later.notices.filter(template="date_moved").exists()
    publish_calendar_change(
        calendar,
        remove=[date(2026, 10, 9)],
        add=[Day(date(2026, 10, 10), "swap_work", "Làm bù")],
        decision="Thử 2",
        published_at=timezone.now(),
    )
    earlier = step(w, earlier, "recalculate", "system")
    assert due(earlier) == "12/10/2026 17:00"
    later = step(w, later, "recalculate", "system")
    assert due(later) == "13/10/2026 17:00"
    clean()


def test_a_district_dossier_is_finished_by_its_successor(w: World, at) -> None:
    """§24 no. 9: accepted before 01/7/2025 by a district, resolved in July by the commune that took its work over."""
    district = agency(
        "UBND_H_233",
        "Ủy ban nhân dân huyện Phù Ninh",
        parent=w.province,
        level="district",
        valid_to=date(2025, 6, 30),
        identifier="H44.33",
        legacy_identifier="000.00.33.H44",
    )
    AgencySuccession.objects.create(old=district, new=w.commune, from_date=date(2025, 7, 1))
    at("2025-06-20 09:00")
    people = {role: officer(f"Người {role}", role, district) for role in ("division_head", "case_officer")}
    dossier = draft(w)
    Dossier.objects.filter(pk=dossier.pk).update(resolving_agency=district)
    dossier = walk(w, dossier, "hand_over")
    assert dossier.rule_set.key == "RS-61-107"
    assert dossier.code == "000.01.27.H44-250620-0001"
    dossier = advance(dossier.pk, "sign_for", by=people["division_head"])
    at("2025-07-02 09:00")
    dossier = advance(dossier.pk, "assign", by=w.division_head, assignee=w.case_officer)
    dossier = step(w, dossier, "finish_task", "case_officer", {"result": "Đủ"})
    dossier = step(w, dossier, "decide", "approver", {"outcome": "granted", "body": "Đồng ý"})
    assert dossier.rule_set.key == "RS-61-107"
    assert Dossier.objects.visible_to(w.case_officer).filter(pk=dossier.pk).exists()
    assert not Dossier.objects.visible_to(w.other_case_officer).filter(pk=dossier.pk).exists()
    clean()


def test_route_may_not_promise_more_time_than_the_law_gives(w: World) -> None:
    from danhmuc.services.procedures import NotPublishable, draft_from, publish_version

    version = draft_from(w.version)
    version.route.filter(order=1).update(share=60)
    with pytest.raises(NotPublishable):
        publish_version(version)


def test_a_running_dossier_stays_on_its_version(w: World, at) -> None:
    from danhmuc.services.procedures import draft_from, publish_version

    at("2026-10-05 09:00")
    dossier = walk(w, draft(w), "accept")
    version = draft_from(w.version)
    ProcedureVersion.objects.filter(pk=version.pk).update(time_value=2, valid_from=date(2026, 10, 6))
    at("2026-10-06 09:00")
    publish_version(ProcedureVersion.objects.get(pk=version.pk))
    dossier.refresh_from_db()
    assert (dossier.version_id, due(dossier)) == (w.version.pk, "12/10/2026 17:00")
    with pytest.raises(Refused, match="Nội dung thủ tục đã thay đổi"):
        walk(w, draft(w), "submit")
    assert due(walk(w, draft(w, version=version), "accept")) == "08/10/2026 17:00"
    assert Component.objects.filter(version=version).count() == 3
    assert ChargeRule.objects.filter(version=version).count() == 1
    assert timedelta(0) < dossier.due_at - timezone.now()
    assert Agency.objects.filter(resolver_key="UBND_XA").count() == 2


@pytest.mark.parametrize("state", [s for s in State.values if s != "draft"])
def test_who_sees_a_dossier(w: World, state: str) -> None:
    dossier = dossier_at(w, state)
    seen_by = {
        "citizen",
        "desk_officer",
        "desk_head",
        "cashier",
        "division_head",
        "case_officer",
        "approver",
        "clerk",
        "supervisor",
    }
    everyone = seen_by | {
        "neighbour",
        "other_desk_officer",
        "other_case_officer",
        "carrier",
        "coordinator",
        "system_admin",
    }
    found = {
        who for who in everyone if Dossier.objects.visible_to(getattr(w, who)).filter(pk=dossier.pk).exists()
    }
    assert found == seen_by


def test_only_its_writer_sees_a_draft(w: World) -> None:
    dossier = draft(w)
    everyone = ("citizen", "desk_officer", "case_officer", "supervisor", "neighbour", "system_admin")
    assert [who for who in everyone if Dossier.objects.visible_to(getattr(w, who)).filter(pk=dossier.pk)] == [
        "citizen"
    ]
