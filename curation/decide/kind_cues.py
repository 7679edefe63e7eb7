"""The words that tell the kind of an item, with their weights: data for ``kinds``.

Each cue is ``(kind, weight in title, weight in lead, pattern, reason in French)``; patterns are read on folded
text. A weight of 0 means that the cue is not looked for in that place. Source and address have their own table.
"""

from __future__ import annotations

from curation.decide.event_cues import EVENT_NOUNS
from curation.types import Kind

Cue = tuple[Kind, float, float, str, str]

#: Who acts locally, as titles name them.
LOCAL_ACTORS = (
    r"communes?|villes?|villages?|bourgs?|mairies?|municipalites?|metropoles?|agglomerations?|agglos?"
    r"|communautes? (?:de communes|urbaines?|d'agglomeration)|intercommunalites?|epci|departements?"
    r"|syndicats? (?:d'energie"
    r"|de riviere|mixtes?|intercommun[a-z]+|des? eaux?)|petr|pays|parcs? naturels? regional|parcs? naturels?"
    r"|offices? de tourisme"
    r"|cooperatives?|bailleurs?|centres? soci(?:al|aux)|mediatheques?|bibliotheques?|ecoles?|colleges?|lycees?"
    r"|tiers-lieux?"
    r"|agents?|eleveurs|maraichers|habitants|benevoles|ile|bassin|vallee|quartiers?|pme|hopital|cantines?|bus|camion"
)
#: What they do of their own hand; to ask, to fear or to denounce is no realisation.
REALISATIONS = (
    r"(?:mutualis|restaur|transform|desimpermeabilis|vegetalis|renatur|relocalis|r(?:e)?ouvr|equip|experiment|test"
    r"|cre|install"
    r"|rehabilit|renov|form|associ|partag|recycl|reemploi|invent|imagin|developp|economis|plafonn|densifi"
    r"|reconditionn|irrigu"
    r"|s'engag|s'organis|liber|transport|rachet|sauv|plant|repar|collect|rebouch|amenag|entretien|simplifi|reecri"
    r"|ouvr|mobilis"
    r"|structur|organis|regroup|convert|depollu|isol|eclair|eteign|nourri|cultiv|compost)(?:e|ent|it|vent|nent)"
    r"|mise(?:nt)? sur|met(?:tent)? (?:en place|en service|en oeuvre|en commun|fin)|remet(?:tent)?|construi(?:t"
    r"|sent)|construites?"
    r"|demoli(?:t|ssent)|reuni(?:t|ssent)|dessert|desservent|fai(?:t|sont) (?:etape|vivre|baisser|le pari|place)"
    r"|sui(?:t|vent)"
    r"|se (?:dote|lance)(?:nt)?|s'allie(?:nt)?|reduis?(?:t|ent)|divise(?:nt)?|produi(?:t|sent)|repris(?:e|es)? par"
    r"|donne(?:nt)? une seconde vie|franchi(?:t|ssent)|devien(?:t|nent)|tire(?:nt)? au sort|habilitee?s?"
)
#: The same, told once done.
REALISED = (
    r"(?:a|ont) (?:mis|transforme|cree|achete|retrouve|forme|accueilli|renove|construit|ouvert|installe|reduit"
    r"|constitue|equipe"
    r"|developpe|repris|confie|choisi|remplace|permis|rassemble|signe|modernise|imagine|invente|plante|restaure"
    r"|economise)"
    r"|s'est appuyee?|se sont appuyes|s'est dotee?|s'est lancee?"
)
#: Hosts of the general press: what they tell of a place is news first.
GENERAL_PRESS = (
    r"\b(?:lemonde|lefigaro|liberation|la-croix|leparisien|aujourdhui-en-france|ouest-france|sudouest|ladepeche"
    r"|lavoixdunord"
    r"|francetvinfo|franceinfo|francebleu|ici|radiofrance|bfmtv|rmc|europe1|rtl|20min(?:utes)?|lepoint|lexpress"
    r"|nouvelobs|lesechos"
    r"|latribune|huffingtonpost|mediapart|humanite|marianne|cnews|tf1info|actu|letelegramme|ledauphine|leprogres"
    r"|estrepublicain"
    r"|laprovence|nicematin|midilibre|paris-normandie|courrier-picard|lunion|afp|courrierinternational|slate|challenges"
    r"|lopinion)\.(?:fr|com|ch|net|org)\b"
)

