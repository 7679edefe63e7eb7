"""The journal: who did what, in sentences, and the one place where any act is undone or brought back."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from starlette.responses import Response

from curation.decide.review import VERDICTS, state_of
from curation.types import Act, Review
from curation.web.access import Need, Page, page
from curation.web.desk import Desk, Stop, local_path
from curation.web.labels import ACT_LABELS, REJECTION_LABELS
from curation.web.render import written_day
from curation.web.verdicts import Clerk

#: Acts shown on one page.
SIZE = 40
#: Acts a person may ask for, by what they are called in the filter.
_FILTERS = [act for act in Act if act is not Act.RECEIVED]
PERIODS = {"1": "Aujourd’hui", "7": "7 derniers jours", "30": "30 derniers jours", "365": "12 derniers mois"}


@dataclass(frozen=True, slots=True)
class Sentence:
    """« {who} {before} « {title} »{after} ». ``undoing`` is -1 for « a annulé : … », 1 for « a rétabli : … »,
    0 for an act itself; then ``first`` is who said so and ``who`` the author of the act it is about."""

    who: str
    before: str
    title: str
    after: str = ""
    first: str = ""
    undoing: int = 0

    def __str__(self) -> str:
        core = f"{self.who} {self.before} « {self.title} »{self.after}"
        if not self.undoing:
            return core
        return f"{self.first} {'a annulé' if self.undoing < 0 else 'a rétabli'} : {core}"


@dataclass(frozen=True, slots=True)
class Line:
    """One act, ready to be shown."""

    review: Review
    sentence: Sentence
    note: str
    link: str  # "" when there is no draft (any more)
    post_url: str
    undone: bool
    undo: int | None  # what « Annuler » posts to; None: this act cannot be undone here
    redo: int | None  # what « Rétablir » posts to


class Teller:
    """Puts acts in French, with the names of people, communities, dossiers and other drafts."""

    def __init__(self, desk: Desk, reviews: Sequence[Review], titles: Mapping[int, str]) -> None:
        """``titles``: act id -> title of its draft, as far as the caller knows them."""
        self._desk = desk
        self._people = {a.login: a.name for a in desk.store.accounts()}
        self._known = {r.id: r for r in reviews}
        self._titles = {(r.article, r.community): titles.get(r.id, "") for r in reviews}

    def person(self, login: str | None) -> str:
        """The name of somebody; their login when the account is gone."""
        return self._people.get(login or "", login or "quelqu’un")

    def title(self, article: str, community: str) -> str:
        """What a draft is called in its community."""
        known = self._titles.get((article, community))
        if not known:
            row = self._desk.store.draft(article, community)
            stored = None if row else self._desk.store.articles([article]).get(article)
            known = row.title if row else (stored.title if stored else "")
            self._titles[article, community] = known
        return _shortened(known, 200) or "sans titre"

    def root(self, review: Review) -> tuple[Review, int]:
        """The act that an undoing is about, and -1 when it cancels it, 1 when it brings it back; (itself, 0) else."""
        sign = 0
        while review.act is Act.UNDONE and review.undoes is not None:
            before = self._known.get(review.undoes) or self._desk.store.review(review.undoes)
            if before is None:
                break
            self._known[before.id] = before
            review, sign = before, -sign or -1
        return review, sign

    def tell(self, review: Review) -> Sentence:
        """One act as a sentence."""
        act, sign = self.root(review)
        before, after = self._words(act)
        title = self.title(act.article, act.community)
        return Sentence(self.person(act.reviewer), before, title, after, self.person(review.reviewer), sign)

    def _words(self, review: Review) -> tuple[str, str]:
        """What stands before and after the title."""
        target, until = review.target or "", review.until
        match review.act:
            case Act.PUBLISHED:
                return "a publié", f", proposé à {self._communities(target)}" if target else ""
            case Act.KEPT:
                return "a gardé", f" jusqu’au {_day(until)}" if until else " pour plus tard"
            case Act.SHARED:
                return "a confié", f" à {self._communities(target)}" if target else " à une voisine"
            case Act.REJECTED:
                reason = REJECTION_LABELS.get(review.reason, review.reason)
                return "a écarté", f" ({reason})" if reason else ""
            case Act.FOLDED:
                return "a signalé", f" comme doublon de « {self.title(target, review.community)} »"
            case Act.FILED:
                if not target:
                    return "a remis", " dans le dossier suggéré par veille"
                return "a rangé", f" dans le dossier « {self._dossier(review.community, target)} »"
            case Act.REFERENCED:
                if review.reason == "no":
                    return "a retiré", " des documents de référence"
                return "a marqué", " comme document de référence" + (f", à revoir le {_day(until)}" if until else "")
            case Act.TAKEN:
                return "a pris en charge", ""
            case Act.GIVEN:
                return "a confié la relecture de", f" à {self.person(target)}"
            case Act.RELEASED:
                return "a rendu à tous", ""
            case Act.RECEIVED:
                return "a transmis", f" à {self._desk.words.name(review.community)}"
            case Act.SPLIT:
                return "a séparé", f" de « {self.title(target, review.community)} »" if target else " de son doublon"
            case Act.DISMISSED:
                return "a confirmé l’écart de", ""
            case _:
                return ACT_LABELS.get(review.act, str(review.act)), ""

    def _communities(self, target: str) -> str:
        names = [self._desk.words.name(c) for c in target.split(",")]
        return " et ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)

    def _dossier(self, community: str, dossier: str) -> str:
        return self._desk.words.dossier_name(community, dossier) if community in self._desk.words else dossier


@page("/journal", Need.ACCOUNT)
def journal(desk: Desk) -> Response:
    """Acts of the person's communities, last first."""
    chosen = {name: desk.argument(name) for name in ("personne", "acte", "communaute", "periode", "avant")}
    mine = desk.communities
    if chosen["communaute"] not in mine:
        chosen["communaute"] = ""
    if chosen["acte"] not in _FILTERS:
        chosen["acte"] = ""
    if chosen["periode"] not in PERIODS:
        chosen["periode"] = ""
    found = desk.store.journal(
        [chosen["communaute"]] if chosen["communaute"] else mine,
        before=_identity(chosen["avant"]),
        reviewer=chosen["personne"],
        act=chosen["acte"],
        since=_since(desk, chosen["periode"]),
        limit=SIZE + 1,
    )
    more, found = len(found) > SIZE, found[:SIZE]
    kept = {k: v for k, v in chosen.items() if v and k != "avant"}
    lines = _lines(desk, found)
    people = [a for a in desk.store.accounts() if any(a.may_see(c) for c in mine)]
    return desk.render(
        "journal.html",
        days=_by_day(desk, lines),
        people=people,
        filters=[(a.value, ACT_LABELS[a]) for a in _FILTERS],
        periods=PERIODS,
        chosen=chosen,
        filtered=bool(kept),
        here="/journal" + (f"?{urlencode({k: v for k, v in chosen.items() if v})}" if any(chosen.values()) else ""),
        newest="/journal" + (f"?{urlencode(kept)}" if kept else ""),
        older=f"/journal?{urlencode({**kept, 'avant': found[-1][0].id})}" if more else "",
    )


