"""The oracle sees what is lost, doubled, early or made up, and lets pass what a race may bring about."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from tests.chaos import oracle, ruled
from tests.chaos.journal import Told
from tests.chaos.stored import Entry, Plan, Session, World

SERIES = UUID(int=1)
MADE, START, END = (datetime(2026, 1, 5, 9, 0, second, tzinfo=UTC) for second in (0, 10, 14))
LOCAL = START.replace(tzinfo=None)
NOW = datetime(2026, 1, 5, 10, tzinfo=UTC)
ADA = "ada"


def after(seconds: float) -> datetime:
    """So many seconds after nine."""
    return MADE + timedelta(seconds=seconds)


def told(verb: str, sent: float, answered: float | None, status: int | None, **more: Any) -> Told:
    """A line of the journal; times in seconds after nine."""
    line = {"verb": verb, "plan": 7, "local": None, "at": sent, "sent": after(sent).timestamp(), "status": status,
            "answered": None if answered is None else after(answered).timestamp(), "body": {}}  # fmt: skip
    return {**line, **more}


def created(**more: Any) -> Told:
    """The plan's own line: made at nine, from ten to fourteen seconds past."""
    meant: dict[str, Any] = {"starts": START.timestamp(), "lasts": 4, "manual": False, "open_end": False, "rule": None,
                             "zone": "UTC", "people": [], "room": None}  # fmt: skip
    return told("create", -0.1, 0.1, 201, **(meant | more))


def happened(seq: int, kind: str, at: datetime, actor: str = "system") -> Entry:
    """A row of the ledger, written at once."""
    return Entry(seq, kind, at, at, actor, "on_time" if actor == "system" else "by_hand")


STARTED, ENDED = happened(1, "start", START), happened(2, "end", END)


def world(state: str, *ledger: Entry, removed_at: datetime | None = None, **more: Any) -> World:
    """What is stored of the one plan."""
    session = Session(SERIES, LOCAL, START, END, state, True, None, None, removed_at, None)
    plan = Plan(SERIES, 7, MADE, removed_at, MADE, NOW, None)
    key = (SERIES, LOCAL)
    return World(NOW, [plan], {SERIES: [session._replace(**more)]}, {key: list(ledger)}, {}, {})


def faults(world: World, *journal: Told) -> str:
    """What the oracle finds, in one text."""
    return "\n".join(judged([created(), *journal], world))


def judged(journal: list[Told], world: World) -> list[str]:
    """What the oracle finds, of the ledgers and of what people did."""
    return [*oracle.ledgers(journal, world), *oracle.writes(journal, world)]


def test_a_life_by_plan_is_as_it_has_to_be() -> None:
    assert faults(world("COMPLETED", STARTED, ENDED)) == ""


@pytest.mark.parametrize(
    ("stored", "found"),
    [
        (world("IN_PROGRESS", STARTED), "the ledger is [start@"),
        (world("COMPLETED", STARTED, happened(2, "start", START), ENDED), "the ledger is [start@"),
        (world("COMPLETED", STARTED, happened(2, "end", after(13))), "expected [start@09:00:10.000000, end@09:00:14"),
        (world("MISSED", STARTED, ENDED), "is MISSED"),
        (world("CANCELLED", happened(1, "cancel", after(5), "key")), "asked for by nobody"),
        (world("COMPLETED", STARTED, ENDED, removed_at=after(20)), "removed at"),
        (world("COMPLETED", STARTED, ENDED, next_step="CLOSE", next_due_at=END), "next is"),
        (world("COMPLETED", STARTED, ENDED)._replace(plans=[]), "acked (201), and 0 of it stored"),
    ],
)
def test_what_is_lost_doubled_wrong_or_made_up_is_seen(stored: World, found: str) -> None:
    assert found in faults(stored)


