"""Feedback at the citizens' pages: writing, confirming, following, answering back, reading what is public."""

import re
from collections.abc import Callable
from datetime import datetime
from typing import Any
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from hoso.models import Notice
from hoso.services.errors import Refused
from portal.access import SENDER
from portal.lifecycle import State
from portal.models import Attempt, Feedback, FeedbackFile
from portal.services.feedback import intake
from tests.factories import World, draft, walk
from tests.page import Page, Visitor, read_page, text_of
from tests.portal.feedback_world import ANSWER, WORDS, sent, staff, take, walked, words
from tests.portal.helpers import PDF, post

pytestmark = pytest.mark.django_db
SEND = "/phan-anh/gui/"


@pytest.fixture
def f(w: World) -> World:
    return staff(w)


def filled(w: World, **more: Any) -> dict[str, Any]:
    """What a stranger types."""
    values: dict[str, Any] = {
        "kind": "behaviour",
        "agency": w.commune.pk,
        "content": WORDS,
        "sender_name": "Trần Thị Mận",
        "email": "man@example.vn",
        "phone": "0912 345 678",
        "agrees_to_publish": "on",
        "once": str(uuid4()),
    }
    return {key: value for key, value in (values | more).items() if value is not None}


def shown(response: Any) -> Page:
    return read_page(response.content.decode(), response.request["PATH_INFO"])


def code_of_message() -> str:
    return str(Notice.objects.filter(template="feedback_code").latest("pk").context["secret"])


def through_the_door(client: Client, data: dict[str, Any]) -> Feedback:
    """Sent and confirmed by a stranger."""
    page = post(client, SEND, data)
    post(client, page.request["PATH_INFO"], {"code": code_of_message()})
    return Feedback.objects.latest("pk")


# -- Writing -------------------------------------------------------------------------------------------------------


def test_the_page_says_first_what_it_is_not_for(f: World, visit: Visitor) -> None:
    page = visit(SEND, budget=12)
    assert "Đây không phải nơi nộp đơn khiếu nại, tố cáo" in page.text
    assert page.text.index("khiếu nại, tố cáo") < page.text.index("Nội dung")
    first = page.all('//select[@name="agency"]/option')[0]
    assert text_of(first) == "Tôi không biết"


def test_consent_to_publish_is_given_not_presumed(f: World, visit: Visitor) -> None:
    """Silence, or a box ticked beforehand, is no consent (NĐ13/2023 Art 11)."""
    page = visit(SEND, f.citizen)
    box = page.one('//input[@name="agrees_to_publish"]')
    assert box.get("checked") is None
    meaning = text_of(page.one(f'//*[@id="{box.get("aria-describedby")}"]'))
    assert "Không đánh dấu thì không công khai" in meaning
    assert "che họ tên, số điện thoại, địa chỉ" in meaning
    through_the_door(Client(), filled(f, agrees_to_publish=None))
    feedback = Feedback.objects.get()
    assert not feedback.agrees_to_publish
    walked(f, "sign", feedback)
    with pytest.raises(Refused, match="không đồng ý công khai"):
        take(
            f, feedback, "publish", "handler", title="Chậm", content="Nộp chưa có trả lời.", answer="Đã trả."
        )
    assert "Chưa có câu trả lời nào được công khai" in visit("/phan-anh/").text


def test_a_signed_in_person_sends_at_once_and_is_told_the_code(f: World, visit: Visitor) -> None:
    client = visit.client(f.citizen)
    page = shown(client.get(SEND))
    assert page.one('//input[@name="sender_name"]').get("value") == f.citizen.full_name
    done = shown(post(client, SEND, filled(f)))
    feedback = Feedback.objects.get()
    assert feedback.code in done.text
    assert (feedback.sender, feedback.state, feedback.agency) == (f.citizen, State.NEW, f.commune)


