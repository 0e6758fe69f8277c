"""Payment platforms: VNPAY's public protocol (2.1.0). Demonstrations point it at a simulator that says what it is.

What a browser brings back from a platform is never proof; only a signed call-back (or an answer we asked for) is.
"""

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol
from urllib.parse import quote_plus, urlencode
from uuid import uuid4
from zoneinfo import ZoneInfo

from django.conf import settings

from hoso.gateways.outgoing import NotSent, post_json
from hoso.gateways.vietqr import plain

HANOI = ZoneInfo("Asia/Ho_Chi_Minh")
LIFETIME = timedelta(minutes=15)


class Forged(Exception):
    """The call-back, or the answer to a question, is not signed by the platform."""


class Unreachable(Exception):
    """The platform could not be asked now."""


@dataclass(frozen=True)
class Order:
    """What is to be paid. `reference` is ours and unique; `words` are shown to the payer."""

    reference: str
    amount: int
    words: str
    return_url: str
    ip: str
    at: datetime


@dataclass(frozen=True)
class Answer:
    """What the platform says of one reference. `amount` in đồng; -1 when it is no whole number of them.

    One that is not `final` says that the platform itself does not know yet.
    """

    reference: str
    amount: int
    succeeded: bool
    provider_ref: str
    words: str
    final: bool = True
    code: str = ""


class PaymentGateway(Protocol):
    """One way to pay online."""

    name: str

    @property
    def simulated(self) -> bool:
        """Whether no money moves."""
        ...

    def begin(self, order: Order) -> str:
        """The address the payer is sent to."""
        ...

    def read_call_back(self, parameters: Mapping[str, str]) -> Answer:
        """What the platform reports. Raises Forged."""
        ...

    def ask(self, order: Order, *, now: datetime) -> Answer | None:
        """What the platform knows of an order begun earlier; None when nobody came to pay it. Raises Unreachable."""
        ...


