"""What may be asked of and done to master data; the names here are the ones other apps use.

`danhmuc.services.calendar_for(agency)`, `rules_on(day)`, `desk_for(agency)` … live in the modules beside.
"""

from danhmuc.services.agencies import (
    desk_for,
    desks_on,
    resolver_at,
    resolvers_for,
    successor_of,
)
from danhmuc.services.calendars import NoCalendar, calendar_for, calendar_version, publish_calendar_change
from danhmuc.services.distances import CARRIAGE_DAYS, distance_between
from danhmuc.services.procedures import NotPublishable, draft_from, publish_version, version_on
from danhmuc.services.rules import NoRules, form_set_on, report_set_on, rules_on
from danhmuc.services.staff import create_staff, issue_temporary_password, move_staff, username_for
from danhmuc.services.tariffs import NoTariff, postage, price_lists, remittance_price

__all__ = [
    "CARRIAGE_DAYS",
    "NoCalendar",
    "NoRules",
    "NoTariff",
    "NotPublishable",
    "calendar_for",
    "calendar_version",
    "create_staff",
    "desk_for",
    "desks_on",
    "distance_between",
    "draft_from",
    "form_set_on",
    "issue_temporary_password",
    "move_staff",
    "postage",
    "price_lists",
    "publish_calendar_change",
    "publish_version",
    "remittance_price",
    "report_set_on",
    "resolver_at",
    "resolvers_for",
    "rules_on",
    "successor_of",
    "username_for",
    "version_on",
]
