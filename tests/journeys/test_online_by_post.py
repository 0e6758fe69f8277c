"""Journey no. 1 (domain §24): applied for on a phone, papers fetched and the result brought home by post, no visit.

Everything goes through the pages, with the real catalogue. Between pages the tasks of the beat are run as the beat
runs them.
"""

import io
import re
import threading
from collections.abc import Callable
from datetime import timedelta
from random import Random
from typing import Any

import pikepdf
import pytest
from django.db import connections
from django.utils import timezone
from playwright.sync_api import Browser, Locator, Page, expect

from buuchinh.services import booking, tracking
from config.demo.cast import CITIZEN, NAMED, gather
from danhmuc.models import Agency, ProcedureVersion, User
from danhmuc.services import calendar_for
from hoso.models import Dossier
from hoso.services import history
from hoso.tasks import deliver_notices, file_papers
from tests.conftest import SIZES
from tests.journeys.hands import fill_visible

PROCEDURE = "2.001035"
SIGN_IN = {role: username for username, _, role, _, _ in NAMED}


@pytest.fixture
def people(catalogue: None, transactional_db: None) -> dict[str, User]:
    """The named people of the demo, by role, on the whole catalogue."""
    from tests import catalogue as reference_data

    reference_data.put_in()
    gather(Random(1), offices=1, citizens=3, on=timezone.localdate(), say=lambda line: None)
    tracking.open_pool(Agency.objects.get(key="BD_TINH"), first=1, last=9999)
    # A level-2 account owes no fee these months (TT 117/2026/TT-BTC); this story is about one that the post collects.
    User.objects.filter(username=CITIZEN[0]).update(eid_level=1)
    found = {role: User.objects.get(username=username) for role, username in SIGN_IN.items()}
    return found | {"citizen": User.objects.get(username=CITIZEN[0])}


class Story:
    """One browser context a person, as people have their own machines."""

    def __init__(
        self, chromium: Browser, base_url: str, people: dict[str, User], enter: Any, shoot: Any, axe: Any
    ) -> None:
        self.chromium, self.base_url, self.people = chromium, base_url, people
        self.enter, self._shoot, self._axe = enter, shoot, axe
        self.pages: dict[str, Page] = {}
        self.ref = ""

    def at(self, who: str, path: str) -> Page:
        """The page a person looks at; signed in on the first look (a guest never is)."""
        if who not in self.pages:
            phone = who in {"citizen", "guest", "post_carrier"}
            context = self.chromium.new_context(
                base_url=self.base_url, locale="vi-VN", viewport=SIZES["390" if phone else "1366"]
            )
            self.pages[who] = context.new_page()
            if who != "guest":
                self.enter(self.people[who], context)
        page = self.pages[who]
        page.goto(path)
        return page

    def dossier_at(self, who: str, slug: str = "") -> Page:
        """A page of the dossier in the back office."""
        return self.at(who, f"/mot-cua/ho-so/{self.ref}/{slug}")

    def look(self, page: Page, name: str) -> None:
        """Pictures at both widths, and no accessibility violation."""
        self._shoot(page, f"hanh-trinh-{name}")
        self._axe(page)

    @property
    def dossier(self) -> Dossier:
        """As it now is in the database."""
        return Dossier.objects.get(submission_ref=self.ref)

    def close(self) -> None:
        """Leave no browser behind."""
        for page in self.pages.values():
            page.goto("about:blank")  # what was still being fetched is let go before the database goes
            page.context.close()


@pytest.fixture
def story(chromium: Browser, live_server: Any, people: dict[str, User], shoot: Any, axe: Any) -> Any:
    """The actors on their machines."""
    from django.conf import settings
    from django.test import Client

    def enter(user: User, context: Any) -> None:
        client = Client()
        client.force_login(user)
        value = client.cookies[settings.SESSION_COOKIE_NAME].value
        context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": value, "url": live_server.url}])

    told = Story(chromium, live_server.url, people, enter, shoot, axe)
    yield told
    told.close()


