"""The tables of a dossier and what each column holds in a copy; `multiply` plans the copies."""

from typing import Any

from django.db import models

from buuchinh.models import ConsignmentNote, FeeReceipt, HandoverLine, Invitation, Parcel, ParcelEvent
from danhmuc.models import User
from hoso.models import Dossier, Event, Notice, Paper, Payment, Receipt, SupplementItem
from hoso.services.case import ORDER

#: Tables of a dossier in the order their rows are written, each with its way to the dossier.
COPIED: dict[type[models.Model], tuple[str, ...]] = {
    Dossier: (),
    **{model: ("supplement", "dossier") if model is SupplementItem else ("dossier",) for model in ORDER},
    Parcel: ("dossier",),
    ParcelEvent: ("parcel", "dossier"),
    ConsignmentNote: ("parcel", "dossier"),
    Invitation: ("parcel", "dossier"),
    HandoverLine: ("parcel", "dossier"),
    FeeReceipt: ("parcel", "dossier"),
}

_OWN_REFERENCE = "CASE WHEN strpos(t.{0}, p.ref_old) > 0 THEN replace(t.{0}, p.ref_old, p.ref_new) ELSE t.{0} || '.' || p.copy END"
_PERSON = "CASE WHEN t.{0} = p.name_old THEN p.name_new ELSE t.{0} END"
_IDENTITY = "CASE WHEN t.{0} = p.identity_old THEN p.identity_new ELSE t.{0} END"
#: Columns that must differ in a copy, or should.
OVERRIDES: dict[tuple[type[models.Model], str], str] = {
    (Dossier, "submission_ref"): "p.ref_new",
    (Dossier, "code"): "p.code_new",
    (Dossier, "owner_name"): _PERSON,
    (Dossier, "submitter_name"): _PERSON,
    (Dossier, "owner_id"): _IDENTITY,
    (Dossier, "submitter_id"): _IDENTITY,
    (Dossier, "phone"): "CASE WHEN t.phone = p.phone_old THEN p.phone_new ELSE t.phone END",
    (Dossier, "search_key"): (
        "replace(replace(replace(replace(replace(t.search_key, bench_fold(p.ref_old), bench_fold(p.ref_new)),"
        " p.folded_old, p.folded_new), p.identity_old, p.identity_new),"
        " replace(p.phone_old, '+84', '0'), replace(p.phone_new, '+84', '0')),"
        " bench_fold(p.code_old), bench_fold(p.code_new))"
    ),
    (Notice, "key"): _OWN_REFERENCE,
    (Payment, "reference"): _OWN_REFERENCE,
    (Receipt, "number"): "(t.id + p.copy * {stride})::text",
    (Paper, "verify_code"): "CASE WHEN t.verify_code = '' THEN '' ELSE 'Z' || (t.id + p.copy * {stride}) END",
    (FeeReceipt, "reference"): _OWN_REFERENCE,
    (
        Parcel,
        "tracking_number",
    ): "CASE WHEN t.tracking_number = '' THEN '' ELSE bench_tracking(t.id + p.copy * {stride}) END",
    (ConsignmentNote, "number"): "'PG' || (t.id + p.copy * {stride})",
}

FUNCTIONS = r"""
CREATE OR REPLACE FUNCTION bench_day(timestamptz) RETURNS date LANGUAGE sql IMMUTABLE AS
$$ SELECT ($1 AT TIME ZONE 'Asia/Ho_Chi_Minh')::date $$;

CREATE OR REPLACE FUNCTION bench_fold(text) RETURNS text LANGUAGE sql IMMUTABLE AS
$$ SELECT trim(regexp_replace(lower($1), '[^0-9a-z.]+', ' ', 'g')) $$;

-- 13 characters of UPU S10 with the check digit; the stories use another service indicator.
CREATE OR REPLACE FUNCTION bench_tracking(bigint) RETURNS text LANGUAGE sql IMMUTABLE AS $$
    WITH digits AS (SELECT lpad(($1 % 100000000)::text, 8, '0') AS d),
    rest AS (SELECT d, 11 - sum(substr(d, i, 1)::int * (ARRAY[8,6,4,2,3,5,9,7])[i]) % 11 AS r
             FROM digits, generate_series(1, 8) i GROUP BY d)
    SELECT chr((65 + $1 / 100000000 % 26)::int) || 'Q' || d || (CASE r WHEN 10 THEN 0 WHEN 11 THEN 5 ELSE r END) || 'VN' FROM rest
$$;

-- Facts kept as JSON: other numbers, another person.
CREATE OR REPLACE FUNCTION bench_words(jsonb, code text, code_new text, ref text, ref_new text, name text, name_new text,
    identity text, identity_new text) RETURNS jsonb LANGUAGE sql IMMUTABLE AS
$$ SELECT replace(replace(replace(replace($1::text, code, code_new), ref, ref_new), name, name_new), identity, identity_new)::jsonb $$;

-- The same facts some days away.
CREATE OR REPLACE FUNCTION bench_moved(facts jsonb, days int) RETURNS jsonb LANGUAGE sql IMMUTABLE AS $$
    SELECT jsonb_object_agg(key, CASE WHEN jsonb_typeof(value) = 'string' AND value #>> '{}' ~ '^\d{4}-\d\d-\d\dT'
        THEN to_jsonb(((substr(value #>> '{}', 1, 10)::date + days)::text) || substr(value #>> '{}', 11)) ELSE value END)
    FROM jsonb_each(facts)
$$;

CREATE TABLE IF NOT EXISTS bench_stride (name text PRIMARY KEY, stride bigint NOT NULL);
CREATE TABLE IF NOT EXISTS bench_source (
    source bigint PRIMARY KEY, closed boolean NOT NULL, rank int NOT NULL, owner bigint, days int[] NOT NULL DEFAULT '{0}');
CREATE UNLOGGED TABLE IF NOT EXISTS bench_plan (
    source bigint, copy int, days int NOT NULL, generation int NOT NULL, ref_old text, ref_new text, code_old text,
    code_new text, name_old text, name_new text, folded_old text, folded_new text, identity_old text, identity_new text,
    phone_old text, phone_new text, PRIMARY KEY (source, copy));
CREATE TABLE IF NOT EXISTS bench_quiet (rules int, first date, last date);
"""


