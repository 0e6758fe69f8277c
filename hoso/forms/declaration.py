"""The electronic form of a procedure version, one section a page.

`SectionForm` asks, judges and keeps; `display` (from `hoso.services.answers`) shows. Conditional questions work
without script: a page that is sent back shows what the answers just given ask for. What the script needs to be
quicker than that, questions that may still come up and an empty row, is drawn beside the form and never judged.
Uploads named by a form (`file_ref`) are asked on the page of papers, not here.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.html import format_html
from django.utils.translation import gettext as _

from danhmuc.models import ProcedureVersion
from hoso.forms import drawing, eform_fields, eform_places, eform_rules
from hoso.services.answers import (
    EMPTY,
    Shown,
    Spec,
    all_fields,
    display,
    holds,
    offer_of,
    pruned,
    sections_of,
    shown_fields,
    shown_sections,
    source_of,
)

__all__ = [
    "Missing",
    "SectionForm",
    "Shown",
    "asked",
    "display",
    "file_fields",
    "is_required",
    "missing",
    "pages",
    "progress",
    "pruned",
]

REFRESH, ADD, REMOVE, SHOWN = "_refresh", "_add", "_remove", "_shown"


def asked(section: Spec, answers: Mapping[str, Any]) -> list[Spec]:
    """The questions of a section that apply, uploads excepted."""
    return [field for field in shown_fields(section, answers) if field["type"] != "file_ref"]


def pages(version: ProcedureVersion, answers: Mapping[str, Any]) -> list[tuple[int, Spec]]:
    """(number, section) of the sections that have something to ask."""
    return [(n, section) for n, section in shown_sections(version, answers) if asked(section, answers)]


def file_fields(version: ProcedureVersion, answers: Mapping[str, Any]) -> list[Spec]:
    """The uploads the form names and that apply; their answer is {sha256, name} of the file."""
    return [
        field
        for _, section in shown_sections(version, answers)
        for field in shown_fields(section, answers)
        if field["type"] == "file_ref"
    ]


def is_required(spec: Spec) -> bool:
    """Whether a question that applies must be answered."""
    return bool(spec.get("required") or spec.get("required_when_shown"))


class SectionForm(forms.Form):
    """One section of the form.

    Unbound it shows what is stored, else what the profile offers, else the default. Bound it judges; `values` then
    holds the answers that are right, whether or not the page is complete, with "" for a question left open.
    `typed` (a POST) shows again what was typed without judging it: after “thêm dòng” and the like.
    """

    use_required_attribute = False

    def __init__(
        self,
        version: ProcedureVersion,
        number: int,
        answers: Mapping[str, Any],
        *,
        data: Mapping[str, Any] | None = None,
        typed: Mapping[str, Any] | None = None,
        sources: Mapping[str, Any] | None = None,
        origins: Mapping[str, Any] | None = None,
        lenient: bool = False,
        places: eform_places.Places | None = None,
    ) -> None:
        super().__init__(data=data)
        self.version, self.number, self.answers = version, number, dict(answers)
        self.section = sections_of(version)[number - 1]
        self.lenient, self.sources, self.origins = lenient, sources or {}, origins or {}
        self.places = places or eform_places.Places()
        self.warnings: list[str] = []
        self.values: dict[str, Any] = {}
        self.given = data if data is not None else typed
        #: What this page may come to ask, for the script alone.
        self.waiting = forms.Form()
        self.row_counts: dict[str, int] = {}
        self.row_places: dict[str, list[int]] = {}
        known = {**self.answers, **self._first_reading()}
        if self.given is None:
            known = {**self._offered(), **{k: v for k, v in self.answers.items() if v not in EMPTY}}
        self.specs = self._asked_given(known)
        self.questions = {field["key"] for field in self.section["fields"] if field["type"] != "file_ref"}
        asked_now = {spec["key"] for spec in self.specs}
        for spec in self.section["fields"]:
            if spec["key"] in asked_now:
                self._ask(spec, known, typed, self)
            elif self.hangs_on_this_page(spec):
                self._ask(spec, {**self._offered(), **known}, None, self.waiting)

    # -- Building ----------------------------------------------------------------------------------------------

    def _first_reading(self) -> dict[str, Any]:
        """What the post says of this section's plain questions, so that conditions can be judged before the rest."""
        if self.given is None:
            return {}
        found: dict[str, Any] = {}
        for spec in self.section["fields"]:
            if spec["type"] in {"group", "file_ref"}:
                continue
            field = eform_fields.make(spec, self.places, required=False)
            value = field.widget.value_from_datadict(self.given, {}, spec["key"])
            try:
                found[spec["key"]] = field.clean(value)
            except ValidationError:
                found[spec["key"]] = ""
        return found

    def _asked_given(self, known: dict[str, Any]) -> list[Spec]:
        """The questions that apply; what hangs on a question that no longer applies goes with it."""
        own = {field["key"] for field in self.section["fields"]}
        specs = asked(self.section, known)
        while gone := (own & known.keys()) - {spec["key"] for spec in specs}:
            for key in gone:
                del known[key]
            specs = asked(self.section, known)
        return specs

    def _offered(self) -> dict[str, Any]:
        """What the profile and the form itself offer for questions not yet asked."""
        offered: dict[str, Any] = {}
        for spec in self.section["fields"]:
            key = spec["key"]
            if key in self.answers:
                continue
            known = {**offered, **self.answers}
            source = offer_of(spec, self.sources, known)
            if source is not None:
                offered[key] = source
            elif "default" in spec:
                offered[key] = spec["default"]
        return offered

    def _ask(
        self, spec: Spec, known: Mapping[str, Any], typed: Mapping[str, Any] | None, into: forms.Form
    ) -> None:
        key = spec["key"]
        if spec["type"] == "group":
            self._ask_rows(spec, known, typed, into)
            return
        field = eform_fields.make(spec, self.places, required=is_required(spec) and not self.lenient)
        into.fields[key] = field
        into.initial[key] = known.get(key)
        if typed is not None and not field.widget.value_omitted_from_data(typed, {}, key):
            into.initial[key] = field.widget.value_from_datadict(typed, {}, key)
        source = source_of(spec)
        if (
            source in self.origins
            and known.get(key) not in EMPTY
            and known.get(key) == self.sources.get(source)
        ):
            note = format_html('<span class="dv-origin">{}</span>', self.origins[source])
            field.help_text = format_html("{} {}", field.help_text, note) if field.help_text else note

    def _ask_rows(
        self, spec: Spec, known: Mapping[str, Any], typed: Mapping[str, Any] | None, into: forms.Form
    ) -> None:
        key, rules = spec["key"], spec.get("rules", {})
        stored = known.get(key) or []
        count = max(len(stored), self._least(spec))
        order = list(range(count))
        if self.given is not None and f"{key}-n" in self.given:
            text = str(self.given.get(f"{key}-n") or "")
            most = int(rules.get("max_items", drawing.MOST_ROWS))
            count = min(int(text), most) if text.isdigit() and len(text) < 5 else count
            order = list(range(count))
            if typed is not None:
                order = self._rearranged(key, order, most)
        self.row_counts[key] = len(order)
        into.fields[f"{key}-n"] = forms.IntegerField(widget=forms.HiddenInput, required=False)
        into.initial[f"{key}-n"] = len(order)
        for place, old in enumerate(order):
            line = stored[old] if old < len(stored) else {}
            asked_here = {child["key"] for child in self._children(spec, known, line, old)}
            unused = self.is_bound and self._row_is_empty(spec, old)
            for child in spec["fields"]:
                if child["type"] == "file_ref":
                    continue
                field = eform_fields.make(child, self.places, required=False)
                field.required = is_required(child) and not self.lenient and not unused
                form = into if child["key"] in asked_here else self.waiting
                name = f"{key}-{place}-{child['key']}"
                form.fields[name] = field
                form.initial[name] = line.get(child["key"], child.get("default"))
                was = f"{key}-{old}-{child['key']}"
                if typed is not None and not field.widget.value_omitted_from_data(typed, {}, was):
                    form.initial[name] = field.widget.value_from_datadict(typed, {}, was)
        for child in spec["fields"]:
            if child["type"] != "file_ref":
                name = f"{key}-{drawing.NEW_ROW}-{child['key']}"
                self.waiting.fields[name] = eform_fields.make(child, self.places, required=is_required(child))
                self.waiting.initial[name] = child.get("default")

    def _rearranged(self, key: str, order: list[int], most: int) -> list[int]:
        """The rows after “thêm dòng” or “xóa dòng” of this group."""
        assert self.given is not None
        if self.given.get(ADD) == key and len(order) < most:
            return [*order, len(order)]
        gone = str(self.given.get(REMOVE) or "")
        if gone.startswith(f"{key}-") and gone.removeprefix(f"{key}-").isdigit():
            return [n for n in order if n != int(gone.removeprefix(f"{key}-"))]
        return order

    def _children(self, spec: Spec, known: Mapping[str, Any], line: Spec, number: int) -> list[Spec]:
        row = {**known, **line, **self._row_reading(spec, number)}
        return [
            child
            for child in spec["fields"]
            if child["type"] != "file_ref" and holds(child.get("show_if"), row)
        ]

    def _row_reading(self, spec: Spec, number: int) -> dict[str, Any]:
        if self.given is None:
            return {}
        found: dict[str, Any] = {}
        for child in spec["fields"]:
            if child["type"] == "file_ref":
                continue
            field = eform_fields.make(child, self.places, required=False)
            name = f"{spec['key']}-{number}-{child['key']}"
            try:
                found[child["key"]] = field.clean(field.widget.value_from_datadict(self.given, {}, name))
            except ValidationError:
                found[child["key"]] = ""
        return found

    def _row_is_empty(self, spec: Spec, number: int) -> bool:
        """A row beyond the least number that nobody filled in is not asked for; defaults alone do not fill it."""
        if self.given is None or number < self._least(spec):
            return False
        untouched: dict[str, str | None] = {
            child["key"]: str(child["default"]) for child in spec["fields"] if "default" in child
        }
        for child in spec["fields"]:
            if child["type"] in {"address", "place"}:  # a province is always chosen to begin with
                untouched |= {f"{child['key']}_{box}": None for box in "pen"}
        prefix = f"{spec['key']}-{number}-"
        for name, value in self.given.items():
            tail = name.removeprefix(prefix)
            if tail == name or untouched.get(tail, "") is None:
                continue
            if value not in EMPTY and str(value).strip() not in {"", untouched.get(tail, "")}:
                return False
        return True

    def _least(self, spec: Spec) -> int:
        return int(spec.get("rules", {}).get("min_items", 1 if is_required(spec) else 0))

    # -- Judging -----------------------------------------------------------------------------------------------

    def clean(self) -> dict[str, Any]:
        """Gather the answers and judge them by the rules of the form."""
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        for spec in self.specs:
            key = spec["key"]
            if spec["type"] == "group":
                self.values[key] = self._rows_cleaned(spec, cleaned)
            elif key in cleaned:
                self.values[key] = cleaned[key] if cleaned[key] not in EMPTY else ""
        whole = {**self.answers, **self.values}
        for spec in self.specs:
            self._judge(spec, whole)
        labels = {field["key"]: field["label"] for field in all_fields(self.version)}
        for problem in eform_rules.between(self.version.eform, whole, labels):
            if problem.key not in self.values:
                continue
            if problem.warning:
                self.warnings.append(problem.text)
            else:
                self._refuse(problem.key, problem.text)
        return cleaned

    def _rows_cleaned(self, spec: Spec, cleaned: Mapping[str, Any]) -> list[Spec]:
        key, rows = spec["key"], []
        self.row_places[key] = []
        for number in range(self.row_counts[key]):
            if self._row_is_empty(spec, number):
                continue
            names = {child["key"]: f"{key}-{number}-{child['key']}" for child in spec["fields"]}
            row = {k: cleaned[name] for k, name in names.items() if cleaned.get(name) not in EMPTY}
            if row:
                rows.append(row)
                self.row_places[key].append(number)
        return rows

    def _judge(self, spec: Spec, whole: Mapping[str, Any]) -> None:
        key = spec["key"]
        if key not in self.values:
            return
        found = eform_rules.judge(spec, self.values[key], whole)
        self.warnings += found.warnings
        if spec["type"] != "group":
            for text in found.errors:
                self._refuse(key, text)
            return
        for number, row in zip(self.row_places[key], self.values[key], strict=True):
            for child in spec["fields"]:
                in_row = eform_rules.judge(child, row.get(child["key"]), {**whole, **row})
                self.warnings += in_row.warnings
                for text in in_row.errors:
                    self._refuse(f"{key}-{number}-{child['key']}", text, key)
        few = len(self.values.get(key, ())) < self._least(spec) and not self.errors
        if few and not self.lenient and key in self.values:
            words = _("%(label)s: khai ít nhất %(n)d dòng")
            self._refuse(f"{key}-n", words % {"label": spec["label"], "n": self._least(spec)}, key)

    def _refuse(self, name: str, text: str, key: str = "") -> None:
        self.add_error(name if name in self.fields else None, text)
        self.values.pop(key or name, None)

    @property
    def newly_asked(self) -> list[str]:
        """Questions that the answers just posted ask for and the page did not show."""
        if self.given is None:
            return []
        before = set(str(self.given.get(SHOWN) or "").split())
        return [spec["key"] for spec in self.specs if spec["key"] not in before]

    # -- Showing -----------------------------------------------------------------------------------------------

    @property
    def shown_keys(self) -> str:
        """The questions on this page, for the hidden field by which `newly_asked` knows them."""
        return " ".join(spec["key"] for spec in self.specs)

    @property
    def parts(self) -> Iterator[dict[str, Any]]:
        """What portal/question.html draws, in order."""
        return drawing.parts(self)

    def hangs_on_this_page(self, spec: Spec) -> bool:
        """Whether an answer on this page decides if the question is asked."""
        condition = spec.get("show_if")
        return spec["type"] != "file_ref" and condition is not None and condition["field"] in self.questions


