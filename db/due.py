"""The statements that move due sessions: one a step, each for as many sessions as are due.

Every statement claims its sessions first: rows whose next step is this one and due at `now`, longest due first,
passing over rows that another transaction holds. It then sets state, instants and the step after, and writes the
ledger, all in the same statement: what a process claimed that died is due again. `seq` in the ledger's key makes a
second row for one transition impossible.

A start is found by its planned instant (`start_at`), every other step by `later_step` and `later_at`. These columns are
computed from the others, and a start leaves them as they are: so it touches no index, and its new row lies on the page
of the old one (HOT). The price is that running sessions stay in the index of starts. Whoever looks again and again
begins at a `floor` below which it has seen that nothing waits; see `services.floor`.

Sessions that start at one instant are claimed plan by plan, much as they lie in the table, and each batch of a herd
begins where the one before ended, so that nobody walks twice past what is done. A herd may be taken from both its ends
at once (`Part`). A claimed row is held, so it is found again by its place (ctid). The planner is told
how to go about it (`AS_MEANT`): its statistics are of yesterday, when nothing of the herd was due.

`effective_at` is the instant the step was due, `applied_at` the one at which its batch is written; the difference is
the lateness. What was done, and how late, is counted in the same transaction (`db.tally`), and one row says that the
ledger was written to (`ledger_batch`), for whoever asks what changed (`db.changes`).

A session with a misfire grace that could not be started within it is missed instead (`too_late`); one without is
started however late, and ended after it. Either way its effective instant is the planned one.
"""

import functools
from collections.abc import Mapping, Sequence
from datetime import datetime
from types import MappingProxyType
from typing import Any

from sqlalchemy import TextClause, text
from sqlalchemy.orm import Session as Tx

from db import measure, tally
from db import moved as moves
from db.moved import ALL, Moved, Part
from db.sessions import SessionKey, arrays
from lifecycle import ON_TIME_WITHIN, Event, Outcome, State, Step, next_state

CLAIM = """
    WITH due AS MATERIALIZED (
        SELECT ctid AS place, tenant_id, series_id, recurrence_id, next_due_at AS due_at,
               coalesce(next_due_at + misfire_grace < :now, false) AS too_late FROM session
        WHERE next_step = :step AND {due} {among}
        ORDER BY {order} LIMIT {limit}
        FOR UPDATE SKIP LOCKED
    )"""

STARTS = """start_at <= :now
          AND (start_at, series_id) >= (CAST(:low AS timestamptz), CAST(:low_series AS uuid))
          AND (start_at, series_id) <= (CAST(:high AS timestamptz), CAST(:high_series AS uuid))"""
LATERS = "later_step = :step AND later_at <= :now"
OF_THESE = "next_due_at <= :now"

AMONG = """AND (tenant_id, series_id, recurrence_id) IN (
            SELECT * FROM unnest(CAST(:tenant_ids AS uuid[]), CAST(:series_ids AS uuid[]),
                                 CAST(:recurrence_ids AS timestamp[])))"""

DUE_ROWS = "s.ctid = due.place"

AS_MEANT = text("""
    SELECT set_config('enable_seqscan', 'off', true), set_config('enable_bitmapscan', 'off', true),
           set_config('enable_sort', 'off', true),
           set_config('enable_hashjoin', 'off', true), set_config('enable_mergejoin', 'off', true)
""")
"""Until the transaction ends: no reading of the whole table, no sorting of a whole herd for each batch of it."""

NOW = "at AS MATERIALIZED (SELECT clock_timestamp() AS now)"

LEDGER = """
    entered AS (
        INSERT INTO transition (tenant_id, series_id, recurrence_id, seq, kind,
                                effective_at, applied_at, actor, outcome)
        SELECT tenant_id, series_id, recurrence_id, seq, kind, due_at, now, 'system', outcome FROM moved
    ), told AS (
        SELECT kind, outcome, count(*) AS sessions, due_at, now, CAST({far}(CAST(series_id AS text)) AS uuid) AS last
        FROM moved GROUP BY 1, 2, 4, 5
    ), noted AS (
        INSERT INTO ledger_batch (applied_at, sessions) SELECT now, sum(sessions) FROM told GROUP BY now
        ON CONFLICT DO NOTHING
    )
    SELECT kind, outcome, sessions, due_at, now, last FROM told"""

