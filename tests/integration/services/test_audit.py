"""The auditor finds what the rows should not say, says nothing where they are right, and never takes long."""

from datetime import datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy import text
from structlog.testing import capture_logs

import recurrence
from db import audits, tally
from db import engine as database
from db.sessions import SessionKey
from services import audit, by_hand, edit, plan, remove, second_opinion
from services.edit import SessionChange
from services.plan_draft import PlanDraft
from tests.integration.conftest import Studio

AGES = timedelta(days=4000)  # so that the next sample is never too early


def planned(studio: Studio, rule: str | None = "FREQ=DAILY", zone: str = "Asia/Seoul", **more: object) -> UUID:
    """A plan from tomorrow at 18:00 on; its id."""
    with database.transaction(studio.engine, studio.tenant_id) as (tx, now):
        series = recurrence.Series(
            dtstart=recurrence.wall_time(now, zone).replace(hour=18, minute=0, second=0) + timedelta(days=1),
            time_zone=zone,
            duration=recurrence.Duration(seconds=3600),
            rule=None if rule is None else recurrence.Rule.parse(rule),
            **more,  # type: ignore[arg-type]
        )
        return plan.create(tx, studio.tenant_id, PlanDraft(series=series, title="x"), now, studio.settings).series_id


def third(studio: Studio, series_id: UUID) -> SessionKey:
    """The third session of a plan."""
    statement = text("SELECT recurrence_id FROM session WHERE series_id = :id ORDER BY 1 OFFSET 2 LIMIT 1")
    with studio.engine.connect() as connection:
        return SessionKey(studio.tenant_id, series_id, connection.scalar(statement, {"id": series_id}))


def harm(studio: Studio, statement: str, key: SessionKey | None = None) -> None:
    """Change rows behind everybody's back."""
    with studio.engine.begin() as connection:
        connection.execute(text(statement), {} if key is None else {"id": key.series_id, "wall": key.recurrence_id})


def check(studio: Studio) -> dict[str, int]:
    harm(studio, "UPDATE audit SET looked_at = '2000-01-01Z'")
    return audit.check(studio.engine)


def mismatches(studio: Studio) -> list[str]:
    with studio.engine.connect() as connection:
        return list(connection.scalars(text("SELECT mismatch FROM segment WHERE mismatch IS NOT NULL")))


def test_rows_as_the_rules_give_them_are_right(studio: Studio) -> None:
    for rule in ("FREQ=DAILY", "FREQ=WEEKLY;BYDAY=MO,TH", "FREQ=MONTHLY;BYMONTHDAY=-1", "FREQ=DAILY;COUNT=5", None):
        for zone in ("Asia/Seoul", "America/New_York", "UTC"):
            planned(studio, rule, zone)

    assert check(studio) == {"compared": 15}
    assert mismatches(studio) == []


def test_what_people_did_is_no_mismatch(studio: Studio) -> None:
    series_id = planned(studio)
    keys = [
        SessionKey(studio.tenant_id, series_id, third(studio, series_id).recurrence_id + timedelta(days=day))
        for day in range(4)
    ]
    with database.transaction(studio.engine, studio.tenant_id) as (tx, now):
        by_hand.cancel(tx, keys[0], "key", now)
        remove.remove(tx, studio.tenant_id, [remove.Target(series_id, keys[1].recurrence_id)], "key", now)
        edit.edit(tx, keys[2], SessionChange(starts=keys[2].recurrence_id.replace(hour=20)), now)
        remove.delete_for_good(tx, studio.tenant_id, remove.Target(series_id, keys[3].recurrence_id), now)
    history = "state = 'CANCELLED' OR removed_at IS NOT NULL"  # it stands still when the clocks change
    harm(studio, f"UPDATE session SET starts_at = starts_at - interval '1 hour' WHERE {history}")

    assert check(studio) == {"compared": 1}


OF_ONE = "WHERE (series_id, recurrence_id) = (:id, :wall)"
OF_PLAN = "WHERE series_id = :id AND CAST(:wall AS timestamp) IS NOT NULL"


@pytest.mark.parametrize(
    ("statement", "told"),
    [
        (f"DELETE FROM session {OF_ONE}", "no row"),
        (f"UPDATE session SET starts_at = starts_at - interval '1 hour' {OF_ONE}", "T08:00:00+00:00 to"),
        (f"UPDATE session SET ends_at = ends_at + interval '1 minute' {OF_ONE}", "T10:01:00"),
        (f"UPDATE session SET recurrence_id = recurrence_id + interval '1 hour' {OF_ONE}", "expected no session"),
        (f"UPDATE session SET moved_to_local = recurrence_id + interval '2 hours' {OF_ONE}", "moved to"),
        (f"UPDATE segment SET next_materialize_at = NULL {OF_PLAN}", "next_materialize_at"),
        (f"UPDATE segment SET materialized_until = materialized_until + interval '1 day' {OF_PLAN}", "no row"),
    ],
)
def test_a_wrong_row_is_an_error_a_count_and_stands_at_the_plan(studio: Studio, statement: str, told: str) -> None:
    key = third(studio, planned(studio))
    planned(studio)
    harm(studio, statement, key)

    with capture_logs() as logs:
        counts = check(studio)

    assert counts == {"compared": 2, "mismatched": 1}
    [found] = mismatches(studio)
    assert told in found
    [error] = [line for line in logs if line["event"] == "audit_mismatch"]
    assert (error["log_level"], error["series_id"]) == ("error", str(key.series_id))
    assert len(error["expected"]) == len(error["got"]) > 0
    with database.transaction(studio.engine) as (tx, _):
        assert audits.standing(tx) == 1
        assert {(one.name, *one.labels): one.amounts for one in tally.totals(tx)} == {
            (tally.AUDITED, "compared"): [2.0],
            (tally.AUDIT_MISMATCHES,): [1.0],
        }


