"""Two at once: carriers at one parcel, jobs booking one dossier, officers with one code, acts wanting one number."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from django.db import connection, transaction

from buuchinh.lifecycle import Leg, State
from buuchinh.models import FeeReceipt, HandoverRecord, Parcel, RemittanceBatch
from buuchinh.services import booking, delivery, handovers, pickup, remittances, tracking
from hoso.services.errors import Refused, StepRefused
from tests.buuchinh.conftest import Post
from tests.factories import World

pytestmark = pytest.mark.django_db(transaction=True)


def at_once(*acts: Callable[[], Any]) -> list[Any]:
    """Run the acts side by side, each on its own connection; answers or exceptions, in order."""
    start = Barrier(len(acts))

    def run(act: Callable[[], Any]) -> Any:
        start.wait()
        try:
            return act()
        except Exception as error:
            return error
        finally:
            connection.close()

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(run, acts))


def failures(found: list[Any]) -> list[Any]:
    return [one for one in found if isinstance(one, Exception)]


def test_two_taps_collect_once(w: World, post: Post) -> None:
    parcel = post.booked(post.accepted())
    seen = parcel.last_seq

    def collect() -> Any:
        return pickup.collect(
            parcel.pk, by=w.carrier, papers=[0], fee=8000, signed_name="x", identity_checked=True, seen=seen
        )

    found = at_once(collect, collect)
    assert [type(e) for e in failures(found)] == [StepRefused]
    assert FeeReceipt.objects.count() == parcel.dossier.payments.count() == 1
    assert parcel.events.filter(name="collect").count() == 1


def test_collecting_against_reassigning(w: World, post: Post) -> None:
    parcel = post.booked(post.accepted())
    seen = parcel.last_seq
    facts = {"papers": [0], "fee": 8000, "signed_name": "x", "identity_checked": True, "seen": seen}
    found = at_once(
        lambda: pickup.collect(parcel.pk, by=w.carrier, **facts),
        lambda: pickup.assign(parcel.pk, by=w.coordinator, carrier=w.other_carrier, seen=seen),
    )
    assert [type(e) for e in failures(found)] == [StepRefused], "người chậm được báo ai đã nhanh hơn"
    parcel.refresh_from_db()
    assert (parcel.state, parcel.carrier_id) in {
        (State.COLLECTED, w.carrier.pk),
        (State.ASSIGNED, w.other_carrier.pk),
    }


def test_two_booking_jobs_make_one_parcel(w: World, post: Post) -> None:
    for _ in range(3):
        post.accepted()
    found = at_once(booking.book_due, booking.book_due, booking.book_due)
    assert not failures(found)
    booking.book_due()
    assert Parcel.objects.filter(leg=Leg.PICKUP).count() == 3
    assert Parcel.objects.values("dossier").distinct().count() == 3


def test_one_code_signs_one_record(w: World, post: Post) -> None:
    first = post.collected(post.booked(post.accepted()))
    second = post.collected(post.booked(post.accepted()))
    code = post.code()

    def sign(parcel: Parcel, officer: Any) -> Callable[[], Any]:
        line = post.counted(parcel)
        return lambda: handovers.sign(w.desk, by=officer, carrier=w.carrier, code=code, incoming=[line])

    found = at_once(sign(first, w.desk_officer), sign(second, w.desk_head))
    assert [type(e) for e in failures(found)] == [Refused]
    assert HandoverRecord.objects.count() == 1
    states = sorted(Parcel.objects.values_list("state", flat=True))
    assert states == [State.COLLECTED, State.HANDED_OVER]


def test_delivered_once(w: World, post: Post) -> None:
    dossier = post.decided()
    parcel = post.taken(dossier)

    def deliver() -> Any:
        return delivery.deliver(
            parcel.pk, by=w.carrier, receiver_name="", is_owner=True, id_tail=dossier.owner_id[-4:]
        )

    found = at_once(deliver, deliver)
    assert len(failures(found)) == 1
    dossier.refresh_from_db()
    assert dossier.state == "completed"
    assert dossier.events.filter(name="complete").count() == 1


def test_money_is_handed_over_once(w: World, post: Post) -> None:
    parcel = post.collected(post.booked(post.accepted()))
    line, code = post.counted(parcel), post.code()
    found = at_once(
        lambda: remittances.hand_over(w.carrier, w.commune),
        lambda: handovers.sign(w.desk, by=w.desk_officer, carrier=w.carrier, code=code, incoming=[line]),
    )
    assert all(isinstance(e, Refused) for e in failures(found))
    assert RemittanceBatch.objects.count() == 1
    assert FeeReceipt.objects.get().remittance.amount == 8000


def test_numbers_wanted_at_once_differ_and_leave_no_gap(w: World) -> None:
    tracking.open_pool(w.post, first=1, last=40)

    def take() -> list[str]:
        found = []
        for _ in range(5):
            with transaction.atomic():
                found.append(tracking.next_number(w.post))
        return found

    found = at_once(*[take] * 4)
    assert not failures(found)
    assert sorted(int(n[2:10]) for numbers in found for n in numbers) == list(range(1, 21))
