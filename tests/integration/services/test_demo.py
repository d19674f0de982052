"""The demo studio is loaded once, into an empty tenant, and something starts within the minute."""

from datetime import UTC, datetime, timedelta

from sqlalchemy import select

from db import engine as database
from db.models import User
from services import demo, erase, query, reports
from services.filters import Filters, Page
from services.reports import By, Question, Report
from tests.integration.conftest import Studio

NOW = datetime(2026, 1, 8, 3, 0, 0, 250_000, tzinfo=UTC)


def load(studio: Studio, now: datetime = NOW) -> bool:
    with database.transaction(studio.engine, studio.tenant_id) as (tx, _):
        return demo.load(tx, studio.tenant_id, now, studio.settings)


def test_a_session_of_the_demo_starts_within_the_minute(studio: Studio) -> None:
    load(studio)

    with database.transaction(studio.engine, studio.tenant_id) as (tx, _):
        window = Filters(from_=NOW, to=NOW + timedelta(minutes=2))
        found = query.window(tx, studio.tenant_id, window, Page(), NOW).items
    assert timedelta(0) < found[0].starts_at - NOW < timedelta(minutes=1)
    assert len(found) == 3


def test_a_tenant_with_a_plan_is_left_alone(studio: Studio) -> None:
    first, second = load(studio), load(studio, NOW + timedelta(days=1))

    assert (first, second) == (True, False)


def test_the_demo_can_be_loaded_at_any_hour_of_the_week(studio: Studio) -> None:
    for hours in range(0, 168, 5):
        with database.transaction(studio.engine, studio.tenant_id) as (tx, _), tx.begin_nested() as trial:
            assert demo.load(tx, studio.tenant_id, NOW + timedelta(hours=hours), studio.settings)
            trial.rollback()


def report(studio: Studio, by: By) -> Report:
    with database.transaction(studio.engine, studio.tenant_id) as (tx, _):
        return reports.run(tx, studio.tenant_id, Question(by=by), NOW)


def test_the_term_that_is_over_has_believable_reports(studio: Studio) -> None:
    load(studio)

    total = report(studio, By.SERIES).total
    assert total.sessions == 2 * 12 - 1 + 12 - 1
    assert total.expected == total.present + total.late + total.absent + total.excused
    assert 0.75 < (total.present + total.late) / (total.expected - total.excused) < 0.95
    assert 0 < total.late_cancels < total.excused < total.absent < total.present
    assert len(report(studio, By.PERSON).rows) == 20
    assert {row.sums.key for row in report(studio, By.WEEKDAY).rows} == {"1", "2", "4"}


def test_every_demo_tells_the_same(studio: Studio) -> None:
    found = []
    for days in (0, 3):
        with database.transaction(studio.engine, studio.tenant_id) as (tx, _), tx.begin_nested() as trial:
            demo.load(tx, studio.tenant_id, NOW + timedelta(days=days), studio.settings)
            rows = reports.run(tx, studio.tenant_id, Question(by=By.PERSON), NOW).rows
            found.append([row.sums._replace(key=None) for row in rows])
            trial.rollback()

    assert found[0] == found[1]


def test_erasing_everybody_leaves_every_total_true(studio: Studio) -> None:
    load(studio)
    before = {by: report(studio, by) for by in By}
    with database.transaction(studio.engine, studio.tenant_id) as (tx, _):
        for user_id in tx.scalars(select(User.id)):
            erase.erase(tx, studio.tenant_id, user_id, NOW)

    after = {by: report(studio, by) for by in By}

    assert {by: found.total for by, found in after.items()} == {by: found.total for by, found in before.items()}
    nameless = [sorted(row.sums._replace(name=None) for row in found.rows) for found in after.values()]
    assert nameless == [sorted(row.sums._replace(name=None) for row in found.rows) for found in before.values()]
