"""Logging in and out, sessions, first run, CSRF, rate limit."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from curation.accounts import Account, AccountRole
from curation.store.store import Store
from curation.web.desk import Site, local_path
from tests.web.conftest import PASSWORD, Browser, Clock

Browse = Callable[[], Browser]


def test_a_page_asks_for_log_in_then_opens(browse: Browse, people: dict[str, Account]) -> None:
    browser = browse()
    page = browser.see("/compte?x=1", 401)
    assert "Connectez-vous pour ouvrir cette page" in page
    response = browser.post(
        "/connexion",
        data={"csrf": browser.token, "login": " LEA ", "password": PASSWORD, "then": "/compte?x=1"},
        follow_redirects=False,
    )
    assert (response.status_code, response.headers["location"]) == (303, "/compte?x=1")
    cookie = response.headers["set-cookie"]
    assert "HttpOnly" in cookie and "SameSite=lax" in cookie


def test_a_wrong_password_and_an_unknown_login_say_the_same(browse: Browse, people: dict[str, Account]) -> None:
    for login in ("lea", "personne"):
        browser = browse()
        browser.see("/connexion")
        page = browser.submit("/connexion", 401, login=login, password="faux mot de passe")
        assert "Identifiant ou mot de passe incorrect" in page
        assert f'value="{login}"' in page


def test_many_wrong_passwords_close_the_door_even_to_the_right_one(browse: Browse, people: dict[str, Account]) -> None:
    browser = browse()
    browser.see("/connexion")
    for _ in range(8):
        browser.submit("/connexion", 401, login="lea", password="faux mot de passe")
    assert "Trop d’essais" in browser.submit("/connexion", 429, login="lea", password=PASSWORD)


def test_a_closed_account_cannot_log_in_and_its_session_ends(
    browse: Browse, people: dict[str, Account], store: Store
) -> None:
    from dataclasses import replace

    browser = browse().log_in("lea")
    browser.see("/compte")
    store.save_account(replace(people["lea"], active=False))
    browser.see("/compte", 401)
    browser.see("/connexion")
    browser.submit("/connexion", 401, login="lea", password=PASSWORD)


def test_a_session_ends_when_idle_and_at_its_absolute_age(lea: Browser, clock: Clock, site: Site) -> None:
    lea.see("/compte")
    clock.now += timedelta(minutes=site.settings.desk.idle_minutes - 1)
    lea.see("/compte")
    clock.now += timedelta(minutes=site.settings.desk.idle_minutes + 1)
    assert "votre session a expiré" in lea.see("/compte", 401)
    lea.log_in("lea")
    for _ in range(site.settings.desk.absolute_hours):
        clock.now += timedelta(minutes=59)
        lea.see("/compte")
    clock.now += timedelta(minutes=30)
    lea.see("/compte", 401)


def test_sessions_that_ended_are_forgotten(browse: Browse, lea: Browser, store: Store, clock: Clock) -> None:
    clock.now += timedelta(days=3)
    browse().log_in("tom")
    assert [r["login"] for r in store.db.query("SELECT login FROM sessions")] == ["tom"]


def test_what_was_sent_when_the_session_ended_is_offered_again(lea: Browser, clock: Clock) -> None:
    clock.now += timedelta(days=1)
    page = lea.submit("/deconnexion", 401, note="phrase à ne pas perdre")
    assert "Ce que vous veniez d’envoyer est gardé" in page
    kept = page.split('name="kept" value="')[1].split('"')[0]
    page = lea.submit("/connexion", login="lea", password=PASSWORD, kept=kept)
    assert "phrase à ne pas perdre" in page and 'action="/deconnexion"' in page


def test_a_verdict_kept_over_a_log_in_is_named_before_it_is_sent(lea: Browser, clock: Clock) -> None:
    clock.now += timedelta(days=1)
    for act, named in (("publish", "Publier"), ("reject:too_local", "Écarter : trop local")):
        page = lea.submit("/relecture/tourisme/a0", 401, act=act, title="Titre gardé")
        kept = page.split('name="kept" value="')[1].split('"')[0]
        page = lea.submit("/connexion", login="lea", password=PASSWORD, kept=kept)
        assert f"<strong>{named}</strong>" in page and "Titre gardé" in page
        clock.now += timedelta(days=1)


def test_a_form_without_its_token_or_with_another_s_is_refused(
    lea: Browser, browse: Browse, people: dict[str, Account]
) -> None:
    other = browse().log_in("tom")
    lea.see("/compte")
    for token in ("", "0" * 64, other.token):
        response = lea.post("/deconnexion", data={"csrf": token})
        assert response.status_code == 403 and "Formulaire périmé" in response.text
    response = lea.post("/deconnexion", data={"csrf": lea.token}, headers={"sec-fetch-site": "cross-site"})
    assert response.status_code == 403
    lea.see("/compte")


def test_logging_out_closes_the_session_for_good(lea: Browser) -> None:
    lea.see("/compte")
    cookies = dict(lea.cookies)
    lea.submit("/deconnexion")
    lea.cookies.update(cookies)
    lea.see("/compte", 401)


def test_a_forged_cookie_is_nobody(browse: Browse, people: dict[str, Account]) -> None:
    browser = browse()
    browser.cookies.set("veille_session", "InRvdG8i.aaaa.bbbb")
    browser.see("/compte", 401)


def test_the_first_administrator_needs_the_code_and_this_machine(browse: Browse, site: Site, store: Store) -> None:
    site.first_run_code = "abcd1234"
    browser = browse()
    assert "Premier démarrage" in browser.see("/")
    form = {"login": "max@exemple.fr", "name": "Max Dupré", "password": PASSWORD}
    assert "Ce n’est pas le code" in browser.submit("/premier-demarrage", 400, code="0000", **form)
    assert "12 caractères" in browser.submit(
        "/premier-demarrage", 400, code="abcd1234", login="a", name="b", password="court"
    )
    response = browser.post(
        "/premier-demarrage", data={"csrf": browser.token, "code": "abcd1234", **form}, follow_redirects=False
    )
    assert response.status_code == 303
    account = store.account("MAX@exemple.fr")
    assert account is not None and account.role is AccountRole.ADMINISTRATEUR
    assert site.first_run_code is None
    assert "Connexion" in browse().see("/premier-demarrage")  # once only


def test_the_first_run_page_is_closed_to_other_machines(site: Site) -> None:
    from curation.web.app import create_app

    site.first_run_code = "abcd1234"
    far = Browser(create_app(site), client=("192.0.2.7", 40_000))
    assert "depuis la machine" in far.see("/premier-demarrage", 403)


def test_after_log_in_only_this_site_is_opened() -> None:
    assert local_path("/file/tourisme?x=1") == "/file/tourisme?x=1"
    for address in ("https://ailleurs.fr/", "//ailleurs.fr", "/\\ailleurs.fr", "javascript:alert(1)", "", "/a\nb"):
        assert local_path(address) == "/"
