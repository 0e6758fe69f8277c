"""What the pages of the reports share: who may read, which period and agency are asked for, the ways between pages."""

from collections.abc import Callable
from datetime import datetime
from functools import cached_property
from typing import Any
from urllib.parse import urlencode

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponseBase
from django.urls import reverse
from django.utils import timezone
from django.views.generic import TemplateView, View

from baocao.agencies import Tree
from baocao.forms import LEVELS
from baocao.periods import Period, Periods
from baocao.reports import watch
from baocao.reports.layouts import LAYOUTS
from baocao.reports.on_time import OnTime
from baocao.rights import Reach, reach_of
from danhmuc.models import Agency, User

_WATCH_ICONS = {
    "qua-han": "triangle",
    "gia-han": "hourglass",
    "qua-han-lan-dau": "calendar",
    "bo-sung-nhieu-lan": "return",
    "cho-tra-30-ngay": "inbox",
}


class ReportView(View):
    """For those whose position opens figures. The address says which period, whose, and which level."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Refuse accounts without such a position (403)."""
        if not self.reach:
            raise PermissionDenied
        return super().dispatch(request, *args, **kwargs)

    @property
    def reader(self) -> User:
        """Who is asking."""
        user = self.request.user
        assert isinstance(user, User)
        return user

    @cached_property
    def reach(self) -> Reach:
        """What this person may read."""
        return reach_of(self.reader)

    @cached_property
    def now(self) -> datetime:
        """One moment for all figures of a page."""
        return timezone.now()

    @cached_property
    def today(self) -> Tree:
        """The agencies of today, by which rights are judged and open work is listed."""
        return Tree(timezone.localdate(self.now))

    @cached_property
    def periods(self) -> Periods:
        """Periods by the report sets on file."""
        return Periods()

    @cached_property
    def period(self) -> Period:
        """The period asked for, the running month when none is; 404 for one that cannot be."""
        key = self.asked("ky")
        found = self.periods.get(key) if key else self.periods.month_at(self.now)
        if found is None or found.starts_at > self.now:
            raise Http404("Không có kỳ báo cáo này.")
        return found

    @cached_property
    def root(self) -> Agency:
        """Whose figures; another's are a 404."""
        key = self.asked("don_vi")
        agency = self.today.by_key(key) if key else self.reach.home
        if agency is None or not self.reach.covers(agency, self.today):
            raise Http404("Không có đơn vị này trong phạm vi được xem.")
        return agency

    @cached_property
    def level(self) -> str:
        """The level chosen, if it is one."""
        level = self.asked("cap")
        return level if level in dict(LEVELS) else ""

    @cached_property
    def report(self) -> OnTime:
        """The table as it counts today."""
        return self.counted(self.period)

    def counted(self, period: Period) -> OnTime:
        """The table of another period, for the same agency and level."""
        return OnTime(
            period, self.root, now=self.now, tree=self.today.on_day(period.last_day), level=self.level
        )

    @cached_property
    def in_hand(self) -> OnTime:
        """The same scope by today's tree: open work is listed by it (domain §4.1)."""
        return OnTime(self.period, self.root, now=self.now, tree=self.today, level=self.level)

    def asked(self, name: str) -> str:
        """A word of the address or of the form sent."""
        return self.request.POST.get(name) or self.request.GET.get(name, "")

    def address(self, name: str, **more: str) -> str:
        """A page for the same period, agency and level."""
        chosen = {"ky": self.period.key, "don_vi": self.root.key, "cap": self.level} | more
        return f"{reverse(f'baocao:{name}')}?{urlencode({k: v for k, v in chosen.items() if v})}"

    def behind(self, parts: tuple[str, ...]) -> str:
        """The address of the dossiers of some classes; empty when the layout has no column for them."""
        numbers = LAYOUTS[self.period.regime.layout].numbers_of(parts)
        return self.address("dossiers", cot=numbers) if numbers else ""

    def watched(self, chosen: watch.Watch) -> OnTime:
        """By which tree a management list is drawn up."""
        return self.report if chosen.of_period else self.in_hand


class ReportPage(ReportView, TemplateView):
    """A page with its side menu."""

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Period, agency and ways between the pages."""
        return super().get_context_data(**kwargs) | {
            "period": self.period,
            "root": self.root,
            "menu": self._menu(),
            "unit": self.reach.home.short_name or self.reach.home.name if self.reach.home else "",
        }

    def watches(self) -> list[dict[str, Any]]:
        """The management lists with how many are on each."""
        return [
            {
                "title": one.title,
                "text": one.text,
                "count": one.find(self.watched(one), self.now).order_by().count(),
                "url": self.address("watch", muc=one.key),
            }
            for one in watch.WATCHES.values()
        ]

    def _menu(self) -> list[dict[str, Any]]:
        here = self.request.resolver_match.url_name if self.request.resolver_match else ""
        pages = (
            ("home", "Tổng quan", "house"),
            ("table", "Biểu báo cáo", "chart"),
            ("agency", "Theo cơ quan", "building"),
            ("closings", "Kỳ đã chốt", "lock"),
        )
        reports = [
            {"label": label, "url": self.address(name), "icon": icon, "current": here == name}
            for name, label, icon in pages
        ]
        late = watch.overdue(self.in_hand, self.now).count()
        lists = [
            {
                "label": one.title,
                "url": self.address("watch", muc=one.key),
                "icon": _WATCH_ICONS[one.key],
                "current": here == "watch" and self.asked("muc") == one.key,
                "count": late if one.key == "qua-han" else 0,
                "hot": one.key == "qua-han",
            }
            for one in watch.WATCHES.values()
        ]
        desk = [{"label": "Hộp việc", "url": reverse("hoso:home"), "icon": "inbox", "current": False}]
        return [
            {"label": "Báo cáo", "items": reports},
            {"label": "Theo dõi", "items": lists},
            {"label": "Công việc", "items": desk},
        ]


Figure = Callable[[Any, int], str]
