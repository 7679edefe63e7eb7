"""File: the ranked drafts of a community, filtered, sorted, filed on the spot."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from urllib.parse import parse_qsl, urlencode
from zoneinfo import ZoneInfo

from markupsafe import Markup
from starlette.responses import Response

from curation.decide.draft import best_dossiers
from curation.decide.review import VERDICTS, Refusal
from curation.labels import KIND_LABELS
from curation.store.desk import COUNT_LIMIT, QueueFilter, QueueRow
from curation.types import Act, Evidence, Kind, Review, Role
from curation.web.access import Need, page
from curation.web.desk import Desk, Stop, whole
from curation.web.highlights import excerpt, title_marked
from curation.web.labels import STATUS_LABELS
from curation.web.pages.stale import stale
from curation.web.render import shortened, written_day
from curation.web.verdicts import Clerk
from taxonomy.types import Taxonomy

#: Name in the address -> field of ``QueueFilter``.
ARGUMENTS = {
    "dossier": "dossier",
    "type": "kind",
    "source": "source",
    "du": "since",
    "au": "until",
    "score": "min_score",
    "q": "text",
    "par": "holder",
    "tri": "sort",
    "apres": "after",
    "avant": "before",
}
#: Cookie that remembers the queue last looked at, and for how long.
LAST, LAST_S = "veille_file", 30 * 86_400
SORTS = {"score": "pertinence", "recent": "les plus récents", "deadline": "échéance"}


@dataclass(frozen=True, slots=True)
class Card:
    """A draft as the list shows it."""

    row: QueueRow
    title: Markup
    excerpt: Markup
    dossiers: Sequence[tuple[str, str, bool]]  # (id, name, whether the machine would suggest it)
    folded: Sequence[dict[str, Any]]
    reading: str | None  # who has it on screen
    holder: str | None  # the name of who looks after it

    @property
    def copies(self) -> int:
        return sum(f["role"] is Role.COPY for f in self.folded)

    @property
    def stories(self) -> int:
        return sum(f["role"] is not Role.COPY for f in self.folded)


@page("/file", Need.ACCOUNT)
def file(desk: Desk) -> Response:
    """The queue last looked at in this browser, else the fullest of those of the person."""
    if not desk.communities:
        return desk.render("no_community.html")
    last = desk.site.signer.read("last", desk.cookie(LAST), LAST_S)
    if last in desk.communities:
        return desk.go(f"/file/{last}")
    sizes = {c: desk.store.queue_size(c, COUNT_LIMIT) for c in desk.communities}
    return desk.go(f"/file/{max(sizes, key=lambda c: sizes[c])}")


@page("/file/{community}", Need.COMMUNITY)
def file_communaute(desk: Desk) -> Response:
    """One page of a queue."""
    community, wanted = desk.community, read_filter(desk)
    desk.store.wake(desk.today)
    desk.cookies[LAST] = (desk.site.signer.sign("last", community), LAST_S)
    found = desk.store.queue_page(community, wanted, desk.settings.desk.page_size)
    taxonomy = desk.words[community]
    shown = {k: v for k, v in desk.query.items() if k in ARGUMENTS and v and k not in ("apres", "avant")}
    return desk.render(
        "queue.html",
        community=community,
        taxonomy=taxonomy,
        cards=cards(desk, found.rows, taxonomy),
        found=found,
        many=found.total > COUNT_LIMIT,
        count_limit=COUNT_LIMIT,
        wanted=wanted,
        sorts=SORTS,
        sources=desk.store.queue_sources(community),
        query=urlencode(shown),
        chosen=_chosen(desk, wanted, shown),
        last=last_verdict(desk, community),
        saved=desk.store.filters(desk.me.login, community),
        periods=_periods(desk.today),
        colleagues=colleagues(desk, community),
    )


@page("/file/{community}/{article}/dossier", Need.COMMUNITY, "POST")
def changer_dossier(desk: Desk) -> Response:
    """File one draft from the list; htmx gets the card again."""
    community, article = desk.community, str(desk.path_params["article"])
    taxonomy, row = desk.words[community], desk.store.draft(article, community)
    dossier = desk.value("dossier")
    if row is None:
        raise Stop(404, "Brouillon introuvable", "Ce brouillon n’est plus dans la file de cette communauté.")
    if dossier not in {d.id for d in taxonomy.dossiers}:
        raise Stop(400, "Dossier inconnu", "Choisissez un dossier de la communauté.")
    if dossier != row.dossier:
        review = Review(article, community, Act.FILED, desk.me.login, desk.now, target=dossier)
        done = clerk(desk).record(review, seen=whole(desk.value("seen")))
        if isinstance(done, Refusal):
            return stale(desk, community, article, done)
        if not desk.enhanced:
            desk.say(f"Rangé dans « {taxonomy.dossier_label(dossier)} ».", undo=done.id)
    if desk.enhanced:
        row = desk.store.draft(article, community)
        assert row is not None
        card = cards(desk, [row], taxonomy)[0]
        return desk.render("queue_card.html", card=card, taxonomy=taxonomy, community=community, filed=True)
    return desk.go(f"/file/{community}", **_arguments(desk.value("query")))


@page("/file/{community}/filtres", Need.COMMUNITY, "POST")
def filtres(desk: Desk) -> Response:
    """Save the filter shown under a name, or forget one."""
    community = desk.community
    if forget := whole(desk.value("forget")):
        desk.store.drop_filter(desk.me.login, forget)
        desk.say("Filtre oublié.")
        return desk.go(f"/file/{community}")
    arguments, name = _arguments(desk.value("query")), desk.value("name")[:80]
    if not name or not arguments:
        desk.say("Choisissez d’abord des filtres, puis donnez-leur un nom.", kind="warn")
    else:
        desk.store.save_filter(desk.me.login, community, name, urlencode(arguments))
        desk.say(f"Filtre « {name} » enregistré.")
    return desk.go(f"/file/{community}", **arguments)


def read_filter(desk: Desk) -> QueueFilter:
    """The filter of the address; what cannot be read filters nothing."""
    given: dict[str, Any] = {ARGUMENTS[k]: v.strip() for k, v in desk.query.items() if k in ARGUMENTS}
    for name in ("since", "until"):
        try:
            given[name] = date.fromisoformat(given.get(name) or "")
        except ValueError:
            given[name] = None
    try:
        score = float(str(given.get("min_score") or 0).replace(",", "."))
        given["min_score"] = min(1.0, max(0.0, score / 100 if score > 1 else score))
    except ValueError:
        given["min_score"] = 0.0
    if given.get("kind") not in {k.value for k in Kind}:
        given["kind"] = ""
    if given.get("sort") not in SORTS:
        given["sort"] = "score"
    known = {f.name for f in fields(QueueFilter)}
    wanted = QueueFilter(**{k: v for k, v in given.items() if k in known})
    return replace(wanted, holder=desk.me.login) if wanted.holder == "moi" else wanted


def cards(desk: Desk, rows: Sequence[QueueRow], taxonomy: Taxonomy) -> list[Card]:
    """What the list needs of each draft, read in a few queries."""
    ids = [r.draft.article for r in rows]
    evidence = desk.store.evidence(ids, taxonomy.id)
    articles = desk.store.articles(ids)
    folded = desk.store.folded_of(ids, taxonomy.id)
    reading = desk.store.present(taxonomy.id, desk.now - timedelta(minutes=10), desk.me.login)
    names = {login: account_name(desk, login) for login in {*reading.values(), *(r.holder for r in rows if r.holder)}}
    result = []
    for row in rows:
        article, proof = articles.get(row.draft.article), evidence.get(row.draft.article, ())
        text, original = (article.text, article.title) if article else ("", "")
        result.append(
            Card(
                row,
                title_marked(row.title, original, proof),
                excerpt(text, proof),
                dossier_choices(taxonomy, row, proof),
                folded.get(row.draft.article, []),
                names.get(reading.get(row.draft.article, "")),
                names.get(row.holder or ""),
            )
        )
    return result


def dossier_choices(taxonomy: Taxonomy, row: QueueRow, evidence: Sequence[Evidence]) -> list[tuple[str, str, bool]]:
    """Every dossier: the machine's three best first, then the others in the order of the taxonomy."""
    best = [row.draft.dossier] if row.draft.dossier else []
    best += [d for d, _ in best_dossiers(taxonomy, evidence) if d not in best]
    known = {d.id: d.pref_label for d in taxonomy.dossiers}
    three = [d for d in best if d in known][:3]
    rest = [d for d in known if d not in three]
    return [(d, known[d], True) for d in three] + [(d, known[d], False) for d in rest]


