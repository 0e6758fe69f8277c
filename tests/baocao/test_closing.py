"""A closed period stays as it was; what changed since stands beside it with the dossiers that changed it."""

from collections.abc import Callable
from datetime import datetime

import pytest
from django.db import IntegrityError, connection, transaction

from baocao import closing
from baocao.models import Snapshot
from baocao.verify import problems
from hoso.models import Dossier, State
from hoso.services.dossiers import advance
from tests.baocao.conftest import Book
from tests.factories import World, dossier_at, moment

NOW = moment("2026-11-24 08:00")


@pytest.fixture
def closed(book: Book, w: World, at: Callable[[str], datetime]) -> Snapshot:
    """October 2026 with two dossiers, closed on 16/10."""
    at("2026-09-21 09:00")
    w.more["kept"], w.more["wrong"] = dossier_at(w, State.DECIDED), dossier_at(w, State.PROCESSING)
    now = at("2026-10-16 08:00")
    return closing.close(book.table("2026-10", now), by=w.supervisor)


def test_a_closed_period_keeps_its_figures(closed: Snapshot, book: Book) -> None:
    report = book.table("2026-10", NOW)
    frozen = closing.Frozen(closed, "07a")
    assert [row.cells(frozen.columns) for row in frozen.rows()] == [
        row.cells(report.columns) for row in report.rows()
    ]
    assert frozen.total().tally.get("partial") == 2
    assert closing.is_intact(closed)
    assert closing.differences(closed, report) == []


def test_closing_again_changes_nothing(closed: Snapshot, book: Book, w: World) -> None:
    again = closing.close(book.table("2026-10", NOW), by=w.approver)
    assert again.pk == closed.pk
    assert again.closed_by == w.supervisor


def test_a_running_period_cannot_be_closed(book: Book, w: World, at: Callable[[str], datetime]) -> None:
    now = at("2026-10-14 23:00")
    with pytest.raises(closing.NotYet, match="14/10/2026"):
        closing.close(book.table("2026-10", now), by=w.supervisor)
    assert not Snapshot.objects.exists()


def test_a_dossier_voided_later_is_a_restatement(
    closed: Snapshot, book: Book, w: World, at: Callable[[str], datetime]
) -> None:
    """The closed figures stay; today's count, the difference and the dossier behind it stand beside them."""
    at("2026-10-20 09:00")
    advance(w.more["wrong"].pk, "void", by=w.desk_head, note="Nhập trùng hồ sơ.")
    report = book.table("2026-10", NOW)
    changed = {(d.column.number): (d.was, d.now) for d in closing.differences(closed, report)}
    assert changed == {3: (2, 1), 5: (2, 1), 13: (1, 0), 15: (1, 0)}
    assert list(closing.journal(closed, report)) == [w.more["wrong"]]
    assert closing.Frozen(closed, "07a").total().tally.get("partial") == 2


def test_the_database_refuses_to_change_a_closed_period(closed: Snapshot) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        Snapshot.objects.filter(pk=closed.pk).update(sha256="0" * 64)
    with pytest.raises(IntegrityError), transaction.atomic():
        closed.delete()


def test_figures_changed_behind_its_back_are_noticed(closed: Snapshot) -> None:
    assert list(problems(NOW)) == []
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL hoso.maintenance = 'on'")
        cursor.execute("""UPDATE baocao_snapshot SET content = '{"fields": [], "agencies": []}'""")
    closed.refresh_from_db()
    assert not closing.is_intact(closed)
    assert [problem.rule for problem in problems(NOW)] == ["chốt"]


def test_verification_reads_every_month_that_has_dossiers(closed: Snapshot, book: Book, w: World) -> None:
    book.write(moment("2025-05-20 08:00"), moment("2025-06-20 17:00"))
    book.write(
        moment("2025-05-20 08:00"),
        moment("2025-06-20 17:00"),
        ("decide", moment("2025-07-20 08:00"), "decided", None),
    )
    assert list(problems(NOW)) == []


def test_verification_finds_a_finish_without_acceptance_in_time(book: Book, w: World) -> None:
    """A finish before the acceptance is counted by a plain count in one month and by the table in none."""
    dossier = book.write(
        moment("2026-10-20 08:00"),
        moment("2026-10-30 17:00"),
        ("decide", moment("2026-10-25 08:00"), "decided", None),
    )
    Dossier.objects.filter(pk=dossier.pk).update(finished_at=moment("2026-09-20 08:00"))
    book.write(moment("2026-08-20 08:00"), moment("2026-12-20 17:00"))
    assert [problem for problem in problems(NOW) if "đã giải quyết khác" in problem.text]
