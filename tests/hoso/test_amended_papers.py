"""Papers of an amendment stay apart until they are part of the dossier, and nothing that was filed is ever overwritten."""

import os
import time
from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from hoso.gateways import store
from hoso.models import AccessLog, Amendment, AmendmentFile, Document, Dossier, Notice
from hoso.services import amendments, delivery, documents, history, preparing
from hoso.services.errors import Refused
from hoso.tasks import end_drafts
from tests.factories import World, draft, settle, step, walk
from tests.page import Visitor, read_page
from tests.portal.helpers import PDF

pytestmark = pytest.mark.django_db


def client_of(user: Any) -> Client:
    client = Client()
    client.force_login(user)
    return client


def opened(user: Any, url: str) -> tuple[int, bytes]:
    """Status and bytes of a file asked for."""
    answer = client_of(user).get(url)
    return answer.status_code, b"".join(answer.streaming_content) if answer.streaming else b""


def filed(w: World, until: str) -> Dossier:
    """A dossier whose one paper has bytes."""
    dossier = draft(w, paper=False, papers_by="counter")
    component = w.version.components.get(order=2)
    documents.attach(dossier.pk, SimpleUploadedFile("mờ.pdf", PDF), by=w.citizen, component=component)
    return walk(w, dossier, until)


def better(w: World, dossier: Dossier, name: str = "rõ.pdf", order: int = 2) -> AmendmentFile:
    received = documents.receive(SimpleUploadedFile(name, PDF + name.encode()))
    component = w.version.components.get(order=order)
    return preparing.prepare_file(dossier.pk, received, by=w.citizen, component=component)


def swapped(w: World, dossier: Dossier) -> Document:
    """A better file prepared in place of the present one, which is given back."""
    old = dossier.documents.get(name="mờ.pdf")
    better(w, dossier)
    preparing.leave_out(dossier.pk, old.pk, by=w.citizen)
    return old


def names(dossier: Dossier) -> list[str]:
    return [d.name for d in dossier.documents.filter(replaced_by=None, removed_at=None, kind="upload")]


def sweep_old(sha256: str) -> None:
    """What the nightly sweep does days later."""
    os.utime(store.path_of(sha256), (time.time() - 2 * 86400,) * 2)
    documents.sweep(older_than=86400)


def desk_page(dossier: Dossier) -> str:
    return f"/mot-cua/ho-so/{dossier.submission_ref}/de-nghi-sua/"


def test_before_acceptance_the_better_paper_is_there_at_once(w: World, visit: Visitor) -> None:
    dossier = filed(w, "submit")
    old, code = swapped(w, dossier), dossier.public_code
    assert names(dossier) == ["mờ.pdf"]  # prepared is not sent
    amendments.send(dossier.pk, by=w.citizen, reason="Ảnh mờ")
    old.refresh_from_db()
    dossier.refresh_from_db()
    assert (names(dossier), old.replaced_by.name, dossier.public_code) == (["rõ.pdf"], "rõ.pdf", code)
    assert not Amendment.objects.exists()
    told = [{"name": "Giấy chứng sinh", "added": ["rõ.pdf"], "removed": ["mờ.pdf"]}]
    assert dossier.events.get(name="amend").data["files"] == told
    text = visit(f"/mot-cua/ho-so/{dossier.submission_ref}/", w.desk_officer).text
    assert "Giấy chứng sinh: thay mờ.pdf bằng rõ.pdf" in text
    assert "đã thay bằng tệp khác" in text
    assert opened(w.desk_officer, f"/mot-cua/giay-to/{old.pk}/") == (200, PDF)
    assert list(history.problems(Dossier.objects.all())) == []


