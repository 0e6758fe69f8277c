"""People and agencies already in memory, so that the same few are not read again for every list of a dossier.

A dossier's history, route, handovers and papers name the same three or four people and agencies over and over.
Joining them to each list costs more than the lists themselves.
"""

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from django.db import models

from danhmuc.models import Agency, User

_KEPT: tuple[type[models.Model], ...] = (User, Agency)


class Known:
    """Fills in relations to people and agencies; each of them is one object and is read once."""

    def __init__(self) -> None:
        self._by_model: dict[Any, dict[int, models.Model]] = {model: {} for model in _KEPT}

    def learn(self, row: models.Model) -> None:
        """Take note of the people and agencies a row already carries."""
        for field in row._meta.concrete_fields:
            if isinstance(field, models.ForeignKey) and field.related_model in self._by_model:
                found = getattr(row, field.name) if field.is_cached(row) else None
                if found is not None:
                    self._by_model[field.related_model].setdefault(found.pk, found)

    def fill(self, wanted: Iterable[tuple[models.Model, Iterable[str]]]) -> None:
        """Set the named relations of every row, with one query at most for people and one for agencies."""
        links: list[tuple[models.Model, models.ForeignKey[Any, Any], int | None]] = []
        missing: dict[Any, set[int]] = defaultdict(set)
        for row, names in wanted:
            for name in names:
                field = row._meta.get_field(name)
                assert isinstance(field, models.ForeignKey)
                pk = getattr(row, field.attname)
                links.append((row, field, pk))
                if pk is not None and pk not in self._by_model[field.related_model]:
                    missing[field.related_model].add(pk)
        for model, pks in missing.items():
            self._by_model[model].update(model._default_manager.in_bulk(pks))
        for row, field, pk in links:
            setattr(row, field.name, None if pk is None else self._by_model[field.related_model][pk])
