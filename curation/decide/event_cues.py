"""The words by which a text announces an event, tells of one, or dates something else: data for ``events``.

Patterns are read on folded text.
"""

from __future__ import annotations

import re

#: Names of events; in a title they count most.
EVENT_NOUNS = (
    r"colloques?|webinaires?|webinars?|seminaires?|salons?|forums?|assises|congres|conferences?(?! de presse)"
    r"|symposium"
    r"|festivals?|ateliers?|expositions?|visites? (?:guidees?|conferences?|flash|de|du|des|commentees?|lsf)"
    r"|visite-conference"
    r"|concerts?|spectacles?|vernissage|tables? rondes?|hackathons?|rencontres?|job ?dating|forum de recrutement"
    r"|journees? (?:d'etudes?|d'information|d'echanges?|techniques?|professionnelles?|nationales?|regionales?"
    r"|europeennes?"
    r"|internationales?|portes ouvertes|de l[a' ]|du|des)|portes ouvertes|universite d'ete|universites d'ete"
    r"|matinales?"
    r"|petits? dejeuners?|reunions? (?:publiques?|d'information|de lancement)|formations?|stages?|masterclass|mooc"
    r"|concours|projections?|avant-premiere|lancement de l'ouvrage|ceremonie|trophees|semaine (?:nationale"
    r"|europeenne|de l[a'])"
    r"|fetes? (?:de la|du|des|de l'|d')|foires?(?! aux questions)|carnaval|marches? (?:de noel|des producteurs"
    r"|gourmands?)"
    r"|week-?end (?:du|de|des)|vide-greniers?|brocante|nuits? (?:de la|du|des)|inauguration"
    r"|stands?|degustations?|balades?|escape game|afterwork|convention annuelle|rendez-vous annuel"
)
NOUN = re.compile(rf"(?<![a-z-])(?:{EVENT_NOUNS})(?![a-z])")
ANNOUNCE = re.compile(
    r"(?P<strong>\b(?:aura lieu|auront lieu|se tiendra|se tiendront|va se tenir|vont se tenir|va avoir lieu"
    r"|se tient du|se tient (?:a|le|les|la)"
    r"|se deroulera|se deroule du"
    r"|se derouleront|save the date|inscrivez-vous|entree (?:libre|gratuite)|sur inscription"
    r"|inscriptions? (?:gratuite|obligatoire|"
    r"ouverte|en ligne|sur)|reservation (?:obligatoire|conseillee|en ligne)|vous invite|vous invitons"
    r"|vous donne(?:nt)? rendez-vous"
    r"|rendez-vous (?:le|les|du|a|au|demain)|rdv le|venez |au programme|ouvre ses portes|vous ouvre|participez a|"
    r"je m'inscris|billetterie|merci de vous inscrire|bulletin d'inscription))"
    r"|(?P<weak>\b(?:organise(?:nt|ra|e)?|accueille(?:ra)?|evenement|animee? par|intervenants?"
    r"|prochaine edition|tout public|gratuit"
    r"|sur place|de [0-9]{1,2} ?h(?:[0-9]{2})? a [0-9]{1,2} ?h|[0-9]+(?:e|eme|ere) edition|edition 20[0-9]{2}))\b"
)
TOLD = re.compile(
    r"\b(?:s'est (?:tenue?|deroulee?)|se sont (?:tenu|deroule)[es]*|a eu lieu|ont eu lieu|avait lieu|a reuni"
    r"|ont reuni|ont participe"
    r"|retour sur|replay|revoir|compte[- ]rendu|actes d[ue]s?|bilan de|a permis|a rassemble|s'etait)\b"
)
PAGE_DATE = re.compile(
    r"(?:(?:publiee?s?|mise?s? a jour|mise? en ligne|modifiee?|parue?s?|actualisee?|posteee?|diffusee?"
    r"|date de publication"
    r"|publication|derniere mise a jour)\s*:?\s*(?:le|ce|on|du)?|(?:^|[|•])\W*(?:redigee? "
    r"|propos recueillis )?par [a-z' -]{2,60},?\s+le)"
    r"\s*:?\s*$"
)
NO_EVENT = re.compile(
    r"(?:\b(?:loi|decret|arrete|ordonnance|circulaire|directive|instruction|decision|arret|jugement|reglement"
    r"|jo|journal officiel"
    r"|rapport|avis|courrier|lettre|communique|note|deliberation|accord|convention|constitution"
    r"|code)s?\b[^.\n]{0,45}\b(?:du|en date du|le)"
    r"|\bnee? (?:a [a-z -]{2,40})?(?:le|en)|\b(?:mort|morte|decedee?|creee?|fondee?|beatifiee?|depuis|signee?"
    r"|promulguee?|entre en vigueur"
    r"|en vigueur|adoptee?|annoncee?|declaree?|elu|nommee?|inauguree?) (?:le|en|depuis le)?)\s*$"
)
CLOSING = re.compile(
    r"(?:date limite|dernier delai|cloture|candidat|dossier|inscri[a-z]+|depos|reserv[a-z]+|repond)[^.\n]{0,60}"
    r"(?:jusqu'au|avant le|au plus tard|avant|:|limite)[^.\n]{0,14}$|avant le\s*$|au plus tard le\s*$"
    r"|d'ici le\s*$|date limite[^.\n]{0,60}$"
)
ATTACHED_BEFORE = re.compile(
    r"(?P<label>(?:\bdates?|quand|dates? et (?:heures?|horaires?|lieu)|horaires?)\s?(?:\*\*)?\s?[:?]+[^\n]{0,12}$)"
    r"|(?P<when>(?:aura lieu|auront lieu|(?:va |vont )?se ten(?:ir|dra|dront)|se tien(?:dra|dront|t|nent)"
    r"|se deroul[a-z]+|rendez-vous|rdv)[^.\n]{0,70}$)"
    r"|(?P<verb>(?:organis[a-z]+|inscrivez-vous|propose[a-z]*"
    r"|invit[a-z]+|accueil[a-z]+|ouvre|ouvrira|debut(?:e|era)|commenc[a-z]+|programmee?s?|prevue?s?|fixee?s?"
    r"|donne rendez-vous)[^.\n]{0,70}$)"
)
ATTACHED_AFTER = re.compile(
    r"^[^.\n]{0,60}(?:aura lieu|auront lieu|(?:va |vont )?se ten(?:ir|dra|dront)|se tien(?:dra|dront|t|nent)"
    r"|se deroul[a-z]+|organis[a-z]+"
    r"|invit[a-z]+|accueil[a-z]+|propose|ouvre)"
)
#: Where an announcement says when: a label, or the verb that calls for a day.
SLOT_OPENING = re.compile(
    r"(?:(?:^|[\n.;|•])\W{0,4}(?:dates?(?: et (?:heures?|horaires?|lieu))?|quand|jour)\s?(?:\*\*)?\s?[:?]+\W{0,3}"
    r"|\b(?:(?:aura|auront) lieu|se tien(?:dra|dront)|se derouler(?:a|ont)|(?:est|sont|sera|seront) (?:prevu|programme"
    r"|organise|fixe)[es]*|(?:de|re)butera|(?:re)?commencera|rendez-vous|rdv|donne rendez-vous)\s*,?\s+)"
)
#: What follows a date that opens the text of an announcement.
OPENING = re.compile(
    r"(?: prochaine?s?)?(?:,? (?:a|au|aux|en) [^.,\n]{2,60},|, (?:l[ae]s? |l')[^.\n]{2,80}\b(?:organis|accueill"
    r"|propos|lanc|invit|fet|ouvr))"
)
#: « Paris, le 12 mars »: the dateline of a communiqué.
DATELINE = re.compile(r"^\W*(?:fait )?(?:a )?[a-z' -]{2,30},? le\s*$")
#: « Halle aux grains, le » and « à Halle aux grains »: a line of agenda, without a verb.
VENUE_LINE = re.compile(r"[^.!?;:]{2,80}, (?:le|les|du|de)\s+")
BARE_LEAD = re.compile(r"\W*(?:les?|du|de|des)?\s*")
AT_VENUE = re.compile(r"\s*[,|–-]?\s*(?:a|au|aux|@|chez)\s[^.!?;:]{2,90}\.?")
