"""Whoever had to wait for a dossier's lock reads it as it is after the wait, joined rows included."""

import threading
from typing import Any

import pytest
from django.db import connection, transaction

from hoso.models import Dossier
from hoso.services.dossiers import locked
from tests.factories import World, draft, walk


def read_while_another_changes(dossier: Dossier, **changes: Any) -> Dossier:
    """One transaction changes the row and holds it; another asks for the same row meanwhile."""
    held, waiting, found = threading.Event(), threading.Event(), []

    def change() -> None:
        try:
            with transaction.atomic():
                Dossier.objects.filter(pk=dossier.pk).update(**changes)
                held.set()
                waiting.wait(5)
                # The reader is now stuck on the lock; PostgreSQL itself says so.
                with connection.cursor() as cursor:
                    for _ in range(200):
                        cursor.execute("SELECT count(*) FROM pg_locks WHERE NOT granted")
                        if cursor.fetchone()[0]:
                            break
                        cursor.execute("SELECT pg_sleep(0.02)")
        finally:
            connection.close()

    def read() -> None:
        try:
            held.wait(5)
            with transaction.atomic():
                waiting.set()
                found.append(locked(dossier.pk).dossier)
        finally:
            connection.close()

    threads = [threading.Thread(target=change), threading.Thread(target=read)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 1, "hồ sơ không đọc được sau khi chờ khóa"
    return found[0]


@pytest.mark.django_db(transaction=True)
def test_a_new_holder_is_seen(w: World) -> None:
    dossier = walk(w, draft(w), "accept")
    seen = read_while_another_changes(dossier, holder_agency=w.department)
    assert seen.holder_agency == w.department


@pytest.mark.django_db(transaction=True)
def test_a_redirected_dossier_is_still_there(w: World) -> None:
    dossier = walk(w, draft(w), "submit")
    seen = read_while_another_changes(dossier, resolving_agency=w.other_commune, desk=w.other_desk)
    assert (seen.resolving_agency, seen.desk.agency) == (w.other_commune, w.other_desk.agency)
