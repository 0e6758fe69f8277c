"""A change after acceptance is the desk's to make: one answer, whoever presses first, and never after the decision."""

from collections.abc import Callable
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.test import Client

from hoso.models import Amendment, Dossier, Notice, State
from hoso.services import amendments
from hoso.services.dossiers import advance
from hoso.services.errors import Refused, StepRefused
from hoso.views import queues
from tests.factories import World, draft, step, walk
from tests.page import Visitor, read_page

pytestmark = pytest.mark.django_db
NEW = {"child_full_name": "Hoàng Gia Bách"}


@pytest.fixture
def dossier(w: World) -> Dossier:
    return walk(w, draft(w), "accept")


def asked(w: World, dossier: Dossier, **values: Any) -> Amendment:
    return amendments.ask(dossier.pk, by=w.citizen, values=values or NEW, reason="Ghi nhầm tên con")


def client_of(user: Any) -> Client:
    client = Client()
    client.force_login(user)
    return client


def test_the_desk_sees_old_and_new_and_makes_the_change(w: World, dossier: Dossier, visit: Visitor) -> None:
    old, due = dossier.answers["child_full_name"], dossier.due_at
    asked(w, dossier)
    reach = queues.reach_of(type(w.desk_officer).objects.get(pk=w.desk_officer.pk))
    assert list(queues.BY_KEY["de-nghi-sua"].rows(reach)) == [dossier]
    dossier.refresh_from_db()
    assert dossier.answers["child_full_name"] == old  # nothing changes before the desk agrees
    url = f"/mot-cua/ho-so/{dossier.submission_ref}/de-nghi-sua/"
    assert url in visit(f"/mot-cua/ho-so/{dossier.submission_ref}/", w.desk_officer).links
    text = visit(url, w.desk_officer).text
    assert [part for part in (old, "Hoàng Gia Bách", "Ghi nhầm tên con") if part not in text] == []
    answer = client_of(w.desk_officer).post(url, {"decision": "accept", "seen": dossier.last_seq})
    assert answer.status_code == 302
    dossier.refresh_from_db()
    event = dossier.events.get(name="amend")
    assert (dossier.answers["child_full_name"], dossier.due_at) == ("Hoàng Gia Bách", due)
    assert event.data["changed"] == {"child_full_name": [old, "Hoàng Gia Bách"]}
    assert (event.actor, event.on_behalf_of) == (w.desk_officer, dossier.submitter_name)
    assert Amendment.objects.get().status == "accepted"
    assert not queues.BY_KEY["de-nghi-sua"].rows(reach).exists()
    told = set(Notice.objects.filter(template__contains="amend").values_list("template", "channel"))
    assert {("amended", "portal"), ("office_amend", "office"), ("office_ask_amendment", "office")} <= told


def test_a_refusal_needs_a_reason_and_the_applicant_reads_it(w: World, dossier: Dossier) -> None:
    asked(w, dossier)
    dossier.refresh_from_db()
    url, desk = f"/mot-cua/ho-so/{dossier.submission_ref}/de-nghi-sua/", client_of(w.desk_officer)
    page = desk.post(url, {"decision": "refuse", "seen": dossier.last_seq})
    assert "Ghi lý do không chấp nhận" in read_page(page.content.decode()).text
    desk.post(url, {"decision": "refuse", "answer": "Tên khác giấy chứng sinh", "seen": dossier.last_seq})
    assert Amendment.objects.get().status == "refused"
    page = client_of(w.citizen).get(f"/ho-so-cua-toi/{dossier.submission_ref}/")
    assert "Tên khác giấy chứng sinh" in read_page(page.content.decode()).text
    dossier.refresh_from_db()
    assert dossier.answers["child_full_name"] != "Hoàng Gia Bách"
    asked(w, dossier)  # another may be asked for once this one is answered


