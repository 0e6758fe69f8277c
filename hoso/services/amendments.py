"""Changing what was filed: freely until acceptance; after it the applicant asks, the desk accepts or refuses (§6.5).

Until the decision only; NĐ118 Art 21.2 lets the applicant adjust until then. The clock goes on as it was. Files are
prepared first (`preparing`) and sent together.
"""

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.html import format_html_join
from django.utils.translation import gettext as _

from config.ui import vi
from danhmuc.models import ProcedureVersion, User
from hoso import access
from hoso.lifecycle import IN_HAND
from hoso.models import Amendment, AmendmentFile, Document, Dossier, Event
from hoso.services import amended_papers, answers, documents, dossiers, notices, signed
from hoso.services.case import Case, write
from hoso.services.errors import Refused
from hoso.services.preparing import being_written, own_case

Status = Amendment.Status


def changed(old: Mapping[str, Any], new: Mapping[str, Any]) -> dict[str, Any]:
    """The answers that differ; a question left open is the same as one never asked."""
    return {
        key: value
        for key, value in new.items()
        if value != old.get(key) and not (value in answers.EMPTY and old.get(key) in answers.EMPTY)
    }


@transaction.atomic
def ask(
    pk: int,
    *,
    by: User,
    values: Mapping[str, Any],
    reason: str,
    seen: int | None = None,
    at: datetime | None = None,
) -> Amendment:
    """Ask for other answers. A request that still waits takes them in: there is one at a time, of several sections.

    Raises StepRefused on a stale page, Refused when it is decided or nothing changes.
    """
    case = own_case(pk, by=by, seen=seen)
    return _ask(case, values, None, by=by, reason=reason, at=at or timezone.now())


@transaction.atomic
def send(
    pk: int,
    *,
    by: User,
    reason: str = "",
    values: Mapping[str, Any] | None = None,
    seen: int | None = None,
    at: datetime | None = None,
) -> Dossier:
    """Send what was prepared about papers: done at once until acceptance, asked for after it. Returns the dossier.

    `values` are the answers that name a file of the form. Raises StepRefused or Refused.
    """
    case = own_case(pk, by=by, seen=seen)
    writing, now = being_written(case.dossier), at or timezone.now()
    if writing is None or not (writing.dropped or writing.files.exists()):
        raise Refused(_("Chưa có tệp nào được thêm hoặc bỏ. Chọn tệp ở ít nhất một mục rồi gửi."))
    if case.dossier.accepted_at is None:
        done = dossiers.advance(
            pk, "amend", by=by, at=now, note=reason.strip(), changes=dict(values or {}), papers=writing
        )
        writing.delete()  # what it asked for stands in the dossier and in its history
        return done
    amended_papers.fit(case, by, {"papers": writing})
    _ask(case, values or {}, writing, by=by, reason=reason, at=now)
    return case.dossier


def _ask(
    case: Case,
    values: Mapping[str, Any],
    writing: Amendment | None,
    *,
    by: User,
    reason: str,
    at: datetime,
) -> Amendment:
    dossier, waiting = case.dossier, case.amendment
    if dossier.state not in IN_HAND:
        raise Refused(
            _(
                "Hồ sơ đã có kết quả hoặc đã kết thúc, không sửa được nữa. Cần đính chính, hãy gọi Bộ phận Một cửa."
            )
        )
    if not reason.strip():
        raise Refused(_("Ghi lý do sửa để Bộ phận Một cửa xem xét."))
    before = waiting.changes if waiting else {}
    wanted = changed(dossier.answers, {**before, **values})
    if writing is None and (not wanted or wanted == before):
        raise Refused(_("Nội dung chưa có gì khác trước. Sửa ít nhất một ô rồi gửi."))
    request = waiting or writing or Amendment(dossier=dossier)
    request.status, request.changes, request.reason = Status.WAITING, wanted, reason.strip()
    request.asked_by, request.asked_at = by, at
    if writing is not None and writing is not request:
        request.dropped = sorted({*request.dropped, *writing.dropped})
        writing.files.update(amendment=request)
        writing.delete()
    request.save()
    data = {
        "keys": sorted(wanted),
        "files": amended_papers.told(dossier, amended_papers.going(case, request), request.files.all()),
    }
    event = case.note("ask_amendment", by=by, at=at, note=reason.strip(), data=data)
    notices.tell_desk(case, event, {})
    write([case])
    return request


@transaction.atomic
def take_back(pk: int, *, by: User, at: datetime | None = None) -> Amendment:
    """The applicant no longer wants the change. Raises Refused when it was answered meanwhile."""
    case = own_case(pk, by=by)
    request, now = _waiting(case), at or timezone.now()
    _settle(case, request, Status.TAKEN_BACK, by=by, at=now)
    case.note("take_back_amendment", by=by, at=now)
    write([case])
    return request


@transaction.atomic
def accept(pk: int, *, by: User, seen: int | None = None, at: datetime | None = None) -> Dossier:
    """The desk makes the change; what stood there before stays in history, the clock as it was."""
    now = at or timezone.now()
    case = dossiers.locked(pk)
    if seen is not None and seen != case.dossier.last_seq:
        raise dossiers.overtaken(case)
    request = _waiting(case)

    def settle(locked: Case) -> None:
        assert locked.amendment is not None
        _settle(locked, locked.amendment, Status.ACCEPTED, by=by, at=now)

    return dossiers.advance(
        pk,
        "amend",
        by=by,
        at=now,
        note=request.reason,
        prepare=settle,
        on_behalf_of=case.dossier.submitter_name or case.dossier.owner_name,
        changes=request.changes,
        papers=request,
    )


