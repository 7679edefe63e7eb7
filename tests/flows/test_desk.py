"""What the desk prepares before it opens."""

from __future__ import annotations

from pathlib import Path

from curation.config import CommunitySettings, Settings, SourceSettings
from curation.store.store import Store
from flows.desk import make_site


def test_the_sources_of_the_configuration_are_there_before_the_first_night(tmp_path: Path) -> None:
    settings = Settings(
        state=tmp_path,
        communities=[CommunitySettings(id="tourisme")],
        sources=[SourceSettings(id="lettre", name="La Lettre", url="https://exemple.fr/rss")],
    )
    make_site(settings, tmp_path / "config.yaml")
    with Store(settings.database) as store:
        assert [s.name for s in store.sources()] == ["La Lettre"]
