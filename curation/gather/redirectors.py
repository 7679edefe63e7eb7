"""Redirectors undone without a request: the address that a tracking link carries in itself.

Newsletters and social networks wrap links (``https://l.facebook.com/l.php?u=https%3A%2F%2F...``). Where the
target is in the URL - in a parameter, in base64 in the path or in a parameter - it is read there; where it is only
known to the redirector (Mailchimp's ``list-manage.com/track/click?u=...&id=...``), the URL is left as it is.
"""

from __future__ import annotations

import base64
import binascii
import json
import re
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit

#: Hosts (or the ends of hosts) that redirect, path pattern, and the parameters that hold the target.
_KNOWN: tuple[tuple[str, re.Pattern[str], tuple[str, ...]], ...] = tuple(
    (host, re.compile(path), keys)
    for host, path, keys in (
        ("facebook.com", r"^/(l|flx/warn)(\.php|/|$)", ("u",)),
        ("instagram.com", r"^/?$", ("u",)),
        ("threads.net", r"^/?$", ("u",)),
        ("safelinks.protection.outlook.com", r"", ("url",)),
        ("statics.teams.cdn.office.net", r"^/evergreen-assets/safelinks", ("url",)),
        ("urldefense.proofpoint.com", r"^/v1/", ("u",)),
        ("youtube.com", r"^/redirect", ("q",)),
        ("linkedin.com", r"^/(redir/|safety/go|authwall)", ("url", "sessionRedirect")),
        ("umblr.com", r"^/redirect", ("z",)),
        ("slack-redir.net", r"^/link", ("url",)),
        ("duckduckgo.com", r"^/l/?", ("uddg",)),
        ("out.reddit.com", r"", ("url",)),
        ("vk.com", r"^/away", ("to",)),
        ("steamcommunity.com", r"^/linkfilter", ("url", "u")),
        ("feedproxy.google.com", r"", ("url",)),
        ("exactag.com", r"", ("url",)),
        ("awin1.com", r"", ("ued", "p")),
    )
)
_GOOGLE = re.compile(r"(^|\.)google\.[a-z.]{2,6}$")
#: A host, or a path, that says "I only redirect"; then any parameter named like a target is believed.
_TRACKING_HOST = re.compile(
    r"^(clicks?|clics?|links?|lnk|liens?|track(ing|er)?\d*|trk|trc|redir(ect)?|go|out|url\d*|emailing|email|e?mailings?"
    r"|nl|news(letter)?s?|sendibt\d|r|t|e|em|lt|eye|ct|mail)[.-]",
)
_TRACKING_PATH = re.compile(
    r"(^|/)(redir(ect(ion)?)?|clicks?|clic|track(er|ing)?|lnk|cl|out|outbound|away|goto|go|exit|sortie|safelink|urlredirect"
    r"|l|r|c|tr|ls)(\.php|\.aspx?|\.html?)?(/|$)",
    re.IGNORECASE,
)
_TARGET_KEYS = frozenset(
    "url u q to target dest destination redirect redirect_url redirecturl redirect_to redirect_uri "
    "link lien href goto uri out location p r".split()
)
_LOGIN_PATH = re.compile(r"log-?in|sign-?in|auth|oauth|connexion|connect|sso|cas/|share|sharer|intent|partag", re.I)
_BASE64_URL = re.compile(r"^aHR0c[A-Za-z0-9+/_-]{8,}={0,2}$")
_ABSOLUTE = re.compile(r"^https?:/{1,2}[^\s/?#<>\"]", re.IGNORECASE)
#: Cheap refusal of the ordinary URL: nothing in it looks like a second address.
_MAY_CARRY = re.compile(r"https?[:%-]|aHR0c|ampproject|/amp/|urldefense|mandrillapp|/ck/", re.IGNORECASE)
_AMP_CACHE = re.compile(r"^/(?:[a-z]/)?(s/)?([^/]+\.[^/]+.*)$", re.DOTALL)
_MAX_DEPTH = 20


def unwrap_redirector(url: str) -> str:
    """Return the target that ``url`` carries, or ``url`` itself when it carries none. Never raises.

    Nested redirectors are followed up to 20 deep; a target must be an absolute http(s) address with a host.
    """
    for _ in range(_MAX_DEPTH):
        target = _target(url)
        if target is None or target == url:
            return url
        url = target
    return url


def _target(url: str) -> str | None:
    if len(url) > 16_000 or not _MAY_CARRY.search(url, 4) or not _ABSOLUTE.match(url):
        return None
    try:
        parts = urlsplit(url)
        host = (parts.hostname or "").lower()
    except ValueError:
        return None
    if not host:
        return None
    for found in _candidates(parts, host):
        target = _believable(found)
        if target is not None:
            return target
    return None


