"""Fees the post takes for the State: how much, and into the dossier's books (domain §11.3.4, §11.8)."""

from datetime import datetime

from django.db import transaction
from django.utils import timezone

from buuchinh.models import FeeReceipt, Parcel
from config.formats import vnd
from danhmuc.models import User
from danhmuc.services import NoTariff, remittance_price
from hoso.models import Dossier
from hoso.services import charges, dossiers, payments
from hoso.services.errors import Refused
from hoso.services.law import Law


def due(dossier: Dossier, *, taken: bool | None = None, law: Law | None = None) -> int:
    """What the carrier may take now, in đồng: the charges raised and unpaid (`charges` may be prefetched).

    A dossier that travels to the desk before acceptance has no charges yet; then it is what acceptance will charge,
    the reliefs nobody has to ask for taken off, unless it was `taken` already (looked up when not said).
    """
    raised = dossier.charges.all()
    if raised or dossier.accepted_at or dossier.channel != Dossier.Channel.POST:
        return sum(c.amount for c in raised if c.status == "due")
    if taken is None:
        taken = FeeReceipt.objects.filter(parcel__dossier=dossier).exists()
    if taken:
        return 0
    return sum(charge.amount for charge in charges.expected(dossier, law or Law(), timezone.now()))


def remit_price(amount: int) -> int:
    """The post's own price for collecting and handing over fees; nothing for nothing."""
    try:
        return remittance_price() if amount else 0
    except NoTariff:
        return 0


def take(parcel: Parcel, *, by: User, amount: int, at: datetime) -> FeeReceipt | None:
    """Note the money taken with a parcel and settle the dossier's charges. Raises Refused when the amount is another
    than what is owed at this moment (the person may have paid online meanwhile).
    """
    owed = due(parcel.dossier)
    if amount != owed:
        raise Refused(
            f"Số phí phải thu bây giờ là {vnd(owed)}, không phải {vnd(amount)}. Xem lại trang rồi xác nhận lại."
        )
    if not amount:
        return None
    receipt = FeeReceipt.objects.create(
        parcel=parcel,
        collector=by,
        agency=parcel.dossier.desk.serves,
        amount=amount,
        reference=f"BC{parcel.pk:09d}",
        taken_at=at,
    )
    record(receipt)
    return receipt


@transaction.atomic
def record(receipt: FeeReceipt) -> bool:
    """Settle the dossier's charges with a receipt, through the dossier's own door, in the collector's name.

    False while the charges are not raised yet: then `record_waiting` comes back after acceptance. What was taken
    beyond what is owed by then (a relief, a payment meanwhile) is opened to be given back.
    """
    if receipt.recorded_at is not None:
        return True
    dossier = receipt.parcel.dossier
    owed = list(dossier.charges.filter(status="due"))
    total = sum(c.amount for c in owed)
    if (not owed and dossier.accepted_at is None) or total > receipt.amount:
        return False
    if owed:
        after = dossiers.advance(
            dossier.pk,
            "record_payment",
            by=receipt.collector,
            charges=[c.seq for c in owed],
            amount=total,
            method="cash_post",
            reference=receipt.reference,
            note=f"Thu hộ tại bưu gửi {receipt.parcel.tracking_number}".strip(),
        )
        receipt.receipt_no = after.payments.get(reference=receipt.reference).receipt_no
    if excess := receipt.amount - total:
        reference = f"{receipt.reference}-T" if owed else receipt.reference
        payments.take_unowed(dossier, excess, method="cash_post", reference=reference)
    receipt.recorded_at = timezone.now()
    receipt.save(update_fields=["receipt_no", "recorded_at"])
    return True