def test_an_acknowledged_cancellation_has_to_be_there() -> None:
    asked = told("cancel", 9.9, 9.99, 200, body={"endedAt": None})

    assert "was acknowledged" in faults(world("COMPLETED", STARTED, ENDED), asked)
    assert faults(world("CANCELLED", happened(1, "cancel", after(9.95), "key")), asked) == ""


@pytest.mark.parametrize("stored", [world("COMPLETED", STARTED, ENDED),
                                    world("CANCELLED", happened(1, "cancel", after(9.95), "key"))])  # fmt: skip
def test_a_cancellation_without_an_answer_may_be_there_or_not(stored: World) -> None:
    assert faults(stored, told("cancel", 9.9, None, None)) == ""


def test_an_instant_older_than_what_it_meets_is_seen() -> None:
    asked = told("end", 9.9, 10.5, 200, body={"endedAt": after(9.95).isoformat()})

    found = faults(world("COMPLETED", STARTED, happened(2, "end", after(9.95), "key")), asked)

    assert "end by hand at 09:00:09.950000 of a session that was SCHEDULED" in found


@pytest.mark.parametrize(("sent", "answered", "legal"), [(12.0, 12.1, False), (13.9, 14.1, True), (14.5, 14.6, True)])
def test_a_refusal_has_to_have_been_possible(sent: float, answered: float, legal: bool) -> None:
    found = faults(world("COMPLETED", STARTED, ENDED), told("cancel", sent, answered, 409))

    assert ("was refused" not in found) == legal


def test_who_is_running_when_removed_is_cancelled_then() -> None:
    at = after(12)
    asked = told("remove", 11.9, 12.1, 200, body={"removedAt": at.isoformat()})
    ledger = (STARTED, happened(2, "cancel", at, "key"))

    assert faults(world("CANCELLED", *ledger, removed_at=at), asked) == ""
    assert "expected [start@" in faults(world("IN_PROGRESS", STARTED, removed_at=at), asked)


def test_whoever_did_not_come_is_absent() -> None:
    stored = world("COMPLETED", STARTED, ENDED)
    journal = [created(people=[ADA])]

    assert "marked None" in "\n".join(judged(journal, stored))
    assert list(judged(journal, stored._replace(marks={(SERIES, LOCAL): {ADA: ("ABSENT", "system")}}))) == []


@pytest.mark.parametrize(("made_late_s", "state", "booked"), [(11.0, "SCHEDULED", False), (0.0, "COMPLETED", True)])
def test_a_session_books_its_room_unless_it_began_before_its_plan_was_made(
    made_late_s: float, state: str, booked: bool
) -> None:
    ledger = (STARTED, ENDED) if booked else ()
    stored = world(state, *ledger, tracked=booked)
    stored = stored._replace(plans=[stored.plans[0]._replace(tracked_from=after(made_late_s))])
    with_room = stored._replace(bookings={(SERIES, LOCAL): [("hall", START, END)]})
    journal = [created(rule="FREQ=DAILY", room="hall")]

    right, wrong = (with_room, stored) if booked else (stored, with_room)

    assert judged(journal, right) == []
    assert "booked is" in "\n".join(judged(journal, wrong))


@pytest.mark.parametrize(("days", "found"), [((5, 6), ""), ((5,), "is not there"), ((5, 6, 7), "does not give it")])
def test_rows_are_exactly_those_of_the_rule_up_to_the_watermark(days: tuple[int, ...], found: str) -> None:
    sessions = [Session(SERIES, LOCAL.replace(day=day), START.replace(day=day), END.replace(day=day), "SCHEDULED", True,
                        None, None, None, None) for day in days]  # fmt: skip
    plan = Plan(SERIES, 7, MADE, None, MADE, datetime(2026, 1, 7, 9, tzinfo=UTC), None)
    stored = World(NOW, [plan], {SERIES: sessions}, {}, {}, {})

    told = "\n".join(ruled.judge([created(rule="FREQ=DAILY")], stored))

    assert found in told
    assert bool(found) == bool(told)
