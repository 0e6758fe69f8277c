"""Services for a test run: a private, throw-away copy in its own folder, so that no run meets another's data.

Loaded with `-p` before the settings are read; xdist's workers inherit the addresses through the environment.
"""

import os
import shutil
import tempfile
from contextlib import suppress
from pathlib import Path

import pytest

from config.stack import paths
from config.stack.errors import StackError
from config.stack.services import Services, is_running

_FOLDER = pytest.StashKey[Path]()
_SERVICES = pytest.StashKey[Services]()


@pytest.hookimpl(tryfirst=True)
def pytest_load_initial_conftests(early_config: pytest.Config) -> None:
    """Start the services unless this is an xdist worker or only help or a list of tests is wanted."""
    idle = early_config.known_args_namespace.help or early_config.known_args_namespace.version
    if idle or "PYTEST_XDIST_WORKER" in os.environ or os.environ.get("STACK_TEST_DIR"):
        return
    home = paths.var_dir() / "test"
    try:
        home.mkdir(parents=True, exist_ok=True)
        _sweep(home)
        folder = Path(tempfile.mkdtemp(prefix="run-", dir=home))
        # The tests' database is never the one a caller's environment may name.
        for name in ("DATABASE_URL", "REDIS_URL", "POSTGRES_PORT", "REDIS_PORT"):
            os.environ.pop(name, None)
        services = Services(folder, loose=True).__enter__()
    except (StackError, OSError) as error:
        raise pytest.UsageError(str(error)) from None
    os.environ.update(services.environment)
    os.environ["STACK_TEST_DIR"] = str(folder)
    early_config.stash[_FOLDER] = folder
    early_config.stash[_SERVICES] = services


@pytest.hookimpl(trylast=True)
def pytest_unconfigure(config: pytest.Config) -> None:
    """Stop what this process started and leave nothing behind."""
    services = config.stash.get(_SERVICES, None)
    if services is not None:
        services.stop()
        shutil.rmtree(config.stash[_FOLDER], ignore_errors=True)
        os.environ.pop("STACK_TEST_DIR", None)


def _sweep(home: Path) -> None:
    """Remove folders of runs that were killed: nobody holds their lock any more."""
    from config.stack.postgres import Postgres

    for folder in home.glob("run-*"):
        if is_running(folder):
            continue
        with suppress(OSError, StackError):
            Postgres(folder).stop_leftover()
        shutil.rmtree(folder, ignore_errors=True)
