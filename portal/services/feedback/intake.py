"""Taking feedback in: from the portal, signed in or confirmed by a code, by telephone, letter or in person, and from the
national system.
"""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from danhmuc.models import Agency, User
from hoso.models import Dossier, Notice
from hoso.services.documents import Received
from hoso.services.errors import Refused
from portal.access import SENDER
from portal.lifecycle import State
from portal.models import Feedback, FeedbackFile
from portal.services import codes, limits
from portal.services.feedback import agencies, notices
from portal.services.feedback.door import advance, locked

#: No letter or digit that is read two ways over the telephone.
_ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
A_DAY, AN_HOUR = timedelta(days=1), timedelta(hours=1)
#: What one network address may send without signing in, one contact may be asked to confirm, one item be coded anew.
BY_ADDRESS, BY_CONTACT, BY_ITEM = 20, 6, 4
#: Items nobody confirmed are forgotten with their files.
UNCONFIRMED_FOR = timedelta(days=1)


class TooMany(Refused):
    """Too often; try again later."""


@dataclass(frozen=True)
class Words:
    """What somebody sends: what about, to whom, in which words, and how to reach them."""

    kind: str
    content: str
    sender_name: str
    phone: str = ""
    email: str = ""
    address: str = ""
    agency: Agency | None = None
    dossier_code: str = ""
    agrees_to_publish: bool = False


def new_code() -> str:
    """Random, so that nobody can count or guess what others sent."""
    return "PA-" + "".join(secrets.choice(_ALPHABET) for _ in range(10))


def send(
    words: Words,
    files: Sequence[Received] = (),
    *,
    once: UUID,
    sender: User | None,
    address: str = "",
    at: datetime | None = None,
) -> Feedback:
    """Keep what was written. A signed-in sender's is on its way at once; a stranger's waits for the code.

    `once` names the page it was written on: pressing twice gives the same item. Raises TooMany or Refused.
    """
    if (known := Feedback.objects.filter(once=once).first()) is not None:
        return known
    if sender is None:
        if limits.count(f"phan-anh:ip:{address}", AN_HOUR) > BY_ADDRESS:
            raise TooMany(
                _("Từ mạng này vừa gửi nhiều phản ánh. Hãy thử lại sau một giờ, hoặc đăng nhập để gửi.")
            )
        if not notices.best_channel(email=words.email, phone=words.phone):
            raise Refused(
                _("Nhập thư điện tử hoặc số điện thoại di động để nhận mã xác nhận, hoặc đăng nhập để gửi.")
            )
    try:
        with transaction.atomic():
            feedback = _keep(words, files, once=once, sender=sender, at=at)
            if sender is not None:
                return advance(feedback.pk, "submit", by=SENDER, at=at)
            _ask_for_code(feedback, feedback.reply_by)
            return feedback
    except IntegrityError:
        return Feedback.objects.get(once=once)  # the other press was faster


def _keep(
    words: Words,
    files: Sequence[Received],
    *,
    once: UUID | None,
    sender: User | None,
    at: datetime | None,
    **origin: Any,
) -> Feedback:
    now = at or timezone.now()
    dossier = find_dossier(words.dossier_code)
    asked = words.agency or (dossier.resolving_agency if dossier else None)
    feedback = Feedback.objects.create(
        code=new_code(),
        once=once,
        kind=words.kind,
        agency=agencies.receiver(asked),
        asked_agency=words.agency,
        dossier_code=words.dossier_code,
        dossier=dossier,
        field=dossier.field if dossier else None,
        sender=sender,
        sender_name=words.sender_name,
        phone=words.phone,
        email=words.email,
        address=words.address,
        reply_by=notices.best_channel(email=words.email, phone=words.phone),
        content=words.content,
        agrees_to_publish=words.agrees_to_publish,
        created_at=now,
        updated_at=now,
        **origin,
    )
    add_files(feedback, files, seq=1, at=now)
    return feedback


def add_files(feedback: Feedback, files: Sequence[Received], *, seq: int, at: datetime) -> None:
    """Rows for files already judged and stored."""
    FeedbackFile.objects.bulk_create(
        FeedbackFile(
            feedback=feedback,
            event_seq=seq,
            name=file.name,
            sha256=file.sha256,
            size=file.size,
            media_type=file.media_type,
            pages=file.pages,
            signatures=file.signatures,
            added_at=at,
        )
        for file in files
    )


def find_dossier(code: str) -> Dossier | None:
    """The dossier a code names, if there is one; whoever asks is not told."""
    if not code:
        return None
    found = Dossier.objects.exclude(state="draft").select_related("resolving_agency", "field")
    return found.filter(submission_ref=code).first() or found.filter(code=code).first()


# -- Confirming --------------------------------------------------------------------------------------------------


def _ask_for_code(feedback: Feedback, channel: str) -> None:
    contact = feedback.email if channel == Notice.Channel.EMAIL else feedback.phone
    if limits.count(f"phan-anh:toi:{contact.casefold()}", A_DAY) > BY_CONTACT:
        raise TooMany(
            _("Đã gửi nhiều mã đến liên hệ này trong ngày. Hãy đăng nhập để gửi, hoặc thử lại ngày mai.")
        )
    code = codes.issue(f"phan-anh:{feedback.code}")
    notices.send_code(feedback, code, channel=channel)