def _candidates(parts: SplitResult, host: str) -> list[str]:
    """Every text of the URL that may be its target, surest first."""
    path = parts.path
    found: list[str] = []
    if host.endswith(".cdn.ampproject.org") or host == "cdn.ampproject.org":
        return _amp_cache(path, parts.query)
    if _GOOGLE.search(host):
        if path.startswith("/amp/"):
            return _amp_cache(path[4:], parts.query)
        if path in ("/url", "/imgres", "/interstitial", "/share.google"):
            return _values(parts.query, ("url", "q", "imgrefurl"))
        return []
    if "urldefense" in host:
        found += _urldefense(parts)
    for known, pattern, keys in _KNOWN:
        if (host == known or host.endswith("." + known)) and pattern.search(path):
            found += _values(parts.query, keys)
    if host.endswith("mandrillapp.com"):
        found += _mandrill(parts.query)
    if host.endswith("bing.com") and path.startswith("/ck/"):
        found += [_unbase64(v[2:]) for v in _values(parts.query, ("u",))]
    # Mailjet (/lnk/.../<base64>), Brevo and others: a path segment that is the address in base64.
    found += [_unbase64(s) for s in path.split("/") if _BASE64_URL.match(s)]
    if (_TRACKING_HOST.match(host) or _TRACKING_PATH.search(path)) and not _LOGIN_PATH.search(path):
        pairs = _pairs(parts.query)
        found += [_unbase64(v) for _, v in pairs if _BASE64_URL.match(v)]
        found += [v for k, v in pairs if k.lower() in _TARGET_KEYS]
        found += [unquote(s) for s in path.split("/") if s[:12].lower().startswith(("http%3a", "https%3a"))]
    return found


def _believable(text: str) -> str | None:
    text = text.strip()
    if len(text) > 8_000 or not _ABSOLUTE.match(text):
        return None
    if re.match(r"^https?:/[^/]", text, re.IGNORECASE):  # "https:/x.fr", slashes merged by a proxy
        text = text.replace(":/", "://", 1)
    try:
        host = urlsplit(text).hostname or ""
    except ValueError:
        return None
    return text if "." in host.strip(".") and not re.search(r"\s", text) else None


def _pairs(query: str) -> list[tuple[str, str]]:
    try:
        return parse_qsl(query.replace("&amp;", "&"), keep_blank_values=True, max_num_fields=200)
    except ValueError:
        return []


def _values(query: str, keys: tuple[str, ...]) -> list[str]:
    pairs = _pairs(query)
    return [value for key in keys for name, value in pairs if name == key]


def _unbase64(text: str) -> str:
    try:
        raw = base64.b64decode(
            text.replace("-", "+").replace("_", "/").rstrip("=") + "=" * (-len(text.rstrip("=")) % 4)
        )
        return raw.decode("utf-8")
    except (binascii.Error, ValueError):
        return ""


def _amp_cache(path: str, query: str) -> list[str]:
    match = _AMP_CACHE.match(path)
    if match is None:
        return []
    secure, rest = match.groups()
    return [("https://" if secure else "http://") + rest + (f"?{query}" if query else "")]


def _mandrill(query: str) -> list[str]:
    """Mandrill: ``p`` is base64 of ``{"p": "{\\"url\\": ...}"}``."""
    found: list[str] = []
    for value in _values(query, ("p",)):
        try:
            inner = json.loads(json.loads(_unbase64(value))["p"])["url"]
        except (ValueError, KeyError, TypeError, RecursionError):
            continue
        if isinstance(inner, str):
            found.append(inner)
    return found


def _urldefense(parts: SplitResult) -> list[str]:
    """Proofpoint URL Defense v2 (``-3A`` for ``%3A``, ``_`` for ``/``) and v3 (``__url__;replaced!!``)."""
    if parts.path.startswith("/v2/"):
        return [unquote(v.replace("-", "%").replace("_", "/")) for v in _values(parts.query, ("u",))]
    whole = parts.path + (f"?{parts.query}" if parts.query else "") + (f"#{parts.fragment}" if parts.fragment else "")
    match = re.search(r"/v3/__(.+?)__;([A-Za-z0-9_=-]*)", whole, re.DOTALL)
    if match is None:
        return []
    masked, replaced = match.group(1), _unbase64(match.group(2))
    taken = 0
    pieces: list[str] = []
    position = 0
    for star in re.finditer(r"\*(?:\*([A-Za-z0-9_-]))?", masked):
        pieces.append(masked[position : star.start()])
        position = star.end()
        # "**X" stands for a run: "A" is 2 characters, "B" 3... (RFC 4648 URL-safe alphabet).
        run = 1 if star.group(1) is None else 2 + _ALPHABET.index(star.group(1))
        pieces.append(replaced[taken : taken + run] or star.group())
        taken += run
    pieces.append(masked[position:])
    return ["".join(pieces)]


_ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
