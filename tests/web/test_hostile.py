"""What odd addresses, forms and clocks must not break: an answer that a person can read, never « Erreur du bureau »."""

from __future__ import annotations

import re
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from curation.accounts import Account
from curation.store.desk import QueueFilter
from curation.store.store import Store
from curation.web import secrets
from curation.web.desk import local_path, whole
from curation.web.pages.login import LoginLimits
from tests.web.conftest import Browser

ENDLESS = "9" * 5000


@pytest.mark.parametrize(
    "path",
    [
        "/file/tourisme?q=%00",
        "/recherche?q=%00",
        f"/dossiers/tourisme?page={ENDLESS}",
        "/dossiers/tourisme?page=²",
        "/dossiers/tourisme?q=%00",
        "/connexion?then=//[",
        f"/journal?avant={ENDLESS}",
        "/file/tourisme?score=nan&apres=nan~x",
        "/file/tourisme?apres=1e400~%27&du=0001-01-01&au=9999-12-31",
    ],
)
def test_odd_addresses_are_answered(lea: Browser, path: str) -> None:
    assert lea.get(path).status_code == 200


def test_a_host_that_is_no_host_changes_nothing(lea: Browser) -> None:
    for host in ("[", "exemple.fr/ailleurs?", "exemple.fr:abc"):
        page = lea.get("/relecture/tourisme/inconnu?q=1", headers={"host": host})
        assert page.status_code == 404
    lea.cookies.clear()
    page = lea.get("/file/tourisme?q=1", headers={"host": "exemple.fr/ailleurs?"})
    assert page.status_code == 401 and 'value="/file/tourisme?q=1"' in page.text


@pytest.mark.parametrize("seen", ["²", "١", ENDLESS, "-1", "1e3"])
def test_an_odd_revision_is_an_old_one(lea: Browser, seen: str) -> None:
    lea.see("/relecture/tourisme/a0")
    lea.submit("/relecture/tourisme/a0", act="publish", seen="0")
    response = lea.post(
        "/contribution/tourisme/a0", data={"csrf": lea.token, "post_url": "https://exemple.fr/p", "seen": seen}
    )
    assert response.status_code == 409


def test_whole_numbers() -> None:
    assert [whole(t) for t in ("12", "", "²", "١", "-1", " 1", ENDLESS)] == [12, 0, 0, 0, 0, 0, 0]


@pytest.mark.parametrize("text", ["//[", "//x", "/\\x", "/\t/x", "http:x", "x", "/a\nb", "https://x/"])
def test_redirections_stay_here(text: str) -> None:
    assert local_path(text) == "/"


@pytest.mark.parametrize("charset", ["unicode_escape", "utf-7", "punycode", "idna", "undefined", "inconnu"])
def test_forms_come_in_utf_8_only(lea: Browser, store: Store, charset: str) -> None:
    lea.see("/compte")
    fields = {"csrf": lea.token, "name": "\\ud800" if charset == "unicode_escape" else "+2AA-"}
    body = "".join(f'--b\r\nContent-Disposition: form-data; name="{k}"\r\n\r\n{v}\r\n' for k, v in fields.items())
    kind = f"multipart/form-data; boundary=b; charset={charset}"
    response = lea.post("/compte/nom", content=f"{body}--b--\r\n", headers={"content-type": kind})
    assert response.status_code == 400 and "Formulaire illisible" in response.text
    kept = store.account("lea")
    assert kept is not None and kept.name == "Léa Martin"


def test_a_form_that_says_utf_8_is_read(lea: Browser, store: Store) -> None:
    lea.see("/compte")
    fields = {"csrf": lea.token, "name": "Léa"}
    body = "".join(f'--b\r\nContent-Disposition: form-data; name="{k}"\r\n\r\n{v}\r\n' for k, v in fields.items())
    kind = "multipart/form-data; boundary=b; charset=UTF-8"
    lea.post("/compte/nom", content=f"{body}--b--\r\n".encode(), headers={"content-type": kind})
    kept = store.account("lea")
    assert kept is not None and kept.name == "Léa"


def test_a_filter_without_a_word_filters_nothing(store: Store, people: dict[str, Account]) -> None:
    assert store.queue_page("tourisme", QueueFilter(text="\0")).total == 6
    assert store.search_drafts(["tourisme"], "\0") == []


def test_attempts_sent_all_at_once_are_counted_one_by_one() -> None:
    tried = 0
    together = threading.Barrier(20)

    def holds() -> bool:
        nonlocal tried
        tried += 1
        time.sleep(0.005)
        return False

    def attempt(_: int) -> bool | None:
        together.wait()
        return limits.attempt("lea", "192.0.2.1", holds)

    limits = LoginLimits()
    with ThreadPoolExecutor(20) as pool:
        answers = list(pool.map(attempt, range(20)))
    assert tried == 8 and answers.count(None) == 12
    assert limits.attempt("lea", "192.0.2.2", lambda: True) is None  # the right password waits as well


def test_few_passwords_are_hashed_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each takes 64 MiB: whoever sends many log-ins must not fill the memory of the server."""
    now, most = 0, 0
    lock = threading.Lock()

    class Slow:
        def verify(self, stored: str, password: str) -> bool:
            nonlocal now, most
            with lock:
                now += 1
                most = max(most, now)
            time.sleep(0.005)
            with lock:
                now -= 1
            return True

    monkeypatch.setattr(secrets, "_HASHER", Slow())
    with ThreadPoolExecutor(12) as pool:
        assert all(pool.map(lambda _: secrets.password_holds("x", "y"), range(24)))
    assert most <= 2


def test_the_token_of_forms_never_reads_twice_the_same(lea: Browser) -> None:
    tokens = {re.findall(r'name="csrf" value="(\w+)"', lea.see("/compte"))[0] for _ in range(3)}
    assert len(tokens) == 3
    for token in tokens:
        answer = lea.post("/compte/nom", data={"csrf": token, "name": "Léa"}, follow_redirects=False)
        assert answer.status_code == 303
    signer = secrets.Signer(b"k" * 32)
    good = signer.csrf("a")
    assert signer.csrf_holds("a", good) and not signer.csrf_holds("b", good) and not signer.csrf_holds("", good)
    for wrong in ("", "0", "00", "é", good[:64], good[:-2], good[64:], "0" * 128):
        assert not signer.csrf_holds("a", wrong)
