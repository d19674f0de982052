"""Series that were edited as a whole: every session is there that one order of the edits gives, and no other.

When an edit was made its answer tells; of one without an answer, the database: an instant that no answer explains has
to be that of a question without one. Nothing of ours is imported.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import permutations

from tests.chaos import course
from tests.chaos.course import Course
from tests.chaos.journal import Told, instant, verdict, window, within
from tests.chaos.plans import REWORKED
from tests.chaos.stored import Plan, Session, World

OF_PLAN = ("split", "rerule")
"""What is done to a series as a whole."""

NOT_THERE = (308, 404, 410)
"""How a session is refused that is not there, or not any more."""

MOST_TOLD = 3

Made = tuple[datetime, Told]
"""An edit of a plan, and when it was made."""


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

    def touched(self, at: datetime) -> frozenset[datetime]:
        """The sessions that somebody touched by an instant, or was just about to."""
        return frozenset(
            wall for wall, asked in self.touches.items()
            for told in asked if window(told, self.now)[0] <= at and self.did(told, wall)
        )  # fmt: skip

    def did(self, told: Told, wall: datetime) -> bool:
        """Whether a request changed a session; without an answer, whether the session shows a trace of any."""
        row = self.rows.get(wall)
        traced = row is not None and (
            wall in self.by_hand or row.removed_at is not None or str(row.title).startswith("renamed")
            or row.starts_at != wall.replace(tzinfo=UTC)
        )  # fmt: skip
        return verdict(told) == "acked" or (verdict(told) == "unknown" and traced)


def judge(journal: list[Told], world: World) -> Iterator[str]:
    """Where what is stored of a series, or what was answered, is not what its edits make of it; a sentence each."""
    for one in reworked(journal, world):
        yield from (f"series {one.plan.number}: {fault}" for fault in of_series(one))


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
                           touches=touches[plan.number], now=world.now)  # fmt: skip


def is_reworked(number: int) -> bool:
    """Whether a plan is one of those that are edited as a whole."""
    return number >= REWORKED


def of_series(one: Reworked) -> list[str]:
    """What is wrong with a series, by that order of its edits by which the least is."""
    told = [list(of_order(one, order)) for order in orders(one)]
    return (
        min(told, key=len) if told else [f"was edited at {sorted(instants(one))}, and {len(one.edits)} were asked for"]
    )


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


def of_order(one: Reworked, order: Sequence[Made]) -> Iterator[str]:
    """What is wrong with a series whose edits were made in this order."""
    if one.plan.version != 1 + len(order):
        yield f"its version is {one.plan.version}, and {len(order)} edits were made"
    versions = [(one.plan.created_at, course.begun(one.made))]
    for at, told in order:
        if not within(at, told, one.now):
            yield f"{told['verb']} was answered with {at}, outside of its request"
        after = course.after(versions[-1][1], told, local(at), one.touched(at))
        if after is None:
            yield f"{told['verb']} was made at {at} and can't have been"
        else:
            versions.append((at, after))
    yield from rows(one, versions)
    yield from touches(one, versions)
    yield from refused(one, versions)


def rows(one: Reworked, versions: Sequence[tuple[datetime, Course]]) -> Iterator[str]:
    """Every session that there has to be is stored as it has to be, and no other."""
    last = versions[-1][1]
    touched = one.touched(one.now)
    wanted = {*last.given(), *(wall for wall in touched if any(version.has(wall) for _, version in versions))}
    for wall in sorted(wanted - one.rows.keys())[:MOST_TOLD]:
        yield f"{wall} is not there"
    for wall in sorted(one.rows.keys() - wanted)[:MOST_TOLD]:
        yield f"{wall} is there, and no rule gives it"
    for wall in sorted(wanted & one.rows.keys()):
        row, renamed = one.rows[wall], f"renamed {one.plan.number}"
        allowed = {(stretch.lasts, stretch.title) for stretch in likenesses(one, wall, versions)}
        allowed |= {(lasts, renamed) for lasts, _ in allowed if row.title == renamed}  # whether it was: see `oracle`
        if (row.ends_at - row.starts_at, row.title) not in allowed:
            yield f"{wall} is {row.title!r} and {row.ends_at - row.starts_at} long, expected {allowed}"
        yield from moved(one, wall, row)


def moved(one: Reworked, wall: datetime, row: Session) -> Iterator[str]:
    """A session starts where it was moved to by somebody, in time, or else at its local start."""
    moves = [told for told in one.touches.get(wall, ()) if told["verb"] == "move" and verdict(told) != "refused"]
    starts = {utc(told["to"]) for told in moves}
    for told in moves:
        latest = max([wall.replace(tzinfo=UTC), *(utc(other["to"]) for other in moves if other is not told)])
        if verdict(told) == "acked" and window(told, one.now)[0] > latest:
            yield f"{wall} was moved at {instant(told['sent'])}, when it had begun"
    if not any(verdict(told) == "acked" for told in moves):
        starts.add(wall.replace(tzinfo=UTC))
    if row.starts_at not in starts:
        yield f"{wall} starts at {row.starts_at}, expected {sorted(starts)}"


def likenesses(one: Reworked, wall: datetime, versions: Sequence[tuple[datetime, Course]]) -> Iterator[course.Stretch]:
    """What a session can look like: as the last rule has it, or as it was when somebody touched it."""
    held = [(at, version.of(wall)) for at, version in versions]
    touches = [told for told in one.touches.get(wall, ()) if one.did(told, wall)]
    if not touches:
        stretch = held[-1][1]
        return iter(() if stretch is None else (stretch,))
    found = []
    for number, (at, stretch) in enumerate(held):
        until = held[number + 1][0] if number + 1 < len(held) else one.now
        if stretch is not None and any(meets(window(told, one.now), at, until) for told in touches):
            found.append(stretch)
    return iter(found)


def touches(one: Reworked, versions: Sequence[tuple[datetime, Course]]) -> Iterator[str]:
    """What was done to a session was done while there was one, and none was refused as missing that was there."""
    for wall, asked in one.touches.items():
        for told in asked:
            there = presence(one, wall, window(told, one.now), versions)
            if verdict(told) == "acked" and True not in there:
                yield f"{told['verb']} of {wall} was acknowledged, and it was not there"
            if told["status"] in NOT_THERE and False not in there:
                yield f"{told['verb']} of {wall} was answered {told['status']}, and it was there"


def presence(
    one: Reworked, wall: datetime, span: tuple[datetime, datetime], versions: Sequence[tuple[datetime, Course]]
) -> set[bool]:
    """Whether a session was there at instants of a span: always, never, or now and then."""
    found = set()
    for number, (at, version) in enumerate(versions):
        until = versions[number + 1][0] if number + 1 < len(versions) else one.now
        if meets(span, at, until):
            found.add(version.has(wall))
    return found


def refused(one: Reworked, versions: Sequence[tuple[datetime, Course]]) -> Iterator[str]:
    """No edit of the series was refused that was possible at every instant from the question to the answer."""
    for told in one.edits:
        if verdict(told) != "refused" or (told["body"].get("code") == "clash" and one.made["room"]):
            continue
        since, until = window(told, one.now)
        starts = {wall.replace(tzinfo=UTC) for _, version in versions for wall in version.given()}
        starts |= {utc(told["to"])} if "to" in told else set()
        looked = {since, until, *(at for at in {*starts, *(at for at, _ in versions)} if since < at < until)}
        if all(possible(one, told, at, versions) for at in looked):
            yield f"{told['verb']} was refused ({told['status']} {told['body'].get('detail')}), and was possible"


def possible(one: Reworked, told: Told, at: datetime, versions: Sequence[tuple[datetime, Course]]) -> bool:
    """Whether an edit of the series was possible at an instant."""
    version = [version for since, version in versions if since <= at][-1:]
    return bool(version) and course.after(version[0], told, local(at), one.touched(at)) is not None


def meets(span: tuple[datetime, datetime], since: datetime, until: datetime) -> bool:
    """Whether two stretches of time have an instant in common."""
    return span[0] <= until and since <= span[1]


def local(at: datetime) -> datetime:
    """The wall time of an instant, in UTC."""
    return at.astimezone(UTC).replace(tzinfo=None)


def utc(wall: str) -> datetime:
    """The instant of a wall time in UTC."""
    return datetime.fromisoformat(wall).replace(tzinfo=UTC)
