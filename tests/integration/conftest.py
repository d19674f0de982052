"""A tenant in a database of the test's own."""

from datetime import UTC, datetime
from typing import NamedTuple
from uuid import UUID

import pytest
from sqlalchemy import Engine

from config.settings import Settings
from db import engine as database
from db.models import Role
from services import keys


class Studio(NamedTuple):
    """A tenant, and the way to its database."""

    engine: Engine
    tenant_id: UUID
    settings: Settings


@pytest.fixture
def studio(engine: Engine) -> Studio:
    """A tenant in Seoul, without plans."""
    with database.transaction(engine) as (tx, now):
        key = keys.create(tx, "Studio", Role.ADMIN, now, "Asia/Seoul")
        caller = keys.authenticate(tx, key)
    assert caller is not None
    return Studio(engine, caller.tenant_id, Settings())


@pytest.fixture
def monday() -> datetime:
    """A Monday noon to plan from, so that nothing depends on today."""
    return datetime(2026, 1, 5, 12, tzinfo=UTC)
