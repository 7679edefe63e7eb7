"""Communities that begin without anybody writing the configuration: published with another in one step, whole or not at
all, found again after a crash, and served by whoever loads the settings afterwards."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from curation.config import Settings, load_settings, with_begun
from curation.errors import ConfigError, ConflictError, InputError
from curation.foundings import mirror_of, read_foundings
from curation.store.store import Store
from curation.word_drafts import WordDrafts
from curation.wordbook import Publication, Wordbook
from taxonomy.concept_operations import SetWeight
from taxonomy.founding import Split, split
from taxonomy.types import Founding, Origin, TaxonomyVersion
from tests.taxonomy.test_write import HAND

NOW = datetime(2026, 11, 24, 9, 30, 15, tzinfo=UTC)
ROOT = Path(__file__).parents[1]


@pytest.fixture
def config(tmp_path: Path) -> Path:
    (tmp_path / "essai.yaml").write_text(HAND, encoding="utf-8")
    path = tmp_path / "config.yaml"
    path.write_text("state: state\ncommunities: [{id: essai, taxonomy: essai.yaml}, tourisme]\n", encoding="utf-8")
    return path


@pytest.fixture
def settings(config: Path) -> Settings:
    return load_settings(config)


@pytest.fixture
def book(settings: Settings) -> Iterator[Wordbook]:
    with Store(settings.database) as store:
        yield Wordbook(settings, store)


def parted(book: Wordbook, name: str = "Haies") -> Split:
    return split(book.look("essai", NOW).taxonomy, name, ["haie"], taken=book.taken())


def publish(book: Wordbook, found: Split, base: int = 1, draft: int = 0) -> dict[str, TaxonomyVersion]:
    return book.publish_together(
        [Publication(found.old, base, draft), Publication(found.new, 0)],
        author="lea", message="les haies débordent", origin=Origin.DESK, now=NOW,
        begun=Founding(found.new.id, "essai", "lea", NOW),
    )  # fmt: skip


def communities(settings: Settings) -> list[str]:
    return [c.id for c in settings.communities]


def nothing_came(book: Wordbook, settings: Settings, versions: int = 1) -> None:
    assert len(book.versions("essai")) == versions and book.versions("haies") == []
    assert book.store.foundings() == [] and not mirror_of(settings.state).exists()
    assert communities(book.settings) == ["essai", "tourisme"]
    assert not (settings.state / "taxonomies" / "haies.yaml").exists()
    assert not list(settings.state.rglob("*.part"))


def test_both_are_published_in_one_step(book: Wordbook, settings: Settings, config: Path) -> None:
    found = parted(book)
    before = config.read_bytes()
    published = publish(book, found)
    assert {c: (v.number, v.message, v.author) for c, v in published.items()} == {
        "essai": (2, "les haies débordent", "lea"), "haies": (1, "les haies débordent", "lea")
    }  # fmt: skip
    assert book.look("essai", NOW).taxonomy == found.old and book.look("haies", NOW).taxonomy == found.new
    assert list(book.look_all(NOW)) == ["essai", "tourisme", "haies"]
    assert config.read_bytes() == before  # the configuration is never written
    again = load_settings(config)
    assert communities(again) == ["essai", "tourisme", "haies"]
    assert again.words_file("haies") == settings.state / "taxonomies" / "haies.yaml"
    assert read_foundings(settings.state) == (Founding("haies", "essai", "lea", NOW),)
    assert communities(with_begun(settings)) == communities(with_begun(again))
    assert [v.number for v in book.versions("haies")] == [1]  # looking again appends nothing


def test_a_conflict_writes_nothing(book: Wordbook, settings: Settings) -> None:
    found = parted(book)
    current = book.look("essai", NOW)
    book.publish(
        "essai", WordDrafts(book).change("essai", [SetWeight("haie", 2)], revision=0, author="tom", now=NOW).taxonomy,
        base=current.version.number, author="tom", message="poids", origin=Origin.DESK, now=NOW,
    )  # fmt: skip
    with pytest.raises(ConflictError, match="a changé depuis la version 1"):
        publish(book, found)
    nothing_came(book, settings, versions=2)
    with pytest.raises(InputError, match="Rien à publier"):
        publish(book, Split(book.look("essai", NOW).taxonomy, found.new, ()), base=2)
    nothing_came(book, settings, versions=2)


def test_a_draft_goes_with_it_and_one_that_moved_stops_all(book: Wordbook, settings: Settings) -> None:
    drafts = WordDrafts(book)
    book.look("essai", NOW)
    draft = drafts.change("essai", [SetWeight("haie", 2)], revision=0, author="lea", now=NOW)
    found = split(draft.taxonomy, "Haies", ["haie"], taken=book.taken())
    with pytest.raises(ConflictError, match="a changé entre-temps"):
        publish(book, found, draft=draft.revision + 1)
    nothing_came(book, settings)
    assert drafts.draft("essai") == draft
    publish(book, found, draft=draft.revision)
    assert drafts.draft("essai") is None
    assert book.look("haies", NOW).taxonomy.concept("haie").weight == 2


def test_what_is_written_within_is_written_with_it_or_not(book: Wordbook, settings: Settings) -> None:
    found = parted(book)

    def fails() -> None:
        raise InputError("non")

    with pytest.raises(InputError, match="non"):
        book.publish_together(
            [Publication(found.old, 1), Publication(found.new, 0)], author="lea", message="m", origin=Origin.DESK,
            now=NOW, begun=Founding("haies", "essai", "lea", NOW), within=fails,
        )  # fmt: skip
    nothing_came(book, settings)


@pytest.mark.parametrize("name", ["tourisme", "haies", "ancienne"])
def test_an_id_that_serves_or_served_is_taken(book: Wordbook, name: str) -> None:
    publish(book, parted(book))
    former = TaxonomyVersion("ancienne", 1, "0" * 12, "", NOW, "", Origin.FILE)
    assert book.store.add_taxonomy_version(former, "", True)  # the configuration named it once
    assert name in book.taken()
    start = Founding(name, "", "lea", NOW)
    words = book.look("haies", NOW).taxonomy
    with pytest.raises(ConflictError, match="choisissez un autre nom"):
        book.publish_together(
            [Publication(type(words)(name, "X", "x", words.concepts), 0)],
            author="lea", message="m", origin=Origin.DESK, now=NOW, begun=start,
        )  # fmt: skip
    assert [f.community for f in book.store.foundings()] == ["haies"]


def test_foundings_are_append_only(book: Wordbook) -> None:
    publish(book, parted(book))
    for sql in ("UPDATE foundings SET author = 'x'", "DELETE FROM foundings"):
        with pytest.raises(Exception, match="append-only"):
            book.store.db.execute(sql)
    assert not book.store.add_founding(Founding("haies", "", "tom", NOW))


def test_the_configuration_has_the_last_word(book: Wordbook, config: Path) -> None:
    publish(book, parted(book))
    text = config.read_text(encoding="utf-8")
    config.write_text(text.replace("tourisme]", "tourisme, {id: haies, threshold: 0.5}]"), encoding="utf-8")
    named = load_settings(config)
    assert [c.threshold for c in named.communities] == [None, None, 0.5]
    config.write_text(text + "closed_communities: [haies]\n", encoding="utf-8")
    closed = load_settings(config)
    assert communities(closed) == ["essai", "tourisme"]
    assert list(Wordbook(closed, book.store).look_all(NOW)) == ["essai", "tourisme"]


@pytest.mark.parametrize(
    "text",
    ["communities: [", "autre: 1\n", "communities: [{id: ../x, author: a, at: 2026-11-24T09:30:00Z}]\n", "- 3\n",
     "communities: [{id: x, author: a, at: hier}]\n", "communities: 3\n",
     "communities: [{id: x, author: a, at: 2026-11-24T09:30:00Z}, {id: x, author: a, at: 2026-11-24T09:30:00Z}]\n"],
)  # fmt: skip
def test_a_damaged_mirror_is_one_clear_error_and_is_made_again(
    book: Wordbook, settings: Settings, config: Path, text: str
) -> None:
    publish(book, parted(book))
    mirror = mirror_of(settings.state)
    whole = mirror.read_bytes()
    mirror.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError, match=r"communities\.yaml : ce fichier, que veille écrit, est abîmé. Supprimez-le"):
        load_settings(config)
    mirror.unlink()  # as it says
    again = Wordbook(load_settings(config), book.store)
    assert list(again.look_all(NOW)) == ["essai", "tourisme", "haies"]
    assert mirror.read_bytes() == whole


CRASH = """
import os, sys
from datetime import UTC, datetime
from pathlib import Path
import curation.wordbook as module
from curation.config import load_settings
from curation.store.store import Store
from curation.wordbook import Publication, Wordbook
from taxonomy.founding import split
from taxonomy.types import Founding, Origin

