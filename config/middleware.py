"""Headers every answer carries."""

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse


class ContentSecurityPolicy:
    """Scripts, styles and pictures come from us alone; a style attribute may carry custom properties."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response
        self.policy = "; ".join(
            [
                "default-src 'self'",
                "script-src 'self'",
                "style-src 'self'",
                "style-src-attr 'unsafe-inline'",
                "img-src 'self' data:",
                "object-src 'self'",
                "base-uri 'none'",
                " ".join(["form-action 'self'", *settings.CSP_FORM_ACTION]),
                "frame-ancestors 'self'",
            ]
        )

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Add the policy unless the view has set a stricter one of its own."""
        response = self.get_response(request)
        response.headers.setdefault("Content-Security-Policy", self.policy)
        return response
