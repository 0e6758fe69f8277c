"""Every clock of a dossier besides the resolution itself, and how a finish compares with its due date.

Each function takes the calendar of the agency concerned and answers with an instant, a date, or a `Count`
where a person may ask why.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from danhmuc.worktime import (
    Count,
    TimeLimit,
    Unit,
    WorkCalendar,
    add,
    add_working_days,
    local,
    local_date,
    subtract_working_days,
)
from hoso.clock.rules import DEFAULT_RULES, IntakeStart, Rules, Timeliness


def _after(calendar: WorkCalendar, start: datetime, value: int, unit: Unit) -> Count:
    return add(calendar, start, TimeLimit(value, unit))


# -- Before acceptance --


def portal_to_desk_due(acknowledged_at: datetime, rules: Rules = DEFAULT_RULES) -> datetime:
    """The officer is told within 2 elapsed hours of the portal's acknowledgement (NĐ118 17.2)."""
    return local(acknowledged_at) + timedelta(hours=rules.portal_to_desk_hours)


def intake_start(
    submitted_at: datetime,
    rules: Rules = DEFAULT_RULES,
    *,
    received_at: datetime | None = None,
    prepaid: bool = False,
    paid_at: datetime | None = None,
) -> datetime | None:
    """When the intake review begins; None while a fee that must come first is unpaid (PT 9.2c)."""
    begins = submitted_at
    if rules.intake_starts_at is IntakeStart.RECEIPT and received_at is not None:
        begins = received_at
    if not prepaid:
        return begins
    return None if paid_at is None else max(begins, paid_at)


def intake_due(
    calendar: WorkCalendar,
    started_at: datetime,
    rules: Rules = DEFAULT_RULES,
    *,
    limit: TimeLimit | None = None,
) -> Count:
    """The desk answers within 8 working hours, or the term in special law (PT 9.2a; NĐ118 17.2c)."""
    return add(calendar, started_at, limit or TimeLimit(rules.intake_review_hours, Unit.WORKING_HOUR))


def intake_wait_until(calendar: WorkCalendar, asked_at: datetime, rules: Rules = DEFAULT_RULES) -> Count:
    """How long a dossier waits for completion before acceptance; by analogy with NĐ118 19.5 (domain O4)."""
    return _after(calendar, asked_at, rules.intake_wait_days, Unit.CALENDAR_DAY)


# -- In hand --


def transfer_due(calendar: WorkCalendar, accepted_at: datetime, rules: Rules = DEFAULT_RULES) -> datetime:
    """The desk hands over the same working day; after 15:00, when the next one opens (NĐ118 18.2)."""
    at = local(accepted_at)
    day = at.date()
    if calendar.is_working_day(day):
        closing = calendar.closing(day)
        if at.time() <= rules.handover_cutoff and at < closing:
            return closing
    return calendar.opening(calendar.next_working_day(day))


def paper_cross_level_due(
    calendar: WorkCalendar, accepted_at: datetime, rules: Rules = DEFAULT_RULES
) -> Count:
    """Paper goes to an agency of another level within 1 working day (NĐ118 20.1a)."""
    return _after(calendar, accepted_at, rules.paper_cross_level_days, Unit.WORKING_DAY)


def supplement_notice_due(
    calendar: WorkCalendar, accepted_at: datetime, rules: Rules = DEFAULT_RULES
) -> Count:
    """The only request for supplements after acceptance comes within 3 working days (NĐ118 19.5)."""
    return _after(calendar, accepted_at, rules.supplement_notice_days, Unit.WORKING_DAY)


def supplement_wait_until(
    calendar: WorkCalendar, notified_at: datetime, rules: Rules = DEFAULT_RULES, *, days: int | None = None
) -> Count:
    """How long the applicant has to supplement: 15 days, or the `days` of a special law (NĐ118 19.5)."""
    return _after(calendar, notified_at, days or rules.supplement_wait_days, Unit.CALENDAR_DAY)


def closing_day(calendar: WorkCalendar, wait_until: datetime) -> date:
    """The first working day on which an officer may close what was not supplemented.

    The wait lasts to midnight (BLDS 148.6) and a person confirms the closing, hence the next working day.
    """
    return calendar.next_working_day(local_date(wait_until))


def extension_notice_latest(calendar: WorkCalendar, due_at: datetime, rules: Rules = DEFAULT_RULES) -> date:
    """The last working day on which form 04 may still be issued (NĐ118 19.6, read on the safe side)."""
    return subtract_working_days(calendar, local_date(due_at), rules.extension_notice_days)