@transaction.atomic
def send_code_again(pk: int, *, channel: str) -> Feedback:
    """Another code, on the same or the other channel. Raises TooMany or Refused (confirmed already, no such contact)."""
    feedback = locked(pk)
    if feedback.state != State.UNCONFIRMED:
        raise Refused(_("Phản ánh này đã được xác nhận."))
    if channel not in ways_to_confirm(feedback):
        raise Refused(_("Chọn cách nhận mã trong danh sách."))
    if limits.count(f"phan-anh:ma:{feedback.code}", AN_HOUR) > BY_ITEM:
        raise TooMany(_("Đã gửi lại mã nhiều lần. Hãy chờ một giờ rồi thử lại, hoặc gọi tổng đài."))
    feedback.reply_by = channel
    feedback.save(update_fields=["reply_by"])
    _ask_for_code(feedback, channel)
    return feedback


def ways_to_confirm(feedback: Feedback) -> list[str]:
    """Channels that can carry a code to this sender."""
    ways = [Notice.Channel.EMAIL.value] if feedback.email else []
    if notices.best_channel(email="", phone=feedback.phone):
        ways.append(Notice.Channel.SMS.value)
    return ways


def confirm(pk: int, typed: str) -> Feedback:
    """The code was typed: the item is on its way. Pressing again changes nothing. Raises Refused for a wrong code."""
    feedback = Feedback.objects.get(pk=pk)
    if feedback.state != State.UNCONFIRMED:
        return feedback
    if not codes.redeem(f"phan-anh:{feedback.code}", typed):
        feedback.refresh_from_db()
        if feedback.state != State.UNCONFIRMED:  # the other press was faster
            return feedback
        raise Refused(_("Mã chưa đúng hoặc đã hết hạn. Nhập lại mã trong tin mới nhất, hoặc bấm gửi lại mã."))
    return advance(feedback.pk, "submit", by=SENDER)


@transaction.atomic
def forget_unconfirmed(now: datetime | None = None) -> int:
    """Items nobody confirmed within a day, and their files; how many there were."""
    limit = (now or timezone.now()) - UNCONFIRMED_FOR
    removed, _ = Feedback.objects.filter(state=State.UNCONFIRMED, created_at__lt=limit).delete()
    return removed


@transaction.atomic
def give_info(pk: int, text: str, files: Sequence[Received], *, seen: int | None) -> Feedback:
    """The sender answers a question of the agency's, with files if need be. Raises StepRefused or Refused."""
    feedback = advance(pk, "give_info", by=SENDER, seen=seen, note=text)
    add_files(feedback, files, seq=feedback.last_seq, at=feedback.updated_at)
    return feedback


# -- By telephone, by letter, in person ---------------------------------------------------------------------------

#: A day of receipt further back is a mistyped one.
WRITTEN_DOWN_WITHIN = timedelta(days=90)
OPENING = time(8)


def write_down(
    words: Words, files: Sequence[Received] = (), *, source: str, received_on: date, by: User, once: UUID
) -> Feedback:
    """An officer takes down what somebody said or wrote (PT 17.2). The clocks run from the day of receipt.

    `once` names the page it was written on: pressing twice gives the same item. Raises Refused or PermissionDenied.
    """
    if (known := Feedback.objects.filter(once=once).first()) is not None:
        return known
    now = timezone.now()
    today = timezone.localdate(now)
    if received_on > today or received_on < today - WRITTEN_DOWN_WITHIN:
        raise Refused("Ngày nhận phải trong 90 ngày trước đây và không sau hôm nay.")
    at = now if received_on == today else timezone.make_aware(datetime.combine(received_on, OPENING))
    try:
        with transaction.atomic():
            feedback = _keep(words, files, once=once, sender=None, at=at, source=Feedback.Source(source))
            return advance(feedback.pk, "submit", by=by, at=at)
    except IntegrityError:
        return Feedback.objects.get(once=once)  # the other press was faster


# -- The national system -----------------------------------------------------------------------------------------


def take_over(
    words: Words,
    *,
    external_id: str,
    sent_at: datetime,
    files: Sequence[Received] = (),
) -> Feedback:
    """An item of the national feedback system (NĐ118 Điều 26.2b): taken once, however often it is offered.

    Both clocks run from `sent_at`. Raises Refused when it lacks what the law asks of a sender.
    """
    if not external_id.strip():
        raise Refused("Thiếu mã phản ánh của hệ thống quốc gia.")
    if not (words.sender_name.strip() and words.content.strip() and (words.phone or words.email)):
        raise Refused("Thiếu họ tên, nội dung hoặc liên hệ của người gửi.")
    national = {"source": Feedback.Source.NATIONAL, "external_id": external_id.strip()}
    if (known := Feedback.objects.filter(**national).first()) is not None:
        return known
    try:
        with transaction.atomic():
            feedback = _keep(words, files, once=None, sender=None, at=sent_at, **national)
            return advance(feedback.pk, "submit", by=User.objects.system(), at=sent_at)
    except IntegrityError:
        return Feedback.objects.get(**national)
