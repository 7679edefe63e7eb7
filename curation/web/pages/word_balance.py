"""The balance sheet: what each keyword brought, what people made of it, what ails it, with mends for the draft."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import Any

from starlette.responses import Response

from curation.decide.ailments import AILMENTS_FR, Ailment, Diagnosis, Mend, few_text, told_share
from curation.decide.balance import Balance, Line
from curation.web.access import Need, page
from curation.web.charts import spark
from curation.web.desk import Desk, Stop
from curation.web.labels import REJECTION_LABELS
from curation.web.vocabulary import open_room
from curation.workbench import Workbench
from taxonomy.edit import to_json
from taxonomy.french import fold
from taxonomy.types import Taxonomy

#: Column -> what its lines are sorted by; the first is the default: what needs somebody, then what was used most.
ORDERS: dict[str, Callable[[Taxonomy, Line], Any]] = {
    "concept": lambda t, x: fold(t.concept(x.concept).pref_label),
    "rencontres": lambda t, x: -x.matches,
    "brouillons": lambda t, x: -x.drafts,
    "publies": lambda t, x: -x.published,
    "ecartes": lambda t, x: -sum(x.rejected.values()),
    "precision": lambda t, x: (x.precision.few, x.precision.value or 0.0),
}
HEADS = {
    "concept": "Mot-clé",
    "rencontres": "Rencontres",
    "brouillons": "Brouillons",
    "publies": "Publiés",
    "ecartes": "Écartés",
    "precision": "Précision",
}
TRENDS = {1: "en hausse", -1: "en baisse", 0: ""}


def workbench(desk: Desk) -> Workbench:
    """The evidence about the words in effect."""
    words = [desk.words[c] for c in desk.words]
    return Workbench(desk.store, words, desk.today, desk.site.services.phrases)


def unread(desk: Desk) -> int:
    """How many items were judged since the night and are not read for their terms yet: proposals lack theirs.

    They are read now where that takes a moment, else behind the page.
    """
    waiting = len(desk.store.articles_to_phrase(desk.site.services.phrases))
    return 0 if not waiting or desk.site.services.read_phrases() else waiting


def operations_of(mend: Mend) -> str:
    """The operations of a mend, as a form carries them."""
    return json.dumps([to_json(o) for o in mend.operations], ensure_ascii=False)


@page("/vocabulaire/{community}/bilan", Need.COMMUNITY)
def bilan(desk: Desk) -> Response:
    """Every keyword, or only those with something to say (``voir``)."""
    room = open_room(desk)
    reading = unread(desk)
    bench = workbench(desk)
    sheet = bench.balance(room.community)
    said = _by_concept(bench.diagnoses(room.community))
    kind = desk.argument("voir")
    kind = kind if kind in {a.value for a in Ailment if a is not Ailment.FEW} else ""
    order = desk.argument("tri")
    lines = [x for x in sheet.lines if x.matches or said.get(x.concept)]
    if kind:
        lines = [x for x in lines if any(d.ailment == kind for d in said.get(x.concept, ()))]
    lines.sort(key=lambda x: (not said.get(x.concept), -x.drafts, -x.matches, x.concept))
    if order in ORDERS:
        lines.sort(key=lambda x: ORDERS[order](sheet.taxonomy, x))
    return room.render(
        "word_balance.html",
        sheet=sheet,
        reading=reading,
        overall="" if sheet.overall.few else told_share(sheet.overall),
        rows=[(x, said.get(x.concept, [])) for x in lines],
        kinds=_kinds(said),
        kind=kind,
        order=order if order in ORDERS else "",
        heads=HEADS,
        **_sayings(sheet),
    )


@page("/vocabulaire/{community}/bilan/{concept}", Need.COMMUNITY)
def bilan_du_mot(desk: Desk) -> Response:
    """One keyword: its figures, label by label, its months, what ails it, what it brought."""
    room = open_room(desk)
    bench = workbench(desk)
    sheet = bench.balance(room.community)
    name = str(desk.path_params["concept"])
    if name not in sheet.facts.by_concept:
        raise Stop(404, "Mot-clé introuvable", "Ce concept n’est pas parmi les mots en vigueur.")
    line = sheet.line(name)
    articles = sorted(sheet.facts.met.get(name, ()), key=lambda a: sheet.facts.fates[a].day, reverse=True)[:40]
    return room.render(
        "word_keyword.html",
        sheet=sheet,
        line=line,
        concept=sheet.taxonomy.concept(name),
        diagnoses=_by_concept(bench.diagnoses(room.community)).get(name, []),
        of_labels=sheet.labels.get(name, ()),
        unmet=sheet.unmet.get(name, ()),
        articles=[(a, desk.store.articles([a]).get(a), sheet.facts.fates[a]) for a in articles],
        **_sayings(sheet),
    )


def _sayings(sheet: Balance) -> dict[str, Any]:
    return {
        "name": lambda c: sheet.taxonomy.concept(c).pref_label,
        "share": lambda s: few_text(s).partition(" :")[0] if s.few else told_share(s),
        "trend": lambda x: TRENDS[x.trend.direction],
        "spark": lambda x: spark(x.months, f"{sheet.taxonomy.concept(x.concept).pref_label}, rencontres par mois"),
        "ailments": AILMENTS_FR,
        "reasons": lambda x: ", ".join(
            f"{REJECTION_LABELS.get(r, r) or 'sans motif'} {n}" for r, n in x.rejected.items()
        ),
        "operations_of": operations_of,
        "few": Ailment.FEW,
    }


def _by_concept(found: Sequence[Diagnosis]) -> dict[str, list[Diagnosis]]:
    said: dict[str, list[Diagnosis]] = {}
    for diagnosis in found:
        if diagnosis.ailment is not Ailment.FEW:
            said.setdefault(diagnosis.concept, []).append(diagnosis)
    return said


def _kinds(said: dict[str, list[Diagnosis]]) -> list[tuple[str, str, int]]:
    tally = {a: sum(any(d.ailment is a for d in found) for found in said.values()) for a in Ailment}
    return [(a.value, AILMENTS_FR[a], tally[a]) for a in Ailment if a is not Ailment.FEW]


PAGES: tuple[Any, ...] = (bilan, bilan_du_mot)