def tick(box: Locator) -> None:
    """Tick a box or choose an answer, also one that a pinned bar covers or whose own square is hidden."""
    if not box.is_checked():
        box.dispatch_event("click")


def press(page: Page, name: str) -> None:
    """Press a button of the page's main part and wait for the answer."""
    page.locator("main, .dv-commit").get_by_role("button", name=name).last.click()
    page.wait_for_load_state()
    problems = page.locator(".dv-errors")
    assert problems.count() == 0, problems.inner_text()


def a_file(name: str) -> dict[str, Any]:
    """A one-page PDF as a phone would send it."""
    data = io.BytesIO()
    with pikepdf.new() as document:
        document.add_blank_page(page_size=(595, 842))
        document.save(data)
    return {"name": name, "mimeType": "application/pdf", "buffer": data.getvalue()}


def test_a_dossier_travels_from_a_phone_to_the_months_table(story: Story) -> None:
    apply_on_a_phone(story)
    the_desk_accepts(story)
    papers_come_by_post(story)
    officers_decide(story)
    the_result_goes_home(story)
    everybody_sees_it(story)
    assert list(history.problems(Dossier.objects.all())) == []


def apply_on_a_phone(s: Story) -> None:
    version = ProcedureVersion.objects.get(procedure__code=PROCEDURE, status="published")
    for typed in ("chung thuc giao dich dong san", "chứng thực giao dịch động sản"):
        page = s.at("guest", "/")
        page.get_by_role("searchbox").first.fill(typed)
        page.keyboard.press("Enter")
        page.wait_for_load_state()
        expect(page.get_by_role("link", name=version.name[:60]).first).to_be_visible()
    page = s.at("citizen", f"/thu-tuc/{PROCEDURE}/")
    s.look(page, "01-thu-tuc")
    page.get_by_role("link", name="Nộp hồ sơ trực tuyến").first.click()
    page.wait_for_load_state()
    page.select_option("select[name=agency]", label="Ủy ban nhân dân phường Việt Trì")
    page.locator("main form button").first.click()
    page.wait_for_load_state()
    s.ref = page.url.rstrip("/").rsplit("/", 1)[-1]
    s.look(page, "02-cac-buoc")
    day = calendar_for(None).next_working_day(timezone.localdate())
    sections = [a.get_attribute("href") or "" for a in page.locator('main a[href*="/to-khai/"]').all()]
    for href in dict.fromkeys(sections):
        page.goto(href)
        for _ in range(4):  # an answer may open further questions on the same page
            if href not in page.url:
                break
            fill_visible(page, {"visit_date_d": day.day, "visit_date_m": day.month, "visit_date_y": day.year})
            press(page, "Lưu và tiếp tục")
    page.goto(f"/nop-ho-so/{s.ref}/giay-to/")
    for field in page.locator("input[type=file]").all():
        field.set_input_files([a_file("giấy tờ chụp.pdf")])
    expect(page.get_by_text("Đã tải lên xong.")).to_be_visible()
    press(page, "Lưu và tiếp tục")
    page.goto(f"/nop-ho-so/{s.ref}/giay-to/")
    s.look(page, "03-giay-to")
    page.goto(f"/nop-ho-so/{s.ref}/buu-chinh/")
    tick(page.locator('input[name=papers_by][value="post"]'))
    tick(page.locator('input[name=return_by][value="post"]'))
    s.look(page, "04-buu-chinh")
    press(page, "Lưu và tiếp tục")
    page.goto(f"/nop-ho-so/{s.ref}/kiem-tra/")
    s.look(page, "05-kiem-tra")
    page.check("input[name=declared]")
    press(page, "Nộp hồ sơ")
    expect(page.get_by_role("heading", level=1)).to_have_text("Đã nộp hồ sơ")
    text = page.locator("main").inner_text()
    assert s.ref in text
    for document in s.dossier.documents.filter(kind="upload"):
        assert document.sha256 in text
    s.look(page, "06-da-nop")
    assert s.dossier.state == "submitted"


