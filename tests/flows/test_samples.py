"""The built-in samples: what they hold, and how the tiny server plays them."""

from __future__ import annotations

import email
import email.policy
import gzip
import io
import json
import re
import subprocess
import sys
import urllib.error
import urllib.request
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import feedparser
import pypdf
import pytest
import trafilatura

from flows.demo_content import (
    SAMPLES,
    expand,
    format_days,
    gold_lines,
    load_items,
    load_sources,
    newsletters,
    resolve_days,
)
from flows.demo_server import DemoServer, main

TODAY = date(2026, 11, 23)  # a Monday

DOSSIERS = {
    "developpement-des-territoires": "projets-de-territoire ruralites services-de-proximite tiers-lieux "
    "cooperation-gouvernance transitions-resilience alimentation-agriculture cohesion-territoriale",
    "economie-territoriale": "foncier-zones-activites aides-fiscalite-entreprises commerce-artisanat "
    "industrie-filieres ess-economie-circulaire emploi-formation attractivite observation-economique",
    "transition-ecologique": "climat-adaptation energie-batiments eau-biodiversite dechets-ressources "
    "mobilites-durables planification-ecologique alimentation-durable education-sobriete",
    "tourisme": "strategie-destinations hebergements-taxe-de-sejour tourisme-durable nature-itinerance "
    "patrimoine-evenements observation-touristique",
    "urbanisme-amenagement": "planification-plu-scot foncier-zan habitat-logement centres-renouvellement "
    "espaces-publics droit-des-sols patrimoine-paysage equipements-publics",
    "politique-de-la-ville": "contrats-de-ville renouvellement-urbain education-reussite "
    "prevention-tranquillite emploi-quartiers participation-habitants lutte-discriminations "
    "sante-cohesion-sociale",
    "innovation-publique": "design-usages participation-citoyenne laboratoires-reseaux "
    "transformation-management donnees-ia experimentation-evaluation financements-innovation",
    "mediation-numerique": "conseillers-numeriques inclusion-acces-droits lieux-mediation "
    "competences-usages reconditionnement-equipement animation-reseau couverture-numerique",
}
KINDS = {"news", "regulation", "call", "event", "resource", "practice", "job", "other"}
ITEMS = load_items()
FEEDS = [source for source in load_sources() if source.format not in ("page", "folder")]


@pytest.fixture(scope="module")
def demo() -> Iterator[DemoServer]:
    with DemoServer(today=TODAY) as server:
        yield server


def get(url: str, **headers: str) -> tuple[int, dict[str, str], bytes]:
    """One request, redirects followed; an HTTP error is an answer like another."""
    request = urllib.request.Request(url, headers={k.replace("_", "-"): v for k, v in headers.items()})
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:
            return answer.status, dict(answer.headers), answer.read()
    except urllib.error.HTTPError as error:
        return error.code, dict(error.headers), error.read()


# --- dates -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("token", "text"),
    [
        ("J-3", "2026-11-20"),
        ("J+8 long", "1er décembre 2026"),
        ("J+20 full", "dimanche 13 décembre 2026"),
        ("O+20 full", "lundi 14 décembre 2026"),
        ("T+1 fulldm", "mardi 24 novembre"),
        ("S+1 short", "28/11/2026"),
        ("J-3 month", "novembre 2026"),
        ("T+24>1 span", "du 22 au 23 décembre 2026"),
        ("J+7>2 span", "du 30 novembre au 2 décembre 2026"),
        ("J+38>1 pair", "les 31 décembre 2026 et 1er janvier 2027"),
        ("J-3 rfc822 06:30", "Fri, 20 Nov 2026 06:30:00 +0100"),
        ("J-3 iso", "2026-11-20T08:00:00+01:00"),
    ],
)
def test_a_placeholder_gives_its_date(token: str, text: str) -> None:
    assert format_days(token, TODAY) == text


@pytest.mark.parametrize("token", ["J", "X+3", "J+3 roman", "J+3 span", "hier", "J+99999"])
def test_a_wrong_placeholder_is_refused(token: str) -> None:
    with pytest.raises(ValueError):
        expand("{{" + token + "}}", TODAY, "http://127.0.0.1:1")


