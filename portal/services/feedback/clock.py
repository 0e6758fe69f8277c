"""When an item is due and why (domain §16.3): five working days in the province, fifteen for the national system.

An agency's clock counts from its first receipt of the item, so that sending it to and fro gains nothing; waiting for
the sender does not use it up; an item reopened gets five days of its own.
"""

from dataclasses import dataclass
from datetime import datetime

from config.said import Said
from danhmuc.models import Agency
from danhmuc.services import calendar_for
from danhmuc.worktime import (
    Count,
    Line,
    WorkCalendar,
    count_working_days,
    local_date,
    working_days_between,
)
from portal.models import Feedback, FeedbackEvent, FeedbackHolding

REPLY = 5  # PT 17.3; also the time to forward (NĐ20/08)
NATIONAL_REVIEW, NATIONAL_REPLY, NATIONAL_PUBLISH = 2, 15, 2  # QĐ766 5.2
#: How long the sender is given to answer a question of the agency's.
WAIT = 5


@dataclass(frozen=True)
class Pause:
    """A stretch in which the agency waited for the sender; `until` is missing while it still does."""

    since: datetime
    until: datetime | None


def pauses(events: list[FeedbackEvent]) -> list[Pause]:
    """Stretches of waiting for the sender, from history."""
    found: list[Pause] = []
    for event in events:
        if event.name == "ask_info":
            found.append(Pause(event.at, None))
        elif (
            found
            and found[-1].until is None
            and event.source == "needs_info"
            and event.target != event.source
        ):
            found[-1] = Pause(found[-1].since, event.at)
    return found


def start_of(feedback: Feedback, first_receipt: datetime) -> datetime:
    """When the clock of the present round began at an agency."""
    return max(first_receipt, feedback.reopened_at) if feedback.reopened_at else first_receipt


def count(calendar: WorkCalendar, start: datetime, days: int, waits: list[Pause], *, now: datetime) -> Count:
    """The deadline with its explanation; days that passed while the sender was asked are added."""
    extra = sum(
        working_days_between(calendar, max(wait.since, start), wait.until or now)
        for wait in waits
        if (wait.until or now) > start
    )
    counted = count_working_days(calendar, start, days + extra)
    if not extra:
        return counted
    lines, left = [], extra
    for line in counted.lines:
        waited = (
            line.counts
            and line.on is not None
            and any(
                local_date(max(wait.since, start)) < line.on <= local_date(wait.until or now)
                for wait in waits
            )
        )
        if waited and left:
            left -= 1
            lines.append(Line(line.on, Said("chờ người gửi bổ sung, không tính"), False))
        else:
            lines.append(line)
    numbered, number = [], 0
    for line in lines:
        number += line.counts
        numbered.append(
            Line(line.on, Said("ngày %(n)s", n=str(number)), True, line.amount) if line.counts else line
        )
    return Count(counted.due, tuple(numbered), counted.projected)


def provincial(
    feedback: Feedback, events: list[FeedbackEvent], first_receipt: datetime, now: datetime
) -> Count:
    """The clock of the agency that has the item."""
    calendar = calendar_for(feedback.agency, now)
    return count(calendar, start_of(feedback, first_receipt), REPLY, pauses(events), now=now)


def national(feedback: Feedback, events: list[FeedbackEvent], now: datetime) -> Count:
    """The national system's own limit, from when it sent the item here."""
    assert feedback.received_at is not None
    calendar = calendar_for(feedback.agency, now)
    return count(calendar, start_of(feedback, feedback.received_at), NATIONAL_REPLY, pauses(events), now=now)


def set_dates(feedback: Feedback, events: list[FeedbackEvent], now: datetime) -> None:
    """Due dates of the item and of the agency's holding, worked out anew from history."""
    holding = FeedbackHolding.objects.get(feedback=feedback, agency=feedback.agency)
    feedback.due_at = holding.due_at = provincial(feedback, events, holding.received_at, now).due
    holding.save(update_fields=["due_at"])
    if feedback.is_from_nation and feedback.received_at is not None:
        feedback.national_due_at = national(feedback, events, now).due
        feedback.review_due_at = after(feedback.agency, holding.received_at, NATIONAL_REVIEW, now)


def after(agency: Agency, start: datetime, days: int, now: datetime) -> datetime:
    """The end of the Nth working day of an agency."""
    return count_working_days(calendar_for(agency, now), start, days).due


def classify(finished_at: datetime, due_at: datetime) -> str:
    """Early, on time or late: days are compared (domain §8.2 C7)."""
    done, due = local_date(finished_at), local_date(due_at)
    if done < due:
        return Feedback.Timeliness.EARLY
    return Feedback.Timeliness.ON_TIME if done == due else Feedback.Timeliness.OVERDUE
