"""The oracle: from what the clients asked for and were answered, what has to be stored. Nothing of ours is imported.

An acknowledged request must be there, with the instant its answer told. A refused one must not, and must have been
refusable at some instant between question and answer. One without an answer may be there or not, but whole. Whatever is
there must have been asked for. With the instants of what people did, each session's life follows (`life`), and its
ledger has to be that one, row for row.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import NamedTuple

from tests.chaos import hands
from tests.chaos.courses import NOT_THERE
from tests.chaos.journal import CLOCKS, Told, instant, is_busy, local, verdict, within
from tests.chaos.life import LEGAL, Happened, Life
from tests.chaos.orders import OF_PLAN, is_reworked
from tests.chaos.stored import Entry, Plan, Session, World

MOVED_BY = timedelta(seconds=2)


class Asked(NamedTuple):
    """A stored session, and what the journal has of it: how its plan was made, and what was done to it."""

    told: Told
    plan: Plan
    session: Session
    edits: list[Told]
    removed_at: datetime | None
    ledger: list[Entry]
    life: Life

    @property
    def name(self) -> str:
        rule = "" if self.told["rule"] is None else f" {self.session.local:%Y-%m-%dT%H:%M:%S}"
        return f"plan {self.plan.number}{rule}"


def ledgers(journal: list[Told], world: World) -> Iterator[str]:
    """Where a session's life is not the one that follows from its plan and from what people did; a sentence each."""
    for asked in matched(journal, world):
        yield from (f"{asked.name}: {fault}" for fault in of_life(asked, world.now))


def writes(journal: list[Told], world: World) -> Iterator[str]:
    """Where what was acknowledged is not there, what was refused could not be, or what is there nobody asked for."""
    made = {told["plan"]: told for told in journal if told["verb"] == "create"}
    yield from creations(made, world)
    yield from answers(journal)
    for plan in world.plans:
        if plan.number in made and made[plan.number]["rule"] is None:
            yield from presence(made[plan.number], plan, world)
    for asked in matched(journal, world):
        yield from (f"{asked.name}: {fault}" for fault in of_writes(asked, world))


def matched(journal: list[Told], world: World) -> Iterator[Asked]:
    """Every stored session of a plan that the journal has."""
    made = {told["plan"]: told for told in journal if told["verb"] == "create"}
    edits: dict[tuple[int, str | None], list[Told]] = defaultdict(list)
    for one in journal:
        if one["verb"] not in ("create", *OF_PLAN) and not one.get("skipped"):
            edits[one["plan"], one["local"]].append(one)
    for plan in world.plans:
        if plan.number not in made:
            continue
        told = made[plan.number]
        for session in world.sessions[plan.series_id]:
            local = None if told["rule"] is None else session.local.isoformat()
            ledger = world.ledger.get((session.series_id, session.local), [])
            removed_at = plan.removed_at if told["rule"] is None else session.removed_at
            life = lived(told, plan, session, ledger, removed_at, world.now)
            yield Asked(told, plan, session, edits.get((plan.number, local), []), removed_at, ledger, life)


def creations(made: dict[int, Told], world: World) -> Iterator[str]:
    """Every acknowledged plan is there once, no refused one is, and none that nobody made."""
    found = Counter(plan.number for plan in world.plans)
    for number, told in made.items():
        most, least = {"acked": (1, 1), "unknown": (1, 0), "refused": (0, 0)}[verdict(told)]
        if not least <= found[number] <= most:
            yield f"plan {number}: {verdict(told)} ({told['status']}), and {found[number]} of it stored"
        if verdict(told) == "refused" and not (told["status"] == 409 and told["room"]):
            yield f"plan {number}: refused with {told['status']} {told['body']}"
    for plan in world.plans:
        if plan.number not in made:
            yield f"plan {plan.number} is stored and nobody made it"
        elif not within(plan.created_at, made[plan.number], world.now):
            yield f"plan {plan.number} was made at {plan.created_at}, outside of its request"


def answers(journal: list[Told]) -> Iterator[str]:
    """No request is answered with what nobody expected."""
    for told in journal:
        status = told.get("status")
        if status == 404 and is_reworked(told["plan"]):  # whether it can be: see `courses`
            continue
        if status in (400, 401, 403, 404, 405, 500):
            yield f"{told['verb']} of plan {told['plan']}: answered {told['status']} {told['body']}"


def presence(told: Told, plan: Plan, world: World) -> Iterator[str]:
    """A one-time plan has its one session if it was made in time, else none."""
    tracked = instant(told["starts"]) >= plan.tracked_from
    found = len(world.sessions[plan.series_id])
    if found != int(tracked):
        yield f"plan {plan.number}: {found} sessions, expected {int(tracked)}"


def of_life(asked: Asked, now: datetime) -> Iterator[str]:
    """One session: its ledger, its state, and what comes next."""
    session, life = asked.session, asked.life
    yield from hands.asked_for(asked.ledger, asked.removed_at, asked.edits, now)
    yield from life.faults
    actual = [Happened(one.kind, one.effective_at, one.by_hand) for one in asked.ledger]
    if actual != life.rows:
        yield f"the ledger is {shown(actual)}, expected {shown(life.rows)}"
    if session.state != life.state or session.removed_at != life.removed_at:
        yield f"is {session.state}, removed {session.removed_at}; expected {life.state}, removed {life.removed_at}"
    if session.tracked != life.tracked:
        yield f"tracked is {session.tracked}, expected {life.tracked}"
    due = None if session.next_step is None else (session.next_step, session.next_due_at)
    if due != life.due:
        yield f"next is {due}, expected {life.due}"


