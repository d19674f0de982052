"""Sessions that an edit of their plan took away: 308 to the one that has their place, or 410."""

from flask import Flask, Response, request

from api_stub.errors import problem
from services.errors import Gone, Moved


def register(app: Flask) -> None:
    """Let `app` answer where a session went."""
    app.register_error_handler(Moved, moved)
    app.register_error_handler(Gone, gone)


def moved(error: Moved) -> Response:
    """The same request goes on at the session that has this one's place."""
    answer = problem(308, "moved", f"its plan was edited: {error.heir} has its place")
    query = f"?{request.query_string.decode()}" if request.query_string else ""
    answer.headers["Location"] = request.path.replace(error.got, error.heir) + query
    return answer


def gone(error: Gone) -> Response:
    """Nothing has its place."""
    return problem(410, "gone", f"{error} any more: its plan was edited")
