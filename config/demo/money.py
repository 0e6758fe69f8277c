"""Money that goes back in the demo's stories, and what lies on a cashier's desk this morning."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from hashlib import sha256
from random import Random
from typing import TYPE_CHECKING, Any

from django.conf import settings

from config.demo.cast import Cast
from danhmuc.models import User
from danhmuc.roles import Role
from hoso.models import BankLine, Dossier, Payment, Refund, Statement
from hoso.services.case import Case

if TYPE_CHECKING:
    from config.demo.story import Scene

Moment = tuple[datetime, str, User, dict[str, Any]]
_BANKS = ("970405", "970436", "970415", "970418", "970422")
_ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"


def give_back(case: Case, scene: "Scene") -> Iterator[Moment]:
    """What an early end, or money paid twice, leaves to do: the account, the decision, the payment."""
    rng, dossier = scene.rng, case.dossier
    for refund in case.refunds:
        at = dossier.updated_at or dossier.created_at
        assert at is not None
        if dossier.applicant is not None:
            at += timedelta(hours=rng.uniform(1, 40))
            account = {
                "way": Refund.Way.TRANSFER,
                "bank": rng.choice(_BANKS),
                "account": f"{rng.randrange(10**11, 10**12)}",
                "holder": dossier.applicant.folded_name.upper(),
            }
            yield at, "give_refund_account", dossier.applicant, {"refund": refund.seq, **account}
        else:
            cashier = scene.office.one(Role.CASHIER, rng)
            at = scene.after(at, 2, 20)
            yield at, "give_refund_account", cashier, {"refund": refund.seq, "way": Refund.Way.CASH}
        if refund.status == Refund.Status.TO_DECIDE:
            at = scene.after(at, 4, 24)
            facts = {"refund": refund.seq, "granted": True, "amount": refund.received}
            note = "Chưa thực hiện công việc nào của thủ tục."
            if dossier.accepted_at and rng.random() < 0.5:
                facts |= {"granted": False, "amount": 0}
                note = "Công việc thẩm định đã thực hiện xong trước khi dừng."
            approver = scene.office.one(Role.APPROVER, rng)
            yield (
                at,
                "decide_refund",
                approver,
                facts | {"note": note, "decision_no": f"{rng.randrange(10, 400)}/QĐ"},
            )
        if refund.status == Refund.Status.APPROVED:
            at = scene.after(at, 3, 16)
            reference = f"UNC-{rng.randrange(1000, 9999)}"
            yield (
                at,
                "pay_refund",
                scene.office.one(Role.CASHIER, rng),
                {"refund": refund.seq, "reference": reference},
            )


def pay_twice(case: Case, scene: "Scene", at: datetime) -> Moment:
    """An impatient payer paid in a second window as well: the second sum is to go back."""
    first = case.payments[-1]
    again = case.add(
        Payment(
            dossier=case.dossier,
            reference=f"{first.reference}B",
            method=Payment.Method.ONLINE,
            provider="vnpay",
            amount=first.amount,
            received=first.amount,
            charges=list(first.charges),
            status=Payment.Status.REFUND_DUE,
            started_at=at - timedelta(minutes=2),
            settled_at=at,
        )
    )
    return at, "open_refund", scene.cast.system, {"payment": again, "reason": Refund.Reason.PAID_TWICE}


def lay_out(cast: Cast, rng: Random, now: datetime) -> None:
    """The till of the office whose people have names: a statement with two lines nobody could place, and the named
    citizen's transfer on its way.
    """
    office = cast.offices[0]
    cashier = office.staff[Role.CASHIER][0]
    name = f"sao-ke-{now:%d-%m-%Y}.csv"
    statement = Statement.objects.create(
        name=name,
        sha256=sha256(name.encode()).hexdigest(),
        account=settings.VIETQR_ACCOUNT,
        imported_by=cashier,
        imported_at=now - timedelta(hours=1),
    )
    BankLine.objects.bulk_create(
        BankLine(
            statement=statement,
            account=statement.account,
            bank_ref=f"FT26{rng.randrange(10**9, 10**10)}",
            booked_at=now - timedelta(hours=hours),
            amount=amount,
            words=words,
            status=BankLine.Status.UNMATCHED,
        )
        for hours, amount, words in (
            (5, 50_000, "HOANG VAN BINH CHUYEN TIEN LE PHI"),
            (29, 8_000, "MBVCB.7712345.NOP PHI TRICH LUC.CT TU 0451000 TOI THU PHI"),
        )
    )
    waiting = (
        Dossier.objects.filter(
            applicant=cast.citizens[0], charges__status="due", state__in=["processing", "decided"]
        )
        .order_by("-submitted_at")
        .first()
    )
    if waiting is not None:
        due = list(waiting.charges.filter(status="due"))
        Payment.objects.create(
            dossier=waiting,
            reference="TT" + "".join(rng.choices(_ALPHABET, k=12)),
            method=Payment.Method.TRANSFER,
            provider="vietqr",
            amount=sum(c.amount for c in due),
            charges=[c.seq for c in due],
            status=Payment.Status.STARTED,
            started_at=now - timedelta(hours=2),
        )
