"""Clients that change one plan at the same moment: each is served in its turn."""

from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

from tests.integration.api_stub.conftest import checked

WEEKLY = {
    "title": "Pilates",
    "scheduledAt": "2027-01-04T18:00",
    "timeZone": "Europe/Berlin",
    "duration": "PT1H",
    "recurrence": {"rrule": "FREQ=WEEKLY"},
}

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
