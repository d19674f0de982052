"""Importing a calendar, compared with a second opinion: the library recurring-ical-events.

The real one is not part of the project. It is looked for where SESSIONBEAT_CALENDARS says, default ../shared/calendars
beside the project.
"""

import json
import os
import warnings
from collections import Counter
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import icalendar
import pytest
import recurring_ical_events
from sqlalchemy import text

from db import engine as database
from launcher import cli
from lifecycle import State
from services import calendar_import, calendar_text, query
from services.calendar_import import Imported
from services.filters import Filters, Page
from services.views import SessionView
from tests.integration.conftest import Studio

PROJECT = Path(__file__).parents[3]
CALENDARS = Path(os.environ.get("SESSIONBEAT_CALENDARS") or PROJECT.parent / "shared" / "calendars")
OWN = (PROJECT / "tests" / "data" / "studio.ics").read_bytes()
BERLIN = ZoneInfo("Europe/Berlin")
LATER = datetime(2030, 1, 1, tzinfo=UTC)

Told = tuple[datetime, datetime, str]


def imported(studio: Studio, content: bytes, now: datetime = LATER) -> Imported:
    calendars = calendar_text.read(content)
    with database.transaction(studio.engine, studio.tenant_id) as (tx, _):
        return calendar_import.import_calendars(tx, studio.tenant_id, calendars, now, studio.settings)


def window(studio: Studio, start: datetime, end: datetime, now: datetime = LATER) -> list[SessionView]:
    """All sessions of a window, page by page."""
    views: list[SessionView] = []
    after = None
    with database.transaction(studio.engine, studio.tenant_id) as (tx, _):
        while True:
            found = query.window(tx, studio.tenant_id, Filters(from_=start, to=end), Page(limit=100, after=after), now)
            views += found.items
            if found.next is None:
                return views
            after = found.next


def told(views: list[SessionView]) -> list[Told]:
    """What takes place."""
    return sorted((view.starts_at, view.ends_at, view.title) for view in views if view.state != State.CANCELLED)


def second_opinion(content: bytes, start: datetime, end: datetime, zone: ZoneInfo) -> list[Told]:
    """The same window by recurring-ical-events; a date is the start of that day, what is cancelled is no session."""

    def instant(when: date) -> datetime:
        wall = when if isinstance(when, datetime) else datetime(when.year, when.month, when.day)
        return (wall if wall.tzinfo else wall.replace(tzinfo=zone)).astimezone(UTC)

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # its own guesses about zones
        found = recurring_ical_events.of(icalendar.Calendar.from_ical(content)).between(start, end)
    return sorted(
        (instant(one["DTSTART"].dt), instant(one["DTEND"].dt), str(one.get("SUMMARY", "")))
        for one in found
        if one.get("STATUS") != "CANCELLED"
    )


@pytest.fixture
def makerspace() -> bytes:
    """The public calendar of a real workshop."""
    path = CALENDARS / "makerspace.ics"
    if not path.exists():
        pytest.skip(f"THE REAL CALENDAR IS NOT THERE: no {path}; set SESSIONBEAT_CALENDARS to the folder that has it")
    return path.read_bytes()


@pytest.mark.parametrize("year, count", [(2018, 211), (2019, 309)])
def test_a_real_calendar_gives_the_sessions_of_the_second_opinion(
    studio: Studio, makerspace: bytes, year: int, count: int
) -> None:
    start, end = datetime(year, 1, 1, tzinfo=UTC), datetime(year + 1, 1, 1, tzinfo=UTC)

    done = imported(studio, makerspace)
    found = window(studio, start, end)

    assert (done.plans, done.sessions_overridden, done.refused) == (58, 6, ())
    assert told(found) == second_opinion(makerspace, start, end, BERLIN)
    assert len(found) == count
    assert {(view.tracked, view.state) for view in found} == {(False, None)}


@pytest.mark.parametrize("start", [datetime(year, 1, 1, tzinfo=BERLIN) for year in (2024, 2025, 2026)])
def test_our_own_calendar_gives_the_sessions_of_the_second_opinion(studio: Studio, start: datetime) -> None:
    end = start.replace(year=start.year + 1)

    imported(studio, OWN)

    assert told(window(studio, start, end)) == second_opinion(OWN, start, end, BERLIN)


def test_windows_cut_sessions_where_the_second_opinion_does(studio: Studio) -> None:
    imported(studio, OWN)

    for day in range(10, 364, 29):
        start = (datetime(2025, 1, 1) + timedelta(days=day)).replace(tzinfo=BERLIN)
        for hours in (1, 24, 24 * 7):
            begin = start + timedelta(hours=10) if hours == 1 else start
            end = begin + timedelta(hours=hours)
            assert told(window(studio, begin, end)) == second_opinion(OWN, begin, end, BERLIN), begin


