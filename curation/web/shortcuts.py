"""Keyboard shortcuts: what can be done by one key, and the key each person chose.

One character, only outside of fields, and they can be changed or turned off (WCAG 2.2, 2.1.4).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

#: action -> (key, what it does, in French). Elements of pages name their action in ``data-shortcut``.
ACTIONS: dict[str, tuple[str, str]] = {
    "help": ("?", "Afficher les raccourcis"),
    "morning": ("m", "Aller au matin"),
    "queue": ("f", "Aller à la file"),
    "dossiers": ("D", "Aller aux dossiers"),
    "sources": ("S", "Aller aux sources"),
    "nights": ("N", "Aller aux nuits"),
    "journal": ("J", "Aller au journal"),
    "sample": ("E", "Aller au sondage des écartés"),
    "words": ("V", "Aller au vocabulaire"),
    "search": ("/", "Chercher"),
    "filter": ("F", "Filtrer et trier la file"),
    "next": ("j", "Brouillon suivant"),
    "previous": ("k", "Brouillon précédent"),
    "open": ("o", "Relire le brouillon choisi, ou ouvrir la source"),
    "publish": ("p", "Publier"),
    "keep": ("g", "Garder pour plus tard"),
    "share": ("v", "Partager avec une voisine"),
    "reject-1": ("1", "Écarter : hors sujet"),
    "reject-2": ("2", "Écarter : déjà vu"),
    "reject-3": ("3", "Écarter : trop local"),
    "reject-4": ("4", "Écarter : périmé"),
    "reject-5": ("5", "Écarter : commercial"),
    "reject-6": ("6", "Écarter : peu utile"),
    "duplicate": ("d", "Signaler un doublon"),
    "split": ("z", "Aller à « ce n’est pas un doublon »"),
    "undo": ("u", "Annuler le dernier verdict"),
    "title": ("t", "Modifier le titre"),
    "context": ("x", "Modifier « pour qui, pourquoi »"),
    "summary": ("r", "Modifier le résumé"),
    "preview": ("w", "Voir l’aperçu du résumé"),
    "dossier": ("c", "Changer de dossier"),
    "dates": ("e", "Modifier dates, lieu et mots-clés"),
    "save": ("s", "Enregistrer sans décider"),
    "take": ("a", "S’en charger, ou le rendre"),
    "give": ("i", "Confier la relecture à un collègue"),
    "note": ("n", "Écrire une note"),
    "copy": ("y", "Copier la contribution"),
    "address": ("l", "Noter l’adresse du billet publié"),
    "dismiss": ("b", "Sondage : bien écarté"),
    "rescue": ("h", "Sondage : à repêcher"),
}


def shortcuts_of(preferences: Mapping[str, Any]) -> dict[str, str]:
    """action -> key of a person; empty when they turned shortcuts off."""
    return {} if preferences.get("shortcuts_off") else keys_of(preferences)


def keys_of(preferences: Mapping[str, Any]) -> dict[str, str]:
    """action -> key, turned on or off. A key that the person chose for one action serves no other one by default."""
    chosen: Mapping[str, str] = preferences.get("shortcuts", {})
    taken = set(chosen.values())
    return {a: str(chosen[a]) if a in chosen else "" if key in taken else key for a, (key, _) in ACTIONS.items()}


def shortcut_faults(chosen: Mapping[str, str]) -> dict[str, str]:
    """action -> what is wrong with the key chosen for it, in French."""
    faults: dict[str, str] = {}
    taken: dict[str, str] = {}
    for action, key in chosen.items():
        if not key:
            continue
        if len(key) != 1 or key.isspace():
            faults[action] = "Une seule touche, sans espace."
        elif key in taken:
            faults[action] = f"Cette touche sert déjà à « {ACTIONS[taken[key]][1]} »."
        taken.setdefault(key, action)
    return faults
