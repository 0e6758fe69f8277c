"""Proves the figures: what one period leaves over is what the next one starts with, and nothing is lost between tables."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Min
from django.utils import timezone

from baocao.agencies import Tree
from baocao.closing import is_intact
from baocao.models import Snapshot
from baocao.periods import Period, Periods
from baocao.reports.layouts import OPEN, RECEIVED, RESOLVED
from baocao.reports.on_time import OnTime
from danhmuc.models import Agency
from hoso.models import Dossier, State

#: Carried into the next period: what is in hand, and what waits where a regime calls that resolved.
_LEFT_OVER = (*OPEN, "waiting")


@dataclass(frozen=True)
class Problem:
    """One thing that does not add up: where, which rule, what was found."""

    where: str
    rule: str
    text: str

    def __str__(self) -> str:
        return f"{self.where}: [{self.rule}] {self.text}"


def problems(now: datetime | None = None) -> Iterator[Problem]:
    """Everything wrong with the monthly figures of every agency and field, and with the closed periods."""
    moment = now or timezone.now()
    months = list(_months(moment))
    today = Tree(timezone.localdate(moment))
    for root in Agency.objects.filter(parent=None):
        before: OnTime | None = None
        for month in months:
            report = OnTime(month, root, now=moment, tree=today.on_day(month.last_day))
            if report.agencies:
                yield from _adds_up(report)
                if before is not None:
                    yield from _carries_over(before, report)
            before = report
    for snapshot in Snapshot.objects.select_related("agency").iterator(chunk_size=100):
        if not is_intact(snapshot):
            yield Problem(str(snapshot), "chốt", "số liệu đã chốt không khớp mã băm")


def _months(now: datetime) -> Iterator[Period]:
    first = Dossier.objects.exclude(accepted_at=None).aggregate(at=Min("accepted_at"))["at"]
    if first is None:
        return
    periods = Periods()
    found = [periods.month_at(now)]
    while found[-1].starts_at > first:
        found.append(periods.before(found[-1]))
    yield from reversed(found)


def _adds_up(report: OnTime) -> Iterator[Problem]:
    """(3) = (9) + (13) everywhere; new and resolved dossiers are those a plain count finds; both tables agree."""
    where = f"{report.root.name}, {report.period.title}"
    for (field, agency), tally in report.as_received.items():
        if tally.get(*RECEIVED) != tally.get(*RESOLVED, *OPEN):
            yield Problem(
                where, "07a", f"(3) khác (9)+(13) ở lĩnh vực {field}, cơ quan {agency}: {dict(tally.counts)}"
            )
    total = report.total().tally
    counted = Dossier.objects.filter(resolving_agency_id__in=report.agencies).exclude(state=State.VOIDED)
    starts, ends = report.period.starts_at, report.period.ends_at
    new = counted.filter(accepted_at__gte=starts, accepted_at__lt=ends).count()
    done = counted.exclude(accepted_at=None).filter(finished_at__gte=starts, finished_at__lt=ends).count()
    if new != total.get("full", "partial", "post", "counter"):
        yield Problem(where, "07a", f"tiếp nhận trong kỳ khác số hồ sơ đếm thẳng ({new})")
    if done != total.get("early", "on_time", "overdue"):
        yield Problem(where, "07a", f"đã giải quyết khác số hồ sơ đếm thẳng ({done})")
    by_agency: dict[str, int] = {}
    for row in report.rows_by_agency():
        for part, number in row.tally.counts.items():
            by_agency[part] = by_agency.get(part, 0) + number
    if by_agency != total.counts:
        yield Problem(where, "07a", "tổng theo cơ quan khác tổng theo lĩnh vực")


def _carries_over(before: OnTime, after: OnTime) -> Iterator[Problem]:
    """(8) of a period is (13) of the one before, by field and by agency, also across a change of the tree."""
    both = before.agencies & after.agencies
    places = {place for place in (*before.as_received, *after.as_received) if place[1] in both}
    for place in sorted(places):
        left = before.as_received[place].get(*_LEFT_OVER) if place in before.as_received else 0
        taken = after.as_received[place].get("carried") if place in after.as_received else 0
        if left != taken:
            yield Problem(
                f"{after.root.name}, {after.period.title}",
                "07a",
                f"(8) là {taken}, (13) của {before.period.title} là {left} ở lĩnh vực {place[0]}, cơ quan {place[1]}",
            )
