"""Issues the legal forms (domain §13): a consequence takes the number and keeps the facts; `printing` makes the PDF."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.utils import translation

from danhmuc.models import User
from hoso.models import Document, Event, Paper
from hoso.services import numbers, paper_facts
from hoso.services.case import Case

Kind = Paper.Kind
Follow = Callable[[Case, Event, dict[str, Any]], None]


def issue(kind: str) -> Follow:
    """A consequence that issues one paper of this kind, with the facts as they are at this moment."""

    def follow(case: Case, event: Event, facts: dict[str, Any]) -> None:
        add(case, event, Kind(kind), by=event.actor, at=event.at)

    follow.__name__ = f"issue_{kind}"
    return follow


def add(case: Case, event: Event, kind: Kind, *, by: User, at: datetime) -> Paper:
    """One paper more in a case, numbered and with its facts."""
    number = ""
    if kind in paper_facts.NUMBERED:
        desk = case.dossier.desk
        number = paper_facts.number_text(kind, numbers.paper_number(case.series, kind, desk.serves, at), desk)
    paper = Paper(
        dossier=case.dossier,
        kind=kind,
        seq=sum(p.kind == kind for p in case.papers) + 1,
        event_seq=event.seq,
        number=number,
        form_set=case.law.forms(at).key,
        issued_by=by,
        issued_at=at,
    )
    with translation.override("vi"):  # what is kept is what will be printed
        paper.facts = paper_facts.BUILD[kind](case, event, paper)
    paper.number = paper.facts["number"]  # a receipt and a proof of submission bring their own
    return case.add(paper)


def issue_adjustment(case: Case, event: Event, facts: dict[str, Any]) -> None:
    """Consequence of `pay_refund`: the receipt that takes a part off, where a part went back."""
    if event.data.get("receipt_no"):
        add(case, event, Kind.FEE_RECEIPT, by=event.actor, at=event.at)


def issue_result(case: Case, event: Event, facts: dict[str, Any]) -> None:
    """Consequence of `decide` (and `accept_immediate`): the result gets its number in the agency's register, once and
    in order (invariant 6); the file is the one the officer prepared, or is made from the generic form.

    facts: document (Document, the draft to be signed) or title and body (text).
    """
    dossier = case.dossier
    number = numbers.document_number(case.series, dossier.resolving_agency, event.at)
    draft: Document | None = facts.get("document")
    paper = Paper(
        dossier=dossier,
        kind=Kind.RESULT,
        seq=sum(p.kind == Kind.RESULT for p in case.papers) + 1,
        event_seq=event.seq,
        number=number,
        form_set=case.law.forms(event.at).key,
        issued_by=event.actor,
        issued_at=event.at,
        verify_code=case.series.reference().removeprefix("NT-"),
    )
    with translation.override("vi"):
        paper.facts = paper_facts.result(case, event, paper, facts) | {"verify_code": paper.verify_code}
    if draft is not None:
        paper.facts["draft_sha256"] = draft.sha256
    case.add(paper)
    event.data["result_number"] = number
