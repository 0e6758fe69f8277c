"""A web process or a worker killed in the middle: nothing is lost and nothing is half-done."""

import http.client
import os
import re
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.conf import settings
from django.db import connection, connections
from django.test import Client
from django.utils import timezone

from hoso.models import Dossier, Notice
from hoso.services import delivery, history
from hoso.tasks import deliver_notices
from tests.conftest import running_worker, wait_until
from tests.factories import World, draft, walk, world
from tests.outside import Server


def database_address() -> str:
    """The address of this test's own database, for another process."""
    name = connection.settings_dict["NAME"]
    return re.sub(r"/[^/?]*\?", f"/{name}?", os.environ["DATABASE_URL"])


@pytest.fixture
def committed(transactional_db: None) -> World:
    """A province whose rows other processes can see."""
    return world()


@pytest.fixture
def web(committed: World, tmp_path: Path) -> Iterator[tuple[subprocess.Popen[bytes], int]]:
    """A real web server with one worker process; its process and its port."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    log = tmp_path / "web.log"
    command = [sys.executable, "-m", "gunicorn", "config.wsgi:application", "--bind", f"127.0.0.1:{port}"]
    command += ["--workers", "1", "--threads", "2", "--graceful-timeout", "1"]
    with log.open("wb") as output:
        process = subprocess.Popen(
            command, stdout=output, stderr=output, env={**os.environ, "DATABASE_URL": database_address()}
        )
    try:
        wait_until(lambda: answers(port) or process.poll() is not None, 40, "máy chủ web")
        assert process.poll() is None, log.read_text()
        yield process, port
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(20)


def answers(port: int) -> bool:
    """Whether something serves there."""
    with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=5)) as asked:
        try:
            asked.request("GET", "/suc-khoe/")
            return asked.getresponse().status == 200
        except (OSError, http.client.HTTPException):
            return False


def post(port: int, path: str, client: Client, fields: str) -> int | str:
    """One POST with the session of a signed-in client; the status, or how the connection ended."""
    token = "a" * 32
    cookies = f"{settings.SESSION_COOKIE_NAME}={client.cookies[settings.SESSION_COOKIE_NAME].value}"
    headers = {
        "Cookie": f"{cookies}; {settings.CSRF_COOKIE_NAME}={token}",
        "Content-Type": "application/x-www-form-urlencoded",
        "Referer": f"http://127.0.0.1:{port}{path}",
    }
    with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=30)) as asked:
        try:
            asked.request("POST", path, f"csrfmiddlewaretoken={token}&{fields}", headers)
            return asked.getresponse().status
        except (OSError, http.client.HTTPException) as error:
            return type(error).__name__


def children(pid: int) -> list[int]:
    """The worker processes of a server."""
    found = subprocess.run(
        ["ps", "-o", "pid=", "--ppid", str(pid)], capture_output=True, text=True, check=False
    )
    return [int(word) for word in found.stdout.split()]


def test_a_web_process_killed_in_mid_submission(
    committed: World, web: tuple[subprocess.Popen[bytes], int]
) -> None:
    w, (server, port) = committed, web
    dossier = draft(w, papers_by="counter")
    client = Client()
    client.force_login(w.citizen)
    path = f"/nop-ho-so/{dossier.submission_ref}/kiem-tra/"
    fields = f"seen={dossier.last_seq}&declared=on"
    outcome: list[int | str] = []
    # Another connection holds the dossier's row, so that the submission stands still inside its transaction.
    with psycopg.connect(conninfo_of_test()) as holder:
        holder.execute("SELECT 1 FROM hoso_dossier WHERE id = %s FOR UPDATE", [dossier.pk])
        sender = threading.Thread(target=lambda: outcome.append(post(port, path, client, fields)))
        sender.start()
        wait_until(lambda: someone_waits_for_the_row(), 20, "yêu cầu nộp đang chờ khóa")
        for pid in children(server.pid):
            os.kill(pid, signal.SIGKILL)
        sender.join(30)
        assert outcome
        assert outcome[0] != 302
        holder.rollback()
    wait_until(lambda: answers(port), 30, "máy chủ tự dựng lại")
    wait_until(lambda: not someone_waits_for_the_row(), 20, "giao dịch của tiến trình đã chết được hủy")
    stored = Dossier.objects.get(pk=dossier.pk)
    assert (stored.state, stored.last_seq, stored.events.count(), stored.papers.count()) == ("draft", 1, 1, 0)
    assert stored.answers
    assert stored.documents.count() == 1
    assert post(port, path, client, fields) == 302
    stored.refresh_from_db()
    assert stored.state == "submitted"
    assert list(history.problems(Dossier.objects.all())) == []


def conninfo_of_test() -> str:
    """Connection parameters for plain psycopg."""
    params = connection.get_connection_params()
    wanted = {k: v for k, v in params.items() if k in {"dbname", "user", "password", "host", "port"} and v}
    return psycopg.conninfo.make_conninfo(**wanted)


def someone_waits_for_the_row() -> bool:
    """Whether a backend of this database stands in line for a row lock."""
    with connections["default"].cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
        )
        return bool(cursor.fetchone()[0])


@pytest.mark.parametrize("whole", [True, False], ids=["the whole worker", "the sending process alone"])
def test_a_worker_killed_in_mid_send_loses_no_message(
    committed: World,
    tmp_path: Path,
    settings: Any,
    at: Callable[[str], datetime],
    whole: bool,
) -> None:
    """The gateway has received the first message and not yet answered when the kill comes: nobody knows whether it was
    sent. It is sent again once the claim has run out, under the same reference, and the others once.
    """
    for phone in ("+84912000001", "+84912000002", "+84912000003"):
        walk(committed, draft(committed, phone=phone), "submit")
    messages = Notice.objects.filter(channel=Notice.Channel.SMS)
    assert messages.count() == 3
    with Server() as gateway:
        gateway.held = threading.Event()
        with running_worker(
            tmp_path / "worker.log", "--concurrency=1", SMS_GATEWAY_URL=gateway.url
        ) as worker:
            deliver_notices.delay()
            assert gateway.reached.wait(30)
            if whole:
                os.killpg(worker.pid, signal.SIGKILL)
                worker.wait(30)
            else:
                (sender,) = children(worker.pid)
                os.kill(sender, signal.SIGKILL)
                wait_until(lambda: children(worker.pid) not in ([sender], []), 30, "tiến trình gửi mới")
            gateway.held.set()
            gateway.held = None
            assert references(gateway) == [messages.order_by("due_at", "pk")[0].key]
            assert set(messages.values_list("state", "attempts", "sent_at")) == {("queued", 1, None)}

            settings.SMS_GATEWAY_URL = gateway.url
            deliver_notices()
            assert len(gateway.received) == 1, "lượt nhận trước còn hiệu lực, chưa ai được gửi thay"

        at(f"{timezone.localtime() + delivery.LEASE + timedelta(seconds=1):%Y-%m-%d %H:%M:%S}")
        deliver_notices()
        first, *others = messages.order_by("pk").values_list("key", flat=True)
        assert sorted(references(gateway)) == sorted([first, first, *others])
        deliver_notices()
        assert len(gateway.received) == 4
    assert set(messages.values_list("state", "attempts", "provider_id")) == {("sent", 2, "ok")}
    assert not Notice.objects.filter(state__in=["queued", "failed"]).exclude(channel="phone_call").exists()


def references(gateway: Server) -> list[str]:
    """Our reference of each message the gateway has received."""
    return [body["reference"] for _, body in gateway.received]
