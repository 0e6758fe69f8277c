"""What a payment becomes: by call-back, by asking, too late, twice, with a wrong amount; and what it starts."""

import hashlib
import hmac
import threading
from collections.abc import Iterator
from datetime import timedelta
from urllib.parse import parse_qsl

import pytest
from django.db import connection
from django.utils import timezone

from hoso import tasks
from hoso.gateways.payment import Answer
from hoso.lifecycle import State
from hoso.models import Charge, Dossier, Payment, Refund
from hoso.services import payments
from hoso.services.dossiers import advance
from hoso.services.errors import Refused
from tests.factories import World, draft, procedure, step, walk
from tests.hoso.test_gateways import fields, ipn, told
from tests.outside import Server

Status = Payment.Status
pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _contract(settings) -> None:
    """The account at VNPAY that the signatures of these tests belong to."""
    settings.VNPAY_URL, settings.VNPAY_API_URL = "https://vnpay.example/pay", "http://127.0.0.1:9/"
    settings.VNPAY_TMN_CODE, settings.VNPAY_SECRET = "DEMOV210", "BAYDAUVNPAYBIMAT"


def begun(w: World, dossier: Dossier, way: str = "vnpay") -> Payment:
    charges = [c.seq for c in dossier.charges.filter(status="due")]
    return payments.start(
        dossier.pk, charges, way=way, by=w.citizen, return_url="https://dvc.example/"
    ).payment


def again(w: World, dossier: Dossier, way: str = "vnpay") -> Payment:
    """Another attempt, begun when the one before can no longer be finished at the platform."""
    dossier.payments.update(started_at=timezone.now() - timedelta(hours=1))
    return begun(w, dossier, way)


def said(payment: Payment, amount: int | None = None, *, succeeded: bool = True) -> Answer:
    return Answer(payment.reference, payment.amount if amount is None else amount, succeeded, "B1", "")


def test_starting_marks_nothing_paid(w: World) -> None:
    dossier = walk(w, draft(w), "accept")
    start = payments.start(dossier.pk, [1], way="vnpay", by=w.citizen, return_url="https://dvc.example/")
    assert start.payment.status == Status.STARTED
    assert start.payment.amount == 8000
    assert start.url.startswith("https://vnpay.example/pay?vnp_Amount=800000&")
    assert dossier.charges.get().status == Charge.Status.DUE


def test_vnpay_from_start_to_receipt(w: World) -> None:
    dossier = walk(w, draft(w), "accept")
    payment = begun(w, dossier, "vnpay")
    assert payments.call_back("vnpay", ipn("TTLA", 8000)) == ("01", "Order not found")
    assert payments.call_back("vnpay", ipn(payment.reference, 8000, secret="x"))[0] == "97"
    assert payments.call_back("vnpay", ipn(payment.reference, 8000)) == ("00", "Confirm Success")
    assert payments.call_back("vnpay", ipn(payment.reference, 8000)) == ("02", "Order already confirmed")
    payment.refresh_from_db()
    assert (payment.status, payment.provider_ref, payment.receipt_no) == (
        Status.SUCCEEDED,
        "14422574",
        "0000001",
    )
    assert dossier.charges.get().status == Charge.Status.PAID
    assert dossier.events.filter(name="record_payment").count() == 1
    assert dossier.papers.get(kind="fee_receipt").facts["method"] == "trực tuyến"
    assert payments.call_back("khong-co", {})[0] == "99"


def test_a_wrong_amount_pays_nothing_and_is_told(w: World) -> None:
    dossier = walk(w, draft(w), "accept")
    payment = begun(w, dossier, "vnpay")
    assert payments.call_back("vnpay", ipn(payment.reference, 7000))[0] == "04"
    payment.refresh_from_db()
    assert payment.status == Status.MISMATCHED
    assert dossier.charges.get().status == Charge.Status.DUE
    assert dossier.notices.get(template="office_payment_mismatch").context["amount"] == 7000
    assert (payment.received, payment.refund.amount, payment.refund.reason) == (7000, 7000, "wrong_amount")
    assert payments.call_back("vnpay", ipn(payment.reference, 7000))[0] == "04"
    assert dossier.refunds.count() == 1
    told = dossier.notices.get(template="refund_opened", channel="email")
    assert told.context["amount"] == 7000


@pytest.mark.parametrize("why", ["withdrawn", "paid at the desk", "paid twice online"])
def test_a_success_too_late_is_to_be_given_back(w: World, why: str) -> None:
    dossier = walk(w, draft(w), "accept")
    late = begun(w, dossier)
    if why == "withdrawn":
        advance(dossier.pk, "withdraw", by=w.citizen, note="Không cần nữa")
    elif why == "paid at the desk":
        facts = {"charges": [1], "amount": 8000, "method": "cash_desk", "reference": "TM1"}
        step(w, dossier, "record_payment", "desk_officer", facts)
    else:
        payments.record(said(again(w, dossier)))
    assert payments.record(said(late)).status == Status.REFUND_DUE
    assert payments.record(said(late)).status == Status.REFUND_DUE
    assert dossier.notices.filter(template="office_refund_due").count() == 1
    refund = late.refund
    assert (refund.amount, refund.received, refund.status) == (8000, 8000, "approved")
    assert refund.reason == ("too_late" if why == "withdrawn" else "paid_twice")
    assert dossier.events.filter(name="open_refund").count() == 1
    assert dossier.payments.filter(status=Status.SUCCEEDED).count() == (0 if why == "withdrawn" else 1)


