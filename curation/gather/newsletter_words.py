"""The words by which a French newsletter gives itself away: labels of links, notices, sections, footers."""

from __future__ import annotations

import re

from curation.gather.boilerplate import fold

_MONTH = (
    r"(?:janv(?:ier|\.)?|f[ée]v(?:rier|r\.?|\.)?|mars|avr(?:il|\.)?|mai|juin|juil(?:let|l?\.)?|ao[uû]t"
    r"|sept(?:embre|\.)?|oct(?:obre|\.)?|nov(?:embre|\.)?|d[ée]c(?:embre|\.)?"
    r"|printemps|[ée]t[ée]|automne|hiver|\d(?:er|e|[èe]me)\s(?:trimestre|semestre))"
)
_WHEN = (
    rf"(?:(?:\d{{1,2}}(?:er)?\s+)?{_MONTH}(?:\s?[-–/]\s?{_MONTH})?\s+(?:19|20)\d\d"
    r"|\d{1,2}/\d{1,2}/\d{4}|(?:19|20)\d\d)"
)
_PAGES = (
    r"(?:\d{1,4}|[ivxlc]{1,7}-\d{1,4}"
    r"|\d{1,4}\s?[-–]\s?\d{1,4}|pp?\.\s?\d{1,4}(?:\s?[-–]\s?\d{1,4})?)\s?(?:p(?:ages?\b|p?\.|\b))?"
)
#: « organisme, mois année. 31 p. » ; group 1: the organisation; group 2: what follows.
_CITE = re.compile(
    rf"^(.{{2,170}}?)\s?[,(–—|•·-]\s?(?:\w{{0,12}}\s?n°\s?[\w-]{{1,12}}\s?[,.]?\s)?(?:le\s|paru\sen\s"
    rf"|publié\s(?:le|en)\s)?{_WHEN}\)?"
    rf"(?=\s*(?:$|[.,;:)–—|-]))((?:[\s.,;–—|-]*{_PAGES})?)(.*)$",
    re.IGNORECASE | re.DOTALL,
)
_CITE_PAGES = re.compile(r"^([^.!?]{2,120}?)\s?[.,–—-]\s?\d{1,4}\s?p(?:ages|\.|$)\s*(?:\([^()]{1,40}\))?\.?()()$")
_CITE_WORD = re.compile(
    r"^(?:source|auteurs?|[ée]diteur|publi[ée] par|par)\s?:\s*(.{2,120}?)\s*\.?()()$", re.IGNORECASE
)
_ISSUE = re.compile(r"\s*[,.(]?\s*\bn[°o]\s?[\w-]{1,12}\s*$")
_DATE_START = re.compile(
    rf"^(?:(?:du|le|les|jusqu['’]au|[àa] partir du|avant le|date limite\s?:?)\s+)?(?:(?:lun|mar|mercre|jeu"
    rf"|vendre|same|diman)(?:di|che)?\s+)?"
    rf"\d{{1,2}}(?:er)?(?:\s?(?:-|–|et|au|&|/)\s?\d{{1,2}}(?:er)?)?(?:\s+{_MONTH}|/\d{{1,2}})",
    re.IGNORECASE,
)
_MONTH_ALONE = re.compile(rf"^{_MONTH}(?:\s?[-–]\s?{_MONTH})?(?:\s+\d{{4}})?$", re.IGNORECASE)

