"""The shapes of what an edit answers, for the OpenAPI document: see `shapes.py`."""

from pydantic import Field, RootModel

from api_stub.plan_shapes import Clash, Plan, Times
from api_stub.shapes import Instant, Shape


class Slot(Shape):
    """A session by its id and times."""

    id: str
    scheduled_at: Instant
    scheduled_end_at: Instant


class KeptSlot(Slot):
    """A session that stays as it is; `touched`: because somebody did that to it."""

    touched: str | None


class MovedSlot(Shape):
    """A session before and after a change; it has a new id when its local start is another."""

    id: str
    new_id: str
    from_: Times = Field(alias="from")
    to: Times


class Counts(Shape):
    """How many there are in each list, which shows the first 100."""

    added: int
    moved: int
    removed: int
    kept: int
    clashes: int


class Difference(Shape):
    """What an edit would make different (`dryRun=true`); `token` makes just that change."""

    added: list[Slot]
    moved: list[MovedSlot]
    removed: list[Slot]
    kept: list[KeptSlot]
    clashes: list[Clash]
    counts: Counts
    until: Instant | None
    notes: list[str]
    token: str


class Edited(RootModel[Plan | Difference]):
    """The plan or session as it is now; with `dryRun=true` what would be different."""
