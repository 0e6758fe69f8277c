"""The bench database: made beside the real one, filled once, used again while size and schema stay the same."""

import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from django.apps import apps
from django.conf import settings
from django.core.management import call_command
from django.db import connection

from config.bench import multiply
from hoso.models import Dossier
from hoso.services import history

Say = Callable[[str], None]
SUFFIX = "_bench"
OFFICES = 120
MONTHS = 16
CHECKED = 200
OUR_APPS = ("danhmuc", "hoso", "portal", "buuchinh", "baocao")


class CannotBench(Exception):
    """Why nothing can be measured, for the person at the terminal."""


def is_bench() -> bool:
    """Whether this process stands on a bench database."""
    return str(connection.settings_dict["NAME"]).endswith(SUFFIX)


def create_database(*, fresh: bool) -> str:
    """Make the bench database beside the present one (anew when `fresh`); its name."""
    name = f"{connection.settings_dict['NAME']}{SUFFIX}"
    quoted = connection.ops.quote_name(name)
    with connection.cursor() as cursor:
        if fresh:
            cursor.execute(f"DROP DATABASE IF EXISTS {quoted} WITH (FORCE)")
        cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name])
        if cursor.fetchone() is None:
            cursor.execute(f"CREATE DATABASE {quoted}")
    return name


def address(url: str, name: str) -> str:
    """The address of another database on the same server."""
    return urlunsplit(urlsplit(url)._replace(path=f"/{name}"))


def prepare(*, dossiers: int, stories: int, say: Say) -> multiply.Size:
    """Bring the database to that many dossiers; keeps what fits. Raises CannotBench when it has to be made anew."""
    wanted: dict[str, Any] = {"schema": schema_digest(), "stories": min(stories, dossiers)}
    stamp = _stamp()
    if stamp is None:
        if "hoso_dossier" in connection.introspection.table_names() and Dossier.objects.exists():
            raise CannotBench("Lần chuẩn bị trước dừng giữa chừng: hãy chạy lại với --fresh.")
        _tell_stories(wanted["stories"], say)
        _write_stamp(wanted)
    elif stamp["schema"] != wanted["schema"]:
        raise CannotBench("Cấu trúc dữ liệu đã đổi từ lần đo trước: hãy chạy lại với --fresh.")
    there = multiply.size()
    if there.dossiers > dossiers * 1.1:
        raise CannotBench(
            f"Cơ sở dữ liệu đo đang có {there.dossiers} hồ sơ, nhiều hơn {dossiers}: hãy chạy lại với --fresh."
        )
    if there.dossiers < dossiers:
        say(f"Nhân lên {dossiers} hồ sơ …")
        there = multiply.grow(dossiers, say=say)
        verify(say)
    return there


def verify(say: Say) -> None:
    """Replay the history of some copies of every age. Raises CannotBench when anything does not add up."""
    copies = Dossier.objects.filter(pk__lt=multiply.FIRST_LATER_ID)
    (last,) = copies.order_by("-pk").values_list("pk", flat=True)[:1]
    step = max(1, last // CHECKED)
    with connection.cursor() as cursor:
        # One dossier from each stretch of numbers: stories, old and new copies alike.
        cursor.execute(
            "SELECT (SELECT id FROM hoso_dossier WHERE id >= n ORDER BY id LIMIT 1) FROM generate_series(1, %s, %s) n",
            [last, step],
        )
        chosen = {row[0] for row in cursor.fetchall()}
    found = list(history.problems(Dossier.objects.filter(pk__in=chosen)))
    if found:
        raise CannotBench(f"{len(found)} sai lệch trong {len(chosen)} hồ sơ đã nhân: {found[0]}")
    say(f"Diễn lại lịch sử {len(chosen)} hồ sơ: khớp.")


def schema_digest() -> str:
    """A digest of our migrations: another schema needs another database."""
    digest = hashlib.sha256()
    for name in OUR_APPS:
        folder = Path(apps.get_app_config(name).path) / "migrations"
        for file in sorted(folder.glob("0*.py")):
            digest.update(file.read_bytes())
    return digest.hexdigest()[:16]


def _tell_stories(number: int, say: Say) -> None:
    say("Cập nhật cấu trúc, nạp danh mục …")
    call_command("migrate", interactive=False, verbosity=0)
    call_command("load_catalogue", verbosity=0)
    say(f"{number} câu chuyện theo quy tắc thật …")
    call_command("seed_demo", dossiers=number, months=MONTHS, offices=OFFICES)
    multiply.remember_stories()


def _stamp() -> dict[str, Any] | None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT to_regclass('bench_stamp')")
        if cursor.fetchone()[0] is None:
            return None
        cursor.execute("SELECT facts FROM bench_stamp")
        found: dict[str, Any] = json.loads(cursor.fetchone()[0])
    return found


def _write_stamp(facts: dict[str, Any]) -> None:
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE bench_stamp (facts text NOT NULL)")
        cursor.execute("INSERT INTO bench_stamp VALUES (%s)", [json.dumps(facts)])


def collect_static() -> None:
    """Fingerprinted static files, as production serves them."""
    Path(settings.STATIC_ROOT).mkdir(parents=True, exist_ok=True)
    call_command("collectstatic", interactive=False, verbosity=0)
