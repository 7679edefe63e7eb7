"""config.yaml -> ``Settings``: frozen, unknown keys refused with the nearest known key.

Errors: ``errors.ConfigError`` whose message names file, line and key, in French.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import Any, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from curation.config_faults import explain, repeated_keys
from curation.errors import ConfigError
from curation.foundings import read_foundings
from curation.types import Source, SourceKind
from taxonomy.load import SHIPPED
from taxonomy.yaml_problems import in_french


class _Section(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class Politeness(_Section):
    """How the network is used (RFC 9110, RFC 9309). Times in seconds, sizes in bytes."""

    user_agent: str = "veille/0.1"
    contact: str = "mailto:webmestre@exemple.fr"  # put in the User-Agent, so that a site can write to us
    total: int = Field(16, ge=1, le=256)  # concurrent requests in all
    per_host: int = Field(2, ge=1, le=16)  # concurrent requests to one host
    min_delay_s: float = Field(0.0, ge=0)  # between two requests to one host
    connect_timeout_s: float = Field(10.0, gt=0)
    read_timeout_s: float = Field(20.0, gt=0)
    total_timeout_s: float = Field(60.0, gt=0)  # one URL, redirects included
    retries: int = Field(1, ge=0, le=5)  # within the night, for a passing fault (timeout, 502-504)
    page_nights: int = Field(3, ge=0, le=10)  # other nights on which a page that failed in passing is asked again
    max_bytes: int = Field(8_000_000, gt=0)  # on the wire
    max_decompressed_bytes: int = Field(40_000_000, gt=0)
    max_redirects: int = Field(5, ge=0)
    respect_robots: bool = True
    allow_private_hosts: tuple[str, ...] = ()  # "127.0.0.1", "intranet.exemple.fr", "127.0.0.1:8081"
    host_failures_before_rest: int = Field(3, ge=1)  # consecutive; then the host rests for the night
    backoff_base_s: float = Field(900.0, gt=0)  # first wait of a failing source
    backoff_max_s: float = Field(7 * 86400.0, gt=0)


class Engine(_Section):
    """Where tasks run. ``threads`` suits a small server; the others change speed, never results."""

    kind: Literal["threads", "processes", "dask", "ray"] = "threads"
    workers: int = Field(2, ge=1, le=256)
    address: str | None = None  # of an existing Dask or Ray cluster; None starts a local one


class EncoderSettings(_Section):
    """``embedded`` (multilingual-e5-small, built from an installed package), a hub name or a folder."""

    model: str = "embedded"
    device: str = "cpu"
    batch_size: int = Field(32, ge=1, le=1024)
    threads: int | None = Field(None, ge=1)
    max_chars: int = Field(1200, ge=100)  # of the text that is encoded: the lead says what the item is about


class JudgementSettings(_Section):
    """What weighs the evidence: ``learned`` (this installation's own scorer, else the shipped one) or ``rules``."""

    scorer: Literal["learned", "rules"] = "learned"
    labelled: Path | None = None  # labelled items (JSON Lines) that rehearsals measure on; default: the project's own


class Schedule(_Section):
    """Cron lines (5 fields), read in ``timezone`` of the settings."""

    nightly: str = "30 4 * * *"
    weekly: str = "30 2 * * 0"  # learning from the verdicts; before a night, so that it serves that very night

    @field_validator("nightly", "weekly")
    @classmethod
    def _five_fields(cls, value: str) -> str:
        from cronsim import CronSim, CronSimError

        if len(value.split()) != 5:
            raise ValueError("une ligne cron compte cinq champs, par exemple « 30 4 * * * »")
        try:
            next(CronSim(value, datetime(2026, 1, 1)))
        except (CronSimError, StopIteration) as error:
            raise ValueError("cette ligne cron ne désigne aucun moment, par exemple « 30 4 * * * »") from error
        return value


class Thresholds(_Section):
    """Cuts on calibrated scores and similarities, 0..1."""

    selected: float = Field(0.36, ge=0, le=1)  # community score above which an item becomes a draft
    proposal: float = Field(0.30, ge=0, le=1)  # neighbour score above which the lead proposes to share
    story_window_days: int = Field(3, ge=1)  # two accounts of one event are at most that far apart
    max_age_days: int = Field(60, ge=1)  # older items are not drafted (resources included)
    hesitations: int = Field(3, ge=0, le=20)  # items under the threshold offered at once in a queue, to learn from


class RankWeights(_Section):
    """Weights of the signals of rank; each signal is in 0..1."""

    relevance: float = Field(2.0, ge=0)
    priority: float = Field(0.35, ge=0)
    freshness: float = Field(0.30, ge=0)
    authority: float = Field(0.20, ge=0)
    audience: float = Field(0.15, ge=0)
    novelty: float = Field(0.25, ge=0)
    kind: float = Field(0.15, ge=0)
    urgency: float = Field(0.20, ge=0)  # a deadline or an event is near
    variety: float = Field(0.15, ge=0)  # penalty for looking like a draft ranked above
    half_life_days: float = Field(7.0, gt=0)  # of freshness


class OpenIdSettings(_Section):
    """Log-in by an OpenID Connect provider; its secret comes from ``$VEILLE_OIDC_SECRET``."""

    issuer: str = Field(pattern=r"^https?://")  # its /.well-known/openid-configuration is read
    client_id: str
    label: str = "Se connecter avec le compte de votre organisme"
    scopes: str = "openid email profile"


class DeskSettings(_Section):
    """The reviewer's desk."""

    monthly_target: int = Field(20, ge=1, le=1000)  # contributions a month and community
    idle_minutes: int = Field(120, ge=1)  # a session unused for that long is closed
    absolute_hours: int = Field(12, ge=1)  # and any session after that long
    page_size: int = Field(25, ge=5, le=100)
    public_url: str = ""  # as people type it, when the desk stands behind a reverse proxy
    post_to: dict[str, str] = {}  # community -> address of the e-communauté where contributions are pasted
    oidc: OpenIdSettings | None = None


class CommunitySettings(_Section):
    """One community of this installation; its words live in its taxonomy file."""

    id: str
    taxonomy: Path | None = None  # default: the file published in the state folder, else the one shipped with veille
    threshold: float | None = Field(None, ge=0, le=1)  # default: thresholds.selected


class TaxonomySettings(_Section):
    """How the words leave the installation."""

    base_uri: str = Field("urn:veille:", pattern=r"^(https?://[^\s#?]+/|urn:[a-z0-9][a-z0-9-]+:)$")  # of SKOS concepts


class SourceSettings(_Section):
    """One source; the same fields as ``types.Source``."""

    id: str = Field(pattern=r"^[a-z0-9][a-z0-9._-]*$", max_length=80)
    name: str
    url: str
    kind: SourceKind = SourceKind.FEED
    authority: float = Field(0.5, ge=0, le=1)
    communities: tuple[str, ...] = ()
    enabled: bool = True
    note: str = ""  # for people: why it is here, or why it is off

    def to_source(self) -> Source:
        """The noun that travels, without the note."""
        return Source(
            id=self.id,
            name=self.name,
            url=self.url,
            kind=self.kind,
            authority=self.authority,
            communities=self.communities,
            enabled=self.enabled,
        )


class Settings(_Section):
    """The whole configuration. Relative paths are relative to the file's folder."""

    state: Path = Path("state")
    timezone: str = "Europe/Paris"
    schedule: Schedule = Schedule()
    engine: Engine = Engine()
    encoder: EncoderSettings = EncoderSettings()
    politeness: Politeness = Politeness()
    retention_days: int = Field(90, ge=1, le=36_500)
    harvest_every_hours: float = Field(6.0, ge=0, le=8_760)  # a source harvested more recently is not due
    judgement: JudgementSettings = JudgementSettings()
    thresholds: Thresholds = Thresholds()
    ranking: RankWeights = RankWeights()
    desk: DeskSettings = DeskSettings()
    taxonomy: TaxonomySettings = TaxonomySettings()
    communities: tuple[CommunitySettings, ...] = ()  # then those begun at the desk
    closed_communities: tuple[str, ...] = ()  # begun at the desk, and no longer served
    sources: tuple[SourceSettings, ...] = ()

    @field_validator("engine", mode="before")
    @classmethod
    def _engine_by_name(cls, value: Any) -> Any:
        """``engine: dask`` is short for ``engine: {kind: dask}``."""
        return {"kind": value} if isinstance(value, str) else value

    @field_validator("communities", mode="before")
    @classmethod
    def _communities_by_id(cls, value: Any) -> Any:
        """``- tourisme`` is short for ``- id: tourisme``."""
        if isinstance(value, list):
            return [{"id": v} if isinstance(v, str) else v for v in value]
        return value

    @field_validator("timezone")
    @classmethod
    def _known_timezone(cls, value: str) -> str:
        from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

        try:
            ZoneInfo(value)
        except (ZoneInfoNotFoundError, ValueError, OSError) as error:
            raise ValueError(f"fuseau horaire inconnu : {value}") from error
        return value

    @field_validator("communities", "sources")
    @classmethod
    def _ids_once(cls, value: tuple[Any, ...]) -> tuple[Any, ...]:
        ids = [v.id for v in value]
        doubles = sorted({i for i in ids if ids.count(i) > 1})
        if doubles:
            raise ValueError(f"identifiant en double : {', '.join(doubles)}")
        return value

    @property
    def database(self) -> Path:
        """The SQLite file."""
        return self.state / "veille.db"

    def words_file(self, community: str) -> Path:
        """The taxonomy file in effect: the one named by ``taxonomy``; else the one published here, in the state
        folder; else the one shipped with veille. Raises ``ConfigError`` for an unknown community."""
        target = self.words_target(community)
        return target if self._community(community).taxonomy or target.exists() else SHIPPED / f"{community}.yaml"

    def words_target(self, community: str) -> Path:
        """Where words are published: never into the installed package, which an upgrade overwrites."""
        return self._community(community).taxonomy or self.state / "taxonomies" / f"{community}.yaml"

    def _community(self, community: str) -> CommunitySettings:
        for known in self.communities:
            if known.id == community:
                return known
        names = ", ".join(c.id for c in self.communities) or "aucune"
        raise ConfigError(f"Communauté inconnue : « {community} ». Communautés configurées : {names}.")


def load_settings(path: Path) -> Settings:
    """Read and check ``path``. Raises ``ConfigError``: one sentence per fault, with its line."""
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError as error:
        raise ConfigError(
            f"Configuration introuvable : {path}. Indiquez-la avec --config ou la variable VEILLE_CONFIG."
        ) from error
    except UnicodeDecodeError as error:
        raise ConfigError(f"Configuration illisible : {path} n'est pas en UTF-8 ; enregistrez-la ainsi.") from error
    except OSError as error:
        told = "c'est un dossier" if path.is_dir() else error.strerror
        raise ConfigError(f"Configuration illisible : {path} ({told}).") from error
    try:
        node = yaml.compose(text, Loader=yaml.SafeLoader)
        content = yaml.safe_load(text) or {}
    except RecursionError as error:  # the loader in Python: it raises where libyaml would end the process
        raise ConfigError(
            f"{path} : trop de niveaux imbriqués ; un crochet ou une accolade n'est sans doute pas fermé."
        ) from error
    except ValueError as error:  # a day such as 2026-13-45, a number without end
        raise ConfigError(f"{path} : valeur YAML impossible ({error}).") from error
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f", ligne {mark.line + 1}" if mark else ""
        raise ConfigError(f"{path}{where} : YAML incorrect ({in_french(error)}).") from error
    if repeated := list(repeated_keys(node)):
        raise ConfigError("\n".join(f"{path}, ligne {n}, clé « {key} » : clé répétée." for n, key in repeated))
    if not isinstance(content, dict):
        raise ConfigError(f"{path} : la configuration doit être une suite de « clé: valeur ».")
    try:
        settings = Settings.model_validate(content)
    except ValidationError as error:
        raise ConfigError("\n".join(explain(Settings, path, node, fault) for fault in error.errors())) from error
    return with_begun(_with_absolute_paths(settings, path.resolve().parent))


def with_begun(settings: Settings) -> Settings:
    """The same with the communities begun at the desk, after its own. Raises ``ConfigError``."""
    begun = (f.community for f in read_foundings(settings.state))
    return serving(settings, (c for c in begun if c not in settings.closed_communities))


def serving(settings: Settings, communities: Iterable[str]) -> Settings:
    """The same, which serve these communities too, after their own."""
    known = {c.id for c in settings.communities}
    new = [CommunitySettings(id=c) for c in communities if c not in known]
    return settings.model_copy(update={"communities": (*settings.communities, *new)}) if new else settings


def default_config_path() -> Path:
    """``$VEILLE_CONFIG``, else ``./config.yaml``."""
    return Path(os.environ.get("VEILLE_CONFIG") or "config.yaml")


def _with_absolute_paths(settings: Settings, folder: Path) -> Settings:
    communities = tuple(
        c.model_copy(update={"taxonomy": folder / c.taxonomy}) if c.taxonomy else c for c in settings.communities
    )
    judgement = settings.judgement
    if judgement.labelled:
        judgement = judgement.model_copy(update={"labelled": folder / judgement.labelled})
    return settings.model_copy(
        update={"state": folder / settings.state, "communities": communities, "judgement": judgement}
    )
