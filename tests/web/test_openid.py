"""Log-in with OpenID Connect, against a real provider on loopback that can be told to lie."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from joserfc.jwk import RSAKey

from curation.accounts import Account, AccountRole
from curation.config import OpenIdSettings
from curation.errors import ConfigError
from curation.store.store import Store
from curation.web.desk import Site
from curation.web.openid import OpenId
from tests.web.conftest import HASHED, NOW, Browser, Clock
from tests.web.provider import CLIENT_ID, SECRET, Provider

Browse = Callable[[], Browser]
BACK = "/connexion/organisme/retour"


@pytest.fixture
def provider(site: Site, clock: Clock, store: Store, monkeypatch: pytest.MonkeyPatch) -> Iterator[Provider]:
    """A provider that the site trusts, and two accounts: Léa's address is her login."""
    for name in ("HTTP_PROXY", "ALL_PROXY", "http_proxy", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
    store.add_account(Account("lea@exemple.fr", "Léa", AccountRole.ANIMATEUR, ("tourisme",)), NOW)
    store.add_account(Account("max", "Max", AccountRole.ADMINISTRATEUR, password=HASHED), NOW)
    with Provider(clock) as running:
        oidc = OpenIdSettings(issuer=running.issuer, client_id=CLIENT_ID)
        site.settings = site.settings.model_copy(update={"desk": site.settings.desk.model_copy(update={"oidc": oidc})})
        site.openid = OpenId(oidc, SECRET)
        yield running


def leave(browser: Browser, then: str = "", **more: str) -> str:
    """Start at the log-in page, go to the provider, come back: the address to open."""
    browser.see("/connexion")
    response = browser.post("/connexion/organisme", data={"csrf": browser.token, "then": then, **more})
    assert response.status_code == 200, response.text
    address = response.headers["refresh"].removeprefix("0; url=")
    assert f'href="{address}"'.replace("&", "&amp;") in response.text
    answer = httpx.get(address, follow_redirects=False, trust_env=False)
    parts = urlsplit(answer.headers["location"])
    assert (parts.netloc, parts.path) == ("testserver", BACK)
    return f"{parts.path}?{parts.query}"


def refused(browser: Browser, address: str, title: str, status: int = 403) -> str:
    page = browser.see(address, status)
    assert title in page
    browser.see("/compte", 401)
    return page


def test_the_first_log_in_binds_the_subject_and_opens_what_was_asked(
    browse: Browse, provider: Provider, store: Store
) -> None:
    browser = browse()
    assert "compte de votre organisme" in browser.see("/connexion")
    address = leave(browser, "/compte?x=1")
    response = browser.get(address, follow_redirects=False)
    assert (response.status_code, response.headers["location"]) == (303, "/compte?x=1")
    assert "Léa" in browser.see("/compte")
    account = store.account("lea@exemple.fr")
    assert account and account.subject == f"{provider.issuer} 248"
    assert len(provider.exchanges[0]["code_verifier"]) == 43


def test_afterwards_the_subject_counts_whatever_the_address(browse: Browse, provider: Provider) -> None:
    browser = browse()
    browser.get(leave(browser))
    provider.person = {"sub": "248", "email": "lea.durand@exemple.fr", "email_verified": False}
    browser = browse()
    browser.get(leave(browser))
    assert "lea@exemple.fr" in browser.see("/compte")


def test_after_log_in_only_this_site_is_opened(browse: Browse, provider: Provider) -> None:
    browser = browse()
    response = browser.get(leave(browser, "https://ailleurs.fr/"), follow_redirects=False)
    assert response.headers["location"] == "/"


def test_the_cookie_between_the_two_requests_is_signed_short_and_out_of_reach(
    browse: Browse, provider: Provider
) -> None:
    browser = browse()
    browser.see("/connexion")
    response = browser.post("/connexion/organisme", data={"csrf": browser.token})
    cookie = next(c for c in response.headers.get_list("set-cookie") if c.startswith("veille_organisme="))
    assert "HttpOnly" in cookie and "SameSite=lax" in cookie and "Max-Age=600" in cookie
    query = parse_qs(urlsplit(response.headers["refresh"].removeprefix("0; url=")).query)
    assert query["redirect_uri"] == ["http://testserver" + BACK]
    assert len(query["state"][0]) == len(query["nonce"][0]) == 43
    browser.cookies.delete("veille_organisme")
    browser.cookies.set("veille_organisme", cookie.split("=", 1)[1].split(";")[0][:-3] + "abc")
    refused(browser, f"{BACK}?code=x&state={query['state'][0]}", "Connexion à recommencer")


def test_the_public_address_is_the_one_given_to_the_provider(browse: Browse, provider: Provider, site: Site) -> None:
    desk = site.settings.desk.model_copy(update={"public_url": "https://veille.exemple.fr/"})
    site.settings = site.settings.model_copy(update={"desk": desk})
    browser = browse()
    browser.see("/connexion")
    response = browser.post("/connexion/organisme", data={"csrf": browser.token})
    query = parse_qs(urlsplit(response.headers["refresh"].removeprefix("0; url=")).query)
    assert query["redirect_uri"] == [f"https://veille.exemple.fr{BACK}"]


def test_starting_asks_for_the_token_of_the_form(browse: Browse, provider: Provider) -> None:
    browser = browse()
    browser.see("/connexion")
    assert browser.post("/connexion/organisme", data={"csrf": "0" * 64}).status_code == 403


def test_what_was_being_sent_is_found_again(browse: Browse, provider: Provider, clock: Clock) -> None:
    browser = browse()
    browser.get(leave(browser))
    browser.see("/compte")
    clock.now += timedelta(days=1)
    page = browser.submit("/compte/nom", 401, name="Léa", note="phrase à ne pas perdre")
    kept = page.split("/connexion/organisme")[1].split('name="kept" value="')[1].split('"')[0]
    page = browser.see(leave(browser, kept=kept))
    assert "phrase à ne pas perdre" in page and 'action="/compte/nom"' in page
    assert "Votre nom est enregistré" in browser.submit("/compte/nom", name="Léa")


# --- what must not pass


def test_another_state_is_refused(browse: Browse, provider: Provider) -> None:
    browser = browse()
    address = leave(browser)
    refused(browser, address.replace("state=", "state=x"), "Connexion à recommencer")
    refused(browser, address, "Connexion à recommencer")  # the first answer ended what was started


def test_an_answer_brought_to_another_browser_is_refused(browse: Browse, provider: Provider) -> None:
    """Log-in CSRF: nobody is logged in as the attacker."""
    address = leave(browse())
    refused(browse(), address, "Connexion à recommencer")
    victim = browse()
    leave(victim)
    refused(victim, address, "Connexion à recommencer")


@pytest.mark.parametrize("single_use", [True, False], ids=["strict provider", "careless provider"])
def test_an_answer_serves_once(browse: Browse, provider: Provider, single_use: bool) -> None:
    provider.single_use = single_use
    browser = browse()
    address = leave(browser)
    kept = browser.cookies["veille_organisme"]
    browser.get(address)
    browser.see("/compte")
    browser.submit("/deconnexion")
    refused(browser, address, "Connexion à recommencer")
    browser.cookies.set("veille_organisme", kept)
    assert "a déjà servi" in refused(browser, address, "Connexion à recommencer")
    assert len(provider.exchanges) == 1


@pytest.mark.parametrize(
    "lie",
    [
        {"nonce": "autre"},
        {"nonce": None},
        {"aud": "autre"},
        {"aud": ["autre", "encore"]},
        {"aud": None},
        {"aud": [CLIENT_ID, "autre"], "azp": "autre"},
        {"iss": "https://ailleurs.fr"},
        {"iss": None},
        {"exp": None},
        {"exp": int((NOW - timedelta(minutes=5)).timestamp())},
        {"iat": int((NOW + timedelta(hours=1)).timestamp())},
        {"nbf": int((NOW + timedelta(hours=1)).timestamp())},
        {"sub": None},
        {"sub": ""},
        {"sub": 248},
        {"at_hash": "autre"},
    ],
    ids=str,
)
def test_a_token_that_lies_is_refused(browse: Browse, provider: Provider, store: Store, lie: dict[str, Any]) -> None:
    provider.change = lie
    browser = browse()
    refused(browser, leave(browser), "Connexion refusée")
    account = store.account("lea@exemple.fr")
    assert account and account.subject is None


@pytest.mark.parametrize("algorithm", ["none", "HS256"])
def test_a_signature_that_anybody_could_make_is_refused(browse: Browse, provider: Provider, algorithm: str) -> None:
    provider.algorithm = algorithm
    browser = browse()
    refused(browser, leave(browser), "Connexion refusée")


def test_a_token_signed_by_a_key_that_is_not_published_is_refused(browse: Browse, provider: Provider) -> None:
    provider.key = RSAKey.generate_key(2048, {"kid": "k1"})
    browser = browse()
    refused(browser, leave(browser), "Connexion refusée")


def test_new_keys_of_the_provider_are_learnt(browse: Browse, provider: Provider) -> None:
    browser = browse()
    browser.get(leave(browser))
    provider.key = RSAKey.generate_key(2048, {"kid": "k2"})
    provider.published = [provider.key]
    browser = browse()
    browser.get(leave(browser))
    browser.see("/compte")


def test_a_wrong_secret_is_refused(browse: Browse, provider: Provider, site: Site) -> None:
    assert site.settings.desk.oidc
    site.openid = OpenId(site.settings.desk.oidc, "autre")
    browser = browse()
    refused(browser, leave(browser), "Connexion refusée")


def test_a_person_who_cancels_is_told_so(browse: Browse, provider: Provider) -> None:
    browser = browse()
    state = parse_qs(urlsplit(leave(browser)).query)["state"][0]
    page = refused(browser, f"{BACK}?error=access_denied&error_description=<b>x&state={state}", "Connexion non aboutie")
    assert "<b>x" not in page


def test_an_answer_of_another_issuer_is_refused(browse: Browse, provider: Provider) -> None:
    browser = browse()
    address = leave(browser).split("&iss=")[0] + "&iss=https%3A%2F%2Failleurs.fr"
    refused(browser, address, "Connexion à recommencer")
    assert not provider.exchanges


# --- whose account


@pytest.mark.parametrize("verified", [False, None, "true", 1], ids=str)
def test_an_address_that_is_not_verified_is_refused(browse: Browse, provider: Provider, verified: object) -> None:
    provider.change = {"email_verified": verified}
    browser = browse()
    refused(browser, leave(browser), "Adresse non vérifiée")


@pytest.mark.parametrize("email", [None, "", ["lea@exemple.fr"], "léa@exemple.fr", "max\u212a"], ids=str)
def test_an_address_that_cannot_be_trusted_is_no_address(browse: Browse, provider: Provider, email: object) -> None:
    provider.change = {"email": email}
    browser = browse()
    refused(browser, leave(browser), "Adresse non vérifiée")


def test_nobody_is_created(browse: Browse, provider: Provider, store: Store) -> None:
    provider.person["email"] = "inconnue@exemple.fr"
    before = store.accounts()
    browser = browse()
    assert "inconnue@exemple.fr" in refused(browser, leave(browser), "Pas encore de compte ici")
    assert store.accounts() == before


def test_a_closed_account_stays_closed(browse: Browse, provider: Provider, store: Store) -> None:
    store.change_account("lea@exemple.fr", active=False)
    browser = browse()
    refused(browser, leave(browser), "Pas encore de compte ici")
    store.change_account("lea@exemple.fr", subject=f"{provider.issuer} 248")
    browser = browse()
    refused(browser, leave(browser), "Compte fermé")


def test_an_account_bound_to_somebody_is_not_taken_over_by_an_address(
    browse: Browse, provider: Provider, store: Store
) -> None:
    """An address given again to a newcomer; then the binding is undone by who manages the account."""
    store.change_account("lea@exemple.fr", subject=f"{provider.issuer} 1")
    browser = browse()
    refused(browser, leave(browser), "Compte lié à une autre identité")
    boss = browse().log_in("max")
    assert "Délier de son organisme" in boss.see("/comptes/lea%40exemple.fr")
    boss.submit("/comptes/lea@exemple.fr", do="unlink")
    browser.get(leave(browser))
    browser.see("/compte")


def test_the_same_subject_of_another_provider_is_somebody_else(
    browse: Browse, provider: Provider, store: Store
) -> None:
    store.change_account("max", subject="https://ailleurs.fr 248")
    browser = browse()
    browser.get(leave(browser))
    assert "lea@exemple.fr" in browser.see("/compte")


def test_an_address_told_apart_from_the_token_is_read_there(browse: Browse, provider: Provider) -> None:
    provider.person = {"sub": "248"}
    provider.info = {"sub": "248", "email": "LEA@exemple.fr", "email_verified": True}
    browser = browse()
    browser.get(leave(browser))
    browser.see("/compte")


def test_what_is_told_of_somebody_else_is_refused(browse: Browse, provider: Provider) -> None:
    provider.person = {"sub": "7"}
    provider.info = {"sub": "248", "email": "lea@exemple.fr", "email_verified": True}
    browser = browse()
    refused(browser, leave(browser), "Connexion refusée")


# --- a provider out of order


def test_a_provider_out_of_reach_is_explained(browse: Browse, provider: Provider, site: Site, people: Any) -> None:
    assert site.settings.desk.oidc
    site.openid = OpenId(site.settings.desk.oidc.model_copy(update={"issuer": "http://127.0.0.1:9"}), SECRET)
    browser = browse()
    browser.see("/connexion")
    assert "ne répond pas" in browser.submit("/connexion/organisme", 502)


@pytest.mark.parametrize(
    "lie",
    [
        {"issuer": "https://ailleurs.fr"},
        {"authorization_endpoint": "http://ailleurs.fr/"},
        {"authorization_endpoint": "javascript:alert(1)"},
        {"authorization_endpoint": None},
    ],
    ids=str,
)
def test_a_provider_that_publishes_nonsense_is_not_followed(
    browse: Browse, provider: Provider, lie: dict[str, Any]
) -> None:
    provider.metadata = lie
    browser = browse()
    browser.see("/connexion")
    assert "Connexion refusée" in browser.submit("/connexion/organisme", 403)


def test_a_provider_without_tls_is_refused_at_the_start() -> None:
    for issuer in ("http://exemple.fr", "http://127.0.0.1.exemple.fr/"):
        with pytest.raises(ConfigError, match="https"):
            OpenId(OpenIdSettings(issuer=issuer, client_id="x"), None)
    for issuer in ("https://exemple.fr/realms/x", "http://localhost:8080", "http://[::1]:8080/"):
        OpenId(OpenIdSettings(issuer=issuer, client_id="x"), None)


def test_without_provider_the_pages_do_not_exist(browse: Browse, people: dict[str, Account]) -> None:
    browser = browse()
    assert "organisme" not in browser.see("/connexion")
    browser.submit("/connexion/organisme", 404)
    browser.see(BACK, 404)
