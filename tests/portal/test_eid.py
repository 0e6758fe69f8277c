"""Signing in with an electronic identity, against a real OpenID Connect provider in a process of its own."""

import json
import socket
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit, urlunsplit

import pytest
import requests
from django.test import Client
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from lxml import html
from playwright.sync_api import Page as BrowserPage
from playwright.sync_api import expect

from config.stack.paths import PROJECT_DIR
from danhmuc.models import User
from danhmuc.roles import Role
from hoso.services.errors import Refused
from portal.models import EidLink
from portal.services import eid
from tests.factories import World, officer, organisation, person
from tests.oidc_provider import CLIENT_ID, CLIENT_SECRET
from tests.page import Page, read_page

pytestmark = pytest.mark.django_db
PORTAL = "http://127.0.0.1:8000"
#: Claims as the two systems send them (domain §20.4).
PEOPLE: dict[str, dict[str, Any]] = {
    "mo": {
        "LoaiTaiKhoan": "1",
        "SoDinhDanh": "025186012345",
        "SoCMND": "131234567",
        "HoVaTen": "LÊ THỊ MƠ",
        "NgayThangNamSinh": "04/05/1986",
        "ThuDienTu": "mo@example.vn",
        "SoDienThoai": "0912345678",
        "DiaChi": "Khu 6, phường Việt Trì",
        "TechID": "tech-mo",
        "loAs": "2",
        "moi_la": {"chua": ["biết", 1]},
    },
    "vneid": {
        "LoaiTaiKhoan": 1,
        "SoDinhDanh": "025086054321",
        "HoVaTen": "Hà Văn Sáu",
        "NgayThangNamSinh": "19860102",
        "TechID": "tech-sau",
        "loAs": ["1", "2", "3"],
        "IAL": "2",
        "userProfileUri": "https://vneid.example/toi",
        "logoutUri": "https://vneid.example/ra",
    },
    "che": {
        "LoaiTaiKhoan": "2",
        "SoDinhDanh": "025186012345",
        "MaSoThue": "0100233488",
        "MaSoDoanhNghiep": "0100233488",
        "TenDoanhNghiep": "Công ty cổ phần Chè Phú Thọ",
    },
    "la": {"LoaiTaiKhoan": "9", "SoDinhDanh": "025186099999", "HoVaTen": "Ai Đó"},
    "giau": {"LoaiTaiKhoan": "1", "HoVaTen": "Người Giấu Số"},
}


@dataclass
class Provider:
    """The other side: its address, its database, and what it says of people."""

    url: str
    folder: Path

    def say(self, name: str, **claims: Any) -> None:
        """From now on this is said of that person besides."""
        (self.folder / "people.json").write_text(json.dumps(PEOPLE | {name: PEOPLE[name] | claims}))

    def sql(self, statement: str) -> None:
        """Time passing, or an operator's hand, at the provider."""
        with sqlite3.connect(self.folder / "provider.sqlite3", timeout=10) as database:
            database.execute(statement)
        database.close()

    def visit(self, address: str, name: str, *, allow: bool = True) -> str:
        """A person signs in there and answers whether we may know them; the address one is sent back to."""
        with requests.Session() as browser:
            page = browser.get(address, timeout=10)
            if urlsplit(page.url).path == "/vao/":
                page = browser.post(page.url, {"name": name}, timeout=10)
            form = html.fromstring(page.content).forms[0]
            data = dict(form.form_values())
            data.pop("allow", None)
            answer = browser.post(
                page.url, data | ({"allow": "Authorize"} if allow else {}), timeout=10, allow_redirects=False
            )
            assert answer.status_code == 302, answer.text
            return str(answer.headers["Location"])


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Provider]:
    folder = tmp_path_factory.mktemp("provider")
    (folder / "people.json").write_text(json.dumps(PEOPLE))
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.oidc_provider", str(folder)],
            cwd=PROJECT_DIR,
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
        )
    assert process.stdout is not None
    try:
        address = process.stdout.readline().strip()
        assert address.startswith("http://127.0.0.1:"), (folder / "log").read_text()
        yield Provider(address, folder)
    finally:
        process.terminate()
        process.wait(20)
        process.stdout.close()


