"""A tenant tries every call with another's ids, in every place for an id: nothing is found, and nothing changes."""

import re
from collections.abc import Callable, Iterator
from types import MappingProxyType
from typing import Any, NamedTuple, get_type_hints
from uuid import UUID, uuid4

import httpx
import pytest
from flask_openapi3.openapi import OpenAPI
from sqlalchemy import Engine, text

from api_stub import door
from api_stub.app import create_app
from api_stub.filters import CountQuery
from api_stub.plan_body import PlanBody
from config.settings import Settings
from db.models import Base, Tenant
from tests.fields import REFERRED
from tests.integration.api_stub.conftest import Make, checked, pointers

PREFIX = "/api/v1"
BODIES = MappingProxyType(
    {
        "correct_session": {"state": "COMPLETED"},
        "enrol_person": {},
        "pause_plan": {"from": "2030-01-01", "until": "2030-01-02"},
        "resume_plan": {"from": "2030-01-01", "until": "2030-01-02"},
        "create": {"name": "mine"},
        "update": {"name": "mine"},
        "edit_session": {"title": "mine"},
        "remove_session": {"removedAt": "2026-01-01T00:00:00Z"},
        "mark_attendance": {"status": "PRESENT"},
        "check_in": {"userId": str(UUID(int=1))},
        "check_out": {"userId": str(UUID(int=1))},
        "tell_progress": {"done": []},
    }
)
"""A body that a call would take, by the call's name; none where it is not here."""

KINDS = REFERRED | {"userId": "users"}


class Theirs(NamedTuple):
    """What the other tenant has: a plan, a session of it, an id of each kind."""

    plan: str
    session: str
    ids: dict[str, str]


@pytest.fixture
def theirs(admin: httpx.Client, plan: Make, make: Make) -> Theirs:
    """A plan that refers to one of each kind, and these."""
    ids = {kind: make(kind)["id"] for kind in set(KINDS.values())}
    made = plan(
        spaceId=ids["spaces"],
        instructorId=ids["users"],
        participants=[ids["users"]],
        routineId=ids["routines"],
        recurrence={"rrule": "FREQ=DAILY;COUNT=3"},
    )
    first = checked(admin.get("/sessions", params={"seriesId": made["id"]}), 200)["data"][0]
    key = checked(admin.post("/keys", json={"role": "viewer"}), 201)
    rows = {"rows": [{"sessionId": first["id"], "userId": ids["users"], "status": "EXCUSED"}]}
    marks = checked(admin.post("/attendance-imports", json=rows), 202)
    return Theirs(made["id"], first["id"], ids | {"keys": key["id"], "attendance": marks["id"]})


@pytest.fixture
def contents(module_engine: Engine) -> Callable[[], dict[str, str]]:
    """A digest of all rows of the first tenant, table by table; but for when its keys were used."""

    def digests() -> dict[str, str]:
        with module_engine.connect() as connection:
            studio = connection.scalar(text("SELECT id FROM tenant WHERE name = 'studio'"))
            return {
                table.name: str(
                    connection.scalar(
                        text(f"""
                            SELECT md5(string_agg(to_jsonb(t)::text, ',' ORDER BY to_jsonb(t)::text))
                            FROM {table.name} t WHERE tenant_id = :studio
                        """),
                        {"studio": studio},
                    )
                )
                for table in Base.metadata.sorted_tables
                if "tenant_id" in table.c and table.name not in ("api_key", Tenant.__tablename__)
            }

    return digests


@pytest.fixture
def app(module_database_url: str) -> Iterator[OpenAPI]:
    """The app, to be asked for its calls."""
    app = create_app(Settings(database_url=module_database_url))
    yield app
    app.extensions[door.NAME].engine.dispose()


