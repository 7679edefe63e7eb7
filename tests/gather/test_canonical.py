"""Canonical URLs: one page seen through many addresses is one article; two pages never become one."""

from __future__ import annotations

import base64
import hashlib
import json
from urllib.parse import quote

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from curation.gather.canonical import (
    article_id,
    canonical_url,
    identity_url,
    same_site,
    site_of,
    unwrap_redirector,
)

PAGE = "https://www.exemple.fr/actualites/friche-reconvertie"


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("HTTP://WWW.Exemple.FR/Actu", "http://www.exemple.fr/Actu"),
        ("http://www.exemple.fr:80/a", "http://www.exemple.fr/a"),
        ("https://www.exemple.fr:443/a/", "https://www.exemple.fr/a"),
        ("https://www.exemple.fr:8443/a", "https://www.exemple.fr:8443/a"),
        ("https://lecteur:secret@www.exemple.fr/a", "https://www.exemple.fr/a"),
        ("https://www.exemple.fr", "https://www.exemple.fr/"),
        ("https://www.exemple.fr./a#contenu", "https://www.exemple.fr/a"),
        ("//www.exemple.fr/a", "https://www.exemple.fr/a"),
        ("www.exemple.fr/a", "https://www.exemple.fr/a"),
        ("https://www.exemple.fr/a/./b/../c//", "https://www.exemple.fr/a/c"),
        ("https://www.exemple.fr/%7Eagents/caf%c3%a9", "https://www.exemple.fr/~agents/caf%C3%A9"),
        ("https://www.exemple.fr/café à Évreux", "https://www.exemple.fr/caf%C3%A9%20%C3%A0%20%C3%89vreux"),
        ("https://www.exemple.fr/100%", "https://www.exemple.fr/100%25"),
        ("https://été.exemple.fr/a", "https://xn--t-9fab.exemple.fr/a"),
        ("https://www.exemple.fr/a;jsessionid=9F2?x=1", "https://www.exemple.fr/a?x=1"),
        ("  https://www.exemple.fr/a\u200b\n", "https://www.exemple.fr/a"),
        ("https://www.exemple.fr/spip.php?article42&amp;lang=fr", "https://www.exemple.fr/spip.php?article42&lang=fr"),
    ],
)
def test_normal_form(url: str, expected: str) -> None:
    assert canonical_url(url) == expected


@pytest.mark.parametrize(
    "noise",
    [
        "utm_source=rss&utm_medium=feed&utm_campaign=x",
        "UTM_SOURCE=a",
        "pk_campaign=lettre",
        "mtm_kwd=a",
        "at_medium=e",
        "xtor=RSS-16",
        "fbclid=IwAR0",
        "gclid=1",
        "mc_cid=1&mc_eid=2",
        "ns_mchannel=email",
        "from=rss",
        "source=newsletter-hebdo",
        "var_mode=calcul",
        "amp",
        "amp=1",
        "outputType=amp",
        "_hsenc=p2&_hsmi=3",
        "&",
    ],
)
def test_tracking_parameters_are_dropped(noise: str) -> None:
    assert canonical_url(f"{PAGE}?{noise}") == PAGE
    assert canonical_url(f"{PAGE}?id=7&amp;{noise}") == f"{PAGE}?id=7"


@pytest.mark.parametrize(
    "query",
    [
        "id=12",
        "p=431",
        "article=5",
        "page=2",
        "lang=fr",
        "cHash=ab12",
        "article1034",
        "ref=AOE-2026-114",
        "source=insee",
        "num=3&annee=2026",
        "q=taxe%20de%20s%C3%A9jour",
        "from=2026-01-01",
    ],
)
def test_parameters_that_identify_content_are_kept(query: str) -> None:
    assert canonical_url(f"{PAGE}?{query}") == f"{PAGE}?{query}"


@pytest.mark.parametrize(
    "url",
    [
        "http://exemple.fr/actualites/friche-reconvertie/",
        "https://m.exemple.fr/actualites/friche-reconvertie",
        "https://mobile.exemple.fr/actualites/friche-reconvertie#haut",
        "https://www.m.exemple.fr/actualites/friche-reconvertie",
        "https://amp.exemple.fr/actualites/friche-reconvertie",
        "https://www.exemple.fr/actualites/friche-reconvertie/amp/",
        "https://www.exemple.fr/actualites/friche-reconvertie.amp",
        "https://www-exemple-fr.cdn.ampproject.org/c/s/www.exemple.fr/actualites/friche-reconvertie",
        "https://www.google.fr/amp/s/www.exemple.fr/actualites/friche-reconvertie%3Fxtor=RSS-1",
        "https://www.google.com/url?rct=j&sa=t&url=https://www.exemple.fr/actualites/friche-reconvertie&ct=ga",
    ],
)
def test_variants_of_one_page_are_one_article(url: str) -> None:
    url = url.replace("%3Fxtor=RSS-1", "")
    assert article_id(url) == article_id(PAGE)


def test_www_is_kept_in_the_url_and_ignored_in_the_identity() -> None:
    assert canonical_url("https://www.exemple.fr/a") == "https://www.exemple.fr/a"
    assert canonical_url("https://exemple.fr/a") == "https://exemple.fr/a"
    assert identity_url("http://www.exemple.fr/a/") == identity_url("https://exemple.fr/a") == "exemple.fr/a"


