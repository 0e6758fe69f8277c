"""Paid before anybody looked, taken back, and the money returned: by transfer there and by transfer back."""

import re

from django.core import mail
from playwright.sync_api import expect

from danhmuc.models import Agency
from danhmuc.roles import Role
from danhmuc.services import desk_for
from hoso.models import Dossier
from hoso.services import history
from hoso.tasks import deliver_notices, file_papers
from tests.factories import officer
from tests.journeys import hands
from tests.journeys.hands import Story, beside_the_browser, follow, press, tick

FEE = 8_000


def test_a_fee_comes_back(story: Story) -> None:
    people_of_the_department(story)
    apply_and_transfer(story)
    the_cashier_takes_the_statement(story)
    withdraw_and_say_where_to(story)
    the_department_decides_and_pays(story)
    the_paper_is_there(story)
    assert list(history.problems(Dossier.objects.all())) == []


def people_of_the_department(s: Story) -> None:
    """Copies of the civil register come from the department of justice; its money goes through the provincial desk."""
    department = Agency.objects.get(key="SO_TP")
    desk = desk_for(department)
    assert desk is not None
    s.join("cashier", officer("Cao Thị Hòa", Role.CASHIER, desk.agency, desk=desk))
    s.join("approver", officer("Đinh Quốc Việt", Role.APPROVER, department))


def apply_and_transfer(s: Story) -> None:
    page = s.at("citizen", "/")
    hands.search(page, "ban sao trich luc khai sinh")
    follow(page, re.compile("Cấp bản sao Trích lục hộ tịch"))
    hands.begin(s, page, "Sở Tư pháp")
    hands.fill_form(s, page)
    page.goto(f"/nop-ho-so/{s.ref}/giay-to/")
    press(page, "Lưu và tiếp tục")
    hands.choose_ways(s, page, papers_by="counter", return_by="counter")
    s.look(page, "01-phi-truoc-khi-nop")
    press(page, "Lưu và tiếp tục")
    hands.file_it(s, page)
    s.look(page, "02-nop-tien-ngay")
    tick(page.locator("input[name=way][value=vietqr]"))
    press(page, "Nộp tiền")
    s.look(page, "03-ma-vietqr")
    page.goto(f"/ho-so-cua-toi/{s.ref}/")
    s.look(page, "04-cho-tien")


def the_cashier_takes_the_statement(s: Story) -> None:
    payment = s.dossier.payments.get()
    text = (
        "Ngày giao dịch,Số tham chiếu,Ghi nợ,Ghi có,Nội dung\n"
        f"25/11/2026,FT26329000001,,{FEE},MBVCB.{payment.reference}.NOP PHI TRICH LUC\n"
    )
    page = s.at("cashier", "/mot-cua/thu-phi/sao-ke/")
    page.set_input_files(
        "input[type=file]", {"name": "sao-ke.csv", "mimeType": "text/csv", "buffer": text.encode()}
    )
    press(page, "Xem trước")
    s.look(page, "10-sao-ke")
    press(page, "Nhập sao kê này")
    assert s.dossier.charges.get().status == "paid"
    page = s.at("citizen", f"/ho-so-cua-toi/{s.ref}/")
    expect(page.get_by_text("Trả lời trước").first).to_be_visible()
    s.look(page, "11-da-nhan-tien")


def withdraw_and_say_where_to(s: Story) -> None:
    page = s.at("citizen", f"/ho-so-cua-toi/{s.ref}/")
    follow(page, "Rút hồ sơ")
    page.fill("[name=note]", "Đã tìm thấy bản sao cũ còn dùng được.")
    page.check("[name=sure]")
    s.look(page, "20-rut")
    press(page, "Rút hồ sơ")
    s.look(page, "21-da-rut")
    follow(page, re.compile("8.000"))
    page.select_option("[name=bank]", label="Agribank")
    page.fill("[name=account]", "2205 1234 5678")
    s.look(page, "22-noi-nhan-tien")
    press(page, "Lưu nơi nhận tiền")
    s.look(page, "23-cho-quyet-dinh")


def the_department_decides_and_pays(s: Story) -> None:
    page = s.at("approver", "/mot-cua/")
    s.look(page, "30-viec-cua-lanh-dao")
    reason = {"note": "Chưa kiểm tra, chưa thụ lý hồ sơ.", "decision_no": "15/QĐ-STP"}
    granted = ['input[name=granted][value="yes"]']
    s.step("approver", "hoan-phi/", "Ký quyết định", choose=granted, say=reason, look="31-quyet-dinh")
    page = s.at("cashier", "/mot-cua/thu-phi/")
    s.look(page, "32-quay-thu-phi")
    s.step("cashier", "chi-tien-hoan/", "Đã chi, ghi chứng từ", say={"reference": "UNC-1207"}, look="33-chi")
    for task in (file_papers, deliver_notices):
        beside_the_browser(task)


def the_paper_is_there(s: Story) -> None:
    assert "8.000" in mail.outbox[-1].body
    page = s.at("citizen", f"/ho-so-cua-toi/{s.ref}/")
    s.look(page, "40-da-hoan")
    follow(page, re.compile("8.000"))
    expect(page.get_by_text("UNC-1207")).to_be_visible()
    s.look(page, "41-hoan-tien")
    page.goto(f"/ho-so-cua-toi/{s.ref}/thanh-toan/")
    s.look(page, "42-bien-lai")
    for receipt in page.get_by_role("link", name=re.compile("Biên lai")).all():
        assert page.request.get(receipt.get_attribute("href") or "").body().startswith(b"%PDF")
    assert [receipt.status for receipt in s.dossier.receipts.all()] == ["cancelled"]