START = f"""{CLAIM}, {NOW}, moved AS (
        UPDATE session s SET
            state = CASE WHEN due.too_late THEN :missed ELSE :in_progress END, seq = s.seq + 1,
            started_at = CASE WHEN NOT due.too_late THEN due.due_at END,
            next_step = CASE WHEN NOT due.too_late THEN 'END' END,
            next_due_at = CASE WHEN NOT due.too_late THEN s.end_due_at END
        FROM due, at WHERE {DUE_ROWS}
        RETURNING s.tenant_id, s.series_id, s.recurrence_id, s.seq, due.due_at, at.now,
                  CASE WHEN due.too_late THEN :miss ELSE :start END AS kind,
                  CASE WHEN due.too_late THEN :misfire
                       WHEN at.now - due.due_at > :on_time_within THEN :caught_up
                       ELSE :on_time END AS outcome
    ), {LEDGER}"""

END = f"""{CLAIM}, {NOW}, moved AS (
        UPDATE session s SET
            state = CASE s.state WHEN :in_progress THEN :completed ELSE :missed END, seq = s.seq + 1,
            ended_at = CASE s.state WHEN :in_progress THEN due.due_at END,
            next_step = CASE s.state WHEN :in_progress THEN 'CLOSE' END,
            next_due_at = CASE s.state WHEN :in_progress THEN due.due_at END
        FROM due, at WHERE {DUE_ROWS}
        RETURNING s.tenant_id, s.series_id, s.recurrence_id, s.seq, due.due_at, at.now,
                  CASE s.state WHEN :completed THEN :end ELSE :miss END AS kind,
                  CASE WHEN due.due_at > s.ends_at THEN :overrun
                       WHEN at.now - due.due_at > :on_time_within THEN :caught_up
                       ELSE :on_time END AS outcome
    ), {LEDGER}"""

CLOSE = f"""{CLAIM}, absent AS (
        INSERT INTO attendance AS a (tenant_id, series_id, recurrence_id, user_id, mark, marked_at, marked_by)
        SELECT due.tenant_id, due.series_id, due.recurrence_id, e.user_id, 'ABSENT', clock_timestamp(), 'system'
        FROM due JOIN enrolment e ON (e.tenant_id, e.series_id) = (due.tenant_id, due.series_id)
         AND e.from_local <= due.recurrence_id AND (e.until_local IS NULL OR e.until_local > due.recurrence_id)
        ON CONFLICT (tenant_id, series_id, recurrence_id, user_id) DO UPDATE
        SET mark = 'ABSENT', marked_at = excluded.marked_at, marked_by = 'system' WHERE a.mark = 'EXPECTED'
        RETURNING 1
    ), moved AS (
        UPDATE session s SET next_step = 'MEASURE' FROM due WHERE {DUE_ROWS} RETURNING due.due_at
    ), {NOW}
    SELECT 'closed', '', count(*), due_at, at.now, NULL FROM moved, at GROUP BY 4, 5
    UNION ALL SELECT 'absent', '', count(*), NULL, NULL, NULL FROM absent"""

MEASURE = f"""{CLAIM}, {measure.MEASURED}, moved AS (
        UPDATE session s SET next_step = NULL, next_due_at = NULL FROM due WHERE {DUE_ROWS} RETURNING due.due_at
    ), {NOW}
    SELECT 'measured', '', count(*), due_at, at.now, NULL FROM moved, at GROUP BY 4, 5"""

STATEMENTS = MappingProxyType({Step.START: START, Step.END: END, Step.CLOSE: CLOSE, Step.MEASURE: MEASURE})

