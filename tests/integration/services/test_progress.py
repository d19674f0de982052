"""What is done of a routine is told while a session runs, and put right by staff afterwards."""

from typing import Any
from uuid import UUID, uuid4

import pytest

from db import engine as database
from db.models import Mark
from services import progress, references
from services.errors import Conflict, InvalidField
from services.progress import Progress, Told
from tests.integration.conftest import Studio
from tests.integration.services.classes import Class, person

ACTIVITIES = ("Warm-up", "Core", "Stretching", "Rest")


@pytest.fixture
def routine(studio: Studio) -> UUID:
    with database.transaction(studio.engine, studio.tenant_id) as (tx, now):
        values = {"name": "Basics", "activities": list(ACTIVITIES)}
        return references.create(tx, studio.tenant_id, "routines", values, now).id


def tell(held: Class, *done: str, **more: Any) -> Progress:
    with database.transaction(held.studio.engine, held.studio.tenant_id) as (tx, now):
        return progress.tell(tx, held.key, Told(done=done, **more), "key", now)


def test_progress_is_the_part_of_the_activities_that_is_done(studio: Studio, routine: UUID) -> None:
    held = Class(studio, began=20, routine_id=routine)

    found = tell(held, "Core", "Warm-up", "Core")

    assert (found.done, found.part) == (("Warm-up", "Core"), 0.5)
    assert held.read().progress == 0.5


def test_what_is_told_is_all_that_is_done(studio: Studio, routine: UUID) -> None:
    held = Class(studio, began=20, routine_id=routine)
    tell(held, "Warm-up", "Core")

    tell(held, "Warm-up")

    with database.transaction(studio.engine, studio.tenant_id) as (tx, _):
        assert progress.of_session(tx, held.key) == Progress(activities=ACTIVITIES, done=("Warm-up",))
    assert held.read().progress == 0.25


def test_an_unknown_activity_is_refused_by_name(studio: Studio, routine: UUID) -> None:
    held = Class(studio, began=20, routine_id=routine)

    with pytest.raises(InvalidField, match="got 'Sauna', expected activities of the routine: Warm-up, Core"):
        tell(held, "Warm-up", "Sauna")
    with pytest.raises(InvalidField, match="users"):
        tell(held, "Warm-up", user_id=uuid4())


def test_a_session_without_activities_has_no_progress(studio: Studio) -> None:
    with pytest.raises(Conflict, match="no routine with activities"):
        tell(Class(studio, began=20), "Warm-up")


def test_nothing_is_told_before_the_start(studio: Studio, routine: UUID) -> None:
    with pytest.raises(Conflict, match="SCHEDULED"):
        tell(Class(studio, began=-20, routine_id=routine), "Warm-up")


def test_after_the_end_only_a_correction_is_taken_and_measured_again(studio: Studio, routine: UUID, ada: UUID) -> None:
    held = Class(studio, began=90, routine_id=routine, participants=(ada,))
    held.settle()
    assert (held.metrics().progress, held.metrics().completed) == (0, False)

    with pytest.raises(Conflict, match="told as a correction now"):
        tell(held, *ACTIVITIES)
    tell(held, *ACTIVITIES, is_correction=True)
    held.settle()

    assert (held.metrics().progress, held.metrics().completed) == (1, True)


def test_a_person_who_did_something_came(studio: Studio, routine: UUID, ada: UUID) -> None:
    held = Class(studio, began=20, routine_id=routine, participants=(ada,))

    tell(held, "Warm-up", user_id=ada)
    tell(held, user_id=ada)

    [view] = held.views()
    assert (view.mark, view.done) == (Mark.PRESENT, ())
    assert held.read().progress is None, "nobody has said what the session has done"


def test_a_mark_of_people_stays_whatever_somebody_did(studio: Studio, routine: UUID, ada: UUID) -> None:
    held = Class(studio, began=20, routine_id=routine, participants=(ada,))
    held.mark(ada, Mark.LATE)

    tell(held, "Warm-up", user_id=ada)

    assert held.people() == {ada: Mark.LATE}


def test_progress_of_persons_counts_where_nothing_was_told_of_the_session(
    studio: Studio, routine: UUID, ada: UUID
) -> None:
    held = Class(studio, began=20, routine_id=routine, participants=(ada,), completion_threshold=0.25)
    ben = person(studio, "Ben")
    held.mark(ben, Mark.PRESENT)
    tell(held, "Warm-up", "Core", user_id=ada)

    held.end()
    held.settle()

    record = held.metrics()
    assert (record.progress, record.completed) == (0.25, True), "Ben came too, and nothing is known of him"
