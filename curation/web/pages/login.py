"""Logging in and out, and the first administrator of a fresh installation."""

from __future__ import annotations

import hmac
import ipaddress
import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

from limits import parse
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter
from starlette.responses import Response

from curation.accounts import Account, AccountRole, SessionRecord
from curation.web.access import Need, page
from curation.web.authority import MAX_LOGIN, login_fault
from curation.web.desk import SESSION, Desk, Stop, local_path
from curation.web.secrets import (
    digest,
    hash_password,
    needs_rehash,
    new_token,
    password_fault,
    password_holds,
)

#: Wrong passwords allowed for one login, and for one address (an office shares one).
PER_LOGIN, PER_CLIENT = parse("8/15 minutes"), parse("60/15 minutes")
#: What was typed when the session ended is kept in the log-in form, signed, for that long.
KEPT_S = 3600
UNKEPT = frozenset({"csrf", "password", "old", "again", "code"})


class LoginLimits:
    """How often a log-in may fail, in memory: the desk is one process."""

    def __init__(self) -> None:
        self._limiter = MovingWindowRateLimiter(MemoryStorage())
        self._turn = threading.Lock()

    def attempt(self, login: str, client: str, holds: Callable[[], bool]) -> bool | None:
        """Whether the secret holds; None, and ``holds`` is not called, when too many attempts failed lately.

        One at a time: attempts sent all at once would all be let through before the first failure counts.
        """
        login = login[:MAX_LOGIN]  # what is counted is kept
        with self._turn:
            if not (self._limiter.test(PER_LOGIN, "login", login) and self._limiter.test(PER_CLIENT, "client", client)):
                return None
            if holds():
                return True
            self._limiter.hit(PER_LOGIN, "login", login)
            self._limiter.hit(PER_CLIENT, "client", client)
            return False


def ask(desk: Desk, *, login: str = "", fault: str = "", status: int = 200, kept: str = "", then: str = "") -> Response:
    """The log-in page. A form that arrived too late is kept, signed, and offered again after the log-in.

    Only a form of our own pages is kept: browsers leave the session out of what another site posts, which would look
    the same, and the person would send after the log-in what that site wrote. Passwords are not kept.
    """
    expired = desk.method == "POST" and desk.path != "/connexion"
    if expired:
        then = ""
        if _ours(desk):
            words = {k: list(v) for k, v in desk.form.items() if k not in UNKEPT}
            kept = desk.site.signer.sign("kept", {"path": desk.path, "form": words})
    elif desk.path != "/connexion":
        query = urlencode(desk.query)
        then = desk.path + (f"?{query}" if query else "")
    if not desk.store.has_accounts():
        return desk.go("/premier-demarrage")
    return desk.render(
        "login.html",
        status if fault else (401 if desk.path != "/connexion" else 200),
        login=login,
        fault=fault,
        kept=kept,
        then=then,
        late=expired or bool(then and then != "/"),
    )


def _ours(desk: Desk) -> bool:
    """True for a form that one of our pages sent: the browser says so, or it carries the token of the ended session."""
    if desk.headers.get("sec-fetch-site") == "same-origin":
        return True
    return desk.site.signer.csrf_holds(desk.former, desk.value("csrf"))


@page("/connexion", Need.NOBODY, "GET", "POST")
def connexion(desk: Desk) -> Response:
    """Log in."""
    then = local_path(desk.value("then") or desk.argument("then"))
    if desk.method == "GET":
        return desk.go(then) if desk.account else ask(desk, then=then)
    login, kept = desk.value("login").lower(), desk.value("kept")
    limits: LoginLimits = desk.site.limits
    account = desk.store.account(login)
    password = desk.form.get("password", [""])[-1]
    stored = account.password if account else None
    held = limits.attempt(
        login,
        desk.client,
        lambda: password_holds(stored, password) and account is not None and account.active,
    )
    if held is None:
        fault = "Trop d’essais infructueux. Par sécurité, attendez un quart d’heure avant de recommencer."
        return ask(desk, login=login, fault=fault, status=429, kept=kept, then=then)
    if not held or account is None:
        fault = "Identifiant ou mot de passe incorrect. Vérifiez les majuscules, puis recommencez."
        return ask(desk, login=login, fault=fault, status=401, kept=kept, then=then)
    if account.password and needs_rehash(account.password):
        desk.store.save_account(_with_password(account, password))
    return arrive(desk, account, kept, then)


