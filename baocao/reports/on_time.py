"""Table 07a (II.06 before 08/2026): what came in, what was resolved and how timely, what is in hand (domain §18.2).

Every figure is counted from the dossiers' own moments, and a period that is over is counted as of its end: what a
dossier was due, and whether its clock ran, is read from the last event before that end. A class is one branch of
one CASE, used to count and to list, so a figure and its list cannot differ.
"""

from collections import defaultdict
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any

from django.db.models import (
    Case,
    CharField,
    Count,
    DateTimeField,
    F,
    Func,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Value,
    When,
)
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Cast, TruncDate
from django.utils import timezone

from baocao.agencies import Tree
from baocao.periods import ORIGINAL, RESOLVED_ON_TIME, Period
from baocao.reports.base import Column, Head, Row, Tally, added
from baocao.reports.layouts import LAYOUTS, RECEIVED, STANDING, Layout
from danhmuc.models import Agency, Field
from hoso.models import Dossier, Event, HoldKind, State

#: Full online processing, the level that was once numbered 4.
FULL_ONLINE = 4
#: Order of a list of a period's dossiers: by acceptance, which is where the time in hand begins. Named this way, as the
#: index on acceptances would be walked from the first dossier there ever was.
OLDEST_FIRST = (Func(F("in_hand"), function="lower", output_field=DateTimeField()), F("pk"))
_HOUR_UNIT = "working_hour"
#: An hour-based dossier is early when it ends this long before its instant (C7).
_EARLY = timedelta(hours=1)