def test_letters_choose_the_weekday_whatever_the_day() -> None:
    for shift in range(14):
        today = TODAY + timedelta(days=shift)
        assert resolve_days("O+3", today)[0].weekday() < 5
        assert resolve_days("T+3", today)[0].weekday() == 1
        assert resolve_days("S+3>1", today)[1] == resolve_days("S+3", today)[0] + timedelta(days=1)


# --- what the samples hold -------------------------------------------------------------------------


def test_the_collection_has_the_promised_size() -> None:
    in_feeds = [item for item in ITEMS if item.feed in {feed.id for feed in FEEDS}]
    roles = Counter(item.role for item in in_feeds)
    assert len(FEEDS) == 10
    assert 115 <= len(in_feeds) <= 140
    assert sum(item.lead is None for item in ITEMS) >= 33
    assert (roles["copy"], roles["story"]) == (9, 9)
    assert Counter(feed.format for feed in FEEDS) == {
        "rss": 2, "wordpress": 1, "rdf": 1, "atom": 2, "json": 2, "raw": 2
    }  # fmt: skip


@pytest.mark.parametrize("community", DOSSIERS)
def test_each_community_is_served_in_every_dossier(community: str) -> None:
    own = [item for item in ITEMS if item.lead == community and item.role == "representative"]
    assert len(own) >= 9
    assert {item.dossier for item in own} == set(DOSSIERS[community].split())
    assert all(item.rel[community] == 3 for item in own)


def test_labels_are_those_of_the_communities() -> None:
    for item in ITEMS:
        assert item.kind in KINDS
        assert set(item.rel) <= set(DOSSIERS)
        assert (item.lead is None) == (item.dossier is None) == (not item.rel)
        assert item.lead is None or item.dossier in DOSSIERS[item.lead].split()
        assert (item.kind == "event") == (item.event is not None), item.id
        assert item.deadline is None or item.kind in ("call", "job")
    kinds = Counter(item.kind for item in ITEMS)
    assert kinds["event"] >= 10
    assert kinds["call"] >= 5
    assert kinds["job"] >= 4


def test_groups_tell_copies_and_stories_but_never_look_alikes() -> None:
    groups = {item.id: item.group for item in ITEMS}
    for item in ITEMS:
        assert groups[item.group] == item.group  # the representative stands in its own group
    for one, other in [
        ("concertation-troyes", "concertation-moulins"),
        ("permanence-bellac", "permanence-gueret"),
        ("vigilance-allier", "vigilance-cantal"),
        ("disparition-adolescente", "adolescente-retrouvee"),
    ]:
        assert groups[one] != groups[other]


@pytest.mark.parametrize("today", [TODAY, date(2027, 1, 30), date(2028, 2, 28)])
def test_days_of_events_and_deadlines_are_told_in_the_text(today: date) -> None:
    """What the gold expects can be read in the title or the summary, whatever the reference day."""
    for item in ITEMS:
        text = expand(item.title + " " + item.summary, today, "")
        for token in (item.event, item.deadline):
            if token:
                first, last = resolve_days(token.split()[0], today)
                for day in (first, last or first):
                    number = "1er" if day.day == 1 else str(day.day)
                    month = format_days("J+0 dm", day).split()[1]
                    told = re.search(rf"\b{number}\b", text) and re.search(rf"\b{month}\b", text)
                    assert told or f"{day:%d/%m/%Y}" in text, (item.id, day)
        if item.event and " " in item.event:
            assert item.event.split(" ", 1)[1] in text


def test_the_gold_file_is_that_of_the_items() -> None:
    """After a change of samples/items, run: python -m flows.demo_server --write-gold"""
    assert (SAMPLES / "gold.jsonl").read_text(encoding="utf-8") == gold_lines()


def test_the_resolved_gold_can_be_evaluated(demo: DemoServer) -> None:
    lines = [json.loads(line) for line in demo.gold().splitlines()]
    assert len(lines) == len(ITEMS) == len({line["id"] for line in lines})
    for line in lines:
        if line["key"].startswith("/"):
            assert line["url"] == demo.base_url + line["key"]
            assert line["key"] in demo.site
        if line["date"]:
            assert date.fromisoformat(line["date"]) < TODAY
        if line["event"]:
            assert date.fromisoformat(line["event"]["start"]) > TODAY
    ends = [line["event"]["end"] for line in lines if line["event"] and line["event"]["end"]]
    assert len(ends) >= 5


