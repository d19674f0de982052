"""A rule that ends by COUNT and began long ago is expanded from the count that is kept with its segment."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy import text

import recurrence
from db import engine as database
from db import segments
from db.models import Segment
from db.sessions import SessionKey
from services import counted, materialize, plan, query, virtual
from services.filters import Filters, Page
from services.plan_draft import PlanDraft
from tests.integration.conftest import Studio

NOW = datetime(2026, 1, 1, tzinfo=UTC)
BY_MONTHS = "BYMONTH=1,2,3,4,5,6,7,8,9,10,11,12"  # changes nothing, but such a rule is counted
UNEVEN = "FREQ=MINUTELY;INTERVAL=7;BYHOUR=9,10;COUNT=300000"  # too far from 1980 to be counted in one call
SPENT = "FREQ=MINUTELY;INTERVAL=7;BYHOUR=9,10;COUNT=3000"  # ran out in the first year


def series_of(rule: str, dtstart: datetime = datetime(1980, 1, 1, 9), **more: object) -> recurrence.Series:
    values = {"duration": recurrence.Duration(seconds=60), "rule": recurrence.Rule.parse(rule)} | more
    return recurrence.Series(dtstart=dtstart, time_zone="America/New_York", **values)  # type: ignore[arg-type]


def planned(studio: Studio, rule: str, dtstart: datetime = datetime(1980, 1, 1, 9)) -> UUID:
    with database.transaction(studio.engine, studio.tenant_id) as (tx, _):
        draft = PlanDraft(series=series_of(rule, dtstart), title="x")
        return plan.create(tx, studio.tenant_id, draft, NOW, studio.settings).series_id


def segment_of(studio: Studio) -> Segment:
    with database.transaction(studio.engine, studio.tenant_id) as (tx, _):
        return tx.query(Segment).one()


def ids(studio: Studio, series_id: UUID, begin: datetime, days: int) -> list[datetime]:
    with database.transaction(studio.engine, studio.tenant_id) as (tx, _):
        window = Filters(from_=begin, to=begin + timedelta(days=days), series_id=series_id)
        return [one.recurrence_id for one in query.window(tx, studio.tenant_id, window, Page(limit=10_000), NOW).items]


def uncounted(begin: datetime, days: int) -> list[datetime]:
    """What the uneven rule gives without COUNT."""
    endless = series_of(UNEVEN.partition(";COUNT")[0])
    return [one.recurrence_id for one in recurrence.expand(endless, begin, begin + timedelta(days=days))]


def test_the_engine_alone_cannot_count_so_far() -> None:
    with pytest.raises(recurrence.BudgetError):
        list(recurrence.expand(series_of(UNEVEN), NOW, NOW + timedelta(days=1)))


@pytest.mark.parametrize(
    "begin", [NOW + timedelta(days=3), NOW + timedelta(days=300), datetime(2015, 6, 1, tzinfo=UTC)]
)
def test_a_rule_with_count_begun_long_ago_is_answered_in_every_window(studio: Studio, begin: datetime) -> None:
    series_id = planned(studio, UNEVEN)

    assert ids(studio, series_id, begin, 2) == uncounted(begin, 2) != []


def test_where_count_ran_out_long_ago_nothing_comes(studio: Studio) -> None:
    series_id = planned(studio, SPENT)

    assert ids(studio, series_id, NOW, 30) == []
    assert len(ids(studio, series_id, datetime(1980, 1, 1, tzinfo=UTC), 366)) == 3_000
    assert ids(studio, series_id, datetime(2010, 1, 1, tzinfo=UTC), 30) == []
    assert segment_of(studio).next_materialize_at is None


def test_the_last_session_that_count_allows_is_the_last(studio: Studio) -> None:
    begin = datetime(2025, 12, 1, 9)
    series_id = planned(studio, "FREQ=WEEKLY;BYDAY=MO,WE;COUNT=30", begin)
    whole = [
        one.recurrence_id for one in recurrence.expand(series_of("FREQ=WEEKLY;BYDAY=MO,WE;COUNT=30", begin), BEGIN)
    ]

    found = ids(studio, series_id, BEGIN, 300)

    assert found == whole
    assert len(found) == 30


BEGIN = datetime(2025, 11, 1, tzinfo=UTC)


def test_the_cursor_is_carried_on_with_the_watermark_and_ends_where_count_does(studio: Studio) -> None:
    planned(studio, f"FREQ=DAILY;BYDAY=MO,TU,WE,TH,FR;{BY_MONTHS};COUNT=60", datetime(2026, 1, 5, 9))
    first = segment_of(studio)

    for days in (30, 60):
        now = NOW + timedelta(days=days)
        with database.transaction(studio.engine) as (tx, _):
            materialize.batch(tx, now, 100, studio.settings)

    second = segment_of(studio)
    assert first.counted_until is not None
    assert second.counted_until is not None
    assert first.counted_until < first.materialized_until.replace(tzinfo=None) - timedelta(days=1)
    assert (first.counted, second.counted) == (40, 60)
    assert second.next_materialize_at is None
    with studio.engine.connect() as connection:
        assert connection.scalar(text("SELECT count(*) FROM session")) == 60


@pytest.mark.parametrize("rule", ["FREQ=DAILY", "FREQ=DAILY;COUNT=60"], ids=["no count", "a last start by arithmetic"])
def test_a_rule_that_need_not_be_counted_keeps_no_cursor(studio: Studio, rule: str) -> None:
    planned(studio, rule, datetime(2026, 1, 5, 9))

    assert segments.cursor_of(segment_of(studio)) is None


def test_a_batch_that_is_rolled_back_leaves_the_cursor_with_its_watermark(studio: Studio) -> None:
    planned(studio, UNEVEN)
    before = segment_of(studio)

    with database.transaction(studio.engine) as (tx, _):
        materialize.batch(tx, NOW + timedelta(days=30), 100, studio.settings)
        tx.rollback()
    after = segment_of(studio)

    assert (after.counted, after.materialized_until) == (before.counted, before.materialized_until)


def test_one_session_far_away_is_found_by_its_recurrence_id(studio: Studio) -> None:
    series_id = planned(studio, UNEVEN)
    there = uncounted(NOW + timedelta(days=300), 1)[0]

    with database.transaction(studio.engine, studio.tenant_id) as (tx, _):
        found = virtual.one(tx, SessionKey(studio.tenant_id, series_id, there), NOW)
        none = virtual.one(tx, SessionKey(studio.tenant_id, series_id, there + timedelta(seconds=1)), NOW)

    assert found is not None
    assert (found.recurrence_id, none) == (there, None)


@pytest.mark.parametrize("rule", ["FREQ=MONTHLY;BYDAY=2TU;COUNT=40", "FREQ=WEEKLY;BYDAY=MO,WE;COUNT=140"])
@pytest.mark.parametrize("kept", [datetime(2021, 3, 1), datetime(2022, 6, 15), datetime(2024, 1, 1)])
def test_a_cursor_never_changes_the_answer(rule: str, kept: datetime) -> None:
    series = series_of(rule, datetime(2020, 1, 14, 9))
    cursor = recurrence.cursor_at(series, kept)
    segment = Segment(counted_until=cursor.wall, counted=cursor.counted)

    for month in range(1, 60, 5):
        begin = datetime(2020, 1, 1, tzinfo=UTC) + timedelta(days=30 * month)
        for days in (3, 200, 900):
            end = begin + timedelta(days=days)
            assert list(counted.expand(segment, series, begin, end)) == list(recurrence.expand(series, begin, end))
