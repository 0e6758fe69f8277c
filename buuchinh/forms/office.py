"""What a desk's officer, a coordinator and a registering clerk type."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from buuchinh.models import Parcel
from buuchinh.services.handovers import Counted, wanted_papers
from config.widgets import MoneyField
from danhmuc import identifiers
from danhmuc.models import Desk, Place, Procedure, ProcedureVersion
from danhmuc.text import fold


class HandoverForm(forms.Form):
    """The joint count of one visit: papers in, results out, results back, and the carrier's six digits."""

    use_required_attribute = False
    code = forms.CharField(
        label="Mã xác nhận của nhân viên bưu điện",
        help_text="6 số hiện ở mục “Mã bàn giao” trên điện thoại của bưu tá.",
        max_length=8,
        widget=forms.TextInput(
            attrs={"inputmode": "numeric", "autocomplete": "off", "class": "form-control num"}
        ),
    )

    def __init__(self, *args: Any, business: dict[str, list[Parcel]], **kwargs: Any) -> None:
        """`business` as `handovers.at_desk` gives it."""
        super().__init__(*args, **kwargs)
        self.business = business
        for parcel in business["in"]:
            self._add_incoming(parcel)
        for way, parcels in (("out", business["out"]), ("back", business["back"])):
            for parcel in parcels:
                self.fields[f"{way}_{parcel.pk}"] = forms.BooleanField(
                    label=f"Bàn giao {parcel.dossier.public_code}", required=False
                )

    def _add_incoming(self, parcel: Parcel) -> None:
        pk = parcel.pk
        wanted = wanted_papers(parcel)
        self.fields[f"in_{pk}"] = forms.BooleanField(label="Kiểm đếm hồ sơ này", required=False, initial=True)
        self.fields[f"seen_{pk}"] = forms.IntegerField(
            widget=forms.HiddenInput, required=False, initial=parcel.last_seq
        )
        self.fields[f"papers_{pk}"] = forms.MultipleChoiceField(
            label="Giấy tờ có đủ",
            choices=[(str(n), p["name"]) for n, p in enumerate(wanted)],
            widget=forms.CheckboxSelectMultiple,
        )
        self.fields[f"guidance_{pk}"] = forms.CharField(
            label="Nếu thiếu: hướng dẫn người nộp hoàn thiện",
            required=False,
            max_length=500,
            widget=forms.Textarea(attrs={"rows": 2}),
        )
        if needs_eid(parcel):
            self.fields[f"eid_{pk}"] = forms.BooleanField(
                label="Đã kiểm tra tài khoản định danh điện tử của chủ hồ sơ", required=False
            )

    def full_clean(self) -> None:
        """An unticked paper is a finding, not a mistake; yet the page does not call the count optional."""
        counted = [field for name, field in self.fields.items() if name.startswith("papers_")]
        for field in counted:
            field.required = False
        super().full_clean()
        for field in counted:
            field.required = True

    def rows(self) -> list[dict[str, Any]]:
        """The incoming parcels with their fields, for the template."""
        return [
            {
                "parcel": p,
                "use": self[f"in_{p.pk}"],
                "seen": self[f"seen_{p.pk}"],
                "papers": self[f"papers_{p.pk}"],
                "guidance": self[f"guidance_{p.pk}"],
                "eid": self[f"eid_{p.pk}"] if needs_eid(p) else None,
            }
            for p in self.business["in"]
        ]

    def ticks(self, way: str) -> list[dict[str, Any]]:
        """The outgoing or returning parcels with their boxes."""
        return [{"parcel": p, "use": self[f"{way}_{p.pk}"]} for p in self.business[way]]

    def facts(self) -> dict[str, Any]:
        """For `handovers.sign`."""
        data = self.cleaned_data
        return {
            "code": data["code"],
            "incoming": [
                Counted(
                    p.pk,
                    frozenset(int(n) for n in data[f"papers_{p.pk}"]),
                    guidance=data[f"guidance_{p.pk}"],
                    eid_checked=bool(data.get(f"eid_{p.pk}")),
                    seen=data[f"seen_{p.pk}"],
                )
                for p in self.business["in"]
                if data[f"in_{p.pk}"]
            ],
            "outgoing": [p.pk for p in self.business["out"] if data[f"out_{p.pk}"]],
            "back": [p.pk for p in self.business["back"] if data[f"back_{p.pk}"]],
        }


def needs_eid(parcel: Parcel) -> bool:
    """Signing is the acceptance only for a dossier of the postal channel not yet accepted (T05)."""
    return parcel.dossier.channel == "post" and parcel.dossier.accepted_at is None


class RemittanceForm(forms.Form):
    """The desk counted the money of a batch."""

    batch = forms.IntegerField(widget=forms.HiddenInput)
    counted = MoneyField(label="Số tiền đếm được (đồng)")
    explanation = forms.CharField(label="Giải trình nếu lệch", required=False, max_length=500)


class GiveBackForm(forms.Form):
    """Papers found short go back to the applicant."""

    note = forms.CharField(label="Người nhận lại và cách trả", max_length=400)
    seen = forms.IntegerField(widget=forms.HiddenInput, required=False)


class EndForm(forms.Form):
    """A request given up or a mishap, with what happened."""

    what = forms.ChoiceField(
        label="Việc",
        choices=[
            ("abandon", "Không nhận được hồ sơ, dừng yêu cầu"),
            ("cancel", "Hủy yêu cầu"),
            ("lost", "Báo thất lạc"),
            ("damaged", "Báo hư hại"),
        ],
    )
    note = forms.CharField(label="Lý do, diễn biến", max_length=400)
    seen = forms.IntegerField(widget=forms.HiddenInput, required=False)


