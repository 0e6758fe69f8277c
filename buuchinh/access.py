"""Who may see a parcel, and who may take which step with it. The only place where either is decided.

Carriers and post clerks act on their own parcels, coordinators on those of their unit and below, a desk's officers
on the parcels that come to or leave their desk. Nobody at the post reads a dossier (danhmuc.roles, "post").
"""

from collections.abc import Callable
from typing import TYPE_CHECKING

from django.db.models import Q

from danhmuc.models import User
from danhmuc.roles import Role

if TYPE_CHECKING:
    from buuchinh.lifecycle import Lifecycle

CARRYING = frozenset({Role.POST_CARRIER, Role.POST_POINT_CLERK})
DESK = frozenset({Role.DESK_OFFICER, Role.DESK_HEAD})
#: Who may register a request after the submission, regardless of territory (domain §11.2).
REGISTRARS = frozenset({*CARRYING, *DESK, Role.POST_COORDINATOR, Role.HOTLINE_OPERATOR})

CARRIER_STEPS = frozenset(
    {
        "confirm",
        "miss",
        "collect",
        "depart",
        "arrive",
        "deliver",
        "fail",
        "start_return",
        "report_lost",
        "report_damaged",
    }
)
COORDINATOR_STEPS = frozenset(
    {"confirm", "assign", "reassign", "abandon", "cancel", "start_return", "report_lost", "report_damaged"}
)
DESK_STEPS = frozenset(
    {"arrive", "hand_over", "reject_at_count", "supply", "give_back", "take_result", "hand_back"}
)
SYSTEM_STEPS = frozenset({"assign", "cancel"})


def holds(user: User, roles: frozenset[Role]) -> bool:
    """Whether the person is in office today in one of these roles."""
    return any(p.role in roles for p in user.positions_on())


def is_carrier(user: User) -> bool:
    """Walks a route or serves a post counter."""
    return holds(user, CARRYING)


def is_coordinator(user: User) -> bool:
    """Assigns requests and watches the money of a post unit."""
    return holds(user, frozenset({Role.POST_COORDINATOR}))


def may_register(user: User) -> bool:
    """May take a late registration (hotline, any desk, any post office)."""
    return holds(user, REGISTRARS)


def desks_of(user: User) -> frozenset[int]:
    """Desks whose counter this person serves today."""
    return frozenset(p.desk_id for p in user.positions_on() if p.role in DESK and p.desk_id)


def money_desks_of(user: User) -> frozenset[int]:
    """Desks for which this person may confirm money handed over."""
    roles = {*DESK, Role.CASHIER}
    return frozenset(p.desk_id for p in user.positions_on() if p.role in roles and p.desk_id)


def unit_paths(user: User) -> tuple[str, ...]:
    """Subtrees of post units a coordinator answers for."""
    return tuple(p.agency.path for p in user.positions_on() if p.role == Role.POST_COORDINATOR)


def visible(user: User) -> Q:
    """The parcels a person may see, as a condition on Parcel; the rest do not exist for them."""
    seen = Q(pk__in=[])
    if is_carrier(user):
        seen |= Q(carrier_id=user.pk)
    for path in unit_paths(user):
        seen |= Q(unit__path__startswith=path)
    if desks := desks_of(user):
        seen |= Q(dossier__desk_id__in=desks)
    return seen


def may_take(parcel: "Lifecycle", user: User, step: str) -> bool:
    """Whether this person may take this step with this parcel today."""
    if user.kind == User.Kind.SYSTEM:
        return step in SYSTEM_STEPS
    if step in CARRIER_STEPS and parcel.carrier_id == user.pk and is_carrier(user):
        return True
    if step in COORDINATOR_STEPS and any(parcel.unit.path.startswith(path) for path in unit_paths(user)):
        return True
    return step in DESK_STEPS and parcel.dossier.desk_id in desks_of(user)


def may(step: str) -> Callable[["Lifecycle", User], bool]:
    """The permission of a transition, in the form the state machine asks for."""

    def check(parcel: "Lifecycle", user: User) -> bool:
        return may_take(parcel, user, step)

    check.__name__ = f"may_{step}"
    return check
