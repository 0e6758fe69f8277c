"""The citizen pages in English: every text has its translation, and nothing of ours is left in Vietnamese."""

import gettext
import re
import shutil
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.template.loader import render_to_string
from django.test import Client
from django.utils import translation

from danhmuc.models import LifeEvent
from hoso.lifecycle import State
from hoso.models import Paper
from hoso.services import letters, printing
from hoso.services.dossiers import advance
from tests.english import MARKED, PO, Reader, asked_for_in_code, entries, left_in_vietnamese
from tests.factories import World, dossier_at, draft, member, organisation, procedure, step, walk
from tests.page import Page, parse, read_page, text_of
from tests.portal.feedback_world import sent, staff, take, walked
from tests.portal.helpers import PDF
from tests.portal.test_accounts import MO, NEW, code_to
from tests.portal.test_feedback_pages import code_of_message, filled
from tests.portal.test_payments import at_the_bank, bank_says, page_of, paid, relief

PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|%\(\w+\)0\dd")


def lacking(sources: Path, monkeypatch: pytest.MonkeyPatch, settings: Any) -> list[str]:
    """Texts of a copy of our sources that its catalogue has no English for. The command works on the folder it stands in."""
    settings.LOCALE_PATHS = [sources / "locale"]
    monkeypatch.chdir(sources)
    call_command("makemessages", locale=["en"], no_location=True, no_obsolete=True, verbosity=0)
    found = entries(sources / "locale/en/LC_MESSAGES/django.po")
    return [msgid for msgid, texts in found.items() if not all(texts)]


@pytest.fixture
def sources(tmp_path: Path) -> Path:
    """A copy of everything a text may stand in, so that the repository's own catalogue stays as it is."""
    here = tmp_path / "sources"
    for name in (
        "baocao",
        "buuchinh",
        "config",
        "danhmuc",
        "hoso",
        "locale",
        "portal",
        "static",
        "templates",
    ):
        left_out = shutil.ignore_patterns("__pycache__", "vendor", "data", "migrations", "*.mo")
        shutil.copytree(Path(settings.BASE_DIR) / name, here / name, ignore=left_out)
    return here


def test_every_text_of_the_citizen_pages_has_its_english(
    sources: Path, monkeypatch: pytest.MonkeyPatch, settings: Any
) -> None:
    assert lacking(sources, monkeypatch, settings) == []


def test_every_text_asked_for_in_code_is_read_into_the_catalogue() -> None:
    """A call inside an f-string or under a name of its own is passed over by the command that reads our sources."""
    assert asked_for_in_code() - {key.split("\4")[-1] for key in entries(PO)} == set()


def test_a_text_without_english_is_noticed(
    sources: Path, monkeypatch: pytest.MonkeyPatch, settings: Any
) -> None:
    page = sources / "templates/portal/home.html"
    page.write_text(page.read_text() + '{% load i18n %}{% translate "Câu chưa ai dịch" %}')
    assert lacking(sources, monkeypatch, settings) == ["Câu chưa ai dịch"]


def test_translations_keep_what_is_filled_in() -> None:
    odd = {
        msgid: text
        for msgid, texts in entries(PO).items()
        for text in texts
        if set(PLACEHOLDER.findall(msgid)) != set(PLACEHOLDER.findall(text))
    }
    assert odd == {}


def test_the_compiled_catalogue_is_the_written_one() -> None:
    with PO.with_suffix(".mo").open("rb") as file:
        compiled = gettext.GNUTranslations(file)
    plain = {key: text for key, text in compiled._catalog.items() if isinstance(key, str) and key}  # type: ignore[attr-defined]
    written = {
        msgid.encode().decode("unicode_escape").encode("latin-1").decode() if "\\" in msgid else msgid: texts[
            0
        ]
        for msgid, texts in entries(PO).items()
        if len(texts) == 1
    }
    assert {key for key in written if key not in plain} == set()
    assert {key: plain[key] for key, text in written.items() if "\\" not in text and plain[key] != text} == {}


# -- Pages ---------------------------------------------------------------------------------------------------------

