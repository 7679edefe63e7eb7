"""Judging an answer: is this 200 what was asked for, or a refusal in disguise?

Pure functions over bytes. Every search is bounded (``_HEAD`` bytes at most) and made
of patterns without nested repetition: pages are hostile until proven otherwise.
"""

from __future__ import annotations

import html
import re
from dataclasses import dataclass
from urllib.parse import urlsplit

from curation.gather.guard import Refused, read_url
from curation.gather.outcome import Accept
from curation.types import Cause

#: Bytes of a body that are looked at.
_HEAD = 262_144

_STATUS_CAUSES = {
    401: Cause.UNAUTHORIZED,
    402: Cause.PAYWALL,
    403: Cause.FORBIDDEN,
    404: Cause.NOT_FOUND,
    407: Cause.UNAUTHORIZED,
    408: Cause.TIMEOUT,
    410: Cause.GONE,
    429: Cause.RATE_LIMITED,
    451: Cause.FORBIDDEN,
}

_ROOT = re.compile(rb"<(?:[A-Za-z_][\w.-]{0,40}:)?(rss|feed|rdf|channel|html|!doctype\s{1,9}html)[\s>/]", re.IGNORECASE)
_LINK = re.compile(rb"<link\s([^<>]{1,2000})>", re.IGNORECASE)
_ATTRIBUTE = re.compile(
    r"""([a-z-]{1,20})\s{0,9}=\s{0,9}(?:"([^"]{0,1500})"|'([^']{0,1500})'|([^\s"'>]{1,1500}))""", re.IGNORECASE
)
_FEED_TYPES = ("application/rss+xml", "application/atom+xml", "application/rdf+xml", "application/feed+json")
_TITLE = re.compile(rb"<title[^<>]{0,300}>([^<]{0,500})", re.IGNORECASE)
_HEADING = re.compile(rb"<h1[^<>]{0,300}>((?:[^<]|<(?!/h1)){0,500})", re.IGNORECASE)
_PASSWORD = re.compile(rb"""<input\s[^<>]{0,500}type\s{0,9}=\s{0,9}["']?password""", re.IGNORECASE)
_META_CHARSET = re.compile(rb"""charset\s{0,9}=\s{0,9}["']?([\w-]{1,40})""", re.IGNORECASE)
_TAG = re.compile(r"<[^<>]{0,500}>")
_SPACES = re.compile(r"\s+")

_NOT_FOUND_TITLE = re.compile(
    r"^\W{0,3}404\s{0,3}(?:$|[^\w\s%,.’'€]|(?:error|erreur|page|not found|introuvable)\b)"
    r"|\b(?:erreur|error|http) 404\b"
    r"|^\W{0,3}(?:oups|désolé)?\W{0,5}(?:la |cette |cet |ce |votre )?(?:page|article|contenu|document|ressource)"
    r"(?: demandée?| recherchée?| que vous (?:cherchez|recherchez|demandez))?"
    r"(?: (?:est|semble|a été))?"
    r"(?: (?:introuvable|inexistante?|non trouvée?|non disponible|supprimée?)(?=\s{0,3}(?:$|[^\w\s]))"
    r"| n[’']existe (?:pas|plus)| n[’']est (?:pas|plus) disponible| n[’']a pas été trouvée?)"
    r"|^\W{0,3}(?:page )?not found\b|\bpage not found\b",
    re.IGNORECASE,
)
_LOGIN_TITLE = re.compile(
    r"^\W{0,3}(?:connexion|se connecter|connectez-vous|identification|identifiez-vous|authentification|accès réservé|"
    r"espace (?:abonnés?|adhérents?|réservé|membres?)|log ?in|sign ?in|authentication)\b",
    re.IGNORECASE,
)
_ROBOT_WALL_TITLE = re.compile(
    r"^(?:just a moment|un instant|attention required|access denied|accès refusé|request rejected|"
    r"pardon our interruption|are you a robot|vérification de sécurité|ddos-guard|human verification)"
    r"\s{0,3}(?:$|\.\.|[…!?|–-])",
    re.IGNORECASE,
)
_LOGIN_PATH = re.compile(
    r"(?:^|[/._-])(?:log-?in|sign-?in|connexion|se-connecter|authentification|identification|wp-login\.php|sso|cas/login|oauth2?/authorize)(?:[/._?-]|$)",
    re.IGNORECASE,
)
_ERROR_PATH = re.compile(
    r"(?:^|/)(?:404|erreur-?404|error-?404|page-(?:introuvable|non-trouvee)|not-?found)(?:[/.]|$)", re.IGNORECASE
)
_HOME_PATH = re.compile(r"/(?:(?:fr|accueil|home|index)(?:\.\w{1,5})?/?)?\Z", re.IGNORECASE)