def test_what_is_left_out_stays_readable_to_the_office_and_its_bytes_are_kept(
    w: World, visit: Visitor
) -> None:
    dossier = filed(w, "submit")
    better(w, dossier, "ủy quyền.pdf", order=3)
    amendments.send(dossier.pk, by=w.citizen)
    spare = dossier.documents.get(name="ủy quyền.pdf")
    preparing.leave_out(dossier.pk, spare.pk, by=w.citizen)
    amendments.send(dossier.pk, by=w.citizen)
    spare.refresh_from_db()
    assert spare.removed_at is not None
    assert names(dossier) == ["mờ.pdf"]
    sweep_old(spare.sha256)
    assert store.is_intact(spare.sha256)
    text = visit(f"/mot-cua/ho-so/{dossier.submission_ref}/", w.desk_officer).text
    assert "người nộp bỏ" in text
    assert opened(w.desk_officer, f"/mot-cua/giay-to/{spare.pk}/")[0] == 200
    assert (
        client_of(w.citizen).get(f"/ho-so-cua-toi/{dossier.submission_ref}/tep/{spare.pk}/").status_code
        == 404
    )


def test_a_required_paper_is_never_left_without_a_file(w: World) -> None:
    dossier = filed(w, "submit")
    preparing.leave_out(dossier.pk, dossier.documents.get(name="mờ.pdf").pk, by=w.citizen)
    with pytest.raises(Refused, match=r"bắt buộc phải còn ít nhất một tệp: Giấy chứng sinh"):
        amendments.send(dossier.pk, by=w.citizen)
    assert names(dossier) == ["mờ.pdf"]
    better(w, dossier)
    amendments.send(dossier.pk, by=w.citizen)
    assert names(dossier) == ["rõ.pdf"]


def test_after_acceptance_files_are_held_apart_until_the_desk_agrees(w: World, visit: Visitor) -> None:
    dossier = filed(w, "accept")
    due, old = dossier.due_at, swapped(w, dossier)
    with pytest.raises(Refused, match="Ghi lý do"):
        amendments.send(dossier.pk, by=w.citizen)
    amendments.send(dossier.pk, by=w.citizen, reason="Ảnh mờ")
    assert names(dossier) == ["mờ.pdf"]
    file = AmendmentFile.objects.get()
    page = visit(desk_page(dossier), w.desk_officer)
    assert [part for part in ("mờ.pdf", "Thay bằng", "rõ.pdf", "Ảnh mờ") if part not in page.text] == []
    read = opened(w.desk_officer, f"{desk_page(dossier)}tep/{file.pk}/")
    assert read == (200, PDF + "rõ.pdf".encode())
    assert AccessLog.objects.filter(what="mở giấy tờ", detail="rõ.pdf", user=w.desk_officer).count() == 1
    dossier.refresh_from_db()
    client_of(w.desk_officer).post(desk_page(dossier), {"decision": "accept", "seen": dossier.last_seq})
    dossier.refresh_from_db()
    file.refresh_from_db()
    old.refresh_from_db()
    assert (names(dossier), dossier.due_at) == (["rõ.pdf"], due)
    assert old.replaced_by == file.document
    event = dossier.events.get(name="amend")
    assert (event.actor, event.on_behalf_of) == (w.desk_officer, dossier.submitter_name)
    assert list(history.problems(Dossier.objects.all())) == []


@pytest.mark.parametrize("end", ["refuse", "take_back", "withdraw"])
def test_a_request_that_comes_to_nothing_leaves_the_papers_as_they_were(w: World, end: str) -> None:
    dossier = filed(w, "accept")
    old = swapped(w, dossier)
    amendments.send(dossier.pk, by=w.citizen, reason="Ảnh mờ")
    if end == "refuse":
        amendments.refuse(dossier.pk, by=w.desk_officer, answer="Ảnh vẫn mờ")
    elif end == "take_back":
        amendments.take_back(dossier.pk, by=w.citizen)
    else:
        step(w, dossier, "withdraw", "citizen")
    old.refresh_from_db()
    assert old.is_current
    assert names(dossier) == ["mờ.pdf"]
    asked = Amendment.objects.get()  # what was asked for stays on record, with its file
    assert (asked.dropped, [f.name for f in asked.files.all()]) == ([old.pk], ["rõ.pdf"])


