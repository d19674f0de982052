"""What the processes stand on: PostgreSQL and Valkey, our own unless others are named."""

import dataclasses
import os
import secrets

from config.settings import Settings
from launcher import servers
from launcher.facts import Facts
from launcher.place import Place
from launcher.progress import say
from launcher.servers import Starting
from launcher.supervisor import Supervisor


def secrets_of(known: Facts) -> Facts:
    """The facts with a password for each server; those that are known stay.

    Write them to the disk before a server is made with them.
    """
    return dataclasses.replace(
        known,
        postgres_password=known.postgres_password or secrets.token_hex(16),
        valkey_password=known.valkey_password or secrets.token_hex(16),
        flower_password=known.flower_password or secrets.token_hex(16),
    )


def start(keeper: Supervisor, where: Place, given: Settings, known: Facts) -> Facts:
    """Start what is not given, both at once; answers the facts with both addresses. Raises LaunchError."""
    database = _database(keeper, where, given, known)
    broker = _broker(keeper, where, given, known)
    if broker is not None:
        listening, url = broker.wait()
        say(f"Valkey on port {listening}")
        known = dataclasses.replace(known, broker_url=url, valkey_port=listening)
    if database is not None:
        listening, url = servers.wait_for_postgres(database)
        say(f"PostgreSQL on port {listening}")
        known = dataclasses.replace(known, database_url=url, postgres_port=listening)
    return dataclasses.replace(
        known,
        database_url=given.database_url if database is None else known.database_url,
        broker_url=given.broker_url if broker is None else known.broker_url,
    )


def _database(keeper: Supervisor, where: Place, given: Settings, known: Facts) -> Starting | None:
    if "database_url" in given.model_fields_set:
        say("PostgreSQL: the one that DATABASE_URL names")
        return None
    say("PostgreSQL …" if any(where.postgres.iterdir()) else "PostgreSQL: making a cluster …")
    return servers.begin_postgres(
        keeper,
        where,
        password=known.postgres_password or "",
        environment=os.environ,
        wanted_port=known.postgres_port,
        given_binaries=given.pg_bin,
    )


def _broker(keeper: Supervisor, where: Place, given: Settings, known: Facts) -> Starting | None:
    if "broker_url" in given.model_fields_set:
        say("broker: the one that BROKER_URL names")
        return None
    return servers.begin_valkey(
        keeper,
        where,
        password=known.valkey_password or "",
        environment=os.environ,
        wanted_port=known.valkey_port,
    )
