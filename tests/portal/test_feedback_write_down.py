"""Feedback by telephone, letter and in person: taken down by an officer, same code, same clocks, the code reaches people."""

from collections.abc import Callable
from datetime import datetime
from typing import Any
from uuid import uuid4

import pytest
from django.core.exceptions import PermissionDenied
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from danhmuc.roles import Role
from danhmuc.services.sign_in import home_of
from hoso.lifecycle import State as DossierState
from hoso.models import Notice
from hoso.services import delivery
from portal.lifecycle import State
from portal.models import Feedback, FeedbackReading
from portal.services.feedback import intake
from portal.services.feedback.door import advance
from tests.factories import World, dossier_at, moment, officer
from tests.page import Page, Visitor, text_of
from tests.portal.feedback_world import WORDS, sent, staff, take, walked, words
from tests.portal.helpers import PDF

pytestmark = pytest.mark.django_db
HOME = "/phan-anh/xu-ly/ghi/"


@pytest.fixture
def f(w: World) -> World:
    w.more["hotline"] = officer("Lê Thị Tổng Đài", Role.HOTLINE_OPERATOR, w.province)
    return staff(w)


def typed(f: World, day: str = "", **more: Any) -> dict[str, Any]:
    """A call as the hotline types it."""
    d, m, y = (day or f"{timezone.localdate():%d/%m/%Y}").split("/")
    own = {
        "source": "phone",
        "received_on_d": d,
        "received_on_m": m,
        "received_on_y": y,
        "kind": "behaviour",
        "agency": f.commune.pk,
        "content": WORDS,
        "sender_name": "Trần Thị Mận",
        "phone": "0912 345 678",
        "email": "",
        "address": "",
        "dossier_code": "",
        "once": uuid4(),
    }
    return own | more


def errors(page: Page) -> str:
    return text_of(page.one('//div[@class="dv-errors"]'))


def test_a_call_becomes_an_item_with_its_code_by_short_message(f: World, visit: Visitor) -> None:
    page = visit.post(HOME, typed(f), f.more["hotline"])
    feedback = Feedback.objects.get()
    assert page.h1 == "Phiếu tiếp nhận phản ánh"
    assert feedback.code in page.text
    assert "Mã gửi bằng tin nhắn đến 0912 345 678" in page.text
    assert (feedback.state, feedback.source, feedback.agency) == (State.NEW, "phone", f.commune)
    assert (feedback.sender, feedback.sender_name) == (None, "Trần Thị Mận")
    assert not feedback.agrees_to_publish, "không hỏi thì không công khai"
    event = feedback.events.get()
    assert (event.name, event.actor) == ("submit", f.more["hotline"])
    notice = Notice.objects.get(template="feedback_received")
    assert (notice.channel, notice.address) == ("sms", "+84912345678")
    assert feedback.code in delivery.render(notice).sms
    # The sender follows it as any other.
    followed = visit.client().post("/phan-anh/theo-doi/", {"ma": feedback.code, "so": "5678"})
    assert followed.status_code == 302
    # The agency finds it among what has just come.
    assert feedback.code in visit("/phan-anh/xu-ly/?muc=moi", f.more["handler"]).text
    case = visit(f"/phan-anh/xu-ly/{feedback.code}/", f.more["handler"]).text
    assert "Nguồn Điện thoại" in case
    assert "Lê Thị Tổng Đài" in case


def test_a_letter_runs_from_the_day_it_came_and_its_scan_goes_along(
    f: World, visit: Visitor, at: Callable[[str], datetime]
) -> None:
    at("2026-10-07 15:00")
    letter = typed(
        f,
        "02/10/2026",
        source="letter",
        phone="",
        address="Khu 6, phường Việt Trì",
        attached=SimpleUploadedFile("thu.pdf", PDF),
        agrees_to_publish="on",
    )
    page = visit.post(HOME, letter, f.more["handler"])
    feedback = Feedback.objects.get()
    # The same five days as an item sent through the portal that day.
    online = sent(f, at=moment("2026-10-02 09:00"))
    assert feedback.due_at == online.due_at == moment("2026-10-09 17:00")
    assert feedback.holdings.get().received_at == feedback.received_at == moment("2026-10-02 08:00")
    assert feedback.files.get().name == "thu.pdf"
    assert "đọc mã cho họ ghi lại, hoặc in phiếu này" in page.text
    assert "gửi thư đến Khu 6, phường Việt Trì" in page.text
    assert "gọi 1022, đọc mã trên" in page.text
    assert page.one("//button[@data-print]") is not None
    assert not Notice.objects.filter(key__startswith=feedback.code).exclude(channel="office").exists()
    answered = walked(f, "sign", feedback)
    case = visit(f"/phan-anh/xu-ly/{answered.code}/", f.more["handler"]).text
    assert "in văn bản trả lời và gửi đến Khu 6, phường Việt Trì" in case
    assert "Báo tin qua thư gửi đến địa chỉ" in case


def test_about_a_dossier_it_goes_where_the_dossier_is_resolved(f: World, visit: Visitor) -> None:
    dossier = dossier_at(f, DossierState.PROCESSING)
    visit.post(HOME, typed(f, kind="service", agency="", dossier_code=dossier.code), f.desk_officer)
    feedback = Feedback.objects.get()
    assert (feedback.dossier, feedback.agency) == (dossier, f.commune)


