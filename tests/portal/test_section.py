"""The pages of the electronic form: conditions, where values come from, saving by itself, two windows, a session gone."""

from typing import Any
from urllib.parse import urlencode

import pytest
from django.test import Client

from hoso.models import Dossier, State
from hoso.services.dossiers import advance
from tests.factories import World, draft, procedure
from tests.page import Page, Visitor, parse, read_page, text_of
from tests.portal.helpers import fill_section

pytestmark = pytest.mark.django_db

FORM: dict[str, Any] = {
    "title": "Đơn đề nghị",
    "sections": [
        {
            "title": "Người đề nghị",
            "fields": [
                {"key": "name", "label": "Họ và tên", "type": "text", "required": True, "prefill": "submitter.full_name"},
                {"key": "issued", "label": "Nơi cấp", "type": "text", "required": False, "prefill": "submitter.id_issue_place"},
                {"key": "about", "label": "Về việc", "type": "text", "required": True, "prefill": "procedure.name"},
                {
                    "key": "role",
                    "label": "Tư cách",
                    "type": "choice",
                    "required": True,
                    "choices": [{"value": "self", "label": "Chính chủ"}, {"value": "proxy", "label": "Được ủy quyền"}],
                },
                {
                    "key": "deed",
                    "label": "Số giấy ủy quyền",
                    "type": "text",
                    "required": False,
                    "required_when_shown": True,
                    "show_if": {"field": "role", "equals": "proxy"},
                },
                {"key": "phone", "label": "Số điện thoại", "type": "phone", "required": False},
            ],
        },
        {"title": "Nội dung", "fields": [{"key": "content", "label": "Nội dung", "type": "longtext", "required": True}]},
    ],
    "rules": [],
}  # fmt: skip
GOOD = {"name": "Nguyễn Thị Thanh Hương", "issued": "", "about": "Việc", "role": "self", "phone": ""}


@pytest.fixture
def ref(w: World) -> str:
    w.more["form"] = procedure("1.009997", "Thủ tục thử", eform=FORM)
    return draft(w, version=w.more["form"], answers={}, paper=False).submission_ref


def page(client: Client, ref: str, number: int = 1) -> Page:
    return read_page(client.get(f"/nop-ho-so/{ref}/to-khai/{number}/").content.decode())


def value(page: Page, name: str) -> str | None:
    return page.one(f'//input[@name="{name}"]').get("value")


def sent(page: Page, **typed: str) -> dict[str, str]:
    """What the browser sends from this page once this was typed."""
    hidden = {
        str(box.get("name")): str(box.get("value") or "") for box in page.all('//input[@type="hidden"]')
    }
    return {**hidden, **GOOD, **typed}


def status(response: Any) -> str:
    """The line of words a saving by itself is answered with."""
    return text_of(parse(response.content.decode(), fragment=True))


# -- Conditions ------------------------------------------------------------------------------------------------


def test_a_question_that_may_come_up_waits_for_the_script_and_is_not_sent_without_it(
    citizen: Client, ref: str
) -> None:
    shown = page(citizen, ref)
    waiting = shown.one("//template[@data-if]")
    assert (waiting.get("data-if"), waiting.get("data-is")) == ("role", "proxy")
    assert waiting.xpath('.//input[@name="deed"]')
    assert value(shown, "_shown") == "name issued about role phone"


def test_what_was_asked_and_no_longer_applies_is_not_kept(citizen: Client, ref: str) -> None:
    fill_section(citizen, ref, 1, {**GOOD, "role": "proxy", "deed": "12/UQ"})
    assert Dossier.objects.get().answers["deed"] == "12/UQ"
    fill_section(citizen, ref, 1, {**GOOD, "deed": "12/UQ"})
    assert "deed" not in Dossier.objects.get().answers


# -- Where values come from ------------------------------------------------------------------------------------


def test_a_value_from_the_account_says_so_until_it_is_changed(w: World, citizen: Client, ref: str) -> None:
    shown = page(citizen, ref)
    assert value(shown, "name") == w.citizen.full_name
    assert shown.text.count("Lấy từ tài khoản của ông/bà") == 1
    fill_section(citizen, ref, 1, {**GOOD, "name": "Hoàng Văn Bình"})
    again = page(citizen, ref)
    assert value(again, "name") == "Hoàng Văn Bình"
    assert "Lấy từ tài khoản" not in again.text


