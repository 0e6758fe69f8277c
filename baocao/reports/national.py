"""Indicator 2.1 of the national index, predicted from our own events and shown beside our ratio (domain §17.3).

It differs from the province's own ratio in three ways: work in progress within time counts as good; a dossier that
waits for the applicant is judged by the day of the request; a dossier asked for more than once counts as overdue.
The score the national portal publishes is theirs and is never overwritten.
"""

from dataclasses import dataclass

from django.db.models import Count, Exists, OuterRef, Q

from baocao.reports.layouts import RECEIVED, TIMELY
from baocao.reports.on_time import OnTime
from hoso.models import Supplement

#: What the indicator is worth in the index; points grow in line with the ratio.
POINTS = 20


@dataclass(frozen=True)
class Indicator:
    """In time and all; no ratio where there was nothing."""

    good: int
    whole: int
    asked_again: int

    @property
    def ratio(self) -> float | None:
        """Between 0 and 1."""
        return self.good / self.whole if self.whole else None

    @property
    def points(self) -> float | None:
        """Of twenty."""
        return None if self.ratio is None else POINTS * self.ratio


def ratio(report: OnTime) -> Indicator:
    """The indicator for the dossiers of a table. A waiting dossier stands in (14): it was asked within its time."""
    again = Supplement.objects.filter(
        dossier=OuterRef("pk"), seq__gte=2, sent_at__isnull=False, sent_at__lt=report.cut
    )
    good = (*TIMELY, "within")
    spoilt = (
        report.dossiers()
        .filter(Exists(again))
        .aggregate(number=Count("pk"), good=Count("pk", filter=Q(standing__in=good)))
    )
    total = report.total().tally
    return Indicator(
        good=total.get(*good) - spoilt["good"], whole=total.get(*RECEIVED), asked_again=spoilt["number"]
    )
