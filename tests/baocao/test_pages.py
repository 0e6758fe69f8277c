"""Who may open which figures, that every figure opens its list, and that a month is closed from its page."""

import re
from collections.abc import Callable
from datetime import date, datetime
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from playwright.sync_api import expect

from baocao.models import Snapshot
from danhmuc.models import AgencySuccession
from danhmuc.roles import Role
from hoso.models import State
from hoso.services.dossiers import advance
from tests.baocao.conftest import Book
from tests.factories import World, agency, dossier_at, moment, officer
from tests.page import Visitor, text_of

OCTOBER = "?ky=2026-10"
PAGES = ("home", "table", "agency", "closings")


@pytest.fixture
def office(w: World, book: Book, at: Callable[[str], datetime]) -> World:
    """Dossiers of September and October, seen on 24/11."""
    at("2026-09-21 09:00")
    dossier_at(w, State.DECIDED)
    dossier_at(w, State.ON_HOLD)
    w.more["wrong"] = dossier_at(w, State.PROCESSING)
    book.write(moment("2026-10-01 08:00"), moment("2026-10-08 17:00"), agency=w.department)
    w.more["division_head_of_department"] = officer("Lý Văn An", Role.DIVISION_HEAD, w.department)
    at("2026-11-24 08:00")
    return w


def status_of(client: Client, address: str) -> int:
    """The status of an answer; a file is read to its end, so that it is closed."""
    answer = client.get(address)
    if answer.streaming:
        assert b"".join(answer.streaming_content)
    return answer.status_code


READERS = {
    "supervisor": 200,
    "approver": 200,
    "division_head": 200,
    "desk_head": 200,
    "case_officer": 403,
    "desk_officer": 403,
    "clerk": 403,
    "cashier": 403,
    "system_admin": 403,
    "carrier": 403,
    "citizen": 403,
}


@pytest.mark.parametrize("who", READERS)
def test_who_may_read(office: World, visit: Visitor, who: str) -> None:
    client = visit.client(getattr(office, who))
    for name in (*PAGES, "xlsx"):
        assert status_of(client, reverse(f"baocao:{name}") + OCTOBER) == READERS[who], name


def test_strangers_are_asked_to_sign_in(office: World, visit: Visitor) -> None:
    assert visit.client().get(reverse("baocao:home")).status_code == 302


@pytest.mark.parametrize(
    ("who", "whose", "status"),
    [
        ("supervisor", "SO_TP", 200),
        ("supervisor", "UBND_X2", 200),
        ("supervisor", "BD_TINH", 404),
        ("approver", "UBND_X1", 200),
        ("approver", "UBND_X2", 404),
        ("approver", "UBND_TINH", 404),
        ("desk_head", "UBND_X1", 200),
        ("desk_head", "SO_TP", 404),
        ("approver", "KHONG_CO", 404),
    ],
)
def test_another_agency_is_not_found(
    office: World, visit: Visitor, who: str, whose: str, status: int
) -> None:
    client = visit.client(getattr(office, who))
    for name in ("table", "agency", "xlsx"):
        assert status_of(client, f"{reverse(f'baocao:{name}')}{OCTOBER}&don_vi={whose}") == status


@pytest.mark.parametrize("query", ["?ky=2026-99", "?ky=2027-06", "?ky=x"])
def test_a_period_that_cannot_be_is_not_found(office: World, visit: Visitor, query: str) -> None:
    visit(reverse("baocao:table") + query, office.supervisor, status=404)


def test_every_figure_opens_the_list_that_contains_it(office: World, visit: Visitor) -> None:
    """Each linked number of both tables: as many dossiers as it says (the issue's acceptance)."""
    page = visit(reverse("baocao:table") + OCTOBER, office.supervisor)
    links = page.all("//td[contains(@class, 'num')]/a")
    assert len(links) > 12
    for link in links:
        listed = visit(str(link.get("href")), office.supervisor)
        assert f"{text_of(link)} hồ sơ" in listed.text, link.get("href")
        assert len(listed.all("//table/tbody/tr")) == int(text_of(link))


def test_main_figures_open_their_lists(office: World, visit: Visitor) -> None:
    page = visit(reverse("baocao:table") + OCTOBER, office.supervisor)
    links = page.all("//ul[@class='dv-kpis']//a")
    assert len(links) == 6
    for link in links:
        visit(str(link.get("href")), office.supervisor)


def test_lists_name_nobody(office: World, visit: Visitor) -> None:
    page = visit(reverse("baocao:dossiers") + OCTOBER + "&cot=3", office.supervisor)
    assert "4 hồ sơ" in page.text
    assert office.citizen.full_name not in page.html


def test_a_list_leads_only_to_dossiers_one_may_open(office: World, visit: Visitor) -> None:
    """A head reads the figures of the own agency; another desk's dossier is counted but not opened."""
    page = visit(reverse("baocao:dossiers") + OCTOBER + "&cot=3", office.desk_head)
    opened = [href for href in page.links if "/mot-cua/ho-so/" in href]
    assert len(opened) == 3
    page = visit(reverse("baocao:dossiers") + OCTOBER + "&cot=99", office.supervisor, status=404)


def test_lists_are_paged(office: World, book: Book, visit: Visitor) -> None:
    for _ in range(60):
        book.write(moment("2026-10-02 08:00"), moment("2026-10-08 17:00"))
    page = visit(reverse("baocao:dossiers") + OCTOBER + "&cot=3", office.supervisor)
    assert len(page.all("//table/tbody/tr")) == 50
    assert "64 hồ sơ" in page.text
    second = visit(reverse("baocao:dossiers") + OCTOBER + "&cot=3&trang=2", office.supervisor)
    assert len(second.all("//table/tbody/tr")) == 14


