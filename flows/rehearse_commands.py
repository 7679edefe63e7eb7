"""``veille taxonomy rehearse``: what a draft, a file or operations would change, before anything is published."""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from curation.config import Settings
from curation.decide.effects import FATES_FR, NOBODY, CommunityEffect, Moved, Rates, told_fates
from curation.decide.proportions import Share
from curation.errors import InputError
from curation.word_drafts import WordDrafts
from curation.wordbook import Wordbook
from flows.labelled import labelled
from flows.rehearsing import Rehearsal, Rehearsed
from flows.taxonomy_commands import now, opened, operated, written
from taxonomy.types import Taxonomy

#: Items shown of each list.
SHOWN = 8


def rehearse(settings: Settings, arguments: argparse.Namespace) -> int:
    """Try the words of a community on what the night has read."""
    with opened(settings) as book:
        words = _words(book, arguments)
        rehearsal = Rehearsal(settings, book.store)
        if arguments.gold:
            rehearsal.use(labelled(rehearsal.judge, arguments.gold))
        found = rehearsal.rehearse(words)
    if arguments.json:
        written(rehearsed_json(found))
    else:
        sys.stdout.write(rehearsed_text(found, arguments.community))
    return 0


def rehearse_first(book: Wordbook, words: Sequence[Taxonomy], first: str, about: Mapping[str, Any] | None) -> int:
    """What would be published, tried and told, ``first`` before the others. ``about``: what JSON says of it; None:
    as text. Returns the exit status. Raises ``UserError``.
    """
    found = Rehearsal(book.settings, book.store).rehearse(words)
    if about is not None:
        written({**about, "published": [], "rehearsal": rehearsed_json(found)})
    else:
        sys.stdout.write(rehearsed_text(found, first))
        sys.stderr.write("Rien n'est publié. Pour publier : --publish --message « … ».\n")
    return 0


def rehearsed_json(found: Rehearsed) -> dict[str, Any]:
    """A rehearsal as JSON."""
    return {
        "items": found.items,
        "left_out": found.left_out,
        "touched": found.touched,
        "seconds": found.seconds,
        "communities": [_effect_json(e, found.titles) for e in found.communities],
    }


def rehearsed_text(found: Rehearsed, first: str) -> str:
    """A rehearsal as French text: the community that changes, then those it touches."""
    names = {t.id: t.pref_label for t in found.words}
    out = [f"{_count(found.items, 'contenu repris', 'contenus repris')}, en {_decimal(found.seconds)} s."]
    if found.left_out:
        out[0] += f" {_count(found.left_out, 'contenu', 'contenus')} dont le texte n'est plus gardé, laissés de côté."
    idle = True
    for effect in sorted(found.communities, key=lambda e: e.id != first):
        changed = bool(effect.enters or effect.leaves or effect.moved)
        idle &= not changed
        if not changed and effect.id != first:
            continue
        out += ["", f"{names.get(effect.id, effect.id)} : {effect.before} -> {effect.after} contributions en file"]
        for moves, sign, counts in (
            (effect.enters, "+", effect.entering), (effect.leaves, "−", effect.leaving), (effect.moved, "→", Counter()),
        ):  # fmt: skip
            if moves:
                out.append(f"  {_headline(sign, len(moves), counts)}")
                out += [f"    {sign} {_move_text(m, found.titles, names)}" for m in moves[:SHOWN]]
                if len(moves) > SHOWN:
                    out.append(f"    … et {len(moves) - SHOWN} de plus")
        for name, rates in (("vos avis", effect.verdicts), ("fichier annoté", effect.labelled)):
            if rates is not None and (changed or effect.id == first):
                out.append(f"  {name} : {_rates_text(*rates)}")
    if idle:
        out += ["", "Rien ne changerait dans les files."]
    return "\n".join(out) + "\n"


def _words(book: Wordbook, arguments: argparse.Namespace) -> list[Taxonomy]:
    community = arguments.community
    current = book.look(community, now())
    if arguments.file:
        from flows.taxonomy_exchange import read_words

        return [read_words(arguments.file, community, "fr", current=current.taxonomy).taxonomy]
    if arguments.operations:
        return [operated(current.taxonomy, arguments.operations)]
    draft = WordDrafts(book).draft(community)
    if draft is None:
        raise InputError(f"« {community} » n'a pas de brouillon. Donnez un fichier (--file) ou --operations.")
    return [draft.taxonomy]


def _effect_json(effect: CommunityEffect, titles: Mapping[str, str]) -> dict[str, Any]:
    def listed(moves: Sequence[Moved]) -> list[dict[str, Any]]:
        return [
            {
                "article": m.article, "title": titles.get(m.article, ""), "before": m.before, "after": m.after,
                "dossier_before": m.dossier_before, "dossier_after": m.dossier_after, "other": m.other, "fate": m.fate,
            }
            for m in moves
        ]  # fmt: skip

    def measured(both: tuple[Rates, Rates] | None) -> dict[str, Any] | None:
        return both and {
            when: {"precision": _share_json(r.precision), "recall": _share_json(r.recall)}
            for when, r in zip(("before", "after"), both, strict=True)
        }

    return {
        "id": effect.id,
        "before": effect.before,
        "after": effect.after,
        "enters": listed(effect.enters),
        "leaves": listed(effect.leaves),
        "moved": listed(effect.moved),
        "verdicts": measured(effect.verdicts),
        "labelled": measured(effect.labelled),
    }


def _share_json(share: Share) -> dict[str, Any]:
    return {name: getattr(share, name) for name in ("value", "low", "high", "hits", "of", "few")}


def _headline(sign: str, total: int, fates: Counter[str]) -> str:
    if sign == "→":
        return f"{_count(total, 'contribution change', 'contributions changent')} de dossier"
    told = _count(total, "contribution", "contributions")
    parts = told_fates(fates)
    return f"{sign}{told}" + (f", dont {', '.join(parts)}" if parts else "")


def _move_text(move: Moved, titles: Mapping[str, str], names: Mapping[str, str]) -> str:
    score = " -> ".join(_decimal(s) for s in (move.before, move.after) if s is not None)
    said = f"{titles.get(move.article) or '(sans titre)'} ({score})"
    if move.other:
        verb = "venait de" if move.before is None else "passe à"
        said += f", {verb} « {names.get(move.other, move.other)} »"
    if move.before is not None and move.after is not None:
        said += f" : {move.dossier_before or 'aucun dossier'} -> {move.dossier_after or 'aucun dossier'}"
    return said if move.fate == NOBODY else f"{said} [{_fate_text(move.fate)}]"


def _fate_text(fate: str) -> str:
    return FATES_FR.get(fate.partition(":")[0], (fate, fate))[0]


def _rates_text(before: Rates, after: Rates) -> str:
    told = ", ".join(
        f"{name} {_share_text(getattr(before, key))} -> {_share_text(getattr(after, key))}"
        for name, key in (("précision", "precision"), ("rappel", "recall"))
    )
    return f"{told} (sur {_count(after.recall.of, 'contenu retenu', 'contenus retenus')})"


def _share_text(share: Share) -> str:
    if share.value is None or share.few:
        return f"trop peu d'avis ({share.hits} sur {share.of})"
    return f"{share.value:.0%} [{share.low:.0%} ; {share.high:.0%}]".replace("%", " %")


def _count(number: int, one: str, many: str) -> str:
    return f"{number} {many if number > 1 else one}"


def _decimal(value: float) -> str:
    return f"{value:.2f}".replace(".", ",")
