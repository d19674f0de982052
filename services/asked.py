"""Sessions that are asked for: what they take for themselves, and what is not to be looked at."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from db.sessions import SessionKey
from recurrence import Cursor, Series
from services import stays
from services.beside import Beside
from services.stays import Stay


@dataclass(frozen=True, slots=True, kw_only=True)
class Stretch:
    """Sessions that are asked for: those of `series` that start from the instant `since` on.

    resources: the spaces and people that they take for themselves. without: local starts that are not asked for. but:
    series that are not looked at, neither their rules nor their rows. beside: what of its own plan is. own: a session
    that is not. cursor: the count that the rule had reached before `since`, for one that began long ago. stays: of
    people who are not at all of the sessions, at which they are.
    """

    series: Series
    resources: Collection[UUID]
    since: datetime
    without: Collection[datetime] = frozenset()
    but: Collection[UUID] = ()
    beside: Beside | None = None
    own: SessionKey | None = None
    cursor: Cursor | None = None
    stays: Mapping[UUID, Sequence[Stay]] = field(default_factory=dict)

    def wants(self, resource: UUID, wall: datetime) -> bool:
        """Whether the session of a recurrence id takes a resource."""
        return resource not in self.stays or stays.covers(self.stays[resource], wall)

    def last(self, resources: Collection[UUID]) -> datetime | None:
        """A local time after which none of its sessions takes one of these; None: there is none."""
        if any(id_ not in self.stays for id_ in resources):
            return None
        ends = [one.until_local for id_ in resources for one in self.stays[id_]]
        known = [end for end in ends if end is not None]
        return max(known) if known and len(known) == len(ends) else None
