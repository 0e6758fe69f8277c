"""Following and acting in a real browser, at both sizes: amending with the desk's answer, choosing the post anew, a late
dossier, letters, answering, withdrawing, and a result that is checked.
"""

import re
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone
from playwright.sync_api import Page as BrowserPage
from playwright.sync_api import expect

from buuchinh.services import booking, pickup, tracking
from buuchinh.services.codes import digits, make
from buuchinh.services.handovers import sign
from danhmuc.models import PostalTariff, User
from hoso.models import Dossier
from hoso.services import amendments, documents, letters
from hoso.services.dossiers import advance
from tests.factories import ITEMS, SINCE, World, draft, step, walk
from tests.portal.helpers import PDF
from tests.portal.test_browser import judge

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.browser]
Shoot = Callable[[BrowserPage, str], None]
Axe = Callable[[BrowserPage], None]
SignIn = Callable[[User], BrowserPage]


def filed(w: World, until: str) -> Dossier:
    """A dossier whose one paper has bytes."""
    dossier = draft(w, paper=False, papers_by="counter")
    component = w.version.components.get(order=2)
    documents.attach(
        dossier.pk, SimpleUploadedFile("chung-sinh-mờ.pdf", PDF), by=w.citizen, component=component
    )
    return walk(w, dossier, until)


def address(dossier: Dossier, more: str = "") -> str:
    return f"/ho-so-cua-toi/{dossier.submission_ref}/{more}"


def back_at(page: BrowserPage, dossier: Dossier) -> None:
    expect(page).to_have_url(re.compile(f"{address(dossier)}$"))


def test_amending_before_acceptance(
    w: World, sign_in: SignIn, axe: Axe, shoot: Shoot, tmp_path: Path
) -> None:
    dossier = filed(w, "submit")
    better = tmp_path / "chung-sinh-rõ.pdf"
    better.write_bytes(PDF + b"% ro")
    page = sign_in(w.citizen)
    page.goto(address(dossier))
    page.get_by_role("link", name="Sửa hồ sơ").click()
    page.get_by_role("link", name="Người được khai sinh").click()
    page.get_by_label("Họ, chữ đệm, tên").fill("")
    page.get_by_role("button", name="Lưu thay đổi").click()
    expect(page).to_have_title(re.compile("^Lỗi: "))
    judge(page, axe, shoot, "sua-1-loi")
    page.get_by_label("Họ, chữ đệm, tên").fill("Hoàng Gia Bách")
    page.get_by_role("button", name="Lưu thay đổi").click()
    back_at(page, dossier)
    expect(page.get_by_text("Hoàng Gia Bảo → Hoàng Gia Bách")).to_be_visible()

    page.get_by_role("link", name="Sửa hồ sơ").click()
    page.get_by_role("link", name="Giấy tờ", exact=True).click()
    judge(page, axe, shoot, "sua-2-giay-to")
    page.get_by_role("button", name="Bỏ chung-sinh-mờ.pdf").click()
    expect(page.get_by_text("Sẽ bỏ, chưa gửi")).to_be_visible()
    page.get_by_role("button", name="Lưu thay đổi").click()
    expect(page.get_by_text("phải còn ít nhất một tệp").first).to_be_visible()
    judge(page, axe, shoot, "sua-3-giay-to-thieu")
    page.get_by_label("Vì sao cần sửa").fill("Ảnh lần trước bị mờ.")
    page.get_by_label("Chọn tệp: Giấy chứng sinh").set_input_files(better)
    expect(page.get_by_text("Tệp mới, chưa gửi")).to_be_visible()
    expect(page.get_by_label("Vì sao cần sửa")).to_have_value("Ảnh lần trước bị mờ.")
    judge(page, axe, shoot, "sua-4-giay-to-moi")
    page.get_by_role("button", name="Lưu thay đổi").click()
    back_at(page, dossier)
    expect(page.get_by_text("thay chung-sinh-mờ.pdf bằng chung-sinh-rõ.pdf")).to_be_visible()
    judge(page, axe, shoot, "sua-5-xong")