def test_without_a_zone_of_its_own_a_calendar_is_in_the_tenants(studio: Studio) -> None:
    content = (
        b"BEGIN:VCALENDAR\nBEGIN:VEVENT\nUID:1\nDTSTART;VALUE=DATE:20250106\nSUMMARY:Closed\nEND:VEVENT\nEND:VCALENDAR"
    )

    imported(studio, content)

    found = window(studio, datetime(2025, 1, 1, tzinfo=UTC), datetime(2025, 2, 1, tzinfo=UTC))
    assert told(found) == [(datetime(2025, 1, 5, 15, tzinfo=UTC), datetime(2025, 1, 6, 15, tzinfo=UTC), "Closed")]


def test_sessions_after_the_import_are_tracked_and_due_at_their_own_time(studio: Studio) -> None:
    now = datetime(2025, 3, 20, tzinfo=UTC)

    imported(studio, OWN, now)

    found = window(studio, datetime(2025, 3, 30, tzinfo=UTC), datetime(2025, 4, 1, tzinfo=UTC), now)
    long = next(view for view in found if view.title == "Pilates, the long one")
    with database.transaction(studio.engine) as (tx, _):
        due = tx.execute(text("SELECT next_step, next_due_at FROM session WHERE title = 'Pilates, the long one'")).one()
    assert (long.recurrence_id, long.starts_at) == (datetime(2025, 3, 31, 18), datetime(2025, 3, 30, 7, 30, tzinfo=UTC))
    assert (long.tracked, long.state, long.materialized) == (True, "SCHEDULED", True)
    assert (due.next_step, due.next_due_at.astimezone(UTC)) == ("START", long.starts_at)


def test_a_calendar_imported_in_its_midst_has_every_session_once(studio: Studio) -> None:
    now = datetime(2025, 3, 20, 12, tzinfo=UTC)
    start, end = datetime(2025, 1, 1, tzinfo=BERLIN), datetime(2026, 1, 1, tzinfo=BERLIN)

    imported(studio, OWN, now)

    found = window(studio, start, end, now)
    assert told(found) == second_opinion(OWN, start, end, BERLIN)
    assert all(view.tracked == (view.starts_at >= now) for view in found if view.state != State.CANCELLED)
    assert [f"{view.starts_at:%m-%d} {view.title}" for view in found if view.state == State.CANCELLED] == [
        "02-10 Pilates",
        "07-30 Cleaning",
        "09-11 Called off",
    ]


def test_sessions_changed_before_the_import_are_kept_and_never_due(studio: Studio) -> None:
    imported(studio, OWN)

    with database.transaction(studio.engine) as (tx, _):
        rows = tx.execute(
            text("SELECT tracked, state, next_step, next_due_at FROM session WHERE starts_at < '2030-01-01Z'")
        ).all()
    assert Counter(rows) == {(False, "SCHEDULED", None, None): 12, (True, "CANCELLED", None, None): 3}


def test_importing_twice_changes_nothing(studio: Studio) -> None:
    def stored() -> list[object]:
        with database.transaction(studio.engine) as (tx, _):
            tables = ("series", "segment", "session")
            return [tx.scalar(text(f"SELECT md5(string_agg(t::text, '' ORDER BY t::text)) FROM {t} t")) for t in tables]

    first = imported(studio, OWN, datetime(2025, 3, 20, tzinfo=UTC))
    before = stored()

    second = imported(studio, OWN, datetime(2025, 4, 20, tzinfo=UTC))

    assert (second.plans, second.sessions_overridden, second.unchanged) == (0, 0, first.plans)
    assert stored() == before


def test_what_cannot_be_imported_is_listed_and_nothing_of_it_is_kept(studio: Studio) -> None:
    event = "BEGIN:VEVENT\nUID:%s\nSUMMARY:%s\nDTSTART:20250106T180000Z\n%s\nEND:VEVENT\n"
    rows = [
        event % ("good", "Good", "DURATION:PT1H"),
        event % ("never", "Never", "DURATION:PT1H\nRRULE:FREQ=DAILY;UNTIL=20240101T000000Z"),
        event % ("often", "Often", "DURATION:PT1S\nRRULE:FREQ=SECONDLY"),
        event % ("half", "Half", "DURATION:PT1H\nRRULE:FREQ=DAILY;COUNT=3"),
        event % ("half", "Half, broken", "DURATION:PT1H\nRECURRENCE-ID:tomorrow"),
        "BEGIN:VTODO\nUID:todo\nSUMMARY:Sweep\nEND:VTODO\n",
    ]

    done = imported(studio, f"BEGIN:VCALENDAR\n{''.join(rows)}END:VCALENDAR".encode())

    assert (done.plans, done.sessions_overridden) == (1, 0)
    assert [(one.uid, one.title, one.line) for one in done.refused] == [
        ("never", "Never", 8),
        ("often", "Often", 15),
        ("half", "Half", 22),
        ("todo", "Sweep", 36),
    ]
    reasons = [one.reason for one in done.refused]
    assert "never fires" in reasons[0]
    assert "86,400 times a day" in reasons[1]
    assert "line 29: RECURRENCE-ID: got 'tomorrow'" in reasons[2]
    assert "VTODO" in reasons[3]
    assert len(window(studio, datetime(2025, 1, 1, tzinfo=UTC), datetime(2025, 2, 1, tzinfo=UTC))) == 1


