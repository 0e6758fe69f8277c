"""Where things lie under VAR_DIR, and the addresses that follow from it. Standard library only."""

import hashlib
import os
import secrets
import tempfile
from contextlib import suppress
from pathlib import Path

PROJECT_DIR = Path(__file__).resolve().parent.parent.parent
DATABASE = "dichvucong"
# The kernel's limit on a socket's path is 108 bytes on Linux and 104 on macOS; PostgreSQL adds a file name.
LONGEST_SOCKET_DIR = 80


def var_dir() -> Path:
    """Folder of all data that is not code (VAR_DIR, default `var` in the project)."""
    return Path(os.environ.get("VAR_DIR") or PROJECT_DIR / "var").expanduser().absolute()


def postgres_dir(var: Path | None = None) -> Path:
    """PostgreSQL's data folder."""
    return (var or var_dir()) / "postgres"


def socket_dir(var: Path | None = None) -> Path:
    """Folder of the services' sockets: in VAR_DIR, or in the temporary folder when that path is too long."""
    inside = (var or var_dir()) / "run"
    if len(os.fsencode(inside)) <= LONGEST_SOCKET_DIR:
        return inside
    digest = hashlib.sha256(os.fsencode(inside)).hexdigest()[:12]
    return Path(tempfile.gettempdir()).resolve() / f"dichvucong-{digest}"


def database_url(var: Path | None = None) -> str:
    """Address of the embedded database, whether or not it is running."""
    return f"postgresql://postgres@/{DATABASE}?host={socket_dir(var)}"


def redis_url(var: Path | None = None) -> str:
    """Address of the embedded broker, whether or not it is running."""
    return f"redis+socket://{socket_dir(var)}/valkey.sock?virtual_host=0"


def secret(name: str, var: Path | None = None) -> str:
    """A random value made once and kept readable by its owner alone; for machines in DEV mode only."""
    file = (var or var_dir()) / "secrets" / name
    with suppress(FileNotFoundError):
        return file.read_text()
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = file.with_name(f"{name}.{os.getpid()}")
    draft.touch(mode=0o600)
    draft.write_text(secrets.token_urlsafe(48))
    # A hard link never replaces: of two processes that start together, both read the first one's value.
    with suppress(FileExistsError):
        os.link(draft, file)
    draft.unlink()
    return file.read_text()
