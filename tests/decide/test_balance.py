"""The balance sheet, and what it says of each keyword."""

from __future__ import annotations

from datetime import date, timedelta

from curation.decide.ailments import Ailment, Diagnosis, diagnose
from curation.decide.balance import Balance, balance
from curation.decide.fates import Encounter, Fate, fate_of
from curation.decide.markers import exclusions
from curation.types import Act, DraftStatus, Rejection, Review
from taxonomy.concept_operations import AddLabels, MergeConcepts, RemoveLabels, RetireConcept, SetWeight
from taxonomy.edit import apply
from taxonomy.match import Matcher
from taxonomy.types import Taxonomy
from tests.decide.workbench import TODAY, Diary, concept, dossier, words


def sheet_of(diary: Diary, taxonomy: Taxonomy) -> Balance:
    return balance(taxonomy, diary.fates, diary.encounters, TODAY)


def found(diary: Diary, taxonomy: Taxonomy) -> list[Diagnosis]:
    return diagnose(sheet_of(diary, taxonomy), diary.phrases)


def of(diagnoses: list[Diagnosis], concept_id: str, ailment: Ailment) -> Diagnosis:
    return next(d for d in diagnoses if (d.concept, d.ailment) == (concept_id, ailment))


def ailments(diagnoses: list[Diagnosis], concept_id: str) -> set[Ailment]:
    return {d.ailment for d in diagnoses if d.concept == concept_id}


def review(act: Act, number: int = 1, reason: str = "", undoes: int | None = None) -> Review:
    return Review("a", "fleuve", act, "ines", TODAY, reason, id=number, undoes=undoes)  # type: ignore[arg-type]


def test_sums() -> None:
    diary = Diary()
    diary.read(3, "crue", right=True)
    diary.read(2, "crue", "digue", right=False)
    diary.read(4, "crue", drafted=True)
    diary.read(5, "digue", drafted=False)
    line = sheet_of(diary, words(concept("crue"), concept("digue"))).line("crue")
    assert (line.matches, line.drafts, line.published, line.waiting) == (9, 9, 3, 4)
    assert dict(line.rejected) == {"off_topic": 2}
    assert (line.precision.hits, line.precision.of) == (3, 5)
    assert (line.alone.of, line.accompanied.of) == (3, 2)
    assert line.last_met == TODAY - timedelta(days=20)
    assert line.months[5] == 9 and sum(line.months) == 9


def test_a_draft_rejected_as_already_seen_says_nothing_of_the_word() -> None:
    fate = fate_of("a", TODAY, "night", [review(Act.REJECTED, reason=Rejection.ALREADY_SEEN.value)])
    assert fate.status is DraftStatus.REJECTED and fate.right is None and fate.reason == "already_seen"


def test_an_undone_verdict_counts_for_nothing() -> None:
    said = [review(Act.REJECTED, 1, "off_topic"), review(Act.UNDONE, 2, undoes=1)]
    fate = fate_of("a", TODAY, "night", said)
    assert fate.right is None and fate.status is DraftStatus.WAITING and fate.reason == ""


def test_what_was_rescued_or_added_was_missed() -> None:
    assert fate_of("a", TODAY, None, [review(Act.RESCUED)]).brought
    assert fate_of("a", TODAY, "added", []).brought
    assert not fate_of("a", TODAY, "shared", []).brought
    dismissed = fate_of("a", TODAY, None, [review(Act.DISMISSED)])
    assert dismissed.right is False and not dismissed.drafted and dismissed.status is None


def test_concepts_and_items_that_are_gone_are_left_out() -> None:
    fates = [Fate("a", TODAY)]
    met = [Encounter("a", "crue", "crue"), Encounter("a", "gone", "x"), Encounter("unknown", "crue", "crue")]
    sheet = balance(words(concept("crue", "montée des eaux")), fates, met, TODAY)
    assert sheet.line("crue").matches == 1
    assert sheet.unmet["crue"] == ("montée des eaux",)


def test_with_few_verdicts_nothing_is_claimed() -> None:
    diary = Diary()
    diary.read(4, "crue", right=False)
    diagnoses = found(diary, words(concept("crue")))
    assert ailments(diagnoses, "crue") == {Ailment.FEW}
    assert "4 avis seulement" in of(diagnoses, "crue", Ailment.FEW).text


