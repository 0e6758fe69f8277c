"""Applying under adverse conditions: nothing lost, nothing half-done, and a clear answer each time."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client, override_settings
from django.utils import timezone
from kombu.exceptions import OperationalError

from config.celery import app
from danhmuc.models import Procedure
from danhmuc.services import draft_from, publish_version
from hoso.models import Document, Dossier, Notice, State
from hoso.services import postal
from portal.forms.apply import WaysForm
from portal.models import KeptPage
from tests.factories import EFORM, World, draft, person, walk
from tests.page import Visitor, read_page
from tests.portal.helpers import PDF, begin, draft_through_pages, fill_section, post

pytestmark = pytest.mark.django_db


def seen(client: Client, ref: str) -> str:
    page = read_page(client.get(f"/nop-ho-so/{ref}/kiem-tra/").content.decode())
    return str(page.one('//input[@name="seen"]').get("value"))


# -- Filing ----------------------------------------------------------------------------------------------------


def test_pressing_twice_files_once_and_shows_the_same_proof(w: World, citizen: Client) -> None:
    ref = draft_through_pages(citizen, w)
    data = {"declared": "on", "seen": seen(citizen, ref)}
    for _ in range(2):
        answer = post(citizen, f"/nop-ho-so/{ref}/kiem-tra/", data)
        assert answer.request["PATH_INFO"] == f"/nop-ho-so/{ref}/da-nop/"
    dossier = Dossier.objects.get()
    assert [event.name for event in dossier.events.all()] == ["create", "submit"]
    assert dossier.papers.count() == 1
    assert Notice.objects.filter(dossier=dossier, channel="portal").count() == 1


def test_who_has_filed_already_is_reminded(w: World, citizen: Client) -> None:
    url = f"/nop-ho-so/{w.version.procedure.code}/"
    assert "đã nộp hồ sơ thủ tục này" not in read_page(citizen.get(url).content.decode()).text
    filed = walk(w, draft(w), "submit")
    page = read_page(citizen.get(url).content.decode())
    assert "đã nộp hồ sơ thủ tục này" in page.text
    assert f"/ho-so-cua-toi/{filed.submission_ref}/" in page.links


def test_the_post_does_not_come_where_there_is_no_paper_to_hand_over(w: World, citizen: Client) -> None:
    """Papers only shown in person do not travel: the postman would be paid for taking nothing."""
    from tests.factories import procedure

    ref = draft(
        w, version=procedure("1.000894", "Đăng ký kết hôn", papers="present"), paper=False
    ).submission_ref
    page = read_page(citizen.get(f"/nop-ho-so/{ref}/buu-chinh/").content.decode())
    assert not page.all('//input[@name="papers_by" and @value="post"]')
    assert page.all('//input[@name="return_by" and @value="post"]')
    answer = post(citizen, f"/nop-ho-so/{ref}/buu-chinh/", {"papers_by": "post", "return_by": "desk"})
    assert read_page(answer.content.decode()).title.startswith("Lỗi:")


def test_the_post_needs_an_address_where_it_does_not_fetch(w: World) -> None:
    """No "leave it empty if it is the same place" where there is no other place; one's own address stands there."""
    dossier = draft(w)
    fetched = WaysForm(dossier, [])
    assert not fetched.fields["delivery"].required
    dossier.version.paper_check_mode = "none"
    form = WaysForm(dossier, [])
    assert form.fields["delivery"].required
    assert not form.fields["delivery"].help_text
    assert form.initial["delivery"]["detail"] == w.citizen.address


def test_one_way_alone_is_nothing_to_change(w: World) -> None:
    dossier = walk(w, draft(w, papers_by="counter"), "submit")
    assert postal.changeable(dossier, None) == postal.Changeable(papers=True, result=True)
    version = dossier.version
    version.postal_intake_allowed = version.postal_return_allowed = False
    version.online_level = 3
    assert not postal.changeable(dossier, None)
    assert not postal.has_choice(dossier)


