"""Lists, pages, filters, expansion and entity tags."""

import base64
import json
from datetime import datetime, timedelta
from typing import Any

import httpx
import pytest

from tests.integration.api_stub.conftest import Make, checked, instant, pointers


def all_pages(client: httpx.Client, params: dict[str, Any]) -> list[dict[str, Any]]:
    """Every item of a list, page by page, as the Link header leads."""
    items: list[dict[str, Any]] = []
    answer = client.get("/sessions", params=params)
    while True:
        body = checked(answer, 200)
        items += body["data"]
        assert body["hasMore"] is (body["nextCursor"] is not None)
        if not body["hasMore"]:
            assert "next" not in answer.links
            return items
        answer = client.get(
            f"{client.base_url.scheme}://{client.base_url.netloc.decode()}{answer.links['next']['url']}"
        )


@pytest.mark.parametrize("sort", ["scheduledAt", "-scheduledAt"])
def test_pages_give_every_session_once_in_order(
    admin: httpx.Client, plan: Make, make: Make, now: datetime, sort: str
) -> None:
    space = make("spaces")["id"]
    rule = {"recurrence": {"rrule": "FREQ=DAILY"}, "spaceId": space, "exclusive": []}
    for _ in range(3):
        plan(**rule)
    window = {"spaceId": space, "from": instant(now + timedelta(days=50)), "to": instant(now + timedelta(days=70))}

    items = all_pages(admin, window | {"sort": sort, "limit": 7})

    starts = [one["scheduledAt"] for one in items]
    assert (len(items), len({one["id"] for one in items})) == (60, 60)
    assert starts == sorted(starts, reverse=sort.startswith("-"))
    assert {one["materialized"] for one in items} == {True, False}


def test_pages_of_plans_give_every_plan_once(admin: httpx.Client, plan: Make, make: Make) -> None:
    program = make("programs")["id"]
    made = {plan(programId=program, start=timedelta(days=day))["id"] for day in (3, 1, 2, 1)}

    items = all_pages(admin, {"view": "plans", "programId": program, "limit": 2})

    assert len(items) == 4
    assert {one["id"] for one in items} == made
    assert all("recurrence" in one for one in items)


def test_a_cursor_belongs_to_its_filters_and_its_tenant(
    admin: httpx.Client, stranger: httpx.Client, plan: Make, make: Make
) -> None:
    space = make("spaces")["id"]
    plan(spaceId=space, recurrence={"rrule": "FREQ=DAILY"})
    cursor = checked(admin.get("/sessions", params={"spaceId": space, "limit": 1}), 200)["nextCursor"]

    for client, params in ((admin, {"limit": 1}), (stranger, {"spaceId": space, "limit": 1})):
        refused = client.get("/sessions", params=params | {"cursor": cursor})

        assert pointers(checked(refused, 422)) == {"/cursor"}


@pytest.mark.parametrize("sort", ["scheduledAt", "-scheduledAt"])
@pytest.mark.parametrize(
    "part, text, status",
    [
        (0, "9999-12-31T23:59:59+00:00", 422),
        (0, "0001-01-01T00:00:00+00:00", 422),
        (0, "9998-12-31T23:59:59+00:00", 200),
        (0, "0002-01-01T00:00:00+00:00", 200),
        (2, "9998-12-31T23:59:59+00:00", 200),
        (2, "0002-01-01T00:00:00+00:00", 200),
        (2, "9998-12-31T23:59:59-14:00", 422),
        (4, "0002-01-01T00:00:00", 200),
    ],
)
def test_a_forged_cursor_is_refused_or_answered(
    admin: httpx.Client, plan: Make, sort: str, part: int, text: str, status: int
) -> None:
    query = {"seriesId": plan(recurrence={"rrule": "FREQ=DAILY"})["id"], "limit": 1, "sort": sort}
    given = checked(admin.get("/sessions", params=query), 200)["nextCursor"]
    content = json.loads(base64.urlsafe_b64decode(given + "=" * (-len(given) % 4)))
    content[part] = text

    forged = base64.urlsafe_b64encode(json.dumps(content).encode()).decode().rstrip("=")

    assert admin.get("/sessions", params=query | {"cursor": forged}).status_code == status


def test_filters_leave_only_what_they_name(admin: httpx.Client, plan: Make, make: Make) -> None:
    teacher, pupil = make("users", role="instructor")["id"], make("users")["id"]
    kinds = {f"{kind}Id": make(f"{kind}s")["id"] for kind in ("space", "routine", "program", "timeline", "subject")}
    wanted = plan(**kinds, instructorId=teacher, participants=[pupil])["id"]
    plan()

    for name, value in (*kinds.items(), ("userId", teacher), ("userId", pupil), ("seriesId", wanted)):
        found = checked(admin.get("/sessions", params={name: value}), 200)["data"]
        assert [one["id"] for one in found] == [wanted], name

    mine = {"seriesId": wanted}
    for name, value, matches in (("state", "SCHEDULED", 1), ("state", "COMPLETED", 0), ("type", "RECURRING", 0)):
        assert checked(admin.get("/sessions/count", params=mine | {name: value}), 200) == {"count": matches}


