"""What every carrier of messages answers with, and how it says that it could not."""

import json
import urllib.error
import urllib.request
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit


@dataclass(frozen=True)
class Receipt:
    """Proof that a carrier took a message: its own id and its answer in words."""

    provider_id: str
    answer: str


class NotSent(Exception):
    """The carrier did not take the message. `permanent` means trying again is useless."""

    def __init__(self, answer: str, *, permanent: bool = False) -> None:
        super().__init__(answer)
        self.permanent = permanent


class NotConfigured(NotSent):
    """This deployment has no such carrier."""

    def __init__(self, what: str) -> None:
        super().__init__(f"Chưa cấu hình {what}.", permanent=True)


def post_json(url: str, body: dict[str, Any], *, token: str = "", seconds: float = 10) -> dict[str, Any]:
    """POST JSON, get JSON. Raises NotSent: for good on a 4xx answer, for now on everything else."""
    if urlsplit(url).scheme not in {"http", "https"}:
        raise NotConfigured("địa chỉ http hoặc https của cổng")
    headers = {"Content-Type": "application/json; charset=utf-8", "Accept": "application/json"}
    if token:
        headers["Authorization"] = f"Bearer {token}"
    request = urllib.request.Request(url, json.dumps(body).encode(), headers, method="POST")
    try:
        with urllib.request.urlopen(request, timeout=seconds) as response:
            answer = json.loads(response.read(100_000) or b"{}")
    except urllib.error.HTTPError as error:
        with error:
            words = error.read(300).decode("utf-8", "replace")
        later = error.code in {408, 425, 429} or error.code >= 500
        raise NotSent(f"{error.code} {words}".strip(), permanent=not later) from error
    except (OSError, ValueError) as error:
        raise NotSent(f"{type(error).__name__}: {error}") from error
    if not isinstance(answer, dict):
        raise NotSent(f"Trả lời không đúng dạng: {str(answer)[:200]}")
    return answer
