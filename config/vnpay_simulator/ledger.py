"""The simulated bank's own books: a small file of its own, so that nothing of ours can roll it back."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings

_TABLE = """CREATE TABLE IF NOT EXISTS orders (
    reference TEXT PRIMARY KEY, amount INTEGER NOT NULL, words TEXT NOT NULL, return_url TEXT NOT NULL,
    created TEXT NOT NULL, status TEXT NOT NULL DEFAULT '01', code TEXT NOT NULL DEFAULT '', number TEXT NOT NULL,
    paid TEXT NOT NULL DEFAULT '', told TEXT NOT NULL DEFAULT '')"""


@dataclass(frozen=True)
class Order:
    """What a merchant asked to be paid. `status` and `code` are VNPAY's; `told` is how the merchant answered."""

    reference: str
    amount: int
    words: str
    return_url: str
    created: str
    status: str
    code: str
    number: str
    paid: str
    told: str


@contextmanager
def _books() -> Iterator[sqlite3.Connection]:
    folder = Path(settings.VAR_DIR)
    folder.mkdir(parents=True, exist_ok=True)
    books = sqlite3.connect(folder / "vnpay-mo-phong.sqlite3", timeout=10)
    try:
        with books:
            books.execute(_TABLE)
            yield books
    finally:
        books.close()


def open_order(reference: str, amount: int, words: str, return_url: str, created: str) -> Order:
    """Note an order; one that is known already stays as it is."""
    with _books() as books:
        count = books.execute("SELECT count(*) FROM orders").fetchone()[0]
        books.execute(
            "INSERT OR IGNORE INTO orders (reference, amount, words, return_url, created, number)"
            " VALUES (?, ?, ?, ?, ?, ?)",
            (reference, amount, words, return_url, created, f"9{count + 1:07d}"),
        )
    found = find(reference)
    assert found is not None
    return found


def find(reference: str) -> Order | None:
    """The order of a reference."""
    with _books() as books:
        row = books.execute("SELECT * FROM orders WHERE reference = ?", (reference,)).fetchone()
    return Order(*row) if row else None


def latest(count: int = 30) -> list[Order]:
    """The newest orders."""
    with _books() as books:
        rows = books.execute("SELECT * FROM orders ORDER BY rowid DESC LIMIT ?", (count,)).fetchall()
    return [Order(*row) for row in rows]


def settle(reference: str, *, status: str, code: str, paid: str, amount: int | None = None) -> None:
    """The bank has decided; an order that was decided before stays as it is."""
    with _books() as books:
        books.execute(
            "UPDATE orders SET status = ?, code = ?, paid = ?, amount = coalesce(?, amount)"
            " WHERE reference = ? AND status = '01'",
            (status, code, paid, amount, reference),
        )


def note_answer(reference: str, told: str) -> None:
    """How the merchant answered a call-back."""
    with _books() as books:
        books.execute("UPDATE orders SET told = ? WHERE reference = ?", (told[:200], reference))
