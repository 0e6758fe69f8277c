"""The bench measures what it says: whole reads are found, failures are no measurements."""

from collections import Counter
from datetime import date, timedelta
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db.models import Q
from django.test import Client
from django.urls import reverse

from config.bench import load, multiply, plans, prepare
from config.bench.contract import COUNTER, PAGE, Limits, Row, table
from config.bench.load import Answer, Failed, Form, Sample
from danhmuc.models import Agency, User
from hoso.lifecycle import ENDED, State
from hoso.lifecycle import OPEN as OPEN_STATES
from hoso.models import Dossier, Handover
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


def test_months_of_the_measured_province_are_like_each_other() -> None:
    """Stories of one month, half of which may move back ten weeks and half only three."""
    first = date(2026, 9, 7)
    stories = [
        (number, first + timedelta(days=number % 28), [-7 * week for week in range(11 if number % 2 else 4)])
        for number in range(400)
    ]
    days = {source: day for source, day, _ in stories}
    allowed = {source: set(moves) for source, _, moves in stories}
    weeks: Counter[int] = Counter()
    for moves, source in multiply.spread_evenly(stories):
        assert set(moves) <= allowed[source]
        for move in moves:
            weeks[(days[source] + timedelta(days=move) - first).days // 7] += 1
    reached = weeks.values()
    assert len(weeks) == 14
    assert max(reached) < 3 * min(reached)


def test_the_bench_database_stands_beside_the_real_one() -> None:
    assert prepare.address("postgresql://postgres@/dichvucong?host=/run/x", "dichvucong_bench") == (
        "postgresql://postgres@/dichvucong_bench?host=/run/x"
    )


def test_a_production_machine_is_not_measured(settings: Any) -> None:
    settings.DEV = False
    with pytest.raises(CommandError, match="DEV"):
        call_command("bench")


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
    waiting = Handover.objects.filter(signed_at=None, recalled_at=None)
    either = Q(pk__in=waiting.filter(to_user=w.approver).values("dossier")) | Q(
        pk__in=waiting.filter(to_agency=w.commune).values("dossier"), desk=w.desk
    )
    for condition in (Q(summary="không có chỉ mục"), either):
        sql, params = Dossier.objects.filter(condition).values("pk").query.sql_with_params()
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
    """Address of a server with the bench's bare pages."""
    settings.ROOT_URLCONF = "config.bench.urls"
    return live_server.thread.host, live_server.thread.port


def test_the_server_says_how_many_statements_a_page_took(settings: Any, db: None) -> None:
    settings.ROOT_URLCONF = "config.bench.urls"
    settings.MIDDLEWARE = ["config.bench.timing.ServerTiming", *settings.MIDDLEWARE]
    agency = Agency.objects.create(key="A", name="Sở Tư pháp", level="province", kind="so", path="/1/")
    bare = Client().get("/bench/bare/").headers["Server-Timing"]
    one = Client().get(f"/bench/query/{agency.pk}/")
    assert load.timing_of(bare)[1:] == (0.0, 0)
    cpu, sql, queries = load.timing_of(one.headers["Server-Timing"])
    assert (queries, cpu > 0, sql > 0) == (1, True, True)
    assert one.content.decode() == "Sở Tư pháp"


def test_production_has_no_stopwatch_and_no_bare_page(client: Client, db: None) -> None:
    answer = client.get("/bench/bare/")
    assert answer.status_code == 404
    assert "Server-Timing" not in answer.headers


def test_every_request_is_counted_once(served: tuple[str, int]) -> None:
    bare = load.pages(*served, {}, ["/bench/bare/"], requests=12, connections=3)
    assert (len(bare.seconds), set(bare.sizes)) == (12, {3})
    assert 0 < bare.percentile(0.5) <= bare.percentile(0.99)


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
