"""Files: judged by content, kept once, opened only by those who may, missed when their bytes change."""

import io
import os
import threading
import time
import zipfile
from pathlib import Path

import pikepdf
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.db import IntegrityError, transaction
from PIL import Image

from hoso.gateways import signing, store
from hoso.lifecycle import State
from hoso.models import AccessLog, Document
from hoso.services import documents, files, serving
from hoso.services.errors import Refused, StepRefused
from tests.factories import World, dossier_at, draft, step, walk


@pytest.fixture(autouse=True)
def _own_store(settings, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path / "media"


def pdf(pages: int = 1, **encryption: str) -> bytes:
    made = pikepdf.new()
    for _ in range(pages):
        made.add_blank_page(page_size=(420, 595))
    out = io.BytesIO()
    made.save(out, encryption=pikepdf.Encryption(**encryption) if encryption else None)
    return out.getvalue()


def picture(kind: str = "JPEG", size: tuple[int, int] = (640, 480)) -> bytes:
    out = io.BytesIO()
    Image.effect_noise(size, 40).convert("RGB").save(out, kind)
    return out.getvalue()


def office(
    part: str = "word/document.xml", extra: dict[str, bytes] | None = None, kinds: bytes = b"<Types/>"
) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", kinds)
        if part:
            archive.writestr(part, os.urandom(400))
        for name, data in (extra or {}).items():
            archive.writestr(name, data)
    return out.getvalue()


def sent(data: bytes, name: str = "giay-to.pdf") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, data)


@pytest.mark.parametrize(
    ("data", "name", "media_type", "pages", "kept_as"),
    [
        (pdf(3), "Giấy khai sinh.pdf", files.PDF, 3, "Giấy khai sinh.pdf"),
        (pdf(), "sai đuôi.jpg", files.PDF, 1, "sai đuôi.jpg.pdf"),
        (picture(), "IMG_0001.JPG", files.JPEG, 1, "IMG_0001.JPG"),
        (picture("PNG"), "anh", files.PNG, 1, "anh.png"),
        (office(), "don.docx", files.DOCX, None, "don.docx"),
        (office("xl/workbook.xml"), "bang.xlsx", files.XLSX, None, "bang.xlsx"),
    ],
    ids=["pdf", "pdf called jpg", "jpeg", "png without ending", "docx", "xlsx"],
)
def test_what_a_file_is_shows_in_its_content(
    w: World, data: bytes, name: str, media_type: str, pages: int | None, kept_as: str
) -> None:
    document = documents.attach(draft(w, paper=False).pk, sent(data, name), by=w.citizen)
    assert (document.media_type, document.pages, document.name) == (media_type, pages, kept_as)
    assert document.size == len(data)
    assert store.read(document.sha256) == data


@pytest.mark.parametrize(
    ("data", "name", "says"),
    [
        (b"", "trong.pdf", "không có nội dung"),
        (b"<html><script>alert(1)</script>", "giay.pdf", "không thuộc loại được nhận"),
        (b"MZ" + os.urandom(4000), "giay.pdf", "không thuộc loại được nhận"),
        (pdf()[:200], "cut.pdf", "bị hỏng"),
        (pdf(owner="x", user="matkhau"), "khoa.pdf", "đang đặt mật khẩu"),
        (pdf(owner="x", user=""), "khoa2.pdf", "đang đặt mật khẩu"),
        (pdf(0), "khong-trang.pdf", "không có trang nào"),
        (pdf(6), "nhieu.pdf", "Chia thành nhiều tệp"),
        (picture()[:3000], "anh.jpg", "bị hỏng"),
        (picture("PNG")[:3000], "anh.png", "bị hỏng"),
        (b"\0\0\0\x18ftypheic" + os.urandom(3000), "IMG.HEIC", "Chụp hoặc quét lại"),
        (office(""), "nen.zip", "Giải nén"),
        (office(extra={"word/vbaProject.bin": b"x"}), "macro.docx", "có macro"),
        (office(kinds=b'<T ContentType="application/vnd.ms-word.document.macroEnabled.main+xml"/>'), "m.docx", "macro"),
        (office(extra={"word/big.xml": bytes(40_000_000)}), "bom.docx", "nén bất thường"),
        (office()[:300], "cut.docx", "bị hỏng"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "cu.doc", "lưu thành PDF"),
        (os.urandom(1_100_000), "to.pdf", "lớn hơn 1 MB"),
    ],
)  # fmt: skip
def test_a_refusal_says_what_to_do_and_leaves_nothing(
    w: World, settings, data: bytes, name: str, says: str
) -> None:
    settings.UPLOAD_MAX_BYTES = 1024 * 1024
    settings.UPLOAD_MAX_PAGES = 5
    dossier = draft(w, paper=False)
    with pytest.raises(Refused, match=says):
        documents.attach(dossier.pk, sent(data, name), by=w.citizen)
    assert not dossier.documents.exists()
    assert [p for p in settings.MEDIA_ROOT.rglob("*") if p.is_file() and p.name != ".gate"] == []


