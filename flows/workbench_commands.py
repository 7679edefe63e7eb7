"""``veille taxonomy balance | candidates | overlap``: what the words brought, what they lack, where they meet."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from curation.config import Settings
from curation.decide.ailments import AILMENTS_FR, Ailment, Diagnosis, few_text, told_share
from curation.decide.balance import Balance, Line
from curation.decide.markers import Exclusion
from curation.decide.overlap import Overlap, Side
from curation.decide.proportions import Share
from curation.decide.terms import Candidate
from curation.errors import InputError
from curation.store.store import Store
from curation.store.terms import RefusedTerm
from curation.web.labels import REJECTION_LABELS
from curation.workbench import Workbench, none_told
from flows.phrases import keep_phrases
from flows.taxonomy_commands import author_of, now, opened, written
from models.noun_phrases import RECIPE
from taxonomy.edit import to_json
from taxonomy.french import label_keys

if TYPE_CHECKING:
    from curation.workbench import Nearest
_ARROWS = {1: "en hausse", -1: "en baisse", 0: ""}


@contextmanager
def at_work(settings: Settings) -> Iterator[Workbench]:
    """The workbench on the words in effect, with the noun phrases of everything judged."""
    with opened(settings) as book:
        taxonomies = [current.taxonomy for current in book.look_all(now()).values()]
        bench = Workbench(book.store, taxonomies, now().date(), RECIPE)
        keep_phrases(book.store)
        yield bench


def nearest_by(settings: Settings, bench: Workbench) -> Nearest:
    """Labels -> concepts near in meaning, by the encoder of the settings (loaded at once)."""
    from pathlib import Path

    from flows.judge import open_encoder, plan_of
    from flows.nearest import NearestConcepts

    return NearestConcepts(bench.taxonomies, open_encoder(plan_of(settings)), Path(settings.state))


def balance(settings: Settings, arguments: argparse.Namespace) -> int:
    """The balance sheet of a community's keywords, with what ails them and the mends proposed."""
    with at_work(settings) as bench:
        sheet, diagnoses = bench.balance(arguments.community), bench.diagnoses(arguments.community)
    if arguments.json:
        written(sheet_json(sheet, diagnoses))
        return 0
    out = sys.stdout.write
    overall = told_share(sheet.overall)
    out(f"{sheet.taxonomy.pref_label} : {_count(sheet.read, 'contenu lu')}, précision des brouillons {overall}\n")
    by_concept: dict[str, list[Diagnosis]] = {}
    for diagnosis in diagnoses:
        by_concept.setdefault(diagnosis.concept, []).append(diagnosis)
    for line in sorted(sheet.lines, key=lambda x: (-x.drafts, -x.matches, x.concept)):
        told = [d for d in by_concept.get(line.concept, ()) if d.ailment is not Ailment.FEW]
        if not (line.matches or told) or (arguments.ailing and not told):
            continue
        out(f"\n{sheet.taxonomy.concept(line.concept).pref_label} ({line.concept})\n  {_line_text(line)}\n")
        for diagnosis in told:
            out(f"  ! {AILMENTS_FR[diagnosis.ailment]} : {diagnosis.text}\n")
            for mend in diagnosis.mends:
                out(f"      - {mend.text}\n")
                out(f"        {json.dumps([to_json(o) for o in mend.operations], ensure_ascii=False)}\n")
    return 0


def candidates(settings: Settings, arguments: argparse.Namespace) -> int:
    """The terms a community lacks; with --refuse or --restore, what the coordinator decides of some."""
    with at_work(settings) as bench:
        community = bench.taxonomy(arguments.community).id
        if arguments.refuse or arguments.restore:
            return _decide(bench.store, community, arguments)
        near = None if arguments.without_meaning else nearest_by(settings, bench)
        found, taken = bench.candidates(community, near, arguments.limit), bench.taken(community)
        excluded = bench.exclusions(community)[: arguments.limit]
        missed = bench.missed(community)
        titles = {a.id: a.title for a in bench.store.articles(m.article for m in missed).values()}
    if arguments.json:
        written(
            {
                "community": community,
                "candidates": [candidate_json(c) for c in found],
                "exclusions": [exclusion_json(e) for e in excluded],
                "missed": [
                    {
                        "article": m.article,
                        "title": titles.get(m.article, ""),
                        "day": m.day.isoformat(),
                        "met": list(m.met),
                        "terms": [c.label for c in m.terms],
                    }
                    for m in missed
                ],
            }
        )
        return 0
    out = sys.stdout.write
    if not found:
        out(f"{none_told(taken)}\n")
    for c in found:
        where = f", proche de « {c.near.label} »" if c.near else ""
        owned = f", déjà un mot de {', '.join(c.owners)}" if c.owners else ""
        counts = f"{_count(c.taken, 'retenu')}, {c.elsewhere} sur {_count(c.background, 'autre contenu')}"
        out(f"{c.label} : {counts}{where}{owned}\n")
    if excluded:
        out("\nTermes qui écarteraient des rejets fréquents\n")
    for e in excluded:
        lost = f", au prix de {_count(len(e.marker.lost), 'retenu')}" if e.marker.lost else ""
        out(f"« {e.marker.form} » pour « {e.label} » : {_count(len(e.marker.spared), 'écarté')} de moins{lost}\n")
    if missed:
        out("\nContenus manqués, et les mots qui manquaient\n")
    for m in missed:
        terms = ", ".join(f"« {c.label} »" for c in m.terms) or "aucun terme distinctif"
        out(f"{titles.get(m.article, m.article)} : {terms}\n")
    return 0


