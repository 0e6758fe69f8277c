"""Feedback at the officers' pages: the queue and its counts, one item, its steps, who was faster, what is logged."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest

from danhmuc.roles import Role
from danhmuc.services.sign_in import home_of
from hoso.models import Notice
from portal.lifecycle import State
from portal.models import Feedback, FeedbackFile, FeedbackReading
from portal.services.feedback import intake
from tests.factories import World, moment, officer
from tests.page import Page, Visitor, text_of
from tests.portal.feedback_world import ANSWER, WORDS, sent, staff, take, walked, words

pytestmark = pytest.mark.django_db
HOME = "/phan-anh/xu-ly/"


@pytest.fixture
def f(w: World) -> World:
    return staff(w)


def rows(page: Page) -> list[str]:
    return [text_of(link) for link in page.all('//table//a[contains(@class, "dv-code")]')]


def do(visit: Visitor, feedback: Feedback, step: str, user: Any, status: int = 200, **data: Any) -> Page:
    """Press the button of a step's page, as its reader sees it now."""
    feedback.refresh_from_db()
    url = f"{HOME}{feedback.code}/{step}/"
    visit(url, user)
    return visit.post(url, {"seen": feedback.last_seq} | data, user, status=status)


# -- The queue -----------------------------------------------------------------------------------------------------


def test_each_person_has_the_lists_of_their_positions(f: World, visit: Visitor) -> None:
    new, running, to_sign, answered = sent(f), walked(f, "assign"), walked(f, "propose"), walked(f, "sign")

    def lists(user: Any, key: str) -> list[str]:
        return rows(visit(f"{HOME}?muc={key}", user, budget=26))

    handler = f.more["handler"]
    assert lists(handler, "moi") == [new.code]
    assert set(lists(handler, "dang-xu-ly")) == {running.code, to_sign.code}
    assert lists(handler, "cho-cong-khai") == [answered.code]
    assert lists(handler, "da-xong") == [answered.code]
    assert lists(f.approver, "cho-ky") == [to_sign.code]
    assert lists(f.case_officer, "cua-toi") == [running.code]
    assert set(lists(f.supervisor, "dang-xu-ly")) == {running.code, to_sign.code}
    assert "Không còn phản ánh nào chờ tiếp nhận" in visit(f"{HOME}?muc=moi", f.more["other_handler"]).text


def test_the_side_menu_counts_what_waits(f: World, visit: Visitor) -> None:
    sent(f)
    sent(f)
    walked(f, "propose")

    def menu(user: Any) -> dict[str, str]:
        page = visit("/mot-cua/", user)
        items = page.all('//nav[@class="dv-side"]//a[contains(@href, "/phan-anh/xu-ly/")]')
        return {text_of(a).split(" việc")[0]: str(a.get("href")) for a in items}

    assert set(menu(f.more["handler"])) == {"Mới đến2", "Đang xử lý1", "Ghi phản ánh"}
    assert set(menu(f.approver)) == {"Chờ ký trả lời1"}
    assert set(menu(f.desk_officer)) == {"Ghi phản ánh"}
    assert menu(f.case_officer) == {}


def test_overdue_means_a_day_has_passed(f: World, visit: Visitor, at: Callable[[str], datetime]) -> None:
    at("2026-10-05 09:00")
    feedback = walked(f, "accept")
    at("2026-10-12 20:00")  # after closing time of the last day
    assert rows(visit(f"{HOME}?muc=qua-han", f.more["handler"])) == []
    assert "Hết hạn hôm nay" in visit(f"{HOME}?muc=dang-xu-ly", f.more["handler"]).text
    at("2026-10-13 07:30")
    for person in (f.more["handler"], f.approver, f.supervisor):
        page = visit(f"{HOME}?muc=qua-han", person)
        assert rows(page) == [feedback.code]
        assert "Quá hạn 1 ngày" in page.text


def test_two_rows_and_twenty_cost_the_same(f: World, visit: Visitor) -> None:
    for _ in range(2):
        walked(f, "accept")
    few = visit(f"{HOME}?muc=dang-xu-ly", f.more["handler"])
    for _ in range(18):
        walked(f, "accept")
    many = visit(f"{HOME}?muc=dang-xu-ly", f.more["handler"])
    assert len(rows(many)) == 20
    assert len(many.queries) == len(few.queries)


