"""The one door: every step of every dossier is taken here, whatever page, job or carrier asked for it."""

import inspect
from collections.abc import Callable
from datetime import datetime
from functools import cache
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone
from django_fsm import can_proceed, has_transition_perm

from danhmuc.models import Agency, Desk, ProcedureVersion, User
from hoso import access
from hoso.lifecycle import Lifecycle, State
from hoso.models import Dossier, Event
from hoso.services.case import Case, write
from hoso.services.consequences import CONSEQUENCES
from hoso.services.errors import Refused, StepRefused
from hoso.services.guards import GUARDS, stands
from hoso.services.labels import BESIDE, step_labels
from hoso.services.numbers import DatabaseSeries, Series

__all__ = [
    "Refused",
    "StepRefused",
    "advance",
    "label_of",
    "locked",
    "open_draft",
    "overtaken",
    "save_draft",
    "steps_for",
    "take",
]


@transaction.atomic
def advance(
    pk: int,
    name: str,
    *,
    by: User,
    seen: int | None = None,
    at: datetime | None = None,
    note: str = "",
    prepare: Callable[[Case], None] | None = None,
    **facts: Any,
) -> Dossier:
    """Take one step in a dossier's life, with everything that follows from it.

    `seen` is the number of the last event the page showed; when history has gone on since, the step is refused with
    the name of whoever was faster. `at` is given only where the law fixes another moment than now (the signing of a
    postal handover record). `prepare` looks at the locked case, and may fill it in, before the step is judged.
    Returns the fresh dossier; work with it.

    Raises Dossier.DoesNotExist, PermissionDenied, StepRefused (stale page, wrong state) or Refused (a rule says no).
    """
    case = locked(pk)
    if seen is not None and seen != case.dossier.last_seq:
        raise overtaken(case)
    if prepare is not None:
        prepare(case)
    take(case, name, by=by, at=at or timezone.now(), note=note, **facts)
    write([case])
    return case.dossier


def locked(pk: int) -> Case:
    """The case with its dossier's row locked; everything is read after the lock. Call inside a transaction."""
    # Two statements: in one, whoever had to wait for the lock gets the joined rows of before the wait (a holder that
    # is no longer the holder), or no row at all when another agency has become competent meanwhile.
    Dossier.objects.select_for_update().only("pk").get(pk=pk)
    dossier = Dossier.objects.select_related(
        "version",
        "procedure",
        "field",
        "rule_set",
        "desk__agency",
        "desk__serves",
        "resolving_agency",
        "holder_agency",
        "applicant",
    ).get(pk=pk)
    return Case(dossier)


def take(
    case: Case, name: str, *, by: User, at: datetime, note: str = "", on_behalf_of: str = "", **facts: Any
) -> Event:
    """Check, step, record, follow, in memory. `advance` and the batch writers share it; nobody else calls it."""
    dossier = case.dossier
    step = getattr(dossier, name, None)
    if name not in CONSEQUENCES or step is None:
        raise Refused(f"Không có bước “{name}”.")
    dossier.acting_at = at
    case.involve()
    if not can_proceed(step):
        raise overtaken(case)
    if not has_transition_perm(step, by):
        raise PermissionDenied
    facts["note"] = note
    for guard in GUARDS.get(name, ()):
        guard(case, by, facts)
    source = dossier.state
    step(at=at, **{key: facts[key] for key in _own_facts(name) if key in facts})
    dossier.last_seq += 1
    dossier.updated_at = at
    event = Event(
        dossier=dossier,
        seq=dossier.last_seq,
        name=name,
        source=source,
        target=dossier.state,
        actor=by,
        on_behalf_of=on_behalf_of,
        at=at,
        note=note,
    )
    case.add(event)
    for follow in CONSEQUENCES[name]:
        follow(case, event, facts)
    return event


@cache
def _own_facts(name: str) -> tuple[str, ...]:
    """The facts a transition's body takes beside `at`."""
    parameters = inspect.signature(inspect.unwrap(getattr(Lifecycle, name))).parameters
    return tuple(key for key in parameters if key not in {"self", "at"})


def label_of(name: str) -> str:
    """The Vietnamese name of a step."""
    return step_labels(Dossier).get(name) or BESIDE.get(name, name)


def overtaken(case: Case) -> StepRefused:
    """The refusal that says who was faster, and with what."""
    return StepRefused(case.last, label_of(case.last.name) if case.last else "")


def steps_for(dossier: Dossier, user: User, case: Case | None = None) -> list[tuple[str, str]]:
    """(name, label) of the steps this user may take now, for the buttons of a page.

    With the `case` only those are named whose standing guards hold, so that nobody is offered another's step.
    """
    if case is not None:
        dossier.acting_at = timezone.now()
        case.involve()
    found = dossier.get_available_user_state_transitions(user)
    return [(t.name, label_of(t.name)) for t in found if case is None or stands(case, user, t.name)]


def open_draft(
    version: ProcedureVersion,
    *,
    by: User,
    desk: Desk,
    agency: Agency,
    channel: str = Dossier.Channel.ONLINE,
    series: Series | None = None,
    at: datetime | None = None,
    **values: Any,
) -> Case:
    """A new draft in memory with its first event (T01); `save_draft` or `write([case])` stores it."""
    moment = at or timezone.now()
    numbers = series or DatabaseSeries()
    dossier = Dossier(
        submission_ref=numbers.reference(),
        procedure=version.procedure,
        version=version,
        field=version.procedure.field,
        channel=channel,
        online_level=version.online_level,
        desk=desk,
        resolving_agency=agency,
        applicant=by if by.is_applicant else values.pop("applicant", None),
        organisation=by if by.kind == User.Kind.ORGANISATION else values.pop("organisation", None),
        entered_by=by,
        created_at=moment,
        updated_at=moment,
        last_seq=1,
        **values,
    )
    case = Case(dossier, series=numbers)
    case.add(
        Event(
            dossier=dossier, seq=1, name="create", source=State.DRAFT, target=State.DRAFT, actor=by, at=moment
        )
    )
    return case


@transaction.atomic
def save_draft(
    pk: int, *, by: User, change: Callable[[Case], None], seen_at: datetime | None = None
) -> Dossier:
    """Change a draft that belongs to `by`: `change` edits the locked case. Raises StepRefused once it is submitted."""
    case = locked(pk)
    dossier = case.dossier
    if not access.may_write(dossier, by):
        raise Dossier.DoesNotExist
    if dossier.state not in {State.DRAFT, State.INTAKE_HOLD, State.ON_HOLD}:
        raise overtaken(case)
    change(case)
    dossier.updated_at = timezone.now()
    write([case])
    return dossier
