"""A small web server on loopback with honest validators (RFC 9110: ETag, If-None-Match, 304)."""

from __future__ import annotations

import hashlib
import re
import threading
from collections import Counter
from collections.abc import Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Self

_HTML = re.compile(rb"^\s*(?:<!--.*?-->\s*)*<(?:!doctype\s+html|html)", re.IGNORECASE | re.DOTALL)


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128
    site: Loopback


class _Handler(BaseHTTPRequestHandler):
    server: _Server
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def do_GET(self) -> None:
        site = self.server.site
        found = site.pages.get(self.path)
        status, body, fields = 404, b"", {}
        if found is not None:
            status, body, etag, kind = 200, *found
            fields = {"ETag": etag, "Content-Type": kind}
            if etag in [t.strip() for t in self.headers.get("If-None-Match", "").split(",")]:
                status, body = 304, b""
        with site.lock:
            site.answers[status] += 1
        self.send_response(status)
        for name, value in fields.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Silence."""


class Loopback:
    """Serves ``pages`` (path -> bytes) while the context lasts; ``answers`` counts by status."""

    def __init__(self, pages: Mapping[str, bytes]) -> None:
        self.pages = {path: (body, _etag(body), _kind(body)) for path, body in pages.items()}
        self.answers: Counter[int] = Counter()
        self.lock = threading.Lock()

    def __enter__(self) -> Self:
        self._server = _Server(("127.0.0.1", 0), _Handler)
        self._server.site = self
        self.host = f"127.0.0.1:{self._server.server_address[1]}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()

    def url(self, path: str) -> str:
        """Address of one page."""
        return f"http://{self.host}{path}"


def _etag(body: bytes) -> str:
    return '"' + hashlib.sha256(body).hexdigest()[:24] + '"'


def _kind(body: bytes) -> str:
    # no charset: each feed says its own, as most servers leave it
    return "text/html" if _HTML.match(body[:2000]) else "application/xml"