def test_no_call_finds_anothers_id_in_its_path(
    app: OpenAPI, stranger: httpx.Client, theirs: Theirs, contents: Callable[[], dict[str, str]]
) -> None:
    before = contents()
    own = checked(stranger.post("/users", json={"name": "x", "email": f"{uuid4().hex}@example.org"}), 201)["id"]
    tried = 0
    for rule in app.url_map.iter_rules():
        if not rule.rule.startswith(PREFIX) or not rule.arguments:
            continue
        kind, _, verb = rule.endpoint.partition(".")
        for id_ in (theirs.plan, theirs.session) if kind == "sessions" else (theirs.ids[kind],):
            path = re.sub(
                r"<userId>", own, rule.rule.removeprefix(PREFIX).replace("<session:id>", id_).replace("<id>", id_)
            )
            for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}:
                answer = stranger.request(method, path, json=BODIES.get(verb), headers={"If-Match": "*"})

                assert checked(answer, 404)["code"] == "not_found", (method, path)
                tried += 1

    assert tried > 30
    assert contents() == before


def test_restoring_and_forced_deletion_find_it_neither(
    stranger: httpx.Client, theirs: Theirs, contents: Callable[[], dict[str, str]]
) -> None:
    before = contents()
    for id_ in (theirs.plan, theirs.session):
        restored = stranger.patch(f"/sessions/{id_}/removedAt", json={"removedAt": None})
        forced = [
            stranger.delete(f"/sessions/{id_}", params={"force": "true", "scope": scope}) for scope in ("this", "all")
        ]

        assert {answer.status_code for answer in (restored, *forced)} <= {404, 422}
    bulk = checked(stranger.patch("/sessions/removedAt", json={"ids": [theirs.plan, theirs.session]}), 200)["data"]

    assert [one["code"] for one in bulk] == ["not_found", "not_found"]
    assert contents() == before


def id_fields(model: type[Any]) -> list[str]:
    """The fields of a body or query, as the wire spells them, that take ids."""
    hints = get_type_hints(model)
    return [field.alias or name for name, field in model.model_fields.items() if "UUID" in str(hints[name])]


@pytest.mark.parametrize("field", id_fields(PlanBody))
def test_a_plan_refers_to_nothing_of_anothers(
    stranger: httpx.Client, theirs: Theirs, contents: Callable[[], dict[str, str]], field: str
) -> None:
    before = contents()
    id_ = theirs.ids[KINDS[field]]
    body = {"title": "x", "scheduledAt": "2030-01-07T18:00:00Z", "duration": "PT1H"}
    body[field] = [id_] if field == "participants" else id_  # type: ignore[assignment]

    answer = checked(stranger.post("/sessions", json=body), 422)

    assert pointers(answer) == {f"/{field}"}
    assert contents() == before


@pytest.mark.parametrize("field", ["spaceId", "instructorId"])
def test_an_edit_refers_to_nothing_of_anothers(
    stranger: httpx.Client, theirs: Theirs, contents: Callable[[], dict[str, str]], field: str
) -> None:
    before = contents()
    body = {"title": "x", "scheduledAt": "2030-01-07T18:00:00Z", "duration": "PT1H"}
    mine = checked(stranger.post("/sessions", json=body), 201)["id"]

    answer = checked(stranger.patch(f"/sessions/{mine}", json={field: theirs.ids[KINDS[field]]}), 422)

    assert pointers(answer) == {f"/{field}"}
    assert contents() == before


def test_a_mark_is_for_nobody_of_anothers(
    stranger: httpx.Client, theirs: Theirs, contents: Callable[[], dict[str, str]]
) -> None:
    before = contents()
    body = {"title": "x", "scheduledAt": "2030-01-07T18:00:00Z", "duration": "PT1H"}
    mine = checked(stranger.post("/sessions", json=body), 201)["id"]

    answer = stranger.put(f"/sessions/{mine}/attendance/{theirs.ids['users']}", json={"status": "EXCUSED"})

    assert checked(answer, 404)["code"] == "not_found"
    assert contents() == before


@pytest.mark.parametrize("field", id_fields(CountQuery))
def test_a_filter_by_anothers_id_finds_what_a_filter_by_nobodys_does(
    stranger: httpx.Client, theirs: Theirs, field: str
) -> None:
    id_ = theirs.plan if field == "seriesId" else theirs.ids[KINDS[field]]
    for path, empty in (("/sessions", []), ("/sessions/count", 0)):
        for view in ({}, {"includeRemoved": "true"}):
            found = checked(stranger.get(path, params={field: id_, **view}), 200)

            assert found == checked(stranger.get(path, params={field: str(UUID(int=7)), **view}), 200)
            assert next(iter(found.values())) == empty


