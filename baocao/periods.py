"""Reporting periods and the regime that shapes them: which days, which layout, which way of counting (domain §18.1).

A month's figures run from the cut-off day of the month before to the day before the cut-off of its own month. Both
ends of a period are edges of months, so periods follow each other without a gap or an overlap even where the
cut-off day changes from one regime to the next.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from functools import cached_property

from django.utils import timezone

from danhmuc.models import RuleSet

_KEY = re.compile(r"^(\d{4})(?:-(0[1-9]|1[0-2])|-Q([1-4])|-H([12]))?$")
_ROMAN = ("I", "II", "III", "IV")
ADJUSTED, ORIGINAL = "ADJUSTED", "ORIGINAL"
IN_PROGRESS, RESOLVED_ON_TIME = "IN_PROGRESS", "RESOLVED_ON_TIME"
#: How far back the choice of periods reaches.
SHOWN_MONTHS = 24


class RegimeError(ValueError):
    """A report set that cannot be used, in words for the administrator."""


@dataclass(frozen=True)
class Regime:
    """One report set (TT01/2020, TT09/2026) with its knobs; `layout` names the table."""

    key: str
    name: str
    valid_from: date
    valid_to: date | None
    layout: str = "07a"
    from_day: int = 15
    due_basis: str = ADJUSTED
    supplement_counting: str = IN_PROGRESS
    official: frozenset[str] = frozenset()
    target: float | None = None

    @classmethod
    def of(cls, row: RuleSet) -> "Regime":
        """Read a report set. RegimeError for knobs that contradict each other."""
        values = row.values
        from_day, to_day = values.get("report_from_day", 15), values.get("report_to_day")
        if not 1 <= from_day <= 28 or (to_day is not None and from_day > 1 and to_day != from_day - 1):
            raise RegimeError(f"{row.key}: kỳ báo cáo từ ngày {from_day} đến ngày {to_day} không liền nhau.")
        due_basis = values.get("report_due_basis", ADJUSTED)
        counting = values.get("supplement_counting", IN_PROGRESS)
        if due_basis not in {ADJUSTED, ORIGINAL} or counting not in {IN_PROGRESS, RESOLVED_ON_TIME}:
            raise RegimeError(f"{row.key}: cách tính “{due_basis}”, “{counting}” không có.")
        official = {f"-{month:02d}" for month in values.get("months", [])}
        official |= {f"-Q{quarter}" for quarter in values.get("quarters", [])}
        official |= {f"-H{half}" for half in values.get("halves", [])}
        official |= {""} if values.get("year", True) else set()
        return cls(
            key=row.key,
            name=row.name,
            valid_from=row.valid_from,
            valid_to=row.valid_to,
            layout=values.get("layout", "07a"),
            from_day=from_day,
            due_basis=due_basis,
            supplement_counting=counting,
            official=frozenset(official),
            target=values.get("on_time_target"),
        )


@dataclass(frozen=True)
class Period:
    """A month, quarter, half or year. `starts_at` belongs to it, `ends_at` no longer does."""

    key: str
    title: str
    starts_at: datetime
    ends_at: datetime
    regime: Regime

    @property
    def first_day(self) -> date:
        """First day, in Việt Nam."""
        return timezone.localdate(self.starts_at)

    @property
    def last_day(self) -> date:
        """Last day; the agency tree of this day is the one reported by."""
        return timezone.localdate(self.ends_at) - timedelta(days=1)

    @property
    def is_official(self) -> bool:
        """Whether the regime asks for a report of this period; others are for one's own view."""
        return self.key[4:] in self.regime.official

    def has_ended(self, now: datetime) -> bool:
        """Whether nothing more can happen in it."""
        return self.ends_at <= now

    def as_far_as(self, later: "Period", now: datetime) -> "Period":
        """What a later period is compared with: as much of this one as has passed of that, the whole once it has
        ended. A month three days old would otherwise seem to have lost nine tenths of its work.
        """
        if later.has_ended(now):
            return self
        ends_at = min(self.ends_at, self.starts_at + (now - later.starts_at))
        return replace(self, title=f"cùng thời gian của {self.title}", ends_at=ends_at)

    def __str__(self) -> str:
        return self.title


