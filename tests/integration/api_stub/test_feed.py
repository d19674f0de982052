"""The calendar feed: read by the library icalendar, and imported into another tenant by our own import."""

from collections import Counter
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import httpx
import icalendar
import pytest

from tests.integration.api_stub.conftest import Make, checked, instant, pointers

DAY = timedelta(days=1)
START, END = "2036-01-01T00:00:00Z", "2036-12-01T00:00:00Z"
NEW_YORK = {"timeZone": "America/New_York", "scheduledAt": "2036-01-07T18:30", "duration": "PT50M"}
PLANS: list[dict[str, Any]] = [
    {"recurrence": {"rrule": "FREQ=WEEKLY;BYDAY=MO,WE", "excludedDays": ["2036-01-09", "2036-03-10"]}},
    {"recurrence": {"rrule": "FREQ=WEEKLY;INTERVAL=2;COUNT=9", "exdates": ["2036-01-21T18:30", "2036-02-04T23:30Z"]}},
    {"recurrence": {"rrule": "FREQ=MONTHLY;BYDAY=-1FR;UNTIL=20361001T000000Z", "rdates": ["2036-02-01T07:00"]}},
    {"recurrence": {"rrule": "FREQ=DAILY", "rdates": ["2036-05-05T20:00Z"]}, "scheduledAt": "2036-03-08T02:30"},
    {"recurrence": {"rrule": "FREQ=DAILY"}, "timeZone": "UTC", "duration": "P1DT2H"},
    {"recurrence": {"rdates": ["2036-02-01T07:00", "2036-02-03T07:00"]}, "timeZone": "Europe/London"},
    {"type": "ONE_TIME_RANGE", "scheduledEndAt": "2036-01-12T20:00", "duration": None},
    {"timeZone": "Australia/Lord_Howe"},
    {"scheduledAt": "2036-11-02T06:30:00Z", "duration": "PT24H"},
    {"title": "Пилатес; \\ \"für alle\", Ü 日本語のクラスを予約する人のための長いタイトルです, oder so ähnlich",
     "description": "first line\nsecond; with, signs\\n and a \t tab"},
]  # fmt: skip


@pytest.fixture
def program(make: Make) -> str:
    """A program of the test's own."""
    return str(make("programs")["id"])


def calendar(client: httpx.Client, **params: str) -> Any:
    answer = client.get("/calendar.ics", params=params)
    assert answer.status_code == 200, answer.text
    assert answer.headers["Content-Type"] == "text/calendar; charset=utf-8"
    assert all(len(line) <= 75 for line in answer.content.split(b"\r\n"))
    found = icalendar.Calendar.from_ical(answer.content)
    assert isinstance(found, icalendar.Calendar)
    assert not [error for event in found.walk() for error in event.errors]
    return found


def sessions(client: httpx.Client, **params: str) -> list[tuple[str, str, str, str | None, str]]:
    """What is planned in 2036, and what was called off, page by page."""
    found: list[dict[str, Any]] = []
    cursor: dict[str, str] = {}
    while True:
        window = {"from": START, "to": END, "limit": "100"} | params | cursor
        page = checked(client.get("/sessions", params=window), 200)
        found += page["data"]
        if not page["hasMore"]:
            return sorted(
                (one["scheduledAt"], one["scheduledEndAt"], one["title"], one["description"], one["state"])
                for one in found
            )
        cursor = {"cursor": page["nextCursor"]}


def imported(client: httpx.Client, content: bytes) -> dict[str, Any]:
    answer = client.post("/calendar-imports", content=content, headers={"Content-Type": "text/calendar"})
    return checked(answer, 200)


def second(client: httpx.Client, series: str) -> str:
    """The id of the second session of a series."""
    window = {"seriesId": series, "from": START, "to": END, "limit": "2"}
    return str(checked(client.get("/sessions", params=window), 200)["data"][1]["id"])


