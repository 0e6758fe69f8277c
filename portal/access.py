"""Who may see a feedback item, take which step with it, or correct somebody's account. Decided here alone.

Handlers work on what their agency has now, approvers sign there, an assigned officer drafts the answer; supervisors
look at their scope and urge. The sender is whoever sent it, signed in or not: `SENDER` stands for the person who has
shown so (by account, or by code and contact), never for an officer.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING

from django.apps import apps
from django.db.models import Q

from danhmuc.models import Desk, User
from danhmuc.roles import ACCOUNT_ROLES, FEEDBACK_INTAKE_ROLES, Role

if TYPE_CHECKING:
    from portal.lifecycle import Lifecycle

#: Stands for the person who sent the item, where accounts stand for officers.
SENDER = "sender"
Who = User | str

SENDER_STEPS = frozenset({"submit", "give_info", "rate", "reopen"})
HANDLER_STEPS = frozenset(
    {
        "accept",
        "reject",
        "guide_elsewhere",
        "ask_info",
        "give_info",  # of what came by telephone or letter: its sender answers the same way
        "forward",
        "assign",
        "note",
        "draft",
        "propose",
        "publish",
        "unpublish",
    }
)
SIGNER_STEPS = frozenset({"sign", "return_draft", "assign", "note", "unpublish"})
WORKER_STEPS = frozenset({"note", "draft", "propose"})
SUPERVISOR_STEPS = frozenset({"urge"})
SYSTEM_STEPS = frozenset({"submit"})
#: Who may be given an item to work on: officers of the agency that judge matters, not counters or cash boxes.
WORKERS = frozenset({Role.FEEDBACK_HANDLER, Role.CASE_OFFICER, Role.DIVISION_HEAD, Role.APPROVER})


def desk_for_accounts(user: User) -> Desk | None:
    """The desk at which the user corrects accounts today; None when that is not the user's to do."""
    if not user.is_officer:
        return None
    return next((p.desk for p in user.positions_on() if p.role in ACCOUNT_ROLES), None)


def may_take_in(user: User) -> bool:
    """Whether the user writes down what people say by telephone, by letter or in person."""
    return user.is_officer and any(p.role in FEEDBACK_INTAKE_ROLES for p in user.positions_on())


def agencies_as(user: User, role: Role) -> frozenset[int]:
    """Agencies at which the user holds a role today, with those whose open work they took over."""
    cached: dict[Role, frozenset[int]] = user.__dict__.setdefault("_feedback_agencies", {})
    if role not in cached:
        bodies = {p.agency.body_id for p in user.positions_on() if p.role == role}
        cached[role] = frozenset(bodies).union(*user.predecessors_of(bodies).values())
    return cached[role]


def scopes_of(user: User) -> tuple[str, ...]:
    """Subtrees a supervisor looks at."""
    return tuple(p.agency.path for p in user.positions_on() if p.role == Role.SUPERVISOR)


def works_on_feedback(user: User) -> bool:
    """Whether the person has business with feedback by position (an assignee has it by being named)."""
    roles = {p.role for p in user.positions_on()}
    return bool(roles & {Role.FEEDBACK_HANDLER, Role.APPROVER, Role.SUPERVISOR})


def visible(user: User) -> Q:
    """The items an officer may read, as a condition on Feedback; what nobody has confirmed does not exist yet."""
    if not user.is_officer:
        return Q(pk__in=[])
    seen = Q(assignee_id=user.pk)
    here = agencies_as(user, Role.FEEDBACK_HANDLER) | agencies_as(user, Role.APPROVER)
    if here:
        # What an agency once had and forwarded stays readable there: it answers for its own five days.
        held = apps.get_model("portal", "FeedbackHolding").objects.filter(agency_id__in=here)
        seen |= Q(agency_id__in=here) | Q(pk__in=held.values("feedback_id"))
    for path in scopes_of(user):
        seen |= Q(agency__path__startswith=path)
    return seen & ~Q(state="unconfirmed")


def may_take(feedback: "Lifecycle", who: Who, step: str) -> bool:
    """Whether this person may take this step with this item today."""
    if not isinstance(who, User):
        return who == SENDER and step in SENDER_STEPS
    if who.kind == User.Kind.SYSTEM:
        return step in SYSTEM_STEPS
    if not who.is_officer:
        return False
    if step == "submit":
        return feedback.is_written_down and may_take_in(who)
    if step == "give_info" and not feedback.is_written_down:
        return False
    if step in HANDLER_STEPS and feedback.agency_id in agencies_as(who, Role.FEEDBACK_HANDLER):
        return True
    if step in SIGNER_STEPS and feedback.agency_id in agencies_as(who, Role.APPROVER):
        return True
    if step in WORKER_STEPS and feedback.assignee_id == who.pk:
        return True
    return step in SUPERVISOR_STEPS and any(feedback.agency.path.startswith(path) for path in scopes_of(who))


def may(step: str) -> Callable[["Lifecycle", Who], bool]:
    """The permission of a transition, in the form the state machine asks for."""

    def check(feedback: "Lifecycle", who: Who) -> bool:
        return may_take(feedback, who, step)

    check.__name__ = f"may_{step}"
    return check
