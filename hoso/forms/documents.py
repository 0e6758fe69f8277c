"""What a paper says of itself."""

from typing import Any

from django import forms

from config.widgets import VietnameseDateField
from hoso.forms.eform_fields import TextField


class DocumentFactsForm(forms.Form):
    """Number, day of issue, and until when it is valid; what the paper does not say stays empty."""

    use_required_attribute = False

    number = TextField(label="Số, ký hiệu", required=False, max_length=60)
    issued_on = VietnameseDateField(label="Ngày cấp, ngày ban hành", required=False, past_only=True)
    valid_to = VietnameseDateField(
        label="Có giá trị đến ngày",
        required=False,
        help_text="Để trống khi giấy tờ không ghi thời hạn. Quá ngày này thì hồ sơ sau không dùng lại được.",
    )

    def clean(self) -> dict[str, Any]:
        """A paper is valid from the day it was issued on."""
        cleaned: dict[str, Any] = super().clean() or {}
        issued, ends = cleaned.get("issued_on"), cleaned.get("valid_to")
        if issued and ends and ends < issued:
            self.add_error("valid_to", "Ngày hết giá trị phải sau ngày cấp")
        return cleaned
