"""Forms of the steps about money: reliefs, refunds, receipts."""

from typing import Any

from django import forms

from config.formats import vnd
from config.widgets import ChoiceLabel, MoneyField
from hoso.forms.steps import StepForm, text_area
from hoso.models import Receipt, Refund
from hoso.services import bank_accounts


def _yes(value: str) -> bool:
    return value == "yes"


class DecideReliefForm(StepForm):
    """Yes or no to the claim that waits; no says why."""

    def build(self) -> None:
        """The choice."""
        self.fields["granted"] = forms.TypedChoiceField(
            label="Quyết định",
            coerce=_yes,
            choices=[("yes", "Chấp nhận, tính lại số tiền"), ("no", "Không chấp nhận")],
            widget=forms.RadioSelect,
            empty_value=None,
            error_messages={"required": "Chọn chấp nhận hoặc không chấp nhận"},
        )
        self.fields["note"] = forms.CharField(
            label="Lý do",
            required=False,
            max_length=2000,
            widget=text_area(3),
            help_text="Bắt buộc khi không chấp nhận; người nộp đọc được.",
        )

    def clean(self) -> dict[str, Any]:
        """A refusal says why."""
        data = super().clean() or {}
        if data.get("granted") is False and not data.get("note", "").strip():
            self.add_error("note", "Ghi lý do không chấp nhận để người nộp biết")
        return data

    def facts(self) -> dict[str, Any]:
        """Also a plain no."""
        return {"granted": self.cleaned_data["granted"]}


class _RefundForm(StepForm):
    """A step about one of the dossier's refunds; asked which one only where there are several."""

    def open_refunds(self) -> list[Refund]:
        """Those this step may be about."""
        raise NotImplementedError

    def build(self) -> None:
        """Which refund."""
        self.refunds = self.open_refunds()
        many = len(self.refunds) > 1
        self.fields["refund"] = forms.TypedChoiceField(
            label="Khoản hoàn",
            coerce=int,
            choices=[
                (r.seq, ChoiceLabel(r.get_reason_display(), r.payment.reference, r.amount))
                for r in self.refunds
            ],
            widget=forms.RadioSelect if many else forms.HiddenInput,
            initial=self.refunds[0].seq if self.refunds else None,
            error_messages={"required": "Chọn khoản hoàn", "invalid_choice": "Khoản hoàn này đã được xử lý"},
        )
        self.build_more()

    def build_more(self) -> None:
        """The step's own questions."""

    def chosen(self) -> Refund | None:
        """The refund named by what was filled in."""
        return next((r for r in self.refunds if r.seq == self.cleaned_data.get("refund")), None)


class DecideRefundForm(_RefundForm):
    """All, a part or nothing, with the reason and the number of the decision."""

    def open_refunds(self) -> list[Refund]:
        """Those without a decision."""
        return [r for r in self.case.refunds if r.status == Refund.Status.TO_DECIDE]

    def build_more(self) -> None:
        """The decision."""
        self.fields["granted"] = forms.TypedChoiceField(
            label="Quyết định",
            coerce=_yes,
            choices=[("yes", "Hoàn lại"), ("no", "Không hoàn")],
            widget=forms.RadioSelect,
            empty_value=None,
            error_messages={"required": "Chọn hoàn hoặc không hoàn"},
        )
        self.fields["amount"] = MoneyField(
            label="Số tiền hoàn",
            required=self.data.get("granted") != "no",
            error_messages={"required": "Nhập số tiền hoàn"},
            initial=self.refunds[0].received if self.refunds else None,
            min_value=1,
            help_text="Không quá số đã nộp.",
        )
        self.fields["decision_no"] = forms.CharField(label="Số quyết định", required=False, max_length=40)
        self.fields["note"] = forms.CharField(
            label="Lý do",
            max_length=2000,
            widget=text_area(3),
            error_messages={"required": "Ghi lý do quyết định"},
        )

    def clean(self) -> dict[str, Any]:
        """Never more than came."""
        data = super().clean() or {}
        refund = self.chosen()
        if data.get("granted") and refund is not None:
            amount = data.get("amount")
            if amount and amount > refund.received:
                self.add_error("amount", f"Người nộp đã nộp {vnd(refund.received)}; không hoàn quá số này")
        return data

    def facts(self) -> dict[str, Any]:
        """Also a plain no."""
        names = ("refund", "granted", "amount", "decision_no")
        return {name: self.cleaned_data.get(name) for name in names}


