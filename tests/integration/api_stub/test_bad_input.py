"""What is sent to hurt, or from next door: each is told clearly what is wrong with it, and nothing is changed."""

import json
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from sqlalchemy import Engine, text

from db.models import Base
from tests.integration.api_stub.conftest import Make, checked, pointers

STRANGERS_FIELDS = {
    "spaceId": "spaces",
    "routineId": "routines",
    "programId": "programs",
    "timelineId": "timelines",
    "subjectId": "subjects",
    "instructorId": "users",
    "participants": "users",
}
TEXTS = ("title", "description", "timeZone", "scheduledAt", "duration", "spaceId", "recurringByDay", "recurringTime",
         "recurringUntil", "recurringTimeZone", "recurringWeekStart", "recurringDuration", "autoStart",
         "gap")  # fmt: skip
TIMES = ("scheduledAt", "scheduledEndAt", "recurringUntil")
CLEAN = {"title": "x", "scheduledAt": "2027-01-04T10:00:00Z", "duration": "PT1H"}
DAILY = {"rrule": "FREQ=DAILY"}


class Hurting:
    """Looks at every row when all is made that a test needs, and again when it is over."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.before = rows(engine)

    def begins(self) -> None:
        """From here on nothing may change."""
        self.before = rows(self.engine)


@pytest.fixture(autouse=True)
def hurting(module_engine: Engine) -> Iterator[Hurting]:
    """Nothing changes, from the beginning of a test, or from `begins()`, to its end."""
    look = Hurting(module_engine)
    yield look
    assert rows(module_engine) == look.before


def rows(engine: Engine) -> dict[str, Any]:
    """What every table holds, in short; not when a key was last used, which is no change."""
    with engine.connect() as connection:
        return {
            name: tuple(
                connection.execute(text(f'SELECT count(*), sum(hashtextextended(t::text, 0)) FROM "{name}" t')).one()
            )
            for name in Base.metadata.tables
            if name != "api_key"
        }


def refused(answer: httpx.Response, *fields: str) -> None:
    """A 422 that points to these fields, or into them."""
    problem = checked(answer, 422)
    named = {pointer.split("/")[1] for pointer in pointers(problem)}
    assert named == set(fields), answer.text
    assert all(fault["message"] for fault in problem["errors"])


def test_a_rule_of_a_hundred_kilobytes_is_refused(admin: httpx.Client) -> None:
    rule = "FREQ=DAILY;BYMONTH=" + ",".join(["1"] * 50_000)

    assert len(rule) > 100_000
    refused(admin.post("/sessions", json={**CLEAN, "recurrence": {"rrule": rule}}), "recurrence")
    refused(
        admin.post("/sessions", json={**CLEAN, "recurringFrequency": "DAILY", "recurringByDay": rule}), "recurringByDay"
    )


@pytest.mark.parametrize("name", ["exdates", "rdates", "excludedDays"])
def test_ten_thousand_dates_are_refused(admin: httpx.Client, name: str) -> None:
    dates = ["2027-01-05" if name == "excludedDays" else "2027-01-05T10:00:00"] * 10_000

    refused(admin.post("/sessions", json={**CLEAN, "recurrence": {**DAILY, name: dates}}), "recurrence")


@pytest.mark.parametrize("hurt", ["\x00", "\ud800", "x\udfffy"], ids=["NUL", "half a pair", "the other half"])
@pytest.mark.parametrize("name", ["title", "description", "timeZone", "recurringByDay"])
def test_text_that_is_no_text_is_refused(admin: httpx.Client, name: str, hurt: str) -> None:
    body = json.dumps({**CLEAN, "recurringFrequency": "DAILY", name: hurt}, ensure_ascii=True)

    refused(admin.post("/sessions", content=body, headers={"Content-Type": "application/json"}), name)


@pytest.mark.parametrize("name", ["cursor", "userId", "from", "expand"])
def test_a_parameter_that_is_no_text_is_refused(admin: httpx.Client, name: str) -> None:
    for hurt in ("%00", "%ED%A0%80", "%FF"):
        refused(admin.get(f"/sessions?{name}={hurt}"), name)


@pytest.mark.parametrize("name", TIMES)
@pytest.mark.parametrize(
    "when",
    [
        "0001-01-01T00:00:00Z",
        "9999-12-31T23:59:59Z",
        "0002-01-01T00:00:00+23:59",
        "9998-12-31T23:59:59-23:59",
        "2027-01-04T10:00:00+23:59",
        "2027-01-04T10:00:00-23:59",
    ],
)
def test_a_time_from_the_edge_of_the_calendar_is_refused(admin: httpx.Client, name: str, when: str) -> None:
    refused(admin.post("/sessions", json={**CLEAN, "recurringFrequency": "DAILY", name: when}), name)


@pytest.mark.parametrize("when", ["0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z", "2027-01-04T10:00:00+23:59"])
def test_a_window_from_the_edge_of_the_calendar_is_refused(admin: httpx.Client, when: str) -> None:
    for name in ("from", "to"):
        refused(admin.get("/sessions", params={name: when}), name)


@pytest.mark.parametrize("field", STRANGERS_FIELDS)
def test_another_tenants_id_is_refused_in_every_field(
    admin: httpx.Client, stranger: httpx.Client, hurting: Hurting, plan: Make, field: str
) -> None:
    kind = STRANGERS_FIELDS[field]
    body = {"name": "x"} | ({"email": f"{field}@example.org"} if kind == "users" else {})
    theirs = checked(stranger.post(f"/{kind}", json=body), 201)["id"]
    ours = plan()["id"]
    hurting.begins()

    value = [theirs] if field == "participants" else theirs
    refused(admin.post("/sessions", json={**CLEAN, field: value}), field)
    assert admin.patch(f"/sessions/{ours}", json={field: value}).status_code == 422


def test_another_tenants_ids_find_nothing(
    admin: httpx.Client, stranger: httpx.Client, hurting: Hurting, plan: Make, make: Make
) -> None:
    user, made = make("users")["id"], plan()
    session = made["id"]
    hurting.begins()

    for name in ("userId", "spaceId", "routineId", "programId", "timelineId", "subjectId", "seriesId"):
        for path in ("/sessions", "/sessions/count"):
            found = checked(stranger.get(path, params={name: session if name == "seriesId" else user}), 200)
            assert found in ({"data": [], "nextCursor": None, "hasMore": False}, {"count": 0})
    marked = stranger.put(f"/sessions/{session}/attendance/{user}", json={"status": "EXCUSED"})
    assert checked(marked, 404)["code"] == "not_found"
    assert checked(admin.put(f"/sessions/{session}/attendance/{session}", json={"status": "EXCUSED"}), 404)


def test_a_cursor_that_was_made_up_or_is_another_tenants_is_refused(
    admin: httpx.Client, stranger: httpx.Client, hurting: Hurting, plan: Make
) -> None:
    plan(recurrence={"rrule": "FREQ=DAILY;COUNT=3"})
    given = checked(admin.get("/sessions", params={"limit": 1}), 200)["nextCursor"]
    hurting.begins()

    assert given
    for cursor in (given, given[:-4], "W10", "e30", "x", "=" * 400, "A" * 3000, "WyIyMDI2LTExIiwgIngiXQ"):
        refused(stranger.get("/sessions", params={"limit": 1, "cursor": cursor}), "cursor")
    refused(admin.get("/sessions", params={"limit": 1, "cursor": given, "state": "MISSED"}), "cursor")
    refused(admin.get("/spaces", params={"cursor": given}), "cursor")


@pytest.mark.parametrize(
    "tag", ['"0-0"', '"999999999-0123456789abcdef"', '""', "x", '"1"', 'W/"-"', '"' + "1" * 5000 + '-x"']
)
def test_a_tag_that_was_made_up_changes_nothing(admin: httpx.Client, hurting: Hurting, plan: Make, tag: str) -> None:
    made = plan()["id"]
    hurting.begins()

    answer = admin.patch(f"/sessions/{made}", json={"title": "mine"}, headers={"If-Match": tag})

    assert checked(answer, 412)["code"] == "version_mismatch"


@pytest.mark.parametrize("opening, closing", [("[", "]"), ('{"a":', "}")])
def test_json_of_depth_ten_thousand_is_refused(admin: httpx.Client, opening: str, closing: str) -> None:
    body = '{"title": ' + opening * 10_000 + "1" + closing * 10_000 + "}"

    answer = admin.post("/sessions", content=body, headers={"Content-Type": "application/json"})

    assert checked(answer, 400)["code"] == "malformed"


@pytest.mark.parametrize("value", [5, 1.5, True, {}, [5]], ids=str)
@pytest.mark.parametrize("name", TEXTS)
def test_a_number_where_text_is_wanted_is_refused(admin: httpx.Client, name: str, value: Any) -> None:
    if name == "recurringByDay" and value == [5]:
        pytest.skip("a list is wanted there; its entries are judged as words")

    refused(admin.post("/sessions", json={**CLEAN, "recurringFrequency": "DAILY", name: value}), name)


def test_numbers_beyond_all_bounds_are_refused(admin: httpx.Client) -> None:
    for name in ("recurringInterval", "recurringCount", "recurringYear"):
        for value in (10**30, -1, 0, 1e300, "9" * 400):
            refused(admin.post("/sessions", json={**CLEAN, "recurringFrequency": "DAILY", name: value}), name)
    for limit in ("0", "-1", "101", "1e3", "9" * 400):
        refused(admin.get("/sessions", params={"limit": limit}), "limit")
