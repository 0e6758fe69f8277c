"""Bounds on asking: counters in the database, one statement each, so that a dead broker opens no door."""

from datetime import datetime, timedelta

from django.db import connection
from django.db.models import F
from django.utils import timezone

from portal.models import Attempt

#: Counters nobody has touched for so long are forgotten.
KEPT = timedelta(days=2)


def count(key: str, within: timedelta) -> int:
    """Note one attempt; how many there were in the running stretch, this one included."""
    now = timezone.now()
    table = Attempt._meta.db_table
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {table} AS a (key, count, since) VALUES (%s, 1, %s) ON CONFLICT (key) DO UPDATE SET "
            "count = CASE WHEN a.since < %s THEN 1 ELSE a.count + 1 END, "
            "since = CASE WHEN a.since < %s THEN excluded.since ELSE a.since END RETURNING count",
            [key[:120], now, now - within, now - within],
        )
        (number,) = cursor.fetchone()
    return int(number)


def forgive(key: str) -> None:
    """Take one attempt back: it turned out to be honest."""
    Attempt.objects.filter(key=key[:120], count__gt=0).update(count=F("count") - 1)


def forget(key: str) -> None:
    """Start again from nothing."""
    Attempt.objects.filter(key=key[:120]).delete()


def sweep(before: datetime) -> int:
    """Remove counters nobody has touched since; how many there were."""
    removed, _ = Attempt.objects.filter(since__lt=before).delete()
    return removed
