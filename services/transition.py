"""Take sessions through their life: the drain of what is due, and the settling of what is about to be written.

A drain asks "what is due?" until the answer is nothing, in batches of one transaction each. Where a first batch was
full there are many, and they are taken from both ends at once, in two lanes that end where they meet: on two cores a
herd is done sooner, and while one waits for its commit the other works.

A batch that the database refuses for a reason of its data is halved until the row that causes it stands alone; that row
is set aside with the reason, so it never holds up the others.
"""

from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import structlog
from sqlalchemy import Engine
from sqlalchemy.exc import DataError, IntegrityError
from sqlalchemy.orm import Session as Tx

from db import due, tally
from db import engine as database
from db.moved import FIRST, LAST, Moved, Part, Place, farther
from db.sessions import SessionKey
from lifecycle import Step
from services import percentile, spell
from services.floor import Seen

REFUSALS = (DataError, IntegrityError)
"""What PostgreSQL raises because of the data of a row, as against its own state."""

FIRST_BATCH = 1_000
"""Rows: soon done, and a full one tells that two lanes are worth their while."""

log = structlog.get_logger()

LIFE = (Step.START, Step.END, Step.CLOSE, Step.MEASURE)
"""The steps in the order in which one session meets them."""


@dataclass(slots=True)
class Front:
    """What is left between two lanes: one takes from `low` on, the other from `high` down. Each moves its own end."""

    low: Place | None = None  # not known yet: by the floor
    high: Place = LAST

    def advance(self, moved: Sequence[Moved], backward: bool) -> None:
        """Move the end that a lane takes from to where its batch came."""
        for one in moved:
            if backward:
                self.high = farther(self.high, one.reached, backward) or LAST
            else:
                self.low = farther(self.low, one.reached, backward)


@dataclass(slots=True)
class Drained:
    """What was done: how many of each kind, and how late (seconds each)."""

    counts: Counter[str] = field(default_factory=Counter)
    late_s: list[float] = field(default_factory=list)
    began: datetime | None = None  # when it looked first
    is_full: bool = False  # its last batch was: there may be more

    def add(self, other: "Drained") -> None:
        """Count what another one did, too."""
        self.counts.update(other.counts)
        self.late_s += other.late_s
        self.began = self.began or other.began


def drain(
    engine: Engine, step: Step, batch_size: int, seen: Seen | None = None, longest: timedelta = spell.OF_A_TASK
) -> dict[str, int]:
    """Do `step` to every session that is due, `batch_size` rows a transaction, for so long at most.

    `seen`: where its floor is, starts are looked for first; when nothing waits there, and now and then, everywhere.
    Returns how many of each kind there were, and the lateness (`late_p99_ms`, when there was any).
    """
    done, front, is_over = Drained(), Front(), False
    while not is_over:
        head = lane(engine, step, min(FIRST_BATCH, batch_size), front, seen=seen, batches=1)
        done.add(head)
        assert head.began is not None
        assert done.began is not None
        if head.is_full:
            until = done.began + longest
            lanes = both(engine, step, batch_size, front, until)
            done.add(lanes)
            is_over = lanes.is_full or head.began > until
            front = Front(Place(head.began))  # on with what fell due meanwhile
        elif done.counts or front.low == FIRST:
            break
        else:
            front = Front(FIRST)
    if seen and done.began and not is_over:
        seen.nothing_waits(done.began)
    if done.counts:
        with database.transaction(engine) as (tx, _):
            tally.fold(tx)
    return dict(done.counts) | percentile.of_lateness(done.late_s)


def both(engine: Engine, step: Step, batch_size: int, front: Front, until: datetime) -> Drained:
    """Take from both ends of `front` at once, until the lanes meet or the time is over (then it is full)."""
    with ThreadPoolExecutor(1) as other:
        back = other.submit(lane, engine, step, batch_size, front, backward=True, until=until)
        done = lane(engine, step, batch_size, front, until=until)
        theirs = back.result()
    done.add(theirs)
    done.is_full = done.is_full or theirs.is_full
    return done


def lane(
    engine: Engine,
    step: Step,
    batch_size: int,
    front: Front,
    *,
    backward: bool = False,
    seen: Seen | None = None,
    batches: int | None = None,
    until: datetime | None = None,
) -> Drained:
    """Batch after batch from one end, until one was not full, so many `batches` were done or it is too late."""
    done = Drained()
    limit = min(FIRST_BATCH, batch_size)
    while True:
        try:
            with database.transaction(engine) as (tx, now):
                front.low = front.low or (seen.for_look(now) if seen else FIRST)
                part = Part(front.low, front.high, backward)
                moved = due.apply(tx, step, now, limit, part=part)
        except REFUSALS:
            if limit == 1:
                done.add(alone(engine, step, part))
            limit = max(1, limit // 2)
            continue
        front.advance(moved, backward)
        done.add(of_batch(moved, now))
        done.is_full = sum(len(one.late_s) for one in moved) >= limit
        batches = batches and batches - 1
        if not done.is_full or batches == 0 or (until and now > until):
            return done
        limit = min(batch_size, 2 * limit)


def of_batch(moved: Sequence[Moved], now: datetime) -> Drained:
    """What a batch that looked at `now` did."""
    counts: Counter[str] = Counter()
    for one in moved:
        counts[one.kind] += one.count
    return Drained(counts, [late for one in moved for late in one.late_s], now)


def alone(engine: Engine, step: Step, part: Part) -> Drained:
    """Try the first due session there alone; one that is refused is taken out of the queue."""
    with database.transaction(engine) as (tx, now):
        for key in due.claim(tx, step, now, 1, part=part):
            try:
                with tx.begin_nested():
                    return of_batch(due.apply(tx, step, now, 1, [key]), now)
            except REFUSALS as error:
                due.set_aside(tx, key, str(error.orig))
                log.error("session_set_aside", step=step, key=[str(part) for part in key], reason=str(error.orig))
                return Drained(Counter(set_aside=1))
    return Drained()


def settle(tx: Tx, keys: Sequence[SessionKey], now: datetime) -> None:
    """Bring these sessions, which the caller has locked, up to the state that is effective at `now`."""
    if keys:
        for step in LIFE:
            due.apply(tx, step, now, len(keys), keys)
