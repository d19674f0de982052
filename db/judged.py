"""What a row that came in bulk says, and why it can't be marked, if so: a part of the statements of `db.imports`.

It is asked of one batch: `:tenant_id`, `:id` (of the delivery), `:done_until`, `:until`; `:opens` is how long before
the planned start check-in opens. The reasons are those of `services.presence` and `services.attend`.

What a row names is looked up by its key, each session once; everything after that is brought together by hashing. The
planner is told so (`AS_MEANT`): nobody has counted rows that were written a moment ago, and it takes them for one.
"""

ROWS = """
    attendance_import_row r
    WHERE r.tenant_id = :tenant_id AND r.import_id = :id AND r.line > :done_until AND r.line <= :until
      AND r.outcome IS NULL"""

SHOWN = "to_char(({}) AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24\\:MI\\:SS\"Z\"')"

JUDGED = f"""
    found AS MATERIALIZED (
        SELECT s.* FROM (SELECT DISTINCT r.series_id, r.recurrence_id FROM {ROWS}) AS asked
        CROSS JOIN LATERAL (
            SELECT s.*, s.ctid AS place,
                   s.starts_at > :now AND s.started_at IS NULL AS is_ahead, g.late_after,
                   g.auto_start = 'FIRST_CHECK_IN' AS is_begun_by_people,
                   coalesce(s.capacity, g.capacity) IS NOT NULL AS is_limited
            FROM session s CROSS JOIN LATERAL (
                SELECT late_after, capacity, auto_start FROM segment g
                WHERE (g.tenant_id, g.series_id, g.from_local) = (s.tenant_id, s.series_id, s.segment_from)) AS g
            WHERE (s.tenant_id, s.series_id, s.recurrence_id)
                               = (:tenant_id, asked.series_id, asked.recurrence_id) LIMIT 1
        ) AS s
    ), judged AS MATERIALIZED (
        SELECT r.line, s.series_id, s.recurrence_id, u.id AS user_id, s.starts_at, s.place,
               CASE WHEN r.mark IS NOT NULL THEN r.mark
                    WHEN r.checked_in_at > s.starts_at + s.late_after THEN 'LATE' ELSE 'PRESENT' END AS mark,
               r.mark IS NOT NULL AS is_told, r.checked_in_at, r.checked_out_at,
               CASE
                   WHEN s.series_id IS NULL THEN format('got %s, expected the id of a session', r.session)
                   WHEN u.id IS NULL
                   THEN format('got %s, expected the id or the e-mail address of a user', r.person)
                   WHEN s.removed_at IS NOT NULL THEN 'got a session that is removed'
                   WHEN NOT s.tracked THEN 'got a session that took place before its plan was tracked'
                   WHEN s.state = 'CANCELLED' THEN 'got a session that is CANCELLED'
                   WHEN s.state = 'MISSED'
                   THEN 'got a session that is MISSED: if it did take place, correct it first'
                   WHEN greatest(r.checked_in_at, r.checked_out_at) > CAST(:now AS timestamptz)
                   THEN format('got %s, expected an instant that has passed',
                               {SHOWN.format("greatest(r.checked_in_at, r.checked_out_at)")})
                   WHEN r.checked_in_at < least(s.starts_at - CAST(:opens AS interval), s.started_at)
                   THEN format('got a check-in at %s: check-in opens at %s', {SHOWN.format("r.checked_in_at")},
                               {SHOWN.format("s.starts_at - CAST(:opens AS interval)")})
                   WHEN r.checked_in_at >= s.ended_at
                   THEN format('got a check-in at %s: the session ended at %s', {SHOWN.format("r.checked_in_at")},
                               {SHOWN.format("s.ended_at")})
                   WHEN s.state = 'SCHEDULED' AND s.is_begun_by_people AND s.end_due_at <= CAST(:now AS timestamptz)
                        AND coalesce(r.mark, 'PRESENT') IN ('PRESENT', 'LATE')
                   THEN format('got a session that cannot be started: it was to end at %s',
                               {SHOWN.format("s.end_due_at")})
                   WHEN s.state = 'SCHEDULED' AND (r.mark = 'ABSENT' OR (
                            r.mark IN ('PRESENT', 'LATE')
                            AND CAST(:now AS timestamptz) < s.starts_at - CAST(:opens AS interval)))
                   THEN format('got %s at a session that is SCHEDULED: check-in opens at %s', r.mark,
                               {SHOWN.format("s.starts_at - CAST(:opens AS interval)")})
                   WHEN s.is_ahead AND s.is_limited AND r.mark IS DISTINCT FROM 'EXCUSED' AND EXISTS (
                            SELECT FROM attendance a
                            WHERE (a.tenant_id, a.series_id, a.recurrence_id, a.user_id)
                                = (:tenant_id, s.series_id, s.recurrence_id, u.id) AND a.mark = 'EXCUSED')
                   THEN 'got somebody who is excused from a session ahead, whose place others may have: check them in'
               END AS problem
        FROM (SELECT * FROM {ROWS}) AS r
        LEFT JOIN found s ON (s.series_id, s.recurrence_id) = (r.series_id, r.recurrence_id)
        LEFT JOIN LATERAL (
            SELECT id FROM app_user u WHERE (u.tenant_id, u.id) = (r.tenant_id, r.user_id) LIMIT 1
        ) AS u ON true
    )"""

AS_MEANT = "SELECT set_config('enable_nestloop', CASE WHEN :meant THEN 'off' ELSE 'on' END, true)"
"""Look-ups by key (LATERAL) go on: there is no other way to do them."""
