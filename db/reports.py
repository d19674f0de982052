"""The statement of a report: what is known of sessions, or of people at sessions, added up by a key; one for all rows
and their total.

What is added up are facts, one a row. Asked by person, or about one, a fact is a person at a session: an attendance
row, or a place that was given up at the last moment (a `withdrawal`) by somebody who has no attendance row. Asked about
sessions, a fact is a session, and its completion record has counted the people already; only late cancels are counted
here. Both ways come to the same numbers.

Counted are sessions that took place and are closed: completed, tracked, not removed. A session belongs to the window
in which it was planned to start. Its place and instructor are its own first, then its segment's; weekday and hour are
those of its wall time (`recurrence_id`, or where it was moved to), so no clock of the database's is asked.

Only what is asked stands in the text: a condition that says "or nothing was asked" would keep the database from an
index.
"""

from collections.abc import Mapping
from functools import lru_cache
from types import MappingProxyType
from typing import Any, Final, NamedTuple

from sqlalchemy import TextClause, text
from sqlalchemy.orm import Session as Tx

from db.places import LATE_CANCEL

LOCAL: Final = "coalesce(s.moved_to_local, s.recurrence_id)"

KEYS: Mapping[str, str] = MappingProxyType(
    {
        "person": "CAST(a.user_id AS text)",
        "series": "CAST(s.series_id AS text)",
        "routine": "CAST(g.routine_id AS text)",
        "program": "CAST(g.program_id AS text)",
        "timeline": "CAST(g.timeline_id AS text)",
        "space": "CAST(coalesce(s.space_id, g.space_id) AS text)",
        "instructor": "CAST(coalesce(s.instructor_id, g.instructor_id) AS text)",
        "weekday": f"to_char({LOCAL}, 'ID')",
        "hour": f"to_char({LOCAL}, 'HH24')",
    }
)
"""What a report can be grouped by, as text: an id, the ISO number of a weekday (1 is Monday), an hour of two digits."""

NAME_OF: Final = "SELECT n.name FROM {table} n WHERE (n.tenant_id, n.id) = (:tenant_id, CAST(r.key AS uuid))"
TITLE: Final = """
    SELECT n.title FROM segment n WHERE (n.tenant_id, n.series_id) = (:tenant_id, CAST(r.key AS uuid))
    ORDER BY n.removed_at IS NOT NULL, n.from_local DESC LIMIT 1"""
NAMES: Mapping[str, str] = MappingProxyType(
    {
        **{kind: NAME_OF.format(table=kind) for kind in ("routine", "program", "timeline", "space")},
        **dict.fromkeys(("person", "instructor"), NAME_OF.format(table="app_user")),
        **dict.fromkeys(("weekday", "hour"), "r.key"),
        "series": TITLE,
    }
)
"""What people call a key; a plan is called what it is called now."""

ASKED: Mapping[str, str] = MappingProxyType(
    {
        "since": "s.starts_at >= :since",
        "until": "s.starts_at < :until",
        "series_id": "s.series_id = :series_id",
        "routine_id": "g.routine_id = :routine_id",
        "program_id": "g.program_id = :program_id",
        "timeline_id": "g.timeline_id = :timeline_id",
        "subject_id": "g.subject_id = :subject_id",
        "space_id": "coalesce(s.space_id, g.space_id) = :space_id",
        "instructor_id": "coalesce(s.instructor_id, g.instructor_id) = :instructor_id",
    }
)
"""The condition of each filter; `user_id` is that of the people's facts."""

TOOK_PLACE: Final = """
    JOIN segment g ON (g.tenant_id, g.series_id, g.from_local) = (s.tenant_id, s.series_id, s.segment_from)
    {record}
    WHERE s.tenant_id = :tenant_id AND s.state = 'COMPLETED' AND s.tracked AND s.removed_at IS NULL
      AND (s.next_step IS NULL OR s.next_step = 'MEASURE')"""

RECORD: Final = """
    JOIN session_metrics m ON (m.tenant_id, m.series_id, m.recurrence_id)
                            = (s.tenant_id, s.series_id, s.recurrence_id)"""

AT_IT: Final = """
    JOIN session s ON (s.tenant_id, s.series_id, s.recurrence_id) = (:tenant_id, a.series_id, a.recurrence_id)"""

OF_RECORD: Final = """
    m.planned_minutes, m.actual_minutes, CAST(m.completed AS integer) AS completed, m.progress,
    CASE WHEN coalesce(s.capacity, g.capacity) IS NOT NULL THEN m.present + m.late END AS came,
    coalesce(s.capacity, g.capacity) AS places"""
