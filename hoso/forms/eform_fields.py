"""One form field for each type of answer (`types` in danhmuc/data/eforms.json).

Every field takes what was typed as well as what is stored, and cleans both to the same stored answer: that is what
keeps a form that was saved, shown and opened again unchanged.
"""

import re
import unicodedata
from collections.abc import Iterable
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext as _

from config import formats
from config.typed import tidy
from config.widgets import MoneyField, VietnameseDateField, VietnameseDateWidget
from danhmuc import identifiers, lists
from danhmuc.text import narrow, nfc
from hoso.forms.eform_places import PlaceField, Places
from hoso.services.answers import EMPTY, Spec

LONGEST_TEXT = 500
LONGEST_LONGTEXT = 5000
#: What stands in names beside letters: “H'Hen Niê”, “Nguyễn-Phúc”, “Lê Văn A (tức Nam)”, two names in one box.
NAME_MARKS = " '’‘ʼ`´-‐‑.,()·"
#: Up to this many choices all are shown at once.
RADIO_CHOICES = 7
YEARS = (1850, 2150)


class TextField(forms.CharField):
    """One line: NFC, single spaces."""

    longest = LONGEST_TEXT

    def to_python(self, value: Any) -> str:
        """Tidied text."""
        return nfc(str(value)) if value not in EMPTY else ""

    def validate(self, value: Any) -> None:
        """Also bounded, whatever the form says."""
        super().validate(value)
        if len(value) > self.longest:
            raise ValidationError(
                _("%(label)s dài nhất %(most)d ký tự, đang có %(n)d")
                % {"label": self.label, "most": self.longest, "n": len(value)}
            )
        if bad := [c for c in value if unicodedata.category(c) in {"Cc", "Cs"} and c != "\n"]:
            raise ValidationError(
                _("%(label)s có %(n)d ký tự không đọc được, xóa đi rồi gõ lại chỗ đó")
                % {"label": self.label, "n": len(bad)}
            )


class NameField(TextField):
    """The name of a person, of one syllable or many, Vietnamese or not: letters, and the marks names are written with."""

    def validate(self, value: Any) -> None:
        """Also without digits, signs and pictures, which no register takes."""
        super().validate(value)
        bad = next((c for c in value if unicodedata.category(c)[0] not in "LM" and c not in NAME_MARKS), "")
        if bad:
            raise ValidationError(
                _("%(label)s chỉ gồm chữ cái, xóa ký tự “%(bad)s”") % {"label": self.label, "bad": bad}
            )


class LongTextField(TextField):
    """Several lines; each is tidied, empty ones at the ends go."""

    longest = LONGEST_LONGTEXT

    def to_python(self, value: Any) -> str:
        """Tidied lines."""
        lines = [nfc(line) for line in str(value or "").replace("\r\n", "\n").split("\n")]
        return "\n".join(lines).strip("\n")


class CheckedField(TextField):
    """Text judged by one of `danhmuc.identifiers`, stored in its official form."""

    def __init__(self, *, check: Any, show: Any = None, **kwargs: Any) -> None:
        self.check, self.show = check, show
        super().__init__(**kwargs)

    def to_python(self, value: Any) -> str:
        """The stored form, or the checker's own sentence as error."""
        text = narrow(super().to_python(value))
        if not text:
            return ""
        try:
            return str(self.check(text))
        except ValueError as error:
            raise ValidationError(str(error)) from None

    def prepare_value(self, value: Any) -> Any:
        """How a stored one is shown for editing."""
        return self.show(value) if self.show and value else value


def any_personal_id(text: str) -> str:
    """Twelve digits, or the nine of an old identity card."""
    digits = re.sub(r"[\s.\-]", "", text)
    return identifiers.old_id_number(digits) if len(digits) == 9 else identifiers.personal_id(digits)


def passport(text: str) -> str:
    """Number of a passport or another paper: letters and digits, upper case."""
    number = re.sub(r"\s", "", text).upper()
    if not re.fullmatch(r"[0-9A-ZĐ./\-]+", number):
        raise ValueError(_("Số giấy tờ chỉ gồm chữ cái, chữ số và các dấu . / -"))
    return number


def email(text: str) -> str:
    """An e-mail address, the domain in lower case."""
    try:
        validate_email(text)
    except ValidationError:
        raise ValueError(_("Thư điện tử phải có dạng ten@tenmien.vn")) from None
    name, _at, domain = text.rpartition("@")
    return f"{name}@{domain.lower()}"


class WholeField(forms.IntegerField):
    """A whole number; the page's mark between thousands is accepted."""

    def to_python(self, value: Any) -> int | None:
        """The number; anything else is told with the label."""
        if isinstance(value, str):
            thousands, _point = map(re.escape, formats.marks())
            value = re.sub(rf"(?<=\d)[{thousands}\s](?=\d{{3}}(\D|$))", "", tidy(value))
            if value and not re.fullmatch(r"-?\d{1,15}", value, re.ASCII):
                raise ValidationError(_("%(label)s phải là số nguyên, ví dụ 2") % {"label": self.label})
        return super().to_python(value)


