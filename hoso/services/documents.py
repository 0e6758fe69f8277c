"""Takes in a file, gives it out again to those who may read it, and knows whether its bytes are still the same.

Bytes are stored and judged before any row is locked; what a rolled-back request leaves behind is harmless and swept
later (`manage.py sweep_files`).
"""

import logging
import os
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any, BinaryIO

from django.apps import apps
from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext as _

from danhmuc.models import Component, User
from hoso import access
from hoso.gateways import antivirus, store
from hoso.lifecycle import OPEN, State
from hoso.models import AccessLog, Document, Dossier, Notice, Paper, StoredFile
from hoso.services.case import Case, write
from hoso.services.dossiers import locked, overtaken
from hoso.services.errors import Refused
from hoso.services.intake import Received, receive

__all__ = [
    "Received",
    "attach",
    "damaged",
    "describe",
    "has_preview",
    "kinds",
    "named",
    "note_opening",
    "open_for",
    "open_stored",
    "path_of",
    "preview_for",
    "preview_of",
    "readable",
    "receive",
    "remove",
    "replace",
    "scan_state",
    "scan_waiting",
    "sweep",
    "take_again",
    "take_in",
    "verify_sample",
]
logger = logging.getLogger(__name__)

Kind, CopyKind, Verdict = Document.Kind, Document.CopyKind, Document.Verdict

#: What an applicant may open of the own dossier; the result only once it was handed over (fees and papers settled).
_APPLICANT_KINDS = (*Document.GIVEN, Kind.RELIEF, Kind.PAPER, Kind.RESULT)
_INTERNAL_PAPERS = (Paper.Kind.CONTROL_SLIP, Paper.Kind.TRANSFER_SLIP)


def attach(
    pk: int,
    upload: UploadedFile,
    *,
    by: User,
    kind: str = Kind.UPLOAD,
    component: Component | None = None,
    title: str = "",
    copy_kind: str = CopyKind.PHOTO,
    replacing: int | None = None,
) -> Document:
    """Take a file into a stored dossier, in a transaction of its own: what an upload page calls.

    `replacing` is the id of the document this one takes the place of. Raises Refused, StepRefused (the dossier no
    longer takes files from this person), Dossier.DoesNotExist or Document.DoesNotExist.
    """
    received = receive(upload)
    with transaction.atomic():
        case = locked(pk)
        if replacing is not None:
            old = _current(case, replacing)
            return replace(case, old, received, by=by)
        document = take_in(
            case, received, by=by, kind=kind, component=component, title=title, copy_kind=copy_kind
        )
        write([case])
    return document


def take_in(
    case: Case,
    upload: UploadedFile | Received,
    *,
    by: User,
    kind: str,
    component: Component | None = None,
    title: str = "",
    copy_kind: str = CopyKind.PHOTO,
) -> Document:
    """Add a file to a case that is new or locked. Its row is there at once when the dossier is stored, so that a
    later step may point to it; of a new dossier it is written with the rest.

    Raises Refused (type, size, content), StepRefused or Dossier.DoesNotExist (no right to add files here).
    """
    _check_may_add(case, by, kind)
    received = upload if isinstance(upload, Received) else receive(upload)
    document = Document(
        dossier=case.dossier,
        component=component,
        kind=kind,
        ask_issuer_at=timezone.now() if any(s["askable"] for s in received.signatures) else None,
        name=received.name,
        title=title or (component.name if component else ""),
        copy_kind=copy_kind,
        sha256=received.sha256,
        size=received.size,
        media_type=received.media_type,
        pages=received.pages,
        signatures=received.signatures,
        originals=received.originals,
        added_by=by,
        added_at=timezone.now(),
    )
    if case.dossier._state.adding:
        return case.add(document)
    document.save()
    case.documents.append(document)
    return document


def take_again(
    case: Case, source: Document, *, by: User, component: Component | None, title: str = ""
) -> Document:
    """A paper the State already holds, named again in this dossier: the same bytes, and where they came from.

    Whether `source` may be used here is for the caller to judge. Raises as `take_in`.
    """
    _check_may_add(case, by, Kind.UPLOAD)
    same = [d for d in case.current_documents if d.sha256 == source.sha256]
    same = [d for d in same if d.component_id == (component.pk if component else None)]
    if same:
        return same[0]
    names = ("originals", "ask_issuer_at", *Document.OF_THE_PAPER)
    document = Document(
        dossier=case.dossier,
        component=component,
        kind=Kind.UPLOAD,
        title=title or (component.name if component else source.title),
        source=source,
        added_by=by,
        added_at=timezone.now(),
        **source.of_bytes,
        **{name: getattr(source, name) for name in names},
    )
    document.save()
    case.documents.append(document)
    return document


