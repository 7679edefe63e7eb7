"""extract_article: the text of a page, what it declares, and the pages that refuse."""

from __future__ import annotations

import io
import json
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import pypdf
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from curation.gather.as_json import article_to_json
from curation.gather.canonical import article_id, canonical_url
from curation.gather.decode import decode
from curation.gather.extract import article_from_entry, clean_page_text, extract_article, main_text
from curation.gather.page_facts import guess_language, page_facts, parse_html, without_site
from curation.types import Article, Cause, Failure, FeedEntry

NOW = datetime(2026, 9, 1, 6, tzinfo=UTC)
URL = "https://www.pays-brenne.exemple.fr/actualites/friche-du-moulin?utm_source=rss"
REAL = Path(__file__).resolve().parents[3] / "shared" / "data" / "pages" / "trafilatura-fr"

PARAGRAPHS = (
    "La communauté a racheté la friche du moulin, fermée depuis douze ans, pour installer un tiers-lieu.",
    "Le projet associe des artisans, une épicerie coopérative et un espace de travail partagé ouvert aux associations.",
    "Les travaux doivent commencer au printemps, avec l’aide de la région et du fonds vert, pour deux millions.",
    "« Nous voulons que les habitants décident des usages du lieu », explique la vice-présidente du pays.",
)
BODY = "".join(f"<p>{p}</p>" for p in PARAGRAPHS)


def page(
    main: str = BODY,
    head: str = "<title>La friche du moulin | Pays de Brenne</title>",
    lang: str = "fr",
    h1: str = "La friche du moulin",
) -> bytes:
    return (
        f"<!DOCTYPE html><html lang='{lang}'><head><meta charset='utf-8'>{head}</head><body>"
        "<nav><ul><li><a href='/'>Accueil</a></li><li><a href='/agenda'>Agenda</a></li></ul></nav>"
        f"<main><article><h1>{h1}</h1>{main}</article></main>"
        "<footer><p>Mentions légales - Plan du site</p></footer></body></html>"
    ).encode()


def ld(json_text: str) -> str:
    return f'<script type="application/ld+json">{json_text}</script>'


def article(body: bytes, url: str = URL, content_type: str | None = "text/html; charset=utf-8") -> Article:
    found = extract_article(body, url=url, content_type=content_type, now=NOW)
    assert isinstance(found, Article), found
    return found


def failure(body: bytes, url: str = URL, content_type: str | None = "text/html") -> Failure:
    found = extract_article(body, url=url, content_type=content_type, now=NOW)
    assert isinstance(found, Failure), found
    assert found.at == NOW
    return found


def test_an_ordinary_page() -> None:
    found = article(page())
    assert found.title == "La friche du moulin"
    assert found.text == "\n".join(PARAGRAPHS)
    assert found.url == "https://www.pays-brenne.exemple.fr/actualites/friche-du-moulin"
    assert found.id == article_id(URL)
    assert (found.language, found.site, found.origin, found.failure) == ("fr", "pays-brenne.exemple.fr", "page", None)
    assert list(article_to_json(found)) == ["url", "title", "text", "published", "language", "site", "authors"]


def test_same_page_twice_gives_the_same_article() -> None:
    """trafilatura's deduplicate would drop what it has already seen."""
    assert [article(page()) for _ in range(4)] == [article(page())] * 4


def test_furniture_goes() -> None:
    noise = (
        "<p>À lire aussi : une autre friche</p>", "<p>Crédit photo : Mairie</p>", "<p>Partager cet article</p>",
        "<p>Inscrivez-vous à notre newsletter pour tout savoir</p>", "<p>Temps de lecture : 3 min</p>",
    )  # fmt: skip
    assert article(page(noise[0] + BODY + "".join(noise))).text == "\n".join(PARAGRAPHS)
    assert clean_page_text("Lire aussi demande du temps.\nUn texte.", "") == "Lire aussi demande du temps.\nUn texte."


class TestTitle:
    @pytest.mark.parametrize(
        ("title", "site", "expected"),
        [
            ("Taxe de séjour | Le Site", "Le Site", "Taxe de séjour"),
            ("Taxe de séjour 2027 - Commune de Mézières", None, "Taxe de séjour 2027"),
            ("Budget participatif – Site officiel de la ville de Vierzon", None, "Budget participatif"),
            ("Pays de Brenne | La friche du moulin", "Pays de Brenne", "La friche du moulin"),
            ("La friche | AOC - Analyse et culture", "AOC - Analyse et culture", "La friche"),
            ("La friche du moulin - pays-brenne.exemple.fr", None, "La friche du moulin"),
            ("Logement : un plan pour les communes rurales", None, "Logement : un plan pour les communes rurales"),
            ("ZAN - ce que change la loi", "Pays de Brenne", "ZAN - ce que change la loi"),
            ("Accueil", "Pays de Brenne", "Accueil"),
        ],
    )
    def test_without_site(self, title: str, site: str | None, expected: str) -> None:
        assert without_site(title, site, "https://www.pays-brenne.exemple.fr/a") == expected

    def test_declared_title_before_a_heading_of_the_site(self) -> None:
        head = "<meta property='og:title' content='Un tiers-lieu au moulin'>"
        head += "<meta property='og:site_name' content='Pays de Brenne'>"
        assert article(page(head=head, h1="Pays de Brenne")).title == "Un tiers-lieu au moulin"


