"""``Site``: what the desk is made of. ``Desk``: what one request receives."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode, urlsplit
from zoneinfo import ZoneInfo

from starlette.requests import cookie_parser
from starlette.responses import HTMLResponse, RedirectResponse, Response

from curation.accounts import Account
from curation.config import Settings, with_begun
from curation.errors import ConfigError
from curation.foundings import stamp_of
from curation.store.pool import StorePool
from curation.store.store import Store
from curation.web.secrets import Signer
from curation.web.shortcuts import shortcuts_of
from curation.web.typography import spaced
from curation.web.words import Words

if TYPE_CHECKING:
    from jinja2 import Environment

    from curation.web.services import Services

_LOG = logging.getLogger("veille.desk")
SESSION, BROWSER, SAID = "veille_session", "veille_navigateur", "veille_message"


@dataclass(slots=True)
class Site:
    """One installation of the desk; shared by every request. Of all this, only the communities may grow."""

    settings: Settings
    words: Words
    templates: Environment
    signer: Signer
    services: Services
    clock: Callable[[], datetime] = lambda: datetime.now(UTC)
    first_run_code: str | None = None  # printed at the start while no account exists
    limits: Any = None  # rate of log-in attempts
    openid: Any = None  # OpenID Connect client, when configured
    _stores: StorePool | None = field(default=None, init=False)
    _begun: tuple[int, int, int] | None = field(default=None, init=False)  # the mirror of foundings, as last read

    def keep_up(self) -> None:
        """Know the communities begun meanwhile, here or by another process. Asked at each request: one stat."""
        stamp = stamp_of(self.settings.state)
        if stamp == self._begun:
            return
        self._begun = stamp
        try:
            settings = with_begun(self.settings)
        except ConfigError:  # what is known goes on; the next command says what is wrong
            _LOG.exception("foundings")
            return
        if settings is not self.settings:
            self.settings = settings
            self.words.follow(settings)

    def open_store(self) -> AbstractContextManager[Store]:
        """One per request, for the time of a ``with``."""
        if self._stores is None:
            self._stores = StorePool(self.settings.database)
        return self._stores.lend()

    def close(self) -> None:
        """The end of the desk."""
        self.services.close()
        if self._stores is not None:
            self._stores.close()


class Stop(Exception):
    """Ends a request with a page: (status, title, explanation in French)."""

    def __init__(self, status: int, title: str, meaning: str) -> None:
        super().__init__(title)
        self.status, self.title, self.meaning = status, spaced(title), spaced(meaning)


@dataclass(slots=True)
class Desk:
    """One request, seen by a page."""

    site: Site
    store: Store
    account: Account | None
    browser: str  # what this browser's forms are bound to: the session, or a random value before log-in
    method: str  # GET or POST
    path: str
    path_params: Mapping[str, Any]
    query: Mapping[str, str]
    form: Mapping[str, Sequence[str]]
    files: Mapping[str, bytes] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    client: str = ""  # address of the browser
    https: bool = False
    former: str = ""  # the token of the session cookie, even of a session that has ended
    said: Any = None  # the message left by the request before
    #: cookies that a page sets: name -> (value, seconds), None to drop one
    cookies: dict[str, tuple[str, int] | None] = field(default_factory=dict)
    _keys: dict[str, str] | None = field(default=None, init=False)

    @property
    def settings(self) -> Settings:
        return self.site.settings

    @property
    def words(self) -> Words:
        return self.site.words

    @property
    def now(self) -> datetime:
        return self.site.clock().replace(microsecond=0)

    @property
    def today(self) -> date:
        """The day, where the desk is."""
        return self.now.astimezone(ZoneInfo(self.settings.timezone)).date()

    @property
    def me(self) -> Account:
        """Who is logged in; pages that need an account may rely on it."""
        assert self.account is not None
        return self.account

    @property
    def community(self) -> str:
        """The community of the address. Raises ``Stop`` when there is none of that name."""
        named = str(self.path_params["community"])
        if named not in self.words:
            raise Stop(404, "Communauté inconnue", "Aucune communauté ne porte ce nom dans cette installation.")
        return named

    @property
    def communities(self) -> list[str]:
        """Those of the person, in the order of the configuration."""
        return [c for c in self.words if self.account is not None and self.account.may_see(c)]

    @property
    def csrf(self) -> str:
        return self.site.signer.csrf(self.browser)

    @property
    def keys(self) -> dict[str, str]:
        """action -> key of the person; empty for nobody, and for who turned shortcuts off."""
        if self._keys is None:
            self._keys = shortcuts_of(self.account.preferences) if self.account else {}
        return self._keys

    @property
    def enhanced(self) -> bool:
        """True for a request of htmx, which takes a fragment of the page."""
        return self.headers.get("hx-request") == "true"

    def cookie(self, name: str) -> str:
        """A cookie of the request, "" when absent."""
        return cookie_parser(self.headers.get("cookie", "")).get(name, "")

    def value(self, name: str, default: str = "") -> str:
        """The last value of a form field, without spaces around."""
        values = self.form.get(name)
        return values[-1].strip() if values else default

    def values(self, name: str) -> list[str]:
        """Every value of a form field."""
        return [v.strip() for v in self.form.get(name, ()) if v.strip()]

    def argument(self, name: str, default: str = "") -> str:
        """A value of the query string, without spaces around."""
        return self.query.get(name, default).strip()

    def render(self, template: str, status: int = 200, /, **content: Any) -> Response:
        """A page (or a fragment) with what every page needs: ``desk`` itself and ``csrf``."""
        text = self.site.templates.get_template(template).render(desk=self, csrf=self.csrf, **content)
        return HTMLResponse(text, status_code=status)

    def say(self, text: str, *, undo: int | None = None, kind: str = "ok") -> None:
        """Leave a message for the next page; ``undo``: id of the act that it offers to undo."""
        message = {"text": spaced(text[:500]), "undo": undo, "kind": kind}
        self.cookies[SAID] = (self.site.signer.sign("said", message), 300)

    def go(self, path: str, /, **arguments: str) -> Response:
        """See Other: the answer to every form, so that « back » and « reload » repeat nothing."""
        query = "?" + urlencode({k: v for k, v in arguments.items() if v}) if any(arguments.values()) else ""
        return RedirectResponse(path + query, status_code=303)


def whole(text: str) -> int:
    """A number that a form or an address carries; 0 for what is none, or is longer than any number here."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 18 else 0


def local_path(text: str, default: str = "/") -> str:
    """An address of this desk, never of another site: protects redirects after log-in."""
    try:
        parts = urlsplit(text)
    except ValueError:  # « //[ »
        return default
    if parts.scheme or parts.netloc or not text.startswith("/") or text.startswith(("//", "/\\")) or "\n" in text:
        return default
    return text
