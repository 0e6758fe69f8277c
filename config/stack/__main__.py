"""Commands of the embedded stack; `make` is the usual way in."""

import argparse
import os
import signal
import subprocess
import sys
from types import FrameType

from config.stack import paths
from config.stack.errors import StackError
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
    chosen = parser.parse_args(arguments)
    signal.signal(signal.SIGTERM, _end)
    signal.signal(signal.SIGHUP, _end)
    try:
        if chosen.command == "run":
            from config.stack.run import run

            return run(development())
        if chosen.command == "services":
            return _services()
        return _execute(chosen.words)
    except StackError as error:
        print(f"✗ {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130


def development(services: Services | None = None) -> dict[str, str]:
    """Environment of a child process on this machine: DEV mode, demonstration mode, addresses."""
    defaults = {"DEV": "1", "DEPLOYMENT_MODE": "PORTAL_LOCAL", "DJANGO_SETTINGS_MODULE": "config.settings"}
    return {**defaults, **os.environ, **(services.environment if services else {})}


def _end(signum: int, frame: FrameType | None) -> None:
    """A polite request to end takes the same way out as Ctrl-C."""
    raise KeyboardInterrupt


def _services() -> int:
    with Services(say=print) as services:
        for name, value in services.environment.items():
            print(f"{name}={value}", flush=True)
        signal.pause()
    return 0


def _execute(words: list[str]) -> int:
    """Run a command beside a running copy, or with services of its own for as long as it takes."""
    words = [word for word in words if word != "--"] if words[:1] == ["--"] else words
    if words[:1] == ["python"]:
        words = [sys.executable, *words[1:]]
    if is_running(paths.var_dir()):
        return subprocess.run(words, env=development(), check=False).returncode
    with Services() as services:
        return subprocess.run(words, env=development(services), check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
