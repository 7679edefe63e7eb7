"""Invented words and verdicts of a small community, for the tests of the workbench."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

from curation.decide.fates import Encounter, Fate, Phrase
from curation.types import DraftStatus, Rejection
from taxonomy.french import label_keys
from taxonomy.types import Concept, Dossier, Taxonomy

TODAY = date(2026, 6, 30)


def concept(label: str, *alt: str, **more: object) -> Concept:
    return Concept(label.replace(" ", "-"), label, alt, **more)  # type: ignore[arg-type]


def words(*concepts: Concept, identity: str = "fleuve", **more: object) -> Taxonomy:
    return Taxonomy(identity, identity.capitalize(), "Ce qui touche à l’eau.", concepts, **more)  # type: ignore[arg-type]


def phrase(form: str) -> Phrase:
    return Phrase(label_keys(form), form)


class Diary:
    """Items read, one after the other, with what they showed and what was said."""

    def __init__(self) -> None:
        self.fates: list[Fate] = []
        self.encounters: list[Encounter] = []
        self.phrases: dict[str, tuple[Phrase, ...]] = {}

    def read(
        self,
        count: int,
        *concepts: str,
        right: bool | None = None,
        day: date = TODAY - timedelta(days=20),
        every: int = 0,
        labels: Sequence[str] = (),
        phrases: Sequence[str] = (),
        drafted: bool | None = None,
        brought: bool = False,
    ) -> list[str]:
        """``count`` items that met these concepts; ``every``: days between two of them, backwards."""
        made = []
        for n in range(count):
            article = f"a{len(self.fates):05d}"
            has_draft = (right is not None) if drafted is None else drafted
            status = DraftStatus.PUBLISHED if right else DraftStatus.REJECTED if right is False else None
            self.fates.append(
                Fate(
                    article,
                    day - timedelta(days=every * n),
                    has_draft,
                    status or (DraftStatus.WAITING if has_draft else None),
                    right,
                    Rejection.OFF_TOPIC.value if right is False else "",
                    brought=brought,
                )
            )
            for k, name in enumerate(concepts):
                label = labels[k] if k < len(labels) else name.replace("-", " ")
                self.encounters.append(Encounter(article, name, label))
            if phrases:
                self.phrases[article] = tuple(phrase(p) for p in phrases)
            made.append(article)
        return made


def dossier(identity: str) -> Dossier:
    return Dossier(identity, identity.capitalize())
