"""What the clocks of a dossier are called, and every number and choice they depend on (domain §8, §22)."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import time
from enum import StrEnum
from typing import Any

from danhmuc.worktime import Appointment


class Clock(StrEnum):
    """The clocks of domain §8.3."""

    PORTAL_TO_DESK = "PORTAL_TO_DESK"
    INTAKE_REVIEW = "INTAKE_REVIEW"
    INTAKE_WAIT = "INTAKE_WAIT"
    TRANSFER = "TRANSFER"
    PAPER_CROSS_LEVEL = "PAPER_CROSS_LEVEL"
    RESOLUTION = "RESOLUTION"
    SUPPLEMENT_NOTICE = "SUPPLEMENT_NOTICE"
    SUPPLEMENT_WAIT = "SUPPLEMENT_WAIT"
    EXTENSION_NOTICE = "EXTENSION_NOTICE"
    CORRECTION = "CORRECTION"
    FEEDBACK_REPLY = "FEEDBACK_REPLY"
    PUBLISH = "PUBLISH"
    REMIT_ONLINE = "REMIT_ONLINE"
    REMIT_POST = "REMIT_POST"


class Timeliness(StrEnum):
    """How a dossier stands against its due date (C7): the first three once finished, WITHIN while in time."""

    EARLY = "EARLY"
    ON_TIME = "ON_TIME"
    OVERDUE = "OVERDUE"
    WITHIN = "WITHIN"


class SupplementMode(StrEnum):
    """What the resolution clock does once a supplement is complete (domain §8.5)."""

    RESTART = "RESTART"
    CONTINUE = "CONTINUE"


class IntakeStart(StrEnum):
    """Whether the intake review runs from the applicant's submission or from the system's receipt."""

    SUBMISSION = "SUBMISSION"
    RECEIPT = "RECEIPT"


class ClockError(ValueError):
    """A history or a setting the clock cannot count with; the message is for people."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """The knobs of one rule set, with the defaults of domain §8 and §22. Days and hours are whole numbers."""

    portal_to_desk_hours: int = 2
    intake_review_hours: int = 8
    intake_starts_at: IntakeStart = IntakeStart.RECEIPT
    intake_wait_days: int = 15
    intake_alert_hours: tuple[int, ...] = (4, 7)
    handover_cutoff: time = time(15)
    paper_cross_level_days: int = 1
    supplement_notice_days: int = 3
    supplement_wait_days: int = 15
    supplement_mode: SupplementMode = SupplementMode.RESTART
    financial_hold_pauses: bool = True
    extension_notice_days: int = 1
    extension_max_days: int | None = None
    same_day_cutoff: time = time(15)
    appointment_time: Appointment = Appointment.CLOSING
    early_hours: int = 1
    correction_days: int = 3
    feedback_reply_days: int = 5
    publish_days: int = 5
    remit_online_hours: int = 8
    post_remit_days: int = 1
    post_invitations: int = 2
    post_invitation_gap: int = 2
    share_alert_percents: tuple[int, ...] = (80, 100)
    due_alert_days: tuple[int, ...] = (2, 1)
    collection_reminder_days: tuple[int, ...] = (3, 10, 30)
    saturday_reception_counts: bool = (
        False  # read by whoever builds the calendar; here so that one set holds all
    )

    @classmethod
    def from_mapping(cls, values: Mapping[str, Any]) -> "Rules":
        """Build from plain data, such as JSON: "15:00" for a time, a list for several days.

        ClockError names the first unknown key or impossible value; a typing slip must not become a default.
        """
        known = {one.name: one.default for one in fields(cls)}
        unknown = sorted(set(values) - set(known))
        if unknown:
            raise ClockError(f"Không có quy tắc thời hạn nào tên “{unknown[0]}”.")
        return cls(**{key: _read(key, known[key], value) for key, value in values.items()})


DEFAULT_RULES = Rules()


def _read(key: str, default: object, value: object) -> Any:
    """A value of the same kind as the default it replaces."""
    if key == "extension_max_days" and value is None:
        return None
    try:
        if isinstance(default, bool):
            if isinstance(value, bool):
                return value
        elif isinstance(default, StrEnum):
            return type(default)(str(value))
        elif isinstance(default, time):
            return value if isinstance(value, time) else time.fromisoformat(str(value))
        elif isinstance(default, tuple):
            if isinstance(value, (list, tuple)) and value:
                return tuple(_whole(one) for one in value)
        else:
            return _whole(value)
    except ValueError as error:
        raise ClockError(f"Giá trị “{value}” không dùng được cho quy tắc “{key}”.") from error
    raise ClockError(f"Giá trị “{value}” không dùng được cho quy tắc “{key}”.")


def _whole(value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= 1_000:
        raise ValueError(value)
    return value
