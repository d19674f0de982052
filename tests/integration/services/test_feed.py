"""A series of several segments in a calendar."""

from datetime import UTC, datetime, timedelta

import icalendar
from sqlalchemy import select

import recurrence
from db import engine as database
from db import segments
from db.models import Segment
from services import feed, plan
from services.filters import Filters
from services.plan_draft import PlanDraft
from tests.integration.conftest import Studio

NOW = datetime(2026, 1, 1, tzinfo=UTC)
TAIL = datetime(2026, 6, 2, 19)


def test_each_segment_is_an_entry_with_a_uid_of_its_own(studio: Studio) -> None:
    rule = recurrence.Series(
        dtstart=datetime(2026, 1, 5, 18),
        time_zone="Asia/Seoul",
        duration=recurrence.Duration(seconds=3600),
        rule=recurrence.Rule.parse("FREQ=WEEKLY;UNTIL=20260601T140000Z"),
    )
    tail = recurrence.Series(
        dtstart=TAIL,
        time_zone="Europe/Berlin",
        duration=recurrence.Duration(seconds=1800),
        rule=recurrence.Rule.parse("FREQ=WEEKLY"),
    )
    with database.transaction(studio.engine, studio.tenant_id) as (tx, _):
        made = plan.create(tx, studio.tenant_id, PlanDraft(series=rule, title="Mondays"), NOW, studio.settings)
        head = tx.scalars(select(Segment)).one()
        kept = {
            column.key: getattr(head, column.key) for column in Segment.__table__.columns if column.computed is None
        }
        kept |= segments.columns_of(tail) | {"from_local": TAIL, "title": "Tuesdays", "counted": None}
        tx.add(Segment(**kept | {"counted_until": None}))
        tx.flush()

        told = feed.text(tx, studio.tenant_id, Filters(from_=NOW, to=NOW + timedelta(days=1)), NOW)

    found = icalendar.Calendar.from_ical(told)
    entries = [(str(one["UID"]), str(one["SUMMARY"]), one["RRULE"].to_ical()) for one in found.walk("VEVENT")]
    uid = f"{made.series_id}@sessionbeat"
    assert entries == [
        (uid, "Mondays", b"FREQ=WEEKLY;UNTIL=20260601T140000Z"),
        (f"{uid}/20260602T190000", "Tuesdays", b"FREQ=WEEKLY"),
    ]
    assert [str(one["TZID"]) for one in found.walk("VTIMEZONE")] == ["Asia/Seoul", "Europe/Berlin"]
