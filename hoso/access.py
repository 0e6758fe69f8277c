"""Who may see a dossier, and who may act on it. The only place where either is decided.

Rights come from positions (`danhmuc.roles.GRANTS`); this module judges whether the dossier at hand lies within the
desk or agency of a position. Pages fetch through `visible()` (another's dossier is "not found"), the lifecycle asks
`may(step)`.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING

from django.apps import apps
from django.db.models import Q
from django.utils import timezone

from danhmuc.models import Membership, Position, User
from danhmuc.roles import APPLICANT_STEPS, GRANTS, SYSTEM_STEPS
from danhmuc.worktime import local_date

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

    from hoso.lifecycle import Lifecycle


@dataclass(frozen=True)
class Scope:
    """What an officer's positions of one day cover, as ids, so that lists compare ids without joins."""

    desks: frozenset[int] = frozenset()
    agencies: frozenset[int] = frozenset()
    scopes: tuple[str, ...] = ()
    predecessors: dict[int, frozenset[int]] = field(default_factory=dict)


def scope_of(user: User, on: date | None = None) -> Scope:
    """The desks, agencies and supervised subtrees of a user that day; worked out once and kept on the user."""
    positions = user.positions_on(on)
    key = tuple(p.pk for p in positions)
    cached: dict[tuple[int, ...], Scope] = user.__dict__.setdefault("_scopes", {})
    if key not in cached:
        bodies = {p.agency.body_id for p in positions if GRANTS[p.role].reads == "agency"}
        before = user.predecessors_of(bodies)
        cached[key] = Scope(
            desks=frozenset(p.desk_id for p in positions if GRANTS[p.role].reads == "desk" and p.desk_id),
            agencies=frozenset(bodies).union(*before.values()),
            scopes=tuple(p.agency.path for p in positions if GRANTS[p.role].reads == "scope"),
            predecessors=before,
        )
    return cached[key]


def visible(user: "User | AnonymousUser") -> Q:
    """The dossiers a user may read, as a condition on Dossier. Nobody but the writer sees a draft."""
    if not user.is_authenticated:
        return Q(pk__in=[])
    mine = own(user)
    if not user.is_officer:
        return mine
    scope = scope_of(user)
    seen = Q(pk__in=[])
    if scope.desks:
        seen |= Q(desk_id__in=scope.desks)
    if scope.agencies:
        task = apps.get_model("hoso", "AgencyTask")
        with_task = task.objects.filter(agency_id__in=scope.agencies).exclude(status="waiting")
        seen |= Q(resolving_agency_id__in=scope.agencies) | Q(pk__in=with_task.values("dossier_id"))
    for path in scope.scopes:
        seen |= Q(resolving_agency__path__startswith=path)
    return (seen & ~Q(state="draft")) | mine | Q(state="draft", entered_by_id=user.pk)


def organisations_of(user: User) -> frozenset[int]:
    """The organisations a user acts for now: its own account's, or those a person is a present member of.

    Read once and kept on the user, that is for one request.
    """
    cached: frozenset[int] | None = user.__dict__.get("_organisations")
    if cached is None:
        cached = frozenset()
        if user.kind == User.Kind.ORGANISATION:
            cached = frozenset({user.pk})
        elif user.kind == User.Kind.CITIZEN:
            present = Membership.objects.present().filter(user_id=user.pk, organisation__is_active=True)
            cached = frozenset(present.values_list("organisation_id", flat=True))
        user.__dict__["_organisations"] = cached
    return cached


def may_manage(user: User, organisation_id: int) -> bool:
    """Who invites and removes members: the organisation's own account and its present managers."""
    if user.pk == organisation_id and user.kind == User.Kind.ORGANISATION:
        return True
    managers = Membership.objects.present().filter(role=Membership.Role.MANAGER)
    return managers.filter(organisation_id=organisation_id, user_id=user.pk).exists()


def own(user: User) -> Q:
    """The dossiers a user stands behind as applicant: one's own, and those of an organisation one acts for now.

    Whoever filed for an organisation and has left it sees no more of its dossiers.
    """
    mine = Q(applicant_id=user.pk, organisation=None)
    acts_for = organisations_of(user)
    return mine | Q(organisation_id__in=acts_for) if acts_for else mine


def is_own(dossier: "Lifecycle", user: User) -> bool:
    """The same for one dossier at hand."""
    if dossier.organisation_id is not None:
        return dossier.organisation_id in organisations_of(user)
    return bool(dossier.applicant_id == user.pk)


def may_write(dossier: "Lifecycle", user: User) -> bool:
    """Whose draft it is to write: the applicant's, or the officer's who enters it for somebody."""
    return is_own(dossier, user) or (not user.is_applicant and dossier.entered_by_id == user.pk)


def may_take(dossier: "Lifecycle", user: User, step: str) -> bool:
    """Whether this person may take this step on this dossier today, by position and by scope."""
    if user.kind == User.Kind.SYSTEM:
        return step in SYSTEM_STEPS
    if step in APPLICANT_STEPS and is_own(dossier, user):
        return True
    day = acting_day(dossier)
    scope = scope_of(user, day)
    return any(
        step in GRANTS[position.role].steps and _covers(position, scope, dossier)
        for position in user.positions_on(day)
    )


def serves_desk(user: User, desk_id: int) -> bool:
    """Whether the user is posted at a desk today, as one who receives dossiers there or heads it."""
    return any(
        position.desk_id == desk_id and "accept" in GRANTS[position.role].steps
        for position in user.positions_on()
    )


def acting_day(dossier: "Lifecycle") -> date:
    """The day on which rights are judged: that of the step being taken (today, or a day being replayed)."""
    at = getattr(dossier, "acting_at", None)
    return local_date(at) if at else timezone.localdate()


def _covers(position: Position, scope: Scope, dossier: "Lifecycle") -> bool:
    reads = GRANTS[position.role].reads
    if reads == "desk":
        return position.desk_id == dossier.desk_id
    if reads == "agency":
        body = position.agency.body_id
        mine = scope.predecessors.get(body, frozenset()) | {body}
        return bool(mine & dossier.involved_agency_ids())
    if reads == "scope":
        below: str = dossier.resolving_agency.path
        return below.startswith(position.agency.path)
    if reads == "post":
        return dossier.travels_by_post
    return False


def may(step: str) -> Callable[["Lifecycle", User], bool]:
    """The permission of a transition, in the form the state machine asks for."""

    def check(dossier: "Lifecycle", user: User) -> bool:
        return may_take(dossier, user, step)

    check.__name__ = f"may_{step}"
    return check


def holds_role(user: User, role: str, agency_ids: frozenset[int] | set[int], on: date | None = None) -> bool:
    """Whether the user is in office in that role at one of these agencies (or a successor of one)."""
    scope = scope_of(user, on)
    for position in user.positions_on(on):
        if position.role == role:
            body = position.agency.body_id
            if (scope.predecessors.get(body, frozenset()) | {body, position.agency_id}) & set(agency_ids):
                return True
    return False
