"""How the statements that move due sessions go about it: they read what they claim, whatever the planner believes."""

import re
from collections.abc import Iterator
from datetime import timedelta
from uuid import UUID

import psycopg
import pytest

from bench import house, stock
from bench.stock import Due
from db import due
from db import engine as database
from lifecycle import Step
from services import transition

ENDS = {"low": "timestamptz", "low_series": "uuid", "high": "timestamptz", "high_series": "uuid"}
KINDS = {"now": "timestamptz", "on_time_within": "interval", **ENDS}
WORDS = {name: f"'{word}'" for name, word in due.WORDS.items()}
LOW = {"low": "now() - interval '1 hour'", "low_series": f"'{UUID(int=0)}'"}
HIGH = {"high": "now()", "high_series": f"'{UUID(int=0)}'"}
VALUES = {"now": "now()", "on_time_within": "'10 s'", **LOW, **HIGH, **WORDS}
INDEXES = {Step.START: "session_start_idx", Step.END: "session_later_idx"}


@pytest.fixture(scope="module")
def stocked(module_database_url: str) -> Iterator[psycopg.Connection]:
    """A herd of two thousand that is due, in twenty thousand sessions."""
    with psycopg.connect(module_database_url, autocommit=True) as sql:
        [[now]] = sql.execute("SELECT clock_timestamp()")
        stock.fill(sql, plans=2_000, ahead=9, due=[Due(now - timedelta(minutes=1), first=1, step=1)])
        yield sql


def hot_updates(sql: psycopg.Connection) -> int:
    """How many updates of sessions touched no index so far."""
    sql.execute("SELECT pg_stat_force_next_flush()")
    [[number]] = sql.execute("SELECT n_tup_hot_upd FROM pg_stat_user_tables WHERE relname = 'session'").fetchall()
    return int(number)


def plan_of(sql: psycopg.Connection, step: Step, mode: str, backward: bool) -> str:
    """The plan of a step's statement, prepared as the driver does after a while."""
    statement = due.claiming(due.STATEMENTS[step], step, limit=500, among=False, backward=backward).text
    names = list(dict.fromkeys(re.findall(r"(?<!:):(\w+)", statement)))
    for number, name in enumerate(names, 1):
        statement = re.sub(rf"(?<!:):{name}\b", f"${number}", statement)
    values = {**VALUES, "step": f"'{step}'"}
    with sql.transaction(force_rollback=True):
        sql.execute(due.AS_MEANT.text)
        sql.execute(f"SET LOCAL plan_cache_mode = {mode}")
        sql.execute(f"PREPARE moving ({', '.join(KINDS.get(name, 'text') for name in names)}) AS {statement}")
        lines = sql.execute(f"EXPLAIN EXECUTE moving ({', '.join(values[name] for name in names)})").fetchall()
        sql.execute("DEALLOCATE moving")
    return "\n".join(line for (line,) in lines)


@pytest.mark.parametrize("mode", ["force_custom_plan", "force_generic_plan"])
@pytest.mark.parametrize("backward", [False, True])
@pytest.mark.parametrize("step", [Step.START, Step.END])
def test_a_batch_reads_no_row_but_those_it_claims(
    stocked: psycopg.Connection, step: Step, mode: str, backward: bool
) -> None:
    plan = plan_of(stocked, step, mode, backward)

    assert f"Index Scan{' Backward' if backward else ''} using {INDEXES[step]} on session" in plan
    assert "TID Cond: (due.place = ctid)" in plan
    assert "Tid Scan on session s" in plan
    assert "Seq Scan on session" not in plan
    assert "Sort" not in plan


def test_a_start_touches_no_index(stocked: psycopg.Connection, module_database_url: str) -> None:
    engine = database.connect(module_database_url)

    counts = transition.drain(engine, Step.START, 500)

    engine.dispose()
    assert counts["start"] == 2_000
    house.wait_until(lambda: hot_updates(stocked) == 2_000, 5.0)
