"""A plan that can't be read any more: it is shown, told as such, and can be removed."""

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import httpx
import pytest
from sqlalchemy import Engine, text

from tests.integration.api_stub.conftest import Make

Broken = Callable[[str], dict[str, Any]]


@pytest.fixture
def broken(plan: Make, module_engine: Engine) -> Broken:
    """Makes a daily plan and changes its stretch in the database; returns what was answered before."""

    def make(change: str) -> dict[str, Any]:
        made = plan(title="Gone", recurrence={"rrule": "FREQ=DAILY"}, timeZone="Asia/Seoul")
        with module_engine.begin() as connection:
            connection.execute(text(f"UPDATE segment SET {change} WHERE series_id = :id"), {"id": made["id"]})
        return made

    return make


@pytest.fixture
def gone(broken: Broken) -> dict[str, Any]:
    """A daily plan that was made before its zone went, and what was answered then."""
    return broken("time_zone = 'Mars/Olympus'")


def test_it_says_that_its_zone_is_not_known(admin: httpx.Client, gone: dict[str, Any]) -> None:
    one = admin.get(f"/sessions/{gone['id']}")
    listed = admin.get("/sessions", params={"view": "plans", "limit": 100})

    assert (one.status_code, listed.status_code) == (200, 200)
    assert gone["id"] in {plan["id"] for plan in listed.json()["data"]}
    assert one.json()["timeZone"] == "Mars/Olympus"
    assert "Mars/Olympus is not known" in one.json()["notes"][0]


@pytest.mark.parametrize(
    ("change", "note"),
    [
        ("rrule = 'FREQ=NEVER'", "RRULE|FREQ: got NEVER"),
        ("duration = 'P1Y'", "DURATION: got P1Y"),
        ("dtstart = dtstart + interval '0.5 s'", "expected whole seconds"),
        ("set_aside = 'secret', next_materialize_at = NULL", "was set aside"),
    ],
)
def test_one_that_cannot_be_computed_for_another_reason_says_so_and_leaves_the_others_alone(
    admin: httpx.Client, broken: Broken, change: str, note: str
) -> None:
    made = broken(change)

    one = admin.get(f"/sessions/{made['id']}")
    plans = admin.get("/sessions", params={"view": "plans", "limit": 100})
    start = datetime.fromisoformat(made["scheduledAt"])
    window = {"from": made["scheduledAt"], "to": (start + timedelta(days=300)).isoformat(), "limit": "100"}
    sessions = admin.get("/sessions", params=window)
    removed = admin.delete(f"/sessions/{made['id']}")

    assert [answer.status_code for answer in (one, plans, sessions)] == [200] * 3
    assert re.search(note, one.json()["notes"][0])
    assert "secret" not in one.text
    assert one.json()["scheduledAt"] == made["scheduledAt"]
    assert made["id"] in {plan["id"] for plan in plans.json()["data"]}
    assert removed.status_code in (200, 204), removed.text


def test_its_sessions_are_read(admin: httpx.Client, gone: dict[str, Any]) -> None:
    listed = admin.get("/sessions", params={"seriesId": gone["id"]})
    one = admin.get(f"/sessions/{listed.json()['data'][0]['id']}")

    assert (listed.status_code, one.status_code) == (200, 200)


def test_it_can_be_removed(admin: httpx.Client, gone: dict[str, Any]) -> None:
    removed = admin.delete(f"/sessions/{gone['id']}")

    assert removed.status_code in (200, 204), removed.text


def test_a_session_of_it_can_be_cancelled(admin: httpx.Client, gone: dict[str, Any]) -> None:
    first = admin.get("/sessions", params={"seriesId": gone["id"]}).json()["data"][0]["id"]

    cancelled = admin.post(f"/sessions/{first}/cancel")

    assert cancelled.status_code == 200, cancelled.text


@pytest.mark.parametrize("change", [{"timeZone": "Europe/Paris"}, {"title": "Other"}])
def test_an_edit_of_it_is_refused_at_its_zone(
    admin: httpx.Client, gone: dict[str, Any], change: dict[str, str]
) -> None:
    answer = admin.patch(f"/sessions/{gone['id']}", json=change)

    assert answer.status_code == 422, answer.text
    [fault] = answer.json()["errors"]
    assert fault["pointer"] == "/timeZone"
    assert "Mars/Olympus" in fault["message"]
    assert "not known any more" in fault["message"]


def test_a_new_time_for_a_session_of_it_is_refused_at_its_zone(admin: httpx.Client, gone: dict[str, Any]) -> None:
    first = admin.get("/sessions", params={"seriesId": gone["id"]}).json()["data"][0]

    answer = admin.patch(f"/sessions/{first['id']}", json={"duration": "PT2H"})

    assert answer.status_code == 422, answer.text
    assert [fault["pointer"] for fault in answer.json()["errors"]] == ["/timeZone"]