def progress(version: ProcedureVersion, number: int, answers: Mapping[str, Any]) -> str:
    """How far a section is: "done", "started" or "todo"."""
    specs = asked(sections_of(version)[number - 1], answers)
    given = [spec for spec in specs if spec["key"] in answers]
    if not given:
        return "todo"
    undone = [s for s in specs if is_required(s) and answers.get(s["key"]) in EMPTY]
    return "started" if undone or len(given) < len(specs) else "done"


@dataclass(frozen=True)
class Missing:
    """What keeps a section from being filed: labels of open questions, and what is wrong with answers given."""

    unanswered: list[str]
    errors: list[str]


def missing(
    version: ProcedureVersion,
    number: int,
    answers: Mapping[str, Any],
    places: eform_places.Places | None = None,
) -> Missing:
    """Judge the stored answers of a section once more, as they stand now. `places` is shared by the sections."""
    units = places or eform_places.Places()
    form = SectionForm(version, number, answers, data=posted(version, number, answers, units), places=units)
    unanswered: list[str] = []
    errors: list[str] = []
    for name, problems in form.errors.as_data().items():
        label = str(form.fields[name].label) if name in form.fields else ""
        for problem in problems:
            if problem.code in {"required", "incomplete"}:
                unanswered.append(label[:1].lower() + label[1:])
            else:
                errors += [str(text) for text in problem.messages]
    return Missing(unanswered, errors)


