"""Series that are edited as a whole while they run: what is done to them, and when.

Their sessions are seconds apart, so that within a run many of them live whole lives before and after each edit. Edits
are aimed at the instants at which sessions start, from several clients that know nothing of each other.
"""

from collections.abc import Iterator
from datetime import timedelta
from random import Random

from tests.chaos import plans
from tests.chaos.plans import LEAD, NEAR_S, OWN_ROOMS, PEOPLE, REWORKED, ROOMS, TAIL, Edit, Load, Plan, Verb

LEAST, MOST = 10, 20  # sessions of such a series
WIDEST = 4  # seconds between its sessions by another rule, at most

TURNS = (
    (Verb.SPLIT,),
    (Verb.RERULE,),
    (Verb.MOVE,),
    (Verb.SPLIT, Verb.SPLIT),
    (Verb.SPLIT, Verb.RERULE),
    (Verb.SPLIT, Verb.MOVE),
    (Verb.RERULE, Verb.MOVE),
    (Verb.MOVE, Verb.MOVE),
    (Verb.MOVE, Verb.CANCEL),
    (Verb.SPLIT, Verb.CANCEL, Verb.RENAME),
    (Verb.RERULE, Verb.REMOVE, Verb.START),
)
"""What is done at one instant."""


def schedule(seed: int, seconds: int, load: Load) -> tuple[list[Plan], list[Edit]]:
    """All plans and edits of a run, each in the order of their times."""
    others, done = plans.schedule(seed, seconds, load)
    own = series(seed, seconds, load)
    every = sorted([*others, *own], key=lambda plan: plan.post_at)
    return every, sorted([*done, *edits(seed, own)], key=lambda edit: edit.at)


def series(seed: int, seconds: int, load: Load) -> list[Plan]:
    """The plans, evenly spread; by their own rules the last sessions are over soon after the run."""
    rng = Random(f"{seed} reworked")
    found = []
    for number in range(int(load.reworked * (seconds - LEAD))):
        post_at = number / load.reworked
        starts, step = int(post_at + rng.uniform(2, LEAD)) + 1, rng.randint(2, 3)
        has_room = number % 3 == 0 and number // 3 < OWN_ROOMS
        lasts = rng.randint(1, 2 if has_room else 4)
        count = max(1, min(rng.randint(LEAST, MOST), (seconds + TAIL - lasts - starts) // step))
        found.append(Plan(
            number=REWORKED + number, post_at=post_at, starts=starts, count=count, step=timedelta(seconds=step),
            lasts=lasts, room=ROOMS + number // 3 if has_room else None,
            people=tuple(rng.sample(range(PEOPLE), rng.choice((0, 0, 1, 2)))),
            rule=f"FREQ=SECONDLY;INTERVAL={step};COUNT={count}",
        ))  # fmt: skip
    return found


def edits(seed: int, own: list[Plan]) -> Iterator[Edit]:
    """What is done to them: now and then something to a session ahead, and at some starts several things at once."""
    rng = Random(f"{seed} reworking")
    for plan in own:
        assert plan.step is not None
        step = int(plan.step.total_seconds())
        for turn in range(3):
            begins = plan.starts + step * rng.randrange(max(1, plan.count - 1))
            yield of_session(rng, plan, rng.uniform(plan.post_at + 0.5, begins), rng.choice(
                (Verb.CANCEL, Verb.REMOVE, Verb.RENAME, Verb.MOVE)), rng.randint(1, 4))  # fmt: skip
            for verb in rng.choice(TURNS):
                at = max(begins + rng.uniform(-NEAR_S, NEAR_S), plan.post_at + 0.3)
                ahead = rng.choice((0, 0, 0, 1, 2, 4))
                if verb is Verb.RERULE:
                    yield of_rule(rng, plan, at, turn)
                else:
                    yield of_session(rng, plan, at, verb, ahead)


def of_session(rng: Random, plan: Plan, at: float, verb: Verb, ahead: int) -> Edit:
    """Something done to one session, or from one on."""
    return Edit(plan=plan.number, at=at, verb=verb, ahead=ahead, later=1 if verb is Verb.MOVE else rng.randint(1, 3))


def of_rule(rng: Random, plan: Plan, at: float, turn: int) -> Edit:
    """Another rule for all: what is left of the count goes on, or there is a new one."""
    total = rng.randint(max(1, plan.count - 4), plan.count) if rng.random() < 0.4 else None
    return Edit(plan=plan.number, at=at, verb=Verb.RERULE, step=rng.randint(2, WIDEST), total=total,
                lasts=1 + turn % 2 if plan.room is not None else rng.randint(1, 4))  # fmt: skip
