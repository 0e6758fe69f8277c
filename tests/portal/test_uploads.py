"""Files on their way into a draft: whole and in pieces, cut off and taken up again, photographs joined, papers used again."""

import hashlib
import io
import os
import socket
from datetime import timedelta
from typing import Any
from uuid import UUID

import pikepdf
import pytest
from django.conf import settings as django_settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone
from PIL import Image

from hoso.gateways import store
from hoso.models import AccessLog, AmendmentFile, Document, Dossier
from hoso.services import documents, partials
from hoso.services.errors import Refused
from portal import tasks
from portal.models import Upload
from portal.services import papers, uploads
from tests.factories import World, draft, step, walk
from tests.page import Page, Visitor, read_page
from tests.pictures import photo, where_red
from tests.portal.helpers import PDF


@pytest.fixture
def mine(w: World) -> Dossier:
    """A draft of the citizen without papers."""
    return draft(w, paper=False)


def box(w: World) -> str:
    return f"c{w.version.components.get(order=2).pk}"


def address(dossier: Dossier, more: str = "giay-to/") -> str:
    return f"/nop-ho-so/{dossier.submission_ref}/{more}"


def send(client: Client, dossier: Dossier, **data: Any) -> Page:
    answer = client.post(address(dossier), data, follow=True)
    assert answer.status_code == 200
    return read_page(answer.content.decode())


def files(*named: tuple[str, bytes]) -> list[SimpleUploadedFile]:
    return [SimpleUploadedFile(name, data) for name, data in named]


def current(dossier: Dossier) -> list[Document]:
    return list(dossier.documents.filter(removed_at=None, replaced_by=None).order_by("pk"))


def in_pieces(client: Client, dossier: Dossier, name: str, data: bytes, where: str) -> str:
    """Send a file in pieces of 1,000 bytes; its key."""
    begun = client.post(address(dossier, "tai-len/"), {"box": where, "name": name, "size": len(data)}).json()
    url, offset = address(dossier, f"tai-len/{begun['key']}/"), begun["offset"]
    while offset < len(data):
        offset = piece(client, url, offset, data[offset : offset + 1000])["offset"]
    return str(begun["key"])


def piece(client: Client, url: str, offset: int, data: bytes) -> dict[str, Any]:
    answer = client.patch(
        url, data, content_type="application/octet-stream", headers={"Upload-Offset": str(offset)}
    )
    return {**answer.json(), "status": answer.status_code}


def finish(client: Client, dossier: Dossier, *keys: str, sums: str = "") -> Any:
    return client.post(address(dossier, "tai-len/xong/"), {"keys": ",".join(keys), "sums": sums})


# -- Photographs -----------------------------------------------------------------------------------------------


def test_photographs_chosen_together_are_one_upright_pdf_that_tells_no_place(
    w: World, citizen: Client, mine: Dossier
) -> None:
    sent = [
        ("IMG_1.jpg", photo(turned=True, place=True)),
        ("IMG_2.png", photo("PNG", (700, 900))),
        ("IMG_3.webp", photo("WEBP")),
    ]
    page = send(citizen, mine, **{box(w): files(*sent), "_upload": "1"})
    assert "Đã lưu 3 tệp" in page.text
    (document,) = current(mine)
    assert (document.name, document.media_type, document.pages) == (
        "Giấy chứng sinh.pdf",
        "application/pdf",
        3,
    )
    assert [(o["name"], o["sha256"]) for o in document.originals] == [
        (name, hashlib.sha256(data).hexdigest()) for name, data in sent
    ]
    kept = store.read(document.sha256)
    assert b"HangDienThoai" not in kept
    with pikepdf.open(io.BytesIO(kept)) as pdf:
        pictures = [bytes(p.obj.Resources.XObject.Anh.read_raw_bytes()) for p in pdf.pages]
        boxes = [tuple(round(float(n)) for n in p.mediabox[2:]) for p in pdf.pages]
    assert [where_red(data) for data in pictures] == ["upper right", "upper left", "upper left"]
    assert boxes[0] == (595, 793)
    assert boxes[2] == (793, 595)
    assert not any(Image.open(io.BytesIO(data)).getexif() for data in pictures)


