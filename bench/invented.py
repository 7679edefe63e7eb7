"""Invented French items of the sector, as many as wanted, always the same for one seed."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from xml.sax.saxutils import escape

_WHO = (
    "La communauté de communes de {p}|Le syndicat mixte du pays de {p}|La ville de {p}|Le département de {p}|"
    "L’office de tourisme de {p}|L’agglomération de {p}|La maison de quartier de {p}|Le parc naturel de {p}|"
    "Le centre social de {p}|L’agence d’urbanisme de {p}"
).split("|")
_PLACES = (
    "Valmorin Saint-Aubrac Crèvecombe Montferrat-les-Bains Rochebelle Vieilleville Pontarcy Lanvénec Grandlieu "
    "Hautefage Sainte-Orse Marcillac Belleroche Aiguevive Tournemire Clairefont"
).split()
_DOES = (
    "lance un appel à projets|ouvre un tiers-lieu|révise son plan local d’urbanisme|installe des chaufferies bois|"
    "forme des conseillers numériques|signe un contrat de ville|vote une taxe de séjour au réel|"
    "expérimente un budget participatif|rénove ses écoles|publie le guide de ses filières|recense ses friches|"
    "trace une voie verte|réunit les commerçants du centre|évalue son plan climat|prête des ordinateurs reconditionnés|"
    "organise un forum de l’emploi"
).split("|")
_WHY = (
    "pour les habitants des hameaux|afin de réduire l’artificialisation des sols|avec l’appui de la région|"
    "au bénéfice des jeunes des quartiers prioritaires|pour attirer des entreprises artisanales|"
    "avant la saison d’été|dans le cadre de son projet de territoire|après deux ans de concertation|"
    "pour accompagner les personnes éloignées du numérique|en lien avec les communes voisines"
).split("|")
_MORE = (
    "Les élus attendent les premiers résultats au printemps|Le budget s’élève à {n} 000 euros|"
    "Une réunion publique aura lieu à la salle des fêtes|{n} entreprises se sont déjà inscrites|"
    "Le comité de suivi rassemble associations, agents et usagers|Les candidatures sont attendues avant la fin du mois|"
    "Un bilan sera présenté au conseil, puis mis en ligne|L’équipe a visité {n} communes pour préparer la démarche|"
    "Les services de l’État ont rendu un avis favorable|La méthode sera partagée avec d’autres collectivités"
).split("|")


def items(count: int, seed: int = 1) -> list[tuple[str, str]]:
    """``count`` pairs of title and text; a text counts about 170 words."""
    dice = random.Random(seed)
    result = []
    for _ in range(count):
        who = dice.choice(_WHO).format(p=dice.choice(_PLACES))
        title = f"{who} {dice.choice(_DOES)} {dice.choice(_WHY)}"
        sentences = [f"{title}."]
        for _ in range(12):
            head = dice.choice(_MORE).format(n=dice.randint(3, 900))
            sentences.append(f"{head}, {dice.choice(_WHY)} : la collectivité {dice.choice(_DOES)}.")
        result.append((title, " ".join(sentences)))
    return result


def rss(number: int, entries: int, links: str, newest: datetime) -> bytes:
    """An RSS 2.0 feed of invented items; ``links`` is the prefix of the addresses of its pages."""
    rows = []
    for i, (title, text) in enumerate(items(entries, seed=number)):
        day = newest.astimezone(UTC) - timedelta(hours=7 * i + number % 24)
        rows.append(
            f"<item><title>{escape(title)}</title><link>{escape(links)}/{number}/{i}</link>"
            f"<guid isPermaLink='false'>{number}-{i}</guid><pubDate>{format_datetime(day)}</pubDate>"
            f"<description>&lt;p&gt;{escape(escape(text))}&lt;/p&gt;</description></item>"
        )
    head = f"<title>Flux inventé n° {number}</title><link>{escape(links)}</link><description>Essai</description>"
    document = f"<?xml version='1.0' encoding='UTF-8'?><rss version='2.0'><channel>{head}{''.join(rows)}"
    return f"{document}</channel></rss>".encode()
