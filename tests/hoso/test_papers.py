"""Legal forms of real dossiers: the facts their templates name, one signed PDF each, made once whoever asks."""

import threading
import tomllib
from io import BytesIO
from pathlib import Path
from typing import Any

import pikepdf
import pytest
from django.conf import settings
from django.db import connection
from django.template.loader import render_to_string

from hoso.gateways import signing, store
from hoso.lifecycle import State
from hoso.models import AccessLog, Document, Dossier, Paper
from hoso.services import documents, printing
from hoso.services.errors import Refused
from tests.factories import World, dossier_at, draft, hold, pay, step, walk
from tests.hoso.test_documents import pdf, sent
from tests.page import read_page

TEMPLATES = Path(settings.BASE_DIR) / "templates/hoso/papers"
Kind = Paper.Kind


@pytest.fixture(autouse=True)
def _own_store(settings, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path / "media"


def story(w: World, kind: str) -> Dossier:
    """A dossier that has had this paper issued."""
    if kind == Kind.SUPPLEMENT_SLIP:
        return dossier_at(w, State.ON_HOLD)
    if kind == Kind.REFUSAL_SLIP:
        return dossier_at(w, State.REFUSED_INTAKE)
    if kind == Kind.STOP_NOTICE:
        return dossier_at(w, State.WITHDRAWN)
    if kind == Kind.APOLOGY_EXTENSION:
        facts = {"value": 5, "unit": "working_day", "note": "Chờ kết quả xác minh."}
        return step(w, walk(w, draft(w), "assign"), "extend", "approver", facts)
    if kind in {Kind.CONTROL_SLIP, Kind.TRANSFER_SLIP}:
        dossier = walk(w, draft(w), "finish_task")
        printing.issue_on_demand(dossier.pk, kind, by=w.desk_officer)
        return dossier
    if kind == Kind.FEE_RECEIPT:
        return pay(w, walk(w, draft(w), "accept"))
    return dossier_at(w, State.COMPLETED)


def named_in_examples(kind: str) -> tuple[set[str], set[str]]:
    """(keys every example of the form has, keys at least one has)."""
    examples = [set(e["facts"]) for e in tomllib.loads((TEMPLATES / f"{kind}.toml").read_text())["example"]]
    return set.intersection(*examples), set.union(*examples)


@pytest.mark.parametrize("kind", Kind.values)
def test_facts_are_those_the_form_names(w: World, kind: str) -> None:
    paper = story(w, kind).papers.filter(kind=kind).latest("pk")
    always, ever = named_in_examples(kind)
    mayhap = {"code", "qr_svg", "upper", "draft_sha256"}
    assert always - mayhap - set(paper.facts) <= {
        "postal_note",
        "fees_kept",
        "due_text",
        "counted_from",
        "guidance",
        "components",
    }
    own = {"legal", "counted_from", "submission_ref", "submitted_at", "components", "guidance", "due_at"}
    assert set(paper.facts) - ever <= mayhap | own
    html = render_to_string(
        printing.template_of(kind), {"facts": paper.facts | {"qr_svg": printing.qr_svg("x")}, "pdf": True}
    )
    text = read_page(html, kind).text
    for hole in ("None", "[]", "{}", "Số: \n", "  ,"):
        assert hole not in text


@pytest.mark.parametrize("kind", Kind.values)
def test_every_kind_becomes_one_signed_pdf(w: World, kind: str) -> None:
    dossier = story(w, kind)
    paper = dossier.papers.filter(kind=kind).latest("pk")
    document = printing.file(paper)
    paper.refresh_from_db()
    assert paper.document == document == printing.file(paper)
    assert document.kind == ("result" if kind == Kind.RESULT else "paper")
    assert store.is_intact(document.sha256)
    with pikepdf.open(store.path_of(document.sha256)) as opened:
        width = round(float(opened.pages[0].mediabox[2]) / 72 * 25.4)
        assert width == (210 if kind in {Kind.RESULT, Kind.SUBMISSION_PROOF} else 148)
        assert document.pages == len(opened.pages) == 1
    assert [s["problem"] for s in document.signatures] == [""] * (2 if kind == Kind.RESULT else 1)
    assert all(s["demo"] for s in document.signatures)


def test_a_result_bears_the_approver_first_and_the_seal_after_issuing(w: World) -> None:
    dossier = walk(w, draft(w), "decide")
    paper = dossier.papers.get(kind=Kind.RESULT)
    first = printing.file(paper)
    assert [s["signer"] for s in first.signatures] == ["TRÌNH DIỄN – Vũ Ngọc Sơn"]
    assert printing.file(paper) == first
    paper.refresh_from_db()
    assert paper.document is None
    step(w, dossier, "issue_result", "clerk")
    final = printing.file(paper)
    assert [s["signer"] for s in final.signatures] == [
        "TRÌNH DIỄN – Vũ Ngọc Sơn",
        "TRÌNH DIỄN – Ủy ban nhân dân phường Việt Trì",
    ]
    assert [s["intact"] for s in final.signatures] == [True, True]
    first.refresh_from_db()
    assert first.replaced_by == final


def test_a_prepared_result_keeps_the_officers_own_bytes(w: World) -> None:
    dossier = walk(w, draft(w), "finish_task")
    prepared = documents.attach(dossier.pk, sent(pdf(3)), by=w.case_officer, kind="draft_result")
    dossier = step(w, dossier, "decide", "approver", {"outcome": "granted", "document": prepared})
    dossier = step(w, dossier, "issue_result", "clerk")
    final = printing.file(dossier.papers.get(kind=Kind.RESULT))
    assert final.pages == 3
    assert store.read(final.sha256).startswith(store.read(prepared.sha256))


@pytest.mark.parametrize("case", ["word", "replaced", "another's"])
def test_only_a_current_pdf_of_this_dossier_can_be_signed(w: World, case: str) -> None:
    dossier = walk(w, draft(w), "finish_task")
    other = walk(w, draft(w), "finish_task") if case == "another's" else dossier
    prepared = documents.attach(other.pk, sent(pdf()), by=w.case_officer, kind="draft_result")
    if case == "word":
        prepared.media_type = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
    if case == "replaced":
        documents.attach(
            dossier.pk, sent(pdf(2)), by=w.case_officer, kind="draft_result", replacing=prepared.pk
        )
        prepared.refresh_from_db()
    with pytest.raises(Refused, match="PDF" if case == "word" else "đã được thay"):
        step(w, dossier, "decide", "approver", {"outcome": "granted", "document": prepared})


@pytest.mark.django_db(transaction=True)
def test_two_who_click_at_once_get_the_same_document(w: World) -> None:
    paper = walk(w, draft(w), "accept").papers.get(kind=Kind.ACCEPTANCE_SLIP)
    gate, found = threading.Barrier(2), []

    def click() -> None:
        gate.wait()
        try:
            found.append(printing.file(Paper.objects.get(pk=paper.pk)).pk)
        finally:
            connection.close()

    threads = [threading.Thread(target=click) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 2
    assert len(set(found)) == 1
    assert Document.objects.filter(kind="paper").count() == 1


def test_waiting_papers_are_filed_and_one_bad_one_stops_nobody(w: World, caplog) -> None:
    dossier = walk(w, draft(w), "accept")
    bad = dossier.papers.get(kind=Kind.SUBMISSION_PROOF)
    Paper.objects.filter(pk=bad.pk).update(kind="mau_khong_co")
    assert printing.file_waiting() == 1
    assert dossier.papers.get(kind=Kind.ACCEPTANCE_SLIP).document
    bad.refresh_from_db()
    assert (bad.document, bad.filing_failures) == (None, 1)
    assert "Chưa tạo được tệp của phiếu" in caplog.text


def test_history_and_unissued_results_are_left_alone(w: World, at) -> None:
    at("2026-10-05 09:00")
    old = walk(w, draft(w), "accept")
    at("2026-10-07 09:00")
    assert printing.file_waiting() == 0
    assert printing.file(old.papers.get(kind=Kind.ACCEPTANCE_SLIP)).size
    decided = walk(w, draft(w), "decide")
    waiting = decided.papers.count()
    assert printing.file_waiting() == waiting  # the result gets the approver's signature
    assert printing.file_waiting() == 0
    step(w, decided, "issue_result", "clerk")
    assert printing.file_waiting() == 1


def test_the_slip_says_what_the_law_asks(w: World, at) -> None:
    at("2026-10-05 09:05")
    dossier = walk(w, draft(w, postal=True), "accept")
    facts = dossier.papers.get(kind=Kind.ACCEPTANCE_SLIP).facts
    assert facts["number"] == "0001/TN-TTPVHCC"
    assert (facts["upper"], facts["agency"], facts["place"]) == (
        "UBND phường Việt Trì",
        "Trung tâm Phục vụ hành chính công",
        "Việt Trì",
    )
    assert facts["code"] == "H44.27-261005-0001"
    assert facts["received_at"] == "2026-10-05T09:05:00+07:00"
    assert facts["due_at"] == "2026-10-12T17:00:00+07:00"
    assert facts["time_limit"] == "05 ngày làm việc"
    assert facts["charges"] == [{"label": "Lệ phí đăng ký khai sinh", "amount": 8000, "status": "chưa nộp"}]
    assert [c["name"] for c in facts["components"]] == ["Tờ khai đăng ký khai sinh", "Giấy chứng sinh"]
    assert facts["result_channel"] == "nơi đăng ký, qua dịch vụ bưu chính công ích"
    assert "owner" not in facts


def test_the_proof_lists_each_file_with_its_hash(w: World, at) -> None:
    at("2026-10-05 20:14")
    dossier = walk(w, draft(w), "submit")
    paper = dossier.papers.get(kind=Kind.SUBMISSION_PROOF)
    document = dossier.documents.get()
    assert paper.facts["files"] == [
        {
            "component": "Giấy chứng sinh",
            "name": document.name,
            "size": document.size,
            "sha256": document.sha256,
        }
    ]
    assert paper.facts["counted_from"] == "2026-10-06T07:30:00+07:00"
    assert paper.number == dossier.submission_ref
    assert len(paper.facts["answers_sha256"]) == 64


def test_supplement_slip_bears_the_approver_not_the_desk(w: World) -> None:
    dossier = hold(w, walk(w, draft(w), "assign"))
    facts = dossier.papers.get(kind=Kind.SUPPLEMENT_SLIP).facts
    assert facts["sign"]["name"] == w.approver.full_name
    assert facts["items"][0]["reason"].startswith("Mờ, không đọc được. Ảnh mờ")
    assert (
        facts["wait_until"]
        == dossier.wait_until.astimezone(printing.timezone.get_current_timezone()).isoformat()
    )


def test_reprints_are_marked_counted_and_logged(w: World) -> None:
    paper = walk(w, draft(w), "accept").papers.get(kind=Kind.ACCEPTANCE_SLIP)
    original = printing.file(paper)
    again = printing.reprint(paper, by=w.desk_officer, ip="10.0.0.9")
    assert pikepdf.open(BytesIO(again)).pages
    paper.refresh_from_db()
    assert (paper.reprints, paper.document) == (1, original)
    log = AccessLog.objects.get()
    assert (log.what, log.user) == ("in lại phiếu", w.desk_officer)
    assert log.detail.endswith("lần 1")


def test_without_certificates_papers_are_filed_unsigned_and_say_so(w: World, settings) -> None:
    settings.DEV = False
    dossier = walk(w, draft(w), "accept")
    paper = dossier.papers.get(kind=Kind.ACCEPTANCE_SLIP)
    assert paper.facts["signs"]["receiver"]["digital"] is False
    assert printing.file(paper).signatures == []


def test_a_broken_certificate_files_nothing(w: World, settings, tmp_path: Path) -> None:
    broken = tmp_path / "hong.p12"
    broken.write_bytes(b"khong phai chung thu")
    settings.SIGNING_P12 = str(broken)
    paper = walk(w, draft(w), "accept").papers.get(kind=Kind.ACCEPTANCE_SLIP)
    with pytest.raises(Refused, match="Chưa ký số được"):
        printing.file(paper)
    paper.refresh_from_db()
    assert paper.document is None


def test_real_certificates_of_agency_and_officer_are_used(w: World, settings, tmp_path: Path) -> None:
    from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, pkcs12

    made = signing._demo_certificate(signing.Identity(signing.ORGANISATION, "thu", "Cơ quan thử"))
    key, certificate, others = pkcs12.load_key_and_certificates(made.read_bytes(), None)
    target = tmp_path / f"{w.desk.agency.key}.p12"
    target.write_bytes(
        pkcs12.serialize_key_and_certificates(
            b"x", key, certificate, others, BestAvailableEncryption(b"bi-mat")
        )
    )
    settings.SIGNING_P12_DIR, settings.SIGNING_P12_PASSWORD = str(tmp_path), "bi-mat"
    document = printing.file(walk(w, draft(w), "accept").papers.get(kind=Kind.ACCEPTANCE_SLIP))
    assert [s["signer"] for s in document.signatures] == ["TRÌNH DIỄN – Cơ quan thử"]


def test_rendering_asks_nothing_from_the_network(w: World, caplog) -> None:
    from weasyprint.urls import URLFetcher

    with pytest.raises(ValueError, match="disallowed protocol"):
        URLFetcher(allowed_protocols=["file", "data"]).fetch("https://example.org/a.png")
    facts: dict[str, Any] = walk(w, draft(w), "accept").papers.get(kind=Kind.ACCEPTANCE_SLIP).facts
    made = printing.render(
        printing.template_of(Kind.ACCEPTANCE_SLIP), facts, qr_address="https://example.org/"
    )
    fonts = {str(f.BaseFont) for p in pikepdf.open(BytesIO(made)).pages for f in p.resources.Font.values()}
    assert all("Tinos" in font for font in fonts)


def test_the_control_slip_tells_desk_and_committee_apart(w: World) -> None:
    facts = printing.issue_on_demand(
        walk(w, draft(w), "issue_result").pk, "control_slip", by=w.desk_officer
    ).facts
    centre, committee = w.desk.agency.name, w.commune.name
    assert [(r["giver"], r["receiver"]) for r in facts["rows"]] == [
        (centre, f"{committee} (lãnh đạo phòng)"),
        (f"{committee} (lãnh đạo phòng)", f"{committee} (cán bộ thụ lý)"),
        (f"{committee} (cán bộ thụ lý)", f"{committee} (lãnh đạo cơ quan)"),
        (committee, centre),
    ]
    assert facts["rows"][0]["receiver_name"] == w.division_head.full_name
    assert facts["number"] == "0001/PKS-TTPVHCC"


@pytest.mark.parametrize(("who", "kind", "error"), [
    ("neighbour", "control_slip", Dossier.DoesNotExist),
    ("citizen", "control_slip", Dossier.DoesNotExist),
    ("other_desk_officer", "control_slip", Dossier.DoesNotExist),
    ("desk_officer", "acceptance_slip", Refused),
])  # fmt: skip
def test_slips_on_demand_are_for_those_inside(w: World, who: str, kind: str, error: type[Exception]) -> None:
    dossier = walk(w, draft(w), "accept")
    with pytest.raises(error):
        printing.issue_on_demand(dossier.pk, kind, by=getattr(w, who))
