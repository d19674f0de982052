"""Another edition of tzdata for this process, a place to book, and two who take part."""

from collections.abc import Iterator
from pathlib import Path
from uuid import UUID

import pytest
import tzdata  # type: ignore[import-untyped]

from db import engine as database
from services import references
from tests import editions
from tests.editions import Clock
from tests.integration.conftest import Studio
from tests.integration.services.classes import person
from tests.integration.services.zones import EARLIER, Installer


@pytest.fixture
def install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Installer]:
    """Installs an edition of this name, with this clock in Seoul and without the zone that is gone."""

    def make(version: str | None, clock: Clock = EARLIER, gone: str | None = None) -> None:
        if version is None:
            editions.use(tzdata, monkeypatch)
            return
        folder = editions.write(tmp_path / version, version, {"Asia/Seoul": clock})
        if gone is not None:
            editions.without(folder, gone)
        editions.install(folder, monkeypatch)

    yield make
    monkeypatch.undo()
    editions.forget()


@pytest.fixture
def hall(studio: Studio) -> UUID:
    """A space."""
    with database.transaction(studio.engine, studio.tenant_id) as (tx, now):
        return references.create(tx, studio.tenant_id, "spaces", {"name": "Hall"}, now).id


@pytest.fixture
def ada(studio: Studio) -> UUID:
    """A participant."""
    return person(studio, "Ada")


@pytest.fixture
def bo(studio: Studio) -> UUID:
    """Another one."""
    return person(studio, "Bo")
