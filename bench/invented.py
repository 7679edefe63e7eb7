"""Invented French items of the sector, as many as wanted, always the same for one seed."""

from __future__ import annotations

import random
from datetime import UTC, date, datetime, timedelta
from email.utils import format_datetime
from functools import cache
from itertools import accumulate
from xml.sax.saxutils import escape

from curation.types import Item
from models.frequencies import load

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


def news(count: int, seed: int = 1) -> list[tuple[str, str]]:
    """``count`` pairs of title and text of one subject each: some 170 words, most of them as often as in the language.

    Where labels are sought, ``items`` would mislead: each of its texts names nearly every subject.
    """
    dice = random.Random(seed)
    words, often = _language()
    result = []
    for title, text in items(count, seed):
        sentences = [f"{title}.", text[len(title) + 2 : text.index(".", len(title) + 2) + 1]]
        for _ in range(8):
            drawn = dice.choices(words, cum_weights=often, k=15)
            sentences.append(f"{drawn[0].capitalize()} {' '.join(drawn[1:])}.")
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


_SYLLABLES = "bel mont val cha lan ro vil mar tour sau bri gran cler fon ver puy cas mir lu pra".split()
_ENDS = "ville court nac mont euil ay igny bourg sart ières oux ans".split()
_FIRST = "Claire Hugo Nadia Yves Léa Bruno Inès Marc Odile Karim Jeanne Paul Sonia Luc Aude Rémi".split()
_MOULDS = (
    "Résultats du premier tour à {p} : la liste {w} en tête|{p} : le conseil vote le budget présenté par {w}|"
    "Avis d’enquête publique sur la commune de {p}, commissaire {w}"
).split("|")


@cache
def _language() -> tuple[list[str], list[float]]:
    """Words of the shipped table and how often they are met, summed up for drawing."""
    words, weights = [], []
    for word, (lower, _) in load()[0].items():
        if lower:
            words.append(word)
            weights.append(float(lower))
    return words, list(accumulate(weights))


def dispatches(count: int, *, start: int = 0, seed: int = 1, days: int = 1000) -> list[Item]:
    """``count`` short news items spread over ``days``, numbered from ``start``; the same for the same arguments.

    Words come as often as in the language, names are drawn from some 30,000, so that what two items share is as rare
    as in a press review. One in ten retells the one before under another title, one in twenty copies it, one in twenty
    is of a mould where only names change.
    """
    dice = random.Random(f"{seed}-{start}")
    words, often = _language()
    first = date(2023, 1, 1)
    found: list[Item] = []
    place = who = what = ""
    for n in range(start, start + count):
        again = dice.random()
        if found and what and again < 0.15:
            last = found[-1]
            title = last.title if again < 0.05 else f"{place} : {' '.join(dice.sample(what.split(), 5))}"
            told = (
                last.text
                if again < 0.05
                else f"{who} l’a annoncé. {' '.join(dice.choices(words, cum_weights=often, k=20))}."
            )
            found.append(Item(f"{n:016x}", title, told, f"https://b.example/{n}", "b", last.date))
            what = ""
            continue
        place = (dice.choice(_SYLLABLES) + dice.choice(_SYLLABLES) + dice.choice(_ENDS)).capitalize()
        who = f"{dice.choice(_FIRST)} {(dice.choice(_SYLLABLES) + dice.choice(_SYLLABLES)).capitalize()}"
        day = first + timedelta(days=dice.randrange(days))
        if again > 0.95:
            what = ""
            title, text = dice.choice(_MOULDS).format(p=place, w=who), ""
        else:
            what = " ".join(dice.choices(words, cum_weights=often, k=8))
            title = f"{place} {what}"
            text = f"Selon {who}, {' '.join(dice.choices(words, cum_weights=often, k=40))}."
        found.append(Item(f"{n:016x}", title, text, f"https://a.example/{n}", "a", day))
    return found