def test_what_was_offered_and_refused_is_opened_by_officers_and_every_reading_kept(
    w: World, visit: Visitor
) -> None:
    dossier = filed(w, "accept")
    swapped(w, dossier)
    amendments.send(dossier.pk, by=w.citizen, reason="Ảnh mờ")
    amendments.refuse(dossier.pk, by=w.desk_officer, answer="Bản cũ đọc được")
    file = AmendmentFile.objects.get()
    where = f"{desk_page(dossier)}khong-thuc-hien/"
    assert where in visit(f"/mot-cua/ho-so/{dossier.submission_ref}/", w.desk_officer).links
    page = visit(where, w.desk_officer)
    words = ("Không chấp nhận", "Ảnh mờ", "Bản cũ đọc được", "không thuộc hồ sơ", "Thay bằng", "rõ.pdf")
    assert [text for text in words if text not in page.text] == []
    assert f"{desk_page(dossier)}tep/{file.pk}/" in page.links
    assert opened(w.desk_officer, f"{desk_page(dossier)}tep/{file.pk}/") == (200, PDF + "rõ.pdf".encode())
    log = AccessLog.objects.filter(dossier=dossier, user=w.desk_officer).values_list("what", "detail")
    assert ("mở giấy tờ", "rõ.pdf") in log
    assert ("xem đề nghị sửa không thực hiện", "") in log
    assert names(dossier) == ["mờ.pdf"]
    for other in (w.other_desk_officer, w.neighbour):
        assert client_of(other).get(where).status_code == (404 if other.is_officer else 403)


def test_answers_and_papers_make_one_request(w: World) -> None:
    dossier = filed(w, "accept")
    amendments.ask(dossier.pk, by=w.citizen, values={"child_full_name": "Hoàng Gia An"}, reason="Ghi nhầm")
    swapped(w, dossier)
    amendments.send(dossier.pk, by=w.citizen, reason="Ghi nhầm, ảnh mờ")
    better(w, dossier, "ủy quyền.pdf", order=3)
    amendments.send(dossier.pk, by=w.citizen, reason="Ghi nhầm, ảnh mờ, thêm ủy quyền")
    request = Amendment.objects.get()
    assert request.status == "waiting"
    assert {f.name for f in request.files.all()} == {"rõ.pdf", "ủy quyền.pdf"}
    amendments.accept(dossier.pk, by=w.desk_officer)
    dossier.refresh_from_db()
    assert dossier.answers["child_full_name"] == "Hoàng Gia An"
    assert sorted(names(dossier)) == ["rõ.pdf", "ủy quyền.pdf"]
    told = amendments.told(dossier.version, dossier.events.filter(name="amend"))
    assert "Hoàng Gia An" in next(iter(told.values()))
    assert "thay mờ.pdf bằng rõ.pdf" in next(iter(told.values()))


def test_compared_papers_are_compared_anew_and_the_signed_count_stands(w: World, visit: Visitor) -> None:
    dossier = settle(w, filed(w, "accept"))
    assert dossier.paper_check == "matched"
    counted = dossier.events.get(name="receive_papers").data
    swapped(w, dossier)
    amendments.send(dossier.pk, by=w.citizen, reason="Ảnh mờ")
    dossier.refresh_from_db()
    assert dossier.paper_check == "matched"  # asking changes nothing
    assert "phải đối chiếu lại" in visit(desk_page(dossier), w.desk_officer).text
    amendments.accept(dossier.pk, by=w.desk_officer)
    dossier.refresh_from_db()
    assert dossier.paper_check == "received"
    assert dossier.events.get(name="receive_papers").data == counted


def test_a_file_with_malware_is_neither_sent_nor_accepted(w: World, visit: Visitor) -> None:
    dossier = filed(w, "accept")
    swapped(w, dossier)
    AmendmentFile.objects.update(virus_check="infected")
    with pytest.raises(Refused, match="mã độc"):
        amendments.send(dossier.pk, by=w.citizen, reason="Ảnh mờ")
    AmendmentFile.objects.update(virus_check="unchecked")
    amendments.send(dossier.pk, by=w.citizen, reason="Ảnh mờ")
    AmendmentFile.objects.update(virus_check="infected")  # the scanner came by later
    page = visit(desk_page(dossier), w.desk_officer)
    assert "Có mã độc" in page.text
    assert not [link for link in page.links if "/tep/" in link]
    dossier.refresh_from_db()
    answer = client_of(w.desk_officer).post(
        desk_page(dossier), {"decision": "accept", "seen": dossier.last_seq}
    )
    assert "mã độc" in read_page(answer.content.decode()).text
    assert names(dossier) == ["mờ.pdf"]


