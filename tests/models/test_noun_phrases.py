"""Noun phrases by the tagger: what may become a term, and its parts."""

from __future__ import annotations

from models.noun_phrases import READ, noun_phrases


def found(text: str) -> set[str]:
    (phrases,) = noun_phrases([text])
    return set(phrases)


def test_nouns_with_their_adjectives_and_complements_and_their_parts() -> None:
    phrases = found("La commune adopte un schéma directeur de la mobilité douce pour les tiers-lieux ruraux.")
    assert {"schéma directeur de la mobilité douce", "mobilité douce", "tiers-lieux ruraux", "commune"} <= phrases
    assert not any(p.startswith(("la ", "un ", "les ")) or p.endswith((" de", " la", " pour")) for p in phrases)
    assert "adopte" not in phrases


def test_no_phrase_crosses_a_comma_or_a_verb() -> None:
    phrases = found("Le maire, la digue et le pont résistent.")
    assert not any("maire" in p and "digue" in p for p in phrases)


def test_only_the_beginning_is_read() -> None:
    assert "ripisylve" not in found("Un pont. " * (READ // 9 + 1) + "Une ripisylve.")
    assert found("") == set()


def test_a_compound_keeps_its_hyphen() -> None:
    phrases = found("La station-service et l’aire de camping-cars ont rouvert - une décision du maire.")
    assert {"station-service", "aire de camping-cars"} <= phrases
    assert not any("rouvert" in p or " - " in p for p in phrases)
