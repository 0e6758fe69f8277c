"""What the sender and the officers are told, each on the channel that reaches them; nothing is sent inside a step.

An SMS tells that something happened and where to read it, never the content (domain §15).
"""

from secrets import token_hex
from typing import Any

from django.conf import settings

from danhmuc import identifiers
from danhmuc.models import User
from hoso.models import Notice
from hoso.services.delivery import subject_of
from hoso.services.notices import tell_person
from portal.models import Feedback, FeedbackEvent

Channel = Notice.Channel
#: Step → template below templates/notices/. Steps that are not here tell the sender nothing.
SENDER = {
    "submit": "feedback_received",
    "accept": "feedback_accepted",
    "forward": "feedback_forwarded",
    "ask_info": "feedback_needs_info",
    "reject": "feedback_rejected",
    "guide_elsewhere": "feedback_elsewhere",
    "sign": "feedback_answered",
    "reopen": "feedback_reopened",
}


def follow_url(feedback: Feedback) -> str:
    """Where the sender follows an item; whoever is not signed in is asked for the contact there."""
    return f"{settings.PUBLIC_BASE_URL}/phan-anh/theo-doi/?ma={feedback.code}"


def channels_of(feedback: Feedback) -> list[tuple[str, str]]:
    """(channel, address) pairs that reach the sender: the portal for an account, and the way that was chosen."""
    found: list[tuple[str, str]] = [(Channel.PORTAL, "")] if feedback.sender_id else []
    if feedback.reply_by == Channel.EMAIL:
        found.append((Channel.EMAIL, feedback.email))
    elif feedback.reply_by == Channel.SMS:
        found.append((Channel.SMS, feedback.phone))
    return found


def best_channel(*, email: str, phone: str) -> str:
    """How to write to somebody who left these: e-mail holds a whole answer, SMS reaches mobile telephones alone."""
    if email:
        return Channel.EMAIL
    return Channel.SMS if phone and identifiers.is_mobile(phone) else ""


def tell_sender(feedback: Feedback, event: FeedbackEvent, facts: dict[str, Any]) -> None:
    """Consequence: one notice a channel."""
    template = SENDER[event.name]
    for channel, address in channels_of(feedback):
        tell_person(
            template,
            key=f"{feedback.code}:{event.seq}:{channel}",
            channel=channel,
            address=address,
            recipient=feedback.sender,
            at=event.at,
            ref=feedback.code,
            agency=feedback.agency.name,
            due_at=feedback.due_at,
            wait_until=feedback.wait_until,
            note=event.note,
            answer=str(event.data.get("text", "")),
            url=follow_url(feedback),
        )


def told(feedback: Feedback, events: list[FeedbackEvent]) -> list[dict[str, Any]]:
    """What was sent to the sender outside the portal and whether it arrived, newest first, for the office."""
    keys = [
        f"{feedback.code}:{event.seq}:{channel}"
        for event in events
        if event.name in SENDER
        for channel in (Channel.EMAIL, Channel.SMS)
    ]
    rows = Notice.objects.filter(key__in=keys).order_by("-pk")
    return [
        {
            "at": row.sent_at or row.due_at,
            "channel": row.get_channel_display(),
            "subject": subject_of(row),
            "address": row.address,
            "state": row.get_state_display(),
            "level": {"sent": "ok", "queued": "info", "failed": "soon"}.get(row.state, "late"),
            "answer": row.answer if row.state in {"failed", "given_up"} else "",
        }
        for row in rows
    ]


def send_code(feedback: Feedback, code: str, *, channel: str) -> None:
    """The code that proves the contact."""
    tell_person(
        "feedback_code",
        key=f"{feedback.code}:code:{token_hex(6)}",
        channel=channel,
        address=feedback.email if channel == Channel.EMAIL else feedback.phone,
        secret=code,
    )


def tell_handlers(feedback: Feedback, template: str, *, key: str, people: list[User], **facts: Any) -> int:
    """A signal to the agency in the system, and by e-mail to those who have an address; new ones are counted."""
    said = tell_person(
        template,
        key=f"{feedback.code}:{key}:office",
        channel=Channel.OFFICE,
        address=f"agency:{feedback.agency_id}",
        ref=feedback.code,
        due_at=feedback.due_at,
        **facts,
    )
    for person in people if said else []:
        if person.email:
            tell_person(
                template,
                key=f"{feedback.code}:{key}:{person.pk}",
                channel=Channel.EMAIL,
                address=person.email,
                recipient=person,
                ref=feedback.code,
                due_at=feedback.due_at,
                url=f"{settings.PUBLIC_BASE_URL}/phan-anh/xu-ly/{feedback.code}/",
                **facts,
            )
    return int(said)
