"""The French of the desk: names of acts, statuses, reasons and roles."""

from __future__ import annotations

from curation.accounts import AccountRole
from curation.types import Act, DraftStatus, Rejection

STATUS_LABELS: dict[str, str] = {
    DraftStatus.WAITING: "à relire",
    DraftStatus.KEPT: "gardé pour plus tard",
    DraftStatus.PUBLISHED: "publié",
    DraftStatus.SHARED: "confié à une voisine",
    DraftStatus.REJECTED: "écarté",
    DraftStatus.FOLDED: "regroupé comme doublon",
}

ACT_LABELS: dict[str, str] = {
    Act.PUBLISHED: "a publié",
    Act.KEPT: "a gardé pour plus tard",
    Act.SHARED: "a confié à une voisine",
    Act.REJECTED: "a écarté",
    Act.FOLDED: "a signalé comme doublon",
    Act.EDITED: "a retouché",
    Act.FILED: "a changé de dossier",
    Act.REFERENCED: "a marqué comme référence",
    Act.ADDRESSED: "a noté l’adresse de publication de",
    Act.TAKEN: "s’est chargé de",
    Act.GIVEN: "a confié la relecture de",
    Act.RELEASED: "a rendu à tous",
    Act.NOTED: "a noté au sujet de",
    Act.RECEIVED: "a transmis à cette communauté",
    Act.SPLIT: "a séparé de son doublon",
    Act.RESCUED: "a repêché",
    Act.DISMISSED: "a confirmé l’écart de",
    Act.UNDONE: "a annulé un acte sur",
}

REJECTION_LABELS: dict[str, str] = {
    Rejection.OFF_TOPIC: "hors sujet",
    Rejection.ALREADY_SEEN: "déjà vu",
    Rejection.TOO_LOCAL: "trop local",
    Rejection.OUTDATED: "périmé",
    Rejection.COMMERCIAL: "commercial",
    Rejection.LITTLE_USE: "peu utile",
}

ROLE_LABELS: dict[str, str] = {
    AccountRole.ANIMATEUR: "Animateur ou animatrice",
    AccountRole.COORDONNATEUR: "Coordonnateur ou coordonnatrice",
    AccountRole.ADMINISTRATEUR: "Administrateur ou administratrice",
}
