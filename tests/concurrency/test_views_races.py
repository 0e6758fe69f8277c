"""Two presses of one button in the same instant, and two officers at one step: one outcome, both get an answer."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from django.db import connections
from django.test import Client
from django.urls import reverse

from hoso.lifecycle import State
from hoso.models import Dossier, Payment
from tests.factories import World, draft, walk, world
from tests.hoso.test_views_journey import address, fields_of
from tests.hoso.test_views_reception import filled
from tests.page import Visitor

pytestmark = pytest.mark.django_db(transaction=True)


def both(*requests: tuple[Client, str, dict[str, Any]]) -> list[int]:
    """Send them together; the statuses in order."""
    start = Barrier(len(requests))

    def send(request: tuple[Client, str, dict[str, Any]]) -> int:
        client, url, data = request
        start.wait()
        try:
            return client.post(url, data).status_code
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(requests)) as pool:
        return list(pool.map(send, requests))


def test_two_presses_at_the_counter_receive_once(transactional_db: None) -> None:
    w = world()
    visit = Visitor()
    url = reverse("hoso:reception")
    page = visit(f"{url}?thu-tuc=1.001193", w.desk_officer, budget=40)
    data = fields_of(page) | filled(w) | {"do": "accept"}
    statuses = both((visit.client(w.desk_officer), url, data), (visit.client(w.desk_officer), url, data))
    assert statuses == [302, 302]
    dossier = Dossier.objects.get()
    assert dossier.state == State.PROCESSING
    assert Payment.objects.count() == 1
    assert dossier.events.filter(name="accept").count() == 1


def test_two_officers_accept_and_refuse_at_once(transactional_db: None) -> None:
    w: World = world()
    visit = Visitor()
    dossier = walk(w, draft(w), "submit")
    accept, refuse = address(dossier, "accept"), address(dossier, "refuse_intake")
    yes = fields_of(visit(accept, w.desk_officer, budget=40)) | {"eid_checked": "on"}
    no = fields_of(visit(refuse, w.desk_head, budget=40)) | {"note": "Không thuộc phạm vi."}
    statuses = both((visit.client(w.desk_officer), accept, yes), (visit.client(w.desk_head), refuse, no))
    assert sorted(statuses) == [302, 409]
    dossier.refresh_from_db()
    assert dossier.state in {State.PROCESSING, State.REFUSED_INTAKE}
    assert dossier.last_seq == 3
