"""A row for each field of a plan: what is taken, what it becomes, how it is answered, and what is refused where."""

from datetime import UTC, date, datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

from db.models import AutoStart, PlanType
from recurrence import Duration, Fold, Gap, Rule

ID = "0198c0de-0000-7000-8000-000000000001"
OTHER = "0198c0de-0000-7000-8000-000000000002"
START = "2036-01-07T18:00"  # a Monday in Seoul, 09:00 in UTC

ONCE: dict[str, Any] = {"title": "Pilates", "scheduledAt": START, "duration": "PT50M", "timeZone": "Asia/Seoul"}
OPEN: dict[str, Any] = ONCE | {"duration": None}
DAILY = ONCE | {"recurringFrequency": "DAILY"}
WEEKLY = ONCE | {"recurringFrequency": "WEEKLY"}
MONTHLY = ONCE | {"recurringFrequency": "MONTHLY"}
YEARLY = ONCE | {"recurringFrequency": "YEARLY"}


class Row(NamedTuple):
    """One field: the body it stands in, a value, what of the plan it becomes, how it is answered, and a wrong value.

    `becomes`: names of the draft, or of its series. `said`: the field's value in the answer. `at`: where a wrong value
    is told, when that is not at the field itself.
    """

    field: str
    beside: dict[str, Any]
    value: Any
    becomes: dict[str, Any]
    said: Any
    wrong: Any
    at: str = ""

    @property
    def pointer(self) -> str:
        """Where a wrong value is told."""
        return self.at or f"/{self.field}"


def rule(text: str) -> dict[str, Any]:
    """The series has this rule."""
    return {"rule": Rule.parse(text), "type": PlanType.RECURRING}


def of(name: str, value: Any) -> dict[str, Any]:
    """The draft or its series has this value under this name."""
    return {name: value}


def at(hour: int, minute: int = 0, day: int = 7) -> datetime:
    """A wall time of January 2036."""
    return datetime(2036, 1, day, hour, minute)


def answered(name: str, wrong: Any, said: Any = None) -> Row:
    """A field that an answer tells: null is taken, anything else refused."""
    return Row(name, ONCE, None, {}, said, wrong)


def refers(name: str, attribute: str) -> Row:
    """The id of something; the value is filled in by whoever has one."""
    return Row(name, ONCE, ID, of(attribute, UUID(ID)), ID, "room-1")


def unit(name: str, freq: str) -> Row:
    """One of the seven that say both FREQ and INTERVAL."""
    field = f"recurringInterval{name}"
    other = "recurringIntervalDay" if name != "Day" else "recurringIntervalWeek"
    number = {"Minute": 360, "Second": 21_600}.get(name, 6)
    clash = f"/{other if list(UNITS).index(name) < list(UNITS).index(other[17:]) else field}"
    return Row(field, ONCE, str(number), rule(f"FREQ={freq};INTERVAL={number}"), number, {field: 1, other: 1}, clash)


UNITS = {
    "Year": "YEARLY",
    "Month": "MONTHLY",
    "Week": "WEEKLY",
    "Day": "DAILY",
    "Hour": "HOURLY",
    "Minute": "MINUTELY",
    "Second": "SECONDLY",
}

