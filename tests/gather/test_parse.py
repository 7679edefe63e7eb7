"""parse_feed: every dialect, broken or hostile, becomes entries of plain text or an explained failure."""

from __future__ import annotations

import io
import json
import tracemalloc
from datetime import UTC, datetime
from pathlib import Path

import feedparser
import feedparser.html
import feedparser.mixin
import pytest

from curation.gather.as_json import entry_to_json
from curation.gather.entries import MAX_SUMMARY, MAX_TITLE
from curation.gather.parse import MAX_ENTRIES, NOTE_CUT, NOTE_NO_ENTRY, parse_feed
from curation.types import Cause, FeedEntry, ParsedFeed

NOW = datetime(2026, 9, 1, 6, tzinfo=UTC)
FEEDS = Path(__file__).parent.parent / "data" / "feeds"
REAL = Path(__file__).resolve().parents[3] / "shared" / "data" / "feeds"
needs_real = pytest.mark.skipif(not REAL.is_dir(), reason="the real feeds are not beside this checkout")


def parse(body: bytes | str, **named: object) -> ParsedFeed:
    raw = body.encode() if isinstance(body, str) else body
    return parse_feed(raw, source="essai", now=NOW, **{"url": "https://flux.exemple.fr/rss.xml", **named})  # type: ignore[arg-type]


def rss(items: str, head: str = "<link>https://www.exemple.fr/</link>", declaration: str = "") -> str:
    return f"{declaration}<rss version='2.0'><channel><title>Un flux</title>{head}{items}</channel></rss>"


def only(feed: ParsedFeed) -> FeedEntry:
    assert feed.failure is None
    assert len(feed.entries) == 1
    return feed.entries[0]


@pytest.mark.parametrize("path", sorted(p for p in FEEDS.iterdir() if p.suffix != ".expected"), ids=lambda p: p.name)
def test_golden_pairs(path: Path) -> None:
    """A raw file and, beside it, what it must become."""
    feed = parse(path.read_bytes())
    got = [entry_to_json(entry) for entry in feed.entries]
    assert got == json.loads(path.with_name(path.name + ".expected").read_text(encoding="utf-8"))


class TestGuid:
    def test_from_the_link_when_missing(self) -> None:
        entry = only(parse(rss("<item><title>A</title><link>http://www.exemple.fr/a/?utm_source=rss</link></item>")))
        assert entry.guid == "http://www.exemple.fr/a"

    def test_from_title_and_date_when_there_is_no_link(self) -> None:
        item = "<item><title>Réunion publique</title><pubDate>{}</pubDate></item>"
        first = only(parse(rss(item.format("Mon, 24 Aug 2026 08:00:00 GMT"))))
        again = only(parse(rss(item.format("Mon, 24 Aug 2026 08:00:00 GMT"))))
        other = only(parse(rss(item.format("Tue, 25 Aug 2026 08:00:00 GMT"))))
        assert first.guid == again.guid != other.guid

    def test_shared_by_two_entries(self) -> None:
        def item(n: int) -> str:
            return f"<item><guid>x</guid><title>Titre {n}</title><link>https://www.exemple.fr/{n}</link></item>"

        guids = [e.guid for e in parse(rss(item(1) + item(2))).entries]
        assert len(set(guids)) == 2
        assert [e.guid for e in parse(rss(item(3) + item(2) + item(1))).entries][:0:-1] == guids

    def test_exact_repetition_is_kept_once(self) -> None:
        item = "<item><guid>x</guid><title>Arrêté</title><link>https://www.exemple.fr/1</link></item>"
        assert only(parse(rss(item * 3))).guid == "x"

    def test_entries_without_any_identity_stay_apart(self) -> None:
        feed = parse(rss("<item><description>a</description></item>" * 2))
        assert len({e.guid for e in feed.entries}) == 2