def test_article_id_is_the_start_of_a_sha256() -> None:
    assert article_id("https://exemple.fr/a") == hashlib.sha256(b"exemple.fr/a").hexdigest()[:16]


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ("https://exemple.fr/a?id=1", "https://exemple.fr/a?id=2"),
        ("https://exemple.fr/a", "https://exemple.fr/A"),
        ("https://eau.exemple.fr/a", "https://exemple.fr/a"),
        ("https://exemple.fr/#!/page/1", "https://exemple.fr/#!/page/2"),
        ("https://exemple.fr/amp", "https://exemple.fr/"),
        ("https://exemple.fr/a%2Fb", "https://exemple.fr/a/b"),
    ],
)
def test_two_pages_stay_two(a: str, b: str) -> None:
    assert article_id(a) != article_id(b)


def b64(text: str) -> str:
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


TARGET = "https://www.collectivites.exemple.fr/appel?id=3&lang=fr"
MANDRILL = b64(json.dumps({"s": "x", "v": 1, "p": json.dumps({"u": 1, "url": TARGET})}))


@pytest.mark.parametrize(
    "url",
    [
        f"https://l.facebook.com/l.php?u={quote(TARGET, safe='')}&h=AT0",
        f"https://eur01.safelinks.protection.outlook.com/?url={quote(TARGET, safe='')}&data=05%7C02",
        f"https://www.linkedin.com/safety/go?url={quote(TARGET, safe='')}&trk=x",
        f"https://x0k2.mjt.lu/lnk/AAAA/1/abcdefg/{b64(TARGET)}",
        f"https://mandrillapp.com/track/click/3001/www.exemple.fr?p={MANDRILL}",
        f"https://click.lettre.exemple.org/?qs=1&url={quote(TARGET, safe='')}",
        f"https://r.lettre.exemple.org/redirect?target={b64(TARGET)}",
        f"https://lettre.exemple.org/redirect.php?id=3&link={quote(TARGET, safe='')}",
        "https://urldefense.proofpoint.com/v2/url?u=https-3A__www.collectivites.exemple.fr_appel-3Fid-3D3-26lang-3Dfr&d=Dw",
        "https://urldefense.com/v3/__https://www.collectivites.exemple.fr/appel?id=3*lang=fr__;Jg!!abc$",
        f"https://l.facebook.com/l.php?u={quote(f'https://click.exemple.org/?u={quote(TARGET, safe=str())}', safe='')}",
    ],
)
def test_redirectors_are_undone_without_a_request(url: str) -> None:
    assert unwrap_redirector(url) == TARGET
    assert canonical_url(url) == TARGET


@pytest.mark.parametrize(
    "url",
    [
        "https://exemple.us1.list-manage.com/track/click?u=12ab&id=34cd&e=56ef",  # the target is not in the URL
        "https://www.exemple.fr/connexion?redirect=https://www.autre.exemple.org/a",
        "https://www.facebook.com/sharer/sharer.php?u=https://www.exemple.fr/a",
        "https://www.exemple.fr/recherche?q=https://www.autre.exemple.org/a",
        "https://l.facebook.com/l.php?u=javascript:alert(1)",
        "https://click.exemple.org/?url=/relatif",
        "https://click.exemple.org/?url=http://localhost",
    ],
)
def test_what_is_no_redirector_is_left_alone(url: str) -> None:
    assert unwrap_redirector(url) == url


@pytest.mark.parametrize(
    "text",
    [
        "",
        "   ",
        "mailto:a@exemple.fr",
        "article/12",
        "javascript:alert(1)",
        "http://",
        "http://[::1",
        "https://exemple.fr:99999/a",
        "http://%00/",
        "http://a..b/",
        "\ud800",
        "https://exemple.fr/\udfff",
        "http://" + "a" * 300 + "/",
    ],
)
def test_nonsense_comes_back_quietly(text: str) -> None:
    once = canonical_url(text)
    assert canonical_url(once) == once
    assert len(article_id(text)) == 16


PIECES = st.sampled_from(
    [
        "http://",
        "HTTPS://",
        "//",
        "www.",
        "m.",
        "amp.",
        "exemple.fr",
        "google.com",
        "/url?url=",
        "l.facebook.com/l.php?u=",
        "/",
        "..",
        ".",
        "/amp",
        "?",
        "&",
        "&amp;",
        "#",
        "!",
        "utm_source=x",
        "id=1",
        "=",
        "%",
        "%2F",
        "%3a",
        "%25",
        "é",
        " ",
        "\\",
        ":80",
        "@",
        ";jsessionid=1",
        "aHR0cHM6Ly9leGVtcGxlLmZyL2E",
        "cdn.ampproject.org/c/s/",
        "[",
        "]",
        "xn--",
        "\ud83d",
        "İ",
        "ß",
        "urldefense.com/v3/__",
        "__;",
        "**",
        "!!",
    ]
)


@settings(max_examples=400, deadline=None)
@given(
    st.lists(PIECES, max_size=14).map("".join)
    | st.text(max_size=80)
    | st.text(max_size=60).map("https://exemple.fr/".__add__)
)
def test_idempotent_and_never_raises(url: str) -> None:
    once = canonical_url(url)
    assert canonical_url(once) == once
    assert article_id(once) == article_id(url)
    unwrap_redirector(url)


def test_same_site() -> None:
    assert same_site("https://actu.exemple.fr/a", "http://www.exemple.fr/b")
    assert not same_site("https://eau.gouv.fr/", "https://logement.gouv.fr/")
    assert not same_site("", "")
    assert site_of("http://www.exemple.fr/a?b") == "exemple.fr"
