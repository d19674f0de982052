"""Which processes work in the background, and when one of them counts as running.

Apart from `heartbeat`, so that a health check that asks each few seconds loads nothing that it does not need.
"""

from datetime import timedelta

KINDS = ("beat", "transitions", "bulk", "lifeline")
"""The processes that work in the background; `transitions` and `bulk` are the workers of these queues."""

LATELY = timedelta(seconds=10)
"""Every process is seen each four seconds or oftener; one that was not for so long is down."""


def is_alive(age: timedelta | None) -> bool:
    """Whether who was last seen so long ago counts as running."""
    return age is not None and age <= LATELY
