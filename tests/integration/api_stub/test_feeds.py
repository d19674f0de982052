"""A call that calendar programs make takes its key in the address; a key of a feed, and no other."""

from collections.abc import Iterator

import pytest
from flask.testing import FlaskClient
from sqlalchemy import Engine

from api_stub import door
from api_stub.app import create_app
from config.settings import Settings
from db import engine as database
from db.models import Role
from services import keys

FEED = "/api/v1/calendar.ics"


@pytest.fixture
def client(database_url: str) -> Iterator[FlaskClient]:
    """A client of an app."""
    app = create_app(Settings(database_url=database_url))
    yield app.test_client()
    app.extensions[door.NAME].engine.dispose()


@pytest.mark.parametrize("role, status", [(Role.FEED, 200), (Role.VIEWER, 401), (Role.ADMIN, 401)])
def test_in_the_address_only_a_feeds_key_is_taken(client: FlaskClient, engine: Engine, role: Role, status: int) -> None:
    with database.transaction(engine) as (tx, now):
        key = keys.create(tx, "studio", role, now)

    assert client.get(FEED, query_string={"token": key}).status_code == status


@pytest.mark.parametrize("role", [Role.FEED, Role.VIEWER, Role.ADMIN])
def test_in_the_header_any_key_is_taken(client: FlaskClient, engine: Engine, role: Role) -> None:
    with database.transaction(engine) as (tx, now):
        key = keys.create(tx, "studio", role, now)

    assert client.get(FEED, headers={"Authorization": f"Bearer {key}"}).status_code == 200


def test_a_feed_ends_with_its_key(client: FlaskClient, engine: Engine) -> None:
    with database.transaction(engine) as (tx, now):
        key = keys.create(tx, "studio", Role.FEED, now)
    assert client.get(FEED, query_string={"token": key}).status_code == 200

    with database.transaction(engine) as (tx, now):
        caller = keys.authenticate(tx, key)
        assert caller is not None
        keys.revoke(tx, caller.key_id, now)

    assert client.get(FEED, query_string={"token": key}).status_code == 401
    assert client.get(FEED, query_string={"token": ""}).status_code == 401
    assert client.get(FEED).status_code == 401
