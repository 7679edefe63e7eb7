"""A newsletter in PDF: made here by hand, read with its sizes, weights and link annotations."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from curation.gather.newsletter import parse_newsletter
from curation.types import Cause

NOW = datetime(2026, 10, 2, 3, 0, tzinfo=UTC)


@dataclass
class Row:
    text: str
    size: float = 10
    bold: bool = False
    url: str = ""
    above: float = 14  # points to the row above


def make_pdf(rows: list[Row], title: str = "Lettre documentaire de la ville durable") -> bytes:
    """A one-page PDF 1.4 in Helvetica."""
    y = 800.0
    content, annotations = b"", b""
    for row in rows:
        y -= row.above
        escaped = row.text.encode("cp1252").replace(b"\\", b"\\\\").replace(b"(", b"\\(").replace(b")", b"\\)")
        font = "/F2" if row.bold else "/F1"
        content += f"BT {font} {row.size} Tf 1 0 0 1 50 {y} Tm (".encode() + escaped + b") Tj ET\n"
        if row.url:
            width = 0.5 * row.size * len(row.text)
            annotations += (
                f"<</Type/Annot/Subtype/Link/Rect[50 {y - 2} {50 + width} {y + row.size}]/A<</S/URI/URI({row.url})>>>>"
            ).encode()
    objects = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R/Resources<</Font<</F1 5 0 R/F2 6 0 R>>>>"
        b"/Annots[" + annotations + b"]>>",
        b"<</Length " + str(len(content)).encode() + b">>stream\n" + content + b"endstream",
        b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica/Encoding/WinAnsiEncoding>>",
        b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica-Bold/Encoding/WinAnsiEncoding>>",
        b"<</Title(" + title.encode("ascii") + b")>>",
    ]
    out = b"%PDF-1.4\n"
    offsets = []
    for number, body in enumerate(objects, 1):
        offsets.append(len(out))
        out += f"{number} 0 obj".encode() + body + b"endobj\n"
    table = b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    return (
        out
        + b"xref\n0 8\n0000000000 65535 f \n"
        + table
        + b"trailer<</Size 8/Root 1 0 R/Info 7 0 R>>\nstartxref\n"
        + str(len(out)).encode()
        + b"\n%%EOF"
    )


LETTER = [
    Row("Lettre documentaire de la ville durable", 22, bold=True),
    Row("n° 31 - septembre 2026", 10),
    Row("Action publique", 16, bold=True, above=40),
    Row("Observer les services publics de proximité : une", 11, bold=True, above=26),
    Row("méthode en quatre temps", 11, bold=True),
    Row("Institut des collectivités, mars 2026. 31 p."),
    Row("Cette étude compare vingt bassins de vie. Elle montre que la présence d’un lieu"),
    Row("d’accueil compte plus que la distance, et propose aux communes une grille com-"),
    Row("mune d’analyse."),
    Row("» L’étude", url="https://institut.example/etude.pdf?utm_source=lettre"),
    Row("Les maisons de services vues par leurs agents", 11, bold=True, above=26),
    Row("Revue des territoires, n° 12, juin 2026"),
    Row("Douze entretiens avec des agents d’accueil."),
    Row("» L’article : https://revue.example/maisons"),
    Row("Commerce", 16, bold=True, above=40),
    Row("Marchés de plein vent : le guide des élus", 11, bold=True, url="https://marches.example/guide", above=26),
    Row("Fédération des marchés, 2026. 64 p."),
    Row("Un guide pour rédiger le règlement et fixer les droits de place."),
    Row("Pour vous désabonner : https://lettre.example/non", 8, above=40),
]


def test_sections_notices_and_link_annotations() -> None:
    feed = parse_newsletter(make_pdf(LETTER), source="lettre", now=NOW)
    assert feed.failure is None
    assert feed.format == "pdf"
    assert [(e.section, e.title, e.url, e.cited_source) for e in feed.entries] == [
        (
            "Action publique",
            "Observer les services publics de proximité : une méthode en quatre temps",
            "https://institut.example/etude.pdf",
            "Institut des collectivités",
        ),
        (
            "Action publique",
            "Les maisons de services vues par leurs agents",
            "https://revue.example/maisons",
            "Revue des territoires",
        ),
        (
            "Commerce",
            "Marchés de plein vent : le guide des élus",
            "https://marches.example/guide",
            "Fédération des marchés",
        ),
    ]
    assert feed.entries[0].summary == (
        "Cette étude compare vingt bassins de vie. Elle montre que la présence d’un lieu d’accueil compte plus que la "
        "distance, et propose aux communes une grille commune d’analyse."
    )
    assert feed.entries[2].summary == "Un guide pour rédiger le règlement et fixer les droits de place."


def test_a_scan_is_thin_and_a_damaged_file_is_bad() -> None:
    for body, cause in (
        (make_pdf([Row("Page 1")]), Cause.THIN),
        (make_pdf(LETTER)[:300], Cause.BAD_PDF),
        (b"%PDF-1.4\n" + b"[" * 100_000, Cause.BAD_PDF),
    ):
        feed = parse_newsletter(body, source="lettre", now=NOW)
        assert feed.failure is not None
        assert feed.failure.cause is cause
