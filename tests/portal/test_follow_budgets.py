"""What each page of following and acting costs: a fixed number of queries, the same for two rows and for twenty."""

from collections.abc import Callable

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from hoso.models import Dossier, Letter
from hoso.services import amendments, documents, preparing
from hoso.services.dossiers import advance
from tests.factories import ITEMS, World, draft, step, walk
from tests.page import Page, Visitor
from tests.portal.helpers import PDF

pytestmark = pytest.mark.django_db


def mine(dossier: Dossier, more: str = "") -> str:
    return f"/ho-so-cua-toi/{dossier.submission_ref}/{more}"


def twice(visit: Visitor, url: str, user: object, budget: int) -> Page:
    """The second look; the first one marks messages as read."""
    visit(url, user)
    return visit(url, user, budget=budget)


@pytest.mark.parametrize(
    ("more", "budget"),
    [("", 24), ("sua/", 12), ("sua/giay-to/", 16), ("cach-nhan/", 17), ("rut/", 14), ("trao-doi/", 10)],
)
def test_pages_of_an_accepted_dossier(w: World, visit: Visitor, more: str, budget: int) -> None:
    twice(visit, mine(walk(w, draft(w, postal=True), "accept"), more), w.citizen, budget)


@pytest.mark.parametrize(("more", "budget"), [("", 24), ("danh-gia/", 10)])
def test_pages_of_a_returned_dossier(w: World, visit: Visitor, more: str, budget: int) -> None:
    twice(visit, mine(walk(w, draft(w, papers_by="counter"), "complete"), more), w.citizen, budget)


def requested(w: World, count: int) -> Dossier:
    """An accepted dossier whose applicant asks for so many files."""
    dossier, component = walk(w, draft(w), "accept"), w.version.components.get(order=2)
    for number in range(count):
        received = documents.receive(SimpleUploadedFile(f"{number}.pdf", PDF + str(number).encode()))
        preparing.prepare_file(dossier.pk, received, by=w.citizen, component=component)
    amendments.send(dossier.pk, by=w.citizen, reason="Ảnh mờ", values={"child_full_name": "Hoàng Gia An"})
    return dossier


def asked(w: World, count: int) -> Dossier:
    """A request for so many things, not answered."""
    items = [{**ITEMS[0], "name": f"Giấy tờ {number}"} for number in range(count)]
    return step(w, walk(w, draft(w), "submit"), "ask_completion", "desk_officer", {"items": items})


def written(w: World, count: int) -> Dossier:
    """So many letters from the desk."""
    dossier, now = walk(w, draft(w), "accept"), timezone.now()
    Letter.objects.bulk_create(
        Letter(dossier=dossier, author=w.desk_officer, from_applicant=False, text=f"Tin {n}", at=now)
        for n in range(count)
    )
    return dossier


def amended(w: World, count: int) -> Dossier:
    """So many changes in its history."""
    dossier = walk(w, draft(w), "submit")
    for number in range(count):
        advance(dossier.pk, "amend", by=w.citizen, changes={"child_full_name": f"Hoàng Gia {number}"})
    return dossier


@pytest.mark.parametrize(
    ("make", "more", "desk"),
    [
        (requested, "", False),
        (requested, "sua/giay-to/", False),
        (requested, "de-nghi-sua/", True),
        (requested, "", True),
        (asked, "", False),
        (asked, "bo-sung/", False),
        (written, "trao-doi/", False),
        (amended, "", False),
        (amended, "", True),
    ],
)
def test_twenty_rows_cost_what_two_do(
    w: World, visit: Visitor, make: Callable[[World, int], Dossier], more: str, desk: bool
) -> None:
    costs = []
    for count in (2, 20):
        dossier = make(w, count)
        url = f"/mot-cua/ho-so/{dossier.submission_ref}/{more}" if desk else mine(dossier, more)
        page = twice(visit, url, w.desk_officer if desk else w.citizen, 34)
        costs.append(len(page.queries))
    assert costs[0] == costs[1]
