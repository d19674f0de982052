"""Places over HTTP: enrol, wait, leave; what makes no sense is refused by name."""

from datetime import datetime, timedelta
from typing import Any

import httpx
import pytest

from tests.integration.api_stub.conftest import Make, checked, instant, pointers

WEEKLY = {"rrule": "FREQ=WEEKLY"}
NOBODY = "0198c0de-0000-7000-8000-000000000001"


@pytest.fixture
def people(make: Make) -> list[str]:
    """Three people."""
    return [make("users")["id"] for _ in range(3)]


def put(client: httpx.Client, where: str, who: str, status: int = 200, **body: Any) -> dict[str, Any]:
    return checked(client.put(f"/sessions/{where}/enrolments/{who}", json=body), status)


def listed(client: httpx.Client, where: str) -> list[tuple[str, str, int | None]]:
    found = checked(client.get(f"/sessions/{where}/enrolments"), 200)["data"]
    return [(one["userId"], one["status"], one["waiting"] and one["waiting"]["position"]) for one in found]


def session_of(client: httpx.Client, plan_id: str, now: datetime, weeks: int = 2) -> str:
    window = {"seriesId": plan_id, "from": instant(now), "to": instant(now + timedelta(weeks=weeks + 2))}
    return str(checked(client.get("/sessions", params=window), 200)["data"][weeks]["id"])


def test_staff_enrols_and_the_answer_says_who_waits(staff: httpx.Client, plan: Make, people: list[str]) -> None:
    made = plan(recurrence=WEEKLY, capacity=1)

    first, second, third = (put(staff, made["id"], who) for who in people)

    assert (first["status"], first["until"], first["dropIn"], first["waiting"]) == ("ENROLLED", None, False, None)
    assert (second["status"], second["waiting"]["position"]) == ("WAITING", 1)
    assert third["waiting"]["position"] == 2
    assert put(staff, made["id"], people[2]) == third
    assert listed(staff, made["id"]) == [
        (people[0], "ENROLLED", None),
        (people[1], "WAITING", 1),
        (people[2], "WAITING", 2),
    ]


def test_who_leaves_makes_room_and_the_change_says_why(
    staff: httpx.Client, plan: Make, people: list[str], now: datetime
) -> None:
    made = plan(recurrence=WEEKLY, capacity=1)
    for who in people:
        put(staff, made["id"], who)
    cursor = checked(staff.get("/sessions/changes?latest=true"), 200)["nextCursor"]

    for _ in range(2):
        answer = staff.delete(f"/sessions/{made['id']}/enrolments/{people[0]}")
        assert answer.status_code == 204

    assert listed(staff, made["id"]) == [(people[1], "ENROLLED", None), (people[2], "WAITING", 1)]
    assert checked(staff.get(f"/sessions/{made['id']}/enrolments/{people[0]}"), 404)["code"] == "not_found"
    told: list[dict[str, Any]] = []
    for _ in range(100):
        page = checked(staff.get("/sessions/changes", params={"cursor": cursor}), 200)
        told, cursor = told + page["data"], page["nextCursor"]
        if len(told) >= 3:
            break
    mine = [(one["kind"], one["reason"]) for one in told if one["id"] == made["id"]]
    assert ("promote", f"{people[1]} has a place: somebody gave up a place") in mine
    assert ("withdraw", None) in mine


def test_a_drop_in_is_for_one_session(staff: httpx.Client, plan: Make, people: list[str], now: datetime) -> None:
    made = plan(recurrence=WEEKLY, capacity=1)
    one = session_of(staff, made["id"], now)

    first = put(staff, one, people[0])
    second = put(staff, made["id"], people[1], until=f"{now + timedelta(days=8):%Y-%m-%d}")

    assert (first["status"], first["dropIn"]) == ("ENROLLED", True)
    assert second["status"] == "ENROLLED"
    assert listed(staff, one) == [(people[0], "ENROLLED", None)]
    assert put(staff, one, people[1])["waiting"]["position"] == 1


def test_whoever_is_enrolled_and_stays_away_once_is_excused(
    staff: httpx.Client, plan: Make, people: list[str], now: datetime
) -> None:
    made = plan(recurrence=WEEKLY, participants=people[:1])
    one = session_of(staff, made["id"], now)

    assert staff.delete(f"/sessions/{one}/enrolments/{people[0]}").status_code == 204

    assert listed(staff, one) == [(people[0], "EXCUSED", None)]
    assert checked(staff.get(f"/sessions/{one}/attendance"), 200)["data"][0]["status"] == "EXCUSED"
    assert put(staff, one, people[0])["status"] == "ENROLLED"


