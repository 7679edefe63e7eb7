"""Where an event takes place, as far as the text says so: a town, a venue, or « en ligne »."""

from __future__ import annotations

import re

from curation.decide.date_grammar import fold
from curation.french_calendar import DAY_NAMES, FULL_MONTHS, MONTHS, WEEKDAYS

ONLINE = "en ligne"

_LABEL = re.compile(
    r"(?:^|[\n.;|•>)»]|\s)\W{0,4}(?:lieux?|ou|adresse"
    r"|localisation)\s?(?:\*\*)?\s?[:?]+\s*(?:\*\*)?\s*"
)
_ONLINE = re.compile(
    r"\b(?:en visio(?:conference)?|en distanciel|webinaires?|webinars?|par zoom|via (?:zoom|teams)"
    r"|entierement en ligne"
    r"|(?:evenement|formation|atelier|conference|reunion|rencontre|rendez-vous|session|lieu|tiendra"
    r"|deroulera) (?:(?:est|sera) )?"
    r"(?:en ligne|a distance))\b|^en ligne$"
)
_BOTH = re.compile(r"\ben presentiel\b|\bhybride\b")
_UPPER = "A-ZÀÂÄÇÉÈÊËÎÏÔÖÙÛÜŒ"
_WORD = rf"[{_UPPER}0-9][\w’'.-]*"
_LINK = r"(?:de la|de l[’']|des|du|de|d[’']|la|le|les|l[’']|et|en|sur|sous|lès|aux|à|-|–)"
_NAME = rf"{_WORD}(?:\s?(?:{_LINK}\s?){{0,2}}{_WORD}|\s{_WORD}){{0,6}}"
_VENUES = (
    "palais|maison|salle|mairie|h[oô]tel|si[eè]ge|centre|mus[eé]e|th[eé][aâ]tre|biblioth[eè]que|m[eé]diath[eè]que|"
    "universit[eé]|parc|espace|cit[eé]|campus|auditorium|amphith[eé][aâ]tre|pavillon|cin[eé]ma|pr[eé]fecture|[eé]cole|"
    "lyc[eé]e|gymnase|ch[aâ]teau|[eé]glise|gare|camping|domaine|halles?|tiers-lieu|institut|acad[eé]mie|ferme|place|"
    "cath[eé]drale|basilique|chapelle|librairie|galerie|ar[eé]na|z[eé]nith|lavoir|moulin|jardin|"
    "p[oô]le|p[eé]pini[eè]re|technop[oô]le|op[eé]ra|abbaye|stade|complexe|local|locaux"
)
_OWN_VENUES = (
    "palais|maison|h[oô]tel|mus[eé]e|th[eé][aâ]tre|institut|cit[eé]|halles?|op[eé]ra|acad[eé]mie|cath[eé]drale"
)
_AT = re.compile(
    rf"(?<![\w’'-])(?:[àÀ]|(?i:à la|à l[’']|au|aux|dans la|dans le|dans les|dans l[’']))\s?"
    rf"(?P<place>(?i:(?:{_VENUES}))(?![\w-])(?:\s(?:{_LINK}\s?){{0,2}}[\w’'-]+){{0,6}}|{_NAME})"
)
_AT_TOWN = re.compile(rf"(?<![\w’'-])[àÀ]\s(?P<place>{_NAME})")
_GUARD = re.compile(
    r"(?:grace|face|hommage|dedie[es]*|consacre[es]*|rapport|appel|quant|lie[es]*|suite|confie[es]*|destine[es]*"
    r"|destination|merci|remise?|attribue[es]*|participer|inscri[a-z]*|reponse|adresse[rz]?|conforme[a-z]*"
    r"|jusqu'|donne[a-z]*"
    r"|invite[a-z]*|due?s?|relatif|relative|soumis|pret|candidat[a-z]*|s'associe|associee?s?)\s*$"
)
#: Words that open a clause, not a place; and names of events, which one attends but where one does not go.
_NOT_PLACES = frozenset((
    *MONTHS, *WEEKDAYS, "partir", "m", "mme", "monsieur", "madame", "noel", "paques", "vous", "nous", "enfin", "ainsi",
    "puis", "ensuite", "rappelons", "notamment", "demain", "hier", "or", "mais", "cependant", "toutefois", "seul",
    "francais", "francaises", "tous", "toutes", "semaine", "festival", "fete", "salon", "occasion", "journee",
    "journees", "loto", "forum", "colloque", "programme", "edition", "tour",
))  # fmt: skip
_ARTICLE = re.compile(r"^(?:la |le |les |l')")
#: « 13 bis rue des Barres, 69004 Lyon ».
_STREET = r"(?:rue|avenue|boulevard|bd|place|quai|all[eé]es?|chemin|route|impasse|passage|square|cours|mail)"
_ADDRESS = re.compile(
    rf"(?<![\w-])(?P<place>[0-9]{{1,4}}\s?(?:bis|ter|[/-]\s?[0-9]+)?,?\s{_STREET}\s[\w’' -]{{3,40}}"
    rf"(?:,?\s(?:[0-9]{{5}}\s)?[{_UPPER}][\w’'-]+(?:\s[{_UPPER}0-9][\w’'-]*){{0,3}})?)"
)
#: A venue and its own name, without a preposition: « bibliothèque Jean-Moulin », « Institut du monde maritime ».
_NAMED_VENUE = re.compile(
    rf"(?<![\w’'-])(?P<place>(?i:(?:{_VENUES}))(?![\w-])(?:\s{_LINK}){{0,2}}\s(?:{_NAME})"
    rf"|(?=[{_UPPER}])(?i:(?:{_OWN_VENUES}))(?![\w-])\s(?:de la|de l[’']|des|du|d[’'])\s?[a-zà-ÿ]+"
    r"(?:\s[a-zà-ÿ]{4,})?)"
)
_STOP = re.compile(
    r"\s(?:pour|avec|afin|dans|sur le th[eè]me|autour|organis|qui|où|de\s?\d|à\s?\d|le\s?\d|du\s?\d"
    r"|le\s(?:lundi|mardi|mercredi|jeudi"
    r"|vendredi|samedi|dimanche))|[.,;:!?()\n|»*]"
)
#: « La Maison du bocage, le jeudi 8 avril à 20:00 »: the venue opens the line of the date.
_BEFORE_DATE = re.compile(
    rf"(?:^|\n|[.!?|]\s)\W{{0,3}}(?P<place>(?:[Ll][ae]s?\s"
    rf"|[Ll][’'])?[{_UPPER}][^\n,;:!?]{{2,80}}?)\s?,\s*(?:le|du|les)?\s*$"
)
#: A clause or a day, not a venue, stands before the comma.
_VERB = re.compile(
    rf"\b(?:{'|'.join((*DAY_NAMES, *FULL_MONTHS))})\b|^(?:du|des|rendez-vous)\b"
    r"|\b(?:est|sont|sera|seront|a|ont|aura|auront|passe|organise|propose|accueille|lance|ouvre|revient|presente|invite"
    r"|celebre|publie|annonce|recoit|prend|fait|veut|va|vont)\b"
)
_AFTER_DATE = re.compile(r"[\s,(–-]*(?:à|au|aux|À|@)\s(?P<place>[^\n.;!?|]{3,90})")
_MAX_PLACE = 90
#: Characters of the text where a venue is looked for without a preposition.
_OPENING = 1500
_TRAILING = re.compile(r"(?:\s(?:et|ou|de|du|des|la|le|les|à|au|aux|en|sur|dans|avec|[’']))+$")


