"""``curation.gather.newsletter``: six layouts of our own, each read by the eye of a documentalist; hostile input."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from curation.gather.canonical import canonical_url
from curation.gather.newsletter import parse_newsletter
from curation.gather.newsletter_words import cite, is_generic, names_section
from curation.types import Cause, FeedEntry, ParsedFeed

NOW = datetime(2026, 10, 2, 3, 0, tzinfo=UTC)


def parse(text: str, **more: str) -> ParsedFeed:
    return parse_newsletter(text.encode(), source="lettre", now=NOW, **more)


def told(entry: FeedEntry) -> tuple[str | None, str, str]:
    return entry.section, entry.title, entry.url


#: Tables in tables, hidden preview, buttons in cells, targets in base64 (Brevo, Mailjet).
BREVO = """\
<html><head><style>.x{color:red}</style></head><body bgcolor="#f5f5f5">
<div style="display:none;font-size:1px">Découvrez nos aides</div>
<table width="100%"><tr><td align="center"><table width="600"><tr><td>
<p style="font-size:11px"><a href="https://x.sendibt2.example/mk/mr/abc">Voir la version en ligne</a></p></td></tr>
<tr><td><a href="https://x.sendibt2.example/logo"><img src="a.png" alt="Logo"></a></td></tr>
<tr><td><table><tr><td style="font-size:26px;text-align:center">La lettre du réseau rural n°12</td></tr>
<tr><td style="font-size:14px">Bonjour, voici les nouvelles du mois. Nous espérons que cette lettre vous sera
utile.</td></tr></table></td></tr>
<tr><td style="background:#eee"><table>
<tr><td><span style="font-size:20px"><b>ACTUALITÉS</b></span></td></tr></table></td></tr>
<tr><td><table><tr><td width="200">
<a href="https://lnk.example/lnk/AAA/1/aHR0cHM6Ly93d3cucmVzZWF1LmV4YW1wbGUvYWN0dS9jYWZlP3V0bV9zb3VyY2U9YnJldm8"
><img src="c.jpg"></a></td>
<td><table><tr><td><span style="font-size:18px;font-weight:bold">Un café multiservice ouvre dans chaque
canton</span></td></tr>
<tr><td style="font-size:14px">Dix communes testent un modèle de café associatif adossé à une épicerie et à un
relais postal.</td></tr>
<tr><td><table><tr><td bgcolor="#0055aa" style="border-radius:4px"><a
href="https://lnk.example/lnk/AAA/2/aHR0cHM6Ly93d3cucmVzZWF1LmV4YW1wbGUvYWN0dS9jYWZlP3V0bV9zb3VyY2U9YnJldm8"
style="color:#fff">Lire la suite</a></td></tr></table></td></tr></table></td></tr></table></td></tr>
<tr><td><table><tr><td><table><tr><td><span style="font-size:18px;font-weight:bold">Mobilités : le covoiturage
de proximité s’organise</span></td></tr>
<tr><td style="font-size:14px">Une plateforme commune réunit quatre intercommunalités.</td></tr>
<tr><td><a href="https://lnk.example/r?u=https%3A%2F%2Fwww.reseau.example%2Factu%2Fcovoiturage">En savoir plus
&gt;</a></td></tr></table></td></tr></table></td></tr>
<tr><td style="background:#eee"><span style="font-size:20px"><b>AGENDA</b></span></td></tr>
<tr><td><p><b>12 novembre 2026</b></p><p><a href="https://www.reseau.example/agenda/forum"><b>Forum des
ruralités actives</b></a></p><p>À Aurillac, une journée d’échanges entre élus et associations.</p></td></tr>
<tr><td style="font-size:11px"><p>Vous recevez ce message car vous êtes inscrit. <a
href="https://x.sendibt2.example/mk/un/abc">Se désinscrire</a></p>
<p><a href="https://www.facebook.com/reseau">Facebook</a> <a
href="https://www.linkedin.com/company/reseau">LinkedIn</a> <a href="mailto:a@b.example">Nous
écrire</a></p></td></tr>
</table></td></tr></table></td></tr></table></body></html>"""

#: A documentary bulletin as a page: menu, contents, h2 sections, bold titles, sources, arrows.
LID = """\
<html><head><title>LID n° 88</title></head><body><div class="menu"><ul><li><a href="/">Accueil</a></li><li><a
href="/a">Nos lettres</a></li></ul></div>
<h1>Lettre d'information documentaire n° 88 - septembre 2026</h1>
<ul><li><a href="#ap">Action publique</a></li><li><a href="#co">Commerce</a></li></ul>
<h2><a name="ap"></a>Action publique</h2>
<p><b>L'évaluation participative des politiques locales</b><br>Institut de la gestion locale, mars 2026. 31
p.<br>Ce rapport présente les démarches d'une douzaine de collectivités et propose une grille commune
d'analyse.<br>► <a href="https://igl.example/etude.pdf?utm_medium=email">L'étude</a></p>
<p><b>Ingénierie territoriale : qui fait quoi ?</b><br><i>Cour d'appui aux territoires, n° 14, 3 avril
2026</i><br>Panorama des offres départementales. Il est complété par un annuaire.<br>► <a
href="https://cat.example/panorama">Le panorama</a> ► <a href="https://cat.example/annuaire">L'annuaire</a></p>
<p><a href="#top">Haut de page</a></p>
<h2 id="co">Commerce</h2>
<p><b>La vacance commerciale dans les centres-villes moyens</b></p><p>Observatoire du commerce, Fédération des
villes moyennes, 2025. 48 p.</p>
<p>La vacance recule légèrement. L'étude distingue trois profils de villes.</p><p>► <a
href="http://obs.example/vacance/">Consulter l'étude</a></p>
<p><b>Halles et marchés : un renouveau</b></p><p>Urbanités, juin 2026, p. 12-18</p><p>Reportage dans quatre
halles rénovées.</p>
<p><b>Commerces en milieu rural</b></p><p>Agence des ruralités. 60 p.</p><p>Guide pratique à destination des
élus.</p><p>► <a href="https://ar.example/guide">Télécharger le guide</a> (PDF, 2 Mo)</p>
<h2>Agenda</h2>
<ul><li>12 novembre 2026, Tours : <a href="https://ev.example/journee">Journée d'étude sur les centralités</a></li>
<li>Du 3 au 4 décembre 2026 – <a href="https://ev.example/assises">Assises du commerce de proximité</a>,
Limoges</li></ul>
<p>Lettre réalisée par le centre de documentation. Directrice de la publication : A. B. <a href="/unsub">Se
désabonner</a></p></body></html>"""

#: Plain text, wrapped at 72 columns, with a list.
TEXT = """\
LA LETTRE DES DOCUMENTALISTES - octobre 2026

