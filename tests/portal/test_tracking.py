"""Following a dossier: its owner learns everything meant for them and nothing from inside the office."""

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.test import Client

from config.formats import vndatetime
from hoso.models import Document, Dossier, Paper, State
from hoso.services import notices
from hoso.services.dossiers import advance
from portal.models import Upload
from tests.factories import ITEMS, World, draft, hold, moment, pay, settle, step, walk
from tests.page import Page, Visitor, read_page, text_of
from tests.portal.helpers import PDF, post

pytestmark = pytest.mark.django_db


def tracking(client: Client, dossier: Dossier) -> Page:
    response = client.get(f"/ho-so-cua-toi/{dossier.submission_ref}/")
    assert response.status_code == 200
    return read_page(response.content.decode())


@pytest.mark.parametrize(
    ("until", "words"),
    [
        ("submit", ["Chờ tiếp nhận", "Trả lời trước", "ông/bà chưa phải làm gì"]),
        (
            "accept",
            ["Đang giải quyết", "Hẹn trả", "Đã dùng", "Giấy tiếp nhận hồ sơ và hẹn trả kết quả", "8.000"],
        ),
        ("finish_task", ["Đang giải quyết", "Chuyển hồ sơ đến cơ quan giải quyết"]),
        ("decide", ["Đã có kết quả", "đến nhận kết quả"]),
        ("complete", ["Đã trả kết quả", "Tải kết quả"]),
    ],
)
def test_each_stage_in_plain_words(w: World, citizen: Client, until: str, words: list[str]) -> None:
    text = tracking(citizen, walk(w, draft(w, papers_by="counter"), until)).text
    assert [word for word in words if word not in text] == []


def test_a_refusal_is_not_handed_over_as_the_result_asked_for(w: World, citizen: Client) -> None:
    dossier = walk(w, draft(w, papers_by="counter"), "finish_task")
    said = {
        "outcome": "refused",
        "title": w.version.result_name,
        "body": "Không cấp.",
        "note": "Không cư trú ở đây",
    }
    step(w, dossier, "decide", "approver", said)
    dossier = settle(w, step(w, dossier, "issue_result", "clerk"))
    dossier = step(w, dossier, "complete", "desk_officer", {"receiver_name": w.citizen.full_name})
    page = tracking(citizen, dossier)
    assert "Cơ quan từ chối giải quyết hồ sơ" in page.text
    assert "Lý do: Không cư trú ở đây" in page.text
    assert "Tải văn bản từ chối" in page.text
    assert w.version.result_name not in page.text
    assert dossier.papers.get(kind=Paper.Kind.RESULT).facts["kind"] == "Thông báo từ chối giải quyết hồ sơ"


@pytest.mark.parametrize(
    ("name", "who", "facts", "words"),
    [
        (
            "refuse_intake",
            "desk_officer",
            {"reason": "WRONG_AUTHORITY", "note": "Nơi khác giải quyết"},
            ["Hồ sơ không được tiếp nhận", "Lý do: Nơi khác giải quyết", "Nộp hồ sơ mới"],
        ),
        (
            "void",
            "desk_head",
            {"note": "Nhập trùng hồ sơ"},
            ["Hồ sơ đã hủy do nhập sai", "Lý do: Nhập trùng hồ sơ", "Hỏi về hồ sơ này"],
        ),
    ],
)
def test_an_ended_dossier_says_why_and_the_way_on(
    w: World, citizen: Client, name: str, who: str, facts: dict[str, Any], words: list[str]
) -> None:
    dossier = walk(w, draft(w), "submit" if name == "refuse_intake" else "accept")
    page = tracking(citizen, step(w, dossier, name, who, facts))
    assert [word for word in words if word not in page.text] == []
    assert page.all("//ol[@aria-label='Tiến độ hồ sơ']/li[last()][contains(@class, 'ended')]")


def test_a_sentence_is_no_title_of_a_result(w: World) -> None:
    version = w.version
    assert version.result_title == version.result_name
    version.result_name = "Cơ quan cập nhật tình trạng vào cơ sở dữ liệu quốc gia " * 3
    assert version.result_title == "Thông báo kết quả giải quyết"


