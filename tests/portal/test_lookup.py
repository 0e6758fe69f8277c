"""The public look-up tells how far a dossier is and nothing about anybody (invariant 15)."""

from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client, RequestFactory

from config.middleware import ClientAddress
from hoso.models import Dossier, State
from portal.views.lookup import NOT_FOUND
from tests.factories import World, draft, walk
from tests.page import Page, Visitor, read_page

pytestmark = pytest.mark.django_db


def ask(code: str, digits: str, *, status: int = 200, client: Client | None = None) -> Page:
    response = (client or Client()).post("/tra-cuu/", {"ma": code, "so": digits})
    assert response.status_code == status
    return read_page(response.content.decode(), "/tra-cuu/")


@pytest.mark.parametrize("until", ["submit", "accept", "finish_task", "decide", "complete"])
def test_code_and_digits_give_the_degree_and_no_personal_data(w: World, until: str) -> None:
    dossier = walk(w, draft(w, postal=True, papers_by="counter", return_by="counter"), until)
    for code in filter(None, (dossier.code, dossier.submission_ref, f" {dossier.submission_ref.lower()} ")):
        page = ask(code, w.citizen.personal_id[-4:])
        assert dossier.public_code in page.text
        assert page.all('//ol[@aria-label="Tiến độ hồ sơ"]')
        private = [
            w.citizen.full_name,
            "Thanh Hương",
            w.citizen.personal_id,
            w.citizen.phone,
            w.citizen.phone[3:],
            w.citizen.email,
            "Khu 6",
            "Hoàng Gia Bảo",
            "Giấy chứng sinh",
            dossier.version.name,
            w.case_officer.full_name,
        ]
        assert [word for word in private if word and word in page.html] == []
    assert "Bước" in page.text or dossier.state == State.COMPLETED


def test_the_last_digits_of_the_telephone_do_as_well(w: World) -> None:
    dossier = walk(w, draft(w), "submit")
    assert "Bước" in ask(dossier.submission_ref, dossier.phone[-4:]).text


def test_wrong_code_and_wrong_digits_get_the_same_answer(w: World) -> None:
    dossier = walk(w, draft(w), "accept")
    wrong = "0000" if w.citizen.personal_id[-4:] != "0000" else "1111"
    pages = [
        ask(dossier.code, wrong, status=404),
        ask("H44.27-991231-0001", w.citizen.personal_id[-4:], status=404),
        ask("NT-ABCDEFGHJ", "1234", status=404),
        ask(draft(w).submission_ref, w.citizen.personal_id[-4:], status=404),
    ]
    for page in pages:
        assert str(NOT_FOUND) in page.text
        assert dossier.code not in page.text.replace(str(NOT_FOUND), "")


def test_digits_must_be_four(w: World) -> None:
    assert "Nhập đúng 4 chữ số" in ask("NT-ABCDEFGHJ", "12").text


def test_guessing_is_bounded_by_code(w: World) -> None:
    dossier = walk(w, draft(w), "accept")
    right = w.citizen.personal_id[-4:]
    wrong = [f"{n:04d}" for n in range(20) if f"{n:04d}" not in {right, dossier.phone[-4:]}][:8]
    for digits in wrong:
        ask(dossier.code, digits, status=404)
    page = ask(dossier.code, right, status=429)
    assert "Đã tra cứu nhiều lần" in page.text


def test_guessing_is_bounded_by_address(w: World, at: object) -> None:
    for number in range(30):
        ask(f"NT-ABCDEFG{number:02d}", "1234", status=404)
    ask("NT-ABCDEFGZZ", "1234", status=429)


def test_the_bound_ends(w: World, at: object) -> None:
    at("2026-10-05 09:00")  # type: ignore[operator]
    for number in range(31):
        ask(f"NT-ABCDEFG{number:02d}", "1234", status=404 if number < 30 else 429)
    at("2026-10-05 09:11")  # type: ignore[operator]
    ask("NT-ABCDEFGZZ", "1234", status=404)


def test_a_qr_fills_in_the_code_and_tells_nothing(w: World) -> None:
    dossier = walk(w, draft(w), "accept")
    page = read_page(Client().get("/tra-cuu/", {"ma": dossier.code}).content.decode())
    assert page.one('//input[@name="ma"]').get("value") == dossier.code
    assert "Kết quả" not in page.text
    assert Dossier.objects.count() == 1


def test_right_answers_are_no_guesses(w: World) -> None:
    dossier = walk(w, draft(w), "accept")
    for _ in range(40):  # a whole village behind one address of the mobile network
        ask(dossier.code, w.citizen.personal_id[-4:])


def test_behind_our_proxy_the_visitor_is_the_one_it_names() -> None:
    def address(header: str) -> str:
        request = RequestFactory().get("/", headers={"X-Real-IP": header}, REMOTE_ADDR="10.0.0.1")
        ClientAddress(lambda _: HttpResponse())(request)
        return str(request.META["REMOTE_ADDR"])

    assert address("203.0.113.7") == "203.0.113.7"
    assert address("2001:db8::1") == "2001:db8::1"
    assert address("không phải địa chỉ".encode("ascii", "ignore").decode()) == "10.0.0.1"


def test_the_way_by_text_message_is_told_where_there_is_one(visit: Visitor, settings: Any) -> None:
    settings.SMS_NUMBER = "8022"
    for address in ("/tra-cuu/", "/huong-dan/"):
        page = visit(address)
        assert "nhắn TC <mã hồ sơ> gửi 8022" in page.text
        assert "sms:8022?body=TC%20" in page.links
    settings.SMS_NUMBER = ""
    assert "nhắn TC" not in visit("/tra-cuu/").text


def test_help_leads_on(visit: Visitor) -> None:
    page = visit("/huong-dan/", budget=3)
    assert page.h1 == "Hướng dẫn sử dụng"
    assert {"/tra-cuu/", "/tai-khoan/quen-mat-khau/", "/xac-minh/", "/phan-anh/gui/"} <= set(page.links)