class TestDates:
    @pytest.mark.parametrize(
        ("text", "expected"),
        [
            ("Thu, 20 Aug 2026 08:00:00 +0200", "2026-08-20T06:00:00+00:00"),
            ("Thu, 20 Aug 2026 08:00:00 CEST", "2026-08-20T06:00:00+00:00"),
            ("2026-08-20T08:00:00Z", "2026-08-20T08:00:00+00:00"),
            ("jeudi 20 août 2026 à 8h30", "2026-08-20T06:30:00+00:00"),
            ("Jeu, 20 Août 2026 08:00:00 +0200", "2026-08-20T06:00:00+00:00"),
            ("1er février 2026", "2026-02-01T00:00:00+00:00"),
            ("20/08/2026", "2026-08-20T00:00:00+00:00"),
            ("20/08/2026 14:05", "2026-08-20T12:05:00+00:00"),
        ],
    )
    def test_to_utc(self, text: str, expected: str) -> None:
        entry = only(parse(rss(f"<item><title>A</title><pubDate>{text}</pubDate></item>")))
        assert entry.published is not None
        assert entry.published.isoformat() == expected

    @pytest.mark.parametrize(
        ("text", "note"),
        [
            ("Thu, 20 Aug 2037 08:00:00 GMT", "date future écartée"),
            ("Fri, 04 Sep 2026 08:00:00 GMT", "date future écartée"),
            ("Thu, 01 Jan 1970 00:00:00 GMT", "date trop ancienne écartée"),
            ("31 février 2026", "date impossible écartée"),
            ("prochainement", "date impossible écartée"),
        ],
    )
    def test_wrong_ones_are_dropped_with_a_note(self, text: str, note: str) -> None:
        entry = only(parse(rss(f"<item><title>A</title><pubDate>{text}</pubDate></item>")))
        assert entry.published is None
        assert note in entry.notes

    def test_updated_is_not_invented(self) -> None:
        entry = only(parse(rss("<item><title>A</title><pubDate>Thu, 20 Aug 2026 08:00:00 GMT</pubDate></item>")))
        assert entry.updated is None


class TestLinks:
    @pytest.mark.parametrize(
        ("head", "link", "expected"),
        [
            ("<link>https://www.exemple.fr/</link>", "/actu/1", "https://www.exemple.fr/actu/1"),
            ("", "/actu/1", "https://flux.exemple.fr/actu/1"),
            ("", "https://l.facebook.com/l.php?u=https%3A%2F%2Fwww.exemple.fr%2Fa", "https://www.exemple.fr/a"),
            ("", "javascript:alert(1)", ""),
            ("", "http://[::1", ""),
        ],
    )
    def test_resolution(self, head: str, link: str, expected: str) -> None:
        assert only(parse(rss(f"<item><title>A</title><link>{link}</link></item>", head))).url == expected

    def test_xml_base_first(self) -> None:
        atom = (
            "<feed xmlns='http://www.w3.org/2005/Atom' xml:base='https://base.exemple.fr/d/'>"
            "<title>F</title><link href='https://www.exemple.fr/'/>"
            "<entry><id>1</id><title>A</title><link href='x.html'/></entry></feed>"
        )
        assert only(parse(atom)).url == "https://base.exemple.fr/d/x.html"

    def test_permalink_guid_serves_as_link(self) -> None:
        assert only(parse(rss("<item><guid>https://www.exemple.fr/7</guid><title>A</title></item>"))).url.endswith("/7")


class TestEncodings:
    TITLE = "Été : l’œuvre à 12 €"

    def item(self, declaration: str) -> str:
        return rss(f"<item><title>{self.TITLE}</title></item>", declaration=declaration)

    @pytest.mark.parametrize(
        ("declared", "written", "header"),
        [
            ("utf-8", "utf-8", None),
            ("utf-8", "cp1252", None),
            ("iso-8859-1", "cp1252", None),
            ("iso-8859-1", "utf-8", None),
            ("windows-1252", "cp1252", "text/xml; charset=utf-8"),
            ("UTF-16", "utf-16", None),
            ("klingon-8", "utf-8", None),
            (None, "cp1252", "application/rss+xml; charset=ISO-8859-1"),
            (None, "utf-8", None),
            (None, "utf-8-sig", "text/xml; charset=iso-8859-1"),
            (None, "cp1252", None),
            (None, "utf-16-le", None),
        ],
    )
    def test_declared_then_sniffed(self, declared: str | None, written: str, header: str | None) -> None:
        declaration = f"<?xml version='1.0' encoding='{declared}'?>" if declared else "<?xml version='1.0'?>"
        feed = parse(self.item(declaration).encode(written), content_type=header)
        assert only(feed).title == self.TITLE

    def test_stray_windows_bytes_in_utf8(self) -> None:
        body = self.item("").encode().replace(b"12", b"12 \x96")
        assert only(parse(body)).title == "Été : l’œuvre à 12 – €"

    def test_feedparsers_table_is_spared_without_a_change(self) -> None:
        """``parse`` names in it the characters that stay: they do, and the 27 of windows-1252 are still mapped."""
        table = feedparser.mixin._cp1252
        of_feedparser = feedparser.html._cp1252
        assert len(of_feedparser) == 27
        for code in range(0x3000):
            assert chr(code).translate(table) == chr(code).translate(of_feedparser)

    def test_mojibake_inside_the_text_is_left_alone(self) -> None:
        assert only(parse(rss("<item><title>Ville d’Ã‰vreux — café</title></item>"))).title == "Ville d’Ã‰vreux — café"


