"""``python -m flows.demo``: one night of veille on the built-in samples, then the queue of each community."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from pathlib import Path

import yaml

from curation.config import Settings, load_settings
from curation.store.store import Store
from flows.demo_server import DemoServer
from flows.judge import load_words, plan_of
from flows.night_commands import queue_text, run_night
from taxonomy.load import SHIPPED

#: Drafts shown of each queue.
SHOWN = 5


def demo_settings(server: DemoServer, state: Path, *, broken: bool = True) -> Settings:
    """The configuration of the demo, written beside its state so that every command can use it."""
    content = {
        "state": str(state.resolve()),
        "politeness": {
            "contact": "mailto:demo@veille.example",
            "allow_private_hosts": ["127.0.0.1"],
            # every sample stands on one host: some of its faults are part of the show
            "host_failures_before_rest": 50,
            "per_host": 8,
        },
        "harvest_every_hours": 0,
        "communities": sorted(p.stem for p in SHIPPED.glob("*.yaml")),
        "sources": server.sources(broken=broken),
    }
    state.mkdir(parents=True, exist_ok=True)
    path = state / "config.yaml"
    path.write_text(yaml.safe_dump(content, allow_unicode=True, sort_keys=False), encoding="utf-8")
    return load_settings(path)


def main(state: Path = Path("state/demo")) -> None:
    """Run the demo; every run starts from the state the last one left."""
    with DemoServer() as server:
        settings = demo_settings(server, state)
        sys.stderr.write(
            f"Une nuit de veille sur {len(settings.sources)} sources d'exemple "
            "(le moteur Prefect démarre, quelques secondes)…\n"
        )
        run_night(settings, datetime.now(UTC).isoformat(), False, False, harvesting=True, curating=True)
    words = {t.id: t for t in load_words(plan_of(settings))}
    with Store(settings.database) as store:
        for community, taxonomy in words.items():
            drafts = store.queue(community)
            text = queue_text(drafts[:SHOWN], store.folded_under(d.article for d in drafts), taxonomy, words)
            first, _, rest = text.partition("\n")
            sys.stdout.write(f"\n{taxonomy.pref_label} : {len(drafts)} brouillons, les {SHOWN} premiers\n{rest}")
            del first
    sys.stdout.write(
        f"\nLa suite d'une file : .venv/bin/veille --config {state}/config.yaml queue tourisme\n"
        f"Ce qui a échoué et que faire : .venv/bin/veille --config {state}/config.yaml status\n"
        f"Le bureau de relecture : .venv/bin/veille --config {state}/config.yaml desk\n"
        "puis http://127.0.0.1:8000/ dans un navigateur, avec le code qu'il affiche pour créer le premier compte.\n"
    )


if __name__ == "__main__":
    main()
