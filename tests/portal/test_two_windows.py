"""One section of the form in two windows: when a person is asked which words count, and when not."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from hoso.models import Dossier
from portal.models import SavedPage
from tests.factories import World, draft, procedure
from tests.page import Page
from tests.portal.test_races import signed_in, together
from tests.portal.test_section import FORM, GOOD, page, sent

#: What is stored when both windows are opened.
STORED = {**GOOD, "name": "Nguyễn Thị Thanh Hương", "phone": "+84912345678"}
NO, YES = False, True

# What | the first window saves | the second window sends | asked? | stored in the end.
TABLE: dict[str, tuple[dict[str, str], dict[str, str], bool, dict[str, str]]] = {
    "different answers": ({"about": "Một"}, {"name": "Hai"}, NO, {"about": "Một", "name": "Hai"}),
    "the same answer, the same value": ({"about": "Một"}, {"about": "Một"}, NO, {"about": "Một"}),
    "the same value, written otherwise": ({"phone": "0987654321"}, {"phone": "0987 654 321"}, NO, {"phone": "+84987654321"}),
    "the same answer, two values": ({"about": "Một"}, {"about": "Hai"}, YES, {"about": "Một"}),
    "two values, and another answer": ({"about": "Một"}, {"about": "Hai", "name": "Hai"}, YES, {"about": "Một", "name": STORED["name"]}),
    "emptied and changed": ({"phone": ""}, {"phone": "0987654321"}, YES, {"phone": ""}),
    "changed and emptied": ({"phone": "0987654321"}, {"phone": ""}, YES, {"phone": "+84987654321"}),
    "emptied in both": ({"phone": ""}, {"phone": ""}, NO, {"phone": ""}),
    "left alone in the second": ({"about": "Một"}, {}, NO, {"about": "Một"}),
    "left alone in the first": ({}, {"about": "Hai"}, NO, {"about": "Hai"}),
    "a question only the second brings up": ({"about": "Một"}, {"role": "proxy", "deed": "2"}, NO, {"about": "Một", "deed": "2"}),
    "a question both bring up, one value": ({"role": "proxy", "deed": "1"}, {"role": "proxy", "deed": "1"}, NO, {"deed": "1"}),
    "a question both bring up, two values": ({"role": "proxy", "deed": "1"}, {"role": "proxy", "deed": "2"}, YES, {"deed": "1"}),
}  # fmt: skip


def opened(w: World, answers: dict[str, Any] = STORED) -> str:
    w.more["form"] = w.more.get("form") or procedure("1.009997", "Thủ tục thử", eform=FORM)
    return draft(w, version=w.more["form"], answers=answers, paper=False).submission_ref


def typed(shown: Page, words: dict[str, str]) -> dict[str, str]:
    """What a window sends that was changed in these places alone."""
    more = {"_shown": f"{sent(shown)['_shown']} deed"} if "deed" in words else {}
    return sent(shown, **{"phone": "0912345678", **words, **more})


def stored() -> dict[str, Any]:
    return Dossier.objects.get().answers


@pytest.mark.django_db
@pytest.mark.parametrize("case", TABLE)
def test_asked_only_where_one_answer_became_two_values(w: World, citizen: Client, case: str) -> None:
    first, second, asked, end = TABLE[case]
    url = f"/nop-ho-so/{opened(w)}/to-khai/1/"
    one, two = page(citizen, url.split("/")[2]), page(citizen, url.split("/")[2])
    assert citizen.post(url, typed(one, first)).status_code == 302
    by_itself = citizen.post(url, {**typed(two, second), "_autosave": "1"})
    assert by_itself.status_code == (409 if asked else 200)
    answer = citizen.post(url, typed(two, second))
    assert ("vừa được lưu ở một cửa sổ khác" in answer.content.decode()) is asked
    assert {key: stored()[key] for key in end} == end


@pytest.mark.django_db
def test_an_offered_answer_nobody_touched_gives_way(w: World, citizen: Client) -> None:
    ref = opened(w, {})
    url = f"/nop-ho-so/{ref}/to-khai/1/"
    for first, second, end in (("Nguyễn Thị Thanh Hương", "Hai", "Hai"), ("Ba", "Hai", "Ba")):
        Dossier.objects.update(answers={})
        one, two = page(citizen, ref), page(citizen, ref)  # both show the name the account knows
        citizen.post(url, sent(one, name=first))
        answer = citizen.post(url, sent(two, name=second))
        assert (answer.status_code == 302) is (first == "Nguyễn Thị Thanh Hương")
        assert stored()["name"] == end


@pytest.mark.django_db
def test_pages_remembered_are_few(w: World, citizen: Client) -> None:
    ref = opened(w)
    for _ in range(10):
        citizen.post(f"/nop-ho-so/{ref}/to-khai/1/", sent(page(citizen, ref)))
    assert SavedPage.objects.count() == 8


# -- At the same moment ----------------------------------------------------------------------------------------


def sending(client: Client, ref: str, data: dict[str, str]) -> Callable[[], int]:
    def send() -> int:
        browser = Client()  # each thread its own connection; one session, as of two tabs
        browser.cookies = client.cookies
        return browser.post(f"/nop-ho-so/{ref}/to-khai/1/", {**data, "_autosave": "1"}).status_code

    return send


@pytest.mark.django_db(transaction=True)
def test_two_tabs_at_once_and_answers_lost_on_the_way(w: World) -> None:
    citizen = signed_in(w)
    ref = opened(w)
    one, two = page(citizen, ref), page(citizen, ref)
    for n in "ABCD":  # neither tab hears of its own savings: each sends the marks it was drawn with
        first = sending(citizen, ref, sent(one, about=f"Việc {n}", phone="0912345678"))
        second = sending(citizen, ref, sent(two, name=f"Hoàng Văn {n}", phone="0912345678"))
        assert together(first, second) == [200, 200]
        assert (stored()["about"], stored()["name"]) == (f"Việc {n}", f"Hoàng Văn {n}")


@pytest.mark.django_db(transaction=True)
def test_pressed_again_with_other_words_while_the_first_is_on_its_way(w: World) -> None:
    citizen = signed_in(w)
    ref = opened(w)
    shown = page(citizen, ref)
    presses = [sending(citizen, ref, sent(shown, about=f"Lần {n}", phone="0912345678")) for n in range(3)]
    assert together(*presses) == [200, 200, 200]
    assert stored()["about"].startswith("Lần ")


@pytest.mark.django_db(transaction=True)
def test_two_tabs_that_differ_at_once_one_is_asked(w: World) -> None:
    citizen = signed_in(w)
    ref = opened(w)
    one, two = page(citizen, ref), page(citizen, ref)
    answers = together(
        sending(citizen, ref, sent(one, about="Một", phone="0912345678")),
        sending(citizen, ref, sent(two, about="Hai", phone="0912345678")),
    )
    assert sorted(answers) == [200, 409]
    assert stored()["about"] == ("Một" if answers[0] == 200 else "Hai")