@pytest.fixture
def provider(running: Provider, settings: Any) -> Provider:
    """The provider, configured here under both names and saying what PEOPLE says."""
    (running.folder / "people.json").write_text(json.dumps(PEOPLE))
    settings.PUBLIC_BASE_URL = PORTAL
    one = {"issuer": running.url, "client_id": CLIENT_ID, "client_secret": CLIENT_SECRET, "scope": "openid"}
    settings.EID_PROVIDERS = {
        "vneid": one | {"name": "VNeID"},
        "quoc-gia": one | {"name": "Cổng Dịch vụ công quốc gia"},
    }
    return running


def begin(client: Client, key: str = "vneid", **query: str) -> str:
    """Where the button leads: the provider's page with everything our side asks for."""
    answer = client.get(f"/dang-nhap/{key}/", query)
    assert answer.status_code == 302
    return str(answer["Location"])


def come_back(client: Client, address: str) -> Page:
    """The browser follows the provider's answer to our page and on."""
    assert address.startswith(PORTAL)
    answer = client.get(address.removeprefix(PORTAL), follow=True)
    assert answer.status_code == 200
    return read_page(answer.content.decode(), answer.request["PATH_INFO"])


def sign_in(client: Client, provider: Provider, name: str, key: str = "vneid", **query: str) -> Page:
    """The whole way."""
    return come_back(client, provider.visit(begin(client, key, **query), name))


def changed(address: str, **values: str) -> str:
    """The same address with another value of a parameter."""
    parts = urlsplit(address)
    query = {key: found[0] for key, found in parse_qs(parts.query).items()} | values
    return urlunsplit(parts._replace(query=urlencode(query)))


# -- The good ways ---------------------------------------------------------------------------------------------


def test_the_first_sign_in_makes_an_account_the_second_finds_it(client: Client, provider: Provider) -> None:
    assert "Đăng nhập bằng VNeID" in read_page(client.get("/dang-nhap/").content.decode()).text
    page = sign_in(client, provider, "mo", "quoc-gia")
    assert page.h1 == "Hồ sơ của tôi"
    user = User.objects.get(personal_id="025186012345")
    assert (user.kind, user.full_name, user.birth_date) == ("citizen", "Lê Thị Mơ", date(1986, 5, 4))
    assert (user.gender, user.eid_level) == ("female", 2)
    assert (user.email, user.email_confirmed, user.phone) == ("mo@example.vn", False, "+84912345678")
    assert not user.has_usable_password()
    link = EidLink.objects.get()
    assert (link.user, link.provider, link.tech_id) == (user, "quoc-gia", "tech-mo")
    provider.say("mo", loAs="3", HoVaTen="Lê Thị Mơ Hoa")
    page = sign_in(Client(), provider, "mo", "quoc-gia", next="/tai-khoan/")
    assert page.url == "/tai-khoan/"
    assert "Mức xác thực 3" in page.text
    assert "Cổng Dịch vụ công quốc gia, nối ngày" in page.text
    user.refresh_from_db()
    assert (user.full_name, user.eid_level) == ("Lê Thị Mơ Hoa", 3)
    assert User.objects.filter(kind="citizen").count() == 1
    assert EidLink.objects.count() == 1


def test_the_other_shape_of_claims(client: Client, provider: Provider) -> None:
    assert sign_in(client, provider, "vneid").h1 == "Hồ sơ của tôi"
    user = User.objects.get(personal_id="025086054321")
    assert (user.birth_date, user.gender, user.eid_level) == (date(1986, 1, 2), "male", 3)


def test_an_account_given_before_is_joined_by_number_and_name(
    client: Client, provider: Provider, settings: Any
) -> None:
    before = person("Lê Thị Mơ", personal_id="025186012345", email="cu@example.vn")
    settings.LOCAL_PERSONS_UNTIL = date(2024, 6, 30)
    assert sign_in(client, provider, "mo").h1 == "Hồ sơ của tôi"
    assert client.session["_auth_user_id"] == str(before.pk)
    before.refresh_from_db()
    assert before.email == "cu@example.vn", "địa chỉ đã khai không bị thay"
    history = read_page(client.get("/tai-khoan/lich-su/").content.decode()).text
    assert "Nối tài khoản định danh điện tử" in history
    assert (
        "do tài khoản định danh điện tử cung cấp"
        in read_page(client.get("/tai-khoan/thong-tin/").content.decode()).text
    )
    client.post("/tai-khoan/thong-tin/", {"full_name": "Tên Khác", "sure": "on"})
    before.refresh_from_db()
    assert before.full_name == "Lê Thị Mơ"


