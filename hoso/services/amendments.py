"""Changing the declaration of an accepted dossier: the applicant asks, the desk accepts or refuses (domain §6.5).

Until the decision only; NĐ118 Art 21.2 lets the applicant adjust until then. The clock goes on as it was.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from danhmuc.models import User
from hoso import access
from hoso.lifecycle import IN_HAND
from hoso.models import Amendment, Dossier, Event
from hoso.services import answers, dossiers, notices
from hoso.services.case import Case, write
from hoso.services.errors import Refused

Status = Amendment.Status


def changed(old: Mapping[str, Any], new: Mapping[str, Any]) -> dict[str, Any]:
    """The answers that differ; a question left open is the same as one never asked."""
    return {
        key: value
        for key, value in new.items()
        if value != old.get(key) and not (value in answers.EMPTY and old.get(key) in answers.EMPTY)
    }


@transaction.atomic
def ask(pk: int, *, by: User, values: Mapping[str, Any], reason: str, seen: int | None = None) -> Amendment:
    """Ask for other answers. A request that still waits takes them in: there is one at a time, of several sections.

    Raises StepRefused on a stale page, Refused when it is decided or nothing changes.
    """
    case = dossiers.locked(pk)
    dossier = case.dossier
    if not access.is_own(dossier, by):
        raise Dossier.DoesNotExist
    if seen is not None and seen != dossier.last_seq:
        raise dossiers.overtaken(case)
    if dossier.state not in IN_HAND:
        raise Refused(
            _(
                "Hồ sơ đã có kết quả hoặc đã kết thúc, không sửa được nữa. Cần đính chính, hãy gọi Bộ phận Một cửa."
            )
        )
    if not reason.strip():
        raise Refused(_("Ghi lý do sửa để Bộ phận Một cửa xem xét."))
    waiting = case.amendment
    wanted = changed(dossier.answers, {**(waiting.changes if waiting else {}), **values})
    if not wanted or (waiting is not None and wanted == waiting.changes):
        raise Refused(_("Nội dung chưa có gì khác trước. Sửa ít nhất một ô rồi gửi."))
    now = timezone.now()
    if waiting is None:
        waiting = Amendment(dossier=dossier, changes=wanted, reason=reason.strip(), asked_by=by, asked_at=now)
    else:
        waiting.changes, waiting.reason, waiting.asked_by, waiting.asked_at = wanted, reason.strip(), by, now
    waiting.save()
    event = _note(case, "ask_amendment", by=by, at=now, note=reason.strip())
    event.data["keys"] = sorted(wanted)
    notices.tell_desk(case, event, {})
    write([case])
    return waiting


@transaction.atomic
def take_back(pk: int, *, by: User) -> Amendment:
    """The applicant no longer wants the change. Raises Refused when it was answered meanwhile."""
    case = dossiers.locked(pk)
    if not access.is_own(case.dossier, by):
        raise Dossier.DoesNotExist
    request = _waiting(case)
    now = timezone.now()
    _settle(case, request, Status.TAKEN_BACK, by=by, at=now)
    _note(case, "take_back_amendment", by=by, at=now)
    write([case])
    return request


@transaction.atomic
def accept(pk: int, *, by: User, seen: int | None = None) -> Dossier:
    """The desk makes the change; the answers before stay in history, the clock as it was."""
    now = timezone.now()
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
    )


@transaction.atomic
def refuse(pk: int, *, by: User, answer: str, seen: int | None = None) -> Dossier:
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
    now = timezone.now()
    _settle(case, request, Status.REFUSED, by=by, at=now, answer=answer.strip())
    event = _note(case, "refuse_amendment", by=by, at=now, note=answer.strip())
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


def _waiting(case: Case) -> Amendment:
    if case.amendment is None:
        raise Refused(_("Đề nghị sửa này đã được trả lời hoặc đã rút. Tải lại trang để xem hồ sơ hiện tại."))
    return case.amendment


def _settle(case: Case, request: Amendment, status: str, *, by: User, at: datetime, answer: str = "") -> None:
    request.status, request.settled_by, request.settled_at, request.answer = status, by, at, answer
    case.touch(request)


def _note(case: Case, name: str, *, by: User, at: datetime, note: str = "") -> Event:
    """History of what is no step of the dossier: its state and its clock stay."""
    dossier = case.dossier
    dossier.last_seq += 1
    dossier.updated_at = at
    return case.add(
        Event(
            dossier=dossier,
            seq=dossier.last_seq,
            name=name,
            source=dossier.state,
            target=dossier.state,
            actor=by,
            at=at,
            note=note,
        )
    )


def side_by_side(dossier: Dossier, changes: Mapping[str, Any]) -> list[dict[str, str]]:
    """Question, answer now, answer asked for, in words: what the desk reads, and what the applicant sees again."""
    new = answers.pruned(dossier.version, {**dossier.answers, **changes})
    names = answers.place_names({"old": list(dossier.answers.values()), "new": list(new.values())})
    rows = []
    for field in answers.all_fields(dossier.version):
        old_value, new_value = dossier.answers.get(field["key"]), new.get(field["key"])
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
