"""What the VEVENTs of one UID mean: the series, the sessions changed on their own, and what is refused."""

from datetime import UTC, datetime, timedelta

import pytest

import recurrence
from services import calendar_entry, calendar_event, calendar_text, calendar_zone
from services.calendar_entry import Entry
from services.calendar_event import CannotImport

BERLIN = "X-WR-TIMEZONE:Europe/Berlin"
WEEKLY = ("DTSTART;TZID=Europe/Berlin:20250106T180000", "DURATION:PT1H", "RRULE:FREQ=WEEKLY;COUNT=3", "SUMMARY:Yoga")


def built(*events: tuple[str, ...], calendar: str = BERLIN, tenant: str = "Asia/Seoul") -> Entry:
    rows = [row for event in events for row in ("BEGIN:VEVENT", *event, "END:VEVENT")]
    text = "\n".join(["BEGIN:VCALENDAR", *filter(None, [calendar]), *rows, "END:VCALENDAR"])
    component = calendar_text.read(text.encode())[0]
    zones = calendar_zone.of_calendar(component, tenant)
    return calendar_entry.build([calendar_event.read(one, zones) for one in component.inside], zones)


def starts(entry: Entry) -> list[str]:
    """The local starts that the plan gives, its first ten."""
    found = recurrence.next_after(entry.series, datetime(2000, 1, 1, tzinfo=UTC), 10)
    return [f"{one.recurrence_id:%m-%d %H:%M}" for one in found]


def test_a_start_that_the_rule_does_not_give_is_the_first_session_and_not_counted() -> None:
    tuesday = ("DTSTART;TZID=Europe/Berlin:20250204T080000", "DURATION:PT1H", "RRULE:FREQ=WEEKLY;BYDAY=MO,WE;COUNT=3")

    assert starts(built(tuesday)) == ["02-04 08:00", "02-05 08:00", "02-10 08:00", "02-12 08:00"]


def test_a_start_after_the_end_of_its_rule_is_no_session() -> None:
    ended = (
        "DTSTART:20250204T080000",
        "DURATION:PT1H",
        "RRULE:FREQ=DAILY;UNTIL=20250101T000000Z",
        "RDATE:20250206T080000",
    )

    assert starts(built(ended)) == ["02-06 08:00"]


def test_a_start_that_is_excluded_leaves_the_count_as_it_was() -> None:
    excluded = (
        "DTSTART:20250204T080000",
        "DURATION:PT1H",
        "RRULE:FREQ=WEEKLY;BYDAY=MO,WE;COUNT=3",
        "EXDATE:20250204T080000,20250205T080000",
    )

    entry = built(excluded)

    assert starts(entry) == ["02-10 08:00", "02-12 08:00"]
    assert entry.series.dtstart == datetime(2025, 2, 5, 8)


def test_until_as_a_date_includes_that_day() -> None:
    until = ("DTSTART;TZID=Europe/Berlin:20250204T230000", "DURATION:PT1H", "RRULE:FREQ=DAILY;UNTIL=20250206")

    assert starts(built(until)) == ["02-04 23:00", "02-05 23:00", "02-06 23:00"]


def test_whole_days_follow_the_wall_clock_and_hours_are_exact_across_a_clock_change() -> None:
    days = (
        "DTSTART;TZID=Europe/Berlin:20250322T180000",
        "DTEND;TZID=Europe/Berlin:20250323T180000",
        "RRULE:FREQ=WEEKLY",
    )
    hours = (
        "DTSTART;TZID=Europe/Berlin:20250322T220000",
        "DTEND;TZID=Europe/Berlin:20250323T040000",
        "RRULE:FREQ=WEEKLY",
    )
    change = datetime(2025, 3, 29, 23)

    lasting = [
        recurrence.occurrence_at(built(one).series, change.replace(hour=hour))
        for one, hour in ((days, 18), (hours, 22))
    ]

    assert [one and one.ends_at - one.starts_at for one in lasting] == [timedelta(hours=23), timedelta(hours=6)]


def test_an_end_across_a_clock_change_is_the_end_that_was_written() -> None:
    night = ("DTSTART;TZID=Europe/Berlin:20250329T220000", "DTEND;TZID=Europe/Berlin:20250331T060000")

    found = recurrence.occurrence_at(built(night).series, datetime(2025, 3, 29, 22))

    assert found is not None
    assert found.ends_at == datetime(2025, 3, 31, 4, tzinfo=UTC)


