"""Grouping night after night gives what grouping at once gives, whatever came when."""

from __future__ import annotations

import random
from datetime import date, timedelta

import numpy as np
import pytest

from curation.decide.candidates import NEAR
from curation.decide.dedupe import DedupeParams, Fingerprint, Rarity, fingerprint, group
from curation.decide.incremental import DedupeIndex, regroup
from curation.types import Duplicate, Item, Role
from models.frequencies import load

DAY = date(2026, 3, 10)
TOWNS = "Mirebeau Vierzon Troyes Moulins Cahors Figeac Nevers Verneuil Plaisir Fosses Romilly Issoudun".split()
FACTS = (
    "le pont rouvre après six mois de travaux|la halle médiévale détruite par un incendie|"
    "cent maisons évacuées après la crue|la médiathèque ferme ses portes|un marché couvert inauguré samedi"
).split("|")


@pytest.fixture(scope="module")
def rarity() -> Rarity:
    return Rarity.of(*load())


def news(seed: int, count: int) -> list[Item]:
    """Stories told two or three times, copies, columns and strangers, over three weeks; some without a date."""
    dice = random.Random(seed)
    items: list[Item] = []
    while len(items) < count:
        town, other, fact = dice.choice(TOWNS), dice.choice(TOWNS), dice.choice(FACTS)
        day = DAY + timedelta(days=dice.randint(0, 20))
        text = f"Selon la mairie de {town}, {fact}. Les habitants de {other} attendaient cette nouvelle depuis mardi."
        for n in range(dice.choice((1, 1, 2, 3))):
            title = dice.choice((f"{town} : {fact}", f"À {town}, {fact}", f"{fact.capitalize()} à {town}"))
            told = dice.choice((text, text, text[: dice.randint(20, 90)], ""))
            when = None if dice.random() < 0.05 else day + timedelta(days=n % 2)
            items.append(Item(f"{seed}-{len(items):03d}", title, told, "", dice.choice("abcd"), when))
        if dice.random() < 0.2:
            items.append(Item(f"{seed}-{len(items):03d}", "Agenda", "", "", "a", day))
    return items[:count]


def flood(count: int) -> list[Item]:
    """One mould, one day, more than a key can link: arrivals push earlier ones apart."""
    return [
        Item(f"f{n:03d}", f"Résultats du premier tour à {town} : la liste {town} élue", "", "", "s", DAY)
        for n, town in enumerate(f"V{chr(97 + n // 26)}{chr(97 + n % 26)}rneuil" for n in range(count // 2))
        for n in (2 * n, 2 * n + 1)
    ]


def vectors_of(fingerprints: list[Fingerprint]) -> np.ndarray:
    dice = np.random.default_rng(3)
    by_word: dict[str, np.ndarray] = {}
    rows = []
    for fp in fingerprints:
        row = sum(by_word.setdefault(w, dice.normal(size=16)) for w in fp.surfaces)
        rows.append(row / np.linalg.norm(row) if np.linalg.norm(row) else np.zeros(16))
    return np.asarray(rows, np.float32)


def by_nights(
    nights: list[list[int]], fingerprints: list[Fingerprint], vectors: np.ndarray, rarity: Rarity
) -> dict[str, Duplicate]:
    index, places = DedupeIndex(rarity=rarity), dict[str, Duplicate]()
    for night in nights:
        for i in night:
            index.add(fingerprints[i], vectors[i])
        found = regroup([fingerprints[i].id for i in night], index, DedupeParams())
        places.update({d.id: d for d in found})
    return places


@pytest.mark.parametrize("seed", range(4))
def test_nights_in_any_order_give_what_grouping_at_once_gives(seed: int, rarity: Rarity) -> None:
    items = news(seed, 160) + flood(4 * NEAR)
    fingerprints = [fingerprint(i, i.url) for i in items]
    vectors = vectors_of(fingerprints)
    at_once = {d.id: d for d in group(fingerprints, vectors, rarity=rarity)}
    assert sum(d.role is not Role.REPRESENTATIVE for d in at_once.values()) > 40
    dice = random.Random(seed)
    for size in (1, 7, 60):
        order = list(range(len(items)))
        dice.shuffle(order)
        nights = [order[i : i + size] for i in range(0, len(order), size)]
        assert by_nights(nights, fingerprints, vectors, rarity) == at_once


def test_only_what_an_arrival_touches_is_read(rarity: Rarity) -> None:
    class Counted(DedupeIndex):
        read = 0

        def accounts(self, ids):  # type: ignore[no-untyped-def]
            found = super().accounts(ids)
            self.read += len(found)
            return found

    index = Counted(rarity=rarity)
    for item in news(5, 300):
        index.add(fingerprint(item, ""))
    new = fingerprint(Item("new", "Un ours aperçu au-dessus de Laruns", "", "", "z", DAY), "")
    index.add(new)
    assert [d.id for d in regroup(["new"], index, DedupeParams())] == ["new"]
    assert index.read < 30


def test_an_unknown_arrival_is_passed_over(rarity: Rarity) -> None:
    assert regroup(["nobody"], DedupeIndex(rarity=rarity), DedupeParams()) == []
