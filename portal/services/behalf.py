"""For whom a dossier is filed: oneself, an organisation one acts for, or another who has given authority (domain §6.2)."""

from dataclasses import dataclass

from django.core.files.uploadedfile import UploadedFile
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext as _

from config.ui import sentence
from danhmuc.models import User
from hoso.models import Document, Dossier
from hoso.services import documents, organisations
from hoso.services.case import Case
from hoso.services.dossiers import save_draft
from hoso.services.errors import Refused
from portal.services import drafts


@dataclass(frozen=True)
class Principal:
    """Whose dossier it is when somebody else files it."""

    name: str
    number: str
    kind: str
    note: str


def choose(
    pk: int,
    *,
    by: User,
    organisation: User | None,
    principal: Principal | None,
    paper: UploadedFile | None = None,
) -> Dossier:
    """Say for whom a draft is; only its writer may. An authority paper comes along, or goes when nobody is acted for.

    Raises Refused (not the writer's, no member of the organisation, a file that is not taken) or StepRefused.
    """
    if organisation is not None and organisation not in organisations.organisations_of(by):
        raise Refused(_("Ông/bà không còn là thành viên của tổ chức này. Chọn lại."))
    received = documents.receive(paper) if paper is not None and principal is not None else None

    def change(case: Case) -> None:
        dossier = case.dossier
        if dossier.applicant_id != by.pk:
            raise Refused(_("Chỉ người bắt đầu hồ sơ này đổi được việc nộp cho ai."))
        dossier.organisation = organisation
        dossier.on_behalf = principal is not None
        dossier.authority_note = principal.note if principal else ""
        if principal is not None:
            dossier.owner_kind, dossier.owner_name = principal.kind, principal.name
            dossier.owner_id = principal.number
        if received is not None:
            documents.take_in(case, received, by=by, kind=Document.Kind.AUTHORITY, title="Giấy ủy quyền")
        elif principal is None:
            _drop_papers(case)
        drafts.fill_in(case, by)

    return save_draft(pk, by=by, change=drafts.only_draft(change))


def _drop_papers(case: Case) -> None:
    for document in case.current_documents:
        if document.kind == Document.Kind.AUTHORITY:
            document.removed_at = timezone.now()
            case.touch(document)


def papers_of(dossier: Dossier) -> list[Document]:
    """The authority papers handed in."""
    found = dossier.documents.filter(kind=Document.Kind.AUTHORITY, removed_at=None, replaced_by=None)
    return list(found.order_by("pk"))


def in_words(dossier: Dossier) -> str:
    """For whom it is, in one line."""
    words: str
    if dossier.on_behalf:
        words = sentence(_("Thay %(name)s, theo ủy quyền"), name=dossier.owner_name)
    elif dossier.organisation is not None:
        words = sentence(_("Cho %(name)s"), name=dossier.organisation.full_name)
    else:
        words = _("Cho chính mình")
    if dossier.on_behalf and dossier.organisation is not None:
        words = format_html(
            "{}; {}", words, sentence(_("%(name)s đứng nộp"), name=dossier.organisation.full_name)
        )
    return words
