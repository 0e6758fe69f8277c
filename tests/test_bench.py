"""The bench measures what it says: copies are true histories, whole reads are found, failures are no measurements."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.urls import reverse

from buuchinh.services import verify as parcels
from config.bench import load, multiply, plans, prepare
from config.bench.contract import COUNTER, PAGE, Limits, Row, table
from config.bench.load import Answer, Failed, Form, Sample
from config.demo import seed
from danhmuc.models import Agency, CalendarDay, RuleSet, User
from hoso.lifecycle import ENDED, State
from hoso.lifecycle import OPEN as OPEN_STATES
from hoso.models import Dossier, Event
from hoso.services import history
from tests.factories import World, dossier_at


def sample(*milliseconds: float) -> Sample:
    found = Sample(elapsed=1.0)
    for value in milliseconds:
        found.add(Answer(200, b"", "", value / 1000, cpu_ms=1.0, queries=3, sql_ms=1.0, size=2048))
    return found


# ---------- The contract ----------


def test_percentiles_are_real_requests() -> None:
    hundred = sample(*range(1, 101))
    assert [round(hundred.percentile(share)) for share in (0.5, 0.95, 0.99)] == [50, 95, 99]
    assert hundred.per_second == 100
    assert round(sample(7).percentile(0.99)) == 7


@pytest.mark.parametrize(
    ("limits", "ratio", "verdict"),
    [
        (PAGE, 0.8, "đạt"),
        (COUNTER, 0.8, "đạt"),
        (Limits(p50=20), 2.0, "CHƯA ĐẠT"),
        (Limits(p50=400, p99=10), 4.0, "CHƯA ĐẠT"),
        (Limits(), None, ""),
    ],
)
def test_the_worst_of_three_decides(limits: Limits, ratio: float | None, verdict: str) -> None:
    row = Row("trang", sample(40), limits)
    assert (row.ratio, row.verdict) == (pytest.approx(ratio) if ratio else None, verdict)


def test_the_table_names_contract_and_bare_page() -> None:
    lines = table([Row("trang trống", sample(2)), Row("hộp việc", sample(40), PAGE, 1)], 2.0)
    assert len(lines) == 3
    for words in ("hộp việc", "50/150/300", "0.80", "20.0×", "đạt"):
        assert words in lines[2]


def test_open_work_stops_growing_with_the_province() -> None:
    assert multiply.wanted_open(8_000) == 1_000
    assert multiply.wanted_open(100_000) == multiply.wanted_open(10_000_000) == multiply.OPEN_AT_MOST


def test_open_and_closed_states_are_those_of_the_lifecycle() -> None:
    assert set(multiply.OPEN) == set(OPEN_STATES)
    assert set(multiply.CLOSED) == set(ENDED)


def test_the_bench_database_stands_beside_the_real_one() -> None:
    assert prepare.address("postgresql://postgres@/dichvucong?host=/run/x", "dichvucong_bench") == (
        "postgresql://postgres@/dichvucong_bench?host=/run/x"
    )


def test_a_production_machine_is_not_measured(settings: Any) -> None:
    settings.DEV = False
    with pytest.raises(CommandError, match="DEV"):
        call_command("bench")


# ---------- Copies ----------


@pytest.fixture
def sequences(db: None) -> Iterator[None]:
    """Numbers of later tests start where they would have: PostgreSQL does not roll sequences back."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT sequencename, last_value FROM pg_sequences WHERE schemaname = current_schema()"
        )
        before = cursor.fetchall()
    yield
    with connection.cursor() as cursor:
        for name, last in before:
            cursor.execute("SELECT setval(%s, %s, %s)", [name, last or 1, last is not None])


@pytest.fixture
def stories(catalogue: None, sequences: None) -> int:
    """Some dossiers told through the real rules, ready to be copied."""
    told = seed.run(
        dossiers=60, months=4, offices=3, citizens=20, number=7, jobs=1, only_if_empty=False,
        until=datetime.fromisoformat("2026-11-20T10:00+07:00"), say=lambda line: None,
    )  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    multiply.remember_stories()
    return told


def test_copies_are_dossiers_of_their_own_with_true_histories(stories: int) -> None:
    before, people = multiply.size(), User.objects.filter(kind="citizen").count()
    first = Event.objects.order_by("at")[0].at
    assert multiply.grow(130, say=lambda line: None).dossiers == 130
    reached = multiply.grow(200, say=lambda line: None)
    assert multiply.grow(150, say=lambda line: None) == reached
    assert Event.objects.order_by("at")[0].at < first
    assert reached.dossiers == 200
    assert reached.open == max(before.open, multiply.wanted_open(200))
    assert User.objects.filter(kind="citizen").count() > people
    everything = Dossier.objects.all()
    assert [str(p) for p in history.problems(everything)] == []
    assert [str(p) for p in history.register_problems()] == []
    assert [str(p) for p in parcels.problems(everything)] == []
    copy = Dossier.objects.filter(state=State.COMPLETED, code__gt="").order_by("-pk")[0]
    assert {e.data["code"] for e in copy.events.all() if e.name == "accept"} == {copy.code}
    assert Dossier.objects.matching(copy.code).get() == copy
    assert copy in Dossier.objects.matching(copy.owner_name)
    assert copy.applicant is None or copy.applicant.full_name == copy.owner_name


