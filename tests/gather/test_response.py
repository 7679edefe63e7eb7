"""Judging a 200: refusals in disguise are told from real contents."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from curation.gather.response import advertised_feed, judge_body, judge_type
from curation.types import Cause

URL = "https://www.pays-de-brume.fr/actualites/2026/la-halle-rouvre"
RSS = '<?xml version="1.0"?><rss version="2.0"><channel><title>x</title></channel></rss>'


def page(title: str, body: str = "<p>Texte de la page.</p>", url: str = URL, final: str = URL) -> Cause | None:
    text = f"<!doctype html><html><head><title>{title}</title></head><body>{body}</body></html>"
    verdict = judge_body(text.encode(), "text/html; charset=utf-8", "page", url, final)
    return verdict and verdict.cause


def as_feed(body: str | bytes) -> Cause | None:
    raw = body.encode() if isinstance(body, str) else body
    verdict = judge_body(raw, "", "feed", URL, URL)
    return verdict and verdict.cause


@pytest.mark.parametrize(
    "title",
    [
        "404",
        "404 – Pays de Brume",
        "Erreur 404",
        "Pays de Brume | Erreur 404",
        "Page introuvable",
        "Page non trouvée - Ville de Brume",
        "La page demandée est introuvable",
        "Désolé, cette page n’existe pas",
        "Oups ! La page que vous cherchez n&#39;existe plus",
        "Article supprimé",
        "Cette page n’est plus disponible",
        "Page not found | Brume",
        "Not Found",
    ],
)
def test_the_title_of_an_error_page_is_recognised(title: str) -> None:
    assert page(title) is Cause.SOFT_404


@pytest.mark.parametrize(
    "title",
    [
        "404 communes rurales signent un contrat",
        "404 logements livrés en 2026",
        "404 médecins manquent en Bretagne",
        "404,5 hectares rendus à la nature",
        "Contenu supprimé par erreur : la commune s’explique",
        "La page se tourne pour le commerce de centre-ville",
        "Logement introuvable : l’agglomération agit",
        "Quand le foncier devient introuvable",
        "Connexion des territoires : la fibre avance",
        "Fin de la page papier : le bulletin municipal passe au numérique",
        "Un document d’urbanisme supprimé par le juge",
        "Un instant suspendu au jardin",
    ],
)
def test_an_article_that_speaks_of_such_things_is_kept(title: str) -> None:
    assert page(title) is None


def test_the_heading_tells_when_the_title_does_not() -> None:
    assert page("Pays de Brume", "<h1 class=t>Page <em>introuvable</em></h1>") is Cause.SOFT_404
    assert page("Pays de Brume", "<h1>La halle rouvre</h1>") is None


@pytest.mark.parametrize(
    ("final", "cause"),
    [
        ("https://www.pays-de-brume.fr/", Cause.SOFT_404),
        ("https://www.pays-de-brume.fr/accueil.html", Cause.SOFT_404),
        ("https://www.pays-de-brume.fr/fr/", Cause.SOFT_404),
        ("https://www.pays-de-brume.fr/404", Cause.SOFT_404),
        ("https://www.pays-de-brume.fr/erreur-404.html", Cause.SOFT_404),
        ("https://www.pays-de-brume.fr/actualites/la-halle-rouvre", None),
        ("https://www.pays-de-brume.fr/?p=12", None),
    ],
)
def test_being_sent_to_the_home_page_is_a_disappearance(final: str, cause: Cause | None) -> None:
    assert page("Pays de Brume", final=final) is cause


def test_a_short_address_may_lead_to_the_home_page() -> None:
    assert page("Brume", url="https://brume.fr/index.php", final="https://www.brume.fr/") is None


FORM = "<form><input id=u><input name='p' type=password></form>"


@pytest.mark.parametrize(
    ("title", "body", "final", "cause"),
    [
        ("Connexion", FORM, URL, Cause.LOGIN_WALL),
        ("Espace adhérents – Brume", FORM, URL, Cause.LOGIN_WALL),
        ("Brume", FORM, "https://sso.brume.fr/cas/login?service=x", Cause.LOGIN_WALL),
        ("Identification", "<p>…</p>", "https://www.pays-de-brume.fr/connexion", Cause.LOGIN_WALL),
        ("La halle rouvre", FORM, URL, None),  # a login box in a corner of every page
        ("Connexion", "<p>Sans formulaire</p>", URL, None),
        ("Just a moment...", "<script></script>", URL, Cause.FORBIDDEN),
        ("Access Denied", "", URL, Cause.FORBIDDEN),
    ],
)
def test_walls_are_recognised(title: str, body: str, final: str, cause: Cause | None) -> None:
    assert page(title, body, final=final) is cause


@pytest.mark.parametrize(
    "body",
    [
        RSS,
        "\ufeff\n\n" + RSS,
        "<br />\n<b>Warning</b>: php<br/>" + RSS,
        "<!-- <p> --><feed xmlns='http://www.w3.org/2005/Atom'></feed>",
        "<atom:feed xmlns:atom='x'><atom:content><html></html></atom:content></atom:feed>",
        "<rdf:RDF xmlns:rdf='x'></rdf:RDF>",
        '{"version": "https://jsonfeed.org/version/1.1", "items": []}',
        RSS.encode("utf-16"),
        RSS.encode("cp037"),
        "<inconnu/>",
    ],
)
def test_what_may_be_a_feed_is_left_to_the_parser(body: str | bytes) -> None:
    assert as_feed(body) is None


@pytest.mark.parametrize(
    ("body", "cause"),
    [
        ("<!DOCTYPE html><html><body>Bonjour</body></html>", Cause.HTML_NOT_FEED),
        ('<?xml version="1.0"?>\n<html xmlns="x"><body/></html>', Cause.HTML_NOT_FEED),
        ("Service momentanément indisponible", Cause.NOT_A_FEED),
        (f"<html><head><title>Connexion</title></head>{FORM}</html>", Cause.LOGIN_WALL),
        ("<html><head><title>Just a moment...</title></head></html>", Cause.FORBIDDEN),
        (b"PK\x03\x04zip", Cause.UNSUPPORTED_TYPE),
        (b" \x00\r\n", Cause.EMPTY),
    ],
)
def test_what_is_no_feed_is_said_so(body: str | bytes, cause: Cause) -> None:
    assert as_feed(body) is cause


def test_types_are_judged_by_what_is_asked() -> None:
    assert judge_type("application/pdf", "any") is None
    assert judge_type("application/pdf", "feed") is None  # feeds are often mislabelled
    assert judge_type("video/mp4", "feed") is not None
    assert judge_type("Application/PDF; x=1", "page") is not None
    assert judge_type("application/vnd.ms-excel", "page") is not None
    assert judge_type("image/svg+xml", "page") is None
    assert judge_type("", "page") is None


@pytest.mark.parametrize(
    ("links", "expected"),
    [
        ("<link rel=alternate type=application/rss+xml href=/rss>", "https://brume.fr/rss"),
        ("<LINK TYPE='application/atom+xml' REL='nofollow Alternate' HREF='a.xml'/>", "https://brume.fr/b/a.xml"),
        (
            "<link rel=alternate type=application/rss+xml href=/comments/feed>"
            "<link rel=alternate type=application/rss+xml href=/feed>",
            "https://brume.fr/feed",
        ),
        ("<link rel=alternate type=application/rss+xml href='javascript:alert(1)'>", None),
        ("<link rel=stylesheet type=application/rss+xml href=/rss>", None),
        ("<link rel=alternate hreflang=en href=/en>", None),
        ("<link " * 5000, None),
        ("<link " + "rel=" * 5000 + ">", None),
    ],
)
def test_the_feed_a_page_advertises_is_found(links: str, expected: str | None) -> None:
    assert advertised_feed(f"<html><head>{links}</head></html>".encode(), "https://brume.fr/b/c") == expected


@pytest.mark.parametrize(
    "piece", [b"<", b"<h1>", b"<h1 ", b"<title>", b"<title ", b"<input ", b"<link ", b"type = ", b"<a:", b"<!doctype "]
)
def test_a_hostile_page_stays_cheap(piece: bytes) -> None:
    body = b"<html>" + piece * (260_000 // len(piece))
    for accept in ("page", "feed"):
        judge_body(body, "text/html", accept, URL, URL)  # type: ignore[arg-type]


@given(st.binary(max_size=300), st.sampled_from(["page", "feed", "any"]), st.text(max_size=20))
def test_no_bytes_break_the_judgement(body: bytes, accept: str, kind: str) -> None:
    judge_body(b"<html><title>" + body, f"text/html; charset={kind}", accept, URL, URL + "/x")  # type: ignore[arg-type]
