"""Reports count what is stored, and a total is the sum of its parts."""

from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy.orm import Session as Tx

from db import engine as database
from db.reports import ADDED, Sums
from services import reports
from services.reports import By, Question, Scope
from tests.integration.conftest import Studio
from tests.integration.services.plans import at
from tests.integration.services.population import FIRST, Population, counted

HERE = settings(deadline=None, max_examples=10, suppress_health_check=[HealthCheck.function_scoped_fixture])
NOW = at("2026-07-01")
OF_PEOPLE = ("expected", "present", "late", "absent", "excused", "late_cancels", "presence_minutes")


def as_sums(row: Sums) -> dict[str, Any]:
    return {name: pytest.approx(float(getattr(row, name))) for name in ADDED}


def ask(tx: Tx, studio: Studio, by: By, **more: Any) -> reports.Report:
    scope = more.pop("scope", Scope())
    return reports.run(tx, studio.tenant_id, Question(by=by, scope=scope, **more), NOW)


@given(seed=st.integers(0, 10**9))
@HERE
def test_a_report_is_what_plain_counting_gives(studio: Studio, seed: int) -> None:
    with database.transaction(studio.engine, studio.tenant_id) as (tx, _), tx.begin_nested() as trial:
        people = Population(seed, studio.tenant_id)
        people.store(tx)
        for by in By:
            found = ask(tx, studio, by)

            expected = counted(people.facts, by, lambda _: True)
            assert {row.sums.key for row in found.rows} == set(expected)
            for row in found.rows:
                assert expected[row.sums.key] == as_sums(row.sums), (by, row)
        trial.rollback()


@given(seed=st.integers(0, 10**9))
@HERE
def test_a_total_is_the_sum_of_its_rows_and_the_same_whatever_it_is_grouped_by(studio: Studio, seed: int) -> None:
    with database.transaction(studio.engine, studio.tenant_id) as (tx, _), tx.begin_nested() as trial:
        Population(seed, studio.tenant_id).store(tx)
        totals = {}
        for by in By:
            found = ask(tx, studio, by)
            totals[by] = as_sums(found.total)
            for name in ADDED:
                parts = sum(float(getattr(row.sums, name)) for row in found.rows)
                assert float(getattr(found.total, name)) == pytest.approx(parts), (by, name)
        for by in By:
            names = OF_PEOPLE if by is By.PERSON else ADDED
            assert {name: totals[by][name] for name in names} == {name: totals[By.SERIES][name] for name in names}
        trial.rollback()


@given(seed=st.integers(0, 10**9), days=st.integers(1, 40))
@HERE
def test_two_windows_that_meet_add_up_to_the_one_they_make(studio: Studio, seed: int, days: int) -> None:
    middle = at(f"{FIRST:%Y-%m-%d}") + timedelta(days=days)
    with database.transaction(studio.engine, studio.tenant_id) as (tx, _), tx.begin_nested() as trial:
        Population(seed, studio.tenant_id).store(tx)
        for by in (By.PERSON, By.SPACE):
            whole = ask(tx, studio, by).total
            parts = [ask(tx, studio, by, scope=scope).total for scope in (Scope(until=middle), Scope(since=middle))]

            for name in ADDED:
                added = sum(float(getattr(part, name)) for part in parts)
                assert float(getattr(whole, name)) == pytest.approx(added)
        trial.rollback()


@given(seed=st.integers(0, 10**9))
@HERE
def test_filters_leave_what_plain_counting_leaves(studio: Studio, seed: int) -> None:
    with database.transaction(studio.engine, studio.tenant_id) as (tx, _), tx.begin_nested() as trial:
        people = Population(seed, studio.tenant_id)
        people.store(tx)
        for kind in ("series", "routine", "program", "timeline", "space", "instructor"):
            for key in {fact.keys[kind] or "" for fact in people.facts} - {""}:
                asked: dict[str, Any] = {f"{kind}_id": UUID(key)}
                found = ask(tx, studio, By.WEEKDAY, scope=replace(Scope(), **asked))

                expected = counted(people.facts, "weekday", lambda fact: fact.keys[kind] == key)  # noqa: B023
                assert {row.sums.key: as_sums(row.sums) for row in found.rows} == expected
        for person in people.people:
            alone = ask(tx, studio, By.SPACE, scope=Scope(user_id=person)).total
            plain = counted(people.facts, "person", lambda _: True).get(str(person), dict.fromkeys(ADDED, 0))
            assert as_sums(alone) == plain
        trial.rollback()


@given(seed=st.integers(0, 10**9), limit=st.integers(1, 3))
@HERE
def test_pages_are_the_whole_report_in_its_order(studio: Studio, seed: int, limit: int) -> None:
    with database.transaction(studio.engine, studio.tenant_id) as (tx, _), tx.begin_nested() as trial:
        Population(seed, studio.tenant_id).store(tx)
        for by in By:
            whole = ask(tx, studio, by)
            pages, after = [], None
            while True:
                page = ask(tx, studio, by, limit=limit, after=after)
                pages += page.rows
                assert page.total == whole.total
                after = page.next
                if after is None:
                    break
            assert pages == whole.rows
        trial.rollback()


@given(seed=st.integers(0, 10**9), drop=st.integers(1, 4))
@HERE
def test_the_worst_counted_sessions_of_each_person_are_dropped(studio: Studio, seed: int, drop: int) -> None:
    with database.transaction(studio.engine, studio.tenant_id) as (tx, _), tx.begin_nested() as trial:
        Population(seed, studio.tenant_id).store(tx)
        before = {row.sums.key: row.sums for row in ask(tx, studio, By.PERSON).rows}

        for row in ask(tx, studio, By.PERSON, drop_lowest=drop).rows:
            was, left = before[row.sums.key], row.sums
            fewer = min(drop, was.absent + was.late + was.present)
            gone = [min(fewer, was.absent)]
            gone.append(min(fewer - sum(gone), was.late))
            gone.append(fewer - sum(gone))
            assert (left.absent, left.late, left.present) == tuple(
                whole - less for whole, less in zip((was.absent, was.late, was.present), gone, strict=True)
            )
            assert (left.excused, left.late_cancels) == (was.excused, was.late_cancels)
            assert (left.dropped, left.dropped_absent, left.sessions) == (fewer, gone[0], was.sessions - fewer)
        trial.rollback()
