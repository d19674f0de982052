"""Ports on the loopback address.

Between finding a port free and a server binding it another program may take it. Nothing prevents that;
whoever starts a server on a port found here asks `is_free` again when the server ended, and tries the next
one.
"""

import socket

LOOPBACK = "127.0.0.1"


def is_free(port: int) -> bool:
    """Whether a server could listen on the port now (closed connections that linger do not count)."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
        except OSError:
            return False
    return True


def any_free() -> int:
    """A port that is free now, of the kernel's choice."""
    with socket.socket() as probe:
        probe.bind((LOOPBACK, 0))
        return int(probe.getsockname()[1])


def prefer(*wanted: int | None) -> int:
    """The first of the wanted ports that is free; else any free one."""
    return next((port for port in wanted if port and is_free(port)), None) or any_free()