@pytest.mark.parametrize("kind", ["JPEG", "WEBP", "PNG"])
def test_one_photograph_stays_a_picture_without_its_place(
    w: World, citizen: Client, mine: Dossier, kind: str
) -> None:
    data = photo(kind, (4000, 3000), turned=True, place=True)
    send(citizen, mine, **{box(w): files((f"Căn cước.{kind.lower()}", data)), "_upload": "1"})
    (document,) = current(mine)
    kept = store.read(document.sha256)
    with Image.open(io.BytesIO(kept)) as image:
        assert (image.format, image.size) == ("JPEG", (1860, 2480))
        assert not image.getexif()
    assert where_red(kept) == "upper right"
    assert document.name.endswith((".jpg", ".jpeg"))
    assert document.originals[0]["sha256"] == hashlib.sha256(data).hexdigest()


def test_a_plain_picture_keeps_its_bytes(w: World, citizen: Client, mine: Dossier) -> None:
    data = photo()
    send(citizen, mine, **{box(w): files(("a.jpg", data)), "_upload": "1"})
    assert store.read(current(mine)[0].sha256) == data


def test_iphone_pictures_are_made_ready_behind_the_page(
    w: World, citizen: Client, mine: Dossier, visit: Visitor
) -> None:
    send(
        citizen,
        mine,
        **{box(w): files(*((f"IMG_{n}.HEIC", photo("HEIF")) for n in range(2))), "_upload": "1"},
    )
    page = visit(address(mine), w.citizen)
    assert "Đã tải lên đủ, đang xử lý" in page.text
    check = visit(address(mine, "kiem-tra/"), w.citizen)
    assert "Có tệp đang xử lý" in check.text
    tasks.prepare_uploads()
    page = visit(address(mine), w.citizen)
    assert "đang xử lý" not in page.text
    assert "2 trang" in page.text
    tasks.prepare_uploads()  # once more does no harm
    assert len(current(mine)) == 1


def test_one_broken_photograph_takes_none_of_the_others_along(
    w: World, citizen: Client, mine: Dossier
) -> None:
    good = photo()
    page = send(
        citizen,
        mine,
        **{box(w): files(("1.jpg", good), ("2.jpg", good[:9000]), ("3.jpg", good)), "_upload": "1"},
    )
    assert "Ảnh “2.jpg” bị hỏng" in page.text
    assert page.title.startswith("Lỗi:")
    assert [d.pages for d in current(mine)] == [2]


def test_blurred_and_small_photographs_are_pointed_out(w: World, citizen: Client, mine: Dossier) -> None:
    out = io.BytesIO()
    Image.new("RGB", (1600, 1200), "lightgrey").save(out, "JPEG")
    page = send(citizen, mine, **{box(w): files(("mo.jpg", out.getvalue())), "_upload": "1"})
    assert "Ảnh có thể bị mờ" in page.text
    assert "Cần xem lại" in page.text
    page = send(citizen, mine, **{box(w): files(("be.jpg", photo(size=(400, 300)))), "_upload": "1"})
    assert "Ảnh nhỏ, chữ có thể khó đọc" in page.text


# -- Pages -----------------------------------------------------------------------------------------------------


def three_pages(w: World, client: Client, dossier: Dossier) -> Document:
    sent = files(*((f"{n}.jpg", photo(size=(1200 + n, 900))) for n in range(1, 4)))
    send(client, dossier, **{box(w): sent, "_upload": "1"})
    return current(dossier)[-1]


