"""The boxes of a place drawn for another province or era, for the script that spares a whole page."""

import re
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.utils.cache import patch_cache_control, patch_vary_headers
from django.views.generic import View

from config.ui import marked_options
from danhmuc.models import Place
from hoso.forms.eform_places import Places, PlaceWidget
from portal.views.base import PublicMixin


class PlaceBoxes(PublicMixin, View):
    """Reference data only, so open to everyone; what comes in names boxes of the asker's own page."""

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """The boxes as a form draws them."""
        name, id_ = request.GET.get("name", ""), request.GET.get("id", "")
        era, province = request.GET.get("e", ""), request.GET.get("p", "")
        if not (re.fullmatch(r"[\w-]{1,80}", name) and re.fullmatch(r"[\w-]{1,90}", id_)):
            raise Http404
        if era not in Place.Era.values or not re.fullmatch(r"\w{0,5}", province, re.ASCII):
            raise Http404
        chosen = {"province": province, "commune": "", "units_version": era, "detail": "", "country": ""}
        widget = PlaceWidget(Places(), whole="t" in request.GET)
        response = HttpResponse(marked_options(widget.render(name, chosen, {"id": id_})))
        patch_cache_control(response, private=True, max_age=3600)
        patch_vary_headers(response, ["Cookie"])  # the language
        return response
