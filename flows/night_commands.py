"""Commands that run the night or read what it left: nightly, harvest, curate, queue, status."""

from __future__ import annotations

import json
import os
import sys
from datetime import UTC, datetime

from curation.config import Settings
from curation.errors import InputError, TaxonomyError
from curation.labels import KIND_LABELS, explain, title_of
from curation.store.store import Store
from curation.types import Draft, RunReport
from flows.as_json import draft_json, report_json
from taxonomy.load import TaxonomyFileError, load_taxonomy
from taxonomy.types import Taxonomy

#: How much a night gives way (POSIX « nice », 0 to 19).
NICE = 10
STEPS = {
    "sources": "sources",
    "articles": "articles",
    "again": "pages redemandées",
    "model": "modèle",
    "encode": "encodage",
    "fingerprint": "empreintes",
    "read": "lecture",
    "classify": "classement",
    "dedupe": "doublons",
    "rank": "files",
    "phrases": "termes",
    "total": "en tout",
}


def run_night(
    settings: Settings, now: str | None, as_json: bool, verbose: bool, *, harvesting: bool, curating: bool
) -> None:
    """Run a night, or half of one, and print its report."""
    from flows.quiet import prepare_prefect

    give_way()
    moment = read_moment(now)
    settings.state.mkdir(parents=True, exist_ok=True)
    prepare_prefect(settings.state, verbose)
    from flows.judge import load_words, plan_of
    from flows.own_server import OwnServer
    from flows.progress import Progress

    with OwnServer(settings.state) as server:
        names = {t.id: t.pref_label for t in load_words(plan_of(settings))}  # a wrong taxonomy is told before any work
        server.announce()
        from flows.nightly import nightly

        server.wait()
        report = nightly(settings, moment, Progress(), harvesting=harvesting, curating=curating)
    sys.stdout.write(
        json.dumps(report_json(report), ensure_ascii=False) + "\n" if as_json else _report_text(report, names)
    )


def give_way() -> None:
    """Leave the processor to whoever needs it now: the desk keeps answering while a night runs beside it.

    The priority of this process and of those it starts; asking twice changes nothing. Nothing on Windows. The threads
    of torch sleep while they wait: by default they turn in circles, which on a busy machine costs four times the
    processor (measured; on a calm one, sleeping costs a tenth of the time). To be called before torch is imported.
    """
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    if hasattr(os, "setpriority"):
        os.setpriority(os.PRIO_PROCESS, 0, max(NICE, os.getpriority(os.PRIO_PROCESS, 0)))


def read_moment(now: str | None) -> datetime:
    """``--now`` -> aware UTC time; without it, the present. Raises ``InputError``."""
    if now is None:
        return datetime.now(UTC).replace(microsecond=0)
    try:
        moment = datetime.fromisoformat(now)
    except ValueError as error:
        raise InputError(f"--now : « {now} » n'est pas une date ISO 8601, par exemple 2026-11-24T04:30:00Z.") from error
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC).replace(microsecond=0)


def print_queue(settings: Settings, community: str, limit: int | None, as_json: bool) -> None:
    """The waiting drafts of a community, best first."""
    known = sorted(c.id for c in settings.communities)
    if community not in known:
        raise InputError(f"Communauté inconnue : « {community} ». Communautés configurées : {', '.join(known)}.")
    with Store(settings.database) as store:
        drafts = store.queue(community, limit)
        folded = store.folded_under(d.article for d in drafts)
    if as_json:
        content = [draft_json(d, folded.get(d.article)) for d in drafts]
        sys.stdout.write(json.dumps(content, ensure_ascii=False) + "\n")
        return
    words = {t.id: t for t in _quoted(settings)}
    sys.stdout.write(queue_text(drafts, folded, words[community], words))


def _quoted(settings: Settings) -> list[Taxonomy]:
    """The words of every community, for their names and versions: their integrity is for whoever judges by them."""
    try:
        return [load_taxonomy(settings.words_file(c.id), sound=False) for c in settings.communities]
    except TaxonomyFileError as error:
        raise TaxonomyError(str(error)) from error


def queue_text(
    drafts: list[Draft], folded: dict[str, dict[str, int]], taxonomy: Taxonomy, words: dict[str, Taxonomy]
) -> str:
    """The queue as a person reads it in a terminal."""
    if not drafts:
        return f"{taxonomy.pref_label} : rien n'attend. Lancez « veille nightly » pour moissonner.\n"
    lines = [f"{taxonomy.pref_label} : {_count(len(drafts), 'brouillon')}", ""]
    for n, d in enumerate(drafts, 1):
        lines.append(f"{n:3}. {d.title[:160]}")
        facts = [f"{d.score:.2f}", KIND_LABELS[d.kind], d.source]
        if d.published:
            facts.append(d.published.strftime("%d/%m/%Y"))
        if d.dossier:
            facts.append(f"dossier « {taxonomy.dossier_label(d.dossier)} »")
        lines.append("     " + " · ".join(f for f in facts if f))
        lines.append("     " + " ; ".join(d.reasons))
        if d.event and d.event.start:
            place = f", {d.event.place}" if d.event.place else ""
            lines.append(f"     événement le {d.event.start.strftime('%d/%m/%Y')}{place}")
        if d.deadline:
            lines.append(f"     à faire avant le {d.deadline.strftime('%d/%m/%Y')}")
        others = folded.get(d.article, {})
        if others:
            parts = [
                _count(others[r], name) for r, name in (("copy", "reprise"), ("story", "autre récit")) if r in others
            ]
            lines.append("     " + ", ".join(parts))
        if d.proposals:
            lines.append("     à proposer à : " + ", ".join(words[p].pref_label for p in d.proposals if p in words))
        if d.url:
            lines.append("     " + d.url)
        lines.append("")
    return "\n".join(lines)