def test_a_one_time_session_answers_to_both_of_its_ids(staff: httpx.Client, plan: Make, people: list[str]) -> None:
    made = plan(capacity=1)
    wall = made["recurrenceId"] or made["segments"][0]["from"]
    long = f"{made['id']}_{wall.replace('-', '').replace(':', '')[:15]}"

    assert put(staff, long, people[0])["status"] == "ENROLLED"

    assert listed(staff, made["id"]) == listed(staff, long) == [(people[0], "ENROLLED", None)]
    assert staff.delete(f"/sessions/{made['id']}/enrolments/{people[0]}").status_code == 204
    assert listed(staff, long) == []


def test_what_makes_no_sense_is_refused_by_name(
    staff: httpx.Client, admin: httpx.Client, plan: Make, people: list[str], now: datetime
) -> None:
    made = plan(recurrence=WEEKLY)
    one = session_of(staff, made["id"], now)

    assert pointers(put(staff, made["id"], people[0], 422, until="2020-01-01")) == {"/until"}
    assert pointers(put(staff, one, people[0], 422, **{"from": "2030-01-01"})) == {"/from"}
    assert pointers(put(staff, made["id"], people[0], 422, to="2030-01-01")) == {"/to"}
    assert put(staff, made["id"], NOBODY, 404)["code"] == "not_found"
    assert put(staff, made["id"], "nobody", 404)["code"] == "not_found"
    assert put(staff, NOBODY, people[0], 404)["code"] == "not_found"
    body = {"title": "x", "scheduledAt": instant(now + timedelta(days=1)), "duration": "PT1H", "capacity": 0}
    assert pointers(checked(admin.post("/sessions", json=body), 422)) == {"/capacity"}
    both = body | {"capacity": 1, "participants": people}
    assert pointers(checked(admin.post("/sessions", json=both), 422)) == {"/participants"}


def test_a_session_tells_how_many_may_come_to_it(admin: httpx.Client, plan: Make, now: datetime) -> None:
    made = plan(recurrence=WEEKLY, capacity=3)
    once = plan(start=timedelta(days=40), capacity=5)
    session, other = (session_of(admin, made["id"], now, weeks) for weeks in (2, 3))
    far = session_of(admin, made["id"], now + timedelta(days=700), 0)

    checked(admin.patch(f"/sessions/{session}", json={"capacity": 4}), 200)

    def told(where: str) -> int | None:
        most: int | None = checked(admin.get(f"/sessions/{where}"), 200)["capacity"]
        return most

    assert [told(where) for where in (session, other, far, made["id"], once["id"])] == [4, 3, 3, 3, 5]
    checked(admin.patch(f"/sessions/{session}", json={"capacity": None}), 200)
    assert told(session) == 3


def test_who_was_erased_is_enrolled_nowhere(admin: httpx.Client, plan: Make, people: list[str]) -> None:
    made = plan(recurrence=WEEKLY)
    assert admin.delete(f"/users/{people[0]}", params={"erase": "true"}).status_code == 204

    refused = put(admin, made["id"], people[0], 409)

    assert refused["detail"] == f"user {people[0]} was erased"


def test_a_person_has_one_place_at_a_time(staff: httpx.Client, plan: Make, people: list[str]) -> None:
    first, second = plan(recurrence=WEEKLY), plan(recurrence=WEEKLY)
    put(staff, first["id"], people[0])

    problem = put(staff, second["id"], people[0], 409)

    assert problem["code"] == "clash"
    assert problem["clashes"][0]["sessionId"].startswith(first["id"])


def test_one_session_may_have_more_places_but_not_fewer_than_are_taken(
    staff: httpx.Client, admin: httpx.Client, plan: Make, people: list[str], now: datetime
) -> None:
    made = plan(recurrence=WEEKLY, capacity=1)
    one = session_of(staff, made["id"], now)
    put(staff, one, people[0])
    put(staff, one, people[1])

    checked(admin.patch(f"/sessions/{one}", json={"capacity": 2}), 200)

    assert [status for _, status, _ in listed(staff, one)] == ["ENROLLED", "ENROLLED"]
    assert pointers(checked(admin.patch(f"/sessions/{one}", json={"capacity": 1}), 422)) == {"/capacity"}
