"""What a postman types at a door: as little as the law allows, in the order things happen there."""

from collections.abc import Sequence
from typing import Any

from django import forms

from buuchinh.models import Parcel
from config.formats import vnd
from config.widgets import ChoiceLabel, VietnameseDateField
from danhmuc.models import User

Fault = Parcel.Fault
PICKUP_FAULTS = (Fault.ABSENT, Fault.NO_ANSWER, Fault.PAPERS, Fault.LATER, Fault.ADDRESS)
DELIVERY_FAULTS = (Fault.ABSENT, Fault.NO_ANSWER, Fault.ADDRESS, Fault.LATER, Fault.REFUSED, Fault.UNPAID)


def offer(form: forms.Form, name: str, choices: Sequence[tuple[str, str]]) -> None:
    """The choices of a field that depend on the parcel."""
    field = form.fields[name]
    assert isinstance(field, forms.ChoiceField)
    field.choices = list(choices)


class ParcelForm(forms.Form):
    """Any act on one parcel; `seen` is the number of the last event the page showed."""

    seen = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, parcel: Parcel, **kwargs: Any) -> None:
        """`parcel` as the page shows it."""
        self.parcel = parcel
        kwargs.setdefault("initial", {}).setdefault("seen", parcel.last_seq)
        super().__init__(*args, **kwargs)


