"""Clashes over HTTP: told for ever ahead, skipped when asked to, and of many at once for one slot one gets it."""

from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from threading import Barrier
from typing import Any

import httpx
import pytest

from tests.integration.api_stub.conftest import Make, checked, instant

YEARS = timedelta(days=3 * 364)  # whole weeks
WEEKLY = {"title": "Pilates", "duration": "PT1H", "timeZone": "Asia/Seoul", "recurrence": {"rrule": "FREQ=WEEKLY"}}
ONCE = {"title": "Concert", "duration": "PT1H", "timeZone": "Asia/Seoul"}
CROWD = 16


@pytest.fixture
def soon(now: datetime) -> datetime:
    """Tomorrow at a full hour."""
    return now.replace(minute=0, second=0) + timedelta(days=1)


@pytest.fixture
def crowd(admin: httpx.Client) -> Iterator[Callable[..., list[httpx.Response]]]:
    """Sends requests at the same moment, each over a connection of its own; answers in their order."""
    clients = [httpx.Client(base_url=admin.base_url, headers=admin.headers, timeout=60) for _ in range(CROWD)]

    def send(requests: list[tuple[str, str, dict[str, Any]]]) -> list[httpx.Response]:
        together = Barrier(len(requests))

        def one(client: httpx.Client, request: tuple[str, str, dict[str, Any]]) -> httpx.Response:
            client.get("/sessions/count")  # the connection stands before the race begins
            together.wait()
            method, path, body = request
            return client.request(method, path, json=body)

        with ThreadPoolExecutor(len(requests)) as threads:
            return list(threads.map(one, clients[: len(requests)], requests))

    yield send
    for client in clients:
        client.close()


def statuses(answers: list[httpx.Response]) -> Counter[int]:
    return Counter(answer.status_code for answer in answers)


def test_a_clash_in_year_three_is_a_409_today(admin: httpx.Client, make: Make, soon: datetime) -> None:
    space = make("spaces")["id"]
    weekly = WEEKLY | {"scheduledAt": instant(soon), "spaceId": space}
    made = checked(admin.post("/sessions", json=weekly), 201)

    late = ONCE | {"scheduledAt": instant(soon + YEARS + timedelta(minutes=30)), "spaceId": space}
    refused = checked(admin.post("/sessions", json=late), 409)

    assert refused["code"] == "clash"
    [clash] = refused["clashes"]
    assert clash["sessionId"].startswith(made["id"])
    assert checked(admin.get(f"/sessions/{clash['sessionId']}"), 200)["scheduledAt"] == clash["from"]
    assert (clash["resource"], clash["from"], clash["to"]) == (
        space,
        instant(soon + YEARS),
        instant(soon + YEARS + timedelta(hours=1)),
    )


def test_skipped_dates_are_listed_in_the_answer_and_told_when_it_is_read_again(
    admin: httpx.Client, make: Make, plan: Make, soon: datetime
) -> None:
    space = make("spaces")["id"]
    once = plan(**ONCE | {"scheduledAt": instant(soon + YEARS)}, spaceId=space)

    body = WEEKLY | {"scheduledAt": instant(soon), "spaceId": space, "onClash": "skip"}
    made = checked(admin.post("/sessions", json=body), 201)

    read = checked(admin.get(f"/sessions/{made['id']}"), 200)
    assert [(one["sessionId"].split("_")[0], one["from"]) for one in made["clashes"]] == [
        (once["id"], instant(soon + YEARS))
    ]
    assert len(read["recurrence"]["exdates"]) == 1
    assert [note for note in read["notes"] if once["id"] in note and "is left out" in note] == made["notes"]


def test_a_skipped_date_keeps_its_reason_when_the_hour_changes(
    admin: httpx.Client, make: Make, plan: Make, soon: datetime
) -> None:
    space = make("spaces")["id"]
    once = plan(**ONCE | {"scheduledAt": instant(soon + YEARS)}, spaceId=space)
    body = WEEKLY | {"scheduledAt": instant(soon), "spaceId": space, "onClash": "skip"}
    path = f"/sessions/{checked(admin.post('/sessions', json=body), 201)['id']}"

    checked(admin.patch(path, json={"recurringTime": "12:34"}), 200)

    [note] = [one for one in checked(admin.get(path), 200)["notes"] if "is left out" in one]
    assert once["id"] in note
    assert "12:34" in note


def test_a_plan_that_is_said_to_skip_and_clashes_nowhere_says_so(
    admin: httpx.Client, make: Make, soon: datetime
) -> None:
    body = WEEKLY | {"scheduledAt": instant(soon), "spaceId": make("spaces")["id"], "onClash": "skip"}

    made = checked(admin.post("/sessions", json=body), 201)

    assert (made["clashes"], made["notes"]) == ([], [])


