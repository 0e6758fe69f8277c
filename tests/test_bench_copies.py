"""Copied stories are dossiers of their own whose histories replay, however often the province has grown."""

from collections.abc import Iterator
from datetime import datetime

import pytest
from django.db import connection

from buuchinh.services import verify as parcels
from config.bench import multiply
from config.demo import seed
from danhmuc.models import CalendarDay, RuleSet, User
from hoso.models import Dossier, Event, State
from hoso.services import history

pytestmark = pytest.mark.usefixtures("catalogue")


@pytest.fixture
def sequences(db: None) -> Iterator[None]:
    """Numbers of later tests start where they would have: PostgreSQL does not roll sequences back."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT sequencename, last_value FROM pg_sequences WHERE schemaname = current_schema()"
        )
        before = cursor.fetchall()
    yield
    with connection.cursor() as cursor:
        for name, last in before:
            cursor.execute("SELECT setval(%s, %s, %s)", [name, last or 1, last is not None])


@pytest.fixture
def stories(catalogue: None, sequences: None) -> int:
    """Some dossiers told through the real rules, ready to be copied."""
    told = seed.run(
        dossiers=60, months=4, offices=3, citizens=20, number=7, jobs=1, only_if_empty=False,
        until=datetime.fromisoformat("2026-11-20T10:00+07:00"), say=lambda line: None,
    )  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    multiply.remember_stories()
    return told


def test_copies_are_dossiers_of_their_own_with_true_histories(stories: int) -> None:
    before, people = multiply.size(), User.objects.filter(kind="citizen").count()
    first = Event.objects.order_by("at")[0].at
    assert multiply.grow(130, say=lambda line: None).dossiers == 130
    reached = multiply.grow(200, say=lambda line: None)
    assert multiply.grow(150, say=lambda line: None) == reached
    assert Event.objects.order_by("at")[0].at < first
    assert reached.dossiers == 200
    assert reached.open == max(before.open, multiply.wanted_open(200))
    assert User.objects.filter(kind="citizen").count() > people
    everything = Dossier.objects.all()
    assert [str(p) for p in history.problems(everything)] == []
    assert [str(p) for p in history.register_problems()] == []
    assert [str(p) for p in parcels.problems(everything)] == []
    copy = Dossier.objects.filter(state=State.COMPLETED, code__gt="").order_by("-pk")[0]
    assert {e.data["code"] for e in copy.events.all() if e.name == "accept"} == {copy.code}
    assert Dossier.objects.matching(copy.code).get() == copy
    assert copy in Dossier.objects.matching(copy.owner_name)
    assert copy.applicant is None or copy.applicant.full_name == copy.owner_name


def test_dossiers_move_only_between_days_that_count_alike(catalogue: None) -> None:
    special = set(CalendarDay.objects.values_list("date", flat=True))
    stretches = multiply.quiet_stretches()
    assert stretches
    for rule_set, first, last in stretches:
        assert not any(first <= day <= last for day in special)
        rules = RuleSet.objects.get(pk=rule_set)
        assert rules.valid_from <= first
        assert rules.valid_to is None or last <= rules.valid_to