@transaction.atomic
def refuse(pk: int, *, by: User, answer: str, seen: int | None = None, at: datetime | None = None) -> Dossier:
    """The desk does not make the change and says why."""
    case = dossiers.locked(pk)
    dossier = case.dossier
    if seen is not None and seen != dossier.last_seq:
        raise dossiers.overtaken(case)
    if access.is_own(dossier, by) or not access.may_take(dossier, by, "amend"):
        raise PermissionDenied
    request = _waiting(case)
    if not answer.strip():
        raise Refused("Ghi lý do không chấp nhận để người nộp biết.")
    now = at or timezone.now()
    _settle(case, request, Status.REFUSED, by=by, at=now, answer=answer.strip())
    event = case.note("refuse_amendment", by=by, at=now, note=answer.strip())
    write([case])
    notices.tell(
        dossier,
        "amendment_refused",
        key=f"{event.seq}",
        channels=(notices.Channel.PORTAL, notices.Channel.EMAIL),
        at=now,
        note=answer.strip(),
    )
    return dossier


def ended(dossier: Dossier) -> QuerySet[Amendment]:
    """Requests that changed nothing, the newest first; what they offered is kept."""
    found = dossier.amendments.filter(status__in=[Status.REFUSED, Status.TAKEN_BACK, Status.LAPSED])
    return found.select_related("asked_by", "settled_by").order_by("-pk")


def _waiting(case: Case) -> Amendment:
    if case.amendment is None:
        raise Refused(_("Đề nghị sửa này đã được trả lời hoặc đã rút. Tải lại trang để xem hồ sơ hiện tại."))
    return case.amendment


def _settle(case: Case, request: Amendment, status: str, *, by: User, at: datetime, answer: str = "") -> None:
    request.status, request.settled_by, request.settled_at, request.answer = status, by, at, answer
    case.touch(request)


# -- In words --------------------------------------------------------------------------------------------------


def side_by_side(dossier: Dossier, changes: Mapping[str, Any]) -> list[dict[str, str]]:
    """Question, answer now, answer asked for, in words: what the desk reads, and what the applicant sees again."""
    new = answers.pruned(dossier.version, {**dossier.answers, **changes})
    names = answers.place_names({"old": list(dossier.answers.values()), "new": list(new.values())})
    rows = []
    for field in answers.all_fields(dossier.version):
        old_value, new_value = dossier.answers.get(field["key"]), new.get(field["key"])
        if field["type"] == "file_ref":  # told among the papers
            continue
        if old_value == new_value or (old_value in answers.EMPTY and new_value in answers.EMPTY):
            continue
        rows.append(
            {
                "label": field["label"],
                "old": answers.in_full(field, old_value, names),
                "new": answers.in_full(field, new_value, names),
            }
        )
    return rows


def papers_side_by_side(
    case: Case, request: Amendment, url_of: Callable[[Document | AmendmentFile], str]
) -> list[dict[str, Any]]:
    """What components/paper-changes.html takes: a row a paper, the files that would go and those that would come."""
    rows: dict[Any, dict[str, Any]] = {}
    going, files = amended_papers.going(case, request), request.files.select_related("source__dossier")
    all_rows: list[Document | AmendmentFile] = [*going, *files]
    for row in all_rows:
        place = amended_papers.place_of(row)
        found = rows.setdefault(place, {"label": row.title or row.name, "old": [], "new": []})
        found["new" if isinstance(row, AmendmentFile) else "old"].append(_shown(row, url_of))
    return list(rows.values())


def _shown(
    file: Document | AmendmentFile, url_of: Callable[[Document | AmendmentFile], str]
) -> dict[str, Any]:
    scan, source = documents.scan_state(file), file.source
    infected = scan.level == "late"
    marks = [{"level": said.level, "text": said.text} for said in signed.words(file.signatures)]
    note = _("dùng lại từ hồ sơ %(code)s") % {"code": source.dossier.public_code} if source else ""
    return {
        "name": file.name,
        "url": "" if infected else url_of(file),
        "size": file.size,
        "note": note,
        "marks": [{"level": "late", "text": scan.text}, *marks] if infected else marks,
    }


def told(version: ProcedureVersion, events: Iterable[Event]) -> dict[int, str]:
    """What each amendment of a history changed, in words, by the number of its event. At most one query."""
    mine = [e for e in events if e.name in {"amend", "ask_amendment"}]
    if not mine:
        return {}
    fields = {field["key"]: field for field in answers.all_fields(version)}
    values = [pair for event in mine for pair in event.data.get("changed", {}).values()]
    names = answers.place_names({"all": values})
    return {event.seq: _in_words(event, fields, names) for event in mine}


def _in_words(event: Event, fields: Mapping[str, Any], names: Mapping[tuple[str, str, str], str]) -> str:
    parts = []
    for key, (old, new) in event.data.get("changed", {}).items():
        field = fields.get(key)
        if field is not None and field["type"] != "file_ref":
            before, after = (answers.in_full(field, v, names).replace("\n", ", ") for v in (old, new))
            parts.append(vi(f"{field['label']}: {before} → {after}"))
    asked = [
        fields[k]["label"]
        for k in event.data.get("keys", ())
        if k in fields and fields[k]["type"] != "file_ref"
    ]
    if asked:
        parts.append(vi(", ".join(asked)))
    parts += [words] if (words := amended_papers.in_words(event.data.get("files", ()))) else []
    return format_html_join("; ", "{}", ((part,) for part in parts))
