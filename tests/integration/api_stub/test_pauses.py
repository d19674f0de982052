"""Pausing and resuming a plan over HTTP."""

from datetime import datetime, timedelta
from typing import Any

import httpx
import pytest

from tests.integration.api_stub.conftest import Make, checked, instant, pointers

DAY = timedelta(days=1)


def day(now: datetime, after: int) -> str:
    """A local day in the studio's zone."""
    return (now + timedelta(hours=9) + after * DAY).date().isoformat()


def unversioned(page: dict[str, Any]) -> list[dict[str, Any]]:
    """The sessions of a page without their versions, which every edit of their plan raises."""
    return [{name: value for name, value in one.items() if name != "version"} for one in page["data"]]


def test_a_pause_is_told_by_the_plan_and_taken_back(
    admin: httpx.Client, viewer: httpx.Client, plan: Make, now: datetime
) -> None:
    made = plan(recurringFrequency="DAILY", timeZone="Asia/Seoul")
    path, window = f"/sessions/{made['id']}", {"seriesId": made["id"], "to": instant(now + 10 * DAY)}
    before = unversioned(checked(viewer.get("/sessions", params=window), 200))
    days = {"from": day(now, 3), "until": day(now, 4)}

    paused = checked(admin.post(f"{path}/pause", json=days), 200)
    between = unversioned(checked(viewer.get("/sessions", params=window), 200))
    resumed = checked(admin.post(f"{path}/resume", json=days), 200)

    assert paused["recurrence"]["excludedDays"] == paused["recurringExcludeDates"] == list(days.values())
    assert paused["notes"] == ["taken out: 2 sessions"]
    assert paused["version"] == made["version"] + 1
    ids = {one["id"] for one in between}
    assert [one["recurrenceId"][:10] for one in before if one["id"] not in ids] == list(days.values())
    assert len(between) == len(before) - 2
    assert (resumed["recurrence"]["excludedDays"], resumed["notes"]) == ([], ["came back: 2 sessions"])
    assert unversioned(checked(viewer.get("/sessions", params=window), 200)) == before
    assert checked(viewer.get(path), 200) == resumed | {"notes": []}


def test_a_session_that_a_pause_took_says_so_and_can_not_start(admin: httpx.Client, plan: Make, now: datetime) -> None:
    made = plan(recurringFrequency="DAILY", timeZone="Asia/Seoul")
    [first] = checked(admin.get("/sessions", params={"seriesId": made["id"], "limit": 1}), 200)["data"]
    checked(admin.post(f"/sessions/{made['id']}/pause", json={"from": day(now, 0), "until": day(now, 2)}), 200)

    read = checked(admin.get(f"/sessions/{first['id']}"), 200)

    assert read["removedAt"] is not None
    assert checked(admin.post(f"/sessions/{first['id']}/start"), 409)["code"] == "conflict"


def test_a_place_that_somebody_else_has_is_a_409_and_nothing_comes_back(
    admin: httpx.Client, plan: Make, make: Make, now: datetime
) -> None:
    space = make("spaces")["id"]
    made = plan(recurringFrequency="DAILY", timeZone="Asia/Seoul", spaceId=space)
    days = {"from": day(now, 1), "until": day(now, 5)}
    paused = checked(admin.post(f"/sessions/{made['id']}/pause", json=days), 200)
    plan(start=3 * DAY, spaceId=space)

    refused = checked(admin.post(f"/sessions/{made['id']}/resume", json=days), 409)

    assert (refused["code"], [one["resource"] for one in refused["clashes"]]) == ("clash", [space])
    assert checked(admin.get(f"/sessions/{made['id']}"), 200) == paused | {"notes": []}


@pytest.mark.parametrize(
    "body, pointer",
    [
        ({}, "/from"),
        ({"from": "2036-01-01"}, "/until"),
        ({"from": "2036-01-01T00:00", "until": "2036-01-02"}, "/from"),
        ({"from": "2036-01-02", "until": "2036-01-01"}, "/until"),
        ({"from": "2016-01-02", "until": "2016-01-03"}, "/until"),
        ({"from": "2036-01-01", "until": "2037-01-02"}, "/until"),
        ({"from": "2036-01-01", "until": "2036-01-02", "days": 3}, "/days"),
    ],
)
def test_days_that_make_no_sense_are_refused_by_name(
    admin: httpx.Client, plan: Make, body: dict[str, Any], pointer: str
) -> None:
    path = f"/sessions/{plan(recurringFrequency='DAILY')['id']}"

    for verb in ("pause", "resume"):
        assert pointer in pointers(checked(admin.post(f"{path}/{verb}", json=body), 422))


def test_only_a_plan_of_many_sessions_is_paused(
    admin: httpx.Client, staff: httpx.Client, plan: Make, now: datetime
) -> None:
    days = {"from": day(now, 1), "until": day(now, 2)}
    series = plan(recurringFrequency="DAILY")["id"]
    [first] = checked(admin.get("/sessions", params={"seriesId": series, "limit": 1}), 200)["data"]

    assert checked(admin.post(f"/sessions/{plan()['id']}/pause", json=days), 409)["code"] == "conflict"
    assert checked(admin.post(f"/sessions/{first['id']}/pause", json=days), 409)["code"] == "conflict"
    assert checked(staff.post(f"/sessions/{series}/pause", json=days), 403)["code"] == "forbidden"
    assert admin.post("/sessions/nothing/pause", json=days).status_code == 404


def test_what_lies_beyond_the_horizon_is_not_told_as_nothing(admin: httpx.Client, plan: Make, now: datetime) -> None:
    made = plan(recurringFrequency="DAILY", timeZone="Asia/Seoul")
    path, days = f"/sessions/{made['id']}", {"from": day(now, 200), "until": day(now, 201)}

    notes = checked(admin.post(f"{path}/pause", json=days), 200)["notes"]
    again = checked(admin.post(f"{path}/resume", json=days), 200)["notes"]

    assert (notes[0], again[0]) == ("taken out: 0 sessions", "came back: 0 sessions")
    assert notes[1:] == again[1:] == [note := notes[-1]]
    assert note.startswith("not counted: sessions from ")
