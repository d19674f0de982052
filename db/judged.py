"""What a row that came in bulk says, and why it can't be marked, if so: a part of the statements of `db.imports`.

It is asked of one batch: `:tenant_id`, `:id` (of the delivery), `:done_until`, `:until`; `:opens` is how long before
the planned start check-in opens. The reasons are those of `services.presence` and `services.attend`.
"""

ROWS = """
    attendance_import_row r
    WHERE r.tenant_id = :tenant_id AND r.import_id = :id AND r.line > :done_until AND r.line <= :until
      AND r.outcome IS NULL"""

SHOWN = "to_char(({}) AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24\\:MI\\:SS\"Z\"')"

JUDGED = f"""
    judged AS MATERIALIZED (
        SELECT r.line, s.series_id, s.recurrence_id, coalesce(u.id, m.id) AS user_id, s.starts_at,
               CASE WHEN r.mark IS NOT NULL THEN r.mark
                    WHEN r.checked_in_at > s.starts_at + g.late_after THEN 'LATE' ELSE 'PRESENT' END AS mark,
               r.mark IS NOT NULL AS is_told, r.checked_in_at, r.checked_out_at,
               CASE
                   WHEN s.series_id IS NULL THEN format('got %s, expected the id of a session', r.session)
                   WHEN coalesce(u.id, m.id) IS NULL
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
                   WHEN s.state = 'SCHEDULED' AND (r.mark = 'ABSENT' OR (
                            r.mark IN ('PRESENT', 'LATE')
                            AND CAST(:now AS timestamptz) < s.starts_at - CAST(:opens AS interval)))
                   THEN format('got %s at a session that is SCHEDULED: check-in opens at %s', r.mark,
                               {SHOWN.format("s.starts_at - CAST(:opens AS interval)")})
               END AS problem
        FROM (SELECT * FROM {ROWS}) AS r
        LEFT JOIN session s ON s.tenant_id = :tenant_id AND s.series_id = r.series_id
                           AND s.recurrence_id = r.recurrence_id
        LEFT JOIN segment g ON (g.tenant_id, g.series_id, g.from_local) = (s.tenant_id, s.series_id, s.segment_from)
        LEFT JOIN app_user u ON u.tenant_id = :tenant_id AND u.id = r.user_id
        LEFT JOIN app_user m ON m.tenant_id = :tenant_id AND lower(m.email) = r.email
    )"""
