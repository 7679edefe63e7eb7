"""The JSON API: the same queue, the same acts and the same gate as the pages, for programs.

Who calls is told by ``Authorization: Bearer <token>`` only: cookies are not read, so that no other site can make a
browser act. Every answer is JSON (``{"message": …}`` in French when it fails), apart from the reference page.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Coroutine
from functools import partial
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.openapi.utils import get_openapi
from fastapi.responses import HTMLResponse, JSONResponse
from fastapi.routing import APIRoute
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from curation.accounts import Account
from curation.errors import StoreError, UserError
from curation.web.access import Need, may
from curation.web.api_models import ENUMS, Error
from curation.web.desk import Site
from curation.web.secrets import digest

#: A decision with its longest words fits well inside.
MAX_BODY_BYTES = 1_000_000
_LOG = logging.getLogger("veille.api")


class ApiStop(Exception):
    """Ends a request with (status, explanation in French, what else the answer says)."""

    def __init__(self, status: int, message: str, **more: Any) -> None:
        super().__init__(message)
        self.status, self.message, self.more = status, message, more


class GatedRoute(APIRoute):
    """A route that says its ``Need`` (``openapi_extra={"x-need": …}``) and is not entered without it.

    The gate stands before the body is read. Raises ``ValueError`` when a route forgets its need.
    """

    def __init__(self, path: str, endpoint: Callable[..., Any], **options: Any) -> None:
        extra = options.get("openapi_extra") or {}
        if "x-need" not in extra:
            raise ValueError(f"{path} does not say its need")
        super().__init__(path, endpoint, **options)
        self.need = Need(extra["x-need"])

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        inner = super().get_route_handler()

        async def handler(request: Request) -> Response:
            if self.need is not Need.NOBODY:
                await run_in_threadpool(_gate, request, self.need)
            return await inner(request)

        return handler


def need(value: Need) -> dict[str, str]:
    """``openapi_extra`` of a route: who may call it."""
    return {"x-need": value.value}


def create_api(site: Site) -> FastAPI:
    """The application to mount at ``/api``."""
    from curation.web.api_routes import router

    api = FastAPI(
        title="veille",
        version="1",
        description="Les files de relecture et leurs verdicts, en JSON. Mêmes règles que le bureau : chaque personne a "
        "son jeton, voit ses communautés, et une décision prise sur un brouillon qui a changé est refusée (409).",
        docs_url=None,  # FastAPI's pages load scripts from elsewhere
        redoc_url=None,
        openapi_url=None,
        redirect_slashes=False,
    )
    api.state.site = site
    # a flat list, so that a test walks it; the pages that describe the rest are not part of the schema
    api.router.routes += [
        *router.routes,
        GatedRoute("/openapi.json", _schema, include_in_schema=False, openapi_extra=need(Need.NOBODY)),
        GatedRoute("/docs", _reference, include_in_schema=False, openapi_extra=need(Need.NOBODY)),
    ]
    api.openapi = partial(_openapi, api)  # type: ignore[method-assign]
    api.add_middleware(BodyLimit)
    for kind, handler in (
        (ApiStop, _stopped),
        (HTTPException, _http_error),
        (RequestValidationError, _invalid),
        (UserError, _user_error),
        (StoreError, _store_error),
        (Exception, _crash),
    ):
        api.add_exception_handler(kind, handler)  # type: ignore[arg-type]
    return api


def caller(request: Request) -> Account:
    """Whose token the request carries; the gate has read it."""
    account = request.state.account
    assert isinstance(account, Account)
    return account


def _gate(request: Request, wanted: Need) -> None:
    """Raises ``ApiStop`` unless the bearer of this token may call this route."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    site: Site = request.app.state.site
    site.keep_up()
    account = None
    if scheme.lower() == "bearer" and token.strip():
        with site.open_store() as store:
            account = store.api_account(digest(token.strip()))
    if account is None:
        message = "Un jeton valide est nécessaire (« Authorization: Bearer … ») ; il se crée dans « Mon compte »."
        raise ApiStop(401, message)
    if not may(account, wanted, request.path_params):
        raise ApiStop(403, "Votre rôle ou vos communautés n’ouvrent pas cette adresse.")
    community = request.path_params.get("community")
    if community is not None and community not in site.words:
        raise ApiStop(404, "Aucune communauté ne porte ce nom dans cette installation.")
    request.state.account = account


