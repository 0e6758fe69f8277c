"""Pages of the reports: the table of a period, one agency in depth, lists behind figures, closing a period."""

from collections.abc import Callable
from datetime import datetime
from functools import cached_property
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import (
    FileResponse,
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseBase,
    HttpResponseRedirect,
)
from django.urls import reverse
from django.utils import timezone
from django.views.generic import TemplateView, View

from baocao import closing, exports, figures
from baocao.agencies import Tree
from baocao.forms import LEVELS, YEAR_BEFORE, ReportFilter
from baocao.models import Snapshot
from baocao.periods import Period, Periods
from baocao.reports import national, watch
from baocao.reports.base import Row
from baocao.reports.layouts import LAYOUTS
from baocao.reports.on_time import OnTime
from baocao.rights import Reach, reach_of
from danhmuc.models import Agency, User
from hoso.models import Dossier

PAGE_SIZE = 50
_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


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
        return OnTime(period, self.root, now=self.now, level=self.level)

    def asked(self, name: str) -> str:
        """A word of the address or of the form sent."""
        return self.request.POST.get(name) or self.request.GET.get(name, "")

    def address(self, name: str, **more: str) -> str:
        """A page for the same period, agency and level."""
        chosen = {"ky": self.period.key, "don_vi": self.root.key, "cap": self.level} | more
        return f"{reverse(f'baocao:{name}')}?{urlencode({k: v for k, v in chosen.items() if v})}"


class ReportPage(ReportView, TemplateView):
    """A page with what its head says."""

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Period, agency and ways between the pages."""
        return super().get_context_data(**kwargs) | {
            "period": self.period,
            "root": self.root,
            "sections": self._sections(),
        }

    def _sections(self) -> list[dict[str, Any]]:
        here = self.request.resolver_match.url_name if self.request.resolver_match else ""
        return [
            {"text": text, "url": self.address(name), "current": here == name}
            for name, text in (
                ("table", "Biểu báo cáo"),
                ("agency", "Theo dõi đơn vị"),
                ("closings", "Kỳ đã chốt"),
            )
        ]


class Home(ReportPage):
    """The running month at a glance, and the months behind it."""

    template_name = "baocao/home.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Main figures of the running month, the last periods and whether they are closed."""
        before = self.periods.before(self.period)
        recent = [p for p in self.periods.choices(self.now)["Tháng"][:7]]
        closed = {s.period: s for s in Snapshot.objects.filter(agency=self.root, report=closing.REPORT)}
        return super().get_context_data(**kwargs) | {
            "kpis": _opened(
                self, figures.kpis(self.report.total().tally, self.counted(before).total().tally)
            ),
            "before": before,
            "months": [
                {
                    "period": p,
                    "url": self.address("table", ky=p.key),
                    "closed": closed.get(p.key),
                    "ended": p.has_ended(self.now),
                }
                for p in recent
            ],
            "watches": _watches(self),
            "longer": [
                {"period": p, "url": self.address("table", ky=p.key), "closed": closed.get(p.key)}
                for p in self.periods.choices(self.now)["Quý, 6 tháng, năm"]
                if p.is_official
            ][:6],
        }


