"""What the clients will do, and when: plans, and edits aimed at the very instants at which sessions start and end.

All of it follows from the seed and the length of the run, nothing else, so a run can be done again. Times are seconds
from the run's beginning. Planned starts are whole seconds (the API knows no parts of one), so each second has its
little herd; every tenth second has a larger one.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from random import Random

PEOPLE = 12  # users that are there before the run
ROOMS = 4  # that one-time plans ask for
OWN_ROOMS = 6  # that belong to one series each
FIRST_START = 3  # seconds after the beginning; before it the clients warm up
SHORTEST, LONGEST = 2, 10  # seconds that a one-time session lasts
LEAD = 6  # seconds between making a plan and its start, at most (but for the larger herds)
TAIL = 4  # seconds after the run by which the last one is over
MOVE = 2  # seconds by which sessions are moved
BURSTS = 100_000  # from here on numbers are those of bursts
REWORKED = 200_000  # and from here on those of series that are edited as a whole: see `reworked`
JUST_NOW = 0.05  # the share of one-time plans that are made at the very instant at which they start
NEAR_S = 0.012  # how far from the instant an edit "at the very instant" is meant at most


class Verb(StrEnum):
    """What a client can do to a session."""

    CANCEL = "cancel"
    REMOVE = "remove"
    START = "start"
    END = "end"
    MARK = "mark"
    RENAME = "rename"
    MOVE = "move"
    SPLIT = "split"  # this and following have another time
    RERULE = "rerule"  # all have another rule, length and title


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """A plan to be made at `post_at`. `step` (None: one time) is how far apart its sessions are on its zone's clock."""

    number: int
    post_at: float
    starts: int
    lasts: int
    manual: bool = False
    open_end: bool = False
    room: int | None = None
    people: tuple[int, ...] = ()
    rule: str | None = None
    step: timedelta | None = None
    count: int = 1
    zone: str = "UTC"


@dataclass(frozen=True, slots=True, kw_only=True)
class Edit:
    """Something to be done at `at` to the session of a plan, of a series to its `occurrence`-th.

    ahead: of a series that is edited as a whole, to which session after the one that starts then. later: by how many
    seconds what is moved or split starts later. step, lasts: of another rule (seconds); total: its count, of all.
    """

    plan: int
    at: float
    verb: Verb
    person: int | None = None
    occurrence: int | None = None
    ahead: int | None = None
    later: int = MOVE
    step: int = 0
    lasts: int = 0
    total: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """How much the clients do: one-time plans and bursts a second, the share that is edited, how many real series; and
    how many series a second that are moved, split and given another rule while they run.

    A burst is a series of some twenty sessions of a few seconds each, made by one request, so that a minute holds
    thousands of lives although the API takes some dozens of requests a second.
    """

    rate: float = 12.0
    bursts: float = 3.0
    edited: float = 0.4
    series: int = 16
    reworked: float = 0.4


RULES = (
    ("FREQ=WEEKLY", timedelta(weeks=1), "America/New_York"),
    ("FREQ=DAILY", timedelta(days=1), "Asia/Seoul"),
    ("FREQ=MINUTELY;INTERVAL=5", timedelta(minutes=5), "UTC"),
    ("FREQ=HOURLY;INTERVAL=2", timedelta(hours=2), "UTC"),
)


def schedule(seed: int, seconds: int, load: Load) -> tuple[list[Plan], list[Edit]]:
    """The plans and edits of a run, but for series that are edited as a whole, each in the order of their times."""
    rng = Random(f"{seed} plans")
    series = [one_series(rng, number, seconds) for number in range(load.series)]
    single, burst = list(singles(rng, seconds, load)), list(bursts(rng, seconds, load))
    edits = [edit for plan in single if rng.random() < load.edited for edit in edits_of(rng, plan)]
    edits += [edit for plan in burst for _ in range(3) if rng.random() < load.edited
              for edit in edits_of(rng, plan, rng.randrange(plan.count))]  # fmt: skip
    edits += [edit for plan in series for edit in edits_of_series(rng, plan, seconds)]
    plans = sorted([*series, *single, *burst], key=lambda plan: plan.post_at)
    return plans, sorted(edits, key=lambda edit: edit.at)


