"""A stopwatch around every request, for the bench server alone: the `Server-Timing` header says where time went."""

import time
from collections.abc import Callable
from typing import Any

from django.db import connection
from django.http import HttpRequest, HttpResponse


class Counter:
    """Counts statements and their time; an execute wrapper of Django's connection."""

    def __init__(self) -> None:
        self.queries = 0
        self.seconds = 0.0

    def __call__(self, execute: Callable[..., Any], sql: Any, params: Any, many: bool, context: Any) -> Any:
        """Run the statement under the watch."""
        began = time.perf_counter()
        try:
            return execute(sql, params, many, context)
        finally:
            self.queries += 1
            self.seconds += time.perf_counter() - began


class ServerTiming:
    """Outermost middleware: whole time of the request, processor time, statements and their time, in milliseconds."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer, and say how long it took."""
        counter, began, worked = Counter(), time.perf_counter(), time.thread_time()
        with connection.execute_wrapper(counter):
            response = self.get_response(request)
        whole, busy = (time.perf_counter() - began) * 1000, (time.thread_time() - worked) * 1000
        response.headers["Server-Timing"] = (
            f'app;dur={whole:.2f}, cpu;dur={busy:.2f}, db;dur={counter.seconds * 1000:.2f};desc="{counter.queries}"'
        )
        return response
