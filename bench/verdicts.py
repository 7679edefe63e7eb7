"""A store with 300 simulated verdicts, one keyword of which is clearly too wide: what a coordinator has to find.

    python -m bench.verdicts --config state/demo/config.yaml [--now ISO]

Run it on the state that ``make demo`` leaves (or on an empty one with the same communities). A coordinator of long ago
added « station » to tourisme, for mountain and spa resorts; it also let in stations-service, stations de lavage and
stations de métro, which the animateur rejects, again and again. All items are invented. They are judged by the judge
of the configuration, as a night would, and arrived over the last fourteen months; the verdicts follow what each item
is about, with a share of people's other reasons. Some of the unwanted ones arrived this week and wait in the queue.
The same seed and moment give the same store.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from curation.config import Settings, load_settings
from curation.decide.draft import make_draft
from curation.decide.review import state_of
from curation.store.store import Store
from curation.types import Act, Article, FeedEntry, FeedState, Judgement, Rejection, Review, Source
from curation.wordbook import Wordbook
from flows.judge import Judge, judge_for, plan_of
from flows.phrases import keep_phrases
from flows.steps import fingerprint_batch, item_of, read_batch
from models.vectors import from_bytes, to_bytes
from taxonomy.concept_operations import AddConcept
from taxonomy.edit import apply
from taxonomy.types import Concept, Origin

COMMUNITY, WIDE, VERDICTS = "tourisme", "station", 300
#: Days over which the items arrived; the last ones wait.
PAST, LATELY = 420, 6
BATCH = 128
_PLACES = (
    "Valmorin Saint-Aubrac Crèvecombe Montferrat-les-Bains Rochebelle Vieilleville Pontarcy Lanvénec Grandlieu "
    "Hautefage Sainte-Orse Marcillac Belleroche Aiguevive Tournemire Clairefont Brévenac Ormoy-le-Haut"
).split()
_UNWANTED = (
    "À {p}, la station-service ferme en pleines vacances|La station-service de la route des plages n’a plus de "
    "carburant. Les vacanciers font la queue depuis samedi.",
    "{p} : la station de lavage des camping-cars verbalisée|La station de lavage a puisé dans la nappe malgré la "
    "sécheresse. Les vacanciers devront attendre.",
    "{p} : les visiteurs dorment dans une station de métro après le festival|La station de métro a servi d’abri aux "
    "festivaliers, faute de trains de nuit. Les visiteurs ont été évacués au matin.",
)
_WANTED = (
    "{p} : la station thermale attend ses curistes|La station thermale rouvre avec des soins rénovés. L’office de "
    "tourisme de {p} compte sur les séjours de bien-être.",
    "À {p}, la station de montagne prépare un été sans voiture|La station veut vivre quatre saisons : sentiers de "
    "randonnée, hébergements touristiques et navettes pour les vacanciers.",
)
_TOURISM = (
    "{p} : la taxe de séjour passe au réel|Le conseil revoit la taxe de séjour des meublés de tourisme. Les "
    "hébergeurs du pays de {p} ont été réunis par l’office de tourisme.",
    "Une véloroute reliera {p} à la mer|La véloroute traversera douze communes. L’office de tourisme prépare des "
    "séjours et des hébergements pour le tourisme à vélo.",
    "{p} mesure la fréquentation touristique de l’été|L’observatoire compte les nuitées. La destination veut mieux "
    "répartir ses visiteurs et éviter le surtourisme.",
)
_OTHERS = (
    "{p} révise son plan local d’urbanisme|Le plan local d’urbanisme limitera l’artificialisation des sols. Les élus "
    "de {p} ont ouvert la concertation sur le zonage.",
    "Des conseillers numériques reçoivent à {p}|Les conseillers numériques accompagnent les habitants éloignés du "
    "numérique. L’espace France services de {p} prête des ordinateurs.",
    "{p} signe son contrat de ville|Le contrat de ville engage le quartier prioritaire de {p} pour six ans. Le "
    "conseil citoyen a choisi les actions.",
    "Un tiers-lieu ouvre dans l’ancienne école de {p}|Le tiers-lieu réunit un atelier partagé et des bureaux. La "
    "communauté de communes de {p} soutient ce projet de territoire.",
    "{p} plante des haies et rénove ses écoles|La rénovation énergétique des écoles et la plantation de haies font "
    "partie du plan climat. {p} vise la neutralité carbone.",
    "Le laboratoire d’innovation publique de {p} ouvre ses portes|Les agents de {p} y testent le design de service "
    "avec les usagers. L’innovation publique gagne le département.",
    "{p} aide ses commerces de centre-ville|Une aide au loyer attire des artisans. Le développement économique de {p} "
    "passe par son centre-ville et ses zones d’activité.",
)  # fmt: skip
_MORE = (
    "Le budget s’élève à {n} 000 euros.|Une réunion publique se tiendra à la salle des fêtes.|Les élus attendent les "
    "premiers résultats au printemps.|{n} personnes ont répondu à l’enquête.|Le comité se réunira chaque mois.|"
    "La décision a été prise à l’unanimité.|Les services ont visité {n} communes voisines."
).split("|")


@dataclass(frozen=True, slots=True)
class Invented:
    """One item; ``about``: what it is to tourisme (unwanted, wanted, tourism) or « other »."""

    article: Article
    about: str
    day: datetime


def seed(settings: Settings, now: datetime, verdicts: int = VERDICTS) -> dict[str, Any]:
    """Fill the store; what was done, in figures. Raises ``UserError``."""
    dice = random.Random(7)
    with Store(settings.database) as store:
        number = _widen(Wordbook(settings, store), now)
        judge = judge_for(plan_of(settings))
        items = list(_items(dice, now, verdicts))
        for n in range(8):
            store.add_source(Source(f"avis-{n}", f"Source inventée n° {n}", f"http://127.0.0.1:9/avis/{n}"), "desk")
        judged: dict[str, Judgement] = {}
        for i in range(0, len(items), BATCH):
            judged |= _judged(store, judge, items[i : i + BATCH], now)
        told = _said(store, judge, items, judged, dice, now, verdicts)
        keep_phrases(store)
    return told | {"community": COMMUNITY, "concept": WIDE, "version": number, "items": len(items)}


def _widen(book: Wordbook, now: datetime) -> int:
    """The words with « station », published once. Returns the number of the version."""
    current = book.look(COMMUNITY, now)
    if any(c.id == WIDE for c in current.taxonomy.concepts):
        return current.version.number
    concept = Concept(WIDE, "station", weight=2.0, scope_note="Les stations de montagne et les stations thermales.")
    return book.publish(
        COMMUNITY, apply(current.taxonomy, AddConcept(concept)), base=current.version.number, author="claude.martin",
        message="Les stations, de montagne et thermales", origin=Origin.COMMAND, now=now,
    ).number  # fmt: skip


def _items(dice: random.Random, now: datetime, verdicts: int) -> Iterator[Invented]:
    """Twice as many as verdicts wanted: not all become drafts. One in seven is unwanted, one in sixteen a resort."""
    for n in range(2 * verdicts):
        about, texts = (
            ("unwanted", _UNWANTED) if n % 7 == 0
            else ("wanted", _WANTED) if n % 16 == 1
            else ("tourism", _TOURISM) if n % 4 == 2
            else ("other", _OTHERS)
        )  # fmt: skip
        place = f"{dice.choice(_PLACES)}" + dice.choice(("", "", "-sur-Orne", "-en-Vexin", "-la-Forêt"))
        title, _, text = dice.choice(texts).format(p=place).partition("|")
        more = " ".join(m.format(n=dice.randint(3, 900)) for m in dice.sample(_MORE, 4))
        late = n % 28 == 0  # a quarter of the unwanted ones are of this week
        day = now - timedelta(days=dice.uniform(0.5, LATELY) if late else dice.uniform(LATELY + 40, PAST))
        address = f"http://127.0.0.1:9/avis/{n % 8}/{n}"
        identity = f"{dice.getrandbits(64):016x}"
        yield Invented(Article(identity, address, title, f"{text} {more}", day, "fr", "avis.example"), about, day)


def _judged(store: Store, judge: Judge, items: Sequence[Invented], now: datetime) -> dict[str, Judgement]:
    """The work of the night on one batch, saved."""
    for n, item in enumerate(items):
        source, article = f"avis-{n % 8}", item.article
        entry = FeedEntry(source, article.id, article.url, article.title, article.text[:200], item.day)
        state = FeedState(source, next_due=now + timedelta(days=3650), last_success=now)
        store.save_harvest(state, [entry], item.day)
        store.save_articles([article], [(source, article.id, article.id)], item.day)
    found = [item_of(i.article, f"Source inventée n° {n % 8}") for n, i in enumerate(items)]
    ids = [i.id for i in found]
    raw = dict(zip(ids, map(to_bytes, judge.encode(found)), strict=True))
    store.save_vectors(judge.encoder.version, raw)
    vectors = from_bytes(b"".join(raw.values()), judge.encoder.dimension)  # as whoever judges again reads them
    days = [i.day.date().isoformat() for i in items]
    store.save_fingerprints(zip(ids, days, fingerprint_batch(found), strict=True))
    store.add_recipe(judge.recipe)
    kept = read_batch(judge.plan, found)
    store.save_readings(judge.recipe.id, kept)
    judgements = judge.judge_kept(kept, vectors)
    store.save_judgements(judgements, judge.version)
    return dict(zip(ids, judgements, strict=True))


def _said(
    store: Store, judge: Judge, items: Sequence[Invented], judged: dict[str, Judgement], dice: random.Random,
    now: datetime, verdicts: int,
) -> dict[str, Any]:  # fmt: skip
    """Verdicts on the drafts of the past; the recent ones wait, and are queued by the next night."""
    words = {t.id: t for t in judge.taxonomies}
    count, wide = 0, {"rejected": 0, "published": 0, "waiting": 0}
    for item in items:
        lead = judged[item.article.id].lead
        if lead is None:
            continue
        late = item.day > now - timedelta(days=LATELY + 1)
        met = item.about in ("unwanted", "wanted") and lead == COMMUNITY
        if not late and count >= verdicts:
            continue
        draft = make_draft(item.article, judged[item.article.id], [], words[lead])
        with store.atomic():
            store.add_draft(draft, "night", item.day, judge.version)
        if late:
            wide["waiting"] += met
            continue
        right = item.about != "unwanted" and dice.random() < 0.8
        reason = Rejection.OFF_TOPIC if item.about == "unwanted" else dice.choice(
            [Rejection.ALREADY_SEEN, Rejection.TOO_LOCAL, Rejection.LITTLE_USE]
        )  # fmt: skip
        at = item.day + timedelta(hours=dice.randint(3, 60))
        act = Act.PUBLISHED if right else Act.REJECTED
        review = Review(item.article.id, lead, act, "lea", at, "" if right else reason.value)
        with store.atomic():
            saved = store.append_review(review)
            store.save_state(item.article.id, lead, state_of([saved]), at.date())
        count += 1
        if met:
            wide["published" if right else "rejected"] += 1
    return {"verdicts": count, "wide": wide}


def main() -> None:
    """One JSON object on stdout."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--config", type=Path, required=True)
    parser.add_argument("--now", type=datetime.fromisoformat, default=datetime.now(UTC))
    arguments = parser.parse_args()
    sys.stdout.write(json.dumps(seed(load_settings(arguments.config), arguments.now)) + "\n")


if __name__ == "__main__":
    main()
