"""The day until which one may apply: ``find_deadline``.

Found where a call states it (« date limite de candidature », « dossiers à
déposer avant le »), and only there: the end of an exhibition, the term that a
law sets and the roll of an election are none.
"""

from __future__ import annotations

import re
from datetime import date

from curation.decide.date_grammar import FUTURE, NEAREST, fold
from curation.decide.dates import DateMention, find_dates

_STRONG = re.compile(
    r"(?:\b(?:date|heure) (?:limite|butoir|de cloture)\b(?! (?:de consommation|d'achevement|de validite"
    r"|de paiement|d'application))"
    r"|\bdernier delai\b|\bdate de fin de (?:depot|candidature)"
    r"|\bcloture (?:de l'appel|de la consultation|de l'ami|de l'aap|des (?:candidatures?|inscriptions?|depots?"
    r"|dossiers?|offres?|projets?))"
    r"|\bfin (?:de|des) (?:candidatures?|inscriptions?|depots?)|\bdeadline\b)[^.\n!?]{0,90}$"
)
_CLOSING = re.compile(r"\bclotur[a-z]* (?:le|au)\b[^.\n]{0,12}$|\bcloture\s?:\s?[^.\n]{0,12}$")
_ACTION = (
    r"\b(?:candidat(?:ure|er|ez)[a-z]*|candidater|postul[a-z]+|depos(?:er|ez|ee?s?|es)|depots?|dossiers?"
    r"|inscri(?:re|vez|ptions?)[a-z-]*"
    r"|repond(?:re|ez)|reponses?|soumett[a-z]+|soumis(?:sion|sions|es?)?|manifestations? d'interet"
    r"|propositions?|transmett?[a-z]+"
    r"|appels? a (?:projets?|candidatures?|manifestation|contributions?|communications?|initiatives)|participez"
    r"|demandes?"
    r"|envoy[a-z]+|adresse[rz]|guichet|s'inscrire)\b"
)
_BOUND = r"(?:jusqu'au|jusqu'a|avant le|avant|au plus tard(?: le)?|d'ici(?: au| le)?|cloturee?s? le)"
_APPLY_UNTIL = re.compile(rf"{_ACTION}[^.\n!?]{{0,110}}\b{_BOUND}\s*(?:[a-z]+\s?)?$")
_UNTIL_APPLY = re.compile(rf"^[^.\n!?]{{0,60}}{_ACTION}")
_UNTIL = re.compile(rf"\b{_BOUND}\s*(?:[a-z]+\s?)?$")
_YOU_HAVE = re.compile(r"\b(?:vous avez|avez|ont|peuvent|pouvez|pour|ouvert[es]*|ouverte aux)\b")
#: A term set by a text of law, an election, or a story told in the past: no application to file.
_NOT_OURS = re.compile(
    r"\b(?:election[s]?|electora[a-z]+|scrutin|municipales|legislatives|presidentielle|listes?|parti[s]?"
    r"|premier ministre|avaient|devaient"
    r"|devait|avait|a ete|ont ete|greve|preavis|loi|decret|article|code|parlement|senat|assemblee|deputes?"
    r"|amendements?|stade|impots?"
    r"|declaration|vote[rz]?|mineurs|couvre-feu|championnat|match|budget)\b"
)
_LAW = re.compile(
    r"\b(?:devront|doivent|devra|sont tenu[es]*|obligat[a-z]+|mise en conformite"
    r"|entr[a-z]+ en vigueur)\b"
)
_FILED = re.compile(r"\b(?:candidat|depos|dossier|demandes?\b|inscri|reponses?\b|propositions?\b)")
_CALL = re.compile(
    r"\b(?:appels? a|ami|aap|candidat(?:ure|er)[a-z]*|subvention[s]?|aide[s]?|bourse[s]?|prix|concours|trophees"
    r"|laureat[s]?|projets?|"
    r"dossier de|inscri[a-z]+|webinaire|formation|recrut[a-z]+|poste|cv|depot)\b"
)
_SENTENCE = re.compile(r"[.!?]\s|\n")


def _sentence(folded: str, start: int, end: int) -> tuple[str, str]:
    """What precedes and what follows a date within its sentence, at most 220 characters each."""
    before = folded[max(0, start - 220) : start]
    cuts = [match.end() for match in _SENTENCE.finditer(before)]
    after = folded[end : end + 120]
    stop = _SENTENCE.search(after)
    return before[cuts[-1] if cuts else 0 :], after[: stop.start()] if stop else after


def _strength(mention: DateMention, folded: str, title: str) -> float:
    """0 when the date is no deadline."""
    before, after = _sentence(folded, mention.start_offset, mention.end_offset)
    wide = f"{folded[max(0, mention.start_offset - 140) : mention.start_offset]}"
    sentence = f"{before} {after}"
    if _STRONG.search(before) or _STRONG.search(wide.replace("\n", " ")):
        return 0.0 if _NOT_OURS.search(sentence) and not _CALL.search(sentence) else 3.0
    if mention.grain not in ("day", "month") or mention.relative:
        return 0.0
    if _CLOSING.search(before) and (_CALL.search(sentence) or _CALL.search(title)):
        return 2.0
    if _APPLY_UNTIL.search(before):
        if _NOT_OURS.search(sentence) or (_LAW.search(sentence) and not _FILED.search(sentence)):
            return 0.0
        return 2.0
    if _UNTIL.search(before) and (_UNTIL_APPLY.match(after) or _CALL.search(title)):
        if _NOT_OURS.search(sentence) or _LAW.search(sentence):
            return 0.0
        if _UNTIL_APPLY.match(after) and _YOU_HAVE.search(sentence):
            return 1.5
        return 1.0 if re.search(r"\b(?:appel|ouvert)", f"{title} {before}") and _CALL.search(title) else 0.0
    return 0.0


def find_deadline(title: str, text: str, published: date | None) -> date | None:
    """The last day to apply, register or answer; None where none is stated.

    Several deadlines (waves): the next one after ``published``, else the last.
    """
    full = f"{title}\n{text[:8000]}"
    folded = fold(full)
    if not _ANY.search(folded):
        return None
    folded_title = folded[: len(title)]
    found: list[tuple[float, date]] = []
    for mention in find_dates(full, published, lean=FUTURE if published is None else NEAREST):
        strength = _strength(mention, folded, folded_title)
        if strength > 0:
            found.append((strength, mention.end))
    if not found:
        return None
    best = max(strength for strength, _ in found)
    days = sorted(day for strength, day in found if strength >= min(best, 2.0))
    if published is not None:
        coming = [day for day in days if day >= published]
        return coming[0] if coming else days[-1]
    return days[0]


#: Without one of these no rule can hold: most items are dismissed here.
_ANY = re.compile(r"limite|butoir|delai|clotur|deadline|jusqu'a|avant |au plus tard|d'ici|fin de[s]? ")
