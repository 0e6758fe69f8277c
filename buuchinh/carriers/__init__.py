"""The operators' own systems: what an order is, and who can take it (domain §11.11)."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from django.conf import settings


@dataclass(frozen=True)
class Party:
    """Sender or receiver of an order."""

    name: str
    address: str
    phone: str
    email: str = ""
    province: str = ""
    district: str = ""


@dataclass(frozen=True)
class Order:
    """One item as an operator hears of it: no contents beyond what stands on the note. Money in đồng."""

    item_code: str
    order_number: str
    sender: Party
    receiver: Party
    cash_on_delivery: int
    description: str


@dataclass(frozen=True)
class Answer:
    """What the operator said: accepted or not, its own reference, its words."""

    accepted: bool
    reference: str = ""
    message: str = ""


class CarrierUnavailable(Exception):
    """The operator could not be reached or answered nonsense; the order is sent again later."""


class Carrier(Protocol):
    """An operator's system."""

    name: str

    def send_order(self, order: Order) -> Answer:
        """Announce an item. Raises CarrierUnavailable."""
        ...


def current(values: Mapping[str, str] | None = None) -> Carrier:
    """The operator this installation works with, by POST_CARRIER."""
    from buuchinh.carriers.simulated import SimulatedCarrier
    from buuchinh.carriers.vnpost import VnpostCarrier

    kind = (values or {}).get("POST_CARRIER", settings.POST_CARRIER)
    if kind == "vnpost":
        return VnpostCarrier(
            url=settings.POST_API_URL, token=settings.POST_API_TOKEN, customer=settings.POST_CUSTOMER_CODE
        )
    return SimulatedCarrier()
