"""What a process of ours is called."""

import socket


def of_kind(kind: str) -> str:
    """The name of the process of this kind (`beat`, or the queue of a worker) on this machine, as Celery makes it."""
    return f"{kind}@{socket.gethostname()}"
