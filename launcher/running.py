"""Which database a command works on: the one DATABASE_URL names, or else that of the running `sessionbeat
up`."""

from pathlib import Path

from config import address
from launcher import facts, lock, place
from launcher.errors import NotRunning


def database_url(data_dir: Path | None) -> str:
    """The address of the database.

    Raises SettingsError; NotRunning when none is given and no `up` runs on that data folder.
    """
    given = address.given()
    if given is not None:
        return given
    where = place.choose(data_dir)
    url = facts.read(where.root).database_url
    if url is None or not lock.is_running(where.root):
        raise NotRunning(where.root)
    return url
