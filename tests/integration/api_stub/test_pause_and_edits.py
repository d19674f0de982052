"""A pause of a plan that is edited, removed or restored before or meanwhile."""

from datetime import date, datetime, timedelta
from typing import Any

import httpx
import pytest

from tests.integration.api_stub.conftest import checked, instant

WEEK = timedelta(weeks=1)


@pytest.fixture
def first(now: datetime) -> date:
    """A Monday that is ahead, in the first days of the plan."""
    return (now + timedelta(days=8 - now.isoweekday())).date()


@pytest.fixture
def weekly(admin: httpx.Client, first: date) -> str:
    """The id of a plan of Mondays at six in Berlin, without end."""
    body = {"title": "Pilates", "scheduledAt": f"{first}T18:00", "duration": "PT1H", "timeZone": "Europe/Berlin"}
    made = checked(admin.post("/sessions", json=body | {"recurrence": {"rrule": "FREQ=WEEKLY;BYDAY=MO"}}), 201)
    return str(made["id"])


def session(weekly: str, day: date, hour: int = 18) -> str:
    return f"{weekly}_{day:%Y%m%d}T{hour}0000"


def notes(admin: httpx.Client, weekly: str, verb: str, day: date, days: int = 7) -> list[str]:
    """What pausing or resuming says of these days."""
    body = {"from": f"{day}", "until": f"{day + timedelta(days=days - 1)}"}
    told: list[str] = checked(admin.post(f"/sessions/{weekly}/{verb}", json=body), 200)["notes"]
    return told


def starts(admin: httpx.Client, weekly: str, now: datetime) -> list[str]:
    """The local starts of the first sessions."""
    params = {"seriesId": weekly, "to": instant(now + 6 * WEEK)}
    page = checked(admin.get("/sessions", params=params), 200)
    return [one["recurrenceId"][:16] for one in page["data"] if one["state"] == "SCHEDULED"][:5]


def mondays(first: date, hour: int = 18, without: tuple[int, ...] = ()) -> list[str]:
    return [f"{first + n * WEEK}T{hour}:00" for n in range(5) if n not in without]


@pytest.mark.parametrize(
    "named, change, hour",
    [
        (None, {"title": "N"}, 18),
        (1, {"title": "N"}, 18),
        (None, {"recurringTime": "19:00"}, 19),
    ],
)
def test_what_was_paused_comes_back_though_the_plan_was_edited_meanwhile(
    admin: httpx.Client, weekly: str, first: date, now: datetime, named: int | None, change: dict[str, Any], hour: int
) -> None:
    taken = notes(admin, weekly, "pause", first + 2 * WEEK)
    path = (
        f"/sessions/{weekly}" if named is None else f"/sessions/{session(weekly, first + named * WEEK)}?scope=following"
    )
    checked(admin.patch(path, json=change), 200)
    between = starts(admin, weekly, now)

    back = notes(admin, weekly, "resume", first + 2 * WEEK)

    assert (taken, back) == (["taken out: 1 session"], ["came back: 1 session"])
    assert between[:4] == mondays(first, hour, without=(2,))
    assert starts(admin, weekly, now) == mondays(first, hour)
    read = checked(admin.get(f"/sessions/{session(weekly, first + 2 * WEEK, hour)}"), 200)
    assert read["title"] == change.get("title", "Pilates")
    assert read["scheduledAt"][11:13] in {f"{hour - 1}", f"{hour - 2}"}


def test_a_plan_goes_back_to_its_hour_after_it_was_resumed_at_another(
    admin: httpx.Client, weekly: str, first: date, now: datetime
) -> None:
    notes(admin, weekly, "pause", first + 2 * WEEK)
    checked(admin.patch(f"/sessions/{weekly}", json={"recurringTime": "19:00"}), 200)
    notes(admin, weekly, "resume", first + 2 * WEEK)

    checked(admin.patch(f"/sessions/{weekly}", json={"recurringTime": "18:00"}), 200)

    assert starts(admin, weekly, now) == mondays(first)


def test_a_plan_that_kept_a_touched_session_and_went_back_to_its_hour_is_paused(
    admin: httpx.Client, weekly: str, first: date
) -> None:
    checked(admin.post(f"/sessions/{session(weekly, first + WEEK)}/cancel"), 200)
    for time in ("19:00", "18:00"):
        checked(admin.patch(f"/sessions/{weekly}", json={"recurringTime": time}), 200)

    assert notes(admin, weekly, "pause", first + 2 * WEEK) == ["taken out: 1 session"]
    assert notes(admin, weekly, "resume", first + 2 * WEEK) == ["came back: 1 session"]


def test_a_plan_that_was_removed_and_restored_is_paused_and_what_was_removed_on_its_own_stays_so(
    admin: httpx.Client, weekly: str, first: date, now: datetime
) -> None:
    for removed_at in (instant(now), None):
        checked(admin.patch(f"/sessions/{weekly}/removedAt", json={"removedAt": removed_at}), 200)
    alone = f"/sessions/{session(weekly, first + 3 * WEEK)}/removedAt"
    checked(admin.patch(alone, json={"removedAt": instant(now)}), 200)

    assert notes(admin, weekly, "pause", first + 2 * WEEK, 21) == ["taken out: 2 sessions"]
    assert notes(admin, weekly, "pause", first + 2 * WEEK, 21) == ["taken out: 0 sessions"]
    assert notes(admin, weekly, "resume", first + 2 * WEEK, 21) == ["came back: 2 sessions"]
    assert starts(admin, weekly, now)[:4] == mondays(first, without=(3,))
    checked(admin.patch(alone, json={"removedAt": None}), 200)
    read = checked(admin.get(f"/sessions/{weekly}"), 200)
    assert (starts(admin, weekly, now), read["recurrence"]["exdates"]) == (mondays(first), [])


@pytest.mark.parametrize("weeks", [1, 30])
def test_a_plan_is_edited_from_a_paused_day_on(
    admin: httpx.Client, weekly: str, first: date, now: datetime, weeks: int
) -> None:
    paused = first + weeks * WEEK
    notes(admin, weekly, "pause", paused)
    path, scope = f"/sessions/{session(weekly, paused)}", {"scope": "following"}

    edited = checked(admin.patch(path, params=scope, json={"title": "Later"}), 200)

    assert [one["title"] for one in edited["segments"]] == ["Pilates", "Later"]
    assert edited["segments"][1]["from"] == f"{paused + WEEK}T18:00:00"
    assert checked(admin.patch(f"/sessions/{session(weekly, paused, 19)}", params=scope, json={"title": "x"}), 404)
