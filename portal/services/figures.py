"""The few figures of the home page, counted once in a quarter of an hour and not once a visitor."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.core.cache import cache
from django.db.models import Count, Q
from django.utils import timezone
from django.utils.translation import gettext as _

from danhmuc.models import Procedure
from danhmuc.services import NoRules, report_set_on
from danhmuc.worktime import add_months
from hoso.models import Dossier, State

A_QUARTER_HOUR = 15 * 60


@dataclass(frozen=True)
class Month:
    """What was finished in a month of the reports; shares are of dossiers with a due date."""

    year: int
    month: int
    finished: int
    in_time: int
    judged: int

    @property
    def title(self) -> str:
        """As it is headed."""
        return _("tháng %(month)s/%(year)s") % {"month": self.month, "year": self.year}

    @property
    def share(self) -> float | None:
        """Share returned early or on time."""
        return self.in_time / self.judged if self.judged else None


def last_month() -> Month:
    """The last whole month as the reports cut it (domain §18.1), over the index of finished dossiers."""
    today = timezone.localdate()
    first = today.replace(day=1)
    month = first if _edge(first) <= timezone.now() else add_months(first, -1)
    key = f"portal:month:{month:%Y%m}"
    known: Month | None = cache.get(key)
    if known is None:
        sums = (
            Dossier.objects.filter(
                accepted_at__isnull=False,
                finished_at__gte=_edge(add_months(month, -1)),
                finished_at__lt=_edge(month),
            )
            .exclude(state=State.VOIDED)
            .aggregate(
                finished=Count("pk"),
                judged=Count("pk", filter=~Q(timeliness="")),
                late=Count("pk", filter=Q(timeliness="OVERDUE")),
            )
        )
        known = Month(
            month.year, month.month, sums["finished"], sums["judged"] - sums["late"], sums["judged"]
        )
        cache.set(key, known, A_QUARTER_HOUR)
    return known


def _edge(first: date) -> datetime:
    """The moment at which the figures of the month that begins on `first` are cut off, by the regime of that day."""
    try:
        from_day = int(report_set_on(first).values.get("report_from_day", 15))
    except NoRules:
        from_day = 1
    day = first.replace(day=from_day) if from_day > 1 else add_months(first, 1)
    return datetime.combine(day, time(), timezone.get_default_timezone())


def most_used(number: int = 5) -> list[Procedure]:
    """The procedures people filed online most over the last three months; before there are any, well-known ones."""
    ids: list[int] | None = cache.get("portal:most-used")
    if ids is None:
        since = timezone.now() - timedelta(days=90)
        counted = (
            Dossier.objects.filter(
                accepted_at__gte=since,
                channel=Dossier.Channel.ONLINE,
                procedure__in=Procedure.objects.for_people().filter(current__isnull=False),
            )
            .values("procedure")
            .annotate(n=Count("pk"))
            .order_by("-n", "procedure")
        )
        ids = [row["procedure"] for row in counted[:number]]
        if len(ids) < number:
            known = Procedure.objects.filter(code__in=WELL_KNOWN).exclude(pk__in=ids).order_by("code")
            ids += list(known.values_list("pk", flat=True)[: number - len(ids)])
        cache.set("portal:most-used", ids, A_QUARTER_HOUR)
    found = Procedure.objects.filter(pk__in=ids, current__isnull=False).select_related("current")
    rows = {p.pk: p for p in found.defer("search", "current__eform", "current__steps_text")}
    return [rows[pk] for pk in ids if pk in rows]


#: Shown until there are figures: registration of birth, marriage, death, extracts, household business.
WELL_KNOWN = ("1.001193", "1.000894", "1.000656", "2.000635", "1.001612")


def procedure_count() -> int:
    """How many procedures the catalogue holds."""
    known: int | None = cache.get("portal:procedures")
    if known is None:
        known = Procedure.objects.for_people().count()
        cache.set("portal:procedures", known, A_QUARTER_HOUR)
    return known