def test_what_is_fed_and_imported_elsewhere_gives_the_same_sessions(
    admin: httpx.Client, stranger: httpx.Client, program: str
) -> None:
    for number, plan in enumerate(PLANS):
        body = {"title": f"plan {number}", "programId": program} | NEW_YORK | plan
        made = checked(admin.post("/sessions", json=body), 201)
        if number in (0, 1, 3):
            id_ = second(admin, made["id"])
            edit = {"title": "Moved", "scheduledAt": "2036-06-03T09:00", "duration": f"PT{26 + number}H"}
            checked(admin.patch(f"/sessions/{id_}", json=edit), 200)
        if number in (0, 2, 4):
            checked(admin.post(f"/sessions/{second(admin, made['id'])}/cancel"), 200)
        if number in (3, 6):
            path = f"/sessions/{second(admin, made['id'])}/removedAt"
            checked(admin.patch(path, json={"removedAt": instant(datetime.fromisoformat(START))}), 200)
        if number == 7:
            checked(admin.patch(f"/sessions/{made['id']}", json={"scheduledAt": "2036-04-06T01:45"}), 200)
    expected = sessions(admin, programId=program)

    fed = admin.get("/calendar.ics", params={"programId": program}).content
    done = imported(stranger, fed)

    assert (done["plans"], done["unchanged"], done["refused"]) == (len(PLANS), 0, [])
    assert sessions(stranger) == expected
    assert len(expected) > 500
    again = imported(stranger, fed)
    assert (again["plans"], again["unchanged"]) == (0, len(PLANS))
    own = imported(admin, fed)
    assert (own["plans"], own["unchanged"]) == (0, len(PLANS))
    assert {str(event["UID"]) for event in calendar(stranger).walk("VEVENT")} >= {
        str(event["UID"]) for event in calendar(admin, programId=program).walk("VEVENT")
    }


@pytest.mark.parametrize("titled", [False, True])
def test_a_plan_that_moved_away_from_a_touched_session_is_fed_and_imported(
    admin: httpx.Client, stranger: httpx.Client, program: str, titled: bool
) -> None:
    body = {"title": "Pilates", "programId": program} | NEW_YORK | {"recurrence": {"rrule": "FREQ=WEEKLY;BYDAY=MO,WE"}}
    made = checked(admin.post("/sessions", json=body), 201)["id"]
    checked(admin.post(f"/sessions/{second(admin, made)}/cancel"), 200)
    if titled:
        checked(admin.patch(f"/sessions/{made}_20360121T183000", json={"title": "Gala"}), 200)
    checked(admin.patch(f"/sessions/{made}", json={"recurringTime": "12:00"}), 200)
    elsewhere = sessions(stranger)

    done = imported(stranger, admin.get("/calendar.ics", params={"programId": program}).content)

    assert done["refused"] == []
    assert sorted((Counter(sessions(stranger)) - Counter(elsewhere)).elements()) == sessions(admin, programId=program)


def test_the_stretches_of_a_plan_come_in_as_one_plan(admin: httpx.Client, stranger: httpx.Client, program: str) -> None:
    body = {"title": "Pilates", "programId": program} | NEW_YORK | {"recurrence": {"rrule": "FREQ=WEEKLY;BYDAY=MO,WE"}}
    made = checked(admin.post("/sessions", json=body), 201)["id"]
    for day, change in (("0303", {"title": "Spring"}), ("0901", {"recurringTime": "12:00"})):
        path = f"/sessions/{made}_2036{day}T183000"
        checked(admin.patch(path, params={"scope": "following"}, json=change), 200)
    elsewhere, fed = sessions(stranger), admin.get("/calendar.ics", params={"programId": program}).content

    done = imported(stranger, fed)

    assert (done["plans"], done["refused"]) == (1, [])
    assert sorted((Counter(sessions(stranger)) - Counter(elsewhere)).elements()) == sessions(admin, programId=program)
    plans = checked(stranger.get("/sessions", params={"view": "plans", "limit": "100"}), 200)["data"]
    [plan] = [one for one in plans if len(one["segments"]) == 3]
    assert [(one["title"], one["from"][5:]) for one in plan["segments"]] == [
        ("Pilates", "01-07T18:30:00"), ("Spring", "03-03T18:30:00"), ("Spring", "09-01T12:00:00"),
    ]  # fmt: skip
    again = imported(stranger, fed)
    assert (again["plans"], again["unchanged"]) == (0, 3)


