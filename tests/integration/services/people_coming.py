"""Moves of people who come and go, and of staff who say so, now or later, made on both sides."""

from datetime import timedelta

from hypothesis import strategies as st
from hypothesis.stateful import rule
from sqlalchemy.orm import Session as Tx

from db.models import Mark
from lifecycle import IllegalTransition
from services import attend, by_hand, correct, passing, presence, transition
from services.correct import Correction
from services.errors import Clash, Conflict, InvalidField
from services.presence import Message
from tests.integration.services.people_edits import Edits
from tests.integration.services.people_model import CAME, DAY, MINUTE, Meeting
from tests.integration.services.people_places import DAYS, SEOUL_IS_AHEAD, aim, who

OPENS = 30 * MINUTE
LATE_AFTER = 5 * MINUTE
MOMENTS = (-40, -20, 3, 20, 59, 70)  # minutes after a start
OPEN, OVER = ("SCHEDULED", "IN_PROGRESS"), ("COMPLETED", "MISSED")


class Coming(Edits):
    """Whoever is in the plan, or is not, comes and goes."""

    @rule()
    def a_day_passes(self) -> None:
        """To the next midnight."""
        self.passes(timedelta(days=1) - (self.model.here - self.model.here.replace(hour=0, minute=0, second=0,
                                                                                  microsecond=0)))  # fmt: skip

    @rule(minutes=st.sampled_from(MOMENTS))
    def the_next_session_comes(self, minutes: int) -> None:
        """Before it, in it, after it."""
        later = [one.start + minutes * MINUTE for one in self.model.meetings]
        ahead = [moment for moment in later if moment > self.model.here]
        if ahead and min(ahead) - self.model.here < DAY:
            self.passes(min(ahead) - self.model.here)

    @rule()
    def a_worker_comes(self) -> None:
        """All that is due is done, and who waits is looked at where a session has begun."""
        for step in transition.LIFE:
            transition.drain(self.studio.engine, step, 1000)
        passing.drain(self.studio.engine)
        self.model.serve()

    @rule(minutes=st.sampled_from(MOMENTS), names=st.sets(who), away=st.sets(who), back=st.booleans())
    def people_come(self, minutes: int, names: set[str], away: set[str], back: bool) -> None:
        """Several, to the session that comes next; some had said that they would not, some go and come back."""
        coming = min(self.model.scheduled(), key=lambda one: one.start, default=None)
        if coming is None:
            return
        for name in sorted(away):
            self.mark_at(coming, name, Mark.EXCUSED)
        self.the_next_session_comes(minutes)
        for name in sorted(names):
            self.come_to(coming, name)
        for pause, verb in ((4, self.go_from), (6, self.come_to)) if back else ():
            self.passes(pause * MINUTE)
            for name in sorted(names):
                verb(coming, name)

    def open_one(self, n: int) -> Meeting:
        """Mostly a session to which people come now, if there is one."""
        near = [one for one in self.model.meetings if one.start - OPENS <= self.model.here < one.end]
        sensible = [one for one in near if self.model.state(one) in OPEN]
        return sensible[n % len(sensible)] if sensible and n >= DAYS else self.model.meetings[n % DAYS]

    def is_given_away(self, one: Meeting, name: str) -> bool:
        """Whether the place of somebody who is excused from a session ahead is somebody else's."""
        gave_up = name in one.excused and name in one.placed and one in self.model.ahead()
        return gave_up and len(one.there) >= one.limit

    @rule(name=who, n=aim, twice=st.booleans())
    def comes(self, name: str, n: int, twice: bool) -> None:
        """Now; the message may be doubled."""
        self.come_to(self.open_one(n), name, twice)

    def come_to(self, one: Meeting, name: str, twice: bool = False) -> None:
        """Somebody comes to a session, or is refused."""
        self.passes(timedelta(milliseconds=1))
        model = self.model
        state, begun, at = model.state(one), model.began(one), self.book.now + timedelta(milliseconds=1)
        opens = min(one.start - OPENS, begun or one.start)
        closed = state not in ("SCHEDULED", "IN_PROGRESS") or model.here + timedelta(milliseconds=1) < opens
        refused = closed or one.is_in(name) or self.is_given_away(one, name)

        def journey(tx: Tx) -> None:
            presence.check_in(tx, self.key(one), Message(self.ids[name], at), "gate")

        self.act(journey, Conflict if refused else None)
        if refused:
            return
        here = at.replace(tzinfo=None) + SEOUL_IS_AHEAD
        if begun is None:
            one.started = here if not one.auto else None
        one.touched = one.touched or not one.auto
        one.stays.setdefault(name, []).append((here, None))
        mark = "LATE" if here > one.start + LATE_AFTER else "PRESENT"
        if one.marks.get(name) not in CAME or mark == "PRESENT":
            one.marks[name] = mark
        if twice:
            self.act(journey)

    @rule(name=who, n=aim, twice=st.booleans())
    def goes(self, name: str, n: int, twice: bool) -> None:
        """Now, or it is told when the session is over; the message may be doubled."""
        inside = [one for one in self.model.meetings if one.is_in(name)]
        self.go_from(inside[0] if inside and n >= DAYS else self.model.meetings[n % DAYS], name, twice)

    def go_from(self, one: Meeting, name: str, twice: bool = False) -> None:
        """Somebody goes, or is not there."""
        at = self.book.now + timedelta(milliseconds=1)
        refused = not one.is_in(name) or self.model.state(one) == "REMOVED"

        def journey(tx: Tx) -> None:
            presence.check_out(tx, self.key(one), Message(self.ids[name], at), "gate")

        self.act(journey, Conflict if refused else None)
        if not refused:
            one.stays[name] = [(came, went or self.model.here) for came, went in one.stays[name]]
            if twice:
                self.act(journey)

    @rule(name=who, n=aim, mark=st.sampled_from(Mark))
    def is_marked(self, name: str, n: int, mark: Mark) -> None:
        """By staff: before, during it, or as a correction."""
        self.mark_at(self.aimed(n, "IN_PROGRESS", "COMPLETED"), name, mark)

    def mark_at(self, one: Meeting, name: str, mark: Mark) -> None:
        """Somebody is marked at a session, or that is refused."""
        self.passes(timedelta(milliseconds=1))
        model = self.model
        state, came = model.state(one), mark in CAME
        is_open = model.here + timedelta(milliseconds=1) >= one.start - OPENS
        allowed = {
            "SCHEDULED": mark in (Mark.EXCUSED, Mark.EXPECTED) or (came and is_open),
            "IN_PROGRESS": True,
            "COMPLETED": mark is not Mark.EXPECTED,
        }.get(state, False)
        back = mark is not Mark.EXCUSED and name in one.excused and name in one.placed and one in model.scheduled()
        error: type[Exception] | None = None if allowed else Conflict
        if allowed and mark is not Mark.EXCUSED and self.is_given_away(one, name):
            error = Conflict
        elif allowed and back and mark is Mark.EXPECTED and model.is_busy(name, one.start):
            error = Clash

        def journey(tx: Tx) -> None:
            attend.mark(tx, self.key(one), self.ids[name], mark, "key", self.book.now)

        self.act(journey, error)
        if error is not None:
            return
        if came and state == "SCHEDULED" and not one.auto:
            one.started, one.touched = model.here, True
        before = one.marks.get(name)
        one.marks[name] = mark.value
        if mark is Mark.EXCUSED and before != mark and model.here < one.start:
            model.serve()

    @rule(n=aim)
    def starts(self, n: int) -> None:
        """By hand, a little earlier or later."""
        one = self.open_one(n)
        if self.model.state(one) == "SCHEDULED" and abs(one.start - self.model.here) < timedelta(hours=1):
            self.act(lambda tx: by_hand.start(tx, self.key(one), "key", self.book.now))
            one.started, one.touched = self.model.here, True

    @rule(n=aim)
    def ends(self, n: int) -> None:
        """By hand."""
        one = self.aimed(n, "IN_PROGRESS")
        if self.model.state(one) == "IN_PROGRESS":
            started = self.model.began(one)
            self.act(lambda tx: by_hand.end(tx, self.key(one), "key", self.book.now))
            one.started, one.ended = started, self.model.here

    @rule(n=aim, began=st.integers(-10, 10), ended=st.integers(-10, 10), twice=st.booleans())
    def is_corrected(self, n: int, began: int, ended: int, twice: bool) -> None:
        """It took place at other times, or at all; and once more, the same."""
        one, model = self.aimed(n, *OVER), self.model
        start, end = one.start + began * MINUTE, one.end + ended * MINUTE
        instants = [moment.replace(tzinfo=self.book.now.tzinfo) - SEOUL_IS_AHEAD for moment in (start, end)]
        change = Correction(started_at=instants[0], ended_at=instants[1])
        state = model.state(one)
        error: type[Exception] | None = None
        if state == "REMOVED":
            error = Conflict
        elif state not in ("COMPLETED", "MISSED"):
            error = IllegalTransition
        elif end > model.here:
            error = InvalidField
        for _ in range(1 + twice):
            self.act(lambda tx: correct.correct(tx, self.key(one), change, "key", self.book.now), error)
        if error is None:
            one.started, one.ended, one.touched = start, end, True
