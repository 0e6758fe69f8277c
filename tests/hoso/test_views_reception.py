"""The counter's page: from the owner's card to the slip, with nothing lost on the way."""

from io import BytesIO
from typing import Any

import pikepdf
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from danhmuc.models import ChargeRelief
from hoso.lifecycle import State
from hoso.models import Dossier, Payment
from tests.factories import World, procedure
from tests.hoso.test_views_journey import fields_of, says
from tests.page import Visitor, text_of

pytestmark = pytest.mark.django_db


def pdf(name: str = "giay-chung-sinh.pdf") -> SimpleUploadedFile:
    made = pikepdf.new()
    made.add_blank_page(page_size=(420, 595))
    out = BytesIO()
    made.save(out)
    return SimpleUploadedFile(name, out.getvalue(), "application/pdf")


def filled(w: World, **changes: Any) -> dict[str, Any]:
    paper = w.version.components.get(order=2)
    return {
        "owner_kind": "person",
        "owner_id": w.citizen.personal_id,
        "owner_name": "Nguyễn Thị Thanh Hương",
        "phone": "0912 345 678",
        "email": "",
        "address": "Khu 6, phường Việt Trì",
        "acting": "owner",
        "return_by": "counter",
        "eid_checked": "on",
        "collected": "on",
        f"have_{paper.pk}": "on",
        f"copy_{paper.pk}": "original",
    } | changes


def opened(w: World, visit: Visitor) -> dict[str, Any]:
    page = visit(
        reverse("hoso:reception") + f"?thu-tuc={w.version.procedure.code}", w.desk_officer, budget=40
    )
    assert "12/10/2026" in page.text
    return fields_of(page)


def send(w: World, visit: Visitor, data: dict[str, Any], do: str = "accept", status: int = 200) -> Any:
    return visit.post(reverse("hoso:reception"), data | {"do": do}, w.desk_officer, status=status)


@pytest.fixture(autouse=True)
def monday(at: Any) -> None:
    at("2026-10-05 09:00")


def test_receive_with_scan_and_money_in_one_go(w: World, visit: Visitor) -> None:
    paper = w.version.components.get(order=2)
    page = send(w, visit, opened(w, visit) | filled(w) | {f"scan_{paper.pk}": pdf()})
    dossier = Dossier.objects.get(channel="counter")
    assert dossier.state == State.PROCESSING
    assert "Đã tiếp nhận, mã hồ sơ H44.27-261005-0001" in says(page)
    assert dossier.applicant == w.citizen
    assert dossier.phone == "+84912345678"
    assert dossier.documents.get(kind="scan").copy_kind == "original"
    assert Payment.objects.get(dossier=dossier).amount == 8000
    assert "Giấy chứng sinh (bản chính, 1)" in dossier.events.get(name="accept").note


def test_a_double_press_receives_once(w: World, visit: Visitor) -> None:
    data = opened(w, visit) | filled(w)
    send(w, visit, data)
    page = send(w, visit, data)
    assert Dossier.objects.filter(channel="counter").count() == 1
    assert "H44.27-261005-0001" in page.html


def test_a_mistake_keeps_everything_typed_and_the_scan(w: World, visit: Visitor) -> None:
    paper = w.version.components.get(order=2)
    data = opened(w, visit) | filled(w, phone="12", summary="Khai sinh cho con") | {f"scan_{paper.pk}": pdf()}
    page = send(w, visit, data)
    assert page.title.startswith("Lỗi:")
    assert "Số điện thoại chưa đúng" in page.text
    kept = fields_of(page)
    assert kept["owner_name"] == "Nguyễn Thị Thanh Hương"
    assert kept["phone"] == "12"
    assert kept["summary"] == "Khai sinh cho con"
    assert "giay-chung-sinh.pdf" in page.text
    send(w, visit, kept | {"phone": "0912345678"})
    dossier = Dossier.objects.get(channel="counter")
    assert dossier.state == State.PROCESSING
    assert dossier.documents.filter(kind="scan").count() == 1


def test_a_refusal_by_the_rules_keeps_the_page(w: World, visit: Visitor) -> None:
    data = opened(w, visit) | filled(w)
    del data["eid_checked"]
    page = send(w, visit, data)
    assert "tài khoản định danh điện tử" in page.text
    assert fields_of(page)["owner_name"] == "Nguyễn Thị Thanh Hương"
    draft = Dossier.objects.get(channel="counter")
    assert (draft.state, draft.code, draft.applicant) == (State.DRAFT, "", None)


def test_look_up_fills_in_what_is_known(w: World, visit: Visitor) -> None:
    typed = {"owner_id": w.citizen.personal_id, "summary": "Khai sinh"}
    page = send(w, visit, opened(w, visit) | typed, "lookup")
    kept = fields_of(page)
    assert kept["owner_name"] == w.citizen.full_name
    assert kept["summary"] == "Khai sinh"
    assert "phường Việt Trì" in kept["address"]
    assert "Khớp công dân đã có" in page.text
    page = send(w, visit, opened(w, visit) | {"owner_id": "025099999999"}, "lookup")
    assert "Chưa có trên hệ thống" in page.text


def test_missing_papers_are_asked_for_on_the_step_page(w: World, visit: Visitor) -> None:
    paper = w.version.components.get(order=2)
    data = opened(w, visit) | filled(w)
    del data[f"have_{paper.pk}"]
    page = send(w, visit, data, "ask_completion")
    assert page.h1 == "Yêu cầu hoàn thiện hồ sơ"
    asked = fields_of(page)
    assert asked[f"pick_c{paper.pk}"] == ["on"]
    dossier = Dossier.objects.get(channel="counter")
    url = reverse("hoso:ask_completion", args=[dossier.submission_ref])
    page = visit.post(url, asked, w.desk_officer)
    assert "thiếu hoặc sai gì" in page.text
    page = visit.post(url, asked | {f"explain_c{paper.pk}": "Chưa có giấy chứng sinh."}, w.desk_officer)
    dossier.refresh_from_db()
    assert dossier.state == State.INTAKE_HOLD


