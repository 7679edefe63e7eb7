"""The documents of the demo site: sample items -> feeds in five formats, pages with their chrome, one PDF."""

from __future__ import annotations

import html
import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from pathlib import Path
from zlib import crc32

from flows.demo_content import (
    Resource,
    SampleItem,
    SampleSource,
    expand,
    format_days,
    item_variables,
    load_items,
    load_sources,
)

CONTENT_TYPES = {
    "rss": "application/rss+xml; charset=utf-8",
    "wordpress": "application/rss+xml; charset=utf-8",
    "rdf": "application/rdf+xml",
    "atom": "application/atom+xml; charset=utf-8",
    "json": "application/feed+json; charset=utf-8",
    "page": "text/html; charset=utf-8",
}


def build_site(folder: Path, today: date, base: str) -> dict[str, Resource]:
    """Path -> what is served there: feeds, pages and redirects (the failing feeds belong to the server)."""
    sources = load_sources(folder)
    items = [resolved(item, today, base) for item in load_items(folder)]
    variables = item_variables(folder, today, base)
    site: dict[str, Resource] = {}
    for source in sources:
        own = [item for item in items if item.feed == source.id]
        if source.format == "folder":
            continue
        site[source.path] = Resource(
            _document(source, own, folder, today, base, variables),
            source.content_type or CONTENT_TYPES.get(source.format, "application/xml"),
        )
        if source.listed:
            site[source.listed] = Resource(b"", status=301, location=source.path)
    by_id = {source.id: source for source in sources}
    for item in items:
        if item.page != "none" and item.path not in site:
            site[item.path] = _page(item, by_id[item.feed], items, folder, today, base)
    return site


def resolved(item: SampleItem, today: date, base: str) -> SampleItem:
    """The item without any placeholder."""
    return replace(
        item,
        title=expand(item.title, today, base),
        summary=expand(item.summary, today, base),
        body=expand(item.body, today, base),
        path=expand(item.path, today, base),
    )


def paragraphs(body: str) -> str:
    """The light markup of an item's body -> HTML."""
    out = []
    for block in (part.strip() for part in body.strip().split("\n\n")):
        lines = [html.escape(line.strip(), quote=False) for line in block.splitlines()]
        if block.startswith("## "):
            out.append(f"<h2>{lines[0][3:]}</h2>")
        elif block.startswith("- "):
            out.append("<ul>" + "".join(f"<li>{line.removeprefix('- ')}</li>" for line in lines) + "</ul>")
        elif block:
            out.append(f"<p>{' '.join(lines)}</p>")
    return "\n".join(out)


def _document(
    source: SampleSource,
    items: list[SampleItem],
    folder: Path,
    today: date,
    base: str,
    variables: Mapping[str, str],
) -> bytes:
    if source.file:
        raw = (folder / source.file).read_bytes().decode(source.encoding)
        return expand(raw, today, base, variables).encode(source.encoding, "xmlcharrefreplace")
    writers = {"rss": _rss, "wordpress": _rss, "rdf": _rdf, "atom": _atom, "json": _json}
    return writers[source.format](source, items, today, base).encode()


def _link(item: SampleItem, base: str) -> str:
    return base + item.path + item.track


def _x(text: str) -> str:
    return html.escape(text, quote=True)


