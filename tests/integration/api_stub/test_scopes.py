"""A series is edited over real HTTP: this, following, all; looked at first; removed and deleted from a session on."""

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import Any

import httpx
import pytest

from tests.integration.api_stub.conftest import Make, checked, pointers

LOCAL = "%Y-%m-%dT%H:%M:%S"


@pytest.fixture
def start(now: datetime) -> datetime:
    """A wall time in Seoul, a few days ahead, at six in the evening."""
    return (now + timedelta(days=3)).replace(tzinfo=None, hour=18, minute=0, second=0)


@pytest.fixture
def daily(admin: httpx.Client, start: datetime) -> dict[str, Any]:
    """A plan of eight days, 18:00 in Seoul."""
    body = {"title": "Pilates", "scheduledAt": start.strftime(LOCAL), "duration": "PT1H"}
    return checked(admin.post("/sessions", json=body | {"recurrence": {"rrule": "FREQ=DAILY;COUNT=8"}}), 201)


def id_of(plan: dict[str, Any], start: datetime, days: int, hour: int = 18) -> str:
    return f"{plan['id']}_{start.replace(hour=hour) + timedelta(days=days):%Y%m%dT%H%M%S}"


def listed(admin: httpx.Client, plan: dict[str, Any], **more: str) -> list[dict[str, Any]]:
    params = {"seriesId": plan["id"], "limit": "100"} | more
    found: list[dict[str, Any]] = checked(admin.get("/sessions", params=params), 200)["data"]
    return found


def hours(admin: httpx.Client, plan: dict[str, Any]) -> list[int]:
    return [(int(one["scheduledAt"][11:13]) + 9) % 24 for one in listed(admin, plan)]


def test_this_and_following_is_a_new_segment_of_the_same_plan(
    admin: httpx.Client, daily: dict[str, Any], start: datetime
) -> None:
    path = f"/sessions/{id_of(daily, start, 3)}"

    edited = checked(
        admin.patch(path, params={"scope": "following"}, json={"recurringTime": "19:00", "title": "Later"}), 200
    )

    assert (edited["id"], edited["title"], edited["version"]) == (daily["id"], "Later", 2)
    assert [one["title"] for one in edited["segments"]] == ["Pilates", "Later"]
    assert edited["segments"][0]["until"] == edited["segments"][1]["from"]
    assert edited["recurrence"]["rrule"] == "FREQ=DAILY;COUNT=5"
    assert hours(admin, daily) == [18] * 3 + [19] * 5
    assert edited == checked(admin.get(f"/sessions/{daily['id']}"), 200) | {"notes": edited["notes"]}


def test_a_plain_field_of_all_reaches_each_segment_which_keeps_its_own_time(
    admin: httpx.Client, daily: dict[str, Any], start: datetime
) -> None:
    change = {"recurringTime": "19:00", "title": "Later"}
    checked(admin.patch(f"/sessions/{id_of(daily, start, 3)}", params={"scope": "following"}, json=change), 200)

    edited = checked(admin.patch(f"/sessions/{daily['id']}", json={"title": "For all"}), 200)

    assert [one["title"] for one in edited["segments"]] == ["For all", "For all"]
    assert [one["title"] for one in listed(admin, daily)] == ["For all"] * 8
    assert hours(admin, daily) == [18] * 3 + [19] * 5


def test_an_edit_keeps_what_it_does_not_name(admin: httpx.Client, start: datetime, make: Make) -> None:
    body = {"title": "Pilates", "duration": "PT1H", "spaceId": make("spaces")["id"]}
    rule = {"recurrence": {"rrule": "FREQ=DAILY;COUNT=8"}}
    checked(admin.post("/sessions", json=body | {"scheduledAt": f"{start + timedelta(days=5):{LOCAL}}"}), 201)
    skipping = body | rule | {"scheduledAt": f"{start:{LOCAL}}", "onClash": "skip", "syncDtstart": False}
    made = checked(admin.post("/sessions", json=skipping), 201)

    params = {"scope": "following"}
    edited = checked(admin.patch(f"/sessions/{id_of(made, start, 3)}", params=params, json={"title": "Later"}), 200)

    assert "is left out" in made["notes"][0]
    assert (edited["notes"], edited["syncDtstart"]) == (made["notes"], False)
    assert checked(admin.patch(f"/sessions/{made['id']}", json={"syncDtstart": True}), 200)["syncDtstart"] is True