# --- what the server sends -------------------------------------------------------------------------


def test_no_placeholder_is_left(demo: DemoServer) -> None:
    texts = {path: found.body for path, found in demo.site.items()}
    texts |= newsletters(SAMPLES, TODAY, demo.base_url)
    for path, body in texts.items():
        assert b"{{" not in body, path


@pytest.mark.parametrize("feed", [feed for feed in FEEDS if feed.format != "json"], ids=lambda feed: feed.id)
def test_feedparser_reads_each_xml_feed(demo: DemoServer, feed: object) -> None:
    source = next(one for one in FEEDS if one is feed)
    status, headers, body = get(demo.base_url + source.path)
    parsed = feedparser.parse(body, response_headers={"content-type": headers["Content-Type"]})
    version = {"rdf": "rss10", "atom": "atom10"}.get(source.format, "rss20")
    assert status == 200
    if source.id == "pays":  # text/xml without a charset means US-ASCII (RFC 3023): a common fault
        assert isinstance(parsed.bozo_exception, feedparser.CharacterEncodingOverride)
    else:
        assert not parsed.bozo
    assert parsed.version == version
    assert parsed.feed.title == source.name
    own = [item for item in ITEMS if item.feed == source.id]
    assert len(parsed.entries) == len(own)
    if source.format != "raw":
        assert [entry.title for entry in parsed.entries] == [expand(i.title, TODAY, "") for i in own]
        assert [entry.link for entry in parsed.entries] == [demo.base_url + i.path + i.track for i in own]


@pytest.mark.parametrize("name", ["labo", "mediation"])
def test_json_feeds_are_valid(demo: DemoServer, name: str) -> None:
    _, headers, body = get(f"{demo.base_url}/feeds/{name}.json")
    feed = json.loads(body)
    assert headers["Content-Type"].startswith("application/feed+json")
    assert feed["version"] == "https://jsonfeed.org/version/1.1"
    own = [item for item in ITEMS if item.feed == name]
    assert [entry["title"] for entry in feed["items"]] == [expand(i.title, TODAY, "") for i in own]
    assert all(datetime.fromisoformat(entry["date_published"]).tzinfo for entry in feed["items"])


def test_the_latin1_feed_is_made_of_latin1_bytes(demo: DemoServer) -> None:
    body = get(demo.base_url + "/feeds/villes.xml")[2]
    assert body.startswith(b'<?xml version="1.0" encoding="ISO-8859-1"?>')
    assert b"qu\xeate" in body or b"\xe9" in body
    assert b"\x92" in body  # the Windows apostrophe
    with pytest.raises(UnicodeDecodeError):
        body.decode("utf-8")


def test_the_broken_feed_has_its_faults_in_real_bytes(demo: DemoServer) -> None:
    body = get(demo.base_url + "/pays/feed/")[2].decode()
    entries = feedparser.parse(body.encode(), sanitize_html=False).entries
    by_title = {entry.get("title", "")[:22]: entry for entry in entries}
    assert sum("<guid" not in part for part in body.split("<item>")[1:]) == 1
    assert "published" not in by_title["Un tiers-lieu ouvre da"]
    assert "31 Feb 2026 25:61:00" in body
    future = by_title["Salon de la rénovation"].published_parsed
    assert datetime(*future[:6], tzinfo=UTC).date() > TODAY + timedelta(days=365)
    assert "&lt;b&gt;pépinière" in body
    assert "&amp;amp;eacute;" in body
    assert "est apparu en premier sur" in body
    assert max(len(entry.get("title", "")) for entry in entries) >= 3000
    assert "<title></title>" in body
    assert body.count(">pays-3011<") == 2
    assert "<link>javascript:" in body
    assert "<script" in body
    assert "<link>cooperative-abattoir</link>" in body
    assert "content:encoded" in body


