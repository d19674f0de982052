"""What a journey refuses, and why.

ServiceError
├── NotFound (LookupError)             nothing with this id in the tenant
│   ├── Moved                          its plan was edited; another session has its place
│   └── Gone                           its plan was edited; nothing has its place
├── InvalidField (ValueError)          a field's value can't be taken
├── InvalidRecurrence (ValueError)     the rule, or what it gives, can't be taken
├── Clash (ValueError)                 a space or a person is taken
├── Conflict (ValueError)              what is stored does not allow it
├── Busy (ValueError)                  too many others are changing it at this moment
├── StillRunning (ValueError)          the first of two equal requests has not ended yet
├── KeyReused (ValueError)             another request came with the same Idempotency-Key
└── VersionMismatch (ValueError)       somebody else edited it in between
"""

from collections.abc import Iterable
from functools import cached_property

from db.bookings import MOST_LISTED, Taken


class ServiceError(Exception):
    """A journey refused; nothing of it was done."""


class NotFound(ServiceError, LookupError):
    """there is no such {noun}"""

    def __init__(self, noun: str, got: object) -> None:
        self.noun = noun
        super().__init__(f"there is no {noun} {str(got)!r}")


class Moved(NotFound):
    """the plan of {got} was edited; `heir` is the id of the session that has its place"""

    def __init__(self, got: str, heir: str) -> None:
        self.got, self.heir = got, heir
        super().__init__("session", got)


class Gone(NotFound):
    """the plan of it was edited; nothing has its place"""


class InvalidField(ServiceError, ValueError):
    """a field's value can't be taken; `field` is its name in the services' spelling"""

    def __init__(self, field: str, message: str) -> None:
        self.field = field
        super().__init__(message)


class InvalidRecurrence(ServiceError, ValueError):
    """the rule, or what it gives, can't be taken; `field` is the part of the series it is about"""

    def __init__(self, message: str, field: str = "rrule") -> None:
        self.field = field
        super().__init__(message)


class Clash(ServiceError, ValueError):
    """a space or a person is taken

    What is in the way may still have to be found. That needs no database, so it can wait until the transaction is over,
    for which others may be waiting.
    """

    def __init__(self, found: Iterable[Taken], more: str = "") -> None:
        self.found, self.more = found, more
        super().__init__()

    @cached_property
    def clashes(self) -> tuple[Taken, ...]:
        """The sessions in the way, each once, soonest first, and perhaps not all."""
        return tuple(dict.fromkeys(self.found))

    def find(self) -> None:
        """Find them, if that was left for later. Raises RecurrenceError for a rule that can't be expanded so far."""
        self.found = self.clashes

    def __str__(self) -> str:
        count = len(self.clashes)
        many = f"{'at least ' if count >= MOST_LISTED else ''}{count} session{'s' if count != 1 else ''}"
        return f"taken by {many}" + (f"; {self.more}" if self.more else "")


class Conflict(ServiceError, ValueError):
    """what is stored does not allow it"""


class Busy(ServiceError, ValueError):
    """too many others are changing it at this moment"""

    def __init__(self) -> None:
        super().__init__("many others are changing this at the moment: nothing was done, try again")


class StillRunning(ServiceError, ValueError):
    """a request with this Idempotency-Key is still running"""

    def __init__(self) -> None:
        super().__init__("a request with this Idempotency-Key is still running: ask again in a moment")


class KeyReused(ServiceError, ValueError):
    """another request came with this Idempotency-Key"""

    def __init__(self) -> None:
        super().__init__("got an Idempotency-Key that came with another request, expected one of its own")


class VersionMismatch(ServiceError, ValueError):
    """got version {got}, the current one is {current}"""

    def __init__(self, got: int, current: int) -> None:
        self.current = current
        super().__init__(f"got version {got}, the current one is {current}: read it again, then edit")
