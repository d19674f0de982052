"""A studio on a database whose clock is the test's: what the server tells as its time is what a test set.

The real server runs, with a function of its own name before the server's in the search path.
"""

from datetime import datetime

from sqlalchemy import Engine, text

from db import engine as database
from tests.integration.conftest import Studio

MAKE = """
    CREATE SCHEMA clock;
    CREATE TABLE clock.at (now timestamptz NOT NULL);
    INSERT INTO clock.at VALUES (clock_timestamp());
    CREATE FUNCTION clock.clock_timestamp() RETURNS timestamptz VOLATILE LANGUAGE sql AS 'SELECT now FROM clock.at';
    GRANT USAGE ON SCHEMA clock TO PUBLIC;
    GRANT SELECT ON clock.at TO PUBLIC;
"""
SET = text("UPDATE clock.at SET now = :now")


def clocked(studio: Studio) -> Studio:
    """The same studio, by a clock that stands."""
    with studio.engine.begin() as connection:
        connection.execute(text(MAKE))
    path = {"options": "-csearch_path=clock,public,pg_catalog"}
    url = studio.engine.url.update_query_dict(path).render_as_string(hide_password=False)
    return studio._replace(engine=database.connect(url))


def set_clock(engine: Engine, now: datetime) -> None:
    """Let it be that instant."""
    with engine.begin() as connection:
        connection.execute(SET, {"now": now})
