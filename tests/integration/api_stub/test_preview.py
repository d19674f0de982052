"""What a plan would give, asked before it is made."""

from typing import Any

import httpx
import pytest

from tests.integration.api_stub.conftest import Make, checked, pointers

BODY = {"scheduledAt": "2036-01-07T18:00", "timeZone": "Asia/Seoul", "duration": "PT50M"}


def count(client: httpx.Client) -> int:
    return len(checked(client.get("/sessions", params={"view": "plans", "limit": 100}), 200)["data"])


def test_the_first_sessions_are_told_in_order_and_nothing_is_written(viewer: httpx.Client) -> None:
    before = count(viewer)
    body = BODY | {"recurrence": {"rrule": "FREQ=WEEKLY;BYDAY=MO,WE", "exdates": ["2036-01-09T18:00"]}}

    told = checked(viewer.post("/recurrence/preview", params={"limit": 3}, json=body), 200)

    assert [one["scheduledAt"] for one in told["data"]] == [
        "2036-01-07T09:00:00Z",
        "2036-01-14T09:00:00Z",
        "2036-01-16T09:00:00Z",
    ]
    assert told["data"][0] == {
        "recurrenceId": "2036-01-07T18:00:00",
        "scheduledAt": "2036-01-07T09:00:00Z",
        "scheduledEndAt": "2036-01-07T09:50:00Z",
        "tracked": True,
    }
    assert (told["hasMore"], told["recurrenceText"]) == (True, "every week on Monday and Wednesday")
    assert (told["recurrence"]["rrule"], told["recurringByDay"]) == ("FREQ=WEEKLY;BYDAY=MO,WE", ["MO", "WE"])
    assert count(viewer) == before


@pytest.mark.parametrize("rrule", ["FREQ=MONTHLY;COUNT=3", "FREQ=MONTHLY;BYMONTHDAY=31", "FREQ=DAILY;BYDAY=TU"])
def test_what_is_told_is_what_planning_gives(viewer: httpx.Client, admin: httpx.Client, rrule: str) -> None:
    body = BODY | {"title": "x", "recurrence": {"rrule": rrule}}

    told = checked(viewer.post("/recurrence/preview", json=body), 200)

    made = checked(admin.post("/sessions", json=body), 201)
    window = {"seriesId": made["id"], "from": "2036-01-01T00:00:00Z", "to": "2037-01-01T00:00:00Z"}
    given = checked(admin.get("/sessions", params=window), 200)["data"]
    shown = [one["scheduledAt"] for one in told["data"]][: len(given)]
    assert shown == [one["scheduledAt"] for one in given][: len(shown)]
    assert {name: made[name] for name in told if name in made} == {name: told[name] for name in told if name in made}


def test_what_is_adjusted_and_what_was_never_there_is_noted(viewer: httpx.Client) -> None:
    body = BODY | {"scheduledAt": "2020-01-06T18:00", "recurringFrequency": "WEEKLY", "recurringByDay": "TU"}

    told = checked(viewer.post("/recurrence/preview", json=body | {"recurringExcludeDates": ["2020-01-08"]}), 200)

    assert [note.split()[0] for note in told["notes"]] == ["EXDATE", "the", "sessions"]
    assert (told["data"][0]["recurrenceId"], told["data"][0]["tracked"]) == ("2020-01-07T18:00:00", False)


def test_a_plan_of_one_session_has_one(viewer: httpx.Client) -> None:
    told = checked(viewer.post("/recurrence/preview", json=BODY | {"title": None}), 200)

    assert (len(told["data"]), told["hasMore"], told["recurrence"], told["recurrenceText"]) == (1, False, None, None)


@pytest.mark.parametrize(
    "extra, pointer",
    [
        ({"recurrence": {"rrule": "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30"}}, "/recurrence/rrule"),
        ({"recurringFrequency": "WEEKLY", "repeatCycleType": "DAILY"}, "/repeatCycleType"),
        ({"spaceId": "0198c0de-0000-7000-8000-000000000001"}, "/spaceId"),
        ({"duration": None}, "/scheduledEndAt"),
        ({"title": ""}, "/title"),
    ],
)
def test_what_could_not_be_planned_is_refused_alike(
    viewer: httpx.Client, make: Make, extra: dict[str, Any], pointer: str
) -> None:
    assert pointers(checked(viewer.post("/recurrence/preview", json=BODY | extra), 422)) == {pointer}


@pytest.mark.parametrize("limit", ["0", "101", "many"])
def test_so_many_are_not_shown(viewer: httpx.Client, limit: str) -> None:
    problem = checked(viewer.post("/recurrence/preview", params={"limit": limit}, json=BODY), 422)

    assert pointers(problem) == {"/limit"}
