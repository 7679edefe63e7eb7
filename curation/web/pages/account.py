"""« Mon compte »: name, password, sessions, keyboard shortcuts, API tokens of the person logged in."""

from __future__ import annotations

from typing import Any

from starlette.responses import Response

from curation.web.access import Need, page
from curation.web.authority import MAX_NAME, name_fault
from curation.web.desk import SESSION, Desk, Stop
from curation.web.pages.login import LoginLimits, open_session
from curation.web.secrets import digest, hash_password, new_token, password_fault, password_holds
from curation.web.shortcuts import ACTIONS, keys_of, shortcut_faults

#: More tokens than that on one account are forgotten ones.
MAX_TOKENS = 20


@page("/compte", Need.ACCOUNT)
def compte(desk: Desk) -> Response:
    """Everything a person may change about themselves."""
    return _show(desk)


@page("/compte/nom", Need.ACCOUNT, "POST")
def changer_nom(desk: Desk) -> Response:
    """The name that colleagues see."""
    name = " ".join(desk.value("name").split())
    if fault := name_fault(name):
        return _show(desk, {"name": fault}, name=name[:1000])
    desk.store.change_account(desk.me.login, name=name)
    desk.say("Votre nom est enregistré.")
    return desk.go("/compte")


@page("/compte/mot-de-passe", Need.ACCOUNT, "POST")
def changer_mot_de_passe(desk: Desk) -> Response:
    """Old and new password. The other browsers are logged out, this one gets a new session."""
    me, limits = desk.me, desk.site.limits
    assert isinstance(limits, LoginLimits)
    old, new, again = (desk.form.get(field, [""])[-1] for field in ("old", "password", "again"))
    if me.password is None:
        raise Stop(403, "Pas de mot de passe ici", "Vous vous connectez avec le compte de votre organisme.")
    # an open session in other hands must not serve to guess the password
    held = limits.attempt(me.login, desk.client, lambda: password_holds(me.password, old))
    if held is None:
        return _show(desk, {"old": "Trop d’essais infructueux. Attendez un quart d’heure avant de recommencer."})
    if not held:
        return _show(desk, {"old": "Ce n’est pas votre mot de passe actuel."})
    fault = password_fault(new, me.login)
    if fault is None and new == old:
        fault = "Ce mot de passe est le même que l’ancien."
    if fault:
        return _show(desk, {"password": fault})
    if new != again:
        return _show(desk, {"again": "Les deux saisies du nouveau mot de passe diffèrent."})
    desk.store.change_account(me.login, password=hash_password(new))
    desk.store.close_sessions(me.login)
    open_session(desk, me)
    desk.say("Mot de passe changé. Vos autres navigateurs ont été déconnectés.")
    return desk.go("/compte")


@page("/compte/sessions", Need.ACCOUNT, "POST")
def fermer_sessions(desk: Desk) -> Response:
    """Log out everywhere, here included."""
    desk.store.close_sessions(desk.me.login)
    desk.store.leave(desk.me.login)
    desk.cookies[SESSION] = None
    desk.say("Vous êtes déconnecté de tous vos navigateurs. À bientôt.")
    return desk.go("/connexion")


@page("/compte/raccourcis", Need.ACCOUNT, "POST")
def changer_raccourcis(desk: Desk) -> Response:
    """Keys per action; all off; or back to the keys delivered. Only what differs from those is kept."""
    preferences = {k: v for k, v in desk.me.preferences.items() if k not in ("shortcuts", "shortcuts_off")}
    if desk.value("do") == "reset":
        message = "Les touches d’origine sont rétablies."
    else:
        chosen = {action: desk.value(action, key) for action, (key, _) in ACTIONS.items()}
        if faults := shortcut_faults(chosen):
            return _show(desk, {f"key-{action}": fault for action, fault in faults.items()}, chosen=chosen)
        kept = {action: key for action, key in chosen.items() if key != ACTIONS[action][0]}
        preferences |= {"shortcuts": kept} if kept else {}
        message = "Vos raccourcis sont enregistrés."
        if not desk.value("on"):
            preferences["shortcuts_off"] = True
            message = "Les raccourcis clavier sont désactivés."
    desk.store.change_account(desk.me.login, preferences=preferences)
    desk.say(message)
    return desk.go("/compte")


@page("/compte/jetons", Need.ACCOUNT, "POST")
def creer_jeton(desk: Desk) -> Response:
    """A token for the JSON API: shown in this answer only, stored as a digest."""
    name, held = " ".join(desk.value("token_name").split()), desk.store.api_tokens(desk.me.login)
    fault = None
    if not name or len(name) > MAX_NAME:
        fault = f"Donnez-lui un nom qui dise à quoi il sert, en {MAX_NAME} caractères au plus."
    elif name in {t["name"] for t in held}:  # also what a reload of this page meets
        fault = "Un de vos jetons porte déjà ce nom."
    elif len(held) >= MAX_TOKENS:
        fault = f"Vous avez déjà {MAX_TOKENS} jetons : révoquez d’abord ceux qui ne servent plus."
    if fault:
        return _show(desk, {"token_name": fault}, token_name=name[:1000])
    token = new_token()
    desk.store.add_api_token(digest(token), desk.me.login, name, desk.now)
    return _show(desk, new=token, new_name=name)


@page("/compte/jetons/{token}/revoquer", Need.ACCOUNT, "POST")
def revoquer_jeton(desk: Desk) -> Response:
    """One's own token stops working at once. ``token`` is its digest."""
    desk.store.drop_api_token(str(desk.path_params["token"]), desk.me.login)
    desk.say("Jeton révoqué : il n’ouvre plus rien.")
    return desk.go("/compte")


def _show(desk: Desk, faults: dict[str, str] | None = None, **typed: Any) -> Response:
    """The page; ``faults``: field -> why it was refused, ``typed``: what was written in the refused form."""
    me = desk.me
    content = {
        "name": me.name,
        "token_name": "",
        "chosen": keys_of(me.preferences),
        "on": not me.preferences.get("shortcuts_off"),
        "tokens": desk.store.api_tokens(me.login),
        "new": "",
        "new_name": "",
    } | typed
    return desk.render("account.html", 400 if faults else 200, faults=faults or {}, **content)


PAGES: tuple[Any, ...] = (
    compte,
    changer_nom,
    changer_mot_de_passe,
    fermer_sessions,
    changer_raccourcis,
    creer_jeton,
    revoquer_jeton,
)
