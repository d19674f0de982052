"""A client that costs little, so that what is measured is the server: one request after the other over a socket."""

import json
import socket
from typing import Any, Final, NamedTuple
from urllib.parse import quote

from launcher.port import LOOPBACK

END: Final = b"\r\n\r\n"
PATIENCE_S: Final = 60.0


class Answer(NamedTuple):
    """A status, the head as it came, and the body."""

    status: int
    head: bytes
    body: bytes

    def json(self) -> Any:
        """The body as a value."""
        return json.loads(self.body)


class Connection:
    """One connection to a port of this machine, with a key."""

    def __init__(self, port: int, key: str) -> None:
        self._socket = socket.create_connection((LOOPBACK, port), PATIENCE_S)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._key = key

    def close(self) -> None:
        """Hang up."""
        self._socket.close()

    def get(self, path: str) -> Answer:
        """GET below /api/v1."""
        return self.ask(self.request("GET", path))

    def send(self, method: str, path: str, body: dict[str, Any]) -> Answer:
        """A call with a JSON body."""
        return self.ask(self.request(method, path, json.dumps(body).encode()))

    def request(self, method: str, path: str, body: bytes = b"") -> bytes:
        """The bytes of a request; made beforehand where time counts."""
        head = (f"{method} /api/v1{quote(path, safe='/?&=:-_')} HTTP/1.1\r\nHost: bench\r\n"
                f"Authorization: Bearer {self._key}\r\n")  # fmt: skip
        if body:
            head += f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n"
        return head.encode() + b"\r\n" + body

    def ask(self, request: bytes) -> Answer:
        """The answer to a request. Raises ConnectionError when the server hangs up."""
        self._socket.sendall(request)
        got = b""
        while END not in got:
            got += self._received()
        head, _, body = got.partition(END)
        length = int(head.lower().split(b"content-length:")[1].split(b"\r\n")[0])
        parts = [body]
        missing = length - len(body)
        while missing > 0:
            parts.append(self._received())
            missing -= len(parts[-1])
        return Answer(int(head[9:12]), head, b"".join(parts))

    def _received(self) -> bytes:
        got = self._socket.recv(1 << 18)
        if not got:
            raise ConnectionError("the server hung up")
        return got
