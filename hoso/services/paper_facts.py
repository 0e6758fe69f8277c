"""The facts each legal form shows (domain §13.2), gathered at the moment it is issued and kept with it."""

from collections.abc import Callable
from typing import Any

from danhmuc.models import Desk
from hoso.models import Event, Paper
from hoso.services.case import Case

Kind = Paper.Kind
Builder = Callable[[Case, Event, Paper], dict[str, Any]]

#: Forms that carry a number of the desk's own yearly series, with their symbol.
NUMBERED: dict[str, str] = {
    Kind.ACCEPTANCE_SLIP: "TN",
    Kind.SUPPLEMENT_SLIP: "BS",
    Kind.REFUSAL_SLIP: "TC",
    Kind.APOLOGY_EXTENSION: "PXL",
    Kind.STOP_NOTICE: "TB",
}


def number_text(kind: str, serial: int, desk: Desk) -> str:
    """Number with symbol, e.g. "0027/TN-TTPVHCC"."""
    return f"{serial:04d}/{NUMBERED[kind]}-TTPVHCC"


def _common(case: Case, event: Event, paper: Paper) -> dict[str, Any]:
    dossier = case.dossier
    return {
        "number": paper.number,
        "code": dossier.public_code,
        "at": event.at.isoformat(),
        "desk": dossier.desk.agency.name,
        "upper_agency": dossier.desk.serves.name,
        "agency": dossier.resolving_agency.name,
        "procedure": dossier.version.name,
        "owner": dossier.owner_name,
        "officer": event.actor.full_name,
        "note": event.note,
    }


def result(case: Case, event: Event, paper: Paper, facts: dict[str, Any]) -> dict[str, Any]:
    """A result document of the generic form: outcome, title and text the approver signs."""
    return _common(case, event, paper) | {
        "outcome": case.dossier.outcome,
        "title": facts.get("title") or case.dossier.version.result_name or "Văn bản trả lời",
        "body": facts.get("body", ""),
    }


BUILD: dict[Kind, Builder] = {kind: _common for kind in Kind}
