"""The public results by unit and month: the figures of table 07a, counted beforehand, open to everyone."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from django.core.cache import cache
from django.utils import timezone

from baocao import closing, publishing
from baocao.models import PublicPeriod, UnitMonth
from baocao.periods import Periods
from baocao.reports.layouts import ON_TIME, RECEIVED, RESOLVED
from baocao.reports.on_time import OnTime
from hoso.models import Dossier
from portal.services import figures as home_figures
from tests.baocao.conftest import Book
from tests.factories import World, moment
from tests.page import Visitor, text_of

NOW = moment("2026-11-24 08:00")


@pytest.fixture
def history(book: Book, w: World, at: Callable[[str], datetime]) -> None:
    """Dossiers of several months, agencies and kinds; the clock stands at NOW."""
    at("2026-11-24 08:00")
    for number, (accepted, due, decided, more) in enumerate(
        [
            ("2026-09-20 09:00", "2026-10-01 17:00", "2026-09-30 10:00", {}),
            (
                "2026-09-20 09:00",
                "2026-10-01 17:00",
                "2026-10-01 10:00",
                {"channel": "online", "online_level": 4},
            ),
            ("2026-09-20 09:00", "2026-10-01 17:00", "2026-10-05 10:00", {"agency": w.other_commune}),
            ("2026-10-16 09:00", "2026-10-26 17:00", "2026-10-20 10:00", {"agency": w.department}),
            ("2026-10-16 09:00", "2026-10-26 17:00", None, {"channel": "post"}),
            ("2026-11-16 09:00", "2026-11-26 17:00", "2026-11-20 10:00", {}),
        ]
    ):
        steps = [("decide", moment(decided), "decided", None)] if decided else []
        book.write(moment(accepted), moment(due), *steps, **more)
        assert number < 10
    Dossier.objects.update(summary="")


def published(period: str) -> dict[str, tuple[int, ...]]:
    rows = UnitMonth.objects.filter(period=period).select_related("agency")
    return {r.agency.key: (r.received, r.online, r.early, r.on_time, r.overdue) for r in rows}


def counted(w: World, period: str) -> dict[str, tuple[int, ...]]:
    month = Periods().get(period)
    assert month is not None
    rows = OnTime(month, w.province, now=timezone.now()).rows_by_agency()
    return {
        row.key: (
            row.tally.get(*RECEIVED[:4]),
            row.tally.get("full", "partial"),
            row.tally.get("early"),
            row.tally.get(*ON_TIME),
            row.tally.get("overdue"),
        )
        for row in rows
    }


def test_every_published_month_is_table_07a(history: None, w: World) -> None:
    publishing.publish(timezone.now())
    months = list(PublicPeriod.objects.values_list("period", flat=True))
    assert months[:3] == ["2026-12", "2026-11", "2026-10"]
    assert len(months) == publishing.MONTHS
    for month in months:
        assert published(month) == counted(w, month), month
    assert published("2026-10")["UBND_X1"] == (2, 1, 1, 1, 0)
    assert published("2026-10")["UBND_X2"] == (1, 0, 0, 0, 1)


def test_the_home_page_tells_the_same_of_the_last_whole_month(
    history: None, w: World, visit: Visitor
) -> None:
    cache.clear()
    publishing.publish(timezone.now())
    month = home_figures.last_month()
    period = Periods().get(f"{month.year}-{month.month:02d}")
    assert period is not None
    total = OnTime(period, w.province, now=timezone.now()).total().tally
    assert (month.finished, month.in_time) == (total.get(*RESOLVED), total.get("early", *ON_TIME))
    assert month.finished == 1
    page = visit("/bao-cao/cong-khai/")
    assert page.one("//option[@selected][ancestor::select[@name='ky']]").get("value") == period.key
    assert f"{month.title}" in visit("/").text


def test_a_closed_month_is_published_as_it_was_closed(history: None, w: World, book: Book) -> None:
    report = book.table("2026-10", NOW)
    closing.close(report, by=w.supervisor)
    book.write(
        moment("2026-09-21 09:00"),
        moment("2026-10-01 17:00"),
        ("decide", moment("2026-09-29 09:00"), "decided", None),
    )
    publishing.publish(timezone.now())
    assert published("2026-10")["UBND_X1"] == (2, 1, 1, 1, 0)


def test_only_what_may_have_changed_is_counted_again(history: None) -> None:
    now = timezone.now()
    assert publishing.publish(now) == publishing.MONTHS
    assert publishing.publish(now + timedelta(hours=1)) == publishing.ALWAYS
    assert publishing.publish(now + timedelta(hours=25)) == publishing.ALWAYS + publishing.AT_ONCE


def test_the_page_shows_a_month_by_unit(history: None, w: World, visit: Visitor) -> None:
    assert "Chưa có số liệu" in visit("/bao-cao/cong-khai/").text
    publishing.publish(timezone.now())
    page = visit("/bao-cao/cong-khai/?ky=2026-10", budget=10)
    rows = {
        text_of(row.xpath("./th")[0]): [text_of(cell) for cell in row.xpath("./td")]
        for row in page.all("//tbody/tr")
    }
    assert rows["Tổng số"] == ["3", "1", "3", "1", "1", "1", "66,7%"]
    assert rows[w.other_commune.name] == ["1", "0", "1", "0", "0", "1", "0,0%"]
    assert "Tháng 10/2026, từ 15/09/2026 đến 14/10/2026." in page.text
    only = visit("/bao-cao/cong-khai/?ky=2026-10&cap=xa&ten=phu+ninh")
    assert len(only.all("//tbody/tr")) == 2
    assert "Không có cơ quan nào khớp" in visit("/bao-cao/cong-khai/?ky=2026-10&ten=zzz").text
    assert visit("/bao-cao/cong-khai/?ky=xx&cap=yy&ten=%00&page=99").h1, "điều kiện lạ thì bỏ qua"


def test_a_unit_has_its_months(history: None, w: World, visit: Visitor) -> None:
    publishing.publish(timezone.now())
    page = visit(f"/bao-cao/cong-khai/{w.commune.key}/", budget=8)
    titles = [text_of(head) for head in page.all("//tbody/tr/th")]
    assert titles[0] == "Cộng các tháng"
    assert "Tháng 10/2026" in titles
    assert "không có số liệu" in page.text, "tháng không có hồ sơ nào giải quyết"
    assert f"/co-quan/{w.commune.key}/" in page.links
    assert "Chưa có hồ sơ" in visit(f"/bao-cao/cong-khai/{w.province.key}/").text
    visit("/bao-cao/cong-khai/KHONG_CO/", status=404)


def test_more_units_cost_no_more_queries(history: None, w: World, visit: Visitor) -> None:
    publishing.publish(timezone.now())
    many = len(visit("/bao-cao/cong-khai/?ky=2026-10").queries)
    UnitMonth.objects.exclude(agency=w.commune).delete()
    assert len(visit("/bao-cao/cong-khai/?ky=2026-10").queries) == many
