"""Feedback in a real browser on a phone: written without an account, answered by officers, rated, published."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from playwright.sync_api import Page as BrowserPage
from playwright.sync_api import expect

from danhmuc.models import User
from hoso.models import Notice
from portal.models import Feedback
from portal.services.feedback import intake
from tests.factories import World, moment
from tests.portal.feedback_world import ANSWER, sent, staff, take, walked, words
from tests.portal.helpers import PDF
from tests.portal.test_browser import judge

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.browser]
Shoot = Callable[[BrowserPage, str], None]
Axe = Callable[[BrowserPage], None]
SignIn = Callable[[User], BrowserPage]


@pytest.fixture
def f(w: World) -> World:
    return staff(w)


def enter(page: BrowserPage, live_server: Any, user: User) -> None:
    """Another person takes the browser."""
    client = Client()
    client.force_login(user)
    page.context.clear_cookies()
    page.context.add_cookies(
        [{"name": "sessionid", "value": client.cookies["sessionid"].value, "url": live_server.url}]
    )


def test_a_stranger_writes_and_the_office_answers(
    f: World, page: BrowserPage, live_server: Any, axe: Axe, shoot: Shoot, tmp_path: Path
) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto("/phan-anh/")
    judge(page, axe, shoot, "phan-anh-trong")
    page.get_by_role("link", name="Gửi phản ánh, kiến nghị").first.click()
    judge(page, axe, shoot, "phan-anh-gui")
    picture = tmp_path / "giay-hen.pdf"
    picture.write_bytes(PDF)
    page.get_by_label("Ảnh, tài liệu kèm theo").set_input_files(picture)
    page.get_by_role("textbox", name="Nội dung").fill(
        "Tôi tố cáo cán bộ phường gây khó khăn, ba lần yêu cầu bổ sung giấy tờ."
    )
    page.get_by_role("button", name="Gửi phản ánh").click()
    expect(page).to_have_title(re.compile("^Lỗi: "))
    judge(page, axe, shoot, "phan-anh-loi")
    page.get_by_label("Thái độ, cách làm việc").check()
    page.get_by_label("Cơ quan có trách nhiệm trả lời").select_option(label=f.commune.name)
    page.get_by_label("Tôi hiểu đây không phải đơn khiếu nại").check()
    page.get_by_label("Họ và tên").fill("Trần Thị Mận")
    page.get_by_label("Số điện thoại", exact=False).first.fill("0912 345 678")
    page.get_by_label("Thư điện tử").fill("man@example.vn")
    page.get_by_label("Tôi đồng ý công khai").check()
    page.get_by_role("button", name="Gửi phản ánh").dblclick()
    page.wait_for_url("**/xac-nhan/**")
    judge(page, axe, shoot, "phan-anh-xac-nhan")
    page.get_by_label("Mã xác nhận 6 chữ số").fill(
        Notice.objects.get(template="feedback_code").context["secret"]
    )
    page.get_by_role("button", name="Xác nhận và gửi").click()
    judge(page, axe, shoot, "phan-anh-da-gui")
    feedback = Feedback.objects.get()
    assert feedback.files.get().name == "giay-hen.pdf"
    code = feedback.code

    enter(page, live_server, f.more["handler"])
    page.goto("/phan-anh/xu-ly/")
    page.get_by_role("link", name=code, exact=True).click()
    page.get_by_role("link", name="Tiếp nhận", exact=True).click()
    page.get_by_role("button", name="Tiếp nhận", exact=True).click()
    page.get_by_role("link", name="Trình ký trả lời").click()
    page.get_by_label("Nội dung trả lời").fill(ANSWER)
    page.get_by_role("button", name="Trình ký trả lời").click()
    enter(page, live_server, f.approver)
    page.goto(f"/phan-anh/xu-ly/{code}/sign/")
    judge(page, axe, shoot, "phan-anh-ky")
    page.get_by_role("button", name="Ký trả lời").click()
    enter(page, live_server, f.more["handler"])
    page.goto(f"/phan-anh/xu-ly/{code}/publish/")
    judge(page, axe, shoot, "phan-anh-cong-khai-soan")
    page.get_by_label("Tiêu đề").fill("Ba lần yêu cầu bổ sung giấy tờ")
    page.get_by_label("Đã đọc lại cả ba ô").check()
    page.get_by_role("button", name="Công khai câu trả lời").click()

    page.context.clear_cookies()
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(f"/phan-anh/theo-doi/?ma={code}")
    page.get_by_label("4 số cuối điện thoại").fill("5678")
    page.get_by_role("button", name="Xem phản ánh").click()
    judge(page, axe, shoot, "phan-anh-da-tra-loi")
    page.get_by_role("link", name="Đánh giá câu trả lời").click()
    judge(page, axe, shoot, "phan-anh-danh-gia")
    page.get_by_label("Hài lòng", exact=True).check()
    page.get_by_role("button", name="Gửi đánh giá").click()
    expect(page.locator("main")).to_contain_text("Đã ghi nhận đánh giá")
    page.goto("/phan-anh/?q=bo+sung+giay+to")
    judge(page, axe, shoot, "phan-anh-cong-khai")
    page.get_by_role("link", name="Ba lần yêu cầu bổ sung giấy tờ").click()
    judge(page, axe, shoot, "phan-anh-mot-cau-tra-loi")
    Feedback.objects.get(rating="satisfied", state="published")


def test_every_state_for_sender_and_office(
    f: World, page: BrowserPage, sign_in: SignIn, axe: Axe, shoot: Shoot, at: Callable[[str], Any]
) -> None:
    at("2026-10-05 09:00")
    asked = take(f, sent(f), "ask_info", "handler", note="Cho biết ngày nộp và nơi nộp hồ sơ.")
    late = walked(f, "propose")
    national = intake.take_over(
        words(f, sender_name="Bùi Văn Mười"), external_id="QG-2026-118", sent_at=moment("2026-10-02 15:00")
    )
    rejected = take(f, sent(f), "reject", "handler", note="Nội dung đã được trả lời ngày 01/10/2026.")
    for n in range(8):
        walked(
            f,
            "accept",
            content=f"Đề nghị phường niêm yết lại mức lệ phí số {n}, bảng cũ đã mờ không đọc được.",
        )
    at("2026-10-14 09:00")
    sign_in(f.citizen)
    for name, url in {
        "theo-doi": "/phan-anh/theo-doi/",
        "cho-bo-sung": f"/phan-anh/theo-doi/{asked.code}/",
        "bo-sung": f"/phan-anh/theo-doi/{asked.code}/bo-sung/",
        "qua-han": f"/phan-anh/theo-doi/{late.code}/",
        "khong-tiep-nhan": f"/phan-anh/theo-doi/{rejected.code}/",
    }.items():
        page.goto(url)
        judge(page, axe, shoot, f"phan-anh-{name}")
    page.goto(f"/phan-anh/theo-doi/{asked.code}/bo-sung/")
    page.get_by_role("button", name="Gửi thông tin").click()
    judge(page, axe, shoot, "phan-anh-bo-sung-loi")
    sign_in(f.more["handler"])
    for name, url in {
        "hop-viec": "/phan-anh/xu-ly/?muc=dang-xu-ly",
        "hop-viec-trong": "/phan-anh/xu-ly/?muc=cua-toi",
        "mot-phan-anh": f"/phan-anh/xu-ly/{national.code}/",
        "chuyen": f"/phan-anh/xu-ly/{national.code}/forward/",
    }.items():
        page.goto(url)
        judge(page, axe, shoot, f"phan-anh-{name}")
    page.get_by_role("button", name="Chuyển cơ quan có thẩm quyền").click()
    judge(page, axe, shoot, "phan-anh-chuyen-loi")