def overlap(settings: Settings, arguments: argparse.Namespace) -> int:
    """Where communities meet, and which of them should keep a shared word."""
    with at_work(settings) as bench:
        if arguments.community:
            bench.taxonomy(arguments.community)
        found = [
            o for o in bench.overlaps()
            if not arguments.community or arguments.community in (o.here.community, o.there.community)
        ]  # fmt: skip
        names = {t.id: t.pref_label for t in bench.taxonomies}
    if arguments.json:
        written([overlap_json(o) for o in found])
        return 0
    out = sys.stdout.write
    if not found:
        out("Aucun mot ni aucun contenu n’est partagé.\n")
    for o in found:
        a, b = names[o.here.community], names[o.there.community]
        out(f"\n{a} et {b} : {_count(o.items, 'contenu')}, {_count(len(o.labels), 'libellé commun')}\n")
        for side in (o.here, o.there):
            if o.items:
                refused = f"en refuse {side.refused} sur {side.verdicts.of} avis"
                out(f"  {names[side.community]} en mène {side.led}, {refused}\n")
        for cause in o.causes[:5]:
            both = " (dans les deux)" if cause.shared else f" ({names[next(iter(cause.concepts))]})"
            out(f"  à cause de « {cause.label} »{both} : {_count(cause.items, 'contenu')}\n")
        for y in o.yields:
            if y.keeps:
                out(f"  « {y.label} » à garder par « {names[y.keeps]} » : {y.why}\n")
        if unsettled := [f"« {y.label} »" for y in o.yields if not y.keeps]:
            more = f" et {_count(len(unsettled) - 5, 'autre')}" if len(unsettled) > 5 else ""
            out(f"  trop peu d’avis pour trancher : {', '.join(unsettled[:5])}{more}\n")
    return 0


def sheet_json(sheet: Balance, diagnoses: Sequence[Diagnosis]) -> dict[str, Any]:
    """The sheet as plain values."""
    return {
        "community": sheet.taxonomy.id,
        "version": sheet.taxonomy.version,
        "read": sheet.read,
        "since": sheet.since.isoformat() if sheet.since else None,
        "precision": share_json(sheet.overall),
        "concepts": [
            line_json(line)
            | {
                "prefLabel": sheet.taxonomy.concept(line.concept).pref_label,
                "labels": [line_json(x) for x in sheet.labels.get(line.concept, ())],
                "unmet": list(sheet.unmet[line.concept]),
                "diagnoses": [diagnosis_json(d) for d in diagnoses if d.concept == line.concept],
            }
            for line in sheet.lines
        ],
    }


def line_json(line: Line) -> dict[str, Any]:
    """A line as plain values."""
    return {
        "concept": line.concept,
        "label": line.label,
        "matches": line.matches,
        "drafts": line.drafts,
        "published": line.published,
        "shared": line.shared,
        "kept": line.kept,
        "filed": line.filed,
        "waiting": line.waiting,
        "missed": line.missed,
        "rejected": dict(line.rejected),
        "precision": share_json(line.precision),
        "trend": {
            "direction": line.trend.direction,
            "recent": share_json(line.trend.recent),
            "before": share_json(line.trend.before),
        },
        "traffic": line.traffic.direction,
        "last_met": line.last_met.isoformat() if line.last_met else None,
        "months": list(line.months),
    }


def share_json(share: Share) -> dict[str, Any]:
    """A share; ``value`` is null where there are too few cases to tell one."""
    value = None if share.few or share.value is None else round(share.value, 4)
    low, high = round(share.low, 4), round(share.high, 4)
    return {"hits": share.hits, "of": share.of, "value": value, "low": low, "high": high}


