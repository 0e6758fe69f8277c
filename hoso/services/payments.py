"""Attempts to pay, and what the bank says of them (domain §12.6).

One Payment an attempt; the reference makes a repeated call-back harmless; the amount is compared with the charges; a
success that comes too late becomes money to give back; nothing is marked paid because a browser came back.
"""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone

from danhmuc.models import User
from hoso import access
from hoso.gateways import payment as platforms
from hoso.gateways import vietqr
from hoso.gateways.payment import Answer, Forged, Order
from hoso.lifecycle import HoldKind, State
from hoso.models import Charge, Dossier, Notice, Payment
from hoso.services.dossiers import advance, locked
from hoso.services.errors import Refused

_ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
Method, Status = Payment.Method, Payment.Status
#: A started attempt nobody reported on ends after this; a success reported still later is taken all the same.
PATIENCE = timedelta(days=1)


@dataclass(frozen=True)
class Begun:
    """A started attempt and where the payer goes: `url` of a platform, or `qr` text for a transfer."""

    payment: Payment
    url: str
    qr: str


def ways() -> list[tuple[str, str, bool]]:
    """(name, label, simulated) of the ways to pay from home that this deployment has."""
    labels = {
        "vnpay": "Thẻ, tài khoản ngân hàng qua VNPAY",
        "mo-phong": "Ngân hàng mô phỏng (không có tiền thật)",
    }
    found = [(name, labels[name], gateway.simulated) for name, gateway in platforms.gateways().items()]
    if settings.VIETQR_BANK and settings.VIETQR_ACCOUNT:
        found.append(("vietqr", "Chuyển khoản bằng mã VietQR", False))
    return found


@transaction.atomic
def start(
    pk: int, charges: list[int], *, way: str, by: User, return_url: str, ip: str = "127.0.0.1"
) -> Begun:
    """Begin paying charges (by their numbers) of a dossier in one of `ways()`.

    Raises Dossier.DoesNotExist, or Refused when a charge is no longer due or the way does not exist.
    """
    case = locked(pk)
    dossier = case.dossier
    if not Dossier.objects.filter(access.visible(by), pk=pk).exists():
        raise Dossier.DoesNotExist
    wanted = [c for c in case.due_charges if c.seq in charges]
    if not wanted or len(wanted) != len(set(charges)):
        raise Refused(
            "Khoản thu này đã được nộp hoặc không còn phải thu. Tải lại trang để xem số tiền còn lại."
        )
    if way not in {name for name, _, _ in ways()}:
        raise Refused("Cách nộp này chưa dùng được. Chọn cách khác hoặc nộp tại Bộ phận Một cửa.")
    now = timezone.now()
    payment = Payment.objects.create(
        dossier=dossier,
        reference="TT" + "".join(secrets.choice(_ALPHABET) for _ in range(12)),
        method=Method.TRANSFER if way == "vietqr" else Method.ONLINE,
        provider=way,
        amount=sum(c.amount for c in wanted),
        charges=[c.seq for c in wanted],
        status=Status.STARTED,
        started_at=now,
    )
    if way == "vietqr":
        text = vietqr.payload(
            settings.VIETQR_BANK, settings.VIETQR_ACCOUNT, amount=payment.amount, purpose=payment.reference
        )
        return Begun(payment, "", text)
    order = Order(
        payment.reference, payment.amount, f"Ho so {dossier.submission_ref}"[:25], return_url, ip, now
    )
    return Begun(payment, platforms.gateways()[way].begin(order), "")


