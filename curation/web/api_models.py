"""What travels through the JSON API, described in French: the reference page is made of these words."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from curation.labels import KIND_LABELS
from curation.types import Act, DraftStatus, Kind, Rejection
from curation.web.forms import MAX_CONTEXT, MAX_NOTE, MAX_SUMMARY, MAX_TAGS, MAX_TITLE
from curation.web.labels import ACT_LABELS, REJECTION_LABELS, STATUS_LABELS

#: Name of an enumeration -> what it is and what its values mean.
ENUMS: dict[str, tuple[str, dict[str, str]]] = {
    "Act": ("Genre d’acte", ACT_LABELS),
    "DraftStatus": ("État d’un brouillon", STATUS_LABELS),
    "Kind": ("Nature d’un contenu", {kind.value: label for kind, label in KIND_LABELS.items()}),
    "Rejection": ("Raison d’un écart", REJECTION_LABELS),
}
#: Ids are SQLite integers; JSON readers hold them exactly up to this one.
MAX_ID = 2**53


class _Out(BaseModel):
    """What the API says."""


class _In(BaseModel):
    """What the API receives: unknown fields are refused, spaces around words dropped."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)


class EventIn(_In):
    """Jours et lieu d’un événement ; chaque partie peut manquer."""

    start: date | None = Field(None, description="Premier jour.")
    end: date | None = Field(None, description="Dernier jour.")
    place: str | None = Field(None, max_length=300, description="Lieu.")

    @model_validator(mode="after")
    def _in_order(self) -> EventIn:
        if self.start and self.end and self.end < self.start:
            raise ValueError("La fin de l’événement précède son début.")
        return self


class EditionIn(_In):
    """Les mots d’un brouillon tels qu’une personne les laisse."""

    title: str = Field(min_length=1, max_length=MAX_TITLE, description="Titre.")
    summary: str = Field("", max_length=MAX_SUMMARY, description="Résumé, en Markdown (CommonMark).")
    context: str = Field("", max_length=MAX_CONTEXT, description="Ligne de contexte pour la communauté.")
    tags: list[Annotated[str, Field(min_length=1, max_length=80)]] = Field(
        default_factory=list, max_length=MAX_TAGS, description="Mots-clés."
    )
    event: EventIn | None = Field(None, description="Événement annoncé.")
    deadline: date | None = Field(None, description="Échéance.")


Seen = Annotated[
    int,
    Field(
        ge=0,
        le=MAX_ID,
        description="La révision du brouillon sur laquelle la décision est prise (« revision »). "
        "Si quelqu’un a agi depuis, la réponse est 409 et rien n’est enregistré.",
    ),
]
Note = Annotated[str, Field(max_length=MAX_NOTE, description="Note pour les collègues ou la communauté voisine.")]
Names = Annotated[list[Annotated[str, Field(min_length=1, max_length=80)]], Field(max_length=50)]


class _Decision(_In):
    seen: Seen


class Publish(_Decision):
    """Publié dans l’e-communauté."""

    act: Literal["publish"]
    post_url: str = Field("", max_length=2000, description="Adresse de la contribution publiée (http ou https).")
    neighbours: Names = Field(default_factory=list, description="Communautés voisines à qui proposer aussi.")
    note: Note = ""
    edition: EditionIn | None = Field(None, description="Les mots publiés, s’ils ont changé.")


class Keep(_Decision):
    """Gardé pour plus tard."""

    act: Literal["keep"]
    until: date = Field(description="Jour, à venir, où le brouillon revient dans la file.")
    note: Note = ""


class Share(_Decision):
    """Confié à une ou plusieurs communautés voisines."""

    act: Literal["share"]
    neighbours: Names = Field(min_length=1, description="Identifiants des communautés voisines.")
    note: Note = ""


class Reject(_Decision):
    """Écarté, avec sa raison."""

    act: Literal["reject"]
    reason: Rejection = Field(description="Pourquoi.")
    note: Note = ""


class Fold(_Decision):
    """Regroupé sous un autre brouillon de la communauté, dont il est le doublon."""

    act: Literal["fold"]
    into: str = Field(min_length=1, max_length=80, description="Identifiant d’article de l’autre brouillon.")


class Edit(_Decision):
    """Retouché, sans décision."""

    act: Literal["edit"]
    edition: EditionIn


class File(_Decision):
    """Rangé dans un dossier de la communauté."""

    act: Literal["file"]
    dossier: str = Field(min_length=1, max_length=200, description="Identifiant du dossier.")


class Take(_Decision):
    """« Je m’en occupe. »"""

    act: Literal["take"]


class Give(_Decision):
    """À relire par un ou une collègue de la communauté."""

    act: Literal["give"]
    to: str = Field(min_length=1, max_length=200, description="Identifiant de connexion du ou de la collègue.")
    note: Note = ""


class Release(_Decision):
    """Rendu à tous."""

    act: Literal["release"]


class Remark(_In):
    """Une note entre collègues : elle n’attend aucune révision et n’en change pas."""

    act: Literal["note"]
    note: str = Field(min_length=1, max_length=MAX_NOTE, description="La note.")


Decision = Publish | Keep | Share | Reject | Fold | Edit | File | Take | Give | Release | Remark
DecisionIn = Annotated[Decision, Field(discriminator="act")]


