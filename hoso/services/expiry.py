"""What somebody began and never sent: drafts, and papers prepared to change a filed dossier. The writer is told in
time, then it goes with its files.

Personal data is kept no longer than it is needed, and nothing typed disappears without a word: a row is deleted only
when its warning has been in the outbox long enough, whatever the clock says.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Exists, OuterRef, ProtectedError, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from danhmuc.models import User
from hoso.lifecycle import State
from hoso.models import Amendment, AmendmentFile, Document, Dossier, Notice
from hoso.services import notices, preparing
from hoso.services.errors import Refused

logger = logging.getLogger(__name__)
Channel = Notice.Channel
Row = Dossier | Amendment


@dataclass(frozen=True)
class Unsent:
    """One kind of such rows: `touched` is the column that says when one was last saved, `dossier` the one that names
    its dossier, `of` gives that dossier, `empty` finds those nobody misses. `kept` reads for how many days they stay,
    and how many before the end the writer is told; `template` is the message.
    """

    template: str
    kept: Callable[[], tuple[int, int]]
    rows: QuerySet[Any]
    touched: str
    dossier: str
    of: Callable[[Any], Dossier]
    empty: Q
    delete: Callable[[Any], None]

    def kept_until(self, row: Row) -> date:
        """The last day it is kept."""
        touched = getattr(row, self.touched) or self.of(row).created_at  # a draft just begun was never saved
        return timezone.localdate(touched) + timedelta(days=self.kept()[0])

    def quiet(self, days: int) -> QuerySet[Any]:
        """Those not touched in the days before today and so many more; people are promised days, not hours."""
        return self.rows.filter(**{f"{self.touched}__lt": _morning(days)}).order_by(self.touched)

    def warnings(self) -> QuerySet[Notice]:
        """What has been said about a row since it was last touched."""
        return Notice.objects.filter(
            dossier=OuterRef(self.dossier), template=self.template, due_at__gt=OuterRef(self.touched)
        )

    def warn(self, limit: int) -> int:
        """Tell the writers of those that go soon, once a stretch of silence; how many were told of."""
        days, before = self.kept()
        told = 0
        for row in self.quiet(days - before - 1).exclude(self.empty).filter(~Exists(self.warnings()))[:limit]:
            dossier = self.of(row)
            # Said late, when nobody looked for a while: it still stays as long as the warning promises.
            until = max(self.kept_until(row), timezone.localdate() + timedelta(days=before))
            channels = (Channel.PORTAL, Channel.EMAIL if dossier.email else Channel.SMS)
            key = f"{self.template}:{until:%y%m%d}"
            code = "" if dossier.state == State.DRAFT else dossier.public_code
            told += bool(
                notices.tell(dossier, self.template, key=key, channels=channels, code=code, until=until)
            )
        return told

    def sweep(self, limit: int) -> int:
        """Delete those whose time is over; how many went. One that cannot go takes no other along."""
        days, before = self.kept()
        warned = self.warnings().filter(due_at__lt=_morning(before))
        over, gone = self.quiet(days).filter(self.empty | Exists(warned)), 0
        for pk, dossier in list(over.values_list("pk", self.dossier)[:limit]):
            try:
                with transaction.atomic():
                    free = Dossier.objects.select_for_update(of=["self"], skip_locked=True).filter(pk=dossier)
                    # Judged again under the lock: its writer may have come back this very moment.
                    if free.first() and (row := over.filter(pk=pk).first()):
                        self.delete(row)
                        gone += 1
            except ProtectedError:
                logger.exception("Chưa xóa được %s %s", self.rows.model._meta.verbose_name, pk)
        return gone


def _morning(days_ago: int) -> datetime:
    """When a day began."""
    day = timezone.localdate() - timedelta(days=days_ago)
    return timezone.make_aware(datetime.combine(day, time.min))


def _delete_draft(dossier: Dossier) -> None:
    """The draft, its one event, its files' rows; bytes nobody names any more are swept with the store."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('hoso.maintenance', 'on', true)")
        documents = Document.objects.filter(dossier=dossier.pk)
        documents.exclude(replaced_by=None).update(replaced_by=None)
        documents.delete()
        dossier.events.all().delete()
        dossier.delete()
        cursor.execute("SELECT set_config('hoso.maintenance', 'off', true)")


DRAFTS = Unsent(
    template="draft_ending",
    kept=lambda: (settings.DRAFT_DAYS, settings.DRAFT_WARNING_DAYS),
    rows=Dossier.objects.filter(state=State.DRAFT, applicant__isnull=False)
    .select_related("version", "resolving_agency", "desk__agency")
    .defer("version__eform", "answers"),
    touched="updated_at",
    dossier="pk",
    of=lambda draft: draft,
    empty=Q(answers={}) & Q(~Exists(Document.objects.filter(dossier=OuterRef("pk")))),
    delete=_delete_draft,
)
PREPARED = Unsent(
    template="amendment_ending",
    kept=lambda: (settings.AMENDMENT_DAYS, settings.AMENDMENT_WARNING_DAYS),
    rows=Amendment.objects.filter(status=Amendment.Status.WRITING)
    .select_related("dossier__version", "dossier__resolving_agency", "dossier__desk__agency")
    .defer("dossier__version__eform", "dossier__answers"),
    touched="asked_at",
    dossier="dossier_id",
    of=lambda writing: writing.dossier,
    # Nothing was chosen, or the dossier has its decision or its end: it cannot be sent any more.
    empty=Q(reason="", dropped=[]) & Q(~Exists(AmendmentFile.objects.filter(amendment=OuterRef("pk"))))
    | ~Q(dossier__state__in=preparing.AMENDABLE),
    delete=lambda writing: writing.delete(),
)
KINDS = (DRAFTS, PREPARED)


def _kind(row: Row) -> Unsent:
    return next(kind for kind in KINDS if kind.rows.model is type(row))


def kept_until(row: Row) -> date:
    """The last day a draft, or what was prepared, is kept; every saving moves it on."""
    return _kind(row).kept_until(row)


def is_ending(row: Row) -> bool:
    """Whether the page should say that it goes soon."""
    return kept_until(row) - timezone.localdate() <= timedelta(days=_kind(row).kept()[1])


def warn(*, limit: int = 500) -> int:
    """Tell the writers of what goes soon. Answers how many were told of."""
    return sum(kind.warn(limit) for kind in KINDS)


def sweep(*, limit: int = 500) -> int:
    """Delete what nobody came back to. Answers how many went."""
    return sum(kind.sweep(limit) for kind in KINDS)


@transaction.atomic
def discard(pk: int, *, by: User) -> None:
    """Its writer wants it gone; gone already is as good. Raises Refused once it is submitted."""
    dossier = Dossier.objects.select_for_update(of=["self"]).filter(pk=pk).first()
    if dossier is None or not dossier.is_of(by):
        return
    if dossier.state != State.DRAFT:
        raise Refused(_("Hồ sơ đã nộp nên không xóa được. Muốn dừng giải quyết thì dùng “Rút hồ sơ”."))
    _delete_draft(dossier)