@pytest.mark.parametrize(
    ("sent_name", "kept"),
    [
        ("C:\\Users\\Huong\\Giấy tờ.pdf", "Giấy tờ.pdf"),
        ("../../etc/passwd", "passwd.pdf"),
        ("gia\u0302\u0301y.pdf", "giấy.pdf"),
        ("hoa\u202efdp.exe.pdf", "hoafdp.exe.pdf"),
        ("a\x00b\r\nc.PDF", "abc.PDF"),
        ("  .. ", "tep.pdf"),
        ("x" * 300 + ".pdf", "x" * 197 + ".pdf"),
    ],
)
def test_names_are_cleaned(sent_name: str, kept: str) -> None:
    assert files.clean_name(sent_name, files.PDF) == kept


def test_the_same_bytes_are_stored_once(w: World, settings) -> None:
    data, dossier = pdf(), draft(w, paper=False)
    first = documents.attach(dossier.pk, sent(data), by=w.citizen)
    second = documents.attach(dossier.pk, sent(data, "ban-hai.pdf"), by=w.citizen)
    assert first.sha256 == second.sha256
    kept = [p for p in settings.MEDIA_ROOT.glob("??/??/*") if p.is_file()]
    assert kept == [store.path_of(first.sha256)]
    assert kept[0].relative_to(settings.MEDIA_ROOT).parts == (
        first.sha256[:2],
        first.sha256[2:4],
        first.sha256,
    )
    assert not kept[0].stat().st_mode & 0o222


def test_two_at_once_store_the_same_bytes_whole(settings) -> None:
    data = os.urandom(3_000_000)
    gate, found = threading.Barrier(4), []

    def put() -> None:
        gate.wait()
        found.append(store.put(data).sha256)

    threads = [threading.Thread(target=put) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(found)) == 1
    assert len(found) == 4
    assert store.read(found[0]) == data
    assert list((settings.MEDIA_ROOT / "incoming").iterdir()) == []


def test_a_better_file_replaces_and_the_old_one_stays_readable(w: World) -> None:
    dossier = draft(w, paper=False)
    paper = w.version.components.get(order=2)
    old = documents.attach(dossier.pk, sent(pdf()), by=w.citizen, component=paper)
    new = documents.attach(dossier.pk, sent(pdf(2)), by=w.citizen, replacing=old.pk)
    old.refresh_from_db()
    assert (old.replaced_by, old.is_current, new.component, new.title) == (
        new,
        False,
        paper,
        "Giấy chứng sinh",
    )
    _, file = documents.open_for(old.pk, w.citizen, None)
    with file:
        assert pikepdf.open(file).pages
    with pytest.raises(Document.DoesNotExist):
        documents.attach(dossier.pk, sent(pdf()), by=w.citizen, replacing=old.pk)


def test_only_a_draft_loses_files(w: World) -> None:
    dossier = draft(w)
    document = documents.attach(dossier.pk, sent(pdf()), by=w.citizen)
    documents.remove(dossier.pk, document.pk, by=w.citizen)
    document.refresh_from_db()
    assert document.removed_at
    kept = documents.attach(dossier.pk, sent(pdf(2)), by=w.citizen)
    walk(w, dossier, "submit")
    with pytest.raises(StepRefused):
        documents.remove(dossier.pk, kept.pk, by=w.citizen)
    with pytest.raises(IntegrityError, match="chỉ được ghi thêm"), transaction.atomic():
        Document.objects.filter(pk=kept.pk).delete()


