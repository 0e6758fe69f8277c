"""Requests to the applicant: proposed, signed, sent by the desk, answered, settled (T07, T08, T14–T16)."""

from typing import Any

from django.utils.translation import gettext as _

from hoso import clock
from hoso.models import CorrectionCase, Event, Supplement, SupplementItem
from hoso.services.case import Case
from hoso.services.errors import Refused

Status = Supplement.Status


def _new(case: Case, event: Event, facts: dict[str, Any], kind: str, status: str) -> Supplement:
    """facts: items (list of {component, name, reason, explanation}), guidance, override_reason."""
    supplement = case.add(
        Supplement(
            dossier=case.dossier,
            seq=len(case.supplements) + 1,
            kind=kind,
            status=status,
            guidance=facts.get("guidance", ""),
            proposed_by=event.actor,
            override_reason=facts.get("override_reason", ""),
            phone_call_note=facts.get("phone_call_note", ""),
        )
    )
    for order, item in enumerate(facts["items"], start=1):
        case.add(
            SupplementItem(
                supplement=supplement,
                order=order,
                component=item.get("component"),
                name=item["name"],
                reason=item["reason"],
                explanation=item["explanation"],
            )
        )
    event.data["supplement"] = supplement.seq
    event.data["items"] = [
        {"name": i["name"], "reason": str(i["reason"]), "explanation": i["explanation"]}
        for i in facts["items"]
    ]
    return supplement


def ask_completion(case: Case, event: Event, facts: dict[str, Any]) -> None:
    """Consequence of `ask_completion`: one request with everything that is missing, sent at once."""
    supplement = _new(case, event, facts, Supplement.Kind.INTAKE, Status.SENT)
    supplement.sent_by, supplement.sent_at = event.actor, event.at


def propose(case: Case, event: Event, facts: dict[str, Any]) -> None:
    """Consequence of `propose_hold`: nothing reaches the applicant yet."""
    _new(case, event, facts, Supplement.Kind.PROCESSING, Status.PROPOSED)


def sign(case: Case, event: Event, facts: dict[str, Any]) -> None:
    """Consequence of `sign_hold`. facts: agreed (default True); a refusal drops the proposal with the note."""
    supplement = _open(case, Status.PROPOSED)
    if facts.get("agreed", True):
        supplement.status, supplement.signed_by = Status.SIGNED, event.actor
    else:
        supplement.status = Status.DROPPED
    event.data.update({"supplement": supplement.seq, "agreed": facts.get("agreed", True)})
    case.touch(supplement)


def send(case: Case, event: Event, facts: dict[str, Any]) -> None:
    """Consequence of `hold`: the desk sends the signed request."""
    supplement = _open(case, Status.SIGNED)
    supplement.status, supplement.sent_by, supplement.sent_at = Status.SENT, event.actor, event.at
    event.data["supplement"] = supplement.seq
    event.data["items"] = [
        {"name": i.name, "reason": i.reason, "explanation": i.explanation}
        for i in case.items
        if i.supplement is supplement or (supplement.pk and i.supplement_id == supplement.pk)
    ]
    case.touch(supplement)


def note_wait(case: Case, event: Event, facts: dict[str, Any]) -> None:
    """Consequence after the dates are set: until when the request stays open."""
    supplement = case.open_supplement
    if supplement is not None:
        supplement.wait_until = case.dossier.wait_until
        case.touch(supplement)


def answer(case: Case, event: Event, facts: dict[str, Any]) -> None:
    """Consequence of `resubmit` and `answer_supplement`. facts: answers, {item order: {text, document}}."""
    supplement = _open(case, Status.SENT, Status.ANSWERED)
    answers: dict[int, dict[str, Any]] = facts.get("answers", {})
    for item in case.items:
        mine = item.supplement is supplement or (supplement.pk and item.supplement_id == supplement.pk)
        given = answers.get(item.order) if mine else None
        if given:
            item.answer, item.document = given.get("text", ""), given.get("document")
            case.touch(item)
    supplement.status, supplement.answered_at = Status.ANSWERED, event.at
    if event.name == "resubmit":
        supplement.status = Status.COMPLETE
    event.data["supplement"] = supplement.seq
    case.touch(supplement)


def settle(case: Case, event: Event, facts: dict[str, Any]) -> None:
    """Consequence of `resume` after a supplement: all items received."""
    supplement = case.open_supplement
    if supplement is not None and supplement.kind == Supplement.Kind.PROCESSING:
        supplement.status = Status.COMPLETE
        for item in case.items:
            if item.supplement is supplement or (supplement.pk and item.supplement_id == supplement.pk):
                item.settled = True
                case.touch(item)
        event.data["supplement"] = supplement.seq
        case.touch(supplement)


def expire(case: Case, event: Event, facts: dict[str, Any]) -> None:
    """Consequence of an end while a request is open."""
    supplement = case.open_supplement
    if supplement is not None:
        supplement.status = Status.EXPIRED if event.name == "close_unsupplemented" else Status.DROPPED
        case.touch(supplement)


def open_correction(case: Case, event: Event, facts: dict[str, Any]) -> None:
    """Consequence of `report_error` (T23). facts: error, found_by, old_document."""
    case.add(
        CorrectionCase(
            dossier=case.dossier,
            found_by=facts.get("found_by", "applicant"),
            error=facts["error"],
            reported_by=event.actor,
            reported_at=event.at,
            due_at=clock.correction_due(
                case.law.calendar(case.dossier.resolving_agency, event.at),
                event.at,
                case.law.rules(case.dossier, event.at),
            ).due,
            old_document=facts.get("old_document"),
        )
    )


def close_correction(case: Case, event: Event, facts: dict[str, Any]) -> None:
    """Consequence of `finish_correction`. facts: document, the corrected result that replaces the old one."""
    correction = next((c for c in case.corrections if c.corrected_at is None), None)
    if correction is None:
        raise Refused("Không có yêu cầu đính chính nào đang mở.")
    correction.corrected_at, correction.corrected_by = event.at, event.actor
    correction.new_document = facts["document"]
    case.touch(correction)
    if correction.old_document is not None:
        correction.old_document.replaced_by = facts["document"]
        case.touch(correction.old_document)


def _open(case: Case, *statuses: str) -> Supplement:
    found = next((s for s in case.supplements if s.status in statuses), None)
    if found is None:
        raise Refused(_("Không có yêu cầu bổ sung nào ở bước này. Mở lại hồ sơ để xem tình trạng hiện tại."))
    return found
