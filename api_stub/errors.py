"""Every refusal as RFC 9457 `application/problem+json`; the one place that knows HTTP statuses.

    ApiError (Exception)         the request itself can't be taken
    ├── Unauthorized             no key, or one that is not known
    ├── Forbidden                the key's role is too small
    ├── Malformed                the body is not JSON
    ├── WrongMediaType           the body is said to be something else than JSON
    ├── Stale                    somebody else changed it in between
    ├── dry_run.Outdated         what was previewed is no longer what would be done
    ├── changes.CursorExpired    what the cursor went on from is not kept any more
    ├── TooMany                  too many requests with one key
    ├── Invalid                  well formed but wrong; each fault with a pointer to its field
    └── NotReady                 the house can't do its work yet

A refusal of a service (`services.errors`) keeps its sentence; its field gets the name the client used. The database's
own refusals: `outages.py`. What nobody expected is a 500 that says nothing but the request's id; the log has the rest.
"""

import json
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any

from flask import Flask, Response, request
from pydantic import ValidationError
from werkzeug.exceptions import HTTPException

from api_stub import faults, instants
from api_stub.faults import Fault
from api_stub.problem import printable, request_id
from lifecycle import IllegalTransition
from recurrence import RecurrenceError
from services import errors as refusals
from services import identity

MAX_BODY = 1 << 20  # bytes
RETRY_AFTER_S = 1  # what is in the way is gone within seconds, or an operator is on the way

CODES = {400: "malformed", 401: "unauthorized", 404: "not_found", 405: "method_not_allowed", 413: "too_large"}
"""The code of a refusal that Flask makes itself."""


class ApiError(Exception):
    """the request itself can't be taken"""

    status = 400
    code = "malformed"
    faults: Sequence[Fault] = ()
    more: Mapping[str, Any] = MappingProxyType({})
    retry_after_s: int | None = None


class Unauthorized(ApiError):
    """got no key that is known, expected `Authorization: Bearer sb_...`"""

    status, code = 401, "unauthorized"


class Forbidden(ApiError):
    """the key's role is too small"""

    status, code = 403, "forbidden"

    def __init__(self, got: str, expected: str) -> None:
        super().__init__(f"got a key of the role {got}, expected {expected}")


class Malformed(ApiError):
    """the body is not JSON"""


class WrongMediaType(ApiError):
    """the body is said to be something else than JSON"""

    status, code = 415, "unsupported_media_type"


class Stale(ApiError):
    """got an If-Match without the current ETag: read it again, then change it"""

    status, code = 412, "version_mismatch"


class TooMany(ApiError):
    """too many requests with this key: slow down"""

    status, code = 429, "rate_limited"

    def __init__(self, retry_after_s: int) -> None:
        self.retry_after_s = retry_after_s
        super().__init__(f"got too many requests with this key: ask again in {retry_after_s} s")


class Invalid(ApiError):
    """well formed but wrong; `faults` lists what is"""

    status = 422

    def __init__(self, faults: Sequence[Fault], code: str = "invalid_field") -> None:
        self.faults = tuple(faults)
        self.code = code
        super().__init__("; ".join(fault.message for fault in self.faults))


class NotReady(ApiError):
    """the house can't do its work yet; `dependencies` tells how each thing is that it needs"""

    status, code = 503, "not_ready"

    def __init__(self, missing: Sequence[str], dependencies: Mapping[str, str]) -> None:
        self.more = {"dependencies": dict(dependencies)}
        super().__init__(f"missing: {', '.join(missing)}")


TITLES = {
    308: "Moved",
    400: "Malformed request",
    401: "Not authenticated",
    403: "Not allowed",
    404: "Not found",
    405: "Method not allowed",
    409: "Conflict",
    410: "Gone",
    412: "Version mismatch",
    413: "Request too large",
    415: "Unsupported media type",
    422: "Invalid request",
    429: "Too many requests",
    500: "Internal error",
    503: "Unavailable",
}


def register(app: Flask) -> None:
    """Let `app` answer every error as a problem."""
    app.register_error_handler(ApiError, of_request)
    app.register_error_handler(HTTPException, of_flask)
    app.register_error_handler(refusals.ServiceError, of_service)
    app.register_error_handler(RecurrenceError, of_recurrence)
    app.register_error_handler(IllegalTransition, of_lifecycle)


