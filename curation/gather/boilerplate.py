"""What feed software adds around a summary, and no reader wants: it is taken off the ends, never the middle."""

from __future__ import annotations

import re
import unicodedata

_APOSTROPHE = "['’`]"
#: « L’article X est apparu en premier sur Y. », "The post X appeared first on Y." (WordPress).
_APPEARED = re.compile(
    rf"(?:^|(?<=[\s.!?…\]»\")]))(?:L{_APOSTROPHE}(?:article|actualité|offre|événement)|Cet\s(?:article|évén[eè]ment)"
    rf"|Le\s(?:post|billet)|Cette\s(?:actualité|offre|publication)|La\spublication|The\spost|This\spost|The\sarticle)"
    rf"\b[^\n]{{0,400}}?(?:(?<![.!?…])\n[^\n]{{0,200}}?)?"
    rf"(?:(?:est|a été)\s(?:d{_APOSTROPHE}abord\s)?(?:apparue?|publiée?|parue?|mise? en ligne)"
    rf"(?:\s(?:en\spremier(?:\slieu)?|initialement|d{_APOSTROPHE}abord|à l{_APOSTROPHE}origine))?"
    rf"|(?:first\s)?appeared(?:\sfirst)?|was\s(?:first\s)?published(?:\sfirst)?)\s(?:sur|on|dans|in|par)\b[^\n]{{0,200}}\Z",
    re.IGNORECASE,
)
_ARROWS = r"[\s.…»›>→⇒►▶+\]\)]*"
#: The invitation to click, alone at the end.
_READ_MORE = re.compile(
    r"(?:^|(?<=[\s.!?…»\")\]]))[\[\(«‹→►▶>]*\s*"
    r"(?:(?:Lire|Voir|Découvrir|Consulter|Retrouver|Afficher)\s(?:la\ssuite|plus|davantage|l['’](?:article|actualité|intégralité)"
    r"(?:\s(?:complet|entier|en\sentier|intégral))?|tout\sl['’]article)(?:\s(?:de\sl['’]article|sur\s[^\n.]{1,60}|ici))?"
    r"|Lire\sla\ssuite\sde\s[^\n.]{1,200}"
    r"|En\s(?:savoir|lire|voir)\s(?:plus|davantage)(?:\ssur\s[^\n]{1,200})?|Plus\sd['’]info(?:rmation)?s?"
    r"|Continue[rz]?\s(?:la|à|votre|de)\s?(?:lecture|lire)(?:\s(?:de\s)?[^\n]{1,250})?|Continue\sreading(?:\s[^\n]{1,250})?"
    r"|Poursuivre\sla\slecture|Lire\sl['’]article\ssur\s[^\n]{1,80}|Cliquez\sici\spour\slire\s[^\n]{1,80}"
    r"|Read\s(?:the\s(?:full|whole)\s(?:article|story|post)|more)(?:\s[^\n]{0,120})?|Learn\smore)" + _ARROWS + r"$",
    re.IGNORECASE,
)
#: One of these words is in anything the two patterns match: a cheap refusal of ordinary endings.
_APPEARED_WORDS = ("appar", "appeared", "publi", "paru", "en ligne")
#: And one of these in anything the first of them matches.
_APPEARED_HEADS = ("article", "post", "offre", "actualité", "nement", "billet", "publication")
_READ_MORE_WORDS = (
    "suite",
    "plus",
    "davantage",
    "l'article",
    "l’article",
    "l'actu",
    "l’actu",
    "l'int",
    "l’int",
    "lire",
    "lecture",
    "read",
    "more",
    "info",
)
_NETWORKS = (
    r"(?:Facebook|Twitter|LinkedIn|X|WhatsApp|Bluesky|Mastodon|E-?mail|Imprimer|Copier le lien|Pinterest|Telegram)"
)
_LINE = re.compile(
    r"^\W*(?:(?:Partage[rz]|Share|Tweete[rz]|Tweet|Retweeter|Suivez[- ]nous|Follow us)\b.{0,60}"
    rf"|{_NETWORKS}(?:[\s|,•·/-]{{1,9}}{_NETWORKS}){{0,12}}"
    r"|J['’]aime(?:\s?:?)?(?:\s?chargement.{0,5})?|WordPress\s?:|Articles?\s(?:similaires?|liés|connexes)"
    r"|Sur le m[êe]me (?:sujet|thème)\s?:?"
    r"|Lire aussi\s?:?.{0,200}|À lire aussi\s?:?.{0,200}|(?:\d+\s)?commentaires?"
    r"|Laisser un commentaire|Ajouter un commentaire"
    r"|Filed under.{0,200}|Classé (?:dans|sous)\s?:.{0,200}|Publicité|Advertisement|Powered by .{0,60}"
    r"|Email this|Add to del\.icio\.us|Save to del\.icio\.us|Digg This!?|Stumble It!?|Subscribe to this feed"
    r"|Share on Facebook|Comments?|Permalien|Permalink|Retour à la liste|Haut de page)\W*$",
    re.IGNORECASE,
)
_ELLIPSIS = re.compile(r"\s*(?:\[\s*(?:…|\.\.\.|&hellip;)\s*\]|\(\s*(?:…|\.\.\.)\s*\)|…|\.\.\.)\s*$")
#: A run of the same dead end of a sentence is looked for in that much of the end only.
_TAIL = 700
#: No invitation to click is longer than this, arrows aside: its words are looked for no further from the end.
_INVITATION = 320
_ARROW_SIGNS = " \t\n.…»›>→⇒►▶+])"
_CUT_HEADS = re.compile(rf"(?:L{_APOSTROPHE}article|Cet article|The post) ")


