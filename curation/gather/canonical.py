"""One page, one address: the canonical form of a URL and the identity of an article.

``canonical_url`` is pure and idempotent (RFC 3986 section 6, and what the web does on top of it): redirectors
undone, scheme and host in lower case, default ports, user names, fragments, tracking parameters, AMP
and mobile variants and trailing slashes removed, percent-encoding normalised, host in its ASCII form (IDNA, UTS 46).

The decision about "www." and the scheme: **kept in the canonical URL**, because people click it and many public sites
answer on ``www.`` only, some on http only; **ignored in the identity** (``article_id``), because the two hosts never
hold different pages. So
``http://m.exemple.fr/a/``, ``https://www.exemple.fr/a?utm_source=x`` and ``https://exemple.fr/a`` are one article.
"""

from __future__ import annotations

import hashlib
import re
from functools import lru_cache
from urllib.parse import SplitResult, urlsplit

import idna

from curation.gather.redirectors import unwrap_redirector

__all__ = ["article_id", "canonical_url", "identity_url", "same_site", "site_of", "unwrap_redirector"]

_MAX_LENGTH = 8_000

_TRACKING_PREFIXES = tuple(
    "utm_ utm- pk_ mtm_ piwik_ matomo_ at_ ns_ hsa_ mc_ vero_ oly_ _hs __hs xtor wt_mc wt.mc tduid gaa_".split()
)
_TRACKING_NAMES = frozenset(
    "fbclid gclid gclsrc dclid gbraid wbraid msclkid yclid twclid ttclid igshid igsh li_fat_id epik mkt_tok trk "
    "trkcampaign trkinfo cmp cmpid cmp_id campaign_id campaignid ocid smid s_cid ito sfnsn mibextid spm scid _ga "
    "_gl _ke _se ml_subscriber ml_subscriber_hash rb_clickid s_kwcid ef_id xtor xtref xts xtdate xtcr xtnp xtatc "
    "phpsessid jsessionid aspsessionid var_mode var_recherche "
    "__twitter_impression ncid nr_email_referer sc_channel sc_campaign actcampaigntype actid "
    "estat_svc dgcid fb_action_ids fb_action_types fb_source fb_ref "
    "mkevt sendinblue sib_id nlid newsletter_id".split()
)
#: Parameters dropped only when they hold a known channel: ``?from=rss``, ``?source=newsletter``.
_CHANNEL_NAMES = frozenset("from source src ref referrer origin origine provenance via".split())
_CHANNEL_VALUES = re.compile(
    r"^(rss|feed|flux(-?rss)?|(news)?letter|nl|e?-?mail(ing)?|twitter|x|facebook|fb|linkedin|bluesky|mastodon|whatsapp"
    r"|instagram|social|share|partage)([-_]\w{0,30})?$",
    re.IGNORECASE,
)
_AMP_VALUES = frozenset(("", "1", "true", "amp"))
_UNRESERVED = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")
_ESCAPE = re.compile(r"%([0-9A-Fa-f]{2})")
#: What may stand as it is in a path or a query; anything else is percent-encoded.
_UNSAFE = re.compile(r"[^A-Za-z0-9\-._~!$&'()*+,;=:@/?%\[\]|]")
_BARE_PERCENT = re.compile(r"%(?![0-9A-Fa-f]{2})")
_SESSION = re.compile(r";(?:jsessionid|phpsessid)=[^/?;]*", re.IGNORECASE)
_SUBHOST = re.compile(r"^(?:(?:m|mobile|mobi|amp)\.)+(?=[^.]+\.[^.]+)")
_WWW_SUBHOST = re.compile(r"^www\.(?:m|mobile|amp)\.(?=[^.]+\.[^.]+)")
_HOST = re.compile(r"^(?:[a-z0-9_](?:[a-z0-9_-]*[a-z0-9_])?\.)*[a-z0-9_](?:[a-z0-9_-]*[a-z0-9_])?$")
_SCHEMELESS = re.compile(r"^(?:www\.)[\w-]+(?:\.[\w-]+)+(?:[/?#]|$)", re.IGNORECASE)
_NOISE = re.compile("[\x00-\x20\x7f-\xa0\xad\u200b-\u200f\u2028\u2029\u202f\u2060\ufeff\ud800-\udfff]+")
_HTTP = re.compile(r"https?:", re.IGNORECASE)
_SLASHES = re.compile(r"^(https?):/*", re.IGNORECASE)
_FOLDING = re.compile(r"[\t\r\n]+ *")
_SCHEME_AND_WWW = re.compile(r"^https?://(www\.)?")
_AMP_ENTITY = re.compile(r"&(?:amp|#0*38|#x0*26);", re.IGNORECASE)


@lru_cache(maxsize=8192)
def canonical_url(url: str) -> str:
    """Return the canonical form of ``url``; idempotent, never raises.

    Something that is not an http(s) address (``mailto:``, a path, nonsense) comes back trimmed, nothing more.
    """
    text = _trim(url)
    # Undoing one layer may uncover another (a redirector in a redirector, /amp after a slash): go on to the fixed
    # point, so that the function is idempotent by construction. Each turn shortens the text; the bound is a belt.
    for _ in range(_MAX_LENGTH):
        step = _one_pass(text)
        if step == text:
            break
        text = step
    return text


def identity_url(url: str) -> str:
    """The canonical URL without its scheme and ``www.``: equal for two addresses of one page."""
    return _SCHEME_AND_WWW.sub("", canonical_url(url))


