"""After a form was answered with errors: a link, “back” and “reload” lead to the page, and what was typed is still there."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page as BrowserPage
from playwright.sync_api import expect

from danhmuc.models import User
from tests.factories import World, draft, procedure, walk
from tests.portal.test_browser import EVERY_KIND

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.browser]
SignIn = Callable[[User], BrowserPage]


def away_and_back(page: BrowserPage, address: str, elsewhere: str) -> None:
    """A link of the page that shows the errors, then the browser's own button."""
    expect(page).to_have_title(re.compile("^Lỗi: "))
    page.wait_for_load_state()  # the script has run
    page.locator("header a").first.click()
    expect(page).to_have_url(re.compile(f"{elsewhere}$"))
    page.go_back()
    expect(page).to_have_url(re.compile(f"{address}$"))
    expect(page).not_to_have_title(re.compile("^Lỗi: "))


def test_a_citizens_forms(w: World, sign_in: SignIn) -> None:
    page = sign_in(w.citizen)
    page.goto("/phan-anh/gui/")
    words = page.get_by_role("textbox", name="Nội dung")
    words.fill("Ba lần yêu cầu bổ sung giấy tờ.")
    page.get_by_label("Thái độ, cách làm việc").check()
    page.get_by_label("Họ và tên").fill("")
    page.get_by_role("button", name="Gửi phản ánh").click()
    away_and_back(page, "/phan-anh/gui/", "/")
    expect(words).to_have_value("Ba lần yêu cầu bổ sung giấy tờ.")
    expect(page.get_by_label("Thái độ, cách làm việc")).to_be_checked()
    expect(page.get_by_label("Họ và tên")).to_have_value("")

    version = procedure("1.009996", "Thủ tục đủ loại câu hỏi", eform=EVERY_KIND)
    ref = draft(w, version=version, answers={}, paper=False).submission_ref
    page.goto(f"/nop-ho-so/{ref}/to-khai/1/")
    page.get_by_label("Nội dung").fill("Bán phở buổi sáng")
    page.get_by_label("Vốn kinh doanh").fill("tám mươi triệu")
    page.get_by_role("button", name="Lưu và tiếp tục").click()
    away_and_back(page, "/to-khai/1/", "/")
    expect(page.get_by_label("Nội dung")).to_have_value("Bán phở buổi sáng")  # saved, like all that was right


def test_looking_up_again_needs_only_the_digits(w: World, page: BrowserPage) -> None:
    dossier = walk(w, draft(w), "accept")
    page.goto("/tra-cuu/")
    code = page.get_by_label("Mã hồ sơ")
    code.fill(dossier.code)
    page.get_by_label("4 số cuối").fill(w.citizen.personal_id[-4:])
    page.get_by_role("button", name="Tra cứu").click()
    expect(page).to_have_url(re.compile(r"/tra-cuu/\?ma="))
    page.reload()
    expect(code).to_have_value(dossier.code)


def test_an_officers_form(w: World, sign_in: SignIn) -> None:
    dossier = walk(w, draft(w), "assign")
    page = sign_in(w.case_officer)
    page.goto(f"/mot-cua/ho-so/{dossier.submission_ref}/lay-y-kien/")
    words = page.get_by_label("Nội dung")
    words.fill("Xác minh nhân thân của người nộp")
    send = page.locator("main form button.btn-primary")
    send.click()
    away_and_back(page, "/lay-y-kien/", "/mot-cua/")
    expect(words).to_have_value("Xác minh nhân thân của người nộp")
    send.click()
    expect(page).to_have_title(re.compile("^Lỗi: "))
    page.wait_for_load_state()
    page.reload()  # the browser would ask here whether to send the form again
    expect(page).not_to_have_title(re.compile("^Lỗi: "))