def test_the_window_is_by_overlap_and_half_open(admin: httpx.Client, plan: Make, now: datetime) -> None:
    made = plan(start=timedelta(days=5))
    start, end = now + timedelta(days=5), now + timedelta(days=5, hours=1)
    minute = timedelta(minutes=1)

    for from_, to, matches in (
        (start - minute, start, 0),
        (start - minute, start + minute, 1),
        (end - minute, end + minute, 1),
        (end, end + minute, 0),
    ):
        window = {"seriesId": made["id"], "from": instant(from_), "to": instant(to)}
        assert checked(admin.get("/sessions/count", params=window), 200) == {"count": matches}


def test_expanded_parts_stand_beside_their_ids(admin: httpx.Client, plan: Make, make: Make) -> None:
    kinds = {kind: make(f"{kind}s") for kind in ("space", "routine", "program", "timeline", "subject")}
    teacher, pupil = make("users", role="instructor"), make("users")
    ids = {f"{kind}Id": made["id"] for kind, made in kinds.items()}
    made = plan(**ids, instructorId=teacher["id"], participants=[pupil["id"]])
    wanted = {"expand": ",".join([*kinds, "instructor", "participants", "metrics"])}

    one = checked(admin.get(f"/sessions/{made['id']}", params=wanted), 200)
    [listed] = checked(admin.get("/sessions", params=wanted | {"seriesId": made["id"]}), 200)["data"]

    for answer in (one, listed):
        assert {kind: answer[kind] for kind in kinds} == kinds
        assert (answer["instructor"], answer["participants"], answer["metrics"]) == (teacher, [pupil], None)
        assert answer["spaceId"] == kinds["space"]["id"]


def test_who_has_an_answer_gets_304_until_it_changes(admin: httpx.Client, plan: Make) -> None:
    path = f"/sessions/{plan()['id']}"
    listed = {"seriesId": path.rpartition("/")[2]}

    for address, params in ((path, {}), ("/sessions", listed)):
        tag = admin.get(address, params=params).headers["ETag"]
        same = admin.get(address, params=params, headers={"If-None-Match": tag})
        assert (same.status_code, same.content, same.headers["ETag"]) == (304, b"", tag)

    tag = admin.get(path).headers["ETag"]
    assert admin.patch(path, json={"title": "Yoga"}).status_code == 200
    assert admin.get(path, headers={"If-None-Match": tag}).status_code == 200


@pytest.mark.parametrize(
    "params, pointer",
    [
        ({"colour": "red"}, "/colour"),
        ({"from_": "2026-01-01T00:00:00Z"}, "/from_"),
        ({"from": "2026-01-01"}, "/from"),
        ({"from": "2026-01-01T00:00"}, "/from"),
        ({"from": "2026-01-02T00:00:00Z", "to": "2026-01-01T00:00:00Z"}, "/to"),
        ({"from": "2026-01-01T00:00:00Z", "to": "2028-01-01T00:00:00Z"}, "/to"),
        ({"limit": 0}, "/limit"),
        ({"limit": 101}, "/limit"),
        ({"limit": "many"}, "/limit"),
        ({"state": "ASLEEP"}, "/state"),
        ({"type": "never"}, "/type"),
        ({"view": "months"}, "/view"),
        ({"sort": "title"}, "/sort"),
        ({"expand": "space,colour"}, "/expand"),
        ({"spaceId": "room"}, "/spaceId"),
        ({"includeRemoved": "maybe"}, "/includeRemoved"),
        ({"cursor": "made-up"}, "/cursor"),
        ({"view": "plans", "state": "SCHEDULED"}, "/state"),
        ({"view": "plans", "from": "2026-01-01T00:00:00Z"}, "/from"),
        ({"view": "plans", "to": "2026-01-01T00:00:00Z"}, "/to"),
        ({"limit": ["1", "2"]}, "/limit"),
    ],
)
def test_a_parameter_that_is_wrong_or_unknown_is_refused_by_name(
    viewer: httpx.Client, params: dict[str, Any], pointer: str
) -> None:
    problem = checked(viewer.get("/sessions", params=params), 422)

    assert pointers(problem) == {pointer}


def test_an_offset_whose_plus_was_not_escaped_is_understood(viewer: httpx.Client) -> None:
    assert viewer.get("/sessions?from=2026-01-01T00:00:00+09:00&to=2026-01-02T00:00:00+09:00").status_code == 200


@pytest.mark.parametrize(
    "params",
    [
        {"from": "0002-01-01T00:00:00Z"},
        {"from": "0002-01-01T00:00:00Z", "to": "0002-06-01T00:00:00Z"},
        {"from": "9998-06-01T00:00:00Z", "to": "9998-12-31T23:59:59Z"},
        {"from": "9998-12-31T23:59:58Z"},
    ],
)
@pytest.mark.parametrize("sort", ["scheduledAt", "-scheduledAt"])
def test_a_window_at_the_edge_of_the_calendar_is_answered(
    admin: httpx.Client, plan: Make, params: dict[str, str], sort: str
) -> None:
    made = plan(recurrence={"rrule": "FREQ=YEARLY"})
    early = plan(scheduledAt="0002-01-02T00:00:00Z", recurrence={"rrule": "FREQ=DAILY;COUNT=2"})

    for series_id in (made["id"], early["id"]):
        checked(admin.get("/sessions", params=params | {"sort": sort, "seriesId": series_id}), 200)
        checked(admin.get("/sessions/count", params=params | {"seriesId": series_id}), 200)
