"""Two windows of one citizen at the same moment."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from django.db import connection
from django.test import Client

from danhmuc.models import Membership
from hoso.models import Dossier
from hoso.services import organisations
from portal.models import AccountChange
from tests.factories import World, draft, organisation
from tests.portal.helpers import draft_through_pages

pytestmark = pytest.mark.django_db(transaction=True)


def together(*acts: Callable[[], Any]) -> list[Any]:
    """What each act gives when all begin at once, each on a connection of its own."""
    gate = Barrier(len(acts))

    def run(act: Callable[[], Any]) -> Any:
        try:
            gate.wait(10)
            return act()
        finally:
            connection.close()

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(run, acts))


def signed_in(w: World) -> Client:
    client = Client()
    client.force_login(w.citizen)
    return client


def test_filed_in_two_windows_at_once_it_is_filed_once(w: World) -> None:
    ref = draft_through_pages(signed_in(w), w)
    windows = [signed_in(w), signed_in(w)]
    seen = Dossier.objects.get().last_seq

    def press(client: Client) -> str:
        return client.post(f"/nop-ho-so/{ref}/kiem-tra/", {"declared": "on", "seen": seen})["Location"]

    answers = together(*(lambda c=c: press(c) for c in windows))  # type: ignore[misc]
    assert set(answers) == {f"/nop-ho-so/{ref}/da-nop/"}
    assert [event.name for event in Dossier.objects.get().events.all()] == ["create", "submit"]


def test_begun_in_two_windows_at_once_there_is_one_draft(w: World) -> None:
    windows = [signed_in(w), signed_in(w)]
    url = f"/nop-ho-so/{w.version.procedure.code}/"
    answers = together(*(lambda c=c: c.post(url, {"agency": w.commune.pk})["Location"] for c in windows))  # type: ignore[misc]
    assert len(set(answers)) == 1
    assert Dossier.objects.count() == 1


def test_two_pages_saved_at_once_are_both_kept(w: World) -> None:
    dossier = draft(w, answers={})
    windows = [signed_in(w), signed_in(w)]
    base = f"/nop-ho-so/{dossier.submission_ref}/to-khai/"
    one = {"_shown": "submitter_full_name", "submitter_full_name": "Nguyễn Thị Hương"}
    two = {"_shown": "child_full_name", "child_full_name": "Hoàng Gia Bảo"}
    together(lambda: windows[0].post(f"{base}1/", one), lambda: windows[1].post(f"{base}2/", two))
    dossier.refresh_from_db()
    assert dossier.answers == {"submitter_full_name": "Nguyễn Thị Hương", "child_full_name": "Hoàng Gia Bảo"}


def test_a_name_saved_in_two_windows_at_once_is_one_line_of_history(w: World) -> None:
    windows = [signed_in(w), signed_in(w)]
    typed = {"full_name": "Nguyễn Thị Thanh Hương Giang", "birth_date_d": "4", "birth_date_m": "5"}
    typed |= {"birth_date_y": "1986", "gender": "female", "sure": "on"}

    def save(client: Client) -> int:
        return client.post("/tai-khoan/thong-tin/", typed).status_code

    assert together(*(lambda c=c: save(c) for c in windows)) == [302, 302]  # type: ignore[misc]
    assert AccountChange.objects.filter(user=w.citizen, what="Họ và tên").count() == 1


def test_two_invitations_of_one_organisation_accepted_at_once_make_one_member(w: World) -> None:
    company = organisation("Công ty cổ phần Chè Phú Thọ")
    for how in ({"personal_id": w.citizen.personal_id}, {"email": w.citizen.email}):
        organisations.invite(company, by=company, **how)
    one, two = Membership.objects.values_list("pk", flat=True)
    windows = [signed_in(w), signed_in(w)]

    def accept(client: Client, pk: int) -> int:
        return client.post("/tai-khoan/to-chuc/", {"_accept": pk}).status_code

    assert together(lambda: accept(windows[0], one), lambda: accept(windows[1], two)) == [302, 302]
    assert Membership.objects.present().get().user == w.citizen
    assert not Membership.objects.invited().exists()
