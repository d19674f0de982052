"""Connections that do not wait for ever: a server that hangs is as good as one that is down.

A deadline of the server's own (`statement_timeout`) is of no use here, because the server that should keep it is
the one that hangs. So the client looks at its own clock while it waits, and closes the connection when the time is
over; what the server had not committed by then, it rolls back.
"""

from typing import Any, TypeVar

import psycopg
from psycopg.abc import PQGen

Answer = TypeVar("Answer")

PATIENCE_S = 6.0  # for one statement; the longest that the API sends take about one


class PatientConnection(psycopg.Connection[Any]):
    """A psycopg connection on which no wait is longer than `PATIENCE_S`."""

    def wait(self, gen: PQGen[Answer], interval: float = 0.1, timeout: float | None = None) -> Answer:
        """What the server answers. Raises OperationalError, and closes the connection, when it takes too long."""
        if timeout is not None:
            return super().wait(gen, interval, timeout)
        try:
            return super().wait(gen, interval, PATIENCE_S)
        except psycopg.errors._WaitTimeout as late:  # psycopg documents it with `wait`, and exports no other name
            self.pgconn.finish()
            raise psycopg.OperationalError(f"the database did not answer within {PATIENCE_S:g} s") from late
