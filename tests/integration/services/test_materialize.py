"""Rows follow the horizon, each exactly once, and one bad plan holds up no other."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

from sqlalchemy import text

import recurrence
from db import engine as database
from db import segments
from services import materialize, plan, query, references
from services.filters import Filters, Page
from services.plan import PlanDraft
from tests.integration.conftest import Studio

NOW = datetime(2026, 1, 1, tzinfo=UTC)


def daily(
    studio: Studio, title: str = "x", rule: str = "FREQ=DAILY", hall: UUID | None = None, now: datetime = NOW
) -> UUID:
    series = recurrence.Series(
        dtstart=datetime(2026, 1, 5, 18),
        time_zone="America/New_York",
        duration=recurrence.Duration(seconds=3600),
        rule=recurrence.Rule.parse(rule),
    )
    with database.transaction(studio.engine, studio.tenant_id) as (tx, _):
        draft = PlanDraft(series=series, title=title, space_id=hall)
        return plan.create(tx, studio.tenant_id, draft, now, studio.settings).series_id


def go_on(studio: Studio, now: datetime) -> tuple[int, int]:
    """Materializes as a worker does at `now`; returns how many segments and sessions were written."""
    with database.transaction(studio.engine) as (tx, _):
        claimed = segments.claim(tx, now, 100)
        written, lost = materialize.fill(tx, claimed, now, studio.settings)
        materialize.note_clashes(tx, lost)
    return len(claimed), written


def stored(studio: Studio, column: str = "count(*)") -> object:
    with studio.engine.connect() as connection:
        return connection.scalar(text(f"SELECT {column} FROM session"))


def test_the_rows_follow_the_horizon_without_a_hole_or_a_double(studio: Studio) -> None:
    series_id = daily(studio)
    before = stored(studio)

    claimed, written = go_on(studio, NOW + timedelta(days=30))

    assert (claimed, written) == (1, 30)
    assert stored(studio) == before + 30  # type: ignore[operator]  # a count
    window = Filters(from_=NOW, to=NOW + timedelta(days=120), series_id=series_id)
    with database.transaction(studio.engine, studio.tenant_id) as (tx, _):
        views = query.window(tx, studio.tenant_id, window, Page(limit=200), NOW).items
    assert [view.recurrence_id for view in views] == [
        datetime(2026, 1, 5, 18) + timedelta(days=day) for day in range(len(views))
    ]
    assert len(views) == 116


def test_wall_time_is_kept_across_the_change_of_clocks(studio: Studio) -> None:
    daily(studio)
    go_on(studio, NOW + timedelta(days=30))

    with database.transaction(studio.engine, studio.tenant_id) as (tx, _):
        window = Filters(from_=datetime(2026, 3, 7, tzinfo=UTC), to=datetime(2026, 3, 10, tzinfo=UTC))
        views = query.window(tx, studio.tenant_id, window, Page(), NOW).items
    assert [view.starts_at.hour for view in views] == [23, 22, 22]


def test_a_plan_is_not_looked_at_again_before_its_rows_run_out(studio: Studio) -> None:
    daily(studio)

    assert go_on(studio, NOW + timedelta(hours=1)) == (0, 0)


def test_a_rule_that_is_over_is_never_looked_at_again(studio: Studio) -> None:
    daily(studio, rule="FREQ=DAILY;COUNT=3")

    assert go_on(studio, NOW + timedelta(days=900)) == (0, 0)


def test_the_next_look_comes_in_time_for_a_session_beyond_the_horizon(studio: Studio) -> None:
    daily(studio, rule="FREQ=YEARLY;COUNT=2")
    second = datetime(2027, 1, 5, 23, tzinfo=UTC)

    too_early = go_on(studio, second - timedelta(days=61))
    in_time = go_on(studio, second - timedelta(days=60))

    assert (too_early, in_time[0]) == ((0, 0), 1)


def test_two_that_materialize_at_once_pass_over_each_others_plans(studio: Studio) -> None:
    daily(studio, "one")
    daily(studio, "other")
    later = NOW + timedelta(days=30)

    with (
        database.transaction(studio.engine) as (one, _),
        database.transaction(studio.engine) as (other, _),
    ):
        first = segments.claim(one, later, 1)
        rest = segments.claim(other, later, 100)

    assert len(first) == len(rest) == 1
    assert first[0].series_id != rest[0].series_id


def test_a_late_clash_is_told_at_the_session_and_stops_nothing(studio: Studio) -> None:
    with database.transaction(studio.engine, studio.tenant_id) as (tx, now):
        hall = references.create(tx, studio.tenant_id, "spaces", {"name": "Hall"}, now).id
    series_id = daily(studio, hall=hall)
    taken = recurrence.Series(
        dtstart=datetime(2026, 3, 20, 18),
        time_zone="America/New_York",
        duration=recurrence.Duration(seconds=3600),
    )
    with database.transaction(studio.engine, studio.tenant_id) as (tx, _):
        plan.create(
            tx,
            studio.tenant_id,
            PlanDraft(series=taken, title="y", space_id=hall),
            datetime(2026, 2, 1, tzinfo=UTC),
            studio.settings,
        )

    _, written = go_on(studio, NOW + timedelta(days=30))

    assert written == 30
    assert stored(studio, "string_agg(recurrence_id::date || ' ' || clash, ',')") == f"2026-03-20 {hall}"
    assert series_id is not None


def test_a_plan_that_cannot_be_expanded_is_set_aside_and_holds_up_nobody(studio: Studio) -> None:
    broken, good = daily(studio, "broken"), daily(studio, "good")
    with studio.engine.begin() as connection:
        connection.execute(text("UPDATE segment SET time_zone = 'Mars/Olympus' WHERE series_id = :id"), {"id": broken})

    claimed, written = go_on(studio, NOW + timedelta(days=30))

    assert (claimed, written) == (2, 30)
    with studio.engine.connect() as connection:
        rows = connection.execute(text("SELECT series_id, set_aside FROM segment")).all()
    reasons = {row.series_id: row.set_aside for row in rows}
    assert "Mars/Olympus" in reasons[broken]
    assert reasons[good] is None


def test_plans_made_together_do_not_come_back_together(studio: Studio) -> None:
    for number in range(3):
        daily(studio, str(number), now=NOW)

    with studio.engine.connect() as connection:
        moments = connection.scalar(text("SELECT count(DISTINCT next_materialize_at) FROM segment"))

    assert moments == 3
