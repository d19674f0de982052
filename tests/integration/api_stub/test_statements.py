"""How many statements a page costs: a fixed number, whatever is on it."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy import Engine, event

from api_stub import door
from api_stub.app import create_app
from config.settings import Settings
from db import engine as database
from db.models import Role
from services import keys

FAR = datetime(2100, 1, 1, tzinfo=UTC)


@pytest.fixture
def client(database_url: str) -> Iterator[tuple[FlaskClient, Engine]]:
    """A client of an app in this process, and the app's engine."""
    app = create_app(Settings(database_url=database_url))
    engine = app.extensions[door.NAME].engine
    with database.transaction(engine) as (tx, now):
        key = keys.create(tx, "studio", Role.ADMIN, now)
    client = app.test_client()
    client.environ_base["HTTP_AUTHORIZATION"] = f"Bearer {key}"
    yield client, engine
    engine.dispose()


@pytest.mark.parametrize("view", ["sessions", "plans"])
def test_expanding_a_page_costs_one_statement_a_kind(client: tuple[FlaskClient, Engine], view: str) -> None:
    http, engine = client
    for number in range(6):
        space = json.loads(http.post("/api/v1/spaces", json={"name": f"room {number}"}).get_data())["id"]
        user = {"name": "Ada", "email": f"{number}@example.org"}
        person = json.loads(http.post("/api/v1/users", json=user).get_data())["id"]
        start = (FAR + timedelta(days=number)).isoformat()
        body = {"title": "x", "scheduledAt": start, "duration": "PT1H", "spaceId": space, "participants": [person]}
        assert http.post("/api/v1/sessions", json=body).status_code == 201
    sent: list[str] = []
    event.listen(engine, "before_cursor_execute", lambda *arguments: sent.append(arguments[2]))
    window = "&from=2100-01-01T00:00:00Z" if view == "sessions" else ""
    path = f"/api/v1/sessions?view={view}{window}&expand=space,participants,metrics"
    costs = []

    for limit in (2, 6):
        sent.clear()
        page = json.loads(http.get(f"{path}&limit={limit}").get_data())
        assert len(page["data"]) == limit
        assert all(one["space"]["name"] and one["participants"][0]["name"] for one in page["data"])
        costs.append(len(sent))

    assert costs[0] == costs[1], sent
