"""The agencies of the province for the public: of today and of before 01/7/2025, and what each resolves."""

from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import Prefetch, Q, QuerySet
from django.utils import timezone

from danhmuc.models import Agency, AgencySuccession, Desk, Procedure
from danhmuc.text import fold

#: The first day of two-level administration; agencies of the day before are the other era.
TWO_LEVELS_FROM = date(2025, 7, 1)
#: Nodes that are no address of their own for people: rooms within a body, counters, the post.
_WITHIN = ("phong", "don_vi_truc_thuoc", "mot_cua", "diem_mot_cua")
SHOWN_LEVELS = (
    Agency.Level.PROVINCE,
    Agency.Level.DISTRICT,
    Agency.Level.COMMUNE,
    Agency.Level.CENTRAL_VERTICAL,
)


def day_of(era: str) -> date:
    """The day whose tree is shown."""
    return TWO_LEVELS_FROM - timedelta(days=1) if era == "truoc" else timezone.localdate()


def bodies(on: date) -> QuerySet[Agency]:
    """Agencies that answer outwardly on a day, those people know by name."""
    return (
        Agency.objects.valid_on(on)
        .filter(level__in=SHOWN_LEVELS)
        .exclude(kind__in=_WITHIN)
        .defer("identifier", "legacy_identifier", "source")
    )


def provincial(on: date) -> list[Agency]:
    """Committee, departments and vertical agencies of the province: a few dozen."""
    rows = bodies(on).filter(~Q(level__in=[Agency.Level.COMMUNE, Agency.Level.DISTRICT]), place=None)
    return list(rows.order_by("path")[:100])


def local(on: date, level: str, named: str = "") -> QuerySet[Agency]:
    """Committees of communes or districts, by the name people say: without "Ủy ban nhân dân xã"."""
    rows = bodies(on).filter(level=level, kind="ubnd")
    for word in fold(named).split()[:6]:
        rows = rows.filter(folded_name__contains=word)
    return rows.order_by("place__folded_name", "pk").prefetch_related(
        Prefetch("successors", AgencySuccession.objects.filter(is_default=True).select_related("new"))
    )


def desks(on: date) -> list[Desk]:
    """Where papers are taken in at the level of the province: the centre and its branches."""
    return list(
        Desk.objects.filter(agency__level=Agency.Level.PROVINCE, agency__in=Agency.objects.valid_on(on))
        .select_related("agency")
        .order_by("agency__path")[:20]
    )


@dataclass(frozen=True)
class Profile:
    """One agency as its page shows it."""

    agency: Agency
    desks: list[Desk]
    before: list[AgencySuccession]
    after: list[AgencySuccession]
    resolves: QuerySet[Procedure]


def profile(agency: Agency) -> Profile:
    """Where it takes papers in, whom it took over from or gave its work to, and what it resolves."""
    rows = Desk.objects.filter(Q(serves=agency) | Q(agency=agency)).select_related("agency")
    return Profile(
        agency=agency,
        desks=list(rows.order_by("agency__path")[:10]),
        before=list(
            agency.predecessors.select_related("old")
            .exclude(old__kind__in=_WITHIN)
            .order_by("old__folded_name")[:20]
        ),
        after=list(agency.successors.select_related("new").order_by("-is_default", "new__folded_name")[:20]),
        resolves=_resolved_by(agency),
    )


def _resolved_by(agency: Agency) -> QuerySet[Procedure]:
    roles = [role for role in (agency.resolver_key, agency.key) if role]
    wanted = Q(pk__in=[])
    for role in roles:
        wanted |= Q(current__agency_roles__contains=[role])
    return (
        Procedure.objects.for_people()
        .filter(wanted)
        .select_related("current", "field")
        .defer("search", "current__eform", "current__steps_text", "current__methods_text")
        .order_by("field__folded_name", "current__name")
    )
