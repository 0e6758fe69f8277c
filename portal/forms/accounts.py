"""Registering, codes, forgotten passwords, and what a person may change of the own account."""

import re
from typing import Any

from django import forms
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from config.formats import phone
from config.widgets import ChoiceLabel, VietnameseDateField
from danhmuc import identifiers
from danhmuc.forms import PASSWORD_HINT
from danhmuc.models import Membership, User
from hoso.forms.eform_fields import CheckedField, TextField, email

GENDERS = [(User.Gender.MALE, gettext_lazy("Nam")), (User.Gender.FEMALE, gettext_lazy("Nữ"))]


def person_name(text: str) -> str:
    """A name as the register of civil status writes it: letters, spaces, apostrophes and hyphens."""
    if not re.fullmatch(r"[^\W\d_]+(?:[ '’.\-]+[^\W\d_]+)*[.'’]?", text):
        raise ValueError(_("Họ và tên chỉ gồm chữ cái, ví dụ Nguyễn Thị Thanh Hương"))
    return text


def mobile(text: str) -> str:
    """A telephone that takes short messages, stored as E.164."""
    number = identifiers.phone(text)
    if not identifiers.is_mobile(number):
        raise ValueError(_("Số này không nhận được tin nhắn. Nhập số di động, ví dụ 0912 345 678"))
    return number


def organisation_code(text: str) -> str:
    """The tax code of an organisation; a person's 12 digits belong to the person's own account."""
    code = identifiers.tax_code(text)
    if len(code) == 12:
        raise ValueError(
            _("Số 12 chữ số là của cá nhân. Hộ kinh doanh và cá nhân đăng ký tài khoản cá nhân.")
        )
    return code


def name_field(label: Any, **more: Any) -> CheckedField:
    """A person's name."""
    field = CheckedField(label=label, check=person_name, **more)
    field.longest = 160
    field.widget.attrs |= {"autocomplete": "name"}
    return field


def id_field(label: Any, **more: Any) -> CheckedField:
    """A personal identification number."""
    attrs = {"inputmode": "numeric", "autocomplete": "off", "maxlength": 20, "class": "form-control num"}
    return CheckedField(label=label, check=identifiers.personal_id, widget=forms.TextInput(attrs), **more)


def mobile_field(label: Any, **more: Any) -> CheckedField:
    """A mobile telephone."""
    attrs = {"inputmode": "tel", "autocomplete": "tel", "maxlength": 20, "class": "form-control num"}
    return CheckedField(label=label, check=mobile, show=phone, widget=forms.TextInput(attrs), **more)


def email_field(label: Any, **more: Any) -> CheckedField:
    """An e-mail address."""
    attrs = {"inputmode": "email", "autocomplete": "email", "autocapitalize": "none", "spellcheck": "false"}
    field = CheckedField(label=label, check=email, widget=forms.TextInput(attrs), **more)
    field.longest = 250
    return field


def channel_field(label: Any) -> forms.ChoiceField:
    """Where the code is to go."""
    return forms.ChoiceField(
        label=label,
        widget=forms.RadioSelect,
        initial="sms",
        choices=[("sms", gettext_lazy("Tin nhắn đến điện thoại")), ("email", gettext_lazy("Thư điện tử"))],
        error_messages={"required": gettext_lazy("Chọn nơi nhận mã xác nhận")},
    )


def require(form: forms.Form, **sentences: Any) -> None:
    """What an empty box answers, in words of its own."""
    for name, sentence in sentences.items():
        form.fields[name].error_messages["required"] = sentence


class WarnedMixin(forms.Form):
    """An identity number that does not fit what was typed beside it: said once, passed when the person insists."""

    sure = forms.BooleanField(label=gettext_lazy("Tôi đã xem lại, thông tin trên là đúng"), required=False)
    warnings: list[str] = []

    def judge(self, number: str, born: Any, gender: str) -> None:
        """Compare; registers hold old mistakes, so this never stops anyone for good."""
        self.warnings = identifiers.personal_id_warnings(number, born, gender) if number else []
        if self.warnings and not self.cleaned_data.get("sure"):
            self.add_error("sure", _("Xem lại chỗ chưa khớp; nếu đúng thì đánh dấu vào ô này rồi bấm lại"))