def test_a_stranger_confirms_by_the_code_and_follows_by_code_and_digits(f: World, visit: Visitor) -> None:
    client = Client()
    page = shown(post(client, SEND, filled(f)))
    assert "m…@example.vn" in page.text
    assert "man@example.vn" not in page.html
    assert Feedback.objects.get().state == State.UNCONFIRMED
    wrong = shown(client.post(page.url, {"code": "000000" if code_of_message() != "000000" else "111111"}))
    assert "Mã chưa đúng" in wrong.text
    done = shown(post(client, page.url, {"code": code_of_message()}))
    feedback = Feedback.objects.get()
    assert (feedback.state, feedback.sender) == (State.NEW, None)
    assert feedback.code in done.text
    # Another browser, without a session
    other = Client()
    assert other.get(f"/phan-anh/theo-doi/{feedback.code}/").status_code == 404
    found = shown(post(other, "/phan-anh/theo-doi/", {"ma": feedback.code.lower(), "so": "5678"}))
    assert WORDS[:40] in found.text
    by_mail = shown(post(Client(), "/phan-anh/theo-doi/", {"ma": feedback.code, "so": "Man@Example.vn"}))
    assert "Đã gửi, chờ tiếp nhận" in by_mail.text


def test_wrong_code_and_wrong_digits_get_the_same_answer_within_bounds(f: World) -> None:
    feedback = sent(f)
    texts = set()
    for code, so in (
        (feedback.code, "0000"),
        ("PA-ABCDEFGHJK", f.citizen.phone[-4:]),
        (feedback.code, "x@y.vn"),
    ):
        response = Client().post("/phan-anh/theo-doi/", {"ma": code, "so": so})
        assert response.status_code == 404
        texts.add(text_of(shown(response).one('//div[@class="dv-errors"]')))
    assert len(texts) == 1
    for _ in range(9):
        response = Client().post("/phan-anh/theo-doi/", {"ma": feedback.code, "so": "0000"})
    assert response.status_code == 429


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"kind": None}, "Ông/bà muốn gửi về việc gì?"),
        ({"content": ""}, "Nhập nội dung"),
        ({"content": "Chậm quá"}, "Nội dung quá ngắn"),
        ({"content": "Đề nghị kiểm tra. " * 150}, "dài nhất 2000 ký tự"),
        ({"content": "Прошу проверить моё заявление, пожалуйста"}, "phải viết bằng tiếng Việt"),
        ({"sender_name": ""}, "Nhập họ và tên"),
        ({"sender_name": "a@b.vn"}, "ví dụ Nguyễn Thị Hương"),
        ({"phone": "", "email": ""}, "Nhập số điện thoại hoặc thư điện tử"),
        ({"phone": "091234", "email": ""}, "Số điện thoại chưa đúng"),
        ({"phone": "0210 3846 123", "email": ""}, "di động hoặc thư điện tử"),
        ({"email": "man@"}, "ten@tenmien.vn"),
        ({"kind": "service"}, "Nhập mã hồ sơ"),
        ({"kind": "service", "dossier_code": "<script>"}, "Mã hồ sơ có dạng"),
    ],
)
def test_bad_input_is_told_in_words_and_nothing_typed_is_lost(
    f: World, change: dict[str, Any], told: str
) -> None:
    data = filled(f, **change)
    page = shown(Client().post(SEND, data))
    assert told in page.text
    assert page.title.startswith("Lỗi:")
    assert text_of(page.one('//textarea[@name="content"]')) == " ".join(data["content"].split())
    assert page.one('//input[@name="sender_name"]').get("value", "") == data["sender_name"]
    assert page.one('//input[@name="once"]').get("value") == data["once"]
    assert not Feedback.objects.exists()


@pytest.mark.parametrize(
    "change",
    [
        {"sender_name": "Hùng"},
        {"sender_name": "Y Moan Ênuôl"},
        {"sender_name": "Nguye\u0302\u0303n Thi\u0323 Hu\u031bo\u031bng"},
        {"sender_name": "O'Brien"},
        {"content": WORDS + " 😡"},
        {"phone": "+84 912 345 678", "email": ""},
        {"address": "Số 5, ngõ 12 " * 12},
        {"agency": ""},
        {"kind": "question"},
    ],
)
def test_what_people_really_write_is_taken(f: World, change: dict[str, Any]) -> None:
    post(Client(), SEND, filled(f, **change))
    assert Feedback.objects.count() == 1


