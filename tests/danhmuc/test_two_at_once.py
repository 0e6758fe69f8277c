"""Two of the same thing at one moment: loads, failed sign-ins, publishing."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import connection

from danhmuc.loading.run import load
from danhmuc.models import PostalTariff, ProcedureVersion, SignInGuard
from danhmuc.services import procedures, sign_in

pytestmark = [pytest.mark.usefixtures("catalogue"), pytest.mark.django_db(transaction=True)]


def _both(act: Callable[[int], Any]) -> list[Any]:
    """Do it in two threads with connections of their own; results, or what was raised."""

    def run(number: int) -> Any:
        try:
            return act(number)
        except Exception as error:  # the point of the test is to look at it
            return error
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        return list(pool.map(run, range(2)))


def test_two_loads_wait_for_each_other() -> None:
    PostalTariff.objects.all().delete()
    found = _both(lambda number: load(only=["tariffs"])["giá cước"].added)
    assert sorted(found) == [0, 33]
    assert PostalTariff.objects.count() == 33


def test_failed_sign_ins_are_all_counted() -> None:
    found = _both(lambda number: [sign_in.record_failure("mo.thu") for _ in range(2)])
    assert not [error for error in found if isinstance(error, Exception)]
    assert SignInGuard.objects.get(account="mo.thu").failures == 4


def test_a_version_is_published_once() -> None:
    draft = procedures.draft_from(ProcedureVersion.objects.get(procedure__code="1.001193"))
    found = _both(lambda number: procedures.publish_version(draft))
    assert len([done for done in found if isinstance(done, ProcedureVersion)]) == 1
    assert len([error for error in found if isinstance(error, ValueError)]) == 1
    assert ProcedureVersion.objects.filter(procedure__code="1.001193", status="published").get().number == 2