PUBLIC = (
    "/",
    "/du-lieu-ca-nhan/",
    "/tiep-can/",
    "/gia-cuoc/",
    "/thu-tuc/",
    "/thu-tuc/?q=khai+sinh",
    "/thu-tuc/?q=xyz+khong+co",
    "/dang-nhap/",
    "/tai-khoan/dang-ky/",
    "/tai-khoan/dang-ky/ca-nhan/",
    "/tai-khoan/dang-ky/to-chuc/",
    "/tai-khoan/quen-mat-khau/",
    "/tra-cuu/",
    "/xac-minh/",
    "/mat-mang/",
    "/co-quan/",
    "/viec/",
    "/phan-anh/",
    "/phan-anh/gui/",
    "/phan-anh/theo-doi/",
)
#: Forms a stranger sends empty, or with nonsense.
MISTAKES: tuple[tuple[str, dict[str, str], int], ...] = (
    ("/dang-nhap/", {}, 200),
    ("/dang-nhap/", {"username": "ai-do", "password": "sai"}, 200),
    ("/tai-khoan/dang-ky/ca-nhan/", {}, 200),
    ("/tai-khoan/dang-ky/ca-nhan/", {**MO, "personal_id": "12", "birth_date_y": "86", "email": "a@b"}, 200),
    ("/tai-khoan/dang-ky/ca-nhan/", {**MO, "personal_id": "025086012345", "gender": "female"}, 200),
    ("/tai-khoan/dang-ky/to-chuc/", {"tax_code": "0100233489", "channel": "sms", "phone": "09"}, 200),
    ("/tai-khoan/quen-mat-khau/", {}, 200),
    ("/tra-cuu/", {}, 200),
    ("/tra-cuu/", {"ma": "H44.27-261008-0001", "so": "1234"}, 404),
    ("/phan-anh/gui/", {}, 200),
    ("/phan-anh/gui/", {"kind": "service", "dossier_code": "?", "content": "Chậm", "phone": "09"}, 200),
    ("/phan-anh/theo-doi/", {"ma": "PA-ABCDEFGHJK", "so": "1234"}, 404),
)


def test_public_pages_speak_english(w: World) -> None:
    reader = Reader(None, "Công dân Việt Nam")
    for path in PUBLIC:
        reader.get(path)
    reader.get(f"/thu-tuc/{w.version.procedure.code}/")
    reader.get(f"/thu-tuc/{w.version.procedure.code}/nop-truc-tiep/")
    reader.get(f"/co-quan/{w.commune.key}/")
    steps = [{"code": w.version.procedure.code, "line": "Làm trước khi bé đi học.", "when": "nếu cần gấp"}]
    LifeEvent.objects.create(
        key="sinh_con", kind="life", title="Sinh con", summary="Giấy tờ của bé.", steps=steps
    )
    for path in ("/", "/viec/", "/viec/sinh_con/"):
        reader.get(path)


def test_mistakes_are_told_in_english(w: World) -> None:
    for path, typed, status in MISTAKES:
        Reader(None, *typed.values()).post(path, typed, status)


def test_error_pages_speak_english(w: World) -> None:
    Reader().get("/khong-co-trang-nay/", 404)
    strict = Reader()
    strict.client = Client(enforce_csrf_checks=True)
    strict.client.cookies[settings.LANGUAGE_COOKIE_NAME] = "en"
    strict.post("/tra-cuu/", {"ma": "x", "so": "1"}, 403)
    strict.get("/phan-anh/theo-doi/PA-ABCDEFGHJK/", 404)
    for name in ("400", "403", "500"):
        with translation.override("en"):
            page = read_page(render_to_string(f"{name}.html", {"frame": "error.html"}), name)
        assert left_in_vietnamese(page) == [], name


