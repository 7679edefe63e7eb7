"""What the form of a draft says: a decision, or its faults in French with everything that was typed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from curation.types import Act, Draft, Edition, Event, Rejection, Review
from curation.web.desk import Desk, whole
from curation.web.render import safe_url
from taxonomy.types import Taxonomy

#: Longest words that a form accepts; titles of 10,000 characters exist in feeds and must not be lost.
MAX_TITLE, MAX_SUMMARY, MAX_CONTEXT, MAX_NOTE, MAX_TAGS = 20_000, 50_000, 5_000, 2_000, 40

ACTS = {
    "publish": Act.PUBLISHED,
    "keep": Act.KEPT,
    "share": Act.SHARED,
    "fold": Act.FOLDED,
    "edit": Act.EDITED,
}


@dataclass(frozen=True, slots=True)
class Decision:
    """A form that can be recorded. ``dossier``: "" when the form has none."""

    review: Review
    seen: int
    dossier: str


@dataclass(frozen=True, slots=True)
class Faults:
    """field -> what is wrong, and the words as typed."""

    messages: dict[str, str]
    edition: Edition


def read_decision(desk: Desk, draft: Draft, taxonomy: Taxonomy) -> Decision | Faults:
    """Read act, words, event, dossier, neighbours and day; nothing is guessed."""
    faults: dict[str, str] = {}
    edition = _edition(desk, draft, faults)
    named = desk.value("act")
    reason = named.removeprefix("reject:") if named.startswith("reject:") else ""
    act = Act.REJECTED if reason else ACTS.get(named)
    if act is None or (reason and reason not in set(Rejection)):
        faults["act"] = "Choisissez ce qu’il faut faire de ce brouillon."
        act = Act.EDITED
    dossier = desk.value("dossier")
    if dossier and dossier not in {d.id for d in taxonomy.dossiers}:
        faults["dossier"] = "Ce dossier n’existe pas dans cette communauté."
    until, target, post_url = None, None, ""
    neighbours = [n for n in desk.values("neighbours") if n in desk.words and n != draft.community]
    if act is Act.KEPT:
        until = _day(desk.value("until"), "until", faults) or desk.today + timedelta(days=7)
        if until <= desk.today:
            faults["until"] = "Choisissez un jour à venir."
    elif act in (Act.SHARED, Act.PUBLISHED):
        target = ",".join(dict.fromkeys(neighbours)) or None
        if act is Act.SHARED and target is None:
            faults["neighbours"] = "Cochez au moins une communauté voisine."
        if act is Act.PUBLISHED and desk.value("post_url"):
            post_url = safe_url(desk.value("post_url"))[:2000]
            if not post_url:
                faults["post_url"] = "Une adresse qui commence par https:// est attendue."
    elif act is Act.FOLDED:
        target = desk.value("into")
        if not target:
            faults["into"] = "Choisissez le brouillon dont celui-ci est le doublon."
    elif act is Act.EDITED and named == "edit" and (neighbours or desk.value("share_note")):
        # Enter in the note to a neighbour saves; what was ticked and written for them must not vanish
        faults["neighbours"] = (
            "Enregistrer n’envoie rien aux voisines : choisissez « Confier sans publier ici » ou « Publier »."
        )
    if act in (Act.PUBLISHED, Act.EDITED) and not edition.title:
        faults["title"] = "Un titre est nécessaire."
    if faults:
        return Faults(faults, edition)
    review = Review(
        draft.article,
        draft.community,
        act,
        desk.me.login,
        desk.now,
        reason=reason,
        note=desk.value("share_note")[:MAX_NOTE] if target and act is not Act.FOLDED else "",
        until=until,
        target=target,
        post_url=post_url,
        edition=None if act is Act.REJECTED else edition,
    )
    return Decision(review, whole(desk.value("seen")), dossier)


def _edition(desk: Desk, draft: Draft, faults: dict[str, str]) -> Edition:
    from curation.web.contribution import edition_of

    if "title" not in desk.form:  # a short form (the list, a script): the words stay as they are
        return edition_of(draft)
    start = _day(desk.value("event_start"), "event_start", faults)
    end = _day(desk.value("event_end"), "event_end", faults)
    place = desk.value("event_place")[:300] or None
    if start and end and end < start:
        faults["event_end"] = "La fin de l’événement précède son début."
    tags = [t.strip()[:80] for t in desk.value("tags").split(",") if t.strip()]
    return Edition(
        title=" ".join(desk.value("title").split())[:MAX_TITLE],
        summary=desk.value("summary")[:MAX_SUMMARY],
        context=" ".join(desk.value("context").split())[:MAX_CONTEXT],
        tags=tuple(dict.fromkeys(tags))[:MAX_TAGS],
        event=Event(start, end, place) if start or end or place else None,
        deadline=_day(desk.value("deadline"), "deadline", faults),
    )


def _day(text: str, field: str, faults: dict[str, str]) -> date | None:
    if not text:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        faults[field] = "Une date est attendue, par exemple 2026-12-31."
        return None
