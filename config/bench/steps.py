"""The steps of a dossier under the watch: through the one door in this process, and as forms sent to the server."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection, transaction
from django.urls import reverse
from django.utils import timezone

from config.bench.contract import STEP, Row
from config.bench.load import Answer, Browser, Failed, Form, Sample, series
from config.bench.pages import People
from config.bench.prepare import CannotBench
from config.bench.timing import Counter
from danhmuc.models import ProcedureVersion, User
from hoso.models import AgencyTask, Document, Dossier, State
from hoso.services.case import Case, write
from hoso.services.dossiers import advance, open_draft
from portal.services import drafts, limits

PLAIN_ROUTE = {"transfer", "assign", "work", "review", "approve", "issue"}
_VALUES = (
    "answers", "submitter_name", "submitter_id", "owner_name", "owner_id", "phone", "email", "address", "place_id",
    "papers_by", "return_by",
)  # fmt: skip


@dataclass(frozen=True)
class Work:
    """One dossier of the measurement."""

    pk: int
    ref: str


@dataclass
class Cast:
    """Who takes the steps."""

    citizen: User
    officer: User
    head: User
    worker: User
    approver: User


def cast_of(people: People) -> Cast:
    """The people of the busiest office."""
    names = (people.citizen, people.desk_officer, people.division_head, people.case_officer, people.approver)
    users = {user.username: user for user in User.objects.filter(username__in=names)}
    return Cast(*(users[name] for name in names))


class Line:
    """Makes drafts like one that was filed here before, and carries them through the house."""

    def __init__(self, cast: Cast) -> None:
        self.cast = cast
        self.template, self.documents = self._find_template()

    def _find_template(self) -> tuple[Dossier, list[Document]]:
        """A filed online dossier of the officer's desk, on a version of today, without fees before intake."""
        desk = next(p.desk for p in self.cast.officer.positions_on() if p.desk)
        timings = ProcedureVersion.FeeTiming
        found = (
            Dossier.objects.filter(desk=desk, channel=Dossier.Channel.ONLINE, accepted_at__isnull=False)
            .filter(version__status=ProcedureVersion.Status.PUBLISHED, version__valid_to=None)
            .exclude(version__fee_timing=timings.BEFORE_INTAKE)
            .exclude(papers_by=Dossier.PapersBy.POST)
            .exclude(return_by=Dossier.ReturnBy.POST)
            .select_related("version__procedure__field", "desk", "resolving_agency")
            .order_by("-pk")[:200]
        )
        for dossier in found:
            if not set(dossier.tasks.values_list("kind", flat=True)) <= PLAIN_ROUTE:
                continue
            documents = list(
                dossier.documents.filter(kind=Document.Kind.UPLOAD, replaced_by=None, removed_at=None)
            )
            if drafts.ways_open(dossier):
                dossier.papers_by = Dossier.PapersBy.COUNTER
            if not drafts.problems(dossier, {d.component_id for d in documents}):
                return dossier, documents
        raise CannotBench("Không có hồ sơ nào làm mẫu cho phép đo các bước: hãy đo với nhiều hồ sơ hơn.")

    def drafts(self, number: int) -> list[Work]:
        """That many complete drafts of the citizen."""
        made = []
        for _ in range(number):
            case = open_draft(
                self.template.version, by=self.cast.citizen, desk=self.template.desk,
                agency=self.template.resolving_agency, **{name: getattr(self.template, name) for name in _VALUES},
            )  # fmt: skip
            for document in self.documents:
                row = Document.objects.get(pk=document.pk)
                row.pk, row.dossier, row.added_by, row.added_at = (
                    None,
                    case.dossier,
                    self.cast.citizen,
                    timezone.now(),
                )
                row._state.adding = True
                case.add(row)
            made.append(case)
        with transaction.atomic():
            write(made)
        return [Work(case.dossier.pk, case.dossier.submission_ref) for case in made]

    def submit(self, work: Work) -> None:
        """T02."""
        advance(work.pk, "submit", by=self._fresh(self.cast.citizen))

    def accept(self, work: Work) -> None:
        """T03."""
        advance(work.pk, "accept", by=self._fresh(self.cast.officer), eid_checked=True)

    def hand_over(self, work: Work) -> None:
        """T11, what officers call transfer."""
        advance(work.pk, "hand_over", by=self._fresh(self.cast.officer))

    def decide(self, work: Work) -> None:
        """T20."""
        advance(
            work.pk,
            "decide",
            by=self._fresh(self.cast.approver),
            outcome="granted",
            title="Kết quả",
            body="Đồng ý.",
        )

    def bring_to_signature(self, work: Work) -> None:
        """Everything between the desk and the approver."""
        cast = self.cast
        advance(work.pk, "sign_for", by=cast.head)
        advance(work.pk, "assign", by=cast.head, assignee=cast.worker)
        while task := self._next_task(work):
            by = (
                cast.approver
                if task.role == "approver"
                else cast.head
                if task.role == "division_head"
                else cast.worker
            )
            advance(
                work.pk,
                "finish_task",
                by=by,
                task=task.seq,
                result="Đủ điều kiện",
                proposed_outcome="granted",
            )

    def _next_task(self, work: Work) -> AgencyTask | None:
        case = Case(Dossier.objects.get(pk=work.pk))
        return next((t for t in case.open_tasks if t.kind in {"work", "review"}), None)

    def _fresh(self, user: User) -> User:
        """As a request has them: nothing remembered."""
        return User.objects.get(pk=user.pk)