def widths(document: Document) -> list[int]:
    with pikepdf.open(store.path_of(document.sha256)) as pdf:
        return [int(p.obj.Resources.XObject.Anh.Width) - 1200 for p in pdf.pages]


@pytest.mark.parametrize(
    ("change", "order"),
    [
        ({"place_3": "1"}, [3, 1, 2]),
        ({"place_1": "3"}, [2, 3, 1]),
        ({"place_1": "2", "place_2": "1"}, [2, 1, 3]),
        ({"out_2": "on"}, [1, 3]),
        ({}, [1, 2, 3]),
    ],
)
def test_pages_in_another_order(
    w: World, citizen: Client, mine: Dossier, change: dict[str, str], order: list[int]
) -> None:
    document = three_pages(w, citizen, mine)
    stays = {f"place_{n}": str(n) for n in range(1, 4)} | {f"turn_{n}": "0" for n in range(1, 4)}
    citizen.post(address(mine, f"giay-to/{document.pk}/trang/"), stays | change)
    (now,) = current(mine)
    assert widths(now) == order
    assert [o["name"] for o in now.originals] == [f"{n}.jpg" for n in order]
    assert (now.pk == document.pk) is (not change)


def test_a_page_is_turned_and_more_are_added(
    w: World, citizen: Client, mine: Dossier, visit: Visitor
) -> None:
    document = three_pages(w, citizen, mine)
    page = visit(address(mine, f"giay-to/{document.pk}/trang/"), w.citizen)
    assert len(page.all("//ol/li//img")) == 3
    stays: dict[str, Any] = {f"place_{n}": str(n) for n in range(1, 4)}
    stays |= {"turn_1": "90", "turn_2": "0", "turn_3": "0", "more": files(("4.jpg", photo(size=(1204, 900))))}
    citizen.post(address(mine, f"giay-to/{document.pk}/trang/"), stays)
    (now,) = current(mine)
    assert widths(now) == [1, 2, 3, 4]
    with pikepdf.open(store.path_of(now.sha256)) as pdf:
        assert [int(p.obj.get("/Rotate", 0)) for p in pdf.pages] == [90, 0, 0, 0]
    small = citizen.get(f"/ho-so-cua-toi/{mine.submission_ref}/tep/{now.pk}/trang-1/")
    assert where_red(small.content) == "upper right"
    assert small["X-Content-Type-Options"] == "nosniff"
    # The page left open in another window leads back to what is there now.
    assert citizen.get(address(mine, f"giay-to/{document.pk}/trang/")).status_code == 302


def test_no_page_left_is_told(w: World, citizen: Client, mine: Dossier) -> None:
    document = three_pages(w, citizen, mine)
    form = {f"place_{n}": str(n) for n in range(1, 4)} | {f"turn_{n}": "0" for n in range(1, 4)}
    form |= {f"out_{n}": "on" for n in range(1, 4)}
    answer = citizen.post(address(mine, f"giay-to/{document.pk}/trang/"), form)
    assert "Giữ lại ít nhất một trang" in answer.content.decode()
    assert [d.pk for d in current(mine)] == [document.pk]


def test_bytes_of_what_left_a_draft_are_forgotten(w: World, citizen: Client, mine: Dossier) -> None:
    send(citizen, mine, **{box(w): files(("a.jpg", photo(place=True))), "_upload": "1"})
    (document,) = current(mine)
    send(citizen, mine, _remove=document.pk)
    path, preview = store.path_of(document.sha256), store.preview_of(document.sha256)
    assert path.exists()
    assert preview.exists()
    for old in (path, preview):
        os.utime(old, (0, 0))
    documents.sweep(older_than=60)
    assert not path.exists()
    assert not preview.exists()
    assert list(documents.damaged()) == []


# -- In pieces -------------------------------------------------------------------------------------------------


