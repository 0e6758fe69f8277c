"""What people write to agencies: a new item, a code, more information, a rating."""

import re
import unicodedata
from typing import Any
from uuid import uuid4

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from config.formats import phone
from config.widgets import ChoiceLabel
from danhmuc import identifiers
from danhmuc.models import Agency, User
from danhmuc.text import fold
from hoso.forms.eform_fields import CheckedField, LongTextField, TextField, email
from hoso.services.files import ACCEPTED
from portal.forms.apply import ManyFilesField
from portal.lifecycle import Rating
from portal.models import Feedback
from portal.services.feedback import agencies
from portal.services.lookup import tidy

LONGEST, SHORTEST = 2000, 20
MOST_FILES = 5
#: Words that tell of a complaint or denunciation, which other laws rule (Luật Khiếu nại, Luật Tố cáo).
_COMPLAINT = re.compile(
    r"\b(khieu nai|to cao|to giac|don kien(?! nghi)|khoi kien|nhan hoi lo|dua hoi lo|doi hoi lo|hoi lo|tham nhung|tham o|chay chot|xu ly hinh su)\b"
)
_CODE = re.compile(r"[0-9A-Z][0-9A-Z.]*(?:-[0-9A-Z.]+){1,3}")


class WordsField(LongTextField):
    """Sentences of a sender's own, in Vietnamese, not too few and not too many."""

    longest = LONGEST

    def __init__(self, *, shortest: int = SHORTEST, **kwargs: Any) -> None:
        self.shortest = shortest
        super().__init__(**kwargs)

    def validate(self, value: Any) -> None:
        """Long enough to be understood, and in letters an officer here reads."""
        super().validate(value)
        if not value:
            return
        letters = [c for c in value if c.isalpha()]
        if len(letters) < self.shortest:
            raise ValidationError(
                _("%(label)s quá ngắn. Ghi rõ sự việc, ít nhất %(n)d chữ cái")
                % {"label": self.label, "n": self.shortest}
            )
        latin = sum("LATIN" in unicodedata.name(c, "") for c in letters)
        if latin * 10 < len(letters) * 7:
            raise ValidationError(_("%(label)s phải viết bằng tiếng Việt") % {"label": self.label})


class NameField(TextField):
    """A person's or an organisation's name: one syllable is enough, a sentence or an address is none."""

    longest = 160

    def validate(self, value: Any) -> None:
        """Letters at least, no web or mail address."""
        super().validate(value)
        if value and (sum(c.isalpha() for c in value) < 2 or "@" in value or "://" in value):
            raise ValidationError(_("Nhập họ và tên, ví dụ Nguyễn Thị Hương"))


def kinds() -> list[tuple[str, ChoiceLabel]]:
    """What one may write about, in the words of the page."""
    kind = Feedback.Kind
    return [
        (
            kind.SERVICE,
            ChoiceLabel(_("Một hồ sơ cụ thể"), _("Bị chậm, phải bổ sung nhiều lần, chưa nhận được kết quả")),
        ),
        (
            kind.BEHAVIOUR,
            ChoiceLabel(
                _("Thái độ, cách làm việc"),
                _("Của cán bộ, nhân viên bưu điện; thu phí, lệ phí, cước không đúng"),
            ),
        ),
        (
            kind.REGULATION,
            ChoiceLabel(_("Quy định về thủ tục"), _("Không phù hợp, khó thực hiện, mâu thuẫn")),
        ),
        (
            kind.TECHNICAL,
            ChoiceLabel(_("Lỗi trên Cổng dịch vụ công"), _("Không nộp được, không tải được tệp, báo lỗi")),
        ),
        (kind.QUESTION, ChoiceLabel(_("Hỏi về thủ tục hành chính"), _("Giấy tờ, nơi nộp, thời hạn, phí"))),
    ]


