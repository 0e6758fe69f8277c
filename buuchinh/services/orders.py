"""Announces collected parcels to the operator's own system: rows first, sent later, tried again with patience."""

from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone

from buuchinh.carriers import Carrier, CarrierUnavailable, Order, Party, current
from buuchinh.models import Parcel
from buuchinh.services import fees

BATCH = 20
GIVE_UP_AFTER = 12


def send_due(now: datetime | None = None, carrier: Carrier | None = None) -> int:
    """Send the orders that are due. Returns how many were answered."""
    at = now or timezone.now()
    operator = carrier or current()
    waiting = Parcel.objects.filter(order_state=Parcel.Order.QUEUED, order_due_at__lte=at)
    done = 0
    for pk in list(waiting.order_by("order_due_at").values_list("pk", flat=True)[:BATCH]):
        with transaction.atomic():
            parcel = (
                Parcel.objects.select_for_update(skip_locked=True, of=["self"])
                .select_related("dossier__desk__agency", "dossier__version", "place__parent")
                .filter(pk=pk, order_state=Parcel.Order.QUEUED)
                .first()
            )
            if parcel is not None:
                done += _send(parcel, operator, at)
    return done


def _send(parcel: Parcel, operator: Carrier, at: datetime) -> bool:
    parcel.order_attempts += 1
    try:
        answer = operator.send_order(order_of(parcel))
    except CarrierUnavailable as error:
        parcel.order_answer = f"Chưa gửi được: {error}"[:300]
        parcel.order_due_at = at + timedelta(minutes=min(2**parcel.order_attempts, 240))
        if parcel.order_attempts >= GIVE_UP_AFTER:
            parcel.order_state = Parcel.Order.REFUSED
        answered = False
    else:
        parcel.order_state = Parcel.Order.ACCEPTED if answer.accepted else Parcel.Order.REFUSED
        parcel.order_reference, parcel.order_answer = answer.reference[:60], answer.message[:300]
        answered = True
    parcel.save(
        update_fields=["order_attempts", "order_state", "order_reference", "order_answer", "order_due_at"]
    )
    return answered


def order_of(parcel: Parcel) -> Order:
    """The parcel as an operator hears of it."""
    desk = parcel.dossier.desk.agency
    province = parcel.place.parent.name if parcel.place and parcel.place.parent else ""
    person = Party(
        parcel.contact,
        parcel.address,
        parcel.phone,
        province=province,
        district=parcel.place.name if parcel.place else "",
    )
    office = Party(desk.name, desk.address, desk.phone, desk.email)
    cash = 0 if parcel.is_pickup else fees.due(parcel.dossier) + (parcel.postage or 0)
    return Order(
        item_code=parcel.tracking_number,
        order_number=f"{parcel.dossier.submission_ref}-{parcel.pk}",
        sender=person if parcel.is_pickup else office,
        receiver=office if parcel.is_pickup else person,
        cash_on_delivery=cash,
        description=f"{parcel.get_leg_display()} thủ tục hành chính",
    )