def test_an_organisation_is_found_by_its_tax_code_not_by_its_director(
    client: Client, provider: Provider
) -> None:
    director = person("Lê Thị Mơ", personal_id="025186012345")
    company = organisation("Công ty cổ phần chè Phú Thọ")
    assert sign_in(client, provider, "che").h1 == "Hồ sơ của tôi"
    assert client.session["_auth_user_id"] == str(company.pk)
    assert not EidLink.objects.filter(user=director).exists()


def test_one_person_at_two_providers_is_one_account(client: Client, provider: Provider) -> None:
    sign_in(client, provider, "mo", "quoc-gia")
    sign_in(Client(), provider, "mo", "vneid")
    assert EidLink.objects.count() == 2
    assert User.objects.filter(personal_id="025186012345").count() == 1


def test_one_returns_only_to_our_own_pages(client: Client, provider: Provider) -> None:
    assert sign_in(client, provider, "mo", next="https://noi-khac.example/").url == "/ho-so-cua-toi/"


# -- Signing out -----------------------------------------------------------------------------------------------


def sign_out(client: Client) -> str:
    """The button of every page, followed within our own pages; where the browser is sent in the end."""
    answer = client.post("/dang-xuat/")
    while answer.status_code in {302, 307} and answer["Location"].startswith("/dang-nhap/vneid/"):
        method = client.post if answer.status_code == 307 else client.get
        answer = method(answer["Location"])
    assert answer.status_code == 302
    assert "_auth_user_id" not in client.session
    return str(answer["Location"])


def test_signing_out_here_signs_out_at_the_provider_too(client: Client, provider: Provider) -> None:
    with requests.Session() as browser:
        asked = begin(client)
        page = browser.post(browser.get(asked, timeout=10).url, {"name": "mo"}, timeout=10)
        data = dict(html.fromstring(page.content).forms[0].form_values()) | {"allow": "Authorize"}
        back = browser.post(page.url, data, timeout=10, allow_redirects=False).headers["Location"]
        assert come_back(client, back).h1 == "Hồ sơ của tôi"
        again = browser.get(begin(Client()), timeout=10)
        assert "/vao/" not in again.url, "nơi xác thực vẫn nhớ người này"

        address = sign_out(client)
        query = parse_qs(urlsplit(address).query)
        assert address.startswith(f"{provider.url}/")
        assert query["post_logout_redirect_uri"] == [f"{PORTAL}/dang-nhap/"]
        assert query["id_token_hint"][0].count(".") == 2
        answer = browser.get(address, timeout=10, allow_redirects=False)
        assert (answer.status_code, answer.headers["Location"]) == (302, f"{PORTAL}/dang-nhap/")
        again = browser.get(begin(Client()), timeout=10)
        assert "/vao/" in again.url, "đã đăng xuất ở nơi xác thực, phải đăng nhập lại"


@pytest.mark.parametrize("what", ["khong-ra", "tat", "khac", "bo"])
def test_whatever_the_provider_does_one_is_signed_out_here_at_once(
    client: Client, provider: Provider, settings: Any, what: str
) -> None:
    sign_in(client, provider, "mo")
    one = settings.EID_PROVIDERS["vneid"]
    settings.EID_PROVIDERS = {
        "khong-ra": {"vneid": one | {"issuer": f"{provider.url}/khong-ra"}},  # has no such place
        "tat": {"vneid": one | {"issuer": "http://127.0.0.1:1"}},  # is away
        "khac": {"vneid": one | {"issuer": f"{provider.url}/ra-noi-khac"}},  # sends to another house
        "bo": {},  # is not ours any more
    }[what]
    assert sign_out(client) == "/dang-nhap/"


def test_a_provider_that_never_answers_holds_nobody(
    client: Client, provider: Provider, settings: Any
) -> None:
    sign_in(client, provider, "mo")
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        settings.EID_PROVIDERS = {
            "vneid": settings.EID_PROVIDERS["vneid"] | {"issuer": f"http://127.0.0.1:{port}"}
        }
        assert sign_out(client) == "/dang-nhap/"  # or this test would never end


