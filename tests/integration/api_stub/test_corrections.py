"""Taking a cancellation back, and putting right what was told, over HTTP."""

from datetime import datetime, timedelta
from typing import Any

import httpx
import pytest

from tests.integration.api_stub.conftest import Make, checked, instant, pointers


def test_a_cancelled_session_is_reinstated_once(staff: httpx.Client, plan: Make) -> None:
    path = f"/sessions/{plan()['id']}"
    checked(staff.post(f"{path}/cancel"), 200)

    back = checked(staff.post(f"{path}/reinstate"), 200)

    assert back["state"] == "SCHEDULED"
    assert checked(staff.post(f"{path}/reinstate"), 409)["code"] == "conflict"
    kinds = [one["kind"] for one in checked(staff.get(f"{path}/history"), 200)["data"]]
    assert kinds == ["cancel", "reinstate"]


def test_one_that_ran_runs_again(staff: httpx.Client, plan: Make) -> None:
    path = f"/sessions/{plan()['id']}"
    started = checked(staff.post(f"{path}/start"), 200)
    checked(staff.post(f"{path}/cancel"), 200)

    back = checked(staff.post(f"{path}/reinstate"), 200)

    assert (back["state"], back["startedAt"], back["endedAt"]) == ("IN_PROGRESS", started["startedAt"], None)


def test_a_place_that_somebody_else_has_is_a_409_with_its_list(staff: httpx.Client, plan: Make, make: Make) -> None:
    space = make("spaces")["id"]
    path = f"/sessions/{plan(spaceId=space)['id']}"
    checked(staff.post(f"{path}/cancel"), 200)
    other = plan(spaceId=space)

    refused = checked(staff.post(f"{path}/reinstate"), 409)

    assert (refused["code"], [one["resource"] for one in refused["clashes"]]) == ("clash", [space])
    assert refused["clashes"][0]["sessionId"].startswith(other["id"])
    assert checked(staff.get(path), 200)["state"] == "CANCELLED"


def test_staff_correct_the_actual_times_and_the_record_follows(staff: httpx.Client, plan: Make, now: datetime) -> None:
    path = f"/sessions/{plan()['id']}"
    checked(staff.post(f"{path}/start"), 200)
    ended = checked(staff.post(f"{path}/end"), 200)

    body = {"startedAt": instant(now - timedelta(hours=1)), "endedAt": instant(now - timedelta(minutes=20))}
    put_right = checked(staff.post(f"{path}/corrections", json=body), 200)

    assert (put_right["state"], put_right["startedAt"], put_right["endedAt"]) == ("COMPLETED", *body.values())
    assert put_right["metrics"]["actualMinutes"] == 40
    assert put_right["version"] == ended["version"] + 1
    last = checked(staff.get(f"{path}/history"), 200)["data"][-1]
    assert (last["kind"], last["outcome"]) == ("correct", "by_hand")
    assert set(last) == {"kind", "effectiveAt", "appliedAt", "actor", "outcome"}


@pytest.mark.parametrize(
    "body, pointer",
    [
        ({}, ""),
        ({"state": None, "startedAt": None}, ""),
        ({"state": "MISSED"}, "/state"),
        ({"startedAt": "2026-01-05T18:00"}, "/startedAt"),
        ({"endedAt": "2036-01-05T18:00:00Z"}, "/endedAt"),
        ({"endedAt": "2016-01-05T18:00:00Z"}, "/endedAt"),
        ({"endedat": "2036-01-05T18:00:00Z"}, "/endedat"),
    ],
)
def test_a_correction_that_makes_no_sense_is_refused_by_name(
    staff: httpx.Client, plan: Make, body: dict[str, Any], pointer: str
) -> None:
    path = f"/sessions/{plan()['id']}"
    checked(staff.post(f"{path}/start"), 200)
    checked(staff.post(f"{path}/end"), 200)

    assert pointers(checked(staff.post(f"{path}/corrections", json=body), 422)) == {pointer}


def test_what_is_not_over_is_not_corrected(staff: httpx.Client, plan: Make) -> None:
    path = f"/sessions/{plan()['id']}"

    assert checked(staff.post(f"{path}/corrections", json={"state": "COMPLETED"}), 409)["code"] == "conflict"
