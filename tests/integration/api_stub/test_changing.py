"""Editing, removing, deleting; starting, ending, cancelling; attendance and the ledger."""

from datetime import datetime, timedelta
from uuid import uuid4

import httpx
import pytest

from tests.integration.api_stub.conftest import Make, checked, instant, pointers


@pytest.fixture
def series(admin: httpx.Client, plan: Make) -> list[str]:
    """The ids of a plan's first three sessions."""
    made = plan(recurrence={"rrule": "FREQ=DAILY;COUNT=3"})
    return [one["id"] for one in checked(admin.get("/sessions", params={"seriesId": made["id"]}), 200)["data"]]


def test_one_session_moves_and_keeps_its_id(admin: httpx.Client, series: list[str], now: datetime) -> None:
    start = now + timedelta(days=10)

    moved = checked(admin.patch(f"/sessions/{series[1]}", json={"scheduledAt": instant(start), "title": "Moved"}), 200)

    plan_id = series[0].partition("_")[0]
    listed = checked(admin.get("/sessions", params={"seriesId": plan_id}), 200)["data"]
    assert (moved["id"], moved["scheduledAt"], moved["title"]) == (series[1], instant(start), "Moved")
    assert moved["scheduledEndAt"] == instant(start + timedelta(hours=1))
    assert [one["id"] for one in listed] == [series[0], series[2], series[1]]
    assert [one["title"] for one in listed] == ["Pilates", "Pilates", "Moved"]


def test_a_one_time_session_is_edited_by_either_id(admin: httpx.Client, plan: Make, now: datetime) -> None:
    made = plan()
    start = now + timedelta(days=20)

    moved = checked(
        admin.patch(f"/sessions/{made['id']}", json={"scheduledAt": instant(start), "duration": "PT2H"}), 200
    )

    assert (moved["id"], moved["scheduledAt"], moved["duration"]) == (made["id"], instant(start), "PT2H")
    assert moved == checked(admin.get(f"/sessions/{made['id']}"), 200)
    assert moved["version"] == made["version"] + 1


def test_if_match_refuses_an_edit_of_what_somebody_else_edited(admin: httpx.Client, series: list[str]) -> None:
    path = f"/sessions/{series[0]}"
    tag = admin.get(path).headers["ETag"]

    first = admin.patch(path, json={"title": "first"}, headers={"If-Match": tag})
    second = admin.patch(path, json={"title": "second"}, headers={"If-Match": tag})

    assert first.status_code == 200
    assert checked(second, 412)["code"] == "version_mismatch"
    assert checked(admin.get(path), 200)["title"] == "first"
    assert admin.patch(path, json={"title": "third"}, headers={"If-Match": first.headers["ETag"]}).status_code == 200


@pytest.mark.parametrize(
    "condition, status",
    [
        ('"1"', 412), ('"x-y"', 412), ('"0-0a1b", "7-0a1b"', 412), ("x", 412), ("", 412),
        ("*", 200), ("{tag}", 200), ('"7-0a1b", {tag}', 200), ('"x" , {tag},"y"', 200),
    ],
)  # fmt: skip
def test_if_match_lets_an_edit_through_when_one_of_its_tags_matches(
    admin: httpx.Client, series: list[str], condition: str, status: int
) -> None:
    path = f"/sessions/{series[0]}"
    condition = condition.format(tag=admin.get(path).headers["ETag"])

    edited = admin.patch(path, json={"title": "mine"}, headers={"If-Match": condition})

    assert edited.status_code == status
    assert checked(edited, status)["code" if status == 412 else "title"] == (
        "version_mismatch" if status == 412 else "mine"
    )


