"""What must be true before a step, beyond its state and its taker. Each guard raises Refused with what to do."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from config.formats import vnd
from danhmuc.models import User
from danhmuc.roles import Role
from hoso import access, clock
from hoso.models import AgencyTask, Charge, Document, Dossier, Supplement
from hoso.services import amended_papers, clocks, money_guards, paper_guards, routes
from hoso.services.answers import EMPTY
from hoso.services.case import Case
from hoso.services.errors import Refused

Guard = Callable[[Case, User, dict[str, Any]], None]
#: Guards that ask nothing of what the person fills in: pages offer a step only where these already hold.
STANDING: set[Guard] = set(money_guards.STANDING)


def standing(guard: Guard) -> Guard:
    """Mark a guard that judges the case and the person alone."""
    STANDING.add(guard)
    return guard


def _at(case: Case) -> Any:
    return case.dossier.acting_at


def components_present(case: Case, by: User, facts: dict[str, Any]) -> None:
    """T02: an empty or incomplete submission is refused with the list of what is missing.

    Papers handed in at a counter or through the post lie on the desk; the officer has checked those.
    """
    if case.dossier.channel != Dossier.Channel.ONLINE:
        return
    _steps, components, _charges = routes.version_parts(case.dossier.version_id)
    have = {d.component_id for d in case.current_documents}
    missing = [c.name for c in components if c.required and not c.is_eform and c.pk not in have]
    if not case.dossier.answers:
        missing.insert(0, _("Tờ khai điện tử"))
    if missing:
        raise Refused(_("Hồ sơ còn thiếu: %(missing)s."), missing="; ".join(missing))


def not_infected(case: Case, by: User, facts: dict[str, Any]) -> None:
    """A file with malware is never filed."""
    bad = [d.name for d in case.current_documents if d.virus_check == Document.Verdict.INFECTED]
    if bad:
        raise Refused(_("Tệp có mã độc, hãy thay tệp khác: %(names)s."), names=", ".join(bad))


def version_in_force(case: Case, by: User, facts: dict[str, Any]) -> None:
    """A dossier is received under a version that applies that day."""
    if not case.dossier.version.is_in_force(case.acting_day):
        raise Refused(
            _("Nội dung thủ tục đã thay đổi. Mở lại thủ tục và kiểm tra hồ sơ theo bản mới trước khi nộp.")
        )


def prepaid_fees_paid(case: Case, by: User, facts: dict[str, Any]) -> None:
    """T03: a fee due before intake is paid (PT 9.2c)."""
    if any(c.stage == "before_intake" for c in case.due_charges):
        raise Refused("Người nộp chưa nộp phí, lệ phí phải nộp trước. Thời gian kiểm tra chưa bắt đầu tính.")


def eid_checked(case: Case, by: User, facts: dict[str, Any]) -> None:
    """T03, T04: the owner's electronic identity account was checked (NĐ118 17.1a)."""
    rules, _day = case.law.rules_on(_at(case))
    if rules.values.get("eid_check_required", True) and not (
        facts.get("eid_checked") or case.dossier.eid_checked
    ):
        raise Refused("Đánh dấu đã kiểm tra tài khoản định danh điện tử của chủ hồ sơ trước khi tiếp nhận.")


def count_is_complete(case: Case, by: User, facts: dict[str, Any]) -> None:
    """T05: papers brought by the post are accepted when the joint count equals the consignment note."""
    if case.dossier.channel == Dossier.Channel.POST and facts.get("count_complete") is not True:
        raise Refused("Hồ sơ qua bưu chính chỉ được tiếp nhận khi kiểm đếm chung khớp với phiếu gửi.")


@standing
def on_the_spot_allowed(case: Case, by: User, facts: dict[str, Any]) -> None:
    """T06: only procedures resolved at once or delegated to the desk."""
    version = case.dossier.version
    if version.time_unit != "immediate" and not version.delegated_to_desk:
        raise Refused("Thủ tục này không được giao giải quyết ngay tại Bộ phận Một cửa.")


