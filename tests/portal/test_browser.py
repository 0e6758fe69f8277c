"""The citizen pages in a real browser: axe finds nothing, they fit a phone, and they work with and without script."""

import re
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import Page as BrowserPage
from playwright.sync_api import expect

from baocao.publishing import publish
from danhmuc.models import LifeEvent, Place, PostalTariff, Synonym, User
from danhmuc.roles import Role
from danhmuc.services.search_index import rebuild as index_search
from hoso.models import Dossier
from portal.models import ProcessingTime
from tests.conftest import OpenPage
from tests.factories import ITEMS, World, draft, officer, procedure, step, walk
from tests.portal.helpers import PDF

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.browser]
Shoot = Callable[[BrowserPage, str], None]
Axe = Callable[[BrowserPage], None]
SignIn = Callable[[User], BrowserPage]

#: A form with every kind of question, so that each is drawn and judged.
EVERY_KIND: dict[str, Any] = {
    "title": "Tờ khai đủ loại câu hỏi",
    "sections": [
        {
            "title": "Đủ loại câu hỏi",
            "fields": [
                {
                    "key": "name",
                    "label": "Họ và tên",
                    "type": "text",
                    "required": True,
                    "help": "Viết có dấu.",
                },
                {"key": "story", "label": "Nội dung", "type": "longtext", "required": False},
                {
                    "key": "born",
                    "label": "Ngày sinh",
                    "type": "date",
                    "required": True,
                    "rules": {"past": True},
                },
                {"key": "capital", "label": "Vốn kinh doanh", "type": "money", "required": False},
                {"key": "home", "label": "Nơi cư trú", "type": "address", "required": True},
                {"key": "people", "label": "Dân tộc", "type": "ethnicity", "required": True},
                {"key": "agreed", "label": "Đã thống nhất với gia đình", "type": "yesno", "required": True},
                {
                    "key": "reason",
                    "label": "Vì sao chưa thống nhất",
                    "type": "text",
                    "required": False,
                    "required_when_shown": True,
                    "show_if": {"field": "agreed", "equals": False},
                },
                {
                    "key": "members",
                    "label": "Thành viên",
                    "type": "group",
                    "required": False,
                    "rules": {"min_items": 1, "max_items": 5},
                    "fields": [
                        {"key": "member", "label": "Họ tên thành viên", "type": "text", "required": True},
                        {"key": "since", "label": "Tham gia từ", "type": "date", "required": False},
                    ],
                },
            ],
        }
    ],
    "declaration": "Tôi cam đoan lời khai trên là đúng sự thật.",
    "rules": [],
}


def judge(page: BrowserPage, axe: Axe, shoot: Shoot, name: str) -> None:
    """Both sizes: the picture is kept, the page fits and axe is content."""
    for width, height in ((390, 844), (1366, 768)):
        page.set_viewport_size({"width": width, "height": height})
        axe(page)
    shoot(page, f"portal-{name}")


def test_public_pages(w: World, page: BrowserPage, axe: Axe, shoot: Shoot) -> None:
    LifeEvent.objects.create(
        key="sinh_con",
        kind="citizen",
        title="Sinh con",
        summary="Khai sinh cho bé trong 60 ngày.",
        steps=[{"code": w.version.procedure.code, "line": "Đăng ký khai sinh.", "when": "trong 60 ngày"}],
    )
    index_search()
    Synonym.objects.create(
        phrase="ly hôn",
        folded="ly hon",
        words=["hon", "ly"],
        target_kind="elsewhere",
        target="TOA_AN",
        weight=90,
        note="Ly hôn do Tòa án nhân dân giải quyết.",
    )
    ProcessingTime.objects.create(
        procedure=w.version.procedure,
        agency=w.commune,
        dossiers=9,
        median=2,
        ninth_tenth=5,
        counted_at=timezone.now(),
    )
    for scope, price in (
        ("noi_huyen", 26_000),
        ("lien_huyen", 30_000),
        ("lien_tinh_noi_vung", 30_500),
        ("lien_tinh_lien_vung", 31_000),
    ):
        for service in (PostalTariff.Service.SEND, PostalTariff.Service.RETURN):
            PostalTariff.objects.create(
                tariff_key="thu",
                service=service,
                scope=scope,
                weight_to=100,
                price=price,
                valid_from=date(2021, 4, 20),
                source="Bưu điện Đà Nẵng công bố 20/4/2021",
            )
    dossier = walk(w, draft(w), "accept")
    publish(timezone.now())
    code = w.version.procedure.code
    addresses = {
        "trang-chu": "/",
        "tim": "/thu-tuc/?q=khai+sinh",
        "khong-thay": "/thu-tuc/?q=zzzz",
        "thu-tuc": f"/thu-tuc/{code}/",
        "viec": "/viec/sinh_con/",
        "cac-viec": "/viec/",
        "huong-dan": "/huong-dan/",
        "du-lieu-ca-nhan": "/du-lieu-ca-nhan/",
        "tiep-can": "/tiep-can/",
        "gia-cuoc": "/gia-cuoc/",
        "khong-co-trang": "/khong-co-trang-nay/",
        "noi-khac": "/thu-tuc/?q=ly+hon",
        "co-quan": "/co-quan/",
        "mot-co-quan": f"/co-quan/{w.commune.key}/",
        "ket-qua": "/bao-cao/cong-khai/",
        "ket-qua-don-vi": f"/bao-cao/cong-khai/{w.commune.key}/",
        "tra-cuu": f"/tra-cuu/?ma={dossier.code}",
    }
    for name, address in addresses.items():
        page.goto(address)
        judge(page, axe, shoot, name)
    page.get_by_label("4 số cuối").fill(w.citizen.personal_id[-4:])
    page.get_by_role("button", name="Tra cứu").click()
    judge(page, axe, shoot, "tra-cuu-thay")
    page.get_by_label("4 số cuối").fill("xx")
    page.get_by_role("button", name="Tra cứu").click()
    judge(page, axe, shoot, "tra-cuu-loi")