def test_applying_in_english(w: World) -> None:
    reader = Reader(w.citizen)
    code = w.version.procedure.code
    reader.get(f"/nop-ho-so/{code}/")
    reader.post(f"/nop-ho-so/{code}/", {"agency": "0"})
    ref = reader.post(f"/nop-ho-so/{code}/", {"agency": w.commune.pk}).url.split("/")[2]
    base = f"/nop-ho-so/{ref}"
    for part in ("noi-giai-quyet", "xoa", "to-khai/1", "giay-to", "buu-chinh", "nop-cho-ai", "kiem-tra"):
        reader.get(f"{base}/{part}/")
    reader.get(f"/nop-ho-so/{code}/")  # a draft waits
    reader.post(f"{base}/kiem-tra/", {"declared": "on", "seen": "1"})
    reader.post(f"{base}/to-khai/2/", {"_shown": "child_full_name", "child_full_name": ""})
    for number, key in ((1, "submitter_full_name"), (2, "child_full_name")):
        reader.post(f"{base}/to-khai/{number}/", {"_shown": key, key: w.citizen.full_name})
    box = f"c{w.version.components.get(order=2).pk}"
    for name, content in (("virus.exe", b"MZ" + b"\0" * 600), ("rong.pdf", b""), ("sinh.pdf", PDF)):
        reader.post(f"{base}/giay-to/", {box: SimpleUploadedFile(name, content), "_upload": "1"})
    reader.get(f"{base}/giay-to/{box}/dung-lai/")
    by_post = {"papers_by": "post", "return_by": "post", "pickup_p": "25", "pickup_e": "2"}
    reader.post(f"{base}/buu-chinh/", by_post)
    reader.post(f"{base}/buu-chinh/", {**by_post, "_refresh": "tien"})
    reader.post(f"{base}/nop-cho-ai/", {"whom": "other"})
    reader.post(f"{base}/buu-chinh/", {"papers_by": "counter", "return_by": "counter"})
    reader.get(f"{base}/")
    check = reader.get(f"{base}/kiem-tra/")
    seen = str(check.one('//input[@name="seen"]').get("value"))
    reader.post(f"{base}/kiem-tra/", {"seen": seen})
    done = reader.post(f"{base}/kiem-tra/", {"seen": seen, "declared": "on"})
    assert done.url == f"{base}/da-nop/"
    reader.get(f"{base}/giay-to/")  # leads to the page that follows it


def _question(key: str, label: str, kind: str, **more: Any) -> dict[str, Any]:
    return {"key": key, "label": label, "type": kind, "required": True, **more}


FEW = [{"value": "mot", "label": "Chính chủ"}, {"value": "hai", "label": "Được ủy quyền"}]
EVERY_KIND = [
    _question("work", "Nơi làm việc", "text", help="Ghi như trên giấy tờ."),
    _question("applicant_full_name", "Họ, chữ đệm, tên", "text"),
    _question("reason", "Lý do đề nghị", "longtext"),
    _question("issued", "Ngày cấp giấy tờ", "date"),
    _question("born", "Ngày, tháng, năm mất", "date", rules={"allow_partial": True}),
    _question("role", "Tư cách người nộp", "choice", choices=FEW),
    _question(
        "kind",
        "Loại giấy tờ",
        "choice",
        choices=[{"value": str(n), "label": f"Loại số {n}"} for n in range(9)],
    ),
    _question("uses", "Mục đích sử dụng", "multichoice", choices=FEW),
    _question("sure", "Đã có giấy phép chưa?", "yesno"),
    _question("home", "Nơi ở của người đó", "address"),
    _question("origin", "Quê quán của người đó", "place"),
    _question("count", "Số lượng người", "integer"),
    _question("since", "Năm bắt đầu", "year"),
    _question("capital", "Vốn kinh doanh", "money"),
    _question("person", "Số định danh của người đó", "person_id"),
    _question("passport", "Số hộ chiếu của người đó", "passport"),
    _question("tax", "Mã số thuế của hộ", "tax_code"),
    _question("tel", "Số điện thoại của người đó", "phone"),
    _question("mail", "Thư điện tử của người đó", "email"),
    _question("heirs", "Những người cùng khai", "group", fields=[_question("name", "Tên gọi khác", "text")]),
]


