"""Fees the post took that are not owed in the end: the owed part is receipted, the rest goes back."""

import pytest
from django.utils import timezone

from buuchinh.models import FeeReceipt, Parcel
from buuchinh.services import fees
from hoso.models import Charge
from tests.buuchinh.conftest import Post
from tests.factories import World, pay

pytestmark = pytest.mark.django_db


def taken(w: World, parcel: Parcel) -> FeeReceipt:
    """Eight thousand đồng in the carrier's bag, not in the books yet."""
    return FeeReceipt.objects.create(
        parcel=parcel,
        collector=w.carrier,
        agency=w.commune,
        amount=8000,
        reference="BC1",
        taken_at=timezone.now(),
    )


def test_money_taken_for_a_fee_paid_meanwhile_goes_back(w: World, post: Post) -> None:
    dossier = post.accepted()
    receipt = taken(w, post.booked(dossier))
    pay(w, dossier)
    assert fees.record(receipt)
    assert fees.record(receipt)  # again: nothing more
    refund = dossier.refunds.get()
    assert (refund.amount, refund.payment.reference, refund.status) == (8000, "BC1", "approved")
    assert dossier.receipts.count() == 1


def test_what_a_relief_took_off_goes_back(w: World, post: Post) -> None:
    dossier = post.accepted()
    receipt = taken(w, post.booked(dossier))
    Charge.objects.filter(dossier=dossier).update(amount=3000)
    assert fees.record(receipt)
    assert dossier.charges.get().status == Charge.Status.PAID
    assert dossier.receipts.get().amount == 3000
    assert dossier.refunds.get().amount == 5000
    assert receipt.receipt_no == dossier.receipts.get().number