def test_what_the_account_does_not_know_comes_from_an_earlier_dossier(
    w: World, citizen: Client, ref: str
) -> None:
    earlier = draft(
        w, version=w.more["form"], answers={**GOOD, "issued": "Công an tỉnh Phú Thọ"}, paper=False
    )
    assert value(page(citizen, ref), "issued") is None, "bản nháp khác chưa phải là lời đã nộp"
    Dossier.objects.filter(pk=earlier.pk).update(state=State.SUBMITTED, submitted_at=earlier.created_at)
    shown = page(citizen, ref)
    assert value(shown, "issued") == "Công an tỉnh Phú Thọ"
    assert f"Lấy từ hồ sơ {earlier.submission_ref} nộp ngày" in shown.text
    other = draft(w, by=w.neighbour, version=w.more["form"], answers={}, paper=False)
    mine = Client()
    mine.force_login(w.neighbour)
    assert value(page(mine, other.submission_ref), "issued") is None, "của ai người nấy"


def test_the_rest_is_only_taken_over_when_asked_for(w: World, citizen: Client, ref: str) -> None:
    earlier = draft(w, version=w.more["form"], answers={"content": "Xin cấp lại"}, paper=False)
    Dossier.objects.filter(pk=earlier.pk).update(state=State.COMPLETED, submitted_at=earlier.created_at, finished_at=earlier.created_at)  # fmt: skip
    shown = page(citizen, ref, 2)
    assert "Xin cấp lại" not in shown.text
    button = shown.button("Lấy lại câu trả lời lần trước")
    answer = citizen.post(f"/nop-ho-so/{ref}/to-khai/2/", {"_before": button.get("value")})
    filled = read_page(answer.content.decode())
    assert "Xin cấp lại" in filled.text
    assert "Chưa lưu nội dung trên trang này" in filled.text
    assert Dossier.objects.get(submission_ref=ref).answers == {}
    fill_section(citizen, ref, 2, {"content": "Xin cấp lại"})
    assert "Lấy lại câu trả lời" not in page(citizen, ref, 2).text


# -- How it stands ---------------------------------------------------------------------------------------------


def test_the_page_says_truly_how_it_stands(citizen: Client, ref: str) -> None:
    url = f"/nop-ho-so/{ref}/to-khai/1/"
    assert "Trang này chưa lưu lần nào. Hồ sơ chưa nộp." in page(citizen, ref).text
    wrong = read_page(citizen.post(url, sent(page(citizen, ref), phone="12")).content.decode())
    assert "1 ô chưa đúng nên chưa lưu" in wrong.text
    assert value(wrong, "phone") == "12"
    citizen.post(url, sent(page(citizen, ref)))
    assert "Đã lưu lúc" in page(citizen, ref).text
    assert "Hồ sơ chưa nộp." in page(citizen, ref).text


def test_pages_of_a_draft_are_not_kept_by_the_browser(citizen: Client, ref: str) -> None:
    assert "no-store" in citizen.get(f"/nop-ho-so/{ref}/to-khai/1/")["Cache-Control"]


# -- Saving by itself ------------------------------------------------------------------------------------------


def autosave(client: Client, ref: str, data: dict[str, str]) -> Any:
    return client.post(f"/nop-ho-so/{ref}/to-khai/1/", {**data, "_autosave": "1"})


def test_saving_by_itself_keeps_what_is_right_and_tells_nobody_off(citizen: Client, ref: str) -> None:
    first = page(citizen, ref)
    answer = autosave(citizen, ref, sent(first, name="", about="Cấp lại", role="", phone="12"))
    assert answer.status_code == 200
    assert "1 ô chưa đúng nên chưa lưu" in status(answer)
    kept = Dossier.objects.get().answers
    assert kept == {"name": "", "issued": "", "about": "Cấp lại", "role": ""}
    seen = parse(answer.content.decode(), fragment=True).xpath("string(//@data-seen)")
    answer = autosave(citizen, ref, {**sent(first, phone="0912 345 678"), "_seen": seen})
    assert status(answer).startswith("Đã lưu lúc")
    assert Dossier.objects.get().answers["phone"] == "+84912345678"
    assert Dossier.objects.get().state == State.DRAFT


