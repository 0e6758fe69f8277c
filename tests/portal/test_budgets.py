"""How many queries each page of the citizens may cost: one number a page, and the same with little and with much to show."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

import pytest
from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import URLPattern, URLResolver
from django.utils import timezone

from danhmuc.models import ChargeRelief, LifeEvent, Membership, User
from danhmuc.services.search_index import rebuild as index_search
from hoso.gateways.payment import Answer
from hoso.models import AmendmentFile, Document, Dossier, Paper
from hoso.services import amendments, documents, letters, payments, preparing, printing
from hoso.services.dossiers import advance
from portal import urls
from portal.services import accounts, corrections, papers, surveys
from portal.services.feedback import intake
from portal.services.feedback import letters as replies
from portal.views.accounts import PROVEN
from tests.factories import (
    EFORM,
    ITEMS,
    World,
    agency,
    draft,
    member,
    organisation,
    person,
    procedure,
    step,
    walk,
)
from tests.pictures import photo
from tests.portal.feedback_world import sent, staff, take, walked, words
from tests.portal.helpers import PDF

pytestmark = pytest.mark.django_db

#: Page → the most queries it may cost. Tight: a page that needs one more says so here.
BUDGETS = {
    "account": 7,
    "address": 6,
    "agencies": 5,
    "agency": 6,
    "amend": 7,
    "amend_pages": 8,
    "amend_papers": 14,
    "amendment_file": 5,
    "amendment_preview": 5,
    "answer": 7,
    "blank_form": 2,
    "by_hand": 8,
    "change_password": 2,
    "change_ways": 18,
    "check": 9,
    "code": 1,
    "contact_code": 3,
    "desk_account": 13,
    "desk_accounts": 6,
    "discard": 4,
    "done": 7,
    "dossier": 14,
    "dossiers": 11,
    "draft": 6,
    "draft_agency": 6,
    "email": 2,
    "feedback": 6,
    "feedback_answer": 8,
    "feedback_case": 17,
    "feedback_confirm": 1,
    "feedback_done": 3,
    "feedback_file": 4,
    "feedback_follow": 5,
    "feedback_info": 4,
    "feedback_item": 10,
    "feedback_new": 3,
    "feedback_office": 12,
    "feedback_office_answer": 11,
    "feedback_office_file": 7,
    "feedback_public": 2,
    "feedback_rate": 4,
    "feedback_reopen": 4,
    "feedback_slip": 10,
    "feedback_step": 11,
    "feedback_write_down": 10,
    "file": 8,
    "forgotten": 0,
    "history": 4,
    "help": 0,
    "privacy": 0,
    "accessibility": 0,
    "postage": 1,
    "home": 10,
    "letters": 5,
    "life_event": 3,
    "life_events": 1,
    "lookup": 0,
    "members": 7,
    "new_password": 2,
    "on_behalf": 6,
    "organisations": 5,
    "pages": 7,
    "paper": 12,
    "papers": 9,
    "payment": 12,
    "payment_attempt": 6,
    "phone": 2,
    "places": 2,
    "preview": 8,
    "procedure": 7,
    "procedures": 7,
    "profile": 3,
    "refund": 5,
    "register": 0,
    "register_organisation": 0,
    "register_person": 0,
    "registered": 0,
    "relief": 7,
    "reuse": 6,
    "section": 4,
    "start": 7,
    "survey": 5,
    "survey_by_lookup": 2,
    "verify": 0,
    "verify_result": 4,
    "ways": 11,
    "withdraw": 6,
}
#: Addresses that show nobody a page: they take what a page sends, or answer programs.
NO_PAGES = {
    "take_back_amendment",
    "upload_begin", "upload_finish", "upload",
    "vnpay_ipn", "vietqr_token", "vietqr_sync", "sms_incoming",
    "eid", "eid_back", "eid_leave",  # on to the provider of identities, and back from there
    "resend",  # for officers: passes on what they had typed
}  # fmt: skip


@dataclass(frozen=True)
class Place:
    """Where a page is, for whom, and what the browser's session knows."""

    url: str
    user: User | None = None
    session: dict[str, Any] = field(default_factory=dict)


