"""Files coming in, whole with a form or in pieces over a weak network, until each is a paper of its draft.

A file is begun, added to wherever it broke off, and finished; every call may be made again. What is quick is judged
while the person waits, the rest by a background task, and the page says which is going on.
"""

from collections.abc import Callable, Iterable, Sequence
from datetime import timedelta
from itertools import groupby
from pathlib import Path
from uuid import UUID, uuid4

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from config import said
from config.retold import retold
from danhmuc.models import User
from hoso.models import AmendmentFile, Document, Dossier
from hoso.models import State as DossierState
from hoso.services import documents, files, intake, partials
from hoso.services.errors import Refused
from portal.models import Upload
from portal.services import papers

State = Upload.State
#: What one person may have half-way in at a time, and for how long it waits for the rest.
MOST_OPEN = 40
MOST_OPEN_BYTES = 400 * 1024 * 1024
KEPT = timedelta(hours=48)
#: Boxes of answers to a request, one an item: what came with a page that could not be sent yet waits there whole.
ANSWER = "s"
#: What a file was meant for is not there any more.
_GONE = (Document.DoesNotExist, AmendmentFile.DoesNotExist, Dossier.DoesNotExist)


class NotWhole(Refused):
    """Finished too early; `offset` says how far the file has come."""

    def __init__(self, upload: Upload) -> None:
        self.offset = offset(upload)
        super().__init__(_("Tệp “%(name)s” chưa tải lên đủ."), name=upload.name)


