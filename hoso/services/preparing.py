"""What an applicant prepares for an amendment, file by file, until it is sent (domain §6.5). Nobody else sees it."""

from datetime import datetime
from pathlib import Path
from typing import Any, BinaryIO

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from danhmuc.models import Component, User
from hoso import access
from hoso.lifecycle import IN_HAND, State
from hoso.models import Amendment, AmendmentFile, Document, Dossier
from hoso.services import amended_papers, documents, dossiers
from hoso.services.case import Case
from hoso.services.errors import Refused
from hoso.services.intake import Received

Status = Amendment.Status
#: From filing to the decision.
AMENDABLE = (State.SUBMITTED, State.INTAKE_HOLD, *IN_HAND)


def own_case(pk: int, *, by: User, seen: int | None = None) -> Case:
    """The locked case of one's own dossier, as the page showed it. Raises Dossier.DoesNotExist or StepRefused."""
    case = dossiers.locked(pk)
    if not access.is_own(case.dossier, by):
        raise Dossier.DoesNotExist
    if seen is not None and seen != case.dossier.last_seq:
        raise dossiers.overtaken(case)
    return case


def being_written(dossier: Dossier) -> Amendment | None:
    """What the applicant prepares about papers and has not sent."""
    return dossier.amendments.filter(status=Status.WRITING).first()


@transaction.atomic
def prepare_file(
    pk: int,
    file: Received | Document,
    *,
    by: User,
    component: Component | None,
    title: str = "",
    most: int = 100,
    at: datetime | None = None,
) -> AmendmentFile:
    """A file taken in, or a paper the State already holds, that is to be part of the dossier once it is sent.

    Raises Refused (too many, or the dossier cannot be changed any more).
    """
    case = _changeable(pk, by)
    writing = _begin(case, by)
    if len(case.current_documents) + writing.files.count() >= most:
        raise Refused(
            _("Hồ sơ đã có %(n)d tệp, không nhận thêm. Ghép các trang vào một tệp hoặc bỏ tệp thừa.")
            % {"n": most}
        )
    source = file if isinstance(file, Document) else None
    known = file.of_bytes if isinstance(file, Document) else _of_received(file)
    return AmendmentFile.objects.create(
        amendment=writing,
        component=component,
        title=title or (component.name if component else ""),
        originals=file.originals,
        source=source,
        added_by=by,
        added_at=at or timezone.now(),
        **known,
    )


def _of_received(file: Received) -> dict[str, Any]:
    names = ("name", "sha256", "size", "media_type", "pages", "signatures")
    return {name: getattr(file, name) for name in names}


@transaction.atomic
def exchange(pk: int, old: Document | AmendmentFile, file: Received, *, by: User) -> AmendmentFile:
    """A file in place of one held apart, or of a present document, which is then to go.

    Raises AmendmentFile.DoesNotExist or Document.DoesNotExist when that one has gone already, or Refused.
    """
    case = _changeable(pk, by)
    writing = _begin(case, by)
    if isinstance(old, AmendmentFile):
        writing.files.get(pk=old.pk).delete()
    else:
        present = any(d.pk == old.pk and amended_papers.may_go(d) for d in case.documents)
        if not present or old.pk in writing.dropped:
            raise Document.DoesNotExist
        writing.dropped = sorted([*writing.dropped, old.pk])
        writing.save(update_fields=["dropped"])
    return AmendmentFile.objects.create(
        amendment=writing,
        component=old.component,
        title=old.title,
        originals=file.originals,
        added_by=by,
        added_at=timezone.now(),
        **_of_received(file),
    )


@transaction.atomic
def forget_file(pk: int, file_id: int, *, by: User) -> None:
    """Not this one after all; pressing twice does no harm."""
    case = _changeable(pk, by)
    if (writing := being_written(case.dossier)) is not None:
        writing.files.filter(pk=file_id).delete()


@transaction.atomic
def leave_out(pk: int, document_id: int, *, by: User, out: bool = True) -> None:
    """A present document is to go, or to stay after all. Raises Document.DoesNotExist or Refused."""
    case = _changeable(pk, by)
    document = next((d for d in case.documents if d.pk == document_id), None)
    if document is None or not amended_papers.may_go(document):
        raise Document.DoesNotExist
    writing = _begin(case, by)
    kept = {other for other in writing.dropped if other != document_id}
    writing.dropped = sorted(kept | {document_id} if out else kept)
    writing.save(update_fields=["dropped"])


@transaction.atomic
def keep_reason(pk: int, reason: str, *, by: User) -> None:
    """Words typed before it is sent are not lost on the way."""
    case = _changeable(pk, by)
    writing = _begin(case, by)
    writing.reason = reason.strip()[:2000]
    writing.save(update_fields=["reason"])


@transaction.atomic
def keep_longer(pk: int, *, by: User) -> None:
    """What is prepared and not sent is kept from today on; nothing else changes."""
    case = _changeable(pk, by)
    if being_written(case.dossier) is not None:
        _begin(case, by)


def file_for(
    file_id: int, dossier: Dossier, user: User, request_ip: str | None
) -> tuple[AmendmentFile, BinaryIO]:
    """A file held apart, for whoever sees the dossier: the office once it was sent, its writer from the start.

    Raises AmendmentFile.DoesNotExist, or Refused for malware or bytes that are gone.
    """
    file = _readable(file_id, dossier, user)
    opened = documents.open_stored(file)
    if not dossier.is_of(user):
        documents.note_opening(file, dossier, user, request_ip)
    return file, opened


def preview_for(file_id: int, dossier: Dossier, user: User, page: int) -> Path:
    """The small picture of a page of such a file. Raises AmendmentFile.DoesNotExist."""
    path = documents.preview_of(_readable(file_id, dossier, user), page)
    if path is None:
        raise AmendmentFile.DoesNotExist
    return path


def _readable(file_id: int, dossier: Dossier, user: User) -> AmendmentFile:
    file = AmendmentFile.objects.select_related("amendment").get(pk=file_id, amendment__dossier=dossier)
    if not dossier.is_of(user) and file.amendment.status == Status.WRITING:
        raise AmendmentFile.DoesNotExist
    return file


def _changeable(pk: int, by: User) -> Case:
    case = own_case(pk, by=by)
    if case.dossier.state not in AMENDABLE:
        raise Refused(_("Hồ sơ này không sửa được nữa. Cần đính chính, hãy gọi Bộ phận Một cửa."))
    return case


def _begin(case: Case, by: User) -> Amendment:
    found = being_written(case.dossier) or Amendment(dossier=case.dossier, status=Status.WRITING)
    found.asked_by, found.asked_at = by, timezone.now()
    found.save()
    return found
