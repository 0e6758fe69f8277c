"""Bytes taken in: stored, opened, judged, photographs made fit to be read. Nothing here needs a transaction."""

import textwrap
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile

from hoso.gateways import opener, signing, store
from hoso.gateways.opening.kinds import PICTURES, Unfit, sniff
from hoso.services import files
from hoso.services.errors import Refused

#: Pages of one file made of photographs.
MOST_PHOTOS = 60


@dataclass(frozen=True)
class Received:
    """Bytes stored and judged, not yet tied to a dossier. `originals` tells of what they were made from, page by page:
    name, SHA-256 and size as sent, and what a person should look at (`note`).
    """

    name: str
    sha256: str
    size: int
    media_type: str
    pages: int | None
    signatures: list[dict[str, Any]]
    originals: list[dict[str, Any]] = field(default_factory=list)


@dataclass(frozen=True)
class Leaf:
    """One page to be bound: a picture lying at `path` with what is known of it, or page `page` of a PDF of ours."""

    path: Path
    original: dict[str, Any]
    page: int = 0
    turn: int = 0


def receive(upload: UploadedFile) -> Received:
    """Store and judge a file as it came with a form. Raises Refused."""
    name = files.clean_name(upload.name or "")
    with _arriving(upload, name) as incoming:
        return _judged(incoming, name)


def receive_file(path: Path, name: str, *, sha256: str = "") -> Received:
    """The same for a file that has come in pieces; `sha256`, where known, is what its sender has. Raises Refused."""
    name = files.clean_name(name)
    copy = store.scratch()
    copy.hardlink_to(path)  # the caller's stays until its own transaction is done
    try:
        incoming = store.adopt(copy)
        if not incoming.size:
            raise files.refusal("empty", name)
        if sha256 and sha256 != incoming.sha256:
            raise files.refusal("damaged_on_the_way", name)
        return _judged(incoming, name)
    finally:
        copy.unlink(missing_ok=True)


def original_of(path: Path, name: str) -> dict[str, Any]:
    """What is kept on record of a picture whose own bytes are not kept."""
    incoming = store.adopt(path)
    return {"name": files.clean_name(name), "sha256": incoming.sha256, "size": incoming.size}


def is_picture(path: Path) -> bool:
    """Whether the first bytes are those of a photograph."""
    with path.open("rb") as file:
        return sniff(file.read(1024)) in PICTURES


def needs_time(paths: Sequence[Path]) -> bool:
    """Whether judging these is work for the background: telephones' packed formats, many pictures, large ones."""
    heavy = 0
    for path in paths:
        with path.open("rb") as file:
            kind = sniff(file.read(1024))
        if kind in PICTURES:
            heavy += 3 if kind == "image/heif" else 1
            heavy += path.stat().st_size // (8 * 1024 * 1024)
    return heavy > 3


class BadLeaf(Refused):
    """One of several pictures cannot be a page; `index` says which."""

    def __init__(self, index: int, words: str) -> None:
        self.index = index
        super().__init__(words)


def bind(leaves: Sequence[Leaf], title: str) -> Received:
    """One PDF of photographs in their order. Raises BadLeaf or Refused."""
    out = store.scratch()
    pages = [{"path": str(leaf.path), "page": leaf.page, "turn": leaf.turn} for leaf in leaves]
    short = textwrap.shorten(title, 60, placeholder="") or title[:60]  # whole words; papers have long names
    name = files.clean_name(f"{short}.pdf", files.PDF)
    try:
        answer = opener.run(
            "bind", seconds=40, pages=pages, tidy=out, preview=str(out), max_pages=MOST_PHOTOS
        )
        made = store.adopt(out)
        if made.size > 2 * settings.UPLOAD_MAX_BYTES:
            raise files.refusal("too_large", name, limit=2 * settings.UPLOAD_MAX_BYTES // 1024**2)
        store.keep_previews(out, made.sha256)
        _keep(made)
    except Unfit as unfit:
        index = unfit.facts.pop("index", None)
        if index is None:
            raise files.refusal_of(unfit, name) from unfit
        raise BadLeaf(index, str(files.refusal_of(unfit, leaves[index].original["name"]))) from unfit
    finally:
        _clear(out)
    originals = [
        {**leaf.original, "note": notes[0] if notes else leaf.original.get("note", "")}
        for leaf, notes in zip(leaves, answer["notes"], strict=True)
    ]
    return Received(name, made.sha256, made.size, files.PDF, len(leaves), [], originals)


@contextmanager
def _arriving(upload: UploadedFile, name: str) -> Iterator[store.Incoming]:
    limit = settings.UPLOAD_MAX_BYTES
    if upload.size == 0:
        raise files.refusal("empty", name)
    if upload.size and upload.size > limit:
        raise files.refusal("too_large", name, limit=limit // 1024**2)
    try:
        incoming = store.receive(upload.chunks(), limit=limit)
    except store.TooLarge:
        raise files.refusal("too_large", name, limit=limit // 1024**2) from None
    except store.StoreFull:
        raise files.refusal("store_full", name) from None
    try:
        if not incoming.size:
            raise files.refusal("empty", name)
        yield incoming
    finally:
        store.drop(incoming)


def _judged(incoming: store.Incoming, name: str) -> Received:
    """Open the bytes and keep them, or what was made of them."""
    tidy = store.scratch()
    try:
        found = opener.run(
            "look",
            path=incoming.path,
            tidy=tidy,
            preview=str(tidy),
            max_pages=settings.UPLOAD_MAX_PAGES,
            roots=[str(root) for root in signing.trust_roots()],
        )
        kept = store.adopt(tidy) if found["remade"] else incoming
        store.keep_previews(tidy, kept.sha256)
        _keep(kept)
    except Unfit as unfit:
        raise files.refusal_of(unfit, name) from unfit
    finally:
        _clear(tidy)
    originals: list[dict[str, Any]] = []
    note = (found["notes"] or [""])[0]
    if found["remade"] or note:
        originals = [{"name": name, "sha256": incoming.sha256, "size": incoming.size, "note": note}]
    return Received(
        files.clean_name(name, found["media_type"]),
        kept.sha256,
        kept.size,
        found["media_type"],
        found["pages"],
        found.get("signatures", []),
        originals,
    )


def _keep(incoming: store.Incoming) -> None:
    try:
        store.keep(incoming)
    except OSError as error:
        if store.is_full(error):
            raise files.refusal("store_full", "") from None
        raise


def _clear(path: Path) -> None:
    """Whatever a job has left beside what was kept."""
    for left in path.parent.glob(f"{path.name}*"):
        left.unlink(missing_ok=True)


def leaves_of(sha256: str, originals: Sequence[dict[str, Any]]) -> list[Leaf]:
    """The pages of a file made of photographs, as they are to be bound again; a single picture is one page."""
    path = store.path_of(sha256)
    return [Leaf(path, original, page=number) for number, original in enumerate(originals)]