def test_failed_then_succeeded_is_a_success(w: World) -> None:
    dossier = walk(w, draft(w), "accept")
    payment = begun(w, dossier)
    assert payments.record(said(payment, succeeded=False)).status == Status.FAILED
    assert payments.record(said(payment)).status == Status.SUCCEEDED
    assert payments.record(said(payment, succeeded=False)).status == Status.SUCCEEDED


def test_unanswered_attempts_end_and_a_late_success_still_counts(w: World, at) -> None:
    at("2026-10-05 09:00")
    payment = begun(w, walk(w, draft(w), "accept"))
    tasks.end_unanswered_payments()
    payment.refresh_from_db()
    assert payment.status == Status.STARTED
    at("2026-10-06 09:01")
    assert payments.end_unanswered() == 1
    assert payments.record(said(payment)).status == Status.SUCCEEDED


def test_a_fee_paid_before_intake_starts_the_review(w: World, at) -> None:
    version = procedure("1.009999", "Thủ tục thu phí trước", fee_timing="before_intake")
    at("2026-10-05 09:00")
    dossier = walk(w, draft(w, version=version, paper=True), "submit")
    with pytest.raises(Refused, match="chưa nộp phí"):
        step(w, dossier, "accept", "desk_officer", {"eid_checked": True})
    at("2026-10-05 14:00")
    payments.record(said(begun(w, dossier)))
    dossier.refresh_from_db()
    assert dossier.events.get(name="record_payment").data["prepaid"] is True
    assert timezone.localtime(dossier.intake_due_at).isoformat() == "2026-10-06T14:00:00+07:00"
    step(w, dossier, "accept", "desk_officer", {"eid_checked": True})


def test_an_obligation_paid_in_full_lets_the_dossier_go_on(w: World) -> None:
    dossier = walk(w, draft(w), "assign")
    owed = [{"name": "Tiền sử dụng đất", "amount": 5_000_000}, {"name": "Lệ phí trước bạ", "amount": 20_000}]
    step(w, dossier, "hold_financial", "case_officer", {"obligations": owed})
    first = payments.start(dossier.pk, [2], way="vnpay", by=w.citizen, return_url="").payment
    payments.record(said(first))
    dossier.refresh_from_db()
    assert dossier.state == State.ON_HOLD
    second = payments.start(dossier.pk, [3], way="vnpay", by=w.citizen, return_url="").payment
    payments.record(said(second))
    dossier.refresh_from_db()
    assert dossier.state == State.PROCESSING
    assert dossier.events.order_by("-seq").first().name == "resume"


@pytest.mark.parametrize(
    ("by", "charges", "way", "error"),
    [
        ("neighbour", [1], "vnpay", Dossier.DoesNotExist),
        ("citizen", [2], "vnpay", Refused),
        ("citizen", [], "vnpay", Refused),
        ("citizen", [1, 1, 2], "vnpay", Refused),
        ("citizen", [1], "mo-phong", Refused),
    ],
)
def test_what_cannot_be_started(
    w: World, by: str, charges: list[int], way: str, error: type[Exception]
) -> None:
    dossier = walk(w, draft(w), "accept")
    with pytest.raises(error):
        payments.start(dossier.pk, charges, way=way, by=getattr(w, by), return_url="")
    assert not Payment.objects.exists()


def test_a_transfer_carries_its_reference(w: World, settings) -> None:
    settings.VIETQR_BANK, settings.VIETQR_ACCOUNT = "970436", "1023456789"
    dossier = walk(w, draft(w), "accept")
    start = payments.start(dossier.pk, [1], way="vietqr", by=w.citizen, return_url="")
    assert fields(fields(start.qr)["62"])["08"] == start.payment.reference
    assert start.payment.method == Payment.Method.TRANSFER


