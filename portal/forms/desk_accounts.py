"""What a desk officer types about somebody's account: whose it is, and what the papers shown say."""

import re
from typing import Any

from django import forms

from config.widgets import VietnameseDateField
from danhmuc.models import User
from hoso.forms.eform_fields import CheckedField, TextField
from portal.forms.accounts import (
    GENDERS,
    WarnedMixin,
    email_field,
    id_field,
    mobile_field,
    name_field,
    organisation_code,
    require,
)
from portal.models import AccountCorrection
from portal.services import corrections

Paper = AccountCorrection.Paper
PAPERS = {
    User.Kind.CITIZEN: (Paper.CARD, Paper.BIRTH, Paper.CIVIL, Paper.RESIDENCE, Paper.PASSPORT),
    User.Kind.ORGANISATION: (Paper.REGISTRATION, Paper.FOUNDING, Paper.TAX),
}


#: A contact opens the account: for a person's it takes a paper with a photograph on it.
WITH_PHOTO = (Paper.CARD, Paper.PASSPORT)


class FindForm(forms.Form):
    """One number that names the account."""

    use_required_attribute = False

    q = TextField(
        label="Số định danh, mã số thuế, số điện thoại hoặc mã hồ sơ",
        help_text="Gõ đủ số. Không tìm theo họ tên.",
        error_messages={
            "required": "Nhập số định danh, mã số thuế, số điện thoại hoặc mã hồ sơ của người đang đứng tại quầy"
        },
        widget=forms.TextInput({"autocomplete": "off", "spellcheck": "false", "class": "form-control num"}),
    )


class CorrectionForm(WarnedMixin):
    """The account as the papers say it is, and which papers those are."""

    use_required_attribute = False

    full_name = name_field("Họ và tên", help_text="Như trên giấy tờ, viết có dấu.")
    birth_date = VietnameseDateField(label="Ngày sinh", past_only=True)
    gender = forms.ChoiceField(label="Giới tính", widget=forms.RadioSelect, choices=GENDERS)
    personal_id = id_field("Số định danh cá nhân", help_text="12 chữ số trên căn cước hoặc giấy khai sinh.")
    tax_code = CheckedField(
        label="Mã số thuế",
        check=organisation_code,
        widget=forms.TextInput({"inputmode": "numeric", "autocomplete": "off", "class": "form-control num"}),
    )
    phone = mobile_field("Điện thoại di động mới", required=False)
    drop_phone = forms.BooleanField(label="Xóa điện thoại đang lưu, không ghi số mới", required=False)
    email = email_field("Thư điện tử mới", required=False)
    drop_email = forms.BooleanField(label="Xóa thư điện tử đang lưu, không ghi thư mới", required=False)
    paper = forms.ChoiceField(label="Giấy tờ xuất trình", widget=forms.RadioSelect)
    paper_number = TextField(
        label="Số giấy tờ", widget=forms.TextInput({"autocomplete": "off", "class": "form-control num"})
    )
    paper_on = VietnameseDateField(label="Ngày cấp", past_only=True)
    reason = TextField(label="Lý do sửa", help_text="Ví dụ: gõ nhầm hai số cuối khi đăng ký.")
    seen = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def __init__(self, account: User, *args: Any, linked: bool, **kwargs: Any) -> None:
        self.account = account
        super().__init__(*args, **kwargs)
        self.corrected = list(corrections.labels_of(account, linked=linked))
        for name in {"full_name", "birth_date", "gender", "personal_id", "tax_code"} - set(self.corrected):
            del self.fields[name]
        if account.kind == User.Kind.ORGANISATION:
            if not linked:
                self.fields["full_name"] = TextField(
                    label="Tên tổ chức", help_text="Như trên giấy chứng nhận đăng ký."
                )
                self.fields["full_name"].longest = 160  # type: ignore[attr-defined]
            del self.fields["sure"]
        for name in corrections.CONTACTS:
            stored = corrections.contact(account, name)
            self.fields[name].help_text = f"Đang lưu: {stored or 'chưa có'}."
            self.fields[name].widget.attrs["autocomplete"] = "off"
            if not stored:
                del self.fields[f"drop_{name}"]
        paper = self.fields["paper"]
        assert isinstance(paper, forms.ChoiceField)
        paper.choices = [(kind.value, kind.label) for kind in PAPERS[User.Kind(account.kind)]]
        self.fields["paper_number"].longest = 60  # type: ignore[attr-defined]
        self.fields["reason"].longest = 300  # type: ignore[attr-defined]
        self.order_fields(
            [
                *self.corrected,
                "sure",
                *(f"{drop}{name}" for name in corrections.CONTACTS for drop in ("", "drop_")),
                "paper",
                "paper_number",
                "paper_on",
                "reason",
                "seen",
            ]
        )
        sentences = {
            "full_name": "Nhập tên như trên giấy tờ",
            "birth_date": "Nhập ngày sinh",
            "gender": "Chọn giới tính",
            "personal_id": "Nhập số định danh cá nhân",
            "tax_code": "Nhập mã số thuế",
            "paper": "Chọn giấy tờ người dân đưa xem",
            "paper_number": "Nhập số của giấy tờ",
            "paper_on": "Nhập ngày cấp giấy tờ",
            "reason": "Nhập lý do sửa",
        }
        require(self, **{name: words for name, words in sentences.items() if name in self.fields})
        paper.error_messages["invalid_choice"] = sentences["paper"]
        for name in self.corrected:
            self.initial.setdefault(name, getattr(account, name))

    def clean(self) -> dict[str, Any]:
        """The number against birth date and sex, and against the card it was read from."""
        cleaned: dict[str, Any] = super().clean() or {}
        if self.account.kind == User.Kind.CITIZEN:
            number = cleaned.get("personal_id", "")
            born = cleaned.get("birth_date", self.account.birth_date)
            gender = cleaned.get("gender", self.account.gender)
            card = re.sub(r"\D", "", cleaned.get("paper_number", ""))
            if number and card and cleaned.get("paper") == Paper.CARD and card != number:
                self.add_error(
                    "paper_number",
                    "Số trên thẻ căn cước chính là số định danh; hai số đang khác nhau, xem lại từng số",
                )
            if self.contacts() and cleaned.get("paper") not in (None, "", *WITH_PHOTO):
                self.add_error(
                    "paper",
                    "Thay hoặc xóa điện thoại, thư điện tử thì phải xem thẻ căn cước, căn cước công dân hoặc hộ chiếu có ảnh",
                )
            self.judge(number, born, gender)
        for name in corrections.CONTACTS:
            if cleaned.get(name) and cleaned.get(f"drop_{name}"):
                self.add_error(f"drop_{name}", "Đã nhập liên hệ mới thì liên hệ cũ tự thay; bỏ dấu chọn xóa")
        return cleaned

    def contacts(self) -> dict[str, str]:
        """The contacts to replace, or to remove (empty); a box left empty keeps what is stored."""
        data = self.cleaned_data
        named = [name for name in corrections.CONTACTS if data.get(name) or data.get(f"drop_{name}")]
        return {name: data.get(name) or "" for name in named}

    def values(self) -> dict[str, Any]:
        """What the account is to hold."""
        return {name: self.cleaned_data[name] for name in self.corrected} | self.contacts()

    def shown_paper(self) -> corrections.Paper:
        """What was shown at the counter."""
        data = self.cleaned_data
        return corrections.Paper(data["paper"], data["paper_number"], data["paper_on"])