class YearField(WholeField):
    """A year of four digits."""

    def to_python(self, value: Any) -> int | None:
        """The year; what is no number is told as what is no year."""
        try:
            return super().to_python(value)
        except ValidationError:
            raise self._refusal() from None

    def validate(self, value: Any) -> None:
        """Within living memory and planning."""
        super().validate(value)
        if value is not None and not YEARS[0] <= value <= YEARS[1]:
            raise self._refusal()

    def _refusal(self) -> ValidationError:
        return ValidationError(_("%(label)s phải là năm có 4 chữ số, ví dụ 1986") % {"label": self.label})


#: Vietnamese thousands, or three decimals: no box asks for three decimals.
_DOTTED = re.compile(r"-?\d{1,3}(\.\d{3})+", re.ASCII)


def _digits(text: str) -> str:
    """What is written as the page writes decimals, with a point and no thousands; the other language's decimal mark is
    understood too, where it cannot mean thousands.
    """
    thousands, point = formats.marks()
    if point == "." and _DOTTED.fullmatch(text):
        return ""  # on an English page: 1.500 is somebody's fifteen hundred
    if point in text or re.fullmatch(rf"-?\d{{1,3}}({re.escape(thousands)}\d{{3}})+", text):
        return text.replace(thousands, "").replace(point, ".")
    return text.replace(thousands, ".")


class DecimalField(TextField):
    """A decimal written as the page writes it (1.234,5; 1,234.5 on an English one); stored as "1234.5"."""

    def __init__(self, *, scale: int = 2, **kwargs: Any) -> None:
        self.scale = scale
        super().__init__(**kwargs)

    def to_python(self, value: Any) -> str:
        """Canonical digits."""
        text = narrow(super().to_python(value)).replace(" ", "")
        if not text:
            return ""
        plain = _digits(text)
        try:
            number = Decimal(plain)
        except InvalidOperation:
            number = Decimal("NaN")
        if not number.is_finite() or not re.fullmatch(r"-?\d{1,12}(\.\d+)?", plain, re.ASCII):
            raise ValidationError(_("%(label)s phải là số, ví dụ 120,5") % {"label": self.label})
        exponent = number.normalize().as_tuple().exponent
        if isinstance(exponent, int) and -exponent > self.scale:
            raise ValidationError(
                _("%(label)s có nhiều nhất %(n)d chữ số sau dấu phẩy")
                % {"label": self.label, "n": self.scale}
            )
        # Three decimals would read as thousands when typed again; scales here stop at two.
        return f"{number.normalize():f}"

    def prepare_value(self, value: Any) -> Any:
        """Shown as the page writes it; what was typed with dots between thousands stays as it was typed."""
        if isinstance(value, str) and _DOTTED.fullmatch(value):
            return value
        try:
            return formats.decimal_vi(value) if value not in EMPTY else ""
        except (InvalidOperation, ValueError):
            return value


class DateField(VietnameseDateField):
    """A whole date, stored ISO."""

    def clean(self, value: Any) -> Any:
        """The ISO text of the date."""
        found = super().clean(value)
        if found is None:
            return ""
        if not YEARS[0] <= found.year <= YEARS[1]:
            raise ValidationError(
                _("%(label)s: kiểm tra lại năm %(year)d") % {"label": self.label, "year": found.year}
            )
        return found.isoformat()


class PartialDateWidget(VietnameseDateWidget):
    """The three boxes of a date of which day, or day and month, may stay open."""

    def decompress(self, value: Any) -> list[str]:
        """Boxes of a stored date, whole or not."""
        if isinstance(value, str) and (found := re.fullmatch(r"(\d{4})(?:-(\d\d))?(?:-(\d\d))?", value)):
            year, month, day = found.groups()
            return [day or "", month or "", year]
        if isinstance(value, str) and value.count("/") == 2:
            return value.split("/")
        return super().decompress(value)


class PartialDateField(DateField):
    """A date that may be only a year or a month: "1960", "1960-05" or "1960-05-04"."""

    widget = PartialDateWidget

    def clean(self, value: Any) -> Any:
        """Stored text with as many parts as were typed."""
        text = tidy(value)
        if found := re.fullmatch(r"(\d{4})(?:-(\d\d))?", text) or re.fullmatch(r"(\d{4})//", text):
            year, month = found[1], (found[2] or "") if found.re.groups == 2 else ""
        elif found := re.fullmatch(r"/(\d{0,2})/(\d{4})", text) or re.fullmatch(r"(\d\d?)/(\d{4})//", text):
            month, year = found[1], found[2]
        else:
            return super().clean(value)
        if not YEARS[0] <= int(year) <= YEARS[1] or (month and not 1 <= int(month) <= 12):
            raise ValidationError(_("%(label)s: kiểm tra lại tháng và năm") % {"label": self.label})
        return f"{year}-{int(month):02d}" if month else year