Au sommaire : tourisme, habitat

TOURISME

Le slow tourisme en moyenne montagne : quelles clientèles pour quelles
retombées locales ?
Agence des montagnes, septembre 2026. 22 p.
L'enquête menée auprès de 800 visiteurs montre l'allongement des séjours
et l'intérêt pour les circuits courts. Elle formule douze propositions
aux collectivités gestionnaires de stations.
► L'enquête : https://montagnes.example/enquete?utm_source=nl&id=4

Taxe de séjour : guide 2026
Association des offices, août 2026
Le guide rappelle les règles de délibération.
Lire le guide : https://offices.example/guide-taxe.

HABITAT

- Rénover sans artificialiser <https://habitat.example/renover>
- Logement des saisonniers : trois retours d'expérience
  https://habitat.example/saisonniers

--
Pour vous désabonner : https://nl.example/unsub
"""

#: Titles and « Lire la suite », paragraphs that are notices, a list of links.
BLOG = """\
<div><h1>Newsletter de la Fabrique</h1><p>Chères lectrices, chers lecteurs,</p><p>Voici notre sélection.</p>
<h2><a href="https://fab.example/a1?mc_cid=1">Trois villes repensent la place du vélo</a></h2><p>Par Jeanne D.
À Troyes, Metz et Pau, les aménagements cyclables changent le quotidien. <a href="https://fab.example/a1">Lire
la suite</a></p>
<h2><a href="https://fab.example/a2">Budget participatif : ce que disent les votants</a></h2><p>Une analyse de
40 scrutins. [<a href="https://fab.example/a2">…</a>]</p>
<h2>En bref</h2><p>La métropole lance un appel à projets pour les toitures solaires. <a
href="https://fab.example/b1">En savoir plus</a></p><p>Le conseil départemental adopte son plan eau. <a
href="https://fab.example/b2">Lire l'article</a></p>
<h2>À lire aussi</h2><ul><li><a href="https://fab.example/c1">Le retour des régies municipales de
restauration</a></li><li><a href="https://fab.example/c2">Pourquoi les bibliothèques prêtent des
outils</a></li></ul>
<p><a href="https://twitter.com/fab">Twitter</a> | <a href="https://fab.example/archives">Archives</a> | <a
href="https://fab.example/unsubscribe">Se désabonner</a></p></div>"""

#: A diary in a table, days in a column.
AGENDA = """\
<html><body><h1>Agenda des territoires</h1><h3>Octobre 2026</h3>
<table><tr><td>8 octobre</td><td><a href="https://ag.example/1">Webinaire : financer la renaturation des cours
d'école</a><br>En ligne, 11 h</td></tr>
<tr><td>15-16 octobre</td><td><a href="https://ag.example/2">Congrès des directeurs
généraux</a><br>Strasbourg</td></tr></table>
<h3>Novembre 2026</h3><table><tr><td><strong>5 novembre</strong></td><td><strong>Rencontre des tiers-lieux
nourriciers</strong><br>Nancy, Grand Hall<br><a href="https://ag.example/3">Programme</a> - <a
href="https://ag.example/3/inscription">S'inscrire</a></td></tr></table></body></html>"""

