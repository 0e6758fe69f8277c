"""One day of a cashier's desks: receipts against what gateway and bank say, every difference with its reason (§12.6)."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Sum

from hoso.models import BankLine, Payment, Receipt, Refund

HANOI = ZoneInfo("Asia/Ho_Chi_Minh")
Method = Payment.Method


@dataclass(frozen=True)
class Row:
    """One way to pay: what was receipted, what the other side says came, what of it goes back."""

    label: str
    receipts: int
    told: int
    refund: int
    source: str

    @property
    def difference(self) -> int:
        """Money without a receipt and without a refund, or a receipt without money."""
        return self.told - self.receipts - self.refund


@dataclass(frozen=True)
class Day:
    """The page's figures."""

    rows: list[Row]
    differences: list[dict[str, Any]]
    receipts: list[Receipt]
    refunded: int

    @property
    def balanced(self) -> bool:
        """Whether every đồng is accounted for."""
        return not any(row.difference for row in self.rows)


def bounds(day: date) -> tuple[datetime, datetime]:
    """The day in Việt Nam as two moments."""
    start = datetime.combine(day, time(), HANOI)
    return start, start + timedelta(days=1)


def of(day: date, desks: frozenset[int]) -> Day:
    """Receipts written that day beside the money that settled that day."""
    start, end = bounds(day)
    receipts = list(
        Receipt.objects.filter(
            issued_at__gte=start, issued_at__lt=end, dossier__desk_id__in=desks, kind=Receipt.Kind.ORIGINAL
        )
        .select_related("payment", "dossier", "collector")
        .order_by("issued_at", "pk")
    )
    money = list(
        Payment.objects.filter(
            settled_at__gte=start, settled_at__lt=end, dossier__desk_id__in=desks, received__gt=0
        )
        .select_related("dossier", "refund")
        .prefetch_related("bank_lines")
        .order_by("settled_at", "pk")
    )
    rows, differences = [], []
    for method, source in (
        (Method.CASH_DESK, "người thu tiền"),
        (Method.CASH_POST, "bưu điện"),
        (Method.ONLINE, "cổng thanh toán"),
        (Method.TRANSFER, "sao kê ngân hàng"),
    ):
        here = [p for p in money if p.method == method]
        written = [r for r in receipts if r.payment.method == method]
        told = sum(_told(p) for p in here)
        back = sum(p.refund.amount for p in here if _undue(p))
        rows.append(Row(str(method.label), sum(r.amount for r in written), told, back, source))
        for payment in here:
            if (why := _why(payment)) is not None:
                differences.append({"payment": payment, "why": why, "amount": payment.received})
    refunded = Refund.objects.filter(paid_at__gte=start, paid_at__lt=end, dossier__desk_id__in=desks)
    return Day(rows, differences, receipts, refunded.aggregate(n=Sum("amount"))["n"] or 0)


def _undue(payment: Payment) -> bool:
    refund = getattr(payment, "refund", None)
    return refund is not None and refund.reason in Refund.UNDUE


def _told(payment: Payment) -> int:
    """What the other side says: the bank's lines for a transfer, the gateway's signed word, the cash counted."""
    if payment.method == Method.TRANSFER:
        return sum(line.amount for line in payment.bank_lines.all())
    return payment.received


def _why(payment: Payment) -> str | None:
    """What is unusual about a payment; None when all is as it should be."""
    if _undue(payment):
        return f"{payment.refund.get_reason_display()}: {payment.refund.get_status_display().lower()}"
    if payment.method == Method.TRANSFER and not list(payment.bank_lines.all()):
        return "Ghi thu chuyển khoản tại quầy, chưa thấy trong sao kê: nhập sao kê của ngày này"
    return None


def unplaced(start: datetime, end: datetime) -> list[BankLine]:
    """Lines of the day that belong to no dossier yet; they are nobody's receipts until somebody places them."""
    return list(
        BankLine.objects.filter(booked_at__gte=start, booked_at__lt=end, status=BankLine.Status.UNMATCHED)[
            :100
        ]
    )
