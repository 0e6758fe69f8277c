"""Identifiers people type: how they look, how they are stored, what is wrong with them (domain §21).

Checkers return the stored form or raise ValueError with a Vietnamese sentence for the person who typed.
"""

import re
from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext as _

_TAX_WEIGHTS = (31, 29, 23, 19, 17, 13, 7, 5, 3)
_S10_WEIGHTS = (8, 6, 4, 2, 3, 5, 9, 7)
_PROCEDURE = re.compile(r"^\d\.\d{6}(\.[0-9A-Z]+)*$")
_AGENCY = re.compile(r"^[A-Y]\d{2}(\.[0-9A-Z]+)*$")
_LEGACY_AGENCY = re.compile(r"^\d{3}(\.\d{2}){2}\.[A-Y]\d{2}$")
_DOSSIER = re.compile(r"^(.+)-(\d{6})-(\d{4,7})$")


def _plain(text: str) -> str:
    return re.sub(r"[\s.\-()]", "", text)


def personal_id(text: str) -> str:
    """Twelve digits of a personal identification number. It has no check digit."""
    digits = _plain(text)
    if not re.fullmatch(r"\d{12}", digits, re.ASCII):
        raise ValueError(_("Số định danh cá nhân gồm đúng 12 chữ số, ví dụ 025186004317."))
    if digits[:3] == "000":
        raise ValueError(_("Ba số đầu của số định danh là mã nơi đăng ký khai sinh, không thể là 000."))
    return digits


def old_id_number(text: str) -> str:
    """Nine digits of an identity card issued before 2021; history only."""
    digits = _plain(text)
    if not re.fullmatch(r"\d{9}", digits, re.ASCII):
        raise ValueError(_("Số chứng minh nhân dân cũ gồm đúng 9 chữ số."))
    return digits


@dataclass(frozen=True)
class PersonalIdFacts:
    """What a personal ID says of its holder."""

    province: str
    century: int
    gender: str
    birth_year: int


