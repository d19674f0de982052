"""Take turns: who wants what others want too waits until they are done, in the order in which they came.

Writers of one plan, and of what it takes for itself, wait here and not at rows: a queue at a row is given up after a
second, because somebody may hold it who will not let go. Who is not served here in time is told to come again; nothing
was done.
"""

from collections.abc import Sequence
from uuid import UUID

from psycopg.errors import LockNotAvailable
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session as Tx

from db import bookings
from services.errors import Busy


def take(tx: Tx, wanted: Sequence[UUID], plans: Sequence[UUID] = ()) -> None:
    """Wait for the turn to write these plans, and to take these spaces and people; it ends with the transaction.

    Raises Busy.
    """
    try:
        bookings.lock(tx, wanted, plans)
    except OperationalError as error:
        if isinstance(error.orig, LockNotAvailable):
            raise Busy from None
        raise
