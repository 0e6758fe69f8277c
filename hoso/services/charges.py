"""Works out what is owed, and takes note of what was paid (domain §12). Amounts are whole đồng."""

from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from config.formats import vnd
from danhmuc.models import ChargeRule, ProcedureVersion
from hoso.models import Charge, Dossier, Event, Payment
from hoso.services import receipts, reliefs
from hoso.services.case import Case
from hoso.services.errors import Refused
from hoso.services.law import Law
from hoso.services.routes import version_parts

Timing = ProcedureVersion.FeeTiming
_CHANNELS = {
    Dossier.Channel.ONLINE: ChargeRule.Channel.ONLINE,
    Dossier.Channel.COUNTER: ChargeRule.Channel.COUNTER,
    Dossier.Channel.POST: ChargeRule.Channel.POST,
}


def rules_for(version: ProcedureVersion, channel: str) -> list[ChargeRule]:
    """The fees of a version at one channel: those of the channel itself, else those of every channel.

    A fee that belongs to a case is left to the officer: which of several amounts applies cannot be known here.
    """
    _, _, rules = version_parts(version.pk)
    own = [rule for rule in rules if rule.channel == _CHANNELS[Dossier.Channel(channel)]]
    return [
        rule for rule in (own or [r for r in rules if not r.channel]) if rule.amount > 0 and not rule.case
    ]


def raise_prepaid(case: Case, event: Event, facts: dict[str, Any]) -> None:
    """Consequence of `submit`: fees that must be paid before the desk looks (PT 9.2c). The intake clock waits."""
    if case.dossier.version.fee_timing == Timing.BEFORE_INTAKE:
        raised = _raise(case, event)
        event.data["prepaid"] = any(charge.status == Charge.Status.DUE for charge in raised)


def raise_fees(case: Case, event: Event, facts: dict[str, Any]) -> None:
    """Consequence of acceptance: everything the version charges, unless raised before."""
    if case.dossier.version.fee_timing not in {Timing.NONE, Timing.BEFORE_INTAKE} or not case.charges:
        _raise(case, event)


def _raise(case: Case, event: Event) -> list[Charge]:
    if case.charges:
        return []
    return [case.add(charge) for charge in expected(case.dossier, case.law, event.at)]


def expected(dossier: Dossier, law: Law, at: datetime) -> list[Charge]:
    """What would be charged at a moment, with the reliefs nobody has to ask for; nothing is written."""
    if dossier.version.fee_timing == Timing.NONE:
        return []
    found = []
    for seq, rule in enumerate(rules_for(dossier.version, dossier.channel), start=1):
        charge = Charge(
            dossier=dossier,
            seq=seq,
            kind=rule.kind,
            code=rule.code,
            name=rule.name,
            basis=rule.basis,
            amount=rule.amount,
            full_amount=rule.amount,
            central=not rule.set_locally,
            stage=dossier.version.fee_timing,
            raised_at=at,
        )
        reliefs.apply_automatic(dossier, charge, law.reliefs(at), at)
        found.append(charge)
    return found


def raise_obligation(case: Case, event: Event, facts: dict[str, Any]) -> None:
    """Consequence of `hold_financial`. facts: obligations, a list of {name, amount, basis}."""
    for item in facts["obligations"]:
        charge = case.add(
            Charge(
                dossier=case.dossier,
                seq=len(case.charges) + 1,
                kind=ChargeRule.Kind.OBLIGATION,
                name=item["name"],
                basis=item.get("basis", ""),
                amount=item["amount"],
                full_amount=item["amount"],
                stage=Timing.DURING,
                raised_at=event.at,
            )
        )
        event.data.setdefault("charges", []).append(charge.seq)


def settle(case: Case, event: Event, facts: dict[str, Any]) -> None:
    """Consequence of `record_payment`: the charges named are paid, a receipt number is taken.

    facts: charges (list of seq), amount (đồng), method, reference; payment (a Payment already started) optionally.
    Raises Refused when the amount is not that of the charges or one of them is not due.
    """
    wanted = [c for c in case.charges if c.seq in facts["charges"]]
    if (
        not wanted
        or len(wanted) != len(set(facts["charges"]))
        or any(c.status != Charge.Status.DUE for c in wanted)
    ):
        raise Refused(
            _("Khoản thu này đã được nộp hoặc không còn phải thu. Tải lại trang để xem số tiền còn lại.")
        )
    total = sum(c.amount for c in wanted)
    if facts["amount"] != total:
        raise Refused(f"Số tiền nhận {vnd(facts['amount'])} khác số phải thu {vnd(total)}.")
    payment: Payment = facts.get("payment") or case.add(
        Payment(
            dossier=case.dossier,
            reference=facts["reference"],
            method=facts["method"],
            amount=total,
            charges=[c.seq for c in wanted],
            received_by=event.actor,
            started_at=event.at,
            status=Payment.Status.STARTED,
        )
    )
    payment.status, payment.settled_at = Payment.Status.SUCCEEDED, event.at
    payment.received = total
    payment.receipt_no = receipts.issue(case, event, payment, amount=total).number
    case.touch(payment)
    for charge in wanted:
        charge.status, charge.settled_at = Charge.Status.PAID, event.at
        case.touch(charge)
    reliefs.drop_open(case, event.at)
    prepaid = all(c.stage == Timing.BEFORE_INTAKE for c in wanted) and not case.dossier.accepted_at
    event.data.update(
        {
            "charges": [c.seq for c in wanted],
            "amount": total,
            "method": payment.method,
            "receipt_no": payment.receipt_no,
            "prepaid": prepaid and not case.due_charges,
        }
    )


def cancel_due(case: Case, event: Event, facts: dict[str, Any]) -> None:
    """Consequence of an end before a result: what was not paid is no longer owed; what was paid awaits a decision."""
    for charge in case.due_charges:
        charge.status, charge.settled_at = Charge.Status.CANCELLED, event.at
        charge.status_reason = "Hồ sơ kết thúc trước khi có kết quả"
        case.touch(charge)
    paid = [c.seq for c in case.charges if c.status == Charge.Status.PAID]
    if paid:
        event.data["refund_to_decide"] = paid


def total_due(case: Case) -> int:
    """What is still owed, in đồng."""
    return sum(c.amount for c in case.due_charges)
