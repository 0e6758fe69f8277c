"""`make run`: services, data, web server, worker and beat on this machine, until Ctrl-C."""

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Mapping
from pathlib import Path

from config.stack import paths
from config.stack.errors import StackError, busy_port, service_ended
from config.stack.processes import Child
from config.stack.services import Services, port_from

WEB_PORT = 8000
READY_SECONDS = 60
WORKER_STATEMENT_TIMEOUT_MS = "300000"


def run(environment: Mapping[str, str]) -> int:
    """Start everything and watch over it; 0 after Ctrl-C, StackError when it cannot go on."""
    host = os.environ.get("WEB_HOST") or "127.0.0.1"
    port = port_from("WEB_PORT") or WEB_PORT
    address = f"http://{'127.0.0.1' if host == '0.0.0.0' else host}:{port}/"
    with Services(say=_say) as services:
        _check_port(host, port)
        services.note(address=address)
        services.start()
        env = {"PUBLIC_BASE_URL": address, **environment, **services.environment}
        _prepare(env)
        children = _children(env, services.var, host, port)
        try:
            for child in children:
                _say(f"Khởi động {child.name} …")
                child.start(services.memory)
            _wait_until_ready(children[0], address)
            _welcome(services.var, address)
            _watch(services, children)
        except KeyboardInterrupt:
            _say("Đang dừng …")
        finally:
            # A second Ctrl-C must not leave half of it running.
            for name in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
                signal.signal(name, signal.SIG_IGN)
            for child in reversed(children):
                child.ask_to_stop()
            for child in reversed(children):
                child.wait_or_kill()
    _say("Đã dừng, dữ liệu được giữ nguyên.")
    return 0


def _say(text: str) -> None:
    print(f"▸ {text}", flush=True)


def _check_port(host: str, port: int) -> None:
    """Find out before anything else whether the web server will get its port."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except PermissionError:
            raise StackError(
                f"Tài khoản này không được mở cổng {port}: hãy đặt WEB_PORT từ 1024 trở lên rồi chạy lại."
            ) from None
        except OSError:
            raise StackError(busy_port("WEB_PORT", port)) from None


def _prepare(env: dict[str, str]) -> None:
    command = [sys.executable, "-m", "config.stack.prepare"]
    if subprocess.run(command, env=env, cwd=paths.PROJECT_DIR, check=False).returncode != 0:
        raise StackError("Chưa chuẩn bị được dữ liệu: hãy xem các dòng ngay phía trên.")


def web_command(host: str, port: int, *, workers: int) -> list[str]:
    """How the web server is called: here, and where its speed is measured."""
    command = [sys.executable, "-m", "gunicorn", "config.wsgi:application", "--bind", f"{host}:{port}"]
    command += ["--config", str(paths.PROJECT_DIR / "config" / "gunicorn.py")]
    return [*command, f"--workers={workers}", "--graceful-timeout=10"]


def _children(env: dict[str, str], var: Path, host: str, port: int) -> list[Child]:
    """Web first: the others only matter once somebody can look."""
    celery = [sys.executable, "-m", "celery", "-A", "config"]
    commands: dict[str, list[str]] = {
        "web": web_command(host, port, workers=int(os.environ.get("WEB_WORKERS") or "2")),
        "worker": [*celery, "worker", "--loglevel=INFO", "--concurrency=2"],
        "beat": [*celery, "beat", "--loglevel=INFO", f"--schedule={var / 'beat' / 'schedule'}", "--pidfile="],
    }
    commands["worker"] += ["--without-gossip", "--without-mingle"]
    return [
        Child(
            name,
            command,
            env=env if name == "web" else {**env, "STATEMENT_TIMEOUT_MS": WORKER_STATEMENT_TIMEOUT_MS},
            cwd=paths.PROJECT_DIR,
            log=var / "log" / f"{name}.log",
        )
        for name, command in commands.items()
    ]


def _wait_until_ready(web: Child, address: str) -> None:
    deadline = time.monotonic() + READY_SECONDS
    while time.monotonic() < deadline and web.exit_code is None:
        try:
            with urllib.request.urlopen(f"{address}suc-khoe/", timeout=5):
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.1)
    raise StackError(f"Máy chủ web không khởi động được: hãy xem {web.log}.\n{web.last_lines()}")


def _welcome(var: Path, address: str) -> None:
    people = (var / "demo_people.txt").read_text()
    print(
        f"\nHệ thống đã sẵn sàng: {address}\n\n{people}\nNhật ký: {var / 'log'}. Dừng bằng Ctrl-C.\n",
        flush=True,
    )


def _watch(services: Services, children: list[Child]) -> None:
    """Until interrupted: start a child again when it ends by itself; give up when it keeps ending."""
    while True:
        if service := services.dead_service():
            raise service_ended(service, services.var)
        for child in children:
            if child.exit_code is None:
                continue
            print(f"✗ {child.name} đã tự dừng (mã {child.exit_code}):\n{child.last_lines()}", flush=True)
            if not child.may_start_again:
                raise StackError(f"{child.name} dừng liên tục: hãy xem {child.log} rồi chạy lại.")
            _say(f"Khởi động lại {child.name} …")
            child.start(services.memory)
        time.sleep(0.3)
