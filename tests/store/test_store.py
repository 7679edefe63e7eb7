"""The store: migrations, idempotent writes, to-do queries, drafts and reviews, retention, search, transactions."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from curation.decide.review import state_of
from curation.errors import StoreError
from curation.store import rows
from curation.store.migrations import migrations
from curation.store.store import Store
from curation.types import (
    Act,
    Article,
    Cause,
    CommunityScore,
    Draft,
    DraftStatus,
    Duplicate,
    Edition,
    Event,
    Evidence,
    Failure,
    FeedEntry,
    FeedState,
    Judgement,
    Kind,
    Placement,
    Review,
    Role,
    RunReport,
    Source,
    SourceKind,
)

NOW = datetime(2026, 11, 20, 3, 30, tzinfo=UTC)
LATER = NOW + timedelta(days=1)
SOURCE = Source("lettre", "La lettre", "https://exemple.fr/rss", authority=0.8, communities=("tourisme",))
ENTRY = FeedEntry(
    "lettre",
    "g1",
    "https://exemple.fr/1",
    "Un sentier rouvre",
    "Il relie deux bourgs.",
    published=NOW,
    authors=("A. Morel",),
    tags=("randonnée",),
    content="Le texte entier.",
    notes=("lien réparé",),
)
ARTICLE = Article(
    "a1",
    "https://exemple.fr/1",
    "Un sentier rouvre",
    "Le sentier de la forêt relie deux bourgs.",
    NOW,
    "fr",
    "exemple.fr",
    ("A. Morel",),
    failure=Failure(Cause.THIN, "https://exemple.fr/1", at=NOW),
)
DRAFT = Draft(
    "a1",
    "tourisme",
    0.7,
    0.8,
    "Un sentier rouvre",
    "Il relie deux bourgs.",
    "Pour les offices.",
    "https://exemple.fr/1",
    "La lettre",
    NOW,
    Kind.EVENT,
    "nature-itinerance",
    0.6,
    ("randonnée",),
    ("transition-ecologique",),
    ("« randonnée » dans le titre",),
    Event(date(2026, 12, 1), None, "Tours"),
    date(2026, 11, 30),
    lead=False,
)


@pytest.fixture
def store() -> Iterator[Store]:
    with Store(None) as opened:
        yield opened


def _articles(store: Store, *ids: str, now: datetime = NOW) -> None:
    store.save_articles([replace(ARTICLE, id=i, url=f"https://exemple.fr/{i}") for i in ids], [], now)


# --- opening


def test_migrations_apply_once_and_the_file_reopens_with_its_content(tmp_path: Path) -> None:
    path = tmp_path / "etat" / "veille.db"
    with Store(path) as first:
        _articles(first, "a1")
        schema = first.db.schema
    with Store(path) as second:
        assert not migrations.pending(second.db)
        migrations.apply(second.db)
        assert second.db.schema == schema
        assert second.known_articles(["a1", "a2"]) == {"a1"}


def test_a_file_that_is_no_database_is_a_store_error(tmp_path: Path) -> None:
    path = tmp_path / "veille.db"
    path.write_bytes(b"ceci est un texte, pas une base " * 40)
    with pytest.raises(StoreError, match=r"veille\.db"):
        Store(path)
    with pytest.raises(StoreError):
        Store(tmp_path / "veille.db" / "dessous.db")


# --- rows


@pytest.mark.parametrize("value", [NOW, datetime(1, 1, 1, tzinfo=UTC), datetime(999, 12, 31, 23, 59, 59, tzinfo=UTC)])
def test_times_come_back_and_sort_as_text(value: datetime) -> None:
    assert rows.time_in(rows.time_out(value)) == value
    assert str(rows.time_out(value)) <= str(rows.time_out(NOW))


# --- harvest


def test_sources_of_the_configuration_follow_it_and_the_others_stay(store: Store) -> None:
    store.sync_sources([SOURCE, replace(SOURCE, id="autre", url="https://autre.fr/rss")])
    assert store.add_source(replace(SOURCE, url="https://exemple.fr/atom", kind=SourceKind.PAGE), "opml")
    assert not store.add_source(SOURCE, "opml")  # this address is watched already
    store.sync_sources([SOURCE])
    assert [(s.id, s.kind) for s in store.sources()] == [("lettre", "feed"), ("lettre-2", "page")]
    assert store.sources()[0] == SOURCE


def test_a_source_is_due_when_enabled_and_its_time_has_come(store: Store) -> None:
    store.sync_sources([SOURCE, replace(SOURCE, id="eteinte", url="u", enabled=False)])
    assert store.sources_due(NOW) == [(SOURCE, FeedState("lettre"))]
    failure = Failure(Cause.TIMEOUT, "https://exemple.fr/rss", "20 s", retry_after_s=3.5, at=NOW)
    state = FeedState("lettre", '"e1"', "hier", "https://exemple.fr/b", 2, LATER, NOW, failure)
    store.save_harvest(state, [], NOW)
    assert store.sources_due(NOW) == []
    assert store.sources_due(LATER) == [(SOURCE, state)]


def test_a_harvest_is_idempotent(store: Store) -> None:
    state = FeedState("lettre", etag='"e1"')
    assert store.save_harvest(state, [ENTRY, replace(ENTRY, guid="g2")], NOW) == 2
    assert store.save_harvest(state, [ENTRY, replace(ENTRY, guid="g2")], LATER) == 0
    assert store.entries_without_article() == [ENTRY, replace(ENTRY, guid="g2")]
    assert store.save_harvest(FeedState("autre"), [replace(ENTRY, source="autre")], NOW) == 1  # guids are per source


def test_an_upsert_takes_the_new_wording_and_keeps_first_seen_and_article(store: Store) -> None:
    store.save_harvest(FeedState("lettre"), [ENTRY], NOW)
    store.save_articles([ARTICLE], [("lettre", "g1", "a1")], NOW)
    store.save_harvest(FeedState("lettre"), [replace(ENTRY, title="Le sentier a rouvert")], LATER)
    found = store.db.execute("SELECT title, first_seen, article FROM entries").fetchall()
    assert found == [("Le sentier a rouvert", rows.time_out(NOW), "a1")]


def test_an_article_is_saved_once_and_never_overwritten(store: Store) -> None:
    store.save_harvest(FeedState("lettre"), [ENTRY], NOW)
    assert store.save_articles([ARTICLE], [("lettre", "g1", "a1")], NOW) == 1
    assert store.entries_without_article() == []
    assert store.save_articles([replace(ARTICLE, title="Autre")], [], LATER) == 0
    assert store.articles(["a1", "absent"]) == {"a1": ARTICLE}


def test_provenances_come_most_trusted_first(store: Store) -> None:
    best = replace(SOURCE, id="zzz", url="u", authority=0.9)
    store.sync_sources([SOURCE, best])
    for source in (SOURCE, best):
        store.save_harvest(FeedState(source.id), [replace(ENTRY, source=source.id)], NOW)
    store.save_articles([ARTICLE], [("lettre", "g1", "a1"), ("zzz", "g1", "a1")], NOW)
    assert store.article_sources(["a1"]) == {"a1": [best, SOURCE]}


def test_queries_by_id_go_beyond_one_statement(store: Store) -> None:
    ids = [f"a{i}" for i in range(1203)]
    _articles(store, *ids)
    assert store.known_articles(ids) == set(ids)


# --- search


def test_search_ignores_accents_and_case_and_prefers_titles(store: Store) -> None:
    store.save_articles(
        [
            replace(ARTICLE, id="corps", title="Autre chose", text="On y parle de médiation numérique, longuement."),
            replace(ARTICLE, id="titre", title="La Médiation à l'Île", text="Rien."),
        ],
        [],
        NOW,
    )
    assert [a.id for a in store.search("MEDIATION")] == ["titre", "corps"]
    assert [a.id for a in store.search("médiation numerique")] == ["corps"]
    assert [a.id for a in store.search("mediation", limit=1)] == ["titre"]
    assert store.search("absent") == []


_ODD_QUERIES = ["", "  ", '"', 'a"b', "*", "NEAR(", "AND", "-", "\x00", "x\x00y", "\ud800", "titre:x"]


@pytest.mark.parametrize("query", _ODD_QUERIES)
def test_any_query_is_plain_words(store: Store, query: str) -> None:
    _articles(store, "a1")
    assert store.search(query) == []


def test_triggers_keep_the_search_in_step(store: Store) -> None:
    _articles(store, "a1", "a2")
    store.db.execute("UPDATE articles SET title = 'Un lavoir', text = '' WHERE id = 'a1'")
    assert [a.id for a in store.search("sentier")] == ["a2"]
    assert [a.id for a in store.search("lavoir")] == ["a1"]
    store.db.execute("DELETE FROM articles WHERE id = 'a2'")
    assert store.search("sentier") == []
    store.db.execute("INSERT INTO articles_fts(articles_fts, rank) VALUES ('integrity-check', 1)")


# --- retention


def test_retention_forgets_texts_and_keeps_title_and_vector(store: Store) -> None:
    store.save_harvest(FeedState("lettre"), [ENTRY, replace(ENTRY, guid="g2")], NOW)
    store.save_articles([ARTICLE], [("lettre", "g1", "a1")], NOW)
    store.save_vectors("e5", {"a1": b"vecteur"})
    store.save_judgements([_judgement("a1")], "v1")
    _articles(store, "neuf", now=NOW + timedelta(days=80))
    night = NOW + timedelta(days=91)
    assert store.forget_texts(night, 90) == 1
    assert store.forget_texts(night, 90) == 0
    assert store.articles(["a1"])["a1"] == replace(ARTICLE, text="")
    assert store.articles(["neuf"])["neuf"].text == ARTICLE.text
    assert store.vectors(["a1"]) == {"a1": b"vecteur"}
    contents = store.db.execute("SELECT guid, content, summary FROM entries ORDER BY guid").fetchall()
    assert contents == [("g1", "", ENTRY.summary), ("g2", ENTRY.content, ENTRY.summary)]
    assert [a.id for a in store.search("forêt")] == ["neuf"]  # the text, forgotten by the index too
    assert {a.id for a in store.search("rouvre")} == {"a1", "neuf"}  # the title, kept
    # without its text it can be neither embedded nor judged anew: it keeps what it has
    assert store.articles_to_embed("autre encodeur") == ["neuf"]
    assert store.articles_to_classify("v2") == ["neuf"]


# --- to-do queries


def test_nothing_is_left_to_embed_once_saved_and_everything_with_another_encoder(store: Store) -> None:
    _articles(store, "a1", "a2")
    assert store.articles_to_embed("e5") == ["a1", "a2"]
    store.save_vectors("e5", {"a1": b"1"})
    assert store.articles_to_embed("e5") == ["a2"]
    store.save_vectors("e5", {"a2": b"2"})
    assert store.articles_to_embed("e5") == []
    assert store.articles_to_embed("autre") == ["a1", "a2"]
    assert store.vectors(["a2", "a3"]) == {"a2": b"2"}


def test_nothing_is_left_to_fingerprint_and_group_once_saved(store: Store) -> None:
    _articles(store, "a1", "a2")
    assert store.articles_to_fingerprint() == ["a1", "a2"]
    store.save_fingerprints([("a1", "2026-11-19", b"1"), ("a2", "2026-11-20", b"2")])
    assert store.articles_to_fingerprint() == []
    assert store.fingerprints(["a2", "a3"]) == {"a2": b"2"}
    assert store.articles_to_group() == [("a1", "2026-11-19"), ("a2", "2026-11-20")]
    places = {
        "a1": Duplicate("a1", "a1", Role.REPRESENTATIVE, None, 1.0),
        "a2": Duplicate("a2", "a1", Role.COPY, "a1", 0.97),
    }
    store.save_duplicates(places.values())
    assert store.articles_to_group() == []
    assert store.duplicates(["a1", "a2"]) == places
    assert store.folded_under(["a1"]) == {"a1": {"copy": 1}}


def _judgement(article: str, score: float = 0.8) -> Judgement:
    evidence = (Evidence("randonnee", "randonnée", "title", 1.2, 3, 12),)
    return Judgement(
        article,
        (
            CommunityScore("tourisme", score, True, evidence, ("« randonnée » dans le titre",)),
            CommunityScore("economie-territoriale", 0.1, False),
        ),
        "tourisme",
        ("transition-ecologique",),
        Placement("tourisme", "nature-itinerance", 0.6),
        Kind.EVENT,
        Event(date(2026, 12, 1), date(2026, 12, 2), "Tours"),
        date(2026, 11, 30),
    )


def test_nothing_is_left_to_classify_once_saved_and_everything_with_another_version(store: Store) -> None:
    _articles(store, "a1", "a2")
    assert store.articles_to_classify("v1") == ["a1", "a2"]
    nowhere = Judgement("a2", (CommunityScore("tourisme", 0.1, False),), None, (), None, Kind.NEWS)
    store.save_judgements([_judgement("a1"), nowhere], "v1")
    assert store.articles_to_classify("v1") == []
    assert store.articles_to_classify("v2") == ["a1", "a2"]
    assert store.judgements(["a1", "a2"]) == {"a1": _judgement("a1"), "a2": nowhere}
    assert store.articles_judged(NOW) == ["a1"]  # those with a lead
    assert store.articles_judged(LATER) == []


def test_a_new_judgement_replaces_the_old_one_whole(store: Store) -> None:
    store.save_judgements([_judgement("a1")], "v1")
    alone = replace(_judgement("a1", 0.3), communities=(CommunityScore("tourisme", 0.3, False),))
    store.save_judgements([alone], "v2")
    assert store.judgements(["a1"]) == {"a1": alone}


# --- drafts and reviews


def test_a_draft_comes_back_as_it_was(store: Store) -> None:
    assert store.replace_waiting_drafts([DRAFT], "v1", NOW) == 1
    assert store.queue("tourisme") == [DRAFT]
    assert store.queue("urbanisme-amenagement") == []


def test_replacing_drafts_is_idempotent_and_keeps_when_they_were_queued(store: Store) -> None:
    gone = replace(DRAFT, article="a2")
    assert store.replace_waiting_drafts([DRAFT, gone], "v1", NOW) == 2
    better = replace(DRAFT, score=0.9)
    assert store.replace_waiting_drafts([better, replace(DRAFT, article="a3")], "v2", LATER) == 1
    assert [d.article for d in store.queue("tourisme")] == ["a1", "a3"]  # best first; a2 waits no more
    queued = dict(store.db.execute("SELECT article, queued FROM drafts").fetchall())
    assert queued == {"a1": rows.time_out(NOW), "a3": rows.time_out(LATER)}
    assert store.queue("tourisme", limit=1) == [better]
    assert store.queue_sizes() == {"tourisme": 2}


def _act(store: Store, act: Act, article: str = "a1", **said: Any) -> Review:
    """What the desk does: append, then save what the whole sequence amounts to."""
    with store.exclusive():
        review = store.append_review(Review(article, "tourisme", act, "lea", NOW, **said))
        store.save_state(article, "tourisme", state_of(store.reviews_of(article, "tourisme")), NOW.date())
    return review


def test_a_reviewed_draft_stays_as_it_was_and_never_waits_again(store: Store) -> None:
    store.replace_waiting_drafts([DRAFT], "v1", NOW)
    _act(store, Act.REJECTED, reason="off_topic")
    neighbour = replace(DRAFT, community="transition-ecologique")
    assert store.replace_waiting_drafts([replace(DRAFT, title="Changé"), neighbour], "v2", LATER) == 1
    assert store.queue("tourisme") == []
    assert store.queue("transition-ecologique") == [neighbour]
    assert store.queue_sizes() == {"transition-ecologique": 1}
    kept = store.db.execute("SELECT title, version FROM drafts WHERE community = 'tourisme'").fetchall()
    assert kept == [(DRAFT.title, "v1")]
    store.replace_waiting_drafts([], "v3", LATER)
    assert store.db.execute("SELECT community FROM drafts").fetchall() == [("tourisme",)]


def test_a_rejection_is_its_own_tombstone(store: Store) -> None:
    _act(store, Act.REJECTED)
    assert store.replace_waiting_drafts([DRAFT], "v1", NOW) == 0
    assert store.queue("tourisme") == []


def test_a_draft_that_somebody_touched_or_brought_survives_the_night(store: Store) -> None:
    store.replace_waiting_drafts([DRAFT], "v1", NOW)
    _act(store, Act.NOTED, note="à vérifier")
    assert store.add_draft(replace(DRAFT, article="a2"), "shared", NOW)
    assert not store.add_draft(replace(DRAFT, article="a2"), "shared", NOW)
    store.replace_waiting_drafts([], "v2", LATER)
    assert {d.article for d in store.queue("tourisme")} == {"a1", "a2"}


def test_a_kept_draft_comes_back_on_its_day(store: Store) -> None:
    store.replace_waiting_drafts([DRAFT], "v1", NOW)
    _act(store, Act.KEPT, until=LATER.date())
    assert store.queue("tourisme") == []
    assert store.wake(NOW.date()) == 0
    assert store.wake(LATER.date()) == 1
    assert [d.article for d in store.queue("tourisme")] == ["a1"]
    assert store.wake(LATER.date()) == 0


def test_reviews_only_grow_and_the_last_one_counts(store: Store) -> None:
    edition = Edition("Titre", "Résumé", "Contexte", ("a",), Event(date(2026, 12, 1), None, "Tours"), LATER.date())
    first = _act(store, Act.KEPT, until=LATER.date())
    last = _act(store, Act.PUBLISHED, note="relu", edition=edition, post_url="https://exemple.fr/p")
    assert store.reviewed() == {("a1", "tourisme"): DraftStatus.PUBLISHED}
    assert store.reviews_of("a1") == [first, last]
    assert store.review(last.id) == last
    assert last.edition == edition
    for change in ("UPDATE reviews SET act = 'kept'", "DELETE FROM reviews"):
        with pytest.raises(sqlite3.IntegrityError, match="append-only"):
            store.db.execute(change)
    assert store.db.execute("SELECT count(*) FROM reviews").fetchone() == (2,)


def test_an_undone_verdict_leaves_the_draft_waiting(store: Store) -> None:
    store.replace_waiting_drafts([DRAFT], "v1", NOW)
    rejected = _act(store, Act.REJECTED)
    _act(store, Act.UNDONE, undoes=rejected.id)
    assert store.queue("tourisme") == [DRAFT]
    assert store.reviewed() == {}
    told = store.journal(["tourisme"])
    assert [(r.act, title, undone) for r, title, undone in told] == [
        (Act.UNDONE, DRAFT.title, False),
        (Act.REJECTED, DRAFT.title, True),
    ]


# --- nights


def test_a_night_killed_before_its_end_is_seen_and_a_finished_one_is_told(store: Store) -> None:
    assert not store.unfinished_run()
    report = RunReport(NOW, sources=3, failures={"timeout": 1})
    run = store.start_run(report)
    assert store.unfinished_run()
    failures = [("lettre", Failure(Cause.TIMEOUT, "u", "20 s", at=NOW)), (None, Failure(Cause.GONE, "v", status=410))]
    store.add_failures(run, failures)
    done = replace(report, finished=LATER, drafts_new=4, durations={"harvest": 1.5})
    store.finish_run(run, done)
    assert not store.unfinished_run()
    assert store.last_runs(5) == [(run, done)]
    assert store.failures_of(run) == failures
    assert store.failures_of(run + 1) == []


# --- transactions


def test_atomic_saves_everything_or_nothing(tmp_path: Path) -> None:
    path = tmp_path / "veille.db"
    with Store(path) as store:
        with pytest.raises(RuntimeError), store.atomic():
            _articles(store, "a1")
            store.save_vectors("e5", {"a1": b"1"})
            raise RuntimeError("panne")
        assert store.known_articles(["a1"]) == set()
        assert store.vectors(["a1"]) == {}
        assert store.search("sentier") == []
        with store.atomic():
            _articles(store, "a2")
    with Store(path) as store:
        assert store.known_articles(["a1", "a2"]) == {"a2"}


def test_a_harvest_that_fails_half_way_leaves_no_trace(store: Store) -> None:
    broken = replace(ENTRY, guid="g2", title=None)  # type: ignore[arg-type]
    with pytest.raises(sqlite3.IntegrityError):
        store.save_harvest(FeedState("lettre"), [ENTRY, broken], NOW)
    assert store.entries_without_article() == []
    assert store.feed_states() == {}
