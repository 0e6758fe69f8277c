"""Empties the outbox: claims notices that are due, writes their text, sends them, keeps the carrier's answer.

A claim moves the due time ahead, so no lock is held while a carrier is talked to; a crash in mid-send repeats one
message later, which is better than losing it. What cannot be delivered becomes a task for the desk.
"""

import html
import logging
import re
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import F, QuerySet
from django.template.exceptions import TemplateDoesNotExist
from django.template.loader import render_to_string
from django.utils import timezone, translation

from danhmuc.models import User
from hoso import access
from hoso.gateways import email, sms
from hoso.gateways.outgoing import NotConfigured, NotSent, Receipt
from hoso.lifecycle import State as DossierState
from hoso.models import Notice
from hoso.services.errors import Refused

logger = logging.getLogger(__name__)

Channel, State = Notice.Channel, Notice.State
IN_SYSTEM = (Channel.PORTAL, Channel.OFFICE)
LEASE = timedelta(minutes=3)
#: Waits between attempts; after the last one the desk is told.
RETRIES = (
    timedelta(minutes=1),
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=2),
    timedelta(hours=8),
)
#: Facts a text may use. One that a notice lacks reads as empty, and the text is written so that it stays whole.
FACTS = (
    "code", "procedure", "agency", "desk", "desk_phone", "handler", "at", "received_at", "due_at", "return_by", "note",
    "items", "amount", "receipt_no", "old_due_at", "place", "visit_at", "charges", "timeliness", "intake_due_at",
    "wait_until", "has_result", "tracking_number", "carrier", "carrier_phone", "address", "on", "part", "reason",
    "missing", "attempt", "until", "where", "task", "share", "left", "channel_name", "answer", "to", "count",
    "secret", "name", "title", "url", "degree", "ref", "granted",
)  # fmt: skip


@dataclass(frozen=True)
class Rendered:
    """The words of one notice: subject for lists and e-mail, SMS text, e-mail page and its plain copy, portal part."""

    subject: str
    sms: str
    email_html: str
    email_text: str
    portal: str


@translation.override("vi")
def render(notice: Notice) -> Rendered:
    """The words of a notice from templates/notices/<template>/, in Vietnamese."""
    context = facts_of(notice)
    folder = f"notices/{notice.template}"
    body = f"{folder}/email.html"
    page = render_to_string(body, context | {"layout": "notices/letter.html"})
    part = render_to_string(body, context | {"layout": "notices/part.html"})
    return Rendered(
        subject=_line(render_to_string(f"{folder}/subject.txt", context)),
        sms=_line(_optional(f"{folder}/sms.txt", context)),
        email_html=page,
        email_text=plain(part),
        portal=part.strip(),
    )


@translation.override("vi")
def subject_of(notice: Notice) -> str:
    """The line by which a list shows a notice."""
    return _line(render_to_string(f"notices/{notice.template}/subject.txt", facts_of(notice)))


def facts_of(notice: Notice) -> dict[str, Any]:
    """What the texts of a notice may name; absent facts are empty."""
    path = "/mot-cua/" if notice.channel == Channel.OFFICE else "/ho-so-cua-toi/"
    if notice.dossier is not None and notice.channel != Channel.OFFICE:
        path += f"{notice.dossier.submission_ref}/"
    return (
        dict.fromkeys(FACTS, "")
        | {key: value for key, value in notice.context.items() if value is not None}
        | {"hotline": settings.HOTLINE, "link": f"{settings.PUBLIC_BASE_URL}{path}"}
        | {"lookup": f"{settings.PUBLIC_BASE_URL}/tra-cuu/"}
    )


def _optional(template: str, context: dict[str, Any]) -> str:
    try:
        return render_to_string(template, context)
    except TemplateDoesNotExist:
        return ""


def _line(text: str) -> str:
    """One line; templates escape for HTML, and these texts are none."""
    return " ".join(html.unescape(text).split())


def plain(part: str) -> str:
    """HTML paragraphs and lists as plain text for mail readers that show no HTML."""
    text = re.sub(r"<a [^>]*href=\"([^\"]+)\"[^>]*>(.*?)</a>", r"\2: \1", part, flags=re.S)
    text = re.sub(r"<li[^>]*>", "- ", " ".join(text.split()))
    text = re.sub(r"</(p|li|ul|ol|h[1-6])>\s*", "\n", text)
    text = html.unescape(re.sub(r"<[^>]+>", "", text))
    return "\n".join(line.strip() for line in text.splitlines() if line.strip()) + "\n"


# --- Sending --------------------------------------------------------------------------------------