def test_a_fraction_that_an_edit_cuts_off_is_told(admin: httpx.Client, series: list[str], now: datetime) -> None:
    start = instant(now + timedelta(days=10))

    cut = checked(admin.patch(f"/sessions/{series[0]}", json={"scheduledAt": start.replace("Z", ".5Z")}), 200)
    whole = checked(admin.patch(f"/sessions/{series[0]}", json={"scheduledAt": start.replace("Z", ".0Z")}), 200)

    assert (cut["scheduledAt"], len(cut["notes"]), whole["notes"]) == (start, 1, [])
    assert "cut off" in cut["notes"][0]


def test_moving_into_a_taken_place_is_a_409_and_changes_nothing(admin: httpx.Client, plan: Make, make: Make) -> None:
    space = make("spaces")["id"]
    first, second = plan(spaceId=space), plan(spaceId=space, start=timedelta(days=2))

    refused = admin.patch(f"/sessions/{second['id']}", json={"scheduledAt": first["scheduledAt"]})

    assert checked(refused, 409)["code"] == "clash"
    assert checked(admin.get(f"/sessions/{second['id']}"), 200) == second


@pytest.mark.parametrize(
    "whole, params, body, pointer",
    [
        (True, {"scope": "this"}, {"title": "x"}, "/scope"),
        (True, {"scope": "following"}, {"title": "x"}, "/scope"),
        (True, {}, {"title": None}, "/title"),
        (True, {}, {}, ""),
        (True, {}, {"type": "ONE_TIME"}, "/type"),
        (True, {}, {"recurringByDay": "XX"}, "/recurringByDay"),
        (True, {}, {"recurrence": {"rrule": "FREQ=DAILY;INTERVAL=0"}}, "/recurrence/rrule"),
        (True, {}, {"duration": "PT1H", "recurringDuration": "PT2H"}, "/recurringDuration"),
        (True, {}, {"spaceId": str(uuid4())}, "/spaceId"),
        (True, {}, {"participants": [str(uuid4())]}, "/participants"),
        (True, {}, {"timeZone": "Mars/Olympus"}, "/timeZone"),
        (True, {}, {"recurringCount": 0}, "/recurringCount"),
        (False, {"scope": "following"}, {"scheduledAt": "2020-01-01T00:00:00Z"}, "/scheduledAt"),
        (False, {"dryRun": "true", "token": "x"}, {"title": "x"}, "/token"),
        (False, {}, {"participants": []}, "/participants"),
        (False, {}, {"colour": "red"}, "/colour"),
        (False, {}, {}, ""),
        (False, {}, {"scheduledEndAt": "2020-01-01T00:00:00Z"}, "/scheduledEndAt"),
        (False, {}, {"spaceId": str(uuid4())}, "/spaceId"),
    ],
)
def test_an_edit_that_can_not_be_made_is_refused_by_name(
    admin: httpx.Client, series: list[str], whole: bool, params: dict[str, str], body: dict[str, str], pointer: str
) -> None:
    path = f"/sessions/{series[0].partition('_')[0] if whole else series[0]}"

    assert pointers(checked(admin.patch(path, json=body, params=params), 422)) == {pointer}


def test_removing_again_answers_the_same_and_null_restores(
    admin: httpx.Client, series: list[str], now: datetime
) -> None:
    path = f"/sessions/{series[1]}/removedAt"
    mine = {"seriesId": series[0].partition("_")[0]}

    first = checked(admin.patch(path, json={"removedAt": instant(now)}), 200)
    again = checked(admin.patch(path, json={"removedAt": instant(now)}), 200)
    without = checked(admin.get("/sessions/count", params=mine), 200)
    with_removed = checked(admin.get("/sessions/count", params=mine | {"includeRemoved": "true"}), 200)
    restored = checked(admin.patch(path, json={"removedAt": None}), 200)

    assert (first["removedAt"] is not None, first["notes"]) == (True, [])
    assert first == again
    assert (without, with_removed) == ({"count": 2}, {"count": 3})
    assert restored["removedAt"] is None
    assert checked(admin.get("/sessions/count", params=mine), 200) == {"count": 3}


