"""Looks after what nobody is looking at: early signals (domain §7.3), waits that ended, a calendar that changed.

Everything is found by asking the tables and said once: each signal is an office notice whose key names it. Running
twice, or at once, changes nothing.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from danhmuc.models import CalendarVersion, User
from danhmuc.services import calendars
from danhmuc.worktime import WorkCalendar, describe_left
from hoso import clock
from hoso.clock import Turn
from hoso.lifecycle import HoldKind, State
from hoso.models import AgencyTask, Dossier, Notice, Supplement
from hoso.services import clocks, notices
from hoso.services.dossiers import advance
from hoso.services.errors import Refused
from hoso.services.law import Law

#: Wider than the longest run of rest days (Tết), so that a bound in plain days misses no working day.
REST = timedelta(days=14)
_CHUNK = 500


@dataclass(frozen=True)
class Signal:
    """One thing to say to one place: `to` is an agency's key in the notice address, or a person."""

    key: str
    dossier: Dossier
    template: str
    agency_id: int | None
    user_id: int | None
    context: dict[str, Any]


def warn_due(now: datetime | None = None) -> int:
    """All early signals whose moment has come. Answers how many notices were new."""
    at, law = now or timezone.now(), Law()
    found = [_unopened(at, law), _steps(at, law), _due_soon(at, law), _late_opinions(at)]
    return sum(_say(signals) for signals in found) + remind_of_results(at, law)


def _facts(dossier: Dossier) -> dict[str, Any]:
    return {
        "code": dossier.public_code,
        "procedure": dossier.version.name,
        "agency": dossier.resolving_agency.name,
        "desk": dossier.desk.agency.name,
    }


def _rows(dossiers: QuerySet[Dossier]) -> Iterator[Dossier]:
    """With what the signals read, a chunk at a time."""
    whole = dossiers.select_related("version", "resolving_agency", "desk__agency", "desk__serves")
    return whole.defer("answers", "search", "version__eform").iterator(chunk_size=_CHUNK)


def _say(signals: Iterable[Signal]) -> int:
    """Queue the signals not yet queued, in batches."""
    said, batch = 0, list[Signal]()
    for signal in signals:
        batch.append(signal)
        if len(batch) == _CHUNK:
            said += _queue(batch)
            batch = []
    return said + _queue(batch)


def _queue(batch: list[Signal]) -> int:
    known = set(Notice.objects.filter(key__in=[s.key for s in batch]).values_list("key", flat=True))
    fresh = [
        Notice(
            key=signal.key,
            dossier=signal.dossier,
            recipient_id=signal.user_id,
            channel=Notice.Channel.OFFICE,
            address=f"agency:{signal.agency_id}" if signal.agency_id else "",
            template=signal.template,
            context=_facts(signal.dossier) | signal.context,
        )
        for signal in batch
        if signal.key not in known
    ]
    Notice.objects.bulk_create(fresh, ignore_conflicts=True)
    return len(fresh)


def _unopened(at: datetime, law: Law) -> Iterator[Signal]:
    """Nobody at the desk has opened a submission: after 2 hours, then at 4 and 7 working hours."""
    waiting = Dossier.objects.filter(
        state=State.SUBMITTED, seen_by_desk_at=None, received_at__gt=at - REST, received_at__lte=at
    )
    for dossier in _rows(waiting):
        assert dossier.received_at is not None
        calendar = law.calendar(dossier.desk.serves, at)
        rules = law.rules_on(at)[1]
        for number, moment in enumerate(clock.intake_signals(calendar, dossier.received_at, rules), start=1):
            if moment <= at:
                yield Signal(
                    key=f"{dossier.submission_ref}:unopened:{dossier.last_seq}:{number}",
                    dossier=dossier,
                    template="office_intake_unopened",
                    agency_id=dossier.desk.serves_id,
                    user_id=None,
                    context={"at": dossier.received_at, "intake_due_at": dossier.intake_due_at},
                )


