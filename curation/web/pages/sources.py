"""What is watched: health in plain words, pause, try now, add by any address, OPML in and out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from starlette.responses import Response

from curation.errors import UserError
from curation.labels import Explanation, explain
from curation.store.sources import WatchedSource
from curation.types import Cause, Failure, Judgement, Source, SourceKind
from curation.web.access import Need, may, page
from curation.web.desk import Desk, Stop, local_path
from curation.web.render import count
from curation.web.services import Preview
from taxonomy.french import fold

PER_PAGE = 40
#: How long a preview may wait on somebody's screen before it is saved.
KEPT_S = 6 * 3600
STATES = {"": "Toutes", "difficulte": "En difficulté", "pause": "En pause"}
HEALTH = {"difficulte": "trouble", "pause": "paused"}
KIND_NAMES = {
    SourceKind.FEED: "flux",
    SourceKind.FOLDER: "dossier de lettres",
    SourceKind.IMAP: "boîte aux lettres",
    SourceKind.PAGE: "page d’une lettre",
}
ORIGINS = {"config": "fichier de configuration", "import": "import OPML", "desk": "ajoutée au bureau"}
#: Value of the form -> what it means; the ranker reads the number.
AUTHORITIES = {"0.9": "source de référence", "0.7": "source reconnue", "0.5": "source ordinaire", "0.3": "à confirmer"}


@page("/sources", Need.ACCOUNT)
def sources(desk: Desk) -> Response:
    """The sources and how they do."""
    state, words = desk.argument("etat"), desk.argument("q")
    state = state if state in STATES else ""
    every = desk.store.watched_sources()
    tally = Counter(w.health for w in every)
    found = [w for w in every if not state or w.health == HEALTH[state]]
    if words:
        found = [w for w in found if _matches(w, words)]
    if not state:  # what needs somebody comes first
        found.sort(key=lambda w: w.health != "trouble")
    asked = desk.argument("page")
    last = max(1, -(-len(found) // PER_PAGE))
    number = min(last, max(1, int(asked))) if asked.isdecimal() and len(asked) < 9 else 1
    shown = found[(number - 1) * PER_PAGE : number * PER_PAGE]
    brought = desk.store.brought(w.source.id for w in shown)
    return desk.render(
        "sources.html",
        shown=[replace(w, entries=brought.get(w.source.id, 0)) for w in shown],
        total=len(found),
        every=len(every),
        tally={"": len(every), "difficulte": tally["trouble"], "pause": tally["paused"]},
        state=state,
        words=words,
        number=number,
        last=last,
        may_change=_may_change(desk),
        notes={s.id: s.note for s in desk.settings.sources if s.note},
        people={a.login: a.name for a in desk.store.accounts()},
        states=STATES,
        kind_names=KIND_NAMES,
        origins=ORIGINS,
        authority=authority_name,
    )


@page("/sources/ajouter", Need.COORDINATION, "GET", "POST")
def ajouter_source(desk: Desk) -> Response:
    """Paste an address; see what it would bring, and to whom, before anything is saved.

    The answer to the form is the preview itself: it changes nothing here, and cannot be kept for another request.
    """
    address = desk.value("address")[:2000]
    if desk.method == "GET":
        return _preview_page(desk, "")
    if not address:
        fault = "Collez une adresse, par exemple celle d’une page d’actualités."
        return _preview_page(desk, "", fault=fault, status=400)
    try:
        letter = desk.value("as_letter") == "1"
        found = desk.site.services.preview(address, True) if letter else desk.site.services.preview(address)
    except UserError as error:
        return _preview_page(desk, address, fault=str(error), status=503)
    return _preview_page(desk, address, found)


@page("/sources/enregistrer", Need.COORDINATION, "POST")
def enregistrer_source(desk: Desk) -> Response:
    """Save a source that was previewed."""
    seen = unsealed(desk, desk.value("seen"))
    if seen is None:
        raise Stop(400, "Aperçu périmé", "Cet aperçu est trop ancien. Collez de nouveau l’adresse pour la vérifier.")
    name = " ".join(desk.value("name").split())[:200]
    authority = desk.value("authority")
    chosen = tuple(c for c in desk.words if c in desk.values("communities"))
    if not name or authority not in AUTHORITIES:
        desk.say("Donnez un nom à la source, puis enregistrez-la de nouveau.", kind="warn")
        return desk.go("/sources/ajouter")
    source = replace(seen, id=_identity(name), name=name, authority=float(authority), communities=chosen)
    if desk.store.add_source(source, "desk"):
        desk.say(f"« {name} » est maintenant surveillée. Ses contenus arriveront la nuit prochaine.")
    else:
        desk.say("Cette adresse était déjà surveillée : rien n’a changé.", kind="warn")
    return desk.go("/sources", q=name)


@page("/sources/importer", Need.COORDINATION, "POST")
def importer_opml(desk: Desk) -> Response:
    """Add the feeds of an OPML file."""
    content = desk.files.get("opml", b"")
    if not content:
        desk.say("Choisissez d’abord un fichier OPML, exporté d’un lecteur de flux.", kind="warn")
        return desk.go("/sources")
    try:
        added, known = desk.site.services.import_opml(content)
    except UserError as error:
        desk.say(str(error), kind="warn")
        return desk.go("/sources")
    if not added + known:
        desk.say("Ce fichier ne contient aucun flux.", kind="warn")
    else:
        said = f"{count(added, 'source ajoutée', 'sources ajoutées')}"
        desk.say(f"{said}, {count(known, 'déjà connue', 'déjà connues')}." if known else f"{said}.")
    return desk.go("/sources")


@page("/sources/export.opml", Need.ACCOUNT)
def exporter_opml(desk: Desk) -> Response:
    """Every watched feed, for another reader."""
    content = desk.site.services.export_opml([w.source for w in desk.store.watched_sources()])
    headers = {"Content-Disposition": 'attachment; filename="sources-veille.opml"'}
    return Response(content, media_type="text/x-opml; charset=utf-8", headers=headers)


@page("/sources/{source}/pause", Need.COORDINATION, "POST")
def mettre_en_pause(desk: Desk) -> Response:
    """Ask it no more until somebody says so."""
    watched = _watched(desk)
    desk.store.choose_source(watched.source.id, False, desk.me.login, desk.now)
    desk.say(f"« {watched.source.name} » est en pause : veille ne l’interrogera plus. Ce qu’elle a apporté reste.")
    return _back(desk)


@page("/sources/{source}/reprendre", Need.COORDINATION, "POST")
def reprendre(desk: Desk) -> Response:
    """Ask it again."""
    watched = _watched(desk)
    desk.store.choose_source(watched.source.id, True, desk.me.login, desk.now)
    desk.say(f"« {watched.source.name} » sera de nouveau interrogée dès la nuit prochaine.")
    return _back(desk)


@page("/sources/{source}/essayer", Need.COORDINATION, "POST")
def essayer(desk: Desk) -> Response:
    """Ask it now and store what it brings; the next night sorts it."""
    watched = _watched(desk)
    try:
        failure = desk.site.services.harvest_source(watched.source.id)
    except UserError as error:
        desk.say(str(error), kind="warn")
        return _back(desk)
    after = desk.store.watched_source(watched.source.id) or watched
    new = after.entries - watched.entries
    brought = count(new, "nouvelle entrée", "nouvelles entrées") if new else "rien de nouveau"
    if failure is None:
        later = " Le tri se fera la nuit prochaine." if new else ""
        desk.say(f"« {watched.source.name} » a répondu : {brought}.{later}")
    elif after.state.last_failure is None and after.entries:
        desk.say(f"« {watched.source.name} » a répondu : {brought}. Le reste sera lu la nuit prochaine.")
    else:
        said = explain(failure)
        desk.say(f"« {watched.source.name} » n’a pas répondu. {said.title} : {said.advice}", kind="warn")
    return _back(desk)


@page("/sources/{source}/supprimer", Need.COORDINATION, "POST")
def supprimer_source(desk: Desk) -> Response:
    """Stop watching a source added here; what it brought stays."""
    watched = _watched(desk)
    if watched.origin == "config":
        raise Stop(
            400,
            "Source de la configuration",
            "Cette source est écrite dans le fichier de configuration, qui la ferait revenir cette nuit. "
            "Mettez-la en pause, ou retirez-la du fichier.",
        )
    desk.store.delete_source(watched.source.id)
    desk.say(f"« {watched.source.name} » n’est plus surveillée. Ce qu’elle avait apporté reste dans les files.")
    return desk.go("/sources")


def authority_name(value: float) -> str:
    """The nearest of the four words."""
    return AUTHORITIES[min(AUTHORITIES, key=lambda a: abs(float(a) - value))]


NOTHING_SAVED = (
    "Rien n’est enregistré. Ouvrez cette adresse dans un navigateur pour la vérifier, puis examinez-la de nouveau ici."
)


def refusal(failure: Failure) -> Explanation:
    """Why an address that somebody pasted is not watched, and what to do."""
    said = explain(failure)
    kept = failure.suggested_url or failure.cause is Cause.PRIVATE_ADDRESS
    if not kept and ("la nuit prochaine" in said.advice or "source" in said.advice):
        # that advice is for a source already watched: here nobody will try again tonight
        return replace(said, advice=NOTHING_SAVED)
    if failure.cause is Cause.PRIVATE_ADDRESS:
        return replace(said, advice=said.advice.replace("Sinon, retirez la source.", "Rien n’est enregistré."))
    return said


def sealed(desk: Desk, source: Source) -> str:
    """A source that was examined, as a form carries it until it is saved."""
    return desk.site.signer.sign("source", {"url": source.url, "kind": source.kind.value, "name": source.name})


def unsealed(desk: Desk, seen: str) -> Source | None:
    """The source of ``sealed``, of ordinary authority; None when that was too long ago, or is none of ours."""
    told = desk.site.signer.read("source", seen, KEPT_S)
    if not isinstance(told, dict):
        return None
    return Source(_identity(told["name"]), told["name"], told["url"], SourceKind(told["kind"]))


def _preview_page(
    desk: Desk, address: str, found: Preview | None = None, *, fault: str = "", status: int = 200
) -> Response:
    source = found.source if found else None
    said = refusal(found.failure) if found and found.failure else None
    suggested = found.failure.suggested_url if found and found.failure else None
    return desk.render(
        "source_preview.html",
        status,
        address=address,
        fault=fault,
        found=found,
        source=source,
        said=said,
        suggested=suggested,
        known=desk.store.source_at(source.url) if source else None,
        seen=sealed(desk, source) if source else "",
        lines=_lines(found) if found else [],
        leads=_leads(found.judgements) if found else [],
        kind_names=KIND_NAMES,
        authorities=AUTHORITIES,
    )


def _lines(found: Preview) -> list[tuple[Any, Judgement | None]]:
    """Each entry with its judgement, when the model was there."""
    judged: Sequence[Judgement | None] = found.judgements or (None,) * len(found.entries)
    return list(zip(found.entries, judged, strict=True))


def _leads(judgements: Sequence[Judgement]) -> list[tuple[str, int]]:
    """(community, entries that it would lead), most first."""
    return Counter(j.lead for j in judgements if j.lead).most_common()


def _may_change(desk: Desk) -> bool:
    return may(desk.account, Need.COORDINATION, {})


def _matches(watched: WatchedSource, words: str) -> bool:
    s = watched.source
    text = fold(f"{s.name} {s.url} {s.id} {' '.join(s.communities)}")
    return all(word in text for word in fold(words).split())


def _watched(desk: Desk) -> WatchedSource:
    found = desk.store.watched_source(str(desk.path_params["source"]))
    if found is None:
        raise Stop(404, "Source introuvable", "Cette source n’est plus surveillée : elle a peut-être été retirée.")
    return found


def _back(desk: Desk) -> Response:
    path = local_path(desk.value("back"), "/sources")
    return desk.go(path if path.startswith("/sources") else "/sources")


def _identity(name: str) -> str:
    kept = "".join(c if c.isascii() and c.isalnum() else "-" for c in fold(name))
    return "-".join(part for part in kept.split("-") if part)[:60] or "source"


PAGES: tuple[Any, ...] = (
    sources, ajouter_source, enregistrer_source, importer_opml, exporter_opml, mettre_en_pause, reprendre, essayer,
    supprimer_source,
)  # fmt: skip
