"""What holds for the whole code: contracts that import-linter cannot express."""

import ast
import inspect
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import call_command
from django.core.management.utils import get_random_secret_key
from django.template import engines
from django.urls import URLPattern, URLResolver, get_resolver

from config.celery import app
from config.stack.paths import PROJECT_DIR

APPS = ("danhmuc", "hoso", "portal", "buuchinh", "baocao")
TEMPLATES = sorted((PROJECT_DIR / "templates").rglob("*.html"))
# Longer modules are usually two subjects; data tables and the lifecycle's diagram are allowed some room.
LONGEST_MODULE = 500
# The only doors that are open before signing in: the portal's public pages and these.
OPEN_OUTSIDE_PORTAL = {
    "health", "gallery", "danhmuc:login", "danhmuc:logout", "admin:login",
    "set_language", "manifest", "service_worker", "offline",
    "baocao:public", "baocao:public_agency",
}  # fmt: skip
# The bank for demonstrations is anybody's; production machines have none (see tests/test_vnpay_simulator.py).
OPEN_OUTSIDE_PORTAL |= {f"vnpay_simulator:{name}" for name in ("books", "pay", "transactions")}
OPEN_OUTSIDE_PORTAL |= {
    f"vneid_simulator:{name}" for name in ("discovery", "keys", "enter", "token", "leave")
}
#: Addresses that only scripts and other machines post to.
SENT_TO_BY_PROGRAMS = {
    "portal:upload_begin", "portal:upload_finish",
    "portal:sms_incoming", "portal:vietqr_token", "portal:vietqr_sync",
    "vnpay_simulator:transactions", "vneid_simulator:token",
}  # fmt: skip


def modules(*packages: str) -> list[Path]:
    """Our Python files, without migrations."""
    return sorted(
        file
        for package in packages
        for file in (PROJECT_DIR / package).rglob("*.py")
        if "migrations" not in file.parts
    )


def patterns(
    entries: list[URLPattern | URLResolver], namespace: str = ""
) -> Iterator[tuple[str, URLPattern]]:
    """Every address of the system with its full name."""
    for entry in entries:
        if isinstance(entry, URLResolver):
            inner = f"{namespace}{entry.namespace}:" if entry.namespace else namespace
            yield from patterns(entry.url_patterns, inner)
        else:
            yield f"{namespace}{entry.name}", entry


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda file: str(file.relative_to(PROJECT_DIR)))
def test_every_template_compiles(template: Path) -> None:
    engines["django"].get_template(str(template.relative_to(PROJECT_DIR / "templates")))


@pytest.mark.django_db
def test_migrations_describe_the_models() -> None:
    call_command("makemigrations", check=True, dry_run=True, verbosity=0)