@pytest.mark.parametrize("body", [{}, {"removedAt": "2026-01-01T00:00"}, {"removedAt": "now"}, {"removedAt": True}])
def test_a_removal_says_when_or_null(admin: httpx.Client, series: list[str], body: dict[str, object]) -> None:
    refused = admin.patch(f"/sessions/{series[0]}/removedAt", json=body)

    assert pointers(checked(refused, 422)) == {"/removedAt"}
    assert checked(admin.get(f"/sessions/{series[0]}"), 200)["removedAt"] is None


@pytest.mark.parametrize("away", [timedelta(days=-30), timedelta(minutes=-2), timedelta(minutes=5), timedelta(days=30)])
def test_a_removal_at_another_time_is_one_now_and_says_so(
    admin: httpx.Client, series: list[str], now: datetime, away: timedelta
) -> None:
    removed = checked(admin.patch(f"/sessions/{series[0]}/removedAt", json={"removedAt": instant(now + away)}), 200)

    assert removed["removedAt"] >= instant(now)[:-1]
    assert [note for note in removed["notes"] if instant(now + away) in note] == removed["notes"] != []


def test_removing_a_plan_takes_its_sessions_and_frees_its_place(
    admin: httpx.Client, plan: Make, make: Make, now: datetime
) -> None:
    space = make("spaces")["id"]
    made = plan(spaceId=space, recurrence={"rrule": "FREQ=DAILY"})

    removed = checked(admin.patch(f"/sessions/{made['id']}/removedAt", json={"removedAt": instant(now)}), 200)

    assert removed["removedAt"] is not None
    assert checked(admin.get("/sessions/count", params={"seriesId": made["id"]}), 200) == {"count": 0}
    plan(spaceId=space)
    taken = admin.patch(f"/sessions/{made['id']}/removedAt", json={"removedAt": None})
    assert checked(taken, 409)["code"] == "clash"


def test_many_are_removed_at_once_each_with_its_outcome(admin: httpx.Client, series: list[str], plan: Make) -> None:
    whole, unknown = plan()["id"], str(uuid4())

    answer = admin.patch("/sessions/removedAt", json={"ids": [series[0], whole, unknown, "nonsense", series[0]]})

    outcomes = checked(answer, 200)["data"]
    assert [(one["id"], one["code"]) for one in outcomes] == [
        (series[0], None), (whole, None), (unknown, "not_found"), ("nonsense", "not_found"),
    ]  # fmt: skip
    assert [one["removedAt"] is not None for one in outcomes] == [True, True, False, False]
    assert checked(admin.get(f"/sessions/{series[0]}"), 200)["removedAt"] == outcomes[0]["removedAt"]


@pytest.mark.parametrize("ids", [[], ["x"] * 1001, "x", [1]])
def test_a_list_that_is_empty_or_too_long_is_refused(admin: httpx.Client, ids: object) -> None:
    assert checked(admin.patch("/sessions/removedAt", json={"ids": ids}), 422)["code"] == "invalid_field"


def test_a_deleted_session_is_gone_and_stays_gone(admin: httpx.Client, series: list[str]) -> None:
    plan_id = series[0].partition("_")[0]

    deleted = admin.delete(f"/sessions/{series[1]}")

    listed = checked(admin.get("/sessions", params={"seriesId": plan_id, "includeRemoved": "true"}), 200)["data"]
    assert (deleted.status_code, deleted.content) == (204, b"")
    assert [one["id"] for one in listed] == [series[0], series[2]]
    assert checked(admin.get(f"/sessions/{series[1]}"), 404)["code"] == "not_found"
    assert admin.delete(f"/sessions/{series[1]}").status_code == 404
    assert admin.delete(f"/sessions/{plan_id}").status_code == 204
    assert admin.get(f"/sessions/{plan_id}").status_code == 404


