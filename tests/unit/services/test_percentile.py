"""Lateness is told as the 99th percentile, by nearest rank."""

from services import percentile


def test_no_lateness_is_no_figure() -> None:
    assert percentile.of_lateness([]) == {}


def test_one_lateness_is_its_own_percentile() -> None:
    assert percentile.of_lateness([0.0416]) == {"late_p99_ms": 42}


def test_one_in_a_hundred_may_be_later() -> None:
    assert percentile.of_lateness([9.0] + [0.001 * number for number in range(1, 100)]) == {"late_p99_ms": 99}
