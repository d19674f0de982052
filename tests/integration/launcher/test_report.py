"""`sessionbeat report` in a process of its own, over the demo."""

import csv
import io
import json
from datetime import UTC, datetime

import pytest
from sqlalchemy import Engine

from config.settings import Settings
from db import engine as database
from db.models import Role
from services import demo, keys
from tests.integration.launcher.test_key import sessionbeat

NOW = datetime(2026, 1, 8, 3, tzinfo=UTC)


@pytest.fixture
def studio_url(database_url: str, engine: Engine) -> str:
    """The database of a studio with the demo."""
    with database.transaction(engine) as (tx, now):
        caller = keys.authenticate(tx, keys.create(tx, "Studio", Role.ADMIN, now, "Asia/Seoul"))
    assert caller is not None
    with database.transaction(engine, caller.tenant_id) as (tx, _):
        demo.load(tx, caller.tenant_id, NOW, Settings())
    return database_url


def test_the_table_the_json_and_the_csv_have_the_same_rows(studio_url: str) -> None:
    table = sessionbeat(studio_url, "report", "attendance", "--by", "series").stdout.splitlines()
    told = json.loads(sessionbeat(studio_url, "report", "attendance", "--by", "series", "--json").stdout)
    rows = list(
        csv.DictReader(io.StringIO(sessionbeat(studio_url, "report", "attendance", "--by", "series", "--csv").stdout))
    )

    assert [row["name"] for row in told["data"]] == [row["name"] for row in rows] == ["Evening class", "Morning class"]
    assert [row["sessions"] for row in rows] == [str(row["sessions"]) for row in told["data"]] == ["11", "23"]
    assert table[0].split()[:3] == ["name", "sessions", "expected"]
    assert [line.split()[0] for line in table[1:]] == ["Evening", "Morning", "total"]
    assert f"{told['total']['attendanceRate']:.1%}" in table[-1]


def test_people_are_told_where_they_stand(studio_url: str) -> None:
    words = ["report", "attendance", "--pass-mark", "0.8", "--drop-lowest", "2", "--from", "2025-10-01", "--json"]

    told = json.loads(sessionbeat(studio_url, *words).stdout)

    assert len(told["data"]) == 20
    assert {row["toCome"] for row in told["data"]} == {0}
    assert {row["onTrack"] for row in told["data"]} == {True, False}
    assert all(row["dropped"] == 2 for row in told["data"])


@pytest.mark.parametrize(
    ("words", "status", "reason"),
    [
        (["--tenant", "Nobody"], 1, "no tenant"),
        (["--by", "planet"], 2, "invalid choice"),
        (["--from", "2026-02-01", "--to", "2026-01-01"], 2, "expected after"),
        (["--from", "yesterday"], 2, "yesterday"),
        (["--user", "0198c0de-0000-7000-8000-000000000001"], 2, "expected the id"),
        (["--pass-mark", "80"], 2, "at most 1"),
        (["--by", "space", "--drop-lowest", "1"], 2, "by=person"),
    ],
)
def test_what_cannot_be_answered_is_told_in_a_line(studio_url: str, words: list[str], status: int, reason: str) -> None:
    done = sessionbeat(studio_url, "report", "attendance", *words)

    assert (done.returncode, done.stdout) == (status, "")
    assert reason in done.stderr