def the_desk_accepts(s: Story) -> None:
    page = s.at("desk_officer", "/mot-cua/")
    page.get_by_role("link", name=re.compile("Trực tuyến mới")).first.click()
    page.wait_for_load_state()
    expect(page.get_by_role("link", name=re.compile(s.ref[-6:])).first).to_be_visible()
    s.look(page, "10-hop-viec")
    page = s.dossier_at("desk_officer")
    expect(page.get_by_text("08 giờ làm việc").first).to_be_visible()
    s.look(page, "11-ho-so-moi")
    page = s.dossier_at("desk_officer", "tiep-nhan/")
    page.check("input[name=eid_checked]")
    s.look(page, "12-tiep-nhan")
    press(page, "Tiếp nhận và cấp giấy hẹn")
    dossier = s.dossier
    assert re.fullmatch(r"H44[.\d]*-\d{6}-\d{4}", dossier.code)
    slip = dossier.papers.get(kind="acceptance_slip")
    answer = page.request.get(f"/mot-cua/phieu/{slip.pk}/")
    with pikepdf.open(io.BytesIO(answer.body())) as pdf:
        box = [float(v) for v in pdf.pages[0].mediabox]
    assert (round(box[2] / 72 * 25.4), round(box[3] / 72 * 25.4)) == (148, 210)
    beside_the_browser(deliver_notices)
    beside_the_browser(file_papers)


def beside_the_browser(task: Callable[[], Any]) -> None:
    """Run a task of the beat in a thread of its own: the browser's event loop lives in this one."""
    failed: list[BaseException] = []

    def run() -> None:
        try:
            task()
        except BaseException as error:
            failed.append(error)
        finally:
            connections.close_all()

    thread = threading.Thread(target=run)
    thread.start()
    thread.join(120)
    assert not failed, failed


def papers_come_by_post(s: Story) -> None:
    assert booking.book_due() == 1
    parcel = s.dossier.parcels.get()
    assert parcel.carrier == s.people["post_carrier"]
    page = s.at(
        "post_carrier", "/buu-chinh/ngay-mai/" if parcel.wished_on > timezone.localdate() else "/buu-chinh/"
    )
    expect(page.get_by_text(CITIZEN[1]).first).to_be_visible()
    s.look(page, "20-viec-buu-ta")
    page = s.at("post_carrier", f"/buu-chinh/buu-gui/{parcel.pk}/nhan/")
    for box in page.locator("input[name=papers], input[name=identity_checked]").all():
        tick(box)
    tick(page.locator("input[name=pay][value=cash]"))
    s.look(page, "21-nhan-ho-so")
    press(page, "Đã nhận đủ")
    charge = s.dossier.charges.get()
    assert (charge.status, charge.amount) == ("paid", 50_000)
    meet_at_the_desk(s, "22-kiem-dem")
    assert s.dossier.paper_check == "received"
    page = s.dossier_at("desk_officer", "doi-chieu/")
    for choice in page.locator('main input[type=radio][value="yes"]').all():
        tick(choice)
    s.look(page, "23-doi-chieu")
    press(page, "Ghi kết quả đối chiếu")
    assert s.dossier.paper_check == "matched"


def meet_at_the_desk(s: Story, name: str) -> None:
    """Joint count: the carrier reads six digits aloud, the officer types them; both have signed."""
    page = s.at("post_carrier", "/buu-chinh/ma-ban-giao/")
    fresh = page.locator("main, .dv-commit").get_by_role("button")
    if fresh.count():
        fresh.last.click()
        page.wait_for_load_state()
    found = re.search(r"\b\d{6}\b", page.locator("main").inner_text())
    assert found
    page = s.at("desk_officer", "/buu-chinh/ban-giao/")
    page.get_by_role("link", name="Kiểm đếm").first.click()
    page.wait_for_load_state()
    for box in page.locator("main form input[type=checkbox]").all():
        tick(box)
    page.fill("input[name=code]", found.group(0))
    s.look(page, name)
    press(page, "Xác nhận bàn giao")


