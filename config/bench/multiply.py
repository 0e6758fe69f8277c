"""Makes a province's history out of some thousand stories: every table grows by one INSERT … SELECT.

A copy is a dossier of its own: new numbers without gaps, another person, another day. It moves by whole weeks, and
only between stretches without holidays under one rule set, so that replaying its history still gives its dates.
Closed work grows with the years; open work grows only as far as a province of that size has it.
"""

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db import DatabaseError, connection, models, transaction
from django.utils import timezone

from config.bench.copies import COPIED, FUNCTIONS, copy_rows
from danhmuc.models import CalendarDay, RuleSet, User
from hoso.models import Dossier, NumberSeries, State

Say = Callable[[str], None]
#: A mean province takes 2,500 dossiers a day and has each in the house for some five working days.
OPEN_AT_MOST = 12_500
OPEN_SHARE = 8  # one in eight, until the province has all the open work it will ever have
A_WEEK = 12_500
PEOPLE_SHARE = 4  # a person comes back four times
#: How often the weeks' shares are levelled, and how long a story's list of moves is.
ROUNDS, TURNS = 12, 128
CLOSED = (State.REFUSED_INTAKE, State.COMPLETED, State.WITHDRAWN, State.CLOSED, State.VOIDED)
OPEN = (State.SUBMITTED, State.INTAKE_HOLD, State.PROCESSING, State.ON_HOLD, State.DECIDED)
_ALL: tuple[type[models.Model], ...] = (*COPIED, User)
#: What is written after the stories gets numbers beyond every copy.
FIRST_LATER_ID = 10**12


@dataclass(frozen=True)
class Size:
    """How many dossiers there are and how many of them are still open work."""

    dossiers: int
    open: int


