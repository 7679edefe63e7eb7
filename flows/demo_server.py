"""The tiny server that plays the built-in samples on loopback.

It behaves as the real sector does: validators and 304, gzip, a feed that has moved, a dead one, one in
error, a home page in place of a feed, pages behind a paywall or a login, a folder refused by robots.txt.

    python -m flows.demo_server --port 8765      serve until Ctrl-C
    python -m flows.demo_server --gold           the expected judgements, placeholders resolved, on stdout
"""

from __future__ import annotations

import argparse
import gzip
import hashlib
import sys
import tempfile
import threading
from collections import Counter
from datetime import UTC, date, datetime
from email.utils import format_datetime, parsedate_to_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from urllib.parse import urlsplit

from flows.demo_content import SAMPLES, Resource, expand, gold_lines, load_sources, newsletters
from flows.demo_pages import build_site

ROBOTS = "User-agent: *\nDisallow: /courrier/abonnes/\nDisallow: /recherche\n"
#: Sources that fail on purpose: id, name, path.
BROKEN = (
    ("demo-disparu", "Observatoire des mobilités rurales (flux supprimé)", "/feeds/disparu.xml"),
    ("demo-panne", "Agence d’urbanisme en panne", "/feeds/panne.xml"),
    ("demo-portail", "Portail qui rend sa page d’accueil au lieu du flux", "/feeds/portail.xml"),
)


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    demo: DemoServer


class _Handler(BaseHTTPRequestHandler):
    server: _Server
    protocol_version = "HTTP/1.1"
    server_version = "veille-demo"

    def do_GET(self) -> None:
        self._answer(send_body=True)

    def do_HEAD(self) -> None:
        self._answer(send_body=False)

    def _answer(self, send_body: bool) -> None:
        demo = self.server.demo
        path = urlsplit(self.path).path
        found = demo.site.get(path) or demo.site.get(path.rstrip("/"))
        with demo.lock:
            demo.requests[path] += 1
        if found is None:
            found = Resource(b"<!doctype html><title>404</title><h1>Page introuvable</h1>", status=404)
        etag = '"' + hashlib.sha256(found.body).hexdigest()[:20] + '"'
        if found.status == 200 and self._unchanged(etag, demo.last_modified):
            with demo.lock:
                demo.not_modified[path] += 1
            self._head(304, {"ETag": etag, "Content-Length": "0"})
            return
        headers = {"Content-Type": found.content_type, "Vary": "Accept-Encoding"}
        body = found.body
        if found.status == 200:
            headers |= {"ETag": etag, "Last-Modified": format_datetime(demo.last_modified, usegmt=True)}
        if found.location:
            headers["Location"] = demo.base_url + found.location
        if len(body) > 500 and "gzip" in self.headers.get("Accept-Encoding", ""):
            body = gzip.compress(body, mtime=0)
            headers["Content-Encoding"] = "gzip"
        self._head(found.status, headers | {"Content-Length": str(len(body))})
        if send_body:
            self.wfile.write(body)

    def _head(self, status: int, headers: dict[str, str]) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()

    def _unchanged(self, etag: str, modified: datetime) -> bool:
        """RFC 9110, 13.2.2: If-None-Match decides alone when it is there."""
        given = self.headers.get("If-None-Match")
        if given is not None:
            return given.strip() == "*" or etag in [tag.strip().removeprefix("W/") for tag in given.split(",")]
        since = self.headers.get("If-Modified-Since")
        if since is None:
            return False
        try:
            return modified <= parsedate_to_datetime(since)
        except (ValueError, TypeError):
            return False

    def log_message(self, format: str, *args: Any) -> None:
        """Silent: the demo prints its own progress."""