def test_results_follow_while_one_types_and_without_script(
    w: World, page: BrowserPage, open_page: OpenPage
) -> None:
    index_search()
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto("/thu-tuc/")
    page.get_by_label("Tìm thủ tục").fill("khai sih")
    page.get_by_text("Kết quả cho khai sinh.").wait_for()
    expect(page).to_have_url(re.compile("/thu-tuc/\\?q=khai\\+sih$"))
    expect(page.get_by_role("status")).to_contain_text("1 thủ tục phù hợp")
    page.get_by_label("Mức độ 4").check()
    page.get_by_text("Không tìm thấy thủ tục phù hợp").wait_for()
    page.get_by_role("link", name="Tìm lại, bỏ các điều kiện lọc").click()
    page.get_by_role("link", name=w.version.name).click()
    page.go_back()
    expect(page.get_by_label("Tìm thủ tục")).to_have_value("khai sih")

    plain = open_page(script=False)
    plain.goto("/")
    plain.get_by_label("Tìm thủ tục").fill("khai sih")
    plain.get_by_role("button", name="Tìm", exact=True).click()
    expect(plain.get_by_role("link", name=w.version.name)).to_have_count(1)
    plain.get_by_label("Trả kết quả tại nhà").check()
    plain.get_by_role("button", name="Áp dụng").click()
    expect(plain).to_have_url(re.compile("post=return"))
    expect(plain.get_by_role("link", name=w.version.name)).to_have_count(1)


def test_the_controllers_pages(w: World, sign_in: SignIn, axe: Axe, shoot: Shoot) -> None:
    index_search()
    page = sign_in(officer("Tạ Thanh Tùng", Role.PROCEDURE_CONTROLLER, w.province))
    page.goto("/cach-goi/them/")
    judge(page, axe, shoot, "cach-goi-them")
    page.get_by_label("Cách gọi").fill("giấy ra đời")
    page.get_by_label("Đích").fill("1.000000")
    page.get_by_role("button", name="Lưu").click()
    judge(page, axe, shoot, "cach-goi-loi")
    page.get_by_label("Đích").fill(w.version.procedure.code)
    page.get_by_role("button", name="Lưu").click()
    judge(page, axe, shoot, "cach-goi")
    for name, address in {"viec-them": "/cach-goi/viec/them/", "lich-su": "/cach-goi/lich-su/"}.items():
        page.goto(address)
        judge(page, axe, shoot, f"cach-goi-{name}")
    page.goto("/thu-tuc/?q=giay+ra+doi")
    expect(page.get_by_role("link", name=w.version.name)).to_have_count(1)


