"""A small load generator: a bounded number of requests over a bounded number of kept-alive connections."""

import http.client
import re
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from html.parser import HTMLParser
from http.cookies import SimpleCookie
from itertools import count
from math import ceil
from urllib.parse import urlencode, urlsplit

_TIMING = re.compile(r'cpu;dur=([\d.]+), db;dur=([\d.]+);desc="(\d+)"')
TOKEN = "b" * 32  # CSRF protection compares the cookie with the form; both are the browser's to send


class Failed(Exception):
    """A page did not answer as it should; a measurement of errors is none."""


@dataclass(frozen=True)
class Answer:
    """One response: how long until its last byte, and what the server says of itself."""

    status: int
    body: bytes
    location: str
    seconds: float
    cpu_ms: float = 0.0
    queries: int = 0
    sql_ms: float = 0.0
    size: int = 0


class Browser:
    """One connection with cookies."""

    def __init__(self, host: str, port: int, cookies: dict[str, str] | None = None) -> None:
        self._connection = http.client.HTTPConnection(host, port, timeout=120)
        self.cookies = dict(cookies or {}) | {"csrftoken": TOKEN}

    def get(self, path: str) -> Answer:
        """Fetch a page."""
        return self._ask("GET", path, None)

    def post(self, path: str, values: Sequence[tuple[str, str]]) -> Answer:
        """Send a form."""
        return self._ask(
            "POST", path, urlencode([*values, ("csrfmiddlewaretoken", self.cookies["csrftoken"])])
        )

    def close(self) -> None:
        """Hang up."""
        self._connection.close()

    def _ask(self, method: str, path: str, body: str | None) -> Answer:
        headers = {
            "Cookie": "; ".join(f"{k}={v}" for k, v in self.cookies.items()),
            "Accept-Encoding": "identity",
        }
        if body is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        began = time.perf_counter()
        try:
            self._connection.request(method, path, body, headers)
            response = self._connection.getresponse()
        except (http.client.RemoteDisconnected, ConnectionResetError, BrokenPipeError):
            # The server closed an idle connection; a browser asks again on a new one.
            self._connection.close()
            began = time.perf_counter()
            self._connection.request(method, path, body, headers)
            response = self._connection.getresponse()
        content = response.read()
        seconds = time.perf_counter() - began
        for line in response.headers.get_all("Set-Cookie") or []:
            for name, morsel in SimpleCookie(line).items():
                self.cookies[name] = morsel.value
        cpu, sql, queries = timing_of(response.headers.get("Server-Timing", ""))
        return Answer(
            response.status, content, response.headers.get("Location", ""), seconds,
            cpu, queries, sql, len(content),
        )  # fmt: skip


def timing_of(header: str) -> tuple[float, float, int]:
    """Processor time and time in statements in milliseconds, and their number, from a `Server-Timing` header."""
    timing = _TIMING.search(header)
    return (float(timing[1]), float(timing[2]), int(timing[3])) if timing else (0.0, 0.0, 0)


@dataclass
class Sample:
    """What a series of requests took."""

    seconds: list[float] = field(default_factory=list)
    cpu_ms: list[float] = field(default_factory=list)
    queries: list[int] = field(default_factory=list)
    sql_ms: list[float] = field(default_factory=list)
    sizes: list[int] = field(default_factory=list)
    elapsed: float = 0.0

    def add(self, answer: Answer) -> None:
        """Note one response."""
        self.seconds.append(answer.seconds)
        self.cpu_ms.append(answer.cpu_ms)
        self.queries.append(answer.queries)
        self.sql_ms.append(answer.sql_ms)
        self.sizes.append(answer.size)

    def percentile(self, share: float) -> float:
        """Milliseconds within which that share of requests was answered."""
        ordered = sorted(self.seconds)
        return ordered[max(0, ceil(len(ordered) * share) - 1)] * 1000

    @property
    def per_second(self) -> float:
        """Requests a second over the whole series."""
        return len(self.seconds) / self.elapsed if self.elapsed else 0.0


def series(ask: Sequence[Callable[[int], Answer]], *, requests: int, warm_up: int = 3) -> Sample:
    """Run `requests` calls spread over one thread for each callable (its own connection); the sample.

    Each callable gets the running number of its request. The first failure ends the series and is raised.
    """
    sample, lock, numbers = Sample(), threading.Lock(), count()
    failures: list[Exception] = []
    for one in ask:
        for number in range(warm_up):
            one(number)

    def work(one: Callable[[int], Answer]) -> None:
        while not failures:
            with lock:
                number = next(numbers)
            if number >= requests:
                return
            try:
                answer = one(number)
            except (Failed, OSError, http.client.HTTPException) as error:
                failures.append(error)
                return
            with lock:
                sample.add(answer)

    threads = [threading.Thread(target=work, args=(one,)) for one in ask]
    began = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    sample.elapsed = time.perf_counter() - began
    if failures:
        raise Failed(str(failures[0]))
    return sample