class Table(ReportPage):
    """The official table; the closed figures where the period is closed, with what counts differently today."""

    template_name = "baocao/table.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Table, bars, comparison, closing."""
        report, period = self.report, self.period
        compared = self._compared()
        snapshot = closing.closed(report) if not self.level else None
        rows_by_agency = report.rows_by_agency()
        changed = closing.differences(snapshot, report) if snapshot else []
        return super().get_context_data(**kwargs) | {
            "filter": ReportFilter(
                {"ky": period.key, "don_vi": self.root.key, "cap": self.level, "ss": self.asked("ss")},
                periods=self.periods,
                period=period,
                now=self.now,
            ),
            "report": report,
            "running": not period.has_ended(self.now),
            "compared": compared,
            "kpis": _opened(self, figures.kpis(report.total().tally, self.counted(compared).total().tally)),
            "table": table(report, report.rows(), report.total(), self._figure("linh_vuc")),
            "by_agency": table(report, rows_by_agency, report.total(), self._figure("co_quan"))
            if len(rows_by_agency) > 1
            else None,
            "bars": figures.bars(report, rows_by_agency, reverse("baocao:agency"))
            if len(rows_by_agency) > 1
            else [],
            "mark": figures.TARGET,
            "legend": figures.LEGEND,
            "national": national.ratio(report),
            "own": figures.shown(figures.timely(report.total().tally), 2),
            "xlsx": self.address("xlsx"),
            "pdf": self.address("pdf"),
            "snapshot": snapshot,
            "frozen": self._frozen(snapshot) if snapshot and changed else None,
            "intact": snapshot is None or closing.is_intact(snapshot),
            "changed": changed,
            "journal": closing.journal(snapshot, report)[: closing.MOST_NAMED]
            if snapshot and changed
            else [],
            "may_close": not self.level
            and snapshot is None
            and period.has_ended(self.now)
            and self.reach.may_close(self.root),
        }

    def _compared(self) -> Period:
        earlier = self.periods.year_before if self.asked("ss") == YEAR_BEFORE else self.periods.before
        return earlier(self.period)

    def _figure(self, name: str) -> Callable[[Row, int], str]:
        """The address of the list behind a figure of a row."""

        def address(row: Row, number: int) -> str:
            return self.address("dossiers", cot=str(number), **({name: row.key} if row.key else {}))

        return address

    def _frozen(self, snapshot: Snapshot) -> dict[str, Any]:
        kept = closing.Frozen(snapshot, self.report.layout.key)
        return table(kept, kept.rows(), kept.total(), None)


class AgencyPage(ReportPage):
    """One agency in depth: fields, steps, the longest overdue, and the lists a head has to look at."""

    template_name = "baocao/agency.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Figures of the period and of the work in hand today."""
        report = self.report
        before = self.periods.before(self.period)
        open_now = OnTime(self.period, self.root, now=self.now, tree=self.today)
        late = watch.overdue(open_now, self.now)
        return super().get_context_data(**kwargs) | {
            "filter": ReportFilter(
                {"ky": self.period.key, "don_vi": self.root.key},
                periods=self.periods,
                period=self.period,
                now=self.now,
            ),
            "before": before,
            "kpis": _opened(self, figures.kpis(report.total().tally, self.counted(before).total().tally)),
            "fields": [self._field(row) for row in [*report.rows(), report.total()]],
            "steps": [_step_bar(step, self.address("agency")) for step in watch.step_times(report)],
            "step_legend": [{"text": "Đúng hạn", "fill": "ok"}, {"text": "Quá hạn", "fill": "late"}],
            "watches": _watches(self),
            "late": late.select_related("version", "holder", "holder_agency")[:10],
            "holders": watch.holders(late),
            "late_steps": watch.steps(late),
            "national": national.ratio(report),
            "own": figures.shown(figures.timely(report.total().tally), 2),
            "crumbs": self._crumbs(),
            "table_url": self.address("table"),
            "late_url": self.address("watch", muc="qua-han"),
        }

    def _field(self, row: Row) -> dict[str, Any]:
        columns = {column.parts: column.number for column in self.report.columns}

        def link(*parts: str) -> str:
            more = {"linh_vuc": row.key} if row.key else {}
            return self.address("dossiers", cot=str(columns[parts]), **more)

        tally = row.tally
        return {
            "label": row.label,
            "is_total": not row.key,
            "resolved": tally.get("early", "on_time", "overdue"),
            "resolved_url": link("early", "on_time", "overdue"),
            "overdue": tally.get("overdue"),
            "overdue_url": link("overdue"),
            "late": tally.get("late"),
            "late_url": link("late"),
            "timely": figures.shown(figures.timely(tally)),
        }

    def _crumbs(self) -> list[dict[str, str]]:
        home = self.reach.home
        crumbs = []
        if home is not None and home.pk != self.root.pk:
            crumbs.append(
                {
                    "text": f"{home.name}, {self.period.title}",
                    "url": self.address("table", don_vi=home.key),
                }
            )
        return [*crumbs, {"text": self.root.name, "url": ""}]


