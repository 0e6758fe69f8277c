"""The postman's phone and the desk's count in a real browser: whole acts without a word of JavaScript, axe, pictures."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.urls import reverse
from playwright.sync_api import Page as BrowserPage
from playwright.sync_api import expect

from buuchinh.lifecycle import State
from buuchinh.models import Parcel
from buuchinh.services import delivery
from tests.buuchinh.conftest import Post
from tests.factories import World

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
PHONE = {"width": 390, "height": 844}


def test_the_phone_at_the_door_and_the_desk(
    live_server: Any,
    w: World,
    post: Post,
    sign_in: Callable[[Any], BrowserPage],
    axe: Callable[[BrowserPage], None],
    shoot: Callable[[BrowserPage, str], None],
) -> None:
    first = post.booked(post.accepted())
    post.booked(post.accepted(owner_name="Hoàng Văn Bình", submitter_name="Hoàng Văn Bình"))
    post.taken(post.decided(owner_name="Đặng Thùy Linh"))
    page = sign_in(w.carrier)
    page.set_viewport_size(PHONE)

    def look(address: str, name: str) -> None:
        page.goto(address)
        axe(page)
        shoot(page, f"buu-chinh-{name}")

    look(reverse("buuchinh:home"), "30-hom-nay")
    look(reverse("buuchinh:pickup", args=[first.pk]), "31-nhan")
    page.get_by_text("Giấy chứng sinh").click()
    page.get_by_text("Đã xem giấy tờ tùy thân").click()
    page.get_by_role("button", name="Đã nhận đủ, gửi biên nhận").click()
    first.refresh_from_db()
    assert first.state == State.COLLECTED
    look(reverse("buuchinh:parcel", args=[first.pk]), "31-da-nhan")
    look(reverse("buuchinh:money"), "33-nop-tien")
    look(reverse("buuchinh:code"), "ma-ban-giao")
    page.get_by_role("button", name="Tạo mã mới").click()
    digits = page.locator(".dv-cash").inner_text()
    axe(page)
    look(reverse("buuchinh:receive"), "nhan-tai-buu-cuc")
    look(reverse("buuchinh:register"), "dang-ky-muon")

    page = sign_in(w.desk_officer)
    look(reverse("buuchinh:handover"), "23-ban-giao")
    look(f"{reverse('buuchinh:handover')}?buu_ta={w.carrier.pk}", "23-kiem-dem")
    page.get_by_label("Giấy chứng sinh").check()
    page.get_by_label("Mã xác nhận của nhân viên bưu điện").fill(digits)
    page.get_by_role("button", name="Xác nhận bàn giao").click()
    first.refresh_from_db()
    assert first.state == State.HANDED_OVER
    shoot(page, "buu-chinh-53-bien-ban")
    look(reverse("buuchinh:records"), "bien-ban")

    page = sign_in(w.coordinator)
    look(reverse("buuchinh:coordination"), "dieu-phoi")
    other = Parcel.objects.exclude(pk=first.pk).order_by("pk")[0]
    look(reverse("buuchinh:coordinated", args=[other.pk]), "dieu-phoi-buu-gui")


def test_the_phone_delivers_or_says_why_not(
    live_server: Any,
    w: World,
    post: Post,
    sign_in: Callable[[Any], BrowserPage],
    axe: Callable[[BrowserPage], None],
    shoot: Callable[[BrowserPage, str], None],
) -> None:
    parcel = post.taken(post.decided())
    delivery.fail(parcel.pk, by=w.carrier, reason="absent")
    page = sign_in(w.carrier)
    page.set_viewport_size(PHONE)
    page.goto(reverse("buuchinh:deliver", args=[parcel.pk]))
    page.get_by_text("Chưa phát được", exact=True).click()
    axe(page)
    shoot(page, "buu-chinh-32b-chua-phat")
    page.get_by_text("Đã phát", exact=True).click()
    axe(page)
    shoot(page, "buu-chinh-32-phat")
    page.get_by_role("button", name="Lưu kết quả phát").click()
    expect(page).to_have_title(re.compile("^Lỗi: "))
    axe(page)
    shoot(page, "buu-chinh-32-loi")
    page.get_by_label("4 số cuối").fill(parcel.dossier.owner_id[-4:])
    page.get_by_text("Đã thu").click()
    page.get_by_text("Người nhận đã đếm và ký nhận").click()
    page.get_by_role("button", name="Lưu kết quả phát").click()
    parcel.refresh_from_db()
    assert parcel.state == State.DELIVERED