def test_known_addresses_fail_as_they_should(demo: DemoServer) -> None:
    listed = {source["id"]: source["url"] for source in demo.sources()}
    assert get(listed["demo-disparu"])[0] == 404
    assert get(listed["demo-panne"])[0] == 500
    status, headers, body = get(listed["demo-portail"])
    assert (status, headers["Content-Type"]) == (200, "text/html; charset=utf-8")
    real = re.search(rb'type="application/atom\+xml"[^>]*href="([^"]+)"', body)
    assert real
    assert feedparser.parse(get(real.group(1).decode())[2]).entries


def test_the_moved_feed_answers_301_to_its_new_address(demo: DemoServer) -> None:
    class Stay(urllib.request.HTTPRedirectHandler):
        def redirect_request(self, *args: object) -> None:
            return None

    listed = {source["id"]: source["url"] for source in demo.sources()}
    with pytest.raises(urllib.error.HTTPError) as stopped:
        urllib.request.build_opener(Stay).open(listed["destinations"], timeout=10)
    assert stopped.value.code == 301
    assert stopped.value.headers["Location"] == demo.base_url + "/feeds/destinations.rdf"
    assert feedparser.parse(get(listed["destinations"])[2]).version == "rss10"


def test_validators_give_304(demo: DemoServer) -> None:
    url = demo.base_url + "/feeds/lettre.xml"
    _, headers, _ = get(url)
    before = demo.not_modified["/feeds/lettre.xml"]
    assert get(url, If_None_Match=headers["ETag"])[0] == 304
    assert get(url, If_None_Match='W/"other", W/' + headers["ETag"])[0] == 304
    assert get(url, If_Modified_Since=headers["Last-Modified"])[0] == 304
    assert demo.not_modified["/feeds/lettre.xml"] == before + 3
    # RFC 9110, 13.1.3: If-Modified-Since is ignored beside If-None-Match
    assert get(url, If_None_Match='"other"', If_Modified_Since=headers["Last-Modified"])[0] == 200
    assert get(url, If_Modified_Since="not a date")[0] == 200
    assert get(url, If_Modified_Since="Sat, 01 Jan 2000 00:00:00 GMT")[0] == 200


def test_gzip_only_on_request(demo: DemoServer) -> None:
    url = demo.base_url + "/feeds/agence.atom"
    _, plain_headers, plain = get(url)
    _, headers, packed = get(url, Accept_Encoding="gzip, br")
    assert "Content-Encoding" not in plain_headers
    assert headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(packed) == plain


def test_head_sends_no_body_and_requests_are_counted(demo: DemoServer) -> None:
    before = demo.requests["/feeds/agence.atom"]
    request = urllib.request.Request(demo.base_url + "/feeds/agence.atom?x=1", method="HEAD")
    with urllib.request.urlopen(request, timeout=10) as answer:
        assert int(answer.headers["Content-Length"]) > 1000
        assert answer.read() == b""
    assert demo.requests["/feeds/agence.atom"] == before + 1


def test_every_link_of_the_samples_is_served(demo: DemoServer) -> None:
    expected = {"forbidden": 403}
    for item in ITEMS:
        if item.path:
            link = demo.base_url + item.path + item.track
            assert get(link)[0] == expected.get(item.page, 200), item.id
    _, _, robots = get(demo.base_url + "/robots.txt")
    refused = re.findall(r"Disallow: (\S+)", robots.decode())
    assert any(item.path.startswith(refused[0]) for item in ITEMS)


def test_long_pages_hold_their_text_among_their_chrome(demo: DemoServer) -> None:
    """At least 44 pages of 250 to 700 words; trafilatura finds most of them in the page's chrome."""
    seen = set()
    for item in ITEMS:
        if item.body and item.path not in seen and demo.site[item.path].content_type.startswith("text/html"):
            seen.add(item.path)
            words = (expand(item.summary + " " + item.body, TODAY, "")).split()
            assert 250 <= len(words) <= 700, item.id
            text = trafilatura.extract(demo.site[item.path].body.decode(), deduplicate=False) or ""
            assert len(text.split()) >= 0.85 * len(words), item.id
            assert "cookies" not in text, item.id
    assert len(seen) >= 44


