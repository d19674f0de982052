"""The completion record is what a plain count over the tables gives, whatever people did."""

import contextlib
import random
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text

from db import engine as database
from db.models import AutoStart, Mark
from services import correct, edit, progress, references
from services.correct import Correction
from services.edit import SessionChange
from services.errors import Conflict
from services.progress import Told
from tests.integration.conftest import Studio
from tests.integration.services.classes import Class, person

ACTIVITIES = ["Warm-up", "Core", "Rest"]

FROM_SCRATCH = text("""
    SELECT s.series_id,
        (SELECT count(*) FROM enrolment e WHERE e.series_id = s.series_id AND NOT drop_in
            AND s.recurrence_id >= from_local AND s.recurrence_id < coalesce(until_local, 'infinity')) AS enrolled,
        (SELECT count(*) FROM attendance a WHERE a.series_id = s.series_id AND mark <> 'EXPECTED') AS expected,
        (SELECT count(*) FROM attendance a WHERE a.series_id = s.series_id AND mark = 'PRESENT') AS present,
        (SELECT count(*) FROM attendance a WHERE a.series_id = s.series_id AND mark = 'LATE') AS late,
        (SELECT count(*) FROM attendance a WHERE a.series_id = s.series_id AND mark = 'ABSENT') AS absent,
        (SELECT count(*) FROM attendance a WHERE a.series_id = s.series_id AND mark = 'EXCUSED') AS excused,
        (SELECT avg(CASE WHEN EXISTS (SELECT FROM presence p WHERE p.series_id = s.series_id AND p.user_id = a.user_id)
                    THEN (SELECT count(DISTINCT second) / 60.0 FROM presence p,
                          generate_series(p.checked_in_at, coalesce(p.checked_out_at, s.ended_at) - interval '1 s',
                                          interval '1 s') AS second
                          WHERE p.series_id = s.series_id AND p.user_id = a.user_id
                            AND second >= s.started_at AND second < s.ended_at)
                    ELSE extract(epoch FROM s.ends_at - s.starts_at) / 60 END)
            FROM attendance a WHERE a.series_id = s.series_id AND mark IN ('PRESENT', 'LATE')) AS presence_minutes,
        s.progress AS told, g.capacity, g.completion_threshold,
        (SELECT count(done) FROM attendance a
            WHERE a.series_id = s.series_id AND mark IN ('PRESENT', 'LATE')) AS tellers,
        (SELECT avg(coalesce(cardinality(done), 0)) / 3.0 FROM attendance a
            WHERE a.series_id = s.series_id AND mark IN ('PRESENT', 'LATE')) AS of_people,
        g.routine_id IS NOT NULL AS has_activities,
        extract(epoch FROM s.ends_at - s.starts_at) / 60 AS planned_minutes,
        extract(epoch FROM s.ended_at - s.started_at) / 60 AS actual_minutes,
        extract(epoch FROM s.started_at - s.starts_at) AS start_lateness_s,
        extract(epoch FROM s.ended_at - s.ends_at) AS end_lateness_s
    FROM session s JOIN segment g USING (tenant_id, series_id) WHERE s.state = 'COMPLETED'
""")

ROWS_EACH = text("""
    SELECT s.series_id, e.user_id,
           (SELECT count(*) FROM attendance a WHERE a.series_id = s.series_id AND a.user_id = e.user_id) AS rows
    FROM session s JOIN enrolment e ON e.series_id = s.series_id WHERE s.state = 'COMPLETED'
""")

PLAIN = ("enrolled", "expected", "present", "late", "absent", "excused", "planned_minutes", "actual_minutes",
         "start_lateness_s", "end_lateness_s", "presence_minutes")  # fmt: skip


@pytest.fixture
def people(studio: Studio) -> list[UUID]:
    return [person(studio, f"P{number}") for number in range(8)]


@pytest.fixture
def routine(studio: Studio) -> UUID:
    with database.transaction(studio.engine, studio.tenant_id) as (tx, now):
        return references.create(tx, studio.tenant_id, "routines", {"name": "x", "activities": ACTIVITIES}, now).id


def a_class(studio: Studio, people: list[UUID], routine: UUID, chosen: random.Random) -> Class:
    """One that is over, with some people and rules of its own."""
    more: dict[str, Any] = {"late_after": timedelta(minutes=chosen.choice([0, 5, 10])), "exclusive": frozenset()}
    more |= chosen.choice([{}, {"capacity": chosen.randint(6, 9)}])
    more |= chosen.choice([{}, {"routine_id": routine, "completion_threshold": chosen.choice([0.3, 0.6, 1.0])}])
    began = chosen.choice([30, 90])
    if began == 30:
        more |= chosen.choice([{}, {"auto_start": AutoStart.FIRST_CHECK_IN}])
    return Class(studio, began=began, participants=tuple(chosen.sample(people, chosen.randint(0, 6))), **more)


def live(held: Class, people: list[UUID], chosen: random.Random) -> None:
    """People do something; what is refused is as good as not done."""
    who = chosen.choice(people)
    at = chosen.choice([-20, 0, 3, 6, 12, 20, 25, 29])
    try:
        match chosen.randrange(6):
            case 0 | 1:
                held.check_in(who, at)
            case 2:
                held.check_out(who, at)
            case 3:
                held.mark(who, chosen.choice(list(Mark)))
            case 4:
                tell(held, chosen, who)
            case 5:
                tell(held, chosen, None)
    except Conflict:
        pass


