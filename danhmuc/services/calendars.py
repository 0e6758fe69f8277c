"""Working calendars: which one an agency follows, how it stood on a day, and how a change is published.

A calendar version is never edited, so it is built once a process and kept.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from functools import lru_cache
from typing import TypeVar

from django.conf import settings
from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone

from danhmuc.models import Agency, Calendar, CalendarDay, CalendarVersion, WorkSession
from danhmuc.models.calendars import VersionedRow
from danhmuc.worktime import DayKind, Session, SpecialDay, WorkCalendar

NATIONAL = "VN"
SATURDAY = 5
R = TypeVar("R", bound=VersionedRow)


class NoCalendar(Exception):
    """No calendar has been loaded."""


@dataclass(frozen=True)
class Day:
    """A day to add in a calendar change."""

    on: date
    kind: str
    name: str
    decision: str = ""
    projected: bool = False


def calendar_for(agency: Agency | None, on: date | datetime | None = None) -> WorkCalendar:
    """The calendar an agency follows: its own, the nearest ancestor's, else the national one.

    `on` asks for it as it was known that day (end of day) or at that moment; by default as it is known now.
    """
    moment = timezone.now() if on is None else on
    if not isinstance(moment, datetime):
        moment = timezone.make_aware(datetime.combine(moment, time.max))
    return known_at(publications_for(agency), moment)


def publications_for(agency: Agency | None) -> list[tuple[datetime, int]]:
    """(published at, version) of every calendar an agency may follow. The one to be followed comes first."""
    chain = [int(pk) for pk in agency.path.strip("/").split("/") if pk] if agency else []
    return list(
        CalendarVersion.objects.filter(Q(calendar__agency_id__in=chain) | Q(calendar__key=NATIONAL))
        .annotate(depth=F("calendar__agency__path"))
        .order_by(F("depth").desc(nulls_last=True), "-number")
        .values_list("published_at", "pk")
    )


def known_at(publications: Sequence[tuple[datetime, int]], moment: datetime) -> WorkCalendar:
    """The first calendar that had been published by a moment. NoCalendar when none had."""
    for published_at, version in publications:
        if published_at <= moment:
            return calendar_version(version)
    raise NoCalendar("Chưa có lịch làm việc nào; hãy nạp danh mục trước.")


def calendar_version(version_id: str | int) -> WorkCalendar:
    """A calendar exactly as it stood in one version, by the version's primary key. NoCalendar when unknown."""
    return _built(int(version_id), bool(getattr(settings, "SATURDAY_RECEPTION_COUNTS", False)))


@lru_cache(maxsize=512)
def _built(version_id: int, saturday_counts: bool) -> WorkCalendar:
    try:
        version = CalendarVersion.objects.select_related("calendar").get(pk=version_id)
    except CalendarVersion.DoesNotExist:
        raise NoCalendar(f"Không có phiên bản lịch số {version_id}.") from None
    base = _built(version.base_version_id, saturday_counts) if version.base_version_id else None
    days = dict(base.days) if base else {}
    for row in _rows(CalendarDay, version):
        days[row.date] = SpecialDay(row.date, DayKind(row.kind), row.name, row.decision, row.projected)
    weekly: dict[int, list[Session]] = defaultdict(list)
    for session in _rows(WorkSession, version):
        if session.runs_clock or (saturday_counts and session.weekday == SATURDAY):
            weekly[session.weekday].append(Session(session.start, session.end))
    week = {weekday: tuple(sorted(s, key=lambda one: one.start)) for weekday, s in weekly.items()}
    return WorkCalendar(
        weekly=week or (base.weekly if base else {}),
        days=days,
        version=str(version_id),
        name=version.calendar.name,
    )


def _rows(model: type[R], version: CalendarVersion) -> list[R]:
    rows = model._default_manager.filter(
        calendar_id=version.calendar_id, added_in__number__lte=version.number
    )
    return list(rows.exclude(removed_in__number__lte=version.number).order_by("pk"))


@transaction.atomic
def publish_calendar_change(
    calendar: Calendar,
    *,
    add: Sequence[Day] = (),
    remove: Sequence[date] = (),
    sessions: Sequence[tuple[int, time, time, bool]] | None = None,
    decision: str = "",
    note: str = "",
    published_at: datetime | None = None,
    source_digest: str = "",
) -> CalendarVersion:
    """Publish the next version of a calendar, and of every calendar that stands on it.

    `add` replaces what the calendar said of those dates, `remove` gives dates back to their weekday, `sessions`
    (weekday, start, end, runs the clock) replaces the whole week. Recounting open dossiers is the caller's next step.
    Raises ValueError when there is nothing to change.
    """
    if not (add or remove or sessions is not None):
        raise ValueError("Không có thay đổi nào để ban hành.")
    calendar = Calendar.objects.select_for_update().get(pk=calendar.pk)
    version = _next_version(calendar, published_at, decision=decision, note=note, source_digest=source_digest)
    touched = {day.on for day in add} | set(remove)
    CalendarDay.objects.filter(calendar=calendar, removed_in=None, date__in=touched).update(
        removed_in=version
    )
    CalendarDay.objects.bulk_create(
        CalendarDay(
            calendar=calendar,
            added_in=version,
            date=day.on,
            kind=day.kind,
            name=day.name,
            decision=day.decision,
            projected=day.projected,
        )
        for day in add
    )
    if sessions is not None:
        WorkSession.objects.filter(calendar=calendar, removed_in=None).update(removed_in=version)
        WorkSession.objects.bulk_create(
            WorkSession(
                calendar=calendar, added_in=version, weekday=weekday, start=start, end=end, runs_clock=runs
            )
            for weekday, start, end, runs in sessions
        )
    for derived in Calendar.objects.filter(base=calendar):
        _carry(derived, version)
    return version


def _next_version(calendar: Calendar, published_at: datetime | None, **more: object) -> CalendarVersion:
    last = calendar.versions.order_by("-number").first()
    base = calendar.base.versions.order_by("-number").first() if calendar.base else None
    return CalendarVersion.objects.create(
        calendar=calendar,
        number=last.number + 1 if last else 1,
        base_version=base,
        published_at=published_at or timezone.now(),
        **more,
    )


def _carry(derived: Calendar, version: CalendarVersion) -> None:
    """A calendar that stands on a changed one gets a version with the new ground under it."""
    carried = _next_version(
        derived, version.published_at, decision=version.decision, note="Theo lịch cấp trên"
    )
    for further in Calendar.objects.filter(base=derived):
        _carry(further, carried)
