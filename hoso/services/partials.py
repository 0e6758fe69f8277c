"""Files on their way in over a weak network. The length of the file on the disk is how far it has come: whatever is
killed in between, what arrived stays and the rest follows.
"""

import fcntl
import os
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from django.conf import settings

from hoso.gateways.store import is_full
from hoso.services import files

_PIECE = 64 * 1024


class Busy(Exception):
    """Another request is writing to this file just now."""


class OutOfStep(Exception):
    """The piece does not begin where the file ends; `offset` says where that is."""

    def __init__(self, offset: int) -> None:
        self.offset = offset
        super().__init__(offset)


def path_of(key: str) -> Path:
    """Where a partial file lies; `key` is a UUID of ours in hexadecimal."""
    return Path(settings.MEDIA_ROOT) / "partial" / key


def size(key: str) -> int:
    """How many bytes have come."""
    try:
        return path_of(key).stat().st_size
    except FileNotFoundError:
        return 0


def append(key: str, offset: int, read: Callable[[int], bytes], *, most: int) -> int:
    """Add what `read` gives until it ends, breaks off or `most` bytes are there; how far the file has come.

    Raises Busy, OutOfStep or Refused (no room left).
    """
    path = path_of(key)
    path.parent.mkdir(mode=0o750, parents=True, exist_ok=True)
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o640)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Busy from None
        come = os.fstat(handle).st_size
        if come != offset:
            raise OutOfStep(come)
        while come < most and (piece := _next(read, min(_PIECE, most - come))):
            try:
                come += os.write(handle, piece)
            except OSError as error:
                if is_full(error):
                    raise files.refusal("store_full", "") from error
                raise
        return os.fstat(handle).st_size
    finally:
        os.close(handle)


def _next(read: Callable[[int], bytes], count: int) -> bytes:
    """The next piece; nothing when the connection is gone, so that what came before is kept."""
    try:
        return read(count)
    except OSError:
        return b""


def drop(key: str) -> None:
    """Forget a partial file."""
    path_of(key).unlink(missing_ok=True)


def sweep(*, older_than: float) -> int:
    """Remove files nobody has added to for so many seconds; how many."""
    removed = 0
    for path in (Path(settings.MEDIA_ROOT) / "partial").glob("*"):
        with suppress(FileNotFoundError):
            if path.stat().st_mtime < time.time() - older_than:
                path.unlink()
                removed += 1
    return removed
