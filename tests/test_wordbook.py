"""Files and history of the words kept together: by hand, by the desk, through crashes, and back."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

import curation.wordbook as module
from curation.config import Settings, load_settings
from curation.errors import ConfigError, ConflictError, InputError, TaxonomyError
from curation.store.store import Store
from curation.wordbook import ASIDE, Wordbook, told_version
from taxonomy.concept_operations import AddLabels, SetScopeNote, SetWeight
from taxonomy.edit import Operation, apply
from taxonomy.load import SHIPPED
from taxonomy.merge import Merge
from taxonomy.types import Origin, Taxonomy, TaxonomyVersion
from tests.taxonomy.test_write import HAND
from tests.taxonomy.words import sample

NOW = datetime(2026, 11, 24, 9, 30, 15, tzinfo=UTC)
ROOT = Path(__file__).parents[1]


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """« essai » has a file of its own, « tourisme » the shipped one."""
    (tmp_path / "essai.yaml").write_text(HAND, encoding="utf-8")
    (tmp_path / "config.yaml").write_text(
        "state: state\ncommunities: [{id: essai, taxonomy: essai.yaml}, tourisme]\n", encoding="utf-8"
    )
    return load_settings(tmp_path / "config.yaml")


@pytest.fixture
def book(settings: Settings) -> Iterator[Wordbook]:
    with Store(settings.database) as store:
        yield Wordbook(settings, store)


def changed(taxonomy: Taxonomy, *operations: Operation) -> Taxonomy:
    return apply(taxonomy, *operations or (SetWeight("haie", 2),))


def publish(book: Wordbook, *operations: Operation, base: int = 1, community: str = "essai") -> TaxonomyVersion:
    taxonomy = changed(book.at(community, base), *operations)
    return book.publish(community, taxonomy, base=base, author="lea", message="essai", origin=Origin.DESK, now=NOW)


def told(book: Wordbook, community: str = "essai") -> list[tuple[int, Origin, str, str]]:
    return [(v.number, v.origin, v.author, v.message) for v in book.versions(community)]


def test_the_first_look_writes_the_first_version_and_touches_no_file(book: Wordbook, settings: Settings) -> None:
    found = book.look_all(NOW)
    assert list(found) == ["essai", "tourisme"]
    assert found["essai"].taxonomy == sample()
    assert found["tourisme"].path == SHIPPED / "tourisme.yaml"
    assert told(book) == [(1, Origin.FILE, "", "premier état connu du fichier")]
    assert told(book, "tourisme") == [(1, Origin.FILE, "", "mots livrés avec veille")]
    assert book.look("essai", NOW) == found["essai"]
    assert len(book.versions("essai")) == 1
    assert not settings.words_target("tourisme").exists()


def test_publishing_writes_the_version_and_the_file_with_its_comments(book: Wordbook, settings: Settings) -> None:
    book.look("essai", NOW)
    version = publish(book)
    assert version == TaxonomyVersion("essai", 2, version.version, "lea", NOW, "essai", Origin.DESK)
    path = settings.words_file("essai")
    assert path.read_text(encoding="utf-8") == HAND.replace("weight: 1.5", "weight: 2") == book.text_at("essai", 2)
    assert book.look("essai", NOW).version == version
    assert book.at("essai", 1) == sample()
    assert [p.name for p in path.parent.iterdir() if p.suffix == ".part"] == []


def test_words_without_a_file_of_their_own_are_published_in_the_state_folder(
    book: Wordbook, settings: Settings
) -> None:
    """The installed package is left alone: an upgrade overwrites it, and another installation may share it."""
    shipped = (SHIPPED / "tourisme.yaml").read_bytes()
    before = book.look("tourisme", NOW).taxonomy
    publish(book, SetWeight("airbnb", 0.7), community="tourisme")
    path = settings.state / "taxonomies" / "tourisme.yaml"
    assert settings.words_file("tourisme") == settings.words_target("tourisme") == path
    assert (SHIPPED / "tourisme.yaml").read_bytes() == shipped
    text = path.read_text(encoding="utf-8")
    assert "# --- strategie-destinations" in text  # the comments came along
    assert book.look("tourisme", NOW).taxonomy.concept("airbnb").weight == 0.7
    assert book.shipped("tourisme") == before
    path.unlink()  # whoever deletes it goes back to the shipped words, and the history says so
    assert book.look("tourisme", NOW).taxonomy == before
    assert told(book, "tourisme")[0] == (3, Origin.FILE, "", "nouveaux mots livrés avec veille")


def test_a_file_changed_by_hand_becomes_a_version_of_its_own(book: Wordbook, settings: Settings) -> None:
    book.look("essai", NOW)
    path = settings.words_file("essai")
    path.write_text(HAND.replace("weight: 1.5", "weight: 1.7"), encoding="utf-8")
    current = book.look("essai", NOW)
    assert current.taxonomy.concept("haie").weight == 1.7
    assert told(book)[0] == (2, Origin.FILE, "", "fichier modifié hors du bureau")
    path.write_text(path.read_text(encoding="utf-8") + "# un commentaire\n", encoding="utf-8")
    assert book.look("essai", NOW).version.number == 2  # a comment is no change of the words


def test_publishing_over_a_file_changed_meanwhile_is_refused_with_the_merge(book: Wordbook, settings: Settings) -> None:
    book.look("essai", NOW)
    path = settings.words_file("essai")
    by_hand = HAND.replace("altLabel: [étang]", "altLabel: [étang, étier]")
    path.write_text(by_hand, encoding="utf-8")
    with pytest.raises(ConflictError) as caught:
        publish(book)
    assert path.read_text(encoding="utf-8") == by_hand
    assert str(caught.value) == (
        "« essai » a changé depuis la version 1 : version 2, hors du bureau, le 24/11/2026 à 09:30 UTC "
        "(« fichier modifié hors du bureau »).\n"
        "De votre côté :\nhaie (haie)\n  poids 1,5 → 2\n"
        "De la version 2 :\nmare (mare)\n  + libellé « étier »\n"
        "Rien ne se contredit : la fusion des deux peut être publiée."
    )
    both = caught.value.merge
    assert isinstance(both, Merge)
    book.publish("essai", both.taxonomy, base=2, author="lea", message="", origin=Origin.DESK, now=NOW)
    assert path.read_text(encoding="utf-8") == by_hand.replace("weight: 1.5", "weight: 2")


def test_a_contradiction_is_told_with_both_sides(book: Wordbook) -> None:
    book.look("essai", NOW)
    publish(book, SetWeight("haie", 1.7))
    with pytest.raises(
        ConflictError, match=r"À décider avant de publier :\nhaie : poids 1,5 au départ, 2 de votre côté"
    ):
        publish(book, SetWeight("haie", 2))


def test_a_file_changed_at_the_last_moment_is_not_overwritten(
    book: Wordbook, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    book.look("essai", NOW)
    path, prepared = settings.words_file("essai"), module.prepared
    by_hand = HAND.replace("weight: 1.5", "weight: 1.7")

    def late(place: Path, text: str) -> Path:
        part = prepared(place, text)
        path.write_text(by_hand, encoding="utf-8")
        return part

    monkeypatch.setattr(module, "prepared", late)
    with pytest.raises(ConflictError, match=r"a changé pendant la publication : rien n'y a été écrit"):
        publish(book)
    assert path.read_text(encoding="utf-8") == by_hand
    assert len(book.versions("essai")) == 1
    assert book.look("essai", NOW).version.number == 2
    assert [p.name for p in path.parent.iterdir() if p.suffix == ".part"] == []


CRASH = """
import os, sys
from datetime import UTC, datetime
from pathlib import Path
from curation.config import load_settings
from curation.store.store import Store
from curation.wordbook import Wordbook
from taxonomy.concept_operations import SetWeight
from taxonomy.edit import apply
from taxonomy.types import Origin

