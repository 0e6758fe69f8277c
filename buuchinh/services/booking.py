"""Comes and looks, each minute, which dossiers want the post, and keeps requests in step with their dossiers.

Nothing below knows parcels: what is wanted stands in `PostalChoice` and in the dossier's own columns.
"""

import logging
from datetime import UTC, date, datetime
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Count, Exists, F, OuterRef, Q
from django.db.models.functions import Coalesce
from django.utils import timezone

from buuchinh import transit
from buuchinh.lifecycle import LIVE, WAITING, Leg
from buuchinh.models import Parcel, ParcelEvent
from buuchinh.services import parcels
from danhmuc.models import Agency, Place, Position, User
from danhmuc.roles import Role
from danhmuc.services import NoTariff, postage
from hoso.models import Dossier, PostalChoice
from hoso.models.dossiers import DossierQuerySet
from hoso.services import notices, routes

logger = logging.getLogger(__name__)

Check = Dossier.PaperCheck
BATCH = 200
_LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)
#: A set of papers in an envelope; carriers weigh at the door only what is plainly heavier.
USUAL_WEIGHT = 100


def book_due(now: datetime | None = None) -> int:
    """Create the parcels that are wanted and not there yet. Returns how many. Safe to run twice at once."""
    at = now or timezone.now()
    made = 0
    for leg, wanted in ((Leg.PICKUP, _want_pickup()), (Leg.RETURN, _want_return())):
        for pk in list(wanted.values_list("pk", flat=True)[:BATCH]):
            try:
                made += _book(pk, leg, at) is not None
            except parcels.Refused as refused:  # one that cannot be booked does not hold up the others
                logger.warning("Chưa đặt được bưu gửi cho hồ sơ %s: %s", pk, refused)
    return made


def cancel_idle(now: datetime | None = None) -> int:
    """Cancel requests nobody needs any more: the dossier ended, its papers or result go another way, or the applicant
    asked for another place or day since; that is booked anew.
    """
    at = now or timezone.now()
    system = User.objects.system()
    mine = Dossier.objects.filter(pk=OuterRef("dossier_id"))
    awaits = Dossier.objects.open().filter(
        pk=OuterRef("dossier_id"), paper_check__in=_AWAITING, papers_by=Dossier.PapersBy.POST
    )
    comes = mine.filter(channel=Dossier.Channel.POST, accepted_at=None, state="draft")
    returns = mine.filter(state="decided", return_by=Dossier.ReturnBy.POST)
    idle = Parcel.objects.filter(state__in=WAITING).filter(
        Q(leg=Leg.PICKUP) & ~Q(Exists(awaits)) & ~Q(Exists(comes))
        | Q(leg=Leg.RETURN) & ~Q(Exists(returns))
        | Q(leg=Leg.PICKUP, dossier__postal__papers_changed_at__gt=F("registered_at"))
        | Q(leg=Leg.RETURN, dossier__postal__result_changed_at__gt=F("registered_at"))
    )
    done = 0
    for pk in list(idle.values_list("pk", flat=True)[:BATCH]):
        with transaction.atomic():
            parcel = Parcel.objects.select_for_update(skip_locked=True).filter(pk=pk).first()
            if parcel is not None and parcel.state in WAITING:
                note = "Người nộp đã đổi yêu cầu, hoặc hồ sơ không còn cần bưu điện chuyển chiều này."
                parcels.take(parcel, "cancel", by=system, at=at, note=note)
                done += 1
    return done


_AWAITING = (Check.NOT_REQUIRED, Check.AWAITING_PAPER)


#: Ends of a request from which the applicant may ask anew.
_GIVEN_UP = ("cancelled", "failed")
#: What of PostalChoice says when a leg was last asked for.
_CHANGED = {Leg.PICKUP: "papers_changed_at", Leg.RETURN: "result_changed_at"}


