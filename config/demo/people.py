"""Invented people of the demo province: names, identity numbers and addresses that look real and belong to nobody."""

import json
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from random import Random
from typing import Any

import danhmuc


@cache
def _source() -> dict[str, Any]:
    path = Path(danhmuc.__file__).parent / "data" / "people.json"
    found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return found


@dataclass(frozen=True)
class Invented:
    """A person of the demo; the address is what stands before the commune's name."""

    full_name: str
    gender: str
    birth_date: date
    personal_id: str
    phone: str
    email: str
    address: str


def full_name(rng: Random, gender: str) -> str:
    """A Vietnamese name with the surnames of the region in their proportions."""
    source = _source()
    surnames = [name for name, _ in source["surnames"]]
    weights = [weight for _, weight in source["surnames"]]
    surname = rng.choices(surnames, weights)[0]
    if rng.random() < 0.12:
        surname = rng.choice(source["surnames_muong"] + source["surnames_tay_nung"] + source["surnames_dao"])
    part = source["male" if gender == "male" else "female"]
    return f"{surname} {rng.choice(part['middle'])} {rng.choice(part['given'])}"


def person(rng: Random, serial: int) -> Invented:
    """One adult; `serial` keeps identity numbers and telephones unique."""
    gender = "male" if rng.random() < 0.5 else "female"
    born = date(1950, 1, 1) + timedelta(days=rng.randrange(56 * 365))
    century = {("male", False): 0, ("female", False): 1, ("male", True): 2, ("female", True): 3}
    code = century[gender, born.year >= 2000]
    source = _source()
    pattern: str = rng.choice(source["address_patterns"])
    address = pattern.removesuffix(", {xa}, tỉnh Phú Thọ").format(
        so=rng.randrange(1, 300),
        duong=rng.choice(source["streets"]),
        to=rng.randrange(1, 20),
        khu=rng.randrange(1, 15),
    )
    prefix = rng.choice(source["phone"]["mobile_prefixes"])
    return Invented(
        full_name=full_name(rng, gender),
        gender=gender,
        birth_date=born,
        personal_id=f"025{code}{born.year % 100:02d}{serial % 1_000_000:06d}",
        phone=f"+84{prefix[1:]}{serial % 10_000_000:07d}",
        email=f"nguoidan{serial}@example.vn" if rng.random() < 0.6 else "",
        address=address,
    )