def test_post_return_leaves_a_wish_for_the_post(w: World, visit: Visitor) -> None:
    send(w, visit, opened(w, visit) | filled(w, return_by="post", delivery_address="Khu 9, xã Trạm Thản"))
    dossier = Dossier.objects.get(channel="counter")
    assert dossier.postal.delivery_address == "Khu 9, xã Trạm Thản"
    assert dossier.travels_by_post


def test_kept_for_later_and_gone_on_with(w: World, visit: Visitor) -> None:
    data = opened(w, visit) | {"owner_name": "Trần Văn Bình"}
    page = send(w, visit, data, "save")
    assert "Hồ sơ chưa được tiếp nhận" in says(page)
    assert fields_of(page)["owner_name"] == "Trần Văn Bình"
    ref = Dossier.objects.get(channel="counter").submission_ref
    assert ref in visit(reverse("hoso:reception"), w.desk_officer).html
    again = visit(reverse("hoso:dossier", args=[ref]), w.desk_officer, follow=True, budget=60)
    assert again.h1 == "Tiếp nhận hồ sơ mới"
    other = visit(reverse("hoso:reception"), w.desk_head)
    assert ref not in other.html


def test_the_page_number_cannot_be_forged(w: World, visit: Visitor) -> None:
    data = opened(w, visit) | filled(w)
    send(w, visit, data | {"trang": data["trang"] + "x"}, status=403)
    assert (
        visit.client(w.desk_head).post(reverse("hoso:reception"), data | {"do": "accept"}).status_code == 403
    )
    assert not Dossier.objects.exists()


def test_procedures_are_found_by_name_or_code(w: World, visit: Visitor) -> None:
    for words in ("khai sinh", "1.001193"):
        page = visit(reverse("hoso:reception") + f"?q={words}", w.desk_officer)
        assert "?thu-tuc=1.001193" in page.links
    page = visit(reverse("hoso:reception") + "?q=không+có+gì", w.desk_officer)
    assert "Không có thủ tục nào khớp" in page.text


def test_immediate_ones_go_straight_to_the_result(w: World, visit: Visitor) -> None:
    at_once = procedure(
        "2.000815",
        "Chứng thực bản sao từ bản chính",
        time_value=0,
        time_unit="immediate",
        fee_timing="none",
        charge=0,
    )
    url = reverse("hoso:reception") + "?thu-tuc=2.000815"
    data = fields_of(visit(url, w.desk_officer, budget=40))
    paper = at_once.components.get(order=2)
    page = send(w, visit, data | filled(w) | {f"have_{paper.pk}": "on"}, "accept_immediate")
    assert page.h1 == "Tiếp nhận và trả kết quả ngay"
    dossier = Dossier.objects.get(channel="counter")
    typed = fields_of(page) | {"eid_checked": "on", "body": "Đã chứng thực."}
    visit.post(reverse("hoso:accept_immediate", args=[dossier.submission_ref]), typed, w.desk_officer)
    dossier.refresh_from_db()
    assert dossier.state == State.COMPLETED


def test_the_counter_shows_what_will_be_taken_of_this_owner(w: World, visit: Visitor) -> None:
    ChargeRelief.objects.create(
        key="tt117", name="Tài khoản mức độ 2", basis="Thông tư 117/2026/TT-BTC", percent=75, condition="eid_level_2",
        kinds=["le_phi"], valid_from="2026-08-15",
    )  # fmt: skip
    data = opened(w, visit)
    assert data["fee_shown"] == "8000", "chưa biết chủ hồ sơ là ai"
    known = send(w, visit, data | {"owner_id": w.citizen.personal_id, "owner_kind": "person"}, "lookup")
    money = text_of(known.one('//dl[@class="dv-money"]'))
    assert "Giảm: Tài khoản mức độ 2 (Thông tư 117/2026/TT-BTC)" in money
    assert "Mức thu 8.000 ₫ 2.000 ₫" in money.replace("\xa0", " ")
    send(w, visit, fields_of(known) | filled(w))
    payment = Payment.objects.get()
    assert (payment.amount, payment.receipt_no != "") == (2000, True)


def test_money_counted_by_an_older_figure_is_counted_anew_before_anything_is_accepted(
    w: World, visit: Visitor
) -> None:
    ChargeRelief.objects.create(
        key="tt117", name="Tài khoản mức độ 2", basis="TT 117", percent=100, condition="eid_level_2",
        kinds=["le_phi"], valid_from="2026-08-15",
    )  # fmt: skip
    page = send(w, visit, opened(w, visit) | filled(w))  # typed by hand, nobody was looked up
    words = text_of(page.one('//div[@class="dv-errors"]')).replace("\xa0", " ")
    assert "Số phải thu của chủ hồ sơ này là 0 ₫, không phải 8.000 ₫. Trả lại tiền rồi bấm tiếp nhận" in words
    assert "Không thu" in text_of(page.one("//aside"))
    assert not page.all('//input[@name="collected"]')
    assert not Payment.objects.exists()
    send(w, visit, fields_of(page) | filled(w) | {"collected": ""})
    dossier = Dossier.objects.get(channel="counter")
    assert (dossier.state, dossier.charges.get().status) == (State.PROCESSING, "exempt")
