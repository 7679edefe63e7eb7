"""The desk in a real Chromium: served on loopback, with a night's drafts, every fault of a page reported.

Skipped where Debian's ``chromium`` is not installed (``.ci/run`` installs it).
"""

from __future__ import annotations

import re
import shutil
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
import uvicorn
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright
from starlette.routing import Mount

from curation.accounts import SessionRecord
from curation.config import CommunitySettings, Settings
from curation.store.store import Store
from curation.web.api import create_api
from curation.web.app import create_app
from curation.web.desk import SESSION, Site
from curation.web.pages.login import LoginLimits
from curation.web.render import environment
from curation.web.secrets import Signer, digest, new_token
from curation.web.words import Words
from tests.browser import night
from tests.web.conftest import NoServices

CHROMIUM = shutil.which("chromium")
ARGUMENTS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",  # whatever a page asks, nothing leaves this machine
]  # fmt: skip
#: What a page may be refused without being at fault: a test opens a page that answers 400, 403, 404 or 409.
_REFUSED = re.compile(r"Failed to load resource: the server responded with a status of 4\d\d")


@dataclass
class Served:
    """A desk on loopback. ``now`` is its clock, which tests may move."""

    site: Site
    url: str
    now: datetime = night.NOW

    def store(self) -> AbstractContextManager[Store]:
        """The store of the desk, for checks."""
        return self.site.open_store()

    def cookie(self, login: str) -> dict[str, Any]:
        """A session opened without the log-in page, as a cookie."""
        token = new_token()
        with self.store() as store:
            store.open_session(SessionRecord(digest(token), login, self.now, self.now))
        return {"name": SESSION, "value": self.site.signer.sign("session", token), "url": self.url}


@contextmanager
def served(state: Path, fill: Callable[[Store, Words], None] | None = night.fill, **settings: Any) -> Iterator[Served]:
    """A desk on a free port, in a thread of its own, until the end of the block."""
    chosen = settings.pop("settings", None) or Settings(
        state=state, communities=tuple(CommunitySettings(id=c) for c in night.COMMUNITIES), **settings
    )
    words = _WORDS.setdefault("words", Words(chosen))
    if fill:
        if fill not in _FILLED:
            with Store(chosen.database) as store:
                fill(store, words)
                store.db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            _FILLED[fill] = chosen.database.read_bytes()
        chosen.database.write_bytes(_FILLED[fill])
    site = Site(
        settings=chosen, words=words, templates=environment(chosen.timezone), signer=Signer(b"k" * 32),
        services=NoServices(), limits=LoginLimits(),
    )  # fmt: skip
    listening = socket.socket()
    listening.bind(("127.0.0.1", 0))
    desk = Served(site, f"http://127.0.0.1:{listening.getsockname()[1]}")
    site.clock = lambda: desk.now
    app = create_app(site, [Mount("/api", create_api(site))])
    server = uvicorn.Server(uvicorn.Config(app, log_level="error", access_log=False, timeout_graceful_shutdown=1))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
    thread.start()
    while not server.started:
        assert thread.is_alive(), "the desk did not start"
        time.sleep(0.01)
    try:
        yield desk
    finally:
        server.should_exit = True
        thread.join(5)
        listening.close()


#: Made once: taxonomies cost half a second, a filled database a third of one.
_WORDS: dict[str, Words] = {}
_FILLED: dict[Callable[[Store, Words], None], bytes] = {}


@dataclass
class Faults:
    """What went wrong in the pages of a test, in words."""

    seen: list[str] = field(default_factory=list)

    def watch(self, context: BrowserContext) -> None:
        """Listen to every page of a context."""
        context.on("console", lambda m: self._said(m.type, m.text))
        context.on("weberror", lambda e: self.seen.append(f"error: {e.error}"))
        # a violation whose report the console swallows
        context.add_init_script(
            "addEventListener('securitypolicyviolation', e => console.error("
            "`CSP ${e.effectiveDirective} ${e.blockedURI} ${e.sample}`))"
        )

    def _said(self, kind: str, text: str) -> None:
        if kind in ("error", "warning") and not _REFUSED.match(text):
            self.seen.append(f"{kind}: {text}")


@pytest.fixture(scope="package")
def chromium() -> Iterator[Browser]:
    """One browser for all; closed at the end of the package, because its event loop would disturb other tests."""
    if CHROMIUM is None:
        pytest.skip("Chromium n'est pas installé : apt-get install chromium (voir .ci/run)")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Served]:
    """A desk with a night's drafts."""
    with served(tmp_path) as opened:
        yield opened


OpenPage = Callable[..., Page]


@pytest.fixture
def open_page(chromium: Browser) -> Iterator[OpenPage]:
    """``open_page(desk, "lea", **options)``: a page of a fresh context; any fault of it fails the test."""
    faults = Faults()
    contexts: list[BrowserContext] = []

    def opened(desk: Served, login: str = "", **options: Any) -> Page:
        context = chromium.new_context(base_url=desk.url, locale="fr-FR", **options)
        context.set_default_timeout(5_000)
        contexts.append(context)
        faults.watch(context)
        if login:
            context.add_cookies([desk.cookie(login)])  # type: ignore[list-item]
        return context.new_page()

    yield opened
    for context in contexts:
        context.close()
    assert faults.seen == []
