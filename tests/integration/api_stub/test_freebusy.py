"""When spaces and people are busy."""

from datetime import datetime, timedelta
from typing import Any

import httpx
import pytest

from tests.integration.api_stub.conftest import Make, checked, instant, pointers

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


@pytest.fixture
def busy(viewer: httpx.Client, now: datetime) -> Any:
    """The busy intervals of the next days as hours after now: `busy(3, spaceId=id)`."""

    def ask(days: int = 3, since: timedelta = timedelta(0), **params: str) -> list[tuple[float, ...]]:
        window = {"from": instant(now + since), "to": instant(now + since + days * DAY)}
        told = checked(viewer.get("/freebusy", params=window | params), 200)
        assert (told["from"], told["to"]) == (window["from"], window["to"])
        return [
            tuple((datetime.fromisoformat(one[end]) - now) / HOUR for end in ("from", "to")) for one in told["busy"]
        ]

    return ask


def test_what_overlaps_or_meets_is_one_interval_and_the_window_cuts(busy: Any, plan: Make, make: Make) -> None:
    space, person = make("spaces")["id"], make("users")["id"]
    plan(start=-HOUR, duration="PT3H", spaceId=space)
    plan(start=24 * HOUR, spaceId=space, participants=[person])
    plan(start=25 * HOUR, spaceId=space)
    plan(start=25 * HOUR, instructorId=person)
    plan(start=30 * HOUR, spaceId=space)

    assert busy(spaceId=space) == [(24, 26), (30, 31)]
    assert busy(1, since=24.5 * HOUR, spaceId=space) == [(24.5, 26), (30, 31)]
    assert busy(userId=person) == [(24, 26)]
    assert busy(instructorId=person) == [(25, 26)]
    assert busy(spaceId=space, instructorId=person) == [(24, 26), (30, 31)]


def test_it_is_told_beyond_the_horizon_without_dates_that_were_taken_out(
    busy: Any, staff: httpx.Client, plan: Make, make: Make
) -> None:
    space = make("spaces")["id"]
    weekly = plan(spaceId=space, recurringFrequency="WEEKLY")
    far = timedelta(days=7 * 200)
    [second] = checked(
        staff.get(
            "/sessions",
            params={
                "seriesId": weekly["id"],
                "from": instant(datetime.fromisoformat(weekly["scheduledAt"]) + far + 7 * DAY),
                "to": instant(datetime.fromisoformat(weekly["scheduledAt"]) + far + 8 * DAY),
            },
        ),
        200,
    )["data"]
    checked(staff.post(f"/sessions/{second['id']}/cancel"), 200)

    start = 200 * 7 * 24 + 24
    assert busy(28, since=far, spaceId=space) == [
        (start, start + 1),
        (start + 336, start + 337),
        (start + 504, start + 505),
    ]


def test_what_moves_takes_its_new_time_and_place(busy: Any, admin: httpx.Client, plan: Make, make: Make) -> None:
    old, new = make("spaces")["id"], make("spaces")["id"]
    made = plan(spaceId=old)
    later = instant(datetime.fromisoformat(made["scheduledAt"]) + 2 * HOUR)

    checked(admin.patch(f"/sessions/{made['id']}", json={"scheduledAt": later, "spaceId": new}), 200)

    assert (busy(spaceId=old), busy(spaceId=new)) == ([], [(26, 27)])


def test_what_is_shared_cancelled_removed_or_excused_takes_nothing(
    busy: Any, admin: httpx.Client, plan: Make, make: Make
) -> None:
    space, person = make("spaces")["id"], make("users")["id"]
    plan(spaceId=space, participants=[person], exclusive=[])
    admin.post(f"/sessions/{plan(spaceId=space)['id']}/cancel")
    admin.patch(f"/sessions/{plan(spaceId=space)['id']}/removedAt", json={"removedAt": "2026-01-01T00:00:00Z"})
    excused = plan(participants=[person], start=DAY * 2)

    assert busy(userId=person) == [(48, 49)]
    checked(admin.put(f"/sessions/{excused['id']}/attendance/{person}", json={"status": "EXCUSED"}), 200)

    assert (busy(spaceId=space), busy(userId=person)) == ([], [])


def test_another_tenants_time_is_not_told(stranger: httpx.Client, plan: Make, make: Make) -> None:
    space = make("spaces")["id"]
    plan(spaceId=space)

    assert pointers(checked(stranger.get("/freebusy", params={"spaceId": space}), 422)) == {"/spaceId"}


@pytest.mark.parametrize(
    "params, pointer",
    [
        ({}, ""),
        ({"spaceId": "hall"}, "/spaceId"),
        ({"userId": "0198c0de-0000-7000-8000-000000000001"}, "/userId"),
        ({"spaceId": "0198c0de-0000-7000-8000-000000000001", "to": "2020-01-01T00:00:00Z"}, "/to"),
        ({"spaceId": "0198c0de-0000-7000-8000-000000000001", "to": "2099-01-01T00:00:00Z"}, "/to"),
        ({"room": "x"}, "/room"),
    ],
)
def test_a_question_that_makes_no_sense_is_refused_by_name(
    viewer: httpx.Client, params: dict[str, str], pointer: str
) -> None:
    assert pointers(checked(viewer.get("/freebusy", params=params), 422)) >= {pointer}


def test_left_out_the_window_is_from_now_to_the_horizon(viewer: httpx.Client, make: Make) -> None:
    told = checked(viewer.get("/freebusy", params={"spaceId": make("spaces")["id"]}), 200)

    assert datetime.fromisoformat(told["to"]) - datetime.fromisoformat(told["from"]) == 60 * DAY
    assert told["busy"] == []
