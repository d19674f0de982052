"""One house for the tests that leave it as it was, and an empty folder for those that start their own.

Where DATABASE_URL and BROKER_URL are given, the house stands on them: on a database of its own, made and dropped
here, and on an empty logical database of the broker. Otherwise `up` starts its own servers.
"""

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests import conftest as servers
from tests.e2e import house as houses
from tests.e2e.house import House


@pytest.fixture
def data_dir() -> Iterator[Path]:
    """A folder for a house of this test's own, with a space in its path."""
    yield from _folder()


@pytest.fixture(scope="session")
def house_environment(request: pytest.FixtureRequest) -> Iterator[dict[str, str]]:
    """The environment of a house: of given servers only what is ours to use."""
    environment = dict(os.environ)
    if environment.get("BROKER_URL"):
        environment["BROKER_URL"] = request.getfixturevalue("broker_url")
    if not environment.get("DATABASE_URL"):
        yield environment
        return
    for url in servers.copy_of(environment["DATABASE_URL"], "template1"):
        yield environment | {"DATABASE_URL": url}


@pytest.fixture(scope="session")
def house(house_environment: dict[str, str]) -> Iterator[House]:
    """A house without the demo that all tests share: leave every process running."""
    for folder in _folder():
        entered = houses.enter(folder, "--no-demo", environment=house_environment)
        yield entered
        entered.stop()


def _folder() -> Iterator[Path]:
    above = Path(tempfile.mkdtemp(prefix="sessionbeat e2e "))
    above.chmod(0o711)
    yield above / "data folder"
    shutil.rmtree(above)
