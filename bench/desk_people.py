"""Two reviewers as the desk sees them: browsers without JavaScript that log in, read, decide, and undo."""

from __future__ import annotations

import html
import http.client
import random
import re
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from bench.desk_seed import PASSWORD

_CSRF = re.compile(r'name="csrf" value="([0-9a-f]+)"')
_SEEN = re.compile(r'name="seen" value="(\d+)"')
_SAID = re.compile(r'<div class="said[^"]*">.*?action="/journal/(\d+)/annuler"', re.DOTALL)
_INTO = re.compile(r'<select id="into".*?</select>', re.DOTALL)
_OPTION = re.compile(r'<option value="([0-9a-f]{16})"')
_NEIGHBOUR = re.compile(r'name="neighbours" value="([^"]+)"')
_READING = re.compile(r"/relecture/([^/]+)/([0-9a-f]{16})$")
REASONS = ("off_topic", "already_seen", "too_local", "outdated", "commercial", "little_use")


class Browser:
    """One person's browser: cookies, redirects, and how long each answer took (seconds, by kind of page)."""

    def __init__(self, port: int) -> None:
        self._wire = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        self.cookies: dict[str, str] = {}
        self.took: dict[str, list[float]] = {}
        self.path = "/"
        self.page = ""

    def send(self, kind: str, path: str, form: Mapping[str, Any] | None = None) -> int:
        """One request; redirects are followed and counted apart. Returns the last status."""
        headers = {"Cookie": "; ".join(f"{k}={v}" for k, v in self.cookies.items()), "Accept-Encoding": "identity"}
        body = None
        if form is not None:
            body = urlencode(form, doseq=True)
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        started = time.perf_counter()
        self._wire.request("GET" if form is None else "POST", path, body, headers)
        answer = self._wire.getresponse()
        raw = answer.read()
        self.took.setdefault(kind, []).append(time.perf_counter() - started)
        for cookie in answer.headers.get_all("Set-Cookie") or ():
            name, _, value = cookie.split(";", 1)[0].partition("=")
            if "max-age=0" in cookie.lower() or value in ("", '""'):
                self.cookies.pop(name, None)
            else:
                self.cookies[name] = value
        if answer.status == 303:
            return self.send(f"after {kind}" if form is not None else kind, answer.headers["Location"])
        self.path, self.page = path, raw.decode()
        return answer.status

    def log_in(self, login: str) -> None:
        """Through the form, as everybody."""
        self.send("log-in", "/connexion")
        form = {"csrf": self.found(_CSRF), "login": login, "password": PASSWORD, "then": "/"}
        status = self.send("log-in", "/connexion", form)
        assert status == 200 and "Se déconnecter" in self.page, (status, self.page[:500])

    def found(self, pattern: re.Pattern[str]) -> str:
        """The first group of a pattern in the page; "" when it is not there."""
        match = pattern.search(self.page)
        return html.unescape(match[1]) if match else ""


@dataclass(slots=True)
class Told:
    """What the desk told one person. ``kept``: (id of the act, article, act, revision seen)."""

    kept: list[tuple[int, str, str, int]] = field(default_factory=list)
    refused: list[tuple[str, str, int]] = field(default_factory=list)  # (article, act, revision seen)
    undone: list[int] = field(default_factory=list)
    took: dict[str, list[float]] = field(default_factory=dict)


def review(port: int, login: str, community: str, verdicts: int, seed: int) -> Told:
    """Decide ``verdicts`` times on the same queue as the others.

    A quarter of the drafts is opened from the top of the queue, where the other person reads too, and one decision
    in ten waits a little after the page was read: both meet on one draft now and then.
    """
    dice, told, browser = random.Random(seed), Told(), Browser(port)
    browser.log_in(login)
    browser.send("relecture", f"/relecture/{community}")
    while len(told.kept) + len(told.refused) < verdicts:
        if dice.random() < 0.25 or not _READING.search(browser.path):
            browser.send("file, page 1", f"/file/{community}")
            listed = re.findall(rf"/relecture/{community}/([0-9a-f]{{16}})", browser.page)
            browser.send("relecture", f"/relecture/{community}/{dice.choice(listed[:6])}")
        at = _READING.search(browser.path)
        assert at, browser.path
        article, seen = at[2], browser.found(_SEEN)
        form, act = _decision(browser, dice)
        if dice.random() < 0.1:
            time.sleep(dice.random() * 0.3)
        status = browser.send("verdict", browser.path, {**form, "csrf": browser.found(_CSRF), "seen": seen})
        if status == 409:
            told.refused.append((article, act, int(seen)))
            browser.send("relecture", f"/relecture/{community}")
            continue
        assert status == 200, (status, act, browser.path, browser.page[:2000])
        identity = browser.found(_SAID)
        assert identity, (act, browser.path, browser.page[:3000])
        told.kept.append((int(identity), article, act, int(seen)))
        if dice.random() < 0.08:
            form = {"csrf": browser.found(_CSRF), "back": "/"}
            status = browser.send("undo", f"/journal/{identity}/annuler", form)
            assert status == 200, (status, browser.page[:2000])
            told.undone.append(int(identity))
            browser.send("relecture", f"/relecture/{community}")
    told.took = browser.took
    return told


def _decision(browser: Browser, dice: random.Random) -> tuple[dict[str, Any], str]:
    """Fields of a decision and the act that must be recorded."""
    chosen = dice.choices(("publish", "keep", "share", "fold", "reject"), (25, 15, 10, 10, 40))[0]
    folds = _INTO.search(browser.page)
    twins = _OPTION.findall(folds[0]) if folds else []
    neighbours = _NEIGHBOUR.findall(browser.page)
    if chosen == "fold" and twins:
        # the last of the list may have been folded meanwhile: that, too, is refused in words
        return {"act": "fold", "into": dice.choice(twins)}, "folded"
    if chosen == "share" and neighbours:
        return {"act": "share", "neighbours": [dice.choice(neighbours)], "share_note": "Pour vous ?"}, "shared"
    if chosen == "keep":
        return {"act": "keep"}, "kept"
    if chosen == "publish":
        return {"act": "publish"}, "published"
    return {"act": f"reject:{dice.choice(REASONS)}"}, "rejected"