def test_every_kind_of_question_in_english(w: World) -> None:
    form = {
        "title": "Tờ khai thử",
        "sections": [{"title": "Nội dung đề nghị", "fields": EVERY_KIND}],
        "rules": [],
    }
    version = procedure("1.009997", "Thủ tục thử", eform=form)
    ref = draft(w, version=version, answers={}, paper=False).submission_ref
    reader = Reader(w.citizen, "Ă!")
    url = f"/nop-ho-so/{ref}/to-khai/1/"
    shown = reader.get(url).one("//input[@name='_shown']").get("value")
    reader.post(url, {"_shown": shown})
    reader.post(url, {"_shown": shown, "_add": "heirs", "heirs-n": "1"})
    junk = {question["key"]: "Ă!" for question in EVERY_KIND}
    junk |= {f"issued_{part}": "31" for part in "dmy"} | {"home_p": "25", "home_e": "2", "heirs-n": "1"}
    reader.post(url, {"_shown": shown, **junk})
    reader.get(f"/nop-ho-so/{ref}/")
    reader.get(f"/nop-ho-so/{ref}/kiem-tra/")


@pytest.mark.parametrize("state", [s for s in State if s != State.DRAFT])
def test_following_an_application_in_english(w: World, state: State) -> None:
    dossier = dossier_at(w, state, papers_by="counter")
    reader = Reader(w.citizen)
    base = f"/ho-so-cua-toi/{dossier.submission_ref}"
    for path in ("/ho-so-cua-toi/", "/ho-so-cua-toi/?xem=xong", f"{base}/", f"{base}/thanh-toan/"):
        reader.get(path)
    for part in ("rut", "sua", "sua/giay-to", "cach-nhan", "trao-doi", "bo-sung", "danh-gia"):
        reader.get(f"{base}/{part}/")
    Reader().post("/tra-cuu/", {"ma": dossier.public_code, "so": w.citizen.phone[-4:]})


def test_an_application_by_post_with_news_of_every_kind_in_english(w: World, at: Any) -> None:
    at("2026-10-01 08:00")
    dossier = walk(w, draft(w, postal=True), "assign")
    dossier = step(
        w, dossier, "extend", "approver", {"value": 5, "unit": "working_day", "note": "Cần xác minh."}
    )
    at("2026-12-01 08:00")
    reader = Reader(w.citizen, "Cần xác minh.")
    base = f"/ho-so-cua-toi/{dossier.submission_ref}"
    for part in ("", "cach-nhan/", "sua/"):
        reader.get(f"{base}/{part}")
    reader.post(f"{base}/cach-nhan/", {"return_by": "", "papers_by": "", "seen": dossier.last_seq})
    changed = {"_shown": "submitter_full_name", "submitter_full_name": "An", "seen": dossier.last_seq}
    reader.post(f"{base}/sua/?phan=1", changed)
    reader.post(f"{base}/sua/?phan=1", changed | {"ly_do_sua": "Ghi nhầm"})
    papers = f"{base}/sua/giay-to/"
    reader.post(papers, {"seen": dossier.last_seq})
    box = f"c{w.version.components.get(order=3).pk}"
    reader.post(papers, {box: SimpleUploadedFile("moi.pdf", PDF), "_upload": "1", "seen": dossier.last_seq})
    reader.post(
        papers, {"_out": dossier.documents.get(name__startswith="giay-to").pk, "seen": dossier.last_seq}
    )
    reader.post(papers, {"ly_do": "Thêm giấy", "ly_do_sua": "Thêm giấy", "seen": dossier.last_seq})
    reader.get(f"{base}/")
    reader.post(f"{base}/sua/rut/")
    letters.write(dossier.pk, by=w.desk_officer, text="Mời bà mang bản chính.")
    reader.post(f"{base}/trao-doi/", {"text": ""})
    reader.post(f"{base}/trao-doi/", {"text": "When?"})
    reader.post(f"{base}/rut/", {"seen": dossier.last_seq})
    reader.post(f"{base}/rut/", {"seen": 1, "sure": "on"})  # an old page: who was faster, and with what


