"""Grouping: what is one thing, what is not, whatever the order."""

from __future__ import annotations

import itertools
import pickle
import random
from datetime import date, timedelta

import numpy as np
import pytest

from curation.decide.dedupe import DedupeParams, Rarity, Relation, fingerprint, group
from curation.decide.incremental import DedupeIndex
from curation.types import Duplicate, Item, Role
from models.frequencies import load

DAY = date(2026, 3, 10)

BUDGET = (
    "Le conseil municipal, réuni lundi soir, a adopté à l'unanimité le budget primitif. Les investissements porteront "
    "sur la rénovation des écoles, la voirie et l'éclairage public. Le maire de {town} a salué un budget responsable, "
    "sans hausse de la fiscalité, malgré la baisse des dotations de l'État."
)


@pytest.fixture(scope="module")
def rarity() -> Rarity:
    return Rarity.of(*load())


def item(
    id: str, title: str, text: str = "", *, day: date | None = DAY, source: str = "Le Courrier", url: str = ""
) -> Item:
    return Item(id, title, text, url, source, day)


def grouped(items: list[Item], rarity: Rarity | None, pinned: frozenset[str] = frozenset()) -> dict[str, Duplicate]:
    found = group([fingerprint(i, i.url) for i in items], rarity=rarity, pinned=pinned)
    assert [d.id for d in found] == [i.id for i in items]
    return {d.id: d for d in found}


def together(a: Item, b: Item, rarity: Rarity | None) -> bool:
    found = grouped([a, b], rarity)
    return found[a.id].group == found[b.id].group


def test_a_lone_item_represents_itself(rarity: Rarity) -> None:
    assert grouped([item("a", "Un marché couvert à Vierzon")], rarity)["a"] == Duplicate(
        "a", "a", Role.REPRESENTATIVE, None, 1.0
    )


def test_nothing_gives_nothing() -> None:
    assert group([], None) == []


def test_one_address_is_one_item(rarity: Rarity) -> None:
    url = "https://exemple.fr/actus/pont-de-mirebeau"
    found = grouped(
        [
            item("a", "Le pont de Mirebeau rouvre vendredi", BUDGET.format(town="Mirebeau"), url=url),
            item("b", "Réouverture du pont attendue par les commerçants", url=url),
        ],
        rarity,
    )
    assert found["b"] == Duplicate("b", "a", Role.COPY, "a", 1.0)


def test_a_home_page_is_nobodys_address(rarity: Rarity) -> None:
    a = item("a", "Le pont de Mirebeau rouvre", url="https://exemple.fr/")
    b = item("b", "La médiathèque change d'horaires", url="https://exemple.fr/")
    assert not together(a, b, rarity)


def test_a_page_used_again_for_other_news_is_not_a_copy(rarity: Rarity) -> None:
    url = "https://exemple.fr/en-bref"
    a = item("a", "Le pont de Mirebeau rouvre, la piscine ferme", url=url)
    b = item("b", "Sécheresse dans la Creuse, marché de Noël", url=url, day=DAY + timedelta(days=40))
    assert not together(a, b, rarity)


def test_spelling_and_layout_do_not_hide_a_copy(rarity: Rarity) -> None:
    text = BUDGET.format(town="Troyes")
    found = grouped(
        [
            item("a", "Troyes : le budget est voté", text),
            item("b", "TROYES – Le budget est voté", text.replace("'", "’").replace(" ", "  ").upper()),
        ],
        rarity,
    )
    assert found["b"].role is Role.COPY
    assert found["b"].score == 1.0


def test_a_text_cut_short_and_retitled_elsewhere_is_a_near_copy(rarity: Rarity) -> None:
    text = BUDGET.format(town="Troyes")
    found = grouped(
        [
            item("a", "Troyes adopte son budget primitif", text, source="Le Courrier"),
            item("b", "Le budget primitif de Troyes adopté", " ".join(text.split()[:36]), source="La Dépêche"),
        ],
        rarity,
    )
    assert found["a"].role is Role.REPRESENTATIVE
    assert found["b"].role is Role.COPY
    assert 0.7 < found["b"].score <= 1.0


STORIES = [
    (
        ("Biarritz : la mairie renomme la rue de la Négresse", ""),
        ("Le conseil municipal de Biarritz rebaptise la rue de la Négresse", ""),
    ),
    (
        ("Le pont de Mirebeau rouvrira vendredi après six mois de travaux", ""),
        ("Mirebeau : après six mois de travaux, le pont rouvre vendredi", ""),
    ),
    (
        ("Airbnb : Annecy instaure des quotas de meublés de tourisme", ""),
        ("À Annecy, des quotas pour les meublés de tourisme de type Airbnb", ""),
    ),
    (
        ("Var : l'incendie de Cotignac a parcouru 1.700 hectares", "Près de 400 personnes ont été évacuées."),
        ("1 700 hectares brûlés à Cotignac, dans le Var", "L'incendie a obligé 400 habitants à quitter leur maison."),
    ),
]


