"""Histories for reports: by real steps at set moments, or written straight for the many."""

from collections.abc import Callable
from datetime import datetime
from itertools import count
from typing import Any

import pytest

from baocao.periods import Periods
from baocao.reports.on_time import OnTime
from hoso.models import Dossier, Event, State
from tests.factories import World

_serial = count(1)


class Book:
    """Dossiers written with their events, and the tables that count them."""

    def __init__(self, w: World) -> None:
        self.w = w

    def write(
        self,
        accepted_at: datetime,
        due_at: datetime,
        *later: tuple[str, datetime, str, datetime | None],
        **values: Any,
    ) -> Dossier:
        """A dossier accepted at a moment; `later` are (step, moment, state after, new due date or None)."""
        number = next(_serial)
        dossier = Dossier(
            submission_ref=f"NT-{number:08d}",
            code=f"H44.27-000000-{number:04d}",
            procedure=self.w.version.procedure,
            version=self.w.version,
            field=values.pop("field", self.w.version.procedure.field),
            channel=values.pop("channel", "counter"),
            desk=self.w.desk,
            resolving_agency=values.pop("agency", self.w.commune),
            created_at=accepted_at,
            accepted_at=accepted_at,
            due_at=due_at,
            original_due_at=due_at,
            state=State.PROCESSING,
            **values,
        )
        events = [("accept", accepted_at, State.PROCESSING.value, due_at), *later]
        before = State.SUBMITTED.value
        rows = []
        for seq, (name, at, target, due) in enumerate(events, start=1):
            data = {"due_at": due} if due else {}
            rows.append(
                Event(seq=seq, name=name, source=before, target=target, at=at, data=data, actor=self.w.system)
            )
            before = target
            dossier.due_at = due or dossier.due_at
            if name in {"decide", "withdraw", "close_unsupplemented"}:
                dossier.finished_at = at
                day, last = at.astimezone(due_at.tzinfo).date(), dossier.due_at.date()
                dossier.timeliness = "ON_TIME" if day == last else "EARLY" if day < last else "OVERDUE"
        Dossier.objects.bulk_create([dossier])
        kinds = {"hold": "SUPPLEMENT", "hold_financial": "FINANCIAL"}
        hold = next((kinds[name] for name, *_ in reversed(events) if name in kinds), "")
        stored = {"state": before, "hold_kind": hold if before == State.ON_HOLD else ""}
        Dossier.objects.filter(pk=dossier.pk).update(**stored)
        for row in rows:
            row.dossier_id = dossier.pk
        Event.objects.bulk_create(rows)
        return dossier

    def table(self, key: str, now: datetime, **more: Any) -> OnTime:
        """The table of a period for the whole province."""
        period = Periods().get(key)
        assert period is not None
        return OnTime(period, more.pop("root", self.w.province), now=now, **more)


@pytest.fixture
def book(w: World) -> Book:
    return Book(w)


@pytest.fixture
def figures() -> Callable[[OnTime], dict[int, int]]:
    """Column number → figure of the total line."""

    def read(report: OnTime) -> dict[int, int]:
        total = report.total()
        return {column.number: column.value(total.tally) for column in report.columns}

    return read
