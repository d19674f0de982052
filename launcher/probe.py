"""Whether a process answers: the API, Flower, the workers."""

import base64
import http
import http.client

from celery import Celery

from config import process_name
from launcher import port

TIMEOUT_S = 3.0
REPLY_WITHIN_S = 0.5
WORKERS = ("transitions", "bulk")


def http_status(listening: int, path: str, headers: dict[str, str] | None = None) -> int | None:
    """The status that a GET is answered with; None when nobody answers."""
    connection = http.client.HTTPConnection(port.LOOPBACK, listening, timeout=TIMEOUT_S)
    try:
        connection.request("GET", path, headers=headers or {})
        return connection.getresponse().status
    except (OSError, http.client.HTTPException):
        return None
    finally:
        connection.close()


def api_is_ready(listening: int, key: str) -> bool:
    """Whether the API stands on its database and knows our key: it is ours, not another one on that port."""
    if http_status(listening, "/readyz") != http.HTTPStatus.OK:
        return False
    bearer = {"Authorization": f"Bearer {key}"}
    return http_status(listening, "/api/v1/sessions?limit=1", bearer) == http.HTTPStatus.OK


def flower_is_ready(listening: int, password: str) -> bool:
    """Whether Flower shows its tasks to the operator."""
    secret = base64.b64encode(f"operator:{password}".encode()).decode()
    return http_status(listening, "/api/tasks", {"Authorization": f"Basic {secret}"}) == http.HTTPStatus.OK


def workers_consume(broker_url: str) -> bool:
    """Whether a worker of each queue answers over the broker."""
    wanted = [process_name.of_kind(worker) for worker in WORKERS]
    with Celery(broker=broker_url, set_as_current=False) as app:
        replies = app.control.ping(destination=wanted, timeout=REPLY_WITHIN_S, limit=len(wanted)) or []
    return {name for reply in replies for name in reply} >= set(wanted)
