"""The procedure controller's words: pages, rights, traces, and a load that leaves them alone."""

from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django.db import IntegrityError, transaction

from danhmuc.models import LifeEvent, Synonym, User, WordingChange
from danhmuc.roles import Role
from danhmuc.services import wording
from portal.services import search
from tests.factories import SINCE, officer, person
from tests.page import Visitor, text_of

pytestmark = pytest.mark.usefixtures("catalogue")


@pytest.fixture
def controller(catalogue: None) -> User:
    from danhmuc.models import Agency

    return officer("Tạ Thanh Tùng", Role.PROCEDURE_CONTROLLER, Agency.objects.get(key="VP_UBND"))


def codes(question: str) -> list[str]:
    return [row.code for row in search.find(question).procedures[:10]]


VALUES: dict[str, Any] = {
    "phrase": "giấy ra đời",
    "target_kind": "procedure",
    "target": "1.001193",
    "weight": "90",
    "note": "",
}


def test_a_new_name_is_found_at_once(visit: Visitor, controller: User) -> None:
    assert codes("giấy ra đời")[:1] != ["1.001193"]
    page = visit.post("/cach-goi/them/", VALUES, controller)
    assert "Đã lưu cách gọi “giấy ra đời”" in page.text
    assert codes("giay ra doi")[0] == "1.001193"
    change = WordingChange.objects.get()
    assert (change.by, change.before, change.after["target"]) == (controller, None, "1.001193")
    told = visit("/cach-goi/lich-su/", controller).text
    assert "Thêm mới cách gọi: giấy ra đời dẫn tới: Thủ tục đích: 1.001193 trọng số: 90" in told


def test_a_load_never_overwrites_what_a_person_changed(visit: Visitor, controller: User) -> None:
    changed = Synonym.objects.get(phrase="sổ đỏ", target_kind="procedure")
    gone = Synonym.objects.get(phrase="giấy chứng tử", target_kind="procedure")
    moved = Synonym.objects.get(phrase="mở tạp hóa", target_kind="procedure")
    event = LifeEvent.objects.get(key="sinh_con")
    wording.save_synonym(changed.pk, _values(changed) | {"weight": 55, "note": "Ghi chú mới"}, by=controller)
    wording.remove_synonym(gone.pk, by=controller)
    wording.save_synonym(moved.pk, _values(moved) | {"phrase": "mở quán tạp hóa"}, by=controller)
    wording.save_synonym(None, VALUES | {"weight": 90}, by=controller)
    wording.save_life_event(
        event.pk,
        {
            "kind": "citizen",
            "title": "Có em bé",
            "summary": event.summary,
            "steps": event.steps[:2],
            "order": 1,
        },
        by=controller,
    )
    wording.remove_life_event(LifeEvent.objects.get(key="mat_viec").pk, by=controller)
    call_command("load_catalogue", "--only", "procedures", stdout=StringIO())
    changed.refresh_from_db()
    assert (changed.weight, changed.note) == (55, "Ghi chú mới")
    in_use = set(Synonym.objects.in_use().values_list("phrase", flat=True))
    assert {"mở quán tạp hóa", "giấy ra đời"} <= in_use
    assert not {"giấy chứng tử", "mở tạp hóa"} & in_use
    assert LifeEvent.objects.get(key="sinh_con").title == "Có em bé"
    assert LifeEvent.objects.get(key="mat_viec").is_removed
    assert visit("/viec/sinh_con/").h1 == "Có em bé"
    visit("/viec/mat_viec/", status=404)


def _values(row: Synonym) -> dict[str, Any]:
    return {name: getattr(row, name) for name in VALUES}


def test_a_removed_name_is_no_longer_found_and_may_come_back(visit: Visitor, controller: User) -> None:
    row = Synonym.objects.get(phrase="dẹp tiệm")
    assert codes("dẹp tiệm")[0] == "1.001266"
    page = visit.post(f"/cach-goi/{row.pk}/", {"remove": "1", "seen": "0"}, controller)
    assert "Đã bỏ cách gọi “dẹp tiệm”" in page.text
    assert "1.001266" not in codes("dẹp tiệm")[:1]
    visit(f"/cach-goi/{row.pk}/", controller, status=404)
    visit.post("/cach-goi/them/", VALUES | {"phrase": "dẹp tiệm", "target": "1.001266"}, controller)
    assert codes("dẹp tiệm")[0] == "1.001266"


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"phrase": ""}, "Nhập cách gọi"),
        ({"phrase": "?!"}, "Cách gọi phải có ít nhất một chữ."),
        ({"target": "9.999999"}, "Không có thủ tục “9.999999”. Xem lại mã."),
        ({"target_kind": "field", "target": "G15-XX"}, "Không có lĩnh vực “G15-XX”"),
        ({"target_kind": "elsewhere", "target": "TOA_AN"}, "Nhập nơi giải quyết việc này"),
        ({"weight": "0"}, "Trọng số từ 1 đến 100."),
        ({"weight": "cao"}, "Trọng số là số nguyên từ 1 đến 100."),
        ({"phrase": "Đăng ký KHAI sinh"}, "Đã có cách gọi “đăng ký khai sinh” cho đích này."),
    ],
)
def test_what_does_not_hold_is_refused_and_kept(
    visit: Visitor, controller: User, wrong: dict[str, str], told: str
) -> None:
    page = visit.post("/cach-goi/them/", VALUES | wrong, controller)
    assert told in page.text
    assert page.title.startswith("Lỗi:")
    assert page.one("//input[@name='phrase']").get("value", "") == (VALUES | wrong)["phrase"]
    assert not WordingChange.objects.exists()


