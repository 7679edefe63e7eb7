"""What other sites, odd browsers and large bodies must not obtain."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from hashlib import sha256
from pathlib import Path

import pytest

from curation import web
from curation.accounts import Account
from curation.store.store import Store
from curation.web.secrets import password_fault
from tests.web.conftest import PASSWORD, Browser, Clock

WEB, BROWSER = Path(web.__file__).parent, Path(__file__).parents[1] / "browser"
Browse = Callable[[], Browser]
KEPT = 'name="kept"'


def test_what_another_site_posts_is_not_offered_after_the_log_in(lea: Browser, browse: Browse) -> None:
    """A browser leaves the session out of a form that comes from elsewhere: it must not look like an expired one."""
    form = {"login": "pirate", "name": "P", "role": "administrateur"}
    for browser in (browse(), lea):
        session = browser.cookies.get("veille_session")
        if session:
            browser.cookies.delete("veille_session")  # as SameSite=Lax does
        for headers in ({}, {"sec-fetch-site": "cross-site"}, {"sec-fetch-site": "same-site"}):
            for token in ("", "0" * 64):
                response = browser.post("/comptes", data={**form, "csrf": token}, headers=headers)
                assert response.status_code == 401 and KEPT not in response.text


def test_what_one_of_our_pages_sent_too_late_is_kept_without_passwords(lea: Browser, clock: Clock) -> None:
    lea.see("/compte")
    clock.now += timedelta(days=1)
    form = {"old": PASSWORD, "password": "un nouveau secret", "again": "un nouveau secret", "note": "à garder"}
    page = lea.submit("/compte/mot-de-passe", 401, **form)
    kept = page.split('name="kept" value="')[1].split('"')[0]
    page = lea.submit("/connexion", login="lea", password=PASSWORD, kept=kept)
    assert "à garder" in page and "un nouveau secret" not in page and PASSWORD not in page


def test_a_form_of_ours_is_kept_even_when_the_cookie_is_gone(browse: Browse, people: dict[str, Account]) -> None:
    response = browse().post("/compte/nom", data={"name": "Léa"}, headers={"sec-fetch-site": "same-origin"})
    assert response.status_code == 401 and KEPT in response.text


def test_head_is_never_taken_for_a_form(lea: Browser, store: Store) -> None:
    before = store.accounts()
    for path in ("/connexion", "/compte", "/compte/sessions", "/deconnexion", "/comptes", "/premier-demarrage"):
        assert lea.head(path, follow_redirects=False).status_code in (200, 303, 403, 405)
    lea.see("/compte")
    assert store.accounts() == before


@pytest.mark.parametrize("kind", ["application/x-www-form-urlencoded", "multipart/form-data; boundary=b"])
def test_a_body_without_end_is_cut(lea: Browser, kind: str) -> None:
    sent = 0

    def endless() -> Iterator[bytes]:
        nonlocal sent
        yield b'--b\r\nContent-Disposition: form-data; name="f"; filename="f"\r\n\r\n' if "multipart" in kind else b"f="
        while sent < 200_000_000:
            sent += 500_000
            yield b"x" * 500_000

    response = lea.post("/compte/nom", content=endless(), headers={"content-type": kind})
    assert response.status_code in (400, 413), response.text


def test_usual_passwords_are_refused_and_sentences_taken() -> None:
    for password in (
        "motdepasse2026", "Mot de passe 2026!", "1234567890123", "azertyuiop123", "azertyuiopqsd", "aaaaaaaaaaaa",
        "qwertyuiopas", "Veille-2026-2026",
    ):  # fmt: skip
        assert password_fault(password, "lea"), password
    for password in (
        "cheval pile agrafe juste",
        "je prends le train de 7h12",
        "🚲🚌🚆🚇🚋🛶🛴🚏🚦🚧🗺🧭",
        "!&é(§è!çà)-^$ù",
    ):
        assert password_fault(password, "lea") is None, password


@pytest.mark.parametrize("folder", [WEB / "static", BROWSER / "vendor"])
def test_vendored_files_are_those_that_were_published(folder: Path) -> None:
    told = re.findall(r"^\| (\S+) \|.* ([0-9a-f]{64}) \|$", (folder / "VENDORED.md").read_text(), re.MULTILINE)
    assert told and sorted(name for name, _ in told) == sorted(p.name for p in folder.glob("*.min.js"))
    for name, digest in told:
        assert sha256((folder / name).read_bytes()).hexdigest() == digest


def test_links_to_elsewhere_take_neither_the_page_nor_its_address_with_them() -> None:
    count = 0
    for path in (WEB / "templates").glob("*.html"):
        text = path.read_text()
        links = re.findall(r"<a [^>]*target=[^>]*>", text)
        count += len(links)
        assert len(links) == text.count(" target=")
        for link in links:
            assert 'target="_blank"' in link and "noopener noreferrer" in link, (path.name, link)
    assert count > 10