def test_what_cannot_be_proven_is_accepted_with_a_note(admin: httpx.Client, make: Make) -> None:
    space = make("spaces")["id"]
    rule = {"recurrence": {"rrule": "FREQ=YEARLY;INTERVAL=7"}, "spaceId": space}
    checked(admin.post("/sessions", json=WEEKLY | rule | {"scheduledAt": "2030-01-05T10:00"}), 201)

    made = checked(admin.post("/sessions", json=WEEKLY | rule | {"scheduledAt": "2031-01-05T10:00"}), 201)

    assert [note for note in made["notes"] if "what comes later is not known" in note] == made["notes"] != []


@pytest.mark.parametrize("ahead", [timedelta(0), YEARS])
@pytest.mark.parametrize("repeating", [False, True])
def test_of_many_at_once_each_slot_goes_to_exactly_one(
    crowd: Callable[..., list[httpx.Response]], make: Make, soon: datetime, ahead: timedelta, repeating: bool
) -> None:
    space = make("spaces")["id"]
    kind = WEEKLY if repeating else ONCE
    slots = [kind | {"scheduledAt": instant(soon + ahead + timedelta(hours=n)), "spaceId": space} for n in range(4)]

    answers = crowd([("POST", "/sessions", slots[n % 4]) for n in range(CROWD)])

    assert statuses(answers) == {201: 4, 409: CROWD - 4}
    won = Counter(answer.json()["scheduledAt"] for answer in answers if answer.status_code == 201)
    assert set(won.values()) == {1}


def test_those_that_want_places_and_people_in_any_order_never_deadlock(
    crowd: Callable[..., list[httpx.Response]], make: Make, soon: datetime
) -> None:
    spaces = [make("spaces")["id"] for _ in range(2)]
    people = [make("users", role="instructor")["id"] for _ in range(3)]

    def body(n: int) -> dict[str, Any]:
        who = people[n % 3 :] + people[: n % 3]
        return WEEKLY | {
            "scheduledAt": instant(soon + YEARS * (n % 2)),
            "spaceId": spaces[n % 2],
            "instructorId": who[0],
            "participants": who[1:] if n % 4 < 2 else who[:0:-1],
        }

    answers = crowd([("POST", "/sessions", body(n)) for n in range(CROWD)])

    assert statuses(answers) == {201: 1, 409: CROWD - 1}


def test_a_slot_in_year_three_goes_either_to_a_new_plan_or_to_a_moved_session(
    admin: httpx.Client, crowd: Callable[..., list[httpx.Response]], make: Make, soon: datetime
) -> None:
    space = make("spaces")["id"]
    for hour in range(3):
        start = soon + timedelta(hours=5 + hour)
        body = WEEKLY | {"scheduledAt": instant(start), "spaceId": space}
        checked(admin.post("/sessions", json=body), 201)
    window = {"spaceId": space, "from": instant(soon + YEARS), "to": instant(soon + YEARS + timedelta(days=1))}
    moving = [one["id"] for one in checked(admin.get("/sessions", params=window), 200)["data"]]
    slot = {"scheduledAt": instant(soon + YEARS)}

    answers = crowd(
        [("PATCH", f"/sessions/{id_}", slot) for id_ in moving]
        + [("POST", "/sessions", WEEKLY | slot | {"spaceId": space}) for _ in range(3)]
        + [("POST", "/sessions", ONCE | slot | {"spaceId": space}) for _ in range(3)]
    )

    found = statuses(answers)
    assert len(moving) == 3
    assert found[200] + found[201] == 1
    assert found[409] == len(answers) - 1


def test_a_removed_session_and_a_new_plan_race_for_its_slot(
    admin: httpx.Client, crowd: Callable[..., list[httpx.Response]], make: Make, soon: datetime
) -> None:
    space = make("spaces")["id"]
    weekly = checked(admin.post("/sessions", json=WEEKLY | {"scheduledAt": instant(soon), "spaceId": space}), 201)
    window = {"seriesId": weekly["id"], "from": instant(soon + YEARS), "to": instant(soon + YEARS + timedelta(days=1))}
    [one] = checked(admin.get("/sessions", params=window), 200)["data"]
    removal = f"/sessions/{one['id']}/removedAt"
    checked(admin.patch(removal, json={"removedAt": instant(soon)}), 200)

    once = ONCE | {"scheduledAt": instant(soon + YEARS), "spaceId": space}
    answers = crowd([("PATCH", removal, {"removedAt": None})] + [("POST", "/sessions", once)] * 5)

    found = statuses(answers)
    assert found[200] + found[201] == 1
    assert found[409] == len(answers) - 1
