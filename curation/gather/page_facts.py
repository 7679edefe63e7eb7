"""What a page declares about itself: title, dates, language, site, authors, canonical address, free access.

Read from meta tags, JSON-LD (schema.org), microdata and the visible « Publié le ... », in that order of trust. The
date is the day of *publication*: dates of events (schema.org Event, ``<time>`` in the text, a date in the title) are
never taken for it; that is why htmldate, which would search the whole text, is not used.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urljoin, urlsplit

from lxml import etree, html

from curation.french_calendar import DAY_NAMES
from curation.gather.boilerplate import fold
from curation.gather.canonical import canonical_url, site_of
from curation.gather.clean import one_line
from curation.gather.feed_dates import feed_date

_ARTICLE_TYPES = re.compile(r"Article|Posting|Report|WebPage|CreativeWork|Review|NewsItem", re.IGNORECASE)
_MAX_NODES = 3_000
_PUBLISHED_META = tuple(
    "article:published_time og:article:published_time datepublished date.published publish-date publication_date "
    "dc.date.issued dcterms.issued dcterms.created dcterms.date dc.date.created dc.date "
    "citation_publication_date sailthru.date parsely-pub-date article.published pubdate publishdate "
    "date_publication article:publicationdate".split()
)
_PUBLISHED_WORDS = re.compile(
    r"(?:Publiée?s?|Mise? en ligne|Postée?|Parue?|Date de (?:publication|parution|mise en ligne)|Rédigée?"
    r"|Écrite?|Published|Posted)"
    r"(?:\s+par\s[^\n\d]{1,60}?)?\s*(?:le|on|:|,|-|–)?\s*:?\s*"
    rf"((?:(?:{'|'.join(DAY_NAMES)})\s+)?"
    r"\d{1,2}(?:er)?[\s/.-]+(?:\w{3,10}\.?"
    r"|\d{1,2})[\s/.-]+\d{4}"
    r"(?:\s*(?:à|-|,)?\s*\d{1,2}\s?[h:]\s?\d{0,2})?|\d{4}-\d{2}-\d{2}(?:T[\d:+Z.-]{5,25})?)",
    re.IGNORECASE,
)
_PUBLISHED_CLASS = re.compile(
    r"publi|entry-date|post-date|date-post|article[-_]{1,2}date|posted|dateline|created", re.IGNORECASE
)
_BYLINE_CLASS = re.compile(
    r"(?:^|[\s_-])(?:date|dateline|publication|byline|meta|infos?|signature)(?:$|[\s_-])", re.IGNORECASE
)
_BARE_DATE = re.compile(r"(?<!\d)\d{1,2}(?:er)?\s(?:\w{3,9}\.?)\s\d{4}(?!\d)|(?<!\d)\d{2}[/.]\d{2}[/.]\d{4}(?!\d)")
_PERIOD = re.compile(r"\b(?:du|au|jusqu|avant|rendez-vous|clôture|limite|mise? à jour|modifi)", re.IGNORECASE)
#: Words of a title or of an address that announce an event; then a bare date proves nothing.
_EVENT = re.compile(
    r"\b(?:agenda|evenements?|events?|webinaires?|webinars?|colloques?|journees?|rencontres?|salons?"
    r"|formations?|festivals?"
    r"|conferences?|seminaires?|forums?|ateliers?|assises|congres|inscriptions?|rendez vous|concerts?"
    r"|expositions?|concours)\b"
)
_URL_DATE = re.compile(r"/(20[0-3]\d|199\d)[/-](0[1-9]|1[0-2])[/-](0[1-9]|[12]\d|3[01])(?=[/_.-]|$)")
_SEPARATOR = re.compile(r"\s+[|\u2013\u2014\u00b7•»/:-]{1,2}\s+|\s*\|\s*|\s+::\s+")
_WORDS = re.compile(r"[^\W\d_]+")
_STOPWORDS = {
    "fr": frozenset("le la les des du et est une dans pour que qui sur par au aux plus pas avec ce sont ont".split()),
    "en": frozenset("the of and to in is that for it with as on are this be by from at have has was were".split()),
    "de": frozenset("der die das und ist nicht ein eine mit von zu den dem im auf für auch sich werden".split()),
    "es": frozenset("el los las del y en una que por con para es como más su sus este esta son".split()),
    "it": frozenset("il gli della di che è per una con nel alla dei sono anche come più questo questa".split()),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class PageFacts:
    """Declarations of a page; "" or None where it declares nothing. ``free`` is False when it says it is not."""

    title: str
    published: datetime | None
    language: str | None
    site: str | None
    authors: tuple[str, ...]
    url: str  # canonical form of the address that identifies the page
    free: bool | None


def parse_html(text: str) -> html.HtmlElement | None:
    """Tree of a page, or None when nothing can be made of it."""
    parser = html.HTMLParser(encoding="utf-8", remove_comments=True, remove_pis=True)
    try:
        tree = html.document_fromstring(text.encode("utf-8", "replace"), parser=parser)
    except (etree.LxmlError, ValueError, AssertionError):
        return None
    return tree if isinstance(tree, html.HtmlElement) else None


def page_facts(tree: html.HtmlElement, *, url: str, now: datetime) -> PageFacts:
    """Read what the page says of itself. ``url``: the address it came from, "" for a file."""
    metas = _metas(tree)
    nodes = list(_json_ld(tree))
    articles = [n for n in nodes if _is_article(n)]
    site = _site(metas, nodes, url)
    return PageFacts(
        title=_title(tree, metas, articles, site, url),
        published=_published(tree, metas, articles, url, now),
        language=_declared_language(tree, metas, articles),
        site=site,
        authors=_authors(metas, articles),
        url=_identity(tree, url),
        free=_free(tree, metas, articles),
    )


def guess_language(text: str) -> str | None:
    """Language of a text by its commonest words ("fr", "en", "de", "es", "it"), or None when it is not clear."""
    words = _WORDS.findall(text[:5_000].lower())
    if len(words) < 12:
        return None
    met = Counter(words)
    counts = {language: sum(met[word] for word in stop & met.keys()) for language, stop in _STOPWORDS.items()}
    best, second = sorted(counts, key=counts.__getitem__, reverse=True)[:2]
    return best if counts[best] >= 0.08 * len(words) and counts[best] > 1.5 * counts[second] else None


def without_site(title: str, site: str | None, url: str) -> str:
    """« Un titre | Le Site », « Un titre - Commune de X » -> « Un titre »."""
    host = site_of(url)
    names = {_squash(name) for name in (site or "", host, host.rpartition(".")[0], *host.split(".")[-2:-1]) if name}
    for _ in range(3):
        pieces = list(_SEPARATOR.finditer(title))
        if not pieces:
            return title
        whole = next((p for p in pieces if p.start() >= 8 and _squash(title[p.end() :]) in names), None)
        if whole is not None:  # the name of the site may hold a separator itself
            return title[: whole.start()].strip()
        first, last = pieces[0], pieces[-1]
        if _squash(title[: first.start()]) in names and len(title) - first.end() >= 8:
            title = title[first.end() :].strip()
            continue
        head, tail = title[: last.start()].strip(), title[last.end() :].strip()
        if len(head) >= 8 and (_names_site(tail, names) or ("|" in last.group() and len(tail) <= 60)):
            title = head
        elif len(title[first.end() :].strip()) >= 8 and _names_site(title[: first.start()], names):
            title = title[first.end() :].strip()
        else:
            return title
    return title


_INSTITUTION = re.compile(
    r"^(?:(?:le )?site (?:officiel )?(?:de|du|des|d) .{2,50}|(?:ville|commune|mairie|agglomeration|communaute"
    r"|metropole|pays"
    r"|departement|conseil (?:departemental|regional)|region|prefecture|ministere) (?:de|du|des|d|la|le"
    r"|l) .{1,50}|site officiel|accueil|"
    r"actualites?|blog)$"
)


def _names_site(text: str, names: set[str]) -> bool:
    squashed = _squash(text)
    if not squashed or len(text) > 90:
        return False
    if _INSTITUTION.match(fold(text)):
        return True
    return any(
        squashed == name or (len(name) > 4 and name in squashed and len(squashed) < 3 * len(name)) for name in names
    )


def _squash(text: str) -> str:
    return fold(text).replace(" ", "")


def _metas(tree: html.HtmlElement) -> dict[str, str]:
    """First value of each meta tag, names in lower case."""
    found: dict[str, str] = {}
    for meta in tree.iter("meta"):
        name = meta.get("property") or meta.get("name") or meta.get("itemprop") or ""
        content = meta.get("content") or ""
        if name and content.strip():
            found.setdefault(re.sub(r"^dc[:_]", "dc.", name.strip().lower()[:80]), content.strip()[:2_000])
    return found


def _json_ld(tree: html.HtmlElement) -> Iterator[dict[str, object]]:
    """Every object of the page's JSON-LD blocks, outermost first."""
    seen = 0
    for script in list(tree.iter("script"))[:400]:
        if "ld+json" not in (script.get("type") or "").lower():
            continue
        try:
            pending: list[object] = [json.loads((script.text or "")[:500_000].strip().rstrip(";"), strict=False)]
        except (ValueError, RecursionError):
            continue
        while pending and seen < _MAX_NODES:
            node = pending.pop(0)
            seen += 1
            if isinstance(node, dict):
                yield node
                pending.extend(value for value in node.values() if isinstance(value, dict | list))
            elif isinstance(node, list):
                pending.extend(node[:200])


