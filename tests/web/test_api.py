"""The JSON API: tokens, roles, staleness, every act and every error."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest
from starlette.routing import Mount
from starlette.testclient import TestClient

from curation.accounts import Account
from curation.errors import StoreError, UserError
from curation.store.store import Store
from curation.types import Act, Rejection
from curation.web.access import Need
from curation.web.api import MAX_BODY_BYTES, GatedRoute, create_api, need
from curation.web.app import create_app
from curation.web.desk import Site
from curation.web.secrets import digest
from tests.web.conftest import NOW, Browser

Caller = Callable[..., Any]
VERDICTS = "/api/v1/drafts/tourisme/a0/verdicts"


@pytest.fixture
def client(site: Site, store: Store, people: dict[str, Account]) -> Iterator[TestClient]:
    """A program without token."""
    for login in people:
        store.add_api_token(digest(f"jeton-{login}"), login, "essai", NOW)
    app = create_app(site, [Mount("/api", create_api(site))])
    with TestClient(app, base_url="http://testserver", raise_server_exceptions=False) as opened:
        yield opened


@pytest.fixture
def call(client: TestClient) -> Caller:
    """``call("lea", "GET", path, status, body)``: the JSON of the answer."""

    def send(login: str, method: str, path: str, status: int = 200, body: Any = None) -> Any:
        response = client.request(
            method, f"/api/v1{path}", json=body, headers={"Authorization": f"Bearer jeton-{login}"}
        )
        assert response.status_code == status, response.text
        said = response.json()
        if status >= 400:
            assert said["message"] and "Traceback" not in response.text
        return said

    return send


def routes(client: TestClient) -> list[GatedRoute]:
    """Every route of the API, walked down from the application."""
    mount = next(r for r in client.app.routes if isinstance(r, Mount) and r.path == "/api")  # type: ignore[attr-defined]
    found = list(mount.app.routes)  # type: ignore[attr-defined]
    assert all(isinstance(route, GatedRoute) for route in found)
    return found


def test_every_route_for_everybody(client: TestClient, people: dict[str, Account], store: Store) -> None:
    """The gate answers what the need of the route says, before anything of the request is read."""
    store.save_account(replace(people["zoe"], active=False))
    walked = routes(client)
    assert {r.path for r in walked} >= {"/v1/communities", "/v1/reviews/{id}/undo", "/openapi.json", "/docs"}
    for route in walked:
        path = "/api" + route.path.format(community="tourisme", article="a0", id=10**6)
        for login in (None, "inconnu", *people):
            headers = {"Authorization": f"Bearer jeton-{login}"} if login else {}
            (method,) = route.methods
            status = client.request(method, path, headers=headers, content=b"pas du json").status_code
            if route.need is Need.NOBODY:
                assert status == 200
            elif login in (None, "inconnu"):
                assert status == 401, (path, login)
            elif login == "zoe" or (route.need is Need.COMMUNITY and login == "ana"):
                assert status == 403, (path, login)
            else:
                assert status not in (401, 403, 500), (path, login)


def test_a_route_without_need_cannot_be_made() -> None:
    with pytest.raises(ValueError, match="need"):
        GatedRoute("/x", lambda: None)
    assert need(Need.ACCOUNT) == {"x-need": "account"}


def test_a_cookie_is_not_a_token(client: TestClient, browse: Callable[[], Browser], people: dict[str, Account]) -> None:
    lea = browse().log_in("lea")
    client.cookies.update(lea.cookies)
    assert client.get("/api/v1/communities").status_code == 401
    answer = client.get("/api/v1/communities", headers={"Authorization": "Basic bGVhOng="})
    assert answer.status_code == 401 and answer.headers["www-authenticate"].startswith("Bearer")
    assert client.get("/api/v1/communities", headers={"Authorization": "Bearer "}).status_code == 401


def test_a_revoked_token_opens_nothing(client: TestClient, call: Caller, store: Store) -> None:
    call("lea", "GET", "/communities")
    store.drop_api_token(digest("jeton-lea"), "lea")
    call("lea", "GET", "/communities", 401)


def test_communities_are_those_of_the_person(call: Caller) -> None:
    (one,) = call("lea", "GET", "/communities")
    assert (one["id"], one["waiting"]) == ("tourisme", 6)
    assert "hebergements-taxe-de-sejour" in {d["id"] for d in one["dossiers"]}
    assert [c["id"] for c in call("max", "GET", "/communities")] == [
        "tourisme",
        "transition-ecologique",
        "urbanisme-amenagement",
    ]
    call("max", "GET", "/queue/inconnue", 404)


def test_the_queue_pages_both_ways(call: Caller) -> None:
    first = call("lea", "GET", "/queue/tourisme?limit=4")
    assert ([d["article"] for d in first["drafts"]], first["total"], first["previous"]) == (
        ["a0", "a1", "a2", "a3"],
        6,
        "",
    )
    second = call("lea", "GET", f"/queue/tourisme?limit=4&after={first['next']}")
    assert ([d["article"] for d in second["drafts"]], second["next"]) == (["a4", "a5"], "")
    back = call("lea", "GET", f"/queue/tourisme?limit=4&before={second['previous']}")
    assert back["drafts"] == first["drafts"]


@pytest.mark.parametrize(
    ("query", "articles"),
    [
        ("kind=event", ["a1"]),
        ("sort=recent&limit=2", ["a0", "a1"]),
        ("sort=deadline&limit=1", ["a2"]),
        ("min_score=0.87", ["a0", "a1"]),
        ("since=2026-11-19", ["a0", "a1"]),
        ("until=2026-11-16", ["a4", "a5"]),
        ("q=%C3%A9pisode+3", ["a3"]),
        ("dossier=inconnu", []),
        ("source=La+Lettre+du+littoral&limit=1", ["a0"]),
        ("holder=me", []),
        ("after=n%27importe~quoi~", ["a0", "a1", "a2", "a3", "a4", "a5"]),
    ],
)
def test_the_queue_is_filtered(call: Caller, query: str, articles: list[str]) -> None:
    assert [d["article"] for d in call("lea", "GET", f"/queue/tourisme?{query}")["drafts"]] == articles


@pytest.mark.parametrize(
    ("query", "field", "meaning"),
    [
        ("kind=film", "kind", "Valeur inconnue"),
        ("sort=hasard", "sort", "Valeur inconnue"),
        ("limit=1000", "limit", "100 au plus"),
        ("limit=x", "limit", "nombre entier"),
        ("min_score=nan", "min_score", ""),
        ("since=hier", "since", "Un jour est attendu"),
        ("q=" + "a" * 301, "q", "300 caractères"),
    ],
)
def test_a_wrong_filter_is_explained(call: Caller, query: str, field: str, meaning: str) -> None:
    said = call("lea", "GET", f"/queue/tourisme?{query}", 422)
    assert meaning in said["faults"][field]


def test_a_draft_with_its_history(call: Caller) -> None:
    draft = call("lea", "GET", "/drafts/tourisme/a0")
    assert (draft["status"], draft["revision"], draft["history"]) == ("waiting", 0, [])
    assert [f["article"] for f in draft["folded"]] == ["a6"]
    assert "offices de tourisme" in draft["text"]
    call("lea", "POST", "/drafts/tourisme/a0/verdicts", 201, {"act": "reject", "reason": "off_topic", "seen": 0})
    draft = call("lea", "GET", "/drafts/tourisme/a0")
    assert (draft["status"], [r["act"] for r in draft["history"]]) == ("rejected", ["rejected"])
    call("lea", "GET", "/drafts/tourisme/rien", 404)


EDITION = {
    "title": " Un titre ",
    "summary": "Un *résumé*.",
    "context": "Pour vous.",
    "tags": ["a", "a", "b"],
    "event": {"start": "2026-12-01", "end": "2026-12-02", "place": "Tours"},
    "deadline": "2026-12-24",
}


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({"act": "publish", "post_url": "https://e.fr/1"}, {"status": "published", "post_url": "https://e.fr/1"}),
        ({"act": "publish", "edition": EDITION}, {"status": "published", "title": "Un titre"}),
        ({"act": "keep", "until": "2026-11-30"}, {"status": "kept", "until": "2026-11-30"}),
        ({"act": "share", "neighbours": ["transition-ecologique"], "note": "Pour vous"}, {"status": "shared"}),
        ({"act": "reject", "reason": "too_local"}, {"status": "rejected"}),
        ({"act": "fold", "into": "a1"}, {"status": "folded", "folded_into": "a1"}),
        ({"act": "edit", "edition": EDITION}, {"status": "waiting", "title": "Un titre"}),
        ({"act": "file", "dossier": "hebergements-taxe-de-sejour"}, {"dossier": "hebergements-taxe-de-sejour"}),
        ({"act": "take"}, {"holder": "lea"}),
        ({"act": "give", "to": "TOM"}, {"holder": "tom"}),
        ({"act": "release"}, {"holder": None}),
    ],
)
def test_every_act_and_its_undoing(call: Caller, body: dict[str, Any], expected: dict[str, Any]) -> None:
    before = call("lea", "GET", "/drafts/tourisme/a0")
    done = call("lea", "POST", "/drafts/tourisme/a0/verdicts", 201, {**body, "seen": 0})
    assert {k: done["draft"][k] for k in expected} == expected
    assert done["draft"]["revision"] == done["review"]["id"]
    assert done["review"]["reviewer"] == "lea"
    if body.get("edition"):
        assert done["review"]["edition"] == {**EDITION, "title": "Un titre", "tags": ["a", "b"]}
    undone = call("lea", "POST", f"/reviews/{done['review']['id']}/undo", 201)
    left = {k: v for k, v in undone["draft"].items() if k != "revision"}
    assert left == {k: before[k] for k in left}
    call("lea", "POST", f"/reviews/{done['review']['id']}/undo", 409)


def test_a_note_needs_no_revision_and_changes_none(call: Caller) -> None:
    call("lea", "POST", "/drafts/tourisme/a0/verdicts", 201, {"act": "take", "seen": 0})
    done = call("tom", "POST", "/drafts/tourisme/a0/verdicts", 201, {"act": "note", "note": "Vu hier."})
    assert done["draft"]["revision"] == 1 and done["review"]["id"] == 2


def test_a_shared_draft_arrives_and_goes_back(call: Caller) -> None:
    body = {"act": "share", "neighbours": ["transition-ecologique"], "note": "Pour vous", "seen": 0}
    done = call("lea", "POST", "/drafts/tourisme/a0/verdicts", 201, body)
    (arrived,) = call("ana", "GET", "/queue/transition-ecologique")["drafts"]
    assert (arrived["article"], arrived["origin"]) == ("a0", "shared")
    received = call("ana", "GET", "/drafts/transition-ecologique/a0")["history"]
    assert received[0]["note"] == "Pour vous"
    call("ana", "POST", f"/reviews/{received[0]['id']}/undo", 409)
    call("lea", "POST", f"/reviews/{done['review']['id']}/undo", 201)
    assert call("ana", "GET", "/queue/transition-ecologique")["drafts"] == []


def test_a_stale_decision_says_who_did_what_and_records_nothing(call: Caller, store: Store) -> None:
    call("tom", "POST", "/drafts/tourisme/a0/verdicts", 201, {"act": "reject", "reason": "outdated", "seen": 0})
    said = call("lea", "POST", "/drafts/tourisme/a0/verdicts", 409, {"act": "publish", "seen": 0})
    assert said["message"].startswith("Déjà relu par Tom Petit, qui a écarté ce brouillon le 20/11/2026 à 09:00")
    assert (said["by"], said["name"], said["act"], said["revision"]) == ("tom", "Tom Petit", "rejected", 1)
    assert said["at"].startswith("2026-11-20T08:00:00")
    assert len(store.reviews_of("a0")) == 1
    done = call("lea", "POST", "/drafts/tourisme/a0/verdicts", 201, {"act": "publish", "seen": said["revision"]})
    assert done["draft"]["status"] == "published"


def test_somebody_took_it_meanwhile(call: Caller) -> None:
    call("tom", "POST", "/drafts/tourisme/a0/verdicts", 201, {"act": "take", "seen": 0})
    said = call("lea", "POST", "/drafts/tourisme/a0/verdicts", 409, {"act": "publish", "seen": 0})
    assert said["message"].startswith("Tom Petit s’est chargé de ce brouillon")


@pytest.mark.parametrize("into", ["a0", "rien"])
def test_folding_into_nothing_is_refused(call: Caller, into: str) -> None:
    said = call("lea", "POST", "/drafts/tourisme/a0/verdicts", 409, {"act": "fold", "into": into, "seen": 0})
    assert said["by"] is None and "regrouper" in said["message"]


@pytest.mark.parametrize(
    ("body", "field", "meaning"),
    [
        (None, "body", "obligatoire"),
        ([], "body", "objet JSON"),
        ({"seen": 0}, "act", "Dites quel acte"),
        ({"act": "vendre", "seen": 0}, "act", "Acte inconnu"),
        ({"act": "publish"}, "seen", "obligatoire"),
        ({"act": "publish", "seen": -1}, "seen", "Au moins 0"),
        ({"act": "publish", "seen": 2**60}, "seen", "au plus"),
        ({"act": "publish", "seen": "x"}, "seen", "nombre entier"),
        ({"act": "publish", "seen": 0, "autre": 1}, "autre", "n’existe pas"),
        ({"act": "publish", "seen": 0, "post_url": "javascript:alert(1)"}, "post_url", "https://"),
        ({"act": "publish", "seen": 0, "neighbours": ["tourisme"]}, "neighbours", "autre communauté"),
        ({"act": "publish", "seen": 0, "edition": {**EDITION, "title": " "}}, "edition.title", "Au moins 1"),
        ({"act": "edit", "seen": 0, "edition": {**EDITION, "tags": "x"}}, "edition.tags", "liste"),
        (
            {
                "act": "edit",
                "seen": 0,
                "edition": {"title": "T", "event": {"start": "2026-12-02", "end": "2026-12-01"}},
            },
            "edition.event",
            "précède",
        ),
        ({"act": "keep", "seen": 0}, "until", "obligatoire"),
        ({"act": "keep", "seen": 0, "until": "2026-11-20"}, "until", "jour à venir"),
        ({"act": "keep", "seen": 0, "until": "demain"}, "until", "Un jour est attendu"),
        ({"act": "share", "seen": 0, "neighbours": []}, "neighbours", "Au moins 1"),
        ({"act": "share", "seen": 0, "neighbours": ["nulle-part"]}, "neighbours", "nulle-part"),
        ({"act": "reject", "seen": 0, "reason": "moche"}, "reason", "Valeur inconnue"),
        ({"act": "file", "seen": 0, "dossier": "grenier"}, "dossier", "n’existe pas"),
        ({"act": "give", "seen": 0, "to": "ana"}, "to", "ne relit pas"),
        ({"act": "give", "seen": 0, "to": "personne"}, "to", "ne relit pas"),
        ({"act": "note", "note": "  "}, "note", "Au moins 1"),
        ({"act": "note", "note": "x" * 2001}, "note", "2000 caractères"),
    ],
)
def test_a_wrong_body_is_explained_and_records_nothing(
    call: Caller, store: Store, body: Any, field: str, meaning: str
) -> None:
    said = call("lea", "POST", "/drafts/tourisme/a0/verdicts", 422, body)
    assert meaning in said["faults"][field], said
    assert store.reviews_of("a0") == []


def test_bodies_that_are_not_json_or_too_long(client: TestClient) -> None:
    headers = {"Authorization": "Bearer jeton-lea", "Content-Type": "application/json"}
    broken = client.post(VERDICTS, content=b"{", headers=headers)
    assert (broken.status_code, broken.json()["faults"]) == (422, {"body": "Le corps n’est pas du JSON lisible."})
    assert client.post(VERDICTS, content=b"\xff\xfe", headers=headers).status_code in (400, 422)
    assert client.post(VERDICTS, content=b'{"act":"note","note":"\\ud800"}', headers=headers).status_code == 422
    long = b'"' + b"a" * (MAX_BODY_BYTES + 1) + b'"'
    for content in (long, iter([long])):  # announced, then in chunks
        answer = client.post(VERDICTS, content=content, headers=headers)
        assert (answer.status_code, "volumineuse" in answer.json()["message"]) == (413, True)


def test_undoing_what_is_not_mine_or_is_not_there(call: Caller) -> None:
    done = call("lea", "POST", "/drafts/tourisme/a0/verdicts", 201, {"act": "publish", "seen": 0})
    call("ana", "POST", f"/reviews/{done['review']['id']}/undo", 404)
    call("lea", "POST", "/reviews/999/undo", 404)
    said = call("lea", "POST", "/reviews/zero/undo", 422)
    assert "nombre entier" in said["faults"]["id"]
    # a colleague of the same community may
    undone = call("tom", "POST", f"/reviews/{done['review']['id']}/undo", 201)
    # and undoing the undoing publishes again
    again = call("lea", "POST", f"/reviews/{undone['review']['id']}/undo", 201)
    assert again["draft"]["status"] == "published"
    # what brought it back is undone as the act itself is
    last = call("lea", "POST", f"/reviews/{again['review']['id']}/undo", 201)
    assert (last["review"]["undoes"], last["draft"]["status"]) == (done["review"]["id"], "waiting")


def test_the_journal_pages_and_filters(call: Caller) -> None:
    for n in range(5):
        call("lea", "POST", f"/drafts/tourisme/a{n}/verdicts", 201, {"act": "reject", "reason": "outdated", "seen": 0})
    call("tom", "POST", "/reviews/2/undo", 201)
    page = call("lea", "GET", "/journal?limit=4")
    assert [a["id"] for a in page["acts"]] == [6, 5, 4, 3]
    rest = call("lea", "GET", f"/journal?limit=4&before={page['next']}")
    assert [(a["id"], a["undone"]) for a in rest["acts"]] == [(2, True), (1, False)] and rest["next"] is None
    assert rest["acts"][0]["title"] == "Taxe de séjour, épisode 1"
    assert [a["id"] for a in call("lea", "GET", "/journal?reviewer=tom")["acts"]] == [6]
    assert [a["id"] for a in call("lea", "GET", "/journal?act=undone")["acts"]] == [6]
    assert call("lea", "GET", "/journal?since=2026-11-21T00:00:00")["acts"] == []
    assert len(call("lea", "GET", "/journal?since=2026-11-20T00:00:00Z")["acts"]) == 6
    assert call("ana", "GET", "/journal")["acts"] == []
    call("ana", "GET", "/journal?community=tourisme", 403)
    assert "moment ISO 8601" in call("lea", "GET", "/journal?since=hier", 422)["faults"]["since"]
    for ends in ("0001-01-01T00:00:00%2B14:00", "9999-12-31T23:59:59-14:00"):  # no such moment in UTC
        assert "année" in call("lea", "GET", f"/journal?since={ends}", 422)["faults"]["since"]


def test_a_person_without_community(call: Caller, store: Store, people: dict[str, Account]) -> None:
    store.save_account(replace(people["lea"], communities=()))
    assert call("lea", "GET", "/communities") == []
    assert call("lea", "GET", "/journal") == {"acts": [], "next": None}
    call("lea", "GET", "/queue/tourisme", 403)


def test_unknown_addresses_and_methods_answer_in_json(client: TestClient) -> None:
    for method, path, status in (
        ("GET", "/api/nulle-part", 404),
        ("GET", "/api/v1/queue/tourisme/", 404),
        ("DELETE", "/api/v1/communities", 405),
    ):
        answer = client.request(method, path, headers={"Authorization": "Bearer jeton-lea"})
        assert answer.status_code == status and answer.json()["message"]


@pytest.mark.parametrize(
    ("error", "status", "meaning"),
    [
        (StoreError("verrou"), 503, "base de données"),
        (UserError("Le vocabulaire est illisible."), 400, "vocabulaire"),
        (RuntimeError("secret interne"), 500, "erreur imprévue"),
    ],
)
def test_trouble_inside_is_told_without_traceback(
    call: Caller, monkeypatch: pytest.MonkeyPatch, error: Exception, status: int, meaning: str
) -> None:
    def fail(*_: object) -> None:
        raise error

    monkeypatch.setattr(Store, "queue_sizes", fail)
    said = call("lea", "GET", "/communities", status)
    assert meaning in said["message"] and "interne" not in said["message"]


def test_the_schema_and_its_page(client: TestClient) -> None:
    schema = client.get("/api/openapi.json").json()
    assert schema["openapi"].startswith("3.1") and schema["servers"] == [{"url": "/api"}]
    for path, methods in schema["paths"].items():
        for route in methods.values():
            assert route["x-need"] != "nobody", path
            assert route["summary"] and route["description"]
            assert {"401", "403", "422"} <= set(route["responses"])
    for name, shape in schema["components"]["schemas"].items():
        assert shape.get("description"), name
    text = str(schema)
    assert "Successful" not in text and "HTTPValidationError" not in text
    page = client.get("/api/docs")
    assert page.status_code == 200 and "script-src 'self'" in page.headers["content-security-policy"]
    assert "<script" not in page.text and "POST /api/v1/drafts/{community}/{article}/verdicts" in page.text
    for name in schema["components"]["schemas"]:
        assert f'id="objet-{name}"' in page.text
    for reason in Rejection:
        assert reason.value in page.text
    for act in Act:
        assert act.value in page.text


def test_nothing_of_fastapi_is_served(client: TestClient) -> None:
    for path in ("/api/redoc", "/api/docs/oauth2-redirect", "/docs", "/openapi.json"):
        assert client.get(path).status_code == 404