@pytest.mark.parametrize(("a", "b"), STORIES)
def test_two_accounts_of_one_event_are_linked(a: tuple[str, str], b: tuple[str, str], rarity: Rarity) -> None:
    assert together(item("a", *a), item("b", *b, source="La Dépêche"), rarity)


MOULDS = [
    ("Résultats à Troyes", "Résultats à Moulins"),
    (
        "Municipales 2026 à Plaisir : les résultats du premier tour sont disponibles",
        "Municipales 2026 à Fosses : les résultats du premier tour sont disponibles",
    ),
    (
        "Troyes : les résultats du premier tour des municipales 2026",
        "Troyes : les résultats du second tour des municipales 2026",
    ),
    (
        "Avis d'enquête publique sur la commune de Verneuil",
        "Avis d'enquête publique sur la commune de Mirebeau",
    ),
    ("Budget voté hier soir à Troyes (Aube)", "Budget voté hier soir à Romilly (Aube)"),
    (
        "Appel à projets « Territoires engagés pour la nature » 2025",
        "Appel à projets « Territoires engagés pour la nature » 2026",
    ),
    ("Réunion publique sur le PLUi le 12 mars 2026", "Réunion publique sur le PLUi le 19 mars 2026"),
    ("Webinaire ZAN : session 1", "Webinaire ZAN : session 2"),
    ("Le maire de Saint-Martin-de-Crau démissionne", "Le maire de Saint-Martin-de-Ré démissionne"),
    ("L'histoire du canal de Briare (1/2)", "L'histoire du canal de Briare (2/2)"),
    ("Le journal de 19h - 08/01/2026", "Le journal de 19h - 09/01/2026"),
    ("Guerre en Ukraine, jour 931 : ce qu'il faut retenir", "Guerre en Ukraine, jour 932 : ce qu'il faut retenir"),
    ("VIERZON : UN NOUVEAU MARCHÉ COUVERT INAUGURÉ", "ISSOUDUN : UN NOUVEAU MARCHÉ COUVERT INAUGURÉ"),
    (
        "Offre d'emploi : chargé de mission Petites villes de demain à Figeac",
        "Offre d'emploi : chargé de mission Petites villes de demain à Cahors",
    ),
]


@pytest.mark.parametrize("other", ["Le Courrier", "La Dépêche"])
@pytest.mark.parametrize(("a", "b"), MOULDS)
def test_one_mould_with_another_town_rank_or_day_is_another_event(a: str, b: str, other: str, rarity: Rarity) -> None:
    assert not together(item("a", a), item("b", b, source=other), rarity)


@pytest.mark.parametrize(
    "titles", [("Le budget primitif a été adopté",) * 2, ("Troyes vote son budget", "Moulins vote son budget")]
)
def test_one_text_with_another_town_is_another_event(titles: tuple[str, str], rarity: Rarity) -> None:
    a = item("a", titles[0], BUDGET.format(town="Troyes"))
    b = item("b", titles[1], BUDGET.format(town="Moulins"), source="La Dépêche")
    assert not together(a, b, rarity)


def test_a_standing_lead_of_one_source_makes_no_copies(rarity: Rarity) -> None:
    lead = (
        "À une semaine du vote, les quatre candidats à la mairie de Nevers ont débattu deux heures durant du logement, "
        "de la sécurité et des transports, devant trois cents personnes réunies à la maison de la culture."
    )
    a = item("a", "« Il faut loger les étudiants », assure la candidate écologiste", lead)
    b = item("b", "Vidéosurveillance : le maire sortant veut doubler les caméras", lead)
    assert not together(a, b, rarity)


def test_the_same_title_months_later_is_another_event(rarity: Rarity) -> None:
    a = item("a", "Les travaux du pont de Mirebeau commencent lundi", "La route sera fermée aux camions.")
    b = item("b", "Les travaux du pont de Mirebeau commencent lundi", "Nouvelle tranche.", day=DAY + timedelta(days=90))
    assert not together(a, b, rarity)


def test_a_chain_of_look_alikes_does_not_merge_two_events(rarity: Rarity) -> None:
    """The middle item tells of both towns: whichever it joins, the two events stay apart."""
    items = [
        item("a", "Inondations à Mirebeau : cent maisons évacuées après la crue", source="s1"),
        item("m", "Inondations à Mirebeau et à Vierzon : cent maisons évacuées après la crue", source="s2"),
        item("b", "Inondations à Vierzon : cent maisons évacuées après la crue", source="s3"),
    ]
    for order in itertools.permutations(items):
        found = grouped(list(order), rarity)
        assert found["a"].group != found["b"].group


