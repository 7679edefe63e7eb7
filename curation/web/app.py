"""The desk as an ASGI application: routes, sessions, the one gate, headers, error pages."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import asynccontextmanager
from datetime import timedelta
from functools import partial
from pathlib import Path

from python_multipart.multipart import parse_options_header
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData, UploadFile
from starlette.exceptions import HTTPException
from starlette.formparsers import MultiPartException
from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import Message, Receive

from curation.accounts import Account
from curation.errors import StoreError, UserError
from curation.store.store import Store
from curation.web.access import Page, may
from curation.web.desk import BROWSER, SAID, SESSION, Desk, Site, Stop
from curation.web.headers import SecurityHeaders
from curation.web.pages import (
    account,
    concept,
    contribution,
    dossiers,
    help,
    journal,
    login,
    morning,
    new_community,
    nights,
    organisation,
    people,
    presentation,
    queue,
    review,
    sample,
    search,
    sources,
    vocabulary,
    word_advice,
    word_balance,
    word_candidates,
    word_draft,
    word_exchange,
    word_handover,
    word_history,
    word_neighbours,
    word_rehearsal,
)
from curation.web.secrets import digest, new_token

STATIC = Path(__file__).parent / "static"
#: A form of the desk is small; an OPML file may be larger.
MAX_FIELDS, MAX_FIELD_BYTES, MAX_FILE_BYTES = 400, 1_000_000, 5_000_000
#: How long after its end a session still tells that a form was its own.
FORMER_S = 7 * 86_400
_LOG = logging.getLogger("veille.desk")


def pages() -> list[Page]:
    """Every page of the desk."""
    modules = (
        morning, queue, review, contribution, search, dossiers, sources, nights, journal, sample, login,
        organisation, account, people, help, vocabulary, concept, presentation, word_draft, word_history, word_exchange,
        word_rehearsal, word_balance, word_advice, word_candidates, word_neighbours, word_handover, new_community,
    )  # fmt: skip
    return [page for module in modules for page in module.PAGES]


def create_app(site: Site, extra: Iterable[BaseRoute] = ()) -> Starlette:
    """The application; ``extra`` routes come first (the JSON API)."""
    routes: list[BaseRoute] = [*extra, Mount("/statique", StaticFiles(directory=STATIC), name="statique")]
    routes += [Route(p.path, _endpoint(site, p), methods=list(p.methods), name=p.name) for p in pages()]

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        yield
        site.close()

    return Starlette(
        routes=routes,
        lifespan=lifespan,
        middleware=[Middleware(SecurityHeaders), Middleware(GZipMiddleware, minimum_size=1000)],
        exception_handlers={
            HTTPException: partial(_http_error, site),
            Exception: partial(_crash, site),
        },
    )


def _endpoint(site: Site, page: Page) -> Callable[[Request], Awaitable[Response]]:
    async def endpoint(request: Request) -> Response:
        try:
            form, files = await _read_form(request)
        except Stop as stop:
            return await run_in_threadpool(_error_page, site, request, stop)
        return await run_in_threadpool(_answer, site, page, request, form, files)

    return endpoint


async def _read_form(request: Request) -> tuple[dict[str, list[str]], dict[str, bytes]]:
    """Fields and files of a form. Raises ``Stop`` for one that is too large or broken."""
    form: dict[str, list[str]] = {}
    files: dict[str, bytes] = {}
    if request.method != "POST":
        return form, files
    if int(request.headers.get("content-length") or 0) > MAX_FILE_BYTES + 1_000_000:
        raise _too_large()
    _, options = parse_options_header(request.headers.get("content-type"))
    # browsers send our pages' UTF-8; other codecs may bring half characters, or take minutes
    if options.get(b"charset", b"utf-8").lower() not in (b"utf-8", b"utf8"):
        raise _unreadable()
    try:
        request = Request(request.scope, _bounded(request.receive))
        sent: FormData = await request.form(max_fields=MAX_FIELDS, max_files=2, max_part_size=MAX_FIELD_BYTES)
    except (MultiPartException, HTTPException, ValueError) as error:
        raise _unreadable() from error
    for name, value in sent.multi_items():
        if isinstance(value, UploadFile):
            files[name] = (await value.read(MAX_FILE_BYTES + 1))[: MAX_FILE_BYTES + 1]
        else:
            form.setdefault(name, []).append(value.replace("\r\n", "\n"))
    return form, files


def _bounded(receive: Receive) -> Receive:
    """A body may come without telling its length. Raises ``Stop`` when it has grown too large."""
    read = 0

    async def bounded() -> Message:
        nonlocal read
        message = await receive()
        read += len(message.get("body", b""))
        if read > MAX_FILE_BYTES + 1_000_000:
            raise _too_large()
        return message

    return bounded


def _unreadable() -> Stop:
    return Stop(400, "Formulaire illisible", "Revenez à la page précédente et recommencez l’envoi.")


def _too_large() -> Stop:
    return Stop(413, "Envoi trop volumineux", "Un fichier de 5 Mo au plus est accepté.")


def _answer(site: Site, page: Page, request: Request, form: dict[str, list[str]], files: dict[str, bytes]) -> Response:
    """One request, in a thread of its own, with a store of its own."""
    site.keep_up()
    try:
        with site.open_store() as store:
            desk = _desk(site, store, request, form, files)
            try:
                _gate(desk, page)
                response = page.endpoint(desk)
            except Stop as stop:
                response = _stopped(desk, stop)
            except UserError as error:
                response = _stopped(desk, Stop(400, "Cette action n’a pas pu se faire", str(error)))
            _set_cookies(desk, response)
            return response
    except StoreError:
        _LOG.exception("store")
        meaning = "La base de données est occupée ou illisible. Rien n’est perdu : réessayez dans un instant."
        return _error_page(site, request, Stop(503, "Base de données indisponible", meaning))


def _desk(site: Site, store: Store, request: Request, form: dict[str, list[str]], files: dict[str, bytes]) -> Desk:
    browser = str(site.signer.read("browser", request.cookies.get(BROWSER, ""), 86_400) or "")
    cookies: dict[str, tuple[str, int] | None] = {}
    known = _account(site, store, request)
    if known:
        browser = known[1]
    elif not browser:
        browser = new_token()
        cookies[BROWSER] = (site.signer.sign("browser", browser), 86_400)
    said = request.cookies.get(SAID)
    # a form leaves the message to the page that follows it
    if said and request.method == "GET" and request.headers.get("hx-request") != "true":
        cookies[SAID] = None
    return Desk(
        site=site,
        store=store,
        account=known[0] if known else None,
        browser=browser,
        former=str(site.signer.read("session", request.cookies.get(SESSION, ""), FORMER_S) or ""),
        method="GET" if request.method == "HEAD" else request.method,  # a page must not take HEAD for a form
        path=request.scope["path"],  # not of ``request.url``, which the Host header is part of
        path_params=request.path_params,
        query=dict(request.query_params),
        form=form,
        files=files,
        headers={k.lower(): v for k, v in request.headers.items()},
        client=request.client.host if request.client else "",
        https=request.scope["scheme"] == "https",
        said=site.signer.read("said", said, 300) if said else None,
        cookies=cookies,
    )


def _account(site: Site, store: Store, request: Request) -> tuple[Account, str] | None:
    """Whose browser this is and the token of its session; None when nobody is logged in, or no longer."""
    limits = site.settings.desk
    token = site.signer.read("session", request.cookies.get(SESSION, ""), limits.absolute_hours * 3600)
    found = store.session(digest(str(token))) if token else None
    if found is None or not found[1].active:
        return None
    session, account = found
    now = site.clock()
    if now - session.seen > timedelta(minutes=limits.idle_minutes) or now - session.created > timedelta(
        hours=limits.absolute_hours
    ):
        store.close_session(session.token)
        return None
    if now - session.seen > timedelta(minutes=1):  # one write a minute is exact enough
        store.touch_session(session.token, now)
    return account, str(token)


def _gate(desk: Desk, page: Page) -> None:
    """Raises ``Stop`` unless this person may send this request."""
    if not may(desk.account, page.need, desk.path_params):
        if desk.account is None:
            raise Stop(401, "Connexion nécessaire", "Votre session a expiré ou n’a pas commencé.")
        raise Stop(
            403,
            "Accès réservé",
            "Votre rôle ou vos communautés n’ouvrent pas cette page. Un administrateur peut changer cela.",
        )
    if desk.method == "POST":
        if desk.headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none"):
            raise Stop(403, "Envoi refusé", "Ce formulaire vient d’un autre site.")
        if not desk.site.signer.csrf_holds(desk.browser, desk.value("csrf")):
            raise Stop(
                403,
                "Formulaire périmé",
                "Cette page était ouverte depuis longtemps, ou dans une autre session. Rechargez-la, puis recommencez.",
            )


def _stopped(desk: Desk, stop: Stop) -> Response:
    if stop.status == 401:
        return login.ask(desk)
    return desk.render("error.html", stop.status, title=stop.title, meaning=stop.meaning, status=stop.status)


def _error_page(site: Site, request: Request, stop: Stop) -> Response:
    """A page that needs neither store nor account."""
    template = site.templates.get_template("error_bare.html")
    from starlette.responses import HTMLResponse

    return HTMLResponse(template.render(title=stop.title, meaning=stop.meaning, status=stop.status), stop.status)


async def _http_error(site: Site, request: Request, error: HTTPException) -> Response:
    stop = {
        404: Stop(404, "Page introuvable", "Cette adresse ne mène à aucune page du bureau."),
        405: Stop(405, "Action impossible ici", "Cette page ne reçoit pas ce genre d’envoi."),
    }.get(error.status_code, Stop(error.status_code, "Demande refusée", "Cette demande n’a pas pu être traitée."))
    return _error_page(site, request, stop)


async def _crash(site: Site, request: Request, error: Exception) -> Response:
    """No traceback reaches a person; the log has it."""
    _LOG.error("unexpected", exc_info=error)
    meaning = (
        "Une erreur imprévue est survenue de notre côté ; elle est notée au journal technique. "
        "Rien de ce qui était enregistré n’est perdu."
    )
    return _error_page(site, request, Stop(500, "Erreur du bureau", meaning))


def _set_cookies(desk: Desk, response: Response) -> None:
    for name, kept in desk.cookies.items():
        if kept is None:
            response.delete_cookie(name, path="/", httponly=True, samesite="lax", secure=desk.https)
        else:
            response.set_cookie(
                name, kept[0], max_age=kept[1], path="/", httponly=True, samesite="lax", secure=desk.https
            )