@pytest.mark.parametrize("who", ["neighbour", "desk_officer", "case_officer"])
def test_nobody_else_prepares_papers_or_sees_what_is_not_sent(w: World, who: str) -> None:
    dossier, other = filed(w, "accept"), getattr(w, who)
    file = better(w, dossier)
    old = dossier.documents.get(name="mờ.pdf")
    for act in (
        lambda: preparing.leave_out(dossier.pk, old.pk, by=other),
        lambda: preparing.forget_file(dossier.pk, file.pk, by=other),
        lambda: amendments.send(dossier.pk, by=other, reason="Tò mò"),
    ):
        with pytest.raises(Dossier.DoesNotExist):
            act()
    expected = 404 if other.is_officer else 403
    assert client_of(other).get(f"{desk_page(dossier)}tep/{file.pk}/").status_code == expected
    assert (
        client_of(other).get(f"/ho-so-cua-toi/{dossier.submission_ref}/sua/tep/{file.pk}/").status_code == 404
    )


def test_what_the_office_scanned_or_issued_is_not_left_out(w: World) -> None:
    dossier = filed(w, "accept")
    scan = documents.attach(
        dossier.pk, SimpleUploadedFile("quét.pdf", PDF), by=w.desk_officer, kind="scan",
        component=w.version.components.get(order=2),
    )  # fmt: skip
    with pytest.raises(Document.DoesNotExist):
        preparing.leave_out(dossier.pk, scan.pk, by=w.citizen)


def test_decided_or_not_filed_nothing_is_prepared(w: World) -> None:
    for dossier in (draft(w), walk(w, draft(w, papers_by="counter"), "decide")):
        with pytest.raises(Refused, match="không sửa được nữa"):
            better(w, dossier)


def test_what_was_prepared_and_never_sent_is_told_of_and_then_forgotten(
    w: World, at: Callable[[str], datetime]
) -> None:
    at("2026-10-05 09:00")
    dossier = filed(w, "submit")
    file = better(w, dossier)
    at("2026-10-09 23:00")
    end_drafts()
    told = Notice.objects.filter(template="amendment_ending")
    assert not told.exists()
    at("2026-10-10 04:10")  # five days of silence: two are left
    end_drafts()
    end_drafts()
    assert sorted(n.channel for n in told) == ["email", "portal"]
    words = delivery.render(told[0])
    assert (
        words.subject == f"Giấy tờ sửa hồ sơ {dossier.public_code} chưa gửi, sắp bị xóa vào ngày 12/10/2026"
    )
    assert "giữ đến hết ngày 12/10/2026" in words.email_text
    at("2026-10-12 23:00")
    end_drafts()
    assert AmendmentFile.objects.exists()
    at("2026-10-13 04:10")
    end_drafts()
    assert not AmendmentFile.objects.exists()
    assert not Amendment.objects.exists()
    assert [d.name for d in dossier.documents.filter(kind="upload")] == ["mờ.pdf"]
    sweep_old(file.sha256)
    assert not store.is_intact(file.sha256)


def test_what_can_be_sent_no_more_goes_without_a_word(w: World, at: Callable[[str], datetime]) -> None:
    at("2026-10-05 09:00")
    dossier = filed(w, "accept")
    better(w, dossier)
    step(w, dossier, "withdraw", "citizen")
    at("2026-10-10 09:00")
    end_drafts()
    assert not Notice.objects.filter(template="amendment_ending").exists()
    at("2026-10-13 09:00")
    end_drafts()
    assert not AmendmentFile.objects.exists()


def test_touching_it_keeps_it_and_nothing_goes_without_its_warning(
    w: World, at: Callable[[str], datetime]
) -> None:
    at("2026-10-05 09:00")
    dossier = filed(w, "submit")
    better(w, dossier)
    at("2026-10-10 09:00")
    end_drafts()
    preparing.keep_longer(dossier.pk, by=w.citizen)
    at("2026-11-20 09:00")  # nobody swept for weeks
    end_drafts()
    assert AmendmentFile.objects.exists()
    assert Notice.objects.filter(template="amendment_ending", channel="portal").count() == 2
    at("2026-11-23 09:00")
    end_drafts()
    assert not AmendmentFile.objects.exists()