def test_whoever_came_in_by_password_leaves_by_our_own_door(client: Client, provider: Provider) -> None:
    client.force_login(person("Lê Thị Mơ"))
    assert sign_out(client) == "/dang-nhap/"
    client.force_login(person("Lê Thị Mơ"))
    assert client.get("/dang-nhap/vneid/ra/")["Location"] == "/dang-nhap/"
    assert "_auth_user_id" in client.session, "địa chỉ, khác với nút bấm, không đăng xuất ai"
    client.logout()
    assert client.post("/dang-nhap/vneid/ra/")["Location"] == "/dang-nhap/", (
        "người lạ bấm thì cũng chỉ về cửa"
    )


# -- What must not open the door -------------------------------------------------------------------------------


def refused(client: Client, page: Page, sentence: str) -> None:
    assert page.url == "/dang-nhap/"
    assert sentence in page.text
    assert "_auth_user_id" not in client.session


def test_what_our_side_asks_for(client: Client, provider: Provider) -> None:
    asked = parse_qs(urlsplit(begin(client)).query)
    assert asked["code_challenge_method"] == ["S256"]
    assert asked["response_type"] == ["code"]
    assert asked["redirect_uri"] == [f"{PORTAL}/dang-nhap/vneid/tro-ve/"]
    assert all(len(asked[name][0]) >= 20 for name in ("state", "nonce", "code_challenge"))
    again = parse_qs(urlsplit(begin(client)).query)
    assert all(asked[name] != again[name] for name in ("state", "nonce", "code_challenge"))


def test_denied_consent(client: Client, provider: Provider) -> None:
    back = provider.visit(begin(client), "mo", allow=False)
    refused(client, come_back(client, back), "Ông/bà chưa đồng ý chia sẻ thông tin định danh")
    assert not User.objects.filter(personal_id="025186012345").exists()


def test_another_nonce(client: Client, provider: Provider) -> None:
    back = provider.visit(changed(begin(client), nonce="mot-nonce-khac"), "mo")
    refused(client, come_back(client, back), "Chứng nhận danh tính không đúng hoặc đã quá hạn")


def test_another_state(client: Client, provider: Provider) -> None:
    back = provider.visit(changed(begin(client), state="mot-state-khac"), "mo")
    refused(client, come_back(client, back), "Lượt đăng nhập này đã dùng hoặc đã quá hạn")


def test_a_code_brought_by_another_browser(client: Client, provider: Provider) -> None:
    back = provider.visit(begin(client), "mo")
    victim = Client()
    refused(victim, come_back(victim, back), "Lượt đăng nhập này đã dùng hoặc đã quá hạn")


def test_another_challenge(client: Client, provider: Provider) -> None:
    back = provider.visit(changed(begin(client), code_challenge="x" * 43), "mo")
    refused(client, come_back(client, back), "Nơi xác thực không chấp nhận lượt đăng nhập này")


def test_an_expired_code(client: Client, provider: Provider) -> None:
    back = provider.visit(begin(client), "mo")
    provider.sql("UPDATE oauth2_provider_grant SET expires = '2020-01-01 00:00:00'")
    refused(client, come_back(client, back), "Nơi xác thực không chấp nhận lượt đăng nhập này")


def test_a_code_used_twice(client: Client, provider: Provider) -> None:
    back = provider.visit(begin(client), "mo")
    assert come_back(client, back).h1 == "Hồ sơ của tôi"
    assert come_back(client, back).url == "/tai-khoan/", "tải lại trang trở về thì vẫn đang đăng nhập"
    client.logout()
    refused(client, come_back(client, back), "Lượt đăng nhập này đã dùng hoặc đã quá hạn")


def test_a_signature_by_another_key(client: Client, provider: Provider, settings: Any) -> None:
    settings.EID_PROVIDERS = {"vneid": settings.EID_PROVIDERS["vneid"] | {"issuer": f"{provider.url}/khac"}}
    back = provider.visit(begin(client), "mo")
    refused(client, come_back(client, back), "Chứng nhận danh tính không đúng")