def test_what_is_called_off_is_so_where_it_is_imported_too(
    admin: httpx.Client, stranger: httpx.Client, program: str
) -> None:
    once = {"title": "Gala", "programId": program} | NEW_YORK | {"scheduledAt": "2036-05-05T20:00"}
    weekly = {"title": "Yoga", "programId": program} | NEW_YORK | {"recurrence": {"rrule": "FREQ=WEEKLY;COUNT=4"}}
    gala, yoga = (checked(admin.post("/sessions", json=body), 201)["id"] for body in (once, weekly))
    off = second(admin, yoga)
    checked(admin.patch(f"/sessions/{off}", json={"title": "Late yoga", "scheduledAt": "2036-06-03T09:00"}), 200)
    for id_ in (gala, off):
        checked(admin.post(f"/sessions/{id_}/cancel"), 200)
    elsewhere, fed = sessions(stranger), admin.get("/calendar.ics", params={"programId": program}).content

    done = imported(stranger, fed)

    assert done["refused"] == []
    come = sorted((Counter(sessions(stranger)) - Counter(elsewhere)).elements())
    assert come == sessions(admin, programId=program)
    assert [title for _, _, title, _, state in come if state == "CANCELLED"] == ["Gala", "Late yoga"]
    listed = checked(stranger.get("/sessions", params={"from": START, "to": END, "state": "CANCELLED"}), 200)["data"]
    [late] = [one for one in listed if one["title"] == "Late yoga"]
    [entry] = checked(stranger.get(f"/sessions/{late['id']}/history"), 200)["data"]
    assert (entry["kind"], entry["outcome"]) == ("cancel", "by_hand")
    assert checked(stranger.post(f"/sessions/{late['id']}/reinstate"), 200)["state"] == "SCHEDULED"


def test_a_session_called_off_before_its_plan_changed_leaves_the_plan_whole(
    admin: httpx.Client, stranger: httpx.Client, program: str
) -> None:
    body = {"title": "Pilates", "programId": program} | NEW_YORK | {"recurrence": {"rrule": "FREQ=WEEKLY;BYDAY=MO,WE"}}
    made = checked(admin.post("/sessions", json=body), 201)["id"]
    checked(admin.post(f"/sessions/{made}_20360121T183000/cancel"), 200)
    following = f"/sessions/{made}_20360116T183000"
    checked(admin.patch(following, params={"scope": "following"}, json={"recurringTime": "12:00"}), 200)
    elsewhere, fed = sessions(stranger), admin.get("/calendar.ics", params={"programId": program}).content

    done = imported(stranger, fed)

    assert (done["plans"], done["refused"]) == (1, [])
    assert sorted((Counter(sessions(stranger)) - Counter(elsewhere)).elements()) == sessions(admin, programId=program)


def test_what_only_looks_like_a_stretch_of_a_plan_is_a_plan_of_its_own(stranger: httpx.Client) -> None:
    uid, lines = f"{uuid4()}@elsewhere", ["BEGIN:VCALENDAR", "VERSION:2.0"]
    for own in (uid, f"{uid}/20360201T180000", f"{uid}/20360202T180000"):
        times = ["DTSTART:20360101T180000Z", "DURATION:PT1H", "RRULE:FREQ=DAILY;COUNT=90"]
        lines += ["BEGIN:VEVENT", f"UID:{own}", *times, "SUMMARY:Mine", "END:VEVENT"]

    done = imported(stranger, "\r\n".join([*lines, "END:VCALENDAR", ""]).encode())

    assert (done["plans"], done["refused"]) == (3, [])