def test_words_of_a_complaint_lead_to_the_proper_way_and_may_still_be_meant_as_feedback(f: World) -> None:
    data = filled(f, content="Tôi tố cáo cán bộ địa chính nhận hối lộ khi làm sổ đỏ, đề nghị xử lý.")
    page = shown(Client().post(SEND, data))
    assert len(page.all("//details[@open]")) == 1
    assert "Đọc hướng dẫn về khiếu nại, tố cáo" in page.text
    assert not Feedback.objects.exists()
    post(Client(), SEND, data | {"understood": "on"})
    assert Feedback.objects.count() == 1


def test_words_near_a_complaint_are_no_complaint(f: World) -> None:
    post(
        Client(),
        SEND,
        filled(f, content="Tôi gửi đơn kiến nghị về thời gian làm việc của bộ phận một cửa phường."),
    )
    assert Feedback.objects.count() == 1


def test_files_are_judged_by_content_and_good_ones_kept_when_words_need_mending(f: World) -> None:
    client = Client()
    files = [SimpleUploadedFile("anh.pdf", PDF), SimpleUploadedFile("phan-mem.pdf", b"MZ" + b"\0" * 600)]
    page = shown(client.post(SEND, filled(f, content="ngắn", attached=files)))
    assert "không thuộc loại được nhận" in page.text
    assert "anh.pdf" in page.text
    slip = page.one('//input[@name="kept"]').get("value")
    post(client, SEND, filled(f, kept=slip))
    file = FeedbackFile.objects.get()
    assert (file.name, file.media_type, file.pages) == ("anh.pdf", "application/pdf", 1)


def test_a_forged_slip_brings_no_file(f: World) -> None:
    post(Client(), SEND, filled(f, kept="WyJhIiwiYiJd:1abc:xyz"))
    assert not FeedbackFile.objects.exists()


def test_at_most_five_files(f: World) -> None:
    files = [SimpleUploadedFile(f"{n}.pdf", PDF) for n in range(6)]
    assert "nhiều nhất 5 tệp" in shown(Client().post(SEND, filled(f, attached=files))).text


def test_a_program_that_fills_in_everything_sends_nothing(f: World) -> None:
    response = Client().post(SEND, filled(f, website="https://x.example"), follow=True)
    assert response.status_code == 200
    assert not Feedback.objects.exists()
    assert not Notice.objects.exists()


def test_pressing_twice_is_one_item(f: World, visit: Visitor) -> None:
    client, data = visit.client(f.citizen), filled(f)
    first, second = client.post(SEND, data), client.post(SEND, data)
    assert first["Location"] == second["Location"]
    assert Feedback.objects.count() == 1


def test_strangers_send_within_bounds(f: World) -> None:
    for number in range(intake.BY_ADDRESS):
        post(Client(), SEND, filled(f, email=f"a{number}@example.vn"))
    page = shown(Client().post(SEND, filled(f, email="b@example.vn")))
    assert "vừa gửi nhiều phản ánh" in page.text
    assert Attempt.objects.exists()


def test_an_old_secret_loses_nothing(f: World) -> None:
    client = Client(enforce_csrf_checks=True)
    client.get(SEND)
    response = client.post(SEND, filled(f), headers={"origin": "http://testserver"}, follow=True)
    page = shown(response)
    assert text_of(page.one('//textarea[@name="content"]')) == WORDS
    assert page.one('//input[@name="sender_name"]').get("value") == "Trần Thị Mận"
    assert not Feedback.objects.exists()


def test_a_link_from_a_dossier_fills_in_its_code(f: World, visit: Visitor) -> None:
    dossier = walk(f, draft(f), "accept")
    link = f"{SEND}?ho-so={dossier.code}"
    assert link in visit(f"/ho-so-cua-toi/{dossier.submission_ref}/", f.citizen).links
    page = visit(link, f.citizen)
    assert page.one('//input[@name="dossier_code"]').get("value") == dossier.code
    assert page.one('//input[@name="kind" and @checked]').get("value") == "service"


