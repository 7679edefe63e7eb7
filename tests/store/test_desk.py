"""What the desk reads: pages of a queue, the next draft, searches, what is near, what is folded, what wakes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from curation.decide.review import state_of
from curation.store import desk
from curation.store.desk import QueueFilter, QueueRow, fts_words
from curation.store.store import Store
from curation.types import Act, Article, Draft, DraftStatus, Duplicate, Event, Kind, Review, Role

NOW = datetime(2026, 11, 20, 8, tzinfo=UTC)
TODAY = NOW.date()
BASE = Draft("", "tourisme", 0.5, 0.5, "Titre", "Résumé.", "", "https://exemple.fr/", "La lettre", NOW, Kind.NEWS, None)


@pytest.fixture
def store() -> Iterator[Store]:
    with Store(None) as opened:
        yield opened


def queue(store: Store, drafts: Sequence[Draft], texts: Sequence[str] = ()) -> None:
    """Articles and their drafts, waiting."""
    articles = [
        Article(d.article, f"https://exemple.fr/{d.article}", d.title, texts[n] if texts else "Un texte.", d.published)
        for n, d in enumerate(drafts)
    ]
    store.save_articles(articles, [], NOW)
    store.replace_waiting_drafts(drafts, "v1", NOW)


def act(store: Store, article: str, kind: Act, community: str = "tourisme", **more: Any) -> Review:
    """One act and the state it leaves, as the desk records them."""
    saved = store.append_review(Review(article, community, kind, more.pop("by", "lea"), more.pop("at", NOW), **more))
    store.save_state(article, community, state_of(store.reviews_of(article, community)), TODAY)
    return saved


def ids(rows: Sequence[QueueRow]) -> list[str]:
    return [r.draft.article for r in rows]


def walk(store: Store, wanted: QueueFilter, size: int) -> tuple[list[list[str]], list[list[str]]]:
    """Pages forwards from the first, then pages backwards from the last."""
    page = store.queue_page("tourisme", wanted, size)
    forwards = [ids(page.rows)]
    while page.next:
        page = store.queue_page("tourisme", replace(wanted, after=page.next), size)
        forwards.append(ids(page.rows))
    backwards = [ids(page.rows)]
    while page.previous:
        page = store.queue_page("tourisme", replace(wanted, before=page.previous), size)
        backwards.insert(0, ids(page.rows))
    return forwards, backwards


days = st.none() | st.dates(date(2026, 10, 1), date(2026, 10, 6))
one_draft = st.fixed_dictionaries(
    {
        "score": st.sampled_from([0.0, 0.25, 0.1 + 0.2, 1 / 3, 0.9999, 1.0]),
        "published": days.map(lambda d: datetime(d.year, d.month, d.day, 12, tzinfo=UTC) if d else None),
        "deadline": days,
        "kind": st.sampled_from([Kind.NEWS, Kind.CALL]),
        "source": st.sampled_from(["", "La lettre", "L’écho"]),
        "dossier": st.sampled_from([None, "hebergements", "nature"]),
    }
)
filters = st.fixed_dictionaries(
    {},
    optional={
        "kind": st.sampled_from(["news", "call"]),
        "source": st.sampled_from(["La lettre", "L’écho"]),
        "dossier": st.sampled_from(["hebergements", "nature"]),
        "min_score": st.sampled_from([0.25, 0.9]),
        "since": days,
        "until": days,
        "holder": st.sampled_from(["none", "lea"]),
    },
)


@settings(max_examples=60, deadline=None)
@given(
    st.lists(one_draft, max_size=25),
    st.lists(st.integers(0, 24), max_size=6),
    filters,
    st.sampled_from(["score", "recent", "deadline"]),
    st.integers(1, 7),
)
def test_pages_forwards_and_backwards_are_one_long_list(
    drawn: list[dict[str, Any]], touched: list[int], wanted: dict[str, Any], sort: str, size: int
) -> None:
    """Keyset paging, with ties, gaps and filters: nothing twice, nothing left out, the same order both ways."""
    drafts = [replace(BASE, article=f"a{n:02}", **values) for n, values in enumerate(drawn)]
    with Store(None) as store:
        queue(store, [*drafts, replace(BASE, article="b", community="autre")])
        settled, held = set(), set()
        for n in touched:
            if n < len(drafts) and n not in settled | held:
                act(store, f"a{n:02}", Act.REJECTED if n % 2 else Act.TAKEN)
                (settled if n % 2 else held).add(n)

        def passes(n: int, d: Draft) -> bool:
            day = d.published.date() if d.published else None
            since, until, holder = wanted.get("since"), wanted.get("until"), wanted.get("holder")
            return (
                n not in settled
                and all(getattr(d, k) == wanted[k] for k in ("kind", "source", "dossier") if k in wanted)
                and d.score >= wanted.get("min_score", 0)
                and (since is None or (day is not None and day >= since))
                and (until is None or (day is not None and day <= until))
                and (holder is None or (n in held) == (holder == "lea"))
            )

        kept = [d for n, d in enumerate(drafts) if passes(n, d)]
        key = {
            "score": lambda d: -d.score,
            "recent": lambda d: -(d.published.timestamp() if d.published else 0),
            "deadline": lambda d: d.deadline or date.max,
        }[sort]
        expected = [d.article for d in sorted(kept, key=lambda d: (key(d), d.article))]
        forwards, backwards = walk(store, QueueFilter(sort=sort, **wanted), size)
        assert [a for page in forwards for a in page] == expected
        assert [a for page in backwards for a in page] == expected
        assert all(len(page) == size for page in forwards[:-1])
        assert store.queue_page("tourisme", QueueFilter(sort=sort, **wanted), size).total == len(expected)


def test_a_draft_settled_between_two_pages_moves_no_other(store: Store) -> None:
    queue(store, [replace(BASE, article=f"a{n}", score=1 - n / 10) for n in range(6)])
    first = store.queue_page("tourisme", QueueFilter(), 2)
    act(store, "a1", Act.PUBLISHED)
    assert ids(store.queue_page("tourisme", QueueFilter(after=first.next), 2).rows) == ["a2", "a3"]


@pytest.mark.parametrize("cursor", ["n'importe", "~", "x~a1", "nan~a1", "0.5~", "'; --~a"])
@pytest.mark.parametrize("sort", ["score", "recent", "deadline", "autre"])
def test_a_forged_cursor_breaks_nothing(store: Store, cursor: str, sort: str) -> None:
    queue(store, [replace(BASE, article="a1"), replace(BASE, article="a2")])
    for side in ("after", "before"):
        page = store.queue_page("tourisme", QueueFilter(sort=sort, **{side: cursor}), 10)
        assert set(ids(page.rows)) <= {"a1", "a2"}


def test_counting_stops(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(desk, "COUNT_LIMIT", 3)
    queue(store, [replace(BASE, article=f"a{n}") for n in range(9)])
    assert store.queue_page("tourisme", QueueFilter(), 2).total == 4


def test_the_words_of_a_person_stand_over_those_of_the_night(store: Store) -> None:
    queue(store, [replace(BASE, article="a1", dossier="nature")])
    act(store, "a1", Act.FILED, target="hebergements")
    act(store, "a1", Act.GIVEN, target="tom")
    (row,) = store.queue_page("tourisme", QueueFilter(dossier="hebergements", holder="tom")).rows
    assert (row.dossier, row.holder, row.revision, row.status) == ("hebergements", "tom", 2, DraftStatus.WAITING)
    assert store.queue_page("tourisme", QueueFilter(dossier="nature")).rows == ()


def test_text_of_the_article_filters(store: Store) -> None:
    drafts = [replace(BASE, article=f"a{n}", title=f"Titre {n}") for n in range(3)]
    queue(store, drafts, ["Une forêt communale", "La forêt privée", "Un bourg"])
    assert ids(store.queue_page("tourisme", QueueFilter(text="foret")).rows) == ["a0", "a1"]
    assert ids(store.queue_page("tourisme", QueueFilter(text="forêt comm")).rows) == ["a0"]
    assert ids(store.queue_page("tourisme", QueueFilter(text='" OR * NOT (')).rows) == []
    assert len(store.queue_page("tourisme", QueueFilter(text="   ")).rows) == 3


def test_too_many_hits_leave_the_newest(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(desk, "TEXT_HITS", 2)
    queue(store, [replace(BASE, article=f"a{n}") for n in range(4)])
    assert ids(store.queue_page("tourisme", QueueFilter(text="texte")).rows) == ["a2", "a3"]


@settings(max_examples=100, deadline=None)
@given(st.text())
def test_any_text_is_a_query(text: str) -> None:
    words = fts_words(text)
    with Store(None) as store:
        if words:
            store.db.execute("SELECT count(*) FROM articles_fts WHERE articles_fts MATCH ?", [words]).fetchone()
        store.queue_page("tourisme", QueueFilter(text=text))
        assert store.search_drafts(["tourisme"], text) == []


def test_search_finds_any_status_in_my_communities_title_first(store: Store) -> None:
    drafts = [
        replace(BASE, article="a0", title="Un bourg"),
        replace(BASE, article="a1", title="La forêt rouvre"),
        replace(BASE, article="a2", title="Un pont"),
        replace(BASE, article="a3", title="Forêt", community="autre"),
    ]
    queue(store, drafts, ["Près de la forêt, un bourg attend son pont depuis longtemps.", "Texte.", "Texte.", "Texte."])
    act(store, "a1", Act.REJECTED)
    found = store.search_drafts(["tourisme"], "forêt")
    assert ids(found) == ["a1", "a0"]
    assert found[0].status is DraftStatus.REJECTED
    assert ids(store.search_drafts(["tourisme", "autre"], "forêt"))[-1] == "a0"
    assert store.search_drafts([], "forêt") == [] and store.search_drafts(["tourisme"], " ") == []


def test_similar_drafts_share_words_of_their_titles(store: Store) -> None:
    titles = ["Taxe de séjour à Corbeval", "La taxe de séjour augmente", "Un pont rouvre", "Taxe de séjour : le guide"]
    queue(store, [replace(BASE, article=f"a{n}", title=t) for n, t in enumerate(titles)])
    act(store, "a3", Act.REJECTED)
    assert ids(store.similar_drafts("tourisme", titles[0], "a0")) == ["a1"]
    assert store.similar_drafts("tourisme", "et or", "a0") == []
    assert store.similar_drafts("autre", titles[0], "a0") == []


def test_a_kept_draft_wakes_on_its_day(store: Store) -> None:
    queue(store, [replace(BASE, article="a1"), replace(BASE, article="a2")])
    act(store, "a1", Act.KEPT, until=TODAY + timedelta(days=3))
    assert ids(store.queue_page("tourisme", QueueFilter()).rows) == ["a2"]
    assert store.wake(TODAY + timedelta(days=2)) == 0
    assert store.wake(TODAY + timedelta(days=3)) == 1
    assert store.wake(TODAY + timedelta(days=3)) == 0
    assert ids(store.queue_page("tourisme", QueueFilter()).rows) == ["a1", "a2"]
    act(store, "a1", Act.KEPT, until=TODAY + timedelta(days=9))
    assert ids(store.queue_page("tourisme", QueueFilter()).rows) == ["a2"]


def test_the_next_draft_is_the_best_that_nobody_else_has(store: Store) -> None:
    queue(store, [replace(BASE, article=f"a{n}", score=0.9 - n / 10) for n in range(5)])
    act(store, "a0", Act.PUBLISHED)
    act(store, "a1", Act.TAKEN, by="tom")
    assert store.next_waiting("tourisme", [], "lea") == "a2"
    assert store.next_waiting("tourisme", [], "tom") == "a1"
    assert store.next_waiting("tourisme", ["a2"], "lea") == "a3"
    assert store.next_waiting("tourisme", [], "lea", after=(0.9 - 2 / 10, "a2")) == "a3"
    assert store.next_waiting("tourisme", ["a2", "a3", "a4"], "lea") is None
    assert store.previous_waiting("tourisme", (0.9 - 3 / 10, "a3")) == "a2"
    assert store.previous_waiting("tourisme", (0.9 - 1 / 10, "a1")) is None
    assert store.position("tourisme", 0.9 - 3 / 10, "a3") == 2


def test_equal_scores_are_walked_one_by_one(store: Store) -> None:
    queue(store, [replace(BASE, article=f"a{n}") for n in range(4)])
    seen, at = [], store.next_waiting("tourisme", [], "lea")
    while at:
        seen.append(at)
        at = store.next_waiting("tourisme", [], "lea", after=(0.5, at))
    assert seen == ["a0", "a1", "a2", "a3"]
    assert [store.position("tourisme", 0.5, a) for a in seen] == [0, 1, 2, 3]
    assert [store.previous_waiting("tourisme", (0.5, a)) for a in seen] == [None, "a0", "a1", "a2"]


def test_what_is_near_comes_soonest_first(store: Store) -> None:
    def day(n: int) -> date:
        return TODAY + timedelta(days=n)

    queue(
        store,
        [
            replace(BASE, article="a0", deadline=day(5)),
            replace(BASE, article="a1", event=Event(day(1))),
            replace(BASE, article="a2", deadline=day(9)),
            replace(BASE, article="a3", deadline=day(-1), event=Event(day(3))),
            replace(BASE, article="a4", deadline=day(2)),
            replace(BASE, article="a5", deadline=day(2), community="autre"),
            replace(BASE, article="a6"),
        ],
    )
    act(store, "a4", Act.REJECTED)
    act(store, "a0", Act.PUBLISHED)
    assert ids(store.near(["tourisme"], TODAY, day(7))) == ["a1", "a3", "a0"]
    assert ids(store.near(["tourisme", "autre"], TODAY, day(7), limit=2)) == ["a1", "a5"]
    assert store.near([], TODAY, day(7)) == []


def test_what_stands_behind_a_draft(store: Store) -> None:
    queue(store, [replace(BASE, article=f"a{n}") for n in range(5)])
    store.save_duplicates(
        [
            Duplicate("a0", "a0", Role.REPRESENTATIVE, None, 1.0),
            Duplicate("a1", "a0", Role.STORY, "a0", 0.8),
            Duplicate("a2", "a0", Role.COPY, "a0", 0.9),
        ]
    )
    act(store, "a3", Act.FOLDED, target="a0")
    behind = store.folded_of(["a0", "a4"], "tourisme")
    assert [(f["article"], f["role"]) for f in behind["a0"]] == [
        ("a2", Role.COPY),
        ("a1", Role.STORY),
        ("a3", Role.COPY),
    ]
    assert "a4" not in behind
    split = act(store, "a2", Act.SPLIT, target="a0")
    assert [f["article"] for f in store.folded_of(["a0"], "tourisme")["a0"]] == ["a1", "a3"]
    # another community keeps the machine's view
    assert [f["article"] for f in store.folded_of(["a0"], "autre")["a0"]] == ["a2", "a1"]
    undone = act(store, "a2", Act.UNDONE, undoes=split.id)
    assert len(store.folded_of(["a0"], "tourisme")["a0"]) == 3 and store.separated() == set()
    act(store, "a2", Act.UNDONE, undoes=undone.id)
    assert len(store.folded_of(["a0"], "tourisme")["a0"]) == 2 and store.separated() == {("a2", "a0")}
    assert store.folded_of(["a0"], "l'autre {x}") is not None


def test_sources_of_a_queue_in_order(store: Store) -> None:
    names = ["L’écho", "La lettre", "La lettre", "", "Agora"]
    queue(store, [replace(BASE, article=f"a{n}", source=s) for n, s in enumerate(names)])
    act(store, "a4", Act.REJECTED)
    assert store.queue_sources("tourisme") == ["La lettre", "L’écho"]
    assert store.queue_sources("autre") == []


def test_one_draft_whatever_its_status(store: Store) -> None:
    queue(store, [replace(BASE, article="a1")])
    act(store, "a1", Act.PUBLISHED, post_url="https://e.fr/1")
    row = store.draft("a1", "tourisme")
    assert row is not None
    assert (row.status, row.reviewer, row.post_url, row.at) == (DraftStatus.PUBLISHED, "lea", "https://e.fr/1", NOW)
    assert store.draft("a1", "autre") is None


def test_settled_drafts_are_counted(store: Store) -> None:
    queue(store, [replace(BASE, article=f"a{n}", dossier="nature" if n else None) for n in range(4)])
    for n, kind in enumerate((Act.PUBLISHED, Act.PUBLISHED, Act.REJECTED)):
        act(store, f"a{n}", kind, at=NOW + timedelta(hours=n))
    assert store.count_settled("tourisme", NOW) == {"published": 2, "rejected": 1}
    assert store.count_settled("tourisme", NOW, NOW + timedelta(hours=1)) == {"published": 1}


def test_reading_before_writing_never_breaks_beside_another_writer(tmp_path: Path) -> None:
    """The night and the desk each read, then write, in one transaction: one waits for the other, none fails."""
    with Store(tmp_path / "v.db"):
        pass
    faults: list[Exception] = []

    def work(name: str) -> None:
        try:
            with Store(tmp_path / "v.db") as own:
                for n in range(60):
                    own.save_articles([Article(f"{name}{n}", "", "Titre", "Texte")], [], NOW)
        except Exception as error:
            faults.append(error)

    threads = [Thread(target=work, args=(name,)) for name in "ab"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert faults == []
    with Store(tmp_path / "v.db") as store:
        assert len(store.articles(f"{name}{n}" for name in "ab" for n in range(60))) == 120


def test_a_transaction_inside_another_is_part_of_it(store: Store) -> None:
    with pytest.raises(RuntimeError), store.atomic():
        queue(store, [replace(BASE, article="a1")])
        with pytest.raises(ZeroDivisionError), store.atomic():
            queue(store, [replace(BASE, article="a2")])
            raise ZeroDivisionError
        assert (store.draft("a1", "tourisme"), store.draft("a2", "tourisme")) == (store.draft("a1", "tourisme"), None)
        raise RuntimeError
    assert store.draft("a1", "tourisme") is None and not store.db.conn.in_transaction