def test_an_edited_and_a_cancelled_session_stand_beside_their_plan(
    admin: httpx.Client, viewer: httpx.Client, make: Make
) -> None:
    space = make("spaces", name="Hall, east")["id"]
    body = {"title": "Pilates", "spaceId": space, "recurrence": {"rrule": "FREQ=WEEKLY"}} | NEW_YORK
    made = checked(admin.post("/sessions", json=body), 201)
    moved = second(admin, made["id"])
    checked(admin.patch(f"/sessions/{moved}", json={"scheduledAt": "2036-01-15T09:00", "title": "Gala"}), 200)
    [third] = checked(
        admin.get("/sessions", params={"seriesId": made["id"], "from": "2036-01-20T00:00:00Z", "to": END, "limit": 1}),
        200,
    )["data"]
    checked(admin.post(f"/sessions/{third['id']}/cancel"), 200)

    found = calendar(viewer, seriesId=made["id"])

    plan, gala, off = found.walk("VEVENT")
    assert {str(event["UID"]) for event in (plan, gala, off)} == {f"{made['id']}@sessionbeat"}
    assert (plan["RRULE"].to_ical(), str(plan["LOCATION"])) == (b"FREQ=WEEKLY", "Hall, east")
    assert (plan["DTSTART"].params["TZID"], plan["DURATION"].dt) == ("America/New_York", timedelta(minutes=50))
    assert gala["RECURRENCE-ID"].dt.replace(tzinfo=None) == datetime(2036, 1, 14, 18, 30)
    assert (str(gala["SUMMARY"]), gala["DTSTART"].dt.hour, gala.get("STATUS")) == ("Gala", 9, None)
    assert (off["STATUS"], off["RECURRENCE-ID"].dt.day) == ("CANCELLED", 21)
    [zone] = found.walk("VTIMEZONE")
    assert zone["TZID"] == "America/New_York"
    assert zone.to_tz().utcoffset(datetime(2036, 7, 1)) == timedelta(hours=-4)


def test_a_session_belongs_to_the_space_that_it_is_in(admin: httpx.Client, make: Make) -> None:
    here, there = make("spaces")["id"], make("spaces")["id"]
    body = {"title": "Pilates", "spaceId": here, "recurrence": {"rrule": "FREQ=WEEKLY"}} | NEW_YORK
    moved = second(admin, checked(admin.post("/sessions", json=body), 201)["id"])
    checked(admin.patch(f"/sessions/{moved}", json={"spaceId": there}), 200)

    [plan] = calendar(admin, spaceId=here).walk("VEVENT")
    [alone] = calendar(admin, spaceId=there).walk("VEVENT")

    assert plan["EXDATE"].dts[0].dt.replace(tzinfo=None) == datetime(2036, 1, 14, 18, 30)
    assert alone["RECURRENCE-ID"].dt == plan["EXDATE"].dts[0].dt
    assert alone["UID"] == plan["UID"]


def test_a_person_is_fed_what_they_give_and_where_they_are_expected(admin: httpx.Client, make: Make) -> None:
    person = make("users")["id"]
    for fields in ({"instructorId": person, "exclusive": []}, {"participants": [person]}, {}):
        checked(admin.post("/sessions", json={"title": f"with {list(fields)}"} | NEW_YORK | fields), 201)

    titles = {str(event["SUMMARY"]) for event in calendar(admin, userId=person).walk("VEVENT")}

    assert titles == {"with ['instructorId', 'exclusive']", "with ['participants']"}


