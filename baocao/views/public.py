"""For everyone: what each unit received and resolved, and how timely (PT Art 5.2)."""

from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.core.paginator import Paginator
from django.db.models import F, Sum
from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.utils.decorators import method_decorator
from django.utils.translation import gettext_lazy as _
from django.views.generic import TemplateView

from baocao.models import PublicPeriod, UnitMonth
from danhmuc.models import Agency
from danhmuc.text import fold

PAGE = 50
SUMS = ("received", "online", "early", "on_time", "overdue")
LEVELS = {"tinh": _("Cấp tỉnh"), "xa": _("Cấp xã"), "huyen": _("Cấp huyện")}
_STORED = {"tinh": Agency.Level.PROVINCE, "xa": Agency.Level.COMMUNE, "huyen": Agency.Level.DISTRICT}


class PublicPage(TemplateView):
    """Open to everyone; figures were counted beforehand."""

    @method_decorator(login_not_required)
    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Let anyone in."""
        return super().dispatch(request, *args, **kwargs)


class Results(PublicPage):
    """One month, a line a unit, fifty a page, with the line of all."""

    template_name = "baocao/public.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """The month asked for, else the last whole one; what makes no sense in the address is passed over."""
        periods = list(PublicPeriod.objects.all()[:24])
        asked = self.request.GET.get("ky", "")
        period = next((p for p in periods if p.period == asked), None)
        period = period or next(iter(periods[1:2] or periods), None)
        level = self.request.GET.get("cap", "")
        level = level if level in LEVELS else ""
        named = " ".join(self.request.GET.get("ten", "").replace("\x00", "").split())[:80]
        rows = UnitMonth.objects.filter(period=period.period if period else "").select_related("agency")
        if level:
            rows = rows.filter(agency__level=_STORED[level])
        for word in fold(named).split()[:6]:
            rows = rows.filter(agency__folded_name__contains=word)
        # Departments first, then communes by the name people know them by.
        place = F("agency__place__folded_name").asc(nulls_first=True)
        page = Paginator(rows.order_by(place, "agency__path"), PAGE).get_page(self.request.GET.get("page"))
        sums = rows.aggregate(**{name: Sum(name, default=0) for name in SUMS})
        return super().get_context_data(
            periods=periods,
            period=period,
            level=level,
            levels=LEVELS.items(),
            named=named,
            page=page,
            total=UnitMonth(period="", **sums),
            **kwargs,
        )


class UnitResults(PublicPage):
    """One unit, a line a month."""

    template_name = "baocao/public_unit.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """At most thirteen months."""
        agency = Agency.objects.filter(key=kwargs["key"]).exclude(level=Agency.Level.POST).first()
        if agency is None:
            raise Http404
        titles = {p.period: p for p in PublicPeriod.objects.all()[:24]}
        found = {row.period: row for row in UnitMonth.objects.filter(agency=agency, period__in=titles)}
        rows = [(titles[key], found[key]) for key in titles if key in found]
        sums = {name: sum(getattr(row, name) for _, row in rows) for name in SUMS}
        return super().get_context_data(
            agency=agency, rows=rows, total=UnitMonth(period="", **sums), **kwargs
        )
