"""The shapes of reports, for the OpenAPI document; `docs/attendance.md` has the formulas."""

from pydantic import Field

from api_stub.shapes import Page, Shape
from services.reports import By

RATE = "present and late, of those expected and not excused, 0 to 1; null: there are none"


class RowShape(Shape):
    """What a row is about."""

    id: str | None = Field(description="the id; of weekdays 1 (Monday) to 7, of hours 00 to 23; null: what has none")
    name: str | None = Field(description="what people call it; of a plan, what it is called now")


class AttendanceRow(RowShape):
    """Who came."""

    sessions: int = Field(description="sessions that took place; by person, those that expected the person")
    expected: int = Field(description="places of people who were expected")
    present: int = Field(description="how often somebody was present")
    late: int = Field(description="how often somebody came late")
    absent: int = Field(description="how often somebody did not come")
    excused: int = Field(description="how often somebody was excused")
    attendance_rate: float | None = Field(description=RATE)
    no_shows: int = Field(description="absent and not excused")
    late_cancels: int = Field(description="excused, or the place given up, less than 12 hours before the start")
    presence_minutes: float = Field(description="minutes that people were there, added up")
    mean_presence_minutes: float | None = Field(description="the same for each who came; null: nobody came")
    dropped: int = Field(description="counted sessions that `dropLowest` left out")
    to_come: int | None = Field(description="sessions to come for the person; null: without end, or no passMark")
    on_track: bool | None = Field(description="whether the rate reaches the pass mark; null: nothing is counted yet")
    can_still_pass: bool | None = Field(description="whether attending all that is to come reaches it")
    needed_from_here: int | None = Field(description="how many of those to come are needed; null: all are too few")


class CompletionRow(RowShape):
    """Whether it was complete."""

    sessions: int = Field(description="sessions that took place; by person, those that expected the person")
    completed: int = Field(description="sessions that were completed")
    completion_rate: float | None = Field(description="completed of all, 0 to 1; null: there are none")
    progress: float | None = Field(description="mean part of the activities that was done; null: none had activities")
    planned_minutes: float = Field(description="planned lengths, added up")
    actual_minutes: float = Field(description="actual lengths, added up")
    fill_rate: float | None = Field(description="who came, of how many might; null: any number might")


class AttendanceReport(Page):
    """A page of who came."""

    by: By = Field(description="what it is grouped by")
    total: AttendanceRow = Field(description="the sum of all rows, of all pages")
    data: list[AttendanceRow]


class CompletionReport(Page):
    """A page of whether it was complete."""

    by: By = Field(description="what it is grouped by")
    total: CompletionRow = Field(description="the sum of all rows, of all pages")
    data: list[CompletionRow]
