"""Money pages in a real browser, on a phone and a desk: axe finds nothing, they fit, they work without script."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page as BrowserPage
from playwright.sync_api import expect

from danhmuc.models import ChargeRelief, User
from hoso.gateways.payment import Answer
from hoso.models import Payment
from hoso.services import payments
from hoso.services.dossiers import advance
from tests.conftest import OpenPage
from tests.factories import World, draft, procedure, step, walk
from tests.portal.helpers import PDF
from tests.portal.test_browser import judge

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.browser]
Shoot = Callable[[BrowserPage, str], None]
Axe = Callable[[BrowserPage], None]
SignIn = Callable[[User], BrowserPage]


def test_paying_on_a_phone(
    w: World, sign_in: SignIn, axe: Axe, shoot: Shoot, live_server: Any, settings: Any
) -> None:
    settings.VNPAY_API_URL = f"{live_server.url}/mo-phong-vnpay/merchant_webapi/api/transaction"
    ChargeRelief.objects.create(
        key="ho-ngheo", name="Người thuộc hộ nghèo", basis="Điều 10 Luật Phí và lệ phí 2015", percent=50,
        condition="claim", paper="Giấy chứng nhận hộ nghèo của năm hiện tại", kinds=["le_phi"], valid_from="2017-01-01",
    )  # fmt: skip
    version = procedure(
        "1.009999", "Cấp bản sao trích lục hộ tịch, bản sao giấy khai sinh", fee_timing="before_intake"
    )
    dossier = walk(w, draft(w, version=version, paper=True), "submit")
    money = f"/ho-so-cua-toi/{dossier.submission_ref}/thanh-toan/"
    page = sign_in(w.citizen)
    page.goto(f"/ho-so-cua-toi/{dossier.submission_ref}/")
    judge(page, axe, shoot, "tien-theo-doi")
    page.goto(money)
    judge(page, axe, shoot, "tien-phai-nop")
    page.set_viewport_size({"width": 390, "height": 844})

    page.get_by_role("link", name="miễn, giảm").click()
    judge(page, axe, shoot, "tien-mien-giam")
    page.get_by_role("button", name="Gửi đề nghị").click()
    expect(page).to_have_title(re.compile("^Lỗi: "))
    judge(page, axe, shoot, "tien-mien-giam-loi")
    page.get_by_role("radio", name="hộ nghèo").check()
    page.locator("input[type=file]").set_input_files(
        {"name": "so-ho-ngheo.pdf", "mimeType": "application/pdf", "buffer": PDF}
    )
    page.get_by_role("button", name="Gửi đề nghị").click()
    judge(page, axe, shoot, "tien-cho-mien-giam")
    advance(dossier.pk, "decide_relief", by=w.desk_officer, granted=True)

    page.goto(money)
    judge(page, axe, shoot, "tien-da-giam")
    page.get_by_role("radio", name="VietQR").check()
    page.get_by_role("button", name="Nộp tiền").click()
    judge(page, axe, shoot, "tien-vietqr")
    page.goto(money)
    page.get_by_role("radio", name="VNPAY").check()
    page.get_by_role("button", name="Nộp tiền").click()
    judge(page, axe, shoot, "tien-mo-phong")
    page.get_by_role("button", name="Trả chậm").click()
    judge(page, axe, shoot, "tien-dang-cho")
    # The bank reports while the page is open: the page itself shows it, nobody reloads.
    payment = Payment.objects.get(provider="vnpay")
    payments.record(Answer(payment.reference, payment.amount, True, "B1", ""))
    page.get_by_role("heading", name="Đã nộp tiền").wait_for(timeout=30_000)
    judge(page, axe, shoot, "tien-da-nop")
    page.goto(money)
    judge(page, axe, shoot, "tien-khong-con")
    page.goto("/mo-phong-vnpay/")
    judge(page, axe, shoot, "tien-so-mo-phong")

    advance(dossier.pk, "withdraw", by=w.citizen, note="")
    page.goto(f"/ho-so-cua-toi/{dossier.submission_ref}/hoan-tien/1/")
    judge(page, axe, shoot, "tien-hoan")
    page.get_by_label("Tên chủ tài khoản").fill("Trần Văn Người Khác")
    page.get_by_role("button", name="Lưu nơi nhận tiền").click()
    expect(page).to_have_title(re.compile("^Lỗi: "))
    judge(page, axe, shoot, "tien-hoan-loi")
    page.get_by_label("Ngân hàng", exact=True).select_option(label="Agribank")
    page.get_by_label("Số tài khoản").fill("2205 1234 5678")
    page.get_by_label("Tên chủ tài khoản").fill(w.citizen.full_name)
    page.get_by_role("button", name="Lưu nơi nhận tiền").click()
    step(
        w,
        dossier,
        "decide_refund",
        "approver",
        {"refund": 1, "granted": True, "amount": 4000, "note": "Chưa thụ lý."},
    )
    step(w, dossier, "pay_refund", "cashier", {"refund": 1, "reference": "UNC-15"})
    page.reload()
    judge(page, axe, shoot, "tien-hoan-xong")
    page.goto(money)
    judge(page, axe, shoot, "tien-bien-lai-huy")


def test_failed_and_misdirected_money(w: World, sign_in: SignIn, axe: Axe, shoot: Shoot) -> None:
    dossier = walk(w, draft(w), "assign")
    owed = [
        {
            "name": "Tiền sử dụng đất khi chuyển mục đích sử dụng đất",
            "amount": 150_000_000,
            "basis": "Thông báo số 12/TB-CCT của Chi cục Thuế khu vực",
        }
    ]
    step(w, dossier, "hold_financial", "case_officer", {"obligations": owed})
    page = sign_in(w.citizen)
    money = f"/ho-so-cua-toi/{dossier.submission_ref}/thanh-toan/"
    page.goto(money)
    judge(page, axe, shoot, "tien-nghia-vu")
    for box in page.get_by_role("checkbox").all():
        box.uncheck()
    page.get_by_role("button", name="Nộp tiền").click()
    expect(page).to_have_title(re.compile("^Lỗi: "))
    judge(page, axe, shoot, "tien-nghia-vu-loi")
    failed = payments.start(dossier.pk, [1], way="vnpay", by=w.citizen, return_url="").payment
    payments.record(Answer(failed.reference, 8000, False, "B1", "", code="24"))
    page.goto(f"{money}{failed.reference}/")
    judge(page, axe, shoot, "tien-hong")
    wrong = payments.start(dossier.pk, [2], way="vnpay", by=w.citizen, return_url="").payment
    payments.record(Answer(wrong.reference, 100_000_000, True, "B2", ""))
    page.goto(f"{money}{wrong.reference}/")
    judge(page, axe, shoot, "tien-sai-so")


def test_the_till(w: World, sign_in: SignIn, axe: Axe, shoot: Shoot) -> None:
    def transfer() -> Payment:
        dossier = walk(w, draft(w), "accept")
        return payments.start(dossier.pk, [1], way="vietqr", by=w.citizen, return_url="").payment

    good, wrong, twice = transfer(), transfer(), transfer()
    payments.record(Answer(twice.reference, 8000, True, "FT0", ""))
    slow = walk(w, draft(w), "accept")
    payments.start(slow.pk, [1], way="vnpay", by=w.citizen, return_url="")
    Payment.objects.filter(dossier=slow).update(started_at="2026-10-05T02:00:00Z")
    text = (
        "Ngày giao dịch,Số tham chiếu,Ghi nợ,Ghi có,Nội dung\n"
        f"25/11/2026,FT26329000001,,8.000,MBVCB.{good.reference}.NOP PHI\n"
        f"25/11/2026,FT26329000002,,9.000,{wrong.reference}\n"
        f"25/11/2026,FT26329000003,,8.000,{twice.reference}\n"
        "25/11/2026,FT26329000004,,50.000,HOANG VAN BINH CHUYEN TIEN LE PHI\n"
    )
    page = sign_in(w.cashier)
    page.goto("/mot-cua/thu-phi/sao-ke/")
    page.get_by_role("button", name="Xem trước").click()
    judge(page, axe, shoot, "quay-sao-ke-loi")
    page.locator("input[type=file]").set_input_files(
        {"name": "sao-ke-25-11.csv", "mimeType": "text/csv", "buffer": text.encode()}
    )
    page.get_by_role("button", name="Xem trước").click()
    judge(page, axe, shoot, "quay-sao-ke")
    page.get_by_role("button", name="Nhập sao kê này").click()
    judge(page, axe, shoot, "quay")
    page.get_by_role("link", name="Xử lý").first.click()
    judge(page, axe, shoot, "quay-dong")
    page.goto("/mot-cua/thu-phi/doi-soat/")
    judge(page, axe, shoot, "quay-doi-soat")

    paid = walk(w, draft(w), "accept")
    begun = payments.start(paid.pk, [1], way="vnpay", by=w.citizen, return_url="").payment
    payments.record(Answer(begun.reference, 8000, True, "B9", ""))
    page.goto(f"/mot-cua/ho-so/{paid.submission_ref}/lap-lai-bien-lai/")
    judge(page, axe, shoot, "quay-lap-lai")
    advance(paid.pk, "withdraw", by=w.citizen, note="")
    page.goto(f"/mot-cua/ho-so/{paid.submission_ref}/noi-nhan-tien-hoan/")
    judge(page, axe, shoot, "quay-noi-nhan")
    sign_in(w.approver)
    page.goto(f"/mot-cua/ho-so/{paid.submission_ref}/hoan-phi/")
    judge(page, axe, shoot, "quay-quyet-dinh")
    advance(
        paid.pk, "give_refund_account", by=w.citizen, refund=1, way="transfer", bank="970405", account="2205123456",
        holder="TRAN VAN KHAC", other_holder=True,
    )  # fmt: skip
    advance(paid.pk, "decide_refund", by=w.approver, refund=1, granted=True, amount=5000, note="Chưa thụ lý")
    sign_in(w.cashier)
    page.goto(f"/mot-cua/ho-so/{paid.submission_ref}/chi-tien-hoan/")
    judge(page, axe, shoot, "quay-chi")
    page.goto(f"/mot-cua/ho-so/{paid.submission_ref}/")
    judge(page, axe, shoot, "quay-ho-so")


def test_paying_without_script(w: World, open_page: OpenPage) -> None:
    dossier = walk(w, draft(w), "accept")
    page = open_page(w.citizen, script=False)
    page.goto(f"/ho-so-cua-toi/{dossier.submission_ref}/thanh-toan/")
    page.get_by_role("radio", name="VNPAY").check()
    page.get_by_role("button", name="Nộp tiền").click()
    page.get_by_role("button", name="mất thông báo").click()
    payment = Payment.objects.get()
    payments.record(Answer(payment.reference, payment.amount, True, "B1", ""))
    page.get_by_role("button", name="Hỏi ngân hàng ngay").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Đã nộp tiền")