def of_writes(asked: Asked, world: World) -> Iterator[str]:
    """One session: what people did to it, its people, its name and its place."""
    yield from hands.kept_all(asked.ledger, asked.removed_at, asked.edits, world.now)
    yield from refusals(asked.edits, asked.life, asked.told)
    yield from people(asked.told, asked.session, asked.edits, world)
    yield from names_and_places(asked.told, asked.session, asked.edits, asked.life, world)


def lived(
    told: Told, plan: Plan, session: Session, ledger: list[Entry], removed_at: datetime | None, now: datetime
) -> Life:
    """The life that follows from the plan and from what people did."""
    life = Life(starts=session.starts_at, ends=session.ends_at, manual=told["manual"], open_end=told["open_end"],
                born=plan.created_at, tracked=session.starts_at >= plan.tracked_from)  # fmt: skip
    acts = [(one.effective_at, one.kind) for one in ledger if one.by_hand and one.effective_at != removed_at]
    if removed_at is not None:
        acts.append((removed_at, "remove"))
    for at, kind in sorted(acts):
        if kind == "remove":
            life.remove(at, whole=told["rule"] is None)
        else:
            life.act(kind, at)
    life.settle(now)
    return life


def refusals(edits: list[Told], life: Life, made: Told) -> Iterator[str]:
    """Nothing was refused that was possible at every instant from the question to the answer."""
    for told in edits:
        if (
            verdict(told) != "refused"
            or is_busy(told)
            or (told["verb"] == "move" and told["status"] == 409 and made["room"])
        ):
            continue
        since, until = instant(told["sent"]) - CLOCKS, instant(told["answered"]) + CLOCKS
        if told["verb"] == "move" and told["status"] == 422 and datetime.fromisoformat(told["to"]) <= local(until):
            continue
        if told["status"] in NOT_THERE and is_reworked(told["plan"]):
            continue
        met = life.between(since, until)
        if met <= set(LEGAL[told["verb"]]):
            reason = told["body"].get("detail")
            yield f"{told['verb']} was refused ({told['status']} {reason}) while it was {sorted(met)}"


def people(made: Told, session: Session, edits: list[Told], world: World) -> Iterator[str]:
    """Who was marked is marked so; whoever else was expected at a session that took place is absent."""
    found = world.marks.get((session.series_id, session.local), {})
    for person in made["people"]:
        marks = [told for told in edits if told["verb"] == "mark" and told.get("person") == person]
        absent = "ABSENT" if session.state == "COMPLETED" else None
        allowed = {"PRESENT" if verdict(told) == "acked" else absent for told in marks} or {absent}
        if any(verdict(told) == "unknown" for told in marks):
            allowed |= {"PRESENT", absent}
        mark, by = found.get(person, (None, None))
        if mark not in allowed or (mark == "ABSENT") != (by == "system"):
            yield f"{person} is marked {mark} by {by}, expected {allowed}"
    for person in found.keys() - set(made["people"]):
        yield f"{person} is marked and was not expected"


def names_and_places(made: Told, session: Session, edits: list[Told], life: Life, world: World) -> Iterator[str]:
    """A new name, a new time and a booking are there when they were acknowledged; what is not tracked books nothing."""
    verdicts = {verb: {verdict(told) for told in edits if told["verb"] == verb} for verb in ("rename", "move")}
    renamed = session.title == f"renamed {made['plan']}"
    if renamed != ("acked" in verdicts["rename"]) and "unknown" not in verdicts["rename"]:
        yield f"its title is {session.title}, and renaming it was {verdicts['rename']}"
    if made["rule"] is None:
        moved = session.starts_at - instant(made["starts"])
        if (moved == MOVED_BY) != ("acked" in verdicts["move"]) and "unknown" not in verdicts["move"]:
            yield f"it starts {moved} later, and moving it was {verdicts['move']}"
        if any(told["verb"] == "move" and verdict(told) == "acked" and begun(told, made) for told in edits):
            yield "it was moved when it had begun"
        if moved not in (timedelta(0), MOVED_BY) or session.ends_at - session.starts_at != timedelta(
            seconds=made["lasts"]
        ):
            yield f"it lasts from {session.starts_at} to {session.ends_at}"
    nothing = life.removed_at is not None or life.state == "CANCELLED" or not life.tracked
    expected = [] if nothing or made["room"] is None else [(made["room"], session.starts_at, session.ends_at)]
    booked = world.bookings.get((session.series_id, session.local), [])
    if booked != expected:
        yield f"booked is {booked}, expected {expected}"


def begun(told: Told, made: Told) -> bool:
    """Whether a one-time session had begun by itself before it was asked to be moved."""
    return not made["manual"] and instant(told["sent"]) - CLOCKS > instant(made["starts"])


def shown(rows: list[Happened]) -> str:
    """A ledger in short."""
    return "[" + ", ".join(f"{one.kind}@{one.at:%T.%f}{' by hand' if one.by_hand else ''}" for one in rows) + "]"