def _types(node: dict[str, object]) -> str:
    kind = node.get("@type")
    return " ".join(str(k) for k in kind) if isinstance(kind, list) else str(kind or "")


def _is_article(node: dict[str, object]) -> bool:
    kinds = _types(node)
    return bool(_ARTICLE_TYPES.search(kinds)) and "Event" not in kinds


def _title(
    tree: html.HtmlElement, metas: dict[str, str], articles: list[dict[str, object]], site: str | None, url: str
) -> str:
    headings = [t for h in list(tree.iter("h1"))[:10] if 4 <= len(t := one_line(h.text_content()[:2_000])) <= 300]
    declared = [
        metas.get("og:title", ""),
        *(str(n["headline"]) for n in articles if isinstance(n.get("headline"), str)),
    ]
    declared += [metas.get("twitter:title", ""), metas.get("dc.title", "")]
    document = tree.findtext(".//title") or ""
    titles = [t for raw in (*declared, document) if (t := one_line(raw[:2_000], limit=400))]
    for heading in headings:  # the heading that the title repeats, before its suffix
        repeated = fold(heading) and any(fold(t).startswith(fold(heading)) for t in titles)
        if repeated and not _names_site(heading, {_squash(site or "")} - {""}):
            return without_site(heading, site, url)
    if titles:
        return without_site(titles[0], site, url)
    return headings[0] if headings else ""


