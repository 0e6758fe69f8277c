"""Attempts to pay, and what the bank says of them (domain §12.6).

One Payment an attempt; the reference makes a repeated call-back harmless; the amount is compared with the charges; a
success that comes too late, twice or with another amount becomes money to give back; nothing is marked paid because a
browser came back. A call-back that got lost is found by asking.
"""

import logging
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from danhmuc.models import User
from hoso import access
from hoso.gateways import payment as platforms
from hoso.gateways import vietqr
from hoso.gateways.payment import LIFETIME, Answer, Forged, Order, Unreachable
from hoso.lifecycle import HoldKind, State
from hoso.models import Charge, Dossier, Notice, Payment, Refund
from hoso.services.case import Case
from hoso.services.dossiers import advance, locked
from hoso.services.errors import Refused

logger = logging.getLogger(__name__)

_ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
Method, Status = Payment.Method, Payment.Status
#: An attempt at a platform nobody reported on ends after this, a transfer after the other; a success reported still
#: later is taken all the same.
PATIENCE, TRANSFER_PATIENCE = timedelta(days=1), timedelta(days=30)
#: A platform is asked about an unanswered attempt after this, then each minute for an hour, then each quarter of one.
ASK_AFTER, ASK_AGAIN, ASK_SELDOM = timedelta(minutes=1), timedelta(minutes=1), timedelta(minutes=15)
ASK_OFTEN_FOR = timedelta(hours=1)


@dataclass(frozen=True)
class Begun:
    """A started attempt and where the payer goes: `url` of a platform, or `qr` text for a transfer."""

    payment: Payment
    url: str
    qr: str


@dataclass(frozen=True)
class Way:
    """One way to pay from home that this deployment has."""

    name: str
    label: str
    hint: str
    simulated: bool


def ways() -> list[Way]:
    """The ways to pay from home, the quickest first."""
    found = [
        Way(
            gateway.name,
            _("Thẻ hoặc tài khoản ngân hàng qua VNPAY"),
            _("Chuyển sang trang của cổng thanh toán. Ngân hàng xác nhận ngay."),
            gateway.simulated,
        )
        for gateway in platforms.gateways().values()
    ]
    if settings.VIETQR_BANK and settings.VIETQR_ACCOUNT:
        found.append(
            Way(
                "vietqr",
                _("Quét mã VietQR hoặc chuyển khoản"),
                _("Dùng ứng dụng ngân hàng bất kỳ. Tiền được ghi nhận khi ngân hàng gửi sao kê."),
                settings.VIETQR_SIMULATED,
            )
        )
    return found


@transaction.atomic
def start(
    pk: int, charges: list[int], *, way: str, by: User, return_url: str, ip: str = "127.0.0.1"
) -> Begun:
    """Begin paying charges (by their numbers) of a dossier in one of `ways()`.

    `{reference}` in the return address becomes the reference of the attempt. Pressed twice, or in a second window,
    one attempt still under way is given again, so that nobody pays twice. Raises Dossier.DoesNotExist, or Refused when
    a charge is no longer due or the way does not exist.
    """
    case = locked(pk)
    if not Dossier.objects.filter(access.visible(by), pk=pk).exists():
        raise Dossier.DoesNotExist
    wanted = [c for c in case.due_charges if c.seq in charges]
    if not wanted or len(wanted) != len(set(charges)):
        raise Refused(
            _("Khoản thu này đã được nộp hoặc không còn phải thu. Tải lại trang để xem số tiền còn lại.")
        )
    if way not in {one.name for one in ways()}:
        raise Refused(_("Cách nộp này chưa dùng được. Chọn cách khác hoặc nộp tại Bộ phận Một cửa."))
    payment = _under_way(case, wanted, way) or Payment.objects.create(
        dossier=case.dossier,
        reference="TT" + "".join(secrets.choice(_ALPHABET) for _ in range(12)),
        method=Method.TRANSFER if way == "vietqr" else Method.ONLINE,
        provider=way,
        amount=sum(c.amount for c in wanted),
        charges=[c.seq for c in wanted],
        status=Status.STARTED,
        started_at=timezone.now(),
    )
    if way == "vietqr":
        return Begun(payment, "", qr_text(payment))
    address = return_url.replace("{reference}", payment.reference)
    order = _order(case.dossier, payment, return_url=address, ip=ip)
    return Begun(payment, platforms.gateways()[way].begin(order), "")


