"""The one door for parcels: lock, check, step, record. Acts of several rows stand in the modules beside."""

from datetime import datetime
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone
from django_fsm import can_proceed, has_transition_perm

from buuchinh.lifecycle import CARRIED, WAITING, State
from buuchinh.models import Parcel, ParcelEvent
from danhmuc.models import User
from danhmuc.services import calendar_for
from danhmuc.worktime import WorkCalendar
from hoso.services import postal
from hoso.services.errors import Refused, StepRefused
from hoso.services.labels import step_labels

__all__ = ["Refused", "StepRefused", "advance", "calendar_of", "label_of", "locked", "steps_for", "take"]


def locked(pk: int) -> Parcel:
    """The parcel with its row locked and what its steps read. Call inside a transaction; Parcel.DoesNotExist."""
    # Locked first, read after: whoever had to wait would get the joined rows of before the wait (the old carrier).
    Parcel.objects.select_for_update().only("pk").get(pk=pk)
    return Parcel.objects.select_related(
        "unit",
        "carrier",
        "place",
        "dossier__version",
        "dossier__desk__agency",
        "dossier__desk__serves__place",
    ).get(pk=pk)


def take(
    parcel: Parcel, name: str, *, by: User, at: datetime, note: str = "", seen: int | None = None, **data: Any
) -> ParcelEvent:
    """One step of a locked parcel, with its event. `data` is kept on the event.

    Raises PermissionDenied, or StepRefused when the page was old or somebody else was faster.
    """
    step = getattr(parcel, name)
    if (seen is not None and seen != parcel.last_seq) or not can_proceed(step):
        last = parcel.events.select_related("actor").order_by("seq").last()
        raise StepRefused(last, label_of(last.name) if last else "")  # type: ignore[arg-type]
    if not has_transition_perm(step, by):
        raise PermissionDenied
    source = parcel.state
    step(at=at)
    parcel.last_seq += 1
    parcel.save()
    if source in WAITING and parcel.state in (*CARRIED, State.DELIVERED):
        postal.leg_begun(parcel.dossier_id, pickup=parcel.is_pickup, at=at)
    return ParcelEvent.objects.create(
        parcel=parcel,
        seq=parcel.last_seq,
        name=name,
        source=source,
        target=parcel.state,
        actor=by,
        at=at,
        note=note[:500],
        data=data,
    )


@transaction.atomic
def advance(
    pk: int,
    name: str,
    *,
    by: User,
    seen: int | None = None,
    at: datetime | None = None,
    note: str = "",
    **data: Any,
) -> Parcel:
    """A step that has no more to it than its event; the acts with papers or money have functions of their own."""
    parcel = locked(pk)
    take(parcel, name, by=by, at=at or timezone.now(), note=note, seen=seen, **data)
    return parcel


def was_done_by(parcel: Parcel, name: str, by: User, seen: int | None) -> bool:
    """Whether the step asked for from that page was just taken by the same person: a double tap, not a conflict."""
    if seen is None or parcel.last_seq <= seen:
        return False
    return parcel.events.filter(seq__gt=seen, name=name, actor=by).exists()


def label_of(name: str) -> str:
    """The Vietnamese name of a step."""
    return step_labels(Parcel).get(name) or {"register": "Đăng ký"}.get(name, name)


def steps_for(parcel: Parcel, user: User) -> list[tuple[str, str]]:
    """(name, label) of the steps this person may take now."""
    found = parcel.get_available_user_state_transitions(user)
    return [(t.name, label_of(t.name)) for t in found]


def calendar_of(parcel: Parcel) -> WorkCalendar:
    """The calendar the post unit counts its working days by."""
    return calendar_for(parcel.unit)
