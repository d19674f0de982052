"""Attendance is written while a session runs and corrected afterwards; what makes no sense is refused."""

from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest
from sqlalchemy import delete, select

import recurrence
from db import engine as database
from db.models import Attendance, Mark, Session
from db.sessions import SessionKey
from services import attend, by_hand, plan
from services.attend import AttendanceView
from services.errors import Conflict, NotFound
from services.plan_draft import PlanDraft
from tests.integration.conftest import Studio

LOCAL = datetime(2026, 1, 5, 18)
STARTS = datetime(2026, 1, 5, 9, tzinfo=UTC)
DURING = STARTS + timedelta(minutes=30)
BEFORE = STARTS - timedelta(hours=1)


@pytest.fixture
def key(studio: Studio, ada: UUID) -> SessionKey:
    """A session of an hour that Ada is enrolled in, planned the day before."""
    series = recurrence.Series(dtstart=LOCAL, time_zone="Asia/Seoul", duration=recurrence.Duration(seconds=3600))
    with database.transaction(studio.engine, studio.tenant_id) as (tx, _):
        draft = PlanDraft(series=series, title="Pilates", participants=(ada,))
        made = plan.create(tx, studio.tenant_id, draft, STARTS - timedelta(days=1), studio.settings)
    return SessionKey(studio.tenant_id, made.series_id, LOCAL)


def mark(studio: Studio, key: SessionKey, user_id: UUID, what: Mark, at: datetime = DURING) -> AttendanceView:
    with database.transaction(studio.engine, studio.tenant_id) as (tx, _):
        return attend.mark(tx, key, user_id, what, "key", at)


def test_whoever_is_enrolled_is_expected(studio: Studio, key: SessionKey, ada: UUID) -> None:
    with database.transaction(studio.engine, studio.tenant_id) as (tx, _):
        views = attend.of_session(tx, key, BEFORE)

    assert [(view.user_id, view.mark, view.marked_by) for view in views] == [(ada, Mark.EXPECTED, None)]


def test_the_same_mark_twice_is_one_mark(studio: Studio, key: SessionKey, ada: UUID) -> None:
    first = mark(studio, key, ada, Mark.PRESENT)

    second = mark(studio, key, ada, Mark.PRESENT, DURING + timedelta(minutes=5))

    assert second == first
    assert first.marked_at == DURING


def test_a_mark_can_be_changed(studio: Studio, key: SessionKey, ada: UUID) -> None:
    mark(studio, key, ada, Mark.PRESENT)

    assert mark(studio, key, ada, Mark.LATE).mark is Mark.LATE


def test_nobody_is_present_before_the_start(studio: Studio, key: SessionKey, ada: UUID) -> None:
    with pytest.raises(Conflict, match="cannot mark PRESENT at a session that is SCHEDULED"):
        mark(studio, key, ada, Mark.PRESENT, BEFORE)


def test_an_excuse_may_come_before_the_start(studio: Studio, key: SessionKey, ada: UUID) -> None:
    assert mark(studio, key, ada, Mark.EXCUSED, BEFORE).mark is Mark.EXCUSED


def test_nobody_is_marked_at_a_cancelled_session(studio: Studio, key: SessionKey, ada: UUID) -> None:
    with database.transaction(studio.engine, studio.tenant_id) as (tx, _):
        by_hand.cancel(tx, key, "key", BEFORE)

    with pytest.raises(Conflict, match="CANCELLED"):
        mark(studio, key, ada, Mark.PRESENT)


def test_an_unknown_person_is_not_found(studio: Studio, key: SessionKey) -> None:
    with pytest.raises(NotFound):
        mark(studio, key, uuid4(), Mark.PRESENT)


def test_the_marks_of_a_session_go_with_it(studio: Studio, key: SessionKey, ada: UUID) -> None:
    mark(studio, key, ada, Mark.PRESENT)

    with database.transaction(studio.engine, studio.tenant_id) as (tx, _):
        tx.execute(delete(Session))
        tx.commit()

    with database.transaction(studio.engine, studio.tenant_id) as (tx, _):
        assert tx.scalars(select(Attendance)).all() == []
