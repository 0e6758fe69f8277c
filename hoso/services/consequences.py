"""Step → what follows, as one table. Plain functions that leave rows in the same transaction."""

from collections.abc import Callable
from typing import Any

from hoso import access
from hoso.models import Amendment, Dossier, Event
from hoso.services import (
    amended_papers,
    charges,
    handovers,
    notices,
    numbers,
    papers,
    particulars,
    receipts,
    refunds,
    reliefs,
    routes,
    supplements,
)
from hoso.services.answers import pruned
from hoso.services.case import Case
from hoso.services.clocks import classify, set_dates
from hoso.services.papers import Kind, issue

Follow = Callable[[Case, Event, dict[str, Any]], None]
PaperCheck = Dossier.PaperCheck


def fix_rules(case: Case, event: Event, facts: dict[str, Any]) -> None:
    """The rule set in force on the acceptance date governs the dossier for good (§0.3)."""
    rules, _ = case.law.rules_on(event.at)
    case.dossier.rule_set = rules
    case.dossier.eid_checked = case.dossier.eid_checked or bool(facts.get("eid_checked"))
    event.data["rule_set"] = rules.key


def give_code(case: Case, event: Event, facts: dict[str, Any]) -> None:
    """One code a dossier, at acceptance (NĐ118 17.3). A ministry's own code is kept instead."""
    dossier = case.dossier
    assert dossier.rule_set is not None
    if not dossier.code:
        dossier.code = numbers.dossier_code(case.series, dossier, dossier.rule_set, event.at)
    event.data["code"] = dossier.code


def start_paper_check(case: Case, event: Event, facts: dict[str, Any]) -> None:
    """Level 3: originals are compared with the e-copy before the result leaves (PT 13.1)."""
    dossier = case.dossier
    compared = dossier.channel == Dossier.Channel.ONLINE and dossier.version.paper_check_mode != "none"
    if compared and dossier.paper_check == PaperCheck.NOT_REQUIRED:
        dossier.paper_check = PaperCheck.AWAITING_PAPER


def papers_arrived(case: Case, event: Event, facts: dict[str, Any]) -> None:
    """facts: papers (names), record_no (number of the handover record signed with the carrier)."""
    case.dossier.paper_check = PaperCheck.RECEIVED
    event.data.update({"papers": facts.get("papers", []), "record_no": facts.get("record_no", "")})


def note_paper_check(case: Case, event: Event, facts: dict[str, Any]) -> None:
    """facts: items, a list of {name, matches, note}; one that differs blocks the result (§11.4)."""
    items = facts["items"]
    case.dossier.paper_check = (
        PaperCheck.MATCHED if all(i["matches"] for i in items) else PaperCheck.MISMATCHED
    )
    event.data.update({"items": items, "paper_check": case.dossier.paper_check})


def accept_mismatch(case: Case, event: Event, facts: dict[str, Any]) -> None:
    """The approver's note stands in the event."""
    case.dossier.paper_check = PaperCheck.ACCEPTED_WITH_NOTE


def redirect(case: Case, event: Event, facts: dict[str, Any]) -> None:
    """facts: desk, agency: where the competent agency is received and which it is (T10)."""
    event.data.update(
        {"from_desk": case.dossier.desk_id, "to_desk": facts["desk"].pk, "to_agency": facts["agency"].pk}
    )
    case.dossier.desk, case.dossier.resolving_agency = facts["desk"], facts["agency"]
    case.dossier.seen_by_desk_at = None
    case.involve()


def note_facts(*names: str) -> Follow:
    """Keep plain facts of the step on its event."""

    def follow(case: Case, event: Event, facts: dict[str, Any]) -> None:
        event.data.update({name: facts[name] for name in names if facts.get(name) not in (None, "")})

    follow.__name__ = "note_" + "_".join(names)
    return follow


def amend_answers(case: Case, event: Event, facts: dict[str, Any]) -> None:
    """facts: changes, answers by field key; the values before stay on the event, so that history shows what changed
    (PT 12). What is kept beside the form for lists and papers, such as the owner's name, follows.
    """
    old = case.dossier.answers or {}
    new = pruned(case.dossier.version, {**old, **facts["changes"]})
    event.data["changed"] = {k: [old.get(k), new.get(k)] for k in {*old, *new} if old.get(k) != new.get(k)}
    case.dossier.answers = new
    account = case.dossier.applicant
    before = particulars.told_by(case.dossier, old, account)
    after = particulars.told_by(case.dossier, new, account)
    for name, value in after.items():
        if value != before[name] and value:
            setattr(case.dossier, name, value)


def tell_of_amendment(case: Case, event: Event, facts: dict[str, Any]) -> None:
    """The applicant's own change is told to the desk; what the desk changed, to the applicant and the agency."""
    if access.is_own(case.dossier, event.actor):
        notices.tell_desk(case, event, facts)
        return
    notices.tell_applicant(case, event, facts)
    if case.dossier.accepted_at:
        notices.tell_agency(case, event, facts)


def lapse_amendment(case: Case, event: Event, facts: dict[str, Any]) -> None:
    """A change nobody has answered can no longer be made once it is decided, or over."""
    if case.dossier.accepted_at is None or case.amendment is None:
        return
    case.amendment.status = Amendment.Status.LAPSED
    case.amendment.settled_by, case.amendment.settled_at = event.actor, event.at
    case.touch(case.amendment)
    event.data["amendment_lapsed"] = True


