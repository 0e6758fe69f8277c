"""E-mail through Django's backend: real SMTP, or files in VAR_DIR/mail when no server is configured."""

import hashlib
import smtplib
from dataclasses import dataclass
from typing import Protocol
from urllib.parse import urlsplit

from django.conf import settings
from django.core.mail import EmailMultiAlternatives

from hoso.gateways.outgoing import NotConfigured, NotSent, Receipt


@dataclass(frozen=True)
class Letter:
    """One e-mail, as text and as HTML."""

    to: str
    subject: str
    text: str
    html: str
    reference: str


class EmailGateway(Protocol):
    """Sends one letter."""

    def send(self, letter: Letter) -> Receipt:
        """Raises NotSent."""
        ...


class DjangoEmail:
    """The backend named in the settings. The message id follows from our reference, so a repeated one is known."""

    def send(self, letter: Letter) -> Receipt:
        """Hand the letter to the server (or to the file outbox, and say so)."""
        host = urlsplit(settings.PUBLIC_BASE_URL).hostname or "localhost"
        message_id = f"<{hashlib.sha256(letter.reference.encode()).hexdigest()[:32]}@{host}>"
        message = EmailMultiAlternatives(
            letter.subject, letter.text, to=[letter.to], headers={"Message-ID": message_id, "Auto-Submitted": "auto-generated"}
        )  # fmt: skip
        message.attach_alternative(letter.html, "text/html")
        try:
            message.send()
        except smtplib.SMTPRecipientsRefused as error:
            code, words = next(iter(error.recipients.values()), (0, b""))
            raise NotSent(f"{code} {_words(words)}", permanent=500 <= code < 600) from error
        except smtplib.SMTPResponseException as error:
            raise NotSent(f"{error.smtp_code} {_words(error.smtp_error)}") from error
        except (smtplib.SMTPException, OSError, ValueError) as error:
            raise NotSent(f"{type(error).__name__}: {error}") from error
        simulated = settings.EMAIL_SIMULATED
        return Receipt(
            message_id,
            "Mô phỏng: không gửi ra ngoài, chỉ ghi vào tệp" if simulated else "Máy chủ thư đã nhận",
        )


class NoEmail:
    """Production without a mail server."""

    def send(self, letter: Letter) -> Receipt:
        """Says so."""
        raise NotConfigured("máy chủ thư")


def gateway() -> EmailGateway:
    """The carrier of this deployment."""
    return NoEmail() if settings.EMAIL_SIMULATED and not settings.DEV else DjangoEmail()


def _words(answer: bytes | str) -> str:
    return answer.decode("utf-8", "replace") if isinstance(answer, bytes) else str(answer)
