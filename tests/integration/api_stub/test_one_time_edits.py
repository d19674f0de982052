"""A one-time session is its plan: each field of it is edited, or refused by a reason that is true."""

from datetime import datetime, timedelta
from typing import Any, NamedTuple

import httpx
import pytest

from tests.fields import ENTITY, ID, ONCE, OURS, REFERRED
from tests.integration.api_stub.conftest import Make, checked, instant, pointers

ANSWERED = "an answer tells this field"
REPEATS = "a one-time session stays one"


class Becomes(NamedTuple):
    """A value that is given, and how it is answered; by default as it was given."""

    value: Any
    said: Any = ...


CHANGED: dict[str, Becomes] = {
    "title": Becomes("Yoga"),
    "description": Becomes("bring a mat"),
    "scheduledAt": Becomes("2036-01-08T10:00:00Z"),
    "scheduledEndAt": Becomes("2036-01-07T10:30:00Z"),
    **{name: Becomes(ID) for name in REFERRED if name != "participants"},
    "participants": Becomes([ID]),
    "recurringTime": Becomes("19:00", "19:00:00"),
    "recurringEndTime": Becomes("20:00", "20:00:00"),
    "recurringDuration": Becomes("PT1H30M"),
    "recurringTimeZone": Becomes("Asia/Tokyo"),
    "timeZone": Becomes("America/New_York"),
    "duration": Becomes("P1D"),
    "capacity": Becomes(12),
    "exclusive": Becomes(["space"]),
    "autoStart": Becomes("MANUAL"),
    "autoEnd": Becomes(False),
    "lateAfter": Becomes("PT10M"),
    "completionThreshold": Becomes(0.8),
    "misfire": Becomes("MISS"),
    "misfireGrace": Becomes("PT1M"),
    "gap": Becomes("SKIP"),
    "fold": Becomes("SECOND"),
    "syncDtstart": Becomes(False),
}

OF_ITSELF = {
    "removedAt": "PATCH /sessions/{id}/removedAt removes",
    "type": "a plan keeps its type",
    **dict.fromkeys([row.field for row in (*ENTITY, *OURS) if not row.becomes], ANSWERED),
}
OF_ITSELF["removedAt"] = "PATCH /sessions/{id}/removedAt removes"

BESIDE: dict[str, Any] = {"misfireGrace": {"misfire": "MISS"}}


@pytest.fixture
def once(admin: httpx.Client) -> dict[str, Any]:
    """A session at six in the evening in Seoul."""
    return checked(admin.post("/sessions", json=ONCE), 201)


@pytest.mark.parametrize("row", [pytest.param(row, id=row.field) for row in (*ENTITY, *OURS)])
def test_each_field_is_changed_or_refused_by_a_true_reason(
    admin: httpx.Client, make: Make, once: dict[str, Any], row: Any
) -> None:
    path, field = f"/sessions/{once['id']}", row.field
    if field in CHANGED:
        value, said = CHANGED[field]
        if field in REFERRED:
            id_ = make(REFERRED[field])["id"]
            value = [id_] if isinstance(value, list) else id_

        edited = checked(admin.patch(path, json=BESIDE.get(field, {}) | {field: value}), 200)

        assert edited[field] == (value if said is ... else said)
        assert edited == checked(admin.get(path), 200)
        assert (edited["id"], edited["version"]) == (once["id"], once["version"] + 1)
        return

    value = row.value if row.becomes else row.wrong
    problem = checked(admin.patch(path, json={field: value}), 422)

    assert pointers(problem) == {f"/{field}"}
    assert OF_ITSELF.get(field, REPEATS) in problem["detail"]
    assert checked(admin.get(path), 200) == once


@pytest.mark.parametrize(
    "change, start, end",
    [
        ({"recurringTime": "19:00"}, "2036-01-07T10:00:00Z", "2036-01-07T10:50:00Z"),
        ({"scheduledAt": "2036-01-09T18:00"}, "2036-01-09T09:00:00Z", "2036-01-09T09:50:00Z"),
        ({"recurringEndTime": "18:30"}, "2036-01-07T09:00:00Z", "2036-01-07T09:30:00Z"),
        ({"timeZone": "America/New_York"}, "2036-01-07T23:00:00Z", "2036-01-07T23:50:00Z"),
        ({"timeZone": "UTC", "scheduledAt": "2036-01-07T09:00:00Z"}, "2036-01-07T09:00:00Z", "2036-01-07T09:50:00Z"),
        ({"scheduledAt": "2036-01-08T10:00", "recurringDuration": "PT2H"}, "2036-01-08T01:00:00Z",
         "2036-01-08T03:00:00Z"),
    ],
)  # fmt: skip
def test_times_are_read_over_those_that_it_has(
    admin: httpx.Client, once: dict[str, Any], change: dict[str, str], start: str, end: str
) -> None:
    edited = checked(admin.patch(f"/sessions/{once['id']}", json=change), 200)

    assert (edited["scheduledAt"], edited["scheduledEndAt"]) == (start, end)


