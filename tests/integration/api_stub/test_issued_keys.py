"""Keys of a tenant: told once, revoked at once, and used where their role lets them."""

from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
from sqlalchemy import Engine, select, update

from db import engine as database
from db.models import ApiKey, IdempotencyKey
from services import keys
from tests.integration.api_stub.conftest import checked, pointers


def issued(admin: httpx.Client, role: str, **fields: Any) -> dict[str, Any]:
    """A new key, as it is told once."""
    return checked(admin.post("/keys", json={"role": role, **fields}), 201)


def asking(server: str, key: str) -> httpx.Client:
    """A client with this key."""
    return httpx.Client(base_url=f"{server}/api/v1", headers={"Authorization": f"Bearer {key}"}, timeout=30)


def test_a_new_key_opens_the_door_and_is_told_once(server: str, admin: httpx.Client) -> None:
    answer = admin.post("/keys", json={"role": "staff", "name": "Tablet at the desk"})
    made = checked(answer, 201)

    with asking(server, made["key"]) as client:
        assert client.get("/sessions").status_code == 200
        assert client.post("/spaces", json={"name": "x"}).status_code == 403
    kept = checked(admin.get(answer.headers["Location"].removeprefix("/api/v1")), 200)
    assert answer.headers["Cache-Control"] == "no-store"
    assert (kept["role"], kept["name"], kept["revokedAt"]) == ("staff", "Tablet at the desk", None)
    assert made["key"].startswith("sb_")
    assert "key" not in kept
    assert made["key"] not in str(checked(admin.get("/keys", params={"limit": 100}), 200))


def test_a_repeated_answer_does_not_tell_the_key(admin: httpx.Client, module_engine: Engine) -> None:
    headers = {"Idempotency-Key": uuid4().hex}
    first = checked(admin.post("/keys", json={"role": "viewer"}, headers=headers), 201)

    again = checked(admin.post("/keys", json={"role": "viewer"}, headers=headers), 201)

    assert first["key"] is not None
    assert again == first | {"key": None}
    with database.transaction(module_engine) as (tx, _):
        assert not any(first["key"].encode() in body for body in tx.scalars(select(IdempotencyKey.body)))


def test_a_revoked_key_opens_nothing_at_once_and_for_every_process(server: str, admin: httpx.Client) -> None:
    made = issued(admin, "viewer")
    with asking(server, made["key"]) as client:
        before = [client.get("/sessions").status_code for _ in range(8)]

        revoked = [admin.delete(f"/keys/{made['id']}").status_code for _ in range(2)]

        after = [checked(client.get("/sessions"), 401)["code"] for _ in range(8)]
    assert (set(before), revoked, set(after)) == ({200}, [204, 204], {"unauthorized"})
    assert checked(admin.get(f"/keys/{made['id']}"), 200)["revokedAt"] is not None


def test_the_last_use_of_a_key_is_told_to_the_minute_and_costs_no_write_each_time(
    server: str, admin: httpx.Client, module_engine: Engine
) -> None:
    made = issued(admin, "viewer")
    path = f"/keys/{made['id']}"
    assert made["lastUsedAt"] is None
    with asking(server, made["key"]) as client:
        client.get("/sessions")
        first = checked(admin.get(path), 200)["lastUsedAt"]
        client.get("/sessions")
        second = checked(admin.get(path), 200)["lastUsedAt"]
        with database.transaction(module_engine) as (tx, now):
            long_ago = now - keys.USE_IS_TOLD_EVERY - timedelta(seconds=1)
            tx.execute(update(ApiKey).where(ApiKey.id == UUID(made["id"])).values(last_used_at=long_ago))
        client.get("/sessions")
        third = checked(admin.get(path), 200)["lastUsedAt"]

    assert first is not None
    assert second == first
    assert third > first


def test_keys_come_in_pages(admin: httpx.Client) -> None:
    made = [issued(admin, "viewer")["id"] for _ in range(3)]
    seen: list[str] = []
    page = checked(admin.get("/keys", params={"limit": 2}), 200)
    seen += [one["id"] for one in page["data"]]

    while page["hasMore"]:
        page = checked(admin.get("/keys", params={"limit": 2, "cursor": page["nextCursor"]}), 200)
        seen += [one["id"] for one in page["data"]]

    assert seen[-3:] == made
    assert len(set(seen)) == len(seen)


def test_another_tenants_key_is_not_there(stranger: httpx.Client, admin: httpx.Client) -> None:
    made = issued(admin, "viewer")["id"]

    for answer in (stranger.get(f"/keys/{made}"), stranger.delete(f"/keys/{made}")):
        assert checked(answer, 404)["code"] == "not_found"
    assert made not in str(checked(stranger.get("/keys"), 200))
    assert checked(admin.get(f"/keys/{made}"), 200)["revokedAt"] is None


@pytest.mark.parametrize(
    "body, field", [({}, "/role"), ({"role": "owner"}, "/role"), ({"role": "viewer", "name": " "}, "/name")]
)
def test_a_key_that_can_not_be_is_refused(admin: httpx.Client, body: dict[str, Any], field: str) -> None:
    assert pointers(checked(admin.post("/keys", json=body), 422)) == {field}


def test_a_feed_key_says_what_it_is_and_reads_nothing_else(server: str, admin: httpx.Client) -> None:
    made = issued(admin, "feed")

    assert made["key"].startswith("sb_feed_")
    with asking(server, made["key"]) as client:
        for path in ("/sessions", "/sessions/changes", "/spaces", "/keys"):
            assert checked(client.get(path), 403)["code"] == "forbidden"


def test_a_key_in_the_address_opens_nothing_but_a_feed(server: str, admin: httpx.Client) -> None:
    key = admin.headers["Authorization"].removeprefix("Bearer ")

    answer = httpx.get(f"{server}/api/v1/sessions", params={"token": key})

    assert checked(answer, 401)["code"] == "unauthorized"
