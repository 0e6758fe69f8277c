"""Migrations on a database that is in use: money taken before receipts had rows of their own keeps its numbers."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from hoso.models import Charge, Dossier, Payment, Receipt
from hoso.services import history
from tests.factories import STRAIGHT, draft, pay, procedure, step, walk, world

pytestmark = pytest.mark.django_db(transaction=True)
BEFORE_MONEY = [("hoso", "0013_reused_papers_and_originals")]


def migrate(targets: list[tuple[str, str]]) -> None:
    """Bring the database to these migrations, either way."""
    executor = MigrationExecutor(connection)
    executor.migrate(targets)


@pytest.fixture
def before_money() -> Iterator[Callable[[], None]]:
    """Calling it takes the database back to before receipts; afterwards it is as new as the code, whatever happened."""
    yield lambda: migrate(BEFORE_MONEY)
    with connection.cursor() as cursor:
        cursor.execute(
            "TRUNCATE hoso_payment CASCADE"
        )  # a migration that failed on it must not fail once more
    migrate(MigrationExecutor(connection).loader.graph.leaf_nodes())


def columns(table: str) -> set[str]:
    with connection.cursor() as cursor:
        return {column.name for column in connection.introspection.get_table_description(cursor, table)}


def receipts() -> list[dict[str, Any]]:
    """Every receipt with what it says, but for its own key and what later days add."""
    names = ["dossier", "seq", "payment", "kind", "collector", "form", "symbol", "number", "amount", "payer"]
    names += ["payer_address", "status", "event_seq", "issued_at", "issued_by"]
    return list(Receipt.objects.order_by("dossier", "seq").values(*names))


def test_money_taken_before_gets_the_receipts_it_had(
    before_money: Callable[[], None], at: Callable[[str], Any]
) -> None:
    w = world()
    at("2025-12-30 09:00")
    paid = [pay(w, walk(w, draft(w), "accept")) for _ in range(2)]
    elsewhere = procedure("1.009999", "Thủ tục có phí", charge=1_250_000)
    paid.append(pay(w, walk(w, draft(w, version=elsewhere), "accept")))
    unpaid = walk(w, draft(w), "accept")
    at("2026-01-06 09:00")
    # The first number of the new year goes to a dossier that had the first one of the old year.
    owing = {"obligations": [{"name": "Thuế", "amount": 300_000, "basis": "Luật Thuế"}]}
    going = paid[0]
    for name, who, facts in (*STRAIGHT[2:5], ("hold_financial", "case_officer", owing)):
        going = step(w, going, name, who, facts)
    pay(w, going)
    issued = receipts()
    assert [(r["symbol"], r["number"]) for r in issued if r["dossier"] == paid[0].pk] == [
        ("BL-25", "0000001"),
        ("BL-26", "0000001"),
    ]
    money = list(Payment.objects.order_by("pk").values_list("pk", "amount", "receipt_no", "settled_at"))
    owed = list(Charge.objects.order_by("pk").values_list("pk", "amount", "status"))

    before_money()
    assert "hoso_receipt" not in connection.introspection.table_names()
    assert "full_amount" not in columns("hoso_charge")
    migrate(MigrationExecutor(connection).loader.graph.leaf_nodes())

    assert receipts() == issued
    assert (
        list(Payment.objects.order_by("pk").values_list("pk", "amount", "receipt_no", "settled_at")) == money
    )
    assert all(p.received == p.amount for p in Payment.objects.all())
    assert list(Charge.objects.order_by("pk").values_list("pk", "amount", "status")) == owed
    assert all(c.full_amount == c.amount for c in Charge.objects.all())
    assert not list(history.problems(Dossier.objects.all()))
    # Numbering goes on where it stood.
    pay(w, unpaid)
    assert Receipt.objects.latest("pk").number == "0000002"
    assert Receipt.objects.latest("pk").symbol == "BL-26"
