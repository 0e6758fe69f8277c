"""The whole measurement: prepare, serve, fetch, step, sign in, print."""

import json
import os
import platform
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import psutil
from django.db import connection
from django.utils import timezone
from kombu.exceptions import OperationalError

from config.bench import contract, load, multiply, plans, steps
from config.bench.contract import Row, table
from config.bench.pages import Page, pages, people
from config.bench.prepare import CannotBench, collect_static, prepare
from config.bench.server import Server
from config.celery import app
from config.demo.cast import PASSWORD
from danhmuc.models import Agency, User
from hoso.models import Dossier, Event

Say = Callable[[str], None]
SIGN_INS = "người đăng nhập cùng lúc"
LISTS_FROM = 5000  # below that many dossiers PostgreSQL is right to read a whole table


@dataclass(frozen=True)
class Plan:
    """What to measure."""

    dossiers: int
    stories: int
    requests: int
    connections: list[int]
    sign_ins: int
    sign_in_connections: int
    workers: int
    only: str = ""


class Bench:
    """One run. `rows` are the measurements, `facts` the machine and the data."""

    def __init__(self, plan: Plan, say: Say) -> None:
        self.plan = plan
        self.say = say
        self.rows: list[Row] = []
        self.facts: dict[str, Any] = {"load_before": [round(n, 2) for n in psutil.getloadavg()]}
        self.people = people()

    def run(self) -> None:
        """Everything. Raises load.Failed when a page does not answer, CannotBench when nothing can be measured."""
        collect_static()
        with Server(workers=self.plan.workers) as server:
            self._bare(server)
            sessions = {
                name: load.sign_in(server.host, server.port, name, PASSWORD)
                for name in self.people.everybody()
            }
            for page in self._chosen():
                for number in self.plan.connections:
                    self._page(server, page, sessions, number)
            if not self.plan.only:
                self._counter()
                self._lookups(server)
                self._steps(server, sessions)
            if self.plan.only in SIGN_INS:
                self._sign_ins(server)
            self.facts["peak_memory_mb"] = [round(size / 1024**2) for size in server.peak_memory()]
        _forget_nudges()
        self._describe()

    def grow(self) -> float:
        """The inbox at a tenth and at the whole; the worst factor of its p95 between the two."""
        small = self.plan.dossiers // 10
        prepare(dossiers=small, stories=self.plan.stories, say=self.say)
        before = self._inbox()
        prepare(dossiers=self.plan.dossiers, stories=self.plan.stories, say=self.say)
        after = self._inbox()
        self.say(f"Hộp việc khi hồ sơ tăng từ {small:,} lên {self.plan.dossiers:,}:".replace(",", "."))
        worst = 0.0
        for name, slow in after.items():
            factor = slow / before[name]
            worst = max(worst, factor)
            verdict = "đạt" if factor <= contract.GROWTH else "CHƯA ĐẠT"
            if small < contract.GROWTH_FROM:
                verdict = "dưới 100.000 hồ sơ việc đang mở còn tăng theo, cam kết chưa áp dụng"
            self.say(
                f"  {name}: p95 {before[name]:.1f} → {slow:.1f} ms, {factor:.2f} lần (cam kết {contract.GROWTH}): {verdict}"
            )
        self.facts["growth"] = {"from": small, "to": self.plan.dossiers, "worst_factor": round(worst, 2)}
        return worst

    def explain(self) -> int:
        """Print the plan of each list's slowest statements; how many read a whole table of history."""
        found = 0
        for page in self._chosen():
            user = User.objects.get(username=page.person) if page.person else None
            statements = plans.statements_of(page.paths[0], user)
            self.say(f"── {page.name}: {page.paths[0]}, {len(statements)} câu lệnh trên dữ liệu hồ sơ")
            for statement in statements:
                self.say("   " + statement.sql[:160])
                for line in plans.text_of(statement):
                    self.say("      " + line)
            for problem in plans.whole_reads(
                page.name, statements, without_choice=Dossier.objects.count() < LISTS_FROM
            ):
                found += page.is_list
                self.say(f"{'✗' if page.is_list else '·'} {problem}")
        return found

    def report(self) -> list[str]:
        """The result as text."""
        bare = next((row for row in self.rows if row.name == BARE), None)
        lines = [f"{key}: {value}" for key, value in self.facts.items()]
        return [*lines, "", *table(self.rows, bare.measured[0] if bare else 0.0)]

    def save(self, file: Path) -> None:
        """The result as JSON."""
        bare = next((row for row in self.rows if row.name == BARE), None)
        found = {
            "facts": self.facts,
            "plan": asdict(self.plan),
            "rows": [row.facts(bare.measured[0] if bare else 0.0) for row in self.rows],
        }
        file.write_text(json.dumps(found, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")

    # -- Parts ---------------------------------------------------------------------------------------------------

    def _chosen(self) -> list[Page]:
        return [page for page in pages(self.people) if self.plan.only in page.name]

    def _add(self, row: Row) -> Row:
        self.rows.append(row)
        p50, p95, p99 = row.measured
        self.say(
            f"  {row.name} ({row.connections} kết nối): {p50:.1f} / {p95:.1f} / {p99:.1f} ms {row.verdict}"
        )
        return row

    def _bare(self, server: Server) -> None:
        (agency,) = Agency.objects.order_by("pk").values_list("pk", flat=True)[:1]
        for number in self.plan.connections:
            for name, path in (
                (BARE, "/bench/bare/"),
                ("trang một câu lệnh theo khóa", f"/bench/query/{agency}/"),
            ):
                sample = load.pages(
                    server.host, server.port, {}, [path], requests=self.plan.requests, connections=number
                )
                self._add(Row(name, sample, connections=number))
        statement = "SELECT name FROM danhmuc_agency WHERE id = %s"
        self._add(
            Row("câu lệnh theo khóa", steps.statement_times(statement, [agency], requests=self.plan.requests))
        )

    def _page(self, server: Server, page: Page, sessions: dict[str, dict[str, str]], number: int) -> None:
        cookies = sessions[page.person] if page.person else {}
        sample = load.pages(
            server.host, server.port, cookies, page.paths, requests=self.plan.requests, connections=number
        )
        # The contract is for one person's page; with more at once the two cores are shared.
        self._add(Row(page.name, sample, page.limits if number == 1 else contract.NOTHING, number))

    def _counter(self) -> None:
        for name, username in (("Một cửa", self.people.desk_officer), ("thụ lý", self.people.case_officer)):
            counting = plans.counter_of(plans.statements_of("/mot-cua/", User.objects.get(username=username)))
            if counting is None:
                raise CannotBench("Không tìm thấy câu lệnh đếm của hộp việc.")
            sample = steps.statement_times(counting.sql, counting.params, requests=self.plan.requests)
            self._add(Row(f"mọi số đếm của {name}", sample, contract.COUNTER))

    def _lookups(self, server: Server) -> None:
        known = (
            Dossier.objects.exclude(code="")
            .exclude(owner_id="")
            .order_by("-pk")
            .values_list("code", "owner_id")[:50]
        )
        numbers = [(code, owner[-4:]) for code, owner in known]
        sample = steps.lookups(server.host, server.port, numbers, requests=self.plan.requests)
        self._add(Row("tra cứu công khai", sample, contract.PAGE))

    def _steps(self, server: Server, sessions: dict[str, dict[str, str]]) -> None:
        line = steps.Line(steps.cast_of(self.people))
        number = max(10, self.plan.requests // 2)
        for row in steps.in_process(line, number):
            self._add(row)
        for connections in self.plan.connections:
            found = steps.over_http(
                line, number, host=server.host, port=server.port, sessions=sessions, people=self.people,
                connections=connections,
            )  # fmt: skip
            for row in found:
                self._add(row if connections == 1 else Row(row.name, row.sample, connections=connections))

    def _sign_ins(self, server: Server) -> None:
        if not self.plan.sign_ins:
            return
        names = list(
            User.objects.filter(username__startswith="congdan")
            .order_by("pk")
            .values_list("username", flat=True)[: self.plan.sign_ins]
        )
        sample = load.many_sign_ins(
            server.host, server.port, names, PASSWORD, connections=self.plan.sign_in_connections
        )
        self._add(Row(f"{len(names)} {SIGN_INS}", sample, connections=self.plan.sign_in_connections))
        self.facts["sign_ins"] = f"{len(names)} lượt, không lượt nào bị từ chối, {sample.elapsed:.1f} giây"

    def _inbox(self) -> dict[str, float]:
        """p95 of the inbox pages, one connection."""
        collect_static()
        found = {}
        with Server(workers=self.plan.workers) as server:
            for page in pages(self.people):
                if page.measures_growth and page.person:
                    cookies = load.sign_in(server.host, server.port, page.person, PASSWORD)
                    sample = load.pages(
                        server.host,
                        server.port,
                        cookies,
                        page.paths,
                        requests=self.plan.requests,
                        connections=1,
                    )
                    found[page.name] = sample.percentile(0.95)
        return found

    def _describe(self) -> None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT current_setting('server_version'), pg_database_size(current_database())")
            version, size = cursor.fetchone()
        there = multiply.size()
        self.facts = {
            "measured_at": timezone.localtime().isoformat(timespec="minutes"),
            "cores": os.cpu_count(),
            "memory_gb": round(psutil.virtual_memory().total / 1024**3, 1),
            "python": platform.python_version(),
            "postgresql": version,
            "database_gb": round(size / 1024**3, 2),
            "dossiers": there.dossiers,
            "open_dossiers": there.open,
            "events": Event.objects.count(),
            "web_workers": f"{self.plan.workers} × 4 luồng",
            **self.facts,
        }


def _forget_nudges() -> None:
    """The steps called a worker that nobody runs here; their calls must not stay in the broker."""
    with suppress(OperationalError, OSError):
        app.control.purge()


BARE = "trang trống"
