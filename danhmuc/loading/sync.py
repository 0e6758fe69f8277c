"""Brings a table to what a file says: inserts what is new, updates what differs, touches nothing else."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

from django.db import connection, models

BATCH = 1000
M = TypeVar("M", bound=models.Model)


class Origin(Protocol):
    """A place in a file that can refuse."""

    def refuse(self, reason: str) -> Exception:
        """The error to raise about the place."""
        ...


@dataclass(slots=True)
class Counts:
    """What one kind of data went through in a load."""

    added: int = 0
    changed: int = 0
    unchanged: int = 0
    removed: int = 0

    def __iadd__(self, other: "Counts") -> "Counts":
        self.added += other.added
        self.changed += other.changed
        self.unchanged += other.unchanged
        self.removed += other.removed
        return self

    @property
    def any_change(self) -> bool:
        """Whether the load wrote anything."""
        return bool(self.added or self.changed or self.removed)


def sync(
    existing: models.QuerySet[M],
    key: Sequence[str],
    rows: Iterable[Mapping[str, Any]],
    *,
    remove: bool = False,
    origins: Sequence[Origin] = (),
) -> tuple[Counts, dict[tuple[Any, ...], int]]:
    """Upsert `rows` (attname → value, all with the same names) among `existing`, known by `key`.

    Returns counts and a map from key to primary key, old rows included. With `remove`, rows that are no longer
    named are deleted. `origins`, one a row, say where in the file a value that is too long stands.
    """
    model = existing.model
    rows = list(rows)
    counts = Counts()
    names = list(rows[0]) if rows else list(key)
    fields = [n for n in names if n not in key]
    stored = {
        tuple(values[: len(key)]): (values[-1], values[len(key) : -1])
        for values in existing.values_list(*key, *fields, "pk")
    }
    pks = {identity: pk for identity, (pk, _) in stored.items()}
    new, changed = [], []
    named = set()
    check_lengths(model, rows, origins)
    for row in rows:
        identity = tuple(row[n] for n in key)
        named.add(identity)
        values = tuple(row[n] for n in fields)
        if identity not in stored:
            new.append(model(**row))
        elif stored[identity][1] != values:
            changed.append(model(pk=stored[identity][0], **row))
        else:
            counts.unchanged += 1
    for made in model._default_manager.bulk_create(new, batch_size=BATCH):
        pks[tuple(getattr(made, n) for n in key)] = made.pk
    if changed:
        model._default_manager.bulk_update(changed, [_field_name(model, n) for n in fields], batch_size=BATCH)
    counts.added, counts.changed = len(new), len(changed)
    if len(new) > BATCH:
        # A table filled a moment ago has no statistics yet, and the next step's joins would be planned blindly.
        with connection.cursor() as cursor:
            cursor.execute(f"ANALYZE {connection.ops.quote_name(model._meta.db_table)}")
    gone = [pk for identity, (pk, _) in stored.items() if identity not in named]
    if remove and gone:
        model._default_manager.filter(pk__in=gone).delete()
        counts.removed = len(gone)
    return counts, pks


def _field_name(model: type[models.Model], attname: str) -> str:
    return next(f.name for f in model._meta.concrete_fields if attname in {f.attname, f.name})


def check_lengths(
    model: type[models.Model], rows: Sequence[Mapping[str, Any]], origins: Sequence[Origin]
) -> None:
    """Refuse, at its origin, the first value that its column cannot hold."""
    limits = [(f.attname, f.max_length, f.verbose_name) for f in model._meta.concrete_fields if f.max_length]
    for row, origin in zip(rows, origins, strict=False):
        for name, most, words in limits:
            value = row.get(name)
            if isinstance(value, str) and len(value) > most:
                raise origin.refuse(f"{words} dài {len(value)} ký tự, tối đa {most}")
