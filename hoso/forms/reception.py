"""The counter's one page: who applies, which papers lie on the desk, how the result goes back."""

import re
from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.db.models import QuerySet

from config.formats import vnd
from config.widgets import ChoiceLabel
from danhmuc import identifiers
from danhmuc.models import Agency, Component, Desk, ProcedureVersion
from danhmuc.text import nfc
from hoso.models import Charge, Document, Dossier
from hoso.services import files, routes

_PASSPORT = re.compile(r"[A-Z][A-Z0-9]{5,14}", re.ASCII)
#: What of the form is kept on a draft, by the dossier's own names.
KEPT = (
    "owner_kind",
    "owner_name",
    "owner_id",
    "phone",
    "email",
    "address",
    "submitter_name",
    "submitter_id",
    "authority_note",
    "summary",
    "return_by",
)


def identity(text: str, kind: str) -> str:
    """The stored form of a person's or organisation's number; ValidationError says what is wrong."""
    typed = text.strip().upper()
    if kind == Dossier.OwnerKind.PERSON and _PASSPORT.fullmatch(typed):
        return typed
    check = identifiers.tax_code if kind == Dossier.OwnerKind.ORGANISATION else identifiers.personal_id
    try:
        return check(typed)
    except ValueError as wrong:
        raise forms.ValidationError(str(wrong).rstrip(".")) from None