def test_one_request_waits_and_takes_in_further_sections(w: World, dossier: Dossier) -> None:
    asked(w, dossier)
    asked(w, dossier, submitter_full_name="Nguyễn Thị Hường")
    assert Amendment.objects.get().changes == {**NEW, "submitter_full_name": "Nguyễn Thị Hường"}
    amendments.accept(dossier.pk, by=w.desk_officer)
    dossier.refresh_from_db()
    assert dossier.submitter_name == "Nguyễn Thị Hường"  # lists and papers follow the form
    assert not Amendment.objects.filter(status="waiting").exists()


def test_the_slower_officer_and_the_request_taken_back(w: World, dossier: Dossier) -> None:
    asked(w, dossier)
    dossier.refresh_from_db()
    seen = dossier.last_seq
    amendments.accept(dossier.pk, by=w.desk_officer, seen=seen)
    for late in (
        lambda: amendments.refuse(dossier.pk, by=w.desk_head, answer="Không", seen=seen),
        lambda: amendments.accept(dossier.pk, by=w.desk_head, seen=seen),
    ):
        with pytest.raises(StepRefused, match=w.desk_officer.full_name):
            late()
    with pytest.raises(Refused, match="đã được trả lời"):
        amendments.take_back(dossier.pk, by=w.citizen)
    asked(w, dossier, child_full_name="Hoàng Gia An")
    amendments.take_back(dossier.pk, by=w.citizen)
    with pytest.raises(Refused, match="đã rút"):
        amendments.accept(dossier.pk, by=w.desk_officer)


def test_a_page_the_desk_opened_before_more_was_asked_is_stale(w: World, dossier: Dossier) -> None:
    asked(w, dossier)
    dossier.refresh_from_db()
    seen = dossier.last_seq
    asked(w, dossier, submitter_full_name="Nguyễn Thị Hường")
    url = f"/mot-cua/ho-so/{dossier.submission_ref}/de-nghi-sua/"
    page = client_of(w.desk_officer).post(url, {"decision": "accept", "seen": seen})
    assert page.status_code == 409
    assert "Nguyễn Thị Hường" in read_page(page.content.decode()).text
    assert Amendment.objects.get().status == "waiting"


@pytest.mark.parametrize("end", ["decide", "withdraw"])
def test_what_nobody_answered_lapses_with_the_end(w: World, end: str) -> None:
    dossier = walk(w, draft(w), "finish_task" if end == "decide" else "accept")
    asked(w, dossier)
    if end == "decide":
        step(
            w,
            dossier,
            "decide",
            "approver",
            {"outcome": "granted", "title": "Giấy khai sinh", "body": "Đã đăng ký."},
        )
    else:
        advance(dossier.pk, "withdraw", by=w.citizen)
    assert Amendment.objects.get().status == "lapsed"
    with pytest.raises(Refused, match="không sửa được nữa"):
        asked(w, dossier)


@pytest.mark.parametrize("who", ["citizen", "case_officer", "approver", "other_desk_officer", "neighbour"])
def test_only_the_desk_answers(w: World, dossier: Dossier, who: str) -> None:
    asked(w, dossier)
    act: Callable[[], Any]
    for act in (
        lambda: amendments.accept(dossier.pk, by=getattr(w, who)),
        lambda: amendments.refuse(dossier.pk, by=getattr(w, who), answer="Không"),
    ):
        with pytest.raises((PermissionDenied, Refused)):
            act()
    assert Amendment.objects.get().status == "waiting"


def test_an_accepted_dossier_is_not_changed_around_the_desk(w: World, dossier: Dossier) -> None:
    with pytest.raises(Refused, match="gửi đề nghị sửa"):
        advance(dossier.pk, "amend", by=w.citizen, changes=NEW)
    with pytest.raises(Dossier.DoesNotExist):
        amendments.ask(dossier.pk, by=w.neighbour, values=NEW, reason="Tò mò")
    assert dossier.state == State.PROCESSING
