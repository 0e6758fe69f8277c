"""Forms of the work on a dossier: opinions, requests to the applicant, money owed, waiting and going on."""

from datetime import datetime, time
from typing import Any

from django import forms
from django.utils import timezone

from config.widgets import MoneyField, VietnameseDateField
from danhmuc.models import Agency
from hoso.forms.steps import ReasonForm, RemarkForm, StepForm, components_of, text_area
from hoso.models import Document, Supplement, SupplementItem
from hoso.services import routes
from hoso.services.errors import Refused

EXTRA_ROWS = 2


class ItemsForm(StepForm):
    """What the applicant has to complete: paper by paper, each with a reason and what exactly is wrong (T07, T14)."""

    guidance = forms.CharField(
        label="Hướng dẫn chung cho người nộp",
        required=False,
        max_length=4000,
        widget=text_area(3),
        help_text="Hướng dẫn đầy đủ trong một lần: giấy tờ thế nào là đạt, nộp lại ở đâu, bằng cách nào.",
    )

    def build(self) -> None:
        """A row for each paper of the published list, and two for information outside it."""
        self.row_keys: list[tuple[str, Any]] = []
        reasons = [("", "Chọn lý do"), *SupplementItem.Reason.choices]
        for component in components_of(self.dossier):
            key = f"c{component.pk}"
            self.row_keys.append((key, component))
            self._row(key, component.name, reasons)
        for number in range(1, EXTRA_ROWS + 1):
            key = f"n{number}"
            self.row_keys.append((key, None))
            label = f"Nội dung khác {number}"
            self.fields[f"name_{key}"] = forms.CharField(label=label, required=False, max_length=1000)
            self._row(key, label, reasons)
        kind = Supplement.Kind.INTAKE if self.before_acceptance else Supplement.Kind.PROCESSING
        if any(s.kind == kind and s.status != Supplement.Status.DROPPED for s in self.case.supplements):
            self.fields["override_reason"] = forms.CharField(
                label="Lý do phải yêu cầu lần nữa",
                max_length=500,
                widget=text_area(2),
                help_text="Hồ sơ đã được yêu cầu một lần. Lý do này vào báo cáo.",
            )

    @property
    def before_acceptance(self) -> bool:
        """Whether the dossier has not been accepted yet."""
        return self.dossier.accepted_at is None

    def _row(self, key: str, name: str, reasons: list[tuple[str, str]]) -> None:
        short = name if len(name) <= 80 else f"{name[:77]}…"
        self.fields[f"pick_{key}"] = forms.BooleanField(label=short, required=False)
        self.fields[f"reason_{key}"] = forms.ChoiceField(
            label=f"Lý do: {short}", required=False, choices=reasons
        )
        self.fields[f"explain_{key}"] = forms.CharField(
            label=f"Cụ thể: {short}", required=False, max_length=1000, widget=text_area(2)
        )

    def rows(self) -> list[dict[str, Any]]:
        """The rows for the template: the paper and its bound fields."""
        return [
            {
                "component": component,
                "name": self[f"name_{key}"] if component is None else None,
                "pick": self[f"pick_{key}"],
                "reason": self[f"reason_{key}"],
                "explain": self[f"explain_{key}"],
            }
            for key, component in self.row_keys
        ]

    def single_fields(self) -> list[forms.BoundField]:
        """Fields outside the rows."""
        row_fields = {
            f"{part}_{key}" for key, _ in self.row_keys for part in ("pick", "reason", "explain", "name")
        }
        return [self[name] for name in self.fields if name not in row_fields]

    def clean(self) -> dict[str, Any]:
        """Every row that is ticked or has words becomes an item; it must say what is wrong."""
        data = super().clean() or {}
        items: list[dict[str, Any]] = []
        for key, component in self.row_keys:
            reason, words = data.get(f"reason_{key}", ""), data.get(f"explain_{key}", "")
            name = component.name if component else data.get(f"name_{key}", "")
            if not (data.get(f"pick_{key}") or reason or words or (component is None and name)):
                continue
            if not name:
                self.add_error(f"name_{key}", "Nhập tên giấy tờ hoặc thông tin cần bổ sung")
            if not reason:
                self.add_error(f"reason_{key}", f"Chọn lý do của mục “{name or 'khác'}”")
            if not words:
                self.add_error(f"explain_{key}", f"Ghi cụ thể mục “{name or 'khác'}” thiếu hoặc sai gì")
            items.append({"component": component, "name": name, "reason": reason, "explanation": words})
        if not items:
            self.add_error(None, "Chọn ít nhất một giấy tờ hoặc nội dung cần bổ sung, kèm lý do")
        self.items = items
        return data

    def facts(self) -> dict[str, Any]:
        """Items with their reasons, and what is said beside them."""
        extra = ("guidance", "override_reason", "phone_call_note")
        return {"items": self.items} | {k: self.cleaned_data[k] for k in extra if self.cleaned_data.get(k)}