class TestPublicationDate:
    @pytest.mark.parametrize(
        ("head", "main", "expected"),
        [
            ("<meta property='article:published_time' content='2026-08-20T09:00:00+02:00'>", "", "2026-08-20"),
            (
                "<script type='application/ld+json'>{'@type': 1</script>",
                "<p>Publié le jeudi 20 août 2026</p>",
                "2026-08-20",
            ),
            (
                ld('{"@graph":[{"@type":"NewsArticle","datePublished":"2026-08-19"}]}'),
                "",
                "2026-08-19",
            ),
            ("<meta name='DC.date.issued' content='2026-08-18'>", "", "2026-08-18"),
            ("", "<time class='entry-date published' datetime='2026-08-17T10:00'>17 août</time>", "2026-08-17"),
            ("", "<span class='date'>, le 15 septembre 2025</span>", "2025-09-15"),
            ("", "<p>Mis en ligne le 03/08/2026 à 9h30</p>", "2026-08-03"),
        ],
    )
    def test_found(self, head: str, main: str, expected: str) -> None:
        published = article(page(main + BODY, head)).published
        assert published is not None
        assert published.date().isoformat() == expected

    @pytest.mark.parametrize(
        ("head", "main", "h1"),
        [
            (
                ld('{"@type":"Event","startDate":"2026-06-24","datePublished":"2026-06-24"}'),
                "",
                "Fête",
            ),
            (
                "<title>Colloque du 24 juin 2026 : les tiers-lieux</title>",
                "<span class='date'>24 juin 2026</span>",
                "Colloque du 24 juin 2026",
            ),
            ("", "<p>Rendez-vous le jeudi 20 août 2026 à la salle des fêtes.</p>", "Réunion publique"),
            ("", "<p>La loi du 3 janvier 2026 s’applique.</p><time datetime='2026-06-24'>mercredi</time>", "Une loi"),
            ("<meta property='article:published_time' content='2031-01-01'>", "", "Demain"),
        ],
    )
    def test_the_date_of_an_event_is_no_publication_date(self, head: str, main: str, h1: str) -> None:
        assert article(page(main + BODY, head, h1=h1)).published is None

    def test_publication_wins_over_the_event_in_the_title(self) -> None:
        found = article(page("<p>Publié le jeudi 20 août 2026</p>" + BODY, h1="Colloque du 24 novembre 2026"))
        assert found.published == datetime(2026, 8, 20, tzinfo=UTC)

    def test_from_the_address(self) -> None:
        published = article(page(), "https://www.exemple.fr/2026/08/12/friche").published
        assert published == datetime(2026, 8, 12, tzinfo=UTC)


class TestCanonical:
    @pytest.mark.parametrize(
        ("declared", "expected"),
        [
            ("/actualites/12-friche", "https://www.pays-brenne.exemple.fr/actualites/12-friche"),
            ("http://pays-brenne.exemple.fr/b?utm_source=x", "http://pays-brenne.exemple.fr/b"),
            ("https://www.pays-brenne.exemple.fr/", canonical_url(URL)),
            ("https://www.autre.exemple.org/friche", canonical_url(URL)),
            ("https://voisin.exemple.fr/friche", canonical_url(URL)),
            ("", canonical_url(URL)),
            ("http://[::1", canonical_url(URL)),
            ("javascript:alert(1)", canonical_url(URL)),
        ],
    )
    def test_only_on_the_same_site(self, declared: str, expected: str) -> None:
        assert article(page(head=f"<link rel='canonical' href='{declared}'>")).url == expected

    def test_a_file_takes_the_address_its_page_declares(self) -> None:
        found = article(page(head="<link rel=canonical href='https://www.exemple.fr/a'>"), url="")
        assert (found.url, found.id) == ("https://www.exemple.fr/a", article_id("https://www.exemple.fr/a"))


