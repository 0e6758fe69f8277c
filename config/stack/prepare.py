"""What a start does to the database and the static files: `python -m config.stack.prepare`.

Each part finds out by itself whether there is anything to do, so that a second start takes seconds.
"""

import hashlib
import io
import os
import sys
from pathlib import Path

import django


def main() -> None:
    """Bring the schema, the catalogue, the demonstration's data and the static files up to date."""
    os.environ["STATEMENT_TIMEOUT_MS"] = "0"
    django.setup()
    from django.conf import settings
    from django.core.management import call_command

    _say("Cập nhật cấu trúc cơ sở dữ liệu …")
    call_command("migrate", interactive=False, verbosity=1 if _has_migrations_to_apply() else 0)
    _say("Nạp danh mục thủ tục, cơ quan, lịch làm việc …")
    call_command("load_catalogue")
    if not _has_dossiers():
        size = int(os.environ.get("DEMO_DOSSIERS") or 2000)
        _say(f"Tạo {size} hồ sơ giả định để trình diễn (chỉ lần đầu) …")
        call_command("seed_demo", dossiers=size)
    _collect_static(Path(settings.STATIC_ROOT), [Path(folder) for folder in settings.STATICFILES_DIRS])
    people = io.StringIO()
    call_command("demo_people", stdout=people)
    (Path(settings.VAR_DIR) / "demo_people.txt").write_text(people.getvalue())


def _say(text: str) -> None:
    print(f"  {text}", flush=True)


def _has_migrations_to_apply() -> bool:
    from django.db import connection
    from django.db.migrations.executor import MigrationExecutor

    executor = MigrationExecutor(connection)
    return bool(executor.migration_plan(executor.loader.graph.leaf_nodes()))


def _has_dossiers() -> bool:
    from hoso.models import Dossier

    return Dossier.objects.exists()


def _collect_static(root: Path, sources: list[Path]) -> None:
    """Gather, fingerprint and compress static files when any of them has changed since the last time."""
    from django import VERSION
    from django.core.management import call_command

    digest = hashlib.sha256(repr(VERSION).encode())
    for file in sorted(file for source in sources for file in source.rglob("*") if file.is_file()):
        facts = file.stat()
        digest.update(f"{file}\0{facts.st_size}\0{facts.st_mtime_ns}\n".encode())
    stamp = root.with_name("static.stamp")
    if root.is_dir() and stamp.exists() and stamp.read_text() == digest.hexdigest():
        return
    _say("Gom và nén tệp tĩnh …")
    call_command("collectstatic", interactive=False, clear=True, verbosity=0)
    stamp.write_text(digest.hexdigest())


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        sys.exit(130)
