"""A POST that is sent again with its `Idempotency-Key` is answered again, and not done again."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier
from typing import Any
from uuid import uuid4

import httpx
import pytest
from sqlalchemy import Engine, delete, func, select, text, update

from db import engine as database
from db.models import IdempotencyKey, Series, Space
from services import repeats
from tests.integration.api_stub.conftest import Make, checked, pointers

HALL = {"name": "Hall"}
CLIENTS = 12


@pytest.fixture
def key() -> dict[str, str]:
    """A header with a key of this test's own."""
    return {"Idempotency-Key": uuid4().hex}


@pytest.fixture
def count(module_engine: Engine) -> Callable[[type[Any]], int]:
    """How many rows a table has."""

    def rows(table: type[Any]) -> int:
        with database.transaction(module_engine) as (tx, _):
            return tx.scalar(select(func.count()).select_from(table)) or 0

    return rows


def test_the_same_request_again_has_the_same_answer_and_no_effect(
    admin: httpx.Client, key: dict[str, str], plan: Make, count: Callable[[type[Any]], int]
) -> None:
    body = {"title": "Pilates", "scheduledAt": "2030-01-07T18:00:00Z", "duration": "PT1H"}
    first = admin.post("/sessions", json=body, headers=key)
    before = count(Series)

    again = admin.post("/sessions", json=body, headers=key)

    assert (first.status_code, again.status_code) == (201, 201)
    assert again.content == first.content
    for name in ("Location", "ETag", "Content-Type"):
        assert again.headers[name] == first.headers[name]
    assert "Idempotency-Replayed" not in first.headers
    assert again.headers["Idempotency-Replayed"] == "true"
    assert count(Series) == before


def test_a_replay_does_not_start_a_session_twice(
    admin: httpx.Client, staff: httpx.Client, key: dict[str, str], plan: Make
) -> None:
    path = f"/sessions/{plan()['id']}/start"

    first, again, without = staff.post(path, headers=key), staff.post(path, headers=key), staff.post(path)

    assert checked(again, 200) == checked(first, 200)
    assert checked(without, 409)["code"] == "conflict"


def test_the_order_of_fields_is_no_difference(admin: httpx.Client, key: dict[str, str]) -> None:
    headers = key | {"Content-Type": "application/json"}

    first = admin.post("/spaces", content=b'{"name": "a", "type": "b"}', headers=headers)
    again = admin.post("/spaces", content=b'{"type":"b","name":"a"}', headers=headers)

    assert checked(again, 201)["id"] == checked(first, 201)["id"]


def test_another_body_with_the_same_key_is_refused(admin: httpx.Client, key: dict[str, str]) -> None:
    checked(admin.post("/spaces", json=HALL, headers=key), 201)

    answer = checked(admin.post("/spaces", json={"name": "Room"}, headers=key), 422)

    assert (answer["code"], pointers(answer)) == ("idempotency_key_reused", {"/Idempotency-Key"})


def test_a_key_is_for_one_path_and_one_api_key(
    admin: httpx.Client, stranger: httpx.Client, key: dict[str, str]
) -> None:
    made = [
        checked(client.post(path, json=HALL, headers=key), 201)["id"]
        for client in (admin, stranger)
        for path in ("/spaces", "/subjects")
    ]

    assert len(set(made)) == 4


def test_what_failed_is_not_kept(admin: httpx.Client, key: dict[str, str]) -> None:
    checked(admin.post("/spaces", json={"name": ""}, headers=key), 422)

    assert checked(admin.post("/spaces", json=HALL, headers=key), 201)["name"] == "Hall"


def test_from_many_clients_at_once_there_is_one_effect(
    server: str, admin: httpx.Client, key: dict[str, str], count: Callable[[type[Any]], int]
) -> None:
    before, together = count(Space), Barrier(CLIENTS)
    headers = {"Authorization": admin.headers["Authorization"], **key}

    def ask(_: int) -> httpx.Response:
        with httpx.Client(base_url=f"{server}/api/v1", headers=headers, timeout=30) as client:
            together.wait()
            return client.post("/spaces", json=HALL)

    with ThreadPoolExecutor(CLIENTS) as clients:
        answers = list(clients.map(ask, range(CLIENTS)))

    made = {answer.json()["id"] for answer in answers if answer.status_code == 201}
    assert len(made) == 1
    for answer in answers:
        if answer.status_code != 201:
            assert checked(answer, 409)["code"] == "in_progress"
            assert answer.headers["Retry-After"] == "1"
    assert count(Space) == before + 1