class AskCompletionForm(ItemsForm):
    """T07: said once, by e-mail and by a telephone call that is noted (NĐ118 17.2a)."""

    phone_call_note = forms.CharField(
        label="Ghi nhận cuộc gọi cho người nộp",
        required=False,
        max_length=250,
        help_text="Ví dụ: đã gọi 09:10, bà Hương nghe máy, hẹn gửi trong ngày. Để trống nếu chưa gọi.",
    )


class ResubmitForm(StepForm):
    """T08 at the counter: what the applicant brings for each item asked."""

    def build(self) -> None:
        """An answer and a scan for each item."""
        supplement = self.case.open_supplement
        self.items = [
            i for i in self.case.items if supplement is not None and i.supplement_id == supplement.pk
        ]
        for item in self.items:
            self.fields[f"text_{item.order}"] = forms.CharField(
                label=f"{item.order}. {item.name}",
                required=False,
                max_length=2000,
                widget=text_area(2),
                help_text=f"Đã yêu cầu: {item.explanation}",
            )
            self.add_file(
                f"file_{item.order}",
                f"Bản quét: {item.name[:80]}",
                kind=Document.Kind.SCAN,
                component=item.component,
                title=item.name,
            )

    def clean(self) -> dict[str, Any]:
        """Every item is answered in words or by a paper."""
        data = super().clean() or {}
        for item in self.items:
            if not data.get(f"text_{item.order}") and not data.get(f"file_{item.order}"):
                self.add_error(
                    f"text_{item.order}", f"Ghi cách hoàn thiện hoặc chọn bản quét của “{item.name}”"
                )
        return data

    def facts(self) -> dict[str, Any]:
        """Answers by item; history says for whom the officer acted."""
        answers = {i.order: {"text": self.cleaned_data.get(f"text_{i.order}", "")} for i in self.items}
        return {"answers": answers, "on_behalf_of": self.dossier.submitter_name or self.dossier.owner_name}

    def with_files(self, facts: dict[str, Any]) -> dict[str, Any]:
        """Each scan beside the answer of its item."""
        for item in self.items:
            document = facts.pop(f"file_{item.order}", None)
            if document is not None:
                facts["answers"][item.order]["document"] = document
        return facts


class FinishTaskForm(StepForm):
    """An officer ends the own step: opinion, proposal and draft."""

    result = forms.CharField(
        label="Ý kiến thẩm định",
        widget=text_area(5),
        max_length=10000,
        help_text="Ghi căn cứ và kết luận; người ký và thanh tra đọc được.",
    )

    def build(self) -> None:
        """A proposal and a draft belong to the main work, not to an opinion given to others."""
        task = own_task(self)
        self.task = task
        if task is not None and task.kind in {"work", "review"}:
            self.fields["proposed_outcome"] = forms.ChoiceField(
                label="Đề xuất kết quả",
                choices=[
                    ("granted", "Đồng ý"),
                    ("partly_granted", "Đồng ý một phần"),
                    ("refused", "Từ chối giải quyết"),
                ],
                widget=forms.RadioSelect,
                initial="granted",
            )
            self.add_file(
                "draft",
                "Dự thảo kết quả",
                hint="Tệp PDF để lãnh đạo xem và ký. Có thể bỏ trống: lãnh đạo soạn theo mẫu khi ký.",
                kind=Document.Kind.DRAFT_RESULT,
                title="Dự thảo kết quả",
            )
        elif task is not None and task.kind in {"consult", "partner"}:
            self.fields["result"].label = "Ý kiến trả lời"
        elif task is not None and task.kind == "visit":
            self.fields["result"].label = "Kết quả kiểm tra thực địa"

    def facts(self) -> dict[str, Any]:
        """The running step is named, so that a second one is not ended by mistake."""
        found = super().facts()
        if self.task is not None:
            found["task"] = self.task.seq
        return found


