"""Step pages: two people at once, stale pages, mistakes; nothing typed is lost and nothing is half-done."""

from io import BytesIO
from typing import Any

import pikepdf
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from hoso.lifecycle import State
from hoso.models import Dossier, Payment
from hoso.services.dossiers import advance
from hoso.views.dossier import STEP_VIEWS
from tests.factories import ITEMS, World, dossier_at, draft, hold, settle, step, walk
from tests.hoso.test_views_journey import address, fields_of, says, take
from tests.page import Visitor

pytestmark = pytest.mark.django_db


def pdf(name: str) -> SimpleUploadedFile:
    made = pikepdf.new()
    made.add_blank_page(page_size=(420, 595))
    out = BytesIO()
    made.save(out)
    return SimpleUploadedFile(name, out.getvalue(), "application/pdf")


def test_every_step_an_officer_takes_has_a_page() -> None:
    """Steps of the applicant and of the system have their places elsewhere."""
    elsewhere = {
        "submit", "answer_supplement", "claim_relief", "recalculate", "mirror_update", "open_refund",
    }  # fmt: skip
    assert {t.name for t in Dossier().get_all_state_transitions()} - elsewhere == set(STEP_VIEWS)


def test_a_second_officer_is_told_who_was_faster_and_keeps_the_words(w: World, visit: Visitor) -> None:
    dossier = walk(w, draft(w), "submit")
    url = address(dossier, "refuse_intake")
    typed = fields_of(visit(url, w.desk_head, budget=40)) | {"note": "Không thuộc phạm vi tiếp nhận."}
    step(w, dossier, "accept", "desk_officer", {"eid_checked": True})
    page = visit.post(url, typed, w.desk_head, status=409)
    assert "Phạm Thị Lan Anh vừa thực hiện “Tiếp nhận hồ sơ”" in says(page)
    assert "Không thuộc phạm vi tiếp nhận." in page.html
    assert "Từ chối tiếp nhận" not in [b.text for b in page.all("//main//form//button")]
    assert Dossier.objects.get(pk=dossier.pk).state == State.PROCESSING


def test_a_stale_page_may_be_sent_again_after_reading(w: World, visit: Visitor) -> None:
    dossier = walk(w, draft(w), "assign")
    url = address(dossier, "finish_task")
    typed = fields_of(visit(url, w.case_officer, budget=40)) | {"result": "Đủ điều kiện cấp."}
    step(
        w,
        dossier,
        "record_payment",
        "desk_officer",
        {"charges": [1], "amount": 8000, "method": "cash_desk", "reference": "TQ1"},
    )
    page = visit.post(url, typed, w.case_officer, status=409)
    kept = fields_of(page)
    assert kept["result"] == "Đủ điều kiện cấp."
    visit.post(url, kept, w.case_officer)
    assert Dossier.objects.get(pk=dossier.pk).events.filter(name="finish_task").count() == 1


def test_a_double_click_takes_the_money_once(w: World, visit: Visitor) -> None:
    dossier = walk(w, draft(w), "accept")
    url = address(dossier, "record_payment")
    typed = fields_of(visit(url, w.cashier, budget=40))
    visit.post(url, typed, w.cashier)
    page = visit.post(url, typed, w.cashier, status=409)
    assert "Ngô Thị Yến vừa thực hiện “Ghi nhận thu phí”" in says(page)
    assert Payment.objects.filter(dossier=dossier).count() == 1


def test_a_page_without_its_number_is_stale(w: World, visit: Visitor) -> None:
    dossier = walk(w, draft(w), "submit")
    page = visit.post(address(dossier, "accept"), {"eid_checked": "on"}, w.desk_officer, status=409)
    assert "vừa thực hiện" in says(page)
    assert Dossier.objects.get(pk=dossier.pk).state == State.SUBMITTED


def test_a_rule_that_says_no_is_the_first_line_of_the_form(w: World, visit: Visitor) -> None:
    dossier = walk(w, draft(w), "issue_result")
    page = take(visit, dossier, "complete", w.desk_officer, receiver_id="025186000001")
    assert page.title.startswith("Lỗi:")
    assert "bản giấy chưa được đối chiếu" in page.text
    assert fields_of(page)["receiver_id"] == "025186000001"


def test_a_step_of_another_moment_leads_back_to_the_dossier(w: World, visit: Visitor) -> None:
    dossier = walk(w, draft(w), "accept")
    page = visit(address(dossier, "accept"), w.desk_officer, follow=True, budget=60)
    assert page.h1 == "Đăng ký khai sinh"
    assert "không thực hiện được lúc này" in says(page)


