"""The outside world's protocols: VietQR, VNPAY 2.1.0 and its querydr, receipts of a provider."""

import hashlib
import hmac
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest

from hoso.gateways import payment as platforms
from hoso.gateways import receipts, vietqr
from hoso.gateways.outgoing import NotSent
from hoso.gateways.payment import Forged, Order, Unreachable, Vnpay
from tests.factories import moment
from tests.outside import Server

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
    settings.VNPAY_API_URL = "http://127.0.0.1:9/"
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


@pytest.mark.parametrize(
    ("code", "status", "final"),
    [("00", "00", True), ("24", "02", True), ("07", "00", False), ("00", "05", False)],
)
def test_what_the_platform_itself_does_not_know_yet_is_not_final(
    vnpay: Vnpay, code: str, status: str, final: bool
) -> None:
    told = ipn("TT1", 8000, code=code) | {"vnp_TransactionStatus": status}
    told["vnp_SecureHash"] = vnpay.sign(told)
    assert vnpay.read_call_back(told).final is final


def test_another_merchants_call_back_is_not_ours(vnpay: Vnpay, settings) -> None:
    settings.VNPAY_TMN_CODE = "KHAC0001"
    with pytest.raises(Forged):
        vnpay.read_call_back(ipn("TT1", 8000))


# --- querydr ----------------------------------------------------------------------------------------

ORDER = Order("TT1", 8000, "Ho so NT-7K3M", "", "10.0.0.1", moment("2026-10-05 09:00"))
ASKED = [
    "RequestId",
    "Version",
    "Command",
    "TmnCode",
    "TxnRef",
    "TransactionDate",
    "CreateDate",
    "IpAddr",
    "OrderInfo",
]
TOLD = [
    "ResponseId",
    "Command",
    "ResponseCode",
    "Message",
    "TmnCode",
    "TxnRef",
    "Amount",
    "BankCode",
    "PayDate",
    "TransactionNo",
    "TransactionType",
    "TransactionStatus",
    "OrderInfo",
    "PromotionCode",
    "PromotionAmount",
]


def joined(fields: dict[str, Any], names: list[str], secret: str = "BAYDAUVNPAYBIMAT") -> str:
    """The signature of querydr, made here without our own code."""
    text = "|".join(str(fields.get(f"vnp_{name}", "")) for name in names)
    return hmac.new(secret.encode(), text.encode(), hashlib.sha512).hexdigest()


def told(secret: str = "BAYDAUVNPAYBIMAT", **changes: Any) -> dict[str, Any]:
    """What VNPAY answers a question about TT1 with; the amount as a number, as it sometimes does."""
    fields = {
        "vnp_ResponseId": "abc",
        "vnp_Command": "querydr",
        "vnp_ResponseCode": "00",
        "vnp_Message": "Success",
        "vnp_TmnCode": "DEMOV210",
        "vnp_TxnRef": "TT1",
        "vnp_Amount": 800000,
        "vnp_BankCode": "NCB",
        "vnp_PayDate": "20261005091500",
        "vnp_TransactionNo": 14422574,
        "vnp_TransactionType": "01",
        "vnp_TransactionStatus": "00",
        "vnp_OrderInfo": "Ho so NT 7K3M",
    } | {f"vnp_{name}": value for name, value in changes.items()}
    return fields | {"vnp_SecureHash": joined(fields, TOLD, secret)}


@pytest.fixture
def bank(vnpay: Vnpay, settings) -> Iterator[Server]:
    """A server at the other end."""
    with Server() as server:
        settings.VNPAY_API_URL = server.url
        yield server


def test_a_question_is_signed_and_its_answer_counts(vnpay: Vnpay, bank: Server) -> None:
    bank.otherwise = (200, told())
    answer = vnpay.ask(ORDER, now=moment("2026-10-05 09:20"))
    assert answer is not None
    assert (answer.reference, answer.amount, answer.succeeded, answer.provider_ref) == (
        "TT1",
        8000,
        True,
        "14422574",
    )
    asked = bank.received[0][1]
    assert asked["vnp_TransactionDate"] == "20261005090000"
    assert asked["vnp_CreateDate"] == "20261005092000"
    assert asked["vnp_SecureHash"] == joined(asked, ASKED)


