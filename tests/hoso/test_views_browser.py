"""Officers' pages in a real browser: nothing a machine can object to, at a desk and on a phone."""

from collections.abc import Callable
from io import BytesIO
from typing import Any

import pikepdf
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from playwright.sync_api import Page as BrowserPage
from playwright.sync_api import expect

from hoso.models import Dossier
from hoso.services import documents
from hoso.services.case import write
from hoso.services.dossiers import locked
from tests.factories import ITEMS, World, draft, hold, step, walk, world
from tests.hoso.test_views_journey import address

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
SIZES = ({"width": 1366, "height": 768}, {"width": 390, "height": 844})


@pytest.fixture
def office(transactional_db: None, at: Any) -> World:
    """An office in the middle of a Monday, with work of every kind."""
    at("2026-09-28 09:00")
    w = world()
    for until in ("accept", "assign", "finish_task"):
        walk(w, draft(w), until)
    hold(w, walk(w, draft(w), "assign"))
    at("2026-10-05 09:20")
    w.more["submitted"] = walk(w, draft(w, postal=True), "submit")
    w.more["working"] = with_scan(w, walk(w, draft(w), "assign"))
    w.more["proposed"] = step(
        w, walk(w, draft(w), "assign"), "propose_hold", "case_officer", {"items": ITEMS}
    )
    w.more["sent"] = walk(w, draft(w), "hand_over")
    w.more["ready"] = walk(w, draft(w), "issue_result")
    w.more["checking"] = step(
        w, walk(w, draft(w), "assign"), "receive_papers", "desk_officer", {"papers": ["Giấy chứng sinh"]}
    )
    w.more["opined"] = walk(w, draft(w), "finish_task")
    return w


def with_scan(w: World, dossier: Dossier) -> Dossier:
    """A dossier whose paper has bytes to show."""
    made = pikepdf.new()
    made.add_blank_page(page_size=(420, 595))
    out = BytesIO()
    made.save(out)
    with transaction.atomic():
        case = locked(dossier.pk)
        upload = SimpleUploadedFile("quyet-dinh.pdf", out.getvalue(), "application/pdf")
        documents.take_in(case, upload, by=w.case_officer, kind="attachment", title="Văn bản xác minh")
        write([case])
    return case.dossier


def pages(w: World) -> list[tuple[str, Any, str]]:
    """(name, who, address) of every kind of page."""
    m = w.more
    return [
        ("hop-viec", w.desk_officer, "/mot-cua/?muc=dang-giai-quyet"),
        ("hop-viec-ky-nhan", w.division_head, "/mot-cua/?muc=ky-nhan"),
        ("hop-viec-trong", w.system_admin, "/mot-cua/"),
        ("tim", w.desk_officer, "/mot-cua/tim/?q=thanh+huong"),
        ("ho-so", w.case_officer, address(m["working"])),
        ("ho-so-cho-tiep-nhan", w.desk_officer, address(m["submitted"])),
        ("ho-so-bo-sung", w.approver, address(m["proposed"])),
        ("tiep-nhan-ho-so", w.desk_officer, address(m["submitted"], "accept")),
        ("yeu-cau-hoan-thien", w.desk_officer, address(m["submitted"], "ask_completion")),
        ("phan-cong", w.division_head, address(step(w, m["sent"], "sign_for", "division_head"), "assign")),
        ("hoan-thanh-buoc", w.case_officer, address(m["working"], "finish_task")),
        ("de-xuat-bo-sung", w.case_officer, address(m["working"], "propose_hold")),
        ("ky-bo-sung", w.approver, address(m["proposed"], "sign_hold")),
        ("lay-y-kien", w.case_officer, address(m["working"], "consult")),
        ("thuc-dia", w.case_officer, address(m["working"], "verify_on_site")),
        ("nghia-vu", w.case_officer, address(m["working"], "hold_financial")),
        ("ky-ket-qua", w.approver, address(m["opined"], "decide")),
        ("doi-chieu", w.desk_officer, address(m["checking"], "check_papers")),
        ("thu-phi", w.cashier, address(m["ready"], "record_payment")),
        ("tra-ket-qua", w.desk_officer, address(m["ready"], "complete")),
        ("sua-to-khai", w.desk_officer, address(m["working"], "amend")),
        ("tiep-nhan-tim", w.desk_officer, "/mot-cua/tiep-nhan/?q=khai+sinh"),
        ("tiep-nhan", w.desk_officer, "/mot-cua/tiep-nhan/?thu-tuc=1.001193"),
        ("so-theo-doi", w.desk_officer, "/mot-cua/so-theo-doi/?tu=2026-09-01"),
        ("so-ban-giao", w.desk_officer, "/mot-cua/so-ban-giao/"),
    ]