ARROW = re.compile(r"^[\s\[(]*(?:[►▶▸▹→➔➜➤➢⇒»›❯☞👉⮕🔗📄📥]|=>|->|>>?|»)+[\ufe0f\s]*")
_ENDING_ARROW = re.compile(r"[\s\])]*(?:[►▶▸→➔➜➤⇒»›❯>+…]|\.\.\.)+[\s\])]*$")
_MORE = re.compile(
    r"^(?:(?:pour )?en (?:savoir|lire|voir|decouvrir) (?:plus|davantage)|lire|voir|la suite|ici|cliquez ici"
    r"|suite|plus d infos?|infos?|plus"
    r"|plus d informations?|decouvrir|consulter|telecharger|acceder|participer|s inscrire|inscription"
    r"|je m inscris|je decouvre|je participe|details?"
    r"|lien|site|site (?:web|internet)|programme|source|read more|pdf|candidater|deposer|postuler|repondre"
    r"|retrouve[rz]|visionner|ecouter|replay|regarder"
    r"|lire la suite|acces au document|texte integral|telechargement|j en profite|ca m interesse)$"
)
_VERB = re.compile(
    r"^(?:(?:re)?lire|voir|tou(?:s|tes) (?:les|nos)|decouvr(?:ir|ez)|consulte[rz]|telecharge[rz]|accede[rz]"
    r"|participe[rz]|s inscrire|inscri(?:vez|ption)|retrouve[rz]|visionne[rz]"
    r"|ecoute[rz]|regarde[rz]|en savoir|je |cliquez|programme|feuillete[rz]|repond(?:re|ez)|candidate[rz]"
    r"|depose[rz]|explore[rz]|pour en|suite de|acces|plus d)\b"
)
_DOCUMENT = re.compile(
    r"^(?:(?:l|le|la|les|un|une|ce|cette|notre|son) )?(?:etudes?|rapports?|guides?|articles?|notes?|dossiers?"
    r"|communiques?|enquetes?|atlas|ouvrages?"
    r"|livres?|livrets?|livre blanc|fiches?|cartes?|cartographies?|synthes[ei]s?|resumes?|essentiel|textes?"
    r"|decrets?|lois?|arretes?|circulaires?|ordonnances?|instruction|avis|bilans?"
    r"|chiffres?|donnees|tableaux?|tableau de bord|barometres?|observatoires?|panoramas?|publications?"
    r"|documents?|revues?|numeros?|brochures?|plaquettes?|kits?"
    r"|boite a outils|outils?|site|sites|page|plateforme|portail|video|videos|webinaires?|podcasts?|replay"
    r"|enregistrement|infographies?|presentation|diaporama"
    r"|appels?|ami|programmes?|inscriptions?|invitation|agenda|formulaire|reglement|cahier|questionnaire"
    r"|retours?|temoignages?|entretiens?|interview|tribune|parcours"
    r"|contributions?|actes|these|memoire|recueil|repertoire|annuaire|base|simulateur|feuille de route|plan"
    r"|strategie|charte|convention|proposition|projet|manuel"
    r"|memento|vademecum|faq|foire|questions?|actualites?|actu|newsletter|lettre|annexes?|sommaire|introduction"
    r"|dossier de presse|communique de presse|billet|analyse|decouvrir"
    r"|methode|methodologie|referentiel|palmares|laureats|liste|resultats|consultation|concertation"
    r"|offre|annonce|fichier|version|pdf|jeu)\b"
)
_QUALIFIERS = frozenset(
    "complet complete integral integrale pdf en ligne a telecharger au format de d du des et ou la le les l ko mo html "
    "synthese annexes presse inscription inscriptions programme resume rapport etude version site page web detaille "
    "detaillee presentation texte officiel video lien acces document dossier article outils information".split()
)
#: « Colloque : habiter les petites villes » speaks of something.
_TOPIC = re.compile(r"\w\s?:\s?\w")
_SECONDARY = re.compile(
    r"^(?:(?:s |je m )?inscri|voir aussi|lire aussi|a lire aussi|pour aller plus loin|contacts?\b|plan d acces"
    r"|replay|tou(?:s|tes) l|voir tou|la page contact|communique"
    r"|annexe|dossier de presse|sommaire|ajouter)"
)

_SECTIONS = re.compile(
    r"^(?:(?:l |la |le |les |nos |notre |vos |votre )?(?:action publique|action sociale|agenda|agriculture"
    r"|alimentation|amenagement|appels? a|en bref|en direct|aides?|actualites?|actus?|a la une|a lire|a noter"
    r"|biodiversite|breves?|centre[s -]|citoyennete|climat|cohesion|collectivites|commerces?|competitivite"
    r"|concertation|culture|data|decentralisation|democratie|demographie"
    r"|developpement|dossiers?|eau|economie|education|egalite|emploi|energie|enseignement|entreprises"
    r"|environnement|etudes|europe|evenements?|finances?|fiscalite|foncier|formations?"
    r"|gouvernance|guides?|habitat|immobilier|inclusion|industrie|ingenierie|innovation|insertion|integration"
    r"|international|intercommunalites?|jeunesse|juridique|lectures?|legislation|logement|management"
    r"|marches publics|mediation|mobilites?|montagne|numerique|outils|outre mer|patrimoine|paysage"
    r"|participation|petite enfance|planification|politiques?|population|prevention|prospective|publications"
    r"|quartiers|recherche"
    r"|regions?|reglementation|rendez vous|renovation|ressources|retours d experience|revitalisation|risques"
    r"|ruralite|sante|securite|services|social|solidarites?|sport|statistiques|territoires?|textes|tiers lieux"
    r"|tourisme"
    r"|transition|transports?|travail|urbanisme|veille|vie |villes?|vu ailleurs|zoom)\b)"
)
_AGENDA = re.compile(r"agenda|rendez vous|evenement|manifestation|calendrier|webinaire|colloque|rencontres|salons")

