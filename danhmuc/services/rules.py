"""What the law says on a day: the rule set, form set and report set in force (domain §0.3).

Not cached: rows may be corrected at any time, and one indexed query costs less than a wrong deadline.
"""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from django.utils import timezone

from danhmuc.models import RuleSet


class NoRules(Exception):
    """No set of that kind is in force that day."""


def _in_force(kind: str, on: date | datetime) -> RuleSet:
    day = timezone.localdate(on) if isinstance(on, datetime) else on
    try:
        return RuleSet.objects.in_force(kind, day)
    except RuleSet.DoesNotExist:
        words = RuleSet.Kind(kind).label.lower()
        raise NoRules(f"Không có {words} nào áp dụng cho ngày {day:%d/%m/%Y}.") from None


def rules_on(on: date | datetime) -> tuple[RuleSet, Mapping[str, Any]]:
    """The rule set of a day with its clock knobs, to be read by `hoso.clock.Rules.from_mapping`. NoRules if none."""
    found = _in_force(RuleSet.Kind.RULES, on)
    return found, found.values.get("clock", {})


def form_set_on(on: date | datetime) -> RuleSet:
    """The set of printed forms of a day."""
    return _in_force(RuleSet.Kind.FORMS, on)


def report_set_on(on: date | datetime) -> RuleSet:
    """The report regime of a day."""
    return _in_force(RuleSet.Kind.REPORTS, on)