def test_many_agencies_cost_a_supervisor_no_more_than_one(f: World, visit: Visitor) -> None:
    walked(f, "accept")
    one = visit(f"{HOME}?muc=dang-xu-ly", f.supervisor)
    take(f, sent(f, agency=f.other_commune), "accept", "other_handler", kind="behaviour")
    take(f, sent(f, agency=f.department), "accept", "department_handler", kind="behaviour")
    many = visit(f"{HOME}?muc=dang-xu-ly", f.supervisor)
    assert len(rows(many)) == 3
    assert f.department.name in many.text
    assert len(many.queries) == len(one.queries)


def test_the_office_sees_what_could_not_be_delivered(f: World, visit: Visitor) -> None:
    feedback = sent(f)
    Notice.objects.filter(key__startswith=feedback.code, channel="email").update(
        state="given_up", answer="550 hộp thư không tồn tại"
    )
    page = visit(f"{HOME}{feedback.code}/", f.more["handler"])
    assert "Đã dừng gửi" in page.text
    assert "550 hộp thư không tồn tại" in page.text


def test_a_handler_begins_at_the_queue(f: World) -> None:
    assert home_of(f.more["handler"]) == HOME
    assert home_of(f.approver) == "/mot-cua/"


def test_the_list_is_narrowed_by_words_kind_and_agency(f: World, visit: Visitor) -> None:
    one = walked(f, "accept")
    two = take(f, sent(f, kind="technical", sender_name="Lò Thị Mai"), "accept", "handler", kind="technical")
    far = take(f, sent(f, agency=f.other_commune), "accept", "other_handler", kind="behaviour")

    def found(query: str, user: Any = f.more["handler"]) -> list[str]:
        return rows(visit(f"{HOME}?muc=dang-xu-ly&{query}", user))

    assert found("chu=Lò Thị") == [two.code]
    assert found(f"chu={one.code.lower()}") == [one.code]
    assert found("loai=technical") == [two.code]
    assert found(f"co_quan={f.other_commune.pk}", f.supervisor) == [far.code]
    for odd in ("loai=x", "co_quan=x", "trang=zz", "chu=%00"):
        assert len(found(odd)) == 2


def test_citizens_and_postmen_are_refused_and_strangers_sent_to_sign_in(f: World, visit: Visitor) -> None:
    feedback = sent(f)
    for url in (HOME, f"{HOME}{feedback.code}/", f"{HOME}{feedback.code}/accept/"):
        assert visit.client().get(url).status_code == 302
        for person in (f.citizen, f.carrier):
            assert visit.client(person).get(url).status_code == 403


def test_anothers_item_is_not_found(f: World, visit: Visitor) -> None:
    feedback = walked(f, "sign")
    file = FeedbackFile.objects.create(
        feedback=feedback,
        name="a.pdf",
        sha256="0" * 64,
        size=1,
        media_type="application/pdf",
        added_at=feedback.created_at,
    )
    for tail in ("", "accept/", f"tep/{file.pk}/", "tra-loi/1/", "khong-co/"):
        for person in (f.more["other_handler"], f.desk_officer, f.division_head, f.system_admin):
            assert visit.client(person).get(f"{HOME}{feedback.code}/{tail}").status_code == 404, (
                tail,
                person,
            )


# -- One item ------------------------------------------------------------------------------------------------------


def test_the_page_shows_everything_and_logs_the_reading(f: World, visit: Visitor) -> None:
    feedback = walked(f, "assign")
    page = visit(f"{HOME}{feedback.code}/", f.more["handler"], budget=28)
    for text in (
        WORDS[:40],
        f.citizen.full_name,
        f.citizen.email,
        "Người gửi đồng ý",
        f.case_officer.full_name,
    ):
        assert text in page.text
    reading = FeedbackReading.objects.get()
    assert (reading.user, reading.feedback, reading.what) == (f.more["handler"], feedback, "mở phản ánh")
    assert reading.ip == "127.0.0.1"


