"""The joint count at the desk: papers in, results out, undelivered results back; both sign one record (§11.3.6, §11.5).

The moment of signing is the legal moment of a postal submission (QĐ45 7.4): the dossier's acceptance carries it.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone

from buuchinh import access, transit
from buuchinh.lifecycle import Leg, State
from buuchinh.models import (
    ConsignmentNote,
    HandoverCode,
    HandoverLine,
    HandoverRecord,
    Parcel,
)
from buuchinh.services import booking, codes, fees, notes, parcels, remittances, tracking
from danhmuc.models import Desk, User
from hoso.models import Dossier
from hoso.services import dossiers, notices, numbers
from hoso.services.errors import Refused

Way = HandoverLine.Way


@dataclass(frozen=True)
class Counted:
    """What the joint count found for papers brought in: the places in the parcel's list that are there.

    `guidance` is what the applicant must do when something is missing; `eid_checked` is the desk's tick that it
    looked at the owner's identity account, needed where the signing is the acceptance (channel post).
    """

    parcel: int
    present: frozenset[int]
    guidance: str = ""
    eid_checked: bool = False
    seen: int | None = None


@dataclass
class _Signing:
    desk: Desk
    officer: User
    carrier: User
    at: datetime
    number: str
    lines: list[HandoverLine] = field(default_factory=list)
    accepted: list[Parcel] = field(default_factory=list)


def record_number(series: numbers.Series, desk: int, at: datetime) -> str:
    """The next number of a desk's joint records."""
    return numbers.number_of_year(series, f"postal_record:{desk}", "BBGN", at)


def sign(
    desk: Desk,
    *,
    by: User,
    carrier: User,
    code: str,
    incoming: Sequence[Counted] = (),
    outgoing: Sequence[int] = (),
    back: Sequence[int] = (),
    at: datetime | None = None,
) -> HandoverRecord:
    """One record for one visit, co-signed: the officer by being signed in, the carrier by the six digits.

    All lines or none. Papers counted whole are received (for channel post: the dossier is accepted at the signing);
    papers found short wait for the applicant; results go out; undelivered ones come back. Fees the carrier holds for
    this agency are handed over with it. Raises Refused, StepRefused or PermissionDenied; then nothing is signed.
    """
    if desk.pk not in access.desks_of(by):
        raise PermissionDenied
    if not (incoming or outgoing or back):
        raise Refused("Chọn ít nhất một hồ sơ hoặc kết quả để bàn giao.")
    proof = codes.check(carrier, code)
    return _sign(desk, by, carrier, proof, incoming, outgoing, back, at or timezone.now())


@transaction.atomic
def _sign(
    desk: Desk,
    by: User,
    carrier: User,
    proof: HandoverCode,
    incoming: Sequence[Counted],
    outgoing: Sequence[int],
    back: Sequence[int],
    at: datetime,
) -> HandoverRecord:
    used = HandoverCode.objects.filter(pk=proof.pk, used_at=None).update(used_at=at)
    if not used:
        raise Refused("Mã xác nhận đã được dùng cho một biên bản khác. Đề nghị bưu tá tạo mã mới.")
    signing = _Signing(desk, by, carrier, at, record_number(numbers.DatabaseSeries(), desk.pk, at))
    for item in sorted(incoming, key=lambda one: one.parcel):
        _count_in(signing, item)
    for pk in sorted(outgoing):
        _give_out(signing, pk)
    for pk in sorted(back):
        _take_back(signing, pk)
    unit = signing.lines[0].parcel.unit
    batch = remittances.settle_at_desk(desk=desk, unit=unit, collector=carrier, confirmed_by=by, at=at)
    record = HandoverRecord(
        number=signing.number,
        desk=desk,
        unit=unit,
        officer=by,
        carrier=carrier,
        code=proof,
        signed_at=at,
        fees=batch.total if batch else 0,
    )
    record.facts = notes.record_facts(record, signing.lines)
    record.save()
    for line in signing.lines:
        line.record = record
    HandoverLine.objects.bulk_create(signing.lines)
    if batch is not None:
        batch.record = record
        batch.save(update_fields=["record"])
    return record


def _parcel_here(signing: _Signing, pk: int) -> Parcel:
    parcel = parcels.locked(pk)
    if parcel.dossier.desk_id != signing.desk.pk:
        raise Parcel.DoesNotExist
    if parcel.carrier_id != signing.carrier.pk:
        raise Refused(
            f"Bưu gửi {parcel.tracking_number or parcel.dossier.public_code} không do {signing.carrier.full_name} mang."
        )
    return parcel