def test_a_plan_that_gives_nothing_any_more_is_answered_with_its_last_segment(
    admin: httpx.Client, daily: dict[str, Any], start: datetime
) -> None:
    path = f"/sessions/{daily['id']}"
    checked(admin.post(f"/sessions/{id_of(daily, start, 0)}/cancel"), 200)

    edited = checked(admin.patch(path, json={"recurrence": None}), 200)

    assert [one["rrule"] for one in edited["segments"]] == [None]
    assert [one["state"] for one in listed(admin, daily)] == ["CANCELLED"]
    assert checked(admin.get(path), 200)["segments"] == edited["segments"]


def test_an_id_that_is_no_more_leads_on_in_every_call(
    admin: httpx.Client, daily: dict[str, Any], start: datetime
) -> None:
    old, new = id_of(daily, start, 4), id_of(daily, start, 4, hour=20)
    checked(admin.patch(f"/sessions/{daily['id']}", json={"recurringTime": "20:00"}), 200)

    found = admin.get(f"/sessions/{old}?expand=space")

    assert checked(found, 308)["code"] == "moved"
    assert found.headers["Location"] == f"/api/v1/sessions/{new}?expand=space"
    assert admin.post(f"/sessions/{old}/cancel").headers["Location"] == f"/api/v1/sessions/{new}/cancel"
    followed = admin.patch(f"/sessions/{old}", json={"title": "Mine"}, follow_redirects=True)
    assert (checked(followed, 200)["id"], followed.json()["title"]) == (new, "Mine")


def test_an_id_whose_date_is_no_more_is_gone(admin: httpx.Client, daily: dict[str, Any], start: datetime) -> None:
    change = {"recurringInterval": 2}
    checked(admin.patch(f"/sessions/{id_of(daily, start, 2)}", params={"scope": "following"}, json=change), 200)

    assert checked(admin.get(f"/sessions/{id_of(daily, start, 3)}"), 410)["code"] == "gone"
    assert checked(admin.get(f"/sessions/{id_of(daily, start, 99)}"), 404)["code"] == "not_found"


def test_a_dry_run_changes_nothing_and_its_token_makes_just_that_change(
    admin: httpx.Client, daily: dict[str, Any], start: datetime
) -> None:
    path, body = f"/sessions/{id_of(daily, start, 3)}", {"recurringTime": "19:00", "recurringCount": 4}
    before = listed(admin, daily)

    looked = checked(admin.patch(path, params={"scope": "following", "dryRun": "true"}, json=body), 200)

    assert listed(admin, daily) == before
    assert checked(admin.get(f"/sessions/{daily['id']}"), 200)["version"] == 1
    assert looked["counts"] == {"added": 0, "moved": 4, "removed": 1, "kept": 0, "clashes": 0}
    assert looked["moved"][0] == {
        "id": id_of(daily, start, 3),
        "newId": id_of(daily, start, 3, hour=19),
        "from": {name: before[3][name] for name in ("scheduledAt", "scheduledEndAt")},
        "to": {
            "scheduledAt": before[3]["scheduledEndAt"],
            "scheduledEndAt": looked["moved"][0]["to"]["scheduledEndAt"],
        },
    }
    assert looked["removed"][0]["id"] == id_of(daily, start, 7)
    applied = admin.patch(path, params={"scope": "following", "token": looked["token"]}, json=body)
    assert checked(applied, 200)["version"] == 2
    assert hours(admin, daily) == [18] * 3 + [19] * 4


