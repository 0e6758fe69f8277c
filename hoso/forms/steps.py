"""Forms of single steps. A form judges what was typed and names the facts of the step; services judge whether it may be."""

from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.db.models import Count, Q
from django.utils import timezone

from config.widgets import ChoiceLabel
from danhmuc.models import Agency, Component, Position, User
from hoso.models import Document, Dossier
from hoso.services import files, routes
from hoso.services.case import Case


class StepForm(forms.Form):
    """A form with nothing to fill in: the step itself is the whole message. Others stand on it."""

    #: File field → how `documents.take_in` is to file it.
    kinds: dict[str, dict[str, Any]]

    def __init__(self, *args: Any, case: Case, user: User, **kwargs: Any) -> None:
        """`case` is the dossier as the page shows it, `user` who fills the form in."""
        super().__init__(*args, **kwargs)
        self.case, self.user, self.dossier = case, user, case.dossier
        self.kinds = {}
        self.build()

    def build(self) -> None:
        """Fields that depend on the dossier."""

    def add_file(
        self, name: str, label: str, *, hint: str = "", required: bool = False, **filing: Any
    ) -> None:
        """A file field and how its file is kept."""
        self.fields[name] = forms.FileField(
            label=label,
            required=required,
            help_text=hint or "PDF, ảnh JPG, PNG, hoặc tệp Word, Excel.",
            widget=forms.FileInput(attrs={"accept": files.ACCEPTED}),
        )
        self.kinds[name] = filing

    def uploads(self) -> dict[str, UploadedFile]:
        """The files that came with a valid form."""
        return {name: self.cleaned_data[name] for name in self.kinds if self.cleaned_data.get(name)}

    def facts(self) -> dict[str, Any]:
        """The facts of the step beside its note and files."""
        skip = {"note", *self.kinds}
        return {
            key: value
            for key, value in self.cleaned_data.items()
            if key not in skip and value not in (None, "")
        }

    def with_files(self, facts: dict[str, Any]) -> dict[str, Any]:
        """The facts once the files have become documents of the dossier."""
        return facts


def text_area(rows: int = 3) -> forms.Textarea:
    """A few lines."""
    return forms.Textarea(attrs={"rows": rows})


class RemarkForm(StepForm):
    """A step that may be remarked upon."""

    note = forms.CharField(label="Ghi chú", required=False, max_length=2000, widget=text_area(2))


class ReasonForm(StepForm):
    """A step that must be explained."""

    note = forms.CharField(label="Lý do", max_length=2000, widget=text_area(4))


class AcceptForm(StepForm):
    """T03: the owner's e-ID account was checked; for papers that came by post also the joint count."""

    eid_checked = forms.BooleanField(
        label="Đã kiểm tra tài khoản định danh điện tử của chủ hồ sơ",
        error_messages={
            "required": "Kiểm tra tài khoản định danh điện tử của chủ hồ sơ rồi đánh dấu vào ô này"
        },
    )
    note = forms.CharField(label="Ghi chú", required=False, max_length=2000, widget=text_area(2))

    def build(self) -> None:
        """Only a dossier that came by post has been counted with the postman."""
        if self.dossier.eid_checked:
            del self.fields["eid_checked"]
        if self.dossier.channel == Dossier.Channel.POST:
            self.fields["count_complete"] = forms.BooleanField(
                label="Kiểm đếm chung với bưu tá khớp với phiếu gửi", required=True
            )
            self.fields["record_no"] = forms.CharField(label="Số biên bản giao nhận", max_length=40)


class AcceptImmediateForm(AcceptForm):
    """T06: received and answered at once."""

    outcome = forms.ChoiceField(
        label="Kết quả",
        choices=[("granted", "Đồng ý"), ("refused", "Từ chối giải quyết")],
        widget=forms.RadioSelect,
        initial="granted",
    )
    title = forms.CharField(label="Tên văn bản kết quả", required=False, max_length=700)
    body = forms.CharField(label="Nội dung văn bản", required=False, widget=text_area(4))

    def build(self) -> None:
        """The result may be a file that is ready."""
        super().build()
        self.fields["title"].initial = self.dossier.version.result_name
        self.add_file(
            "document", "Hoặc chọn tệp kết quả đã có", kind=Document.Kind.DRAFT_RESULT, title="Kết quả"
        )

    def clean(self) -> dict[str, Any]:
        """A file or a text."""
        data = super().clean() or {}
        if not data.get("document") and not data.get("body") and "document" not in self.errors:
            self.add_error("body", "Soạn nội dung văn bản, hoặc chọn tệp kết quả đã có")
        return data


