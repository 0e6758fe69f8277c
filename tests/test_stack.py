"""The embedded services and the launcher: real processes, real ports, real folders."""

import os
import pwd
import re
import signal
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import psycopg
import pytest

from config.celery import app
from config.stack import paths
from config.stack.postgres import account
from tests.conftest import wait_until

PROJECT = paths.PROJECT_DIR
OURS = (
    "DATABASE_URL", "REDIS_URL", "VAR_DIR", "DJANGO_SETTINGS_MODULE", "STACK_TEST_DIR", "SECRET_KEY", "DEV", "ENV_FILE",
    "DEPLOYMENT_MODE", "STATEMENT_TIMEOUT_MS", "PYTEST_XDIST_WORKER", "SCREENSHOT_DIR", "DJANGO_ALLOW_ASYNC_UNSAFE",
)  # fmt: skip


def environment(var: Path, **more: str) -> dict[str, str]:
    """What a person's shell would hold: nothing of this test run."""
    return {
        **{name: value for name, value in os.environ.items() if name not in OURS},
        "VAR_DIR": str(var),
        **more,
    }


def stack(var: Path, *words: str, **more: str) -> subprocess.CompletedProcess[str]:
    """Run one command of the stack to its end."""
    command = [sys.executable, "-m", "config.stack", *words]
    return subprocess.run(
        command,
        cwd=PROJECT,
        env=environment(var, **more),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def refused(done: subprocess.CompletedProcess[str]) -> str:
    """The one sentence a refused command leaves: no traceback, a code other than 0."""
    assert done.returncode != 0, done.stdout
    assert "Traceback" not in done.stderr
    lines = [line for line in done.stderr.splitlines() if line.strip()]
    assert len(lines) == 1, done.stderr
    assert re.search(r"hãy ", lines[0]), "câu báo lỗi phải nói cần làm gì"
    return lines[0]


@contextmanager
def running(var: Path, *words: str, until: str, **more: str) -> Iterator[subprocess.Popen[str]]:
    """A launcher in the background, from the moment its output holds `until`."""
    output = var.with_name(f"{var.name}.out")
    with output.open("w") as file:
        process = subprocess.Popen(
            [sys.executable, "-m", "config.stack", *words],
            cwd=PROJECT,
            env=environment(var, **more),
            stdout=file,
            stderr=file,
            text=True,
        )
    try:
        wait_until(lambda: until in output.read_text() or process.poll() is not None, 180, until)
        assert process.poll() is None, output.read_text()
        yield process
    finally:
        if process.poll() is None:
            process.terminate()
            process.wait(60)


def processes_of(var: Path) -> list[psutil.Process]:
    """Every living process that has this folder in its command line or its environment's VAR_DIR."""
    found = []
    for process in psutil.process_iter():
        try:
            if str(var) in " ".join(process.cmdline()) or process.environ().get("VAR_DIR") == str(var):
                found.append(process)
        except (psutil.NoSuchProcess, psutil.AccessDenied, psutil.ZombieProcess):
            continue
    return found


@pytest.fixture
def var(tmp_path: Path) -> Path:
    return tmp_path / "var"


@pytest.fixture
def ready(var: Path) -> Path:
    """A folder where the services have run once."""
    done = stack(var, "exec", "true")
    assert done.returncode == 0, done.stderr
    return var


@pytest.fixture
def taken() -> Iterator[int]:
    """A port that another program listens on."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


def test_services_come_and_go_and_keep_their_data(var: Path) -> None:
    write = "import os, psycopg; psycopg.connect(os.environ['DATABASE_URL'], autocommit=True).execute('{}')"
    assert stack(var, "exec", "python", "-c", write.format("CREATE TABLE kept (n int)")).returncode == 0
    assert not processes_of(var)
    assert stack(var, "exec", "python", "-c", write.format("INSERT INTO kept VALUES (1)")).returncode == 0


def test_the_exit_code_of_a_command_is_passed_on(ready: Path) -> None:
    assert stack(ready, "exec", "python", "-c", "raise SystemExit(7)").returncode == 7


def test_database_speaks_unicode_and_version_18(ready: Path) -> None:
    ask = "import os, psycopg; print(*psycopg.connect(os.environ['DATABASE_URL']).execute({!r}).fetchone())"
    query = "SELECT current_setting('server_version_num')::int / 10000, lower('ĐƯỜNG ẤP')"
    assert stack(ready, "exec", "python", "-c", ask.format(query)).stdout.split(maxsplit=1) == [
        "18",
        "đường ấp\n",
    ]


def test_a_long_path_gets_a_short_socket(tmp_path: Path) -> None:
    var = tmp_path / ("thu-muc-rat-dai-" * 8)
    assert len(str(var)) > 108
    assert stack(var, "exec", "true").returncode == 0


def test_only_we_may_reach_the_sockets_and_secrets(ready: Path) -> None:
    for folder in (ready / "run", ready / "postgres", ready / "secrets"):
        assert folder.stat().st_mode & 0o077 == 0, folder


def test_ports_are_opened_only_when_asked_for_and_ask_for_a_password(var: Path) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with running(var, "services", until="REDIS_URL=", POSTGRES_PORT=str(port)):
        password = paths.secret("postgres_password", var)
        with psycopg.connect(f"postgresql://postgres:{password}@127.0.0.1:{port}/dichvucong") as connection:
            assert connection.execute("SELECT 1").fetchone() == (1,)
        with pytest.raises(psycopg.OperationalError, match="password"):
            psycopg.connect(f"postgresql://postgres:sai@127.0.0.1:{port}/dichvucong")


@pytest.mark.parametrize("setting", ["POSTGRES_PORT", "REDIS_PORT", "WEB_PORT"])
def test_a_busy_port_is_named_with_its_setting(var: Path, taken: int, setting: str) -> None:
    command = ["run"] if setting == "WEB_PORT" else ["exec", "true"]
    sentence = refused(stack(var, *command, **{setting: str(taken)}))
    assert f"Cổng {taken} đang có chương trình khác dùng" in sentence
    assert setting in sentence
    assert not processes_of(var)


def test_a_port_must_be_a_number(var: Path) -> None:
    assert "POSTGRES_PORT=abc" in refused(stack(var, "exec", "true", POSTGRES_PORT="abc"))


def test_a_full_disk_is_told_before_anything_is_written(var: Path) -> None:
    sentence = refused(stack(var, "exec", "true", MIN_FREE_MB=str(10**9)))
    assert "giải phóng dung lượng" in sentence
    assert not (var / "postgres").exists()


def test_a_folder_that_cannot_be_made(tmp_path: Path) -> None:
    in_the_way = tmp_path / "tep"
    in_the_way.write_text("một tệp, không phải thư mục")
    assert "đặt VAR_DIR" in refused(stack(in_the_way / "var", "exec", "true"))


def test_a_data_folder_without_its_version_is_broken(ready: Path) -> None:
    (ready / "postgres" / "PG_VERSION").unlink()
    assert "bị hỏng" in refused(stack(ready, "exec", "true"))
    assert (ready / "postgres").exists(), "dữ liệu hỏng vẫn phải được giữ nguyên"


def test_a_data_folder_with_a_damaged_heart_is_broken(ready: Path) -> None:
    control = ready / "postgres" / "global" / "pg_control"
    control.write_bytes(b"\0" * control.stat().st_size)
    assert "bị hỏng" in refused(stack(ready, "exec", "true"))
    assert not processes_of(ready)


def test_a_data_folder_of_another_version(ready: Path) -> None:
    (ready / "postgres" / "PG_VERSION").write_text("16\n")
    sentence = refused(stack(ready, "exec", "true"))
    assert "PostgreSQL 16" in sentence
    assert "PostgreSQL 18" in sentence


def test_a_data_folder_of_another_account(tmp_path: Path) -> None:
    # Root gives the folder away; anybody else is shown a folder that root owns.
    var = tmp_path / "var"
    var.mkdir()
    if os.geteuid() == 0:
        (var / "postgres").mkdir()
        stranger = next(entry for entry in pwd.getpwall() if entry.pw_uid not in {0, account().uid})
        os.chown(var / "postgres", stranger.pw_uid, stranger.pw_gid)
        owner = stranger.pw_name
    else:
        (var / "postgres").symlink_to("/")
        owner = "root"
    assert f"thuộc tài khoản {owner}" in refused(stack(var, "exec", "true"))


def test_a_second_copy_on_the_same_folder_is_told_about_the_first(var: Path) -> None:
    with running(var, "services", until="REDIS_URL=") as first:
        sentence = refused(stack(var, "services"))
        assert "Một bản khác đang chạy" in sentence
        assert str(first.pid) in sentence
        assert stack(var, "exec", "true").returncode == 0, "lệnh quản trị vẫn chạy bên cạnh"
        assert "dừng lại trước khi xóa" in refused(stack(var, "clean"))
    assert not processes_of(var)


def test_what_a_killed_launcher_leaves_is_cleared_by_the_next(var: Path) -> None:
    with running(var, "services", until="REDIS_URL=") as first:
        first.kill()
        first.wait()
        orphans = processes_of(var)
        assert orphans
        with running(var, "services", until="REDIS_URL=") as second:
            assert "còn sót" in var.with_name("var.out").read_text()
            assert second.poll() is None
            assert not [orphan for orphan in orphans if orphan.is_running()]
    assert not processes_of(var)


def test_a_missing_library_is_named_with_the_command_to_type(tmp_path: Path) -> None:
    (tmp_path / "libpango-1.0.so.0").write_text("không phải thư viện")
    done = subprocess.run(
        [sys.executable, "config/stack/setup.py", "--check"],
        cwd=PROJECT,
        env={**environment(tmp_path), "LD_LIBRARY_PATH": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert "apt-get install -y libpango-1.0-0" in refused(done)


def test_clean_asks_first(ready: Path) -> None:
    command = [sys.executable, "-m", "config.stack", "clean"]
    for answer, kept in (("không\n", True), ("XOA\n", False)):
        subprocess.run(command, cwd=PROJECT, env=environment(ready), input=answer, text=True, check=False)
        assert (ready / "postgres").exists() is kept


def test_worker_answers_through_the_real_broker(worker: Path) -> None:
    answers = app.control.ping(timeout=5)
    assert [list(answer.values()) for answer in answers] == [[{"ok": "pong"}]]


@pytest.mark.parametrize("broker", ["refuses", "hangs"])
def test_a_dead_broker_neither_fails_nor_holds_a_request(broker: str, taken: int, tmp_path: Path) -> None:
    port = taken if broker == "hangs" else 1
    publish = (
        "import django; django.setup()\n"
        "from config.celery import app\n"
        "def work(): pass\n"
        "task = app.task(work, name='thu')\n"
        "task.delay()"
    )
    done = subprocess.run(
        [sys.executable, "-c", publish],
        cwd=PROJECT,
        env=environment(
            tmp_path,
            DEV="1",
            REDIS_URL=f"redis://127.0.0.1:{port}/0",
            DJANGO_SETTINGS_MODULE="config.settings",
        ),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "Hàng đợi không nhận việc thu" in done.stderr


def test_run_serves_survives_a_dead_child_and_stops_cleanly(var: Path) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    more = {"WEB_PORT": str(port), "DEMO_DOSSIERS": "20"}
    output = var.with_name("var.out")
    with running(var, "run", until="Hệ thống đã sẵn sàng", **more) as launcher:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/suc-khoe/") as answer:
            assert answer.read() == b"tot"
        worker = next(
            child for child in psutil.Process(launcher.pid).children() if "worker" in child.cmdline()
        )
        worker.kill()
        wait_until(lambda: "Khởi động lại worker" in output.read_text(), 20, "worker chạy lại")
        assert "worker đã tự dừng" in output.read_text()
        assert f"http://127.0.0.1:{port}/" in refused(stack(var, "run", **more))
    assert launcher.returncode == 0, output.read_text()
    assert not processes_of(var)
    with running(var, "run", until="Hệ thống đã sẵn sàng", **more):
        assert "giả định để trình diễn" not in output.read_text(), "lần hai giữ nguyên dữ liệu"


def test_the_database_going_away_ends_the_run_with_a_sentence(var: Path) -> None:
    with running(var, "services", until="REDIS_URL=") as launcher:
        postgres = next(
            child for child in psutil.Process(launcher.pid).children() if child.name() == "postgres"
        )
        postgres.send_signal(signal.SIGQUIT)
        assert launcher.wait(30) != 0
    assert "PostgreSQL đã tự dừng" in var.with_name("var.out").read_text()