def begin(
    dossier: Dossier, box: str, name: str, size: int, *, by: User, adding_to: papers.Paged | None = None
) -> Upload:
    """A file that is going to come. The same one, broken off before, is found again. Raises Refused."""
    name = files.clean_name(name)
    limit = settings.UPLOAD_MAX_BYTES
    if size <= 0:
        raise files.refusal("empty", name)
    if size > limit:
        raise files.refusal("too_large", name, limit=limit // 1024**2)
    if adding_to is None and not box.startswith(ANSWER):
        papers.box_of(dossier, box)
    grows = Upload.growing(adding_to)
    open_ones = list(Upload.objects.filter(owner=by, state=State.RECEIVING).order_by("-pk"))
    for row in open_ones:
        same = (row.dossier_id, row.box, row.name, row.size) == (dossier.pk, box, name, size)
        if same and all(getattr(row, field) == file for field, file in grows.items()):
            return row
    if len(open_ones) >= MOST_OPEN or sum(row.size for row in open_ones) + size > MOST_OPEN_BYTES:
        raise Refused(
            _("Ông/bà đang có quá nhiều tệp tải dở. Tải nốt hoặc bấm “Bỏ” ở các tệp ấy rồi chọn lại tệp này.")
        )
    now = timezone.now()
    return Upload.objects.create(
        dossier=dossier,
        owner=by,
        box=box,
        name=name,
        size=size,
        begun_at=now,
        touched_at=now,
        **grows,
    )


def offset(upload: Upload) -> int:
    """How many bytes have come; all of them once it is finished."""
    return partials.size(upload.key.hex) if upload.state == State.RECEIVING else upload.size


def add_piece(upload: Upload, at: int, read: Callable[[int], bytes]) -> int:
    """Add what comes, until it ends or the connection does; how far it is now. Raises OutOfStep, Busy or Refused."""
    come = partials.append(upload.key.hex, at, read, most=upload.size)
    Upload.objects.filter(pk=upload.pk).update(touched_at=timezone.now())
    return come


def take_whole(
    dossier: Dossier, box: str, file: UploadedFile, *, by: User, adding_to: papers.Paged | None = None
) -> Upload:
    """The same for a file that came with a form. Raises Refused."""
    row = begin(dossier, box, file.name or "", file.size or 0, by=by, adding_to=adding_to)
    partials.drop(row.key.hex)  # a form brings the whole file, whatever had come before
    add_piece(row, 0, file.read)
    return row


def hold(dossier: Dossier, order: int, file: UploadedFile, *, by: User) -> None:
    """Keep the file of one item while something else on its page has to be put right. Raises Refused."""
    release(dossier, [order], by=by)
    file.seek(0)
    take_whole(dossier, f"{ANSWER}{order}", file, by=by)


def held(dossier: Dossier, *, by: User) -> dict[int, Upload]:
    """The files kept so, by item."""
    rows = Upload.objects.filter(
        dossier=dossier, owner=by, state=State.RECEIVING, box__regex=rf"^{ANSWER}\d+$"
    )
    return {int(row.box.removeprefix(ANSWER)): row for row in rows if offset(row) == row.size}


def received(row: Upload) -> documents.Received:
    """Such a file, stored and judged. Raises Refused."""
    return intake.receive_file(_path(row), row.name)


def release(dossier: Dossier, orders: Iterable[int], *, by: User) -> None:
    """Forget files kept so."""
    boxes = [f"{ANSWER}{order}" for order in orders]
    for row in Upload.objects.filter(dossier=dossier, owner=by, box__in=boxes):
        drop(dossier, row.key, by=by)


def drop(dossier: Dossier, key: UUID, *, by: User) -> None:
    """Forget a file that is not wanted any more, or the refusal of one. Pressing twice does no harm."""
    rows = Upload.objects.filter(dossier=dossier, owner=by, key=key)
    if rows.filter(state__in=[State.RECEIVING, State.REFUSED]).delete()[0]:
        partials.drop(key.hex)


def finish(dossier: Dossier, keys: Sequence[UUID], *, by: User, sums: Sequence[str] = ()) -> list[Upload]:
    """These files are whole: judge them now, or have them judged. Photographs among them become one PDF.

    Asked again, it answers the same. Raises NotWhole, or Refused for files that are not known.
    """
    wanted = list(dict.fromkeys(keys))
    expected = dict(zip(keys, sums, strict=False))
    batch = uuid4()
    with transaction.atomic():
        found = Upload.objects.select_for_update(of=["self"]).filter(
            dossier=dossier, owner=by, key__in=wanted
        )
        rows = sorted(found, key=lambda row: wanted.index(row.key))
        if len(rows) < len(wanted):
            raise Refused(_("Không còn tệp đang tải này. Chọn lại tệp và tải lên lần nữa."))
        fresh = [row for row in rows if row.state == State.RECEIVING]
        for position, row in enumerate(fresh):
            if offset(row) != row.size:
                raise NotWhole(row)
            row.state, row.batch, row.position = State.READY, batch, position
            row.sha256, row.touched_at = expected.get(row.key, "")[:64], timezone.now()
            row.save(update_fields=["state", "batch", "position", "sha256", "touched_at"])
    if fresh and not intake.needs_time([partials.path_of(row.key.hex) for row in fresh]):
        work(batch)
    return sorted(
        Upload.objects.filter(pk__in=[row.pk for row in rows]), key=lambda row: wanted.index(row.key)
    )


@translation.override("vi")  # what is kept is told again in the language of the page
def work(batch: UUID) -> int:
    """Make papers of the files finished together; how many files were looked at. One bad file takes none along."""
    with transaction.atomic():
        rows = list(
            Upload.objects.select_for_update(skip_locked=True, of=["self"])
            .filter(batch=batch, state=State.READY)
            .select_related("dossier__version", "owner", "adding_to", "adding_to_prepared")
            .order_by("position")
        )
        for _place, group in groupby(
            rows, key=lambda row: (row.box, row.adding_to_id, row.adding_to_prepared_id)
        ):
            together = [row for row in group if _is_here(row)]
            photos = [row for row in together if intake.is_picture(_path(row))]
            for row in together:
                if row not in photos:
                    _alone(row)
            if len(photos) == 1 and photos[0].grows is None:
                _alone(photos[0])
            elif photos:
                _bound(photos)
    for row in rows:  # once it stands in the database, the way it came is forgotten
        partials.drop(row.key.hex)
    return len(rows)


def work_waiting() -> int:
    """What background tasks do: every batch nobody has looked at yet. How many files."""
    batches = Upload.objects.filter(state=State.READY).order_by("batch").values_list("batch", flat=True)
    return sum(work(batch) for batch in batches.distinct()[:50] if batch)


def expire() -> int:
    """Forget files that never came to an end, and the traces of those that did; how many."""
    before = timezone.now() - KEPT
    old = list(Upload.objects.filter(touched_at__lt=before).exclude(state=State.READY)[:2000])
    for row in old:
        partials.drop(row.key.hex)
    Upload.objects.filter(pk__in=[row.pk for row in old]).delete()
    partials.sweep(older_than=2 * KEPT.total_seconds())
    return len(old)


def why_refused(row: Upload) -> str:
    """What is wrong with a file that was not taken, in the language of the page."""
    return retold(said.read(row.refusal, row.refusal_facts), lambda text, **data: text % data)


def _path(row: Upload) -> Path:
    return partials.path_of(row.key.hex)


def _is_here(row: Upload) -> bool:
    """Whether its bytes still lie on this machine; their owner is asked to send them again where they do not."""
    if _path(row).is_file():
        return True
    _refuse(row, files.refusal("damaged_on_the_way", row.name))
    return False


def _alone(row: Upload) -> None:
    """One file, one paper."""
    try:
        if row.grows is not None:
            raise files.refusal("not_a_picture", row.name)
        received = intake.receive_file(_path(row), row.name, sha256=row.sha256)
        _done([row], _store(row, received))
    except (*_GONE, Refused) as error:
        _refuse(row, error)


def _bound(rows: list[Upload]) -> None:
    """Photographs finished together, in their order; one that is none is told and left out."""
    first = rows[0]
    old = first.grows
    while rows:
        try:
            leaves = [intake.Leaf(_path(row), intake.original_of(_path(row), row.name)) for row in rows]
            made: papers.Paged | None
            if old is not None:
                made = papers.arrange(first.dossier, old, papers.leaves_of(old) + leaves, by=first.owner)
            else:
                box = papers.box_of(first.dossier, first.box)
                made = _store(first, intake.bind(leaves, box.label))
            return _done(rows, made if isinstance(made, Document) else None)
        except intake.BadLeaf as error:
            known = len(papers.leaves_of(old)) if old else 0
            _refuse(rows.pop(error.index - known), error)
        except (*_GONE, Refused) as error:
            for row in rows:
                _refuse(row, error)
            return None
    return None


def _store(row: Upload, received: documents.Received) -> Document | None:
    """The paper of a draft it has become; in a filed dossier it is held apart in the amendment."""
    box = papers.box_of(row.dossier, row.box)
    if row.dossier.state != DossierState.DRAFT:
        papers.prepare(row.dossier, received, box, by=row.owner)
        return None
    return papers.add(row.dossier, received, box, by=row.owner)


def _done(rows: list[Upload], document: Document | None) -> None:
    for row in rows:
        row.state, row.document, row.touched_at = State.DONE, document, timezone.now()
        row.save(update_fields=["state", "document", "touched_at"])


def _refuse(row: Upload, error: Exception) -> None:
    row.state, row.touched_at = State.REFUSED, timezone.now()
    gone = _("Giấy tờ cần thêm trang không còn. Chọn lại tệp ở mục hiện có.")
    why = str(error) if isinstance(error, Refused) else gone
    row.refusal, row.refusal_facts = why[:600], said.facts_of(why)
    row.save(update_fields=["state", "refusal", "refusal_facts", "touched_at"])
