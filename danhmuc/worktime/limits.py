"""Time limits as procedures state them, and the hour that is printed for their last day."""

from dataclasses import dataclass
from enum import StrEnum

from config.said import Said


class Unit(StrEnum):
    """What a time limit is counted in."""

    WORKING_HOUR = "working_hour"
    WORKING_DAY = "working_day"
    CALENDAR_DAY = "calendar_day"
    MONTH = "month"
    SAME_DAY = "same_day"
    IMMEDIATE = "immediate"


class Appointment(StrEnum):
    """Which hour of the last day is printed (C6; no text fixes it, hence a setting)."""

    CLOSING = "CLOSING"
    SAME_CLOCK_TIME = "SAME_CLOCK_TIME"
    MIDDAY = "MIDDAY"


_UNIT_TEXT = {
    Unit.WORKING_HOUR: "giờ làm việc",
    Unit.WORKING_DAY: "ngày làm việc",
    Unit.CALENDAR_DAY: "ngày",
    Unit.MONTH: "tháng",
}
_AMOUNT = {
    Unit.WORKING_HOUR: "%(n)s giờ làm việc",
    Unit.WORKING_DAY: "%(n)s ngày làm việc",
    Unit.CALENDAR_DAY: "%(n)s ngày",
    Unit.MONTH: "%(n)s tháng",
}
_MOST = {Unit.WORKING_HOUR: 50_000, Unit.WORKING_DAY: 20_000, Unit.CALENDAR_DAY: 40_000, Unit.MONTH: 1_200}


@dataclass(frozen=True, slots=True)
class TimeLimit:
    """A length of time as a procedure states it, such as 5 working days.

    `value` counts `unit`; it means nothing for SAME_DAY and IMMEDIATE. ValueError for a length of zero, a
    negative one, or one no procedure can have.
    """

    value: int
    unit: Unit

    def __post_init__(self) -> None:
        object.__setattr__(self, "unit", Unit(self.unit))
        if isinstance(self.value, bool) or not isinstance(self.value, int):
            raise ValueError(f"Thời hạn phải là số nguyên, không phải “{self.value}”.")
        most = _MOST.get(self.unit)
        if most is not None and not 1 <= self.value <= most:
            raise ValueError(
                f"Thời hạn phải từ 1 đến {most} {_UNIT_TEXT[self.unit]}, không phải {self.value}."
            )

    @classmethod
    def parse(cls, text: str) -> "TimeLimit":
        """Read "5 working_day", "same_day" or "immediate"; ValueError when it is none of these."""
        parts = text.split()
        try:
            if len(parts) == 1 and parts[0] in (Unit.SAME_DAY, Unit.IMMEDIATE):
                return cls(0, Unit(parts[0]))
            value, unit = parts
            return cls(int(value), Unit(unit))
        except ValueError as error:
            raise ValueError(f"Không đọc được thời hạn “{text}”; ví dụ đúng: “5 working_day”.") from error

    @property
    def code(self) -> str:
        """The text that `parse` reads back."""
        return f"{self.value} {self.unit.value}" if self.unit in _UNIT_TEXT else self.unit.value

    def __str__(self) -> str:
        if self.unit is Unit.SAME_DAY:
            return Said("trong ngày")
        if self.unit is Unit.IMMEDIATE:
            return Said("ngay khi nhận")
        return Said(_AMOUNT[self.unit], n=f"{self.value:02d}")
