"""Parcels of the demo's history: each finished leg walks its own states at the moments the dossier's events give.

Legs still open are not written here: once the stories are told, the booking service of the post comes and looks, as
it does every minute in a running system.
"""

from collections import defaultdict
from collections.abc import Callable
from datetime import date, datetime, timedelta
from random import Random
from typing import Any

from django.utils import timezone

from buuchinh import transit
from buuchinh.lifecycle import Leg
from buuchinh.models import (
    ConsignmentNote,
    FeeReceipt,
    HandoverCode,
    HandoverLine,
    HandoverRecord,
    Invitation,
    Parcel,
    ParcelEvent,
    RemittanceBatch,
    RemittanceLine,
    TrackingPool,
)
from buuchinh.services import booking, notes, pickup, tracking
from buuchinh.services.handovers import record_number
from danhmuc.identifiers import make_tracking_number
from danhmuc.models import Agency, User
from hoso.models import Dossier, NumberSeries, Payment
from hoso.services.case import Case
from hoso.services.copying import copy_in
from hoso.services.law import Law
from hoso.services.numbers import Series

SERVICE = "EP"
#: Receipts of one collector for one agency on one day, each with the officer who was at the desk.
Money = dict[tuple[User, Agency, date], list[tuple[FeeReceipt, User]]]
#: Blocks of item numbers: one a partition for history, one for the living demo.
BLOCK, LIVING = 1_000_000, 80_000_000
#: Visits of each kind on the round of the postman whom visitors sign in as.
ROUND = 3


def tracking_number(series: Series, part: int) -> str:
    """The next item number of a partition's block."""
    return make_tracking_number(SERVICE, part * BLOCK + series.next(f"tracking:{part}"))


def open_pools(unit: Agency) -> None:
    """The blocks of the past, used up to where history stands, and a block for the living demo."""
    used = NumberSeries.objects.filter(key__startswith="tracking:").values_list("key", "last")
    TrackingPool.objects.bulk_create(
        [
            TrackingPool(
                unit=unit, service=SERVICE, first=int(key[9:]) * BLOCK + 1, last=(int(key[9:]) + 1) * BLOCK - 1,
                next=int(key[9:]) * BLOCK + last + 1,
            )
            for key, last in used
        ]
    )  # fmt: skip
    tracking.open_pool(unit, first=LIVING, last=LIVING + BLOCK - 1, service=SERVICE)


def book_open_legs(say: Callable[[str], None]) -> None:
    """Let the post's own booking find the dossiers that want it today."""
    total = 0
    while made := booking.book_due():
        total += made
        say(f"  {total} bưu gửi đang chờ")


def fill_the_round() -> None:
    """The coordinator gives some of today's visits to the postman whom visitors of the demo sign in as."""
    carrier, by = (User.objects.get(username=f"{name}.buudien") for name in ("vantam", "thihanh"))
    for leg in (Leg.PICKUP, Leg.RETURN):
        waiting = Parcel.objects.filter(leg=leg, state="assigned").exclude(carrier=carrier).order_by("pk")
        for pk in list(waiting.values_list("pk", flat=True)[:ROUND]):
            pickup.assign(pk, by=by, carrier=carrier)


