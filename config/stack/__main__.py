"""Commands of the embedded stack; `make` is the usual way in."""

import argparse
import errno
import os
import shutil
import signal
import subprocess
import sys
import time
from types import FrameType

from config.stack import paths
from config.stack.errors import StackError, disk_full, service_ended
from config.stack.services import Services, is_running


def main(arguments: list[str] | None = None) -> int:
    """Run one command; its exit code. Every foreseeable failure is one sentence on stderr and code 1."""
    parser = argparse.ArgumentParser(prog="python -m config.stack", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("run", help="chạy toàn bộ hệ thống (make run)")
    commands.add_parser("services", help="chỉ chạy PostgreSQL và Valkey, đến khi nhấn Ctrl-C")
    execute = commands.add_parser(
        "exec", help="chạy một lệnh với các dịch vụ nền, ví dụ: exec python manage.py shell"
    )
    execute.add_argument("words", nargs=argparse.REMAINDER)
    commands.add_parser("clean", help="xóa dữ liệu trình diễn trong VAR_DIR, có hỏi lại")
    chosen = parser.parse_args(arguments)
    signal.signal(signal.SIGTERM, _end)
    signal.signal(signal.SIGHUP, _end)
    try:
        if chosen.command == "run":
            from config.stack.run import run

            return run(development())
        if chosen.command == "services":
            return _services()
        if chosen.command == "clean":
            return _clean()
        return _execute(chosen.words)
    except StackError as error:
        print(f"✗ {error}", file=sys.stderr)
        return 1
    except OSError as error:
        if error.errno not in {errno.ENOSPC, errno.EDQUOT}:
            raise
        print(f"✗ {disk_full(paths.var_dir())}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130


def development(services: Services | None = None) -> dict[str, str]:
    """Environment of a child process on this machine: DEV mode, demonstration mode, addresses."""
    defaults = {"DEV": "1", "DEPLOYMENT_MODE": "PORTAL_LOCAL", "DJANGO_SETTINGS_MODULE": "config.settings"}
    # A .env beside the code may hold a real mail server; the demonstration must never write to its people.
    defaults["ENV_FILE"] = ""
    if sys.platform == "darwin":  # where Homebrew keeps Pango on Apple's own processors
        defaults["DYLD_FALLBACK_LIBRARY_PATH"] = "/opt/homebrew/lib:/usr/local/lib:/usr/lib"
    return {**defaults, **os.environ, **(services.environment if services else {})}


def _end(signum: int, frame: FrameType | None) -> None:
    """A polite request to end takes the same way out as Ctrl-C."""
    raise KeyboardInterrupt


def _services() -> int:
    """Hold the services up until somebody ends us or one of them ends."""
    with Services(say=print) as services:
        services.start()
        for name, value in services.environment.items():
            print(f"{name}={value}", flush=True)
        while not (dead := services.dead_service()):
            time.sleep(0.3)
        raise service_ended(dead, services.var)


def _execute(words: list[str]) -> int:
    """Run a command beside a running copy, or with services of its own for as long as it takes."""
    words = [word for word in words if word != "--"] if words[:1] == ["--"] else words
    if words[:1] == ["python"]:
        words = [sys.executable, *words[1:]]
    if is_running(paths.var_dir()):
        return subprocess.run(words, env=development(), check=False).returncode
    with Services() as services:
        return subprocess.run(words, env=development(services.start()), check=False).returncode


def _clean() -> int:
    """Remove the demonstration's data after a clear yes; never under a running copy."""
    var = paths.var_dir()
    if is_running(var):
        raise StackError(f"Hệ thống đang chạy trên {var}: hãy dừng lại trước khi xóa dữ liệu.")
    answer = input(f"Xóa toàn bộ cơ sở dữ liệu, tệp tải lên và nhật ký trong {var}? Gõ XOA để đồng ý: ")
    if answer.strip() != "XOA":
        print("Không xóa gì.")
        return 1
    for name in ("postgres", "media", "mail", "static", "log", "run", "beat", "screenshots", "test"):
        shutil.rmtree(var / name, ignore_errors=True)
    for name in ("static.stamp", "demo_people.txt", "children.json"):
        (var / name).unlink(missing_ok=True)
    print("Đã xóa. Lần chạy sau sẽ tạo dữ liệu mới.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
