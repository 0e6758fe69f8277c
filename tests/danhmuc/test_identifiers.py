"""Identifiers as tables: what people type → what is stored, or the refusal."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from danhmuc import identifiers


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        ("0912345678", "+84912345678"),
        ("0912 345 678", "+84912345678"),
        ("+84 912-345-678", "+84912345678"),
        ("84912345678", "+84912345678"),
        ("0084912345678", "+84912345678"),
        ("(0210) 222 2555", "+842102222555"),
    ],
)
def test_phone_is_stored_as_e164(typed: str, stored: str) -> None:
    assert identifiers.phone(typed) == stored


@pytest.mark.parametrize(
    "typed", ["", "0112345678", "091234567", "09123456789", "abc", "+1 202 555 0100", "０９１２３４５６７８"]
)
def test_impossible_phone_is_refused(typed: str) -> None:
    with pytest.raises(ValueError, match="Số điện thoại"):
        identifiers.phone(typed)


def test_only_mobiles_receive_sms() -> None:
    assert identifiers.is_mobile("+84912345678")
    assert not identifiers.is_mobile("+842102222555")


@pytest.mark.parametrize(
    ("number", "province", "gender", "year"),
    [
        ("025090001234", "025", "male", 1990),
        ("025190001234", "025", "female", 1990),
        ("020201001234", "020", "male", 2001),
        ("087312001234", "087", "female", 2012),
    ],
)
def test_personal_id_tells_province_sex_and_year(number: str, province: str, gender: str, year: int) -> None:
    facts = identifiers.personal_id_facts(identifiers.personal_id(number))
    assert (facts.province, facts.gender, facts.birth_year) == (province, gender, year)


@pytest.mark.parametrize(
    "typed", ["", "12345678901", "1234567890123", "02509000123a", "000090001234", "٠٢٥٠٩٠٠٠١٢٣٤"]
)
def test_impossible_personal_id_is_refused(typed: str) -> None:
    with pytest.raises(ValueError, match="số"):
        identifiers.personal_id(typed)


def test_personal_id_that_does_not_fit_only_warns() -> None:
    assert identifiers.personal_id_warnings("025090001234", date(1990, 5, 1), "male") == []
    year, sex = identifiers.personal_id_warnings("025090001234", date(1991, 5, 1), "female")
    assert "1990" in year
    assert "nam" in sex


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        ("0100233488", "0100233488"),
        ("0100233488-001", "0100233488-001"),
        ("0100233488001", "0100233488-001"),
        ("025090001234", "025090001234"),
    ],
)
def test_tax_code(typed: str, stored: str) -> None:
    assert identifiers.tax_code(typed) == stored


@pytest.mark.parametrize("typed", ["0100233489", "0100233488-000", "123", "01002334880", "02509000123x"])
def test_impossible_tax_code_is_refused(typed: str) -> None:
    with pytest.raises(ValueError, match=r"[Mm]ã số thuế"):
        identifiers.tax_code(typed)


@given(st.integers(0, 99_999_999))
def test_made_tracking_numbers_are_valid_and_no_single_digit_may_change(serial: int) -> None:
    number = identifiers.make_tracking_number("EA", serial)
    assert identifiers.tracking_number(number) == number
    other = str((int(number[4]) + 1) % 10)
    with pytest.raises(ValueError, match="kiểm tra"):
        identifiers.tracking_number(number[:4] + other + number[5:])


@pytest.mark.parametrize(("serial", "digit"), [("47312482", 9), ("00000000", 5), ("12345678", 5)])
def test_s10_check_digit_of_the_standard(serial: str, digit: int) -> None:
    assert identifiers.s10_check_digit(serial) == digit


@pytest.mark.parametrize("code", ["H44", "H44.20.01", "H15.50.05", "000.00.20.H44", "G15"])
def test_agency_identifier(code: str) -> None:
    assert identifiers.agency_identifier(code.lower()) == code


@pytest.mark.parametrize("code", ["", "Z01", "H4", "44.H", "000.20.H44", "H44." + "0" * 40])
def test_impossible_agency_identifier_is_refused(code: str) -> None:
    with pytest.raises(ValueError, match="Mã định danh"):
        identifiers.agency_identifier(code)


def test_dossier_code_parts() -> None:
    assert identifiers.dossier_code("h15.50.05.13-261008-0975") == ("H15.50.05.13", date(2026, 10, 8), 975)
    assert identifiers.dossier_code("000.00.20.H44-210415-12345")[2] == 12345


@pytest.mark.parametrize("code", ["H44-261308-0001", "H44-261008-001", "H44-0001", "NT-ABCDEFGHJ"])
def test_impossible_dossier_code_is_refused(code: str) -> None:
    with pytest.raises(ValueError, match=r"[Mm]ã hồ sơ"):
        identifiers.dossier_code(code)


@pytest.mark.parametrize(
    ("typed", "fine"), [("2.000815", True), ("1.001193.01", True), ("2000815", False), ("x", False)]
)
def test_procedure_code(typed: str, fine: bool) -> None:
    if fine:
        assert identifiers.procedure_code(typed) == typed
    else:
        with pytest.raises(ValueError, match="Mã thủ tục"):
            identifiers.procedure_code(typed)
