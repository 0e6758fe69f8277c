"""How long dossiers really take, in working days: counted at night, read by one small query a page."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone

from danhmuc.models import Agency, Procedure
from danhmuc.services import calendar_for
from danhmuc.worktime import WorkCalendar
from hoso.models import Dossier, Event, State
from portal.models import ProcessingTime

A_YEAR = timedelta(days=365)
#: Below that many dossiers a figure would tell of single cases and not of a habit.
FEWEST = 5
#: How far before the year a dossier may have been accepted and still be counted.
LONGEST = timedelta(days=1100)

# Working days are differences of running numbers: each date carries how many working days there were up to it, so the
# day of acceptance is not counted and the day of the decision is (domain §8.2 C3). What the applicant was waited for is
# the sum of such differences over the pauses, which begin and end with the events that change the state.
_COUNT = f"""
WITH days AS (SELECT * FROM unnest(%(days)s::date[], %(numbers)s::int[]) AS d(day, number)),
decided AS (
    SELECT d.id, d.procedure_id, d.resolving_agency_id AS agency_id, begun.number AS first, ended.number AS last
    FROM {Dossier._meta.db_table} d
    JOIN days begun ON begun.day = (d.accepted_at AT TIME ZONE %(zone)s)::date
    JOIN days ended ON ended.day = (d.decided_at AT TIME ZONE %(zone)s)::date
    WHERE d.finished_at >= %(since)s AND d.decided_at IS NOT NULL AND d.accepted_at IS NOT NULL
      AND d.state IN ('{State.DECIDED}', '{State.COMPLETED}')
),
waited AS (
    SELECT e.dossier_id AS id,
        sum(CASE WHEN e.target = '{State.ON_HOLD}' THEN -at.number ELSE at.number END) AS number
    FROM {Event._meta.db_table} e
    JOIN decided ON decided.id = e.dossier_id
    JOIN days at ON at.day = (e.at AT TIME ZONE %(zone)s)::date
    WHERE (e.source = '{State.ON_HOLD}') <> (e.target = '{State.ON_HOLD}')
    GROUP BY e.dossier_id
),
taken AS (
    SELECT procedure_id, agency_id, greatest(last - first - coalesce(waited.number, 0), 0) AS days
    FROM decided LEFT JOIN waited USING (id)
)
SELECT procedure_id, agency_id, count(*),
    percentile_disc(0.5) WITHIN GROUP (ORDER BY days), percentile_disc(0.9) WITHIN GROUP (ORDER BY days)
FROM taken GROUP BY GROUPING SETS ((procedure_id), (procedure_id, agency_id)) HAVING count(*) >= %(fewest)s
"""


def count() -> int:
    """Count the last year anew; how many figures there are. They are exchanged in one transaction."""
    now = timezone.now()
    since = now - A_YEAR
    days = list(_numbered(calendar_for(None), timezone.localdate(since - LONGEST), timezone.localdate(now)))
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('portal_processing_times'))")
        cursor.execute("SET LOCAL statement_timeout = '15min'")
        cursor.execute(
            _COUNT,
            {
                "days": [day for day, _ in days],
                "numbers": [number for _, number in days],
                "zone": settings.TIME_ZONE,
                "since": since,
                "fewest": FEWEST,
            },
        )
        rows = [
            ProcessingTime(
                procedure_id=procedure,
                agency_id=agency,
                dossiers=number,
                median=median,
                ninth_tenth=ninth_tenth,
                counted_at=now,
            )
            for procedure, agency, number, median, ninth_tenth in cursor.fetchall()
        ]
        ProcessingTime.objects.all().delete()
        ProcessingTime.objects.bulk_create(rows, batch_size=2000)
    return len(rows)


def _numbered(calendar: WorkCalendar, first: date, last: date) -> Iterator[tuple[date, int]]:
    number, day = 0, first
    while day <= last:
        number += calendar.is_working_day(day)
        yield day, number
        day += timedelta(days=1)


@dataclass(frozen=True)
class Times:
    """The figures of a procedure for a page: at the unit chosen or everywhere, and the units one may choose."""

    shown: ProcessingTime | None
    chosen: Agency | None
    units: list[Agency]


def of(procedure: Procedure, unit: str = "") -> Times:
    """What is stored for a procedure; an unknown unit is passed over."""
    rows = list(
        ProcessingTime.objects.filter(procedure=procedure)
        .select_related("agency")
        .only("dossiers", "median", "ninth_tenth", "agency__key", "agency__name", "agency__folded_name")
        .order_by("agency__folded_name")
    )
    overall = next((row for row in rows if row.agency is None), None)
    chosen = next((row for row in rows if row.agency is not None and row.agency.key == unit), None)
    return Times(
        shown=chosen or overall,
        chosen=chosen.agency if chosen else None,
        units=[row.agency for row in rows if row.agency is not None],
    )
