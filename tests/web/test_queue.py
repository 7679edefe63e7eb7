"""The queue, the morning, the contribution and the search, as pages."""

from __future__ import annotations

import re
from collections.abc import Callable

from curation.accounts import Account
from curation.store.store import Store
from curation.types import Act
from curation.web.desk import Site
from tests.web.conftest import Browser


def _titles(page: str) -> list[str]:
    return re.findall(r"épisode (\d)</a></h2>", page)


def test_the_queue_lists_the_best_first_with_what_stands_behind(lea: Browser) -> None:
    page = lea.see("/file/tourisme")
    assert _titles(page) == ["0", "1", "2", "3", "4", "5"]
    assert "1 reprise" in page and "à faire avant le 28 nov." in page and "24 nov. 2026, Tours" in page
    assert "Concerne aussi : Transition écologique" in page
    assert "6 brouillons" in page


def test_filters_and_sorts(lea: Browser) -> None:
    assert _titles(lea.see("/file/tourisme?type=event")) == ["1"]
    assert _titles(lea.see("/file/tourisme?tri=deadline"))[0] == "2"
    assert _titles(lea.see("/file/tourisme?du=2026-11-18")) == ["0", "1", "2"]
    assert _titles(lea.see("/file/tourisme?au=2026-11-16")) == ["4", "5"]
    assert _titles(lea.see("/file/tourisme?score=86")) == ["0", "1", "2"]
    assert _titles(lea.see("/file/tourisme?q=hebergeurs+corbeval")) == ["0", "1", "2", "3", "4", "5"]
    assert "Aucun brouillon ne répond" in lea.see("/file/tourisme?q=introuvable")
    # what cannot be read filters nothing and breaks nothing
    assert len(_titles(lea.see("/file/tourisme?du=hier&score=beaucoup&type=x&tri=y&apres=zzz~&avant=~&q=%22%00"))) in (
        0,
        6,
    )


def test_filters_in_force_are_named_and_taken_off_one_by_one(lea: Browser) -> None:
    page = lea.see("/file/tourisme?type=event&score=60&tri=recent&du=hier&par=moi")
    chips = dict(re.findall(r'<li><a class="tag strong" href="/file/tourisme([^"]*)">([^<]*)<', page))
    assert chips == {
        "?score=60&amp;tri=recent&amp;du=hier&amp;par=moi": "Événement",
        "?type=event&amp;tri=recent&amp;du=hier&amp;par=moi": "note d’au moins 60",
        "?type=event&amp;score=60&amp;tri=recent&amp;du=hier": "à relire par moi",
    }  # « hier » cannot be read: it filters nothing, and is not named
    assert "avec ces filtres" in page
    # an order leaves nothing out
    assert "à relire" in lea.see("/file/tourisme?tri=recent") and "Filtres appliqués" not in lea.see("/file/tourisme")


def test_a_draft_in_somebody_s_hands_names_them(lea: Browser, store: Store, people: dict[str, Account]) -> None:
    lea.see("/relecture/tourisme/a1")
    lea.submit("/relecture/tourisme/a1/charge", to="tom", seen="0")
    assert "à relire par Tom Petit" in lea.see("/file/tourisme")
    assert _titles(lea.see("/file/tourisme?par=tom")) == ["1"]


def test_pages_go_forwards_and_back(lea: Browser, site: Site) -> None:
    site.settings = site.settings.model_copy(update={"desk": site.settings.desk.model_copy(update={"page_size": 2})})
    page, seen = lea.see("/file/tourisme"), []
    while True:
        seen.append(_titles(page))
        following = re.search(r'rel="next" href="([^"]+)"', page)
        if not following:
            break
        page = lea.see(following[1].replace("&amp;", "&"))
    assert seen == [["0", "1"], ["2", "3"], ["4", "5"]]
    back = re.search(r'rel="prev" href="([^"]+)"', page)
    assert back and _titles(lea.see(back[1].replace("&amp;", "&"))) == ["2", "3"]


def test_a_dossier_is_changed_on_the_spot_and_can_be_undone(lea: Browser, store: Store) -> None:
    lea.see("/file/tourisme")
    page = lea.submit("/file/tourisme/a0/dossier", dossier="tourisme-durable", seen="0", query="tri=recent")
    assert "Rangé dans « Tourisme durable »." in page and "annuler" in page
    row = store.draft("a0", "tourisme")
    assert row is not None and row.dossier == "tourisme-durable"
    assert store.reviews_of("a0")[0].act is Act.FILED
    lea.submit("/file/tourisme/a0/dossier", 400, dossier="inconnu", seen="0")


def test_htmx_gets_the_card_alone(lea: Browser) -> None:
    lea.see("/file/tourisme")
    response = lea.post(
        "/file/tourisme/a0/dossier",
        data={"csrf": lea.token, "dossier": "tourisme-durable", "seen": "0"},
        headers={"HX-Request": "true"},
    )
    assert response.status_code == 200 and "<html" not in response.text and "Rangé." in response.text