settings = load_settings(Path(sys.argv[1]))
where = sys.argv[2]
if where == "before the file":
    Wordbook._put = lambda *a, **k: os._exit(9)
else:
    Store.set_taxonomy_file = lambda self, c, n: os._exit(9) if n > 1 else self.db.execute(
        "INSERT INTO taxonomy_files VALUES (?, ?)", [c, n])
with Store(settings.database) as store:
    book = Wordbook(settings, store)
    now = datetime(2026, 11, 24, 9, 30, tzinfo=UTC)
    taxonomy = book.look("essai", now).taxonomy
    book.publish("essai", apply(taxonomy, SetWeight("haie", 2)), base=1, author="lea", message="m",
                 origin=Origin.DESK, now=now)
"""


@pytest.mark.parametrize("where", ["before the file", "after the file"])
def test_a_crash_in_the_middle_is_healed_at_the_next_look(settings: Settings, tmp_path: Path, where: str) -> None:
    command = [sys.executable, "-c", CRASH, str(tmp_path / "config.yaml"), where]
    assert subprocess.run(command, cwd=ROOT, env={**os.environ, "PYTHONPATH": str(ROOT)}, check=False).returncode == 9
    path = settings.words_file("essai")
    written = HAND.replace("weight: 1.5", "weight: 2")
    assert path.read_text(encoding="utf-8") == (HAND if where == "before the file" else written)
    with Store(settings.database) as store:
        book = Wordbook(settings, store)
        current = book.look("essai", NOW)
        assert (current.version.number, current.version.author, current.taxonomy.concept("haie").weight) == (
            2,
            "lea",
            2,
        )
        assert path.read_text(encoding="utf-8") == written
        assert store.taxonomy_file("essai") == 2
        assert book.look("essai", NOW).version.number == 2


def test_a_file_changed_after_a_crash_wins_and_both_stay_in_the_history(settings: Settings, tmp_path: Path) -> None:
    command = [sys.executable, "-c", CRASH, str(tmp_path / "config.yaml"), "before the file"]
    subprocess.run(command, cwd=ROOT, env={**os.environ, "PYTHONPATH": str(ROOT)}, check=False)
    settings.words_file("essai").write_text(HAND.replace("weight: 1.5", "weight: 1.7"), encoding="utf-8")
    with Store(settings.database) as store:
        book = Wordbook(settings, store)
        assert book.look("essai", NOW).taxonomy.concept("haie").weight == 1.7
        assert [(v.number, v.author) for v in book.versions("essai")] == [(3, ""), (2, "lea"), (1, "")]
        assert book.at("essai", 2).concept("haie").weight == 2


def test_any_version_comes_back_to_the_byte(book: Wordbook, settings: Settings) -> None:
    book.look("essai", NOW)
    publish(book)
    publish(book, AddLabels("mare", "altLabel", ("étier",)), base=2)
    version = book.rollback("essai", 1, author="max", message="", now=NOW)
    assert (version.number, version.origin, version.author) == (4, Origin.ROLLBACK, "max")
    assert version.message == "retour à la version 1"
    assert settings.words_file("essai").read_text(encoding="utf-8") == HAND
    assert book.look("essai", NOW).taxonomy == sample()
    assert book.rollback("essai", 3, author="max", message="essai", now=NOW).number == 5
    with pytest.raises(InputError, match=r"« essai » dit déjà ce que disait la version 3."):
        book.rollback("essai", 3, author="max", message="", now=NOW)
    with pytest.raises(InputError, match=r"n'a pas de version 9. La dernière est la 5."):
        book.rollback("essai", 9, author="max", message="", now=NOW)


def test_one_comes_back_from_a_file_at_fault_and_keeps_it_aside(book: Wordbook, settings: Settings) -> None:
    book.look("essai", NOW)
    path = settings.words_file("essai")
    path.write_text("id: essai\nconcepts: [\n", encoding="utf-8")
    with pytest.raises(TaxonomyError, match=r"YAML incorrect"):
        book.look("essai", NOW)
    with pytest.raises(TaxonomyError, match=r"YAML incorrect"):
        publish(book)
    version = book.rollback("essai", 1, author="max", message="", now=NOW)
    assert version.number == 2
    assert path.read_text(encoding="utf-8") == HAND
    assert path.with_name(path.name + ASIDE).read_text(encoding="utf-8") == "id: essai\nconcepts: [\n"
    assert book.look("essai", NOW).version == version


def test_what_cannot_be_published_is_refused(book: Wordbook, settings: Settings) -> None:
    book.look("essai", NOW)
    with pytest.raises(InputError, match=r"Rien à publier : « essai » dit déjà cela \(version 1\)."):
        publish(book, SetWeight("haie", 1.5))
    with pytest.raises(InputError, match=r"Ces mots sont ceux de « autre », pas de « essai »."):
        book.publish("essai", sample(id="autre"), base=1, author="", message="", origin=Origin.DESK, now=NOW)
    with pytest.raises(
        ConfigError, match=r"Communauté inconnue : « absente ». Communautés configurées : essai, tourisme."
    ):
        book.look("absente", NOW)
    settings.words_file("essai").write_text(HAND.replace("id: essai", "id: autre"), encoding="utf-8")
    with pytest.raises(TaxonomyError, match=r"ce fichier décrit « autre », la configuration attend « essai »"):
        book.look("essai", NOW)


def test_a_place_that_cannot_be_written_is_told_before_anything_is_promised(book: Wordbook, settings: Settings) -> None:
    book.look("tourisme", NOW)
    (settings.state / "taxonomies").write_text("un fichier à la place du dossier", encoding="utf-8")
    with pytest.raises(TaxonomyError, match=r"ne peut pas être écrit .*Rien n'a été publié"):
        publish(book, SetWeight("airbnb", 0.7), community="tourisme")
    assert len(book.versions("tourisme")) == 1


def test_a_link_stays_a_link(book: Wordbook, settings: Settings, tmp_path: Path) -> None:
    real = tmp_path / "ailleurs.yaml"
    path = settings.words_file("essai")
    path.rename(real)
    path.symlink_to(real)
    book.look("essai", NOW)
    publish(book)
    assert path.is_symlink()
    assert "weight: 2" in real.read_text(encoding="utf-8")


def test_the_mode_of_a_file_is_kept(book: Wordbook, settings: Settings) -> None:
    path = settings.words_file("essai")
    path.chmod(0o640)
    book.look("essai", NOW)
    publish(book)
    assert path.stat().st_mode & 0o777 == 0o640


def test_the_history_of_another_installation_is_taken_over_once(book: Wordbook, settings: Settings) -> None:
    other = sample()
    old = TaxonomyVersion("essai", 7, "abc", "zoe", NOW, "ailleurs", Origin.DESK)
    history = [(old, module.to_yaml(changed(other))), (old, module.to_yaml(changed(other, SetScopeNote("mare", "n"))))]
    assert book.adopt("essai", history)
    assert not book.adopt("essai", history)
    assert told(book)[1] == (1, Origin.DESK, "zoe", "ailleurs")
    book.look("essai", NOW)
    assert [v.number for v in book.versions("essai")] == [3, 2, 1]
    assert book.look("essai", NOW).taxonomy == sample()


def test_a_version_is_told_in_one_line() -> None:
    version = TaxonomyVersion("essai", 12, "abc", "lea", NOW, "halles", Origin.DESK)
    assert told_version(version) == "version 12, par lea, le 24/11/2026 à 09:30 UTC (« halles »)"


def test_two_who_publish_at_once_do_not_overwrite_each_other(settings: Settings, book: Wordbook) -> None:
    """The second one learns of the first, whatever they read before."""
    book.look("essai", NOW)
    with Store(settings.database) as second:
        other = Wordbook(settings, second)
        taxonomy = other.look("essai", NOW).taxonomy
        publish(book)
        with pytest.raises(ConflictError):
            other.publish(
                "essai",
                changed(taxonomy, SetWeight("mare", 2)),
                base=1,
                author="max",
                message="",
                origin=Origin.DESK,
                now=NOW,
            )
    assert len(book.versions("essai")) == 2