def names_of(patterns: list[Any]) -> Iterator[str]:
    """Every name of an address, included lists too."""
    for entry in patterns:
        if isinstance(entry, URLResolver):
            yield from names_of(entry.url_patterns)
        elif isinstance(entry, URLPattern):
            yield str(entry.name)


def test_every_page_has_a_budget() -> None:
    names = set(names_of(urls.urlpatterns))
    assert names - set(BUDGETS) - NO_PAGES == set(), "trang chưa có ngân sách truy vấn"
    assert (set(BUDGETS) | NO_PAGES) - names == set(), "ngân sách của trang không còn"


def test_pages_stay_within_their_budgets_with_little_and_with_much(w: World) -> None:
    staff(w)
    few = measure(scene(w, 1))
    many = measure(scene(w, 6))
    assert set(few) == set(BUDGETS)
    grown = {name: (few[name], n) for name, n in many.items() if n > few[name]}
    assert grown == {}, "tốn thêm truy vấn khi có nhiều hơn để hiện"
    assert {name: n for name, n in many.items() if n > BUDGETS[name]} == {}, "quá ngân sách"


def measure(places: dict[str, Place]) -> dict[str, int]:
    """Queries of each page on its second look: the first marks messages as read and makes what is kept."""
    counted: dict[str, int] = {}
    amiss: dict[str, str] = {}
    for name, place in places.items():
        client = Client()
        if place.user is not None:
            client.force_login(place.user)
        if place.session:
            session = client.session
            session.update(place.session)
            session.save()
        for _ in range(2):
            cache.clear()
            with CaptureQueriesContext(connection) as captured:
                answer = client.get(place.url)
            list(answer)  # a file is read to its end
        counted[name] = len(captured)
        if answer.status_code != 200:
            amiss[name] = f"{place.url} {answer.status_code}"
    assert amiss == {}
    return counted


def scene(w: World, n: int) -> dict[str, Place]:
    """Every page, about things of which there are `n` more than before."""
    me, code = w.citizen, w.version.procedure.code
    more_of_the_province(w, n)
    found = {
        "home": Place("/"),
        "procedures": Place("/thu-tuc/?q=khai+sinh"),
        "procedure": Place(f"/thu-tuc/{code}/"),
        "by_hand": Place(f"/thu-tuc/{code}/nop-truc-tiep/", me),
        "blank_form": Place(f"/thu-tuc/{own_form(n)}/mau/"),
        "agencies": Place("/co-quan/"),
        "agency": Place(f"/co-quan/{w.commune.key}/"),
        "help": Place("/huong-dan/"),
        "privacy": Place("/du-lieu-ca-nhan/"),
        "accessibility": Place("/tiep-can/"),
        "postage": Place("/gia-cuoc/"),
        "life_events": Place("/viec/"),
        "life_event": Place(f"/viec/viec_{n}_0/"),
        "start": Place(f"/nop-ho-so/{code}/", me),
        "places": Place("/dia-danh/?name=home&id=id_home&p=25&e=2"),
        "lookup": Place("/tra-cuu/"),
        "verify": Place("/xac-minh/"),
    }
    return found | writing(w, n) | following(w, n) | money(w, n) | account(w, n) | feedback(w, n)


def own_form(n: int) -> str:
    """A procedure that has a form of its own to print."""
    return procedure(f"2.{n:06d}", f"Cấp bản sao số {n}", eform=EFORM | {"own": True}).procedure.code


