"""Everyday names and situations in life, as the procedure controller changes them; every change leaves its trace.

What a person changed belongs to them: `load_catalogue` passes it over from then on. Search follows in the same transaction.
"""

from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.utils import timezone

from danhmuc.models import Field, LifeEvent, Procedure, Synonym, User, WordingChange
from danhmuc.roles import Role
from danhmuc.services import search_index
from danhmuc.text import fold, nfc

_PROCEDURES = (Synonym.Target.PROCEDURE, Synonym.Target.PROCEDURE_INDEX)
_SYNONYM = ("phrase", "target_kind", "target", "weight", "note")
_EVENT = ("kind", "title", "summary", "steps", "order")


class WordingRefused(Exception):
    """Why a change cannot be made, in words for the person who makes it."""


def may_edit(user: User) -> bool:
    """Whether the person is a procedure controller in office today (PT Art 25.2)."""
    return any(position.role == Role.PROCEDURE_CONTROLLER for position in user.positions_on())


def known_target(kind: str, target: str) -> bool:
    """Whether what a name leads to exists."""
    if kind == Synonym.Target.FIELD:
        return Field.objects.filter(code=target).exists()
    if kind == Synonym.Target.LIFE_EVENT:
        return LifeEvent.objects.filter(key=target, is_removed=False).exists()
    return kind == Synonym.Target.ELSEWHERE or Procedure.objects.filter(code=target).exists()


@transaction.atomic
def save_synonym(pk: int | None, values: Mapping[str, Any], *, by: User, seen: int = 0) -> Synonym:
    """Add a name (pk None) or change one. A name that moves to another phrase or target leaves a mark where it was.

    `seen` is the last change the person had before them. WordingRefused when somebody was faster, or the name exists.
    """
    wanted = {name: values[name] for name in _SYNONYM}
    wanted["phrase"] = nfc(wanted["phrase"])
    folded = fold(wanted["phrase"])
    if not folded:
        raise WordingRefused("Cách gọi phải có ít nhất một chữ.")
    if not known_target(wanted["target_kind"], wanted["target"]):
        raise WordingRefused(f"Không có đích “{wanted['target']}”.")
    former = _locked(Synonym, pk, WordingChange.Of.SYNONYM, seen) if pk else None
    identity = folded, wanted["target_kind"], wanted["target"]
    same = (
        Synonym.objects.select_for_update()
        .filter(folded=folded, target_kind=identity[1], target=identity[2])
        .first()
    )
    if same is not None and not same.is_removed and (former is None or same.pk != former.pk):
        raise WordingRefused(f"Đã có cách gọi “{same.phrase}” cho đích này.")
    before = _synonym(former) if former else None
    if former is not None and (same is None or same.pk != former.pk):
        _mark_removed(former, by)
        former = None
    row = former or same or Synonym()
    for name, value in wanted.items():
        setattr(row, name, value)
    row.folded, row.words = folded, sorted(set(folded.split()))
    _touch(row, by)
    row.save()
    _record(WordingChange.Of.SYNONYM, str(row.pk), row.phrase, before, _synonym(row), by)
    search_index.learn(row.phrase)
    targets = {row.target} | ({before["target"]} if before else set())
    search_index.index_procedures(targets)
    return row


@transaction.atomic
def remove_synonym(pk: int, *, by: User, seen: int = 0) -> Synonym:
    """Take a name out of use."""
    row: Synonym = _locked(Synonym, pk, WordingChange.Of.SYNONYM, seen)
    before = _synonym(row)
    _mark_removed(row, by)
    _record(WordingChange.Of.SYNONYM, str(row.pk), row.phrase, before, None, by)
    search_index.index_procedures({row.target})
    return row


@transaction.atomic
def save_life_event(pk: int | None, values: Mapping[str, Any], *, by: User, seen: int = 0) -> LifeEvent:
    """Add a situation (pk None, values with its key) or change one; its steps must be procedures of the catalogue."""
    codes = [step["code"] for step in values["steps"]]
    known = set(Procedure.objects.filter(code__in=codes).values_list("code", flat=True))
    if missing := [code for code in codes if code not in known]:
        raise WordingRefused(f"Không có thủ tục mã {', '.join(missing)}.")
    if pk:
        row: LifeEvent = _locked(LifeEvent, pk, WordingChange.Of.LIFE_EVENT, seen)
        before: dict[str, Any] | None = _event(row)
    else:
        row = LifeEvent.objects.select_for_update().filter(key=values["key"]).first() or LifeEvent(
            key=values["key"]
        )
        if row.pk and not row.is_removed:
            raise WordingRefused(f"Khóa “{row.key}” đã dùng cho việc “{row.title}”.")
        before = None
    for name in _EVENT:
        setattr(row, name, values[name])
    _touch(row, by)
    row.save()
    _record(WordingChange.Of.LIFE_EVENT, row.key, row.title, before, _event(row), by)
    search_index.learn(row.title)
    return row


@transaction.atomic
def remove_life_event(pk: int, *, by: User, seen: int = 0) -> LifeEvent:
    """Take a situation off the pages."""
    row: LifeEvent = _locked(LifeEvent, pk, WordingChange.Of.LIFE_EVENT, seen)
    before = _event(row)
    _mark_removed(row, by)
    _record(WordingChange.Of.LIFE_EVENT, row.key, row.title, before, None, by)
    return row


def last_change(row: Synonym | LifeEvent) -> WordingChange | None:
    """Who changed a row last."""
    of = WordingChange.Of.SYNONYM if isinstance(row, Synonym) else WordingChange.Of.LIFE_EVENT
    return WordingChange.objects.filter(of=of, key=_key(row)).select_related("by").first()


def _key(row: Synonym | LifeEvent) -> str:
    return str(row.pk) if isinstance(row, Synonym) else row.key


def _locked(model: Any, pk: int, of: str, seen: int) -> Any:
    row = model.objects.select_for_update().filter(pk=pk, is_removed=False).first()
    if row is None:
        raise WordingRefused("Mục này vừa được người khác bỏ.")
    last = last_change(row)
    if last is not None and last.pk != seen:
        at = timezone.localtime(last.at)
        raise WordingRefused(
            f"{last.by} vừa sửa mục này lúc {at:%H:%M} ngày {at:%d/%m/%Y}. Xem lại rồi sửa tiếp."
        )
    return row


def _touch(row: Synonym | LifeEvent, by: User) -> None:
    row.edited_by, row.edited_at, row.is_removed = by, timezone.now(), False


def _mark_removed(row: Synonym | LifeEvent, by: User) -> None:
    _touch(row, by)
    row.is_removed = True
    row.save()


def _synonym(row: Synonym) -> dict[str, Any]:
    return {name: getattr(row, name) for name in _SYNONYM}


def _event(row: LifeEvent) -> dict[str, Any]:
    return {name: getattr(row, name) for name in _EVENT}


def _record(of: str, key: str, label: str, before: Any, after: Any, by: User) -> None:
    WordingChange.objects.create(
        of=of, key=key, label=label, before=before, after=after, by=by, at=timezone.now()
    )