def test_amending_after_acceptance_and_the_desk_answers(
    w: World, sign_in: SignIn, axe: Axe, shoot: Shoot, tmp_path: Path
) -> None:
    dossier = filed(w, "accept")
    better = tmp_path / "chung-sinh-rõ.pdf"
    better.write_bytes(PDF + b"% ro")
    page = sign_in(w.citizen)
    page.goto(address(dossier, "sua/?phan=2"))
    page.get_by_label("Họ, chữ đệm, tên").fill("Hoàng Gia Bách")
    page.get_by_role("button", name="Gửi đề nghị sửa").click()
    expect(page).to_have_title(re.compile("^Lỗi: "))
    judge(page, axe, shoot, "de-nghi-1-loi")
    page.get_by_label("Vì sao cần sửa").fill("Ghi nhầm tên con.")
    page.get_by_role("button", name="Gửi đề nghị sửa").click()
    back_at(page, dossier)
    page.get_by_role("link", name="Đề nghị sửa hồ sơ").click()
    page.get_by_role("link", name="Giấy tờ", exact=True).click()
    page.get_by_role("button", name="Bỏ chung-sinh-mờ.pdf").click()
    expect(page.get_by_text("Sẽ bỏ, chưa gửi")).to_be_visible()
    page.get_by_label("Chọn tệp: Giấy chứng sinh").set_input_files(better)
    expect(page.get_by_text("Tệp mới, chưa gửi")).to_be_visible()
    judge(page, axe, shoot, "de-nghi-2-giay-to")
    page.get_by_role("button", name="Gửi đề nghị sửa").click()
    back_at(page, dossier)
    expect(page.get_by_role("heading", name="Đề nghị sửa đang chờ")).to_be_visible()
    judge(page, axe, shoot, "de-nghi-3-dang-cho")

    sign_in(w.desk_officer)
    desk = f"/mot-cua/ho-so/{dossier.submission_ref}/"
    page.goto(desk)
    page.get_by_role("link", name="Trả lời đề nghị sửa hồ sơ").click()
    judge(page, axe, shoot, "de-nghi-4-mot-cua")
    page.get_by_role("button", name="Không chấp nhận").click()
    expect(page).to_have_title(re.compile("^Lỗi: "))
    judge(page, axe, shoot, "de-nghi-5-mot-cua-loi")
    page.get_by_label("Lý do không chấp nhận").fill("Tên khác với giấy chứng sinh.")
    page.get_by_role("button", name="Không chấp nhận").click()
    expect(page).to_have_url(re.compile(f"{desk}$"))

    sign_in(w.citizen)
    page.goto(address(dossier))
    expect(page.get_by_text("Tên khác với giấy chứng sinh.").first).to_be_visible()
    judge(page, axe, shoot, "de-nghi-6-khong-chap-nhan")
    amendments.ask(dossier.pk, by=w.citizen, values={"child_full_name": "Hoàng Gia An"}, reason="Ghi nhầm.")

    sign_in(w.desk_officer)
    page.goto(f"{desk}de-nghi-sua/")
    page.get_by_role("button", name="Chấp nhận, sửa hồ sơ").click()
    expect(page).to_have_url(re.compile(f"{desk}$"))
    expect(page.get_by_text("Hoàng Gia Bảo → Hoàng Gia An")).to_be_visible()
    judge(page, axe, shoot, "de-nghi-7-mot-cua-da-sua")