def items_with_reasons(case: Case, by: User, facts: dict[str, Any]) -> None:
    """A request names each item with a typed reason; it cannot be empty."""
    items = facts.get("items") or []
    if not items:
        raise Refused("Nêu ít nhất một giấy tờ hoặc thông tin cần bổ sung, kèm lý do.")
    if any(not str(i.get("explanation", "")).strip() or not str(i.get("name", "")).strip() for i in items):
        raise Refused("Ghi rõ lý do cụ thể của từng mục cần bổ sung.")


def one_request(kind: str) -> Guard:
    """Invariant 5: one request of a kind; a second one needs a written reason (NĐ118 16.3; QĐ766 2.1)."""

    def guard(case: Case, by: User, facts: dict[str, Any]) -> None:
        before = [s for s in case.supplements if s.kind == kind and s.status != Supplement.Status.DROPPED]
        if case.open_supplement is not None:
            raise Refused("Đang có một yêu cầu bổ sung chưa xong. Không gửi thêm yêu cầu thứ hai cùng lúc.")
        if before and not str(facts.get("override_reason", "")).strip():
            raise Refused(
                "Hồ sơ đã được yêu cầu bổ sung một lần. Muốn yêu cầu lần nữa phải ghi lý do để lãnh đạo duyệt."
            )

    return guard


def within_supplement_notice(case: Case, by: User, facts: dict[str, Any]) -> None:
    """T14: within three working days after acceptance unless special law says otherwise, with a reason."""
    dossier = case.dossier
    calendar = case.law.calendar(dossier.resolving_agency, _at(case))
    assert dossier.accepted_at is not None  # the step starts from PROCESSING alone
    limit = clock.supplement_notice_due(calendar, dossier.accepted_at, case.law.rules(dossier, _at(case))).due
    if _at(case) > limit and not str(facts.get("override_reason", "")).strip():
        raise Refused(
            f"Thời hạn thông báo bổ sung là {timezone.localtime(limit):%d/%m/%Y}. "
            "Quá hạn này chỉ gửi được khi ghi rõ quy định chuyên ngành cho phép."
        )


def note_given(what: str) -> Guard:
    """Steps that must be explained."""

    def guard(case: Case, by: User, facts: dict[str, Any]) -> None:
        if not str(facts.get("note", "")).strip():
            raise Refused(what)

    return guard


def task_is_mine(*kinds: str) -> Guard:
    """The running step belongs to this person; the task found is kept in facts["the_task"]."""

    def guard(case: Case, by: User, facts: dict[str, Any]) -> None:
        facts["the_task"] = routes.task_for(case, by, seq=facts.get("task"), kinds=frozenset(kinds) or None)

    return standing(guard)


@standing
def not_an_approval(case: Case, by: User, facts: dict[str, Any]) -> None:
    """Approving and issuing have steps of their own."""
    if facts["the_task"].kind in {AgencyTask.Kind.APPROVE, AgencyTask.Kind.ISSUE}:
        raise Refused("Bước này kết thúc bằng “Ký kết quả” hoặc “Phát hành kết quả”.")


@standing
def receiver_may_sign(case: Case, by: User, facts: dict[str, Any]) -> None:
    """Only the receiver signs: the person named, or someone in office in the role at the receiving agency."""
    what = facts.get("what")
    handover = next((h for h in case.handovers if h.is_open and what in {None, h.what}), None)
    if handover is None:
        raise Refused("Không có bàn giao nào đang chờ ký nhận. Mở lại hồ sơ để xem ai đang giữ.")
    if handover.to_user is not None and handover.to_user_id != by.pk:
        raise Refused(f"Hồ sơ được bàn giao cho {handover.to_user.full_name}, người khác không ký nhận thay.")
    at_desk = (
        handover.to_role == Role.DESK_OFFICER
        and handover.to_agency_id == case.dossier.desk.serves_id
        and case.dossier.desk_id in access.scope_of(by, case.acting_day).desks
    )
    roles = [handover.to_role] if handover.to_role else list(Role.values)
    inside = any(access.holds_role(by, role, {handover.to_agency_id}, case.acting_day) for role in roles)
    if not (at_desk or inside):
        raise Refused("Chỉ người nhận của bàn giao này mới ký nhận được.")


