"""What a scrape says, and to whom."""

import math
from datetime import UTC, datetime, timedelta

import pytest
from flask_openapi3.openapi import OpenAPI
from prometheus_client import generate_latest
from prometheus_client.parser import text_string_to_metric_families

from api_stub.metrics import Scrape
from db import tally
from db.backlog import Due, Plans
from db.editions import Editions
from lifecycle import Step
from services.watch import House

NOW = datetime(2026, 1, 5, 9, tzinfo=UTC)
HERE = {"REMOTE_ADDR": "127.0.0.1"}
ELSEWHERE = {"REMOTE_ADDR": "192.0.2.7"}

Sample = tuple[str, ...]


def house(**more: object) -> House:
    """A house in which nothing is due, nobody was seen and nothing was counted."""
    values: dict[str, object] = {
        "now": NOW,
        "due": dict.fromkeys(Step, Due(0, None)),
        "plans": Plans(0, None, 0, 0),
        "reach": timedelta(days=60),
        "seen": {"beat": None},
        "editions": Editions(None, None),
        "installed": "2026a",
        "wrong": 0,
        "audited": None,
        "counted": (),
    }
    return House(**values | more)  # type: ignore[arg-type]


def samples(house: House) -> dict[Sample, float]:
    """Every sample of a scrape, by its name and labels, as Prometheus reads it."""
    text = generate_latest(Scrape(house)).decode()
    return {
        (sample.name.removeprefix("sessionbeat_"), *sample.labels.values()): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def test_lateness_is_a_histogram_by_kind_and_outcome() -> None:
    counted = [tally.lateness(("start", "on_time"), [0.004, 0.02, 7200.0])]

    found = samples(house(counted=counted))

    up_to = {
        le: found[("lateness_seconds_bucket", "start", le, "on_time")] for le in ("0.005", "0.025", "3600.0", "+Inf")
    }
    assert up_to == {"0.005": 1, "0.025": 2, "3600.0": 2, "+Inf": 3}
    assert found[("lateness_seconds_count", "start", "on_time")] == 3
    assert found[("lateness_seconds_sum", "start", "on_time")] == pytest.approx(7200.024)


def test_what_was_missed_says_why() -> None:
    counted = [
        tally.lateness(("miss", "misfire"), [900.0, 901.0]),
        tally.lateness(("miss", "on_time"), [0.1]),
        tally.lateness(("start", "on_time"), [0.1]),
    ]

    found = samples(house(counted=counted))

    assert [found[("missed_total", why)] for why in ("misfire", "on_time", "caught_up")] == [2, 1, 0]


def test_batches_hints_and_the_audit_are_counted() -> None:
    counted = [
        tally.Count("batches", ["START"], [7]),
        tally.Count("hints", ["sessions.start"], [5]),
        tally.Count("audited", ["compared"], [100]),
        tally.Count("audit_mismatch", [], [1]),
    ]

    found = samples(house(counted=counted))

    assert (found[("batches_total", "START")], found[("batches_total", "END")]) == (7, 0)
    assert found[("hints_total", "sessions.start")] == 5
    assert (found[("audited_plans_total", "compared")], found[("audit_mismatches_total",)]) == (100, 1)


def test_the_audit_has_its_metrics_before_it_ran() -> None:
    found = samples(house())

    assert (found[("audited_plans_total", "compared")], found[("audit_mismatches_total",)]) == (0, 0)
    assert (found[("audit_wrong_plans",)], found[("audit_age_seconds",)]) == (0, math.inf)


def test_what_is_due_is_told_by_step_with_the_age_of_the_oldest() -> None:
    due = dict.fromkeys(Step, Due(0, None)) | {Step.END: Due(12, NOW - timedelta(seconds=90))}

    found = samples(house(due=due))

    assert (found[("due_sessions", "END")], found[("oldest_due_seconds", "END")]) == (12, 90)
    assert (found[("due_sessions", "START")], found[("oldest_due_seconds", "START")]) == (0, 0)


def test_plans_are_told_by_what_waits_and_what_was_given_up() -> None:
    found = samples(house(plans=Plans(3, NOW, 1, 2), reach=timedelta(days=58)))

    assert found[("waiting_plans",)] == 3
    assert (found[("set_aside", "session")], found[("set_aside", "plan")]) == (1, 2)
    assert found[("horizon_min_seconds",)] == 58 * 86_400


def test_who_was_never_seen_is_infinitely_late() -> None:
    found = samples(house(seen={"beat": timedelta(seconds=1.5), "bulk": None}))

    assert (found[("seen_age_seconds", "beat")], found[("seen_age_seconds", "bulk")]) == (1.5, math.inf)


@pytest.mark.parametrize(
    ("oldest", "newest", "mismatch"),
    [(None, None, 0), ("2026a", "2026a", 0), ("2025b", "2026a", 1), ("2026a", "2026b", 1), ("2025b", "2025b", 1)],
)
def test_plans_of_another_edition_of_tzdata_are_a_mismatch(
    oldest: str | None, newest: str | None, mismatch: int
) -> None:
    assert samples(house(editions=Editions(oldest, newest)))[("tzdata_mismatch",)] == mismatch


@pytest.mark.parametrize(
    ("come", "headers", "status"),
    [
        (HERE, {}, 503),  # let in; there is no database here
        ({"REMOTE_ADDR": "::1"}, {}, 503),
        (HERE, {"X-Forwarded-For": "192.0.2.7"}, 401),
        (HERE, {"Forwarded": "for=192.0.2.7"}, 401),
        (ELSEWHERE, {}, 401),
        (ELSEWHERE, {"Authorization": "Bearer sb_whatever"}, 503),  # the key is looked up
    ],
)
def test_it_is_for_this_machine_and_for_whoever_has_a_key(
    app: OpenAPI, come: dict[str, str], headers: dict[str, str], status: int
) -> None:
    answer = app.test_client().get("/metrics", environ_overrides=come, headers=headers)

    assert answer.status_code == status


def test_the_machine_itself_needs_a_key_for_everything_else(app: OpenAPI) -> None:
    assert app.test_client().get("/api/v1/sessions", environ_overrides=HERE).status_code == 401