def _clean(place: str) -> str | None:
    place = _TRAILING.sub("", place.strip(' \t\n,;:.-–*_(«»"'))
    if len(place) < 2 or len(place) > _MAX_PLACE or place.isdigit():
        return None
    first = _ARTICLE.sub("", fold(place)).split()[:1]
    if not first or first[0].rstrip(".") in _NOT_PLACES:
        return None
    return place if not place[0].isdigit() or _ADDRESS.match(place) else None


def _cut(place: str) -> str:
    stop = _STOP.search(place)
    return place[: stop.start()] if stop else place


def _labelled(text: str, folded: str) -> str | None:
    for match in _LABEL.finditer(folded):
        if match.group().strip(" \n*.;|•>)»").startswith("ou") and "?" not in match.group():
            continue
        rest = text[match.end() : match.end() + _MAX_PLACE + 30]
        place = _clean(
            re.split(
                r"\n|\s[|•]\s|[.;](?:\s|$)|\s(?:Date|Quand|Horaires?|Tarif"
                r"|Inscription)s?\s?[:?]",
                rest,
            )[0][:_MAX_PLACE]
        )
        if place:
            return ONLINE if _ONLINE.search(fold(place)) else place
    return None


def _said_at(text: str, folded: str, start: int, end: int) -> str | None:
    """The first « à Tours », « au palais des congrès de Nantes » between two offsets."""
    for match in _AT.finditer(text, max(0, start), min(len(text), end)):
        if _GUARD.search(folded[max(0, match.start() - 16) : match.start()]):
            continue
        place = _clean(_cut(match["place"]))
        if place is None and (inner := _AT_TOWN.search(match["place"])):
            place = _clean(_cut(inner["place"]))  # « au Festival du conte à Moulinvert »
        if place and not re.match(r"[a-zà-ÿ]+$", place):
            return place
    return None


def find_place(text: str, start: int, end: int) -> str | None:
    """The place of the event whose date stands at ``start``..``end`` in ``text``.

    In order: a label (« Lieu : »), what opens or follows the date on its line,
    « à … » close to the date, then « en visioconférence ». None when not said.
    """
    folded = fold(text)
    place = _labelled(text, folded)
    if place:
        return place
    after = text[end : end + 120]
    before = text[max(0, start - 120) : start]
    follows = _AFTER_DATE.match(after)
    if follows:
        place = _clean(_cut(follows["place"]))
        if place and not re.match(r"[a-zà-ÿ]", place[0]):
            return place
    opens = _BEFORE_DATE.search(before)
    if opens:
        place = _clean(opens["place"])
        if place and len(place.split()) <= 10 and not _VERB.search(fold(place)):
            return place
    if start >= len(text):  # no date to stand near: the opening of the text
        place = _said_at(text, folded, 0, 400)
    else:
        place = _said_at(text, folded, end, end + 160) or _said_at(text, folded, start - 140, start)
    if place:
        return place
    if _ONLINE.search(folded) and not _BOTH.search(folded):
        return ONLINE
    return None


def find_venue(title: str, text: str) -> str | None:
    """What an announcement names that one can go to, when nothing says « à »: an address, a venue of the title."""
    address = _ADDRESS.search(text[:_OPENING])
    found = address or _NAMED_VENUE.search(title)
    place = _clean(found["place"] if found is address else _cut(found["place"])) if found else None
    return place if place and len(place.split()) > 1 else None


def find_town(title: str) -> str | None:
    """A town in a title (« Rencontre régionale à Limoges »)."""
    folded = fold(title)
    for match in _AT_TOWN.finditer(title):
        if not _GUARD.search(folded[max(0, match.start() - 16) : match.start()]):
            return _clean(_cut(match["place"]))
    return None
