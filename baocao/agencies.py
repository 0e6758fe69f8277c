"""Agencies as a report sees them: the tree of one day, and who answers for the dossiers of agencies that are gone."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date
from functools import cached_property

from danhmuc.models import Agency, AgencySuccession


class Tree:
    """The agency tree valid on a day, in two queries whatever its size (domain §4.1).

    A dossier keeps the agency that received it. In a report it is counted under the agency that answers for it on
    the last day of the period: itself while it exists, else its default successor; a division under its body.
    """

    def __init__(self, on: date) -> None:
        self.on = on

    def on_day(self, on: date) -> "Tree":
        """The tree of another day; what was read is shared."""
        other = Tree(on)
        other.__dict__.update(agencies=self.agencies, _next=self._next)
        return other

    @cached_property
    def agencies(self) -> dict[int, Agency]:
        """Every agency there has ever been, by key."""
        fields = (
            "key", "name", "short_name", "level", "kind", "parent_id", "path", "place_id", "valid_from", "valid_to",
        )  # fmt: skip
        return {agency.pk: agency for agency in Agency.objects.only(*fields)}

    @cached_property
    def _next(self) -> dict[int, list[tuple[date, int]]]:
        rows = AgencySuccession.objects.filter(is_default=True).values_list("old_id", "from_date", "new_id")
        found: dict[int, list[tuple[date, int]]] = defaultdict(list)
        for old, since, new in rows:
            found[old].append((since, new))
        return found

    @cached_property
    def _answers(self) -> dict[int, int]:
        return {pk: self._follow(pk) for pk in self.agencies}

    def _follow(self, pk: int) -> int:
        seen = {pk}
        current = self.agencies[self.agencies[pk].body_id]
        while current.valid_to is not None and current.valid_to < self.on:
            step = next((new for since, new in self._next.get(current.pk, []) if since <= self.on), None)
            if step is None or step in seen:
                break
            seen.add(step)
            current = self.agencies[self.agencies[step].body_id]
        return current.pk

    def answering(self, pk: int) -> Agency:
        """Who answers on this day for the dossiers of an agency."""
        return self.agencies[self._answers[pk]]

    def by_key(self, key: str) -> Agency | None:
        """An agency by its data key."""
        return next((agency for agency in self.agencies.values() if agency.key == key), None)

    def counted_under(self, root: Agency) -> frozenset[int]:
        """Agencies whose dossiers are counted for `root` or for an agency below it."""
        return frozenset(
            pk
            for pk, answering in self._answers.items()
            if self.agencies[answering].path.startswith(root.path)
        )

    def counted_for(self, agency: Agency) -> frozenset[int]:
        """Agencies whose dossiers this one answers for by itself."""
        return frozenset(pk for pk, answering in self._answers.items() if answering == agency.pk)

    def alone(self, agencies: Iterable[int]) -> list[Agency]:
        """Those who answer for these agencies, each once, in tree order."""
        found = {self._answers[pk] for pk in agencies}
        return sorted((self.agencies[pk] for pk in found), key=lambda agency: agency.path)