def _steps(at: datetime, law: Law) -> Iterator[Signal]:
    """A step has used 80 % of its time, or all of it: its officer, and the head of the division."""
    running = (
        AgencyTask.objects.filter(
            status__in=[AgencyTask.Status.SENT, AgencyTask.Status.SIGNED_FOR],
            started_at__lte=at,
            due_at__gt=at - REST,
            dossier__state=State.PROCESSING,
        )
        .exclude(kind=AgencyTask.Kind.CONSULT)
        .select_related("agency", "dossier__version", "dossier__resolving_agency", "dossier__desk__agency")
        .defer("dossier__answers", "dossier__search", "dossier__version__eform")
    )
    moments: dict[tuple[str, datetime, datetime], tuple[datetime, ...]] = {}
    for task in running.iterator(chunk_size=_CHUNK):
        assert task.started_at is not None
        assert task.due_at is not None
        calendar, rules = law.calendar(task.agency, at), law.rules_on(at)[1]
        span = (calendar.version, task.started_at, task.due_at)
        if span not in moments:
            moments[span] = clock.share_signals(calendar, task.started_at, task.due_at, rules)
        for percent, moment in zip(rules.share_alert_percents, moments[span], strict=True):
            if moment <= at:
                yield from _step_signals(task, percent)


def _step_signals(task: AgencyTask, percent: int) -> Iterator[Signal]:
    assert task.due_at is not None
    key = f"{task.dossier.submission_ref}:step:{task.seq}:{task.due_at:%y%m%d%H%M}:{percent}"
    context = {"task": task.name, "share": percent, "due_at": task.due_at, "agency": task.agency.name}
    template = "office_step_late" if percent >= 100 else "office_step_soon"
    if task.assignee_id:
        yield Signal(f"{key}:o", task.dossier, template, None, task.assignee_id, context)
    yield Signal(f"{key}:h", task.dossier, template, task.agency_id, None, context)


def _due_soon(at: datetime, law: Law) -> Iterator[Signal]:
    """Two working days before the promised day, and one: the agency and the desk."""
    soon = Dossier.objects.filter(state=State.PROCESSING, due_at__gt=at, due_at__lte=at + REST)
    moments: dict[tuple[str, datetime], tuple[datetime, ...]] = {}
    for dossier in _rows(soon):
        assert dossier.due_at is not None
        calendar, rules = law.working_calendar(dossier, at), law.rules(dossier, at)
        span = (calendar.version, dossier.due_at)
        if span not in moments:
            moments[span] = clock.due_signals(calendar, dossier.due_at, rules)
        # A limit of a day or two would be pointed out before it began.
        passed = [m for m in moments[span] if m <= at and dossier.accepted_at and m > dossier.accepted_at]
        if passed:
            key = f"{dossier.submission_ref}:due:{dossier.due_at:%y%m%d%H%M}:{len(passed)}"
            context = {"due_at": dossier.due_at, "left": describe_left(calendar, at, dossier.due_at).text}
            for who, agency_id in (("a", dossier.resolving_agency_id), ("d", dossier.desk.serves_id)):
                if who == "a" or agency_id != dossier.resolving_agency_id:
                    yield Signal(f"{key}:{who}", dossier, "office_due_soon", agency_id, None, context)


def _late_opinions(at: datetime) -> Iterator[Signal]:
    """An agency asked for its opinion has let the deadline pass (NĐ118 19.4c): the lead agency and the desk."""
    late = (
        AgencyTask.objects.filter(
            kind=AgencyTask.Kind.CONSULT,
            status__in=[AgencyTask.Status.SENT, AgencyTask.Status.SIGNED_FOR],
            due_at__gt=at - REST,
            due_at__lte=at,
        )
        .select_related("agency", "dossier__version", "dossier__resolving_agency", "dossier__desk__agency")
        .defer("dossier__answers", "dossier__search", "dossier__version__eform")
    )
    for task in late.iterator(chunk_size=_CHUNK):
        dossier = task.dossier
        context = {"agency": task.agency.name, "due_at": task.due_at}
        for agency_id in {dossier.resolving_agency_id, dossier.desk.serves_id}:
            key = f"{dossier.submission_ref}:opinion:{task.seq}:{agency_id}"
            yield Signal(key, dossier, "office_opinion_late", agency_id, None, context)


