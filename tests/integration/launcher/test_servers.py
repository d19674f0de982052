"""The embedded servers: started, used, killed, started again."""

import os
import signal
import socket
import subprocess
from pathlib import Path

import psycopg
import pytest
import redis

from launcher import port, postgres, servers, valkey
from launcher.errors import StartFailed
from launcher.place import Place
from launcher.supervisor import Supervisor
from tests.integration.launcher import waiting


def start_postgres(supervisor: Supervisor, where: Place, wanted_port: int | None = None) -> tuple[int, str]:
    return servers.start_postgres(
        supervisor, where, password="opens-it", environment=os.environ, wanted_port=wanted_port
    )


def start_valkey(supervisor: Supervisor, where: Place) -> tuple[int, str]:
    return servers.start_valkey(supervisor, where, password="opens-it", environment=os.environ)


def test_postgres_speaks_utf8_and_utc(where: Place, supervisor: Supervisor) -> None:
    _, url = start_postgres(supervisor, where)

    with psycopg.connect(url) as connection:
        found = connection.execute(
            "SELECT current_setting('server_encoding'), current_setting('timezone'), current_setting('fsync')"
        ).fetchone()

    assert found == ("UTF8", "UTC", "on")


def test_after_a_kill_postgres_writes_its_files_in_one_go(where: Place, supervisor: Supervisor) -> None:
    _, url = start_postgres(supervisor, where)

    with psycopg.connect(url) as connection:
        assert connection.execute("SHOW recovery_init_sync_method").fetchone() == ("syncfs",)


def test_postgres_wants_the_password(where: Place, supervisor: Supervisor) -> None:
    _, url = start_postgres(supervisor, where)

    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        psycopg.connect(url.replace("opens-it", "wrong"))


def test_postgres_keeps_what_was_committed_when_it_is_killed(where: Place, supervisor: Supervisor) -> None:
    listening, url = start_postgres(supervisor, where)
    with psycopg.connect(url) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 42 AS answer")
    killed = supervisor.pids()["postgres"]

    os.kill(killed, signal.SIGKILL)
    waiting.until(lambda: supervisor.has_ended("postgres"))
    assert (where.postgres / "postmaster.pid").exists()
    waiting.while_supervised(supervisor, lambda: supervisor.pids()["postgres"] != killed)
    waiting.until(lambda: postgres.answers(url))

    with psycopg.connect(url) as connection:
        assert connection.execute("SELECT answer FROM kept").fetchone() == (42,)
    assert f":{listening}/" in url


def test_a_pid_file_that_names_a_living_stranger_is_not_believed(where: Place, supervisor: Supervisor) -> None:
    start_postgres(supervisor, where)
    supervisor.stop()
    servers_user = where.account.uid if where.account else None
    with subprocess.Popen(["sleep", "60"], cwd="/", user=servers_user) as stranger:
        try:
            (where.postgres / "postmaster.pid").write_text(f"{stranger.pid}\n{where.postgres}\n")

            _, url = start_postgres(supervisor, where)

            assert postgres.answers(url)
            assert stranger.poll() is None
        finally:
            stranger.kill()


def test_a_second_start_goes_on_with_the_same_cluster(where: Place, supervisor: Supervisor) -> None:
    listening, url = start_postgres(supervisor, where)
    with psycopg.connect(url) as connection:
        connection.execute("CREATE TABLE kept ()")
    supervisor.stop()

    again, url = start_postgres(supervisor, where, wanted_port=listening)

    with psycopg.connect(url) as connection:
        connection.execute("SELECT FROM kept")
    assert again == listening


def test_a_half_made_cluster_is_made_anew(where: Place, supervisor: Supervisor) -> None:
    (where.postgres / "PG_VERSION").write_text("18\n")

    _, url = start_postgres(supervisor, where)

    assert postgres.answers(url)


def test_a_taken_port_is_replaced(where: Place, supervisor: Supervisor) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        wanted = taken.getsockname()[1]

        listening, url = start_postgres(supervisor, where, wanted_port=wanted)

    assert listening != wanted
    assert postgres.answers(url)


def test_a_port_lost_between_looking_and_listening_is_replaced(
    where: Place, supervisor: Supervisor, monkeypatch: pytest.MonkeyPatch
) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        lost = taken.getsockname()[1]
        believed_free = iter([lost])
        prefer = port.prefer
        monkeypatch.setattr(port, "prefer", lambda *wanted: next(believed_free, None) or prefer(*wanted))

        listening, url = start_valkey(supervisor, where)

    assert listening != lost
    assert valkey.answers(url)


def test_a_server_that_cannot_start_says_why(where: Place, supervisor: Supervisor) -> None:
    start_postgres(supervisor, where)
    supervisor.stop()
    (where.postgres / "postgresql.conf").write_text("no_such_setting = 1\n")

    with pytest.raises(StartFailed, match="no_such_setting"):
        start_postgres(supervisor, where)


def test_valkey_wants_the_password_and_keeps_nothing(where: Place, supervisor: Supervisor) -> None:
    listening, url = start_valkey(supervisor, where)

    with redis.Redis.from_url(url) as client:
        client.set("hint", 1)
    with (
        redis.Redis(port=listening, retry=valkey.ONCE) as stranger,
        pytest.raises(redis.AuthenticationError),
    ):
        stranger.get("hint")
    supervisor.stop()

    assert [file.name for file in where.valkey.iterdir()] == ["valkey.conf"]


def test_servers_do_not_run_as_root(where: Place, supervisor: Supervisor) -> None:
    start_postgres(supervisor, where)
    start_valkey(supervisor, where)

    owners = {Path(f"/proc/{pid}").stat().st_uid for pid in supervisor.pids().values()}

    assert 0 not in owners
    assert len(owners) == 1
