"""Fixtures every test may use: pages, a clock to set, a worker, a browser."""

import os
import re
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import time_machine
from axe_playwright_python.base import AXE_SCRIPT
from django.conf import settings
from django.db import connection, connections
from django.test import Client
from django.utils import translation
from playwright.sync_api import Browser, ConsoleMessage, expect, sync_playwright
from playwright.sync_api import Page as BrowserPage

from config.stack.setup import browser as find_chromium
from tests import catalogue as reference_data
from tests import ready_world
from tests.factories import World
from tests.page import Visitor

HANOI = ZoneInfo("Asia/Ho_Chi_Minh")
SIZES = {"390": {"width": 390, "height": 844}, "1366": {"width": 1366, "height": 768}}
CHROMIUM_ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
AXE_RULES = {
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"],
    "resultTypes": ["violations"],  # what is in order need not be described element by element
    # The frames of ours show PDF files, in which axe cannot be loaded; it would wait for each of them to answer.
    "iframes": False,
    "preload": {"assets": ["media"]},  # no rule among these reads style sheets
}


def wait_until(condition: Callable[[], Any], seconds: float = 20, what: str = "điều kiện") -> Any:
    """The first true answer of a condition that another process brings about; fails after `seconds`."""
    deadline = time.monotonic() + seconds
    while not (answer := condition()):
        assert time.monotonic() < deadline, f"Chờ {seconds} giây mà chưa thấy {what}"
        time.sleep(0.05)
    return answer


@pytest.fixture(scope="session")
def catalogue_copy(django_db_setup: None, django_db_blocker: Any) -> None:
    """The reference data of the repository, loaded once a worker into a schema beside the tables."""
    with django_db_blocker.unblock():
        reference_data.keep_copy()


@pytest.fixture(scope="module")
def catalogue_of_module(catalogue_copy: None, django_db_blocker: Any) -> Iterator[None]:
    """The reference data, committed for the tests of one module and taken out after the last of them."""
    with django_db_blocker.unblock():
        reference_data.put_in()
    yield
    with django_db_blocker.unblock():
        reference_data.take_out()


@pytest.fixture
def catalogue(catalogue_of_module: None, db: None) -> None:
    """The whole reference data: 5,664 procedures, agencies of both eras, calendar, rules, prices.

    A module takes it for all its tests or for none: `pytestmark = pytest.mark.usefixtures("catalogue")`.
    """
    reference_data.put_in()  # again, when a transactional test before this one emptied the tables


@pytest.fixture(autouse=True)
def _vietnamese_again() -> Iterator[None]:
    """A page asked for in English leaves its language behind in this thread; the next test speaks Vietnamese."""
    yield
    translation.deactivate()


@pytest.fixture
def visit(db: None) -> Visitor:
    """`visit(url, user)`: fetch a page and check it as every page deserves; `visit.post(url, data, user)`."""
    return Visitor()


@pytest.fixture
def at() -> Iterator[Callable[[str], datetime]]:
    """`at("2026-10-05 09:00")` stops the clock at that moment in Vietnam; call it again to move on."""
    with ExitStack() as stack:

        def travel(moment: str) -> datetime:
            stack.close()
            then = datetime.fromisoformat(moment).replace(tzinfo=HANOI)
            stack.enter_context(time_machine.travel(then, tick=False))
            return then

        yield travel


@contextmanager
def running_worker(log: Path, *options: str, **environment: str) -> Iterator["subprocess.Popen[bytes]"]:
    """A real Celery worker on this test's database and broker, in a process group of its own."""
    name = connection.settings_dict["NAME"]
    address = re.sub(r"/[^/?]*\?", f"/{name}?", os.environ["DATABASE_URL"])
    command = [sys.executable, "-m", "celery", "-A", "config", "worker", "--loglevel=INFO", *options]
    command += ["--without-gossip", "--without-mingle", "--without-heartbeat"]
    with log.open("wb") as output:
        process = subprocess.Popen(
            command,
            stdout=output,
            stderr=output,
            env={**os.environ, "DATABASE_URL": address, **environment},
            start_new_session=True,
        )
    try:
        wait_until(
            lambda: b" ready." in log.read_bytes() or process.poll() is not None, 40, "worker sẵn sàng"
        )
        assert process.poll() is None, log.read_text()
        yield process
    finally:
        process.terminate()
        process.wait(30)


def pytest_addoption(parser: pytest.Parser) -> None:
    """Options of ours."""
    parser.addoption("--weak-line", action="store_true", help="pages reach the browser late and in parts")


def pytest_configure(config: pytest.Config) -> None:
    """The live server is made once, with the middleware it finds."""
    if config.getoption("--weak-line"):
        settings.MIDDLEWARE.insert(0, "tests.weak_line.WeakLine")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Browser tests come last: Playwright keeps an event loop in the thread, and signing wants one of its own."""
    items.sort(key=lambda item: item.get_closest_marker("browser") is not None)


@pytest.fixture
def worker(transactional_db: None, tmp_path: Path) -> Iterator[Path]:
    """A real Celery worker on this test's database and broker; the path of its log."""
    log = tmp_path / "worker.log"
    with running_worker(log, "--pool=solo"):
        yield log