class Closings(ReportPage):
    """Closed periods of an agency, newest first."""

    template_name = "baocao/closings.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """A page of them, each checked against its own digest."""
        found = Snapshot.objects.filter(agency=self.root).select_related("closed_by", "agency")
        page = Paginator(found, PAGE_SIZE).get_page(self.request.GET.get("trang"))
        return super().get_context_data(**kwargs) | {
            "page_obj": page,
            "closings": [
                {
                    "snapshot": snapshot,
                    "period": self.periods.get(snapshot.period),
                    "url": self.address("table", ky=snapshot.period),
                    "intact": closing.is_intact(snapshot),
                }
                for snapshot in page.object_list
            ],
        }


class _Listing(ReportPage):
    """A list of dossiers: what a figure counts or a head looks at. Codes and dates, nothing about people."""

    template_name = "baocao/dossiers.html"

    def found(self) -> tuple[str, str, QuerySet[Dossier]]:
        """Title, explanation and dossiers. 404 for a list that is not."""
        raise NotImplementedError

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """The page, or the whole list as a workbook."""
        if self.asked("dang") == "xlsx":
            title, _, dossiers = self.found()
            return _file(exports.workbook_of_list(title, dossiers), f"ho-so-{self.period.key}.xlsx")
        return super().get(request, *args, **kwargs)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """One page of the list; the reader may open those dossiers the reader may see."""
        title, text, dossiers = self.found()
        page = Paginator(
            dossiers.select_related("version", "field", "resolving_agency").defer(
                "answers", "search", "version__eform", "version__steps_text", "version__legal_basis"
            ),
            PAGE_SIZE,
        ).get_page(self.request.GET.get("trang"))
        shown = [dossier.pk for dossier in page.object_list]
        mine = set(Dossier.objects.visible_to(self.reader).filter(pk__in=shown).values_list("pk", flat=True))
        return super().get_context_data(**kwargs) | {
            "title": title,
            "text": text,
            "page_obj": page,
            "rows": [{"dossier": dossier, "opens": dossier.pk in mine} for dossier in page.object_list],
            "back": self.address("table"),
        }


class Dossiers(_Listing):
    """The dossiers behind one figure of the table."""

    def found(self) -> tuple[str, str, QuerySet[Dossier]]:
        """By column, and by field or agency."""
        number = self.asked("cot")
        column = self.report.layout.column(int(number)) if number.isdigit() else None
        if column is None:
            raise Http404("Không có cột này.")
        agency = None
        if key := self.asked("co_quan"):
            agency = self.today.by_key(key)
            if agency is None or not self.reach.covers(agency, self.today):
                raise Http404("Không có cơ quan này trong phạm vi được xem.")
        listed = self.report.listed(column, field=self.asked("linh_vuc"), agency=agency)
        whose = agency.name if agency else self.root.name
        text = f"Cột ({column.number}) của biểu {self.report.layout.key}, {self.period.title}, {whose}."
        return column.text, text, listed


class WatchList(_Listing):
    """One of the management lists."""

    def found(self) -> tuple[str, str, QuerySet[Dossier]]:
        """By its name."""
        chosen = watch.WATCHES.get(self.asked("muc"))
        if chosen is None:
            raise Http404("Không có danh sách này.")
        return chosen.title, f"{chosen.text} {self.root.name}.", chosen.find(_scope(self, chosen), self.now)


class Xlsx(ReportView):
    """The table as a workbook."""

    def get(self, request: HttpRequest) -> HttpResponseBase:
        """Written, checked, then sent."""
        return _file(
            exports.workbook_of(self.report), f"bieu-{self.report.layout.key}-{self.period.key}.xlsx"
        )


class Pdf(ReportView):
    """The table on paper."""

    def get(self, request: HttpRequest) -> HttpResponseBase:
        """A4 across."""
        first, last = self.period.first_day, self.period.last_day
        note = f"Số liệu từ 00:00 ngày {first:%d/%m/%Y} đến 24:00 ngày {last:%d/%m/%Y}."
        answer = HttpResponse(exports.pdf_of(self.report, note=note), content_type="application/pdf")
        name = f"bieu-{self.report.layout.key}-{self.period.key}.pdf"
        answer["Content-Disposition"] = f'inline; filename="{name}"'
        return answer


class Close(ReportView):
    """Freeze the figures of a period that has ended."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest) -> HttpResponseBase:
        """By those answerable for the agency; a second closing changes nothing and says who was first."""
        if not self.reach.may_close(self.root):
            raise PermissionDenied
        try:
            snapshot = closing.close(OnTime(self.period, self.root, now=self.now), by=self.reader)
        except closing.NotYet as refused:
            messages.error(request, str(refused))
        else:
            at = timezone.localtime(snapshot.closed_at)
            messages.success(
                request,
                f"Đã chốt {self.period.title} lúc {at:%H:%M} ngày {at:%d/%m/%Y}: {snapshot.closed_by}.",
            )
        return HttpResponseRedirect(self.address("table"))


