"""Steps before acceptance: accept, ask for what is missing, turn away, send on."""

from typing import Any

from django.utils import timezone

from config.formats import vndatetime
from hoso.forms import steps as forms
from hoso.forms.processing import AskCompletionForm, ResubmitForm
from hoso.forms.steps import StepForm
from hoso.models import Dossier
from hoso.services import charges, clocks
from hoso.services.case import Case
from hoso.views.base import StepView


class Accept(StepView):
    """T03, T05: the promise is shown before the button is pressed."""

    step = "accept"
    form_class = forms.AcceptForm
    title = "Tiếp nhận hồ sơ"
    submit = "Tiếp nhận và cấp giấy hẹn"
    fragment = "hoso/steps/accept.html"
    icon = "check"
    style = "primary"
    key = "F9"

    def extra(self, case: Case, form: StepForm) -> dict[str, Any]:
        """The date about to be promised, and what will be owed."""
        return {"promise": promise_for(case), "fees": fees_of(case)}

    def told(self, dossier: Dossier) -> str:
        """Code and date."""
        return f"Đã tiếp nhận, mã hồ sơ {dossier.code}. Hẹn trả {vndatetime(dossier.due_at)}."


def promise_for(case: Case) -> clocks.Promise:
    """What accepting now would promise."""
    now = timezone.now()
    calendar = case.law.calendar(case.dossier.resolving_agency, now)
    return clocks.promise(case.dossier.version, calendar, now, case.law)


def fees_of(case: Case) -> list[dict[str, Any]]:
    """Fees of the version at the dossier's channel, as money rows; those already raised before acceptance instead."""
    if case.charges:
        return [{"label": c.name, "note": c.get_status_display(), "amount": c.amount} for c in case.charges]
    found = charges.expected(case.dossier, case.law, timezone.now())
    return [{"label": c.name, "note": c.status_reason or c.basis, "amount": c.amount} for c in found]


class AcceptImmediate(StepView):
    """T06."""

    step = "accept_immediate"
    form_class = forms.AcceptImmediateForm
    title = "Tiếp nhận và trả kết quả ngay"
    submit = "Trả kết quả ngay"
    icon = "check-circle"
    success_message = "Đã tiếp nhận, giải quyết và trả kết quả."


class AskCompletion(StepView):
    """T07."""

    step = "ask_completion"
    form_class = AskCompletionForm
    title = "Yêu cầu hoàn thiện hồ sơ"
    submit = "Gửi yêu cầu hoàn thiện"
    lead = "Chỉ được yêu cầu một lần: nêu đủ mọi giấy tờ, nội dung cần hoàn thiện và lý do."
    fragment = "hoso/steps/items.html"
    icon = "pause"
    key = "F8"
    success_message = "Đã gửi yêu cầu hoàn thiện hồ sơ."

    def make_form(self, case: Case, *data: Any) -> StepForm:
        """The counter's page names the papers it found missing (`?thieu=`)."""
        if data:
            return super().make_form(case, *data)
        missing = {
            f"{part}_c{key}": value
            for key in self.request.GET.getlist("thieu")
            for part, value in (("pick", True), ("reason", "missing"))
        }
        return self.form_class(case=case, user=self.officer, initial=missing)


class Resubmit(StepView):
    """T08 for an applicant who brings what was missing to the counter."""

    step = "resubmit"
    form_class = ResubmitForm
    title = "Nhận giấy tờ hoàn thiện tại quầy"
    submit = "Đã nhận, chờ kiểm tra lại"
    icon = "paperclip"
    style = "primary"
    key = "F9"
    success_message = "Đã nhận giấy tờ hoàn thiện. Kiểm tra rồi tiếp nhận hồ sơ."


class RefuseIntake(StepView):
    """T09."""

    step = "refuse_intake"
    form_class = forms.ReasonForm
    title = "Từ chối tiếp nhận"
    submit = "Từ chối tiếp nhận"
    lead = "Lý do và căn cứ in trong phiếu từ chối gửi người nộp."
    icon = "no-entry"
    style = "outline-danger"
    danger = True
    success_message = "Đã từ chối tiếp nhận và lập phiếu gửi người nộp."


class Redirect(StepView):
    """T10."""

    step = "redirect"
    form_class = forms.RedirectForm
    title = "Chuyển đúng cơ quan thẩm quyền"
    submit = "Chuyển hồ sơ"
    icon = "route"
    success_message = "Đã chuyển hồ sơ đến Bộ phận Một cửa của cơ quan có thẩm quyền."


STEPS: list[tuple[str, type[StepView]]] = [
    ("tiep-nhan", Accept),
    ("tra-ngay", AcceptImmediate),
    ("yeu-cau-hoan-thien", AskCompletion),
    ("hoan-thien", Resubmit),
    ("tu-choi", RefuseIntake),
    ("chuyen-co-quan", Redirect),
]
