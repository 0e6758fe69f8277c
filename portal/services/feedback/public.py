"""The public page: questions and answers without personal data, and a few figures of the year."""

from dataclasses import dataclass
from datetime import datetime, time

from django.core.cache import cache
from django.db.models import Count, Q
from django.utils import timezone

from danhmuc.models import Agency, Field
from portal.lifecycle import OPEN, State
from portal.models import Feedback
from portal.models.feedback import FeedbackQuerySet
from portal.services import masking
from portal.services.feedback import letters
from portal.services.feedback.consequences import open_answer

A_QUARTER_HOUR = 15 * 60


@dataclass(frozen=True)
class Year:
    """What came in since the first of January."""

    year: int
    received: int
    answered: int
    in_time: int
    running: int

    @property
    def share(self) -> float | None:
        """Share of the answers that came in time."""
        return self.in_time / self.answered if self.answered else None


def this_year() -> Year:
    """Counted once a quarter of an hour and not once a visitor."""
    today = timezone.localdate()
    key = f"portal:feedback:{today.year}"
    known: Year | None = cache.get(key)
    if known is None:
        begin = datetime.combine(today.replace(month=1, day=1), time(), timezone.get_current_timezone())
        sums = Feedback.objects.filter(received_at__gte=begin).aggregate(
            received=Count("pk"),
            answered=Count("pk", filter=Q(state__in=[State.ANSWERED, State.PUBLISHED])),
            late=Count("pk", filter=Q(state__in=[State.ANSWERED, State.PUBLISHED], timeliness="OVERDUE")),
            running=Count("pk", filter=Q(state__in=OPEN)),
        )
        known = Year(
            today.year, sums["received"], sums["answered"], sums["answered"] - sums["late"], sums["running"]
        )
        cache.set(key, known, A_QUARTER_HOUR)
    return known


def listed() -> FeedbackQuerySet:
    """Published items, newest first, with what a card shows and nothing of the sender."""
    found = Feedback.objects.public().select_related("agency", "field").order_by("-published_at", "-pk")
    return found.only(
        "state", "kind", "received_at", "reopened_at", "answered_at", "published_at", "due_at", "timeliness",
        "public_title", "public_content", "public_answer", "agency__name", "field__name",
    )  # fmt: skip


def agencies_with_answers() -> list[tuple[int, str]]:
    """Agencies the list may be narrowed by."""
    rows = Agency.objects.filter(feedback__state=State.PUBLISHED).distinct().order_by("name")
    return list(rows.values_list("pk", "name"))


def fields_with_answers() -> list[tuple[int, str]]:
    """Fields the list may be narrowed by."""
    shown = Feedback.objects.public().exclude(field=None).values("field_id")
    return list(Field.objects.filter(pk__in=shown).order_by("name").values_list("pk", "name"))


@dataclass(frozen=True)
class Proposal:
    """Texts for the public page as the masking proposes them, and what it took out."""

    title: str
    content: str
    answer: str
    removed: tuple[str, ...]


def propose(feedback: Feedback) -> Proposal:
    """What the officer begins with when publishing: earlier public words, else the masked originals."""
    names = [feedback.sender_name]
    contacts = letters.public_contacts(feedback)
    signed = feedback.answers.filter(signed_at__isnull=False).order_by("-seq").first()
    answer = signed or open_answer(feedback)
    content = masking.mask(feedback.content, names=names, public=contacts)
    reply = masking.mask(answer.text if answer else "", names=names, public=contacts)
    title = masking.mask(feedback.title, names=names, public=contacts)
    return Proposal(title.text, content.text, reply.text, (*content.removed, *reply.removed))
