"""The one door: every step of every feedback item is taken here, whatever page, job or system asked for it.

Lock, read, check, step, record, follow, save: in that order, for everyone (as `hoso.services.dossiers`).
"""

import inspect
from datetime import datetime
from functools import cache
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django_fsm import can_proceed, has_transition_perm

from danhmuc.models import User
from hoso.services.errors import Refused
from portal.access import Who
from portal.lifecycle import Lifecycle
from portal.models import Feedback, FeedbackEvent
from portal.services.feedback.consequences import CONSEQUENCES
from portal.services.feedback.guards import GUARDS, STANDING


class StepRefused(Refused):
    """The step cannot be taken from where the item now stands: somebody was faster, or the page is old."""

    def __init__(self, last: FeedbackEvent | None) -> None:
        self.last = last
        text = _("Phản ánh không ở bước này. Mở lại để xem tình trạng hiện tại.")
        if last is not None:
            at = timezone.localtime(last.at)
            who = last.actor.full_name if last.actor else _("Người gửi")
            text = _(
                "%(name)s vừa thực hiện “%(step)s” lúc %(time)s ngày %(day)s. "
                "Trang dưới đây là tình trạng hiện tại; hãy xem lại trước khi làm tiếp."
            ) % {
                "name": who,
                "step": _(label_of(last.name)),
                "time": f"{at:%H:%M}",
                "day": f"{at:%d/%m/%Y}",
            }
        super().__init__(text)


@transaction.atomic
def advance(
    pk: int,
    name: str,
    *,
    by: Who,
    seen: int | None = None,
    at: datetime | None = None,
    note: str = "",
    **facts: Any,
) -> Feedback:
    """Take one step in an item's life, with everything that follows from it.

    `by` is an account, or SENDER for whoever sent it. `seen` is the number of the last event the page showed.
    Raises Feedback.DoesNotExist, PermissionDenied, StepRefused (stale page, wrong state) or Refused (a rule says no).
    """
    feedback = locked(pk)
    last = feedback.events.select_related("actor").order_by("-seq").first()
    if seen is not None and seen != feedback.last_seq:
        raise StepRefused(last)
    step = getattr(feedback, name, None)
    if name not in CONSEQUENCES or step is None:
        raise Refused(f"Không có bước “{name}”.")
    if not can_proceed(step):
        raise StepRefused(last)
    if not has_transition_perm(step, by):
        raise PermissionDenied
    moment = at or timezone.now()
    facts |= {"note": note, "at": moment}
    for guard in GUARDS.get(name, ()):
        guard(feedback, by, facts)
    source = feedback.state
    step(at=moment, **{key: facts[key] for key in _own_facts(name) if key in facts})
    feedback.last_seq += 1
    feedback.updated_at = moment
    event = FeedbackEvent(
        feedback=feedback,
        seq=feedback.last_seq,
        name=name,
        source=source,
        target=feedback.state,
        actor=by if isinstance(by, User) else feedback.sender,
        agency=feedback.agency,
        at=moment,
        note=note,
    )
    for follow in CONSEQUENCES[name]:
        follow(feedback, event, facts)
    event.save()
    feedback.save()
    return feedback


def locked(pk: int) -> Feedback:
    """The item with its row locked; everything is read after the lock. Call inside a transaction."""
    Feedback.objects.select_for_update().only("pk").get(pk=pk)
    return Feedback.objects.select_related("agency", "sender", "assignee", "asked_agency").get(pk=pk)


@cache
def _own_facts(name: str) -> tuple[str, ...]:
    parameters = inspect.signature(inspect.unwrap(getattr(Lifecycle, name))).parameters
    return tuple(key for key in parameters if key not in {"self", "at"})


@cache
def label_of(name: str) -> str:
    """The Vietnamese name of a step."""
    for transition in Feedback().get_all_state_transitions():
        if transition.name == name:
            return str(transition.custom.get("label", name))
    return name


def steps_for(feedback: Feedback, who: Who) -> list[str]:
    """Names of the steps this person may take now, for the buttons of a page."""
    found = [t.name for t in feedback.get_available_user_state_transitions(who)]
    return [name for name in found if all(stands(feedback) for stands in STANDING.get(name, ()))]
