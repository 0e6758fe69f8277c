"""Both services over one VAR_DIR, with the checks that turn a traceback into a sentence."""

import fcntl
import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import IO, Any

from config.stack import paths
from config.stack.errors import StackError
from config.stack.postgres import Postgres
from config.stack.processes import Memory
from config.stack.valkey import Valkey

MIN_FREE_MB = 300


def port_from(name: str) -> int | None:
    """A port number from the environment, None when not set."""
    text = os.environ.get(name, "")
    if not text:
        return None
    if not text.isdigit() or not 1 <= int(text) <= 65535:
        raise StackError(f"{name}={text} không phải số cổng: hãy đặt một số từ 1 đến 65535.")
    return int(text)


class Services:
    """The services this environment needs: `with` takes the folder, `start` starts, the end stops in reverse.

    A DATABASE_URL or REDIS_URL that is already set names a server of somebody else's; then that service is
    left alone. Inside, `environment` holds both addresses for child processes.
    """

    def __init__(
        self, var: Path | None = None, *, loose: bool = False, say: Callable[[str], None] = lambda text: None
    ) -> None:
        self.var = var or paths.var_dir()
        self.say = say
        self.environment: dict[str, str] = {}
        self.memory = Memory(self.var)
        self._loose = loose
        self._lock: IO[str] | None = None
        self._postgres: Postgres | None = None
        self._valkey: Valkey | None = None

    def __enter__(self) -> "Services":
        """Check the folder and take it for ourselves; `start` comes next."""
        _make(self.var)
        _check_disk(self.var)
        self._take_lock()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop everything that was started here."""
        self.stop()

    def note(self, **facts: Any) -> None:
        """Write into the lock what a second copy should tell its user (process, address)."""
        assert self._lock is not None
        self._lock.seek(0)
        self._lock.truncate()
        json.dump({"pid": os.getpid(), **facts}, self._lock)
        self._lock.flush()

    def dead_service(self) -> str | None:
        """Name of a service that ended by itself, else None."""
        for name, service in (("PostgreSQL", self._postgres), ("Valkey", self._valkey)):
            if service and service.process and service.process.poll() is not None:
                return name
        return None

    def stop(self) -> None:
        """Stop in reverse order and give the folder free."""
        for service in (self._valkey, self._postgres):
            if service:
                service.stop()
        if self._lock:
            self.memory.clear()
            self._lock.close()
            self._lock = None

    def start(self) -> "Services":
        """Start what is needed. Raises StackError; leaving the context then stops what had been started."""
        if self.memory.stop_leftovers():
            self.say("Đã dừng các tiến trình còn sót của lần chạy trước.")
        if not os.environ.get("DATABASE_URL"):
            self._postgres = Postgres(self.var, loose=self._loose, port=port_from("POSTGRES_PORT"))
            if not self._postgres.data.exists():
                self.say("Tạo kho dữ liệu PostgreSQL mới …")
            self._postgres.prepare()
            self.say("Khởi động PostgreSQL …")
            self._postgres.start(self.memory)
        if not os.environ.get("REDIS_URL"):
            self._valkey = Valkey(self.var, port=port_from("REDIS_PORT"))
            self._valkey.socket.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            self.say("Khởi động hàng đợi Valkey …")
            self._valkey.start(self.memory)
        self.environment = {
            "DATABASE_URL": os.environ.get("DATABASE_URL") or self._database_url(),
            "REDIS_URL": os.environ.get("REDIS_URL") or (self._valkey.url if self._valkey else ""),
        }
        return self

    def _database_url(self) -> str:
        """The socket's address; a chosen port also names the socket file."""
        port = f"&port={self._postgres.port}" if self._postgres and self._postgres.port else ""
        return paths.database_url(self.var) + port

    def _take_lock(self) -> None:
        lock = (self.var / "lock").open("a+")
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.seek(0)
            other = json.loads(lock.read() or "{}")
            lock.close()
            who = ", ".join([f"tiến trình {other.get('pid', '?')}", *filter(None, [other.get("address")])])
            raise StackError(
                f"Một bản khác đang chạy trên thư mục {self.var} ({who}): "
                f"hãy dừng bản đó, hoặc đặt VAR_DIR và WEB_PORT khác để chạy song song."
            ) from None
        self._lock = lock
        self.note()


def is_running(var: Path) -> bool:
    """Whether some launcher holds this folder."""
    try:
        with (var / "lock").open("a+") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:
        return False
    return False


def _make(var: Path) -> None:
    """Create VAR_DIR, or say why it cannot be used."""
    try:
        var.mkdir(parents=True, exist_ok=True)
        for name in ("log", "beat"):
            (var / name).mkdir(exist_ok=True)
        if not os.access(var, os.W_OK | os.X_OK):
            raise PermissionError
    except (PermissionError, NotADirectoryError, FileExistsError):
        raise StackError(
            f"Không ghi được vào thư mục {var}: hãy cấp quyền ghi cho tài khoản đang chạy, "
            f"hoặc đặt VAR_DIR sang thư mục khác."
        ) from None
    except OSError as error:
        raise StackError(
            f"Không dùng được thư mục {var} ({error.strerror}): hãy đặt VAR_DIR sang thư mục khác."
        ) from None


def _check_disk(var: Path) -> None:
    """Refuse to start on a disk that would be full within the day."""
    needed = int(os.environ.get("MIN_FREE_MB") or MIN_FREE_MB)
    free = shutil.disk_usage(var).free // 1024**2
    if free < needed:
        raise StackError(
            f"Ổ đĩa chứa {var} chỉ còn {free} MB, cần ít nhất {needed} MB: "
            f"hãy giải phóng dung lượng rồi chạy lại."
        )
