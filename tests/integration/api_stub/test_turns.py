"""Clients that change one plan at the same moment: each is served in its turn."""

from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

from tests.integration.api_stub.conftest import Make, checked

WEEKLY = {
    "title": "Pilates",
    "scheduledAt": "2027-01-04T18:00",
    "timeZone": "Europe/Berlin",
    "duration": "PT1H",
    "recurrence": {"rrule": "FREQ=WEEKLY"},
}

CLIENTS = 20

MONDAYS = {1: "08", 2: "05", 3: "05", 4: "02", 5: "07", 6: "04", 7: "02", 8: "06"}
LATER_MONDAYS = {1: "07", 2: "04", 3: "03", 4: "07", 5: "05", 6: "02", 7: "07", 8: "04"}


@pytest.mark.parametrize("verb", ["edit", "cancel"])
def test_a_session_is_changed_while_another_one_of_its_plan_is_deleted(admin: httpx.Client, verb: str) -> None:
    plan = checked(admin.post("/sessions", json=WEEKLY), 201)["id"]

    def change(month: int) -> httpx.Response:
        path = f"/sessions/{plan}_2035{month:02}{MONDAYS[month]}T180000"
        if verb == "edit":
            return admin.patch(path, json={"title": "Yoga"})
        return admin.post(f"{path}/cancel")

    def delete(month: int) -> httpx.Response:
        return admin.delete(f"/sessions/{plan}_2036{month:02}{LATER_MONDAYS[month]}T180000")

    with ThreadPoolExecutor(2) as two:
        for month in MONDAYS:
            answers = two.submit(change, month), two.submit(delete, month)

            assert [one.result().status_code for one in answers] == [200, 204]


@pytest.mark.parametrize("what", ["all", "following", "this", "with a room", "once"])
def test_twenty_clients_that_edit_one_plan_at_once_are_served_or_told_why(
    admin: httpx.Client, make: Make, what: str
) -> None:
    body = WEEKLY | ({"spaceId": make("spaces")["id"]} if what == "with a room" else {})
    made = checked(admin.post("/sessions", json=body | ({"recurrence": None} if what == "once" else {})), 201)
    first = f"/sessions/{made['id']}"
    path = f"{first}_20351105T180000" if what in ("following", "this") else first
    tag = admin.get(path).headers["ETag"]

    def edit(number: int) -> int:
        scope = {"scope": what} if what in ("following", "this") else {}
        condition = {"If-Match": tag} if number % 4 == 0 else {}
        change = {"title": f"number {number}"} | ({"duration": f"PT{number + 10}M"} if number % 2 else {})
        return admin.patch(path, params=scope, json=change, headers=condition).status_code

    with ThreadPoolExecutor(CLIENTS) as pool:
        answers = list(pool.map(edit, range(CLIENTS)))

    assert set(answers) <= {200, 409, 412}
    assert answers.count(200) >= CLIENTS // 2


@pytest.mark.parametrize("verb", ["cancel", "start"])
def test_twenty_clients_that_want_one_session_at_once_get_no_5xx(admin: httpx.Client, verb: str) -> None:
    made = checked(admin.post("/sessions", json=WEEKLY), 201)

    with ThreadPoolExecutor(CLIENTS) as pool:
        path = f"/sessions/{made['id']}_20351105T180000/{verb}"
        answers = list(pool.map(lambda _: admin.post(path).status_code, range(CLIENTS)))

    assert sorted(answers) == [200, *[409] * (CLIENTS - 1)]
