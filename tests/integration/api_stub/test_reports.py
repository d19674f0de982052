"""Reports over HTTP: JSON by pages, CSV as a whole, pass marks, and what is refused."""

import csv
import io
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from sqlalchemy import Engine, text

from db import engine as database
from tests.integration.api_stub.conftest import Make, checked, instant, pointers

NOBODY = "0198c0de-0000-7000-8000-000000000001"
WEEKLY = {"rrule": "FREQ=WEEKLY;COUNT=10"}

PAST = text("""
    UPDATE session SET state = 'COMPLETED', started_at = now() - interval '1 hour', ended_at = now(), next_step = NULL,
                       next_due_at = NULL
    WHERE series_id = :series_id AND recurrence_id < :until RETURNING tenant_id, recurrence_id, starts_at, ends_at
""")
MARK = text("""
    INSERT INTO attendance (tenant_id, series_id, recurrence_id, user_id, mark, marked_at, marked_by)
    VALUES (:tenant_id, :series_id, :recurrence_id, :user_id, :mark, :starts_at, 'key')
""")
MEASURED = text("""
    INSERT INTO session_metrics (tenant_id, series_id, recurrence_id, planned_minutes, actual_minutes, start_lateness_s,
                                 end_lateness_s, expected, present, late, absent, excused, completed, measured_at)
    SELECT tenant_id, series_id, recurrence_id, 60, 60, 0, 0, count(*), count(*) FILTER (WHERE mark = 'PRESENT'), 0,
           count(*) FILTER (WHERE mark = 'ABSENT'), 0, true, now()
    FROM attendance WHERE series_id = :series_id GROUP BY 1, 2, 3
""")


@pytest.fixture
def term(make: Make, plan: Make, module_engine: Engine) -> dict[str, Any]:
    """A plan of ten weekly sessions of two people; four are over, of which one came to three and one to all."""
    ada, bo = make("users", name="Ada"), make("users", name="Bo")
    space = make("spaces", name="=Hall")
    made = plan(recurrence=WEEKLY, participants=[ada["id"], bo["id"]], spaceId=space["id"], timeZone="UTC")
    until = datetime.fromisoformat(made["scheduledAt"]).replace(tzinfo=None) + timedelta(weeks=3, hours=1)
    with database.transaction(module_engine) as (tx, _):
        for number, row in enumerate(tx.execute(PAST, {"series_id": made["id"], "until": until}).all()):
            for who, mark in ((ada["id"], "ABSENT" if number == 0 else "PRESENT"), (bo["id"], "PRESENT")):
                key = {"tenant_id": row.tenant_id, "series_id": made["id"], "recurrence_id": row.recurrence_id}
                tx.execute(MARK, {**key, "user_id": who, "mark": mark, "starts_at": row.starts_at})
        tx.execute(MEASURED, {"series_id": made["id"]})
    return {"id": made["id"], "ada": ada["id"], "bo": bo["id"], "space": space["id"]}


def asked(client: httpx.Client, kind: str = "attendance", **query: Any) -> dict[str, Any]:
    return checked(client.get(f"/reports/{kind}", params=query), 200)


def test_a_person_is_told_with_their_rate(viewer: httpx.Client, term: dict[str, Any]) -> None:
    found = asked(viewer, by="person", seriesId=term["id"])

    ada, bo = found["data"]
    assert (ada["id"], ada["name"], ada["sessions"], ada["absent"]) == (term["ada"], "Ada", 4, 1)
    assert (ada["attendanceRate"], bo["attendanceRate"], found["total"]["attendanceRate"]) == (0.75, 1.0, 0.875)
    assert (ada["presenceMinutes"], ada["meanPresenceMinutes"]) == (180.0, 60.0)
    assert (ada["toCome"], ada["onTrack"], ada["neededFromHere"]) == (None, None, None)


def test_a_pass_mark_tells_what_is_needed_from_here(viewer: httpx.Client, term: dict[str, Any]) -> None:
    found = asked(viewer, by="person", seriesId=term["id"], passMark="0.8")

    ada, bo = found["data"]
    assert (ada["toCome"], ada["onTrack"], ada["canStillPass"], ada["neededFromHere"]) == (6, False, True, 5)
    assert (bo["toCome"], bo["onTrack"], bo["canStillPass"], bo["neededFromHere"]) == (6, True, True, 4)