#: One table per block, titles by style alone, coloured section headings.
MAILJET = """\
<html><body><div style="max-width:600px"><div><table><tbody><tr><td><h2 style="color:#900">Numérique
responsable</h2></td></tr></tbody></table></div>
<div><table><tr><td><p style="font-weight:700">Un référentiel pour l’éco-conception des services
publics</p><p>Le document rassemble 80 critères. Il s’adresse aux chefs de projet.</p><p>&gt;&gt; <a
href="https://num.example/referentiel">Télécharger le référentiel</a></p></td></tr></table></div>
<div><table><tr><td><p style="font-weight:700">Médiation numérique : les aidants au bord de
l’épuisement</p><p>Une enquête auprès de 300 conseillers alerte sur la charge. <a
href="https://num.example/enquete">Voir l’enquête</a></p></td></tr></table></div>
<div><h2 style="color:#900">Intelligence artificielle</h2></div><div><p style="font-weight:700">Que font les
communes de l’IA générative ?</p><p>Tour d’horizon de douze usages.</p><p><a
href="https://num.example/ia">Découvrir</a></p></div>
<div style="font-size:10px">Cet email a été envoyé à a@b.example, <a href="https://mj.example/unsub">cliquez
ici pour vous désabonner</a>.</div></div></body></html>"""


def test_nested_tables_with_buttons() -> None:
    feed = parse(BREVO)
    assert [told(e) for e in feed.entries] == [
        ("Actualités", "Un café multiservice ouvre dans chaque canton", "https://www.reseau.example/actu/cafe"),
        (
            "Actualités",
            "Mobilités : le covoiturage de proximité s’organise",
            "https://www.reseau.example/actu/covoiturage",
        ),
        ("Agenda", "Forum des ruralités actives", "https://www.reseau.example/agenda/forum"),
    ]
    assert feed.entries[0].summary.startswith("Dix communes testent")
    assert feed.entries[2].summary.startswith("12 novembre 2026\nÀ Aurillac")
    assert all(e.published is None for e in feed.entries)
    assert [e.guid for e in feed.entries] == [e.url for e in feed.entries]


