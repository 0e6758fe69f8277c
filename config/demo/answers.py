"""Fills a declaration the way a person would, from the fields of its form."""

from datetime import date, timedelta
from random import Random
from typing import Any

from danhmuc.models import ProcedureVersion, User


def fill(version: ProcedureVersion, citizen: User, rng: Random, today: date) -> dict[str, Any]:
    """Answers for every required field that shows without a condition; others stay empty, as most people leave them."""
    answers: dict[str, Any] = {}
    for section in version.eform.get("sections", []):
        if section.get("show_if"):
            continue
        for field in section.get("fields", []):
            if (field.get("required") or field.get("prefill")) and not field.get("show_if"):
                value = _value(field, version, citizen, rng, today)
                if value is not None:
                    answers[field["key"]] = value
    return answers


def _value(field: dict[str, Any], version: ProcedureVersion, citizen: User, rng: Random, today: date) -> Any:
    known = _known(field.get("prefill", ""), version, citizen)
    if known is not None:
        return known
    kind = field["type"]
    if field.get("default") is not None:
        return field["default"]
    if kind in {"text", "longtext"}:
        return f"{field['label']} theo giấy tờ kèm theo"[: field.get("rules", {}).get("max_length", 200)]
    if kind in {"choice", "multichoice"}:
        choices = field.get("choices")
        if not isinstance(choices, list) or not choices:
            return None
        value = rng.choice(choices)["value"]
        return [value] if kind == "multichoice" else value
    simple: dict[str, Any] = {
        "integer": rng.randrange(1, 5),
        "money": rng.randrange(1, 200) * 1_000_000,
        "date": (today - timedelta(days=rng.randrange(30, 9000))).isoformat(),
        "year": str(rng.randrange(1975, today.year)),
        "yesno": rng.random() < 0.5,
        "person_id": citizen.personal_id,
        "phone": citizen.phone,
        "email": citizen.email or None,
        "nationality": "VN",
        "country": "VN",
        "ethnicity": "01",
    }
    return simple.get(kind)


def _known(source: str, version: ProcedureVersion, citizen: User) -> Any:
    who, _, name = source.partition(".")
    if source == "procedure.name":
        return version.name
    if source == "procedure.result_name":
        return version.result_name
    if who not in {"submitter", "owner"}:
        return None
    return {
        "full_name": citizen.full_name,
        "birth_date": citizen.birth_date.isoformat() if citizen.birth_date else None,
        "person_id": citizen.personal_id,
        "id_number": citizen.personal_id,
        "phone": citizen.phone,
        "email": citizen.email or None,
    }.get(name)
