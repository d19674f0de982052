"""A scrape over HTTP, beside the rows that it tells about."""

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families
from sqlalchemy import Engine, text

from lifecycle import Step
from services import transition
from tests.integration.api_stub.conftest import Make, checked

FROM_ELSEWHERE = {"X-Forwarded-For": "192.0.2.7"}


def scrape(server: str) -> dict[tuple[str, ...], float]:
    answer = httpx.get(f"{server}/metrics")
    assert answer.status_code == 200
    assert answer.headers["Content-Type"].startswith("text/plain")
    return {
        (sample.name, *sample.labels.values()): sample.value
        for family in text_string_to_metric_families(answer.text)
        for sample in family.samples
    }


@pytest.fixture
def due(plan: Make, module_engine: Engine) -> None:
    """A session whose start has been due for an hour."""
    made = plan()
    with module_engine.begin() as connection:
        connection.execute(
            text(
                "UPDATE session SET starts_at = now() - interval '1 hour', next_due_at = now() - interval '1 hour'"
                " WHERE series_id = :made"
            ),
            {"made": made["id"]},
        )


@pytest.mark.usefixtures("due")
def test_a_scrape_tells_what_is_due_and_then_what_was_done(server: str, module_engine: Engine) -> None:
    before = scrape(server)

    transition.drain(module_engine, Step.START, 1000)

    after = scrape(server)
    assert [told[("sessionbeat_due_sessions", "START")] for told in (before, after)] == [1, 0]
    assert before[("sessionbeat_oldest_due_seconds", "START")] == pytest.approx(3600, abs=60)
    assert after[("sessionbeat_lateness_seconds_count", "start", "caught_up")] == 1
    assert after[("sessionbeat_batches_total", "START")] == before[("sessionbeat_batches_total", "START")] + 1


@pytest.mark.parametrize("role, status", [("viewer", 403), ("staff", 403), ("admin", 200)])
def test_from_elsewhere_an_admins_key_is_asked_for(
    server: str, clients: dict[str, httpx.Client], role: str, status: int
) -> None:
    key = clients[role].headers["Authorization"]

    answer = httpx.get(f"{server}/metrics", headers=FROM_ELSEWHERE | {"Authorization": key})

    assert answer.status_code == status


def test_from_elsewhere_nobody_gets_in_without_a_key(server: str) -> None:
    answer = httpx.get(f"{server}/metrics", headers=FROM_ELSEWHERE)

    assert checked(answer, 401)["code"] == "unauthorized"