def deliver(*, limit: int = 200) -> int:
    """Send what is due. Answers how many notices were settled (sent or given up)."""
    settled = _show_in_system()
    for _ in range(limit // 20):
        batch = _claim(20)
        for notice in batch:
            settled += _send(notice)
        if len(batch) < 20:
            break
    return settled


def _queue() -> QuerySet[Notice]:
    return Notice.objects.filter(state__in=[State.QUEUED, State.FAILED], due_at__lte=timezone.now())


@transaction.atomic
def _show_in_system(most: int = 2000) -> int:
    """What is read inside the system is there as soon as it is queued; one statement says so."""
    due = _queue().filter(channel__in=IN_SYSTEM).order_by("due_at", "pk")
    chosen = due.select_for_update(skip_locked=True).values("pk")[:most]
    return Notice.objects.filter(pk__in=chosen).update(
        state=State.SENT, sent_at=timezone.now(), attempts=F("attempts") + 1
    )


@transaction.atomic
def _claim(count: int) -> list[Notice]:
    """Take a few notices for this process alone, for as long as the lease runs."""
    due = _queue().filter(channel__in=[Channel.EMAIL, Channel.SMS]).order_by("due_at", "pk")
    claimed = list(due.select_for_update(skip_locked=True, of=("self",)).select_related("dossier")[:count])
    for notice in claimed:
        notice.attempts += 1
        notice.due_at = timezone.now() + LEASE
    Notice.objects.bulk_update(claimed, ["attempts", "due_at"])
    return claimed


def _send(notice: Notice) -> bool:
    try:
        receipt = _hand_over(notice)
    except NotConfigured as error:
        return _settle(notice, state=State.GIVEN_UP, answer=str(error))
    except NotSent as error:
        return _failed(notice, str(error), permanent=error.permanent)
    except Exception as error:
        # A text that cannot be written must not stop the queue behind it; the log has the trace, the row the reason.
        logger.exception("Không gửi được thông báo %s", notice.pk)
        return _failed(notice, f"{type(error).__name__}: {error}", permanent=False)
    return _settle(
        notice,
        state=State.SENT,
        sent_at=timezone.now(),
        provider_id=receipt.provider_id,
        answer=receipt.answer,
    )


def _hand_over(notice: Notice) -> Receipt:
    words = render(notice)
    if notice.channel == Channel.SMS:
        return sms.gateway().send(notice.address, words.sms, notice.key)
    letter = email.Letter(notice.address, words.subject, words.email_text, words.email_html, notice.key)
    return email.gateway().send(letter)


def _settle(notice: Notice, **values: Any) -> bool:
    values["answer"] = values["answer"][:500]
    if "secret" in notice.context:  # a code is nobody's to read once it has gone out, or cannot any more
        values["context"] = {name: fact for name, fact in notice.context.items() if name != "secret"}
    Notice.objects.filter(pk=notice.pk).update(**values)
    return True


def _failed(notice: Notice, answer: str, *, permanent: bool) -> bool:
    """Try again later, longer each time; when it is hopeless, the desk learns it and can telephone."""
    if not permanent and notice.attempts <= len(RETRIES):
        later = timezone.now() + RETRIES[notice.attempts - 1]
        Notice.objects.filter(pk=notice.pk).update(state=State.FAILED, answer=answer[:500], due_at=later)
        return False
    with transaction.atomic():
        _settle(notice, state=State.GIVEN_UP, answer=answer)
        dossier = notice.dossier
        if dossier is not None and dossier.state != DossierState.DRAFT:  # a draft is its writer's alone
            Notice.objects.bulk_create(
                [
                    Notice(
                        key=f"{notice.key}:undelivered"[:120],
                        dossier=dossier,
                        event_seq=notice.event_seq,
                        channel=Channel.OFFICE,
                        address=f"agency:{dossier.desk.serves_id}",
                        template="office_undelivered",
                        context={
                            "code": dossier.public_code,
                            "procedure": dossier.version.name,
                            "channel_name": notice.get_channel_display().lower(),
                            "to": notice.address,
                            "answer": answer[:200],
                        },
                    )
                ],
                ignore_conflicts=True,
            )
    return True


# --- Calls to make --------------------------------------------------------------------------------


def calls_waiting(user: User) -> QuerySet[Notice]:
    """Telephone calls the user's desks have yet to make, oldest first."""
    desks = access.scope_of(user).desks
    return (
        Notice.objects.filter(channel=Channel.PHONE_CALL, state=State.QUEUED, dossier__desk_id__in=desks)
        .select_related("dossier__procedure", "dossier__version")
        .order_by("pk")
    )


@transaction.atomic
def record_call(pk: int, *, by: User, reached: bool, note: str = "") -> Notice:
    """An officer ticks a call off: who was reached, or that nobody answered (it stays until reached or given up after
    three tries). Raises Notice.DoesNotExist, PermissionDenied or Refused.
    """
    notice = Notice.objects.select_for_update().get(pk=pk, channel=Channel.PHONE_CALL)
    dossier = notice.dossier
    if dossier is None or dossier.desk_id not in access.scope_of(by).desks:
        raise PermissionDenied
    if notice.state != State.QUEUED:
        raise Refused("Cuộc gọi này đã được ghi nhận.")
    if reached and not note.strip():
        raise Refused("Ghi ngắn gọn nội dung đã trao đổi qua điện thoại.")
    now = timezone.localtime()
    notice.attempts += 1
    who = f"{by.full_name}, {now:%H:%M ngày %d/%m/%Y}"
    notice.answer = f"{who}: {note.strip() or 'không có người nghe máy'}"[:500]
    if reached:
        notice.state, notice.sent_at = State.SENT, now
    elif notice.attempts >= 3:
        notice.state = State.GIVEN_UP
    notice.save(update_fields=["attempts", "answer", "state", "sent_at"])
    return notice
