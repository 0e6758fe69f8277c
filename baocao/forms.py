"""The choice of a period, level and comparison above a report."""

from datetime import datetime
from typing import Any

from django import forms

from baocao.periods import Period, Periods
from danhmuc.models import Agency

LEVELS = (
    ("", "Tất cả"),
    (Agency.Level.PROVINCE, "Cấp tỉnh"),
    (Agency.Level.DISTRICT, "Cấp huyện"),
    (Agency.Level.COMMUNE, "Cấp xã"),
)
BEFORE, YEAR_BEFORE = "truoc", "nam-truoc"


class ReportFilter(forms.Form):
    """Which period, for whom, against what. Left empty it means the month that is running."""

    don_vi = forms.CharField(required=False, widget=forms.HiddenInput)
    ky = forms.ChoiceField(label="Kỳ báo cáo", required=False)
    cap = forms.ChoiceField(label="Cấp", required=False, choices=LEVELS)
    ss = forms.ChoiceField(
        label="So sánh với",
        required=False,
        choices=[(BEFORE, "Kỳ trước"), (YEAR_BEFORE, "Cùng kỳ năm trước")],
    )

    def __init__(
        self, *args: Any, periods: Periods, period: Period, now: datetime, short: bool = False, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        if short:  # one agency has one level, and is compared with the period before
            del self.fields["cap"], self.fields["ss"]
        groups: list[Any] = []
        known = set()
        for label, offered in periods.choices(now).items():
            groups.append((label, [(p.key, _words(p)) for p in offered]))
            known |= {p.key for p in offered}
        if period.key not in known:
            groups.append(("Kỳ đang xem", [(period.key, _words(period))]))
        choice = self.fields["ky"]
        assert isinstance(choice, forms.ChoiceField)
        choice.choices = groups
        self.initial = {"ky": period.key}


def _words(period: Period) -> str:
    title = period.title[0].upper() + period.title[1:]
    return title if period.is_official else f"{title} (theo dõi)"