class GiveRefundAccountForm(_RefundForm):
    """The applicant at the counter says where the money goes."""

    def open_refunds(self) -> list[Refund]:
        """Those not paid yet."""
        return [r for r in self.case.refunds if r.is_open]

    def build_more(self) -> None:
        """Way and account."""
        self.fields["way"] = forms.ChoiceField(
            label="Cách nhận",
            choices=Refund.Way.choices,
            widget=forms.RadioSelect,
            error_messages={"required": "Chọn cách nhận tiền"},
        )
        transfer = self.data.get("way") != Refund.Way.CASH
        self.fields["bank"] = forms.ChoiceField(
            label="Ngân hàng",
            required=transfer,
            error_messages={"required": "Chọn ngân hàng"},
            choices=[("", "Chọn ngân hàng"), *bank_accounts.BANKS.items()],
        )
        self.fields["account"] = forms.CharField(
            label="Số tài khoản",
            required=transfer,
            max_length=40,
            error_messages={"required": "Nhập số tài khoản"},
        )
        self.fields["holder"] = forms.CharField(
            label="Chủ tài khoản",
            required=transfer,
            max_length=100,
            error_messages={"required": "Nhập tên chủ tài khoản"},
        )
        self.fields["note"] = forms.CharField(
            label="Ghi chú",
            required=False,
            max_length=2000,
            widget=text_area(2),
            help_text="Bắt buộc khi chủ tài khoản khác tên người nộp: ghi giấy tờ đã xem.",
        )

    def names(self) -> list[str]:
        """Names of the payer."""
        return [self.dossier.submitter_name, self.dossier.owner_name]

    def clean(self) -> dict[str, Any]:
        """A transfer needs a true account; another's name is explained."""
        data = super().clean() or {}
        if data.get("way") != Refund.Way.TRANSFER:
            return data
        if data.get("account"):
            try:
                data["account"] = bank_accounts.clean_account(data["account"])
            except ValueError:
                self.add_error("account", "Số tài khoản gồm 6 đến 19 chữ số")
        holder = data.get("holder")
        if (
            holder
            and not bank_accounts.is_holder(data["holder"], self.names())
            and not data.get("note", "").strip()
        ):
            self.add_error("note", "Chủ tài khoản khác tên người nộp: ghi giấy tờ đã xem")
        return data

    def facts(self) -> dict[str, Any]:
        """Everything, empty or not."""
        data = self.cleaned_data
        other = data["way"] == Refund.Way.TRANSFER and not bank_accounts.is_holder(
            data["holder"], self.names()
        )
        who = self.dossier.submitter_name or self.dossier.owner_name
        return {name: data.get(name, "") for name in ("refund", "way", "bank", "account", "holder")} | {
            "other_holder": other,
            "on_behalf_of": who,
        }


class PayRefundForm(_RefundForm):
    """The money has gone: number of the payment order or voucher."""

    def open_refunds(self) -> list[Refund]:
        """Those approved whose receiver is known."""
        return [r for r in self.case.refunds if r.status == Refund.Status.APPROVED and r.way]

    def build_more(self) -> None:
        """The voucher."""
        self.fields["reference"] = forms.CharField(
            label="Số chứng từ chi",
            max_length=60,
            help_text="Số ủy nhiệm chi hoặc phiếu chi.",
            error_messages={"required": "Nhập số chứng từ chi"},
        )


class ReplaceReceiptForm(StepForm):
    """A receipt anew under the right name."""

    def build(self) -> None:
        """Which one, and what should stand in it."""
        rows = [
            r
            for r in self.case.receipts
            if r.status == Receipt.Status.ISSUED and r.kind != Receipt.Kind.ADJUSTMENT
        ]
        self.fields["receipt"] = forms.ChoiceField(
            label="Biên lai",
            choices=[(r.number, ChoiceLabel(f"{r.symbol} số {r.number}", r.payer, r.amount)) for r in rows],
            widget=forms.RadioSelect if len(rows) > 1 else forms.HiddenInput,
            initial=rows[-1].number if rows else None,
        )
        self.fields["payer"] = forms.CharField(
            label="Người nộp tiền",
            max_length=200,
            initial=rows[-1].payer if rows else "",
            error_messages={"required": "Nhập tên người nộp tiền"},
        )
        self.fields["payer_address"] = forms.CharField(
            label="Địa chỉ", max_length=300, required=False, initial=rows[-1].payer_address if rows else ""
        )
        self.fields["note"] = forms.CharField(
            label="Lý do lập lại",
            max_length=500,
            widget=text_area(2),
            error_messages={"required": "Ghi lý do lập lại biên lai"},
        )

    def facts(self) -> dict[str, Any]:
        """Also an empty address."""
        return {name: self.cleaned_data.get(name, "") for name in ("receipt", "payer", "payer_address")}
