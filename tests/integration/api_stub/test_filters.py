"""Every filter of `GET /sessions`: for sessions, for plans, and for their count."""

from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import httpx
import pytest

from tests.integration.api_stub.conftest import Make, checked, instant

DAY = timedelta(days=1)


@pytest.fixture
def ids(viewer: httpx.Client) -> Any:
    """The ids that a question is answered with; their number is counted too."""

    def ask(**params: str) -> list[str]:
        found = [one["id"] for one in checked(viewer.get("/sessions", params=params | {"limit": "100"}), 200)["data"]]
        same = {name: value for name, value in params.items() if name not in ("sort", "expand")}
        assert checked(viewer.get("/sessions/count", params=same), 200) == {"count": len(found)}
        return found

    return ask


def test_each_filter_finds_sessions_and_plans(ids: Any, plan: Make, make: Make) -> None:
    teacher, pupil = make("users", role="instructor")["id"], make("users")["id"]
    kinds = {f"{kind}Id": make(f"{kind}s")["id"] for kind in ("space", "routine", "program", "timeline", "subject")}
    weekly = plan(**kinds, instructorId=teacher, participants=[pupil], recurringFrequency="WEEKLY", recurringCount=3)
    plan()

    for name, value in (*kinds.items(), ("userId", teacher), ("userId", pupil), ("seriesId", weekly["id"])):
        assert [id_.partition("_")[0] for id_ in ids(**{name: value})] == [weekly["id"]] * 3
        assert ids(**{name: value}, view="plans") == [weekly["id"]]
        assert ids(**{name: value}, type="ONE_TIME") == ids(**{name: value}, type="ONE_TIME", view="plans") == []
        assert ids(**{name: value}, type="RECURRING", view="plans") == [weekly["id"]]


def test_a_session_is_found_where_it_is_and_with_whom(ids: Any, admin: httpx.Client, plan: Make, make: Make) -> None:
    old, new = (
        {"spaceId": make("spaces")["id"], "instructorId": make("users", role="instructor")["id"]} for _ in range(2)
    )
    series = plan(**old, recurringFrequency="DAILY", recurringCount=3)["id"]
    first, second, third = ids(seriesId=series)
    checked(admin.patch(f"/sessions/{second}", json=new), 200)

    assert ids(spaceId=old["spaceId"]) == ids(userId=old["instructorId"]) == [first, third]
    assert ids(spaceId=new["spaceId"]) == ids(userId=new["instructorId"]) == [second]


def test_each_state_finds_its_sessions(ids: Any, staff: httpx.Client, plan: Make) -> None:
    series = plan(recurringFrequency="DAILY", recurringCount=4)["id"]
    waiting, running, over, off = ids(seriesId=series)
    for id_, verbs in ((running, ["start"]), (over, ["start", "end"]), (off, ["cancel"])):
        for verb in verbs:
            checked(staff.post(f"/sessions/{id_}/{verb}"), 200)

    found = {
        state: ids(seriesId=series, state=state) for state in ("SCHEDULED", "IN_PROGRESS", "COMPLETED", "CANCELLED")
    }

    assert found == {"SCHEDULED": [waiting], "IN_PROGRESS": [running], "COMPLETED": [over], "CANCELLED": [off]}
    assert ids(seriesId=series, state="MISSED") == []


def test_what_is_removed_is_found_when_it_is_asked_for(
    ids: Any, admin: httpx.Client, plan: Make, now: datetime
) -> None:
    series = plan(recurringFrequency="DAILY", recurringCount=3)["id"]
    first, second, third = ids(seriesId=series)
    checked(admin.patch(f"/sessions/{second}/removedAt", json={"removedAt": instant(now)}), 200)

    assert ids(seriesId=series) == [first, third]
    assert ids(seriesId=series, includeRemoved="true") == [first, second, third]
    checked(admin.patch(f"/sessions/{series}/removedAt", json={"removedAt": instant(now)}), 200)
    assert ids(seriesId=series) == ids(seriesId=series, view="plans") == []
    assert ids(seriesId=series, includeRemoved="true") == [first, second, third]
    assert ids(seriesId=series, view="plans", includeRemoved="true") == [series]


