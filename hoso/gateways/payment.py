"""Payment platforms: VNPAY's public protocol (2.1.0), and a simulated bank that says so.

What a browser brings back from a platform is never proof; only a signed call-back (or an answer we asked for) is.
"""

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Protocol
from urllib.parse import quote_plus, urlencode
from zoneinfo import ZoneInfo

from django.conf import settings

from hoso.gateways.vietqr import plain

HANOI = ZoneInfo("Asia/Ho_Chi_Minh")
LIFETIME = timedelta(minutes=15)


class Forged(Exception):
    """The call-back is not signed by the platform."""


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
    """What the platform says of one reference. `amount` in đồng."""

    reference: str
    amount: int
    succeeded: bool
    provider_ref: str
    words: str


class PaymentGateway(Protocol):
    """One way to pay online."""

    name: str
    simulated: bool

    def begin(self, order: Order) -> str:
        """The address the payer is sent to."""
        ...

    def read_call_back(self, parameters: Mapping[str, str]) -> Answer:
        """What the platform reports. Raises Forged."""
        ...


class Vnpay:
    """VNPAY: sorted parameters signed with HMAC-SHA512, amounts times 100, the result taken from the IPN alone."""

    name = "vnpay"
    simulated = False

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
            "vnp_CreateDate": f"{at:%Y%m%d%H%M%S}",
            "vnp_ExpireDate": f"{at + LIFETIME:%Y%m%d%H%M%S}",
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
        claimed = parameters.get("vnp_SecureHash", "").lower()
        if not settings.VNPAY_SECRET or not hmac.compare_digest(
            claimed.encode(), self.sign(parameters).encode()
        ):
            raise Forged
        amount, rest = divmod(int(parameters.get("vnp_Amount", "0")), 100)
        code, status = parameters.get("vnp_ResponseCode", ""), parameters.get("vnp_TransactionStatus", "")
        return Answer(
            reference=parameters.get("vnp_TxnRef", ""),
            amount=amount if not rest else -1,
            succeeded=code == "00" and status in {"", "00"},
            provider_ref=parameters.get("vnp_TransactionNo", ""),
            words=f"vnp_ResponseCode {code}, vnp_TransactionStatus {status}",
        )


class SimulatedBank:
    """A bank for demonstrations: no money moves. Its call-back is signed like a real one's, with the site's own key."""

    name = "mo-phong"
    simulated = True

    def begin(self, order: Order) -> str:
        """Our own page that plays the bank."""
        query = {"reference": order.reference, "amount": str(order.amount), "return_url": order.return_url}
        return f"/thanh-toan/mo-phong/?{urlencode(query)}"

    def call_back(self, reference: str, amount: int, *, succeeded: bool = True) -> dict[str, str]:
        """The parameters the simulated bank reports with."""
        parameters = {
            "reference": reference,
            "amount": str(amount),
            "status": "success" if succeeded else "failed",
            "bank_ref": f"MP{datetime.now(UTC):%y%m%d%H%M%S%f}",
        }
        return parameters | {"signature": self._sign(parameters)}

    def read_call_back(self, parameters: Mapping[str, str]) -> Answer:
        """What `call_back` said, when its signature holds."""
        if not hmac.compare_digest(parameters.get("signature", "").encode(), self._sign(parameters).encode()):
            raise Forged
        return Answer(
            reference=parameters["reference"],
            amount=int(parameters["amount"]),
            succeeded=parameters["status"] == "success",
            provider_ref=parameters["bank_ref"],
            words="Mô phỏng: không có tiền nào được chuyển",
        )

    @staticmethod
    def _sign(parameters: Mapping[str, str]) -> str:
        text = "&".join(f"{key}={parameters[key]}" for key in sorted(parameters) if key != "signature")
        return hmac.new(f"bank:{settings.SECRET_KEY}".encode(), text.encode(), hashlib.sha256).hexdigest()


def gateways() -> dict[str, PaymentGateway]:
    """The ways to pay online in this deployment, by name; none in production until one is configured."""
    found: list[PaymentGateway] = []
    if settings.VNPAY_URL and settings.VNPAY_TMN_CODE and settings.VNPAY_SECRET:
        found.append(Vnpay())
    if settings.DEV:
        found.append(SimulatedBank())
    return {gateway.name: gateway for gateway in found}