def test_groups_do_not_depend_on_the_order(rarity: Rarity) -> None:
    items = [
        item(f"s{n}{side}", title, text, source=side)
        for n, pair in enumerate(STORIES)
        for side, (title, text) in zip("xy", pair, strict=True)
    ]
    items += [
        item(f"m{n}{side}", t, source=side) for n, pair in enumerate(MOULDS) for side, t in zip("xy", pair, strict=True)
    ]
    items += [item(f"c{n}", "Troyes vote son budget", BUDGET.format(town="Troyes"), source=f"s{n}") for n in range(4)]
    fingerprints = [fingerprint(i, "") for i in items]
    vectors = np.random.default_rng(1).normal(size=(len(items), 16)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    expected = {d.id: d for d in group(fingerprints, vectors, rarity=rarity)}
    shuffler = random.Random(7)
    for _ in range(5):
        order = list(range(len(items)))
        shuffler.shuffle(order)
        found = group([fingerprints[i] for i in order], vectors[order], rarity=rarity)
        assert {d.id: d for d in found} == expected


def test_the_representative_is_the_earliest_complete_one(rarity: Rarity) -> None:
    text = BUDGET.format(town="Troyes")
    items = [
        item("bare", "Troyes vote son budget primitif", day=DAY - timedelta(days=1), source="s1"),
        item("late", "Troyes vote son budget primitif", text + " Le vote a duré une heure.", source="s2"),
        item("early", "Troyes vote son budget primitif", text, day=DAY - timedelta(days=1), source="s3"),
    ]
    found = grouped(items, rarity)
    assert {d.group for d in found.values()} == {"early"}
    assert found["early"].of is None
    assert found["late"].of == found["bare"].of == "early"


def test_an_item_that_stands_in_a_queue_keeps_its_place(rarity: Rarity) -> None:
    text = BUDGET.format(town="Troyes")
    items = [
        item("early", "Troyes vote son budget primitif", text, day=DAY - timedelta(days=1), source="s1"),
        item("queued", "Troyes vote son budget primitif", source="s2"),
    ]
    found = grouped(items, rarity, frozenset({"queued"}))
    assert found["queued"] == Duplicate("queued", "queued", Role.REPRESENTATIVE, None, 1.0)
    assert found["early"].of == "queued"


def test_vectors_speak_for_a_story_and_bad_ones_are_ignored(rarity: Rarity) -> None:
    a = item("a", "Le pont de Mirebeau rouvre", "La circulation reprendra vendredi matin.")
    b = item("b", "Mirebeau retrouve son passage sur la rivière", "Les camions passeront de nouveau.", source="s2")
    fingerprints = [fingerprint(a, ""), fingerprint(b, "")]
    one = np.array([1.0, 0.0], np.float32)
    params = DedupeParams(vector=60.0)
    same = group(fingerprints, np.stack([one, one]), rarity=rarity, params=params)
    apart = group(fingerprints, np.stack([one, one[::-1]]), rarity=rarity, params=params)
    assert same[0].group == same[1].group
    assert apart[0].group != apart[1].group
    nothing = group(fingerprints, np.array([[np.nan, 0], [0, 0]], np.float32), rarity=rarity)
    assert nothing == group(fingerprints, None, rarity=rarity)


def test_it_works_without_a_table_of_frequencies() -> None:
    a = item("a", "Un incendie détruit la halle médiévale de Mirebeau")
    b = item("b", "Mirebeau : la halle médiévale détruite par un incendie", source="s2")
    assert together(a, b, None)
    assert not together(item("a", "Résultats à Troyes"), item("b", "Résultats à Moulins"), None)


def test_items_without_a_date_are_grouped_when_they_say_the_same(rarity: Rarity) -> None:
    text = BUDGET.format(town="Troyes")
    found = grouped(
        [item("a", "Troyes vote", text, day=None), item("b", "Troyes vote", text, day=None, source="s2")], rarity
    )
    assert found["b"].role is Role.COPY


def test_empty_items_are_not_each_others_copies(rarity: Rarity) -> None:
    found = grouped([item("a", ""), item("b", ""), item("c", "Agenda"), item("d", "Agenda")], rarity)
    assert len({d.group for d in found.values()}) == 4


HOSTILE = [
    "\x00\ud800" * 500,
    "a" * 200_000,
    "1." * 50_000,
    "Saint " * 20_000,
    "-".join(["de"] * 20_000),
    "12 mars " * 9_000,
    "31 février 2026, 99/99/2026, 0/0/0000, 1 mars 0000",
    "(1/2)" * 20_000,
    "\u0301" * 50_000,
    "'" * 50_000,
]


@pytest.mark.parametrize("nasty", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_text_is_read_without_harm(nasty: str, rarity: Rarity) -> None:
    fp = fingerprint(Item("a", nasty, nasty, "http://[", nasty, date.max), "http://[")
    assert len(fp.surfaces) <= 160
    assert group([fp, fingerprint(Item("b", nasty, "", "", "", date.min), "")], rarity=rarity)


def test_a_flood_of_one_mould_stays_apart_and_a_flood_of_copies_together(rarity: Rarity) -> None:
    towns = [f"V{chr(97 + n // 26)}{chr(97 + n % 26)}rneuil" for n in range(300)]
    mould = [item(f"m{n}", f"Résultats du premier tour à {town}", source="s") for n, town in enumerate(towns)]
    text = BUDGET.format(town="Troyes")
    copies = [item(f"c{n}", "Troyes vote son budget", text, source=f"s{n}") for n in range(300)]
    found = grouped(mould + copies, rarity)
    assert len({found[i.id].group for i in mould}) == len(mould)
    assert len({found[i.id].group for i in copies}) == 1


def test_the_index_finds_what_the_grouping_finds(rarity: Rarity) -> None:
    index = DedupeIndex(rarity=rarity)
    for n, (a, _) in enumerate(STORIES):
        index.add(fingerprint(item(f"s{n}", *a), ""))
    for n, (a, _) in enumerate(MOULDS):
        index.add(fingerprint(item(f"m{n}", a), ""))
    text = BUDGET.format(town="Troyes")
    index.add(fingerprint(item("copy", "Troyes vote son budget", text), ""))
    assert len(index) == len(STORIES) + len(MOULDS) + 1
    for n, (_, b) in enumerate(STORIES):
        found = index.matches(fingerprint(item("new", *b, source="La Dépêche"), ""))
        assert [m.id for m in found] == [f"s{n}"]
        assert found[0].why
    for n, (_, b) in enumerate(MOULDS):
        assert f"m{n}" not in [m.id for m in index.matches(fingerprint(item("new", b, source="La Dépêche"), ""))]
    best = index.matches(fingerprint(item("new", "Vote du budget à Troyes", text, source="s2"), ""))[0]
    assert (best.id, best.relation) == ("copy", Relation.COPY)
    assert "texte en commun" in best.why[0]


def test_the_index_does_not_depend_on_the_order_and_knows_an_item_once(rarity: Rarity) -> None:
    fingerprints = [fingerprint(item(f"s{n}", *a), "") for n, (a, _) in enumerate(STORIES)]
    one, other = DedupeIndex(rarity=rarity), DedupeIndex(rarity=rarity)
    vector = np.ones(4, np.float32) / 2
    for fp in fingerprints:
        one.add(fp, vector)
        one.add(fp, vector)
    for fp in reversed(fingerprints):
        other.add(fp, vector)
    assert len(one) == len(fingerprints)
    assert "s0" in one
    for n, (_, b) in enumerate(STORIES):
        new = fingerprint(item(f"new{n}", *b, source="La Dépêche"), "")
        assert one.matches(new, vector) == other.matches(new, vector)
    assert one.matches(fingerprints[0], vector) == other.matches(fingerprints[0], vector)
    assert "s0" not in [m.id for m in one.matches(fingerprints[0], vector)]


def test_the_index_finds_an_address_seen_before(rarity: Rarity) -> None:
    index = DedupeIndex(rarity=rarity)
    url = "https://exemple.fr/actus/pont"
    index.add(fingerprint(item("old", "Le pont de Mirebeau rouvre"), url))
    found = index.matches(fingerprint(item("new", "Mirebeau : le pont rouvert"), url))
    assert [(m.id, m.relation, m.score, m.why) for m in found] == [("old", Relation.COPY, 1.0, ("même adresse",))]


def test_a_fingerprint_travels() -> None:
    fp = fingerprint(
        item("é", "Le maire d'Aulnay-sous-Bois inaugure 12 logements", BUDGET.format(town="Troyes")), "u/x"
    )
    for copy in (pickle.loads(pickle.dumps(fp)), type(fp).from_bytes(fp.to_bytes())):
        assert copy == fp
        assert (copy.signature == fp.signature).all()
        assert (copy.shingles == fp.shingles).all()
    assert len(fp.to_bytes()) < 2_000


@pytest.mark.parametrize("damaged", [b"", b"\0" * 8, b"\0\0\0\x04abcd"])
def test_a_damaged_fingerprint_is_refused(damaged: bytes) -> None:
    fp = fingerprint(item("a", "Titre"), "")
    with pytest.raises(ValueError, match="illisible"):
        type(fp).from_bytes(damaged)
    with pytest.raises(ValueError, match="illisible"):
        type(fp).from_bytes(fp.to_bytes()[:-300])