_PAGE_TYPES = ("text/", "application/xhtml+xml", "application/xml", "application/json")
_BINARY_TYPES = ("image/", "audio/", "video/", "font/")
_MAGIC = (
    b"%PDF-",
    b"\x89PNG",
    b"\xff\xd8\xff",
    b"GIF8",
    b"PK\x03\x04",
    b"\xd0\xcf\x11\xe0",
    b"RIFF",
    b"\x7fELF",
    b"MZ\x90",
)


@dataclass(frozen=True, slots=True)
class Verdict:
    """Why an answer is refused."""

    cause: Cause
    detail: str = ""
    suggested_url: str | None = None


def judge_status(status: int) -> Verdict | None:
    """The failure that a final status means, or None for one that carries a body to judge."""
    if status in (204, 205):
        return Verdict(Cause.EMPTY, f"status {status}")
    if 200 <= status < 300:
        return None
    if cause := _STATUS_CAUSES.get(status):
        return Verdict(cause, f"status {status}")
    return Verdict(Cause.SERVER_ERROR if status >= 500 else Cause.HTTP_ERROR, f"status {status}")


def judge_type(content_type: str, accept: Accept) -> Verdict | None:
    """Refuse by the declared type alone, before the body is read. Feeds often lie: only media are refused there."""
    kind = content_type.partition(";")[0].strip().lower()
    if accept == "any" or not kind:
        return None
    refused = kind.startswith(_BINARY_TYPES) and "xml" not in kind
    if accept == "page":
        refused = refused or kind in ("application/pdf", "application/zip", "text/calendar", "text/csv")
        refused = refused or kind.startswith(("application/vnd.", "application/msword"))
    return Verdict(Cause.UNSUPPORTED_TYPE, kind[:80]) if refused else None


def judge_body(body: bytes, content_type: str, accept: Accept, asked_url: str, final_url: str) -> Verdict | None:
    """The failure hidden in a 200, or None. ``asked_url`` and ``final_url``: before and after redirects."""
    head = body[:_HEAD]
    start = _unspaced(head)
    if not start and not _unspaced(body):
        return Verdict(Cause.EMPTY, f"{len(body)} bytes")
    if accept == "any":
        return None
    if start.startswith(_MAGIC):
        return Verdict(Cause.UNSUPPORTED_TYPE, f"{content_type[:60] or 'no type'}, binary body")
    if accept == "feed":
        return _judge_feed(start, content_type, asked_url, final_url)
    return _judge_page(start, content_type, asked_url, final_url)


def _judge_feed(head: bytes, content_type: str, asked_url: str, final_url: str) -> Verdict | None:
    root = _ROOT.search(head)
    if root is None:
        # Anything with a tag or a brace is left to the parser, which knows broken feeds better;
        # so is what hides its signs, such as UTF-16 or EBCDIC.
        if b"<" in head or b"{" in head or b"\x00" in head or b"\x4c" in head[:1]:
            return None
        return Verdict(Cause.NOT_A_FEED, "no markup")
    if not root[1].lower().endswith(b"html"):
        return None
    if verdict := _login_wall(head, content_type, asked_url, final_url):
        return verdict
    if _ROBOT_WALL_TITLE.match(_title(head, content_type)):
        return Verdict(Cause.FORBIDDEN, "a page that keeps robots out")
    return Verdict(Cause.HTML_NOT_FEED, "an HTML page", advertised_feed(head, final_url))