def own_task(form: StepForm) -> Any:
    """The open step of the person who fills the form in, or None."""
    try:
        return routes.task_for(form.case, form.user)
    except Refused:
        return None


class ConsultForm(StepForm):
    """T13: who is asked, what, and until when (NĐ118 19.4)."""

    agency = forms.ModelChoiceField(
        label="Cơ quan được hỏi", queryset=Agency.objects.none(), empty_label="Chọn cơ quan"
    )
    content = forms.CharField(label="Nội dung cần cho ý kiến", widget=text_area(4), max_length=4000)
    until = VietnameseDateField(label="Trả lời trước hết ngày")
    needed = forms.BooleanField(label="Phải có ý kiến này mới ký được kết quả", required=False, initial=True)

    def build(self) -> None:
        """Agencies that exist today and answer outwardly."""
        self.fields["agency"].queryset = (  # type: ignore[attr-defined]
            Agency.objects.valid_on(timezone.localdate())
            .exclude(kind__in=Agency.DIVISION_KINDS)
            .exclude(level__in=[Agency.Level.POST, Agency.Level.MINISTRY])
            .filter(desk=None)
            .exclude(pk=self.dossier.resolving_agency_id)
        )

    def clean_until(self) -> Any:
        """A working day from today on."""
        return _future_day(self, self.cleaned_data["until"])

    def facts(self) -> dict[str, Any]:
        """The deadline is the end of that working day."""
        data = self.cleaned_data
        return {
            "agency": data["agency"],
            "content": data["content"],
            "due_at": end_of(self, data["until"]),
            "needed": data["needed"],
        }


class VisitForm(StepForm):
    """T13: a visit; the applicant is told time, place and content."""

    visit_on = VietnameseDateField(label="Ngày kiểm tra")
    visit_time = forms.TimeField(
        label="Giờ kiểm tra",
        input_formats=["%H:%M", "%H.%M", "%Hh%M"],
        widget=forms.TextInput(attrs={"inputmode": "numeric", "class": "form-control num"}),
        help_text="Ví dụ 09:30",
        error_messages={"invalid": "Giờ kiểm tra ghi theo 24 giờ, ví dụ 09:30"},
    )
    place = forms.CharField(label="Địa điểm", max_length=300)
    participants = forms.CharField(label="Thành phần tham gia", max_length=500)
    content = forms.CharField(label="Nội dung kiểm tra", widget=text_area(3), max_length=4000)

    def build(self) -> None:
        """The place is mostly the applicant's."""
        self.fields["place"].initial = self.dossier.address

    def clean_visit_on(self) -> Any:
        """From today on."""
        return _future_day(self, self.cleaned_data["visit_on"], working=False)

    def facts(self) -> dict[str, Any]:
        """The visit is done by the end of its day."""
        data = self.cleaned_data
        at = timezone.make_aware(datetime.combine(data["visit_on"], data["visit_time"]))
        return {
            "agency": self.dossier.resolving_agency,
            "content": data["content"],
            "place": data["place"],
            "participants": data["participants"],
            "visit_at": at,
            "due_at": max(at, timezone.make_aware(datetime.combine(data["visit_on"], time(17)))),
            "needed": True,
        }


def _future_day(form: StepForm, day: Any, *, working: bool = True) -> Any:
    if day < timezone.localdate():
        raise forms.ValidationError("Chọn ngày từ hôm nay trở đi")
    calendar = form.case.law.calendar(form.dossier.resolving_agency, timezone.now())
    if working and not calendar.is_working_day(day):
        raise forms.ValidationError("Ngày này không phải ngày làm việc; chọn ngày làm việc khác")
    return day


