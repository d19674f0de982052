"""A rule in English, no part ever dropped: "every 2 weeks on Tuesday and Sunday, weeks starting on Sunday, 4
times".

What the rule leaves to DTSTART is left out here too: a rule in words says what the rule says. Every part that
stands in the text has its own phrase, in one fixed order, so that two rules that differ are told apart; but second
60 is told as the 59 at which it takes place.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Final

from recurrence.moment import format_moment
from recurrence.parts import ByDay, Frequency, Skip, Weekday
from recurrence.rule import Rule

UNITS: Final = {
    Frequency.SECONDLY: "second",
    Frequency.MINUTELY: "minute",
    Frequency.HOURLY: "hour",
    Frequency.DAILY: "day",
    Frequency.WEEKLY: "week",
    Frequency.MONTHLY: "month",
    Frequency.YEARLY: "year",
}
DAYS: Final = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
MONTHS: Final = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)


def describe(rule: Rule) -> str:
    """The rule as one English phrase without a full stop."""
    unit = UNITS[rule.freq]
    phrases = [f"every {unit}" if rule.interval == 1 else f"every {rule.interval} {unit}s"]
    phrases.extend(day_phrases(rule))
    phrases.extend(time_phrases(rule))
    text = " ".join(phrases)
    if rule.bysetpos:
        text += f", only the {joined(ordinal_word(n) for n in rule.bysetpos)} of each {unit}"
    if rule.skip is not Skip.OMIT:
        moved = "the last day before" if rule.skip is Skip.BACKWARD else "the first day after"
        text += f", a missing day replaced by {moved} it"
    if rule.wkst is not Weekday.MO:
        text += f", weeks starting on {DAYS[rule.wkst]}"
    if rule.count is not None:
        text += ", once" if rule.count == 1 else f", {rule.count} times"
    if rule.until is not None:
        text += f", until {until_words(rule)}"
    return text


def day_phrases(rule: Rule) -> Iterable[str]:
    """The parts that choose days."""
    if rule.byday:
        yield "on " + joined(day_words(entry) for entry in rule.byday)
    if rule.bymonthday:
        yield f"on the {joined(ordinal_word(n) for n in rule.bymonthday)} of the month"
    if rule.byyearday:
        yield f"on the {joined(ordinal_word(n) for n in rule.byyearday)} day of the year"
    if rule.byweekno:
        yield "in " + week_words(rule.byweekno)
    if rule.bymonth:
        yield "in " + joined(MONTHS[n - 1] for n in rule.bymonth)


def day_words(entry: ByDay) -> str:
    """Monday, the second Tuesday, the last Friday."""
    name = DAYS[entry.weekday]
    return f"the {ordinal_word(entry.ordinal)} {name}" if entry.ordinal else name


def time_phrases(rule: Rule) -> Iterable[str]:
    """The parts that choose times: whole times of day where each is one, else part by part."""
    if rule.byhour and len(rule.byminute) == 1 and not rule.bysecond:
        yield "at " + joined(f"{hour:02}:{rule.byminute[0]:02}" for hour in rule.byhour)
        return
    seconds = sorted({min(second, 59) for second in rule.bysecond})
    for name, values in (("hour", rule.byhour), ("minute", rule.byminute), ("second", seconds)):
        if values:
            yield f"at {name if len(values) == 1 else name + 's'} {joined(map(str, values))}"


def week_words(numbers: Sequence[int]) -> str:
    """Weeks 1 and 20, week 20 and the last week, the last week of the year."""
    forward = [str(n) for n in numbers if n > 0]
    backward = [ordinal_word(n) for n in numbers if n < 0]
    words = [f"{weeks_of(forward)} {joined(forward)}"] if forward else []
    if backward:
        words.append(f"the {joined(backward)} {weeks_of(backward)}{'' if forward else ' of the year'}")
    return " and ".join(words)


def weeks_of(listed: Sequence[str]) -> str:
    """The noun for so many."""
    return "week" if len(listed) == 1 else "weeks"


def ordinal_word(n: int) -> str:
    """1st, 22nd, last, 2nd to last."""
    if n < 0:
        return "last" if n == -1 else f"{ordinal_word(-n)} to last"
    ending = "th" if n % 100 in (11, 12, 13) else {1: "st", 2: "nd", 3: "rd"}.get(n % 10, "th")
    return f"{n}{ending}"


def joined(words: Iterable[str]) -> str:
    """a, b and c."""
    listed: Sequence[str] = list(words)
    return listed[0] if len(listed) == 1 else f"{', '.join(listed[:-1])} and {listed[-1]}"


def until_words(rule: Rule) -> str:
    """2026-12-31, 2026-12-31 18:00, or 2026-12-31 17:00 UTC; seconds only when there are any."""
    until = rule.until
    if not isinstance(until, datetime):
        stamp = format_moment(until) if until is not None else ""
        return f"{stamp[:4]}-{stamp[4:6]}-{stamp[6:]}"
    shown = f"{until.year:04}-{until.month:02}-{until.day:02} {until.hour:02}:{until.minute:02}"
    if until.second:
        shown += f":{until.second:02}"
    return shown + (" UTC" if until.tzinfo is not None else "")