CUES: tuple[Cue, ...] = (
    # --- job
    (Kind.JOB, 4.0, 1.6, r"\brecrut(?:e|ent|ons)(?: (?:un|une|son|sa|ses|des|pour|deux|trois|quatre|cinq|[0-9]+)\b"
        r"|[ .]un|\()"
        r"|^(?:recrutement|offre de poste) ?:", "« recrute »"),
    (Kind.JOB, 4.0, 1.5, r"\boffres? d'emploi\b|\bposte a pourvoir\b|\bavis de vacance\b", "offre d'emploi"),
    (Kind.JOB, 3.5, 0.8, r"[(\[ ]?\b[hf] ?/ ?[fh]\b(?! ?/)", "« h/f »"),
    (Kind.JOB, 3.5, 0.7, r"\bcharge(?:\(e\)|[-./·]e|e\.e|\.e)|\b(?:directeur|conseiller|animateur|responsable"
        r"|technicien|agent)[a-z]*"
     r"(?:\(|/|[-.·])(?:rice|trice|ere|e|ne)\b", "intitulé de poste"),
    (Kind.JOB, 2.5, 1.0, r"\b(?:cdi|cdd)\b", "contrat proposé"),
    (Kind.JOB, 3.0, 1.4, r"\brecherche (?:son|sa|un|une)(?: ?(?:/|ou) ?(?:son|sa|un|une))? (?:futur|nouve"
        r"|charge|directeur|responsable|conseiller|agent)",
     "recherche d'un collaborateur"),
    (Kind.JOB, 0.0, 1.5, r"\b(?:vos missions|profil recherche|lettre de motivation|poste base a|prise de poste"
        r"|remuneration selon|temps (?:complet|non complet|plein)|cadre d'emplois?|sous l'autorite (?:de|du)"
        r"|contrat de projet|adresser votre candidature|candidatures? a adresser)\b", "profil de poste"),
    # --- call
    (Kind.CALL, 3.6, 1.3, r"\bappels? a (?:projets?|manifestations?|candidatures?|contributions?"
        r"|communications?|initiatives|idees|propositions"
     r"|partenaires?)\b", "appel à projets"),
    (Kind.CALL, 3.0, 1.0, r"\b(?:aap|ami)\b(?= |:|20)", "AAP ou AMI"),
    (Kind.CALL, 2.2, 0.8, r"\bcandidat(?:ez|er)\b|\bcandidatures? (?:ouvertes?|jusqu|avant)"
        r"|\bouverture des candidatures\b|\bdeposez\b", "candidatures"),
    (Kind.CALL, 2.4, 0.9, r"\b(?:co-?)?financer\b", "financer"),
    (Kind.CALL, 1.5, 0.9, r"\bfinancements?\b|\bsubventions?\b|\bfonds chaleur\b"
        r"|\bfonds vert\b|\b(?:aides?|soutiens?) financi(?:eres?|ers?)\b|\bfonds de concours\b", "financement"),
    (Kind.CALL, 0.0, 1.1, r"\bsoutiens? financiers? (?:en faveur|a|aux|pour)\b|\b(?:est"
        r"|a pour objectifs?) d'aider (?:les|des)"
        r" (?:communes|collectivites|epci|entreprises|associations)|\bpropose (?:des|ses|une) aides?\b"
        r"|\bfait realiser et finance\b"
        r"|\bfinance (?:les|des|pour|jusqu|a hauteur)|\bpeuvent beneficier d'une (?:aide|subvention)|\bminoration\b"
        r"|\ba hauteur de [0-9]+ ?%|\bplafonnee? a\b|\bcoup de pouce\b|\benveloppe de\b", "aide proposée"),
    (Kind.CALL, 0.8, 0.9, r"\bprises? en charge\b|\bprend en charge\b|\btaux d'aide\b|\bdepenses eligibles\b"
        r"|\bbeneficiaires? eligibles?\b"
     r"|\btravaux eligibles\b|\bcette aide\b|\bmontant (?:de l'aide|maximum)\b", "conditions d'une aide"),
    (Kind.CALL, 0.8, 0.0, r"^(?:construire|renover|realiser|entretenir|amenager|soutenir|investir|planter|renforcer"
        r"|recycler|maintenir"
        r"|acquerir|restaurer|rehabiliter|equiper|reprendre|moderniser|creer|installer|requalifier|favoriser"
        r"|valoriser)\b", "travaux à aider"),
    (Kind.CALL, 0.0, 0.8, r"\b(?:maitrise|portage|minoration) fonci(?:ere?)\b|\bportage (?:de|des|du)\b"
        r"|\bacquiert? (?:les|des)\b"
        r"|\bpret (?:a|de|relais|bonifie)\b|\bavance remboursable\b", "portage ou prêt"),
    (Kind.CALL, 2.0, 0.6, r"\b(?:trophees|prix) 20[0-9]{2}\b|\bappel a la mobilisation des porteurs\b", "trophées"),
    # --- regulation
    (Kind.REGULATION, 3.4, 1.0, r"\b(?:decret|arrete|ordonnance) (?:n ?[°o]|du [0-9])"
        r"|\bnor ?:? ?[a-z]{4}[0-9]{7}[a-z]\b|\bloi n ?[°o]",
     "texte numéroté"),
    (Kind.REGULATION, 3.2, 1.3, r"\b(?:mega-)?(?:decrets?|ordonnances?|circulaires?|jurisprudence)\b(?! (?:du"
        r"|de) (?:medecin|travail))", "texte réglementaire"),
    (Kind.REGULATION, 2.2, 0.9, r"\bjournal officiel\b|\bpublie[es]* au jo\b"
        r"|\bconseil constitutionnel valide\b", "Journal officiel"),
    (Kind.REGULATION, 2.8, 0.8, r"\b(?:propositions?|projets?) de loi\b[^.]{0,120}\b(?:adopt|promulgu"
        r"|definitivement|vote)", "loi adoptée"),
    (Kind.REGULATION, 1.7, 0.4, r"\b(?:proposition|projet) de loi\b|\bppl\b|\bpjl\b", "projet ou proposition de loi"),
    (Kind.REGULATION, 2.4, 1.6, r"\b(?:senat|senateurs?|deputes?|assemblee"
        r"|parlement(?:aires)?)\b[^.]{0,90}\badopt|\bdefinitivement adopte"
     r"|\badoption definitive", "texte adopté"),
    (Kind.REGULATION, 2.2, 1.5, r"\bquestion (?:ecrite|orale)\b|\breponse ministerielle\b", "question parlementaire"),
    (Kind.REGULATION, 2.0, 1.2, r"\bcour de cassation\b|\bconseil d'etat\b(?! de)"
        r"|\bcour administrative d'appel\b", "jurisprudence"),
    (Kind.REGULATION, 2.2, 1.0, r"\bloi (?:du [0-9]|[a-z]+ du [0-9])|\bpromulgation\b|\ben vigueur (?:le"
        r"|a compter)|\bentree en vigueur\b", "loi datée"),
    (Kind.REGULATION, 2.6, 0.5, r"\bce qui change\b|\bnouvelle reglementation\b|\bcode (?:de l'urbanisme"
        r"|general|de l'environnement|electoral)\b"
     r"|\bcadre juridique\b|\bobligations? (?:legales?|d'inform)", "règle de droit"),
    (Kind.REGULATION, 2.2, 1.5, r"\bprocurations?\b|\binstruction (?:signee|du [0-9]|ministerielle)"
        r"|\bdirective (?:a ses|aux prefets|europeenne)\b"
     r"|\ble (?:senat|parlement) adopte\b|\ble gouvernement (?:precise"
     r"|apporte des precisions)", "instruction ou vote"),
    (Kind.REGULATION, 1.4, 0.9, r"\b(?:tribunal administratif|cour d'appel|conseil constitutionnel|cjue|cedh"
        r"|tribunal judiciaire"
        r"|le juge|les juges|haute juridiction)\b[^.]{0,120}\b(?:juge|enjoint|annule|rappelle|precise|condamne"
        r"|valide|rejette|estime"
        r"|censure|suspend)|\bjugements?\b[^.]{0,40}\bmontre|\bcette obligation\b", "décision de justice"),
    (Kind.REGULATION, 1.2, 1.2, r"\b(?:decret|arrete|ordonnance|circulaire|instruction"
        r"|loi)s?\b[^.]{0,40}\b(?:prevoit|fixe|precise|modifie"
        r"|impose|autorise|abroge|encadre|instaure|cree)\b|\bprecision ministerielle\b"
        r"|\bparue?s? au journal officiel\b",
     "contenu d'un texte"),
    # --- resource
    (Kind.RESOURCE, 2.8, 0.9, r"\bguides?\b(?! (?:touristique|de haute|du routard|michelin))", "guide"),
    (Kind.RESOURCE, 2.4, 0.8, r"\b(?:boite a outils|fiches?|mode d'emploi|vade-?mecum|kit|memento|modele"
        r"|methodologie|cahier technique|catalogue"
     r"|repertoire|annuaire|cartographie|infographie|glossaire|foire aux questions|faq)\b", "outil documentaire"),
    (Kind.RESOURCE, 2.2, 0.9, r"\b(?:observatoire|plateforme|base (?:de donnees|documentaire)"
        r"|centre de ressources|simulateur|logiciel|open ?data|data\.[a-z]"
     r"|dataviz|atlas|portail|geoportail|calcul(?:ateur|ette)?"
     r"|(?<!plafonds de )(?<!conditions de )(?<!sans )ressources)\b", "outil ou plateforme"),
    (Kind.RESOURCE, 0.0, 1.2, r"^(?:(?:gestion|suivi|cartographi[a-z]+|evaluation|visualis[a-z]+|calcul[a-z]*"
        r"|diagnostic"
        r"|recens[a-z]+|sensibiliser|faciliter|simplifier|aider|permettre|accompagner|identifier|centraliser|mesurer"
        r"|systeme"
        r"|referentiel|inventaire|service|outil|plateforme|application|base|observatoire|logiciel|site|portail"
        r"|tableau)\b)"
        r"|\b(?:cet|cette) (?:outil|plateforme|application|base|guide|fiche|methode)\b|\best (?:le fruit"
        r"|l'observatoire|l'outil)"
        r"|\ba ete concue? (?:par|pour)|\bdonnees ouvertes\b|\bcles? en main\b|\bce guide\b|\bcette enquete\b"
        r"|\bl'enquete decrit\b",
     "présentation d'un outil ou d'un document"),
    (Kind.RESOURCE, 0.0, 1.2, r"^(?:ce|cet|cette) (?:guide|methode|fiche|etude|rapport|enquete|ouvrage|livret"
        r"|recueil|note|tableau|memento"
        r"|referentiel|kit|outil|publication|cahier|atlas|boite)\b|\bressources sont libres\b|\bun tableau actualise\b",
     "présentation d'un document"),
    (Kind.RESOURCE, 1.2, 0.0, r"\b(?:une methode|methodes? (?:de|pour)|cles? en main|clefs en main"
        r"|tableau de (?:gestion|bord)|bourse des"
        r"|profils|panorama|chiffres cles|etat des lieux|synthese|bibliographie|ressource)\b",
     "document, dans son titre"),
    (Kind.RESOURCE, 1.5, 0.3, r"\b(?:etudes?|rapport|publications?|dossier|analyse|recueil|barometre|replay"
        r"|decryptage)\b", "étude ou dossier"),
    (Kind.RESOURCE, 1.5, 1.5, r"\b(?:est|propose) une? (?:outil|logiciel|plateforme|service|application|base"
        r"|site|simulateur|methode|jeu|reseau)"
     r"|\bl'outil\b|\boutil (?:pedagogique|d'aide|de)\b|\bboite a outils\b|\bfonctionnalites\b", "outil décrit"),
    (Kind.RESOURCE, 1.6, 0.8, r"\b(?:outil|service|demarche|application|commun) (?:numerique|en ligne|gratuit"
        r"|de [a-z]+|d'[a-z]+|libre)", "service ou outil"),
    (Kind.RESOURCE, 0.8, 0.9, r"\bpermet (?:de|aux|d')|\bfonctionnalites\b|\ba telecharger\b|\btelechargez\b"
        r"|\bmet a (?:la )?disposition\b|\bmise? a disposition\b"
     r"|\bacces (?:aux|a des|libre)\b|\bretrouvez\b|\bconsultez\b", "mise à disposition"),
    (Kind.RESOURCE, 1.2, 0.7, r"\baccompagn(?:e|ement|er|ent)\b|\bconseils?\b(?! (?:municipal|departemental"
        r"|regional|d'etat|constitutionnel|de l|des ministres|general"
     r"|communautaire|national|d'administration))|\bingenierie\b|\bassistance\b|\bexpertise\b", "accompagnement"),
    (Kind.RESOURCE, 1.8, 0.5, r"\bwebinaire\b[^.]{0,80}\b(?:du [0-9]|a permis|revoir)", "webinaire passé"),
    (Kind.RESOURCE, 2.0, 0.7, r"\bretours d'experiences?\b[^.]{0,40}\b(?:des|de) (?:cooperations|collectivites"
        r"|territoires)|\brecueil d'(?:initiatives|experiences)",
     "recueil d'expériences"),
    # --- practice
    (Kind.PRACTICE, 2.4, 0.9, r"\bretours? (?:d'experiences?|sur (?:un|deux|trois|[a-z]+) ans? d'experience)\b"
        r"|\brex\b|\btemoignage"
        r" (?:d'un|de la) (?:commune|collectivite)|\bbonnes? pratiques?\b|\bla recette (?:de|du|d')",
     "retour d'expérience"),
    (Kind.PRACTICE, 1.3, 0.7, r"\bexperiment(?:er|e|ation|ent)\b|\binvestiguer\b|\bdemonstrateur\b"
        r"|\bprojet pilote\b", "expérimentation"),
    (Kind.PRACTICE, 1.2, 0.9, r"\b(?:une|son|leur|cette|l') ?initiatives?\b(?! (?:de loi|parlementaire"
        r"|citoyenne europeenne))|\binitiatives? locales?\b", "initiative"),
    (Kind.PRACTICE, 0.0, 0.9, r"\b(?:la|une) (?:commune|ville|municipalite|mairie|metropole"
        r"|communaute de communes|agglo[a-z]*|ile) [^.]{0,60}"
        r"\b(?:a mis en place|s'est dotee|s'est lancee|s'est engagee|a lance|a decide de|experimente|a choisi"
        r"|a transforme|souhaite)", "action d'une collectivité"),
    (Kind.PRACTICE, 0.0, 2.8, r"\bprogramme national d'investigation\b|\bcollectivite sponsor\b|\b(?:cette"
        r"|l') ?investigation"
        r" (?:s'est|a|n'a|etait|portait|concerne)|\b(?:contexte|debut|fin|issue|lors|pendant) (?:de l'|d'"
        r"|de cette )?investigation\b|\bsondes pendant\b"
        r"|\ben (?:phase|debut) d'investigation\b", "investigation de terrain"),
    (Kind.PRACTICE, 2.0, 0.0, rf"^[^?!«]*\b(?:{LOCAL_ACTORS})\b[^?!«]{{0,70}}\b(?:{REALISATIONS})\b",
     "réalisation d'un acteur local"),
    (Kind.PRACTICE, 1.2, 0.0, rf"(?:^|: )(?:a [a-z' -]{{3,40}}, )(?:[a-z' ]{{0,50}})\b(?:{REALISATIONS})\b"
        rf"|: (?:un|une|des|deux|trois|[0-9]+) [^?!«]{{3,60}}\b(?:{REALISATIONS})\b", "réalisation située"),
    (Kind.PRACTICE, 0.0, 1.1, rf"\b(?:{LOCAL_ACTORS})\b[^.?!«]{{0,70}}\b(?:{REALISATIONS}|{REALISED})\b",
     "réalisation d'un acteur local"),
    (Kind.PRACTICE, 0.0, 0.8, r"\b(?:ont|a) (?:permis|retrouve|fait baisser|genere|economise|reuni|forme)\b"
        r"|\b[0-9]+ % de moins\b"
        r"|\bdepuis (?:un|deux|trois|quatre|cinq) ans?\b|\ben (?:un|deux|trois|quatre|cinq) ans?\b|\b(?:partagent"
        r"|partage) depuis\b"
        r"|\bpartagee?s? par\b|\bles mesures montrent\b|\bun effet favorable\b", "résultats d'une action"),
    # --- event
    (Kind.EVENT, 2.2, 0.5, rf"(?:^(?:[0-9]+(?:e|eme|eres?|emes)? )?(?:premieres? )?|[«\"\[(:] ?"
        rf"| - )(?:{EVENT_NOUNS})\b", "manifestation annoncée"),
    (Kind.EVENT, 1.5, 1.4, r"\b(?:aura lieu|auront lieu|se tiendra|se tiendront|se deroulera|se tient du"
        r"|save the date|vous invite|inscrivez-vous"
     r"|entree libre|sur inscription|rendez-vous le|venez (?:nombreux|decouvrir|rencontrer"
     r"|participer))\b", "annonce d'une date"),
    (Kind.EVENT, 1.2, 0.8, r"\borganise(?:nt)? (?:un|une|le|la|les|l'|son|ses|sa|leur)[^.]{0,40}\b(?:edition"
        r"|journees?|colloque|forum|webinaire|rencontres?|salon"
     r"|seminaire|congres|conference)", "organisation d'une manifestation"),
    # --- other
    (Kind.OTHER, 1.2, 1.3, r"\b(?:roman|polar|recit|romancier|livre|film|serie|album)\b[^.]{0,60}\b(?:raconte"
        r"|racontant|signe|recit|inspire|brode|emotion|mouche)", "critique d'une œuvre"),
    (Kind.OTHER, 1.5, 1.8, r"\b(?:premier|nouveau|dernier|second) (?:roman|livre|album|film)\b"
        r"|\brecit (?:inspire|intense|autobiographique|familial)",
     "critique d'une œuvre"),
    (Kind.OTHER, 2.0, 0.6, r"\bmots (?:croises|fleches)\b|\bhoroscope\b|\bsudoku\b"
        r"|\bles visages d|\bportrait de (?!l)|\bnewsletter\b"
        r"|\bvoeux\b|\bedito(?:rial)?\b", "rubrique"),
    (Kind.OTHER, 3.2, 0.0, r"^(?:quiz|recettes?)\b", "jeu ou recette"),
    (Kind.OTHER, 0.5, 2.4, r"\b(?:auditeurs|dans la bonne humeur|tous les (?:apres-midis|matins|soirs"
        r"|jours) de [0-9]{1,2} ?h)", "émission"),
    # --- news
    (Kind.NEWS, 1.0, 0.5, r"\bselon\b|\bdenonce|\balerte\b|\bannonce\b|\bpolemique\b|\bmalgre\b|\bministre\b"
        r"|\bgouvernement\b", "récit d'actualité"),
    (Kind.NEWS, 0.8, 0.4, r"\b(?:cour des comptes|insee|senat|assemblee nationale|premier ministre|macron"
        r"|municipales|legislatives|presidentielle|budget 20[0-9]{2})\b",
     "vie publique"),
    (Kind.NEWS, 0.8, 0.6, r"\b(?:hier|mardi|mercredi|jeudi|vendredi|lundi|samedi|dimanche) (?:soir|matin"
        r"|dernier|[0-9]{1,2} [a-z]+)", "fait daté"),
    (Kind.NEWS, 0.9, 0.3, r"^(?:direct|video|reportage|entretien|interview|exclusif|info|tribune|enquete"
        r"|temoignages?|decryptage|document)\b", "rubrique de presse"),
)  # fmt: skip

