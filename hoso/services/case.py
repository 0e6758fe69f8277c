"""A dossier with what its steps read and the rows they leave behind.

A step reads and adds through the case; the rows are written together at the end, in one transaction. A single step
loads what it touches lazily; a batch (the demo's history, a migration from another system) keeps many cases in
memory and writes them with a handful of statements. Rules are the same in both.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable
from datetime import date, datetime
from functools import cached_property
from operator import attrgetter
from typing import Any, TypeVar

from django.db import connection, models

from danhmuc.models import User
from hoso.access import acting_day
from hoso.models import (
    AgencyTask,
    Amendment,
    Charge,
    CorrectionCase,
    Document,
    Dossier,
    Event,
    Handover,
    Letter,
    Notice,
    Paper,
    Payment,
    PostalChoice,
    Receipt,
    Refund,
    ReliefClaim,
    Supplement,
    SupplementItem,
)
from hoso.services import numbers
from hoso.services.copying import copy_in
from hoso.services.known import Known
from hoso.services.law import Law

RowT = TypeVar("RowT", bound=models.Model)

#: Rows are written in this order, so that a row finds the one it points to.
ORDER: tuple[type[models.Model], ...] = (
    Event,
    PostalChoice,
    Document,
    Supplement,
    SupplementItem,
    CorrectionCase,
    Charge,
    ReliefClaim,
    Payment,
    Receipt,
    Refund,
    Handover,
    AgencyTask,
    Paper,
    Notice,
)
_LISTS: dict[type[models.Model], str] = {
    Event: "events",
    Document: "documents",
    Supplement: "supplements",
    Charge: "charges",
    Payment: "payments",
    Receipt: "receipts",
    Refund: "refunds",
    ReliefClaim: "relief_claims",
    Handover: "handovers",
    AgencyTask: "tasks",
    Paper: "papers",
    CorrectionCase: "corrections",
}
#: The order of what is read together with its people, and which people and agencies those are.
_IN_ORDER: dict[type[models.Model], Callable[[Any], Any]] = {
    Event: attrgetter("seq"),
    AgencyTask: attrgetter("order", "seq"),
    Handover: attrgetter("seq"),
}
_PEOPLE: dict[type[models.Model], tuple[str, ...]] = {
    Event: ("actor",),
    AgencyTask: ("agency", "assignee"),
    Handover: ("from_agency", "to_agency", "from_user", "to_user", "signed_by"),
}
#: What most dossiers have none of, by the rows that would be there.
_RARE: dict[str, type[models.Model]] = {
    "supplements": Supplement,
    "payments": Payment,
    "receipts": Receipt,
    "refunds": Refund,
    "relief_claims": ReliefClaim,
    "corrections": CorrectionCase,
    "amendment": Amendment,
    "postal": PostalChoice,
    "letters": Letter,
}
_WHICH_ARE_FILLED = "SELECT " + ", ".join(
    f"EXISTS (SELECT FROM {model._meta.db_table} WHERE dossier_id = %(pk)s)" for model in _RARE.values()
)


class Case:
    """One dossier being worked on. Lists are in order of their rows; open ones are found by properties."""

    def __init__(
        self, dossier: Dossier, *, series: numbers.Series | None = None, law: Law | None = None
    ) -> None:
        self.dossier = dossier
        self.series: numbers.Series = series or numbers.DatabaseSeries()
        self.law = law or Law()
        self.fresh: list[models.Model] = []
        self.changed: dict[int, models.Model] = {}
        if dossier._state.adding:
            for name in _LISTS.values():
                self.__dict__[name] = []
            self.__dict__["items"] = []
            self.__dict__["postal"] = None
            self.__dict__["amendment"] = None

    # These few rows are put in order here: Django compares every column of a query with what it is ordered by, which
    # takes longer than reading them.

    @cached_property
    def events(self) -> list[Event]:
        """The whole history, oldest first."""
        return self._with_people(Event)

    @cached_property
    def tasks(self) -> list[AgencyTask]:
        """The dossier's own route and other agencies' parts."""
        return self._with_people(AgencyTask)

    @cached_property
    def handovers(self) -> list[Handover]:
        """Every change of custody."""
        return self._with_people(Handover)

    def _with_people(self, model: type[RowT]) -> list[RowT]:
        rows = self._rows(model)
        self._known.fill((row, _PEOPLE[model]) for row in rows)
        return rows

    def _rows(self, model: type[RowT]) -> list[RowT]:
        found = model._default_manager.filter(dossier=self.dossier).order_by()
        return sorted(found, key=_IN_ORDER[model])

    @cached_property
    def _known(self) -> Known:
        known = Known()
        known.learn(self.dossier)
        known.learn(self.dossier.desk)
        return known

    @cached_property
    def supplements(self) -> list[Supplement]:
        """Requests to the applicant."""
        return sorted(self.dossier.supplements.order_by(), key=attrgetter("seq"))

    @cached_property
    def items(self) -> list[SupplementItem]:
        """The items of all requests."""
        return list(
            SupplementItem.objects.filter(supplement__dossier=self.dossier).order_by("supplement", "order")
        )

    @cached_property
    def charges(self) -> list[Charge]:
        """What is or was owed."""
        return sorted(self.dossier.charges.order_by(), key=attrgetter("seq"))

    @cached_property
    def payments(self) -> list[Payment]:
        """Attempts to pay."""
        return sorted(self.dossier.payments.order_by(), key=attrgetter("pk"))

    @cached_property
    def relief_claims(self) -> list[ReliefClaim]:
        """Wishes to pay less."""
        found = self.dossier.relief_claims.select_related("relief", "document").order_by()
        return sorted(found, key=attrgetter("seq"))

    @cached_property
    def receipts(self) -> list[Receipt]:
        """Receipts, cancelled ones included."""
        return sorted(self.dossier.receipts.select_related("payment").order_by(), key=attrgetter("seq"))

    @cached_property
    def refunds(self) -> list[Refund]:
        """Money that goes back."""
        return sorted(self.dossier.refunds.select_related("payment").order_by(), key=attrgetter("seq"))

    @cached_property
    def documents(self) -> list[Document]:
        """Every file, replaced ones included."""
        found = sorted(self.dossier.documents.order_by(), key=attrgetter("pk"))
        if used := {d.source_id for d in found if d.source_id}:  # seldom: a paper of an earlier dossier
            sources = Document.objects.select_related("dossier").defer("dossier__answers", "dossier__search")
            earlier = sources.in_bulk(used)
            for document in found:
                document.source = earlier.get(document.source_id)
        return found

    @cached_property
    def papers(self) -> list[Paper]:
        """Printed forms issued so far."""
        return sorted(self.dossier.papers.order_by(), key=attrgetter("pk"))

    @cached_property
    def corrections(self) -> list[CorrectionCase]:
        """Errors reported in the result."""
        return sorted(self.dossier.corrections.order_by(), key=attrgetter("pk"))

    @cached_property
    def postal(self) -> PostalChoice | None:
        """What was asked of the post, if anything."""
        return PostalChoice.objects.filter(dossier=self.dossier).first()

    @cached_property
    def amendment(self) -> Amendment | None:
        """The change the applicant asks for and nobody has answered."""
        return self.dossier.amendments.filter(status=Amendment.Status.WAITING).first()

    @cached_property
    def letters(self) -> list[tuple[bool, datetime | None]]:
        """Of every message to and fro: whether the applicant wrote it, and when the other side first read it."""
        return list(self.dossier.letters.order_by().values_list("from_applicant", "read_at"))

    def read_whole(self) -> None:
        """For a page that shows everything: one question finds which of the rarely filled lists have rows at all, so
        that the others are not asked for, and the people of all others are read together.
        """
        with connection.cursor() as cursor:
            cursor.execute(_WHICH_ARE_FILLED, {"pk": self.dossier.pk})
            filled = cursor.fetchone()
        for name, some in zip(_RARE, filled, strict=True):
            if not some:
                self.__dict__[name] = None if name in {"amendment", "postal"} else []
        for model in _PEOPLE:
            self.__dict__[_LISTS[model]] = self._rows(model)
        self._known.fill(
            (row, names) for model, names in _PEOPLE.items() for row in getattr(self, _LISTS[model])
        )

    @property
    def acting_day(self) -> date:
        """The day on which the step at hand is taken."""
        return acting_day(self.dossier)

    @property
    def last(self) -> Event | None:
        """The latest event."""
        return self.events[-1] if self.events else None

    @property
    def open_handover(self) -> Handover | None:
        """The dossier sent and not yet signed for."""
        return next((h for h in self.handovers if h.is_open and h.what == Handover.What.DOSSIER), None)

    @property
    def open_supplement(self) -> Supplement | None:
        """The request under way."""
        busy = {"proposed", "signed", "sent", "answered"}
        return next((s for s in self.supplements if s.status in busy), None)

    @property
    def open_tasks(self) -> list[AgencyTask]:
        """What somebody has to do now."""
        return [t for t in self.tasks if t.is_open]

    @property
    def due_charges(self) -> list[Charge]:
        """What is still to be paid."""
        return [c for c in self.charges if c.status == Charge.Status.DUE]

    @property
    def open_relief_claim(self) -> ReliefClaim | None:
        """The wish to pay less that waits for the desk."""
        return next((c for c in self.relief_claims if c.status == ReliefClaim.Status.CLAIMED), None)

    @property
    def current_documents(self) -> list[Document]:
        """Files that are neither replaced nor removed."""
        return [d for d in self.documents if d.is_current]

    def add(self, row: RowT) -> RowT:
        """Note a new row; it is written with the step."""
        self.fresh.append(row)
        name = _LISTS.get(type(row))
        if name:
            getattr(self, name).append(row)
        elif isinstance(row, SupplementItem):
            self.items.append(row)
        elif isinstance(row, PostalChoice):
            self.__dict__["postal"] = row
        if isinstance(row, AgencyTask):
            self.dossier.__dict__.pop("_involved", None)
        return row

    def note(
        self, name: str, *, by: User, at: datetime, note: str = "", data: dict[str, Any] | None = None
    ) -> Event:
        """History of what is no step of the dossier: its state and its clock stay."""
        dossier = self.dossier
        dossier.last_seq += 1
        dossier.updated_at = at
        state: str = dossier.state
        event = Event(
            dossier=dossier,
            seq=dossier.last_seq,
            name=name,
            source=state,
            target=state,
            actor=by,
            at=at,
            note=note,
            data=data or {},
        )
        return self.add(event)

    def touch(self, row: models.Model) -> None:
        """Note that a stored row changed; one that is not yet written needs no second writing."""
        if row.pk is not None:
            self.changed[id(row)] = row
        if isinstance(row, AgencyTask):
            self.dossier.__dict__.pop("_involved", None)

    def involve(self) -> None:
        """Tell the dossier which agencies have a part, so that rights are judged on what is in memory."""
        asked = {t.agency_id for t in self.tasks if t.status != AgencyTask.Status.WAITING}
        self.dossier.__dict__["_involved"] = frozenset(asked | {self.dossier.resolving_agency_id})


def write(cases: Iterable[Case]) -> None:
    """Write what the steps left behind. Call inside a transaction, with the dossiers locked or new."""
    cases = list(cases)
    new = [case.dossier for case in cases if case.dossier._state.adding]
    stored = [case.dossier for case in cases if not case.dossier._state.adding]
    for case in cases:
        case.dossier.index_for_search()
    insert = copy_in if len(cases) > 1 else _insert
    insert(Dossier, new)
    for dossier in stored:
        dossier.save()
    rows: dict[type[models.Model], list[Any]] = defaultdict(list)
    for case in cases:
        for row in case.fresh:
            rows[type(row)].append(row)
        for row in case.changed.values():
            row.save()
    for model in ORDER:
        if rows[model]:
            insert(model, rows[model])
    for case in cases:
        case.fresh.clear()
        case.changed.clear()


def _insert(model: type[models.Model], rows: list[Any]) -> None:
    model._default_manager.bulk_create(rows)
