"""Log-in with the account of one's organisation. Nobody is created: the account must exist already."""

from __future__ import annotations

from typing import Any

from starlette.requests import cookie_parser
from starlette.responses import Response

from curation.accounts import Account
from curation.web.access import Need, page
from curation.web.desk import Desk, Stop, local_path
from curation.web.openid import STARTED_S, Identity, OpenId, OpenIdRefused
from curation.web.pages.login import arrive

#: What is remembered between the two requests: signed, not readable by scripts, gone after ten minutes.
STARTED = "veille_organisme"


@page("/connexion/organisme", Need.NOBODY, "POST")
def organisme(desk: Desk) -> Response:
    """Send the browser to the provider.

    By a page and not by a redirect: Chromium applies ``form-action 'self'`` to where a form is redirected.
    """
    provider = _provider(desk)
    try:
        address, memory = provider.start(_come_back(desk))
    except OpenIdRefused as refused:
        raise Stop(refused.status, refused.title, str(refused)) from refused
    kept = {**memory, "then": local_path(desk.value("then"))}
    if text := desk.value("kept"):
        provider.leave(memory["state"], text)
    desk.cookies[STARTED] = (desk.site.signer.sign("organisme", kept), STARTED_S)
    response = desk.render("organisation.html", address=address)
    response.headers["Refresh"] = f"0; url={address}"
    return response


@page("/connexion/organisme/retour", Need.NOBODY)
def retour(desk: Desk) -> Response:
    """The browser comes back with a code."""
    provider = _provider(desk)
    cookie = cookie_parser(desk.headers.get("cookie", "")).get(STARTED, "")
    memory = desk.site.signer.read("organisme", cookie, STARTED_S)
    desk.cookies[STARTED] = None
    try:
        if not memory:
            raise OpenIdRefused(
                "Connexion à recommencer",
                "Aucune connexion n’a été commencée dans ce navigateur depuis dix minutes. "
                "Recommencez depuis la page de connexion.",
            )
        identity = provider.finish(memory, desk.query, _come_back(desk), desk.now)
    except OpenIdRefused as refused:
        raise Stop(refused.status, refused.title, str(refused)) from refused
    return arrive(desk, _account_of(desk, identity), provider.take(memory["state"]), local_path(memory["then"]))


def _provider(desk: Desk) -> OpenId:
    provider = desk.site.openid
    if not isinstance(provider, OpenId):
        raise Stop(404, "Page introuvable", "Ce bureau n’est relié à aucun service de connexion.")
    return provider


def _come_back(desk: Desk) -> str:
    """The address of ``retour``, as registered with the provider."""
    here = desk.settings.desk.public_url.rstrip("/")
    return f"{here or _seen_as(desk)}/connexion/organisme/retour"


def _seen_as(desk: Desk) -> str:
    return f"{'https' if desk.https else 'http'}://{desk.headers.get('host', '')}"


def _account_of(desk: Desk, identity: Identity) -> Account:
    """By subject; the first time by an address that the provider has verified, and the subject is bound."""
    with desk.store.exclusive():
        account = desk.store.account_of_subject(identity.subject)
        if account is None:
            account = _by_address(desk, identity)
            desk.store.change_account(account.login, subject=identity.subject)
    if not account.active:
        raise Stop(403, "Compte fermé", "Votre compte de ce bureau est fermé. Un administrateur peut le rouvrir.")
    return account


def _by_address(desk: Desk, identity: Identity) -> Account:
    if not identity.email or not identity.verified:
        raise Stop(
            403,
            "Adresse non vérifiée",
            "Votre organisme ne dit pas avoir vérifié votre adresse : veille ne peut pas reconnaître votre compte. "
            "Voyez avec son service informatique, ou connectez-vous avec un mot de passe.",
        )
    account = desk.store.account(identity.email)
    if account is None or not account.active:
        raise Stop(
            403,
            "Pas encore de compte ici",
            f"Votre organisme vous a reconnu ({identity.email}), mais aucun compte ouvert de ce bureau ne porte cette "
            "adresse. Demandez à un coordonnateur ou à un administrateur de vous en ouvrir un.",
        )
    if account.subject:
        raise Stop(
            403,
            "Compte lié à une autre identité",
            f"Le compte {identity.email} est déjà lié à une autre identité de votre organisme. Si c’est bien vous, "
            "demandez à un coordonnateur ou à un administrateur de le délier, depuis « Comptes ».",
        )
    return account


PAGES: tuple[Any, ...] = (organisme, retour)