def _booked(leg: Leg) -> Exists:
    """A leg is booked once; a request given up before the applicant asked anew does not count."""
    changed = OuterRef(f"postal__{_CHANGED[leg]}")
    mine = Parcel.objects.filter(dossier_id=OuterRef("pk"), leg=leg)
    return Exists(mine.filter(~Q(state__in=_GIVEN_UP) | Q(registered_at__gte=Coalesce(changed, _LONG_AGO))))


def _want_pickup() -> DossierQuerySet:
    """Papers the applicant asked the post to fetch and the desk still awaits."""
    return (
        Dossier.objects.open()
        .filter(
            Q(state="submitted", version__paper_check_mode="before_release")
            | Q(paper_check=Check.AWAITING_PAPER),
            ~Q(_booked(Leg.PICKUP)),
            papers_by=Dossier.PapersBy.POST,
            channel=Dossier.Channel.ONLINE,
            postal__service__in=(PostalChoice.Service.SEND, PostalChoice.Service.BOTH),
        )
        .exclude(version__paper_check_mode="at_delivery")
        .order_by("pk")
    )


def _want_return() -> DossierQuerySet:
    """Results issued whose receiver asked for the post, and whose papers stand in the way no more."""
    settled = (Check.NOT_REQUIRED, Check.MATCHED, Check.ACCEPTED_WITH_NOTE)
    return (
        Dossier.objects.filter(state="decided")
        .filter(
            Q(paper_check__in=settled) | Q(version__paper_check_mode="at_delivery"),
            ~Q(_booked(Leg.RETURN)),
            result_issued_at__isnull=False,
            return_by=Dossier.ReturnBy.POST,
            postal__service__in=(PostalChoice.Service.RECEIVE, PostalChoice.Service.BOTH),
        )
        .order_by("pk")
    )


def _book(dossier_pk: int, leg: Leg, at: datetime) -> Parcel | None:
    """One parcel, unless another task is making it or has made it."""
    with transaction.atomic():
        dossier = (
            Dossier.objects.select_for_update(of=["self"], skip_locked=True)
            .select_related("version", "desk__agency", "desk__serves__place", "resolving_agency")
            .filter(pk=dossier_pk)
            .first()
        )
        choice = PostalChoice.objects.filter(dossier_id=dossier_pk).first()
        if dossier is None or choice is None:
            return None
        changed: datetime | None = getattr(choice, _CHANGED[leg])
        mine = Parcel.objects.filter(dossier=dossier, leg=leg)
        if mine.filter(~Q(state__in=_GIVEN_UP) | Q(registered_at__gte=changed or _LONG_AGO)).exists():
            return None
        return book(dossier, leg, choice, at=max(at, changed or at))


def book(
    dossier: Dossier,
    leg: Leg,
    choice: PostalChoice,
    *,
    at: datetime,
    by: User | None = None,
    carrier: User | None = None,
    unit: Agency | None = None,
) -> Parcel:
    """Register a parcel of a locked dossier and give it a carrier where its unit has one; the applicant is told.

    Raises IntegrityError when the leg already has a live parcel.
    """
    pickup = leg == Leg.PICKUP
    place = choice.pickup_place if pickup else choice.delivery_place
    unit = unit or unit_for(place, timezone.localdate(at))
    scope = transit.scope_between(place, dossier.desk.serves.place)
    parcel = Parcel.objects.create(
        dossier=dossier,
        leg=leg,
        unit=unit,
        scope=scope,
        contact=(dossier.submitter_name or dossier.owner_name)
        if pickup
        else choice.receiver or dossier.owner_name,
        phone=choice.phone or dossier.phone,
        address=choice.pickup_address if pickup else choice.delivery_address,
        place=place,
        wished_on=choice.pickup_on if pickup else None,
        wished_part=choice.pickup_part if pickup else "",
        papers=expected_papers(dossier) if pickup else result_papers(dossier),
        postage=price(leg, scope, timezone.localdate(at)),
        registered_at=at,
        last_seq=1,
    )
    system = User.objects.system()
    ParcelEvent.objects.create(
        parcel=parcel,
        seq=1,
        name="register",
        source=parcel.state,
        target=parcel.state,
        actor=by or system,
        at=at,
    )
    found = carrier or least_busy_carrier(unit, timezone.localdate(at))
    if found is not None:
        parcel.carrier = found
        parcels.take(parcel, "assign", by=system, at=at, note=found.full_name, carrier=found.pk)
    if pickup and by is None:
        notices.tell(
            dossier,
            "postal_pickup_booked",
            key=f"parcel:{parcel.pk}:booked",
            at=at,
            on=parcel.wished_on,
            part=parcel.get_wished_part_display(),
            address=parcel.address,
            carrier=unit.name,
        )
    return parcel