def test_request_for_supplement_by_pages(w: World, visit: Visitor) -> None:
    dossier = walk(w, draft(w), "assign")
    paper = w.version.components.get(order=2)
    words = {f"pick_c{paper.pk}": "on", f"reason_c{paper.pk}": "unreadable"}
    page = take(visit, dossier, "propose_hold", w.case_officer, **words)
    assert "thiếu hoặc sai gì" in page.text
    take(
        visit,
        dossier,
        "propose_hold",
        w.case_officer,
        **words,
        **{f"explain_c{paper.pk}": "Ảnh mờ, chụp lại."},
    )
    home = visit(reverse("hoso:home") + "?muc=ky-bo-sung", w.approver)
    assert dossier.submission_ref in home.html
    page = take(visit, dossier, "sign_hold", w.approver, agreed="no")
    assert "Ghi lý do không ký" in page.text
    page = visit(address(dossier, "sign_hold"), w.approver, budget=40)
    assert "Ảnh mờ, chụp lại." in page.text
    take(visit, dossier, "sign_hold", w.approver, agreed="yes")
    take(visit, dossier, "hold", w.desk_officer)
    dossier.refresh_from_db()
    assert dossier.state == State.ON_HOLD
    page = take(visit, dossier, "resume", w.desk_officer)
    assert "đánh dấu khi đã nhận đủ tại quầy" in page.text
    page = take(visit, dossier, "resume", w.desk_officer, received_at_desk="on")
    assert "Hẹn trả mới" in says(page)


def test_draft_result_is_signed_as_prepared(w: World, visit: Visitor) -> None:
    dossier = walk(w, draft(w), "assign")
    take(visit, dossier, "finish_task", w.case_officer, result="Đủ.", draft=pdf("du-thao.pdf"))
    drafted = dossier.documents.get(kind="draft_result")
    page = visit(address(dossier, "decide"), w.approver, budget=45)
    assert fields_of(page)["document"] == [str(drafted.pk)]
    take(visit, dossier, "decide", w.approver)
    assert dossier.papers.get(kind="result").facts["draft_sha256"] == drafted.sha256


def test_mismatch_is_decided_by_the_approver(w: World, visit: Visitor) -> None:
    dossier = step(
        w, walk(w, draft(w), "assign"), "receive_papers", "desk_officer", {"papers": ["Giấy chứng sinh"]}
    )
    paper = w.version.components.get(order=2)
    page = take(visit, dossier, "check_papers", w.desk_officer, **{f"matches_{paper.pk}": "no"})
    assert "Ghi điểm khác" in page.text
    differs = {f"matches_{paper.pk}": "no", f"note_{paper.pk}": "Tên mẹ viết khác"}
    take(visit, dossier, "check_papers", w.desk_officer, **differs)
    assert dossier.submission_ref in visit(reverse("hoso:home") + "?muc=sai-lech", w.approver).html
    take(visit, dossier, "decide_paper_mismatch", w.approver, note="Đã xác minh, chấp nhận.")
    dossier.refresh_from_db()
    assert dossier.paper_check == Dossier.PaperCheck.ACCEPTED_WITH_NOTE


def test_error_in_a_result_is_put_right(w: World, visit: Visitor) -> None:
    dossier = dossier_at(w, State.COMPLETED)
    take(visit, dossier, "report_error", w.desk_officer, error="Sai ngày sinh")
    assert dossier.submission_ref in visit(reverse("hoso:home") + "?muc=dinh-chinh", w.approver).html
    page = take(visit, dossier, "finish_correction", w.approver)
    assert "Chọn tệp" in page.text
    take(visit, dossier, "finish_correction", w.approver, document=pdf("dinh-chinh.pdf"))
    assert dossier.corrections.get().corrected_at is not None


OTHER_STEPS: list[tuple[str, str, str, dict[str, Any], str]] = [
    ("accept", "hand_over", "desk_officer", {}, State.PROCESSING),
    ("hand_over", "recall_handover", "desk_officer", {}, State.PROCESSING),
    (
        "assign",
        "consult",
        "case_officer",
        {
            "content": "Xác minh nhân thân",
            "until_d": "15",
            "until_m": "12",
            "until_y": "2026",
            "agency": "department",
        },
        State.PROCESSING,
    ),
    (
        "assign",
        "verify_on_site",
        "case_officer",
        {
            "content": "Xem hiện trạng",
            "visit_on_d": "15",
            "visit_on_m": "12",
            "visit_on_y": "2026",
            "visit_time": "09:30",
            "participants": "Cán bộ, chủ hộ",
        },
        State.PROCESSING,
    ),
    (
        "assign",
        "hold_financial",
        "case_officer",
        {"name_1": "Thuế", "amount_1": "1.200.000", "basis_1": "TB 12"},
        State.ON_HOLD,
    ),
    ("finish_task", "return_task", "approver", {"note": "Thẩm định lại."}, State.PROCESSING),
    ("assign", "extend", "approver", {"value": "3", "note": "Chờ xác minh."}, State.PROCESSING),
    ("accept", "withdraw", "desk_officer", {"note": "Người nộp rút."}, State.WITHDRAWN),
    ("accept", "void", "desk_head", {"note": "Nhập trùng."}, State.VOIDED),
    ("accept", "urge", "supervisor", {"note": "Đề nghị giải quyết sớm."}, State.PROCESSING),
    ("submit", "refuse_intake", "desk_officer", {"note": "Không thuộc phạm vi."}, State.REFUSED_INTAKE),
    (
        "submit",
        "redirect",
        "desk_officer",
        {"agency": "other_commune", "note": "Cư trú ở Phù Ninh."},
        State.SUBMITTED,
    ),
]


