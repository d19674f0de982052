"""The servers that tests stand on.

`DATABASE_URL` and `BROKER_URL`, when given, name the servers to use, and none is started. Otherwise the
embedded ones are started once for the whole run (for each of its processes, where it has several), in a temporary data
folder, by the launcher's own code, and end with it.

Nothing that lies on a given server is touched: every test has a database of its own, copied from a template
that was migrated once and dropped afterwards, and of the broker a logical database that was found empty.
"""

import os
import secrets
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg
import pytest
import redis
from psycopg import sql
from sqlalchemy import Engine

from db import engine as database
from db import migrate
from launcher import account, place, servers
from launcher.place import Place
from launcher.supervisor import Supervisor

LOGICAL_DATABASES = range(15, 0, -1)  # of a given Redis; 0 is where people keep things
PLACE = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))  # of this process among those side by side
PROCESSES = int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1"))


@pytest.fixture(scope="session")
def data_folder() -> Iterator[Path]:
    """A temporary data folder that the servers' account can reach (pytest's own are 0700)."""
    root = Path(tempfile.mkdtemp(prefix="sessionbeat-test-"))
    yield root
    shutil.rmtree(root)


@pytest.fixture(scope="session")
def keeper(data_folder: Path) -> Iterator[Supervisor]:
    """Ends the servers of this run, whatever started them."""
    keeper = Supervisor(lock=None, say=print)
    yield keeper
    keeper.stop()


@pytest.fixture(scope="session")
def server_place(data_folder: Path) -> Place:
    """The data folder of the servers of this run."""
    where = Place(root=data_folder / "servers", account=account.for_servers())
    data_folder.chmod(0o711)
    place.make(where)
    return where


@pytest.fixture(scope="session")
def postgres_url(request: pytest.FixtureRequest) -> str:
    """The server that tests use; the database it names is not touched."""
    given = os.environ.get("DATABASE_URL")
    if given:
        return given
    _, url = servers.start_postgres(
        request.getfixturevalue("keeper"),
        request.getfixturevalue("server_place"),
        password=secrets.token_hex(16),
        environment=os.environ,
        given_binaries=Path(os.environ["SESSIONBEAT_PG_BIN"]) if os.environ.get("SESSIONBEAT_PG_BIN") else None,
        durable=False,
    )
    return url


@pytest.fixture(scope="session")
def broker_url(request: pytest.FixtureRequest) -> Iterator[str]:
    """A broker for this run: of a given Redis a logical database that nobody uses."""
    given = os.environ.get("BROKER_URL")
    if not given:
        keeper, where = request.getfixturevalue("keeper"), request.getfixturevalue("server_place")
        yield servers.start_valkey(keeper, where, password=secrets.token_hex(16), environment=os.environ)[1]
    elif not given.startswith(("redis://", "rediss://")):
        yield given
    else:
        url = _empty_logical_database(given)
        yield url
        with redis.Redis.from_url(url) as client:
            client.flushdb()


def _empty_logical_database(given: str) -> str:
    for number in LOGICAL_DATABASES[PLACE::PROCESSES]:
        url = _with_path(given, str(number))
        with redis.Redis.from_url(url) as client:
            if client.dbsize() == 0:
                return url
    numbers = ", ".join(map(str, LOGICAL_DATABASES[PLACE::PROCESSES]))
    pytest.exit(f"BROKER_URL: none of the logical databases {numbers} is empty")


@pytest.fixture(scope="session")
def template(postgres_url: str) -> Iterator[str]:
    """The name of a database that was migrated once, to be copied."""
    name = f"sessionbeat_test_{secrets.token_hex(6)}"
    _on_server(postgres_url, sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
    engine = database.connect(_with_path(postgres_url, name))
    migrate.upgrade(engine)
    engine.dispose()
    yield name
    _drop(postgres_url, name)


@pytest.fixture
def database_url(postgres_url: str, template: str) -> Iterator[str]:
    """A migrated database of this test's own."""
    yield from copy_of(postgres_url, template)


@pytest.fixture(scope="module")
def module_database_url(postgres_url: str, template: str) -> Iterator[str]:
    """A migrated database that the tests of one module share."""
    yield from copy_of(postgres_url, template)


@pytest.fixture
def empty_database_url(postgres_url: str) -> Iterator[str]:
    """A database of this test's own with nothing in it."""
    yield from copy_of(postgres_url, "template1")


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    """An engine on this test's own database."""
    engine = database.connect(database_url)
    yield engine
    engine.dispose()


def copy_of(server: str, template: str) -> Iterator[str]:
    """The address of a new database, copied from the template; it is dropped afterwards."""
    name = f"sessionbeat_test_{secrets.token_hex(6)}"
    copy = sql.SQL("CREATE DATABASE {} TEMPLATE {}")
    _on_server(server, copy.format(sql.Identifier(name), sql.Identifier(template)))
    yield _with_path(server, name)
    _drop(server, name)


def _drop(server: str, name: str) -> None:
    _on_server(server, sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


def _on_server(server: str, statement: sql.Composed) -> None:
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(statement)


def _with_path(url: str, path: str) -> str:
    return urlunsplit(urlsplit(url)._replace(path=f"/{path}"))
