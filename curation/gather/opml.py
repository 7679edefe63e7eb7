"""OPML 2.0 (opml.org/spec2.opml): lists of feeds in and out."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from xml.sax.saxutils import quoteattr

from lxml import etree

from taxonomy.french import fold

#: Larger than any list of feeds a person keeps.
MAX_BYTES = 20_000_000


def read_opml(body: bytes) -> list[tuple[str, str, str]]:
    """(id, name, URL) of each feed, in order, each URL once.

    Raises ``ValueError`` (French) when the file is no OPML. No entity is resolved, nothing is fetched.
    """
    if len(body) > MAX_BYTES:
        raise ValueError("le fichier est trop gros pour une liste de flux.")
    parser = etree.XMLParser(resolve_entities=False, no_network=True, recover=True, huge_tree=False)
    try:
        root = etree.fromstring(body, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise ValueError("ce n’est pas un fichier OPML (XML illisible).") from error
    if root is None or etree.QName(root).localname != "opml":
        raise ValueError("ce n’est pas un fichier OPML, la liste qu’exporte un lecteur de flux.")
    found: list[tuple[str, str, str]] = []
    urls: set[str] = set()
    ids: set[str] = set()
    for outline in root.iter("outline"):
        attributes = {str(k).lower(): str(v).strip() for k, v in outline.attrib.items()}
        url = attributes.get("xmlurl", "")
        if not url.startswith(("http://", "https://")) or url in urls:
            continue
        urls.add(url)
        name = attributes.get("text") or attributes.get("title") or url
        found.append((make_id(name, ids), name, url))
    return found


def write_opml(feeds: Sequence[tuple[str, str]]) -> str:
    """An OPML document of (name, URL)."""
    lines: Iterable[str] = (
        f'    <outline type="rss" text={quoteattr(name)} xmlUrl={quoteattr(url)}/>' for name, url in feeds
    )
    return "\n".join(
        [
            '<?xml version="1.0" encoding="UTF-8"?>',
            '<opml version="2.0">',
            "  <head><title>Sources de veille</title></head>",
            "  <body>",
            *lines,
            "  </body>",
            "</opml>",
            "",
        ]
    )


def make_id(name: str, taken: set[str]) -> str:
    """An id for a source of that name: letters, digits and hyphens, none of ``taken``, to which it is added."""
    base = re.sub(r"[^a-z0-9]+", "-", fold(name)).strip("-")[:60] or "source"
    identity, n = base, 2
    while identity in taken:
        identity, n = f"{base}-{n}", n + 1
    taken.add(identity)
    return identity
