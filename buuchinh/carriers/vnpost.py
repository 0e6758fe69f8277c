"""The order interface observed at the public operator (domain §11.11): JSON over HTTP, Status "100" is acceptance.

The field names are the operator's. Nothing else in the product depends on them.
"""

import json
import urllib.error
import urllib.request
from typing import Any
from urllib.parse import urlsplit

from buuchinh.carriers import Answer, CarrierUnavailable, Order

ACCEPTED = "100"
TIMEOUT_SECONDS = 10


class VnpostCarrier:
    """Posts one order at a time. Addresses and the token come from the settings."""

    name = "Bưu điện Việt Nam"

    def __init__(self, *, url: str, token: str, customer: str) -> None:
        """`url` takes the orders, `token` is sent as a bearer, `customer` is the CustomerCode of the contract."""
        if urlsplit(url).scheme not in {"http", "https"}:
            raise ValueError("POST_API_URL phải là địa chỉ http hoặc https.")
        self.url, self.token, self.customer = url, token, customer

    def fields(self, order: Order) -> dict[str, Any]:
        """The order as the operator names it."""
        sender, receiver = order.sender, order.receiver
        return {
            "CustomerCode": self.customer,
            "ItemCode": order.item_code,
            "OrderNumber": order.order_number,
            "CODAmount": order.cash_on_delivery,
            "SenderName": sender.name,
            "SenderAddress": sender.address,
            "SenderPhone": sender.phone,
            "SenderEmail": sender.email,
            "SenderProvince": sender.province,
            "SenderDistrict": sender.district,
            "ReceiverName": receiver.name,
            "ReceiverAddress": receiver.address,
            "ReceiverPhone": receiver.phone,
            "ReceiverEmail": receiver.email,
            "ReceiverProvince": receiver.province,
            "ReceiverDistrict": receiver.district,
            "Description": order.description,
            "FlagConfig": "",
        }

    def send_order(self, order: Order) -> Answer:
        """Announce an item. Raises CarrierUnavailable when there is no answer, or none that can be read."""
        request = urllib.request.Request(
            self.url,
            data=json.dumps(self.fields(order), ensure_ascii=False).encode(),
            headers={"Content-Type": "application/json", "Authorization": f"Bearer {self.token}"},
        )
        try:
            with urllib.request.urlopen(request, timeout=TIMEOUT_SECONDS) as response:
                said = json.loads(response.read())
            status = str(said["Status"])
        except (urllib.error.URLError, OSError, ValueError, KeyError, TypeError) as error:
            raise CarrierUnavailable(str(error)) from error
        return Answer(
            accepted=status == ACCEPTED,
            reference=str(said.get("OrderNumber") or order.order_number),
            message=str(said.get("Message") or "")[:300],
        )
