"""A page, bytes in: the article it holds, or the failure that says why not.

The main text is found by trafilatura (comments off, ``deduplicate`` off: it depends on what was read before), then
cleaned of what it leaves of a French page's furniture. Where the page refuses, ``article_from_entry`` makes the article
of the feed's own text.
"""

from __future__ import annotations

import io
import logging
import re
from dataclasses import replace
from datetime import datetime

import pypdf
import trafilatura
from lxml import html

from curation.gather.boilerplate import fold, without_boilerplate
from curation.gather.canonical import article_id, canonical_url, site_of
from curation.gather.clean import clip, one_line, tidy
from curation.gather.decode import decode
from curation.gather.feed_dates import feed_date
from curation.gather.page_facts import PageFacts, guess_language, page_facts, parse_html
from curation.gather.page_refusals import refusal
from curation.types import Article, Cause, Failure, FeedEntry

MAX_BYTES = 40_000_000
MAX_TEXT = 200_000  # characters of an article
MIN_TEXT = 200  # characters under which a page says less than its feed
MAX_PDF_PAGES = 40
_MAX_HTML = 4_000_000  # characters
_MANY_ELEMENTS = 20_000  # beyond, trafilatura takes quadratic time: the paragraphs are taken as they are

_HTML_TYPES = re.compile(
    r"^\s*(?:text/html|application/xhtml\+xml|application/xml|text/xml|text/plain)?\s*(?:;|$)", re.I
)
_HTML_START = re.compile(
    r"<(?:!doctype\s+html|html|head|body|article|main|div|p|h1|title|meta|section)\b", re.IGNORECASE
)
_FEED_START = re.compile(r"<(?:rss|feed|rdf:rdf|opml|urlset|sitemapindex)\b", re.IGNORECASE)
#: Lines of a page that belong to its furniture, whatever the site.
_FURNITURE = re.compile(
    r"^(?:[-•▶►>→]\s*)?(?:(?:[ÀA] lire (?:aussi|également)|Lire (?:aussi|également|la suite)|[ÀA] (?:voir"
    r"|écouter|consulter) (?:aussi|également)|Voir aussi"
    r"|Sur le m[êe]me (?:sujet|thème)|Pour aller plus loin)\s*(?:[:»>→].{0,200})?"
    r"|(?:Crédits?(?: ?photos?| ?images?)?|Photo(?:graphie)?|Illustration|Copyright)\s*(?::|©).{0,150}"
    r"|©.{0,120}|Image (?:illustrative|d['’]illustration).{0,120}"
    r"|(?:Partagez?|Partager)(?: (?:cet article|cette page|sur .{0,40}|l['’]article|par .{0,20}))?\s*:?"
    r"|Pour (?:lire la suite|accéder en illimité|rester informé|recevoir notre).{0,200}"
    r"|(?:Inscrivez-vous|Abonnez-vous|S['’]inscrire|S['’]abonner) .{0,30}(?:newsletter|lettre d['’]info\w*"
    r"|infolettre).{0,100}"
    r"|(?:Imprimer|Envoyer par (?:e-?)?mail|Haut de page|Retour(?: à .{0,40})?|Article (?:suivant|précédent)"
    r"|Publicité|Advertisement|Newsletter|Commentaires?"
    r"|Temps de lecture\s*:?.{0,20}|\d{1,3} min(?:utes)? de lecture|Télécharger (?:au format|le"
    r"|l['’]article).{0,40}|Écouter l['’]article|Sommaire|Mots[- ]clés\s*:?)"
    r"|(?:Publié|Mis en ligne|Posté|Mis à jour|Modifié|Dernière (?:mise à jour|modification)) (?:le|:).{0,80}"
    r"|(?:Ce site|Nous) utilis(?:e|ons) (?:des|les) cookies.{0,200})$",
    re.IGNORECASE,
)

# trafilatura logs every page it gives up; here a refusal is a value.
logging.getLogger("trafilatura").setLevel(logging.CRITICAL)
logging.getLogger("pypdf").setLevel(logging.CRITICAL)


#: Refusals behind which some text was readable all the same.
_PARTIAL = frozenset({Cause.PAYWALL, Cause.THIN, Cause.LOGIN_WALL})


