"""Queues messages: a consequence writes rows here, `delivery` sends them later. Nothing is sent inside a step.

A notice carries the facts its text needs, never identity numbers or the content of a decision (domain §15).
"""

from datetime import datetime
from typing import Any

from django.utils import timezone

from danhmuc.models import Agency, User
from hoso.models import Dossier, Event, Notice
from hoso.services.case import Case

Channel = Notice.Channel
#: Event → (template, channels to the applicant). Minimum content by NĐ224 15.1.g stands in `_facts`.
APPLICANT: dict[str, tuple[str, tuple[str, ...]]] = {
    "submit": ("submitted", (Channel.PORTAL, Channel.EMAIL, Channel.SMS)),
    "accept": ("accepted", (Channel.PORTAL, Channel.EMAIL, Channel.SMS)),
    "accept_immediate": ("completed", (Channel.PORTAL,)),
    "ask_completion": ("completion_asked", (Channel.PORTAL, Channel.EMAIL, Channel.PHONE_CALL)),
    "resubmit": ("submitted", (Channel.PORTAL,)),
    "refuse_intake": ("refused", (Channel.PORTAL, Channel.EMAIL, Channel.SMS)),
    "amend": ("amended", (Channel.PORTAL, Channel.EMAIL)),
    "redirect": ("redirected", (Channel.PORTAL, Channel.EMAIL)),
    "verify_on_site": ("visit", (Channel.PORTAL, Channel.SMS)),
    "hold": ("supplement", (Channel.PORTAL, Channel.EMAIL, Channel.SMS)),
    "hold_financial": ("obligation", (Channel.PORTAL, Channel.EMAIL)),
    "resume": ("resumed", (Channel.PORTAL, Channel.EMAIL)),
    "record_payment": ("paid", (Channel.PORTAL, Channel.EMAIL)),
    "extend": ("extended", (Channel.PORTAL, Channel.EMAIL, Channel.SMS)),
    "recalculate": ("date_moved", (Channel.PORTAL, Channel.SMS)),
    "decide": ("decided", (Channel.PORTAL, Channel.EMAIL, Channel.SMS)),
    "check_papers": ("papers_checked", (Channel.PORTAL,)),
    "complete": ("completed", (Channel.PORTAL, Channel.EMAIL)),
    "close_unsupplemented": ("closed", (Channel.PORTAL, Channel.EMAIL)),
    "withdraw": ("withdrawn", (Channel.PORTAL, Channel.EMAIL)),
    "void": ("voided", (Channel.PORTAL, Channel.EMAIL)),
    "finish_correction": ("corrected", (Channel.PORTAL, Channel.EMAIL)),
}
#: What happens to a parcel on its way, for `tell` (domain §15, "postal"; TT17 Art 12).
POSTAL: dict[str, tuple[str, ...]] = {
    "postal_pickup_booked": (Channel.PORTAL, Channel.SMS),
    "postal_pickup_missed": (Channel.PORTAL, Channel.SMS),
    "postal_pickup_given_up": (Channel.PORTAL, Channel.EMAIL, Channel.SMS),
    "postal_collected": (Channel.PORTAL, Channel.SMS),
    "postal_handed_over": (Channel.PORTAL,),
    "postal_count_short": (Channel.PORTAL, Channel.EMAIL, Channel.SMS),
    "postal_result_taken": (Channel.PORTAL, Channel.SMS),
    "postal_attempt_failed": (Channel.PORTAL, Channel.SMS),
    "postal_invitation": (Channel.PORTAL, Channel.SMS),
    "postal_returned": (Channel.PORTAL, Channel.EMAIL, Channel.SMS),
    "postal_mishap": (Channel.PORTAL, Channel.EMAIL),
}


def tell(
    dossier: Dossier,
    template: str,
    *,
    key: str,
    channels: tuple[str, ...] = (),
    at: datetime | None = None,
    **facts: Any,
) -> int:
    """Tell the applicant something that is no step of the dossier, such as where a parcel is. Returns notices queued.

    `key` names the happening within the dossier; telling it again changes nothing. Call inside a transaction.
    """
    context = {
        "code": dossier.public_code,
        "procedure": dossier.version.name,
        "agency": dossier.resolving_agency.name,
        "desk": dossier.desk.agency.name,
        "desk_phone": dossier.desk.agency.phone,
        "at": at or timezone.now(),
        "due_at": dossier.due_at,
    } | facts
    rows = [
        Notice(
            key=f"{dossier.submission_ref}:{key}:a:{channel}",
            dossier=dossier,
            recipient_id=dossier.applicant_id,
            channel=channel,
            address=address,
            template=template,
            context=context,
            due_at=at or timezone.now(),
        )
        for channel in channels or POSTAL[template]
        if (address := address_for(dossier, channel)) is not None
    ]
    return len(Notice.objects.bulk_create(rows, ignore_conflicts=True))


