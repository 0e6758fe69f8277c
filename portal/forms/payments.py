"""Paying, claiming to pay less, saying where money given back goes."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext

from config.widgets import ChoiceLabel
from danhmuc.models import ChargeRelief
from hoso.models import Charge, Refund
from hoso.services import bank_accounts
from hoso.services.payments import Way
from portal.forms.apply import ManyFilesField


class PayForm(forms.Form):
    """Which of the charges due, and in which way. A single charge is not asked about."""

    use_required_attribute = False

    def __init__(self, due: Iterable[Charge], ways: Iterable[Way], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        due, ways = list(due), list(ways)
        self.fields["charges"] = forms.TypedMultipleChoiceField(
            label=_("Khoản nộp lần này"),
            coerce=int,
            choices=[(c.seq, ChoiceLabel(c.name, c.basis, c.amount)) for c in due],
            widget=forms.CheckboxSelectMultiple if len(due) > 1 else forms.MultipleHiddenInput,
            initial=[c.seq for c in due],
            error_messages={
                "required": _("Chọn ít nhất một khoản để nộp"),
                "invalid_choice": _(
                    "Khoản này đã được nộp hoặc không còn phải thu. Xem lại số tiền bên dưới."
                ),
            },
        )
        label = _("%(way)s (mô phỏng, không có tiền thật)")
        self.fields["way"] = forms.ChoiceField(
            label=pgettext("tiền", "Cách nộp"),
            choices=[
                (w.name, ChoiceLabel(label % {"way": w.label} if w.simulated else w.label, w.hint))
                for w in ways
            ],
            widget=forms.RadioSelect,
            initial=ways[0].name if ways else None,
            error_messages={"required": _("Chọn cách nộp"), "invalid_choice": _("Chọn cách nộp")},
        )


class ReliefForm(forms.Form):
    """The group one belongs to, and the paper that shows it."""

    use_required_attribute = False

    def __init__(self, rows: Iterable[ChargeRelief], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.rows = {str(row.pk): row for row in rows}
        self.fields["relief"] = forms.ChoiceField(
            label=_("Ông/bà thuộc diện nào?"),
            choices=[(key, ChoiceLabel(row.name, _hint(row))) for key, row in self.rows.items()],
            widget=forms.RadioSelect,
            error_messages={
                "required": _("Chọn diện miễn, giảm"),
                "invalid_choice": _("Chọn diện miễn, giảm"),
            },
        )
        upload = ManyFilesField(label=_("Giấy tờ chứng minh"))
        upload.help_text = _("Ảnh chụp hoặc bản quét từ bản chính: PDF, JPG, PNG.")
        upload.widget.attrs = {"accept": ".pdf,.jpg,.jpeg,.png"}
        upload.widget.allow_multiple_selected = False
        self.fields["paper"] = upload
        self.fields["seen"] = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def clean(self) -> dict[str, Any]:
        """One paper shows it; a claim without it cannot be judged."""
        data = super().clean() or {}
        data["paper"] = next(iter(data.get("paper") or []), None)
        if data["paper"] is None and "paper" not in self.errors:
            self.add_error("paper", _("Chọn tệp giấy tờ chứng minh"))
        return data


def _hint(row: ChargeRelief) -> str:
    what = _("Miễn toàn bộ") if row.percent == 100 else _("Giảm %(percent)s%%") % {"percent": row.percent}
    return _("%(what)s. Giấy tờ: %(paper)s. Căn cứ: %(basis)s.") % {
        "what": what,
        "paper": row.paper[:1].lower() + row.paper[1:],
        "basis": row.basis,
    }


class RefundAccountForm(forms.Form):
    """How money given back reaches the person."""

    use_required_attribute = False

    way = forms.ChoiceField(
        label=gettext_lazy("Nhận tiền bằng cách nào?"),
        widget=forms.RadioSelect,
        error_messages={"required": gettext_lazy("Chọn cách nhận tiền")},
    )
    bank = forms.ChoiceField(
        label=gettext_lazy("Ngân hàng"),
        error_messages={"required": gettext_lazy("Chọn ngân hàng")},
    )
    account = forms.CharField(
        label=gettext_lazy("Số tài khoản"),
        max_length=40,
        error_messages={"required": gettext_lazy("Nhập số tài khoản")},
        help_text=gettext_lazy("6 đến 19 chữ số, không phải số thẻ."),
        widget=forms.TextInput({"inputmode": "numeric", "autocomplete": "off"}),
    )
    holder = forms.CharField(
        label=gettext_lazy("Tên chủ tài khoản"),
        max_length=100,
        error_messages={"required": gettext_lazy("Nhập tên chủ tài khoản")},
        help_text=gettext_lazy("Như ngân hàng ghi, có dấu hoặc không dấu đều được."),
    )
    other_holder = forms.BooleanField(
        label=gettext_lazy("Đây là tài khoản của người khác, tôi đồng ý chuyển tiền hoàn cho người đó"),
        required=False,
    )
    seen = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def __init__(self, names: Iterable[str], *args: Any, **kwargs: Any) -> None:
        """`names` are those a payer may have: of the account, the submitter and the owner."""
        super().__init__(*args, **kwargs)
        self.names = list(names)
        Way = Refund.Way
        if self.data.get("way") == Way.CASH:  # nothing is asked about an account then
            for name in ("bank", "account", "holder"):
                self.fields[name].required = False
        self.fields["way"].choices = [  # type: ignore[attr-defined]
            (Way.TRANSFER, ChoiceLabel(_("Chuyển khoản"), _("Vào tài khoản ngân hàng ghi bên dưới."))),
            (
                Way.CASH,
                ChoiceLabel(_("Tiền mặt tại Bộ phận Một cửa"), _("Mang theo giấy tờ tùy thân khi đến nhận.")),
            ),
        ]
        self.fields["bank"].choices = [("", _("Chọn ngân hàng")), *bank_accounts.BANKS.items()]  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        """A transfer needs bank, account and holder; another's account must be meant."""
        data = super().clean() or {}
        if data.get("way") != Refund.Way.TRANSFER:
            return data
        if data.get("account"):
            try:
                data["account"] = bank_accounts.clean_account(data["account"])
            except ValueError:
                self.add_error(
                    "account",
                    _("Số tài khoản gồm 6 đến 19 chữ số. Xem trong ứng dụng ngân hàng, không nhập số thẻ"),
                )
        holder = " ".join(str(data.get("holder") or "").split())
        data["holder"] = holder
        if holder and not bank_accounts.is_holder(holder, self.names) and not data.get("other_holder"):
            self.add_error(
                "holder",
                _("Tên này khác tên người nộp (%(name)s). Sửa lại, hoặc đánh dấu ô tài khoản của người khác")
                % {"name": self.names[0]},
            )
        return data
