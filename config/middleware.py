"""What happens around every request: the language it is answered in, the headers it carries."""

from collections.abc import Callable
from contextlib import suppress
from ipaddress import ip_address

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import translation


class ClientAddress:
    """Behind our own proxy the visitor is the one it names. Installed only with TRUST_PROXY: elsewhere the header is
    anybody's claim, and bounds by address would hold nobody, or everybody at once.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Put the visitor's address where everyone looks for it."""
        named = request.headers.get("X-Real-IP", "").strip()
        with suppress(ValueError):  # asked from inside the host, as health checks are
            request.META["REMOTE_ADDR"] = str(ip_address(named))
        return self.get_response(request)


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


class ChosenLanguage:
    """Vietnamese, unless this person has chosen another language on the citizen pages.

    Django's own middleware follows the browser, and many a browser in a Vietnamese office is set to English. Officers'
    and postal pages speak Vietnamese alone, whatever was chosen on the portal.
    """

    VIETNAMESE_ONLY = (
        "/mot-cua/",
        "/buu-chinh/",
        "/bao-cao/",
        "/quan-tri/",
        "/cach-goi/",
        "/phan-anh/xu-ly/",
        "/mo-phong-vnpay/",
    )

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response
        self.known = {code for code, _ in settings.LANGUAGES}

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer in the language of the cookie; say which one it was."""
        chosen = request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME, "")
        speaks = chosen in self.known and not request.path.startswith(self.VIETNAMESE_ONLY)
        with translation.override(chosen if speaks else settings.LANGUAGE_CODE):
            request.LANGUAGE_CODE = translation.get_language()
            response = self.get_response(request)
            response.headers.setdefault("Content-Language", translation.get_language())
        return response
