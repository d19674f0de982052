"""An app whose database can't be reached: what needs none must work all the same."""

from collections.abc import Iterator

import pytest
from flask_openapi3.openapi import OpenAPI

from api_stub import door
from api_stub.app import create_app
from config.settings import Settings

NOBODY_LISTENS = "postgresql://sessionbeat@127.0.0.1:1/sessionbeat"  # port 1 needs root and a service nobody runs


@pytest.fixture
def app() -> Iterator[OpenAPI]:
    """The app, with a database that refuses every connection."""
    app = create_app(Settings(database_url=NOBODY_LISTENS))
    yield app
    app.extensions[door.NAME].engine.dispose()
