"""Steps about money after it was asked for: reliefs, refunds, receipts put right."""

from typing import Any

from django.db import transaction
from django.urls import reverse

from config.formats import vnd
from hoso.forms import money as forms
from hoso.forms.steps import StepForm
from hoso.models import Dossier
from hoso.services import bank_accounts, payments, refunds
from hoso.services.case import Case
from hoso.views.base import StepView


class DecideRelief(StepView):
    """The desk judges a claim with the paper beside it."""

    step = "decide_relief"
    form_class = forms.DecideReliefForm
    title = "Xét miễn, giảm phí, lệ phí"
    submit = "Ghi quyết định"
    fragment = "hoso/steps/decide_relief.html"
    icon = "cash"
    style = "primary"
    key = "F9"
    success_message = "Đã ghi quyết định miễn, giảm và báo người nộp."

    def extra(self, case: Case, form: StepForm) -> dict[str, Any]:
        """The claim, its paper, and what granting would leave to pay."""
        claim = case.open_relief_claim
        if claim is None:
            return {}
        rows = [
            {
                "label": c.name,
                "amount": min(claim.relief.reduced(c.full_amount), c.amount),
                "note": f"Đang phải nộp {vnd(c.amount)}",
            }
            for c in case.due_charges
        ]
        return {"claim": claim, "rows": rows, "paper_url": reverse("hoso:document", args=[claim.document_id])}

    def take(self, dossier: Dossier, form: StepForm) -> Dossier:
        """Nothing owed any more lets a dossier that waited for money go on (T18)."""
        with transaction.atomic():
            done = super().take(dossier, form)
            payments.resume_if_settled(done.pk)
        return Dossier.objects.get(pk=done.pk)


class DecideRefund(StepView):
    """The approver decides on money paid for work that ended early."""

    step = "decide_refund"
    form_class = forms.DecideRefundForm
    title = "Quyết định hoàn phí"
    submit = "Ký quyết định"
    fragment = "hoso/steps/decide_refund.html"
    icon = "stamp"
    style = "primary"
    success_message = "Đã ghi quyết định hoàn phí và báo người nộp."

    def extra(self, case: Case, form: StepForm) -> dict[str, Any]:
        """What the rules suggest."""
        return {
            "advice": refunds.advise(case),
            "refunds": [r for r in case.refunds if r.status == "to_decide"],
        }


class GiveRefundAccount(StepView):
    """For an applicant who says it at the counter or by telephone."""

    step = "give_refund_account"
    form_class = forms.GiveRefundAccountForm
    title = "Nhập nơi nhận tiền hoàn"
    submit = "Lưu nơi nhận tiền"
    lead = "Nhập thay người nộp đến quầy. Đối chiếu tên chủ tài khoản với giấy tờ tùy thân."
    icon = "cash"
    success_message = "Đã ghi nơi nhận tiền hoàn."


class PayRefund(StepView):
    """The cashier notes that the money has gone."""

    step = "pay_refund"
    form_class = forms.PayRefundForm
    title = "Chi tiền hoàn"
    submit = "Đã chi, ghi chứng từ"
    fragment = "hoso/steps/pay_refund.html"
    icon = "cash"
    style = "primary"
    success_message = "Đã ghi chi tiền hoàn, điều chỉnh biên lai và báo người nộp."

    def extra(self, case: Case, form: StepForm) -> dict[str, Any]:
        """To whom and how much."""
        ready = [r for r in case.refunds if r.status == "approved" and r.way]
        return {"refunds": [{"refund": r, "bank": bank_accounts.bank_name(r.bank)} for r in ready]}


class ReplaceReceipt(StepView):
    """A receipt with a wrong name."""

    step = "replace_receipt"
    form_class = forms.ReplaceReceiptForm
    title = "Hủy và lập lại biên lai"
    submit = "Hủy biên lai cũ, lập biên lai mới"
    lead = "Biên lai cũ vẫn xem được, có ghi đã hủy. Số tiền không đổi."
    icon = "edit"
    success_message = "Đã lập lại biên lai."


STEPS: list[tuple[str, type[StepView]]] = [
    ("mien-giam", DecideRelief),
    ("hoan-phi", DecideRefund),
    ("noi-nhan-tien-hoan", GiveRefundAccount),
    ("chi-tien-hoan", PayRefund),
    ("lap-lai-bien-lai", ReplaceReceipt),
]