def diagnosis_json(diagnosis: Diagnosis) -> dict[str, Any]:
    """A diagnosis, its mends as operations of ``veille taxonomy publish --operations``."""
    return {
        "ailment": diagnosis.ailment.value,
        "text": diagnosis.text,
        "other": diagnosis.other,
        "mends": [{"text": m.text, "operations": [to_json(o) for o in m.operations]} for m in diagnosis.mends],
    }


def candidate_json(candidate: Candidate) -> dict[str, Any]:
    """A candidate, with the operations of its two usual fates."""
    near = candidate.near
    ways = {"concept": [to_json(o) for o in candidate.accepted()]}
    if near:
        from curation.decide.terms import Use

        ways["label"] = [to_json(o) for o in candidate.accepted(Use.LABEL, near.concept)]
    return {
        "label": candidate.label,
        "keys": list(candidate.keys),
        "forms": list(candidate.forms),
        "taken": candidate.taken,
        "missed": candidate.missed,
        "elsewhere": candidate.elsewhere,
        "background": candidate.background,
        "c_value": candidate.c_value,
        "likelihood": candidate.likelihood,
        "articles": list(candidate.articles),
        "owners": list(candidate.owners),
        "near": {"concept": near.concept, "label": near.label, "cosine": near.cosine} if near else None,
        "operations": ways,
    }


def exclusion_json(exclusion: Exclusion) -> dict[str, Any]:
    """An exclusion as plain values."""
    return {
        "concept": exclusion.concept,
        "label": exclusion.label,
        "term": exclusion.marker.form,
        "spared": list(exclusion.marker.spared),
        "lost": list(exclusion.marker.lost),
        "operations": [to_json(o) for o in exclusion.operations],
    }


def overlap_json(overlap: Overlap) -> dict[str, Any]:
    """Two communities as plain values."""

    def side(s: Side) -> dict[str, Any]:
        told = {"community": s.community, "led": s.led, "refused": s.refused, "alone": s.alone}
        return told | {"verdicts": share_json(s.verdicts)}

    return {
        "communities": [side(overlap.here), side(overlap.there)],
        "neighbours": overlap.neighbours,
        "items": overlap.items,
        "articles": list(overlap.articles),
        "labels": [{"label": w, "concepts": [a, b]} for w, a, b in overlap.labels],
        "causes": [
            {
                "label": c.label,
                "concepts": dict(c.concepts),
                "items": c.items,
                "led": dict(c.led),
                "verdicts": {k: share_json(s) for k, s in c.verdicts.items()},
            }
            for c in overlap.causes
        ],
        "yields": [
            {
                "label": y.label,
                "keeps": y.keeps or None,
                "gives": y.gives or None,
                "why": y.why,
                "operations": [to_json(o) for o in y.operations],
            }
            for y in overlap.yields
        ],
    }


def _decide(store: Store, community: str, arguments: argparse.Namespace) -> int:
    """Refuse or restore terms, in the name of somebody."""
    author, moment = author_of(arguments), now()
    for term, write in [
        *((t, store.refuse_term) for t in arguments.refuse),
        *((t, store.restore_term) for t in arguments.restore),
    ]:
        keys = label_keys(term)
        if not keys:
            raise InputError(f"« {term} » ne contient aucun mot significatif.")
        write(RefusedTerm(community, keys, " ".join(term.split()), author, moment))
    refused = store.refused_terms(community)
    if arguments.json:
        written([{"label": t.label, "author": t.author, "at": t.at.isoformat()} for t in refused])
    else:
        sys.stdout.write("Termes refusés : " + (", ".join(f"« {t.label} »" for t in refused) or "aucun") + ".\n")
    return 0


def _line_text(line: Line) -> str:
    facts = [_count(line.matches, "rencontre"), _count(line.drafts, "brouillon"), _count(line.published, "publié")]
    facts += [_count(n, name) for n, name in ((line.shared, "partagé"), (line.kept, "gardé")) if n]
    if line.waiting:
        facts.append(f"{line.waiting} en attente")
    if line.rejected:
        reasons = ", ".join(f"{REJECTION_LABELS.get(r, r) or 'sans motif'} {n}" for r, n in line.rejected.items())
        facts.append(f"{_count(sum(line.rejected.values()), 'écarté')} ({reasons})")
    trend = _ARROWS[line.trend.direction]
    precision = few_text(line.precision)[:-1] if line.precision.few else told_share(line.precision)
    last = f" ; dernière rencontre le {line.last_met:%d/%m/%Y}" if line.last_met else ""
    return f"{', '.join(facts)} ; précision : {precision}{', ' + trend if trend else ''}{last}"


def _count(number: int, words: str) -> str:
    """« 1 libellé commun », « 2 libellés communs »: a number and the words that agree with it."""
    return f"{number} {' '.join(f'{w}s' for w in words.split()) if number > 1 else words}"
