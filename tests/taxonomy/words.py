"""Sound taxonomies made at random: labels full of signs that formats trip over, every list in any order."""

from __future__ import annotations

import unicodedata
from typing import Any

from hypothesis import strategies as st

from taxonomy.content import sealed
from taxonomy.types import Concept, Dossier, Priority, Taxonomy

#: Signs that mean something in YAML, CSV, XML, Turtle or JSON, words that YAML reads as something else, accents.
TRICKS = [
    "NO", "on", "null", "~", "1_000", "12:30", "2026-01-02", "0x1F", ".5", "=1+1", "@nom", "+33", "-5 %", "'=x", "a: b",
    "# dièse", "- tiret", "[crochet]", "{accolade}", "a, b", "a | b", "\\", "\\n", '"', "''", "<b>", "&amp;", "]]>",
    "« été »", "l’île", "cœur", "œ", "ß", "日本", "🌳", "@fr", '"@fr', "? q", "! tag", "* a", "& b", "> fold", "| bar",
    "`x`", "a #b", "key:", ":", ";", "%20", "é" * 30, "sep=;", "%YAML 1.1", "---", "...", "<<", "y",
]  # fmt: skip
_LETTERS = st.text(
    st.characters(exclude_categories=("Cc", "Cf", "Cs", "Zl", "Zp", "Cn"), exclude_characters="\ufffe\uffff"),
    max_size=12,
)


def _clean(text: str) -> str:
    return " ".join(unicodedata.normalize("NFC", text).split())


@st.composite
def taxonomies(draw: st.DrawFn, identity: str = "essai", most: int = 6) -> Taxonomy:
    """A sound taxonomy: each word carries a number of its own, so that no two meet."""
    count = iter(range(10**6))
    text = st.one_of(st.sampled_from(TRICKS), _LETTERS)

    def word() -> str:
        """A label unlike any other."""
        before, after = draw(text), draw(st.sampled_from(["", " ", " : ", "-"]))
        return _clean(f"{before}{after} haie{next(count) + 100}")

    def words(most: int = 3) -> tuple[str, ...]:
        return tuple(word() for _ in range(draw(st.integers(0, most))))

    def some(values: list[str]) -> tuple[str, ...]:
        return tuple(draw(st.permutations(values))[: draw(st.integers(0, 3))]) if values else ()

    shelves = [f"d{n}" for n in range(draw(st.integers(0, 3)))]
    ids = [f"{draw(st.sampled_from(['c', 'C-', 'x_', 'a.']))}{n}" for n in range(draw(st.integers(0, most)))]
    concepts = []
    for n, concept in enumerate(ids):
        concepts.append(
            Concept(
                id=concept,
                pref_label=word(),
                alt_labels=words(),
                notations=words(2),
                hidden_labels=words(2),
                exclude_labels=words(2),
                broader=some(ids[:n]),
                scope_note=draw(st.one_of(st.just(""), st.builds(lambda _: word(), st.none()))),
                dossiers=some(shelves),
                weight=draw(st.one_of(st.just(1.0), st.floats(0.01, 3.0))),
            )
        )
    return sealed(
        Taxonomy(
            id=identity,
            pref_label=word(),
            definition=draw(st.sampled_from(["", "Une phrase. " * 30])).strip() and word(),
            concepts=tuple(draw(st.permutations(concepts))),
            dossiers=tuple(Dossier(d, word(), draw(st.sampled_from(["", "n"])) and word()) for d in shelves),
            neighbours=some(["voisine-a", "voisine-b", "voisine-c"]),
            audience=words(),
            priorities=tuple(Priority(word(), some(ids)) for _ in range(draw(st.integers(0, 2)))),
        )
    )


def sample(**changes: Any) -> Taxonomy:
    """A small taxonomy that people can read."""
    concepts = (
        Concept("paysage", "paysage", ("grand paysage",), weight=0.5),
        Concept(
            "haie",
            "haie",
            ("haie bocagère", "bocage"),
            notations=("PSE",),
            hidden_labels=("aie bocagère",),
            exclude_labels=("course de haies",),
            broader=("paysage",),
            scope_note="Plantation et entretien des haies.",
            dossiers=("bocage",),
            weight=1.5,
        ),
        Concept("mare", "mare", ("étang",), broader=("paysage",), dossiers=("eau",)),
        Concept("talus", "talus", broader=("haie",)),
    )
    content: dict[str, Any] = {
        "id": "essai",
        "pref_label": "Essai",
        "definition": "Les campagnes.",
        "concepts": concepts,
        "dossiers": (Dossier("bocage", "Bocage", "Les haies."), Dossier("eau", "Eau")),
        "neighbours": ("voisine",),
        "audience": ("lecteurs",),
        "priorities": (Priority("Planter", ("haie", "talus")),),
    }
    return sealed(Taxonomy(**{**content, **changes}))
