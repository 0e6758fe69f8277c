"""The public look-up by code."""

from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext_lazy
from django.views.generic import TemplateView

from hoso.models import Dossier
from portal.forms.lookup import LookupForm
from portal.services import lookup, surveys, tracking
from portal.views.base import PublicMixin

NOT_FOUND = gettext_lazy(
    "Không có hồ sơ với mã này và 4 số này. Kiểm tra lại mã trên giấy hẹn và 4 số cuối của căn cước công dân "
    "hoặc điện thoại đã khai, hoặc gọi 1022."
)
TOO_MANY = gettext_lazy(
    "Đã tra cứu nhiều lần. Hãy thử lại sau 10 phút, hoặc đăng nhập để xem hồ sơ của mình."
)


class Lookup(PublicMixin, TemplateView):
    """Code and four digits in, degree of completion out. A code alone (from a QR) only fills the form."""

    template_name = "portal/lookup.html"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """The form with the code filled in."""
        form = LookupForm(initial={"ma": lookup.tidy(request.GET.get("ma", ""))})
        return self.show({"form": form})

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """The answer. By POST, so that the digits stand in no address and no log."""
        form = LookupForm(request.POST)
        if not form.is_valid():
            return self.show({"form": form})
        code, digits = form.cleaned_data["ma"], form.cleaned_data["so"]
        try:
            dossier = lookup.find(code, digits, address=request.META.get("REMOTE_ADDR", ""))
        except lookup.TooMany:
            form.add_error(None, TOO_MANY)
            return self.show({"form": form}, status=429)
        if dossier is None:
            form.add_error(None, NOT_FOUND)
            return self.show({"form": form}, status=404)
        again = f"{request.path}?{urlencode({'ma': dossier.public_code})}"  # then only the digits are missing
        return self.show({"form": form, "found": self.found(dossier), "asked_again": again})

    def show(self, context: dict[str, Any], status: int = 200) -> HttpResponse:
        """The page, with the way by text message where there is one."""
        return self.render_to_response({"sms": settings.SMS_NUMBER, **context}, status=status)

    def found(self, dossier: Dossier) -> dict[str, Any]:
        """Code and degree of completion, nothing else (TT01/18 Art 16.2d; invariant 15)."""
        return {
            "code": dossier.public_code,
            "tags": tracking.tags(dossier)[:1],
            "degree": tracking.degree(dossier),
            "steps": tracking.steps(dossier, dated=False),
            "survey": reverse("portal:survey_by_lookup", args=[surveys.token_for(dossier)])
            if surveys.is_open(dossier)
            else "",
        }