@pytest.mark.parametrize(
    ("state", "who", "kind", "outcome"),
    [
        (State.DRAFT, "citizen", "upload", None),
        (State.DRAFT, "citizen", "draft_result", StepRefused),
        (State.DRAFT, "neighbour", "upload", "missing"),
        (State.SUBMITTED, "citizen", "upload", StepRefused),
        (State.INTAKE_HOLD, "citizen", "upload", None),
        (State.ON_HOLD, "citizen", "upload", None),
        (State.PROCESSING, "citizen", "upload", StepRefused),
        (State.PROCESSING, "desk_officer", "scan", None),
        (State.PROCESSING, "other_desk_officer", "scan", "missing"),
        (State.PROCESSING, "approver", "draft_result", None),
        (State.PROCESSING, "other_case_officer", "draft_result", "missing"),
        (State.COMPLETED, "desk_officer", "scan", StepRefused),
        (State.COMPLETED, "approver", "result", None),
    ],
)
def test_who_may_add_files(
    w: World, state: State, who: str, kind: str, outcome: type[Exception] | str | None
) -> None:
    dossier = dossier_at(w, state)
    by = getattr(w, who)
    if outcome is None:
        assert documents.attach(dossier.pk, sent(pdf()), by=by, kind=kind).dossier == dossier
        return
    expected = type(dossier).DoesNotExist if outcome == "missing" else outcome
    with pytest.raises(expected):
        documents.attach(dossier.pk, sent(pdf()), by=by, kind=kind)


def test_reading_needs_rights_and_leaves_a_trace_of_staff(w: World) -> None:
    dossier = draft(w, paper=False)
    paper = w.version.components.get(order=2)
    document = documents.attach(dossier.pk, sent(pdf(), "Giấy chứng sinh.pdf"), by=w.citizen, component=paper)
    walk(w, dossier, "accept")
    for who in (
        "neighbour",
        "other_desk_officer",
        "other_case_officer",
        "carrier",
        "system_admin",
        "coordinator",
    ):
        with pytest.raises(Document.DoesNotExist):
            documents.open_for(document.pk, getattr(w, who), "10.0.0.7")
    assert not AccessLog.objects.exists()
    for who in ("citizen", "desk_officer", "case_officer", "supervisor"):
        documents.open_for(document.pk, getattr(w, who), "10.0.0.7")[1].close()
    read = AccessLog.objects.order_by("pk")
    assert [r.user for r in read] == [w.desk_officer, w.case_officer, w.supervisor]
    assert (read[0].what, read[0].detail, read[0].ip) == ("mở giấy tờ", "Giấy chứng sinh.pdf", "10.0.0.7")


def test_the_applicant_sees_neither_drafts_nor_an_unreleased_result(w: World) -> None:
    dossier = walk(w, draft(w), "assign")
    inside = documents.attach(dossier.pk, sent(pdf()), by=w.case_officer, kind="draft_result")
    own = dossier.documents.filter(documents.readable(w.citizen, dossier))
    assert list(own.values_list("kind", flat=True)) == ["upload"]
    with pytest.raises(Document.DoesNotExist):
        documents.open_for(inside.pk, w.citizen, None)
    documents.open_for(inside.pk, w.case_officer, None)[1].close()


def test_infected_and_vanished_files_are_not_opened(w: World) -> None:
    dossier = draft(w)
    document = documents.attach(dossier.pk, sent(pdf()), by=w.citizen)
    Document.objects.filter(pk=document.pk).update(virus_check="infected")
    with pytest.raises(Refused, match="có mã độc nên không mở được; phải thay bằng tệp khác"):
        documents.open_for(document.pk, w.citizen, None)
    with pytest.raises(Refused, match="có mã độc"):
        step(w, dossier, "submit", "citizen")
    Document.objects.filter(pk=document.pk).update(virus_check="clean")
    store.path_of(document.sha256).unlink()
    with pytest.raises(Refused, match=r"Không đọc được tệp.* gọi Tổng đài 1022"):
        documents.open_for(document.pk, w.citizen, None)


def test_changed_bytes_are_noticed(w: World) -> None:
    dossier = draft(w, paper=False)
    good, bad = (documents.attach(dossier.pk, sent(pdf(n)), by=w.citizen) for n in (1, 2))
    assert documents.verify_sample() == []
    path = store.path_of(bad.sha256)
    path.chmod(0o600)
    path.write_bytes(b"khac")
    assert documents.verify_sample() == [bad]
    assert store.is_intact(good.sha256)


