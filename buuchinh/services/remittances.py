"""Money of the State on its way from the carrier to the agency (QĐ45 15.2; PT 28.2).

Each receipt is handed over once, in one line of one batch; a batch is worth the sum of its receipts (invariant 8).
"""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import F, QuerySet
from django.utils import timezone

from buuchinh import access
from buuchinh.models import FeeReceipt, RemittanceBatch, RemittanceLine
from config.formats import vnd
from danhmuc.models import Agency, Desk, User
from hoso.services import numbers
from hoso.services.errors import Refused


def held(collector: User) -> QuerySet[FeeReceipt]:
    """Receipts whose money the collector still has; fees of dossiers not yet accepted are among them."""
    return FeeReceipt.objects.filter(collector=collector, remittance=None).select_related(
        "agency", "parcel__dossier__version"
    )


@dataclass
class Held:
    """What one collector holds for one agency, in đồng."""

    agency: Agency
    receipts: list[FeeReceipt] = field(default_factory=list)
    total: int = 0
    ready: int = 0


def held_by_agency(collector: User) -> list[Held]:
    """The same, by agency; `ready` is what may be handed over now."""
    found: dict[int, Held] = {}
    for receipt in held(collector):
        group = found.setdefault(receipt.agency_id, Held(receipt.agency))
        group.receipts.append(receipt)
        group.total += receipt.amount
        group.ready += receipt.amount if receipt.recorded_at else 0
    return list(found.values())


def _batch(
    receipts: list[FeeReceipt], *, unit: Agency, agency: Agency, collector: User, at: datetime
) -> RemittanceBatch:
    series = numbers.DatabaseSeries()
    batch = RemittanceBatch.objects.create(
        number=numbers.number_of_year(series, f"remittance:{agency.pk}", "BKNT", at),
        unit=unit,
        agency=agency,
        collector=collector,
        total=sum(r.amount for r in receipts),
        handed_at=at,
    )
    RemittanceLine.objects.bulk_create(
        RemittanceLine(batch=batch, receipt=receipt, amount=receipt.amount) for receipt in receipts
    )
    return batch


def _ready(collector: User, agency: Agency) -> list[FeeReceipt]:
    """Receipts to be handed over now, locked. What is free is read again after the wait for the lock: handing over
    leaves the receipt's own row as it was, so the waiting statement alone would not see it.
    """
    free = FeeReceipt.objects.filter(
        collector=collector, agency=agency, remittance=None, recorded_at__isnull=False
    ).order_by("pk")
    waited_for = list(free.select_for_update(of=["self"]).values_list("pk", flat=True))
    return list(free.filter(pk__in=waited_for))


def ready_for(collector: User, agency: Agency) -> list[FeeReceipt]:
    """Receipts whose money changes hands when this collector next signs at the agency's desk."""
    return [r for r in held(collector).filter(agency=agency) if r.recorded_at is not None]


def settle_at_desk(
    *, desk: Desk, unit: Agency, collector: User, confirmed_by: User, at: datetime
) -> RemittanceBatch | None:
    """With the dossiers (§11.8): what the carrier holds for this agency changes hands at the signing of the record."""
    receipts = _ready(collector, desk.serves)
    if not receipts:
        return None
    batch = _batch(receipts, unit=unit, agency=desk.serves, collector=collector, at=at)
    batch.counted, batch.confirmed_by, batch.confirmed_at = batch.total, confirmed_by, at
    batch.save(update_fields=["counted", "confirmed_by", "confirmed_at"])
    return batch


@transaction.atomic
def hand_over(collector: User, agency: Agency, *, at: datetime | None = None) -> RemittanceBatch:
    """The collector hands in all that is ready for an agency; the agency's desk confirms. Refused when nothing is."""
    moment = at or timezone.now()
    receipts = _ready(collector, agency)
    if not receipts:
        raise Refused("Không có khoản thu hộ nào chờ nộp cho cơ quan này.")
    unit = next((p.agency for p in collector.positions_on() if p.role in access.CARRYING), None)
    if unit is None:
        raise PermissionDenied
    return _batch(receipts, unit=unit, agency=agency, collector=collector, at=moment)


@transaction.atomic
def confirm(pk: int, *, by: User, counted: int, explanation: str = "") -> RemittanceBatch:
    """The desk counted the money, in đồng; a difference must be explained. Refused when confirmed before."""
    batch = RemittanceBatch.objects.select_for_update().get(pk=pk)
    if not Desk.objects.filter(pk__in=access.money_desks_of(by), serves=batch.agency_id).exists():
        raise RemittanceBatch.DoesNotExist
    if batch.confirmed_at is not None:
        raise Refused("Bảng kê này đã được xác nhận.")
    if counted != batch.total and not explanation.strip():
        difference = abs(counted - batch.total)
        raise Refused(f"Số tiền lệch {vnd(difference)} so với các biên lai: ghi giải trình.")
    batch.counted, batch.explanation = counted, explanation.strip()
    batch.confirmed_by, batch.confirmed_at = by, timezone.now()
    batch.save()
    return batch


def totals(collector: User, day_start: datetime, day_end: datetime) -> dict[str, int]:
    """Collected and handed over between two moments, in đồng, for the end of the day."""
    sums: dict[str, int] = defaultdict(int)
    receipts = FeeReceipt.objects.filter(collector=collector, taken_at__gte=day_start, taken_at__lt=day_end)
    sums["collected"] = sum(receipts.values_list("amount", flat=True))
    handed = RemittanceLine.objects.filter(
        batch__collector=collector, batch__handed_at__gte=day_start, batch__handed_at__lt=day_end
    )
    sums["handed"] = sum(handed.values_list("amount", flat=True))
    return dict(sums)


def batches_of(collector: User, limit: int = 20) -> list[RemittanceBatch]:
    """The collector's latest batches, those waiting for the agency first."""
    rows = RemittanceBatch.objects.filter(collector=collector).select_related("agency", "confirmed_by")
    return list(rows.order_by(F("confirmed_at").desc(nulls_first=True), "-handed_at")[:limit])


def waiting_for(desk_ids: frozenset[int]) -> list[RemittanceBatch]:
    """Batches these desks have to count and confirm."""
    agencies = Desk.objects.filter(pk__in=desk_ids).values("serves_id")
    rows = RemittanceBatch.objects.filter(agency__in=agencies, confirmed_at=None)
    return list(rows.select_related("collector", "agency").order_by("handed_at")[:100])
