"""Keys, and the tenants that are made for them."""

import pytest

from db import engine as database
from db.models import Role
from services import keys
from services.errors import InvalidField
from tests.integration.conftest import Studio


@pytest.mark.parametrize("name", ["", " ", "x" * 201])
def test_a_tenant_has_a_name_that_can_be_read(studio: Studio, name: str) -> None:
    with database.transaction(studio.engine) as (tx, now), pytest.raises(InvalidField) as caught:
        keys.create(tx, name, Role.ADMIN, now)

    assert caught.value.field == "tenant"


def test_a_name_of_two_hundred_characters_is_taken(studio: Studio) -> None:
    with database.transaction(studio.engine) as (tx, now):
        key = keys.create(tx, "é" * 200, Role.ADMIN, now)

        assert keys.authenticate(tx, key) is not None
