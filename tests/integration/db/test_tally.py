"""What was counted is counted once, whoever adds it up, and is not lost."""

import pytest
from sqlalchemy import Engine, func, select

from db import engine as database
from db import tally
from db.models import Tally
from db.tally import Count
from tests.integration.conftest import Studio


@pytest.fixture(autouse=True)
def folds_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Fold from the first row on."""
    monkeypatch.setattr(tally, "FOLD_FROM", 1)


def add(engine: Engine, *counts: Count) -> None:
    with database.transaction(engine) as (tx, _):
        tally.add(tx, counts)


def totals(engine: Engine) -> dict[tuple[str, ...], list[float]]:
    with database.transaction(engine) as (tx, _):
        return {(name, *labels): list(amounts) for name, labels, amounts in tally.totals(tx)}


def rows(engine: Engine) -> int:
    with engine.connect() as connection:
        return connection.scalar(select(func.count()).select_from(Tally)) or 0


def test_amounts_add_up_place_by_place_and_by_label(engine: Engine) -> None:
    add(engine, Count("hints", ["a"], [1]), Count("hints", ["b"], [5]), Count("lateness", ["a"], [1, 2, 0.5]))
    add(engine, Count("hints", ["a"], [2]), Count("lateness", ["a"], [10, 20, 0.25]))

    assert totals(engine) == {("hints", "a"): [3], ("hints", "b"): [5], ("lateness", "a"): [11, 22, 0.75]}


def test_what_has_no_label_adds_up_too(engine: Engine) -> None:
    add(engine, Count("audited", [], [3]))
    add(engine, Count("audited", [], [4]))

    assert totals(engine) == {("audited",): [7]}


def test_a_batch_that_was_rolled_back_was_not_counted(engine: Engine) -> None:
    with database.transaction(engine) as (tx, _):
        tally.add(tx, [Count("hints", ["a"], [1])])
        tx.rollback()

    assert totals(engine) == {}


def test_folding_changes_no_sum(engine: Engine) -> None:
    for number in range(20):
        add(engine, Count("hints", [str(number % 2)], [number]), Count("lateness", ["a", "b"], [number, 0.5]))
    before = totals(engine)

    with database.transaction(engine) as (tx, _):
        tally.fold(tx)

    assert totals(engine) == before
    assert rows(engine) == 3


def test_few_rows_are_left_alone(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tally, "FOLD_FROM", 3)
    for _ in range(2):
        add(engine, Count("hints", ["a"], [1]))

    with database.transaction(engine) as (tx, _):
        tally.fold(tx)

    assert rows(engine) == 2


def test_two_that_fold_at_once_wait_for_nobody_and_lose_nothing(engine: Engine) -> None:
    for _ in range(4):
        add(engine, Count("hints", ["a"], [1]))

    with database.transaction(engine) as (one, _):
        tally.fold(one)
        add(engine, Count("hints", ["a"], [1]))
        with database.transaction(engine) as (other, _):
            tally.fold(other)
        between = totals(engine)

    assert between == totals(engine) == {("hints", "a"): [5]}


def test_a_tenants_transaction_counts_too(studio: Studio) -> None:
    with database.transaction(studio.engine, studio.tenant_id) as (tx, _):
        tally.add(tx, [Count("batches", ["START"], [1])])

    assert totals(studio.engine) == {("batches", "START"): [1]}