@pytest.mark.parametrize(
    ("until", "name", "who", "typed", "state"), OTHER_STEPS, ids=[s[1] for s in OTHER_STEPS]
)
def test_each_further_step_by_its_page(
    w: World, visit: Visitor, at: Any, until: str, name: str, who: str, typed: dict[str, Any], state: str
) -> None:
    at("2026-12-14 09:00")
    dossier = walk(w, draft(w), until)
    typed = {k: getattr(w, v).pk if k == "agency" else v for k, v in typed.items()}
    page = take(visit, dossier, name, getattr(w, who), **typed)
    dossier.refresh_from_db()
    assert dossier.state == state, page.text
    assert dossier.events.filter(name=name).exists()


def test_waiting_too_long_is_closed_by_the_desk(w: World, visit: Visitor, at: Any) -> None:
    at("2026-10-05 09:00")
    dossier = hold(w, walk(w, draft(w), "assign"))
    assert "close_unsupplemented" not in visit(address(dossier), w.desk_officer, budget=45).html
    at("2026-11-30 09:00")
    assert dossier.submission_ref in visit(reverse("hoso:home") + "?muc=het-han-bo-sung", w.desk_officer).html
    take(visit, dossier, "close_unsupplemented", w.desk_officer)
    dossier.refresh_from_db()
    assert dossier.state == State.CLOSED


def test_colleagues_with_the_dossier_open_are_named(w: World, visit: Visitor) -> None:
    dossier = walk(w, draft(w), "submit")
    visit(address(dossier), w.desk_head, budget=45)
    page = visit(address(dossier), w.desk_officer, budget=45)
    assert "Đỗ Quang Minh cũng đang mở hồ sơ này." in says(page)


def test_result_is_given_once_all_is_settled(w: World, visit: Visitor) -> None:
    dossier = settle(w, walk(w, draft(w), "issue_result"))
    page = take(visit, dossier, "complete", w.desk_officer, relation="người được ủy quyền")
    assert "giấy ủy quyền" in page.text
    take(
        visit,
        dossier,
        "complete",
        w.desk_officer,
        relation="người được ủy quyền",
        authority_note="Số 12/2026",
    )
    dossier.refresh_from_db()
    assert dossier.state == State.COMPLETED


def test_completion_is_asked_once(w: World, visit: Visitor) -> None:
    dossier = step(w, walk(w, draft(w), "submit"), "ask_completion", "desk_officer", {"items": ITEMS})
    dossier = advance(dossier.pk, "resubmit", by=w.citizen, answers={1: {"text": "Đã chụp lại"}})
    page = visit(address(dossier, "ask_completion"), w.desk_officer, budget=40)
    assert page.all("//textarea[@name='override_reason']")


def test_declaration_is_amended_with_its_reason(w: World, visit: Visitor) -> None:
    dossier = walk(w, draft(w), "accept")
    url = address(dossier, "amend") + "?phan=2"
    typed = fields_of(visit(url, w.desk_officer, budget=45)) | {"child_full_name": "Hoàng Gia Bách"}
    page = visit.post(url, typed, w.desk_officer)
    assert "Nhập lý do sửa" in page.text
    visit.post(url, typed | {"ly_do_sua": "Viết sai tên."}, w.desk_officer)
    dossier.refresh_from_db()
    assert dossier.answers["child_full_name"] == "Hoàng Gia Bách"
    assert dossier.events.get(name="amend").data["changed"]["child_full_name"] == [
        "Hoàng Gia Bảo",
        "Hoàng Gia Bách",
    ]


def test_what_was_missing_is_brought_to_the_counter(w: World, visit: Visitor) -> None:
    dossier = step(w, walk(w, draft(w), "submit"), "ask_completion", "desk_officer", {"items": ITEMS})
    page = take(visit, dossier, "resubmit", w.desk_officer)
    assert "Ghi cách hoàn thiện" in page.text
    take(visit, dossier, "resubmit", w.desk_officer, file_1=pdf("chung-sinh-moi.pdf"))
    dossier.refresh_from_db()
    assert dossier.state == State.SUBMITTED
    event = dossier.events.get(name="resubmit")
    assert event.on_behalf_of == "Nguyễn Thị Thanh Hương"
    assert dossier.supplements.get().items.get().document.name == "chung-sinh-moi.pdf"