class Periods:
    """Makes periods by the report sets on file, which are read once."""

    def __init__(self, rows: Sequence[RuleSet] | None = None) -> None:
        self._rows = rows

    @cached_property
    def regimes(self) -> list[Regime]:
        """Every regime, oldest first. RegimeError when there is none."""
        rows = self._rows
        if rows is None:
            rows = list(RuleSet.objects.filter(kind=RuleSet.Kind.REPORTS).order_by("valid_from"))
        if not rows:
            raise RegimeError("Chưa nạp chế độ báo cáo nào.")
        return [Regime.of(row) for row in rows]

    def regime_on(self, day: date) -> Regime:
        """The regime of a day; days before the first one are reported by the first."""
        found = [r for r in self.regimes if r.valid_from <= day]
        return found[-1] if found else self.regimes[0]

    def get(self, key: str) -> Period | None:
        """The period of a key: "2026-10", "2026-Q3", "2026-H1" or "2026"; None for another text."""
        match = _KEY.match(key)
        if match is None or not 2000 <= int(match[1]) <= 2100:
            return None
        year = int(match[1])
        month, quarter, half = (int(part) if part else 0 for part in match.groups()[1:])
        if month:
            return self._period(key, f"tháng {month}/{year}", year, month - 1, month)
        if quarter:
            return self._period(key, f"quý {_ROMAN[quarter - 1]}/{year}", year, 3 * quarter - 3, 3 * quarter)
        if half:
            words = "6 tháng đầu năm" if half == 1 else "6 tháng cuối năm"
            return self._period(key, f"{words} {year}", year, 6 * half - 6, 6 * half)
        return self._period(key, f"năm {year}", year, 0, 12)

    def month_at(self, moment: datetime) -> Period:
        """The month whose report counts a moment."""
        day = timezone.localdate(moment)
        year, month = day.year, day.month
        if moment >= self._edge(year, month):
            year, month = _shift(year, month, 1)
        return self._known(f"{year}-{month:02d}")

    def before(self, period: Period) -> Period:
        """The period of the same length just before."""
        year, rest = int(period.key[:4]), period.key[5:]
        if not rest:
            return self._known(str(year - 1))
        if rest[0] in "QH":
            count = {"Q": 4, "H": 2}[rest[0]]
            index = year * count + int(rest[1]) - 2
            return self._known(f"{index // count}-{rest[0]}{index % count + 1}")
        year, month = _shift(year, int(rest), -1)
        return self._known(f"{year}-{month:02d}")

    def year_before(self, period: Period) -> Period:
        """The same period of the year before."""
        return self._known(f"{int(period.key[:4]) - 1}{period.key[4:]}")

    def choices(self, now: datetime) -> dict[str, list[Period]]:
        """Periods to choose from, newest first: months, then quarters, halves and years that have begun."""
        current = self.month_at(now)
        year, month = int(current.key[:4]), int(current.key[5:])
        months, longer = [], []
        for back in range(SHOWN_MONTHS):
            of_year, of_month = _shift(year, month, -back)
            months.append(self._known(f"{of_year}-{of_month:02d}"))
        for of_year in range(year, year - 3, -1):
            keys = [f"{of_year}", f"{of_year}-H2", f"{of_year}-H1"]
            keys += [f"{of_year}-Q{quarter}" for quarter in (4, 3, 2, 1)]
            longer += [p for key in keys if (p := self._known(key)).starts_at <= now]
        return {"Tháng": months, "Quý, 6 tháng, năm": longer}

    def _known(self, key: str) -> Period:
        period = self.get(key)
        assert period is not None, key
        return period

    def _period(self, key: str, title: str, year: int, before: int, last: int) -> Period:
        starts = self._edge(*((year, before) if before else (year - 1, 12)))
        ends = self._edge(year, last)
        regime = self.regime_on(timezone.localdate(ends) - timedelta(days=1))
        return Period(key=key, title=title, starts_at=starts, ends_at=ends, regime=regime)

    def _edge(self, year: int, month: int) -> datetime:
        """The moment at which a month's figures are cut off: 00:00 of its cut-off day."""
        from_day = self.regime_on(date(year, month, 1)).from_day
        day = date(year, month, from_day) if from_day > 1 else date(*_shift(year, month, 1), 1)
        return timezone.make_aware(datetime.combine(day, time()), timezone.get_default_timezone())


def _shift(year: int, month: int, by: int) -> tuple[int, int]:
    index = year * 12 + month - 1 + by
    return index // 12, index % 12 + 1