def test_while_the_first_runs_others_are_told_so_and_a_crash_leaves_nothing_stuck(
    admin: httpx.Client, key: dict[str, str], module_engine: Engine, make: Make
) -> None:
    space = make("spaces")["id"]
    body = {"title": "x", "scheduledAt": "2031-01-07T18:00:00Z", "duration": "PT1H", "spaceId": space}
    with ThreadPoolExecutor(1) as one, module_engine.connect() as holder:
        holder.execute(text("SELECT FROM space WHERE id = :id FOR UPDATE"), {"id": space})
        first = one.submit(admin.post, "/sessions", json=body, headers=key)
        running = waiting_for_a_lock(module_engine)
        meanwhile = admin.post("/sessions", json=body, headers=key)
        with module_engine.begin() as killer:
            killer.execute(text("SELECT pg_terminate_backend(:pid)"), {"pid": running})
        died = first.result()
        holder.rollback()

    after = admin.post("/sessions", json=body, headers=key)

    assert checked(meanwhile, 409)["code"] == "in_progress"
    assert died.status_code == 503
    assert checked(after, 201)["spaceId"] == space


def waiting_for_a_lock(engine: Engine) -> int:
    """The server process that waits for a row, once there is one."""
    waiting = text("""
        SELECT pid FROM pg_stat_activity
        WHERE datname = current_database() AND wait_event_type = 'Lock' AND pid <> pg_backend_pid()
    """)
    for _ in range(2000):
        with engine.begin() as connection:
            pid: int | None = connection.scalar(waiting)
        if pid is not None:
            return pid
    raise AssertionError("nobody waits")


def test_after_a_day_a_key_is_new_again_and_old_answers_are_forgotten(
    admin: httpx.Client, key: dict[str, str], module_engine: Engine, count: Callable[[type[Any]], int]
) -> None:
    with database.transaction(module_engine) as (tx, _):
        tx.execute(delete(IdempotencyKey))
    other = {"Idempotency-Key": uuid4().hex}
    first = [checked(admin.post("/spaces", json=HALL, headers=one), 201)["id"] for one in (key, other)]
    with database.transaction(module_engine) as (tx, now):
        tx.execute(update(IdempotencyKey).values(created_at=now - repeats.KEPT + timedelta(minutes=1)))
    assert checked(admin.post("/spaces", json=HALL, headers=key), 201)["id"] == first[0]
    with database.transaction(module_engine) as (tx, now):
        tx.execute(update(IdempotencyKey).values(created_at=now - repeats.KEPT))

    again = checked(admin.post("/spaces", json={"name": "Another"}, headers=key), 201)

    assert again["id"] != first[0]
    assert count(IdempotencyKey) == 1


@pytest.mark.parametrize("given", ["", "a b", "x" * 256, "é"])
def test_a_key_that_can_not_be_one_is_refused(admin: httpx.Client, given: str) -> None:
    answer = admin.post("/spaces", json=HALL, headers={b"Idempotency-Key": given.encode("latin-1")})

    assert pointers(checked(answer, 422)) == {"/Idempotency-Key"}


def test_other_methods_do_not_look_at_it(admin: httpx.Client, key: dict[str, str], make: Make) -> None:
    path = f"/spaces/{make('spaces')['id']}"

    answers = [admin.patch(path, json={"name": name}, headers=key) for name in ("One", "Two")]

    assert [checked(answer, 200)["name"] for answer in answers] == ["One", "Two"]
    assert not any("Idempotency-Replayed" in answer.headers for answer in answers)


def test_a_clash_is_told_again_until_it_is_gone(
    admin: httpx.Client, key: dict[str, str], plan: Make, make: Make
) -> None:
    space = make("spaces")["id"]
    taken = plan(spaceId=space)
    body = {"title": "x", "scheduledAt": taken["scheduledAt"], "duration": "PT1H", "spaceId": space}
    checked(admin.post("/sessions", json=body, headers=key), 409)
    checked(admin.post("/sessions", json=body, headers=key), 409)
    checked(admin.patch(f"/sessions/{taken['id']}/removedAt", json={"removedAt": taken["scheduledAt"]}), 200)

    assert checked(admin.post("/sessions", json=body, headers=key), 201)["spaceId"] == space