def test_what_came_by_post_is_not_waited_for(w: World, citizen: Client) -> None:
    dossier = walk(w, draft(w), "accept")
    Dossier.objects.filter(pk=dossier.pk).update(channel="post", papers_by="post", paper_check="not_required")
    assert "Bưu điện nhận bản giấy" not in tracking(citizen, dossier).text


def test_what_will_be_charged_is_told_before_acceptance(w: World, citizen: Client) -> None:
    dossier = walk(w, draft(w, papers_by="counter"), "submit")
    for page in ("", "thanh-toan/", "cach-nhan/"):
        address = f"/ho-so-cua-toi/{dossier.submission_ref}/{page}"
        text = read_page(citizen.get(address).content.decode()).text
        assert "8.000" in text, address
        assert "Thu khi hồ sơ được tiếp nhận" in text, address
        assert "Không có khoản phải nộp" not in text


def test_what_is_still_owed_is_not_called_nothing_to_do(w: World, citizen: Client) -> None:
    dossier = walk(w, draft(w, papers_by="counter", return_by="electronic"), "finish_task")
    text = tracking(citizen, dossier).text
    assert "còn phí, lệ phí phải nộp" in text
    assert "chưa phải làm gì" not in text
    dossier = walk(w, draft(w, papers_by="counter", return_by="electronic"), "decide")
    text = tracking(citizen, dossier).text
    assert "Nộp xong thì bản điện tử được trả ngay trên trang này" in text
    assert "Đang chờ ông/bà nộp phí, lệ phí" in text


def test_no_more_is_left_than_the_limit_has(w: World, citizen: Client, at: Any) -> None:
    at("2026-10-05 07:10")
    dossier = walk(w, draft(w, papers_by="counter"), "accept")
    text = tracking(citizen, dossier).text
    assert "Đã dùng 0 trên 5 ngày làm việc Còn 5 ngày làm việc" in text


def test_a_new_date_names_the_old_one_and_the_rule(w: World, citizen: Client, at: Any) -> None:
    at("2026-10-05 09:00")
    dossier = hold(w, walk(w, draft(w), "assign"))
    old = dossier.due_at
    at("2026-10-08 09:00")
    step(
        w,
        dossier,
        "answer_supplement",
        "citizen",
        {"answers": {1: {"text": "Đã chụp lại", "document": None}}},
    )
    dossier = step(w, dossier, "resume", "desk_officer")
    text = tracking(citizen, dossier).text
    assert f"Hẹn trả {vndatetime(dossier.due_at)}, thay cho {vndatetime(old)}." in text
    assert "Thời hạn tính lại từ khi nhận đủ giấy tờ bổ sung." in text


def test_nothing_from_inside_the_office_is_told(w: World, citizen: Client) -> None:
    dossier = walk(w, draft(w), "assign")
    step(w, dossier, "finish_task", "case_officer", {"result": "Bí mật nội bộ", "note": "Ghi chú nội bộ"})
    page = tracking(citizen, dossier)
    inside = [
        "Bí mật",
        "Ghi chú nội bộ",
        w.case_officer.full_name,
        w.division_head.full_name,
        "Phiếu kiểm soát",
    ]
    assert [word for word in inside if word in page.html] == []


def test_another_persons_dossier_is_not_found(w: World) -> None:
    dossier = walk(w, draft(w), "accept")
    slip = dossier.papers.get(kind=Paper.Kind.ACCEPTANCE_SLIP)
    ref = dossier.submission_ref
    pages = ["", "bo-sung/", "rut/", f"phieu/{slip.pk}/", f"tep/{dossier.documents.get().pk}/"]
    for who in (w.neighbour, w.desk_officer, w.supervisor, w.carrier):
        client = Client()
        client.force_login(who)
        assert [client.get(f"/ho-so-cua-toi/{ref}/{page}").status_code for page in pages] == [404] * len(
            pages
        )
    assert [Client().get(f"/ho-so-cua-toi/{ref}/{page}").status_code for page in pages] == [302] * len(pages)


def test_the_offices_own_slips_and_unreturned_results_stay_closed(w: World, citizen: Client) -> None:
    dossier = walk(w, draft(w, papers_by="counter"), "decide")
    ref = dossier.submission_ref
    inner = Paper.objects.create(
        dossier=dossier,
        kind=Paper.Kind.CONTROL_SLIP,
        issued_by=w.desk_officer,
        issued_at=moment("2026-10-05 09:00"),
    )
    result = dossier.papers.get(kind=Paper.Kind.RESULT)
    assert citizen.get(f"/ho-so-cua-toi/{ref}/phieu/{inner.pk}/").status_code == 404
    assert citizen.get(f"/ho-so-cua-toi/{ref}/phieu/{result.pk}/").status_code == 404