@pytest.mark.parametrize("what", ["plan", "session", "body", "scope", "nonsense"])
def test_a_token_of_another_world_is_stale(
    admin: httpx.Client, daily: dict[str, Any], start: datetime, what: str
) -> None:
    path, body, params = f"/sessions/{id_of(daily, start, 3)}", {"title": "New"}, {"scope": "following"}
    token = checked(admin.patch(path, params=params | {"dryRun": "true"}, json=body), 200)["token"]
    match what:
        case "plan":
            checked(admin.patch(f"/sessions/{daily['id']}", json={"description": "x"}), 200)
        case "session":
            checked(admin.patch(f"/sessions/{id_of(daily, start, 5)}", json={"title": "Mine"}), 200)
        case "body":
            body = {"title": "Newer"}
        case "scope":
            params = {"scope": "all"}
        case _:
            token = "nonsense"

    refused = admin.patch(path, params=params | {"token": token}, json=body)

    assert checked(refused, 409)["code"] == "stale"
    assert {one["title"] for one in listed(admin, daily)} <= {"Pilates", "Mine"}


def test_a_dry_run_of_one_session_tells_where_it_goes(
    admin: httpx.Client, daily: dict[str, Any], start: datetime
) -> None:
    id_, body = id_of(daily, start, 3), {"scheduledAt": f"{start + timedelta(days=3, hours=2):{LOCAL}}"}

    looked = checked(admin.patch(f"/sessions/{id_}", params={"dryRun": "true"}, json=body), 200)

    assert (looked["counts"]["moved"], looked["moved"][0]["newId"]) == (1, id_)
    assert hours(admin, daily) == [18] * 8
    checked(admin.patch(f"/sessions/{id_}", params={"token": looked["token"]}, json=body), 200)
    assert hours(admin, daily) == [18] * 3 + [20] + [18] * 4
    assert (
        checked(admin.patch(f"/sessions/{id_}", params={"token": looked["token"]}, json=body), 409)["code"] == "stale"
    )


def test_if_match_on_a_plan_is_its_version_and_every_edit_raises_it(
    admin: httpx.Client, daily: dict[str, Any], start: datetime
) -> None:
    path = f"/sessions/{daily['id']}"
    tag = admin.get(path).headers["ETag"]
    condition = {"If-Match": tag}

    first = admin.patch(path, json={"title": "first"}, headers=condition)
    named = f"/sessions/{id_of(daily, start, 3)}"
    second = admin.patch(named, params={"scope": "following"}, json={"title": "second"}, headers=condition)

    assert first.status_code == 200
    assert checked(second, 412)["code"] == "version_mismatch"
    third = admin.patch(
        named, params={"scope": "following"}, json={"title": "x"}, headers={"If-Match": first.headers["ETag"]}
    )
    assert checked(third, 200)["version"] == 3
    assert admin.delete(f"/sessions/{id_of(daily, start, 5)}").status_code == 204
    assert checked(admin.get(path), 200)["version"] == 4


def test_a_plan_that_was_edited_gives_its_sessions_another_version(
    admin: httpx.Client, daily: dict[str, Any], start: datetime
) -> None:
    path = f"/sessions/{id_of(daily, start, 3)}"
    tag = admin.get(path).headers["ETag"]
    checked(admin.patch(f"/sessions/{daily['id']}", json={"title": "New"}), 200)

    stale = admin.patch(path, json={"title": "Mine"}, headers={"If-Match": tag})

    assert checked(stale, 412)["code"] == "version_mismatch"
    fresh = {"If-Match": admin.get(path).headers["ETag"]}
    assert checked(admin.patch(path, json={"title": "Mine"}, headers=fresh), 200)["title"] == "Mine"


