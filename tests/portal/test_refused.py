"""Pages that say no: whose menu they carry, where they lead on, and that they tell nobody what there is."""

import pytest
from django.test import Client

from danhmuc.roles import Role
from tests.factories import World, draft, officer, person, walk
from tests.page import Page, Visitor, read_page, text_of

pytestmark = pytest.mark.django_db
NOWHERE = "/khong-co-trang-nay/"


def menu(page: Page) -> list[str]:
    return [text_of(link) for link in page.all("//header//nav[1]//a")]


def test_a_stranger_may_search_and_look_up(visit: Visitor) -> None:
    page = visit(NOWHERE, status=404, budget=0)
    assert page.h1 == "Không có trang này"
    assert "Thủ tục" in menu(page)
    assert page.one('//main//form[@role="search"]').get("action") == "/thu-tuc/"
    assert "/tra-cuu/" in page.links
    assert "/dang-nhap/" in page.links


def test_a_citizen_finds_the_own_dossiers(w: World, visit: Visitor) -> None:
    page = visit(NOWHERE, w.citizen, status=404)
    assert {"/ho-so-cua-toi/", "/tra-cuu/", "/tai-khoan/"} <= set(page.links)
    assert visit("/mot-cua/", w.citizen, status=403).h1 == "Ông/bà không mở được trang này"


def test_anothers_dossier_is_as_unknown_as_none(w: World, visit: Visitor) -> None:
    anothers = walk(w, draft(w), "accept").submission_ref
    elsewhere = officer("Hà Văn Sáu", Role.CASE_OFFICER, w.other_commune)
    for user, base in ((person("Lê Văn Hai"), "/ho-so-cua-toi"), (elsewhere, "/mot-cua/ho-so")):
        there, nowhere = (
            visit(f"{base}/{ref}/", user, status=404).html.replace(ref, "")
            for ref in (anothers, "NT-000000000")
        )
        assert _without_secrets(there) == _without_secrets(nowhere)


def _without_secrets(html: str) -> list[str]:
    """The page without what is new each time it is drawn."""
    return [line for line in html.splitlines() if "csrfmiddlewaretoken" not in line]


def test_an_officer_goes_on_to_the_work(w: World, visit: Visitor) -> None:
    dossier = walk(w, draft(w), "accept")
    for status, address in ((404, NOWHERE), (403, f"/mot-cua/ho-so/{dossier.submission_ref}/phan-cong/")):
        page = visit(address, w.desk_officer, status=status)
        assert page.one('//a[contains(@class, "btn-primary")]').get("href") == "/mot-cua/"
        assert "Hộp việc" in [text_of(link) for link in page.all("//nav//a")]
        assert page.one('//header//form[@role="search"]').get("action") == "/mot-cua/tim/"
    client = visit.client(w.desk_officer)
    client.cookies["django_language"] = "en"
    assert read_page(client.get(NOWHERE).content.decode()).h1 == "Không có trang này", (
        "cả trang một thứ tiếng"
    )


def test_a_postman_goes_on_to_the_round(w: World, visit: Visitor) -> None:
    page = visit(NOWHERE, w.carrier, status=404)
    assert page.h1 == "Không có trang này"
    assert "/buu-chinh/" in page.links


def test_a_form_open_for_too_long_is_refused_with_the_menu(w: World) -> None:
    strict = Client(enforce_csrf_checks=True)
    answer = strict.post("/tra-cuu/", {"ma": "x", "so": "1"})
    page = read_page(answer.content.decode())
    assert (answer.status_code, page.h1) == (403, "Trang đã mở quá lâu")
    assert "Thủ tục" in menu(page)
    assert "js/posted" in page.html, "quay lại thì mở trang, không hỏi gửi lại"
