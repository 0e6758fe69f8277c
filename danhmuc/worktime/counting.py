"""Rules C1-C6: when a limit that starts with an event ends, and why (Bộ luật Dân sự 2015, Điều 144-148)."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from config.said import Said
from danhmuc.worktime.calendar import DAY, TZ, WEEKDAYS, DayKind, WorkCalendar, local, on_our_clock
from danhmuc.worktime.limits import Appointment, TimeLimit, Unit

_BECAUSE = "%(text)s (%(why)s)"
_ONE_DAY = Said("%(n)s ngày", n="1")


@dataclass(frozen=True, slots=True)
class Line:
    """One line of an explanation: a date, what it means for the count, and how much of the limit it used."""

    on: date | None
    text: str
    counts: bool
    amount: str = ""


@dataclass(frozen=True, slots=True)
class Count:
    """A counted deadline with its explanation.

    The last counting line bears the date of `due`. `projected` says that a day still awaiting its decision
    took part, so the date must not be printed without a warning.
    """

    due: datetime
    lines: tuple[Line, ...]
    projected: bool


def add(
    calendar: WorkCalendar,
    start: datetime,
    limit: TimeLimit,
    *,
    cutoff: time = time(15),
    appointment: str = Appointment.CLOSING,
) -> Count:
    """When a limit that starts with an event at `start` ends, and why (rules C1-C6).

    `cutoff` is the last moment at which a SAME_DAY procedure still ends that day. `appointment` chooses the
    printed hour of day-based limits. ValueError for a moment without time zone, CalendarEmpty for a calendar
    without sessions.
    """
    if limit.unit is Unit.WORKING_HOUR:
        return count_hours(calendar, start, timedelta(hours=limit.value))
    if limit.unit is Unit.WORKING_DAY:
        return count_working_days(calendar, start, limit.value, appointment=appointment)
    if limit.unit is Unit.CALENDAR_DAY:
        return count_calendar_days(calendar, start, limit.value, appointment=appointment)
    if limit.unit is Unit.MONTH:
        return _count_months(calendar, start, limit, appointment)
    if limit.unit is Unit.SAME_DAY:
        return _count_same_day(calendar, start, cutoff)
    due = calendar.next_working_instant(start)
    return Count(
        due, (Line(due.date(), Said("giải quyết ngay khi nhận"), True),), calendar.is_projected(due.date())
    )


def count_hours(calendar: WorkCalendar, start: datetime, amount: timedelta) -> Count:
    """Spend an amount of working time from an instant (C1, C2); ends at the session end that uses it up."""
    at = local(start).replace(tzinfo=None)
    day, left, projected = at.date(), amount, False
    lines: list[Line] = []
    begun = calendar.next_working_instant(start)
    if calendar.is_working_day(day) and begun.replace(tzinfo=None) != at:
        lines.append(
            Line(
                day,
                Said(
                    "ngoài giờ làm việc, tính từ %(time)s ngày %(day)s",
                    time=f"{begun:%H:%M}",
                    day=f"{begun:%d/%m/%Y}",
                ),
                False,
            )
        )
    while True:
        projected |= calendar.is_projected(day)
        if not calendar.is_working_day(day):
            calendar.next_working_day(day)
            lines.append(Line(day, calendar.why_off(day), False))
        for opens, closes in calendar.stretches_on(day):
            begins = max(opens, at)
            if closes <= begins:
                continue
            part = min(closes - begins, left)
            left -= part
            text = _make_up(calendar, day, f"{begins:%H:%M}–{begins + part:%H:%M}")
            lines.append(Line(day, text, True, duration_text(part)))
            if not left:
                return Count(on_our_clock(begins + part), tuple(lines), projected)
        day += DAY


def count_working_days(
    calendar: WorkCalendar,
    start: datetime,
    days: int,
    *,
    done: int = 0,
    appointment: str = Appointment.CLOSING,
) -> Count:
    """The end of the Nth working day after the day of the event (C3).

    `done` are days already used before a pause: numbering goes on after them. With nothing left, the deadline
    is the day of the event itself, or the next working day when that one is over.
    """
    at = local(start)
    day = at.date()
    if not days:
        day = _last_chance(calendar, at)
        line = Line(day, Said("đã dùng hết thời hạn, giải quyết ngay trong ngày"), True)
        return Count(calendar.closing(day), (line,), calendar.is_projected(day))
    lines, counted, projected = [Line(day, Said("ngày bắt đầu, không tính"), False)], 0, False
    while counted < days:
        day += DAY
        projected |= calendar.is_projected(day)
        if calendar.is_working_day(day):
            counted += 1
            lines.append(Line(day, _make_up(calendar, day, _nth(done + counted)), True, _ONE_DAY))
        else:
            calendar.next_working_day(day)
            lines.append(Line(day, calendar.why_off(day), False))
    return Count(_appointed(calendar, day, at, appointment), tuple(lines), projected)


def count_calendar_days(
    calendar: WorkCalendar,
    start: datetime,
    days: int,
    *,
    done: int = 0,
    appointment: str = Appointment.CLOSING,
) -> Count:
    """The end of the Nth day after the event; a last day off moves to the next working day (C4)."""
    at = local(start)
    lines = [Line(at.date(), Said("ngày bắt đầu, không tính"), False)]
    for number in range(1, days + 1):
        day = at.date() + number * DAY
        text = _nth(done + number)
        if number < days and not calendar.is_working_day(day):
            text = Said(_BECAUSE, text=text, why=calendar.why_off(day))
        lines.append(Line(day, text, True, _ONE_DAY))
    last = at.date() + days * DAY if days else _last_chance(calendar, at)
    return _moved_on(calendar, last, at, lines, appointment)


def _count_months(calendar: WorkCalendar, start: datetime, limit: TimeLimit, appointment: str) -> Count:
    at = local(start)
    last = add_months(at.date(), limit.value)
    text = Said("đủ %(text)s", text=str(limit))
    if last.day != at.day:
        words = "đủ %(text)s, tháng không có ngày %(n)s nên lấy ngày cuối tháng"
        text = Said(words, text=str(limit), n=str(at.day))
    lines = [Line(at.date(), Said("ngày bắt đầu, không tính"), False), Line(last, text, True, str(limit))]
    return _moved_on(calendar, last, at, lines, appointment)


def _moved_on(calendar: WorkCalendar, last: date, at: datetime, lines: list[Line], appointment: str) -> Count:
    day, projected = last, calendar.is_projected(last)
    while not calendar.is_working_day(day):
        lines.append(Line(day, Said("ngày cuối là ngày nghỉ: %(text)s", text=calendar.why_off(day)), False))
        calendar.next_working_day(day)
        day += DAY
        projected |= calendar.is_projected(day)
    if day != last or not lines[-1].counts:
        lines.append(Line(day, _make_up(calendar, day, Said("ngày làm việc kế tiếp")), True))
    return Count(_appointed(calendar, day, at, appointment), tuple(lines), projected)


def _count_same_day(calendar: WorkCalendar, start: datetime, cutoff: time) -> Count:
    at = local(start)
    day = at.date()
    if calendar.is_working_day(day) and at.time() <= cutoff and at < calendar.closing(day):
        line = Line(day, Said("giải quyết trong ngày tiếp nhận"), True)
        return Count(calendar.closing(day), (line,), calendar.is_projected(day))
    latest = f"{min(cutoff, _close_time(calendar, day)):%H:%M}"
    why: str = Said("tiếp nhận sau %(time)s, chuyển sang ngày làm việc kế tiếp", time=latest)
    lines = [Line(day, why if calendar.is_working_day(day) else calendar.why_off(day), False)]
    due_day = calendar.next_working_day(day)
    while (day := day + DAY) < due_day:
        lines.append(Line(day, calendar.why_off(day), False))
    lines.append(Line(due_day, _make_up(calendar, due_day, Said("giải quyết trong ngày")), True))
    projected = any(calendar.is_projected(line.on) for line in lines if line.on)
    return Count(calendar.closing(due_day), tuple(lines), projected)


def _close_time(calendar: WorkCalendar, on: date) -> time:
    sessions = calendar.sessions_on(on)
    return sessions[-1].end if sessions else time.max


def _last_chance(calendar: WorkCalendar, at: datetime) -> date:
    day = at.date()
    if calendar.is_working_day(day) and at < calendar.closing(day):
        return day
    return calendar.next_working_day(day)


def _make_up(calendar: WorkCalendar, on: date, text: str) -> str:
    """The text, and why a rest day counts."""
    special = calendar.days.get(on)
    if special is None or special.kind is not DayKind.SWAP_WORK:
        return text
    why = Said("%(weekday)s %(text)s", weekday=WEEKDAYS[on.weekday()], text=str(special))
    return Said(_BECAUSE, text=text, why=why)


def _nth(number: int) -> str:
    return Said("ngày %(n)s", n=str(number))


def _appointed(calendar: WorkCalendar, on: date, at: datetime, appointment: str) -> datetime:
    """The printed hour of the last day; always an instant at which the agency works."""
    kind, closing = Appointment(appointment), calendar.closing(on)
    if kind is Appointment.CLOSING:
        return closing
    wanted = at.time() if kind is Appointment.SAME_CLOCK_TIME else time(12)
    best = None
    for one in calendar.sessions_on(on):
        if one.start <= wanted <= one.end:
            return datetime.combine(on, wanted, TZ)
        if kind is Appointment.MIDDAY and one.end < wanted:
            best = one.end
        if kind is Appointment.SAME_CLOCK_TIME and one.start > wanted and best is None:
            best = one.start
    return closing if best is None else datetime.combine(on, best, TZ)


def add_months(on: date, months: int) -> date:
    """The corresponding date `months` later, or the last day of a shorter month (C5)."""
    years, month = divmod(on.month - 1 + months, 12)
    first = date(on.year + years, month + 1, 1)
    length = (add_months(first, 1) - first).days if on.day > 28 else 28
    return first.replace(day=min(on.day, length))


def duration_text(amount: timedelta) -> str:
    """A stretch of working time in words: "2 giờ 15 phút"; seconds are dropped."""
    hours, minutes = divmod(amount // timedelta(minutes=1), 60)
    in_hours, in_minutes = Said("%(n)s giờ", n=str(hours)), Said("%(n)s phút", n=str(minutes))
    if hours and minutes:
        return Said("%(hours)s %(minutes)s", hours=in_hours, minutes=in_minutes)
    return in_hours if hours else in_minutes
