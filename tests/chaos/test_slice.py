"""A minute of chaos in every test run: many faults at once, by a fixed seed. `make chaos` runs all of them."""

import pytest

from launcher.progress import say
from tests.chaos import report, run
from tests.chaos.scenarios import BY_NAME

SEED = 4


@pytest.mark.slow
def test_nothing_is_lost_doubled_or_early_whatever_is_killed() -> None:
    scenario = BY_NAME["slice"]

    result = run.run(scenario, SEED, scenario.seconds)

    say(report.told(result))
    assert result.violations == []
    assert result.lives > 150
