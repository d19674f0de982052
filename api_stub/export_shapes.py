"""The shape of what is handed out of a person, for the OpenAPI document."""

from pydantic import Field

from api_stub.shapes import Id, Instant, Shape, User
from db.models import Mark


class Profile(User):
    """Who it is."""

    description: str | None


class KeptEnrolment(Shape):
    """A place in a plan, or at one session of it."""

    session_id: Id = Field(description="the plan")
    title: str
    from_local: str = Field(description="expected at sessions from this local time on")
    until_local: str | None = Field(description="and before this one; null: for ever")
    drop_in: bool = Field(description="whether it is a place at one session alone")


class KeptWait(KeptEnrolment):
    """A wait for such a place."""

    since: Instant = Field(description="since when the person waits")


class KeptSession(Shape):
    """A session that the person had to do with."""

    session_id: str = Field(description="the session")
    title: str
    scheduled_at: Instant
    scheduled_end_at: Instant


class KeptMark(KeptSession):
    """Whether the person came."""

    status: Mark
    marked_at: Instant
    marked_by: str
    done: list[str] | None = Field(description="which activities the person did; null: nobody has said")


class KeptStay(KeptSession):
    """When the person was there."""

    checked_in_at: Instant = Field(description="from this instant on")
    checked_out_at: Instant | None = Field(description="until this one; null: to the end")


class KeptWithdrawal(KeptSession):
    """A place that was given up at the last moment."""

    withdrawn_at: Instant = Field(description="when the place was given up")


class KeptChange(Shape):
    """What was done to the person's own entry."""

    at: Instant = Field(description="when it was done")
    actor: str
    kind: str


class Export(Shape):
    """Everything that is kept of a person, each in the order of time."""

    profile: Profile = Field(description="who it is")
    enrolments: list[KeptEnrolment] = Field(description="places in plans")
    waiting: list[KeptWait] = Field(description="waits for a place")
    attendance: list[KeptMark] = Field(description="whether the person came")
    presence: list[KeptStay] = Field(description="when the person was there")
    withdrawals: list[KeptWithdrawal] = Field(description="places given up at the last moment")
    instructs: list[KeptSession] = Field(description="stored sessions that the person gives or gave")
    changes: list[KeptChange] = Field(description="what was done to the person's own entry")