def test_a_provider_that_does_not_answer(client: Client, provider: Provider, settings: Any) -> None:
    settings.EID_PROVIDERS = {"vneid": settings.EID_PROVIDERS["vneid"] | {"issuer": "http://127.0.0.1:1"}}
    answer = client.get("/dang-nhap/vneid/", follow=True)
    page = read_page(answer.content.decode(), answer.request["PATH_INFO"])
    refused(client, page, "Hiện không kết nối được với VNeID")


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("la", "Loại tài khoản này chưa dùng được ở Cổng"),
        ("giau", "Nơi xác thực không cho biết số định danh cá nhân và họ tên"),
    ],
)
def test_identities_nobody_can_know(client: Client, provider: Provider, name: str, sentence: str) -> None:
    refused(client, sign_in(client, provider, name), sentence)


def test_the_same_number_under_another_name(client: Client, provider: Provider) -> None:
    before = person("Nguyễn Văn Khác", personal_id="025186012345")
    refused(client, sign_in(client, provider, "mo"), "tên khác với tên trong tài khoản định danh")
    assert not EidLink.objects.exists()
    before.refresh_from_db()
    assert before.full_name == "Nguyễn Văn Khác"


def test_an_identity_that_changes_its_number(client: Client, provider: Provider) -> None:
    sign_in(client, provider, "mo")
    client.logout()
    provider.say("mo", SoDinhDanh="025186000000")
    refused(client, sign_in(client, provider, "mo"), "khác với tài khoản đã nối")


def test_locked_accounts_stay_locked_and_officers_are_never_matched(
    w: World, client: Client, provider: Provider
) -> None:
    worker = officer("Hà Văn Sáu", Role.CASE_OFFICER, w.commune)
    User.objects.filter(pk=worker.pk).update(personal_id="025086054321")
    sign_in(client, provider, "vneid")
    assert client.session["_auth_user_id"] != str(worker.pk)
    client.logout()
    person("Lê Thị Mơ", personal_id="025186012345", is_active=False)
    refused(client, sign_in(client, provider, "mo"), "Tài khoản này đã khóa")


def test_a_provider_that_is_not_configured(client: Client) -> None:
    assert client.get("/dang-nhap/vneid/").status_code == 404
    assert client.get("/dang-nhap/vneid/tro-ve/").status_code == 404
    assert "VNeID" not in read_page(client.get("/dang-nhap/").content.decode()).text


# -- Reading claims --------------------------------------------------------------------------------------------


@given(
    st.dictionaries(
        st.sampled_from(
            [
                "LoaiTaiKhoan",
                "SoDinhDanh",
                "HoVaTen",
                "NgayThangNamSinh",
                "MaSoThue",
                "TenDoanhNghiep",
                "ThuDienTu",
                "SoDienThoai",
                "TechID",
                "loAs",
                "IAL",
            ]
        ),
        st.none()
        | st.booleans()
        | st.integers()
        | st.text(max_size=300)
        | st.lists(st.text(max_size=5), max_size=3),
    )
)
@hypothesis_settings(deadline=None)
def test_whatever_a_provider_sends_is_read_or_refused(claims: dict[str, Any]) -> None:
    try:
        found = eid.read("vneid", claims | {"sub": "1"})
    except Refused:
        return
    assert found.number
    assert 0 < len(found.name) <= 160
    assert 0 <= found.level <= 4


@pytest.mark.parametrize(
    ("said", "level"),
    [
        ("2", 2),
        (3, 3),
        (["1", "2"], 2),
        ("loa2", 2),
        ("urn:vneid:loa:4", 4),
        ("", 0),
        (None, 0),
        ("cao", 0),
        ("9", 0),
    ],
)
def test_levels_however_they_are_written(said: Any, level: int) -> None:
    claims = {"sub": "1", "SoDinhDanh": "025186012345", "HoVaTen": "Lê Thị Mơ", "loAs": said}
    assert eid.read("vneid", claims).level == level


# -- With a browser --------------------------------------------------------------------------------------------


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
def test_by_hand(page: BrowserPage, live_server: Any, provider: Provider, settings: Any, axe: Any) -> None:
    """Nothing on the way is stopped by our own content security policy or cookies."""
    settings.PUBLIC_BASE_URL = f"http://127.0.0.1:{urlsplit(live_server.url).port}"
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(f"{settings.PUBLIC_BASE_URL}/tai-khoan/")
    page.get_by_role("link", name="Đăng nhập bằng VNeID").click()
    page.get_by_role("button", name="mo").click()
    page.get_by_text("Authorize", exact=True).last.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Tài khoản")
    expect(page.get_by_text("Mức xác thực 2")).to_be_visible()
    axe(page)