class Vnpay:
    """VNPAY: sorted parameters signed with HMAC-SHA512, amounts times 100, the result taken from the IPN alone."""

    name = "vnpay"

    @property
    def simulated(self) -> bool:
        """Whether the platform behind the address is the bundled simulator."""
        return bool(settings.VNPAY_SIMULATED)

    def begin(self, order: Order) -> str:
        """The signed address of the payment page."""
        at = order.at.astimezone(HANOI)
        parameters = {
            "vnp_Version": "2.1.0",
            "vnp_Command": "pay",
            "vnp_TmnCode": settings.VNPAY_TMN_CODE,
            "vnp_Amount": str(order.amount * 100),
            "vnp_CurrCode": "VND",
            "vnp_TxnRef": order.reference,
            "vnp_OrderInfo": plain(order.words),
            "vnp_OrderType": "other",
            "vnp_Locale": "vn",
            "vnp_ReturnUrl": order.return_url,
            "vnp_IpAddr": order.ip,
            "vnp_CreateDate": _stamp(at),
            "vnp_ExpireDate": _stamp(at + LIFETIME),
        }
        return f"{settings.VNPAY_URL}?{urlencode(sorted(parameters.items()))}&vnp_SecureHash={self.sign(parameters)}"

    def sign(self, parameters: Mapping[str, str]) -> str:
        """HMAC-SHA512 over the sorted, encoded parameters, in lower-case hexadecimal."""
        text = "&".join(
            f"{quote_plus(key)}={quote_plus(value)}"
            for key, value in sorted(parameters.items())
            if key.startswith("vnp_") and key not in {"vnp_SecureHash", "vnp_SecureHashType"} and value
        )
        return hmac.new(settings.VNPAY_SECRET.encode(), text.encode(), hashlib.sha512).hexdigest()

    def read_call_back(self, parameters: Mapping[str, str]) -> Answer:
        """The IPN's fields, once their signature holds."""
        _compare(parameters.get("vnp_SecureHash", ""), self.sign(parameters))
        if parameters.get("vnp_TmnCode", "") != settings.VNPAY_TMN_CODE:
            raise Forged
        amount, rest = divmod(int(parameters.get("vnp_Amount", "0")), 100)
        code, status = parameters.get("vnp_ResponseCode", ""), parameters.get("vnp_TransactionStatus", "")
        return Answer(
            reference=parameters.get("vnp_TxnRef", ""),
            amount=amount if not rest else -1,
            succeeded=code == "00" and status in {"", "00"},
            provider_ref=parameters.get("vnp_TransactionNo", ""),
            words=f"vnp_ResponseCode {code}, vnp_TransactionStatus {status}",
            final=code != _SUSPECT and status not in _UNSETTLED,
            code=code,
        )

    def ask(self, order: Order, *, now: datetime) -> Answer | None:
        """querydr: the signed answer counts like a call-back."""
        body = {
            "vnp_RequestId": uuid4().hex,
            "vnp_Version": "2.1.0",
            "vnp_Command": "querydr",
            "vnp_TmnCode": settings.VNPAY_TMN_CODE,
            "vnp_TxnRef": order.reference,
            "vnp_TransactionDate": _stamp(order.at),
            "vnp_CreateDate": _stamp(now),
            "vnp_IpAddr": order.ip,
            "vnp_OrderInfo": plain(order.words),
        }
        body["vnp_SecureHash"] = self._sign_joined(body, _ASKED)
        try:
            told = post_json(settings.VNPAY_API_URL, body)
        except NotSent as error:
            raise Unreachable(str(error)) from error
        # The fields come as numbers or text, and some are left out.
        said = {key: "" if value is None else str(value) for key, value in told.items()}
        _compare(said.get("vnp_SecureHash", ""), self._sign_joined(said, _TOLD))
        code = said.get("vnp_ResponseCode", "")
        if code == "91":  # no such transaction: the payer never reached the page
            return None
        if code != "00":
            raise Unreachable(f"querydr {code} {said.get('vnp_Message', '')}")
        if said.get("vnp_TxnRef") != order.reference or said.get("vnp_TmnCode") != settings.VNPAY_TMN_CODE:
            raise Forged
        amount, rest = divmod(int(said.get("vnp_Amount") or "0"), 100)
        status = said.get("vnp_TransactionStatus", "")
        return Answer(
            reference=order.reference,
            amount=amount if not rest else -1,
            succeeded=status == "00",
            provider_ref=said.get("vnp_TransactionNo", ""),
            words=f"querydr, vnp_TransactionStatus {status}",
            final=status not in _UNSETTLED,
        )

    @staticmethod
    def _sign_joined(fields: Mapping[str, Any], order: tuple[str, ...]) -> str:
        text = "|".join(str(fields.get(f"vnp_{name}", "")) for name in order)
        return hmac.new(settings.VNPAY_SECRET.encode(), text.encode(), hashlib.sha512).hexdigest()


#: Not finished, being reversed, under suspicion: the platform decides later.
_UNSETTLED, _SUSPECT = frozenset({"01", "04", "05", "06", "07"}), "07"
#: What querydr signs, in this order (specification 2.1.0).
_ASKED = (
    "RequestId", "Version", "Command", "TmnCode", "TxnRef", "TransactionDate", "CreateDate", "IpAddr", "OrderInfo",
)  # fmt: skip
_TOLD = (
    "ResponseId", "Command", "ResponseCode", "Message", "TmnCode", "TxnRef", "Amount", "BankCode", "PayDate",
    "TransactionNo", "TransactionType", "TransactionStatus", "OrderInfo", "PromotionCode", "PromotionAmount",
)  # fmt: skip


def _stamp(at: datetime) -> str:
    return f"{at.astimezone(HANOI):%Y%m%d%H%M%S}"


def _compare(claimed: str, true: str) -> None:
    if not settings.VNPAY_SECRET or not hmac.compare_digest(claimed.lower().encode(), true.encode()):
        raise Forged


def gateways() -> dict[str, PaymentGateway]:
    """The ways to pay online in this deployment, by name; none in production until one is configured."""
    found: list[PaymentGateway] = []
    if settings.VNPAY_URL and settings.VNPAY_TMN_CODE and settings.VNPAY_SECRET:
        found.append(Vnpay())
    return {gateway.name: gateway for gateway in found}
