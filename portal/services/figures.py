"""The few figures of the home page, counted once in a quarter of an hour and not once a visitor."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.core.cache import cache
from django.db.models import Count, Q
from django.utils import timezone

from danhmuc.models import Procedure
from danhmuc.worktime import add_months
from hoso.models import Dossier

A_QUARTER_HOUR = 15 * 60


@dataclass(frozen=True)
class Month:
    """What was finished in a month; shares are of dossiers with a due date."""

    first: date
    finished: int
    in_time: int
    judged: int

    @property
    def share(self) -> float | None:
        """Share returned early or on time."""
        return self.in_time / self.judged if self.judged else None


def last_month() -> Month:
    """The last whole month, over the index of finished dossiers."""
    first = add_months(timezone.localdate().replace(day=1), -1)
    key = f"portal:month:{first:%Y%m}"
    known: Month | None = cache.get(key)
    if known is None:
        zone = timezone.get_current_timezone()
        begin = datetime.combine(first, time(), zone)
        end = datetime.combine(add_months(first, 1), time(), zone)
        sums = Dossier.objects.filter(finished_at__gte=begin, finished_at__lt=end).aggregate(
            finished=Count("pk"),
            judged=Count("pk", filter=~Q(timeliness="")),
            late=Count("pk", filter=Q(timeliness="OVERDUE")),
        )
        known = Month(first, sums["finished"], sums["judged"] - sums["late"], sums["judged"])
        cache.set(key, known, A_QUARTER_HOUR)
    return known


def most_used(number: int = 5) -> list[Procedure]:
    """The procedures people filed online most over the last three months; before there are any, well-known ones."""
    ids: list[int] | None = cache.get("portal:most-used")
    if ids is None:
        since = timezone.now() - timedelta(days=90)
        counted = (
            Dossier.objects.filter(accepted_at__gte=since, channel=Dossier.Channel.ONLINE)
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
        known = Procedure.objects.filter(is_current=True).count()
        cache.set("portal:procedures", known, A_QUARTER_HOUR)
    return known