_SCORERS = {
    "learned": "Modèle : appris de vos avis",
    "delivered": "Modèle : celui livré, en attendant vos avis",
    "rules": "Modèle : les règles seules",
}


def print_status(settings: Settings, as_json: bool) -> None:
    """Last night, sources in trouble, queue sizes, versions."""
    from flows.judge import scorer_told

    taxonomies = _quoted(settings)
    scorer = scorer_told(settings)
    with Store(settings.database) as store:
        store.sync_sources(s.to_source() for s in settings.sources)
        runs, sizes = store.last_runs(), store.queue_sizes()
        names = {s.id: s.name for s in store.sources()}
        troubled = [(i, st) for i, st in sorted(store.feed_states().items()) if st.last_failure and i in names]
    if as_json:
        content = {
            "last_night": report_json(runs[0][1]) if runs else None,
            "sources": len(names),
            "sources_in_trouble": [
                {
                    "id": i,
                    "name": names[i],
                    "cause": st.last_failure.cause.value,
                    "explanation": explain(st.last_failure).meaning,
                    "advice": explain(st.last_failure).advice,
                    "failures": st.failures,
                    "next_due": st.next_due.isoformat() if st.next_due else None,
                }
                for i, st in troubled
                if st.last_failure
            ],
            "queues": {t.id: sizes.get(t.id, 0) for t in taxonomies},
            "taxonomies": {t.id: t.version for t in taxonomies},
            "encoder": settings.encoder.model,
            "scorer": scorer,
        }
        sys.stdout.write(json.dumps(content, ensure_ascii=False) + "\n")
        return
    out = [_report_text(runs[0][1], {t.id: t.pref_label for t in taxonomies}) if runs else "Aucune nuit encore.\n"]
    out.append(f"{_count(len(names), 'source')}, dont {len(troubled)} en difficulté")
    for i, st in troubled:
        if st.last_failure:
            said = explain(st.last_failure)
            out.append(f"  {names[i]} : {said.title}. {said.advice}")
    out.append("Files d'attente")
    out += [f"  {t.pref_label} : {sizes.get(t.id, 0)}" for t in taxonomies]
    out.append(f"Encodeur : {settings.encoder.model}")
    out.append(_SCORERS[scorer["origin"]] + (f" (version {scorer['version']})" if scorer["version"] else ""))
    if scorer["passed_over"] and settings.judgement.scorer == "learned":
        out.append("  Ce que vos avis avaient appris vient d’une autre version de veille : lancez « veille train ».")
    out += [f"Vocabulaire {t.id} : version {t.version}" for t in taxonomies]
    sys.stdout.write("\n".join(out) + "\n")


def _report_text(report: RunReport, names: dict[str, str]) -> str:
    resumed = ", reprise après une interruption" if report.resumed else ""
    lines = [
        f"Nuit du {report.started.strftime('%d/%m/%Y à %H:%M')} (UTC){resumed}",
        f"  {_count(report.sources_due, 'source')} à interroger sur {report.sources}, "
        f"{report.sources_unchanged} sans changement",
        f"  {_count(report.entries_new, 'nouvelle entrée')}, {_count(report.articles_new, 'nouvel article')}, "
        f"{_count(report.drafts_new, 'nouveau brouillon')}, {_count(report.duplicates, 'doublon')}",
    ]
    if report.failures:
        told = sorted((-n, title_of(cause)) for cause, n in report.failures.items())
        lines.append("  échecs : " + ", ".join(f"{title[0].lower()}{title[1:]} {-n}" for n, title in told))
    if report.durations:
        known = [*STEPS, *(k for k in report.durations if k not in STEPS)]  # the store keeps them in no order
        spent = [f"{STEPS.get(k, k)} {report.durations[k]:.1f} s" for k in known if k in report.durations]
        lines.append("  durées : " + ", ".join(spent))
    lines += [
        f"  {names.get(c, c)} : {_count(n, 'brouillon')} en attente" for c, n in report.drafts_by_community.items()
    ]
    return "\n".join(lines) + "\n"


_PLURALS = {
    "nouvelle entrée": "nouvelles entrées",
    "nouvel article": "nouveaux articles",
    "nouveau brouillon": "nouveaux brouillons",
    "autre récit": "autres récits",
}


def _count(n: int, name: str) -> str:
    return f"{n} {name if n < 2 else _PLURALS.get(name, name + 's')}"