def more_of_the_province(w: World, n: int) -> None:
    """Communes, procedures, situations, groups that pay less."""
    for number in range(n):
        key = f"{n}_{number}"
        agency(f"UBND_{key}", f"Ủy ban nhân dân xã {key}", parent=w.province, resolver_key="UBND_XA")
        version = procedure(f"1.{n:03d}{number:03d}", f"Đăng ký khai sinh kiểu {key}")
        step_of_life = {"code": version.procedure.code, "line": "Làm việc này.", "when": "sớm"}
        LifeEvent.objects.create(
            key=f"viec_{key}", kind="citizen", title=f"Việc {key}", summary="", steps=[step_of_life] * n
        )
        ChargeRelief.objects.create(
            key=f"dien-{n}-{number}", name=f"Diện {key}", basis="Luật", percent=50, condition="claim",
            paper="Giấy", kinds=["le_phi"], valid_from="2017-01-01",
        )  # fmt: skip
    index_search()


def scan(dossier: Dossier, by: User, number: int) -> Document:
    """A photograph, handed in."""
    name = f"IMG_{dossier.pk}_{number}.jpg"
    received = documents.receive(SimpleUploadedFile(name, photo(size=(300 + number, 400))))
    return papers.add(dossier, received, papers.boxes(dossier)[0], by=by)


def writing(w: World, n: int) -> dict[str, Place]:
    """The pages of a draft with so many papers, and so many dossiers before it."""
    me = w.citizen
    for _ in range(n):
        walk(w, draft(w), "accept")
        draft(w)
    dossier = draft(w, papers_by="counter", paper=False)
    document = [scan(dossier, me, number) for number in range(n)][-1]
    box = papers.boxes(dossier)[0].name
    flow = f"/nop-ho-so/{dossier.submission_ref}/"
    pages = {
        "draft": "",
        "on_behalf": "nop-cho-ai/",
        "draft_agency": "noi-giai-quyet/",
        "discard": "xoa/",
        "section": "to-khai/1/",
        "papers": "giay-to/",
        "reuse": f"giay-to/{box}/dung-lai/",
        "pages": f"giay-to/{document.pk}/trang/",
        "ways": "buu-chinh/",
        "check": "kiem-tra/",
    }
    return {name: Place(f"{flow}{page}", me) for name, page in pages.items()}


def following(w: World, n: int) -> dict[str, Place]:
    """A dossier on its way with so much history, one that waits for `n` things, one that is done."""
    me = w.citizen
    filed = draft(w, paper=False, postal=True)
    document = [scan(filed, me, number) for number in range(n)][-1]
    walk(w, filed, "submit")
    for number in range(n):
        letters.write(filed.pk, by=me, text=f"Câu hỏi thứ {number}")
        letters.write(filed.pk, by=w.desk_officer, text=f"Câu trả lời thứ {number}")
        advance(filed.pk, "amend", by=me, changes={"child_full_name": f"Bé {number}"})
    picture = documents.receive(SimpleUploadedFile("1.jpg", photo()))
    component = w.version.components.get(order=2)
    prepared = preparing.prepare_file(filed.pk, picture, by=me, component=component)
    accepted = walk(w, draft(w), "accept")
    for number in range(n):
        received = documents.receive(
            SimpleUploadedFile(f"{number}.pdf", PDF + str(accepted.pk + number).encode())
        )
        preparing.prepare_file(accepted.pk, received, by=me, component=component)
    amendments.send(accepted.pk, by=me, reason="Ảnh mờ", values={"child_full_name": "Hoàng Gia An"})
    asked = AmendmentFile.objects.filter(amendment__dossier=accepted).order_by("pk").last()
    assert asked is not None
    held = walk(w, draft(w), "submit")
    items = [{**ITEMS[0], "name": f"Giấy tờ {number}"} for number in range(n)]
    step(w, held, "ask_completion", "desk_officer", {"items": items, "phone_call_note": "Đã gọi"})
    done = walk(w, draft(w, papers_by="counter"), "complete")
    result = done.papers.get(kind=Paper.Kind.RESULT)
    printing.file(result)
    result.refresh_from_db()
    mine, theirs = f"/ho-so-cua-toi/{filed.submission_ref}/", f"/ho-so-cua-toi/{done.submission_ref}/"
    return {
        "done": Place(f"/nop-ho-so/{filed.submission_ref}/da-nop/", me),
        "dossiers": Place("/ho-so-cua-toi/", me),
        "dossier": Place(mine, me),
        "answer": Place(f"/ho-so-cua-toi/{held.submission_ref}/bo-sung/", me),
        "withdraw": Place(f"{mine}rut/", me),
        "amend": Place(f"{mine}sua/", me),
        "amend_papers": Place(f"/ho-so-cua-toi/{accepted.submission_ref}/sua/giay-to/", me),
        "amend_pages": Place(f"{mine}sua/giay-to/tep/{prepared.pk}/trang/", me),
        "amendment_preview": Place(f"{mine}sua/tep/{prepared.pk}/trang-1/", me),
        "amendment_file": Place(f"/ho-so-cua-toi/{accepted.submission_ref}/sua/tep/{asked.pk}/", me),
        "change_ways": Place(f"{mine}cach-nhan/", me),
        "file": Place(f"{mine}tep/{document.pk}/", me),
        "preview": Place(f"{mine}tep/{document.pk}/trang-1/", me),
        "paper": Place(f"{theirs}phieu/{result.pk}/", me),
        "letters": Place(f"{mine}trao-doi/", me),
        "survey": Place(f"{theirs}danh-gia/", me),
        "survey_by_lookup": Place(f"/danh-gia/{surveys.token_for(done)}/"),
        "verify_result": Place(f"/xac-minh/{result.verify_code}/"),
    }