@pytest.mark.django_db(transaction=True)
def test_call_backs_at_once_pay_once(w: World) -> None:
    dossier = walk(w, draft(w), "accept")
    one = begun(w, dossier)
    two = again(w, dossier)
    gate, results = threading.Barrier(4), []

    def call(payment: Payment) -> None:
        try:
            gate.wait()
            results.append(payments.record(said(payment)).status)
        finally:
            connection.close()

    threads = [threading.Thread(target=call, args=(p,)) for p in (one, two, one, two)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(results) == [Status.REFUND_DUE] * 2 + [Status.SUCCEEDED] * 2
    assert dossier.events.filter(name="record_payment").count() == 1
    assert dossier.papers.filter(kind="fee_receipt").count() == 1
    assert Refund.objects.get().amount == 8000


def test_pressed_twice_or_in_a_second_window_is_one_attempt(w: World) -> None:
    dossier = walk(w, draft(w), "accept")
    first = begun(w, dossier)
    assert begun(w, dossier) == first
    assert begun(w, dossier, "vietqr") != first
    assert again(w, dossier) != first
    payments.record(said(first, succeeded=False))
    assert Payment.objects.filter(status=Status.STARTED).count() == 2


def test_no_more_is_said_to_a_call_back_repeated(w: World) -> None:
    payment = begun(w, walk(w, draft(w), "accept"))
    assert payments.call_back("vnpay", ipn(payment.reference, 8000, code="24"))[0] == "00"
    assert payments.call_back("vnpay", ipn(payment.reference, 8000, code="24"))[0] == "02"
    payment.refresh_from_db()
    assert (payment.status, payment.answer["code"]) == (Status.FAILED, "24")
    assert payments.call_back("vnpay", ipn(payment.reference, 8000))[0] == "00"
    assert payments.call_back("vnpay", ipn(payment.reference, 8000, code="24"))[0] == "02"
    payment.refresh_from_db()
    assert payment.status == Status.SUCCEEDED


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"vnp_Amount": ""}, "97"),
        ({"vnp_SecureHash": ""}, "97"),
        ({"vnp_SecureHash": "ÿ" * 128}, "97"),
        ({"vnp_TxnRef": "TT%00"}, "97"),
    ],
)
def test_strange_call_backs_are_answered_and_change_nothing(
    w: World, change: dict[str, str], code: str
) -> None:
    payment = begun(w, walk(w, draft(w), "accept"))
    assert payments.call_back("vnpay", ipn(payment.reference, 8000) | change)[0] == code
    assert payments.call_back("vnpay", {})[0] == "97"
    payment.refresh_from_db()
    assert payment.status == Status.STARTED


def test_an_amount_that_is_no_whole_dong_pays_nothing(w: World) -> None:
    payment = begun(w, walk(w, draft(w), "accept"))
    text = "&".join(
        f"{k}={v}"
        for k, v in sorted(
            (ipn(payment.reference, 8000) | {"vnp_Amount": "800050", "vnp_OrderInfo": "x"}).items()
        )
        if k not in {"vnp_SecureHash", "vnp_SecureHashType"}
    )
    signature = hmac.new(b"BAYDAUVNPAYBIMAT", text.encode(), hashlib.sha512).hexdigest()
    assert payments.call_back("vnpay", dict(parse_qsl(text)) | {"vnp_SecureHash": signature})[0] == "04"
    payment.refresh_from_db()
    assert payment.status == Status.STARTED


# --- Lost call-backs ----------------------------------------------------------------------------------


@pytest.fixture
def bank(settings) -> Iterator[Server]:
    """The platform's server for questions."""
    with Server() as server:
        settings.VNPAY_API_URL = server.url
        yield server


def test_a_lost_call_back_is_found_by_asking(w: World, bank: Server, at) -> None:
    at("2026-10-05 09:00")
    payment = begun(w, walk(w, draft(w), "accept"))
    bank.otherwise = (200, told(TxnRef=payment.reference))
    tasks.ask_unanswered_payments()
    assert not bank.received  # a minute has not passed
    at("2026-10-05 09:02")
    assert payments.ask_unanswered() == 1
    payment.refresh_from_db()
    assert (payment.status, payment.provider_ref) == (Status.SUCCEEDED, "14422574")
    assert payments.ask_unanswered() == 0
    assert payments.call_back("vnpay", ipn(payment.reference, 8000))[0] == "02"
    assert payment.dossier.events.filter(name="record_payment").count() == 1


def test_an_attempt_nobody_finished_is_asked_about_ever_more_seldom(w: World, bank: Server, at) -> None:
    at("2026-10-05 09:00")
    payment = begun(w, walk(w, draft(w), "accept"))
    bank.otherwise = (200, told(TxnRef=payment.reference, ResponseCode="91"))
    counts = []
    for moment in ("09:02", "09:02", "09:04", "10:30", "10:35", "10:46"):
        at(f"2026-10-05 {moment}")
        payments.ask_unanswered()
        counts.append(len(bank.received))
    assert counts == [1, 1, 2, 3, 3, 4]
    payment.refresh_from_db()
    assert payment.status == Status.STARTED


def test_a_platform_that_is_away_stops_nothing(w: World, bank: Server, at) -> None:
    at("2026-10-05 09:00")
    payment = begun(w, walk(w, draft(w), "accept"))
    at("2026-10-05 09:05")
    bank.otherwise = (503, {})
    assert payments.ask_unanswered() == 0
    payment.refresh_from_db()
    assert payments.ask_politely(payment) is True  # it was just asked
    assert len(bank.received) == 1
    bank.otherwise = (200, told(TxnRef=payment.reference, secret="khac"))
    at("2026-10-05 09:07")
    assert payments.ask_unanswered() == 0
    payment.refresh_from_db()
    assert payment.status == Status.STARTED
    at("2026-10-05 09:09")
    bank.otherwise = (200, told(TxnRef=payment.reference))
    assert payments.ask_politely(payment) is True
    payment.refresh_from_db()
    assert payment.status == Status.SUCCEEDED