def _under_way(case: Case, wanted: list[Charge], way: str) -> Payment | None:
    """The attempt for these very charges that the payer may still finish."""
    since = timezone.now() - (TRANSFER_PATIENCE if way == "vietqr" else LIFETIME)
    return next(
        (
            p
            for p in reversed(case.payments)
            if p.status == Status.STARTED
            and p.provider == way
            and p.started_at > since
            and sorted(p.charges) == sorted(c.seq for c in wanted)
            and p.amount == sum(c.amount for c in wanted)
        ),
        None,
    )


def qr_text(payment: Payment) -> str:
    """What the VietQR code of a transfer says: account, amount and reference."""
    return vietqr.payload(
        settings.VIETQR_BANK, settings.VIETQR_ACCOUNT, amount=payment.amount, purpose=payment.reference
    )


def _order(dossier: Dossier, payment: Payment, *, return_url: str = "", ip: str = "127.0.0.1") -> Order:
    words = f"Ho so {dossier.submission_ref}"[:25]
    return Order(payment.reference, payment.amount, words, return_url, ip, payment.started_at)


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
        owed = Payment.objects.values_list("amount", flat=True).get(reference=answer.reference, provider=way)
    except Payment.DoesNotExist:
        return "01", "Order not found"
    fresh = _record(answer)[1] if answer.amount >= 0 else False
    if answer.amount != owed:
        return "04", "Invalid amount"
    return ("00", "Confirm Success") if fresh or not answer.final else ("02", "Order already confirmed")


def record(answer: Answer) -> Payment:
    """Note what a platform or bank says of a reference. Saying it again changes nothing.

    Raises Payment.DoesNotExist for a reference that is not ours.
    """
    return _record(answer)[0]


@transaction.atomic
def _record(answer: Answer) -> tuple[Payment, bool]:
    """The payment as it now is, and whether this answer changed it."""
    dossier_id = Payment.objects.values_list("dossier_id", flat=True).get(reference=answer.reference)
    case = locked(dossier_id)  # the dossier first, as everywhere
    payment = Payment.objects.select_for_update().get(reference=answer.reference)
    if payment.status not in {Status.STARTED, Status.FAILED}:
        return payment, False
    if not answer.succeeded and (payment.status == Status.FAILED and answer.final):
        return payment, False
    payment.provider_ref = answer.provider_ref[:80]
    payment.answer = {"words": answer.words, "amount": answer.amount, "succeeded": answer.succeeded}
    payment.answer["code"] = answer.code
    if not answer.final:
        payment.save()
        return payment, False
    payment.settled_at = timezone.now()
    if not answer.succeeded:
        payment.status = Status.FAILED
        payment.save()
        return payment, True
    payment.received = answer.amount
    if answer.amount == payment.amount:
        return _succeed(case.dossier, payment), True
    payment.status = Status.MISMATCHED
    payment.save()
    _tell_desk(case.dossier, payment, "office_payment_mismatch", answer.amount)
    _open_refund(payment, Refund.Reason.WRONG_AMOUNT)
    return payment, True


def _succeed(dossier: Dossier, payment: Payment) -> Payment:
    """The money is there: the charges are paid by the one door, or, when they are no longer owed, it goes back."""
    try:
        with transaction.atomic():
            advance(
                dossier.pk,
                "record_payment",
                by=User.objects.system(),
                charges=list(payment.charges),
                amount=payment.amount,
                method=payment.method,
                reference=payment.reference,
                payment=payment,
            )
    except (Refused, PermissionDenied):
        owed = list(Charge.objects.filter(dossier=dossier, seq__in=payment.charges))
        payment.status, payment.settled_at = Status.REFUND_DUE, timezone.now()
        payment.receipt_no = ""
        payment.save()
        reason = Refund.Reason.TOO_LATE
        if any(c.status == Charge.Status.DUE for c in owed):
            reason = Refund.Reason.WRONG_AMOUNT
        elif any(c.status == Charge.Status.PAID for c in owed):
            reason = Refund.Reason.PAID_TWICE
        _open_refund(payment, reason)
        return payment
    payment.refresh_from_db()
    resume_if_settled(dossier.pk)
    return payment


