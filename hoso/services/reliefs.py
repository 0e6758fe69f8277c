"""Who pays less, and why: dated rows applied by themselves, or claimed with a paper and confirmed by the desk (§12.1).

When several rows match, the most favourable one counts.
"""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from danhmuc.models import ChargeRelief, User
from hoso.models import Charge, Dossier, Event, ReliefClaim
from hoso.services.case import Case
from hoso.services.errors import Refused

Condition = ChargeRelief.Condition
LEVEL_2 = 2


def apply_automatic(dossier: Dossier, charge: Charge, rows: Iterable[ChargeRelief], at: datetime) -> None:
    """Give a charge just raised the best relief nobody has to ask for, among the rows in force."""
    unasked = [r for r in rows if r.condition != Condition.CLAIM and covers(r, charge, dossier)]
    if unasked and owners_level(dossier) >= LEVEL_2:
        apply_best(dossier, charge, unasked, at)


def owners_level(dossier: Dossier) -> int:
    """The level of electronic identity of whose dossier it is: the fee is charged to the owner, whoever files.

    With an authorisation it is the principal's account that counts (domain §6.2), at the counter as online; an
    organisation has no level (NĐ69 Điều 7). An owner without an account here has none that we could know of.
    """
    applicant, number = dossier.applicant, dossier.owner_id
    if applicant is None or dossier.organisation_id is not None:
        return 0  # the counter gives a dossier the account of its owner or of whoever hands it in, if either has one
    own = not dossier.on_behalf if not number else applicant.personal_id == number
    if own:
        return applicant.eid_level if applicant.kind == User.Kind.CITIZEN else 0
    owners = User.objects.filter(kind=User.Kind.CITIZEN, personal_id=number, is_active=True)
    return (owners.values_list("eid_level", flat=True).first() or 0) if number else 0


def apply_best(dossier: Dossier, charge: Charge, reliefs: Iterable[ChargeRelief], at: datetime) -> bool:
    """Apply the row that leaves the least of the charge, if it leaves less than now. Answers whether it did."""
    fitting = [r for r in reliefs if covers(r, charge, dossier)]
    best = min(fitting, key=lambda r: r.reduced(charge.full_amount), default=None)
    if best is None or best.reduced(charge.full_amount) >= charge.amount:
        return False
    charge.relief, charge.amount = best, best.reduced(charge.full_amount)
    if not charge.amount:
        charge.status, charge.settled_at = Charge.Status.EXEMPT, at
        charge.status_reason = f"{best.name} ({best.basis})"[:250]
    return True


def covers(relief: ChargeRelief, charge: Charge, dossier: Dossier) -> bool:
    """Whether a row speaks about this charge."""
    return relief.covers(charge.kind, dossier.procedure.code, central=charge.central)


def claimable(dossier: Dossier, charges: Iterable[Charge], on: date | None = None) -> list[ChargeRelief]:
    """The rows a person may claim for what is due, the best first: those that would leave less than is asked now."""
    due = [c for c in charges if c.status == Charge.Status.DUE]
    rows = ChargeRelief.objects.in_force(on or timezone.localdate()).filter(condition=Condition.CLAIM)
    return [
        row
        for row in rows.order_by("-percent", "name")
        if any(covers(row, c, dossier) and row.reduced(c.full_amount) < c.amount for c in due)
    ]


def claim(case: Case, event: Event, facts: dict[str, Any]) -> None:
    """Consequence of `claim_relief`. facts: relief (ChargeRelief), document (Document, the paper that shows it)."""
    relief: ChargeRelief = facts["relief"]
    if relief not in claimable(case.dossier, case.due_charges, timezone.localdate(event.at)):
        raise Refused(_("Diện miễn, giảm này không áp dụng cho khoản đang phải nộp. Chọn diện khác."))
    case.add(
        ReliefClaim(
            dossier=case.dossier,
            seq=len(case.relief_claims) + 1,
            relief=relief,
            document=facts["document"],
            claimed_at=event.at,
        )
    )
    event.data["relief"] = relief.name


def decide(case: Case, event: Event, facts: dict[str, Any]) -> None:
    """Consequence of `decide_relief`. facts: granted (bool). A fee that is no longer owed lets the dossier go on."""
    claim = case.open_relief_claim
    assert claim is not None  # a guard has looked
    granted = bool(facts["granted"])
    claim.status = ReliefClaim.Status.GRANTED if granted else ReliefClaim.Status.REFUSED
    claim.decided_at, claim.decided_by, claim.note = event.at, event.actor, event.note
    case.touch(claim)
    prepaid = [c for c in case.due_charges if c.stage == "before_intake"]
    changed = []
    for charge in case.due_charges if granted else []:
        before = charge.amount
        if apply_best(case.dossier, charge, [claim.relief], event.at):
            case.touch(charge)
            changed.append({"charge": charge.seq, "before": before, "after": charge.amount})
    event.data |= {
        "granted": granted,
        "relief": claim.relief.name,
        "basis": claim.relief.basis,
        "changed": changed,
        "prepaid": bool(prepaid) and not case.due_charges and not case.dossier.accepted_at,
    }


def drop_open(case: Case, at: datetime) -> None:
    """Everything is paid: a claim still waiting is not judged any more."""
    claim = case.open_relief_claim
    if claim is not None and not case.due_charges:
        claim.status, claim.decided_at = ReliefClaim.Status.DROPPED, at
        case.touch(claim)
