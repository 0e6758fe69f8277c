"""What the templates draw of a section: questions in order, those that wait for an answer, rows and an empty one.

What waits stands in a `<template>` element: without script it is not there, with it it is there at once.
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from django import forms

from hoso.services.answers import Spec, holds

if TYPE_CHECKING:
    from hoso.forms.declaration import SectionForm

#: Stands for the number of a row that the script has yet to make.
NEW_ROW = "__n__"
#: Most rows a group may have when the form says nothing.
MOST_ROWS = 50
Part = dict[str, Any]


def parts(form: "SectionForm") -> Iterator[Part]:
    """The questions of the page. `when` says on which answer one hangs; one that is not `shown` waits for it."""
    for spec in form.section["fields"]:
        is_group = spec["type"] == "group"
        name = f"{spec['key']}-n" if is_group else spec["key"]
        if name in form.fields or name in form.waiting.fields:
            yield {
                "key": spec["key"],
                "field": None if is_group else _bound(form, name),
                "group": _group(form, spec) if is_group else None,
                "when": _when(spec, spec["show_if"]["field"]) if form.hangs_on_this_page(spec) else None,
                "shown": name in form.fields,
            }


def _bound(form: "SectionForm", name: str) -> forms.BoundField:
    return form[name] if name in form.fields else form.waiting[name]


def _when(spec: Spec, name: str) -> dict[str, str]:
    wanted = spec["show_if"]["equals"]
    values = wanted if isinstance(wanted, list) else [wanted]
    return {"name": name, "values": " ".join(str(value) for value in values)}


def _group(form: "SectionForm", spec: Spec) -> Part:
    key, most = spec["key"], int(spec.get("rules", {}).get("max_items", MOST_ROWS))
    count = form.row_counts[key]
    return {
        "key": key,
        "label": spec["label"],
        "help": spec.get("help", ""),
        "count": _bound(form, f"{key}-n"),
        "rows": [
            {
                "place": number,
                "number": number + 1,
                "remove": f"{key}-{number}",
                "parts": list(_row(form, spec, number)),
            }
            for number in range(count)
        ],
        "new": {
            "place": NEW_ROW,
            "number": "",
            "remove": f"{key}-{NEW_ROW}",
            "parts": list(_row(form, spec, NEW_ROW)),
        },
        "may_add": count < most,
        "most": most,
    }


def _row(form: "SectionForm", spec: Spec, number: int | str) -> Iterator[Part]:
    """The questions of one row; they may hang on one another, or on a question outside the group."""
    prefix, siblings = f"{spec['key']}-{number}-", {child["key"] for child in spec["fields"]}
    for child in spec["fields"]:
        if child["type"] == "file_ref":
            continue
        condition, name = child.get("show_if"), f"{prefix}{child['key']}"
        other = condition["field"] if condition else ""
        when = None
        if other in siblings or other in form.questions:
            when = _when(child, f"{prefix}{other}" if other in siblings else other)
        shown = name in form.fields
        if number == NEW_ROW:
            shown = when is None and holds(condition, form.answers)
        if shown or when:
            yield {"field": _bound(form, name), "group": None, "when": when, "shown": shown}