def test_buttons_are_the_steps_one_may_take(f: World, visit: Visitor) -> None:
    def buttons(feedback: Feedback, user: Any) -> list[str]:
        page = visit(f"{HOME}{feedback.code}/", user)
        return [
            text_of(a).removesuffix(" F9").removesuffix(" F8") for a in page.all('//div[@class="dv-acts"]/a')
        ]

    new = sent(f)
    assert buttons(new, f.more["handler"]) == [
        "Tiếp nhận", "Yêu cầu bổ sung thông tin", "Chuyển cơ quan có thẩm quyền", "Ghi chú nội bộ",
        "Hướng dẫn khiếu nại, tố cáo", "Không tiếp nhận",
    ]  # fmt: skip
    assert buttons(new, f.supervisor) == ["Đôn đốc"]
    assert buttons(walked(f, "propose"), f.approver) == ["Ký trả lời", "Trả lại dự thảo", "Ghi chú nội bộ"]
    quiet = walked(f, "sign", sent(f, agrees_to_publish=False))
    assert buttons(quiet, f.more["handler"]) == []


def test_a_whole_life_through_the_pages(f: World, visit: Visitor) -> None:
    feedback, handler = sent(f), f.more["handler"]
    assert "Đã tiếp nhận" in do(visit, feedback, "accept", handler, kind="behaviour").text
    do(visit, feedback, "note", handler, note="Đã gọi cho Một cửa")
    do(visit, feedback, "assign", handler, assignee=f.case_officer.pk, note="Trả lời trước thứ Sáu")
    page = do(visit, feedback, "propose", f.case_officer, text=ANSWER, _later="1")
    assert "Đã lưu dự thảo" in page.text
    assert ANSWER[:30] in visit(f"{HOME}{feedback.code}/propose/", f.case_officer).text
    do(visit, feedback, "propose", f.case_officer, text=ANSWER)
    do(visit, feedback, "return_draft", f.approver, note="Nêu rõ ngày trả kết quả")
    do(visit, feedback, "propose", f.case_officer, text=ANSWER + " Phường xin lỗi bà.")
    assert "Phường xin lỗi bà" in visit(f"{HOME}{feedback.code}/sign/", f.approver).text
    page = do(visit, feedback, "sign", f.approver)
    assert "văn bản trả lời được gửi" in page.text
    form = visit(f"{HOME}{feedback.code}/publish/", handler)
    assert WORDS[:30] in text_of(form.one('//textarea[@name="content"]'))
    data = {"title": "Hồ sơ chậm", "content": "Nộp hồ sơ chưa có trả lời.", "answer": "Đã trả kết quả."}
    page = do(visit, feedback, "publish", handler, **data)
    assert "Đọc lại rồi đánh dấu" in page.text
    page = do(visit, feedback, "publish", handler, **data, checked="on")
    assert "Đã công khai" in page.text
    feedback.refresh_from_db()
    assert feedback.state == State.PUBLISHED
    names = [event.name for event in feedback.events.all()]
    assert names == [
        "submit", "accept", "note", "assign", "draft", "propose", "return_draft", "propose", "sign", "publish",
    ]  # fmt: skip
    response = visit.client(handler).get(f"{HOME}{feedback.code}/tra-loi/1/")
    assert b"".join(response.streaming_content).startswith(b"%PDF")
    assert FeedbackReading.objects.filter(what__startswith="mở văn bản trả lời").exists()


def test_publishing_proposes_masked_words_and_refuses_personal_data(f: World, visit: Visitor) -> None:
    content = f"Tôi là {f.citizen.full_name}, căn cước 025186004317, số 0912 345 678, ở khu 6. Hồ sơ bị chậm 5 ngày."
    feedback = walked(f, "sign", sent(f, content=content))
    url = f"{HOME}{feedback.code}/publish/"
    page = visit(url, f.more["handler"])
    proposed = text_of(page.one('//textarea[@name="content"]'))
    assert (
        proposed
        == "Tôi là [họ tên], căn cước [số giấy tờ], số [số điện thoại], ở [địa chỉ]. Hồ sơ bị chậm 5 ngày."
    )
    assert "025186004317" in page.text  # told what was taken out
    data = {"title": "Hồ sơ chậm", "content": content, "answer": "Đã trả.", "checked": "on"}
    page = do(visit, feedback, "publish", f.more["handler"], **data)
    assert "Còn dữ liệu cá nhân trong nội dung: 025186004317; 0912 345 678" in page.text
    assert text_of(page.one('//textarea[@name="content"]')) == content
    feedback.refresh_from_db()
    assert feedback.state == State.ANSWERED


