"""What a newcomer does, on the running house, over real HTTP."""

import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from tests.e2e.house import House

WAIT_S = 20.0
LOOK_EVERY_S = 0.05


@pytest.fixture
def api(house: House) -> Iterator[httpx.Client]:
    """The API, with an admin's key."""
    with house.client() as client:
        yield client


def await_(met: Callable[[], Any], within_s: float = WAIT_S) -> Any:
    """What `met` answers once it is true."""
    deadline = time.monotonic() + within_s
    while not (answer := met()):
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(LOOK_EVERY_S)
    return answer


def soon(api: httpx.Client, after_s: float, lasts_s: float = 3, **more: object) -> dict[str, Any]:
    """Plans a session that starts so many seconds from now, or up to one more (whole seconds); returns the answer."""
    start = datetime.now(UTC).replace(microsecond=0) + timedelta(seconds=after_s + 1)
    body = {
        "title": "Soon",
        "scheduledAt": start.isoformat(),
        "scheduledEndAt": (start + timedelta(seconds=lasts_s)).isoformat(),
        **more,
    }
    made = api.post("/sessions", json=body)
    assert made.status_code == 201, made.text
    answer: dict[str, Any] = made.json()
    return answer


def state(api: httpx.Client, id_: str) -> str:
    return str(api.get(f"/sessions/{id_}").json()["state"])


def ledger(api: httpx.Client, id_: str) -> list[dict[str, Any]]:
    entries: list[dict[str, Any]] = api.get(f"/sessions/{id_}/history").json()["data"]
    return entries


def whole_ledger(api: httpx.Client, id_: str, within_s: float = WAIT_S) -> list[dict[str, Any]]:
    """The ledger of a session once it has both a start and an end, written by now."""

    def written() -> list[dict[str, Any]]:
        return [entry for entry in ledger(api, id_) if entry["appliedAt"] is not None]

    await_(lambda: len(written()) >= 2, within_s)
    return ledger(api, id_)


def late_s(entry: dict[str, Any]) -> float:
    applied, effective = (datetime.fromisoformat(entry[name]) for name in ("appliedAt", "effectiveAt"))
    return (applied - effective).total_seconds()


def test_a_session_starts_and_ends_on_time_and_exactly_once(api: httpx.Client) -> None:
    planned = soon(api, after_s=2, lasts_s=2)

    seen = [planned["state"]]
    while seen[-1] != "COMPLETED" and len(seen) < WAIT_S / LOOK_EVERY_S:
        time.sleep(LOOK_EVERY_S)
        seen.append(state(api, planned["id"]))
    entries = whole_ledger(api, planned["id"])

    assert list(dict.fromkeys(seen)) == ["SCHEDULED", "IN_PROGRESS", "COMPLETED"]
    assert [entry["kind"] for entry in entries] == ["start", "end"]
    assert entries[0]["effectiveAt"] == planned["scheduledAt"]
    assert entries[1]["effectiveAt"] == planned["scheduledEndAt"]
    assert all(0 <= late_s(entry) < 1 for entry in entries)


def test_who_did_not_come_is_absent_and_the_record_says_so(api: httpx.Client) -> None:
    people = [
        api.post("/users", json={"name": name, "email": f"{name}@e2e.example", "role": "participant"}).json()["id"]
        for name in ("ada", "bo")
    ]
    planned = soon(api, after_s=1, lasts_s=3, participants=people)
    await_(lambda: state(api, planned["id"]) == "IN_PROGRESS")
    marked = api.put(f"/sessions/{planned['id']}/attendance/{people[0]}", json={"status": "PRESENT"})

    metrics = await_(lambda: api.get(f"/sessions/{planned['id']}", params={"expand": "metrics"}).json()["metrics"])

    assert marked.status_code == 200, marked.text
    assert (metrics["expected"], metrics["present"], metrics["absent"]) == (2, 1, 1)
    assert metrics["attendanceRate"] == 0.5
    assert metrics["actualMinutes"] == pytest.approx(0.05)


