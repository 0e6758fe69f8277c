"""Finding procedures: everyday names first, then the words of the catalogue, ranked in the database."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

from django.contrib.postgres.search import SearchQuery
from django.db.models import Case, Count, F, FloatField, Q, QuerySet, Value, When
from django.db.models.functions import Cast, Least, Length

from danhmuc.models import Field, LifeEvent, Procedure, Synonym
from danhmuc.text import fold
from portal.services import question as asking
from portal.services.question import Named, Question, Word

#: What speaks for a procedure, in points. An everyday name that is the whole question outweighs all else.
NAMED, COVERED, TOGETHER, CLOSE, OFFERED = 6.0, 3.0, 1.5, 0.6, 0.5
BY_LEVEL = {"xa": 0.2, "tinh": 0.1}
BY_CODE = 20.0
#: The part of a question's words, by weight, that a procedure must have; more when others are called just that.
ENOUGH, BESIDE_NAMED = 0.5, 0.7
#: From that score on an everyday name is the answer and not a hint.
ANSWERED = 0.7
#: A word found only in everyday names, only in the sector's, or of which only the beginning is typed, counts for less.
EVERYDAY, IN_SECTOR, BEGUN = 0.85, 0.4, 0.7
#: What a step of a situation in life gets by its place, and one that not everybody needs.
NEXT_STEP, OPTIONAL = (1.0, 0.8, 0.75, 0.7), 0.75
IN_FIELD = 0.35
_CODES = (Synonym.Target.PROCEDURE, Synonym.Target.PROCEDURE_INDEX)
#: Whom a procedure is for, as one asks for it, with the groups of the national list.
SUBJECTS = {
    "nguoi-dan": (
        "Công dân Việt Nam",
        "Công dân Việt Nam mà không xác định được nơi thường trú hoặc nơi tạm trú",
        "Người Việt Nam định cư ở nước ngoài",
    ),
    "nguoi-nuoc-ngoai": (
        "Người nước ngoài",
        "Người nước ngoài cư trú tại Việt Nam",
        "Người nước ngoài đã cư trú tại Việt Nam",
    ),
    "doanh-nghiep": (
        "Doanh nghiệp",
        "Doanh nghiệp Việt Nam",
        "Doanh nghiệp có vốn đầu tư nước ngoài",
        "Hợp tác xã",
    ),
    "to-chuc": (
        "Tổ chức (không bao gồm doanh nghiệp, HTX)",
        "Tổ chức nước ngoài",
        "Cán bộ, công chức, viên chức",
        "Tổ chức Đảng",
        "Đảng viên",
    ),
}


@dataclass
class Found:
    """Procedures for a question, best first, with `score`; what everyday words in it mean today, and ways on."""

    procedures: QuerySet[Procedure]
    notes: list[tuple[str, str]] = field(default_factory=list)
    #: Matters that are decided elsewhere: (what was asked, where to go).
    elsewhere: list[tuple[str, str]] = field(default_factory=list)
    life_events: list[LifeEvent] = field(default_factory=list)
    #: The question with a misspelt word put right; and what it may have meant besides.
    corrected: str = ""
    suggested: str = ""


def find(text: str, filters: Mapping[str, Any] | None = None) -> Found:
    """Procedures whose code, name, everyday names or sector match what was typed, with or without marks.

    Filters: field (code), level, subject (a key of SUBJECTS), online ("4", "3", "2" … as list), post (list of "pickup",
    "return"). Without text all are listed by name, those one can read whole first.
    """
    rows = (
        _filtered(filters or {})
        .select_related("field", "current")
        .defer(
            "search",
            "current__eform",
            "current__steps_text",
            "current__methods_text",
            "current__conditions_text",
        )
    )
    if not fold(text):
        offered = Case(When(current__isnull=False, then=Value(1.0)), default=Value(0.0))
        return Found(rows.annotate(score=offered).order_by("-score", "name", "pk"))
    asked = asking.read(text)
    names = {
        kind: [n for n in asked.names if n.synonym.target_kind == kind] for kind in Synonym.Target.values
    }
    events = _events(names[Synonym.Target.LIFE_EVENT])
    boosts = _boosts([*names[_CODES[0]], *names[_CODES[1]]], events)
    return Found(
        _ranked(rows, asked, boosts, {} if boosts else _best(names[Synonym.Target.FIELD])),
        notes=_notes(n for n in asked.names if n.synonym.target_kind != Synonym.Target.ELSEWHERE),
        elsewhere=_notes(names[Synonym.Target.ELSEWHERE])[:2],
        life_events=[event for event, _ in events][:2],
        corrected=asked.corrected,
        suggested=asked.suggested,
    )


def counts(text_rows: QuerySet[Procedure]) -> dict[str, int]:
    """How many these are, and how many of them can be filed online by level, and by post, in one query."""
    found: dict[str, int] = text_rows.order_by().aggregate(
        all=Count("pk"),
        **{f"online_{level}": Count("pk", filter=Q(current__online_level=level)) for level in (2, 3, 4)},
        post_pickup=Count("pk", filter=Q(current__postal_intake_allowed=True)),
        post_return=Count("pk", filter=Q(current__postal_return_allowed=True)),
    )
    return found


def near_fields(text: str, number: int = 5) -> Sequence[Field]:
    """Sectors that sound like the question, for a page that has found nothing; the fullest when none does."""
    words = [word.best for word in asking.read(text).telling] if fold(text) else []
    wanted = Q(pk__in=[])
    for word in words:
        wanted |= Q(folded_name__contains=word)
    rows = Field.objects.annotate(
        n=Count("procedures", filter=Q(procedures__current__isnull=False))
    ).order_by("-n", "name")
    close = list(rows.filter(wanted, procedures__is_current=True)[:number]) if words else []
    return close or list(rows.filter(n__gt=0)[:number])


def _filtered(filters: Mapping[str, Any]) -> QuerySet[Procedure]:
    rows = Procedure.objects.for_people()
    if filters.get("field"):
        rows = rows.filter(field__code=filters["field"])
    if filters.get("level"):
        rows = rows.filter(levels__contains=[filters["level"]])
    if filters.get("subject"):
        rows = rows.filter(subjects__has_any_keys=SUBJECTS[filters["subject"]])
    if filters.get("online"):
        rows = rows.filter(current__online_level__in=filters["online"])
    if "pickup" in (filters.get("post") or ()):
        rows = rows.filter(current__postal_intake_allowed=True)
    if "return" in (filters.get("post") or ()):
        rows = rows.filter(current__postal_return_allowed=True)
    return rows


def _best(names: list[Named]) -> dict[str, float]:
    """Target → its best score."""
    found: dict[str, float] = {}
    for name in names:
        target = name.synonym.target
        found[target] = max(found.get(target, 0.0), name.score)
    return found


def _events(names: list[Named]) -> list[tuple[LifeEvent, float]]:
    scores = _best(names)
    rows = LifeEvent.objects.filter(key__in=scores, is_removed=False) if scores else ()
    return sorted(((row, scores[row.key]) for row in rows), key=lambda pair: (-pair[1], pair[0].order))


def _boosts(names: list[Named], events: list[tuple[LifeEvent, float]]) -> dict[str, float]:
    """Code → points for being called that; the steps of a situation follow each other."""
    found = _best(names)
    for event, score in events:
        for place, step in enumerate(event.steps):
            worth = (
                score
                * NEXT_STEP[min(place, len(NEXT_STEP) - 1)]
                * (OPTIONAL if step.get("optional") else 1.0)
            )
            found[step["code"]] = max(found.get(step["code"], 0.0), worth)
    return found


def _notes(names: Any) -> list[tuple[str, str]]:
    """What to know about the names that count most; each sentence once."""
    found: dict[str, str] = {}
    best = 0.0
    for name in names:
        best = max(best, name.score)
        if name.synonym.note and name.score >= best * 0.6:
            found.setdefault(name.synonym.note, name.synonym.phrase)
    return [(phrase, note) for note, phrase in found.items()][:3]


def _ranked(
    rows: QuerySet[Procedure], asked: Question, boosts: Mapping[str, float], fields: Mapping[str, float]
) -> QuerySet[Procedure]:
    telling = asked.telling
    matches = Q(code__in=boosts) | Q(field__code__in=fields)
    covered = together = _nothing()
    if telling:
        last = telling[-1]
        loose = [f"'{wanted}'" for word in telling for wanted in word.wanted]
        if _is_begun(last):
            loose.append(f"'{last.typed}':*")
        matches |= Q(search=_raw(" | ".join(loose)))
        covered = _sum(_cover(word, begun=word is last) for word in telling) / Value(asked.weight)
        pairs = list(pairwise(telling))
        if pairs:
            whole = sum(a.weight + b.weight for a, b in pairs) or 1.0
            together = _sum(_pair(a, b) for a, b in pairs) / Value(whole)
    by_code = _nothing()
    for code in asked.codes:
        found = Q(search=_raw(f"'{code}':*A")) | Q(code=code)
        matches |= found
        by_code = by_code + Case(
            When(found, then=Value(BY_CODE)), default=Value(0.0), output_field=FloatField()
        )
    ranked = rows.filter(matches).annotate(
        _named=_points({"code": boosts}),
        _in_field=_points({"field__code": fields}),
        _covered=covered,
        _by_code=by_code,
    )
    enough = Q(_named__gt=0) | Q(_in_field__gt=0) | Q(_by_code__gt=0)
    if telling:
        answered = max(boosts.values(), default=0.0) >= ANSWERED
        enough |= Q(_covered__gte=BESIDE_NAMED if answered else ENOUGH)
    close = Least(
        Value(1.0),
        Value(float(len(" ".join(w.best for w in telling)) or 1)) / Cast(Length("name"), FloatField()),
    )
    level = _nothing()
    for key, points in BY_LEVEL.items():
        level = level + Case(
            When(levels__contains=[key], then=Value(points)), default=Value(0.0), output_field=FloatField()
        )
    offered = Case(
        When(current__isnull=False, then=Value(OFFERED)), default=Value(0.0), output_field=FloatField()
    )
    score = (
        F("_named") * Value(NAMED)
        + F("_in_field") * Value(IN_FIELD)
        + F("_covered") * Value(COVERED)
        + together * Value(TOGETHER)
        + close * Value(CLOSE) * F("_covered")
        + F("_by_code")
        + level
        + offered
    )
    return ranked.filter(enough).annotate(score=score).order_by("-score", "code")


def _cover(word: Word, *, begun: bool) -> Case:
    """The weight of a word where a procedure has it: in its names, else in its sector, else only begun."""
    whens = []
    for wanted, factor in word.wanted.items():
        whens.append(When(search=_raw(f"'{wanted}':A"), then=Value(word.weight * factor)))
        whens.append(When(search=_raw(f"'{wanted}':B"), then=Value(word.weight * factor * EVERYDAY)))
    if begun and _is_begun(word):
        whens.append(When(search=_raw(f"'{word.typed}':*AB"), then=Value(word.weight * BEGUN)))
    for wanted, factor in word.wanted.items():
        whens.append(When(search=_raw(f"'{wanted}':C"), then=Value(word.weight * factor * IN_SECTOR)))
    return Case(*whens, default=Value(0.0), output_field=FloatField())


def _pair(a: Word, b: Word) -> Case:
    """Two words that stand side by side in the name as they do in the question."""
    first, second = (" | ".join(f"'{wanted}':A" for wanted in word.wanted) for word in (a, b))
    return Case(
        When(search=_raw(f"({first}) <-> ({second})"), then=Value(a.weight + b.weight)),
        default=Value(0.0),
        output_field=FloatField(),
    )


def _is_begun(word: Word) -> bool:
    """Whether the word may still be being typed."""
    return len(word.typed) >= 2 and word.typed.isalnum()


def _points(by: Mapping[str, Mapping[str, float]]) -> Any:
    whens = [
        When(**{name: target}, then=Value(points))
        for name, targets in by.items()
        for target, points in targets.items()
    ]
    return Case(*whens, default=Value(0.0), output_field=FloatField()) if whens else _nothing()


def _sum(parts: Any) -> Any:
    total = _nothing()
    for part in parts:
        total = total + part
    return total


def _nothing() -> Any:
    return Value(0.0, output_field=FloatField())


def _raw(query: str) -> SearchQuery:
    """Words are folded to letters, digits and dots before they come here."""
    return SearchQuery(query, search_type="raw", config="simple")
