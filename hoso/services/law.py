"""What the law says for one dossier at one moment: calendar, rules, forms. Read once a step, or once a batch."""

from datetime import date, datetime

from danhmuc.models import Agency, Calendar, ChargeRelief, RuleSet
from danhmuc.services import calendars, rules
from danhmuc.worktime import WorkCalendar, local_date
from hoso.clock import Rules
from hoso.models import Dossier


class Law:
    """Remembers what it has read for as long as it lives: one step, or one batch of a migration."""

    def __init__(self) -> None:
        self._publications: dict[int, list[tuple[datetime, int]]] = {}
        self._rules: dict[date, tuple[RuleSet, Rules]] = {}
        self._forms: dict[date, RuleSet] = {}
        self._owners: frozenset[int] | None = None
        self._reliefs: list[ChargeRelief] | None = None

    def calendar(self, agency: Agency, at: datetime) -> WorkCalendar:
        """The calendar an agency followed, as it was known at that moment.

        Agencies without one of their own or above them share the national one: a list of many agencies asks once.
        """
        if self._owners is None:
            own = Calendar.objects.exclude(agency=None).values_list("agency_id", flat=True)
            self._owners = frozenset(own)
        chain = [int(pk) for pk in reversed(agency.path.split("/")) if pk]
        owner = next((pk for pk in chain if pk in self._owners), 0)
        if owner not in self._publications:
            self._publications[owner] = calendars.publications_for(agency)
        return calendars.known_at(self._publications[owner], at)

    def rules_on(self, at: datetime) -> tuple[RuleSet, Rules]:
        """The rule set in force that day, and its clock rules."""
        day = local_date(at)
        if day not in self._rules:
            found, values = rules.rules_on(day)
            self._rules[day] = (found, Rules.from_mapping(values))
        return self._rules[day]

    def rules(self, dossier: Dossier, at: datetime) -> Rules:
        """The rules that govern a dossier: of its acceptance date, before that those of `at` (§0.3)."""
        return self.rules_on(dossier.accepted_at or at)[1]

    def forms(self, at: datetime) -> RuleSet:
        """The set of printed forms of that day."""
        day = local_date(at)
        if day not in self._forms:
            self._forms[day] = rules.form_set_on(day)
        return self._forms[day]

    def reliefs(self, at: datetime) -> list[ChargeRelief]:
        """Exemptions and reductions of fees in force that day."""
        if self._reliefs is None:
            self._reliefs = list(ChargeRelief.objects.all())
        day = local_date(at)
        return [r for r in self._reliefs if r.valid_from <= day and (r.valid_to is None or day <= r.valid_to)]

    def working_calendar(self, dossier: Dossier, at: datetime) -> WorkCalendar:
        """The calendar by which a dossier's own clock runs: the resolving agency's, before acceptance the desk's."""
        agency = dossier.resolving_agency if dossier.accepted_at else dossier.desk.serves
        return self.calendar(agency, at)