def wanted_open(dossiers: int) -> int:
    """Open work a province with that much history has."""
    return min(dossiers // OPEN_SHARE, OPEN_AT_MOST)


def size() -> Size:
    """What the database holds now."""
    return Size(Dossier.objects.count(), Dossier.objects.filter(state__in=OPEN).count())


def remember_stories() -> None:
    """After the stories were told: note what may be copied, and move later numbers out of the copies' way."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(FUNCTIONS)
        for table in (model._meta.db_table for model in _ALL):
            cursor.execute(
                f"INSERT INTO bench_stride SELECT %s, coalesce(max(id), 0) + 1 FROM {table}", [table]
            )
            cursor.execute("SELECT setval(pg_get_serial_sequence(%s, 'id'), %s)", [table, FIRST_LATER_ID])
        cursor.execute(
            """
            INSERT INTO bench_source (source, closed, rank, owner)
            SELECT d.id, d.state = ANY(%s), row_number() OVER (PARTITION BY d.state = ANY(%s) ORDER BY d.id) - 1, u.id
            FROM hoso_dossier d
            LEFT JOIN danhmuc_user u ON u.kind = 'citizen' AND u.personal_id = d.owner_id AND d.owner_id <> ''
            WHERE d.state <> 'draft'
            """,
            [list(CLOSED), list(CLOSED)],
        )


def grow(to: int, *, say: Say) -> Size:
    """Add copies until there are `to` dossiers; what is already there stays. Returns the size reached."""
    before = size()
    missing = to - before.dossiers
    if missing <= 0:
        return before
    more_open = max(0, min(missing, wanted_open(to) - before.open))
    with transaction.atomic(), connection.cursor() as cursor:
        for setting in (
            "synchronous_commit = off",
            "work_mem = '192MB'",
            "maintenance_work_mem = '512MB'",
            "jit = off",
        ):
            cursor.execute(f"SET LOCAL {setting}")
        _trust_the_copies(cursor)
        cursor.execute(FUNCTIONS)
        span = _citizens(cursor, to, say)
        _allow_weeks(cursor, weeks=max(4, min(65, to // A_WEEK)))
        _plan(cursor, missing - more_open, more_open, span)
        strides = dict(_rows(cursor, "SELECT name, stride FROM bench_stride"))
        indexes = _drop_indexes(cursor)
        for model in COPIED:
            written = copy_rows(cursor, model, strides, span)
            if written:
                say(f"  {model._meta.verbose_name_plural}: {written:,}".replace(",", "."))
        say("  dựng lại chỉ mục …")
        for statement in indexes:
            cursor.execute(statement)
        cursor.execute("TRUNCATE bench_plan")
        cursor.execute("DROP TABLE bench_codes")
    # Within somebody's transaction only the statistics can be brought up to date.
    refresh = "ANALYZE" if connection.in_atomic_block else "VACUUM (ANALYZE)"
    with connection.cursor() as cursor:
        for table in (*(model._meta.db_table for model in _ALL), NumberSeries._meta.db_table):
            cursor.execute(f"{refresh} {table}")
    return size()


def _rows(cursor: Any, statement: str, values: Any = None) -> list[tuple[Any, ...]]:
    cursor.execute(statement, values)
    return list(cursor.fetchall())


def _trust_the_copies(cursor: Any) -> None:
    """Copies point where their originals point; asking every foreign key again would take most of the time.

    Needs the server's superuser, which the embedded one gives; elsewhere the keys are asked.
    """
    try:
        with transaction.atomic():
            cursor.execute("SET LOCAL session_replication_role = replica")
    except DatabaseError:
        return


def _citizens(cursor: Any, to: int, say: Say) -> tuple[int, int, int, int]:
    """Enough people for that many dossiers. Returns (first id, last id, ids a generation, generations)."""
    (stride,) = _rows(cursor, "SELECT stride FROM bench_stride WHERE name = 'danhmuc_user'")[0]
    first, last, people = _rows(
        cursor,
        "SELECT min(id), max(id), count(*) FROM danhmuc_user WHERE id < %s AND kind = 'citizen'",
        [stride],
    )[0]
    (others,) = _rows(
        cursor,
        "SELECT count(*) FROM danhmuc_user WHERE id BETWEEN %s AND %s AND kind <> 'citizen'",
        [first, last],
    )[0]
    if others:
        raise RuntimeError("Người dân và cán bộ lẫn số thứ tự: hãy chạy lại với --fresh.")
    width = stride - first  # the organisation of the demo stands behind its citizens
    generations = max(0, -(-to // PEOPLE_SHARE // people) - 1)
    (there,) = _rows(
        cursor,
        "SELECT coalesce((max(id) - %s) / %s, 0) FROM danhmuc_user WHERE kind = 'citizen' AND id < %s",
        [first, width, FIRST_LATER_ID],
    )[0]
    if generations > there:
        values = {
            "id": "u.id + g * %(width)s",
            "username": "'dan' || (u.id + g * %(width)s)",
            "full_name": "split_part(u.full_name, ' ', 1) || substr(o.full_name, strpos(o.full_name, ' '))",
            "folded_name": "split_part(u.folded_name, ' ', 1) || substr(o.folded_name, strpos(o.folded_name, ' '))",
            "personal_id": "'9' || lpad((u.id + g * %(width)s)::text, 11, '0')",
            "phone": "'+845' || lpad(((u.id + g * %(width)s) %% 100000000)::text, 8, '0')",
            "email": "CASE WHEN u.email = '' THEN '' ELSE 'dan' || (u.id + g * %(width)s) || '@example.vn' END",
        }
        columns = [f.column for f in User._meta.concrete_fields]
        chosen = ", ".join(values.get(str(c), f'u."{c}"') for c in columns)
        names = ", ".join(f'"{c}"' for c in columns)
        cursor.execute(
            f"""
            WITH people AS (SELECT *, row_number() OVER (ORDER BY id) - 1 AS place FROM danhmuc_user
                            WHERE id BETWEEN %(first)s AND %(last)s)
            INSERT INTO danhmuc_user ({names}) OVERRIDING SYSTEM VALUE
            SELECT {chosen} FROM people u CROSS JOIN generate_series(%(from)s, %(to)s) g
            JOIN people o ON o.place = (u.place + g * 37) %% %(people)s
            """,
            {
                "width": width,
                "first": first,
                "last": last,
                "from": there + 1,
                "to": generations,
                "people": people,
            },
        )
        say(f"  người dân: {people * (generations - there):,}".replace(",", "."))
    return first, last, width, max(generations, there)


def _allow_weeks(cursor: Any, weeks: int) -> None:
    """For each story, the weeks it may move back: from one quiet stretch into another."""
    cursor.execute("TRUNCATE bench_quiet")
    cursor.executemany("INSERT INTO bench_quiet VALUES (%s, %s, %s)", quiet_stretches())
    cursor.execute(
        """
        WITH span AS (
            SELECT s.source, bench_day(least(d.created_at, d.submitted_at, min(e.at))) AS first,
                   bench_day(greatest(d.due_at, d.original_due_at, d.intake_due_at, d.wait_until, max(e.at))) AS last
            FROM bench_source s JOIN hoso_dossier d ON d.id = s.source JOIN hoso_event e ON e.dossier_id = d.id
            -- A joint record of desk and post stays on its day, and so do the dossiers it names.
            WHERE s.closed AND NOT EXISTS (SELECT 1 FROM buuchinh_handoverline l JOIN buuchinh_parcel b ON b.id = l.parcel_id
                                           WHERE b.dossier_id = s.source)
            GROUP BY s.source, d.id
        ), moved AS (
            SELECT source, array_agg(-7 * w ORDER BY w) AS days
            FROM span JOIN bench_quiet here ON here.first <= span.first AND span.last <= here.last
            CROSS JOIN generate_series(0, %s) w
            WHERE EXISTS (SELECT 1 FROM bench_quiet there
                          WHERE there.rules = here.rules AND there.first <= span.first - 7 * w AND span.last - 7 * w <= there.last)
            GROUP BY source
        )
        UPDATE bench_source s SET days = m.days FROM moved m WHERE m.source = s.source
        """,
        [weeks],
    )
    stories = _rows(
        cursor,
        """
        SELECT s.source, bench_day(coalesce(d.accepted_at, d.created_at)), s.days
        FROM bench_source s JOIN hoso_dossier d ON d.id = s.source WHERE s.closed AND cardinality(s.days) > 1
        """,
    )
    cursor.executemany("UPDATE bench_source SET days = %s WHERE source = %s", spread_evenly(stories))


def spread_evenly(stories: list[tuple[int, date, list[int]]]) -> list[tuple[list[int], int]]:
    """(days to move by in turn, story) so that the weeks get as many copies as each other, where stories reach them.

    `stories` are (story, its day, days it may move by). A week that few stories can move into would otherwise stay
    nearly empty, and a quiet summer would hold three times the work of a month.
    """
    shares = {source: dict.fromkeys(days, 1 / len(days)) for source, _, days in stories}
    for _ in range(ROUNDS):
        weeks: dict[date, float] = defaultdict(float)
        for source, day, days in stories:
            for move in days:
                weeks[_week(day, move)] += shares[source][move]
        for source, day, days in stories:
            wanted = {move: shares[source][move] / weeks[_week(day, move)] for move in days}
            whole = sum(wanted.values())
            shares[source] = {move: share / whole for move, share in wanted.items()}
    return [(_in_turn(shares[source]), source) for source, _, _ in stories]


def _week(day: date, move: int) -> date:
    moved = day + timedelta(days=move)
    return moved - timedelta(days=moved.weekday())


def _in_turn(shares: dict[int, float]) -> list[int]:
    """TURNS moves in which each occurs by its share, far from its like."""
    owed, moves = dict.fromkeys(shares, 0.0), []
    for _ in range(TURNS):
        for move, share in shares.items():
            owed[move] += share
        moves.append(max(owed, key=lambda move: owed[move]))
        owed[moves[-1]] -= 1
    return moves


def quiet_stretches() -> list[tuple[int, date, date]]:
    """(rule set, first day, last day) of every stretch without a holiday or make-up day in any calendar."""
    rules = list(RuleSet.objects.filter(kind=RuleSet.Kind.RULES).order_by("valid_from"))[-2:]
    special = set(CalendarDay.objects.values_list("date", flat=True))
    today = timezone.localdate()
    found: list[tuple[int, date, date]] = []
    for rule_set in rules:
        start: date | None = None
        day = rule_set.valid_from
        end = min(rule_set.valid_to or today, today)
        while day <= end:
            if day in special:
                if start:
                    found.append((rule_set.pk, start, day - timedelta(days=1)))
                start = None
            else:
                start = start or day
            day += timedelta(days=1)
        if start:
            found.append((rule_set.pk, start, end))
    return found


def _plan(cursor: Any, closed: int, open_: int, span: tuple[int, int, int, int]) -> None:
    """Which story is copied when, for whom and under which numbers."""
    _, _, width, generations = span
    stride = _rows(cursor, "SELECT stride FROM bench_stride WHERE name = 'hoso_dossier'")[0][0]
    for is_closed, number in ((True, closed), (False, open_)):
        stories, done = _rows(
            cursor,
            """
            SELECT count(*), (SELECT count(*) FROM hoso_dossier d JOIN bench_source s ON s.source = d.id %% %s
                              WHERE d.id BETWEEN %s AND %s AND s.closed = %s)
            FROM bench_source WHERE closed = %s
            """,
            [stride, stride, FIRST_LATER_ID - 1, is_closed, is_closed],
        )[0]
        if not number or not stories:
            continue
        cursor.execute(
            """
            INSERT INTO bench_plan (source, copy, days, generation)
            SELECT source, copy, CASE WHEN closed THEN days[1 + (copy * 7 + rank) %% cardinality(days)] ELSE 0 END,
                   (copy + rank) %% %(people)s
            FROM bench_source CROSS JOIN generate_series(%(from)s, %(to)s) copy
            WHERE closed = %(closed)s AND (copy - 1) * %(stories)s + rank >= %(done)s
              AND (copy - 1) * %(stories)s + rank < %(until)s
            """,
            {
                "people": generations + 1,
                "from": done // stories + 1,
                "to": (done + number - 1) // stories + 1,
                "closed": is_closed,
                "stories": stories,
                "done": done,
                "until": done + number,
            },
        )
    cursor.execute(
        """
        CREATE TEMP TABLE bench_codes AS
        SELECT p.source, p.copy, ident, written,
               coalesce(s.last, 0) + row_number() OVER (PARTITION BY ident, written ORDER BY d.accepted_at, p.source, p.copy) AS serial
        FROM bench_plan p JOIN hoso_dossier d ON d.id = p.source AND d.code <> ''
        CROSS JOIN LATERAL (SELECT substring(d.code FROM '^(.+)-[0-9]{6}-[0-9]{4,}$') AS ident,
                                   to_char(bench_day(d.accepted_at) + p.days, 'YYMMDD') AS written) w
        LEFT JOIN hoso_numberseries s ON s.key = 'dossier:' || ident || ':' || written
        """
    )
    cursor.execute(
        """
        INSERT INTO hoso_numberseries (key, last)
        SELECT 'dossier:' || ident || ':' || written, max(serial) FROM bench_codes GROUP BY ident, written
        ON CONFLICT (key) DO UPDATE SET last = EXCLUDED.last
        """
    )
    cursor.execute(
        """
        UPDATE bench_plan p SET
            ref_old = d.submission_ref,
            -- "0" never occurs in a reference given by the product, so a copy cannot meet one.
            ref_new = 'NT-0' || lpad(upper(to_hex(((d.id + p.copy * %(stride)s) * 2654435761) %% 4294967296)), 8, '0'),
            code_old = d.code,
            code_new = coalesce(ident || '-' || written || '-' || lpad(serial::text, greatest(4, length(serial::text)), '0'), ''),
            name_old = coalesce(o.full_name, ''), name_new = coalesce(n.full_name, ''),
            folded_old = coalesce(o.folded_name, ''), folded_new = coalesce(n.folded_name, ''),
            identity_old = coalesce(o.personal_id, ''), identity_new = coalesce(n.personal_id, ''),
            phone_old = coalesce(o.phone, ''), phone_new = coalesce(n.phone, '')
        FROM bench_plan q JOIN bench_source s ON s.source = q.source JOIN hoso_dossier d ON d.id = q.source
        LEFT JOIN bench_codes c ON c.source = q.source AND c.copy = q.copy
        LEFT JOIN danhmuc_user o ON o.id = s.owner
        LEFT JOIN danhmuc_user n ON n.id = s.owner + q.generation * %(width)s
        WHERE p.source = q.source AND p.copy = q.copy
        """,
        {"stride": stride, "width": width},
    )
    cursor.execute("ANALYZE bench_plan")


def _drop_indexes(cursor: Any) -> list[str]:
    """Drop what is no constraint of the table itself; the statements that make it again."""
    tables = [model._meta.db_table for model in COPIED]
    found = _rows(
        cursor,
        """
        SELECT i.indexname, i.indexdef FROM pg_indexes i
        WHERE i.schemaname = current_schema() AND i.tablename = ANY(%s)
          AND NOT EXISTS (SELECT 1 FROM pg_constraint c WHERE c.conindid = format('%%I', i.indexname)::regclass)
        """,
        [tables],
    )
    for name, _ in found:
        cursor.execute(f'DROP INDEX "{name}"')
    return [statement for _, statement in found]