def test_a_session_that_is_excused_or_called_off_is_not_to_come(
    viewer: httpx.Client, staff: httpx.Client, term: dict[str, Any]
) -> None:
    window = {"from": instant(datetime.now(UTC)), "to": instant(datetime.now(UTC) + timedelta(days=70))}
    sessions = checked(viewer.get("/sessions", params={**window, "seriesId": term["id"]}), 200)["data"]

    for one in (sessions[4], sessions[-1]):
        checked(staff.put(f"/sessions/{one['id']}/attendance/{term['ada']}", json={"status": "EXCUSED"}), 200)
    checked(staff.post(f"/sessions/{sessions[5]['id']}/cancel"), 200)

    ada, bo = asked(viewer, by="person", seriesId=term["id"], passMark="0.8")["data"]
    assert (ada["toCome"], bo["toCome"]) == (3, 5)


def test_what_the_rule_gives_beyond_the_rows_is_to_come_too(
    viewer: httpx.Client, term: dict[str, Any], plan: Make, now: datetime
) -> None:
    days = {"recurrence": {"rrule": "FREQ=DAILY"}, "participants": [term["ada"]], "exclusive": []}
    plan(start=timedelta(days=1), timeZone="UTC", **days)
    until = instant(now + timedelta(days=200, hours=1))

    bounded = asked(viewer, by="person", userId=term["ada"], passMark="0.8", to=until)["data"][0]
    endless = asked(viewer, by="person", userId=term["ada"], passMark="0.8")["data"][0]
    others = asked(viewer, by="person", userId=term["bo"], passMark="0.8")["data"][0]

    assert (bounded["toCome"], bounded["canStillPass"]) == (6 + 200, True)
    assert (endless["toCome"], endless["onTrack"], endless["canStillPass"]) == (None, False, None)
    assert others["toCome"] == 6


def test_the_worst_are_dropped(viewer: httpx.Client, term: dict[str, Any]) -> None:
    found = asked(viewer, by="person", seriesId=term["id"], dropLowest=1, passMark="1")

    ada, _ = found["data"]
    assert (ada["sessions"], ada["absent"], ada["dropped"], ada["attendanceRate"]) == (3, 0, 1, 1.0)
    assert (ada["onTrack"], ada["neededFromHere"], found["total"]["dropped"]) == (True, 6, 2)


def test_completion_counts_each_session_once(viewer: httpx.Client, term: dict[str, Any]) -> None:
    found = asked(viewer, "completion", by="space", seriesId=term["id"])

    [hall] = found["data"]
    assert (hall["id"], hall["sessions"], hall["completed"], hall["completionRate"]) == (term["space"], 4, 4, 1.0)
    assert (hall["plannedMinutes"], hall["fillRate"], hall["progress"]) == (240.0, None, None)
    assert found["total"] == hall | {"id": None, "name": None}


def test_weekdays_and_hours_are_named(viewer: httpx.Client, term: dict[str, Any]) -> None:
    plan = checked(viewer.get(f"/sessions/{term['id']}"), 200)
    start = datetime.fromisoformat(plan["scheduledAt"])

    [day] = asked(viewer, by="weekday", seriesId=term["id"])["data"]
    [hour] = asked(viewer, by="hour", seriesId=term["id"])["data"]

    assert (day["id"], day["name"]) == (str(start.isoweekday()), f"{start:%A}")
    assert (hour["id"], hour["name"]) == (f"{start:%H}", f"{start:%H}:00")


@pytest.mark.parametrize("how", [{"params": {"format": "csv"}}, {"headers": {"Accept": "text/csv"}}])
def test_csv_has_the_same_rows(viewer: httpx.Client, term: dict[str, Any], how: dict[str, Any]) -> None:
    query = {"by": "space", "seriesId": term["id"], **how.get("params", {})}

    found = viewer.get("/reports/attendance", params=query, headers=how.get("headers", {}))

    assert found.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert found.headers["Content-Disposition"] == 'attachment; filename="attendance-by-space.csv"'
    [row] = csv.DictReader(io.StringIO(found.text))
    json = asked(viewer, by="space", seriesId=term["id"], format="json")["data"][0]
    assert row == {name: "" if value is None else str(value) for name, value in json.items()} | {"name": "'=Hall"}