def test_whoever_writes_down_nothing_is_refused(f: World, visit: Visitor) -> None:
    for who in (f.more["hotline"], f.more["handler"], f.desk_officer, f.desk_head):
        page = visit(HOME, who, budget=22)
        assert page.h1 == "Ghi phản ánh"
        assert not page.one('//input[@name="sender_name"]').get("value"), "không phải người ghi"
        assert "Ghi phản ánh" in text_of(page.one('//nav[@class="dv-side"]'))
    assert home_of(f.more["hotline"]) == HOME
    slip = intake.write_down(
        words(f), source="phone", received_on=moment_today(), by=f.more["hotline"], once=uuid4()
    ).code
    for path in (HOME, f"{HOME}{slip}/"):
        assert visit.client().get(path).status_code == 302
        for who in (
            f.citizen,
            f.carrier,
            f.case_officer,
            f.approver,
            f.cashier,
            f.supervisor,
            f.system_admin,
        ):
            assert visit.client(who).get(path).status_code == 403, (path, who)
            assert visit.client(who).post(path, typed(f)).status_code == 403, (path, who)
    with pytest.raises(PermissionDenied):
        intake.write_down(
            words(f), source="phone", received_on=moment_today(), by=f.case_officer, once=uuid4()
        )
    assert Feedback.objects.count() == 1


def moment_today() -> Any:
    return timezone.localdate()


def test_a_slip_is_for_whoever_wrote_it_and_for_its_handlers(f: World, visit: Visitor) -> None:
    visit.post(HOME, typed(f), f.desk_officer)
    feedback = Feedback.objects.get()
    slip = f"{HOME}{feedback.code}/"
    page = visit(slip, f.desk_officer, budget=22)
    assert not page.all(f'//a[@href="/phan-anh/xu-ly/{feedback.code}/"]'), "người ghi không được mở phản ánh"
    assert visit(slip, f.more["handler"]).all(f'//a[@href="/phan-anh/xu-ly/{feedback.code}/"]')
    for who in (f.more["hotline"], f.more["other_handler"], f.other_desk_officer):
        assert visit.client(who).get(slip).status_code == 404
    assert visit.client(f.desk_officer).get(f"/phan-anh/xu-ly/{feedback.code}/").status_code == 404
    online = sent(f)
    assert visit.client(f.more["handler"]).get(f"{HOME}{online.code}/").status_code == 404
    assert FeedbackReading.objects.filter(what="mở phiếu tiếp nhận phản ánh").count() >= 2
    assert feedback.code in text_of(visit(HOME, f.desk_officer).one("//aside"))
    assert feedback.code not in visit(HOME, f.more["hotline"]).text


BAD: list[tuple[dict[str, Any], str]] = [
    ({"source": ""}, "Chọn cách phản ánh đến"),
    ({"day": "05/10/2999"}, "Ngày nhận"),
    ({"day": "01/01/2020"}, "đã quá 90 ngày"),
    ({"sender_name": ""}, "Nhập họ và tên người gửi"),
    ({"phone": ""}, "Hỏi một cách liên hệ"),
    ({"phone": "123"}, "Số điện thoại chưa đúng"),
    ({"content": "Chậm"}, "quá ngắn"),
    ({"kind": "service"}, "Nhập mã hồ sơ"),
    ({"content": "Tôi tố cáo cán bộ phường nhận hối lộ ngày 05/10."}, "hướng dẫn về khiếu nại, tố cáo"),
]


@pytest.mark.parametrize(("changed", "said"), BAD, ids=[said for _, said in BAD])
def test_bad_input_is_said_and_nothing_is_lost(
    f: World, visit: Visitor, changed: dict[str, Any], said: str
) -> None:
    data = typed(f, **changed) | {"attached": SimpleUploadedFile("thu.pdf", PDF)}
    page = visit.post(HOME, data, f.desk_officer)
    assert said in errors(page)
    assert text_of(page.one('//textarea[@name="content"]')) == data["content"]
    kept = page.one('//input[@name="kept"]').get("value")
    assert not Feedback.objects.exists()
    if "day" not in changed:
        again = typed(f, once=data["once"], kept=kept)
        visit.post(HOME, again, f.desk_officer)
        assert Feedback.objects.get().files.get().name == "thu.pdf"


def test_pressed_twice_it_is_one_item(f: World, visit: Visitor) -> None:
    data = typed(f)
    first = visit.post(HOME, data, f.desk_officer)
    assert visit.post(HOME, data, f.desk_officer).url == first.url
    assert Feedback.objects.count() == 1


def test_what_the_caller_adds_is_written_down_too_and_the_clock_goes_on(f: World, visit: Visitor) -> None:
    visit.post(HOME, typed(f), f.more["hotline"])
    feedback = take(f, Feedback.objects.get(), "ask_info", "handler", note="Nộp ngày nào, ở đâu?")
    url = f"/phan-anh/xu-ly/{feedback.code}/give_info/"
    assert "Bổ sung thông tin" in visit(f"/phan-anh/xu-ly/{feedback.code}/", f.more["handler"]).text
    page = visit.post(
        url, {"seen": feedback.last_seq, "note": "Nộp ngày 05/10 tại phường"}, f.more["handler"]
    )
    assert "thời hạn chạy tiếp" in page.text
    feedback.refresh_from_db()
    assert feedback.state == State.ACCEPTED
    # Nobody speaks for a sender who writes on the portal.
    online = take(f, sent(f), "ask_info", "handler", note="Nộp ngày nào, ở đâu?")
    with pytest.raises(PermissionDenied):
        advance(online.pk, "give_info", by=f.more["handler"], note="Nộp ngày 05/10")
