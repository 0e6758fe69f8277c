"""Papers of an amendment: held apart until the desk accepts it, then part of the dossier (domain §6.5).

Nothing is overwritten. A document that gives way names the better one, or the moment it was left out, and stays
readable to the office; what was compared with the originals is compared anew.
"""

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.utils.html import format_html_join
from django.utils.translation import gettext as _

from config.ui import sentence, vi
from danhmuc.models import User
from hoso.models import Amendment, AmendmentFile, Document, Dossier, Event
from hoso.services import routes
from hoso.services.case import Case
from hoso.services.errors import Refused

Check = Dossier.PaperCheck
#: The originals were compared already: with other files they are to be compared anew.
COMPARED = (Check.MATCHED, Check.MISMATCHED, Check.ACCEPTED_WITH_NOTE)
#: One place among the papers: a component of the procedure, or the name of an upload the form asks for.
Place = tuple[int | None, str]


def place_of(row: Document | AmendmentFile) -> Place:
    """Where a file belongs."""
    return (row.component_id, "") if row.component_id else (None, row.title)


def may_go(document: Document) -> bool:
    """Whether an applicant may leave it out: a present file of their own, never what the office scanned or issued."""
    return document.is_current and document.kind == Document.Kind.UPLOAD


def going(case: Case, request: Amendment) -> list[Document]:
    """The documents it takes out that are still there; another way may have been faster."""
    return [d for d in case.documents if d.pk in request.dropped and may_go(d)]


def fit(case: Case, by: User, facts: dict[str, Any]) -> None:
    """Guard of `amend`: no malware comes in, and every paper that must be there still is."""
    request: Amendment | None = facts.get("papers")
    if request is None:
        return
    files = list(request.files.all())
    bad = [file.name for file in files if file.virus_check == Document.Verdict.INFECTED]
    if bad:
        raise Refused(sentence(_("Tệp có mã độc, hãy thay tệp khác: %(names)s."), names=", ".join(bad)))
    gone = going(case, request)
    left = {place_of(d) for d in case.current_documents if d not in gone} | {place_of(f) for f in files}
    components = routes.version_parts(case.dossier.version_id)[1]
    emptied = {d.component_id for d in gone if place_of(d) not in left}
    names = [c.name for c in components if c.required and c.pk in emptied]
    if names:
        raise Refused(
            sentence(
                _("Giấy tờ bắt buộc phải còn ít nhất một tệp: %(names)s. Tải tệp thay lên rồi gửi."),
                names="; ".join(names),
            )
        )


def put_in(case: Case, event: Event, facts: dict[str, Any]) -> None:
    """Consequence of `amend`. facts: papers, the amendment whose files become documents (optional)."""
    request: Amendment | None = facts.get("papers")
    if request is None:
        return
    gone, files = going(case, request), list(request.files.all())
    event.data["files"] = told(case.dossier, gone, files)
    better: dict[Place, Document] = {}
    for file in files:
        document = _document(case, file, event.at)
        document.save()
        case.documents.append(document)
        better.setdefault(place_of(file), document)
        file.document = document
        case.touch(file)
    for old in gone:
        old.replaced_by = better.get(place_of(old))
        if old.replaced_by is None:
            old.removed_at = event.at
        case.touch(old)
    if case.dossier.paper_check in COMPARED:
        case.dossier.paper_check = Check.RECEIVED
        event.data["paper_check"] = Check.RECEIVED


def _document(case: Case, file: AmendmentFile, at: datetime) -> Document:
    source = file.source
    known = {name: getattr(source, name) for name in Document.OF_THE_PAPER} if source else {}
    return Document(
        dossier=case.dossier,
        component=file.component,
        kind=Document.Kind.UPLOAD,
        title=file.title,
        originals=file.originals,
        source=source,
        ask_issuer_at=at if any(s.get("askable") for s in file.signatures) else None,
        added_by=file.added_by,
        added_at=file.added_at,
        **file.of_bytes,
        **known,
    )


def told(dossier: Dossier, gone: Iterable[Document], files: Iterable[AmendmentFile]) -> list[dict[str, Any]]:
    """What history keeps: a row a paper, with the names of the files that come and go."""
    rows: dict[Place, dict[str, Any]] = defaultdict(lambda: {"name": "", "added": [], "removed": []})
    for document in gone:
        rows[place_of(document)]["name"] = document.title or document.name
        rows[place_of(document)]["removed"].append(document.name)
    for file in files:
        rows[place_of(file)]["name"] = file.title or file.name
        rows[place_of(file)]["added"].append(file.name)
    return list(rows.values())


def in_words(papers: Iterable[dict[str, Any]]) -> str:
    """Such rows in one line: “Giấy chứng sinh: thay a.pdf bằng b.pdf”."""
    rows = ((vi(row["name"]), _row_in_words(row)) for row in papers)
    return format_html_join("; ", "{}: {}", rows)


def _row_in_words(row: dict[str, Any]) -> str:
    old, new = ", ".join(row["removed"]), ", ".join(row["added"])
    if old and new:
        return sentence(_("thay %(old)s bằng %(new)s"), old=old, new=new)
    return sentence(_("thêm %(new)s"), new=new) if new else sentence(_("bỏ %(old)s"), old=old)
