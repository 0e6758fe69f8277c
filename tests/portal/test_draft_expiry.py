"""Drafts are kept thirty days after the last saving; their writers are warned, then they go with their files."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from django.core.management import call_command
from django.test import Client
from django.utils import timezone

from hoso.models import Document, Dossier, Event, Notice, State
from hoso.services import delivery, expiry
from hoso.services.dossiers import advance
from hoso.tasks import end_drafts
from portal.services import drafts
from tests.factories import World, draft
from tests.page import Visitor, read_page
from tests.portal.helpers import begin, draft_through_pages, fill_section, post

pytestmark = pytest.mark.django_db
Clock = Callable[[str], datetime]


def warnings() -> list[Notice]:
    return list(Notice.objects.filter(template="draft_ending").order_by("channel"))


def test_a_draft_is_warned_of_and_then_goes_with_its_files(w: World, citizen: Client, at: Clock) -> None:
    at("2026-10-05 09:00")
    ref = draft_through_pages(citizen, w)
    at("2026-10-29 23:00")
    end_drafts()
    assert warnings() == []
    at("2026-10-30 04:10")  # 25 days after the last saving
    end_drafts()
    end_drafts()
    assert [n.channel for n in warnings()] == ["email", "portal"]
    words = delivery.render(warnings()[0])
    assert words.subject == "Bản nháp hồ sơ sắp bị xóa vào ngày 04/11/2026"
    assert "Đăng ký khai sinh" in words.email_text
    assert "giữ đến hết ngày 04/11/2026" in words.email_text
    assert w.citizen.personal_id not in words.email_html
    at("2026-11-04 08:00")  # the last day it was promised to stay
    end_drafts()
    assert Dossier.objects.filter(submission_ref=ref).exists()
    at("2026-11-05 04:10")
    end_drafts()
    assert not Dossier.objects.exists()
    assert not Document.objects.exists()
    assert not Event.objects.exists()
    assert not warnings()
    assert citizen.get(f"/nop-ho-so/{ref}/").status_code == 404
    call_command("verify_history")


def test_saving_keeps_a_draft_and_the_next_silence_is_warned_of_again(w: World, at: Clock) -> None:
    at("2026-10-05 09:00")
    dossier = draft(w)
    at("2026-10-30 09:00")
    expiry.warn()
    drafts.save_answers(dossier.pk, {"child_full_name": "Hoàng Gia Bảo"}, by=w.citizen)
    at("2026-11-10 09:00")
    end_drafts()
    assert Dossier.objects.exists()
    at("2026-11-24 09:00")
    expiry.warn()
    assert sorted(n.context["until"] for n in warnings() if n.channel == "portal") == [
        "2026-11-04",
        "2026-11-29",
    ]


def test_nothing_goes_without_its_warning_however_late(w: World, at: Clock) -> None:
    at("2026-10-05 09:00")
    draft(w)
    at("2027-02-01 09:00")  # nobody swept for months
    end_drafts()
    assert Dossier.objects.exists()
    assert warnings()[0].context["until"] == "2027-02-06"
    at("2027-02-06 23:00")
    end_drafts()
    assert Dossier.objects.exists()
    at("2027-02-07 04:10")
    end_drafts()
    assert not Dossier.objects.exists()


def test_an_empty_draft_goes_quietly_and_a_filed_dossier_stays(w: World, citizen: Client, at: Clock) -> None:
    at("2026-10-05 09:00")
    begin(citizen, w)
    filed = draft(w)
    advance(filed.pk, "submit", by=w.citizen)
    at("2027-10-05 09:00")
    end_drafts()
    assert [d.state for d in Dossier.objects.all()] == [State.SUBMITTED]
    assert warnings() == []


def test_pages_say_until_when_and_offer_to_keep_it_longer(
    w: World, citizen: Client, visit: Visitor, at: Clock
) -> None:
    at("2026-10-05 09:00")
    ref = draft(w).submission_ref
    assert "Giữ đến 04/11/2026" in visit(f"/nop-ho-so/{ref}/", w.citizen).text
    assert "chỉ được giữ" not in visit(f"/nop-ho-so/{ref}/", w.citizen).text
    assert "bản nháp giữ đến 04/11/2026" in visit(f"/nop-ho-so/{ref}/to-khai/1/", w.citizen).text
    assert "Giữ đến 04/11/2026" in visit("/ho-so-cua-toi/?xem=nhap", w.citizen).text
    at("2026-10-31 09:00")
    assert "chỉ được giữ đến hết ngày 04/11/2026" in visit(f"/nop-ho-so/{ref}/", w.citizen).text
    answer = post(citizen, f"/nop-ho-so/{ref}/", {"_keep": "1"})
    assert "Bản nháp được giữ đến hết ngày 30/11/2026." in read_page(answer.content.decode()).text
    assert "chỉ được giữ" not in visit(f"/nop-ho-so/{ref}/", w.citizen).text


def test_its_writer_deletes_a_draft_after_a_second_look(w: World, citizen: Client, visit: Visitor) -> None:
    ref = draft_through_pages(citizen, w)
    url = f"/nop-ho-so/{ref}/xoa/"
    assert url in visit(f"/nop-ho-so/{ref}/", w.citizen).links
    assert "không lấy lại được" in visit(url, w.citizen, budget=12).text
    assert Dossier.objects.exists(), "xem trang không xóa gì"
    other = Client()
    other.force_login(w.neighbour)
    assert other.post(url).status_code == 404
    texts = []
    for _ in range(2):  # a double click
        answer = post(citizen, url, {})
        assert answer.request["PATH_INFO"] == "/ho-so-cua-toi/"
        texts.append(read_page(answer.content.decode()).text)
    assert "Đã xóa bản nháp." in texts[0]
    assert not Dossier.objects.exists()


def test_a_filed_dossier_is_not_deleted(w: World, citizen: Client) -> None:
    dossier = draft(w)
    advance(dossier.pk, "submit", by=w.citizen)
    answer = post(citizen, f"/nop-ho-so/{dossier.submission_ref}/xoa/", {})
    assert "Hồ sơ này đã nộp" in answer.content.decode()
    assert Dossier.objects.get().state == State.SUBMITTED


def test_a_draft_survives_signing_out_with_its_uploads(w: World, citizen: Client) -> None:
    ref = draft_through_pages(citizen, w)
    citizen.logout()
    citizen.force_login(w.citizen)
    assert "chung-sinh.pdf" in read_page(citizen.get(f"/nop-ho-so/{ref}/giay-to/").content.decode()).text
    fill_section(citizen, ref, 2, {"child_full_name": "Hoàng Gia Bảo"})
    check = read_page(citizen.get(f"/nop-ho-so/{ref}/kiem-tra/").content.decode()).text
    assert "chung-sinh.pdf" in check
    assert "Chưa nộp được" not in check


def test_a_writer_who_comes_back_while_drafts_are_swept_keeps_theirs(w: World) -> None:
    dossier = draft(w)
    Dossier.objects.update(updated_at=timezone.now() - timedelta(days=60))
    expiry.warn()
    Notice.objects.update(due_at=timezone.now() - timedelta(days=6))
    drafts.keep(dossier.pk, by=w.citizen)
    assert expiry.sweep() == 0
    assert Dossier.objects.exists()
