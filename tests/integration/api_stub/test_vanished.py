"""A plan whose zone vanished from tzdata: it is shown, told as such, and can be removed."""

from typing import Any

import httpx
import pytest
from sqlalchemy import Engine, text

from tests.integration.api_stub.conftest import Make


@pytest.fixture
def gone(plan: Make, module_engine: Engine) -> dict[str, Any]:
    """A daily plan that was made before its zone went, and what was answered then."""
    made = plan(title="Gone", recurrence={"rrule": "FREQ=DAILY"}, timeZone="Asia/Seoul")
    with module_engine.begin() as connection:
        connection.execute(
            text("UPDATE segment SET time_zone = 'Mars/Olympus' WHERE series_id = :id"), {"id": made["id"]}
        )
    return made


def test_it_says_that_its_zone_is_not_known(admin: httpx.Client, gone: dict[str, Any]) -> None:
    one = admin.get(f"/sessions/{gone['id']}")
    listed = admin.get("/sessions", params={"view": "plans", "limit": 100})

    assert (one.status_code, listed.status_code) == (200, 200)
    assert gone["id"] in {plan["id"] for plan in listed.json()["data"]}
    assert one.json()["timeZone"] == "Mars/Olympus"
    assert "Mars/Olympus is not known" in one.json()["notes"][0]


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
