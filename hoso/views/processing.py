"""Steps between acceptance and the result: one small class each; what they share stands in `base.StepView`."""

from typing import Any

from hoso.forms import processing as forms
from hoso.forms.steps import AssignForm, HandOverForm, ReasonForm, RemarkForm, SignForForm, StepForm
from hoso.models import Dossier, Supplement
from hoso.services.case import Case
from hoso.views.base import StepView


class HandOver(StepView):
    """T11."""

    step = "hand_over"
    form_class = HandOverForm
    title = "Bàn giao hồ sơ"
    submit = "Bàn giao"
    icon = "send"
    style = "primary"
    key = "F9"
    success_message = "Đã bàn giao. Hồ sơ chờ bên nhận ký nhận."


class SignFor(StepView):
    """The receiver signs."""

    step = "sign_for"
    form_class = SignForForm
    title = "Ký nhận hồ sơ"
    submit = "Ký nhận"
    fragment = "hoso/steps/handover.html"
    icon = "inbox"
    style = "primary"
    key = "F9"
    success_message = "Đã ký nhận. Hồ sơ do ông/bà giữ."

    def extra(self, case: Case, form: StepForm) -> dict[str, Any]:
        """What is being handed over."""
        return {"handover": next((h for h in case.handovers if h.is_open), None)}


class Recall(StepView):
    """T24."""

    step = "recall_handover"
    form_class = RemarkForm
    title = "Thu hồi bàn giao"
    submit = "Thu hồi"
    lead = "Bên nhận chưa ký nhận. Sau khi thu hồi, hồ sơ ở lại với ông/bà."
    icon = "return"
    success_message = "Đã thu hồi bàn giao."


class Assign(StepView):
    """T12."""

    step = "assign"
    form_class = AssignForm
    title = "Phân công người thụ lý"
    submit = "Phân công"
    icon = "user"
    style = "primary"
    key = "F9"
    success_message = "Đã phân công."


class FinishTask(StepView):
    """The own step is done."""

    step = "finish_task"
    form_class = forms.FinishTaskForm
    title = "Hoàn thành bước"
    submit = "Hoàn thành, chuyển bước sau"
    icon = "send"
    style = "primary"
    key = "F9"
    success_message = "Đã hoàn thành bước. Hồ sơ đã chuyển sang bước sau."


class ReturnTask(StepView):
    """Back to the step before, with the reason."""

    step = "return_task"
    form_class = ReasonForm
    title = "Trả lại bước trước"
    submit = "Trả lại"
    icon = "return"
    success_message = "Đã trả lại bước trước kèm lý do."


class Consult(StepView):
    """T13."""

    step = "consult"
    form_class = forms.ConsultForm
    title = "Lấy ý kiến cơ quan khác"
    submit = "Gửi lấy ý kiến"
    lead = "Thời hạn giải quyết vẫn tính trong khi chờ ý kiến."
    icon = "copy"
    success_message = "Đã gửi lấy ý kiến."


class Visit(StepView):
    """T13."""

    step = "verify_on_site"
    form_class = forms.VisitForm
    title = "Kiểm tra thực địa"
    submit = "Lập lịch và báo người nộp"
    icon = "route"
    success_message = "Đã lập lịch kiểm tra và báo người nộp."


class ProposeHold(StepView):
    """The case officer proposes; the desk alone speaks to the applicant (NĐ118 5.1e)."""

    step = "propose_hold"
    form_class = forms.ItemsForm
    title = "Đề xuất yêu cầu bổ sung"
    submit = "Trình ký phiếu yêu cầu bổ sung"
    lead = "Lãnh đạo ký, Bộ phận Một cửa gửi người nộp. Một lần, đủ mọi nội dung cần bổ sung."
    fragment = "hoso/steps/items.html"
    icon = "pause"
    key = "F8"
    success_message = "Đã trình ký phiếu yêu cầu bổ sung."


def _request(case: Case, *statuses: str) -> dict[str, Any]:
    found = next((s for s in case.supplements if s.status in statuses), None)
    items = [i for i in case.items if found is not None and i.supplement_id == found.pk]
    return {"supplement": found, "items": items}