class TestFailures:
    @pytest.mark.parametrize("body", [b"", b" \n\t", b"\xef\xbb\xbf", b"\x00\x00"])
    def test_empty(self, body: bytes) -> None:
        failure = parse(body).failure
        assert failure is not None
        assert failure.cause is Cause.EMPTY

    def test_html_page_names_the_feed_it_advertises(self) -> None:
        page = (
            "<!-- <rss> --><!DOCTYPE html><html><head><title>Ville de Brenne</title><base href='/v2/'>"
            "<link rel='alternate' type='application/rss+xml' title='Commentaires' href='/comments/feed/'>"
            '<link rel="alternate" type="application/json" href="https://v.exemple.fr/wp-json/x">'
            '<link REL="Alternate" type="application/atom+xml" href="actu.atom?a=1&amp;b=2"></head><body></body></html>'
        )
        failure = parse(page, url="https://v.exemple.fr/actu").failure
        assert failure is not None
        assert failure.cause is Cause.HTML_NOT_FEED
        assert failure.suggested_url == "https://v.exemple.fr/v2/actu.atom?a=1&b=2"
        assert "Ville de Brenne" in failure.detail

    def test_html_page_without_feed(self) -> None:
        failure = parse("<html><body><p>Maintenance en cours</p></body></html>").failure
        assert failure is not None
        assert (failure.cause, failure.suggested_url) == (Cause.HTML_NOT_FEED, None)

    @pytest.mark.parametrize(
        "body",
        [
            b"Bonjour",
            b"%PDF-1.7\n%\xe2\xe3",
            b"\x89PNG\r\n\x1a\n" + bytes(range(256)),
            b'{"a": 1}',
            b"[1, 2]",
            b"{" * 9000,
            b"<svg xmlns='http://www.w3.org/2000/svg'><path/></svg>",
            b"<opml version='2.0'><body/></opml>",
            b"<",
            b"<?xml",
            b"<!--" * 5000,
            bytes(range(256)) * 20,
        ],
    )
    def test_not_a_feed(self, body: bytes) -> None:
        failure = parse(body).failure
        assert failure is not None
        assert failure.cause is Cause.NOT_A_FEED

    @pytest.mark.parametrize(
        "body",
        [
            rss(""),
            "<feed xmlns='http://www.w3.org/2005/Atom'><title>x</title></feed>",
            '{"version": "https://jsonfeed.org/version/1.1", "title": "x", "items": []}',
        ],
    )
    def test_a_sound_feed_without_entries_is_no_failure(self, body: str) -> None:
        feed = parse(body)
        assert feed.failure is None
        assert NOTE_NO_ENTRY in feed.notes