class Error(_Out):
    """Une réponse qui n’aboutit pas."""

    message: str = Field(description="Ce qui s’est passé et que faire, en français.")
    faults: dict[str, str] = Field(default_factory=dict, description="Champ → ce qui ne va pas.")


class Conflict(Error):
    """Quelqu’un a agi depuis : relire le brouillon, puis décider de nouveau."""

    by: str | None = Field(None, description="Identifiant de la personne qui a agi.")
    name: str | None = Field(None, description="Son nom.")
    act: Act | None = Field(None, description="Ce qu’elle a fait.")
    at: datetime | None = Field(None, description="Quand (UTC).")
    revision: int = Field(0, description="La révision actuelle du brouillon.")


class DossierOut(_Out):
    """Un dossier thématique."""

    id: str
    name: str


class CommunityOut(_Out):
    """Une communauté de la personne."""

    id: str
    name: str
    waiting: int = Field(description="Brouillons à relire.")
    dossiers: list[DossierOut] = Field(description="Les dossiers de la communauté.")
    neighbours: list[str] = Field(description="Communautés voisines déclarées.")


class EventOut(_Out):
    """Jours et lieu d’un événement ; chaque partie peut manquer."""

    start: date | None
    end: date | None
    place: str | None


class EditionOut(_Out):
    """Les mots d’un brouillon tels qu’une personne les a laissés."""

    title: str
    summary: str = Field(description="En Markdown (CommonMark).")
    context: str
    tags: list[str]
    event: EventOut | None
    deadline: date | None


class DraftOut(_Out):
    """Un brouillon : ce que la nuit a écrit et ce que les personnes en ont fait."""

    community: str
    article: str = Field(description="Identifiant de l’article.")
    revision: int = Field(description="À renvoyer dans « seen » avec une décision.")
    status: DraftStatus
    title: str = Field(description="Le titre, tel que retouché s’il l’a été.")
    original_title: str
    summary: str = Field(description="Deux ou trois phrases citées du texte.")
    context: str
    url: str
    source: str
    published: datetime | None = Field(description="Date de parution (UTC).")
    kind: Kind
    score: float = Field(description="Rang dans la file, de 0 à 1.")
    relevance: float = Field(description="Probabilité calibrée d’intérêt pour la communauté, de 0 à 1.")
    dossier: str | None = Field(description="Dossier choisi par une personne, sinon suggéré.")
    keywords: list[str]
    reasons: list[str] = Field(description="Pourquoi ce brouillon est là, en français.")
    proposals: list[str] = Field(description="Communautés voisines que la nuit propose.")
    event: EventOut | None
    deadline: date | None
    holder: str | None = Field(description="Qui s’en occupe.")
    origin: str = Field(description="night : la nuit ; shared : reçu d’une voisine ; added : ajouté à la main.")
    until: date | None = Field(description="Gardé jusqu’à ce jour.")
    post_url: str = Field(description="Adresse de la contribution publiée.")
    folded_into: str | None = Field(description="Article du brouillon sous lequel il est regroupé.")


class QueueOut(_Out):
    """Une page d’une file, dans l’ordre demandé."""

    drafts: list[DraftOut]
    total: int = Field(description="Combien de brouillons passent les filtres ; le compte s’arrête à 1 001.")
    next: str = Field(description="Curseur « after » de la page suivante ; vide à la fin.")
    previous: str = Field(description="Curseur « before » de la page précédente ; vide au début.")


class FoldedOut(_Out):
    """Ce qui est regroupé sous un brouillon."""

    article: str
    title: str
    url: str
    source: str
    published: datetime | None
    role: str = Field(description="copy : reprise ; story : autre récit du même fait.")


class ReviewOut(_Out):
    """Un acte d’une personne sur un brouillon."""

    id: int
    community: str
    article: str
    act: Act
    reviewer: str
    at: datetime
    reason: str
    note: str
    until: date | None
    target: str | None = Field(description="Ce que l’acte désigne : dossier, collègue, communautés, article.")
    post_url: str
    undoes: int | None = Field(description="L’acte qu’il annule.")
    edition: EditionOut | None


class DraftDetail(DraftOut):
    """Un brouillon avec son texte, ce qui est regroupé sous lui et son histoire."""

    text: str = Field(description="Texte de l’article ; vide une fois la durée de conservation passée.")
    edition: EditionOut | None = Field(description="Les mots tels qu’une personne les a laissés.")
    folded: list[FoldedOut]
    history: list[ReviewOut] = Field(description="Tous les actes, dans l’ordre, annulés compris.")


class ActOut(_Out):
    """L’acte enregistré et le brouillon qui en résulte."""

    review: ReviewOut
    draft: DraftOut | None = Field(description="Absent si l’acte a retiré le brouillon de la file.")


class JournalEntry(ReviewOut):
    """Un acte au journal."""

    title: str = Field(description="Titre du brouillon.")
    undone: bool = Field(description="Vrai s’il a été annulé.")


class JournalOut(_Out):
    """Une page du journal, du plus récent au plus ancien."""

    acts: list[JournalEntry]
    next: int | None = Field(description="À renvoyer dans « before » ; absent à la fin.")