def test_documentary_bulletin() -> None:
    feed = parse(LID, url="https://doc.example/lid/88.html")
    assert [(e.section, e.title, e.cited_source, e.url) for e in feed.entries] == [
        (
            "Action publique",
            "L'évaluation participative des politiques locales",
            "Institut de la gestion locale",
            "https://igl.example/etude.pdf",
        ),
        (
            "Action publique",
            "Ingénierie territoriale : qui fait quoi ?",
            "Cour d'appui aux territoires",
            "https://cat.example/panorama",
        ),
        (
            "Commerce",
            "La vacance commerciale dans les centres-villes moyens",
            "Observatoire du commerce, Fédération des villes moyennes",
            "http://obs.example/vacance/",
        ),
        ("Commerce", "Halles et marchés : un renouveau", "Urbanités", ""),
        ("Commerce", "Commerces en milieu rural", "Agence des ruralités", "https://ar.example/guide"),
        ("Agenda", "Journée d'étude sur les centralités", None, "https://ev.example/journee"),
        ("Agenda", "Assises du commerce de proximité", None, "https://ev.example/assises"),
    ]
    assert feed.entries[2].guid == canonical_url("http://obs.example/vacance/")
    assert feed.entries[3].guid.startswith("sha256:")
    assert feed.entries[1].summary == "Panorama des offres départementales. Il est complété par un annuaire."
    assert feed.entries[5].summary.startswith("12 novembre 2026, Tours")
    assert feed.title == "LID n° 88"


def test_plain_text() -> None:
    feed = parse(TEXT)
    assert feed.format == "text"
    assert [(*told(e), e.cited_source) for e in feed.entries] == [
        (
            "Tourisme",
            "Le slow tourisme en moyenne montagne : quelles clientèles pour quelles retombées locales ?",
            "https://montagnes.example/enquete?id=4",
            "Agence des montagnes",
        ),
        (
            "Tourisme",
            "Taxe de séjour : guide 2026",
            "https://offices.example/guide-taxe",
            "Association des offices",
        ),
        ("Habitat", "Rénover sans artificialiser", "https://habitat.example/renover", None),
        (
            "Habitat",
            "Logement des saisonniers : trois retours d'expérience",
            "https://habitat.example/saisonniers",
            None,
        ),
    ]
    assert "allongement des séjours et l'intérêt" in feed.entries[0].summary


def test_ordinary_newsletter() -> None:
    feed = parse(BLOG)
    assert [told(e) for e in feed.entries] == [
        (None, "Trois villes repensent la place du vélo", "https://fab.example/a1"),
        (None, "Budget participatif : ce que disent les votants", "https://fab.example/a2"),
        ("En bref", "La métropole lance un appel à projets pour les toitures solaires", "https://fab.example/b1"),
        ("En bref", "Le conseil départemental adopte son plan eau", "https://fab.example/b2"),
        ("À lire aussi", "Le retour des régies municipales de restauration", "https://fab.example/c1"),
        ("À lire aussi", "Pourquoi les bibliothèques prêtent des outils", "https://fab.example/c2"),
    ]
    assert feed.entries[0].summary.endswith("changent le quotidien.")
    assert not any("suite" in e.summary for e in feed.entries)


def test_diary() -> None:
    feed = parse(AGENDA)
    assert [(e.title, e.url, e.summary) for e in feed.entries] == [
        (
            "Webinaire : financer la renaturation des cours d'école",
            "https://ag.example/1",
            "8 octobre\nEn ligne, 11 h",
        ),
        ("Congrès des directeurs généraux", "https://ag.example/2", "15-16 octobre\nStrasbourg"),
        ("Rencontre des tiers-lieux nourriciers", "https://ag.example/3", "5 novembre\nNancy, Grand Hall"),
    ]


