"""Beat: looks what is due, and hints.

Celery's in-memory scheduler with one idea: ask the database, hint once for each step that has something due, and
sleep until the next instant at which something falls due, at most a second. *Due* is judged on the database's
clock, so that a hint is never early. A database or a broker that is away is logged and asked again; the beat goes on.
Two beats at once only hint twice.

What the last look saw coming is hinted in its very instant, before the next look (`announce`). A worker may miss it
all the same: somebody edited it at its very instant, or it was committed after that. So beat looks again soon after a
hint, and what is still due is hinted again: after 0.1 s, 0.2, 0.4 and so on, at last each second. Not so while somebody
is at it: when the first start that waits is another one than at the last look, a second worker would only be in the way
of the first.

Static entries (`beat_schedule`) have their turn by the way. Once a minute it looks whether sessions were computed
with an older edition of tzdata than others.
"""

import time
from collections import Counter
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, NamedTuple

import structlog
from celery.beat import Scheduler
from kombu.exceptions import OperationalError
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session as Tx

import recurrence
from config import process_name, settings
from db import agenda as agendas
from db import editions, tally
from db import engine as database
from db.agenda import Agenda, Due
from db.moved import FIRST, Place
from db.tally import Count
from lifecycle import Step
from services import heartbeat
from services.floor import Floor, is_time

log = structlog.get_logger()

LONGEST_SLEEP_S = 1.0
LOOK_FOR_DATABASE_S = 0.2  # while it is away: to be refused costs nothing, and what fell due is waiting
LOOK_AGAIN_S = 0.1  # after a hint: what a step makes due (an end its close) follows at once
HINT_AGAIN_AFTER = timedelta(seconds=LOOK_AGAIN_S)  # the first time, then twice as long each time
HINT_AT_LAST_EVERY = timedelta(seconds=1)
HEARTBEAT_EVERY = timedelta(seconds=2)
HINT_EXPIRES_S = 3 * 3600  # a worker asks its own clock, which may be hours off; by `asked_at` it knows old ones

NO_PROMISE = text("SET LOCAL synchronous_commit = off")
"""What a look writes (a heartbeat, counts of hints) may be lost with the database; no hint waits for its disk."""

SLOW_EVERY = timedelta(seconds=1)  # while something is due, slow tasks are asked for no more often: starts come first
ZONES_EVERY = timedelta(minutes=1)  # a new edition of tzdata is announced days before its clocks change

MATERIALIZE = "series.materialize"
REZONE = "series.rezone"
IMPORT = "attendance.import"
PROMOTE = "waitlist.promote"
TASK_OF = {
    Step.START: "sessions.start",
    Step.END: "sessions.end",
    Step.CLOSE: "sessions.mark_attendance",
    Step.MEASURE: "sessions.compute_metrics",
}
START = TASK_OF[Step.START]


class Hinted(NamedTuple):
    """The last hint of a task: its instant, and for how long what was due then may stay due before the next."""

    at: datetime
    patience: timedelta