def fold(text: str) -> str:
    """Case, accents, typographic signs and punctuation ignored: for comparing two titles."""
    text = unicodedata.normalize("NFKD", text.casefold())
    return " ".join(re.findall(r"[^\W_]+", "".join(c for c in text if not unicodedata.combining(c))))


def without_boilerplate(text: str, title: str = "") -> str:
    """``text`` (plain, one line per paragraph) without what the software added at its ends.

    ``title`` helps to recognise a sentence « L’article <title> est apparu... » that the feed has cut short, and a
    summary that opens by repeating the title.
    """
    for _ in range(6):
        before = text
        text = _strip_end(text, title)
        if text == before:
            break
    return _strip_start(text, title)


def _strip_end(text: str, title: str) -> str:
    text = text.rstrip()
    head, tail = text[:-_TAIL], text[-_TAIL:]
    lowered = tail.lower()
    if any(head in lowered for head in _APPEARED_HEADS) and any(word in lowered for word in _APPEARED_WORDS):
        tail = _APPEARED.sub("", tail)
    lines = tail.split("\n")
    while lines and (not lines[-1].strip() or (len(lines[-1]) < 260 and _LINE.match(lines[-1]))):
        lines.pop()
    if not lines:
        return head
    end = lines[-1].rstrip(_ARROW_SIGNS)[-_INVITATION:].lower()
    if any(word in end for word in _READ_MORE_WORDS):
        lines[-1] = _READ_MORE.sub("", lines[-1]).rstrip()
    lines[-1] = _cut_short(lines[-1], title)
    text = head + "\n".join(lines)
    ellipsis = _ELLIPSIS.search(text[-20:])
    if ellipsis:
        cut = len(text) - (min(len(text), 20) - ellipsis.start())
        rest = text[:cut].rstrip(" ,;:")
        text = rest if rest.endswith((".", "!", "?", "…", "\n")) or not rest else rest + "…"
    return text.rstrip()


def _cut_short(line: str, title: str) -> str:
    """Drop « L’article <title> est appar » when the feed cut the sentence before its verb."""
    if len(title) < 12:
        return line
    if "article " not in line and "post " not in line:
        return line
    for match in _CUT_HEADS.finditer(line):
        rest = fold(line[match.end() : match.end() + 400])
        wanted = fold(title)
        if rest and len(rest) >= 8 and (rest.startswith(wanted) or wanted.startswith(rest)):
            return line[: match.start()].rstrip()
    return line


def _strip_start(text: str, title: str) -> str:
    first, newline, rest = text.partition("\n")
    if newline and title and rest.strip() and fold(first) == fold(title):
        return rest.strip()
    return text
