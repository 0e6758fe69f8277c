"""Closing a period and what changes after it: figures are frozen, later corrections are shown as a restatement."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from baocao.models import Snapshot
from baocao.reports.base import Column, Head, Row, Tally, added
from baocao.reports.layouts import LAYOUTS
from baocao.reports.on_time import OLDEST_FIRST, OnTime
from danhmuc.models import User
from hoso.models import Dossier, Event

REPORT = "07a"
#: A report whose figures were changed by more dossiers than this names the first of them.
MOST_NAMED = 200


class NotYet(Exception):
    """The period has not ended, in words for the person."""


def close(report: OnTime, *, by: User) -> Snapshot:
    """Freeze the figures of a period that has ended; a period already closed is given back as it was. NotYet."""
    now = timezone.now()
    period = report.period
    if not period.has_ended(now):
        raise NotYet(f"Chưa chốt được: {period.title} đến hết ngày {period.last_day:%d/%m/%Y} mới kết thúc.")
    content = {
        "fields": [_kept(row) for row in report.rows()],
        "agencies": [_kept(row) for row in report.rows_by_agency()],
    }
    with transaction.atomic():
        snapshot, _ = Snapshot.objects.get_or_create(
            report=REPORT,
            period=period.key,
            agency=report.root,
            defaults={
                "regime": period.regime.key,
                "starts_at": period.starts_at,
                "ends_at": period.ends_at,
                "content": content,
                "sha256": digest(content),
                "closed_by": by,
                "closed_at": now,
            },
        )
    return snapshot


def closed(report: OnTime) -> Snapshot | None:
    """The closing of this report, if there was one."""
    return (
        Snapshot.objects.filter(report=REPORT, period=report.period.key, agency=report.root)
        .select_related("closed_by", "agency")
        .first()
    )


def digest(content: Any) -> str:
    """SHA-256 over the figures in one fixed spelling."""
    text = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def is_intact(snapshot: Snapshot) -> bool:
    """Whether the kept figures are those that were closed."""
    return digest(snapshot.content) == snapshot.sha256


class Frozen:
    """A closed period as a report: the same table, from what was kept."""

    def __init__(self, snapshot: Snapshot, layout: str) -> None:
        self.snapshot = snapshot
        chosen = LAYOUTS[layout]
        self.title = chosen.title
        self.columns: Sequence[Column] = chosen.columns
        self.heads: Sequence[Sequence[Head]] = chosen.heads

    def filters(self) -> list[tuple[str, str]]:
        """Whose, and when it was closed."""
        at = timezone.localtime(self.snapshot.closed_at)
        return [
            ("Đơn vị", self.snapshot.agency.name),
            ("Đã chốt", f"{at:%H:%M} ngày {at:%d/%m/%Y}, {self.snapshot.closed_by}"),
        ]

    def rows(self) -> list[Row]:
        """By field, as closed."""
        return _rows(self.snapshot.content["fields"])

    def rows_by_agency(self) -> list[Row]:
        """By agency, as closed."""
        return _rows(self.snapshot.content["agencies"])

    def total(self) -> Row:
        """The closed total."""
        return added(self.rows())


@dataclass(frozen=True)
class Difference:
    """One figure that counts differently today."""

    label: str
    column: Column
    was: int
    now: int


def differences(snapshot: Snapshot, report: OnTime) -> list[Difference]:
    """Figures by field that today's count gives otherwise than when the period was closed."""
    before = {row.key: row for row in _rows(snapshot.content["fields"])}
    today = {row.key: row for row in report.rows()}
    found = []
    for key in sorted({*before, *today}):
        was, now = before.get(key), today.get(key)
        label = (now or was).label  # type: ignore[union-attr]
        for column in report.columns:
            old, new = (column.value(row.tally) if row else 0 for row in (was, now))
            if old != new:
                found.append(Difference(label, column, old, new))
    return found


def journal(snapshot: Snapshot, report: OnTime) -> QuerySet[Dossier]:
    """The dossiers behind a restatement: voided since, or with an event of the period recorded after the closing."""
    since = snapshot.closed_at
    voided = Event.objects.filter(dossier=OuterRef("pk"), name="void", at__gte=since)
    belated = Event.objects.filter(dossier=OuterRef("pk"), recorded_at__gt=since, at__lt=snapshot.ends_at)
    whole = OnTime(
        report.period, report.root, now=timezone.now(), tree=report.tree, level=report.level, voided=True
    )
    return whole.dossiers().filter(Q(Exists(voided)) | Q(Exists(belated))).order_by(*OLDEST_FIRST)


def _kept(row: Row) -> list[Any]:
    return [row.key, row.label, dict(sorted(row.tally.counts.items()))]


def _rows(kept: list[list[Any]]) -> list[Row]:
    return [Row(key, label, Tally(dict(counts))) for key, label, counts in kept]
