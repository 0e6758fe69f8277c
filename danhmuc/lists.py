"""Lists that electronic forms name by reference: ethnicities, countries, relations … read once a process."""

import json
from functools import cache
from pathlib import Path
from typing import Any

FILE = Path(__file__).resolve().parent / "data" / "eforms.json"
BY_TYPE = {
    "ethnicity": "ethnicities",
    "country": "countries",
    "nationality": "countries",
    "relation": "relations",
}


@cache
def _lists() -> dict[str, list[dict[str, Any]]]:
    lists: dict[str, list[dict[str, Any]]] = json.loads(FILE.read_text(encoding="utf-8"))["lists"]
    return lists


@cache
def choices(name: str) -> tuple[tuple[str, str], ...]:
    """Pairs (value, label) of a list, in its own order. KeyError for a name that does not exist."""
    rows = sorted(_lists()[name], key=lambda row: row.get("order", 0))
    return tuple((row.get("value") or row["code"], row.get("label") or row["name"]) for row in rows)


def choices_of(field: dict[str, Any]) -> tuple[tuple[str, str], ...]:
    """Choices of a form field: its own, those of the list it names, or those of its type; () when it has none."""
    given = field.get("choices")
    if isinstance(given, dict):
        return choices(given["$ref"].removeprefix("#/lists/"))
    if given:
        return tuple((choice["value"], choice["label"]) for choice in given)
    return choices(BY_TYPE[field["type"]]) if field["type"] in BY_TYPE else ()


def label_of(field: dict[str, Any], value: str) -> str:
    """The words for a stored value; the value itself when the list no longer has it."""
    return dict(choices_of(field)).get(value, value)