def test_utc_is_repeated_on_the_declared_clock_unless_its_rule_means_utc() -> None:
    team = ("DTSTART:20250106T080000Z", "DURATION:PT1H", "RRULE:FREQ=WEEKLY;BYDAY=MO")
    late = ("DTSTART:20250106T233000Z", "DURATION:PT1H", "RRULE:FREQ=WEEKLY;BYDAY=MO")

    assert built(team).series.time_zone == "Europe/Berlin"
    assert built(late).series.time_zone == "UTC"
    assert built(team, calendar="").series.time_zone == "UTC"


def test_a_utc_start_in_the_second_of_two_equal_hours_stays_there() -> None:
    second = ("DTSTART:20251026T011000Z", "DTEND:20251026T014000Z")

    series = built(second).series

    assert recurrence.occurrence_at(series, series.dtstart) == (
        datetime(2025, 10, 26, 2, 10),
        datetime(2025, 10, 26, 1, 10, tzinfo=UTC),
        datetime(2025, 10, 26, 1, 40, tzinfo=UTC),
    )


def test_floating_times_and_dates_are_in_the_calendars_zone_else_in_the_tenants() -> None:
    for start in ("DTSTART:20250106T080000", "DTSTART;VALUE=DATE:20250106"):
        assert built((start, "DURATION:P1D")).series.time_zone == "Europe/Berlin"
        assert built((start, "DURATION:P1D"), calendar="").series.time_zone == "Asia/Seoul"


@pytest.mark.parametrize(
    "recurrence_id",
    [":20250113T170000Z", ";TZID=Europe/Berlin:20250113T180000", ":20250113T180000", ";VALUE=DATE:20250113",
     ";TZID=America/New_York:20250113T120000"],
)  # fmt: skip
def test_a_recurrence_id_names_its_session_by_instant_wall_clock_or_date(recurrence_id: str) -> None:
    moved = (f"RECURRENCE-ID{recurrence_id}", "DTSTART:20250114T090000Z", "DTEND:20250114T100000Z", "SUMMARY:Yoga")

    entry = built(WEEKLY, moved)

    assert starts(entry) == ["01-06 18:00", "01-13 18:00", "01-20 18:00"]
    assert [(one.given.recurrence_id, one.starts_at, one.title) for one in entry.changes] == [
        (datetime(2025, 1, 13, 18), datetime(2025, 1, 14, 9, tzinfo=UTC), None)
    ]


def test_a_cancelled_date_stays_a_session_that_is_cancelled() -> None:
    cancelled = ("RECURRENCE-ID:20250113T170000Z", "DTSTART:20250113T170000Z", "STATUS:CANCELLED", "SUMMARY:Yoga")

    entry = built(WEEKLY, cancelled)

    assert starts(entry) == ["01-06 18:00", "01-13 18:00", "01-20 18:00"]
    assert [(one.given.recurrence_id, one.cancelled, one.moved, one.title) for one in entry.changes] == [
        (datetime(2025, 1, 13, 18), True, False, None)
    ]


def test_a_cancelled_date_that_the_plan_leaves_out_is_no_session() -> None:
    cancelled = ("RECURRENCE-ID:20250113T180000", "DTSTART:20250113T180000", "STATUS:CANCELLED")

    entry = built((*WEEKLY, "EXDATE:20250113T180000"), cancelled)

    assert starts(entry) == ["01-06 18:00", "01-20 18:00"]
    assert entry.changes == ()


def test_a_cancelled_date_that_the_rule_does_not_give_stays_a_session_that_is_cancelled() -> None:
    cancelled = ("RECURRENCE-ID:20250114T180000", "DTSTART:20250114T180000", "STATUS:CANCELLED", "SUMMARY:Yoga")

    entry = built(WEEKLY, cancelled)

    assert starts(entry) == ["01-06 18:00", "01-13 18:00", "01-14 18:00", "01-20 18:00"]
    assert [(one.given.recurrence_id, one.cancelled) for one in entry.changes] == [(datetime(2025, 1, 14, 18), True)]


