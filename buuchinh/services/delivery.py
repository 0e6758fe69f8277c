"""Leg B after the desk: delivery completes the dossier; a failed attempt invites, then the result goes back (§11.5)."""

from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.utils import timezone

from buuchinh import transit
from buuchinh.lifecycle import State
from buuchinh.models import Invitation, Parcel
from buuchinh.services import fees, parcels
from danhmuc.models import User
from hoso.services import dossiers, notices
from hoso.services.errors import Refused

Fault = Parcel.Fault


@transaction.atomic
def deliver(
    pk: int,
    *,
    by: User,
    receiver_name: str,
    is_owner: bool,
    id_tail: str = "",
    receiver_id: str = "",
    authority_note: str = "",
    fee: int = 0,
    postage_taken: int = 0,
    recovered: bool = False,
    seen: int | None = None,
    at: datetime | None = None,
) -> Parcel:
    """Give the result to the receiver; the dossier is completed in the same transaction, by the carrier (T21).

    The owner shows an identity paper whose last four digits are typed; a representative gives a full number and an
    authorisation. Money still owed (đồng) is taken and settled first. Raises Refused or StepRefused; then nothing
    has changed.
    """
    moment = at or timezone.now()
    parcel = parcels.locked(pk)
    dossier = parcel.dossier
    name = receiver_name.strip() or (dossier.owner_name if is_owner else "")
    _identify(parcel, name, is_owner, id_tail, receiver_id, authority_note)
    if (
        dossier.version.paper_check_mode == "at_delivery"
        and not dossier.paper_check_settled
        and not recovered
    ):
        raise Refused("Thu lại đủ giấy tờ phải nộp trước khi phát kết quả.")
    parcel.postage_taken = postage_taken
    relation = "chính chủ" if is_owner else "người được ủy quyền"
    data: dict[str, Any] = {"receiver": name, "relation": relation, "fee": fee, "recovered": recovered}
    parcels.take(parcel, "deliver", by=by, at=moment, seen=seen, **data)
    owed = fees.due(dossier)
    if owed or fee:
        fees.take(parcel, by=by, amount=fee, at=moment)
    parcel.dossier = dossiers.advance(
        dossier.pk,
        "complete",
        by=by,
        receiver_name=name,
        receiver_id=receiver_id.strip() or (f"…{id_tail.strip()}" if id_tail.strip() else ""),
        relation=relation,
        authority_note=authority_note.strip(),
        tracking_number=parcel.tracking_number,
        note=f"Bưu điện phát tận nơi, bưu gửi {parcel.tracking_number}",
    )
    return parcel


def _identify(
    parcel: Parcel, name: str, is_owner: bool, id_tail: str, receiver_id: str, authority_note: str
) -> None:
    known = parcel.dossier.owner_id.strip()
    if is_owner:
        tail = id_tail.strip()
        if known and tail != known[-4:]:
            raise Refused(
                "4 số cuối giấy tờ tùy thân không khớp với chủ hồ sơ. Xem lại giấy tờ của người nhận."
            )
        return
    if not name:
        raise Refused("Ghi họ tên người ký nhận.")
    if len(receiver_id.strip()) < 8:
        raise Refused("Ghi số giấy tờ tùy thân của người nhận thay.")
    if not authority_note.strip():
        raise Refused("Ghi giấy ủy quyền của người nhận thay (số, ngày hoặc nội dung).")


