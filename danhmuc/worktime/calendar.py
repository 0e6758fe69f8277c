"""When the clock of an agency runs: sessions, holidays, make-up days (BLLĐ 2019, Điều 105, 111, 112)."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from itertools import pairwise
from zoneinfo import ZoneInfo

from config.said import Said

TZ = ZoneInfo("Asia/Ho_Chi_Minh")
WEEKDAYS = ("thứ Hai", "thứ Ba", "thứ Tư", "thứ Năm", "thứ Sáu", "thứ Bảy", "Chủ nhật")
DAY = timedelta(days=1)
# A year without one open session is a calendar nobody filled in, not a long holiday.
_LONGEST_REST = 366


def local(moment: datetime) -> datetime:
    """A moment on the province's clock; ValueError for one without a time zone, whose hour is a guess."""
    if moment.tzinfo is None or moment.utcoffset() is None:
        raise ValueError(f"Thời điểm {moment} không có múi giờ.")
    return moment.astimezone(TZ)


def local_date(moment: date) -> date:
    """The date of a moment in Việt Nam; a plain date is returned as it is."""
    return local(moment).date() if isinstance(moment, datetime) else moment


def on_our_clock(moment: datetime) -> datetime:
    return moment.replace(tzinfo=TZ)


class CalendarEmpty(ValueError):
    """The calendar offers no working session within a year, so no deadline can be counted on it."""

    def __init__(self, calendar: "WorkCalendar", on: date) -> None:
        super().__init__(
            f"Lịch làm việc “{calendar.name or calendar.version}” không có buổi làm việc nào quanh ngày"
            f" {on:%d/%m/%Y}; hãy nhập giờ làm việc trước khi tính thời hạn."
        )


class DayKind(StrEnum):
    """Why a date departs from the weekly pattern."""

    HOLIDAY = "holiday"
    COMPENSATORY = "compensatory"
    SWAP_OFF = "swap_off"
    SWAP_WORK = "swap_work"


@dataclass(frozen=True, slots=True)
class Session:
    """One unbroken stretch of working time within a date; the end belongs to it (C1)."""

    start: time
    end: time

    def __post_init__(self) -> None:
        if not self.start < self.end:
            raise ValueError(f"Buổi làm việc phải bắt đầu trước khi kết thúc: {self}.")

    def __str__(self) -> str:
        return f"{self.start:%H:%M}–{self.end:%H:%M}"


@dataclass(frozen=True, slots=True)
class SpecialDay:
    """A holiday, a compensatory day or one half of a swap; `projected` until the decision is published."""

    on: date
    kind: DayKind
    name: str
    decision: str = ""
    projected: bool = False
    sessions: tuple[Session, ...] = ()

    def __post_init__(self) -> None:
        object.__setattr__(self, "kind", DayKind(self.kind))
        if self.sessions and self.kind is not DayKind.SWAP_WORK:
            raise ValueError("Chỉ ngày làm bù mới có giờ làm việc riêng.")

    def __str__(self) -> str:
        """The reason as it is read in an explanation: "nghỉ Tết Nguyên đán", "làm bù"."""
        own_words = self.name.startswith(("Nghỉ", "Làm"))
        text = self.name[0].lower() + self.name[1:] if own_words else Said("nghỉ %(text)s", text=self.name)
        if self.decision and self.kind in (DayKind.SWAP_OFF, DayKind.SWAP_WORK):
            text = Said("%(text)s theo %(decision)s", text=text, decision=self.decision)
        return Said("%(text)s (dự kiến)", text=text) if self.projected else text


Week = Mapping[int, tuple[Session, ...]]

_FULL_DAY = (Session(time(7, 30), time(11, 30)), Session(time(13), time(17)))
STANDARD_WEEK: Week = {weekday: _FULL_DAY for weekday in range(5)}


