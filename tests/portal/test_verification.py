"""Whoever holds a result can ask whether it is the one that was issued, and learns nothing of the person."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connections
from django.test import Client
from playwright.sync_api import expect

from hoso.gateways import store
from hoso.models import Dossier, Paper
from hoso.services import printing
from portal.services import verification
from tests.factories import World, draft, walk
from tests.page import Visitor, read_page

pytestmark = pytest.mark.django_db


@pytest.fixture
def dossier(w: World) -> Dossier:
    return walk(w, draft(w, papers_by="counter"), "complete")


@pytest.fixture
def paper(dossier: Dossier) -> Paper:
    found = dossier.papers.get(kind=Paper.Kind.RESULT)
    printing.file(found)
    found.refresh_from_db()
    return found


def test_the_paper_names_where_it_is_verified(paper: Paper) -> None:
    assert len(paper.verify_code) == 9
    assert printing.verify_url(paper).endswith(f"/xac-minh/{paper.verify_code}/")
    assert paper.facts["verify_code"] == paper.verify_code


def test_the_page_names_the_document_and_not_the_person(
    visit: Visitor, paper: Paper, dossier: Dossier
) -> None:
    page = visit(f"/xac-minh/{paper.verify_code}/", budget=8)
    assert page.h1 == "Văn bản có trong hệ thống"
    assert paper.document is not None
    for public in (
        paper.number,
        dossier.resolving_agency.name,
        paper.issued_by.full_name,
        paper.document.sha256,
    ):
        assert public in page.text
    for secret in (dossier.owner_name, dossier.owner_id, dossier.phone, dossier.submission_ref, dossier.code):
        assert secret not in page.html


def test_an_issued_result_is_known_before_its_file_was_asked_for(client: Client, dossier: Dossier) -> None:
    paper = dossier.papers.get(kind=Paper.Kind.RESULT)
    assert paper.document is None
    page = read_page(client.get(f"/xac-minh/{paper.verify_code}/").content.decode())
    assert page.h1 == "Văn bản có trong hệ thống"
    assert paper.number in page.text


@pytest.mark.parametrize("typed", ["{0}", " {0} ", "{1}", "{2}"], ids=["as is", "spaced", "small", "parted"])
def test_a_code_is_found_however_it_is_typed(client: Client, paper: Paper, typed: str) -> None:
    code = paper.verify_code
    asked = typed.format(code, code.lower(), f"{code[:3]} {code[3:6]}-{code[6:]}")
    answer = client.get("/xac-minh/", {"ma": asked})
    assert answer.headers["Location"] == f"/xac-minh/{code}/"


@pytest.mark.parametrize(
    ("address", "status", "words"),
    [
        ("/xac-minh/", 200, "Quét mã QR"),
        ("/xac-minh/?ma=", 200, "Nhập mã xác minh"),
        ("/xac-minh/ZZZZZZZZZ/", 404, "Không có văn bản nào phát hành với mã này"),
    ],
)
def test_nothing_and_nonsense_say_what_to_do(client: Client, address: str, status: int, words: str) -> None:
    answer = client.get(address)
    assert answer.status_code == status
    assert words in read_page(answer.content.decode()).text


def test_a_result_that_waits_for_its_seal_is_not_issued(w: World, client: Client) -> None:
    waiting = walk(w, draft(w, papers_by="counter"), "decide").papers.get(kind=Paper.Kind.RESULT)
    printing.file(waiting)
    waiting.refresh_from_db()
    if waiting.document is None:  # signed by the approver, not yet by the clerk
        assert client.get(f"/xac-minh/{waiting.verify_code}/").status_code == 404
    else:
        assert client.get(f"/xac-minh/{waiting.verify_code}/").status_code == 200


def test_a_file_is_compared_byte_for_byte(client: Client, paper: Paper) -> None:
    assert paper.document is not None
    whole = store.read(paper.document.sha256)
    address = f"/xac-minh/{paper.verify_code}/"
    for content, words in ((whole, "đúng từng byte"), (whole[:-1] + b"x", "khác bản trong hệ thống")):
        answer = client.post(address, {"tep": SimpleUploadedFile("ket-qua.pdf", content)})
        assert words in read_page(answer.content.decode()).text
    assert "Chọn tệp PDF" in read_page(client.post(address, {}).content.decode()).text


def test_guessing_is_bounded(client: Client, paper: Paper) -> None:
    for number in range(verification.BY_ADDRESS):
        client.get(f"/xac-minh/ABCDEFG{number % 8 + 2}{number // 8 + 2}/")
    answer = client.get(f"/xac-minh/{paper.verify_code}/")
    assert answer.status_code == 429
    assert "10 phút" in read_page(answer.content.decode()).text


def file_elsewhere(paper: Paper) -> None:
    try:
        printing.file(paper)
    finally:
        connections.close_all()


@pytest.mark.browser
def test_verification_on_a_telephone(page: Any, axe: Any, shoot: Any, dossier: Dossier) -> None:
    paper = dossier.papers.get(kind=Paper.Kind.RESULT)
    with ThreadPoolExecutor(1) as pool:  # the signing library wants a thread without the browser's event loop
        pool.submit(file_elsewhere, paper).result()
    page.goto("/xac-minh/")
    axe(page)
    page.get_by_label("Mã xác minh").fill("sai-ma-nhe")
    page.get_by_role("button", name="Xác minh").click()
    axe(page)
    page.get_by_label("Mã xác minh").fill(paper.verify_code.lower())
    page.get_by_role("button", name="Xác minh").click()
    expect(page.locator("h1")).to_have_text("Văn bản có trong hệ thống")
    axe(page)
    shoot(page, "xac-minh")
