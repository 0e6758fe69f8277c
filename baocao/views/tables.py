"""The running month, the table of a period, its files, and closing it."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone

from baocao import closing, exports, figures
from baocao.forms import YEAR_BEFORE, ReportFilter
from baocao.models import Snapshot
from baocao.periods import Period
from baocao.reports import national
from baocao.reports.base import Head, Report, Row
from baocao.reports.on_time import OnTime
from baocao.views.base import Figure, ReportPage, ReportView

PAGE_SIZE = 50
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


class Home(ReportPage):
    """The running month at a glance, and the months behind it."""

    template_name = "baocao/home.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Main figures of the running month, the last periods and whether they are closed."""
        before = self.periods.before(self.period).as_far_as(self.period, self.now)
        offered = self.periods.choices(self.now)
        closed = {s.period: s for s in Snapshot.objects.filter(agency=self.root, report=closing.REPORT)}

        def entry(period: Period) -> dict[str, Any]:
            return {
                "period": period,
                "url": self.address("table", ky=period.key),
                "closed": closed.get(period.key),
                "ended": period.has_ended(self.now),
            }

        return super().get_context_data(**kwargs) | {
            "kpis": figures.kpis(self.report.total().tally, self.counted(before).total().tally, self.behind),
            "before": before,
            "months": [entry(period) for period in offered["Tháng"][:7]],
            "longer": [entry(p) for p in offered["Quý, 6 tháng, năm"] if p.is_official][:6],
            "watches": self.watches(),
        }


class Table(ReportPage):
    """The official table; beside it the closed figures, where they were others than today's."""

    template_name = "baocao/table.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Table, bars, comparison, closing."""
        report, period = self.report, self.period
        compared = self._compared()
        snapshot = closing.closed(report) if not self.level else None
        agencies = report.rows_by_agency()
        changed = closing.differences(snapshot, report) if snapshot else []
        total = report.total()
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
            "kpis": figures.kpis(total.tally, self.counted(compared).total().tally, self.behind),
            "table": as_table(report, report.rows(), total, self._figure("linh_vuc")),
            "by_agency": as_table(report, agencies, total, self._figure("co_quan"), "Cơ quan")
            if len(agencies) > 1
            else None,
            "bars": figures.bars(report, agencies, reverse("baocao:agency")) if len(agencies) > 1 else [],
            "mark": period.regime.target or "",
            "legend": figures.legend(period.regime.target),
            "national": national.ratio(report),
            "own": figures.shown(figures.timely(total.tally), 2),
            "xlsx": self.address("xlsx"),
            "pdf": self.address("pdf"),
            "snapshot": snapshot,
            "intact": snapshot is None or closing.is_intact(snapshot),
            "changed": changed,
            "frozen": self._frozen(snapshot) if snapshot and changed else None,
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
        return earlier(self.period).as_far_as(self.period, self.now)

    def _figure(self, name: str) -> Figure:
        """Gives the address of the list behind a figure of a row."""

        def address(row: Row, number: int) -> str:
            return self.address("dossiers", cot=str(number), **({name: row.key} if row.key else {}))

        return address

    def _frozen(self, snapshot: Snapshot) -> dict[str, Any]:
        kept = closing.Frozen(snapshot, self.report.layout.key)
        return as_table(kept, kept.rows(), kept.total(), None)


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


class Close(ReportView):
    """Freeze the figures of a period that has ended."""

    def get(self, request: HttpRequest) -> HttpResponseBase:
        """The table the button stands under."""
        return HttpResponseRedirect(self.address("table"))

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
                f"Đã chốt {self.period.title} lúc {at:%H:%M} ngày {at:%d/%m/%Y}, người chốt: {snapshot.closed_by}.",
            )
        return HttpResponseRedirect(self.address("table"))


class Xlsx(ReportView):
    """The table as a workbook."""

    def get(self, request: HttpRequest) -> HttpResponseBase:
        """Written, checked, then sent."""
        name = f"bieu-{self.report.layout.key}-{self.period.key}.xlsx"
        file = exports.workbook_of(self.report)
        return FileResponse(file, as_attachment=True, filename=name, content_type=XLSX)


class Pdf(ReportView):
    """The table on paper, A4 across."""

    def get(self, request: HttpRequest) -> HttpResponseBase:
        """Drawn on the spot."""
        first, last = self.period.first_day, self.period.last_day
        note = f"Số liệu từ 00:00 ngày {first:%d/%m/%Y} đến 24:00 ngày {last:%d/%m/%Y}."
        answer = HttpResponse(exports.pdf_of(self.report, note=note), content_type="application/pdf")
        name = f"bieu-{self.report.layout.key}-{self.period.key}.pdf"
        answer["Content-Disposition"] = f'inline; filename="{name}"'
        return answer


def as_table(
    report: Report, rows: list[Row], total: Row, figure: Figure | None, label: str = ""
) -> dict[str, Any]:
    """A report in the shape of components/official-table.html.

    `figure` gives the address behind a number, `label` another head for the second column.
    """

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
    heads = [
        [Head(label, cell.span, cell.down, cell.pin) if label and cell.pin else cell for cell in storey]
        for storey in report.heads
    ]
    return {
        "heads": heads,
        "numbers": ["(1)", "(2)", *(column.index for column in report.columns)],
        "rows": [*lines, line(total, None)],
    }
