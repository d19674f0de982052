"""The tables. `tenant_id` leads every key, so that the database can be partitioned or distributed by it.

What a column means stands beside it where its name does not say it. Words are those of `docs/glossary.md`.
"""

from db.models.attendance import Attendance, Mark, Presence, Withdrawal
from db.models.audits import Audit
from db.models.changes import ChangeLog, IdempotencyKey, LedgerBatch
from db.models.heartbeats import Heartbeat
from db.models.imports import AttendanceImport, AttendanceImportRow, RowOutcome
from db.models.named import Named, Program, Routine, Space, Subject, Timeline, User, UserRole
from db.models.plans import AutoStart, Enrolment, Former, PlanType, Segment, Series, Waiting
from db.models.schema import Base
from db.models.sessions import Booking, Session, SessionMetrics, Transition
from db.models.tallies import Tally
from db.models.tenants import ApiKey, Role, Tenant

__all__ = [
    "ApiKey",
    "Attendance",
    "AttendanceImport",
    "AttendanceImportRow",
    "Audit",
    "AutoStart",
    "Base",
    "Booking",
    "ChangeLog",
    "Enrolment",
    "Former",
    "Heartbeat",
    "IdempotencyKey",
    "LedgerBatch",
    "Mark",
    "Named",
    "PlanType",
    "Presence",
    "Program",
    "Role",
    "Routine",
    "RowOutcome",
    "Segment",
    "Series",
    "Session",
    "SessionMetrics",
    "Space",
    "Subject",
    "Tally",
    "Tenant",
    "Timeline",
    "Transition",
    "User",
    "UserRole",
    "Waiting",
    "Withdrawal",
]
