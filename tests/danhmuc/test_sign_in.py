"""Signing in as people do it: where each lands, how guesses are stopped, what a temporary password opens."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.contrib.auth.hashers import make_password
from django.core.management import call_command
from django.test import Client
from django.utils import timezone

from config.settings import PASSWORD_HASHERS
from danhmuc.models import SignInGuard, User
from danhmuc.roles import Role
from danhmuc.services import staff
from tests.factories import World, officer, person
from tests.page import Visitor, read_page

PASSWORD = "Matkhau-123"
LOGIN = "/dang-nhap/"


def _enter(client: Client, name: str, password: str = PASSWORD, **more: str) -> str:
    """Try to sign in; the address one is led to, or the words of the page that says why not."""
    answer = client.post(LOGIN, {"username": name, "password": password, **more})
    if answer.status_code == 302:
        return str(answer["Location"])
    assert answer.status_code == 200
    return read_page(answer.content.decode(), LOGIN).text


def test_the_page_itself(visit: Visitor) -> None:
    page = visit(LOGIN)
    assert page.h1 == "Đăng nhập"
    assert page.button("Đăng nhập") is not None


def test_everyone_lands_where_their_work_begins(w: World, client: Client) -> None:
    citizen = person("Lê Thị Mơ")
    people = {
        citizen.username: "/ho-so-cua-toi/",
        citizen.personal_id: "/ho-so-cua-toi/",
        officer("Hà Văn Sáu", Role.CASE_OFFICER, w.province).username: "/mot-cua/",
        officer("Ngô Thị Tám", Role.SUPERVISOR, w.province).username: "/bao-cao/",
        officer("Đỗ Văn Bảy", Role.POST_CARRIER, w.province, employer="post").username: "/buu-chinh/",
    }
    for name, home in people.items():
        assert _enter(client, name) == home, name
        client.logout()


def test_the_first_administrator_is_no_applicant(client: Client, db: None) -> None:
    words = {"username": "quantri", "full_name": "Nguyễn Quản Trị", "interactive": False}
    call_command("createsuperuser", **words)
    user = User.objects.get(username="quantri")
    assert (user.kind, user.is_applicant) == (User.Kind.STAFF, False)
    user.set_password(PASSWORD)
    user.save()
    assert _enter(client, "quantri") == "/quan-tri/"


def test_one_returns_only_to_our_own_pages(client: Client, db: None) -> None:
    user = person("Lê Thị Mơ")
    assert _enter(client, user.username, next="/thu-tuc/") == "/thu-tuc/"
    client.logout()
    assert _enter(client, user.username, next="https://noi-khac.example/") == "/ho-so-cua-toi/"
    assert client.get(LOGIN)["Location"] == "/ho-so-cua-toi/"


def test_the_answer_does_not_tell_which_accounts_exist(client: Client, db: None) -> None:
    user = person("Lê Thị Mơ")
    wrong = _enter(client, user.username, "sai")
    assert "Tên đăng nhập hoặc mật khẩu chưa đúng." in wrong
    assert wrong == _enter(client, "khongco.dau", "sai")
    locked = person("Bùi Văn Khóa", is_active=False)
    assert "Tên đăng nhập hoặc mật khẩu chưa đúng." in _enter(client, locked.username)
    assert "Chưa nhập mật khẩu." in _enter(client, user.username, "")


def test_guessing_is_stopped_for_a_while(client: Client, db: None, at: Callable[[str], datetime]) -> None:
    at("2026-10-05 09:00")
    user, other = person("Lê Thị Mơ"), person("Hà Văn Sáu")
    for _ in range(4):
        assert "chưa đúng" in _enter(client, user.username, "sai")
    assert "Thử lại sau 09:15" in _enter(client, user.username.upper(), "sai")
    assert "Thử lại sau 09:15" in _enter(client, user.username)  # even the right one
    assert _enter(Client(), other.username) == "/ho-so-cua-toi/"
    at("2026-10-05 09:16")
    assert _enter(client, user.username) == "/ho-so-cua-toi/"
    assert not SignInGuard.objects.filter(account=user.username).exists()


def test_slips_over_a_long_time_do_not_lock(client: Client, db: None, at: Callable[[str], datetime]) -> None:
    user = person("Lê Thị Mơ")
    for hour in range(8, 16):
        at(f"2026-10-05 {hour:02d}:00")
        assert "chưa đúng" in _enter(client, user.username, "sai")
    assert _enter(client, user.username) == "/ho-so-cua-toi/"


def test_an_older_hash_opens_the_door_and_is_replaced(client: Client, db: None, settings: Any) -> None:
    settings.PASSWORD_HASHERS = PASSWORD_HASHERS
    user = person("Lê Thị Mơ")
    User.objects.filter(pk=user.pk).update(password=make_password(PASSWORD, hasher="pbkdf2_sha256"))
    assert "chưa đúng" in _enter(client, user.username, "sai")
    assert _enter(client, user.username) == "/ho-so-cua-toi/"
    user.refresh_from_db()
    assert user.password.startswith("argon2$argon2id$v=19$m=19456,t=2,p=1$")
    client.logout()
    assert _enter(client, user.username) == "/ho-so-cua-toi/"


def test_signing_out_needs_a_post(client: Client, db: None) -> None:
    client.force_login(person("Lê Thị Mơ"))
    assert client.get("/dang-xuat/")["Location"] == LOGIN
    assert "_auth_user_id" in client.session
    assert client.post("/dang-xuat/")["Location"] == LOGIN
    assert "_auth_user_id" not in client.session


def test_a_temporary_password_opens_only_its_change(w: World, client: Client) -> None:
    user = officer("Hà Văn Sáu", Role.CASE_OFFICER, w.province)
    password = staff.issue_temporary_password(user)
    assert _enter(client, user.username, password) == "/mot-cua/"
    for address in ("/mot-cua/", "/", "/quan-tri/", LOGIN, "/doi-mat-khau/xong/"):
        assert client.get(address)["Location"] == "/doi-mat-khau/", address
    page = read_page(client.get("/doi-mat-khau/").content.decode(), "/doi-mat-khau/")
    assert page.h1 == "Đổi mật khẩu"
    assert "mật khẩu tạm" in page.text

    def change(old: str, new: str, again: str = "") -> str:
        data = {"old_password": old, "new_password1": new, "new_password2": again or new}
        answer = client.post("/doi-mat-khau/", data)
        return str(answer["Location"]) if answer.status_code == 302 else answer.content.decode()

    assert "Mật khẩu hiện nay chưa đúng." in change("sai", "Moi-va-kho-1")
    assert "Mật khẩu mới phải khác" in change(password, password)
    assert "Mật khẩu ngắn quá, cần ít nhất 8 ký tự." in change(password, "Ng4n-x")
    assert "không giống nhau" in change(password, "Moi-va-kho-1", "Moi-va-kho-2")
    assert change(password, "Moi-va-kho-1") == "/doi-mat-khau/xong/"
    user.refresh_from_db()
    assert not user.must_change_password
    assert user.temporary_until is None
    assert user.check_password("Moi-va-kho-1")
    assert client.get("/doi-mat-khau/xong/").status_code == 200


def test_a_temporary_password_expires(w: World, client: Client) -> None:
    user = officer("Hà Văn Sáu", Role.CASE_OFFICER, w.province)
    password = staff.issue_temporary_password(user)
    User.objects.filter(pk=user.pk).update(temporary_until=timezone.now() - timedelta(minutes=1))
    assert "Mật khẩu tạm đã hết hạn" in _enter(client, user.username, password)


def test_a_personal_id_names_the_citizen_not_the_officer(w: World, client: Client) -> None:
    citizen = person("Lê Thị Mơ", personal_id="025186012345")
    worker = officer("Lê Thị Mơ", Role.CASE_OFFICER, w.province)
    User.objects.filter(pk=worker.pk).update(personal_id="025186012345")
    assert _enter(client, "025 186 012 345") == "/ho-so-cua-toi/"
    assert client.session["_auth_user_id"] == str(citizen.pk)


@pytest.mark.parametrize("method", ["get", "post"])
def test_pages_are_closed_to_strangers(client: Client, db: None, method: str) -> None:
    answer = getattr(client, method)("/doi-mat-khau/")
    assert answer["Location"].startswith("/dang-nhap/?next=")