def _published(
    tree: html.HtmlElement, metas: dict[str, str], articles: list[dict[str, object]], url: str, now: datetime
) -> datetime | None:
    def candidates() -> Iterator[str]:
        for name in _PUBLISHED_META[:2]:
            yield metas.get(name, "")
        for node in articles:
            yield str(node.get("datePublished") or "")
        for node in articles:
            yield str(node.get("dateCreated") or "")
        for name in _PUBLISHED_META[2:]:
            yield metas.get(name, "")
        for element in list(tree.xpath("//*[@itemprop='datePublished' or @pubdate]"))[:5]:
            yield element.get("datetime") or element.get("content") or element.text_content()[:60]
        body = tree.find("body")
        visible = body if body is not None else tree
        yield from (m.group(1) for m in _PUBLISHED_WORDS.finditer(_text_start(visible)))
        for element in list(tree.xpath("//time[@datetime] | //abbr[@title]"))[:20]:
            near = " ".join(
                (element.get("class") or "", *((a.get("class") or "") for a in list(element.iterancestors())[:2]))
            )
            if _PUBLISHED_CLASS.search(near) and "event" not in near:
                yield element.get("datetime") or element.get("title") or ""
        if not _about_event(tree, metas, url):
            yield from _bylines(visible)
        match = _URL_DATE.search(urlsplit(url).path) if url else None
        if match:
            yield "-".join(match.groups())

    for text in candidates():
        if text:
            found, _ = feed_date(None, text, now)
            if found is not None:
                return found
    return None


def _about_event(tree: html.HtmlElement, metas: dict[str, str], url: str) -> bool:
    """Whether a bare date on the page may be that of an event."""
    title = fold(metas.get("og:title", "") + " " + (tree.findtext(".//title") or ""))
    return (
        "event" in metas.get("og:type", "")
        or bool(_EVENT.search(fold(url)))
        or bool(_EVENT.search(title))
        or _is_event(tree)
    )


def _bylines(body: html.HtmlElement) -> Iterator[str]:
    """Dates that stand alone in a short element named for it: ``<span class="date">, le 15 septembre 2009</span>``."""
    for element in list(body.xpath(".//*[@class and not(self::body)]"))[:3_000]:
        if _BYLINE_CLASS.search(element.get("class") or "") and "event" not in (element.get("class") or "").lower():
            text = one_line(element.text_content()[:400])
            dates = _BARE_DATE.findall(text) if len(text) < 120 else []
            if len(dates) == 1 and not _PERIOD.search(text):
                yield dates[0]


