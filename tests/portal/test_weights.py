"""What a telephone with an empty cache fetches for a page: at most 100 kB compressed on the way of an application.

`make test ARGS="tests/portal/test_weights.py -s"` prints the table.
"""

import gzip
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.contrib.staticfiles.storage import staticfiles_storage
from django.test import Client
from django.utils import timezone
from playwright.sync_api import Browser, Page, Response

from config.installed import KEPT
from danhmuc.models import LifeEvent, User
from danhmuc.services.search_index import rebuild as index_search
from hoso.services import payments
from tests.conftest import SIZES
from tests.factories import ITEMS, World, draft, procedure, step, walk
from tests.portal.feedback_world import staff, walked
from tests.portal.test_browser import EVERY_KIND

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.browser]
MOST = 100_000
TEXTS = ("text/", "application/javascript", "image/svg+xml", "application/manifest+json", "application/json")
#: Fetched for a page some browsers look at only now and then: the icon, and what makes the portal an app.
BESIDES = ("/static/icons/icon.svg", "/static/icons/icon-192.png", "/ung-dung.webmanifest")


def on_the_wire(body: bytes, headers: Mapping[str, str]) -> int:
    """Bytes as the shipped nginx sends pages and WhiteNoise sends compressed static files, headers included."""
    kind = headers.get("content-type", "")
    if kind.startswith("text/html"):
        body = gzip.compress(body, 5)
    elif kind.startswith(TEXTS):
        body = gzip.compress(body, 9)
    return len(body) + sum(len(k) + len(v) + 4 for k, v in headers.items())


def weigh(page: Page, address: str) -> tuple[int, int]:
    """(bytes fetched to show the page, bytes its worker fetches afterwards for the page “mất mạng”)."""
    responses: list[Response] = []
    page.on("response", lambda answer: responses.append(answer))
    page.goto(address, wait_until="networkidle")
    shown = {urlsplit(a.url).path: on_the_wire(a.body(), a.headers) for a in responses}
    answers = dict(shown)
    worker = ("/sw.js", "/mat-mang/", *(staticfiles_storage.url(name) for name in KEPT))
    for path in (*BESIDES, *worker):
        if path not in answers:
            answer = page.request.get(path)
            answers[path] = on_the_wire(answer.body(), answer.headers)
    return sum(shown.values()), sum(n for path, n in answers.items() if path not in shown)


def on_the_way(w: World) -> dict[str, str]:
    """Every page from the first to the one that says it is paid, by name."""
    version = procedure("1.009995", "Thủ tục đủ loại câu hỏi", eform=EVERY_KIND, fee_timing="before_intake")
    begun = f"/nop-ho-so/{draft(w, version=version, answers={}, paper=False).submission_ref}/"
    whole = draft(w, papers_by="counter")
    filed = walk(w, draft(w, version=version, papers_by="counter"), "submit")
    card, transfer = (
        payments.start(filed.pk, [1], way=way, by=w.citizen, return_url="").payment.reference
        for way in ("vnpay", "vietqr")
    )
    money = f"/ho-so-cua-toi/{filed.submission_ref}/thanh-toan/"
    code = version.procedure.code
    return {
        "trang chủ": "/",
        "tìm thủ tục": "/thu-tuc/?q=khai+sinh",
        "thủ tục": f"/thu-tuc/{code}/",
        "đăng nhập": "/dang-nhap/",
        "chọn nơi nộp": f"/nop-ho-so/{code}/",
        "các bước": begun,
        "nộp cho ai": f"{begun}nop-cho-ai/",
        "nơi giải quyết": f"{begun}noi-giai-quyet/",
        "tờ khai": f"{begun}to-khai/1/",
        "giấy tờ": f"{begun}giay-to/",
        "bản giấy, kết quả": f"{begun}buu-chinh/",
        "kiểm tra": f"/nop-ho-so/{whole.submission_ref}/kiem-tra/",
        "đã nộp": f"/nop-ho-so/{filed.submission_ref}/da-nop/",
        "khoản phải nộp": money,
        "chờ ngân hàng": f"{money}{card}/",
        "mã VietQR": f"{money}{transfer}/",
    }


def others(w: World) -> dict[str, str]:
    """The other pages people open first."""
    LifeEvent.objects.create(key="sinh_con", kind="citizen", title="Sinh con", summary="", steps=[])
    held = walk(w, draft(w), "submit")
    held = step(w, held, "ask_completion", "desk_officer", {"items": ITEMS, "phone_call_note": "Đã gọi"})
    returned = walk(w, draft(w, papers_by="counter"), "complete")
    staff(w)
    for n in range(5):
        walked(w, "publish", content=f"Đề nghị phường niêm yết lại mức lệ phí số {n}, bảng cũ đã mờ.")
    return {
        "việc trong đời sống": "/viec/",
        "cơ quan": "/co-quan/",
        "một cơ quan": f"/co-quan/{w.commune.key}/",
        "hồ sơ của tôi": "/ho-so-cua-toi/",
        "chờ bổ sung": f"/ho-so-cua-toi/{held.submission_ref}/",
        "bổ sung": f"/ho-so-cua-toi/{held.submission_ref}/bo-sung/",
        "đã trả kết quả": f"/ho-so-cua-toi/{returned.submission_ref}/",
        "tra cứu": "/tra-cuu/",
        "xác minh": "/xac-minh/",
        "phản ánh": "/phan-anh/",
        "gửi phản ánh": "/phan-anh/gui/",
        "theo dõi phản ánh": "/phan-anh/theo-doi/",
        "tài khoản": "/tai-khoan/",
        "đăng ký": "/tai-khoan/dang-ky/ca-nhan/",
    }


#: Pages of people who have no account yet.
UNSIGNED = {"đăng nhập", "đăng ký"}


def cookies_of(user: User, url: str) -> list[Any]:
    """What the browser of somebody signed in sends along."""
    client = Client()
    client.force_login(user)
    return [{"name": name, "value": morsel.value, "url": url} for name, morsel in client.cookies.items()]


def test_a_first_visit_stays_light(w: World, chromium: Browser, live_server: Any) -> None:
    index_search()
    way = on_the_way(w)
    table: dict[str, tuple[int, int]] = {}
    for name, address in (way | others(w)).items():
        context = chromium.new_context(
            base_url=live_server.url, service_workers="block", viewport=SIZES["390"], locale="vi-VN"
        )
        if name not in UNSIGNED:
            context.add_cookies(cookies_of(w.citizen, live_server.url))
        table[name] = weigh(context.new_page(), address)
        context.close()
    print(f"\n{timezone.localdate():%d/%m/%Y}   ngay   nền   cộng (kB, nén, lần đầu)")
    for name, (at_once, later) in table.items():
        print(f"{name:22}{at_once / 1000:6.1f}{later / 1000:6.1f}{(at_once + later) / 1000:7.1f}")
    assert {name: sum(both) for name, both in table.items() if sum(both) > MOST} == {}