def test_dossiers_move_only_between_days_that_count_alike(catalogue: None) -> None:
    special = set(CalendarDay.objects.values_list("date", flat=True))
    stretches = multiply.quiet_stretches()
    assert stretches
    for rule_set, first, last in stretches:
        assert not any(first <= day <= last for day in special)
        rules = RuleSet.objects.get(pk=rule_set)
        assert rules.valid_from <= first
        assert rules.valid_to is None or last <= rules.valid_to


# ---------- Plans ----------


def test_no_list_of_an_officer_lacks_its_index(w: World) -> None:
    for state in (State.SUBMITTED, State.PROCESSING, State.ON_HOLD, State.DECIDED, State.COMPLETED):
        dossier_at(w, state)
    home = reverse("hoso:home")
    keys = (
        "truc-tuyen-moi",
        "viec-cua-toi",
        "cho-ky",
        "ky-nhan",
        "dang-giai-quyet",
        "qua-han",
        "cho-tra",
        "cho-bo-sung",
    )
    pages: list[tuple[User, str]] = [
        (person, f"{home}?muc={key}")
        for person in (w.desk_officer, w.case_officer, w.approver)
        for key in keys
    ]
    pages += [
        (w.desk_officer, f"{reverse('hoso:search')}?q=nguyen"),
        (w.desk_officer, reverse("hoso:register")),
    ]
    pages += [(w.citizen, reverse("portal:dossiers")), (w.carrier, reverse("buuchinh:home"))]
    for person, path in pages:
        statements = plans.statements_of(path, person)
        assert statements, path
        assert [str(p) for p in plans.whole_reads(path, statements, without_choice=True)] == []


def test_a_statement_without_index_is_found(w: World) -> None:
    dossier_at(w, State.PROCESSING)
    sql, params = Dossier.objects.filter(summary="không có chỉ mục").values("pk").query.sql_with_params()
    found = list(plans.whole_reads("thử", [plans.Statement(sql, params)], without_choice=True))
    assert [problem.table for problem in found] == ["hoso_dossier"]
    assert "đọc toàn bảng hoso_dossier" in str(found[0])


def test_the_counters_are_one_statement(w: World) -> None:
    dossier_at(w, State.PROCESSING)
    counting = plans.counter_of(plans.statements_of(reverse("hoso:home"), w.desk_officer))
    assert counting is not None
    assert "UNION ALL" in counting.sql


# ---------- Load ----------


@pytest.fixture
def served(settings: Any, live_server: Any) -> tuple[str, int]:
    """Address of a server with the bench's stopwatch and bare pages."""
    settings.ROOT_URLCONF = "config.bench.urls"
    return live_server.thread.host, live_server.thread.port


@pytest.fixture
def watched(settings: Any) -> None:
    """The stopwatch, before the server starts."""
    settings.MIDDLEWARE = ["config.bench.timing.ServerTiming", *settings.MIDDLEWARE]


def test_every_request_is_counted_once(watched: None, served: tuple[str, int]) -> None:
    agency = Agency.objects.create(key="A", name="Sở Tư pháp", level="province", kind="so", path="/1/")
    bare = load.pages(*served, {}, ["/bench/bare/"], requests=12, connections=3)
    one = load.pages(*served, {}, [f"/bench/query/{agency.pk}/"], requests=5, connections=1)
    assert (len(bare.seconds), set(bare.queries), set(bare.sizes)) == (12, {0}, {3})
    assert (len(one.seconds), set(one.queries)) == (5, {1})
    assert one.percentile(0.5) <= one.percentile(0.99)


def test_an_error_page_is_no_measurement(served: tuple[str, int]) -> None:
    with pytest.raises(Failed, match="404"):
        load.pages(*served, {}, ["/bench/query/khong/"], requests=3, connections=1)


def test_people_sign_in_as_people_do(served: tuple[str, int], w: World) -> None:
    cookies = load.sign_in(*served, w.desk_officer.username, "Matkhau-123")
    assert len(load.pages(*served, cookies, [reverse("hoso:home")], requests=2, connections=1).seconds) == 2
    with pytest.raises(Failed, match="không đăng nhập được"):
        load.sign_in(*served, w.desk_officer.username, "sai")


def test_a_form_is_sent_as_a_browser_would() -> None:
    page = b"""<form action="/tim/"><input name="q" value="x"></form>
    <form method="post"><input type="hidden" name="csrfmiddlewaretoken" value="t"><input name="seen" value="4">
    <input type="checkbox" name="a" value="1" checked><input type="checkbox" name="b" value="1">
    <input type="radio" name="r" value="x"><input type="radio" name="r" value="y" checked>
    <select name="s"><option value="1">m</option><option value="2" selected>h</option></select>
    <textarea name="note">xin ch\xc3\xa0o</textarea><input type="submit" name="go" value="go"></form>"""
    values = Form(page).values("seen", b="on")
    assert values == [("seen", "4"), ("a", "1"), ("r", "y"), ("s", "2"), ("note", "xin chào"), ("b", "on")]
    with pytest.raises(Failed, match="khac"):
        Form(page).values("khac")
