"""Background work of the reports."""

from celery import shared_task
from django.utils import timezone

from baocao import publishing


@shared_task
def publish_results() -> int:
    """Keep the public figures by unit and month up to date."""
    return publishing.publish(timezone.now())