def tell_person(
    template: str,
    *,
    key: str,
    channel: str,
    address: str = "",
    recipient: User | None = None,
    secret: str = "",
    at: datetime | None = None,
    **facts: Any,
) -> bool:
    """Tell somebody something that belongs to no dossier: a code, an account, an answer to feedback.

    `key` names the message; queueing it again changes nothing and answers False. `secret` (a code to type) is
    shown by the text as `secret` and is wiped from the row once the message has gone out. On a channel that needs
    one, `address` is an e-mail address or a telephone number. Call inside a transaction.
    """
    when = at or timezone.now()
    context = {"at": when} | facts | ({"secret": secret} if secret else {})
    _, queued = Notice.objects.get_or_create(
        key=key[:120],
        defaults={
            "recipient": recipient,
            "channel": channel,
            "address": address,
            "template": template,
            "context": context,
            "due_at": when,
        },
    )
    return queued


def tell_applicant(case: Case, event: Event, facts: dict[str, Any]) -> None:
    """Consequence: one notice a channel the applicant can be reached on."""
    dossier = case.dossier
    template, channels = APPLICANT[event.name]
    for channel in channels:
        address = address_for(dossier, channel)
        if address is not None:
            _queue(case, event, template, channel, address, f"a:{channel}", recipient_id=dossier.applicant_id)


def tell_desk(case: Case, event: Event, facts: dict[str, Any]) -> None:
    """Consequence: the desk learns at once (NĐ118 17.2 allows two hours)."""
    _office(case, event, f"office_{event.name}", case.dossier.desk.serves, "desk")


def tell_agency(case: Case, event: Event, facts: dict[str, Any]) -> None:
    """Consequence: the agency that comes next, or the one resolving it, learns what happened."""
    agency = facts.get("agency") or case.dossier.resolving_agency
    _office(case, event, f"office_{event.name}", agency, "agency")


def address_for(dossier: Dossier, channel: str) -> str | None:
    """Where a channel reaches the applicant; None when it does not."""
    if channel == Channel.PORTAL:
        return "" if dossier.applicant_id else None
    if channel == Channel.EMAIL:
        return dossier.email or None
    return dossier.phone or None


def _office(case: Case, event: Event, template: str, agency: Agency, who: str) -> None:
    _queue(case, event, template, Channel.OFFICE, f"agency:{agency.pk}", who)


def _queue(
    case: Case,
    event: Event,
    template: str,
    channel: str,
    address: str,
    suffix: str,
    recipient_id: int | None = None,
) -> None:
    case.add(
        Notice(
            key=f"{case.dossier.submission_ref}:{event.seq}:{suffix}",
            dossier=case.dossier,
            event_seq=event.seq,
            recipient_id=recipient_id,
            channel=channel,
            address=address,
            template=template,
            context=_facts(case, event),
            due_at=event.at,
        )
    )


def _facts(case: Case, event: Event) -> dict[str, Any]:
    dossier = case.dossier
    facts: dict[str, Any] = {
        "code": dossier.public_code,
        "procedure": dossier.version.name,
        "agency": dossier.resolving_agency.name,
        "desk": dossier.desk.agency.name,
        "desk_phone": dossier.desk.agency.phone,
        "handler": event.actor.full_name,
        "at": event.at,
        "received_at": dossier.accepted_at or dossier.submitted_at,
        "due_at": dossier.due_at,
        "return_by": dossier.return_by,
        "note": event.note,
    }
    for key in ("items", "amount", "receipt_no", "old_due_at", "place", "visit_at", "charges", "timeliness"):
        if key in event.data:
            facts[key] = event.data[key]
    if dossier.state == "submitted":
        facts["intake_due_at"] = dossier.intake_due_at
    if dossier.wait_until:
        facts["wait_until"] = dossier.wait_until
    if dossier.outcome:
        facts["has_result"] = True
    return facts