def test_what_is_mended_stands_no_longer(studio: Studio) -> None:
    key = third(studio, planned(studio))
    harm(studio, "UPDATE session SET ends_at = ends_at + interval '1 minute' WHERE recurrence_id = :wall", key)
    check(studio)
    harm(studio, "UPDATE session SET ends_at = ends_at - interval '1 minute' WHERE recurrence_id = :wall", key)

    check(studio)

    assert mismatches(studio) == []


def test_a_removed_plan_has_no_mismatch(studio: Studio) -> None:
    key = third(studio, planned(studio))
    harm(studio, "DELETE FROM session WHERE recurrence_id = :wall OR series_id <> :id", key)
    check(studio)
    with database.transaction(studio.engine, studio.tenant_id) as (tx, now):
        remove.remove(tx, studio.tenant_id, [remove.Target(key.series_id)], "key", now)

    assert check(studio) == {"skipped": 1}
    assert mismatches(studio) == []


@pytest.mark.parametrize(
    "column",
    [
        "set_aside = 'Mars'",
        "tzdata_version = '1999a'",
        "rrule = 'FREQ=WEEKLY;BYSETPOS=1;BYDAY=MO,TU'",
        "time_zone = 'Mars/Olympus'",
    ],
)
def test_what_is_not_audited_is_counted_as_skipped(studio: Studio, column: str) -> None:
    key = third(studio, planned(studio))
    harm(studio, f"UPDATE segment SET {column}")
    harm(studio, "DELETE FROM session WHERE recurrence_id = :wall OR series_id <> :id", key)

    assert check(studio) == {"skipped": 1}
    assert mismatches(studio) == []


def test_a_round_goes_on_where_the_last_sample_ended_and_begins_anew(
    studio: Studio, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(audit, "SAMPLE", 2)
    for _ in range(5):
        planned(studio)

    assert [check(studio).get("compared", 0) for _ in range(4)] == [2, 2, 1, 2]


def test_a_second_hint_soon_after_does_nothing(studio: Studio) -> None:
    planned(studio)
    check(studio)

    assert audit.check(studio.engine) == {}


def test_a_sample_that_nobody_could_finish_is_not_begun_again(studio: Studio, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(audit, "SAMPLE", 1)
    planned(studio)
    planned(studio)
    with monkeypatch.context() as broken:
        broken.setattr(second_opinion, "sessions", killed)
        with pytest.raises(KeyboardInterrupt):
            check(studio)

    harm(studio, "UPDATE session SET ends_at = ends_at + interval '1 minute'")
    check(studio)

    with studio.engine.connect() as connection:
        found = list(connection.scalars(text("SELECT mismatch IS NOT NULL FROM segment ORDER BY series_id")))
    assert found == [False, True]


def killed(*_: object) -> None:
    raise KeyboardInterrupt


def test_a_walk_without_an_end_is_stopped_and_is_a_mismatch(studio: Studio, monkeypatch: pytest.MonkeyPatch) -> None:
    planned(studio, "FREQ=MONTHLY")
    harm(studio, "UPDATE segment SET rrule = 'FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30'")
    monkeypatch.setattr(second_opinion, "why_not", lambda *_: None)  # as if our engine gave it a session soon

    assert check(studio) == {"compared": 1, "mismatched": 1}
    assert "found nothing in 10,000 steps" in mismatches(studio)[0]


def test_what_begins_meanwhile_is_no_mismatch(studio: Studio) -> None:
    key = third(studio, planned(studio))
    with studio.engine.connect() as connection:
        starts_at: datetime = connection.scalar(
            text("SELECT starts_at FROM session WHERE recurrence_id = :wall"), {"wall": key.recurrence_id}
        )
    for moment in (starts_at - timedelta(microseconds=1), starts_at, starts_at + timedelta(microseconds=1)):
        with database.transaction(studio.engine) as (tx, _):
            keys = audits.take(tx, 10, moment + AGES, timedelta(0))
            _, counts = audit.look(tx, moment, keys)
        assert counts == {"compared": 1}
        harm(studio, "UPDATE audit SET looked_at = '2000-01-01Z'")


@pytest.mark.parametrize(
    "unreadable",
    ["rrule = 'FREQ=NEVER'", "duration = 'P1Y'", "dtstart = dtstart + interval '0.5 s'", "time_zone = 'America'",
     "time_zone = ''"],
)  # fmt: skip
def test_a_plan_that_cannot_be_read_any_more_holds_up_no_audit(studio: Studio, unreadable: str) -> None:
    broken = planned(studio)
    planned(studio)
    harm(studio, f"UPDATE segment SET {unreadable} WHERE series_id = '{broken}'")

    assert check(studio) == {"compared": 1, "skipped": 1}


def test_a_date_at_the_edge_of_the_calendar_holds_up_no_audit(studio: Studio) -> None:
    broken = planned(studio, zone="America/New_York")
    planned(studio)
    harm(studio, f"UPDATE segment SET rdates = '{{00010101T000000Z}}' WHERE series_id = '{broken}'")

    assert check(studio)["compared"] >= 1
