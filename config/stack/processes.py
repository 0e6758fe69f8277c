"""Child processes: started apart from the terminal, logged, remembered, stopped politely."""

import contextlib
import json
import os
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import psutil

POLITE_SECONDS = 20
# More ends than this within a minute mean that starting again will not help.
MAX_RESTARTS = 3


class Memory:
    """The children of one VAR_DIR on disk: a launcher that was killed leaves nobody running for ever."""

    def __init__(self, var: Path) -> None:
        self.file = var / "children.json"

    def add(self, pid: int, farewell: signal.Signals = signal.SIGTERM) -> None:
        """Remember a child by number and birth, since numbers are given out again."""
        with contextlib.suppress(psutil.NoSuchProcess):
            born = psutil.Process(pid).create_time()
            self._write([*self._read(), {"pid": pid, "born": born, "farewell": int(farewell)}])

    def clear(self) -> None:
        """Forget everybody: they have been stopped in order."""
        self.file.unlink(missing_ok=True)

    def stop_leftovers(self) -> int:
        """Stop children that outlived their launcher, newest first; how many there were."""
        stopped = 0
        for entry in reversed(self._read()):
            try:
                process = psutil.Process(entry["pid"])
                if abs(process.create_time() - entry["born"]) > 1:
                    continue
                process.send_signal(entry["farewell"])
                try:
                    process.wait(POLITE_SECONDS)
                except psutil.TimeoutExpired:
                    process.kill()
                    process.wait(5)
            except psutil.NoSuchProcess:
                continue
            stopped += 1
        self.clear()
        return stopped

    def _read(self) -> list[dict[str, Any]]:
        try:
            return list(json.loads(self.file.read_text()))
        except (OSError, ValueError):
            return []

    def _write(self, entries: list[dict[str, Any]]) -> None:
        draft = self.file.with_suffix(".new")
        draft.write_text(json.dumps(entries))
        draft.replace(self.file)


class Child:
    """One long-running command of ours with its own log."""

    def __init__(
        self, name: str, command: Sequence[str | Path], *, env: Mapping[str, str], cwd: Path, log: Path
    ) -> None:
        self.name = name
        self.command = list(command)
        self.log = log
        self._env = dict(env)
        self._cwd = cwd
        self._starts: list[float] = []
        self.process: subprocess.Popen[bytes] | None = None

    def start(self, memory: Memory) -> None:
        """Start it in its own session: Ctrl-C reaches the launcher alone, which stops children in order."""
        self._end_group()
        self._starts.append(time.monotonic())
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                self.command,
                env=self._env,
                cwd=self._cwd,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        memory.add(self.process.pid)

    @property
    def exit_code(self) -> int | None:
        """How it ended; None while it runs."""
        return self.process.poll() if self.process else None

    @property
    def may_start_again(self) -> bool:
        """Whether it has not ended too often within the last minute."""
        return sum(1 for at in self._starts if time.monotonic() - at < 60) <= MAX_RESTARTS

    def last_lines(self, count: int = 8) -> str:
        """The end of its log."""
        with contextlib.suppress(OSError), self.log.open("rb") as log:
            log.seek(max(0, os.path.getsize(self.log) - 8192))
            return "\n".join(log.read().decode(errors="replace").splitlines()[-count:])
        return ""

    def _end_group(self) -> None:
        """End what a dead predecessor may have left of its own children."""
        if self.process is not None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.process.pid, signal.SIGKILL)

    def ask_to_stop(self) -> None:
        """Send the polite signal without waiting."""
        if self.process and self.process.poll() is None:
            self.process.terminate()

    def wait_or_kill(self) -> None:
        """Wait for the polite end; after that its whole group ends."""
        if self.process is None:
            return
        try:
            self.process.wait(POLITE_SECONDS)
        except subprocess.TimeoutExpired:
            self._end_group()
            self.process.wait()
