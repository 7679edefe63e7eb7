"""``veille desk``: the reviewer's desk, served by uvicorn in this process."""

from __future__ import annotations

import gc
import os
import secrets
import socket
import sys
from pathlib import Path

from curation.config import Settings
from curation.errors import UserError
from curation.store.store import Store
from curation.web.desk import Site
from curation.web.secrets import Signer, read_or_make_key
from curation.web.words import Words


def make_site(settings: Settings, config: Path) -> Site:
    """The desk of this configuration.

    Raises ``TaxonomyError`` for words that cannot be read, ``ConfigError`` for an OpenID provider without TLS.
    """
    from curation.web.pages.login import LoginLimits
    from curation.web.render import environment
    from flows.desk_services import NightServices

    words = Words(settings)
    for community in words:
        words[community]  # a wrong file is told before anybody logs in
    site = Site(
        settings=settings,
        words=words,
        templates=environment(settings.timezone),
        signer=Signer(read_or_make_key(settings.state)),
        services=NightServices(settings, config),
        limits=LoginLimits(),
    )
    if settings.desk.oidc:
        from curation.web.openid import OpenId

        site.openid = OpenId(settings.desk.oidc, os.environ.get("VEILLE_OIDC_SECRET"))
    with Store(settings.database) as store:
        # before the first night too, the page of sources says what is going to be watched
        store.sync_sources(s.to_source() for s in settings.sources)
        if not store.has_accounts():
            site.first_run_code = secrets.token_hex(4)
    return site


def run_desk(settings: Settings, config: Path, host: str, port: int) -> None:
    """Serve until interrupted. Raises ``UserError`` when the port is taken."""
    import uvicorn
    from starlette.routing import Mount

    from curation.web.api import create_api
    from curation.web.app import create_app

    _check_port(host, port)
    site = make_site(settings, config)
    shown = f"http://{'127.0.0.1' if host in ('0.0.0.0', '::') else host}:{port}/"
    sys.stderr.write(f"Le bureau de relecture est ouvert : {shown}  (Ctrl+C pour arrêter)\n")
    if site.first_run_code:
        sys.stderr.write(
            f"Aucun compte encore. Créez le premier depuis cette machine : {shown}premier-demarrage\n"
            f"Code de démarrage (ne sert qu’une fois) : {site.first_run_code}\n"
        )
    sys.stderr.flush()
    app = create_app(site, [Mount("/api", create_api(site))])
    # what lives as long as the desk is not searched for garbage again and again: 40 ms, while somebody waits
    gc.collect()
    gc.freeze()
    server = uvicorn.Config(
        app, host=host, port=port, log_level="warning", access_log=False, server_header=False,
        proxy_headers=True, forwarded_allow_ips="127.0.0.1", timeout_graceful_shutdown=5,
    )  # fmt: skip
    uvicorn.Server(server).run()


def _check_port(host: str, port: int) -> None:
    try:
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        with socket.socket(family, socket.SOCK_STREAM) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind((host, port))
    except (OSError, OverflowError) as error:
        raise UserError(
            f"Impossible d’ouvrir le bureau sur {host}:{port} ({error}). "
            "Un autre programme tient peut-être ce port : choisissez-en un autre avec --port."
        ) from error
