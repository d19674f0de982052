"""What `bench herd` prints, from latenesses that cost nothing to make."""

import json

import pytest

from bench import report
from bench.herd.due import Fallen
from bench.herd.figures import Found, figures_of

KEYS = ("herd_late_p99_s", "herd_vs_limit", "herd10k_late_p99_s", "vs_task_per_row", "single_late_p99_ms")


def evenly(count: int, until_s: float) -> Fallen:
    """So many sessions, the last of them so late."""
    return Fallen([until_s * (number + 1) / count for number in range(count)])


def found() -> Found:
    """Two herds of which the one takes a second and the other two, at limits of four and five hundred a second."""
    return Found(
        large=[evenly(200, 1.0), evenly(200, 2.0)],
        limits=[400.0, 500.0],
        small=[evenly(20, 0.1)],
        alone=evenly(100, 0.01),
        task_per_row=3.0,
    )


def test_every_promised_key_is_in_the_json() -> None:
    told = json.loads(report.as_json("herd", figures_of(found()), rows=found().as_json()))

    assert set(KEYS) <= set(told)
    assert [row["herd"] for row in told["rows"]] == ["large", "large", "small", "alone"]


def test_a_herd_is_compared_with_the_limit_measured_after_it() -> None:
    figures = {figure.key: figure.value for figure in figures_of(found())}

    assert figures["herd_vs_limit"] == pytest.approx((200 / 400 + 100 / 500) / 2)
    assert figures["vs_task_per_row"] == pytest.approx(150 / 3)


def test_the_rate_counts_until_the_last_one() -> None:
    assert Fallen([0.1, 0.2, 4.0]).rate() == pytest.approx(0.75)
