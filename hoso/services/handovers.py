"""Passing a dossier on, signing for it, taking it back (T11, T24; NĐ118 Art 18)."""

from typing import Any

from danhmuc.models import Agency, User
from hoso import clock
from hoso.models import AgencyTask, Event, Handover
from hoso.services import routes
from hoso.services.case import Case
from hoso.services.errors import Refused


def send(
    case: Case,
    event: Event,
    *,
    to_agency: Agency,
    to_role: str = "",
    to_user: User | None = None,
    what: str = Handover.What.DOSSIER,
    papers: list[str] | None = None,
    note: str = "",
) -> Handover:
    """Open a handover. One still unsigned from an earlier step within the same agency counts as signed by the one
    who now passes the dossier on: having worked on it is receipt enough.
    """
    dossier = case.dossier
    for earlier in case.handovers:
        if earlier.is_open and earlier.what == what:
            earlier.signed_at, earlier.signed_by = event.at, event.actor
            case.touch(earlier)
    due = clock.transfer_due(
        case.law.calendar(to_agency, event.at), event.at, case.law.rules(dossier, event.at)
    )
    handover = case.add(
        Handover(
            dossier=dossier,
            seq=len(case.handovers) + 1,
            what=what,
            from_agency=dossier.holder_agency or dossier.desk.serves,
            from_user=event.actor,
            to_agency=to_agency,
            to_user=to_user,
            to_role=to_role,
            sent_at=event.at,
            due_at=due,
            papers=papers or [],
            note=note,
        )
    )
    event.data["handover"] = handover.seq
    return handover


def hold_by_desk(case: Case, event: Event, facts: dict[str, Any]) -> None:
    """Consequence of acceptance: the desk has the dossier."""
    case.dossier.holder_agency = case.dossier.desk.serves
    case.dossier.holder = event.actor


def hand_over(case: Case, event: Event, facts: dict[str, Any]) -> None:
    """Consequence of `hand_over`. facts, all optional: to_user, to_agency, papers.

    From the desk this ends the transfer task, so that the agency's first step begins; from an officer it passes the
    running step to a colleague.
    """
    began: list[AgencyTask] = []
    for task in [t for t in case.open_tasks if t.kind == AgencyTask.Kind.TRANSFER]:
        began += routes.finish(case, task, event.at, event.actor)
    to_user: User | None = facts.get("to_user")
    step = began[0] if began else next((t for t in case.open_tasks if t.assignee_id == event.actor_id), None)
    if not began and step is not None:
        if to_user is None:
            raise Refused("Chọn người nhận bàn giao.")
        step.assignee = to_user
        step.status = AgencyTask.Status.SENT
        case.touch(step)
    if step is None and facts.get("to_agency") is None:
        raise Refused("Hồ sơ không ở bước có thể bàn giao. Mở lại hồ sơ để xem ai đang giữ.")
    send(
        case,
        event,
        to_agency=facts.get("to_agency") or (step.agency if step else case.dossier.resolving_agency),
        to_role=step.role if step else "",
        to_user=to_user,
        papers=facts.get("papers"),
        note=event.note,
    )


def pass_on(case: Case, event: Event, facts: dict[str, Any]) -> None:
    """Consequence of a finished, assigned or returned step: the dossier goes to whoever does the next one."""
    began = [t for t in case.tasks if t.seq in event.data.get("began", [])]
    if began:
        first = began[0]
        send(case, event, to_agency=first.agency, to_role=first.role, to_user=first.assignee)


def sign_for(case: Case, event: Event, facts: dict[str, Any]) -> None:
    """Consequence of `sign_for`: custody passes to the one who signs."""
    handover = _open(case, facts.get("what", Handover.What.DOSSIER))
    handover.signed_at, handover.signed_by = event.at, event.actor
    case.touch(handover)
    event.data["handover"] = handover.seq
    if handover.what == Handover.What.DOSSIER:
        take_custody(case, event, handover)


def take_custody(case: Case, event: Event, handover: Handover) -> None:
    """The dossier is now with the receiver; the step that waited for it is being worked on."""
    case.dossier.holder_agency = handover.to_agency
    case.dossier.holder = event.actor
    for task in case.open_tasks:
        if task.status == AgencyTask.Status.SENT and task.agency_id == handover.to_agency_id:
            task.status = AgencyTask.Status.SIGNED_FOR
            case.touch(task)


def sign_by_working(case: Case, event: Event, facts: dict[str, Any]) -> None:
    """First consequence of every working step: whoever works on a dossier sent to them has received it."""
    handover = case.open_handover
    if handover is not None:
        handover.signed_at, handover.signed_by = event.at, event.actor
        case.touch(handover)
        take_custody(case, event, handover)
        event.data["signed_handover"] = handover.seq


def recall(case: Case, event: Event, facts: dict[str, Any]) -> None:
    """Consequence of `recall_handover`: the dossier stays where it was, the step it began waits again."""
    handover = _open(case, Handover.What.DOSSIER)
    handover.recalled_at = event.at
    case.touch(handover)
    event.data["handover"] = handover.seq
    holder = case.dossier.holder_agency_id
    sent = [
        t
        for t in case.open_tasks
        if t.status == AgencyTask.Status.SENT and t.agency_id == handover.to_agency_id
    ]
    for task in sent:
        task.status, task.started_at = AgencyTask.Status.WAITING, None
        case.touch(task)
    done = [
        t
        for t in case.tasks
        if t.status == AgencyTask.Status.DONE and t.kind not in {AgencyTask.Kind.CONSULT}
    ]
    if done and holder is not None:
        back = done[-1]
        back.status, back.done_at, back.done_by = AgencyTask.Status.SIGNED_FOR, None, None
        case.touch(back)


def result_to_desk(case: Case, event: Event, facts: dict[str, Any]) -> None:
    """Consequence of issuing: the result travels to the desk that received the dossier, which signs for it."""
    send(case, event, to_agency=case.dossier.desk.serves, to_role="desk_officer", what=Handover.What.RESULT)


def release_custody(case: Case, event: Event, facts: dict[str, Any]) -> None:
    """Consequence of an end: nobody holds a dossier that is over."""
    case.dossier.holder = None


def _open(case: Case, what: str) -> Handover:
    found = next((h for h in case.handovers if h.is_open and h.what == what), None)
    if found is None:
        raise Refused("Không có bàn giao nào đang chờ ký nhận. Mở lại hồ sơ để xem ai đang giữ.")
    return found