NO_RECORD: Final = """
    0 AS planned_minutes, 0 AS actual_minutes, 0 AS completed, CAST(NULL AS float8) AS progress, 0 AS came,
    0 AS places"""
"""A look-up of each record is a quarter of a person's report of attendance, which needs none of it."""

GIVEN_UP: Final = """
    SELECT count(*) FROM withdrawal w
    WHERE (w.tenant_id, w.series_id, w.recurrence_id) = (s.tenant_id, s.series_id, s.recurrence_id)"""

MARKED: Final = """
    SELECT 1 FROM attendance b WHERE (b.tenant_id, b.series_id, b.recurrence_id, b.user_id)
                                   = (w.tenant_id, w.series_id, w.recurrence_id, w.user_id) AND b.mark <> 'EXPECTED'"""
"""A mark EXPECTED at a session that is over is left of somebody who gave the place up: it counts for nothing."""

CANCELS_LATE: Final = f"""a.mark = 'EXCUSED' AND (
        a.marked_at >= s.starts_at - CAST(:late_cancel AS interval) AND a.marked_at < s.starts_at
        OR ({GIVEN_UP} AND w.user_id = a.user_id) > 0)"""

CAME, WENT = "greatest(p.checked_in_at, s.started_at)", "least(coalesce(p.checked_out_at, s.ended_at), s.ended_at)"
MINUTES: Final = f"""
    SELECT CASE count(*) WHEN 0 THEN NULL WHEN 1 THEN greatest(0, extract(epoch FROM max({WENT}) - min({CAME}))) ELSE (
               SELECT coalesce(sum(extract(epoch FROM upper(one) - lower(one))), 0) FROM unnest(
                   range_agg(tstzrange({CAME}, {WENT})) FILTER (WHERE {CAME} < {WENT})) AS one)
           END / 60 FROM {{stays}}"""
"""Of one person at one session, while it took place: the union of the intervals. Who was never checked out stayed to
its end. Null: nobody checked them in."""

EVERYBODY: Final = {
    "people": "attendance a",
    "person": "",
    "minutes": MINUTES.format(
        stays="""presence p WHERE (p.tenant_id, p.series_id, p.recurrence_id, p.user_id)
                                = (a.tenant_id, a.series_id, a.recurrence_id, a.user_id)"""
    ),
}
"""The parts of a statement about all people."""

ONE_PERSON: Final = {
    "people": """(
        SELECT a.tenant_id, series_id, recurrence_id, a.user_id, a.mark, a.marked_at, t.came, t.went
        FROM attendance a LEFT JOIN (
            SELECT series_id, recurrence_id, array_agg(checked_in_at) AS came, array_agg(checked_out_at) AS went
            FROM presence WHERE (tenant_id, user_id) = (:tenant_id, :user_id) GROUP BY 1, 2
        ) AS t USING (series_id, recurrence_id)
        WHERE (a.tenant_id, a.user_id) = (:tenant_id, :user_id) OFFSET 0) AS a""",
    "person": "AND a.user_id = :user_id",
    "minutes": MINUTES.format(stays="unnest(a.came, a.went) AS p (checked_in_at, checked_out_at)"),
}
"""The parts of one about a person. OFFSET keeps the planner to it: begin with the person's rows, which lie in one place
of an index, and all that is known of when they were there, whatever it believes about their sessions."""

RANK: Final = """
    CASE WHEN a.mark IN ('PRESENT', 'LATE', 'ABSENT') THEN row_number() OVER (
        PARTITION BY a.user_id, a.mark IN ('PRESENT', 'LATE', 'ABSENT')
        ORDER BY array_position(CAST('{ABSENT,LATE,PRESENT}' AS text[]), a.mark),
                 s.starts_at, s.series_id, s.recurrence_id) <= :drop_lowest ELSE false END"""
"""Whether a session is among the worst that are left out of a person's report."""

PEOPLE: Final = f"""
    SELECT {{key}} AS key, 1 AS sessions, 1 AS expected, CAST(a.mark = 'PRESENT' AS integer) AS present,
           CAST(a.mark = 'LATE' AS integer) AS late, CAST(a.mark = 'ABSENT' AS integer) AS absent,
           CAST(a.mark = 'EXCUSED' AS integer) AS excused, CAST({CANCELS_LATE} AS integer) AS late_cancels,
           CASE WHEN a.mark IN ('PRESENT', 'LATE')
                THEN coalesce(({{minutes}}), extract(epoch FROM s.ends_at - s.starts_at) / 60) ELSE 0
                END AS presence_minutes,
           {{of_record}}, {{dropped}} AS dropped
    FROM {{people}} {AT_IT} {TOOK_PLACE} AND a.mark <> 'EXPECTED' {{asked}}
    UNION ALL
    SELECT {{key}}, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, NULL, NULL, NULL, false
    FROM withdrawal a {AT_IT} {TOOK_PLACE} {{asked}} {{person}} AND NOT EXISTS ({MARKED.replace("w.", "a.")})"""