def test_applying(w: World, sign_in: SignIn, axe: Axe, shoot: Shoot, tmp_path: Path) -> None:
    version = procedure("1.009999", "Thủ tục đủ loại câu hỏi", eform=EVERY_KIND)
    page = sign_in(w.citizen)
    page.goto(f"/nop-ho-so/{version.procedure.code}/")
    judge(page, axe, shoot, "bat-dau")
    page.get_by_role("button", name="Bắt đầu").click()
    judge(page, axe, shoot, "cac-buoc")
    page.get_by_role("link", name="Làm tiếp").click()
    judge(page, axe, shoot, "to-khai")

    page.get_by_role("button", name="Lưu và tiếp tục").last.click()
    expect(page).to_have_title(re.compile("^Lỗi: "))
    judge(page, axe, shoot, "to-khai-loi")

    page.get_by_label("Họ và tên").fill("Nguyễn Thị Thanh Hương")
    page.get_by_role("group", name="Ngày sinh").get_by_label("Ngày", exact=True).fill("4")
    page.get_by_role("group", name="Ngày sinh").get_by_label("Tháng").fill("5")
    page.get_by_role("group", name="Ngày sinh").get_by_label("Năm").fill("1986")
    page.get_by_label("Xã, phường").select_option(label="Phường Việt Trì")
    page.get_by_label("Dân tộc").select_option(label="Mường")
    page.get_by_role("radio", name="Không").check()
    page.get_by_label("Họ tên thành viên").fill("Hoàng Văn Bình")
    page.get_by_role("button", name="Thêm dòng").click()
    expect(page.get_by_label("Họ tên thành viên")).to_have_count(2)
    expect(page.get_by_label("Họ và tên")).to_have_value("Nguyễn Thị Thanh Hương")
    page.get_by_label("Vì sao chưa thống nhất").fill("Còn bàn thêm")
    judge(page, axe, shoot, "to-khai-them-dong")
    page.get_by_role("button", name="Lưu và tiếp tục").last.click()

    expect(page).to_have_url(re.compile("/giay-to/$"))
    judge(page, axe, shoot, "giay-to")
    good, bad = tmp_path / "giay-chung-sinh.pdf", tmp_path / "phan-mem.exe"
    good.write_bytes(PDF)
    bad.write_bytes(b"MZ" + b"\0" * 600)
    page.get_by_label("Chọn tệp: Giấy chứng sinh").set_input_files([good, bad])
    expect(page.get_by_text("không thuộc loại được nhận")).to_be_visible()
    expect(page.get_by_role("link", name="giay-chung-sinh.pdf")).to_be_visible()
    judge(page, axe, shoot, "giay-to-loi")
    page.get_by_role("button", name="Lưu và tiếp tục").last.click()

    expect(page).to_have_url(re.compile("/buu-chinh/$"))
    page.get_by_role("radio", name="Bưu điện đến nhà nhận").check()
    page.get_by_role("radio", name="Tại nhà, qua bưu điện").check()
    judge(page, axe, shoot, "buu-chinh")
    where = page.get_by_role("group", name="Nơi bưu điện đến nhận hồ sơ")
    where.get_by_label("Xã, phường").select_option(label="Phường Việt Trì")
    where.get_by_label("Số nhà, đường, thôn, khu").fill("Khu 6")
    page.get_by_role("button", name="Lưu và tiếp tục").last.click()

    expect(page).to_have_url(re.compile("/kiem-tra/$"))
    judge(page, axe, shoot, "kiem-tra")
    page.get_by_role("checkbox").check()
    page.get_by_role("button", name="Nộp hồ sơ").dblclick()
    page.wait_for_url("**/da-nop/")
    judge(page, axe, shoot, "da-nop")
    assert [event.name for event in Dossier.objects.get().events.all()] == ["create", "submit"]


def test_following(w: World, sign_in: SignIn, axe: Axe, shoot: Shoot) -> None:
    held = walk(w, draft(w, postal=True), "submit")
    held = step(w, held, "ask_completion", "desk_officer", {"items": ITEMS, "phone_call_note": "Đã gọi"})
    running = walk(w, draft(w), "finish_task")
    returned = walk(w, draft(w, papers_by="counter"), "complete")
    draft(w)
    page = sign_in(w.citizen)
    addresses = {
        "ho-so-cua-toi": "/ho-so-cua-toi/",
        "nhap": "/ho-so-cua-toi/?xem=nhap",
        "cho-bo-sung": f"/ho-so-cua-toi/{held.submission_ref}/",
        "dang-giai-quyet": f"/ho-so-cua-toi/{running.submission_ref}/",
        "da-tra": f"/ho-so-cua-toi/{returned.submission_ref}/",
        "bo-sung": f"/ho-so-cua-toi/{held.submission_ref}/bo-sung/",
        "rut": f"/ho-so-cua-toi/{running.submission_ref}/rut/",
    }
    for name, address in addresses.items():
        page.goto(address)
        judge(page, axe, shoot, name)
    page.goto(addresses["bo-sung"])
    page.get_by_role("button", name="Gửi bổ sung").click()
    judge(page, axe, shoot, "bo-sung-loi")


@pytest.mark.parametrize("script", [True, False], ids=["co-script", "khong-script"])
def test_communes_follow_the_province_and_nothing_typed_is_lost(
    w: World, open_page: OpenPage, script: bool
) -> None:
    hanoi = Place.objects.create(era="2", level="province", code="01", name="Thành phố Hà Nội")
    Place.objects.create(era="2", level="commune", code="00004", name="Phường Ba Đình", parent=hanoi)
    version = procedure("1.009998", "Thủ tục có địa chỉ", eform=EVERY_KIND)
    ref = draft(w, version=version, answers={}, paper=False).submission_ref
    page = open_page(w.citizen, script=script)
    page.goto(f"/nop-ho-so/{ref}/to-khai/1/")
    page.get_by_label("Họ và tên").fill("Nguyễn Thị Thanh Hương")
    page.get_by_label("Tỉnh, thành phố").select_option(label="Thành phố Hà Nội")
    if not script:
        with page.expect_navigation():
            page.get_by_role("button", name="Hiện lại danh sách xã").click()
    page.get_by_label("Xã, phường").select_option(label="Phường Ba Đình")
    expect(page.get_by_label("Họ và tên")).to_have_value("Nguyễn Thị Thanh Hương")
    with page.expect_navigation():
        page.get_by_role("button", name="Lưu, để làm sau").click()
    answers = Dossier.objects.get(submission_ref=ref).answers
    assert (answers["name"], answers["home"]["commune"]) == ("Nguyễn Thị Thanh Hương", "00004")
