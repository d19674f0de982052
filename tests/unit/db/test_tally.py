"""Lateness is counted in buckets as Prometheus reads them."""

import pytest

from db import tally
from db.tally import BOUNDS_S


def test_each_is_counted_in_the_first_bucket_that_holds_it() -> None:
    below, on, above = BOUNDS_S[0] / 2, BOUNDS_S[0], BOUNDS_S[0] + 0.001

    count = tally.lateness(("start", "on_time"), [above, on, below])

    assert (count.name, tuple(count.labels)) == (tally.LATENESS, ("start", "on_time"))
    assert list(count.amounts[:3]) == [2, 1, 0]


def test_what_is_later_than_every_bound_has_a_bucket_of_its_own() -> None:
    count = tally.lateness(("end", "caught_up"), [BOUNDS_S[-1] + 1])

    assert list(count.amounts[:-1]) == [0] * len(BOUNDS_S) + [1]


def test_nobody_is_lost_between_the_buckets() -> None:
    late_s = [bound * factor for bound in BOUNDS_S for factor in (0.5, 1.0, 1.5)]

    count = tally.lateness(("start", "on_time"), late_s)

    assert sum(count.amounts[:-1]) == len(late_s)
    assert count.amounts[-1] == pytest.approx(sum(late_s))


def test_bounds_rise() -> None:
    assert list(BOUNDS_S) == sorted(set(BOUNDS_S))
