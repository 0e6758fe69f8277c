"""Writing a dossier: begin, keep each page as it is saved, file it. The dossier's own rules stand in hoso."""

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping
from datetime import date, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.html import format_html_join
from django.utils.translation import gettext as _

from config.ui import sentence, vi
from danhmuc.models import Agency, Procedure, ProcedureVersion, User
from danhmuc.services import calendar_for, desk_for, resolvers_for
from danhmuc.text import fold
from danhmuc.worktime import add_working_days
from hoso.forms import declaration
from hoso.forms.eform_places import Places
from hoso.models import Document, Dossier, PostalChoice, State
from hoso.services import particulars
from hoso.services.answers import EMPTY
from hoso.services.case import Case, write
from hoso.services.dossiers import advance, open_draft, save_draft
from hoso.services.errors import Refused
from portal.models import SavedPage

NATIONAL_PORTAL = "https://dichvucong.gov.vn"
PICKUP_DAYS = 5
#: How many pages of a draft, as they were drawn, are known by what they saved, and for how long.
MOST_PAGES, PAGES_KEPT = 8, timedelta(days=3)


class Incomplete(Refused):
    """The draft cannot be filed yet; `problems` lists what is missing, each with the page that asks for it."""

    def __init__(self, problems: list[tuple[str, str]]) -> None:
        self.problems = problems
        missing = format_html_join("; ", "{}", ((text,) for _part, text in problems))
        super().__init__(sentence(_("Chưa nộp được, còn thiếu: %(missing)s."), missing=missing))


def may_apply_here(procedure: Procedure) -> bool:
    """Whether this deployment takes submissions of the procedure; otherwise the national portal does (domain §1.2)."""
    version = procedure.current
    return (
        settings.DEPLOYMENT_MODE == "PORTAL_LOCAL"
        and procedure.processing_system == Procedure.ProcessingSystem.PROVINCIAL
        and not procedure.other_province
        and version is not None
        and version.can_apply_online
        and version.is_in_force(timezone.localdate())
    )


@transaction.atomic
def start(version: ProcedureVersion, *, by: User, agency: Agency) -> Dossier:
    """A draft for this person at the agency that resolves it. A second press finds the same, still empty draft.

    Raises Refused when the agency does not resolve the procedure or no desk receives for it.
    """
    User.objects.select_for_update().get(pk=by.pk)
    desk = _desk(version, agency)
    empty = (
        Dossier.objects.filter(applicant=by, version=version, state=State.DRAFT, answers={}, documents=None)
        .filter(organisation=by if by.kind == User.Kind.ORGANISATION else None, on_behalf=False)
        .order_by("-pk")
        .first()
    )
    if empty is not None:
        return choose_agency(empty.pk, by=by, agency=agency)
    case = open_draft(
        version, by=by, desk=desk, agency=agency, owner_name=by.full_name, submitter_name=by.full_name
    )
    fill_in(case, by)
    write([case])
    return case.dossier


def _desk(version: ProcedureVersion, agency: Agency) -> Any:
    if not resolvers_for(version).filter(pk=agency.pk).exists():
        raise Refused(_("Cơ quan này không giải quyết thủ tục đã chọn. Chọn cơ quan khác."))
    desk = desk_for(agency)
    if desk is None:
        raise Refused(
            _(
                "Hiện không có Bộ phận Một cửa nào nhận hồ sơ cho cơ quan này. Gọi %(number)s để được hướng dẫn."
            )
            % {"number": settings.HOTLINE}
        )
    return desk


def choose_agency(pk: int, *, by: User, agency: Agency) -> Dossier:
    """Another agency for a draft."""

    def change(case: Case) -> None:
        case.dossier.desk = _desk(case.dossier.version, agency)
        case.dossier.resolving_agency = agency

    return save_draft(pk, by=by, change=only_draft(change))