def one_series(rng: Random, number: int, seconds: int) -> Plan:
    """A real series whose first session is in the run."""
    rule, step, zone = RULES[number % len(RULES)]
    starts = rng.randint(FIRST_START + 2, max(FIRST_START + 2, seconds // 2))
    return Plan(number=number, post_at=rng.uniform(0, 2), starts=starts, lasts=rng.randint(SHORTEST, LONGEST),
                rule=rule, step=step, zone=zone)  # fmt: skip


def singles(rng: Random, seconds: int, load: Load) -> Iterator[Plan]:
    """One-time plans, evenly spread; the last ones start at the end of the run and are over soon after it."""
    for number in range(load.series, load.series + int(load.rate * (seconds - LEAD))):
        post_at = (number - load.series) / load.rate
        starts = int(post_at + rng.uniform(2, LEAD)) + 1
        tenth = starts + -starts % 10
        if tenth <= seconds and rng.random() < 0.3:
            starts = tenth
        lasts = min(rng.randint(SHORTEST, LONGEST), seconds + TAIL - starts)
        if rng.random() < JUST_NOW:
            post_at = starts + rng.uniform(-NEAR_S, NEAR_S)
        roomy = rng.random() < 0.08
        yield Plan(
            number=number,
            post_at=post_at,
            starts=starts,
            lasts=lasts,
            manual=rng.random() < 0.06,
            open_end=rng.random() < 0.03,
            room=rng.randrange(ROOMS) if roomy else None,
            people=tuple(rng.sample(range(PEOPLE), rng.choice((0, 0, 1, 2)))),
        )


def bursts(rng: Random, seconds: int, load: Load) -> Iterator[Plan]:
    """Series of short sessions, a second or some apart, all of them in the run."""
    for number in range(int(load.bursts * (seconds - LEAD))):
        post_at = number / load.bursts
        starts, apart = int(post_at + rng.uniform(2, LEAD)) + 1, rng.randint(1, 3)
        lasts = rng.randint(SHORTEST, min(LONGEST, seconds + TAIL - starts))
        count = max(1, min(rng.randint(15, 25), (seconds + TAIL - lasts - starts) // apart))
        yield Plan(number=BURSTS + number, post_at=post_at, starts=starts, lasts=lasts, count=count,
                   people=tuple(rng.sample(range(PEOPLE), rng.choice((0, 0, 1, 2)))),
                   rule=f"FREQ=SECONDLY;INTERVAL={apart};COUNT={count}", step=timedelta(seconds=apart))  # fmt: skip


def edits_of(rng: Random, plan: Plan, occurrence: int | None = None) -> Iterator[Edit]:
    """What is done to one session: one thing, or several at once by clients that know nothing of each other."""
    apart = plan.step.total_seconds() if plan.step else 0.0
    begins = plan.starts + apart * (occurrence or 0)
    ends = begins + plan.lasts
    at = rng.choice((begins, begins, ends, ends, rng.uniform(begins, ends), rng.uniform(plan.post_at + 0.5, begins)))
    at = max(at + rng.uniform(-NEAR_S, NEAR_S), plan.post_at + 0.3)
    if plan.people and rng.random() < 0.5:
        yield Edit(plan=plan.number, at=rng.uniform(begins, ends + 1), verb=Verb.MARK, person=rng.choice(plan.people),
                   occurrence=occurrence)  # fmt: skip
    verbs = rng.choices(
        [(Verb.CANCEL,), (Verb.REMOVE,), (Verb.START,), (Verb.END,), (Verb.MOVE,), (Verb.RENAME,),
         (Verb.CANCEL, Verb.CANCEL), (Verb.CANCEL, Verb.END), (Verb.START, Verb.REMOVE), (Verb.END, Verb.REMOVE),
         (Verb.CANCEL, Verb.START, Verb.REMOVE)],
        weights=[5, 4, 3, 5, 2, 2, 1, 1, 1, 1, 1],
    )[0]  # fmt: skip
    for verb in verbs:
        if verb is not Verb.MOVE or occurrence is None:
            yield Edit(plan=plan.number, at=at + rng.uniform(0, 0.004), verb=verb, occurrence=occurrence)


def edits_of_series(rng: Random, plan: Plan, seconds: int) -> Iterator[Edit]:
    """Single sessions of a series are called off, removed and renamed: near ones, and some beyond what rows reach.

    The farthest, which nobody wrote yet, by two clients at once.
    """
    verbs = (Verb.CANCEL, Verb.REMOVE, Verb.RENAME)
    assert plan.step is not None
    day, week = max(1, timedelta(days=1) // plan.step), max(2, timedelta(days=5) // plan.step)
    for occurrence in (rng.randint(1, day), rng.randint(day + 1, day + week), 5 * (day + week)):
        at = rng.uniform(FIRST_START, seconds * 0.4)
        yield Edit(plan=plan.number, at=at, verb=rng.choice(verbs), occurrence=occurrence)
    yield Edit(plan=plan.number, at=at, verb=Verb.RENAME, occurrence=occurrence)
