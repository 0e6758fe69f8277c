"""The page on which the papers of a filed dossier are changed: prepared file by file, sent together, nothing lost."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from hoso.models import Amendment, AmendmentFile, Dossier
from hoso.services import amendments, documents, preparing
from portal import tasks
from portal.models import Upload
from portal.services import papers
from tests.factories import World, draft, procedure, walk
from tests.page import Page, Visitor, read_page
from tests.pictures import photo
from tests.portal.helpers import PDF

pytestmark = pytest.mark.django_db


def filed(w: World, until: str, **values: Any) -> Dossier:
    """A dossier whose one paper has bytes."""
    dossier = draft(w, paper=False, papers_by="counter", **values)
    component = dossier.version.components.get(order=2)
    documents.attach(dossier.pk, pdf("mờ.pdf"), by=w.citizen, component=component)
    return walk(w, dossier, until)


def pdf(name: str) -> SimpleUploadedFile:
    return SimpleUploadedFile(name, PDF + name.encode())


def url(dossier: Dossier, more: str = "giay-to/") -> str:
    return f"/ho-so-cua-toi/{dossier.submission_ref}/sua/{more}"


def box(w: World, order: int = 2) -> str:
    return f"c{w.version.components.get(order=order).pk}"


def page_of(client: Client, dossier: Dossier) -> Page:
    return read_page(client.get(url(dossier)).content.decode())


def press(client: Client, dossier: Dossier, **data: Any) -> Page:
    answer = client.post(url(dossier), {"seen": dossier.last_seq, **data}, follow=True)
    assert answer.status_code == 200
    return read_page(answer.content.decode(), answer.request["PATH_INFO"])


def names(dossier: Dossier) -> list[str]:
    return [d.name for d in dossier.documents.filter(replaced_by=None, removed_at=None, kind="upload")]


def test_before_acceptance_a_paper_is_exchanged_in_one_go(w: World, citizen: Client, visit: Visitor) -> None:
    dossier = filed(w, "submit")
    old = dossier.documents.get(name="mờ.pdf")
    assert url(dossier, "") in visit(f"/ho-so-cua-toi/{dossier.submission_ref}/", w.citizen).links
    assert url(dossier) in visit(url(dossier, ""), w.citizen).links
    page = press(citizen, dossier, _out=old.pk)
    assert "Sẽ bỏ, chưa gửi" in page.text
    page = press(citizen, dossier, **{box(w): pdf("rõ.pdf"), "reason": "Ảnh mờ"})
    assert page.url == f"/ho-so-cua-toi/{dossier.submission_ref}/"
    assert "Đã sửa giấy tờ của hồ sơ" in page.text
    assert "Giấy chứng sinh: thay mờ.pdf bằng rõ.pdf" in page.text
    assert names(dossier) == ["rõ.pdf"]


def test_after_acceptance_it_is_asked_for_seen_and_taken_back(w: World, citizen: Client) -> None:
    dossier = filed(w, "accept")
    press(citizen, dossier, _out=dossier.documents.get(name="mờ.pdf").pk)
    page = press(citizen, dossier, **{box(w): pdf("rõ.pdf")})
    assert page.title.startswith("Lỗi:")
    assert "Ghi lý do sửa" in page.text
    assert "Tệp mới, chưa gửi" in page.text  # taken in all the same
    page = press(citizen, dossier, reason="Ảnh mờ")
    assert [
        words for words in ("Đã gửi đề nghị sửa", "mờ.pdf", "Thay bằng", "rõ.pdf") if words not in page.text
    ] == []
    file = AmendmentFile.objects.get()
    assert url(dossier, f"tep/{file.pk}/") in page.links
    opened: Any = citizen.get(url(dossier, f"tep/{file.pk}/"))
    assert b"".join(opened.streaming_content) == PDF + "rõ.pdf".encode()
    page = page_of(citizen, dossier)
    assert "Đã đề nghị bỏ, đang chờ trả lời" in page.text
    assert "Đã đề nghị thêm, đang chờ trả lời" in page.text
    citizen.post(url(dossier, "rut/"))
    assert Amendment.objects.get().status == "taken_back"
    assert names(dossier) == ["mờ.pdf"]


def test_nothing_chosen_or_a_bad_file_is_said_and_nothing_lost(w: World, citizen: Client) -> None:
    dossier = filed(w, "accept")
    page = press(citizen, dossier, reason="Ảnh mờ")
    assert "Chưa có tệp nào được thêm hoặc bỏ" in page.text
    good, bad = pdf("rõ.pdf"), SimpleUploadedFile("virus.exe", b"MZ" + b"\0" * 600)
    page = press(citizen, dossier, **{box(w): [good, bad], "reason": "Ảnh mờ"})
    assert page.title.startswith("Lỗi:")
    assert "rõ.pdf" in page.text
    assert page.one("//textarea[@name='reason']").text.strip() == "Ảnh mờ"
    assert not Amendment.objects.filter(status="waiting").exists()
    page = press(citizen, dossier, _out=dossier.documents.get(name="mờ.pdf").pk, reason="Ảnh mờ quá")
    assert page.one("//textarea[@name='reason']").text.strip() == "Ảnh mờ quá"


def test_a_required_paper_without_a_file_is_not_sent(w: World, citizen: Client) -> None:
    dossier = filed(w, "submit")
    old = dossier.documents.get(name="mờ.pdf")
    press(citizen, dossier, _out=old.pk)
    page = press(citizen, dossier)
    assert "Giấy tờ bắt buộc phải còn ít nhất một tệp: Giấy chứng sinh" in page.text
    page = press(citizen, dossier, _in=old.pk)
    assert "Sẽ bỏ" not in page.text


def test_a_stale_page_keeps_what_was_prepared(w: World, citizen: Client) -> None:
    dossier = filed(w, "submit")
    walked = walk_on(w, dossier)
    page = press(citizen, dossier, **{box(w): pdf("rõ.pdf"), "reason": "Ảnh mờ"})
    assert "Tệp đã chọn vẫn còn ở dưới" in page.text
    assert "rõ.pdf" in page.text
    assert page.h1 == "Đề nghị sửa giấy tờ"
    assert page.one("//textarea[@name='reason']").text.strip() == "Ảnh mờ"
    press(citizen, walked, reason="Ảnh mờ")
    assert Amendment.objects.get().status == "waiting"


def walk_on(w: World, dossier: Dossier) -> Dossier:
    """The desk accepts meanwhile."""
    from hoso.services.dossiers import advance

    return advance(dossier.pk, "accept", by=w.desk_officer, eid_checked=True)


def test_photographs_in_pieces_become_one_pdf_of_the_request(w: World, citizen: Client) -> None:
    dossier, keys = filed(w, "accept"), []
    base = f"/nop-ho-so/{dossier.submission_ref}/tai-len/"
    for number in (1, 2):
        data = photo(size=(900 + number, 700))
        given = {"box": box(w), "name": f"IMG_{number}.jpg", "size": len(data)}
        key = citizen.post(base, given).json()["key"]
        half = len(data) // 2
        for at, piece in ((0, data[:half]), (half, data[half:])):
            answer = citizen.patch(
                f"{base}{key}/",
                piece,
                content_type="application/octet-stream",
                headers={"Upload-Offset": str(at)},
            )
            assert answer.status_code == 200
        keys.append(key)
    assert "Mới tải được 100%" in page_of(citizen, dossier).text
    page = press(citizen, dossier, reason="Chụp lại")
    assert "Có tệp chưa tải lên hết" in page.text
    citizen.post(f"{base}xong/", {"keys": ",".join(keys)})
    tasks.prepare_uploads()
    file = AmendmentFile.objects.get()
    assert (file.name, file.pages, len(file.originals)) == ("Giấy chứng sinh.pdf", 2, 2)
    assert set(Upload.objects.values_list("state", flat=True)) == {"done"}
    assert names(dossier) == ["mờ.pdf"]
    press(citizen, dossier, reason="Chụp lại")
    amendments.accept(dossier.pk, by=w.desk_officer)
    assert dossier.documents.get(name="Giấy chứng sinh.pdf").originals == file.originals


def test_a_paper_already_held_is_used_again(w: World, citizen: Client) -> None:
    earlier, dossier = filed(w, "accept"), filed(w, "submit")
    held = earlier.documents.get(name="mờ.pdf")
    page = press(citizen, dossier, _reuse=f"{held.pk}:{box(w)}")
    assert f"dùng lại từ hồ sơ {earlier.public_code}" in page.text
    press(citizen, dossier)
    again = dossier.documents.get(source=held)
    assert (again.sha256, again.component) == (held.sha256, held.component)


def test_the_answer_that_names_a_file_follows(w: World, citizen: Client) -> None:
    form = {
        "title": "Đơn",
        "sections": [
            {
                "title": "Nội dung",
                "fields": [
                    {"key": "name", "label": "Họ tên", "type": "text", "required": True},
                    {"key": "map", "label": "Sơ đồ thửa đất", "type": "file_ref", "required": False},
                ],
            }
        ],
        "rules": [],
    }
    version = procedure("1.009993", "Thủ tục có tệp trong tờ khai", eform=form)
    dossier = filed(w, "accept", version=version, answers={"name": "Hương"})
    press(citizen, dossier, **{"f-map": pdf("sơ đồ.pdf"), "reason": "Bổ sung sơ đồ"})
    request = Amendment.objects.get()
    assert request.changes["map"]["name"] == "sơ đồ.pdf"
    assert "map" not in Dossier.objects.get(pk=dossier.pk).answers
    amendments.accept(dossier.pk, by=w.desk_officer)
    dossier.refresh_from_db()
    document = dossier.documents.get(name="sơ đồ.pdf")
    assert dossier.answers["map"] == {"sha256": document.sha256, "name": "sơ đồ.pdf"}
    press(citizen, dossier, _out=document.pk, reason="Không cần nữa")
    press(citizen, dossier, reason="Không cần nữa")
    amendments.accept(dossier.pk, by=w.desk_officer)
    dossier.refresh_from_db()
    assert not dossier.answers.get("map")


def test_a_session_that_ended_keeps_the_reason(w: World, citizen: Client) -> None:
    dossier = filed(w, "accept")
    citizen.logout()
    citizen.post(url(dossier), {"reason": "Ảnh mờ", "seen": dossier.last_seq})
    citizen.force_login(w.citizen)
    page = page_of(citizen, dossier)
    assert "Ảnh mờ" in page.one("//textarea[@name='reason']").text


def test_another_finds_nothing_and_a_decided_dossier_leads_back(w: World, citizen: Client) -> None:
    dossier = filed(w, "accept")
    stranger = Client()
    stranger.force_login(w.neighbour)
    assert stranger.get(url(dossier)).status_code == 404
    assert stranger.post(url(dossier), {"_out": 1}).status_code == 404
    assert citizen.post(url(dossier), {"_out": 999999}).status_code == 404
    assert citizen.post(url(dossier), {"_reuse": "1:c9"}).status_code == 404
    done = walk(w, draft(w, papers_by="counter"), "decide")
    answer = citizen.get(url(done), follow=True)
    assert "không sửa được nữa" in read_page(answer.content.decode()).text
    begin = {"box": box(w), "name": "a.pdf", "size": 10}
    assert citizen.post(f"/nop-ho-so/{done.submission_ref}/tai-len/", begin).status_code == 404


def test_the_page_costs_the_same_with_two_files_and_with_twenty(w: World, visit: Visitor) -> None:
    dossier = filed(w, "accept")
    component = w.version.components.get(order=2)
    boxes = papers.boxes(dossier)

    def prepare(count: int) -> None:
        for number in range(count):
            received = documents.receive(pdf(f"{number}.pdf"))
            preparing.prepare_file(dossier.pk, received, by=w.citizen, component=component)

    prepare(2)
    few = visit(url(dossier), w.citizen)
    prepare(18)
    many = visit(url(dossier), w.citizen)
    assert len(many.queries) == len(few.queries)
    assert len(boxes) == 2


# -- Pages of photographs ------------------------------------------------------------------------------------------


def photographed(client: Client, dossier: Dossier, w: World, act: str = "_upload") -> Page:
    """Two pictures for one paper, chosen together."""
    pictures = [
        SimpleUploadedFile(f"{n}.jpg", photo(size=(1200 + n, 900)), content_type="image/jpeg") for n in (1, 2)
    ]
    return press(client, dossier, **{box(w): pictures, act: "1"})


def turned_round(**more: Any) -> dict[str, Any]:
    return {"place_1": "2", "turn_1": "0", "place_2": "1", "turn_2": "90"} | more


def test_pages_of_a_prepared_file_are_put_in_order_and_more_are_added(
    w: World, citizen: Client, visit: Visitor
) -> None:
    dossier = filed(w, "accept")
    page = photographed(citizen, dossier, w)
    old = AmendmentFile.objects.get()
    where = url(dossier, f"giay-to/tep/{old.pk}/trang/")
    assert where in page.links
    page = visit(where, w.citizen)
    assert page.h1 == "Các trang của tệp"
    (first, _second) = [image.get("src") for image in page.all("//ol/li//img")]
    assert citizen.get(first)["Content-Type"] == "image/jpeg"
    more = SimpleUploadedFile("3.jpg", photo(size=(1203, 900)))
    answer = citizen.post(where, turned_round(more=more), follow=True)
    page = read_page(answer.content.decode(), answer.request["PATH_INFO"])
    assert page.url == url(dossier)
    assert "Đã thêm 1 trang." in page.text
    now = AmendmentFile.objects.get()
    assert [o["name"] for o in now.originals] == ["2.jpg", "1.jpg", "3.jpg"]
    assert now.component == old.component
    assert citizen.get(where).status_code == 404  # the file as it was
    press(citizen, dossier, reason="Chụp lại")
    amendments.accept(dossier.pk, by=w.desk_officer)
    assert dossier.documents.get(sha256=now.sha256).originals == now.originals


def test_pages_of_a_present_file_in_order_are_a_change_to_be_sent(w: World, citizen: Client) -> None:
    dossier = filed(w, "submit")
    photographed(citizen, dossier, w)
    press(citizen, dossier)
    dossier.refresh_from_db()
    present = dossier.documents.get(media_type="application/pdf", pages=2)
    where = url(dossier, f"giay-to/dang-co/{present.pk}/trang/")
    page = page_of(citizen, dossier)
    assert where in page.links
    stays = {"place_1": "1", "turn_1": "0", "place_2": "2", "turn_2": "0"}
    citizen.post(where, stays)
    assert not Amendment.objects.exists()  # nothing changed, nothing prepared
    citizen.post(where, turned_round())
    page = page_of(citizen, dossier)
    assert "Sẽ bỏ, chưa gửi" in page.text
    assert "Tệp mới, chưa gửi" in page.text
    assert present.pk in [d.pk for d in dossier.documents.filter(replaced_by=None)]
    answer = citizen.post(where, turned_round(), follow=True)  # pressed again in another window
    assert "Tệp này vừa được thay ở cửa sổ khác" in read_page(answer.content.decode()).text
    press(citizen, dossier)
    present.refresh_from_db()
    assert [o["name"] for o in present.replaced_by.originals] == ["2.jpg", "1.jpg"]


def test_pages_come_in_pieces_too_and_others_find_nothing(w: World, citizen: Client) -> None:
    dossier = filed(w, "accept")
    photographed(citizen, dossier, w)
    file, data = AmendmentFile.objects.get(), photo(size=(1203, 900))
    base = f"/nop-ho-so/{dossier.submission_ref}/tai-len/"
    begin = {"box": f"t{file.pk}", "name": "3.jpg", "size": len(data)}
    key = citizen.post(base, begin).json()["key"]
    headers = {"Upload-Offset": "0"}
    citizen.patch(f"{base}{key}/", data, content_type="application/octet-stream", headers=headers)
    assert citizen.post(f"{base}xong/", {"keys": key}).json()["files"][0]["state"] == "done"
    now = AmendmentFile.objects.get()
    assert [o["name"] for o in now.originals] == ["1.jpg", "2.jpg", "3.jpg"]
    stranger = Client()
    stranger.force_login(w.neighbour)
    for more in (f"giay-to/tep/{now.pk}/trang/", f"tep/{now.pk}/trang-1/"):
        assert stranger.get(url(dossier, more)).status_code == 404
    officer = Client()
    officer.force_login(w.desk_officer)
    assert officer.get(url(dossier, f"tep/{now.pk}/trang-1/")).status_code == 404
    assert citizen.get(url(dossier, f"tep/{now.pk}/trang-9/")).status_code == 404
    assert citizen.post(base, begin | {"box": f"t{now.pk + 9}"}).status_code == 404
    waiting = press(citizen, dossier, reason="Chụp lại")
    assert "Đã gửi đề nghị sửa" in waiting.text
    assert citizen.get(url(dossier, f"giay-to/tep/{now.pk}/trang/")).status_code == 404


def test_the_page_says_until_when_it_is_kept(
    w: World, citizen: Client, visit: Visitor, at: Callable[[str], datetime]
) -> None:
    at("2026-10-05 09:00")
    dossier = filed(w, "submit")
    assert "Lưu đến" not in visit(url(dossier), w.citizen).text
    page = press(citizen, dossier, **{box(w): pdf("rõ.pdf"), "_upload": "1"})
    assert "Đã chuẩn bị, chưa gửi. Lưu đến hết ngày 12/10/2026" in page.text
    at("2026-10-10 09:00")
    page = visit(url(dossier), w.citizen)
    assert "chỉ được giữ đến hết ngày 12/10/2026" in page.text
    page = press(citizen, dossier, _keep="1")
    assert "Lưu đến hết ngày 17/10/2026" in page.text
    assert "rõ.pdf" in page.text
    page = press(citizen, dossier, _remove=AmendmentFile.objects.get().pk)
    assert "Lưu đến" not in page.text  # nothing is prepared any more