def only_draft(change: Any) -> Any:
    """A change that is made to drafts alone."""

    def guarded(case: Case) -> None:
        if case.dossier.state != State.DRAFT:
            raise Refused(
                _("Hồ sơ đã nộp, không sửa ở đây được nữa. Mở trang theo dõi để xem việc tiếp theo.")
            )
        change(case)

    return guarded


def keep(pk: int, *, by: User) -> Dossier:
    """Keep a draft longer without changing it."""
    return save_draft(pk, by=by, change=only_draft(lambda case: None))


def change(pk: int, *, by: User, change: Callable[[Case], None]) -> Dossier:
    """Change a draft under its lock, nothing once it is filed. Raises StepRefused or Refused."""
    return save_draft(pk, by=by, change=only_draft(change))


class Overtaken(Refused):
    """Another window has given other values meanwhile to answers changed in this one; `keys` are their questions."""

    def __init__(self, keys: list[str]) -> None:
        self.keys = keys
        super().__init__(_("Chưa lưu. Trang này vừa được lưu ở một cửa sổ khác với nội dung khác."))


def mark_of(value: Any) -> str:
    """A short mark of a stored answer, by which a page remembers what it has shown."""
    text = json.dumps(value if value not in EMPTY else "", ensure_ascii=False, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:8]


def save_answers(
    pk: int,
    values: Mapping[str, Any],
    *,
    by: User,
    page: str = "",
    seen: Mapping[str, tuple[str, str]] | None = None,
    unanswered: Iterable[tuple[str, str]] = (),
) -> Dossier:
    """Keep the answers of one page; those that no longer apply go.

    `seen` holds, for each question, the marks of what the page showed and of what was stored then. The person is asked
    (Overtaken) about exactly those answers that were changed since, here and elsewhere, to two different values. All
    others are kept without a question: different answers of one page, the same value given twice, an answer left alone
    here (it gives way), one left alone elsewhere, and what this page itself has saved. `page` names it as it was drawn;
    `unanswered` are questions with the marks of what it sent and never heard about.
    """

    def change(case: Case) -> None:
        dossier = case.dossier
        kept, overtaken = dict(values), []
        saved = SavedPage.objects.filter(dossier=dossier, page=page).first() if page else None
        mine = {*(saved.marks.items() if saved else ()), *unanswered}
        for key, (shown, was) in (seen or {}).items():
            now = mark_of(dossier.answers.get(key))
            if key not in kept or now in {was, shown, mark_of(kept[key])} or (key, now) in mine:
                continue
            if mark_of(kept[key]) == shown:
                del kept[key]
            else:
                overtaken.append(key)
        if overtaken:
            raise Overtaken(overtaken)
        dossier.answers = declaration.pruned(dossier.version, {**dossier.answers, **kept})
        fill_in(case, by)
        if page:
            _remember(saved or SavedPage(dossier=dossier, page=page), kept)

    return save_draft(pk, by=by, change=only_draft(change))


def _remember(saved: SavedPage, kept: Mapping[str, Any]) -> None:
    """What this page has just had stored; of the pages of one draft only the last few are known."""
    is_new = saved.pk is None
    saved.marks |= {key: mark_of(value) for key, value in kept.items()}
    saved.saved_at = timezone.now()
    saved.save()
    if is_new:
        pages = SavedPage.objects.filter(dossier=saved.dossier)
        pages.exclude(pk__in=pages.order_by("-saved_at", "-pk").values("pk")[:MOST_PAGES]).delete()


def forget_pages() -> int:
    """Pages whose window has surely been closed; how many there were."""
    removed, _rows = SavedPage.objects.filter(saved_at__lt=timezone.now() - PAGES_KEPT).delete()
    return removed


def fill_in(case: Case, by: User) -> None:
    """The columns officers search and print from, taken from the answers, else from the account."""
    dossier = case.dossier
    for name, value in particulars.told_by(dossier, dossier.answers, by).items():
        setattr(dossier, name, value)
    dossier.summary = dossier.version.name[:1000]


