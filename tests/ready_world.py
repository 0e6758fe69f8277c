"""The small province ready to be put in: making it takes a tenth of a second, and more than a thousand tests want it.

It is made once a worker by tests/factories.py; a function in the database puts its rows back in one go.
"""

import pickle

from django.apps import apps
from django.db import connection, transaction

from danhmuc.services import calendars
from hoso.services import routes
from tests.factories import World, world

COPY = "world_copy"


@transaction.atomic
def keep_copy() -> bytes:
    """Make the province, keep its rows in a schema beside, leave the tables empty; the people and places by name."""
    made = world()
    models = apps.get_app_config("danhmuc").get_models(include_auto_created=True)
    filled = [model._meta.db_table for model in models if model._default_manager.exists()]
    with connection.cursor() as cursor:
        cursor.execute(f"DROP SCHEMA IF EXISTS {COPY} CASCADE")
        cursor.execute(f"CREATE SCHEMA {COPY}")
        # Triggers and foreign keys were satisfied when the copy was made, and guard against people only.
        cursor.execute("SET LOCAL session_replication_role = replica")
        for table in filled:
            cursor.execute(f"CREATE TABLE {COPY}.{table} AS SELECT * FROM public.{table}")
            cursor.execute(f"DELETE FROM public.{table}")
        cursor.execute("SET LOCAL session_replication_role = DEFAULT")
        rows = "\n".join(f"INSERT INTO public.{table} SELECT * FROM {COPY}.{table};" for table in filled)
        cursor.execute(
            f"CREATE FUNCTION {COPY}.put_in() RETURNS void LANGUAGE plpgsql SET session_replication_role = replica"
            f" AS $$ BEGIN {rows} END $$"
        )
    return pickle.dumps(made)


def put_in(copy: bytes) -> World:
    """The province in the empty tables. What one test has changed in it, no later one may remember."""
    for remembered in (calendars._built, routes.version_parts):
        remembered.cache_clear()
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {COPY}.put_in()")
    made: World = pickle.loads(copy)
    return made