def test_a_cancelled_date_may_end_before_it_starts() -> None:
    cancelled = (
        "RECURRENCE-ID:20250113T180000",
        "DTSTART:20250113T180000",
        "DTEND:20250113T180000",
        "STATUS:CANCELLED",
    )

    [change] = built(WEEKLY, cancelled).changes

    assert (change.cancelled, change.moved) == (True, False)


def test_an_entry_without_a_rule_that_is_cancelled_is_a_session_that_is_cancelled() -> None:
    once = ("DTSTART;TZID=Europe/Berlin:20250106T180000", "DURATION:PT1H", "STATUS:CANCELLED")

    [change] = built(once).changes

    assert (change.given.recurrence_id, change.cancelled, change.moved) == (datetime(2025, 1, 6, 18), True, False)


def test_a_change_that_says_no_end_and_no_title_keeps_those_of_its_plan() -> None:
    sparse = ("RECURRENCE-ID:20250113T180000", "DTSTART:20250113T200000")

    change = built(WEEKLY, sparse).changes[0]

    assert (change.ends_at - change.starts_at, change.title) == (timedelta(hours=1), None)


def test_a_change_that_changes_nothing_needs_no_row() -> None:
    same = ("RECURRENCE-ID:20250113T180000", "DTSTART:20250113T180000", "DURATION:PT1H", "SUMMARY:Yoga")

    assert built(WEEKLY, same).changes == ()


def test_the_higher_sequence_stands_whatever_the_order() -> None:
    old = ("RECURRENCE-ID:20250113T180000", "DTSTART:20250113T190000", "SEQUENCE:1")
    new = ("RECURRENCE-ID:20250113T180000", "DTSTART:20250113T200000", "SEQUENCE:2")
    later = ("DTSTART:20250107T180000", "DURATION:PT1H", "SEQUENCE:5", "SUMMARY:Newer")

    for changes in ((old, new), (new, old)):
        assert [one.starts_at.hour for one in built(WEEKLY, *changes).changes] == [19]
    assert built(WEEKLY, later).title == built(later, WEEKLY).title == "Newer"


def test_a_change_of_a_date_that_the_rule_does_not_give_is_a_session_unless_excluded() -> None:
    stray = ("RECURRENCE-ID:20250117T180000", "DTSTART:20250117T190000", "DURATION:PT1H")
    excluded = (*WEEKLY, "EXDATE:20250117T180000")

    assert starts(built(WEEKLY, stray)) == ["01-06 18:00", "01-13 18:00", "01-17 18:00", "01-20 18:00"]
    assert built(excluded, stray).changes == ()


def test_what_comes_before_the_start_beside_a_rule_stands_alone() -> None:
    early = (*WEEKLY, "RDATE:20250102T100000")
    stray = ("RECURRENCE-ID:20250103T180000", "DTSTART:20250103T190000", "DURATION:PT1H")

    entry = built(early, stray)

    assert entry.series.dtstart == datetime(2025, 1, 6, 18)
    assert [one.given.recurrence_id for one in entry.changes] == [datetime(2025, 1, 2, 10), datetime(2025, 1, 3, 18)]


def test_without_a_rule_the_earliest_date_is_the_start() -> None:
    dates = ("DTSTART:20250110T100000", "DURATION:PT1H", "RDATE:20250103T100000,20250117T100000")

    entry = built(dates)

    assert entry.series.dtstart == datetime(2025, 1, 3, 10)
    assert starts(entry) == ["01-03 10:00", "01-10 10:00", "01-17 10:00"]


def test_changes_without_their_plan_make_a_plan_of_their_dates() -> None:
    second = ("RECURRENCE-ID:20250120T180000", "DTSTART:20250121T180000", "DURATION:PT1H", "SUMMARY:Guest, again")
    first = ("RECURRENCE-ID:20250113T180000", "DTSTART:20250113T180000", "DURATION:PT1H", "SUMMARY:Guest")

    entry = built(second, first)

    assert starts(entry) == ["01-13 18:00", "01-20 18:00"]
    assert [(one.starts_at.day, one.title) for one in entry.changes] == [(21, "Guest, again")]


