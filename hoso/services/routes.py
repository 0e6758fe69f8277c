"""Lays a version's route over a dossier and moves along it: who comes next, and by when (domain §9)."""

from collections import defaultdict
from datetime import datetime
from fractions import Fraction
from functools import lru_cache
from typing import Any

from danhmuc.models import Agency, ChargeRule, Component, ProcedureVersion, RouteStep, User
from danhmuc.roles import Role
from hoso import access, clock
from hoso.models import AgencyTask, Dossier, Event, Handover
from hoso.services.case import Case
from hoso.services.errors import Refused

Task = AgencyTask
#: Work that ends with the decision itself, and what only begins after it.
AT_DECISION = frozenset({Task.Kind.APPROVE})
AFTER_DECISION = frozenset({Task.Kind.ISSUE})


@lru_cache(maxsize=2048)
def version_parts(
    version_id: int,
) -> tuple[tuple[RouteStep, ...], tuple[Component, ...], tuple[ChargeRule, ...]]:
    """Route, components and charge rules of a published version. Kept in memory: a published version is frozen."""
    version = ProcedureVersion.objects.prefetch_related("route__agency", "components", "charge_rules").get(
        pk=version_id
    )
    return tuple(version.route.all()), tuple(version.components.all()), tuple(version.charge_rules.all())


def lay(case: Case, event: Event, facts: dict[str, Any]) -> None:
    """Consequence of acceptance: one task a step of the route, each with its due time; the first one begins."""
    dossier = case.dossier
    steps, _, _ = version_parts(dossier.version_id)
    for seq, step in enumerate(steps, start=1):
        case.add(
            Task(
                dossier=dossier,
                seq=seq,
                order=step.order,
                kind=step.kind,
                name=step.name,
                agency=_agency_of(step, dossier),
                role=step.role,
                share=step.share,
                needed=step.kind not in AFTER_DECISION,
            )
        )
    set_task_dates(case, event, facts)
    _start(case, _next_order(case), event.at, assignee=event.actor)


def _agency_of(step: RouteStep, dossier: Dossier) -> Agency:
    if step.at == RouteStep.At.DESK:
        return dossier.desk.serves
    return step.agency if step.at == RouteStep.At.AGENCY and step.agency else dossier.resolving_agency


SIDE_WORK = frozenset({Task.Kind.CONSULT, Task.Kind.VISIT})


def set_task_dates(case: Case, event: Event, facts: dict[str, Any]) -> None:
    """Consequence: spread what is left of the time limit over the steps still to do, by their shares.

    Steps of one order run side by side and each order takes the time of its longest step.
    """
    dossier = case.dossier
    todo = [t for t in case.tasks if t.done_at is None and t.kind not in SIDE_WORK]
    if not dossier.due_at or not todo:
        return
    start = event.at
    limit = dossier.version.limit
    calendar = case.law.calendar(dossier.resolving_agency, event.at)
    longest: dict[int, int] = defaultdict(int)
    for task in todo:
        longest[task.order] = max(longest[task.order], task.share)
    whole = sum(longest.values()) or 1
    shares = [
        clock.Share(
            str(task.seq),
            clock.share_of(calendar, start, dossier.due_at, limit, Fraction(100 * task.share, whole)),
            task.order,
        )
        for task in todo
    ]
    rules = case.law.rules(dossier, event.at)
    dues = {
        d.name: d.due_at
        for d in clock.step_dues(calendar, start, shares, limit, rules, due_at=dossier.due_at)
    }
    for task in todo:
        task.due_at = dues[str(task.seq)]
        case.touch(task)


def _next_order(case: Case) -> int | None:
    waiting = [
        t.order for t in case.tasks if t.status == Task.Status.WAITING and t.kind not in AFTER_DECISION
    ]
    return min(waiting, default=None)


def _start(case: Case, order: int | None, at: datetime, *, assignee: User | None = None) -> list[AgencyTask]:
    started = [t for t in case.tasks if t.order == order and t.status == Task.Status.WAITING]
    for task in started:
        task.status = Task.Status.SENT
        task.started_at = at
        if assignee is not None and task.role == Role.DESK_OFFICER:
            task.assignee = assignee
            task.status = Task.Status.SIGNED_FOR
        case.touch(task)
    case.dossier.__dict__.pop("_involved", None)
    case.involve()
    return started


def finish(case: Case, task: AgencyTask, at: datetime, by: User, result: str = "") -> list[AgencyTask]:
    """End a task; when its whole order is done the next one begins. Returns the tasks that began."""
    task.status = Task.Status.DONE
    task.done_at = at
    task.done_by = by
    task.result = result or task.result
    if task.started_at is None:
        task.started_at = at
    case.touch(task)
    planned = [t for t in case.tasks if t.kind not in {Task.Kind.CONSULT, Task.Kind.VISIT} | AFTER_DECISION]
    if any(t.is_open for t in planned):
        return []
    return _start(case, _next_order(case), at)


def task_for(
    case: Case, by: User, *, seq: int | None = None, kinds: frozenset[str] | None = None
) -> AgencyTask:
    """The open task this person may work on: the one named, else the one assigned, else one of the own role.

    Raises Refused when none is theirs.
    """
    mine = [
        task
        for task in case.open_tasks
        if seq in {None, task.seq} and (kinds is None or task.kind in kinds) and is_for(case, task, by)
    ]
    if not mine:
        raise Refused("Hồ sơ không còn bước nào chờ ông/bà làm. Mở lại hồ sơ để xem ai đang xử lý.")
    return min(mine, key=lambda task: (task.assignee_id != by.pk, task.seq))