class Writer:
    """Collects the parcels of a batch of dossiers and writes them together."""

    def __init__(self, unit: Agency, carriers: list[User], part: int, rng: Random) -> None:
        self.unit, self.carriers, self.part, self.rng = unit, carriers, part, rng
        self.batches, self.law = 0, Law()
        self._scopes: dict[tuple[int | None, int | None], Any] = {}
        self._prices: dict[tuple[str, str], int | None] = {}

    def __call__(self, cases: list[Case]) -> None:
        """Write the finished legs of these dossiers (already stored)."""
        rows: dict[type, list[Any]] = defaultdict(list)
        money: Money = defaultdict(list)
        for case in cases:
            self._pickup(case, rows)
            self._return(case, rows, money)
        for (collector, agency, day), taken in money.items():
            self._remit(rows, collector, agency, day, [r for r, _ in taken], taken[0][1])
        order = (
            Parcel, ParcelEvent, ConsignmentNote, Invitation, HandoverCode, HandoverRecord, HandoverLine,
            FeeReceipt, RemittanceBatch, RemittanceLine,
        )  # fmt: skip
        for model in order:
            copy_in(model, rows[model])

    def _parcel(self, case: Case, leg: Leg, at: datetime, number: str) -> Parcel:
        dossier, choice = case.dossier, case.postal
        pickup = leg == Leg.PICKUP
        place = dossier.place
        near = (place.pk if place else None, dossier.desk.serves.place_id)
        if near not in self._scopes:
            self._scopes[near] = transit.scope_between(place, dossier.desk.serves.place)
        scope = self._scopes[near]
        priced = (leg.value, scope.value)
        if priced not in self._prices:
            self._prices[priced] = booking.price(leg, scope, timezone.localdate(at))
        return Parcel(
            dossier=dossier,
            leg=leg,
            unit=self.unit,
            scope=scope,
            tracking_number=number,
            contact=dossier.owner_name,
            phone=dossier.phone,
            address=(choice.pickup_address if pickup else choice.delivery_address)
            if choice
            else dossier.address,
            place=place,
            wished_on=choice.pickup_on if choice and pickup else None,
            wished_part=choice.pickup_part if choice and pickup else "",
            papers=[
                {"name": d.title, "original": 1, "copy": 0, "component": d.component_id}
                for d in case.current_documents
                if d.kind in {"upload", "scan"}
            ]
            if pickup
            else [
                {
                    "name": dossier.version.result_name or "Văn bản kết quả",
                    "original": 1,
                    "copy": 0,
                    "component": None,
                }
            ],
            postage=self._prices[priced],
            registered_at=at,
            order_state=Parcel.Order.ACCEPTED,
            order_reference="mo-phong",
        )

    def _walk(
        self, rows: dict[type, list[Any]], parcel: Parcel, steps: list[tuple[str, User, datetime]]
    ) -> None:
        """Take the steps in order; each leaves its event."""
        for name, by, at in steps:
            source = parcel.state
            if name != "register":
                getattr(parcel, name)(at=at)
            parcel.last_seq += 1
            rows[ParcelEvent].append(
                ParcelEvent(
                    parcel=parcel,
                    seq=parcel.last_seq,
                    name=name,
                    source=source,
                    target=parcel.state,
                    actor=by,
                    at=at,
                )
            )
        rows[Parcel].append(parcel)

    def _sign(
        self, rows: dict[type, list[Any]], parcel: Parcel, way: str, at: datetime, number: str,
        officer: User,
    ) -> None:  # fmt: skip
        assert parcel.carrier is not None
        code = HandoverCode(
            carrier=parcel.carrier,
            nonce=f"{self.rng.getrandbits(96):024x}",
            made_at=at - timedelta(minutes=2),
            expires_at=at + timedelta(minutes=3),
            used_at=at,
        )
        record = HandoverRecord(
            number=number, desk=parcel.dossier.desk, unit=self.unit, officer=officer, carrier=parcel.carrier,
            code=code, signed_at=at,
        )  # fmt: skip
        counted = [paper | {"present": True} for paper in parcel.papers]
        line = HandoverLine(record=record, parcel=parcel, way=way, counted=counted, complete=True)
        record.facts = notes.record_facts(record, [line])
        rows[HandoverCode].append(code)
        rows[HandoverRecord].append(record)
        rows[HandoverLine].append(line)

    def _pickup(self, case: Case, rows: dict[type, list[Any]]) -> None:
        dossier = case.dossier
        by_post = dossier.channel == Dossier.Channel.POST
        name = "accept" if by_post else "receive_papers"
        arrived = next((e for e in case.events if e.name == name and e.data.get("record_no")), None)
        if arrived is None or not (by_post or dossier.papers_by == Dossier.PapersBy.POST):
            return
        begun = dossier.created_at if by_post else (dossier.accepted_at or dossier.created_at)
        span = arrived.at - begun
        carrier = self.rng.choice(self.carriers)
        parcel = self._parcel(case, Leg.PICKUP, begun, tracking_number(case.series, self.part))
        parcel.carrier = carrier
        parcel.postage_taken = parcel.postage or 0
        taken = self._open(dossier.desk.serves, begun + span * 0.6, arrived.at)
        parcel.due_on = timezone.localdate(taken) + timedelta(days=4)
        steps = [
            ("register", arrived.actor, begun),
            ("assign", arrived.actor, begun + span * 0.05),
            ("collect", carrier, taken),
            ("arrive", arrived.actor, arrived.at),
            ("hand_over", arrived.actor, arrived.at),
        ]
        self._walk(rows, parcel, steps)
        self._note(rows, parcel, carrier, taken)
        self._sign(rows, parcel, HandoverLine.Way.IN, arrived.at, arrived.data["record_no"], arrived.actor)

    def _open(self, agency: Agency, at: datetime, latest: datetime) -> datetime:
        """When people are at work, at `at` or soon after it."""
        return min(self.law.calendar(agency, at).next_working_instant(at), latest)

    def _note(self, rows: dict[type, list[Any]], parcel: Parcel, by: User, at: datetime) -> None:
        facts = notes.pickup_facts(parcel, by=by, at=at, fee=0, signed_name=parcel.contact)
        rows[ConsignmentNote].append(
            ConsignmentNote(
                parcel=parcel, number=parcel.tracking_number, facts=facts, signed_name=parcel.contact, issued_by=by,
                issued_at=at,
            )
        )  # fmt: skip

    def _return(self, case: Case, rows: dict[type, list[Any]], money: Money) -> None:
        dossier = case.dossier
        done = next((e for e in case.events if e.name == "complete" and e.data.get("tracking_number")), None)
        if done is None or dossier.result_issued_at is None:
            return
        begun = max(
            e.at
            for e in case.events
            if e.name in {"issue_result", "sign_for", "check_papers", "decide_paper_mismatch"}
        )
        span = done.at - begun
        carrier = done.actor
        parcel = self._parcel(case, Leg.RETURN, begun, done.data["tracking_number"])
        parcel.carrier = carrier
        parcel.postage_taken = parcel.postage or 0
        parcel.due_on = timezone.localdate(begun) + timedelta(days=4)
        officer = next(e.actor for e in reversed(case.events) if e.name == "sign_for")
        taken = self._open(dossier.desk.serves, begun + span * 0.3, done.at)
        steps = [
            ("register", officer, begun),
            ("assign", officer, begun + span * 0.05),
            ("take_result", officer, taken),
        ]
        if span > timedelta(days=5):
            failed = self._open(dossier.desk.serves, begun + span * 0.55, done.at)
            steps.append(("fail", carrier, failed))
            rows[Invitation].append(
                Invitation(
                    parcel=parcel, number=1, due_on=timezone.localdate(failed) + timedelta(days=2),
                    sent_at=failed + timedelta(days=2),
                )
            )  # fmt: skip
        steps.append(("deliver", carrier, done.at))
        self._walk(rows, parcel, steps)
        self._note(rows, parcel, carrier, taken)
        self._sign(
            rows,
            parcel,
            HandoverLine.Way.OUT,
            taken,
            record_number(case.series, dossier.desk_id, taken),
            officer,
        )
        for payment in case.payments:
            if (
                payment.method == Payment.Method.CASH_POST
                and payment.received_by_id == carrier.pk
                and payment.settled_at
            ):
                receipt = FeeReceipt(
                    parcel=parcel,
                    collector=carrier,
                    agency=dossier.desk.serves,
                    amount=payment.amount,
                    reference=payment.reference,
                    receipt_no=payment.receipt_no,
                    taken_at=payment.settled_at,
                    recorded_at=payment.settled_at,
                )
                rows[FeeReceipt].append(receipt)
                money[carrier, dossier.desk.serves, timezone.localdate(payment.settled_at)].append(
                    (receipt, officer)
                )

    def _remit(
        self,
        rows: dict[type, list[Any]],
        collector: User,
        agency: Agency,
        day: date,
        receipts: list[FeeReceipt],
        officer: User,
    ) -> None:
        """The day's money is handed over the next morning and confirmed, where that morning has come."""
        handed = max(r.taken_at for r in receipts) + timedelta(hours=18)
        if handed > timezone.now():
            return
        self.batches += 1
        total = sum(r.amount for r in receipts)
        batch = RemittanceBatch(
            number=f"{day:%y%m%d}-{self.part}-{self.batches:05d}",
            unit=self.unit,
            agency=agency,
            collector=collector,
            total=total,
            counted=total,
            handed_at=handed,
            confirmed_by=officer,
            confirmed_at=handed + timedelta(minutes=10),
        )
        rows[RemittanceBatch].append(batch)
        rows[RemittanceLine] += [RemittanceLine(batch=batch, receipt=r, amount=r.amount) for r in receipts]