def _count_in(signing: _Signing, item: Counted) -> None:
    parcel = _parcel_here(signing, item.parcel)
    seen = item.seen
    if parcel.state == State.REJECTED_AT_COUNT:
        parcels.take(parcel, "supply", by=signing.officer, at=signing.at, seen=seen)
        seen = None
    elif parcel.state != State.AT_DESK:
        parcels.take(parcel, "arrive", by=signing.officer, at=signing.at, seen=seen)
        seen = None
    wanted = _wanted(parcel)
    counted = [paper | {"present": place in item.present} for place, paper in enumerate(wanted)]
    missing = [paper["name"] for paper in counted if not paper["present"]]
    line = HandoverLine(
        parcel=parcel,
        way=Way.IN,
        counted=counted,
        complete=not missing,
        note=("Thiếu: " + "; ".join(missing))[:500] if missing else "",
    )
    signing.lines.append(line)
    if missing:
        _reject(signing, parcel, missing, item.guidance, seen)
        return
    parcel.papers = wanted
    if not _still_wanted(parcel.dossier):
        line.note = STALE
        _keep_for_sender(signing, parcel, seen)
        return
    parcel.guidance = ""
    parcels.take(
        parcel,
        "hand_over",
        by=signing.officer,
        at=signing.at,
        seen=seen,
        note=signing.number,
        record_no=signing.number,
    )
    _receive(signing, parcel, item)
    notices.tell(
        parcel.dossier,
        "postal_handed_over",
        key=f"parcel:{parcel.pk}:handed_over",
        at=signing.at,
        tracking_number=parcel.tracking_number,
        count=len(wanted),
    )


STALE = "Hồ sơ không còn chờ bản giấy; giấy tờ giữ tại quầy để trả người nộp"
_TAKES_PAPERS = frozenset({"submitted", "intake_hold", "processing", "on_hold", "decided"})


def _still_wanted(dossier: Dossier) -> bool:
    """Whether the dossier can still use the papers: it may have ended, or got them another way, on the road."""
    if dossier.channel == Dossier.Channel.POST and not dossier.accepted_at:
        return dossier.state == "draft"
    if dossier.state not in _TAKES_PAPERS:
        return False
    awaited = (Dossier.PaperCheck.AWAITING_PAPER, Dossier.PaperCheck.MISMATCHED)
    return dossier.paper_check in awaited or not dossier.accepted_at


def _keep_for_sender(signing: _Signing, parcel: Parcel, seen: int | None) -> None:
    """The count is whole and signed, but nobody waits for the papers: they lie at the desk for the applicant."""
    parcel.guidance = STALE
    parcels.take(
        parcel, "reject_at_count", by=signing.officer, at=signing.at, seen=seen, note=STALE, missing=[]
    )
    notices.tell(
        parcel.dossier,
        "postal_count_short",
        key=f"parcel:{parcel.pk}:stale",
        channels=("portal", "email"),
        at=signing.at,
        note=STALE + ".",
        tracking_number=parcel.tracking_number,
    )


def _wanted(parcel: Parcel) -> list[dict[str, Any]]:
    """The papers the count is made against: those on the note, and those noted missing at the door."""
    if not parcel.guidance:
        return list(parcel.papers)
    names = {paper["name"] for paper in parcel.papers}
    return list(parcel.papers) + [
        p for p in booking.expected_papers(parcel.dossier) if p["name"] not in names
    ]


def wanted_papers(parcel: Parcel) -> list[dict[str, Any]]:
    """The list the officer and the carrier count together, for the page."""
    return _wanted(parcel)


def _reject(signing: _Signing, parcel: Parcel, missing: list[str], guidance: str, seen: int | None) -> None:
    if not guidance.strip():
        raise Refused(
            f"Hồ sơ {parcel.dossier.public_code} thiếu {'; '.join(missing)}: ghi hướng dẫn để người nộp hoàn thiện."
        )
    parcel.guidance = guidance.strip()
    parcels.take(
        parcel,
        "reject_at_count",
        by=signing.officer,
        at=signing.at,
        seen=seen,
        note=guidance,
        missing=missing,
    )
    notices.tell(
        parcel.dossier,
        "postal_count_short",
        key=f"parcel:{parcel.pk}:short:{parcel.last_seq}",
        at=signing.at,
        missing="; ".join(missing),
        note=guidance.strip(),
        tracking_number=parcel.tracking_number,
    )


