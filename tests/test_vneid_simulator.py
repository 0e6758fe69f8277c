"""The provider for demonstrations: absent from production, labelled, and our adapter signs its people in and out."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.core.management.utils import get_random_secret_key
from django.test import Client
from playwright.sync_api import Page as BrowserPage
from playwright.sync_api import expect

from danhmuc.models import User
from portal.models import EidLink
from tests.factories import World, organisation
from tests.portal.test_browser import judge
from tests.test_architecture import manage

_PROBE = (
    "from django.conf import settings; from django.urls import resolve, Resolver404\n"
    "print('config.vneid_simulator' in settings.INSTALLED_APPS, sorted(settings.EID_PROVIDERS))\n"
    "try:\n    resolve('/mo-phong-vneid/vao'); print('there')\nexcept Resolver404:\n    print('nowhere')"
)


@pytest.mark.parametrize(
    ("environment", "said"),
    [
        ({"DEPLOYMENT_MODE": "PORTAL_LOCAL"}, "False [] nowhere"),
        ({"DEPLOYMENT_MODE": "PORTAL_INFO"}, "False [] nowhere"),
        ({"DEV": "1", "DEPLOYMENT_MODE": "PORTAL_LOCAL"}, "True ['vneid'] there"),
        ({"DEV": "1", "DEPLOYMENT_MODE": "BACKOFFICE"}, "False [] nowhere"),
        (
            {"DEV": "1", "DEPLOYMENT_MODE": "PORTAL_LOCAL", "EID_NATIONAL_ISSUER": "https://dvcqg.example"},
            "False ['quoc-gia'] nowhere",
        ),
    ],
)
def test_it_is_installed_on_development_machines_alone(environment: dict[str, str], said: str) -> None:
    done = manage("shell", "--no-imports", "-c", _PROBE, SECRET_KEY=get_random_secret_key(), **environment)
    assert " ".join(done.stdout.split()) == said, done.stderr


@pytest.fixture
def simulated(settings: Any, live_server: Any) -> str:
    """Our adapter pointed at the simulator of the live server."""
    settings.PUBLIC_BASE_URL = live_server.url
    settings.EID_PROVIDERS = {
        "vneid": {
            "name": "VNeID mô phỏng",
            "issuer": f"{live_server.url}/mo-phong-vneid",
            "client_id": "cong-tinh",
            "client_secret": "bi-mat",
            "scope": "openid",
        }
    }
    return str(live_server.url)


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
def test_its_people_come_in_and_leave(
    w: World, simulated: str, page: BrowserPage, axe: Callable[[Any], None], shoot: Callable[[Any, str], None]
) -> None:
    firm = organisation("Công ty cổ phần Chè Phú Thọ")
    page.goto("/dang-nhap/")
    page.get_by_role("link", name="Đăng nhập bằng VNeID mô phỏng").click()
    expect(page).to_have_title(re.compile("VNeID mô phỏng.*Không phải VNeID"))
    judge(page, axe, shoot, "vneid-mo-phong")
    page.get_by_role("button", name="Không đồng ý chia sẻ").click()
    expect(page.get_by_text("chưa đồng ý chia sẻ thông tin định danh")).to_be_visible()

    for name, kind in ((w.citizen.full_name, "citizen"), (firm.full_name, "organisation")):
        page.get_by_role("link", name="Đăng nhập bằng VNeID mô phỏng").click()
        page.get_by_role("button", name=name).click()
        expect(page).to_have_url(re.compile("/ho-so-cua-toi/$"))
        assert EidLink.objects.filter(user__full_name=name, user__kind=kind).exists()
        page.locator("details.dv-who > summary").click()
        page.get_by_role("button", name="Đăng xuất").first.click()
        expect(page).to_have_url(re.compile("/dang-nhap/$"))
    page.get_by_role("link", name="Đăng nhập bằng VNeID mô phỏng").click()
    page.get_by_role("button", name="Đinh Thị Nguyệt").click()
    expect(page).to_have_url(re.compile("/ho-so-cua-toi/$"))
    assert User.objects.get(personal_id="025190000321").eid_level == 2


@pytest.mark.django_db(transaction=True)
def test_it_gives_codes_to_nobody_else(w: World, simulated: str, client: Client) -> None:
    address = "/mo-phong-vneid/vao?client_id=cong-tinh&redirect_uri=https%3A%2F%2Fnoi-khac.example%2F"
    assert client.get(address).status_code == 400
    assert client.post(address, {"who": f"mo-phong-{w.citizen.personal_id}"}).status_code == 400
    assert (
        client.get("/mo-phong-vneid/ra?post_logout_redirect_uri=https%3A%2F%2Fnoi-khac.example").status_code
        == 400
    )
    assert client.post("/mo-phong-vneid/token", {"code": "x"}).status_code == 401
