"""How long the post may take and how often it must invite (TT17 Arts 5, 7). Pure rules over places and calendars."""

from datetime import date

from django.conf import settings

from buuchinh.models import Parcel
from danhmuc.models import Place
from danhmuc.services import CARRIAGE_DAYS, distance_between
from danhmuc.worktime import WorkCalendar, add_working_days

Scope = Parcel.Scope
#: Undeliverable for good (LBC Art 17): no invitation would help.
FINAL_FAULTS = frozenset({Parcel.Fault.ADDRESS, Parcel.Fault.REFUSED})


def scope_between(one: Place | None, other: Place | None) -> Parcel.Scope:
    """The distance class of two communes."""
    return Scope(distance_between(one, other))


def due_on(calendar: WorkCalendar, taken_on: date, scope: str) -> date:
    """The last day on which the parcel must be at the desk, or its first delivery attempted."""
    return add_working_days(calendar, taken_on, CARRIAGE_DAYS[scope])


def invitation_days(calendar: WorkCalendar, failed_on: date) -> list[date]:
    """The days of the invitations after a failed attempt, each the gap of working days after the one before."""
    gap, number = settings.POST_INVITATION_GAP, settings.POST_INVITATIONS
    return [add_working_days(calendar, failed_on, gap * n) for n in range(1, number + 1)]


def return_from(calendar: WorkCalendar, failed_on: date, fault: str) -> date:
    """The first day on which an undelivered result may go back: the working day after the last invitation.

    The cautious reading of TT17 5.2h: failed Mon 05/10/2026, invited Wed 07/10 and Fri 09/10, back from Mon 12/10.
    """
    if fault in FINAL_FAULTS:
        return failed_on
    return add_working_days(calendar, invitation_days(calendar, failed_on)[-1], 1)