def test_a_clash_of_the_tail_is_a_409_and_changes_nothing(
    admin: httpx.Client, daily: dict[str, Any], start: datetime, make: Make
) -> None:
    space = make("spaces")["id"]
    taken = {"title": "Boxing", "scheduledAt": f"{start + timedelta(days=5):{LOCAL}}", "duration": "PT1H"}
    other = checked(admin.post("/sessions", json=taken | {"spaceId": space}), 201)
    path, params, before = f"/sessions/{id_of(daily, start, 3)}", {"scope": "following"}, listed(admin, daily)

    refused = checked(admin.patch(path, params=params, json={"spaceId": space}), 409)
    looked = checked(admin.patch(path, params=params | {"dryRun": "true"}, json={"spaceId": space}), 200)

    assert (refused["code"], [one["sessionId"][:36] for one in refused["clashes"]]) == ("clash", [other["id"]])
    assert looked["clashes"] == refused["clashes"]
    assert listed(admin, daily) == before
    assert checked(admin.get(f"/sessions/{daily['id']}"), 200)["version"] == 1


@pytest.mark.parametrize("rule", ["FREQ=DAILY;COUNT=8", "FREQ=DAILY"])
@pytest.mark.parametrize("change", [{}, {"recurringTime": "19:00"}])
def test_dates_that_clash_are_left_out_of_an_edit_that_asks_for_it(
    admin: httpx.Client, start: datetime, make: Make, rule: str, change: dict[str, str]
) -> None:
    space, hour = make("spaces")["id"], 19 if change else 18
    body: dict[str, Any] = {"title": "Pilates", "scheduledAt": start.strftime(LOCAL), "duration": "PT1H"}
    plan = checked(admin.post("/sessions", json=body | {"recurrence": {"rrule": rule}}), 201)
    days = (5, 6) if "COUNT" in rule else (5, 6, 300)
    for day in days:
        taken = f"{start.replace(hour=hour) + timedelta(days=day):{LOCAL}}"
        checked(admin.post("/sessions", json=body | {"scheduledAt": taken, "spaceId": space}), 201)
    path, params = f"/sessions/{id_of(plan, start, 3)}", {"scope": "following"}
    edit = change | {"spaceId": space, "onClash": "skip"}

    looked = checked(admin.patch(path, params=params | {"dryRun": "true"}, json=edit), 200)
    edited = checked(admin.patch(path, params=params | {"token": looked["token"]}, json=edit), 200)

    assert len(looked["clashes"]) == len(edited["clashes"]) == looked["counts"]["clashes"] == len(days)
    assert [note[:19] for note in looked["notes"] if "is left out" in note] == [
        f"{start.replace(hour=hour) + timedelta(days=day):{LOCAL}}" for day in days
    ]
    assert edited["notes"] == looked["notes"] == checked(admin.get(f"/sessions/{plan['id']}"), 200)["notes"]
    assert [one["id"] for one in looked["removed"]] == [id_of(plan, start, day) for day in (5, 6)]
    there = [one["id"] for one in listed(admin, plan)][:6]
    assert there == [id_of(plan, start, day, 18 if day < 3 else hour) for day in (0, 1, 2, 3, 4, 7)]
    for day in days:
        assert checked(admin.get(f"/sessions/{id_of(plan, start, day)}"), 410)["code"] == "gone"
    path = f"/sessions/{id_of(plan, start, 3, hour)}"
    again = checked(admin.patch(path, params=params, json={"title": "Later"}), 200)
    assert [one for one in again["notes"] if "left out" in one] == edited["notes"]


def test_an_edit_that_would_leave_out_too_much_is_a_409(
    admin: httpx.Client, daily: dict[str, Any], start: datetime, make: Make
) -> None:
    space = make("spaces")["id"]
    body = {"title": "Boxing", "scheduledAt": f"{start:{LOCAL}}", "duration": "PT1H", "spaceId": space}
    checked(admin.post("/sessions", json=body | {"recurrence": {"rrule": "FREQ=DAILY"}}), 201)
    before = listed(admin, daily)

    for more in ({}, {"recurringCount": 400}):
        change = {"spaceId": space, "onClash": "skip"} | more
        refused = checked(admin.patch(f"/sessions/{daily['id']}", json=change), 409)
        assert refused["code"] == "clash"
        assert ("nothing left" in refused["detail"]) is (not more)
    assert listed(admin, daily) == before


