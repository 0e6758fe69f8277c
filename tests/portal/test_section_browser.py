"""The pages of the electronic form with their script: quicker, saved by themselves, and nothing typed is lost."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Route, expect
from playwright.sync_api import Page as BrowserPage

from hoso.models import Dossier
from tests.factories import World, draft, procedure
from tests.portal.test_browser import EVERY_KIND

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.browser]
SignIn = Callable[[Any], BrowserPage]
Axe = Callable[[BrowserPage], None]
Shoot = Callable[[BrowserPage, str], None]
PHONE = {"width": 390, "height": 844}


@pytest.fixture
def form(w: World, sign_in: SignIn) -> BrowserPage:
    """The first page of a form with every kind of question, on a phone."""
    version = procedure("1.009996", "Thủ tục đủ loại câu hỏi", eform=EVERY_KIND)
    ref = draft(w, version=version, answers={}, paper=False).submission_ref
    page = sign_in(w.citizen)
    page.set_viewport_size(PHONE)
    page.goto(f"/nop-ho-so/{ref}/to-khai/1/")
    return page


def answers() -> dict[str, Any]:
    found: dict[str, Any] = Dossier.objects.get().answers
    return found


def test_questions_and_rows_come_and_go_at_once_and_keep_what_was_typed(
    form: BrowserPage, axe: Axe, shoot: Shoot
) -> None:
    sent: list[str] = []
    form.on("request", lambda request: sent.append(request.url) if request.is_navigation_request() else None)
    why = form.get_by_label("Vì sao chưa thống nhất")
    expect(why).to_have_count(0)
    form.get_by_role("radio", name="Không").check()
    why.fill("Còn bàn thêm")
    form.get_by_role("radio", name="Có").check()
    expect(why).to_have_count(0)
    form.get_by_role("radio", name="Không").check()
    expect(why).to_have_value("Còn bàn thêm")

    names = form.get_by_label("Họ tên thành viên")
    names.fill("An")
    form.get_by_role("button", name="Thêm dòng").click()
    expect(names).to_have_count(2)
    expect(names.nth(1)).to_be_focused()
    names.nth(1).fill("Bình")
    form.get_by_role("button", name="Thêm dòng").click()
    names.nth(2).fill("Chi")
    axe(form)
    shoot(form, "portal-to-khai-script")
    form.get_by_role("button", name="Xóa dòng 1").click()
    expect(names).to_have_count(2)
    expect(form.get_by_role("group", name="Thành viên – dòng 2")).to_be_visible()
    for n, name in enumerate(("Bình", "Chi")):
        expect(names.nth(n)).to_have_value(name)
    for _ in range(3):
        form.get_by_role("button", name="Thêm dòng").click()
    expect(form.get_by_role("button", name="Thêm dòng")).to_be_hidden()
    assert sent == [], "không tải lại trang lần nào"
    with form.expect_navigation():
        form.get_by_role("button", name="Lưu, để làm sau").click()
    assert (answers()["reason"], answers()["members"]) == (
        "Còn bàn thêm",
        [{"member": "Bình"}, {"member": "Chi"}],
    )


def test_a_page_saves_itself_and_says_so(form: BrowserPage) -> None:
    state = form.get_by_role("status").filter(has_text="Hồ sơ chưa nộp")
    expect(state).to_contain_text("Trang này chưa lưu lần nào")
    form.get_by_label("Họ và tên").fill("Nguyễn Thị Thanh Hương")
    expect(state).to_contain_text("Có thay đổi chưa lưu")
    expect(state).to_contain_text("Đã lưu lúc")
    assert answers()["name"] == "Nguyễn Thị Thanh Hương"
    form.get_by_label("Vốn kinh doanh").fill("tám mươi triệu")
    expect(state).to_contain_text("1 ô chưa đúng nên chưa lưu")
    assert answers()["capital"] == ""
    form.reload()
    expect(form.get_by_label("Vốn kinh doanh")).to_have_value("tám mươi triệu")


def test_without_a_network_the_tab_keeps_the_words_and_hands_them_over_later(
    form: BrowserPage, shoot: Shoot
) -> None:
    context: BrowserContext = form.context
    context.set_offline(True)
    form.get_by_label("Họ và tên").fill("Nguyễn Thị Thanh Hương")
    line = form.locator("#luu")
    expect(line).to_contain_text("Chưa lưu được vì mất mạng")
    shoot(form, "portal-to-khai-mat-mang")
    assert answers() == {}
    context.set_offline(False)
    expect(line).to_contain_text("Đã lưu lúc")
    assert answers()["name"] == "Nguyễn Thị Thanh Hương"
    assert form.evaluate("sessionStorage.length") == 0


def test_words_not_handed_over_are_there_after_a_reload_and_gone_after_signing_out(form: BrowserPage) -> None:
    url = form.url
    form.route(
        "**/to-khai/1/", lambda route: route.abort() if route.request.method == "POST" else route.continue_()
    )
    form.get_by_label("Họ và tên").fill("Nguyễn Thị Thanh Hương")
    expect(form.locator("#luu")).to_contain_text("Chưa lưu được")
    form.unroute("**/to-khai/1/")
    form.reload()
    expect(form.get_by_label("Họ và tên")).to_have_value("Nguyễn Thị Thanh Hương")
    form.route(
        "**/to-khai/1/", lambda route: route.abort() if route.request.method == "POST" else route.continue_()
    )
    form.get_by_label("Nội dung").fill("Chưa gửi được")
    expect(form.locator("#luu")).to_contain_text("Chưa lưu được")
    assert form.evaluate("sessionStorage.length") == 1
    form.unroute("**/to-khai/1/")
    form.goto("/ho-so-cua-toi/")
    form.get_by_text("Mục lục").click()
    form.get_by_role("button", name="Đăng xuất").last.click()
    form.wait_for_url("**/dang-nhap/**")
    assert form.evaluate("sessionStorage.length") == 0
    form.goto(url)
    expect(form).to_have_url(re.compile("/dang-nhap/"))


def test_a_saving_whose_answer_was_lost_is_no_conflict(form: BrowserPage) -> None:
    line = form.locator("#luu")

    def lose_the_answer(route: Route) -> None:
        if route.request.method == "POST":
            route.fetch()
            route.abort()
        else:
            route.continue_()

    form.route("**/to-khai/1/", lose_the_answer)
    for typed in ("Nguyễn Thị Hương", "Nguyễn Thị Thanh"):
        with form.expect_event("requestfailed"):
            form.get_by_label("Họ và tên").fill(typed)
        expect(line).to_contain_text("Chưa lưu được")
        assert answers()["name"] == typed
    form.unroute("**/to-khai/1/")
    form.get_by_label("Họ và tên").fill("Nguyễn Thị Thanh Hương")
    expect(line).to_contain_text("Đã lưu lúc")
    assert answers()["name"] == "Nguyễn Thị Thanh Hương"