def test_pages_go_on_where_the_last_one_ended(viewer: httpx.Client, term: dict[str, Any]) -> None:
    first = asked(viewer, by="person", seriesId=term["id"], limit=1)

    second = asked(viewer, by="person", seriesId=term["id"], limit=1, cursor=first["nextCursor"])

    assert [row["name"] for row in first["data"] + second["data"]] == ["Ada", "Bo"]
    assert (first["hasMore"], second["hasMore"], first["total"]) == (True, False, second["total"])


def test_a_report_that_nothing_is_in_is_all_zeros(viewer: httpx.Client, term: dict[str, Any]) -> None:
    found = asked(viewer, by="person", seriesId=term["id"], to="2020-01-01T00:00:00Z")

    assert (found["data"], found["total"]["sessions"], found["total"]["attendanceRate"]) == ([], 0, None)


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({}, "/by"),
        ({"by": "planet"}, "/by"),
        ({"by": "person", "userId": NOBODY}, "/userId"),
        ({"by": "person", "userId": "Ada"}, "/userId"),
        ({"by": "person", "seriesId": NOBODY}, "/seriesId"),
        ({"by": "person", "spaceId": NOBODY}, "/spaceId"),
        ({"by": "person", "from": "2026-02-01T00:00:00Z", "to": "2026-01-01T00:00:00Z"}, "/to"),
        ({"by": "person", "from": "2026-02-01T00:00:00Z", "to": "2026-02-01T00:00:00Z"}, "/to"),
        ({"by": "person", "from": "yesterday"}, "/from"),
        ({"by": "person", "passMark": "0"}, "/passMark"),
        ({"by": "person", "passMark": "1.01"}, "/passMark"),
        ({"by": "person", "passMark": "80%"}, "/passMark"),
        ({"by": "person", "passMark": "1/0"}, "/passMark"),
        ({"by": "space", "passMark": "0.8"}, "/passMark"),
        ({"by": "space", "dropLowest": "2"}, "/dropLowest"),
        ({"by": "person", "dropLowest": "-1"}, "/dropLowest"),
        ({"by": "person", "format": "xml"}, "/format"),
        ({"by": "person", "format": "csv", "limit": "5"}, "/limit"),
        ({"by": "person", "limit": "1001"}, "/limit"),
        ({"by": "person", "cursor": "e30"}, "/cursor"),
    ],
)
def test_what_cannot_be_answered_is_refused_by_name(viewer: httpx.Client, query: dict[str, str], field: str) -> None:
    refused = checked(viewer.get("/reports/attendance", params=query), 422)

    assert field in pointers(refused)


def test_a_pass_mark_is_about_attendance_alone(viewer: httpx.Client) -> None:
    refused = checked(viewer.get("/reports/completion", params={"by": "person", "passMark": "0.8"}), 422)

    assert pointers(refused) == {"/passMark"}


def test_too_many_sessions_ahead_ask_for_an_earlier_end(viewer: httpx.Client, term: dict[str, Any], plan: Make) -> None:
    plan(recurrence={"rrule": "FREQ=HOURLY"}, participants=[term["bo"]], exclusive=[], duration="PT5M", timeZone="UTC")

    refused = checked(
        viewer.get(
            "/reports/attendance",
            params={"by": "person", "userId": term["bo"], "passMark": "0.8", "to": "2040-01-01T00:00:00Z"},
        ),
        422,
    )

    assert pointers(refused) == {"/to"}


def test_another_tenant_has_reports_of_its_own(stranger: httpx.Client, term: dict[str, Any]) -> None:
    assert asked(stranger, by="person")["data"] == []
    refused = checked(stranger.get("/reports/attendance", params={"by": "person", "userId": term["ada"]}), 422)
    assert pointers(refused) == {"/userId"}
