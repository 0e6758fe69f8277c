"""Receipts: a number without gaps for each payment, put right by further rows (domain §12.5), told to the provider.

The number is ours and stands at once; a provider of electronic receipts adds its own later. An outage there delays
its number and nothing else.
"""

import logging
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.utils import timezone

from config.said import facts_of
from danhmuc.models import User
from hoso import access, clock
from hoso.gateways import receipts as providers
from hoso.gateways.outgoing import NotSent
from hoso.models import Dossier, Event, Payment, Receipt
from hoso.services.case import Case
from hoso.services.errors import Refused

logger = logging.getLogger(__name__)

Kind, Status = Receipt.Kind, Receipt.Status
#: Money that has to reach the budget account within hours; cash is handed over by the desk's own rules.
_REMITTED = {Payment.Method.ONLINE, Payment.Method.TRANSFER}
MOST_FAILURES = 50


def issue(
    case: Case,
    event: Event,
    payment: Payment,
    *,
    amount: int,
    kind: Receipt.Kind = Receipt.Kind.ORIGINAL,
    corrects: Receipt | None = None,
    reason: str = "",
    payer: str = "",
    address: str = "",
) -> Receipt:
    """One receipt more in the collector's series of the year."""
    dossier = case.dossier
    collector, year = dossier.desk.serves, timezone.localdate(event.at).year
    receipt = Receipt(
        dossier=dossier,
        seq=len(case.receipts) + 1,
        payment=payment,
        kind=kind,
        collector=collector,
        form=settings.RECEIPT_FORM,
        symbol=f"{settings.RECEIPT_SYMBOL}-{year % 100:02d}",
        number=f"{case.series.next(f'receipt:{collector.pk}:{year}'):07d}",
        amount=amount,
        payer=payer or dossier.submitter_name or dossier.owner_name,
        payer_address=address or dossier.address,
        corrects=corrects,
        reason=reason[:500],
        reason_facts=facts_of(reason),
        event_seq=event.seq,
        issued_at=event.at,
        issued_by=event.actor,
    )
    if kind == Kind.ORIGINAL and payment.method in _REMITTED:
        calendar = case.law.calendar(collector, event.at)
        receipt.remit_due_at = clock.remit_online_due(calendar, event.at, case.law.rules_on(event.at)[1]).due
    return case.add(receipt)


def standing(case: Case, payment: Payment) -> Receipt | None:
    """The receipt of a payment that counts now."""
    return next(
        (
            r
            for r in case.receipts
            if r.payment is payment or r.payment == payment
            if r.kind != Kind.ADJUSTMENT and r.status != Status.CANCELLED
        ),
        None,
    )


def give_back(case: Case, event: Event, payment: Payment, amount: int, reason: str) -> Receipt | None:
    """Money of a receipt went back: all of it cancels the receipt, a part is taken off by an adjustment.

    Answers the adjustment, for which a paper is issued.
    """
    receipt = standing(case, payment)
    if receipt is None:
        return None  # money that never was a fee had no receipt
    receipt.reason, receipt.reason_facts = reason[:500], facts_of(reason)
    case.touch(receipt)
    if amount >= receipt.amount:
        receipt.status, receipt.cancelled_at = Status.CANCELLED, event.at
        _tell_provider_again(receipt)
        return None
    receipt.status = Status.ADJUSTED
    return issue(
        case, event, payment, amount=-amount, kind=Kind.ADJUSTMENT, corrects=receipt, reason=reason,
        payer=receipt.payer, address=receipt.payer_address,
    )  # fmt: skip


def replace(case: Case, event: Event, facts: dict[str, Any]) -> None:
    """Consequence of `replace_receipt`. facts: receipt (its number), payer, payer_address; the note says why."""
    old = next((r for r in case.receipts if r.number == facts["receipt"] and r.status == Status.ISSUED), None)
    if old is None or old.kind == Kind.ADJUSTMENT:
        raise Refused("Biên lai này đã hủy hoặc đã điều chỉnh, không lập lại được.")
    old.status, old.cancelled_at, old.reason = Status.CANCELLED, event.at, event.note[:500]
    _tell_provider_again(old)
    case.touch(
        old
    )  # changed rows are written before new ones: a payment has one standing receipt at any time
    new = issue(
        case, event, old.payment, amount=old.amount, kind=Kind.REPLACEMENT, corrects=old, reason=event.note,
        payer=facts["payer"], address=facts["payer_address"],
    )  # fmt: skip
    new.remit_due_at, new.remitted_at, new.remitted_by = old.remit_due_at, old.remitted_at, old.remitted_by
    payment = next(p for p in case.payments if p.pk == old.payment_id)
    payment.receipt_no = new.number
    case.touch(payment)
    event.data |= {"receipt_no": new.number, "replaces": old.number, "charges": list(payment.charges)}
    event.data |= {"amount": new.amount, "method": payment.method}


def _tell_provider_again(receipt: Receipt) -> None:
    receipt.registered_at, receipt.provider_failures = None, 0


def register_waiting(*, limit: int = 50) -> int:
    """Tell the provider of electronic receipts what it does not know yet. Answers how many it took."""
    provider = providers.provider()
    if provider is None:
        return 0
    done = 0
    waiting = Receipt.objects.filter(registered_at=None, provider_failures__lt=MOST_FAILURES)
    for pk in list(waiting.order_by("pk").values_list("pk", flat=True)[:limit]):
        with transaction.atomic():
            row = (
                Receipt.objects.select_for_update(of=["self"], skip_locked=True)
                .select_related("collector", "corrects", "payment", "dossier__version")
                .filter(pk=pk, registered_at=None)
                .first()
            )
            if row is None:
                continue
            try:
                taken = provider.register(_facts(row))
            except NotSent as error:
                logger.warning("Nhà cung cấp biên lai chưa nhận %s %s: %s", row.symbol, row.number, error)
                Receipt.objects.filter(pk=pk).update(
                    provider_failures=F("provider_failures") + 1, provider_answer=str(error)[:300]
                )
                continue
            row.provider, row.registered_at = provider.name, timezone.now()
            row.provider_number = taken.number or row.provider_number
            row.provider_link = taken.link or row.provider_link
            row.provider_answer = taken.words[:300]
            row.save()
            done += 1
    return done


def _facts(row: Receipt) -> providers.ReceiptFacts:
    return providers.ReceiptFacts(
        form=row.form,
        symbol=row.symbol,
        number=row.number,
        collector=row.collector.name,
        tax_code=settings.RECEIPT_TAX_CODE,
        payer=row.payer,
        dossier_code=row.dossier.public_code,
        what=row.dossier.version.name,
        amount=row.amount,
        issued_at=timezone.localtime(row.issued_at).isoformat(),
        cancelled=row.status == Status.CANCELLED,
        corrects=row.corrects.number if row.corrects else "",
        known_as=row.provider_number,
    )


@transaction.atomic
def remit(pks: list[int], *, by: User) -> int:
    """The cashier has transferred this money to the budget account (NĐ118 24.3). Answers how many receipts."""
    desks = access.scope_of(by).desks
    mine = Dossier.objects.filter(desk_id__in=desks)
    waiting = Receipt.objects.filter(
        pk__in=pks, dossier__in=mine, remit_due_at__isnull=False, remitted_at=None
    ).exclude(status=Status.CANCELLED)
    return waiting.update(remitted_at=timezone.now(), remitted_by=by)


def of_day(start: datetime, end: datetime, desks: frozenset[int]) -> Any:
    """Receipts written between two moments by the desks named."""
    return Receipt.objects.filter(issued_at__gte=start, issued_at__lt=end, dossier__desk_id__in=desks)
