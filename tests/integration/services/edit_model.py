"""What editing a plan ought to do, told in plain Python: one session a day at most, dates instead of rules."""

from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta

DAY = timedelta(days=1)


@dataclass(frozen=True)
class Slot:
    """One date of a plan: what it looks like. `fixed`: the start of a touched one; `out`: deleted for good."""

    hour: int
    title: str
    hours: int = 1
    fixed: datetime | None = None
    state: str = "SCHEDULED"
    out: bool = False
    in_rule: bool = True

    @property
    def is_plain(self) -> bool:
        """Whether it follows its plan."""
        return self.fixed is None and not self.out


@dataclass
class Model:
    """A weekly plan on some weekdays, looked at up to `end`; `left` is COUNT, None without."""

    days: set[int]
    begin: date
    end: date
    hour: int
    title: str
    count: int | None
    slots: dict[date, Slot] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for day in self.dates(self.begin, self.count):
            self.slots[day] = Slot(self.hour, self.title)

    def dates(self, since: date, count: int | None) -> list[date]:
        """The dates that the rule gives."""
        span = [since + n * DAY for n in range((self.end - since).days)]
        return [day for day in span if day.weekday() in self.days][:count]

    def start(self, day: date) -> datetime:
        """When the session of a date starts."""
        slot = self.slots[day]
        return slot.fixed or datetime.combine(day, time(slot.hour))

    def plain(self, now: datetime) -> list[date]:
        """The dates that are ahead and follow their plan."""
        return sorted(day for day, slot in self.slots.items() if slot.is_plain and self.start(day) > now)

    def touch(self, day: date, state: str, start: datetime | None = None, title: str | None = None) -> None:
        """One session is edited, cancelled or removed on its own."""
        slot = self.slots[day]
        self.slots[day] = replace(slot, fixed=start or self.start(day), state=state, title=title or slot.title)

    def delete(self, day: date) -> None:
        """One session is deleted for good."""
        self.slots[day] = replace(self.slots[day], out=True)

    def follow(self, since: date, now: datetime, **new: object) -> None:
        """Everything plain from a date on, and ahead, is changed."""
        for day in self.plain(now):
            if day >= since:
                self.slots[day] = replace(self.slots[day], **new)  # type: ignore[arg-type]

    def repeat(self, since: date, days: set[int], count: int | None) -> None:
        """The rule is another from a date on; without a new count what is left of the old one is kept."""
        rest = {day: slot for day, slot in self.slots.items() if day >= since}
        if count is None and self.count is not None:
            count = sum(slot.in_rule for slot in rest.values())
        looks = rest[since]
        self.days, self.count = days, count
        for day, slot in rest.items():
            if slot.is_plain:
                del self.slots[day]
            else:
                self.slots[day] = replace(slot, in_rule=False)
        for day in self.dates(since, count):
            there = self.slots.get(day)
            self.slots[day] = replace(there, in_rule=True) if there else Slot(looks.hour, looks.title, looks.hours)

    def end_at(self, since: date, state: str, now: datetime) -> None:
        """Everything ahead from a date on is in this state, touched or not."""
        for day in [day for day, slot in self.slots.items() if day >= since and self.start(day) > now]:
            self.touch(day, state)

    def seen(self) -> list[tuple[datetime, str, int, bool]]:
        """What a reader sees: start, title, hours, and whether it is cancelled; removed ones are not seen."""
        return sorted(
            (self.start(day), slot.title, slot.hours, slot.state == "CANCELLED")
            for day, slot in self.slots.items()
            if not slot.out and slot.state != "REMOVED"
        )