@standing
def sender_recalls(case: Case, by: User, facts: dict[str, Any]) -> None:
    """T24: the sender, while nobody has signed."""
    handover = case.open_handover
    if handover is None:
        raise Refused("Người nhận đã ký nhận, không thu hồi được nữa.")
    if handover.from_user_id != by.pk:
        raise Refused(f"Chỉ người bàn giao ({handover.from_user.full_name}) thu hồi được.")


@standing
def completion_asked(case: Case, by: User, facts: dict[str, Any]) -> None:
    """T08: there is a request to answer."""
    if case.open_supplement is None:
        raise Refused(_("Không có yêu cầu hoàn thiện nào đang chờ."))


@standing
def proposal_waits(case: Case, by: User, facts: dict[str, Any]) -> None:
    """There is a proposed request to sign."""
    if not any(s.status == Supplement.Status.PROPOSED for s in case.supplements):
        raise Refused("Không có đề xuất bổ sung nào chờ ký.")


@standing
def request_is_signed(case: Case, by: User, facts: dict[str, Any]) -> None:
    """Invariant 7: the desk sends only what the approver signed."""
    if not any(s.status == Supplement.Status.SIGNED for s in case.supplements):
        raise Refused("Chưa có phiếu yêu cầu bổ sung đã ký. Một cửa chỉ gửi phiếu lãnh đạo cơ quan đã ký.")


def obligations_named(case: Case, by: User, facts: dict[str, Any]) -> None:
    """T17: what is owed is stated in whole đồng with its basis."""
    items = facts.get("obligations") or []
    if not items or any(int(i.get("amount") or 0) <= 0 or not i.get("name") for i in items):
        raise Refused("Ghi tên khoản nghĩa vụ tài chính và số tiền lớn hơn 0.")


def ready_to_resume(case: Case, by: User, facts: dict[str, Any]) -> None:
    """T15 all items received; T18 paid in full or exempted."""
    if case.dossier.is_supplement_hold:
        supplement = case.open_supplement
        if supplement is None or supplement.status not in {
            Supplement.Status.ANSWERED,
            Supplement.Status.SENT,
        }:
            raise Refused("Không có yêu cầu bổ sung nào đang chờ.")
        if supplement.status == Supplement.Status.SENT and not facts.get("received_at_desk"):
            raise Refused(
                "Người nộp chưa gửi bổ sung. Nếu đã nhận giấy tờ tại quầy, hãy đánh dấu đã nhận đủ."
            )
    elif any(c.status == Charge.Status.DUE and c.stage == "during" for c in case.charges):
        raise Refused("Nghĩa vụ tài chính chưa được nộp đủ.")


@standing
def wait_is_over(case: Case, by: User, facts: dict[str, Any]) -> None:
    """T16: only after the last moment of the wait, and only for missing papers."""
    dossier = case.dossier
    if dossier.state == "on_hold" and not dossier.is_supplement_hold:
        raise Refused("Hồ sơ chờ nghĩa vụ tài chính không đóng theo quy định về bổ sung hồ sơ.")
    if dossier.wait_until is None or _at(case) <= dossier.wait_until:
        raise Refused("Chưa hết thời hạn chờ bổ sung, chưa được đóng hồ sơ.")
    supplement = case.open_supplement
    if supplement is not None and supplement.status == Supplement.Status.ANSWERED:
        raise Refused("Người nộp đã gửi bổ sung. Kiểm tra giấy tờ trước, không đóng hồ sơ.")


def may_extend(case: Case, by: User, facts: dict[str, Any]) -> None:
    """T19: once, at least a day before the date, with the reason and a length (NĐ118 19.6; E29)."""
    if int(facts.get("value") or 0) <= 0:
        raise Refused("Ghi số ngày xin gia hạn, lớn hơn 0.")
    if case.acting_day > clocks.last_day_to_extend(case, _at(case)):
        raise Refused(
            "Chỉ được gia hạn trước ngày hẹn trả ít nhất một ngày. Đã quá thời điểm này: gửi thư xin lỗi."
        )