def replace(case: Case, old: Document, upload: UploadedFile | Received, *, by: User) -> Document:
    """A better file in place of another; the old one stays readable, marked replaced. Issued files are not replaced
    here: a wrong result is corrected by a step of its own.
    """
    if not old.is_current or old.kind in {Kind.PAPER, Kind.RESULT}:
        raise Refused(_("Giấy tờ này không thay được nữa. Tải lại trang để xem giấy tờ hiện có."))
    if case.dossier.state == State.DRAFT or old.added_by_id == by.pk or by.is_officer:
        new = take_in(
            case,
            upload,
            by=by,
            kind=old.kind,
            component=old.component,
            title=old.title,
            copy_kind=old.copy_kind,
        )
        old.replaced_by = new
        old.save(update_fields=["replaced_by"])
        return new
    raise Refused(_("Chỉ người đã nộp giấy tờ này thay được."))


@transaction.atomic
def remove(pk: int, document_id: int, *, by: User) -> Document:
    """Take a file out of a draft. Once submitted, papers are only replaced. Raises Refused or DoesNotExist."""
    case = locked(pk)
    document = _current(case, document_id)
    _check_may_add(case, by, document.kind)
    if case.dossier.state != State.DRAFT:
        raise Refused(_("Hồ sơ đã nộp nên không gỡ giấy tờ được; có thể nộp tệp khác thay thế."))
    document.removed_at = timezone.now()
    document.save(update_fields=["removed_at"])
    return document


def _current(case: Case, document_id: int) -> Document:
    found = next((d for d in case.current_documents if d.pk == document_id), None)
    if found is None:
        raise Document.DoesNotExist
    return found


def _check_may_add(case: Case, by: User, kind: str) -> None:
    """Applicants add to what they are writing or answering; officers to open dossiers within their rights."""
    dossier = case.dossier
    if by.kind == User.Kind.SYSTEM:
        return
    if access.may_write(dossier, by):
        waits = {State.DRAFT, State.INTAKE_HOLD, State.ON_HOLD}
        if dossier.state in waits and (kind in Document.GIVEN or by.is_officer):
            return
        if kind == Kind.RELIEF and dossier.state in OPEN:
            return
        if not by.is_officer:
            raise overtaken(case)
    if by.kind == User.Kind.POST and dossier.travels_by_post:
        return
    if not by.is_officer or not Dossier.objects.visible_to(by).filter(pk=dossier.pk).exists():
        raise Dossier.DoesNotExist
    allowed = (*OPEN, State.COMPLETED) if kind in {Kind.DRAFT_RESULT, Kind.RESULT} else OPEN
    if dossier.state not in allowed:
        raise overtaken(case)


@transaction.atomic
def describe(
    pk: int, document_id: int, *, by: User, number: str, issued_on: date | None, valid_to: date | None
) -> Document:
    """Put down what a paper says of itself (domain §6.3): its number, its day, until when it is valid. Whether it may
    be used again in a later dossier follows from it. Raises DoesNotExist or StepRefused.
    """
    case = locked(pk)
    document = _current(case, document_id)
    _check_may_add(case, by, Kind.ATTACHMENT)
    document.number, document.issued_on, document.valid_to = number, issued_on, valid_to
    document.save(update_fields=["number", "issued_on", "valid_to"])
    words = [
        number,
        issued_on and f"ngày {issued_on:%d/%m/%Y}",
        valid_to and f"giá trị đến {valid_to:%d/%m/%Y}",
    ]
    AccessLog.objects.create(
        user=by,
        dossier=case.dossier,
        what="ghi số liệu giấy tờ",
        detail=": ".join([document.name[:80], ", ".join(w for w in words if w) or "bỏ trống"])[:160],
        at=timezone.now(),
    )
    return document


