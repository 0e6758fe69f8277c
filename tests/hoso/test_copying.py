"""A batch goes in with COPY and leaves exactly what single steps leave."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from hoso.models import Document, Dossier, Event, Notice, Paper
from hoso.services.case import Case, write
from hoso.services.dossiers import open_draft, take
from tests.factories import ANSWERS, World, moment, upload

OWN = {"id", "dossier_id", "submission_ref", "search_key", "search", "recorded_at", "key", "sha256", "name"}


def submitted(w: World) -> Case:
    """A dossier filed and not yet written."""
    at = moment("2026-10-05 09:00")
    citizen = w.citizen
    case = open_draft(
        w.version, by=citizen, desk=w.desk, agency=w.commune, at=at, owner_name=citizen.full_name,
        owner_id=citizen.personal_id, phone=citizen.phone, email=citizen.email, place=w.place, answers=ANSWERS,
    )  # fmt: skip
    upload(case, w.version.components.get(order=2), citizen).added_at = at
    take(case, "submit", by=citizen, at=at)
    return case


def contents(case: Case) -> Iterator[dict[str, Any]]:
    """What is stored of a dossier, without what is each one's own."""
    pk = case.dossier.pk
    yield from Dossier.objects.filter(pk=pk).values()
    for model in (Event, Document, Paper, Notice):
        yield from model._default_manager.filter(dossier_id=pk).order_by("pk").values()


def told(case: Case) -> str:
    """The same with the reference taken out of printed facts and messages."""
    rows = [{k: v for k, v in row.items() if k not in OWN} for row in contents(case)]
    for row in rows:
        for document in row.get("facts", {}).get("files", []):
            del document["sha256"], document["name"]
    return repr(rows).replace(case.dossier.submission_ref, "…")


def test_a_batch_leaves_what_single_steps_leave(w: World) -> None:
    alone, *together = (submitted(w) for _ in range(3))
    with transaction.atomic():
        write([alone])
        write(together)
    assert [told(case) for case in together] == [told(alone)] * 2
    rows = [row for case in together for row in (case.dossier, *case.events, *case.documents, *case.papers)]
    assert all(type(row)._default_manager.get(pk=row.pk) == row and not row._state.adding for row in rows)
    assert list(Dossier.objects.matching(together[0].dossier.submission_ref)) == [together[0].dossier]
    assert Event.objects.filter(dossier=together[0].dossier).latest("seq").recorded_at is not None


def test_the_database_holds_a_batch_to_its_rules(w: World) -> None:
    one, other = submitted(w), submitted(w)
    other.dossier.submission_ref = one.dossier.submission_ref
    with pytest.raises(IntegrityError), transaction.atomic():
        write([one, other])
    assert not Dossier.objects.exists()