def agency_choices() -> list[Any]:
    """«I do not know» first, then agencies by name in groups."""
    found = list(agencies.choices())
    groups: list[tuple[str, list[Agency]]] = [
        (_("Sở, ban, ngành và cơ quan cấp tỉnh"), [a for a in found if a.level == Agency.Level.PROVINCE]),
        (_("Xã, phường"), [a for a in found if a.level == Agency.Level.COMMUNE and a.kind == "ubnd"]),
        (
            _("Công an, bưu điện và cơ quan khác"),
            [a for a in found if a.level != Agency.Level.PROVINCE and a.kind != "ubnd"],
        ),
    ]
    choices: list[Any] = [("", _("Tôi không biết"))]
    for label, rows in groups:
        if rows:
            choices.append((label, [(a.pk, a.name) for a in sorted(rows, key=lambda a: fold(a.name))]))
    return choices


class FeedbackForm(forms.Form):
    """A new item. The second box about complaints is asked when the words suggest one."""

    use_required_attribute = False

    kind = forms.ChoiceField(label=gettext_lazy("Ông/bà muốn gửi về việc gì?"), widget=forms.RadioSelect)
    dossier_code = TextField(
        label=gettext_lazy("Mã hồ sơ liên quan"),
        required=False,
        help_text=gettext_lazy(
            "In trên giấy tiếp nhận hồ sơ hoặc trong tin nhắn. Cần khi gửi về một hồ sơ cụ thể."
        ),
        widget=forms.TextInput(
            {
                "autocomplete": "off",
                "spellcheck": "false",
                "autocapitalize": "characters",
                "class": "form-control w-code",
            }
        ),
    )
    agency = forms.ModelChoiceField(
        label=gettext_lazy("Cơ quan có trách nhiệm trả lời"),
        queryset=Agency.objects.none(),
        required=False,
        help_text=gettext_lazy(
            "Không biết thì để “Tôi không biết”; Văn phòng Ủy ban nhân dân tỉnh sẽ chuyển đúng nơi."
        ),
    )
    content = WordsField(
        label=gettext_lazy("Nội dung"),
        help_text=gettext_lazy(
            "Ghi rõ sự việc, thời gian, địa điểm, bằng tiếng Việt. Không ghi số căn cước công dân hay mật khẩu. "
            "Tối đa 2.000 chữ cái."
        ),
        widget=forms.Textarea({"rows": 7}),
    )
    understood = forms.BooleanField(
        label=gettext_lazy(
            "Tôi hiểu đây không phải đơn khiếu nại, tố cáo và vẫn gửi như một phản ánh, kiến nghị"
        ),
        required=False,
    )
    attached = ManyFilesField(
        label=gettext_lazy("Ảnh, tài liệu kèm theo"),
        required=False,
        help_text=gettext_lazy("Nhiều nhất 5 tệp PDF, JPG, PNG, DOCX hoặc XLSX."),
    )
    sender_name = NameField(label=gettext_lazy("Họ và tên"), widget=forms.TextInput({"autocomplete": "name"}))
    phone = CheckedField(
        label=gettext_lazy("Số điện thoại"),
        required=False,
        check=identifiers.phone,
        show=phone,
        widget=forms.TextInput({"inputmode": "tel", "autocomplete": "tel", "class": "form-control num"}),
    )
    email = CheckedField(
        label=gettext_lazy("Thư điện tử"),
        required=False,
        check=email,
        widget=forms.TextInput({"inputmode": "email", "autocomplete": "email", "spellcheck": "false"}),
    )
    address = TextField(
        label=gettext_lazy("Địa chỉ"),
        required=False,
        widget=forms.TextInput({"autocomplete": "street-address"}),
    )
    agrees_to_publish = forms.BooleanField(
        label=gettext_lazy("Tôi đồng ý công khai nội dung này và câu trả lời"),
        required=False,
        help_text=gettext_lazy(
            "Không đánh dấu thì không công khai; phản ánh vẫn được trả lời như nhau. Đồng ý thì nội dung và câu trả lời "
            "có thể được đăng ở trang “Phản ánh đã trả lời” cho mọi người xem, sau khi che họ tên, số điện thoại, địa chỉ "
            "và dữ liệu cá nhân khác; tệp kèm theo không đăng."
        ),
    )
    #: Left empty by people, who do not see it; filled in by programs that fill in everything.
    website = forms.CharField(
        label=gettext_lazy("Để trống ô này"),
        required=False,
        widget=forms.TextInput({"autocomplete": "off", "tabindex": "-1"}),
    )
    once = forms.UUIDField(widget=forms.HiddenInput, required=False)

    def __init__(self, user: Any, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user if isinstance(user, User) else None
        kind, agency, files = self.fields["kind"], self.fields["agency"], self.fields["attached"]
        assert isinstance(kind, forms.ChoiceField)
        assert isinstance(agency, forms.ModelChoiceField)
        kind.choices = kinds()
        agency.queryset = agencies.choices()
        agency.choices = agency_choices()
        files.widget.attrs["accept"] = ACCEPTED
        self.fields["address"].longest = 250  # type: ignore[attr-defined]
        self.fields["email"].longest = 254  # type: ignore[attr-defined]
        self.initial.setdefault("once", uuid4())
        if self.user is not None:
            for name, value in (
                ("sender_name", self.user.full_name),
                ("phone", self.user.phone),
                ("email", self.user.email),
                ("address", self.user.address),
            ):
                self.initial.setdefault(name, value)

    @property
    def sounds_like_complaint(self) -> bool:
        """Whether the words are those of a complaint or denunciation."""
        return bool(self.is_bound and _COMPLAINT.search(fold(str(self.data.get("content", "")))))

    @property
    def is_from_a_program(self) -> bool:
        """Whether the box that people do not see was filled in."""
        return bool(self.data.get("website"))

    def clean_dossier_code(self) -> str:
        """A code as people type it."""
        code = tidy(self.cleaned_data["dossier_code"])
        if code and not _CODE.fullmatch(code):
            raise ValidationError(_("Mã hồ sơ có dạng H44.20-261008-0975; kiểm tra lại trên giấy hẹn"))
        return code

    def clean(self) -> dict[str, Any]:
        """A dossier needs its code, an answer needs an address, a complaint needs to be meant as feedback."""
        cleaned: dict[str, Any] = super().clean() or {}
        if cleaned.get("kind") == Feedback.Kind.SERVICE and cleaned.get("dossier_code") == "":
            self.add_error("dossier_code", _("Nhập mã hồ sơ, hoặc chọn việc khác nếu không có mã"))
        self.judge_contact(cleaned)
        if self.sounds_like_complaint and not cleaned.get("understood"):
            self.add_error(
                "understood",
                _(
                    "Đọc hướng dẫn về khiếu nại, tố cáo; nếu vẫn muốn gửi như phản ánh thì đánh dấu vào ô xác nhận"
                ),
            )
        return cleaned

    def judge_contact(self, cleaned: dict[str, Any]) -> None:
        """An answer needs an address; a stranger's code needs one it reaches."""
        if cleaned.get("phone") == "" and cleaned.get("email") == "":
            self.add_error("phone", _("Nhập số điện thoại hoặc thư điện tử để nhận câu trả lời"))
        elif (
            self.user is None
            and not cleaned.get("email")
            and cleaned.get("phone")
            and not identifiers.is_mobile(cleaned["phone"])
        ):
            self.add_error("phone", _("Nhập số điện thoại di động hoặc thư điện tử để nhận mã xác nhận"))


class CodeForm(forms.Form):
    """The code that was sent."""

    use_required_attribute = False

    code = forms.CharField(
        label=gettext_lazy("Mã xác nhận 6 chữ số"),
        max_length=12,
        error_messages={"required": gettext_lazy("Nhập mã xác nhận 6 chữ số")},
        widget=forms.TextInput(
            {"inputmode": "numeric", "autocomplete": "one-time-code", "class": "form-control num dv-four"}
        ),
    )


class FollowForm(forms.Form):
    """A code and what only the sender knows."""

    use_required_attribute = False

    ma = forms.CharField(
        label=gettext_lazy("Mã phản ánh"),
        max_length=40,
        error_messages={"required": gettext_lazy("Nhập mã phản ánh")},
        help_text=gettext_lazy("Có dạng PA-XXXXXXXXXX, hiện sau khi gửi và trong tin nhắn, thư điện tử."),
        widget=forms.TextInput(
            {"autocomplete": "off", "spellcheck": "false", "autocapitalize": "characters"}
        ),
    )
    so = forms.CharField(
        label=gettext_lazy("4 số cuối điện thoại, hoặc thư điện tử đã khai"),
        max_length=254,
        error_messages={"required": gettext_lazy("Nhập 4 số cuối điện thoại, hoặc thư điện tử đã khai")},
        widget=forms.TextInput({"autocomplete": "off", "spellcheck": "false"}),
    )

    def clean_so(self) -> str:
        """Four digits or an address."""
        typed = "".join(self.cleaned_data["so"].split())
        if "@" not in typed and not re.fullmatch(r"\d{4}", typed, re.ASCII):
            raise ValidationError(_("Nhập đúng 4 chữ số cuối của điện thoại, hoặc cả địa chỉ thư điện tử"))
        return typed


class InfoForm(forms.Form):
    """More information for the agency."""

    use_required_attribute = False

    text = WordsField(label=gettext_lazy("Thông tin bổ sung"), shortest=2, widget=forms.Textarea({"rows": 6}))
    attached = ManyFilesField(
        label=gettext_lazy("Ảnh, tài liệu kèm theo"),
        required=False,
        help_text=gettext_lazy("Nhiều nhất 5 tệp PDF, JPG, PNG, DOCX hoặc XLSX."),
    )
    seen = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["attached"].widget.attrs["accept"] = ACCEPTED


class RateForm(forms.Form):
    """Whether one is content with the answer."""

    use_required_attribute = False

    rating = forms.ChoiceField(
        label=gettext_lazy("Ông/bà có hài lòng với câu trả lời không?"), widget=forms.RadioSelect
    )
    comment = LongTextField(
        label=gettext_lazy("Nhận xét"), required=False, widget=forms.Textarea({"rows": 3})
    )
    seen = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        rating = self.fields["rating"]
        assert isinstance(rating, forms.ChoiceField)
        rating.choices = [(Rating.SATISFIED, _("Hài lòng")), (Rating.UNSATISFIED, _("Không hài lòng"))]
        self.fields["comment"].longest = LONGEST  # type: ignore[attr-defined]


class ReopenForm(forms.Form):
    """Why the answer does not do."""

    use_required_attribute = False

    text = WordsField(
        label=gettext_lazy("Điều ông/bà chưa đồng ý với câu trả lời"), widget=forms.Textarea({"rows": 6})
    )
    seen = forms.IntegerField(widget=forms.HiddenInput, required=False)


class PublicSearchForm(forms.Form):
    """Narrows the public answers; wrong values are passed over, a shared address never fails."""

    use_required_attribute = False

    q = forms.CharField(label=gettext_lazy("Tìm trong nội dung đã trả lời"), required=False, max_length=200)
    agency = forms.ChoiceField(
        label=gettext_lazy("Cơ quan"), required=False, widget=forms.Select({"lang": "vi"})
    )
    field = forms.ChoiceField(
        label=gettext_lazy("Lĩnh vực"), required=False, widget=forms.Select({"lang": "vi"})
    )

    def __init__(self, *args: Any, agency_rows: Any, field_rows: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, rows in (("agency", agency_rows), ("field", field_rows)):
            choice = self.fields[name]
            assert isinstance(choice, forms.ChoiceField)
            choice.choices = [("", _("Tất cả")), *((str(pk), label) for pk, label in rows)]
        self.fields["q"].widget.input_type = "search"

    @classmethod
    def read(cls, data: Any, **rows: Any) -> tuple[dict[str, Any], "PublicSearchForm"]:
        """What is wanted, and the form that shows it."""
        asked = cls(data, **rows)
        asked.is_valid()
        return asked.cleaned_data, cls(initial=asked.cleaned_data, **rows)
