"""Which judgements are certified after a change of words, and which are made again."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from curation.config import load_settings
from curation.decide.reading import index_keys
from curation.evidence import KeptReading
from curation.store.store import Store
from curation.types import Article, CommunityScore, Judgement, Kind
from curation.wordbook import Wordbook
from flows.judge import Judge
from flows.reclassify import certify
from taxonomy.concept_operations import AddLabels, SetScopeNote
from taxonomy.edit import Operation, apply
from taxonomy.french import tokens
from taxonomy.types import Origin
from tests.taxonomy.test_write import HAND

NOW = datetime(2026, 11, 24, 9, 30, tzinfo=UTC)
TEXTS = {"a": "Une mare restaurée.", "b": "Un plan d'eau restauré.", "c": "Rien de tout cela."}


@pytest.fixture
def book(tmp_path: Path) -> Iterator[Wordbook]:
    (tmp_path / "essai.yaml").write_text(HAND, encoding="utf-8")
    (tmp_path / "config.yaml").write_text(
        "state: state\ncommunities: [{id: essai, taxonomy: essai.yaml}]\n", encoding="utf-8"
    )
    with Store(None) as store:
        book = Wordbook(load_settings(tmp_path / "config.yaml"), store)
        book.look("essai", NOW)
        store.save_articles([Article(i, f"https://x.fr/{i}", "Titre", text) for i, text in TEXTS.items()], [], NOW)
        store.save_readings("r", [reading(i, text) for i, text in TEXTS.items()])
        first = judge(book)
        certify(store, book, first, NOW)
        scores = (CommunityScore("essai", 0.5, True, (), ()),)
        store.save_judgements([Judgement(i, scores, None, (), None, Kind.NEWS) for i in TEXTS], first.version)
        yield book


def reading(article: str, text: str) -> KeptReading:
    """What the night keeps of the words of a text."""
    return KeptReading(article, b"", index_keys(tokens("Titre"), tokens(text)), (), Kind.NEWS, None, None)


def judge(book: Wordbook, ground: str = "g") -> Judge:
    """What ``certify`` asks of a judge."""
    taxonomy = book.look("essai", NOW).taxonomy
    made: dict[str, Any] = {"ground": ground, "version": f"{ground}-{taxonomy.version}", "taxonomies": (taxonomy,)}
    return cast(Judge, SimpleNamespace(**made))


def publish(book: Wordbook, gesture: Operation) -> None:
    current = book.look("essai", NOW)
    taxonomy = apply(current.taxonomy, gesture)
    base = current.version.number
    book.publish("essai", taxonomy, base=base, author="lea", message="essai", origin=Origin.DESK, now=NOW)


def to_do(book: Wordbook, now: Judge) -> list[str]:
    certify(book.store, book, now, NOW)
    return book.store.articles_to_classify(now.version)


def test_the_same_words_leave_nothing_to_do(book: Wordbook) -> None:
    assert to_do(book, judge(book)) == []


def test_a_label_reaches_the_articles_where_it_stands(book: Wordbook) -> None:
    publish(book, AddLabels("talus", "altLabel", ("plan d'eau",)))
    assert to_do(book, judge(book)) == ["b"]
    assert book.store.words_of_judge(judge(book).version) == {"essai": book.look("essai", NOW).taxonomy.version}


def test_two_publications_in_one_day_and_a_return_are_followed(book: Wordbook) -> None:
    publish(book, AddLabels("talus", "altLabel", ("plan d'eau",)))
    assert to_do(book, judge(book)) == ["b"]
    publish(book, AddLabels("haie", "excludeLabel", ("haie de thuyas",)))
    assert to_do(book, judge(book)) == ["b"]  # judged by the first words, two versions ago
    book.rollback("essai", 1, author="lea", message="", now=NOW)
    assert to_do(book, judge(book)) == []


def test_a_note_that_the_encoder_reads_or_another_judge_reaches_all(book: Wordbook) -> None:
    assert to_do(book, judge(book, ground="h")) == sorted(TEXTS)
    publish(book, SetScopeNote("haie", "Autre chose."))
    assert to_do(book, judge(book)) == sorted(TEXTS)