def test_a_plan_whose_every_session_is_deleted_can_still_be_read_and_deleted(
    admin: httpx.Client, series: list[str]
) -> None:
    plan_id = series[0].partition("_")[0]

    deleted = [admin.delete(f"/sessions/{id_}").status_code for id_ in series]

    assert deleted == [204, 204, 204]
    assert checked(admin.get(f"/sessions/{plan_id}"), 200)["id"] == plan_id
    assert (
        checked(admin.get("/sessions", params={"view": "plans", "seriesId": plan_id}), 200)["data"][0]["id"] == plan_id
    )
    assert admin.delete(f"/sessions/{plan_id}").status_code == 204


def test_history_is_deleted_only_by_force(admin: httpx.Client, staff: httpx.Client, plan: Make) -> None:
    path = f"/sessions/{plan()['id']}"
    staff.post(f"{path}/start")

    refused = admin.delete(path)

    assert checked(refused, 409)["code"] == "conflict"
    assert admin.delete(path, params={"force": "true"}).status_code == 204


def test_a_session_goes_its_way_by_hand_and_the_ledger_tells(staff: httpx.Client, plan: Make, make: Make) -> None:
    pupil, guest = make("users")["id"], make("users")["id"]
    path = f"/sessions/{plan(participants=[pupil])['id']}"

    started = checked(staff.post(f"{path}/start"), 200)
    again = checked(staff.post(f"{path}/start", json={}), 409)
    mark = checked(staff.put(f"{path}/attendance/{guest}", json={"mark": "LATE"}), 200)
    people = checked(staff.get(f"{path}/attendance"), 200)["data"]
    ended = checked(staff.post(f"{path}/end"), 200)
    ledger = checked(staff.get(f"{path}/history"), 200)["data"]

    assert (started["state"], again["code"], ended["state"]) == ("IN_PROGRESS", "conflict", "COMPLETED")
    assert started["startedAt"] is not None
    assert (mark["userId"], mark["status"]) == (guest, "LATE")
    assert {one["userId"]: one["status"] for one in people} == {pupil: "EXPECTED", guest: "LATE"}
    assert [(one["kind"], one["outcome"]) for one in ledger] == [("start", "by_hand"), ("end", "by_hand")]
    assert ledger[0]["effectiveAt"] == started["startedAt"]


def test_a_cancelled_session_frees_its_place_and_can_not_start(staff: httpx.Client, plan: Make, make: Make) -> None:
    space = make("spaces")["id"]
    made = plan(spaceId=space)

    cancelled = checked(staff.post(f"/sessions/{made['id']}/cancel"), 200)

    assert cancelled["state"] == "CANCELLED"
    assert checked(staff.post(f"/sessions/{made['id']}/start"), 409)["code"] == "conflict"
    plan(spaceId=space)


def test_what_needs_one_session_refuses_a_plan_of_many(staff: httpx.Client, series: list[str]) -> None:
    path = f"/sessions/{series[0].partition('_')[0]}"

    assert checked(staff.post(f"{path}/start"), 409)["code"] == "conflict"
    assert checked(staff.get(f"{path}/history"), 409)["code"] == "conflict"


def test_a_mark_needs_a_known_word_and_a_known_person(staff: httpx.Client, plan: Make, make: Make) -> None:
    path = f"/sessions/{plan()['id']}"
    staff.post(f"{path}/start")

    assert pointers(checked(staff.put(f"{path}/attendance/{make('users')['id']}", json={"status": "MAYBE"}), 422)) == {
        "/status"
    }
    assert staff.put(f"{path}/attendance/{uuid4()}", json={"status": "PRESENT"}).status_code == 404
    assert staff.put(f"{path}/attendance/nobody", json={"status": "PRESENT"}).status_code == 404
    session_id = f"{make('users')['id']}_20260101T000000"
    assert staff.put(f"{path}/attendance/{session_id}", json={"status": "PRESENT"}).status_code == 404
