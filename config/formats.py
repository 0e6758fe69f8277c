"""How numbers, dates, money and people's names are written; the design guide (§8) is the source.

Functions take what a view holds (`date`, `datetime`, `int`, `Decimal`) and what stored facts hold (ISO
strings); they show nothing for a missing value rather than "None". A value of another kind is a mistake of
ours and raises. `config.ui` registers them as template filters.

Numbers and money follow the language of the page: a reader of English takes 1.234 for one and a bit. Dates keep day,
month and year in this order on every page, as they stand on the papers people hold.
"""

import re
from datetime import date, datetime, time
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from django.utils import timezone
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _

from config.words import in_words

NBSP = "\u00a0"
WEEKDAYS = (
    _("thứ Hai"), _("thứ Ba"), _("thứ Tư"), _("thứ Năm"), _("thứ Sáu"), _("thứ Bảy"), _("Chủ nhật"),
)  # fmt: skip


# ---------- Dates and times ----------


def _moment(value: Any) -> date | datetime | None:
    """A date or local datetime from a date, datetime or ISO string; None for a missing value."""
    if value is None or value == "":
        return None
    if isinstance(value, str):
        value = date.fromisoformat(value) if len(value) == 10 else datetime.fromisoformat(value)
    if isinstance(value, datetime):
        return timezone.localtime(value) if timezone.is_aware(value) else value
    if isinstance(value, date):
        return value
    raise TypeError(f"Không phải ngày: {value!r}")


def _two(number: int, pad_from: int) -> str:
    # Nghị định 30/2020: days below 10 and months 1 and 2 are written with a leading zero.
    return f"{number:02d}" if number < pad_from else str(number)


def vndate(value: Any) -> str:
    """15/09/2021, in local time."""
    moment = _moment(value)
    return f"{moment:%d/%m/%Y}" if moment else ""


def vndaymonth(value: Any) -> str:
    """15/09: the big figure on a slip's stub, where the year is clear."""
    moment = _moment(value)
    return f"{moment:%d/%m}" if moment else ""


def vntime(value: Any) -> str:
    """16:30, in local time; also takes a `time`."""
    if isinstance(value, time):
        return f"{value:%H:%M}"
    moment = _moment(value)
    return f"{moment:%H:%M}" if isinstance(moment, datetime) else ""


def vndatetime(value: Any) -> str:
    """16:30 ngày 15/09/2021, in local time; a plain date has no hour to show."""
    moment = _moment(value)
    if isinstance(moment, datetime):
        on = gettext("ngày")
        return f"{moment:%H:%M} {on} {moment:%d/%m/%Y}"
    return vndate(moment)


def weekday(value: Any) -> str:
    """thứ Tư."""
    moment = _moment(value)
    return str(WEEKDAYS[moment.weekday()]) if moment else ""


def weekday_date(value: Any) -> str:
    """thứ Tư, 15/09/2021."""
    moment = _moment(value)
    return f"{weekday(moment)}, {vndate(moment)}" if moment else ""


def vndate_long(value: Any) -> str:
    """ngày 06 tháng 9 năm 2021, as on official papers."""
    moment = _moment(value)
    if not moment:
        return ""
    return f"ngày {_two(moment.day, 10)} tháng {_two(moment.month, 3)} năm {moment.year}"


def vndatetime_long(value: Any) -> str:
    """16 giờ 30 phút, ngày 17 tháng 9 năm 2021, as on official papers."""
    moment = _moment(value)
    if isinstance(moment, datetime):
        return f"{moment:%H} giờ {moment:%M} phút, {vndate_long(moment)}"
    return vndate_long(moment)


def isotime(value: Any) -> str:
    """2021-09-15T16:30 (or a plain date) for the `datetime` attribute of `<time>`."""
    moment = _moment(value)
    if isinstance(moment, datetime):
        return f"{moment:%Y-%m-%dT%H:%M}"
    return moment.isoformat() if moment else ""


# ---------- Numbers and money ----------