def test_answering_a_request_in_english(w: World) -> None:
    dossier = dossier_at(w, State.ON_HOLD, papers_by="counter")
    reader = Reader(w.citizen)
    url = f"/ho-so-cua-toi/{dossier.submission_ref}/bo-sung/"
    seen = {"seen": dossier.last_seq}
    reader.post(url, seen)
    reader.post(url, seen | {"file-1": SimpleUploadedFile("virus.exe", b"MZ" + b"\0" * 600)})
    reader.post(url, seen | {"text-1": "Here it is"})
    reader.post(url, seen | {"text-1": "Here it is"})


def test_money_in_english(w: World) -> None:
    row = relief()
    reader = Reader(w.citizen)
    dossier = walk(w, draft(w), "accept")
    reader.get(page_of(dossier))
    reader.post(page_of(dossier), {"charges": [1]})
    base = f"/ho-so-cua-toi/{dossier.submission_ref}"
    reader.get(f"{base}/mien-giam/")
    reader.post(f"{base}/mien-giam/", {"relief": row.pk, "seen": dossier.last_seq})
    reader.post(page_of(dossier), {"way": "vietqr", "charges": [1]})
    reference = at_the_bank(reader.client, dossier)
    reader.get(page_of(dossier, f"{reference}/"))
    bank_says(reader.client, reference, status="02", code="24")
    reader.get(page_of(dossier, f"{reference}/"))
    wrong = at_the_bank(reader.client, dossier)
    bank_says(reader.client, wrong, amount=7000)
    reader.get(page_of(dossier, f"{wrong}/"))
    paper = SimpleUploadedFile("ngheo.pdf", PDF)
    dossier.refresh_from_db()
    reader.post(f"{base}/mien-giam/", {"relief": row.pk, "paper": paper, "seen": dossier.last_seq})
    advance(dossier.pk, "decide_relief", by=w.desk_officer, granted=False, note="Giấy hết hạn.")
    reader.get(page_of(dossier))
    reader.get(f"{base}/")


def test_money_given_back_in_english(w: World) -> None:
    reader = Reader(w.citizen)
    dossier = paid(w, reader.client)
    reader.get(page_of(dossier, f"{dossier.payments.get().reference}/"))
    dossier = advance(dossier.pk, "withdraw", by=w.citizen, note="")
    address = f"/ho-so-cua-toi/{dossier.submission_ref}/hoan-tien/1/"
    reader.get(address)
    reader.post(address, {"way": "transfer", "account": "12", "holder": "Ai", "seen": dossier.last_seq})
    account = {"bank": "970405", "account": "220512345678", "holder": "NGUYEN THI THANH HUONG"}
    reader.post(address, {"way": "transfer", "seen": dossier.last_seq, **account})
    decided = {"refund": 1, "granted": True, "amount": 8000, "note": "Chưa thụ lý."}
    advance(dossier.pk, "decide_refund", by=w.approver, **decided)
    reader.get(address)
    advance(dossier.pk, "pay_refund", by=w.cashier, refund=1, reference="UNC-15")
    for url in (address, page_of(dossier), f"/ho-so-cua-toi/{dossier.submission_ref}/"):
        reader.get(url)


def test_what_comes_after_the_result_in_english(w: World) -> None:
    dossier = walk(w, draft(w, papers_by="counter"), "complete")
    reader = Reader(w.citizen)
    survey = f"/ho-so-cua-toi/{dossier.submission_ref}/danh-gia/"
    reader.post(survey, {"a": "2"})
    reader.post(survey, {"overall": "4"})
    paper = dossier.papers.get(kind=Paper.Kind.RESULT)
    printing.file(paper)
    paper.refresh_from_db()
    verify = f"/xac-minh/{paper.verify_code}/"
    stranger = Reader()
    stranger.get(verify)
    stranger.post(verify, {"tep": SimpleUploadedFile("khac.pdf", PDF)})
    stranger.post(verify)
    stranger.get("/xac-minh/ABCDEFGHJ/", 404)


