"""A row for every field: what a body says becomes what the services get."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from pydantic import ValidationError

from api_stub import plan_draft
from api_stub.errors import Invalid
from api_stub.plan_body import PlanBody
from db.models import AutoStart, PlanType
from recurrence import Duration, Fold, Gap, Rule
from services.plan_draft import PlanDraft

SPACE = UUID("0198c0de-0000-7000-8000-000000000001")
OTHER = UUID("0198c0de-0000-7000-8000-000000000002")

ONCE = {"title": "Pilates", "scheduledAt": "2026-01-05T18:00", "duration": "PT50M"}
WEEKLY = ONCE | {"recurringFrequency": "WEEKLY"}
MONTHLY = ONCE | {"recurringFrequency": "MONTHLY"}
YEARLY = ONCE | {"recurringFrequency": "YEARLY"}


def draft_of(body: dict[str, Any], tenant_zone: str = "Asia/Seoul") -> PlanDraft:
    return plan_draft.of_body(PlanBody.model_validate(body), tenant_zone)


def faults_of(body: dict[str, Any]) -> tuple[str, dict[str, str]]:
    with pytest.raises(Invalid) as caught:
        draft_of(body)
    return caught.value.code, {fault.pointer: fault.message for fault in caught.value.faults}


@pytest.mark.parametrize(
    "field, value, attribute, expected",
    [
        ("title", "Yoga", "title", "Yoga"),
        ("description", "bring a mat", "description", "bring a mat"),
        ("routineId", str(SPACE), "routine_id", SPACE),
        ("programId", str(SPACE), "program_id", SPACE),
        ("timelineId", str(SPACE), "timeline_id", SPACE),
        ("spaceId", str(SPACE), "space_id", SPACE),
        ("subjectId", str(SPACE).upper(), "subject_id", SPACE),
        ("instructorId", str(SPACE), "instructor_id", SPACE),
        ("participants", [str(SPACE), str(OTHER), str(SPACE)], "participants", (SPACE, OTHER)),
        ("exclusive", ["space"], "exclusive", frozenset({"space"})),
        ("exclusive", [], "exclusive", frozenset()),
        ("exclusive", None, "exclusive", frozenset({"space", "instructor", "participants"})),
        ("autoStart", "MANUAL", "auto_start", AutoStart.MANUAL),
        ("autoStart", "FIRST_CHECK_IN", "auto_start", AutoStart.FIRST_CHECK_IN),
        ("autoStart", None, "auto_start", AutoStart.SCHEDULED),
        ("autoEnd", False, "auto_end", False),
        ("autoEnd", None, "auto_end", True),
        ("misfire", "MISS", "misfire_grace", timedelta(minutes=15)),
        ("misfire", "CATCH_UP", "misfire_grace", None),
        ("misfire", None, "misfire_grace", None),
        ("syncDtstart", False, "sync_dtstart", False),
        ("syncDtstart", None, "sync_dtstart", True),
        ("onClash", "reject", "title", "Pilates"),
        ("type", "ONE_TIME", "type", PlanType.ONE_TIME),
        ("type", None, "type", PlanType.ONE_TIME),
    ],
)
def test_a_field_of_the_plan_reaches_the_draft(field: str, value: Any, attribute: str, expected: Any) -> None:
    draft = draft_of(ONCE | {field: value})

    assert getattr(draft, attribute) == expected


@pytest.mark.parametrize(
    "length, grace",
    [("PT1M", timedelta(minutes=1)), ("P1DT1S", timedelta(days=1, seconds=1)), (None, timedelta(minutes=15))],
)
def test_how_late_a_start_may_be_is_told_beside_miss(length: str | None, grace: timedelta) -> None:
    draft = draft_of(ONCE | {"misfire": "MISS", "misfireGrace": length})

    assert draft.misfire_grace == grace


@pytest.mark.parametrize("misfire", [None, "CATCH_UP"])
def test_a_grace_beside_nothing_to_miss_is_refused(misfire: str | None) -> None:
    code, faults = faults_of(ONCE | {"misfire": misfire, "misfireGrace": "PT15M"})

    assert (code, list(faults)) == ("invalid_field", ["/misfireGrace"])


@pytest.mark.parametrize(
    "body, rule",
    [
        (ONCE | {"repeatCycleType": "DAILY"}, "FREQ=DAILY"),
        (ONCE | {"recurringFrequency": "HOURLY"}, "FREQ=HOURLY"),
        (ONCE | {"recurringIntervalUnit": "WEEK"}, "FREQ=WEEKLY"),
        (WEEKLY | {"recurringInterval": 2}, "FREQ=WEEKLY;INTERVAL=2"),
        (WEEKLY | {"recurringInterval": "2"}, "FREQ=WEEKLY;INTERVAL=2"),
        (WEEKLY | {"recurringIntervalCount": "3"}, "FREQ=WEEKLY;INTERVAL=3"),
        (ONCE | {"recurringIntervalYear": 2}, "FREQ=YEARLY;INTERVAL=2"),
        (ONCE | {"recurringIntervalMonth": 2}, "FREQ=MONTHLY;INTERVAL=2"),
        (ONCE | {"recurringIntervalWeek": 2}, "FREQ=WEEKLY;INTERVAL=2"),
        (ONCE | {"recurringIntervalDay": 2}, "FREQ=DAILY;INTERVAL=2"),
        (ONCE | {"recurringIntervalHour": 2}, "FREQ=HOURLY;INTERVAL=2"),
        (ONCE | {"recurringIntervalMinute": 90}, "FREQ=MINUTELY;INTERVAL=90"),
        (ONCE | {"recurringIntervalSecond": "3600"}, "FREQ=SECONDLY;INTERVAL=3600"),
        (WEEKLY | {"recurringCount": 5}, "FREQ=WEEKLY;COUNT=5"),
        (WEEKLY | {"recurringUntil": "2026-02-02T09:00:00Z"}, "FREQ=WEEKLY;UNTIL=20260202T090000Z"),
        (WEEKLY | {"recurringUntil": "2026-02-02T18:00"}, "FREQ=WEEKLY;UNTIL=20260202T090000Z"),
        (WEEKLY | {"recurringUntil": "2026-02-02"}, "FREQ=WEEKLY;UNTIL=20260202T145959Z"),
        (WEEKLY | {"recurringByDay": ["MO", "WE"]}, "FREQ=WEEKLY;BYDAY=MO,WE"),
        (WEEKLY | {"recurringByDay": "we, mo"}, "FREQ=WEEKLY;BYDAY=MO,WE"),
        (MONTHLY | {"recurringByDay": "2TU,-1FR"}, "FREQ=MONTHLY;BYDAY=2TU,-1FR"),
        (WEEKLY | {"recurringDayOfWeek": ["MONDAY", "we"]}, "FREQ=WEEKLY;BYDAY=MO,WE"),
        (MONTHLY | {"recurringByMonthDay": [1, "-1"]}, "FREQ=MONTHLY;BYMONTHDAY=-1,1"),
        (MONTHLY | {"recurringDayOfMonth": "15"}, "FREQ=MONTHLY;BYMONTHDAY=15"),
        (YEARLY | {"recurringByMonth": [3, 1]}, "FREQ=YEARLY;BYMONTH=1,3"),
        (YEARLY | {"recurringMonth": "MARCH,jan,7"}, "FREQ=YEARLY;BYMONTH=1,3,7"),
        (YEARLY | {"recurringWeek": [2]}, "FREQ=YEARLY;BYWEEKNO=2"),
        (MONTHLY | {"recurringByDay": "MO", "recurringBySetPos": -1}, None),
        (MONTHLY | {"recurringByDay": "MO", "recurringBySetPos": "-1"}, "FREQ=MONTHLY;BYDAY=MO;BYSETPOS=-1"),
        (WEEKLY | {"recurringWeekStart": "SUNDAY"}, "FREQ=WEEKLY;WKST=SU"),
        (ONCE | {"recurrence": {"rrule": "FREQ=WEEKLY;BYDAY=MO"}}, "FREQ=WEEKLY;BYDAY=MO"),
        (WEEKLY | {"recurringYear": 2026}, "FREQ=WEEKLY;UNTIL=20261231T145959Z"),
    ],
)
def test_both_spellings_give_one_rule(body: dict[str, Any], rule: str | None) -> None:
    if rule is None:
        with pytest.raises(ValidationError):
            draft_of(body)
        return

    draft = draft_of(body)

    assert draft.series.rule == Rule.parse(rule)
    assert draft.type is PlanType.RECURRING


@pytest.mark.parametrize(
    "extra, start, duration",
    [
        ({}, datetime(2026, 1, 5, 18), Duration(seconds=3000)),
        ({"scheduledAt": "2026-01-05T09:00:00Z"}, datetime(2026, 1, 5, 18), Duration(seconds=3000)),
        ({"scheduledAt": "2026-01-05T09:00:00.999999Z"}, datetime(2026, 1, 5, 18), Duration(seconds=3000)),
        ({"recurringTime": "18:00"}, datetime(2026, 1, 5, 18), Duration(seconds=3000)),
        ({"duration": None, "recurringDuration": "PT1H"}, datetime(2026, 1, 5, 18), Duration(seconds=3600)),
        ({"duration": None, "recurringEndTime": "19:30"}, datetime(2026, 1, 5, 18), Duration(seconds=5400)),
        ({"duration": None, "recurringEndTime": "18:00"}, datetime(2026, 1, 5, 18), Duration(days=1)),
        ({"duration": None, "recurringEndTime": "02:00"}, datetime(2026, 1, 5, 18), Duration(seconds=8 * 3600)),
        ({"duration": None, "scheduledEndAt": "2026-01-05T19:00"}, datetime(2026, 1, 5, 18), Duration(seconds=3600)),
        ({"duration": None, "scheduledEndAt": "2026-01-05T10:00Z"}, datetime(2026, 1, 5, 18), Duration(seconds=3600)),
        ({"duration": None, "scheduledEndAt": "2026-01-07T18:00"}, datetime(2026, 1, 5, 18), Duration(days=2)),
        ({"duration": "PT50M", "scheduledEndAt": "2026-01-05T18:50"}, datetime(2026, 1, 5, 18), Duration(seconds=3000)),
        ({"duration": "P1D", "recurringDuration": "PT24H"}, datetime(2026, 1, 5, 18), Duration(days=1)),
        ({"duration": "P2D", "recurringEndTime": "18:00"}, datetime(2026, 1, 5, 18), Duration(days=2)),
    ],
)
def test_start_and_length_come_from_any_spelling(extra: dict[str, Any], start: datetime, duration: Duration) -> None:
    series = draft_of(ONCE | extra).series

    assert (series.dtstart, series.duration) == (start, duration)


@pytest.mark.parametrize(
    "extra, zone",
    [
        ({}, "Asia/Seoul"),
        ({"timeZone": "Europe/London"}, "Europe/London"),
        ({"recurringTimeZone": "Europe/London"}, "Europe/London"),
        ({"timeZone": "UTC", "recurringTimeZone": "UTC"}, "UTC"),
        ({"recurringTimeZone": None}, "Asia/Seoul"),
    ],
)
def test_the_zone_is_the_plans_own_or_else_the_tenants(extra: dict[str, Any], zone: str) -> None:
    assert draft_of(ONCE | extra).series.time_zone == zone


@pytest.mark.parametrize(
    "extra, rdates, exdates",
    [
        ({"recurringIncludeDates": "2026-01-10T18:00,2026-01-11T09:00Z"},
         (datetime(2026, 1, 10, 18), datetime(2026, 1, 11, 9, tzinfo=UTC)), ()),
        ({"recurringExceptionDates": ["2026-01-12T18:00"]}, (), (datetime(2026, 1, 12, 18),)),
        ({"recurringExcludeDates": "2026-01-12,2026-01-19"}, (), (date(2026, 1, 12), date(2026, 1, 19))),
        ({"recurrence": {"rrule": "FREQ=WEEKLY", "rdates": ["2026-01-10T18:00"], "exdates": ["20260112T180000"],
                         "excludedDays": ["2026-01-19"]}},
         (datetime(2026, 1, 10, 18),), (datetime(2026, 1, 12, 18), date(2026, 1, 19))),
        ({"recurrence": {"rrule": "FREQ=WEEKLY", "exdates": ["2026-01-12T09:00Z"]},
          "recurringExceptionDates": ["2026-01-12T18:00"]}, (), (datetime(2026, 1, 12, 9, tzinfo=UTC),)),
    ],
)  # fmt: skip
def test_dates_come_from_either_spelling(
    extra: dict[str, Any], rdates: tuple[Any, ...], exdates: tuple[Any, ...]
) -> None:
    series = draft_of(WEEKLY | extra).series

    assert set(series.rdates) == set(rdates)
    assert set(series.exdates) == set(exdates)


@pytest.mark.parametrize("name, value", [("gap", Gap.SKIP), ("fold", Fold.SECOND)])
def test_clock_policies_reach_the_series(name: str, value: Any) -> None:
    series = draft_of(ONCE | {name: value.value}).series

    assert getattr(series, name) == value


def test_an_instant_in_the_repeated_hour_means_the_one_it_is() -> None:
    second = ONCE | {"scheduledAt": "2026-11-01T06:30:00Z", "timeZone": "America/New_York"}

    series = draft_of(second).series

    assert (series.dtstart, series.fold) == (datetime(2026, 11, 1, 1, 30), Fold.SECOND)
    assert "/scheduledAt" in faults_of(second | {"fold": "FIRST"})[1]


def test_a_time_that_the_clock_skips_is_kept_when_it_is_named_beside_the_instant() -> None:
    skipped = ONCE | {"scheduledAt": "2026-03-08T07:30:00Z", "timeZone": "America/New_York"}

    assert draft_of(skipped | {"recurringTime": "02:30"}).series.dtstart == datetime(2026, 3, 8, 2, 30)
    assert draft_of(skipped).series.dtstart == datetime(2026, 3, 8, 3, 30)


def test_a_local_end_across_a_clock_change_is_where_the_clock_shows_it() -> None:
    night = {"title": "Watch", "scheduledAt": "2026-03-07T22:00", "scheduledEndAt": "2026-03-08T06:00"}

    series = draft_of(night | {"timeZone": "America/New_York"}).series

    assert series.duration == Duration(seconds=7 * 3600)


def test_a_daily_range_takes_place_each_day_to_the_end_date() -> None:
    fair = {"title": "Fair", "type": "ONE_TIME_RANGE", "scheduledAt": "2026-01-05T09:00"}

    draft = draft_of(fair | {"scheduledEndAt": "2026-01-08T17:00"})

    assert draft.type is PlanType.ONE_TIME_RANGE
    assert draft.series.duration == Duration(seconds=8 * 3600)
    assert draft.series.rule == Rule.parse("FREQ=DAILY;UNTIL=20260108T000000Z")


def test_a_year_keeps_the_weeks_of_a_fortnightly_plan() -> None:
    body = ONCE | {"scheduledAt": "2025-12-22T18:00", "recurringIntervalWeek": 2, "recurringYear": 2026}

    series = draft_of(body).series

    assert series.dtstart == datetime(2026, 1, 5, 18)


@pytest.mark.parametrize(
    "body, code, pointer",
    [
        (ONCE | {"scheduledEndAt": "2026-01-05T18:30"}, "invalid_field", "/scheduledEndAt"),
        (ONCE | {"duration": None, "scheduledEndAt": "2026-01-05T17:00"}, "invalid_field", "/scheduledEndAt"),
        (ONCE | {"duration": None, "scheduledEndAt": "2026-01-05T18:00"}, "invalid_field", "/scheduledEndAt"),
        (ONCE | {"duration": "PT0S"}, "invalid_field", "/duration"),
        (ONCE | {"recurringDuration": "PT1H"}, "invalid_field", "/recurringDuration"),
        (ONCE | {"recurringEndTime": "18:51"}, "invalid_field", "/recurringEndTime"),
        (ONCE | {"recurringTime": "18:01"}, "invalid_field", "/recurringTime"),
        (ONCE | {"timeZone": "UTC", "recurringTimeZone": "Asia/Seoul"}, "invalid_field", "/recurringTimeZone"),
        (WEEKLY | {"repeatCycleType": "DAILY"}, "invalid_recurrence", "/repeatCycleType"),
        (WEEKLY | {"recurringIntervalUnit": "DAY"}, "invalid_recurrence", "/recurringIntervalUnit"),
        (WEEKLY | {"recurringInterval": 2, "recurringIntervalCount": 3},
         "invalid_recurrence", "/recurringIntervalCount"),
        (WEEKLY | {"recurringInterval": 2, "recurringIntervalWeek": 3}, "invalid_recurrence", "/recurringInterval"),
        (ONCE | {"recurringIntervalWeek": 1, "recurringIntervalDay": 1}, "invalid_recurrence", "/recurringIntervalDay"),
        (WEEKLY | {"recurringInterval": 0}, "invalid_recurrence", "/recurringInterval"),
        (WEEKLY | {"recurringCount": 0}, "invalid_recurrence", "/recurringCount"),
        (WEEKLY | {"recurringCount": 2, "recurringUntil": "2026-03-01"}, "invalid_recurrence", "/recurringCount"),
        (WEEKLY | {"recurringByDay": "2MO"}, "invalid_recurrence", "/recurringByDay"),
        (WEEKLY | {"recurringByDay": "XX"}, "invalid_recurrence", "/recurringByDay"),
        (WEEKLY | {"recurringDayOfWeek": "2MO"}, "invalid_recurrence", "/recurringDayOfWeek"),
        (WEEKLY | {"recurringByDay": "MO", "recurringDayOfWeek": "TU"}, "invalid_recurrence", "/recurringDayOfWeek"),
        (MONTHLY | {"recurringByMonthDay": [32]}, "invalid_recurrence", "/recurringByMonthDay"),
        (MONTHLY | {"recurringByMonthDay": [1], "recurringDayOfMonth": [2]},
         "invalid_recurrence", "/recurringDayOfMonth"),
        (YEARLY | {"recurringByMonth": [13]}, "invalid_recurrence", "/recurringByMonth"),
        (YEARLY | {"recurringMonth": "SMARCH"}, "invalid_recurrence", "/recurringMonth"),
        (WEEKLY | {"recurringWeek": [1]}, "invalid_recurrence", "/recurringWeek"),
        (WEEKLY | {"recurringBySetPos": [400]}, "invalid_recurrence", "/recurringBySetPos"),
        (WEEKLY | {"recurringWeekStart": "NEVER"}, "invalid_recurrence", "/recurringWeekStart"),
        (ONCE | {"recurringByDay": "MO"}, "invalid_recurrence", "/recurringByDay"),
        (ONCE | {"recurringYear": 2026}, "invalid_recurrence", "/recurringYear"),
        (WEEKLY | {"recurringYear": 2025}, "invalid_recurrence", "/recurringYear"),
        (WEEKLY | {"recurringYear": 2026, "recurringCount": 3}, "invalid_recurrence", "/recurringYear"),
        (ONCE | {"recurrence": {"rrule": "FREQ=SOMETIMES"}}, "invalid_recurrence", "/recurrence/rrule"),
        (WEEKLY | {"recurrence": {"rrule": "FREQ=DAILY"}}, "invalid_recurrence", "/recurringFrequency"),
        (WEEKLY | {"recurringCount": 3, "recurrence": {"rrule": "FREQ=WEEKLY"}},
         "invalid_recurrence", "/recurringCount"),
        (WEEKLY | {"recurrence": {"rdates": []}, "recurringIncludeDates": "2026-01-10T18:00"},
         "invalid_recurrence", "/recurringIncludeDates"),
        (WEEKLY | {"type": "ONE_TIME"}, "invalid_recurrence", "/type"),
        (ONCE | {"type": "RECURRING"}, "invalid_recurrence", "/type"),
        (ONCE | {"recurringExcludeDates": "2026-01-06"}, "invalid_recurrence", "/recurringExcludeDates"),
        (ONCE | {"type": "ONE_TIME_RANGE"}, "invalid_field", "/scheduledEndAt"),
        (ONCE | {"type": "ONE_TIME_RANGE", "duration": None, "scheduledEndAt": "2026-01-08T17:00"},
         "invalid_field", "/scheduledEndAt"),
        (WEEKLY | {"type": "ONE_TIME_RANGE", "scheduledEndAt": "2026-01-08T18:50"},
         "invalid_recurrence", "/recurrence/rrule"),
        (ONCE | {"gap": "SKIP", "scheduledAt": "2026-03-08T02:30", "timeZone": "America/New_York"},
         "invalid_field", "/scheduledAt"),
    ],
)  # fmt: skip
def test_contradictions_are_refused_by_name(body: dict[str, Any], code: str, pointer: str) -> None:
    found_code, faults = faults_of(body)

    assert (found_code, pointer in faults) == (code, True), faults


@pytest.mark.parametrize(
    "flat, rrule",
    [
        ({"recurringFrequency": "WEEKLY", "recurringInterval": 1}, "FREQ=WEEKLY"),
        ({"recurringByDay": "WE,MO", "recurringDayOfWeek": "MONDAY,WEDNESDAY"}, "FREQ=WEEKLY;BYDAY=MO,WE"),
        ({"recurringUntil": "2026-02-02T18:00"}, "FREQ=WEEKLY;UNTIL=20260202T090000Z"),
        ({"recurringUntil": "2026-02-02"}, "FREQ=WEEKLY;UNTIL=20260202T145959Z"),
        ({"recurringWeekStart": "MO"}, "FREQ=WEEKLY"),
    ],
)
def test_two_spellings_of_one_rule_agree(flat: dict[str, Any], rrule: str) -> None:
    draft = draft_of(ONCE | flat | {"recurrence": {"rrule": rrule}})

    assert draft.series.rule == Rule.parse(rrule)


@pytest.mark.parametrize(
    "field, value",
    [
        ("id", "x"), ("sessionId", "x"), ("startedAt", "2026-01-05T09:00Z"), ("endedAt", "2026-01-05T09:00Z"),
        ("removedAt", "2026-01-05T09:00Z"), ("state", "COMPLETED"), ("tracked", True), ("progress", 1), ("metrics", {}),
        ("recurrenceId", "x"), ("recurrenceText", "x"), ("segments", []), ("materialized", True),
        ("materializedUntil", "x"), ("notes", []), ("version", 1), ("createdAt", "x"), ("updatedAt", "x"),
        ("capacity", "10"), ("capacity", True), ("lateAfter", 5), ("misfire", "SKIP"), ("misfire", True),
        ("misfireGrace", 15), ("completionThreshold", 0), ("completionThreshold", "0.8"), ("onClash", "ask"),
        ("autoStart", "CHECK_IN"), ("nonsense", None),
        ("title", 5), ("title", " "), ("title", "x" * 201), ("description", "x" * 10_001), ("duration", 50),
        ("duration", "P1M"), ("timeZone", "Mars/Olympus"), ("spaceId", "room-1"), ("spaceId", 7), ("autoEnd", "yes"),
        ("autoEnd", 1), ("recurringInterval", 1.5), ("recurringInterval", True), ("recurringYear", [2026]),
        ("recurringExceptionDates", ["2026-01-12"]), ("recurringExcludeDates", ["2026-01-12T18:00"]),
        ("recurringIncludeDates", "tomorrow"), ("recurringTime", "25:00"), ("scheduledAt", "2026-01-05"),
        ("scheduledAt", "2026-02-30T18:00"), ("scheduledAt", "0001-01-01T00:00+14:00"), ("scheduledAt", 0),
        ("participants", "a,b"), ("recurrence", {"rule": "x"}), ("recurrence", {"rdates": "2026-01-12T18:00"}),
        ("recurrence", {"exdates": ["2026-01-12T18:00"] * 1001}),
    ],
)  # fmt: skip
def test_a_value_of_the_wrong_kind_is_refused_at_its_field(field: str, value: Any) -> None:
    with pytest.raises(ValidationError) as caught:
        PlanBody.model_validate(ONCE | {field: value})

    assert {str(error["loc"][0]) for error in caught.value.errors()} == {field}


def test_every_required_field_is_told_at_once() -> None:
    with pytest.raises(ValidationError) as caught:
        PlanBody.model_validate({})

    assert {str(error["loc"][0]) for error in caught.value.errors()} == {"title", "scheduledAt", "scheduled_end_at"}


@pytest.mark.parametrize("text", ["", " ", "FREQ=DAILY;COUNT=+3", "FREQ=DAILY;INTERVAL=+2", "FREQ=DAILY;COUNT=1_0"])
def test_a_rule_that_is_no_rule_is_refused_where_it_stands(text: str) -> None:
    code, faults = faults_of(ONCE | {"recurrence": {"rrule": text}})

    assert (code, list(faults)) == ("invalid_recurrence", ["/recurrence/rrule"])
