"""Where bytes lie: a folder addressed by content. The same bytes are kept once, and nothing is ever overwritten."""

import errno
import fcntl
import hashlib
import os
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO
from uuid import uuid4

from django.conf import settings

_CHUNK = 1024 * 1024


class TooLarge(Exception):
    """More bytes came than allowed."""


class StoreFull(Exception):
    """The disk has no room left."""


@dataclass(frozen=True)
class Incoming:
    """Bytes that have arrived in full and wait to be judged; `keep` files them, `drop` forgets them."""

    path: Path
    sha256: str
    size: int


def receive(chunks: Iterable[bytes], *, limit: int) -> Incoming:
    """Write to a temporary file while hashing, flushed to the disk. Raises TooLarge (bytes > limit) or StoreFull."""
    folder = settings.MEDIA_ROOT / "incoming"
    folder.mkdir(mode=0o750, parents=True, exist_ok=True)
    path = folder / uuid4().hex
    digest, size = hashlib.sha256(), 0
    try:
        with path.open("xb") as file:
            for chunk in chunks:
                size += len(chunk)
                if size > limit:
                    raise TooLarge
                digest.update(chunk)
                file.write(chunk)
            file.flush()
            os.fsync(file.fileno())
    except BaseException as error:
        path.unlink(missing_ok=True)
        if isinstance(error, OSError) and is_full(error):
            raise StoreFull from error
        raise
    return Incoming(path, digest.hexdigest(), size)


def is_full(error: OSError) -> bool:
    """Whether the disk or its share is used up."""
    return error.errno in {errno.ENOSPC, errno.EDQUOT}


def scratch() -> Path:
    """A name in the incoming folder that nothing has yet: for files made out of others. Left ones are swept."""
    folder: Path = settings.MEDIA_ROOT / "incoming"
    folder.mkdir(mode=0o750, parents=True, exist_ok=True)
    return folder / uuid4().hex


def adopt(path: Path) -> Incoming:
    """A whole file that lies on this machine already, hashed and flushed. Raises FileNotFoundError."""
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
        os.fsync(file.fileno())
        return Incoming(path, digest, os.fstat(file.fileno()).st_size)


def keep(incoming: Incoming) -> None:
    """File the bytes under their hash. Those already there stay; their age begins anew, so that no sweep takes them."""
    final = path_of(incoming.sha256)
    final.parent.mkdir(mode=0o750, parents=True, exist_ok=True)
    with _gate(fcntl.LOCK_SH):
        try:
            os.link(incoming.path, final)  # fails where a rename would overwrite
            final.chmod(0o440)
        except FileExistsError:
            os.utime(final)
    incoming.path.unlink(missing_ok=True)
    for folder in (final.parent, final.parent.parent, settings.MEDIA_ROOT):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def drop(incoming: Incoming) -> None:
    """Forget bytes that were refused."""
    incoming.path.unlink(missing_ok=True)


def put(data: bytes) -> Incoming:
    """Keep bytes made here (a rendered paper)."""
    incoming = receive([data], limit=len(data))
    keep(incoming)
    return incoming


def path_of(sha256: str) -> Path:
    """The file of a hash: ab/cd/abcd…"""
    return Path(settings.MEDIA_ROOT) / sha256[:2] / sha256[2:4] / sha256


def open_bytes(sha256: str) -> BinaryIO:
    """The bytes of a hash, for reading. Raises FileNotFoundError when they are gone."""
    return path_of(sha256).open("rb")


def read(sha256: str) -> bytes:
    """The bytes of a hash."""
    return path_of(sha256).read_bytes()


def preview_of(sha256: str, page: int = 1) -> Path:
    """Where the small picture of a page lies, if one was made."""
    return Path(settings.MEDIA_ROOT) / "previews" / sha256[:2] / f"{sha256}-{page}.jpg"


def keep_previews(prefix: Path, sha256: str) -> None:
    """File the small pictures `prefix`-1.jpg, `prefix`-2.jpg … with the bytes they show."""
    for made in prefix.parent.glob(f"{prefix.name}-*.jpg"):
        final = preview_of(sha256, int(made.stem.rpartition("-")[2]))
        final.parent.mkdir(mode=0o750, parents=True, exist_ok=True)
        made.rename(final)


def is_intact(sha256: str) -> bool:
    """Whether the bytes are there, can be read and still have their hash."""
    try:
        with path_of(sha256).open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest() == sha256
    except OSError:
        return False


def kept(*, older_than: float) -> Iterator[str]:
    """Hashes of files whose last filing is more than `older_than` seconds ago."""
    limit = time.time() - older_than
    for path in Path(settings.MEDIA_ROOT).glob("[0-9a-f][0-9a-f]/[0-9a-f][0-9a-f]/*"):
        if len(path.name) == 64 and path.stat().st_mtime < limit:
            yield path.name


def forget(sha256: str, *, older_than: float, still_unwanted: Callable[[str], bool]) -> int:
    """Remove bytes nobody names; asks once more while no file can be filed. Answers the bytes freed."""
    path = path_of(sha256)
    with _gate(fcntl.LOCK_EX), suppress(FileNotFoundError):
        found = path.stat()
        if found.st_mtime < time.time() - older_than and still_unwanted(sha256):
            path.unlink()
            for preview in preview_of(sha256).parent.glob(f"{sha256}-*.jpg"):
                preview.unlink(missing_ok=True)
            return found.st_size
    return 0


def sweep_incoming(*, older_than: float) -> int:
    """Remove half-received files of processes that died. Answers how many."""
    removed = 0
    for path in (Path(settings.MEDIA_ROOT) / "incoming").glob("*"):
        with suppress(FileNotFoundError):
            if path.stat().st_mtime < time.time() - older_than:
                path.unlink()
                removed += 1
    return removed


@contextmanager
def _gate(mode: int) -> Iterator[None]:
    """Filing (shared) and sweeping (alone) keep out of each other's way, also between processes."""
    root = Path(settings.MEDIA_ROOT)
    root.mkdir(mode=0o750, parents=True, exist_ok=True)
    with (root / ".gate").open("a") as file:
        fcntl.flock(file, mode)
        yield