def test_too_wide_with_the_phrase_that_marks_the_rejects() -> None:
    diary = Diary()
    diary.read(12, "courant", right=False, phrases=["courant électrique", "coupure de réseau"])
    diary.read(3, "courant", right=True, phrases=["courant marin", "sédiment"])
    diary.read(15, "crue", right=True, phrases=["sédiment", "pluie"])
    taxonomy = words(concept("courant"), concept("crue"))
    diagnoses = found(diary, taxonomy)
    wide = of(diagnoses, "courant", Ailment.TOO_WIDE)
    assert "12 brouillons jugés sur 15" in wide.text
    first = wide.mends[0]
    assert isinstance(first.operations[0], AddLabels) and first.operations[0].key == "excludeLabel"
    assert "12 des écartés, aucun des retenus n’est touché" in first.text
    mended = apply(taxonomy, *first.operations)
    # the mend does what it says: the rejected are not met any more, the taken are
    assert not Matcher([mended]).match("Une coupure de réseau : le courant électrique revient.")
    assert [m.concept for m in Matcher([mended]).match("Le courant marin et le sédiment")] == ["courant"]
    assert any(isinstance(o, SetWeight) for m in wide.mends for o in m.operations)
    assert ailments(diagnoses, "crue") == set()


def test_what_is_common_in_what_is_taken_marks_nothing() -> None:
    diary = Diary()
    diary.read(12, "courant", right=False, phrases=["conseil municipal"])
    diary.read(40, "crue", right=True, phrases=["conseil municipal"])
    sheet = sheet_of(diary, words(concept("courant"), concept("crue")))
    assert exclusions(sheet, diary.phrases) == []


def test_an_exclusion_that_would_cost_what_is_taken_is_not_proposed() -> None:
    diary = Diary()
    diary.read(12, "courant", right=False, phrases=["bord de mer"])
    diary.read(6, "courant", right=True, phrases=["bord de mer"])
    diary.read(60, "crue", right=True, phrases=["pluie"])
    assert exclusions(sheet_of(diary, words(concept("courant"), concept("crue"))), diary.phrases) == []


def test_exclusions_complete_one_another() -> None:
    diary = Diary()
    diary.read(8, "courant", right=False, phrases=["courant électrique", "panne de courant"])
    diary.read(5, "courant", right=False, phrases=["courant artistique"])
    diary.read(30, "crue", right=True, phrases=["pluie"])
    marks = exclusions(sheet_of(diary, words(concept("courant"), concept("crue"))), diary.phrases)
    assert [len(e.marker.spared) for e in marks] == [8, 5]
    assert marks[1].marker.form == "courant artistique"
    refused = {marks[1].marker.keys}
    assert len(exclusions(sheet_of(diary, words(concept("courant"), concept("crue"))), diary.phrases, refused)) == 1


def test_a_low_share_that_is_not_lower_than_the_others_is_no_fault_of_the_word() -> None:
    diary = Diary()
    diary.read(20, "courant", right=False)
    diary.read(4, "courant", right=True)
    diary.read(40, "crue", right=False)
    diary.read(8, "crue", right=True)
    assert Ailment.TOO_WIDE not in ailments(found(diary, words(concept("courant"), concept("crue"))), "courant")


def test_the_label_at_fault_is_named() -> None:
    diary = Diary()
    diary.read(20, "cours-d-eau", right=False, labels=["lit"])
    diary.read(6, "cours-d-eau", right=True, labels=["rivière"])
    diary.read(30, "crue", right=True)
    taxonomy = words(concept("cours d eau", "lit", "rivière"), concept("crue"))
    wide = of(found(diary, taxonomy), "cours-d-eau", Ailment.TOO_WIDE)
    assert "« lit » en est la cause" in wide.text
    removals = [o for m in wide.mends for o in m.operations if isinstance(o, RemoveLabels)]
    assert removals == [RemoveLabels("cours-d-eau", "altLabel", ("lit",))]


def test_ambiguous() -> None:
    diary = Diary()
    diary.read(10, "berge", right=False)
    diary.read(2, "berge", right=True)
    diary.read(14, "berge", "crue", right=True)
    diary.read(9, "crue", right=True)
    taxonomy = words(concept("berge"), concept("crue"))
    diagnoses = found(diary, taxonomy)
    ambiguous = of(diagnoses, "berge", Ailment.AMBIGUOUS)
    assert "seul, 10 fois sur 12 écarté" in ambiguous.text
    assert ambiguous.mends[0].operations == (SetWeight("berge", 0.5),)
    assert ailments(diagnoses, "crue") == set()


