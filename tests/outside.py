"""A stand-in for the outside world: an HTTP server on this machine that answers what a test tells it to."""

import json
import threading
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


class Server:
    """`with Server() as s:` serves at `s.url`; `s.answers` are (status, JSON) in order, then `s.otherwise`; `s.received` keeps
    (headers, JSON body) of every call. While `held` is an event, an answer waits for it; `reached` is set once a call
    waits so.
    """

    def __init__(self) -> None:
        self.answers: list[tuple[int, dict[str, Any]]] = []
        self.otherwise: tuple[int, dict[str, Any]] = (200, {"id": "ok"})
        self.received: list[tuple[dict[str, str], dict[str, Any]]] = []
        self.held: threading.Event | None = None
        self.reached = threading.Event()

    def __enter__(self) -> "Server":
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                outer.received.append((dict(self.headers), json.loads(body or b"{}")))
                if outer.held is not None:
                    outer.reached.set()
                    outer.held.wait(60)
                status, answer = outer.answers.pop(0) if outer.answers else outer.otherwise
                data = json.dumps(answer, ensure_ascii=False).encode()
                with suppress(OSError):  # whoever asked may be dead by now
                    self.send_response(status)
                    self.send_header("Content-Length", str(len(data)))
                    self.end_headers()
                    self.wfile.write(data)

            def log_message(self, *_args: Any) -> None:
                """Quiet."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}/"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,))
        self._thread.start()
        return self

    def __exit__(self, *_exc: object) -> None:
        if self.held is not None:
            self.held.set()
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()
