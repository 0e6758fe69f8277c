"""An officer who does nothing for a while is signed out; nothing typed is lost, and nobody else gets to see it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import pytest
from django.contrib.sessions.backends.db import SessionStore
from django.contrib.sessions.models import Session
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from playwright.sync_api import expect

from config.idle import ACTIVE, LAST
from danhmuc.models import User
from hoso.models import Dossier
from portal.models import KeptPage
from tests.factories import World, draft, step, walk
from tests.hoso.test_views_journey import address, fields_of
from tests.page import Visitor, read_page

LOGIN, RESEND = "/dang-nhap/", "/gui-lai/"
HERE = {"Origin": "http://testserver"}
NOTE = "Chuyển phòng Tư pháp xem xét <gấp> & trả lời trước thứ Sáu"


@pytest.fixture(autouse=True)
def _half_an_hour(settings: Any) -> None:
    settings.OFFICE_IDLE_MINUTES = 30


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def enter(client: Client, user: User, address: str) -> Any:
    """Through the page, as after being signed out; the last answer."""
    return client.post(address, {"username": user.username, "password": "Matkhau-123"}, follow=True)


def test_an_idle_officer_is_signed_out_and_told_why(w: World, at: Callable[[str], datetime]) -> None:
    at("2026-10-05 09:00")
    client = signed_in(w.desk_officer)
    assert client.get("/mot-cua/").status_code == 200
    at("2026-10-05 09:29")
    assert client.get("/mot-cua/").status_code == 200
    at("2026-10-05 10:00")
    answer = client.get("/mot-cua/tim/?q=khai", follow=True)
    assert answer.redirect_chain == [("/dang-nhap/?next=/mot-cua/tim/%3Fq%3Dkhai", 302)]
    page = read_page(answer.content.decode(), LOGIN)
    assert "Đã đăng xuất vì hơn 30 phút không có thao tác. Đăng nhập lại để làm tiếp." in page.html
    assert not Session.objects.exists(), "phiên cũ không dùng lại được"
    back = enter(client, w.desk_officer, "/dang-nhap/?next=/mot-cua/tim/%3Fq%3Dkhai")
    assert back.redirect_chain == [("/mot-cua/tim/?q=khai", 302)]


@pytest.mark.parametrize(("who", "stays"), [("carrier", False), ("neighbour", False), ("citizen", True)])
def test_the_post_and_administrators_are_signed_out_too_and_citizens_are_not(
    w: World, at: Callable[[str], datetime], who: str, stays: bool
) -> None:
    w.neighbour.is_staff = True
    w.neighbour.save()
    at("2026-10-05 09:00")
    client = signed_in(getattr(w, who))
    client.get("/")
    at("2026-10-05 11:00")
    client.get("/")
    assert ("_auth_user_id" in client.session) is stays


def test_a_province_may_choose_another_time_or_none(
    w: World, at: Callable[[str], datetime], settings: Any
) -> None:
    for minutes, stays in ((0, True), (60, True), (10, False)):
        settings.OFFICE_IDLE_MINUTES = minutes
        at("2026-10-05 09:00")
        client = signed_in(w.desk_officer)
        client.get("/mot-cua/")
        at("2026-10-05 09:40")
        assert (client.get("/mot-cua/").status_code == 200) is stays, minutes


def test_activity_is_written_down_now_and_then(w: World, at: Callable[[str], datetime]) -> None:
    client = Client()
    at("2026-10-05 09:00")
    enter(client, w.desk_officer, LOGIN)

    def writes(moment: str) -> int:
        at(moment)
        with CaptureQueriesContext(connection) as asked:
            client.get("/mot-cua/")
        return sum("UPDATE" in query["sql"] and "django_session" in query["sql"] for query in asked)

    found = [writes(f"2026-10-05 09:{minute:02d}") for minute in (0, 0, 1, 2, 3, 4, 5, 6)]
    assert found == [0, 0, 0, 0, 1, 0, 0, 1]


@dataclass
class Late:
    """An officer wrote a refusal and pressed the button after being signed out."""

    client: Client
    dossier: Dossier
    url: str
    answer: Any


@pytest.fixture
def late(w: World, at: Callable[[str], datetime], visit: Visitor) -> Late:
    at("2026-10-05 09:00")
    dossier = walk(w, draft(w), "submit")
    url = address(dossier, "refuse_intake")
    client = signed_in(w.desk_head)
    typed = fields_of(read_page(client.get(url).content.decode(), url)) | {"note": NOTE}
    at("2026-10-05 09:45")
    return Late(client, dossier, url, client.post(url, typed))


def test_words_sent_too_late_are_sent_again_with_one_press(w: World, late: Late) -> None:
    assert Dossier.objects.get().state == "submitted", "chưa thực hiện"
    assert late.answer["Location"] == f"{LOGIN}?next={RESEND}"
    gate = read_page(late.client.get(late.answer["Location"]).content.decode(), LOGIN)
    assert "Thông tin vừa gửi vẫn được giữ, chưa thực hiện" in gate.html

    page = read_page(enter(late.client, w.desk_head, late.answer["Location"]).content.decode(), RESEND)
    assert page.h1 == "Gửi lại thông tin vừa nhập"
    assert NOTE in page.text
    assert "Lúc 09:45" in page.text
    assert page.button("Gửi lại") is not None
    done = late.client.post(RESEND, fields_of(page), follow=True)
    assert done.redirect_chain[0] == (late.url, 307)
    event = late.dossier.events.latest("seq")
    assert (event.name, event.note, event.actor) == ("refuse_intake", NOTE, w.desk_head)
    assert not KeptPage.objects.exists()
    again = read_page(late.client.get(RESEND, follow=True).content.decode())
    assert "Không còn thông tin nào được giữ lại." in again.html


def test_whoever_was_faster_meanwhile_is_named(w: World, late: Late) -> None:
    step(w, late.dossier, "accept", "desk_officer", {"eid_checked": True})
    page = read_page(enter(late.client, w.desk_head, late.answer["Location"]).content.decode(), RESEND)
    answer = late.client.post(RESEND, fields_of(page), follow=True)
    assert answer.status_code == 409
    assert "vừa thực hiện “Tiếp nhận hồ sơ”" in answer.content.decode()
    assert Dossier.objects.get().state == "processing"


def test_kept_words_may_be_dropped(w: World, late: Late) -> None:
    enter(late.client, w.desk_head, late.answer["Location"])
    gone = late.client.post(RESEND, {"_drop": "1"}, follow=True)
    assert "Đã bỏ thông tin được giữ lại." in gone.content.decode()
    assert Dossier.objects.get().state == "submitted"
    assert not KeptPage.objects.exists()


def test_the_next_person_at_the_machine_does_not_see_them(w: World, late: Late) -> None:
    answer = enter(late.client, w.desk_officer, late.answer["Location"])
    assert "Không còn thông tin nào được giữ lại." in answer.content.decode()
    assert NOTE not in answer.content.decode()
    assert late.client.post(RESEND, {"note": NOTE}, follow=True).redirect_chain[0][1] == 302
    assert Dossier.objects.get().state == "submitted"
    stranger = signed_in(w.desk_head)
    assert NOTE not in stranger.get(RESEND, follow=True).content.decode(), "trình duyệt khác không có mã"


def test_files_must_be_chosen_again(w: World, at: Callable[[str], datetime]) -> None:
    at("2026-10-05 09:00")
    client = signed_in(w.desk_officer)
    client.get("/mot-cua/")
    at("2026-10-05 09:45")
    paper = SimpleUploadedFile("quet.pdf", b"%PDF-1.4", "application/pdf")
    answer = client.post("/mot-cua/tiep-nhan/", {"note": NOTE, "scan": paper})
    page = read_page(enter(client, w.desk_officer, answer["Location"]).content.decode(), RESEND)
    assert "Tệp đính kèm không giữ được" in page.text
    assert NOTE in page.text
    assert "/mot-cua/tiep-nhan/" in page.links
    assert "Gửi lại" not in [button.text for button in page.all("//button")]


@pytest.mark.parametrize(
    ("url", "data"),
    [
        ("/doi-mat-khau/", {"old_password": "Matkhau-123", "new_password1": "Moi-va-kho-1"}),
        ("/mot-cua/tiep-nhan/", {"note": "x" * 200_001}),
    ],
    ids=["passwords", "too much"],
)
def test_some_things_are_not_kept(
    w: World, at: Callable[[str], datetime], url: str, data: dict[str, str]
) -> None:
    at("2026-10-05 09:00")
    client = signed_in(w.desk_officer)
    client.get("/mot-cua/")
    at("2026-10-05 09:45")
    answer = client.post(url, data, follow=True)
    assert answer.redirect_chain == [(f"{LOGIN}?next={url}", 302)]
    assert "Việc vừa bấm chưa thực hiện; đăng nhập rồi làm lại." in answer.content.decode()
    assert not KeptPage.objects.exists()


def test_another_site_puts_nothing_into_an_officers_hands(w: World, at: Callable[[str], datetime]) -> None:
    at("2026-10-05 09:00")
    client = Client(enforce_csrf_checks=True)
    client.force_login(w.desk_officer)
    client.get("/mot-cua/")
    for moment in ("2026-10-05 09:01", "2026-10-05 09:45", "2026-10-05 09:46"):
        at(moment)
        answer = client.post(
            "/mot-cua/tiep-nhan/", {"note": NOTE}, headers={"Origin": "https://ke-xau.example"}
        )
        assert answer.status_code == 403
    assert not KeptPage.objects.exists()


def test_a_second_window_and_a_night_away_lose_nothing_either(
    w: World, late: Late, at: Callable[[str], datetime]
) -> None:
    """The session is gone already, ended by the first window or by the night; the browser still knows whose it was."""
    for moment in ("2026-10-05 09:50", "2026-10-07 07:30"):
        at(moment)
        assert late.client.post(late.url, {"note": NOTE}).url == f"{LOGIN}?next={RESEND}"
        page = read_page(enter(late.client, w.desk_head, f"{LOGIN}?next={RESEND}").content.decode(), RESEND)
        assert NOTE in page.text
        Session.objects.all().delete()


def test_signing_out_by_hand_leaves_nothing_behind(w: World) -> None:
    client = signed_in(w.desk_officer)
    client.get("/mot-cua/")
    assert client.cookies[LAST].value
    client.post("/dang-xuat/")
    assert not client.cookies[LAST].value
    assert client.post("/mot-cua/tiep-nhan/", {"note": NOTE}).url == f"{LOGIN}?next=/mot-cua/tiep-nhan/"
    assert not KeptPage.objects.exists()


def test_signing_out_or_in_late_needs_no_second_try(w: World, at: Callable[[str], datetime]) -> None:
    at("2026-10-05 09:00")
    client = signed_in(w.desk_officer)
    client.get("/mot-cua/")
    at("2026-10-05 09:45")
    answer = client.post(LOGIN, {"username": w.desk_officer.username, "password": "Matkhau-123"})
    assert (answer.status_code, answer["Location"]) == (302, "/mot-cua/")
    at("2026-10-05 10:45")
    assert client.post("/dang-xuat/")["Location"] == LOGIN
    assert not client.cookies[LAST].value


def test_a_form_from_before_signing_in_again_is_offered_too(w: World) -> None:
    """Two windows were open; the officer has signed in again in one of them, which makes the other's secret invalid."""
    dossier = walk(w, draft(w), "submit")
    url = address(dossier, "refuse_intake")
    client = Client(enforce_csrf_checks=True)
    client.force_login(w.desk_head)
    page = read_page(client.get(url).content.decode(), url)
    (secret,) = set(page.all('//input[@name="csrfmiddlewaretoken"]/@value'))
    client.cookies["csrftoken"] = "b" * 32
    typed = fields_of(page) | {"note": NOTE, "csrfmiddlewaretoken": secret}
    answer = client.post(url, typed, headers=HERE)
    assert (answer.status_code, answer["Location"]) == (302, RESEND)
    assert NOTE in read_page(client.get(RESEND).content.decode(), RESEND).text
    assert Dossier.objects.get().state == "submitted"


