"""Background work of the public pages."""

from datetime import timedelta

from celery import shared_task
from django.utils import timezone

from portal.services import kept, limits


@shared_task
def sweep() -> None:
    """Forget counters of past days and pages nobody came back for."""
    limits.sweep(timezone.now() - timedelta(days=2))
    kept.sweep()