def timed(step: Callable[[Work], None], works: Sequence[Work]) -> Sample:
    """Take a step on each, one after the other."""
    sample, began = Sample(), time.perf_counter()
    for work in works:
        counter, start, worked = Counter(), time.perf_counter(), time.thread_time()
        with connection.execute_wrapper(counter):
            step(work)
        seconds = time.perf_counter() - start
        cpu = (time.thread_time() - worked) * 1000
        sample.add(Answer(200, b"", "", seconds, cpu, counter.queries, counter.seconds * 1000))
    sample.elapsed = time.perf_counter() - began
    return sample


def in_process(line: Line, number: int) -> list[Row]:
    """Submit, accept, hand over and decide through `advance()`."""
    works = line.drafts(number)
    rows = []
    for name, step in (
        ("nộp", line.submit),
        ("tiếp nhận", line.accept),
        ("chuyển", line.hand_over),
        ("", line.bring_to_signature),
        ("ký kết quả", line.decide),
    ):
        sample = timed(step, works)
        if name:
            rows.append(Row(f"advance(): {name}", sample, STEP))
    return rows


def over_http(
    line: Line,
    number: int,
    *,
    host: str,
    port: int,
    sessions: dict[str, dict[str, str]],
    people: People,
    connections: int,
) -> list[Row]:
    """The same steps as a browser sends them; the form is fetched first and not counted."""
    works = line.drafts(number)

    def post(username: str, address: Callable[[Work], str], marker: str, **values: str) -> Sample:
        browsers = [Browser(host, port, sessions[username]) for _ in range(connections)]

        def sender(browser: Browser) -> Callable[[int], Answer]:
            def ask(place: int) -> Answer:
                path = address(works[place])
                page = browser.get(path)
                if page.status != 200:
                    raise Failed(f"{path}: {page.status} {page.location}")
                answer = browser.post(path, Form(page.body).values(marker, **values))
                if answer.status != 302:
                    raise Failed(f"{path}: {answer.status}")
                return answer

            return ask

        try:
            return series([sender(browser) for browser in browsers], requests=number, warm_up=0)
        finally:
            for browser in browsers:
                browser.close()

    def step(name: str) -> Callable[[Work], str]:
        return lambda work: reverse(f"hoso:{name}", args=[work.ref])

    def check(work: Work) -> str:
        return reverse("portal:check", kwargs={"ref": work.ref})

    rows = [
        Row("gửi biểu mẫu: nộp", post(people.citizen, check, "seen", declared="on"), STEP, connections),
        Row(
            "gửi biểu mẫu: tiếp nhận",
            post(people.desk_officer, step("accept"), "seen", eid_checked="on"),
            STEP,
            connections,
        ),
        Row("gửi biểu mẫu: chuyển", post(people.desk_officer, step("hand_over"), "seen"), STEP, connections),
    ]
    for work in works:
        line.bring_to_signature(work)
    decided = post(
        people.approver, step("decide"), "seen", outcome="granted", title="Kết quả", body="Đồng ý."
    )
    rows.append(Row("gửi biểu mẫu: ký kết quả", decided, STEP, connections))
    states = set(Dossier.objects.filter(pk__in=[w.pk for w in works]).values_list("state", flat=True))
    if states != {State.DECIDED}:
        raise Failed(f"sau các bước hồ sơ ở {states}")
    return rows


def lookups(host: str, port: int, numbers: Sequence[tuple[str, str]], *, requests: int) -> Sample:
    """The public look-up, which counts its askers: the count is forgotten so that speed is measured, not the bound."""
    browser = Browser(host, port)

    def ask(number: int) -> Answer:
        code, digits = numbers[number % len(numbers)]
        limits.forget(f"tra-cuu:ip:{host}")
        answer = browser.post(reverse("portal:lookup"), [("ma", code), ("so", digits)])
        if answer.status != 200:
            raise Failed(f"tra cứu {code}: {answer.status}")
        return answer

    try:
        return series([ask], requests=requests)
    finally:
        browser.close()


def statement_times(sql: str, params: Any, *, requests: int) -> Sample:
    """One statement many times over."""
    sample, began = Sample(), time.perf_counter()
    for _ in range(requests):
        start = time.perf_counter()
        with connection.cursor() as cursor:
            cursor.execute(sql, params)
            cursor.fetchall()
        seconds = time.perf_counter() - start
        sample.add(Answer(200, b"", "", seconds, queries=1, sql_ms=seconds * 1000))
    sample.elapsed = time.perf_counter() - began
    return sample
