"""A data folder of each test's own, with a space in its path, and a supervisor that ends what the test started."""

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from launcher import account, place
from launcher.place import Place
from launcher.supervisor import Supervisor


@pytest.fixture
def where() -> Iterator[Place]:
    above = Path(tempfile.mkdtemp(prefix="sessionbeat test "))
    above.chmod(0o711)
    made = Place(root=above / "data folder", account=account.for_servers())
    place.make(made)
    yield made
    shutil.rmtree(above)


@pytest.fixture
def told() -> list[str]:
    """What the supervisor said."""
    return []


@pytest.fixture
def supervisor(told: list[str]) -> Iterator[Supervisor]:
    keeper = Supervisor(lock=None, say=told.append)
    yield keeper
    keeper.stop()