def manage(*words: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """manage.py as a bare machine runs it: nothing of this test run's environment but where things are."""
    bare = {name: os.environ[name] for name in ("PATH", "HOME", "VAR_DIR") if name in os.environ}
    return subprocess.run(
        [sys.executable, "manage.py", *words],
        cwd=PROJECT_DIR,
        env={**bare, "ENV_FILE": "", **environment},
        capture_output=True,
        text=True,
        check=False,
    )


def test_settings_are_safe_for_production_by_default() -> None:
    """Django's own deployment check over bare settings."""
    done = manage("check", "--deploy", "--fail-level", "WARNING", SECRET_KEY=get_random_secret_key())
    assert done.returncode == 0, done.stderr


def test_production_wants_a_key() -> None:
    done = manage("check")
    assert done.returncode != 0
    assert "Chưa đặt SECRET_KEY" in done.stderr


@pytest.mark.parametrize("app", APPS)
def test_migrations_import_nothing_from_the_apps(app: str) -> None:
    for file in (PROJECT_DIR / app / "migrations").glob("*.py"):
        for node in ast.walk(ast.parse(file.read_text())):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            if isinstance(node, ast.ImportFrom):
                names.append(node.module or "")
            assert not [name for name in names if name.split(".")[0] in APPS], file


def test_rows_are_saved_as_they_look() -> None:
    """No save() of our own on a model and no signals: what follows a step stands in one table."""
    for file in modules(*APPS):
        tree = ast.parse(file.read_text())
        for node in ast.walk(tree):
            if isinstance(node, ast.ImportFrom):
                assert node.module not in {"django.dispatch", "django.db.models.signals"}, file
            if isinstance(node, ast.ClassDef) and "models" in file.relative_to(PROJECT_DIR).as_posix():
                methods = {inner.name for inner in node.body if isinstance(inner, ast.FunctionDef)}
                assert "save" not in methods, f"{file}: {node.name}.save"


def test_modules_keep_to_one_subject() -> None:
    long = {file: len(file.read_text().splitlines()) for file in modules("config", *APPS)}
    assert not {str(file): count for file, count in long.items() if count > LONGEST_MODULE}
    vague = {"utils", "common", "helpers", "misc", "base_model"}
    assert not [file for file in long if file.stem in vague]


def test_every_page_outside_the_portal_is_closed() -> None:
    """Pages are closed by default; whoever opens one outside the portal changes this list."""
    opened = {
        name
        for name, pattern in patterns(get_resolver().url_patterns)
        if not getattr(pattern.callback, "login_required", True) and not name.startswith("portal:")
    }
    assert opened <= OPEN_OUTSIDE_PORTAL
    assert "config.idle.LoginRequired" in settings.MIDDLEWARE


def test_every_address_a_form_is_sent_to_can_be_asked_for() -> None:
    """“Back”, “reload” and signing in again ask by GET for the address a form was sent to."""
    views = {
        name: getattr(pattern.callback, "view_class", None)
        for name, pattern in patterns(get_resolver().url_patterns)
        if not name.startswith("admin:")
    }
    blind = {name for name, view in views.items() if hasattr(view, "post") and not hasattr(view, "get")}
    assert blind == SENT_TO_BY_PROGRAMS


def test_every_task_that_looks_is_scheduled_and_exists() -> None:
    """A task without arguments that nobody calls by the clock is never run; a misspelt one neither."""
    app.loader.import_default_modules()
    ours = {name: task for name, task in app.tasks.items() if name.split(".")[0] in APPS}
    lookers = {name for name, task in ours.items() if not inspect.signature(task.run).parameters}
    assert {entry["task"] for entry in settings.CELERY_BEAT_SCHEDULE.values()} == lookers


def test_every_setting_is_explained() -> None:
    """`.env.example` names what the settings read, and nothing they do not."""
    source = (PROJECT_DIR / "config" / "settings.py").read_text()
    read = set(re.findall(r'env\.\w+\(\s*"(\w+)"', source))
    explained = set(re.findall(r"^#?([A-Z][A-Z0-9_]+)=", (PROJECT_DIR / ".env.example").read_text(), re.M))
    assert read <= explained
    launcher = {"VAR_DIR", "POSTGRES_PASSWORD", "DEMO_DOSSIERS", "WEB_HOST", "WEB_PORT", "WEB_WORKERS"}
    launcher |= {"POSTGRES_PORT", "REDIS_PORT", "MIN_FREE_MB", "CHROMIUM"}
    assert explained - read == launcher


def test_every_address_has_a_name() -> None:
    nameless = [
        str(pattern.pattern)
        for name, pattern in patterns(get_resolver().url_patterns)
        if name.endswith("None") and not name.startswith("admin:")
    ]
    assert not nameless


def test_a_browser_test_waits_for_what_it_looks_for() -> None:
    """One look at a page that is still arriving fails on a slow day; `expect(...)` looks until it is there."""
    looks = re.compile(
        r"assert .*(\.(is_\w+able|is_visible|is_hidden|is_checked|input_value|all_\w+_texts)\("
        r"|(get_by_\w+|locator)\(.*\)\.(count|inner_text|text_content|get_attribute)\()"
    )
    once = [
        f"{file.relative_to(PROJECT_DIR)}:{number}: {line.strip()}"
        for file in sorted((PROJECT_DIR / "tests").rglob("*.py"))
        if "playwright" in (source := file.read_text())
        for number, line in enumerate(source.splitlines(), start=1)
        if looks.search(line)
    ]
    assert not once, "\n".join(once)
