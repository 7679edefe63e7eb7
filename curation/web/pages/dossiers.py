"""Dossiers: what was filed where, found again, moved, kept as a reference document with a day to read it again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from urllib.parse import urlencode

from starlette.responses import Response

from curation.decide.review import Refusal
from curation.store.desk import QueueRow
from curation.store.filed import DUE_DAYS, FiledFilter, Shelf
from curation.types import Act, Review
from curation.web.access import Need, Page, page
from curation.web.desk import Desk, Stop, local_path, whole
from curation.web.pages.journal import Teller
from curation.web.render import written_day
from curation.web.verdicts import Clerk

#: Lines on one page.
SIZE = 40
#: A reference document is read again a year later, unless a person says otherwise; never later than in ten years.
REVIEW_DAYS, LAST_REVIEW_DAYS = 365, 3660


@dataclass(frozen=True, slots=True)
class Line:
    """One contribution, ready to be shown."""

    row: QueueRow
    by: str
    dossier: str  # its name, or ""
    due: str  # "" | "soon" | "late": whether it should be read again


@dataclass(frozen=True, slots=True)
class Entry:
    """One dossier in the list of a community. ``key`` is what the address calls it."""

    key: str
    name: str
    contributions: int
    due: int


@page("/dossiers", Need.ACCOUNT)
def tous_les_dossiers(desk: Desk) -> Response:
    """Every community of the person, what is due, and a search through all of them."""
    if not desk.communities:
        return desk.render("no_community.html")
    shelves = desk.store.shelves(desk.communities, _due_by(desk))
    text = desk.argument("q")
    found = desk.store.filed(desk.communities, FiledFilter(text=text), SIZE) if text else []
    held = {s.community for s in shelves}
    due = desk.store.filed(desk.communities, FiledFilter(due_by=_due_by(desk)), 8)
    return desk.render(
        "dossiers_all.html",
        text=text,
        found=_lines(desk, found),
        due=_lines(desk, due),
        due_total=sum(s.due for s in shelves),
        cards=[
            (c, _entries(desk, c, shelves, empty=False), _totals(c, shelves)) for c in desk.communities if c in held
        ],
        bare=[c for c in desk.communities if c not in held],
    )


@page("/dossiers/{community}", Need.COMMUNITY, "GET", "POST")
def dossiers(desk: Desk) -> Response:
    """The dossiers of one community."""
    community = desk.community
    if desk.method == "POST":
        return _change(desk, community)
    chosen = {name: desk.argument(name) for name in ("dossier", "q", "du", "au", "voir")}
    if chosen["voir"] not in ("reference", "revoir"):
        chosen["voir"] = ""
    number = min(max(whole(desk.argument("page")), 1), 100_000)
    # « sans » holds what is filed nowhere; a dossier of that name would be called by its id all the same
    known = {d.id for d in desk.words[community].dossiers}
    dossier = "" if chosen["dossier"] == "sans" and "sans" not in known else chosen["dossier"] or None
    wanted = FiledFilter(
        dossier,
        chosen["q"],
        _day(chosen["du"]),
        _day(chosen["au"]),
        reference=chosen["voir"] == "reference",
        due_by=_due_by(desk) if chosen["voir"] == "revoir" else None,
    )
    found = desk.store.filed([community], wanted, SIZE + 1, (number - 1) * SIZE)
    shelves = desk.store.shelves([community], _due_by(desk))
    kept = {k: v for k, v in chosen.items() if v}

    def at(n: int) -> str:
        return f"/dossiers/{community}?{urlencode({**kept, 'page': n})}"

    return desk.render(
        "dossiers.html",
        community=community,
        name=desk.words.name(community),
        words=desk.words[community],
        entries=_entries(desk, community, shelves),
        totals=_totals(community, shelves),
        lines=_lines(desk, found[:SIZE]),
        chosen=chosen,
        before=_before(desk, community),
        heading=_heading(desk, community, dossier, chosen["voir"]),
        filtered=bool(kept.keys() - {"dossier", "voir"}),
        here=at(number) if number > 1 else f"/dossiers/{community}" + (f"?{urlencode(kept)}" if kept else ""),
        previous=at(number - 1) if number > 1 else "",
        next=at(number + 1) if len(found) > SIZE else "",
        next_review=desk.today + timedelta(days=REVIEW_DAYS),
        last_review=desk.today + timedelta(days=LAST_REVIEW_DAYS),
    )


def _change(desk: Desk, community: str) -> Response:
    """Move a contribution, make it a reference document, or no longer one."""
    article, named = desk.value("article"), desk.value("act")
    row = desk.store.draft(article, community)
    if row is None:
        raise Stop(404, "Contribution introuvable", "Aucune contribution de cette communauté ne porte cette adresse.")
    back = local_path(desk.value("back"), f"/dossiers/{community}")
    review = Review(article, community, Act.FILED, desk.me.login, desk.now)
    title = row.title if len(row.title) <= 120 else row.title[:120].rstrip() + "…"
    if named == "ranger":
        words, dossier = desk.words[community], desk.value("dossier")
        if dossier not in {d.id for d in words.dossiers}:
            return _refused(desk, back, "Choisissez un dossier de cette communauté ; rien n’a changé.")
        if dossier == row.dossier:
            return _refused(desk, back, f"« {title} » est déjà dans ce dossier ; rien n’a changé.")
        review = replace(review, target=dossier)
        done = f"« {title} » est rangé dans « {words.dossier_label(dossier)} »."
    elif named == "reference":
        until = _day(desk.value("until"))
        if until is None or not desk.today < until <= desk.today + timedelta(days=LAST_REVIEW_DAYS):
            return _refused(desk, back, "Choisissez un jour de relecture à venir, dans dix ans au plus.")
        review = replace(review, act=Act.REFERENCED, until=until)
        done = f"« {title} » est un document de référence, à revoir le {written_day(until)}."
    elif named == "retirer":
        review = replace(review, act=Act.REFERENCED, reason="no")
        done = f"« {title} » n’est plus un document de référence."
    else:
        raise Stop(400, "Action inconnue", "Revenez à la page des dossiers et recommencez.")
    seen = whole(desk.value("seen"))
    saved = Clerk(desk.store, desk.words, desk.me.login, desk.now, desk.today).record(review, seen=seen)
    if isinstance(saved, Refusal):
        told = f" : {Teller(desk, [], {}).tell(saved.by)}" if saved.by else ""
        return _refused(desk, back, f"Cette contribution a changé entre-temps{told}. Vérifiez, puis recommencez.")
    desk.say(done, undo=saved.id)
    return desk.go(back)


def _refused(desk: Desk, back: str, why: str) -> Response:
    desk.say(why, kind="warn")
    return desk.go(back)


def _lines(desk: Desk, found: Sequence[QueueRow]) -> list[Line]:
    names = {a.login: a.name for a in desk.store.accounts()}
    lines = []
    for row in found:
        due = ""
        if row.reference and row.review_by and row.review_by <= _due_by(desk):
            due = "late" if row.review_by <= desk.today else "soon"
        name = desk.words.dossier_name(row.draft.community, row.dossier) if row.dossier else ""
        lines.append(Line(row, names.get(row.reviewer or "", row.reviewer or ""), name, due))
    return lines


def _entries(desk: Desk, community: str, shelves: Sequence[Shelf], empty: bool = True) -> list[Entry]:
    """Dossiers in the order of the taxonomy, then retired ones, then what is filed nowhere."""
    held = {s.dossier: s for s in shelves if s.community == community}
    words = desk.words[community]
    entries = []
    for dossier in words.dossiers:
        shelf = held.pop(dossier.id, None)
        if shelf or empty:
            entries.append(_entry(dossier.id, dossier.pref_label, shelf))
    unfiled = held.pop("", None)
    entries += [_entry(d, desk.words.dossier_name(community, d), shelf) for d, shelf in sorted(held.items())]
    return [*entries, _entry("sans", "Sans dossier", unfiled)] if unfiled else entries


def _entry(key: str, name: str, shelf: Shelf | None) -> Entry:
    return Entry(key, name, shelf.contributions if shelf else 0, shelf.due if shelf else 0)


def _before(desk: Desk, community: str) -> tuple[str, int]:
    """(community, contributions): what was filed in dossiers of this one before it was split off that one."""
    parent = desk.words.parent(community)
    if not parent or parent not in desk.communities:
        return "", 0
    return parent, sum(n for _, n in filed_in(desk, parent, [d.id for d in desk.words[community].dossiers]))


def _totals(community: str, shelves: Sequence[Shelf]) -> dict[str, int]:
    mine = [s for s in shelves if s.community == community]
    return {
        "all": sum(s.contributions for s in mine),
        "references": sum(s.references for s in mine),
        "due": sum(s.due for s in mine),
    }


def _heading(desk: Desk, community: str, dossier: str | None, shown: str) -> str:
    if shown:
        return "Documents de référence" if shown == "reference" else "À revoir"
    if dossier is None:
        return "Toutes les contributions"
    return desk.words.dossier_name(community, dossier) if dossier else "Sans dossier"


def filed_in(desk: Desk, community: str, dossiers: Sequence[str]) -> list[tuple[str, int]]:
    """(name, contributions) of those of these dossiers of a community that hold something."""
    held = {s.dossier: s.contributions for s in desk.store.shelves([community], _due_by(desk))}
    return [(desk.words.dossier_name(community, d), held[d]) for d in dossiers if held.get(d)]


def _due_by(desk: Desk) -> date:
    return desk.today + timedelta(days=DUE_DAYS)


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


PAGES: tuple[Page, ...] = (tous_les_dossiers, dossiers)
