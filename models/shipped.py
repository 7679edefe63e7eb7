"""Where artifacts delivered with veille stand: apart, so that naming one loads nothing."""

from __future__ import annotations

from pathlib import Path

#: The scorer learned on labelled items by ``flows.starter``; weights only.
STARTER = Path(__file__).parent / "artifacts" / "starter.npz"