#: Whole lines that belong to the machine, not to the letter.
_CHROME = re.compile(
    r"desabonn|desinscri|unsubscribe|ne (?:souhaitez|desirez|voulez) plus (?:recevoir|etre)|ne plus recevoir"
    r"|version (?:en ligne|web|html|navigateur)|voir (?:ce (?:mail|message|courriel)|cet e ?mail|la lettre"
    r"|l email|le mail) (?:dans|en|sur)"
    r"|(?:dans|depuis) (?:votre|le|un) navigateur|s affiche (?:pas|mal)|voir en ligne|lire en ligne"
    r"|consulter en ligne|view (?:this|in)|vous recevez (?:ce|cet|cette)|(?:ce|cet) (?:message|e ?mail|courriel"
    r"|mail) (?:a ete|vous a ete|est) (?:envoye|adresse)"
    r"|mentions legales|politique de confidentialite|donnees personnelles|informatique et libertes"
    r"|reglement general sur la protection|\brgpd\b|tous droits reserves"
    r"|(?:modifier|gerer|mettre a jour) (?:mes|vos|votre|mon|ses) (?:preferences|abonnement|profil|coordonnees"
    r"|inscription)|transferer (?:a|ce|cet|la)|faire suivre|suivez nous|suivez l|retrouvez nous sur"
    r"|rejoignez nous|nous suivre|partage[rz] (?:sur|cet|cette|ce|la)"
    r"|ajoute[rz] .{0,60}carnet d adresses|envoye (?:par|avec) (?:brevo|mailjet|sendinblue|mailchimp|sarbacane)"
    r"|^directeur de la publication|^directrice de la publication|issn \d"
    r"|abonne[rz] (?:vous|a la|a notre|un)|^s abonner|pour vous abonner|retour (?:au|en) (?:sommaire|haut)"
    r"|haut de page|^sommaire$|^au sommaire$|^dans ce numero$|ne pas repondre|^copyright\b|imprimer ce"
)
_FOOTER = re.compile(
    r"desabonn|desinscri|unsubscribe|plus recevoir|vous recevez|mentions legales|confidentialite|a ete envoye"
    r"|donnees personnelles|informatique et libertes|protection des donnees"
    r"|directeur de la publication|directrice de la publication|tous droits reserves|copyright|contactez nous"
    r"|nous contacter|suivez nous|retrouvez nous sur"
)
_MASTHEAD = re.compile(
    r"^(?:la |le |l |notre )?(?:lettre|newsletter|bulletin|infolettre|lid|flash|info lettre"
    r"|lettre d information|e lettre|letter|veille)\b.{0,80}(?:\bn ?o? ?\d|\b20\d\d|numero)"
)
_GREETING = re.compile(
    r"^(?:edito(?:rial)?\b|bonjour|cheres?\b|chers?\b|madame|bonne lecture|mot d[eu]|a tou[st]|l equipe"
    r"|bien cordialement|cordialement)"
)
_SOCIAL = re.compile(
    r"//(?:[\w-]+\.)*(?:facebook|instagram|tiktok|threads|pinterest|bsky|flickr|snapchat)\.(?:com|net|app)(?:/"
    r"|$)|//(?:[\w-]+\.)*(?:twitter|x)\.com/(?:\w+/?(?:\?|$)|intent|share)"
    r"|linkedin\.com/(?:company|in|school|showcase|share|groups|feed|cws)|youtube\.com/(?:@|channel|c/|user|$)"
    r"|//(?:[\w-]+\.)*(?:t\.me|wa\.me|api\.whatsapp\.com)/|/sharer|mastodon\.",
    re.IGNORECASE,
)
_CHROME_URL = re.compile(
    r"unsubscri|desabonn|desinscri|opt-?out|list-unsub|/(?:mirror|view_?online|webversion)\b|forward-to-friend"
    r"|list-manage\.com/(?:profile|unsub|about)|campaign-archive",
    re.I,
)
_NETWORK = re.compile(
    r"^(?:(?:sur|notre page|page|logo|icone|suivez nous sur|compte) )?(?:facebook|twitter|linkedin|instagram"
    r"|youtube|bluesky|mastodon|x|tiktok|threads|whatsapp|flickr|e ?mail|web|site web|contact|contactez nous"
    r"|nous contacter|accueil|archives|abonnement|plan du site|voir plus d actualites)$"
)


