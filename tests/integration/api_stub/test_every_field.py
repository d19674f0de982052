"""Each field over HTTP: answered by the plan as it was taken, in both spellings, and refused by name."""

from typing import Any

import httpx
import pytest

from tests.fields import DEFAULTS, ENTITY, ID, ONCE, OURS, REFERRED, Row
from tests.integration.api_stub.conftest import Make, checked, pointers

ROWS = [pytest.param(row, id=row.field) for row in (*ENTITY, *OURS)]
MADE = ("id", "segments", "materialized", "materializedUntil", "recurrenceText", "createdAt", "updatedAt")
"""Fields whose value is made when the plan is."""


@pytest.mark.parametrize("row", ROWS)
def test_a_field_is_answered_as_it_was_taken(admin: httpx.Client, make: Make, row: Row) -> None:
    value, said = row.value, row.said
    if row.field in REFERRED:
        id_ = make(REFERRED[row.field])["id"]
        value, said = ([id_], [id_]) if said == [ID] else (id_, id_)

    made = checked(admin.post("/sessions", json=row.beside | {row.field: value}), 201)

    if row.field not in MADE:
        assert made[row.field] == said
    assert checked(admin.get(f"/sessions/{made['id']}"), 200) == made


@pytest.mark.parametrize("row", ROWS)
def test_a_wrong_value_is_a_422_that_points_to_it(admin: httpx.Client, row: Row) -> None:
    several = isinstance(row.wrong, dict) and row.field in row.wrong
    body = row.beside | (row.wrong if several else {row.field: row.wrong})

    problem = checked(admin.post("/sessions", json=body), 422)

    assert pointers(problem) == {row.pointer}


def test_every_field_is_in_every_answer_of_a_plan(admin: httpx.Client) -> None:
    made = checked(admin.post("/sessions", json=ONCE), 201)

    assert {row.field for row in (*ENTITY, *OURS)} <= set(made)
    assert {name: made[name] for name in DEFAULTS} == DEFAULTS


def test_what_a_plan_answers_can_be_planned_again(admin: httpx.Client) -> None:
    body: dict[str, Any] = ONCE | {"recurringFrequency": "MONTHLY", "recurringByDay": "-1FR", "recurringCount": 3}
    made = checked(admin.post("/sessions", json=body | {"capacity": 8, "lateAfter": "PT1M"}), 201)
    told = {row.field for row in (*ENTITY, *OURS) if row.value is None}

    again = checked(
        admin.post("/sessions", json={name: value for name, value in made.items() if name not in told}), 201
    )

    own = {"id", "createdAt", "updatedAt", "materializedUntil", "notes"}
    assert {k: v for k, v in again.items() if k not in own} == {k: v for k, v in made.items() if k not in own}


def test_one_session_of_a_plan_has_every_field_its_own_first(admin: httpx.Client) -> None:
    body: dict[str, Any] = ONCE | {"recurringFrequency": "WEEKLY", "capacity": 8}
    plan = checked(admin.post("/sessions", json=body), 201)
    window = {"seriesId": plan["id"], "from": "2036-01-14T00:00:00Z", "to": "2036-01-15T00:00:00Z"}
    [second] = checked(admin.get("/sessions", params=window), 200)["data"]
    edit = {"title": "Gala", "scheduledEndAt": "2036-01-14T19:30"}

    read = checked(admin.get(f"/sessions/{second['id']}"), 200)
    moved = checked(admin.patch(f"/sessions/{second['id']}", json=edit), 200)

    assert set(read) >= {row.field for row in (*ENTITY, *OURS)}
    assert {name: read[name] for name in second} == second
    own = {"id", "sessionId", "scheduledAt", "scheduledEndAt", "state", "tracked", "recurrenceId", "materialized"}
    assert {name: read[name] for name in plan if name not in own} == {
        name: plan[name] for name in plan if name not in own
    }
    assert (read["duration"], read["recurringDuration"]) == ("PT50M", "PT50M")
    assert (moved["duration"], moved["recurringDuration"], moved["title"]) == ("PT1H30M", "PT50M", "Gala")