# -- Following -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("until", ["submit", "accept", "assign", "propose", "sign", "publish"])
def test_the_sender_sees_every_stage_and_nothing_from_inside(f: World, visit: Visitor, until: str) -> None:
    feedback = walked(f, until)
    take(f, feedback, "note", "handler", note="Nghi ngờ cán bộ X, hỏi lại") if until == "assign" else None
    page = visit(f"/phan-anh/theo-doi/{feedback.code}/", f.citizen, budget=22)
    assert WORDS[:30] in page.text
    assert "Nghi ngờ" not in page.html
    assert f.case_officer.full_name not in page.html
    assert (ANSWER in page.text) == (until in {"sign", "publish"})
    if until == "sign":
        assert f"/phan-anh/theo-doi/{feedback.code}/danh-gia/" in page.links


def test_anothers_item_does_not_exist(f: World, visit: Visitor) -> None:
    feedback = take(f, sent(f), "ask_info", "handler", note="Cho biết ngày nộp hồ sơ")
    file = FeedbackFile.objects.create(
        feedback=feedback,
        name="a.pdf",
        sha256="0" * 64,
        size=1,
        media_type="application/pdf",
        added_at=feedback.created_at,
    )
    base = f"/phan-anh/theo-doi/{feedback.code}/"
    for tail in ("", "bo-sung/", "danh-gia/", "xem-lai/", f"tep/{file.pk}/", "tra-loi/1/"):
        for person in (None, f.neighbour, f.more["handler"]):
            assert visit.client(person).get(base + tail).status_code == 404, (tail, person)
    assert visit.client(f.neighbour).get(f"/phan-anh/da-gui/{feedback.code}/").status_code == 404


def test_a_question_of_the_agency_is_answered_with_words_and_files(f: World, visit: Visitor) -> None:
    feedback = take(f, sent(f), "ask_info", "handler", note="Cho biết ngày nộp hồ sơ")
    page = visit(f"/phan-anh/theo-doi/{feedback.code}/", f.citizen)
    assert "Ông/bà cần bổ sung thông tin" in page.text
    assert "Cho biết ngày nộp hồ sơ" in page.text
    url, client = f"/phan-anh/theo-doi/{feedback.code}/bo-sung/", visit.client(f.citizen)
    assert "Nhập thông tin bổ sung" in shown(client.post(url, {"text": "", "seen": feedback.last_seq})).text
    data = {
        "text": "Tôi nộp ngày 01/10",
        "seen": feedback.last_seq,
        "attached": SimpleUploadedFile("a.pdf", PDF),
    }
    assert "Đã gửi thông tin bổ sung" in shown(post(client, url, data)).text
    assert Feedback.objects.get().state == State.ACCEPTED
    assert FeedbackFile.objects.get().event_seq == 3
    again = shown(client.post(url, {"text": "Tôi nộp ngày 01/10", "seen": feedback.last_seq}, follow=True))
    assert "tình trạng hiện tại" in again.text
    assert Feedback.objects.get().events.count() == 3


def test_an_answer_overtaken_by_the_agency_keeps_its_words_and_files(f: World, visit: Visitor) -> None:
    feedback = take(f, sent(f), "ask_info", "handler", note="Cho biết ngày nộp hồ sơ")
    url, client = f"/phan-anh/theo-doi/{feedback.code}/bo-sung/", visit.client(f.citizen)
    file = SimpleUploadedFile("a.pdf", PDF)
    data = {"text": "Tôi nộp ngày 01/10", "seen": feedback.last_seq - 1, "attached": file}
    page = shown(client.post(url, data))
    assert "vẫn còn ở dưới" in page.text
    assert "Tôi nộp ngày 01/10" in page.html
    slip = page.one('//input[@name="kept"]').get("value")
    again = {
        "text": "Tôi nộp ngày 01/10",
        "seen": page.one('//input[@name="seen"]').get("value"),
        "kept": slip,
    }
    assert "Đã gửi thông tin bổ sung" in shown(post(client, url, again)).text
    assert FeedbackFile.objects.count() == 1