def colleagues(desk: Desk, community: str) -> list[tuple[str, str]]:
    """(login, name) of the other people of a community."""
    return [
        (a.login, a.name)
        for a in desk.store.accounts()
        if a.active and a.may_see(community) and a.login != desk.me.login
    ]


def account_name(desk: Desk, login: str) -> str:
    """What colleagues call somebody; the login when the account is gone."""
    account = desk.store.account(login)
    return account.name if account else login


def clerk(desk: Desk) -> Clerk:
    """Who acts now."""
    return Clerk(desk.store, desk.words, desk.me.login, desk.now, desk.today)


def last_verdict(desk: Desk, community: str) -> tuple[int, str] | None:
    """(id, « écarté : titre ») of the person's last verdict of the day that still counts; None when there is none.

    None too while the message at the top already offers to undo something.
    """
    if desk.said and desk.said["undo"]:
        return None
    found = desk.store.last_act(community, desk.me.login, VERDICTS, start_of(desk, desk.today))
    if found is None:
        return None
    review, title = found
    return review.id, f"{STATUS_LABELS[VERDICTS[review.act]]}, « {shortened(title, 60)} »"


def start_of(desk: Desk, day: date) -> datetime:
    """Midnight, where the desk is."""
    return datetime.combine(day, time(), ZoneInfo(desk.settings.timezone)).astimezone(UTC)