@transaction.atomic
def fail(
    pk: int,
    *,
    by: User,
    reason: str,
    note: str = "",
    again_on: date | None = None,
    seen: int | None = None,
    at: datetime | None = None,
) -> Parcel:
    """An attempt failed. The first one plans the invitations and the first day on which the result may go back."""
    moment = at or timezone.now()
    today = timezone.localdate(moment)
    parcel = parcels.locked(pk)
    if again_on is not None and again_on < today:
        raise Refused("Ngày hẹn phát lại phải từ hôm nay trở đi.")
    calendar = parcels.calendar_of(parcel)
    first = parcel.return_from is None
    until = transit.return_from(calendar, today, reason)
    parcel.return_from = until if first else min(until, parcel.return_from or until)
    parcel.wished_on = again_on or parcel.wished_on
    parcels.take(parcel, "fail", by=by, at=moment, note=note, seen=seen, reason=reason, again_on=again_on)
    if first and reason not in transit.FINAL_FAULTS:
        Invitation.objects.bulk_create(
            Invitation(parcel=parcel, number=number, due_on=day)
            for number, day in enumerate(transit.invitation_days(calendar, today), start=1)
        )
    notices.tell(
        parcel.dossier,
        "postal_attempt_failed",
        key=f"parcel:{parcel.pk}:failed:{parcel.attempts}",
        at=moment,
        reason=Fault(reason).label,
        tracking_number=parcel.tracking_number,
        on=again_on,
        carrier=parcel.unit.name,
        until=parcel.return_from,
    )
    return parcel


def invite_due(now: datetime | None = None) -> int:
    """Send the invitations whose day has come, for parcels still waiting. Returns how many."""
    at = now or timezone.now()
    today = timezone.localdate(at)
    done = 0
    for pk in list(
        Invitation.objects.filter(sent_at=None, due_on__lte=today).values_list("pk", flat=True)[:200]
    ):
        with transaction.atomic():
            invitation = (
                Invitation.objects.select_for_update(skip_locked=True, of=["self"])
                .select_related("parcel__dossier__version", "parcel__dossier__desk__agency", "parcel__unit")
                .filter(pk=pk, sent_at=None)
                .first()
            )
            if invitation is None:
                continue
            parcel = invitation.parcel
            if parcel.state != State.ATTEMPT_FAILED:
                continue
            invitation.sent_at = at
            invitation.save(update_fields=["sent_at"])
            notices.tell(
                parcel.dossier,
                "postal_invitation",
                key=f"parcel:{parcel.pk}:invitation:{invitation.number}",
                at=at,
                attempt=invitation.number,
                carrier=parcel.unit.name,
                tracking_number=parcel.tracking_number,
                until=parcel.return_from,
            )
            done += 1
    return done


@transaction.atomic
def start_return(
    pk: int, *, by: User, note: str = "", seen: int | None = None, at: datetime | None = None
) -> Parcel:
    """Send the result back to the agency, once the invitations have run out or nobody could be invited."""
    moment = at or timezone.now()
    parcel = parcels.locked(pk)
    if parcel.state == State.ATTEMPT_FAILED:
        if parcel.return_from and timezone.localdate(moment) < parcel.return_from:
            raise Refused(
                f"Phải mời nhận đủ lần rồi mới chuyển hoàn: sớm nhất ngày {parcel.return_from:%d/%m/%Y}."
            )
        last = (
            parcel.events.filter(name="fail").order_by("-seq").values_list("data__reason", flat=True).first()
        )
        if last not in transit.FINAL_FAULTS and parcel.invitations.filter(sent_at=None).exists():
            raise Refused("Còn giấy mời chưa gửi; chỉ chuyển hoàn sau khi đã mời đủ lần.")
    parcels.take(parcel, "start_return", by=by, at=moment, note=note, seen=seen)
    return parcel


@transaction.atomic
def report_mishap(pk: int, *, by: User, lost: bool, note: str, seen: int | None = None) -> Parcel:
    """Loss or damage on the way; the post answers for it and the applicant is told (QĐ45 Art 14)."""
    if not note.strip():
        raise Refused("Ghi rõ việc đã xảy ra.")
    moment = timezone.now()
    parcel = parcels.locked(pk)
    parcels.take(parcel, "report_lost" if lost else "report_damaged", by=by, at=moment, note=note, seen=seen)
    notices.tell(
        parcel.dossier,
        "postal_mishap",
        key=f"parcel:{parcel.pk}:mishap",
        at=moment,
        reason="thất lạc" if lost else "hư hại",
        tracking_number=parcel.tracking_number,
        carrier=parcel.unit.name,
    )
    return parcel
