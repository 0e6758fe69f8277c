"""The applicant changes what was filed: at once until acceptance, by asking the desk after it."""

import pytest
from django.test import Client

from hoso.models import Amendment, Dossier, Notice
from hoso.services import amendments
from tests.factories import World, draft, walk
from tests.page import Visitor, read_page
from tests.portal.helpers import post
from tests.portal.test_races import together

pytestmark = pytest.mark.django_db


def url(dossier: Dossier) -> str:
    return f"/ho-so-cua-toi/{dossier.submission_ref}/sua/"


def change(dossier: Dossier, name: str, **more: object) -> dict[str, object]:
    given = {"_shown": "child_full_name", "child_full_name": name, "seen": dossier.last_seq}
    return {**given, **more}


def test_before_acceptance_it_is_changed_at_once(w: World, citizen: Client, visit: Visitor) -> None:
    dossier = walk(w, draft(w), "submit")
    old, code = dossier.answers["child_full_name"], dossier.public_code
    assert url(dossier) in visit(f"/ho-so-cua-toi/{dossier.submission_ref}/", w.citizen).links
    page = post(citizen, f"{url(dossier)}?phan=2", change(dossier, "Hoàng Gia Bách"))
    text = read_page(page.content.decode()).text
    assert "Đã sửa tờ khai" in text
    assert "Sửa thông tin hồ sơ" in text
    dossier.refresh_from_db()
    assert (dossier.answers["child_full_name"], dossier.public_code) == ("Hoàng Gia Bách", code)
    assert dossier.events.get(name="amend").data["changed"] == {"child_full_name": [old, "Hoàng Gia Bách"]}
    assert Notice.objects.filter(template="office_amend", channel="office").count() == 1


def test_after_acceptance_it_is_asked_for_and_may_be_taken_back(w: World, citizen: Client) -> None:
    dossier = walk(w, draft(w), "accept")
    page = post(citizen, f"{url(dossier)}?phan=2", change(dossier, "Hoàng Gia Bách"))
    assert "Ghi lý do sửa" in read_page(page.content.decode()).text
    page = post(citizen, f"{url(dossier)}?phan=2", change(dossier, "Hoàng Gia Bách", ly_do_sua="Ghi nhầm"))
    text = read_page(page.content.decode()).text
    assert [words for words in ("Hoàng Gia Bách", "Rút đề nghị sửa") if words not in text] == []
    again = read_page(citizen.get(f"{url(dossier)}?phan=2").content.decode())
    assert again.one("//input[@name='child_full_name']").get("value") == "Hoàng Gia Bách"
    asked = citizen.get(f"{url(dossier)}rut/")  # by “back”, or after signing in again: nothing is taken back
    assert asked["Location"] == f"/ho-so-cua-toi/{dossier.submission_ref}/"
    assert Amendment.objects.get().status == "waiting"
    for _ in range(2):  # pressed twice
        page = post(citizen, f"{url(dossier)}rut/", {})
    assert "Rút đề nghị sửa hồ sơ" in read_page(page.content.decode()).text
    assert Amendment.objects.get().status == "taken_back"


@pytest.mark.parametrize(
    ("until", "words"), [("submit", "chưa có gì khác trước"), ("accept", "chưa có gì khác trước")]
)
def test_the_same_answers_change_nothing(w: World, citizen: Client, until: str, words: str) -> None:
    dossier = walk(w, draft(w), until)
    same = change(dossier, dossier.answers["child_full_name"], ly_do_sua="Kiểm tra lại")
    page = post(citizen, f"{url(dossier)}?phan=2", same)
    assert words in read_page(page.content.decode()).text
    assert not Amendment.objects.exists()


def test_a_stale_page_keeps_what_was_typed(w: World, citizen: Client) -> None:
    dossier = walk(w, draft(w), "submit")
    stale = change(dossier, "Hoàng Gia Bách")
    post(citizen, f"{url(dossier)}?phan=2", change(dossier, "Hoàng Gia An"))
    page = read_page(citizen.post(f"{url(dossier)}?phan=2", stale).content.decode())
    assert "vẫn còn ở dưới" in page.text
    assert page.one("//input[@name='child_full_name']").get("value") == "Hoàng Gia Bách"
    dossier.refresh_from_db()
    assert dossier.answers["child_full_name"] == "Hoàng Gia An"


def test_decided_or_anothers_is_not_changed(w: World, citizen: Client) -> None:
    dossier = walk(w, draft(w), "decide")
    page = post(citizen, url(dossier), change(dossier, "Hoàng Gia Bách", ly_do_sua="Muộn"))
    assert "không sửa được nữa" in read_page(page.content.decode()).text
    stranger = Client()
    stranger.force_login(w.neighbour)
    assert stranger.get(url(dossier)).status_code == 404
    assert stranger.post(f"{url(dossier)}rut/").status_code == 404
    assert Client().get(url(dossier)).status_code == 302


@pytest.mark.django_db(transaction=True)
def test_the_desk_answers_while_the_applicant_takes_back(w: World) -> None:
    dossier = walk(w, draft(w), "accept")
    amendments.ask(dossier.pk, by=w.citizen, values={"child_full_name": "Hoàng Gia Bách"}, reason="Ghi nhầm")

    def tried(act: object) -> bool:
        try:
            act()  # type: ignore[operator]
        except amendments.Refused:
            return False
        return True

    done = together(
        lambda: tried(lambda: amendments.accept(dossier.pk, by=w.desk_officer)),
        lambda: tried(lambda: amendments.take_back(dossier.pk, by=w.citizen)),
    )
    assert sorted(done) == [False, True]
    dossier.refresh_from_db()
    taken = Amendment.objects.get().status == "accepted"
    assert (dossier.answers["child_full_name"] == "Hoàng Gia Bách") is taken is done[0]
