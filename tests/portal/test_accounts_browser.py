"""Accounts as people use them on a phone: axe finds nothing, pages fit, errors are led to, nothing needs script."""

import re
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core import mail
from django.utils import timezone
from playwright.sync_api import Page as BrowserPage
from playwright.sync_api import expect

from danhmuc.models import Membership, Place, PlaceSuccession, User
from hoso.services import delivery
from tests.factories import World, draft, member, organisation
from tests.portal.helpers import PDF
from tests.portal.test_browser import judge

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.browser]
Shoot = Callable[[BrowserPage, str], None]
Axe = Callable[[BrowserPage], None]
SignIn = Callable[[User], BrowserPage]


@pytest.fixture(autouse=True)
def _own_outbox(settings: Any, tmp_path: Path) -> None:
    settings.VAR_DIR = tmp_path


def press(page: BrowserPage, name: str) -> None:
    page.get_by_role("button", name=name, exact=True).first.click()


def test_registering_and_signing_in(
    w: World, page: BrowserPage, axe: Axe, shoot: Shoot, settings: Any
) -> None:
    settings.EID_PROVIDERS = {"vneid": {"name": "VNeID"}}
    page.goto("/dang-nhap/")
    judge(page, axe, shoot, "dang-nhap-dinh-danh")
    settings.EID_PROVIDERS = {}
    page.reload()
    judge(page, axe, shoot, "dang-nhap")
    page.get_by_role("link", name="Đăng ký tài khoản").click()
    judge(page, axe, shoot, "dang-ky")
    page.get_by_role("link", name="Doanh nghiệp, tổ chức").click()
    judge(page, axe, shoot, "dang-ky-to-chuc")
    page.go_back()
    page.get_by_role("link", name="Cá nhân, hộ kinh doanh").click()
    press(page, "Gửi mã xác nhận")
    judge(page, axe, shoot, "dang-ky-loi")
    page.get_by_role("link", name="Nhập số định danh cá nhân").click()
    expect(page.get_by_label("Số định danh cá nhân")).to_be_focused()
    page.get_by_label("Họ và tên").fill("Lê Thị Mơ")
    page.get_by_label("Số định danh cá nhân").fill("025 186 012 345")
    for label, value in (("Ngày", "4"), ("Tháng", "5"), ("Năm", "1990")):
        page.get_by_label(label, exact=True).fill(value)
    page.get_by_label("Nữ").check()
    page.get_by_label("Thư điện tử", exact=True).check()
    page.locator("#id_email").fill("mo@example.vn")
    press(page, "Gửi mã xác nhận")
    judge(page, axe, shoot, "dang-ky-chua-khop")
    page.get_by_label("Tôi đã xem lại").check()
    press(page, "Gửi mã xác nhận")
    judge(page, axe, shoot, "ma")
    page.get_by_label("Mã xác nhận").fill("12")
    press(page, "Xác nhận mã")
    judge(page, axe, shoot, "ma-loi")
    delivery.deliver()
    code = re.search(r"\b\d{6}\b", mail.outbox[-1].body)
    assert code
    page.get_by_label("Mã xác nhận").fill(code[0])
    press(page, "Xác nhận mã")
    page.get_by_label("Mật khẩu", exact=True).fill("Hoa-man-trang-5")
    page.get_by_label("Nhập lại mật khẩu").fill("Khac")
    press(page, "Lưu mật khẩu")
    judge(page, axe, shoot, "dat-mat-khau-loi")
    page.get_by_label("Mật khẩu", exact=True).fill("Hoa-man-trang-5")
    page.get_by_label("Nhập lại mật khẩu").fill("Hoa-man-trang-5")
    press(page, "Lưu mật khẩu")
    judge(page, axe, shoot, "dang-ky-xong")
    page.get_by_role("main").get_by_role("link", name="Đăng nhập").click()
    page.get_by_label("Tên đăng nhập").fill("025186012345")
    page.get_by_label("Mật khẩu").fill("Hoa-man-trang-5")
    press(page, "Đăng nhập")
    expect(page.get_by_role("heading", level=1)).to_have_text("Hồ sơ của tôi")


def test_doors_that_are_closed(page: BrowserPage, axe: Axe, shoot: Shoot, settings: Any) -> None:
    yesterday = timezone.localdate() - timedelta(days=1)
    settings.LOCAL_PERSONS_UNTIL = settings.LOCAL_ORGANISATIONS_UNTIL = yesterday
    page.goto("/dang-nhap/")
    judge(page, axe, shoot, "dang-nhap-can-bo")
    page.goto("/tai-khoan/dang-ky/")
    judge(page, axe, shoot, "dang-ky-dong")
    page.goto("/tai-khoan/quen-mat-khau/")
    judge(page, axe, shoot, "quen-mat-khau-dong")
    settings.LOCAL_ORGANISATIONS_UNTIL = None
    page.goto("/tai-khoan/dang-ky/")
    judge(page, axe, shoot, "dang-ky-to-chuc-thoi")
    page.goto("/tai-khoan/quen-mat-khau/")
    press(page, "Gửi mã")
    judge(page, axe, shoot, "quen-mat-khau-loi")
    settings.DEPLOYMENT_MODE = "BACKOFFICE"
    page.goto("/tai-khoan/dang-ky/")
    judge(page, axe, shoot, "dang-ky-noi-bo")