def test_every_page_at_both_widths(
    office: World,
    sign_in: Callable[[Any], BrowserPage],
    axe: Callable[[BrowserPage], None],
    shoot: Callable[[BrowserPage, str], None],
) -> None:
    for name, who, url in pages(office):
        page = sign_in(who)
        page.goto(url)
        for size in SIZES:
            page.set_viewport_size(size)  # type: ignore[arg-type]
            axe(page)
        shoot(page, f"mot-cua-{name}")


def test_a_form_with_errors_leads_to_the_field(
    office: World, sign_in: Callable[[Any], BrowserPage], axe: Callable[[BrowserPage], None], shoot: Any
) -> None:
    page = sign_in(office.case_officer)
    page.goto(address(office.more["working"], "finish_task"))
    page.keyboard.press("F9")
    expect(page).to_have_title("Lỗi: Hoàn thành bước – Bộ phận Một cửa")
    axe(page)
    shoot(page, "mot-cua-loi")
    page.get_by_role("link", name="Nhập ý kiến thẩm định").click()
    expect(page.get_by_label("Ý kiến thẩm định")).to_be_focused()


def test_the_counter_works_by_keys(office: World, sign_in: Callable[[Any], BrowserPage], shoot: Any) -> None:
    page = sign_in(office.desk_officer)
    page.goto("/mot-cua/")
    page.keyboard.press("F2")
    expect(page.get_by_label("Tên hoặc mã thủ tục")).to_be_focused()
    page.wait_for_load_state()
    page.keyboard.type("khai sinh")
    page.keyboard.press("Enter")
    page.get_by_role("link", name="Đăng ký khai sinh").click()
    expect(page.get_by_label("Số căn cước, mã số thuế")).to_be_visible()
    page.wait_for_load_state()  # keys work once the script has run
    page.keyboard.press("F4")
    page.keyboard.type(office.citizen.personal_id)
    page.get_by_role("button", name="Tra người nộp đã có").press("Enter")
    expect(page.get_by_label("Họ và tên, tên tổ chức")).to_have_value("Nguyễn Thị Thanh Hương")
    page.get_by_label("Đã kiểm tra tài khoản định danh").check()
    page.get_by_label("Đủ: Giấy chứng sinh").check()
    shoot(page, "mot-cua-tiep-nhan-dien")
    page.keyboard.press("F9")
    expect(page.get_by_text("Đã tiếp nhận, mã hồ sơ H44.27-261005-")).to_be_visible()
    shoot(page, "mot-cua-da-tiep-nhan")


def test_ticking_all_counts_and_signs(office: World, sign_in: Callable[[Any], BrowserPage]) -> None:
    page = sign_in(office.division_head)
    page.goto("/mot-cua/?muc=ky-nhan")
    page.get_by_label("Chọn tất cả hồ sơ trong trang").check()
    expect(page.locator("[data-counted]")).to_have_text("1")
    page.get_by_role("button", name="Ký nhận", exact=True).click()
    expect(page.get_by_text("Đã ký nhận 1 hồ sơ.")).to_be_visible()
