"""What the portal says about itself is what the code does: personal data, accessibility, the prices of the post."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from django.contrib.sessions.models import Session
from django.test import Client
from django.utils import timezone

from danhmuc.models import PostalTariff
from portal.tasks import sweep
from tests.factories import World
from tests.page import Page, Visitor, text_of

pytestmark = pytest.mark.django_db
Service = PostalTariff.Service


def price(
    service: str, scope: str, weight: tuple[int, int | None], price: int, since: date, **more: Any
) -> None:
    PostalTariff.objects.create(
        tariff_key=f"bang-{since:%Y}", service=service, scope=scope, weight_from=weight[0], weight_to=weight[1],
        price=price, valid_from=since, **more,
    )  # fmt: skip


def cells(page: Page, number: int) -> list[list[str]]:
    """The rows of the table with that number, as they are read."""
    rows = page.all("//table")[number].findall(".//tbody/tr")
    return [[text_of(cell) for cell in row] for row in rows]


def test_the_footer_of_every_citizen_page_leads_there(visit: Visitor) -> None:
    links = visit("/").links
    assert {"/du-lieu-ca-nhan/", "/tiep-can/", "/gia-cuoc/"} <= set(links)


def test_personal_data_is_kept_for_as_long_as_is_set_here(visit: Visitor, settings: Any) -> None:
    settings.DRAFT_DAYS, settings.DRAFT_WARNING_DAYS, settings.AMENDMENT_DAYS = 21, 4, 9
    settings.SESSION_COOKIE_AGE = 6 * 3600
    page = visit("/du-lieu-ca-nhan/", budget=0)
    assert page.h1 == "Bảo vệ dữ liệu cá nhân"
    kept = dict(cells(page, 0))  # type: ignore[arg-type]
    assert kept["Bản nháp chưa nộp"].startswith("21 ngày từ lần lưu cuối; báo trước 4 ngày")
    assert kept["Giấy tờ sửa hồ sơ, chưa gửi"].startswith("9 ngày")
    assert kept["Phiên đăng nhập"].startswith("6 giờ")
    assert kept["Tệp đang tải lên dở"] == "48 giờ."
    assert {"/ho-so-cua-toi/", "/tai-khoan/", "/tai-khoan/lich-su/", "/co-quan/"} <= set(page.links)
    assert "Luật Bảo vệ dữ liệu cá nhân số 91/2025/QH15" in page.text


def test_sessions_out_of_time_are_forgotten(w: World, at: Callable[[str], Any]) -> None:
    at("2026-10-05 09:00")
    Client().force_login(w.citizen)
    at("2026-10-05 20:59")
    sweep()
    assert Session.objects.count() == 1
    at("2026-10-05 21:01")
    sweep()
    assert Session.objects.count() == 0


def test_whom_to_tell_of_a_page_that_is_hard_to_use(visit: Visitor) -> None:
    page = visit("/tiep-can/", budget=0)
    assert "WCAG 2.2 mức AA" in page.text
    assert "chưa có đánh giá độc lập" in page.text
    assert "/phan-anh/gui/?loai=technical" in page.links
    assert (
        visit("/phan-anh/gui/?loai=technical").one('//input[@name="kind" and @checked]').get("value")
        == "technical"
    )


def test_prices_of_the_post_as_they_are_published(visit: Visitor) -> None:
    today = timezone.localdate()
    since = date(2021, 4, 20)
    source = "Bưu điện Đà Nẵng công bố 20/4/2021; chưa đối chiếu"
    for scope, amount in (("noi_huyen", 26_000), ("lien_huyen", 30_000)):
        price(Service.SEND, scope, (0, 100), amount, since, source=source)
        price(Service.SEND, scope, (501, None), 2_200, since, step=500)
        price(Service.RETURN, scope, (0, 100), amount + 1_000, since)
    price(Service.SEND, "noi_huyen", (0, 100), 20_000, date(2019, 1, 1))  # an older list, superseded
    price(Service.RETURN, "lien_huyen", (0, 100), 9_000, date(2018, 1, 1), valid_to=date(2020, 1, 1))  # ended
    price(Service.REMIT, "bat_ky", (0, None), 8_000, since)
    page = visit("/gia-cuoc/", budget=1)
    assert [text_of(h) for h in page.all("//h2[starts-with(@id, 'tu-')]")] == ["Áp dụng từ 20/04/2021"]
    assert cells(page, 0) == [
        ["Đến 100 g", "26.000 ₫", "30.000 ₫"],
        ["Thêm mỗi 500 g", "2.200 ₫", "2.200 ₫"],
    ]
    assert cells(page, 1) == [["Đến 100 g", "27.000 ₫", "31.000 ₫"]]
    assert "thêm 8.000 ₫ mỗi hồ sơ" in page.text
    assert "chưa đối chiếu" in page.text

    price(Service.SEND, "noi_huyen", (0, 100), 29_000, today + timedelta(days=20))
    page = visit("/gia-cuoc/", budget=1)
    heads = [text_of(h) for h in page.all("//h2[starts-with(@id, 'tu-')]")]
    assert heads == ["Áp dụng từ 20/04/2021", f"Áp dụng từ {today + timedelta(days=20):%d/%m/%Y}"]
    assert cells(page, 2)[0] == ["Đến 100 g", "29.000 ₫", "30.000 ₫"]
    assert "26.000 ₫" in cells(page, 0)[0], "giá sắp tới chưa áp dụng"


def test_the_badge_of_a_procedure_leads_to_the_prices(w: World, visit: Visitor) -> None:
    price(Service.SEND, "noi_huyen", (0, 100), 26_000, date(2021, 4, 20))
    price(Service.SEND, "noi_huyen", (0, 100), 99_000, timezone.localdate() + timedelta(days=20))
    page = visit(f"/thu-tuc/{w.version.procedure.code}/")
    assert "/gia-cuoc/" in [a.get("href") for a in page.all('//a[contains(@class, "dv-level--post")]')]
    assert "26.000 ₫" in page.text
    assert "99.000 ₫" not in page.text


def test_without_a_price_list_the_page_says_so(visit: Visitor) -> None:
    assert "Chưa có bảng giá nào" in visit("/gia-cuoc/").text