def is_outdated(dossier: Dossier) -> bool:
    """Whether the procedure has a newer content than the one this draft was begun under."""
    return dossier.procedure.current_id not in {None, dossier.version_id}


def renew(pk: int, *, by: User) -> Dossier:
    """Carry a draft over to the present content of its procedure: answers to questions that are still asked stay, and
    so do files, under the paper of the same code or name. Raises Refused when the agency no longer resolves it.
    """

    def change(case: Case) -> None:
        dossier = case.dossier
        version = dossier.procedure.current
        assert version is not None
        present = list(version.components.all())
        by_name = {fold(c.name): c for c in present} | {c.code: c for c in present if c.code}
        before = {c.pk: c for c in dossier.version.components.all()}
        for document in case.current_documents:
            old = before.get(document.component_id or 0)
            if old is not None:
                document.component = by_name.get(old.code) or by_name.get(fold(old.name))
                case.touch(document)
        dossier.version, dossier.online_level = version, version.online_level
        dossier.desk = _desk(version, dossier.resolving_agency)
        dossier.answers = declaration.pruned(version, dossier.answers)
        dossier.papers_by = Dossier.PapersBy.NONE
        fill_in(case, by)

    return save_draft(pk, by=by, change=only_draft(change))


# -- Papers ----------------------------------------------------------------------------------------------------


def uploads_of_form(dossier: Dossier) -> list[dict[str, Any]]:
    """Uploads the form names, those excepted that the list of components asks for already: nothing is asked twice."""
    listed = [f" {fold(c.name)} " for c in dossier.version.components.all() if not c.is_eform]
    return [
        spec
        for spec in declaration.file_fields(dossier.version, dossier.answers)
        if not any(f" {fold(spec['label'])} " in name for name in listed)
    ]


# -- Post ------------------------------------------------------------------------------------------------------


def pickup_days(agency: Agency) -> list[date]:
    """The working days on which the post may come: from the next one on, so that the desk has looked first."""
    calendar, day = calendar_for(agency), timezone.localdate()
    return [add_working_days(calendar, day, n) for n in range(1, PICKUP_DAYS + 1)]


def save_ways(
    pk: int, *, by: User, papers_by: str, return_by: str, postal: Mapping[str, Any] | None
) -> Dossier:
    """How papers come and the result goes. `postal` holds the fields of PostalChoice, or None without the post."""

    def change(case: Case) -> None:
        case.dossier.papers_by, case.dossier.return_by = papers_by, return_by
        present = case.postal
        if postal is None:
            if present is not None:
                present.delete()
            return
        if present is None:
            case.add(PostalChoice(dossier=case.dossier, registered_at=timezone.now(), **postal))
            return
        for name, value in postal.items():
            setattr(present, name, value)
        case.touch(present)

    return save_draft(pk, by=by, change=only_draft(change))


# -- Filing ----------------------------------------------------------------------------------------------------


def problems(dossier: Dossier, have: set[int | None]) -> list[tuple[str, str]]:
    """What keeps a draft from being filed: (page, words). Pages are "on_behalf", "section:N", "papers", "ways"."""
    version, answers = dossier.version, dossier.answers
    found: list[tuple[str, str]] = []
    if lacks_authority(dossier):
        found.append(("on_behalf", _("Giấy ủy quyền của người được nộp thay")))
    if contradicts_principal(dossier):
        found.append(("on_behalf", _("Chủ hồ sơ trong tờ khai khác với người được nộp thay")))
    places = Places()
    for number, section in declaration.pages(version, answers):
        wrong = declaration.missing(version, number, answers, places)
        if wrong.unanswered:
            words = _("%(title)s: chưa trả lời %(labels)s")
            labels = "; ".join(wrong.unanswered)
            found.append((f"section:{number}", sentence(words, title=section["title"], labels=labels)))
        found += [
            (f"section:{number}", sentence("%(title)s: %(text)s", title=section["title"], text=text))
            for text in wrong.errors
        ]
    for component in version.components.all():
        if component.required and not component.is_eform and component.pk not in have:
            found.append(("papers", vi(component.name)))
    for spec in uploads_of_form(dossier):
        if declaration.is_required(spec) and answers.get(spec["key"]) in EMPTY:
            found.append(("papers", vi(spec["label"])))
    coming = set(dossier.uploads.filter(state__in=["receiving", "ready"]).values_list("state", flat=True))
    if "receiving" in coming:
        found.append(("papers", _("Có tệp chưa tải lên hết; tải nốt hoặc bấm “Bỏ” ở tệp ấy")))
    if "ready" in coming:
        found.append(("papers", _("Có tệp đang xử lý; chờ ít giây rồi mở lại trang này")))
    if ways_open(dossier):
        found.append(("ways", _("Cách nộp bản giấy")))
    return found