# -- Answering a request ---------------------------------------------------------------------------------------


def held_at_intake(w: World) -> Dossier:
    dossier = walk(w, draft(w), "submit")
    items = [{**ITEMS[0], "component": w.version.components.get(order=2)}]
    return step(w, dossier, "ask_completion", "desk_officer", {"items": items, "phone_call_note": "Đã gọi"})


def answer(client: Client, dossier: Dossier, **data: Any) -> Any:
    return post(
        client, f"/ho-so-cua-toi/{dossier.submission_ref}/bo-sung/", {"seen": dossier.last_seq, **data}
    )


def test_a_request_is_answered_item_by_item(w: World, citizen: Client) -> None:
    dossier = held_at_intake(w)
    page = tracking(citizen, dossier)
    assert "Ảnh mờ, không đọc được ngày sinh" in page.text
    assert f"/ho-so-cua-toi/{dossier.submission_ref}/bo-sung/" in page.links
    old = dossier.documents.get()
    sent = SimpleUploadedFile("Giấy chứng sinh rõ.pdf", PDF)
    done = answer(citizen, dossier, **{"file-1": sent, "text-1": "Tôi chụp lại rồi ạ"})
    assert "Đã gửi bổ sung" in done.content.decode()
    dossier.refresh_from_db()
    item = dossier.supplements.get().items.get()
    assert dossier.state == State.SUBMITTED
    assert (item.answer, item.document.name) == ("Tôi chụp lại rồi ạ", "Giấy chứng sinh rõ.pdf")
    old.refresh_from_db()
    assert old.replaced_by == item.document


def test_an_empty_answer_is_refused_and_nothing_half_done(w: World, citizen: Client) -> None:
    dossier = held_at_intake(w)
    done = answer(citizen, dossier)
    assert "Mục 1: tải giấy tờ lên hoặc trả lời bằng lời" in read_page(done.content.decode()).one(
        "//section[@aria-labelledby='muc-1']//*[@class='dv-error']"
    ).xpath("string()")
    wrong = SimpleUploadedFile("virus.exe", b"MZ" + b"\0" * 600)
    done = answer(citizen, dossier, **{"file-1": wrong, "text-1": "Gửi lại"})
    page = read_page(done.content.decode())
    assert page.title.startswith("Lỗi:")
    assert page.one('//textarea[@name="text-1"]').text.strip() == "Gửi lại"
    dossier.refresh_from_db()
    assert dossier.state == State.INTAKE_HOLD
    assert Document.objects.filter(dossier=dossier).count() == 1


def held_twice(w: World) -> Dossier:
    """Two things are asked for."""
    items = [
        {**ITEMS[0], "component": w.version.components.get(order=2)},
        {"name": "Văn bản ủy quyền", "reason": "missing", "explanation": "Người nộp không phải cha, mẹ."},
    ]
    return step(w, walk(w, draft(w), "submit"), "ask_completion", "desk_officer", {"items": items})


def test_a_file_that_came_is_kept_while_something_else_is_put_right(w: World, citizen: Client) -> None:
    dossier = held_twice(w)
    done = answer(citizen, dossier, **{"file-1": SimpleUploadedFile("rõ.pdf", PDF)})
    page = read_page(done.content.decode())
    assert "Đã tải lên, chưa gửi" in page.text
    assert not dossier.documents.filter(name="rõ.pdf").exists()  # sent together, or not at all
    again = read_page(citizen.get(f"/ho-so-cua-toi/{dossier.submission_ref}/bo-sung/").content.decode())
    assert "rõ.pdf" in again.text
    stranger = Client()
    stranger.force_login(w.desk_officer)
    assert "rõ.pdf" not in stranger.get(f"/mot-cua/ho-so/{dossier.submission_ref}/").content.decode()
    done = answer(citizen, dossier, **{"text-2": "Tôi là mẹ của cháu"})
    assert "Đã gửi bổ sung" in done.content.decode()
    first, second = dossier.supplements.get().items.order_by("order")
    assert (first.document.name, second.answer) == ("rõ.pdf", "Tôi là mẹ của cháu")
    assert not Upload.objects.exists()


