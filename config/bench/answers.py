"""Completes a declaration, so that what the bench files is a whole application and not half of one."""

from datetime import date
from typing import Any

from danhmuc import lists
from danhmuc.models import Place, ProcedureVersion, User
from hoso.forms import declaration


def complete(version: ProcedureVersion, answers: dict[str, Any], citizen: User) -> dict[str, Any]:
    """The answers with every required question that applies answered somehow; questions may open further ones."""
    done = dict(answers)
    for _ in range(4):
        for _, section in declaration.pages(version, done):
            for spec in declaration.asked(section, done):
                if declaration.is_required(spec) and done.get(spec["key"]) in (None, "", [], {}):
                    done[spec["key"]] = _value(spec, citizen)
    return done


def _value(spec: dict[str, Any], citizen: User) -> Any:
    kind = spec["type"]
    if offered := lists.choices_of(spec):
        return [offered[0][0]] if kind == "multichoice" else offered[0][0]
    if kind in {"address", "place"}:
        return _place(citizen.place, whole=kind == "address")
    if kind == "group":
        return [
            {
                field["key"]: _value(field, citizen)
                for field in spec.get("fields", [])
                if field.get("required")
            }
        ]
    simple: dict[str, Any] = {
        "integer": 1,
        "money": 1_000_000,
        "date": date(2020, 3, 2).isoformat(),
        "year": "2001",
        "yesno": False,
        "person_id": citizen.personal_id,
        "passport": citizen.personal_id,
        "tax_code": "0101243150",
        "phone": citizen.phone,
        "email": citizen.email or "congdan@example.vn",
    }
    return simple.get(kind, f"{spec['label']} theo giấy tờ kèm theo"[:80])


def _place(place: Place | None, *, whole: bool) -> dict[str, str]:
    assert place is not None, "người nộp mẫu phải có nơi cư trú"
    found = {
        "province": place.parent.code if place.parent else "",
        "commune": place.code,
        "units_version": place.era,
    }
    return found | {"country": "VN", "detail": "Khu 6"} if whole else found
