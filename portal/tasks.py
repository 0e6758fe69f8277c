"""Background work of the public pages."""

from celery import shared_task
from django.contrib.sessions.backends.db import SessionStore
from django.utils import timezone

from portal.services import accounts, blank_forms, codes, drafts, kept, limits, times, uploads
from portal.services.feedback import intake, letters, watch


@shared_task
def sweep() -> None:
    """Forget counters of past days, sessions and codes out of time, feedback nobody confirmed and pages nobody came back
    for or has open any more.
    """
    SessionStore.clear_expired()
    limits.sweep(timezone.now() - limits.KEPT)
    kept.sweep()
    drafts.forget_pages()
    codes.sweep()
    accounts.sweep()
    intake.forget_unconfirmed()


@shared_task
def count_times() -> int:
    """How long dossiers really took over the last year, for the pages of the catalogue."""
    return times.count()


@shared_task
def file_answers() -> None:
    """PDFs of answers just signed."""
    letters.file_waiting()


@shared_task
def watch_feedback() -> None:
    """Warnings before and after an item is due; dates moved by a new calendar."""
    watch.move_dates()
    watch.warn_due()


@shared_task
def prepare_uploads() -> None:
    """Files that take longer than a person waits for a page: telephones' packed photographs, many at once."""
    uploads.work_waiting()


@shared_task
def expire_uploads() -> None:
    """Files nobody finished sending."""
    uploads.expire()


@shared_task
def make_blank_forms() -> int:
    """Forms to print of newly published versions."""
    return blank_forms.make_missing()
