"""Moves of whoever runs a plan, made on both sides: sessions are called off, paused, moved; the plan is split."""

from contextlib import nullcontext
from datetime import datetime, time, timedelta

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule
from sqlalchemy.orm import Session as Tx

from lifecycle import IllegalTransition
from services import by_hand, edit, pause, remove, restore
from services.edit import SessionChange
from services.errors import Clash, Conflict, InvalidField
from services.pause import Days
from services.remove import Target
from tests.integration.services.people_model import DAY, Meeting
from tests.integration.services.people_places import Places, aim, number, who

places_asked = st.integers(1, 3)


class Edits(Places):
    """Whatever is done to the plan and its sessions."""

    @rule(n=aim)
    def cancel(self, n: int) -> None:
        """Before it, or while it runs."""
        one = self.aimed(n, "SCHEDULED", "IN_PROGRESS")
        allowed = self.model.state(one) in ("SCHEDULED", "IN_PROGRESS")
        started = self.model.began(one)
        self.act(lambda tx: by_hand.cancel(tx, self.key(one), "key", self.book.now), self.refusal(one, allowed))
        if allowed:
            one.started, one.cancelled, one.touched = started, True, True

    @rule(n=aim)
    def reinstate(self, n: int) -> None:
        """With all that should have happened meanwhile."""
        one = self.aimed(n, "CANCELLED")
        if self.model.state(one) != "CANCELLED":
            self.act(lambda tx: by_hand.reinstate(tx, self.key(one), "key", self.book.now), self.refusal(one, False))
            return
        self.passes(timedelta(milliseconds=1))
        one.cancelled = False
        waits = self.model.state(one) in ("SCHEDULED", "IN_PROGRESS")
        taken = waits and not self.are_free(one)
        self.act(lambda tx: by_hand.reinstate(tx, self.key(one), "key", self.book.now), Clash if taken else None)
        one.cancelled = taken
        if not taken:
            self.model.serve()

    @rule(n=number)
    def remove(self, n: int) -> None:
        one = self.model.meetings[n]
        if one in self.model.ahead() and self.model.state(one) != "REMOVED":
            target = Target(self.book.id, one.wall)
            self.act(lambda tx: remove.remove(tx, self.studio.tenant_id, [target], "key", self.book.now))
            one.removed = True

    @rule(n=aim)
    def restore(self, n: int) -> None:
        one = self.aimed(n, "REMOVED")
        if one in self.model.ahead() and one.removed:
            target, now = Target(self.book.id, one.wall), self.book.now
            taken = not one.cancelled and not self.are_free(one)
            self.act(
                lambda tx: restore.restore(tx, self.studio.tenant_id, target, now, self.studio.settings),
                Clash if taken else None,
            )
            one.removed = taken
            if not taken:
                self.model.serve()

    @rule(n=number, back=st.booleans())
    def pauses(self, n: int, back: bool) -> None:
        """A day is taken out of the plan, or given back."""
        one, model = self.model.meetings[n], self.model
        if one not in (model.ahead() if back else self.plain()) or one.paused != back or one.start != one.wall:
            return
        days, verb = Days(one.day, one.day), pause.resume if back else pause.pause
        taken = back and not self.are_free(one)

        def journey(tx: Tx) -> None:
            held = pause.hold(tx, self.studio.tenant_id, self.book.id, self.book.now)
            verb(tx, held, days, self.book.now)

        self.act(journey, Clash if taken else None)
        if not taken:
            one.paused = not back
            if back:
                model.serve()

    @rule(n=number, days=st.integers(-2, 3))
    def move(self, n: int, days: int) -> None:
        """To another day, late in the evening."""
        one = self.model.meetings[n]
        start = datetime.combine(one.day + days * DAY, time(22))
        apart = start > self.model.here and all(abs(other.start - start) >= timedelta(hours=1) for other in
                                                self.model.meetings)  # fmt: skip
        if one in self.model.scheduled() and apart:
            taken = not self.are_free(one, start)
            change = SessionChange(starts=start)
            self.act(lambda tx: edit.edit(tx, self.key(one), change, self.book.now), Clash if taken else None)
            if not taken:
                one.start, one.touched = start, True
                self.model.serve()

    @rule(n=number, most=st.none() | places_asked)
    def places_once(self, n: int, most: int | None) -> None:
        """One session has a capacity of its own, or none."""
        one = self.model.meetings[n]
        if one not in self.model.ahead() or self.model.state(one) == "REMOVED":
            return
        before, one.own = one.own, most

        def journey(tx: Tx) -> None:
            edit.edit(tx, self.key(one), SessionChange(capacity=most), self.book.now)

        if self.model.overfull():
            self.act(journey, InvalidField)
            one.own = before
        else:
            self.act(journey)
            self.model.serve()

    @precondition(lambda self: self.plain())
    @rule(data=st.data(), most=places_asked)
    def places_following(self, data: st.DataObject, most: int) -> None:
        """From one session on the plan has more places, or fewer."""
        one = data.draw(st.sampled_from(self.plain()))
        follow = [each for each in self.plain() if each.day >= one.day]
        before = {each.day: each.most for each in follow}
        for each in follow:
            each.most = most
        self.passes(timedelta(milliseconds=1))
        if self.model.overfull():
            with pytest.raises(InvalidField):
                self.book.edit(one.wall.isoformat(), "following", capacity=most)
            for each in follow:
                each.most = before[each.day]
        else:
            self.book.edit(one.wall.isoformat(), "following", capacity=most)
            self.stand_apart(one, follow)
            self.model.serve()

    @precondition(lambda self: self.plain())
    @rule(data=st.data(), names=st.sets(who))
    def takes_part(self, data: st.DataObject, names: set[str]) -> None:
        """From one session on just these people are in the plan; nobody of them waits."""
        one = data.draw(st.sampled_from(self.plain()))
        names -= {wish.who for wish in self.model.line}
        follow = [each for each in self.model.ahead() if each.wall >= one.wall]
        before = [(each, each.by_plan, each.dropped) for each in follow]
        self.passes(timedelta(milliseconds=1))
        for each in follow:
            each.by_plan, each.dropped = set(names), each.dropped - names
        busy = not all(self.are_free(each) for each in follow if self.model.state(each) == "SCHEDULED")
        error = InvalidField if names and self.model.overfull() else Clash if busy else None
        people = [str(self.ids[name]) for name in sorted(names)]
        with nullcontext() if error is None else pytest.raises(error):
            self.book.edit(one.wall.isoformat(), "following", participants=people)
        if error is not None:
            for each, by_plan, dropped in before:
                each.by_plan, each.dropped = by_plan, dropped
            return
        self.stand_apart(one, [each for each in self.plain() if each in follow])
        self.model.serve()

    @precondition(lambda self: self.plain())
    @rule(data=st.data(), hour=st.integers(6, 20))
    def hour(self, data: st.DataObject, hour: int) -> None:
        """From one session on the plan has another hour: it is split."""
        one = data.draw(st.sampled_from(self.plain()))
        follow = [each for each in self.plain() if each.day >= one.day]
        starts = {each: datetime.combine(each.day, time(hour)) for each in follow}
        self.passes(timedelta(milliseconds=1))
        if starts[one] <= self.model.here:
            return
        if not all(self.are_free(each, start) for each, start in starts.items()):
            with pytest.raises(Clash):
                self.book.edit(one.wall.isoformat(), "following", recurringTime=f"{hour:02}:00")
            return
        self.book.edit(one.wall.isoformat(), "following", recurringTime=f"{hour:02}:00")
        for each in follow:
            each.hour, each.start = hour, starts[each]
        self.stand_apart(one, follow)
        self.model.serve()

    def refusal(self, one: Meeting, allowed: bool) -> type[Exception] | None:
        """What comes of a move that the state of a session does not allow."""
        if allowed:
            return None
        return Conflict if self.model.state(one) == "REMOVED" else IllegalTransition

    def stand_apart(self, since: Meeting, follow: list[Meeting]) -> None:
        """Sessions that an edit leaves alone do not follow their plan any more, whatever becomes of them."""
        for one in self.model.ahead():
            if one.day >= since.day and one not in follow:
                one.touched = True

    def plain(self) -> list[Meeting]:
        """The sessions ahead that follow their plan; none, while a day is taken out of it."""
        free = [one for one in self.model.scheduled() if not one.touched and one.own is None]
        return [] if any(one.paused for one in self.model.ahead()) else free