def price(leg: str, scope: str, on: date, weight: int = USUAL_WEIGHT) -> int | None:
    """One-way postage in đồng by the price list in force; None where none is published."""
    service = "nhan_gui_ho_so" if leg == Leg.PICKUP else "chuyen_tra_ket_qua"
    try:
        return postage(service, scope, weight, on)
    except NoTariff:
        return None


def expected_papers(dossier: Dossier) -> list[dict[str, Any]]:
    """The papers the carrier asks for: those of the published list the applicant uploaded, else all required ones.

    Nothing outside the list may be asked for (QĐ45 16.5b).
    """
    _, components, _ = routes.version_parts(dossier.version_id)
    listed = [c for c in components if c.is_handed_in]
    sent = set(
        dossier.documents.filter(removed_at=None, replaced_by=None).values_list("component_id", flat=True)
    )
    chosen = [c for c in listed if c.pk in sent] or [c for c in listed if c.required] or listed[:1]
    return [{"name": c.name, "original": c.originals, "copy": c.copies, "component": c.pk} for c in chosen]


def result_papers(dossier: Dossier) -> list[dict[str, Any]]:
    """What leaves the desk: the result, and the originals that came for comparison (QĐ45 8.3)."""
    result = dossier.version.result_name or "Văn bản kết quả"
    found = [{"name": result, "original": 1, "copy": 0, "component": None}]
    came = Parcel.objects.filter(dossier=dossier, leg=Leg.PICKUP, state="handed_over").order_by("-pk").first()
    if came is not None and dossier.channel == Dossier.Channel.ONLINE:
        found += [p for p in came.papers if p.get("original")]
    return found


def unit_for(place: Place | None, on: date) -> Agency:
    """The post unit of a commune, else that of the province above it (key POST_ROUTING, domain §11.2)."""
    units = Agency.objects.valid_on(on).filter(level=Agency.Level.POST)
    staffed = Position.objects.filter(
        Q(valid_to=None) | Q(valid_to__gte=on),
        agency=OuterRef("pk"),
        role__in=(Role.POST_CARRIER, Role.POST_POINT_CLERK),
        valid_from__lte=on,
    )
    if settings.POST_ROUTING == "COMMUNE" and place is not None:
        near = units.filter(Exists(staffed), place=place).order_by("path").first()
        if near is not None:
            return near
    top = units.filter(parent=None).order_by("path").first()
    if top is None:
        raise parcels.Refused("Chưa có đơn vị bưu chính nào trong danh mục cơ quan.")
    return top


def least_busy_carrier(unit: Agency, on: date) -> User | None:
    """The unit's carrier with the fewest parcels in hand; None leaves the choice to the coordinator."""
    return carriers_of([unit.pk], on).first()


def carriers_of(unit_pks: list[int], on: date) -> Any:
    """Carriers and clerks in office at these units that day, the least busy first."""
    in_office = Q(positions__valid_to=None) | Q(positions__valid_to__gte=on)
    return (
        User.objects.filter(
            in_office,
            positions__agency__in=unit_pks,
            positions__role__in=(Role.POST_CARRIER, Role.POST_POINT_CLERK),
            positions__valid_from__lte=on,
            is_active=True,
        )
        .annotate(load=Count("parcels", filter=Q(parcels__state__in=LIVE), distinct=True))
        .order_by("load", "pk")
    )