SESSIONS: Final = f"""
    SELECT {{key}} AS key, 1 AS sessions, m.expected, m.present, m.late, m.absent, m.excused,
           CAST(({GIVEN_UP} AND NOT EXISTS ({MARKED})) + CASE WHEN m.excused > 0 THEN (
               SELECT count(*) FROM attendance a
               WHERE (a.tenant_id, a.series_id, a.recurrence_id) = (s.tenant_id, s.series_id, s.recurrence_id)
                 AND {CANCELS_LATE}) ELSE 0 END AS integer) AS late_cancels,
           coalesce(m.presence_minutes * (m.present + m.late), 0) AS presence_minutes,
           {{of_record}}, false AS dropped
    FROM session s {TOOK_PLACE} {{asked}}"""

ADDED: Final = ("sessions", "expected", "present", "late", "absent", "excused", "late_cancels", "presence_minutes",
                "completed", "planned_minutes", "actual_minutes", "came", "places")  # fmt: skip
SUMS: Final = ", ".join(f"coalesce(sum({name}) FILTER (WHERE NOT dropped), 0) AS {name}" for name in ADDED)

REPORT: Final = f"""
    WITH facts AS ({{facts}}), r AS (
        SELECT GROUPING(key) = 1 AS is_total, key, {SUMS}, avg(progress) FILTER (WHERE NOT dropped) AS progress,
               count(*) FILTER (WHERE dropped) AS dropped,
               coalesce(sum(absent) FILTER (WHERE dropped), 0) AS dropped_absent
        FROM facts GROUP BY GROUPING SETS ((key), ())
    ), named AS MATERIALIZED (
        SELECT r.*, CASE WHEN key IS NOT NULL THEN ({{name}}) END AS name FROM r
    )
    SELECT is_total, key, name, {", ".join(ADDED)}, progress, dropped, dropped_absent FROM named
    WHERE is_total OR (coalesce(name, '') COLLATE "C", coalesce(key, '')) > (:after_name, :after_key)
       OR CAST(:after_key AS text) IS NULL
    ORDER BY is_total DESC, coalesce(name, '') COLLATE "C", coalesce(key, '') LIMIT :most"""


class Sums(NamedTuple):
    """A row of a report: a key (None: what has none, or the total) and what people call it; minutes are sums, progress
    is a mean, `came` and `places` are of the sessions alone that have so many."""

    is_total: bool
    key: str | None
    name: str | None
    sessions: int
    expected: int
    present: int
    late: int
    absent: int
    excused: int
    late_cancels: int
    presence_minutes: float
    completed: int
    planned_minutes: float
    actual_minutes: float
    came: int
    places: int
    progress: float | None
    dropped: int
    dropped_absent: int


def added(tx: Tx, by: str, given: Mapping[str, Any], page: Mapping[str, Any], *, with_record: bool) -> list[Sums]:
    """The total, and after it the rows of a page in the order of their names.

    given: the tenant, the filters, and how many of a person's sessions are dropped; page: `most` rows, after
    `after_name` and `after_key` (None: from the beginning). with_record: what only completion records know is wanted.
    """
    statement = report(by, frozenset(given), with_record)
    values = {**given, **page, "late_cancel": LATE_CANCEL, "most": page["most"] + 1}
    return [Sums._make(row) for row in tx.execute(statement, values)]


@lru_cache(512)
def report(by: str, names: frozenset[str], with_record: bool) -> TextClause:
    """The statement of a report with these filters."""
    conditions = [condition for name, condition in ASKED.items() if name in names]
    facts = SESSIONS
    if by == "person" or "user_id" in names:
        facts = PEOPLE
    with_record = with_record or facts is SESSIONS
    parts = {
        "key": KEYS[by],
        "asked": "".join(f" AND {condition}" for condition in conditions),
        "dropped": RANK if "drop_lowest" in names else "false",
        **(ONE_PERSON if "user_id" in names else EVERYBODY),
        "record": RECORD if with_record else "",
        "of_record": OF_RECORD if with_record else NO_RECORD,
    }
    return text(REPORT.format(facts=facts.format(**parts), name=NAMES[by]))