class YesNoField(forms.TypedChoiceField):
    """Có or Không; stored true or false."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(
            choices=[("True", _("Có")), ("False", _("Không"))],
            coerce=lambda value: value == "True",
            empty_value="",
            widget=forms.RadioSelect,
            **kwargs,
        )

    def prepare_value(self, value: Any) -> Any:
        """The radio of a stored answer."""
        return str(value) if isinstance(value, bool) else value

    def to_python(self, value: Any) -> str:
        """Stored answers are taken as well."""
        return super().to_python(str(value) if isinstance(value, bool) else value)


def is_person_name(spec: Spec) -> bool:
    """Whether a line asks for the name of a person; the forms have no type of its own for it."""
    label = str(spec["label"])
    asks = str(spec["key"]).endswith("full_name") or re.match(
        r"Họ(,| và)?( chữ đệm)?(,| và)? tên|Họ tên", label
    )
    return bool(asks) and not re.search(r"tổ chức|giấy tờ|địa chỉ", label)


def label_of(spec: Spec, *, required: bool) -> str:
    """The printed form's words, without what the page says beside them: "(nếu có)" where one need not answer, the unit
    that stands behind the box.
    """
    label = str(spec["label"])
    if not required:
        label = re.sub(r"\s*\(nếu có\)$", "", label)
    return re.sub(r"\s*\(đồng\)$", "", label) if spec["type"] == "money" else label


def make(spec: Spec, places: Places, *, required: bool) -> forms.Field:
    """The form field that asks for one answer."""
    rules, kind = spec.get("rules", {}), spec["type"]
    common: dict[str, Any] = {
        "label": label_of(spec, required=required),
        "required": required,
        "help_text": _hint(spec),
    }
    options = lists.choices_of(spec)
    if kind in {"choice", *lists.BY_TYPE}:
        return _choice(options, common)
    if kind == "multichoice":
        return forms.MultipleChoiceField(choices=options, widget=forms.CheckboxSelectMultiple, **common)
    if kind == "date":
        return PartialDateField(**common) if rules.get("allow_partial") else DateField(**common)
    if kind in {"address", "place"}:
        return PlaceField(places=places, whole=kind == "address", **common)
    if kind == "text" and is_person_name(spec):
        return NameField(widget=forms.TextInput({"autocomplete": "off"}), **common)
    if kind == "text" and rules.get("format") == "decimal":
        return DecimalField(scale=rules.get("scale", 2), widget=_number_input(), **common)
    if kind == "person_id":
        old = "9" in rules.get("regex", "")
        check = any_personal_id if old else identifiers.personal_id
        return CheckedField(check=check, widget=_number_input(), **common)
    simple: dict[str, Any] = {
        "text": lambda: TextField(**common),
        "longtext": lambda: LongTextField(widget=forms.Textarea({"rows": 4}), **common),
        "integer": lambda: WholeField(widget=_number_input(), **common),
        "year": lambda: YearField(widget=_number_input(), **common),
        "money": lambda: MoneyField(**common),
        "yesno": lambda: YesNoField(**common),
        "passport": lambda: CheckedField(check=passport, **common),
        "tax_code": lambda: CheckedField(check=identifiers.tax_code, widget=_number_input(), **common),
        "phone": lambda: CheckedField(
            check=identifiers.phone,
            show=_phone_shown,
            widget=forms.TextInput({"inputmode": "tel", "autocomplete": "tel", "class": "form-control num"}),
            **common,
        ),
        "email": lambda: CheckedField(
            check=email, widget=forms.TextInput({"inputmode": "email", "autocomplete": "email"}), **common
        ),
    }
    made: forms.Field = simple[kind]()
    return made


def _phone_shown(value: str) -> str:
    return formats.phone(value) if re.fullmatch(r"\+84\d+", value) else value


def _number_input() -> forms.TextInput:
    # No `maxlength`: a pasted number with spaces would be cut off unseen.
    return forms.TextInput({"inputmode": "decimal", "autocomplete": "off", "class": "form-control num"})


def _choice(options: Iterable[tuple[str, str]], common: dict[str, Any]) -> forms.ChoiceField:
    rows = list(options)
    if len(rows) <= RADIO_CHOICES:
        return forms.ChoiceField(choices=rows, widget=forms.RadioSelect, **common)
    return forms.ChoiceField(choices=[("", _("Chọn một mục")), *rows], **common)


def _hint(spec: Spec) -> str:
    hint, rules = str(spec.get("help", "")), spec.get("rules", {})
    if spec["type"] == "date" and not hint:
        hint = _("Không nhớ ngày, tháng thì chỉ ghi năm.") if rules.get("allow_partial") else ""
    if rules.get("format") == "month" and not hint:
        hint = _("Tháng và năm, ví dụ 09/2026.")
    return hint


def stored(value: Any) -> bool:
    """Whether a cleaned answer is worth keeping."""
    return value not in EMPTY and not isinstance(value, date)