def test_saving_by_itself_signed_out_or_too_late_says_so_and_keeps_nothing(
    w: World, citizen: Client, ref: str
) -> None:
    data = sent(page(citizen, ref))
    citizen.logout()
    assert autosave(citizen, ref, data).status_code == 401
    citizen.force_login(w.citizen)
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(w.citizen)
    assert autosave(strict, ref, data).status_code == 403
    assert Dossier.objects.get().answers == {}
    other = Client()
    other.force_login(w.neighbour)
    assert autosave(other, ref, data).status_code == 404


def test_an_answer_the_network_lost_is_no_conflict_with_oneself(citizen: Client, ref: str) -> None:
    first = page(citizen, ref)
    lost, then = sent(first, about="Cấp lần đầu"), sent(first, about="Cấp lại")
    assert autosave(citizen, ref, lost).status_code == 200  # it arrived, and the page never heard of it
    assert autosave(citizen, ref, {**then, "_unanswered": urlencode(lost)}).status_code == 200
    assert Dossier.objects.get().answers["about"] == "Cấp lại"
    # Written back to what stood there at first: no older answer of one's own takes its place.
    back = {**sent(first, about="Thủ tục thử"), "_unanswered": urlencode(then)}
    citizen.post(f"/nop-ho-so/{ref}/to-khai/1/", back)
    assert Dossier.objects.get().answers["about"] == "Thủ tục thử"


def test_another_windows_words_after_a_lost_answer_are_still_a_conflict(citizen: Client, ref: str) -> None:
    first = page(citizen, ref)
    lost = sent(first, about="Cấp lần đầu")
    autosave(citizen, ref, lost)
    citizen.post(f"/nop-ho-so/{ref}/to-khai/1/", sent(page(citizen, ref), about="Cửa sổ khác"))
    answer = autosave(citizen, ref, {**sent(first, about="Cấp lại"), "_unanswered": urlencode(lost)})
    assert answer.status_code == 409
    assert Dossier.objects.get().answers["about"] == "Cửa sổ khác"


def test_a_save_whose_answer_was_lost_is_pressed_again_without_script(citizen: Client, ref: str) -> None:
    url = f"/nop-ho-so/{ref}/to-khai/1/"
    first = page(citizen, ref)
    lost = sent(first, about="Cấp lần đầu", phone="0912345678")
    citizen.post(url, lost)  # it arrived; the telephone that sent it never heard of it
    assert citizen.post(url, lost).status_code == 302  # the same once more
    assert citizen.post(url, sent(first, about="Cấp lại", phone="0912345678")).status_code == 302
    assert Dossier.objects.get().answers["about"] == "Cấp lại"
    # Another window's words, which this page has not seen, are asked about all the same …
    other = page(citizen, ref)
    citizen.post(url, sent(other, about="Cửa sổ khác", phone="0912345678"))
    answer = citizen.post(url, sent(first, about="Cấp đổi", phone="0912345678"))
    shown = read_page(answer.content.decode())
    assert "Đã lưu ở cửa sổ khác: Cửa sổ khác" in shown.text
    # … also where this page has given way to them before.
    citizen.post(url, sent(page(citizen, ref), about="Cửa sổ khác", phone="0912345679"))
    citizen.post(url, sent(other, about="Cửa sổ khác", phone=value(other, "phone")))
    answer = citizen.post(url, sent(other, about="Cửa sổ khác", phone="0912345670"))
    assert "vừa được lưu ở một cửa sổ khác" in answer.content.decode()
    assert Dossier.objects.get().answers["phone"] == "+84912345679"


# -- Two windows -----------------------------------------------------------------------------------------------


def test_two_windows_lose_neither_answer(citizen: Client, ref: str) -> None:
    url = f"/nop-ho-so/{ref}/to-khai/1/"
    one, two = page(citizen, ref), page(citizen, ref)
    citizen.post(url, sent(one, about="Cửa sổ một", phone="0912345678"))
    # The second window left the telephone alone: the first one's stays.
    citizen.post(url, sent(two, name="Hoàng Văn Bình", about="Cửa sổ một"))
    answers = Dossier.objects.get().answers
    assert (answers["name"], answers["phone"]) == ("Hoàng Văn Bình", "+84912345678")