class TestRefusals:
    @pytest.mark.parametrize(
        ("cause", "body"),
        [
            (Cause.EMPTY, b"  \n"),
            (Cause.THIN, page("<p>Trois mots seulement.</p>")),
            (
                Cause.PAYWALL,
                page(BODY + "<p>Il vous reste 80% de cet article à lire. La suite est réservée aux abonnés.</p>"),
            ),
            (Cause.PAYWALL, page(f"<p>{PARAGRAPHS[0]}</p><div class='offre'><p>Article réservé aux abonnés</p></div>")),
            (
                Cause.PAYWALL,
                page(head=ld('{"@type":"NewsArticle","isAccessibleForFree":"False"}')),
            ),
            (Cause.PAYWALL, page(head='<meta itemprop="isAccessibleForFree" content="false">')),
            (
                Cause.SOFT_404,
                page("<p>La page que vous cherchez n’existe plus.</p>", "<title>Page introuvable</title>", h1="Oups !"),
            ),
            (
                Cause.SOFT_404,
                page(
                    "<p>Retournez à l’accueil.</p>", "<title>Erreur 404 - Pays de Brenne</title>", h1="Pays de Brenne"
                ),
            ),
            (Cause.SOFT_404, page("<p>Nous n’avons rien trouvé.</p>", "", h1="Cette page n'existe pas")),
            (
                Cause.LOGIN_WALL,
                page("<form><input name=u><input type=password></form>", "<title>Connexion</title>", h1="Se connecter"),
            ),
            (
                Cause.LOGIN_WALL,
                page("<p>Vous devez être connecté pour accéder à cette ressource.</p>", "", h1="Ressource"),
            ),
            (
                Cause.FORBIDDEN,
                page(
                    "<p>Enable JavaScript and cookies to continue</p>",
                    "<title>Just a moment...</title>",
                    h1="exemple.fr",
                ),
            ),
        ],
    )
    def test_each_has_its_cause(self, cause: Cause, body: bytes) -> None:
        assert failure(body).cause is cause

    def test_words_of_refusal_in_a_real_article_refuse_nothing(self) -> None:
        main = (
            BODY * 4 + "<p>Beaucoup de sites affichent « page introuvable » ou un accès réservé aux abonnés.</p>" + BODY
        )
        found = article(
            page(
                main,
                "<title>Pourquoi tant d’erreurs 404 sur les sites des mairies</title>",
                h1="Les erreurs 404 des mairies",
            )
        )
        assert "page introuvable" in found.text

    def test_a_paid_event_is_no_paywall(self) -> None:
        event = ld('{"@type":"Event","isAccessibleForFree":false}')
        assert article(page(head=event)).text

    @pytest.mark.parametrize(
        ("body", "content_type"),
        [
            (b"\x89PNG\r\n\x1a\n" + bytes(500), "image/png"),
            (b"\x89PNG\r\n\x1a\n" + bytes(500), None),
            (b'{"a": "<p>"}', "application/json"),
            (b"PK\x03\x04" + bytes(3000), "application/vnd.oasis.opendocument.text"),
            (b"<?xml version='1.0'?><rss><channel><item><title>x</title></item></channel></rss>", "text/xml"),
            (b"une ligne de texte", "text/plain"),
        ],
    )
    def test_what_is_no_page(self, body: bytes, content_type: str | None) -> None:
        assert failure(body, content_type=content_type).cause is Cause.UNSUPPORTED_TYPE


class TestHostile:
    @pytest.mark.parametrize(
        "piece",
        [
            "<div>",
            "<b><p>",
            "<table><tr><td>",
            "<a href='",
            "<!--",
            "&#x0;",
            "<script>",
            "publié le 1 ",
            "<h1>|",
            " - a",
            "<meta name=x content=y>",
        ],
    )
    def test_repetition_ends(self, piece: str) -> None:
        body = b"<html><body><article>" + (piece * 8_000).encode() + BODY.encode()
        assert isinstance(extract_article(body, url=URL, now=NOW), Article | Failure)

    @settings(max_examples=60, deadline=None)
    @given(
        st.binary(max_size=300)
        | st.text(max_size=200).map(lambda s: f"<html><body><p>{s}".encode("utf-8", "surrogatepass"))
    )
    def test_never_raises(self, body: bytes) -> None:
        assert isinstance(extract_article(body, url=URL, now=NOW), Article | Failure)

    def test_json_ld_bomb(self) -> None:
        head = '<script type="application/ld+json">' + "[" * 100_000 + "</script>"
        assert article(page(head=head)).text

    def test_windows_1252_declared_as_latin1(self) -> None:
        body = page().decode().replace("utf-8", "iso-8859-1").encode("cp1252")
        assert "l’aide de la région" in article(body, content_type="text/html").text


