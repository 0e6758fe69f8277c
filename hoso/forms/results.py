"""Forms around the result: comparing papers, deciding, issuing, handing out, putting right, taking money."""

import re
from typing import Any

from django import forms

from config.formats import vnd
from config.widgets import ChoiceLabel, MoneyField
from danhmuc.identifiers import personal_id
from hoso.forms.steps import ReasonForm, RemarkForm, StepForm, components_of, text_area
from hoso.lifecycle import Outcome
from hoso.models import Charge, Document, Payment


class ReceivePapersForm(RemarkForm):
    """The paper set reached the desk and was counted."""

    def build(self) -> None:
        """The papers of the published list."""
        self.fields["papers"] = forms.MultipleChoiceField(
            label="Giấy tờ đã nhận",
            choices=[(c.name, c.name) for c in components_of(self.dossier)],
            widget=forms.CheckboxSelectMultiple,
            error_messages={"required": "Đánh dấu từng giấy tờ đã nhận"},
        )
        self.order_fields(["papers", "note"])


class CheckPapersForm(StepForm):
    """Each original beside its e-copy: the same, or what differs (PT 13.1)."""

    def build(self) -> None:
        """A row for each paper that was handed in electronically or listed as received."""
        have = {d.component_id for d in self.case.current_documents}
        listed = {
            name for e in self.case.events if e.name == "receive_papers" for name in e.data.get("papers", [])
        }
        papers = [c for c in components_of(self.dossier) if c.pk in have or c.name in listed]
        self.row_keys = [(str(c.pk), c) for c in papers or components_of(self.dossier)]
        for key, component in self.row_keys:
            self.fields[f"matches_{key}"] = forms.TypedChoiceField(
                label=component.name,
                choices=[("yes", "Khớp"), ("no", "Khác bản điện tử")],
                coerce=lambda value: value == "yes",
                widget=forms.RadioSelect,
                error_messages={"required": f"Chọn kết quả đối chiếu: {component.name}"},
            )
            self.fields[f"note_{key}"] = forms.CharField(
                label=f"Điểm khác: {component.name}", required=False, max_length=500
            )

    def rows(self) -> list[dict[str, Any]]:
        """The rows for the template."""
        return [
            {"component": c, "matches": self[f"matches_{key}"], "note": self[f"note_{key}"]}
            for key, c in self.row_keys
        ]

    def clean(self) -> dict[str, Any]:
        """What differs is described."""
        data = super().clean() or {}
        for key, component in self.row_keys:
            if data.get(f"matches_{key}") is False and not data.get(f"note_{key}"):
                self.add_error(f"note_{key}", f"Ghi điểm khác của “{component.name}”")
        return data

    def facts(self) -> dict[str, Any]:
        """One item a paper."""
        return {
            "items": [
                {
                    "name": component.name,
                    "matches": self.cleaned_data[f"matches_{key}"],
                    "note": self.cleaned_data[f"note_{key}"],
                }
                for key, component in self.row_keys
            ]
        }


class DocumentField(forms.ModelChoiceField):
    """One of the dossier's files."""

    def label_from_instance(self, document: Document) -> str:
        """File name, with who added it."""
        return ChoiceLabel(document.name, f"{document.added_by.full_name} tải lên")


class DecideForm(StepForm):
    """T20: the outcome, and the document that says it."""

    outcome = forms.ChoiceField(label="Kết quả giải quyết", choices=Outcome.choices, widget=forms.RadioSelect)
    document = DocumentField(
        label="Văn bản kết quả",
        queryset=Document.objects.none(),
        required=False,
        widget=forms.RadioSelect,
        empty_label="Soạn theo mẫu dưới đây",
    )
    title = forms.CharField(label="Tên văn bản", required=False, max_length=700)
    body = forms.CharField(
        label="Nội dung văn bản",
        required=False,
        widget=text_area(6),
        help_text="Dùng khi không chọn tệp dự thảo. Số, ngày và phần đầu văn bản hệ thống tự ghi.",
    )
    note = forms.CharField(
        label="Ý kiến của người ký",
        required=False,
        max_length=2000,
        widget=text_area(2),
        help_text="Bắt buộc khi từ chối: ghi lý do và căn cứ.",
    )

    def build(self) -> None:
        """Start from what the case officer proposed."""
        drafts = self.dossier.documents.filter(
            kind=Document.Kind.DRAFT_RESULT, replaced_by=None, removed_at=None
        ).select_related("added_by")
        field = self.fields["document"]
        field.queryset = drafts.order_by("-pk")  # type: ignore[attr-defined]
        latest = next(
            (d for d in reversed(self.case.current_documents) if d.kind == Document.Kind.DRAFT_RESULT), None
        )
        if latest is None:
            del self.fields["document"]
            self.fields["title"].required = self.fields["body"].required = True
            self.fields["body"].help_text = "Số, ngày và phần đầu văn bản hệ thống tự ghi."
        else:
            field.initial = latest.pk
        proposed = [e.data["proposed_outcome"] for e in self.case.events if e.data.get("proposed_outcome")]
        self.fields["outcome"].initial = proposed[-1] if proposed else Outcome.GRANTED
        self.fields["title"].initial = self.dossier.version.result_title

    def clean(self) -> dict[str, Any]:
        """A decision is a document; a refusal gives its reason."""
        data = super().clean() or {}
        if "document" in self.fields and not data.get("document") and not data.get("body", "").strip():
            self.add_error("body", "Soạn nội dung văn bản, hoặc chọn tệp dự thảo")
        if data.get("outcome") == Outcome.REFUSED and not data.get("note", "").strip():
            self.add_error("note", "Ghi lý do và căn cứ từ chối")
        return data