@pytest.mark.parametrize(
    "edge",
    [
        "DTSTART;TZID=Asia/Seoul:99991231T223000\nDURATION:PT3H",
        "DTSTART:00010101T000000Z\nDURATION:PT3H",
        "DTSTART:20250106T180000Z\nDURATION:PT1H\nRRULE:FREQ=DAILY\nEXDATE;VALUE=DATE:99991231",
        "DTSTART:20250106T180000Z\nDURATION:PT1H\nRRULE:FREQ=DAILY\nEXDATE;VALUE=DATE:00010101",
        "DTSTART:20250106T180000Z\nDURATION:PT1H\nRDATE:99991231T180000Z",
    ],
)
def test_what_lies_at_the_edge_of_the_calendar_is_refused(studio: Studio, edge: str) -> None:
    event = f"BEGIN:VCALENDAR\nBEGIN:VEVENT\nUID:edge\nSUMMARY:Edge\n{edge}\nEND:VEVENT\nEND:VCALENDAR"

    done = imported(studio, event.encode())

    [refused] = done.refused
    assert "expected one from 2 to 9998" in refused.reason


def test_a_session_that_lasts_longer_than_any_plan_may_is_refused(studio: Studio) -> None:
    event = "BEGIN:VEVENT\nUID:%s\nSUMMARY:%s\nDTSTART:20250106T180000Z\n%s\nEND:VEVENT\n"
    rows = [
        event % ("master", "Master", "DTEND:20270106T180000Z"),
        event % ("changed", "Changed", "DURATION:PT1H\nRRULE:FREQ=DAILY;COUNT=3"),
        event % ("changed", "Changed", "DTEND:20270106T180000Z\nRECURRENCE-ID:20250107T180000Z"),
        event % ("period", "Period", "DURATION:PT1H\nRDATE;VALUE=PERIOD:20250108T180000Z/20270108T180000Z"),
        event % ("length", "Length", "DURATION:PT1H\nRDATE;VALUE=PERIOD:20250108T180000Z/P400D"),
        event % ("year", "Year", "DURATION:PT1H\nRDATE;VALUE=PERIOD:20250108T180000Z/20260109T180000Z"),
    ]

    done = imported(studio, f"BEGIN:VCALENDAR\n{''.join(rows)}END:VCALENDAR".encode())

    assert done.plans == 1
    assert [one.uid for one in done.refused] == ["master", "changed", "period", "length"]
    assert [one.reason for one in done.refused if "days" not in one.reason.partition("expected at most")[2]] == []


@pytest.fixture
def command(studio: Studio, database_url: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[..., int]:
    """`sessionbeat import` of these bytes, into the database of this test."""
    monkeypatch.setenv("DATABASE_URL", database_url)

    def run(content: bytes, *options: str) -> int:
        file = tmp_path / "calendar.ics"
        file.write_bytes(content)
        return cli.main(["import", str(file), "--tenant", "Fresh", *options])

    return run


def test_the_command_tells_what_it_did(command: Callable[..., int], capsys: pytest.CaptureFixture[str]) -> None:
    status = command(OWN, "--json")
    done = json.loads(capsys.readouterr().out)
    again = command(OWN)
    told = capsys.readouterr().out

    assert (status, again) == (0, 0)
    assert (done["plans"], done["sessions_overridden"], done["unchanged"]) == (33, 15, 0)
    assert [one["title"] for one in done["refused"]] == ["The older of two"]
    assert "left alone 33 entries that are there already" in told


def test_a_broken_file_is_told_with_its_line_and_nothing_is_written(
    command: Callable[..., int], studio: Studio, capsys: pytest.CaptureFixture[str]
) -> None:
    status = command(OWN[: len(OWN) // 2])

    assert status == 2
    assert "calendar.ics: line " in capsys.readouterr().err
    with database.transaction(studio.engine) as (tx, _):
        assert tx.scalar(text("SELECT count(*) FROM tenant WHERE name = 'Fresh'")) == 0
        assert tx.scalar(text("SELECT count(*) FROM series")) == 0


def test_a_file_that_is_not_there_and_one_with_nothing_to_take_are_told_apart(
    command: Callable[..., int], capsys: pytest.CaptureFixture[str]
) -> None:
    refused = command(b"BEGIN:VCALENDAR\nBEGIN:VEVENT\nUID:1\nDTSTART:soon\nEND:VEVENT\nEND:VCALENDAR")
    missing = cli.main(["import", "/nowhere/calendar.ics"])

    assert (refused, missing) == (1, 2)
    out, err = capsys.readouterr()
    assert "DTSTART: got 'soon'" in out
    assert "No such file" in err