def posted(
    version: ProcedureVersion,
    number: int,
    answers: Mapping[str, Any],
    places: eform_places.Places | None = None,
) -> dict[str, Any]:
    """Stored answers of a section as a browser would send them back."""
    form = SectionForm(version, number, answers, places=places)
    data: dict[str, Any] = {SHOWN: form.shown_keys}
    for name, field in form.fields.items():
        data.update(_sent(name, field, form[name].value()))
    return data


def _sent(name: str, field: forms.Field, value: Any) -> dict[str, Any]:
    widget = field.widget
    if isinstance(widget, eform_places.PlaceWidget):
        chosen = value if isinstance(value, dict) else {}
        letters = {"province": "p", "commune": "c", "units_version": "e", "detail": "t", "country": "n"}
        sent = {f"{name}_{letter}": chosen.get(key, "") for key, letter in letters.items()}
        return sent if chosen else {**sent, f"{name}_p": eform_places.home_province(), f"{name}_e": "2"}
    if isinstance(widget, forms.MultiWidget):
        boxes: list[str] = widget.decompress(value) or []
        return {f"{name}_{letter}": text for letter, text in zip("dmy", boxes, strict=True)}
    if isinstance(widget, forms.CheckboxSelectMultiple):
        return {name: list(value or [])}
    shown = widget.format_value(value)
    if isinstance(shown, list):
        shown = shown[0] if shown else ""
    return {name: "" if shown is None else shown}
