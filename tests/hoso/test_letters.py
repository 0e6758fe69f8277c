"""The applicant and the desk write to each other; nobody else does, and who has read what is on record."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from hoso.models import Dossier, Letter, Notice
from hoso.services import letters
from hoso.services.errors import Refused
from hoso.views import queues
from tests.factories import World, draft, walk
from tests.page import Visitor, read_page

pytestmark = pytest.mark.django_db


@pytest.fixture
def dossier(w: World) -> Dossier:
    return walk(w, draft(w), "hand_over")


@pytest.mark.parametrize(
    ("who", "may"),
    [
        ("citizen", True),
        ("desk_officer", True),
        ("desk_head", True),
        ("neighbour", False),
        ("other_desk_officer", False),
        ("case_officer", False),
        ("approver", False),
        ("supervisor", False),
    ],
)
def test_only_the_applicant_and_the_desk_write(w: World, dossier: Dossier, who: str, may: bool) -> None:
    user = getattr(w, who)
    assert letters.may_write(dossier, user) is may
    if not may:
        with pytest.raises(Refused):
            letters.write(dossier.pk, by=user, text="Xin chào")


def test_a_question_and_its_answer(w: World, dossier: Dossier, visit: Visitor) -> None:
    citizen, desk = Client(), Client()
    citizen.force_login(w.citizen)
    desk.force_login(w.desk_officer)
    mine = f"/ho-so-cua-toi/{dossier.submission_ref}/trao-doi/"
    theirs = f"/mot-cua/ho-so/{dossier.submission_ref}/trao-doi/"
    citizen.post(mine, {"text": "Bao giờ tôi đến nhận được?"})
    reach = queues.reach_of(type(w.desk_officer).objects.get(pk=w.desk_officer.pk))
    assert list(queues.BY_KEY["tin-nhan"].rows(reach)) == [dossier]
    assert "chưa đọc" in read_page(citizen.get(mine).content.decode()).text
    assert "Bao giờ tôi đến nhận được?" in read_page(desk.get(theirs).content.decode()).text
    assert "đã đọc" in read_page(citizen.get(mine).content.decode()).text
    assert not queues.BY_KEY["tin-nhan"].rows(reach).exists()
    desk.post(theirs, {"text": "Sáng thứ Hai, từ 8 giờ."})
    told = Notice.objects.filter(dossier=dossier, template="letter")
    assert {notice.channel for notice in told} == {"email", "sms"}
    assert all("Sáng thứ Hai" not in str(notice.context) for notice in told)
    assert "Có tin mới" in visit(f"/ho-so-cua-toi/{dossier.submission_ref}/", w.citizen).text
    page = read_page(citizen.get(mine).content.decode())
    assert "Sáng thứ Hai" in page.text
    assert w.desk_officer.full_name not in page.text  # the office answers, not the person
    assert Letter.objects.get(from_applicant=False).read_by == w.citizen


@pytest.mark.parametrize(
    ("text", "words"),
    [("", "Viết nội dung tin"), ("  \n ", "Viết nội dung tin"), ("a" * 2001, "2.000 ký tự")],
)
def test_what_cannot_be_sent_says_why_and_stays(w: World, dossier: Dossier, text: str, words: str) -> None:
    client = Client()
    client.force_login(w.citizen)
    answer = client.post(f"/ho-so-cua-toi/{dossier.submission_ref}/trao-doi/", {"text": text})
    page = read_page(answer.content.decode())
    assert words in page.text
    assert text.strip() in (page.one("//textarea").text or "")
    assert not Letter.objects.exists()


def test_a_double_press_is_one_letter_and_a_flood_is_stopped(w: World, dossier: Dossier) -> None:
    first = letters.write(dossier.pk, by=w.citizen, text="Một lần")
    assert letters.write(dossier.pk, by=w.citizen, text="Một lần") == first
    for number in range(letters.A_DAY - 1):
        letters.write(dossier.pk, by=w.citizen, text=f"Tin {number}")
    with pytest.raises(Refused, match="nhiều tin"):
        letters.write(dossier.pk, by=w.citizen, text="Thêm nữa")
    letters.write(dossier.pk, by=w.desk_officer, text="Bên kia vẫn trả lời được")


def test_thirty_days_after_the_end_it_is_over(w: World, at: Callable[[str], Any]) -> None:
    at("2026-10-05 09:00")
    done = walk(w, draft(w, papers_by="counter"), "complete")
    letters.write(done.pk, by=w.citizen, text="Cảm ơn")
    at("2026-11-04 09:01")
    with pytest.raises(Refused, match="không còn nhận"):
        letters.write(done.pk, by=w.citizen, text="Xin hỏi")


def test_anothers_letters_do_not_exist(w: World, dossier: Dossier) -> None:
    client = Client()
    client.force_login(w.neighbour)
    assert client.get(f"/ho-so-cua-toi/{dossier.submission_ref}/trao-doi/").status_code == 404
    client.force_login(w.other_desk_officer)
    assert client.get(f"/mot-cua/ho-so/{dossier.submission_ref}/trao-doi/").status_code == 404


@pytest.mark.browser
def test_correspondence_in_a_browser(
    page: Any, sign_in: Any, axe: Any, shoot: Any, w: World, dossier: Dossier
) -> None:
    letters.write(dossier.pk, by=w.desk_officer, text="Chào bà Hương, mời bà xem lại tên cha trong tờ khai.")
    sign_in(w.citizen)
    page.goto(f"/ho-so-cua-toi/{dossier.submission_ref}/")
    page.get_by_role("link", name="Đọc 1 tin và viết tiếp").click()
    page.get_by_label("Nội dung tin").fill("Tên cha tôi là Nguyễn Văn Hòa ạ.")
    page.get_by_role("button", name="Gửi tin").click()
    axe(page)
    shoot(page, "trao-doi")
    sign_in(w.desk_officer)
    page.goto(f"/mot-cua/ho-so/{dossier.submission_ref}/trao-doi/")
    axe(page)
    shoot(page, "trao-doi-mot-cua")