def test_titles_by_style_alone() -> None:
    feed = parse(MAILJET)
    assert [(e.section, e.url) for e in feed.entries] == [
        ("Numérique responsable", "https://num.example/referentiel"),
        ("Numérique responsable", "https://num.example/enquete"),
        ("Intelligence artificielle", "https://num.example/ia"),
    ]
    assert feed.entries[1].summary == "Une enquête auprès de 300 conseillers alerte sur la charge."


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (  # a title that opens its paragraph
            "<p><strong>CULTURE</strong></p>"
            "<p><strong>Les lectures au jardin</strong> - Le festival revient en juin dans huit parcs."
            " <a href='https://z.example/1'>Lire la suite</a></p>"
            "<p><strong>Un fonds pour les orchestres</strong> - Les harmonies peuvent déposer leur dossier."
            " <a href='https://z.example/2'>Lire la suite</a></p>",
            [
                ("Culture", "Les lectures au jardin", "https://z.example/1", None),
                ("Culture", "Un fonds pour les orchestres", "https://z.example/2", None),
            ],
        ),
        (  # title and source on one line, numbered sections
            "<h3>1. Finances</h3><p><a href='https://z.example/3'>Les dépenses des départements</a>, Cour locale,"
            " mai 2026. 12 p.<br>Analyse de dix budgets.</p><h3>2. Eau</h3><p><a href='https://z.example/4'>La"
            " tarification sociale</a>. Régies unies, mai 2026<br>Guide.</p>",
            [
                ("Finances", "Les dépenses des départements", "https://z.example/3", "Cour locale"),
                ("Eau", "La tarification sociale", "https://z.example/4", "Régies unies"),
            ],
        ),
        (  # one cell per line, nothing but order
            "<table><tr><th>Commerce</th></tr><tr><td>Les foncières : premier bilan</td></tr>"
            "<tr><td>Banque locale, mai 2026. 40 p.</td></tr><tr><td>Bilan de dix foncières.</td></tr>"
            "<tr><td><a href='https://z.example/5'>► Le bilan</a></td></tr><tr><td>Artisans et bourgs</td></tr>"
            "<tr><td>Réseau Artisans, mai 2026. 8 p.</td></tr><tr><td>Fiche repère.</td></tr>"
            "<tr><td><a href='https://z.example/6'>► La fiche</a></td></tr></table>",
            [
                ("Commerce", "Les foncières : premier bilan", "https://z.example/5", "Banque locale"),
                ("Commerce", "Artisans et bourgs", "https://z.example/6", "Réseau Artisans"),
            ],
        ),
        (  # picture links around an unlinked title, kicker in capitals
            "<div><p style='text-transform:uppercase'>Urbanisme</p><a href='https://z.example/7'><img src=a></a>"
            "<h3>Le permis d’expérimenter</h3><p>Le décret paraît.</p>"
            "<a href='https://z.example/7'><img alt='Lire la suite' src=b></a></div>",
            [("Urbanisme", "Le permis d’expérimenter", "https://z.example/7", None)],
        ),
        (  # addresses as labels, wrapped by a mail gateway
            "<p><b>ÉNERGIE</b></p><p><b>Chaleur renouvelable : un atlas</b></p><p><i>Réseau chaleur, 4 mai 2026</i></p>"
            "<p>L’atlas recense les gisements.</p><p><a href='https://eur03.safelinks.protection.outlook.com/?url="
            "https%3A%2F%2Fz.example%2F8%3Futm_source%3Dx&amp;data=05'>https://z.example/8</a></p>",
            [("Énergie", "Chaleur renouvelable : un atlas", "https://z.example/8", "Réseau chaleur")],
        ),
    ],
)
def test_other_ways_to_lay_out_a_notice(body: str, expected: list[tuple[str, str, str, str | None]]) -> None:
    assert [(e.section, e.title, e.url, e.cited_source) for e in parse(f"<html><body>{body}").entries] == expected