def test_starting_twice_makes_one_draft(w: World, citizen: Client) -> None:
    assert begin(citizen, w) == begin(citizen, w)
    assert Dossier.objects.count() == 1


def test_an_incomplete_draft_is_refused_with_what_is_missing(w: World, citizen: Client) -> None:
    ref = begin(citizen, w)
    answer = post(citizen, f"/nop-ho-so/{ref}/kiem-tra/", {"declared": "on", "seen": "1"})
    text = read_page(answer.content.decode()).text
    assert "Giấy chứng sinh" in text
    assert "Người được khai sinh: chưa trả lời họ, chữ đệm, tên" in text
    assert Dossier.objects.get().state == State.DRAFT


def test_without_the_promise_nothing_is_filed(w: World, citizen: Client) -> None:
    ref = draft_through_pages(citizen, w)
    answer = post(citizen, f"/nop-ho-so/{ref}/kiem-tra/", {"seen": seen(citizen, ref)})
    page = read_page(answer.content.decode())
    assert page.title.startswith("Lỗi:")
    assert "Đánh dấu vào ô cam đoan" in page.text
    assert Dossier.objects.get().state == State.DRAFT


def test_a_page_left_open_in_another_window_leads_to_the_filed_dossier(w: World, citizen: Client) -> None:
    ref = draft_through_pages(citizen, w)
    post(citizen, f"/nop-ho-so/{ref}/kiem-tra/", {"declared": "on", "seen": seen(citizen, ref)})
    answer = fill_section(citizen, ref, 2, {"child_full_name": "Tên khác"})
    assert answer.request["PATH_INFO"] == f"/ho-so-cua-toi/{ref}/"
    assert "Hồ sơ này đã nộp" in answer.content.decode()
    assert Dossier.objects.get().answers["child_full_name"] == "Hoàng Gia Bảo"


@contextmanager
def nobody_listens() -> Iterator[None]:
    """The application's own connection to the broker leads to a port where nobody answers."""
    before = app.conf.broker_url
    app.conf.broker_url = app.conf.broker_write_url = "redis://127.0.0.1:1/0"
    try:
        with pytest.raises(OperationalError):
            app.connection_for_write().ensure_connection(max_retries=1)
        yield
    finally:
        app.conf.broker_url = app.conf.broker_write_url = before


def test_filing_needs_no_broker(w: World, citizen: Client) -> None:
    ref = draft_through_pages(citizen, w)
    data = {"declared": "on", "seen": seen(citizen, ref)}
    with nobody_listens():
        post(citizen, f"/nop-ho-so/{ref}/kiem-tra/", data)
    dossier = Dossier.objects.get()
    assert dossier.state == State.SUBMITTED
    assert {n.state for n in dossier.notices.all()} == {Notice.State.QUEUED}, "chờ trong hộp thư đi"


# -- Writing ---------------------------------------------------------------------------------------------------


def test_errors_come_first_and_everything_typed_is_kept(w: World, citizen: Client) -> None:
    ref = begin(citizen, w)
    answer = fill_section(citizen, ref, 2, {"child_full_name": ""})
    page = read_page(answer.content.decode())
    assert page.title.startswith("Lỗi:")
    assert "#id_child_full_name" in page.links
    assert "Nhập họ, chữ đệm, tên" in page.text


def test_a_draft_saved_for_later_survives_signing_out(w: World, citizen: Client) -> None:
    ref = begin(citizen, w)
    answer = fill_section(citizen, ref, 2, {"child_full_name": "Hoàng Gia Bảo"}, _later="1")
    assert "Đã lưu. Hồ sơ chưa nộp" in answer.content.decode()
    citizen.logout()
    again = Client()
    again.force_login(w.citizen)
    page = read_page(again.get(f"/nop-ho-so/{ref}/to-khai/2/").content.decode())
    assert page.one('//input[@name="child_full_name"]').get("value") == "Hoàng Gia Bảo"
    assert "Nháp, chưa nộp" in read_page(again.get("/ho-so-cua-toi/?xem=nhap").content.decode()).text


