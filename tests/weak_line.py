"""A weak line between the browser and the live server: `make test ARGS="--weak-line -m browser"`.

Pages answer late and arrive in parts, as they do in the hills. A test that looks at a page before it is there, which
a quick machine forgives, fails with it every time.
"""

import time
from collections.abc import Callable, Iterator

from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase

PAUSE = 0.4  # seconds


class WeakLine:
    """Middleware: whatever is not for the test client waits, and a page comes in two parts."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """The same answer, later."""
        if request.META["SERVER_NAME"] == "testserver":
            return self.get_response(request)
        time.sleep(PAUSE)
        answer = self.get_response(request)
        if not isinstance(answer, HttpResponse) or not answer.headers.get("Content-Type", "").startswith(
            "text/html"
        ):
            return answer
        del answer.headers["Content-Length"]
        slow = StreamingHttpResponse(
            in_parts(answer.content), status=answer.status_code, headers=answer.headers
        )
        slow.cookies = answer.cookies
        slow._resource_closers = answer._resource_closers  # type: ignore[attr-defined]
        return slow


def in_parts(content: bytes) -> Iterator[bytes]:
    """The head of the page at once, the rest after a pause."""
    first = len(content) // 4
    yield content[:first]
    time.sleep(PAUSE)
    yield content[first:]
