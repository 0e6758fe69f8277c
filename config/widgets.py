"""Form fields the way people here write: a date in three boxes, an amount with dots, choices with a price."""

import re
from collections.abc import Mapping
from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.safestring import SafeString, mark_safe

from config.formats import dong


class ChoiceLabel(str):
    """The label of a radio choice with an explanation and, where it costs something, a price in đồng.

    The second half of a choice: `("POST", ChoiceLabel("Bưu điện đến nhà nhận", "Gọi trước", 26000))`.
    """

    hint: str
    price: int | None

    def __new__(cls, text: str, hint: str = "", price: int | None = None) -> "ChoiceLabel":
        """A string that also carries `hint` and `price`."""
        label = super().__new__(cls, text)
        label.hint, label.price = hint, price
        return label


class _OurTemplate:
    """Draws a widget with the project's templates; Django's form renderer only looks into the apps'."""

    def _render(self, template_name: str, context: dict[str, Any], renderer: Any = None) -> SafeString:
        return mark_safe(render_to_string(template_name, context))


class VietnameseDateWidget(_OurTemplate, forms.MultiWidget):
    """Day, month and year as three number boxes (names `x_d`, `x_m`, `x_y`); no calendar to fight with.

    A single value under the plain name (`?x=2021-09-15`, or 15/09/2021 typed into the first box) is read too.
    """

    template_name = "dv/date.html"
    use_fieldset = True

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        """`attrs` goes to each of the three boxes."""
        box = {"inputmode": "numeric", "autocomplete": "off", "class": "form-control num", **(attrs or {})}
        super().__init__(
            {
                "d": forms.TextInput({**box, "maxlength": 10}),
                "m": forms.TextInput({**box, "maxlength": 2}),
                "y": forms.TextInput({**box, "maxlength": 4}),
            }
        )

    def decompress(self, value: Any) -> list[str]:
        """The three boxes of a date, or of what was typed when it is none."""
        if isinstance(value, date):
            return [f"{value.day:02d}", f"{value.month:02d}", str(value.year)]
        if isinstance(value, str) and value.count("/") == 2:
            return value.split("/")
        try:
            return self.decompress(date.fromisoformat(value)) if value else ["", "", ""]
        except ValueError:
            return [str(value), "", ""]

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        """Add the three labels."""
        context = super().get_context(name, value, attrs)
        for part, label in zip(context["widget"]["subwidgets"], ("Ngày", "Tháng", "Năm"), strict=True):
            part["label"] = label
        return context

    def value_from_datadict(self, data: Mapping[str, Any], files: Any, name: str) -> Any:
        """What was typed, as "d/m/y"; empty when nothing was."""
        parts = [str(part or "").strip() for part in super().value_from_datadict(data, files, name)]
        if not any(parts):
            return str(data.get(name) or "").strip()
        if parts[0].count("/") == 2 and not parts[1] and not parts[2]:
            return parts[0]
        return "/".join(parts)

    def value_omitted_from_data(self, data: Mapping[str, Any], files: Any, name: str) -> bool:
        """Nothing was sent under either kind of name."""
        return name not in data and bool(super().value_omitted_from_data(data, files, name))


class VietnameseDateField(forms.Field):
    """A date; cleans to `date` or None. Messages name the field's own label and say what to do.

    `past_only` refuses tomorrow and later (dates of birth, of issue).
    """

    widget = VietnameseDateWidget

    def __init__(self, *, past_only: bool = False, **kwargs: Any) -> None:
        """Takes what every form field takes, and `past_only`."""
        self.past_only = past_only
        super().__init__(**kwargs)

    def to_python(self, value: Any) -> date | None:
        """A date from a date, an ISO string or "d/m/y"."""
        if value in self.empty_values:
            return None
        if isinstance(value, date):
            return value
        label = str(self.label or "Ngày")
        text = str(value)
        if found := re.fullmatch(r"(\d{4})-(\d\d)-(\d\d)", text):
            year, month, day = found.groups()
        elif found := re.fullmatch(r"(\d{1,2})/(\d{1,2})/(\d{4})", text):
            day, month, year = found.groups()
        else:
            raise ValidationError(f"{label} phải có đủ ngày, tháng và năm 4 chữ số, ví dụ 15 09 1986")
        try:
            return date(int(year), int(month), int(day))
        except ValueError:
            raise ValidationError(
                f"{label}: không có ngày {int(day):02d}/{int(month):02d}/{year}, kiểm tra lại ngày và tháng"
            ) from None

    def validate(self, value: Any) -> None:
        """Also refuse a future date where only the past makes sense."""
        super().validate(value)
        if self.past_only and value and value > timezone.localdate():
            raise ValidationError(f"{self.label or 'Ngày'} phải là ngày trong quá khứ")

    def has_changed(self, initial: Any, data: Any) -> bool:
        """Compare dates, not the way they were typed."""
        try:
            return bool(self.to_python(initial) != self.to_python(data))
        except ValidationError:
            return True


class MoneyInput(_OurTemplate, forms.TextInput):
    """An amount in whole đồng, shown with dots and its unit."""

    template_name = "dv/money.html"

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        """`attrs` goes to the input."""
        super().__init__(
            {"inputmode": "numeric", "autocomplete": "off", "class": "form-control num", **(attrs or {})}
        )

    def format_value(self, value: Any) -> str:
        """80.000.000; what cannot be read as an amount is shown as typed."""
        if isinstance(value, str) and not value.lstrip("-").isdigit():
            return value
        return dong(value)


class MoneyField(forms.IntegerField):
    """Whole đồng; accepts 80000000, 80.000.000, 80 000 000 and "80.000.000 đ". Cleans to `int` or None."""

    widget = MoneyInput

    def __init__(self, *, min_value: int | None = 0, **kwargs: Any) -> None:
        """Takes what an integer field takes; amounts are not negative unless said so."""
        super().__init__(min_value=min_value, **kwargs)

    def to_python(self, value: Any) -> int | None:
        """The amount without dots, spaces and unit."""
        if isinstance(value, str):
            text = re.sub(r"\s*(đồng|đ|₫|vnđ|vnd)\.?$", "", value.strip().lower()).replace("\u00a0", " ")
            if not re.fullmatch(r"-?(\d+|\d{1,3}([. ]\d{3})+|\d{1,3}(,\d{3}){2,})", text) and text:
                raise ValidationError(
                    f"{self.label or 'Số tiền'} phải là số tiền tròn đồng, ví dụ 80.000.000"
                )
            value = re.sub(r"[., ]", "", text)
        return super().to_python(value)

    def has_changed(self, initial: Any, data: Any) -> bool:
        """Compare amounts, not the way they were typed."""
        try:
            return bool(self.to_python(initial) != self.to_python(data))
        except ValidationError:
            return True
