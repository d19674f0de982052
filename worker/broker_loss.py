"""A worker outlives its broker.

When the broker dies while the worker holds a hint, Celery closes the connection that broke, and kombu wants to put the
hint back first. By then the channel has lost its connection, so kombu cannot know where the broker is, and stumbles:
an AttributeError, which nobody expects at that place, ends the worker's main process. A channel without a connection
is a lost connection and nothing else; said so, it is what all of Celery and kombu is prepared for: the hint counts as
gone with its broker (the next one comes within a second), and the worker looks for the broker until it is back.

Then it looks for it each second (`Connection`). Kombu's own pauses grow up to half a minute, and for so long
everything would wait for the lifeline although the broker is back.

`guard` is needed once, before a worker connects. Found with kombu 5.7 (`Channel._connparams`); the test that kills a
broker under a busy worker tells when it is not needed any more.
"""

import functools
from typing import Any

import kombu
import redis
from celery.app import amqp
from kombu.transport import redis as transport

CHANNEL: Any = transport.Channel  # its type stubs leave out what begins with an underscore

PAUSES = {"interval_start": 0.5, "interval_step": 0.5, "interval_max": 1.0}
"""How long to wait between two looks for the broker: first, by how much more each time, at most (seconds)."""


class Connection(kombu.Connection):
    """A connection to the broker that looks for it again soon."""

    def ensure_connection(self, *args: Any, **named: Any) -> Any:
        """As kombu's, with our pauses unless others are asked for."""
        return super().ensure_connection(*args, **{**PAUSES, **named})


class Amqp(amqp.AMQP):
    """Celery's way to the broker, over such connections."""

    Connection = Connection


def guard() -> None:
    """Let a Redis channel without a connection say that the connection is lost."""
    known = CHANNEL._connparams

    @functools.wraps(known)
    def connparams(channel: Any, *args: Any, **named: Any) -> Any:
        if channel.connection is None or channel.connection.client is None:
            raise redis.ConnectionError("the channel has lost its connection to the broker")
        return known(channel, *args, **named)

    CHANNEL._connparams = connparams