def test_two_windows_that_differ_are_shown_both_and_asked(citizen: Client, ref: str) -> None:
    url = f"/nop-ho-so/{ref}/to-khai/1/"
    one, two = page(citizen, ref), page(citizen, ref)
    citizen.post(url, sent(one, about="Cửa sổ một"))
    answer = citizen.post(url, sent(two, about="Cửa sổ hai"))
    shown = read_page(answer.content.decode())
    assert "vừa được lưu ở một cửa sổ khác" in shown.text
    assert "Đã lưu ở cửa sổ khác: Cửa sổ một" in shown.text
    assert value(shown, "about") == "Cửa sổ hai"
    assert Dossier.objects.get().answers["about"] == "Cửa sổ một"
    assert autosave(citizen, ref, sent(two, about="Cửa sổ hai")).status_code == 409
    citizen.post(url, sent(shown, about="Cửa sổ hai"))
    assert Dossier.objects.get().answers["about"] == "Cửa sổ hai"


def test_the_last_page_files_only_what_it_has_shown(w: World, citizen: Client) -> None:
    ref = draft(w, papers_by="counter").submission_ref
    url = f"/nop-ho-so/{ref}/kiem-tra/"
    check = read_page(citizen.get(url).content.decode())
    data = {"declared": "on", "seen": str(value(check, "seen")), "shown": str(value(check, "shown"))}
    fill_section(citizen, ref, 2, {"child_full_name": "Tên sửa ở cửa sổ khác"})
    answer = citizen.post(url, data, follow=True)
    again = read_page(answer.content.decode())
    assert "vừa được sửa ở một cửa sổ khác" in again.text
    assert "Tên sửa ở cửa sổ khác" in again.text
    assert Dossier.objects.get().state == State.DRAFT
    citizen.post(url, {**data, "shown": str(value(again, "shown"))})
    assert Dossier.objects.get().state == State.SUBMITTED


# -- A session gone, a dossier filed meanwhile, at each page -----------------------------------------------------

PAGES = {
    "noi-giai-quyet/": {"agency": "1"},
    "to-khai/1/": {"_shown": "submitter_full_name", "submitter_full_name": "Hoàng Văn Bình"},
    "giay-to/": {},
    "buu-chinh/": {"papers_by": "counter", "return_by": "counter"},
    "kiem-tra/": {"declared": "on", "seen": "1"},
    "xoa/": {},
    "": {"_keep": "1"},
}


@pytest.mark.parametrize("name", PAGES)
def test_a_session_gone_loses_nothing_and_does_nothing(w: World, citizen: Client, name: str) -> None:
    dossier = draft(w, papers_by="counter")
    url, before = f"/nop-ho-so/{dossier.submission_ref}/{name}", Dossier.objects.get()
    citizen.logout()
    answer = citizen.post(url, PAGES[name])
    assert answer["Location"] == f"/dang-nhap/?next={url}"
    after = Dossier.objects.get()
    assert (after.answers, after.state, after.updated_at) == (before.answers, before.state, before.updated_at)
    back = citizen.post(
        answer["Location"], {"username": w.citizen.username, "password": "Matkhau-123"}, follow=True
    )
    shown = read_page(back.content.decode(), url)
    assert "chưa lưu" in shown.text
    if name == "to-khai/1/":
        assert value(shown, "submitter_full_name") == "Hoàng Văn Bình"
    if name == "kiem-tra/":
        assert shown.button("Nộp hồ sơ") is not None, "chưa nộp: phải tự bấm lại"


@pytest.mark.parametrize("name", PAGES)
def test_a_page_left_open_after_filing_leads_to_the_dossier(w: World, citizen: Client, name: str) -> None:
    dossier = draft(w, papers_by="counter")
    advance(dossier.pk, "submit", by=w.citizen)
    url = f"/nop-ho-so/{dossier.submission_ref}/{name}"
    for answer in (citizen.get(url, follow=True), citizen.post(url, PAGES[name], follow=True)):
        where = answer.request["PATH_INFO"]
        assert where == f"/ho-so-cua-toi/{dossier.submission_ref}/" or where.endswith("/da-nop/")
    assert [event.name for event in dossier.events.all()] == ["create", "submit"]


