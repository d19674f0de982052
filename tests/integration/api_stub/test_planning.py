"""Planning over HTTP, and reading what was planned."""

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import httpx
import pytest

from tests.integration.api_stub.conftest import Make, checked, instant, pointers

SEOUL = {"timeZone": "Asia/Seoul", "duration": "PT50M"}
WEEKLY = {"title": "Pilates", "recurrence": {"rrule": "FREQ=WEEKLY"}} | SEOUL


def test_a_weekly_plan_has_its_sessions_at_once_and_beyond_the_horizon(admin: httpx.Client, now: datetime) -> None:
    start = now + timedelta(days=1)
    body = WEEKLY | {"scheduledAt": instant(start)}

    made = admin.post("/sessions", json=body)

    series = checked(made, 201)["id"]
    soon = {"seriesId": series, "from": instant(now), "to": instant(now + timedelta(days=28))}
    far = {"seriesId": series, "from": instant(now + timedelta(days=3000)), "to": instant(now + timedelta(days=3014))}
    near = checked(admin.get("/sessions", params=soon), 200)["data"]
    later = checked(admin.get("/sessions", params=far), 200)["data"]
    assert made.headers["Location"] == f"/api/v1/sessions/{series}"
    assert [one["scheduledAt"] for one in near] == [instant(start + timedelta(days=7 * week)) for week in range(4)]
    assert {(one["materialized"], one["tracked"], one["state"]) for one in near} == {(True, True, "SCHEDULED")}
    assert [(one["materialized"], one["sessionId"]) for one in later] == [(False, series)] * 2
    assert checked(admin.get("/sessions/count", params=soon), 200) == {"count": 4}
    assert checked(admin.get(f"/sessions/{later[0]['id']}"), 200)["scheduledAt"] == later[0]["scheduledAt"]


def test_what_is_answered_is_what_is_read_again(admin: httpx.Client, plan: Make) -> None:
    made = plan(recurringFrequency="WEEKLY", recurringCount="5", participants=[])

    read = checked(admin.get(f"/sessions/{made['id']}"), 200)

    assert read == made
    assert read["recurrence"]["rrule"] == "FREQ=WEEKLY;COUNT=5"
    assert (read["recurringCount"], read["recurringIntervalWeek"]) == (5, 1)
    assert read["recurrenceText"]


@pytest.mark.parametrize(
    "fields, answered",
    [
        ({}, ("CATCH_UP", None)),
        ({"misfire": "CATCH_UP"}, ("CATCH_UP", None)),
        ({"misfire": "MISS"}, ("MISS", "PT15M")),
        ({"misfire": "MISS", "misfireGrace": "PT90S"}, ("MISS", "PT1M30S")),
    ],
)
def test_what_a_late_start_means_is_answered_with_the_plan(
    admin: httpx.Client, plan: Make, fields: dict[str, str], answered: tuple[str, str | None]
) -> None:
    made = plan(**fields)

    read = checked(admin.get(f"/sessions/{made['id']}"), 200)

    assert (read["misfire"], read["misfireGrace"]) == answered


@pytest.mark.parametrize(
    "fields, pointer",
    [
        ({"misfireGrace": "PT15M"}, "/misfireGrace"),
        ({"misfire": "MISS", "misfireGrace": "PT1S"}, "/misfireGrace"),
        ({"misfire": "MISS", "autoStart": "MANUAL"}, "/misfire"),
    ],
)
def test_a_grace_that_contradicts_is_refused_by_name(
    admin: httpx.Client, now: datetime, fields: dict[str, str], pointer: str
) -> None:
    body = {"title": "Pilates", "scheduledAt": instant(now + timedelta(days=1)), "duration": "PT1H"} | fields

    assert pointers(checked(admin.post("/sessions", json=body), 422)) == {pointer}


def test_a_one_time_session_and_its_plan_are_one(admin: httpx.Client, plan: Make) -> None:
    made = plan()
    local = made["recurrenceId"].replace("-", "").replace(":", "")

    by_plan = checked(admin.get(f"/sessions/{made['id']}"), 200)
    by_time = checked(admin.get(f"/sessions/{made['id']}_{local}"), 200)

    assert by_plan == by_time == made
    assert (made["type"], made["sessionId"], made["state"]) == ("ONE_TIME", None, "SCHEDULED")


def test_a_fraction_of_a_second_is_cut_off_and_noted(plan: Make, now: datetime) -> None:
    start = now + timedelta(days=3)

    made = plan(scheduledAt=start.isoformat().replace("+00:00", ".987654Z"))

    assert made["scheduledAt"] == instant(start)
    assert any("fraction" in note for note in made["notes"])


def test_a_start_the_rule_does_not_give_moves_with_a_note_or_is_refused(admin: httpx.Client, plan: Make) -> None:
    tuesday = {"scheduledAt": "2036-01-01T18:00", "recurrence": {"rrule": "FREQ=WEEKLY;BYDAY=MO"}}

    moved = plan(**tuesday, timeZone="Asia/Seoul")
    refused = admin.post("/sessions", json=WEEKLY | tuesday | {"syncDtstart": False})

    assert moved["scheduledAt"] == "2036-01-07T09:00:00Z"
    assert len(moved["notes"]) == 1
    assert checked(refused, 422)["code"] == "invalid_recurrence"
    assert pointers(refused.json()) == {"/scheduledAt"}


