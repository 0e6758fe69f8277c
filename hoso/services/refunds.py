"""Money that goes back (domain §12.4): opened by an ending or by money that is not owed, decided, paid, told.

One refund a payment, never more than came. What never was owed needs no decision; what was owed and paid does.
"""

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from config.formats import vnd
from config.said import Said
from hoso.models import AgencyTask, Charge, Event, Payment, Refund
from hoso.services import receipts
from hoso.services.case import Case
from hoso.services.errors import Refused

Reason, Status = Refund.Reason, Refund.Status
_REASONS = {
    "withdraw": Reason.WITHDRAWN,
    "close_unsupplemented": Reason.CLOSED,
    "refuse_intake": Reason.REFUSED_INTAKE,
    "void": Reason.NOT_COMPLETED,
}


def open_for_end(case: Case, event: Event, facts: dict[str, Any]) -> None:
    """Consequence of an end before a result: what was paid awaits the approver's decision (PT 13.3; NĐ118 21)."""
    taken = [r.payment for r in case.refunds]
    for payment in case.payments:
        if payment.status == Payment.Status.SUCCEEDED and payment not in taken:
            _open(case, event, payment, _REASONS[event.name], Status.TO_DECIDE)


def open_undue(case: Case, event: Event, facts: dict[str, Any]) -> None:
    """Consequence of `open_refund`. facts: payment (with the money that came), reason."""
    payment: Payment = facts["payment"]
    if any(r.payment is payment or r.payment == payment for r in case.refunds):
        raise Refused("Giao dịch này đã có khoản hoàn.")
    refund = _open(case, event, payment, Reason(facts["reason"]), Status.APPROVED)
    event.data |= {
        "amount": refund.amount,
        "receipt_no": payment.reference,
        "why": refund.get_reason_display(),
    }


def _open(case: Case, event: Event, payment: Payment, reason: Refund.Reason, status: Refund.Status) -> Refund:
    refund = case.add(
        Refund(
            dossier=case.dossier,
            seq=len(case.refunds) + 1,
            payment=payment,
            reason=reason,
            received=payment.received,
            amount=payment.received,
            status=status,
            opened_at=event.at,
        )
    )
    event.data.setdefault("refunds", []).append(refund.seq)
    return refund


@dataclass(frozen=True)
class Advice:
    """What the rules suggest to the approver, who decides."""

    granted: bool
    words: str


def advise(case: Case) -> Advice:
    """Work not begun: given back; begun: kept, unless the agency did not complete it (domain §12.4, O15)."""
    begun = any(
        t.kind in {AgencyTask.Kind.WORK, AgencyTask.Kind.REVIEW} and t.status == AgencyTask.Status.DONE
        for t in case.tasks
    )
    if case.dossier.accepted_at is None:
        return Advice(True, "Hồ sơ chưa được tiếp nhận, chưa có công việc nào được thực hiện: hoàn toàn bộ.")
    if begun:
        return Advice(
            False,
            "Công việc thẩm định đã thực hiện: không hoàn, trừ khi pháp luật chuyên ngành quy định khác.",
        )
    return Advice(True, "Đã tiếp nhận nhưng chưa thụ lý xong bước nào: có thể hoàn toàn bộ hoặc một phần.")


def find(case: Case, seq: int) -> Refund:
    """The refund of this number."""
    refund = next((r for r in case.refunds if r.seq == seq), None)
    if refund is None:
        raise Refused(_("Không có khoản hoàn này."))
    return refund


def take_account(case: Case, event: Event, facts: dict[str, Any]) -> None:
    """Consequence of `give_refund_account`. facts: refund (seq), way, bank, account, holder, other_holder."""
    refund = find(case, facts["refund"])
    if not refund.is_open:
        raise Refused(_("Khoản này đã chi hoặc không hoàn, không đổi nơi nhận tiền được nữa."))
    refund.way = Refund.Way(facts["way"])
    transfer = refund.way == Refund.Way.TRANSFER
    refund.bank = facts["bank"] if transfer else ""
    refund.account = facts["account"] if transfer else ""
    refund.holder = facts["holder"] if transfer else ""
    refund.other_holder = transfer and bool(facts.get("other_holder"))
    refund.account_given_at = event.at
    case.touch(refund)
    event.data["refund"] = refund.seq


def decide(case: Case, event: Event, facts: dict[str, Any]) -> None:
    """Consequence of `decide_refund`. facts: refund (seq), granted, amount, decision_no; the note is the reason."""
    refund = find(case, facts["refund"])
    if refund.status != Status.TO_DECIDE:
        raise Refused("Khoản hoàn này đã có quyết định.")
    granted, amount = bool(facts["granted"]), int(facts.get("amount") or 0)
    if granted and not 0 < amount <= refund.received:
        raise Refused(f"Số tiền hoàn phải từ 1 đến {vnd(refund.received)} đã nộp.")
    refund.status = Status.APPROVED if granted else Status.DECLINED
    refund.amount = amount if granted else 0
    refund.decision_no, refund.decision_note = facts.get("decision_no", ""), event.note
    refund.decided_by, refund.decided_at = event.actor, event.at
    case.touch(refund)
    event.data |= {"refund": refund.seq, "granted": granted, "amount": refund.amount}


def pay(case: Case, event: Event, facts: dict[str, Any]) -> None:
    """Consequence of `pay_refund`. facts: refund (seq), reference (of the payment order or voucher).

    The receipt is cancelled or adjusted, the charges say that they went back.
    """
    refund = find(case, facts["refund"])
    if refund.status != Status.APPROVED:
        raise Refused("Khoản này chưa được duyệt hoàn, hoặc đã chi.")
    if not refund.way:
        raise Refused("Người nộp chưa cho biết nơi nhận tiền hoàn. Gọi điện hoặc nhập thay tại quầy.")
    refund.status, refund.paid_at, refund.paid_by = Status.PAID, event.at, event.actor
    refund.paid_reference = facts["reference"][:60]
    case.touch(refund)
    payment = refund.payment
    if payment.status == Payment.Status.SUCCEEDED:
        why = Said("Hoàn phí: %(text)s", text=refund.get_reason_display())
        adjustment = receipts.give_back(case, event, payment, refund.amount, why)
        if adjustment is not None:
            event.data["receipt_no"] = adjustment.number
        if refund.amount == refund.received:
            for charge in case.charges:
                if charge.seq in payment.charges and charge.status == Charge.Status.PAID:
                    charge.status, charge.status_reason = Charge.Status.REFUNDED, "Đã hoàn toàn bộ"
                    case.touch(charge)
    event.data |= {"refund": refund.seq, "amount": refund.amount, "reference": refund.paid_reference}
