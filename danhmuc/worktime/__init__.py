"""Working-time arithmetic on plain dates: sessions, holidays, make-up days.

The counting rules C1-C6 come from the Civil Code (Bộ luật Dân sự 2015, Điều 144-148), the rest days from the
Labour Code (Bộ luật Lao động 2019, Điều 111, 112). Nothing here knows a database, a dossier or the present
moment: a calendar and a start go in, an instant and its explanation come out.

Moments are timezone-aware, in and out. Counting happens on the clock of Asia/Ho_Chi_Minh, which has had one
offset since 1975, so local differences are true differences.
"""

from danhmuc.worktime.calendar import (
    STANDARD_WEEK,
    TZ,
    WEEKDAYS,
    CalendarEmpty,
    DayKind,
    Session,
    SpecialDay,
    Week,
    WorkCalendar,
    date_text,
    local,
    local_date,
)
from danhmuc.worktime.counting import (
    Count,
    Line,
    add,
    add_months,
    count_calendar_days,
    count_hours,
    count_working_days,
    duration_text,
)
from danhmuc.worktime.limits import (
    Appointment,
    TimeLimit,
    Unit,
)
from danhmuc.worktime.spans import (
    SOON_MINUTES,
    Left,
    add_working_days,
    counting_from,
    counting_since,
    decimal_text,
    describe_left,
    subtract_working_days,
    working_days_between,
    working_days_spent,
    working_minutes_between,
    working_time_between,
)

__all__ = [
    "SOON_MINUTES",
    "STANDARD_WEEK",
    "TZ",
    "WEEKDAYS",
    "Appointment",
    "CalendarEmpty",
    "Count",
    "DayKind",
    "Left",
    "Line",
    "Session",
    "SpecialDay",
    "TimeLimit",
    "Unit",
    "Week",
    "WorkCalendar",
    "add",
    "add_months",
    "add_working_days",
    "count_calendar_days",
    "count_hours",
    "count_working_days",
    "counting_from",
    "counting_since",
    "date_text",
    "decimal_text",
    "describe_left",
    "duration_text",
    "local",
    "local_date",
    "subtract_working_days",
    "working_days_between",
    "working_days_spent",
    "working_minutes_between",
    "working_time_between",
]