WORDS = {
    "in_progress": next_state(State.SCHEDULED, Event.START),
    "completed": next_state(State.IN_PROGRESS, Event.END),
    "missed": next_state(State.SCHEDULED, Event.MISS),
    "start": Event.START,
    "end": Event.END,
    "miss": Event.MISS,
    "on_time": Outcome.ON_TIME,
    "caught_up": Outcome.CAUGHT_UP,
    "overrun": Outcome.OVERRUN,
    "misfire": Outcome.MISFIRE,
}

CLAIMED = f"""{CLAIM}
    SELECT tenant_id, series_id, recurrence_id FROM due"""

KNOWN_TEXTS = 64  # statements with their limit that are written once

SET_ASIDE = text("""
    UPDATE session SET set_aside = :reason, next_step = NULL, next_due_at = NULL
    WHERE (tenant_id, series_id, recurrence_id) = (:tenant_id, :series_id, :recurrence_id)
""")


def apply(
    tx: Tx,
    step: Step,
    now: datetime,
    limit: int,
    keys: Sequence[SessionKey] | None = None,
    part: Part = ALL,
) -> list[Moved]:
    """Do `step` to at most `limit` sessions that are due at `now`; with `keys`, only to those among them.

    `part`: where to look, without `keys`. MEASURE claims in a statement of its own: what it counts must be seen after
    the claim, not before.
    """
    if step is Step.MEASURE:
        keys = claim(tx, step, now, limit, keys, part)
        if not keys:
            return []
    elif keys is None:
        tx.execute(AS_MEANT)
    statement = claiming(STATEMENTS[step], step, limit, keys is not None, part.backward)
    values = {"step": step, "now": now, "on_time_within": ON_TIME_WITHIN, **part.bounds()}
    moved = moves.by_kind(tx.execute(statement, named(statement, values, keys)).all(), part.backward)
    if moved:
        late = [tally.lateness((one.kind, one.outcome), one.late_s) for one in moved if one.late_s]
        tally.add(tx, [tally.Count(tally.BATCHES, (step,), (1,)), *late])
    return moved


@functools.lru_cache(KNOWN_TEXTS)
def claiming(statement: str, step: Step, limit: int, among: bool, backward: bool = False) -> TextClause:
    """A statement with its claim: of what is due, or of these sessions.

    The limit stands in the text: one that the planner does not know is taken for a tenth of the table.
    """
    far, turn = ("min", " DESC") if backward else ("max", "")
    if among:
        return text(statement.format(due=OF_THESE, among=AMONG, order="next_due_at", limit=limit, far=far))
    due, order = (STARTS, f"start_at{turn}, series_id{turn}") if step is Step.START else (LATERS, f"later_at{turn}")
    return text(statement.format(due=due, among="", order=order, limit=limit, far=far))


def named(statement: TextClause, values: Mapping[str, Any], keys: Sequence[SessionKey] | None) -> dict[str, Any]:
    """The parameters that a statement names, of these values, the words and the keys."""
    known = {**values, **WORDS, **({} if keys is None else arrays(keys))}
    return {name: value for name, value in known.items() if f":{name}" in statement.text}


def claim(
    tx: Tx, step: Step, now: datetime, limit: int, keys: Sequence[SessionKey] | None = None, part: Part = ALL
) -> list[SessionKey]:
    """The first sessions that are due for `step` and free, as `apply` takes them; locked until the transaction ends."""
    if keys is None:
        tx.execute(AS_MEANT)
    statement = claiming(CLAIMED, step, limit, keys is not None, part.backward)
    values = named(statement, {"step": step, "now": now, **part.bounds()}, keys)
    return [SessionKey(*row) for row in tx.execute(statement, values)]


def set_aside(tx: Tx, key: SessionKey, reason: str) -> None:
    """Take a session out of the queue, saying why."""
    tx.execute(SET_ASIDE, {"reason": reason, **key._asdict()})
