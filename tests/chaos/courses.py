"""Series that were edited as a whole: every session is there that one order of the edits gives, and no other.

In which orders they can have been made tell the answers and the database: see `orders`. Nothing of ours is imported.
"""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime

from tests.chaos import course
from tests.chaos.course import Course
from tests.chaos.journal import Told, instant, is_busy, local, utc, verdict, window, within
from tests.chaos.orders import Made, Reworked, assumed, instants, orders, reworked
from tests.chaos.stored import Session, World

NOT_THERE = (308, 404, 410)
"""How a session is refused that is not there, or not any more."""

MOST_TOLD = 3


def judge(journal: list[Told], world: World) -> Iterator[str]:
    """Where what is stored of a series, or what was answered, is not what its edits make of it; a sentence each."""
    for one in reworked(journal, world):
        yield from (f"series {one.plan.number}: {fault}" for fault in of_series(one))


def of_series(one: Reworked) -> list[str]:
    """What is wrong with a series, by the order of its edits and of what was done to sessions that explains most."""
    told = [list(of_order(seen, order)) for order in orders(one) for seen in assumed(one, order)]
    return (
        min(told, key=len) if told else [f"was edited at {sorted(instants(one))}, and {len(one.edits)} were asked for"]
    )


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
    tracked = {wall for wall in last.given() if wall.replace(tzinfo=UTC) >= one.plan.tracked_from}
    wanted = {*tracked, *(wall for wall in touched if any(version.has(wall) for _, version in versions))}
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
        others = [other for other in moves if other is not told]
        if any(other["to"] == told["to"] and other["sent"] < told["sent"] for other in others):
            continue  # it may have started there already, and is where it was asked to be
        latest = max([wall.replace(tzinfo=UTC), *(utc(other["to"]) for other in others)])
        if verdict(told) == "acked" and window(told, one.now)[0] > latest:
            yield f"{wall} was moved at {instant(told['sent'])}, when it had begun"
    if not any(verdict(told) == "acked" for told in moves):
        starts.add(wall.replace(tzinfo=UTC))
    if row.starts_at not in starts:
        yield f"{wall} starts at {row.starts_at}, expected {sorted(starts)}"


def likenesses(one: Reworked, wall: datetime, versions: Sequence[tuple[datetime, Course]]) -> Iterator[course.Stretch]:
    """What a session can look like: as the last rule has it, or as it was when somebody touched it first."""
    spans = [window(told, one.now) for told in one.touches.get(wall, ()) if one.did(told, wall)]
    if not spans:
        stretch = versions[-1][1].of(wall)
        yield from () if stretch is None else (stretch,)
        return
    span = min(since for since, _ in spans), min(until for _, until in spans)
    for number, (at, version) in enumerate(versions):
        until = versions[number + 1][0] if number + 1 < len(versions) else one.now
        if meets(span, at, until):
            yield from (stretch for stretch in version.stretches if wall in stretch.starts())


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
        if verdict(told) != "refused" or is_busy(told) or (told["body"].get("code") == "clash" and one.made["room"]):
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