def marks() -> tuple[str, str]:
    """What stands between thousands, and before decimals."""
    return (",", ".") if get_language() == "en" else (".", ",")


def _rounded(value: Any, places: int) -> Decimal:
    return Decimal(str(value)).quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_UP)


def _grouped(value: Any, places: int) -> str:
    number = _rounded(value, places)
    number = abs(number) if number == 0 else number  # never "-0"
    thousands, point = marks()
    whole, _, fraction = f"{number:,f}".replace("-", "\u2212").partition(".")
    whole = whole.replace(",", thousands)
    return f"{whole}{point}{fraction}" if fraction else whole


def decimal_vi(value: Any, places: int | None = None) -> str:
    """1.234,5 (1,234.5 on English pages); `places` fixes the decimals, else as many as needed."""
    if value is None or value == "":
        return ""
    if places is not None:
        return _grouped(value, int(places))
    plain = Decimal(str(value)).normalize()
    return _grouped(plain, max(0, -int(plain.as_tuple().exponent)))


def vnd(value: Any) -> str:
    """1.234.567 ₫ with a non-breaking space (1,234,567 VND on English pages); whole đồng."""
    sign = "VND" if get_language() == "en" else "₫"
    return "" if value is None or value == "" else f"{_grouped(value, 0)}{NBSP}{sign}"


def dong(value: Any) -> str:
    """1.234.567 for columns headed "(đồng)", and any count; whole numbers, no sign."""
    return "" if value is None or value == "" else _grouped(value, 0)


def vnd_words(value: Any) -> str:
    """Một triệu hai trăm nghìn đồng: the amount in words on receipts, capitalised."""
    if value is None or value == "":
        return ""
    words = in_words(int(value)) + " đồng"
    return words[0].upper() + words[1:]


def percent(value: Any, places: int = 1) -> str:
    """97,8%: of a share between 0 and 1."""
    return "" if value is None or value == "" else f"{_grouped(Decimal(str(value)) * 100, int(places))}%"


def two_digits(value: Any) -> str:
    """03: legal periods and counts of papers keep two digits."""
    return "" if value is None or value == "" else f"{int(value):02d}"


def filesize_vi(value: Any) -> str:
    """1,2 MB; decimal units, as telephones and computers show them to people."""
    if value is None or value == "":
        return ""
    size = Decimal(int(value))
    for unit in ("B", "kB", "MB", "GB"):
        rounded = _rounded(size, 0 if unit in ("B", "kB") else 1)
        if unit == "GB" or rounded < 1000:
            return f"{decimal_vi(rounded)}{NBSP}{unit}"
        size /= 1000
    raise AssertionError("unreachable: GB always returns")


def phone(value: Any) -> str:
    """0912 345 678 (also from +84912345678); numbers of another length are shown as they are."""
    digits = re.sub(r"\D", "", str(value or ""))
    if digits.startswith("84") and len(digits) in (11, 12):
        digits = "0" + digits[2:]
    if len(digits) == 10 and digits.startswith("0"):
        return f"{digits[:4]} {digits[4:7]} {digits[7:]}"
    if len(digits) == 11 and digits.startswith("02"):
        return f"{digits[:4]} {digits[4:8]} {digits[8:]}"
    return str(value or "")


# ---------- What the public may see of a person ----------


def mask_name(value: Any) -> str:
    """Nguyễn V** A**: the family name and initials; enough to know oneself, not enough to find another."""
    family, *others = str(value or "").split() or [""]
    return " ".join([family, *(f"{word[0]}**" for word in others)])


def mask_id(value: Any) -> str:
    """********4317: the last four characters of an identity number; short numbers are hidden whole."""
    text = str(value or "")
    kept = text[-4:] if len(text) >= 8 else ""
    return "*" * (len(text) - len(kept)) + kept


def short_code(value: Any) -> str:
    """210913-0027: the tail of a dossier code, for tables of one agency."""
    found = re.search(r"\d{6}-\d{4,7}$", str(value or ""))
    return found.group() if found else str(value or "")
