"""The words of a deadline: what one does before it, how it is bounded, and what is no deadline of ours.

Data for ``deadlines``; patterns are read on folded text.
"""

from __future__ import annotations

import re

#: What one does before a deadline: words enough by themselves.
APPLY = (
    r"(?:candidat(?:ures?|ez|er|ent)|postul(?:er|ez|ent|ant)|(?:pre-?)?inscri(?:re|s|vez|ptions?"
    r"|vent)(?:-[a-z]+)?(?! (?:dans|de l'ivg|du droit))"
    r"|manifest(?:er|ations?) (?:leur |votre |d')interet|appels? a (?:projets?|candidatures?|manifestations?"
    r"|contributions?"
    r"|communications?|initiatives|idees|textes|propositions|participation)|repond(?:re|ez|ent)(?: (?:en ligne|(?:a"
    r"|au) (?:l'|la |cet |cette |ce )?(?:appel|questionnaire|enquete|consultation|sondage))|"
    r" (?=avant|jusqu|au plus))|reponses? (?:a l'appel|au questionnaire|attendues?|souhaitees?|avant|jusqu)|votre avis"
    r"|(?:peuvent|pouvez|peut) (?:en )?(?:demander|solliciter|postuler)"
    r"|soumett(?:re|ez|ent)|soumissions?|(?:remise|reception) des (?:offres|projets|dossiers|copies|candidatures)"
    r"|porter candidate?s?|se manifester|manifestez-vous"
    r"|lettre de motivation|depot|depots"
    r"|contribu(?:er|ez|tions?)|particip(?:er|ez)|demandes? (?:de|d')[a-z ]{3,20}|pre-?enregistre[a-z]*"
    r"|rsvp|reserv(?:er|ez|ation)(?! a)|confirmez|questionnaire|consultation (?:publique|en ligne|citoyenne)"
    r"|concertation"
    r"|enquete (?:publique|en ligne)|dossiers? de (?:candidature|demande|subvention|participation|projet))"
)
#: What one hands in, and the verbs that hand it in: either alone would say too little.
FILED = (
    r"(?:dossiers?|projets?|demandes?|offres?|propositions?|formulaires?|bulletins?|cv|fiches?|candidatures?"
    r"|idees|resumes|copies|pieces?)"
)
HAND_IN = (
    r"(?:depos(?:er|ez|ee?s?|ent)|adress(?:er|ez|ee?s?)|envo(?:yer|yez|yee?s?|i|ient)|transm(?:ettre|ettez|ise?s?)"
    r"|retourn(?:er|ez|ee?s?)|renvo(?:yer|yez|yee?s?)|rem(?:ettre|ettez|ise?s?|plir)|parvenir|recu(?:es?|s)?"
    r"|recevables?|accept(?:es?|ees?)|a rendre)"
)
ACTION = re.compile(rf"\b{APPLY}\b|\b{FILED}\b[^.!?]{{0,60}}\b{HAND_IN}\b|\b{HAND_IN}\b[^.!?]{{0,40}}\b{FILED}\b")
LIMIT = re.compile(
    r"\b(?P<word>(?:dates?|heures?|jour|delai)s? (?:limites?|butoirs?|ultimes?)|dates? (?:et heure )?de (?:cloture"
    r"|fin|remise"
    r"|depot)|derniers? (?:delais?|jours?)|deadline|(?P<close>clotur(?:e|era|ent|ee|er)|fermeture|fin(?= de[s ]"
    r"| du )|echeance))\b"
    r"(?P<of>[^.!?]{0,100})$"
)
OF_FILED = re.compile(rf"\b{FILED}\b")
END_OF = re.compile(rf"^ (?:de|des|du|de la) (?:(?:periode|phase|campagne) (?:de |d'|des ))?(?:{APPLY}|reception)")
#: « clôture le 5 mai »: nothing says of what.
BARE = re.compile(r"\s?(?:de l'appel |:)?\s?(?:le |au )?(?:[a-z]+ )?")
#: « date limite de consommation », « date limite de déclaration »: limits of something else.
LIMIT_OF_OTHER = re.compile(
    r"^\s?(?:d[eu]s? |d'|pour |fixee? par )(?:la |l'|le |les )?(?:consommation|achevement|validite|paiement|application"
    r"|declaration|versement|travaux|mise en|rapport|parution|publication|livraison|cessez|mandat|vie|utilisation"
    r"|retrait"
    r"|recours|ecrire|payer|declarer|contrat|bail|semaine|mois|annee|journee|guerre|conflit|crise|saison|concession)"
)
BOUND = re.compile(
    r"\b(?:jusqu'au|jusqu'a|jusqu'en|avant le|avant|au plus tard(?: le| en| au| a)?|d'ici(?: au| le| a| a la)?"
    r"|cloturee?s? (?:le|au)"
    r"|clos(?:es?)? le|pour le)\s*:?\s*(?:le\s+)?(?:[a-z]+\s?)?$"
)
SOFT_BOUND = re.compile(r"\b(?:d'ici|pour le)\b")
FROM_TO = re.compile(r"\b(?:du|entre le|des le|a partir du)\s*(?:[a-z]+\s?)?$")
OPEN = re.compile(
    r"\b(?:ouverte?s?|ouvre(?:nt)?|possibles?|recevables?|periode|peuvent|pourront|a deposer|se fait|se font|calendrier"
    r"|accueillies?|recues?|sessions?|campagne)\b"
)
ADJOINING = re.compile(
    r"\b(?:candidatures?|inscriptions?|depots?(?: des? (?:dossiers?|candidatures?"
    r"|projets?))?)\s?:?\s*$"
)
LABEL = re.compile(
    r"(?:^|[\n.;|•–(-]\s?)\W{0,4}(?:clotur[a-z]*|fermeture|fin|echeance|date de fin"
    r"|jusqu'au)[a-z' ]{0,30}\s?:\s?\W{0,3}$"
)
#: An election, a text of law, a strike, a match: what is filed there is no application.
NOT_OURS = re.compile(
    r"\b(?:elections?|electora(?:l|le|les|ux)|scrutin|municipales|legislatives|presidentielle|senatoriales|europeennes"
    r"|premier tour|second tour|listes? (?:electorales?|candidates?|uniques?|de candidat[a-z]*)|parti politique"
    r"|premier ministre|greves?|preavis"
    r"|motions? de censure|plaintes?|amendements?|procurations?|impots?|fiscale?|declarations? (?:de|d'|des)"
    r"|proprietaires"
    r"|cessez-le-feu|ultimatum|otages?|championnat|mercato|transferts?|mandat d'arret|detention|garde a vue"
    r"|bourse de paris"
    r"|cac 40|ceremonie de cloture|naturalisation|couvre-feu|parlementaires?|deputes?|senateurs?)\b"
)
ELECTIONS = re.compile(
    r"\b(?:elections?|electora(?:l|le|les|ux)|scrutin|municipales|legislatives|presidentielle|senatoriales)\b"
)
PAST = re.compile(
    r"\b(?:avai(?:t|ent)|devai(?:t|ent)|etai(?:t|ent)|a ete|ont ete|s'est (?:clotur|achev|termin)[a-z]*|a pris fin"
    r"|ont pris fin"
    r"|pouvai(?:t|ent)|a recu|ont recu|s'etai(?:t|ent))\b"
)
YEARLY = re.compile(
    r"\b(?:annee n\b|chaque annee|tous les ans|annee (?:en cours|suivante|precedente|de la demande"
    r"|de demande|civile))"
)
#: What the organiser does before a day, not the reader.
DONE_BY = re.compile(
    r"\b(?:annonc[a-z]+|publi[a-z]+|selectionn[a-z]+|vers(?:ee?s?|er)|notifi[a-z]+|achev[a-z]+|demarr[a-z]+"
    r"|realis[a-z]+"
    r"|laureats? (?:seront|sera)|designe[a-z]*|adopt[a-z]+|examin[a-z]+|instruit[a-z]*|livr[a-z]+|engag(?:ee?s|er)"
    r"|solde[a-z]*"
    r"|justifi[a-z]+)\b[^,;]{0,60}$"
)
#: « les communes devront… avant le »: a duty of law, unless something is filed to apply.
DUTY = re.compile(
    r"\b(?:devront|doivent|devra|doit|sont tenue?s|obligations?|obligee?s?|mise en conformite"
    r"|en vigueur)\b"
)
TO_APPLY = re.compile(
    r"\b(?:candidatures?|inscri[a-z-]+|dossiers?|appel a|ami|aap|subventions?|demandes?|concours"
    r"|offres|depos[a-z]+)\b"
)
CALL_TITLE = re.compile(
    r"\b(?:appels? a|ami|aap|candidat(?:ez|er|ures?)|subventions?|aides?|bourses?|prix|concours|trophees|laureats?"
    r"|inscri[a-z]+"
    r"|webinaires?|formations?|recrut[a-z]+|postes?|offre|depot|consultation|concertation|enquete|fonds|labels?|budget"
    r" participatif|dispositif|programme|financer|financement)\b"
)
SENTENCE = re.compile(r"[.!?]\s|\n")
BLOCK = re.compile(r"[.!?]\s|\n\s*\n")
#: Without one of these no rule can hold: most items are dismissed here.
ANY = re.compile(
    r"limite|butoir|delai|dernier|clotur|clos|deadline|jusqu|avant |plus tard|d'ici|fin |du |echeance"
    r"|fermeture|pour le"
)
CALL = re.compile(
    r"\b(?:appels? a|ami|aap|candidat(?:ez|er|ures?)|concours|trophees|prix|bourses?|consultation|concertation"
    r"|budget participatif|inscri[a-z]+)\b"
)
RUNS = re.compile(r"\b(?:ouverte?s?|appel|en cours|prolongee?s?|ami|aap|vous avez|candidats ont|reste|restent)\b")
