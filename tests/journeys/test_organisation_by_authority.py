"""An organisation stands for somebody: its member files with the paper of authority, a colleague follows, others see nothing."""

import re

import pytest
from playwright.sync_api import expect

from hoso.models import Dossier
from hoso.services import history
from tests.factories import organisation
from tests.journeys import hands
from tests.journeys.hands import Story, a_file, a_photo, fill_visible, follow, press, tick

COMPANY = "Công ty TNHH Dịch vụ Hùng Vương"
OWNER = "Hoàng Văn Bình"


@pytest.fixture
def company_of(story: Story) -> Story:
    """The company, one who writes, one who follows, one who has nothing to do with it."""
    company = story.join("company", organisation(COMPANY))
    company.place = story.people["citizen"].place
    company.save()
    story.people |= {"colleague": story.people["congdan1"], "outsider": story.people["congdan2"]}
    return story


def test_a_company_files_for_a_shopkeeper(company_of: Story) -> None:
    s = company_of
    invite_and_accept(s)
    file_for_another(s)
    the_desk_sees_who_stands_for_whom(s)
    a_colleague_follows_and_an_outsider_finds_nothing(s)
    assert list(history.problems(Dossier.objects.all())) == []


def invite_and_accept(s: Story) -> None:
    for who in ("citizen", "colleague"):
        page = s.at("company", "/tai-khoan/to-chuc/")
        page.fill("[name=who]", s.people[who].personal_id)
        tick(page.locator("[name=role][value=member]"))
        press(page, "Gửi lời mời")
        if who == "citizen":
            s.look(page, "01-da-moi")
        page = s.at(who, "/tai-khoan/")
        if who == "citizen":
            s.look(page, "02-co-loi-moi")
        page.goto("/tai-khoan/to-chuc/")
        press(page, "Nhận lời")
        expect(page.get_by_text(f"Ông/bà đã là thành viên của {COMPANY}").first).to_be_visible()
    s.look(s.at("company", "/tai-khoan/to-chuc/"), "03-thanh-vien")


def file_for_another(s: Story) -> None:
    page = s.at("citizen", "/")
    hands.search(page, "đăng ký hộ kinh doanh")
    follow(page, re.compile("^Đăng ký thành lập hộ kinh doanh"))
    hands.begin(s, page, "Ủy ban nhân dân phường Việt Trì")
    expect(page).to_have_url(re.compile("/nop-cho-ai/$"))
    s.look(page, "10-nop-cho-ai")
    tick(page.locator("[name=whom][value=other]"))
    tick(page.get_by_role("radio", name=COMPANY).last)
    page.fill("[name=name]", OWNER)
    page.fill("[name=number]", "025086017777")
    page.fill("[name=note]", "Số 12/GUQ ngày 01/10/2026, chứng thực tại UBND phường Việt Trì")
    page.set_input_files("[name=paper]", a_photo("giay-uy-quyen.jpg"))
    s.look(page, "11-theo-uy-quyen")
    press(page, "Lưu")
    s.look(page, "12-cac-buoc")
    owner = {"head_full_name": OWNER, "head_person_id": "025086017777", "submitter_role": "uy_quyen"}
    hands.fill_form(s, page, owner | {"industry_main": "True"})
    hands.attach(s, page, a_file("hop-dong-thue-nha.pdf"), boxes=1)
    hands.choose_ways(s, page, return_by="electronic")
    press(page, "Lưu và tiếp tục")
    s.look(page, "13-kiem-tra")
    hands.file_it(s, page)
    expect(page.get_by_text("giay-uy-quyen").first).to_be_visible()
    s.look(page, "14-da-nop")
    dossier = s.dossier
    assert dossier.organisation is not None
    assert (dossier.owner_name, dossier.organisation.full_name) == (OWNER, COMPANY)


def the_desk_sees_who_stands_for_whom(s: Story) -> None:
    page = s.dossier_at("desk_officer")
    who = f"{s.people['citizen'].full_name}, thay mặt {COMPANY}, nộp thay theo ủy quyền"
    expect(page.get_by_text(who).first).to_be_visible()
    s.look(page, "20-mot-cua-thay")
    s.step("desk_officer", "tiep-nhan/", "Tiếp nhận và cấp giấy hẹn", choose=["input[name=eid_checked]"])


def a_colleague_follows_and_an_outsider_finds_nothing(s: Story) -> None:
    page = s.at("colleague", "/ho-so-cua-toi/")
    s.look(page, "30-ho-so-cua-to-chuc")
    follow(page, re.compile("hộ kinh doanh"))
    expect(page.get_by_text("Đang giải quyết").first).to_be_visible()
    s.look(page, "31-dong-nghiep-theo-doi")
    follow(page, "Hỏi về hồ sơ này")
    fill_visible(page, {"text": "Công ty gửi thêm bản chụp biển hiệu được không?"})
    press(page, "Gửi")
    s.look(page, "32-trao-doi")
    page = s.at("outsider", f"/ho-so-cua-toi/{s.ref}/")
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    assert OWNER not in page.content()
    answer = page.request.get(f"/ho-so-cua-toi/{s.ref}/")
    assert answer.status == 404
    s.look(page, "33-nguoi-ngoai")
    page.goto("/ho-so-cua-toi/")
    assert s.ref not in page.content()