@standing
def may_decide(case: Case, by: User, facts: dict[str, Any]) -> None:
    """T20: it is the approver's turn, every part the decision needs is done, and judge and appraiser differ."""
    dossier = case.dossier
    if not access.holds_role(by, Role.APPROVER, {dossier.resolving_agency_id}, case.acting_day):
        raise Refused("Chỉ lãnh đạo cơ quan giải quyết hồ sơ được ký kết quả.")
    undone = [
        t
        for t in case.tasks
        if t.needed and t.kind != AgencyTask.Kind.APPROVE and t.status in {"waiting", "sent", "signed_for"}
    ]
    if undone:
        raise Refused(
            "Chưa ký được, còn việc chưa xong: "
            + "; ".join(f"{t.name} ({t.agency.name})" for t in undone)
            + "."
        )
    appraised = any(t.kind in {"work", "review"} and t.done_by_id == by.pk for t in case.tasks)
    if appraised and not dossier.version.delegated_to_desk:
        raise Refused("Người thụ lý không được tự ký kết quả hồ sơ mình thụ lý.")
    if case.open_supplement is not None:
        raise Refused("Có yêu cầu bổ sung chưa xử lý xong; giải quyết yêu cầu đó trước khi ký.")


def has_result(case: Case, by: User, facts: dict[str, Any]) -> None:
    """A decision is a document: a prepared file, or a title and text for the form; a refusal gives its reason."""
    draft: Document | None = facts.get("document")
    if draft is None and not str(facts.get("body", "")).strip():
        raise Refused("Chọn tệp kết quả hoặc soạn nội dung văn bản trước khi ký.")
    if draft is not None and (draft.dossier_id != case.dossier.pk or not draft.is_current):
        raise Refused("Tệp kết quả đã được thay bằng tệp khác. Tải lại trang và chọn lại.")
    if draft is not None and draft.media_type != "application/pdf":
        raise Refused("Kết quả được ký số trên tệp PDF. Xuất dự thảo thành PDF rồi tải lên.")
    if facts.get("outcome") == "refused" and not str(facts.get("note", "")).strip():
        raise Refused("Từ chối giải quyết phải nêu lý do và căn cứ.")


def result_may_leave(case: Case, by: User, facts: dict[str, Any]) -> None:
    """T21: issued, papers compared, money paid, receiver known."""
    dossier = case.dossier
    if dossier.result_issued_at is None and any(t.kind == AgencyTask.Kind.ISSUE for t in case.tasks):
        raise Refused("Văn thư chưa phát hành kết quả.")
    at_delivery = dossier.version.paper_check_mode == "at_delivery" and by.kind == User.Kind.POST
    if not dossier.paper_check_settled and not at_delivery:
        raise Refused("Chưa trả được: bản giấy chưa được đối chiếu khớp với bản điện tử.")
    if case.due_charges:
        total = sum(c.amount for c in case.due_charges)
        raise Refused(f"Còn {vnd(total)} phí, lệ phí chưa nộp. Thu trước khi trả kết quả.")
    if not str(facts.get("receiver_name", "")).strip():
        raise Refused("Ghi họ tên người nhận kết quả.")


@standing
def papers_at_hand(case: Case, by: User, facts: dict[str, Any]) -> None:
    """Comparing needs papers at the desk."""
    if case.dossier.paper_check not in {Dossier.PaperCheck.RECEIVED, Dossier.PaperCheck.MISMATCHED}:
        raise Refused("Bản giấy chưa về Bộ phận Một cửa, hoặc đã đối chiếu xong.")


def items_compared(case: Case, by: User, facts: dict[str, Any]) -> None:
    """Each paper is compared by name."""
    if not facts.get("items"):
        raise Refused("Đánh dấu kết quả đối chiếu của từng giấy tờ.")