def test_choosing_the_post_anew_until_it_has_begun(w: World, sign_in: SignIn, axe: Axe, shoot: Shoot) -> None:
    tracking.open_pool(w.post, first=1, last=999)
    for service in ("nhan_gui_ho_so", "chuyen_tra_ket_qua"):
        PostalTariff.objects.create(
            tariff_key="thu", service=service, scope="bat_ky", weight_from=0, weight_to=500, price=26000, valid_from=SINCE
        )  # fmt: skip
    dossier = walk(w, draft(w, postal=True), "accept")
    page = sign_in(w.citizen)
    page.goto(address(dossier))
    expect(page.get_by_text("Dự kiến bưu điện phát, muộn nhất")).to_be_visible()
    judge(page, axe, shoot, "buu-chinh-1-theo-doi")
    page.get_by_role("link", name="Đổi cách nộp bản giấy, nhận kết quả").click()
    judge(page, axe, shoot, "buu-chinh-2-doi")
    expect(page.locator("[data-sum]")).to_contain_text("Cước nhận hồ sơ tại nhà")
    page.locator("input[name=papers_by][value=counter]").check()
    expect(page.locator("[data-sum]")).not_to_contain_text(
        "Cước nhận hồ sơ tại nhà"
    )  # without a press of the button
    expect(page.get_by_role("button", name="Tính lại số tiền")).to_be_hidden()
    where = page.get_by_role("group", name="Nơi bưu điện phát kết quả")
    where.get_by_label("Số nhà, đường, thôn, khu").fill("")
    page.get_by_role("button", name="Lưu lựa chọn").click()
    expect(page).to_have_title(re.compile("^Lỗi: "))
    judge(page, axe, shoot, "buu-chinh-3-doi-loi")
    where.get_by_label("Số nhà, đường, thôn, khu").fill("Số 2, phố Mới")
    page.get_by_role("button", name="Lưu lựa chọn").click()
    back_at(page, dossier)
    expect(page.get_by_text("Số 2, phố Mới")).to_be_visible()

    going = walk(w, draft(w, postal=True), "accept")
    booking.book_due()
    parcel = going.parcels.get()
    pickup.assign(parcel.pk, by=w.coordinator, carrier=w.carrier)
    pickup.collect(
        parcel.pk, by=w.carrier, papers=range(len(parcel.papers)), fee=8000, signed_name="Hương", identity_checked=True
    )  # fmt: skip
    page.goto(address(going, "cach-nhan/"))
    expect(page.get_by_text("chỉ còn đổi được nơi nhận kết quả")).to_be_visible()
    judge(page, axe, shoot, "buu-chinh-4-mot-chieu")

    gone = walk(w, draft(w, return_by="post", postal=True, papers_by="counter"), "decide")
    gone = settle_papers(w, step(w, gone, "issue_result", "clerk"))
    booking.book_due()
    parcel = gone.parcels.get(leg="return")
    pickup.assign(parcel.pk, by=w.coordinator, carrier=w.carrier)
    sign(w.desk, by=w.desk_officer, carrier=w.carrier, code=digits(make(w.carrier)), outgoing=[parcel.pk])
    page.goto(address(gone, "cach-nhan/"))
    back_at(page, gone)
    expect(page.get_by_text("Bưu điện đã nhận kết quả để phát")).to_be_visible()
    judge(page, axe, shoot, "buu-chinh-5-qua-muon")


def settle_papers(w: World, dossier: Dossier) -> Dossier:
    """Papers compared, nothing in the way of the result."""
    from tests.factories import settle

    return settle(w, dossier)


def test_a_late_dossier_tells_why_and_letters_go_both_ways(
    w: World, sign_in: SignIn, axe: Axe, shoot: Shoot
) -> None:
    begun = timezone.now() - timedelta(days=40)
    dossier = draft(w, papers_by="counter")
    for days, name, by, facts in (
        (0, "submit", w.citizen, {}),
        (1, "accept", w.desk_officer, {"eid_checked": True}),
        (2, "extend", w.approver, {"value": 3, "unit": "working_day", "note": "Chờ xác minh nơi sinh."}),
    ):
        dossier = advance(dossier.pk, name, by=by, at=begun + timedelta(days=days), **facts)
    letters.write(dossier.pk, by=w.citizen, text="Hồ sơ của tôi đến đâu rồi ạ?")
    letters.write(dossier.pk, by=w.desk_officer, text="Đang chờ xác minh, dự kiến xong trong tuần.")
    page = sign_in(w.citizen)
    page.goto("/ho-so-cua-toi/")
    judge(page, axe, shoot, "theo-doi-1-danh-sach")
    page.get_by_role("link", name=w.version.name).click()
    expect(page.get_by_text("Đã dùng 0 trên")).to_have_count(0)
    expect(page.get_by_text("Hồ sơ quá ngày hẹn trả. Cơ quan giải quyết xin lỗi ông/bà.")).to_be_visible()
    expect(page.get_by_text("Chờ xác minh nơi sinh.").first).to_be_visible()
    expect(page.get_by_text("Có tin mới")).to_be_visible()
    judge(page, axe, shoot, "theo-doi-2-muon")
    page.get_by_role("link", name="Đọc 2 tin và viết tiếp").click()
    expect(page.get_by_text("dự kiến xong trong tuần")).to_be_visible()
    judge(page, axe, shoot, "theo-doi-3-trao-doi")
    page.goto(address(dossier))
    expect(page.get_by_text("Có tin mới")).to_have_count(0)
    slip = page.get_by_role("link", name="Giấy tiếp nhận hồ sơ và hẹn trả kết quả").first
    answer = page.request.get(str(slip.get_attribute("href")))
    assert (answer.status, answer.headers["content-type"]) == (200, "application/pdf")


