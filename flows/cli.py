"""The ``veille`` command: thin. It reads arguments, loads Prefect and models only where they serve, and
turns every foreseen error into one sentence (exit 1); bad usage exits 2.

Every process that a night starts imports this module again, as the main one of its parent: hence no import here that
is not light.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from curation.errors import VeilleError
from flows.taxonomy_parser import add_taxonomy

if TYPE_CHECKING:
    from curation.config import Settings


def main(argv: Sequence[str] | None = None) -> int:
    """Entry point; returns the exit status."""
    arguments = _parser().parse_args(argv)
    from curation.config import default_config_path, load_settings

    try:
        arguments.config = arguments.config or default_config_path()
        settings = load_settings(arguments.config)
        return _run(arguments, settings)
    except VeilleError as error:
        sys.stderr.write(f"veille : {error}\n")
        return 1
    except KeyboardInterrupt:
        sys.stderr.write("veille : interrompu ; relancez la même commande pour reprendre.\n")
        return 1
    except BrokenPipeError:
        # the reader left (« veille queue … | head ») ; keep Python from complaining at exit
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except Exception as error:
        if arguments.verbose:
            raise
        sys.stderr.write(
            f"veille : erreur imprévue ({type(error).__name__} : {str(error)[:300]}). "
            "Rien n'est perdu : relancez la commande, avec --verbose pour le détail.\n"
        )
        return 1


def _run(arguments: argparse.Namespace, settings: Settings) -> int:
    match arguments.command:
        case "nightly" | "harvest" | "curate" as half:
            from flows.night_commands import run_night

            run_night(
                settings,
                arguments.now,
                arguments.json,
                arguments.verbose,
                harvesting=half != "curate",
                curating=half != "harvest",
            )
        case "queue":
            from flows.night_commands import print_queue

            print_queue(settings, arguments.community, arguments.limit, arguments.json)
        case "status":
            from flows.night_commands import print_status

            print_status(settings, arguments.json)
        case "classify":
            from flows.item_commands import classify

            classify(settings)
        case "dedupe":
            from flows.item_commands import dedupe

            dedupe(settings)
        case "evaluate":
            from flows.item_commands import evaluate

            evaluate(settings, arguments.gold, arguments.json)
        case "train":
            from flows.learn_commands import train

            train(settings, arguments.gold, arguments.json, arguments.dry_run)
        case "desk":
            from flows.desk import run_desk

            run_desk(settings, arguments.config, arguments.host, arguments.port)
        case "user":
            from flows.user_commands import user

            user(settings, arguments)
        case "serve":
            from flows.schedule import serve

            desk = (arguments.host, arguments.port)
            serve(settings, arguments.config, arguments.verbose, desk)
        case "taxonomy":
            from flows.taxonomy_parser import run

            return run(settings, arguments)
        case _:
            return _about_sources(arguments, settings)
    return 0


def _about_sources(arguments: argparse.Namespace, settings: Settings) -> int:
    from flows import source_commands

    match arguments.command, getattr(arguments, "action", None):
        case "sources", "check":
            return source_commands.check_sources(settings)
        case "sources", "import":
            return source_commands.import_opml(settings, arguments.opml)
        case "sources", "export":
            return source_commands.export_opml(settings)
        case "sources", _:
            return source_commands.list_sources(settings)
        case "parse", _:
            return source_commands.parse(settings, arguments.documents)
        case "extract", _:
            return source_commands.extract(settings, arguments.documents)
        case _:
            return source_commands.newsletter(settings, arguments.documents)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="veille", description="La veille de nuit des e-communautés.")
    parser.add_argument("--config", type=Path, help="fichier de configuration (défaut : ./config.yaml)")
    parser.add_argument("--verbose", action="store_true", help="montrer le détail")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMANDE")
    for name, text in (
        ("nightly", "moissonner puis trier tout ce qui est dû, et rendre compte"),
        ("harvest", "moissonner les sources dues"),
        ("curate", "trier ce qui a été moissonné"),
    ):
        night = commands.add_parser(name, help=text)
        night.add_argument("--json", action="store_true", help="compte rendu en JSON")
        night.add_argument("--now", metavar="ISO", help="heure de référence (ISO 8601)")
    queue = commands.add_parser("queue", help="les brouillons qui attendent, les meilleurs d'abord")
    queue.add_argument("community", metavar="COMMUNAUTÉ")
    queue.add_argument("--limit", type=_positive, metavar="N")
    queue.add_argument("--json", action="store_true")
    status = commands.add_parser("status", help="dernière nuit, sources en difficulté, files, versions")
    status.add_argument("--json", action="store_true")
    commands.add_parser("classify", help="contenus (lignes JSON) -> jugements")
    commands.add_parser("dedupe", help="contenus (lignes JSON) -> groupes de doublons")
    evaluate = commands.add_parser("evaluate", help="qualité des jugements sur un fichier annoté")
    evaluate.add_argument("gold", type=Path, metavar="FICHIER")
    evaluate.add_argument("--json", action="store_true")
    sources = commands.add_parser("sources", help="lister, essayer, importer ou exporter les sources")
    actions = sources.add_subparsers(dest="action", metavar="ACTION")
    actions.add_parser("check", help="interroger chaque source pour de vrai")
    actions.add_parser("import", help="ajouter les flux d'un fichier OPML").add_argument("opml", type=Path)
    actions.add_parser("export", help="les flux en OPML")
    for name, text in (
        ("parse", "flux -> entrées (lignes JSON)"),
        ("extract", "page -> article (lignes JSON)"),
        ("newsletter", ".eml, .html ou .pdf -> entrées (lignes JSON)"),
    ):
        commands.add_parser(name, help=text).add_argument("documents", nargs="+", metavar="FICHIER_OU_URL")
    learn = commands.add_parser("train", help="apprendre des avis du bureau, et d'un fichier annoté s'il y en a un")
    learn.add_argument("--gold", type=Path, metavar="FICHIER")
    learn.add_argument("--dry-run", action="store_true", help="tout calculer, ne rien changer")
    learn.add_argument("--json", action="store_true")
    desk = commands.add_parser("desk", help="le bureau de relecture, dans un navigateur")
    people = commands.add_parser("user", help="les comptes du bureau").add_subparsers(dest="action", required=True)
    add = people.add_parser("add", help="ouvrir un compte ; le mot de passe est demandé")
    role = people.add_parser("role", help="changer le rôle ou les communautés d'un compte")
    for parser_ in (add, role):
        parser_.add_argument("login", metavar="IDENTIFIANT")
        parser_.add_argument("--role", choices=("animateur", "coordonnateur", "administrateur"))
        parser_.add_argument("--communities", metavar="A,B", help="séparées par des virgules, ou « toutes »")
    add.add_argument("--name", default="", help="nom affiché")
    passwd = people.add_parser("passwd", help="donner un nouveau mot de passe")
    passwd.add_argument("login", metavar="IDENTIFIANT")
    for parser_ in (add, passwd):
        parser_.add_argument("--password-stdin", action="store_true", help="lire le mot de passe sur l'entrée standard")
    people.add_parser("list", help="les comptes").add_argument("--json", action="store_true")
    add_taxonomy(commands)
    served = commands.add_parser("serve", help="le bureau et les nuits programmées, ensemble")
    for parser_ in (desk, served):
        parser_.add_argument("--host", default="127.0.0.1", metavar="ADRESSE", help="du bureau")
        parser_.add_argument("--port", type=_port, default=8000, help="du bureau")
    return parser


def _port(text: str) -> int:
    value = int(text)
    if not 0 < value < 65_536:
        raise argparse.ArgumentTypeError("un port va de 1 à 65535")
    return value


def _positive(text: str) -> int:
    value = int(text)
    if value < 1:
        raise argparse.ArgumentTypeError("un nombre supérieur à zéro est attendu")
    return value


if __name__ == "__main__":
    sys.exit(main())