ENTITY = (
    answered("id", "x"),
    answered("sessionId", "x"),
    Row("type", ONCE, "ONE_TIME", of("type", PlanType.ONE_TIME), "ONE_TIME", "RECURRING"),
    Row("title", ONCE, "Yoga", of("title", "Yoga"), "Yoga", "x" * 201),
    Row("description", ONCE, "bring a mat", of("description", "bring a mat"), "bring a mat", "x" * 10_001),
    Row("scheduledAt", ONCE, "2036-01-07T09:00:00Z", of("dtstart", at(18)), "2036-01-07T09:00:00Z", "2036-01-07"),
    Row("scheduledEndAt", OPEN, "2036-01-07T18:45", of("duration", Duration(seconds=2700)), "2036-01-07T09:45:00Z",
        "2036-01-07T18:00"),
    answered("startedAt", "2036-01-07T09:00:00Z"),
    answered("endedAt", "2036-01-07T09:00:00Z"),
    answered("removedAt", "2036-01-07T09:00:00Z"),
    refers("routineId", "routine_id"),
    refers("timelineId", "timeline_id"),
    refers("programId", "program_id"),
    refers("spaceId", "space_id"),
    refers("subjectId", "subject_id"),
    Row("repeatCycleType", ONCE, "WEEKLY", rule("FREQ=WEEKLY"), "WEEKLY", "HOURLY"),
    Row("recurringFrequency", ONCE, "DAILY", rule("FREQ=DAILY"), "DAILY", "SOMETIMES"),
    Row("recurringIntervalUnit", ONCE, "MONTH", rule("FREQ=MONTHLY"), "MONTH", "MONTHLY"),
    Row("recurringInterval", WEEKLY, "2", rule("FREQ=WEEKLY;INTERVAL=2"), 2, 0),
    Row("recurringIntervalCount", WEEKLY, 3, rule("FREQ=WEEKLY;INTERVAL=3"), 3, "-1"),
    *(unit(name, freq) for name, freq in UNITS.items()),
    Row("recurringCount", WEEKLY, "5", rule("FREQ=WEEKLY;COUNT=5"), 5, "five"),
    Row("recurringUntil", WEEKLY, "2036-02-04", rule("FREQ=WEEKLY;UNTIL=20360204T145959Z"), "2036-02-04T14:59:59Z",
        "2036-02-31"),
    Row("recurringByDay", MONTHLY, "1MO,-1FR", rule("FREQ=MONTHLY;BYDAY=1MO,-1FR"), ["-1FR", "1MO"], ["MONDAY"]),
    Row("recurringDayOfWeek", WEEKLY, ["MONDAY", "we"], rule("FREQ=WEEKLY;BYDAY=MO,WE"), ["MONDAY", "WEDNESDAY"],
        "2MO"),
    Row("recurringByMonthDay", MONTHLY, "7,-1", rule("FREQ=MONTHLY;BYMONTHDAY=-1,7"), [-1, 7], [32]),
    Row("recurringDayOfMonth", MONTHLY, [7], rule("FREQ=MONTHLY;BYMONTHDAY=7"), [7], "0"),
    Row("recurringByMonth", YEARLY, [1, "3"], rule("FREQ=YEARLY;BYMONTH=1,3"), [1, 3], [13]),
    Row("recurringMonth", YEARLY, "JANUARY,mar", rule("FREQ=YEARLY;BYMONTH=1,3"), ["JANUARY", "MARCH"], "SMARCH"),
    Row("recurringWeek", YEARLY | {"recurringByDay": "MO"}, "2", rule("FREQ=YEARLY;BYWEEKNO=2;BYDAY=MO"), [2], [54]),
    Row("recurringYear", WEEKLY, "2036", rule("FREQ=WEEKLY;UNTIL=20361231T145959Z"), 2036, [2036]),
    Row("recurringBySetPos", MONTHLY | {"recurringByDay": "MO"}, ["1"], rule("FREQ=MONTHLY;BYDAY=MO;BYSETPOS=1"), [1],
        "0"),
    Row("recurringWeekStart", WEEKLY, "SUNDAY", rule("FREQ=WEEKLY;WKST=SU"), "SU", "NEVER"),
    Row("recurringTime", WEEKLY, "18:00", of("dtstart", at(18)), "18:00:00", "19:00"),
    Row("recurringEndTime", OPEN, "02:00", of("duration", Duration(seconds=28_800)), "02:00:00", "24:00"),
    Row("recurringDuration", OPEN, "PT1H30M", of("duration", Duration(seconds=5400)), "PT1H30M", "P1M"),
    Row("recurringTimeZone", ONCE | {"timeZone": None}, "Asia/Seoul", of("time_zone", "Asia/Seoul"), "Asia/Seoul",
        "KST"),
    Row("recurringExceptionDates", WEEKLY, "2036-01-14T18:00,2036-01-21T09:00Z",
        of("exdates", (at(18, day=14), datetime(2036, 1, 21, 9, tzinfo=UTC))),
        ["2036-01-14T18:00:00", "2036-01-21T09:00:00Z"], ["2036-01-14"], "/recurringExceptionDates/0"),
    Row("recurringExcludeDates", WEEKLY, ["2036-01-14"], of("exdates", (date(2036, 1, 14),)), ["2036-01-14"],
        ["2036-01-14T18:00"], "/recurringExcludeDates/0"),
    Row("recurringIncludeDates", ONCE, ["2036-01-10T18:00"], of("rdates", (at(18, day=10),)), ["2036-01-10T18:00:00"],
        ["tomorrow"], "/recurringIncludeDates/0"),
)  # fmt: skip
"""The 46 fields of a session, in the order of their specification."""