def test_the_order_is_by_start_forward_or_backward(ids: Any, plan: Make, make: Make) -> None:
    program = make("programs")["id"]
    late, early, middle = (plan(start=n * DAY, programId=program)["id"] for n in (9, 2, 5))

    for view in ("sessions", "plans"):
        assert ids(programId=program, view=view) == [early, middle, late]
        assert ids(programId=program, view=view, sort="-scheduledAt") == [late, middle, early]


def test_a_filter_finds_what_lies_beyond_the_horizon(ids: Any, plan: Make, make: Make, now: datetime) -> None:
    teacher, space = make("users", role="instructor")["id"], make("spaces")["id"]
    series = plan(instructorId=teacher, spaceId=space, recurringFrequency="WEEKLY")["id"]
    plan(recurringFrequency="WEEKLY")
    window = {"from": instant(now + 700 * DAY), "to": instant(now + 714 * DAY)}

    for name, value in (("userId", teacher), ("spaceId", space), ("seriesId", series)):
        assert [id_.partition("_")[0] for id_ in ids(**{name: value}, **window)] == [series] * 2
        assert ids(**{name: value}, **window, sort="-scheduledAt") == ids(**{name: value}, **window)[::-1]


def test_a_plan_is_found_by_who_joined_later_and_not_by_who_left(
    ids: Any, staff: httpx.Client, viewer: httpx.Client, plan: Make, make: Make
) -> None:
    stays, leaves, joins, drops_in = (make("users")["id"] for _ in range(4))
    series = plan(participants=[stays, leaves], recurringFrequency="WEEKLY", timeZone="UTC")["id"]
    third = ids(seriesId=series)[2]
    assert staff.delete(f"/sessions/{series}/enrolments/{leaves}").status_code == 204
    checked(staff.put(f"/sessions/{series}/enrolments/{joins}", json={}), 200)
    checked(staff.put(f"/sessions/{third}/enrolments/{drops_in}", json={}), 200)

    for who, found in ((stays, [series]), (leaves, []), (joins, [series]), (drops_in, [])):
        assert ids(userId=who, view="plans") == found
        told = checked(viewer.get("/sessions/count", params={"userId": who, "view": "plans"}), 200)
        assert told == {"count": len(found)}
    assert ids(userId=drops_in) == [third]
    assert sorted(checked(viewer.get(f"/sessions/{series}"), 200)["participants"]) == sorted([stays, joins])


def test_a_tenant_without_plans_has_none_of_a_person(stranger: httpx.Client) -> None:
    body = {"name": "Ada", "email": f"{uuid4().hex}@example.org"}
    who = {"userId": checked(stranger.post("/users", json=body), 201)["id"], "view": "plans"}

    assert checked(stranger.get("/sessions", params=who), 200)["data"] == []
    assert checked(stranger.get("/sessions/count", params=who), 200) == {"count": 0}


def test_a_person_is_found_at_the_dates_that_they_are_enrolled_for(
    ids: Any, admin: httpx.Client, plan: Make, make: Make, now: datetime
) -> None:
    old, new = make("users")["id"], make("users")["id"]
    series = plan(participants=[old], recurringFrequency="WEEKLY", timeZone="UTC")["id"]
    first, second, third = ids(seriesId=series)[:3]
    hour = (now + timedelta(hours=1)).strftime("%H:%M:%S")
    change = {"recurringTime": hour, "participants": [new]}
    checked(admin.patch(f"/sessions/{third}", params={"scope": "following"}, json=change), 200)
    after = ids(seriesId=series)[2:]
    beyond = {"from": instant(now + 700 * DAY), "to": instant(now + 714 * DAY)}

    assert ids(userId=old) == [first, second]
    assert ids(userId=new) == after
    assert (ids(userId=old, **beyond), len(ids(userId=new, **beyond))) == ([], 2)
    assert (ids(userId=old, view="plans"), ids(userId=new, view="plans")) == ([series], [series])
    for id_, person in ((second, old), (after[0], new), (ids(userId=new, **beyond)[0], new), (series, new)):
        shown = checked(admin.get(f"/sessions/{id_}", params={"expand": "participants"}), 200)
        assert [one["id"] for one in shown["participants"]] == [person]
    told = {person: admin.get("/calendar.ics", params={"userId": person}).text for person in (old, new)}
    assert [text.count("BEGIN:VEVENT") for text in told.values()] == [1, 1]
    assert third.partition("_")[2][:8] in told[new]
