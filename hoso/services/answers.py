"""Answers of an electronic form: which questions apply, and how an answer reads.

The form stands in `ProcedureVersion.eform` (title, sections, rules); answers are plain JSON by field key. The form
that asks (`hoso.forms.declaration`), the officers' page and the printed forms all read them through here.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Q

from config import formats
from danhmuc import lists
from danhmuc.models import Place, ProcedureVersion
from danhmuc.text import within_address

Answers = Mapping[str, Any]
Spec = dict[str, Any]
#: Stored as province of an address outside Việt Nam; its country says which.
ABROAD = "ngoai"
EMPTY: tuple[Any, ...] = (None, "", [], {})


#: Questions that mean the same in every form, by key: where their answer is known from, where the form does not say so
#: itself. A published form is frozen; this reaches the dossiers of all its versions.
BY_MEANING = {"submitter_role": "filing.role", "rep_basis": "filing.basis"}


def source_of(spec: Spec) -> str:
    """Where an answer may be offered from; empty where nothing is known."""
    return str(spec.get("prefill") or BY_MEANING.get(spec["key"], ""))


def offer_of(spec: Spec, sources: Mapping[str, Any], answers: Answers) -> Any:
    """What is known of a question from `sources`, in the circumstances the form names; None for nothing."""
    value = sources.get(source_of(spec))
    return value if value not in EMPTY and holds(spec.get("prefill_when"), answers) else None


def sections_of(version: ProcedureVersion) -> list[Spec]:
    """All sections of the form, whether or not they apply."""
    found: list[Spec] = version.eform.get("sections", [])
    return found


def holds(condition: Spec | None, answers: Answers) -> bool:
    """Whether a `show_if` is met: the named answer equals the value, or one of them; a multiple choice contains it."""
    if not condition:
        return True
    given, wanted = answers.get(condition["field"]), condition["equals"]
    values = given if isinstance(given, list) else [given]
    wishes = wanted if isinstance(wanted, list) else [wanted]
    # Compared with their type: 1 and True are equal to Python and different answers to a form.
    return any(type(v) is type(w) and v == w for v in values for w in wishes)


def shown_sections(version: ProcedureVersion, answers: Answers) -> list[tuple[int, Spec]]:
    """(number, section) of those that apply. Numbers count from 1 over all sections, so that addresses stay put."""
    return [
        (number, section)
        for number, section in enumerate(sections_of(version), start=1)
        if holds(section.get("show_if"), answers)
    ]


def shown_fields(section: Spec, answers: Answers) -> list[Spec]:
    """The fields of a section that apply."""
    return [field for field in section["fields"] if holds(field.get("show_if"), answers)]


def all_fields(version: ProcedureVersion) -> Iterator[Spec]:
    """Every field of the form, those inside groups excepted."""
    for section in sections_of(version):
        yield from section["fields"]


def pruned(version: ProcedureVersion, answers: Answers) -> dict[str, Any]:
    """Only what was asked: answers whose condition no longer holds go, and with them what hung on those."""
    kept = dict(answers)
    while True:
        asked = {
            field["key"]
            for _, section in shown_sections(version, kept)
            for field in shown_fields(section, kept)
        }
        gone = [key for key in kept if key not in asked]
        if not gone:
            return kept
        for key in gone:
            del kept[key]


@dataclass(frozen=True)
class Shown:
    """One section as people read it."""

    number: int
    title: str
    rows: list[tuple[str, str]]


def display(version: ProcedureVersion, answers: Answers) -> list[Shown]:
    """The form with its answers: sections of (label, text); a question left open has the text "–".

    Costs at most one query, for the names of places.
    """
    places = place_names(answers)
    shown = []
    for number, section in shown_sections(version, answers):
        rows = [row for field in shown_fields(section, answers) for row in _rows(field, answers, places)]
        shown.append(Shown(number, section["title"], rows))
    return shown


def display_of(version: ProcedureVersion, answers: Answers, keys: Iterable[str]) -> dict[str, str]:
    """Single answers in words, by key."""
    chosen = set(keys)
    given = {key: answers.get(key) for key in chosen}
    places = place_names(given)
    return {
        field["key"]: "; ".join(text.replace("\n", ", ") for _, text in _rows(field, given, places))
        for field in all_fields(version)
        if field["key"] in chosen
    }


def _rows(field: Spec, answers: Answers, places: Mapping[tuple[str, str, str], str]) -> list[tuple[str, str]]:
    value = answers.get(field["key"])
    if field["type"] != "group":
        return [(field["label"], text_of(field, value, places))]
    lines = [line for line in value if isinstance(line, dict)] if isinstance(value, list) else []
    if not lines:
        return [(field["label"], "–")]
    rows = []
    for number, line in enumerate(lines, start=1):
        parts = [
            f"{child['label']}: {text_of(child, line.get(child['key']), places)}"
            for child in field["fields"]
            if line.get(child["key"]) not in EMPTY
        ]
        rows.append((f"{field['label']} ({number})", "\n".join(parts) or "–"))
    return rows


def in_full(field: Spec, value: Any, places: Mapping[tuple[str, str, str], str]) -> str:
    """One answer in words, a group with all its lines."""
    return "\n".join(text for _, text in _rows(field, {field["key"]: value}, places))


def text_of(field: Spec, value: Any, places: Mapping[tuple[str, str, str], str]) -> str:
    """One stored answer in words. What does not suit its question, such as an answer another system sent, is shown as
    it stands: a page never fails over it.
    """
    if value in EMPTY:
        return "–"
    try:
        return _in_words(field, value, places)
    except (ArithmeticError, AttributeError, KeyError, TypeError, ValueError):
        return str(value)


def _in_words(field: Spec, value: Any, places: Mapping[tuple[str, str, str], str]) -> str:
    kind = field["type"]
    if kind == "yesno":
        return "Có" if value else "Không"
    if kind in {"address", "place"}:
        return _address(value, places)
    if kind == "multichoice":
        return "; ".join(lists.label_of(field, item) for item in value)
    if kind == "file_ref":
        return str(value["name"])
    if kind == "date":
        return partial_date(value)
    if kind == "money":
        return formats.vnd(value)
    if kind == "phone":
        return formats.phone(value)
    if kind in {"choice", *lists.BY_TYPE}:
        return lists.label_of(field, value)
    rules = field.get("rules", {})
    if rules.get("format") == "decimal":
        text = formats.decimal_vi(value)
        return f"{text} {rules['unit']}" if rules.get("unit") else text
    if kind == "integer":
        return formats.dong(value)
    return str(value)


def partial_date(value: str) -> str:
    """15/09/2021 of a whole date, 09/2021 of a month, 2021 of a year."""
    return "/".join(reversed(value.split("-")))


def _address(value: Spec, places: Mapping[tuple[str, str, str], str]) -> str:
    parts = [value.get("detail", "")]
    if value.get("province") == ABROAD:
        parts.append(dict(lists.choices("countries")).get(value.get("country", ""), ""))
    else:
        era = value.get("units_version", "2")
        names = [places.get((era, level, value.get(level, "")), "") for level in ("commune", "province")]
        parts += [within_address(name) for name in names]
    text = ", ".join(part for part in parts if part) or "–"
    return text if parts[0] else text[:1].upper() + text[1:]


def place_names(answers: Answers) -> dict[tuple[str, str, str], str]:
    """Names of the places the answers name, by (era, level, code); a commune of the three-level era with its district."""
    wanted = set(_places(answers.values()))
    if not wanted:
        return {}
    query = Q()
    for era, level, code in wanted:
        query |= Q(era=era, level=level, code=code)
    names = {}
    for place in Place.objects.filter(query).select_related("parent"):
        name = place.name
        if place.level == Place.Level.COMMUNE and place.parent and place.parent.level == Place.Level.DISTRICT:
            name = f"{place.name}, {place.parent.name}"
        names[place.era, place.level, place.code] = name
    return names


def _places(values: Iterable[Any]) -> Iterator[tuple[str, str, str]]:
    for value in values:
        if isinstance(value, list):
            yield from _places(value)
        elif isinstance(value, dict):
            if "province" in value and value["province"] != ABROAD:
                era = str(value.get("units_version", "2"))
                yield from (
                    (era, level, value[level])
                    for level in ("province", "commune")
                    if isinstance(value.get(level), str) and value[level]
                )
            yield from _places(v for v in value.values() if isinstance(v, dict))