def test_words_typed_when_the_session_has_ended_are_offered_after_signing_in(
    w: World, citizen: Client
) -> None:
    ref = begin(citizen, w)
    url = f"/nop-ho-so/{ref}/to-khai/2/"
    citizen.logout()
    answer = citizen.post(url, {"_shown": "child_full_name", "child_full_name": "Hoàng Gia Bảo"})
    assert answer.status_code == 302
    assert answer["Location"] == f"/dang-nhap/?next={url}"
    assert "child_full_name" not in Dossier.objects.get().answers

    back = citizen.post(
        answer["Location"], {"username": w.citizen.username, "password": "Matkhau-123"}, follow=True
    )
    page = read_page(back.content.decode(), url)
    assert page.one('//input[@name="child_full_name"]').get("value") == "Hoàng Gia Bảo"
    assert "chưa lưu" in page.text
    assert not KeptPage.objects.exists(), "chỉ đưa lại một lần"
    assert (
        read_page(citizen.get(url).content.decode()).one('//input[@name="child_full_name"]').get("value")
        is None
    )
    fill_section(citizen, ref, 2, {"child_full_name": "Hoàng Gia Bảo"})
    assert Dossier.objects.get().answers["child_full_name"] == "Hoàng Gia Bảo"


def test_words_typed_in_a_window_from_before_signing_in_again_are_offered(w: World) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(w.citizen)
    url = f"/nop-ho-so/{draft(w, answers={}).submission_ref}/to-khai/2/"
    old = read_page(client.get(url).content.decode()).all('//input[@name="csrfmiddlewaretoken"]/@value')[0]
    client.cookies["csrftoken"] = "b" * 32  # another window has signed in anew, which changes the secret
    data = {"_shown": "child_full_name", "child_full_name": "Hoàng Gia Bảo", "csrfmiddlewaretoken": old}
    answer = client.post(url, data, headers={"Origin": "http://testserver"})
    assert (answer.status_code, answer["Location"]) == (302, url)
    page = read_page(client.get(url).content.decode())
    assert page.one('//input[@name="child_full_name"]').get("value") == "Hoàng Gia Bảo"
    assert "chưa lưu" in page.text
    assert "child_full_name" not in Dossier.objects.get().answers
    strange = client.post(url, data, headers={"Origin": "http://ke-xau.example"})
    assert strange.status_code == 403
    assert not KeptPage.objects.exists()


def test_kept_words_are_nobody_elses(w: World, citizen: Client) -> None:
    ref = begin(citizen, w)
    url = f"/nop-ho-so/{ref}/to-khai/2/"
    citizen.logout()
    citizen.post(url, {"_shown": "child_full_name", "child_full_name": "Hoàng Gia Bảo"})
    stranger = Client()
    stranger.force_login(w.citizen)
    page = read_page(stranger.get(url).content.decode())
    assert page.one('//input[@name="child_full_name"]').get("value") is None, "trình duyệt khác không có mã"
    citizen.force_login(w.neighbour)
    assert citizen.get(url).status_code == 404


# -- Papers ----------------------------------------------------------------------------------------------------


def upload(client: Client, w: World, ref: str, *files: tuple[str, bytes]) -> Any:
    component = w.version.components.get(order=2)
    sent = [SimpleUploadedFile(name, content) for name, content in files]
    return post(client, f"/nop-ho-so/{ref}/giay-to/", {f"c{component.pk}": sent, "_upload": "1"})


def test_a_wrong_file_is_told_and_takes_none_along(w: World, citizen: Client) -> None:
    ref = begin(citizen, w)
    answer = upload(
        citizen, w, ref, ("tot.pdf", PDF), ("phan-mem.exe", b"MZ" + b"\0" * 600), ("rong.pdf", b"")
    )
    page = read_page(answer.content.decode())
    assert page.title.startswith("Lỗi:")
    assert "tot.pdf" in page.text
    assert "phan-mem.exe" in page.text
    assert [d.name for d in Document.objects.all()] == ["tot.pdf"]