def test_every_file_is_read_again_after_a_restore(w: World, capsys) -> None:
    dossier = draft(w, paper=False)
    _, gone, changed = (documents.attach(dossier.pk, sent(pdf(n)), by=w.citizen) for n in (1, 2, 3))
    call_command("verify_files")
    assert "3 giấy tờ: mọi tệp còn nguyên" in capsys.readouterr().out
    store.path_of(gone.sha256).unlink()
    path = store.path_of(changed.sha256)
    path.chmod(0o600)
    path.write_bytes(b"khac")
    with pytest.raises(CommandError, match="2 trong 3 giấy tờ"):
        call_command("verify_files")
    told = capsys.readouterr().err
    assert gone.sha256 in told
    assert changed.sha256 in told
    assert told.count(dossier.submission_ref) == 2


def test_sweeping_removes_only_old_bytes_no_row_names(w: World, capsys) -> None:
    named = documents.attach(draft(w).pk, sent(pdf()), by=w.citizen)
    orphan, young = store.put(b"%PDF-orphan"), store.put(b"%PDF-young")
    half = store.receive([b"nua chung"], limit=100)
    for path in (store.path_of(named.sha256), store.path_of(orphan.sha256), half.path):
        os.utime(path, (time.time() - 2 * 86400,) * 2)
    call_command("sweep_files")
    assert "1 tệp" in capsys.readouterr().out
    assert store.is_intact(named.sha256)
    assert store.is_intact(young.sha256)
    assert not store.path_of(orphan.sha256).exists()
    assert not half.path.exists()


def test_filing_again_makes_old_bytes_young(settings) -> None:
    kept = store.put(b"%PDF-again")
    os.utime(store.path_of(kept.sha256), (time.time() - 2 * 86400,) * 2)
    store.put(b"%PDF-again")
    assert list(store.kept(older_than=86400)) == []


@pytest.mark.parametrize(
    ("data", "name", "disposition", "policy"),
    [
        (pdf(), 'Giấy "khai" sinh.pdf', "inline; filename=\"giay-khai-sinh.pdf\"; filename*=UTF-8''Gi%E1%BA%A5y", "object-src"),
        (picture(), "ảnh.jpg", 'inline; filename="anh.jpg"', "sandbox"),
        (office(), "đơn.docx", 'attachment; filename="don.docx"', "sandbox"),
    ],
)  # fmt: skip
def test_answers_to_a_browser_are_safe(
    w: World, data: bytes, name: str, disposition: str, policy: str
) -> None:
    document = documents.attach(draft(w).pk, sent(data, name), by=w.citizen)
    _, file = documents.open_for(document.pk, w.citizen, None)
    response = serving.respond(document, file)
    assert response["Content-Disposition"].startswith(disposition)
    assert response["X-Content-Type-Options"] == "nosniff"
    assert policy in response["Content-Security-Policy"]
    assert "no-store" in response["Cache-Control"]
    assert b"".join(response.streaming_content) == data
    file.close()
    _, file = documents.open_for(document.pk, w.citizen, None)
    saved = serving.respond(document, file, as_download=True)
    assert saved["Content-Disposition"].startswith("attachment")
    file.close()


def test_signatures_on_an_upload_are_read(w: World) -> None:
    who = signing.Identity(signing.PERSON, "huong", "Nguyễn Thị Thanh Hương")
    signed = signing.DemoSigner().sign(pdf(), who, reason="Tôi nộp hồ sơ")
    document = documents.attach(draft(w).pk, sent(signed), by=w.citizen)
    (found,) = document.signatures
    assert found["signer"] == "TRÌNH DIỄN – Nguyễn Thị Thanh Hương"
    assert (found["intact"], found["trusted"], found["demo"]) == (True, True, True)
    assert found["problem"] == ""
    start = signed.index(b"/MediaBox")
    forged = signed[:start] + signed[start:].replace(b"420", b"520", 1)
    document = documents.attach(draft(w).pk, sent(forged), by=w.citizen)
    assert document.signatures[0]["intact"] is False
    assert document.signatures[0]["problem"] == "altered"


def test_a_full_disk_is_told_plainly(w: World, settings, monkeypatch) -> None:
    import errno

    def full(_fd: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(Refused, match="hết chỗ lưu tệp"):
        documents.attach(draft(w).pk, sent(pdf()), by=w.citizen)
    assert list((settings.MEDIA_ROOT / "incoming").iterdir()) == []