config, left = Path(sys.argv[1]), int(sys.argv[2])
now = datetime(2026, 11, 24, 9, 30, 15, tzinfo=UTC)
settings = load_settings(config)
real = Path.replace
def replace(self, target):
    global left
    if left == 0:
        os._exit(9)
    left -= 1
    return real(self, target)
Path.replace = replace
with Store(settings.database) as store:
    book = Wordbook(settings, store)
    found = split(book.look("essai", now).taxonomy, "Haies", ["haie"], taken=book.taken())
    book.publish_together(
        [Publication(found.old, 1), Publication(found.new, 0)], author="lea", message="m", origin=Origin.DESK, now=now,
        begun=Founding(found.new.id, "essai", "lea", now),
    )
"""


@pytest.mark.parametrize("files", [0, 1, 2])
def test_a_crash_between_the_store_and_any_file_is_finished_by_the_next_look(
    settings: Settings, config: Path, files: int
) -> None:
    """Killed before the first file, between it and the mirror, between the mirror and the words that stay."""
    done = subprocess.run(
        [sys.executable, "-c", CRASH, str(config), str(files)], cwd=ROOT, env=dict(os.environ), check=False
    )
    assert done.returncode == 9
    before = load_settings(config)  # as the night would: it may not know the community yet
    assert communities(before) == (["essai", "tourisme"] if files < 2 else ["essai", "tourisme", "haies"])
    with Store(settings.database) as store:
        book = Wordbook(before, store)
        found = book.look_all(NOW)
        assert list(found) == communities(book.settings) == communities(load_settings(config))
        assert list(found) == ["essai", "tourisme", "haies"]
        assert "haie" in {c.id for c in found["haies"].taxonomy.concepts}
        assert "haie" not in {c.id for c in found["essai"].taxonomy.concepts}
        assert [v.number for v in book.versions("essai")] == [2, 1] and [v.number for v in book.versions("haies")] == [
            1
        ]