def test_a_second_reading_gives_the_same_guids() -> None:
    for letter in (BREVO, LID, TEXT, BLOG, AGENDA, MAILJET):
        guids = [e.guid for e in parse(letter).entries]
        assert guids == [e.guid for e in parse(letter).entries]
        assert len(guids) == len(set(guids))


def test_a_notice_repeated_is_merged_and_two_events_of_one_page_are_not() -> None:
    notice = (
        "<h2><a href='https://a.example/x?utm_source=nl'>Un guide pour les centres-bourgs</a></h2>"
        "<p>Le guide décrit douze cas.</p>"
    )
    other = "<h2><a href='https://a.example/x'>Colloque sur la forêt communale</a></h2><p>À Besançon, deux jours.</p>"
    feed = parse(f"<body>{notice}{other}{notice}</body>")
    assert [e.title for e in feed.entries] == ["Un guide pour les centres-bourgs", "Colloque sur la forêt communale"]
    assert len({e.guid for e in feed.entries}) == 2


@pytest.mark.parametrize(
    ("text", "organisation"),
    [
        ("Cerema, mars 2026. 31 p.", "Cerema"),
        ("Agence des villes, Institut du commerce, 12 mars 2026", "Agence des villes, Institut du commerce"),
        ("La Revue des maires, n° 412, mai-juin 2026, p. 14-17", "La Revue des maires"),
        ("Observatoire local. 48 p.", "Observatoire local"),
        ("Source : Direction des territoires", "Direction des territoires"),
        ("INSEE (2025)", "INSEE"),
    ],
)
def test_source_lines(text: str, organisation: str) -> None:
    found = cite(text)
    assert found is not None
    assert found[0] == organisation


@pytest.mark.parametrize(
    "text",
    [
        "12 mars 2026, Lyon",
        "Le plan, adopté en mars 2026, fixe douze objectifs aux communes et aux intercommunalités de la région.",
        "La commune a voté. Le maire, en 2026, a signé.",
        "Un texte sans date",
    ],
)
def test_lines_that_are_no_source(text: str) -> None:
    assert cite(text) is None


def test_words() -> None:
    assert all(map(is_generic, ("L’étude", "Lire la suite", "En savoir plus >", "Le rapport complet (PDF)", "ICI")))
    assert not is_generic("La vacance commerciale recule dans les villes moyennes")
    assert names_section("AMÉNAGEMENT, FONCIER")
    assert not names_section("Mobilités : le covoiturage s’organise")


@pytest.mark.parametrize(
    "body",
    [
        "<div>" * 30_000,
        "<table><tr><td>" * 5_000 + "<a href='https://a.example/'>Un titre assez long pour un lien</a>",
        "<div class='menu'>" * 200 + "x " * 20_000,
        "<a href='https://a.example/" + "x" * 100_000 + "'>Un titre de plus de trois mots</a>",
        "<p>" + "► " * 50_000,
        "<p>" + "a, 2026. " * 20_000 + "</p>",
        "<li>" + "1 mars " * 20_000,
        "[1] " * 50_000,
        "- \n" * 50_000,
        "https://" * 20_000,
        "=" * 200_000,
        "\x00\ud7ff<p>\uffff",
        "<!DOCTYPE x [<!ENTITY e SYSTEM 'file:///etc/passwd'>]><p><a href='https://a.example'>&e; titre de lettre</a>",
        "%PDF-1.7 rien",
        "From: a\nTo: b\nSubject: c\n\n",
    ],
)
def test_hostile_input_neither_raises_nor_leaks(body: str) -> None:
    feed = parse(body)
    assert "root:" not in "".join(e.title + e.summary for e in feed.entries)
    assert feed.entries or feed.failure is not None


def test_failures_are_values() -> None:
    for body, cause in ((b"  ", Cause.EMPTY), (b"<p>Bonjour</p>", Cause.EMPTY), (b"%PDF-1.4 broken", Cause.BAD_PDF)):
        feed = parse_newsletter(body, source="s", now=NOW)
        assert feed.failure is not None
        assert feed.failure.cause is cause