@pytest.fixture(scope="session")
def chromium(django_db_setup: None, django_db_blocker: Any) -> Iterator[Browser]:
    """One browser for the session; tests take `page`, which is a fresh context of it."""
    # Playwright keeps an event loop in this thread, which Django would take for asynchronous code.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    expect.set_options(timeout=15_000)  # a page is waited for, not a machine
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_chromium(), args=CHROMIUM_ARGUMENTS)
        yield browser
        # While that loop runs, this thread has a database connection of its own; it would outlive the database.
        with django_db_blocker.unblock():
            connections.close_all()
        browser.close()
    del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]


def complaints_of(page: BrowserPage, complaints: list[str]) -> None:
    """Whatever the console or the server complains of on this page is added to the list."""

    def listen(message: ConsoleMessage) -> None:
        # A page that is meant to answer 403, 404 or 422 is also an "error" to the console.
        if message.type == "error" and "Failed to load resource" not in message.text:
            complaints.append(message.text)

    page.on("console", listen)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on(
        "response",
        lambda answer: complaints.append(f"{answer.status} {answer.url}") if answer.status >= 500 else None,
    )


OpenPage = Callable[..., BrowserPage]


@pytest.fixture
def open_page(chromium: Browser, live_server: Any) -> Iterator[OpenPage]:
    """`open_page(user, script=False)`: a page of a fresh browser at the live server (relative addresses work).

    Nobody is signed in unless somebody is named; any complaint in its console fails the test.
    """
    complaints: list[str] = []
    opened: list[BrowserPage] = []

    def take(user: Any = None, *, script: bool = True) -> BrowserPage:
        context = chromium.new_context(
            base_url=live_server.url,
            locale="vi-VN",
            timezone_id="Asia/Ho_Chi_Minh",
            viewport=SIZES["1366"],
            java_script_enabled=script,
        )
        page = context.new_page()
        complaints_of(page, complaints)
        opened.append(page)
        if user is not None:
            give_session(page, user, live_server.url)
        return page

    yield take
    for page in opened:
        page.context.close()
    assert not complaints, "\n".join(complaints)


def give_session(page: BrowserPage, user: Any, url: str) -> None:
    """The browser is signed in as that person; the sign-in page has tests of its own."""
    client = Client()
    client.force_login(user)
    value = client.cookies[settings.SESSION_COOKIE_NAME].value
    page.context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": value, "url": url}])


@pytest.fixture
def page(open_page: OpenPage) -> BrowserPage:
    """A browser page at the live server, with script, where nobody is signed in."""
    return open_page()


@pytest.fixture
def sign_in(page: BrowserPage, live_server: Any) -> Callable[[Any], BrowserPage]:
    """`sign_in(user)` gives the browser of `page` that person's session."""

    def enter(user: Any) -> BrowserPage:
        give_session(page, user, live_server.url)
        return page

    return enter


@pytest.fixture
def axe() -> Callable[[BrowserPage], None]:
    """`axe(page)`: no violation of WCAG 2 A and AA that a machine can find."""

    def check(page: BrowserPage) -> None:
        page.wait_for_load_state()
        before = page.viewport_size
        # The whole page is in view, or a bar fixed to the window's edge cuts whatever happens to lie beneath it.
        height = page.evaluate("document.documentElement.scrollHeight")
        if height > before["height"]:
            page.set_viewport_size({"width": before["width"], "height": height})
        if not page.evaluate("'axe' in window"):  # the page was judged at another width already
            page.evaluate(AXE_SCRIPT)
        violations = page.evaluate("rules => axe.run(rules).then(found => found.violations)", AXE_RULES)
        if height > before["height"]:
            page.set_viewport_size(before)
        found = [
            f"{rule['id']} ({rule['impact']}): {rule['help']}\n    {node['html'][:200]}"
            for rule in violations
            for node in rule["nodes"]
        ]
        assert not found, f"{page.url}:\n" + "\n".join(found)

    return check


@pytest.fixture(scope="session")
def screenshots() -> Path:
    """Folder where pictures of this run are kept after it."""
    folder = Path(os.environ["SCREENSHOT_DIR"])
    folder.mkdir(parents=True, exist_ok=True)
    return folder


@pytest.fixture
def shoot(screenshots: Path) -> Callable[[BrowserPage, str], None]:
    """`shoot(page, "ho-so")` keeps the page as a phone and a desktop show it, and checks it fits the phone."""

    def take(page: BrowserPage, name: str) -> None:
        page.wait_for_load_state()
        before = page.viewport_size
        for size, viewport in SIZES.items():
            page.set_viewport_size(viewport)
            width = page.evaluate("document.documentElement.scrollWidth")
            assert width <= viewport["width"], f"{page.url}: rộng {width} px trên màn hình {size} px"
            page.screenshot(path=screenshots / f"{name}-{size}.png", full_page=True)
        if before:
            page.set_viewport_size(before)

    return take


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Say where the pictures are."""
    folder = Path(os.environ.get("SCREENSHOT_DIR", ""))
    if folder.is_dir() and any(folder.glob("*.png")):
        terminalreporter.write_line(f"Ảnh chụp màn hình: {folder}")


@pytest.fixture(scope="session")
def world_copy(django_db_setup: None, django_db_blocker: Any) -> bytes:
    """The small province, made once a worker."""
    with django_db_blocker.unblock():
        return ready_world.keep_copy()


@pytest.fixture
def w(world_copy: bytes, db: None) -> World:
    """A small province with people in office; see tests/factories.py."""
    return ready_world.put_in(world_copy)
