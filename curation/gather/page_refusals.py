"""Pages that answer 200 and yet refuse: paywall, login wall, soft 404, robot check. Each becomes a ``Cause``."""

from __future__ import annotations

import re

from lxml import html

from curation.gather.boilerplate import fold
from curation.types import Cause

#: Said of the article itself: believed wherever it stands in the extracted text.
_PAYWALL_STRONG = re.compile(
    r"il vous reste (?:encore )?\d{1,3}(?:[.,]\d+)? ?% (?:de (?:cet|l['’]) ?(?:article|contenu)|de ce contenu"
    r"|à lire|a lire)"
    r"|(?:la )?suite (?:de (?:cet article|ce contenu) )?(?:est )?réservée? (?:à nos|aux) abonné"
    r"|(?:pour )?(?:lire|accéder à|découvrir) (?:la suite|l['’]intégralité"
    r"|l['’]article complet)[^.\n]{0,60}abonnez-vous"
    r"|abonnez-vous pour (?:lire|accéder|découvrir|continuer)"
    r"|vous avez (?:atteint|épuisé) [^.\n]{0,60}articles? gratuits?|ce contenu est réservé (?:à nos|aux) (?:abonné"
    r"|adhérent|membre)"
    r"|cet article est (?:réservé|accessible uniquement|exclusivement réservé)[^.\n]{0,20} (?:à nos"
    r"|aux) (?:abonné|adhérent|membre)"
    r"|this (?:article|content) is (?:only )?(?:for|reserved for|available to) subscribers"
    r"|subscribe to (?:continue|keep) reading",
    re.IGNORECASE,
)
#: May also stand in a menu or beside another article: believed when little text is left.
_PAYWALL_WEAK = re.compile(
    r"(?:article|contenu|accès|lecture) (?:exclusivement )?réservée?s? (?:à nos |aux )(?:abonné|adhérent|membre)"
    r"|réservée? (?:à nos|aux) abonné|déjà abonné|(?:pour|afin de) (?:lire|accéder)[^.\n]{0,60} abonné"
    r"|pour lire la suite de (?:cet|l['’])|pour accéder (?:en illimité|à la totalité|à l['’]intégralité)"
    r"|il vous reste \d{1,3} ?%",
    re.IGNORECASE,
)
_LOGIN_TITLE = re.compile(
    r"^(?:se connecter|connexion|identification|authentification|identifiez vous|connectez vous"
    r"|acces (?:reserve|restreint)"
    r"|login|log in|sign in|espace (?:membre|adherent|reserve)s?)\b"
)
_LOGIN_WORDS = re.compile(
    r"vous devez (?:être connectée?|vous connecter|vous identifier|être identifiée?)"
    r"|connectez-vous pour (?:lire|voir|accéder|consulter)"
    r"|veuillez vous (?:connecter|identifier|authentifier)|contenu réservé aux (?:membres"
    r"|utilisateurs) (?:connectés|inscrits|identifiés)"
    r"|identifiant ou adresse e-?mail|you must (?:be logged|log) in|mot de passe oublié",
    re.IGNORECASE,
)
_MISSING_TITLE = re.compile(
    r"^(?:(?:erreur|error) )?404\b|^(?:erreur|oups|desole)\b.{0,30}(?:introuvable|existe (?:pas|plus)|404)"
    r"|\b(?:page|contenu|article|document|ressource|annonce|offre)s? (?:est |non |demandee? )*(?:introuvable"
    r"|non trouvee?|inexistante?|not found"
    r"|trouvee?$|n existe (?:pas|plus)|supprimee?|n est plus disponible|indisponible)|^(?:page )?not found\b"
    r"|\b404 not found\b"
    r"|^cette page n existe|erreur 404$|^page (?:inaccessible|manquante)"
)
_MISSING_TEXT = re.compile(
    r"(?:la|cette) page (?:que vous (?:cherchez|recherchez|demandez|avez demandée)"
    r"|demandée)[^.\n]{0,60}(?:existe (?:pas|plus)|introuvable"
    r"|pas (?:été )?trouvée|déplacée|supprimée)|cette page n['’]existe (?:pas|plus)|page introuvable|erreur 404"
    r"|the (?:requested )?page (?:you (?:are|were) looking for )?(?:could not be|was not|cannot be) found",
    re.IGNORECASE,
)
_ROBOT = re.compile(
    r"^(?:just a moment|un instant|attention required|access denied|acces refuse|verification|verifying|ddos guard|"
    r"are you a robot|pardon our interruption|robot or human|bot verification|human verification)\b"
)
_ROBOT_TEXT = re.compile(
    r"enable javascript and cookies to continue|checking (?:if the site connection is secure|your browser)"
    r"|vérifi(?:er|cation) que vous (?:êtes|n['’]êtes pas) (?:humain|un (?:humain|robot))"
    r"|prouvez que vous n['’]êtes pas un robot"
    r"|please verify you are (?:a )?human|captcha-delivery|activer javascript et les cookies pour continuer",
    re.IGNORECASE,
)

_SHORT = 1_500  # below, a page that says it refuses is believed
_LITTLE = 3_000  # below, a hint of paywall is believed


def _paywall_line(text: str) -> re.Match[str] | None:
    """A weak sign that is a line of its own near the end: an offer, not a sentence of the article."""
    lines = [line.strip() for line in text[-1_500:].split("\n") if len(line) < 200]
    return next((match for line in lines if (match := _PAYWALL_WEAK.search(line[:110])) and match.start() < 25), None)


def refusal(
    tree: html.HtmlElement, *, title: str, text: str, visible: str, free: bool | None
) -> tuple[Cause, str] | None:
    """Why the page withholds its article: (cause, technical detail), or None when it does not.

    ``text`` is the extracted main text, ``visible`` all the text of the page, ``free`` the page's own schema.org word.
    """
    heading = fold(title)
    if len(text) < _SHORT:
        headings = [heading, *(fold(h.text_content()[:300]) for h in list(tree.iter("h1", "h2"))[:4])]
        if any(_MISSING_TITLE.search(h) for h in headings if len(h) < 120):
            return Cause.SOFT_404, "the title says that the page is missing"
        if len(text) < 600 and _MISSING_TEXT.search(visible[:6_000]):
            return Cause.SOFT_404, "the text says that the page is missing"
        if _ROBOT.match(heading) or _ROBOT_TEXT.search(visible[:6_000]):
            return Cause.FORBIDDEN, "robot check"
    if free is False:
        return Cause.PAYWALL, "isAccessibleForFree is false"
    strong = _PAYWALL_STRONG.search(text)
    if strong:
        return Cause.PAYWALL, strong.group()[:80]
    if len(text) < _LITTLE:
        hint = _PAYWALL_STRONG.search(visible) or _paywall_line(text)
        if hint is None and len(text) < _SHORT // 2:
            hint = _PAYWALL_WEAK.search(visible)
        if hint:
            return Cause.PAYWALL, hint.group()[:80]
    if len(text) < 600:
        password = bool(tree.xpath("boolean(//input[@type='password'])"))
        if _LOGIN_TITLE.match(heading) or (password and len(text) < 300) or _LOGIN_WORDS.search(text):
            return Cause.LOGIN_WALL, "password form" if password else "the page asks to log in"
        if len(text) < 300 and _LOGIN_WORDS.search(visible[:8_000]):
            return Cause.LOGIN_WALL, "the page asks to log in"
    return None