@pytest.mark.parametrize(
    "path, more",
    [("/sessions", {}), ("/sessions", {"view": "plans"}), ("/sessions/changes", {}), ("/spaces", {}), ("/keys", {})],
)
def test_anothers_cursor_is_refused(
    admin: httpx.Client, stranger: httpx.Client, make: Make, plan: Make, path: str, more: dict[str, str]
) -> None:
    for _ in range(2):
        plan()
        make("spaces")
        checked(admin.post("/keys", json={"role": "viewer"}), 201)
    cursor = checked(admin.get(path, params={"limit": 1, **more}), 200)["nextCursor"]

    answer = checked(stranger.get(path, params={"cursor": cursor, **more}), 422)

    assert cursor
    assert pointers(answer) == {"/cursor"}


def conditional(client: httpx.Client, id_: str, tag: str) -> list[httpx.Response]:
    """Every change of a session, on condition of a tag."""
    headers, path = {"If-Match": tag}, f"/sessions/{id_}"
    return [
        client.patch(path, json={"title": "mine"}, headers=headers),
        client.patch(f"{path}/removedAt", json={"removedAt": "2026-01-01T00:00:00Z"}, headers=headers),
        client.patch(f"{path}/removedAt", json={"removedAt": None}, headers=headers),
        *(client.post(f"{path}/{verb}", headers=headers) for verb in ("start", "end", "cancel")),
        client.delete(path, headers=headers),
    ]


def test_a_tag_that_is_old_made_up_or_anothers_changes_nothing(
    admin: httpx.Client, stranger: httpx.Client, plan: Make, contents: Callable[[], dict[str, str]]
) -> None:
    mine = plan()["id"]
    old = admin.get(f"/sessions/{mine}").headers["ETag"]
    checked(admin.patch(f"/sessions/{mine}", json={"title": "Yoga"}), 200)
    current = admin.get(f"/sessions/{mine}").headers["ETag"]
    version = int(current.strip('"').partition("-")[0])
    body = {"title": "x", "scheduledAt": "2030-01-07T18:00:00Z", "duration": "PT1H"}
    other = checked(stranger.post("/sessions", json=body), 201)["id"]
    checked(stranger.patch(f"/sessions/{other}", json={"title": "Yoga"}), 200)
    anothers = stranger.get(f"/sessions/{other}").headers["ETag"]
    sisters = admin.patch(f"/sessions/{plan()['id']}", json={"title": "Yoga"}).headers["ETag"]
    assert anothers.startswith(f'"{version}-')
    assert sisters.startswith(f'"{version}-')
    before = contents()

    for tag in (
        old,
        anothers,
        sisters,
        f'"{version}-0123456789abcdef"',
        f'"{version}-00000000.0123456789abcdef"',
        '"x"',
    ):
        assert [checked(answer, 412)["code"] for answer in conditional(admin, mine, tag)] == ["version_mismatch"] * 7

    assert contents() == before


def test_who_has_seen_the_newest_may_change_it(admin: httpx.Client, plan: Make) -> None:
    path = f"/sessions/{plan()['id']}"
    steps: list[tuple[str, str, dict[str, Any] | None]] = [
        ("PATCH", path, {"title": "Yoga"}),
        ("POST", f"{path}/start", None),
        ("POST", f"{path}/end", None),
        ("PATCH", f"{path}/removedAt", {"removedAt": "2026-01-01T00:00:00Z"}),
        ("PATCH", f"{path}/removedAt", {"removedAt": None}),
    ]
    for method, address, body in steps:
        headers = {"If-Match": admin.get(path).headers["ETag"]}

        assert admin.request(method, address, json=body, headers=headers).status_code == 200, address

    assert admin.delete(path, headers={"If-Match": "*"}, params={"force": "true"}).status_code == 204
