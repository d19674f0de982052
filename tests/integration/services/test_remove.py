"""Removed plans and sessions never start, free what they had booked, and come back as they were."""

from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest

import recurrence
from db import engine as database
from db.sessions import SessionKey
from lifecycle import Step
from services import history, plan, query, references, remove, restore, transition
from services.errors import Clash, Conflict, NotFound
from services.filters import Filters, Page
from services.plan_draft import PlanDraft
from services.remove import Target
from tests.integration.conftest import Studio

NOW = datetime(2026, 1, 1, tzinfo=UTC)
WINDOW = Filters(from_=NOW, to=NOW + timedelta(days=28))


def weekly(studio: Studio, hall: UUID | None = None, rule: str | None = "FREQ=WEEKLY;BYDAY=MO") -> UUID:
    series = recurrence.Series(
        dtstart=datetime(2026, 1, 5, 18),
        time_zone="Asia/Seoul",
        duration=recurrence.Duration(seconds=3600),
        rule=None if rule is None else recurrence.Rule.parse(rule),
    )
    with database.transaction(studio.engine, studio.tenant_id) as (tx, _):
        draft = PlanDraft(series=series, title="Pilates", space_id=hall)
        return plan.create(tx, studio.tenant_id, draft, NOW, studio.settings).series_id


def take(studio: Studio, *targets: Target, now: datetime = NOW) -> list[remove.Removal]:
    with database.transaction(studio.engine, studio.tenant_id) as (tx, _):
        return remove.remove(tx, studio.tenant_id, targets, "key", now)


def bring_back(studio: Studio, target: Target, now: datetime = NOW) -> None:
    with database.transaction(studio.engine, studio.tenant_id) as (tx, _):
        restore.restore(tx, studio.tenant_id, target, now, studio.settings)


def erase(studio: Studio, target: Target, force: bool = False) -> None:
    with database.transaction(studio.engine, studio.tenant_id) as (tx, _):
        remove.delete_for_good(tx, studio.tenant_id, target, NOW, force)


def days(studio: Studio, window: Filters = WINDOW) -> list[int]:
    with database.transaction(studio.engine, studio.tenant_id) as (tx, _):
        return [view.recurrence_id.day for view in query.window(tx, studio.tenant_id, window, Page(), NOW).items]


def test_a_removed_session_is_gone_from_its_week_alone(studio: Studio) -> None:
    series_id = weekly(studio)

    take(studio, Target(series_id, datetime(2026, 1, 12, 18)))

    assert days(studio) == [5, 19, 26]


def test_removing_again_keeps_the_first_time(studio: Studio) -> None:
    target = Target(weekly(studio), datetime(2026, 1, 12, 18))
    take(studio, target)

    [again] = take(studio, target, now=NOW + timedelta(hours=1))

    assert again.removed_at == NOW


def test_a_removed_plan_gives_nothing_more_and_never_starts(studio: Studio) -> None:
    series_id = weekly(studio)

    take(studio, Target(series_id))

    far = Filters(from_=NOW + timedelta(days=900), to=NOW + timedelta(days=930))
    assert days(studio) == days(studio, far) == []
    assert transition.drain(studio.engine, Step.START, 1000) == {}


def test_what_is_over_stays_when_its_plan_is_removed(studio: Studio) -> None:
    series_id = weekly(studio)
    later = datetime(2026, 1, 13, tzinfo=UTC)

    take(studio, Target(series_id), now=later)

    with database.transaction(studio.engine, studio.tenant_id) as (tx, _):
        kinds = [
            row.kind
            for row in history.of_session(tx, SessionKey(studio.tenant_id, series_id, datetime(2026, 1, 5, 18)))
        ]
    assert kinds == ["start", "end"]


def test_a_running_session_is_cancelled_before_it_is_removed(studio: Studio) -> None:
    series_id = weekly(studio)
    during = datetime(2026, 1, 5, 9, 30, tzinfo=UTC)

    take(studio, Target(series_id), now=during)

    with database.transaction(studio.engine, studio.tenant_id) as (tx, _):
        rows = history.of_session(tx, SessionKey(studio.tenant_id, series_id, datetime(2026, 1, 5, 18)))
    assert [(row.kind, row.effective_at) for row in rows] == [
        ("start", datetime(2026, 1, 5, 9, tzinfo=UTC)),
        ("cancel", during),
    ]


def test_a_restored_plan_has_its_sessions_again(studio: Studio) -> None:
    series_id = weekly(studio)
    take(studio, Target(series_id, datetime(2026, 1, 12, 18)))
    take(studio, Target(series_id), now=NOW + timedelta(minutes=1))

    bring_back(studio, Target(series_id))

    assert days(studio) == [5, 19, 26]


def test_a_session_whose_place_was_taken_meanwhile_cannot_be_restored(studio: Studio) -> None:
    with database.transaction(studio.engine, studio.tenant_id) as (tx, now):
        hall = references.create(tx, studio.tenant_id, "spaces", {"name": "Hall"}, now).id
    series_id = weekly(studio, hall)
    take(studio, Target(series_id))
    weekly(studio, hall, rule=None)

    with pytest.raises(Clash):
        bring_back(studio, Target(series_id))

    assert days(studio) == [5]


def test_many_at_once_answer_for_each(studio: Studio) -> None:
    known, unknown = weekly(studio), uuid4()
    targets = [Target(known, datetime(2026, 1, 12, 18)), Target(unknown), Target(known, datetime(2026, 1, 13, 18))]

    removals = take(studio, *targets)

    assert [(removal.removed_at, type(removal.error)) for removal in removals] == [
        (NOW, type(None)),
        (None, NotFound),
        (None, NotFound),
    ]


def test_a_deleted_session_is_not_brought_back(studio: Studio) -> None:
    series_id = weekly(studio)

    erase(studio, Target(series_id, datetime(2026, 1, 12, 18)))

    assert days(studio) == [5, 19, 26]
    with pytest.raises(NotFound):
        erase(studio, Target(series_id, datetime(2026, 1, 12, 18)))


def test_what_has_history_is_deleted_only_by_force(studio: Studio) -> None:
    series_id = weekly(studio)
    transition.drain(studio.engine, Step.START, 1000)

    with pytest.raises(Conflict, match="has history"):
        erase(studio, Target(series_id))
    erase(studio, Target(series_id), force=True)

    assert days(studio) == []


def test_a_one_time_plan_and_its_session_are_one(studio: Studio) -> None:
    series_id = weekly(studio, rule=None)

    take(studio, Target(series_id, datetime(2026, 1, 5, 18)))

    with database.transaction(studio.engine, studio.tenant_id) as (tx, _):
        view = query.one(tx, studio.tenant_id, series_id, None, NOW)
    assert view.removed_at == NOW
