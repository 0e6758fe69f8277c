"""Publishes what each unit received and resolved, month by month (PT Art 5.2): table 07a, in the rows people read."""

from collections import defaultdict
from datetime import datetime, timedelta

from django.db import transaction

from baocao.agencies import Tree
from baocao.closing import Frozen, closed
from baocao.models import PublicPeriod, UnitMonth
from baocao.periods import Period, Periods
from baocao.reports.base import Tally
from baocao.reports.layouts import ON_TIME, RECEIVED
from baocao.reports.on_time import OnTime
from danhmuc.models import Agency

MONTHS = 13
#: The running month and the one before still change; older ones are looked at once a day, a few at a time.
ALWAYS, AT_ONCE = 2, 3
A_DAY = timedelta(hours=24)
_NEW = RECEIVED[:4]


def publish(now: datetime) -> int:
    """Count the months that are due; how many were. A month nobody has counted yet comes first."""
    periods = Periods()
    months = [periods.month_at(now)]
    while len(months) < MONTHS:
        months.append(periods.before(months[-1]))
    counted = dict(PublicPeriod.objects.values_list("period", "counted_at"))
    stale = [month for month in months[ALWAYS:] if counted.get(month.key, now - 2 * A_DAY) <= now - A_DAY]
    missing = [month for month in stale if month.key not in counted]
    due = months[:ALWAYS] + (missing or stale[:AT_ONCE])
    for month in due:
        _publish(month, now)
    return len(due)


def _publish(month: Period, now: datetime) -> None:
    tallies: dict[str, Tally] = defaultdict(Tally)
    tree = Tree(month.last_day)
    roots = Agency.objects.filter(parent=None).exclude(level=Agency.Level.POST)
    for root in roots:
        report = OnTime(month, root, now=now, tree=tree)
        snapshot = closed(report)
        rows = Frozen(snapshot, month.regime.layout) if snapshot else report
        for row in rows.rows_by_agency():
            tallies[row.key] = tallies[row.key] + row.tally
    keys = dict(Agency.objects.filter(key__in=tallies).values_list("key", "pk"))
    with transaction.atomic():
        PublicPeriod.objects.update_or_create(
            period=month.key,
            defaults={
                "title": month.title,
                "first_day": month.first_day,
                "last_day": month.last_day,
                "counted_at": now,
            },
        )
        UnitMonth.objects.filter(period=month.key).delete()
        UnitMonth.objects.bulk_create(
            UnitMonth(
                period=month.key,
                agency_id=keys[key],
                received=tally.get(*_NEW),
                online=tally.get("full", "partial"),
                early=tally.get("early"),
                on_time=tally.get(*ON_TIME),
                overdue=tally.get("overdue"),
            )
            for key, tally in tallies.items()
        )