def end_of(form: StepForm, day: Any) -> datetime:
    """Closing time of a working day at the resolving agency."""
    return form.case.law.calendar(form.dossier.resolving_agency, timezone.now()).closing(day)


class SignHoldForm(StepForm):
    """The approver signs the proposed request, or sends it back with the reason."""

    agreed = forms.TypedChoiceField(
        label="Quyết định",
        choices=[("yes", "Ký phiếu yêu cầu bổ sung"), ("no", "Không ký, trả lại người đề xuất")],
        coerce=lambda value: value == "yes",
        widget=forms.RadioSelect,
    )
    note = forms.CharField(
        label="Ý kiến",
        required=False,
        max_length=2000,
        widget=text_area(3),
        help_text="Phải ghi lý do khi không ký.",
    )

    def clean(self) -> dict[str, Any]:
        """A refusal is explained."""
        data = super().clean() or {}
        if data.get("agreed") is False and not data.get("note"):
            self.add_error("note", "Ghi lý do không ký")
        return data


class ObligationsForm(StepForm):
    """T17: what is owed, in whole đồng, with its basis."""

    ROWS = 3

    def build(self) -> None:
        """Three lines; the first must be filled."""
        for n in range(1, self.ROWS + 1):
            self.fields[f"name_{n}"] = forms.CharField(label=f"Khoản {n}", required=n == 1, max_length=250)
            self.fields[f"amount_{n}"] = MoneyField(label=f"Số tiền khoản {n}", required=n == 1, min_value=1)
            self.fields[f"basis_{n}"] = forms.CharField(
                label=f"Căn cứ khoản {n} (số, ngày văn bản)",
                required=n == 1,
                max_length=250,
            )

    def clean(self) -> dict[str, Any]:
        """A line is whole or empty."""
        data = super().clean() or {}
        for n in range(2, self.ROWS + 1):
            if data.get(f"name_{n}") and not data.get(f"amount_{n}"):
                self.add_error(f"amount_{n}", f"Nhập số tiền khoản {n}")
            if data.get(f"amount_{n}") and not data.get(f"name_{n}"):
                self.add_error(f"name_{n}", f"Nhập tên khoản {n}")
        return data

    def facts(self) -> dict[str, Any]:
        """The filled lines."""
        data = self.cleaned_data
        return {
            "obligations": [
                {"name": data[f"name_{n}"], "amount": data[f"amount_{n}"], "basis": data[f"basis_{n}"]}
                for n in range(1, self.ROWS + 1)
                if data.get(f"name_{n}")
            ]
        }


class ResumeForm(RemarkForm):
    """T15, T18: all is there, the clock runs again."""

    def build(self) -> None:
        """Papers brought to the counter are confirmed; those sent online speak for themselves."""
        supplement = self.case.open_supplement
        if supplement is not None and supplement.status == Supplement.Status.SENT:
            self.fields["received_at_desk"] = forms.BooleanField(
                label="Đã nhận đủ giấy tờ bổ sung tại quầy",
                error_messages={
                    "required": "Người nộp chưa gửi bổ sung trực tuyến; đánh dấu khi đã nhận đủ tại quầy"
                },
            )
            self.order_fields(["received_at_desk", "note"])


class ExtendForm(StepForm):
    """T19: how many working days more, and why."""

    value = forms.IntegerField(
        label="Số ngày làm việc xin gia hạn",
        min_value=1,
        max_value=180,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "class": "form-control num"}),
        error_messages={"invalid": "Nhập số ngày bằng chữ số, ví dụ 3"},
    )
    note = forms.CharField(
        label="Lý do chưa giải quyết xong",
        max_length=2000,
        widget=text_area(3),
        help_text="Lý do này in trong văn bản xin lỗi gửi người nộp.",
    )

    def facts(self) -> dict[str, Any]:
        """Counted in working days from the old date."""
        return {"value": self.cleaned_data["value"], "unit": "working_day"}


class UrgeForm(ReasonForm):
    """A head or supervisor urges whoever has the dossier."""

    def build(self) -> None:
        """Words for the field."""
        self.fields["note"].label = "Nội dung đôn đốc"
