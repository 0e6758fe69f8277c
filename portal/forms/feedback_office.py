"""What officers type on the steps of a feedback item. Whether a step may be taken is the door's to judge."""

from typing import Any

from django import forms

from danhmuc.models import Agency, Field, User
from danhmuc.text import fold
from hoso.forms.eform_fields import LongTextField, TextField
from portal.models import Feedback
from portal.services.feedback import agencies
from portal.services.feedback.consequences import open_answer
from portal.services.feedback.public import propose


class StepForm(forms.Form):
    """A step without anything to type, and what all of them share."""

    use_required_attribute = False

    def __init__(self, *args: Any, feedback: Feedback, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.feedback, self.user = feedback, user

    def facts(self) -> dict[str, Any]:
        """What the door is given besides the note."""
        return {name: value for name, value in self.cleaned_data.items() if name != "note"}


def _words(label: str, help_text: str = "", *, rows: int = 5, required: bool = True) -> LongTextField:
    return LongTextField(
        label=label, help_text=help_text, required=required, widget=forms.Textarea({"rows": rows})
    )


class AcceptForm(StepForm):
    """What kind of matter it is, and of which field."""

    kind = forms.ChoiceField(label="Phân loại", choices=Feedback.Kind.choices)
    field = forms.ModelChoiceField(
        label="Lĩnh vực",
        queryset=Field.objects.none(),
        required=False,
        empty_label="Chưa xác định",
        help_text="Số liệu báo cáo phân theo lĩnh vực.",
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        sector = self.fields["field"]
        assert isinstance(sector, forms.ModelChoiceField)
        sector.queryset = Field.objects.order_by("name")
        self.initial.setdefault("kind", self.feedback.kind)
        self.initial.setdefault("field", self.feedback.field_id)


class RejectForm(StepForm):
    """Why not."""

    note = _words(
        "Lý do không tiếp nhận", "Người gửi sẽ đọc nội dung này. Nêu rõ căn cứ và nơi có thể liên hệ."
    )


class ElsewhereForm(StepForm):
    """Complaint or denunciation, and how it is to be made."""

    which = forms.ChoiceField(
        label="Nội dung thuộc loại",
        choices=[("khieu_nai", "Khiếu nại"), ("to_cao", "Tố cáo")],
        widget=forms.RadioSelect,
    )
    note = _words("Hướng dẫn người gửi", "Nêu cơ quan có thẩm quyền, cách gửi đơn, địa chỉ tiếp công dân.")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial.setdefault(
            "note",
            "Nội dung ông/bà gửi là khiếu nại hoặc tố cáo, được giải quyết theo Luật Khiếu nại, Luật Tố cáo. "
            f"Đề nghị ông/bà gửi đơn đến {self.feedback.agency.name} hoặc đến nơi tiếp công dân của cơ quan để được giải quyết.",
        )


class AskForm(StepForm):
    """What must be known."""

    note = _words("Thông tin cần bổ sung", "Hỏi một lần cho đủ. Người gửi có 05 ngày làm việc để trả lời.")


class InfoForm(StepForm):
    """What the sender has said since, by the way they came."""

    note = _words(
        "Thông tin người gửi bổ sung", "Ghi lại lời người gửi qua điện thoại, trong thư hoặc tại quầy."
    )


class ForwardForm(StepForm):
    """To whom, and why."""

    to = forms.ModelChoiceField(
        label="Cơ quan nhận",
        queryset=Agency.objects.none(),
        empty_label="Chọn cơ quan",
        help_text="Chỉ gồm cơ quan đã có người xử lý phản ánh trên hệ thống.",
    )
    note = _words("Lý do chuyển", "Cơ quan nhận đọc nội dung này.", rows=3)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        to = self.fields["to"]
        assert isinstance(to, forms.ModelChoiceField)
        to.queryset = agencies.with_handlers().exclude(pk=self.feedback.agency_id)
        rows = sorted(to.queryset, key=lambda agency: fold(agency.name))
        to.choices = [("", "Chọn cơ quan"), *((agency.pk, agency.name) for agency in rows)]


class AssignForm(StepForm):
    """Who works on it."""

    assignee = forms.ModelChoiceField(
        label="Người xử lý", queryset=User.objects.none(), empty_label="Chọn cán bộ"
    )
    note = _words("Ý kiến chỉ đạo", "Chỉ cán bộ đọc, người gửi không thấy.", rows=3, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        assignee = self.fields["assignee"]
        assert isinstance(assignee, forms.ModelChoiceField)
        people = agencies.workers(self.feedback.agency)
        assignee.queryset = User.objects.filter(pk__in=[person.pk for person in people])
        assignee.choices = [("", "Chọn cán bộ"), *((person.pk, person.full_name) for person in people)]
        self.initial.setdefault("assignee", self.feedback.assignee_id)


class NoteForm(StepForm):
    """Words for colleagues."""

    note = _words("Ghi chú", "Chỉ cán bộ đọc, người gửi không thấy.")


class UrgeForm(StepForm):
    """Words for the agency."""

    note = _words("Nội dung đôn đốc", "Cơ quan xử lý đọc; người gửi chỉ thấy đã được đôn đốc.", rows=3)


class AnswerForm(StepForm):
    """The answer, to be finished later or to be signed."""

    text = _words(
        "Nội dung trả lời",
        "Trả lời từng điều người gửi nêu: kết quả xác minh, việc đã làm, căn cứ. Văn bản này được ký và gửi cho người gửi.",
        rows=12,
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["text"].longest = 10_000  # type: ignore[attr-defined]
        draft = open_answer(self.feedback)
        self.initial.setdefault("text", draft.text if draft else "")


class ReturnForm(StepForm):
    """What is to be changed."""

    note = _words("Điều cần sửa", rows=3)


class PublishForm(StepForm):
    """The public words; the masking has proposed them, the officer answers for them."""

    title = TextField(label="Tiêu đề", max_length=200)
    content = _words("Nội dung phản ánh, đã che dữ liệu cá nhân", rows=7)
    answer = _words("Câu trả lời, đã che dữ liệu cá nhân", rows=9)
    checked = forms.BooleanField(
        label="Đã đọc lại cả ba ô: không còn họ tên, địa chỉ, số điện thoại, số giấy tờ của cá nhân",
        error_messages={"required": "Đọc lại rồi đánh dấu vào ô xác nhận trước khi công khai"},
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["answer"].longest = 10_000  # type: ignore[attr-defined]
        self.proposal = propose(self.feedback)
        self.initial.setdefault("title", self.feedback.public_title or self.proposal.title)
        self.initial.setdefault("content", self.feedback.public_content or self.proposal.content)
        self.initial.setdefault("answer", self.proposal.answer)

    def facts(self) -> dict[str, Any]:
        """The three texts."""
        return {name: self.cleaned_data[name] for name in ("title", "content", "answer")}


class UnpublishForm(StepForm):
    """Why it comes off the page."""

    note = _words("Lý do gỡ", rows=3)


class OfficeFilter(forms.Form):
    """Narrows a queue; what cannot be read as a filter is left out."""

    muc = forms.CharField(required=False, widget=forms.HiddenInput)
    chu = forms.CharField(label="Mã, người gửi", required=False, max_length=80)
    loai = forms.ChoiceField(label="Loại", required=False, choices=[("", "Mọi loại"), *Feedback.Kind.choices])
    co_quan = forms.ChoiceField(label="Cơ quan", required=False)

    def __init__(self, *args: Any, agency_rows: list[tuple[int, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        agency = self.fields["co_quan"]
        assert isinstance(agency, forms.ChoiceField)
        agency.choices = [("", "Mọi cơ quan"), *((str(pk), name) for pk, name in agency_rows)]
        if len(agency_rows) < 2:
            del self.fields["co_quan"]

    @classmethod
    def read(cls, data: Any, agency_rows: list[tuple[int, str]]) -> tuple[dict[str, Any], "OfficeFilter"]:
        """What is wanted, and the form that shows it."""
        asked = cls(data, agency_rows=agency_rows)
        asked.is_valid()
        return asked.cleaned_data, cls(initial=asked.cleaned_data, agency_rows=agency_rows)