@page("/journal/{review}/annuler", Need.ACCOUNT, "POST")
def annuler(desk: Desk) -> Response:
    """Undo one act, or bring one back when it is an undoing that is undone."""
    identity = _identity(str(desk.path_params["review"]))
    review = desk.store.review(identity) if identity else None
    if review is None or not desk.me.may_see(review.community):
        raise Stop(404, "Acte introuvable", "Le journal de vos communautés ne contient aucun acte à ce numéro.")
    teller = Teller(desk, [review], {})
    act, sign = teller.root(review)
    # to undo what brought an act back is to undo that act: chains stay short, and so does their meaning
    aim = act if sign > 0 else review
    sentence = str(teller.tell(act))
    saved = Clerk(desk.store, desk.words, desk.me.login, desk.now, desk.today).undo(aim.id)
    if saved is None:
        desk.say(_why_not(act, sign, sentence), kind="warn")
    else:
        done = "Acte rétabli" if aim.act is Act.UNDONE else "Acte annulé"
        desk.say(f"{done} : {_shortened(sentence)}.{_what_counts(desk, teller, act)}", undo=saved.id)
    back = local_path(desk.value("back"), "/journal")
    if saved is not None and back.startswith(f"/relecture/{act.community}/"):
        back = f"/relecture/{act.community}/{act.article}"  # the next draft came at once: back to the one decided
    return desk.go(back)