def test_pieces_make_the_same_bytes_and_finishing_twice_the_same_paper(
    w: World, citizen: Client, mine: Dossier
) -> None:
    data = PDF + b"%" + os.urandom(4000).hex().encode() + b"\n%%EOF\n"
    key = in_pieces(citizen, mine, "Giấy chứng sinh.pdf", data, box(w))
    total = hashlib.sha256(data).hexdigest()
    for _ in range(2):
        answer = finish(citizen, mine, key, sums=total)
        assert answer.json() == {"files": [{"key": key, "state": "done", "text": ""}]}
    (document,) = current(mine)
    assert store.read(document.sha256) == data
    assert not partials.path_of(UUID(key).hex).exists()
    assert piece(citizen, address(mine, f"tai-len/{key}/"), 0, b"x") == {
        "offset": len(data),
        "state": "done",
        "status": 409,
    }


def test_a_wrong_sum_a_wrong_place_and_a_file_not_whole(w: World, citizen: Client, mine: Dossier) -> None:
    key = in_pieces(citizen, mine, "a.pdf", PDF, box(w))
    url = address(mine, f"tai-len/{key}/")
    assert piece(citizen, url, 3, b"xyz") == {"offset": len(PDF), "state": "receiving", "status": 409}
    answer = finish(citizen, mine, key, sums="0" * 64)
    assert "đến nơi không giống tệp đã gửi" in answer.json()["files"][0]["text"]
    assert not current(mine)
    begun = citizen.post(address(mine, "tai-len/"), {"box": box(w), "name": "b.pdf", "size": 900}).json()
    early = finish(citizen, mine, begun["key"])
    assert (early.status_code, early.json()["offset"]) == (409, 0)
    assert finish(citizen, mine, "0" * 8 + "-0000-0000-0000-" + "0" * 12).status_code == 422
    assert finish(citizen, mine, "khong-phai-khoa").status_code == 404


@pytest.mark.parametrize(
    ("name", "size", "says"),
    [
        ("to.pdf", 21 * 1024 * 1024, "Tệp “to.pdf” lớn hơn 20 MB"),
        ("rong.pdf", 0, "Tệp “rong.pdf” không có nội dung"),
        ("../../../etc/passwd", 0, "Tệp “passwd” không có nội dung"),
    ],
)
def test_what_cannot_come_is_told_before_it_is_sent(
    w: World, citizen: Client, mine: Dossier, name: str, size: int, says: str
) -> None:
    answer = citizen.post(address(mine, "tai-len/"), {"box": box(w), "name": name, "size": size})
    assert answer.status_code == 422
    assert says in answer.json()["text"]
    gone = citizen.post(address(mine, "tai-len/"), {"box": "c999999", "name": "a.pdf", "size": 5})
    assert "không còn hỏi giấy tờ này" in gone.json()["text"]


