"""Leg A up to the desk's door: the carrier counts papers with the applicant, takes fees and gives a note (§11.3)."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.utils import timezone

from buuchinh import transit
from buuchinh.models import ConsignmentNote, Parcel
from buuchinh.services import fees, notes, parcels, tracking
from danhmuc.models import User
from hoso.services import notices
from hoso.services.errors import Refused


@transaction.atomic
def collect(
    pk: int,
    *,
    by: User,
    papers: Sequence[int],
    fee: int,
    signed_name: str,
    identity_checked: bool,
    postage_taken: int = 0,
    missing_note: str = "",
    seen: int | None = None,
    at: datetime | None = None,
) -> Parcel:
    """Take the papers (their places in the parcel's list) and the fee in đồng (0 when the person pays another way).

    The note is issued and co-signed, the dossier's charges are settled in the carrier's name. Raises Refused when the
    identity was not checked, nothing was taken, something is missing without a word on it, or the fee is not what is
    owed now; StepRefused on a stale page.
    """
    moment = at or timezone.now()
    parcel = parcels.locked(pk)
    if not identity_checked:
        raise Refused("Đánh dấu đã xem giấy tờ tùy thân hoặc giấy ủy quyền của người nộp.")
    if not signed_name.strip():
        raise Refused("Ghi họ tên người nộp ký phiếu gửi.")
    taken = [paper for place, paper in enumerate(parcel.papers) if place in set(papers)]
    missing = [paper["name"] for place, paper in enumerate(parcel.papers) if place not in set(papers)]
    if not taken:
        raise Refused("Đánh dấu các giấy tờ đã cầm trên tay. Chưa có giấy tờ nào thì chọn “Chưa nhận được”.")
    if missing and not missing_note.strip():
        raise Refused(
            f"Còn thiếu: {'; '.join(missing)}. Hướng dẫn người nộp hoàn thiện, hoặc ghi rõ hẹn bổ sung thế nào."
        )
    parcel.papers = taken
    parcel.tracking_number = parcel.tracking_number or tracking.next_number(parcel.unit)
    parcel.postage_taken = postage_taken
    parcel.guidance = missing_note.strip()
    parcel.due_on = transit.due_on(parcels.calendar_of(parcel), timezone.localdate(moment), parcel.scope)
    parcel.order_state, parcel.order_due_at = Parcel.Order.QUEUED, moment
    data: dict[str, Any] = {"papers": [p["name"] for p in taken], "missing": missing, "fee": fee}
    parcels.take(parcel, "collect", by=by, at=moment, note=missing_note, seen=seen, **data)
    receipt = fees.take(parcel, by=by, amount=fee, at=moment) if fee else None
    note = ConsignmentNote.objects.create(
        parcel=parcel,
        number=parcel.tracking_number,
        facts=notes.pickup_facts(parcel, by=by, at=moment, fee=fee, signed_name=signed_name),
        signed_name=signed_name.strip(),
        issued_by=by,
        issued_at=moment,
    )
    notices.tell(
        parcel.dossier,
        "postal_collected",
        key=f"parcel:{parcel.pk}:collected",
        at=moment,
        tracking_number=note.number,
        count=len(taken),
        amount=receipt.amount if receipt else 0,
        on=parcel.due_on,
        missing="; ".join(missing),
    )
    return parcel


@transaction.atomic
def miss(
    pk: int,
    *,
    by: User,
    reason: str,
    again_on: date | None = None,
    note: str = "",
    seen: int | None = None,
    at: datetime | None = None,
) -> Parcel:
    """The carrier came and left without papers; another day is agreed. `reason` is a Parcel.Fault."""
    moment = at or timezone.now()
    parcel = parcels.locked(pk)
    if again_on is not None and again_on < timezone.localdate(moment):
        raise Refused("Ngày hẹn lại phải từ hôm nay trở đi.")
    parcel.wished_on = again_on or parcel.wished_on
    parcels.take(parcel, "miss", by=by, at=moment, note=note, seen=seen, reason=reason, again_on=again_on)
    notices.tell(
        parcel.dossier,
        "postal_pickup_missed",
        key=f"parcel:{parcel.pk}:missed:{parcel.attempts}",
        at=moment,
        reason=Parcel.Fault(reason).label,
        on=again_on,
        carrier=parcel.unit.name,
    )
    return parcel


@transaction.atomic
def abandon(pk: int, *, by: User, note: str, seen: int | None = None) -> Parcel:
    """The coordinator gives the request up; the applicant is told to bring the papers."""
    moment = timezone.now()
    parcel = parcels.locked(pk)
    if not note.strip():
        raise Refused("Ghi lý do không nhận được hồ sơ.")
    parcels.take(parcel, "abandon", by=by, at=moment, note=note, seen=seen)
    notices.tell(
        parcel.dossier, "postal_pickup_given_up", key=f"parcel:{parcel.pk}:given_up", at=moment, reason=note
    )
    return parcel


@transaction.atomic
def assign(pk: int, *, by: User, carrier: User, seen: int | None = None) -> Parcel:
    """Name the carrier of a parcel, or pass it to a colleague on the way."""
    moment = timezone.now()
    parcel = parcels.locked(pk)
    if parcel.carrier_id == carrier.pk:
        return parcel
    before, parcel.carrier = parcel.carrier, carrier
    name = "assign" if parcel.collected_at is None else "reassign"
    parcels.take(
        parcel,
        name,
        by=by,
        at=moment,
        note=carrier.full_name,
        seen=seen,
        carrier=carrier.pk,
        before=before.pk if before else None,
    )
    return parcel


@transaction.atomic
def confirm(pk: int, *, by: User, on: date, part: str, note: str = "", seen: int | None = None) -> Parcel:
    """The day agreed with the person; before or after a carrier is named."""
    moment = timezone.now()
    parcel = parcels.locked(pk)
    if on < timezone.localdate(moment):
        raise Refused("Ngày hẹn phải từ hôm nay trở đi.")
    parcel.wished_on, parcel.wished_part = on, part
    parcels.take(parcel, "confirm", by=by, at=moment, note=note, seen=seen, on=on, part=part)
    if parcel.is_pickup:
        notices.tell(
            parcel.dossier,
            "postal_pickup_booked",
            key=f"parcel:{parcel.pk}:confirmed:{parcel.last_seq}",
            at=moment,
            on=on,
            part=parcel.get_wished_part_display(),
            address=parcel.address,
            carrier=parcel.unit.name,
        )
    return parcel