CONSEQUENCES: dict[str, list[Follow]] = {
    "submit": [
        charges.raise_prepaid,
        set_dates,
        issue(Kind.SUBMISSION_PROOF),
        notices.tell_applicant,
        notices.tell_desk,
    ],
    "accept": [
        fix_rules,
        give_code,
        set_dates,
        charges.raise_fees,
        handovers.hold_by_desk,
        routes.lay,
        start_paper_check,
        note_facts("count_complete", "record_no", "papers"),
        issue(Kind.ACCEPTANCE_SLIP),
        notices.tell_applicant,
        notices.tell_agency,
    ],
    "accept_immediate": [
        fix_rules,
        give_code,
        set_dates,
        classify,
        charges.raise_fees,
        papers.issue_result,
        notices.tell_applicant,
    ],
    "ask_completion": [
        set_dates,
        supplements.ask_completion,
        supplements.note_wait,
        issue(Kind.SUPPLEMENT_SLIP),
        notices.tell_applicant,
    ],
    "resubmit": [supplements.answer, set_dates, notices.tell_applicant, notices.tell_desk],
    "refuse_intake": [
        supplements.expire,
        charges.cancel_due,
        refunds.open_for_end,
        issue(Kind.REFUSAL_SLIP),
        notices.tell_applicant,
        notices.tell_of_refunds,
    ],
    "redirect": [redirect, set_dates, notices.tell_applicant, notices.tell_desk],
    "hand_over": [handovers.hand_over, notices.tell_agency],
    "sign_for": [handovers.sign_for],
    "recall_handover": [handovers.recall],
    "assign": [handovers.sign_by_working, routes.assign, handovers.pass_on],
    "finish_task": [
        handovers.sign_by_working,
        note_facts("result", "proposed_outcome"),
        routes.finish_task,
        handovers.pass_on,
    ],
    "return_task": [handovers.sign_by_working, routes.return_task, handovers.pass_on],
    "consult": [handovers.sign_by_working, routes.ask_agency, notices.tell_agency],
    "verify_on_site": [handovers.sign_by_working, routes.ask_agency, notices.tell_applicant],
    "propose_hold": [handovers.sign_by_working, supplements.propose],
    "sign_hold": [supplements.sign, notices.tell_desk],
    "hold": [
        set_dates,
        supplements.send,
        supplements.note_wait,
        issue(Kind.SUPPLEMENT_SLIP),
        notices.tell_applicant,
    ],
    "hold_financial": [charges.raise_obligation, set_dates, notices.tell_applicant],
    "answer_supplement": [supplements.answer, notices.tell_desk],
    "resume": [
        supplements.settle,
        set_dates,
        routes.set_task_dates,
        issue(Kind.ACCEPTANCE_SLIP),
        notices.tell_applicant,
        notices.tell_agency,
    ],
    "close_unsupplemented": [
        supplements.expire,
        classify,
        charges.cancel_due,
        refunds.open_for_end,
        routes.close_all,
        lapse_amendment,
        handovers.release_custody,
        issue(Kind.STOP_NOTICE),
        notices.tell_applicant,
        notices.tell_of_refunds,
    ],
    "receive_papers": [papers_arrived],
    "check_papers": [note_paper_check, notices.tell_applicant],
    "decide_paper_mismatch": [accept_mismatch],
    "record_payment": [charges.settle, set_dates, issue(Kind.FEE_RECEIPT), notices.tell_applicant],
    "claim_relief": [reliefs.claim, notices.tell_desk],
    "decide_relief": [reliefs.decide, set_dates, notices.tell_applicant],
    "replace_receipt": [receipts.replace, issue(Kind.FEE_RECEIPT), notices.tell_applicant],
    "open_refund": [refunds.open_undue, notices.tell_of_refunds],
    "give_refund_account": [refunds.take_account, notices.tell_desk],
    "decide_refund": [refunds.decide, notices.tell_applicant, notices.tell_desk],
    "pay_refund": [refunds.pay, papers.issue_adjustment, notices.tell_applicant],
    "amend": [amend_answers, amended_papers.put_in, tell_of_amendment],
    "urge": [notices.tell_agency],
    "recalculate": [note_facts("due_at"), set_dates, routes.set_task_dates, notices.tell_applicant],
    "extend": [
        note_facts("value", "unit"),
        set_dates,
        routes.set_task_dates,
        issue(Kind.APOLOGY_EXTENSION),
        notices.tell_applicant,
    ],
    "decide": [
        handovers.sign_by_working,
        classify,
        note_facts("outcome"),
        papers.issue_result,
        routes.after_decision,
        lapse_amendment,
        notices.tell_applicant,
        notices.tell_desk,
    ],
    "issue_result": [routes.finish_issue, handovers.result_to_desk],
    "complete": [
        note_facts("receiver_name", "receiver_id", "relation", "authority_note", "tracking_number"),
        routes.close_all,
        handovers.release_custody,
        issue(Kind.RETURN_RECEIPT),
        notices.tell_applicant,
    ],
    "withdraw": [
        supplements.expire,
        classify,
        charges.cancel_due,
        refunds.open_for_end,
        routes.close_all,
        lapse_amendment,
        handovers.release_custody,
        issue(Kind.STOP_NOTICE),
        notices.tell_applicant,
        notices.tell_of_refunds,
    ],
    "void": [
        supplements.expire,
        charges.cancel_due,
        refunds.open_for_end,
        routes.close_all,
        lapse_amendment,
        handovers.release_custody,
        notices.tell_applicant,
        notices.tell_of_refunds,
    ],
    "report_error": [supplements.open_correction, notices.tell_agency],
    "finish_correction": [supplements.close_correction, notices.tell_applicant],
    "mirror_update": [note_facts("to")],
}
