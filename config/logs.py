"""How the program speaks: a decision per line, an event word and its fields, on standard error.

Libraries that log in their own way (Celery, gunicorn, Alembic) come out in the same form. What was bound for
a task or a request (`structlog.contextvars.bind_contextvars`) stands in every line of it.

No line tells a secret: what looks like a key of the API is cut (`hide_keys`), whoever wrote it, and a traceback shows
no values.
"""

import logging
import re
import sys
from typing import Any

import structlog
from structlog.typing import Processor

KEY = re.compile(r"\bsb_(feed_)?[\w-]{8,}")

SHARED: tuple[Processor, ...] = (
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_log_level,
    structlog.stdlib.add_logger_name,
    structlog.processors.TimeStamper(fmt="iso", utc=True, key="at"),
)


def configure(level: str, form: str) -> None:
    """Send every log line, ours and the libraries', to standard error.

    level: the least level that is logged (name). form: `json`, an object a line, or `console`, text for
    people.
    """
    renderer: Processor = structlog.processors.JSONRenderer(sort_keys=False)
    if form == "console":
        renderer = structlog.dev.ConsoleRenderer(
            colors=sys.stderr.isatty(), timestamp_key="at", exception_formatter=structlog.dev.plain_traceback
        )
    finish: list[Processor] = [structlog.stdlib.ProcessorFormatter.remove_processors_meta]
    if form == "json":
        finish.append(structlog.processors.format_exc_info)
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(foreign_pre_chain=SHARED, processors=[*finish, renderer, hide_keys])
    )
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(level)
    structlog.configure(
        processors=[*SHARED, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )


def hide_keys(_: Any, __: str, line: Any) -> Any:
    """A finished line, with every key of the API cut to its kind."""
    return KEY.sub(r"sb_\1...", line) if isinstance(line, str) else line
