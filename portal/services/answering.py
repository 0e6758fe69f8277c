"""Answering a request for completion or supplement: files and words together, or not at all."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.utils.translation import gettext as _

from config.ui import sentence
from danhmuc.models import User
from hoso.models import Document, Dossier, State, Supplement, SupplementItem
from hoso.services import documents
from hoso.services.case import write
from hoso.services.dossiers import advance, locked
from hoso.services.errors import Refused
from portal.models import Upload
from portal.services import uploads


@dataclass(frozen=True)
class Given:
    """What came for one item."""

    text: str
    upload: UploadedFile | None
    held: Upload | None = None

    @property
    def has_file(self) -> bool:
        """A file came now, or with the page before."""
        return self.upload is not None or self.held is not None

    def receive(self) -> documents.Received | None:
        """The file, stored and judged; the one that came now goes before the one that came earlier. Raises Refused."""
        if self.upload is not None:
            return documents.receive(self.upload)
        return uploads.received(self.held) if self.held is not None else None


class Unanswered(Refused):
    """Nothing came for some items; `orders` says for which. Nothing was stored."""

    def __init__(self, items: Sequence[SupplementItem]) -> None:
        self.orders = [item.order for item in items]
        super().__init__(
            sentence(_("Còn mục chưa trả lời: %(items)s."), items="; ".join(item.name for item in items))
        )


class BadFiles(Refused):
    """Some files cannot be taken; `by_item` says which and why. Nothing was stored."""

    def __init__(self, by_item: dict[int, str]) -> None:
        self.by_item = by_item
        super().__init__(_("Một số tệp chưa nhận được; sửa rồi gửi lại."))


def answer(
    dossier: Dossier, request: Supplement, given: Mapping[int, Given], *, by: User, seen: int | None
) -> Dossier:
    """Send the answers. Before acceptance this files the dossier again (T08), after it the desk checks and resumes (T15).

    Every item needs a file or words, now or from an earlier answer. Raises Unanswered, BadFiles, StepRefused or Refused.
    """
    items = list(request.items.all())
    unanswered = [
        item
        for item in items
        if not (given[item.order].text or given[item.order].has_file or item.answer or item.document_id)
    ]
    if unanswered:
        raise Unanswered(unanswered)
    received: dict[int, documents.Received] = {}
    wrong: dict[int, str] = {}
    for item in items:
        try:
            if (file := given[item.order].receive()) is not None:
                received[item.order] = file
        except Refused as error:
            wrong[item.order] = error.told
    if wrong:
        raise BadFiles(wrong)
    step = "resubmit" if dossier.state == State.INTAKE_HOLD else "answer_supplement"
    with transaction.atomic():
        case = locked(dossier.pk)
        facts: dict[int, dict[str, Any]] = {}
        for item in items:
            document = item.document
            if item.order in received:
                document = _take(case, item, received[item.order], by)
            facts[item.order] = {"text": given[item.order].text or item.answer, "document": document}
        write([case])
        done = advance(dossier.pk, step, by=by, seen=seen, answers=facts)
    uploads.release(dossier, given, by=by)
    return done


def _take(case: Any, item: Any, received: documents.Received, by: User) -> Document:
    """The better paper takes the place of those handed in for the same component; else it stands beside them."""
    document = documents.take_in(
        case, received, by=by, kind=Document.Kind.UPLOAD, component=item.component, title=item.name
    )
    if item.component_id:
        for old in case.current_documents:
            same = old.component_id == item.component_id and old.pk != document.pk
            if same and old.kind == Document.Kind.UPLOAD and old.added_by_id == by.pk:
                old.replaced_by = document
                old.save(update_fields=["replaced_by"])
    return document
