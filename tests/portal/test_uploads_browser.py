"""Files over a bad network, in a real browser: cut off, reloaded, gone on with; and the same without any script."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from playwright.sync_api import Page as BrowserPage
from playwright.sync_api import expect

from danhmuc.models import User
from hoso.gateways import store
from hoso.models import Document
from hoso.services import documents
from portal.models import Upload
from portal.services import papers
from tests.conftest import OpenPage
from tests.factories import World, draft, walk
from tests.pictures import photo
from tests.portal.helpers import PDF
from tests.portal.test_browser import judge

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.browser]
Shoot = Callable[[BrowserPage, str], None]
Axe = Callable[[BrowserPage], None]
SignIn = Callable[[User], BrowserPage]
BOX = "Chọn tệp: Giấy chứng sinh"


def large_pdf(path: Path, size: int = 1_500_000) -> bytes:
    data = PDF + b"\n%" + os.urandom(size // 2).hex().encode() + b"\n%%EOF\n"
    path.write_bytes(data)
    return data


def network(page: BrowserPage) -> Callable[..., None]:
    """`change(offline=True)`, `change(up=300_000)`: the network of this page from now on, in bytes a second."""
    line = page.context.new_cdp_session(page)
    line.send("Network.enable")

    def change(*, offline: bool = False, up: int = -1) -> None:
        conditions = {"offline": offline, "latency": 40, "downloadThroughput": -1, "uploadThroughput": up}
        line.send("Network.emulateNetworkConditions", conditions)

    return change


def test_a_file_survives_a_lost_network_and_a_reload(
    w: World, sign_in: SignIn, axe: Axe, shoot: Shoot, tmp_path: Path
) -> None:
    dossier = draft(w, paper=False)
    data = large_pdf(tmp_path / "Giấy chứng sinh quét.pdf")
    page = sign_in(w.citizen)
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(f"/nop-ho-so/{dossier.submission_ref}/giay-to/")
    change = network(page)
    change(up=300_000)
    page.get_by_label(BOX).set_input_files(tmp_path / "Giấy chứng sinh quét.pdf")
    expect(page.get_by_text("Đã tải 17%")).to_be_visible(timeout=20_000)
    change(offline=True)
    expect(page.get_by_text("Mất mạng. Phần đã tải vẫn còn, có mạng sẽ tự tải tiếp.")).to_be_visible()
    judge(page, axe, shoot, "giay-to-mat-mang")
    change(up=300_000)
    expect(page.get_by_text("Đã tải 52%")).to_be_visible(timeout=30_000)
    page.reload()
    expect(page.get_by_role("link", name="Giấy chứng sinh quét.pdf", exact=True)).to_be_visible(
        timeout=30_000
    )
    document = Document.objects.get(dossier=dossier, kind="upload")
    assert store.read(document.sha256) == data
    assert Upload.objects.get().state == "done"
    judge(page, axe, shoot, "giay-to-da-co")


def test_what_is_pressed_while_a_file_goes_up_happens_after_it(
    w: World, sign_in: SignIn, tmp_path: Path
) -> None:
    dossier = draft(w, paper=False)
    large_pdf(tmp_path / "a.pdf", 900_000)
    page = sign_in(w.citizen)
    page.goto(f"/nop-ho-so/{dossier.submission_ref}/giay-to/")
    network(page)(up=600_000)
    page.get_by_label(BOX).set_input_files(tmp_path / "a.pdf")
    page.get_by_role("button", name="Lưu và tiếp tục").click()
    expect(page.get_by_text("Xong sẽ tự chuyển trang")).to_be_visible()
    page.wait_for_url("**/buu-chinh/")
    assert Document.objects.filter(dossier=dossier, kind="upload").count() == 1


def test_photographs_are_joined_and_put_in_order(
    w: World, sign_in: SignIn, axe: Axe, shoot: Shoot, tmp_path: Path
) -> None:
    earlier = draft(w, paper=False)
    box = papers.boxes(earlier)[0]
    received = documents.receive(SimpleUploadedFile("Giấy chứng sinh.pdf", PDF))
    papers.add(earlier, received, box, by=w.citizen)
    walk(w, earlier, "accept")
    dossier = draft(w, paper=False)
    page = sign_in(w.citizen)
    page.goto(f"/nop-ho-so/{dossier.submission_ref}/giay-to/")
    judge(page, axe, shoot, "giay-to-dung-lai")
    page.get_by_role("link", name="Dùng lại giấy tờ đã nộp trước đây").first.click()
    judge(page, axe, shoot, "dung-lai")
    page.go_back()

    shots = []
    for number, size in enumerate(((1600, 1200), (1200, 1600), (400, 300)), start=1):
        shots.append(tmp_path / f"IMG_{number}.jpg")
        shots[-1].write_bytes(photo(size=size, turned=number == 1, place=True))
    shots.append(tmp_path / "rỗng.jpg")
    shots[-1].write_bytes(b"")
    page.get_by_label(BOX).set_input_files(shots)
    expect(page.get_by_text("Tệp không có nội dung")).to_be_visible()
    more = page.get_by_role("link", name="Chụp thêm trang, sắp xếp")
    expect(more).to_be_visible()
    expect(page.get_by_text("Tệp không có nội dung")).to_be_visible()  # still there beside what was taken
    judge(page, axe, shoot, "giay-to-anh")
    more.click()
    page.get_by_role("combobox", name="Thứ tự của trang 3").select_option("1")
    page.get_by_role("combobox", name="Chiều của trang 2").select_option(label="Xoay phải")
    judge(page, axe, shoot, "cac-trang")
    page.get_by_role("button", name="Lưu các trang").click()
    expect(page.get_by_text("Đã lưu các trang của tệp")).to_be_visible()
    document = Document.objects.filter(dossier=dossier, kind="upload", removed_at=None).get()
    assert [o["name"] for o in document.originals] == ["IMG_3.jpg", "IMG_1.jpg", "IMG_2.jpg"]

    page.get_by_role("link", name="Chụp thêm trang, sắp xếp").click()
    page.get_by_label("Chụp thêm trang").set_input_files(shots[0])
    page.wait_for_url("**/giay-to/")
    expect(page.get_by_text("4 trang")).to_be_visible()
    page.get_by_role("link", name="Chụp thêm trang, sắp xếp").click()
    expect(page.get_by_role("checkbox")).to_have_count(4)
    for tick in page.get_by_role("checkbox").all():
        tick.check()
    page.get_by_role("button", name="Lưu các trang").click()
    expect(page.get_by_text("Giữ lại ít nhất một trang").first).to_be_visible()
    judge(page, axe, shoot, "cac-trang-loi")


def test_without_script_the_same_form_does_it_all(w: World, open_page: OpenPage, tmp_path: Path) -> None:
    dossier = draft(w, paper=False)
    page = open_page(w.citizen, script=False)
    page.goto(f"/nop-ho-so/{dossier.submission_ref}/giay-to/")
    shots = []
    for number in (1, 2):
        shots.append(tmp_path / f"{number}.jpg")
        shots[-1].write_bytes(photo(size=(1200 + number, 900)))
    page.get_by_label(BOX).set_input_files(shots)
    page.get_by_role("button", name="Tải lên, ở lại trang này").last.click()
    expect(page.get_by_text("Đã lưu 2 tệp.")).to_be_visible()
    page.get_by_role("link", name="Chụp thêm trang, sắp xếp").click()
    page.get_by_role("combobox", name="Thứ tự của trang 2").select_option("1")
    page.get_by_role("button", name="Lưu các trang").click()
    document = Document.objects.filter(dossier=dossier, kind="upload", removed_at=None).get()
    assert [o["name"] for o in document.originals] == ["2.jpg", "1.jpg"]
    page.get_by_role("button", name="Xóa Giấy chứng sinh.pdf").click()
    expect(page.get_by_text("Đã xóa tệp Giấy chứng sinh.pdf.")).to_be_visible()
