"""Every state a dossier can have and every step it can take (domain §7). Read this first.

A step names where it starts, where it ends and who may take it. Bodies only set the dossier's own fields; what must
be true first stands in `services/guards.py`, what follows in `services/consequences.py`, and `services/dossiers.py`
holds the one door through which all of them are taken.
"""

from datetime import datetime

from django.db import models
from django_fsm import RETURN_VALUE, FSMField, FSMModelMixin, transition

from hoso.access import may


class State(models.TextChoices):
    """States of domain §7.1; the words officers read."""

    DRAFT = "draft", "Bản nháp"
    SUBMITTED = "submitted", "Chờ tiếp nhận"
    INTAKE_HOLD = "intake_hold", "Chờ hoàn thiện hồ sơ (chưa tiếp nhận)"
    REFUSED_INTAKE = "refused_intake", "Không được tiếp nhận"
    PROCESSING = "processing", "Đang xử lý"
    ON_HOLD = "on_hold", "Tạm dừng"
    DECIDED = "decided", "Đã xử lý xong, chờ trả"
    COMPLETED = "completed", "Đã trả kết quả"
    WITHDRAWN = "withdrawn", "Dừng theo yêu cầu, rút hồ sơ"
    CLOSED = "closed", "Đóng hồ sơ (không bổ sung)"
    VOIDED = "voided", "Hủy do nhập sai"


class HoldKind(models.TextChoices):
    """Why a dossier waits for the applicant."""

    SUPPLEMENT = "SUPPLEMENT", "Chờ bổ sung"
    FINANCIAL = "FINANCIAL", "Chờ thực hiện nghĩa vụ tài chính"


class Outcome(models.TextChoices):
    """What was decided. A refusal after appraisal is a result like any other (NĐ118 Art 19.3)."""

    GRANTED = "granted", "Đồng ý"
    PARTLY_GRANTED = "partly_granted", "Đồng ý một phần"
    REFUSED = "refused", "Từ chối giải quyết"


S = State
BEFORE_ACCEPTANCE = (S.DRAFT, S.SUBMITTED, S.INTAKE_HOLD)
IN_HAND = (S.PROCESSING, S.ON_HOLD)
OPEN = (S.SUBMITTED, S.INTAKE_HOLD, S.PROCESSING, S.ON_HOLD, S.DECIDED)
FILED = [
    S.SUBMITTED,
    S.INTAKE_HOLD,
    S.PROCESSING,
    S.ON_HOLD,
    S.DECIDED,
    S.REFUSED_INTAKE,
    S.COMPLETED,
    S.WITHDRAWN,
    S.CLOSED,
    S.VOIDED,
]
ENDED = (S.REFUSED_INTAKE, S.COMPLETED, S.WITHDRAWN, S.CLOSED, S.VOIDED)