class TestHostile:
    def test_billion_laughs(self) -> None:
        entities = "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 12))
        body = f'<?xml version="1.0"?><!DOCTYPE rss [<!ENTITY a0 "ha">{entities}]>' + rss(
            "<item><title>&a11;</title></item>"
        )
        assert len(only(parse(body)).title) <= MAX_TITLE

    def test_external_entity_reads_no_file(self, tmp_path: Path) -> None:
        secret = tmp_path / "secret"
        secret.write_text("motdepasse")
        body = f'<!DOCTYPE rss [<!ENTITY x SYSTEM "file://{secret}">]>' + rss("<item><title>a &x; b</title></item>")
        assert "motdepasse" not in str(parse(body))

    def test_deep_nesting_is_refused(self) -> None:
        failure = parse(b"<rss><channel><item>" + b"<a>" * 2_000_000).failure
        assert failure is not None
        assert failure.cause is Cause.NOT_A_FEED

    def test_entries_are_limited_and_memory_with_them(self) -> None:
        body = rss("".join(f"<item><title>Titre {n}</title><guid>{n}</guid></item>" for n in range(100_000))).encode()
        tracemalloc.start()
        feed = parse(body)
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        assert len(feed.entries) == MAX_ENTRIES
        assert feed.entries[0].title == "Titre 0"
        assert NOTE_CUT in feed.notes
        assert peak < 80_000_000

    @pytest.mark.parametrize(
        "many",
        [
            "".join(f"<category>c{n}</category>" for n in range(60_000)),
            "<itunes:keywords>" + "a b, c " * 60_000 + "</itunes:keywords>",
            "<link " + "a='b' " * 60_000 + "/>",
        ],
        ids=["categories", "keywords", "attributes"],
    )
    def test_crowds_inside_one_entry_end(self, many: str) -> None:
        """Linear, for the same reason: feedparser compares each tag with the others."""
        feed = parse(rss(f"<item><title>A</title>{many}</item><item><title>B</title><category>eau</category></item>"))
        assert feed.failure is not None or [e.title for e in feed.entries] == ["A", "B"]

    def test_texts_are_limited(self) -> None:
        long = "mot " * 200_000
        entry = only(parse(rss(f"<item><title>{long}</title><description>{long}</description></item>")))
        assert len(entry.title) <= MAX_TITLE
        assert len(entry.summary) <= MAX_SUMMARY

    @pytest.mark.parametrize(
        "piece",
        [
            "<",
            "<!--",
            "<![CDATA[",
            "<?",
            "&",
            "&#x",
            "<a b='",
            "]]>",
            "<item>",
            "<!ENTITY a 'b'>",
            "\n",
            "<!DOCTYPE",
            "</item>",
        ],
    )
    def test_repeated_fragments_end(self, piece: str) -> None:
        """Linear: a quadratic step would take minutes on these."""
        for body in (piece * 30_000, rss(f"<item><title>A</title><description>{piece * 30_000}</description></item>")):
            assert isinstance(parse(body), ParsedFeed)

    def test_truncated_feed_gives_its_whole_entries(self) -> None:
        body = rss("<item><title>Un</title></item><item><title>Deux</title></item>")
        feed = parse(body[: body.index("Deux") + 2])
        assert feed.entries[0].title == "Un"

    def test_no_lone_surrogate_gets_through(self) -> None:
        body = r'{"version": "https://jsonfeed.org/version/1", "items": [{"id": "\ud800", "title": "a\udfffb", "url": "https://x.fr/\ud800"}]}'
        str(parse(body)).encode("utf-8")


class TestJsonFeed:
    def test_wrong_types_are_ignored(self) -> None:
        items = [
            {
                "id": 12,
                "url": "/a",
                "title": None,
                "content_html": "<p>Corps</p>",
                "authors": [{"name": "Une autrice"}, 3],
                "tags": ["eau", 4, None],
            },
            "pas une entrée",
            {
                "id": "https://www.exemple.fr/b",
                "content_text": "Texte nu",
                "author": {"name": "Ancien format"},
                "date_published": "2026-08-20T10:00:00+02:00",
            },
        ]
        feed = parse(
            json.dumps(
                {
                    "version": "https://jsonfeed.org/version/1.1",
                    "title": "F",
                    "home_page_url": "https://www.exemple.fr",
                    "items": items,
                }
            )
        )
        first, second = feed.entries
        assert (first.guid, first.url, first.summary, first.authors) == (
            "12",
            "https://www.exemple.fr/a",
            "Corps",
            ("Une autrice",),
        )
        assert first.title == "Corps"
        assert (second.url, second.authors) == ("https://www.exemple.fr/b", ("Ancien format",))
        assert second.published == datetime(2026, 8, 20, 8, tzinfo=UTC)


@needs_real
def test_conformance_as_many_entries_titles_and_links_as_feedparser() -> None:
    poorer = []
    for path in sorted((REAL / "conformance").rglob("*.xml")):
        body = path.read_bytes()
        theirs = feedparser.parse(io.BytesIO(body)).entries
        ours = parse_feed(body, source="x", now=NOW).entries
        want = (
            len(theirs),
            sum(bool(dict.get(e, "title")) for e in theirs),
            sum(bool(dict.get(e, "link")) for e in theirs),
        )
        got = (len(ours), sum(bool(e.title) for e in ours), sum(bool(e.url) for e in ours))
        if any(a < b for a, b in zip(got, want, strict=True)):
            poorer.append((path.name, want, got))
    assert poorer == []


@needs_real
@pytest.mark.parametrize("folder", ["territorial", "media", "daily", "legal", "sector"])
def test_real_feeds_give_clean_entries_or_an_explained_failure(folder: str) -> None:
    for path in sorted((REAL / folder).iterdir()):
        feed = parse_feed(path.read_bytes(), source=path.stem, url="https://flux.exemple.fr/", now=NOW)
        assert feed.entries or feed.failure is not None or feed.notes, path.name
        for entry in feed.entries:
            assert entry.title
            for text in (entry.title, entry.summary, entry.content):
                assert "</" not in text
                assert "appeared first on" not in text
                assert "\u200b" not in text
                assert "  " not in text
        assert len({e.guid for e in feed.entries}) == len(feed.entries)
