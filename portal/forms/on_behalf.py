"""For whom a dossier is filed."""

import re
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from config.widgets import ChoiceLabel
from danhmuc import identifiers
from danhmuc.models import User
from hoso.forms.eform_fields import TextField
from hoso.models import Dossier
from portal.services.behalf import Principal

OTHER = "other"


class LaterFileField(forms.FileField):
    """A file that has to come, though not today: shown as needed, not asked for with the rest."""

    def clean(self, data: Any, initial: Any = None) -> Any:
        """The file, or None."""
        return super().clean(data, initial) if data else None


class OnBehalfForm(forms.Form):
    """Oneself, an organisation one acts for, or another person or organisation with a paper of authority."""

    use_required_attribute = False

    whom = forms.ChoiceField(
        label=gettext_lazy("Hồ sơ này là của ai?"),
        widget=forms.RadioSelect,
        error_messages={"required": gettext_lazy("Chọn hồ sơ này là của ai")},
    )
    by = forms.ChoiceField(
        label=gettext_lazy("Ai đứng nộp thay?"),
        widget=forms.RadioSelect,
        error_messages={"required": gettext_lazy("Chọn ai đứng nộp thay")},
    )
    name = TextField(
        label=gettext_lazy("Họ và tên, hoặc tên tổ chức, được nộp thay"),
        error_messages={"required": gettext_lazy("Nhập họ tên hoặc tên tổ chức được nộp thay")},
    )
    number = forms.CharField(
        label=gettext_lazy("Số định danh cá nhân, hoặc mã số thuế"),
        error_messages={
            "required": gettext_lazy("Nhập số định danh hoặc mã số thuế của người được nộp thay")
        },
        max_length=20,
        help_text=gettext_lazy("12 chữ số với cá nhân; 10 hoặc 13 chữ số với tổ chức."),
        widget=forms.TextInput({"inputmode": "numeric", "autocomplete": "off", "class": "form-control num"}),
    )
    note = TextField(
        label=gettext_lazy("Số, ngày của giấy ủy quyền"),
        required=False,
        help_text=gettext_lazy("Ví dụ: số 12/GUQ ngày 01/10/2026, chứng thực tại UBND phường Việt Trì."),
    )
    paper = LaterFileField(
        label=gettext_lazy("Tệp giấy ủy quyền"),
        help_text=gettext_lazy(
            "Ảnh chụp rõ cả trang hoặc tệp PDF. Phải có trước khi nộp hồ sơ; có thể thêm sau."
        ),
        error_messages={"empty": gettext_lazy("Tệp không có nội dung. Chọn lại tệp")},
    )

    def __init__(self, user: User, organisations: list[User], *args: Any, **kwargs: Any) -> None:
        self.user = user
        self.standing = {str(one.pk): one for one in organisations}
        super().__init__(*args, **kwargs)
        own = ChoiceLabel(_("Của tôi"), user.full_name)
        if user.kind == User.Kind.ORGANISATION:
            own = ChoiceLabel(_("Của tổ chức"), user.full_name)
        theirs = [(pk, ChoiceLabel(_("Của tổ chức"), one.full_name)) for pk, one in self.standing.items()]
        another = ChoiceLabel(
            _("Của người khác, tôi nộp thay"), _("Có giấy ủy quyền của người đó hoặc tổ chức đó")
        )
        whom, by = self.fields["whom"], self.fields["by"]
        assert isinstance(whom, forms.ChoiceField)
        assert isinstance(by, forms.ChoiceField)
        whom.choices = [("self", own), *theirs, (OTHER, another)]
        if theirs:
            by.choices = [
                ("self", user.full_name),
                *((pk, one.full_name) for pk, one in self.standing.items()),
            ]
        else:
            del self.fields["by"]
        self.fields["note"].longest = 250  # type: ignore[attr-defined]
        self.fields["name"].longest = 200  # type: ignore[attr-defined]
        for name in {"by", "name", "number"} & set(self.fields):
            self.fields[name].required = not self.is_bound or self.data.get("whom") == OTHER
        self.fields["paper"].widget.attrs["accept"] = ".pdf,.jpg,.jpeg,.png"

    @property
    def acts_for_another(self) -> bool:
        """Whether a principal is to be named."""
        return self.cleaned_data.get("whom") == OTHER

    def clean_number(self) -> str:
        """A personal ID or a tax code, as official papers write it."""
        typed = self.cleaned_data["number"]
        if self.data.get("whom") != OTHER or not typed.strip():
            return ""
        try:
            return identifiers.tax_code(typed)
        except ValueError as error:
            raise ValidationError(str(error)) from None

    def clean(self) -> dict[str, Any]:
        """Nobody is another to oneself."""
        cleaned: dict[str, Any] = super().clean() or {}
        if not self.acts_for_another:
            return cleaned
        number = cleaned.get("number", "")
        if number and number in {self.user.personal_id, self.user.tax_code}:
            self.add_error("number", _("Đây là số của chính ông/bà. Chọn hồ sơ của mình ở trên"))
        return cleaned

    @property
    def organisation(self) -> User | None:
        """Which organisation stands behind it."""
        if self.user.kind == User.Kind.ORGANISATION:
            return self.user
        key = self.cleaned_data.get("by") if self.acts_for_another else self.cleaned_data["whom"]
        return self.standing.get(str(key))

    @property
    def principal(self) -> Principal | None:
        """Who is acted for."""
        if not self.acts_for_another:
            return None
        data = self.cleaned_data
        person = bool(re.fullmatch(r"\d{12}", data["number"]))
        kind = Dossier.OwnerKind.PERSON if person else Dossier.OwnerKind.ORGANISATION
        return Principal(name=data["name"], number=data["number"], kind=kind, note=data["note"])

    @staticmethod
    def start_values(dossier: Dossier, user: User) -> dict[str, Any]:
        """The choice as it is stored."""
        organisation = dossier.organisation_id
        stands = str(organisation) if organisation and organisation != user.pk else "self"
        if not dossier.on_behalf:
            return {"whom": stands, "by": stands}
        return {
            "whom": OTHER,
            "by": stands,
            "name": dossier.owner_name,
            "number": dossier.owner_id,
            "note": dossier.authority_note,
        }
