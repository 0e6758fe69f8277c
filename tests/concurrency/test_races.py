"""Two people, one dossier; many people, one number series. Real connections, real locks."""

import threading
from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection, connections

from hoso.models import Dossier, NumberSeries
from hoso.services import history
from hoso.services.dossiers import advance
from hoso.services.errors import Refused, StepRefused
from tests.factories import World, draft, walk, world


@pytest.fixture
def committed(transactional_db: None) -> World:
    """A province whose rows other connections can see."""
    return world()


def at_once(jobs: list[Callable[[], Any]]) -> list[Any]:
    """Run every job in its own thread and connection, released together; results or exceptions in order."""
    gate = threading.Barrier(len(jobs))
    results: list[Any] = [None] * len(jobs)

    def run(index: int, job: Callable[[], Any]) -> None:
        try:
            gate.wait(timeout=20)
            results[index] = job()
        except Exception as error:
            results[index] = error
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=(i, job)) for i, job in enumerate(jobs)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
        assert not thread.is_alive(), "một luồng bị treo"
    return results


def test_two_officers_accept_one_dossier(committed: World) -> None:
    w = committed
    dossier = walk(w, draft(w), "submit")
    seen = dossier.last_seq
    results = at_once(
        [
            lambda: advance(dossier.pk, "accept", by=w.desk_officer, seen=seen, eid_checked=True),
            lambda: advance(
                dossier.pk, "refuse_intake", by=w.desk_head, seen=seen, note="Không thuộc thẩm quyền"
            ),
        ]
    )
    kinds = Counter(type(r).__name__ for r in results)
    assert kinds == {"Dossier": 1, "StepRefused": 1}
    assert "vừa thực hiện" in str(next(r for r in results if isinstance(r, StepRefused)))
    assert Dossier.objects.get(pk=dossier.pk).events.count() == seen + 1


def test_a_double_click_submits_once(committed: World) -> None:
    w = committed
    dossier = draft(w)
    results = at_once([lambda: advance(dossier.pk, "submit", by=w.citizen, seen=1)] * 4)
    assert sum(isinstance(r, Dossier) for r in results) == 1
    assert all(isinstance(r, Dossier | StepRefused) for r in results)
    stored = Dossier.objects.get(pk=dossier.pk)
    assert stored.events.filter(name="submit").count() == 1
    assert stored.papers.filter(kind="submission_proof").count() == 1


def test_serials_have_no_gaps_or_duplicates_under_load(committed: World) -> None:
    w = committed
    waiting = [walk(w, draft(w), "submit") for _ in range(12)]
    doomed = walk(w, draft(w), "submit")

    def accept(dossier: Dossier) -> Callable[[], Dossier]:
        return lambda: advance(dossier.pk, "accept", by=w.desk_officer, eid_checked=True)

    def refused() -> Dossier:
        return advance(doomed.pk, "accept", by=w.desk_officer)

    results = at_once([*(accept(d) for d in waiting[:6]), refused, *(accept(d) for d in waiting[6:])])
    assert isinstance(results[6], Refused)
    serials = sorted(int(d.code.rsplit("-", 1)[1]) for d in results if isinstance(d, Dossier))
    assert serials == list(range(1, 13))
    assert list(history.register_problems()) == []


def test_a_number_taken_in_a_transaction_that_fails_is_given_again(committed: World) -> None:
    from django.db import transaction

    from hoso.services.numbers import DatabaseSeries

    series = DatabaseSeries()
    with transaction.atomic():
        assert series.next("thử") == 1

    def fail() -> None:
        with transaction.atomic():
            assert series.next("thử") == 2
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    with transaction.atomic():
        assert series.next("thử") == 2
    assert NumberSeries.objects.get(key="thử").last == 2


def test_one_charge_is_paid_once(committed: World) -> None:
    w = committed
    dossier = walk(w, draft(w), "accept")
    charge = dossier.charges.get()

    def pay(number: int) -> Callable[[], Dossier]:
        facts = {"charges": [charge.seq], "amount": charge.amount, "method": "cash_desk"}
        return lambda: advance(
            dossier.pk, "record_payment", by=w.desk_officer, reference=f"P{number}", **facts
        )

    results = at_once([pay(1), pay(2), pay(3)])
    assert sum(isinstance(r, Dossier) for r in results) == 1
    assert dossier.payments.filter(status="succeeded").count() == 1


def test_a_process_killed_in_mid_submission_leaves_nothing_half_done(committed: World) -> None:
    w = committed
    dossier = draft(w)
    victim = connections.create_connection("default")
    with victim.cursor() as cursor:
        cursor.execute("BEGIN")
        cursor.execute("SELECT pg_backend_pid()")
        (pid,) = cursor.fetchone()
        cursor.execute(
            "UPDATE hoso_dossier SET state = 'submitted', last_seq = 2 WHERE id = %s", [dossier.pk]
        )
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(%s)", [pid])
    victim.close()
    stored = Dossier.objects.get(pk=dossier.pk)
    assert (stored.state, stored.events.count()) == ("draft", 1)
    advance(dossier.pk, "submit", by=w.citizen, seen=1)
    assert list(history.problems(Dossier.objects.all())) == []
