"""A person's data are handed out as a whole, and erased without a total changing."""

import json
from datetime import timedelta
from typing import Any

import httpx
import pytest
from sqlalchemy import Engine, text

from db import engine as database
from tests.integration.api_stub.conftest import Make, checked, instant

TABLES = text("SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = CAST('public' AS regnamespace)")


def session_of(client: httpx.Client, plan: dict[str, Any], number: int = 0) -> str:
    start = plan["scheduledAt"]
    query = {"seriesId": plan["id"], "from": start, "to": start.replace(start[:4], str(int(start[:4]) + 1), 1)}
    found = checked(client.get("/sessions", params=query), 200)["data"][number]["id"]
    assert isinstance(found, str)
    return found


@pytest.fixture
def ada(make: Make) -> dict[str, Any]:
    """Somebody with a name that stands nowhere else."""
    return make("users", name="Adelheid Unverkennbar")


@pytest.fixture
def classes(plan: Make, ada: dict[str, Any], make: Make) -> dict[str, Any]:
    """A daily plan that Ada is in, with another person."""
    return plan(
        recurrence={"rrule": "FREQ=DAILY;COUNT=20"}, participants=[ada["id"], make("users")["id"]], timeZone="UTC"
    )


def test_everything_that_is_kept_is_handed_out(
    admin: httpx.Client, plan: Make, ada: dict[str, Any], classes: dict[str, Any]
) -> None:
    given = plan(start=timedelta(days=30), instructorId=ada["id"], title="Hers")
    session = session_of(admin, classes)
    checked(admin.put(f"/sessions/{session}/attendance/{ada['id']}", json={"status": "EXCUSED"}), 200)

    found = checked(admin.get(f"/users/{ada['id']}/export"), 200)

    assert found["profile"]["email"] == ada["email"]
    assert [(one["sessionId"], one["title"]) for one in found["enrolments"]] == [(classes["id"], "Pilates")]
    [mark] = found["attendance"]
    assert (mark["sessionId"], mark["status"], mark["scheduledAt"]) == (session, "EXCUSED", classes["scheduledAt"])
    assert [(one["title"], one["scheduledAt"]) for one in found["instructs"]] == [("Hers", given["scheduledAt"])]
    assert [one["kind"] for one in found["changes"]] == ["create"]
    assert (found["waiting"], found["presence"], found["withdrawals"]) == ([], [], [])


def test_an_erased_person_is_named_nowhere(admin: httpx.Client, module_engine: Engine, make: Make, plan: Make) -> None:
    body = {"name": "Balthasar Unverkennbar", "email": "balthasar.unverkennbar@example.org"}
    balthasar = checked(admin.post("/users", json=body, headers={"Idempotency-Key": "made-once"}), 201)
    plan(participants=[balthasar["id"]])

    assert admin.delete(f"/users/{balthasar['id']}?erase=true").status_code == 204

    with database.transaction(module_engine) as (tx, _):
        for table in tx.scalars(TABLES).all():
            rows = tx.scalars(text(f"SELECT CAST(one AS text) FROM {table} AS one")).all()
            bodies = [bytes(row) for row in tx.scalars(text("SELECT body FROM idempotency_key"))]
            assert not [row for row in rows if "nverkennbar" in row and "althasar" in row], table
            assert not [one for one in bodies if b"althasar" in one]
    found = checked(admin.get(f"/users/{balthasar['id']}"), 200)
    assert (found["name"], found["email"]) == ("erased person", f"{balthasar['id']}@erased.invalid")
    assert found["erasedAt"] is not None


def test_an_erased_person_is_expected_nowhere_from_now_on(
    admin: httpx.Client, ada: dict[str, Any], classes: dict[str, Any]
) -> None:
    session = session_of(admin, classes)
    checked(admin.put(f"/sessions/{session}/attendance/{ada['id']}", json={"status": "EXCUSED"}), 200)

    admin.delete(f"/users/{ada['id']}?erase=true")

    assert ada["id"] not in checked(admin.get(f"/sessions/{classes['id']}"), 200)["participants"]
    expected = checked(admin.get(f"/sessions/{session}/attendance"), 200)["data"]
    assert ada["id"] not in [one["userId"] for one in expected]
    export = checked(admin.get(f"/users/{ada['id']}/export"), 200)
    assert (export["enrolments"], export["attendance"]) == ([], [])


def test_erasing_twice_changes_nothing(admin: httpx.Client, ada: dict[str, Any]) -> None:
    first = admin.delete(f"/users/{ada['id']}?erase=true")
    left = checked(admin.get(f"/users/{ada['id']}"), 200)

    second = admin.delete(f"/users/{ada['id']}?erase=true")

    assert (first.status_code, second.status_code, first.content, second.content) == (204, 204, b"", b"")
    assert checked(admin.get(f"/users/{ada['id']}"), 200) == left
    changes = checked(admin.get(f"/users/{ada['id']}/export"), 200)["changes"]
    assert [one["kind"] for one in changes] == ["create", "erase", "erase"], "who asked is told each time"


def test_an_erased_person_is_planned_for_nothing_and_edited_no_more(
    admin: httpx.Client, ada: dict[str, Any], plan: Make, now: Any
) -> None:
    admin.delete(f"/users/{ada['id']}?erase=true")
    other = plan(start=timedelta(days=40))
    body = {"title": "Yoga", "scheduledAt": instant(now + timedelta(days=50)), "duration": "PT1H"}

    for refused in (
        admin.post("/sessions", json=body | {"participants": [ada["id"]]}),
        admin.post("/sessions", json=body | {"instructorId": ada["id"]}),
        admin.patch(f"/sessions/{other['id']}?scope=all", json={"instructorId": ada["id"]}),
        admin.patch(f"/users/{ada['id']}", json={"name": "Ada again"}),
    ):
        assert "was erased" in checked(refused, 409)["detail"]


def test_a_plain_deletion_is_still_refused_while_something_refers_to_the_person(
    admin: httpx.Client, ada: dict[str, Any], classes: dict[str, Any]
) -> None:
    refused = checked(admin.delete(f"/users/{ada['id']}"), 409)

    assert "still referred to" in refused["detail"]


def test_only_people_are_erased(admin: httpx.Client, make: Make) -> None:
    checked(admin.delete(f"/spaces/{make('spaces')['id']}?erase=true"), 422)


def test_nobody_is_neither_erased_nor_handed_out(admin: httpx.Client, stranger: httpx.Client, ada: Any) -> None:
    for client, id_ in ((admin, "nobody"), (stranger, ada["id"])):
        checked(client.get(f"/users/{id_}/export"), 404)
        checked(client.delete(f"/users/{id_}?erase=true"), 404)


def test_an_export_is_json_that_can_be_read_again(admin: httpx.Client, ada: dict[str, Any]) -> None:
    found = admin.get(f"/users/{ada['id']}/export")

    assert json.loads(found.text)["profile"]["id"] == ada["id"]
