"""`sessionbeat rezone` in a process of its own, whose tzdata is a copy with one clock changed, first on PYTHONPATH."""

import os
import subprocess
import sys
from datetime import datetime, timedelta
from pathlib import Path

import pytest
import tzdata  # type: ignore[import-untyped]
from sqlalchemy import text

import recurrence
from db import engine as database
from services import plan, references
from services.plan_draft import PlanDraft
from tests import editions
from tests.editions import Clock
from tests.integration.conftest import Studio

PROJECT = Path(__file__).parents[3]


@pytest.fixture
def later(tmp_path: Path, studio: Studio) -> Path:
    """An edition in which Seoul puts its clocks forward by an hour in ten days."""
    with database.transaction(studio.engine) as (_, now):
        midnight = now.replace(hour=15, minute=0, second=0, microsecond=0) + timedelta(days=10)
    return editions.write(tmp_path, "2099a", {"Asia/Seoul": Clock(9, ((midnight, 10.0),))})


def sessionbeat(*words: str, database_url: str, zones: Path | None = None) -> "subprocess.CompletedProcess[str]":
    """The command, with that edition of tzdata or the installed one."""
    path = os.pathsep.join(str(folder) for folder in (zones, PROJECT) if folder is not None)
    environment = os.environ | {"DATABASE_URL": database_url, "PYTHONPATH": path}
    command = [sys.executable, "-m", "launcher", *words]
    return subprocess.run(
        command, env=environment, cwd=PROJECT, capture_output=True, text=True, timeout=60, check=False
    )


def daily(studio: Studio, zone: str = "Asia/Seoul", hour: int = 18, hall: bool = False) -> str:
    """A plan at this hour from today on; its id."""
    with database.transaction(studio.engine, studio.tenant_id) as (tx, now):
        space_id = references.create(tx, studio.tenant_id, "spaces", {"name": "Hall"}, now).id if hall else None
        series = recurrence.Series(
            dtstart=recurrence.wall_time(now, zone).replace(hour=hour, minute=0, second=0),
            time_zone=zone,
            duration=recurrence.Duration(seconds=3600),
            rule=recurrence.Rule.parse("FREQ=DAILY"),
        )
        draft = PlanDraft(series=series, title="x", space_id=space_id)
        return str(plan.create(tx, studio.tenant_id, draft, now, studio.settings).series_id)


def starts(studio: Studio) -> dict[datetime, datetime]:
    with studio.engine.connect() as connection:
        return {row[0]: row[1] for row in connection.execute(text("SELECT recurrence_id, starts_at FROM session"))}


def test_a_dry_run_lists_what_moves_and_the_run_moves_it(studio: Studio, database_url: str, later: Path) -> None:
    series_id = daily(studio)
    before = starts(studio)

    listed = sessionbeat("rezone", "--dry-run", database_url=database_url, zones=later)
    in_between = starts(studio)
    done = sessionbeat("rezone", database_url=database_url, zones=later)
    again = sessionbeat("rezone", database_url=database_url, zones=later)

    after = starts(studio)
    moved = [wall for wall in sorted(before) if after[wall] != before[wall]]
    assert (listed.returncode, done.returncode, again.returncode) == (0, 0, 0), listed.stderr + done.stderr
    assert in_between == before
    assert sorted(after) == sorted(before)
    assert {before[wall] - after[wall] for wall in moved} == {timedelta(hours=1)}
    assert 49 <= len(moved) <= 51
    assert listed.stdout.splitlines() == [
        f"{series_id}  {wall.isoformat()}  {before[wall]:%Y-%m-%dT%H:%M:%SZ}  {after[wall]:%Y-%m-%dT%H:%M:%SZ}"
        for wall in moved
    ]
    assert done.stdout == listed.stdout + f"segments 1, moved {len(moved)}\n"
    assert again.stdout == "nothing to do\n"


def test_a_lost_place_is_listed_and_is_status_3(studio: Studio, database_url: str, later: Path) -> None:
    moving = daily(studio, hall=True)
    staying = daily(studio, "Asia/Tokyo", hour=17)
    with studio.engine.begin() as connection:
        both = "UPDATE segment SET space_id = (SELECT id FROM space), exclusive = '{space}' WHERE series_id = :id"
        connection.execute(text(both), {"id": staying})
        booked = (
            "INSERT INTO booking SELECT tenant_id, series_id, recurrence_id, (SELECT id FROM space),"
            " tstzrange(starts_at, ends_at) FROM session WHERE series_id = :id"
        )
        connection.execute(text(booked), {"id": staying})

    listed = sessionbeat("rezone", "--dry-run", database_url=database_url, zones=later)
    done = sessionbeat("rezone", database_url=database_url, zones=later)

    assert (listed.returncode, done.returncode) == (3, 3)
    lines = listed.stdout.splitlines()
    assert all(line.startswith(moving) and f"  clashes with {staying}_" in line for line in lines)
    assert done.stdout.splitlines()[-1] == f"segments 2, moved {len(lines)}, clashes {len(lines)}"


def test_an_older_edition_leaves_all_alone_and_is_status_1(studio: Studio, database_url: str, later: Path) -> None:
    daily(studio)
    sessionbeat("rezone", database_url=database_url, zones=later)
    before = starts(studio)

    done = sessionbeat("rezone", database_url=database_url)

    assert done.returncode == 1
    assert done.stderr == (
        f"sessionbeat: tzdata {tzdata.IANA_VERSION} is installed, and plans were computed with 2099a:"
        " they are left alone\n"
    )
    assert starts(studio) == before