def copy_rows(
    cursor: Any, model: type[models.Model], strides: dict[str, int], span: tuple[int, int, int, int]
) -> int:
    """All planned copies of one table's rows in one statement; how many rows that were.

    They are written in the order of time, as they would have come: a month's dossiers lie together, and what was
    written about one of them over the weeks lies apart.
    """
    table, way = model._meta.db_table, COPIED[model]
    fields = [f for f in model._meta.concrete_fields if not getattr(f, "generated", False)]
    values = [_value(model, field, strides, span) for field in fields]
    columns = ", ".join(f'"{f.column}"' for f in fields)
    joins, key = "", "t.id"
    if len(way) == 2:
        parent = model._meta.get_field(way[0]).related_model._meta.db_table  # type: ignore[union-attr]
        joins, key = f"JOIN {parent} parent ON parent.id = t.{way[0]}_id", f"parent.{way[1]}_id"
    elif way:
        key = f"t.{way[0]}_id"
    cursor.execute(
        f"INSERT INTO {table} ({columns}) OVERRIDING SYSTEM VALUE SELECT {', '.join(values)} "
        f"FROM {table} t {joins} JOIN bench_plan p ON p.source = {key} ORDER BY {_moment(model, key)}"
    )
    return int(cursor.rowcount)


def _moment(model: type[models.Model], dossier: str) -> str:
    """When a copied row was written: its own first moment, or that of its dossier."""
    for field in model._meta.concrete_fields:
        if isinstance(field, models.DateTimeField) and not field.null:
            return f't."{field.column}" + make_interval(days => p.days)'
    return f"(SELECT created_at FROM hoso_dossier WHERE id = {dossier}) + make_interval(days => p.days)"


def _value(
    model: type[models.Model],
    field: "models.Field[Any, Any]",
    strides: dict[str, int],
    span: tuple[int, int, int, int],
) -> str:
    """What a column holds in a copy."""
    own, column = strides[model._meta.db_table], f't."{field.column}"'
    override = OVERRIDES.get((model, field.name))
    if override is not None:
        return override.format(field.column, stride=own)
    if field.primary_key:
        return f"{column} + p.copy * {own}"
    if isinstance(field, models.ForeignKey):
        if field.related_model in COPIED:
            return f"{column} + p.copy * {strides[field.related_model._meta.db_table]}"
        if field.related_model is User:
            first, last, width, _ = span
            return f"CASE WHEN {column} BETWEEN {first} AND {last} THEN {column} + p.generation * {width} ELSE {column} END"
        return column
    if isinstance(field, models.DateTimeField):
        return f"{column} + make_interval(days => p.days)"
    if isinstance(field, models.DateField):
        return f"{column} + p.days"
    if isinstance(field, models.JSONField):
        words = "p.code_old, p.code_new, p.ref_old, p.ref_new, p.name_old, p.name_new, p.identity_old, p.identity_new"
        said = f"bench_words({column}, {words})"
        # Only an event's moments are read by rules and reports; messages and forms of the past keep theirs.
        if model is not Event:
            return said
        has_moment = f"p.days <> 0 AND {column}::text ~ '\"[0-9]{{4}}-[0-9][0-9]-[0-9][0-9]T'"
        return f"CASE WHEN {has_moment} THEN bench_moved({said}, p.days) ELSE {said} END"
    return column