def call_back(way: str, parameters: Mapping[str, str]) -> tuple[str, str]:
    """What a platform reported, judged and recorded; (code, words) to answer it with, in VNPAY's codes.

    Answers rather than raises: a platform repeats a call that was not answered.
    """
    gateway = platforms.gateways().get(way)
    if gateway is None:
        return "99", "Unknown gateway"
    try:
        answer = gateway.read_call_back(parameters)
    except Forged:
        return "97", "Invalid signature"
    except (KeyError, ValueError):
        return "99", "Invalid request"
    try:
        before = Payment.objects.get(reference=answer.reference, provider=way)
    except Payment.DoesNotExist:
        return "01", "Order not found"
    payment = record(answer)
    if payment.status == Status.MISMATCHED and before.status == Status.STARTED:
        return "04", "Invalid amount"
    return (
        ("00", "Confirm Success")
        if before.status in {Status.STARTED, Status.FAILED}
        else ("02", "Order already confirmed")
    )


@transaction.atomic
def record(answer: Answer) -> Payment:
    """Note what a platform or bank says of a reference. Saying it again changes nothing.

    Raises Payment.DoesNotExist for a reference that is not ours.
    """
    dossier_id = Payment.objects.values_list("dossier_id", flat=True).get(reference=answer.reference)
    case = locked(dossier_id)  # the dossier first, as everywhere
    payment = Payment.objects.select_for_update().get(reference=answer.reference)
    if payment.status not in {Status.STARTED, Status.FAILED}:
        return payment
    payment.provider_ref = answer.provider_ref[:80]
    payment.answer = {"words": answer.words, "amount": answer.amount, "succeeded": answer.succeeded}
    if not answer.succeeded:
        payment.status, payment.settled_at = Status.FAILED, timezone.now()
    elif answer.amount != payment.amount:
        payment.status, payment.settled_at = Status.MISMATCHED, timezone.now()
        _tell_desk(case.dossier, payment, "office_payment_mismatch", answer.amount)
    else:
        return _succeed(case.dossier, payment)
    payment.save()
    return payment


def _succeed(dossier: Dossier, payment: Payment) -> Payment:
    """The money is there: the charges are paid by the one door, or, when they are no longer owed, it goes back."""
    system = User.objects.system()
    try:
        with transaction.atomic():
            advance(
                dossier.pk,
                "record_payment",
                by=system,
                charges=list(payment.charges),
                amount=payment.amount,
                method=payment.method,
                reference=payment.reference,
                payment=payment,
            )
    except (Refused, PermissionDenied):
        payment.status, payment.settled_at = Status.REFUND_DUE, timezone.now()
        payment.receipt_no = ""
        payment.save()
        _tell_desk(dossier, payment, "office_refund_due", payment.amount)
        return payment
    payment.refresh_from_db()
    resume_if_settled(dossier.pk)
    return payment


def resume_if_settled(pk: int) -> bool:
    """A dossier that waited for money alone goes on by itself once all of it is there (T18)."""
    dossier = Dossier.objects.get(pk=pk)
    if dossier.state != State.ON_HOLD or dossier.hold_kind != HoldKind.FINANCIAL:
        return False
    if dossier.charges.filter(status=Charge.Status.DUE, stage="during").exists():
        return False
    advance(pk, "resume", by=User.objects.system(), note="Đã nộp đủ nghĩa vụ tài chính")
    return True


def _tell_desk(dossier: Dossier, payment: Payment, template: str, amount: int) -> None:
    notice = Notice(
        key=f"{dossier.submission_ref}:{template}:{payment.reference}",
        dossier=dossier,
        channel=Notice.Channel.OFFICE,
        address=f"agency:{dossier.desk.serves_id}",
        template=template,
        context={
            "code": dossier.public_code,
            "procedure": dossier.version.name,
            "amount": amount,
            "receipt_no": payment.reference,
        },
    )
    Notice.objects.bulk_create([notice], ignore_conflicts=True)


def end_unanswered() -> int:
    """Attempts nobody reported on within PATIENCE end as failed. Answers how many."""
    old = Payment.objects.filter(status=Status.STARTED, started_at__lt=timezone.now() - PATIENCE)
    return old.update(
        status=Status.FAILED,
        settled_at=timezone.now(),
        answer={"words": "Không có trả lời của kênh thanh toán"},
    )
