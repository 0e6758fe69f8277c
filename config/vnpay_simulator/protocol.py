"""VNPAY 2.1.0 from the bank's side: signatures, call-backs and answers to questions."""

import hashlib
import hmac
import json
import urllib.error
import urllib.request
from collections.abc import Mapping
from datetime import datetime
from urllib.parse import quote_plus, urlencode
from uuid import uuid4
from zoneinfo import ZoneInfo

from django.conf import settings

from config.vnpay_simulator.ledger import Order

HANOI = ZoneInfo("Asia/Ho_Chi_Minh")
ASKED = (
    "RequestId", "Version", "Command", "TmnCode", "TxnRef", "TransactionDate", "CreateDate", "IpAddr", "OrderInfo",
)  # fmt: skip
TOLD = (
    "ResponseId", "Command", "ResponseCode", "Message", "TmnCode", "TxnRef", "Amount", "BankCode", "PayDate",
    "TransactionNo", "TransactionType", "TransactionStatus", "OrderInfo", "PromotionCode", "PromotionAmount",
)  # fmt: skip


def stamp() -> str:
    """Now, as the protocol writes it."""
    return f"{datetime.now(HANOI):%Y%m%d%H%M%S}"


def _hmac(text: str) -> str:
    return hmac.new(settings.VNPAY_SECRET.encode(), text.encode(), hashlib.sha512).hexdigest()


def sign(parameters: Mapping[str, str]) -> str:
    """The signature of an address."""
    return _hmac(
        "&".join(
            f"{key}={quote_plus(value)}"
            for key, value in sorted(parameters.items())
            if key != "vnp_SecureHash" and value
        )
    )


def is_signed(parameters: Mapping[str, str]) -> bool:
    """Whether the merchant signed this address."""
    ours = {k: v for k, v in parameters.items() if k.startswith("vnp_")}
    return hmac.compare_digest(parameters.get("vnp_SecureHash", ""), sign(ours))


def result(order: Order) -> dict[str, str]:
    """What call-back and return address carry."""
    told = {
        "vnp_TmnCode": settings.VNPAY_TMN_CODE,
        "vnp_TxnRef": order.reference,
        "vnp_Amount": str(order.amount * 100),
        "vnp_OrderInfo": order.words,
        "vnp_BankCode": "NCB",
        "vnp_PayDate": order.paid or stamp(),
        "vnp_ResponseCode": order.code or "99",
        "vnp_TransactionNo": order.number,
        "vnp_TransactionStatus": order.status,
    }
    return told | {"vnp_SecureHash": sign(told)}


def return_address(order: Order) -> str:
    """Where the payer's browser goes back to."""
    joint = "&" if "?" in order.return_url else "?"
    return f"{order.return_url}{joint}{urlencode(result(order))}"


def call_back(order: Order, address: str) -> str:
    """Tell the merchant's server; its answer in words."""
    try:
        with urllib.request.urlopen(f"{address}?{urlencode(result(order))}", timeout=10) as response:
            told = json.loads(response.read(10_000))
        return f"{told.get('RspCode')} {told.get('Message')}"
    except (urllib.error.URLError, OSError, ValueError) as error:
        return f"không tới được: {error}"


def answer(body: Mapping[str, str], order: Order | None) -> dict[str, str]:
    """What a querydr is answered with."""
    if not hmac.compare_digest(
        str(body.get("vnp_SecureHash", "")), _hmac("|".join(str(body.get(f"vnp_{n}", "")) for n in ASKED))
    ):
        return _signed({"ResponseCode": "97", "Message": "Invalid signature"}, body)
    if order is None:
        return _signed({"ResponseCode": "91", "Message": "Transaction not found"}, body)
    return _signed(
        {
            "ResponseCode": "00",
            "Message": "QueryDR Success",
            "Amount": str(order.amount * 100),
            "BankCode": "NCB",
            "PayDate": order.paid,
            "TransactionNo": order.number,
            "TransactionType": "01",
            "TransactionStatus": order.status,
            "OrderInfo": order.words,
        },
        body,
    )


def _signed(fields: dict[str, str], body: Mapping[str, str]) -> dict[str, str]:
    fields |= {
        "ResponseId": uuid4().hex,
        "Command": "querydr",
        "TmnCode": str(body.get("vnp_TmnCode", "")),
        "TxnRef": str(body.get("vnp_TxnRef", "")),
    }
    text = "|".join(fields.get(name, "") for name in TOLD)
    return {f"vnp_{name}": value for name, value in fields.items()} | {"vnp_SecureHash": _hmac(text)}
