"""The sources of a community that begins: some of those watched, and addresses pasted one a line, examined as
« Sources » does. An address that is refused is explained beside the others; what was accepted travels sealed."""

from __future__ import annotations

from dataclasses import dataclass

from curation.errors import UserError
from curation.labels import Explanation
from curation.types import Source
from curation.web.desk import Desk
from curation.web.pages.sources import refusal, sealed, unsealed
from curation.web.word_forms import lines

#: Addresses examined at once: each is a site to be read politely, while somebody waits.
MAX_ADDRESSES = 10


@dataclass(frozen=True, slots=True)
class Examined:
    """One address. ``seen``: the source, sealed, "" for one that is refused (``said``, or ``fault``: not examined);
    ``known``: it is watched already, and will be followed."""

    address: str
    source: Source | None = None
    seen: str = ""
    total: int = 0
    known: Source | None = None
    said: Explanation | None = None
    suggested: str = ""
    fault: str = ""


def examine(desk: Desk) -> list[Examined]:
    """What the addresses of the form (field ``addresses``) are, after what the form carries of earlier ones."""
    kept = [Examined(s.url, s, sealed(desk, s), known=desk.store.source_at(s.url)) for s in _carried(desk)]
    asked = [a for a in lines(desk.value("addresses")) if a not in {e.address for e in kept}]
    if not asked:
        return kept
    over = [Examined(a, fault=f"Dix adresses au plus à la fois : examinez {a} ensuite.") for a in asked[MAX_ADDRESSES:]]
    try:
        found = desk.site.services.find_sources(asked[:MAX_ADDRESSES])
    except UserError as error:
        return [*kept, *(Examined(a, fault=str(error)) for a in asked)]
    for address, preview in zip(asked, found, strict=False):
        if preview.source is None:
            said = refusal(preview.failure) if preview.failure else None
            suggested = preview.failure.suggested_url if preview.failure else None
            kept.append(Examined(address, said=said, suggested=suggested or ""))
        elif preview.source.url not in {e.source.url for e in kept if e.source}:
            known = desk.store.source_at(preview.source.url)
            kept.append(Examined(address, preview.source, sealed(desk, preview.source), preview.total, known))
    return [*kept, *over]


def chosen_sources(desk: Desk) -> tuple[tuple[str, ...], tuple[Source, ...]]:
    """Ids of watched sources that the form chose, and the sources to watch from now on."""
    watched = {w.source.id for w in desk.store.watched_sources()}
    follow = [s for s in desk.values("follow") if s in watched]
    new = []
    for source in _carried(desk):
        known = desk.store.source_at(source.url)
        if known is None:
            new.append(source)
        else:
            follow.append(known.id)
    return tuple(dict.fromkeys(follow)), tuple(new)


def _carried(desk: Desk) -> list[Source]:
    """The sources that the form carries sealed (field ``source``); those examined too long ago are asked again."""
    return [s for s in (unsealed(desk, seen) for seen in desk.values("source")) if s is not None]