class CompleteForm(StepForm):
    """T21: to whom the result was given."""

    RELATIONS = (
        ("chính chủ", "Chủ hồ sơ"),
        ("người được ủy quyền", "Người được ủy quyền"),
        ("người đại diện", "Người đại diện theo pháp luật"),
    )
    receiver_name = forms.CharField(label="Họ và tên người nhận", max_length=160)
    receiver_id = forms.CharField(
        label="Số giấy tờ người nhận",
        max_length=20,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "class": "form-control num"}),
        help_text="Số căn cước 12 chữ số đã xem bản gốc.",
    )
    relation = forms.ChoiceField(
        label="Nhận với tư cách", choices=RELATIONS, widget=forms.RadioSelect, initial="chính chủ"
    )
    authority_note = forms.CharField(
        label="Giấy ủy quyền, giấy tờ đại diện",
        required=False,
        max_length=250,
        help_text="Số, ngày, nơi chứng thực; bắt buộc khi không phải chủ hồ sơ.",
    )

    def build(self) -> None:
        """Mostly the owner."""
        self.fields["receiver_name"].initial = self.dossier.submitter_name or self.dossier.owner_name
        self.fields["receiver_id"].initial = self.dossier.submitter_id or self.dossier.owner_id

    def clean_receiver_id(self) -> str:
        """Twelve digits; a passport number for those who have no other paper."""
        typed = self.cleaned_data["receiver_id"].strip().upper()
        if re.fullmatch(r"[A-Z][A-Z0-9]{5,14}", typed, re.ASCII):
            return typed
        try:
            return personal_id(typed)
        except ValueError as wrong:
            raise forms.ValidationError(str(wrong).rstrip(".")) from None

    def clean(self) -> dict[str, Any]:
        """Somebody else brings an authorisation."""
        data = super().clean() or {}
        if data.get("relation") not in {None, "chính chủ"} and not data.get("authority_note"):
            self.add_error("authority_note", "Ghi số, ngày giấy ủy quyền hoặc giấy tờ đại diện")
        return data


class ReportErrorForm(StepForm):
    """T23: what is wrong in the result, and who found it."""

    found_by = forms.ChoiceField(
        label="Ai phát hiện",
        choices=[("applicant", "Người dân"), ("agency", "Cơ quan")],
        widget=forms.RadioSelect,
        initial="applicant",
    )
    error = forms.CharField(label="Sai sót cần đính chính", widget=text_area(4), max_length=4000)

    def facts(self) -> dict[str, Any]:
        """The result that is wrong is the latest one."""
        old = next((d for d in reversed(self.case.current_documents) if d.kind == Document.Kind.RESULT), None)
        return {"old_document": old, **super().facts()}

    def clean(self) -> dict[str, Any]:
        """The error is the step's note too."""
        data = super().clean() or {}
        data["note"] = data.get("error", "")
        return data


class CorrectionForm(RemarkForm):
    """T23: the corrected result."""

    def build(self) -> None:
        """A file."""
        self.add_file(
            "document",
            "Văn bản kết quả đã đính chính",
            required=True,
            kind=Document.Kind.RESULT,
            title="Kết quả đã đính chính",
        )
        self.order_fields(["document", "note"])


class PaymentForm(StepForm):
    """Money taken at the desk. The amount is that of the charges; the officer confirms it."""

    def build(self) -> None:
        """The charges still due."""
        due = self.case.due_charges
        self.fields["charges"] = forms.TypedMultipleChoiceField(
            label="Khoản thu",
            coerce=int,
            choices=[(c.seq, ChoiceLabel(c.name, c.basis, c.amount)) for c in due],
            widget=forms.CheckboxSelectMultiple,
            initial=[c.seq for c in due],
            error_messages={"required": "Chọn khoản thu"},
        )
        self.fields["method"] = forms.ChoiceField(
            label="Hình thức thu",
            choices=[(m.value, m.label) for m in (Payment.Method.CASH_DESK, Payment.Method.TRANSFER)],
            widget=forms.RadioSelect,
            initial=Payment.Method.CASH_DESK,
        )
        self.fields["amount"] = MoneyField(
            label="Số tiền đã nhận", initial=sum(c.amount for c in due), min_value=1
        )
        self.due: list[Charge] = due

    def clean(self) -> dict[str, Any]:
        """What was received is what is owed."""
        data = super().clean() or {}
        total = sum(c.amount for c in self.due if c.seq in data.get("charges", []))
        if data.get("amount") and data.get("charges") and data["amount"] != total:
            self.add_error("amount", f"Các khoản đã chọn cộng lại là {vnd(total)}")
        return data

    def facts(self) -> dict[str, Any]:
        """One reference a page shown, so that a double click takes the money once."""
        reference = f"TQ-{self.dossier.submission_ref}-{self.dossier.last_seq}"
        return {**super().facts(), "reference": reference}


class WithdrawForm(ReasonForm):
    """T22 at the desk, for an applicant who came in person."""

    def facts(self) -> dict[str, Any]:
        """The history says for whom."""
        return {"on_behalf_of": self.dossier.submitter_name or self.dossier.owner_name}