def readable(user: User, dossier: Dossier) -> Q:
    """Which documents of a dossier the user may open, given that the dossier itself is visible to them."""
    if user.is_officer and not dossier.is_of(user):
        return Q()
    # A document that is no paper has no paper row: said plainly, so that the negation does not lose it.
    mine = Q(kind__in=_APPLICANT_KINDS, removed_at=None) & (
        Q(paper=None) | ~Q(paper__kind__in=_INTERNAL_PAPERS)
    )
    return mine if dossier.state == State.COMPLETED else mine & ~Q(kind=Kind.RESULT)


def open_for(document_id: int, user: User, request_ip: str | None) -> tuple[Document, BinaryIO]:
    """A file for a reader. Another's document does not exist (Document.DoesNotExist → 404); every reading by staff
    is noted. Raises Refused for malware or bytes that are gone.
    """
    document = Document.objects.select_related("dossier", "component").get(pk=document_id)
    dossier = document.dossier
    if not Dossier.objects.visible_to(user).filter(pk=dossier.pk).exists():
        raise Document.DoesNotExist
    if not Document.objects.filter(readable(user, dossier), pk=document_id).exists():
        raise Document.DoesNotExist
    file = open_stored(document)
    if not dossier.is_of(user):
        note_opening(document, dossier, user, request_ip)
    return document, file


def note_opening(file: StoredFile, dossier: Dossier, user: User, ip: str | None) -> None:
    """Every reading of a paper by staff is on record (domain §19.4)."""
    AccessLog.objects.create(
        user=user, dossier=dossier, what="mở giấy tờ", detail=file.name[:160], ip=ip, at=timezone.now()
    )


def preview_for(document_id: int, user: User, page: int = 1) -> Path:
    """The small picture of a page, for whoever may open the document. Raises Document.DoesNotExist."""
    document = Document.objects.select_related("dossier").get(pk=document_id)
    dossier = document.dossier
    may = Dossier.objects.visible_to(user).filter(pk=dossier.pk).exists() and (
        Document.objects.filter(readable(user, dossier), pk=document_id).exists()
    )
    path = preview_of(document, page) if may else None
    if path is None:
        raise Document.DoesNotExist
    return path


def preview_of(file: StoredFile, page: int) -> Path | None:
    """The small picture of a page, for a reader whose right has been judged; none of malware, or where none was made."""
    path = store.preview_of(file.sha256, page)
    return path if file.virus_check != Verdict.INFECTED and path.is_file() else None


@dataclass(frozen=True)
class ScanState:
    """What is known of malware in a file: level (ok, info, off, late) and words."""

    level: str
    text: str


def scan_state(document: StoredFile) -> ScanState:
    """In plain words, for the page: a scanner that is there and has just not come by is no scanner that is missing."""
    if document.virus_check == Verdict.CLEAN:
        return ScanState("ok", _("đã quét, không có mã độc"))
    if document.virus_check == Verdict.INFECTED:
        return ScanState("late", _("Có mã độc, không dùng được. Xóa tệp này rồi nộp tệp khác."))
    young = document.added_at > timezone.now() - timedelta(minutes=10)
    if settings.CLAMAV_URL and young:
        return ScanState("info", _("đang quét mã độc"))
    return ScanState("off", _("chưa quét được mã độc"))


def has_preview(document: StoredFile) -> bool:
    """Whether there is a small picture of the first page."""
    return store.preview_of(document.sha256).is_file()


def open_stored(file: StoredFile) -> BinaryIO:
    """The bytes a row names, for a reader whose right has been judged. Raises Refused for malware or lost bytes."""
    if file.virus_check == Verdict.INFECTED:
        raise Refused(
            _("Tệp “%(name)s” có mã độc nên không mở được; phải thay bằng tệp khác."), name=file.name
        )
    try:
        return store.open_bytes(file.sha256)
    except FileNotFoundError:
        raise Refused(
            _(
                "Không đọc được tệp “%(name)s” trong kho lưu. Báo bộ phận kỹ thuật, hoặc gọi Tổng đài %(hotline)s, kèm mã %(mark)s."
            ),
            name=file.name,
            hotline=settings.HOTLINE,
            mark=file.sha256[:12],
        ) from None


def path_of(document: StoredFile) -> Path:
    """Where the bytes lie, for tools that need a file."""
    return store.path_of(document.sha256)


def kinds() -> list[Any]:
    """Every model whose rows name bytes, of whatever app: documents of dossiers, papers sent with feedback …"""
    return [model for model in apps.get_models() if issubclass(model, StoredFile)]


