"""A write that has to wait for another one acts at the instant at which it came to its turn."""

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

import pytest
from flask.testing import FlaskClient
from sqlalchemy import Engine, text
from werkzeug.test import TestResponse

from api_stub import door
from api_stub.app import create_app
from config.settings import Settings
from db import engine as database
from db.models import Role
from services import keys

WAIT_S = 10.0
HOUR = timedelta(hours=1)
BLOCKED = text("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'")
CLOCK = text("SELECT clock_timestamp()")
ONE_SESSION = text("SELECT 1 FROM session FOR UPDATE")
ONE_PLAN = text("SELECT 1 FROM series FOR UPDATE")
LEDGER = text("SELECT effective_at, applied_at FROM transition WHERE outcome = 'by_hand'")
BEGAN_TWO_HOURS_AGO = text("""
    UPDATE session SET starts_at = now() - interval '2 hours', ends_at = now() + interval '1 hour'
""")

Act = Callable[[FlaskClient, str], TestResponse]


class House(NamedTuple):
    """An app in this process: a client with an admin's key, and the app's engine."""

    client: FlaskClient
    engine: Engine

    def make(self, path: str, **body: Any) -> dict[str, Any]:
        """Something new, as the API answers it."""
        answer = self.client.post(f"/api/v1/{path}", json=body)
        assert answer.status_code == 201, answer.text
        made: dict[str, Any] = json.loads(answer.get_data())
        return made

    def plan(self, starts_in: timedelta, **fields: Any) -> dict[str, Any]:
        """A session of an hour, once."""
        with self.engine.connect() as connection:
            starts = (connection.scalar(CLOCK) or datetime.now(UTC)) + starts_in
        body = {"title": "x", "scheduledAt": starts.isoformat(timespec="seconds"), "duration": "PT1H"}
        return self.make("sessions", **(body | fields))

    def call(self, act: Act, id_: str) -> TestResponse:
        """What an act is answered, from a thread of its own."""
        return act(self.client, f"/api/v1/sessions/{id_}")


@pytest.fixture
def house(database_url: str) -> Iterator[House]:
    """An app on a database of the test's own."""
    app = create_app(Settings(database_url=database_url))
    engine = app.extensions[door.NAME].engine
    with database.transaction(engine) as (tx, now):
        key = keys.create(tx, "studio", Role.ADMIN, now)
    client = app.test_client()
    client.environ_base["HTTP_AUTHORIZATION"] = f"Bearer {key}"
    yield House(client, engine)
    engine.dispose()


@contextmanager
def waiting(house: House, act: Callable[[], TestResponse]) -> Iterator[list[TestResponse]]:
    """`act` in a thread that waits for a lock from here on; the answer is in the list after the caller let go."""
    answers: list[TestResponse] = []
    thread = threading.Thread(target=lambda: answers.append(act()))
    thread.start()
    deadline = time.monotonic() + WAIT_S
    with house.engine.connect() as connection:
        while not connection.scalar(BLOCKED):
            assert thread.is_alive(), answers[0].text
            assert time.monotonic() < deadline
            connection.rollback()
    yield answers
    thread.join(WAIT_S)


def instant_of_turn(house: House, lock: Any, act: Callable[[], TestResponse]) -> tuple[datetime, dict[str, Any]]:
    """Until when `act` had to wait because of `lock`, and its answer."""
    with house.engine.connect() as holder:
        holder.execute(lock)
        with waiting(house, act) as answers:
            turn = holder.scalar(CLOCK)
            holder.rollback()
    assert turn is not None
    assert answers[0].status_code < 300, answers[0].text
    body: dict[str, Any] = json.loads(answers[0].get_data())
    return turn, body


def running(house: House) -> str:
    """The id of a session that was started by hand."""
    id_ = str(house.plan(HOUR)["id"])
    assert house.client.post(f"/api/v1/sessions/{id_}/start").status_code == 200
    return id_


def start(client: FlaskClient, path: str) -> TestResponse:
    return client.post(f"{path}/start")


def end(client: FlaskClient, path: str) -> TestResponse:
    return client.post(f"{path}/end")


def cancel(client: FlaskClient, path: str) -> TestResponse:
    return client.post(f"{path}/cancel")


def remove(client: FlaskClient, path: str) -> TestResponse:
    return client.patch(f"{path}/removedAt", json={"removedAt": "2026-01-01T00:00:00Z"})


def remove_among_others(client: FlaskClient, path: str) -> TestResponse:
    return client.patch("/api/v1/sessions/removedAt", json={"ids": [path.rpartition("/")[2]]})


