"""What an officer's positions of today cover: what the queues, counters and bulk steps of an office stand on."""

from dataclasses import dataclass, field
from datetime import datetime
from functools import reduce
from operator import or_

from django.db.models import Q
from django.utils import timezone

from danhmuc.models import Agency, User
from danhmuc.roles import GRANTS
from danhmuc.worktime import TimeLimit, Unit, add
from hoso import access
from hoso.services.law import Law

NOTHING = Q(pk__in=[])


@dataclass(frozen=True)
class Reach:
    """What an officer's positions of today cover: desks, agencies, roles at agencies, supervised subtrees, steps."""

    user: User
    now: datetime
    soon: datetime
    desks: frozenset[int]
    served: frozenset[int]
    agencies: frozenset[int]
    roles: tuple[tuple[str, frozenset[int]], ...]
    paths: tuple[str, ...]
    steps: frozenset[str]
    #: What the law says, read once a request by all that ask.
    law: Law = field(compare=False)

    def may(self, step: str) -> bool:
        """Whether some position of today takes this step at all."""
        return step in self.steps

    def here(self, **state: object) -> Q:
        """Dossiers of the own desks, or resolved by the own agencies, or below a supervised one."""
        found = [Q(desk_id__in=self.desks, **state)] if self.desks else []
        if self.agencies:
            found.append(Q(resolving_agency_id__in=self.agencies, **state))
        found += [Q(resolving_agency__path__startswith=path, **state) for path in self.paths]
        return reduce(or_, found, NOTHING) if found else NOTHING

    def at_desk(self, **state: object) -> Q:
        """Dossiers of the own desks."""
        return Q(desk_id__in=self.desks, **state) if self.desks else NOTHING

    def at_agency(self, **state: object) -> Q:
        """Dossiers the own agencies resolve."""
        return Q(resolving_agency_id__in=self.agencies, **state) if self.agencies else NOTHING


def reach_of(user: User, now: datetime | None = None) -> Reach:
    """The reach of a user now; read once a request and kept on the user."""
    cached: Reach | None = user.__dict__.get("_reach")
    if cached is not None:
        return cached
    moment = now or timezone.now()
    scope = access.scope_of(user)
    roles: list[tuple[str, frozenset[int]]] = []
    steps: set[str] = set()
    agency: Agency | None = None
    for position in user.positions_on():
        grant = GRANTS[position.role]
        steps |= grant.steps
        agency = agency or position.agency
        if grant.reads == "agency":
            body = position.agency.body_id
            ids = scope.predecessors.get(body, frozenset()) | {body, position.agency_id}
            roles.append((str(position.role), ids))
    served = {
        p.desk.serves_id for p in user.positions_on() if p.desk is not None and p.desk_id in scope.desks
    }
    law = Law()
    calendar = law.calendar(agency, moment) if agency else None
    reach = Reach(
        user=user,
        now=moment,
        soon=add(calendar, moment, TimeLimit(8, Unit.WORKING_HOUR)).due if calendar else moment,
        desks=scope.desks,
        served=frozenset(served),
        agencies=scope.agencies,
        roles=tuple(roles),
        paths=scope.scopes,
        steps=frozenset(steps),
        law=law,
    )
    user.__dict__["_reach"] = reach
    return reach
