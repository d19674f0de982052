"""Check-in, progress and marks in bulk over HTTP: what is answered, and what is refused, clearly."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import httpx
import pytest
from sqlalchemy import Engine

from services import attendance_import
from tests.integration.api_stub.conftest import Make, checked, instant, pointers

CSV = {"Content-Type": "text/csv"}
Run = Callable[..., dict[str, Any]]


@pytest.fixture
def running(plan: Make, staff: httpx.Client) -> Run:
    """A class that began a moment ago, by hand."""

    def make(**fields: Any) -> dict[str, Any]:
        made = plan(start=timedelta(minutes=5), **fields)
        return checked(staff.post(f"/sessions/{made['id']}/start"), 200)

    return make


def test_a_person_comes_and_goes(staff: httpx.Client, running: Run, make: Make) -> None:
    path, ada = f"/sessions/{running()['id']}", make("users")["id"]

    came = checked(staff.post(f"{path}/check-in", json={"userId": ada}), 200)
    twice = checked(staff.post(f"{path}/check-in", json={"userId": ada}), 409)
    went = checked(staff.post(f"{path}/check-out", json={"userId": ada}), 200)
    again = checked(staff.post(f"{path}/check-out", json={"userId": ada}), 409)

    assert (came["status"], came["presence"][0]["checkedOutAt"]) == ("PRESENT", None)
    assert "the person is there since" in twice["detail"]
    assert "checked out at" in again["detail"]
    assert checked(staff.get(f"{path}/attendance"), 200)["data"] == [went]


def test_a_check_in_before_it_opens_says_when_it_does(
    staff: httpx.Client, plan: Make, make: Make, now: datetime
) -> None:
    path = f"/sessions/{plan(start=timedelta(hours=2))['id']}"

    refused = checked(staff.post(f"{path}/check-in", json={"userId": make("users")["id"]}), 409)

    assert f"check-in opens at {instant(now + timedelta(minutes=90))}" in refused["detail"]


@pytest.mark.parametrize(
    "body, where",
    [({}, "/userId"), ({"userId": "x"}, "/userId"), ({"userId": str(uuid4())}, "/userId"),
     ({"userId": str(uuid4()), "at": "2026-01-05T09:00"}, "/at")],
)  # fmt: skip
def test_a_bad_check_in_names_the_field(staff: httpx.Client, running: Run, body: dict[str, str], where: str) -> None:
    path = f"/sessions/{running()['id']}"

    for call in ("check-in", "check-out"):
        assert pointers(checked(staff.post(f"{path}/{call}", json=body), 422)) == {where}


def test_an_instant_to_come_is_refused_at_its_field(staff: httpx.Client, running: Run, make: Make) -> None:
    body = {"userId": make("users")["id"], "at": "2096-01-05T09:00:00Z"}

    refused = checked(staff.post(f"/sessions/{running()['id']}/check-in", json=body), 422)

    assert pointers(refused) == {"/at"}


def test_a_plan_that_starts_at_the_first_check_in(staff: httpx.Client, plan: Make, make: Make) -> None:
    made = plan(start=timedelta(minutes=10), autoStart="FIRST_CHECK_IN")
    assert (made["autoStart"], made["state"]) == ("FIRST_CHECK_IN", "SCHEDULED")

    checked(staff.post(f"/sessions/{made['id']}/check-in", json={"userId": make("users")["id"]}), 200)

    assert checked(staff.get(f"/sessions/{made['id']}"), 200)["state"] == "IN_PROGRESS"


def test_progress_is_told_and_read(staff: httpx.Client, viewer: httpx.Client, running: Run, make: Make) -> None:
    routine = make("routines", activities=["Warm-up", "Core"])
    path = f"/sessions/{running(routineId=routine['id'])['id']}"

    told = checked(staff.post(f"{path}/progress", json={"done": ["Core"]}), 200)
    refused = checked(staff.post(f"{path}/progress", json={"done": ["Sauna"]}), 422)
    checked(staff.post(f"{path}/end"), 200)
    late = checked(staff.post(f"{path}/progress", json={"done": []}), 409)

    assert told == {"userId": None, "activities": ["Warm-up", "Core"], "done": ["Core"], "progress": 0.5}
    assert pointers(refused) == {"/done"}
    assert "correction" in late["detail"]
    assert checked(viewer.get(f"{path}/progress"), 200) == told
    checked(staff.post(f"{path}/progress", json={"done": ["Core", "Warm-up"], "correction": True}), 200)
    assert checked(viewer.get(path), 200)["progress"] == 1


def test_a_routine_has_activities_each_once(admin: httpx.Client, make: Make) -> None:
    routine = make("routines", activities=["Core"])
    path = f"/routines/{routine['id']}"

    assert checked(admin.patch(path, json={"activities": ["Core", "Rest"]}), 200)["activities"] == ["Core", "Rest"]
    assert pointers(checked(admin.patch(path, json={"activities": ["Core", "Core"]}), 422)) == {"/activities"}
    assert checked(admin.patch(path, json={"name": "Other"}), 200)["activities"] == ["Core", "Rest"]
    assert pointers(checked(admin.patch(f"/spaces/{make('spaces')['id']}", json={"activities": []}), 422)) == {
        "/activities"
    }


def test_marks_in_bulk_are_taken_and_reported_by_pages(
    staff: httpx.Client, running: Run, make: Make, module_engine: Engine
) -> None:
    session, people = running()["id"], [make("users") for _ in range(4)]
    lines = [f"{session};{one['email'].upper()};present;x" for one in people] + [f"{session};;LATE;x", "", "a;b"]

    taken = staff.post("/attendance-imports", content="\n".join(["Session ID;E-Mail;Status;Room", *lines]), headers=CSV)
    kept = checked(taken, 202)
    attendance_import.drain(module_engine)

    where = taken.headers["Location"].removeprefix("/api/v1")
    first = checked(staff.get(where, params={"limit": 5}), 200)
    rest = checked(staff.get(where, params={"limit": 5, "cursor": first["nextCursor"]}), 200)
    assert (kept["state"], kept["waiting"], first["state"]) == ("WAITING", 4, "DONE")
    assert (first["marked"], first["refused"], first["hasMore"], rest["hasMore"]) == (4, 2, True, False)
    assert [(row["line"], row["outcome"]) for row in first["data"]] == [
        (2, "MARKED"), (3, "MARKED"), (4, "MARKED"), (5, "MARKED"), (6, "REFUSED"),
    ]  # fmt: skip
    assert first["data"][4]["detail"] == "got no user, expected the id or the e-mail address of a user"
    assert [row["line"] for row in rest["data"]] == [8]
    refused = checked(staff.get(where, params={"outcome": "REFUSED"}), 200)["data"]
    assert [row["line"] for row in refused] == [6, 8]


def test_rows_may_be_json(staff: httpx.Client, running: Run, make: Make, module_engine: Engine) -> None:
    session, ada = running()["id"], make("users")["id"]
    rows = [
        {"sessionId": session, "userId": ada, "status": "LATE", "checkedInAt": None},
        {"sessionId": session, "userId": ada, "status": 5},
        {"sessionId": session, "userId": ada, "nonsense": "x"},
        "x",
    ]

    kept = checked(staff.post("/attendance-imports", json={"rows": rows}), 202)
    attendance_import.drain(module_engine)

    told = checked(staff.get(f"/attendance-imports/{kept['id']}"), 200)
    assert (told["marked"], told["refused"]) == (1, 3)
    assert [row["detail"].split(",")[0] for row in told["data"][1:]] == ["got 5", "got the field 'nonsense'", "got 'x'"]


@pytest.mark.parametrize(
    "content, status",
    [("", 400), ("sessionId\nx", 422), ("sessionId,userId\na,b", 422), ("sessionId,userId,status", 422),
     (b"sessionId,userId,status\n\xff,b,c", 400), ('{"rows": []}', 422)],
)  # fmt: skip
def test_what_is_no_list_of_rows_is_refused_whole(staff: httpx.Client, content: str | bytes, status: int) -> None:
    checked(staff.post("/attendance-imports", content=content, headers=CSV), status)


def test_another_tenants_delivery_is_not_there(staff: httpx.Client, stranger: httpx.Client, running: Run) -> None:
    session = running()["id"]
    kept = checked(staff.post("/attendance-imports", json={"rows": [{"sessionId": session}]}), 202)

    for path in (kept["id"], str(uuid4()), "x"):
        checked(stranger.get(f"/attendance-imports/{path}"), 404)
    for call, body in (("check-in", {"userId": str(uuid4())}), ("progress", {"done": []})):
        checked(stranger.post(f"/sessions/{session}/{call}", json=body), 404)
    checked(stranger.get(f"/sessions/{session}/progress"), 404)


def test_the_same_delivery_with_one_key_is_kept_once(staff: httpx.Client, running: Run, make: Make) -> None:
    rows = {"rows": [{"sessionId": running()["id"], "userId": make("users")["id"], "status": "LATE"}]}
    headers = {"Idempotency-Key": uuid4().hex}

    first, second = (checked(staff.post("/attendance-imports", json=rows, headers=headers), 202) for _ in range(2))

    assert first == second