def pages(
    host: str, port: int, cookies: dict[str, str], paths: Sequence[str], *, requests: int, connections: int
) -> Sample:
    """GET the paths in turn. Raises Failed when any answers other than 200."""
    browsers = [Browser(host, port, cookies) for _ in range(connections)]

    def getter(browser: Browser) -> Callable[[int], Answer]:
        def ask(number: int) -> Answer:
            path = paths[number % len(paths)]
            answer = browser.get(path)
            if answer.status != 200:
                raise Failed(f"{path}: {answer.status} {answer.location}")
            return answer

        return ask

    try:
        return series([getter(browser) for browser in browsers], requests=requests, warm_up=3)
    finally:
        for browser in browsers:
            browser.close()


class Form(HTMLParser):
    """The fields of the form of a page that posts to the page itself or to a named address, as a browser sends them."""

    def __init__(self, page: bytes) -> None:
        super().__init__()
        self.forms: list[tuple[str, list[tuple[str, str]]]] = []
        self._inside = False
        self._area: str | None = None
        self._select: tuple[str, list[tuple[str, bool]]] | None = None
        self.feed(page.decode())

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Collect what would be sent."""
        given = dict(attrs)
        if tag == "form":
            self._inside = (given.get("method") or "").lower() == "post"
            if self._inside:
                self.forms.append((given.get("action") or "", []))
        if not self._inside:
            return
        name, kind = given.get("name"), (given.get("type") or "text").lower()
        if tag == "option" and self._select:
            self._select[1].append((given.get("value") or "", "selected" in given))
        elif not name or name == "csrfmiddlewaretoken" or "disabled" in given:
            return
        elif tag == "input" and kind not in {"submit", "button", "file"}:
            if kind not in {"checkbox", "radio"} or "checked" in given:
                self._add(name, given.get("value") or ("on" if kind == "checkbox" else ""))
        elif tag == "textarea":
            self._area = name
            self._add(name, "")
        elif tag == "select":
            self._select = (name, [])

    def handle_data(self, data: str) -> None:
        """The text of a text area."""
        if self._area:
            fields = self.forms[-1][1]
            fields[-1] = (self._area, fields[-1][1] + data)

    def handle_endtag(self, tag: str) -> None:
        """A select sends its chosen option, else its first."""
        if tag == "form":
            self._inside = False
        elif tag == "textarea":
            self._area = None
        elif tag == "select" and self._select:
            name, options = self._select
            chosen = [value for value, selected in options if selected] or [value for value, _ in options[:1]]
            for value in chosen:
                self._add(name, value)
            self._select = None

    def _add(self, name: str, value: str) -> None:
        self.forms[-1][1].append((name, value))

    def values(self, must_have: str, **more: str) -> list[tuple[str, str]]:
        """The values of the form that has a field of that name, with some of them set. Raises Failed when none has."""
        for _, fields in self.forms:
            if any(name == must_have for name, _ in fields):
                return [(n, v) for n, v in fields if n not in more] + list(more.items())
        raise Failed(f"trang không có biểu mẫu với ô {must_have}")


def sign_in(host: str, port: int, username: str, password: str) -> dict[str, str]:
    """Sign in through the page as a person does; the session's cookies. Raises Failed when refused."""
    browser = Browser(host, port)
    try:
        answer = browser.post("/dang-nhap/", [("username", username), ("password", password)])
        if answer.status != 302 or "sessionid" not in browser.cookies:
            raise Failed(f"{username} không đăng nhập được ({answer.status})")
        return dict(browser.cookies)
    finally:
        browser.close()


def many_sign_ins(
    host: str, port: int, usernames: Sequence[str], password: str, *, connections: int
) -> Sample:
    """Everybody signs in at once. Raises Failed when one is refused."""

    def asker() -> Callable[[int], Answer]:
        def ask(number: int) -> Answer:
            browser = Browser(host, port)
            try:
                username = usernames[number]
                answer = browser.post("/dang-nhap/", [("username", username), ("password", password)])
                if answer.status != 302:
                    raise Failed(f"{username} bị từ chối ({answer.status})")
                return answer
            finally:
                browser.close()

        return ask

    return series([asker() for _ in range(connections)], requests=len(usernames), warm_up=0)


def path_of(location: str) -> str:
    """The path of an address, with its query."""
    parts = urlsplit(location)
    return parts.path + (f"?{parts.query}" if parts.query else "")
