"""Who may come in, what is carried in, and what happens when the database is away."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import timedelta
from urllib.parse import urlsplit

import httpx
import psycopg
import pytest
from psycopg import sql
from sqlalchemy import Engine, delete, text

from db import engine as database
from db.models import Heartbeat
from services import heartbeat
from tests.integration.api_stub.conftest import Make, checked, pointers

NOBODYS = "0198c0de-0000-7000-8000-000000000001"
DAYS = {"from": "2036-01-01", "until": "2036-01-02"}
READS = ("", "/history", "/attendance")


def test_a_wrong_key_is_a_401(server: str) -> None:
    for headers in ({}, {"Authorization": "Bearer sb_wrong"}, {"Authorization": "Basic eA=="}):
        answer = httpx.get(f"{server}/api/v1/sessions", headers=headers)

        assert checked(answer, 401)["code"] == "unauthorized"
        assert answer.headers["WWW-Authenticate"] == "Bearer"


def test_a_role_that_is_too_small_is_a_403(viewer: httpx.Client, staff: httpx.Client, plan: Make, make: Make) -> None:
    path = f"/sessions/{plan()['id']}"

    for call in ("start", "end", "cancel", "reinstate", "corrections"):
        assert checked(viewer.post(f"{path}/{call}"), 403)["code"] == "forbidden"
    assert viewer.put(f"{path}/attendance/{make('users')['id']}", json={"status": "PRESENT"}).status_code == 403
    for client in (viewer, staff):
        assert client.post("/sessions", content=b"{ not even json").status_code == 403
        assert client.patch(path, json={"title": "x"}).status_code == 403
        assert client.patch(f"{path}/removedAt", json={}).status_code == 403
        assert client.patch("/sessions/removedAt", json={"ids": ["x"]}).status_code == 403
        assert client.delete(path).status_code == 403
        assert client.post(f"{path}/pause", json=DAYS).status_code == 403
        assert client.post(f"{path}/resume", json=DAYS).status_code == 403
        assert client.post("/spaces", json={"name": "x"}).status_code == 403
    for read in READS:
        assert viewer.get(path + read).status_code == 200


def test_another_tenants_ids_are_not_there(stranger: httpx.Client, admin: httpx.Client, plan: Make, make: Make) -> None:
    space = make("spaces")["id"]
    made = plan(spaceId=space, recurrence={"rrule": "FREQ=DAILY;COUNT=2"})
    before = checked(admin.get("/sessions", params={"seriesId": made["id"]}), 200)
    session = f"/sessions/{before['data'][0]['id']}"
    user = make("users")["id"]

    for path in (f"/sessions/{made['id']}", session):
        answers = [
            *(stranger.get(path + read) for read in READS),
            *(stranger.post(f"{path}/{call}") for call in ("start", "end", "cancel", "reinstate")),
            stranger.post(f"{path}/corrections", json={"state": "COMPLETED"}),
            *(stranger.post(f"{path}/{call}", json=DAYS) for call in ("pause", "resume")),
            stranger.patch(path, json={"title": "x"}),
            stranger.patch(f"{path}/removedAt", json={"removedAt": "2026-01-01T00:00:00Z"}),
            stranger.patch(f"{path}/removedAt", json={"removedAt": None}),
            stranger.put(f"{path}/attendance/{user}", json={"status": "PRESENT"}),
            stranger.delete(path, params={"force": "true"}),
        ]
        assert {answer.status_code for answer in answers} == {404}, [answer.text for answer in answers]
    for answer in (stranger.get(f"/spaces/{space}"), stranger.delete(f"/spaces/{space}")):
        assert answer.status_code == 404
    assert stranger.patch(f"/spaces/{space}", json={"name": "mine"}).status_code == 404
    outcome = checked(stranger.patch("/sessions/removedAt", json={"ids": [made["id"]]}), 200)["data"]
    assert [one["code"] for one in outcome] == ["not_found"]
    assert checked(stranger.get("/sessions", params={"spaceId": space}), 200)["data"] == []
    assert checked(admin.get("/sessions", params={"seriesId": made["id"]}), 200) == before


@pytest.mark.parametrize(
    "content, kind, status, code",
    [
        (b"{ not json", "application/json", 400, "malformed"),
        (b"", "application/json", 400, "malformed"),
        (b"[" * 10_000, "application/json", 400, "malformed"),
        (b'{"title": NaN}', "application/json", 400, "malformed"),
        (b"\xff", "application/json", 400, "malformed"),
        (b"[]", "application/json", 422, "invalid_field"),
        (b"null", "application/json", 422, "invalid_field"),
        (b'"{}"', "application/json", 422, "invalid_field"),
        (b'{"title": "\\ud800"}', "application/json", 422, "invalid_field"),
        (b'{"title": "\\u0000"}', "application/json", 422, "invalid_field"),
        (b"title=x", "application/x-www-form-urlencoded", 415, "unsupported_media_type"),
        (b"{}", "", 415, "unsupported_media_type"),
        (b'{"title": "' + b"x" * (1 << 20) + b'"}', "application/json", 413, "too_large"),
    ],
    ids=lambda value: repr(value)[:24],
)
def test_a_body_that_can_not_be_read_is_refused(
    admin: httpx.Client, content: bytes, kind: str, status: int, code: str
) -> None:
    answer = admin.post("/sessions", content=content, headers={"Content-Type": kind})

    assert checked(answer, status)["code"] == code


def test_a_call_without_a_body_refuses_one(staff: httpx.Client, plan: Make) -> None:
    answer = staff.post(f"/sessions/{plan()['id']}/cancel", json={"reason": "rain"})

    assert pointers(checked(answer, 422)) == {"/reason"}


@pytest.mark.parametrize(
    "id_", ["x", NOBODYS, f"{NOBODYS}_20260105T180000", f"{NOBODYS}_20261399T180000", "%00", "..%2f.."]
)
def test_an_id_that_names_nothing_is_a_404(admin: httpx.Client, id_: str) -> None:
    for answer in (
        admin.get(f"/sessions/{id_}"),
        admin.delete(f"/sessions/{id_}"),
        admin.get(f"/sessions/{id_}/history"),
    ):
        assert checked(answer, 404)["code"] == "not_found"


def test_a_session_that_the_rule_does_not_give_is_a_404(staff: httpx.Client, plan: Make) -> None:
    made = plan(recurrence={"rrule": "FREQ=DAILY;COUNT=2"})
    path = f"/sessions/{made['id']}_20260101T030303"

    for answer in (staff.get(path), staff.post(f"{path}/start"), staff.get(f"{path}/attendance")):
        assert checked(answer, 404)["code"] == "not_found"


@pytest.fixture
def nobody_seen(module_engine: Engine) -> None:
    """No process has said that it is alive."""
    with module_engine.begin() as connection:
        connection.execute(delete(Heartbeat))


@pytest.mark.usefixtures("nobody_seen")
@pytest.mark.parametrize(
    "seen_s_ago, status",
    [
        ({}, 503),
        ({"lifeline@a": 1}, 200),
        ({"lifeline@a": 60}, 503),
        ({"beat@a": 1}, 503),
        ({"transitions@a": 1}, 503),
        ({"beat@a": 1, "transitions@b": 1}, 200),
        ({"beat@a": 60, "transitions@b": 1}, 503),
        ({"beat@a": 60, "beat@b": 1, "transitions@b": 1}, 200),
        ({"bulk@a": 1}, 503),
    ],
)
def test_ready_needs_somebody_who_moves_what_is_due(
    server: str, module_engine: Engine, seen_s_ago: dict[str, int], status: int
) -> None:
    with database.transaction(module_engine) as (tx, now):
        for name, age_s in seen_s_ago.items():
            heartbeat.beat(tx, name, now - timedelta(seconds=age_s))

    ready = httpx.get(f"{server}/readyz")

    assert ready.status_code == status


@pytest.mark.usefixtures("nobody_seen")
def test_every_dependency_is_named_whether_ready_or_not(server: str, module_engine: Engine) -> None:
    with database.transaction(module_engine) as (tx, now):
        heartbeat.beat(tx, "beat@a", now)
        heartbeat.beat(tx, "bulk@a", now - timedelta(seconds=60))
    late = checked(httpx.get(f"{server}/readyz"), 503)
    with database.transaction(module_engine) as (tx, now):
        heartbeat.beat(tx, "transitions@a", now)
    seen = checked(httpx.get(f"{server}/readyz"), 200)

    assert late["code"] == "not_ready"
    assert (late["dependencies"]["transitions"], seen["dependencies"]["transitions"]) == ("never seen", "ok")
    assert seen["dependencies"].pop("bulk").startswith("last seen 6")
    assert seen == {
        "status": "ready",
        "dependencies": {
            "database": "ok",
            "migrations": "ok",
            "beat": "ok",
            "transitions": "ok",
            "lifeline": "never seen",
        },
    }


def test_whether_it_is_ready_is_asked_again_where_a_connection_was_lost(
    server: str, admin: httpx.Client, module_engine: Engine
) -> None:
    lose_one = text(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database()"
        " AND pid <> pg_backend_pid() AND application_name = 'sessionbeat' ORDER BY random() LIMIT 1"
    )
    told = set()
    for _ in range(12):
        with ThreadPoolExecutor(4) as several:
            list(several.map(lambda _: admin.get("/sessions"), range(8)))
        with module_engine.connect() as connection:
            connection.execute(lose_one)
        told |= {httpx.get(f"{server}/readyz").json()["dependencies"]["database"] for _ in range(4)}

    assert told == {"ok"}


def test_a_database_that_is_away_is_a_503_and_comes_back_by_itself(
    server: str, admin: httpx.Client, postgres_url: str, module_database_url: str
) -> None:
    assert admin.get("/sessions").status_code == 200

    with shut(postgres_url, urlsplit(module_database_url).path[1:]):
        away = [admin.get("/sessions"), admin.post("/spaces", json={"name": "x"})]
        alive, ready = httpx.get(f"{server}/healthz"), httpx.get(f"{server}/readyz")
    back = [admin.get("/sessions") for _ in range(4)]

    assert [checked(answer, 503)["code"] for answer in away] == ["unavailable"] * 2
    assert all(answer.headers["Retry-After"] for answer in away)
    assert (alive.status_code, checked(ready, 503)["code"]) == (200, "not_ready")
    assert [answer.status_code for answer in back] == [200] * 4


@contextmanager
def shut(server: str, name: str) -> Iterator[None]:
    """Nobody can be connected to a database."""
    allow = sql.SQL("ALTER DATABASE {} ALLOW_CONNECTIONS {}")
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(allow.format(sql.Identifier(name), sql.SQL("false")))
        try:
            connection.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", [name])
            yield
        finally:
            connection.execute(allow.format(sql.Identifier(name), sql.SQL("true")))
