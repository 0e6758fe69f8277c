"""What the public look-up asks."""

import re

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy


class LookupForm(forms.Form):
    """A code and four digits the applicant knows."""

    use_required_attribute = False

    ma = forms.CharField(
        label=gettext_lazy("Mã hồ sơ"),
        max_length=80,
        help_text=gettext_lazy(
            "In trên giấy tiếp nhận hồ sơ, giấy xác nhận nộp hoặc trong tin nhắn. Không cần đăng nhập."
        ),
        widget=forms.TextInput(
            {"autocomplete": "off", "spellcheck": "false", "autocapitalize": "characters"}
        ),
    )
    so = forms.CharField(
        label=gettext_lazy("4 số cuối căn cước công dân hoặc điện thoại của người nộp"),
        max_length=12,
        widget=forms.TextInput(
            {"inputmode": "numeric", "autocomplete": "off", "class": "form-control num dv-four"}
        ),
    )

    def clean_so(self) -> str:
        """Exactly four digits."""
        digits = re.sub(r"\s", "", self.cleaned_data["so"])
        if not re.fullmatch(r"\d{4}", digits, re.ASCII):
            raise ValidationError(_("Nhập đúng 4 chữ số"))
        return digits