@dataclass(frozen=True)
class WorkCalendar:
    """The sessions in which the clock of an agency runs.

    `weekly` maps a weekday (0 is Monday) to its sessions; `weekly_from` lists later patterns, each from its
    date on (summer hours, a new regulation). `days` holds what departs from them. Hours in which a desk
    merely receives people, such as Saturday mornings, are left out by whoever builds the calendar.
    """

    weekly: Week = field(hash=False)
    days: Mapping[date, SpecialDay] = field(default_factory=dict, hash=False)
    version: str = ""
    name: str = ""
    weekly_from: tuple[tuple[date, Week], ...] = field(default=(), hash=False)

    def __post_init__(self) -> None:
        starts = [since for since, _ in self.weekly_from]
        if starts != sorted(set(starts)):
            raise ValueError("Các mẫu tuần phải xếp theo ngày áp dụng, mỗi ngày một mẫu.")
        for week in (self.weekly, *(week for _, week in self.weekly_from)):
            if not set(week) <= set(range(7)):
                raise ValueError("Thứ trong tuần phải từ 0 (thứ Hai) đến 6 (Chủ nhật).")
            for sessions in week.values():
                _check_order(sessions)
        for on, special in self.days.items():
            if special.on != on:
                raise ValueError(f"Ngày {on:%d/%m/%Y} ghi sai thành {special.on:%d/%m/%Y}.")
            _check_order(special.sessions)

    def week_on(self, on: date) -> Week:
        """The weekly pattern in force on a date."""
        week = self.weekly
        for since, later in self.weekly_from:
            if since > on:
                break
            week = later
        return week

    def sessions_on(self, on: date) -> tuple[Session, ...]:
        """The working sessions of a date, in order; none on a day off.

        A make-up Saturday is a full working day, so it keeps Monday's hours unless it has its own.
        """
        week, special = self.week_on(on), self.days.get(on)
        if special is None:
            return week.get(on.weekday(), ())
        if special.kind is not DayKind.SWAP_WORK:
            return ()
        return special.sessions or next((week[day] for day in range(7) if week.get(day)), ())

    def is_working_day(self, on: date) -> bool:
        """Whether the clock runs at all on that date: one calendar date, however short its sessions."""
        return bool(self.sessions_on(on))

    def next_working_day(self, on: date) -> date:
        """The first working day strictly after `on`; CalendarEmpty when a year holds none."""
        return self._seek(on, DAY)

    def previous_working_day(self, on: date) -> date:
        """The last working day strictly before `on`; CalendarEmpty when a year holds none."""
        return self._seek(on, -DAY)

    def _seek(self, on: date, step: timedelta) -> date:
        day = on
        for _ in range(_LONGEST_REST):
            day += step
            if self.is_working_day(day):
                return day
        raise CalendarEmpty(self, on)

    def opening(self, on: date) -> datetime:
        """The start of the first session of a working day; ValueError on a day off."""
        return on_our_clock(datetime.combine(on, self._worked(on)[0].start))

    def closing(self, on: date) -> datetime:
        """The end of the last session of a working day; ValueError on a day off."""
        return on_our_clock(datetime.combine(on, self._worked(on)[-1].end))

    def _worked(self, on: date) -> tuple[Session, ...]:
        sessions = self.sessions_on(on)
        if not sessions:
            raise ValueError(f"Ngày {on:%d/%m/%Y} không phải ngày làm việc: {self.why_off(on)}.")
        return sessions

    def is_working_instant(self, moment: datetime) -> bool:
        """Whether a moment lies within a session; both ends of a session belong to it."""
        at = local(moment)
        return any(one.start <= at.time() <= one.end for one in self.sessions_on(at.date()))

    def next_working_instant(self, moment: datetime) -> datetime:
        """When an hour-period beginning at `moment` starts to run: now, or at the next session start (C2)."""
        at = local(moment).replace(tzinfo=None)
        day = at.date()
        while True:
            for opens, closes in self.stretches_on(day):
                if at < closes:
                    return on_our_clock(max(at, opens))
            day = self.next_working_day(day)

    def stretches_on(self, on: date) -> Iterator[tuple[datetime, datetime]]:
        for one in self.sessions_on(on):
            yield datetime.combine(on, one.start), datetime.combine(on, one.end)

    def why_off(self, on: date) -> str:
        """Why the clock rests on a date, in words for an applicant: "thứ Bảy", "nghỉ Tết Nguyên đán"."""
        special = self.days.get(on)
        if special is not None:
            return str(special)
        weekday = WEEKDAYS[on.weekday()]
        return weekday if on.weekday() >= 5 else Said("%(weekday)s, cơ quan không làm việc", weekday=weekday)

    def is_projected(self, on: date) -> bool:
        """Whether what the calendar says of a date awaits its decision."""
        special = self.days.get(on)
        return special is not None and special.projected


def _check_order(sessions: tuple[Session, ...]) -> None:
    for before, after in pairwise(sessions):
        if after.start < before.end:
            raise ValueError(f"Các buổi làm việc chồng lên nhau: {before} và {after}.")


def date_text(on: date) -> str:
    """A date with its weekday: "thứ Tư, 28/10/2026"."""
    return Said("%(weekday)s, %(day)s", weekday=WEEKDAYS[on.weekday()], day=f"{on:%d/%m/%Y}")