#: What an address or the name of a source suggests: ``(kind, weight, pattern, reason)``, read on « source address ».
PROVENANCE: tuple[tuple[Kind, float, str, str], ...] = (
    (Kind.EVENT, 4.0, r"openagenda|/agenda/|/evenements?/|/events?/|que faire a |\bagenda\b"
        r"|/webinaires?/", "vient d'un agenda"),
    (Kind.JOB, 3.5, r"(?<!economie)(?<!economie-social)/emplois?/(?!article|chomage|retraite|actualite)"
        r"|/offres?-(?:d-)?emploi|/recrutements?/|/jobs?/|emploi-territorial"
        r"|/carrieres?/", "vient d'une page d'emplois"),
    (Kind.JOB, 1.6, r"recrute|/charge-?e-|-h-f\b|-cdi-|/chargee-", "adresse d'une offre"),
    (Kind.REGULATION, 4.0, r"legifrance|journal-officiel|/jorf|/questions?/q|conseil-etat\.fr"
        r"|eur-lex", "vient d'un recueil de textes"),
    (Kind.RESOURCE, 0.9, r"bibliotheque|mediatheque|centre de ressources", "vient d'un centre documentaire"),
    (Kind.RESOURCE, 3.0, r"\bwiki\b|\breferentiel\b|/ressources?/|/outils?/|/publications?/|/guides?/|librairie"
        r"|/documentation"
        r"|data\.gouv|/boite-a-outils|/bibliotheque/|/referentiels?/|/mediatheque/", "vient d'un fonds documentaire"),
    (Kind.RESOURCE, 2.2, r"(?:^|\s)beta\.gouv\.fr/[a-z]|https?://(?!aides-territoires)[a-z0-9.-]+\.(?:beta|anct"
        r"|numerique|ademe)\.gouv\.fr/?(?:\s|$|\?|$)", "service numérique public"),
    (Kind.RESOURCE, 1.0, r"(?<!gouv\.fr/)\b(?:cerema|ademe|inrae|brgm|anct|insee|ofb)\b(?! [a-z]*/)",
     "organisme technique"),
    (Kind.RESOURCE, 1.2, r"https?://[^/\s]+/?$", "adresse d'un site entier"),
    (Kind.RESOURCE, 2.2, r"aides-territoires|/aides?/", "fiche d'accompagnement"),
    (Kind.CALL, 1.6, r"aides-territoires|/aides?/|/appels?-a-|/aap"
        r"|/appel-a-projets?", "vient d'un répertoire d'aides"),
    (Kind.CALL, 1.5, r"/appels?-a-(?:projets?|manifestation|candidatures?)|lappel-|lami-", "adresse d'un appel"),
    (Kind.PRACTICE, 1.5, r"/retours?-d?-?experience|/initiatives?/|/temoignages?/"
        r"|/pratiques?/", "vient d'un recueil d'initiatives"),
    (Kind.REGULATION, 1.2, r"veille juridique", "vient d'une veille juridique"),
    (Kind.PRACTICE, -1.8, GENERAL_PRESS, "vient de la presse générale"),
    (Kind.EVENT, -0.8, GENERAL_PRESS, "vient de la presse générale"),
    (Kind.RESOURCE, -0.8, GENERAL_PRESS, "vient de la presse générale"),
    (Kind.JOB, -1.0, GENERAL_PRESS, "vient de la presse générale"),
    (Kind.CALL, -0.5, GENERAL_PRESS, "vient de la presse générale"),
    (Kind.OTHER, 1.0, r"/(?:emissions?|replay-emissions|jeux|les-jeux[a-z-]*|recettes?|horoscope)/",
     "rubrique d'antenne ou de détente"),
    (Kind.NEWS, 0.5, r"/actualites?/|/article|/actu/|/news/", "vient d'une page d'actualités"),
)  # fmt: skip

#: An institution that publishes its own realisations, without an address: its budget, its works.
TERRITORY_SOURCE = (
    r"^(?:ville|commune|mairie|metropole|communaute|departement|region|agglomeration"
    r"|pays) (?:de |d'|du |des )"
)