def test_a_filter_is_saved_under_a_name_and_forgotten(lea: Browser) -> None:
    lea.see("/file/tourisme?type=event")
    page = lea.submit("/file/tourisme/filtres", query="type=event&tri=recent&intrus=1", name="Mes <événements>")
    assert "Mes &lt;événements&gt;" in page and "/file/tourisme?type=event&amp;tri=recent" in page
    identity = re.search(r'name="forget" value="(\d+)"', page)
    assert identity
    assert "Mes &lt;événements&gt;" not in lea.submit("/file/tourisme/filtres", forget=identity[1])


def test_the_morning_says_what_waits_and_what_is_near(lea: Browser) -> None:
    page = lea.see("/")
    assert "Bonjour Léa" in page and "<strong>6</strong> brouillons attendent" in page
    assert "Échéances proches" in page and "Événements de la semaine" in page
    assert "0 sur 20 ce mois-ci" in page


def test_the_contribution_is_copied_and_taken_as_a_file(lea: Browser, store: Store) -> None:
    page = lea.see("/contribution/tourisme/a1")
    assert "pas encore publiée" in page and "le 24 novembre 2026, Tours" in page
    made = lea.get("/contribution/tourisme/a1/fichier.md")
    assert made.headers["content-disposition"] == 'attachment; filename="taxe-de-sejour-episode-1.md"'
    assert "## Taxe de séjour, épisode 1" in made.text
    assert "> Les offices de tourisme" in made.text  # quoted, as the night left it
    assert "Source\u00a0: [La Lettre du littoral](<https://exemple.fr/1>), 19 novembre 2026" in made.text
    html = lea.get("/contribution/tourisme/a1/fichier.html").text
    assert '<html lang="fr">' in html and "<blockquote>" in html
    lea.see("/contribution/tourisme/a1/fichier.exe", 404)


def test_where_it_was_published_can_be_noted_later(lea: Browser, store: Store) -> None:
    lea.see("/relecture/tourisme/a1")
    lea.submit("/relecture/tourisme/a1", seen="0", act="publish")
    page = lea.see("/contribution/tourisme/a1")
    seen = re.search(r'name="seen" value="(\d+)"', page)
    assert seen
    assert "rien n’est enregistré" in lea.submit("/contribution/tourisme/a1", seen=seen[1], post_url="ftp://x")
    assert "https://e.fr/2" in lea.submit("/contribution/tourisme/a1", seen=seen[1], post_url="https://e.fr/2")
    row = store.draft("a1", "tourisme")
    assert row is not None and row.post_url == "https://e.fr/2"


def test_search_finds_an_old_one_whatever_became_of_it(lea: Browser) -> None:
    lea.see("/relecture/tourisme/a1")
    lea.submit("/relecture/tourisme/a1", seen="0", act="reject:off_topic")
    page = lea.see("/recherche?q=sejour+episode+1")
    assert "écarté" in page and "épisode 1" in page
    assert "Rien ne contient" in lea.see("/recherche?q=zzzz")
    lea.see("/recherche?q=%22%27%28%29*AND+OR+NEAR(")


def test_every_answer_forbids_inline_scripts_frames_and_sniffing(lea: Browser) -> None:
    for path in ("/", "/file/tourisme", "/nulle-part", "/statique/desk.css"):
        headers = lea.get(path).headers
        assert (
            "script-src 'self'" in headers["content-security-policy"]
            and "unsafe" not in headers["content-security-policy"]
        )
        assert headers["x-content-type-options"] == "nosniff" and headers["referrer-policy"] == "no-referrer"
    for path in ("/", "/file/tourisme", "/relecture/tourisme/a0"):
        page = lea.see(path)
        assert not re.search(r"<[^>]+\s(on\w+|style)\s*=", page) and "<style" not in page
        assert not re.search(r"<script(?![^>]*\ssrc=)", page)


def test_the_queue_last_looked_at_opens_first(browse: Callable[[], Browser], people: dict[str, Account]) -> None:
    tom = browse().log_in("tom")
    assert "<h1>Tourisme</h1>" in tom.see("/file")  # the fullest
    tom.see("/file/transition-ecologique")
    assert "<h1>Transition écologique</h1>" in tom.see("/file")


def test_the_contribution_leads_to_where_it_is_pasted(lea: Browser, site: Site) -> None:
    assert "Ouvrir l’e-communauté" not in lea.see("/contribution/tourisme/a1")
    desk = site.settings.desk.model_copy(update={"post_to": {"tourisme": "https://e-communautes.exemple.fr/tourisme"}})
    site.settings = site.settings.model_copy(update={"desk": desk})
    assert 'href="https://e-communautes.exemple.fr/tourisme"' in lea.see("/contribution/tourisme/a1")
