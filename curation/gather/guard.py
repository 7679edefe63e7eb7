"""What may be asked of whom: URLs read strictly, addresses checked after resolution.

The rule is applied where the connection is made (``gather.wire``), on the very
address that is connected to: a name that changes its answer between the check
and the use (DNS rebinding) gains nothing. Sources: IANA special-purpose address
registries (RFC 6890), RFC 6052 (NAT64), RFC 3056 (6to4), WHATWG URL (numeric hosts).
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import quote, urljoin, urlsplit

import idna

from curation.types import Cause

IPAddress = ipaddress.IPv4Address | ipaddress.IPv6Address

#: A longer URL is a mistake or an attack (RFC 9110 asks for 8000 at least).
MAX_URL_CHARS = 8000

_DEFAULT_PORTS = {"http": 80, "https": 443}

_FORBIDDEN_V4 = tuple(
    ipaddress.IPv4Network(block)
    for block in (
        "0.0.0.0/8",  # this network
        "10.0.0.0/8",  # private
        "100.64.0.0/10",  # carrier-grade NAT, and a cloud's metadata
        "127.0.0.0/8",  # loopback
        "168.63.129.16/32",  # a cloud's platform service, on a public address
        "169.254.0.0/16",  # link-local, and the usual metadata service
        "172.16.0.0/12",  # private
        "192.0.0.0/24",  # protocol assignments
        "192.0.2.0/24",  # documentation
        "192.88.99.0/24",  # 6to4 relays, withdrawn
        "192.168.0.0/16",  # private
        "198.18.0.0/15",  # benchmarks
        "198.51.100.0/24",  # documentation
        "203.0.113.0/24",  # documentation
        "224.0.0.0/4",  # multicast
        "240.0.0.0/4",  # reserved and broadcast
    )
)
# IPv6 is read the other way round: nothing outside global unicast, less these.
_GLOBAL_V6 = ipaddress.IPv6Network("2000::/3")
_FORBIDDEN_V6 = tuple(
    ipaddress.IPv6Network(block)
    for block in (
        "2001::/23",  # protocol assignments: Teredo, ORCHID, benchmarks
        "2001:db8::/32",  # documentation
        "3fff::/20",  # documentation
    )
)
_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")
_6TO4 = ipaddress.IPv6Network("2002::/16")

_NUMERIC_LABEL = re.compile(r"(?:[0-9]+|0x[0-9a-f]*)\Z")
_DOTTED_QUAD = re.compile(r"(?:(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)(?:\.(?!\Z)|\Z)){4}\Z")
_HOST_NAME = re.compile(r"(?!-)[a-z0-9_-]{1,63}(?<!-)(?:\.(?!-)[a-z0-9_-]{1,63}(?<!-))*\Z")
_CONTROL = re.compile(r"[\x00-\x20\x7f]")


class Refused(Exception):
    """This URL or address may not be asked; ``cause`` is ``BAD_URL`` or ``PRIVATE_ADDRESS``."""

    def __init__(self, cause: Cause, detail: str) -> None:
        super().__init__(detail)
        self.cause = cause
        self.detail = detail


@dataclass(frozen=True, slots=True)
class Target:
    """A URL ready to be asked. ``target`` is the path and query as sent; ``url`` has no fragment."""

    url: str
    scheme: str
    host: str  # ASCII, lower case, without brackets or final dot
    port: int
    target: str

    @property
    def authority(self) -> str:
        """Value of the ``Host`` field (RFC 9110, 7.2)."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == _DEFAULT_PORTS[self.scheme] else f"{host}:{self.port}"

    @property
    def origin(self) -> str:
        return f"{self.scheme}://{self.authority}"


def is_public(address: IPAddress) -> bool:
    """True for an address of the public internet; an embedded IPv4 address is judged in turn."""
    if isinstance(address, ipaddress.IPv4Address):
        return not any(address in block for block in _FORBIDDEN_V4)
    if address.scope_id is not None:
        return False
    if address in _NAT64:
        return is_public(ipaddress.IPv4Address(int(address) & 0xFFFFFFFF))
    if address in _6TO4:
        return is_public(ipaddress.IPv4Address((int(address) >> 80) & 0xFFFFFFFF))
    # IPv4-mapped and -compatible addresses lie outside global unicast: refused whole.
    return address in _GLOBAL_V6 and not any(address in block for block in _FORBIDDEN_V6)


class Guard:
    """Which hosts may be asked, given the private ones that the configuration allows.

    ``allowed`` holds hosts (``"intranet.exemple.fr"``, ``"127.0.0.1"``, ``"::1"``) or
    ``host:port`` pairs (``"127.0.0.1:8081"``, ``"[::1]:8081"``).
    """

    def __init__(self, allowed: Iterable[str] = ()) -> None:
        self._allowed = frozenset(_allowed_key(entry) for entry in allowed)

    def allows_private(self, host: str, port: int) -> bool:
        return (host, None) in self._allowed or (host, port) in self._allowed

    def usable(self, host: str, port: int, addresses: Iterable[str]) -> list[str]:
        """The addresses of ``host`` that may be connected to, in the resolver's order.

        Raises ``Refused`` (``PRIVATE_ADDRESS``) when there is none.
        """
        known = [(text, ipaddress.ip_address(text)) for text in addresses]
        if self.allows_private(host, port):
            return [text for text, _ in known]
        kept = [text for text, address in known if is_public(address)]
        if not kept:
            shown = ", ".join(text for text, _ in known[:3])
            raise Refused(Cause.PRIVATE_ADDRESS, f"{host} -> {shown or 'no address'}")
        return kept


