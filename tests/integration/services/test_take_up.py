"""What docs/operations.md tells operators to type finds what was set aside, and takes it up again."""

import re
from pathlib import Path

import pytest
from sqlalchemy import CursorResult, text

from db.models import AutoStart
from lifecycle import State
from services import materialize
from tests.integration.conftest import Studio
from tests.integration.services.classes import Class

PAGE = (Path(__file__).parents[3] / "docs" / "operations.md").read_text()
TYPED = [one for block in re.findall(r"```sql\n(.*?)```", PAGE, re.DOTALL) for one in block.split(";\n") if one.strip()]
EXAMPLE = "01a20566-61a0-74c3-9b7a-d791085fe3aa"


def type_in(studio: Studio, verb: str, noun: str, series_id: object) -> int:
    """Types the statement of the page on sessions or segments, for this plan; how many rows it met."""
    [statement] = [one for one in TYPED if re.match(rf"{verb} (?:[\w, ]+ FROM )?{noun}\b", one)]
    with studio.engine.begin() as connection:
        done: CursorResult[object] = connection.execute(text(statement.replace(EXAMPLE, str(series_id))))
        return done.rowcount


@pytest.mark.parametrize(
    ("auto_start", "began", "state"),
    [
        (AutoStart.SCHEDULED, 10, State.IN_PROGRESS),
        (AutoStart.SCHEDULED, 70, State.COMPLETED),
        (AutoStart.MANUAL, 10, State.SCHEDULED),
        (AutoStart.MANUAL, 70, State.MISSED),
    ],
)
def test_a_session_is_taken_up_with_what_is_due(
    studio: Studio, auto_start: AutoStart, began: int, state: State
) -> None:
    held = Class(studio, began=began, auto_start=auto_start)
    held.put_aside()

    assert type_in(studio, "SELECT", "session", held.key.series_id) == 1
    assert type_in(studio, "UPDATE", "session", held.key.series_id) == 1
    assert type_in(studio, "SELECT", "session", held.key.series_id) == 0
    held.settle()

    assert held.read().state is state


@pytest.mark.parametrize(("began", "state"), [(10, State.IN_PROGRESS), (70, State.COMPLETED)])
def test_one_that_runs_is_ended_and_one_that_is_over_is_measured(studio: Studio, began: int, state: State) -> None:
    held = Class(studio, began=began)
    held.settle()
    measured = held.metrics() if state is State.COMPLETED else None
    held.put_aside()

    type_in(studio, "UPDATE", "session", held.key.series_id)
    held.settle()

    view = held.read()
    assert (view.state, view.ended_at) == (state, held.at(60) if state is State.COMPLETED else None)
    assert measured is None or held.metrics().measured_at >= measured.measured_at


def test_a_plan_is_taken_up_and_written(studio: Studio) -> None:
    held = Class(studio, began=-60, rule="FREQ=DAILY")
    with studio.engine.begin() as connection:
        connection.execute(text("DELETE FROM session"))
        aside = "UPDATE segment SET set_aside = 'bad', next_materialize_at = NULL, materialized_until = now()"
        connection.execute(text(aside))

    assert type_in(studio, "SELECT", "segment", held.key.series_id) == 1
    assert type_in(studio, "UPDATE", "segment", held.key.series_id) == 1
    assert type_in(studio, "SELECT", "segment", held.key.series_id) == 0
    materialize.drain(studio.engine, studio.settings)

    assert held.read().materialized
