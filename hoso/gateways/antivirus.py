"""Malware scanning: ClamAV's daemon over its INSTREAM command, or none."""

import re
import socket
import struct
from typing import BinaryIO, Protocol
from urllib.parse import urlsplit

from django.conf import settings

CLEAN, INFECTED, UNCHECKED = "clean", "infected", "unchecked"
_CHUNK = 256 * 1024


class Scanner(Protocol):
    """Says what it finds in a file."""

    def scan(self, file: BinaryIO) -> tuple[str, str]:
        """(clean | infected | unchecked, name of the malware or why it could not be checked)."""
        ...


class NoScanner:
    """A deployment without a scanner: files stay visibly unchecked."""

    def scan(self, file: BinaryIO) -> tuple[str, str]:
        """Nothing is known."""
        return UNCHECKED, "Chưa cấu hình quét mã độc."


class ClamAV:
    """clamd at tcp://host:port or unix:///path. Unreachable means unchecked, never clean."""

    def __init__(self, url: str, *, seconds: float = 30) -> None:
        self.url = urlsplit(url)
        self.seconds = seconds

    def scan(self, file: BinaryIO) -> tuple[str, str]:
        """Stream the file in chunks, each with its length in front; a chunk of length nought ends it."""
        try:
            with self._connect() as connection:
                connection.sendall(b"zINSTREAM\0")
                while chunk := file.read(_CHUNK):
                    connection.sendall(struct.pack("!I", len(chunk)) + chunk)
                connection.sendall(struct.pack("!I", 0))
                answer = b""
                while part := connection.recv(4096):
                    answer += part
        except OSError as error:
            return UNCHECKED, f"Không kết nối được máy quét: {error}"
        return self._read(answer.rstrip(b"\0\n").decode("utf-8", "replace"))

    def _connect(self) -> socket.socket:
        if self.url.scheme == "unix":
            connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
            connection.settimeout(self.seconds)
            try:
                connection.connect(self.url.path)
            except OSError:
                connection.close()
                raise
            return connection
        return socket.create_connection(
            (self.url.hostname or "", self.url.port or 3310), timeout=self.seconds
        )

    @staticmethod
    def _read(answer: str) -> tuple[str, str]:
        if answer.endswith("OK") and "FOUND" not in answer:
            return CLEAN, ""
        if found := re.search(r"stream: (.+) FOUND", answer):
            return INFECTED, found[1]
        return UNCHECKED, answer or "Máy quét không trả lời."


def scanner() -> Scanner:
    """The scanner of this deployment."""
    return ClamAV(settings.CLAMAV_URL) if settings.CLAMAV_URL else NoScanner()