def is_for(case: Case, task: AgencyTask, user: User) -> bool:
    """Whether the task waits for this person: assigned to them, or to nobody and of their role and agency."""
    if task.assignee_id is not None:
        return task.assignee_id == user.pk
    if task.role == Role.DESK_OFFICER:
        return case.dossier.desk_id in access.scope_of(user, case.acting_day).desks
    return access.holds_role(user, task.role, {task.agency_id}, case.acting_day)


def assign(case: Case, event: Event, facts: dict[str, Any]) -> None:
    """Consequence of `assign`: the head's task is done and the next one belongs to the person named (T12).

    facts: assignee (User), task (seq, optional when a running task is given to someone else).
    """
    assignee: User = facts["assignee"]
    mine = [t for t in case.open_tasks if t.kind == Task.Kind.ASSIGN]
    began: list[AgencyTask] = []
    for task in mine:
        began += finish(case, task, event.at, event.actor)
    targets = began or [
        t
        for t in case.open_tasks
        if t.kind in {Task.Kind.WORK, Task.Kind.REVIEW} and facts.get("task") in {None, t.seq}
    ]
    for task in targets:
        if not access.holds_role(assignee, task.role, {task.agency_id}, case.acting_day):
            raise Refused(f"{assignee.full_name} không giữ vị trí làm bước “{task.name}”. Chọn người khác.")
        task.assignee = assignee
        case.touch(task)
    event.data.update({"assignee": assignee.pk, "began": [t.seq for t in targets]})


def finish_task(case: Case, event: Event, facts: dict[str, Any]) -> None:
    """Consequence of `finish_task`: the step is done, the dossier goes on to the next one."""
    task: AgencyTask = facts["the_task"]
    began = finish(case, task, event.at, event.actor, facts.get("result", ""))
    event.data.update({"task": task.seq, "began": [t.seq for t in began]})


def return_task(case: Case, event: Event, facts: dict[str, Any]) -> None:
    """Consequence of `return_task`: the open step waits again and the one before it is open once more."""
    task: AgencyTask = facts["the_task"]
    earlier = [
        t
        for t in case.tasks
        if t.order < task.order and t.status == Task.Status.DONE and t.kind == Task.Kind.WORK
    ]
    if not earlier:
        raise Refused("Không có bước trước để trả lại. Dùng “Bàn giao” nếu cần chuyển người khác.")
    back = earlier[-1]
    for between in case.tasks:
        if back.order < between.order <= task.order and between.kind not in AFTER_DECISION:
            between.status, between.started_at, between.done_at, between.done_by = (
                Task.Status.WAITING,
                None,
                None,
                None,
            )
            case.touch(between)
    back.status, back.done_at, back.done_by = Task.Status.SENT, None, None
    case.touch(back)
    event.data.update({"task": task.seq, "began": [back.seq]})


def close_all(case: Case, event: Event, facts: dict[str, Any]) -> None:
    """Consequence of an end: nothing is left for anyone to do."""
    for task in case.tasks:
        if task.status in {Task.Status.WAITING, Task.Status.SENT, Task.Status.SIGNED_FOR}:
            task.status = Task.Status.CANCELLED
            case.touch(task)
    for handover in case.handovers:
        if handover.is_open:
            handover.recalled_at = event.at
            case.touch(handover)


def after_decision(case: Case, event: Event, facts: dict[str, Any]) -> None:
    """Consequence of `decide`: the approver's task is done, side tasks end, issuing begins."""
    for task in case.tasks:
        if task.kind in AT_DECISION and task.is_open:
            finish(case, task, event.at, event.actor, facts.get("note", ""))
        elif task.kind in AFTER_DECISION and task.status == Task.Status.WAITING:
            task.status, task.started_at = Task.Status.SENT, event.at
            case.touch(task)
        elif task.status in {Task.Status.WAITING, Task.Status.SENT, Task.Status.SIGNED_FOR}:
            task.status = Task.Status.CANCELLED
            case.touch(task)
    for handover in case.handovers:
        if handover.is_open and handover.what == Handover.What.DOSSIER:
            handover.signed_at, handover.signed_by = event.at, event.actor
            case.touch(handover)
    case.involve()


def finish_issue(case: Case, event: Event, facts: dict[str, Any]) -> None:
    """Consequence of `issue_result`: the clerk's task is done and the result goes to the desk."""
    for task in case.tasks:
        if task.kind in AFTER_DECISION and task.is_open:
            finish(case, task, event.at, event.actor)
    case.dossier.result_issued_at = event.at


def ask_agency(case: Case, event: Event, facts: dict[str, Any]) -> None:
    """Consequence of `consult` and `verify_on_site`: a side task with its own deadline; the main clock runs on.

    facts: agency (Agency), content (str), due_at (datetime), needed (bool), and for a visit place and participants.
    """
    visit = event.name == "verify_on_site"
    task = case.add(
        Task(
            dossier=case.dossier,
            seq=max((t.seq for t in case.tasks), default=0) + 1,
            order=max((t.order for t in case.open_tasks), default=1),
            kind=Task.Kind.VISIT if visit else Task.Kind.CONSULT,
            name="Kiểm tra thực địa" if visit else "Cho ý kiến",
            agency=facts["agency"],
            role=Role.CASE_OFFICER,
            assignee=event.actor if visit else None,
            status=Task.Status.SENT,
            needed=facts.get("needed", True),
            content=facts["content"],
            started_at=event.at,
            due_at=facts["due_at"],
        )
    )
    event.data.update({"task": task.seq, "agency": facts["agency"].pk, "due_at_task": facts["due_at"]})
    for key in ("place", "participants", "visit_at"):
        if facts.get(key):
            event.data[key] = facts[key]
    case.involve()
