"""The group of commands ``veille taxonomy``: names, arguments, and where the work of each stands.

To add one, give it an ``Action`` in ``ACTIONS``; its module is imported only when it runs. Its function takes the
settings and the arguments, writes data on stdout, messages on stderr, raises ``UserError``, returns the exit status.
"""

from __future__ import annotations

import argparse
import importlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from curation.config import Settings


@dataclass(frozen=True, slots=True)
class Action:
    """One command of the group. ``run``: « module:function »."""

    name: str
    help: str
    run: str
    arguments: Callable[[argparse.ArgumentParser], None]


def run(settings: Settings, arguments: argparse.Namespace) -> int:
    """Run the action that was asked for."""
    module, _, function = next(a.run for a in ACTIONS if a.name == arguments.action).partition(":")
    status: int = getattr(importlib.import_module(module), function)(settings, arguments)
    return status


def add_taxonomy(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Declare the group."""
    group = commands.add_parser("taxonomy", help="les mots des communautés : voir, changer, publier, échanger")
    actions = group.add_subparsers(dest="action", required=True, metavar="ACTION")
    for action in ACTIONS:
        parser = actions.add_parser(action.name, help=action.help, description=action.help)
        action.arguments(parser)
        parser.add_argument("--json", action="store_true", help="en JSON")


def one_community(parser: argparse.ArgumentParser) -> None:
    """The community that the command is about."""
    parser.add_argument("community", metavar="COMMUNAUTÉ")


def signed(parser: argparse.ArgumentParser, *, required: bool) -> None:
    """Who publishes, and why."""
    parser.add_argument("--message", default="", required=required, metavar="TEXTE", help="ce qui change, et pourquoi")
    parser.add_argument("--author", default="", metavar="IDENTIFIANT", help="défaut : le compte du système")


def _show(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("community", nargs="?", metavar="COMMUNAUTÉ", help="défaut : la liste des communautés")
    parser.add_argument("--concept", metavar="ID", help="un concept en entier")
    parser.add_argument("--history", action="store_true", help="les versions publiées")
    parser.add_argument("--number", type=int, metavar="N", help="les mots de la version N")


def _check(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("communities", nargs="*", metavar="COMMUNAUTÉ", help="défaut : toutes")
    parser.add_argument("--file", type=Path, metavar="FICHIER", help="éprouver ce fichier (YAML, SKOS)")


def _diff(parser: argparse.ArgumentParser) -> None:
    one_community(parser)
    meaning = "numéro de version, « actuel », « brouillon », « livre » (les mots livrés avec veille) ou fichier"
    parser.add_argument("before", nargs="?", metavar="AVANT", help=meaning)
    parser.add_argument("after", nargs="?", metavar="APRÈS", help="de même ; défaut : le brouillon, sinon l'actuel")


def _publish(parser: argparse.ArgumentParser) -> None:
    one_community(parser)
    what = parser.add_mutually_exclusive_group()
    what.add_argument("file", nargs="?", type=Path, metavar="FICHIER", help="YAML à publier ; défaut : le brouillon")
    what.add_argument("--operations", type=Path, metavar="FICHIER", help="opérations en JSON, faites sur l'actuel")
    parser.add_argument("--base", type=int, metavar="N", help="version dont part ce fichier ; défaut : l'actuelle")
    parser.add_argument("--merge", action="store_true", help="publier la fusion si rien ne se contredit")
    parser.add_argument("--dry-run", action="store_true", help="montrer ce qui changerait, sans publier")
    signed(parser, required=False)


def _rollback(parser: argparse.ArgumentParser) -> None:
    one_community(parser)
    parser.add_argument("number", type=int, metavar="VERSION")
    signed(parser, required=False)


def _export(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("community", metavar="COMMUNAUTÉ", help="ou « toutes », en une archive")
    parser.add_argument("--format", choices=("yaml", "turtle", "rdf", "jsonld", "csv", "json", "zip"), default="")
    parser.add_argument("--output", type=Path, metavar="FICHIER", help="défaut : la sortie standard")
    parser.add_argument("--number", type=int, metavar="N", help="les mots de la version N")
    parser.add_argument("--history", action="store_true", help="avec les versions passées (archive)")
    parser.add_argument("--delimiter", choices=(";", ","), default=";", help="du CSV")
    parser.add_argument("--encoding", choices=("utf-8", "cp1252"), default="utf-8", help="du CSV")


def _import(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("community", metavar="COMMUNAUTÉ", help="ou « toutes », pour une archive")
    parser.add_argument("file", type=Path, metavar="FICHIER", help="YAML, Turtle, RDF/XML, JSON-LD, CSV ou archive")
    parser.add_argument("--format", choices=("yaml", "turtle", "rdf", "jsonld", "csv", "zip"), default="")
    parser.add_argument("--language", default="fr", metavar="LANGUE", help="des libellés d'un fichier SKOS")
    parser.add_argument("--scheme", default="", metavar="ADRESSE", help="du schéma à lire, s'il y en a plusieurs")
    parser.add_argument(
        "--tell-apart", action="store_true", help="distinguer les concepts SKOS de même libellé, au lieu de les refuser"
    )
    parser.add_argument("--keep-missing", action="store_true", help="garder ce que le fichier ne contient pas")
    parser.add_argument("--apply", action="store_true", help="publier ; sans cela, les différences sont montrées")
    parser.add_argument("--output", type=Path, metavar="FICHIER", help="écrire le YAML là, sans rien publier")
    signed(parser, required=False)


def _balance(parser: argparse.ArgumentParser) -> None:
    one_community(parser)
    parser.add_argument("--ailing", action="store_true", help="seulement les mots qui appellent un remède")


def _candidates(parser: argparse.ArgumentParser) -> None:
    one_community(parser)
    parser.add_argument("--limit", type=int, default=30, metavar="N", help="termes proposés ; défaut : 30")
    parser.add_argument("--refuse", nargs="+", default=[], metavar="TERME", help="ne plus jamais proposer ces termes")
    parser.add_argument("--restore", nargs="+", default=[], metavar="TERME", help="proposer à nouveau ces termes")
    parser.add_argument("--author", default="", metavar="IDENTIFIANT", help="défaut : le compte du système")
    parser.add_argument(
        "--without-meaning", action="store_true", help="sans chercher de concept proche par le sens (plus rapide)"
    )


def _advise(parser: argparse.ArgumentParser) -> None:
    one_community(parser)
    parser.add_argument("--limit", type=int, default=10, metavar="N", help="réglages montrés ; défaut : 10")


def _overlap(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("community", nargs="?", metavar="COMMUNAUTÉ", help="défaut : toutes")


def _rehearse(parser: argparse.ArgumentParser) -> None:
    one_community(parser)
    what = parser.add_mutually_exclusive_group()
    what.add_argument("--draft", action="store_true", help="le brouillon du bureau (défaut)")
    what.add_argument("--file", type=Path, metavar="FICHIER", help="des mots dans un fichier (YAML, SKOS, CSV)")
    what.add_argument("--operations", type=Path, metavar="FICHIER", help="opérations en JSON, faites sur l'actuel")
    parser.add_argument("--gold", type=Path, metavar="FICHIER", help="mesurer aussi sur ce fichier annoté")


def _split(parser: argparse.ArgumentParser) -> None:
    one_community(parser)
    parser.add_argument("--name", required=True, metavar="NOM", help="de la nouvelle communauté")
    parser.add_argument("--dossiers", nargs="+", default=[], metavar="ID", help="qui partent, avec leurs concepts")
    parser.add_argument("--concepts", nargs="+", default=[], metavar="ID", help="qui partent, et ce qui est sous eux")
    parser.add_argument("--draft", action="store_true", help="à partir du brouillon du bureau, publié avec")
    _begins(parser)


def _start(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("name", metavar="NOM")
    parser.add_argument("--keywords", nargs="+", default=[], metavar="MOT", help="« tiers-lieu / coworking (TL) »")
    parser.add_argument("--file", type=Path, metavar="FICHIER", help="des mots-clés, un par ligne")
    parser.add_argument("--audience", nargs="+", default=[], metavar="MÉTIER", help="ses publics")
    parser.add_argument("--neighbours", nargs="+", default=[], metavar="COMMUNAUTÉ", help="ses voisines")
    parser.add_argument("--follow", nargs="+", default=[], metavar="SOURCE", help="sources surveillées qu'elle suit")
    _begins(parser)


def _give(parser: argparse.ArgumentParser) -> None:
    one_community(parser)
    parser.add_argument("label", metavar="LIBELLÉ")
    parser.add_argument("to", metavar="VOISINE", help="la communauté qui le prend, ou qui reste seule à le porter")
    parser.add_argument(
        "--concept", default="", metavar="ID", help="de la voisine, qui le reçoit ; défaut : un nouveau"
    )
    parser.add_argument("--publish", action="store_true", help="publier ; sans cela, ce qui changerait est montré")
    signed(parser, required=False)


def _begins(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--definition", default="", metavar="TEXTE", help="ce qu'elle suit")
    parser.add_argument("--people", nargs="+", default=[], metavar="IDENTIFIANT", help="qui y travaille dès lors")
    parser.add_argument("--publish", action="store_true", help="publier ; sans cela, ce qu'elle recevrait est montré")
    signed(parser, required=False)


_HERE = "flows.taxonomy_commands"
_MOVES = "flows.taxonomy_exchange"
_BENCH = "flows.workbench_commands"
_TRY = "flows.rehearse_commands"
_ADVICE = "flows.advise_command"
_BEGIN = "flows.founding_commands"
_HAND = "flows.handover_commands"
ACTIONS = (
    Action("show", "les communautés ; l'arbre, un concept ou l'histoire de l'une d'elles", f"{_HERE}:show", _show),
    Action("check", "l'intégrité des mots, et ce qui attend", f"{_HERE}:check", _check),
    Action("diff", "les différences entre deux états", f"{_HERE}:diff", _diff),
    Action("rehearse", "ce que des mots changeraient aux files, avant de publier", f"{_TRY}:rehearse", _rehearse),
    Action("publish", "publier le brouillon du bureau, un fichier ou des opérations", f"{_HERE}:publish", _publish),
    Action("split", "détacher une communauté d'une autre, publier les deux avec --publish", f"{_BEGIN}:split", _split),
    Action("start", "commencer une communauté de quelques mots-clés", f"{_BEGIN}:start", _start),
    Action("give", "donner un libellé à une voisine, publier les deux avec --publish", f"{_HAND}:give", _give),
    Action("rollback", "revenir à une version", f"{_HERE}:rollback", _rollback),
    Action("export", "les mots en YAML, SKOS, CSV, ou tous en une archive", f"{_MOVES}:export", _export),
    Action("import", "lire un fichier, montrer les différences, publier avec --apply", f"{_MOVES}:import_", _import),
    Action("balance", "ce que chaque mot a apporté, ce qui ne va pas, les remèdes", f"{_BENCH}:balance", _balance),
    Action(
        "advise", "les réglages qui classeraient le mieux ce qui est jugé, chacun essayé", f"{_ADVICE}:advise", _advise
    ),
    Action("candidates", "les mots qui manquent, ceux qui écarteraient", f"{_BENCH}:candidates", _candidates),
    Action("overlap", "ce que les communautés ont en commun, et qui le garde", f"{_BENCH}:overlap", _overlap),
)