def officers_decide(s: Story) -> None:
    page = s.dossier_at("desk_officer", "ban-giao/")
    press(page, "Bàn giao")
    page = s.at("division_head", "/mot-cua/")
    s.look(page, "30-lanh-dao-phong")
    press(s.dossier_at("division_head", "ky-nhan/"), "Ký nhận")
    page = s.dossier_at("division_head", "phan-cong/")
    tick(page.get_by_label(s.people["case_officer"].full_name).first)
    s.look(page, "31-phan-cong")
    press(page, "Phân công")
    page = s.dossier_at("case_officer", "hoan-thanh-buoc/")
    page.fill("[name=result]", "Hợp đồng đủ điều kiện chứng thực")
    s.look(page, "32-thu-ly")
    press(page, "Hoàn thành")
    page = s.dossier_at("approver", "ky-ket-qua/")
    tick(page.locator('input[name=outcome][value="granted"]'))
    page.fill("[name=body]", "Chứng thực hợp đồng theo đề nghị.")
    s.look(page, "33-ky")
    press(page, "Ký kết quả")
    dossier = s.dossier
    assert (dossier.state, dossier.outcome, dossier.timeliness in {"EARLY", "ON_TIME"}) == (
        "decided",
        "granted",
        True,
    )
    press(s.dossier_at("records_clerk", "phat-hanh/"), "Phát hành")
    beside_the_browser(file_papers)
    result = s.dossier.papers.get(kind="result")
    assert result.document is not None
    assert result.document.signatures
    s.look(s.dossier_at("case_officer"), "34-ho-so")


def the_result_goes_home(s: Story) -> None:
    assert booking.book_due() == 1
    meet_at_the_desk(s, "40-giao-ket-qua")
    parcel = s.dossier.parcels.get(leg="return")
    page = s.at("post_carrier", f"/buu-chinh/buu-gui/{parcel.pk}/phat/")
    s.look(page, "41-phat-ket-qua")
    fill_visible(page, {"is_owner": "1"})
    tail = page.locator("input[name=id_tail]")
    if tail.count():
        tail.fill(CITIZEN[2][-4:])
    for box in page.locator("main form input[type=checkbox]").all():
        if box.is_visible() and not box.is_checked():
            tick(box)
    page.locator(".dv-commit button").last.click()
    page.wait_for_load_state()
    assert page.locator(".dv-errors").count() == 0, page.locator(".dv-errors").inner_text()
    assert s.dossier.state == "completed"


def everybody_sees_it(s: Story) -> None:
    dossier = s.dossier
    page = s.at("citizen", f"/ho-so-cua-toi/{s.ref}/")
    expect(page.get_by_text("Đã trả kết quả").first).to_be_visible()
    s.look(page, "50-theo-doi")
    page = s.at("guest", f"/tra-cuu/?ma={dossier.code}")
    page.fill("input[name=so]", dossier.phone[-4:])
    press(page, "Tra cứu")
    text = page.locator("main").inner_text()
    assert dossier.code.rsplit("-", 1)[-1] in text
    for secret in (dossier.owner_name, dossier.owner_id, dossier.phone[3:], "giấy tờ chụp"):
        assert secret not in text
    s.look(page, "51-tra-cuu")
    page = s.at("supervisor", "/bao-cao/bieu/")
    s.look(page, "60-bieu-07a")
    figure = page.locator("table a", has_text=re.compile(r"^1$")).first
    expect(figure).to_be_visible()
    figure.click()
    page.wait_for_load_state()
    expect(page.get_by_text(dossier.code.rsplit("-", 1)[-1]).first).to_be_visible()
    s.look(page, "61-danh-sach-sau-so-lieu")
    assert dossier.completed_at - dossier.created_at < timedelta(hours=1)
