"""Tells many stories at once, in the order of time, through the same rules and events as any page.

Dossiers live in memory until they end; ended ones are written in batches with a handful of statements.
"""

import heapq
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from itertools import accumulate, count
from random import Random
from typing import Any

from django.db import connection, transaction

from config.demo import answers
from config.demo.cast import Cast, Office
from config.demo.plan import Sample
from config.demo.story import BY_POST, ONLINE, Moment, Scene, tell
from danhmuc.models import ProcedureVersion, User
from danhmuc.services import calendar_for
from danhmuc.text import within_address
from danhmuc.worktime import TZ, WorkCalendar
from hoso.models import Document, Dossier, Notice, NumberSeries, PostalChoice
from hoso.services.case import Case, write
from hoso.services.dossiers import open_draft, take
from hoso.services.law import Law
from hoso.services.postal import fetches_papers
from hoso.services.routes import version_parts

BATCH = 200
_ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
Say = Callable[[int], None]


class MemorySeries:
    """Numbers counted in memory from where the database stands; `store` writes the last ones back."""

    def __init__(self, rng: Random) -> None:
        self.last: dict[str, int] = dict(NumberSeries.objects.values_list("key", "last"))
        self.used: set[str] = set()
        self.rng = rng

    def next(self, key: str) -> int:
        """The next number of a series."""
        self.last[key] = self.last.get(key, 0) + 1
        self.used.add(key)
        return self.last[key]

    def reference(self) -> str:
        """A submission reference from the demo's own random numbers."""
        return "NT-" + "".join(self.rng.choices(_ALPHABET, k=9))

    def store(self) -> None:
        """Write the series used."""
        rows = [NumberSeries(key=key, last=self.last[key]) for key in sorted(self.used)]
        NumberSeries.objects.bulk_create(
            rows, batch_size=2000, update_conflicts=True, unique_fields=["key"], update_fields=["last"]
        )


@dataclass(frozen=True)
class Resolver:
    """A version an office resolves, and how often people ask for it."""

    version: ProcedureVersion
    office: Office
    weight: float


