"""Level 4, wholly online: found, applied for, paid, signed, downloaded, verified and rated from one phone."""

import re

import pypdfium2
from django.core import mail
from playwright.sync_api import expect

from danhmuc.models import ProcedureVersion
from hoso.models import Dossier
from hoso.services import history
from hoso.tasks import deliver_notices, file_papers, return_electronically
from tests.journeys import hands
from tests.journeys.hands import Story, a_photo, beside_the_browser, fill_visible, follow, press, search

PROCEDURE = "1.001612"
HOME = "Ủy ban nhân dân phường Việt Trì"


def test_a_shop_is_registered_without_leaving_the_counter(story: Story) -> None:
    find_and_apply(story)
    the_desk_accepts(story)
    pay(story)
    officers_decide(story)
    result = the_result_is_downloaded(story)
    anyone_verifies(story, result)
    rate(story)
    assert list(history.problems(Dossier.objects.all())) == []


def find_and_apply(s: Story, *, script: bool = True) -> None:
    version = ProcedureVersion.objects.get(procedure__code=PROCEDURE, status="published")
    page = s.open("citizen", script=script)
    page.goto("/")
    s.look(page, "01-trang-chu")
    search(page, "muon mo cua hang")
    s.look(page, "02-tim-thay")
    follow(page, re.compile("xem lần lượt các thủ tục"))
    s.look(page, "03-viec-mo-cua-hang")
    follow(page, re.compile(version.name))
    s.look(page, "04-thu-tuc")
    hands.begin(s, page, HOME)
    s.look(page, "05-cac-buoc")
    hands.fill_form(s, page, {"industry_main": "True"})
    hands.attach(s, page, a_photo("IMG_2041.jpg"), a_photo("IMG_2042.jpg"), boxes=1)
    s.look(page, "06-giay-to")
    hands.choose_ways(s, page, return_by="electronic")
    s.look(page, "07-nhan-ket-qua")
    press(page, "Lưu và tiếp tục")
    s.look(page, "08-kiem-tra")
    hands.file_it(s, page)
    expect(page.get_by_role("heading", level=1)).to_have_text("Đã nộp hồ sơ")
    s.look(page, "09-da-nop")


def the_desk_accepts(s: Story) -> None:
    page = s.at("desk_officer", "/mot-cua/")
    follow(page, re.compile("Trực tuyến mới"))
    follow(page, re.compile(s.ref[-6:]))
    s.look(page, "10-ho-so-moi")
    checked = ["input[name=eid_checked]"]
    s.step("desk_officer", "tiep-nhan/", "Tiếp nhận và cấp giấy hẹn", choose=checked, look="11-tiep-nhan")
    beside_the_browser(deliver_notices)
    assert s.dossier.code in mail.outbox[-1].body


def pay(s: Story) -> None:
    """Through the gateway, whose server calls ours back; the receipt is there at once."""
    page = s.at("citizen", f"/ho-so-cua-toi/{s.ref}/")
    s.look(page, "20-can-nop-phi")
    follow(page, "Nộp tiền")
    s.look(page, "21-khoan-phai-nop")
    press(page, "Nộp tiền")
    s.look(page, "22-cong-thanh-toan")
    press(page, "Thanh toán thành công")
    expect(page.get_by_role("heading", level=1)).to_have_text("Đã nộp tiền")
    s.look(page, "23-da-nop-tien")
    charge = s.dossier.charges.get()
    assert (charge.status, charge.amount) == ("paid", 150_000)
    receipt = page.get_by_role("link", name="Tải biên lai").get_attribute("href") or ""
    assert page.request.get(receipt).body().startswith(b"%PDF")


def officers_decide(s: Story) -> None:
    s.step("desk_officer", "ban-giao/", "Bàn giao")
    hands.officers_decide(
        s,
        opinion="Tên, địa chỉ, ngành nghề phù hợp quy định; đủ điều kiện cấp.",
        decision="Cấp Giấy chứng nhận đăng ký hộ kinh doanh cho bà Nguyễn Thị Thanh Hương.",
        looks=("", "30-thu-ly", "31-ky"),
    )
    for task in (file_papers, return_electronically, deliver_notices):
        beside_the_browser(task)


def the_result_is_downloaded(s: Story) -> bytes:
    told = [letter for letter in mail.outbox if s.people["citizen"].email in letter.to]
    assert f"/ho-so-cua-toi/{s.ref}/" in told[-1].body
    page = s.at("citizen", "/ho-so-cua-toi/?xem=xong")
    s.look(page, "40-ho-so-cua-toi")
    follow(page, re.compile("hộ kinh doanh"))
    s.look(page, "41-co-ket-qua")
    link = page.get_by_role("link", name="Tải kết quả").get_attribute("href") or ""
    result = page.request.get(link).body()
    document = s.dossier.papers.get(kind="result").document
    assert document is not None
    assert [signature["intact"] for signature in document.signatures] == [True, True]
    return result


def anyone_verifies(s: Story, result: bytes) -> None:
    """A bank clerk scans the code on the paper, and compares the file the shopkeeper sent."""
    pages = pypdfium2.PdfDocument(result)
    words = "".join(pages[n].get_textpage().get_text_range() for n in range(len(pages)))
    found = re.search(r"Mã xác minh:\s*(\w{9})", words)
    assert found
    page = s.at("guest", f"/xac-minh/{found.group(1)}/")
    expect(page.get_by_role("heading", level=1)).to_have_text("Văn bản có trong hệ thống")
    expect(page.get_by_text("nguyên vẹn").first).to_be_visible()
    expect(page.locator("main")).not_to_contain_text(s.dossier.owner_name)
    page.set_input_files(
        "input[name=tep]", {"name": "ket-qua.pdf", "mimeType": "application/pdf", "buffer": result}
    )
    press(page, "So sánh")
    expect(page.get_by_text("đúng từng byte")).to_be_visible()
    s.look(page, "50-xac-minh")


def rate(s: Story) -> None:
    page = s.at("citizen", f"/ho-so-cua-toi/{s.ref}/")
    follow(page, "Đánh giá")
    fill_visible(page, {"remark": "Nhanh, không phải nghỉ bán buổi nào."})
    s.look(page, "60-danh-gia")
    press(page, "Gửi ý kiến")
    expect(page.get_by_text("Cảm ơn ông/bà")).to_be_visible()
    s.look(page, "61-da-xong")


def test_the_same_phone_without_script_files_it_too(story: Story) -> None:
    find_and_apply(story, script=False)
    assert story.dossier.state == "submitted"
    assert story.dossier.documents.filter(kind="upload").count() == 1
