"""Providers of electronic receipts: the one of this deployment over HTTP, or a simulated one that says so."""

from dataclasses import asdict, dataclass
from typing import Protocol

from django.conf import settings

from hoso.gateways.outgoing import NotSent, post_json


@dataclass(frozen=True)
class ReceiptFacts:
    """What a provider is told. `known_as` is its own number of a receipt it already has."""

    form: str
    symbol: str
    number: str
    collector: str
    tax_code: str
    payer: str
    dossier_code: str
    what: str
    amount: int
    issued_at: str
    cancelled: bool
    corrects: str
    known_as: str


@dataclass(frozen=True)
class Taken:
    """The provider's own number and where people look the receipt up."""

    number: str
    link: str
    words: str


class ReceiptProvider(Protocol):
    """Keeps electronic receipts by contract with the tax office."""

    name: str
    simulated: bool

    def register(self, facts: ReceiptFacts) -> Taken:
        """Tell of a receipt, or of its cancellation; telling again changes nothing. Raises NotSent."""
        ...


class HttpProvider:
    """Takes the facts as JSON at RECEIPT_PROVIDER_URL, answers {number, link, message}."""

    name = "http"
    simulated = False

    def register(self, facts: ReceiptFacts) -> Taken:
        """Hand one receipt over."""
        answer = post_json(
            settings.RECEIPT_PROVIDER_URL, asdict(facts), token=settings.RECEIPT_PROVIDER_TOKEN
        )
        number = str(answer.get("number") or facts.known_as)
        if not number:
            raise NotSent(f"Nhà cung cấp không cấp số: {answer.get('message', '')}")
        link = str(answer.get("link") or "")
        return Taken(
            number[:40], link if link.startswith("https://") else "", str(answer.get("message") or "")
        )


class SimulatedProvider:
    """For demonstrations: gives a number derived from ours, keeps nothing."""

    name = "mo-phong"
    simulated = True

    def register(self, facts: ReceiptFacts) -> Taken:
        """A number that shows where it comes from."""
        return Taken(
            facts.known_as or f"MP-{facts.symbol}-{facts.number}",
            "",
            "Mô phỏng: đã ghi hủy" if facts.cancelled else "Mô phỏng: không gửi ra ngoài",
        )


def provider() -> ReceiptProvider | None:
    """The provider of this deployment; none in production until one is configured."""
    if settings.RECEIPT_PROVIDER_URL:
        return HttpProvider()
    return SimulatedProvider() if settings.DEV else None
