"""What the desk asks of the night: brought by ``flows``, which nobody imports."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from curation.decide.advice import Advised
from curation.decide.effects import CommunityEffect
from curation.decide.terms import Near
from curation.types import Failure, FeedEntry, Judgement, Source
from taxonomy.types import Taxonomy


@dataclass(frozen=True, slots=True)
class Preview:
    """What an address would bring: the source as it would be saved, its entries and their judgements.

    ``failure`` explains why there is nothing; judgements are parallel to entries, empty when the model is not there.
    ``entries`` are the first of ``total``.
    """

    source: Source | None
    entries: tuple[FeedEntry, ...] = ()
    judgements: tuple[Judgement, ...] = ()
    failure: Failure | None = None
    total: int = 0


@dataclass(frozen=True, slots=True)
class Rehearsed:
    """What other words would do to items already read. ``titles``: of every article that moves; ``items``: tried on;
    ``left_out``: those without a text or not yet judged; ``touched``: whose text is met otherwise; ``seconds``: spent;
    ``labelled``: how many labelled items the effects are measured on too; None: not yet, they are being prepared.
    """

    communities: tuple[CommunityEffect, ...]
    titles: Mapping[str, str]
    items: int
    left_out: int
    touched: int
    seconds: float
    labelled: int | None = 0


class Services(Protocol):
    """Work that needs the network or the model, outside the request's own process."""

    @property
    def phrases(self) -> str:
        """Recipe of the noun phrases that the night keeps of what was judged."""
        ...

    def rehearse(self, words: Sequence[Taxonomy]) -> Rehearsed:
        """Try these words (their communities replaced or added) on everything read. Raises ``UserError``."""
        ...

    def advise(self, community: str) -> Advised:
        """Every proposal to a community, tried on what is judged: the best first. Raises ``UserError``."""
        ...

    def warm(self) -> None:
        """Somebody is about to rehearse: have everything at hand. Returns at once, never raises."""
        ...

    def nearest(self, community: str, labels: Sequence[str]) -> Sequence[Near | None] | None:
        """For each label the concept of the community it is near to in meaning, where one is; None when that cannot be
        told within a moment: it is then prepared for the next time. Never raises."""
        ...

    def read_phrases(self) -> bool:
        """Find the noun phrases of what was judged since the night (see ``phrases``); False when that takes more than a
        moment: it goes on. Never raises."""
        ...

    def preview(self, address: str, as_letter: bool = False) -> Preview:
        """Read an address as the night would, save nothing; ``as_letter``: the page itself, even if it names a feed.

        Raises ``UserError`` when no attempt can be made now.
        """
        ...

    def find_sources(self, addresses: Sequence[str]) -> tuple[Preview, ...]:
        """What can be watched at each address, same order, without judgements; nothing is saved.

        Raises ``UserError`` when no attempt can be made now.
        """
        ...

    def harvest_source(self, source: str) -> Failure | None:
        """Ask one source now and store what it brings. None when all went well. Raises ``UserError`` as above."""
        ...

    def import_opml(self, content: bytes) -> tuple[int, int]:
        """(added, already watched). Raises ``InputError``."""
        ...

    def export_opml(self, sources: Sequence[Source]) -> bytes:
        """The feeds as OPML."""
        ...

    def reclassify(self) -> int:
        """Classify again what the words in effect reach and set the queues accordingly; how many items that was.

        Raises ``UserError`` when it cannot be done now: the night will.
        """
        ...

    def close(self) -> None:
        """The end of the desk."""
        ...