def _rss(source: SampleSource, items: list[SampleItem], today: date, base: str) -> str:
    """RSS 2.0; the ``wordpress`` variant adds content:encoded and the plug-in's « est apparu en premier »."""
    wordpress = source.format == "wordpress"
    parts = []
    for item in items:
        summary = item.summary
        if wordpress:
            link = _x(_link(item, base))
            summary = (
                f'<p>{_x(summary)}</p>\n<p>L’article <a href="{link}">{_x(item.title)}</a> est apparu en '
                f'premier sur <a href="{base}{source.site}/">{_x(source.name)}</a>.</p>'
            )
        full = f"<p><strong>{_x(item.summary)}</strong></p>\n{paragraphs(item.body)}" if item.body else ""
        parts.append(
            "<item>"
            f"<title>{_x(item.title)}</title>"
            f"<link>{_x(_link(item, base))}</link>"
            f'<guid isPermaLink="false">{source.id}-{crc32(item.id.encode())}</guid>'
            f"<pubDate>{format_days(f'{item.day} rfc822 {item.hour}', today)}</pubDate>"
            + "".join(f"<category>{_x(tag)}</category>" for tag in item.tags)
            + f"<description><![CDATA[{summary}]]></description>"
            + (f"<content:encoded><![CDATA[{full}]]></content:encoded>" if wordpress and full else "")
            + "</item>"
        )
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        '<rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/" '
        'xmlns:atom="http://www.w3.org/2005/Atom"><channel>'
        f"<title>{_x(source.name)}</title><link>{base}{source.site}/</link>"
        f"<description>{_x(source.name)} : les actualités</description><language>fr-FR</language>"
        f'<atom:link href="{base}{source.path}" rel="self" type="application/rss+xml"/>\n'
        + "\n".join(parts)
        + "\n</channel></rss>\n"
    )


def _rdf(source: SampleSource, items: list[SampleItem], today: date, base: str) -> str:
    listed = "".join(f'<rdf:li rdf:resource="{_x(_link(item, base))}"/>' for item in items)
    parts = [
        f'<item rdf:about="{_x(_link(item, base))}"><title>{_x(item.title)}</title>'
        f"<link>{_x(_link(item, base))}</link><description>{_x(item.summary)}</description>"
        f"<dc:date>{format_days(f'{item.day} iso {item.hour}', today)}</dc:date>"
        f"<dc:creator>{_x(source.name)}</dc:creator>"
        + "".join(f"<dc:subject>{_x(tag)}</dc:subject>" for tag in item.tags)
        + "</item>"
        for item in items
    ]
    return (
        '<?xml version="1.0" encoding="utf-8"?>\n'
        '<rdf:RDF xmlns="http://purl.org/rss/1.0/" xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" '
        'xmlns:dc="http://purl.org/dc/elements/1.1/">'
        f'<channel rdf:about="{base}{source.path}"><title>{_x(source.name)}</title>'
        f"<link>{base}{source.site}/</link><description>{_x(source.name)}</description>"
        f"<items><rdf:Seq>{listed}</rdf:Seq></items></channel>\n" + "\n".join(parts) + "\n</rdf:RDF>\n"
    )


def _atom(source: SampleSource, items: list[SampleItem], today: date, base: str) -> str:
    parts = []
    for item in items:
        moment = format_days(f"{item.day} iso {item.hour}", today)
        summary = _x(f"<p>{_x(item.summary)}</p>")
        parts.append(
            f"<entry><id>tag:{source.id}.example,{moment[:10]}:{item.id}</id>"
            f'<title type="html">{_x(_x(item.title))}</title>'
            f'<link rel="alternate" type="text/html" href="{_x(_link(item, base))}"/>'
            f"<published>{moment}</published><updated>{moment}</updated>"
            + "".join(f'<category term="{_x(tag)}"/>' for tag in item.tags)
            + f'<summary type="html">{summary}</summary></entry>'
        )
    return (
        '<?xml version="1.0" encoding="utf-8"?>\n<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="fr">'
        f"<id>{base}{source.path}</id><title>{_x(source.name)}</title>"
        f"<author><name>{_x(source.name)}</name></author>"
        f'<link rel="self" href="{base}{source.path}"/><link rel="alternate" href="{base}{source.site}/"/>'
        f"<updated>{format_days('J-1 iso 18:00', today)}</updated>\n" + "\n".join(parts) + "\n</feed>\n"
    )


