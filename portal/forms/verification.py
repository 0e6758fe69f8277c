"""Asking whether a result is genuine."""

from typing import Any

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _


class CodeForm(forms.Form):
    """The code beside the QR."""

    use_required_attribute = False

    ma = forms.CharField(
        label=_("Mã xác minh"),
        help_text=_("9 chữ và số in cạnh mã QR trên văn bản kết quả."),
        max_length=40,
        error_messages={"required": _("Nhập mã xác minh in cạnh mã QR trên văn bản")},
        widget=forms.TextInput(
            {"autocapitalize": "characters", "autocomplete": "off", "spellcheck": "false"}
        ),
    )


class FileForm(forms.Form):
    """A file to compare. It is read and forgotten."""

    use_required_attribute = False

    tep = forms.FileField(
        label=_("Tệp cần so sánh"),
        allow_empty_file=True,
        error_messages={"required": _("Chọn tệp PDF ông/bà đang có")},
        widget=forms.FileInput({"accept": ".pdf,application/pdf"}),
    )

    def clean_tep(self) -> Any:
        """No more than an upload may hold."""
        upload = self.cleaned_data["tep"]
        if upload.size > settings.UPLOAD_MAX_BYTES:
            most = settings.UPLOAD_MAX_BYTES // 1024**2
            raise ValidationError(
                gettext("Tệp lớn hơn %(most)s MB, không phải bản do hệ thống phát hành.") % {"most": most}
            )
        return upload
