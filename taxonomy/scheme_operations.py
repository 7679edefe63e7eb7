"""What can be done to the scheme itself: its names, readers, neighbours, priorities of the year and dossiers."""

from __future__ import annotations

from dataclasses import dataclass, replace

from taxonomy.check import near
from taxonomy.concept_operations import name_of
from taxonomy.edit import Operation, clean, cleaned, operation, placed, refused, slug
from taxonomy.types import Dossier, Priority, Taxonomy


@operation("set_label")
@dataclass(frozen=True, slots=True)
class SetLabel(Operation):
    """The name of the community."""

    label: str

    def run(self, taxonomy: Taxonomy) -> Taxonomy:
        if not clean(self.label):
            raise refused("le vocabulaire doit porter un nom.", field="prefLabel")
        return replace(taxonomy, pref_label=clean(self.label))

    def told(self, taxonomy: Taxonomy) -> str:
        return f"communauté renommée « {self.label} »"


@operation("set_definition")
@dataclass(frozen=True, slots=True)
class SetDefinition(Operation):
    """The editorial scope, in a few sentences; the encoder reads it."""

    text: str

    def run(self, taxonomy: Taxonomy) -> Taxonomy:
        return replace(taxonomy, definition=clean(self.text))

    def told(self, taxonomy: Taxonomy) -> str:
        return "définition modifiée"


@operation("set_audience")
@dataclass(frozen=True, slots=True)
class SetAudience(Operation):
    """The readers, as trades."""

    audience: tuple[str, ...]

    def run(self, taxonomy: Taxonomy) -> Taxonomy:
        return replace(taxonomy, audience=cleaned(self.audience))

    def told(self, taxonomy: Taxonomy) -> str:
        return f"publics : {', '.join(self.audience) or 'aucun'}"


@operation("set_neighbours")
@dataclass(frozen=True, slots=True)
class SetNeighbours(Operation):
    """Ids of the communities to which items are proposed."""

    neighbours: tuple[str, ...]

    def run(self, taxonomy: Taxonomy) -> Taxonomy:
        return replace(taxonomy, neighbours=cleaned(self.neighbours))

    def told(self, taxonomy: Taxonomy) -> str:
        return f"voisines : {', '.join(self.neighbours) or 'aucune'}"


@operation("set_priority")
@dataclass(frozen=True, slots=True)
class SetPriority(Operation):
    """The concepts of a priority of the year, added when there is none of that label. ``new_label`` renames it."""

    label: str
    concepts: tuple[str, ...]
    new_label: str = ""

    def run(self, taxonomy: Taxonomy) -> Taxonomy:
        label = clean(self.label)
        if not label:
            raise refused("une priorité doit porter un nom.", field="priorities")
        new = Priority(clean(self.new_label) or label, tuple(dict.fromkeys(self.concepts)))
        if label not in (p.pref_label for p in taxonomy.priorities):
            return replace(taxonomy, priorities=(*taxonomy.priorities, new))
        kept = tuple(new if p.pref_label == label else p for p in taxonomy.priorities)
        return replace(taxonomy, priorities=kept)

    def told(self, taxonomy: Taxonomy) -> str:
        what = ", ".join(f"« {name_of(taxonomy, c)} »" for c in self.concepts) or "aucun concept"
        return f"priorité « {self.new_label or self.label} » : {what}"


@operation("remove_priority")
@dataclass(frozen=True, slots=True)
class RemovePriority(Operation):
    """A priority that is none any more."""

    label: str

    def run(self, taxonomy: Taxonomy) -> Taxonomy:
        known = [p.pref_label for p in taxonomy.priorities]
        if self.label not in known:
            text = f"priorité « {self.label} » : elle n'existe pas (ou plus).{near(self.label, known)}"
            raise refused(text, field="priorities")
        return replace(taxonomy, priorities=tuple(p for p in taxonomy.priorities if p.pref_label != self.label))

    def told(self, taxonomy: Taxonomy) -> str:
        return f"priorité « {self.label} » retirée"


@operation("add_dossier")
@dataclass(frozen=True, slots=True)
class AddDossier(Operation):
    """A new dossier; without an id, one is made of its label. ``after``: id of the dossier that it follows."""

    dossier: Dossier
    after: str = ""

    def run(self, taxonomy: Taxonomy) -> Taxonomy:
        new = Dossier(clean(self.dossier.id), clean(self.dossier.pref_label), clean(self.dossier.scope_note))
        if not new.id:
            new = replace(new, id=slug(new.pref_label, (d.id for d in taxonomy.dossiers)))
        return replace(taxonomy, dossiers=placed(taxonomy.dossiers, new, self.after))

    def told(self, taxonomy: Taxonomy) -> str:
        return f"dossier « {self.dossier.pref_label} » ajouté"


@operation("change_dossier")
@dataclass(frozen=True, slots=True)
class ChangeDossier(Operation):
    """Another name or scope note for the dossier of that id: what is filed there stays there."""

    dossier: Dossier

    def run(self, taxonomy: Taxonomy) -> Taxonomy:
        _dossier(taxonomy, self.dossier.id)
        new = Dossier(self.dossier.id, clean(self.dossier.pref_label), clean(self.dossier.scope_note))
        return replace(taxonomy, dossiers=tuple(new if d.id == new.id else d for d in taxonomy.dossiers))

    def told(self, taxonomy: Taxonomy) -> str:
        return f"dossier « {taxonomy.dossier_label(self.dossier.id)} » modifié"


@operation("remove_dossier")
@dataclass(frozen=True, slots=True)
class RemoveDossier(Operation):
    """It goes; the concepts that spoke for it speak for ``heir``, or for none."""

    dossier: str
    heir: str = ""

    def run(self, taxonomy: Taxonomy) -> Taxonomy:
        gone = _dossier(taxonomy, self.dossier).id
        heirs = (_dossier(taxonomy, self.heir).id,) if self.heir else ()
        if gone in heirs:
            raise refused(f"dossier « {gone} » : il ne peut pas se remplacer lui-même.", field="dossiers")
        concepts = tuple(
            replace(c, dossiers=tuple(dict.fromkeys(n for d in c.dossiers for n in (heirs if d == gone else (d,)))))
            for c in taxonomy.concepts
        )
        kept = tuple(d for d in taxonomy.dossiers if d.id != gone)
        return replace(taxonomy, dossiers=kept, concepts=concepts)

    def told(self, taxonomy: Taxonomy) -> str:
        return f"dossier « {taxonomy.dossier_label(self.dossier)} » retiré"


@operation("replace_words")
@dataclass(frozen=True, slots=True)
class ReplaceWords(Operation):
    """All the words at once: an import, a merge, an older version. ``why`` tells it in French."""

    taxonomy: Taxonomy
    why: str

    def run(self, taxonomy: Taxonomy) -> Taxonomy:
        if self.taxonomy.id != taxonomy.id:
            text = f"ces mots sont ceux de « {self.taxonomy.id} », pas de « {taxonomy.id} »."
            raise refused(text, field="id")
        return self.taxonomy

    def told(self, taxonomy: Taxonomy) -> str:
        return self.why


def _dossier(taxonomy: Taxonomy, dossier: str) -> Dossier:
    for known in taxonomy.dossiers:
        if known.id == dossier:
            return known
    hint = near(dossier, [d.id for d in taxonomy.dossiers])
    raise refused(f"dossier « {dossier} » : il n'existe pas (ou plus).{hint}", field="dossiers")
