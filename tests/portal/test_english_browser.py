"""The chief pages of the citizen portal in English, on a phone, in a real browser: axe finds nothing, also in what the script adds."""

from collections.abc import Callable
from typing import Any

import pytest
from django.conf import settings
from django.core.management import call_command
from playwright.sync_api import Page as BrowserPage
from playwright.sync_api import expect

from tests.conftest import SIZES
from tests.factories import ITEMS, World, draft, procedure, step, walk
from tests.portal.feedback_world import staff, walked
from tests.portal.test_browser import EVERY_KIND

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.browser]


def test_english_pages_on_a_phone(
    w: World, sign_in: Callable[[Any], BrowserPage], axe: Callable[[BrowserPage], None], live_server: Any
) -> None:
    version = procedure("1.009996", "Thủ tục đủ loại câu hỏi", eform=EVERY_KIND)
    begun = draft(w, version=version, answers={}, paper=False).submission_ref
    whole = draft(w).submission_ref
    held = walk(w, draft(w, postal=True), "submit")
    held = step(w, held, "ask_completion", "desk_officer", {"items": ITEMS, "phone_call_note": "Đã gọi"})
    running = walk(w, draft(w), "finish_task").submission_ref
    answered = walked(staff(w), "sign")
    call_command("load_catalogue", only=["tariffs"], verbosity=0)
    page = sign_in(w.citizen)
    page.set_viewport_size(SIZES["390"])
    english = {"name": settings.LANGUAGE_COOKIE_NAME, "value": "en", "url": live_server.url}
    page.context.add_cookies([english])
    for address in (
        "/",
        "/thu-tuc/?q=khai+sinh",
        f"/thu-tuc/{w.version.procedure.code}/",
        f"/nop-ho-so/{begun}/",
        f"/nop-ho-so/{begun}/to-khai/1/",
        f"/nop-ho-so/{whole}/kiem-tra/",
        f"/nop-ho-so/{running}/da-nop/",
        "/ho-so-cua-toi/",
        f"/ho-so-cua-toi/{held.submission_ref}/",
        f"/ho-so-cua-toi/{held.submission_ref}/bo-sung/",
        f"/ho-so-cua-toi/{running}/",
        f"/ho-so-cua-toi/{running}/thanh-toan/",
        "/tai-khoan/",
        "/phan-anh/gui/",
        f"/phan-anh/theo-doi/{answered.code}/",
        "/tra-cuu/",
        "/du-lieu-ca-nhan/",
        "/tiep-can/",
        "/gia-cuoc/",
    ):
        answer = page.goto(address)
        assert answer is not None
        assert answer.status == 200, address
        expect(page.locator("html")).to_have_attribute("lang", "en")
        assert page.evaluate("document.documentElement.scrollWidth") <= 390, address
        axe(page)
    a_file_that_cannot_be_taken_says_so_in_english(page, whole)
    axe(page)
    communes_that_come_with_the_province_are_vietnamese(page, begun)
    axe(page)


def a_file_that_cannot_be_taken_says_so_in_english(page: BrowserPage, ref: str) -> None:
    page.goto(f"/nop-ho-so/{ref}/giay-to/")
    wrong = {"name": "giấy khai sinh.exe", "mimeType": "application/pdf", "buffer": b"MZ" + b"\0" * 600}
    page.locator("input[type=file]").first.set_input_files(wrong)
    name = page.locator("[data-name]", has_text="giấy khai sinh.exe").first
    expect(name).to_be_visible()
    expect(name).to_have_attribute("lang", "vi")


def communes_that_come_with_the_province_are_vietnamese(page: BrowserPage, ref: str) -> None:
    page.goto(f"/nop-ho-so/{ref}/to-khai/1/")
    province, communes = page.locator("select[name=home_p]"), page.locator("select[name=home_c] option")
    for chosen, count in (("", 1), ("25", 2)):
        province.select_option(chosen)
        expect(communes).to_have_count(count)
    expect(communes.last).to_have_text("Phường Việt Trì")
    expect(communes.last).to_have_attribute("lang", "vi")
