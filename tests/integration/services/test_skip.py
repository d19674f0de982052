"""A plan without the dates on which it would clash: what is left out, why, and where that ends."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text

import recurrence
from db import engine as database
from services import plan
from services.errors import Clash
from services.plan import Created
from services.plan_draft import PlanDraft
from services.skip import MOST_SKIPPED
from tests.integration.conftest import Studio
from tests.integration.services.clashing import MONDAYS, NOW, YEAR_THREE, person, planned, series

LEFT_OUT = text("SELECT exdates, left_out FROM segment WHERE series_id = :series_id")


def skipping(studio: Studio, asked: recurrence.Series, **more: Any) -> Created:
    with database.transaction(studio.engine, studio.tenant_id) as (tx, _):
        draft = PlanDraft(series=asked, title="x", skip_clashes=True, **more)
        return plan.create(tx, studio.tenant_id, draft, NOW, studio.settings)


def left_out(studio: Studio, series_id: UUID) -> dict[str, str]:
    """Why each EXDATE of this plan is one."""
    with studio.engine.connect() as connection:
        row = connection.execute(LEFT_OUT, {"series_id": series_id}).one()
    assert row.exdates == sorted(row.left_out)
    reasons: dict[str, str] = row.left_out
    return reasons


def test_the_dates_that_are_taken_are_left_out_now_and_in_year_three(studio: Studio, hall: UUID) -> None:
    soon = planned(studio, series(None, "2026-01-12T18:30"), space_id=hall)
    late = planned(studio, series(None, YEAR_THREE), space_id=hall)

    made = skipping(studio, MONDAYS, space_id=hall)

    assert [taken.series_id for taken in made.clashes] == [soon, late]
    assert left_out(studio, made.series_id) == {
        "20260112T180000": f"{hall} is taken by {soon}_20260112T183000",
        "20290108T180000": f"{hall} is taken by {late}_20290108T183000",
    }


def test_what_both_a_place_and_a_person_keep_away_from_is_left_out_once(studio: Studio, hall: UUID) -> None:
    ada = person(studio, "ada")
    planned(studio, series(None, "2026-01-12T18:30"), space_id=hall, participants=(ada,))

    made = skipping(studio, MONDAYS, space_id=hall, participants=(ada,))

    assert {taken.resource for taken in made.clashes} == {hall, ada}
    assert list(left_out(studio, made.series_id)) == ["20260112T180000"]


def test_without_a_clash_nothing_is_left_out(studio: Studio, hall: UUID) -> None:
    made = skipping(studio, MONDAYS, space_id=hall)

    assert (made.clashes, left_out(studio, made.series_id)) == ([], {})


def test_a_plan_that_would_skip_dates_for_ever_is_refused_and_one_with_an_end_is_not(
    studio: Studio, hall: UUID
) -> None:
    planned(studio, series("FREQ=WEEKLY;INTERVAL=2;BYDAY=MO", "2026-01-05T18:00"), space_id=hall)

    with pytest.raises(Clash, match=f"more than {MOST_SKIPPED} dates clash") as found:
        skipping(studio, MONDAYS, space_id=hall)
    made = skipping(studio, series("FREQ=WEEKLY;BYDAY=MO;COUNT=10", "2026-01-05T18:00"), space_id=hall)

    assert len(found.value.clashes) == 100
    weeks = [datetime(2026, 1, 5, 18) + timedelta(weeks=2 * n) for n in range(5)]
    assert list(left_out(studio, made.series_id)) == [f"{day:%Y%m%dT%H%M%S}" for day in weeks]


@pytest.mark.parametrize("rule", [None, "FREQ=WEEKLY;COUNT=3"])
def test_a_plan_of_which_nothing_is_left_is_refused(studio: Studio, hall: UUID, rule: str | None) -> None:
    planned(studio, MONDAYS, space_id=hall)

    with pytest.raises(Clash, match="nothing left to plan"):
        skipping(studio, series(rule, "2026-01-05T18:30"), space_id=hall)


def test_the_freed_date_of_a_plan_that_skips_is_there_for_others(studio: Studio, hall: UUID) -> None:
    planned(studio, series(None, "2029-01-08T17:30"), space_id=hall)

    skipping(studio, MONDAYS, space_id=hall)

    planned(studio, series(None, YEAR_THREE), space_id=hall)