def test_a_broken_off_file_is_shown_found_again_and_may_be_dropped(
    w: World, citizen: Client, mine: Dossier, visit: Visitor
) -> None:
    data = PDF + b"\n" * 3000
    begun = citizen.post(
        address(mine, "tai-len/"), {"box": box(w), "name": "a.pdf", "size": len(data)}
    ).json()
    url = address(mine, f"tai-len/{begun['key']}/")
    piece(citizen, url, 0, data[: len(data) // 2])
    page = visit(address(mine), w.citizen)
    assert "Mới tải được 50%" in page.text or "Mới tải được 49%" in page.text
    again = citizen.post(
        address(mine, "tai-len/"), {"box": box(w), "name": "a.pdf", "size": len(data)}
    ).json()
    assert again == {"key": begun["key"], "offset": len(data) // 2}
    # The whole file with the plain form takes its place.
    send(citizen, mine, **{box(w): files(("a.pdf", data)), "_upload": "1"})
    assert store.read(current(mine)[0].sha256) == data
    other = citizen.post(address(mine, "tai-len/"), {"box": box(w), "name": "b.pdf", "size": 50}).json()
    for _ in range(2):
        page = send(citizen, mine, _drop=other["key"])
    assert "b.pdf" not in page.text
    assert not Upload.objects.filter(key=other["key"]).exists()


def test_one_person_cannot_fill_the_disk(w: World, citizen: Client, mine: Dossier) -> None:
    for number in range(uploads.MOST_OPEN):
        uploads.begin(mine, box(w), f"{number}.pdf", 10, by=w.citizen)
    answer = citizen.post(address(mine, "tai-len/"), {"box": box(w), "name": "nua.pdf", "size": 10})
    assert "quá nhiều tệp tải dở" in answer.json()["text"]
    over = citizen.post(address(mine, "tai-len/"), {"box": box(w), "name": "0.pdf", "size": 10})
    assert over.status_code == 200  # what has begun may go on
    # More bytes than were announced are not written.
    url = address(mine, f"tai-len/{over.json()['key']}/")
    assert piece(citizen, url, 0, b"x" * 500)["offset"] == 10


def test_files_nobody_finished_are_forgotten(w: World, citizen: Client, mine: Dossier) -> None:
    begun = citizen.post(address(mine, "tai-len/"), {"box": box(w), "name": "a.pdf", "size": 900}).json()
    piece(citizen, address(mine, f"tai-len/{begun['key']}/"), 0, b"%PDF-")
    tasks.expire_uploads()
    assert Upload.objects.count() == 1
    Upload.objects.update(touched_at=timezone.now() - uploads.KEPT - timedelta(minutes=1))
    tasks.expire_uploads()
    assert not Upload.objects.exists()
    assert not partials.path_of(UUID(begun["key"]).hex).exists()


def test_bytes_lost_on_the_server_are_asked_for_again(w: World, citizen: Client, mine: Dossier) -> None:
    key = in_pieces(citizen, mine, "a.pdf", PDF, box(w))
    Upload.objects.update(state="ready", batch=UUID(key))
    partials.drop(UUID(key).hex)
    tasks.prepare_uploads()
    assert Upload.objects.get().state == "refused"
    assert "Chọn lại tệp" in Upload.objects.get().refusal


def test_uploads_are_their_owners_alone(w: World, citizen: Client, mine: Dossier) -> None:
    key = in_pieces(citizen, mine, "a.pdf", PDF, box(w))
    send(citizen, mine, **{box(w): files(("a.jpg", photo())), "_upload": "1"})
    document = current(mine)[0]
    pages = [
        address(mine, f"tai-len/{key}/"),
        address(mine, f"giay-to/{document.pk}/trang/"),
        address(mine, f"giay-to/{box(w)}/dung-lai/"),
        f"/ho-so-cua-toi/{mine.submission_ref}/tep/{document.pk}/trang-1/",
    ]
    for who in (w.neighbour, w.desk_officer, w.supervisor):
        client = Client()
        client.force_login(who)
        assert [client.get(url).status_code for url in pages] == [404] * 4
        begin = client.post(address(mine, "tai-len/"), {"box": box(w), "name": "a.pdf", "size": 5})
        assert begin.status_code == 404
        assert finish(client, mine, key).status_code == 404
        assert piece_status(client, address(mine, f"tai-len/{key}/")) == 404
    assert [Client().get(url).status_code for url in pages] == [302] * 4
    assert [citizen.get(url).status_code for url in pages] == [200] * 4
    assert citizen.get(pages[3].replace("trang-1", "trang-2")).status_code == 404


def piece_status(client: Client, url: str) -> int:
    return client.patch(
        url, b"x", content_type="application/octet-stream", headers={"Upload-Offset": "0"}
    ).status_code


def test_nothing_comes_into_a_filed_dossier_by_itself(w: World, citizen: Client, mine: Dossier) -> None:
    key = in_pieces(citizen, mine, "a.pdf", PDF, box(w))
    Dossier.objects.filter(pk=mine.pk).update(state="submitted")
    assert finish(citizen, mine, key).status_code == 200
    assert not current(mine)  # held apart, until an amendment with it is sent
    assert AmendmentFile.objects.get().amendment.status == "writing"
    Dossier.objects.filter(pk=mine.pk).update(state="refused_intake")
    assert finish(citizen, mine, key).status_code == 404


def test_the_page_asks_as_often_for_twenty_files_as_for_two(
    w: World, citizen: Client, mine: Dossier, visit: Visitor
) -> None:
    def fill(count: int) -> None:
        for number in range(count):
            uploads.begin(mine, box(w), f"dang-{number}.pdf", 10, by=w.citizen)
            received = documents.receive(SimpleUploadedFile(f"{number}.pdf", PDF))
            papers.add(mine, received, papers.box_of(mine, box(w)), by=w.citizen)

    fill(2)
    few = visit(address(mine), w.citizen)
    fill(18)
    many = visit(address(mine), w.citizen)
    assert len(few.queries) == len(many.queries) <= 20


@pytest.mark.django_db(transaction=True)
def test_a_connection_cut_in_the_middle_of_a_piece_goes_on_where_it_broke_off(
    w: World, live_server: Any
) -> None:
    dossier = draft(w, paper=False)
    client = Client()
    client.force_login(w.citizen)
    data = PDF + os.urandom(600_000)
    data = data[: len(PDF)] + b"%" + data[len(PDF) :].hex().encode() + b"\n%%EOF\n"
    begun = client.post(
        address(dossier, "tai-len/"), {"box": box(w), "name": "lon.pdf", "size": len(data)}
    ).json()
    url = address(dossier, f"tai-len/{begun['key']}/")
    session = client.cookies[django_settings.SESSION_COOKIE_NAME].value
    token = "a" * 32
    host, port = live_server.url.removeprefix("http://").split(":")

    def head(offset: int, length: int) -> bytes:
        lines = [
            f"PATCH {url} HTTP/1.1",
            f"Host: {host}:{port}",
            f"Cookie: {django_settings.SESSION_COOKIE_NAME}={session}; csrftoken={token}",
            f"X-CSRFToken: {token}",
            f"Origin: {live_server.url}",
            f"Upload-Offset: {offset}",
            "Content-Type: application/octet-stream",
            f"Content-Length: {length}",
            "Connection: close",
        ]
        return ("\r\n".join(lines) + "\r\n\r\n").encode()

    with socket.create_connection((host, int(port))) as line:
        line.sendall(head(0, 500_000) + data[:200_000])  # half of it, and the network is gone
        line.shutdown(socket.SHUT_WR)
        line.recv(100)
    came = client.get(url).json()["offset"]
    assert 0 < came <= 200_000
    with socket.create_connection((host, int(port))) as line:
        line.sendall(head(came, len(data) - came) + data[came:])
        assert line.recv(100).startswith(b"HTTP/1.1 200")
    answer = finish(client, dossier, begun["key"], sums=hashlib.sha256(data).hexdigest())
    assert answer.json()["files"][0]["state"] == "done"
    assert store.read(current(dossier)[0].sha256) == data


# -- Used again ------------------------------------------------------------------------------------------------


@pytest.fixture
def held(w: World) -> Document:
    """A paper of the citizen's earlier, accepted dossier."""
    earlier = draft(w, paper=False)
    papers.add(
        earlier,
        documents.receive(SimpleUploadedFile("Giấy chứng sinh.pdf", PDF)),
        papers.box_of(earlier, box(w)),
        by=w.citizen,
    )
    walk(w, earlier, "accept")
    return Document.objects.get(kind="upload", dossier=earlier.pk)


def test_a_paper_already_held_is_named_again_with_where_it_came_from(
    w: World, citizen: Client, mine: Dossier, held: Document, visit: Visitor
) -> None:
    page = visit(address(mine), w.citizen)
    code = held.dossier.public_code
    assert "không phải nộp lại" in page.text
    assert f"hồ sơ {code}" in page.text
    for _ in range(2):  # a double click
        page = send(citizen, mine, _reuse=f"{held.pk}:{box(w)}")
    (again,) = current(mine)
    assert (again.sha256, again.source, again.component) == (held.sha256, held, held.component)
    assert f"dùng lại từ hồ sơ {code}" in page.text
    assert "không phải nộp lại" not in page.text
    filed = walk(w, mine, "submit")
    officer = visit(f"/mot-cua/ho-so/{filed.submission_ref}/", w.desk_officer)
    assert f"dùng lại từ hồ sơ {code}" in officer.text


def test_only_valid_papers_of_the_same_owner_are_offered(
    w: World, mine: Dossier, held: Document, visit: Visitor
) -> None:
    def offered() -> list[Document]:
        return list(papers.reusable(mine, w.citizen))

    assert offered() == [held]
    today = timezone.localdate()
    for valid_to, there in ((today, True), (today - timedelta(days=1), False), (None, True)):
        Document.objects.filter(pk=held.pk).update(valid_to=valid_to)
        assert bool(offered()) is there
    Document.objects.filter(pk=held.pk).update(virus_check="infected")
    assert not offered()
    Document.objects.filter(pk=held.pk).update(virus_check="clean")
    Dossier.objects.filter(pk=held.dossier_id).update(owner_id="025186009999")  # filed for somebody else
    assert not offered()
    theirs = draft(w, by=w.neighbour, paper=False)
    assert not papers.reusable(theirs, w.neighbour)
    page = visit(f"/nop-ho-so/{theirs.submission_ref}/giay-to/{box(w)}/dung-lai/", w.neighbour)
    assert "Chưa có giấy tờ nào còn giá trị" in page.text


def test_what_may_not_be_used_again_is_refused(
    w: World, citizen: Client, mine: Dossier, held: Document
) -> None:
    Document.objects.filter(pk=held.pk).update(valid_to=timezone.localdate() - timedelta(days=1))
    page = send(citizen, mine, _reuse=f"{held.pk}:{box(w)}")
    assert "không dùng lại được nữa" in page.text
    assert not current(mine)
    theirs = Client()
    theirs.force_login(w.neighbour)
    other = draft(w, by=w.neighbour, paper=False)
    Document.objects.filter(pk=held.pk).update(valid_to=None)
    send(theirs, other, _reuse=f"{held.pk}:{box(w)}")
    assert not current(other)
    assert citizen.post(address(mine), {"_reuse": "x:y"}).status_code == 404
    assert citizen.get(address(mine, "giay-to/c999999/dung-lai/")).status_code == 404


def test_a_result_handed_over_may_be_used_again(w: World, mine: Dossier) -> None:
    done = draft(w)
    walk(w, done, "issue_result")
    result = Document.objects.create(
        dossier=done,
        kind="result",
        name="Giấy khai sinh.pdf",
        title="Giấy khai sinh",
        sha256="a" * 64,
        size=5,
        media_type="application/pdf",
        added_by=w.approver,
        added_at=timezone.now(),
    )
    assert result not in papers.reusable(mine, w.citizen)
    Dossier.objects.filter(pk=done.pk).update(state="completed")
    assert result in papers.reusable(mine, w.citizen)


def test_what_is_held_and_valid_is_not_asked_for_again_without_a_reason(
    w: World, citizen: Client, mine: Dossier, held: Document
) -> None:
    send(citizen, mine, _reuse=f"{held.pk}:{box(w)}")
    filed = walk(w, mine, "submit")
    component = w.version.components.get(order=2)
    item = {"component": component, "name": component.name, "explanation": "Cần bản mới"}
    facts = {"phone_call_note": "Đã gọi", "items": [{**item, "reason": "unreadable"}]}
    with pytest.raises(Refused, match="đã có dữ liệu dùng chung còn giá trị"):
        step(w, filed, "ask_completion", "desk_officer", facts)
    by_name = {**item, "component": None, "name": component.name.upper(), "reason": "other"}
    with pytest.raises(Refused, match="chọn lý do “Xác minh lại”"):
        step(w, filed, "ask_completion", "desk_officer", facts | {"items": [by_name]})
    asked = step(
        w, filed, "ask_completion", "desk_officer", facts | {"items": [{**item, "reason": "reverify"}]}
    )
    assert asked.state == "intake_hold"


def test_a_paper_out_of_date_may_be_asked_for(
    w: World, citizen: Client, mine: Dossier, held: Document
) -> None:
    send(citizen, mine, _reuse=f"{held.pk}:{box(w)}")
    filed = walk(w, mine, "submit")
    Document.objects.filter(dossier=filed, kind="upload").update(
        valid_to=timezone.localdate() - timedelta(days=1)
    )
    component = w.version.components.get(order=2)
    item = {"component": component, "name": component.name, "explanation": "Hết hạn", "reason": "expired"}
    asked = step(w, filed, "ask_completion", "desk_officer", {"phone_call_note": "Đã gọi", "items": [item]})
    assert asked.state == "intake_hold"


def test_the_officer_puts_down_until_when_a_paper_is_valid(
    w: World, mine: Dossier, held: Document, visit: Visitor
) -> None:
    url = f"/mot-cua/giay-to/{held.pk}/so-lieu/"
    visit(url, w.desk_officer)
    wrong = visit.post(url, {"issued_on": "01/03/2026", "valid_to": "01/02/2026"}, w.desk_officer)
    assert "Ngày hết giá trị phải sau ngày cấp" in wrong.text
    good = {"number": "12/GCS", "issued_on": "01/03/2026", "valid_to": "31/12/2030"}
    page = visit.post(url, good, w.desk_officer)
    assert "số 12/GCS, có giá trị đến 31/12/2030" in page.text
    trace = AccessLog.objects.get(what="ghi số liệu giấy tờ")
    assert (trace.user, trace.detail) == (
        w.desk_officer,
        "Giấy chứng sinh.pdf: 12/GCS, ngày 01/03/2026, giá trị đến 31/12/2030",
    )
    assert "có giá trị đến 31/12/2030" in visit(address(mine), w.citizen).text
    visit(url, w.other_desk_officer, status=404)
    visit(url, w.citizen, status=403)


# -- Malware ---------------------------------------------------------------------------------------------------


def test_what_the_scanner_has_said_so_far_is_seen(
    w: World, citizen: Client, mine: Dossier, visit: Visitor, settings: Any
) -> None:
    send(citizen, mine, **{box(w): files(("a.pdf", PDF)), "_upload": "1"})
    assert "chưa quét được mã độc" in visit(address(mine), w.citizen).text
    settings.CLAMAV_URL = "tcp://127.0.0.1:1"
    assert "đang quét mã độc" in visit(address(mine), w.citizen).text
    Document.objects.update(virus_check="clean")
    assert "đã quét, không có mã độc" in visit(address(mine), w.citizen).text
    Document.objects.update(virus_check="infected")
    page = visit(address(mine), w.citizen)
    assert "Có mã độc, không dùng được. Xóa tệp này rồi nộp tệp khác." in page.text
    assert "Cần xem lại" in page.text


def test_a_page_of_the_draft_left_open_does_not_add_to_what_was_filed(w: World, citizen: Client) -> None:
    dossier = walk(w, draft(w), "submit")
    box = f"c{w.version.components.get(order=2).pk}"
    said = {"box": box, "name": "a.pdf", "size": "100", "page": address(dossier, "giay-to/")}
    answer = citizen.post(address(dossier, "tai-len/"), said)
    assert answer.status_code == 422
    assert "Hồ sơ đã nộp" in answer.json()["text"]
