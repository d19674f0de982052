"""What changed since a cursor: nothing is missed, whatever commits when."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
from sqlalchemy import Engine, select, update
from sqlalchemy.orm import Session as Tx

from api_stub import cursor
from db import due
from db import engine as database
from db.models import LedgerBatch, Series, Session
from lifecycle import Step
from services import changes, transition
from tests.integration.api_stub.conftest import Make, checked, pointers

BATCH = 100

Seen = Callable[[], list[tuple[str, str]]]


@pytest.fixture
def since(viewer: httpx.Client) -> Seen:
    """What changed since the last call (id, kind), page by page; the first call asks from now on."""
    place = {"cursor": checked(viewer.get("/sessions/changes", params={"latest": "true"}), 200)["nextCursor"]}

    def seen() -> list[tuple[str, str]]:
        found: list[dict[str, Any]] = []
        more = True
        while more:
            page = checked(viewer.get("/sessions/changes", params={"limit": 2, **place}), 200)
            place["cursor"], more = page["nextCursor"], page["hasMore"]
            found += page["data"]
        return [(one["id"], one["kind"]) for one in found]

    return seen


def test_every_call_that_changes_something_is_told_in_order(
    admin: httpx.Client, staff: httpx.Client, plan: Make, make: Make, since: Seen
) -> None:
    made = plan()
    path, person = f"/sessions/{made['id']}", make("users")["id"]
    done = [
        admin.patch(path, json={"title": "Yoga"}),
        staff.post(f"{path}/start"),
        staff.put(f"{path}/attendance/{person}", json={"status": "PRESENT"}),
        staff.post(f"{path}/end"),
        admin.patch(f"{path}/removedAt", json={"removedAt": made["scheduledAt"]}),
        admin.patch(f"{path}/removedAt", json={"removedAt": None}),
        admin.delete(path, params={"force": "true"}),
    ]

    assert [answer.status_code for answer in done] == [200, 200, 200, 200, 200, 200, 204]
    kinds = ["create", "edit", "start", "mark", "end", "remove", "restore", "delete"]
    assert since() == [(made["id"], kind) for kind in kinds]
    assert since() == []


@pytest.mark.parametrize("scope", ["following", "all"])
def test_what_reaches_beyond_the_session_named_is_told_of_its_plan(
    admin: httpx.Client, plan: Make, since: Seen, scope: str
) -> None:
    made = plan(recurringFrequency="DAILY", recurringCount=5)
    listed = checked(admin.get("/sessions", params={"seriesId": made["id"], "to": made["materializedUntil"]}), 200)
    path, params = f"/sessions/{listed['data'][2]['id']}", {"scope": scope}
    since()

    checked(admin.patch(path, params=params, json={"title": "Yoga"}), 200)
    checked(admin.patch(f"{path}/removedAt", params=params, json={"removedAt": made["scheduledAt"]}), 200)
    checked(admin.patch(f"{path}/removedAt", params=params, json={"removedAt": None}), 200)
    assert admin.delete(path, params=params).status_code == 204

    assert since() == [(made["id"], kind) for kind in ("edit", "remove", "restore", "delete")]


def test_plans_of_an_imported_calendar_are_told(admin: httpx.Client, since: Seen) -> None:
    since()
    entry = (
        f"BEGIN:VEVENT\r\nUID:{uuid4()}\r\nDTSTART:20300101T090000Z\r\nDURATION:PT1H\r\nSUMMARY:Choir\r\nEND:VEVENT\r\n"
    )
    sent = f"BEGIN:VCALENDAR\r\nVERSION:2.0\r\n{entry}END:VCALENDAR\r\n"
    headers = {"Content-Type": "text/calendar"}

    checked(admin.post("/calendar-imports", content=sent, headers=headers), 200)
    told = since()

    assert [kind for _, kind in told] == ["create"]
    assert checked(admin.get(f"/sessions/{told[0][0]}"), 200)["title"] == "Choir"
    assert checked(admin.post("/calendar-imports", content=sent, headers=headers), 200)["unchanged"] == 1
    assert since() == []


def test_looks_and_refusals_are_no_changes(admin: httpx.Client, viewer: httpx.Client, plan: Make, since: Seen) -> None:
    made = plan()
    assert since() == [(made["id"], "create")]
    path = f"/sessions/{made['id']}"

    viewer.get(path)
    assert viewer.delete(path).status_code == 403
    assert admin.patch(path, json={"title": ""}).status_code == 422
    assert admin.post(f"{path}/end").status_code == 409

    assert since() == []


def test_of_a_bulk_removal_each_id_is_told(admin: httpx.Client, plan: Make, since: Seen) -> None:
    one, other = plan(), plan()
    since()

    checked(admin.patch("/sessions/removedAt", json={"ids": [one["id"], str(uuid4()), other["id"]]}), 200)

    assert sorted(since()) == sorted([(one["id"], "remove"), (other["id"], "remove")])


def test_a_replayed_post_is_told_once(admin: httpx.Client, since: Seen) -> None:
    body = {"title": "x", "scheduledAt": "2030-01-07T18:00:00Z", "duration": "PT1H"}
    headers = {"Idempotency-Key": uuid4().hex}

    answers = [checked(admin.post("/sessions", json=body, headers=headers), 201) for _ in range(2)]

    assert since() == [(answers[0]["id"], "create")]


def test_transitions_of_the_system_are_told(
    viewer: httpx.Client, module_engine: Engine, plan: Make, since: Seen
) -> None:
    made = plan(recurrence={"rrule": "FREQ=DAILY;COUNT=3"})
    since()
    begin_all(module_engine, made["id"])

    moved = transition.drain(module_engine, Step.START, BATCH)

    found = since()
    assert moved["start"] == len(found) == 3
    assert {kind for _, kind in found} == {"start"}
    assert all(checked(viewer.get(f"/sessions/{id_}"), 200)["sessionId"] == made["id"] for id_, _ in found)
    entries = checked(viewer.get("/sessions/changes", params={"limit": 100}), 200)["data"]
    of_system = [one for one in entries if one["id"] in dict(found) and one["kind"] == "start"]
    assert {(one["actor"], one["sessionId"]) for one in of_system} == {("system", made["id"])}


def begin_all(engine: Engine, plan_id: str) -> None:
    """Let every session of a plan have been due a moment ago."""
    with database.transaction(engine) as (tx, now):
        of_plan = update(Session).where(Session.series_id == plan_id)
        at = now - timedelta(seconds=1)
        tx.execute(of_plan.values(starts_at=at, next_due_at=at, ends_at=now + timedelta(hours=1)))


def test_a_change_that_commits_late_is_not_missed(module_engine: Engine, plan: Make, since: Seen) -> None:
    late = plan()
    since()
    with database.transaction(module_engine) as (tx, _):
        changes.note(tx, tenant_of(tx, late["id"]), "somebody", "sessions", [("edit", late["id"])])
        quick = plan()
        meanwhile = since()

    found = since()

    assert meanwhile == []
    assert found == [(late["id"], "edit"), (quick["id"], "create")]


def test_a_transition_that_commits_late_is_not_missed(module_engine: Engine, plan: Make, since: Seen) -> None:
    late, quick = plan(), plan()
    since()
    begin_all(module_engine, late["id"])
    with database.transaction(module_engine) as (tx, now):
        assert due.apply(tx, Step.START, now, BATCH)
        begin_all(module_engine, quick["id"])
        transition.drain(module_engine, Step.START, BATCH)
        meanwhile = since()

    found = since()

    assert meanwhile == []
    assert [(id_.partition("_")[0], kind) for id_, kind in found] == [(late["id"], "start"), (quick["id"], "start")]


def tenant_of(tx: Tx, series_id: str) -> UUID:
    """Whose plan it is."""
    return tx.scalars(select(Series.tenant_id).where(Series.id == UUID(series_id))).one()


def test_another_tenant_is_told_nothing_of_it(
    stranger: httpx.Client, module_engine: Engine, plan: Make, since: Seen
) -> None:
    start = {"cursor": checked(stranger.get("/sessions/changes", params={"latest": "true"}), 200)["nextCursor"]}
    begin_all(module_engine, plan()["id"])
    transition.drain(module_engine, Step.START, BATCH)
    assert len(since()) == 2

    page = checked(stranger.get("/sessions/changes", params=start), 200)

    assert (page["data"], page["hasMore"]) == ([], False)


def test_without_a_cursor_it_begins_with_the_oldest_that_is_kept(viewer: httpx.Client, plan: Make) -> None:
    made = plan()
    page = checked(viewer.get("/sessions/changes", params={"limit": 1}), 200)
    seen = page["data"]

    while page["hasMore"]:
        page = checked(viewer.get("/sessions/changes", params={"cursor": page["nextCursor"], "limit": 100}), 200)
        seen += page["data"]

    assert len({str(one) for one in seen}) == len(seen)
    assert seen[-1]["id"] == made["id"]


def test_more_than_one_page_may_cost_is_told_on_the_next(
    monkeypatch: pytest.MonkeyPatch, module_engine: Engine, plan: Make
) -> None:
    monkeypatch.setattr(changes, "MOST_BATCHES", 3)
    monkeypatch.setattr(changes, "MOST_SESSIONS", 1)
    made = [plan() for _ in range(5)]
    with database.transaction(module_engine) as (tx, _):
        tenant_id, place = tenant_of(tx, made[0]["id"]), changes.latest(tx)
    for one in made:
        begin_all(module_engine, one["id"])
        transition.drain(module_engine, Step.START, BATCH)
    seen: list[str] = []
    has_more = True

    while has_more:
        with database.transaction(module_engine, tenant_id) as (tx, _):
            page = changes.since(tx, tenant_id, place, 10)
        assert page.next > place
        place, has_more = page.next, page.has_more
        seen += [one.subject.partition("_")[0] for one in page.items]

    assert seen == [one["id"] for one in made]


@pytest.mark.parametrize(
    "text", ["", "x", "é", "WyJhIl0", "x" * 1000, "WzEsMiwzLDQsNSw2XQ"], ids=lambda text: text[:8] or "empty"
)
def test_a_cursor_that_was_made_up_is_refused(viewer: httpx.Client, text: str) -> None:
    answer = checked(viewer.get("/sessions/changes", params={"cursor": text}), 422)

    assert pointers(answer) == {"/cursor"}


@pytest.mark.parametrize(
    "parts",
    [
        ("-1", "", "", "0"),
        ("x", "", "", "0"),
        ("1", "", "", str(2**63)),
        ("9223372036854775806", "", "", "0"),
        ("1", "x", "2026-01-05T18:00:00", "1"),
        ("1", "0198c0de-0000-7000-8000-000000000001", "", "1"),
        ("1", "0198c0de-0000-7000-8000-000000000001", "2026-01-05T18:00:00Z", "1"),
    ],
    ids=str,
)
def test_a_cursor_whose_place_is_none_is_refused(
    viewer: httpx.Client, module_engine: Engine, now: datetime, plan: Make, parts: tuple[str, ...]
) -> None:
    with database.transaction(module_engine) as (tx, _):
        binding = cursor.bind(tenant_of(tx, plan()["id"]), ("changes",))
    text = cursor.write(cursor.Cursor(now=now, position=parts), binding)

    answer = checked(viewer.get("/sessions/changes", params={"cursor": text}), 422)

    assert pointers(answer) == {"/cursor"}


def test_a_cursor_of_another_tenant_or_another_list_is_refused(
    viewer: httpx.Client, stranger: httpx.Client, plan: Make
) -> None:
    theirs = checked(stranger.get("/sessions/changes", params={"latest": "true"}), 200)["nextCursor"]
    plan(recurrence={"rrule": "FREQ=DAILY;COUNT=3"})
    lists = checked(viewer.get("/sessions", params={"limit": 1}), 200)["nextCursor"]

    for text in (theirs, lists):
        assert pointers(checked(viewer.get("/sessions/changes", params={"cursor": text}), 422)) == {"/cursor"}


def test_a_cursor_of_long_ago_is_gone(viewer: httpx.Client, module_engine: Engine, now: datetime, plan: Make) -> None:
    with database.transaction(module_engine) as (tx, _):
        binding = cursor.bind(tenant_of(tx, plan()["id"]), ("changes",))
    place = ("1", "", "", "1")
    old = cursor.write(cursor.Cursor(now=now - changes.KEPT - timedelta(minutes=1), position=place), binding)

    answer = checked(viewer.get("/sessions/changes", params={"cursor": old}), 410)

    assert answer["code"] == "cursor_expired"


def test_batches_that_no_cursor_can_be_for_are_forgotten(module_engine: Engine) -> None:
    with database.transaction(module_engine) as (tx, now):
        for days in (29, 32):
            tx.add(LedgerBatch(transaction_id=days, applied_at=now - timedelta(days=days), sessions=1))

    with database.transaction(module_engine) as (tx, now):
        changes.forget(tx, now)

        kept = set(tx.scalars(select(LedgerBatch.transaction_id).where(LedgerBatch.transaction_id < 100)))
    assert kept == {29}
