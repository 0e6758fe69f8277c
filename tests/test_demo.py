"""The demo province: the same seed tells the same stories, and every one of them holds."""

import hashlib
import os
import re
from datetime import date
from random import Random

import pytest
from django.db import connection
from django.utils import timezone

from buuchinh.models import Parcel
from config.demo import answers, seed
from config.demo.cast import CITIZEN, COMPANY, demo_people
from danhmuc.models import Place, ProcedureVersion, User
from danhmuc.services import calendar_for, sign_in
from hoso.forms import declaration
from hoso.models import Amendment, Document, Dossier, Event
from hoso.services import history
from portal.lifecycle import State as FeedbackState
from portal.models import Feedback, FeedbackEvent
from tests.factories import moment

pytestmark = pytest.mark.usefixtures("catalogue")


def tell(jobs: int = 1) -> int:
    """Sixty dossiers at three offices, up to a fixed moment."""
    return seed.run(
        dossiers=60,
        months=2,
        offices=3,
        citizens=20,
        number=7,
        until=moment("2026-10-08 10:00"),
        jobs=jobs,
        only_if_empty=False,
        say=lambda line: None,
    )


def digest() -> str:
    """What happened, in words that do not depend on row numbers."""
    rows = Event.objects.order_by("dossier__submission_ref", "seq").values_list(
        "dossier__submission_ref", "dossier__code", "seq", "name", "actor__username", "at", "note"
    )
    told = FeedbackEvent.objects.order_by("feedback__received_at", "feedback__content", "seq").values_list(
        "feedback__received_at", "seq", "name", "actor__username", "agency__key", "at", "note"
    )
    return hashlib.sha256(repr([*rows, *told]).encode()).hexdigest()


def an_organisation_with_two_members_filed_for_somebody() -> None:
    company = User.objects.get(tax_code=COMPANY[0])
    assert sorted(company.members.values_list("role", flat=True)) == ["manager", "member"]
    dossier = Dossier.objects.get(organisation=company)
    assert dossier.on_behalf
    assert dossier.owner_id != dossier.submitter_id
    assert dossier.state == "submitted"
    assert dossier.documents.filter(kind="authority").count() == 1


def the_citizen_with_a_name_has_drafts_and_one_is_warned_of() -> None:
    begun = Dossier.objects.filter(state="draft", applicant__username=CITIZEN[0]).order_by("updated_at")
    assert len(begun) == 2
    assert all(d.answers for d in begun)
    assert [n.template for n in begun[0].notices.filter(channel="portal")] == ["draft_ending"]
    assert not begun[1].notices.exists()


def people_amended_what_they_had_filed() -> None:
    assert sorted(Amendment.objects.values_list("status", flat=True)) == ["accepted", "refused", "waiting"]
    waiting = Amendment.objects.get(status="waiting")
    assert waiting.files.count() == 1
    assert waiting.asked_at < moment("2026-10-08 10:00")
    made = Event.objects.filter(name="amend").order_by("at")
    assert {event.dossier.state for event in made} >= {"submitted"}
    assert all(event.data["files"][0]["removed"] for event in made)
    assert Document.objects.exclude(replaced_by=None).count() >= len(made)


def people_with_names_are_there_to_sign_in() -> None:
    rows = demo_people()
    assert rows[0][0] == CITIZEN[0]
    assert [row[0] for row in rows if sign_in.find(row[0]) is None] == []
    waiting = Parcel.objects.filter(state="assigned")
    assert waiting
    assert waiting.filter(carrier__username="vantam.buudien"), "bưu tá đăng nhập vào thì có nơi phải đến"


def test_the_same_seed_tells_the_same_stories_and_all_of_them_hold() -> None:
    assert tell() >= 50
    assert list(history.problems(Dossier.objects.all())) == []
    assert list(history.register_problems()) == []
    assert not Dossier.objects.filter(created_at__gt=moment("2026-10-08 10:00")).exists()
    names = set(Event.objects.values_list("name", flat=True))
    assert {
        "submit",
        "accept",
        "hand_over",
        "assign",
        "finish_task",
        "decide",
        "issue_result",
        "complete",
    } <= names
    assert set(Feedback.objects.values_list("state", flat=True)) == set(FeedbackState) - {"unconfirmed"}
    assert not Feedback.objects.filter(received_at__gt=moment("2026-10-08 10:00")).exists()
    an_organisation_with_two_members_filed_for_somebody()
    the_citizen_with_a_name_has_drafts_and_one_is_warned_of()
    people_amended_what_they_had_filed()
    people_with_names_are_there_to_sign_in()
    first = digest()
    with pytest.raises(seed.CannotSeed, match="trống"):
        tell()
    forget()
    tell()
    assert digest() == first


def forget() -> None:
    """Back to a province without dossiers."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute(
            "TRUNCATE hoso_dossier, hoso_statement, hoso_numberseries, buuchinh_trackingpool, buuchinh_handovercode CASCADE"
        )


@pytest.mark.django_db(transaction=True)
def test_two_processes_tell_the_stories_of_one(monkeypatch: pytest.MonkeyPatch) -> None:
    name = connection.settings_dict["NAME"]
    monkeypatch.setenv("DATABASE_URL", re.sub(r"/[^/?]*\?", f"/{name}?", os.environ["DATABASE_URL"]))
    assert tell(jobs=2) >= 50
    assert list(history.problems(Dossier.objects.all())) == []
    together = digest()
    forget()
    tell()
    assert digest() == together


def test_every_form_is_filled_as_its_rules_ask() -> None:
    place = Place.objects.get(era="2", level="commune", code="07900")
    citizen = User(
        full_name="Nguyễn Thị Thanh Hương", personal_id="025186004317", birth_date=date(1986, 5, 4),
        phone="+84912345678", address="Khu 6", place=place,
    )  # fmt: skip
    today, calendar = timezone.localdate(), calendar_for(None)
    for version in ProcedureVersion.objects.filter(status="published").select_related("procedure"):
        given = answers.fill(version, citizen, Random(3), today, calendar, agency_name="UBND")
        for number, section in declaration.pages(version, given):
            missing = declaration.missing(version, number, given)
            assert not missing.unanswered, (
                f"{version.procedure.code} {section['title']}: {missing.unanswered}"
            )
            assert not missing.errors, f"{version.procedure.code} {section['title']}: {missing.errors}"
