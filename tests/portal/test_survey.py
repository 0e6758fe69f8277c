"""Rating a finished dossier: once, within thirty days, and nobody can tell from the answer whose it was."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection, transaction
from django.db.migrations.executor import MigrationExecutor
from django.test import Client
from django.utils import timezone
from playwright.sync_api import expect

from hoso.models import Dossier
from hoso.services.errors import Refused
from portal.models import SurveyAnswer, SurveyTaken
from portal.services import surveys
from tests.factories import World, draft, walk
from tests.page import Visitor, read_page

pytestmark = pytest.mark.django_db
GIVEN: dict[str, Any] = {"overall": 4, "criteria": {"a": 3}, "extra_money": False, "remark": ""}


@pytest.fixture
def done(w: World) -> Dossier:
    return walk(w, draft(w, papers_by="counter"), "complete")


def test_the_applicant_is_asked_answers_once_and_is_not_asked_again(
    w: World, done: Dossier, visit: Visitor
) -> None:
    page = visit(f"/ho-so-cua-toi/{done.submission_ref}/", w.citizen)
    address = f"/ho-so-cua-toi/{done.submission_ref}/danh-gia/"
    assert address in page.links
    asked = visit(address, w.citizen)
    assert "Dịch vụ trực tuyến" in asked.text
    assert "Nhân viên bưu điện" not in asked.text  # nothing went by post
    client = Client()
    client.force_login(w.citizen)
    told = client.post(
        address, {"overall": "4", "a": "3", "extra_money": "0", "remark": "Nhanh"}, follow=True
    )
    assert "Cảm ơn ông/bà" in told.content.decode()
    again = client.post(address, {"overall": "1"}, follow=True)
    assert "Mỗi hồ sơ đánh giá một lần" in again.content.decode()
    assert list(SurveyAnswer.objects.values_list("overall", "criteria", "extra_money", "remark")) == [
        (4, {"a": 3}, False, "Nhanh")
    ]
    assert address not in visit(f"/ho-so-cua-toi/{done.submission_ref}/", w.citizen).links


def test_an_empty_answer_says_what_to_do_and_keeps_the_rest(w: World, done: Dossier) -> None:
    client = Client()
    client.force_login(w.citizen)
    response = client.post(f"/ho-so-cua-toi/{done.submission_ref}/danh-gia/", {"a": "2", "remark": "Chờ lâu"})
    page = read_page(response.content.decode())
    assert "Chọn một mức hài lòng chung" in page.text
    assert page.one("//textarea[@name='remark']").text.strip() == "Chờ lâu"
    assert not SurveyTaken.objects.exists()


def test_no_column_of_an_answer_leads_to_a_dossier_or_a_person(w: World, done: Dossier) -> None:
    surveys.answer(done, GIVEN)
    with connection.cursor() as cursor:
        cursor.execute("SELECT row_to_json(a)::text FROM portal_surveyanswer a")
        (row,) = cursor.fetchone()
    for secret in (done.submission_ref, done.code, done.owner_name, done.owner_id, done.phone):
        assert secret not in row
    related = {f.related_model for f in SurveyAnswer._meta.get_fields() if f.is_relation}
    assert Dossier not in related
    assert type(w.citizen) not in related


def test_no_transaction_order_or_number_matches_an_answer_with_a_dossier(w: World, done: Dossier) -> None:
    month = timezone.localdate().replace(day=1)
    kept = {"agency": done.resolving_agency, "desk": done.desk, "version": done.version, "channel": "online"}
    for number in range(20):  # each in a transaction of its own, as people answer
        with transaction.atomic():
            SurveyAnswer.objects.create(month=month, overall=3, remark=f"{number:02}", **kept)
    before = set(SurveyAnswer.objects.values_list("pk", flat=True))
    surveys.answer(done, GIVEN | {"remark": "20"})
    with connection.cursor() as cursor:
        cursor.execute("SELECT remark, xmin::text FROM portal_surveyanswer ORDER BY ctid")
        rows = cursor.fetchall()
        cursor.execute("SELECT * FROM portal_surveytaken")
        assert ([column.name for column in cursor.description], cursor.fetchall()) == (
            ["dossier_id"],
            [(done.pk,)],
        )
    remarks = [remark for remark, _writer in rows]
    assert sorted(remarks) == [f"{number:02}" for number in range(21)]
    assert remarks != sorted(remarks)  # one in 21! that the lot says so
    assert len({writer for _remark, writer in rows}) == 1
    assert not before & set(SurveyAnswer.objects.values_list("pk", flat=True))


@pytest.mark.parametrize(
    ("day", "open_"), [("2026-11-04 08:59", True), ("2026-11-04 09:01", False)], ids=["in time", "too late"]
)
def test_thirty_days(w: World, at: Callable[[str], Any], day: str, open_: bool) -> None:
    at("2026-10-05 09:00")
    dossier = walk(w, draft(w, papers_by="counter"), "complete")
    at(day)
    assert surveys.is_open(dossier) is open_
    if not open_:
        with pytest.raises(Refused, match="30 ngày"):
            surveys.answer(dossier, GIVEN)


def test_nobody_rates_before_the_result_is_returned_nor_another_ones_dossier(
    w: World, done: Dossier, visit: Visitor
) -> None:
    waiting = walk(w, draft(w), "accept")
    client = Client()
    client.force_login(w.citizen)
    assert client.get(f"/ho-so-cua-toi/{waiting.submission_ref}/danh-gia/").status_code == 302
    client.force_login(w.neighbour)
    assert client.get(f"/ho-so-cua-toi/{done.submission_ref}/danh-gia/").status_code == 404


def test_whoever_looked_it_up_may_rate_without_an_account(w: World, done: Dossier, client: Client) -> None:
    found = client.post("/tra-cuu/", {"ma": done.code, "so": done.phone[-4:]})
    link = next(href for href in read_page(found.content.decode()).links if href.startswith("/danh-gia/"))
    page = read_page(client.get(link).content.decode())
    assert page.h1 == "Ông/bà có hài lòng không?"
    assert done.owner_name not in page.text
    client.post(link, {"overall": "3"})
    assert SurveyAnswer.objects.get().overall == 3
    assert client.get("/danh-gia/khong-phai-khoa/").status_code == 404


@pytest.mark.browser
def test_the_survey_on_a_telephone(
    page: Any, sign_in: Any, axe: Any, shoot: Any, w: World, done: Dossier
) -> None:
    sign_in(w.citizen)
    page.goto(f"/ho-so-cua-toi/{done.submission_ref}/danh-gia/")
    axe(page)
    page.get_by_role("button", name="Gửi ý kiến").click()
    expect(page.get_by_text("Chọn một mức hài lòng chung").first).to_be_visible()
    axe(page)
    shoot(page, "khao-sat")
    page.get_by_label("Rất hài lòng").first.check()
    page.get_by_role("button", name="Gửi ý kiến").click()
    expect(page.get_by_text("Cảm ơn ông/bà")).to_be_visible()


@pytest.mark.django_db(transaction=True)
def test_answers_kept_before_lose_their_order_and_stay(w: World, done: Dossier) -> None:
    def migrate(name: str) -> None:
        MigrationExecutor(connection).migrate([("portal", name)])

    kept = {"agency": done.resolving_agency, "desk": done.desk, "version": done.version, "channel": "online"}
    month = timezone.localdate().replace(day=1)
    newest = MigrationExecutor(connection).loader.graph.leaf_nodes("portal")[0][1]
    migrate("0012_pages_of_prepared_files")
    try:
        with connection.cursor() as cursor:
            cursor.execute("INSERT INTO portal_surveytaken (dossier_id) VALUES (%s)", [done.pk])
        for number in range(20):
            SurveyAnswer.objects.create(month=month, overall=3, remark=f"{number:02}", **kept)
    finally:
        migrate(newest)
    assert SurveyTaken.objects.get().dossier == done
    with connection.cursor() as cursor:
        cursor.execute("SELECT remark FROM portal_surveyanswer ORDER BY ctid")
        remarks = [remark for (remark,) in cursor.fetchall()]
    assert sorted(remarks) == [f"{number:02}" for number in range(20)]
    assert remarks != sorted(remarks)