class ContactMixin(forms.Form):
    """A telephone, an e-mail address, and which of the two gets the code."""

    channel = channel_field(gettext_lazy("Nhận mã xác nhận qua"))
    phone = mobile_field(gettext_lazy("Điện thoại di động"), required=False)
    email = email_field(gettext_lazy("Thư điện tử"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        way = self.data.get("channel") if self.is_bound else "sms"
        self.fields["phone"].required, self.fields["email"].required = way == "sms", way == "email"
        require(
            self, phone=_("Nhập số điện thoại di động để nhận mã"), email=_("Nhập thư điện tử để nhận mã")
        )

    @property
    def address(self) -> str:
        """Where the code goes."""
        return str(self.cleaned_data["phone" if self.cleaned_data["channel"] == "sms" else "email"])


class PersonForm(WarnedMixin, ContactMixin):
    """A citizen registers."""

    use_required_attribute = False
    field_order = ["full_name", "personal_id", "birth_date", "gender", "sure", "channel", "phone", "email"]

    full_name = name_field(
        gettext_lazy("Họ và tên"), help_text=gettext_lazy("Như trên căn cước, viết có dấu.")
    )
    personal_id = id_field(
        gettext_lazy("Số định danh cá nhân"),
        help_text=gettext_lazy("12 chữ số trên căn cước hoặc căn cước công dân. Dùng để đăng nhập."),
    )
    birth_date = VietnameseDateField(label=gettext_lazy("Ngày sinh"), past_only=True)
    gender = forms.ChoiceField(label=gettext_lazy("Giới tính"), widget=forms.RadioSelect, choices=GENDERS)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        require(
            self,
            full_name=_("Nhập họ và tên"),
            personal_id=_("Nhập số định danh cá nhân"),
            birth_date=_("Nhập ngày sinh"),
            gender=_("Chọn giới tính"),
        )

    def clean(self) -> dict[str, Any]:
        """With what the number says of its holder."""
        cleaned: dict[str, Any] = super().clean() or {}
        self.judge(cleaned.get("personal_id", ""), cleaned.get("birth_date"), cleaned.get("gender", ""))
        return cleaned

    def account(self) -> dict[str, Any]:
        """What the account will hold."""
        data = self.cleaned_data
        return {
            "kind": User.Kind.CITIZEN,
            "full_name": data["full_name"],
            "personal_id": data["personal_id"],
            "birth_date": data["birth_date"].isoformat(),
            "gender": data["gender"],
            "phone": data["phone"],
            "email": data["email"],
        }


class OrganisationForm(ContactMixin):
    """An organisation registers."""

    use_required_attribute = False
    field_order = ["full_name", "tax_code", "channel", "phone", "email"]

    full_name = TextField(
        label=gettext_lazy("Tên tổ chức"),
        help_text=gettext_lazy("Như trên giấy chứng nhận đăng ký hoặc quyết định thành lập."),
    )
    tax_code = CheckedField(
        label=gettext_lazy("Mã số thuế"),
        check=organisation_code,
        help_text=gettext_lazy("10 chữ số, chi nhánh thêm 3 chữ số. Dùng để đăng nhập."),
        widget=forms.TextInput({"inputmode": "numeric", "autocomplete": "off", "class": "form-control num"}),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["full_name"].longest = 160  # type: ignore[attr-defined]
        require(self, full_name=_("Nhập tên tổ chức"), tax_code=_("Nhập mã số thuế"))

    def account(self) -> dict[str, Any]:
        """What the account will hold."""
        data = self.cleaned_data
        names = ("full_name", "tax_code", "phone", "email")
        return {"kind": User.Kind.ORGANISATION} | {name: data[name] for name in names}


class CodeForm(forms.Form):
    """The code that was sent."""

    use_required_attribute = False

    code = forms.CharField(
        label=gettext_lazy("Mã xác nhận"),
        max_length=20,
        error_messages={"required": gettext_lazy("Nhập mã gồm 6 chữ số đã nhận được")},
        widget=forms.TextInput(
            {
                "inputmode": "numeric",
                "autocomplete": "one-time-code",
                "maxlength": 12,
                "class": "form-control num dv-four",
            }
        ),
    )

    def clean_code(self) -> str:
        """Six digits, with or without spaces."""
        code = re.sub(r"\s", "", self.cleaned_data["code"])
        if not re.fullmatch(r"\d{6}", code, re.ASCII):
            raise ValidationError(_("Mã xác nhận gồm 6 chữ số"))
        return code


class NewPasswordForm(forms.Form):
    """A password of one's own, twice."""

    use_required_attribute = False

    password1 = forms.CharField(
        label=gettext_lazy("Mật khẩu"),
        help_text=PASSWORD_HINT,
        strip=False,
        widget=forms.PasswordInput({"autocomplete": "new-password"}),
        error_messages={"required": gettext_lazy("Chưa nhập mật khẩu.")},
    )
    password2 = forms.CharField(
        label=gettext_lazy("Nhập lại mật khẩu"),
        strip=False,
        widget=forms.PasswordInput({"autocomplete": "new-password"}),
        error_messages={"required": gettext_lazy("Chưa nhập lại mật khẩu.")},
    )

    def __init__(self, user: User, *args: Any, **kwargs: Any) -> None:
        self.user = user
        super().__init__(*args, **kwargs)

    def clean_password1(self) -> str:
        """As strong as every other password here."""
        password: str = self.cleaned_data["password1"]
        validate_password(password, self.user)
        return password

    def clean(self) -> dict[str, Any]:
        """Twice the same."""
        cleaned: dict[str, Any] = super().clean() or {}
        first, second = cleaned.get("password1"), cleaned.get("password2")
        if first and second and first != second:
            self.add_error("password2", _("Hai lần nhập mật khẩu không giống nhau."))
        return cleaned


class ForgottenForm(forms.Form):
    """Who one is, and where the code is to go."""

    use_required_attribute = False

    name = forms.CharField(
        label=gettext_lazy("Số định danh, mã số thuế hoặc tên đăng nhập"),
        max_length=150,
        error_messages={"required": gettext_lazy("Nhập số định danh, mã số thuế hoặc tên đăng nhập")},
        widget=forms.TextInput({"autocomplete": "username", "autocapitalize": "none", "spellcheck": "false"}),
    )
    channel = channel_field(gettext_lazy("Nhận mã qua"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["channel"].help_text = _(
            "Mã chỉ gửi đến điện thoại hoặc thư đã xác nhận, hoặc vừa thay tại Bộ phận Một cửa."
        )


class ProfileForm(WarnedMixin):
    """Name, birth date and gender of one's own account."""

    use_required_attribute = False
    field_order = ["full_name", "birth_date", "gender", "sure"]

    full_name = name_field(gettext_lazy("Họ và tên"))
    birth_date = VietnameseDateField(label=gettext_lazy("Ngày sinh"), past_only=True)
    gender = forms.ChoiceField(label=gettext_lazy("Giới tính"), widget=forms.RadioSelect, choices=GENDERS)

    def __init__(self, user: User, *args: Any, **kwargs: Any) -> None:
        self.user = user
        super().__init__(*args, **kwargs)
        if user.kind == User.Kind.ORGANISATION:
            for name in ("birth_date", "gender"):
                del self.fields[name]
            self.fields["full_name"] = TextField(label=_("Tên tổ chức"))
            self.fields["full_name"].longest = 160  # type: ignore[attr-defined]
            self.order_fields(self.field_order)
            require(self, full_name=_("Nhập tên tổ chức"))
            return
        require(
            self,
            full_name=_("Nhập họ và tên"),
            birth_date=_("Nhập ngày sinh"),
            gender=_("Chọn giới tính"),
        )

    def clean(self) -> dict[str, Any]:
        """With what the personal ID says."""
        cleaned: dict[str, Any] = super().clean() or {}
        if self.user.kind == User.Kind.CITIZEN:
            self.judge(self.user.personal_id, cleaned.get("birth_date"), cleaned.get("gender", ""))
        return cleaned


class NewEmailForm(forms.Form):
    """Another e-mail address."""

    use_required_attribute = False
    address = email_field(gettext_lazy("Thư điện tử mới"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        require(self, address=_("Nhập thư điện tử"))


class NewPhoneForm(forms.Form):
    """Another telephone."""

    use_required_attribute = False
    address = mobile_field(gettext_lazy("Điện thoại di động mới"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        require(self, address=_("Nhập số điện thoại di động"))


class InviteForm(forms.Form):
    """Who is to act for the organisation, and as what."""

    use_required_attribute = False

    who = forms.CharField(
        label=gettext_lazy("Số định danh cá nhân hoặc thư điện tử"),
        max_length=250,
        error_messages={
            "required": gettext_lazy("Nhập số định danh cá nhân hoặc thư điện tử của người được mời")
        },
        widget=forms.TextInput({"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"}),
    )
    role = forms.ChoiceField(
        label=gettext_lazy("Vai trò"),
        widget=forms.RadioSelect,
        initial=Membership.Role.MEMBER,
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        role = self.fields["role"]
        assert isinstance(role, forms.ChoiceField)
        role.choices = [
            (
                Membership.Role.MEMBER,
                ChoiceLabel(_("Thành viên"), _("Nộp và theo dõi mọi hồ sơ của tổ chức")),
            ),
            (
                Membership.Role.MANAGER,
                ChoiceLabel(_("Quản lý"), _("Như thành viên, thêm việc mời và cho thôi thành viên")),
            ),
        ]

    def clean_who(self) -> dict[str, str]:
        """Either of the two."""
        text = self.cleaned_data["who"]
        try:
            if "@" in text:
                return {"email": email(text.strip().lower())}
            return {"personal_id": identifiers.personal_id(text)}
        except ValueError as error:
            raise ValidationError(str(error)) from None
