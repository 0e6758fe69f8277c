"""Feedback: written on a phone without an account, passed to the right agency, answered in time, asked once more."""

import re
from collections.abc import Callable
from datetime import datetime

from playwright.sync_api import Page, expect

from hoso.models import Notice
from portal.models import Feedback
from tests.journeys.hands import Story, a_photo, follow, press, tick

At = Callable[[str], datetime]
NAME, PHONE = "Trần Thị Mận", "0912 345 678"
WORDS = (
    "Sáng 26/11 tôi là Trần Thị Mận, số điện thoại 0912 345 678, mang giấy tờ đến phường Việt Trì để chứng thực "
    "nhưng quầy đóng cửa lúc 10 giờ mà không có giấy báo. Đề nghị cho biết giờ làm việc."
)
ANSWER = (
    "Ủy ban nhân dân phường đã kiểm tra: sáng 26/11/2026 quầy chứng thực nghỉ đột xuất do mất điện, chưa niêm yết. "
    "Phường xin lỗi bà Trần Thị Mận. Giờ làm việc: 07:30–11:30 và 13:00–17:00, thứ Hai đến thứ Sáu."
)


def test_words_find_the_right_ear(story: Story, at: At) -> None:
    at("2026-11-30 08:00")
    write_and_confirm(story)
    at("2026-11-30 10:00")
    the_province_sends_it_on(story)
    at("2026-12-01 09:00")
    the_ward_answers(story, ANSWER, n=20)
    at("2026-12-01 14:00")
    the_answer_is_public_without_the_name(story)
    at("2026-12-02 08:00")
    not_content(story)
    at("2026-12-03 09:00")
    the_ward_answers(story, f"{ANSWER} Từ nay giờ nghỉ đột xuất được báo trên cổng.", n=50)
    at("2026-12-04 08:00")
    content_at_last(story)


def write_and_confirm(s: Story, *, script: bool = True) -> None:
    page = s.open("guest", script=script)
    page.goto("/")
    if script:
        page.locator(".dv-menu summary").click()
    page.get_by_role("link", name="Gửi phản ánh, kiến nghị").last.click()
    s.look(page, "01-gui")
    tick(page.get_by_label("Thái độ, cách làm việc"))
    page.fill("[name=content]", WORDS)
    page.set_input_files("[name=attached]", a_photo("quay-dong-cua.jpg"))
    page.fill("[name=sender_name]", NAME)
    page.fill("[name=phone]", PHONE)
    tick(page.get_by_label("Tôi đồng ý công khai"))
    s.look(page, "02-da-viet")
    press(page, "Gửi phản ánh")
    expect(page).to_have_url(re.compile("/xac-nhan/"))
    s.look(page, "03-ma-xac-nhan")
    code = Notice.objects.get(template="feedback_code").context["secret"]  # what the text message says
    page.fill("[name=code]", code)
    press(page, "Xác nhận và gửi")
    expect(page.get_by_role("heading", level=1)).to_have_text("Đã gửi phản ánh")
    s.look(page, "04-da-gui")
    s.ref = Feedback.objects.get().code


def case_at(s: Story, who: str, step: str = "") -> Page:
    """The item, or one of its steps, in the office."""
    return s.at(who, f"/phan-anh/xu-ly/{s.ref}/{step}")


def the_province_sends_it_on(s: Story) -> None:
    page = s.at("hongnga.vpubnd", "/phan-anh/xu-ly/")
    s.look(page, "10-hop-thu")
    follow(page, s.ref)
    s.look(page, "11-mot-phan-anh")
    follow(page, "Chuyển cơ quan có thẩm quyền")
    page.select_option("[name=to]", label="Ủy ban nhân dân phường Việt Trì")
    page.fill("[name=note]", "Việc của quầy chứng thực phường.")
    s.look(page, "12-chuyen")
    press(page, "Chuyển cơ quan có thẩm quyền")
    page = follow_up(s)
    expect(page.get_by_text("Ủy ban nhân dân phường Việt Trì").first).to_be_visible()
    s.look(page, "13-nguoi-gui-thay-da-chuyen")


def follow_up(s: Story) -> Page:
    """The sender comes back with the code and four digits, as from another phone."""
    page = s.at("guest", f"/phan-anh/theo-doi/?ma={s.ref}")
    page.fill("[name=so]", PHONE.replace(" ", "")[-4:])
    press(page, "Xem phản ánh")
    return page


def the_ward_answers(s: Story, words: str, *, n: int) -> None:
    """Taken on, classified, given to an officer, drafted, signed; pictures are numbered from `n`."""
    if Feedback.objects.get().state == "forwarded":
        page = case_at(s, "thutrang.viettri", "accept/")
        page.select_option("[name=kind]", "behaviour")
        s.look(page, f"{n}-tiep-nhan")
        press(page, "Tiếp nhận")
    page = case_at(s, "thutrang.viettri", "assign/")
    page.select_option("[name=assignee]", label=s.people["case_officer"].full_name)
    press(page, "Giao người xử lý")
    page = case_at(s, "case_officer", "propose/")
    page.fill("[name=text]", words)
    s.look(page, f"{n + 1}-soan")
    press(page, "Trình ký trả lời")
    page = case_at(s, "approver", "sign/")
    s.look(page, f"{n + 2}-ky")
    press(page, "Ký trả lời")
    assert Feedback.objects.get().timeliness in {"EARLY", "ON_TIME"}


def the_answer_is_public_without_the_name(s: Story) -> None:
    page = case_at(s, "thutrang.viettri", "publish/")
    s.look(page, "30-che-du-lieu")
    page.fill("[name=title]", "Giờ làm việc của quầy chứng thực")
    tick(page.locator("[name=checked]"))
    press(page, "Công khai câu trả lời")
    page = s.at("neighbour", "/phan-anh/")
    page.fill("[name=q]", "gio lam viec chung thuc")
    press(page, "Tìm")
    s.look(page, "31-cong-khai")
    follow(page, "Giờ làm việc của quầy chứng thực")
    public = page.locator("main").inner_text()
    assert "mất điện" in public
    assert [secret for secret in (NAME, "0912 345 678", "0912345678") if secret in public] == []
    s.look(page, "32-mot-cau-tra-loi")


def not_content(s: Story) -> None:
    page = follow_up(s)
    s.look(page, "40-da-tra-loi")
    follow(page, "Đề nghị xem lại")
    page.fill("[name=text]", "Phường chưa nói lần sau nghỉ đột xuất thì báo cho dân bằng cách nào.")
    s.look(page, "41-xem-lai")
    press(page, "Gửi đề nghị")
    s.look(page, "42-da-de-nghi")


def content_at_last(s: Story) -> None:
    page = follow_up(s)
    expect(page.get_by_role("link", name="Đề nghị xem lại")).to_have_count(0)
    follow(page, "Đánh giá câu trả lời")
    expect(page.get_by_text("đề nghị xem lại một lần")).to_have_count(0)
    tick(page.locator("[name=rating][value=satisfied]"))
    s.look(page, "60-danh-gia")
    press(page, "Gửi đánh giá")
    s.look(page, "61-da-danh-gia")
    Feedback.objects.get(rating="satisfied", reopened_at__isnull=False)


def test_the_same_words_go_off_without_script(story: Story) -> None:
    write_and_confirm(story, script=False)
    Feedback.objects.get(state="new", files__name__startswith="quay-dong-cua")