class PickupForm(ParcelForm):
    """Papers, money and signature of the applicant (design 31). Money in đồng."""

    papers = forms.MultipleChoiceField(
        label="Giấy tờ nhận", required=False, widget=forms.CheckboxSelectMultiple
    )
    missing_note = forms.CharField(
        label="Thiếu hoặc sai giấy tờ nào, hẹn bổ sung thế nào",
        required=False,
        max_length=400,
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    pay = forms.ChoiceField(label="Cách thu", required=False, widget=forms.RadioSelect)
    fee_shown = forms.IntegerField(widget=forms.HiddenInput, required=False)
    identity_checked = forms.BooleanField(
        label="Đã xem giấy tờ tùy thân của người nộp, hoặc giấy ủy quyền", required=False
    )
    signed_name = forms.CharField(
        label="Họ tên người ký phiếu gửi",
        help_text="Người nộp đọc lại danh sách và số tiền trên, đồng ý thì ghi tên thay chữ ký.",
        max_length=160,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )

    def __init__(self, *args: Any, fee: int, postage: int, remit: int, **kwargs: Any) -> None:
        """What is owed now: the State's `fee`, `postage`, and the price of handing the fee over."""
        super().__init__(*args, **kwargs)
        self.fee, self.postage, self.remit = fee, postage, remit
        offer(self, "papers", [(str(n), p["name"]) for n, p in enumerate(self.parcel.papers)])
        self.initial["fee_shown"] = fee
        self.initial.setdefault("signed_name", self.parcel.contact)
        if fee:
            self.fields["pay"].required = True
            self.initial.setdefault("pay", "cash")
            ways = [
                ("cash", ChoiceLabel("Tiền mặt", f"Thu {vnd(self.total)}")),
                (
                    "later",
                    ChoiceLabel(
                        "Trả phí sau",
                        f"Chỉ thu cước {vnd(postage)}; phí trả trực tuyến hoặc khi nhận kết quả",
                    ),
                ),
            ]
            offer(self, "pay", ways)
        else:
            del self.fields["pay"]

    @property
    def total(self) -> int:
        """Everything taken when all is paid in cash."""
        return self.fee + self.postage + (self.remit if self.fee else 0)

    @property
    def ticked(self) -> list[str]:
        """Places of the papers ticked, as typed; none on a fresh page."""
        return list(self["papers"].value() or [])

    def facts(self) -> dict[str, Any]:
        """For `pickup.collect`. The fee is the one the page showed: the service compares it with what is owed."""
        data = self.cleaned_data
        cash = data.get("pay") == "cash"
        return {
            "papers": [int(place) for place in data["papers"]],
            "missing_note": data["missing_note"],
            "fee": (data.get("fee_shown") or 0) if cash else 0,
            "postage_taken": self.postage + (self.remit if cash else 0),
            "identity_checked": data["identity_checked"],
            "signed_name": data["signed_name"],
            "seen": data["seen"],
        }


class MissForm(ParcelForm):
    """The carrier came and left without papers."""

    reason = forms.ChoiceField(
        label="Vì sao chưa nhận được", choices=[(f.value, f.label) for f in PICKUP_FAULTS]
    )
    again_on = VietnameseDateField(label="Hẹn đến lại ngày", required=False)
    note = forms.CharField(label="Ghi chú", required=False, max_length=400)

    def facts(self) -> dict[str, Any]:
        """For `pickup.miss`."""
        data = self.cleaned_data
        return {key: data[key] for key in ("reason", "again_on", "note", "seen")}


class ConfirmForm(ParcelForm):
    """The day agreed with the person on the telephone."""

    on = VietnameseDateField(label="Ngày hẹn")
    part = forms.ChoiceField(label="Buổi", required=False, choices=Parcel.Part.choices)


class DeliverForm(ParcelForm):
    """Given to the receiver, or why not (design 32, 32b)."""

    use_required_attribute = False
    outcome = forms.ChoiceField(
        label="Kết quả lần phát này",
        choices=[
            ("delivered", ChoiceLabel("Đã phát", "Người nhận hoặc người được ủy quyền ký nhận")),
            ("failed", ChoiceLabel("Chưa phát được", "Chọn lý do, hẹn phát lại")),
        ],
        widget=forms.RadioSelect,
    )
    who = forms.ChoiceField(
        label="Người ký nhận",
        choices=[("owner", "Chính chủ"), ("other", "Người được ủy quyền")],
    )
    id_tail = forms.CharField(
        label="4 số cuối giấy tờ tùy thân của chủ hồ sơ",
        max_length=4,
        widget=forms.TextInput(
            attrs={"inputmode": "numeric", "class": "form-control num", "autocomplete": "off"}
        ),
    )
    receiver_name = forms.CharField(
        label="Họ tên người nhận thay",
        required=False,
        max_length=160,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    receiver_id = forms.CharField(
        label="Số giấy tờ tùy thân của người nhận thay",
        required=False,
        max_length=20,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
    )
    authority_note = forms.CharField(label="Giấy ủy quyền", required=False, max_length=250)
    fee_shown = forms.IntegerField(widget=forms.HiddenInput, required=False)
    money_taken = forms.BooleanField(label="Đã thu tiền", required=False)
    recovered = forms.BooleanField(label="Đã thu lại đủ giấy tờ", required=False)
    signed = forms.BooleanField(label="Người nhận đã đếm và ký nhận trên phiếu gửi", required=False)
    reason = forms.ChoiceField(
        label="Lý do chưa phát được",
        choices=[(f.value, f.label) for f in DELIVERY_FAULTS],
        widget=forms.RadioSelect,
    )
    again_on = VietnameseDateField(label="Hẹn phát lại ngày", required=False)
    note = forms.CharField(label="Ghi chú", required=False, max_length=400)

    def __init__(self, *args: Any, fee: int, postage: int, recover: bool, **kwargs: Any) -> None:
        """`fee` and `postage` to take on delivery, in đồng; `recover` when papers must be collected."""
        super().__init__(*args, **kwargs)
        self.fee, self.postage, self.recover = fee, postage, recover
        self.initial["fee_shown"] = fee
        owner = self.parcel.dossier.owner_name or self.parcel.contact
        offer(self, "who", [("owner", f"Chính chủ: {owner}"), ("other", "Người được ủy quyền")])
        if not fee + postage:
            del self.fields["money_taken"]
        if not recover:
            del self.fields["recovered"]

    def full_clean(self) -> None:
        """Each outcome asks for its own facts; the words of the page ask for those of both."""
        given = self.data.get("outcome") == "delivered"
        owner = given and self.data.get("who") != "other"
        asked = {"who": given, "id_tail": owner and bool(self.parcel.dossier.owner_id), "reason": not given}
        for name, needed in asked.items():
            self.fields[name].required = needed
        super().full_clean()
        for name in asked:
            self.fields[name].required = True

    def clean(self) -> dict[str, Any]:
        """What has to be ticked when the result was given."""
        data = super().clean() or {}
        if data.get("outcome") == "delivered":
            if "money_taken" in self.fields and not data.get("money_taken"):
                self.add_error(
                    "money_taken",
                    f"Thu {vnd(self.fee + self.postage)} rồi đánh dấu, hoặc chọn “Chưa phát được”",
                )
            if not data.get("signed"):
                self.add_error("signed", "Đề nghị người nhận đếm, ký rồi đánh dấu")
        return data

    @property
    def is_delivery(self) -> bool:
        """Whether the result was given."""
        return self.cleaned_data["outcome"] == "delivered"

    def delivery(self) -> dict[str, Any]:
        """For `delivery.deliver`."""
        data = self.cleaned_data
        owner = data["who"] != "other"
        return {
            "receiver_name": "" if owner else data["receiver_name"],
            "is_owner": owner,
            "id_tail": data["id_tail"] if owner else "",
            "receiver_id": "" if owner else data["receiver_id"],
            "authority_note": "" if owner else data["authority_note"],
            "fee": (data.get("fee_shown") or 0) if data.get("money_taken") else 0,
            "postage_taken": self.postage if data.get("money_taken") else 0,
            "recovered": bool(data.get("recovered")),
            "seen": data["seen"],
        }

    def failure(self) -> dict[str, Any]:
        """For `delivery.fail`."""
        data = self.cleaned_data
        return {key: data[key] for key in ("reason", "again_on", "note", "seen")}


class HandInForm(forms.Form):
    """Hand the money of one agency in."""

    agency = forms.IntegerField(widget=forms.HiddenInput)


class CarrierChoiceForm(ParcelForm):
    """The coordinator names a carrier."""

    carrier = forms.ModelChoiceField(label="Bưu tá", queryset=User.objects.none())

    def __init__(self, *args: Any, carriers: Any, **kwargs: Any) -> None:
        """`carriers` in office at the coordinator's units."""
        super().__init__(*args, **kwargs)
        field = self.fields["carrier"]
        assert isinstance(field, forms.ModelChoiceField)
        field.queryset = carriers
