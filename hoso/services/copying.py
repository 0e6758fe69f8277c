"""Writes many new rows at once with PostgreSQL's COPY, for batches; a page's few rows go by `bulk_create`.

Keys, constraints and triggers are the same for both. What is saved is the building and reading of long statements.
"""

from collections.abc import Callable, Sequence
from operator import attrgetter
from typing import Any

from django.db import models, transaction
from django.db.backends.base.base import BaseDatabaseWrapper

#: Kinds of fields whose values go to the database as they stand.
_PLAIN = (models.BooleanField, models.CharField, models.ForeignKey, models.IntegerField, models.TextField)


def copy_in(model: type[models.Model], rows: Sequence[models.Model]) -> None:
    """Store new rows of one model and give them their keys. Call inside a transaction."""
    if not rows:
        return
    database = transaction.get_connection()
    fields = [field for field in model._meta.concrete_fields if not field.generated]
    _give_keys(database, model, rows, [field for field in fields if field.is_relation])
    quote = database.ops.quote_name
    columns = ", ".join(quote(field.column) for field in fields)
    statement = f"COPY {quote(model._meta.db_table)} ({columns}) FROM STDIN"
    values = [_value_of(field, database) for field in fields]
    with database.wrap_database_errors, database.cursor() as cursor, cursor.copy(statement) as copy:
        for row in rows:
            copy.write_row([value(row) for value in values])
    for row in rows:
        row._state.adding, row._state.db = False, database.alias


def _give_keys(
    database: BaseDatabaseWrapper,
    model: type[models.Model],
    rows: Sequence[models.Model],
    related: list[Any],
) -> None:
    """Take the rows' own keys from the table's sequence, and those of the rows they point to from these rows."""
    with database.cursor() as cursor:
        cursor.execute(
            "SELECT nextval(pg_get_serial_sequence(%s, %s)) FROM generate_series(1, %s)",
            [model._meta.db_table, model._meta.pk.column, len(rows)],
        )
        keys = cursor.fetchall()
    for row, (key,) in zip(rows, keys, strict=True):
        row.pk = key
        for field in related:
            if getattr(row, field.attname) is None and field.is_cached(row):
                other = field.get_cached_value(row)
                setattr(row, field.attname, other and other.pk)


def _value_of(field: Any, database: BaseDatabaseWrapper) -> Callable[[models.Model], Any]:
    if isinstance(field, _PLAIN):
        return attrgetter(field.attname)
    return lambda row: field.get_db_prep_save(field.pre_save(row, True), database)
