"""A night in one French sentence, for the home page and the list of nights."""

from __future__ import annotations

from curation.types import RunReport
from curation.web.render import count

#: The steps of a night, in the order they run; « total » comes last.
STEP_LABELS = {
    "sources": "Interroger les sources",
    "articles": "Lire les pages",
    "again": "Redemander les pages qui avaient manqué",
    "model": "Préparer le modèle et les vocabulaires",
    "encode": "Comprendre le sens des articles",
    "fingerprint": "Relever les empreintes",
    "read": "Relever les mots des communautés",
    "classify": "Trier par communauté",
    "dedupe": "Rapprocher les doublons",
    "rank": "Classer les files",
    "phrases": "Relever les termes",
    "total": "En tout",
}


def night_sentence(report: RunReport, failed_sources: int | None = None, when: str = "Cette nuit") -> str:
    """« Cette nuit, 41 sources sur 43 ont répondu : 157 nouvelles entrées, 107 nouveaux brouillons… »

    ``failed_sources``: how many sources did not answer (``store.failed_sources(run)``); without it the sentence says
    how many were asked, since ``report.failures`` counts pages too.
    """
    if report.finished is None:
        # a killed night leaves no figures: the store only knows that it began
        return (
            "La dernière nuit est encore en cours, ou elle a été interrompue : la prochaine reprendra où elle en était."
        )
    parts = [
        count(report.entries_new, "nouvelle entrée", "nouvelles entrées") if report.entries_new else "",
        count(report.drafts_new, "nouveau brouillon", "nouveaux brouillons") if report.drafts_new else "",
    ]
    parts = [p for p in parts if p] or ["rien de nouveau"]
    # sources are told by « 41 sur 43 »: what is left are pages, whose text the feed gave instead
    pages = sum(report.failures.values()) - (failed_sources or 0)
    if pages > 0 and failed_sources is not None:
        parts.append(count(pages, "page illisible", "pages illisibles"))
    resumed = " Elle a repris le travail d’une nuit interrompue." if report.resumed else ""
    return f"{when}, {_asked(report, failed_sources)} : {', '.join(parts)}.{resumed}"


def _asked(report: RunReport, failed: int | None) -> str:
    due = report.sources_due
    if not due:
        return "aucune source n’était à interroger"
    if failed is None:
        return f"{count(due, 'source')} {'interrogée' if due < 2 else 'interrogées'}"
    answered = max(0, due - failed)
    if not answered:
        return "la source interrogée n’a pas répondu" if due == 1 else f"aucune des {due} sources n’a répondu"
    if not failed:
        return "la source interrogée a répondu" if due == 1 else f"les {count(due, 'source')} interrogées ont répondu"
    return f"{count(answered, 'source')} sur {due} {'a' if answered == 1 else 'ont'} répondu"


def duration(seconds: float) -> str:
    """« 0,4 s », « 43 s », « 2 min 58 s », « 1 h 05 min »."""
    if seconds < 10:
        return f"{round(seconds, 1):g} s".replace(".", ",")
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    minutes, rest = divmod(whole, 60)
    if minutes < 60:
        return f"{minutes} min {rest:02} s" if rest else f"{minutes} min"
    return f"{minutes // 60} h {minutes % 60:02} min"