def test_words_survive_when_the_stranger_must_show_again_who_they_are(f: World) -> None:
    client = Client()
    feedback = through_the_door(client, filled(f))
    take(f, feedback, "ask_info", "handler", note="Cho biết ngày nộp hồ sơ")
    url = f"/phan-anh/theo-doi/{feedback.code}/bo-sung/"
    client.session.flush()
    fresh = Client()
    answer = fresh.post(url, {"text": "Tôi nộp ngày 01/10", "seen": 2})
    assert answer["Location"] == f"/phan-anh/theo-doi/?ma={feedback.code}"
    post(fresh, "/phan-anh/theo-doi/", {"ma": feedback.code, "so": "5678"})
    assert "Tôi nộp ngày 01/10" in shown(fresh.get(url)).html


def test_rating_and_asking_once_more(f: World, visit: Visitor) -> None:
    feedback, client = walked(f, "sign"), visit.client(f.citizen)
    base = f"/phan-anh/theo-doi/{feedback.code}/"
    shown(client.get(base + "danh-gia/"))
    done = shown(
        post(client, base + "danh-gia/", {"rating": "unsatisfied", "comment": "", "seen": feedback.last_seq})
    )
    assert "Đã ghi nhận đánh giá" in done.text
    shown(client.get(base + "xem-lai/"))
    data = {"text": "Câu trả lời chưa nói vì sao hồ sơ chậm.", "seen": feedback.last_seq + 1}
    assert "Đã gửi đề nghị xem lại" in shown(post(client, base + "xem-lai/", data)).text
    feedback.refresh_from_db()
    assert (feedback.state, feedback.rating) == (State.ACCEPTED, "")
    assert feedback.events.get(name="rate").data == {"rating": "unsatisfied"}


def test_the_answer_is_a_pdf_for_the_sender_alone(f: World, visit: Visitor) -> None:
    feedback = walked(f, "sign")
    url = f"/phan-anh/theo-doi/{feedback.code}/tra-loi/1/"
    response = visit.client(f.citizen).get(url)
    assert b"".join(response.streaming_content).startswith(b"%PDF")
    assert visit.client(f.neighbour).get(url).status_code == 404


def test_ones_own_items_are_listed_with_the_same_queries(f: World, visit: Visitor) -> None:
    for _ in range(2):
        sent(f)
    few = visit("/phan-anh/theo-doi/", f.citizen)
    for _ in range(18):
        sent(f)
    many = visit("/phan-anh/theo-doi/", f.citizen)
    assert len(many.queries) == len(few.queries)
    assert len(many.all('//li[@class="dv-card mb-3"]')) == 10
    assert len(visit("/phan-anh/theo-doi/?page=2", f.citizen).all('//li[@class="dv-card mb-3"]')) == 10
    assert "Phản ánh tôi đã gửi" not in visit("/phan-anh/theo-doi/").text


def test_news_are_marked_until_they_are_read(f: World, visit: Visitor) -> None:
    feedback = walked(f, "sign")
    assert "Có thông báo mới" in visit("/phan-anh/theo-doi/", f.citizen).text
    visit(f"/phan-anh/theo-doi/{feedback.code}/", f.citizen)
    assert "Có thông báo mới" not in visit("/phan-anh/theo-doi/", f.citizen).text


def test_a_late_answer_says_why(f: World, visit: Visitor, at: Callable[[str], datetime]) -> None:
    at("2026-10-05 09:00")
    feedback = walked(f, "propose")
    at("2026-10-15 09:00")
    page = visit(f"/phan-anh/theo-doi/{feedback.code}/", f.citizen)
    assert "đang chờ người có thẩm quyền ký; đã quá hạn 3 ngày làm việc" in page.text


# -- The public page -----------------------------------------------------------------------------------------------


def published(f: World, **more: Any) -> Feedback:
    facts = {
        "title": "Hồ sơ khai sinh bị chậm",
        "content": "Nộp hồ sơ nhưng chưa có trả lời.",
        "answer": "Đã trả kết quả và xin lỗi.",
    }
    return take(f, walked(f, "sign"), "publish", "handler", **(facts | more))