@override_settings(UPLOAD_MAX_BYTES=1000)
def test_a_file_too_large_is_told_with_the_way_out(w: World, citizen: Client) -> None:
    ref = begin(citizen, w)
    answer = upload(citizen, w, ref, ("lon.pdf", PDF + b"\0" * 2000))
    assert "Chụp lại ở độ phân giải thấp hơn hoặc chia thành nhiều tệp" in answer.content.decode()
    assert not Document.objects.exists()


def test_several_files_a_paper_and_one_taken_out(w: World, citizen: Client) -> None:
    ref = begin(citizen, w)
    upload(citizen, w, ref, ("mot.pdf", PDF), ("hai.pdf", PDF))
    first = Document.objects.earliest("pk")
    for _ in range(2):  # a double click does no harm
        post(citizen, f"/nop-ho-so/{ref}/giay-to/", {"_remove": first.pk})
    assert [d.name for d in Document.objects.all() if d.is_current] == ["hai.pdf"]
    assert citizen.get(f"/ho-so-cua-toi/{ref}/tep/{first.pk}/").status_code == 404
    other = citizen.get(f"/ho-so-cua-toi/{ref}/tep/{Document.objects.latest('pk').pk}/")
    assert b"".join(other.streaming_content) == PDF


# -- Rights and modes ------------------------------------------------------------------------------------------

DRAFT_PAGES = ("", "noi-giai-quyet/", "xoa/", "to-khai/1/", "giay-to/", "buu-chinh/", "kiem-tra/", "da-nop/")


@pytest.mark.parametrize("page", DRAFT_PAGES)
def test_a_draft_is_its_writers_alone(w: World, page: str) -> None:
    ref = draft(w).submission_ref
    url = f"/nop-ho-so/{ref}/{page}"
    for other in (w.neighbour, w.desk_officer, w.supervisor, w.carrier):
        client = Client()
        client.force_login(other)
        assert client.get(url).status_code == 404
        if page != "da-nop/":
            assert client.post(url, {}).status_code == 404
    assert Client().get(url).status_code == 302
    mine = Client()
    mine.force_login(w.citizen)
    assert mine.get(url).status_code in {200, 302}


@pytest.mark.parametrize("page", ["to-khai/99/", "to-khai/0/"])
def test_a_section_that_does_not_exist_is_not_found(w: World, citizen: Client, page: str) -> None:
    assert citizen.get(f"/nop-ho-so/{draft(w).submission_ref}/{page}").status_code == 404


def test_officers_do_not_apply_here(w: World) -> None:
    client = Client()
    client.force_login(w.desk_officer)
    assert client.get(f"/nop-ho-so/{w.version.procedure.code}/").status_code == 403


@override_settings(DEPLOYMENT_MODE="PORTAL_INFO")
def test_the_information_mode_leads_to_the_national_portal(w: World, citizen: Client, visit: Visitor) -> None:
    code = w.version.procedure.code
    page = visit(f"/thu-tuc/{code}/")
    assert "https://dichvucong.gov.vn" in page.links
    assert f"/nop-ho-so/{code}/" not in page.links
    for method in (citizen.get, citizen.post):
        answer = method(f"/nop-ho-so/{code}/")
        assert answer["Location"] == "https://dichvucong.gov.vn"
    before = draft(w)
    assert citizen.get(f"/nop-ho-so/{before.submission_ref}/").status_code == 302
    assert (
        citizen.post(f"/nop-ho-so/{before.submission_ref}/kiem-tra/", {"declared": "on"}).status_code == 302
    )
    before.refresh_from_db()
    assert before.state == State.DRAFT


def test_a_ministrys_procedure_is_applied_for_elsewhere(w: World, citizen: Client) -> None:
    Procedure.objects.filter(pk=w.version.procedure_id).update(processing_system="ministry")
    assert citizen.get(f"/nop-ho-so/{w.version.procedure.code}/")["Location"] == "https://dichvucong.gov.vn"


