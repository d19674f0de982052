"""The database lets in exactly the words that the code knows."""

import re
from enum import StrEnum

import pytest
from sqlalchemy import Engine, text

from db.models import AutoStart, Mark, PlanType, Role, RowOutcome, UserRole
from lifecycle import Event, Outcome, State, Step
from recurrence import Fold, Gap

CHECK = text("SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE conname = :name")


@pytest.mark.parametrize(
    ("name", "enum"),
    [
        ("session_state_check", State),
        ("session_next_step_check", Step),
        ("transition_kind_check", Event),
        ("transition_outcome_check", Outcome),
        ("attendance_mark_check", Mark),
        ("attendance_import_row_mark_check", Mark),
        ("attendance_import_row_outcome_check", RowOutcome),
        ("series_type_check", PlanType),
        ("segment_auto_start_check", AutoStart),
        ("segment_gap_check", Gap),
        ("segment_fold_check", Fold),
        ("api_key_role_check", Role),
        ("app_user_role_check", UserRole),
    ],
)
def test_a_check_lists_the_members_of_its_enum(engine: Engine, name: str, enum: type[StrEnum]) -> None:
    with engine.connect() as connection:
        definition = connection.scalar(CHECK, {"name": name}) or ""

    assert re.findall(r"'([^']+)'", definition) == [member.value for member in enum]