def _judge_page(head: bytes, content_type: str, asked_url: str, final_url: str) -> Verdict | None:
    if verdict := _login_wall(head, content_type, asked_url, final_url):
        return verdict
    title = _title(head, content_type)
    if _ROBOT_WALL_TITLE.match(title) and len(head) < 60_000:
        return Verdict(Cause.FORBIDDEN, "a page that keeps robots out")
    if _NOT_FOUND_TITLE.search(title):
        return Verdict(Cause.SOFT_404, f"title {title[:80]!r}")
    if (heading := _text(_HEADING.search(head), content_type, head)) and _NOT_FOUND_TITLE.match(heading):
        return Verdict(Cause.SOFT_404, f"heading {heading[:80]!r}")
    if asked_url != final_url:
        asked, final = urlsplit(asked_url), urlsplit(final_url)
        if _ERROR_PATH.search(final.path) and not _ERROR_PATH.search(asked.path):
            return Verdict(Cause.SOFT_404, f"sent to {final.path[:80]}")
        deep = len(asked.path.strip("/")) > 15 or asked.path.strip("/").count("/") >= 1 or "=" in asked.query
        if deep and not final.query and _HOME_PATH.match(final.path or "/") and not _HOME_PATH.match(asked.path or "/"):
            return Verdict(Cause.SOFT_404, "sent to the home page")
    return None


def _login_wall(head: bytes, content_type: str, asked_url: str, final_url: str) -> Verdict | None:
    asked, final = urlsplit(asked_url), urlsplit(final_url)
    if (
        asked_url != final_url
        and _LOGIN_PATH.search(final.path)
        and not _LOGIN_PATH.search(asked.path)
        and (_PASSWORD.search(head) or _LOGIN_TITLE.match(_title(head, content_type)))
    ):
        return Verdict(Cause.LOGIN_WALL, f"sent to {final.path[:80]}")
    if _PASSWORD.search(head) and _LOGIN_TITLE.match(_title(head, content_type)):
        return Verdict(Cause.LOGIN_WALL, "a login form")
    return None


def advertised_feed(body: bytes, base: str) -> str | None:
    """The first feed that an HTML page advertises (``<link rel=alternate type=...>``), absolute, or None.

    Feeds of comments come last.
    """
    found: list[tuple[bool, str]] = []
    for match in _LINK.finditer(body[:_HEAD]):
        attributes = {
            pair[1].lower(): html.unescape(pair[2] or pair[3] or pair[4] or "")
            for pair in _ATTRIBUTE.finditer(match[1].decode("utf-8", errors="replace"))
        }
        if "alternate" not in attributes.get("rel", "").lower().split():
            continue
        if attributes.get("type", "").partition(";")[0].strip().lower() not in _FEED_TYPES:
            continue
        try:
            url = read_url(attributes.get("href", ""), base).url
        except Refused:
            continue
        comments = re.search(r"comment(?:s|aires)?\b", f"{url} {attributes.get('title', '')}", re.IGNORECASE)
        found.append((comments is not None, url))
        if len(found) >= 20:
            break
    return min(found, key=lambda pair: pair[0])[1] if found else None


def _unspaced(body: bytes) -> bytes:
    return body.removeprefix(b"\xef\xbb\xbf").lstrip(b" \t\r\n\f\v\x00")


def _title(head: bytes, content_type: str) -> str:
    return _text(_TITLE.search(head), content_type, head)


def _text(match: re.Match[bytes] | None, content_type: str, head: bytes) -> str:
    """Plain text of group 1, decoded as declared."""
    if match is None:
        return ""
    declared = _META_CHARSET.search(content_type.encode("latin-1", "replace")) or _META_CHARSET.search(head[:4096])
    try:
        text = match[1].decode(declared[1].decode("ascii") if declared else "utf-8", errors="replace")
    except LookupError:
        text = match[1].decode("utf-8", errors="replace")
    return _SPACES.sub(" ", html.unescape(_TAG.sub(" ", text))).strip()