class DueScheduler(Scheduler):
    """Celery's scheduler, asking the database instead of a schedule."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self.engine = database.connect(settings.load().database_url, pool_size=1)
        self.hinted: dict[str, Hinted] = {}
        self.pause_s = LONGEST_SLEEP_S
        self.uncounted: Counter[str] = Counter()
        self.seen_at: datetime | None = None
        self.slow_at: datetime | None = None
        self.zones_at: datetime | None = None
        self.is_alone = False  # the database did not answer when it was last asked
        self.is_unheard = False  # the broker did not take a hint of this tick
        self.floor = Floor()
        self.first: Due | None = None  # the starts that waited at the last look
        self.foreseen: Agenda | None = None  # what the last look saw
        self.answered_s = 0.0  # when it was answered, on a clock that only counts on
        super().__init__(*args, **kwargs)

    def tick(self, *_: Any, **__: Any) -> float:
        """Hint what was seen coming, look once, and hint what is due; returns how long to sleep (seconds)."""
        self.is_unheard = False
        announced = self.announce()
        try:
            agenda, slow = self.look()
            older = self.look_at_zones(agenda.now)
        except SQLAlchemyError as error:
            if not self.is_alone:
                log.warning("beat_without_database", error=str(error))
            self.is_alone = True
            return LOOK_FOR_DATABASE_S
        if self.is_alone:
            log.info("beat_with_database_again")
            self.is_alone = False
        is_moving = self.is_moving(agenda)
        newest = {
            TASK_OF[step]: found.newest for step, found in agenda.due.items() if step is not Step.START or not is_moving
        }
        newest |= slow
        if older:
            newest[REZONE] = agenda.now
        news = {
            task: self.patience(task, instant)
            for task, instant in newest.items()
            if self.is_news(task, instant, agenda.now)
        }
        self.hint(news | dict.fromkeys(self.by_the_clock(), HINT_AGAIN_AFTER), agenda.now)
        self.pause_s = LOOK_AGAIN_S if news or announced else min(2 * self.pause_s, LONGEST_SLEEP_S)
        return min(until(agenda, time.monotonic() - self.answered_s), self.pause_s)

    def announce(self) -> list[str]:
        """Hint what the last look saw coming and whose instant has come; returns the tasks.

        A look would only find it due a few milliseconds later. The database's clock has gone on by no less than what
        passed here, so this is never early.
        """
        if self.foreseen is None:
            return []
        now = self.foreseen.now + timedelta(seconds=time.monotonic() - self.answered_s)
        tasks = [TASK_OF[step] for step, instant in self.foreseen.coming.items() if instant <= now]
        self.foreseen = None
        self.hint(dict.fromkeys(tasks, HINT_AGAIN_AFTER), now)
        return tasks

    def look(self) -> tuple[Agenda, dict[str, datetime]]:
        """What is due, and since when slow tasks have something to do; says that beat is alive, counts its hints."""
        with database.transaction(self.engine) as (tx, now):
            if self.seen_at is None:
                heartbeat.forget(tx, now)
            is_turn = is_time(self.seen_at, now, HEARTBEAT_EVERY)
            if is_turn or self.uncounted:
                tx.execute(NO_PROMISE)
            if is_turn:
                heartbeat.beat(tx, process_name.of_kind("beat"), now)
                self.seen_at = now
            tally.add(tx, [Count(tally.HINTS, (task,), (sent,)) for task, sent in self.uncounted.items()])
            agenda = agendas.look(tx, self.begin(now), self.hinted[START].at if START in self.hinted else None)
            self.foreseen, self.answered_s = agenda, time.monotonic()
            is_theirs = not agenda.due or is_time(self.slow_at, now, SLOW_EVERY)
            slow = self.look_at_slow(tx, now) if is_theirs else {}
        self.uncounted.clear()
        if Step.START not in agenda.due:
            self.floor.nothing_waits(now)
        return agenda, slow

    def look_at_slow(self, tx: Tx, now: datetime) -> dict[str, datetime]:
        """Since when slow tasks have something to do, those that have."""
        self.slow_at = now
        waiting = zip((MATERIALIZE, IMPORT, PROMOTE), agendas.slow(tx, now), strict=True)
        return {task: since for task, since in waiting if since is not None}

    def begin(self, now: datetime) -> Place:
        """Where to look for starts: not before the one that waited first at the last look, unless all is looked at."""
        low = self.floor.for_look(now)
        return low if low == FIRST or self.first is None else max(low, self.first.place())

    def look_at_zones(self, now: datetime) -> bool:
        """Once a minute: whether sessions were computed with an older edition of tzdata than others, or than ours."""
        if not is_time(self.zones_at, now, ZONES_EVERY):
            return False
        with database.transaction(self.engine) as (tx, _):
            oldest, newest = editions.in_use(tx)
        self.zones_at = now
        installed = recurrence.tzdata_version()
        if oldest is None or newest is None:
            return False
        if newest > installed:
            log.warning("tzdata_behind", installed=installed, newest=newest)
        return oldest < max(newest, installed)

    def by_the_clock(self) -> list[str]:
        """The tasks of the static entries whose time has come; their next turn is counted from now."""
        ripe = [entry for entry in self.schedule.values() if entry.is_due()[0]]
        for entry in ripe:
            self.reserve(entry)
        return [str(entry.task) for entry in ripe]

    def is_news(self, task: str, newest: datetime, now: datetime) -> bool:
        """Whether something fell due since the last hint, or that hint has gone unanswered for its patience."""
        last = self.hinted.get(task)
        return last is None or newest > last.at or is_time(last.at, now, last.patience)

    def is_moving(self, agenda: Agenda) -> bool:
        """Whether somebody started some of the starts that waited at the last look, and no other was not hinted yet."""
        last, self.first = self.first, agenda.due.get(Step.START)
        if last is None or self.first is None or START not in self.hinted or self.first.newest > self.hinted[START].at:
            return False
        return self.first.place() > last.place()

    def patience(self, task: str, newest: datetime) -> timedelta:
        """For how long the next hint may go unanswered: twice as long as the last, unless something fell due since."""
        last = self.hinted.get(task)
        if last is None or newest > last.at:
            return HINT_AGAIN_AFTER
        return min(2 * last.patience, HINT_AT_LAST_EVERY)

    def hint(self, tasks: Mapping[str, timedelta], now: datetime) -> None:
        """Send these hints, each with its patience; a broker that does not take one is not asked again in this tick."""
        for task, patience in tasks.items():
            if self.is_unheard:
                return
            try:
                args = (now.isoformat(),) if task in TASK_OF.values() else ()
                self.app.send_task(task, args, retry=False, expires=HINT_EXPIRES_S)
            except (OperationalError, OSError) as error:
                log.warning("beat_without_broker", task=task, error=str(error))
                self.is_unheard = True
                return
            self.hinted[task] = Hinted(now, patience)
            self.uncounted[task] += 1


def until(agenda: Agenda, passed_s: float = 0.0) -> float:
    """How long to sleep: until the next instant at which something falls due, at most `LONGEST_SLEEP_S` (seconds).

    passed_s: since the agenda was told (seconds).
    """
    if not agenda.coming:
        return LONGEST_SLEEP_S
    ahead = (min(agenda.coming.values()) - agenda.now).total_seconds()
    return min(LONGEST_SLEEP_S, max(0.0, ahead - passed_s))
