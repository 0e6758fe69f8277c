"""Finding procedures: ranked full text over folded words, helped by everyday names; and what a page tells of one."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from django.contrib.postgres.search import SearchQuery, SearchRank
from django.core.cache import cache
from django.db import connection
from django.db.models import Case, F, FloatField, IntegerField, Q, QuerySet, Value, When
from django.utils import timezone

from danhmuc.models import Field, LifeEvent, Procedure, ProcedureVersion, Synonym
from danhmuc.text import fold, prefix_query

#: Words that say nothing about which procedure is meant.
FILLERS = frozenset(
    [
        "toi",
        "minh",
        "muon",
        "can",
        "lam",
        "xin",
        "hoi",
        "cho",
        "cua",
        "va",
        "voi",
        "de",
        "duoc",
        "khi",
        "nao",
        "o",
        "dau",
        "nhu",
        "the",
        "gi",
        "a",
        "ah",
        "ong",
        "ba",
        "anh",
        "chi",
        "em",
        "con",
        "cach",
        "thu",
        "tuc",
        "ho",
        "so",
        "giay",
        "to",
    ]
)
LONGEST_PHRASE = 8
LEVELS = {"tinh": "Cấp tỉnh", "xa": "Cấp xã", "bo": "Cấp bộ", "khac": "Cơ quan khác"}
#: Short words of the service levels; when regulations drop the numbers, they change here.
ONLINE = {
    4: "Mức độ 4 – trực tuyến toàn trình",
    3: "Mức độ 3 – trực tuyến một phần",
    2: "Mức độ 2 – tải biểu mẫu",
    1: "Cung cấp thông tin",
}
A_QUARTER_HOUR = 15 * 60


@dataclass
class Found:
    """Procedures for a question, best first, and what everyday words in it mean today."""

    procedures: QuerySet[Procedure]
    notes: list[str] = field(default_factory=list)
    life_events: list[LifeEvent] = field(default_factory=list)


def find(text: str, filters: Mapping[str, Any]) -> Found:
    """Procedures whose code, name, everyday names or sector match what was typed, with or without marks.

    Filters: field (code), level, online ("4", "3", "2" … as list), post (list of "pickup", "return"), here (those one
    may apply for in this province). Without text all are listed, those one may apply for first.
    """
    rows = (
        _filtered(filters)
        .select_related("field", "current")
        .defer(
            "search",
            "current__eform",
            "current__steps_text",
            "current__methods_text",
            "current__conditions_text",
        )
    )
    words = fold(text)
    if not words:
        return Found(rows.annotate(_known=_is_full()).order_by("_known", "name", "pk"))
    synonyms = _synonyms(words)
    codes = {s.target: s.weight for s in synonyms if s.target_kind in _CODES}
    fields = {s.target: s.weight for s in synonyms if s.target_kind == Synonym.Target.FIELD}
    query = _query(words, rows)
    boost = Case(
        *(When(code=code, then=Value(1 + weight / 100)) for code, weight in codes.items()),
        default=Value(0.0),
        output_field=FloatField(),
    )
    matches = Q(code__in=codes) | Q(field__code__in=fields)
    rank: Any = Value(0.0)
    if query is not None:
        matches |= Q(search=query)
        # Weight A is the name itself, B everyday words, C the sector; a short name that matches beats a long one.
        rank = SearchRank(F("search"), query, normalization=Value(1))
    ranked = rows.filter(matches).annotate(_boost=boost, _rank=rank, _known=_is_full())
    events = {s.target: s.weight for s in synonyms if s.target_kind == Synonym.Target.LIFE_EVENT}
    return Found(
        ranked.order_by("-_boost", "-_rank", "_known", "pk"),
        notes=list(dict.fromkeys(f"“{s.phrase}”: {s.note}" for s in synonyms if s.note))[:3],
        life_events=list(LifeEvent.objects.filter(key__in=events)) if events else [],
    )


_CODES = (Synonym.Target.PROCEDURE, Synonym.Target.PROCEDURE_INDEX)


def _is_full() -> Case:
    return Case(When(current__isnull=False, then=Value(0)), default=Value(1), output_field=IntegerField())


def _filtered(filters: Mapping[str, Any]) -> QuerySet[Procedure]:
    rows = Procedure.objects.filter(is_current=True)
    if filters.get("field"):
        rows = rows.filter(field__code=filters["field"])
    if filters.get("level"):
        rows = rows.filter(levels__contains=[filters["level"]])
    if filters.get("online"):
        rows = rows.filter(current__online_level__in=filters["online"])
    if "pickup" in (filters.get("post") or ()):
        rows = rows.filter(current__postal_intake_allowed=True)
    if "return" in (filters.get("post") or ()):
        rows = rows.filter(current__postal_return_allowed=True)
    return rows


def _synonyms(words: str) -> list[Synonym]:
    """Everyday names that stand in the question as whole words, the longest first."""
    parts = words.split()[:40]
    phrases = {
        " ".join(parts[start : start + size])
        for size in range(1, LONGEST_PHRASE + 1)
        for start in range(len(parts) - size + 1)
    }
    found = list(Synonym.objects.filter(folded__in=phrases))
    longest = sorted(found, key=lambda s: (-len(s.folded), -s.weight))
    kept: list[Synonym] = []
    for one in longest:  # "giấy khai sinh" says more than "khai sinh" inside it
        if not any(one.folded != k.folded and f" {one.folded} " in f" {k.folded} " for k in kept):
            kept.append(one)
    return kept


def _query(words: str, rows: QuerySet[Procedure]) -> SearchQuery | None:
    """All words together; when nothing has them all, the telling ones in any number."""
    parts = words.split()
    telling = [word for word in parts if word not in FILLERS] or parts
    everything = prefix_query(" ".join(telling))
    if not everything:
        return None
    strict = SearchQuery(everything, search_type="raw", config="simple")
    if len(telling) == 1 or rows.filter(search=strict).exists():
        return strict
    return SearchQuery(everything.replace(" & ", " | "), search_type="raw", config="simple")


def sectors() -> list[tuple[str, str]]:
    """(code, name) of the sectors that have procedures, by name; remembered for a quarter of an hour."""
    known: list[tuple[str, str]] | None = cache.get("portal:sectors")
    if known is None:
        rows = Field.objects.filter(procedures__is_current=True).distinct().order_by("folded_name")
        known = list(rows.values_list("code", "name"))
        cache.set("portal:sectors", known, A_QUARTER_HOUR)
    return known


@dataclass(frozen=True)
class Usual:
    """How long dossiers of a version really took."""

    days: float
    dossiers: int


def usual_time(version: ProcedureVersion) -> Usual | None:
    """Half of last year's dossiers were done within these days, rest days included; None below ten dossiers."""
    key = f"portal:usual:{version.pk}"
    known: Usual | str | None = cache.get(key, "")
    if known != "":
        return known if isinstance(known, Usual) else None
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY extract(epoch FROM finished_at - accepted_at)), count(*)"
            " FROM hoso_dossier WHERE version_id = %s AND state = 'completed' AND finished_at > %s",
            [version.pk, timezone.now() - timedelta(days=365)],
        )
        seconds, number = cursor.fetchone()
    found = Usual(round(float(seconds) / 86400, 1), int(number)) if number >= 10 else None
    cache.set(key, found, A_QUARTER_HOUR)
    return found