def test_refusing_pages_say_so(demo: DemoServer) -> None:
    by_page = {item.page: item.path for item in ITEMS}
    assert b"isAccessibleForFree" in demo.site[by_page["paywall"]].body
    assert "introuvable" in demo.site[by_page["soft404"]].body.decode()
    assert b'type="password"' in demo.site[by_page["login"]].body


def test_the_pdf_page_can_be_read(demo: DemoServer) -> None:
    item = next(item for item in ITEMS if item.page == "pdf")
    found = demo.site[item.path]
    reader = pypdf.PdfReader(io.BytesIO(found.body), strict=True)
    text = " ".join(" ".join(page.extract_text() for page in reader.pages).split())
    assert found.content_type == "application/pdf"
    assert item.title.replace("’", "'") in text.replace("’", "'")
    assert "trente personnes, dont un tiers tirées au sort" in text


def test_the_lid_page_has_sections_and_notices(demo: DemoServer) -> None:
    page = get(demo.base_url + "/documentation/lid.html")[2].decode()
    own = [item for item in ITEMS if item.feed == "lid"]
    assert page.count("► ") == page.count('class="notice"') == len(own)
    for heading in ("Action publique", "Commerce", "Agenda"):
        assert re.search(rf"<h2[^>]*>{heading}</h2>", page)
    assert all(demo.base_url + item.path in page for item in own)
    assert sum(item.role == "copy" for item in own) >= 5
    assert "Se désabonner" in page


def test_the_newsletter_is_a_real_mail(demo: DemoServer) -> None:
    files = list(demo.newsletter_folder.iterdir())
    assert [file.name for file in files] == ["bulletin-58.eml"]
    message = email.message_from_bytes(files[0].read_bytes(), policy=email.policy.default)
    assert message.get_content_type() == "multipart/alternative"
    assert message["Subject"].startswith("Bulletin documentaire Villes et Numérique")
    plain, rich = list(message.iter_parts())
    assert {plain["Content-Transfer-Encoding"], rich["Content-Transfer-Encoding"]} == {"quoted-printable"}
    own = [item for item in ITEMS if item.feed == "bulletin"]
    text = rich.get_content()
    assert text.count("&#9658;") == len(own)
    assert text.count("https://clic.infolettre.example/r/9f31c2?m=88041&amp;u=http%3A%2F%2F127.0.0.1") == 2 * len(own)
    assert all(expand(item.title, TODAY, "") in plain.get_content() for item in own)
    assert "Se désinscrire" in text
    assert max(len(line) for line in files[0].read_bytes().splitlines()) <= 998  # RFC 5322, 2.1.1


def test_sources_are_ready_for_the_configuration(demo: DemoServer) -> None:
    listed = demo.sources()
    assert len(listed) == len(demo.sources(broken=False)) + 3 == 15
    assert len({source["id"] for source in listed}) == 15
    assert Counter(source["kind"] for source in listed) == {"feed": 13, "page": 1, "folder": 1}
    for source in listed:
        assert set(source) == {"id", "name", "url", "kind", "authority", "communities"}
        assert set(source["communities"]) <= set(DOSSIERS)
        assert 0 <= source["authority"] <= 1


def test_the_server_leaves_nothing_behind() -> None:
    with DemoServer(today=TODAY) as server:
        folder = server.newsletter_folder
        url = server.base_url
    assert not Path(folder).exists()
    with pytest.raises(urllib.error.URLError):
        urllib.request.urlopen(url, timeout=2)


def test_a_taken_port_is_explained(demo: DemoServer, capsys: pytest.CaptureFixture[str]) -> None:
    port = demo.base_url.rsplit(":", 1)[1]
    assert main(["--port", port]) == 1
    assert f"port {port}" in capsys.readouterr().err


def test_gold_is_printed_for_scripts(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--gold", "--port", "9", "--today", "2026-11-23"]) == 0
    first = json.loads(capsys.readouterr().out.splitlines()[0])
    assert first["date"] == "2026-11-21"
    assert first["url"].startswith("http://127.0.0.1:9/")


def test_the_demo_server_starts_without_prefect() -> None:
    code = "import sys, flows.demo_server; sys.exit('prefect' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], cwd=SAMPLES.parent, check=False).returncode == 0
