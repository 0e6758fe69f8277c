"""Journey no. 1 (domain §24): applied for on a phone, papers fetched and the result brought home by post, no visit.

Everything goes through the pages, with the real catalogue. Between pages the tasks of the beat are run as the beat
runs them.
"""

import io
import re
from datetime import timedelta

import pikepdf
from django.utils import timezone
from playwright.sync_api import expect

from buuchinh.services import booking
from config.demo.cast import CITIZEN
from danhmuc.models import ProcedureVersion
from danhmuc.services import calendar_for
from hoso.models import Dossier
from hoso.services import history
from hoso.tasks import deliver_notices, file_papers
from tests.journeys import hands
from tests.journeys.hands import Story, a_file, beside_the_browser, fill_visible, press, search, tick

PROCEDURE = "2.001035"


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
        search(page, typed)
        expect(page.get_by_role("link", name=version.name[:60]).first).to_be_visible()
    page = s.at("citizen", f"/thu-tuc/{PROCEDURE}/")
    s.look(page, "01-thu-tuc")
    hands.begin(s, page, "Ủy ban nhân dân phường Việt Trì")
    s.look(page, "02-cac-buoc")
    day = calendar_for(None).next_working_day(timezone.localdate())
    hands.fill_form(s, page, {"visit_date_d": day.day, "visit_date_m": day.month, "visit_date_y": day.year})
    hands.attach(s, page, a_file("giấy tờ chụp.pdf"))
    s.look(page, "03-giay-to")
    hands.choose_ways(s, page, papers_by="post", return_by="post")
    s.look(page, "04-buu-chinh")
    press(page, "Lưu và tiếp tục")
    s.look(page, "05-kiem-tra")
    hands.file_it(s, page)
    expect(page.get_by_role("heading", level=1)).to_have_text("Đã nộp hồ sơ")
    text = page.locator("main").inner_text()
    assert s.ref in text
    for document in s.dossier.documents.filter(kind="upload"):
        assert document.sha256 in text
    s.look(page, "06-da-nop")
    assert s.dossier.state == "submitted"


def the_desk_accepts(s: Story) -> None:
    page = s.at("desk_officer", "/mot-cua/")
    hands.follow(page, re.compile("Trực tuyến mới"))
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
        with page.expect_navigation():
            fresh.last.click()
    found = re.search(r"\b\d{6}\b", page.locator("main").inner_text())
    assert found
    page = s.at("desk_officer", "/buu-chinh/ban-giao/")
    hands.follow(page, "Kiểm đếm")
    for box in page.locator("main form input[type=checkbox]").all():
        tick(box)
    page.fill("input[name=code]", found.group(0))
    s.look(page, name)
    press(page, "Xác nhận bàn giao")


def officers_decide(s: Story) -> None:
    s.step("desk_officer", "ban-giao/", "Bàn giao")
    page = s.at("division_head", "/mot-cua/")
    s.look(page, "30-lanh-dao-phong")
    hands.officers_decide(
        s,
        opinion="Hợp đồng đủ điều kiện chứng thực",
        decision="Chứng thực hợp đồng theo đề nghị.",
        looks=("31-phan-cong", "32-thu-ly", "33-ky"),
    )
    dossier = s.dossier
    assert (dossier.state, dossier.outcome, dossier.timeliness in {"EARLY", "ON_TIME"}) == (
        "decided",
        "granted",
        True,
    )
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
    with page.expect_navigation():
        page.locator(".dv-commit button").last.click()
    expect(page.locator(".dv-errors")).to_have_count(0)
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
    with page.expect_navigation():
        figure.click()
    expect(page.get_by_text(dossier.code.rsplit("-", 1)[-1]).first).to_be_visible()
    s.look(page, "61-danh-sach-sau-so-lieu")
    assert dossier.completed_at - dossier.created_at < timedelta(hours=1)
