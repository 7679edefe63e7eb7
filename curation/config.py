"""config.yaml -> ``Settings``: frozen, unknown keys refused with the nearest known key, each error naming its line.

Errors: ``errors.ConfigError`` whose message names file, line and key, in French.
"""

from __future__ import annotations

import difflib
import os
from pathlib import Path
from typing import Any, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from curation.errors import ConfigError
from curation.types import Source, SourceKind

#: Keys never allowed in the file: a secret belongs in the environment.
SECRET_KEYS = frozenset({"password", "passwd", "secret", "token", "mot_de_passe"})


class _Section(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


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
    max_bytes: int = Field(8_000_000, gt=0)  # on the wire
    max_decompressed_bytes: int = Field(40_000_000, gt=0)
    max_redirects: int = Field(5, ge=0)
    respect_robots: bool = True
    allow_private_hosts: tuple[str, ...] = ()  # "127.0.0.1", "intranet.exemple.fr", "127.0.0.1:8081"
    host_failures_before_rest: int = Field(3, ge=1)  # consecutive; then the host rests for the night
    backoff_base_s: float = Field(900.0, gt=0)  # first wait of a failing source
    backoff_max_s: float = Field(7 * 86400.0, gt=0)
