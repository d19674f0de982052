"""What the house tells about itself: asked of PostgreSQL when somebody looks.

There are many processes, any of which may be killed, and PostgreSQL is the only memory. So no process keeps numbers of
its own: what stands in the tables is looked up, and what happened was counted there, in the transaction in which it
happened (`db.tally`).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.orm import Session as Tx

import recurrence
from db import audits, backlog, editions, tally
from db.backlog import Due, Plans
from db.editions import Editions
from db.tally import Count
from lifecycle import Step
from services import heartbeat, materialize


@dataclass(frozen=True, slots=True, kw_only=True)
class House:
    """How things stand at `now`.

    reach: every plan's sessions are rows at least so far ahead. seen: how long ago each kind of process was seen.
    editions: of tzdata, in the plans; installed: here. wrong: plans whose rows the auditor finds wrong; audited: how
    long ago it last looked (None: never). counted: what happened since the first migration.
    """

    now: datetime
    due: Mapping[Step, Due]
    plans: Plans
    reach: timedelta
    seen: Mapping[str, timedelta | None]
    editions: Editions
    installed: str
    wrong: int
    audited: timedelta | None
    counted: Sequence[Count]


def house(tx: Tx, now: datetime, horizon: timedelta) -> House:
    """Look once, for all tenants; `horizon` is the one of the settings."""
    plans = backlog.plans(tx, now)
    audited_at = audits.last(tx)
    return House(
        now=now,
        due=backlog.due(tx, now),
        plans=plans,
        reach=materialize.reach(plans.first_look, now, horizon),
        seen=heartbeat.ages(tx, now),
        editions=editions.in_use(tx),
        installed=recurrence.tzdata_version(),
        wrong=audits.standing(tx),
        audited=None if audited_at is None else now - audited_at,
        counted=tally.totals(tx),
    )
