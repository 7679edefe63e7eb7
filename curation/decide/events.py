"""Does an item announce an event, when and where: ``announces_event``, ``find_event``.

The day of publication, the date of a law, a birth or a deadline is never the
day of the event; among several dates, the one attached to the announcement wins.
"""

from __future__ import annotations

import math
import re
from datetime import date
from functools import lru_cache

from curation.decide.date_grammar import FUTURE, NEAREST, fold
from curation.decide.dates import DateMention, find_dates
from curation.decide.places import find_place, find_town
from curation.types import Event

#: Names of events; in a title they count most.
EVENT_NOUNS = (
    r"colloques?|webinaires?|webinars?|seminaires?|salons?|forums?|assises|congres|conferences?(?! de presse)"
    r"|symposium"
    r"|festivals?|ateliers?|expositions?|visites? (?:guidees?|conferences?|flash|de|du|des|commentees?|lsf)"
    r"|visite-conference"
    r"|concerts?|spectacles?|vernissage|tables? rondes?|hackathons?|rencontres?|job ?dating|forum de recrutement"
    r"|journees? (?:d'etudes?|d'information|d'echanges?|techniques?|professionnelles?|nationales?|regionales?"
    r"|europeennes?"
    r"|internationales?|portes ouvertes|de l[a' ]|du|des)|portes ouvertes|universite d'ete|universites d'ete"
    r"|matinales?"
    r"|petits? dejeuners?|reunions? (?:publiques?|d'information|de lancement)|formations?|stages?|masterclass|mooc"
    r"|concours|projections?|avant-premiere|lancement de l'ouvrage|ceremonie|trophees|semaine (?:nationale"
    r"|europeenne|de l[a'])"
    r"|stands?|degustations?|balades?|escape game|afterwork|convention annuelle|rendez-vous annuel"
)
_NOUN = re.compile(rf"(?<![a-z-])(?:{EVENT_NOUNS})(?![a-z])")
_ANNOUNCE = re.compile(
    r"(?P<strong>\b(?:aura lieu|auront lieu|se tiendra|se tiendront|se tient du|se tient (?:a|le|les|la)"
    r"|se deroulera|se deroule du"
    r"|se derouleront|save the date|inscrivez-vous|entree (?:libre|gratuite)|sur inscription"
    r"|inscriptions? (?:gratuite|obligatoire|"
    r"ouverte|en ligne|sur)|reservation (?:obligatoire|conseillee|en ligne)|vous invite|vous invitons"
    r"|vous donne(?:nt)? rendez-vous"
    r"|rendez-vous (?:le|les|du|a|au|demain)|rdv le|venez |au programme|ouvre ses portes|vous ouvre|participez a|"
    r"je m'inscris|billetterie|merci de vous inscrire|bulletin d'inscription))"
    r"|(?P<weak>\b(?:organise(?:nt|ra|e)?|accueille(?:ra)?|evenement|animee? par|intervenants?"
    r"|prochaine edition|tout public|gratuit"
    r"|sur place|de [0-9]{1,2} ?h(?:[0-9]{2})? a [0-9]{1,2} ?h|[0-9]+(?:e|eme|ere) edition|edition 20[0-9]{2}))\b"
)
_PAST = re.compile(
    r"\b(?:s'est (?:tenue?|deroulee?)|se sont (?:tenu|deroule)[es]*|a eu lieu|ont eu lieu|avait lieu|a reuni"
    r"|ont reuni|ont participe"
    r"|retour sur|replay|revoir|compte[- ]rendu|actes d[ue]s?|bilan de|a permis|a rassemble|s'etait)\b"
)
_BLANK = re.compile(
    r"(?:(?:publiee?s?|mise?s? a jour|mise? en ligne|modifiee?|parue?s?|actualisee?|posteee?|diffusee?"
    r"|date de publication"
    r"|publication|derniere mise a jour)\s*:?\s*(?:le|ce|on|du)?|(?:^|[|•])\W*(?:redigee? "
    r"|propos recueillis )?par [a-z' -]{2,60},?\s+le)"
    r"\s*:?\s*$"
)
_NEVER = re.compile(
    r"(?:\b(?:loi|decret|arrete|ordonnance|circulaire|directive|instruction|decision|arret|jugement|reglement"
    r"|jo|journal officiel"
    r"|rapport|avis|courrier|lettre|communique|note|deliberation|accord|convention|constitution"
    r"|code)s?\b[^.\n]{0,45}\b(?:du|en date du|le)"
    r"|\bnee? (?:a [a-z -]{2,40})?(?:le|en)|\b(?:mort|morte|decedee?|creee?|fondee?|beatifiee?|depuis|signee?"
    r"|promulguee?|entre en vigueur"
    r"|en vigueur|adoptee?|annoncee?|declaree?|elu|nommee?|inauguree?) (?:le|en|depuis le)?)\s*$"
)
_DEADLINE = re.compile(
    r"(?:date limite|dernier delai|cloture|candidat|dossier|inscri[a-z]+|depos|reserv[a-z]+|repond)[^.\n]{0,60}"
    r"(?:jusqu'au|avant le|au plus tard|avant|:|limite)[^.\n]{0,14}$|avant le\s*$|au plus tard le\s*$"
    r"|d'ici le\s*$|date limite[^.\n]{0,60}$"
)
_ATTACHED_BEFORE = re.compile(
    r"(?P<label>(?:\bdates?|quand|dates? et (?:heures?|horaires?|lieu)|horaires?)\s?(?:\*\*)?\s?[:?]+[^\n]{0,12}$)"
    r"|(?P<verb>(?:aura lieu|auront lieu|se tien(?:dra|dront|t|nent)|se deroul[a-z]+|rendez-vous|rdv"
    r"|organis[a-z]+|inscrivez-vous|propose[a-z]*"
    r"|invit[a-z]+|accueil[a-z]+|ouvre|ouvrira|debut(?:e|era)|commenc[a-z]+|programmee?s?|prevue?s?|fixee?s?"
    r"|donne rendez-vous)[^.\n]{0,70}$)"
)
_ATTACHED_AFTER = re.compile(
    r"^[^.\n]{0,60}(?:aura lieu|auront lieu|se tien(?:dra|dront|t|nent)|se deroul[a-z]+|organis[a-z]+"
    r"|invit[a-z]+|accueil[a-z]+|propose|ouvre)"
)
_TITLE_GAP = "\n"


