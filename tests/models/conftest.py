"""The embedded encoder, built once for the tests that need the real weights."""

from __future__ import annotations

from pathlib import Path

import pytest

from models.build_encoder import embedded_folder
from models.load import EmbeddedEncoder


@pytest.fixture(scope="session")
def state(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("state")
    embedded_folder(folder)
    return folder


@pytest.fixture(scope="session")
def encoder(state: Path) -> EmbeddedEncoder:
    return EmbeddedEncoder(embedded_folder(state), version="test")
