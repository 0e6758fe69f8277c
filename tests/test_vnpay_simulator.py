"""The bank for demonstrations: absent from production, and its every button ends the way it says."""

from typing import Any

import pytest
from django.core.management.utils import get_random_secret_key
from playwright.sync_api import Page as BrowserPage
from playwright.sync_api import expect

from config.vnpay_simulator import ledger
from hoso.models import Payment
from hoso.services import payments
from tests.factories import World, draft, walk
from tests.test_architecture import manage

_PROBE = (
    "from django.conf import settings; from django.urls import resolve, Resolver404\n"
    "print('config.vnpay_simulator' in settings.INSTALLED_APPS, settings.VNPAY_SIMULATED)\n"
    "try:\n    resolve('/mo-phong-vnpay/vpcpay.html'); print('there')\nexcept Resolver404:\n    print('nowhere')"
)


@pytest.mark.parametrize(
    ("environment", "said"),
    [
        ({}, "False False nowhere"),
        ({"VNPAY_URL": "https://pay.vnpay.vn/vpcpay.html"}, "False False nowhere"),
        ({"DEV": "1"}, "True True there"),
        (
            {"DEV": "1", "VNPAY_URL": "https://sandbox.vnpayment.vn/paymentv2/vpcpay.html"},
            "False False nowhere",
        ),
    ],
)
def test_it_is_installed_on_development_machines_alone(environment: dict[str, str], said: str) -> None:
    done = manage("shell", "--no-imports", "-c", _PROBE, SECRET_KEY=get_random_secret_key(), **environment)
    assert " ".join(done.stdout.split()) == said, done.stderr


@pytest.fixture
def bank(settings: Any, live_server: Any) -> None:
    """Our adapter pointed at the simulator of the live server."""
    settings.VNPAY_API_URL = f"{live_server.url}/mo-phong-vnpay/merchant_webapi/api/transaction"


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("button", "heading", "told", "after_asking"),
    [
        ("Thanh toán thành công", "Đã nộp tiền", "00 Confirm Success", "succeeded"),
        ("Thành công, báo kết quả hai lần", "Đã nộp tiền", "02 Order already confirmed", "succeeded"),
        ("Hủy giao dịch", "Chưa nộp được tiền", "00 Confirm Success", "failed"),
        ("Thẻ bị từ chối", "Chưa nộp được tiền", "00 Confirm Success", "failed"),
        ("Thành công nhưng báo sai số tiền", "Tiền sẽ được trả lại", "04 Invalid amount", "mismatched"),
        ("Thành công nhưng mất thông báo kết quả", "Đang chờ ngân hàng xác nhận", "", "succeeded"),
        ("Trả chậm: quay về trước, báo kết quả sau", "Đang chờ ngân hàng xác nhận", "", "started"),
    ],
)
def test_every_button_ends_as_it_says(
    w: World, bank: None, sign_in: Any, button: str, heading: str, told: str, after_asking: str
) -> None:
    dossier = walk(w, draft(w), "accept")
    page: BrowserPage = sign_in(w.citizen)
    page.goto(f"/ho-so-cua-toi/{dossier.submission_ref}/thanh-toan/")
    page.get_by_role("radio", name="qua VNPAY").check()
    page.get_by_role("button", name="Nộp tiền").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("VNPAY mô phỏng")
    page.get_by_role("button", name=button, exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_have_text(heading)
    payment = Payment.objects.get()
    order = ledger.find(payment.reference)
    assert order is not None
    assert order.told == told
    if heading == "Đang chờ ngân hàng xác nhận":
        page.get_by_role("button", name="Hỏi ngân hàng ngay").click()
    payment.refresh_from_db()
    assert payment.status == after_asking
    if after_asking == "started":  # the bank reports at last, while the page waits
        page.goto("/mo-phong-vnpay/")
        page.get_by_role("row", name=payment.reference).get_by_role("button").click()
        payment.refresh_from_db()
        assert payment.status == "succeeded"
    assert not payments.ask_unanswered()