class Lifecycle(FSMModelMixin, models.Model):
    """The state machine of a dossier. `at` is always the moment of the step."""

    state = FSMField("trạng thái", choices=State, default=State.DRAFT, protected=True)
    hold_kind = models.CharField("lý do tạm dừng", max_length=12, choices=HoldKind, blank=True)
    outcome = models.CharField("kết quả giải quyết", max_length=16, choices=Outcome, blank=True)
    submitted_at = models.DateTimeField("nộp lúc", null=True, blank=True)
    received_at = models.DateTimeField("hệ thống nhận lúc", null=True, blank=True)
    accepted_at = models.DateTimeField("tiếp nhận lúc", null=True, blank=True)
    decided_at = models.DateTimeField("có kết quả lúc", null=True, blank=True)
    finished_at = models.DateTimeField("giải quyết xong lúc", null=True, blank=True)
    completed_at = models.DateTimeField("trả kết quả lúc", null=True, blank=True)

    class Meta:
        abstract = True

    # -- Before acceptance -------------------------------------------------------------------------------------

    @transition(state, S.DRAFT, S.SUBMITTED, permission=may("submit"), custom={"label": "Nộp hồ sơ"})
    def submit(self, at: datetime) -> None:
        """T02. The applicant files the draft."""
        self.submitted_at = self.received_at = at

    @transition(
        state,
        [S.SUBMITTED, S.DRAFT],
        S.PROCESSING,
        permission=may("accept"),
        custom={"label": "Tiếp nhận hồ sơ"},
    )
    def accept(self, at: datetime) -> None:
        """T03 online, T04 at the counter, T05 by post (then `at` is the signing of the handover record)."""
        self.accepted_at = at
        self.submitted_at = self.submitted_at or at
        self.received_at = self.received_at or at

    @transition(
        state,
        [S.SUBMITTED, S.DRAFT],
        S.COMPLETED,
        permission=may("accept_immediate"),
        custom={"label": "Tiếp nhận và trả kết quả ngay"},
    )
    def accept_immediate(self, at: datetime, outcome: str = Outcome.GRANTED) -> None:
        """T06. Received, resolved and returned at once at the desk (PT 10.1d; NĐ118 17.4–17.5)."""
        self.submitted_at = self.submitted_at or at
        self.received_at = self.received_at or at
        self.accepted_at = self.decided_at = self.finished_at = self.completed_at = at
        self.outcome = outcome

    @transition(
        state,
        [S.SUBMITTED, S.DRAFT],
        S.INTAKE_HOLD,
        permission=may("ask_completion"),
        custom={"label": "Yêu cầu hoàn thiện hồ sơ"},
    )
    def ask_completion(self, at: datetime) -> None:
        """T07. Something is missing; said once, item by item (NĐ118 17.1c)."""
        self.submitted_at = self.submitted_at or at
        self.received_at = self.received_at or at

    @transition(
        state,
        S.INTAKE_HOLD,
        S.SUBMITTED,
        permission=may("resubmit"),
        custom={"label": "Gửi lại hồ sơ đã hoàn thiện"},
    )
    def resubmit(self, at: datetime) -> None:
        """T08. The applicant answers; a new intake review begins."""
        self.received_at = at

    @transition(
        state,
        [S.SUBMITTED, S.INTAKE_HOLD, S.DRAFT],
        S.REFUSED_INTAKE,
        permission=may("refuse_intake"),
        custom={"label": "Từ chối tiếp nhận"},
    )
    def refuse_intake(self, at: datetime) -> None:
        """T09. Turned away before acceptance, with a written reason (PT 10.1c)."""
        self.submitted_at = self.submitted_at or at

    @transition(
        state,
        S.SUBMITTED,
        S.SUBMITTED,
        permission=may("redirect"),
        custom={"label": "Chuyển đúng cơ quan thẩm quyền"},
    )
    def redirect(self, at: datetime) -> None:
        """T10. Another desk is competent; the intake review starts again there."""
        self.received_at = at

    # -- In hand: moving between people, nothing changes for the applicant -------------------------------------

    @transition(
        state, [S.PROCESSING, S.DECIDED], None, permission=may("hand_over"), custom={"label": "Bàn giao"}
    )
    def hand_over(self, at: datetime) -> None:
        """T11. Passed on; the receiver signs."""

    @transition(
        state, [S.PROCESSING, S.DECIDED], None, permission=may("sign_for"), custom={"label": "Ký nhận"}
    )
    def sign_for(self, at: datetime) -> None:
        """The receiver of a handover signs for it."""

    @transition(
        state,
        [S.PROCESSING, S.DECIDED],
        None,
        permission=may("recall_handover"),
        custom={"label": "Thu hồi bàn giao"},
    )
    def recall_handover(self, at: datetime) -> None:
        """T24. Taken back while the receiver has not signed."""

    @transition(state, S.PROCESSING, None, permission=may("assign"), custom={"label": "Phân công"})
    def assign(self, at: datetime) -> None:
        """T12. A head names the officer."""

    @transition(state, S.PROCESSING, None, permission=may("finish_task"), custom={"label": "Hoàn thành bước"})
    def finish_task(self, at: datetime) -> None:
        """One step of the route, a partner's part or an opinion is done."""

    @transition(
        state, S.PROCESSING, None, permission=may("return_task"), custom={"label": "Trả lại bước trước"}
    )
    def return_task(self, at: datetime) -> None:
        """A step is sent back to the one before it, with the reason."""

    @transition(state, S.PROCESSING, None, permission=may("consult"), custom={"label": "Lấy ý kiến"})
    def consult(self, at: datetime) -> None:
        """T13. Another agency is asked; the clock runs on (NĐ118 19.4)."""

    @transition(
        state, S.PROCESSING, None, permission=may("verify_on_site"), custom={"label": "Kiểm tra thực địa"}
    )
    def verify_on_site(self, at: datetime) -> None:
        """T13. A visit: time, place, participants, content; the applicant is told."""

    # -- Waiting for the applicant -----------------------------------------------------------------------------

    @transition(
        state, S.PROCESSING, None, permission=may("propose_hold"), custom={"label": "Đề xuất yêu cầu bổ sung"}
    )
    def propose_hold(self, at: datetime) -> None:
        """The case officer proposes what to ask for; nothing reaches the applicant yet."""

    @transition(
        state, S.PROCESSING, None, permission=may("sign_hold"), custom={"label": "Ký phiếu yêu cầu bổ sung"}
    )
    def sign_hold(self, at: datetime) -> None:
        """The approver signs the request; the desk sends it."""

    @transition(
        state, S.PROCESSING, S.ON_HOLD, permission=may("hold"), custom={"label": "Gửi yêu cầu bổ sung"}
    )
    def hold(self, at: datetime) -> None:
        """T14. The desk, the only outgoing channel, sends the signed request (NĐ118 5.1e, 19.5)."""
        self.hold_kind = HoldKind.SUPPLEMENT

    @transition(
        state,
        S.PROCESSING,
        S.ON_HOLD,
        permission=may("hold_financial"),
        custom={"label": "Thông báo nghĩa vụ tài chính"},
    )
    def hold_financial(self, at: datetime) -> None:
        """T17. Money is owed before work can go on."""
        self.hold_kind = HoldKind.FINANCIAL

    @transition(
        state, S.ON_HOLD, None, permission=may("answer_supplement"), custom={"label": "Gửi giấy tờ bổ sung"}
    )
    def answer_supplement(self, at: datetime) -> None:
        """The applicant sends what was asked; the desk checks it and resumes."""

    @transition(
        state, S.ON_HOLD, S.PROCESSING, permission=may("resume"), custom={"label": "Tiếp tục giải quyết"}
    )
    def resume(self, at: datetime) -> None:
        """T15, T18. All is there (or paid); the clock runs again by the mode of the version."""
        self.hold_kind = ""

    @transition(
        state,
        [S.ON_HOLD, S.INTAKE_HOLD],
        RETURN_VALUE(S.CLOSED, S.REFUSED_INTAKE),
        permission=may("close_unsupplemented"),
        custom={"label": "Đóng hồ sơ do quá hạn bổ sung"},
    )
    def close_unsupplemented(self, at: datetime) -> str:
        """T16. Nothing came within the wait; a desk officer confirms what the nightly job proposes."""
        if self.state == State.INTAKE_HOLD:
            return State.REFUSED_INTAKE
        self.hold_kind = ""
        self.finished_at = at
        return State.CLOSED

    # -- Facts that leave the state alone ----------------------------------------------------------------------

    @transition(
        state,
        [S.SUBMITTED, S.PROCESSING, S.ON_HOLD, S.DECIDED],
        None,
        permission=may("receive_papers"),
        custom={"label": "Nhận bản giấy"},
    )
    def receive_papers(self, at: datetime) -> None:
        """The paper set reached the desk and was counted."""

    @transition(
        state,
        [S.PROCESSING, S.ON_HOLD, S.DECIDED],
        None,
        permission=may("check_papers"),
        custom={"label": "Đối chiếu bản giấy"},
    )
    def check_papers(self, at: datetime) -> None:
        """Originals compared with the e-copies, item by item (PT 13.1)."""

    @transition(
        state,
        [S.PROCESSING, S.ON_HOLD, S.DECIDED],
        None,
        permission=may("decide_paper_mismatch"),
        custom={"label": "Xử lý sai lệch bản giấy"},
    )
    def decide_paper_mismatch(self, at: datetime) -> None:
        """The approver accepts differing papers with a note, so that the result may be released (domain §11.4)."""

    @transition(
        state,
        [S.SUBMITTED, S.INTAKE_HOLD, S.PROCESSING, S.ON_HOLD, S.DECIDED],
        None,
        permission=may("record_payment"),
        custom={"label": "Ghi nhận thu phí"},
    )
    def record_payment(self, at: datetime) -> None:
        """Money was received for one or more charges."""

    @transition(
        state,
        [S.SUBMITTED, S.INTAKE_HOLD, S.PROCESSING, S.ON_HOLD, S.DECIDED],
        None,
        permission=may("claim_relief"),
        custom={"label": "Đề nghị miễn, giảm phí, lệ phí"},
    )
    def claim_relief(self, at: datetime) -> None:
        """The applicant claims an exemption or reduction, with the paper that shows the right (domain §12.1)."""

    @transition(
        state,
        [S.SUBMITTED, S.INTAKE_HOLD, S.PROCESSING, S.ON_HOLD, S.DECIDED],
        None,
        permission=may("decide_relief"),
        custom={"label": "Xét miễn, giảm phí, lệ phí"},
    )
    def decide_relief(self, at: datetime) -> None:
        """The desk confirms or refuses the claim."""

    @transition(
        state,
        FILED,
        None,
        permission=may("replace_receipt"),
        custom={"label": "Hủy và lập lại biên lai"},
    )
    def replace_receipt(self, at: datetime) -> None:
        """A receipt with a wrong name is cancelled and written anew; both stay readable (domain §12.5)."""

    @transition(
        state, FILED, None, permission=may("open_refund"), custom={"label": "Ghi nhận tiền phải hoàn"}
    )
    def open_refund(self, at: datetime) -> None:
        """Money came that is not owed: twice, too late, or another amount (domain §12.6)."""

    @transition(
        state,
        FILED,
        None,
        permission=may("give_refund_account"),
        custom={"label": "Cho biết nơi nhận tiền hoàn"},
    )
    def give_refund_account(self, at: datetime) -> None:
        """The applicant says where the money is to go."""

    @transition(state, FILED, None, permission=may("decide_refund"), custom={"label": "Quyết định hoàn phí"})
    def decide_refund(self, at: datetime) -> None:
        """The approver decides whether and how much is given back (PT 13.3; NĐ118 21)."""

    @transition(state, FILED, None, permission=may("pay_refund"), custom={"label": "Chi tiền hoàn"})
    def pay_refund(self, at: datetime) -> None:
        """The cashier has given the money back."""

    @transition(
        state,
        [S.SUBMITTED, S.INTAKE_HOLD, S.PROCESSING, S.ON_HOLD],
        None,
        permission=may("amend"),
        custom={"label": "Sửa thông tin hồ sơ"},
    )
    def amend(self, at: datetime) -> None:
        """The applicant changes facts with history (PT 12); after acceptance the desk accepts the change."""

    @transition(state, list(IN_HAND), None, permission=may("urge"), custom={"label": "Đôn đốc"})
    def urge(self, at: datetime) -> None:
        """A head or supervisor urges the holder."""

    @transition(
        state, list(IN_HAND), None, permission=may("recalculate"), custom={"label": "Tính lại hạn trả"}
    )
    def recalculate(self, at: datetime) -> None:
        """The calendar changed; a date may move later, never earlier (domain §8.1)."""

    @transition(state, S.PROCESSING, None, permission=may("extend"), custom={"label": "Gia hạn"})
    def extend(self, at: datetime) -> None:
        """T19. One new appointment, at least a day before the old one (NĐ118 19.6)."""

    # -- The end -----------------------------------------------------------------------------------------------

    @transition(state, S.PROCESSING, S.DECIDED, permission=may("decide"), custom={"label": "Ký kết quả"})
    def decide(self, at: datetime, outcome: str) -> None:
        """T20. The competent person signs; the clock stops here, not at collection (QĐ766 2.1)."""
        self.outcome = outcome
        self.decided_at = self.finished_at = at

    @transition(
        state,
        S.DECIDED,
        None,
        permission=may("issue_result"),
        custom={"label": "Đóng dấu, phát hành kết quả"},
    )
    def issue_result(self, at: datetime) -> None:
        """The records clerk adds the organisation's signature and releases the result to the desk (NĐ30)."""

    @transition(state, S.DECIDED, S.COMPLETED, permission=may("complete"), custom={"label": "Trả kết quả"})
    def complete(self, at: datetime) -> None:
        """T21. Handed to the applicant at the desk, electronically or by the carrier."""
        self.completed_at = at

    @transition(
        state,
        [S.SUBMITTED, S.INTAKE_HOLD, S.PROCESSING, S.ON_HOLD],
        S.WITHDRAWN,
        permission=may("withdraw"),
        custom={"label": "Rút hồ sơ"},
    )
    def withdraw(self, at: datetime) -> None:
        """T22. Stopped at the applicant's wish before any decision (NĐ118 21)."""
        self.hold_kind = ""
        if self.accepted_at:
            self.finished_at = at

    @transition(state, list(OPEN), S.VOIDED, permission=may("void"), custom={"label": "Hủy do nhập sai"})
    def void(self, at: datetime) -> None:
        """T25. A duplicate or an entry error; the head of the desk answers for it."""
        self.hold_kind = ""

    @transition(
        state,
        S.COMPLETED,
        None,
        permission=may("report_error"),
        custom={"label": "Chuyển yêu cầu đính chính"},
    )
    def report_error(self, at: datetime) -> None:
        """T23, first half. The desk forwards an error in the result; the agency has three working days."""

    @transition(
        state, S.COMPLETED, None, permission=may("finish_correction"), custom={"label": "Đính chính kết quả"}
    )
    def finish_correction(self, at: datetime) -> None:
        """T23, second half. The corrected result replaces the old one, which stays readable, marked replaced."""

    @transition(
        state,
        "*",
        RETURN_VALUE(*State.values),
        permission=may("mirror_update"),
        custom={"label": "Cập nhật từ hệ thống của bộ"},
    )
    def mirror_update(self, at: datetime, to: str) -> str:
        """T26. A ministry's system says where its dossier stands; we only repeat it (NĐ224 15.1.h)."""
        if to == State.ON_HOLD and not self.hold_kind:
            self.hold_kind = HoldKind.SUPPLEMENT
        elif to != State.ON_HOLD:
            self.hold_kind = ""
        return to