def test_a_weekly_class_in_seoul_for_ever_is_there_at_once_and_far_ahead(api: httpx.Client) -> None:
    first = datetime.now(UTC).date() + timedelta(days=1)
    body = {
        "title": "Pilates",
        "scheduledAt": f"{first}T18:00",
        "duration": "PT1H",
        "timeZone": "Asia/Seoul",
        "recurrence": {"rrule": "FREQ=WEEKLY;BYDAY=MO,WE"},
    }
    plan = api.post("/sessions", json=body).json()
    far = datetime.now(UTC) + timedelta(days=365 * 3)

    near = api.get("/sessions", params={"seriesId": plan["id"], "limit": 100}).json()["data"]
    ahead = api.get(
        "/sessions",
        params={"seriesId": plan["id"], "from": far.isoformat(), "to": (far + timedelta(days=28)).isoformat()},
    ).json()["data"]

    assert 16 <= len(near) <= 18
    assert {(session["materialized"], session["scheduledAt"][11:]) for session in near} == {(True, "09:00:00Z")}
    assert len(ahead) == 8
    assert {(session["materialized"], session["scheduledAt"][11:]) for session in ahead} == {(False, "09:00:00Z")}


def test_a_taken_room_is_a_409_that_lists_what_is_in_the_way(api: httpx.Client) -> None:
    room = api.post("/spaces", json={"name": "Room"}).json()["id"]
    first = soon(api, after_s=3600, lasts_s=600, spaceId=room)

    body = {"title": "x", "scheduledAt": first["scheduledAt"], "duration": "PT5M", "spaceId": room}
    refused = api.post("/sessions", json=body)

    problem = refused.json()
    assert (refused.status_code, problem["code"]) == (409, "clash")
    assert refused.headers["content-type"] == "application/problem+json"
    assert problem["clashes"][0]["sessionId"].startswith(first["id"])
    assert problem["clashes"][0]["resource"] == room


def test_flower_shows_the_tasks_with_what_they_did(api: httpx.Client, house: House) -> None:
    planned = soon(api, after_s=1, lasts_s=1)
    await_(lambda: len(ledger(api, planned["id"])) == 2)

    def results() -> dict[str, list[str]]:
        tasks = httpx.get(f"{house.flower}/api/tasks", params={"limit": 50}, timeout=10).json().values()
        return {name: [task["result"] for task in tasks if task["name"] == name] for name in {t["name"] for t in tasks}}

    assert await_(lambda: any("'start': 1" in (result or "") for result in results().get("sessions.start", [])))
    assert await_(
        lambda: any("'measured': 1" in (result or "") for result in results().get("sessions.compute_metrics", []))
    )


def test_nothing_is_hinted_while_nothing_is_due(api: httpx.Client, house: House) -> None:
    def names() -> int:
        return len(httpx.get(f"{house.flower}/api/tasks", params={"limit": 1000}, timeout=10).json())

    planned = soon(api, after_s=1, lasts_s=1)
    await_(lambda: api.get(f"/sessions/{planned['id']}", params={"expand": "metrics"}).json()["metrics"])
    quiet_since = time.monotonic()
    before = names()

    await_(lambda: time.monotonic() - quiet_since > 3.5)

    assert names() == before


@pytest.mark.parametrize(
    ("change", "status", "pointer"),
    [
        ({"recurrence": {"rrule": "FREQ=SOMETIMES"}}, 422, "/recurrence/rrule"),
        ({"scheduledEndAt": "2031-01-06T17:00"}, 422, "/scheduledEndAt"),
        ({"timeZone": "Mars/Olympus"}, 422, "/timeZone"),
        ({"spaceId": "00000000-0000-7000-8000-000000000000"}, 422, "/spaceId"),
        ({"colour": "red"}, 422, "/colour"),
    ],
)
def test_bad_input_is_refused_with_a_pointer_to_the_field(
    api: httpx.Client, change: dict[str, object], status: int, pointer: str
) -> None:
    body = {"title": "x", "scheduledAt": "2031-01-06T18:00", "scheduledEndAt": "2031-01-06T19:00"} | change

    refused = api.post("/sessions", json=body)

    assert refused.status_code == status
    assert [error["pointer"] for error in refused.json()["errors"]] == [pointer]


def test_a_wrong_key_an_unknown_id_and_broken_json_have_their_own_answers(api: httpx.Client) -> None:
    wrong = api.get("/sessions", headers={"Authorization": "Bearer sb_wrong"})
    unknown = api.get("/sessions/00000000-0000-7000-8000-000000000000")
    broken = api.post("/sessions", content=b"{", headers={"Content-Type": "application/json"})

    assert (wrong.status_code, unknown.status_code, broken.status_code) == (401, 404, 400)
    assert {r.headers["content-type"] for r in (wrong, unknown, broken)} == {"application/problem+json"}
