"""Management lists over the work in hand and over a period (domain §18.6): what a head has to look at."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet
from django.utils import timezone

from baocao.reports.on_time import OLDEST_FIRST, OnTime
from hoso.models import AgencyTask, Dossier, Event, State, Supplement

#: A result nobody fetched for this long is worth a call to the applicant.
UNCOLLECTED = timedelta(days=30)
_OPEN_TASK = Q(tasks__status__in=["sent", "signed_for"])


@dataclass(frozen=True)
class Watch:
    """One list: what it is called, what it means, and which dossiers are on it."""

    key: str
    title: str
    text: str
    of_period: bool
    find: Callable[[OnTime, datetime], QuerySet[Dossier]]


def overdue(report: OnTime, now: datetime) -> QuerySet[Dossier]:
    """In hand and past its date today, longest first; a paused clock cannot be late."""
    midnight = timezone.localtime(now).replace(hour=0, minute=0, second=0, microsecond=0)
    late = Q(due_at__lt=midnight) | Q(due_at__lt=now, version__time_unit="working_hour")
    return Dossier.objects.filter(
        late, state=State.PROCESSING, resolving_agency_id__in=report.agencies
    ).order_by("due_at", "pk")


def extended(report: OnTime, now: datetime) -> QuerySet[Dossier]:
    """Dossiers of the period whose appointment was moved by an extension and still differs from the first one."""
    moved = Event.objects.filter(dossier=OuterRef("pk"), name="extend", at__lt=report.cut)
    return report.dossiers().filter(Exists(moved), due_at__gt=F("original_due_at")).order_by(*OLDEST_FIRST)


def late_by_first_date(report: OnTime, now: datetime) -> QuerySet[Dossier]:
    """Extended dossiers that would be overdue had the first appointment stood (domain §8.6, O7)."""
    late = Q(finished_at__date__gt=F("original_due_at__date")) | Q(
        finished_at=None, original_due_at__lt=report.cut
    )
    return extended(report, now).filter(late)


def asked_again(report: OnTime, now: datetime) -> QuerySet[Dossier]:
    """Dossiers of the period with more than one request to the applicant; the national index counts them late."""
    again = Supplement.objects.filter(
        dossier=OuterRef("pk"), seq__gte=2, sent_at__isnull=False, sent_at__lt=report.cut
    )
    return report.dossiers().filter(Exists(again)).order_by(*OLDEST_FIRST)


def uncollected(report: OnTime, now: datetime) -> QuerySet[Dossier]:
    """Results ready for more than thirty days and not fetched, longest first."""
    return Dossier.objects.filter(
        state=State.DECIDED,
        decided_at__lt=now - UNCOLLECTED,
        resolving_agency_id__in=report.agencies,
    ).order_by("decided_at", "pk")


WATCHES = {
    watch.key: watch
    for watch in (
        Watch("qua-han", "Hồ sơ đang quá hạn", "Đang giải quyết, đã quá ngày hẹn trả.", False, overdue),
        Watch("gia-han", "Hồ sơ gia hạn", "Đã gia hạn, hẹn trả khác ngày hẹn lần đầu.", True, extended),
        Watch(
            "qua-han-lan-dau",
            "Quá ngày hẹn lần đầu",
            "Đã gia hạn; tính theo ngày hẹn lần đầu thì quá hạn.",
            True,
            late_by_first_date,
        ),
        Watch(
            "bo-sung-nhieu-lan",
            "Yêu cầu bổ sung hơn một lần",
            "Bộ chỉ số quốc gia tính các hồ sơ này là quá hạn.",
            True,
            asked_again,
        ),
        Watch(
            "cho-tra-30-ngay",
            "Chờ trả kết quả trên 30 ngày",
            "Đã có kết quả, người nộp chưa nhận.",
            False,
            uncollected,
        ),
    )
}


def holders(dossiers: QuerySet[Dossier]) -> list[tuple[str, str, int]]:
    """Who holds these dossiers: agency, officer, how many; most first, twenty at most."""
    rows = (
        dossiers.order_by()
        .values_list("holder_agency__name", "holder__full_name")
        .annotate(number=Count("pk"))
        .order_by("-number", "holder__full_name")[:20]
    )
    return [(agency or "", person or "Chưa có người nhận", number) for agency, person, number in rows]


def steps(dossiers: QuerySet[Dossier]) -> list[tuple[str, int]]:
    """At which steps these dossiers stand: step, how many; most first, twenty at most."""
    rows = (
        dossiers.order_by()
        .filter(_OPEN_TASK)
        .values_list("tasks__name")
        .annotate(number=Count("pk", distinct=True))
        .order_by("-number", "tasks__name")[:20]
    )
    return [(name, number) for name, number in rows]


@dataclass(frozen=True)
class StepTime:
    """How a kind of step was kept to: how many were done in time, how many late."""

    label: str
    total: int
    late: int

    @property
    def share(self) -> float:
        """In time, of all, in percent."""
        return 100 * (self.total - self.late) / self.total


def step_times(report: OnTime) -> list[StepTime]:
    """Steps of the dossiers resolved in the period, against the share of the time each was given."""
    done = AgencyTask.objects.filter(
        dossier__finished_at__gte=report.period.starts_at,
        dossier__finished_at__lt=report.period.ends_at,
        dossier__resolving_agency_id__in=report.agencies,
        done_at__isnull=False,
        due_at__isnull=False,
    ).exclude(dossier__state=State.VOIDED)
    rows = (
        done.order_by()
        .values_list("kind")
        .annotate(total=Count("pk"), late=Count("pk", filter=Q(done_at__gt=F("due_at"))))
        .order_by("kind")
    )
    found = {kind: (total, late) for kind, total, late in rows}
    return [StepTime(label, *found[kind]) for kind, label in AgencyTask.Kind.choices if kind in found]
