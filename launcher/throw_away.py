"""A PostgreSQL for a while: in a temporary folder, on a free port, gone afterwards. What is given is not touched."""

import os
import secrets
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from launcher import account, place, servers
from launcher.place import Place
from launcher.progress import say
from launcher.supervisor import Supervisor


@contextmanager
def postgres() -> Iterator[str]:
    """The address of a database on a new server, as durable as `sessionbeat up` makes it. Raises LaunchError."""
    root = Path(tempfile.mkdtemp(prefix="sessionbeat-bench-"))
    keeper = Supervisor(lock=None, say=say)
    try:
        root.chmod(0o711)  # the servers' account has to get in
        where = Place(root=root / "servers", account=account.for_servers())
        place.make(where)
        given = os.environ.get("SESSIONBEAT_PG_BIN")
        _, url = servers.start_postgres(
            keeper,
            where,
            password=secrets.token_hex(16),
            environment=os.environ,
            given_binaries=Path(given) if given else None,
        )
        yield url
    finally:
        keeper.stop()
        shutil.rmtree(root)
