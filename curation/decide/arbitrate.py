"""One lead community, proposals to its neighbours: « complémentarité sans concurrence »."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from curation.types import CommunityScore

#: A transversal neighbour is proposed, not preferred: the more specific community leads when nearly tied.
MAX_PROPOSALS = 3


def arbitrate(
    communities: Sequence[CommunityScore], neighbours: Mapping[str, Sequence[str]], proposal_threshold: float
) -> tuple[str | None, tuple[str, ...]]:
    """The lead (best selected score, ties by id) and the neighbours to whom sharing it may be proposed.

    Only declared neighbours of the lead are proposed, best first, at most ``MAX_PROPOSALS``.
    """
    ranked = sorted(communities, key=lambda c: (-c.score, c.id))
    lead = next((c.id for c in ranked if c.selected), None)
    if lead is None:
        return None, ()
    allowed = set(neighbours.get(lead, ()))
    proposals = [c.id for c in ranked if c.id != lead and c.id in allowed and c.score >= proposal_threshold]
    return lead, tuple(proposals[:MAX_PROPOSALS])