def _text_start(body: html.HtmlElement) -> str:
    """Visible text, script and style apart; the whole of it up to 200,000 characters (menus may be long)."""
    pieces: list[str] = []
    size = 0
    for element in body.iter():
        if not isinstance(element.tag, str):
            continue
        for piece in (element.text if element.tag not in ("script", "style", "noscript") else None, element.tail):
            if piece and not piece.isspace():
                pieces.append(piece)
                size += len(piece)
        if size > 200_000:
            break
    return re.sub(r"\s+", " ", " ".join(pieces))


def _declared_language(tree: html.HtmlElement, metas: dict[str, str], articles: list[dict[str, object]]) -> str | None:
    root = tree if tree.tag == "html" else tree.getroottree().getroot()
    candidates = [root.get("lang"), root.get("{http://www.w3.org/XML/1998/namespace}lang"), root.get("xml:lang")]
    candidates += [
        metas.get("og:locale"),
        metas.get("language"),
        metas.get("dc.language"),
        metas.get("content-language"),
    ]
    candidates += [str(n.get("inLanguage") or "") for n in articles]
    for text in candidates:
        match = re.match(r"\s*([A-Za-z]{2})(?:[-_].*)?\s*$", text or "")
        if match:
            return match.group(1).lower()
    return None


def _site(metas: dict[str, str], nodes: list[dict[str, object]], url: str) -> str | None:
    name = metas.get("og:site_name") or metas.get("application-name") or ""
    if not name:
        for node in nodes:
            publisher = node.get("publisher")
            if isinstance(publisher, dict) and isinstance(publisher.get("name"), str):
                name = publisher["name"]
                break
            if "WebSite" in _types(node) and isinstance(node.get("name"), str):
                name = str(node["name"])
                break
    name = one_line(name, limit=100)
    return (name if not name.startswith(("http:", "https:")) else "") or site_of(url) or None


def _authors(metas: dict[str, str], articles: list[dict[str, object]]) -> tuple[str, ...]:
    names: list[str] = []
    for node in articles:
        author = node.get("author")
        for one in author if isinstance(author, list) else [author]:
            name = one.get("name") if isinstance(one, dict) else one
            names += [n for n in (name if isinstance(name, list) else [name]) if isinstance(n, str)]
    if not names:
        names = [metas[key] for key in ("author", "article:author", "dc.creator", "citation_author") if key in metas]
    clean = (one_line(name[:500], limit=100) for name in names[:20])
    kept = (
        n for n in clean if n and not n.startswith(("http", "@")) and fold(n) not in ("admin", "unknown", "webmaster")
    )
    return tuple(dict.fromkeys(kept))


def _identity(tree: html.HtmlElement, url: str) -> str:
    """rel=canonical when it names a page of the same site; not the home page, not another host."""
    own = canonical_url(url) if url else ""
    for link in tree.iter("link"):
        if "canonical" in (link.get("rel") or "").lower().split():
            try:
                declared = canonical_url(urljoin(url, (link.get("href") or "").strip()))
            except ValueError:
                break
            if not declared.startswith(("http://", "https://")) or declared == own:
                break
            if not own:
                return declared
            parts = urlsplit(declared)
            is_home = parts.path in ("", "/") and not parts.query
            if _same_host(declared, own) and not (is_home and urlsplit(own).path not in ("", "/")):
                return declared
            break
    return own


def _same_host(a: str, b: str) -> bool:
    """One host, "www." and "m." aside, or a host and its parent; never two sub-domains of a blog platform."""
    one, two = site_of(a), site_of(b)
    return bool(one and two) and (one == two or one.endswith("." + two) or two.endswith("." + one))


def _free(tree: html.HtmlElement, metas: dict[str, str], articles: list[dict[str, object]]) -> bool | None:
    values = [n.get("isAccessibleForFree") for n in articles if "isAccessibleForFree" in n]
    values += [metas["isaccessibleforfree"]] if "isaccessibleforfree" in metas and not _is_event(tree) else []
    if any(str(v).lower().rsplit("/", 1)[-1] in ("false", "no", "0") for v in values):
        return False
    if metas.get("article:content_tier", "").lower() == "locked":
        return False
    return True if values else None


def _is_event(tree: html.HtmlElement) -> bool:
    return bool(tree.xpath("boolean(//*[contains(@itemtype, 'schema.org/Event')])"))
