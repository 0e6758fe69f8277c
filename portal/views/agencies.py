"""Who does what where: the agencies of all levels (PT Art 5.1a)."""

from typing import Any

from django.core.paginator import Paginator
from django.http import Http404
from django.utils.translation import gettext as _
from django.views.generic import TemplateView

from danhmuc.models import Agency
from portal.services import agencies
from portal.views.base import PublicMixin
from portal.views.finding import level_tag

PAGE = 30


class AgencyList(PublicMixin, TemplateView):
    """Centres, departments, communes of today; on request those before 01/7/2025 with who took over."""

    template_name = "portal/agencies.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Departments as one list, communes and districts thirty a page, by name."""
        era = "truoc" if self.request.GET.get("luc") == "truoc" else ""
        named = " ".join(self.request.GET.get("ten", "").replace("\x00", "").split())[:80]
        on = agencies.day_of(era)
        page = Paginator(agencies.local(on, Agency.Level.COMMUNE, named), PAGE).get_page(
            self.request.GET.get("page")
        )
        return super().get_context_data(
            era=era,
            named=named,
            page=page,
            desks=[] if named else agencies.desks(on),
            provincial=[] if named else agencies.provincial(on),
            districts=list(agencies.local(on, Agency.Level.DISTRICT, named)[:40]) if era else [],
            **kwargs,
        )


class AgencyPage(PublicMixin, TemplateView):
    """One agency: address, telephone, where it takes papers in, what became of it, what it resolves."""

    template_name = "portal/agency.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Its procedures thirty a page."""
        agency = (
            Agency.objects.select_related("parent")
            .filter(key=kwargs["key"], level__in=agencies.SHOWN_LEVELS)
            .first()
        )
        if agency is None:
            raise Http404(_("Không có cơ quan này."))
        found = agencies.profile(agency)
        page = Paginator(found.resolves, PAGE).get_page(self.request.GET.get("page"))
        return super().get_context_data(
            agency=agency,
            profile=found,
            page=page,
            rows=[{"procedure": p, "tag": level_tag(p.current)} for p in page.object_list if p.current],
            **kwargs,
        )