def personal_id_facts(number: str) -> PersonalIdFacts:
    """Province code of birth registration, sex ("male" or "female") and birth year in a checked personal ID."""
    mark = int(number[3])
    century = 1900 + 100 * (mark // 2)
    return PersonalIdFacts(
        province=number[:3],
        century=century,
        gender="female" if mark % 2 else "male",
        birth_year=century + int(number[4:6]),
    )


def personal_id_warnings(number: str, birth_date: date | None = None, gender: str = "") -> list[str]:
    """What in a personal ID does not fit the entered data. Warnings only: registers hold old mistakes."""
    facts = personal_id_facts(number)
    warnings = []
    if birth_date and birth_date.year != facts.birth_year:
        warnings.append(
            _("Số định danh cho biết năm sinh %(by_id)d, ngày sinh đã khai là năm %(said)d.")
            % {"by_id": facts.birth_year, "said": birth_date.year}
        )
    if gender in {"male", "female"} and gender != facts.gender:
        said = _("nữ") if facts.gender == "female" else _("nam")
        warnings.append(
            _("Số định danh cho biết giới tính %(gender)s, khác giới tính đã khai.") % {"gender": said}
        )
    return warnings


def tax_code(text: str) -> str:
    """Tax code of an organisation: 10 digits with a check digit, or with a branch as NNNNNNNNNN-NNN.

    A person's personal ID of 12 digits is accepted too: it is the tax code from 01/7/2025.
    """
    digits = _plain(text)
    if re.fullmatch(r"\d{12}", digits, re.ASCII):
        return personal_id(digits)
    if not re.fullmatch(r"\d{10}(\d{3})?", digits, re.ASCII):
        raise ValueError(
            _("Mã số thuế gồm 10 chữ số, hoặc 10 chữ số và 3 số của chi nhánh, hoặc số định danh 12 số.")
        )
    total = sum(weight * int(digit) for weight, digit in zip(_TAX_WEIGHTS, digits, strict=False))
    if 10 - total % 11 != int(digits[9]):
        raise ValueError(_("Mã số thuế sai chữ số kiểm tra; hãy xem lại từng số."))
    if len(digits) == 10:
        return digits
    if digits[10:] == "000":
        raise ValueError(_("Số chi nhánh trong mã số thuế phải từ 001 đến 999."))
    return f"{digits[:10]}-{digits[10:]}"


def phone(text: str) -> str:
    """A Vietnamese telephone number in E.164: mobile 0[35789] + 8 digits, landline 02 + 9 digits."""
    digits = re.sub(r"[\s.\-()]", "", text)
    if digits.startswith("+84"):
        digits = "0" + digits[3:]
    elif digits.startswith("0084"):
        digits = "0" + digits[4:]
    elif digits.startswith("84") and len(digits) in {11, 12}:
        digits = "0" + digits[2:]
    if not re.fullmatch(r"0[35789]\d{8}|02\d{9}", digits, re.ASCII):
        raise ValueError(_("Số điện thoại chưa đúng; ví dụ đúng: 0912 345 678 hoặc 0210 222 2555."))
    return "+84" + digits[1:]


def is_mobile(number: str) -> bool:
    """Whether a stored number can receive SMS."""
    return bool(re.fullmatch(r"\+84[35789]\d{8}", number, re.ASCII))


def s10_check_digit(serial: str) -> int:
    """Check digit over the eight serial digits of an S10 number (UPU S10)."""
    rest = 11 - sum(weight * int(digit) for weight, digit in zip(_S10_WEIGHTS, serial, strict=True)) % 11
    return {10: 0, 11: 5}.get(rest, rest)


def tracking_number(text: str) -> str:
    """An S10 item number such as EA123456785VN: two letters, eight digits, check digit, country."""
    number = re.sub(r"\s", "", text).upper()
    if not re.fullmatch(r"[A-Z]{2}\d{9}[A-Z]{2}", number, re.ASCII):
        raise ValueError("Số hiệu bưu gửi gồm 2 chữ cái, 9 chữ số và 2 chữ cái, ví dụ EA123456785VN.")
    if s10_check_digit(number[2:10]) != int(number[10]):
        raise ValueError("Số hiệu bưu gửi sai chữ số kiểm tra; hãy xem lại từng số.")
    return number


def make_tracking_number(service: str, serial: int, country: str = "VN") -> str:
    """An S10 number from a service pair (such as "EA") and a serial of at most eight digits."""
    digits = f"{serial:08d}"
    if len(digits) != 8 or not re.fullmatch(r"[A-Z]{2}", service, re.ASCII):
        raise ValueError("Dải số bưu gửi đã hết hoặc loại dịch vụ không hợp lệ.")
    return f"{service}{digits}{s10_check_digit(digits)}{country}"


def procedure_code(text: str) -> str:
    """A national procedure code such as 2.000815, with an optional local suffix."""
    code = text.strip().upper()
    if not _PROCEDURE.fullmatch(code):
        raise ValueError("Mã thủ tục có dạng 2.000815.")
    return code


def agency_identifier(text: str) -> str:
    """An electronic identifier of an agency, present form (H15.50.05) or old form (000.00.05.H15)."""
    code = text.strip().upper()
    if len(code) > 35 or not (_AGENCY.fullmatch(code) or _LEGACY_AGENCY.fullmatch(code)):
        raise ValueError(
            "Mã định danh cơ quan có dạng H44.20.01 (hoặc dạng cũ 000.00.20.H44), tối đa 35 ký tự."
        )
    return code


def dossier_code(text: str) -> tuple[str, date, int]:
    """Agency part, day and serial of a dossier code. ValueError when the shape or the day is impossible."""
    match = _DOSSIER.fullmatch(text.strip().upper())
    if not match:
        raise ValueError("Mã hồ sơ có dạng H44.20-261008-0975.")
    agency, day, serial = match.groups()
    try:
        on = date(2000 + int(day[:2]), int(day[2:4]), int(day[4:]))
    except ValueError:
        raise ValueError("Phần ngày trong mã hồ sơ không phải là một ngày có thật.") from None
    return agency, on, int(serial)
