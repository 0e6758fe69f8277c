"""Who may read which figures: supervisors over their scope, heads over their own agency."""

from dataclasses import dataclass
from datetime import date

from baocao.agencies import Tree
from danhmuc.models import Agency, Position, User
from danhmuc.roles import REPORT_ROLES, Role

#: Heads read their own agency; who among them may close its month stands beside it.
_OWN = {role: role == Role.APPROVER for role in REPORT_ROLES - {Role.SUPERVISOR}}


@dataclass(frozen=True)
class Reach:
    """What an officer's positions open: subtrees by path, single agencies by key."""

    scopes: tuple[str, ...] = ()
    own: frozenset[int] = frozenset()
    closes: frozenset[int] = frozenset()
    home: Agency | None = None

    def __bool__(self) -> bool:
        return self.home is not None

    def covers(self, agency: Agency, today: Tree) -> bool:
        """Whether figures of this agency may be read. An agency that is gone is read by whoever took over."""
        if any(agency.path.startswith(path) for path in self.scopes):
            return True
        return agency.pk in self.own or today.answering(agency.pk).pk in self.own

    def may_close(self, agency: Agency) -> bool:
        """Whether this person may freeze a period of that agency: a supervisor's own scope, an approver's agency."""
        return agency.path in self.scopes or agency.pk in self.closes


def reach_of(user: User, on: date | None = None) -> Reach:
    """The reach of a user's positions in office that day; empty (and false) for everybody else."""
    if not user.is_officer:
        return Reach()
    positions = user.positions_on(on)
    scopes = [p for p in positions if p.role == Role.SUPERVISOR]
    heads = [(p, _body_of(p)) for p in positions if p.role in _OWN]
    home = scopes[0].agency if scopes else next((body for _, body in heads), None)
    return Reach(
        scopes=tuple(p.agency.path for p in scopes),
        own=frozenset(body.pk for _, body in heads),
        closes=frozenset(body.pk for p, body in heads if _OWN[Role(p.role)]),
        home=home,
    )


def _body_of(position: Position) -> Agency:
    """The agency that answers outwardly: a desk's head reports for the committee the desk serves."""
    if position.desk is not None and position.role == Role.DESK_HEAD:
        return position.desk.serves
    agency = position.agency
    if agency.body_id != agency.pk and agency.parent is not None:
        return agency.parent
    return agency