def _receive(signing: _Signing, parcel: Parcel, item: Counted) -> None:
    """What the signing means for the dossier: acceptance for channel post, else the papers have arrived."""
    dossier = parcel.dossier
    names = [paper["name"] for paper in parcel.papers]
    if dossier.channel == Dossier.Channel.POST and not dossier.accepted_at:
        parcel.dossier = dossiers.advance(
            dossier.pk,
            "accept",
            by=signing.officer,
            at=signing.at,
            eid_checked=item.eid_checked,
            count_complete=True,
            record_no=signing.number,
            note=f"Biên bản giao nhận {signing.number}",
        )
        receipt = getattr(parcel, "fee_receipt", None)
        if receipt is not None:
            fees.record(receipt)
    elif dossier.state != "intake_hold":  # a dossier sent back is told of its papers when it comes again
        parcel.dossier = dossiers.advance(
            dossier.pk,
            "receive_papers",
            by=signing.officer,
            at=signing.at,
            papers=names,
            record_no=signing.number,
            note=f"Bưu gửi {parcel.tracking_number}, biên bản {signing.number}",
        )


def _give_out(signing: _Signing, pk: int) -> None:
    parcel = _parcel_here(signing, pk)
    dossier = parcel.dossier
    if not (dossier.paper_check_settled or dossier.version.paper_check_mode == "at_delivery"):
        raise Refused(f"Hồ sơ {dossier.public_code} chưa đối chiếu xong bản giấy, chưa giao kết quả được.")
    if dossier.handovers.filter(what="result", signed_at=None, recalled_at=None).exists():
        # Whoever holds the result in hand to pass it on has received it from the agency.
        dossiers.advance(dossier.pk, "sign_for", by=signing.officer, what="result", at=signing.at)
    owed = fees.due(dossier)
    parcel.tracking_number = parcel.tracking_number or tracking.next_number(parcel.unit)
    parcel.papers = booking.result_papers(dossier)
    parcel.due_on = transit.due_on(parcels.calendar_of(parcel), timezone.localdate(signing.at), parcel.scope)
    parcel.order_state, parcel.order_due_at = Parcel.Order.QUEUED, signing.at
    parcels.take(
        parcel,
        "take_result",
        by=signing.officer,
        at=signing.at,
        note=signing.number,
        record_no=signing.number,
    )
    ConsignmentNote.objects.create(
        parcel=parcel,
        number=parcel.tracking_number,
        facts=notes.return_facts(parcel, officer=signing.officer, at=signing.at, owed=owed),
        signed_name=signing.officer.full_name,
        issued_by=signing.carrier,
        issued_at=signing.at,
    )
    counted = [paper | {"present": True} for paper in parcel.papers]
    signing.lines.append(HandoverLine(parcel=parcel, way=Way.OUT, counted=counted, complete=True))
    notices.tell(
        dossier,
        "postal_result_taken",
        key=f"parcel:{parcel.pk}:taken",
        at=signing.at,
        tracking_number=parcel.tracking_number,
        on=parcel.due_on,
        amount=owed + (parcel.postage or 0),
    )


def _take_back(signing: _Signing, pk: int) -> None:
    parcel = _parcel_here(signing, pk)
    parcels.take(
        parcel, "hand_back", by=signing.officer, at=signing.at, note=signing.number, record_no=signing.number
    )
    counted = [paper | {"present": True} for paper in parcel.papers]
    signing.lines.append(HandoverLine(parcel=parcel, way=Way.BACK, counted=counted, complete=True))
    notices.tell(
        parcel.dossier,
        "postal_returned",
        key=f"parcel:{parcel.pk}:returned",
        at=signing.at,
        tracking_number=parcel.tracking_number,
    )


@transaction.atomic
def give_back(pk: int, *, by: User, note: str, seen: int | None = None) -> Parcel:
    """Papers found short go back at the applicant's choice (§11.3.8)."""
    if not note.strip():
        raise Refused("Ghi người nhận lại giấy tờ và cách trả.")
    parcel = parcels.locked(pk)
    parcels.take(parcel, "give_back", by=by, at=timezone.now(), note=note, seen=seen)
    return parcel


def at_desk(desk: Desk, carrier: User) -> dict[str, list[Parcel]]:
    """What the carrier and this desk have to pass to each other now: "in", "out" and "back"."""
    mine = Parcel.objects.for_list().filter(dossier__desk=desk, carrier=carrier).order_by("pk")
    brought = (State.COLLECTED, State.IN_TRANSIT, State.AT_DESK, State.REJECTED_AT_COUNT)
    found: dict[str, list[Parcel]] = {"in": [], "out": [], "back": []}
    live = mine.filter(state__in=(*brought, State.ASSIGNED, State.RETURNING))
    for parcel in live.select_related("dossier__desk__serves", "fee_receipt").prefetch_related(
        "dossier__charges"
    )[:200]:
        if parcel.leg == Leg.PICKUP and parcel.state in brought:
            found["in"].append(parcel)
        elif parcel.leg == Leg.RETURN and parcel.state == State.ASSIGNED:
            found["out"].append(parcel)
        elif parcel.state == State.RETURNING:
            found["back"].append(parcel)
    return found
