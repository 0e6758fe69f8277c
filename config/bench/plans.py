"""How PostgreSQL answers the statements of a page: no list may read the whole history."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from django.db import connection, transaction
from django.test import Client

from danhmuc.models import User

#: Tables that grow with the years; a page reads them through an index or not at all.
HISTORY = frozenset(
    {
        "hoso_dossier",
        "hoso_event",
        "hoso_notice",
        "hoso_handover",
        "hoso_agencytask",
        "hoso_supplement",
        "hoso_document",
        "hoso_paper",
        "hoso_charge",
        "hoso_payment",
        "hoso_accesslog",
        "buuchinh_parcel",
        "buuchinh_parcelevent",
    }
)


@dataclass(frozen=True)
class Statement:
    """A SELECT as a page sent it."""

    sql: str
    params: Any


@dataclass(frozen=True)
class WholeRead:
    """A table of history read from end to end, in a statement of a page."""

    page: str
    table: str
    statement: Statement

    def __str__(self) -> str:
        return f"{self.page}: đọc toàn bảng {self.table}: {self.statement.sql[:300]}"


class _Recorder:
    def __init__(self) -> None:
        self.found: list[Statement] = []

    def __call__(self, execute: Callable[..., Any], sql: Any, params: Any, many: bool, context: Any) -> Any:
        if not many and str(sql).lstrip().startswith(("SELECT", "(SELECT", "WITH")):
            self.found.append(Statement(str(sql), params))
        return execute(sql, params, many, context)


def statements_of(path: str, user: User | None) -> list[Statement]:
    """The statements over history that a page sends, taken from the page itself. Raises ValueError unless it answers 200."""
    client = Client(SERVER_NAME="127.0.0.1")
    if user is not None:
        client.force_login(user)
    recorder = _Recorder()
    with connection.execute_wrapper(recorder):
        answer = client.get(path)
    if answer.status_code != 200:
        raise ValueError(f"{path}: {answer.status_code}")
    return [s for s in recorder.found if any(f'"{table}"' in s.sql for table in HISTORY)]


def whole_reads(
    page: str, statements: list[Statement], *, without_choice: bool = False
) -> Iterator[WholeRead]:
    """Statements that read a whole table of history.

    With real statistics the planner's own choice is judged. `without_choice` forbids sequential scans first: what
    still reads the whole table has no index that fits, however small the table is today.
    """
    for statement in statements:
        for table in sorted(set(_scanned(_plan(statement, without_choice=without_choice)))):
            if table in HISTORY:  # the others do not grow with the years
                yield WholeRead(page, table, statement)


def _plan(statement: Statement, *, without_choice: bool) -> dict[str, Any]:
    with transaction.atomic(), connection.cursor() as cursor:
        if without_choice:
            cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute(f"EXPLAIN (FORMAT JSON) {statement.sql}", statement.params)
        (answer,) = cursor.fetchone()
        if without_choice:
            cursor.execute("SET LOCAL enable_seqscan = on")
    plan: dict[str, Any] = (json.loads(answer) if isinstance(answer, str) else answer)[0]["Plan"]
    return plan


def _scanned(plan: dict[str, Any]) -> Iterator[str]:
    """Tables read from end to end: in sequence, or through the whole of an index that covers the whole table."""
    kind = plan["Node Type"]
    if kind == "Seq Scan" or (
        kind in {"Index Scan", "Index Only Scan"}
        and "Index Cond" not in plan
        and plan["Index Name"] in _whole_indexes()
    ):
        yield plan["Relation Name"]
    for part in plan.get("Plans", []):
        yield from _scanned(part)


def _whole_indexes() -> frozenset[str]:
    """Indexes without a condition; a partial one holds open work alone and may be read from end to end."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT indexrelid::regclass::text FROM pg_index WHERE indpred IS NULL")
        return frozenset(row[0].strip('"') for row in cursor.fetchall())


def text_of(statement: Statement) -> list[str]:
    """The plan with its real times, as PostgreSQL writes it."""
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN (ANALYZE, BUFFERS OFF, COSTS OFF) {statement.sql}", statement.params)
        return [row[0] for row in cursor.fetchall()]


def counter_of(statements: list[Statement]) -> Statement | None:
    """The statement that counts the lists of an officer: the one with most counts."""
    counting = [s for s in statements if s.sql.count("COUNT(") > 3]
    return max(counting, key=lambda s: s.sql.count("COUNT("), default=None)
