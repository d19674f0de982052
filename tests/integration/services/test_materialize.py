"""Rows follow the horizon, each exactly once, and one bad plan holds up no other."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import event, text
from sqlalchemy.exc import IntegrityError

import recurrence
from db import engine as database
from db import segments, tally
from db.models import AutoStart, Segment
from db.sessions import SessionKey
from db.tally import Count
from services import edit, materialize, plan, query, references, stretch
from services.edit import SessionChange
from services.filters import Filters, Page
from services.plan_draft import PlanDraft
from tests.integration.conftest import Studio

NOW = datetime(2026, 1, 1, tzinfo=UTC)


KINDS: dict[str, Any] = {
    "auto_start": AutoStart.MANUAL,
    "auto_end": False,
    "misfire_grace": timedelta(days=1, minutes=15),
    "exclusive": frozenset(),
}


def daily(
    studio: Studio,
    title: str = "x",
    rule: str = "FREQ=DAILY",
    hall: UUID | None = None,
    now: datetime = NOW,
    dtstart: datetime = datetime(2026, 1, 5, 18),
    **more: Any,
) -> UUID:
    series = recurrence.Series(
        dtstart=dtstart,
        time_zone="America/New_York",
        duration=recurrence.Duration(seconds=3600),
        rule=recurrence.Rule.parse(rule),
    )
    with database.transaction(studio.engine, studio.tenant_id) as (tx, _):
        draft = PlanDraft(series=series, title=title, space_id=hall, **more)
        return plan.create(tx, studio.tenant_id, draft, now, studio.settings).series_id


def go_on(studio: Studio, now: datetime) -> tuple[int, int]:
    """Materializes as a worker does at `now`, one batch; returns how many segments and sessions were written."""
    with database.transaction(studio.engine) as (tx, _):
        done = materialize.batch(tx, now, 100, studio.settings)
    return done.segments, done.counts.get("sessions", 0)


def rewind(studio: Studio, until: datetime) -> None:
    """Lets all plans be materialized again from `until` on; rows and bookings stay."""
    with studio.engine.begin() as connection:
        connection.execute(
            text("UPDATE segment SET materialized_until = :until, next_materialize_at = :until"), {"until": until}
        )


def contents(studio: Studio) -> list[tuple[object, ...]]:
    """All sessions and bookings, every column."""
    with studio.engine.connect() as connection:
        kept = connection.execute(text("SELECT * FROM session ORDER BY series_id, recurrence_id")).all()
        booked = connection.execute(text("SELECT * FROM booking ORDER BY series_id, recurrence_id, resource")).all()
    return [tuple(row) for row in (*kept, *booked)]


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
    in_time = go_on(studio, second - timedelta(days=58))

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


def test_a_late_clash_is_told_at_the_session_counted_and_stops_nothing(studio: Studio) -> None:
    with database.transaction(studio.engine, studio.tenant_id) as (tx, now):
        hall, cellar = (references.create(tx, studio.tenant_id, "spaces", {"name": name}, now).id for name in "hc")
    daily(studio, hall=hall)
    taken = recurrence.Series(
        dtstart=datetime(2026, 3, 20, 18),
        time_zone="America/New_York",
        duration=recurrence.Duration(seconds=3600),
    )
    with database.transaction(studio.engine, studio.tenant_id) as (tx, _):
        draft = PlanDraft(series=taken, title="y", space_id=cellar)
        plan.create(tx, studio.tenant_id, draft, datetime(2026, 2, 1, tzinfo=UTC), studio.settings)
    with studio.engine.begin() as connection:  # by hand: a plan would have been refused
        connection.execute(
            text("UPDATE booking SET resource = :hall WHERE resource = :cellar"), {"hall": hall, "cellar": cellar}
        )

    _, written = go_on(studio, NOW + timedelta(days=30))

    assert written == 30
    assert stored(studio, "string_agg(recurrence_id::date || ' ' || clash, ',')") == f"2026-03-20 {hall}"
    with database.transaction(studio.engine) as (tx, _):
        assert tally.totals(tx) == [Count(tally.LATE_CLASHES, [], [1.0])]


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


@pytest.mark.parametrize(
    "unreadable",
    [
        "segment SET dtstart = 'infinity'",
        "segment SET dtstart = '12026-01-05'",
        "segment SET materialized_until = 'infinity'",
        "segment SET materialized_until = '0044-03-15 BC'",
        "segment SET next_materialize_at = '-infinity'",
        "segment SET counted_until = 'infinity', counted = 1",
        "segment SET removed_at = '-infinity'",
        "segment SET excluded_days = '{infinity}'",
        "segment SET excluded_days = '{NULL}'",
        "segment SET exdates = '{NULL}'",
        "segment SET rdates = '{NULL}'",
        "segment SET late_after = 'infinity'",
        "segment SET misfire_grace = '200 years'",
        "segment SET gap = 'JUMP'",
        "segment SET fold = 'BOTH'",
        "series SET tracked_from = 'infinity'",
        "session SET starts_at = '-infinity'",
        "session SET end_due_at = '12026-01-05'",
        "session SET next_due_at = '-infinity'",
        "session SET moved_to_local = 'infinity'",
        "session SET misfire_grace = 'infinity'",
        "segment SET misfire_grace = '-infinity'",
    ],
)
def test_what_cannot_be_read_cannot_be_stored_where_it_would_hold_up_the_others(
    studio: Studio, unreadable: str
) -> None:
    daily(studio)

    with pytest.raises(IntegrityError, match=r"readable|gap|fold"), studio.engine.begin() as connection:
        connection.execute(text(f"UPDATE {unreadable}"))

    assert go_on(studio, NOW + timedelta(days=30)) == (1, 30)


@pytest.mark.parametrize("rule", ["FREQ=DAILY", "FREQ=WEEKLY;BYDAY=WE", "FREQ=MONTHLY", "FREQ=YEARLY"])
def test_plans_made_together_do_not_come_back_together(studio: Studio, rule: str) -> None:
    for number in range(3):
        daily(studio, str(number), rule=rule, now=NOW)

    with studio.engine.connect() as connection:
        moments = connection.scalar(text("SELECT count(DISTINCT next_materialize_at) FROM segment"))

    assert moments == 3


def hall_of(studio: Studio) -> UUID:
    with database.transaction(studio.engine, studio.tenant_id) as (tx, now):
        return references.create(tx, studio.tenant_id, "spaces", {"name": uuid4().hex}, now).id


def test_materializing_the_same_stretch_again_changes_nothing(studio: Studio) -> None:
    daily(studio, hall=hall_of(studio))
    go_on(studio, NOW + timedelta(days=30))
    before = contents(studio)

    rewind(studio, NOW)
    again = go_on(studio, NOW + timedelta(days=30))

    assert again == (1, 0)
    assert contents(studio) == before


def test_what_copy_writes_is_what_the_statement_writes(studio: Studio) -> None:
    for name, value in KINDS.items():
        daily(studio, name, hall=hall_of(studio), **{name: value})
    start = NOW + timedelta(days=30)
    with database.transaction(studio.engine) as (tx, _):
        materialize.fill(tx, segments.claim(tx, start, 100), start, studio.settings)
    before = contents(studio)
    with studio.engine.begin() as connection:
        connection.execute(text("DELETE FROM session"))

    rewind(studio, NOW)
    go_on(studio, start)

    assert contents(studio) == before


def test_a_session_that_was_touched_beyond_the_horizon_is_left_alone(studio: Studio) -> None:
    series_id = daily(studio, hall=hall_of(studio))
    other = daily(studio, "other")
    far = SessionKey(studio.tenant_id, series_id, datetime(2026, 3, 20, 18))
    with database.transaction(studio.engine, studio.tenant_id) as (tx, _):
        edit.edit(tx, far, SessionChange(title="touched", starts=datetime(2026, 3, 20, 12)), NOW)

    done = go_on(studio, NOW + timedelta(days=30))

    assert done == (2, 59)
    assert stored(studio, "count(*) FILTER (WHERE title = 'touched' AND starts_at = '2026-03-20T16:00Z')") == 1
    assert stored(studio, f"count(*) FILTER (WHERE series_id = '{other}')") == 86
    assert stored(studio, "(SELECT count(*) FROM booking)") == 86


def test_a_row_that_appears_while_copying_is_passed_over(studio: Studio) -> None:
    series_id = daily(studio, hall=hall_of(studio))
    copy_of = text(
        "INSERT INTO session (tenant_id, series_id, recurrence_id, segment_from, starts_at, ends_at, end_due_at, state,"
        " next_step, next_due_at, tracked, title)"
        " SELECT tenant_id, series_id, CAST(:id AS timestamp), segment_from, starts_at + interval '60 days',"
        " ends_at + interval '60 days', end_due_at + interval '60 days', state, next_step,"
        " starts_at + interval '60 days', tracked, 'first' FROM session LIMIT 1"
    )

    @event.listens_for(studio.engine, "after_cursor_execute")
    def slip_in(_c: object, _cursor: object, statement: str, *_: object) -> None:
        if "WITH ORDINALITY" in statement:
            with studio.engine.begin() as other:
                other.execute(copy_of, {"id": "2026-03-06T18:00:00"})

    with studio.engine.begin() as connection:
        connection.execute(text("ALTER TABLE session DROP CONSTRAINT session_tenant_id_series_id_segment_from_fkey"))
    done = go_on(studio, NOW + timedelta(days=30))
    event.remove(studio.engine, "after_cursor_execute", slip_in)

    assert done == (1, 29)
    assert stored(studio, "count(*) FILTER (WHERE title = 'first')") == 1
    assert stored(studio) == 86
    assert stored(studio, "(SELECT count(*) FROM booking)") == 85
    assert series_id is not None


def test_a_batch_holds_no_more_rows_than_it_may(studio: Studio, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(materialize, "ROWS_A_BATCH", 50)
    for number in range(3):
        daily(studio, str(number))
    later = NOW + timedelta(days=30)
    written = []

    while (done := go_on(studio, later)) != (0, 0):
        written.append(done[1])

    assert written == [50, 40]
    assert stored(studio) == 3 * 86


def test_a_plan_that_gives_more_than_a_batch_may_hold_goes_on_in_the_next(
    studio: Studio, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(materialize, "ROWS_A_BATCH", 20)
    monkeypatch.setattr(stretch, "ROWS_A_BATCH", 288)
    daily(studio)
    later = NOW + timedelta(days=30)
    marks = []

    while (done := go_on(studio, later)) != (0, 0):
        marks.append((done[1], stored(studio, "max(starts_at)"), until_of(studio)))

    assert [mark[0] for mark in marks] == [20, 10]
    assert all(last < until for _, last, until in marks)  # type: ignore[operator]  # instants
    assert marks[0][2] < marks[1][2] == later + timedelta(days=60)  # type: ignore[operator]  # instants
    assert stored(studio) == 86


def until_of(studio: Studio) -> object:
    with studio.engine.connect() as connection:
        return connection.scalar(text("SELECT max(materialized_until) FROM segment"))


def test_many_batches_in_two_lanes_write_each_session_once(studio: Studio, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(materialize, "FIRST_BATCH", 2)
    monkeypatch.setattr(materialize, "MOST_SEGMENTS", 3)
    with database.transaction(studio.engine) as (_, now):
        began = now - timedelta(days=30)
    for number in range(12):
        daily(studio, str(number), rule="FREQ=HOURLY", now=began, dtstart=began.replace(tzinfo=None, microsecond=0))

    done = materialize.drain(studio.engine, studio.settings)

    assert done["segments"] == 12
    counts = text("SELECT count(*), count(DISTINCT starts_at) FROM session GROUP BY series_id")
    with studio.engine.connect() as connection:
        found = [tuple(row) for row in connection.execute(counts)]
    assert len(found) == 12
    assert all(rows == starts > 24 * 89 for rows, starts in found)
    assert len(set(found)) == 1
    assert materialize.drain(studio.engine, studio.settings) == {}


def test_a_login_that_does_not_own_the_tables_materializes_all_the_same(studio: Studio) -> None:
    series_id = daily(studio, hall=hall_of(studio))
    with studio.engine.begin() as connection:
        owner = f"owner_{series_id.hex[:8]}"
        connection.execute(text(f"CREATE ROLE {owner} LOGIN PASSWORD 'x' IN ROLE sessionbeat_worker"))
    engine = database.connect(studio.engine.url.set(username=owner, password="x").render_as_string(False))

    later = NOW + timedelta(days=30)
    with database.transaction(engine) as (tx, _):
        done = materialize.batch(tx, later, 100, studio.settings)

    engine.dispose()
    with studio.engine.begin() as connection:
        connection.execute(text(f"DROP ROLE {owner}"))
    assert done.counts == {"segments": 1, "sessions": 30, "clashes": 0}
    assert stored(studio, "(SELECT count(*) FROM booking)") == 86


def test_who_ends_nothing_by_hand_before_the_end_of_the_calendar_ends_it_there() -> None:
    end = datetime(9999, 12, 31, 22, tzinfo=UTC)

    assert materialize.end_due_at(Segment(auto_end=False), end) == datetime.max.replace(tzinfo=UTC)
    assert materialize.end_due_at(Segment(auto_end=True), end) == end