def test_accounts_in_english(w: World, settings: Any, tmp_path: Path) -> None:
    settings.VAR_DIR = tmp_path
    stranger = Reader()
    code = stranger.post("/tai-khoan/dang-ky/ca-nhan/", MO).url
    stranger.post(code, {"code": "000000"})
    stranger.post(code, {"again": "1", "_again": "1"})
    password = stranger.post(code, {"code": code_to(MO["email"])}).url
    stranger.post(password, {"password1": "ngan", "password2": "khac"})
    stranger.post(password, {"password1": "123456789", "password2": "123456789"})
    stranger.post(password, NEW)
    forgotten = {"name": "025186012345", "channel": "email"}
    stranger.post("/tai-khoan/quen-mat-khau/", forgotten)
    reader = Reader(w.citizen)
    for page in (
        "",
        "thong-tin/",
        "doi-mat-khau/",
        "dia-chi/",
        "thu-dien-tu/",
        "dien-thoai/",
        "lich-su/",
        "to-chuc/",
    ):
        reader.get(f"/tai-khoan/{page}")
    born = {"birth_date_d": "1", "birth_date_m": "13", "birth_date_y": "1987"}
    reader.post("/tai-khoan/thong-tin/", {"full_name": "A", **born, "gender": "female"})
    born["birth_date_m"] = "2"
    reader.post("/tai-khoan/thong-tin/", {"full_name": w.citizen.full_name, **born, "gender": "female"})
    reader.post(
        "/tai-khoan/thong-tin/", {"full_name": w.citizen.full_name, **born, "gender": "female", "sure": "on"}
    )
    reader.post("/tai-khoan/dia-chi/", {"place_p": "25", "place_c": "07900", "place_e": "2", "place_t": ""})
    reader.post("/tai-khoan/thu-dien-tu/", {"address": "a@b"})
    reader.post("/tai-khoan/thu-dien-tu/", {"address": "new@example.vn"})
    reader.post("/tai-khoan/dien-thoai/", {"address": "0210 3846 123"})
    reader.post(
        "/tai-khoan/doi-mat-khau/", {"old_password": "sai", "new_password1": "a", "new_password2": "b"}
    )
    reader.get("/tai-khoan/lich-su/")


def test_organisations_in_english(w: World) -> None:
    company = organisation("Công ty cổ phần Chè Phú Thọ")
    member(company, w.neighbour)
    boss = Reader(company)
    members = boss.get("/tai-khoan/to-chuc/").url
    for who in ("", "12", "a@b", w.citizen.personal_id):
        boss.post(members, {"who": who, "role": "member"})
    boss.get(members)
    citizen = Reader(w.citizen)
    citizen.get("/tai-khoan/")
    invitation = company.members.get(invited_id=w.citizen.personal_id)
    citizen.get("/tai-khoan/to-chuc/")
    citizen.post("/tai-khoan/to-chuc/", {"_accept": str(invitation.pk)})
    citizen.get(members)
    citizen.post(members, {"_end": str(invitation.pk)})


def test_feedback_in_english(w: World) -> None:
    f = staff(w)
    stranger = Reader(None, "Trần Thị Mận")
    confirm = stranger.post("/phan-anh/gui/", filled(f)).url
    stranger.post(confirm, {"code": "000000"})
    stranger.post(confirm, {"code": code_of_message()})
    stranger.post(
        "/phan-anh/gui/",
        filled(f, content="Tôi viết đơn tố cáo ông chủ tịch nhận tiền của dân.", once=str(uuid4())),
    )
    reader = Reader(f.citizen, "Đã trả kết quả.")
    base = "/phan-anh/theo-doi"
    for until in ("submit", "accept", "propose", "sign"):
        item = walked(f, until)
        reader.get(f"{base}/{item.code}/")
    reader.get(f"{base}/{item.code}/danh-gia/")
    reader.post(f"{base}/{item.code}/danh-gia/", {"seen": item.last_seq})
    reader.post(f"{base}/{item.code}/danh-gia/", {"rating": "unsatisfied", "seen": item.last_seq})
    reader.get(f"{base}/{item.code}/xem-lai/")
    reader.post(f"{base}/{item.code}/xem-lai/", {"text": "", "seen": item.last_seq + 1})
    asked = take(f, sent(f), "ask_info", "handler", note="Cho biết ngày nộp hồ sơ")
    for tail in ("", "bo-sung/"):
        reader.get(f"{base}/{asked.code}/{tail}")
    reader.post(f"{base}/{asked.code}/bo-sung/", {"text": "", "seen": asked.last_seq})
    refused = take(f, sent(f), "reject", "handler", note="Không thuộc phạm vi.")
    reader.get(f"{base}/{refused.code}/")
    reader.get(f"{base}/")
    public = walked(f, "publish")
    reader.get("/phan-anh/")
    reader.get(f"/phan-anh/{public.pk}/")