def test_a_kept_file_is_put_away_or_replaced(w: World, citizen: Client) -> None:
    dossier = held_twice(w)
    answer(citizen, dossier, **{"file-1": SimpleUploadedFile("nhầm.pdf", PDF)})
    done = answer(citizen, dossier, **{"_drop": "1", "text-2": "Đang gõ dở"})
    page = read_page(done.content.decode())
    assert "nhầm.pdf" not in page.text
    assert page.one('//textarea[@name="text-2"]').text.strip() == "Đang gõ dở"
    answer(citizen, dossier, **{"file-1": SimpleUploadedFile("cũ.pdf", PDF)})
    answer(citizen, dossier, **{"file-1": SimpleUploadedFile("mới.pdf", PDF), "text-2": "Tôi là mẹ"})
    assert dossier.supplements.get().items.get(order=1).document.name == "mới.pdf"
    wrong = SimpleUploadedFile("virus.exe", b"MZ" + b"\0" * 600)
    other = held_twice(w)
    done = answer(citizen, other, **{"file-1": wrong, "text-2": "Tôi là mẹ"})
    assert "virus.exe" not in [row.name for row in Upload.objects.all()]
    assert read_page(done.content.decode()).title.startswith("Lỗi:")


def test_a_stale_answer_says_who_was_faster(w: World, citizen: Client) -> None:
    dossier = held_at_intake(w)
    answer(citizen, dossier, **{"text-1": "Lần một"})
    done = answer(citizen, dossier, **{"text-1": "Lần hai"})
    assert done.request["PATH_INFO"] == f"/ho-so-cua-toi/{dossier.submission_ref}/"
    assert dossier.supplements.get().items.get().answer == "Lần một"


def test_an_answer_overtaken_by_something_else_keeps_its_words_and_files(w: World, citizen: Client) -> None:
    dossier = held_twice(w)
    words = {"text-2": "Tôi là mẹ của cháu"}
    file = SimpleUploadedFile("rõ.pdf", PDF)
    done = answer(citizen, dossier, seen=dossier.last_seq - 1, **{"file-1": file, **words})
    page = read_page(done.content.decode())
    assert "vẫn còn ở dưới" in page.text
    assert "Đã tải lên, chưa gửi" in page.text
    assert page.one('//textarea[@name="text-2"]').text.strip() == words["text-2"]
    assert dossier.supplements.get().status == "sent"
    done = answer(citizen, dossier, seen=page.one('//input[@name="seen"]').get("value"), **words)
    assert "Đã gửi bổ sung" in done.content.decode()
    first, second = dossier.supplements.get().items.order_by("order")
    assert (first.document.name, second.answer) == ("rõ.pdf", words["text-2"])


def test_a_withdrawal_overtaken_by_something_else_is_asked_again_with_its_words(
    w: World, citizen: Client
) -> None:
    dossier = walk(w, draft(w), "accept")
    url = f"/ho-so-cua-toi/{dossier.submission_ref}/rut/"
    done = post(citizen, url, {"seen": dossier.last_seq - 1, "sure": "on", "note": "Nộp nhầm"})
    page = read_page(done.content.decode())
    assert "vừa thực hiện" in page.text
    assert page.one('//textarea[@name="note"]').text.strip() == "Nộp nhầm"
    assert not page.all('//input[@name="sure"][@checked]')
    assert page.one('//input[@name="seen"]').get("value") == str(dossier.last_seq)
    dossier.refresh_from_db()
    assert dossier.state != State.WITHDRAWN


# -- Withdrawing -----------------------------------------------------------------------------------------------


def test_a_dossier_is_withdrawn_after_asking_once_more(w: World, citizen: Client) -> None:
    dossier = walk(w, draft(w), "accept")
    url = f"/ho-so-cua-toi/{dossier.submission_ref}/rut/"
    assert url in tracking(citizen, dossier).links
    assert "Đánh dấu vào ô xác nhận" in post(citizen, url, {"seen": dossier.last_seq}).content.decode()
    done = post(citizen, url, {"seen": dossier.last_seq, "sure": "on", "note": "Nộp nhầm"})
    assert "Đã rút hồ sơ" in done.content.decode()
    again = post(citizen, url, {"seen": dossier.last_seq, "sure": "on"})
    assert again.request["PATH_INFO"] == f"/ho-so-cua-toi/{dossier.submission_ref}/"
    dossier.refresh_from_db()
    assert dossier.state == State.WITHDRAWN