def test_an_agency_that_does_not_resolve_it_cannot_be_chosen(w: World, citizen: Client) -> None:
    answer = post(citizen, f"/nop-ho-so/{w.version.procedure.code}/", {"agency": w.department.pk})
    assert "Chọn một cơ quan trong danh sách" in answer.content.decode()
    assert not Dossier.objects.exists()


# -- The post --------------------------------------------------------------------------------------------------


def test_the_post_is_offered_only_where_the_procedure_allows_it(w: World, citizen: Client) -> None:
    from tests.factories import procedure

    version = procedure(
        "1.001194", "Đăng ký kết hôn", postal_intake_allowed=False, postal_return_allowed=False
    )
    ref = draft(w, version=version, paper=False).submission_ref
    page = read_page(citizen.get(f"/nop-ho-so/{ref}/buu-chinh/").content.decode())
    assert not page.all('//input[@value="post"]')
    answer = post(citizen, f"/nop-ho-so/{ref}/buu-chinh/", {"papers_by": "post", "return_by": "post"})
    assert read_page(answer.content.decode()).title.startswith("Lỗi:")


def test_the_post_needs_an_address_a_day_and_a_telephone(w: World, citizen: Client) -> None:
    ref = begin(citizen, w)
    data = {
        "papers_by": "post",
        "return_by": "post",
        "pickup_p": "25",
        "pickup_c": "",
        "pickup_e": "2",
        "pickup_t": "",
    }
    answer = post(citizen, f"/nop-ho-so/{ref}/buu-chinh/", data)
    text = read_page(answer.content.decode()).text
    assert "Cần sửa 5 chỗ" in text
    assert "Nhập điện thoại để bưu điện gọi" in text
    assert "ký nhận với nhân viên bưu điện" in text
    assert Dossier.objects.get().papers_by == "none"


def test_changing_ones_mind_about_the_post_takes_the_order_back(w: World, citizen: Client) -> None:
    dossier = draft(w, postal=True)
    page = citizen.get(f"/nop-ho-so/{dossier.submission_ref}/buu-chinh/")
    assert page.status_code == 200
    post(
        citizen,
        f"/nop-ho-so/{dossier.submission_ref}/buu-chinh/",
        {"papers_by": "counter", "return_by": "counter"},
    )
    dossier = Dossier.objects.select_related("postal").get(pk=dossier.pk)
    assert getattr(dossier, "postal", None) is None
    assert dossier.papers_by == "counter"


def test_an_account_without_a_place_can_apply_too(w: World) -> None:
    client = Client()
    client.force_login(person("Lò Thị Xuân", phone="", email="", address=""))
    ref = begin(client, w)
    for page in DRAFT_PAGES[:-1]:
        assert client.get(f"/nop-ho-so/{ref}/{page}").status_code == 200


# -- A new content of the procedure ----------------------------------------------------------------------------


def test_a_draft_is_carried_over_to_the_procedures_new_content(w: World, citizen: Client) -> None:
    dossier = draft(w)
    old = w.version
    new = draft_from(old)
    new.valid_from = timezone.localdate()
    new.eform = {**EFORM, "sections": EFORM["sections"][1:]}
    new.save()
    publish_version(new)
    url = f"/nop-ho-so/{dossier.submission_ref}/"
    assert "Nội dung thủ tục đã thay đổi" in read_page(citizen.get(url).content.decode()).text
    for _ in range(2):
        post(citizen, url, {})
    dossier.refresh_from_db()
    assert dossier.version_id == new.pk
    assert dossier.answers == {"child_full_name": "Hoàng Gia Bảo"}
    assert dossier.documents.get().component.version_id == new.pk
    assert "Nội dung thủ tục đã thay đổi" not in citizen.get(url).content.decode()


def test_the_pages_of_a_long_form_stay_within_their_budget(w: World, visit: Visitor) -> None:
    ref = draft(w).submission_ref
    for page in ("", "noi-giai-quyet/", "to-khai/1/", "giay-to/", "buu-chinh/", "kiem-tra/"):
        visit(f"/nop-ho-so/{ref}/{page}", w.citizen, budget=22)