def _chosen(desk: Desk, wanted: QueueFilter, shown: dict[str, str]) -> list[tuple[str, str]]:
    """Each filter in force, in words, with the query string of the page without it."""
    words, day = desk.words[desk.community], "d MMM y"
    people = {"none": "à relire par qui voudra", desk.me.login: "à relire par moi"}
    named = {
        "q": f"« {wanted.text} »" if wanted.text else "",
        "dossier": words.dossier_label(wanted.dossier) if wanted.dossier else "",
        "type": KIND_LABELS[Kind(wanted.kind)] if wanted.kind else "",
        "source": wanted.source,
        "du": f"depuis le {written_day(wanted.since, day)}" if wanted.since else "",
        "au": f"jusqu’au {written_day(wanted.until, day)}" if wanted.until else "",
        "score": f"note d’au moins {round(wanted.min_score * 100)}" if wanted.min_score else "",
        "par": people.get(wanted.holder, f"à relire par {account_name(desk, wanted.holder)}") if wanted.holder else "",
    }
    return [(label, urlencode({k: v for k, v in shown.items() if k != name})) for name, label in named.items() if label]


def _arguments(query: str) -> dict[str, str]:
    return {k: v for k, v in parse_qsl(query) if k in ARGUMENTS}


def _periods(today: date) -> list[tuple[str, str]]:
    return [
        ((today - timedelta(days=days)).isoformat(), name)
        for days, name in ((1, "depuis hier"), (7, "depuis une semaine"), (30, "depuis un mois"))
    ]


PAGES: tuple[Any, ...] = (file, file_communaute, filtres, changer_dossier)