@pytest.mark.parametrize(
    ("act", "told", "lock"),
    [
        (end, "endedAt", ONE_SESSION),
        (cancel, "endedAt", ONE_SESSION),
        (remove, "removedAt", ONE_SESSION),
        (remove, "removedAt", ONE_PLAN),
        (remove_among_others, None, ONE_SESSION),
        (remove_among_others, None, ONE_PLAN),
    ],
)
def test_what_waited_for_another_write_stands_after_it_in_the_ledger(
    house: House, act: Act, told: str | None, lock: Any
) -> None:
    id_ = running(house)
    with house.engine.begin() as connection:
        connection.execute(text("DELETE FROM transition"))

    turn, body = instant_of_turn(house, lock, lambda: house.call(act, id_))

    with house.engine.connect() as connection:
        row = connection.execute(LEDGER).one()
    assert turn <= row.effective_at <= row.applied_at
    if told is not None:
        assert datetime.fromisoformat(body[told]) == row.effective_at


def test_a_start_by_hand_that_waited_is_at_the_instant_of_its_turn(house: House) -> None:
    id_ = house.plan(HOUR)["id"]

    turn, body = instant_of_turn(house, ONE_SESSION, lambda: house.call(start, id_))

    assert datetime.fromisoformat(body["startedAt"]) >= turn


def test_an_end_moved_into_the_past_while_it_waited_ends_it_at_its_turn(house: House) -> None:
    id_ = running(house)
    with house.engine.begin() as connection:
        connection.execute(BEGAN_TWO_HOURS_AGO)

    def shorten(client: FlaskClient, path: str) -> TestResponse:
        return client.patch(path, json={"duration": "PT1H"})

    turn, body = instant_of_turn(house, ONE_SESSION, lambda: house.call(shorten, id_))

    assert datetime.fromisoformat(body["endedAt"]) >= turn


def test_a_mark_that_waited_is_given_at_its_turn(house: House) -> None:
    ada = house.make("users", name="Ada", email="ada@example.org")["id"]
    id_ = running(house)

    def mark(client: FlaskClient, path: str) -> TestResponse:
        return client.put(f"{path}/attendance/{ada}", json={"status": "PRESENT"})

    turn, body = instant_of_turn(house, ONE_SESSION, lambda: house.call(mark, id_))

    assert datetime.fromisoformat(body["markedAt"]) >= turn


def test_what_fell_due_while_a_write_waited_has_happened_before_it(house: House) -> None:
    id_ = house.plan(HOUR)["id"]
    with house.engine.connect() as holder:
        holder.execute(text("UPDATE session SET starts_at = clock_timestamp() + interval '0.3 s',"
                            " next_due_at = clock_timestamp() + interval '0.3 s'"))  # fmt: skip
        with waiting(house, lambda: house.call(start, id_)) as answers:
            holder.execute(text("SELECT pg_sleep_until((SELECT next_due_at FROM session) + interval '1 ms')"))
            holder.commit()

    assert (answers[0].status_code, json.loads(answers[0].get_data())["code"]) == (409, "conflict")
    assert json.loads(house.client.get(f"/api/v1/sessions/{id_}").get_data())["state"] == "IN_PROGRESS"


def test_a_plan_that_waited_for_its_place_is_made_at_its_turn(house: House) -> None:
    space = house.make("spaces", name="Hall")["id"]
    resource = text("SELECT pg_advisory_xact_lock(hashtextextended(:space, 0))").bindparams(space=space)

    turn, body = instant_of_turn(
        house, resource, lambda: house.client.post("/api/v1/sessions", json={
            "title": "x", "scheduledAt": "2100-01-01T00:00:00Z", "duration": "PT1H", "spaceId": space})
    )  # fmt: skip

    assert datetime.fromisoformat(body["createdAt"]) >= turn


def test_a_plan_whose_place_is_taken_is_refused_without_waiting_for_its_turn(house: House) -> None:
    space = house.make("spaces", name="Hall")["id"]
    body = {"title": "x", "scheduledAt": "2100-01-01T00:00:00Z", "duration": "PT1H", "spaceId": space}
    house.make("sessions", **body)

    with house.engine.connect() as holder:
        holder.execute(text("SELECT pg_advisory_xact_lock(hashtextextended(:space, 0))"), {"space": space})
        answer = house.client.post("/api/v1/sessions", json=body)
        holder.rollback()

    assert (answer.status_code, json.loads(answer.get_data())["code"]) == (409, "clash")
