"""Looks after what nobody is looking at: items about to be due or overdue, dates that a new calendar moves.

Everything is found by asking the tables and said once; running twice, or at once, changes nothing.
"""

from datetime import datetime

from django.utils import timezone

from danhmuc.models import User
from danhmuc.roles import Role
from danhmuc.worktime import SOON_MINUTES, local_date, working_minutes_between
from hoso.services.law import Law
from portal.lifecycle import OPEN, State
from portal.models import Feedback
from portal.services.feedback import agencies, clock, notices

RUNNING = tuple(state for state in OPEN if state != State.NEEDS_INFO)


def warn_due(now: datetime | None = None) -> int:
    """Handlers and the officer learn eight working hours before an item is due, and once more when it is late; then
    the approvers too. Answers how many signals were new.
    """
    at, said, law = now or timezone.now(), 0, Law()
    for feedback in (
        Feedback.objects.filter(state__in=RUNNING).select_related("agency", "assignee").iterator()
    ):
        assert feedback.due_at is not None
        late = local_date(at) > local_date(feedback.due_at)
        left = working_minutes_between(law.calendar(feedback.agency, at), at, feedback.due_at)
        if not late and left > SOON_MINUTES:
            continue
        roles = [Role.FEEDBACK_HANDLER, *([Role.APPROVER] if late else [])]
        people: list[User] = agencies.holders(feedback.agency, *roles)
        if feedback.assignee is not None and feedback.assignee not in people:
            people.append(feedback.assignee)
        said += notices.tell_handlers(
            feedback,
            "feedback_office_late" if late else "feedback_office_soon",
            key=f"{'late' if late else 'soon'}:{feedback.agency_id}:{local_date(feedback.due_at):%y%m%d}",
            people=people,
        )
    return said


def move_dates(now: datetime | None = None) -> int:
    """A changed calendar may move a date later, never earlier (domain §8.1). Answers how many dates moved."""
    at, moved = now or timezone.now(), 0
    for feedback in Feedback.objects.filter(state__in=RUNNING).select_related("agency").iterator():
        before = feedback.due_at
        events = list(feedback.events.order_by("seq"))
        receipt = feedback.holdings.get(agency=feedback.agency).received_at
        due = clock.provincial(feedback, events, receipt, at).due
        if before is not None and due > before:
            moved += Feedback.objects.filter(pk=feedback.pk, due_at=before).update(due_at=due)
            feedback.holdings.filter(agency=feedback.agency).update(due_at=due)
    return moved