def test_removing_what_follows_ends_the_plan_and_comes_back(admin: httpx.Client, start: datetime, make: Make) -> None:
    space = make("spaces")["id"]
    body = {"title": "Pilates", "scheduledAt": start.strftime(LOCAL), "duration": "PT1H", "spaceId": space}
    plan = checked(admin.post("/sessions", json=body | {"recurrence": {"rrule": "FREQ=DAILY"}}), 201)
    path, params = f"/sessions/{id_of(plan, start, 3)}/removedAt", {"scope": "following"}

    removed = checked(admin.patch(path, params=params, json={"removedAt": f"{start:{LOCAL}}Z"}), 200)
    again = checked(admin.patch(path, params=params, json={"removedAt": f"{start:{LOCAL}}Z"}), 200)

    assert removed["removedAt"] == again["removedAt"] is not None
    assert len(listed(admin, plan)) == 3
    far = checked(admin.get(f"/sessions/{id_of(plan, start, 200)}"), 200)
    assert (far["removedAt"], far["materialized"]) == (removed["removedAt"], False)
    assert checked(admin.get(f"/sessions/{id_of(plan, start, 2)}"), 200)["removedAt"] is None
    other = checked(admin.post("/sessions", json=body | {"scheduledAt": f"{start + timedelta(days=9):{LOCAL}}"}), 201)
    assert checked(admin.patch(path, params=params, json={"removedAt": None}), 409)["code"] == "clash"
    assert len(listed(admin, plan)) == 3
    assert admin.delete(f"/sessions/{other['id']}").status_code == 204
    assert checked(admin.patch(path, params=params, json={"removedAt": None}), 200)["removedAt"] is None
    assert len(listed(admin, plan)) > 50


def test_deleting_what_follows_leaves_ids_that_are_gone(
    admin: httpx.Client, daily: dict[str, Any], start: datetime
) -> None:
    assert admin.delete(f"/sessions/{id_of(daily, start, 3)}", params={"scope": "following"}).status_code == 204

    assert hours(admin, daily) == [18] * 3
    assert checked(admin.get(f"/sessions/{id_of(daily, start, 5)}"), 410)["code"] == "gone"
    assert checked(admin.get(f"/sessions/{daily['id']}"), 200)["recurrence"]["rrule"] == "FREQ=DAILY;COUNT=3"
    assert admin.delete(f"/sessions/{id_of(daily, start, 0)}", params={"scope": "following"}).status_code == 204
    assert checked(admin.get(f"/sessions/{daily['id']}"), 404)["code"] == "not_found"


def test_history_refuses_a_deletion_of_what_follows_unless_forced(
    admin: httpx.Client, daily: dict[str, Any], start: datetime
) -> None:
    checked(admin.post(f"/sessions/{id_of(daily, start, 5)}/start"), 200)
    path, params = f"/sessions/{id_of(daily, start, 3)}", {"scope": "following"}

    assert checked(admin.delete(path, params=params), 409)["code"] == "conflict"
    assert len(listed(admin, daily)) == 8
    assert admin.delete(path, params=params | {"force": "true"}).status_code == 204
    assert len(listed(admin, daily)) == 3


def test_a_one_time_session_is_always_this(admin: httpx.Client, plan: Make) -> None:
    made = plan()

    for scope in ("this", "following", "all"):
        edited = admin.patch(f"/sessions/{made['id']}", params={"scope": scope}, json={"title": scope})
        assert checked(edited, 200)["title"] == scope
    refused = admin.patch(f"/sessions/{made['id']}", json={"recurringByDay": "MO"})
    assert pointers(checked(refused, 422)) == {"/recurringByDay"}


