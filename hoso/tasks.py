"""Background work of the dossiers. Each task looks in our own tables, may run twice or at once, and heals by itself."""

import logging

from celery import shared_task

from hoso.services import (
    delivery,
    documents,
    expiry,
    payments,
    printing,
    receipts,
    returning,
    revocation,
    watch,
)

logger = logging.getLogger(__name__)


@shared_task
def file_papers() -> None:
    """PDFs of papers just issued."""
    printing.file_waiting()


@shared_task
def deliver_notices() -> None:
    """Messages that are due."""
    delivery.deliver()


@shared_task
def return_electronically() -> None:
    """Results asked for in electronic form, once they are signed and filed."""
    returning.return_electronically()


@shared_task
def warn_due() -> None:
    """Early signals to officers, reminders to applicants."""
    watch.warn_due()


@shared_task
def propose_closing() -> None:
    """Requests nobody answered in time, for the desk to confirm."""
    watch.propose_closing()


@shared_task
def recalculate_after_calendar_change() -> None:
    """New dates where a new calendar moves them."""
    watch.recalculate_open()


@shared_task
def recheck_viruses() -> None:
    """Files not yet looked at by the malware scanner."""
    documents.scan_waiting()


@shared_task
def ask_issuers() -> None:
    """Whether certificates on files just taken in have been revoked."""
    revocation.ask_issuers()


@shared_task
def verify_sample() -> None:
    """Whether stored bytes still are what they were."""
    for document in documents.verify_sample():
        logger.error("Tệp của giấy tờ %s mất hoặc đã thay đổi (SHA-256 %s).", document.pk, document.sha256)


@shared_task
def sweep_files() -> None:
    """Bytes left behind by requests that were rolled back."""
    documents.sweep(older_than=86_400)


@shared_task
def end_unanswered_payments() -> None:
    """Attempts to pay that no platform reported on."""
    payments.end_unanswered()


@shared_task
def end_drafts() -> None:
    """Drafts nobody works on, papers prepared and never sent: a warning first, later the end."""
    expiry.warn()
    expiry.sweep()


@shared_task
def ask_unanswered_payments() -> None:
    """Call-backs that got lost."""
    payments.ask_unanswered()


@shared_task
def register_receipts() -> None:
    """Receipts the provider of electronic receipts does not know yet."""
    receipts.register_waiting()