def money(w: World, n: int) -> dict[str, Place]:
    """A dossier with so many attempts to pay, and one whose fee comes back."""
    me = w.citizen
    owing = walk(w, draft(w), "accept")
    for _ in range(n):
        failed = payments.start(owing.pk, [1], way="vnpay", by=me, return_url="").payment
        payments.record(Answer(failed.reference, 8000, False, "B1", "", code="24"))
    begun = payments.start(owing.pk, [1], way="vnpay", by=me, return_url="").payment
    back = walk(w, draft(w), "accept")
    paid = payments.start(back.pk, [1], way="vnpay", by=me, return_url="").payment
    payments.record(Answer(paid.reference, 8000, True, "B2", ""))
    advance(back.pk, "withdraw", by=me, note="")
    page = f"/ho-so-cua-toi/{owing.submission_ref}/"
    return {
        "payment": Place(f"{page}thanh-toan/", me),
        "payment_attempt": Place(f"{page}thanh-toan/{begun.reference}/", me),
        "relief": Place(f"{page}mien-giam/", me),
        "refund": Place(f"/ho-so-cua-toi/{back.submission_ref}/hoan-tien/1/", me),
    }


def account(w: World, n: int) -> dict[str, Place]:
    """An account with so many organisations, invitations and changes; matters that wait for a code."""
    me = w.citizen
    company = organisation(f"Công ty {n}", f"01{n:08d}")
    member(company, me, Membership.Role.MANAGER)
    for number in range(n):
        member(company, person(f"Nhân viên {n} {number}"))
        Membership.objects.create(
            organisation=company, role="member", invited_id=f"{n:06d}{number:06d}", invited_by=me
        )
        other = organisation(f"Hợp tác xã {n} {number}", f"02{n:04d}{number:04d}")
        member(other, me)
        third = organisation(f"Hội {n} {number}", f"03{n:04d}{number:04d}")
        Membership.objects.create(
            organisation=third, role="member", invited_id=me.personal_id, invited_by=third
        )
        accounts.note(me, "Địa chỉ", f"Khu {number}", f"Khu {number + 1}", by=me)
    reset = accounts.ask_reset(me.personal_id, channel="email", network=f"10.0.0.{n}")
    contact = accounts.ask_contact(me, purpose="email", address=f"moi{n}@example.vn", network=f"10.0.1.{n}")
    own = {
        "account": "", "profile": "thong-tin/", "change_password": "doi-mat-khau/", "address": "dia-chi/",
        "email": "thu-dien-tu/", "phone": "dien-thoai/", "contact_code": f"xac-nhan/{contact.token}/",
        "history": "lich-su/", "organisations": "to-chuc/", "members": f"to-chuc/{company.pk}/",
    }  # fmt: skip
    gate = {
        "register": "dang-ky/", "register_person": "dang-ky/ca-nhan/", "register_organisation": "dang-ky/to-chuc/",
        "registered": "dang-ky/xong/", "forgotten": "quen-mat-khau/", "code": f"ma/{reset.token}/",
    }  # fmt: skip
    found = {name: Place(f"/tai-khoan/{page}", me) for name, page in own.items()}
    at_desk = "/tai-khoan/tai-quay/"
    found["desk_accounts"] = Place(at_desk, w.desk_officer)
    found["desk_account"] = Place(f"{at_desk}{corrections.slip(me, w.desk_officer)}/", w.desk_officer)
    found |= {name: Place(f"/tai-khoan/{page}") for name, page in gate.items()}
    proven = {PROVEN: reset.token}
    return found | {"new_password": Place(f"/tai-khoan/mat-khau/{reset.token}/", session=proven)}