def lacks_authority(dossier: Dossier) -> bool:
    """Whether somebody acts for another and the paper that allows it is not there."""
    papers = dossier.documents.filter(kind=Document.Kind.AUTHORITY, removed_at=None, replaced_by=None)
    return dossier.on_behalf and not papers.exists()


def contradicts_principal(dossier: Dossier) -> bool:
    """Whether the form names another owner than the one somebody acts for."""
    if not dossier.on_behalf:
        return False
    key = "owner_tax_code" if dossier.owner_kind == Dossier.OwnerKind.ORGANISATION else "owner_person_id"
    named = dossier.answers.get(key)
    return named not in EMPTY and named != dossier.owner_id


def ways_open(dossier: Dossier) -> bool:
    """Whether the person still has to say how the paper originals will come."""
    needs_paper = dossier.version.paper_check_mode == ProcedureVersion.PaperCheckMode.BEFORE_RELEASE
    return needs_paper and dossier.papers_by == Dossier.PapersBy.NONE


class ChangedMeanwhile(Refused):
    """What is about to be filed is not what the last page showed."""

    def __init__(self) -> None:
        super().__init__(
            _(
                "Chưa nộp. Hồ sơ vừa được sửa ở một cửa sổ khác; xem lại nội dung dưới đây rồi bấm nộp lần nữa."
            )
        )


def fingerprint(dossier: Dossier, documents: Iterable[Document], postal: PostalChoice | None) -> str:
    """A mark of everything the last page shows: equal when nothing of it has changed."""
    files = sorted((d.pk, d.sha256, d.title) for d in documents if d.kind in Document.GIVEN)
    post = [
        getattr(postal, name)
        for name in ("pickup_address", "pickup_on", "pickup_part", "delivery_address", "receiver", "phone")
        if postal is not None
    ]
    told = [
        dossier.version_id,
        dossier.resolving_agency_id,
        dossier.papers_by,
        dossier.return_by,
        dossier.organisation_id,
        dossier.on_behalf,
        dossier.authority_note,
        dossier.owner_name,
        dossier.owner_id,
    ]
    text = json.dumps([dossier.answers, files, post, told], ensure_ascii=False, sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def submit(pk: int, *, by: User, seen: int | None, shown: str = "") -> Dossier:
    """File the draft: checked whole under lock, then one step with everything that follows (T02).

    `shown` is the fingerprint of what the person has read and promised. Raises Incomplete, ChangedMeanwhile,
    StepRefused (already filed) or Refused.
    """

    def complete(case: Case) -> None:
        dossier = case.dossier
        if not dossier.is_of(by):
            raise Dossier.DoesNotExist
        if dossier.state != State.DRAFT:
            return  # the step itself says who filed it, and when
        if shown and shown != fingerprint(dossier, case.current_documents, case.postal):
            raise ChangedMeanwhile
        dossier.answers = declaration.pruned(dossier.version, dossier.answers)
        found = problems(dossier, {d.component_id for d in case.current_documents})
        if found:
            raise Incomplete(found)
        fill_in(case, by)

    return advance(pk, "submit", by=by, seen=seen, prepare=complete)
