"""What is answered can be sent back."""

from datetime import date, datetime
from typing import Any

import pytest

from api_stub import flat_answer, plan_draft
from api_stub.plan_body import PlanBody
from recurrence import Duration, Rule, Series

START = datetime(2026, 1, 5, 18)


def series_of(rule: str | None, **more: Any) -> Series:
    parsed = None if rule is None else Rule.parse(rule)
    return Series(dtstart=START, time_zone="Asia/Seoul", duration=Duration(seconds=3000), rule=parsed, **more)


@pytest.mark.parametrize(
    "series",
    [
        series_of("FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,WE;WKST=SU"),
        series_of("FREQ=MONTHLY;BYDAY=2TU,-1FR;BYSETPOS=1,-1"),
        series_of("FREQ=YEARLY;BYMONTH=1,3;BYMONTHDAY=5,-1;COUNT=7"),
        series_of("FREQ=YEARLY;BYWEEKNO=2;BYDAY=MO"),
        series_of("FREQ=DAILY;UNTIL=20260202T090000Z"),
        series_of("FREQ=WEEKLY;UNTIL=20261231T145959Z"),
        series_of("FREQ=HOURLY;INTERVAL=36"),
        series_of("FREQ=WEEKLY", exdates=(datetime(2026, 1, 12, 18), date(2026, 1, 19))),
        series_of("FREQ=WEEKLY", rdates=(datetime(2026, 1, 10, 18),)),
        series_of(None, rdates=(datetime(2026, 1, 10, 18),)),
    ],
    ids=str,
)
def test_the_flat_fields_of_an_answer_give_the_same_series_again(series: Series) -> None:
    fields = flat_answer.of_series(series)

    draft = plan_draft.of_body(
        PlanBody.model_validate({"title": "x", "scheduledAt": "2026-01-05T18:00"} | fields), "UTC"
    )

    assert draft.series == series


def test_every_flat_field_is_there_and_null_where_nothing_is_said() -> None:
    fields = flat_answer.of_series(series_of(None))

    known = {name for name in PlanBody.model_json_schema()["properties"] if name.startswith(("recurring", "repeat"))}
    said = {name for name, value in fields.items() if value is not None}
    assert set(fields) == known
    assert said == {"recurringTime", "recurringEndTime", "recurringDuration", "recurringTimeZone"}


def test_ordinals_leave_the_alias_without_ordinals_null() -> None:
    fields = flat_answer.of_series(series_of("FREQ=MONTHLY;BYDAY=MO,2TU"))

    assert fields["recurringByDay"] == ["MO", "2TU"]
    assert fields["recurringDayOfWeek"] is None