def test_answering_item_by_item_and_withdrawing(
    w: World, sign_in: SignIn, axe: Axe, shoot: Shoot, tmp_path: Path
) -> None:
    items: list[dict[str, Any]] = [
        {**ITEMS[0], "component": w.version.components.get(order=2)},
        {"name": "Văn bản ủy quyền", "reason": "missing", "explanation": "Người nộp không phải cha, mẹ."},
    ]
    held = step(
        w, filed(w, "submit"), "ask_completion", "desk_officer", {"items": items, "phone_call_note": "Đã gọi"}
    )
    better = tmp_path / "chung-sinh-rõ.pdf"
    better.write_bytes(PDF + b"% ro")
    page = sign_in(w.citizen)
    page.goto(address(held))
    page.get_by_role("link", name="Bổ sung hồ sơ").click()
    first = page.get_by_role("region", name="1. Giấy chứng sinh")
    second = page.get_by_role("region", name="2. Văn bản ủy quyền")
    first.get_by_label("Tải giấy tờ lên").set_input_files(better)
    page.get_by_role("button", name="Gửi bổ sung").click()
    expect(page).to_have_title(re.compile("^Lỗi: "))
    expect(first.get_by_text("Đã tải lên, chưa gửi")).to_be_visible()
    judge(page, axe, shoot, "bo-sung-1-thieu")
    second.get_by_label("Trả lời bằng lời").fill("Tôi là mẹ của cháu, không cần ủy quyền.")
    page.get_by_role("button", name="Gửi bổ sung").click()
    back_at(page, held)
    expect(page.get_by_text("Đã gửi bổ sung").first).to_be_visible()
    judge(page, axe, shoot, "bo-sung-2-da-gui")

    dossier = filed(w, "accept")
    page.goto(address(dossier))
    page.get_by_role("link", name="Rút hồ sơ").click()
    page.get_by_role("button", name="Rút hồ sơ").click()
    expect(page).to_have_title(re.compile("^Lỗi: "))
    judge(page, axe, shoot, "rut-1-loi")
    page.get_by_role("checkbox").check()
    page.get_by_role("button", name="Rút hồ sơ").click()
    back_at(page, dossier)
    expect(page.get_by_text("Đã rút hồ sơ.").first).to_be_visible()
    judge(page, axe, shoot, "rut-2-xong")


def test_a_result_is_downloaded_checked_and_rated(w: World, sign_in: SignIn, axe: Axe, shoot: Shoot) -> None:
    dossier = walk(w, draft(w, papers_by="counter"), "complete")
    page = sign_in(w.citizen)
    page.goto(address(dossier))
    result = page.request.get(str(page.get_by_role("link", name="Tải kết quả").get_attribute("href")))
    assert (result.status, result.headers["content-type"]) == (200, "application/pdf")
    judge(page, axe, shoot, "ket-qua-1-theo-doi")
    page.get_by_role("link", name="Kiểm tra kết quả là thật").click()
    expect(page.get_by_role("heading", name="Văn bản có trong hệ thống")).to_be_visible()
    judge(page, axe, shoot, "ket-qua-2-xac-minh")
    page.goto(address(dossier))
    page.get_by_role("link", name="Đánh giá").click()
    judge(page, axe, shoot, "ket-qua-3-danh-gia")
