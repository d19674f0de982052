"""In which orders a series that is edited as a whole can have been edited: what the journal and the database tell.

When an edit was made its answer tells; of one without an answer, the database: an instant that no answer explains has
to be that of a question without one. Nothing of ours is imported.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import islice, permutations, product

from tests.chaos.journal import Told, instant, verdict, window, within
from tests.chaos.plans import REWORKED
from tests.chaos.stored import Plan, Session, World

OF_PLAN = ("split", "rerule")
"""What is done to a series as a whole."""

MOST_ASSUMED = 256

Made = tuple[datetime, Told]
"""An edit of a series, and when it was made."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reworked:
    """A series: what the journal has of it, and what is stored."""

    made: Told
    plan: Plan
    edits: Sequence[Told]
    touches: Mapping[datetime, Sequence[Told]]
    rows: Mapping[datetime, Session]
    by_hand: frozenset[datetime]
    now: datetime

    since: Mapping[datetime, datetime]

    def touched(self, at: datetime) -> frozenset[datetime]:
        """The sessions that somebody had touched when the series was edited at an instant."""
        return frozenset(
            wall for wall, asked in self.touches.items()
            for told in asked if self.did(told, wall) and self.came_before(told, wall, at)
        )  # fmt: skip

    def came_before(self, told: Told, wall: datetime, at: datetime) -> bool:
        """Whether a session was touched before an edit of the series: its answer tells the edit that it came after.

        Of one without an answer it is assumed (`since`).
        """
        if verdict(told) == "unknown" and wall in self.since:
            return self.since[wall] < at
        last = told["body"].get("updatedAt")
        return window(told, self.now)[0] <= at and (last is None or instant(last) < at)

    def did(self, told: Told, wall: datetime) -> bool:
        """Whether a request changed a session; without an answer, whether the session shows a trace of any."""
        row = self.rows.get(wall)
        traced = row is not None and (
            wall in self.by_hand or row.removed_at is not None or str(row.title).startswith("renamed")
            or row.starts_at != wall.replace(tzinfo=UTC)
        )  # fmt: skip
        return verdict(told) == "acked" or (verdict(told) == "unknown" and traced)


def reworked(journal: list[Told], world: World) -> Iterator[Reworked]:
    """The series that are edited as a whole, which the journal tells by their first local start."""
    made = {told["plan"]: told for told in journal if told["verb"] == "create" and is_reworked(told["plan"])}
    edits: dict[int, list[Told]] = defaultdict(list)
    touches: dict[int, dict[datetime, list[Told]]] = defaultdict(lambda: defaultdict(list))
    for told in journal:
        if told["plan"] not in made or told["verb"] == "create" or told.get("skipped"):
            continue
        if told["verb"] in OF_PLAN:
            edits[told["plan"]].append(told)
        else:
            touches[told["plan"]][datetime.fromisoformat(told["local"])].append(told)
    for plan in world.plans:
        if plan.number in made:
            rows = {row.local: row for row in world.sessions[plan.series_id]}
            by_hand = frozenset(wall for wall in rows if any(
                entry.by_hand for entry in world.ledger.get((plan.series_id, wall), ())))  # fmt: skip
            yield Reworked(made=made[plan.number], plan=plan, edits=edits[plan.number], rows=rows, by_hand=by_hand,
                           touches=touches[plan.number], now=world.now, since={})  # fmt: skip


def is_reworked(number: int) -> bool:
    """Whether a plan is one of those that are edited as a whole."""
    return number >= REWORKED


def instants(one: Reworked) -> set[datetime]:
    """When the series was edited, by the database and by what was answered."""
    answered = {instant(told["body"]["updatedAt"]) for told in one.edits if verdict(told) == "acked"}
    last = {one.plan.updated_at} if one.plan.version > 1 and one.plan.updated_at else set()
    return {*one.plan.replaced, *last, *answered}


def orders(one: Reworked) -> Iterator[list[Made]]:
    """The edits in every order in which they can have been made: what was answered, and what no answer explains."""
    answered = {instant(told["body"]["updatedAt"]): told for told in one.edits if verdict(told) == "acked"}
    rest = sorted(instants(one) - answered.keys())
    unknown = [told for told in one.edits if verdict(told) == "unknown"]
    for chosen in permutations(unknown, len(rest)):
        pairs = list(zip(rest, chosen, strict=True))
        if all(within(at, told, one.now) for at, told in pairs):
            yield sorted([*answered.items(), *pairs], key=lambda pair: pair[0])


def assumed(one: Reworked, order: Sequence[Made]) -> Iterator[Reworked]:
    """The series with every assumption of when sessions were touched by requests that have no answer."""
    unsure: dict[datetime, list[datetime]] = {}
    for wall, asked in one.touches.items():
        sent = [window(told, one.now)[0] for told in asked if verdict(told) == "unknown" and one.did(told, wall)]
        later = [at for at, _ in order if sent and at > min(sent)]
        if later:
            unsure[wall] = [min(sent), *later]
    for chosen in islice(product(*unsure.values()), MOST_ASSUMED):
        yield replace(one, since=dict(zip(unsure, chosen, strict=True)))