def remind_of_results(at: datetime, law: Law) -> int:
    """A result waits at the desk: the applicant hears it again after 3, 10 and 30 days."""
    waiting = Dossier.objects.filter(
        state=State.DECIDED,
        return_by=Dossier.ReturnBy.COUNTER,
        result_issued_at__isnull=False,
        decided_at__gt=at - timedelta(days=31),
        decided_at__lte=at - timedelta(days=3),
    )
    told = 0
    for dossier in _rows(waiting):
        assert dossier.decided_at is not None
        moments = clock.collection_signals(dossier.decided_at, law.rules_on(at)[1])
        passed = sum(moment <= at for moment in moments)
        key = f"collect:{passed}"
        if Notice.objects.filter(key__startswith=f"{dossier.submission_ref}:{key}:").exists():
            continue
        channels = (Notice.Channel.PORTAL, Notice.Channel.EMAIL, Notice.Channel.SMS)
        told += notices.tell(
            dossier, "result_waiting", key=key, channels=channels, received_at=dossier.accepted_at
        )
    return told


def propose_closing(now: datetime | None = None) -> int:
    """Nothing came within the wait: the desk is asked to look and confirm (T16). Answers how many were new."""
    at, law = now or timezone.now(), Law()
    answered = Supplement.objects.filter(dossier=OuterRef("pk"), status=Supplement.Status.ANSWERED)
    over = (
        Dossier.objects.filter(wait_until__lt=at)
        .filter(Q(state=State.INTAKE_HOLD) | Q(state=State.ON_HOLD, hold_kind=HoldKind.SUPPLEMENT))
        .exclude(Exists(answered))
    )

    def signals() -> Iterator[Signal]:
        for dossier in _rows(over):
            assert dossier.wait_until is not None
            calendar = law.calendar(dossier.desk.serves, at)
            if timezone.localdate(at) >= clock.closing_day(calendar, dossier.wait_until):
                yield Signal(
                    key=f"{dossier.submission_ref}:close:{dossier.wait_until:%y%m%d%H%M}",
                    dossier=dossier,
                    template="office_close_proposed",
                    agency_id=dossier.desk.serves_id,
                    user_id=None,
                    context={"wait_until": dossier.wait_until},
                )

    return _say(signals())


def recalculate_open(now: datetime | None = None, *, within: timedelta = timedelta(days=2)) -> int:
    """After a calendar was published: open dossiers whose date moves later get their new one, by the one door, and
    the applicant is told. A date never becomes earlier (domain §8.1). Answers how many moved.
    """
    at, law = now or timezone.now(), Law()
    if not CalendarVersion.objects.filter(published_at__gt=at - within, published_at__lte=at).exists():
        return 0
    system = User.objects.system()
    running = Dossier.objects.filter(state=State.PROCESSING, due_at__gt=at).select_related(
        "version", "resolving_agency", "desk__serves", "rule_set"
    )
    moved = 0
    last_pk = 0
    while chunk := list(running.filter(pk__gt=last_pk).prefetch_related("events").order_by("pk")[:_CHUNK]):
        last_pk = chunk[-1].pk
        for dossier in chunk:
            calendar = law.working_calendar(dossier, at)
            if _would_move(dossier, calendar, at, law):
                moved += _recalculate(dossier, system, calendar)
    return moved


def _would_move(dossier: Dossier, calendar: WorkCalendar, at: datetime, law: Law) -> bool:
    events = list(dossier.events.all())
    used = [e.data["calendar"] for e in events if e.data.get("calendar")]
    if not used or str(used[-1]) == calendar.version:
        return False
    turns = [*clocks.turns_of(events), Turn("recalculate", at, {"calendar": calendar.version})]
    found = clock.explain_due(
        turns,
        clocks.limit_of(dossier),
        law.rules(dossier, at),
        lambda version: calendars.calendar_version(version) if version else calendar,
    )
    return found.due_at is not None and dossier.due_at is not None and found.due_at > dossier.due_at


def _recalculate(dossier: Dossier, system: User, calendar: WorkCalendar) -> int:
    try:
        advance(
            dossier.pk,
            "recalculate",
            by=system,
            seen=dossier.last_seq,
            note="Lịch làm việc thay đổi",
            calendar=calendar.version,
        )
    except (Refused, PermissionDenied):
        return 0  # somebody moved it on meanwhile; the next look judges it as it then is
    return 1