def _why_not(act: Review, sign: int, sentence: str) -> str:
    if act.act is Act.RECEIVED:
        return (
            "Rien n’a changé : ce brouillon vient d’une voisine, et c’est à elle d’annuler son envoi. "
            "Vous pouvez l’écarter de votre file."
        )
    if sign < 0:
        return f"Rien n’a changé : cette annulation ne compte plus, l’acte a déjà été rétabli ({_shortened(sentence)})."
    return f"Rien n’a changé : cet acte était déjà annulé ({_shortened(sentence)})."


def _what_counts(desk: Desk, teller: Teller, act: Review) -> str:
    """A word about a later verdict, which an undoing does not touch."""
    if act.act not in VERDICTS:
        return ""
    verdict = state_of(desk.store.reviews_of(act.article, act.community)).verdict
    if verdict is None or verdict.id <= act.id:
        return ""
    return f" L’avis plus récent de {teller.person(verdict.reviewer)} reste celui qui compte."


def _lines(desk: Desk, found: Sequence[tuple[Review, str, bool]]) -> list[Line]:
    reviews = [review for review, _, _ in found]
    teller = Teller(desk, reviews, {review.id: title for review, title, _ in found})
    drafted = desk.store.drafted({r.article for r in reviews})
    last_undoing = desk.store.undoings([r.id for r, _, undone in found if undone and r.act is not Act.UNDONE])
    lines = []
    for review, _, undone in found:
        act, _sign = teller.root(review)
        is_draft = (review.article, review.community) in drafted
        free = act.act is not Act.RECEIVED
        lines.append(
            Line(
                review,
                teller.tell(review),
                review.note,
                f"/relecture/{review.community}/{review.article}" if is_draft else "",
                review.post_url,
                undone,
                undo=review.id if free and not undone and review.act is not Act.UNDONE else None,
                redo=_redo(review, _sign, undone, last_undoing) if free else None,
            )
        )
    return lines


def _redo(review: Review, sign: int, undone: bool, last_undoing: Mapping[int, int]) -> int | None:
    if review.act is Act.UNDONE:
        return review.id if sign < 0 and not undone else None
    return last_undoing.get(review.id) if undone else None


def _by_day(desk: Desk, lines: Iterable[Line]) -> list[tuple[str, list[Line]]]:
    zone = ZoneInfo(desk.settings.timezone)
    days: list[tuple[str, list[Line]]] = []
    for line in lines:
        name = _day_name(line.review.at.astimezone(zone).date(), desk.today)
        if not days or days[-1][0] != name:
            days.append((name, []))
        days[-1][1].append(line)
    return days


def _day_name(day: date, today: date) -> str:
    name = written_day(day, "EEEE d MMMM y")
    return {0: "Aujourd’hui", 1: "Hier"}.get((today - day).days, name[:1].upper() + name[1:])


def _since(desk: Desk, period: str) -> datetime | None:
    if not period:
        return None
    first = desk.today - timedelta(days=int(period) - 1)
    return datetime.combine(first, time(), ZoneInfo(desk.settings.timezone))


def _identity(text: str) -> int | None:
    """The id of an act; None for what cannot be one."""
    return int(text) if text.isdecimal() and len(text) <= 18 else None


def _shortened(text: str, limit: int = 220) -> str:
    return text if len(text) <= limit else text[:limit].rstrip() + "…"


def _day(value: date) -> str:
    return written_day(value)


PAGES: tuple[Page, ...] = (journal, annuler)