def test_forwarding_leads_to_agencies_where_somebody_reads(f: World, visit: Visitor) -> None:
    feedback = sent(f)
    page = visit(f"{HOME}{feedback.code}/forward/", f.more["handler"])
    names = {text_of(o) for o in page.all('//select[@name="to"]/option')}
    assert names == {"Chọn cơ quan", f.other_commune.name, f.province.name, f.department.name}
    do(visit, feedback, "forward", f.more["handler"], to=f.department.pk, note="Thuộc lĩnh vực hộ tịch")
    assert rows(visit(f"{HOME}?muc=moi", f.more["department_handler"])) == [feedback.code]


def test_the_slower_officer_is_told_and_keeps_the_words(f: World, visit: Visitor) -> None:
    feedback = sent(f)
    seen = feedback.last_seq
    take(f, feedback, "accept", "handler", kind="behaviour")
    url = f"{HOME}{feedback.code}/reject/"
    page = visit.post(
        url, {"seen": seen, "note": "Không thuộc thẩm quyền của phường"}, f.more["second"], status=409
    )
    assert "Nguyễn Thu Trang vừa thực hiện “Tiếp nhận”" in page.text
    assert "Không thuộc thẩm quyền của phường" in page.html
    feedback.refresh_from_db()
    assert feedback.state == State.ACCEPTED


def test_a_step_that_is_not_now_leads_back_with_a_word(f: World, visit: Visitor) -> None:
    feedback = walked(f, "accept")
    response = visit.client(f.more["handler"]).get(f"{HOME}{feedback.code}/accept/", follow=True)
    assert "không thực hiện được lúc này" in response.content.decode()
    assert visit.client(f.more["handler"]).get(f"{HOME}{feedback.code}/sign/").status_code == 403
    assert (
        visit.client(f.more["handler"]).post(f"{HOME}{feedback.code}/sign/", {"seen": 2}).status_code == 403
    )


def test_a_reason_left_out_is_told_and_nothing_is_lost(f: World, visit: Visitor) -> None:
    feedback = sent(f)
    page = do(visit, feedback, "forward", f.more["handler"], to=f.department.pk, note="")
    assert page.title.startswith("Lỗi:")
    assert page.one(f'//option[@value="{f.department.pk}"]').get("selected") is not None


def test_national_items_show_their_dates(f: World, visit: Visitor, at: Callable[[str], datetime]) -> None:
    at("2026-10-05 09:00")
    feedback = intake.take_over(words(f), external_id="QG-2026-77", sent_at=moment("2026-10-05 08:00"))
    page = visit(f"{HOME}{feedback.code}/", f.more["handler"])
    for text in ("QG-2026-77", "Thời hạn của hệ thống quốc gia", "Tiếp nhận hoặc trả lại trước"):
        assert text in page.text
    assert "Từ hệ thống quốc gia" in visit(f"{HOME}?muc=moi", f.more["handler"]).text


def test_files_open_for_readers_and_are_logged(f: World, visit: Visitor) -> None:
    from django.core.files.uploadedfile import SimpleUploadedFile

    from hoso.services import documents
    from tests.portal.helpers import PDF

    received = documents.receive(SimpleUploadedFile("ảnh hiện trường.pdf", PDF))
    feedback = sent(f)
    intake.add_files(feedback, [received], seq=1, at=feedback.created_at)
    file = feedback.files.get()
    response = visit.client(f.more["handler"]).get(f"{HOME}{feedback.code}/tep/{file.pk}/")
    assert b"".join(response.streaming_content) == PDF
    assert response["X-Content-Type-Options"] == "nosniff"
    assert FeedbackReading.objects.get().what == "mở tệp ảnh hiện trường.pdf"


def test_a_handler_of_a_division_works_for_the_body_above(f: World, visit: Visitor) -> None:
    from tests.factories import agency

    division = agency("PHONG_1", "Văn phòng", parent=f.commune, kind="phong")
    person = officer("Mai Văn Phòng", Role.FEEDBACK_HANDLER, division)
    feedback = sent(f)
    assert rows(visit(f"{HOME}?muc=moi", person)) == [feedback.code]
