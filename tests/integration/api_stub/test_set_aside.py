"""What was set aside says so to who reads it; why it was, operators find in the database."""

import httpx
import pytest
from sqlalchemy import Engine, text

from tests.integration.api_stub.conftest import Make

ONCE = {"recurrence": None}
DAILY = {"recurrence": {"rrule": "FREQ=DAILY;COUNT=2"}}
NOTE = "it was set aside: it could not be moved on when that was due, and an operator has to look"


def put_aside(engine: Engine, series_id: str) -> None:
    aside = "UPDATE session SET set_aside = 'secret reason', next_step = NULL, next_due_at = NULL WHERE series_id = :id"
    with engine.begin() as connection:
        connection.execute(text(aside), {"id": series_id})


@pytest.mark.parametrize("times", [ONCE, DAILY])
def test_a_session_that_was_set_aside_says_so_in_lists_and_alone(
    admin: httpx.Client, plan: Make, module_engine: Engine, times: dict[str, object]
) -> None:
    made = plan(title="Aside", **times)
    put_aside(module_engine, made["id"])

    listed = admin.get("/sessions", params={"seriesId": made["id"]})
    one = admin.get(f"/sessions/{listed.json()['data'][0]['id']}")

    assert [session["notes"] for session in listed.json()["data"]] == [[NOTE]] * (1 if times is ONCE else 2)
    assert one.json()["notes"] == [NOTE]
    assert "secret reason" not in listed.text + one.text


def test_one_that_people_act_on_says_it_no_more(admin: httpx.Client, plan: Make, module_engine: Engine) -> None:
    made = plan(title="Aside", **ONCE)
    put_aside(module_engine, made["id"])

    assert admin.post(f"/sessions/{made['id']}/cancel").json()["notes"] == []


def test_one_that_nobody_set_aside_says_nothing(admin: httpx.Client, plan: Make) -> None:
    assert admin.get(f"/sessions/{plan(title='Well', **ONCE)['id']}").json()["notes"] == []