def communes(text: str) -> list[Place]:
    """Communes of today matching what was typed, for a chooser without JavaScript."""
    rows = Place.objects.filter(era="2", level="commune").select_related("parent")
    return list(rows.filter(folded_name__contains=fold(text)).order_by("folded_name")[:30])


class PlaceByName(forms.CharField):
    """A commune typed by name, with its province where the name is not enough: "Việt Trì" or "Việt Trì, Phú Thọ"."""

    def clean(self, value: Any) -> Place | None:
        """The one commune meant. Names are compared without marks and without "phường", "xã"."""
        text = super().clean(value)
        if not text:
            return None
        name, _, province = (part.strip() for part in text.partition(","))
        found = [p for p in communes(_bare(name)) if _bare(p.name) == _bare(name)] or communes(name)
        if province:
            found = [p for p in found if p.parent and fold(province) in p.parent.folded_name]
        if len(found) == 1:
            return found[0]
        if not found:
            raise ValidationError(
                "Không có xã, phường tên này. Viết tên sau 01/7/2025, ví dụ Việt Trì, Phú Thọ"
            )
        some = "; ".join(f"{p.name}, {p.parent.name}" if p.parent else p.name for p in found[:5])
        raise ValidationError(f"Có nhiều nơi cùng tên, ghi thêm tỉnh: {some}")


def _bare(name: str) -> str:
    words = fold(name).split()
    return " ".join(words[1:] if words and words[0] in {"xa", "phuong"} and len(words) > 1 else words)


class _Person(forms.Form):
    def clean_phone(self) -> str:
        """Stored as E.164."""
        try:
            return identifiers.phone(self.cleaned_data["phone"])
        except ValueError as error:
            raise ValidationError(str(error)) from None


class RegisterForm(_Person):
    """Late registration: the code, two of three facts, and where the result shall go (§11.2)."""

    code = forms.CharField(
        label="Mã hồ sơ", max_length=64, widget=forms.TextInput(attrs={"autocomplete": "off"})
    )
    owner_name = forms.CharField(label="Tên chủ hồ sơ", required=False, max_length=200)
    owner_id = forms.CharField(
        label="Số định danh, căn cước của chủ hồ sơ",
        required=False,
        max_length=20,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
    )
    procedure = forms.CharField(
        label="Tên hoặc mã thủ tục",
        required=False,
        max_length=300,
        help_text="Đúng ít nhất hai trong ba thông tin trên.",
    )
    receiver = forms.CharField(label="Người nhận kết quả", max_length=160)
    phone = forms.CharField(
        label="Điện thoại người nhận", max_length=20, widget=forms.TextInput(attrs={"inputmode": "tel"})
    )
    address = forms.CharField(label="Số nhà, thôn, khu, đường", max_length=250)
    place = PlaceByName(label="Xã, phường", help_text="Ví dụ: Việt Trì, Phú Thọ", max_length=120)


class ReceiveForm(_Person):
    """A dossier handed in at a post counter (§24 no. 3)."""

    procedure = forms.CharField(label="Mã thủ tục", max_length=20, help_text="Ví dụ: 1.001193")
    desk = forms.ModelChoiceField(
        label="Bộ phận Một cửa nhận hồ sơ", queryset=Desk.objects.none(), empty_label="Chọn nơi nhận"
    )
    owner_name = forms.CharField(label="Chủ hồ sơ", max_length=200)
    owner_id = forms.CharField(
        label="Số định danh cá nhân của chủ hồ sơ",
        max_length=20,
        widget=forms.TextInput(attrs={"inputmode": "numeric"}),
    )
    submitter_name = forms.CharField(label="Người nộp, nếu khác chủ hồ sơ", required=False, max_length=160)
    authority_note = forms.CharField(label="Giấy ủy quyền", required=False, max_length=250)
    phone = forms.CharField(
        label="Điện thoại", max_length=20, widget=forms.TextInput(attrs={"inputmode": "tel"})
    )
    address = forms.CharField(label="Số nhà, thôn, khu, đường", max_length=250)
    place = PlaceByName(label="Xã, phường", help_text="Ví dụ: Việt Trì, Phú Thọ", max_length=120)
    wants_result = forms.BooleanField(label="Bưu điện mang kết quả về nhà", required=False)

    def __init__(self, *args: Any, desks: Any, **kwargs: Any) -> None:
        """`desks` open today."""
        super().__init__(*args, **kwargs)
        field = self.fields["desk"]
        assert isinstance(field, forms.ModelChoiceField)
        field.queryset = desks

    def clean_procedure(self) -> ProcedureVersion:
        """The version in force."""
        try:
            code = identifiers.procedure_code(self.cleaned_data["procedure"])
        except ValueError as error:
            raise ValidationError(str(error)) from None
        found = Procedure.objects.filter(code=code, current__isnull=False).select_related("current").first()
        if found is None or found.current is None:
            raise ValidationError("Không có thủ tục này, hoặc tỉnh chưa tiếp nhận thủ tục này")
        return found.current

    def clean_owner_id(self) -> str:
        """Twelve digits."""
        try:
            return identifiers.personal_id(self.cleaned_data["owner_id"])
        except ValueError as error:
            raise ValidationError(str(error)) from None
