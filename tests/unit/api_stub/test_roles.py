"""The table of roles: complete, and each role may do what the ones before it may."""

import pytest
from flask_openapi3.openapi import OpenAPI

from api_stub import roles
from api_stub.app import check_roles
from db.models import Role

READS = {
    "list_sessions",
    "count_sessions",
    "get_session",
    "list_history",
    "list_changes",
    "list_attendance",
    "list",
    "get",
    "preview_plan",
    "list_busy",
    "get_progress",
}
STAFF = {
    "start_session",
    "end_session",
    "cancel_session",
    "reinstate_session",
    "correct_session",
    "mark_attendance",
    "check_in",
    "check_out",
    "tell_progress",
    "import_attendance",
    "get_import",
}


def test_every_call_of_the_app_has_a_role(app: OpenAPI) -> None:
    keyed = {name for name in app.view_functions if name not in roles.PUBLIC}

    assert keyed == set(roles.LEAST)


def test_a_call_without_a_role_does_not_start(app: OpenAPI) -> None:
    app.view_functions["sessions.forgotten"] = lambda: ""

    with pytest.raises(LookupError, match="forgotten"):
        check_roles(app)


@pytest.mark.parametrize("call", sorted(roles.LEAST))
def test_a_viewer_reads_staff_runs_sessions_an_admin_plans_and_manages_keys(call: str) -> None:
    noun, _, verb = call.partition(".")

    allowed = {role for role in Role if roles.may(role, call)}

    expected = {Role.ADMIN}
    if noun != "keys" and verb in READS | STAFF:
        expected.add(Role.STAFF)
    if noun != "keys" and verb in READS:
        expected.add(Role.VIEWER)
    if verb == "get_feed":
        expected = set(Role)
    assert allowed == expected