def test_a_daily_range_is_answered_with_the_end_that_was_given(admin: httpx.Client, plan: Make) -> None:
    fair = {"type": "ONE_TIME_RANGE", "scheduledAt": "2036-01-05T09:00", "scheduledEndAt": "2036-01-08T17:00"}

    made = plan(**fair, duration=None, timeZone="Asia/Seoul")

    window = {"seriesId": made["id"], "from": "2036-01-01T00:00:00Z", "to": "2036-02-01T00:00:00Z"}
    assert (made["type"], made["scheduledEndAt"]) == ("ONE_TIME_RANGE", "2036-01-08T08:00:00Z")
    assert checked(admin.get("/sessions/count", params=window), 200) == {"count": 4}


def test_a_taken_space_or_instructor_is_a_409_with_its_list(admin: httpx.Client, plan: Make, make: Make) -> None:
    space, instructor = make("spaces")["id"], make("users", role="instructor")["id"]
    first = plan(spaceId=space, instructorId=instructor)
    body = {"title": "Yoga", "scheduledAt": first["scheduledAt"], "duration": "PT10M"}

    in_space = checked(admin.post("/sessions", json=body | {"spaceId": space}), 409)
    by_person = checked(admin.post("/sessions", json=body | {"instructorId": instructor}), 409)

    assert (in_space["code"], by_person["code"]) == ("clash", "clash")
    [clash] = in_space["clashes"]
    assert clash["sessionId"].startswith(first["id"])
    assert (clash["resource"], clash["from"], clash["to"]) == (space, first["scheduledAt"], first["scheduledEndAt"])
    assert [one["resource"] for one in by_person["clashes"]] == [instructor]


def test_of_many_at_once_for_one_slot_exactly_one_gets_it(admin: httpx.Client, make: Make, now: datetime) -> None:
    space = make("spaces")["id"]
    body = WEEKLY | {"scheduledAt": instant(now + timedelta(days=1)), "spaceId": space}

    with ThreadPoolExecutor(8) as crowd:
        answers = list(crowd.map(lambda _: admin.post("/sessions", json=body).status_code, range(8)))

    assert sorted(answers) == [201] + [409] * 7


def test_back_to_back_is_no_clash_and_a_place_can_be_shared(admin: httpx.Client, plan: Make, make: Make) -> None:
    space = make("spaces")["id"]
    first = plan(spaceId=space)

    after = admin.post(
        "/sessions", json={"title": "b", "scheduledAt": first["scheduledEndAt"], "duration": "PT1H", "spaceId": space}
    )
    beside = {"title": "c", "scheduledAt": first["scheduledAt"], "duration": "PT1H", "spaceId": space, "exclusive": []}

    assert after.status_code == 201
    assert admin.post("/sessions", json=beside).status_code == 201


@pytest.mark.parametrize(
    "field", ["routineId", "programId", "timelineId", "spaceId", "subjectId", "instructorId", "participants"]
)
def test_an_unknown_or_a_foreign_id_is_refused_at_its_field(
    admin: httpx.Client, stranger: httpx.Client, now: datetime, field: str
) -> None:
    kind = {"instructorId": "users", "participants": "users"}.get(field, f"{field.removesuffix('Id')}s")
    fields = {"name": "theirs"} | ({"email": f"{uuid4().hex}@example.org"} if kind == "users" else {})
    theirs = checked(stranger.post(f"/{kind}", json=fields), 201)["id"]
    body: dict[str, Any] = {"title": "x", "scheduledAt": instant(now + timedelta(days=1)), "duration": "PT1H"}

    for id_ in (theirs, str(uuid4())):
        answer = admin.post("/sessions", json=body | {field: [id_] if field == "participants" else id_})

        assert checked(answer, 422)["code"] == "invalid_field"
        assert pointers(answer.json()) == {f"/{field}"}


@pytest.mark.parametrize(
    "extra, code, pointer",
    [
        ({"recurrence": {"rrule": "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30"}}, "invalid_recurrence", "/recurrence/rrule"),
        ({"recurringFrequency": "YEARLY", "recurringMonth": "FEB", "recurringDayOfMonth": "30"}, "invalid_recurrence",
         "/recurringFrequency"),
        ({"recurringFrequency": "MINUTELY", "duration": "PT10S"}, "invalid_recurrence", "/recurringFrequency"),
        ({"recurrence": {"rrule": "nonsense"}}, "invalid_recurrence", "/recurrence/rrule"),
        ({"duration": None, "scheduledEndAt": "2020-01-01T00:00:00Z"}, "invalid_field", "/scheduledEndAt"),
        ({"timeZone": "Mars/Olympus"}, "invalid_field", "/timeZone"),
        ({"capacity": 0}, "invalid_field", "/capacity"),
        ({"colour": "red"}, "invalid_field", "/colour"),
        ({"title": None}, "invalid_field", "/title"),
        ({"title": "a\x00b"}, "invalid_field", "/title"),
    ],
)  # fmt: skip
def test_a_plan_that_makes_no_sense_is_refused_and_leaves_nothing(
    admin: httpx.Client, now: datetime, extra: dict[str, Any], code: str, pointer: str
) -> None:
    title = f"refused {uuid4().hex}"
    body = {"title": title, "scheduledAt": instant(now + timedelta(days=1)), "duration": "PT1H"} | extra

    answer = admin.post("/sessions", json=body)

    problem = checked(answer, 422)
    assert (problem["code"], pointer in pointers(problem)) == (code, True), problem
    plans = checked(admin.get("/sessions", params={"view": "plans", "limit": 100}), 200)["data"]
    assert title not in [one["title"] for one in plans]


def test_required_fields_are_told_before_the_recurrence(admin: httpx.Client) -> None:
    answer = admin.post("/sessions", json={"recurrence": {"rrule": "nonsense"}})

    problem = checked(answer, 422)
    assert problem["code"] == "invalid_field"
    assert pointers(problem) == {"/title", "/scheduledAt", "/scheduledEndAt"}