class OnTime:
    """The table of one period for one agency and everything below it. `now` is the moment of counting."""

    def __init__(
        self,
        period: Period,
        root: Agency,
        *,
        now: datetime,
        tree: Tree | None = None,
        level: str = "",
        voided: bool = False,
    ) -> None:
        self.period, self.root, self.level = period, root, level
        self.tree = tree or Tree(period.last_day)
        self.layout: Layout = LAYOUTS[period.regime.layout]
        self.columns, self.title = self.layout.columns, self.layout.title
        self.heads: tuple[tuple[Head, ...], ...] = self.layout.heads
        #: The moment the figures speak of: the end of the period, or the moment of counting while it lasts.
        self.cut = min(period.ends_at, now)
        self.is_past = period.ends_at < now
        self._voided = voided

    # -- What is counted -----------------------------------------------------------------------------------------

    @cached_property
    def agencies(self) -> frozenset[int]:
        """Agencies whose dossiers are in the table."""
        under = self.tree.counted_under(self.root)
        if self.level:
            under = frozenset(pk for pk in under if self.tree.answering(pk).level == self.level)
        return under

    def dossiers(self) -> QuerySet[Any]:
        """Every dossier of the period with its two classes, `received` and `standing`.

        Accepted before the end and not finished before the start. Never accepted and voided dossiers are not counted.
        """
        found = Dossier.objects.in_hand(self.period.starts_at, self.period.ends_at).filter(
            self._within_scope()
        )
        if not self._voided:
            found = found.exclude(state=State.VOIDED)
        return self._then(found).annotate(received=self._received(), standing=self._standing())

    def _within_scope(self) -> Q:
        """The agencies of the table; a scope of most agencies names the others, so that no index is read for all."""
        others = self.tree.agencies.keys() - self.agencies
        if len(others) < len(self.agencies):
            return ~Q(resolving_agency_id__in=others)
        return Q(resolving_agency_id__in=self.agencies)

    def _received(self) -> Case:
        """How it came in: (4)–(7) within the period by channel, (8) from the one before."""
        online = Q(channel=Dossier.Channel.ONLINE)
        return _case(
            ("carried", Q(accepted_at__lt=self.period.starts_at)),
            ("full", online & Q(online_level__gte=FULL_ONLINE)),
            ("partial", online),
            ("post", Q(channel=Dossier.Channel.POST)),
            default="counter",
        )

    def _standing(self) -> Case:
        """Where it stood at the end: (10)–(12) resolved in the period, (14)–(15) still in hand."""
        finished = Q(finished_at__lt=self.period.ends_at)
        late = self._is_late()
        branches = [
            ("early", finished & self._was("EARLY")),
            ("overdue", finished & self._was("OVERDUE")),
            ("on_time", finished),
            ("late", late),
        ]
        if self.period.regime.supplement_counting == RESOLVED_ON_TIME:
            branches.insert(3, ("waiting", self._waits_for_papers()))
        return _case(*branches, default="within")

    def _was(self, timeliness: str) -> Q:
        """The class of a finished dossier: against the date valid at its finish, or against the first one (O7)."""
        if self.period.regime.due_basis != ORIGINAL:
            return Q(timeliness=timeliness)
        by_hour = Q(version__time_unit=_HOUR_UNIT)
        first_day = TruncDate("original_due_at", tzinfo=timezone.get_default_timezone())
        if timeliness == "EARLY":
            return (by_hour & Q(finished_at__lte=F("original_due_at") - _EARLY)) | (
                ~by_hour & Q(finished_at__date__lt=first_day)
            )
        return (by_hour & Q(finished_at__gt=F("original_due_at"))) | (
            ~by_hour & Q(finished_at__date__gt=first_day)
        )

    def _is_late(self) -> Q:
        """(15): past its date with the clock running; day-based limits run to the end of the day (C6, C7)."""
        due = "original_due_at" if self.period.regime.due_basis == ORIGINAL else "due_then"
        midnight = timezone.localtime(self.cut).replace(hour=0, minute=0, second=0, microsecond=0)
        passed = Q(**{f"{due}__lt": midnight})
        if midnight != self.cut:
            passed |= Q(**{f"{due}__lt": self.cut}, version__time_unit=_HOUR_UNIT)
        return passed & Q(state_then=State.PROCESSING)

    def _waits_for_papers(self) -> Q:
        return Q(state_then=State.ON_HOLD, hold_then="hold")

    def _then(self, dossiers: QuerySet[Dossier]) -> QuerySet[Dossier]:
        """Add what was true at the cut: the columns while the period lasts, else the last events before its end.

        Only rows that no cheaper branch has settled ever ask for an event, and each answer is one index probe.
        """
        if not self.is_past:
            held = Case(When(hold_kind=HoldKind.SUPPLEMENT, then=Value("hold")), default=Value(""))
            return dossiers.alias(due_then=F("due_at"), state_then=F("state"), hold_then=held)
        before = Event.objects.filter(dossier=OuterRef("pk"), at__lt=self.cut).order_by("-seq")
        due = before.filter(data__has_key="due_at").values(
            then=Cast(KeyTextTransform("due_at", "data"), DateTimeField())
        )
        holds = before.filter(name__in=["hold", "hold_financial"])
        return dossiers.alias(
            due_then=Subquery(due[:1]),
            state_then=Subquery(before.values("target")[:1]),
            hold_then=Subquery(holds.values("name")[:1]),
        )

    # -- Figures -------------------------------------------------------------------------------------------------

    @cached_property
    def tallies(self) -> dict[tuple[int, int], Tally]:
        """(field, agency that answers) → how many dossiers of each class."""
        found: dict[tuple[int, int], Tally] = defaultdict(Tally)
        for (field, agency), tally in self.as_received.items():
            at = field, self.tree.answering(agency).pk
            found[at] = found[at] + tally
        return dict(found)

    @cached_property
    def as_received(self) -> dict[tuple[int, int], Tally]:
        """The same by the agency that resolved it at the time. One statement counts the whole table."""
        found: dict[tuple[int, int], Tally] = defaultdict(Tally)
        counted = (
            self.dossiers()
            .values_list("field_id", "resolving_agency_id", "received", "standing")
            .annotate(number=Count("pk"))
            .order_by()
        )
        for field, agency, received, standing, number in counted:
            tally = found[field, agency]
            tally.add(received, number)
            tally.add(standing, number)
        return dict(found)

    @cached_property
    def _fields(self) -> list[Field]:
        return list(Field.objects.filter(pk__in={field for field, _ in self.tallies}).order_by("code"))

    def rows(self) -> list[Row]:
        """A line a field, by code (domain §18.2); fields without a dossier are left out."""
        sums = self._summed(0)
        return [Row(field.code, field.name, sums[field.pk]) for field in self._fields]

    def rows_by_agency(self) -> list[Row]:
        """A line an agency, in tree order."""
        sums = self._summed(1)
        agencies = sorted((self.tree.agencies[pk] for pk in sums), key=lambda one: one.path)
        return [Row(one.key, one.short_name or one.name, sums[one.pk]) for one in agencies]

    def total(self) -> Row:
        """The line that adds up all fields, which is also that of all agencies."""
        return added(self.rows())

    def filters(self) -> list[tuple[str, str]]:
        """Period, scope and way of counting."""
        chosen = [("Kỳ báo cáo", self.period.title), ("Đơn vị", self.root.name)]
        if self.level:
            chosen.append(("Cấp", Agency.Level(self.level).label))
        return chosen

    def _summed(self, by: int) -> dict[int, Tally]:
        """The tallies added up by field (0) or by agency (1)."""
        found: dict[int, Tally] = defaultdict(Tally)
        for at, tally in self.tallies.items():
            found[at[by]] = found[at[by]] + tally
        return dict(found)

    # -- Lists ---------------------------------------------------------------------------------------------------

    def listed(self, column: Column, *, field: str = "", agency: Agency | None = None) -> QuerySet[Any]:
        """The dossiers behind one figure, oldest acceptance first."""
        received = [part for part in column.parts if part in RECEIVED]
        standing = [part for part in column.parts if part in STANDING]
        found = self.dossiers()
        if set(received) != set(RECEIVED) and received:
            found = found.filter(received__in=received)
        if standing:
            found = found.filter(standing__in=standing)
        if field:
            found = found.filter(field__code=field)
        if agency is not None:
            found = found.filter(resolving_agency_id__in=self.agencies & self.tree.counted_for(agency))
        return found.order_by(*OLDEST_FIRST)


def _case(*branches: tuple[str, Q], default: str) -> Case:
    whens = [When(condition, then=Value(name)) for name, condition in branches]
    return Case(*whens, default=Value(default), output_field=CharField())