def extended_due(
    calendar: WorkCalendar, due_at: datetime, by: TimeLimit, rules: Rules = DEFAULT_RULES
) -> Count:
    """The new appointment, counted from the old due date (NĐ118 19.6; domain §8.6)."""
    return add(calendar, due_at, by, cutoff=rules.same_day_cutoff, appointment=rules.appointment_time)


def apology_on(calendar: WorkCalendar, due_at: datetime) -> date:
    """When the task to apologise for a missed date appears: the first working day after it (NĐ118 12.5)."""
    return calendar.next_working_day(local_date(due_at))


# -- Around the dossier --


def correction_due(calendar: WorkCalendar, forwarded_at: datetime, rules: Rules = DEFAULT_RULES) -> Count:
    """A wrong result is corrected within 3 working days of the desk passing it on (NĐ118 23.1)."""
    return _after(calendar, forwarded_at, rules.correction_days, Unit.WORKING_DAY)


def feedback_due(calendar: WorkCalendar, received_at: datetime, rules: Rules = DEFAULT_RULES) -> Count:
    """Feedback is answered in writing within 5 working days (PT 17.3)."""
    return _after(calendar, received_at, rules.feedback_reply_days, Unit.WORKING_DAY)


def publish_due(calendar: WorkCalendar, received_at: datetime, rules: Rules = DEFAULT_RULES) -> Count:
    """A procedure is published within 5 working days of receiving its decision (PT 6)."""
    return _after(calendar, received_at, rules.publish_days, Unit.WORKING_DAY)


def remit_online_due(calendar: WorkCalendar, paid_at: datetime, rules: Rules = DEFAULT_RULES) -> Count:
    """Money paid online reaches the budget account within 8 working hours (NĐ118 24.3)."""
    return _after(calendar, paid_at, rules.remit_online_hours, Unit.WORKING_HOUR)


def remit_post_due(calendar: WorkCalendar, collected_at: datetime, rules: Rules = DEFAULT_RULES) -> Count:
    """Money taken on delivery is remitted by the end of the next working day (TT17 5.2; domain O10)."""
    return _after(calendar, collected_at, rules.post_remit_days, Unit.WORKING_DAY)


def postal_due(calendar: WorkCalendar, received_on: date, days: int) -> date:
    """J+n of TT17 Art 7: the latest day of delivery, or of the first attempt for a return.

    `received_on` is J, the day written on the consignment note; `days` is n in working days.
    """
    return add_working_days(calendar, local_date(received_on), days)


@dataclass(frozen=True, slots=True)
class Invitations:
    """The days on which the post invites the receiver, and the first day it may take the result back."""

    dates: tuple[date, ...]
    return_from: date


def invitations(calendar: WorkCalendar, failed_on: date, rules: Rules = DEFAULT_RULES) -> Invitations:
    """At least two invitations, 2 working days apart, before a result goes back to its agency (TT17 5.2h)."""
    dates, day = [], local_date(failed_on)
    for _ in range(rules.post_invitations):
        day = add_working_days(calendar, day, rules.post_invitation_gap)
        dates.append(day)
    return Invitations(tuple(dates), calendar.next_working_day(day))


# -- Timeliness --


def classify(finished_at: datetime, due_at: datetime, unit: Unit, rules: Rules = DEFAULT_RULES) -> Timeliness:
    """Where a finish stands against its due date (C7, C8): by date, or by the instant for hour-based limits.

    An hour-based dossier is early when it ends at least `early_hours` before its due instant.
    """
    finished, due = local(finished_at), local(due_at)
    if unit is Unit.WORKING_HOUR:
        if finished > due:
            return Timeliness.OVERDUE
        early = finished <= due - timedelta(hours=rules.early_hours)
        return Timeliness.EARLY if early else Timeliness.ON_TIME
    if finished.date() == due.date():
        return Timeliness.ON_TIME
    return Timeliness.EARLY if finished.date() < due.date() else Timeliness.OVERDUE


def classify_open(now: datetime, due_at: datetime, unit: Unit) -> Timeliness:
    """Where an unfinished dossier stands, WITHIN or OVERDUE, by the same comparison as `classify`."""
    late = classify(now, due_at, unit) is Timeliness.OVERDUE
    return Timeliness.OVERDUE if late else Timeliness.WITHIN