def problem(status: int, code: str, detail: str, faults: Sequence[Fault] = (), **more: Any) -> Response:
    """The answer for a refusal; `more` are members of its own."""
    body = {
        "type": f"urn:problem:sessionbeat:{code}",
        "title": TITLES.get(status, "Refused"),
        "status": status,
        "detail": printable(detail),
        "code": code,
        "errors": [{"pointer": printable(fault.pointer), "message": printable(fault.message)} for fault in faults],
        "requestId": request_id(),
        **more,
    }
    return Response(json.dumps(body, ensure_ascii=False), status, content_type="application/problem+json")


def of_request(error: ApiError) -> Response:
    """The request itself can't be taken."""
    answer = problem(error.status, error.code, str(error) or str(type(error).__doc__), error.faults, **error.more)
    if error.status == Unauthorized.status:
        answer.headers["WWW-Authenticate"] = "Bearer"
    if error.retry_after_s is not None:
        answer.headers["Retry-After"] = str(error.retry_after_s)
    return answer


def of_flask(error: HTTPException) -> Response:
    """What Flask refuses: unknown paths, methods, sizes; and, as 500, what nobody expected."""
    status = error.code or 500
    if error.response is not None and status < 400:
        return Response(status=status, headers=error.get_headers())
    detail = detail_of(status) or error.description or "refused"
    answer = problem(status, CODES.get(status, "internal" if status >= 500 else "refused"), detail)
    for name, value in error.get_headers():
        if name.lower() in ("allow", "location", "retry-after"):
            answer.headers[name] = value
    return answer


def detail_of(status: int) -> str | None:
    """What to say of a refusal that Flask makes itself."""
    match status:
        case 404:
            return f"there is nothing at {request.path}"
        case 405:
            return f"{request.path} takes no {request.method}"
        case 413:
            return f"got a body of more than {MAX_BODY} bytes"
        case 500:
            return "something went wrong here; the log knows more by this requestId"
        case _:
            return None


def with_retry(answer: Response) -> Response:
    """The answer, with the advice to try again soon."""
    answer.headers["Retry-After"] = str(RETRY_AFTER_S)
    return answer


def of_service(error: refusals.ServiceError) -> Response:
    """What a journey refuses."""
    match error:
        case refusals.NotFound():
            return problem(404, "not_found", str(error))
        case refusals.InvalidField():
            return problem(422, "invalid_field", str(error), [faults.of_field(error.field, str(error))])
        case refusals.InvalidRecurrence():
            return problem(422, "invalid_recurrence", str(error), [faults.of_field(error.field, str(error))])
        case refusals.Clash():
            return problem(409, "clash", str(error), clashes=[clash_of(taken) for taken in error.clashes])
        case refusals.StillRunning():
            return with_retry(problem(409, "in_progress", str(error)))
        case refusals.Busy():
            return with_retry(problem(409, "busy", str(error)))
        case refusals.KeyReused():
            return problem(
                422, "idempotency_key_reused", str(error), [Fault(pointer="/Idempotency-Key", message=str(error))]
            )
        case refusals.VersionMismatch():
            return problem(412, "version_mismatch", str(error))
        case _:
            return problem(409, "conflict", str(error))


def of_recurrence(error: RecurrenceError) -> Response:
    """A series that the engine refuses, where no field of the body was found to blame."""
    return problem(422, "invalid_recurrence", str(error), [faults.of_recurrence(error)])


def of_lifecycle(error: IllegalTransition) -> Response:
    """A step that the session's state does not allow."""
    return problem(409, "conflict", str(error))


def clash_of(taken: Any) -> dict[str, str]:
    """One entry of a clash's list."""
    return {
        "sessionId": identity.format_id(taken.series_id, taken.recurrence_id),
        "resource": str(taken.resource),
        "from": instants.show(taken.starts_at),
        "to": instants.show(taken.ends_at),
    }


def refuse_model(error: ValidationError) -> Response:
    """What pydantic found wrong in a body, a query or a path. Raises Invalid with every fault."""
    raise Invalid(faults.of_model(error))
