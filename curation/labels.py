"""The French of veille: what a failure means and what to do about it, and the names of kinds.

Read by animateurs and coordinators, who are not computer people: what happened, what to do, no jargon.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from urllib.parse import urlsplit

from curation.types import Cause, Failure, Kind


@dataclass(frozen=True, slots=True)
class Explanation:
    """One failure in French: a short title, what happened, what to do."""

    title: str
    meaning: str
    advice: str


KIND_LABELS: dict[Kind, str] = {
    Kind.NEWS: "Actualité",
    Kind.REGULATION: "Textes et jurisprudence",
    Kind.CALL: "Appel à projets ou aide",
    Kind.EVENT: "Événement",
    Kind.RESOURCE: "Ressource",
    Kind.PRACTICE: "Retour d’expérience",
    Kind.JOB: "Offre d’emploi",
    Kind.OTHER: "Autre",
}

_NEXT_NIGHT = "Rien à faire pour l’instant : veille réessaiera d’elle-même la nuit prochaine."

# In each text, {site} is the host of the address, in quotation marks, or « le site ».
_TEXTS: dict[Cause, tuple[str, str, str]] = {
    Cause.DNS: (
        "Site introuvable",
        "Le nom {site} ne correspond à aucun serveur connu : le site a peut-être changé de nom ou fermé, "
        "ou bien notre propre accès à internet est coupé.",
        "Vérifiez l’adresse dans un navigateur. Si beaucoup de sites échouent la même nuit, signalez-le à votre "
        "service informatique ; sinon, corrigez l’adresse de la source ou désactivez-la.",
    ),
    Cause.REFUSED: (
        "Connexion refusée",
        "Le serveur de {site} existe, mais il n’a pas accepté notre connexion. Il est sans doute en maintenance.",
        f"{_NEXT_NIGHT} Si le refus dure plusieurs jours, ouvrez le site dans un navigateur pour vérifier son adresse.",
    ),
    Cause.TIMEOUT: (
        "Pas de réponse à temps",
        "Nous avons attendu la réponse de {site} aussi longtemps que prévu, sans la recevoir en entier.",
        f"{_NEXT_NIGHT} Si ce site est toujours lent, un délai plus long peut être fixé dans la configuration, "
        "à la rubrique « politeness ».",
    ),
    Cause.NETWORK: (
        "Connexion interrompue",
        "L’échange avec {site} s’est interrompu avant la fin. C’est le plus souvent passager.",
        _NEXT_NIGHT,
    ),
    Cause.TLS: (
        "Connexion sécurisée impossible",
        "Le certificat de sécurité de {site} est expiré, incomplet ou émis pour un autre nom. Par prudence, "
        "nous n’avons rien lu.",
        "Ouvrez l’adresse dans un navigateur : si lui aussi affiche un avertissement, prévenez le responsable du "
        "site. Sinon, demandez à votre service informatique si un certificat interne doit être installé.",
    ),
    Cause.UNAUTHORIZED: (
        "Identification demandée",
        "{site} demande un identifiant et un mot de passe pour cette adresse.",
        "Cherchez un flux public du même site, ou demandez à son responsable une adresse ouverte à tous.",
    ),
    Cause.FORBIDDEN: (
        "Accès refusé",
        "{site} a refusé de nous donner cette page : il se protège peut-être contre la lecture automatique.",
        "Si la page s’ouvre dans votre navigateur, écrivez au responsable du site pour lui demander d’autoriser "
        "veille ; notre signature et notre contact lui ont été transmis avec la demande.",
    ),
    Cause.NOT_FOUND: (
        "Page introuvable",
        "{site} répond, mais rien ne se trouve à cette adresse : la page a été déplacée ou supprimée.",
        "Cherchez la nouvelle adresse sur le site et corrigez-la dans la liste des sources, ou désactivez la source.",
    ),
    Cause.GONE: (
        "Page supprimée",
        "{site} indique que cette page a été supprimée pour de bon.",
        "Retirez l’adresse de la liste des sources, ou cherchez sur le site ce qui l’a remplacée.",
    ),
    Cause.RATE_LIMITED: (
        "Trop de demandes",
        "{site} nous demande de revenir plus tard{delay} : il limite le nombre de lectures.",
        "Rien à faire : veille respecte ce délai. Si cela se répète, espacez les demandes avec le réglage "
        "« min_delay_s » de la configuration.",
    ),
    Cause.SERVER_ERROR: (
        "Panne du site",
        "Le serveur de {site} a rencontré une erreur de son côté.",
        f"{_NEXT_NIGHT} Si la panne dure, prévenez le responsable du site.",
    ),
    Cause.HTTP_ERROR: (
        "Réponse inattendue",
        "{site} a envoyé une réponse que nous ne savons pas utiliser.",
        "Ouvrez l’adresse dans un navigateur pour vérifier qu’elle mène bien au contenu attendu, puis corrigez-la "
        "si nécessaire.",
    ),
    Cause.TOO_LARGE: (
        "Contenu trop volumineux",
        "Ce que {site} envoie à cette adresse dépasse la taille autorisée : la lecture a été arrêtée.",
        "Vérifiez que l’adresse mène à une page ou à un flux, et non à une vidéo ou à une archive. Si le contenu est "
        "légitime, relevez la limite dans la configuration, à la rubrique « politeness ».",
    ),
    Cause.TOO_MANY_REDIRECTS: (
        "Trop de renvois",
        "{site} nous a renvoyés d’adresse en adresse sans jamais donner de contenu.",
        "Ouvrez l’adresse dans un navigateur et, si la page s’affiche, recopiez l’adresse finale dans la liste des "
        "sources.",
    ),
    Cause.BAD_URL: (
        "Adresse mal écrite",
        "Cette adresse n’est pas une adresse web que nous pouvons lire.",
        "Corrigez-la : elle doit commencer par « https:// » ou « http:// » et ne contenir ni identifiant, ni mot de "
        "passe, ni espace.",
    ),
    Cause.PRIVATE_ADDRESS: (
        "Adresse interne protégée",
        "{site} mène à une machine d’un réseau interne. Par sécurité, veille ne lit que les sites publics.",
        "S’il s’agit bien de votre intranet, un responsable technique peut ajouter ce site au réglage "
        "« allow_private_hosts » de la configuration. Sinon, retirez la source.",
    ),
    Cause.ROBOTS: (
        "Lecture automatique non souhaitée",
        "{site} demande aux robots de ne pas lire cette page ; veille respecte ce souhait.",
        "Le titre et le résumé donnés par le flux restent utilisables. Pour lire la page entière, demandez "
        "l’accord du responsable du site.",
    ),
    Cause.HOST_RESTING: (
        "Site laissé au repos",
        "{site} n’a pas répondu plusieurs fois de suite, ou internet tout entier était hors d’atteinte : veille ne "
        "l’a plus sollicité de la nuit.",
        f"{_NEXT_NIGHT} Consultez les premiers échecs de ce site pour en connaître la raison.",
    ),
    Cause.EMPTY: (
        "Contenu vide",
        "{site} a répondu, mais n’a rien envoyé.",
        f"{_NEXT_NIGHT} Si cela dure, vérifiez l’adresse dans un navigateur.",
    ),
    Cause.HTML_NOT_FEED: (
        "Une page web à la place du flux",
        "Cette adresse mène à une page ordinaire de {site}, pas à un flux RSS ou Atom.",
        "Cherchez sur la page un lien « RSS » ou « Flux » et donnez son adresse à la place.",
    ),
    Cause.NOT_A_FEED: (
        "Ce n’est pas un flux",
        "Ce que {site} envoie à cette adresse n’est pas un flux RSS, Atom ou JSON Feed lisible.",
        "Vérifiez l’adresse du flux sur le site ; s’il est abîmé, prévenez son responsable.",
    ),
    Cause.SOFT_404: (
        "Page disparue",
        "{site} affiche une page d’erreur ou sa page d’accueil à la place du contenu demandé.",
        "Cherchez la nouvelle adresse du contenu sur le site, ou ignorez cette entrée : le résumé du flux reste "
        "disponible.",
    ),
    Cause.LOGIN_WALL: (
        "Page réservée aux personnes connectées",
        "{site} affiche un formulaire de connexion à la place du contenu.",
        "Le titre et le résumé du flux restent utilisables. Pour une source régulière, demandez au site une adresse "
        "publique.",
    ),
    Cause.PAYWALL: (
        "Article réservé aux abonnés",
        "{site} ne donne qu’un extrait de cet article aux personnes qui ne sont pas abonnées.",
        "Le titre et le résumé du flux restent utilisables. Si votre collectivité est abonnée, lisez l’article sur "
        "le site avant de le partager.",
    ),
    Cause.THIN: (
        "Trop peu de texte",
        "La page de {site} contient trop peu de texte pour être analysée : une vidéo, une image ou un simple lien, "
        "peut-être.",
        "Rien à faire : le texte du flux a été utilisé à la place. Ouvrez la page si le sujet vous intéresse.",
    ),
    Cause.UNSUPPORTED_TYPE: (
        "Format non pris en charge",
        "L’adresse mène à un fichier de {site} que veille ne sait pas lire ici, comme une image, une vidéo ou un "
        "tableur.",
        "Si le contenu vous intéresse, ouvrez-le directement ; pour une source, donnez l’adresse d’un flux ou d’une "
        "page.",
    ),
    Cause.MISSING_FILE: (
        "Fichier absent",
        "Le fichier ou le dossier indiqué n’existe pas, ou nous n’avons pas le droit de le lire.",
        "Vérifiez le chemin dans la configuration, puis les droits de lecture du dossier.",
    ),
    Cause.BAD_MAIL: (
        "Courriel illisible",
        "Ce courriel est incomplet ou abîmé : nous n’avons pas pu en tirer de notices.",
        "Enregistrez-le de nouveau depuis votre messagerie, au format .eml, et déposez-le à la place du premier.",
    ),
    Cause.BAD_PDF: (
        "PDF illisible",
        "Ce fichier PDF est abîmé, protégé par un mot de passe ou composé seulement d’images.",
        "Demandez à l’expéditeur une version PDF avec du texte, ou la version web de la lettre.",
    ),
    Cause.IMAP_LOGIN: (
        "Connexion à la boîte aux lettres refusée",
        "La messagerie n’a pas accepté l’identifiant ou le mot de passe fournis.",
        "Vérifiez l’identifiant et le mot de passe de la boîte avec votre service informatique ; certaines "
        "messageries demandent un mot de passe d’application.",
    ),
    Cause.IMAP_UNREACHABLE: (
        "Messagerie injoignable",
        "Le serveur de messagerie n’a pas répondu, ou la boîte indiquée n’existe pas.",
        f"{_NEXT_NIGHT} Si cela dure, vérifiez avec votre service informatique le nom du serveur et celui de la boîte.",
    ),
}


def explain(failure: Failure) -> Explanation:
    """What happened and what to do, in French; the same for every cause, with the particulars of this failure."""
    title, meaning, advice = _TEXTS[failure.cause]
    site, delay = _site(failure.url), _delay(failure.retry_after_s)
    meaning = meaning.replace("{site}", site).replace("{delay}", delay)
    meaning = meaning.replace("de le site", "du site")
    meaning = meaning[:1].upper() + meaning[1:]
    if failure.suggested_url:
        advice = f"La page annonce un flux à cette adresse : {failure.suggested_url}. Essayez-la à la place."
    if failure.cause is Cause.SERVER_ERROR and delay:
        meaning += f" Il demande de revenir plus tard{delay}."
    return Explanation(title, meaning, advice)


def title_of(cause: str) -> str:
    """The short title of a cause; the word itself when an older version wrote it."""
    return _TEXTS[Cause(cause)][0] if cause in set(Cause) else cause


def _site(url: str) -> str:
    try:
        host = urlsplit(url.strip()).hostname
    except ValueError:
        host = None
    return f"« {host[:80]} »" if host else "le site"


def _delay(seconds: float | None) -> str:
    """``" (dans 3 heures environ)"``; nothing when the site did not say."""
    if seconds is None or not math.isfinite(seconds) or seconds < 1:
        return ""
    for unit, size in (("jour", 86_400), ("heure", 3_600), ("minute", 60), ("seconde", 1)):
        if seconds >= size:
            count = math.ceil(seconds / size)
            return f" (dans {count} {unit}{'s' if count > 1 else ''} environ)"
    return ""