def named(kind: Any) -> Any:
    """The rows of a kind whose bytes are kept. What was taken out of a draft was never handed in: it is forgotten."""
    if kind is not Document:
        return kind.objects.all()
    return kind.objects.filter(Q(removed_at=None) | Q(removed_at__gte=F("dossier__submitted_at")))


def verify_sample(count: int = 200) -> list[StoredFile]:
    """Recompute the hash of files chosen by a random start; those whose bytes are gone or changed are returned."""
    chosen: list[StoredFile] = []
    for kind in kinds():
        last = kind.objects.order_by("-pk").values_list("pk", flat=True).first()
        if last is None:
            continue
        start = int.from_bytes(os.urandom(4), "big") % last + 1
        some = list(named(kind).filter(pk__gte=start).order_by("pk")[:count])
        if len(some) < count:
            some += list(named(kind).filter(pk__lt=start).order_by("pk")[: count - len(some)])
        chosen += some
    return [file for file in chosen if not store.is_intact(file.sha256)]


def damaged() -> Iterator[StoredFile]:
    """Every file whose bytes are gone, unreadable or changed; each is read once, however many rows of a kind name it."""
    for kind in kinds():
        last, intact = "", True
        for file in named(kind).order_by("sha256", "pk").iterator():
            if file.sha256 != last:
                last, intact = file.sha256, store.is_intact(file.sha256)
            if not intact:
                yield file


def scan_waiting(*, limit: int = 200) -> int:
    """Show unchecked files to the scanner, newest first; an infected one is told to the desk. Answers how many got a
    verdict. An unreachable scanner ends the round: files stay visibly unchecked until it is back.
    """
    scanner = antivirus.scanner()
    judged = 0
    waiting: list[StoredFile] = []
    for kind in kinds():
        unchecked = named(kind).filter(virus_check=Verdict.UNCHECKED)
        waiting += unchecked.order_by("-added_at")[:limit]
    for file in sorted(waiting, key=lambda file: file.added_at, reverse=True)[:limit]:
        try:
            with store.open_bytes(file.sha256) as opened:
                verdict, words = scanner.scan(opened)
        except FileNotFoundError:
            logger.error("%s %s không còn tệp trong kho lưu.", file._meta.verbose_name, file.pk)
            continue
        if verdict == antivirus.UNCHECKED:
            logger.warning("Chưa quét được mã độc: %s", words)
            break
        judged += 1
        with transaction.atomic():
            type(file)._default_manager.filter(pk=file.pk).update(virus_check=verdict)
            if verdict == antivirus.INFECTED:
                _tell_of_malware(file, words)
    return judged


def _tell_of_malware(file: StoredFile, found: str) -> None:
    logger.warning("%s %s có mã độc: %s", file._meta.verbose_name, file.pk, found)
    if isinstance(file, Document):
        _warn_of_malware(file, found)


def _warn_of_malware(document: Document, found: str) -> None:
    dossier = document.dossier
    if dossier.state == State.DRAFT:
        return  # its writer sees it on the page, and cannot submit
    context = {
        "code": dossier.public_code,
        "procedure": dossier.version.name,
        "note": document.name,
        "answer": found,
    }
    notice = Notice(
        key=f"{dossier.submission_ref}:malware:{document.pk}",
        dossier=dossier,
        channel=Notice.Channel.OFFICE,
        address=f"agency:{dossier.desk.serves_id}",
        template="office_infected",
        context=context,
    )
    Notice.objects.bulk_create([notice], ignore_conflicts=True)


def sweep(*, older_than: float) -> tuple[int, int]:
    """Remove bytes no row names, older than `older_than` seconds. Answers (files, bytes) removed."""
    removed = freed = 0
    batch: list[str] = []

    def unwanted(sha256: str) -> bool:
        return not any(named(kind).filter(sha256=sha256).exists() for kind in kinds())

    def flush() -> None:
        nonlocal removed, freed
        kept = {
            sha256
            for kind in kinds()
            for sha256 in named(kind).filter(sha256__in=batch).values_list("sha256", flat=True)
        }
        for sha256 in batch:
            size = (
                0 if sha256 in kept else store.forget(sha256, older_than=older_than, still_unwanted=unwanted)
            )
            removed, freed = removed + bool(size), freed + size
        batch.clear()

    for sha256 in store.kept(older_than=older_than):
        batch.append(sha256)
        if len(batch) == 1000:
            flush()
    flush()
    store.sweep_incoming(older_than=older_than)
    return removed, freed
