"""The completion record of sessions, computed whole in one statement, however many sessions and people there are.

Of each session that is `due` (a claim of `db.due`):

* enrolled: who has a place in its plan at that time; expected: whoever has a mark, so they, drop-ins and whoever came
  besides; present, late, absent, excused: by that mark. A mark EXPECTED is left of somebody who gave the place up.
* attendance rate = (present + late) / (expected - excused); fill rate = (present + late) / capacity.
* presence minutes: the mean over those who came. A person's are the union of the intervals between check-in and
  check-out (or the end), within the time that the session really took; without a check-in the planned minutes.
* progress: the session's own; else, where something is known of persons, the mean over those who came, of whom nothing
  is known counting as none; else none. Null when its routine has no activities.
* completed: progress reached the plan's threshold; without activities: somebody was there at its end.

A person's mark and intervals come from two tables and are brought together by grouping, not by a join: that takes time
in proportion to the people, whatever the planner believes about them.
"""

PEOPLE = """
    SELECT user_id, max(mark) AS mark, count(came) AS stays, min(came) AS first, max(went) AS last,
           range_agg(tstzrange(came, went)) FILTER (WHERE came < went) AS spans, max(part) AS part
    FROM (
        SELECT a.user_id, a.mark, CAST(NULL AS timestamptz) AS came, CAST(NULL AS timestamptz) AS went,
               CASE WHEN a.done IS NOT NULL AND of_all > 0 THEN CAST(
                   (SELECT count(*) FROM unnest(a.done) AS one WHERE one = ANY (r.activities)) AS float8) / of_all
               END AS part
        FROM attendance a
        WHERE (a.tenant_id, a.series_id, a.recurrence_id) = (due.tenant_id, due.series_id, due.recurrence_id)
        UNION ALL
        SELECT p.user_id, NULL, greatest(p.checked_in_at, s.started_at),
               least(coalesce(p.checked_out_at, s.ended_at), s.ended_at), NULL
        FROM presence p
        WHERE (p.tenant_id, p.series_id, p.recurrence_id) = (due.tenant_id, due.series_id, due.recurrence_id)
    ) AS told GROUP BY user_id"""

SECONDS = """
    CASE stays WHEN 0 THEN extract(epoch FROM s.ends_at - s.starts_at)
               WHEN 1 THEN greatest(0, extract(epoch FROM last - first))
               ELSE coalesce((SELECT sum(extract(epoch FROM upper(one) - lower(one))) FROM unnest(spans) AS one), 0)
    END"""

COUNTED = f"""
    SELECT due.tenant_id, due.series_id, due.recurrence_id, s.starts_at, s.ends_at, s.started_at, s.ended_at,
           coalesce(s.capacity, g.capacity) AS capacity, g.completion_threshold, enrolled, expected, present, late,
           absent, excused, seconds,
           CASE WHEN of_all > 0 OR s.progress IS NOT NULL
                THEN coalesce(s.progress, CASE WHEN told > 0 THEN part END, 0) END AS progress
    FROM due
    JOIN session s ON s.ctid = due.place
    JOIN segment g ON (g.tenant_id, g.series_id, g.from_local) = (s.tenant_id, s.series_id, s.segment_from)
    LEFT JOIN routine r ON (r.tenant_id, r.id) = (g.tenant_id, g.routine_id)
    CROSS JOIN LATERAL (SELECT coalesce(cardinality(r.activities), 0) AS of_all) AS activities
    CROSS JOIN LATERAL (
        SELECT count(*) AS enrolled FROM enrolment e
        WHERE (e.tenant_id, e.series_id) = (due.tenant_id, due.series_id) AND NOT e.drop_in
          AND e.from_local <= due.recurrence_id AND (e.until_local IS NULL OR e.until_local > due.recurrence_id)
    ) AS places
    CROSS JOIN LATERAL (
        SELECT count(*) FILTER (WHERE mark <> 'EXPECTED') AS expected,
               count(*) FILTER (WHERE mark = 'PRESENT') AS present,
               count(*) FILTER (WHERE mark = 'LATE') AS late,
               count(*) FILTER (WHERE mark = 'ABSENT') AS absent,
               count(*) FILTER (WHERE mark = 'EXCUSED') AS excused,
               avg({SECONDS}) FILTER (WHERE mark IN ('PRESENT', 'LATE')) AS seconds,
               count(part) FILTER (WHERE mark IN ('PRESENT', 'LATE')) AS told,
               avg(coalesce(part, 0)) FILTER (WHERE mark IN ('PRESENT', 'LATE')) AS part
        FROM ({PEOPLE}) AS person
    ) AS people"""

MEASURED = f"""
    counted AS ({COUNTED}
    ), measured AS (
        INSERT INTO session_metrics (
            tenant_id, series_id, recurrence_id, planned_minutes, actual_minutes, start_lateness_s, end_lateness_s,
            enrolled, expected, present, late, absent, excused, attendance_rate, presence_minutes, progress, completed,
            fill_rate, measured_at)
        SELECT tenant_id, series_id, recurrence_id,
               extract(epoch FROM ends_at - starts_at) / 60, extract(epoch FROM ended_at - started_at) / 60,
               extract(epoch FROM started_at - starts_at), extract(epoch FROM ended_at - ends_at),
               enrolled, expected, present, late, absent, excused,
               CAST(present + late AS float8) / nullif(expected - excused, 0), seconds / 60, progress,
               coalesce(progress >= completion_threshold - 1e-9, present + late > 0),
               CAST(present + late AS float8) / capacity, clock_timestamp()
        FROM counted
        ON CONFLICT (tenant_id, series_id, recurrence_id) DO UPDATE SET
            planned_minutes = excluded.planned_minutes, actual_minutes = excluded.actual_minutes,
            start_lateness_s = excluded.start_lateness_s, end_lateness_s = excluded.end_lateness_s,
            enrolled = excluded.enrolled, expected = excluded.expected, present = excluded.present,
            late = excluded.late, absent = excluded.absent, excused = excluded.excused,
            attendance_rate = excluded.attendance_rate, presence_minutes = excluded.presence_minutes,
            progress = excluded.progress, completed = excluded.completed, fill_rate = excluded.fill_rate,
            measured_at = excluded.measured_at
    )"""
"""Two parts of a statement that begins with the claim."""
