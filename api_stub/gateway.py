"""gunicorn's worker, which answers as the app does where the app is never reached.

A request line that is too long, a header that is none: gunicorn refuses such a request itself, with a page of HTML.
Here the refusal is a problem like any other (RFC 9457). What was sent is not told to the log: it may hold a key. A body
that turns out to be none while the app reads it (a broken chunk) is refused by the app (`register`), and the connection
ends with it: nobody knows where the next request begins. So it does, and the answer says it, where a body was refused
unread (no key, too large).

`gunicorn --worker-class api_stub.gateway.Worker`.
"""

import json
from types import MappingProxyType
from typing import Any
from uuid import uuid4

import structlog
from flask import Flask, Response
from gunicorn import util
from gunicorn.http import errors as refusals
from gunicorn.workers.gthread import ThreadWorker

from api_stub.errors import problem

MALFORMED = (400, "Malformed request", "malformed", "the request is not HTTP as it should be")
KNOWN = MappingProxyType(
    {
        refusals.LimitRequestLine: (414, "Address too long", "address_too_long", "the request line is too long"),
        refusals.LimitRequestHeaders: (431, "Headers too large", "headers_too_large", "the headers are too large"),
        refusals.UnsupportedTransferCoding: (
            501,
            "Not implemented",
            "not_implemented",
            "this coding is unknown",
        ),
        refusals.ExpectationFailed: (417, "Expectation failed", "expectation_failed", "this is not expected here"),
        refusals.ForbiddenProxyRequest: (403, "Not allowed", "forbidden", "this is no proxy"),
    }
)
"""Status, title, code and detail of each kind of refusal."""

OURS = (refusals.InvalidResponseHeader, refusals.InvalidResponseHeaderName, refusals.ConfigurationProblem)
"""What gunicorn raises for a fault of the app's."""

BROKEN = (500, "Internal error", "internal", "something went wrong here; the log knows more by this requestId")

WORTH_READING = 32 << 10  # bytes of a body that nobody wanted; gunicorn gives up after 64 KiB

log = structlog.get_logger()


class Worker(ThreadWorker):  # type: ignore[misc]  # gunicorn has no types
    """gunicorn's worker with threads."""

    def handle_request(self, req: Any, conn: Any) -> Any:
        """Answer a request; the answer says so when the connection ends with it."""
        asked = req.should_close
        req.should_close = lambda: asked() or leaves_much(req)
        return super().handle_request(req, conn)

    def handle_error(self, req: Any, client: Any, addr: Any, exc: Exception) -> None:
        """Answer a request that could not be read, or whose answer could not be made."""
        request_id = uuid4().hex
        status, title, code, detail = told_of(exc)
        if status == BROKEN[0]:
            log.error("request_failed", request_id=request_id, exc_info=exc)
        else:
            log.warning("request_refused", request_id=request_id, status=status, reason=type(exc).__name__)
        body = {
            "type": f"urn:problem:sessionbeat:{code}",
            "title": title,
            "status": status,
            "detail": detail,
            "code": code,
            "errors": [],
            "requestId": request_id,
        }
        try:
            util.write_nonblock(client, message(status, title, request_id, json.dumps(body)))
        except OSError:
            log.info("client_gone", request_id=request_id)


def register(app: Flask) -> None:
    """Let `app` refuse a body that gunicorn can't read to its end."""
    for broken in (refusals.ParseException, refusals.NoMoreData):
        app.register_error_handler(broken, of_body)


def of_body(_: Exception) -> Response:
    """The refusal of a body that could not be read."""
    status, _title, code, _detail = MALFORMED
    answer = problem(status, code, "the body is not HTTP as it should be")
    answer.headers["Connection"] = "close"
    return answer


def leaves_much(req: Any) -> bool:
    """Whether more of a body is left unread than is worth reading.

    gunicorn reads a little of it to reach the next request, and else hangs up without a word: a client that was told
    to keep the connection would send its next request into nothing.
    """
    reader = req.body.reader
    left = getattr(reader, "length", None)
    if left is not None:
        return bool(left >= WORTH_READING)
    return getattr(reader, "parser", None) is not None


def told_of(error: Exception) -> tuple[int, str, str, str]:
    """What is told of an error: status, title, code, detail."""
    if isinstance(error, OURS):
        return BROKEN
    for kind, told in KNOWN.items():
        if isinstance(error, kind):
            return told
    return MALFORMED if isinstance(error, refusals.ParseException) else BROKEN


def message(status: int, title: str, request_id: str, body: str) -> bytes:
    """The whole answer, as it goes over the wire."""
    head = (
        f"HTTP/1.1 {status} {title}",
        "Connection: close",
        "Content-Type: application/problem+json",
        f"Content-Length: {len(body)}",
        f"X-Request-Id: {request_id}",
        "X-Content-Type-Options: nosniff",
        "Cache-Control: no-store",
    )
    return ("\r\n".join(head) + "\r\n\r\n" + body).encode("ascii")