RECURRENCE = {"rrule": "FREQ=WEEKLY", "rdates": ["2036-01-10T18:00"], "exdates": ["2036-01-14T18:00"],
              "excludedDays": ["2036-01-21"]}  # fmt: skip

OURS = (
    answered("state", "COMPLETED", "SCHEDULED"),
    answered("tracked", True, True),
    refers("instructorId", "instructor_id"),
    Row("participants", ONCE, [ID], of("participants", (UUID(ID),)), [ID], ID),
    Row("capacity", ONCE, 12, of("capacity", 12), 12, 0),
    Row("exclusive", ONCE, ["space"], of("exclusive", frozenset({"space"})), ["space"], ["room"], "/exclusive/0"),
    Row("autoStart", ONCE, "MANUAL", of("auto_start", AutoStart.MANUAL), "MANUAL", "NEVER"),
    Row("autoEnd", ONCE, False, of("auto_end", False), False, "no"),
    Row("lateAfter", ONCE, "PT10M", of("late_after", timedelta(minutes=10)), "PT10M", "PT25H"),
    Row("gap", ONCE, "SKIP", of("gap", Gap.SKIP), "SKIP", "LEAP"),
    Row("fold", ONCE, "SECOND", of("fold", Fold.SECOND), "SECOND", "THIRD"),
    Row("misfire", ONCE, "MISS", of("misfire_grace", timedelta(minutes=15)), "MISS", "SKIP"),
    Row("misfireGrace", ONCE | {"misfire": "MISS"}, "PT1M", of("misfire_grace", timedelta(minutes=1)), "PT1M", 60),
    Row("completionThreshold", ONCE, 0.8, of("completion_threshold", 0.8), 0.8, 1.1),
    Row("syncDtstart", ONCE, False, of("sync_dtstart", False), False, "false"),
    answered("progress", 1),
    answered("metrics", {}),
    Row("timeZone", ONCE, "Asia/Seoul", of("time_zone", "Asia/Seoul"), "Asia/Seoul", "Mars/Olympus"),
    Row("duration", ONCE, "P1D", of("duration", Duration(days=1)), "P1D", 50),
    Row("recurrence", ONCE, RECURRENCE,
        {"rule": Rule.parse("FREQ=WEEKLY"), "rdates": (at(18, day=10),),
         "exdates": (at(18, day=14), date(2036, 1, 21))},
        {"rrule": "FREQ=WEEKLY", "rdates": ["2036-01-10T18:00:00"], "exdates": ["2036-01-14T18:00:00"],
         "excludedDays": ["2036-01-21"]}, {"rrule": "FREQ=SOMETIMES"}, "/recurrence/rrule"),
    answered("recurrenceId", "x", "2036-01-07T18:00:00"),
    answered("segments", []),
    answered("materialized", True),
    answered("materializedUntil", "x"),
    answered("recurrenceText", "x"),
    answered("notes", [], []),
    answered("version", 1, 1),
    answered("createdAt", "x"),
    answered("updatedAt", "x"),
)  # fmt: skip
"""What a plan has besides."""

DEFAULTS = {
    "type": "ONE_TIME",
    "exclusive": ["instructor", "participants", "space"],
    "capacity": None,
    "lateAfter": "PT5M",
    "completionThreshold": 1.0,
    "autoStart": "SCHEDULED",
    "autoEnd": True,
    "misfire": "CATCH_UP",
    "misfireGrace": None,
    "gap": "SHIFT",
    "fold": "FIRST",
    "syncDtstart": True,
    "participants": [],
    "recurringTimeZone": "Asia/Seoul",
    "recurrence": None,
}
"""What the answer says where the body says nothing."""

REFERRED = {
    "routineId": "routines",
    "timelineId": "timelines",
    "programId": "programs",
    "spaceId": "spaces",
    "subjectId": "subjects",
    "instructorId": "users",
    "participants": "users",
}
"""The fields that refer to something, and the kind that each refers to."""