@standing
def papers_differ(case: Case, by: User, facts: dict[str, Any]) -> None:
    """The approver only decides about papers that differ."""
    if case.dossier.paper_check != Dossier.PaperCheck.MISMATCHED:
        raise Refused("Hồ sơ không có sai lệch bản giấy cần xử lý.")


@standing
def papers_expected(case: Case, by: User, facts: dict[str, Any]) -> None:
    """Papers are received once."""
    if case.dossier.paper_check not in {
        Dossier.PaperCheck.AWAITING_PAPER,
        Dossier.PaperCheck.MISMATCHED,
    } and (case.dossier.papers_by == Dossier.PapersBy.NONE or case.dossier.accepted_at):
        raise Refused("Hồ sơ này không chờ bản giấy.")


def consult_complete(case: Case, by: User, facts: dict[str, Any]) -> None:
    """T13: content and deadline are stated (NĐ118 19.4)."""
    if (
        not str(facts.get("content", "")).strip()
        or facts.get("due_at") is None
        or facts.get("agency") is None
    ):
        raise Refused("Ghi cơ quan được hỏi, nội dung và thời hạn trả lời.")
    if facts["due_at"] <= _at(case) - timedelta(minutes=1):
        raise Refused("Thời hạn trả lời phải ở sau thời điểm hiện tại.")


@standing
def provincial(case: Case, by: User, facts: dict[str, Any]) -> None:
    """A ministry-run dossier changes only as its ministry's system says (NĐ224 15.1.h)."""
    if case.dossier.issuing_system != "provincial" and case.dossier.external_code and case.dossier.code == "":
        raise Refused("Hồ sơ do hệ thống của bộ giải quyết; ở đây chỉ theo dõi.")


@standing
def something_is_due(case: Case, by: User, facts: dict[str, Any]) -> None:
    """Money is only taken for what is owed."""
    if not case.due_charges:
        raise Refused("Hồ sơ không còn khoản phí, lệ phí nào phải thu.")


@standing
def someone_to_assign(case: Case, by: User, facts: dict[str, Any]) -> None:
    """T12: a head assigns the own step's follow-up, or gives running work to somebody else."""
    heads = {Role.DIVISION_HEAD, Role.APPROVER}
    running = {AgencyTask.Kind.WORK, AgencyTask.Kind.REVIEW}

    def may_give(task: AgencyTask) -> bool:
        if task.kind == AgencyTask.Kind.ASSIGN:
            return routes.is_for(case, task, by)
        return task.kind in running and any(
            access.holds_role(by, role, {task.agency_id}, case.acting_day) for role in heads
        )

    if not any(may_give(task) for task in case.open_tasks):
        raise Refused("Hồ sơ không có việc nào chờ phân công. Mở lại hồ sơ để xem ai đang xử lý.")


@standing
def result_not_issued(case: Case, by: User, facts: dict[str, Any]) -> None:
    """A result is issued once."""
    if case.dossier.result_issued_at is not None:
        raise Refused("Kết quả đã được phát hành. Mở lại hồ sơ để xem.")


@standing
def holds_the_step(case: Case, by: User, facts: dict[str, Any]) -> None:
    """T11: the desk passes on what it received; an officer passes on the step that is theirs."""
    at_desk = case.dossier.desk_id in access.scope_of(by, case.acting_day).desks
    if not any(
        t.assignee_id == by.pk or (at_desk and t.kind == AgencyTask.Kind.TRANSFER) for t in case.open_tasks
    ):
        raise Refused("Hồ sơ không ở bước ông/bà có thể bàn giao. Mở lại hồ sơ để xem ai đang giữ.")


@standing
def not_extended(case: Case, by: User, facts: dict[str, Any]) -> None:
    """T19: the law allows one new appointment."""
    if any(e.name == "extend" for e in case.events):
        raise Refused("Hồ sơ đã được gia hạn một lần; pháp luật chỉ cho hẹn lại một lần.")


@standing
def no_open_correction(case: Case, by: User, facts: dict[str, Any]) -> None:
    """T23: one correction at a time."""
    if any(c.corrected_at is None for c in case.corrections):
        raise Refused("Đang có một yêu cầu đính chính chưa xong.")


