"""Which role a call needs: one table, role x call.

A role may do what the ones before it may: feed, viewer, staff, admin. `sessions.get` is the call `get` of the group
`sessions`, as Flask names it. A call that stands in neither table does not start (`create_app` refuses).
"""

from types import MappingProxyType

from db.models import Role

ORDER = (Role.FEED, Role.VIEWER, Role.STAFF, Role.ADMIN)

PUBLIC = frozenset({"front", "healthz", "readyz", "docs", "openapi_json"})
"""What needs no key."""

PUBLIC_HERE = frozenset({"metrics"})
"""What needs no key on the machine itself."""

NAMED = {"list": Role.VIEWER, "get": Role.VIEWER, "create": Role.ADMIN, "update": Role.ADMIN, "delete": Role.ADMIN}
"""The calls on each of the kinds that a session refers to."""

KINDS = ("users", "routines", "programs", "timelines", "spaces", "subjects")

LEAST = MappingProxyType(
    {
        "sessions.list_sessions": Role.VIEWER,
        "sessions.count_sessions": Role.VIEWER,
        "sessions.get_session": Role.VIEWER,
        "sessions.list_history": Role.VIEWER,
        "sessions.list_changes": Role.VIEWER,
        "sessions.list_attendance": Role.VIEWER,
        "sessions.list_enrolments": Role.VIEWER,
        "sessions.get_enrolment": Role.VIEWER,
        "calendar.list_busy": Role.VIEWER,
        "calendar.get_feed": Role.FEED,
        "calendar.import_calendar": Role.ADMIN,
        "recurrence.preview_plan": Role.VIEWER,
        "reports.report_attendance": Role.VIEWER,
        "reports.report_completion": Role.VIEWER,
        "sessions.mark_attendance": Role.STAFF,
        "sessions.enrol_person": Role.STAFF,
        "sessions.withdraw_person": Role.STAFF,
        "sessions.check_in": Role.STAFF,
        "sessions.check_out": Role.STAFF,
        "attendance.import_attendance": Role.STAFF,
        "attendance.get_import": Role.STAFF,
        "sessions.get_progress": Role.VIEWER,
        "sessions.tell_progress": Role.STAFF,
        "sessions.start_session": Role.STAFF,
        "sessions.end_session": Role.STAFF,
        "sessions.cancel_session": Role.STAFF,
        "sessions.reinstate_session": Role.STAFF,
        "sessions.correct_session": Role.STAFF,
        "sessions.create_plan": Role.ADMIN,
        "sessions.edit_session": Role.ADMIN,
        "sessions.pause_plan": Role.ADMIN,
        "sessions.resume_plan": Role.ADMIN,
        "sessions.remove_session": Role.ADMIN,
        "sessions.remove_sessions": Role.ADMIN,
        "sessions.delete_session": Role.ADMIN,
        "users.export": Role.ADMIN,
        "keys.list": Role.ADMIN,
        "keys.create": Role.ADMIN,
        "keys.get": Role.ADMIN,
        "keys.delete": Role.ADMIN,
        "metrics": Role.ADMIN,
    }
    | {f"{kind}.{call}": role for kind in KINDS for call, role in NAMED.items()}
)
"""The least role of each call that needs a key."""


def may(role: Role, call: str) -> bool:
    """Whether a key of `role` may make `call`."""
    return ORDER.index(role) >= ORDER.index(LEAST[call])
