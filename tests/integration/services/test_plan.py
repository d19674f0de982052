"""A plan becomes sessions in the transaction that makes it."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

import recurrence
from db import engine as database
from services import plan, query, references
from services.errors import Clash, InvalidField, InvalidRecurrence
from services.filters import Filters, Page
from services.plan_draft import PlanDraft
from tests.integration.conftest import Studio

HOUR = recurrence.Duration(seconds=3600)


def weekly(**more: object) -> recurrence.Series:
    values: dict[str, object] = {
        "dtstart": datetime(2026, 1, 5, 18),
        "time_zone": "Asia/Seoul",
        "duration": HOUR,
        "rule": recurrence.Rule.parse("FREQ=WEEKLY;BYDAY=MO,WE"),
    }
    return recurrence.Series(**(values | more))  # type: ignore[arg-type]


def test_an_endless_plan_has_its_sessions_up_to_the_horizon_at_once(studio: Studio) -> None:
    now = datetime(2026, 1, 5, tzinfo=UTC)

    with database.transaction(studio.engine, studio.tenant_id) as (tx, _):
        made = plan.create(tx, studio.tenant_id, PlanDraft(series=weekly(), title="Pilates"), now, studio.settings)
    with database.transaction(studio.engine, studio.tenant_id) as (tx, _):
        window = Filters(from_=now, to=now + timedelta(days=60))
        found = query.window(tx, studio.tenant_id, window, Page(limit=100), now)

    assert made.notes == ()
    assert len(found.items) == 18
    assert all(view.materialized and view.state == "SCHEDULED" for view in found.items)
    assert [view.starts_at for view in found.items[:2]] == [
        datetime(2026, 1, 5, 9, tzinfo=UTC),
        datetime(2026, 1, 7, 9, tzinfo=UTC),
    ]


def test_beyond_the_horizon_the_rule_answers(studio: Studio) -> None:
    now = datetime(2026, 1, 5, tzinfo=UTC)
    far = datetime(2031, 1, 6, tzinfo=UTC)

    with database.transaction(studio.engine, studio.tenant_id) as (tx, _):
        plan.create(tx, studio.tenant_id, PlanDraft(series=weekly(), title="Pilates"), now, studio.settings)
        found = query.window(tx, studio.tenant_id, Filters(from_=far, to=far + timedelta(days=7)), Page(limit=100), now)

    assert [(view.starts_at, view.materialized, view.tracked) for view in found.items] == [
        (datetime(2031, 1, 6, 9, tzinfo=UTC), False, True),
        (datetime(2031, 1, 8, 9, tzinfo=UTC), False, True),
    ]


def test_pages_over_stored_and_given_sessions_leave_nothing_out_and_double_nothing(studio: Studio) -> None:
    now = datetime(2026, 1, 20, tzinfo=UTC)
    window = Filters(from_=datetime(2026, 1, 1, tzinfo=UTC), to=datetime(2026, 12, 31, tzinfo=UTC))
    drafts = [PlanDraft(series=weekly(), title=str(number)) for number in range(3)]

    with database.transaction(studio.engine, studio.tenant_id) as (tx, _):
        for draft in drafts:
            plan.create(tx, studio.tenant_id, draft, now, studio.settings)
        whole = query.window(tx, studio.tenant_id, window, Page(limit=1000), now).items
        for descending in (False, True):
            paged, after = [], None
            while True:
                page = Page(limit=7, descending=descending, after=after)
                found = query.window(tx, studio.tenant_id, window, page, now)
                paged += found.items
                if (after := found.next) is None:
                    break
            assert paged == (whole[::-1] if descending else whole)
        counted = query.count(tx, studio.tenant_id, window, now)

    assert counted == len(whole) == 3 * 104
    assert {view.state for view in whole if not view.tracked} == {None}


def test_a_taken_space_refuses_the_whole_plan_and_lists_what_is_in_the_way(studio: Studio) -> None:
    now = datetime(2026, 1, 5, tzinfo=UTC)
    with database.transaction(studio.engine, studio.tenant_id) as (tx, _):
        hall = references.create(tx, studio.tenant_id, "spaces", {"name": "Hall"}, now)
        first = PlanDraft(series=weekly(), title="Pilates", space_id=hall.id)
        made = plan.create(tx, studio.tenant_id, first, now, studio.settings)

    late = weekly(dtstart=datetime(2026, 1, 12, 18, 30), rule=None)
    with (
        pytest.raises(Clash) as refused,
        database.transaction(studio.engine, studio.tenant_id) as (tx, _),
    ):
        plan.create(tx, studio.tenant_id, PlanDraft(series=late, title="Yoga", space_id=hall.id), now, studio.settings)

    [taken] = refused.value.clashes
    assert (taken.series_id, taken.resource) == (made.series_id, hall.id)
    assert (taken.starts_at, taken.ends_at) == (
        datetime(2026, 1, 12, 9, tzinfo=UTC),
        datetime(2026, 1, 12, 10, tzinfo=UTC),
    )
    with database.transaction(studio.engine, studio.tenant_id) as (tx, _):
        plans = query.plans(tx, studio.tenant_id, Filters(from_=now, to=now), Page(), now)
    assert [view.segment.title for view in plans.items] == ["Pilates"]


def test_back_to_back_is_no_clash(studio: Studio) -> None:
    now = datetime(2026, 1, 5, tzinfo=UTC)
    later = weekly(dtstart=datetime(2026, 1, 5, 19))

    with database.transaction(studio.engine, studio.tenant_id) as (tx, _):
        hall = references.create(tx, studio.tenant_id, "spaces", {"name": "Hall"}, now)
        for series in (weekly(), later):
            draft = PlanDraft(series=series, title="Pilates", space_id=hall.id)
            plan.create(tx, studio.tenant_id, draft, now, studio.settings)


def test_a_rule_that_never_fires_is_refused(studio: Studio) -> None:
    never = weekly(rule=recurrence.Rule.parse("FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30"))

    with (
        pytest.raises(InvalidRecurrence, match="never fires"),
        database.transaction(studio.engine, studio.tenant_id) as (tx, now),
    ):
        plan.create(tx, studio.tenant_id, PlanDraft(series=never, title="x"), now, studio.settings)


def test_an_unknown_space_is_refused_by_name(studio: Studio) -> None:
    draft = PlanDraft(series=weekly(), title="x", space_id=uuid4())

    with (
        pytest.raises(InvalidField) as refused,
        database.transaction(studio.engine, studio.tenant_id) as (tx, now),
    ):
        plan.create(tx, studio.tenant_id, draft, now, studio.settings)

    assert refused.value.field == "space_id"


def test_a_start_that_the_rule_does_not_give_moves_to_the_first_that_it_gives(studio: Studio) -> None:
    now = datetime(2026, 1, 5, tzinfo=UTC)
    tuesday = weekly(dtstart=datetime(2026, 1, 6, 18))

    with database.transaction(studio.engine, studio.tenant_id) as (tx, _):
        made = plan.create(tx, studio.tenant_id, PlanDraft(series=tuesday, title="x"), now, studio.settings)
        view = query.one(tx, studio.tenant_id, made.series_id, None, now)

    assert made.notes == ("the start was moved to 2026-01-07T18:00:00, the first that the rule gives",)
    assert view.starts_at == datetime(2026, 1, 7, 9, tzinfo=UTC)


def starts(studio: Studio, series: recurrence.Series, now: datetime, window: Filters) -> list[datetime]:
    """Plans the series at `now` and answers the local starts in the window."""
    with database.transaction(studio.engine, studio.tenant_id) as (tx, _):
        plan.create(tx, studio.tenant_id, PlanDraft(series=series, title="x"), now, studio.settings)
        views = query.window(tx, studio.tenant_id, window, Page(limit=100), now).items
    return [view.recurrence_id for view in views]


JANUARY = Filters(from_=datetime(2026, 1, 1, tzinfo=UTC), to=datetime(2026, 1, 15, tzinfo=UTC))


@pytest.mark.parametrize("now", [datetime(2025, 12, 1, tzinfo=UTC), datetime(2026, 1, 4, tzinfo=UTC)])
def test_an_extra_date_before_the_start_is_a_session(studio: Studio, now: datetime) -> None:
    series = weekly(rdates=(datetime(2026, 1, 2, 18),))

    found = starts(studio, series, now, JANUARY)

    assert found == [datetime(2026, 1, day, 18) for day in (2, 5, 7, 12, 14)]
    with database.transaction(studio.engine, studio.tenant_id) as (tx, _):
        [plan_view] = query.plans(tx, studio.tenant_id, JANUARY, Page(), now).items
        one = query.one(tx, studio.tenant_id, plan_view.series_id, datetime(2026, 1, 2, 18), now)
    assert one.starts_at == datetime(2026, 1, 2, 9, tzinfo=UTC)


def test_a_long_extra_session_is_found_while_it_runs(studio: Studio) -> None:
    long = recurrence.Period(start=datetime(2026, 1, 1, 18), duration=recurrence.Duration(days=6))
    series = weekly(rdates=(long,))
    sixth = Filters(from_=datetime(2026, 1, 6, tzinfo=UTC), to=datetime(2026, 1, 7, tzinfo=UTC))

    found = starts(studio, series, datetime(2026, 1, 20, tzinfo=UTC), sixth)

    assert found == [datetime(2026, 1, 1, 18)]


def test_an_excluded_first_date_leaves_the_start_where_it_is(studio: Studio) -> None:
    series = weekly(exdates=(datetime(2026, 1, 5, 18),))

    found = starts(studio, series, datetime(2025, 12, 1, tzinfo=UTC), JANUARY)

    assert found == [datetime(2026, 1, day, 18) for day in (7, 12, 14)]


def test_a_start_that_an_extra_date_gives_stays(studio: Studio) -> None:
    tuesday = datetime(2026, 1, 6, 18)
    series = weekly(dtstart=tuesday, rdates=(tuesday,))

    found = starts(studio, series, datetime(2025, 12, 1, tzinfo=UTC), JANUARY)

    assert found == [datetime(2026, 1, day, 18) for day in (6, 7, 12, 14)]
