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
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from config.formats import dong, marks
from config.typed import tidy

_POWERS = {"nghìn": 1000, "ngàn": 1000, "k": 1000, "triệu": 10**6, "tr": 10**6, "tỷ": 10**9, "tỉ": 10**9}


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

    A single value under the plain name (`?x=2021-09-15`) is read too, and so is a whole date that was typed or pasted
    into the first box: 15/09/2021, 15-9-2021, 15.9.2021, 15092021.
    """

    template_name = "dv/date.html"
    use_fieldset = True

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        """`attrs` goes to each of the three boxes."""
        box = {"inputmode": "numeric", "autocomplete": "off", "class": "form-control num", **(attrs or {})}
        super().__init__(
            {
                # Room for more than is right: what does not fit would be cut off unseen.
                "d": forms.TextInput({**box, "maxlength": 20}),
                "m": forms.TextInput({**box, "maxlength": 8}),
                "y": forms.TextInput({**box, "maxlength": 8}),
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
        labels = (_("Ngày"), _("Tháng"), _("Năm"))
        for part, label in zip(context["widget"]["subwidgets"], labels, strict=True):
            part["label"] = label
        return context

    def value_from_datadict(self, data: Mapping[str, Any], files: Any, name: str) -> Any:
        """What was typed, as "d/m/y"; empty when nothing was."""
        parts = [tidy(part) for part in super().value_from_datadict(data, files, name)]
        if not any(parts):
            return tidy(data.get(name))
        if not parts[1] and not parts[2] and (whole := _whole_date(parts[0])):
            return whole
        return "/".join(parts)

    def value_omitted_from_data(self, data: Mapping[str, Any], files: Any, name: str) -> bool:
        """Nothing was sent under either kind of name."""
        return name not in data and bool(super().value_omitted_from_data(data, files, name))


def _whole_date(text: str) -> str:
    """A date somebody wrote into one box, as "d/m/y"; "" when it is none."""
    if found := re.fullmatch(r"(\d{4})-(\d{1,2})-(\d{1,2})", text):
        return f"{found[3]}/{found[2]}/{found[1]}"
    found = re.fullmatch(r"(\d{1,2})\s*[/.\- ]\s*(\d{1,2})\s*[/.\- ]\s*(\d{1,4})", text) or re.fullmatch(
        r"(\d\d)(\d\d)(\d{4})", text
    )
    return "/".join(found.groups()) if found else ""


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
        label, text = str(self.label or _("Ngày")), tidy(value)
        if found := re.fullmatch(r"(\d{4})-(\d\d)-(\d\d)", text):
            year, month, day = found.groups()
        elif found := re.fullmatch(r"(\d{1,2})/(\d{1,2})/(\d{4})", text):
            day, month, year = found.groups()
        else:
            raise ValidationError(self._why_no_date(label, text))
        try:
            return date(int(year), int(month), int(day))
        except ValueError:
            raise ValidationError(
                _("%(label)s: không có ngày %(day)02d/%(month)02d/%(year)s, kiểm tra lại ngày và tháng")
                % {"label": label, "day": int(day), "month": int(month), "year": year}
            ) from None

    @staticmethod
    def _why_no_date(label: str, text: str) -> str:
        """What to do about something that is no date."""
        parts = text.split("/")
        if len(parts) == 3 and all(part.isdecimal() or not part for part in parts):
            names = (pgettext("ô", "ngày"), pgettext("ô", "tháng"), pgettext("ô", "năm"))
            if missing := [name for name, part in zip(names, parts, strict=True) if not part]:
                return _("%(label)s còn thiếu %(missing)s, ghi đủ như ví dụ 15 09 1986") % {
                    "label": label,
                    "missing": ", ".join(missing),
                }
            if len(parts[2]) != 4:
                return _("%(label)s: năm phải có đủ 4 chữ số, ví dụ 1986") % {"label": label}
        return _("%(label)s phải có đủ ngày, tháng và năm 4 chữ số, ví dụ 15 09 1986") % {"label": label}

    def validate(self, value: Any) -> None:
        """Also refuse a future date where only the past makes sense."""
        super().validate(value)
        if self.past_only and value and value > timezone.localdate():
            raise ValidationError(
                _("%(label)s phải là ngày trong quá khứ") % {"label": self.label or _("Ngày")}
            )

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
        """80.000.000, as the page writes numbers; what cannot be read as an amount is shown as typed."""
        if isinstance(value, str) and not re.fullmatch(r"\d{1,16}", value, re.ASCII):
            return value
        return dong(value)


class MoneyField(forms.IntegerField):
    """Whole đồng; accepts 80000000, 80.000.000, 80 000 000, 80,000,000 and "80.000.000 đ". Cleans to `int` or None.

    One group after the other language's mark ("8,000", on an English page "8.000") is refused: it may mean eight.
    """

    widget = MoneyInput

    def __init__(self, *, min_value: int | None = 0, **kwargs: Any) -> None:
        """Takes what an integer field takes; amounts are not negative unless said so."""
        self.least = min_value
        super().__init__(**kwargs)

    def to_python(self, value: Any) -> int | None:
        """The amount without dots, spaces and unit."""
        label = self.label or _("Số tiền")
        if isinstance(value, str):
            typed = tidy(value)
            text = re.sub(r"\s*(đồng|đ|₫|vnđ|vnd)\.?$", "", typed.lower())
            thousands, point = map(re.escape, marks())
            amounts = rf"-?(\d+|\d{{1,3}}([{thousands} ]\d{{3}})+|\d{{1,3}}({point}\d{{3}}){{2,}})"
            if text and not re.fullmatch(amounts, text):
                if found := re.fullmatch(r"(\d{1,6})\s*(nghìn|ngàn|k|triệu|tr|tỷ|tỉ)", text):
                    amount = dong(int(found[1]) * _POWERS[found[2]])
                    raise ValidationError(
                        _("%(label)s phải ghi bằng số: “%(typed)s” ghi là %(amount)s")
                        % {"label": label, "typed": typed, "amount": amount}
                    )
                raise ValidationError(
                    _("%(label)s phải là số tiền tròn đồng, ví dụ 80.000.000") % {"label": label}
                )
            value = re.sub(r"[., ]", "", text)
            if len(value) > 16:
                raise ValidationError(_("%(label)s quá lớn, kiểm tra lại số tiền") % {"label": label})
        return super().to_python(value)

    def validate(self, value: Any) -> None:
        """Also refuse what is below the least amount."""
        super().validate(value)
        if value is not None and self.least is not None and value < self.least:
            raise ValidationError(
                _("%(label)s không được dưới %(least)s đồng")
                % {"label": self.label or _("Số tiền"), "least": dong(self.least)}
            )

    def has_changed(self, initial: Any, data: Any) -> bool:
        """Compare amounts, not the way they were typed."""
        try:
            return bool(self.to_python(initial) != self.to_python(data))
        except ValidationError:
            return True
