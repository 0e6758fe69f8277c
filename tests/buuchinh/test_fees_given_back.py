"""Fees the post took that are not owed in the end: the owed part is receipted, the rest goes back."""

import pytest
from django.utils import timezone

from buuchinh.models import FeeReceipt, Parcel
from buuchinh.services import fees, reception
from hoso.models import Charge, Dossier
from hoso.services.errors import Refused
from tests.buuchinh.conftest import Post
from tests.factories import World, pay, procedure
from tests.hoso.test_refunds import relief
from tests.page import Visitor

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


# -- Before acceptance the door asks for what acceptance will charge ---------------------------------------------------


def handed_in(w: World) -> Parcel:
    """The owner hands papers in at the post; nothing is charged before the desk accepts."""
    return reception.receive(
        by=w.carrier, version=w.version, desk=w.desk, agency=w.commune, owner_name=w.citizen.full_name,
        owner_id=w.citizen.personal_id, phone=w.citizen.phone, address="Khu 3", place=w.place, wants_result=True,
    )  # fmt: skip


@pytest.mark.parametrize(("percent", "asked"), [(0, 8000), (50, 4000), (100, 0)])
def test_the_door_asks_for_what_acceptance_will_charge(
    w: World, post: Post, visit: Visitor, percent: int, asked: int
) -> None:
    if percent:
        relief("tt117", percent=percent, condition="eid_level_2", paper="")
    parcel = handed_in(w)
    page = visit(f"/buu-chinh/buu-gui/{parcel.pk}/nhan/", w.carrier)
    assert ("Phí, lệ phí (thu hộ)" in page.text) == bool(asked)
    assert fees.due(parcel.dossier) == asked
    with pytest.raises(Refused, match="Số phí phải thu bây giờ là"):
        post.collected(parcel, fee=asked + 1)
    post.sign(incoming=[post.counted(post.collected(parcel, fee=asked), eid_checked=True)])
    accepted = Dossier.objects.get(pk=parcel.dossier_id)
    assert accepted.accepted_at
    assert [c.amount for c in accepted.charges.all()] == [asked]
    assert not accepted.charges.filter(status="due").exists()
    assert not accepted.refunds.exists(), "không thu thừa thì không có gì phải hoàn"


def test_nothing_is_asked_where_the_version_charges_nothing_or_all_was_paid_before(
    w: World, post: Post
) -> None:
    dossier = handed_in(w).dossier
    Charge.objects.create(
        dossier=dossier, seq=1, kind="le_phi", name="Lệ phí", amount=8000, full_amount=8000, stage="before_intake",
        status="paid", raised_at=timezone.now(), settled_at=timezone.now(),
    )  # fmt: skip
    assert fees.due(dossier) == 0
    dossier.charges.all().delete()
    assert fees.due(dossier) == 8000
    w.version = procedure("2.000004", "Cấp giấy không thu phí", fee_timing="none")
    assert w.version.charge_rules.exists()
    assert fees.due(handed_in(w).dossier) == 0
