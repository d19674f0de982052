"""Whatever frees a place gives it to who waits, in the same transaction; what was erased is named nowhere."""

import pytest
from sqlalchemy import text

from api_stub import attendance_rows
from db import engine as database
from db.models import Mark
from services import attend, attendance_import, erase, references
from services.attendance_import import Delivered
from services.errors import Conflict
from tests.integration.conftest import Studio
from tests.integration.services.classes import person
from tests.integration.services.gym import FIRST, SECOND, Gym


def mark(gym: Gym, name: str, wall: str, said: Mark) -> None:
    gym.act(lambda tx: attend.mark(tx, gym.key(wall), gym.who(name), said, "key", gym.now))


def test_whoever_is_marked_excused_frees_the_place_at_once(studio: Studio) -> None:
    gym = Gym(studio, capacity=1)
    gym.enrol("bo")
    gym.drop_in("ada", SECOND)

    mark(gym, "bo", SECOND, Mark.EXCUSED)

    assert gym.at(SECOND) == ["bo-", "ada"]
    assert gym.at(FIRST) == ["bo"]
    assert [kind for kind, _, _ in gym.log()] == ["promote"]


def test_an_excuse_whose_place_is_given_away_cannot_be_taken_back_by_a_mark(studio: Studio) -> None:
    gym = Gym(studio, capacity=1)
    gym.enrol("bo")
    gym.drop_in("ada", SECOND)
    mark(gym, "bo", SECOND, Mark.EXCUSED)
    before = gym.dump()

    with pytest.raises(Conflict, match="given to somebody else"):
        mark(gym, "bo", SECOND, Mark.EXPECTED)

    assert gym.dump() == before


def test_whoever_is_erased_frees_all_places(studio: Studio) -> None:
    gym = Gym(studio, capacity=1)
    gym.enrol("bo")
    gym.enrol("ada")

    gym.act(lambda tx: erase.erase(tx, studio.tenant_id, gym.who("bo"), gym.now))

    assert gym.at(SECOND) == ["ada"]


def test_rows_that_came_in_bulk_do_not_name_who_is_erased(studio: Studio) -> None:
    erased = person(studio, "Bo")
    delivered = attendance_rows.read(b"sessionId,userId,status\nunknown,Bo@Studio.example,PRESENT", "text/csv")
    with database.transaction(studio.engine, studio.tenant_id) as (tx, now):
        attendance_import.store(tx, studio.tenant_id, delivered, "gate", now)

    with database.transaction(studio.engine, studio.tenant_id) as (tx, now):
        erase.erase(tx, studio.tenant_id, erased, now)

    with studio.engine.connect() as connection:
        assert connection.scalar(text("SELECT person FROM attendance_import_row")) == str(erased)


def test_nor_by_an_address_that_the_person_had_before(studio: Studio) -> None:
    erased = person(studio, "Bo")
    row = Delivered(line=1, session=None, person="Bo@Studio.example", email="bo@studio.example", mark="PRESENT")
    with database.transaction(studio.engine, studio.tenant_id) as (tx, now):
        attendance_import.store(tx, studio.tenant_id, [row], "gate", now)
        references.update(tx, studio.tenant_id, "users", erased, {"email": "robert@studio.example"}, now)

    with database.transaction(studio.engine, studio.tenant_id) as (tx, now):
        erase.erase(tx, studio.tenant_id, erased, now)

    with studio.engine.connect() as connection:
        assert connection.scalar(text("SELECT person FROM attendance_import_row")) == str(erased)
