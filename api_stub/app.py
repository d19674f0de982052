"""The app: `gunicorn "api_stub.app:create_app()"`.

A door: the environment is read here, once, and an engine is made for this process alone.
"""

import structlog
from flask import Response
from flask_openapi3.openapi import OpenAPI

from api_stub import (
    attendance,
    docs,
    door,
    edits,
    errors,
    health,
    history,
    keys,
    metrics,
    payload,
    plans,
    problem,
    references,
    removal,
    roles,
    schema,
    sessions,
    successors,
    transitions,
)
from config import logs
from config import settings as environment
from config.settings import Settings
from db import engine as database

ON_SESSIONS = (plans, sessions, edits, removal, transitions, history, attendance)
"""The files whose calls lie under /sessions."""


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
    app.config["MAX_CONTENT_LENGTH"] = errors.MAX_BODY
    app.url_map.strict_slashes = True
    engine = database.connect(settings.database_url, patient=True)
    app.extensions[door.NAME] = door.Door(engine=engine, settings=settings)
    errors.register(app)
    successors.register(app)
    app.before_request(begin)
    app.before_request(keys.check)
    app.before_request(payload.check)
    app.after_request(mark)
    on_sessions = schema.group("sessions", schema.PREFIX, "plans and sessions")
    for calls in ON_SESSIONS:
        calls.register(on_sessions)
    app.register_api(on_sessions)
    for kind in roles.KINDS:
        app.register_api(references.blueprint(kind))
    health.register(app)
    metrics.register(app)
    docs.register(app)
    check_roles(app)
    return app


def begin() -> None:
    """Let every line that is logged for this request carry its id."""
    structlog.contextvars.clear_contextvars()
    structlog.contextvars.bind_contextvars(request_id=problem.request_id())


def mark(response: Response) -> Response:
    """What every answer carries."""
    response.headers["X-Request-Id"] = problem.request_id()
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers.setdefault("Cache-Control", "private, no-cache")
    return response


def check_roles(app: OpenAPI) -> None:
    """Refuse to start with a call that the table of roles does not know."""
    unknown = set(app.view_functions) - set(roles.LEAST) - roles.PUBLIC
    if unknown:
        raise LookupError(f"got calls without a role: {sorted(unknown)}, expected each in roles.LEAST")
