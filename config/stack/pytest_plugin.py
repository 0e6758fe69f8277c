"""Services for a test run: a private, throw-away copy in its own folder, so that no run meets another's data.

Loaded with `-p` before the settings are read; xdist's workers inherit the addresses through the environment.
"""

import atexit
import os
import shutil
import tempfile
from pathlib import Path

import pytest

from config.stack import paths
from config.stack.errors import StackError
from config.stack.processes import Memory
from config.stack.services import Services, is_running


@pytest.hookimpl(tryfirst=True)
def pytest_load_initial_conftests(early_config: pytest.Config) -> None:
    """Start the services unless this is an xdist worker or only help or a list of tests is wanted."""
    idle = early_config.known_args_namespace.help or early_config.known_args_namespace.version
    if idle or "PYTEST_XDIST_WORKER" in os.environ or os.environ.get("STACK_TEST_DIR"):
        return
    os.environ["SCREENSHOT_DIR"] = str(paths.var_dir() / "screenshots")
    home = paths.var_dir() / "test"
    try:
        home.mkdir(parents=True, exist_ok=True)
        _sweep(home)
        folder = Path(tempfile.mkdtemp(prefix="run-", dir=home))
        # The tests' database is never the one a caller's environment may name.
        for name in ("DATABASE_URL", "REDIS_URL", "POSTGRES_PORT", "REDIS_PORT"):
            os.environ.pop(name, None)
        services = Services(folder, loose=True)
        # At exit rather than in a pytest hook: also when collection fails before any hook of the end is called.
        atexit.register(_end, services, folder)
        services.__enter__().start()
    except (StackError, OSError) as error:
        raise pytest.UsageError(str(error)) from None
    os.environ.update(services.environment)
    os.environ["STACK_TEST_DIR"] = str(folder)


def _end(services: Services, folder: Path) -> None:
    """Stop what this process started and leave nothing behind."""
    services.stop()
    shutil.rmtree(folder, ignore_errors=True)


def _sweep(home: Path) -> None:
    """Remove folders of runs that were killed: nobody holds their lock any more."""
    for folder in home.glob("run-*"):
        if is_running(folder):
            continue
        Memory(folder).stop_leftovers()
        shutil.rmtree(folder, ignore_errors=True)