class RedirectForm(StepForm):
    """T10: which agency is competent; its desk follows from that."""

    agency = forms.ModelChoiceField(
        label="Cơ quan có thẩm quyền", queryset=Agency.objects.none(), empty_label="Chọn cơ quan"
    )
    note = forms.CharField(
        label="Lý do chuyển", max_length=2000, widget=text_area(3), help_text="Người nộp đọc được lý do này."
    )

    def build(self) -> None:
        """Agencies that may resolve the procedure today."""
        from danhmuc.services import resolvers_for

        self.fields["agency"].queryset = resolvers_for(self.dossier.version).exclude(  # type: ignore[attr-defined]
            pk=self.dossier.resolving_agency_id
        )

    def clean(self) -> dict[str, Any]:
        """Find the desk."""
        from danhmuc.services import desk_for

        data = super().clean() or {}
        if agency := data.get("agency"):
            data["desk"] = desk_for(agency)
            if data["desk"] is None:
                self.add_error("agency", "Cơ quan này chưa có Bộ phận Một cửa đang hoạt động")
        return data


def people_in(role: str, agency_id: int) -> Any:
    """Officers in office today in a role at an agency or a division of it, each with the number of open tasks."""
    today = timezone.localdate()
    at = Q(agency_id=agency_id) | Q(agency__parent_id=agency_id, agency__kind__in=Agency.DIVISION_KINDS)
    in_office = Position.objects.filter(at, role=role, valid_from__lte=today).exclude(valid_to__lt=today)
    busy = Count("tasks", filter=Q(tasks__status__in=["sent", "signed_for"]))
    return (
        User.objects.filter(pk__in=in_office.values("user_id"), is_active=True)
        .annotate(busy=busy)
        .order_by("busy", "folded_name")
    )


class PersonField(forms.ModelChoiceField):
    """One of the people in office, with how much each has in hand."""

    def label_from_instance(self, person: Any) -> str:
        """Name, and the open work as the explanation."""
        return ChoiceLabel(person.full_name, f"Đang có {person.busy} việc")


def person_field(label: str) -> PersonField:
    """A radio list of people."""
    return PersonField(label=label, queryset=User.objects.none(), widget=forms.RadioSelect, empty_label=None)


class HandOverForm(RemarkForm):
    """T11: from the desk to the agency, or from an officer to a colleague."""

    def build(self) -> None:
        """An officer names the colleague; the desk sends the dossier to whoever comes next on the route."""
        task = next((t for t in self.case.open_tasks if t.assignee_id == self.user.pk), None)
        transfer = any(t.kind == "transfer" for t in self.case.open_tasks)
        if task is not None and not transfer:
            field = person_field("Người nhận")
            field.queryset = people_in(task.role, task.agency_id).exclude(pk=self.user.pk)
            field.error_messages["required"] = "Chọn người nhận bàn giao"
            self.fields["to_user"] = field
            self.order_fields(["to_user", "note"])
        else:
            names = [(c.name, c.name) for c in components_of(self.dossier)]
            self.fields["papers"] = forms.MultipleChoiceField(
                label="Bản giấy chuyển kèm",
                required=False,
                choices=names,
                widget=forms.CheckboxSelectMultiple,
                help_text="Để trống khi chỉ chuyển hồ sơ điện tử.",
            )
            self.order_fields(["papers", "note"])


class SignForForm(RemarkForm):
    """The receiver of a handover signs for what was sent."""

    def facts(self) -> dict[str, Any]:
        """What is being signed for: the dossier, or the result."""
        waiting = next((h for h in self.case.handovers if h.is_open), None)
        return {"what": waiting.what} if waiting else {}


class AssignForm(RemarkForm):
    """T12: who works on it."""

    def build(self) -> None:
        """People in office in the role of the step to be assigned."""
        target = next((t for t in self.case.open_tasks if t.kind in {"work", "review"}), None) or next(
            (t for t in self.case.tasks if t.kind in {"work", "review"} and t.status == "waiting"), None
        )
        field = person_field("Người thụ lý")
        field.error_messages["required"] = "Chọn người thụ lý"
        if target is not None:
            field.queryset = people_in(target.role, target.agency_id)
            field.initial = target.assignee_id
        self.fields["assignee"] = field
        self.order_fields(["assignee", "note"])


def components_of(dossier: Dossier) -> list[Component]:
    """The papers of the dossier's version in their order, without the electronic form."""
    return [c for c in routes.version_parts(dossier.version_id)[1] if not c.is_eform]