def test_what_was_paid_asks_where_to_go_and_the_way_ends_here(w: World, citizen: Client) -> None:
    dossier = pay(w, walk(w, draft(w, papers_by="counter"), "accept"))
    dossier = step(w, dossier, "withdraw", "citizen", {"note": "Không còn nhu cầu."})
    page = tracking(citizen, dossier)
    assert "Cho biết nơi nhận 8.000 ₫ tiền hoàn" in page.text.replace("\xa0", " ")
    stages = [text_of(stage) for stage in page.all('//ol[@aria-label="Tiến độ hồ sơ"]/li')]
    assert [stage.split()[0:3] for stage in stages][-1] == ["Đã", "rút", "hồ"]
    assert not any("Giải quyết" in stage for stage in stages)
    assert "chưa có" not in page.text


def test_a_decided_dossier_is_not_withdrawn(w: World, citizen: Client) -> None:
    dossier = walk(w, draft(w, papers_by="counter"), "decide")
    url = f"/ho-so-cua-toi/{dossier.submission_ref}/rut/"
    assert url not in tracking(citizen, dossier).links
    post(citizen, url, {"sure": "on", "seen": dossier.last_seq})
    dossier.refresh_from_db()
    assert dossier.state == State.DECIDED


# -- Lists and budgets -----------------------------------------------------------------------------------------


def test_the_list_costs_the_same_with_two_and_with_twenty(w: World, visit: Visitor) -> None:
    for _ in range(2):
        walk(w, draft(w), "accept")
    few = visit("/ho-so-cua-toi/", w.citizen)
    for _ in range(18):
        walk(w, draft(w), "submit")
    many = visit("/ho-so-cua-toi/", w.citizen)
    assert len(many.all("//article")) == 20
    assert len(many.queries) == len(few.queries)


def test_a_dossier_page_costs_the_same_with_a_longer_history(w: World, visit: Visitor) -> None:
    dossier = walk(w, draft(w), "submit")
    visit(f"/ho-so-cua-toi/{dossier.submission_ref}/", w.citizen)  # the first look marks messages as read
    first = visit(f"/ho-so-cua-toi/{dossier.submission_ref}/", w.citizen)
    for number in range(6):
        advance(dossier.pk, "amend", by=w.citizen, changes={"child_full_name": f"Bé {number}"})
    second = visit(f"/ho-so-cua-toi/{dossier.submission_ref}/", w.citizen)
    assert len(second.queries) == len(first.queries)


def test_somebody_without_dossiers_is_shown_a_way_on(w: World, visit: Visitor) -> None:
    page = visit("/ho-so-cua-toi/", w.neighbour)
    assert "Không có hồ sơ nào đang xử lý" in page.text
    assert "/thu-tuc/" in page.links


def test_a_new_message_is_marked_until_it_was_shown(w: World, citizen: Client, visit: Visitor) -> None:
    dossier = walk(w, draft(w), "accept")
    assert "Có thông báo mới" in visit("/ho-so-cua-toi/", w.citizen).text
    assert "Đã tiếp nhận hồ sơ" in tracking(citizen, dossier).text
    assert "Có thông báo mới" not in visit("/ho-so-cua-toi/", w.citizen).text
    assert not dossier.notices.filter(channel="portal", read_at=None).exists()


def test_the_proof_lists_every_file_with_size_and_checksum(w: World) -> None:
    dossier = walk(w, draft(w), "submit")
    document = dossier.documents.get()
    facts = dossier.papers.get(kind=Paper.Kind.SUBMISSION_PROOF).facts
    assert [(f["name"], f["size"], f["sha256"]) for f in facts["files"]] == [
        (document.name, document.size, document.sha256)
    ]


def test_what_the_post_tells_stands_in_the_history(w: World, citizen: Client) -> None:
    dossier = walk(w, draft(w, postal=True), "accept")
    with transaction.atomic():
        notices.tell(
            dossier,
            "postal_collected",
            key="parcel:1:collected",
            tracking_number="EA123456785VN",
            amount=8000,
        )
    text = tracking(citizen, dossier).text
    assert "Bưu điện đã nhận giấy tờ của hồ sơ" in text
    assert "EA123456785VN" in text