def test_edits_at_once_take_turns(admin: httpx.Client, daily: dict[str, Any], start: datetime) -> None:
    def edit(number: int) -> int:
        path, scope = f"/sessions/{id_of(daily, start, number % 6)}", "following" if number % 2 else "all"
        return admin.patch(path, params={"scope": scope}, json={"title": f"title {number}"}).status_code

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(edit, range(16)))

    assert set(answers) <= {200, 409}, "who waits too long for a turn is told to come again"
    assert checked(admin.get(f"/sessions/{daily['id']}"), 200)["version"] == 1 + answers.count(200)
    assert len(listed(admin, daily)) == 8


def test_a_stranger_and_a_viewer_edit_nothing(
    admin: httpx.Client, stranger: httpx.Client, viewer: httpx.Client, daily: dict[str, Any], start: datetime
) -> None:
    path, params = f"/sessions/{id_of(daily, start, 3)}", {"scope": "following"}

    assert stranger.patch(path, params=params, json={"title": "x"}).status_code == 404
    assert stranger.delete(path, params=params).status_code == 404
    assert viewer.patch(path, params=params, json={"title": "x"}).status_code == 403
    assert {one["title"] for one in listed(admin, daily)} == {"Pilates"}


@pytest.mark.parametrize(
    "change, expected",
    [
        ({"scheduledAt": "2036-01-06T10:00", "scheduledEndAt": "2036-01-10T12:00"}, (6, 10, 10, 12)),
        ({"scheduledEndAt": "2036-01-06T18:00"}, (5, 6, 9, 18)),
        ({"scheduledAt": "2036-01-07T09:00"}, (7, 10, 9, 17)),
    ],
)
def test_an_edited_range_has_a_session_a_day_from_its_start_to_its_end(
    admin: httpx.Client, change: dict[str, str], expected: tuple[int, int, int, int]
) -> None:
    fair = {"type": "ONE_TIME_RANGE", "scheduledAt": "2036-01-05T09:00", "scheduledEndAt": "2036-01-08T17:00"}
    made = checked(admin.post("/sessions", json={"title": "Fair", "timeZone": "UTC"} | fair), 201)
    first, last, begin, end = expected

    edited = checked(admin.patch(f"/sessions/{made['id']}", json=change), 200)

    window = {"seriesId": made["id"], "from": "2036-01-01T00:00:00Z", "to": "2036-02-01T00:00:00Z"}
    days = checked(admin.get("/sessions", params=window), 200)["data"]
    assert [(one["scheduledAt"], one["scheduledEndAt"]) for one in days] == [
        (f"2036-01-{day:02}T{begin:02}:00:00Z", f"2036-01-{day:02}T{end:02}:00:00Z") for day in range(first, last + 1)
    ]
    assert (edited["scheduledAt"], edited["scheduledEndAt"]) == (days[0]["scheduledAt"], days[-1]["scheduledEndAt"])


@pytest.mark.parametrize("change, pointer", [
    ({"recurringIncludeDates": ["2036-01-08T18:30"]}, "/recurringIncludeDates"),
    ({"recurrence": {"rdates": ["2036-01-08T18:30"]}}, "/recurrence/rdates"),
    ({"recurrence": {"rrule": "FREQ=MINUTELY;COUNT=3"}}, "/recurrence/rrule"),
    ({"recurringFrequency": "MINUTELY", "recurringCount": 3}, "/recurringFrequency"),
    ({"duration": "P2D"}, "/duration"),
])  # fmt: skip
def test_sessions_that_an_edit_brings_too_close_are_blamed_on_what_it_names(
    admin: httpx.Client, make: Make, change: dict[str, Any], pointer: str
) -> None:
    body = {"title": "Daily", "scheduledAt": "2036-01-07T18:00", "duration": "PT1H", "recurringFrequency": "DAILY"}
    made = checked(admin.post("/sessions", json=body | {"spaceId": make("spaces")["id"]}), 201)

    refused = checked(admin.patch(f"/sessions/{made['id']}", json=change), 422)

    assert pointers(refused) == {pointer}
