"""Codes typed back once: right ones serve once and for a while, guesses are few."""

from collections.abc import Callable
from datetime import datetime

import pytest

from portal.models import OneTimeCode
from portal.services import codes

pytestmark = pytest.mark.django_db


def wrong(code: str, number: int = 1) -> str:
    """Another code."""
    return f"{(int(code) + number) % 1_000_000:06d}"


def test_the_right_code_serves_once() -> None:
    code = codes.issue("viec")
    assert len(code) == 6
    assert codes.redeem("viec", f" {code[:3]} {code[3:]} ")
    assert not codes.redeem("viec", code)


def test_a_code_serves_its_own_matter_and_a_new_one_replaces_it() -> None:
    old = codes.issue("viec")
    assert not codes.redeem("viec-khac", old)
    new = codes.issue("viec")
    assert old == new or not codes.redeem("viec", old)
    assert codes.redeem("viec", new)


def test_after_five_guesses_even_the_right_one_is_refused() -> None:
    code = codes.issue("viec")
    assert not any(codes.redeem("viec", wrong(code, n)) for n in range(1, 6))
    assert not codes.redeem("viec", code)


def test_codes_end_in_time_and_are_forgotten(at: Callable[[str], datetime]) -> None:
    at("2026-10-05 09:00")
    code = codes.issue("viec")
    at("2026-10-05 09:16")
    assert not codes.redeem("viec", code)
    assert codes.sweep() == 1
    assert not OneTimeCode.objects.exists()


def test_the_code_itself_is_not_kept() -> None:
    code = codes.issue("viec")
    assert code not in str(OneTimeCode.objects.values().get())