@dataclass
class Simulation:
    """One partition's share of the province over a span of time."""

    cast: Cast
    resolvers: list[Resolver]
    samples: Sequence[Sample]
    rng: Random
    start: datetime
    now: datetime
    part: int
    after_write: Callable[[list[Case]], None]
    law: Law
    #: The calendar by which declarations are judged today.
    calendar_today: WorkCalendar = field(default_factory=lambda: calendar_for(None))

    def run(self, number: int, say: Say) -> int:
        """Tell `number` stories; the count of dossiers written. Call with users' positions warmed."""
        series = MemorySeries(self.rng)
        weights = self._weights()
        heap: list[tuple[datetime, int, Case, Iterator[Moment], Moment]] = []
        order = count()
        finished: list[Case] = []
        written = 0
        for begin in self._filings(number):
            while heap and heap[0][0] <= begin:
                self._step(heap, order, finished)
            if len(finished) >= BATCH:
                written += self._flush(finished)
                say(written)
            opened = self._open(begin, weights, series)
            if opened is None:
                continue
            case, scene = opened
            self._go_on(heap, order, case, tell(case, scene, begin), finished)
        while heap and heap[0][0] <= self.now:
            self._step(heap, order, finished)
            if len(finished) >= BATCH:
                written += self._flush(finished)
                say(written)
        finished += [entry[2] for entry in sorted(heap, key=lambda e: e[1])]
        for start in range(0, len(finished), BATCH):
            written += self._flush(finished[start : start + BATCH], clear=False)
            say(written)
        with transaction.atomic():
            series.store()
        return written

    def _weights(self) -> list[float]:
        """How likely each resolver is to be asked next, added up."""
        # The office whose people have names in the demo is the one people look at: three dossiers in four here.
        first = self.cast.offices[0]
        named = sum(r.weight for r in self.resolvers if r.office is first)
        rest = sum(r.weight for r in self.resolvers if r.office is not first)
        scale = 3 * rest / named if named and rest else 1.0
        return list(accumulate(r.weight * (scale if r.office is first else 1.0) for r in self.resolvers))

    def _filings(self, number: int) -> list[datetime]:
        """Moments at which dossiers are filed: more on Mondays, few at weekends, more of late, so that desks are busy."""
        days = max(1, (self.now.date() - self.start.date()).days + 1)
        dates = [self.start.date() + timedelta(days=i) for i in range(days)]
        weights = [
            (1.3, 1.1, 1, 1, 1, 0.18, 0.12)[d.weekday()] * (0.85 + 0.3 * i / days)
            for i, d in enumerate(dates)
        ]
        chosen = self.rng.choices(dates, weights, k=number)
        moments = [datetime.combine(d, time(0), TZ) + timedelta(minutes=self._minute()) for d in chosen]
        return sorted(m for m in moments if m < self.now)

    def _minute(self) -> float:
        hour = self.rng.choices(
            range(24), [1, 0.3, 0.1, 0.1, 0.2, 1, 3, 7, 14, 15, 12, 6, 4, 9, 14, 13, 9, 5, 4, 5, 6, 5, 4, 2]
        )[0]
        return hour * 60 + self.rng.uniform(0, 59.9)

    def _open(self, begin: datetime, weights: list[float], series: MemorySeries) -> tuple[Case, Scene] | None:
        """A dossier about to be filed; None at a counter that opens only after the present."""
        rng = self.rng
        resolver = rng.choices(self.resolvers, cum_weights=weights)[0]
        version, office = resolver.version, resolver.office
        calendar = self.law.calendar(office.agency, begin)
        scene = Scene(self.cast, office, calendar, rng, self.part)
        online = version.online_level >= 3 and rng.random() < ONLINE
        channel = Dossier.Channel.ONLINE if online else Dossier.Channel.COUNTER
        if not online and version.postal_intake_allowed and rng.random() < BY_POST / (1 - ONLINE):
            channel = Dossier.Channel.POST
        if not online:
            begin = scene.working(begin)
            if begin >= self.now:
                return None
        citizen = self._applicant(office, begin)
        by = citizen if online else office.one("desk_officer", rng)
        return_by = self._return_by(version, online)
        postal_papers = (
            online
            and version.paper_check_mode == "before_release"
            and fetches_papers(version)
            and rng.random() < 0.45
        )
        papers_by = (
            Dossier.PapersBy.POST
            if postal_papers or channel == Dossier.Channel.POST
            else Dossier.PapersBy.NONE
        )
        if online and version.paper_check_mode == "before_release" and papers_by == Dossier.PapersBy.NONE:
            papers_by = Dossier.PapersBy.COUNTER
        values: dict[str, Any] = {
            "owner_name": citizen.full_name,
            "owner_id": citizen.personal_id,
            "submitter_name": citizen.full_name,
            "submitter_id": citizen.personal_id,
            "phone": citizen.phone,
            "email": citizen.email,
            "address": f"{citizen.address}, {within_address(str(citizen.place))}, tỉnh Phú Thọ",
            "place": citizen.place,
            "return_by": return_by,
            "papers_by": papers_by,
            "answers": answers.fill(
                version,
                citizen,
                rng,
                begin.date(),
                self.calendar_today,
                agency_name=office.agency.name,
            ),
            "seen_by_desk_at": begin + timedelta(minutes=rng.uniform(3, 90)),
        }
        case = open_draft(
            version,
            by=by,
            desk=office.desk,
            agency=office.agency,
            channel=channel,
            series=series,
            at=begin - timedelta(minutes=rng.uniform(3, 40)) if online else begin,
            **values,
        )
        if not online:
            case.dossier.applicant = citizen if rng.random() < 0.5 else None
        case.law = self.law
        self._papers(case, begin)
        self._postal(case, begin)
        return case, scene

    def _applicant(self, office: Office, begin: datetime) -> User:
        """Anybody; at the named office now and then the citizen with a name, more often of late."""
        recent = begin > self.now - timedelta(days=12)
        if office is self.cast.offices[0] and self.rng.random() < (0.06 if recent else 0.008):
            return self.cast.citizens[0]
        return self.rng.choice(self.cast.citizens)

    def _return_by(self, version: ProcedureVersion, online: bool) -> str:
        draw = self.rng.random()
        if version.online_level == 4 and online and draw < 0.6:
            return Dossier.ReturnBy.ELECTRONIC
        if version.postal_return_allowed and draw > (0.65 if online else 0.9):
            return Dossier.ReturnBy.POST
        return Dossier.ReturnBy.COUNTER

    def _papers(self, case: Case, at: datetime) -> None:
        """The files a person would attach: what is required, and now and then something more."""
        _, components, _ = version_parts(case.dossier.version_id)
        for component in components:
            if component.is_eform or not (component.required or self.rng.random() < 0.15):
                continue
            sample = self.rng.choice(self.samples)
            online = case.dossier.channel == Dossier.Channel.ONLINE
            case.add(
                Document(
                    dossier=case.dossier,
                    component=component,
                    kind=Document.Kind.UPLOAD if online else Document.Kind.SCAN,
                    name=f"giay-to-{component.order}{sample.suffix}",
                    title=component.name,
                    copy_kind=Document.CopyKind.PHOTO if online else Document.CopyKind.ORIGINAL,
                    sha256=sample.sha256,
                    size=sample.size,
                    media_type=sample.media_type,
                    pages=sample.pages,
                    added_by=case.dossier.entered_by,
                    added_at=at,
                )
            )

    def _postal(self, case: Case, at: datetime) -> None:
        dossier = case.dossier
        sends = dossier.papers_by == Dossier.PapersBy.POST and dossier.channel == Dossier.Channel.ONLINE
        receives = dossier.return_by == Dossier.ReturnBy.POST
        if not (sends or receives):
            return
        service = PostalChoice.Service
        case.add(
            PostalChoice(
                dossier=dossier,
                service=service.BOTH if sends and receives else service.SEND if sends else service.RECEIVE,
                pickup_address=dossier.address if sends else "",
                pickup_place_id=dossier.place_id if sends else None,
                pickup_on=at.date() + timedelta(days=self.rng.randrange(1, 4)) if sends else None,
                pickup_part=self.rng.choice(["morning", "afternoon"]) if sends else "",
                delivery_address=dossier.address if receives else "",
                delivery_place_id=dossier.place_id if receives else None,
                receiver=dossier.owner_name if receives else "",
                phone=dossier.phone,
                registered_at=at,
            )
        )

    def _step(self, heap: list[Any], order: Iterator[int], finished: list[Case]) -> None:
        _, _, case, story, (at, name, by, facts) = heapq.heappop(heap)
        take(case, name, by=by, at=at, **{"note": "", **facts})
        self._go_on(heap, order, case, story, finished)

    def _go_on(
        self, heap: list[Any], order: Iterator[int], case: Case, story: Iterator[Moment], finished: list[Case]
    ) -> None:
        moment = next(story, None)
        last = case.dossier.updated_at or case.dossier.created_at
        if moment is None:
            finished.append(case)
        else:
            at = max(moment[0], last + timedelta(seconds=30))
            heapq.heappush(heap, (at, next(order), case, story, (at, *moment[1:])))

    def _flush(self, cases: list[Case], *, clear: bool = True) -> int:
        for case in cases:
            _settle_messages(case, self.now)
        with transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute("SET LOCAL synchronous_commit = off")
            write(cases)
            self.after_write(cases)
        done = len(cases)
        if clear:
            cases.clear()
        return done


def _settle_messages(case: Case, now: datetime) -> None:
    """Messages of the past were sent when they were due; those of the last hours may still be waiting."""
    ended = not case.dossier.is_open
    for row in case.fresh:
        if isinstance(row, Notice):
            row.attempts = 1
            row.state = Notice.State.SENT
            row.sent_at = row.due_at + timedelta(seconds=8)
            row.provider_id = "mo-phong"
            if row.channel in {Notice.Channel.PORTAL, Notice.Channel.OFFICE} and (
                ended or row.due_at < now - timedelta(days=3)
            ):
                row.read_at = row.due_at + timedelta(hours=2)
