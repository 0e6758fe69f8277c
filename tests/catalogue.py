"""The whole reference data for the test modules that ask for it: loaded once a worker, then copied in for a module.

Other modules start from empty tables and make the few rows they speak about (tests/factories.py).
"""

from django.apps import apps
from django.db import connection, transaction

from danhmuc.loading.run import load

COPY = "catalogue_copy"
#: People are never part of the catalogue.
NOT_COPIED = {"danhmuc_user", "danhmuc_user_groups", "danhmuc_user_user_permissions", "danhmuc_position"}


def _tables() -> list[str]:
    models = apps.get_app_config("danhmuc").get_models(include_auto_created=True)
    return [m._meta.db_table for m in models if m._meta.db_table not in NOT_COPIED]


@transaction.atomic
def keep_copy() -> None:
    """Load the repository's data, keep it in a schema beside, and leave the tables as they were."""
    with connection.cursor() as cursor:
        cursor.execute(f"DROP SCHEMA IF EXISTS {COPY} CASCADE")
        load()
        cursor.execute(f"CREATE SCHEMA {COPY}")
        for table in _tables():
            cursor.execute(f"CREATE TABLE {COPY}.{table} AS SELECT * FROM public.{table}")
    take_out()


@transaction.atomic
def take_out() -> None:
    """Empty the tables again."""
    with connection.cursor() as cursor:
        # The triggers that keep published rows guard against people, not against a test's own clearing up.
        cursor.execute("SET LOCAL session_replication_role = replica")
        for table in _tables():
            cursor.execute(f"DELETE FROM public.{table}")
        cursor.execute("SET LOCAL session_replication_role = DEFAULT")


def put_in() -> None:
    """Copy the reference data into the tables; does nothing when it is there."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT EXISTS (SELECT FROM danhmuc_procedure)")
        if cursor.fetchone()[0]:
            return
        # Triggers and foreign keys were satisfied when the copy was made.
        cursor.execute("SET LOCAL session_replication_role = replica")
        for table in _tables():
            cursor.execute(f"INSERT INTO public.{table} SELECT * FROM {COPY}.{table}")
            cursor.execute(
                f"SELECT setval(pg_get_serial_sequence('public.{table}', 'id'),"
                f" greatest((SELECT max(id) FROM public.{table}), nextval(pg_get_serial_sequence('public.{table}', 'id'))))"
            )
        cursor.execute("SET LOCAL session_replication_role = DEFAULT")