@lru_cache(maxsize=16)  # find_event and find_kind ask the same question of the same item
def announces_event(title: str, text: str) -> float:
    """How much the wording announces an event to come, 0..1 (no date is needed).

    Only the title and the first 1,500 characters of the text are read.
    """
    folded_title, folded = fold(title), fold(text[:1500])
    points = -2.2
    noun = _NOUN.search(folded_title)
    if noun:
        points += 2.2 if noun.start() < 25 else 1.4
    lead = folded[:400]
    if _NOUN.search(lead):
        points += 0.8
    strong = weak = 0
    for match in _ANNOUNCE.finditer(folded):
        if match["strong"]:
            strong += 1
        else:
            weak += 1
    points += min(3.0, 1.6 * strong) + min(1.2, 0.4 * weak)
    if _ANNOUNCE.search(folded_title):
        points += 1.0
    if _PAST.search(folded_title) or _PAST.search(lead):
        points -= 2.0
    return 1.0 / (1.0 + math.exp(-points))


def _line_share(folded: str, mention: DateMention) -> float:
    """How much of its own line the date fills."""
    start = folded.rfind("\n", 0, mention.start_offset) + 1
    end = folded.find("\n", mention.end_offset)
    length = (len(folded) if end < 0 else end) - start
    return (mention.end_offset - mention.start_offset) / max(1, length)