def marked(page: Page) -> list[str]:
    """What the messages of a page mark as Vietnamese."""
    return [text_of(part) for part in page.all('//*[contains(@class, "dv-note")]//*[@lang="vi"]')]


def test_data_in_messages_is_marked_as_vietnamese(w: World) -> None:
    reader = Reader(w.citizen)
    dossier = draft(w)
    papers = f"/nop-ho-so/{dossier.submission_ref}/giay-to/"
    box = f"c{w.version.components.get(order=2).pk}"
    reader.post(papers, {box: SimpleUploadedFile("giấy chứng sinh.pdf", PDF), "_upload": "1"})
    added = dossier.documents.get(name="giấy chứng sinh.pdf")
    gone = reader.post(papers, {"_remove": added.pk})
    assert marked(gone) == ["giấy chứng sinh.pdf"]
    assert gone.all('//*[@role="status"]')
    filed = walk(w, dossier, "accept")  # at the desk, while an old page was open at home
    stale = reader.post(f"/ho-so-cua-toi/{filed.submission_ref}/rut/", {"seen": 1, "sure": "on"})
    assert marked(stale) == [w.desk_officer.full_name]
    company = organisation("Công ty cổ phần Chè Phú Thọ")
    invited = member(company, w.citizen)
    left = reader.post(f"/tai-khoan/to-chuc/{company.pk}/", {"_end": invited.pk})
    assert marked(left) == [company.full_name]


def test_communes_that_come_with_the_province_are_marked(w: World) -> None:
    asked = "/dia-danh/?name=home&id=id_home&p=25&e=2"
    for language, mark in (("en", "vi"), ("vi", None)):
        client = Client()
        client.cookies[settings.LANGUAGE_COOKIE_NAME] = language
        boxes = parse(client.get(asked).content.decode(), asked, fragment=True)
        ward = boxes.xpath(f'.//option[.="{w.place.name}"]')[0]
        assert ward.get("lang") == mark


@pytest.mark.django_db
def test_officers_pages_stay_vietnamese(w: World, client: Client) -> None:
    client.cookies["django_language"] = "en"
    client.force_login(w.desk_officer)
    page = read_page(client.get("/mot-cua/").content.decode(), "/mot-cua/")
    assert page.tree.get("lang") == "vi"
    assert page.h1
    assert MARKED.search(page.text)


# -- The checks can fail -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "body",
    [
        "<p>Câu chưa ai bọc</p>",
        '<p lang="en">Câu chưa ai bọc</p>',
        '<p><span lang="vi">Tên</span> chưa ai bọc</p>',
        '<button aria-label="Đóng lại">x</button>',
        '<p lang="vi">Nộp hồ sơ</p>',  # a text of ours passed off as data
    ],
)
def test_vietnamese_without_its_mark_is_found(body: str) -> None:
    frame = f'<!doctype html><html lang="en"><head><title>x</title></head><body><main><h1>x</h1>{body}</main></body></html>'
    assert len(left_in_vietnamese(read_page(frame))) == 1


def test_marked_data_and_what_people_typed_are_left_alone() -> None:
    frame = (
        '<!doctype html><html lang="en"><head><title>x</title></head><body><main><h1>x</h1>'
        '<p>Sent by Trần Thị Mận to <span lang="vi">Sở Tư pháp</span>, Decree 118/2025/NĐ-CP</p>'
        "</main></body></html>"
    )
    assert left_in_vietnamese(read_page(frame), "Trần Thị Mận") == []
