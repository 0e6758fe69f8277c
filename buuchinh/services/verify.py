"""Replays parcels and reports every difference with what is stored, and broken invariants 2, 8 and 11 (domain §23)."""

from collections.abc import Iterator

from django.db.models import F, OuterRef, QuerySet, Subquery, Sum

from buuchinh.lifecycle import Leg, State
from buuchinh.models import FeeReceipt, HandoverLine, Parcel, ParcelEvent, RemittanceBatch
from hoso.models import Dossier, Payment
from hoso.services.history import Problem

BATCH = 1000


def problems(dossiers: QuerySet[Dossier]) -> Iterator[Problem]:
    """Everything wrong with the parcels of these dossiers, a batch at a time; money is checked as a whole."""
    last = 0
    while True:
        batch = list(
            Parcel.objects.filter(dossier__in=dossiers, pk__gt=last)
            .select_related("dossier__version")
            .defer("dossier__answers", "dossier__search", "dossier__version__eform")
            .prefetch_related("events", "handover_lines__record")
            .order_by("pk")[:BATCH]
        )
        if not batch:
            break
        last = batch[-1].pk
        for parcel in batch:
            yield from _check(parcel)
    yield from _check_money()


def _check(parcel: Parcel) -> Iterator[Problem]:
    name = str(parcel.dossier)
    state: str = State.REGISTERED
    events = list(parcel.events.all())
    if [e.seq for e in events] != list(range(1, parcel.last_seq + 1)):
        yield Problem(name, "10", f"bưu gửi {parcel}: thiếu hoặc thừa sự kiện")
    for event in events:
        if event.source != state:
            yield Problem(
                name,
                "10",
                f"bưu gửi {parcel}: bước {event.name} bắt đầu từ “{event.source}”, trước đó “{state}”",
            )
        state = event.target
    if parcel.state != state:
        yield Problem(name, "10", f"bưu gửi {parcel}: lưu “{parcel.state}”, diễn lại “{state}”")
    yield from _check_signing(parcel, events)
    dossier = parcel.dossier
    if parcel.leg == Leg.RETURN and parcel.state == State.DELIVERED and dossier.state != "completed":
        yield Problem(name, "11", f"bưu gửi {parcel} đã phát nhưng hồ sơ chưa trả kết quả")


def _check_signing(parcel: Parcel, events: list[ParcelEvent]) -> Iterator[Problem]:
    """Invariant 2: a postal dossier is accepted at the moment its handover record is signed (QĐ45 7.4)."""
    dossier = parcel.dossier
    signed = [
        line.record.signed_at
        for line in parcel.handover_lines.all()
        if line.way == HandoverLine.Way.IN and line.complete
    ]
    if parcel.leg != Leg.PICKUP or parcel.state != State.HANDED_OVER:
        return
    if not signed:
        yield Problem(str(dossier), "2", f"bưu gửi {parcel} đã bàn giao nhưng không có biên bản")
    elif dossier.channel == Dossier.Channel.POST and dossier.accepted_at not in signed:
        yield Problem(str(dossier), "2", f"tiếp nhận {dossier.accepted_at} khác lúc ký biên bản {signed[0]}")


def _check_money() -> Iterator[Problem]:
    """Invariant 8: what was handed over is what was receipted, and every receipt is a payment of its dossier."""
    batches = RemittanceBatch.objects.annotate(lines_total=Sum("lines__amount")).exclude(
        lines_total=F("total")
    )
    for batch in batches[:50]:
        yield Problem(batch.number, "8", f"bảng kê ghi {batch.total}, cộng các biên lai {batch.lines_total}")
    paid = Payment.objects.filter(reference=OuterRef("reference"))
    receipts = (
        FeeReceipt.objects.exclude(recorded_at=None)
        .annotate(paid=Subquery(paid.values("amount")[:1]))
        .exclude(paid=F("amount"))
    )
    for receipt in receipts[:50]:
        yield Problem(receipt.reference, "8", f"bưu điện thu {receipt.amount}, hồ sơ ghi nhận {receipt.paid}")
    twice = RemittanceBatch.objects.filter(lines__amount__isnull=False).exclude(
        lines__amount=F("lines__receipt__amount")
    )
    for wrong in twice.distinct()[:50]:
        yield Problem(wrong.number, "8", "một dòng bảng kê khác số tiền trên biên lai")