def article_id(url: str) -> str:
    """Key of an article: the first 16 hex digits of the sha256 of its canonical URL ("www." ignored, see above)."""
    return hashlib.sha256(identity_url(url).encode("utf-8", "surrogatepass")).hexdigest()[:16]


def site_of(url: str) -> str:
    """Host of a URL in canonical form, without "www."; "" when there is none."""
    return re.split(r"[/?#:]", identity_url(url), maxsplit=1)[0] if canonical_url(url).startswith("http") else ""


#: Second-level labels under which people register, so that ``a.gouv.fr`` and ``b.gouv.fr`` are two sites.
_PUBLIC_SECOND = frozenset("gouv gov co com org net asso ac edu nom prd tm".split())


def same_site(a: str, b: str) -> bool:
    """Whether two URLs belong to one site: the same registrable domain, roughly (``actu.x.fr`` and ``www.x.fr``).

    The public suffix list is not consulted (it would have to be downloaded); the second-level labels usual in France
    are known.
    """
    return bool(site_of(a)) and _domain(site_of(a)) == _domain(site_of(b))


def _domain(host: str) -> str:
    labels = host.split(".")
    keep = 3 if len(labels) > 2 and labels[-2] in _PUBLIC_SECOND else 2
    return ".".join(labels[-keep:])


def _trim(url: str) -> str:
    text = url.strip()
    # A line break inside an address comes from folding (mail, PDF): it is removed; an inner space is kept and encoded.
    text = _FOLDING.sub("", text)
    text = text.strip("\x00\x0b\x0c \xa0\u200b\u202f\ufeff")
    return _NOISE.sub(lambda m: "%20" if " " in m.group() else "", text)


def _one_pass(text: str) -> str:
    if len(text) > _MAX_LENGTH:
        return text
    if text.startswith("//"):
        text = "https:" + text
    elif _SCHEMELESS.match(text):
        text = "https://" + text
    if not _HTTP.match(text):
        return text
    text = _AMP_ENTITY.sub("&", text).replace("\\", "/")
    text = _SLASHES.sub(r"\1://", text)
    text = unwrap_redirector(text)
    try:
        parts = urlsplit(text)
        host, port = _host(parts)
    except ValueError:
        return text
    if not host:
        return text
    host = _WWW_SUBHOST.sub("www.", host)
    host = _SUBHOST.sub("", host)
    path = _path(parts.path)
    query = _query(parts.query)
    fragment = parts.fragment if parts.fragment.startswith(("!", "/")) else ""  # the route of a one-page site
    return (
        f"{parts.scheme.lower()}://{host}{f':{port}' if port else ''}{path}"
        + (f"?{query}" if query else "")
        + (f"#{_encode(fragment)}" if fragment else "")
    )


def _host(parts: SplitResult) -> tuple[str, int | None]:
    """Host in ASCII lower case and port (None when it is a default one). ValueError when there is no sound host."""
    host = (parts.hostname or "").strip(".").lower()
    port = parts.port
    if port in (80, 443):
        port = None
    if ":" in host:  # IPv6
        return f"[{host}]", port
    if "%" in host:
        raise ValueError("escaped host")
    if not host.isascii():
        try:
            host = idna.encode(host, uts46=True).decode("ascii")
        except (idna.IDNAError, UnicodeError) as error:
            raise ValueError("bad host") from error
    if not _HOST.match(host) or len(host) > 253:
        raise ValueError("bad host")
    return host, port


def _encode(text: str) -> str:
    """Percent-encoding normalised (RFC 3986, 6.2.2): unreserved characters bare, the others in upper-case hex."""
    text = _BARE_PERCENT.sub("%25", text)
    text = _ESCAPE.sub(lambda m: c if (c := chr(int(m.group(1), 16))) in _UNRESERVED else m.group().upper(), text)
    return _UNSAFE.sub(lambda m: "".join(f"%{byte:02X}" for byte in m.group().encode("utf-8", "replace")), text)


def _path(path: str) -> str:
    path = _encode(_SESSION.sub("", path))
    segments: list[str] = []
    for segment in path.split("/")[1:] if path.startswith("/") else path.split("/"):
        if segment == "..":
            if segments:
                segments.pop()
        elif segment != ".":
            segments.append(segment)
    while segments and not segments[-1]:
        segments.pop()
    if len(segments) > 1 and segments[-1].lower() in ("amp", "amp.html"):
        segments.pop()
        while segments and not segments[-1]:
            segments.pop()
    elif segments and segments[-1].lower().endswith((".amp.html", ".amp")) and len(segments[-1]) > len(".amp.html"):
        last = segments[-1]
        segments[-1] = last[: -len(".amp.html")] + ".html" if last.lower().endswith(".html") else last[: -len(".amp")]
    return "/" + "/".join(segments)


def _query(query: str) -> str:
    if not query:
        return ""
    kept = [pair for pair in query.split("&") if pair and not _is_tracking(pair)]
    return _encode("&".join(kept).replace("#", "%23"))


def _is_tracking(pair: str) -> bool:
    name, equal, value = pair.partition("=")
    if "%" in name:
        name = _ESCAPE.sub(lambda m: chr(int(m.group(1), 16)), name)
    name = name.lower().lstrip("?")
    if name.startswith("amp;"):
        name = name[4:]
    if name in _TRACKING_NAMES or name.startswith(_TRACKING_PREFIXES):
        return True
    if name in _CHANNEL_NAMES:
        return bool(_CHANNEL_VALUES.match(value))
    if name == "amp":
        return value.lower() in _AMP_VALUES
    return name == "outputtype" and value.lower() == "amp" and bool(equal)