def _json(source: SampleSource, items: list[SampleItem], today: date, base: str) -> str:
    """JSON Feed 1.1 (https://www.jsonfeed.org/version/1.1/)."""
    return json.dumps(
        {
            "version": "https://jsonfeed.org/version/1.1",
            "title": source.name,
            "home_page_url": f"{base}{source.site}/",
            "feed_url": f"{base}{source.path}",
            "language": "fr",
            "items": [
                {
                    "id": item.id,
                    "url": _link(item, base),
                    "title": item.title,
                    "summary": item.summary,
                    "content_html": f"<p>{_x(item.summary)}</p>{paragraphs(item.body)}",
                    "date_published": format_days(f"{item.day} iso {item.hour}", today),
                    "tags": list(item.tags),
                    "authors": [{"name": source.name}],
                }
                for item in items
            ],
        },
        ensure_ascii=False,
        indent=1,
    )


def _page(
    item: SampleItem, source: SampleSource, items: list[SampleItem], folder: Path, today: date, base: str
) -> Resource:
    """The page of an item; without a body it is a « brève » that says no more than the feed."""
    if item.page == "pdf":
        blocks = [" ".join(block.split()).removeprefix("## ") for block in item.body.split("\n\n")]
        lines = [part for block in (item.title, item.summary, *blocks) for part in (block, "")]
        return Resource(pdf(lines), "application/pdf")
    template = source.chrome if item.page == "article" else f"{item.page}.html"
    status = 403 if item.page == "forbidden" else 200
    neighbours = [other for other in items if other.feed == item.feed and other.id != item.id][:4]
    related = "".join(
        f'<li><a href="{base}{other.path}">{html.escape(other.title[:120], quote=False)}</a></li>'
        for other in neighbours
    )
    variables = {
        "page.title": html.escape(item.title, quote=False),
        "page.site": html.escape(source.name, quote=False),
        "page.home": f"{base}{source.site}/",
        "page.url": base + item.path,
        "page.chapo": html.escape(item.summary, quote=False),
        "page.body": paragraphs(item.body),
        "page.related": related,
        "page.day": format_days(f"{item.day} long", today),
        "page.fullday": format_days(f"{item.day} full", today),
        "page.iso": format_days(f"{item.day} iso {item.hour}", today),
    }
    text = expand((folder / "pages" / template).read_text(encoding="utf-8"), today, base, variables)
    return Resource(text.encode(), status=status)


def pdf(lines: list[str], width: int = 88, per_page: int = 48) -> bytes:
    """A plain PDF (ISO 32000, one standard font, WinAnsi text) holding these lines, wrapped."""
    wrapped: list[str] = []
    for line in lines:
        current = ""
        for word in line.split():
            if len(current) + len(word) >= width:
                wrapped.append(current)
                current = word
            else:
                current = f"{current} {word}".strip()
        wrapped.append(current)
    pages = [wrapped[i : i + per_page] for i in range(0, len(wrapped), per_page)]
    kids = " ".join(f"{4 + 2 * i} 0 R" for i in range(len(pages)))
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        f"<< /Type /Pages /Kids [{kids}] /Count {len(pages)} >>".encode(),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
    ]
    for i, page in enumerate(pages):
        shown = [line.replace("\\", r"\\").replace("(", r"\(").replace(")", r"\)") for line in page]
        stream = ("BT /F1 11 Tf 15 TL 60 780 Td " + " ".join(f"({line}) Tj T*" for line in shown) + " ET").encode(
            "cp1252", "replace"
        )
        objects.append(
            f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents {5 + 2 * i} 0 R "
            "/Resources << /Font << /F1 3 0 R >> >> >>".encode()
        )
        objects.append(b"<< /Length %d >>\nstream\n%s\nendstream" % (len(stream), stream))
    out = bytearray(b"%PDF-1.4\n")
    offsets = []
    for number, content in enumerate(objects, 1):
        offsets.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, content)
    start = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    out += b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    out += b"trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, start)
    return bytes(out)
