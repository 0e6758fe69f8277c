"""The outside world's protocols, and what our payments make of what it says."""

import hashlib
import hmac
import threading
from datetime import timedelta
from urllib.parse import parse_qsl, urlsplit

import pytest
from django.db import connection
from django.utils import timezone

from hoso import tasks
from hoso.gateways import payment as platforms
from hoso.gateways import vietqr
from hoso.gateways.payment import Answer, Forged, Order, SimulatedBank, Vnpay
from hoso.lifecycle import State
from hoso.models import Charge, Dossier, Payment
from hoso.services import payments
from hoso.services.dossiers import advance
from hoso.services.errors import Refused
from tests.factories import World, draft, moment, step, walk

Status = Payment.Status

# --- VietQR ---------------------------------------------------------------------------------------


def test_crc_is_ccitt_false() -> None:
    assert vietqr.crc16(b"123456789") == 0x29B1


def test_static_code_is_the_one_of_the_specification() -> None:
    assert vietqr.payload("970403", "0011012345678") == (
        "00020101021138570010A00000072701270006970403011300110123456780208QRIBFTTA53037045802VN63049E6F"
    )


def test_code_of_the_specification_with_amount_has_our_checksum() -> None:
    text = (
        "00020101021238570010A00000072701270006970403011300110123456780208QRIBFTTA530370454061800005802VN"
        "62340107NPS68690819thanh toan don hang6304"
    )
    assert f"{vietqr.crc16(text.encode()):04X}" == "2E2E"


def fields(text: str) -> dict[str, str]:
    found, rest = {}, text
    while rest:
        tag, length = rest[:2], int(rest[2:4])
        found[tag], rest = rest[4 : 4 + length], rest[4 + length :]
    return found


def test_code_with_amount_reads_back() -> None:
    text = vietqr.payload("970436", "1023456789", amount=8000, purpose="TTABC123 Đăng ký khai sinh, số 5")
    read = fields(text)
    assert (read["01"], read["53"], read["54"], read["58"]) == ("12", "704", "8000", "VN")
    merchant = fields(read["38"])
    assert (merchant["00"], merchant["02"]) == ("A000000727", "QRIBFTTA")
    assert fields(merchant["01"]) == {"00": "970436", "01": "1023456789"}
    assert fields(read["62"]) == {"08": "TTABC123 Dang ky khai sin"}
    assert read["63"] == f"{vietqr.crc16(text[:-4].encode()):04X}"


@pytest.mark.parametrize(
    ("bank", "account", "amount"),
    [
        ("97043", "1", 0),
        ("970436", "", 0),
        ("970436", "1" * 20, 0),
        ("970436", "12 3", 0),
        ("970436", "1", -5),
    ],
)
def test_codes_no_bank_would_take_are_refused(bank: str, account: str, amount: int) -> None:
    with pytest.raises(ValueError, match=r"\."):
        vietqr.payload(bank, account, amount=amount)


# --- VNPAY ----------------------------------------------------------------------------------------


@pytest.fixture
def vnpay(settings) -> Vnpay:
    settings.VNPAY_URL = "https://sandbox.vnpayment.vn/paymentv2/vpcpay.html"
    settings.VNPAY_TMN_CODE, settings.VNPAY_SECRET = "DEMOV210", "BAYDAUVNPAYBIMAT"
    return Vnpay()


def ipn(reference: str, amount: int, *, code: str = "00", secret: str = "BAYDAUVNPAYBIMAT") -> dict[str, str]:
    """What VNPAY sends, signed here without our own code."""
    text = (
        f"vnp_Amount={amount * 100}&vnp_BankCode=NCB&vnp_OrderInfo=Ho+so+NT-ABC&vnp_PayDate=20261005091500"
        f"&vnp_ResponseCode={code}&vnp_TmnCode=DEMOV210&vnp_TransactionNo=14422574"
        f"&vnp_TransactionStatus={code}&vnp_TxnRef={reference}"
    )
    signature = hmac.new(secret.encode(), text.encode(), hashlib.sha512).hexdigest()
    return dict(parse_qsl(text)) | {"vnp_SecureHash": signature, "vnp_SecureHashType": "HmacSHA512"}


def test_the_payment_page_is_asked_for_in_vnpays_way(vnpay: Vnpay) -> None:
    order = Order(
        "TT1",
        8000,
        "Lệ phí hồ sơ NT-7K3M",
        "https://dvc.example/ve/?a=1",
        "10.0.0.1",
        moment("2026-10-05 09:00"),
    )
    address = urlsplit(vnpay.begin(order))
    query = dict(parse_qsl(address.query))
    assert (
        f"{address.scheme}://{address.netloc}{address.path}"
        == "https://sandbox.vnpayment.vn/paymentv2/vpcpay.html"
    )
    assert query["vnp_Amount"] == "800000"
    assert (query["vnp_CreateDate"], query["vnp_ExpireDate"]) == ("20261005090000", "20261005091500")
    assert query["vnp_OrderInfo"] == "Le phi ho so NT 7K3M"
    signed, _, signature = address.query.rpartition("&vnp_SecureHash=")
    assert signature == hmac.new(b"BAYDAUVNPAYBIMAT", signed.encode(), hashlib.sha512).hexdigest()
    assert [k for k, _ in parse_qsl(signed)] == sorted(k for k, _ in parse_qsl(signed))