def feedback(w: World, n: int) -> dict[str, Place]:
    """Items of every kind, so many of them, with so many files and answers."""
    me, handler = w.citizen, w.more["handler"]
    for number in range(n):
        walked(w, "publish", content=f"Đề nghị niêm yết lại mức lệ phí số {n}.{number}, bảng cũ đã mờ.")
    files = [
        documents.receive(SimpleUploadedFile(f"anh-{number}.jpg", photo(size=(310 + number, 400))))
        for number in range(min(n, 5))
    ]
    item = intake.send(words(w), files, once=uuid4(), sender=me)
    asked = take(w, sent(w), "ask_info", "handler", note="Cho biết ngày nộp và nơi nộp hồ sơ.")
    answered = walked(w, "sign")
    reply = answered.answers.get()
    replies.file(reply)
    public = walked(w, "publish")
    stranger = intake.send(words(w, phone="+84912000111"), once=uuid4(), sender=None, address=f"10.0.2.{n}")
    today = timezone.localdate()
    told = intake.write_down(words(w), source="phone", received_on=today, by=handler, once=uuid4())
    mine, office = "/phan-anh/theo-doi/", "/phan-anh/xu-ly/"
    kept_file = item.files.first()
    assert kept_file is not None
    return {
        "feedback": Place("/phan-anh/"),
        "feedback_public": Place(f"/phan-anh/{public.pk}/"),
        "feedback_new": Place("/phan-anh/gui/", me),
        "feedback_confirm": Place(f"/phan-anh/xac-nhan/{stranger.once}/"),
        "feedback_done": Place(f"/phan-anh/da-gui/{item.code}/", me),
        "feedback_follow": Place(mine, me),
        "feedback_item": Place(f"{mine}{item.code}/", me),
        "feedback_info": Place(f"{mine}{asked.code}/bo-sung/", me),
        "feedback_rate": Place(f"{mine}{answered.code}/danh-gia/", me),
        "feedback_reopen": Place(f"{mine}{answered.code}/xem-lai/", me),
        "feedback_file": Place(f"{mine}{item.code}/tep/{kept_file.pk}/", me),
        "feedback_answer": Place(f"{mine}{answered.code}/tra-loi/{reply.seq}/", me),
        "feedback_office": Place(office, handler),
        "feedback_write_down": Place(f"{office}ghi/", handler),
        "feedback_slip": Place(f"{office}ghi/{told.code}/", handler),
        "feedback_case": Place(f"{office}{item.code}/", handler),
        "feedback_office_file": Place(f"{office}{item.code}/tep/{kept_file.pk}/", handler),
        "feedback_office_answer": Place(f"{office}{answered.code}/tra-loi/{reply.seq}/", handler),
        "feedback_step": Place(f"{office}{item.code}/accept/", handler),
    }