def test_the_slower_of_two_controllers_is_told_who_was_faster(visit: Visitor, controller: User) -> None:
    row = Synonym.objects.get(phrase="dẹp tiệm")
    sent = _values(row) | {"seen": "0"}
    visit.post(f"/cach-goi/{row.pk}/", sent | {"weight": "60"}, controller)
    page = visit.post(f"/cach-goi/{row.pk}/", sent | {"weight": "70"}, controller)
    assert "Tạ Thanh Tùng vừa sửa mục này" in page.text
    assert Synonym.objects.get(pk=row.pk).weight == 60
    seen = page.one("//input[@name='seen']").get("value")
    visit.post(f"/cach-goi/{row.pk}/", sent | {"weight": "70", "seen": seen}, controller)
    assert Synonym.objects.get(pk=row.pk).weight == 70


def event_form(**more: str) -> dict[str, str]:
    return {
        "key": "di_lam_xa",
        "title": "Đi làm xa",
        "summary": "Giấy tờ khi đi làm xa nhà.",
        "kind": "citizen",
        "order": "20",
        "buoc-TOTAL_FORMS": "2",
        "buoc-INITIAL_FORMS": "0",
        "buoc-0-code": "1.004194",
        "buoc-0-line": "Đăng ký tạm trú.",
        "buoc-0-ORDER": "2",
        "buoc-1-code": "1.014748",
        "buoc-1-line": "Trợ cấp thất nghiệp.",
        "buoc-1-ORDER": "1",
        "buoc-1-optional": "on",
        **more,
    }


def test_a_situation_is_written_with_its_steps_in_order(visit: Visitor, controller: User) -> None:
    page = visit.post("/cach-goi/viec/them/", event_form(**{"buoc-0-code": "9.999999"}), controller)
    assert "Không có thủ tục mã 9.999999." in page.text
    page = visit.post("/cach-goi/viec/them/", event_form(key="Đi làm"), controller)
    assert "Khóa chỉ gồm chữ thường" in page.text
    page = visit.post("/cach-goi/viec/them/", event_form(), controller)
    assert "Đã lưu việc “Đi làm xa”" in page.text
    shown = visit("/viec/di_lam_xa/")
    links = [link for link in shown.links if link.startswith("/thu-tuc/1")]
    assert links == ["/thu-tuc/1.014748/", "/thu-tuc/1.004194/"]
    row = LifeEvent.objects.get(key="di_lam_xa")
    edit = visit(f"/cach-goi/viec/{row.pk}/", controller)
    assert len(edit.all("//fieldset[contains(@class, 'dv-card')]")) == 5
    visit.post(
        f"/cach-goi/viec/{row.pk}/",
        {"remove": "1", "seen": edit.one("//input[@name='seen']").get("value")},
        controller,
    )
    visit("/viec/di_lam_xa/", status=404)
    kept = WordingChange.objects.filter(of="life_event")
    assert [change.after is None for change in kept] == [True, False]


def test_the_trace_stays_as_it_was(controller: User) -> None:
    wording.save_synonym(None, VALUES | {"weight": 90}, by=controller)
    for change in (
        lambda: WordingChange.objects.update(label="khác"),
        lambda: WordingChange.objects.all().delete(),
    ):
        with pytest.raises(IntegrityError, match="không sửa, không xóa"), transaction.atomic():
            change()


PAGES = ("", "them/", "viec/", "viec/them/", "lich-su/")


@pytest.mark.parametrize("page", PAGES)
def test_only_controllers_come_in(visit: Visitor, controller: User, page: str) -> None:
    address = f"/cach-goi/{page}"
    clerk = officer("Phạm Thị Lan Anh", Role.CASE_OFFICER, controller.positions.get().agency)
    visit(address, controller, budget=16)
    visit(address, clerk, status=403)
    visit(address, person("Nguyễn Thị Thanh Hương"), status=403)
    visit(address, status=302)
    controller.positions.update(valid_to=SINCE)
    visit(address, User.objects.get(pk=controller.pk), status=403)


def test_the_list_is_searched_without_marks_and_costs_the_same(visit: Visitor, controller: User) -> None:
    few = visit("/cach-goi/?tim=dep tiem", controller)
    many = visit("/cach-goi/", controller)
    assert [text_of(row) for row in few.all("//tbody//th")] == ["dẹp tiệm"]
    assert len(many.all("//tbody/tr")) == 50
    assert len(many.queries) == len(few.queries)
    assert "1.001266" in visit("/cach-goi/?tim=1.001266&loai=procedure", controller).text
    assert "Không có cách gọi nào khớp" in visit("/cach-goi/?tim=zzzz", controller).text
    assert "/cach-goi/" in visit("/mot-cua/", controller).links
