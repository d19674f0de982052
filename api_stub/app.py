"""The app: `gunicorn "api_stub.app:create_app()"`.

A door: the environment is read here, once, and an engine is made for this process alone.
"""

from types import MappingProxyType

import structlog
from flask import Response, current_app, request
from flask_openapi3.openapi import OpenAPI

from api_stub import (
    attendance,
    attendance_imports,
    changes,
    corrections,
    docs,
    door,
    edits,
    enrolments,
    errors,
    feed,
    freebusy,
    front,
    gateway,
    health,
    history,
    imports,
    issued_keys,
    keys,
    metrics,
    outages,
    pauses,
    payload,
    plans,
    presence,
    preview,
    problem,
    progress,
    references,
    removal,
    repeating,
    reports,
    roles,
    schema,
    session_ids,
    sessions,
    successors,
    transitions,
)
from api_stub.limiter import Limiter
from config import logs
from config import settings as environment
from config.settings import Settings
from db import engine as database

CONNECTIONS = 8  # kept by a process: one for each of its threads, so that none is opened anew for a request

ON_PLANS = (plans, edits, removal, pauses, enrolments)
ON_PEOPLE = (attendance, presence, progress)
ON_SESSIONS = (*ON_PLANS, *ON_PEOPLE, sessions, transitions, corrections, history, changes)
"""The files whose calls lie under /sessions."""

ON_CALENDAR = (freebusy, feed, imports)
"""The files whose calls look at all plans at once."""

GUARDS = MappingProxyType(
    {
        "Cache-Control": "private, no-cache",
        "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
        "Cross-Origin-Resource-Policy": "same-origin",
        "Referrer-Policy": "no-referrer",
        "X-Content-Type-Options": "nosniff",
        "X-Frame-Options": "DENY",
    }
)
"""Headers of every answer that sets none of its own: data that no page of another site may show, run or keep."""


def create_app(settings: Settings | None = None) -> OpenAPI:
    """The app, with `settings` or those of the environment. Raises SettingsError; opens no connection yet."""
    if settings is None:
        settings = environment.load()
        logs.configure(settings.log_level, settings.log_format)
    app = OpenAPI(
        "api_stub",
        info=schema.INFO,
        security_schemes=schema.SCHEMES,
        doc_ui=False,
        validation_error_model=problem.Problem,
        validation_error_callback=errors.refuse_model,
        static_folder=None,
    )
    app.config["MAX_CONTENT_LENGTH"] = errors.MAX_BODY + 1  # see payload.read_all
    app.url_map.strict_slashes = True
    app.url_map.merge_slashes = False  # an address that is not quite right is a 404, not a page of HTML that leads on
    app.url_map.converters["session"] = session_ids.SessionConverter
    engine = database.connect(settings.database_url, pool_size=CONNECTIONS, patient=True)
    limiter = Limiter(settings.rate_per_s, settings.rate_burst)
    app.extensions[door.NAME] = door.Door(engine=engine, settings=settings, limiter=limiter)
    errors.register(app)
    outages.register(app)
    gateway.register(app)
    successors.register(app)
    app.before_request(begin)
    app.before_request(options)
    app.before_request(keys.check)
    app.before_request(payload.check)
    app.after_request(mark)
    app.teardown_request(door.close)
    on_sessions = schema.group(schema.SESSIONS, schema.PREFIX, "plans and sessions")
    for calls in ON_SESSIONS:
        calls.register(on_sessions)
    app.register_api(on_sessions)
    on_calendar = schema.group("calendar", schema.PREFIX, "all plans as one calendar")
    for calls in ON_CALENDAR:
        calls.register(on_calendar)
    app.register_api(on_calendar)
    app.register_api(attendance_imports.blueprint())
    app.register_api(preview.blueprint())
    app.register_api(reports.blueprint())
    for kind in roles.KINDS:
        app.register_api(references.blueprint(kind))
    app.register_api(issued_keys.blueprint())
    health.register(app)
    metrics.register(app)
    docs.register(app)
    front.register(app)
    check_roles(app)
    repeating.register(app)
    return app


def begin() -> None:
    """Let every line that is logged for this request carry its id."""
    structlog.contextvars.clear_contextvars()
    structlog.contextvars.bind_contextvars(request_id=problem.request_id())


def options() -> Response | None:
    """What an address takes; whoever asks need not have a key."""
    if request.method != "OPTIONS" or request.endpoint is None:
        return None
    answer = current_app.make_default_options_response()
    return Response(status=204, headers={"Allow": answer.headers["Allow"]})


def mark(response: Response) -> Response:
    """What every answer carries."""
    response.headers["X-Request-Id"] = problem.request_id()
    if response.status_code == 204:
        response.headers.pop("Content-Type", None)  # of nothing there is no kind
    own = {name for name, _ in response.headers}
    response.headers.extend([(name, value) for name, value in GUARDS.items() if name not in own])
    return response


def check_roles(app: OpenAPI) -> None:
    """Refuse to start with a call that the table of roles does not know."""
    unknown = set(app.view_functions) - set(roles.LEAST) - roles.PUBLIC
    if unknown:
        raise LookupError(f"got calls without a role: {sorted(unknown)}, expected each in roles.LEAST")
