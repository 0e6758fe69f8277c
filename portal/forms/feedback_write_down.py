"""What an officer takes down of feedback that came by telephone, by letter or in person."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone

from config.widgets import VietnameseDateField
from danhmuc.models import User
from danhmuc.roles import Role
from portal import access
from portal.forms.feedback import FeedbackForm, agency_choices
from portal.models import Feedback
from portal.services.feedback import intake


class WriteDownForm(FeedbackForm):
    """As the citizens' form, in an officer's words, with the way it came and the day; an address alone reaches people."""

    website = None  # type: ignore[assignment]
    field_order = ["source", "received_on", "sender_name", "phone", "email", "address"]  # as on the page

    source = forms.ChoiceField(
        label="Đến bằng cách nào",
        widget=forms.RadioSelect,
        choices=[(way.value, way.label) for way in Feedback.WRITTEN_DOWN],
        error_messages={"required": "Chọn cách phản ánh đến"},
    )
    received_on = VietnameseDateField(
        label="Ngày nhận",
        past_only=True,
        help_text="Thư: ngày đến cơ quan. Thời hạn trả lời tính từ ngày này.",
    )

    def __init__(self, officer: User, *args: Any, **kwargs: Any) -> None:
        super().__init__(None, *args, **kwargs)
        words = {
            "kind": ("Phản ánh về việc gì", ""),
            "dossier_code": ("Mã hồ sơ liên quan", "Cần khi phản ánh về một hồ sơ cụ thể."),
            "agency": ("Cơ quan có trách nhiệm trả lời", "Không rõ thì Văn phòng Ủy ban nhân dân tỉnh chuyển đúng nơi."),
            "content": ("Nội dung", "Ghi đúng lời người gửi, đọc lại cho họ nghe; thư thì chép ý chính, kèm bản quét."),
            "understood": ("Đã hướng dẫn về khiếu nại, tố cáo; người gửi vẫn muốn gửi như phản ánh, kiến nghị", ""),
            "attached": ("Bản quét thư, ảnh, tài liệu", "Nhiều nhất 5 tệp PDF, JPG, PNG, DOCX hoặc XLSX."),
            "sender_name": ("Họ và tên người gửi", ""),
            "agrees_to_publish": ("Người gửi đồng ý công khai nội dung và câu trả lời, không kèm dữ liệu cá nhân", "Hỏi người gửi. Chưa hỏi thì để trống: im lặng không phải là đồng ý."),
        }  # fmt: skip
        for name, (label, hint) in words.items():
            self.fields[name].label, self.fields[name].help_text = label, hint
        for name in ("sender_name", "phone", "email", "address"):
            self.fields[name].widget.attrs["autocomplete"] = "off"  # the sender's, not the officer's own
        groups = agency_choices()[1:]
        agency = self.fields["agency"]
        assert isinstance(agency, forms.ModelChoiceField)
        agency.choices = [("", "Chưa rõ"), *groups]
        self.initial.setdefault("received_on", timezone.localdate())
        own = access.agencies_as(officer, Role.FEEDBACK_HANDLER)
        named = (pk for _, rows in groups for pk, _ in rows)
        self.initial.setdefault("agency", next((pk for pk in named if pk in own), None))

    def clean_received_on(self) -> Any:
        """Not so long ago that it must be mistyped."""
        day = self.cleaned_data["received_on"]
        if day and day < timezone.localdate() - intake.WRITTEN_DOWN_WITHIN:
            raise ValidationError("Ngày nhận đã quá 90 ngày, xem lại năm và tháng")
        return day

    def judge_contact(self, cleaned: dict[str, Any]) -> None:
        """A name and one way to answer (NĐ20/08); who gives none is asked for it before the call ends."""
        ways = ("phone", "email", "address")
        if all(cleaned.get(name) == "" for name in ways):
            self.add_error(
                "phone",
                "Hỏi một cách liên hệ: số điện thoại, thư điện tử hoặc địa chỉ; không có thì chưa nhận được",
            )
