"""The papers of a draft, and of an amendment: which are asked, what was handed in for each, what need not be again."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from danhmuc.models import Component, User
from danhmuc.text import fold
from hoso.models import Amendment, AmendmentFile, Document, Dossier, State
from hoso.services import amended_papers, documents, intake, preparing
from hoso.services.case import Case
from hoso.services.errors import Refused
from portal.models import Upload
from portal.services import drafts

#: Files one draft may hold; the paper one never gets to the end of is somebody's mistake.
MOST_FILES = 100
#: Papers looked at when offering what the State already holds; the newest first.
MOST_OFFERED = 60


#: A file whose pages may be photographs: of a draft or a dossier, or held apart for an amendment.
Paged = Document | AmendmentFile


@dataclass(frozen=True)
class Box:
    """One place to put files: a component of the procedure, or an upload the form names."""

    name: str
    label: str
    component: Component | None = None
    spec: dict[str, Any] | None = None

    def holds(self, document: Paged) -> bool:
        """Whether a file was handed in here."""
        if self.component is not None:
            return document.component_id == self.component.pk
        return document.component_id is None and document.title == self.label


def boxes(dossier: Dossier) -> list[Box]:
    """Everything one may upload, in the order of the procedure."""
    found = [
        Box(f"c{component.pk}", component.name, component)
        for component in dossier.version.components.all()
        if component.is_handed_in
    ]
    return found + [Box(f"f-{s['key']}", s["label"], spec=s) for s in drafts.uploads_of_form(dossier)]


def box_of(dossier: Dossier, name: str) -> Box:
    """The box of that name. Raises Refused when this draft has none: its questions have changed meanwhile."""
    for box in boxes(dossier):
        if box.name == name:
            return box
    raise Refused(_("Hồ sơ không còn hỏi giấy tờ này. Tải lại trang rồi chọn tệp ở mục hiện có."))


def add(dossier: Dossier, received: documents.Received, box: Box, *, by: User) -> Document:
    """A file that has been taken in becomes a paper of the draft. Raises StepRefused or Refused."""
    added: list[Document] = []

    def change(case: Case) -> None:
        if len(case.current_documents) >= MOST_FILES:
            raise Refused(
                _("Hồ sơ đã có %(n)d tệp, không nhận thêm. Ghép các trang vào một tệp hoặc xóa tệp thừa.")
                % {"n": MOST_FILES}
            )
        title = "" if box.component else box.label
        added.append(
            documents.take_in(
                case, received, by=by, kind=Document.Kind.UPLOAD, component=box.component, title=title
            )
        )
        _settle(case)

    drafts.change(dossier.pk, by=by, change=change)
    return added[0]


def prepare(dossier: Dossier, file: documents.Received | Document, box: Box, *, by: User) -> AmendmentFile:
    """A file for a filed dossier, held apart until the amendment is sent. Raises Refused."""
    title = "" if box.component else box.label
    return preparing.prepare_file(
        dossier.pk, file, by=by, component=box.component, title=title, most=MOST_FILES
    )


def prepare_again(dossier: Dossier, document_id: int, box: Box, *, by: User) -> AmendmentFile:
    """The same for a paper that is held already. Raises Refused when it may not be used, or no longer."""
    return prepare(dossier, _held(dossier, document_id, by), box, by=by)


def answers_after(dossier: Dossier, request: Amendment) -> dict[str, Any]:
    """The answers that name a file, as they will be: the newest file of the box, or nothing."""
    present = list(dossier.documents.filter(replaced_by=None, removed_at=None, kind=Document.Kind.UPLOAD))
    stay = [d for d in present if d.pk not in request.dropped]
    coming: list[Paged] = [*stay, *request.files.all()]
    found: dict[str, Any] = {}
    for spec in drafts.uploads_of_form(dossier):
        box = Box("", spec["label"], spec=spec)
        mine = [f for f in coming if box.holds(f)]
        if mine or dossier.answers.get(spec["key"]):
            found[spec["key"]] = {"sha256": mine[-1].sha256, "name": mine[-1].name} if mine else ""
    return found


def put_in_place(dossier: Dossier, document_id: int, received: documents.Received, *, by: User) -> Document:
    """A file in place of another of the draft. Raises Document.DoesNotExist, StepRefused or Refused."""
    added: list[Document] = []

    def change(case: Case) -> None:
        old = next((d for d in case.current_documents if d.pk == document_id), None)
        if old is None or old.kind != Document.Kind.UPLOAD:
            raise Document.DoesNotExist
        added.append(
            documents.take_in(case, received, by=by, kind=old.kind, component=old.component, title=old.title)
        )
        old.removed_at = timezone.now()
        old.save(update_fields=["removed_at"])
        _settle(case)

    drafts.change(dossier.pk, by=by, change=change)
    return added[0]


@transaction.atomic
def remove(dossier: Dossier, document_id: int, *, by: User) -> Document:
    """Take a file out of a draft; an answer that named it is open again. Raises DoesNotExist or Refused."""
    gone = documents.remove(dossier.pk, document_id, by=by)
    drafts.change(dossier.pk, by=by, change=_settle)
    return gone


def _settle(case: Case) -> None:
    """The answers that name a file name one that is there."""
    dossier = case.dossier
    left = {d.sha256 for d in case.current_documents}
    answers = {
        key: value
        for key, value in dossier.answers.items()
        if not (isinstance(value, dict) and "sha256" in value and value["sha256"] not in left)
    }
    for spec in drafts.uploads_of_form(dossier):
        box = Box("", spec["label"], spec=spec)
        mine = [d for d in case.current_documents if d.kind == Document.Kind.UPLOAD and box.holds(d)]
        if mine:
            answers[spec["key"]] = {"sha256": mine[-1].sha256, "name": mine[-1].name}
    dossier.answers = answers


# -- Pages of photographs --------------------------------------------------------------------------------------


def may_arrange(file: Paged) -> bool:
    """Whether its pages are photographs of ours that the applicant may put in another order."""
    theirs = isinstance(file, AmendmentFile) or amended_papers.may_go(file)
    pages = file.pages or 0
    photos = bool(file.originals) and len(file.originals) == pages
    return theirs and file.source_id is None and (photos or file.media_type in {"image/jpeg", "image/png"})


def leaves_of(file: Paged) -> list[intake.Leaf]:
    """The pages of such a file, to be bound anew."""
    originals = file.originals or [{"name": file.name, "sha256": file.sha256, "size": file.size, "note": ""}]
    return intake.leaves_of(file.sha256, originals)


def arrange(dossier: Dossier, file: Paged, leaves: Sequence[intake.Leaf], *, by: User) -> Paged:
    """The same file with its pages in another order, turned, some gone, some new: in a draft at once, in a filed
    dossier held apart until it is sent. Raises as `put_in_place` or `preparing.exchange`, or BadLeaf.
    """
    bound = intake.bind(leaves, file.name.rpartition(".")[0] or file.name)
    coming = Upload.objects.filter(**Upload.growing(file)).exclude(state=Upload.State.DONE)
    follow = list(coming.values_list("pk", flat=True))
    made: Paged
    if dossier.state == State.DRAFT:
        made = put_in_place(dossier, file.pk, bound, by=by)
    else:
        made = preparing.exchange(dossier.pk, file, bound, by=by)
    Upload.objects.filter(pk__in=follow).update(
        **Upload.growing(made)
    )  # pages on their way find the file as it is now
    return made


# -- Papers the State already holds ----------------------------------------------------------------------------


@dataclass(frozen=True)
class Offer:
    """A paper that may be used again, and how well it suits: 2 the same paper, 1 of that name, 0 some other."""

    document: Document
    suits: int


def reusable(dossier: Dossier, by: User) -> QuerySet[Document]:
    """Papers of the same owner's earlier dossiers, and results handed over, that are still valid.

    What an agency of this system holds and is valid must not be asked for again (NĐ118 Art 5.1i). A draft for one
    person never shows the papers of another for whom the same hand has filed.
    """
    today = timezone.localdate()
    theirs = (
        Dossier.objects.of(by)
        .filter(owner_id=dossier.owner_id, organisation=dossier.organisation_id)
        .exclude(Q(pk=dossier.pk) | Q(state=State.DRAFT) | Q(owner_id=""))
    )
    kinds = Q(kind__in=[Document.Kind.UPLOAD, Document.Kind.SCAN]) | Q(
        kind=Document.Kind.RESULT, dossier__state=State.COMPLETED
    )
    return (
        Document.objects.filter(kinds, dossier__in=theirs, replaced_by=None, removed_at=None)
        .filter(Q(valid_to=None) | Q(valid_to__gte=today))
        .exclude(virus_check=Document.Verdict.INFECTED)
        .select_related("dossier__procedure", "component")
        .defer("dossier__answers", "dossier__search", "dossier__procedure__search")
        .order_by("-added_at", "-pk")
    )


def offers(box: Box, candidates: Iterable[Document]) -> list[Offer]:
    """What may be used again for one box, the best suited and newest first; the same bytes once."""
    seen: set[str] = set()
    found = []
    for document in candidates:
        if document.sha256 not in seen:
            seen.add(document.sha256)
            found.append(Offer(document, _suits(box, document)))
    return sorted(found, key=lambda offer: -offer.suits)


def _suits(box: Box, document: Document) -> int:
    asked, held = box.component, document.component
    if asked is not None and held is not None and asked.code and asked.code == held.code:
        return 2
    name, title = f" {fold(box.label)} ", f" {fold(document.title or document.name)} "
    if name == title:
        return 2
    return 1 if title in name or name in title else 0


def use_again(dossier: Dossier, document_id: int, box: Box, *, by: User) -> Document:
    """Name a held paper in this draft, with where it came from. Raises Refused when it may not be, or no longer."""
    source = _held(dossier, document_id, by)
    added: list[Document] = []

    def change(case: Case) -> None:
        title = "" if box.component else box.label
        added.append(documents.take_again(case, source, by=by, component=box.component, title=title))
        _settle(case)

    drafts.change(dossier.pk, by=by, change=change)
    return added[0]


def _held(dossier: Dossier, document_id: int, by: User) -> Document:
    source = reusable(dossier, by).filter(pk=document_id).first()
    if source is None:
        raise Refused(
            _("Giấy tờ này không dùng lại được nữa: đã hết giá trị hoặc không còn. Tải tệp lên như thường.")
        )
    return source