# -- Dates, place, lateness, what comes with a result ----------------------------------------------------------


def test_three_dates_and_who_has_it(w: World, citizen: Client) -> None:
    dossier = walk(w, draft(w, postal=True), "hand_over")
    text = tracking(citizen, dossier).text
    assert "Dự kiến bưu điện phát, muộn nhất" in text
    assert "Đang ở" in text
    assert w.desk.agency.name in text
    assert (
        "Dự kiến bưu điện phát"
        not in tracking(citizen, walk(w, draft(w, papers_by="counter"), "accept")).text
    )


def test_a_late_dossier_says_so_and_where_it_lies(w: World, citizen: Client, at: Any) -> None:
    at("2026-10-01 08:00")
    dossier = walk(w, draft(w, papers_by="counter"), "accept")
    assert "xin lỗi" not in tracking(citizen, dossier).text
    at("2026-12-01 08:00")
    citizen.force_login(w.citizen)
    text = tracking(citizen, dossier).text
    assert "Hồ sơ quá ngày hẹn trả. Cơ quan giải quyết xin lỗi ông/bà." in text
    assert "văn bản nêu lý do, xin lỗi và ngày trả mới" in text


def test_the_time_used_runs_to_this_moment(w: World, citizen: Client, at: Any) -> None:
    """Not to the last step: a dossier nobody touches uses its days up all the same."""
    at("2026-10-05 08:00")
    dossier = walk(w, draft(w, papers_by="counter"), "accept")
    at("2026-10-08 09:00")
    assert "Đã dùng 2,2 trên 5 ngày làm việc" in tracking(citizen, dossier).text


def test_a_withdrawn_dossier_was_stopped_and_not_done_early(w: World, citizen: Client) -> None:
    text = tracking(citizen, step(w, walk(w, draft(w), "accept"), "withdraw", "citizen")).text
    assert "Đã dừng" in text
    assert "Xong trước hạn" not in text


def test_the_code_of_a_result_stands_beside_it(w: World, citizen: Client) -> None:
    dossier = walk(w, draft(w, papers_by="counter"), "complete")
    code = dossier.papers.get(kind=Paper.Kind.RESULT).verify_code
    page = tracking(citizen, dossier)
    assert code
    assert f"/xac-minh/{code}/" in page.links


def test_withdrawing_tells_what_becomes_of_papers_and_money(w: World, citizen: Client) -> None:
    dossier = walk(w, draft(w, papers_by="counter"), "accept")
    text = read_page(citizen.get(f"/ho-so-cua-toi/{dossier.submission_ref}/rut/").content.decode()).text
    assert "Khoản 8.000" in text
    assert "chưa nộp phí, lệ phí nào" in text
    assert "chưa nộp bản giấy nào" in text


def test_many_dossiers_are_searched_by_code_owner_and_procedure(w: World, citizen: Client) -> None:
    page = read_page(citizen.get("/ho-so-cua-toi/").content.decode())
    assert not page.all("//input[@name='tim']")
    wanted = walk(w, draft(w), "submit")
    for _ in range(10):
        walk(w, draft(w), "submit")
    page = read_page(citizen.get("/ho-so-cua-toi/").content.decode())
    assert page.all("//input[@name='tim']")
    page = read_page(citizen.get("/ho-so-cua-toi/", {"tim": wanted.submission_ref}).content.decode())
    assert [link for link in page.links if link.startswith("/ho-so-cua-toi/NT-")] == [
        f"/ho-so-cua-toi/{wanted.submission_ref}/"
    ]
    page = read_page(citizen.get("/ho-so-cua-toi/", {"tim": "không có hồ sơ này"}).content.decode())
    assert "Không tìm thấy hồ sơ nào" in page.text


def test_the_parts_of_the_list_keep_the_words_sought_and_nothing_else(w: World, citizen: Client) -> None:
    walk(w, draft(w), "submit")
    page = read_page(citizen.get("/ho-so-cua-toi/").content.decode())
    assert [link for link in page.links if link.startswith("?")] == ["?", "?xem=xong", "?xem=nhap"]
    page = read_page(citizen.get("/ho-so-cua-toi/", {"tim": "khai"}).content.decode())
    assert "?xem=xong&tim=khai" in page.links