class SignHold(StepView):
    """The approver signs the request, or does not."""

    step = "sign_hold"
    form_class = forms.SignHoldForm
    title = "Ký phiếu yêu cầu bổ sung"
    submit = "Ghi quyết định"
    fragment = "hoso/steps/request.html"
    icon = "stamp"
    style = "primary"
    key = "F9"
    success_message = "Đã ghi quyết định. Bộ phận Một cửa được báo."

    def extra(self, case: Case, form: StepForm) -> dict[str, Any]:
        """What was proposed."""
        return _request(case, Supplement.Status.PROPOSED)


class Hold(StepView):
    """T14."""

    step = "hold"
    form_class = RemarkForm
    title = "Gửi yêu cầu bổ sung"
    submit = "Gửi người nộp, tạm dừng thời hạn"
    lead = "Phiếu gửi người nộp ngay; thời hạn giải quyết tạm dừng đến khi nhận đủ."
    fragment = "hoso/steps/request.html"
    icon = "send"
    style = "primary"
    key = "F8"
    success_message = "Đã gửi yêu cầu bổ sung. Thời hạn giải quyết tạm dừng."

    def extra(self, case: Case, form: StepForm) -> dict[str, Any]:
        """What was signed."""
        return _request(case, Supplement.Status.SIGNED)


class HoldFinancial(StepView):
    """T17."""

    step = "hold_financial"
    form_class = forms.ObligationsForm
    title = "Thông báo nghĩa vụ tài chính"
    submit = "Thông báo, tạm dừng thời hạn"
    fragment = "hoso/steps/obligations.html"
    icon = "cash"
    success_message = "Đã thông báo nghĩa vụ tài chính. Thời hạn giải quyết tạm dừng."


class Resume(StepView):
    """T15, T18."""

    step = "resume"
    form_class = forms.ResumeForm
    title = "Tiếp tục giải quyết"
    submit = "Đã đủ, tiếp tục giải quyết"
    fragment = "hoso/steps/answers.html"
    icon = "next"
    style = "primary"
    key = "F9"

    def extra(self, case: Case, form: StepForm) -> dict[str, Any]:
        """What was asked and what came back."""
        return _request(case, Supplement.Status.ANSWERED, Supplement.Status.SENT)

    def told(self, dossier: Dossier) -> str:
        """The new date."""
        from config.formats import vndatetime

        return f"Hồ sơ được giải quyết tiếp. Hẹn trả mới: {vndatetime(dossier.due_at)}."


class Close(StepView):
    """T16."""

    step = "close_unsupplemented"
    form_class = RemarkForm
    title = "Đóng hồ sơ quá hạn bổ sung"
    submit = "Đóng hồ sơ và báo người nộp"
    lead = "Người nộp không bổ sung trong thời hạn chờ. Giấy tờ đã nộp được trả lại người nộp."
    icon = "no-entry"
    style = "outline-danger"
    danger = True
    success_message = "Đã đóng hồ sơ và lập thông báo gửi người nộp."


class Extend(StepView):
    """T19."""

    step = "extend"
    form_class = forms.ExtendForm
    title = "Gia hạn, xin lỗi người nộp"
    submit = "Ký văn bản xin lỗi, gia hạn"
    lead = "Chỉ được hẹn lại một lần, chậm nhất một ngày trước ngày hẹn trả."
    icon = "calendar"

    def told(self, dossier: Dossier) -> str:
        """The new date."""
        from config.formats import vndatetime

        return f"Đã gia hạn. Hẹn trả mới: {vndatetime(dossier.due_at)}."


class Urge(StepView):
    """Urging the holder."""

    step = "urge"
    form_class = forms.UrgeForm
    title = "Đôn đốc"
    submit = "Gửi đôn đốc"
    icon = "bell"
    success_message = "Đã gửi đôn đốc."


STEPS: list[tuple[str, type[StepView]]] = [
    ("ban-giao", HandOver),
    ("ky-nhan", SignFor),
    ("thu-hoi", Recall),
    ("phan-cong", Assign),
    ("hoan-thanh-buoc", FinishTask),
    ("tra-lai", ReturnTask),
    ("lay-y-kien", Consult),
    ("kiem-tra-thuc-dia", Visit),
    ("de-xuat-bo-sung", ProposeHold),
    ("ky-bo-sung", SignHold),
    ("gui-bo-sung", Hold),
    ("nghia-vu-tai-chinh", HoldFinancial),
    ("tiep-tuc", Resume),
    ("dong", Close),
    ("gia-han", Extend),
    ("don-doc", Urge),
]
