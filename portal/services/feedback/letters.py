"""The written reply: its facts are fixed when it is signed, its PDF is made on first need and kept."""

import logging
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from danhmuc.models import Agency
from danhmuc.roles import Role
from hoso.services import printing
from hoso.services.paper_parts import locality
from portal.models import Feedback, FeedbackAnswer, FeedbackFile

logger = logging.getLogger(__name__)

TEMPLATE = "portal/papers/feedback_answer.html"
FRESH = timedelta(days=1)


def facts_of(feedback: Feedback, answer: FeedbackAnswer) -> dict[str, Any]:
    """What the letter says, as plain data that never changes again."""
    agency, signer, at = feedback.agency, answer.signed_by, answer.signed_at
    assert signer is not None
    assert at is not None
    above = agency.parent if agency.parent_id and agency.kind != "ubnd" else None
    position = next(
        (p for p in signer.positions_on() if p.role == Role.APPROVER and p.agency.body_id == agency.pk), None
    )
    return {
        "upper": above.name if above else "",
        "agency": agency.name,
        "number": answer.number,
        "place": locality(_committee(agency)),
        "issued_on": timezone.localdate(at).isoformat(),
        "ref": feedback.code,
        "sent_on": timezone.localdate(feedback.received_at).isoformat(),
        "recipient": feedback.sender_name,
        "address": feedback.address,
        "body": [line.strip() for line in answer.text.splitlines() if line.strip()],
        "recipients": [feedback.sender_name, "Lưu: VT, hồ sơ phản ánh"],
        "sign": {
            "role": (position.title if position and position.title else "Thủ trưởng cơ quan"),
            "name": signer.full_name,
        },
    }


def _committee(agency: Agency) -> Agency:
    """The committee whose place stands beside the date."""
    node = agency
    while node.kind != "ubnd" and node.parent is not None:
        node = node.parent
    return node


@transaction.atomic
def file(answer: FeedbackAnswer) -> FeedbackFile:
    """The filed letter, made now if it is not there yet; whoever comes second gets the first one's. Raises Refused."""
    FeedbackAnswer.objects.select_for_update().only("pk").get(pk=answer.pk)
    row = FeedbackAnswer.objects.select_related("file", "signed_by", "feedback").get(pk=answer.pk)
    if row.file is not None:
        return row.file
    assert row.signed_by is not None
    code = row.feedback.code
    made = printing.make_signed(
        TEMPLATE,
        row.facts,
        by=row.signed_by,
        name=f"Trả lời phản ánh {row.number}",
        reason=f"Trả lời phản ánh {code}",
        qr_address=f"{settings.PUBLIC_BASE_URL}/phan-anh/theo-doi/?ma={code}",
    )
    kept = FeedbackFile.objects.create(
        feedback=row.feedback,
        kind=FeedbackFile.Kind.ANSWER,
        event_seq=row.feedback.last_seq,
        name=made.name,
        sha256=made.sha256,
        size=made.size,
        media_type=made.media_type,
        pages=made.pages,
        signatures=made.signatures,
        virus_check=FeedbackFile.Verdict.CLEAN,  # made here from our own template
        added_at=timezone.now(),
    )
    row.file = kept
    row.save(update_fields=["file"])
    return kept


def file_waiting(*, limit: int = 20) -> int:
    """File letters just signed, each in a transaction of its own; one that fails spoils no other. How many were made."""
    made = 0
    waiting = FeedbackAnswer.objects.filter(file=None, signed_at__gte=timezone.now() - FRESH)
    for answer in waiting.order_by("signed_at")[:limit]:
        try:
            file(answer)
            made += 1
        except Exception:
            logger.exception("Chưa tạo được văn bản trả lời phản ánh %s", answer.pk)
    return made


def public_contacts(feedback: Feedback) -> list[str]:
    """Telephones and addresses that agencies publish themselves, which a public answer may name."""
    rows = Agency.objects.filter(pk__in={int(pk) for pk in feedback.agency.path.strip("/").split("/") if pk})
    below = Agency.objects.filter(parent=feedback.agency)
    found = [contact for agency in [*rows, *below] for contact in (agency.phone, agency.email) if contact]
    return [*found, settings.HOTLINE]