class ReceptionForm(forms.Form):
    """One dossier at the counter. With `lenient` nothing is required: that is “Lưu tạm”."""

    use_required_attribute = False

    desk = forms.ModelChoiceField(label="Bộ phận Một cửa", queryset=Desk.objects.none(), empty_label=None)
    agency = forms.ModelChoiceField(
        label="Cơ quan giải quyết", queryset=Agency.objects.none(), empty_label="Chọn cơ quan"
    )
    owner_kind = forms.ChoiceField(label="Chủ hồ sơ là", choices=Dossier.OwnerKind.choices, initial="person")
    owner_id = forms.CharField(
        label="Số căn cước, mã số thuế",
        max_length=20,
        widget=forms.TextInput(
            attrs={
                "inputmode": "numeric",
                "class": "form-control num",
                "data-key": "F4",
                "autocomplete": "off",
            }
        ),
    )
    owner_name = forms.CharField(label="Họ và tên, tên tổ chức", max_length=200)
    phone = forms.CharField(
        label="Điện thoại",
        max_length=20,
        widget=forms.TextInput(
            attrs={"inputmode": "tel", "class": "form-control num", "autocomplete": "off"}
        ),
    )
    email = forms.EmailField(label="Thư điện tử", required=False)
    address = forms.CharField(label="Địa chỉ", max_length=300)
    acting = forms.ChoiceField(
        label="Nộp với tư cách",
        choices=[("owner", "Chủ hồ sơ"), ("representative", "Người được ủy quyền, đại diện")],
        initial="owner",
    )
    submitter_name = forms.CharField(label="Họ và tên người nộp", required=False, max_length=160)
    submitter_id = forms.CharField(
        label="Số căn cước người nộp",
        required=False,
        max_length=20,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "class": "form-control num"}),
    )
    authority_note = forms.CharField(label="Giấy ủy quyền, đại diện", required=False, max_length=250)
    summary = forms.CharField(label="Nội dung yêu cầu (trích yếu)", required=False, max_length=1000)
    return_by = forms.ChoiceField(label="Nhận kết quả", initial=Dossier.ReturnBy.COUNTER)
    delivery_address = forms.CharField(
        label="Địa chỉ nhận kết quả qua bưu điện",
        required=False,
        max_length=300,
        help_text="Để trống nếu là địa chỉ ở trên.",
    )
    eid_checked = forms.BooleanField(
        label="Đã kiểm tra tài khoản định danh điện tử của chủ hồ sơ",
        required=False,
    )
    collected = forms.BooleanField(label="Đã thu đủ phí, lệ phí bằng tiền mặt", required=False)

    fee_shown = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def __init__(
        self,
        *args: Any,
        version: ProcedureVersion,
        desks: QuerySet[Desk],
        agencies: QuerySet[Agency],
        owing: list[Charge],
        lenient: bool = False,
        **kwargs: Any,
    ) -> None:
        """`owing` is what accepting would charge the owner named so far."""
        super().__init__(*args, **kwargs)
        self.version, self.owing = version, owing
        taken_now = version.fee_timing in {"at_intake", "before_intake"}
        self.fees = sum(charge.amount for charge in owing) if taken_now else 0
        self.components: list[Component] = [c for c in routes.version_parts(version.pk)[1] if not c.is_eform]
        self.fields["desk"].queryset = desks  # type: ignore[attr-defined]
        if len(desks) == 1:
            self.fields["desk"].widget = forms.HiddenInput()
        self.fields["agency"].queryset = agencies  # type: ignore[attr-defined]
        ways = [
            (Dossier.ReturnBy.COUNTER, ChoiceLabel("Bộ phận Một cửa")),
            (Dossier.ReturnBy.ELECTRONIC, ChoiceLabel("Bản điện tử")),
        ]
        if version.postal_return_allowed:
            ways.insert(1, (Dossier.ReturnBy.POST, ChoiceLabel("Nhà, qua bưu điện")))
        self.fields["return_by"].choices = ways  # type: ignore[attr-defined]
        if not self.fees:
            del self.fields["collected"]
        for component in self.components:
            self._row(component)
        if lenient:
            for field in self.fields.values():
                field.required = False

    def _row(self, component: Component) -> None:
        key, short = component.pk, component.name[:80]
        self.fields[f"have_{key}"] = forms.BooleanField(label=f"Đủ: {short}", required=False)
        self.fields[f"copy_{key}"] = forms.ChoiceField(
            label=f"Loại bản: {short}", choices=Document.CopyKind.choices, required=False, initial="original"
        )
        self.fields[f"count_{key}"] = forms.IntegerField(
            label=f"Số bản: {short}",
            min_value=0,
            max_value=99,
            required=False,
            initial=max(component.originals, component.copies, 1),
            widget=forms.TextInput(attrs={"inputmode": "numeric", "class": "form-control num", "size": 2}),
        )
        self.fields[f"scan_{key}"] = forms.FileField(
            label=f"Bản quét: {short}",
            required=False,
            widget=forms.FileInput(attrs={"accept": files.ACCEPTED}),
        )

    def rows(self) -> list[dict[str, Any]]:
        """The checklist for the template."""
        return [
            {
                "component": c,
                "have": self[f"have_{c.pk}"],
                "copy": self[f"copy_{c.pk}"],
                "count": self[f"count_{c.pk}"],
                "scan": self[f"scan_{c.pk}"],
            }
            for c in self.components
        ]

    def scans(self) -> list[tuple[Component, str, UploadedFile]]:
        """(paper, kind of copy, file) of the scans that came with the page."""
        found = []
        for component in self.components:
            upload = self.files.get(f"scan_{component.pk}")
            if upload:
                kind = self.data.get(f"copy_{component.pk}") or Document.CopyKind.PHOTO
                found.append(
                    (component, kind if kind in Document.CopyKind.values else Document.CopyKind.PHOTO, upload)
                )
        return found

    def clean_owner_name(self) -> str:
        """Unicode as everybody stores it."""
        return nfc(self.cleaned_data["owner_name"])

    def clean_phone(self) -> str:
        """E.164."""
        return self._checked("phone", identifiers.phone)

    def _checked(self, name: str, check: Any) -> str:
        typed = self.cleaned_data[name]
        if not typed:
            return ""
        try:
            return str(check(typed))
        except ValueError as wrong:
            raise forms.ValidationError(str(wrong).rstrip(".")) from None

    def clean(self) -> dict[str, Any]:
        """Numbers by the kind of owner; a representative is named; the post needs an address."""
        data = super().clean() or {}
        if data.get("owner_id"):
            self._identity("owner_id", data.get("owner_kind", "person"))
        if data.get("acting") == "representative":
            for name in ("submitter_name", "submitter_id", "authority_note"):
                if self.fields["owner_name"].required and not data.get(name) and name not in self.errors:
                    label = str(self.fields[name].label)
                    self.add_error(name, f"Nhập {label[:1].lower()}{label[1:]}")
            if data.get("submitter_id"):
                self._identity("submitter_id", "person")
        else:
            data["submitter_name"], data["submitter_id"] = (
                data.get("owner_name", ""),
                data.get("owner_id", ""),
            )
            data["authority_note"] = ""
        self._judge_money(data)
        return data

    def _judge_money(self, data: dict[str, Any]) -> None:
        """Cash was counted by what the page showed; when the owner named since owes less or more, it is counted anew."""
        shown = data.get("fee_shown")
        if self.data.get("collected") and shown is not None and shown != self.fees:
            words = f"Số phải thu của chủ hồ sơ này là {vnd(self.fees)}, không phải {vnd(shown)}"
            after = "Đếm lại tiền rồi bấm tiếp nhận" if self.fees else "Trả lại tiền rồi bấm tiếp nhận"
            self.add_error("collected" if self.fees else None, f"{words}. {after}")

    def _identity(self, name: str, kind: str) -> None:
        try:
            self.cleaned_data[name] = identity(self.cleaned_data[name], kind)
        except forms.ValidationError as wrong:
            self.add_error(name, wrong)

    def kept(self) -> dict[str, Any]:
        """What of the page goes onto the draft; fields that are wrong stay on the page alone."""
        return {
            name: self.cleaned_data[name] for name in KEPT if self.cleaned_data.get(name) not in (None, "")
        }

    def papers_text(self) -> str:
        """The papers ticked, in words for the history: name, kind of copy, number."""
        kinds = dict(Document.CopyKind.choices)
        lines = [
            f"{c.name} ({kinds.get(self.cleaned_data.get(f'copy_{c.pk}') or '', 'bản chụp').lower()}, "
            f"{self.cleaned_data.get(f'count_{c.pk}') or 1})"
            for c in self.components
            if self.cleaned_data.get(f"have_{c.pk}")
        ]
        return f"Giấy tờ nhận tại quầy: {'; '.join(lines)}." if lines else ""

    def papers(self) -> list[str]:
        """Names of the papers ticked."""
        return [c.name for c in self.components if self.cleaned_data.get(f"have_{c.pk}")]

    def absent(self) -> list[Component]:
        """Papers not ticked that the procedure requires."""
        return [c for c in self.components if c.required and not self.cleaned_data.get(f"have_{c.pk}")]
