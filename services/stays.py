"""When somebody has a place in a plan: stretches of local time, none of which meet.

Mostly there is one. A session that was moved across the present stands apart: who leaves today is not expected at one
that was put off from yesterday till tomorrow, and who joins today was not at one that was brought forward.
"""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

SECOND = timedelta(seconds=1)


class Stay(NamedTuple):
    """From a local time on and before another (None: for ever)."""

    from_local: datetime
    until_local: datetime | None = None


def at(wall: datetime) -> Stay:
    """A place at the one session of this recurrence id."""
    return Stay(wall, wall + SECOND)


def covers(stays: Iterable[Stay], wall: datetime) -> bool:
    """Whether one of these holds at a recurrence id."""
    return any(one.from_local <= wall and (one.until_local is None or wall < one.until_local) for one in stays)


def before(stays: Iterable[Stay], wall: datetime) -> list[Stay]:
    """What of these lies before a local time."""
    begun = (one for one in stays if one.from_local < wall)
    return [one if one.until_local is not None and one.until_local <= wall else Stay(one[0], wall) for one in begun]


def since(stay: Stay, wall: datetime) -> list[Stay]:
    """What of one lies at a local time or after it."""
    if stay.until_local is not None and stay.until_local <= wall:
        return []
    return [Stay(max(stay.from_local, wall), stay.until_local)]


def without(stays: Iterable[Stay], wall: datetime) -> list[Stay]:
    """These, but not at the session of a recurrence id."""
    left: list[Stay] = []
    for one in stays:
        if covers([one], wall):
            left += [*before([one], wall), *since(one, wall + SECOND)]
        else:
            left.append(one)
    return left


def merged(stays: Iterable[Stay]) -> list[Stay]:
    """These in order, those that touch as one."""
    found: list[Stay] = []
    for one in sorted(stays, key=lambda stay: stay.from_local):
        if found and (found[-1].until_local is None or found[-1].until_local >= one.from_local):
            ends = (found[-1].until_local, one.until_local)
            until = None if None in ends else max(end for end in ends if end is not None)
            found[-1] = Stay(found[-1].from_local, until)
        else:
            found.append(one)
    return found


def renewed(
    held: Sequence[Stay], wish: Stay | None, now: datetime, begun: Collection[datetime], ahead: Collection[datetime]
) -> list[Stay]:
    """What somebody has who had `held`, and has `wish` (None: nothing) of the sessions that are still ahead.

    now: local. begun: recurrence ids after now of sessions that have begun; ahead: those before it of sessions that
    have not.
    """
    found = [*before(held, now), *([] if wish is None else since(wish, now))]
    for wall in (*begun, *ahead):
        is_to_be = covers(held, wall) if wall in begun else wish is not None and covers([wish], wall)
        found = without(found, wall)
        if is_to_be:
            found.append(at(wall))
    return merged(found)
