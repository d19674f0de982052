"""What happened to a session is told as its state is: what took effect and is not written yet, too."""

from datetime import UTC, datetime, timedelta

import pytest

import recurrence
from db import due
from db import engine as database
from db.models import AutoStart
from db.sessions import SessionKey
from lifecycle import ON_TIME_WITHIN, Step
from services import by_hand, history, plan
from services.plan_draft import PlanDraft
from tests.integration.conftest import Studio

STARTS = datetime(2026, 1, 5, 9, tzinfo=UTC)
ENDS = STARTS + timedelta(hours=1)
PLANNED = STARTS - timedelta(days=1)
LATE = ON_TIME_WITHIN + timedelta(seconds=1)


def planned(studio: Studio, **more: object) -> SessionKey:
    """One hour on a past Monday, as if it had been planned the day before."""
    local = datetime(2026, 1, 5, 9)
    series = recurrence.Series(dtstart=local, time_zone="UTC", duration=recurrence.Duration(seconds=3600))
    with database.transaction(studio.engine, studio.tenant_id) as (tx, _):
        draft = PlanDraft(series=series, title="Pilates", **more)  # type: ignore[arg-type]
        made = plan.create(tx, studio.tenant_id, draft, PLANNED, studio.settings)
    return SessionKey(studio.tenant_id, made.series_id, local)


def told(studio: Studio, key: SessionKey, now: datetime) -> list[tuple[int, str, datetime, str, bool]]:
    """Number, kind, effective instant and outcome of each entry, and whether it is written."""
    with database.transaction(studio.engine, studio.tenant_id) as (tx, _):
        entries = history.effective(tx, key, now)
    assert {entry.actor for entry in entries} <= {"system", "key"}
    return [(one.seq, one.kind, one.effective_at, one.outcome, one.applied_at is not None) for one in entries]


def apply(studio: Studio, step: Step, now: datetime) -> None:
    with database.transaction(studio.engine) as (tx, _):
        due.apply(tx, step, now, 10)


@pytest.mark.parametrize(
    ("after_start", "expected"),
    [
        (timedelta(milliseconds=-1), []),
        (timedelta(0), [(1, "start", STARTS, "on_time", False)]),
        (LATE, [(1, "start", STARTS, "caught_up", False)]),
        (timedelta(hours=1), [(1, "start", STARTS, "caught_up", False), (2, "end", ENDS, "on_time", False)]),
    ],
)
def test_what_is_due_is_told_before_it_is_written(
    studio: Studio, after_start: timedelta, expected: list[tuple[int, str, datetime, str, bool]]
) -> None:
    key = planned(studio)

    assert told(studio, key, STARTS + after_start) == expected


def test_what_is_written_is_told_once(studio: Studio) -> None:
    key = planned(studio)

    apply(studio, Step.START, STARTS)

    assert [one[0::4] for one in told(studio, key, ENDS)] == [(1, True), (2, False)]
    apply(studio, Step.END, ENDS)
    assert [one[0::4] for one in told(studio, key, ENDS)] == [(1, True), (2, True)]


def test_an_entry_to_come_is_the_one_that_is_written_then(studio: Studio) -> None:
    keys = [
        planned(studio),
        planned(studio, auto_start=AutoStart.MANUAL),
        planned(studio, auto_end=False),
        planned(studio, misfire_grace=timedelta(minutes=1)),
    ]
    with database.transaction(studio.engine) as (_, now):
        pass
    before = [[one[:4] for one in told(studio, key, now)] for key in keys]

    for step in (Step.START, Step.END):
        apply(studio, step, now)

    assert before == [[one[:4] for one in told(studio, key, now)] for key in keys]
    assert [[one[1] for one in entries] for entries in before] == [
        ["start", "end"],
        ["miss"],
        ["start", "end"],
        ["miss"],
    ]


def test_what_was_called_off_has_nothing_to_come(studio: Studio) -> None:
    key = planned(studio)
    with database.transaction(studio.engine, studio.tenant_id) as (tx, _):
        by_hand.cancel(tx, key, "key", PLANNED)

    assert [one[1] for one in told(studio, key, ENDS)] == ["cancel"]
