"""Drafts nobody works on any more: their writers are told, then they go with their files.

Personal data is kept no longer than it is needed, and nothing typed disappears without a word: a draft is deleted
only when its warning has been in the outbox long enough, whatever the clock says.
"""

import logging
from datetime import date, datetime, time, timedelta

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Exists, OuterRef, ProtectedError, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from danhmuc.models import User
from hoso.lifecycle import State
from hoso.models import Document, Dossier, Notice
from hoso.services import notices
from hoso.services.errors import Refused

logger = logging.getLogger(__name__)

WARNING = "draft_ending"
Channel = Notice.Channel


def kept_until(dossier: Dossier) -> date:
    """The last day a draft is kept; every saving moves it on."""
    return timezone.localdate(dossier.updated_at or dossier.created_at) + timedelta(days=settings.DRAFT_DAYS)


def is_ending(dossier: Dossier) -> bool:
    """Whether the page should say that the draft goes soon."""
    return kept_until(dossier) - timezone.localdate() <= timedelta(days=settings.DRAFT_WARNING_DAYS)


def _morning(days_ago: int) -> datetime:
    """When a day began: people are promised days, so days are counted, not hours."""
    day = timezone.localdate() - timedelta(days=days_ago)
    return timezone.make_aware(datetime.combine(day, time.min))


def _drafts(unsaved_since: datetime) -> QuerySet[Dossier]:
    return Dossier.objects.filter(state=State.DRAFT, applicant__isnull=False, updated_at__lt=unsaved_since)


#: Nothing was typed and nothing uploaded: nobody misses it.
_EMPTY = Q(answers={}) & ~Exists(Document.objects.filter(dossier=OuterRef("pk")))
_WARNINGS = Notice.objects.filter(dossier=OuterRef("pk"), template=WARNING, due_at__gt=OuterRef("updated_at"))


def warn(*, limit: int = 500) -> int:
    """Tell the writers of drafts that go soon, once a stretch of silence. Answers how many drafts were told of."""
    quiet = settings.DRAFT_DAYS - settings.DRAFT_WARNING_DAYS
    found = _drafts(_morning(quiet - 1)).exclude(_EMPTY).filter(~Exists(_WARNINGS)).order_by("updated_at")
    rows = found.select_related("version", "resolving_agency", "desk__agency").defer(
        "version__eform", "answers"
    )
    told = 0
    for dossier in rows[:limit]:
        until = kept_until(dossier)
        # Said late, when nobody looked for a while: it still stays as long as the warning promises.
        until = max(until, timezone.localdate() + timedelta(days=settings.DRAFT_WARNING_DAYS))
        channels = (Channel.PORTAL, Channel.EMAIL if dossier.email else Channel.SMS)
        told += bool(
            notices.tell(
                dossier, WARNING, key=f"draft:{until:%y%m%d}", channels=channels, code="", until=until
            )
        )
    return told


def sweep(*, limit: int = 500) -> int:
    """Delete drafts whose time is over. Answers how many went; one that cannot go takes no other along."""
    warned = _WARNINGS.filter(due_at__lt=_morning(settings.DRAFT_WARNING_DAYS))
    over = _drafts(_morning(settings.DRAFT_DAYS)).filter(_EMPTY | Exists(warned))
    gone = 0
    for pk in over.order_by("updated_at").values_list("pk", flat=True)[:limit]:
        try:
            with transaction.atomic():
                # Judged again under the lock: its writer may have come back this very moment.
                if over.filter(pk=pk).select_for_update(of=["self"], skip_locked=True).first():
                    _delete(pk)
                    gone += 1
        except ProtectedError:
            logger.exception("Chưa xóa được bản nháp %s", pk)
    return gone


@transaction.atomic
def discard(pk: int, *, by: User) -> None:
    """Its writer wants it gone; gone already is as good. Raises Refused once it is submitted."""
    dossier = Dossier.objects.select_for_update(of=["self"]).filter(pk=pk).first()
    if dossier is None or not dossier.is_of(by):
        return
    if dossier.state != State.DRAFT:
        raise Refused(_("Hồ sơ đã nộp nên không xóa được. Muốn dừng giải quyết thì dùng “Rút hồ sơ”."))
    _delete(pk)


def _delete(pk: int) -> None:
    """The draft, its one event, its files' rows; bytes nobody names any more are swept with the store."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('hoso.maintenance', 'on', true)")
        Document.objects.filter(dossier=pk).exclude(replaced_by=None).update(replaced_by=None)
        Document.objects.filter(dossier=pk).delete()
        dossier = Dossier.objects.get(pk=pk)
        dossier.events.all().delete()
        dossier.delete()
        cursor.execute("SELECT set_config('hoso.maintenance', 'off', true)")
