"""What the rules give, by dateutil: the second opinion on what was materialized. Nothing of ours is imported."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from dateutil.rrule import rrulestr

from tests.chaos.orders import is_reworked
from tests.chaos.stored import Plan, World

Told = dict[str, Any]


def judge(journal: list[Told], world: World) -> Iterator[str]:
    """Every series has exactly its rule's sessions up to its watermark, and beyond it only those that were edited.

    For those that are edited as a whole, see `courses`.
    """
    made = {
        told["plan"]: told
        for told in journal
        if told["verb"] == "create" and told["rule"] is not None and not is_reworked(told["plan"])
    }
    edited = {(told["plan"], told["local"]) for told in journal if told.get("local") and not told.get("skipped")}
    for plan in world.plans:
        if plan.number in made:
            touched = {datetime.fromisoformat(local) for number, local in edited if number == plan.number}
            yield from of_series(made[plan.number], plan, touched, world)


def of_series(told: Told, plan: Plan, touched: set[datetime], world: World) -> Iterator[str]:
    """One series."""
    if plan.set_aside is not None:
        yield f"series {plan.number} was set aside: {plan.set_aside}"
    zone, length = ZoneInfo(told["zone"]), timedelta(seconds=told["lasts"])
    first = datetime.fromtimestamp(told["starts"], zone).replace(tzinfo=None)
    far = max([plan.watermark.astimezone(zone).replace(tzinfo=None), *touched]) + timedelta(days=1)
    given = {}
    for local in rrulestr(told["rule"], dtstart=first).xafter(first, inc=True):
        if local > far:
            break
        given[local] = local.replace(tzinfo=zone).astimezone(UTC)
    stored = {one.local: one for one in world.sessions[plan.series_id]}
    due = {local for local, starts_at in given.items() if plan.tracked_from <= starts_at < plan.watermark}
    for local in sorted(due - stored.keys())[:3]:
        yield f"series {plan.number}: {local} is not there, and rows reach {plan.watermark}"
    for local in sorted(stored.keys() - due - (touched & given.keys()))[:3]:
        yield f"series {plan.number}: {local} is there, and the rule does not give it before {plan.watermark}"
    for local, one in stored.items():
        if local in given and (one.starts_at, one.ends_at) != (given[local], given[local] + length):
            yield f"series {plan.number}: {local} is from {one.starts_at} to {one.ends_at}"
