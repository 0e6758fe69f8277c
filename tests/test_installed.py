"""The citizen pages as an app: a manifest that a telephone accepts, and a plain word when there is no network."""

import json
import re
from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.staticfiles import finders
from django.test import Client
from django.urls import reverse
from playwright.sync_api import expect

from tests.factories import World
from tests.page import Visitor


@pytest.mark.django_db
def test_the_manifest_names_the_portal_and_its_pictures_exist(client: Client) -> None:
    answer = client.get("/ung-dung.webmanifest")
    manifest = json.loads(answer.content)
    assert answer.headers["Content-Type"] == "application/manifest+json"
    assert (manifest["start_url"], manifest["display"], manifest["lang"]) == ("/", "standalone", "vi")
    assert {icon["sizes"] for icon in manifest["icons"]} == {"192x192", "512x512"}
    for icon in manifest["icons"]:
        assert finders.find(icon["src"].removeprefix("/static/"))


@pytest.mark.django_db
def test_the_worker_keeps_the_page_without_network_and_nothing_about_a_person(client: Client) -> None:
    answer = client.get("/sw.js")
    script = answer.content.decode()
    kept = re.search(r'KEEP = "([^"]+)"', script)
    assert answer.headers["Cache-Control"] == "no-cache"
    assert kept
    assert all(name.startswith("/static/") for name in kept.group(1).split())
    assert all(finders.find(name.removeprefix("/static/")) for name in kept.group(1).split())
    assert f'PAGE = "{reverse("offline")}"' in script


@pytest.mark.django_db
def test_without_network_one_is_told_what_is_kept(visit: Visitor) -> None:
    page = visit("/mat-mang/")
    assert page.h1 == "Mất kết nối mạng"
    assert "tel:1022" in page.links


@pytest.mark.browser
def test_a_page_opened_without_network_says_so_and_comes_back(page: Any, axe: Callable[[Any], None]) -> None:
    page.goto("/")
    page.evaluate("navigator.serviceWorker.ready.then(() => true)")
    page.context.set_offline(True)
    page.goto("/thu-tuc/")
    expect(page.locator("h1")).to_have_text("Mất kết nối mạng")
    axe(page)
    page.get_by_role("button", name="Thử lại").click()
    page.wait_for_load_state()
    expect(page.locator("h1")).to_have_text("Mất kết nối mạng")
    page.context.set_offline(False)  # the page notices by itself
    expect(page.locator("h1")).not_to_have_text("Mất kết nối mạng")


@pytest.mark.browser
def test_a_page_that_missed_the_news_finds_the_network_by_itself(page: Any) -> None:
    page.add_init_script("window.addEventListener('online', e => e.stopImmediatePropagation(), true)")
    page.goto("/")
    page.evaluate("navigator.serviceWorker.ready.then(() => true)")
    page.context.set_offline(True)
    page.goto("/thu-tuc/")
    expect(page.locator("h1")).to_have_text("Mất kết nối mạng")
    page.context.set_offline(False)
    expect(page.locator("h1")).not_to_have_text("Mất kết nối mạng")


@pytest.mark.django_db
def test_the_language_is_chosen_with_a_button_and_keeps_the_page(client: Client, visit: Visitor) -> None:
    page = visit("/tra-cuu/")
    switch = page.all("//form[@action='/ngon-ngu/']")[0]
    sent = {field.get("name"): field.get("value") for field in switch.iter("input")}
    assert (sent["language"], sent["next"]) == ("en", "/tra-cuu/")
    answer = client.post("/ngon-ngu/", {"language": "en", "next": "/tra-cuu/"})
    assert (answer.status_code, answer.headers["Location"]) == (302, "/tra-cuu/")
    assert client.get("/tra-cuu/").headers["Content-Language"] == "en"


def test_officers_pages_speak_vietnamese_whatever_was_chosen(client: Client, w: World) -> None:
    client.force_login(w.desk_officer)
    client.cookies["django_language"] = "en"
    assert client.get("/mot-cua/").headers["Content-Language"] == "vi"