# -- With script ---------------------------------------------------------------------------------------------------

STAY = "**/dang-nhap/con-lam/"


@pytest.mark.browser
def test_typing_counts_as_work_and_the_end_is_announced(
    live_server: Any, w: World, sign_in: Any, axe: Any, shoot: Any
) -> None:
    page = sign_in(w.desk_officer)
    page.clock.install()
    page.goto("/mot-cua/")
    note = page.get_by_role("alert").filter(has_text="tự đăng xuất")
    page.clock.run_for("02:00")
    page.keyboard.press("Shift")
    page.clock.run_for("02:00")
    with page.expect_response(STAY) as told:
        page.keyboard.press("Shift")
    assert told.value.status == 204

    page.clock.run_for("23:30")
    expect(note).to_be_hidden()
    page.clock.run_for("01:00")
    expect(note).to_contain_text("Sắp tự đăng xuất vì không có thao tác.")
    axe(page)
    shoot(page, "sap-dang-xuat")
    with page.expect_response(STAY):
        page.get_by_role("button", name="Làm việc tiếp").click()
    note.wait_for(state="hidden")

    Session.objects.all().delete()
    page.clock.run_for("25:00")
    with page.expect_response(STAY):
        page.keyboard.press("Shift")
    page.get_by_text("Đã tự đăng xuất. Nội dung trên trang vẫn còn").wait_for()


@pytest.mark.browser
def test_the_page_that_sends_again_in_a_browser(
    live_server: Any, w: World, sign_in: Any, page: Any, axe: Any, shoot: Any
) -> None:
    dossier = walk(w, draft(w), "submit")
    sign_in(w.desk_head)
    page.goto(address(dossier, "refuse_intake"))
    page.get_by_label("Lý do").fill(NOTE)
    long_ago = int(timezone.now().timestamp()) - 3600
    store = SessionStore(Session.objects.get().session_key)
    store[ACTIVE] = long_ago
    store.save()
    page.locator("main form button.btn-danger, main form button.btn-primary").first.click()
    page.get_by_label("Tên đăng nhập").fill(w.desk_head.username)
    page.get_by_label("Mật khẩu").fill("Matkhau-123")
    page.get_by_role("button", name="Đăng nhập").click()
    page.get_by_role("heading", name="Gửi lại thông tin vừa nhập").wait_for()
    axe(page)
    shoot(page, "gui-lai")
    page.get_by_role("button", name="Gửi lại").click()
    page.wait_for_url("**/mot-cua/**")
    dossier.refresh_from_db()
    assert (dossier.state, dossier.events.latest("seq").note) == ("refused_intake", NOTE)