@standing
def correction_is_open(case: Case, by: User, facts: dict[str, Any]) -> None:
    """T23: there is an error to put right."""
    if all(c.corrected_at is not None for c in case.corrections):
        raise Refused("Không có yêu cầu đính chính nào đang mở.")


def stands(case: Case, by: User, name: str) -> bool:
    """Whether the standing guards of a step hold, so that a page may offer it. Filling it in is judged later."""
    facts: dict[str, Any] = {}
    try:
        for guard in GUARDS.get(name, ()):
            if guard in STANDING:
                guard(case, by, facts)
    except Refused:
        return False
    return True


def amended_by_the_desk_once_accepted(case: Case, by: User, facts: dict[str, Any]) -> None:
    """Until acceptance the applicant changes the form freely; after it the desk decides on the request (§6.5)."""
    if case.dossier.accepted_at is not None and access.is_own(case.dossier, by):
        raise Refused(_("Hồ sơ đã được tiếp nhận. Hãy gửi đề nghị sửa; Bộ phận Một cửa sẽ xem xét."))


def something_changes(case: Case, by: User, facts: dict[str, Any]) -> None:
    """History does not fill with changes that change nothing."""
    old = case.dossier.answers or {}
    if facts.get("papers") is None and all(
        (old.get(key) in EMPTY and value in EMPTY) or old.get(key) == value
        for key, value in facts["changes"].items()
    ):
        raise Refused(_("Nội dung chưa có gì khác trước. Sửa ít nhất một ô rồi lưu."))


GUARDS: dict[str, tuple[Guard, ...]] = {
    "amend": (amended_by_the_desk_once_accepted, something_changes, amended_papers.fit),
    "submit": (version_in_force, components_present, not_infected),
    "accept": (provincial, prepaid_fees_paid, eid_checked, count_is_complete, not_infected),
    "accept_immediate": (on_the_spot_allowed, eid_checked, has_result),
    "ask_completion": (
        items_with_reasons,
        paper_guards.not_held_already,
        one_request(Supplement.Kind.INTAKE),
    ),
    "resubmit": (completion_asked, components_present, not_infected),
    "refuse_intake": (note_given("Ghi lý do từ chối và căn cứ để người nộp biết."),),
    "redirect": (note_given("Ghi lý do chuyển cơ quan khác."),),
    "sign_for": (receiver_may_sign,),
    "hand_over": (holds_the_step,),
    "recall_handover": (sender_recalls,),
    "assign": (someone_to_assign,),
    "finish_task": (task_is_mine(), not_an_approval),
    "return_task": (task_is_mine(), note_given("Ghi lý do trả lại.")),
    "consult": (task_is_mine(), consult_complete),
    "verify_on_site": (task_is_mine(), consult_complete),
    "propose_hold": (
        task_is_mine(),
        items_with_reasons,
        paper_guards.not_held_already,
        one_request(Supplement.Kind.PROCESSING),
        within_supplement_notice,
    ),
    "sign_hold": (proposal_waits,),
    "hold": (request_is_signed,),
    "hold_financial": (obligations_named,),
    "resume": (ready_to_resume,),
    "close_unsupplemented": (wait_is_over,),
    "receive_papers": (papers_expected,),
    "check_papers": (papers_at_hand, items_compared),
    "decide_paper_mismatch": (papers_differ, note_given("Ghi lý do chấp nhận bản giấy khác bản điện tử.")),
    "record_payment": (something_is_due,),
    "extend": (not_extended, may_extend, note_given("Ghi lý do gia hạn.")),
    "decide": (may_decide, has_result),
    "issue_result": (result_not_issued,),
    "complete": (result_may_leave,),
    "void": (note_given("Ghi lý do hủy hồ sơ."),),
    "report_error": (no_open_correction, note_given("Ghi sai sót cần đính chính.")),
    "finish_correction": (correction_is_open,),
    **money_guards.GUARDS,
}