def test_cost_does_not_grow_with_the_dossiers(office: World, book: Book, visit: Visitor) -> None:
    addresses = [reverse(f"baocao:{name}") + OCTOBER for name in PAGES]
    addresses += [reverse("baocao:dossiers") + OCTOBER + "&cot=3", reverse("baocao:watch") + "?muc=qua-han"]
    few = [len(visit(address, office.supervisor).queries) for address in addresses]
    for _ in range(20):
        book.write(moment("2026-10-02 08:00"), moment("2026-10-08 17:00"))
    assert [len(visit(address, office.supervisor).queries) for address in addresses] == few


@pytest.mark.parametrize(
    "muc", ["qua-han", "gia-han", "qua-han-lan-dau", "bo-sung-nhieu-lan", "cho-tra-30-ngay"]
)
def test_lists_to_watch_hold_as_many_as_their_counters_say(office: World, visit: Visitor, muc: str) -> None:
    page = visit(reverse("baocao:agency") + OCTOBER, office.supervisor)
    address = f"{reverse('baocao:watch')}?ky=2026-10&don_vi=UBND_TINH&muc={muc}"
    listed = visit(address, office.supervisor)
    count = re.search(r"(\d+) hồ sơ", listed.text)
    assert count is not None
    row = next(r for r in page.all("//tr") if listed.h1 in text_of(r))
    assert text_of(row).endswith(count[1])
    expected = {"qua-han": 2, "cho-tra-30-ngay": 1}
    assert int(count[1]) == expected.get(muc, 0)


def test_closing_a_month(office: World, visit: Visitor) -> None:
    """Offered to those answerable, once; the page then says who closed it, and shows what changed since."""
    address = reverse("baocao:table") + OCTOBER
    assert visit(address, office.supervisor).button("Chốt số liệu tháng 10/2026") is not None
    asked = visit(f"{reverse('baocao:close')}{OCTOBER}", office.supervisor, follow=True)  # by “back”
    assert asked.button("Chốt số liệu tháng 10/2026") is not None
    page = visit.post(reverse("baocao:close"), {"ky": "2026-10", "don_vi": "UBND_TINH"}, office.supervisor)
    assert "Đã chốt tháng 10/2026" in page.text
    assert Snapshot.objects.get().closed_by == office.supervisor
    page = visit(address, office.supervisor)
    assert "khớp với số liệu đã chốt" in page.text
    assert not page.all("//form[@action='/bao-cao/bieu/chot/']")
    advance(office.more["wrong"].pk, "void", by=office.desk_head, note="Nhập trùng hồ sơ.")
    page = visit(address, office.supervisor)
    assert "Kỳ này có đính chính sau khi chốt" in page.text
    assert "Biểu đã chốt" in page.text
    assert office.more["wrong"].code in page.text
    listed = visit(reverse("baocao:closings"), office.supervisor)
    assert "Nguyên vẹn" in listed.text


@pytest.mark.parametrize(
    ("who", "whose", "status"),
    [
        ("approver", "UBND_X1", 200),
        ("desk_head", "UBND_X1", 403),
        ("division_head", "UBND_X1", 403),
        ("case_officer", "UBND_X1", 403),
        ("supervisor", "UBND_X1", 403),
        ("approver", "UBND_X2", 404),
    ],
)
def test_who_may_close(office: World, visit: Visitor, who: str, whose: str, status: int) -> None:
    """The supervisor answers for the province, an approver for the own agency; nobody for another's."""
    visit.post(
        reverse("baocao:close"), {"ky": "2026-10", "don_vi": whose}, getattr(office, who), status=status
    )
    assert Snapshot.objects.count() == (status == 200)


def test_a_running_month_is_not_closed_by_a_forged_form(office: World, visit: Visitor) -> None:
    page = visit.post(reverse("baocao:close"), {"ky": "2026-12", "don_vi": "UBND_TINH"}, office.supervisor)
    assert "Chưa chốt được" in page.text
    assert not Snapshot.objects.exists()


def test_a_closed_agency_is_read_by_whoever_took_over(office: World, visit: Visitor) -> None:
    district = agency(
        "UBND_H1",
        "Ủy ban nhân dân huyện",
        parent=office.province,
        level="district",
        valid_to=date(2025, 6, 30),
    )
    AgencySuccession.objects.create(old=district, new=office.commune, from_date=date(2025, 7, 1))
    visit(reverse("baocao:table") + "?ky=2025-06&don_vi=UBND_H1", office.approver)


def test_an_empty_period_says_so(office: World, visit: Visitor) -> None:
    page = visit(reverse("baocao:agency") + "?ky=2024-05", office.supervisor)
    assert "không có số liệu" in page.text


@pytest.mark.browser
def test_pages_in_a_browser(
    office: World,
    sign_in: Callable[[Any], Any],
    axe: Callable[[Any], None],
    shoot: Callable[[Any, str], None],
) -> None:
    page = sign_in(office.supervisor)
    for name in PAGES:
        page.goto(reverse(f"baocao:{name}") + OCTOBER)
        axe(page)
        shoot(page, f"bao-cao-{name}")
        axe(page)
    page.goto(reverse("baocao:table") + OCTOBER)
    page.get_by_role("cell").get_by_role("link", name="3", exact=True).first.click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Tiếp nhận trong kỳ")
    axe(page)
    shoot(page, "bao-cao-ho-so")
