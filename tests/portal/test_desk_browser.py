"""The counter's account page and taking feedback down, in a real browser: axe finds nothing, both fit a telephone."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page as BrowserPage
from playwright.sync_api import expect

from danhmuc.models import User
from danhmuc.roles import Role
from hoso.services.dossiers import advance
from portal.models import Feedback
from portal.services import corrections
from tests.factories import World, draft, officer, person
from tests.portal.feedback_world import staff
from tests.portal.helpers import PDF
from tests.portal.test_browser import judge

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.browser]
Shoot = Callable[[BrowserPage, str], None]
Axe = Callable[[BrowserPage], None]
SignIn = Callable[[User], BrowserPage]


def test_an_account_is_found_and_put_right_at_the_counter(
    w: World, sign_in: SignIn, axe: Axe, shoot: Shoot
) -> None:
    ha = person("Lê Thị Hà", username="025186000089", personal_id="025186000089")
    person("Lê Văn Hòa", phone=ha.phone)
    person("Lê Thị Hà", username="025186000097", personal_id="025186000097")
    advance(draft(w, by=ha).pk, "submit", by=ha)
    page = sign_in(w.desk_officer)
    page.goto("/mot-cua/")
    page.get_by_role("link", name="Tài khoản người dân").click()
    judge(page, axe, shoot, "quay-tk-1-tim")
    box = page.get_by_label("Số định danh, mã số thuế, số điện thoại")
    box.fill("025186999999")
    page.get_by_role("button", name="Tìm tài khoản").click()
    judge(page, axe, shoot, "quay-tk-2-khong-co")
    box.fill(ha.phone.replace("+84", "0"))
    page.get_by_role("button", name="Tìm tài khoản").click()
    judge(page, axe, shoot, "quay-tk-3-nhieu")
    page.get_by_role("link", name=re.compile("^Lê Thị Hà")).click()
    expect(page).to_have_title(re.compile("^Sửa tài khoản"))
    judge(page, axe, shoot, "quay-tk-4-sua")

    page.set_viewport_size({"width": 390, "height": 844})
    page.get_by_role("button", name="Sửa tài khoản").click()
    expect(page).to_have_title(re.compile("^Lỗi: "))
    judge(page, axe, shoot, "quay-tk-5-loi")
    page.get_by_label("Số định danh cá nhân").fill("025 186 000 097")
    page.get_by_label("Thẻ căn cước, căn cước công dân").check()
    page.get_by_label("Số giấy tờ").fill("025186000097")
    issued = page.get_by_role("group", name="Ngày cấp")
    for label, value in (("Ngày", "12"), ("Tháng", "3"), ("Năm", "2023")):
        issued.get_by_label(label, exact=True).fill(value)
    page.get_by_label("Lý do sửa").fill("Gõ nhầm hai số cuối khi đăng ký")
    page.get_by_role("button", name="Sửa tài khoản").click()
    expect(page.get_by_role("alert")).to_contain_text("Số này đã thuộc một tài khoản khác")
    judge(page, axe, shoot, "quay-tk-6-trung-so")
    page.get_by_label("Số định danh cá nhân").fill("025186000098")
    page.get_by_label("Số giấy tờ").fill("025186000098")
    # Meanwhile the head of the desk has put the name right.
    corrections.correct(
        ha,
        {"full_name": "Lê Thị Hạ"},
        paper=corrections.Paper("card", "025186000089", ha.birth_date or ha.date_joined.date()),
        reason="Thiếu dấu nặng",
        by=w.desk_head,
        seen=0,
    )
    page.get_by_role("button", name="Sửa tài khoản").click()
    expect(page.get_by_role("alert").first).to_contain_text("Đỗ Quang Minh vừa sửa tài khoản này")
    judge(page, axe, shoot, "quay-tk-7-cham-hon")
    page.get_by_label("Họ và tên").fill("Lê Thị Hạ")
    page.get_by_role("button", name="Sửa tài khoản").click()
    expect(page.get_by_text("Đã sửa số định danh cá nhân")).to_be_visible()
    judge(page, axe, shoot, "quay-tk-8-xong")
    ha.refresh_from_db()
    assert (ha.personal_id, ha.full_name) == ("025186000098", "Lê Thị Hạ")

    # Next day: the telephone is lost.
    page.get_by_label("Điện thoại di động mới").fill("0987 654 321")
    page.get_by_label("Giấy khai sinh").check()
    page.get_by_label("Số giấy tờ").fill("025186000098")
    for label, value in (("Ngày", "12"), ("Tháng", "3"), ("Năm", "2023")):
        issued.get_by_label(label, exact=True).fill(value)
    page.get_by_label("Lý do sửa").fill("Mất điện thoại")
    page.get_by_role("button", name="Sửa tài khoản").click()
    expect(page.get_by_role("alert")).to_contain_text("hộ chiếu có ảnh")
    judge(page, axe, shoot, "quay-tk-9-giay-khong-anh")
    page.get_by_label("Thẻ căn cước, căn cước công dân").check()
    page.get_by_role("button", name="Sửa tài khoản").click()
    expect(page.get_by_text("Đã sửa điện thoại")).to_be_visible()
    judge(page, axe, shoot, "quay-tk-10-doi-dien-thoai")


def test_a_call_and_a_letter_are_written_down(
    w: World, sign_in: SignIn, axe: Axe, shoot: Shoot, tmp_path: Path
) -> None:
    staff(w)
    page: Any = sign_in(officer("Lê Thị Tổng Đài", Role.HOTLINE_OPERATOR, w.province))
    page.goto("/phan-anh/xu-ly/ghi/")
    judge(page, axe, shoot, "ghi-pa-1")
    page.get_by_role("button", name="Ghi và cấp mã").click()
    expect(page).to_have_title(re.compile("^Lỗi: "))
    judge(page, axe, shoot, "ghi-pa-2-loi")
    page.get_by_label("Thư, văn bản").check()
    page.get_by_label("Họ và tên người gửi").fill("Trần Thị Mận")
    page.get_by_label("Địa chỉ").fill("Khu 6, phường Việt Trì")
    page.get_by_label("Thái độ, cách làm việc").check()
    page.get_by_label("Cơ quan có trách nhiệm trả lời").select_option(label=w.commune.name)
    page.get_by_role("textbox", name="Nội dung").fill(
        "Bà nộp hồ sơ ngày 05/10 tại phường, ba lần phải bổ sung giấy tờ, chưa ai trả lời."
    )
    scan = tmp_path / "thu-quet.pdf"
    scan.write_bytes(PDF)
    page.get_by_label("Bản quét thư").set_input_files(scan)
    page.get_by_role("button", name="Ghi và cấp mã").dblclick()
    expect(page).to_have_url(re.compile("/ghi/PA-"))
    judge(page, axe, shoot, "ghi-pa-3-phieu")
    feedback = Feedback.objects.get()
    page.emulate_media(media="print")
    expect(page.get_by_role("button", name="In phiếu")).to_be_hidden()
    expect(page.get_by_text(feedback.code).first).to_be_visible()
    shoot(page, "portal-ghi-pa-4-in")
    page.emulate_media(media="screen")
    page.get_by_role("link", name="Ghi phản ánh khác").click()
    judge(page, axe, shoot, "ghi-pa-5-vua-ghi")
