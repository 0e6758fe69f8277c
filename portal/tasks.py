"""Background work of the public pages."""

from datetime import timedelta

from celery import shared_task
from django.utils import timezone

from portal.services import accounts, codes, kept, limits, times


@shared_task
def sweep() -> None:
    """Forget counters of past days, codes out of time and pages nobody came back for."""
    limits.sweep(timezone.now() - timedelta(days=2))
    kept.sweep()
    codes.sweep()
    accounts.sweep()


@shared_task
def count_times() -> int:
    """How long dossiers really took over the last year, for the pages of the catalogue."""
    return times.count()
