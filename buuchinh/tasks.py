"""Background work of the post: comes and looks each minute. Every task may run twice, and at once."""

from celery import shared_task

from buuchinh.models import FeeReceipt
from buuchinh.services import booking, delivery, fees, orders


@shared_task
def book_due() -> None:
    """Parcels for what applicants asked of the post; requests no longer needed are cancelled."""
    booking.cancel_idle()
    booking.book_due()


@shared_task
def invite_due() -> None:
    """Invitations whose day has come (TT17 5.2h)."""
    delivery.invite_due()


@shared_task
def send_orders() -> None:
    """Orders for the operator's own system."""
    orders.send_due()


@shared_task
def record_fees() -> None:
    """Fees taken before their charges were raised (heals what a crash may have left)."""
    waiting = FeeReceipt.objects.filter(recorded_at=None, parcel__dossier__accepted_at__isnull=False)
    for receipt in waiting.select_related("parcel__dossier", "collector")[:200]:
        fees.record(receipt)