def test_what_is_removed_or_another_tenants_is_not_fed(
    admin: httpx.Client, stranger: httpx.Client, program: str
) -> None:
    body = {"title": "gone", "programId": program} | NEW_YORK
    made = checked(admin.post("/sessions", json=body), 201)
    checked(admin.patch(f"/sessions/{made['id']}/removedAt", json={"removedAt": START}), 200)

    assert calendar(admin, programId=program).walk("VEVENT") == []
    assert calendar(stranger, programId=program).walk("VEVENT") == []


def test_who_has_the_calendar_gets_304_until_it_changes(admin: httpx.Client, program: str) -> None:
    params = {"programId": program}
    first = admin.get("/calendar.ics", params=params)

    same = admin.get("/calendar.ics", params=params, headers={"If-None-Match": first.headers["ETag"]})
    checked(admin.post("/sessions", json={"title": "new", "programId": program} | NEW_YORK), 201)
    other = admin.get("/calendar.ics", params=params, headers={"If-None-Match": first.headers["ETag"]})

    assert (first.status_code, same.status_code, other.status_code) == (200, 304, 200)


@pytest.mark.parametrize("params", [{"spaceId": "hall"}, {"state": "MISSED"}, {"from": START}])
def test_a_filter_that_is_not_known_is_refused_by_name(viewer: httpx.Client, params: dict[str, str]) -> None:
    assert pointers(checked(viewer.get("/calendar.ics", params=params), 422)) == {f"/{name}" for name in params}


def test_an_entry_that_can_not_be_imported_is_listed_and_the_others_come_in(admin: httpx.Client) -> None:
    uid = uuid4().hex
    lines = [
        "BEGIN:VCALENDAR", "VERSION:2.0",
        "BEGIN:VEVENT", f"UID:{uid}", "SUMMARY:good", "DTSTART:20360107T090000Z", "DURATION:PT1H", "END:VEVENT",
        "BEGIN:VEVENT", f"UID:{uid}-2", "SUMMARY:bad", "DTSTART:20360107T090000Z", "END:VEVENT",
        "END:VCALENDAR", "",
    ]  # fmt: skip

    done = imported(admin, "\r\n".join(lines).encode())

    assert (done["plans"], done["sessionsOverridden"], done["unchanged"]) == (1, 0, 0)
    [refused] = done["refused"]
    assert (refused["title"], refused["uid"], refused["line"]) == ("bad", f"{uid}-2", 9)
    assert "DTEND" in refused["reason"]


@pytest.mark.parametrize(
    "content, kind, status, code",
    [
        (b"", "text/calendar", 400, "malformed"),
        (b"BEGIN:VCALENDAR", "text/calendar", 400, "malformed"),
        (b"\xff\xfe", "text/calendar", 400, "malformed"),
        (b"{}", "application/json", 415, "unsupported_media_type"),
        (b"BEGIN:VCALENDAR", None, 415, "unsupported_media_type"),
        (b"x" * (1 << 20) + b"x", "text/calendar", 413, "too_large"),
    ],
)
def test_what_is_no_calendar_is_refused(
    admin: httpx.Client, content: bytes, kind: str | None, status: int, code: str
) -> None:
    answer = admin.post("/calendar-imports", content=content, headers={"Content-Type": kind} if kind else {})

    assert checked(answer, status)["code"] == code


def test_only_an_admin_imports(staff: httpx.Client) -> None:
    answer = staff.post("/calendar-imports", content=b"BEGIN:VCALENDAR", headers={"Content-Type": "text/calendar"})

    assert checked(answer, 403)["code"] == "forbidden"


def test_a_clock_is_told_for_what_lies_within_the_horizon_too(admin: httpx.Client, program: str, now: datetime) -> None:
    body = {"title": "soon", "programId": program, "timeZone": "Europe/Berlin", "scheduledAt": instant(now + DAY),
            "duration": "PT1H"}  # fmt: skip
    checked(admin.post("/sessions", json=body), 201)

    [event] = calendar(admin, programId=program).walk("VEVENT")

    assert event["DTSTART"].dt == (now + DAY)