def is_more(label: str) -> bool:
    """Whether a label only invites to click: « Lire la suite », « En savoir plus », « Télécharger le guide »."""
    words = fold(label)
    return bool(_MORE.match(words) or (_VERB.match(words) and len(words) <= 70)) or not words


def is_document(label: str) -> bool:
    """Whether a label names the document and nothing else: « L’étude », « Le rapport complet (PDF) »."""
    words = fold(label)
    match = _DOCUMENT.match(words)
    if match is None or len(words) > 45 or _TOPIC.search(label):
        return False
    rest = words[match.end() :].split()
    determined = bool(re.match(r"(?:l|le|la|les|un|une|ce|cette|notre|son) ", words))
    return len(rest) <= (3 if determined else 0) or all(word in _QUALIFIERS for word in rest)


def is_generic(label: str) -> bool:
    return is_more(label) or is_document(label)


def is_secondary(label: str) -> bool:
    """Whether a link says something beside the item: inscription, « voir aussi »..."""
    return bool(_SECONDARY.match(fold(label)))


def cite(text: str) -> tuple[str, str] | None:
    """Read « organisme, mois année. 31 p. »: (organisation, text that follows), or None."""
    head = text[:400]
    if _DATE_START.match(head):
        return None
    for pattern in (_CITE, _CITE_PAGES, _CITE_WORD):
        match = pattern.match(head)
        if match is None:
            continue
        organisation = _ISSUE.sub("", match.group(1)).strip(' ,;:.–—-(«»|•·"')
        rest = (match.group(3) + text[400:]).strip(" .,;:–—-)|")
        if re.search(
            r"[.!?:;]\s", re.sub(r"\b(?:[A-Z]|dir|coord|coll|St|Ste|M|Mme|éd|ed|al|vol|n)\.", "", organisation)
        ):
            return None
        if len(organisation) < 2 or len(organisation.split()) > 22 or not re.search(r"[A-Za-zÀ-ÿ]", organisation):
            return None
        if rest and not match.group(2) and len(rest) > 60:
            return None  # a sentence that holds a date
        organisation = re.sub(r"^(?:source|auteurs?|éditeur)\s?:\s*|^(?:in|dans)\s?:\s*", "", organisation, flags=re.I)
        return organisation, rest
    return None


def is_dated(text: str) -> bool:
    """Whether a line opens with a day: « 12 mars 2026 », « Du 3 au 5 juin », « Jeudi 4 avril, Lyon »."""
    return bool(_DATE_START.match(text))


def is_month(text: str) -> bool:
    return bool(_MONTH_ALONE.match(text.strip(" :.-–—")))


def names_section(text: str) -> bool:
    plain = len(text) <= 60 and len(text.split()) <= 6 and not re.search(r"\w\s?:\s?\w|[?!»]", text)
    return plain and bool(_SECTIONS.match(fold(text)))


def is_agenda(section: str | None) -> bool:
    return bool(section) and bool(_AGENDA.search(fold(section or "")))


def is_chrome(text: str) -> bool:
    """Whether a line is the sender's machinery; long paragraphs are not, they may speak of it."""
    return len(text) < 600 and bool(_CHROME.search(fold(text)))


def is_footer(text: str) -> bool:
    return len(text) < 1500 and bool(_FOOTER.search(fold(text)))


def is_masthead(text: str) -> bool:
    return len(text) < 160 and bool(_MASTHEAD.match(fold(text)))


def is_greeting(text: str) -> bool:
    return bool(_GREETING.match(fold(text[:80])))


def is_chrome_link(label: str, url: str) -> bool:
    """Unsubscribe, social networks, mail addresses, « voir en ligne »."""
    lowered = url.strip().lower()
    if not lowered or lowered.startswith(("mailto:", "tel:", "javascript:", "sms:", "data:", "file:", "cid:")):
        return True
    words = fold(label)
    if _NETWORK.match(words) or (len(label) < 120 and _CHROME.search(words)):
        return True
    # A post of a network may be the news itself; a bare profile or a share button is not.
    return bool(_CHROME_URL.search(url) or (_SOCIAL.search(url) and len(words.split()) < 4))
