"""Every failure explained in French, every kind named."""

from __future__ import annotations

import re

import pytest

from curation.labels import KIND_LABELS, explain, title_of
from curation.types import Cause, Failure, Kind

ENGLISH = re.compile(r"\b(the|error|failed|timeout|not found|retry|host|server|login|page not)\b", re.IGNORECASE)


@pytest.mark.parametrize("cause", list(Cause))
@pytest.mark.parametrize("url", ["https://www.pays-de-brume.fr/rss", "/courriels/lid", "http://[", ""])
def test_every_cause_has_a_french_explanation(cause: Cause, url: str) -> None:
    explanation = explain(Failure(cause, url, "technical detail", 500, 3700.0))
    for text in (explanation.title, explanation.meaning, explanation.advice):
        assert text == text.strip()
        assert text[0].isupper() or text[0] == "«"
        assert not set("{}'") & set(text), "braces left, or a straight apostrophe"
        assert "technical detail" not in text
        assert "de le site" not in text
        assert not ENGLISH.search(text.replace("min_delay_s", ""))
    assert not explanation.title.endswith(".")
    assert explanation.meaning.endswith(".")
    assert explanation.advice.endswith(".")


def test_titles_tell_the_causes_apart() -> None:
    titles = [explain(Failure(cause, "")).title for cause in Cause]
    assert len(set(titles)) == len(titles)


def test_the_explanation_carries_the_particulars() -> None:
    limited = explain(Failure(Cause.RATE_LIMITED, "https://www.brume.fr/rss", retry_after_s=7000))
    assert "« www.brume.fr »" in limited.meaning
    assert "(dans 2 heures environ)" in limited.meaning
    html = explain(Failure(Cause.HTML_NOT_FEED, "https://brume.fr/", suggested_url="https://brume.fr/rss"))
    assert "https://brume.fr/rss" in html.advice
    assert "(dans 1 jour environ)" in explain(Failure(Cause.SERVER_ERROR, "", retry_after_s=86400)).meaning


def test_every_kind_has_a_french_name() -> None:
    assert set(KIND_LABELS) == set(Kind)
    assert len(set(KIND_LABELS.values())) == len(Kind)


def test_a_cause_of_another_version_is_named_as_it_is() -> None:
    assert title_of("dns") == "Site introuvable"
    assert title_of("meteor") == "meteor"