def test_a_call_back_is_believed_only_when_signed(vnpay: Vnpay) -> None:
    answer = vnpay.read_call_back(ipn("TT1", 8000))
    assert (answer.reference, answer.amount, answer.succeeded, answer.provider_ref) == (
        "TT1",
        8000,
        True,
        "14422574",
    )
    assert vnpay.read_call_back(ipn("TT1", 8000, code="24")).succeeded is False
    for forged in (
        ipn("TT1", 8000, secret="khac"),
        ipn("TT1", 8000) | {"vnp_Amount": "900000"},
        {k: v for k, v in ipn("TT1", 8000).items() if k != "vnp_SecureHash"},
    ):
        with pytest.raises(Forged):
            vnpay.read_call_back(forged)


# --- What a payment becomes -----------------------------------------------------------------------


def begun(w: World, dossier: Dossier, way: str = "mo-phong") -> Payment:
    charges = [c.seq for c in dossier.charges.filter(status="due")]
    return payments.start(
        dossier.pk, charges, way=way, by=w.citizen, return_url="https://dvc.example/"
    ).payment


def said(payment: Payment, amount: int | None = None, *, succeeded: bool = True) -> Answer:
    return Answer(payment.reference, payment.amount if amount is None else amount, succeeded, "B1", "")


def test_starting_marks_nothing_paid(w: World) -> None:
    dossier = walk(w, draft(w), "accept")
    start = payments.start(dossier.pk, [1], way="mo-phong", by=w.citizen, return_url="https://dvc.example/")
    assert start.payment.status == Status.STARTED
    assert start.payment.amount == 8000
    assert "mo-phong" in start.url
    assert dossier.charges.get().status == Charge.Status.DUE


def test_vnpay_from_start_to_receipt(w: World, vnpay: Vnpay) -> None:
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


def test_a_wrong_amount_pays_nothing_and_is_told(w: World, vnpay: Vnpay) -> None:
    dossier = walk(w, draft(w), "accept")
    payment = begun(w, dossier, "vnpay")
    assert payments.call_back("vnpay", ipn(payment.reference, 7000))[0] == "04"
    payment.refresh_from_db()
    assert payment.status == Status.MISMATCHED
    assert dossier.charges.get().status == Charge.Status.DUE
    assert dossier.notices.get(template="office_payment_mismatch").context["amount"] == 7000


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
        payments.record(said(begun(w, dossier)))
    assert payments.record(said(late)).status == Status.REFUND_DUE
    assert payments.record(said(late)).status == Status.REFUND_DUE
    assert dossier.notices.filter(template="office_refund_due").count() == 1
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
    from tests.factories import procedure

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
    first = payments.start(dossier.pk, [2], way="mo-phong", by=w.citizen, return_url="").payment
    payments.record(said(first))
    dossier.refresh_from_db()
    assert dossier.state == State.ON_HOLD
    second = payments.start(dossier.pk, [3], way="mo-phong", by=w.citizen, return_url="").payment
    payments.record(said(second))
    dossier.refresh_from_db()
    assert dossier.state == State.PROCESSING
    assert dossier.events.order_by("-seq").first().name == "resume"


@pytest.mark.parametrize(
    ("by", "charges", "way", "error"),
    [
        ("neighbour", [1], "mo-phong", Dossier.DoesNotExist),
        ("citizen", [2], "mo-phong", Refused),
        ("citizen", [], "mo-phong", Refused),
        ("citizen", [1, 1, 2], "mo-phong", Refused),
        ("citizen", [1], "vnpay", Refused),
        ("citizen", [1], "vietqr", Refused),
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


def test_the_simulated_bank_signs_and_says_what_it_is(w: World, settings) -> None:
    bank = SimulatedBank()
    payment = begun(w, walk(w, draft(w), "accept"))
    told = bank.call_back(payment.reference, payment.amount)
    assert payments.call_back("mo-phong", told | {"amount": "1"})[0] == "97"
    assert payments.call_back("mo-phong", told)[0] == "00"
    payment.refresh_from_db()
    assert "Mô phỏng" in payment.answer["words"]
    assert [simulated for name, _, simulated in payments.ways() if name == "mo-phong"] == [True]
    settings.DEV = False
    assert platforms.gateways() == {}
    assert payments.ways() == []


@pytest.mark.django_db(transaction=True)
def test_call_backs_at_once_pay_once(w: World) -> None:
    dossier = walk(w, draft(w), "accept")
    one, two = begun(w, dossier), begun(w, dossier)
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
    assert Payment.objects.filter(started_at__gt=timezone.now() - timedelta(hours=1)).count() == 2