def extract_article(
    body: bytes, *, url: str, content_type: str | None = None, now: datetime, partial: bool = False
) -> Article | Failure:
    """Make an ``Article`` of a page (HTML, or a PDF with text).

    ``url``: the address after redirects ("" for a file); ``content_type``: the HTTP header; ``now``: aware; a
    publication date after it (by two days) is not believed. Never raises for any content. Failures: EMPTY,
    UNSUPPORTED_TYPE, TOO_LARGE, SOFT_404, LOGIN_WALL, PAYWALL, FORBIDDEN (robot check), THIN, BAD_PDF.
    ``partial``: what could be read behind a paywall, a log-in or a thin page comes back as an article whose
    ``failure`` says so (for a person who looks at one page; the night prefers the feed's own text).
    """

    def failed(cause: Cause, detail: str = "") -> Failure:
        return Failure(cause, url, detail, at=now)

    if not body.strip():
        return failed(Cause.EMPTY)
    if len(body) > MAX_BYTES:
        return failed(Cause.TOO_LARGE, f"{len(body)} bytes")
    kind = (content_type or "").split(";")[0].strip().lower()
    if body[:1024].lstrip().startswith(b"%PDF-") or kind == "application/pdf":
        return _pdf_article(body, url=url, now=now)
    if not _HTML_TYPES.match(kind) or (b"\x00" in body[:2_000] and not body.startswith((b"\xff\xfe", b"\xfe\xff"))):
        return failed(Cause.UNSUPPORTED_TYPE, kind or "binary content")
    text, _ = decode(body, content_type)
    start = text[:20_000]
    if not _HTML_START.search(start) or (_FEED_START.search(start[:2_000]) and "<html" not in start.lower()):
        return failed(Cause.UNSUPPORTED_TYPE, kind or "no HTML")
    tree = parse_html(text[:_MAX_HTML])
    if tree is None:
        return failed(Cause.UNSUPPORTED_TYPE, "unreadable HTML")
    try:
        facts = page_facts(tree, url=url, now=now)
        found = _found_by_trafilatura(tree, url)
        main = clean_page_text(found, facts.title)
        refused = refusal(tree, title=facts.title, text=found, visible=_visible(tree), free=facts.free)
    except RecursionError:
        return failed(Cause.UNSUPPORTED_TYPE, "HTML nested too deep")
    failure = failed(*refused) if refused is not None else None
    if failure is None and len(main) < MIN_TEXT:
        failure = failed(Cause.THIN, f"{len(main)} characters")
    if failure is None:
        return _article(facts, main)
    if partial and main and failure.cause in _PARTIAL:
        return replace(_article(facts, main), failure=failure)
    return failure


def article_from_entry(entry: FeedEntry, failure: Failure | None = None, identity: str | None = None) -> Article:
    """The article made of what the feed (or the newsletter) said, when its page refuses or is never asked.

    ``failure`` says why the page's own text is not there; ``identity`` is the article's, where the caller knows it.
    Without a link, it is that of the entry.
    """
    text = entry.content if len(entry.content) > len(entry.summary) else entry.summary
    newsletter = entry.section is not None or entry.cited_source is not None
    return Article(
        id=identity or article_id(entry.url or f"entry:{entry.source}:{entry.guid}"),
        url=canonical_url(entry.url) if entry.url else "",
        title=entry.title,
        text=text,
        published=entry.published or entry.updated,
        language=guess_language(f"{entry.title}\n{text}"),
        site=site_of(entry.url) or None,
        authors=entry.authors,
        origin="newsletter" if newsletter else "feed",
        failure=failure,
    )


def main_text(tree: html.HtmlElement, *, url: str, title: str = "") -> str:
    """Main text of a page, one line per paragraph, without the furniture around it. "" when none is found."""
    return clean_page_text(_found_by_trafilatura(tree, url), title)


def _paragraphs(tree: html.HtmlElement) -> str:
    """Texts of the ``<p>`` that hold a sentence, for pages of absurd size."""
    texts: list[str] = []
    size = 0
    for paragraph in tree.iter("p"):
        text = "".join(piece for piece in paragraph.itertext() if isinstance(piece, str))[:5_000]
        if len(text) > 40:
            texts.append(one_line(text))
            size += len(text)
        if size > MAX_TEXT:
            break
    return "\n".join(texts)


