"""Forms of the cashier: statements, lines nobody could place, the day to look at."""

from typing import Any

from django import forms

from config.widgets import VietnameseDateField
from hoso.forms.steps import text_area

MOST_BYTES = 5 * 1024 * 1024


class StatementForm(forms.Form):
    """A statement as the bank's own page exports it."""

    use_required_attribute = False

    file = forms.FileField(
        label="Tệp sao kê (CSV)",
        help_text="Cần các cột ngày giao dịch, số tham chiếu, ghi có, nội dung. Tối đa 5 MB.",
        widget=forms.FileInput(attrs={"accept": ".csv,.txt"}),
        error_messages={"required": "Chọn tệp sao kê", "empty": "Tệp này rỗng, chọn tệp khác"},
    )

    def clean_file(self) -> Any:
        """No statement of one account is that long."""
        file = self.cleaned_data["file"]
        if file.size > MOST_BYTES:
            raise forms.ValidationError("Tệp lớn hơn 5 MB. Xuất sao kê của ít ngày hơn.")
        return file


class PlaceForm(forms.Form):
    """Which dossier a line belongs to."""

    use_required_attribute = False

    code = forms.CharField(
        label="Mã hồ sơ, mã nộp trực tuyến hoặc mã giao dịch",
        max_length=64,
        error_messages={"required": "Nhập mã hồ sơ"},
    )


class SetAsideForm(forms.Form):
    """What a line is when it is no fee."""

    use_required_attribute = False

    note = forms.CharField(
        label="Khoản tiền này là gì",
        max_length=500,
        widget=text_area(2),
        error_messages={"required": "Ghi rõ khoản tiền này là gì"},
    )


class DayForm(forms.Form):
    """The day to reconcile."""

    use_required_attribute = False

    day = VietnameseDateField(label="Ngày", required=True)