def test_a_moved_one_keeps_the_wall_time_that_it_has_in_another_zone(admin: httpx.Client, once: dict[str, Any]) -> None:
    path = f"/sessions/{once['id']}"
    checked(admin.patch(path, json={"scheduledAt": "2036-01-09T20:00"}), 200)

    edited = checked(admin.patch(path, json={"timeZone": "UTC"}), 200)

    assert (edited["scheduledAt"], edited["recurringTime"]) == ("2036-01-09T20:00:00Z", "20:00:00")
    assert edited["recurrenceId"] == "2036-01-07T18:00:00"


def test_null_takes_a_value_away(admin: httpx.Client, make: Make) -> None:
    people = {"instructorId": make("users")["id"], "participants": [make("users")["id"]]}
    body = ONCE | people | {"spaceId": make("spaces")["id"], "description": "x", "capacity": 3, "misfire": "MISS"}
    made = checked(admin.post("/sessions", json=body), 201)
    nothing = dict.fromkeys(("spaceId", "description", "capacity", "instructorId", "misfire", "participants"))

    edited = checked(admin.patch(f"/sessions/{made['id']}", json=nothing), 200)

    assert {name: edited[name] for name in nothing} == nothing | {"misfire": "CATCH_UP", "participants": []}


@pytest.mark.parametrize(
    "body, pointer",
    [
        ({"title": None}, "/title"),
        ({"recurrence": None, "recurringFrequency": None}, ""),
        ({"onClash": "skip", "title": "x"}, "/onClash"),
        ({"scheduledAt": "2020-01-01T00:00:00Z"}, "/scheduledAt"),
        ({"duration": "P366D"}, "/duration"),
        ({"misfire": "MISS", "autoStart": "MANUAL"}, "/misfire"),
        ({"scheduledEndAt": "2036-01-07T17:00"}, "/scheduledEndAt"),
        ({"timeZone": "UTC", "recurringTimeZone": "Asia/Seoul"}, "/recurringTimeZone"),
        ({"participants": [ID]}, "/participants"),
    ],
)
def test_what_can_not_be_is_refused_by_name(
    admin: httpx.Client, once: dict[str, Any], body: dict[str, Any], pointer: str
) -> None:
    assert pointers(checked(admin.patch(f"/sessions/{once['id']}", json=body), 422)) == {pointer}


@pytest.mark.parametrize("field", ["spaceId", "instructorId", "participants", "exclusive"])
def test_what_somebody_else_has_is_a_409_and_listed_by_a_dry_run(
    admin: httpx.Client, make: Make, plan: Make, field: str
) -> None:
    id_ = make(REFERRED.get(field, "spaces"))["id"]
    taking = {field: [id_] if field == "participants" else id_} if field != "exclusive" else {"spaceId": id_}
    mine = plan(**(taking | {"exclusive": []} if field == "exclusive" else {}))
    other = plan(**taking)
    change = {"exclusive": ["space"]} if field == "exclusive" else taking
    path = f"/sessions/{mine['id']}"

    refused = checked(admin.patch(path, json=change), 409)
    looked = checked(admin.patch(path, params={"dryRun": "true"}, json=change), 200)

    assert (refused["code"], [one["sessionId"][:36] for one in refused["clashes"]]) == ("clash", [other["id"]])
    assert (looked["clashes"], looked["counts"]["clashes"]) == (refused["clashes"], 1)
    assert checked(admin.get(path), 200) == mine
    checked(admin.patch(path, json=change | {"scheduledAt": "2036-01-07T18:00"}), 200)


def test_a_dry_run_and_its_token_and_if_match_hold_for_every_field(admin: httpx.Client, plan: Make) -> None:
    mine, body = plan(), {"capacity": 5, "lateAfter": "PT1M"}
    path = f"/sessions/{mine['id']}"
    tag = admin.get(path).headers["ETag"]

    looked = checked(admin.patch(path, params={"dryRun": "true"}, json=body), 200)

    assert checked(admin.get(path), 200) == mine
    assert (looked["counts"]["kept"], looked["counts"]["moved"]) == (1, 0)
    edited = admin.patch(path, params={"token": looked["token"]}, json=body, headers={"If-Match": tag})
    assert checked(edited, 200)["capacity"] == 5
    assert checked(admin.patch(path, params={"token": looked["token"]}, json=body), 409)["code"] == "stale"
    assert checked(admin.patch(path, json=body, headers={"If-Match": tag}), 412)["code"] == "version_mismatch"
    assert edited.json()["updatedAt"] > mine["updatedAt"]


def test_who_is_given_takes_part_and_nobody_else(admin: httpx.Client, make: Make, plan: Make) -> None:
    first, second, third = (make("users")["id"] for _ in range(3))
    mine = plan(participants=[first, second])

    edited = checked(admin.patch(f"/sessions/{mine['id']}", json={"participants": [second, third]}), 200)

    assert edited["participants"] == sorted([second, third])
    busy = {"userId": third, "from": mine["scheduledAt"], "to": mine["scheduledEndAt"]}
    assert [one["id"] for one in checked(admin.get("/sessions", params=busy), 200)["data"]] == [mine["id"]]
    assert checked(admin.get("/sessions", params=busy | {"userId": first}), 200)["data"] == []


