"""What people did, both ways: all that is stored was asked for, and all that was acknowledged is stored.

Nothing of ours is imported.
"""

from collections.abc import Iterator
from datetime import datetime

from tests.chaos.journal import Told, instant, verdict, within
from tests.chaos.stored import Entry

TELLS = {"start": "startedAt", "end": "endedAt", "cancel": "endedAt"}
"""Where the answer tells the instant; a session that is called off before it began has none."""


def kept_all(ledger: list[Entry], removed_at: datetime | None, edits: list[Told], now: datetime) -> Iterator[str]:
    """What was acknowledged of one session and is not there, a sentence each."""
    for kind in TELLS:
        yield from kept(kind, ledger, edits, now)
    yield from removed(removed_at, edits, now)


def asked_for(ledger: list[Entry], removed_at: datetime | None, edits: list[Told], now: datetime) -> Iterator[str]:
    """Whatever the ledger says a person did, somebody asked for then."""
    for one in ledger:
        if not one.by_hand:
            continue
        verb = "remove" if one.effective_at == removed_at else one.kind  # removing calls off what is running
        asked = [told for told in edits if told["verb"] == verb and verdict(told) != "refused"]
        if not any(within(one.effective_at, told, now) for told in asked):
            yield f"{one.kind} by hand at {one.effective_at}, asked for by nobody then"
        if one.effective_at > one.applied_at:
            yield f"{one.kind} by hand at {one.effective_at} was written at {one.applied_at}"


def kept(kind: str, ledger: list[Entry], edits: list[Told], now: datetime) -> Iterator[str]:
    """What was acknowledged is in the ledger, once, at the instant that the answer told."""
    acked = [told for told in edits if told["verb"] == kind and verdict(told) == "acked"]
    rows = [one for one in ledger if one.kind == kind and one.by_hand]
    if len(acked) > 1:
        yield f"{kind} was acknowledged {len(acked)} times"
    for told in acked:
        if not any(within(one.effective_at, told, now) and agrees(told, one) for one in rows):
            yield f"{kind} was acknowledged ({told['body']}) and is not in the ledger"


def agrees(told: Told, one: Entry) -> bool:
    """Whether an answer tells the instant that the ledger has."""
    value = told["body"].get(TELLS[one.kind])
    return one.kind == "cancel" if value is None else instant(value) == one.effective_at


def removed(removed_at: datetime | None, edits: list[Told], now: datetime) -> Iterator[str]:
    """A removal that was acknowledged is there with the instant it told; one that is there was asked for."""
    asked = [told for told in edits if told["verb"] == "remove" and verdict(told) != "refused"]
    if removed_at is not None and not any(within(removed_at, told, now) for told in asked):
        yield f"removed at {removed_at}, asked for by nobody then"
    for told in asked:
        value = told["body"].get("removedAt")
        if verdict(told) == "acked" and (removed_at is None or (value is not None and instant(value) != removed_at)):
            yield f"removal was acknowledged ({value}), and stored is {removed_at}"
