"""The reader of plain RSS gives what feedparser gives, or gives up."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from curation.gather import parse
from curation.gather.feed_dates import mail_date
from curation.gather.plain_rss import read_plain
from curation.types import ParsedFeed

NOW = datetime(2026, 9, 2, 4, tzinfo=UTC)
FEEDS = Path(__file__).resolve().parents[1] / "data" / "feeds"
SPACES = (
    "xmlns:content='http://purl.org/rss/1.0/modules/content/' xmlns:dc='http://purl.org/dc/elements/1.1/' "
    "xmlns:atom='http://www.w3.org/2005/Atom' xmlns:media='http://search.yahoo.com/mrss/' "
    "xmlns:slash='http://purl.org/rss/1.0/modules/slash/' xmlns:wfw='http://wellformedweb.org/CommentAPI/'"
)
HEAD = "<title>Veille d'été</title><link>https://a.fr/</link><description>d</description><language>fr</language>"


def feed(items: str, head: str = HEAD, spaces: str = SPACES) -> bytes:
    return f"<rss version='2.0' {spaces}><channel>{head}{items}</channel></rss>".encode()


def read(document: bytes, plain: bool) -> ParsedFeed:
    with pytest.MonkeyPatch.context() as patch:
        if not plain:
            patch.setattr(parse, "read_plain", lambda _: None)
        return parse.parse_feed(document, source="s", url="https://a.fr/flux", now=NOW)


PLAIN = {
    "all": "<item><title>Un &amp; deux</title><link>https://a.fr/1?a=1&amp;amp;b=2</link><guid isPermaLink='false'>g1"
    "</guid><pubDate>Tue, 01 Sep 2026 18:00:00 +0200</pubDate><description>&lt;p&gt;Texte&lt;/p&gt;</description>"
    "<content:encoded><![CDATA[<p>Texte plus long</p>]]></content:encoded><dc:creator>Zoé</dc:creator>"
    "<dc:creator>Léo</dc:creator><category>A</category><category>A</category><category domain='d'>B</category>"
    "<enclosure url='x' type='image/png' length='1'/><comments>https://a.fr/c</comments>"
    "<slash:comments>2</slash:comments><wfw:commentRss>https://a.fr/cr</wfw:commentRss></item>",
    "guid is the link": "<item><guid>https:////a.fr/2</guid><title>t</title></item>",
    "guid first, link empty": "<item><guid>https://a.fr/2</guid><link/><title>t</title></item>",
    "content only": "<item><content:encoded>c</content:encoded></item>",
    "content first": "<item><content:encoded>c</content:encoded><description>d</description></item>",
    "two descriptions": "<item><description>un</description><description>deux, plus long</description></item>",
    "description of a picture": "<item><title>t</title><description>d</description><media:content url='u'>"
    "<media:description type='plain'>Une légende bien longue</media:description><media:credit>c</media:credit>"
    "</media:content></item>",
    "picture first": "<item><title>t</title><media:content url='u'><media:description>Une légende</media:description>"
    "</media:content><description>d</description></item>",
    "dc:date": "<item><title>t</title><dc:date>2026-08-30T10:00:00+02:00</dc:date></item>",
    "French date": "<item><title>t</title><pubDate>mar. 1 sept. 2026 08:30</pubDate></item>",
    "mojibake": "<item><title>DÃ©veloppement \x80 l\x92été</title><description>Ã©\x85</description></item>",
    "empty elements": "<item><title/><link/><guid/><pubDate/><description/><category/><dc:creator/></item>",
    "empty item": "<item/>",
    "capitals": "<ITEM><Title>t</Title><PUBDATE>Tue, 01 Sep 2026 18:00:00 GMT</PUBDATE></ITEM>",
    "categories with domains": "<item><category domain='d'/><category domain='d'>A</category><category>A</category>"
    "<category domain='e'>A</category><category domain=''>A</category></item>",
    "comments inside": "<item><title>a<!-- x -->b<?pi?>c</title> stray <link>https://a.fr/3</link></item>",
}
UNUSUAL = {
    "markup in text": "<item><title>un <b>deux</b></title></item>",
    "two titles": "<item><title>un</title><title>deux</title></item>",
    "a base": "<item xml:base='https://b.fr/'><link>x</link></item>",
    "a base on a leaf": "<item><comments xml:base='https://b.fr/'/><link>x</link></item>",
    "a mail address": "<item><author>zoe@a.fr (Zoé)</author></item>",
    "an Atom link": "<item><atom:link href='https://a.fr/4'/></item>",
    "an Atom title": "<item><atom:title type='html'>t</atom:title></item>",
    "a source": "<item><source url='https://b.fr/'>b</source></item>",
    "a summary": "<item><summary>s</summary></item>",
    "a prefix for something else": "<item><x:encoded xmlns:content='http://purl.org/dc/elements/1.1/' "
    "xmlns:x='http://purl.org/rss/1.0/modules/content/'>c</x:encoded></item>",
    "an entity of HTML": "<item><title>un&nbsp;deux</title></item>",
    "not closed": "<item><title>t</title>",
}


@pytest.mark.parametrize("name", PLAIN)
def test_plain_feeds_are_read_as_feedparser_reads_them(name: str) -> None:
    document = feed(PLAIN[name])
    assert read_plain(document) is not None
    assert read(document, plain=True) == read(document, plain=False)


@pytest.mark.parametrize("name", UNUSUAL)
def test_the_unusual_is_left_to_feedparser(name: str) -> None:
    document = feed(UNUSUAL[name])
    assert read_plain(document) is None
    assert read(document, plain=True) == read(document, plain=False)


@pytest.mark.parametrize(
    "document",
    [
        b"<rss version='0.92'><channel><title>t</title></channel></rss>",
        b"<rss version='2.0' xmlns='http://purl.org/rss/1.0/'><channel/></rss>",
        b"<rss version='2.0' xmlns:r='http://purl.org/rss/1.0/'><channel/></rss>",
        b"<rss version='2.0'><channel/><item/></rss>",
        b"<!DOCTYPE rss [<!ENTITY e 'x'>]><rss version='2.0'><channel><title>&e;</title></channel></rss>",
    ],
)
def test_other_formats_are_left_to_feedparser(document: bytes) -> None:
    assert read_plain(document) is None


def test_files_are_read_as_feedparser_reads_them() -> None:
    for path in sorted(FEEDS.iterdir()):
        document = path.read_bytes()
        assert read(document, plain=True) == read(document, plain=False), path.name


def test_a_picture_and_links_of_the_feed() -> None:
    head = (
        "<image><url>https://a.fr/i.png</url><title>image</title><link>https://b.fr/</link></image>"
        f"<atom:link href='https://a.fr/flux' rel='self' type='application/rss+xml'/>{HEAD}"
    )
    document = feed(PLAIN["all"], head)
    assert read_plain(document) is not None
    found = read(document, plain=True)
    assert (found.title, found.link) == ("Veille d'été", "https://a.fr/")
    assert found == read(document, plain=False)


_TEXTS = st.sampled_from(
    ["", "t", " é ", "Ã©", "<![CDATA[<p>x</p>]]>", "&lt;b&gt;y&lt;/b&gt;", "https://a.fr/z", "a@b.fr"]
)
_ELEMENTS = st.sampled_from(
    "title link guid pubDate description content:encoded category dc:creator author dc:date enclosure comments "
    "media:content media:description dc:title atom:link source".split()
)
_ATTRIBUTES = st.sampled_from(
    ["", "", "", " isPermaLink='false'", " domain='d'", " type='html'", " rel='self' href='u'"]
)


@settings(max_examples=300, deadline=None)
@given(st.lists(st.lists(st.tuples(_ELEMENTS, _ATTRIBUTES, _TEXTS), max_size=7), max_size=3))
@example([[("media:description", "", "x"), ("description", "", "y"), ("media:description", "", "z")]])
def test_any_mixture_is_read_alike(items: list[list[tuple[str, str, str]]]) -> None:
    document = feed("".join(f"<item>{''.join(f'<{n}{a}>{t}</{n}>' for n, a, t in item)}</item>" for item in items))
    assert read(document, plain=True) == read(document, plain=False)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Tue, 01 Sep 2026 18:00:00 GMT", (2026, 9, 1, 18, 0, 0)),
        ("1 sep 2026 00:30:00 +0200", (2026, 8, 31, 22, 30, 0)),
        ("Tue, 01 Sep 2026 18:00:00 -0530", (2026, 9, 1, 23, 30, 0)),
        ("Tue, 01 Sep 2026 18:00:60 GMT", None),
        ("31 Feb 2026 18:00:00 GMT", None),
        ("Tue, 01 Sep 2026 18:00:00 CEST", None),
        ("01 Jan 0001 00:00:00 +0200", None),
        ("2026-09-01", None),
    ],
)
def test_the_date_of_mail(text: str, expected: tuple[int, ...] | None) -> None:
    found = mail_date(text)
    assert (found and found[:6]) == expected
