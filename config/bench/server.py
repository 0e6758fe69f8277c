"""The real web server on a free port, and how much memory it took at its peak."""

import os
import socket
import subprocess
import time
import urllib.error
import urllib.request
from contextlib import suppress
from pathlib import Path
from types import TracebackType

import psutil
from django.conf import settings

from config.bench.prepare import CannotBench
from config.stack.run import web_command

READY_SECONDS = 60


class Server:
    """`with Server(workers=2) as server:` serves the bench database at `server.host`:`server.port`."""

    host = "127.0.0.1"

    def __init__(self, *, workers: int) -> None:
        with socket.socket() as probe:
            probe.bind((self.host, 0))
            self.port: int = probe.getsockname()[1]
        self.log = Path(settings.VAR_DIR) / "web.log"
        self._workers = workers
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> "Server":
        """Start it and wait until it answers."""
        environment = {**os.environ, "PUBLIC_BASE_URL": f"http://{self.host}:{self.port}"}
        environment.pop("STATEMENT_TIMEOUT_MS", None)  # pages get the limit they have in production
        self.log.parent.mkdir(parents=True, exist_ok=True)
        with self.log.open("wb") as log:
            self._process = subprocess.Popen(
                web_command(self.host, self.port, workers=self._workers),
                env=environment, cwd=settings.BASE_DIR, stdout=log, stderr=log, start_new_session=True,
            )  # fmt: skip
        deadline = time.monotonic() + READY_SECONDS
        while time.monotonic() < deadline and self._process.poll() is None:
            with (
                suppress(urllib.error.URLError, OSError),
                urllib.request.urlopen(f"http://{self.host}:{self.port}/suc-khoe/", timeout=5),
            ):
                return self
            time.sleep(0.1)
        self.__exit__(None, None, None)
        raise CannotBench(f"Máy chủ web không khởi động được: hãy xem {self.log}.")

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop it politely."""
        if self._process is not None and self._process.poll() is None:
            self._process.terminate()
            try:
                self._process.wait(30)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()

    def peak_memory(self) -> list[int]:
        """Peak resident memory of each worker in bytes (where the system does not keep peaks: what it is now)."""
        assert self._process is not None
        return [_peak(child) for child in psutil.Process(self._process.pid).children()]


def _peak(process: psutil.Process) -> int:
    with suppress(OSError):
        for line in Path(f"/proc/{process.pid}/status").read_text().splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) * 1024
    return int(process.memory_info().rss)
