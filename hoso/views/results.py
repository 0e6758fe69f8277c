"""Steps around the result and the papers: compare, decide, issue, hand out, put right, take money."""

from typing import Any

from django.db import transaction
from django.urls import reverse

from hoso.forms import results as forms
from hoso.forms.steps import ReasonForm, RemarkForm, StepForm
from hoso.models import Document, Dossier
from hoso.services import payments
from hoso.services.case import Case
from hoso.views.base import StepView


class ReceivePapers(StepView):
    """The papers reached the desk."""

    step = "receive_papers"
    form_class = forms.ReceivePapersForm
    title = "Nhận bản giấy"
    submit = "Đã nhận bản giấy"
    icon = "inbox"
    success_message = "Đã ghi nhận bản giấy. Đối chiếu từng giấy tờ với bản điện tử."


class CheckPapers(StepView):
    """Originals beside e-copies."""

    step = "check_papers"
    form_class = forms.CheckPapersForm
    title = "Đối chiếu bản giấy"
    submit = "Ghi kết quả đối chiếu"
    fragment = "hoso/steps/check_papers.html"
    icon = "copy"
    style = "primary"

    def told(self, dossier: Dossier) -> str:
        """Matched or not."""
        if dossier.paper_check == Dossier.PaperCheck.MATCHED:
            return "Bản giấy khớp bản điện tử."
        return "Bản giấy có điểm khác. Kết quả chưa trả được đến khi lãnh đạo cơ quan quyết định."


class DecideMismatch(StepView):
    """The approver accepts differing papers."""

    step = "decide_paper_mismatch"
    form_class = ReasonForm
    title = "Xử lý sai lệch bản giấy"
    submit = "Chấp nhận, có ghi chú"
    lead = "Khi chấp nhận, kết quả trả được như bình thường; ghi chú lưu trong hồ sơ."
    icon = "triangle"
    style = "primary"
    success_message = "Đã chấp nhận bản giấy, có ghi chú."


class Decide(StepView):
    """T20."""

    step = "decide"
    form_class = forms.DecideForm
    title = "Ký kết quả giải quyết"
    submit = "Ký kết quả"
    fragment = "hoso/steps/decide.html"
    icon = "stamp"
    style = "primary"
    key = "F9"
    success_message = "Đã ký kết quả. Văn thư đóng dấu, phát hành về Bộ phận Một cửa."

    def extra(self, case: Case, form: StepForm) -> dict[str, Any]:
        """The opinions and drafts the signature rests on."""
        drafts = [
            {
                "name": d.name,
                "url": reverse("hoso:document", args=[d.pk]),
                "size": d.size,
                "note": "mở để xem trước khi ký",
            }
            for d in case.current_documents
            if d.kind == Document.Kind.DRAFT_RESULT
        ]
        return {"opinions": [t for t in case.tasks if t.result], "drafts": drafts}


class Issue(StepView):
    """The clerk releases the result to the desk."""

    step = "issue_result"
    form_class = RemarkForm
    title = "Đóng dấu, phát hành kết quả"
    submit = "Phát hành về Bộ phận Một cửa"
    lead = "Văn bản kết quả nhận chữ ký số của cơ quan và chuyển về Bộ phận Một cửa để trả người nộp."
    icon = "stamp"
    style = "primary"
    key = "F9"
    success_message = "Đã phát hành kết quả về Bộ phận Một cửa."


class Complete(StepView):
    """T21."""

    step = "complete"
    form_class = forms.CompleteForm
    title = "Trả kết quả"
    submit = "Đã trả kết quả"
    fragment = "hoso/steps/complete.html"
    icon = "check-circle"
    style = "primary"
    key = "F9"
    success_message = "Đã trả kết quả. Hồ sơ hoàn tất."

    def extra(self, case: Case, form: StepForm) -> dict[str, Any]:
        """What still stands in the way."""
        return {"due": sum(c.amount for c in case.due_charges)}


class ReportError(StepView):
    """T23, first half."""

    step = "report_error"
    form_class = forms.ReportErrorForm
    title = "Yêu cầu đính chính kết quả"
    submit = "Chuyển cơ quan đính chính"
    lead = "Cơ quan giải quyết đính chính trong 03 ngày làm việc."
    icon = "edit"
    success_message = "Đã chuyển yêu cầu đính chính."


class FinishCorrection(StepView):
    """T23, second half."""

    step = "finish_correction"
    form_class = forms.CorrectionForm
    title = "Đính chính kết quả"
    submit = "Thay kết quả đã đính chính"
    icon = "edit"
    style = "primary"
    success_message = "Đã đính chính. Văn bản cũ vẫn xem được, có ghi “đã thay thế”."


class RecordPayment(StepView):
    """Money at the desk."""

    step = "record_payment"
    form_class = forms.PaymentForm
    title = "Thu phí, lệ phí"
    submit = "Đã thu, ghi biên lai"
    icon = "cash"
    success_message = "Đã ghi nhận thu phí và lập biên lai."

    def take(self, dossier: Dossier, form: StepForm) -> Dossier:
        """The last of an obligation paid at the counter lets the dossier go on as it does online (T18)."""
        with transaction.atomic():
            done = super().take(dossier, form)
            payments.resume_if_settled(done.pk)
        return Dossier.objects.get(pk=done.pk)


class Withdraw(StepView):
    """T22."""

    step = "withdraw"
    form_class = forms.WithdrawForm
    title = "Rút hồ sơ theo yêu cầu người nộp"
    submit = "Dừng giải quyết, trả hồ sơ"
    lead = "Chỉ làm khi người nộp yêu cầu. Hồ sơ dừng hẳn, không mở lại được."
    icon = "return"
    style = "outline-danger"
    danger = True
    success_message = "Đã dừng giải quyết theo yêu cầu của người nộp."


class Void(StepView):
    """T25."""

    step = "void"
    form_class = ReasonForm
    title = "Hủy hồ sơ do nhập sai"
    submit = "Hủy hồ sơ"
    lead = "Chỉ dùng cho hồ sơ trùng hoặc nhập sai. Hồ sơ không mở lại được."
    icon = "no-entry"
    style = "outline-danger"
    danger = True
    success_message = "Đã hủy hồ sơ."


STEPS: list[tuple[str, type[StepView]]] = [
    ("nhan-ban-giay", ReceivePapers),
    ("doi-chieu", CheckPapers),
    ("sai-lech", DecideMismatch),
    ("ky-ket-qua", Decide),
    ("phat-hanh", Issue),
    ("tra-ket-qua", Complete),
    ("bao-sai-sot", ReportError),
    ("dinh-chinh", FinishCorrection),
    ("thu-phi", RecordPayment),
    ("rut", Withdraw),
    ("huy", Void),
]