def test_a_session_whose_id_has_another_time_is_not_there(admin: httpx.Client, once: dict[str, Any]) -> None:
    assert checked(admin.patch(f"/sessions/{once['id']}_20360107T190000", json={"title": "x"}), 404)
    assert checked(admin.patch(f"/sessions/{once['id']}_20360107T180000", json={"title": "x"}), 200)["title"] == "x"


def test_what_is_over_keeps_its_times_and_people_and_is_measured_again(
    admin: httpx.Client, make: Make, plan: Make, now: datetime
) -> None:
    mine = plan(capacity=2)
    path = f"/sessions/{mine['id']}"
    checked(admin.post(f"{path}/start"), 200)
    begun = checked(admin.patch(path, json={"scheduledAt": instant(now + timedelta(days=3))}), 409)
    ended = checked(admin.patch(path, json={"autoEnd": False, "capacity": 4}), 200)
    running = checked(admin.patch(path, json={"participants": [make("users")["id"]]}), 409)
    checked(admin.post(f"{path}/end"), 200)

    late = checked(admin.patch(path, json={"completionThreshold": 0.5}), 200)

    assert "has begun" in begun["detail"]
    assert "who was expected stays" in running["detail"]
    assert (ended["state"], ended["capacity"]) == ("IN_PROGRESS", 4)
    assert (late["state"], late["metrics"] is None, late["completionThreshold"]) == ("COMPLETED", False, 0.5)
    assert "its times stay" in checked(admin.patch(path, json={"duration": "PT2H"}), 409)["detail"]
    refused = checked(admin.patch(path, json={"participants": [make("users")["id"]]}), 409)
    assert "who was expected stays" in refused["detail"]


def test_an_edit_never_leaves_more_people_than_places_and_more_places_go_to_who_waits(
    admin: httpx.Client, make: Make, plan: Make
) -> None:
    first, second, third = (make("users")["id"] for _ in range(3))
    mine = plan(capacity=2, participants=[first, second])
    path = f"/sessions/{mine['id']}"
    assert checked(admin.put(f"{path}/enrolments/{third}", json={}), 200)["status"] == "WAITING"

    fewer = checked(admin.patch(path, json={"capacity": 1}), 422)
    crowd = checked(admin.patch(path, json={"participants": [first, second, third]}), 422)

    assert (pointers(fewer), pointers(crowd)) == ({"/capacity"}, {"/participants"})
    assert checked(admin.get(path), 200)["participants"] == sorted([first, second])
    checked(admin.patch(path, json={"capacity": 3}), 200)
    assert checked(admin.get(f"{path}/enrolments/{third}"), 200)["status"] == "ENROLLED"


@pytest.mark.parametrize("field, given, by_default", [
    ("misfireGrace", "PT1M", "PT15M"), ("misfire", "MISS", "CATCH_UP"), ("gap", "SKIP", "SHIFT"),
    ("fold", "SECOND", "FIRST"), ("lateAfter", "PT10M", "PT5M"),
    ("autoEnd", False, True), ("completionThreshold", 0.5, 1.0), ("capacity", 3, None),
])  # fmt: skip
@pytest.mark.parametrize("more", [{}, {"recurrence": {"rrule": "FREQ=WEEKLY"}}], ids=["once", "weekly"])
def test_null_gives_back_what_a_new_plan_would_have(
    admin: httpx.Client, field: str, given: Any, by_default: Any, more: dict[str, Any]
) -> None:
    made = checked(admin.post("/sessions", json=ONCE | more | BESIDE.get(field, {}) | {field: given}), 201)

    edited = checked(admin.patch(f"/sessions/{made['id']}", json={field: None}), 200)

    assert (made[field], edited[field]) == (given, by_default)


@pytest.mark.parametrize("more", [{}, {"recurrence": {"rrule": "FREQ=WEEKLY"}}], ids=["once", "weekly"])
def test_a_grace_does_not_make_a_miss_of_what_is_caught_up(admin: httpx.Client, more: dict[str, Any]) -> None:
    made = checked(admin.post("/sessions", json=ONCE | more), 201)

    refused = checked(admin.patch(f"/sessions/{made['id']}", json={"misfireGrace": "PT1M"}), 422)

    assert pointers(refused) == {"/misfireGrace"}
    assert checked(admin.get(f"/sessions/{made['id']}"), 200)["misfire"] == "CATCH_UP"


@pytest.mark.parametrize("more", [{}, {"recurrence": {"rrule": "FREQ=WEEKLY"}}], ids=["once", "weekly"])
def test_miss_said_again_keeps_its_grace(admin: httpx.Client, more: dict[str, Any]) -> None:
    made = checked(admin.post("/sessions", json=ONCE | more | {"misfire": "MISS", "misfireGrace": "PT1M"}), 201)

    edited = checked(admin.patch(f"/sessions/{made['id']}", json={"misfire": "MISS", "title": "Late"}), 200)

    assert (edited["misfire"], edited["misfireGrace"]) == ("MISS", "PT1M")
