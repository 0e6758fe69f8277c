"""Sets and explains a dossier's dates: reads its events as turns of the clock and asks `hoso.clock`.

The stored due date and the explanation come from the same function, so they cannot disagree (invariant 4).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from danhmuc.models import ProcedureVersion
from danhmuc.services import calendars
from danhmuc.worktime import TimeLimit, Unit, WorkCalendar
from hoso import clock
from hoso.clock import Explanation, Timeliness, Turn
from hoso.lifecycle import HoldKind, State
from hoso.models import Dossier, Event
from hoso.services.case import Case
from hoso.services.law import Law

#: Events whose name the clock knows differently.
_TURN_NAMES = {"hold_financial": "hold", "create": "save_draft"}


def turns_of(events: Sequence[Event]) -> list[Turn]:
    """The history as the clock reads it."""
    turns = []
    for event in events:
        data: dict[str, Any] = dict(event.data)
        name = _TURN_NAMES.get(event.name, event.name)
        if event.name == "hold":
            data["kind"] = HoldKind.SUPPLEMENT.value
        elif event.name == "hold_financial":
            data["kind"] = HoldKind.FINANCIAL.value
        elif event.name in {"record_payment", "decide_relief"} and data.get("prepaid"):
            name = "pay_prepaid"
        turns.append(Turn(name=name, at=event.at, data=data))
    return turns


def limit_of(dossier: Dossier) -> TimeLimit:
    """The legal time limit of the version the dossier was received under."""
    return dossier.version.limit


def explain(
    dossier: Dossier, events: Sequence[Event], *, at: datetime, law: Law, now: datetime | None = None
) -> Explanation:
    """The due date rebuilt from history, line by line (domain §8.9). Each event names the calendar it was counted by.

    `now` bounds the time a running clock has used; without it the last event does.
    """
    return clock.explain_due(
        turns_of(events),
        limit_of(dossier),
        law.rules(dossier, at),
        lambda version: calendars.calendar_version(version) if version else law.working_calendar(dossier, at),
        now=now,
    )


def last_day_to_extend(case: Case, at: datetime) -> date:
    """The last day on which a later date may still be promised (NĐ118 19.6), by the calendar known at that moment."""
    dossier = case.dossier
    assert dossier.due_at is not None  # an accepted dossier has been promised a date
    calendar = case.law.calendar(dossier.resolving_agency, at)
    return clock.extension_notice_latest(calendar, dossier.due_at, case.law.rules(dossier, at))


def set_dates(case: Case, event: Event, facts: dict[str, Any]) -> None:
    """Consequence: write the calendar used and the resulting dates on the event, and the dates on the dossier."""
    dossier = case.dossier
    if event.name in {"record_payment", "decide_relief"} and not event.data.get("prepaid"):
        return
    event.data["calendar"] = facts.get("calendar") or case.law.working_calendar(dossier, event.at).version
    event.data["limit"] = f"{dossier.version.time_value} {dossier.version.time_unit}"
    event.data["supplement_mode"] = dossier.version.supplement_mode
    before = dossier.due_at
    found = explain(dossier, case.events, at=event.at, law=case.law)
    dossier.intake_due_at = found.intake_due_at if dossier.state == State.SUBMITTED else dossier.intake_due_at
    dossier.wait_until = found.wait_until if dossier.state in {State.INTAKE_HOLD, State.ON_HOLD} else None
    if dossier.accepted_at:
        dossier.due_at = found.due_at
        dossier.original_due_at = found.original_due_at
        event.data["due_at"] = dossier.due_at
        if before and before != dossier.due_at:
            event.data["old_due_at"] = before


def classify(case: Case, event: Event, facts: dict[str, Any]) -> None:
    """Consequence: early, on time or overdue, derived and never typed (C7, C8)."""
    dossier = case.dossier
    dossier.timeliness = timeliness(dossier, case.events) or ""
    event.data["timeliness"] = dossier.timeliness


def timeliness(dossier: Dossier, events: Sequence[Event]) -> Timeliness | None:
    """The class of a finished dossier against the due date valid at its finish.

    One that ended while it waited for the applicant is judged at the moment the clock stopped: the agency answers for
    the days before the request, not for those it was waiting.
    """
    if not (dossier.finished_at and dossier.due_at):
        return None
    moment = dossier.finished_at
    ended = next((e for e in events if e.at == moment and e.source == State.ON_HOLD != e.target), None)
    if ended is not None:
        moment = max(
            (e.at for e in events if e.seq < ended.seq and e.target == State.ON_HOLD != e.source),
            default=moment,
        )
    return clock.classify(moment, dossier.due_at, Unit(dossier.version.time_unit))


@dataclass(frozen=True)
class Promise:
    """What a time limit would mean for a dossier accepted at a moment."""

    due_at: datetime
    lines: Sequence[Any]
    projected: bool


def promise(version: ProcedureVersion, calendar: WorkCalendar, at: datetime, law: Law) -> Promise:
    """The date an officer is about to promise, shown before the button is pressed."""
    event = Turn(name="accept", at=at, data={"calendar": calendar.version})
    found = clock.explain_due([event], version.limit, law.rules_on(at)[1], lambda _version: calendar)
    assert found.due_at is not None
    return Promise(found.due_at, found.lines, found.projected)