def _open_refund(payment: Payment, reason: Refund.Reason) -> None:
    advance(payment.dossier_id, "open_refund", by=User.objects.system(), payment=payment, reason=reason)


@transaction.atomic
def take_unowed(dossier: Dossier, amount: int, *, method: str, reference: str) -> Payment:
    """Money somebody took for us that is not owed (any more): noted, and opened to be given back."""
    payment = Payment.objects.create(
        dossier=dossier,
        reference=reference,
        method=method,
        amount=amount,
        received=amount,
        status=Status.REFUND_DUE,
        started_at=timezone.now(),
        settled_at=timezone.now(),
    )
    _open_refund(payment, Refund.Reason.TOO_LATE)
    return payment


def resume_if_settled(pk: int) -> bool:
    """A dossier that waited for money alone goes on by itself once nothing of it is owed (T18)."""
    dossier = Dossier.objects.get(pk=pk)
    if dossier.state != State.ON_HOLD or dossier.hold_kind != HoldKind.FINANCIAL:
        return False
    if dossier.charges.filter(status=Charge.Status.DUE, stage="during").exists():
        return False
    advance(pk, "resume", by=User.objects.system(), note="Đã thực hiện đủ nghĩa vụ tài chính")
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


# -- Asking about what nobody reported ------------------------------------------------------------------------------


def ask(payment: Payment) -> Payment:
    """Ask the platform about one attempt now and record what it says.

    No lock is held while it answers; a worker killed between the question and the record leaves the attempt as it
    was, and the next look asks again. Raises Unreachable or Forged.
    """
    now = timezone.now()
    Payment.objects.filter(pk=payment.pk).update(asked_at=now)
    gateway = platforms.gateways().get(payment.provider)
    if gateway is None:
        raise Unreachable(payment.provider)
    answer = gateway.ask(_order(payment.dossier, payment), now=now)
    if answer is None or (answer.succeeded and answer.amount < 0):
        return payment
    return record(answer)


def ask_unanswered(*, limit: int = 50) -> int:
    """Ask about attempts no platform reported on. Answers how many were settled by it."""
    now, settled = timezone.now(), 0
    again = Q(asked_at=None) | Q(asked_at__lt=now - ASK_SELDOM)
    again |= Q(started_at__gt=now - ASK_OFTEN_FOR, asked_at__lt=now - ASK_AGAIN)
    waiting = Payment.objects.filter(
        again, status=Status.STARTED, method=Method.ONLINE, started_at__lt=now - ASK_AFTER
    )
    for payment in waiting.select_related("dossier").order_by("started_at")[:limit]:
        try:
            settled += ask(payment).status != Status.STARTED
        except (Unreachable, Forged, ValueError) as error:  # the others are asked all the same
            logger.warning("Chưa hỏi được giao dịch %s: %s", payment.reference, error or type(error).__name__)
    return settled


def ask_politely(payment: Payment) -> bool:
    """Ask because the payer wishes it, unless it was just done. Answers whether it could be asked."""
    if payment.status != Status.STARTED or payment.method != Method.ONLINE:
        return False
    if payment.asked_at and payment.asked_at > timezone.now() - timedelta(seconds=20):
        return True
    try:
        ask(payment)
    except (Unreachable, Forged, ValueError) as error:
        logger.warning("Chưa hỏi được giao dịch %s: %s", payment.reference, error or type(error).__name__)
        return False
    return True


def end_unanswered() -> int:
    """Attempts nobody reported on within their patience end as failed. Answers how many."""
    now = timezone.now()
    old = Payment.objects.filter(
        Q(method=Method.ONLINE, started_at__lt=now - PATIENCE)
        | Q(method=Method.TRANSFER, started_at__lt=now - TRANSFER_PATIENCE),
        status=Status.STARTED,
    )
    return old.update(
        status=Status.FAILED,
        settled_at=now,
        answer={"words": "Không có trả lời của kênh thanh toán"},
    )