def table(
    report: Any, rows: list[Row], total: Row, figure: Callable[[Row, int], str] | None
) -> dict[str, Any]:
    """A report in the shape of components/official-table.html; `figure` gives the address behind a number."""

    def line(row: Row, number: int | None) -> dict[str, Any]:
        values = row.cells(report.columns)
        return {
            "number": number,
            "label": row.label,
            "sum": number is None,
            "cells": [
                {
                    "value": value,
                    "url": figure(row, column.number) if figure and value else "",
                    "hot": column.hot and value > 0,
                }
                for column, value in zip(report.columns, values, strict=True)
            ],
        }

    lines = [line(row, number) for number, row in enumerate(rows, start=1)]
    return {
        "heads": report.heads,
        "numbers": ["(1)", "(2)", *(column.index for column in report.columns)],
        "rows": [*lines, line(total, None)],
    }


def _scope(view: ReportView, chosen: watch.Watch) -> OnTime:
    """Open work is listed by today's tree, a period by its own."""
    return view.report if chosen.of_period else OnTime(view.period, view.root, now=view.now, tree=view.today)


def _watches(view: ReportView) -> list[dict[str, Any]]:
    return [
        {
            "title": one.title,
            "text": one.text,
            "count": one.find(_scope(view, one), view.now).order_by().count(),
            "url": view.address("watch", muc=one.key),
        }
        for one in watch.WATCHES.values()
    ]


def _opened(view: ReportView, items: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Main figures that are one column of the table open its list."""
    columns = {column.parts: column.number for column in LAYOUTS[view.period.regime.layout].columns}
    opens = {
        "Đã giải quyết": columns["early", "on_time", "overdue"],
        "Đang giải quyết": columns["within", "late"],
        "Còn quá hạn": columns[("late",)],
    }
    for item in items:
        if number := opens.get(item["label"]):
            item["url"] = view.address("dossiers", cot=str(number))
    return items


def _step_bar(step: watch.StepTime, url: str) -> dict[str, Any]:
    in_time = round(step.share, 2)
    return {
        "text": step.label,
        "value": figures.shown(step.share / 100),
        "note": f"· {step.late} trên {step.total} lượt quá hạn",
        "url": url,
        "parts": [
            {"x": 0, "width": in_time, "fill": "ok"},
            {"x": in_time, "width": round(100 - in_time, 2), "fill": "late"},
        ],
    }


def _file(file: Any, name: str) -> FileResponse:
    return FileResponse(file, as_attachment=True, filename=name, content_type=_XLSX)