@pytest.mark.parametrize(
    ("status", "succeeded", "final"), [("02", False, True), ("01", False, False), ("07", False, False)]
)
def test_an_answer_may_be_no_or_not_yet(
    vnpay: Vnpay, bank: Server, status: str, succeeded: bool, final: bool
) -> None:
    bank.otherwise = (200, told(TransactionStatus=status))
    answer = vnpay.ask(ORDER, now=ORDER.at)
    assert answer is not None
    assert (answer.succeeded, answer.final) == (succeeded, final)


def test_nobody_came_to_pay(vnpay: Vnpay, bank: Server) -> None:
    bank.otherwise = (200, told(ResponseCode="91"))
    assert vnpay.ask(ORDER, now=ORDER.at) is None


@pytest.mark.parametrize(
    "answer",
    [told(secret="khac"), told() | {"vnp_Amount": 900000}, told(TxnRef="TT2"), told(TmnCode="KHAC"), {}],
    ids=["wrong secret", "changed amount", "another order", "another merchant", "nothing"],
)
def test_an_answer_that_is_not_the_platforms_is_forged(
    vnpay: Vnpay, bank: Server, answer: dict[str, Any]
) -> None:
    bank.otherwise = (200, answer)
    with pytest.raises(Forged):
        vnpay.ask(ORDER, now=ORDER.at)


def test_a_platform_that_is_away_is_asked_later(vnpay: Vnpay, bank: Server, settings) -> None:
    bank.otherwise = (200, told(ResponseCode="94"))
    with pytest.raises(Unreachable):
        vnpay.ask(ORDER, now=ORDER.at)
    bank.otherwise = (503, {})
    with pytest.raises(Unreachable):
        vnpay.ask(ORDER, now=ORDER.at)
    settings.VNPAY_API_URL = "http://127.0.0.1:9/"
    with pytest.raises(Unreachable):
        vnpay.ask(ORDER, now=ORDER.at)


def test_production_has_no_way_to_pay_until_one_is_configured(settings) -> None:
    settings.VNPAY_URL = ""
    assert platforms.gateways() == {}


# --- Receipts -----------------------------------------------------------------------------------------

FACTS = receipts.ReceiptFacts(
    "01BLP", "BL-26", "0000127", "UBND phường Việt Trì", "2600123451", "Nguyễn Thị Thanh Hương",
    "H44.27-261005-0001", "Đăng ký khai sinh", 8000, "2026-10-05T09:00:00+07:00", False, "", "",
)  # fmt: skip


def test_a_provider_of_receipts_gives_its_number(settings) -> None:
    with Server() as server:
        settings.RECEIPT_PROVIDER_URL, settings.RECEIPT_PROVIDER_TOKEN = server.url, "bi-mat"
        provider = receipts.provider()
        assert provider is not None
        assert not provider.simulated
        server.otherwise = (
            200,
            {"number": "K26T-77", "link": "https://bienlai.example/77", "message": "Đã cấp"},
        )
        assert provider.register(FACTS) == receipts.Taken("K26T-77", "https://bienlai.example/77", "Đã cấp")
        assert server.received[0][1]["number"] == "0000127"
        server.otherwise = (200, {"number": "K26T-77", "link": "javascript:alert(1)"})
        assert provider.register(FACTS).link == ""
        server.otherwise = (200, {"message": "Sai mẫu số"})
        with pytest.raises(NotSent, match="Sai mẫu số"):
            provider.register(FACTS)


def test_without_a_provider_receipts_are_simulated_in_demonstrations_alone(settings) -> None:
    simulated = receipts.provider()
    assert simulated is not None
    assert simulated.simulated
    assert "Mô phỏng" in simulated.register(FACTS).words
    settings.DEV = False
    assert receipts.provider() is None
