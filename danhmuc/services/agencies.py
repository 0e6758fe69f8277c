"""Questions about the agency tree: who resolves, which desk, who took over."""

from datetime import date

from django.db.models import Q, QuerySet
from django.utils import timezone

from danhmuc.models import Agency, AgencySuccession, Desk, ProcedureVersion

LAST_DAY_OF_DISTRICTS = date(2025, 6, 30)
#: Roles that procedures name and no agency of the tree carries: who acts for them in the province.
STANDS_IN = {
    "CO_SO_GD": ("SO_GDDT",),  # schools are outside the tree; their department receives for them
    "CO_QUAN_GIU_SO_GOC": ("UBND_XA", "SO_TP"),  # whoever keeps the original register
}
#: Before 01/7/2025 some roles were played by others (merged departments, districts).
BEFORE_MERGER = {
    "SO_NNMT": ("SO_TNMT", "SO_NNPTNT"),
    "SO_XD": ("SO_XD", "SO_GTVT"),
    "SO_TC": ("SO_TC", "SO_KHDT"),
    "SO_NV": ("SO_NV", "SO_LDTBXH"),
    "SO_KHCN": ("SO_KHCN", "SO_TTTT"),
    "VP_DKDD": ("SO_TNMT",),
    "CA_XA": ("CA_TINH",),
}
LAST_DAY_BEFORE_MERGER = date(2025, 2, 28)


def resolver_roles(version: ProcedureVersion, on: date) -> list[str]:
    """The roles that may resolve a version on a day, translated to those the tree carried then."""
    roles: list[str] = []
    for role in version.agency_roles:
        roles += STANDS_IN.get(role, (role,))
    if on <= LAST_DAY_OF_DISTRICTS:
        once = version.source.get("level_before_2025_07", "")
        swap = {"huyen": ["UBND_HUYEN"], "huyen;xa": ["UBND_HUYEN", "UBND_XA"], "tinh": ["UBND_TINH"]}.get(
            once
        )
        roles = [r for role in roles for r in (swap if swap and role == "UBND_XA" else [role])]
    if on <= LAST_DAY_BEFORE_MERGER or (on <= LAST_DAY_OF_DISTRICTS and "CA_XA" in roles):
        roles = [r for role in roles for r in BEFORE_MERGER.get(role, (role,))]
    return list(dict.fromkeys(roles))


def resolvers_for(version: ProcedureVersion, on: date | None = None) -> QuerySet[Agency]:
    """Agencies that may resolve a version on a day (default today), in tree order."""
    day = on or timezone.localdate()
    roles = resolver_roles(version, day)
    return Agency.objects.valid_on(day).filter(Q(resolver_key__in=roles) | Q(key__in=roles)).order_by("path")


def resolver_at(version: ProcedureVersion, place_id: int, on: date | None = None) -> Agency | None:
    """The agency that resolves a version for a commune (or its district); a provincial one when there is only that.

    None when several could and none belongs to the place.
    """
    found = list(resolvers_for(version, on).select_related("place"))
    local = [a for a in found if a.place_id is not None]
    for agency in local:
        if agency.place_id == place_id:
            return agency
    wider = [a for a in found if a.place_id is None]
    return wider[0] if len(wider) == 1 or (wider and not local) else None


def desks_on(on: date | None = None) -> QuerySet[Desk]:
    """Desks open on a day."""
    day = on or timezone.localdate()
    return (
        Desk.objects.filter(
            Q(agency__valid_from=None) | Q(agency__valid_from__lte=day),
            Q(agency__valid_to=None) | Q(agency__valid_to__gte=day),
        )
        .select_related("agency", "serves")
        .order_by("agency__path")
    )


def desk_for(agency: Agency, on: date | None = None) -> Desk | None:
    """The desk through which an agency's dossiers come in and go out on a day.

    Its own or its committee's; for a police post that of the commune; else the provincial centre. None only when no
    desk was open that day.
    """
    chain = [int(pk) for pk in agency.path.strip("/").split("/") if pk]
    open_desks = desks_on(on).filter(branch_of=None)
    nearest = (
        open_desks.filter(Q(agency_id__in=chain) | Q(serves_id__in=chain)).order_by("-serves__path").first()
    )
    if nearest is None and agency.place_id:
        nearest = open_desks.filter(serves__place_id=agency.place_id).first()
    return nearest or open_desks.filter(agency__level=Agency.Level.PROVINCE).first()


def successor_of(agency: Agency, on: date | None = None) -> Agency:
    """Who holds the agency's work on a day: itself while it exists, else its default successor's successor."""
    day = on or timezone.localdate()
    current, seen = agency, {agency.pk}
    while not current.exists_on(day) and current.valid_to is not None and current.valid_to < day:
        step = (
            AgencySuccession.objects.filter(old=current, is_default=True, from_date__lte=day)
            .select_related("new")
            .first()
        )
        if step is None or step.new_id in seen:
            break
        current = step.new
        seen.add(current.pk)
    return current
