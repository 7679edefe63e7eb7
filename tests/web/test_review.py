"""Relecture and verdicts: what is decided, what the store keeps, what neighbours receive, what a stale tab is told."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, timedelta

import pytest

from curation.accounts import Account
from curation.decide.review import state_of
from curation.store.store import Store
from curation.types import Act, DraftState, DraftStatus, Review
from curation.web.desk import Site
from curation.web.verdicts import Clerk, rebuild
from tests.web.conftest import NOW, Browser, Clock

Browse = Callable[[], Browser]
WORDS = {"title": "Titre relu", "context": "Pour qui", "summary": "Un **résumé**.", "tags": "taxe, séjour"}


def _state(store: Store, article: str = "a0", community: str = "tourisme") -> DraftState:
    return state_of(store.reviews_of(article, community))


def _seen(page: str) -> str:
    found = re.search(r'name="seen" value="(\d+)"', page)
    assert found
    return found[1]


def _decide(browser: Browser, act: str, article: str = "a0", status: int = 200, **fields: str | list[str]) -> str:
    page = browser.see(f"/relecture/tourisme/{article}")
    form = {**WORDS, "dossier": "hebergements-taxe-de-sejour", "seen": _seen(page), "act": act, **fields}
    return browser.submit(f"/relecture/tourisme/{article}", status, **form)


def _waiting(store: Store, community: str = "tourisme") -> list[str]:
    return [d.article for d in store.queue(community)]


def test_the_first_draft_is_the_best_one_with_its_keywords_and_reasons(lea: Browser) -> None:
    page = lea.see("/relecture/tourisme")
    assert "<mark>Taxe de séjour</mark>, épisode 0" in page
    assert "<mark>randonnée</mark>" in page
    assert "« taxe de séjour » dans le titre" in page
    assert "reprise" in page and "épisode 6" in page  # the copy folded under it
    assert "1<sup>er</sup> sur 6" in page


def test_publishing_keeps_the_words_and_shows_the_contribution(lea: Browser, store: Store) -> None:
    page = _decide(lea, "publish", event_start="2026-12-01", event_place="Tours", post_url="https://ecommunaute.fr/1")
    assert "Contribution prête" in page and "Titre relu" in page and "1er décembre 2026, Tours" in page
    state = _state(store)
    assert state.status is DraftStatus.PUBLISHED
    assert state.edition is not None and state.edition.tags == ("taxe", "séjour")
    assert state.verdict is not None and state.verdict.post_url == "https://ecommunaute.fr/1"
    assert _waiting(store) == ["a1", "a2", "a3", "a4", "a5"]


def test_rejecting_names_its_reason_and_goes_to_the_next(lea: Browser, store: Store) -> None:
    page = _decide(lea, "reject:too_local")
    assert "Écarté (trop local) : « Taxe de séjour, épisode 0 »." in page and "épisode 1" in page
    verdict = _state(store).verdict
    assert verdict is not None and verdict.reason == "too_local" and verdict.edition is None


def test_the_last_verdict_is_undone_long_after_its_message(lea: Browser, browse: Browse, store: Store) -> None:
    _decide(lea, "reject:too_local")
    _decide(lea, "reject:outdated", "a1")
    browse().log_in("tom").see("/relecture/tourisme/a2")
    lea.see("/file/tourisme")  # the message goes with the page that follows the verdict
    for path in ("/file/tourisme", "/relecture/tourisme/a3"):
        page = lea.see(path)
        assert "Annuler le dernier verdict<span" in page and "(écarté, « Taxe de séjour, épisode 1 »)" in page
    action = re.search(r'action="(/journal/\d+/annuler)" class="inline"', page)
    assert action
    page = lea.submit(action[1], back="/relecture/tourisme/a3")
    assert "/relecture/tourisme/a1" in page and _waiting(store)[0] == "a1"  # back to the one decided
    assert "Annuler le dernier verdict<span" not in page  # the message offers it
    lea.see("/file/tourisme")
    assert "(écarté, « Taxe de séjour, épisode 0 »)" in lea.see("/file/tourisme")
    # a verdict of somebody else is not mine to take for my last one
    assert "Annuler le dernier verdict<span" not in browse().log_in("tom").see("/file/tourisme")


def test_keeping_until_a_day_hides_it_till_then(lea: Browser, store: Store, clock: Clock) -> None:
    assert "Gardé jusqu’au 24 novembre 2026" in _decide(lea, "keep", until="2026-11-24")
    assert "a0" not in _waiting(store)
    clock.now = NOW + timedelta(days=4, hours=1)
    lea.log_in("lea")
    lea.see("/file/tourisme")
    assert _waiting(store)[0] == "a0"


@pytest.mark.parametrize(
    ("act", "fields", "told"),
    [
        ("keep", {"until": "2026-11-20"}, "Choisissez un jour à venir"),
        ("keep", {"until": "demain"}, "Une date est attendue"),
        ("share", {}, "Cochez au moins une communauté voisine"),
        ("fold", {"into": ""}, "Choisissez le brouillon"),
        ("publish", {"title": "  "}, "Un titre est nécessaire"),
        ("publish", {"post_url": "javascript:alert(1)"}, "commence par https://"),
        ("publish", {"event_start": "2026-12-05", "event_end": "2026-12-01"}, "précède son début"),
        ("publish", {"dossier": "inconnu"}, "dossier n’existe pas"),
        ("voler", {}, "Choisissez ce qu’il faut faire"),
        ("edit", {"neighbours": ["transition-ecologique"]}, "Enregistrer n’envoie rien aux voisines"),
        ("edit", {"share_note": "Pour vous"}, "Enregistrer n’envoie rien aux voisines"),
        ("reject:parce_que", {}, "Choisissez ce qu’il faut faire"),
    ],
)
def test_a_form_that_cannot_be_recorded_says_why_and_loses_nothing(
    lea: Browser, store: Store, act: str, fields: dict[str, str], told: str
) -> None:
    page = _decide(lea, act, status=400, **fields)
    assert told in page and "Un **résumé**." in page
    assert store.reviews_of("a0") == []


def test_neighbours_ticked_and_their_note_survive_a_refused_form(lea: Browser) -> None:
    page = _decide(lea, "edit", status=400, neighbours=["transition-ecologique"], share_note="Pour vous, je crois")
    assert re.search(r'name="neighbours" value="transition-ecologique" checked', page)
    assert 'value="Pour vous, je crois"' in page


def test_undoing_from_the_next_draft_leads_back_to_the_one_decided(lea: Browser, store: Store) -> None:
    _decide(lea, "reject:too_local")
    verdict = _state(store).verdict
    assert verdict is not None
    page = lea.submit(f"/journal/{verdict.id}/annuler", back="/relecture/tourisme/a1")
    assert "Acte annulé" in page and "épisode 0</h1>" in page


def test_sharing_reaches_the_neighbour_with_the_note_and_undoing_takes_it_back(
    lea: Browser, browse: Browse, store: Store
) -> None:
    page = _decide(lea, "share", neighbours=["transition-ecologique"], share_note="C’est plutôt pour vous")
    assert "Confié à Transition écologique : « Taxe de séjour, épisode 0 »." in page
    assert _waiting(store, "transition-ecologique") == ["a0"]
    ana = browse().log_in("ana")
    theirs = ana.see("/relecture/transition-ecologique/a0")
    assert "Léa Martin" in theirs and "C’est plutôt pour vous" in theirs and "Tourisme" in theirs
    share = _state(store).verdict
    assert share is not None
    lea.submit(f"/journal/{share.id}/annuler", back="/")
    assert _waiting(store, "transition-ecologique") == []
    assert _waiting(store)[0] == "a0"


def test_a_neighbour_who_already_decided_keeps_the_draft_when_the_share_is_undone(
    lea: Browser, browse: Browse, store: Store
) -> None:
    _decide(lea, "publish", neighbours=["transition-ecologique"])
    ana = browse().log_in("ana")
    page = ana.see("/relecture/transition-ecologique/a0")
    ana.submit("/relecture/transition-ecologique/a0", seen=_seen(page), act="reject:off_topic")
    verdict = _state(store).verdict
    assert verdict is not None
    lea.submit(f"/journal/{verdict.id}/annuler", back="/")
    assert _state(store, community="transition-ecologique").status is DraftStatus.REJECTED
    assert store.draft("a0", "transition-ecologique") is not None


def test_folding_puts_a_draft_behind_another_and_separating_brings_it_back(lea: Browser, store: Store) -> None:
    _decide(lea, "fold", article="a3", into="a0")
    assert "a3" not in _waiting(store)
    page = lea.see("/relecture/tourisme/a0")
    assert "épisode 3" in page
    lea.submit("/relecture/tourisme/a0/separer", member="a3")
    assert "a3" in _waiting(store)
    # the machine's own copy gets a draft, and no longer stands behind
    lea.submit("/relecture/tourisme/a0/separer", member="a6")
    assert "a6" in _waiting(store)
    assert store.separated() == {("a6", "a0")}
    assert "Regroupés sous ce brouillon" not in lea.see("/relecture/tourisme/a0")


def test_a_twin_without_a_word_in_common_can_still_be_named(lea: Browser, store: Store) -> None:
    for change in (
        "articles SET title = 'Tout autre chose' WHERE id",
        "drafts SET title = 'Tout autre chose' WHERE article",
    ):
        store.db.execute(f"UPDATE {change} = 'a3'")
    page = lea.see("/relecture/tourisme/a3")
    choices = re.findall(r'<optgroup label="([^"]+)">(.*?)</optgroup>', page[page.index('name="into"') :], re.DOTALL)
    assert [name for name, _ in choices] == ["Les derniers arrivés"]
    assert sorted(re.findall(r'value="(\w+)"', choices[0][1])) == ["a0", "a1", "a2", "a4", "a5"]
    # with words in common they come first, and once
    page = lea.see("/relecture/tourisme/a4")
    twins = re.findall(r'<option value="(a\d)"', page[page.index('name="into"') :].partition("</select>")[0])
    assert page.index("Les plus ressemblants") < page.index("Les derniers arrivés")
    assert sorted(twins) == ["a0", "a1", "a2", "a3", "a5"]


def test_a_draft_never_folds_into_itself_nor_into_a_folded_one(lea: Browser, store: Store) -> None:
    _decide(lea, "fold", article="a3", into="a0")
    for into in ("a4", "a3", "a99"):
        assert "n’est pas possible" in _decide(lea, "fold", article="a4", status=409, into=into)
    assert "a4" in _waiting(store)


def test_a_stale_tab_is_told_who_did_what_and_what_was_typed_is_shown(
    lea: Browser, browse: Browse, store: Store
) -> None:
    page = lea.see("/relecture/tourisme/a0")
    tom = browse().log_in("tom")
    _decide(tom, "reject:outdated")
    form = {**WORDS, "seen": _seen(page), "act": "publish"}
    told = lea.submit("/relecture/tourisme/a0", 409, **form)
    assert "Déjà relu par Tom Petit" in told and "périmé" in told and "Titre relu" in told
    assert _state(store).status is DraftStatus.REJECTED
    assert [r.act for r in store.reviews_of("a0")] == [Act.REJECTED]


def test_sending_the_same_form_twice_gives_one_verdict(lea: Browser, store: Store) -> None:
    page = lea.see("/relecture/tourisme/a0")
    form = {**WORDS, "seen": _seen(page), "act": "publish"}
    lea.submit("/relecture/tourisme/a0", **form)
    lea.submit("/relecture/tourisme/a0", 409, **form)
    assert [r.act for r in store.reviews_of("a0")] == [Act.PUBLISHED]


def test_words_saved_without_deciding_stay_and_the_dossier_with_them(lea: Browser, store: Store) -> None:
    page = _decide(lea, "edit", dossier="tourisme-durable")
    assert "Titre relu" in page and "Enregistré." in page
    state = _state(store)
    assert (state.status, state.dossier) == (DraftStatus.WAITING, "tourisme-durable")
    assert "a0" in _waiting(store)
    row = store.draft("a0", "tourisme")
    assert row is not None and (row.title, row.dossier) == ("Titre relu", "tourisme-durable")


def test_taking_giving_and_notes_show_who_looks_after_what(lea: Browser, browse: Browse, store: Store) -> None:
    page = lea.see("/relecture/tourisme/a0")
    lea.submit("/relecture/tourisme/a0/charge", seen=_seen(page), to="tom")
    lea.submit("/relecture/tourisme/a0/note", note="Vérifier <b>la date</b>")
    assert _state(store).holder == "tom"
    assert "épisode 1" in lea.see("/relecture/tourisme")  # not proposed to Léa any more
    tom = browse().log_in("tom")
    page = tom.see("/relecture/tourisme")
    assert "épisode 0" in page and "Vérifier &lt;b&gt;la date&lt;/b&gt;" in page
    assert "À relire par vous" in tom.see("/")


def test_two_people_are_led_to_different_drafts(lea: Browser, browse: Browse) -> None:
    assert "épisode 0</h1>" in lea.see("/relecture/tourisme")
    tom = browse().log_in("tom")
    page = tom.see("/relecture/tourisme")
    assert "épisode 1</h1>" in page
    assert "Léa Martin a ce brouillon sous les yeux" in tom.see("/relecture/tourisme/a0")


def test_a_draft_of_another_community_or_of_nowhere_is_refused(lea: Browser) -> None:
    lea.see("/relecture/transition-ecologique/a0", 403)
    lea.see("/relecture/tourisme/inconnu", 404)
    lea.see("/file/nulle-part", 403)


def test_the_end_of_the_queue_is_told(lea: Browser, store: Store) -> None:
    for article in _waiting(store):
        page = _decide(lea, "reject:little_use", article=article)
    assert "Tout est relu" in page and "6 brouillons relus" in page


def test_a_title_of_ten_thousand_characters_is_neither_cut_nor_broken(lea: Browser, store: Store) -> None:
    title = "Très long " * 1000
    _decide(lea, "edit", title=title)
    row = store.draft("a0", "tourisme")
    assert row is not None and row.title == title.strip()
    for path in (
        "/file/tourisme",
        "/relecture/tourisme/a0",
        "/contribution/tourisme/a0",
        "/journal",
        "/recherche?q=taxe",
    ):
        lea.see(path)


def test_states_rebuilt_from_the_journal_are_those_kept(lea: Browser, store: Store) -> None:
    _decide(lea, "publish", neighbours=["transition-ecologique"])
    _decide(lea, "keep", article="a1", until="2026-12-24")
    _decide(lea, "fold", article="a3", into="a2")
    _decide(lea, "reject:commercial", article="a4", dossier="tourisme-durable")
    undone = _state(store, "a4").verdict
    assert undone is not None
    lea.submit(f"/journal/{undone.id}/annuler", back="/")
    sql = "SELECT * FROM draft_states ORDER BY article, community"
    kept, waiting = store.db.execute(sql).fetchall(), _waiting(store)
    with store.atomic():
        store.db.execute("DELETE FROM draft_states")
        store.db.execute("UPDATE drafts SET waiting = 1")
    assert rebuild(store, date(2026, 11, 20)) == len(kept)
    assert store.db.execute(sql).fetchall() == kept
    assert _waiting(store) == waiting


def test_the_preview_is_sanitised(lea: Browser) -> None:
    lea.see("/relecture/tourisme/a0")
    page = lea.submit(
        "/apercu", summary="**gras** <script>alert(1)</script> [x](javascript:alert(1)) ![i](https://e.fr/i.png)"
    )
    assert "<strong>gras</strong>" in page
    assert (
        "<script" not in page
        and "javascript:" not in page.replace("[x](javascript:alert(1))", "")
        and "<img" not in page
    )


def test_undoing_and_bringing_back_at_any_depth_carries_the_neighbour_along(
    store: Store, site: Site, people: dict[str, Account]
) -> None:
    clerk = Clerk(store, site.words, "lea", NOW, NOW.date())
    share = clerk.record(Review("a0", "tourisme", Act.SHARED, "lea", NOW, target="transition-ecologique"), seen=0)
    assert isinstance(share, Review)
    last = share
    for n in range(4):
        undoing = clerk.undo(last.id)
        assert undoing is not None
        assert clerk.undo(last.id) is None  # once only
        last = undoing
        there = _waiting(store, "transition-ecologique") == ["a0"]
        assert there == (n % 2 == 1) == (_state(store).status is DraftStatus.SHARED)
