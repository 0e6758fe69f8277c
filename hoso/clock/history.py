"""What the clock reads, a dossier's events, and what it answers."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from fractions import Fraction
from typing import Any

from danhmuc.worktime import Line, WorkCalendar
from hoso.clock.rules import Clock

CalendarOf = Callable[[str | None], WorkCalendar]


@dataclass(frozen=True, slots=True)
class Turn:
    """One event of a dossier as the clock reads it; names are the steps of domain §7.2, others are passed over.

    `data` may carry `calendar` (the version then in use), the procedure's `limit` ("5 working_day") and
    `supplement_mode`, and by step: submit `prepaid`, `received_at`, `intake_limit`; accept `starts_at` (the signing of a postal record);
    hold `kind`, `wait_days`; extend `value` and `unit`, `override`.
    """

    name: str
    at: datetime
    data: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Explanation:
    """Where the clocks of a dossier stand.

    `due_at` is what the slip promises, `original_due_at` the same without the extension. While a dossier is on
    hold both keep their last values and `running` is false. `used` and `total` count the limit's unit. `projected`
    warns that a day still awaiting its decision took part. `wait_until` is set while the applicant is waited for.
    """

    due_at: datetime | None
    original_due_at: datetime | None
    lines: tuple[Line, ...]
    running: bool
    paused_since: datetime | None
    paused_for: str | None
    stopped_at: datetime | None
    used: Fraction
    total: Fraction
    used_text: str
    projected: bool
    intake_due_at: datetime | None
    wait_until: datetime | None
    clock: Clock | None

    @property
    def percent(self) -> int:
        """How much of the limit is used, for a bar: 0 to 100."""
        return min(int(self.used * 100 / self.total), 100) if self.total else 0
