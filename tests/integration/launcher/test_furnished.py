"""What a second start does not do again is asked of the database."""

import pytest
from sqlalchemy import Engine

from config.settings import Settings
from db import engine as database
from db.models import Role
from launcher import furnished, opening
from services import keys


def test_an_empty_database_is_not_current_and_a_migrated_one_is(empty_database_url: str) -> None:
    before = furnished.is_current(empty_database_url)

    opening.migrate(empty_database_url)

    assert not before
    assert furnished.is_current(empty_database_url)


@pytest.mark.parametrize("demo", [True, False])
def test_a_database_is_furnished_when_it_knows_the_key_and_has_the_demo_that_is_wanted(
    database_url: str, demo: bool
) -> None:
    before = furnished.is_furnished(database_url, "sb_unknown", demo=demo)

    key = opening.furnish(database_url, None, demo=demo, given=Settings())

    assert not before
    assert furnished.is_furnished(database_url, key, demo=demo)
    assert furnished.is_furnished(database_url, key, demo=True) == demo
    assert opening.furnish(database_url, key, demo=demo, given=Settings()) == key


def test_a_revoked_key_is_not_known(database_url: str, engine: Engine) -> None:
    with database.transaction(engine) as (tx, now):
        key = keys.create(tx, "Studio", Role.ADMIN, now)
        caller = keys.authenticate(tx, key)
        assert caller is not None
        keys.revoke(tx, caller.key_id, now)

    assert not furnished.is_furnished(database_url, key, demo=False)