def test_an_rdate_period_has_its_own_length() -> None:
    periods = (*WEEKLY, "RDATE;VALUE=PERIOD:20250108T100000Z/PT3H,20250109T100000/20250109T120000")

    found = {
        one.recurrence_id.day: one
        for one in recurrence.next_after(built(periods).series, datetime(2025, 1, 1, tzinfo=UTC), 9)
    }

    assert found[8].ends_at - found[8].starts_at == timedelta(hours=3)
    assert found[9].ends_at - found[9].starts_at == timedelta(hours=2)


@pytest.mark.parametrize(
    "event, reason",
    [
        (("DTSTART:20250106T180000",), "neither DTEND nor DURATION"),
        (("DTSTART:20250106T180000", "DTEND:20250106T180000"), "not after the start"),
        (("DTSTART:20250106T180000", "DTEND:20250106T170000"), "not after the start"),
        (("DTSTART;VALUE=DATE:20250106", "DTEND;VALUE=DATE:20250106"), "not after the start"),
        (("DTSTART:20250106T180000", "DURATION:-PT1H"), "DURATION"),
        (("DTSTART:20250106T180000", "DURATION:PT1H", "DTEND:20250106T190000"), "together"),
        (("DURATION:PT1H",), "DTSTART: got none"),
        (("DTSTART:2025010", "DURATION:PT1H"), "DTSTART: got '2025010'"),
        (("DTSTART:PT1H", "DURATION:PT1H"), "DTSTART: got PT1H, expected a date or time"),
        (("DTSTART:20250106T180000", "DTSTART:20250107T180000", "DURATION:PT1H"), "DTSTART: got it 2 times"),
        (("DTSTART;TZID=Nowhere:20250106T180000", "DURATION:PT1H"), "TZID: got Nowhere"),
        ((*WEEKLY[:2], "RRULE:FREQ=NEVER"), "FREQ: got NEVER"),
        ((*WEEKLY[:2], "RRULE:FREQ=DAILY;COUNT=2;UNTIL=20250201"), "COUNT"),
        ((*WEEKLY, "RRULE:FREQ=DAILY"), "RRULE: got it 2 times"),
        ((*WEEKLY, "EXRULE:FREQ=DAILY"), "EXRULE"),
        ((*WEEKLY, "RDATE:soon"), "RDATE: got 'soon'"),
        ((*WEEKLY, "EXDATE:P1D"), "EXDATE: got P1D"),
        ((*WEEKLY, "STATUS:cancelled"), "it is cancelled"),
        ((*WEEKLY, "RECURRENCE-ID;RANGE=THISANDFUTURE:20250113T180000"), "RANGE=THISANDFUTURE"),
        ((*WEEKLY[:3], "SUMMARY:" + "x" * 201), "SUMMARY: got 201 characters"),
        ((*WEEKLY, "DESCRIPTION:" + "x" * 10_001), "DESCRIPTION: got 10,001 characters"),
        ((*WEEKLY, "UID:" + "x" * 501), "UID: got 501 characters"),
    ],
)
def test_what_makes_no_session_is_refused_with_its_reason(event: tuple[str, ...], reason: str) -> None:
    with pytest.raises((CannotImport, recurrence.RecurrenceError), match=reason):
        built(event)


def test_an_entry_without_a_uid_is_known_by_what_it_says() -> None:
    texts = [
        b"BEGIN:VCALENDAR\nBEGIN:VEVENT\n%s\nEND:VEVENT\nEND:VCALENDAR" % rows
        for rows in (b"DTSTAMP:1\nSUMMARY:a", b"SUMMARY:a\nDTSTAMP:2", b"SUMMARY:b")
    ]

    first, same, other = (calendar_event.uid_of(calendar_text.read(text)[0].inside[0]) for text in texts)

    assert first == same != other


def test_an_entry_without_a_title_says_so() -> None:
    bare = ("DTSTART;TZID=Europe/Berlin:20250106T180000", "DURATION:PT1H", "RRULE:FREQ=WEEKLY;COUNT=3")
    moved = ("RECURRENCE-ID;TZID=Europe/Berlin:20250113T180000", "DTSTART:20250114T180000", "DURATION:PT1H")

    entry = built(bare, moved)

    assert (entry.title, [one.title for one in entry.changes]) == ("(untitled)", [None])
    assert built((*bare, "SUMMARY: ")).title == "(untitled)"
