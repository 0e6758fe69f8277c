"""The citizen pages as an app on a telephone: a manifest, and a worker that says plainly when there is no network.

The worker keeps one page, "mất mạng", with what it needs, and nothing else: no page about a person is ever kept on a
telephone that others use too, and a form is always the server's newest.
"""

from typing import Any

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.templatetags.static import static
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.views.decorators.cache import cache_control
from django.views.generic import TemplateView, View

from config.ui import site

#: What the offline page shows: its styles, its script and its two everyday fonts.
KEPT = (
    "vendor/bootstrap.min.css",
    "css/tokens.css",
    "css/portal.css",
    "css/product.css",
    "js/offline.js",
    "icons/icon.svg",
    "vendor/fonts/bvp-latin-400.woff2",
    "vendor/fonts/bvp-vietnamese-400.woff2",
)


@method_decorator(login_not_required, name="dispatch")
@method_decorator(cache_control(public=True, max_age=3600), name="dispatch")
class Manifest(View):
    """How the portal looks on a telephone's home screen."""

    http_method_names = ["get"]

    def get(self, request: HttpRequest) -> JsonResponse:
        """The web app manifest."""
        names = site()
        icons = [
            {
                "src": static(f"icons/icon-{size}.png"),
                "sizes": f"{size}x{size}",
                "type": "image/png",
                "purpose": use,
            }
            for size, use in ((192, "any"), (512, "any"), (512, "maskable"))
        ]
        return JsonResponse(
            {
                "name": f"{names['name']} {names['province']}",
                "short_name": _("Dịch vụ công"),
                "lang": request.LANGUAGE_CODE,
                "start_url": reverse("portal:home"),
                "scope": "/",
                "display": "standalone",
                "background_color": "#faf8f4",
                "theme_color": "#1f3b73",
                "icons": icons,
            },
            content_type="application/manifest+json",
        )


@method_decorator(login_not_required, name="dispatch")
class Worker(View):
    """The service worker. Served from the root, which is what lets it answer for every page."""

    http_method_names = ["get"]

    def get(self, request: HttpRequest) -> HttpResponse:
        """The script with the addresses it keeps; new addresses after a release make a new worker."""
        facts = {"offline": reverse("offline"), "files": [static(name) for name in KEPT]}
        response = render(request, "portal/sw.js", facts, content_type="text/javascript")
        response.headers["Cache-Control"] = "no-cache"
        return response


@method_decorator(login_not_required, name="dispatch")
class Offline(TemplateView):
    """What one sees without a network."""

    template_name = "portal/offline.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """The hotline works without data."""
        return super().get_context_data(hotline=settings.HOTLINE, **kwargs)