class DemoServer:
    """Serve the samples on 127.0.0.1, as a context manager.

    ``port`` 0 takes a free one; ``today`` is the reference day of every date (default: the present day).
    Raises OSError when the port is taken, ValueError when a sample holds an unknown placeholder.
    """

    def __init__(self, port: int = 0, today: date | None = None, folder: Path = SAMPLES) -> None:
        self.today = today or date.today()
        self.folder = folder
        self.requests: Counter[str] = Counter()  # path -> requests
        self.not_modified: Counter[str] = Counter()  # path -> answers 304
        self.lock = threading.Lock()
        self.last_modified = datetime(self.today.year, self.today.month, self.today.day, tzinfo=UTC)
        self._server = _Server(("127.0.0.1", port), _Handler)
        self._server.demo = self
        self.base_url = f"http://127.0.0.1:{self._server.server_address[1]}"
        self.site: dict[str, Resource] = {}
        self._thread: threading.Thread | None = None
        self._mails: tempfile.TemporaryDirectory[str] | None = None

    def __enter__(self) -> Self:
        try:
            self.site = build_site(self.folder, self.today, self.base_url) | self._accidents()
            self._mails = tempfile.TemporaryDirectory(prefix="veille-demo-")
            for name, message in newsletters(self.folder, self.today, self.base_url).items():
                (self.newsletter_folder / name).write_bytes(message)
        except BaseException:
            self._server.server_close()
            raise
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()
        if self._thread:
            self._thread.join(5)
        if self._mails:
            self._mails.cleanup()

    @property
    def newsletter_folder(self) -> Path:
        """A temporary folder with the sample mails; it lives as long as the server."""
        if self._mails is None:
            raise RuntimeError("the demo server is not running")
        return Path(self._mails.name)

    def sources(self, broken: bool = True) -> list[dict[str, Any]]:
        """Entries for ``sources:`` of config.yaml; ``broken`` adds the three that fail on purpose."""
        listed: list[dict[str, Any]] = []
        for source in load_sources(self.folder):
            kind = source.format if source.format in ("page", "folder") else "feed"
            address = self.base_url + (source.listed or source.path)
            listed.append(
                {
                    "id": source.id,
                    "name": source.name,
                    "url": str(self.newsletter_folder) if kind == "folder" else address,
                    "kind": kind,
                    "authority": source.authority,
                    "communities": list(source.communities),
                }
            )
        if broken:
            for name, title, path in BROKEN:
                url = self.base_url + path
                listed.append(
                    {"id": name, "name": title, "url": url, "kind": "feed", "authority": 0.3, "communities": []}
                )
        return listed

    def gold(self) -> str:
        """``samples/gold.jsonl`` with its placeholders resolved for this server, as JSON lines."""
        return expand(gold_lines(self.folder), self.today, self.base_url)

    def _accidents(self) -> dict[str, Resource]:
        portal = (self.folder / "pages" / "accueil.html").read_text(encoding="utf-8")
        return {
            "/robots.txt": Resource(ROBOTS.encode(), "text/plain; charset=utf-8"),
            "/feeds/panne.xml": Resource(b"<h1>500 Internal Server Error</h1>", "text/html", 500),
            "/feeds/portail.xml": Resource(expand(portal, self.today, self.base_url).encode()),
            "/": Resource(expand(portal, self.today, self.base_url).encode()),
        }


def main(arguments: list[str] | None = None) -> int:
    """Run the server, or print the expected judgements. Exit status 0, or 1 when the port is taken."""
    parser = argparse.ArgumentParser(prog="flows.demo_server", description="Sert les échantillons de veille.")
    parser.add_argument("--port", type=int, default=8765, help="port sur 127.0.0.1 (défaut : 8765)")
    parser.add_argument("--today", type=date.fromisoformat, default=None, help="jour de référence AAAA-MM-JJ")
    parser.add_argument("--gold", action="store_true", help="imprimer les jugements attendus puis s’arrêter")
    parser.add_argument("--write-gold", action="store_true", help="réécrire samples/gold.jsonl puis s’arrêter")
    options = parser.parse_args(arguments)
    if options.write_gold:
        (SAMPLES / "gold.jsonl").write_text(gold_lines(), encoding="utf-8")
        return 0
    if options.gold:
        today = options.today or date.today()
        sys.stdout.write(expand(gold_lines(), today, f"http://127.0.0.1:{options.port}"))
        return 0
    try:
        server = DemoServer(options.port, options.today)
    except OSError as error:
        print(f"Le port {options.port} ne peut pas être ouvert : {error}.", file=sys.stderr)
        return 1
    with server:
        print(f"Échantillons servis sur {server.base_url} (Ctrl-C pour arrêter).", file=sys.stderr)
        try:
            threading.Event().wait()
        except KeyboardInterrupt:
            print("Arrêt.", file=sys.stderr)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