def _found_by_trafilatura(tree: html.HtmlElement, url: str) -> str:
    if sum(1 for _ in tree.iter()) > _MANY_ELEMENTS:
        return _paragraphs(tree)
    try:
        document = trafilatura.bare_extraction(
            tree,  # copied by trafilatura before it cuts
            url=url or None,
            include_comments=False,
            include_tables=True,
            deduplicate=False,
            with_metadata=False,
        )
    except Exception:  # a defect of the extractor on one page must not end the night
        return ""
    found = getattr(document, "text", None)
    return found if isinstance(found, str) else ""


def clean_page_text(text: str, title: str = "") -> str:
    """Drop the lines of furniture, the title repeated at the start, the boilerplate at the end."""
    kept: list[str] = []
    wanted = fold(title)
    for number, line in enumerate(tidy(text[: 2 * MAX_TEXT]).split("\n")):
        line = line.strip()
        if not line or line in ("-", "•", "|") or (len(line) < 320 and _FURNITURE.match(line)):
            continue
        if number < 3 and wanted and fold(line) == wanted:
            continue
        if kept and line == kept[-1]:
            continue
        kept.append(line)
    return clip(without_boilerplate("\n".join(kept), title), MAX_TEXT)


def _article(facts: PageFacts, text: str) -> Article:
    # Themes declare the language of their author; the text itself is surer.
    language = guess_language(text) or facts.language
    title = facts.title or clip(text.split("\n", 1)[0], 120)
    return Article(
        id=article_id(facts.url), url=facts.url, title=title, text=text, published=facts.published,
        language=language, site=facts.site, authors=facts.authors,
    )  # fmt: skip


def _visible(tree: html.HtmlElement) -> str:
    body = tree.find("body")
    pieces = (body if body is not None else tree).xpath(".//text()[not(ancestor::script or ancestor::style)]")
    return re.sub(r"\s+", " ", " ".join(str(p) for p in pieces[:20_000]))[:300_000].replace("’", "'")


def _pdf_article(body: bytes, *, url: str, now: datetime) -> Article | Failure:
    pages: list[str] = []
    try:
        reader = pypdf.PdfReader(io.BytesIO(body))
        information = reader.metadata
        declared = str(information.title or "") if information else ""
        created = str(information.get("/CreationDate") or "") if information else ""
        authors = one_line(str(information.author or ""), limit=100) if information else ""
        for page in reader.pages[:MAX_PDF_PAGES]:
            pages.append(page.extract_text())
            if sum(map(len, pages)) > MAX_TEXT:
                break
    except Exception as error:  # pypdf raises anything on a damaged file
        return Failure(Cause.BAD_PDF, url, f"{type(error).__name__}: {error}"[:200], at=now)
    text = clip(_joined_lines("\n".join(pages)), MAX_TEXT)
    if len(text) < MIN_TEXT:
        return Failure(Cause.THIN, url, f"PDF with {len(text)} characters of text (a scan?)", at=now)
    title = one_line(declared, limit=300)
    if len(title) < 8 or re.search(
        r"\.(?:docx?|indd|pdf|pptx?|odt)$|^(?:microsoft|sans titre|untitled|document\d*$)", title, re.I
    ):
        title = clip(text.split("\n", 1)[0], 150)
    day = re.match(r"D?:?(\d{4})(\d{2})(\d{2})", created)
    published, _ = feed_date(None, "-".join(day.groups()) if day else "", now)
    address = canonical_url(url) if url else ""
    return Article(
        id=article_id(url), url=address, title=title, text=text, published=published, language=guess_language(text),
        site=site_of(url) or None, authors=(authors,) if authors else (),
    )  # fmt: skip


def _joined_lines(text: str) -> str:
    """Lines of a PDF made into paragraphs: words cut at line ends are mended, lines of one sentence joined."""
    text = tidy(re.sub(r"(?<=[a-zà-ÿ])-\n(?=[a-zà-ÿ])", "", text))
    paragraphs: list[str] = []
    for line in text.split("\n"):
        previous = paragraphs[-1] if paragraphs else ""
        if previous and len(previous) > 40 and previous[-1] not in ".!?:;»" and line[:1].islower():
            paragraphs[-1] = f"{previous} {line}"
        else:
            paragraphs.append(line)
    return "\n".join(paragraphs)