def test_ones_account(w: World, sign_in: SignIn, axe: Axe, shoot: Shoot) -> None:
    company = organisation("Công ty cổ phần Chè Phú Thọ")
    Membership.objects.create(organisation=company, invited_id=w.citizen.personal_id, invited_by=company)
    old = Place.objects.create(
        era="3", level="province", code="25", name="Tỉnh Phú Thọ", folded_name="phu tho"
    )
    town = Place.objects.create(
        era="3", level="district", code="227", name="Thành phố Việt Trì", folded_name="viet tri", parent=old
    )
    ward = Place.objects.create(
        era="3", level="commune", code="07888", name="Phường Dữu Lâu", folded_name="duu lau", parent=town
    )
    PlaceSuccession.objects.create(old=ward, new=w.place)
    page = sign_in(w.citizen)
    page.goto("/tai-khoan/")
    judge(page, axe, shoot, "tai-khoan")
    for name in ("thong-tin", "thu-dien-tu", "dien-thoai", "doi-mat-khau", "lich-su"):
        page.goto(f"/tai-khoan/{name}/")
        judge(page, axe, shoot, f"tai-khoan-{name}")
    page.goto("/tai-khoan/dia-chi/")
    page.get_by_label("Địa danh").select_option("3")
    page.get_by_label("Xã, phường").select_option("07888")
    judge(page, axe, shoot, "tai-khoan-dia-chi")
    press(page, "Lưu địa chỉ")
    expect(page.get_by_text("Khu 6, phường Việt Trì, tỉnh Phú Thọ")).to_be_visible()
    expect(page.get_by_text("Khu 6, phường Dữu Lâu, thành phố Việt Trì, tỉnh Phú Thọ")).to_be_visible()
    page.goto("/tai-khoan/lich-su/")
    judge(page, axe, shoot, "tai-khoan-lich-su-co")
    page.goto("/tai-khoan/to-chuc/")
    judge(page, axe, shoot, "to-chuc-moi")
    page.get_by_role("button", name="Nhận lời").click()
    judge(page, axe, shoot, "to-chuc")
    page.get_by_role("main").get_by_role("link", name=company.full_name).click()
    judge(page, axe, shoot, "thanh-vien")


def test_an_organisations_members(w: World, sign_in: SignIn, axe: Axe, shoot: Shoot) -> None:
    company = organisation("Công ty cổ phần Chè Phú Thọ")
    page = sign_in(company)
    page.goto("/tai-khoan/")
    judge(page, axe, shoot, "tai-khoan-to-chuc")
    page.goto(f"/tai-khoan/to-chuc/{company.pk}/")
    press(page, "Gửi lời mời")
    judge(page, axe, shoot, "thanh-vien-loi")
    member(company, w.citizen, Membership.Role.MANAGER)
    member(company, w.neighbour)
    page.get_by_label("Số định danh cá nhân hoặc thư điện tử").fill("moi@example.vn")
    press(page, "Gửi lời mời")
    judge(page, axe, shoot, "thanh-vien-quan-ly")


def test_for_whom(w: World, sign_in: SignIn, axe: Axe, shoot: Shoot, tmp_path: Path) -> None:
    company = organisation("Công ty cổ phần Chè Phú Thọ")
    member(company, w.citizen)
    ref = draft(w).submission_ref
    page = sign_in(w.citizen)
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(f"/nop-ho-so/{ref}/nop-cho-ai/")
    expect(page.get_by_label("Số định danh cá nhân, hoặc mã số thuế")).to_be_hidden()
    judge(page, axe, shoot, "nop-cho-ai")
    page.get_by_label("Của người khác, tôi nộp thay").check()
    press(page, "Lưu")
    judge(page, axe, shoot, "nop-cho-ai-loi")
    page.get_by_label("Họ và tên, hoặc tên tổ chức").fill("Hoàng Văn Bình")
    page.get_by_label("Số định danh cá nhân, hoặc mã số thuế").fill("025086017777")
    (tmp_path / "uy-quyen.pdf").write_bytes(PDF)
    page.get_by_label("Tệp giấy ủy quyền").set_input_files(tmp_path / "uy-quyen.pdf")
    page.get_by_role("main").get_by_role("button", name="Lưu", exact=True).last.click()
    judge(page, axe, shoot, "cac-buoc-nop-thay")
    page.get_by_role("link", name="Nộp cho ai").click()
    judge(page, axe, shoot, "nop-cho-ai-co")