class BodyLimit:
    """ASGI middleware: 413 as soon as a body is longer than ``MAX_BODY_BYTES``, announced or not."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        read = 0

        async def limited() -> Message:
            nonlocal read
            message = await receive()
            read += len(message.get("body", b""))
            if read > MAX_BODY_BYTES:
                raise HTTPException(413)
            return message

        await self.app(scope, limited, send)


def _openapi(api: FastAPI) -> dict[str, Any]:
    """OpenAPI 3.1: every route with its errors and its need."""
    if api.openapi_schema is None:
        schema = get_openapi(
            title=api.title, version=api.version, description=api.description, routes=api.routes,
            servers=[{"url": "/api"}], tags=[{"name": "relecture", "description": "La file et ses verdicts."}],
        )  # fmt: skip
        schema["components"]["securitySchemes"] = {
            "jeton": {"type": "http", "scheme": "bearer", "description": "Le jeton d’une personne (« Mon compte »)."}
        }
        schema["security"] = [{"jeton": []}]
        for path in schema["paths"].values():
            for route in path.values():
                for answer in route["responses"].values():
                    if answer["description"] == "Successful Response":
                        answer["description"] = "Réussi."
        for name, (meaning, labels) in ENUMS.items():
            values = ", ".join(f"{value} ({label})" for value, label in labels.items())
            schema["components"]["schemas"][name]["description"] = f"{meaning} : {values}."
        # FastAPI's own shape of a 422 is not what we answer
        for name in ("HTTPValidationError", "ValidationError"):
            schema["components"]["schemas"].pop(name, None)
        api.openapi_schema = schema
    return api.openapi_schema


def _schema(request: Request) -> JSONResponse:
    return JSONResponse(request.app.openapi())


def _reference(request: Request) -> HTMLResponse:
    """The reference as a page of ours: plain HTML from the schema, under the desk's own CSP."""
    from curation.web.api_reference import operations, shapes

    site: Site = request.app.state.site
    schema = request.app.openapi()
    template = site.templates.get_template("api_docs.html")
    return HTMLResponse(template.render(info=schema["info"], operations=operations(schema), shapes=shapes(schema)))


def _json(status: int, message: str, **more: Any) -> JSONResponse:
    headers = {"WWW-Authenticate": 'Bearer realm="veille"'} if status == 401 else None
    return JSONResponse({**Error(message=message).model_dump(), **more}, status, headers)


def _stopped(request: Request, stop: ApiStop) -> JSONResponse:
    return _json(stop.status, stop.message, **stop.more)


def _http_error(request: Request, error: HTTPException) -> JSONResponse:
    message = {
        400: "Le corps de la demande est illisible.",
        404: "Cette adresse ne mène à rien.",
        405: "Cette adresse ne reçoit pas ce genre de demande.",
        413: "Demande trop volumineuse : un million d’octets au plus.",
    }.get(error.status_code, "Cette demande n’a pas pu être traitée.")
    response = _json(error.status_code, message)
    if error.headers and "allow" in {k.lower() for k in error.headers}:
        response.headers.update(error.headers)
    return response


def _invalid(request: Request, error: RequestValidationError) -> JSONResponse:
    from curation.web.api_reference import fault_of

    faults: dict[str, str] = {}
    for one in error.errors():
        field, meaning = fault_of(one)
        faults.setdefault(field, meaning)
    return _json(422, "La demande n’est pas conforme : voyez « faults ».", faults=faults)


def _user_error(request: Request, error: UserError) -> JSONResponse:
    return _json(400, str(error))


def _store_error(request: Request, error: StoreError) -> JSONResponse:
    _LOG.error("store", exc_info=error)
    return _json(503, "La base de données est occupée ou illisible. Rien n’est perdu : réessayez dans un instant.")


def _crash(request: Request, error: Exception) -> JSONResponse:
    _LOG.error("unexpected", exc_info=error)
    return _json(500, "Une erreur imprévue est survenue de notre côté ; elle est notée au journal technique.")
