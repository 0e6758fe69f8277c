"""Asked twice: a blurred paper before acceptance, a missing fact while the clock runs; what was answered and when it is due now."""

import re
from collections.abc import Callable
from datetime import datetime
from typing import Any

from playwright.sync_api import expect

from config.formats import vndatetime
from danhmuc.models import ProcedureVersion
from hoso.models import Dossier
from hoso.services import history
from tests.journeys import hands
from tests.journeys.hands import Story, a_file, a_photo, follow, press, tick

PROCEDURE = "1.001731"
At = Callable[[str], datetime]


def test_what_was_missing_is_sent_from_home(story: Story, at: At) -> None:
    at("2026-11-30 08:15")
    apply_with_a_blurred_paper(story)
    at("2026-11-30 09:05")
    the_desk_asks_before_acceptance(story)
    at("2026-11-30 09:40")
    answer_with_one_better_file(story)
    at("2026-11-30 10:00")
    first = the_desk_accepts(story)
    at("2026-12-01 09:00")
    the_case_officer_asks(story)
    at("2026-12-03 14:00")
    answer_in_words_and_paper(story, first)
    at("2026-12-03 15:00")
    the_clock_goes_on(story, first)
    assert list(history.problems(Dossier.objects.all())) == []


def apply_with_a_blurred_paper(s: Story) -> None:
    page = s.at("citizen", "/")
    hands.search(page, "ho tro chi phi mai tang doi tuong bao tro xa hoi")
    follow(page, re.compile("Hỗ trợ chi phí mai táng cho đối tượng bảo trợ"))
    hands.begin(s, page, "Ủy ban nhân dân phường Việt Trì")
    hands.fill_form(s, page, {"burier_kind": "ca_nhan"})
    hands.attach(s, page, a_photo("ảnh mờ.jpg"))
    hands.choose_ways(s, page, return_by="electronic")
    press(page, "Lưu và tiếp tục")
    hands.file_it(s, page)
    expect(page.get_by_role("heading", level=1)).to_have_text("Đã nộp hồ sơ")


def the_desk_asks_before_acceptance(s: Story) -> None:
    paper = papers_of(s)[0]
    page = s.dossier_at("desk_officer", "yeu-cau-hoan-thien/")
    tick(page.locator(f"input[name=pick_c{paper.pk}]"))
    page.select_option(f"select[name=reason_c{paper.pk}]", "unreadable")
    page.fill(
        f"[name=explain_c{paper.pk}]",
        "Ảnh mờ, không đọc được ngày mất. Chụp lại đủ bốn góc, nơi đủ sáng.",
    )
    page.fill("[name=phone_call_note]", "Đã gọi 09:02, bà Hương nghe máy.")
    s.look(page, "10-yeu-cau-hoan-thien")
    press(page, "Gửi yêu cầu hoàn thiện")
    assert s.dossier.state == "intake_hold"


def answer_with_one_better_file(s: Story) -> None:
    page = s.at("citizen", "/ho-so-cua-toi/")
    s.look(page, "20-ho-so-cua-toi")
    page.goto(f"/ho-so-cua-toi/{s.ref}/")
    s.look(page, "21-can-hoan-thien")
    follow(page, "Bổ sung hồ sơ")
    page.set_input_files("input[name=file-1]", a_file("giấy chứng tử chụp lại.pdf"))
    s.look(page, "22-tra-loi")
    press(page, "Gửi bổ sung")
    s.look(page, "23-da-gui-lai")
    files = s.dossier.documents.filter(kind="upload", replaced_by=None).values_list("name", flat=True)
    assert sorted(files) == ["giấy chứng tử chụp lại.pdf", "ảnh mờ.jpg"], "chỉ tệp bị nêu được thay"
    assert s.dossier.state == "submitted"


def the_desk_accepts(s: Story) -> datetime:
    s.look(s.dossier_at("desk_officer"), "30-nop-lai")
    s.step("desk_officer", "tiep-nhan/", "Tiếp nhận và cấp giấy hẹn", choose=["input[name=eid_checked]"])
    s.step("desk_officer", "ban-giao/", "Bàn giao")
    s.step("division_head", "ky-nhan/", "Ký nhận")
    hands.assign_to_the_case_officer(s)
    due = s.dossier.due_at
    assert due is not None
    return due


def the_case_officer_asks(s: Story) -> None:
    page = s.dossier_at("case_officer", "de-xuat-bo-sung/")
    page.fill("[name=name_n1]", "Số tài khoản nhận tiền hỗ trợ")
    page.select_option("select[name=reason_n1]", "missing")
    page.fill("[name=explain_n1]", "Tờ khai ghi nhận qua tài khoản nhưng chưa ghi số tài khoản.")
    paper = papers_of(s)[1]
    tick(page.locator(f"input[name=pick_c{paper.pk}]"))
    page.select_option(f"select[name=reason_c{paper.pk}]", "unreadable")
    page.fill(f"[name=explain_c{paper.pk}]", "Chụp thiếu trang có chữ ký.")
    s.look(page, "40-de-xuat")
    press(page, "Trình ký phiếu yêu cầu bổ sung")
    agreed = ['input[name=agreed][value="yes"]']
    s.step("approver", "ky-bo-sung/", "Ghi quyết định", choose=agreed, look="41-ky")
    s.step("desk_officer", "gui-bo-sung/", "Gửi người nộp, tạm dừng thời hạn", look="42-gui")
    assert s.dossier.state == "on_hold"


def answer_in_words_and_paper(s: Story, first: datetime) -> None:
    page = s.at("citizen", f"/ho-so-cua-toi/{s.ref}/")
    expect(page.get_by_text("Đang tạm dừng").first).to_be_visible()
    s.look(page, "50-dong-ho-dung")
    follow(page, "Bổ sung hồ sơ")
    for item in s.dossier.supplements.get(kind="processing").items.all():
        if item.component_id:
            page.set_input_files(f"input[name=file-{item.order}]", a_file("đủ trang.pdf"))
        else:
            page.fill(f"[name=text-{item.order}]", "2205 1234 5678, Agribank, Nguyễn Thị Thanh Hương.")
    s.look(page, "51-tra-loi")
    press(page, "Gửi bổ sung")
    s.look(page, "52-da-gui")
    assert s.dossier.due_at == first, "ngày mới chỉ có khi Một cửa kiểm tra đủ"


def the_clock_goes_on(s: Story, first: datetime) -> None:
    s.step("desk_officer", "tiep-tuc/", "Đã đủ, tiếp tục giải quyết", look="60-kiem-tra-du")
    due = s.dossier.due_at
    assert due is not None
    assert due > first
    page = s.at("citizen", f"/ho-so-cua-toi/{s.ref}/")
    expect(page.get_by_text(vndatetime(due)).first).to_be_visible()
    page.locator("main details:has-text('Cách tính')").first.locator("summary").click()
    expect(page.get_by_text(re.compile("[Tt]ạm dừng")).first).to_be_visible()
    s.look(page, "61-ngay-tra-moi")


def papers_of(s: Story) -> list[Any]:
    """The papers that had to be handed in."""
    version = ProcedureVersion.objects.get(procedure__code=PROCEDURE, status="published")
    return list(version.components.filter(required=True, is_eform=False).order_by("order"))