def read_url(url: str, base: str | None = None) -> Target:
    """An absolute http(s) URL (or a reference relative to ``base``), strictly read.

    Raises ``Refused``: other schemes, user names in the URL, hosts written in an odd way
    (decimal, octal, hexadecimal addresses, percent signs), impossible ports.
    """
    text = url.strip()
    if len(text) > MAX_URL_CHARS:
        raise Refused(Cause.BAD_URL, "URL too long")
    try:
        if base is not None:
            text = urljoin(base, text)
        parts = urlsplit(text)
        port = parts.port
    except ValueError as error:
        raise Refused(Cause.BAD_URL, f"unreadable URL: {error}") from None
    scheme = parts.scheme.lower()
    if scheme not in _DEFAULT_PORTS:
        raise Refused(Cause.BAD_URL, f"scheme {scheme[:20]!r}" if scheme else "no scheme")
    if "@" in parts.netloc or "\\" in parts.netloc:
        raise Refused(Cause.BAD_URL, "user name in the URL")
    if port == 0:
        raise Refused(Cause.BAD_URL, "port 0")
    host = read_host(parts.hostname or "")
    path = quote(
        _CONTROL.sub(_percent, parts.path or "/"), safe="/%:@!$&'()*+,;=~-._", encoding="utf-8", errors="replace"
    )
    target = path if path.startswith("/") else f"/{path}"
    if parts.query:
        query = quote(
            _CONTROL.sub(_percent, parts.query), safe="/?%:@!$&'()*+,;=~-._[]|", encoding="utf-8", errors="replace"
        )
        target = f"{target}?{query}"
    bare = Target("", scheme, host, port or _DEFAULT_PORTS[scheme], target)
    return Target(bare.origin + target, scheme, host, bare.port, target)


def read_host(host: str) -> str:
    """The host as it will be resolved and put in ``Host`` and SNI. Raises ``Refused``."""
    host = host.removesuffix(".").lower()
    if not host:
        raise Refused(Cause.BAD_URL, "no host")
    if ":" in host:
        try:
            six = ipaddress.IPv6Address(host)
        except ValueError:
            raise Refused(Cause.BAD_URL, f"host {host[:60]!r}") from None
        if six.scope_id is not None:
            raise Refused(Cause.BAD_URL, f"zone in {host[:60]!r}")
        return str(six)
    if not host.isascii():
        try:
            host = idna.encode(host, uts46=True).decode("ascii").removesuffix(".")
        except (idna.IDNAError, UnicodeError):
            raise Refused(Cause.BAD_URL, f"host {host[:60]!r}") from None
    if _NUMERIC_LABEL.match(host.rpartition(".")[2]):
        if _DOTTED_QUAD.match(host):
            return host
        # 2130706433, 0x7f.1, 0177.0.0.1: resolvers read them as addresses, people do not.
        address = odd_ipv4(host)
        private = address is not None and not is_public(address)
        raise Refused(Cause.PRIVATE_ADDRESS if private else Cause.BAD_URL, f"numeric host {host[:60]!r}")
    if len(host) > 253 or not _HOST_NAME.match(host):
        raise Refused(Cause.BAD_URL, f"host {host[:60]!r}")
    return host


def odd_ipv4(host: str) -> ipaddress.IPv4Address | None:
    """The address that resolvers understand behind a numeric host (WHATWG URL, IPv4 parser), or None."""
    labels = host.split(".")
    if len(labels) > 4:
        return None
    numbers: list[int] = []
    for label in labels:
        if len(label) > 24:
            return None
        try:
            if label.startswith("0x"):
                numbers.append(int(label[2:] or "0", 16))
            elif label.startswith("0") and len(label) > 1:
                numbers.append(int(label, 8))
            else:
                numbers.append(int(label, 10))
        except ValueError:
            return None
    *heads, tail = numbers
    if any(number > 255 for number in heads) or tail >= 256 ** (5 - len(numbers)):
        return None
    value = tail + sum(number << (8 * (3 - place)) for place, number in enumerate(heads))
    return ipaddress.IPv4Address(value)


def _percent(match: re.Match[str]) -> str:
    return f"%{ord(match[0]):02X}"


def _allowed_key(entry: str) -> tuple[str, int | None]:
    text = entry.strip().lower()
    if text.count(":") > 1 and not text.startswith("["):
        return str(ipaddress.IPv6Address(text)), None
    host, _, port = text.rpartition(":") if re.search(r":\d+\Z", text) else (text, "", "")
    host = host.removeprefix("[").removesuffix("]").removesuffix(".")
    if ":" in host:
        host = str(ipaddress.IPv6Address(host))
    return host, int(port) if port else None