# -- Places ----------------------------------------------------------------------------------------------------


def test_the_boxes_of_a_place_are_drawn_for_another_province(w: World) -> None:
    client = Client()
    answer = client.get("/dia-danh/", {"name": "home", "id": "id_home", "p": "25", "e": "2", "t": "1"})
    assert "Phường Việt Trì" in answer.content.decode()
    assert 'name="home_t"' in answer.content.decode()
    abroad = client.get("/dia-danh/", {"name": "home", "id": "id_home", "p": "ngoai", "e": "2", "t": "1"})
    assert 'name="home_n"' in abroad.content.decode()


@pytest.mark.parametrize(
    "query",
    [
        {},
        {"name": '"><script>', "id": "x", "p": "25", "e": "2"},
        {"name": "a", "id": "b", "p": "25", "e": "9"},
        {"name": "a", "id": "b", "p": "2' OR 1", "e": "2"},
    ],
)
def test_other_questions_about_places_are_not_found(w: World, query: dict[str, str]) -> None:
    assert Client().get("/dia-danh/", query).status_code == 404


def test_pages_of_the_flow_ask_the_database_little(w: World, visit: Visitor) -> None:
    ref = draft(w).submission_ref
    filed = draft(w, papers_by="counter")
    advance(filed.pk, "submit", by=w.citizen)
    pages = ["", "noi-giai-quyet/", "xoa/", "to-khai/1/", "giay-to/", "buu-chinh/", "kiem-tra/"]
    addresses = [f"/nop-ho-so/{ref}/{name}" for name in pages]
    addresses += [f"/nop-ho-so/{w.version.procedure.code}/", f"/nop-ho-so/{filed.submission_ref}/da-nop/"]
    for budget in (30, 12):  # published contents and the calendar are read once a process
        for address in addresses:
            visit(address, w.citizen, budget=budget)


# -- What is not taken in online ---------------------------------------------------------------------------------


def test_what_is_not_taken_in_online_is_prepared_by_hand(w: World, visit: Visitor) -> None:
    version = procedure("1.009994", "Thủ tục nộp trực tiếp", eform={**FORM, "own": True}, online_level=2)
    code = version.procedure.code
    assert f"/thu-tuc/{code}/nop-truc-tiep/" in visit(f"/thu-tuc/{code}/").links
    assert Client().get(f"/nop-ho-so/{code}/")["Location"] == f"/thu-tuc/{code}/nop-truc-tiep/"
    shown = visit(f"/thu-tuc/{code}/nop-truc-tiep/", budget=12)
    assert f"/thu-tuc/{code}/mau/" in shown.links
    assert "Giấy chứng sinh (01 bản chính)" in shown.text
    assert w.desk.agency.name not in shown.text, "chưa chọn cơ quan"
    chosen = visit(f"/thu-tuc/{code}/nop-truc-tiep/?agency={w.commune.pk}")
    assert w.desk.agency.name in chosen.text
    assert "0210 3846 123" in chosen.text
    assert w.desk.agency.name in visit(f"/thu-tuc/{code}/nop-truc-tiep/", w.citizen).text, "nơi cư trú"
    wrong = visit(f"/thu-tuc/{code}/nop-truc-tiep/?agency={w.department.pk}")
    assert "Chọn một cơ quan trong danh sách" in wrong.text


def test_a_full_online_procedure_asks_for_no_paper(w: World, citizen: Client) -> None:
    version = procedure("1.009993", "Thủ tục toàn trình", eform=FORM, online_level=4, paper_check_mode="none")
    ref = draft(w, version=version, answers={}, paper=False).submission_ref
    ways = read_page(citizen.get(f"/nop-ho-so/{ref}/buu-chinh/").content.decode())
    assert "Thủ tục này không phải nộp bản giấy." in ways.text
    assert not ways.all('//input[@name="papers_by"]')
    assert (
        "Cách nộp bản giấy" not in read_page(citizen.get(f"/nop-ho-so/{ref}/kiem-tra/").content.decode()).text
    )
