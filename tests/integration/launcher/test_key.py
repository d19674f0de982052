"""`sessionbeat key` in a process of its own."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine

from db import engine as database
from db.models import Role
from services import keys

PROJECT = Path(__file__).parents[3]
NOBODYS = "0198c0de-0000-7000-8000-000000000001"


def sessionbeat(database_url: str, *words: str) -> "subprocess.CompletedProcess[str]":
    """What the command answers."""
    return subprocess.run(
        [sys.executable, "-m", "launcher", *words],
        env=os.environ | {"DATABASE_URL": database_url},
        cwd=PROJECT,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def lines(done: "subprocess.CompletedProcess[str]") -> list[dict[str, Any]]:
    """The objects that a command printed."""
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


def role_of(engine: Engine, key: str) -> Role | None:
    """What a key may do; None: nothing."""
    with database.transaction(engine) as (tx, _):
        caller = keys.authenticate(tx, key)
    return None if caller is None else caller.role


def test_a_key_is_made_listed_and_revoked(database_url: str, engine: Engine) -> None:
    made = lines(
        sessionbeat(database_url, "key", "create", "--role", "staff", "--tenant", "Hall", "--name", "desk", "--json")
    )[0]
    assert role_of(engine, made["key"]) is Role.STAFF
    listed = lines(sessionbeat(database_url, "key", "list", "--tenant", "Hall", "--json"))

    revoked = lines(sessionbeat(database_url, "key", "revoke", made["id"], "--json"))

    assert [{name: made[name] for name in listed[0]}] == listed
    assert (listed[0]["role"], listed[0]["tenant"], listed[0]["name"]) == ("staff", "Hall", "desk")
    assert (listed[0]["last_used"], listed[0]["revoked"]) == (None, None)
    assert revoked[0]["revoked"] is not None
    assert role_of(engine, made["key"]) is None


def test_for_people_a_key_stands_alone_and_the_list_in_columns(database_url: str, engine: Engine) -> None:
    key = sessionbeat(database_url, "key", "create", "--role", "feed", "--tenant", "Hall").stdout.strip()
    sessionbeat(database_url, "key", "create", "--tenant", "Another")

    table = sessionbeat(database_url, "key", "list").stdout.splitlines()

    assert role_of(engine, key) is Role.FEED
    assert table[0].split() == ["id", "role", "tenant", "name", "created", "last_used", "revoked"]
    assert [row.split()[1:4] for row in table[1:]] == [["viewer", "Another", "-"], ["feed", "Hall", "-"]]
    assert key not in "".join(table)


@pytest.mark.parametrize("id_, status", [(NOBODYS, 1), ("x", 2)])
def test_a_key_that_is_not_there_can_not_be_revoked(database_url: str, id_: str, status: int) -> None:
    done = sessionbeat(database_url, "key", "revoke", id_)

    assert (done.returncode, done.stdout) == (status, "")
    assert id_ in done.stderr