def test_redundant_names_the_other_and_merges_the_rarer() -> None:
    diary = Diary()
    diary.read(20, "digue", "endiguement")
    diary.read(15, "digue")
    taxonomy = words(concept("digue"), concept("endiguement"))
    diagnoses = found(diary, taxonomy)
    redundant = of(diagnoses, "endiguement", Ailment.REDUNDANT)
    assert redundant.other == "digue" and "20 fois sur 20" in redundant.text
    assert redundant.mends[0].operations == (MergeConcepts("digue", "endiguement"),)
    assert Ailment.REDUNDANT not in ailments(diagnoses, "digue")


def test_two_that_always_come_together_are_one_diagnosis() -> None:
    diary = Diary()
    diary.read(20, "digue", "endiguement")
    diagnoses = found(diary, words(concept("digue"), concept("endiguement")))
    assert [d.ailment for d in diagnoses].count(Ailment.REDUNDANT) == 1


def test_narrower_concepts_come_with_their_parent_by_nature() -> None:
    diary = Diary()
    diary.read(20, "ouvrage", "digue")
    taxonomy = words(concept("ouvrage"), concept("digue", broader=("ouvrage",)))
    assert not any(d.ailment is Ailment.REDUNDANT for d in found(diary, taxonomy))


def test_a_merge_that_would_lose_a_dossier_is_not_proposed() -> None:
    diary = Diary()
    diary.read(20, "digue", "endiguement")
    diary.read(9, "digue")
    shelves = (dossier("travaux"), dossier("risques"))
    taxonomy = words(
        concept("digue", dossiers=("travaux",)), concept("endiguement", dossiers=("risques",)), dossiers=shelves
    )
    redundant = of(found(diary, taxonomy), "endiguement", Ailment.REDUNDANT)
    assert not any(isinstance(o, MergeConcepts) for m in redundant.mends for o in m.operations)
    assert "perdrait ce classement" in redundant.text


def test_dead() -> None:
    diary = Diary()
    diary.read(1, "halage", day=TODAY - timedelta(days=400))
    diary.read(250, "crue", day=TODAY, every=1)
    taxonomy = words(concept("halage"), concept("crue"))
    dead = of(found(diary, taxonomy), "halage", Ailment.DEAD)
    assert dead.mends[0].operations == (RetireConcept("halage"),)
    assert "pas rencontré depuis le 26 mai 2025" in dead.text


def test_a_young_installation_calls_nothing_dead() -> None:
    diary = Diary()
    diary.read(400, "crue", day=TODAY)
    assert ailments(found(diary, words(concept("halage"), concept("crue"))), "halage") == set()


def test_a_parent_that_sorts_living_concepts_is_kept() -> None:
    diary = Diary()
    diary.read(300, "crue", day=TODAY, every=1)
    taxonomy = words(concept("risque"), concept("crue", broader=("risque",)))
    dead = of(found(diary, taxonomy), "risque", Ailment.DEAD)
    assert dead.mends == () and "à garder" in dead.text


def test_seasonal_is_not_dead() -> None:
    diary = Diary()
    for year in (2024, 2025):
        diary.read(9, "étiage", day=date(year, 8, 28), every=3)
    diary.read(900, "crue", day=TODAY, every=1)
    taxonomy = words(concept("étiage"), concept("crue"))
    diagnoses = found(diary, taxonomy)
    assert ailments(diagnoses, "étiage") == {Ailment.SEASONAL}
    assert "18 de ses 18 apparitions en août" in of(diagnoses, "étiage", Ailment.SEASONAL).text
    assert Ailment.SEASONAL not in ailments(diagnoses, "crue")


def test_trend() -> None:
    diary = Diary()
    diary.read(30, "crue", right=True, day=TODAY - timedelta(days=300))
    diary.read(12, "crue", right=False, day=TODAY)
    line = sheet_of(diary, words(concept("crue"))).line("crue")
    assert line.trend.direction == -1
    steady = Diary()
    steady.read(3, "crue", right=True, day=TODAY - timedelta(days=300))
    steady.read(2, "crue", right=False, day=TODAY)
    assert sheet_of(steady, words(concept("crue"))).line("crue").trend.direction == 0


def test_of_two_equals_the_exclusion_around_the_label_is_proposed() -> None:
    diary = Diary()
    diary.read(9, "courant", right=False, phrases=["réseau", "courant électrique", "courant électrique du réseau"])
    diary.read(30, "crue", right=True, phrases=["pluie"])
    (only,) = exclusions(sheet_of(diary, words(concept("courant"), concept("crue"))), diary.phrases)
    assert only.marker.form == "courant électrique"