def arrive(desk: Desk, account: Account, kept: str, then: str) -> Response:
    """Open the session, then what was asked for, or first what was being sent when the session before ended."""
    open_session(desk, account)
    resumed = desk.site.signer.read("kept", kept, KEPT_S) if kept else None
    if resumed:
        desk.account = account
        return desk.render("resume.html", path=local_path(resumed["path"]), form=resumed["form"])
    return desk.go(then)


def open_session(desk: Desk, account: Account) -> None:
    """Bind this browser to the account with a new token; the one before dies (no session fixation)."""
    now, token = desk.now, new_token()
    if desk.account:
        desk.store.close_session(digest(desk.browser))
    desk.store.forget_sessions(now - timedelta(minutes=desk.settings.desk.idle_minutes))
    desk.store.open_session(SessionRecord(digest(token), account.login, now, now))
    seconds = desk.settings.desk.absolute_hours * 3600
    desk.cookies[SESSION] = (desk.site.signer.sign("session", token), seconds)
    desk.browser = token


@page("/deconnexion", Need.ACCOUNT, "POST")
def deconnexion(desk: Desk) -> Response:
    """Log out of this browser."""
    desk.store.close_session(digest(desk.browser))
    desk.store.leave(desk.me.login)
    desk.cookies[SESSION] = None
    desk.say("Vous êtes déconnecté. À bientôt.")
    return desk.go("/connexion")


@page("/premier-demarrage", Need.NOBODY, "GET", "POST")
def premier_demarrage(desk: Desk) -> Response:
    """Create the first administrator: from this machine only, with the code that ``veille desk`` printed."""
    code = desk.site.first_run_code
    if desk.store.has_accounts() or code is None:
        return desk.go("/connexion")
    if not _is_loopback(desk.client):
        raise Stop(
            403,
            "Premier démarrage à faire sur le serveur",
            "Le premier compte se crée depuis la machine qui fait tourner veille, avec le code affiché au démarrage ; "
            "ou avec la commande « veille user add ».",
        )
    values = {name: desk.value(name) for name in ("code", "login", "name")}
    faults: dict[str, str] = {}
    if desk.method == "POST":
        password = desk.form.get("password", [""])[-1]
        held = desk.site.limits.attempt(
            "premier-demarrage",
            desk.client,
            lambda: hmac.compare_digest(values["code"].encode(), code.encode()),
        )
        if held is None:
            faults["code"] = "Trop d’essais. Attendez un quart d’heure, ou redémarrez le bureau pour un nouveau code."
        elif not held:
            faults["code"] = "Ce n’est pas le code affiché au démarrage du bureau."
        if fault := login_fault(values["login"].lower()):
            faults["login"] = fault
        if not values["name"]:
            faults["name"] = "Indiquez le nom que verront vos collègues."
        if fault := password_fault(password, values["login"]):
            faults["password"] = fault
        if not faults:
            role = AccountRole.ADMINISTRATEUR
            account = Account(values["login"].lower(), values["name"], role, password=hash_password(password))
            if not desk.store.has_accounts() and desk.store.add_account(account, desk.now):
                desk.site.first_run_code = None
                open_session(desk, account)
                desk.say(f"Bienvenue, {account.name}. Ce compte peut tout faire ; créez maintenant ceux de l’équipe.")
                return desk.go("/comptes")
            return desk.go("/connexion")
    return desk.render("first_run.html", 400 if faults else 200, values=values, faults=faults)


def _with_password(account: Account, password: str) -> Account:
    from dataclasses import replace

    return replace(account, password=hash_password(password))


def _is_loopback(client: str) -> bool:
    try:
        return ipaddress.ip_address(client).is_loopback
    except ValueError:
        return False


PAGES: tuple[Any, ...] = (connexion, deconnexion, premier_demarrage)