def pdf(lines: Sequence[str]) -> bytes:
    """A one-page PDF with text, written by hand (windows-1252)."""
    shown = " T* ".join("({}) Tj".format(line.replace("(", r"\(").replace(")", r"\)")) for line in lines)
    stream = f"BT /F1 12 Tf 14 TL 72 720 Td {shown} ET".encode("cp1252")
    objects = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 612 792]/Contents 4 0 R/Resources<</Font<</F1 5 0 R>>>>>>",
        b"<</Length %d>>stream\n%s\nendstream" % (len(stream), stream),
        b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica/Encoding/WinAnsiEncoding>>",
    ]
    body = b"%PDF-1.4\n"
    offsets = []
    for number, content in enumerate(objects, 1):
        offsets.append(len(body))
        body += b"%d 0 obj%s endobj\n" % (number, content)
    table = b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    return (
        body
        + b"xref\n0 6\n0000000000 65535 f \n"
        + table
        + b"trailer<</Size 6/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF" % len(body)
    )


class TestPdf:
    LINES = (
        "Guide des friches",
        "La collectivité repère d’abord les sites aban-",
        "donnés de son terri-",
        "toire et les classe.",
        *PARAGRAPHS,
    )

    def test_text_and_title(self) -> None:
        found = article(pdf(self.LINES), "https://www.exemple.fr/guide.pdf", "application/pdf")
        assert found.title == "Guide des friches"
        assert "les sites abandonnés de son territoire et les classe." in found.text
        assert found.language == "fr"

    def test_declared_title_and_day(self) -> None:
        writer = pypdf.PdfWriter(clone_from=io.BytesIO(pdf(self.LINES)))
        writer.add_metadata(
            {"/Title": "Reconvertir une friche, mode d’emploi", "/CreationDate": "D:20260703101500+02'00'"}
        )
        out = io.BytesIO()
        writer.write(out)
        found = article(out.getvalue(), "https://www.exemple.fr/guide.pdf", None)
        assert found.title == "Reconvertir une friche, mode d’emploi"
        assert found.published == datetime(2026, 7, 3, tzinfo=UTC)

    def test_refusals(self) -> None:
        assert failure(b"%PDF-1.7 tout le reste manque", content_type="application/pdf").cause is Cause.BAD_PDF
        assert failure(pdf(["Peu"]), content_type="application/pdf").cause is Cause.THIN


class TestFromEntry:
    ENTRY = FeedEntry(
        source="s", guid="g", url="http://www.exemple.fr/a/?utm_source=rss", title="Un titre", summary="Court.",
        content="Plus long, tiré du flux.",
        published=None, updated=NOW, authors=("A",),
    )  # fmt: skip

    def test_the_longer_text_of_the_feed(self) -> None:
        refused = Failure(Cause.PAYWALL, "https://www.exemple.fr/a")
        found = article_from_entry(self.ENTRY, refused)
        assert (found.id, found.url) == (article_id("https://exemple.fr/a"), "http://www.exemple.fr/a")
        assert (found.text, found.published, found.site) == ("Plus long, tiré du flux.", NOW, "exemple.fr")
        assert (found.origin, found.failure) == ("feed", refused)

    def test_newsletter_and_entries_without_link(self) -> None:
        notice = FeedEntry(source="lid", guid="1", url="", title="T", summary="S", section="Agenda")
        other = FeedEntry(source="lid", guid="2", url="", title="T", summary="S", section="Agenda")
        assert article_from_entry(notice).origin == "newsletter"
        assert article_from_entry(notice).id != article_from_entry(other).id


def test_guess_language() -> None:
    assert guess_language(" ".join(PARAGRAPHS)) == "fr"
    assert (
        guess_language("The council of the town has agreed that the old mill is to be used for shared offices.") == "en"
    )
    assert guess_language("Oui") is None


@pytest.mark.skipif(not REAL.is_dir(), reason="the real pages are not beside this checkout")
def test_floor_on_real_pages() -> None:
    """Must-contain and must-not-contain snippets; plain trafilatura.extract keeps 71 of 73 and drops 67 of 75."""
    kept = dropped = 0
    for url, expected in json.loads((REAL / "gold.json").read_text()).items():
        found = [p for name in (expected["file"], "cache_" + expected["file"]) if (p := REAL / "html" / name).exists()]
        tree = parse_html(decode(found[0].read_bytes())[0])
        assert tree is not None
        text = main_text(tree, url=url, title=page_facts(tree, url=url, now=NOW).title)
        kept += sum(snippet in text for snippet in expected["with"])
        dropped += sum(snippet not in text for snippet in expected["without"])
    assert kept >= 70  # one of the snippets is the title, dropped from the text on purpose
    assert dropped >= 73