def test_the_public_page_shows_answers_and_nothing_personal(f: World, visit: Visitor) -> None:
    feedback = published(f)
    walked(f, "sign")
    for url in ("/phan-anh/", f"/phan-anh/{feedback.pk}/"):
        page = visit(url, budget=14)
        assert "Hồ sơ khai sinh bị chậm" in page.text
        private = [
            f.citizen.full_name,
            f.citizen.phone,
            f.citizen.phone[3:],
            f.citizen.email,
            feedback.code,
            WORDS[:40],
        ]
        assert [word for word in private if word in page.html] == []
    assert "Từ đầu năm" in visit("/phan-anh/").text


@pytest.mark.parametrize("q", ["khai sinh", "KHAI SINH", "khái sinh", "xin loi", "Việt Trì"])
def test_answers_are_found_with_and_without_marks(f: World, visit: Visitor, q: str) -> None:
    published(f)
    published(f, title="Không tải được tệp", content="Báo lỗi khi tải ảnh.", answer="Đã sửa lỗi.")
    page = visit(f"/phan-anh/?q={q}")
    assert "Hồ sơ khai sinh bị chậm" in page.text
    assert ("Không tải được tệp" in page.text) == (q == "Việt Trì")


def test_the_list_is_narrowed_paged_and_never_fails_on_a_shared_address(f: World, visit: Visitor) -> None:
    for number in range(12):
        published(f, title=f"Câu hỏi số {number}")
    visit("/phan-anh/")  # the figures of the year are now remembered
    first, second = visit("/phan-anh/"), visit("/phan-anh/?page=2")
    assert len(first.all("//article")) == 10
    assert len(second.all("//article")) == 2
    assert len(first.queries) == len(second.queries)
    assert len(visit(f"/phan-anh/?agency={f.commune.pk}").all("//article")) == 10
    assert "Không có câu trả lời nào khớp" in visit("/phan-anh/?q=zzzz").text
    for odd in ("?agency=x", "?page=zzz", "?q=%00", "?field=9999999", "?agency=-1"):
        visit(f"/phan-anh/{odd}")


def test_the_empty_page_says_what_will_stand_there(visit: Visitor) -> None:
    assert "Chưa có câu trả lời nào được công khai" in visit("/phan-anh/").text


def test_what_is_not_published_has_no_public_address(f: World, visit: Visitor) -> None:
    feedback = walked(f, "sign")
    assert Client().get(f"/phan-anh/{feedback.pk}/").status_code == 404
    gone = take(f, published(f), "unpublish", "handler", note="Còn dữ liệu cá nhân trong ảnh")
    assert Client().get(f"/phan-anh/{gone.pk}/").status_code == 404
    assert "Chưa có câu trả lời" in visit("/phan-anh/").text


def test_reopened_items_leave_the_public_page(f: World, visit: Visitor) -> None:
    feedback = take(f, published(f), "reopen", SENDER, note="Câu trả lời chưa nói vì sao hồ sơ chậm.")
    assert Client().get(f"/phan-anh/{feedback.pk}/").status_code == 404


def test_the_footer_and_menu_lead_here(visit: Visitor) -> None:
    links = visit("/").links
    assert reverse("portal:feedback") in links
    assert reverse("portal:feedback_new") in links


def test_messages_link_to_the_form_and_never_to_another_host(f: World) -> None:
    sent(f)
    row = Notice.objects.filter(template="feedback_received").first()
    assert row is not None
    assert re.fullmatch(r"http[^ ]+/phan-anh/theo-doi/\?ma=PA-[0-9A-Z]{10}", row.context["url"])


def test_unconfirmed_words_are_not_shown_by_the_secret_address(f: World) -> None:
    feedback = intake.send(words(f), once=uuid4(), sender=None, address="203.0.113.9")
    page = shown(Client().get(f"/phan-anh/xac-nhan/{feedback.once}/"))
    assert WORDS[:30] not in page.html
    assert f.citizen.email not in page.html
    assert Client().get(f"/phan-anh/xac-nhan/{uuid4()}/").status_code == 404
