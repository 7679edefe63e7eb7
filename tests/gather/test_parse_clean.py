"""From HTML fragments to text that an animateur can read; boilerplate off the ends, never off the middle."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from curation.gather.boilerplate import without_boilerplate
from curation.gather.clean import clip, one_line, plain_text, tidy


@pytest.mark.parametrize(
    ("fragment", "expected"),
    [
        ("<p>Un</p>\n<p>Deux&nbsp;: <b>gras</b></p>", "Un\nDeux : gras"),
        ("a<br/>b<BR>c", "a\nb\nc"),
        ("<ul><li>eau</li><li>air</li></ul>", "eau\nair"),
        ("<table><tr><td>A</td><td>B</td></tr></table>", "A B"),
        ("L&amp;#039;élu &amp;amp; l&amp;rsquo;eau", "L'élu & l’eau"),
        ("&lt;p&gt;Deux fois&lt;/p&gt;&lt;p&gt;échappé&lt;/p&gt;", "Deux fois\néchappé"),
        ("Communes < 10 000 hab. & R&D > 3 %", "Communes < 10 000 hab. & R&D > 3 %"),
        ("?a=1&region=2&copy=3", "?a=1&region=2&copy=3"),
        ("<script>if (a < b) { x('</p>') }</script><style>p{}</style>fin", "fin"),
        ("avant<script>jamais fermé", "avant"),
        ("<!-- non --><p>oui</p><!-- non", "oui\n<!-- non"),
        ('<img alt="a > b" src=x>texte', "texte"),
        ('coupé net <a href="https://www.exe', "coupé net"),
        ("coupé net </stro", "coupé net </stro"),
        ("écrire à <dupont@exemple.fr>", "écrire à <dupont@exemple.fr>"),
        ("so\xadft ze\u200bro \ufeffbom \x07bip\x00", "soft zero bom bip"),
        ("cafe\u0301 l\x92eau &#146;", "café l’eau ’"),
        ("<![CDATA[<p>oui</p>]]>", "oui"),
        ("ligne une\n\n\n  ligne deux\t!", "ligne une\nligne deux !"),
        ("<p>une phrase\nsur deux lignes</p>", "une phrase sur deux lignes"),
        (
            "Voir **le guide** et [la page](https://www.exemple.fr/a_(b)) ## Contexte ______ fin",
            "Voir le guide et la page\nContexte\nfin",
        ),
        ("<o:p>Word</o:p>", "Word"),
        ("", ""),
    ],
)
def test_plain_text(fragment: str, expected: str) -> None:
    assert plain_text(fragment) == expected


def test_one_line_and_clip() -> None:
    assert one_line("<p>Un</p><p>deux</p>") == "Un deux"
    assert clip("un deux trois quatre", 14) == "un deux trois…"
    assert clip("x" * 50, 10) == "x" * 9 + "…"


@settings(max_examples=200, deadline=None)
@given(
    st.text(max_size=200)
    | st.lists(
        st.sampled_from(
            ["<p", ">", "</", "<!--", "-->", "&", "amp;", "#60;", "<script>", '"', "=", "é", "\ud800", "\n"]
        )
    ).map("".join)
)
def test_never_raises_and_gives_writable_text(fragment: str) -> None:
    text = plain_text(fragment)
    text.encode("utf-8")
    assert text == text.strip()


@settings(max_examples=500, deadline=None)
@given(st.text(st.sampled_from("aé e\u0301’\n\t\xa0\x92\u2028\u034f\ufffc\u200b\x07\u3000"), max_size=12))
def test_tidy_says_of_every_text_what_the_long_way_says(text: str) -> None:
    """Sound texts and lines take short cuts; this is the whole way, sign by sign."""
    mended = text.replace("\x92", "’").replace("\u2028", "\n")
    mended = unicodedata.normalize("NFC", mended)
    mended = "".join(c for c in mended if c not in "\u034f\ufffc\u200b\x07")
    lines = (" ".join(line.split()) for line in mended.split("\n"))
    assert tidy(text) == "\n".join(line for line in lines if line)


TEXT = "La communauté de communes ouvre un guichet unique."


@pytest.mark.parametrize(
    "end",
    [
        "\nL’article Un guichet unique est apparu en premier sur Pays de Brenne.",
        " L'article Un guichet unique est apparu en premier sur Pays de Brenne",
        "\nCet article Un guichet unique est apparu en premier sur Pays de Brenne.",
        "\nL’article Un guichet. Unique ? a été publié en premier sur Pays de Brenne.",
        "\nThe post Un guichet unique appeared first on Pays de Brenne.",
        "\nThe post Un guichet\nunique appeared first on Pays de Brenne .",
        "\nLire la suite",
        " Lire la suite →",
        " [Lire plus]",
        " Lire la suite de l’article »",
        " En savoir plus...",
        "\nContinuer la lecture de « Un guichet unique » →",
        "\nContinue reading Un guichet unique",
        " Read more »",
        "\nPartager sur Facebook",
        "\nFacebook | Twitter | LinkedIn",
        "\nJ’aime chargement…",
        "\nLire aussi : une autre affaire",
        "\nLire la suite\nPartagez :\nL’article X est apparu en premier sur Y.",
    ],
)
def test_boilerplate_goes(end: str) -> None:
    assert without_boilerplate(TEXT + end, "Un guichet unique") == TEXT


@pytest.mark.parametrize("end", [" [&#8230;]", " [...]", " (…)", "…", " […] Lire la suite", " … [Lire plus]"])
def test_a_cut_sentence_ends_with_a_plain_ellipsis(end: str) -> None:
    assert without_boilerplate(plain_text("Les élus du pays ont voté" + end)) == "Les élus du pays ont voté…"


def test_cut_short_boilerplate_is_known_by_its_title() -> None:
    assert without_boilerplate(TEXT + " L’article Un guichet uni", "Un guichet unique") == TEXT


def test_repeated_title_at_the_start_goes() -> None:
    assert without_boilerplate("Un guichet unique !\n" + TEXT, "Un guichet unique") == TEXT


@pytest.mark.parametrize(
    "text",
    [
        "L’article 55 de la loi SRU impose 25 % de logements sociaux.",
        "Cet article du code est réservé aux communes rurales.",
        "Lire la suite du programme demande de la patience, dit le maire.",
        "La médiathèque invite à partager ses lectures.\nEntrée libre.",
        "Un décret publié dans le Journal officiel. Cet article présente ses effets.",
    ],
)
def test_ordinary_sentences_stay(text: str) -> None:
    assert without_boilerplate(text, "Un titre quelconque") == text
