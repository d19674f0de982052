"""How one session's life has to go: the second opinion on the life cycle, written from the specification alone.

    SCHEDULED --start at its planned start--> IN_PROGRESS --end at its planned end--> COMPLETED
    SCHEDULED --at its planned end, started by hand only--> MISSED
    SCHEDULED, IN_PROGRESS --cancel by hand--> CANCELLED

Without automatic end it ends twelve hours after its planned end. What began before its plan was made is not tracked:
nothing ever happens to it. What a person does at an instant meets the session as it is at that instant, everything that
was due by then done. A removed session does nothing any more; one that is running is cancelled first.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import NamedTuple

OVERRUN = timedelta(hours=12)
TERMINAL = ("COMPLETED", "MISSED", "CANCELLED")

LEGAL = {
    "start": ("SCHEDULED",),
    "end": ("IN_PROGRESS",),
    "cancel": ("SCHEDULED", "IN_PROGRESS"),
    "mark": ("IN_PROGRESS", "COMPLETED"),
    "move": ("SCHEDULED",),
    "rename": ("SCHEDULED", "IN_PROGRESS", *TERMINAL, "UNTRACKED"),
    "remove": ("SCHEDULED", "IN_PROGRESS", *TERMINAL, "UNTRACKED", "REMOVED"),
}
"""In which states a person may do what; removed, and begun before its plan was made, count as states of their own."""

AFTER = {"start": "IN_PROGRESS", "end": "COMPLETED", "miss": "MISSED", "cancel": "CANCELLED"}


class Happened(NamedTuple):
    """What has to stand in the ledger."""

    kind: str
    at: datetime
    by_hand: bool


@dataclass(slots=True, kw_only=True)
class Life:
    """A session as it goes through its life; `states` are those it was in and since when."""

    starts: datetime
    ends: datetime
    manual: bool
    open_end: bool
    born: datetime
    tracked: bool = True
    state: str = "SCHEDULED"
    due: tuple[str, datetime] | None = None
    removed_at: datetime | None = None
    rows: list[Happened] = field(default_factory=list)
    states: list[tuple[datetime, str]] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        if self.tracked:
            self.due = ("END", self.ends) if self.manual else ("START", self.starts)
        self.states.append((self.born, self.state if self.tracked else "UNTRACKED"))

    def settle(self, until: datetime) -> None:
        """Do everything that is due at `until`."""
        while self.due is not None and self.due[1] <= until:
            step, at = self.due
            if step == "START":
                self.happen("start", at, by_hand=False)
            else:
                self.happen("end" if self.state == "IN_PROGRESS" else "miss", at, by_hand=False)

    def happen(self, kind: str, at: datetime, *, by_hand: bool) -> None:
        """One transition."""
        self.rows.append(Happened(kind, at, by_hand))
        self.state = AFTER[kind]
        self.states.append((at, self.state))
        self.due = ("END", self.ends + OVERRUN if self.open_end else self.ends) if kind == "start" else None

    def act(self, kind: str, at: datetime) -> None:
        """A person does something that the ledger has."""
        self.settle(at)
        if self.now_state() not in LEGAL[kind]:
            self.faults.append(f"{kind} by hand at {at:%T.%f} of a session that was {self.now_state()}")
            return
        self.happen(kind, at, by_hand=True)

    def remove(self, at: datetime, *, whole: bool) -> None:
        """A person removes it, alone or (`whole`) with its plan: then what is over, and began before, stays."""
        self.settle(at)
        if whole and self.state in TERMINAL and self.starts <= at:
            return
        if self.state == "IN_PROGRESS":
            self.happen("cancel", at, by_hand=True)
        self.removed_at, self.due = at, None
        self.states.append((at, "REMOVED"))

    def now_state(self) -> str:
        """Its state; REMOVED when it is."""
        return self.states[-1][1]

    def between(self, since: datetime, until: datetime) -> set[str]:
        """The states it was in at some instant from `since` to `until`."""
        before = [state for at, state in self.states if at <= since]
        return {*before[-1:], *(state for at, state in self.states if since <= at <= until)}
