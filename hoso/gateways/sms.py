"""Short messages: an HTTP gateway, or a simulated carrier that writes them to a file."""

import json
import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol
from uuid import uuid4

from django.conf import settings

from hoso.gateways.outgoing import NotConfigured, NotSent, Receipt, post_json

#: The basic alphabet of GSM 03.38; any other letter makes the whole message Unicode.
_GSM = re.compile(r"[@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,\-./0-9:;<=>?¡A-ZÄÖÑÜ§¿a-zäöñüà]*")


def parts(text: str) -> int:
    """How many messages the network counts: 160 letters (153 each when joined), with Vietnamese marks 70 (67)."""
    whole, joined = (160, 153) if _GSM.fullmatch(text) else (70, 67)
    length = len(text) if whole == 160 else len(text.encode("utf-16-le")) // 2
    return 1 if length <= whole else -(-length // joined)


class SmsGateway(Protocol):
    """Sends one message to one number."""

    def send(self, to: str, text: str, reference: str) -> Receipt:
        """`to` in E.164; `reference` is ours, so that the gateway may drop a repetition. Raises NotSent."""
        ...


class HttpSms:
    """A gateway that takes {to, text, sender, reference, unicode} as JSON and answers {id, status?, message?}."""

    def send(self, to: str, text: str, reference: str) -> Receipt:
        """Hand the message over."""
        body = {
            "to": to,
            "text": text,
            "sender": settings.SMS_SENDER,
            "reference": reference,
            "unicode": not _GSM.fullmatch(text),
        }
        answer = post_json(settings.SMS_GATEWAY_URL, body, token=settings.SMS_GATEWAY_TOKEN)
        identifier = str(answer.get("id") or "")
        words = str(answer.get("message") or answer.get("status") or "Đã nhận")
        if not identifier:
            raise NotSent(f"Cổng tin nhắn không nhận: {words}")
        return Receipt(identifier, words)


class SimulatedSms:
    """Writes messages to VAR_DIR/outbox, one JSON a line; nobody's telephone rings."""

    def send(self, to: str, text: str, reference: str) -> Receipt:
        """Keep the message in the file of the day."""
        folder = Path(settings.VAR_DIR) / "outbox"
        folder.mkdir(parents=True, exist_ok=True)
        now, identifier = datetime.now(UTC), f"mo-phong-{uuid4().hex[:12]}"
        line = {"id": identifier, "at": now.isoformat(), "to": to, "text": text, "reference": reference}
        with (folder / f"sms-{now:%Y%m%d}.jsonl").open("a") as file:
            file.write(json.dumps(line, ensure_ascii=False) + "\n")
        return Receipt(identifier, "Mô phỏng: không gửi ra ngoài, chỉ ghi vào tệp")


class NoSms:
    """A deployment without a gateway."""

    def send(self, to: str, text: str, reference: str) -> Receipt:
        """Says so."""
        raise NotConfigured("cổng tin nhắn")


def gateway() -> SmsGateway:
    """The carrier of this deployment."""
    if settings.SMS_GATEWAY_URL:
        return HttpSms()
    return SimulatedSms() if settings.DEV else NoSms()
