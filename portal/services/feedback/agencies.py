"""Which agency an item goes to, and who works on it there."""

from collections.abc import Iterable

from django.conf import settings
from django.db.models import Q, QuerySet
from django.utils import timezone

from danhmuc.models import Agency, Position, User
from danhmuc.roles import Role
from danhmuc.services import successor_of
from portal.access import WORKERS


def in_office(*roles: Role) -> QuerySet[Position]:
    """Positions of these roles held today."""
    today = timezone.localdate()
    return Position.objects.filter(
        Q(valid_to=None) | Q(valid_to__gte=today),
        role__in=roles,
        valid_from__lte=today,
        user__is_active=True,
    )


def holders(agency: Agency, *roles: Role) -> list[User]:
    """Who holds one of these roles at an agency or a division of it, by name."""
    here = Q(agency=agency) | Q(agency__parent=agency, agency__kind__in=Agency.DIVISION_KINDS)
    positions = in_office(*roles).filter(here).select_related("user")
    people = {position.user_id: position.user for position in positions}
    return sorted(people.values(), key=lambda user: user.folded_name or user.full_name)


def workers(agency: Agency) -> list[User]:
    """Who may be given an item to answer."""
    return holders(agency, *WORKERS)


def with_handlers(among: Iterable[int] | None = None) -> QuerySet[Agency]:
    """Agencies of today at which somebody handles feedback: nothing is sent where nobody reads."""
    positions = in_office(Role.FEEDBACK_HANDLER).select_related("agency")
    bodies = {position.agency.body_id for position in positions}
    found = Agency.objects.valid_on(timezone.localdate()).filter(pk__in=bodies)
    return found if among is None else found.filter(pk__in=list(among))


#: Kinds of agencies a sender may name; desks and divisions answer through the body above them.
NAMED = ("ubnd", "so", "ban_nganh", "van_phong", "nganh_doc", "buu_dien_tinh")


def choices() -> QuerySet[Agency]:
    """Agencies of today a sender may name."""
    return Agency.objects.valid_on(timezone.localdate()).filter(kind__in=NAMED).order_by("path")


def first_reader() -> Agency:
    """The agency that sorts what belongs to nobody yet: the provincial office (PT Điều 18)."""
    named = Agency.objects.filter(key=settings.FEEDBACK_TRIAGE_AGENCY).first()
    return named or Agency.objects.filter(level=Agency.Level.PROVINCE, parent=None).order_by("pk")[0]


def receiver(asked: Agency | None) -> Agency:
    """Who gets an item: the agency asked for or its successor when somebody handles feedback there, else the
    provincial office, which forwards it.
    """
    if asked is not None:
        present = successor_of(asked)
        if with_handlers([present.body_id]).exists():
            return Agency.objects.get(pk=present.body_id)
    return first_reader()
