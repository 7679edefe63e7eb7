"""The taxonomies shipped with veille: sound, of the agreed size, serving every dossier and neighbour."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest
import yaml

from taxonomy.load import OFFTOPIC, SHIPPED, TERRITORIAL, load_taxonomy
from taxonomy.types import labels

#: Dossiers and neighbours of each community: fixed ids, scripts and labelled data refer to them.
DOSSIERS = {
    "developpement-des-territoires": "projets-de-territoire ruralites services-de-proximite tiers-lieux "
    "cooperation-gouvernance transitions-resilience alimentation-agriculture cohesion-territoriale",
    "economie-territoriale": "foncier-zones-activites aides-fiscalite-entreprises commerce-artisanat "
    "industrie-filieres ess-economie-circulaire emploi-formation attractivite observation-economique",
    "transition-ecologique": "climat-adaptation energie-batiments eau-biodiversite dechets-ressources "
    "mobilites-durables planification-ecologique alimentation-durable education-sobriete",
    "tourisme": "strategie-destinations hebergements-taxe-de-sejour tourisme-durable nature-itinerance "
    "patrimoine-evenements observation-touristique",
    "urbanisme-amenagement": "planification-plu-scot foncier-zan habitat-logement centres-renouvellement "
    "espaces-publics droit-des-sols patrimoine-paysage equipements-publics",
    "politique-de-la-ville": "contrats-de-ville renouvellement-urbain education-reussite prevention-tranquillite "
    "emploi-quartiers participation-habitants lutte-discriminations sante-cohesion-sociale",
    "innovation-publique": "design-usages participation-citoyenne laboratoires-reseaux transformation-management "
    "donnees-ia experimentation-evaluation financements-innovation",
    "mediation-numerique": "conseillers-numeriques inclusion-acces-droits lieux-mediation competences-usages "
    "reconditionnement-equipement animation-reseau couverture-numerique",
}
NEIGHBOURS = {
    "developpement-des-territoires": "transition-ecologique tourisme urbanisme-amenagement politique-de-la-ville "
    "innovation-publique economie-territoriale",
    "economie-territoriale": "developpement-des-territoires tourisme urbanisme-amenagement innovation-publique",
    "transition-ecologique": "developpement-des-territoires urbanisme-amenagement tourisme innovation-publique",
    "tourisme": "developpement-des-territoires economie-territoriale transition-ecologique",
    "urbanisme-amenagement": "developpement-des-territoires politique-de-la-ville transition-ecologique "
    "economie-territoriale",
    "politique-de-la-ville": "developpement-des-territoires urbanisme-amenagement innovation-publique "
    "mediation-numerique",
    "innovation-publique": "developpement-des-territoires mediation-numerique transition-ecologique "
    "politique-de-la-ville",
    "mediation-numerique": "innovation-publique politique-de-la-ville developpement-des-territoires",
}
GIVEN_KEYWORDS = (
    "projets de territoires",
    "développement territorial",
    "développement local",
    "ruralité",
    "action économique",
    "économie territoriale",
    "approche systémique",
    "tiers-lieux",
    "animation et pilotage des transitions",
    "gouvernance locale",
    "service public de proximité",
    "coopération territoriale",
    "contractualisation",
    "cohésion sociale et territoriale",
    "résilience",
    "filières économiques",
    "tissu productif",
    "économie circulaire",
    "stratégie et planification",
    "emploi",
    "formation professionnelle",
    "apprentissage",
    "entreprises",
    "économie sociale et solidaire",
    "aides publiques aux entreprises",
    "recherche et innovation",
    "circuits courts, relocalisations, autonomie alimentaire et industrielle",
    "foncier d'entreprise",
    "analyse juridique, stratégique et financière des entreprises",
    "immobilier et services aux entreprises",
    "observatoire économique",
    "fiscalité des entreprises",
    "réseau d'entreprises",
    "pilotage de la politique économique",
    "zones d'activités économiques",
    "filières d'entreprises",
    "économie agricole",
    "marketing territorial",
    "prospection des entreprises",
    "internationalisation des entreprises",
)
FILES = sorted(SHIPPED.glob("*.yaml"))


def test_the_eight_communities_are_shipped() -> None:
    assert [path.stem for path in FILES] == sorted(DOSSIERS)


@pytest.mark.parametrize("community", sorted(DOSSIERS))
def test_a_community_is_complete(community: str) -> None:
    taxonomy = load_taxonomy(SHIPPED / f"{community}.yaml")
    assert taxonomy.id == community
    assert 60 <= len(taxonomy.concepts) <= 150
    assert sorted(d.id for d in taxonomy.dossiers) == sorted(DOSSIERS[community].split())
    assert sorted(taxonomy.neighbours) == sorted(NEIGHBOURS[community].split())
    served = Counter(dossier for concept in taxonomy.concepts for dossier in concept.dossiers)
    assert {d.id: served[d.id] for d in taxonomy.dossiers if served[d.id] < 6} == {}
    assert taxonomy.definition
    assert taxonomy.audience
    assert taxonomy.priorities
    assert [d.id for d in taxonomy.dossiers if not d.scope_note] == []
    assert [c.id for c in taxonomy.concepts if not c.scope_note] == []


def test_the_given_keywords_are_all_there() -> None:
    taxonomy = load_taxonomy(SHIPPED / "developpement-des-territoires.yaml")
    known = {label for concept in taxonomy.concepts for label in labels(concept)}
    assert [keyword for keyword in GIVEN_KEYWORDS if keyword not in known] == []


@pytest.mark.parametrize("path", [OFFTOPIC, TERRITORIAL], ids=lambda p: p.stem)
def test_the_general_words_load(path: Path) -> None:
    assert load_taxonomy(path).concepts


@pytest.mark.parametrize("path", [*FILES, OFFTOPIC, TERRITORIAL], ids=lambda p: p.stem)
def test_yaml_swallows_nothing(path: Path) -> None:
    """YAML keeps the last of two equal keys, and reads NO, ON or an empty value as something else than text."""
    node = yaml.compose(path.read_text(encoding="utf-8"), Loader=yaml.SafeLoader)
    pending, twice = [node], []
    while pending:
        current = pending.pop()
        if isinstance(current, yaml.MappingNode):
            keys = [k.value for k, _ in current.value]
            twice += [f"{k} (ligne {current.start_mark.line + 1})" for k in set(keys) if keys.count(k) > 1]
            pending += [v for _, v in current.value]
        elif isinstance(current, yaml.SequenceNode):
            pending += current.value
    assert twice == []
    words = {w for c in load_taxonomy(path).concepts for w in (*labels(c), *c.notations, *c.exclude_labels)}
    assert words & {"True", "False", "None", ""} == set()
