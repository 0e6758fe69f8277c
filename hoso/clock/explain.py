"""When a dossier is due and why, line by line, rebuilt from its history and its calendars alone (domain §8).

The product calls `explain_due` to set the date it stores and again to show it, so the two cannot disagree.

Three choices where the texts leave room:

- A pause that does not reset the clock uses up the day on which it begins (domain §8.5, E31); what is left is
  counted from the day after work resumes. Hour-based limits pause and go on at the instant. Limits in calendar
  days or months keep the days left to their last day, and move off rest days only afterwards.
- A dossier already late when it pauses stays late: its date does not move.
- A changed calendar is applied to the whole history. The date may become later, never earlier: it is printed.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, time
from fractions import Fraction
from typing import Any

from config.said import Said
from danhmuc.worktime import (
    TZ,
    Count,
    Line,
    TimeLimit,
    Unit,
    WorkCalendar,
    add,
    count_hours,
    date_text,
    decimal_text,
    local,
    working_time_between,
)
from hoso.clock.deadlines import (
    extended_due,
    intake_due,
    intake_start,
    intake_wait_until,
    supplement_wait_until,
)
from hoso.clock.history import CalendarOf, Explanation, Turn
from hoso.clock.pauses import BY_DATES, BY_HOURS, Promise, measure
from hoso.clock.rules import Clock, ClockError, Rules, SupplementMode

_HOLD_TEXT = {
    "SUPPLEMENT": Said("chờ bổ sung hồ sơ"),
    "FINANCIAL": Said("chờ thực hiện nghĩa vụ tài chính"),
}


def explain_due(
    turns: Sequence[Turn],
    limit: TimeLimit,
    rules: Rules,
    calendar_of: CalendarOf,
    *,
    now: datetime | None = None,
) -> Explanation:
    """Read a dossier's history and say when it is due, why, and how much time it has used.

    `limit` is the procedure's, used unless the acceptance names its own; `calendar_of` gives a calendar version by
    its id, or the current one for None. `now` bounds the time used by a running clock; without it, the last turn
    does. ClockError for a history that cannot be, such as a second extension without override.
    """
    walk = _Walk(limit, rules, calendar_of)
    for turn in turns:
        walk.take(turn)
    return walk.explanation(now)


class _Walk:
    """Takes turns one after another. With `forced`, every count uses that one calendar: that is a recalculation."""

    def __init__(
        self, limit: TimeLimit, rules: Rules, calendar_of: CalendarOf, forced: WorkCalendar | None = None
    ) -> None:
        self.first_limit = self.limit = limit
        self.rules, self.calendar_of, self.forced = rules, calendar_of, forced
        self._calendar = forced
        self.mode = rules.supplement_mode
        self.taken: list[Turn] = []
        self.clock: Clock | None = None
        self.prepaid = False
        self.paid_at: datetime | None = None
        self.submitted_at: datetime | None = None
        self.intake_due_at: datetime | None = None
        self.wait_until: datetime | None = None
        self.waiting_lines: list[Line] = []
        self.promise: Promise | None = None
        self.base: Promise | None = None
        self.counted_on: WorkCalendar | None = None
        self.since: datetime | None = None
        self.done = self.over = Fraction(0)
        self.past: list[Line] = []
        self.path: list[Line] = []
        self.notes: list[Line] = []
        self.projected = False
        self.extended = False
        self.held_at: datetime | None = None
        self.held_for: str | None = None
        self.paused = False
        self.stopped_at: datetime | None = None

    @property
    def calendar(self) -> WorkCalendar:
        """The calendar now in use; the current one until a turn names another."""
        if self._calendar is None:
            self._calendar = self.calendar_of(None)
        return self._calendar

    def take(self, turn: Turn) -> None:
        """Let one turn act on the clocks; unknown names, and anything after the end, leave them alone."""
        at = local(turn.at)
        step = _STEPS.get(turn.name)
        if step is not None and self.stopped_at is None:
            if turn.data.get("calendar") is not None and self.forced is None and turn.name != "recalculate":
                self._calendar = self.calendar_of(str(turn.data["calendar"]))
            step(self, at, turn.data)
        self.taken.append(turn)

    # -- Before acceptance --

    def submit(self, at: datetime, data: Mapping[str, Any]) -> None:
        """T02. The intake review starts, once a fee that must come first is paid."""
        self.prepaid = bool(data.get("prepaid"))
        received = _moment(data.get("received_at"))
        start = intake_start(at, self.rules, received_at=received, prepaid=False)
        self._review(start or at, data)

    def resubmit(self, at: datetime, data: Mapping[str, Any]) -> None:
        """T08, T10. A new review starts, after completion or at the desk the dossier was sent on to."""
        self._review(at, data)

    def _review(self, begins: datetime, data: Mapping[str, Any]) -> None:
        self.submitted_at, self.wait_until = begins, None
        start = intake_start(begins, self.rules, prepaid=self.prepaid, paid_at=self.paid_at)
        if start is None:
            self.clock, self.intake_due_at = None, None
            self.waiting_lines = [_note(begins, Said("nộp hồ sơ, chờ xác nhận đã nộp phí"))]
            return
        own = data.get("intake_limit")
        count = intake_due(self.calendar, start, self.rules, limit=_limit(own) if own else None)
        self.clock, self.intake_due_at = Clock.INTAKE_REVIEW, count.due
        self.waiting_lines = [_note(start, Said("bắt đầu thời hạn kiểm tra hồ sơ")), *count.lines]

    def pay_prepaid(self, at: datetime, data: Mapping[str, Any]) -> None:
        """A fee due before intake is confirmed; the review runs from then (PT 9.2c)."""
        if self.paid_at is not None or self.promise is not None:
            return
        self.paid_at = at
        if self.submitted_at is not None and self.clock is not Clock.INTAKE_WAIT:
            self._review(max(self.submitted_at, at), data)

    def ask_completion(self, at: datetime, data: Mapping[str, Any]) -> None:
        """T07. The review is met; the applicant is waited for."""
        count = intake_wait_until(self.calendar, at, self.rules)
        self.clock, self.wait_until = Clock.INTAKE_WAIT, count.due
        self.waiting_lines = [_note(at, Said("yêu cầu hoàn thiện hồ sơ")), *count.lines]

    # -- The resolution --

    def accept(self, at: datetime, data: Mapping[str, Any]) -> None:
        """T03-T05. The promise is made."""
        if self.promise is not None:
            raise ClockError("Hồ sơ đã được tiếp nhận.")
        begins = _moment(data.get("starts_at")) or at
        self._start(begins, data)
        self.past = [_note(begins, Said("tiếp nhận, thời hạn giải quyết %(text)s", text=str(self.limit)))]

    def accept_immediate(self, at: datetime, data: Mapping[str, Any]) -> None:
        """T06. Resolved on the spot: due and done in one."""
        self.accept(at, data)
        if self.limit.unit is Unit.IMMEDIATE:
            self.promise = self.base = Promise(at, at.date())
            self.path = [Line(at.date(), Said("giải quyết ngay khi nhận"), True)]
        self.stop(at, data)

    def _start(self, at: datetime, data: Mapping[str, Any]) -> None:
        self._read_choices(data)
        count = add(
            self.calendar,
            at,
            self.limit,
            cutoff=self.rules.same_day_cutoff,
            appointment=self.rules.appointment_time,
        )
        self.promise = Promise.counted(at, self.limit, count.due)
        self.base = Promise.counted(at, self.limit, count.due)
        self.done = self.over = Fraction(0)
        self.projected = False
        self._run(at, count)

    def _run(self, at: datetime, count: Count) -> None:
        self.clock, self.since, self.counted_on = Clock.RESOLUTION, at, self.calendar
        self.wait_until, self.paused, self.held_at, self.held_for = None, False, None, None
        self.path = list(count.lines)
        self.projected = self.projected or count.projected

    def _read_choices(self, data: Mapping[str, Any]) -> None:
        if data.get("limit") is not None:
            self.limit = _limit(data["limit"])
        if data.get("supplement_mode"):
            try:
                self.mode = SupplementMode(data["supplement_mode"])
            except ValueError as error:
                raise ClockError(f"Không có cách tính “{data['supplement_mode']}” sau bổ sung.") from error

    def hold(self, at: datetime, data: Mapping[str, Any]) -> None:
        """T14, T17. The resolution stops for a supplement, or pauses for money when the rules say so."""
        promise, base = self._promises("tạm dừng")
        if self.held_at is not None:
            raise ClockError("Hồ sơ đang tạm dừng.")
        kind = str(data.get("kind") or "SUPPLEMENT")
        if kind not in _HOLD_TEXT:
            raise ClockError(f"Không có lý do tạm dừng “{kind}”.")
        self._read_choices(data)
        self.held_at, self.held_for = at, kind
        self.paused = kind == "SUPPLEMENT" or self.rules.financial_hold_pauses
        if not self.paused:
            self.notes.append(_note(at, Said("%(text)s, thời hạn vẫn tính", text=_HOLD_TEXT[kind])))
            return
        for one in (promise, base):
            one.pause(self.counted_on or self.calendar, at, self.limit.unit)
        self.past = [*self.past, *self._cut(at), _note(at, Said("tạm dừng, %(text)s", text=_HOLD_TEXT[kind]))]
        self.path, self.clock = [], None
        if kind == "SUPPLEMENT":
            self.clock = Clock.SUPPLEMENT_WAIT
            days = data.get("wait_days")
            self.wait_until = supplement_wait_until(self.calendar, at, self.rules, days=days).due

    def hold_financial(self, at: datetime, data: Mapping[str, Any]) -> None:
        """T17 under its own name."""
        self.hold(at, {**data, "kind": "FINANCIAL"})

    def resume(self, at: datetime, data: Mapping[str, Any]) -> None:
        """T15, T18. Counted anew after a supplement unless the rules say CONTINUE; money only paused it."""
        promise, base = self._promises("tiếp tục")
        if self.held_at is None or self.since is None:
            raise ClockError("Hồ sơ không tạm dừng nên không thể tiếp tục.")
        held_at, kind = self.held_at, self.held_for
        self._read_choices(data)
        if not self.paused:
            self.held_at = self.held_for = None
            return
        if kind == "SUPPLEMENT" and self.mode is SupplementMode.RESTART:
            void = "%(text)s, không tính vì tính lại từ đầu"
            self.past = [
                Line(one.on, Said(void, text=one.text), False) if one.counts else one for one in self.past
            ]
            self.past.append(_note(at, Said("nhận đủ hồ sơ, tính lại từ đầu %(text)s", text=str(self.limit))))
            self._start(at, data)
            return
        used, promised = self._measure(self.since, held_at, whole=True), promise.due
        if promise.rest is None:
            self.over += used - self._measure(self.since, promised, whole=True)
            text = Said("tiếp tục giải quyết, hồ sơ đã quá hạn từ trước khi tạm dừng")
        else:
            text = Said("tiếp tục giải quyết, phần thời hạn còn lại tính tiếp")
        self.done += used
        self.past.append(_note(at, text))
        count = promise.go_on(self.calendar, at, self.limit, self.rules, int(self.done))
        base.go_on(self.calendar, at, self.limit, self.rules, int(self.done))
        self._run(at, count or Count(promised, (), projected=False))
        if promise.due < promised:
            promise.due, promise.last = promised, promised.date()
            self.path.append(Line(promised.date(), Said("giữ nguyên ngày đã hẹn"), True))

    def extend(self, at: datetime, data: Mapping[str, Any]) -> None:
        """T19. A new appointment counted from the old one, once (domain §8.6)."""
        promise, _ = self._promises("gia hạn")
        if self.held_at is not None and self.paused:
            raise ClockError("Hồ sơ đang tạm dừng nên chưa thể gia hạn.")
        if self.extended and not data.get("override"):
            raise ClockError("Hồ sơ đã được gia hạn một lần.")
        by = _limit(f"{data.get('value')} {data.get('unit')}")
        most = self.rules.extension_max_days
        if most is not None and by.unit in (Unit.WORKING_DAY, Unit.CALENDAR_DAY) and by.value > most:
            raise ClockError(f"Chỉ được gia hạn nhiều nhất {most} ngày.")
        count = extended_due(self.calendar, promise.due, by, self.rules)
        self.path += [
            _note(at, Said("gia hạn thêm %(text)s, tính từ ngày hẹn cũ", text=str(by))),
            *count.lines,
        ]
        self.promise = Promise.counted(promise.due, by, count.due)
        self.extended, self.projected = True, self.projected or count.projected

    def recalculate(self, at: datetime, data: Mapping[str, Any]) -> None:
        """The calendar changed: count the whole history again with it, and never promise an earlier date."""
        if self.forced is not None:
            return
        version = data.get("calendar")
        new = self.calendar_of(None if version is None else str(version))
        again = _Walk(self.first_limit, self.rules, self.calendar_of, forced=new)
        for turn in self.taken:
            again.take(turn)
        self._calendar = new
        waiting = (self.intake_due_at, self.wait_until)
        self.intake_due_at = _later(self.intake_due_at, again.intake_due_at)
        self.wait_until = _later(self.wait_until, again.wait_until)
        if waiting != (self.intake_due_at, self.wait_until):
            self.waiting_lines = again.waiting_lines
        if self.promise is None or again.promise is None or self.base is None or again.base is None:
            return
        old, fresh = self.promise.due, again.promise.due
        if again.base.due > self.base.due:
            self.base = again.base
        days = {"old": date_text(old.date()), "new": date_text(fresh.date())}
        text = Said("ngày hẹn %(old)s không đổi", old=days["old"])
        if fresh < old:
            text = Said("tính lại được %(new)s, giữ nguyên ngày đã hẹn %(old)s", **days)
        if fresh > old:
            text = Said("ngày hẹn chuyển từ %(old)s sang %(new)s", **days)
            self.promise, self.since, self.done = again.promise, again.since, again.done
            self.past, self.path, self.counted_on = again.past, again.path, new
            self.projected = again.projected
        self.notes.append(_note(at, Said("lịch làm việc thay đổi: %(text)s", text=text)))

    def decide(self, at: datetime, data: Mapping[str, Any]) -> None:
        """T20. Finished; collection by the applicant no longer matters to the clock (C8)."""
        self._promises("giải quyết")
        self.notes.append(_note(at, Said("đã giải quyết xong, thời hạn dừng")))
        self.stop(at, data)

    def stop(self, at: datetime, data: Mapping[str, Any]) -> None:
        """Every clock ends."""
        self.stopped_at, self.clock, self.wait_until = at, None, None

    # -- Arithmetic --

    def _promises(self, act: str) -> tuple[Promise, Promise]:
        if self.promise is None or self.base is None:
            raise ClockError(f"Hồ sơ chưa được tiếp nhận nên không thể {act}.")
        return self.promise, self.base

    def _cut(self, at: datetime) -> list[Line]:
        """The lines of the current stretch that lie before a pause."""
        if self.limit.unit is not Unit.WORKING_HOUR or self.since is None or self.promise is None:
            return [one for one in self.path if one.on is None or one.on <= at.date()]
        lines = [one for one in self.path if one.on is None or one.on < at.date()]
        opened = max(self.since, datetime.combine(at.date(), time(), TZ))
        calendar = self.counted_on or self.calendar
        spent = working_time_between(calendar, opened, min(at, max(self.promise.due, opened)))
        return lines + list(count_hours(calendar, opened, spent).lines if spent else ())

    def _measure(self, start: datetime, end: datetime, *, whole: bool = False) -> Fraction:
        return measure(self.counted_on or self.calendar, self.limit.unit, start, end, whole=whole)

    def explanation(self, now: datetime | None) -> Explanation:
        """What the walk has found."""
        used, total, text = self._usage(now)
        on_hold = self.paused and self.held_at is not None and self.stopped_at is None
        lines = self.waiting_lines
        if self.promise is not None:
            calendar = self.calendar
            name = calendar.name or Said("lịch làm việc")
            version = Said("theo %(text)s, bản %(version)s", text=name, version=str(calendar.version))
            lines = [*self.past, *self.path, *self.notes, Line(None, version, False)]
        return Explanation(
            due_at=self.promise.due if self.promise else None,
            original_due_at=self.base.due if self.base else None,
            lines=tuple(lines),
            running=self.promise is not None and not on_hold and self.stopped_at is None,
            paused_since=self.held_at if on_hold else None,
            paused_for=self.held_for if on_hold else None,
            stopped_at=self.stopped_at,
            used=used,
            total=total,
            used_text=text,
            projected=self.projected,
            intake_due_at=self.intake_due_at,
            wait_until=self.wait_until,
            clock=self.clock,
        )

    def _usage(self, now: datetime | None) -> tuple[Fraction, Fraction, str]:
        if self.promise is None or self.since is None:
            return Fraction(0), Fraction(0), ""
        until = self.stopped_at or (local(now) if now else local(self.taken[-1].at))
        paused = self.paused and self.held_at is not None
        if paused and self.held_at is not None:
            until = self.held_at
        used = self.done + self._measure(self.since, until, whole=paused)
        total = self.done + self._measure(self.since, self.promise.due, whole=True) - self.over
        words = "Đã dùng %(used)s trên %(n)s ngày làm việc"
        if self.limit.unit in BY_HOURS:
            words = "Đã dùng %(used)s trên %(n)s giờ làm việc"
        if self.limit.unit in BY_DATES:
            words = "Đã dùng %(used)s trên %(n)s ngày"
        return used, total, Said(words, used=decimal_text(used), n=decimal_text(total))


_STEPS: dict[str, Callable[[_Walk, datetime, Mapping[str, Any]], None]] = {
    "submit": _Walk.submit,
    "resubmit": _Walk.resubmit,
    "redirect": _Walk.resubmit,
    "pay_prepaid": _Walk.pay_prepaid,
    "ask_completion": _Walk.ask_completion,
    "accept": _Walk.accept,
    "accept_immediate": _Walk.accept_immediate,
    "hold": _Walk.hold,
    "hold_financial": _Walk.hold_financial,
    "resume": _Walk.resume,
    "extend": _Walk.extend,
    "recalculate": _Walk.recalculate,
    "decide": _Walk.decide,
    "refuse_intake": _Walk.stop,
    "close_unsupplemented": _Walk.stop,
    "withdraw": _Walk.stop,
    "complete": _Walk.stop,
    "void": _Walk.stop,
}


def _note(at: datetime, text: str) -> Line:
    return Line(at.date(), Said("%(time)s %(text)s", time=f"{at:%H:%M}", text=text), False)


def _moment(value: object) -> datetime | None:
    """An instant from event data, where JSON keeps it as ISO text."""
    if value is None or value == "":
        return None
    return local(value if isinstance(value, datetime) else datetime.fromisoformat(str(value)))


def _limit(value: object) -> TimeLimit:
    try:
        return value if isinstance(value, TimeLimit) else TimeLimit.parse(str(value))
    except ValueError as error:
        raise ClockError(str(error)) from error


def _later(a: datetime | None, b: datetime | None) -> datetime | None:
    return max(a, b) if a is not None and b is not None else a
