"""One agency in depth: fields, steps, the longest overdue, and the lists a head has to look at."""

from typing import Any

from baocao import figures
from baocao.forms import ReportFilter
from baocao.reports import national, watch
from baocao.reports.base import Row
from baocao.reports.layouts import RESOLVED
from baocao.views.base import ReportPage


class AgencyPage(ReportPage):
    """Figures of the period and of the work in hand today."""

    template_name = "baocao/agency.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Everything a head looks at in the morning."""
        report, period = self.report, self.period
        before = self.periods.before(period).as_far_as(period, self.now)
        total = report.total()
        late = watch.overdue(self.in_hand, self.now)
        return super().get_context_data(**kwargs) | {
            "filter": ReportFilter(
                {"ky": period.key, "don_vi": self.root.key},
                periods=self.periods,
                period=period,
                now=self.now,
                short=True,
            ),
            "before": before,
            "kpis": figures.kpis(total.tally, self.counted(before).total().tally, self.behind),
            "fields": [self._field(row) for row in [*report.rows(), total]],
            "steps": [self._step(step) for step in watch.step_times(report)],
            "step_legend": [{"text": "Đúng hạn", "fill": "ok"}, {"text": "Quá hạn", "fill": "late"}],
            "watches": self.watches(),
            "late": list(late.select_related("version", "holder", "holder_agency")[:10]),
            "late_url": self.address("watch", muc="qua-han"),
            "holders": watch.holders(late),
            "late_steps": watch.steps(late),
            "national": national.ratio(report),
            "own": figures.shown(figures.timely(total.tally), 2),
            "crumbs": self._crumbs(),
            "table_url": self.address("table"),
        }

    def _field(self, row: Row) -> dict[str, Any]:
        def link(*parts: str) -> str:
            more = {"linh_vuc": row.key} if row.key else {}
            return self.address("dossiers", cot=self.report.layout.numbers_of(parts), **more)

        return {
            "label": row.label,
            "is_total": not row.key,
            "resolved": row.tally.get(*RESOLVED),
            "resolved_url": link(*RESOLVED),
            "overdue": row.tally.get("overdue"),
            "overdue_url": link("overdue"),
            "late": row.tally.get("late"),
            "late_url": link("late"),
            "timely": figures.shown(figures.timely(row.tally)),
        }

    def _step(self, step: watch.StepTime) -> dict[str, Any]:
        in_time = round(step.share, 2)
        return {
            "text": step.label,
            "value": figures.shown(step.share / 100),
            "note": f"· {step.late} trên {step.total} lượt quá hạn",
            "url": self.address("dossiers", cot=self.report.layout.numbers_of(RESOLVED)),
            "parts": [
                {"x": 0, "width": in_time, "fill": "ok"},
                {"x": in_time, "width": round(100 - in_time, 2), "fill": "late"},
            ],
        }

    def _crumbs(self) -> list[dict[str, str]]:
        home = self.reach.home
        if home is None or home.pk == self.root.pk:
            return []
        up = {
            "text": f"{home.short_name or home.name}, {self.period.title}",
            "url": self.address("table", don_vi=home.key),
        }
        return [up, {"text": self.root.name, "url": ""}]