def tell(held: Class, chosen: random.Random, who: UUID | None) -> None:
    """Some activities are done."""
    done = tuple(chosen.sample(ACTIVITIES, chosen.randint(0, 3)))
    with database.transaction(held.studio.engine, held.studio.tenant_id) as (tx, now):
        progress.tell(tx, held.key, Told(done=done, user_id=who, is_correction=True), "key", now)


def end(held: Class, chosen: random.Random) -> None:
    """It is over, and perhaps the times are put right."""
    with contextlib.suppress(ValueError):  # it is over already, or never began
        held.end()
    held.settle()
    if chosen.random() < 0.3 and held.metrics_or_none() is not None:
        with database.transaction(held.studio.engine, held.studio.tenant_id) as (tx, now):
            told = Correction(started_at=held.at(chosen.choice([-10, 4])), ended_at=held.at(chosen.choice([22, 28])))
            correct.correct(tx, held.key, told, "key", now)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_the_record_is_what_a_count_from_scratch_gives(
    studio: Studio, people: list[UUID], routine: UUID, seed: int
) -> None:
    chosen = random.Random(seed)
    classes = [a_class(studio, people, routine, chosen) for _ in range(8)]
    for held in classes:
        for _ in range(chosen.randint(0, 14)):
            live(held, people, chosen)
        end(held, chosen)
    for held in classes:
        for _ in range(3):
            live(held, people, chosen)
        held.settle()

    with studio.engine.connect() as connection:
        counted = {row.series_id: row for row in connection.execute(FROM_SCRATCH)}
        rows = connection.execute(ROWS_EACH).all()
    by_id = {held.key.series_id: held for held in classes}

    assert len(counted) > 2
    for series_id, expected in counted.items():
        compare(by_id[series_id], expected)
    assert {row.rows for row in rows} == {1}, "one row for each person expected"


def compare(held: Class, expected: Any) -> None:
    """The record, field by field."""
    record = held.metrics()
    for name in PLAIN:
        plain = getattr(expected, name)
        assert getattr(record, name) == (None if plain is None else pytest.approx(float(plain), abs=0.02)), name
    came = expected.present + expected.late
    asked = expected.expected - expected.excused
    assert record.attendance_rate == (None if asked == 0 else pytest.approx(came / asked))
    assert record.fill_rate == (None if expected.capacity is None else pytest.approx(came / expected.capacity))
    part = expected.told if expected.told is not None else (expected.of_people if expected.tellers else 0)
    assert record.progress == (pytest.approx(float(part)) if expected.has_activities else None)
    reached = float(part) + 1e-9 >= expected.completion_threshold if expected.has_activities else came > 0
    assert record.completed is reached


def test_who_was_there_twice_at_once_is_counted_once(studio: Studio, people: list[UUID]) -> None:
    held = Class(studio, began=90)
    for come, go in ((-10, 10), (30, 40)):
        held.check_in(people[0], come)
        held.check_out(people[0], go)
    with studio.engine.begin() as connection:
        connection.execute(
            text("INSERT INTO presence SELECT tenant_id, series_id, recurrence_id, user_id, checked_in_at - interval "
                 "'5 min', checked_out_at - interval '2 min' FROM presence WHERE checked_in_at = :at"),
            {"at": held.at(30)},
        )  # fmt: skip

    held.settle()

    assert held.metrics().presence_minutes == pytest.approx(10 + 15)


def test_a_mark_without_a_check_in_counts_the_planned_minutes(studio: Studio, people: list[UUID]) -> None:
    held = Class(studio, began=20, participants=(people[0],))
    held.mark(people[0], Mark.PRESENT)

    held.end()
    held.settle()

    assert held.metrics().presence_minutes == 60
    assert held.metrics().actual_minutes < 21


def test_a_capacity_that_is_put_right_afterwards_is_in_the_record(studio: Studio, people: list[UUID]) -> None:
    held = Class(studio, began=90, rule="FREQ=DAILY", capacity=4, participants=(people[0],))
    held.check_in(people[0], 1)
    held.settle()
    assert held.metrics().fill_rate == 0.25

    with database.transaction(studio.engine, studio.tenant_id) as (tx, now):
        edit.edit(tx, held.key, SessionChange(capacity=2), now)
    held.settle()

    assert held.metrics().fill_rate == 0.5


def test_a_drop_in_is_expected_and_not_enrolled(studio: Studio, people: list[UUID]) -> None:
    held = Class(studio, began=90, participants=(people[0],))
    with studio.engine.begin() as connection:
        connection.execute(
            text("INSERT INTO enrolment (tenant_id, series_id, user_id, from_local, until_local, drop_in) SELECT "
                 "tenant_id, series_id, :who, recurrence_id, recurrence_id + interval '1 s', true FROM session"),
            {"who": people[1]},
        )  # fmt: skip
    held.check_in(people[2], 1)

    held.settle()

    record = held.metrics()
    assert (record.enrolled, record.expected, record.absent, record.present) == (1, 3, 2, 1)