def _points(mention: DateMention, folded: str, title_end: int, published: date | None) -> float | None:
    """How much a date looks like that of the event; None where it cannot be."""
    before = folded[max(0, mention.start_offset - 110) : mention.start_offset]
    after = folded[mention.end_offset : mention.end_offset + 90]
    line = before[before.rfind("\n") + 1 :]
    if _BLANK.search(line) or _NEVER.search(line):
        return None
    points = mention.certainty
    if mention.grain != "day":
        points -= 0.0 if folded.startswith("tout le mois", mention.start_offset) else 1.4
    if mention.relative:
        points -= 0.8
    if _DEADLINE.search(line):
        points -= 4.0
    attached = _ATTACHED_BEFORE.search(line)
    if attached:
        points += 3.0 if attached["label"] else 2.0
    elif mention.grain == "day" and _ATTACHED_AFTER.match(after):
        points += 1.2
    if mention.end_offset <= title_end:
        points += 1.2
    if mention.start_time is not None:
        points += 0.7
    if mention.start < mention.end:
        points += 0.4
    if mention.explicit_year:
        points += 0.2
    if mention.end_offset > title_end and _line_share(folded, mention) > 0.3:
        points += 2.0
    if published is not None:
        if mention.end < published:
            late = (published - mention.end).days
            points -= 0.8 if late < 15 else 2.0 if late < 400 else 4.0
        elif (mention.start - published).days > 800:
            points -= 2.0
        if mention.start == mention.end == published and not attached:
            points -= 0.6
    if mention.bound == "until":
        points -= 0.8
    return points


def _best_mention(
    folded: str, mentions: list[DateMention], title_end: int, published: date | None
) -> tuple[DateMention, float] | None:
    best: tuple[DateMention, float] | None = None
    for rank, mention in enumerate(mentions[:60]):
        points = _points(mention, folded, title_end, published)
        if points is None:
            continue
        points -= 0.05 * min(rank, 10)
        if best is None or points > best[1]:
            best = (mention, points)
    return best


def _proof(chosen: tuple[DateMention, float] | None, folded: str, title_end: int, published: date | None) -> float:
    """What the chosen date adds to the wording: a day to come, on its own line or in the title, is an announcement."""
    if chosen is None:
        return 0.0
    mention, points = chosen
    proof = min(0.4, max(0.0, (points - 1.0) * 0.15))
    coming = published is None or mention.end > published
    if coming and mention.grain == "day" and not mention.relative:
        if mention.end_offset <= title_end:
            proof = max(proof, 0.3)
        elif _line_share(folded, mention) > 0.3:
            proof = max(proof, 0.45)
    return proof


def find_event(title: str, text: str, published: date | None, *, assumed: bool = False) -> Event | None:
    """The event that an item announces, or None.

    ``assumed``: the caller knows that the item announces an event (it comes from
    an agenda); the wording then needs no proof. ``start`` and ``end`` are days,
    ``end`` None for a single day; ``start`` None when only the end is said
    (« jusqu'au 5 mars »). An announcement without a date gives an ``Event`` with its
    place alone, or None where nothing at all is said.
    """
    body = text[:6000]
    full = f"{title}{_TITLE_GAP}{body}"
    folded = fold(full)
    mentions = find_dates(full, published, lean=FUTURE if published is None else NEAREST)
    chosen = _best_mention(folded, mentions, len(title), published)
    wording = announces_event(title, text)
    if not assumed and wording + _proof(chosen, folded, len(title), published) < 0.5:
        return None
    if chosen is None or chosen[1] < 0.2:
        place = find_place(full, len(full), len(full)) or find_town(title)
        return Event(place=place) if place else None
    mention = chosen[0]
    place = find_place(full, mention.start_offset, mention.end_offset) or find_town(title)
    if mention.bound == "until" and mention.start == mention.end:
        return Event(None, mention.start, place)
    end = mention.end if mention.end != mention.start else None
    return Event(mention.start, end, place)
